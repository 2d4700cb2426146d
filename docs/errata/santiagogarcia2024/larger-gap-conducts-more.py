"""Section IV: conductance of the mode omega + g over that of omega - g, g = 0.9 omega, T = omega/10."""

import numpy as np

gL, gR, g, T = 0.01, 0.02, 0.9, 0.1
w = np.array([1 + g, 1 - g])
larger, smaller = gL * gR / (gL + gR) * w**2 / np.sinh(w / T) / (2 * T**2)
printed, right = 1.0, larger / smaller
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
