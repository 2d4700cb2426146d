"""Figure 4, caption: contrast at T_L = omega over that at omega/2 (asked: > 1), gamma_L = gamma_R/2, g = 0.8."""

import numpy as np

gL, gR, g = 0.01, 0.02, 0.8  # T_R -> 0


def contrast(TL):
    w = np.array([1 + g, 1 - g])
    n, coth = 1 / np.expm1(w / TL), 1 / np.tanh(w / (2 * TL))
    forward = (gL * gR * w * n / (gL * coth + gR)).sum()  # eqs. (21), (22)
    backward = -(gL * gR * w * n / (gL + gR * coth)).sum()
    return abs((forward + backward) / (forward - backward))


printed, right = 1.0, contrast(1.0) / contrast(0.5)
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
