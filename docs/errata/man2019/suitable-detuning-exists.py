"""Largest T_eff(omega_1) - T_eff(omega_2) over the detuning: 0 by the sentence; not at Omega = 18, T_A = 2, T_B = 8."""

import numpy as np

Omega, T_A, T_B, eps_m = 18.0, 2.0, 8.0, 20.0
detuning = np.linspace(-1, 1, 4001) * 0.999 * 2 * np.sqrt(eps_m**2 - Omega**2)  # omega_1 > 0
half = np.sqrt(detuning**2 / 4 + Omega**2)
share = (1 - detuning / (2 * half)) / 2  # sin^2(theta/2)


def effective(omega, a):
    """Eq. (19) with (20), equal rates."""
    up = a / np.expm1(omega / T_A) + (1 - a) / np.expm1(omega / T_B)
    return omega / np.log((up + 1) / up)


difference = effective(eps_m - half, share) - effective(eps_m + half, 1 - share)
printed, right = 0.0, difference.max()
print(f"printed: {printed:.10g}\nright: {right:.10g}\ndifference: {right - printed:.10g}")
