"""Section IV: full width at half maximum of the conductance of one mode, in units of its energy."""

import numpy as np


def kappa(T):
    return 1 / np.sinh(1 / T) / T**2


def crossing(low, high):
    half = kappa(np.linspace(0.5, 0.55, 1_000_001)).max() / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (kappa(low) > half) == (kappa(middle) > half) else (low, middle)
    return low


printed, right = 1.5, crossing(0.6, 10.0) - crossing(0.1, 0.5)
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
