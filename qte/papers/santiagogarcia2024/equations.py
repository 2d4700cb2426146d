"""Printed equations of santiagogarcia2024, sections II and III and appendices A to D: weak coupling.

Every function is the formula as printed, right or wrong; what disagrees with the
master equation says so in its note.  Numbers are those of the text; a name that
begins with ``text`` is a formula printed without one.  ``epsilon`` = +1 stands
for bosons and oscillators, -1 for fermions and qubits, as in eq. (1).

Units: hbar = k_B = 1.  Basis |11>, |10>, |01>, |00>, left qubit first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.operators import embed, excitation, flip_flop, lowering

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Side = Literal["L", "R"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Bridge:
    """Parameters of systems between two baths, all array_like of shapes that broadcast."""

    omega: ArrayLike = 1.0
    g: ArrayLike = 1.0
    gamma_L: ArrayLike
    gamma_R: ArrayLike
    T_L: ArrayLike
    T_R: ArrayLike
    epsilon_L: int = 1
    epsilon_R: int = 1
    epsilon_a: int = -1

    def swapped(self) -> Bridge:
        """The same with the two temperatures exchanged."""
        return replace(self, T_L=self.T_R, T_R=self.T_L)

    def n(self, side: Side) -> Array:
        """Mean excitations of one bath's elements, eq. (3)."""
        return self.n_at(side, self._of("T", side))

    def n_at(self, side: Side, temperature: ArrayLike) -> Array:
        """n_l(T_x): eq. (3) of one bath at any temperature."""
        return eq03_occupation(self.omega, temperature, int(self._of("epsilon", side)))

    def factor(self, side: Side, temperature: ArrayLike | None = None) -> Array:
        """1 + (epsilon_l - epsilon_a) n_l."""
        at = self._of("T", side) if temperature is None else temperature
        excess = self._of("epsilon", side) - self.epsilon_a
        return np.asarray(1 + excess * self.n_at(side, at))

    def rates(self, side: Side) -> Rates:
        """Dissipation rates below eq. (2)."""
        gamma, n = self._of("gamma", side), self.n(side)
        return Rates(np.asarray(gamma * n), np.asarray(gamma * (1 + self._of("epsilon", side) * n)))

    def x(self, side: Side) -> Array:
        """omega/T of one bath; inf at T = 0."""
        return _exponent(self.omega, self._of("T", side))

    def _of(self, name: str, side: Side) -> Array:
        return np.asarray(getattr(self, f"{name}_{side}"), dtype=float)


class Rates(NamedTuple):
    """gamma^+ (absorption) and gamma^- (emission)."""

    plus: Array
    minus: Array


class Moments(NamedTuple):
    """<s1^+ s1>, <s2^+ s2>, <s1 s2^+>; <s1^+ s2> is the conjugate of the last."""

    first: Array
    second: Array
    coherence: Complex


def eq01_commutator(s: Complex, epsilon: int) -> Complex:
    """``s s^+ - epsilon s^+ s - 1`` of a ladder operator, shape (d, d); 0 where eq. (1) holds."""
    return np.asarray(s @ s.conj().T - epsilon * s.conj().T @ s - np.eye(len(s)))


def eq02_master_equation(p: Bridge, rho: Complex) -> Complex:
    """Right-hand side of eq. (2) for two qubits, shapes (4, 4); scalar parameters."""
    h = eq18_hamiltonian(2, p.omega, p.g)
    out = -1j * (h @ rho - rho @ h)
    for side, site in (("L", 0), ("R", 1)):
        rates, s = p.rates(side), lowering(site, 2).toarray()  # type: ignore[arg-type]
        out = out + rates.minus * _dissipate(s, rho) + rates.plus * _dissipate(s.T, rho)
    return np.asarray(out)


def eq03_occupation(omega: ArrayLike, temperature: ArrayLike, epsilon: int) -> Array:
    """n = 1/(exp(omega/T) - epsilon), shape (...); 0 at T = 0."""
    decay = np.exp(-_exponent(omega, temperature))
    return np.asarray(decay / (1 - epsilon * decay))


