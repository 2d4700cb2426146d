"""Machines that prepare W_n with few qubits and sinks, in the limit of eq. (3): their speed and their faults.

The limit leaves the empty machine and one excitation at one of the qubits (khandelwal2025, figure 1b), so that a
machine of N qubits has N + 1 states: state 0 is empty, state i + 1 has qubit i excited.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations, pairwise
from typing import Any, Final, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from qte.common import matrices
from qte.common import parameters as check
from qte.physics.baths import Bath
from qte.physics.generators import Channel, Generator, Term
from qte.physics.operators import Operator
from qte.solver.blocks import from_unknowns
from qte.solver.dynamics import liouvillian_gap
from qte.solver.steady import steady_state

Array = NDArray[np.float64]
# Two qubits and their coupling in units of the scheme.
Bond: TypeAlias = tuple[int, int, int]

# Accuracy of the gaps; blocks of many unknowns leave less than the 12 digits of small ones.
GAP: Final = 1e-9


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """A machine for W_n: qubits 0 ... n-1 share the excitation, the sinks follow; qubit 0 is filled.

    Parameters
    ----------
    n, sinks : int
    bonds : tuple of (int, int, int)
    lifts : tuple of int, length n + sinks
        Gaps of the qubits above the common one.
    parts_of_g : int
        Couplings and lifts are whole numbers of g over so much.
    """

    n: int
    sinks: int
    bonds: tuple[Bond, ...]
    lifts: tuple[int, ...]
    parts_of_g: int = 1

    @property
    def qubits(self) -> int:
        """All qubits N of the machine."""
        return self.n + self.sinks

    @cached_property
    def amplitudes(self) -> Array:
        """W_n with the signs of eq. (12) on the machine's states, shape (N + 1,)."""
        signs = np.zeros(self.qubits + 1)
        signs[1], signs[2 : self.n + 1] = 1.0, -1.0
        return np.asarray(signs / np.sqrt(float(self.n)))

    def one_excitation(self) -> list[list[int]]:
        """Hamiltonian of one excitation in whole numbers, N rows of N."""
        rows = [[0] * self.qubits for _ in range(self.qubits)]
        for site, lift in enumerate(self.lifts):
            rows[site][site] = lift
        for i, j, coupling in self.bonds:
            rows[i][j] = rows[j][i] = coupling
        return rows

    def dark_states(self) -> int:
        """Number of states of one excitation that never reach a sink, without rounding."""
        return unseen(self.one_excitation(), range(self.n, self.qubits))


def branches(n: int, sinks: int) -> Scheme:
    """Qubits 1 ... n-1 in chains, each hanging on a sink of its own that couples its first qubit to qubit 0.

    ``sinks = n - 1`` are the triangles of khandelwal2025, figure 4; ``sinks = 1`` is one chain, the sink its second
    site.  Qubits in the middle of a chain are lowered by 2g and those at its ends by g, so that W_n has one energy.
    """
    bonds: list[Bond] = []
    lifts = [0] * (n + sinks)
    for number, chain in enumerate(np.array_split(np.arange(1, n), sinks)):
        members = [int(site) for site in chain]
        bonds += [(0, n + number, 1), (members[0], n + number, 1)]
        for left, right in pairwise(members):
            bonds.append((left, right, 1))
            lifts[left] -= 1
            lifts[right] -= 1
    return Scheme(n=n, sinks=sinks, bonds=tuple(bonds), lifts=tuple(lifts))


def ring(n: int) -> Scheme:
    """A sink a qubit: sink j couples qubits j and j + 1 around a ring."""
    bonds: list[Bond] = []
    for j in range(n):
        # neighbours of one sign in W_n are dark if their couplings have different signs
        other = (j + 1) % n
        bonds += [(j, n + j, 1), (other, n + j, 1 if 0 in (j, other) else -1)]
    return Scheme(n=n, sinks=n, bonds=tuple(bonds), lifts=(0,) * (2 * n))


