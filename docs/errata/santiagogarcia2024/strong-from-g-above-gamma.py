"""Figure 4, caption: J at g = gamma_R by the global equation, (21) and (22), and by the local one, (10) and (11)."""

import numpy as np

gL, gR, g, TL, TR = 0.01, 0.02, 0.02, 1.0, 0.1


def one(w):
    nL, nR = 1 / np.expm1(w / TL), 1 / np.expm1(w / TR)
    return 2 * w * gL * gR * (nL - nR) / (gL * (1 + 2 * nL) + gR * (1 + 2 * nR))


printed = (one(1 + g) + one(1 - g)) / 2
right = one(1) / (1 + gL * gR / (4 * g**2) / np.tanh(1 / (2 * TL)) / np.tanh(1 / (2 * TR)))
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
