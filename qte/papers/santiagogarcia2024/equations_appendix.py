"""Printed equations of santiagogarcia2024, appendices A to D: weak coupling.

Conventions as in `qte.papers.santiagogarcia2024.equations`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qte.common import elementary as el
from qte.papers.santiagogarcia2024.bridge import Array, Bridge, Complex, Side, coth, coupling_ratio, exponent
from qte.papers.santiagogarcia2024.equations import eq04_heat_flow


class Moments(NamedTuple):
    """<s1^+ s1>, <s2^+ s2>, <s1 s2^+>; <s1^+ s2> is the conjugate of the last."""

    first: Array
    second: Array
    coherence: Complex


def eq26_heat_current(p: Bridge, first: ArrayLike) -> Array:
    """J from <s1^+ s1>, shape (...)."""
    return np.asarray(2 * eq04_heat_flow(p, "L", first))


def eq27_change(p: Bridge, m: Moments) -> Array:
    """d<s1^+ s1>/dt, shape (...)."""
    return _occupation_change(p, "L", m.first, m.coherence, +1)


def eq28_change(p: Bridge, m: Moments) -> Array:
    """d<s2^+ s2>/dt, shape (...)."""
    return _occupation_change(p, "R", m.second, m.coherence, -1)


def eq29_change(p: Bridge, m: Moments) -> Complex:
    """d<s1 s2^+>/dt, shape (...)."""
    left, right, g = p.rates("L"), p.rates("R"), p.g
    damping = ((left.plus + right.plus) * p.epsilon_a - (left.minus + right.minus)) / 2
    return np.asarray(1j * g * (m.first - m.second) + damping * m.coherence)


def eq30_change(p: Bridge, m: Moments) -> Complex:
    """d<s1^+ s2>/dt, shape (...): the conjugate of eq. (29)."""
    return np.conj(eq29_change(p, m))


def eq31_excitation(p: Bridge) -> Array:
    """<s1^+ s1> in the steady state, shape (...).

    Notes
    -----
    The numerator is printed with (gamma_R)^2 for gamma_R^+, which not even has
    the right unit; with gamma_R^+ it is right (`corrected_excitations`).
    """
    return _excitation(p, "L", "R", np.square(p.of("gamma", "R")))


def eq32_excitation(p: Bridge) -> Array:
    """<s2^+ s2> in the steady state, shape (...); misprinted like eq. (31)."""
    return _excitation(p, "R", "L", np.square(p.of("gamma", "R")))


def corrected_excitations(p: Bridge) -> tuple[Array, Array]:
    """Eqs. (31) and (32) with gamma_R^+ in the place of (gamma_R)^2, shapes (...)."""
    plus = p.rates("R").plus
    return _excitation(p, "L", "R", plus), _excitation(p, "R", "L", plus)


def eq33_coherence(p: Bridge) -> Complex:
    """<s1 s2^+> in the steady state, shape (...)."""
    left, right = p.rates("L"), p.rates("R")
    g = p.g
    return np.asarray(2j * g * (left.plus * right.minus - left.minus * right.plus) / _denominator(p))


def text_coherence(p: Bridge, current: ArrayLike) -> Complex:
    """Coherence i J/(4 g omega) that belongs to a current (section III.1), shape (...)."""
    return np.asarray(1j * np.asarray(current) / (4 * p.g * p.omega))


def eq34_scaling(x: ArrayLike) -> Array:
    """alpha_0 (bath and system alike) at T_R = 0 from x = gamma_L gamma_R/4g^2, shape (...)."""
    return np.asarray(1 / (1 + np.asarray(x)))


def eq35_scaling(x: ArrayLike, T_L: ArrayLike, omega: ArrayLike = 1.0) -> Array:
    """alpha_1 (bosonic bath on a qubit) at T_R = 0, shape (...)."""
    return np.asarray(1 / (1 + np.asarray(x) * coth(exponent(omega, T_L) / 2)))


def eq36_scaling(x: ArrayLike, T_L: ArrayLike, omega: ArrayLike = 1.0) -> Array:
    """alpha_2 (fermionic bath on an oscillator) at T_R = 0, shape (...)."""
    return np.asarray(1 / (1 + np.asarray(x) * el.tanh(exponent(omega, T_L) / 2)))


def eq37_state(p1: ArrayLike, p2: ArrayLike, p3: ArrayLike, p4: ArrayLike, c: Complex) -> Complex:
    """Two-qubit state with populations p1…p4 and one coherence, shape (..., 4, 4)."""
    rho = np.zeros((*np.shape(c), 4, 4), dtype=complex)
    for i, population in enumerate((p1, p2, p3, p4)):
        rho[..., i, i] = population
    rho[..., 1, 2], rho[..., 2, 1] = c, np.conj(c)
    return rho


def text_concurrence(c: Complex, p1: ArrayLike, p4: ArrayLike) -> Array:
    """2 max(0, |c| - sqrt(p1 p4)) (appendix C), shape (...)."""
    return np.asarray(2 * np.maximum(0.0, np.abs(c) - np.sqrt(np.asarray(p1) * p4)))


def eq38_populations(p: Bridge) -> tuple[Array, Array]:
    """p1 and p4 of two qubits: both excited, both in the ground state; shapes (...)."""
    left, right, g2 = p.rates("L"), p.rates("R"), p.g**2
    total, chi = _qubit_totals(p)
    p1 = 4 * g2 * (left.plus + right.plus) ** 2 + left.plus * right.plus * total**2
    p4 = 4 * g2 * (left.minus + right.minus) ** 2 + left.minus * right.minus * total**2
    return np.asarray(p1 / chi), np.asarray(p4 / chi)


def eq39_critical_current(p: Bridge) -> Array:
    """J_c of two qubits from the rates, shape (...).

    Notes
    -----
    The last term is printed over 4g; J_c = 4 g omega sqrt(p1 p4) has it over
    4g^2 (`corrected_critical_current`).
    """
    return _critical_current(p, 4 * p.g)


def corrected_critical_current(p: Bridge) -> Array:
    """Eq. (39) with 4g^2 in the last denominator, shape (...)."""
    return _critical_current(p, 4 * p.g**2)


def text_critical_current(p: Bridge, p1: ArrayLike, p4: ArrayLike) -> Array:
    """J_c = 4 g omega sqrt(p1 p4) (section III.2), shape (...)."""
    return np.asarray(4 * p.g * p.omega * np.sqrt(np.asarray(p1) * p4))


def eq40_critical_current(p: Bridge) -> Array:
    """J_c for gamma_L = gamma_R and T_R -> 0 between bosonic baths, shape (...)."""
    gamma, n, bracket = p.gamma_L, p.n("L"), coth(p.x("L") / 2) + 1
    alpha = eq35_scaling(coupling_ratio(p), p.T_L, p.omega)
    root = np.sqrt(4 * p.g**2 * (2 + n) ** 2 + gamma**2 * bracket**2 * (1 + n))
    return np.asarray(2 * n * p.omega * alpha * root / bracket**2)


def eq41_entropy_production(p: Bridge, heat_L: ArrayLike, heat_R: ArrayLike) -> Array:
    """Entropy production -(beta_L Q_L + beta_R Q_R) in the steady state, shape (...)."""
    return np.asarray(-(np.asarray(heat_L) / p.T_L + np.asarray(heat_R) / p.T_R))


def text_entropy_production(p: Bridge, current: ArrayLike) -> Array:
    """(beta_R - beta_L) J (below eq. (41)), shape (...).

    Notes
    -----
    Twice eq. (41): J = Q_L - Q_R is twice the heat Q_L that flows through.
    """
    return np.asarray((1 / p.T_R - 1 / p.T_L) * current)


def eq42_rectification(forward: ArrayLike, backward: ArrayLike) -> Array:
    """Rectification coefficient |Q>|/|Q<|, of entropy productions or of currents, shape (...)."""
    return np.asarray(np.abs(forward) / np.abs(backward))


def _occupation_change(p: Bridge, side: Side, n: Array, coherence: Complex, sign: int) -> Array:
    plus, minus = p.rates(side)
    exchange = sign * 1j * p.g * (coherence - np.conj(coherence))
    return np.asarray((-minus + p.epsilon_a * plus) * n + plus + exchange.real)


def _damping(p: Bridge, side: Side) -> Array:
    plus, minus = p.rates(side)
    return np.asarray(minus - p.epsilon_a * plus)


def _denominator(p: Bridge) -> Array:
    left, right = _damping(p, "L"), _damping(p, "R")
    return np.asarray((4 * p.g**2 + left * right) * (left + right))


def _excitation(p: Bridge, own: Side, other: Side, odd: Array) -> Array:
    left, right = p.rates("L"), p.rates("R")
    bracket = left.minus + right.minus - p.epsilon_a * (left.plus + odd)
    top = 4 * (left.plus + right.plus) * p.g**2 + p.rates(own).plus * _damping(p, other) * bracket
    return np.asarray(top / _denominator(p))


def _qubit_totals(p: Bridge) -> tuple[Array, Array]:
    """Gamma and chi of appendix C."""
    left, right = sum(p.rates("L")), sum(p.rates("R"))
    total = np.asarray(left + right)
    return total, np.asarray((4 * p.g**2 + left * right) * total**2)


def _critical_current(p: Bridge, last: Array) -> Array:
    (lp, lm), (rp, rm), g2 = p.rates("L"), p.rates("R"), p.g**2
    total, chi = _qubit_totals(p)
    inner = 4 * g2 * (lp + rp) ** 2 * (lm + rm) ** 2
    inner = inner + total**2 * (lm * rm * (lp + rp) ** 2 + lp * rp * (lm + rm) ** 2)
    inner = inner + lp * lm * rp * rm * total**4 / last
    return np.asarray(8 * g2 * p.omega / chi * np.sqrt(inner))