def tuned(percent: Sequence[float]) -> Scheme:
    """One sink and couplings between all n qubits: what a search for the largest gap finds.

    Parameters
    ----------
    percent : sequence of float
        Percent of g: how strongly every two of the n qubits are held to W_n (each pair lifts its two gaps by its
        coupling), the couplings of the sink to the n qubits, of sum 0, each with the sign that the qubit has in W_n,
        and the lift of the sink.

    Raises
    ------
    ParameterError
        No n has so many numbers; a number that is not whole; couplings of the sink that do not add up to 0.
    """
    given = np.asarray(percent, dtype=float)
    n = round((np.sqrt(8.0 * given.size - 7.0) - 1) / 2)
    fits = n >= 2 and n * (n - 1) // 2 + n + 1 == given.size
    check.require("tuned", given.size, np.asarray(fits), "hold n(n - 1)/2 + n + 1 numbers")
    check.require("tuned", given, given == np.round(given), "be whole numbers of percent")
    numbers = [int(number) for number in given]
    to_sink = numbers[-n - 1 : -1]
    check.require("tuned", sum(to_sink), np.asarray(sum(to_sink) == 0), "couple the sink with a sum of 0")
    lifts = [0] * n + [numbers[-1]]
    signs = [1] + [-1] * (n - 1)
    bonds: list[Bond] = [(i, n, signs[i] * coupling) for i, coupling in enumerate(to_sink)]
    for (i, j), held in zip(combinations(range(n), 2), numbers, strict=False):
        bonds.append((i, j, -signs[i] * signs[j] * held))
        lifts[i] += held
        lifts[j] += held
    return Scheme(n=n, sinks=1, bonds=tuple(bonds), lifts=tuple(lifts), parts_of_g=100)


