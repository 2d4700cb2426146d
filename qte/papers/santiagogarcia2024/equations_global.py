"""Printed equations of santiagogarcia2024, section IV and appendix E: strong coupling, two qubits.

Every function is the formula as printed, right or wrong; what disagrees with the
master equation says so in its note.  Both baths are bosonic; omega_± = omega ± g.

Units: hbar = k_B = 1.  Basis |11>, |10>, |01>, |00>, left qubit first.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from qte.papers.santiagogarcia2024.bridge import Array, Bridge, Complex, coth, csch, dissipate, occupation
from qte.papers.santiagogarcia2024.equations import eq18_hamiltonian, text_high_temperature_contrast
from qte.physics.operators import ket, lowering

SIGNS: Final = (+1, -1)


def mode_energy(p: Bridge, sign: int) -> Array:
    """omega_± = omega ± g, shape (...)."""
    return np.asarray(p.omega + sign * p.g)


def text_eigenoperator(site: int, sign: int) -> Complex:
    """Eigenoperator L_j(omega_±) below eq. (20), shape (4, 4); site 0 is the left qubit."""
    vacuum, full = np.outer(ket("00"), ket("00")), np.outer(ket("11"), ket("11"))
    mode = {s: (ket("01") + s * ket("10")) / np.sqrt(2) for s in SIGNS}
    s = lowering(site, 2).toarray()
    own, other = (np.outer(mode[k], mode[k]) for k in (sign, -sign))
    return np.asarray(vacuum @ s @ own + other @ s @ full)


def eq20_master_equation(p: Bridge, rho: Complex) -> Complex:
    """Right-hand side of eq. (20), shapes (4, 4); scalar parameters."""
    h = eq18_hamiltonian(2, p.omega, p.g)
    out = -1j * (h @ rho - rho @ h)
    for site, gamma, temperature in ((0, p.gamma_L, p.T_L), (1, p.gamma_R, p.T_R)):
        for sign in SIGNS:
            n, jump = occupation(mode_energy(p, sign), temperature, 1), text_eigenoperator(site, sign)
            out = out + gamma * (1 + n) * dissipate(jump, rho)
            out = out + gamma * n * dissipate(jump.conj().T, rho)
    return np.asarray(out)


def eq21_heat_current(p: Bridge) -> Array:
    """J of two strongly coupled qubits, shape (...): twice the current that flows through."""
    return np.asarray(sum(eq22_heat_current(p, sign) for sign in SIGNS))


def eq22_heat_current(p: Bridge, sign: int) -> Array:
    """Contribution of the eigenmode omega_±, shape (...)."""
    w, gamma_l, gamma_r = mode_energy(p, sign), p.gamma_L, p.gamma_R
    n_l, n_r = occupation(w, p.T_L, 1), occupation(w, p.T_R, 1)
    damping = gamma_l * _coth_at(w, p.T_L) + gamma_r * _coth_at(w, p.T_R)
    return np.asarray(gamma_l * gamma_r * w * (n_l - n_r) / damping)


def eq23_contrast(p: Bridge) -> Array:
    """C_global for T_R -> 0 with the weights of eq. (24) as printed, shape (...); see there."""
    return _contrast(p, [eq24_weight(p, sign) for sign in SIGNS])


def eq24_weight(p: Bridge, sign: int) -> Array:
    """A^± of eq. (23), shape (...).

    Notes
    -----
    The second bracket is printed with coth(omega_±/2T_R), which is 1 for
    T_R -> 0.  The swapped current puts the hot bath on the right: it must read
    T_L (`corrected_contrast`).
    """
    return _weight(p, sign, p.T_R)


def corrected_contrast(p: Bridge) -> Array:
    """Eq. (23) with coth(omega_±/2T_L) in both brackets of eq. (24), shape (...)."""
    return _contrast(p, [_weight(p, sign, p.T_L) for sign in SIGNS])


def eq25_conductance(p: Bridge) -> Array:
    """Conductance of two strongly coupled qubits at T = T_L = T_R, shape (...)."""
    gamma_l, gamma_r, t = p.gamma_L, p.gamma_R, p.T_L
    modes = [mode_energy(p, sign) for sign in SIGNS]
    both = sum(w**2 * csch(w / t) / (2 * t**2) for w in modes)
    return np.asarray(gamma_l * gamma_r / (gamma_l + gamma_r) * both)


def eq43_slope(p: Bridge) -> Array:
    """Right-hand side of eq. (43) at T = T_L, shape (...).

    Notes
    -----
    Printed as equal to d kappa/dT; it is T**3 (gamma_L + gamma_R)/(gamma_L gamma_R)
    times that, with the same zeros.
    """
    return np.asarray(eq44_slope(p) + eq45_slope(p))


def eq44_slope(p: Bridge) -> Array:
    """Left-hand side of eq. (44): the part of omega_-, shape (...)."""
    return _slope(mode_energy(p, -1), p.T_L)


def eq45_slope(p: Bridge) -> Array:
    """Left-hand side of eq. (45): the part of omega_+, shape (...)."""
    return _slope(mode_energy(p, +1), p.T_L)


def eq46_excess(x: ArrayLike) -> Array:
    """``1/x - coth(x)/2`` with x = omega_-/T, shape (...); also eq. (47) with omega_+."""
    x = np.asarray(x, dtype=float)
    return np.asarray(1 / x - coth(x) / 2)


def _coth_at(energy: Array, temperature: ArrayLike) -> Array:
    with np.errstate(divide="ignore"):
        return coth(np.asarray(energy / (2 * np.asarray(temperature, dtype=float))))


def _weight(p: Bridge, sign: int, second: ArrayLike) -> Array:
    w, gamma_l, gamma_r = mode_energy(p, sign), p.gamma_L, p.gamma_R
    brackets = (gamma_r / gamma_l + _coth_at(w, p.T_L)) * (gamma_l / gamma_r + _coth_at(w, second))
    return np.asarray(w * occupation(w, p.T_L, 1) / brackets)


def _contrast(p: Bridge, weights: list[Array]) -> Array:
    n = [occupation(mode_energy(p, sign), p.T_L, 1) for sign in SIGNS]
    filled = sum(a * k for a, k in zip(weights, n, strict=True))
    return np.asarray(text_high_temperature_contrast(p) / (1 + sum(weights) / filled))


def _slope(w: Array, temperature: ArrayLike) -> Array:
    x = w / np.asarray(temperature, dtype=float)
    return np.asarray(w**2 * csch(x) * (x * coth(x) / 2 - 1))
