"""Printed equations of khandelwal2020, sections 2 to 5 and appendix A: weak coupling of the qubits.

Every function is the formula as printed, right or wrong; what disagrees with the
master equation says so in its note.  Numbers are those of the published version
(New J. Phys. 22, 073039); `PREPRINT_NUMBERS` gives those of the preprint, and a
function whose name begins with ``preprint`` is one that differs there.

Units: hbar = k_B = 1.  Basis |11>, |10>, |01>, |00>, hot qubit first.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.physics.baths import Bath
from qte.physics.operators import FLIP, embed, excitation, flip_flop, lowering

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Side = Literal["h", "c"]

PREPRINT_NUMBERS: Final = MappingProxyType({28: 20, 29: 21, 30: 22, 31: 23, 32: 24})
"""Published number -> number in the preprint, where they differ; (20) to (27) and (33) to (35) are new."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WeakCoupling:
    """Parameters of the local master equation, all array_like of shapes that broadcast."""

    eps_h: ArrayLike = 1.0
    delta: ArrayLike = 0.0
    g: ArrayLike
    gamma_h: ArrayLike
    gamma_c: ArrayLike
    T_h: ArrayLike
    T_c: ArrayLike

    @property
    def eps_c(self) -> Array:
        """Gap of the cold qubit, eps_h + delta."""
        return np.asarray(np.asarray(self.eps_h) + self.delta)

    def rates(self, side: Side) -> Rates:
        """Rates of eq. (4) at the qubit's own gap."""
        if side == "h":
            return eq04_rates(self.gamma_h, self.eps_h, self.T_h)
        return eq04_rates(self.gamma_c, self.eps_c, self.T_c)


class Rates(NamedTuple):
    """gamma^+ (absorption) and gamma^- (emission)."""

    plus: Array
    minus: Array


class Notation(NamedTuple):
    """The abbreviations of eq. (9)."""

    chi: Array
    total: Array
    hot: Array
    cold: Array


class Populations(NamedTuple):
    """r1, r2, r3, r4: populations of |11>, |10>, |01>, |00>."""

    r1: Array
    r2: Array
    r3: Array
    r4: Array


def eq02_hamiltonian(p: WeakCoupling) -> Complex:
    """H_S + H_int of eq. (2), shape (4, 4); scalar parameters."""
    return np.asarray(_bare(p) + np.asarray(p.g) * flip_flop(0, 1, 2).toarray())


def eq03_master_equation(p: WeakCoupling, rho: Complex) -> Complex:
    """Right-hand side of eq. (3), shapes (4, 4); scalar parameters."""
    h = eq02_hamiltonian(p)
    return np.asarray(-1j * (h @ rho - rho @ h) + _dissipate(p, "h", rho) + _dissipate(p, "c", rho))


def eq04_rates(gamma: ArrayLike, energy: ArrayLike, temperature: ArrayLike) -> Rates:
    """gamma^+ = gamma n_B and gamma^- = gamma (1 + n_B) at one energy, shape (...)."""
    down, up = Bath(temperature, gamma).rates(energy)
    return Rates(up, down)


def eq06_state(r: Populations, c: Complex) -> Complex:
    """Density matrix with populations r and one coherence, shape (..., 4, 4); also eq. (22)."""
    rho = np.zeros((*np.shape(c), 4, 4), dtype=complex)
    for i, population in enumerate(r):
        rho[..., i, i] = population
    rho[..., 1, 2], rho[..., 2, 1] = c, np.conj(c)
    return rho


def eq07_populations(p: WeakCoupling) -> Populations:
    """Steady-state populations, shape (...)."""
    (hp, hm), (cp, cm), n = p.rates("h"), p.rates("c"), eq09_notation(p)
    mix, split = 4 * np.square(p.g), n.total**2 + 4 * np.square(p.delta)
    return Populations(
        (mix * (hp + cp) ** 2 + hp * cp * split) / n.chi,
        (mix * (hm + cm) * (hp + cp) + hp * cm * split) / n.chi,
        (mix * (hm + cm) * (hp + cp) + hm * cp * split) / n.chi,
        (mix * (hm + cm) ** 2 + hm * cm * split) / n.chi,
    )


def eq08_coherence(p: WeakCoupling) -> Complex:
    """Coherence c = <10|rho|01>, shape (...)."""
    (hp, hm), (cp, cm), n = p.rates("h"), p.rates("c"), eq09_notation(p)
    return np.asarray(
        2 * np.asarray(p.g) * (hp * cm - hm * cp) * (1j * n.total - 2 * np.asarray(p.delta)) / n.chi
    )


def eq09_notation(p: WeakCoupling) -> Notation:
    """chi, Gamma, Gamma_h and Gamma_c, shape (...)."""
    hot, cold = sum(p.rates("h")), sum(p.rates("c"))
    total = hot + cold
    chi = (4 * np.square(p.g) + hot * cold) * total**2 + 4 * np.square(p.delta) * hot * cold
    return Notation(np.asarray(chi), np.asarray(total), np.asarray(hot), np.asarray(cold))


