"""The largest value of a function of several variables between bounds, with a certificate, over a whole grid.

As in `qte.common.optimise` the function is called with arrays of shape ``(points, ...)``: along the first axis the
points at which it is wanted, along the others the grid of its parameters.  Every start climbs at the same time, so
that a search takes some tens of calls of many points each.  The arithmetic is + - * / and square roots in a fixed
order: what the function gives on every processor, the search gives too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import matrices
from qte.common import parameters as check
from qte.common.optimise import Axis, NotRefined, all_finite
from qte.common.text import number

Array = NDArray[np.float64]
Function = Callable[..., ArrayLike]

EPS: Final = float(np.finfo(float).eps)
# A maximum is reached when the next step of Newton's method promises less than this part of the value …
GAIN: Final = 1e-13
# … and starts agree when their values do to this part of the largest.
AGREEMENT: Final = 1e-9
# A fourth difference above this part of the second, over steps this short still, is that of a kink.
_ROUGH: Final = 0.1
_SHORTEST: Final = 1e-6
# Steps of the difference quotients in units of the length over which the function bends.
_STEP: Final = 1e-3
# Levenberg's shifts, from Newton's step to the gradient's, in units of gradient over radius.
_SHIFTS: Final = (0.0, 0.1, 0.5, 2.0, 10.0, 100.0)
# No step is higher down to this part of the range: what still seems to be promised is round-off.
_LOST: Final = 1e-7
# A direction this much flatter than the steepest is one along which difference quotients see no curvature.
_FLAT: Final = 1e-5
# Derivatives at s of the polynomial through five equidistant values: coefficients of 1, s, s², … by value.
_NODES: Final = np.arange(5.0)
_BASIS: Final = np.array(
    [
        [1, -25 / 12, 35 / 24, -5 / 12, 1 / 24],
        [0, 4, -13 / 3, 3 / 2, -1 / 6],
        [0, -3, 19 / 4, -2, 1 / 4],
        [0, 4 / 3, -7 / 3, 7 / 6, -1 / 6],
        [0, -1 / 4, 11 / 24, -1 / 4, 1 / 24],
    ]
)


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

    From every point of an even set of starts, projected Newton steps: gradients and curvatures come from difference
    quotients of fourth order on a length that follows the function's own bend, and of several lengths of step the
    best is taken.  At the end Newton's step is taken for its own sake, so that the place is known to what the slope
    shows and not only to what the value shows.

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
        Values of this size and below are alike: for a function whose largest value may be 0.
    rounds : int
        Most steps that a start may take.

    Raises
    ------
    ParameterError
        Bounds that are not finite or not ascending.
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
    check.integer("starts", starts, minimum=1)
    check.integer("agreeing", agreeing, minimum=1, maximum=starts)
    climb = _Climb(function, {name: _axis(shape, *bound) for name, bound in bounds.items()}, negligible)
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


def _axis(shape: tuple[int, ...], lower: ArrayLike, upper: ArrayLike, scale: str = "linear") -> Axis:
    return Axis(lower, upper, shape, scale)


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


@dataclass(eq=False)
class _Climbers:
    """Where the starts are: unit coordinates (variables, starts, ...), values and radii of trust (starts, ...)."""

    u: Array
    value: Array
    radius: Array
    step: Array
    settled: NDArray[np.intp]

    @property
    def rested(self) -> NDArray[np.bool_]:
        return self.settled >= 3

    def take(self, index: NDArray[np.intp]) -> _Climbers:
        return _Climbers(
            self.u[:, index], self.value[index], self.radius[index], self.step[:, index], self.settled[index]
        )

    def highest(self) -> _Climbers:
        """The one start of every grid point that is highest of those at rest."""
        best = np.argmax(np.where(self.rested, self.value, -np.inf), axis=0)[None]
        u, step = (np.take_along_axis(part, best[None], axis=1) for part in (self.u, self.step))
        value, radius = (np.take_along_axis(part, best, axis=0) for part in (self.value, self.radius))
        settled = np.take_along_axis(self.settled, best, axis=0)
        return _Climbers(u, value, radius, step, settled)

    def put(self, index: NDArray[np.intp], moved: _Climbers) -> None:
        """Write what moved, except for starts that were at rest."""
        still = self.rested[index]
        for own, new in ((self.u, moved.u), (self.step, moved.step)):
            own[:, index] = np.where(still, own[:, index], new)
        for own, new in ((self.value, moved.value), (self.radius, moved.radius)):
            own[index] = np.where(still, own[index], new)
        self.settled[index] = np.where(still, self.settled[index], moved.settled)


@dataclass(frozen=True, eq=False)
class _Slopes:
    """Gradient (variables, ...), its doubt, and curvatures (variables, variables, ...); bound variables taken out."""

    gradient: Array
    doubt: Array
    hessian: Array
    free: NDArray[np.bool_]
    rough: NDArray[np.bool_]
    scale: Array


class _Climb:
    """The function on the unit cube, and one step uphill."""

    def __init__(self, function: Function, axes: Mapping[str, Axis], negligible: float = 0.0) -> None:
        self.function, self.axes, self.negligible = function, axes, negligible

    def x(self, u: Array) -> dict[str, Array]:
        """Variables by name from unit coordinates; a bound comes back exactly."""
        return {name: axis.between(part) for (name, axis), part in zip(self.axes.items(), u, strict=True)}

    def values(self, u: Array) -> Array:
        """The function at unit coordinates (variables, points, ...)."""
        return all_finite(self.function(**self.x(u)), u.shape[1:])

    def many(self, places: list[Array]) -> Array:
        """The function at several sets of places in one call, shape (sets, starts, ...)."""
        stack = np.stack(places, axis=1)
        flat = stack.reshape(stack.shape[0], -1, *stack.shape[3:])
        return self.values(flat).reshape(stack.shape[1:])

    def from_places(self, u: Array) -> _Climbers:
        """Climbers that have not moved yet."""
        u = np.array(u)
        value = np.array(self.values(u))
        step = np.full_like(u, 0.02)
        return _Climbers(u, value, np.full_like(value, 0.25), step, np.zeros(value.shape, dtype=np.intp))

    def slopes(self, at: _Climbers) -> _Slopes:
        """First and second derivatives by values on both sides, or on the inner side of a bound."""
        size = len(at.u)
        low = np.clip(at.u - 2 * at.step, 0.0, 1.0 - 4 * at.step)
        high = low + 4 * at.step
        upwards = at.u <= 0.5
        near, far = np.where(upwards, high, low), np.where(upwards, low, high)
        pairs = [(i, j) for i in range(size) for j in range(i)]
        places = [_moved(at.u, {i: low[i] + k * at.step[i]}) for i in range(size) for k in range(5)]
        places += [_moved(at.u, {i: side[i], j: side[j]}) for i, j in pairs for side in (near, far)]
        found = self.many(places)
        rows = found[: 5 * size].reshape(size, 5, *found.shape[1:])
        first, second, fourth = _derivatives(rows, (at.u - low) / at.step)
        scale = np.maximum(np.abs(found).max(axis=0), self.negligible)
        gradient = first / at.step
        doubt = (np.abs(fourth) / 6 + 4 * EPS * scale) / at.step
        hessian = np.zeros((size, size, *at.value.shape))
        for i in range(size):
            hessian[i, i] = second[i] / (at.step[i] * at.step[i])
        at_near = np.where(upwards, rows[:, 4], rows[:, 0]), near - at.u
        at_far = np.where(upwards, rows[:, 0], rows[:, 4]), far - at.u
        for (i, j), (inner, outer) in zip(
            pairs, found[5 * size :].reshape(-1, 2, *found.shape[1:]), strict=True
        ):
            hessian[i, j] = hessian[j, i] = _mixed(at.value, (inner, at_near), (outer, at_far), i, j)
        free = ~((at.u <= 0) & (gradient <= 0)) & ~((at.u >= 1) & (gradient >= 0))
        for i in range(size):
            for j in range(size):
                held = -1.0 if i == j else 0.0
                hessian[i, j] = np.where(free[i] & free[j], hessian[i, j], held)
        rough = (np.abs(fourth) > _ROUGH * np.abs(second)) & (np.abs(fourth) > 100 * EPS * scale)
        return _Slopes(gradient, doubt, hessian, free, rough, scale)

    def step(self, at: _Climbers) -> _Climbers:
        """Every start one step higher, or with a smaller radius of trust."""
        slopes = self.slopes(at)
        modes = _Modes(slopes)
        steps = [modes.step(shift, at.radius) for shift in _SHIFTS]
        places = [np.clip(at.u + step, 0.0, 1.0) for step in steps]
        values = self.many(places)
        best = np.argmax(values, axis=0)
        near = modes.gain <= GAIN * slopes.scale
        best = np.where(near, 0, best)
        place = np.take_along_axis(np.stack(places), best[None, None], axis=0)[0]
        value = np.take_along_axis(values, best[None], axis=0)[0]
        moved = near | (value > at.value)
        length = np.abs(place - at.u).max(axis=0)
        radius = np.where(moved, np.minimum(np.maximum(4 * length, at.radius / 4), 1.0), at.radius / 8)
        bend = np.abs(np.stack([slopes.hessian[i, i] for i in range(len(at.u))]))
        with np.errstate(divide="ignore", invalid="ignore"):
            length_of_bend = np.where(bend * 400 > slopes.scale, np.sqrt(slopes.scale / bend), 20.0)
        finer = np.clip(_STEP * length_of_bend, _SHORTEST, np.minimum(0.02, 2 * at.step))
        finer = np.where(slopes.rough, np.maximum(at.step / 4, _SHORTEST), finer)
        return _Climbers(
            np.where(moved, place, at.u),
            np.where(moved, value, at.value),
            radius,
            np.where(slopes.free, finer, np.minimum(at.step, 1e-3)),
            np.where(near | (radius < _LOST), at.settled + 1, 0),
        )


def _agreeing(at: _Climbers, negligible: float) -> NDArray[np.intp]:
    """How many starts rest at the largest value, at every grid point."""
    top = at.value.max(axis=0)
    there = np.abs(at.value - top) <= AGREEMENT * np.maximum(np.abs(top), negligible)
    return np.asarray((at.rested & there).sum(axis=0))


def _moved(u: Array, to: Mapping[int, Array]) -> Array:
    place = u.copy()
    for i, value in to.items():
        place[i] = value
    return np.clip(place, 0.0, 1.0)


def _derivatives(values: Array, s: Array) -> tuple[Array, Array, Array]:
    """First, second and fourth derivative at s of the polynomial through values (variables, 5, ...) at 0 … 4."""
    terms = [sum(_BASIS[k, power] * values[:, k] for k in range(5)) for power in range(5)]
    first = terms[1] + s * (2 * terms[2] + s * (3 * terms[3] + s * 4 * terms[4]))
    second = 2 * terms[2] + s * (6 * terms[3] + s * 12 * terms[4])
    return np.asarray(first), np.asarray(second), np.asarray(24 * terms[4])


def _mixed(value: Array, near: Any, far: Any, i: int, j: int) -> Array:
    """Second derivative by two variables, from both sides where there is room and from the inner one at a bound."""
    found = []
    for both, (alone, way) in (near, far):
        with np.errstate(divide="ignore", invalid="ignore"):
            found.append((both - alone[i] - alone[j] + value) / (way[i] * way[j]))
    inner, outer = near[1][1], far[1][1]
    room = np.abs(outer) >= 0.99 * np.abs(inner)
    return np.asarray(np.where(room[i] & room[j], (found[0] + found[1]) / 2, found[0]))


class _Modes:
    """Directions in which the curvature is diagonal, and the steps that it proposes."""

    def __init__(self, slopes: _Slopes) -> None:
        hessian = np.moveaxis(slopes.hessian, (0, 1), (-2, -1))
        values, self.vectors = matrices.eigh(-hessian)
        gradient = np.where(slopes.free, slopes.gradient, 0.0)
        self.bend = np.moveaxis(values, -1, 0)
        self.part = self._over(gradient)
        self.floor = 1e-9 * np.abs(self.bend).max(axis=0) + np.finfo(float).tiny
        self.steepness = np.abs(gradient).max(axis=0)
        self.gain = np.asarray(sum(self.part**2 / np.maximum(np.abs(self.bend), self.floor)) / 2)

    def _over(self, vector: Array) -> Array:
        """Components along the directions, shape (variables, ...)."""
        rows = np.moveaxis(vector, 0, -1)[..., None, :]
        return np.moveaxis(matrices.product(rows, self.vectors)[..., 0, :], -1, 0)

    def step(self, shift: float, radius: Array) -> Array:
        """Step of at most `radius` for a shift of the curvatures, shape (variables, ...)."""
        bend = np.maximum(np.abs(self.bend), self.floor) + shift * self.steepness / radius
        along = np.moveaxis(self.part / bend, 0, -1)[..., None]
        step = np.moveaxis(matrices.product(self.vectors, along)[..., 0], -1, 0)
        longest = np.abs(step).max(axis=0)
        return np.asarray(step * np.minimum(1.0, radius / np.maximum(longest, np.finfo(float).tiny)))

    def doubt(self, slopes: _Slopes) -> Array:
        """How far each variable may be off, at most the whole range of 1, shape (variables, ...)."""
        away = np.abs(np.moveaxis(self.vectors, (-2, -1), (0, 1)))
        doubt = np.where(slopes.free, slopes.doubt, 0.0)
        along = np.stack([sum(away[:, k] * doubt) for k in range(len(doubt))]) + np.abs(self.part)
        sure = np.maximum(self.bend - _FLAT * np.abs(self.bend).max(axis=0), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            off = np.where(along > 0, np.minimum(along / sure, 1.0), 0.0)
        spread = np.stack([sum(away[i] * off) for i in range(len(doubt))])
        return np.asarray(np.where(slopes.free, np.minimum(spread, 1.0), 0.0))


def _certified(climb: _Climb, at: _Climbers, agreeing: int) -> Optimum:
    """The best start of every grid point, or an error that names the points without one."""
    over = ", ".join(climb.axes)
    top = at.highest()
    size = np.maximum(np.abs(top.value[0]), climb.negligible)
    lost = ~top.rested[0] | (at.value.max(axis=0) - top.value[0] > AGREEMENT * size)
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
    while (short := slopes.rough & slopes.free & (top.step > _SHORTEST)).any():
        top.step = np.where(short, np.maximum(top.step / 4, _SHORTEST), top.step)
        slopes = climb.slopes(top)
    bent = np.asarray((slopes.rough & slopes.free).any(axis=0))[0]
    if bent.any():
        raise NotRefined(
            f"The maximum over {over} is known badly: the function has a kink there", _places(bent)
        )
    doubt = _Modes(slopes).doubt(slopes)[:, 0]
    u, x = top.u[:, 0], {name: part[0] for name, part in climb.x(top.u).items()}
    axes = climb.axes.items()
    return Optimum(
        top.value[0],
        x,
        {name: axis.spread_of_part(x[name], part) for (name, axis), part in zip(axes, doubt, strict=True)},
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