def eq04_heat_flow(p: Bridge, side: Side, excitation_number: ArrayLike) -> Array:
    """Q_l from <s^+ s> of the system next to bath l, shape (...)."""
    gamma = p._of("gamma", side)
    return np.asarray(p.omega * gamma * (p.n(side) - p.factor(side) * excitation_number))


def eq05_heat_current(p: Bridge) -> Array:
    """J of two systems, shape (...): twice the current that flows through."""
    return np.asarray(eq06_scaling(p) * eq07_heat_current(p))


def eq06_scaling(p: Bridge) -> Array:
    """The factor alpha between the currents of two systems and of one, shape (...)."""
    return np.asarray(1 / (1 + _ratio(p) * p.factor("L") * p.factor("R")))


def eq07_heat_current(p: Bridge) -> Array:
    """J of a single system between the baths, shape (...)."""
    n_l, n_r, gamma_l, gamma_r = p.n("L"), p.n("R"), np.asarray(p.gamma_L), np.asarray(p.gamma_R)
    bias = (n_l - n_r) + (p.epsilon_R - p.epsilon_L) * n_l * n_r
    excess_l = gamma_l * (p.epsilon_L - p.epsilon_a) * n_l
    excess_r = gamma_r * (p.epsilon_R - p.epsilon_a) * n_r
    return np.asarray(2 * p.omega * gamma_l * gamma_r * bias / (gamma_l + gamma_r + excess_l + excess_r))


def text_contrast(forward: ArrayLike, backward: ArrayLike) -> Array:
    """Contrast |(J> + J<)/(J> - J<)| (section III.2), shape (...)."""
    forward, backward = np.asarray(forward), np.asarray(backward)
    return np.asarray(np.abs((forward + backward) / (forward - backward)))


def eq08_contrast(p: Bridge) -> Array:
    """Contrast of two systems from the currents of one, shape (...)."""
    a, b = eq09_weights(p)
    return text_contrast(a * eq07_heat_current(p), b * eq07_heat_current(p.swapped()))


def eq09_weights(p: Bridge) -> tuple[Array, Array]:
    """A (temperatures swapped) and B of eq. (8), shapes (...)."""
    x = _ratio(p)
    a = 1 + x * p.factor("L", p.T_R) * p.factor("R", p.T_L)
    b = 1 + x * p.factor("L") * p.factor("R")
    return np.asarray(a), np.asarray(b)


def eq10_heat_current(p: Bridge) -> Array:
    """J of two qubits between bosonic baths, shape (...)."""
    return np.asarray(eq11_heat_current(p) / (1 + _ratio(p) * _coth(p.x("L") / 2) * _coth(p.x("R") / 2)))


def eq11_heat_current(p: Bridge) -> Array:
    """J of one qubit between bosonic baths, shape (...)."""
    n_l, n_r, gamma_l, gamma_r = p.n("L"), p.n("R"), np.asarray(p.gamma_L), np.asarray(p.gamma_R)
    damping = gamma_l * (1 + 2 * n_l) + gamma_r * (1 + 2 * n_r)
    return np.asarray(2 * p.omega * gamma_l * gamma_r * (n_l - n_r) / damping)


def eq12_contrast(p: Bridge) -> Array:
    """Contrast of one qubit between bosonic baths, shape (...)."""
    left, right = _coth(p.x("L") / 2), _coth(p.x("R") / 2)
    return np.asarray(text_high_temperature_contrast(p) * np.abs((right - left) / (right + left)))


def eq13_conductance(p: Bridge) -> Array:
    """Conductance of one system at T = T_L = T_R, any statistics, shape (...).

    Notes
    -----
    As printed it is half of dJ/dT with J of eq. (7), and half of the formula
    below eq. (14): J = Q_L - Q_R counts the current twice, which is lost here.
    """
    n_l, n_r, n_a = p.n("L"), p.n("R"), eq03_occupation(p.omega, p.T_L, p.epsilon_a)
    gamma_l, gamma_r, t = np.asarray(p.gamma_L), np.asarray(p.gamma_R), np.asarray(p.T_L)
    top = np.square(p.omega) * gamma_l * gamma_r * n_l * n_a * n_r * np.exp(p.x("L"))
    return np.asarray(top / ((gamma_l * n_l + gamma_r * n_r) * t**2))


