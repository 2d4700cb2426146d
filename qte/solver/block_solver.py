"""Ways to find the kernel of the block that holds the populations.

`BlockSolver` takes the grid chunk by chunk along one route: the elimination plan
(`qte.solver.elimination`), dense LU, or sparse LU.  Points that the elimination cannot
serve without subtractions go to dense LU.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

from qte.common import matrices
from qte.common.double_double import exact, leading
from qte.common.errors import IllConditioned, NonUniqueSteadyState
from qte.solver.blocks import Pattern, Superoperator
from qte.solver.elimination import (
    ROUND_OFF,
    Plan,
    Reduced,
    Row,
    largest,
    patterns,
    reachable_classes,
    smallest,
    stationary,
    stationary_rows,
    stationary_rows_any,
    total_of,
)
from qte.solver.exact.equations import ExactEquations, stationary_vector
from qte.solver.limits import CHUNK, CHUNK_BYTES, DENSE_LIMIT, EXACT_LIMIT, PLAN_LIMIT, PLAN_NUMBERS

Array = NDArray[np.float64]
Bool = NDArray[np.bool_]
Index = NDArray[np.intp]
Method = Literal["auto", "elimination", "dense", "sparse", "orbits"]

METHODS = ("auto", "elimination", "dense", "sparse", "orbits")
# Matrices whose condition leaves less than this are counted without rounding.
KERNEL_TOLERANCE = 1e-12
# Error of an unknown from dense LU beyond which it is found without rounding.
DOUBTFUL = 1e-13
# Terms within this ratio leave no way to make a decay as slow as round-off, ulp a row, but round-off.
ALIKE, ROUNDED = 1e-3, 2.0**-52
# Populations below this lose too many digits in dense LU; how far its other entries may be off.
RARE_POPULATION, CONFIRMED = 1e-5, 1e-9
# How many times the round-off of the populations may be in a coherence, and what a coherence may be off by.
LOSS, SHORT = 1500.0, 5e-13
# What the back substitution may add to a coherence before it is done with 32 digits.
PRECISE = 1e-11
# Effective rates that may have lost digits to underflow, and entries, relative to the largest, that bring them about.
UNDERFLOW, TINY = 1e-290, 1e-70
# Effective rates, relative to the largest, that are no way out of a class as long as there is another.
FAINT = 1e-200
# What has been found without rounding replaces what differs from it by more than this, relative to itself.
AGREED = 1e-12


class BlockSolver:
    """Kernel of the block that holds the populations, which are its first unknowns."""

    def __init__(
        self, block: Superoperator, populations: int, method: Method, exact_block: ExactEquations
    ) -> None:
        self.block = block
        self.exact = exact_block
        self.populations = populations
        self.used: set[str] = set()
        # points whose coherences are differences that doubles leave too few digits of
        self.doubtful = np.zeros(block.points, dtype=bool)
        # points found from whole numbers, which no other route is to touch
        self.settled = np.zeros(block.points, dtype=bool)
        # whether every point went the fast way, which looks at its populations
        self.sound = True
        self.plan = plan_of(block, populations)
        self.method = self._choose() if method == "auto" else method

    def _choose(self) -> Method:
        if self.block.size <= PLAN_LIMIT and self.plan.steps is not None:
            return "elimination"
        return "dense" if self.block.size <= DENSE_LIMIT else "sparse"

    def solve(self, out: Array, rows: Index) -> NDArray[np.intp]:
        """Write the unknowns to ``out[rows]``, (n, points); return kernel dimensions (points,)."""
        kernel = np.ones(self.block.points, dtype=np.intp)
        if self.method == "elimination" and self.plan.steps is None:
            raise IllConditioned("The block has a structurally zero pivot: use method 'dense'")
        for chunk in self._chunks():
            if self.method == "elimination":
                x, kernel[chunk] = self._eliminate(chunk)
            else:
                self.sound = False
                route = self._dense if self.method == "dense" else self._sparse
                x, kernel[chunk] = route(np.arange(chunk.start, chunk.stop))
            for row, found in zip(rows, x, strict=True):
                out[row, chunk] = found
        return kernel

    def _chunks(self) -> Iterator[slice]:
        step = max(CHUNK // 4, PLAN_NUMBERS // self.block.size)
        if self.method == "dense":
            step = max(1, CHUNK_BYTES // (8 * self.block.size**2))
        elif self.method == "sparse":
            step = 1
        for start in range(0, self.block.points, step):
            yield slice(start, min(start + step, self.block.points))

    def _eliminate(self, chunk: slice) -> tuple[list[Row] | Array, NDArray[np.intp] | int]:
        with np.errstate(all="ignore"):
            reduced = self.plan.reduce(self.block.entries(chunk, self.plan.read), chunk.stop - chunk.start)
            # equal rates are one object; `not >` so that NaN sends the chunk the slow way
            rates = {id(rate): rate for rate in reduced.effective_rates.values()}.values()
            if not reduced.suspect.any() and all(np.min(rate) > UNDERFLOW for rate in rates):
                classes = _open_classes(tuple(reduced.effective_rates), self.populations)
                x = reduced.back_substitute(
                    stationary_rows(reduced.effective_rates, classes[0], self.populations)
                )
                # coherences of NaN are not precise either
                if np.isfinite(total_of(x[: self.populations])).all() and _precise(reduced, x):
                    self.used.add("elimination")
                    self.doubtful[chunk] = _doubtful(reduced, x)
                    return x, len(classes)
        self.sound = False
        return self._eliminate_by_pattern(chunk, reduced)

    def _eliminate_by_pattern(self, chunk: slice, reduced: Reduced) -> tuple[Array, NDArray[np.intp]]:
        """Rates that are 0 at some points, negative, or too far apart: each point as it needs."""
        points = np.arange(chunk.start, chunk.stop)
        x = np.zeros((self.block.size, len(points)))
        kernel = np.ones(len(points), dtype=np.intp)
        rates = reduced.rates
        unfit = reduced.suspect | (rates < 0).any(axis=(0, 1)) | ~np.isfinite(rates).all(axis=(0, 1))
        fit = np.flatnonzero(~unfit)
        if fit.size:
            self.used.add("elimination")
            x[:, fit], kernel[fit] = _gth(reduced, fit)
            self._refine(points, x, fit[_imprecise(reduced, x)[fit]])
            self._confirm(points, x, kernel, np.flatnonzero(~unfit & self._underflows(chunk, reduced)))
            self.doubtful[points] = _doubtful(reduced, list(x))
        rest = np.flatnonzero(unfit)
        if rest.size:
            x[:, rest], kernel[rest] = self._dense(points[rest])
            self._sharpen(points, x, rest[(kernel[rest] == 1) & ~self.settled[points[rest]]])
        return x, kernel

    def _confirm(self, points: Index, x: Array, kernel: NDArray[np.intp], doubtful: Index) -> None:
        """Hold points where a product may have underflowed against whole numbers, and put these in their place."""
        for k in doubtful:
            count, better = stationary_vector(
                self.exact.rows(int(points[k])), self.exact.size, self.populations
            )
            apart = better is not None and np.abs(better - x[:, k]) > AGREED * np.abs(better) + UNDERFLOW
            if count != kernel[k] or np.any(apart):
                self.used.add("exact")
                kernel[k] = count
                x[:, k] = x[:, k] if better is None else better

    def _underflows(self, chunk: slice, reduced: Reduced) -> Bool:
        """Points where an effective rate may be 0 or short of digits only because a product is too small."""
        doubtful = np.zeros(reduced.points, dtype=bool)
        for rate in reduced.effective_rates.values():
            doubtful |= np.abs(leading(rate)) <= UNDERFLOW
        if doubtful.any():
            entries = np.abs(self.block.values(chunk))
            smallest = np.where(entries > 0, entries, np.inf).min(axis=0)
            doubtful &= smallest < TINY * entries.max(axis=0)
        # beside one class that all others end up in, what is as slow as that decides nothing
        points = np.flatnonzero(doubtful)
        if not points.size:
            return doubtful
        rates = reduced.rates[:, :, points]
        for pattern, members in patterns(np.where(rates > FAINT * rates.max(axis=(0, 1)), rates, 0.0)):
            doubtful[points[members]] = len(reachable_classes(pattern)) > 1
        return doubtful

    def _sharpen(self, points: Index, x: Array, rest: Index) -> None:
        """Populations too small for dense LU, from the plan with 32 digits if they confirm the others."""
        smallest = np.min(x[: self.populations, rest], axis=0, initial=np.inf)
        rare = rest[smallest < RARE_POPULATION]
        if not rare.size:
            return
        found = self._extended(points[rare])
        with np.errstate(invalid="ignore"):
            close = np.abs(found - x[:, rare]).max(axis=0) < CONFIRMED
        sound = close & (found[: self.populations] >= 0).all(axis=0)
        if sound.any():
            self.used.add("extended")
            x[:, rare[sound]] = found[:, sound]
            # beside a population that is 0 they may be round-off
            self.doubtful[points[rare[sound]]] = True

    def _refine(self, points: Index, x: Array, doubtful: Index) -> None:
        """Coherences that the back substitution may have got wrong, from the plan with 32 digits."""
        if doubtful.size:
            self.used.add("extended")
            found = self._extended(points[doubtful])
            # rates next to the smallest float have no second part: what doubles gave stays, and its residual tells
            sound = np.isfinite(found).all(axis=0)
            x[:, doubtful[sound]] = found[:, sound]

    def _extended(self, points: Index) -> Array:
        """All unknowns (n, points) from the plan with 32 digits; not finite where it finds no pivot."""
        rows = self.block.select(points).entries(slice(None), self.plan.read)
        with np.errstate(all="ignore"):
            values = [None if row is None else exact(np.broadcast_to(row, len(points))) for row in rows]
            return np.array([row.hi for row in stationary_rows_any(self.plan.reduce(values, len(points)))])

    def _dense(self, points: Index) -> tuple[Array, NDArray[np.intp]]:
        self.used.add("dense")
        with np.errstate(over="ignore", invalid="ignore"):
            matrix = self.block.select(points).matrix_along()
            scale = np.abs(matrix).max(axis=(0, 1))
        # nothing happens at all: singular, like other matrices that are found to be
        scale[scale == 0] = 1.0
        with np.errstate(invalid="ignore"):
            system = matrix / scale
        # the rows of the populations add up to 0, so any one of them may give way to the trace
        system[0] = 0.0
        system[0, : self.populations] = 1.0
        # sums beyond the range of a double: nothing is known of these points but their whole numbers
        beyond = ~np.isfinite(system).all(axis=(0, 1))
        system[..., beyond] = np.eye(self.block.size)[..., None]
        x, inverse, error, regular = _solve_bordered(system)
        regular &= ~beyond
        kernel = np.ones(len(points), dtype=np.intp)
        if self.block.size <= PLAN_LIMIT:
            with np.errstate(invalid="ignore"):
                kept = error[self.populations :] <= SHORT * np.abs(x[self.populations :])
            self.doubtful[points] = ~kept.all(axis=0)
        for k in np.flatnonzero(~(error.max(axis=0) < DOUBTFUL) | ~regular):
            if not regular[k]:
                kernel[k] = max(1, int(nullity(self.block, self.exact, points[[k]])[0]))
            if kernel[k] == 1:
                one, back = (np.ascontiguousarray(stack[..., k]) for stack in (system, inverse))
                x[:, k] = self._without_rounding(int(points[k]), one, back, float(scale[k]))
        return x, kernel

    def _without_rounding(self, point: int, system: Array, inverse: Array, scale: float) -> Array:
        """Unknowns at a point where LU lost its digits, from equations of whole numbers."""
        self.used.add("exact")
        self.settled[point] = True
        with np.errstate(all="ignore"):
            off = np.abs(matrices.product(inverse, system) - np.eye(len(system))).sum(axis=1).max()
            size = ROUND_OFF * matrices.product(np.abs(inverse), np.abs(system)).sum(axis=1).max()
        # an inverse that is one to less than this takes digits off the error in every round
        if off + size < 0.1 and math.isfinite(scale):
            found = self.exact.steady(point, inverse, scale, self.populations)
            if found is not None:
                return found
        if self.exact.size > EXACT_LIMIT:
            raise IllConditioned(
                f"{self.exact.size} coupled unknowns lie closer to a second steady state than doubles resolve",
                [point_of(point, self.block.grid)],
            )
        _, vector = stationary_vector(self.exact.rows(point), self.exact.size, self.populations)
        assert vector is not None, "the kernel was counted before"
        return vector

    def _sparse(self, points: Index) -> tuple[Array, NDArray[np.intp]]:
        self.used.add("sparse")
        x = np.empty((self.block.size, len(points)))
        for k, value in enumerate(self.block.select(points).values().T):
            x[:, k] = self._sparse_point(value)
        return x, np.ones(len(points), dtype=np.intp)

    def _sparse_point(self, value: Array) -> Array:
        rows, columns, size = self.block.rows, self.block.columns, self.block.size
        keep = rows != 0
        trace = np.arange(self.populations)
        matrix = sp.csc_array(
            (
                np.concatenate([value[keep] / np.abs(value).max(), np.ones(self.populations)]),
                (np.concatenate([rows[keep], 0 * trace]), np.concatenate([columns[keep], trace])),
            ),
            shape=(size, size),
        )
        right = np.zeros(size)
        right[0] = 1.0
        try:
            factors = splu(matrix)
        except RuntimeError as error:
            raise NonUniqueSteadyState(2) from error
        pivots = np.abs(factors.U.diagonal())
        if pivots.min() < KERNEL_TOLERANCE * pivots.max():
            raise NonUniqueSteadyState(1 + int((pivots < KERNEL_TOLERANCE * pivots.max()).sum()))
        return np.asarray(factors.solve(right))


def plan_of(block: Superoperator, populations: int) -> Plan:
    """Order in which the unknowns of a block after the first few are eliminated."""
    return _plan(block.pattern, populations)


@lru_cache(maxsize=128)
def _plan(pattern: Pattern, populations: int) -> Plan:
    places = tuple(zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True))
    return Plan(pattern.size, populations, places)


def nullity(block: Superoperator, exact_block: ExactEquations, points: Index) -> NDArray[np.intp]:
    """Dimension of the kernel of a block at some of its points.

    Singular values tell a kernel where there is none to be seen from afar; all others
    are counted without rounding, so that a rate of 1e-300 is one like any other.

    Raises
    ------
    IllConditioned
        What is singular to round-off, though no entry is small, may be meant to be singular.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        systems = block.select(points).matrix()
    beyond = np.asarray(~np.isfinite(systems).all(axis=(1, 2)))
    systems[beyond] = 0.0
    rows = np.abs(systems).max(axis=2, keepdims=True)
    values = np.linalg.svd(systems / np.where(rows == 0, 1.0, rows), compute_uv=False)
    kernel = np.zeros(len(points), dtype=np.intp)
    near = np.flatnonzero(~(values[:, -1] > KERNEL_TOLERANCE * values[:, 0]))
    kernel[near] = exact_block.nullity(points[near].tolist())
    for k in near[~beyond[near]]:
        spread = exact_block.spread(int(points[k]))
        refuse_rounding(spread, values[k], int(kernel[k]), point_of(int(points[k]), block.grid))
    return kernel


