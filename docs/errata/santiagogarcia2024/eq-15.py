"""Eq. (15): the value of (14) at T = omega/2 against the maximum of (14), couplings of figure 2."""

import numpy as np

gL, gR, g = 0.01, 0.02, 0.01


def kappa(T):
    one = gL * gR / (gL + gR) / np.sinh(1 / T) / T**2
    return one / (1 + gL * gR / (4 * g**2) / np.tanh(1 / (2 * T)) ** 2)


printed = 4 / np.sinh(2) * gL * gR / (gL + gR) / (1 + gL * gR / (4 * g**2) / np.tanh(1) ** 2)
right = kappa(np.linspace(0.2, 1, 1_000_001)).max()
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