def eq14_conductance(p: Bridge) -> Array:
    """Conductance of two qubits between bosonic baths at T = T_L, shape (...)."""
    return np.asarray(text_conductance(p) / (1 + _ratio(p) * _coth(p.x("L") / 2) ** 2))


def text_conductance(p: Bridge) -> Array:
    """Conductance of one qubit between bosonic baths (below eq. (14)), shape (...)."""
    gamma_l, gamma_r, t = np.asarray(p.gamma_L), np.asarray(p.gamma_R), np.asarray(p.T_L)
    return np.asarray(np.square(p.omega) * gamma_l * gamma_r * _csch(p.x("L")) / ((gamma_l + gamma_r) * t**2))


def eq15_largest_conductance(p: Bridge) -> tuple[Array, Array]:
    """Approximate maxima over T of eq. (14) and of one qubit, shapes (...).

    Notes
    -----
    The values at T = omega/2, which is the peak of neither: that of one qubit is
    at T = 0.52219… omega and 0.2 % higher.
    """
    gamma_l, gamma_r = np.asarray(p.gamma_L), np.asarray(p.gamma_R)
    one = 4 * _csch(np.asarray(2.0)) * gamma_l * gamma_r / (gamma_l + gamma_r)
    return np.asarray(one / (1 + _ratio(p) * _coth(np.asarray(1.0)) ** 2)), np.asarray(one)


def eq16_slope(p: Bridge) -> Array:
    """dJ/dT_L by the product rule on eq. (5), shape (...): negative differential conductance if < 0.

    Notes
    -----
    The text says that dJ^(1)/dT_L and alpha are always positive.
    """
    n, gamma_l, gamma_r = p.n("L"), np.asarray(p.gamma_L), np.asarray(p.gamma_R)
    slope = n * (1 + p.epsilon_L * n) * p.x("L") / np.asarray(p.T_L)
    excess = p.epsilon_L - p.epsilon_a
    alpha, single = eq06_scaling(p), eq07_heat_current(p)
    d_alpha = -np.square(alpha) * _ratio(p) * excess * p.factor("R") * slope
    damping = gamma_l * p.factor("L") + gamma_r * p.factor("R")
    top = 2 * p.omega * gamma_l * gamma_r * (1 + (p.epsilon_R - p.epsilon_L) * p.n("R"))
    d_single = slope * (top - single * gamma_l * excess) / damping
    return np.asarray(d_alpha * single + alpha * d_single)


def eq17_threshold(p: Bridge) -> Array:
    """T_L beyond which the current of two qubits falls with T_L, for T_R = 0, in units of omega."""
    gamma_l, gamma_r = np.asarray(p.gamma_L), np.asarray(p.gamma_R)
    quarter = gamma_r / (4 * np.square(p.g))
    step = 2 * gamma_l * np.sqrt(quarter) / np.sqrt((gamma_r + gamma_l) * (1 + gamma_l * quarter))
    return np.asarray(1 / np.log1p(step))


def eq18_hamiltonian(n: int, omega: ArrayLike, g: ArrayLike) -> Complex:
    """H of an n-qubit chain, shape (2**n, 2**n); scalar parameters.

    Notes
    -----
    The second sum is printed up to N, where site N + 1 does not exist: up to
    N - 1 here.  The zero of energy is that of omega sigma_z/2.
    """
    h = sum(np.asarray(omega) / 2 * _sigma_z(k, n) for k in range(n))
    return np.asarray(h + sum(np.asarray(g) * flip_flop(k, k + 1, n).toarray() for k in range(n - 1)))


