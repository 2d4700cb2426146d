"""Printed equations of santiagogarcia2024, sections II and III: weak coupling.

Every function is the formula as printed, right or wrong; what disagrees with the
master equation says so in its note.  Numbers are those of the text; a name that
begins with ``text`` is a formula printed without one.  Appendices A to D are in
`equations_appendix`, strong coupling in `equations_global`.

Units: hbar = k_B = 1.  Basis |11>, |10>, |01>, |00>, left qubit first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qte.common import elementary as el
from qte.papers.santiagogarcia2024.bridge import (
    Array,
    Bridge,
    Complex,
    Side,
    coth,
    coupling_ratio,
    csch,
    dissipate,
    occupation,
)
from qte.physics.operators import embed, excitation, flip_flop, lowering


def eq01_commutator(s: Complex, epsilon: int) -> Complex:
    """``s s^+ - epsilon s^+ s - 1`` of a ladder operator, shape (d, d); 0 where eq. (1) holds."""
    return np.asarray(s @ s.conj().T - epsilon * s.conj().T @ s - np.eye(len(s)))


def eq02_master_equation(p: Bridge, rho: Complex) -> Complex:
    """Right-hand side of eq. (2) for two qubits, shapes (4, 4); scalar parameters."""
    h = eq18_hamiltonian(2, p.omega, p.g)
    out = -1j * (h @ rho - rho @ h)
    for site, rates in enumerate((p.rates("L"), p.rates("R"))):
        s = lowering(site, 2).toarray()
        out = out + rates.minus * dissipate(s, rho) + rates.plus * dissipate(s.T, rho)
    return np.asarray(out)


def eq03_occupation(omega: ArrayLike, temperature: ArrayLike, epsilon: int) -> Array:
    """n = 1/(exp(omega/T) - epsilon), shape (...); 0 at T = 0."""
    return occupation(omega, temperature, epsilon)


def eq04_heat_flow(p: Bridge, side: Side, excitation_number: ArrayLike) -> Array:
    """Q_l from <s^+ s> of the system next to bath l, shape (...)."""
    gamma = p.of("gamma", side)
    return np.asarray(p.omega * gamma * (p.n(side) - p.factor(side) * np.asarray(excitation_number)))


def eq05_heat_current(p: Bridge) -> Array:
    """J of two systems, shape (...): twice the current that flows through."""
    return np.asarray(eq06_scaling(p) * eq07_heat_current(p))


def eq06_scaling(p: Bridge) -> Array:
    """The factor alpha between the currents of two systems and of one, shape (...)."""
    return np.asarray(1 / (1 + coupling_ratio(p) * p.factor("L") * p.factor("R")))


def eq07_heat_current(p: Bridge) -> Array:
    """J of a single system between the baths, shape (...)."""
    n_l, n_r, gamma_l, gamma_r = p.n("L"), p.n("R"), p.gamma_L, p.gamma_R
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
    x = coupling_ratio(p)
    a = 1 + x * p.factor("L", p.T_R) * p.factor("R", p.T_L)
    b = 1 + x * p.factor("L") * p.factor("R")
    return np.asarray(a), np.asarray(b)


def eq10_heat_current(p: Bridge) -> Array:
    """J of two qubits between bosonic baths, shape (...)."""
    return np.asarray(
        eq11_heat_current(p) / (1 + coupling_ratio(p) * coth(p.x("L") / 2) * coth(p.x("R") / 2))
    )


def eq11_heat_current(p: Bridge) -> Array:
    """J of one qubit between bosonic baths, shape (...)."""
    n_l, n_r, gamma_l, gamma_r = p.n("L"), p.n("R"), p.gamma_L, p.gamma_R
    damping = gamma_l * (1 + 2 * n_l) + gamma_r * (1 + 2 * n_r)
    return np.asarray(2 * p.omega * gamma_l * gamma_r * (n_l - n_r) / damping)


def eq12_contrast(p: Bridge) -> Array:
    """Contrast of one qubit between bosonic baths, shape (...)."""
    left, right = coth(p.x("L") / 2), coth(p.x("R") / 2)
    return np.asarray(text_high_temperature_contrast(p) * np.abs((right - left) / (right + left)))


def eq13_conductance(p: Bridge) -> Array:
    """Conductance of one system at T = T_L = T_R, any statistics, shape (...).

    Notes
    -----
    As printed it is half of dJ/dT with J of eq. (7), and half of the formula
    below eq. (14): J = Q_L - Q_R counts the current twice, which is lost here.
    """
    n_l, n_r, n_a = p.n("L"), p.n("R"), occupation(p.omega, p.T_L, p.epsilon_a)
    gamma_l, gamma_r, t = p.gamma_L, p.gamma_R, p.T_L
    top = p.omega**2 * gamma_l * gamma_r * n_l * n_a * n_r * el.exp(p.x("L"))
    return np.asarray(top / ((gamma_l * n_l + gamma_r * n_r) * t**2))


def eq14_conductance(p: Bridge) -> Array:
    """Conductance of two qubits between bosonic baths at T = T_L, shape (...)."""
    return np.asarray(text_conductance(p) / (1 + coupling_ratio(p) * coth(p.x("L") / 2) ** 2))


def text_conductance(p: Bridge) -> Array:
    """Conductance of one qubit between bosonic baths (below eq. (14)), shape (...)."""
    gamma_l, gamma_r, t = p.gamma_L, p.gamma_R, p.T_L
    return np.asarray(p.omega**2 * gamma_l * gamma_r * csch(p.x("L")) / ((gamma_l + gamma_r) * t**2))


def eq15_largest_conductance(p: Bridge) -> tuple[Array, Array]:
    """Approximate maxima over T of eq. (14) and of one qubit, shapes (...).

    Notes
    -----
    The values at T = omega/2, which is the peak of neither: that of one qubit is
    at T = 0.52219… omega and 0.2 % higher.
    """
    gamma_l, gamma_r = p.gamma_L, p.gamma_R
    one = 4 * csch(np.asarray(2.0)) * gamma_l * gamma_r / (gamma_l + gamma_r)
    return np.asarray(one / (1 + coupling_ratio(p) * coth(np.asarray(1.0)) ** 2)), np.asarray(one)


def eq16_slope(p: Bridge) -> Array:
    """dJ/dT_L by the product rule on eq. (5), shape (...): negative differential conductance if < 0.

    Notes
    -----
    The text says that dJ^(1)/dT_L and alpha are always positive.
    """
    n, gamma_l, gamma_r = p.n("L"), p.gamma_L, p.gamma_R
    slope = n * (1 + p.epsilon_L * n) * p.x("L") / p.T_L
    excess = p.epsilon_L - p.epsilon_a
    alpha, single = eq06_scaling(p), eq07_heat_current(p)
    d_alpha = -np.square(alpha) * coupling_ratio(p) * excess * p.factor("R") * slope
    damping = gamma_l * p.factor("L") + gamma_r * p.factor("R")
    top = 2 * p.omega * gamma_l * gamma_r * (1 + (p.epsilon_R - p.epsilon_L) * p.n("R"))
    d_single = slope * (top - single * gamma_l * excess) / damping
    return np.asarray(d_alpha * single + alpha * d_single)


def eq17_threshold(p: Bridge) -> Array:
    """T_L beyond which the current of two qubits falls with T_L, for T_R = 0, in units of omega."""
    gamma_l, gamma_r = p.gamma_L, p.gamma_R
    quarter = gamma_r / (4 * p.g**2)
    step = 2 * gamma_l * np.sqrt(quarter) / np.sqrt((gamma_r + gamma_l) * (1 + gamma_l * quarter))
    return np.asarray(1 / el.log1p(step))


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
    mix, rate = 4 * p.g**2, p.gamma_L * p.gamma_R
    return np.asarray(mix / (mix + rate * coth(p.x("L") / 2) * coth(p.x("R") / 2)) * eq11_heat_current(p))


def text_high_temperature_contrast(p: Bridge) -> Array:
    """|gamma_L - gamma_R|/(gamma_L + gamma_R): the contrast for T_R -> 0, T_L -> infinity."""
    gamma_l, gamma_r = p.gamma_L, p.gamma_R
    return np.asarray(np.abs((gamma_l - gamma_r) / (gamma_l + gamma_r)))


def _sigma_z(site: int, n: int) -> Complex:
    return np.asarray(2 * excitation(site, n).toarray() - embed({}, n).toarray())
