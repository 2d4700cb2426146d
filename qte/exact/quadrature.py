"""Integrals over the whole line with a certificate, for many parameters at once: the same bits on every processor.

Panels between given points, and one from the last of them to infinity on either side, are halved where the rules of
10 and of 21 nodes (Gauss and Kronrod; R. Piessens et al., QUADPACK (1983)) differ by more than is allowed.  What they
differ by bounds the error of the coarser one and is counted as that of the finer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qte.common.errors import IllConditioned
from qte.common.optimise import NotFinite, require_accuracy

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Function = Callable[[Array, Index], Array]

TOLERANCE: Final = 1e-10
# A panel may have this part of the tolerance; a panel is halved this often at most; so many fit into the cache.
SHARE, HALVINGS, TOGETHER = 1 / 64, 60, 256
# A point that needs more panels than this has a function that is not smooth, or noise in it.
MOST = 4000
# An integral that is 1 may differ from it by so many tolerances.
WEIGHT: Final = 100

# Where panels end about a peak, in units of its width: of all sets tried this one needs the fewest panels.
AROUND: Final = (-16.0, -4.0, -1.0, 0.0, 1.0, 4.0, 16.0)

_HALF_NODES: Final = (
    0.99565716302580808, 0.97390652851717172, 0.93015749135570823, 0.86506336668898451, 0.78081772658641690,
    0.67940956829902441, 0.56275713466860468, 0.43339539412924719, 0.29439286270146020, 0.14887433898163121,
)  # fmt: skip
_HALF_KRONROD: Final = (
    0.011694638867371874, 0.032558162307964727, 0.054755896574351996, 0.075039674810919953, 0.093125454583697606,
    0.10938715880229764, 0.12349197626206585, 0.13470921731147333, 0.14277593857706008, 0.14773910490133849,
)  # fmt: skip
_MIDDLE: Final = 0.14944555400291691
_HALF_GAUSS: Final = (
    0.0, 0.066671344308688138, 0.0, 0.14945134915058059, 0.0,
    0.21908636251598204, 0.0, 0.26926671930999636, 0.0, 0.29552422471475287,
)  # fmt: skip
NODES: Final = np.array([*(-x for x in _HALF_NODES), 0.0, *reversed(_HALF_NODES)])
KRONROD: Final = np.array([*_HALF_KRONROD, _MIDDLE, *reversed(_HALF_KRONROD)])
GAUSS: Final = np.array([*_HALF_GAUSS, 0.0, *reversed(_HALF_GAUSS)])


@dataclass(frozen=True, eq=False)
class Integral:
    """Integrals of k functions at every point.

    Parameters
    ----------
    value : ndarray, shape (k, points)
    error : ndarray, shape (k, points)
        Bound on the error: what two rules differ by, added up over the panels.
    size : ndarray, shape (k, points)
        The integral of the modulus.
    panels : int
        How many were needed in all.
    """

    value: Array
    error: Array
    size: Array
    panels: int


@dataclass(frozen=True, eq=False)
class _Panels:
    """Ends in a variable u: energy itself, or ``outermost point ± scale (1 - u)/u`` beyond it (side ±1)."""

    point: Index
    side: Array
    low: Array
    high: Array

    def kept(self, which: NDArray[np.bool_] | slice) -> _Panels:
        return _Panels(self.point[which], self.side[which], self.low[which], self.high[which])

    def halved(self) -> _Panels:
        middle = (self.low + self.high) / 2
        return _Panels(
            np.concatenate([self.point, self.point]),
            np.concatenate([self.side, self.side]),
            np.concatenate([self.low, middle]),
            np.concatenate([middle, self.high]),
        )


def integrate(
    function: Function,
    cuts: Array,
    *,
    tolerance: float = TOLERANCE,
    together: slice = slice(0, 0),
    what: str = "an integral",
) -> Integral:
    """Integrals from minus to plus infinity.

    Parameters
    ----------
    function : callable
        Of energies, shape (nodes, m), and of the point that each column belongs to, shape (m,); returns
        shape (k, nodes, m).  It falls off at least as 1/x**2.
    cuts : ndarray, shape (c, points)
        Where panels end at first: energies about which the functions change fast, and where they jump.
    tolerance : float
        Of the integral of the modulus.
    together : slice
        Functions measured by the largest of them, as entries of one matrix: what cancels in one has no digits.
    what : str
        The result, as the subject of an error.

    Raises
    ------
    NotRefined
        The tolerance is not met.
    NotFinite
        A value is not finite.

    Examples
    --------
    >>> line = lambda x, point: (1 / (1 + x**2))[None]
    >>> round(float(integrate(line, np.zeros((1, 1))).value[0, 0]), 12)
    3.14159265359
    """
    cuts = np.sort(cuts, axis=0)
    points = cuts.shape[1]
    scale = np.maximum(cuts[-1] - cuts[0], np.maximum(np.abs(cuts[0]), np.abs(cuts[-1])))
    outer = np.stack([cuts[0], cuts[-1], np.where(scale > 0, scale, 1.0)])
    todo, done, count = _first(cuts), None, 0
    for halving in range(HALVINGS + 1):
        count += len(todo.point)
        parts = np.concatenate([_measured(function, outer, part) for part in _together(todo)], axis=2)
        if not np.all(np.isfinite(parts)):
            raise NotFinite(f"{what} has a value that is not finite", ())
        if done is None:
            done = np.zeros((3, parts.shape[1], points))
        size = done[2] + _added(parts[2], todo.point, points)
        size[together] = size[together].max(axis=0, initial=0.0)
        fine = np.all(parts[1] <= tolerance * SHARE * size[:, todo.point], axis=0)
        fine |= halving == HALVINGS or count > MOST * points
        for k in range(3):
            done[k] += _added(parts[k][:, fine], todo.point[fine], points)
        if fine.all():
            break
        todo = todo.kept(~fine).halved()
    assert done is not None
    value, error = done[:2]
    require_accuracy(what, error / np.where(size > 0, size, 1.0), tolerance)
    return Integral(value, error, size, count)


def require_whole(weights: Array, tolerance: float, shape: tuple[int, ...], missing: str) -> None:
    """Integrals that are 1 for every site, shape (sites, points), unless something is not reached.

    Parameters
    ----------
    missing : str
        What there is then and what it lacks, with a place for how much.

    Raises
    ------
    IllConditioned
    """
    lacking = np.abs(weights - 1).max(axis=0)
    bad = np.flatnonzero(lacking > WEIGHT * tolerance)
    if len(bad):
        indices = [tuple(map(int, np.unravel_index(k, shape))) for k in bad]
        raise IllConditioned(missing.format(f"{float(lacking[bad].max()):.1e}"), indices)


def added_up(parts: Iterator[Array]) -> Array:
    """Sum of at least one array, in their order."""
    total = next(parts)
    for part in parts:
        total = total + part
    return total


def _first(cuts: Array) -> _Panels:
    """The panels between neighbours that differ, and the two to infinity."""
    points = np.arange(cuts.shape[1])
    ones = np.ones(len(points))
    between = _Panels(
        np.tile(points, len(cuts) - 1),
        np.zeros((len(cuts) - 1) * len(points)),
        cuts[:-1].ravel(),
        cuts[1:].ravel(),
    ).kept(cuts[1:].ravel() > cuts[:-1].ravel())
    return _Panels(
        np.concatenate([points, between.point, points]),
        np.concatenate([-ones, between.side, ones]),
        np.concatenate([0 * ones, between.low, 0 * ones]),
        np.concatenate([ones, between.high, ones]),
    )


def _together(panels: _Panels) -> Iterator[_Panels]:
    # at least once, though there be no point: how many functions there are is known by calling them
    for start in range(0, max(1, len(panels.point)), TOGETHER):
        yield panels.kept(slice(start, start + TOGETHER))


def _measured(function: Function, outer: Array, panels: _Panels) -> Array:
    """Integral, difference of the two rules and integral of the modulus of each panel, shape (3, k, m)."""
    half, middle = (panels.high - panels.low) / 2, (panels.high + panels.low) / 2
    u = middle + NODES[:, None] * half
    first, last, scale = outer[:, panels.point]
    far = panels.side != 0
    safe = np.where(far, u, 1.0)
    x = np.where(far, np.where(panels.side < 0, first, last) + panels.side * scale * (1 - safe) / safe, u)
    values = function(x, panels.point) * (half * np.where(far, scale / (safe * safe), 1.0))
    out = np.zeros((3, *values.shape[::2]))
    for node in range(len(NODES)):
        part = values[:, node]
        out[0] += KRONROD[node] * part
        out[1] += (KRONROD[node] - GAUSS[node]) * part
        out[2] += KRONROD[node] * np.abs(part)
    np.abs(out[1], out=out[1])
    return out


def _added(parts: Array, point: Index, points: int) -> Array:
    """Sums over the panels of each point, one panel after the other, shape (k, points)."""
    return np.stack([np.bincount(point, weights=row, minlength=points) for row in parts])
