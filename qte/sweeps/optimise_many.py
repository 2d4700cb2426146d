"""The largest value of a function of several variables between bounds, with a certificate, over a whole grid.

As in `qte.common.optimise` the function is called with arrays of shape ``(points, ...)``: along the first axis the
points at which it is wanted, along the others the grid of its parameters.  Every start climbs at the same time, so
that a search takes some tens of calls of many points each.  The arithmetic is + - * / and square roots in a fixed
order: what the function gives on every processor, the search gives too.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.optimise import Axis, NotRefined
from qte.common.text import number
from qte.sweeps.climbing import AGREEMENT, SHORTEST, Array, Climb, Climbers, Function, Modes


@dataclass(frozen=True, eq=False)
class Optimum:
    """Largest value of a function of several variables between bounds, at every grid point.

    Parameters
    ----------
    value : ndarray, shape (...)
    x : dict of ndarray, shape (...) each
        Where it is, by variable.
    error : dict of ndarray
        How well each variable is known, in its own units: doubt about the slope over the curvature, at most the
        whole range, which is said of a variable on which the value does not depend; 0 at a bound from which the
        function falls.
    end : dict of ndarray of int
        -1 or +1 where a variable is at its lower or upper bound, 0 inside.
    distance : dict of ndarray
        To the nearer bound, as a part of the range (of its logarithm for "log").
    agreeing : ndarray of int
        Starts that came to rest at this value, to a part of 1e-9.  The search ends when half of them have.
    starts : int
        Starts in all.
    """

    value: Array
    x: dict[str, Array]
    error: dict[str, Array]
    end: dict[str, NDArray[np.int8]]
    distance: dict[str, Array]
    agreeing: NDArray[np.intp]
    starts: int

    @property
    def at_bound(self) -> str:
        """What a figure says of bounds: "g at its upper bound", or "" where the maximum is inside everywhere."""
        found = []
        for name, end in self.end.items():
            for side, word in ((-1, "lower"), (1, "upper")):
                share = float(np.mean(end == side))
                if share:
                    part = "" if share == 1 else f" at {number(100 * share, 2)} % of the points"
                    found.append(f"{name} at its {word} bound{part}")
        return ", ".join(found)


def maximise_over(
    function: Function,
    bounds: Mapping[str, tuple[Any, ...]],
    *,
    shape: tuple[int, ...] = (),
    starts: int = 24,
    agreeing: int = 2,
    negligible: float = 0.0,
    rounds: int = 80,
) -> Optimum:
    """Find the largest value of a smooth function of several variables, each between two bounds.

    From an even set of starts, projected Newton steps: slopes and curvatures are difference quotients on a length that
    follows the function's own bend, and of several steps the best is taken.  At the end Newton's step is taken for its
    own sake, so that the place is known to what the slope shows and not only to what the value shows.

    Parameters
    ----------
    function : callable
        Called with the variables by name, arrays of shape (points, ...) each; returns (points, ...).  It has to be
        smooth where it is largest, and finite everywhere between the bounds; a quantity that is cut off at zero
        should be given uncut.
    bounds : mapping of str to (lower, upper) or (lower, upper, scale)
        Each broadcast to `shape`; scale "linear" or "log" says in what the steps are.
    shape : tuple of int
        Shape of the grid of parameters.
    starts : int
        Starts, at every grid point.
    agreeing : int
        How many of them have to reach the largest value.
    negligible : float
        Differences of this size are none: for a function whose largest value may be 0 or nearly so.
    rounds : int
        Most steps that a start may take.

    Raises
    ------
    ParameterError
        Bounds that are not finite or not ascending, or of variables that the function does not take.
    NotFinite
        The function returned NaN or infinity.
    NotRefined
        The start with the largest value did not come to rest, too few agree, or there is a kink at the maximum.

    Examples
    --------
    >>> target = np.array([0.25, 0.5, 2.0])
    >>> found = maximise_over(lambda x, y: -((x - target) ** 2) - (y - x / 2) ** 2,
    ...                       {"x": (0.0, 1.0), "y": (0.0, 1.0)}, shape=(3,))
    >>> found.x["y"].round(9)
    array([0.125, 0.25 , 0.5  ])
    >>> found.at_bound
    'x at its upper bound at 33 % of the points'
    """
    check.function("function", function)
    check.integer("starts", starts, minimum=1)
    check.integer("agreeing", agreeing, minimum=1, maximum=starts)
    check.integer("rounds", rounds, minimum=1)
    check.scalar("negligible", negligible, minimum=0.0)
    climb = Climb(function, _axes(function, bounds, shape), negligible)
    place = np.broadcast_to(
        _even_starts(len(bounds), starts).reshape(-1, starts, *[1] * len(shape)),
        (len(bounds), starts, *shape),
    )
    at = climb.from_places(place)
    for _ in range(rounds):
        moving = np.flatnonzero(~at.rested.reshape(starts, -1).all(axis=1))
        if not moving.size or np.all(2 * _agreeing(at, negligible) >= starts):
            break
        at.put(moving, climb.step(at.take(moving)))
    return _certified(climb, at, agreeing)


def _axes(function: Function, bounds: Mapping[str, Any], shape: tuple[int, ...]) -> dict[str, Axis]:
    """The range of each variable, which the function takes by its name."""
    if not isinstance(bounds, Mapping) or not bounds:
        raise ParameterError("bounds", bounds, "be a mapping of variables to (lower, upper)")
    axes = {name: _axis(name, bound, shape) for name, bound in bounds.items()}
    try:
        inspect.signature(function).bind(**bounds)
    except TypeError as error:
        allowed = f"name the arguments of the function ({error})"
        raise ParameterError("bounds", list(bounds), allowed) from None
    except ValueError:  # a compiled function may tell no signature
        pass
    return axes


def _axis(name: str, bound: Any, shape: tuple[int, ...]) -> Axis:
    if not isinstance(bound, tuple | list) or len(bound) not in (2, 3):
        raise ParameterError("bounds", bound, f"give `{name}` as (lower, upper) or (lower, upper, scale)")
    try:
        return Axis(bound[0], bound[1], shape, *bound[2:])
    except ParameterError as error:
        allowed = f"{error.allowed} (bounds of `{name}`)"
        raise ParameterError(error.name, error.value, allowed, error.index) from None


def _even_starts(variables: int, count: int) -> Array:
    """Points of the unit cube that no few of which leave a gap, shape (variables, count): multiples of the powers of
    the root of x^(n+1) = x + 1, modulo 1 (Roberts, 2018)."""
    root = 1.5
    for _ in range(100):
        power = 1.0
        for _ in range(variables):
            power *= root
        root -= (power * root - root - 1) / ((variables + 1) * power - 1)
    steps, power = [], 1.0
    for _ in range(variables):
        power /= root
        steps.append(power)
    return np.asarray((0.5 + np.outer(steps, np.arange(count))) % 1.0)


def _agreeing(at: Climbers, negligible: float) -> NDArray[np.intp]:
    """How many starts rest at the largest value, at every grid point."""
    top = at.value.max(axis=0)
    there = np.abs(at.value - top) <= AGREEMENT * np.abs(top) + negligible
    return np.asarray((at.rested & there).sum(axis=0))


def _certified(climb: Climb, at: Climbers, agreeing: int) -> Optimum:
    """The best start of every grid point, or an error that names the points without one."""
    over = ", ".join(climb.axes)
    top = at.highest()
    above = at.value.max(axis=0) - top.value[0]
    lost = ~top.rested[0] | (above > AGREEMENT * np.abs(top.value[0]) + climb.negligible)
    if lost.any():
        raise NotRefined(
            f"The maximum over {over} is not found: its best start came to no rest", _places(lost)
        )
    agree = _agreeing(at, climb.negligible)
    few = agree < agreeing
    if few.any():
        raise NotRefined(
            f"The maximum over {over} is reached by {int(agree.min())} of {len(at.value)} starts, "
            f"not by {agreeing}: give more starts or narrower bounds",
            _places(few),
        )
    slopes = climb.slopes(top)
    while (short := slopes.rough & slopes.free & (top.step > SHORTEST)).any():
        top.step = np.where(short, np.maximum(top.step / 4, SHORTEST), top.step)
        slopes = climb.slopes(top)
    bent = np.asarray((slopes.rough & slopes.free).any(axis=0))[0]
    if bent.any():
        raise NotRefined(
            f"The maximum over {over} is known badly: the function has a kink there", _places(bent)
        )
    doubt = Modes(slopes).doubt(slopes)[:, 0]
    u, x = top.u[:, 0], {name: part[0] for name, part in climb.x(top.u).items()}
    axes = climb.axes.items()
    return Optimum(
        top.value[0],
        x,
        {
            name: axis.spread(x[name], (axis.high - axis.low) * part)
            for (name, axis), part in zip(axes, doubt, strict=True)
        },
        {
            name: ((part >= 1).astype(np.int8) - (part <= 0)).astype(np.int8)
            for name, part in zip(x, u, strict=True)
        },
        {name: np.minimum(part, 1 - part) for name, part in zip(x, u, strict=True)},
        agree,
        len(at.value),
    )


def _places(bad: NDArray[np.bool_]) -> list[tuple[int, ...]]:
    return [tuple(int(i) for i in place) for place in np.argwhere(bad)]
