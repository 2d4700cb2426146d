"""Two qubits whose common reservoir is much the strongest (man2019, eqs. (1)-(17)): the limits in closed form.

The collective jumps of frequency omega_1 and omega_2 have four amplitudes,

    |lambda_1> -> |lambda_2>, |lambda_3> -> |lambda_4>:  c b + s a,  c b - s a      (omega_1)
    |lambda_2> -> |lambda_4>, |lambda_1> -> |lambda_3>:  c a + s b,  c a - s b      (omega_2)

with ``a, b = sqrt(Gamma_CA), sqrt(Gamma_CB)`` and ``c, s = cos(theta/2), sin(theta/2)``; Omega > 0 throughout, so that
|lambda_3> is the level that may be dark.  As Gamma_CA, Gamma_CB grow beyond Gamma_A and Gamma_B, the state becomes

* the thermal state at T_C, if no amplitude vanishes and T_C > 0: nothing of R_A and R_B is left;
* `resonant_limit`, if both differences vanish (equal gaps, equal couplings): the singlet knows R_A and R_B alone;
* `cold_limit`, if T_C = 0 and ``c b = s a``: nothing leads from |lambda_3> down, and what R_A and R_B lift from it to
  |lambda_1> comes back with probability cos(theta)**2.

hbar = k_B = 1; all rates enter by their ratios.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common.optimise import find_root, require_accuracy
from qte.papers.man2019.equations import eq11_occupation

Array = NDArray[np.float64]

# What the root of `best_tangent_squared` is known to.
KNOWN_TO = 1e-12


def resonant_limit(
    omega_1: ArrayLike,
    omega_2: ArrayLike,
    *,
    T_A: Any,
    T_B: Any,
    T_C: Any,
    Gamma_A: Any = 1.0,
    Gamma_B: Any = 1.0,
) -> Array:
    """Concurrence, before it is cut at zero, of resonant qubits equally and strongly coupled to R_C, shape (...).

    With ``N_j = Gamma_A n_A(omega_j) + Gamma_B n_B(omega_j)``, ``G = Gamma_A + Gamma_B`` and the thermal weights q_1,
    q_2, q_4 of the triplet at T_C, the singlet has the share
    ``p = (q_4 N_1 + q_1 (N_2 + G)) / (q_4 N_1 + q_1 (N_2 + G) + N_1 + G + N_2)``, and the concurrence is
    ``|(1 - p) q_2 - p| - 2 (1 - p) sqrt(q_1 q_4)``.  For Omega < 0 exchange omega_1 and omega_2.

    Examples
    --------
    >>> float(resonant_limit(10.0, 30.0, T_A=1e6, T_B=1e6, T_C=0.0).round(4))
    0.4286
    """
    first, upper = (
        Gamma_A * eq11_occupation(w, T_A) + Gamma_B * eq11_occupation(w, T_B) for w in (omega_1, omega_2)
    )
    both = np.add(Gamma_A, Gamma_B)
    one_up, two_up = (_boltzmann(w, T_C) for w in (omega_2, np.add(omega_1, omega_2)))
    total = 1 + one_up + two_up
    gain = (first + two_up * (upper + both)) / total
    p = gain / (gain + first + both + upper)
    triplet, outer = (1 - p) * one_up / total, (1 - p) * np.sqrt(two_up) / total
    return np.asarray(np.abs(triplet - p) - 2 * outer)


def cold_limit(
    omega_1: ArrayLike,
    omega_2: ArrayLike,
    cosine: ArrayLike,
    *,
    T_A: Any,
    T_B: Any,
    Gamma_A: Any = 1.0,
    Gamma_B: Any = 1.0,
) -> Array:
    """Concurrence where R_C is strong and at T = 0, and ``Gamma_CB/Gamma_CA = tan(theta/2)**2``, shape (...).

    ``C = sin(theta) u / (u + d + sin(theta)**2 l)`` with the rates of R_A and R_B that lead to |lambda_3> from below
    (u), back (d) and up to |lambda_1> (l).

    Examples
    --------
    >>> float(cold_limit(10.0, 30.0, 0.0, T_A=1e6, T_B=1e6).round(4))
    0.4286
    """
    c2, s2 = (1 + np.asarray(cosine)) / 2, (1 - np.asarray(cosine)) / 2
    sine2 = 4 * c2 * s2
    u = Gamma_A * s2 * eq11_occupation(omega_1, T_A) + Gamma_B * c2 * eq11_occupation(omega_1, T_B)
    d = u + Gamma_A * s2 + Gamma_B * c2
    up = Gamma_A * c2 * eq11_occupation(omega_2, T_A) + Gamma_B * s2 * eq11_occupation(omega_2, T_B)
    return np.asarray(np.sqrt(sine2) * u / (u + d + sine2 * up))


def hot_resonant_limit(ratio: ArrayLike) -> Array:
    """`resonant_limit` at T_C = 0 and T_A, T_B without bound: ``1/(2 + omega_1/omega_2)``, shape (...)."""
    return np.asarray(1 / (2 + np.asarray(ratio)))


def best_tangent_squared(ratio: ArrayLike) -> Array:
    """``tau = tan(theta/2)**2`` of the largest concurrence at ``r = omega_1/omega_2``, shape (...).

    The root of ``(1 + tau)**2 (1 - tau) = 2 r tau**2 (3 + tau)``, at which `cold_limit` with a hot R_B alone is
    largest; the square root of 2 less 1 where r = 1.  For Omega < 0, where |lambda_2> may be dark, r is its inverse.
    """
    r = np.asarray(ratio, dtype=float)

    def slope(tau: Array) -> Array:
        return np.asarray(2 * r * tau * tau * (3 + tau) - (1 + tau) * (1 + tau) * (1 - tau))

    root = find_root(slope, 0.0, 1.0, shape=r.shape, scan=5)
    require_accuracy("The best angle", root.error, KNOWN_TO)
    return root.x


def best_limit(ratio: ArrayLike) -> Array:
    """Largest concurrence at omega_1/omega_2, all temperatures, rates and angles free, shape (...).

    ``sqrt(tau) (1 + tau) / ((1 + tau)**2 + 2 r tau**2)`` at `best_tangent_squared`; 1/2 as r vanishes.

    Examples
    --------
    >>> best_limit([1e-9, 1.0]).round(6)
    array([0.5     , 0.388443])
    """
    tau, r = best_tangent_squared(ratio), np.asarray(ratio)
    return np.asarray(np.sqrt(tau) * (1 + tau) / ((1 + tau) * (1 + tau) + 2 * r * tau * tau))


def _boltzmann(energy: ArrayLike, T: ArrayLike) -> Array:
    """exp(-energy/T), and 0 at T = 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(el.exp(-np.divide(energy, T)))
