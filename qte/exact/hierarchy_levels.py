"""The linear algebra of a hierarchy: its equations level by level, the highest ones eliminated.

In the eigenbasis of the Hamiltonian an auxiliary operator decays entry by entry, and it is coupled to the levels next
to its own alone.  So the highest level is eliminated exactly, by divisions; what is left is solved densely where it is
small, and else by GMRES with the same elimination, applied to every level above a small one, as its preconditioner.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.linalg import lu_factor, lu_solve
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, gmres

from qte.common.errors import IllConditioned

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Unknowns that are solved densely (64 MB, two seconds); residual that is asked of GMRES, and its steps.
DENSE = 2000
RESIDUAL, RESTART, CYCLES = 1e-12, 60, 10
# Entries of an operator below this are what a change of basis leaves of a zero.
ZERO = 1e-14


def eigenbasis(hamiltonian: Complex) -> tuple[Array, Complex]:
    """Energies (d,) and states (d, d) of a Hamiltonian, each within one of its invariant subspaces.

    States of equal energies but different conserved numbers are not mixed, so the zeros of the couplings survive.
    """
    count, label = connected_components(sparse.csr_matrix(hamiltonian != 0), directed=False)
    energies, states = np.zeros(len(hamiltonian)), np.zeros(hamiltonian.shape, dtype=complex)
    for k in range(count):
        inside = np.flatnonzero(label == k)
        energies[inside], states[np.ix_(inside, inside)] = np.linalg.eigh(hamiltonian[np.ix_(inside, inside)])
    return energies, states


def turned(operator: Complex, states: Complex) -> Complex:
    """An operator in the basis of the columns of `states`, without what rounding leaves of zeros."""
    out = states.conj().T @ operator @ states
    return np.where(np.abs(out) < ZERO * np.abs(out).max(initial=0.0), 0.0, out)


@dataclass(frozen=True, eq=False)
class Levels:
    """Equations ``x' = matrix x`` of all entries that populations can reach, the lowest level first.

    Parameters
    ----------
    matrix : sparse array, shape (n, n)
    edges : ndarray of int, shape (depth + 2,)
        Where each level begins, and n.
    kept : ndarray of int, shape (n,)
        Which entry of the whole hierarchy each unknown is.
    populations : ndarray of int
        Which unknowns are the populations.
    """

    matrix: Any
    edges: NDArray[np.int64]
    kept: NDArray[np.int64]
    populations: NDArray[np.int64]

    @classmethod
    def of(cls, matrix: Any, level: NDArray[np.int64], dim: int) -> Levels:
        """The part of a hierarchy (its matrix, the level of every entry) that populations of `dim` states reach."""
        matrix.eliminate_zeros()
        pattern = sparse.csr_matrix((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
        _, label = connected_components(pattern, directed=False)
        diagonal = np.arange(dim) * (dim + 1)
        kept = np.flatnonzero(np.isin(label, label[diagonal]))
        kept = kept[np.argsort(level[kept], kind="stable")]
        edges = np.searchsorted(level[kept], np.arange(level.max() + 2))
        return cls(matrix[kept][:, kept], edges, kept, np.searchsorted(kept[: edges[1]], diagonal))

    def between(self, row: int, column: int) -> Any:
        """How a level is driven by another."""
        return self._bordered[self._slice(row), self._slice(column)]

    def solve(self, right: Complex, trace: complex) -> Complex:
        """Solution of ``matrix x = right`` whose populations sum to `trace`, shape (n,).

        Raises
        ------
        IllConditioned
            No solution to the promised residual: there is more than one, or the hierarchy is far from converged.
        """
        right = np.array(right, dtype=complex)
        right[self.populations[0]] = trace
        x = self._eliminated(right)
        size = max(float(np.abs(right).max()), float(np.abs(x).max()))
        if self._defect(x, right) > RESIDUAL * size:
            inverse = LinearOperator(self.matrix.shape, self._eliminated, dtype=complex)
            x, _ = gmres(
                self._bordered, right, x0=x, M=inverse, rtol=RESIDUAL, atol=0, restart=RESTART, maxiter=CYCLES
            )
        if not self._defect(x, right) < 1e3 * RESIDUAL * size:
            raise IllConditioned(
                f"The {len(x)} equations of the hierarchy could not be solved: residual "
                f"{self._defect(x, right):.1e} after {RESTART * CYCLES} steps"
            )
        return np.asarray(x)

    def _defect(self, x: Complex, right: Complex) -> float:
        return float(np.abs(self._bordered @ x - right).max())

    def _slice(self, level: int) -> slice:
        return slice(int(self.edges[level]), int(self.edges[level + 1]))

    @property
    def _top(self) -> int:
        return len(self.edges) - 2

    @property
    def _low(self) -> int:
        """The highest level that is solved densely, with all below it."""
        return max([k for k in range(self._top) if self.edges[k + 1] <= DENSE], default=0)

    @cached_property
    def _bordered(self) -> Any:
        """The matrix with the equation of the first population replaced by the trace."""
        rows = self.matrix.tolil()
        first = self.populations[0]
        rows[first, :] = 0
        rows[first, self.populations] = 1
        return rows.tocsr()

    @cached_property
    def _decay(self) -> list[Complex]:
        """Diagonal of every level."""
        diagonal = self._bordered.diagonal()
        return [diagonal[self._slice(k)] for k in range(self._top + 1)]

    @cached_property
    def _steps(self) -> list[tuple[Any, Any]]:
        """For every level but the lowest: what it does to the one below, and the one below to it."""
        return [(self.between(k - 1, k), self.between(k, k - 1)) for k in range(1, self._top + 1)]

    @cached_property
    def _factors(self) -> Any:
        """LU of the low levels, the next one eliminated."""
        low, after = self._low, int(self.edges[self._low + 1])
        small = self._bordered[:after, :after].toarray()
        up, down = self._steps[low]
        begin = int(self.edges[low])
        small[begin:, begin:] -= (up @ sparse.diags(1 / self._decay[low + 1]) @ down).toarray()
        return lu_factor(small, overwrite_a=True)

    def _eliminated(self, right: Complex) -> Complex:
        """Block elimination from the top, exact where one level lies above the dense ones."""
        x = np.array(right, dtype=complex)
        low, parts = self._low, [self._slice(k) for k in range(self._top + 1)]
        for k in range(self._top, low, -1):
            x[parts[k]] /= self._decay[k]
            x[parts[k - 1]] -= self._steps[k - 1][0] @ x[parts[k]]
        below = slice(0, parts[low].stop)
        x[below] = lu_solve(self._factors, x[below])
        for k in range(low + 1, self._top + 1):
            x[parts[k]] -= (self._steps[k - 1][1] @ x[parts[k - 1]]) / self._decay[k]
        return x