def eq19_heat_current(p: Bridge) -> Array:
    """J of a chain of N >= 2 qubits between bosonic baths, shape (...): no N in it."""
    mix, rate = 4 * np.square(p.g), np.asarray(p.gamma_L) * p.gamma_R
    return np.asarray(mix / (mix + rate * _coth(p.x("L") / 2) * _coth(p.x("R") / 2)) * eq11_heat_current(p))


def text_high_temperature_contrast(p: Bridge) -> Array:
    """|gamma_L - gamma_R|/(gamma_L + gamma_R): the contrast for T_R -> 0, T_L -> infinity."""
    gamma_l, gamma_r = np.asarray(p.gamma_L), np.asarray(p.gamma_R)
    return np.asarray(np.abs((gamma_l - gamma_r) / (gamma_l + gamma_r)))


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
    left, right, g = p.rates("L"), p.rates("R"), np.asarray(p.g)
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
    return _excitation(p, "L", "R", np.square(p._of("gamma", "R")))


def eq32_excitation(p: Bridge) -> Array:
    """<s2^+ s2> in the steady state, shape (...); misprinted like eq. (31)."""
    return _excitation(p, "R", "L", np.square(p._of("gamma", "R")))


def corrected_excitations(p: Bridge) -> tuple[Array, Array]:
    """Eqs. (31) and (32) with gamma_R^+ in the place of (gamma_R)^2, shapes (...)."""
    plus = p.rates("R").plus
    return _excitation(p, "L", "R", plus), _excitation(p, "R", "L", plus)


def eq33_coherence(p: Bridge) -> Complex:
    """<s1 s2^+> in the steady state, shape (...)."""
    left, right = p.rates("L"), p.rates("R")
    g = np.asarray(p.g)
    return np.asarray(2j * g * (left.plus * right.minus - left.minus * right.plus) / _denominator(p))


def text_coherence(p: Bridge, current: ArrayLike) -> Complex:
    """Coherence i J/(4 g omega) that belongs to a current (section III.1), shape (...)."""
    return np.asarray(1j * np.asarray(current) / (4 * np.asarray(p.g) * p.omega))


def eq34_scaling(x: ArrayLike) -> Array:
    """alpha_0 (bath and system alike) at T_R = 0 from x = gamma_L gamma_R/4g^2, shape (...)."""
    return np.asarray(1 / (1 + np.asarray(x)))


def eq35_scaling(x: ArrayLike, T_L: ArrayLike, omega: ArrayLike = 1.0) -> Array:
    """alpha_1 (bosonic bath on a qubit) at T_R = 0, shape (...)."""
    return np.asarray(1 / (1 + np.asarray(x) * _coth(_exponent(omega, T_L) / 2)))


def eq36_scaling(x: ArrayLike, T_L: ArrayLike, omega: ArrayLike = 1.0) -> Array:
    """alpha_2 (fermionic bath on an oscillator) at T_R = 0, shape (...)."""
    return np.asarray(1 / (1 + np.asarray(x) * np.tanh(_exponent(omega, T_L) / 2)))


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
    left, right, g2 = p.rates("L"), p.rates("R"), np.square(p.g)
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
    return _critical_current(p, 4 * np.asarray(p.g))


def corrected_critical_current(p: Bridge) -> Array:
    """Eq. (39) with 4g^2 in the last denominator, shape (...)."""
    return _critical_current(p, 4 * np.square(p.g))


def text_critical_current(p: Bridge, p1: ArrayLike, p4: ArrayLike) -> Array:
    """J_c = 4 g omega sqrt(p1 p4) (section III.2), shape (...)."""
    return np.asarray(4 * np.asarray(p.g) * p.omega * np.sqrt(np.asarray(p1) * p4))


def eq40_critical_current(p: Bridge) -> Array:
    """J_c for gamma_L = gamma_R and T_R -> 0 between bosonic baths, shape (...)."""
    gamma, n, coth = np.asarray(p.gamma_L), p.n("L"), _coth(p.x("L") / 2) + 1
    alpha = eq35_scaling(_ratio(p), p.T_L, p.omega)
    root = np.sqrt(4 * np.square(p.g) * (2 + n) ** 2 + gamma**2 * coth**2 * (1 + n))
    return np.asarray(2 * n * p.omega * alpha * root / coth**2)


