"""The paper's machines written out as matrices: the second way to the answers of its ledger.

Built on `qte.ledger.second` and `qte.exact.von_neumann` alone; nothing here uses the solvers of qte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import expm
from scipy.special import digamma

from qte.common import elementary as el
from qte.common import matrices
from qte.exact import von_neumann
from qte.exact.hierarchy import FermionicLead, OpenSystem
from qte.ledger import second

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Jump = tuple[Array, Complex]
Coupling = tuple[int, int, ArrayLike]

# Terms of the expansion of the Fermi function, right to 1e-6 up to 50 T.
EXPANSION = 10
# Singular values below this fraction of the largest count as zero.
KERNEL = 1e-10
CONFIGURATIONS = tuple((pair,) for pair in product((0, 1), repeat=2))
BY_ENERGY = (((0, 0),), ((0, 1), (1, 0)), ((1, 1),))


def fermi(energy: ArrayLike, T: ArrayLike) -> Array:
    """``1/(exp(energy/T) + 1)``, the energy counted from the chemical potential, shape (...)."""
    return np.asarray((1 - el.tanh(np.asarray(energy) / (2 * np.asarray(T)))) / 2)


def nullity(hamiltonian: Complex, jumps: Sequence[Jump]) -> NDArray[np.intp]:
    """Dimension of the kernel of a Liouvillian, shape (...)."""
    values = np.linalg.svd(second.liouvillian(hamiltonian, jumps), compute_uv=False)
    return np.asarray((values < KERNEL * values[..., :1]).sum(axis=-1))


def evolved(hamiltonian: Complex, jumps: Sequence[Jump], rho: Complex, time: float) -> Complex:
    """``exp(L t) rho`` at one point of the parameters, shape (d, d)."""
    matrix = second.liouvillian(hamiltonian, jumps)
    return np.asarray((expm(matrix * time) @ rho.ravel()).reshape(rho.shape))


def wootters(rho: Complex) -> Array:
    """Concurrence of two qubits from singular values, shape (...); rho must be positive definite.

    ``rho = A A^+``, and the roots in Wootters' formula are the singular values of ``A^T (s_y s_y) A``: no square root
    of a difference is taken.
    """
    a = np.linalg.cholesky(rho)
    flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
    roots = np.linalg.svd(np.swapaxes(a, -1, -2) @ flip @ a, compute_uv=False)
    return np.asarray(np.maximum(0.0, roots[..., 0] - roots[..., 1:].sum(axis=-1)))


# ---- all states, any repulsion ------------------------------------------------------------------


def three_qubits(
    *,
    eps: ArrayLike = 1.0,
    g13: ArrayLike,
    g23: ArrayLike,
    gamma_1: ArrayLike,
    gamma_3: ArrayLike,
    T_1: ArrayLike,
    T_3: ArrayLike,
    U: ArrayLike,
    mu: ArrayLike,
    mu_3: ArrayLike = 0.0,
    dephasing: ArrayLike = 0.0,
    one_per_energy: bool = False,
    electrons: bool = False,
) -> tuple[Complex, dict[int, list[Jump]]]:
    """Hamiltonian (..., 8, 8) and jumps by reservoir (0: dephasing) of eqs. (1) and (2), finite U and mu, T > 0.

    `one_per_energy` adds the jumps of one energy into one operator; `electrons` gives the hop over qubit 2 its sign.
    """
    given = (eps, g13, g23, gamma_1, gamma_3, T_1, T_3, U, mu, mu_3, dephasing)
    gap, a, b, rate_1, rate_3, hot, cold, repulsion, high, low, noise = (
        np.asarray(x, dtype=float)[..., None, None] for x in given
    )
    n = [second.number(site, 3) for site in range(3)]
    hop = second.exchange(0, 2, 3) @ (np.eye(8) - 2 * n[1]) if electrons else second.exchange(0, 2, 3)
    h = gap * sum(n) + a * hop + b * second.exchange(1, 2, 3)
    h = h + repulsion * (n[0] @ n[1] + n[0] @ n[2] + n[1] @ n[2])
    jumps: dict[int, list[Jump]] = {1: [], 3: [], 0: []}
    for site, rate, T, potential in ((0, rate_1, hot, high), (2, rate_3, cold, low)):
        others = [k for k in range(3) if k != site]
        for group in BY_ENERGY if one_per_energy else CONFIGURATIONS:
            above = gap + sum(group[0]) * repulsion - potential
            beside = sum(_is(p, n[others[0]]) @ _is(q, n[others[1]]) for p, q in group)
            down = second.lower(site, 3) @ beside
            jumps[site + 1] += [
                (rate[..., 0, 0] * fermi(-above, T)[..., 0, 0], down),
                (rate[..., 0, 0] * fermi(above, T)[..., 0, 0], down.conj().T),
            ]
    jumps[0] = [(noise[..., 0, 0], 2 * number - np.eye(8)) for number in n]
    return np.asarray(h, dtype=complex), jumps


def _is(occupied: int, number: Complex) -> Complex:
    return number if occupied else np.eye(len(number)) - number


def steady_of(machine: tuple[Complex, Mapping[int, Sequence[Jump]]]) -> Complex:
    """Steady state of `three_qubits`, shape (..., 8, 8)."""
    h, jumps = machine
    return second.steady(h, [jump for part in jumps.values() for jump in part])


def first_pair(rho: Complex) -> Complex:
    """Qubits 1 and 2 of three, shape (..., 4, 4)."""
    split = rho.reshape(*rho.shape[:-2], 4, 2, 4, 2)
    return np.asarray(split[..., 0, :, 0] + split[..., 1, :, 1])


def redfield(
    p: Mapping[str, Any], *, electrons: bool = False, band: float = np.inf, raised: float = 0.0
) -> Complex:
    """Steady state of the Redfield equation: couplings inside the jumps, coherences between jumps kept, shape (8, 8).

    Parameters
    ----------
    p : mapping
        Of `three_qubits`, at eps = 1 and without dephasing.
    electrons : bool
        Signs of the Jordan-Wigner strings, qubit 3 last.
    band : float
        Half-width of the flat bands; where it is finite, the principal values (Lamb shifts) are kept.
    raised : float
        Added to the gap of qubit 1.
    """
    h, _ = three_qubits(**p, electrons=electrons)
    string = np.eye(8, dtype=complex)
    if electrons:
        string = (string - 2 * second.number(0, 3)) @ (string - 2 * second.number(1, 3))
    baths = [
        (second.lower(0, 3), p["gamma_1"], p["T_1"], p["mu"]),
        (second.lower(2, 3) @ string, p["gamma_3"], p["T_3"], p.get("mu_3", 0.0)),
    ]
    return second.null(redfield_liouvillian(h + raised * second.number(0, 3), baths, band))


def second_order(p: Mapping[str, Any], width: float, *, raised: float = 0.0) -> Complex:
    """Steady state of electrons by the second-order von Neumann equation, shape (8, 8).

    Parameters
    ----------
    p : mapping
        Of `three_qubits`, at eps = 1 and without dephasing.
    width : float
        Half width of the Lorentzian bands, which lie around the chemical potentials.
    raised : float
        Added to the gap of qubit 1.
    """
    h, _ = three_qubits(**p, electrons=True)
    string = (np.eye(8) - 2 * second.number(0, 3)) @ (np.eye(8) - 2 * second.number(1, 3))
    leads = tuple(
        FermionicLead(
            name=name, operator=down, gamma=p[f"gamma_{name}"], T=p[f"T_{name}"], mu=mu, width=width
        )
        for name, down, mu in (
            (1, second.lower(0, 3), p["mu"]),
            (3, second.lower(2, 3) @ string, p.get("mu_3", 0.0)),
        )
    )
    system = OpenSystem(h + raised * second.number(0, 3), leads)
    return von_neumann.steady_state(system, EXPANSION).state


def redfield_liouvillian(
    h: Complex, baths: Sequence[tuple[Complex, float, float, float]], band: float = np.inf
) -> Complex:
    """Redfield equation of fermionic reservoirs (lowering operator, rate, temperature, potential), row-major."""
    energies, states = np.linalg.eigh(h)
    total, one = second.liouvillian(h, []), np.eye(len(h))
    # energy that the jump |a><b| takes from the reservoir
    gained = energies[:, None] - energies[None, :]
    for down, rate, T, potential in baths:
        for jump, sign in ((down.conj().T, 1), (down, -1)):
            inside = (states.conj().T @ jump @ states) * _half_sided(sign * gained, potential, T, band, sign)
            weight = rate * (states @ inside @ states.conj().T)
            flow = np.kron(weight, jump.conj()) - np.kron(jump.conj().T @ weight, one)
            total = total + (flow + _mirrored(flow)) / 2
    return np.asarray(total)


def _half_sided(energy: Array, potential: float, T: float, band: float, sign: int) -> Complex:
    """Occupation (or its complement, sign -1) and, for a finite band, its principal value over pi."""
    real = fermi(sign * (energy - potential), T)
    if not np.isfinite(band):
        return np.asarray(real, dtype=complex)
    z = 0.5 + 1j * (energy - potential) / (2 * np.pi * T)
    return np.asarray(real + 1j / np.pi * (digamma(z).real + el.log(2 * np.pi * T / (band + sign * energy))))


def _mirrored(superoperator: Complex) -> Complex:
    """The Hermitian conjugate of what a superoperator makes of Hermitian states, row-major."""
    d = round(len(superoperator) ** 0.5)
    split = superoperator.reshape(d, d, d, d).conj()
    return np.asarray(split.transpose(1, 0, 3, 2).reshape(d * d, d * d))


# ---- the limit U = inf: no state with two excited neighbours ------------------------------------


@dataclass(frozen=True, eq=False)
class Blockade:
    """Qubits that never hold two excited neighbours, what eq. (3) leaves of a machine.

    Parameters
    ----------
    states : tuple of tuple of int
        Excited qubits (counted from 0) of every basis state.
    h : ndarray, shape (..., d, d)
    jumps : list of (rate, operator)
    """

    states: tuple[tuple[int, ...], ...]
    h: Complex
    jumps: list[Jump]

    def steady(self) -> Complex:
        """Steady state, shape (..., d, d)."""
        return second.steady(self.h, self.jumps)

    def nullity(self) -> NDArray[np.intp]:
        """Dimension of the kernel, shape (...)."""
        return nullity(self.h, self.jumps)

    def vector(self, amplitudes: Sequence[ArrayLike]) -> Complex:
        """State of one excitation shared by the first qubits, normalised, shape (..., d)."""
        parts = np.broadcast_arrays(*(np.asarray(a, dtype=complex) for a in amplitudes))
        out = np.zeros((*parts[0].shape, len(self.states)), dtype=complex)
        for site, part in enumerate(parts):
            out[..., self.states.index((site,))] = part
        return np.asarray(out / np.linalg.norm(out, axis=-1, keepdims=True))

    def from_empty(self, time: float) -> Complex:
        """State at one time after all qubits were empty, shape (d, d)."""
        rho = np.zeros((len(self.states),) * 2, dtype=complex)
        rho[0, 0] = 1.0
        return evolved(self.h, self.jumps, rho, time)


def overlap(rho: Complex, vector: Complex) -> Array:
    """``<vector|rho|vector>``, shape (...)."""
    ket = vector[..., :, None]
    return np.asarray(matrices.product(matrices.adjoint(ket), rho, ket)[..., 0, 0].real)


def blockade(
    m: int,
    couplings: Sequence[Coupling],
    baths: Mapping[int, tuple[ArrayLike, ArrayLike]],
    *,
    bonds: Sequence[tuple[int, int]] | None = None,
    energies: Mapping[int, ArrayLike] | None = None,
) -> Blockade:
    """Machine of m qubits at U = inf along the bonds (all pairs by default).

    Parameters
    ----------
    m : int
    couplings : sequence of (site, site, g)
        ``g |site><site'| + h.c.``; g may be complex.
    baths : mapping of site to (filling rate, emptying rate)
    bonds : sequence of (site, site), optional
    energies : mapping of site to energy, optional
        Counted from the common gap, which turns no state of interest.
    """
    pairs = {frozenset(b) for b in (combinations(range(m), 2) if bonds is None else bonds)}
    words = [tuple(k for k in range(m) if word[k]) for word in product((0, 1), repeat=m)]
    allowed = [w for w in words if not any(frozenset((i, j)) in pairs for i in w for j in w if i < j)]
    states = tuple(sorted(allowed, key=lambda w: (len(w), w)))
    values = [np.asarray(g, dtype=complex) for *_, g in couplings]
    levels = {k: np.asarray(e, dtype=complex) for k, e in (energies or {}).items()}
    shape = np.broadcast_shapes(*(a.shape for a in [*values, *levels.values()]))
    h = np.zeros((*shape, len(states), len(states)), dtype=complex)
    for (i, j, _), g in zip(couplings, values, strict=True):
        hop = _moves(states, {j}, {i})
        h += g[..., None, None] * hop + np.conj(g)[..., None, None] * hop.T
    for k, level in levels.items():
        h += level[..., None, None] * np.diag([float(k in state) for state in states])
    jumps: list[Jump] = []
    for site, (fill, empty) in baths.items():
        up = _moves(states, set(), {site}).astype(complex)
        jumps += [(np.asarray(fill, dtype=float), up), (np.asarray(empty, dtype=float), up.T)]
    return Blockade(states, h, jumps)


def _moves(states: Sequence[tuple[int, ...]], leave: set[int], enter: set[int]) -> Array:
    """Matrix that empties the qubits `leave` and fills the qubits `enter`, within the states."""
    out = np.zeros((len(states),) * 2)
    for column, state in enumerate(states):
        if leave <= set(state) and not enter & set(state):
            target = tuple(sorted((set(state) - leave) | enter))
            if target in states:
                out[states.index(target), column] = 1.0
    return out


def triangle_bonds(n: int) -> list[tuple[int, int]]:
    """Bonds of the machine of 2n - 1 qubits, within its triangles."""
    found = []
    for j in range(1, n):
        found += [(0, j), (0, n - 1 + j), (j, n - 1 + j)]
    return found


def star(
    n: int,
    g_first: Sequence[ArrayLike],
    g_own: Sequence[ArrayLike],
    fill_1: ArrayLike,
    sinks: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    triangles: bool = False,
) -> Blockade:
    """The machine of figure 4 at U = inf: couplings, filling of qubit 1, (filling, emptying) of every sink."""
    couplings: list[Coupling] = []
    for j in range(1, n):
        couplings += [(0, n - 1 + j, g_first[j - 1]), (j, n - 1 + j, g_own[j - 1])]
    baths: dict[int, tuple[ArrayLike, ArrayLike]] = {0: (fill_1, 0.0)}
    baths |= {n - 1 + j: sinks[j - 1] for j in range(1, n)}
    return blockade(2 * n - 1, couplings, baths, bonds=triangle_bonds(n) if triangles else None)
