"""Coherences that are small differences of populations, to 12 digits of themselves.

Where doubles leave too few of them the elimination plan is run with 30 digits, and where
it does not agree with doubles in a single one, the equations are solved in whole numbers
with rates of more digits still.  What a coherence lost from doubles to 30 digits tells what 30 digits
have lost themselves: 16 digits less of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qte.common.errors import IllConditioned
from qte.common.progress import announced
from qte.physics.generators import Generator
from qte.solver.exact.currents import ExactCurrents
from qte.solver.precise_currents import precise_unknowns

Array = NDArray[np.float64]
Bool = NDArray[np.bool_]
Index = NDArray[np.intp]

# Relative error that is promised of every coherence.
PROMISED = 1e-12
# How far doubles may be off, relative to a coherence, for 30 digits to be sure of 12.
SOUND = 1e-2
# The same of 30 digits, for those after them; below this part of what 30 digits gave is nothing but their end.
FAR, NOTHING = 1e20, 1e-50
# A coherence of 30 digits, relative to its populations, that may be their round-off.
NOISE = 1e-26
# How far the populations of two routes may be apart.
CONFIRMED = 1e-9
# Seconds that a point of few unknowns takes.
SECONDS = 0.02


@dataclass(frozen=True, eq=False)
class FinerRates:
    """The generator of a grid at some of its points (counted in C order), with rates of more and more digits.

    This one has rates that are the doubles they are given as; whoever knows more of them says so.
    """

    generator: Generator

    def plain(self, points: Index) -> Generator:
        """Rates of 16 digits."""
        return self.generator.at_points(points)

    def extended(self, points: Index) -> Generator:
        """Rates of 30 digits, or of as many as there are."""
        return self.plain(points)

    def finest(self, points: Index) -> Generator:
        """Rates of as many digits as there are."""
        return self.plain(points)

    @property
    def balanced(self) -> Bool:
        """Where nothing drives a current, so that what is as small as round-off is round-off; shape (points,)."""
        return np.zeros(math.prod(self.generator.shape), dtype=bool)


def sharpened(unknowns: Array, generator: Generator, points: Index, rates: FinerRates) -> Array:
    """Unknowns (d**2, all points) with those coherences at `points` replaced that are off by more than is promised.

    Raises
    ------
    IllConditioned
        A coherence that no route finds.
    """
    found = precise_unknowns(rates.extended(points))
    if found is None:
        return unknowns
    dim = generator.dim
    populations, old, new = found[:dim], unknowns[dim:, points], found[dim:]
    # rates that are no doubles next to others may leave an elimination nothing to go by
    astray = ~_same(populations, unknowns[:dim, points])
    empty = _empty(populations) & generator.completely_positive & ~astray
    new[empty] = 0.0
    sound = (_agree(new, old) | empty) & ~astray
    tiny = np.abs(new) <= NOISE * _of_pairs(populations, np.maximum)
    tiny &= ~astray
    lost = ~sound & ~(tiny & rates.balanced[points])
    out = unknowns.copy()
    out[dim:, points] = _better(new, old, sound)
    rest = np.flatnonzero(lost.any(axis=0))
    if rest.size:
        where = points[rest]
        search = _Exactly(
            unknowns[:dim, where], new[:, rest], tiny[:, rest], lost[:, rest], where, rates, generator.shape
        )
        out[dim:, where] = search.instead_of(out[dim:, where])
    return out


def _same(populations: Array, others: Array) -> Bool:
    """Points at which two routes find the same populations, shape (points,)."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.all(np.abs(populations - others) <= CONFIRMED, axis=0))


def _empty(populations: Array) -> Bool:
    """Coherences with a state that is never there, of the shape of the coherences; a positive matrix has none."""
    return np.asarray(_of_pairs(populations, np.minimum) == 0)


def _of_pairs(populations: Array, which: Callable[[Array, Array], Array]) -> Array:
    """The larger or the smaller population of the two states of every coherence, of the shape of the coherences."""
    i, j = np.triu_indices(len(populations), 1)
    return np.tile(which(populations[i], populations[j]), (2, 1))