def eq10_heat_flow(p: WeakCoupling, rho: Complex, side: Side) -> float:
    """Heat flow ``Tr[H_S D_j rho]`` with the H_S of eq. (2), that is without H_int; scalar parameters.

    Notes
    -----
    With this H_S the flows of both baths do not add up to zero unless delta = 0,
    and eq. (11) does not follow; with H_S + H_int both hold.
    """
    return float(np.trace(_bare(p) @ _dissipate(p, side, rho)).real)


def eq11_heat_current(p: WeakCoupling) -> Array:
    """J_ss = Q_h - Q_c from the rates, shape (...): twice the current that flows through."""
    (hp, hm), (cp, cm), n = p.rates("h"), p.rates("c"), eq09_notation(p)
    return np.asarray(8 * np.square(p.g) * (hp * cm - hm * cp) / n.chi * _weighted_gaps(p, n))


def eq12_heat_current(p: WeakCoupling) -> Array:
    """J_ss from the difference of the occupations, shape (...)."""
    n = eq09_notation(p)
    bias = Bath(p.T_h, 1.0).occupation(p.eps_h) - Bath(p.T_c, 1.0).occupation(p.eps_c)
    rate = np.asarray(p.gamma_h) * p.gamma_c
    return np.asarray(8 * np.square(p.g) / n.chi * rate * _weighted_gaps(p, n) * bias)


def eq13_coherence(p: WeakCoupling, current: ArrayLike) -> Complex:
    """Coherence c that belongs to a current J_ss, shape (...)."""
    n = eq09_notation(p)
    turn = 1j * n.total - 2 * np.asarray(p.delta)
    return np.asarray(np.asarray(current) * turn / (4 * np.asarray(p.g) * _weighted_gaps(p, n)))


def eq14_negativity(rho: Complex) -> Array:
    """Sum of the moduli of the negative eigenvalues of the partial transpose, shape (...)."""
    four = rho.reshape(*rho.shape[:-2], 2, 2, 2, 2)
    transposed = np.swapaxes(four, -3, -1).reshape(rho.shape)
    values = np.linalg.eigvalsh(transposed)
    return np.asarray(np.where(values < 0, -values, 0.0).sum(axis=-1))


def eq15_negativity(n: ArrayLike) -> Array:
    """N = max(0, n), shape (...); also eq. (26)."""
    return np.maximum(0.0, n)


def eq16_margin(c: ArrayLike, r1: ArrayLike, r4: ArrayLike) -> Array:
    """n(rho_ss) from the coherence and the outer populations, shape (...); negative if separable."""
    r1, r4 = np.asarray(r1), np.asarray(r4)
    return np.asarray((np.sqrt(4 * np.abs(c) ** 2 + (r1 - r4) ** 2) - (r1 + r4)) / 2)


def eq17_margin(p: WeakCoupling) -> Array:
    """n(rho_ss) from the rates alone, with the A, B, C, D printed below it, shape (...)."""
    (hp, hm), (cp, cm), n = p.rates("h"), p.rates("c"), eq09_notation(p)
    gamma_h, gamma_c, g2 = np.asarray(p.gamma_h), np.asarray(p.gamma_c), np.square(p.g)
    split = 4 * np.square(p.delta) + n.total**2
    a = gamma_h**2 + gamma_c**2 + 2 * (hp + cm) * (hm + cp)
    b = hm * cm + hp * cp
    c = (
        hp * cp * (hp**2 + cp**2)
        + hm * cm * (hm**2 + cm**2)
        + 2 * (hm**2 + hp**2) * (cm**2 + cp**2)
        - (hm * hp + cm * cp) * (hm * cp + hp * cm)
        - 8 * hm * hp * cm * cp
    )
    d = (hm * cm - hp * cp) ** 2
    root = 16 * g2**2 * (gamma_h + gamma_c) ** 2 * n.total**2 + 8 * g2 * c * split + d * split**2
    return np.asarray((-4 * g2 * a - b * split + np.sqrt(root)) / (2 * n.chi))


def eq18_critical_current(p: WeakCoupling) -> Array:
    """J_c, above which the steady state is entangled, shape (...)."""
    r, n = eq07_populations(p), eq09_notation(p)
    width = n.total**2 + 4 * np.square(p.delta)
    return np.asarray(4 * np.asarray(p.g) * _weighted_gaps(p, n) * np.sqrt(r.r1 * r.r4 / width))


def preprint_eq18_critical_current(p: WeakCoupling) -> Array:
    """J_c as the preprint writes it, everything under the root, shape (...)."""
    r, n = eq07_populations(p), eq09_notation(p)
    width = n.total**2 + 4 * np.square(p.delta)
    return np.asarray(np.sqrt(16 * np.square(p.g) * r.r1 * r.r4 / width * _weighted_gaps(p, n) ** 2))


def eq19_hamiltonian(p: WeakCoupling, kappa_h: float, kappa_c: float) -> Complex:
    """H_S with tunnelling, shape (4, 4): H_int of eq. (2) comes on top of it."""
    tunnelling = kappa_h * embed({0: FLIP}, 2) + kappa_c * embed({1: FLIP}, 2)
    return np.asarray(_bare(p) + tunnelling.toarray())