def eq41_entropy_production(p: Bridge, heat_L: ArrayLike, heat_R: ArrayLike) -> Array:
    """Entropy production -(beta_L Q_L + beta_R Q_R) in the steady state, shape (...)."""
    return np.asarray(-(np.asarray(heat_L) / p.T_L + np.asarray(heat_R) / p.T_R))


def text_entropy_production(p: Bridge, current: ArrayLike) -> Array:
    """(beta_R - beta_L) J (below eq. (41)), shape (...).

    Notes
    -----
    Twice eq. (41): J = Q_L - Q_R is twice the heat Q_L that flows through.
    """
    return np.asarray((1 / np.asarray(p.T_R) - 1 / np.asarray(p.T_L)) * current)


def eq42_rectification(forward: ArrayLike, backward: ArrayLike) -> Array:
    """Rectification coefficient |Q>|/|Q<|, of entropy productions or of currents, shape (...)."""
    return np.asarray(np.abs(forward) / np.abs(backward))


def _exponent(omega: ArrayLike, temperature: ArrayLike) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.asarray(omega, dtype=float) / np.asarray(temperature, dtype=float))


def _coth(x: Array) -> Array:
    return np.asarray(1 / np.tanh(x))


def _csch(x: Array) -> Array:
    return np.asarray(2 * np.exp(-x) / -np.expm1(-2 * x))


def _ratio(p: Bridge) -> Array:
    """gamma_L gamma_R/4g^2."""
    return np.asarray(np.asarray(p.gamma_L) * p.gamma_R / (4 * np.square(p.g)))


def _sigma_z(site: int, n: int) -> Complex:
    return np.asarray(2 * excitation(site, n).toarray() - embed({}, n).toarray())


def _dissipate(a: Complex, rho: Complex) -> Complex:
    decay = a.conj().T @ a
    return np.asarray(a @ rho @ a.conj().T - (decay @ rho + rho @ decay) / 2)


def _occupation_change(p: Bridge, side: Side, n: Array, coherence: Complex, sign: int) -> Array:
    plus, minus = p.rates(side)
    exchange = sign * 1j * np.asarray(p.g) * (coherence - np.conj(coherence))
    return np.asarray((-minus + p.epsilon_a * plus) * n + plus + exchange.real)


def _damping(p: Bridge, side: Side) -> Array:
    plus, minus = p.rates(side)
    return np.asarray(minus - p.epsilon_a * plus)


def _denominator(p: Bridge) -> Array:
    left, right = _damping(p, "L"), _damping(p, "R")
    return np.asarray((4 * np.square(p.g) + left * right) * (left + right))


def _excitation(p: Bridge, own: Side, other: Side, odd: Array) -> Array:
    left, right = p.rates("L"), p.rates("R")
    bracket = left.minus + right.minus - p.epsilon_a * (left.plus + odd)
    top = 4 * (left.plus + right.plus) * np.square(p.g) + p.rates(own).plus * _damping(p, other) * bracket
    return np.asarray(top / _denominator(p))


def _qubit_totals(p: Bridge) -> tuple[Array, Array]:
    """Gamma and chi of appendix C."""
    left, right = sum(p.rates("L")), sum(p.rates("R"))
    total = np.asarray(left + right)
    return total, np.asarray((4 * np.square(p.g) + left * right) * total**2)


def _critical_current(p: Bridge, last: Array) -> Array:
    (lp, lm), (rp, rm), g2 = p.rates("L"), p.rates("R"), np.square(p.g)
    total, chi = _qubit_totals(p)
    inner = 4 * g2 * (lp + rp) ** 2 * (lm + rm) ** 2
    inner = inner + total**2 * (lm * rm * (lp + rp) ** 2 + lp * rp * (lm + rm) ** 2)
    inner = inner + lp * lm * rp * rm * total**4 / last
    return np.asarray(8 * g2 * p.omega / chi * np.sqrt(inner))
