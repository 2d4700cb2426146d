"""Section III.3: the peak of (14) at the couplings of figure 2, in units of omega."""

import numpy as np

gL, gR, g = 0.01, 0.02, 0.01


def kappa(T):
    one = 1 / np.sinh(1 / T) / T**2
    return one / (1 + gL * gR / (4 * g**2) / np.tanh(1 / (2 * T)) ** 2)


low, high = 0.3, 0.6
for _ in range(60):
    middle = (low + high) / 2
    rising = kappa(middle + 1e-5) > kappa(middle - 1e-5)
    low, high = (middle, high) if rising else (low, middle)
printed, right = 0.5, low
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
