"""The equations of motion in a real basis, and the exact blocks they fall into.

A state of dimension d has d**2 real unknowns: the populations rho_ii, then
Re rho_ij and Im rho_ij for i < j.  In them every Hermiticity-preserving
generator is a real matrix.  Its entries over a grid are ``mixing @ coefficients``:
a constant sparse matrix times one row of coefficients a term.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qte.common import matrices
from qte.common.double_double import DoubleDouble, leading
from qte.physics.generators import Channel, Generator
from qte.physics.operators import Operator, OperatorKey
from qte.solver.limits import CHUNK, FILLED_BY_PAIRS

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pattern:
    """Where a real matrix on the unknowns has entries, and what they are made of; made once for all grids.

    Parameters
    ----------
    dim, size : int
        Dimension d of the Hilbert space; number of unknowns: d**2, or fewer of a block.
    rows, columns : ndarray of int, shape (nnz,)
    mixing : sparse, shape (nnz, k)
    """

    dim: int
    size: int
    rows: Index
    columns: Index
    mixing: Operator

    def __post_init__(self) -> None:
        # who shares it must not change it
        for array in (self.rows, self.columns, self.mixing.data, self.mixing.indices, self.mixing.indptr):
            array.flags.writeable = False

    @cached_property
    def recipes(self) -> tuple[list[Any], list[float]]:
        """Of every entry: (term, weight) with the first weight 1, and the factor before them."""
        recipes, factors = [], []
        for start, stop in zip(self.mixing.indptr[:-1], self.mixing.indptr[1:], strict=True):
            weights = self.mixing.data[start:stop]
            terms = self.mixing.indices[start:stop].tolist()
            factors.append(float(weights[0]))
            recipes.append(tuple(zip(terms, (weights / weights[0]).tolist(), strict=True)))
        return recipes, factors

    @cached_property
    def adding(self) -> Operator:
        """The matrix that adds up the entries of a row, shape (size, nnz)."""
        each = np.arange(len(self.rows))
        return sp.csr_array((np.ones(len(each)), (self.rows, each)), shape=(self.size, len(each)))

    @cached_property
    def components(self) -> list[Index]:
        """Sets of unknowns that no entry connects; several that hold populations are joined into the first."""
        graph = sp.coo_array((np.ones(len(self.rows)), (self.rows, self.columns)), shape=(self.size,) * 2)
        _, labels = sp.csgraph.connected_components(graph, directed=False)
        inside = np.isin(labels, labels[: self.dim])
        rest = [np.flatnonzero(labels == k) for k in np.unique(labels[~inside])]
        return [np.flatnonzero(inside), *rest]


@dataclass(frozen=True, eq=False)
class Superoperator:
    """A real sparse matrix on the unknowns with one pattern for the whole grid.

    Parameters
    ----------
    pattern : Pattern
    grid : tuple of int
        Shape of the grid; its points are counted in C order.
    coefficients : tuple of ndarray or DoubleDouble
        k of them, each of a shape that broadcasts to `grid`: spread out a chunk at a time.
    """

    pattern: Pattern
    grid: tuple[int, ...]
    coefficients: tuple[Any, ...]

    @property
    def dim(self) -> int:
        """Dimension d of the Hilbert space."""
        return self.pattern.dim

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return self.pattern.size

    @property
    def rows(self) -> Index:
        """Rows of the entries, shape (nnz,)."""
        return self.pattern.rows

    @property
    def columns(self) -> Index:
        """Columns of the entries, shape (nnz,)."""
        return self.pattern.columns

    @property
    def points(self) -> int:
        """Number of grid points."""
        return int(np.prod(self.grid, dtype=int))

    def values(self, points: slice = slice(None)) -> Array:
        """Entries at the grid points asked for, shape (nnz, points)."""
        start, stop, _ = points.indices(self.points)
        spread = np.empty((len(self.coefficients), stop - start))
        for row, coefficient in zip(spread, self.coefficients, strict=True):
            row[:] = _part(coefficient, self.grid, start, stop)
        return np.asarray(matrices.sparse_product(self.pattern.mixing, spread))

    def entries(self, points: slice, wanted: Sequence[bool]) -> list[Any]:
        """The entries one by one, each a row over the points or one number if it is constant.

        Equal entries are the same object and must not be changed; entries that
        are not wanted are None.
        """
        start, stop, _ = points.indices(self.points)
        terms = [_part(c, self.grid, start, stop) for c in self.coefficients]
        bare: dict[Any, Any] = {}
        known: dict[tuple[Any, float], Any] = {}
        out: list[Any] = []
        for recipe, factor, needed in zip(*self.pattern.recipes, wanted, strict=True):
            if needed and (recipe, factor) not in known:
                if recipe not in bare:
                    bare[recipe] = _combine(terms, recipe)
                known[recipe, factor] = bare[recipe] if factor == 1 else bare[recipe] * factor
            out.append(known[recipe, factor] if needed else None)
        return out

    def matrix(self, points: slice = slice(None)) -> Array:
        """Dense matrices, shape (points, size, size)."""
        values = self.values(points)
        out = np.zeros((values.shape[1], self.size, self.size))
        out[:, self.rows, self.columns] = values.T
        return out

    def matrix_along(self) -> Array:
        """The same with all points last, shape (size, size, points)."""
        out = np.zeros((self.size, self.size, self.points))
        out[self.rows, self.columns] = self.values()
        return out

    def select(self, points: Index) -> Superoperator:
        """The same equations at some points only, on a grid of one axis."""
        chosen = tuple(_gather(c, self.grid, points) for c in self.coefficients)
        return replace(self, grid=(len(points),), coefficients=chosen)

    def apply(self, vector: Array, rows: Index | None = None) -> Array:
        """Product with unknowns of shape (d**2, points); some rows only, in the order given."""
        wanted = np.arange(self.size) if rows is None else rows
        out = np.empty((len(wanted), self.points))
        for chunk, gather, terms in self._products(vector, wanted):
            out[:, chunk] = gather @ terms
        return out

    def exchange(self, vector: Array, rows: Index) -> tuple[Array, Array]:
        """`apply`, and the same with every product by its modulus: what round-off is measured against."""
        net, gross = np.empty((2, len(rows), self.points))
        for chunk, gather, terms in self._products(vector, rows):
            net[:, chunk] = gather @ terms
            gross[:, chunk] = gather @ np.abs(terms, out=terms)
        return net, gross

    def _products(self, vector: Array, wanted: Index) -> Iterator[tuple[slice, Operator, Array]]:
        """Chunk by chunk the matrix that adds up rows, and what it adds up: entry times unknown."""
        part = replace(self, pattern=_part_of(self.pattern, wanted.astype(np.intp).tobytes(), square=False))
        for start in range(0, self.points, CHUNK):
            chunk = slice(start, start + CHUNK)
            terms = part.values(chunk)
            terms *= vector[part.columns, chunk]
            yield chunk, part.pattern.adding, terms

    def restrict(self, unknowns: Index) -> Superoperator:
        """The rows and columns of some unknowns only, renumbered in the order given."""
        return replace(self, pattern=_part_of(self.pattern, unknowns.astype(np.intp).tobytes(), square=True))

    @property
    def components(self) -> list[Index]:
        """Sets of unknowns that no entry connects, that of the populations first."""
        return self.pattern.components


@lru_cache(maxsize=256)
def _part_of(pattern: Pattern, unknowns: bytes, square: bool) -> Pattern:
    """Some rows, renumbered in the order given; of a square part the same columns."""
    chosen = np.frombuffer(unknowns, dtype=np.intp)
    position = np.full(pattern.size, -1)
    position[chosen] = np.arange(len(chosen))
    rows, columns = position[pattern.rows], position[pattern.columns] if square else pattern.columns
    keep = np.flatnonzero((rows >= 0) & (columns >= 0))
    return Pattern(pattern.dim, len(chosen), rows[keep], columns[keep], sp.csr_array(pattern.mixing[keep]))


def superoperator(
    generator: Generator,
    channels: Sequence[Channel] | None = None,
    *,
    hamiltonian: bool = True,
) -> Superoperator:
    """Equations of motion of a generator, or of some of its channels only.

    Terms whose coefficient vanishes at every point leave no entry behind, so
    the pattern is as sparse as the grid allows.
    """
    chosen = generator.channels if channels is None else tuple(channels)
    pieces: list[tuple[Any, _Entries]] = []
    if hamiltonian:
        pieces += [(t.coefficient, _commutator(t.key)) for t in generator.hamiltonian]
    for channel in chosen:
        pieces += _dissipator(channel)
    pieces = [(c, m) for c, m in pieces if np.any(leading(c) != 0)]
    pattern = _assemble(generator.dim, tuple(m for _, m in pieces))
    return Superoperator(pattern, generator.shape, tuple(c for c, _ in pieces))


def _part(coefficient: Any, grid: tuple[int, ...], start: int, stop: int) -> Any:
    """Points start … stop of a coefficient, in C order of the grid; one number if it is constant."""
    if isinstance(coefficient, DoubleDouble):
        return DoubleDouble(*(_part(x, grid, start, stop) for x in (coefficient.hi, coefficient.lo)))
    if np.size(coefficient) == 1:
        return float(np.reshape(coefficient, ()))
    return _flat_part(
        coefficient if coefficient.shape == grid else np.broadcast_to(coefficient, grid), start, stop
    )


def _flat_part(grid: Array, start: int, stop: int) -> Array:
    """``grid.ravel()[start:stop]`` without spreading out more of a broadcast grid than that."""
    if grid.ndim == 1:
        return grid[start:stop]
    inner = grid[0].size
    first, last = start // inner, -(-stop // inner)
    if inner < stop - start:
        return np.asarray(grid[first:last].reshape(-1)[start - first * inner : stop - first * inner])
    parts = [
        _flat_part(grid[k], max(0, start - k * inner), min(inner, stop - k * inner))
        for k in range(first, last)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _gather(coefficient: Any, grid: tuple[int, ...], points: Index) -> Any:
    if isinstance(coefficient, DoubleDouble):
        return DoubleDouble(*(_gather(x, grid, points) for x in (coefficient.hi, coefficient.lo)))
    if np.size(coefficient) == 1:
        return coefficient
    return np.asarray(np.broadcast_to(coefficient, grid)[np.unravel_index(points, grid)])


def _combine(terms: Sequence[Any], recipe: Sequence[tuple[int, float]]) -> Any:
    """Sum of weight times term; the first weight is 1."""
    total = terms[recipe[0][0]]
    for term, weight in recipe[1:]:
        share = terms[term] * abs(weight) if abs(weight) != 1 else terms[term]
        total = total + share if weight > 0 else total - share
    return total


@dataclass(frozen=True, eq=False)
class _Entries:
    """Entries of a real map on the unknowns, each place at most once, none zero."""

    places: NDArray[np.int64]
    values: Array


@lru_cache(maxsize=128)
def _assemble(dim: int, maps: tuple[_Entries, ...]) -> Pattern:
    size = dim**2
    places = np.concatenate([np.empty(0, np.int64), *(m.places for m in maps)])
    terms = np.repeat(np.arange(len(maps)), [len(m.places) for m in maps])
    values = np.concatenate([np.empty(0), *(m.values for m in maps)])
    entries, where = np.unique(places, return_inverse=True)
    mixing = sp.csr_array((values, (where, terms)), shape=(len(entries), len(maps)))
    return Pattern(dim, size, entries // size, entries % size, mixing)


def _dissipator(channel: Channel) -> list[tuple[Any, _Entries]]:
    """Coefficient and map of every ordered pair of terms: the two orders of a pair decay differently."""
    partners = channel.jump if channel.partner is None else channel.partner
    return [
        (channel.rate * a.coefficient * b.coefficient, _bilinear(a.key, b.key))
        for a in channel.jump
        for b in partners
    ]


@lru_cache(maxsize=2048)
def _commutator(operator: OperatorKey) -> _Entries:
    """rho -> -i[O, rho] on the unknowns."""
    return _on_unknowns(
        [_left(operator.entries, operator.dim, -1j), _right(operator.entries, operator.dim, 1j)], operator.dim
    )


@lru_cache(maxsize=2048)
def _bilinear(left: OperatorKey, right: OperatorKey) -> _Entries:
    """rho -> (A rho B^+ + B rho A^+ - B^+ A rho - rho A^+ B)/2 on the unknowns."""
    a, b, dim = left.entries, right.entries, left.dim
    loss = _after_adjoint(a, b, dim)
    parts = [_sandwich(a, b, dim), _sandwich(b, a, dim)]
    parts += [_left(loss, dim, -0.5), _right((loss[1], loss[0], loss[2].conj()), dim, -0.5)]
    return _on_unknowns(parts, dim)


_Triplets = tuple[Index, Index, NDArray[np.complex128]]


def _after_adjoint(a: _Triplets, b: _Triplets, dim: int) -> _Triplets:
    """B^+ A of a few entries, for which a sparse product would take twenty times as long."""
    of_b, of_a = np.nonzero(b[0][:, None] == a[0])
    products = matrices.times(b[2][of_b].conj(), a[2][of_a])
    places, where = np.unique(b[1][of_b] * dim + a[1][of_a], return_inverse=True)
    total = np.empty(len(places), dtype=complex)
    total.real, total.imag = (
        np.bincount(where, weights=part, minlength=len(places)) for part in (products.real, products.imag)
    )
    return *np.divmod(places, dim), total


def _sandwich(a: _Triplets, b: _Triplets, dim: int) -> _Triplets:
    """rho -> A rho B^+ / 2 on rho flattened row by row."""
    rows = np.add.outer(a[0] * dim, b[0]).ravel()
    columns = np.add.outer(a[1] * dim, b[1]).ravel()
    return rows, columns, np.asarray(np.multiply.outer(a[2], b[2].conj()).ravel() / 2)


def _left(a: _Triplets, dim: int, factor: complex) -> _Triplets:
    """rho -> factor A rho."""
    each = np.arange(dim)
    rows, columns = np.add.outer(a[0] * dim, each).ravel(), np.add.outer(a[1] * dim, each).ravel()
    return rows, columns, np.repeat(np.asarray(factor * a[2]), dim)


def _right(a: _Triplets, dim: int, factor: complex) -> _Triplets:
    """rho -> factor rho A."""
    each = np.arange(dim) * dim
    rows, columns = np.add.outer(a[1], each).ravel(), np.add.outer(a[0], each).ravel()
    return rows, columns, np.repeat(factor * a[2], dim)


def _on_unknowns(parts: list[_Triplets], dim: int) -> _Entries:
    """A map on flattened rho, rewritten on the real unknowns, exact zeros dropped."""
    row, column, value = (np.concatenate(x) for x in zip(*parts, strict=True))
    i, j = np.divmod(row, dim)
    upper = i <= j
    i, j, value = i[upper], j[upper], value[upper]
    k, m = np.divmod(column[upper], dim)
    re_col, im_col, sign = _unknowns(k, m, dim)
    re_row, im_row, _ = _unknowns(i, j, dim)
    off_row, off_col = i != j, k != m
    both = off_row & off_col
    # rho_km = x + i sign y; the row's real part feeds x_ij, its imaginary part y_ij
    rows = np.concatenate([re_row, re_row[off_col], im_row[off_row], im_row[both]])
    columns = np.concatenate([re_col, im_col[off_col], re_col[off_row], im_col[both]])
    data = [value.real, -(sign * value.imag)[off_col], value.imag[off_row], (sign * value.real)[both]]
    places, where = np.unique(rows.astype(np.int64) * dim**2 + columns, return_inverse=True)
    values = np.bincount(where, weights=np.concatenate(data), minlength=len(places))
    keep = values != 0
    return _Entries(places[keep], values[keep])


@lru_cache(maxsize=32)
def _pairs(dim: int) -> tuple[Index, Index]:
    return np.triu_indices(dim, 1)


def _unknowns(i: Index, j: Index, dim: int) -> tuple[Index, Index, Array]:
    """Numbers of Re and Im rho_ij, and the sign of the latter for i > j."""
    low, high = np.asarray(np.minimum(i, j)), np.asarray(np.maximum(i, j))
    pair = low * dim - low * (low + 1) // 2 + high - low - 1
    count = dim * (dim - 1) // 2
    diagonal = i == j
    re = np.asarray(np.where(diagonal, i, dim + pair))
    im = np.asarray(np.where(diagonal, -1, dim + count + pair))
    return re, im, np.asarray(np.where(i <= j, 1.0, -1.0))


def unknowns_of(i: Index, j: Index, dim: int) -> tuple[Index, Index]:
    """Numbers of Re rho_ij and Im rho_ij for i < j, each of the shape of i."""
    re, im, _ = _unknowns(i, j, dim)
    return re, im


def to_unknowns(rho: NDArray[np.complex128]) -> Array:
    """Unknowns of a Hermitian matrix: shape (..., d, d) to (d**2, ...)."""
    dim = rho.shape[-1]
    i, j = _pairs(dim)
    diagonal = np.diagonal(rho, axis1=-2, axis2=-1).real
    upper = rho[..., i, j]
    return np.moveaxis(np.concatenate([diagonal, upper.real, upper.imag], axis=-1), -1, 0)


def from_unknowns(vector: Array, dim: int) -> NDArray[np.complex128]:
    """Hermitian matrix of its unknowns: shape (d**2, ...) to (..., d, d)."""
    i, j = _pairs(dim)
    count = len(i)
    flat = vector.reshape(dim**2, math.prod(vector.shape[1:]))
    rho = np.zeros((flat.shape[1], dim, dim), dtype=complex)
    if count > FILLED_BY_PAIRS:
        rho[:, range(dim), range(dim)] = flat[:dim].T
        rho[:, i, j] = (flat[dim : dim + count] + 1j * flat[dim + count :]).T
        rho[:, j, i] = rho[:, i, j].conj()
        return rho.reshape(*vector.shape[1:], dim, dim)
    used = [k for k, row in enumerate(flat) if row.any()]
    # as many matrices at a time as stay in the cache while they are filled
    for start in range(0, flat.shape[1], CHUNK):
        part = rho[start : start + CHUNK]
        for k in used:
            row = flat[k, start : start + CHUNK]
            pair = (k - dim) % count if k >= dim else 0
            if k < dim:
                part.real[:, k, k] = row
            elif k < dim + count:
                part.real[:, i[pair], j[pair]] = part.real[:, j[pair], i[pair]] = row
            else:
                part.imag[:, i[pair], j[pair]] = row
                part.imag[:, j[pair], i[pair]] = -row
    return rho.reshape(*vector.shape[1:], dim, dim)


def observable(operator: NDArray[np.complex128]) -> Array:
    """Row vector w with Tr[O rho] = w . unknowns: shape (..., d, d) to (d**2, ...)."""
    weights = to_unknowns(operator)
    weights[operator.shape[-1] :] *= 2
    return weights