def refuse_rounding(spread: float, values: Array, kernel: int, point: tuple[int, ...]) -> None:
    """Refuse to count a kernel that rounding of terms of like size has opened or closed."""
    missed = int((values <= ROUNDED * len(values) * values[0]).sum()) - kernel
    if spread > ALIKE and missed > 0:
        raise IllConditioned(
            f"Whether the steady state is unique cannot be decided in floating point: {missed} of the "
            f"decay rates may be 0 or round-off",
            [point],
        )


def point_of(point: int, grid: tuple[int, ...]) -> tuple[int, ...]:
    """Position on the grid of a point counted in C order."""
    return tuple(int(i) for i in np.unravel_index(point, grid))


@lru_cache(maxsize=128)
def _open_classes(edges: tuple[tuple[int, int], ...], size: int) -> list[list[int]]:
    """Closed classes where every effective rate is open, as it is at most points."""
    pattern = np.zeros((size, size), dtype=bool)
    for edge in edges:
        pattern[edge] = True
    return reachable_classes(pattern)


def _precise(reduced: Reduced, x: Sequence[Row]) -> bool:
    """Whether the back substitution kept its digits at every point; point by point only where bounds leave a doubt."""
    bounds = [1.0] * len(x)  # no entry of a state is larger
    return bool(
        reduced.round_off(bounds, largest) < PRECISE or (reduced.round_off(x, np.abs) < PRECISE).all()
    )


