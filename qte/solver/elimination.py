"""Kernel of many small generators at once: one symbolic plan, batch axis last.

The equations of a block are ``A x = 0`` with the populations first.  The
coherences are eliminated in an order of small fill (a Schur complement), which
leaves effective rates between populations.  Where these are non-negative the
elimination of Grassmann, Taksar and Heyman (Oper. Res. 33, 1107 (1985)) finds
the populations without a single subtraction, so that each is accurate relative
to itself, however small.  Sums, differences, products and quotients alone are used: the same bits on every CPU,
and the same steps for rows of doubles and of `qte.common.double_double` numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qte.common.double_double import DoubleDouble, exact, leading

Array = NDArray[np.float64]
Bool = NDArray[np.bool_]
Index = NDArray[np.intp]
# A row over the points of a chunk: an ndarray, a DoubleDouble, or one number for all points.
Row = Any
Entries = dict[tuple[int, int], Row]

# A pivot that is smaller than this fraction of what was added up to make it may be zero.
CANCELLED_PIVOT = 1e-6
# An effective rate that is smaller than this fraction of what was added up has lost that many digits.
CANCELLED_RATE = 1e-4
# An entry that is larger than this fraction of what was added up has all of its digits but two.
KEPT = 2.0**-6
# Relative error of one product.
ROUND_OFF = 2.0**-53


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
        # bit j of row i is an entry (i, j), as bit i of column j is
        rows, columns = [0] * self.size, [0] * self.size
        for i, j in self.entries:
            rows[i] |= 1 << j
            columns[j] |= 1 << i
        left, steps = set(range(self.first, self.size)), []
        # what an elimination leaves as it was is not counted again
        fill: dict[int, int] = {}
        while left:
            usable = [v for v in sorted(left) if rows[v] >> v & 1]
            if not usable:
                return None
            fill |= {v: _fill(v, rows, columns) for v in usable if v not in fill}
            pivot = min(usable, key=lambda v: (fill[v], v))
            own = 1 << pivot
            down, along = columns[pivot] & ~own, rows[pivot] & ~own
            step = Step(pivot, _bits(down), _bits(along))
            changed = down | along
            for i in step.rows:
                rows[i] = rows[i] & ~own | along
                changed |= rows[i]
            for j in step.columns:
                columns[j] = columns[j] & ~own | down
            for v in _bits(changed):
                fill.pop(v, None)
            left.discard(pivot)
            steps.append(step)
        return tuple(steps)

    @property
    def read(self) -> list[bool]:
        """Which entries are read: the diagonal of the populations follows from the rest."""
        return [i != j or i >= self.first for i, j in self.entries]

    def reduce(self, values: Sequence[Row], points: int) -> Reduced:
        """Carry the plan out for one row over the points an entry."""
        assert self.steps is not None
        matrix: Entries = dict(zip(self.entries, values, strict=True))
        suspect, short = np.zeros((2, points), dtype=bool)
        weight: dict[int, Any] = {
            v: np.abs(leading(matrix[v, v])) for v in range(self.first, self.size) if (v, v) in matrix
        }
        sizes: dict[tuple[int, int], Any] = {}
        inverse: dict[int, Row] = {}
        for step in self.steps:
            pivot = matrix[step.pivot, step.pivot]
            size = np.abs(leading(pivot))
            fine = size > KEPT * weight[step.pivot]
            if not np.all(fine):
                short |= ~fine
                suspect |= ~(size > CANCELLED_PIVOT * weight[step.pivot])
            inverse[step.pivot] = np.float64(1.0) / pivot
            for i in step.rows:
                taken = matrix.pop((i, step.pivot))
                if (i, step.pivot) in sizes:
                    short |= np.abs(leading(taken)) < KEPT * sizes.pop((i, step.pivot))
                factor = taken * inverse[step.pivot]
                for j in step.columns:
                    if i == j and i < self.first:
                        continue
                    change = factor * matrix[step.pivot, j]
                    old = matrix.get((i, j))
                    matrix[i, j] = -change if old is None else old - change
                    if i == j:
                        weight[i] = weight.get(i, 0.0) + np.abs(leading(change))
                    elif old is not None:
                        known = sizes.get((i, j))
                        known = np.abs(leading(old)) if known is None else known
                        sizes[i, j] = known + np.abs(leading(change))
        for (i, j), size in sizes.items():
            left = np.abs(leading(matrix[i, j]))
            lost = left < KEPT * size
            if np.any(lost):
                short |= lost
                # a rate that is all cancellation (0 of 0 is not) has too few digits of its own
                suspect |= (left < CANCELLED_RATE * size) & (i < self.first and j < self.first)
        return Reduced(self, matrix, inverse, suspect, short)


@dataclass(frozen=True, eq=False)
class Reduced:
    """What the elimination leaves: effective rates, and rows to substitute back."""

    plan: Plan
    matrix: Entries
    inverse: dict[int, Row]
    suspect: Bool
    short: Bool

    @property
    def points(self) -> int:
        """Number of grid points."""
        return len(self.suspect)

    @cached_property
    def effective_rates(self) -> Entries:
        """Effective rates of j -> i by (i, j), row by row."""
        m = self.plan.first
        return {(i, j): row for (i, j), row in self.matrix.items() if i < m and j < m and i != j}

    @cached_property
    def rates(self) -> Array:
        """Leading parts of the effective rates of j -> i, diagonal 0; shape (m, m, points)."""
        m = self.plan.first
        out = np.zeros((m, m, self.points))
        for (i, j), value in self.effective_rates.items():
            out[i, j] = leading(value)
        return out

    def back_substitute(self, populations: Sequence[Row]) -> list[Row]:
        """All unknowns from the populations."""
        x: list[Row] = [*populations, *[0.0] * (self.plan.size - self.plan.first)]
        for step in reversed(self.plan.steps or ()):
            terms = [self.matrix[step.pivot, j] * x[j] for j in step.columns]
            x[step.pivot] = -total_of(terms) * self.inverse[step.pivot] if terms else 0.0
        return x

    def round_off(self, x: Sequence[Row], size: Callable[[Row], Any]) -> Any:
        """Largest error that `back_substitute` may have made in an unknown, populations being exact.

        Parameters
        ----------
        x : sequence of row
            All unknowns.
        size : callable
            Modulus of a row: point by point, or one bound for all points.
        """
        errors: list[Any] = [0.0] * self.plan.size
        worst: Any = 0.0
        for step in reversed(self.plan.steps or ()):
            terms = [
                size(self.matrix[step.pivot, j]) * (ROUND_OFF * size(x[j]) + errors[j]) for j in step.columns
            ]
            errors[step.pivot] = total_of(terms) * size(self.inverse[step.pivot]) if terms else 0.0
            worst = np.maximum(worst, errors[step.pivot])
        return worst

    def losses(self, x: Sequence[Row], size: Callable[[Row], Any], least: Callable[[Row], Any]) -> Any:
        """How many times the relative round-off of the populations is in some coherence: 1 without a subtraction.

        Parameters
        ----------
        x : sequence of row
            All unknowns.
        size, least : callable
            Modulus of a row, point by point; or an upper and a lower bound of it for all points.
        """
        known: list[Any] = [1.0] * self.plan.size
        worst: Any = 1.0
        for step in reversed(self.plan.steps or ()):
            if len(step.columns) == 1:
                known[step.pivot] = known[step.columns[0]]
            elif step.columns:
                terms = [size(self.matrix[step.pivot, j]) * size(x[j]) * known[j] for j in step.columns]
                gross = total_of(terms) * size(self.inverse[step.pivot])
                # 0 of 0 is exact
                known[step.pivot] = np.where(gross > 0, np.float64(1.0) * gross / least(x[step.pivot]), 1.0)
                worst = np.maximum(worst, known[step.pivot])
        return worst


def largest(row: Row) -> float:
    """Bound of a row over all its points; NaN if it has one."""
    if np.ndim(row) == 0:
        return abs(float(row))
    return float(np.maximum(np.max(row), -np.min(row)))


def smallest(row: Row) -> float:
    """Lower bound of the modulus of a row over all its points; 0 where its sign changes."""
    if np.ndim(row) == 0:
        return abs(float(row))
    return float(np.maximum(0.0, np.maximum(np.min(row), -np.max(row))))


def total_of(terms: Sequence[Row]) -> Row:
    """Sum of rows from first to last, at least one."""
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _fill(v: int, rows: list[int], columns: list[int]) -> int:
    others = rows[v] & ~(1 << v)
    return sum((others & ~rows[i]).bit_count() for i in _bits(columns[v] & ~(1 << v)))


def _bits(mask: int) -> tuple[int, ...]:
    """Numbers of the bits that are set, in ascending order."""
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return tuple(found)


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


def stationary_rows(rates: Entries, members: Sequence[int], size: int) -> list[Row]:
    """`stationary`, row by row for one pattern of open transitions.

    Parameters
    ----------
    rates : dict of (i, j) to row
        Rates of j -> i; none is 0 at any point.
    members : sequence of int
        The one closed class.
    size : int
        Number of states.

    Returns
    -------
    list of row
        Normalised populations.  Not finite at points where they span more than
        the range of a float, which `stationary` can handle.
    """
    work = {edge: rate for edge, rate in rates.items() if edge[0] in members and edge[1] in members}
    outflow: dict[int, Row] = {}
    for place in range(len(members) - 1, 0, -1):
        k, before = members[place], members[:place]
        outflow[k] = total_of([work[i, k] for i in before if (i, k) in work])
        sources = [j for j in before if (k, j) in work]
        for i in before:
            through = [j for j in sources if j != i]
            if (i, k) in work and through:
                share = work[i, k] / outflow[k]
                for j in through:
                    more = share * work[k, j]
                    work[i, j] = work[i, j] + more if (i, j) in work else more
    weights: list[Row] = [0.0] * size
    weights[members[0]] = np.float64(1.0)
    for place, k in enumerate(members[1:], start=1):
        # the first weight is 1
        shares = [
            work[k, j] * weights[j] if j != members[0] else work[k, j]
            for j in members[:place]
            if (k, j) in work
        ]
        weights[k] = total_of(shares) / outflow[k]
    total = total_of([weights[k] for k in members])
    for k in members:
        weights[k] = weights[k] / total
    return weights


def patterns(rates: Array) -> Iterator[tuple[Bool, Index]]:
    """Distinct sets of open transitions (m, m, points), each with its points."""
    positive = rates > 0
    if (positive.all(axis=2) == positive.any(axis=2)).all():
        yield positive[:, :, 0], np.arange(rates.shape[2])
        return
    flat = positive.reshape(-1, rates.shape[2])
    codes, inverse = np.unique(flat, axis=1, return_inverse=True)
    for k in range(codes.shape[1]):
        yield codes[:, k].reshape(positive.shape[:2]), np.flatnonzero(inverse.ravel() == k)


def stationary_rows_any(reduced: Reduced) -> list[DoubleDouble]:
    """All unknowns from `qte.common.double_double` rates of any sign, pattern by pattern.

    Not finite at points that have no usable pivot.  With rates of both signs there
    are subtractions: 32 digits are meant to leave enough of them.
    """
    size, points = reduced.plan.size, reduced.points
    out = [exact(np.zeros(points)) for _ in range(size)]
    for pattern, members in patterns(np.abs(reduced.rates)):
        part = _subset(reduced, members)
        rates = {edge: rate for edge, rate in part.effective_rates.items() if pattern[edge]}
        x = part.back_substitute(stationary_rows(rates, reachable_classes(pattern)[0], reduced.plan.first))
        for unknown, row in zip(out, x, strict=True):
            unknown.hi[members] = leading(row)
            unknown.lo[members] = row.lo if isinstance(row, DoubleDouble) else 0.0
    return out


def _subset(reduced: Reduced, members: Index) -> Reduced:
    """Some of the points only."""

    def pick(row: Row) -> Row:
        if isinstance(row, DoubleDouble):
            return DoubleDouble(pick(row.hi), pick(row.lo))
        return row if np.ndim(row) == 0 else row[members]

    matrix = {place: pick(row) for place, row in reduced.matrix.items()}
    inverse = {place: pick(row) for place, row in reduced.inverse.items()}
    return Reduced(reduced.plan, matrix, inverse, reduced.suspect[members], reduced.short[members])
