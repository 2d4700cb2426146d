"""Kernel of many small generators at once: one symbolic plan, batch axis last.

The equations of a block are ``A x = 0`` with the populations first.  The
coherences are eliminated in an order of small fill (a Schur complement), which
leaves effective rates between populations.  Where these are non-negative the
elimination of Grassmann, Taksar and Heyman (Oper. Res. 33, 1107 (1985)) finds
the populations without a single subtraction, so that each is accurate relative
to itself, however small.  Only +, -, *, / are used: the same bits on every CPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Array = NDArray[np.float64]
Bool = NDArray[np.bool_]
Entries = dict[tuple[int, int], Array]

# A pivot that is smaller than this fraction of what was added up to make it may be zero.
CANCELLED = 1e-6


@dataclass(frozen=True)
class Step:
    """Elimination of one unknown: rows that contain it, columns of its own row."""

    pivot: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """Order in which the unknowns from `first` on leave a sparse n x n pattern.

    Parameters
    ----------
    size, first : int
        Unknowns in all, and number of the first that is eliminated.
    entries : tuple of (int, int)
        Pattern of the matrix.
    """

    size: int
    first: int
    entries: tuple[tuple[int, int], ...]

    @cached_property
    def steps(self) -> tuple[Step, ...] | None:
        """Steps in order of least fill, or None if a pivot is structurally zero."""
        rows: dict[int, set[int]] = {k: set() for k in range(self.size)}
        columns: dict[int, set[int]] = {k: set() for k in range(self.size)}
        for i, j in self.entries:
            rows[i].add(j)
            columns[j].add(i)
        left, steps = set(range(self.first, self.size)), []
        while left:
            usable = [v for v in sorted(left) if v in rows[v]]
            if not usable:
                return None
            pivot = min(usable, key=lambda v: (_fill(v, rows, columns), v))
            step = Step(pivot, tuple(sorted(columns[pivot] - {pivot})), tuple(sorted(rows[pivot] - {pivot})))
            for i in step.rows:
                rows[i].discard(pivot)
                rows[i] |= set(step.columns)
            for j in step.columns:
                columns[j].discard(pivot)
                columns[j] |= set(step.rows)
            left.discard(pivot)
            steps.append(step)
        return tuple(steps)

    def reduce(self, values: Array) -> Reduced:
        """Carry the plan out for values of shape (len(entries), points)."""
        assert self.steps is not None
        matrix: Entries = dict(zip(self.entries, values, strict=True))
        points = values.shape[1]
        suspect = np.zeros(points, dtype=bool)
        weight = {v: np.abs(matrix[v, v]) for v in range(self.first, self.size) if (v, v) in matrix}
        inverse: dict[int, Array] = {}
        with np.errstate(all="ignore"):
            for step in self.steps:
                pivot = matrix[step.pivot, step.pivot]
                suspect |= ~(np.abs(pivot) > CANCELLED * weight[step.pivot])
                inverse[step.pivot] = 1.0 / pivot
                for i in step.rows:
                    factor = matrix.pop((i, step.pivot)) * inverse[step.pivot]
                    for j in step.columns:
                        change = factor * matrix[step.pivot, j]
                        old = matrix.get((i, j))
                        matrix[i, j] = -change if old is None else old - change
                        if i == j and i >= self.first:
                            weight[i] = weight.get(i, 0.0) + np.abs(change)
        return Reduced(self, matrix, inverse, suspect)


@dataclass(frozen=True, eq=False)
class Reduced:
    """What the elimination leaves: effective rates, and rows to substitute back."""

    plan: Plan
    matrix: Entries
    inverse: dict[int, Array]
    suspect: Bool

    @property
    def points(self) -> int:
        """Number of grid points."""
        return len(self.suspect)

    @cached_property
    def rates(self) -> Array:
        """Effective rates ``W[i, j]`` of j -> i, diagonal left at 0; shape (m, m, points)."""
        m = self.plan.first
        out = np.zeros((m, m, self.points))
        for (i, j), value in self.matrix.items():
            if i < m and j < m and i != j:
                out[i, j] = value
        return out

    def restore(self, populations: Array) -> Array:
        """All unknowns from the populations (m, points): shape (n, points)."""
        x = np.zeros((self.plan.size, self.points))
        x[: self.plan.first] = populations
        # points with a vanishing pivot are marked as suspects and not read
        with np.errstate(invalid="ignore", over="ignore"):
            for step in reversed(self.plan.steps or ()):
                total = np.zeros(self.points)
                for j in step.columns:
                    total += self.matrix[step.pivot, j] * x[j]
                x[step.pivot] = -total * self.inverse[step.pivot]
        return x


def _fill(v: int, rows: dict[int, set[int]], columns: dict[int, set[int]]) -> int:
    return sum(len(rows[v] - {v} - rows[i]) for i in columns[v] - {v})


def reachable_classes(pattern: Bool) -> list[list[int]]:
    """Closed classes of a Markov chain with jumps j -> i where ``pattern[i, j]``.

    Each carries one stationary state, so their number is the kernel's dimension.
    """
    graph = sp.csr_array(pattern.T)
    count, labels = sp.csgraph.connected_components(graph, directed=True, connection="strong")
    closed = []
    for k in range(count):
        members = np.flatnonzero(labels == k)
        outside = np.flatnonzero(labels != k)
        if not pattern[np.ix_(outside, members)].any():
            closed.append([int(i) for i in members])
    return closed


def stationary(rates: Array, members: Sequence[int]) -> Array:
    """Stationary populations of a chain that ends up in `members`.

    Parameters
    ----------
    rates : ndarray, shape (m, m, points)
        Rates of j -> i, all >= 0; the diagonal is not read.
    members : sequence of int
        Its one closed class.

    Returns
    -------
    ndarray, shape (m, points)
        Normalised; exactly 0 outside the class.
    """
    size = len(members)
    work = rates[np.ix_(members, members)].copy()
    outflow = np.empty((size, rates.shape[2]))
    for k in range(size - 1, 0, -1):
        outflow[k] = work[:k, k].sum(axis=0)
        share = work[:k, k] / outflow[k]
        work[:k, :k] += share[:, None] * work[k, :k][None]
    weights = np.ones((size, rates.shape[2]))
    for k in range(1, size):
        inflow = (work[k, :k] * weights[:k]).sum(axis=0)
        # keep the largest weight at 1: populations may differ by more than the range of a float
        larger = inflow > outflow[k]
        weights[:k] *= outflow[k] / np.where(larger, inflow, outflow[k])
        weights[k] = np.where(larger, 1.0, inflow / np.where(larger, inflow, outflow[k]))
    out = np.zeros((rates.shape[0], rates.shape[2]))
    out[list(members)] = weights / weights.sum(axis=0)
    return out
