"""The few forms that statements of a paper take; each is one check, with the point and the numbers that decide it.

`equals` and `never_below` are `compare` and `hunt` of `checks` under the names that one reads in an entry.  Every
function that is given is vectorised over the parameter that is looked along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from qte.common import elementary as el
from qte.common.optimise import find_root, maximise
from qte.ledger.checks import Array, Comparison, Fact, Numbers, compare, fact, hunt
from qte.ledger.numbers import Plain
from qte.ledger.verdicts import Refused

equals: Final = compare
never_below: Final = hunt
POINTS: Final = 401
ZOOMS: Final = 3
# Where a place is looked for, it is found to this fraction of the interval.
PLACE: Final = 1e-9
ROUND_OFF: Final = 1e-13

Along = Callable[[Array], Array]


def larger(what: str, at: Numbers | None = None, **two: ArrayLike) -> Fact:
    """The first of two numbers is larger than the second, everywhere where they are arrays.

    Examples
    --------
    >>> larger("J with the gradient above J without", with_it=2.0, without=1.0).passed
    True
    """
    if len(two) != 2:
        raise Refused(f"`{what}` compares {len(two)} numbers; two are needed")
    first, second = (np.asarray(value, dtype=float) for value in two.values())
    gap = np.ravel(first - second)
    worst = int(np.argmin(gap))
    pair = (np.ravel(np.broadcast_to(value, np.shape(first - second)))[worst] for value in (first, second))
    return fact(what, bool(np.all(gap > 0)), at=at, **dict(zip(two, pair, strict=True)))


def close(what: str, value: ArrayLike, stated: float, within: float, at: Numbers | None = None) -> Fact:
    """A number of the paper, met to a fraction `within` of it."""
    found = float(np.asarray(value))
    return fact(what, abs(found - stated) <= within * abs(stated), at=at, found=found, stated=stated)


def vanishes(
    what: str, values: ArrayLike, points: Mapping[str, ArrayLike], *, scale: ArrayLike
) -> Comparison:
    """A quantity is zero at every draw, of the size of its terms."""
    return compare(what, values, np.zeros_like(np.asarray(values)), points, scale=scale)


def negligible(what: str, values: ArrayLike, bound: float = 1e-12) -> Fact:
    """What is only round-off: no two processors share it, so that the bound which it keeps is shown."""
    return fact(what, float(np.abs(values).max()) <= bound, largest_below=bound)


def rises(
    what: str,
    function: Along,
    low: float,
    high: float,
    *,
    of: str,
    log: bool = False,
    at: Numbers | None = None,
) -> Fact:
    """A function rises strictly from `low` to `high` of the parameter `of`.

    A scan, then three scans of the interval in which it rises least.  The function takes the points, shape (n,),
    and may give several curves, shape (n, m); each has to rise.
    """
    return _monotone(what, function, low, high, of, log, at, +1)


def falls(
    what: str,
    function: Along,
    low: float,
    high: float,
    *,
    of: str,
    log: bool = False,
    at: Numbers | None = None,
) -> Fact:
    """A function falls strictly from `low` to `high` of the parameter `of`; see `rises`."""
    return _monotone(what, function, low, high, of, log, at, -1)


def _monotone(
    what: str, function: Along, low: float, high: float, of: str, log: bool, at: Numbers | None, sign: int
) -> Fact:
    spaced = el.geomspace if log else np.linspace
    x = np.asarray(spaced(low, high, POINTS))
    y = sign * _curves(function, x)
    broken = np.flatnonzero(np.any(np.diff(y, axis=0) <= 0, axis=0))
    if broken.size:
        return _broken(what, x, sign * y[:, broken[0]], sign, of, _curve(at, broken[0], y))
    for k in range(y.shape[1]):
        where, values = x, y[:, k]
        # a fall that the scan steps over shows where it rises least
        for _ in range(ZOOMS):
            slowest = int(np.argmin(np.diff(values) / np.diff(where)))
            ends = where[max(slowest - 1, 0)], where[min(slowest + 2, len(where) - 1)]
            where = np.asarray(spaced(*ends, POINTS // 10))
            values = sign * _curves(function, where)[:, k]
            if np.any(np.diff(values) < -ROUND_OFF * np.abs(values[1:])):
                return _broken(what, where, sign * values, sign, of, _curve(at, k, y))
    # an end that is 0 but for round-off is 0: the rest differs between machines
    size = np.abs(y).max(axis=0)
    first, last = (np.where(np.abs(end) > ROUND_OFF * size, sign * end, 0.0) for end in (y[0], y[-1]))
    return fact(what, True, at=at, first=first, last=last)


def _curves(function: Along, x: Array) -> Array:
    """Values, shape (n, curves)."""
    return np.asarray(function(x), dtype=float).reshape(len(x), -1)


def _curve(at: Numbers | None, k: int, y: Array) -> dict[str, Plain]:
    return {**(at or {}), **({"curve": int(k) + 1} if y.shape[1] > 1 else {})}


def _broken(what: str, x: Array, y: Array, sign: int, of: str, at: dict[str, Plain]) -> Fact:
    """A failure, with the ends of the largest move against the stated direction."""
    highest = np.maximum.accumulate(sign * y)
    right = int(np.argmax(highest - sign * y))
    left = int(np.argmax(sign * y[: right + 1]))
    where = at | {of: float(x[left]), f"{of}_after": float(x[right])}
    return fact(what, False, at=where, before=y[left], after=y[right])


def maximum_at(
    what: str,
    function: Along,
    low: float,
    high: float,
    *,
    of: str,
    stated: float,
    within: float,
    log: bool = False,
    at: Numbers | None = None,
) -> Fact:
    """The largest value between `low` and `high` lies within a distance `within` of the stated place."""
    top = maximise(function, low, high, scale="log" if log else "linear", tolerance=PLACE)
    place, value = float(top.x), float(top.value)
    point: dict[str, Plain] = {**(at or {}), of: place}
    return fact(what, abs(place - stated) <= within, at=point, place=place, value=value, stated=stated)


def crossing_at(
    what: str,
    function: Along,
    low: float,
    high: float,
    *,
    of: str,
    stated: float,
    within: float,
    log: bool = False,
    at: Numbers | None = None,
) -> Fact:
    """The first zero between `low` and `high` lies within a distance `within` of the stated place.

    Raises
    ------
    Refused
        If the function does not change its sign there.
    """
    root = find_root(function, low, high, scale="log" if log else "linear")
    place = float(root.x)
    if not np.isfinite(place):
        raise Refused(f"`{what}`: no change of sign between {low:g} and {high:g}")
    point: dict[str, Plain] = {**(at or {}), of: place}
    return fact(what, abs(place - stated) <= within, at=point, place=place, stated=stated)


def steady_within(what: str, values: ArrayLike, within: float, at: Numbers | None = None) -> Fact:
    """A quantity varies by no more than a fraction `within` of its mean."""
    array = np.ravel(np.asarray(values, dtype=float))
    spread = float(np.ptp(array) / abs(np.mean(array)))
    return fact(what, spread <= within, at=at, spread=spread, smallest=array.min(), largest=array.max())


__all__ = [
    "close",
    "crossing_at",
    "equals",
    "fact",
    "falls",
    "larger",
    "maximum_at",
    "negligible",
    "never_below",
    "rises",
    "steady_within",
    "vanishes",
]
