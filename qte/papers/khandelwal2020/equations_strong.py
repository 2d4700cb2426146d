"""Printed equations of khandelwal2020, section 6 and appendix B: strong coupling of resonant qubits.

Only in the published version.  Conventions as in `equations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.papers.khandelwal2020.equations import (
    Populations,
    Rates,
    dissipator,
    eq04_rates,
    eq06_state,
    eq15_negativity,
    eq16_margin,
)
from qte.physics.baths import Bath
from qte.physics.operators import excitation, flip_flop, lowering

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Level = Literal["-", "+"]
Side = Literal["h", "c"]

LEVELS: Final[tuple[Level, Level]] = ("-", "+")
SIDES: Final[tuple[Side, Side]] = ("h", "c")


@dataclass(frozen=True, kw_only=True, eq=False)
class StrongCoupling:
    """Parameters of the global master equation at resonance, all array_like of shapes that broadcast."""

    eps: ArrayLike = 1.0
    g: ArrayLike
    gamma_h: ArrayLike
    gamma_c: ArrayLike
    T_h: ArrayLike
    T_c: ArrayLike

    def level(self, which: Level) -> Array:
        """Eigenenergies eps -+ g."""
        return np.asarray(np.asarray(self.eps) + (-1 if which == "-" else 1) * np.asarray(self.g))

    def rates(self, side: Side, which: Level) -> Rates:
        """gamma_j^+-(eps_+-), below eq. (21)."""
        gamma, temperature = (self.gamma_h, self.T_h) if side == "h" else (self.gamma_c, self.T_c)
        return eq04_rates(gamma, self.level(which), temperature)

    def sums(self, which: Level) -> Rates:
        """Gamma^+ and Gamma^- at one eigenenergy, below eq. (24)."""
        hot, cold = self.rates("h", which), self.rates("c", which)
        return Rates(hot.plus + cold.plus, hot.minus + cold.minus)


def eq20_jump(side: Side, which: Level) -> Complex:
    """L_j(eps_-) or L_j(eps_+), shape (4, 4)."""
    ground, lower, upper, double = (np.outer(v, v.conj()) for v in eq33_eigenstates())
    sigma = lowering(0 if side == "h" else 1, 2).toarray()
    if which == "-":
        return np.asarray(ground @ sigma @ lower + upper @ sigma @ double)
    return np.asarray(ground @ sigma @ upper + lower @ sigma @ double)


def eq21_master_equation(p: StrongCoupling, rho: Complex) -> Complex:
    """Right-hand side of eq. (21), shapes (4, 4); scalar parameters."""
    total_number = (excitation(0, 2) + excitation(1, 2)).toarray()
    h = np.asarray(p.eps) * total_number + np.asarray(p.g) * flip_flop(0, 1, 2).toarray()
    change = np.asarray(-1j * (h @ rho - rho @ h))
    for which in LEVELS:
        for side in SIDES:
            plus, minus = p.rates(side, which)
            jump = eq20_jump(side, which)
            change = change + minus * dissipator(jump, rho) + plus * dissipator(jump.conj().T, rho)
    return change


def eq22_state(p: StrongCoupling) -> Complex:
    """Steady state with the entries of eqs. (23) and (24), shape (..., 4, 4)."""
    return eq06_state(eq23_populations(p), eq24_coherence(p))


def eq23_populations(p: StrongCoupling) -> Populations:
    """s1, s2, s3, s4, shape (...)."""
    (low_up, low_down), (high_up, high_down) = p.sums("-"), p.sums("+")
    chi = _chi(p)
    single = (low_up * high_down + low_down * high_up) / (2 * chi)
    return Populations(low_up * high_up / chi, single, single, low_down * high_down / chi)


def eq24_coherence(p: StrongCoupling) -> Complex:
    """Coherence d = <10|rho|01>, shape (...); real."""
    (low_up, low_down), (high_up, high_down) = p.sums("-"), p.sums("+")
    return np.asarray((low_down * high_up - low_up * high_down) / (2 * _chi(p)), dtype=complex)


def eq25_heat_current(p: StrongCoupling) -> Array:
    """J_ss^gl, shape (...)."""
    return np.asarray(np.asarray(p.gamma_h) * p.gamma_c / _chi(p) * _bias(p))


def eq26_negativity(p: StrongCoupling) -> Array:
    """N(rho_ss^gl), shape (...)."""
    s = eq23_populations(p)
    return eq15_negativity(eq16_margin(eq24_coherence(p), s.r1, s.r4))


def eq27_critical_current(p: StrongCoupling) -> Array:
    """J_c^gl with the sign of its denominator as printed, shape (...).

    Notes
    -----
    The denominator is 2 chi d, and d < 0: the lower singly excited level is the
    fuller one. So the printed bound is negative and any current would exceed it;
    with the modulus, J > J_c and N > 0 are equivalent.
    """
    (low_up, low_down), (high_up, high_down) = p.sums("-"), p.sums("+")
    s = eq23_populations(p)
    scale = 2 * np.asarray(p.gamma_c) * p.gamma_h * _bias(p)
    return np.asarray(scale / (low_down * high_up - low_up * high_down) * np.sqrt(s.r1 * s.r4))


def eq33_eigenstates() -> tuple[Array, Array, Array, Array]:
    """|0>, |eps_->, |eps_+>, |2>, each of shape (4,)."""
    root = np.sqrt(0.5)
    return (
        np.array([0.0, 0.0, 0.0, 1.0]),
        np.array([0.0, -root, root, 0.0]),
        np.array([0.0, root, root, 0.0]),
        np.array([1.0, 0.0, 0.0, 0.0]),
    )


def eq34_thermal_state(eps: ArrayLike, g: ArrayLike, temperature: ArrayLike) -> Complex:
    """Gibbs state of H_S + H_int, shape (..., 4, 4)."""
    x, y = np.asarray(eps) / np.asarray(temperature), np.asarray(g) / np.asarray(temperature)
    partition = 2 * (el.cosh(x) + el.cosh(y))
    single = el.cosh(y) / partition
    r = Populations(el.exp(-x) / partition, single, single, el.exp(x) / partition)
    return eq06_state(r, np.asarray(-el.sinh(y) / partition, dtype=complex))


def eq35_thermal_negativity(eps: ArrayLike, g: ArrayLike, temperature: ArrayLike) -> Array:
    """Negativity of the Gibbs state, shape (...)."""
    x, y = np.asarray(eps) / np.asarray(temperature), np.asarray(g) / np.asarray(temperature)
    margin = np.sqrt(el.cosh(x) ** 2 + el.sinh(y) ** 2 - 1) - el.cosh(x)
    return eq15_negativity(margin / (2 * (el.cosh(x) + el.cosh(y))))


def thermal_entanglement_temperature(g: ArrayLike) -> Array:
    """T below which the Gibbs state is entangled, g/arcsinh(1), shape (...); sec. 6."""
    return np.asarray(np.asarray(g) / el.arcsinh(1.0))


def _chi(p: StrongCoupling) -> Array:
    return np.asarray(sum(p.sums("-")) * sum(p.sums("+")))


def _bias(p: StrongCoupling) -> Array:
    """The square bracket of eqs. (25) and (27)."""
    total = {which: sum(p.sums(which)) for which in LEVELS}
    other: dict[Level, Level] = {"-": "+", "+": "-"}
    bias = np.zeros(())
    for which in LEVELS:
        energy = p.level(which)
        difference = Bath(p.T_h, 1.0).occupation(energy) - Bath(p.T_c, 1.0).occupation(energy)
        bias = bias + energy * total[other[which]] * difference
    return np.asarray(bias)
