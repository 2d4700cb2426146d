"""Appendix E: the crossing of 1/x and coth(x)/2 is the fixed point of x = 2 tanh(x)."""

import numpy as np

x = 2.0
for _ in range(60):
    x = 2 * np.tanh(x)
printed, right = 2.0, x
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
