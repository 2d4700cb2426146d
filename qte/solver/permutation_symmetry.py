"""Steady states of many qubits whose equations are the same after a permutation of basis states.

A unique steady state has every symmetry of its generator.  So if permutations of
the basis states, proposed by the machine and checked here entry by entry, leave
the generator alone, rho_ij is one number on each orbit of pairs (i, j), and only
one equation an orbit has to be written down: 10 395 instead of 705 432 for the W
machine of 11 qubits.  Rows are assembled one by one from the jump operators; the
superoperator is never formed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, gmres, spilu

from qte.common.errors import IllConditioned
from qte.physics.generators import Channel, Generator
from qte.physics.operators import Operator
from qte.solver.limits import ORBITS_LIMIT
from qte.solver.phase_symmetry import charges

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.intp]

# Smallest pivot, relative to the largest, that is told from zero.
SINGULAR = 1e-19
# Entries an incomplete LU leaves out, relative to their column, one try after the other.
DROPPED = (1e-2, 1e-3)
# Residual of trace 1 to end with, and rounds of GMRES to get there.
SETTLED, ROUNDS = 1e-14, 8


@dataclass(frozen=True, eq=False)
class Orbits:
    """Pairs (i, j) of basis states, sorted into orbits.

    Parameters
    ----------
    first, second : ndarray of int, shape (pairs,)
        The pairs that a steady state can have entries at.
    label : ndarray of int, shape (pairs,)
        Orbit of each pair.
    number : ndarray of int, shape (d, d)
        Number of each pair, -1 where a steady state has no entry.
    """

    first: Index
    second: Index
    label: Index
    number: Index

    @property
    def representatives(self) -> Index:
        """One pair of every orbit, by its number."""
        return np.unique(self.label, return_index=True)[1]


@dataclass(frozen=True, eq=False)
class _Point:
    """A generator at one grid point: ``H - i sum(rate A^+ A)/2`` and the jumps by the row they land in."""

    effective: Operator
    channel: Index
    source: Index
    amplitude: Complex
    rate: Array


def applies(generator: Generator) -> bool:
    """Whether every channel is ``rate * D[A]`` with one constant operator A."""
    return all(c.partner is None and len(c.jump) == 1 for c in generator.channels)


def is_symmetry(generator: Generator, permutation: Index) -> bool:
    """Whether renaming the basis states i -> permutation[i] gives the same generator, exactly."""
    for term in generator.hamiltonian:
        moved = sp.csr_array(term.operator)[permutation][:, permutation]
        if abs(moved - term.operator).max() != 0:
            return _hamiltonian_moves(generator, permutation) and _channels_move(generator, permutation)
    return _channels_move(generator, permutation)


def _hamiltonian_moves(generator: Generator, permutation: Index) -> bool:
    """Whether the sum of the terms stays, though single terms may go over into one another."""
    for point in range(int(np.prod(generator.shape, dtype=int))):
        h = generator.hamiltonian_at(point)
        if abs(h[permutation][:, permutation] - h).max() != 0:
            return False
    return True


def _channels_move(generator: Generator, permutation: Index) -> bool:
    inverse = np.argsort(permutation)

    def key(channel: Channel, names: Index) -> tuple[bytes, ...]:
        entries = sp.coo_array(channel.jump[0].operator)
        rows, columns = names[entries.row], names[entries.col]
        order = np.lexsort((columns, rows))
        rate = np.asarray(channel.rate * channel.jump[0].coefficient ** 2, dtype=float)
        data = entries.data[order].astype(complex)
        return rows[order].tobytes(), columns[order].tobytes(), data.tobytes(), rate.tobytes()

    same = np.arange(generator.dim)
    before = sorted(key(c, same) for c in generator.channels)
    return before == sorted(key(c, inverse) for c in generator.channels)


def orbits(generator: Generator, permutations: Sequence[Index]) -> Orbits:
    """Orbits of the pairs with equal charges under permutations of the basis states."""
    charge = charges(generator)
    _, group = np.unique(np.round(charge, 6), axis=0, return_inverse=True)
    group = group.reshape(-1)
    first, second = np.nonzero(group[:, None] == group[None, :])
    dim = generator.dim
    number = np.full((dim, dim), -1, dtype=np.intp)
    number[first, second] = np.arange(len(first))
    here = np.arange(len(first))
    links = [number[p[first], p[second]] for p in permutations]
    graph = sp.coo_array(
        (
            np.ones(len(here) * len(links), dtype=bool),
            (np.tile(here, len(links)), np.concatenate([np.empty(0, np.intp), *links])),
        ),
        shape=(len(here),) * 2,
    )
    label = sp.csgraph.connected_components(graph, directed=False)[1].astype(np.intp) if links else here
    return Orbits(first, second, label, number)


def seconds(count: int) -> float:
    """Rough time that the equations of so many orbits take: a cube by LU, a square by GMRES."""
    return 3e-11 * float(count) ** 3 if count <= ORBITS_LIMIT else 8e-9 * float(count) ** 2


def steady(generator: Generator, point: int, found: Orbits) -> tuple[Complex, float]:
    """Density matrix (d, d) at one grid point, and the backward error of its equations.

    Raises
    ------
    IllConditioned
        The equations are singular, or GMRES does not converge.
    """
    equations = _Equations.of(_at(generator, point), found)
    x = equations.solve()
    residual = np.abs(equations.matrix @ x)
    size = abs(equations.matrix).sum(axis=1) * np.abs(x).max()
    error = float(np.max(residual / np.where(size > 0, size, 1.0)))
    rho = np.zeros((generator.dim,) * 2, dtype=complex)
    rho[found.first, found.second] = equations.values(x)[found.label]
    return rho, error


@dataclass(frozen=True, eq=False)
class _Equations:
    """Real equations of the orbits: real parts, then imaginary parts.

    Parameters
    ----------
    matrix : sparse, shape (n, n)
    trace : ndarray, shape (n,)
        Weights of the unknowns in the trace.
    real, imaginary : ndarray of int, shape (orbits,)
        Unknown that holds each part of an orbit's value; -1 for an imaginary part that is 0.
    sign : ndarray, shape (orbits,)
        -1 where the orbit's value is the conjugate of what the unknowns hold.
    """

    matrix: Operator
    trace: Array
    real: Index
    imaginary: Index
    sign: Array

    @classmethod
    def of(cls, point: _Point, found: Orbits) -> _Equations:
        chosen = found.representatives
        i, j = found.first[chosen], found.second[chosen]
        mirror = found.label[found.number[j, i]]
        own = np.arange(len(chosen))
        kept = np.flatnonzero(own <= mirror)
        paired = kept[kept < mirror[kept]]
        real, imaginary = np.full(len(chosen), -1), np.full(len(chosen), -1)
        real[kept] = np.arange(len(kept))
        imaginary[paired] = len(kept) + np.arange(len(paired))
        late = own > mirror
        real[late], imaginary[late] = real[mirror[late]], imaginary[mirror[late]]
        sign = np.where(late, -1.0, 1.0)

        row, k, m, value = _rows(point, i[kept], j[kept])
        orbit = found.label[found.number[k, m]]
        x, y = real[orbit], imaginary[orbit]
        turned = sign[orbit] * 1j * value
        below = imaginary[kept][row]
        parts = [(row, x, value.real), (row, y, turned.real), (below, x, value.imag), (below, y, turned.imag)]
        rows, columns, data = (np.concatenate([p[q] for p in parts]) for q in range(3))
        inside = (rows >= 0) & (columns >= 0) & (data != 0)
        size = len(kept) + len(paired)
        matrix = sp.csr_array((data[inside], (rows[inside], columns[inside])), shape=(size, size))
        populations = found.first == found.second
        trace = np.bincount(real[found.label[populations]], minlength=size).astype(float)
        return cls(matrix, trace, real, imaginary, sign)

    def values(self, x: Array) -> Complex:
        """Value of every orbit, shape (orbits,)."""
        imaginary = np.where(self.imaginary >= 0, x[self.imaginary], 0.0)
        return np.asarray(x[self.real] + 1j * self.sign * imaginary)

    def solve(self) -> Array:
        """Unknowns of trace 1, by dense LU or, of very many, by GMRES."""
        scale = abs(self.matrix).max()
        # the equations of the populations add up to 0: one of them gives way to the trace
        gone = int(np.argmax(self.trace))
        keep = sp.diags_array(np.where(np.arange(len(self.trace)) == gone, 0.0, 1.0 / scale))
        row = sp.csr_array((self.trace[None] != 0) * self.trace[None])
        unit = sp.csr_array(([1.0], ([gone], [0])), shape=(len(self.trace), 1))
        system = sp.csc_array(keep @ self.matrix + unit @ row)
        right = unit.toarray()[:, 0]
        return _dense_solution(system, right) if len(right) <= ORBITS_LIMIT else _iterated(system, right)


def _dense_solution(system: Operator, right: Array) -> Array:
    """LU with one step of refinement."""
    dense = system.toarray(order="F")
    factors = scipy.linalg.lu_factor(dense, overwrite_a=True, check_finite=False)
    pivots = np.abs(np.diagonal(factors[0]))
    if not pivots.min() > SINGULAR * pivots.max():
        raise IllConditioned("The equations of the orbits are singular to round-off")
    x = scipy.linalg.lu_solve(factors, right, check_finite=False)
    return np.asarray(x + scipy.linalg.lu_solve(factors, right - system @ x, check_finite=False))


def _iterated(system: Operator, right: Array) -> Array:
    """GMRES with an incomplete LU as preconditioner, a finer one where a coarse one fails."""
    for dropped in DROPPED:
        try:
            coarse = spilu(system, drop_tol=dropped, fill_factor=10)
        except RuntimeError:  # a pivot is 0
            continue
        preconditioner = LinearOperator(system.shape, coarse.solve)
        x, size = np.zeros_like(right), 1.0
        for _ in range(ROUNDS):
            step, _ = gmres(
                system, (right - system @ x) / size, M=preconditioner, rtol=1e-8, restart=60, maxiter=3
            )
            x = x + size * step
            size = float(np.abs(right - system @ x).max())
            if size <= SETTLED:
                return np.asarray(x)
    raise IllConditioned("GMRES does not converge on the equations of the orbits")


def _rows(point: _Point, i: Index, j: Index) -> tuple[Index, Index, Index, Complex]:
    """Entries of the equations of rho_ij: (row, k, m, value) with d rho_ij/dt = sum value rho_km."""
    here = np.arange(len(i))
    effective = point.effective
    parts = []
    for own, left in ((i, True), (j, False)):
        counts = np.diff(effective.indptr)[own]
        row = np.repeat(here, counts)
        place = np.repeat(effective.indptr[own] - np.cumsum(counts) + counts, counts) + np.arange(
            counts.sum()
        )
        to, value = effective.indices[place], -1j * effective.data[place]
        parts.append((row, to, j[row], value) if left else (row, i[row], to, value.conj()))
    same = (point.channel[i][:, :, None] == point.channel[j][:, None, :]) & (point.channel[i] >= 0)[
        :, :, None
    ]
    row, a, b = np.nonzero(same)
    ends = i[row], j[row]
    gain = point.amplitude[ends[0], a] * point.amplitude[ends[1], b].conj()
    gain = gain * point.rate[point.channel[ends[0], a]]
    parts.append((row, point.source[ends[0], a], point.source[ends[1], b], gain))
    columns = [np.concatenate([part[q] for part in parts]) for q in range(4)]
    return columns[0], columns[1], columns[2], columns[3]


def _at(generator: Generator, point: int) -> _Point:
    dim = generator.dim
    rates = [
        float(np.broadcast_to(c.rate * c.jump[0].coefficient ** 2, generator.shape).flat[point])
        for c in generator.channels
    ]
    entries = [sp.coo_array(c.jump[0].operator) for c in generator.channels]
    channel = np.repeat(np.arange(len(entries)), [e.nnz for e in entries])
    row = np.concatenate([e.row for e in entries]).astype(np.intp)
    column = np.concatenate([e.col for e in entries]).astype(np.intp)
    amplitude = np.concatenate([e.data for e in entries]).astype(complex)
    rate = np.array(rates)
    stacked = sp.csr_array(
        (np.sqrt(rate[channel]) * amplitude, (channel * dim + row, column)), shape=(len(entries) * dim, dim)
    )
    effective = sp.csr_array(generator.hamiltonian_at(point) - 0.5j * (stacked.conj().T @ stacked))
    # entries by the row they land in, padded to equal length
    order = np.argsort(row, kind="stable")
    counts = np.bincount(row, minlength=dim)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    shape = (dim, int(counts.max(initial=0)))
    by_row = row[order], place
    padded = np.full(shape, -1, dtype=np.intp), np.zeros(shape, dtype=np.intp), np.zeros(shape, dtype=complex)
    for array, values in zip(padded, (channel, column, amplitude), strict=True):
        array[by_row] = values[order]
    return _Point(effective, *padded, rate)
