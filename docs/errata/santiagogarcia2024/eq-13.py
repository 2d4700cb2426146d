"""Eq. (13): half of lim J/dT with J = Q_L - Q_R, one qubit between bosonic baths, T = omega/2."""

import numpy as np

gL, gR, T = 0.01, 0.02, 0.5


def current(TL, TR):
    nL, nR = 1 / np.expm1(1 / np.array([TL, TR]))
    up, down = gL * nL + gR * nR, gL * (1 + nL) + gR * (1 + nR)
    excited = up / (up + down)  # steady state of the rate equation
    heat_L = gL * nL * (1 - excited) - gL * (1 + nL) * excited
    heat_R = gR * nR * (1 - excited) - gR * (1 + nR) * excited
    return heat_L - heat_R


def slope(h):
    # the part of J that is odd in the bias
    return (current(T + h / 2, T - h / 2) - current(T - h / 2, T + h / 2)) / (2 * h)


n, n_a = 1 / np.expm1(1 / T), 1 / (np.exp(1 / T) + 1)
printed = gL * gR * n * n_a * n * np.exp(1 / T) / ((gL * n + gR * n) * T**2)
right = (4 * slope(1e-3) - slope(2e-3)) / 3
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
