"""Figure 4, caption: gamma_L/gamma_R of the purple line in its second and in its last sentence."""

import numpy as np

gamma_R = 0.02
printed = np.float64(0.05)
right = 0.01 / gamma_R
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
