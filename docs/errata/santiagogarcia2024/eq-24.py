"""Eq. (24): contrast (23) with coth(omega/2T_R) -> 1 as printed, and from both currents (21), (22)."""

import numpy as np

g, gL, gR, TL = 0.8, 0.001, 0.02, 1.0  # figure 4, T_R -> 0
w = np.array([1 + g, 1 - g])
n = 1 / np.expm1(w / TL)
coth = 1 / np.tanh(w / (2 * TL))
A = w * n / ((gR / gL + coth) * (gL / gR + 1))
printed = abs((gL - gR) / (gL + gR)) / (1 + A.sum() / (A * n).sum())
# the hot bath left, the cold one (no quanta, coth = 1) right, and the other way round
forward = (gL * gR * w * n / (gL * coth + gR)).sum()
backward = -(gL * gR * w * n / (gL + gR * coth)).sum()
right = abs((forward + backward) / (forward - backward))
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