def _doubtful(reduced: Reduced, x: Sequence[Row]) -> Bool | bool:
    """Points some of whose coherences have lost too many digits; point by point only where bounds leave a doubt."""
    with np.errstate(all="ignore"):
        if not reduced.short.any() and reduced.losses(x, largest, smallest) < LOSS:
            return False
        losses = np.broadcast_to(reduced.losses(x, np.abs, np.abs), reduced.points)
    return np.asarray(reduced.short | ~(losses < LOSS))


def _imprecise(reduced: Reduced, x: Array) -> Bool:
    """Points at which it did not."""
    with np.errstate(all="ignore"):
        return np.asarray(~np.broadcast_to(reduced.round_off(list(x), np.abs) < PRECISE, reduced.points))


def _gth(reduced: Reduced, points: Index) -> tuple[Array, NDArray[np.intp]]:
    """Populations pattern by pattern, then the coherences that follow from them."""
    rates = reduced.rates
    populations = np.zeros((reduced.plan.first, reduced.points))
    kernel = np.ones(reduced.points, dtype=np.intp)
    for pattern, members in patterns(rates[:, :, points]):
        chosen = points[members]
        classes = reachable_classes(pattern)
        kernel[chosen] = len(classes)
        with np.errstate(all="ignore"):
            populations[:, chosen] = stationary(rates[:, :, chosen], classes[0])
    with np.errstate(all="ignore"):
        # points with a vanishing pivot are marked as suspects and not read
        rows = [
            np.broadcast_to(row, reduced.points)[points] for row in reduced.back_substitute(list(populations))
        ]
    return np.array(rows), kernel[points]


def _solve_bordered(system: Array) -> tuple[Array, Array, Array, Bool]:
    """Solve ``A x = e_0`` for (n, n, points) by the inverse and a step of refinement.

    Returns
    -------
    x : ndarray, shape (n, points)
    inverse : ndarray, shape (n, n, points)
    error : ndarray, shape (n, points)
        Bound of the errors of x: ``|A^-1| |A| |x|`` ulp.
    regular : ndarray of bool, shape (points,)
        Whether the condition number leaves no doubt that A is regular.
    """
    inverse = matrices.inverse_along(system)
    # a matrix that is singular to the last bit has an inverse beyond the range of a float
    with np.errstate(over="ignore", invalid="ignore"):
        modulus, back = np.abs(system), np.abs(inverse)
        condition = modulus.sum(axis=0).max(axis=0) * back.sum(axis=0).max(axis=0)
        x = inverse[:, :1]
        defect = -matrices.product_along(system, x)
        defect[0] += 1.0
        x = x + matrices.product_along(inverse, defect)
        error = 2 * ROUND_OFF * matrices.product_along(back, matrices.product_along(modulus, np.abs(x)))
        return x[:, 0], inverse, error[:, 0], np.asarray(condition < 1 / KERNEL_TOLERANCE)
