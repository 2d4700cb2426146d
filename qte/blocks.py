"""The equations of motion in a real basis, and the exact blocks they fall into.

A state of dimension d has d**2 real unknowns: the populations rho_ii, then
Re rho_ij and Im rho_ij for i < j.  In them every Hermiticity-preserving
generator is a real matrix.  Its entries over a grid are ``mixing @ coefficients``:
a constant sparse matrix times one row of coefficients a term.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qte.generators import Channel, Generator, Term
from qte.operators import Operator

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Superoperator:
    """A real sparse matrix on the unknowns with one pattern for the whole grid.

    Parameters
    ----------
    dim : int
        Dimension d of the Hilbert space; the matrix has d**2 rows.
    rows, columns : ndarray of int, shape (nnz,)
    mixing : sparse, shape (nnz, k)
    coefficients : ndarray, shape (k, points)
        The grid is flattened, batch axis last.
    """

    dim: int
    rows: Index
    columns: Index
    mixing: Operator
    coefficients: Array

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return self.dim**2

    @property
    def points(self) -> int:
        """Number of grid points."""
        return int(self.coefficients.shape[1])

    def values(self, points: slice = slice(None)) -> Array:
        """Entries at the grid points asked for, shape (nnz, points)."""
        return np.asarray(self.mixing @ self.coefficients[:, points])

    def matrix(self, points: slice = slice(None)) -> Array:
        """Dense matrices, shape (points, d**2, d**2)."""
        values = self.values(points)
        out = np.zeros((values.shape[1], self.size, self.size))
        out[:, self.rows, self.columns] = values.T
        return out

    def apply(self, vector: Array, points: slice = slice(None)) -> Array:
        """Product with unknowns of shape (d**2, points)."""
        out = np.zeros((self.size, vector.shape[1]))
        values = self.values(points)
        for row, column, value in zip(self.rows, self.columns, values, strict=True):
            out[row] += value * vector[column]
        return out

    def restrict(self, unknowns: Index) -> Superoperator:
        """The rows and columns of some unknowns only, renumbered in the order given."""
        position = np.full(self.size, -1)
        position[unknowns] = np.arange(len(unknowns))
        keep = (position[self.rows] >= 0) & (position[self.columns] >= 0)
        return _Restricted(
            self.dim,
            position[self.rows[keep]],
            position[self.columns[keep]],
            sp.csr_array(self.mixing[np.flatnonzero(keep)]),
            self.coefficients,
            len(unknowns),
        )

    @cached_property
    def components(self) -> list[Index]:
        """Sets of unknowns that no entry connects, that of the populations first.

        Several sets may hold populations; they are joined into the first.
        """
        graph = sp.coo_array(
            (np.ones(len(self.rows)), (self.rows, self.columns)), shape=(self.size, self.size)
        )
        _, labels = sp.csgraph.connected_components(graph, directed=False)
        inside = np.isin(labels, labels[: self.dim])
        rest = [np.flatnonzero(labels == k) for k in np.unique(labels[~inside])]
        return [np.flatnonzero(inside), *rest]


@dataclass(frozen=True, eq=False)
class _Restricted(Superoperator):
    unknowns: int = 0

    @property
    def size(self) -> int:
        return self.unknowns


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
    points = int(np.prod(generator.shape, dtype=int))
    pieces: list[tuple[Array, Operator]] = []
    if hamiltonian:
        pieces += [(t.coefficient, _commutator(t.operator)) for t in generator.hamiltonian]
    for channel in chosen:
        pieces += _dissipator(channel)
    pieces = [(c, m) for c, m in pieces if np.any(c != 0)]
    coefficients = np.empty((len(pieces), points))
    for k, (coefficient, _) in enumerate(pieces):
        coefficients[k] = np.broadcast_to(coefficient, generator.shape).ravel()
    return _assemble(generator.dim, [m for _, m in pieces], coefficients)


def _assemble(dim: int, maps: list[Operator], coefficients: Array) -> Superoperator:
    size = dim**2
    keys, terms, values = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
    for k, matrix in enumerate(maps):
        real = _to_real(matrix, dim)
        keys.append(real.row.astype(np.int64) * size + real.col)
        terms.append(np.full(real.nnz, k, dtype=np.int64))
        values.append(real.data)
    entries, where = np.unique(np.concatenate(keys), return_inverse=True)
    mixing = sp.csr_array(
        (np.concatenate(values), (where, np.concatenate(terms))), shape=(len(entries), len(maps))
    )
    return Superoperator(dim, entries // size, entries % size, mixing, coefficients)


def _commutator(operator: Operator) -> Operator:
    """Matrix of rho -> -i[O, rho] on rho flattened row by row."""
    one = sp.eye_array(operator.shape[0])
    return sp.csr_array(-1j * (sp.kron(operator, one) - sp.kron(one, operator.T)))


def _dissipator(channel: Channel) -> list[tuple[Array, Operator]]:
    partner = channel.jump if channel.partner is None else channel.partner
    return [
        (np.asarray(channel.rate * a.coefficient * b.coefficient), _bilinear(a, b))
        for a in channel.jump
        for b in partner
    ]


def _bilinear(left: Term, right: Term) -> Operator:
    """Matrix of rho -> (A rho B^+ + B rho A^+ - B^+ A rho - rho A^+ B)/2."""
    a, b = left.operator, right.operator
    one = sp.eye_array(a.shape[0])
    decay = b.conj().T @ a
    total = sp.kron(a, b.conj()) + sp.kron(b, a.conj())
    total = total - sp.kron(decay, one) - sp.kron(one, decay.conj())
    return sp.csr_array(total / 2)


def _to_real(matrix: Operator, dim: int) -> sp.coo_array:
    """A map on flattened rho, rewritten on the real unknowns, exact zeros dropped."""
    coo = sp.coo_array(matrix)
    i, j = np.divmod(coo.row, dim)
    k, m = np.divmod(coo.col, dim)
    upper = i <= j
    i, j, k, m, value = i[upper], j[upper], k[upper], m[upper], coo.data[upper].astype(complex)
    re_col, im_col, sign = _unknowns(k, m, dim)
    re_row, im_row, _ = _unknowns(i, j, dim)
    off_row, off_col = i != j, k != m
    # rho_km = x + i sign y; the row's real part feeds x_ij, its imaginary part y_ij
    rows = [re_row, re_row[off_col], im_row[off_row], im_row[off_row & off_col]]
    columns = [re_col, im_col[off_col], re_col[off_row], im_col[off_row & off_col]]
    data = [
        value.real,
        -(sign * value.imag)[off_col],
        value.imag[off_row],
        (sign * value.real)[off_row & off_col],
    ]
    out = sp.coo_array(
        (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns))), shape=(dim**2,) * 2
    )
    out.sum_duplicates()
    out.eliminate_zeros()
    return out


@lru_cache(maxsize=32)
def _pairs(dim: int) -> tuple[Index, Index]:
    return np.triu_indices(dim, 1)


def _unknowns(i: Index, j: Index, dim: int) -> tuple[Index, Index, Array]:
    """Numbers of Re and Im rho_ij, and the sign of the latter for i > j."""
    low, high = np.minimum(i, j), np.maximum(i, j)
    pair = low * dim - low * (low + 1) // 2 + high - low - 1
    count = dim * (dim - 1) // 2
    diagonal = i == j
    re = np.where(diagonal, i, dim + pair)
    im = np.where(diagonal, -1, dim + count + pair)
    return re, im, np.where(i <= j, 1.0, -1.0)


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
    rho = np.zeros((*vector.shape[1:], dim, dim), dtype=complex)
    last = np.moveaxis(vector, 0, -1)
    count = len(i)
    rho[..., range(dim), range(dim)] = last[..., :dim]
    off = last[..., dim : dim + count] + 1j * last[..., dim + count :]
    rho[..., i, j] = off
    rho[..., j, i] = off.conj()
    return rho


def observable(operator: NDArray[np.complex128]) -> Array:
    """Row vector w with Tr[O rho] = w . unknowns: shape (..., d, d) to (d**2, ...)."""
    weights = to_unknowns(operator)
    weights[operator.shape[-1] :] *= 2
    return weights