def _agree(new: Array, old: Array) -> Bool:
    """Coherences (real and imaginary part) that doubles have digits of, of the shape of `new`."""
    count = len(new) // 2
    with np.errstate(all="ignore"):
        size, apart = (np.maximum(np.abs(x[:count]), np.abs(x[count:])) for x in (new, new - old))
        fine = (apart <= SOUND * size) & np.isfinite(size)
    return np.concatenate([fine, fine])


def _better(new: Array, old: Array, sound: Bool) -> Array:
    """What is sound and differs by more than is promised, in place of the old."""
    with np.errstate(invalid="ignore"):
        return np.where(sound & (np.abs(new - old) > PROMISED * np.abs(new)), new, old)


@dataclass(frozen=True, eq=False)
class _Exactly:
    """Coherences in whole numbers, held against those of 30 digits.

    Parameters
    ----------
    populations : ndarray, shape (d, points)
        As doubles found them.
    coarse : ndarray, shape (k, points)
        With 30 digits.
    tiny, lost : ndarray of bool, shape (k, points)
        Which of them may be round-off, and which are sought.
    points : ndarray of int, shape (points,)
        In C order of the grid.
    rates : FinerRates
    grid : tuple of int
    """

    populations: Array
    coarse: Array
    tiny: Bool
    lost: Bool
    points: Index
    rates: FinerRates
    grid: tuple[int, ...]

    def instead_of(self, old: Array) -> Array:
        """`old` (k, points) with what is better in its place."""
        out = old.copy()
        count = len(self.points)
        some = np.unique([0, count // 2, count - 1])
        self._solve(out, some)
        # a symmetry that makes a coherence vanish does so at all points
        idle = self.tiny & np.all((out[:, some] == 0) | ~self.lost[:, some], axis=1)[:, None]
        left = np.setdiff1d(np.flatnonzero((self.lost & ~idle).any(axis=0)), some)
        out[self.lost & idle] = 0.0
        if left.size:
            self._solve(out, left)
        return out

    def _solve(self, out: Array, chosen: Index) -> None:
        """Replace those at some of the points, in place."""
        points = self.points[chosen]
        plain = self.rates.plain(points)
        finest, coarser = (ExactCurrents(g(points), plain) for g in (self.rates.finest, self.rates.extended))
        for k in announced(range(len(points)), "coherences without rounding", finest.size, SECONDS):
            found = _unknowns(finest, k)
            dim = len(self.populations)
            if found is None or not _same(found[:dim], self.populations[:, chosen[k]]):
                continue
            new = found[dim:]
            lost, reference = self.lost[:, chosen[k]], self.coarse[:, chosen[k]]
            # 30 digits of the rates alone, where 30 of the elimination tell nothing
            if _unsettled(new, reference, lost) and (slower := _unknowns(coarser, k)) is not None:
                reference = slower[dim:]
            if _unsettled(new, reference, lost):
                place = tuple(int(i) for i in np.unravel_index(points[k], self.grid))
                raise IllConditioned("A coherence is too small beside the populations to be found", [place])
            new[_is_nothing(new, reference)] = 0.0
            out[:, chosen[k]] = _better(new, out[:, chosen[k]], np.ones(len(new), dtype=bool))


def _unknowns(solver: ExactCurrents, point: int) -> Array | None:
    """All unknowns at one point, each rounded once; None without a unique state."""
    state = solver.state(point)
    if state is None:
        return None
    exact = np.zeros(solver.generator.dim**2)
    exact[solver.inside] = [float(x) for x in state]
    return exact


def _is_nothing(new: Array, reference: Array) -> Bool:
    """Which are nothing but the end of the rates' digits."""
    return np.asarray(np.abs(new) <= NOTHING * np.abs(reference))


def _unsettled(new: Array, reference: Array, lost: Bool) -> bool:
    """Whether one of those that were lost is neither 0 nor near what fewer digits of the rates make of it."""
    with np.errstate(all="ignore"):
        near = np.abs(new - reference) <= FAR * np.abs(new)
    return bool(np.any(lost & ~near & ~_is_nothing(new, reference)))