SCHEMES: Final[Mapping[str, Callable[[int], Scheme]]] = {
    "triangles": lambda n: branches(n, n - 1),
    "ring": ring,
    "pairs": lambda n: branches(n, n // 2),
    "chain": lambda n: branches(n, 1),
}


def unseen(matrix: Sequence[Sequence[int]], sites: Sequence[int]) -> int:
    """Dimension of the largest space that a matrix of whole numbers keeps and in which no vector has the sites.

    The kernel of all ``<site| H^k``: what Kalman calls unobservable.  Whole numbers and fraction-free elimination.
    """
    size = len(matrix)
    found: list[list[int]] = []
    pending = [[int(k == site) for k in range(size)] for site in sites]
    while pending:
        row = _reduced(pending.pop(), found)
        if any(row):
            found.append(row)
            pending.append(
                [sum(a * line[k] for a, line in zip(row, matrix, strict=True)) for k in range(size)]
            )
    return size - len(found)


def _reduced(row: Sequence[int], found: Sequence[Sequence[int]]) -> list[int]:
    """What is left of a row after those found have cleared their first entries, without a common factor."""
    left = [int(entry) for entry in row]
    for other in found:
        place = next(k for k, entry in enumerate(other) if entry)
        if left[place]:
            top, bottom = other[place], left[place]
            left = [top * a - bottom * b for a, b in zip(left, other, strict=True)]
    divisor = int(np.gcd.reduce(np.array(left, dtype=object)))
    return [entry // divisor for entry in left] if divisor else left


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Couplings and reservoirs: qubit 0 is filled at the rate gamma, sinks meet a Fermi bath at mu = 0.

    Parameters
    ----------
    eps, g, gamma, T : float
    """

    eps: float
    g: float
    gamma: float
    T: float

    @cached_property
    def rates(self) -> tuple[float, float]:
        """Rates at which a sink is filled and emptied."""
        down, up = Bath(self.T, self.gamma, "fermi").rates(self.eps)
        return float(up), float(down)


@dataclass(frozen=True, kw_only=True, eq=False)
class Faults:
    """What a device has and its scheme has not.

    Parameters
    ----------
    couplings : array_like, shape (...) or (bonds, ...)
        Relative errors of the couplings.
    gaps : array_like, shape (...) or (N, ...)
        Errors of the gaps, in units of g.
    dephasing : array_like, shape (...)
        Rate of ``D[sigma_z]`` on every qubit, in units of g.
    reset : array_like, shape (...)
        Rate at which W_n is emptied, in units of g.
    """

    couplings: ArrayLike = 0.0
    gaps: ArrayLike = 0.0
    dephasing: ArrayLike = 0.0
    reset: ArrayLike = 0.0


IDEAL: Final = Faults()


def master_equation(scheme: Scheme, around: Surroundings, faults: Faults = IDEAL) -> Generator:
    """Generator on the N + 1 states, of the shape that the faults broadcast to."""
    size, g, unit = scheme.qubits + 1, around.g, around.g / scheme.parts_of_g
    fill, empty = around.rates
    channels = [Channel.of(1, around.gamma, _unit(size, 1, 0), +1)]
    for site in range(scheme.n, scheme.qubits):
        channels.append(Channel.of(site + 1, fill, _unit(size, site + 1, 0), +1))
        channels.append(Channel.of(site + 1, empty, _unit(size, 0, site + 1), -1))
    if np.any(faults.reset):
        emptied = sp.csr_array(np.outer(np.eye(size)[0], scheme.amplitudes))
        channels.append(Channel.of("reset", g * np.asarray(faults.reset), emptied, -1))
    if np.any(faults.dephasing):
        rate = g * np.asarray(faults.dephasing)
        sigma_z = [2 * _unit(size, site, site) - sp.eye_array(size) for site in range(1, size)]
        channels += [Channel.of(None, rate, sp.csr_array(z)) for z in sigma_z]
    shifts, errors = _each(faults.gaps, scheme.qubits), _each(faults.couplings, len(scheme.bonds))
    levels, hops = parts(scheme)
    terms = [
        Term.of(unit * lift + g * shift, level)
        for lift, shift, level in zip(scheme.lifts, shifts, levels, strict=True)
    ]
    terms += [Term.of(unit * (1 + error), hop) for error, hop in zip(errors, hops, strict=True)]
    return Generator(tuple(terms), tuple(channels))


@cache
def parts(scheme: Scheme) -> tuple[list[Operator], list[Operator]]:
    """Operators of the gaps, qubit by qubit, and of the couplings, bond by bond in units of the scheme."""
    size = scheme.qubits + 1
    levels = [_unit(size, site, site) for site in range(1, size)]
    hops = [
        float(coupling) * (_unit(size, i + 1, j + 1) + _unit(size, j + 1, i + 1))
        for i, j, coupling in scheme.bonds
    ]
    return levels, hops


def _each(errors: ArrayLike, count: int) -> list[Array]:
    """Errors of `count` parts, each an array of the grid's shape."""
    given = np.asarray(errors, dtype=float)
    return list(given) if given.ndim else [given] * count


@cache
def _unit(size: int, row: int, column: int) -> Operator:
    """|row><column|."""
    return sp.csr_array(([1.0], ([row], [column])), shape=(size, size))


def fidelity(scheme: Scheme, rho: Any) -> Array:
    """``<W_n|rho|W_n>``, shape (...)."""
    w = scheme.amplitudes
    pairs = [(i, j) for i in np.flatnonzero(w) for j in np.flatnonzero(w)]
    return np.asarray(sum(w[i] * w[j] * rho[..., i, j].real for i, j in pairs))


def steady_fidelity(scheme: Scheme, equation: Generator) -> Array:
    """That of the steady state, shape (...); doubles have the digits of such a sum."""
    rho = from_unknowns(steady_state(equation).doubles, equation.dim)
    return fidelity(scheme, rho.reshape(*equation.shape, *rho.shape[-2:]))


def exchanging(scheme: Scheme, ratio: ArrayLike) -> Faults:
    """The exchange between the n qubits, and the lifts that go with it, times a ratio of shape (...)."""
    more = np.asarray(ratio, dtype=float) - 1.0
    inside = [float(max(i, j) < scheme.n) for i, j, _ in scheme.bonds]
    lifts = np.array(scheme.lifts) / scheme.parts_of_g
    return Faults(couplings=np.multiply.outer(inside, more), gaps=np.multiply.outer(lifts, more))


def time_and_dephasing(
    scheme: Scheme, around: Surroundings, dephasing: float, exchange: ArrayLike = 1.0
) -> tuple[Array, Array]:
    """Mean time from the empty machine to W_n, and the infidelity that a rate of dephasing over g leaves, (...) each.

    W_n is dark: once reached, it stays.  A machine that is emptied at the rate r when it is in W_n is there for 1/r
    and away for the time that is looked for, in turns.

    Parameters
    ----------
    scheme : Scheme
    around : Surroundings
    dephasing : float
    exchange : array_like, shape (...)
        Exchange between the n qubits over that of the scheme.
    """
    ratios = np.asarray(exchange, dtype=float)[..., None]
    faults = dataclasses.replace(
        exchanging(scheme, ratios), reset=np.array([1.0, 0.0]), dephasing=np.array([0.0, dephasing])
    )
    inside = steady_fidelity(scheme, master_equation(scheme, around, faults))
    return (1 / inside[..., 0] - 1) / around.g, 1 - inside[..., 1]


def gap(scheme: Scheme, around: Surroundings) -> float:
    """Slowest decay rate of the machine, whatever it starts from."""
    return float(liouvillian_gap(master_equation(scheme, around), accuracy=GAP))


def gap_ceiling(scheme: Scheme, around: Surroundings) -> float:
    """A bound of the gap of every machine with as many qubits and sinks, whatever its couplings and gaps.

    All states but W_n together decay at the rate at which the sinks are emptied, so that the slowest has its share of
    it or less; its coherence with W_n, which lives for ever, decays half as fast.
    """
    return scheme.sinks * around.rates[1] / (2 * (scheme.qubits - 1))


def loss_of_errors(
    scheme: Scheme, around: Surroundings, time: ArrayLike, exchange: ArrayLike = 1.0
) -> tuple[Array, Array]:
    """Infidelity over the mean square of independent errors: of all couplings (relative), of all gaps (over g).

    To lowest order.  An error V admixes ``x = -H_eff^-1 V W_n`` to the dark state of energy 0, where H_eff is H with
    the decay through the sinks: so much is missing at once, and what of x decays through a sink is away for the `time`
    that the empty machine takes to come back.

    Parameters
    ----------
    scheme : Scheme
    around : Surroundings
    time : array_like, shape (...)
        Of `time_and_dephasing`.
    exchange : array_like, shape (...)
    """
    w, size = scheme.amplitudes, scheme.qubits + 1
    equation = master_equation(scheme, around, exchanging(scheme, exchange))
    sinks = np.arange(size) > scheme.n
    # W_n and the empty machine are not reached: any energy will do for them
    real = equation.hamiltonian_matrix.real + np.multiply.outer(w, w) + np.diag(np.eye(size)[0])
    decay = np.broadcast_to(np.diag(around.rates[1] / 2 * sinks), real.shape)
    both = np.concatenate(
        [np.concatenate([real, decay], axis=-1), np.concatenate([-decay, real], axis=-1)], axis=-2
    )
    levels, hops = equation.hamiltonian[: scheme.qubits], equation.hamiltonian[scheme.qubits :]
    found = []
    for wrong in ([Term.of(around.g, level.operator) for level in levels], list(hops)):
        kicks = np.stack([_kick(term, w, equation.shape) for term in wrong], axis=-1)
        right = np.concatenate([-kicks, np.zeros_like(kicks)], axis=-2)
        flat = (-1, 2 * size)
        admixed = matrices.solve(both.reshape(*flat, 2 * size), right.reshape(*flat, len(wrong)))
        missing = (admixed[:, :size] ** 2 + admixed[:, size:] ** 2).sum(axis=2).reshape(*equation.shape, size)
        away = sum(missing[..., k] for k in np.flatnonzero(sinks))
        found.append(sum(missing[..., k] for k in range(size)) + around.rates[1] * np.asarray(time) * away)
    return np.asarray(found[1]), np.asarray(found[0])


def _kick(term: Term, w: Array, shape: tuple[int, ...]) -> Array:
    """A term of H on W_n, without what only turns its phase, shape (..., d)."""
    turned = matrices.product(term.operator.toarray(), w[:, None])
    rest = turned[:, 0] - matrices.product(w[None], turned)[0, 0] * w
    return np.asarray(np.broadcast_to(term.coefficient, shape)[..., None] * rest)