def preprint_eq19_hamiltonian(p: WeakCoupling, kappa_h: float, kappa_c: float) -> Complex:
    """H_s with tunnelling as the preprint defines it, H_int included, shape (4, 4)."""
    return np.asarray(eq19_hamiltonian(p, kappa_h, kappa_c) + np.asarray(p.g) * flip_flop(0, 1, 2).toarray())


def eq29_matrix(p: WeakCoupling) -> Complex:
    """M of ``dp/dt = M p + b``, shape (15, 15); p is rho row by row without its last entry.

    Notes
    -----
    The preprint calls M a 15 x 16 matrix.
    """
    (hp, hm), (cp, cm), n = p.rates("h"), p.rates("c"), eq09_notation(p)
    half, hot, cold, total = 0.5, n.hot, n.cold, n.total
    ig, eps_h, eps_c = 1j * np.asarray(p.g), 1j * np.asarray(p.eps_h), 1j * p.eps_c
    delta = 1j * np.asarray(p.delta)
    rows = {
        1: {1: -hm - cm, 6: cp, 11: hp},
        2: {2: half * (-2 * hm - cold) - eps_c, 3: ig, 12: hp},
        3: {2: ig, 3: half * (-hot - 2 * cm) - eps_h, 8: cp},
        4: {4: -half * total - (eps_h + eps_c)},
        5: {5: half * (-2 * hm - cold) + eps_c, 9: -ig, 15: hp},
        6: {1: cm - hp, 6: -hot - cp, 7: ig, 10: -ig, 11: -hp},
        7: {6: ig, 7: -half * total + delta, 11: -ig},
        8: {3: cm, 8: half * (-hot - 2 * cp) - eps_h, 12: -ig},
        9: {5: -ig, 9: half * (-hot - 2 * cm) + eps_h, 14: cp},
        10: {6: -ig, 10: -half * total - delta, 11: ig},
        11: {1: hm - cp, 6: -cp, 7: -ig, 10: ig, 11: -hp - cold},
        12: {2: hm, 8: -ig, 12: half * (-2 * hp - cold) - eps_c},
        13: {13: -half * total + (eps_h + eps_c)},
        14: {9: cm, 14: half * (-hot - 2 * cp) + eps_h, 15: ig},
        15: {5: hm, 14: ig, 15: half * (-2 * hp - cold) + eps_c},
    }
    matrix = np.zeros((15, 15), dtype=complex)
    for i, row in rows.items():
        for j, entry in row.items():
            matrix[i - 1, j - 1] = entry
    return matrix


def eq30_vector(p: WeakCoupling) -> Complex:
    """b of ``dp/dt = M p + b``, shape (15,)."""
    b = np.zeros(15, dtype=complex)
    b[5], b[10] = p.rates("h").plus, p.rates("c").plus
    return b


def eq31_eigenvalues(r: Populations, c: ArrayLike) -> tuple[Array, Array, Array, Array]:
    """Eigenvalues of the partial transpose, lambda_1 to lambda_4, shape (...)."""
    root = np.sqrt(4 * np.abs(c) ** 2 + (r.r1 - r.r4) ** 2)
    return r.r2, r.r3, np.asarray((-root + r.r1 + r.r4) / 2), np.asarray((root + r.r1 + r.r4) / 2)


def eq32_negativity(r: Populations, c: ArrayLike) -> Array:
    """N = max(0, -lambda_3), shape (...)."""
    return np.maximum(0.0, -eq31_eigenvalues(r, c)[2])


def resonant_tunnelling(delta: ArrayLike, eps_h: ArrayLike = 1.0) -> Array:
    """kappa_h at which the hot qubit's levels are as far apart as the cold one's, shape (...).

    ``sqrt(eps_h^2 + 4 kappa^2) = eps_h + delta``. Not in the paper, which finds its kappa_max by numerics.
    """
    delta = np.asarray(delta)
    return np.asarray(np.sqrt(2 * np.asarray(eps_h) * delta + delta**2) / 2)


def _bare(p: WeakCoupling) -> Complex:
    hot = np.asarray(p.eps_h) * excitation(0, 2).toarray()
    return np.asarray(hot + p.eps_c * excitation(1, 2).toarray(), dtype=complex)


def _dissipate(p: WeakCoupling, side: Side, rho: Complex) -> Complex:
    plus, minus = p.rates(side)
    lower = lowering(0 if side == "h" else 1, 2).toarray()
    return np.asarray(plus * dissipator(lower.conj().T, rho) + minus * dissipator(lower, rho))


def dissipator(jump: Complex, rho: Complex) -> Complex:
    """``D[A] rho = A rho A^+ - {A^+ A, rho}/2``, shapes (4, 4); printed below eq. (3)."""
    decay = jump.conj().T @ jump
    return np.asarray(jump @ rho @ jump.conj().T - (decay @ rho + rho @ decay) / 2)


def _weighted_gaps(p: WeakCoupling, n: Notation) -> Array:
    """eps_h Gamma_c + eps_c Gamma_h."""
    return np.asarray(np.asarray(p.eps_h) * n.cold + p.eps_c * n.hot)
