"""Points that climb a function of several variables all at once: slopes, curvatures and steps, for `maximise_over`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import matrices
from qte.common.optimise import Axis, all_finite

Array = NDArray[np.float64]
Function = Callable[..., ArrayLike]

EPS: Final = float(np.finfo(float).eps)
# A maximum is reached when the next step of Newton's method promises less than this part of the value …
GAIN: Final = 1e-13
# … or less than 1e-9 of which a hundredth is had; starts agree when their values do to this part of the largest.
AGREEMENT: Final = 1e-9
# A fourth difference above this part of the second, over steps this short still, is that of a kink.
_ROUGH: Final = 0.1
SHORTEST: Final = 1e-6
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


def _between(axis: Axis, part: Array) -> Array:
    """x at a part from 0 to 1 of the way from bound to bound; a bound comes back exactly."""
    u = axis.low + (axis.high - axis.low) * part
    return axis.to_x(np.where(part == 1, axis.high, u))


@dataclass(eq=False)
class Climbers:
    """Where the starts are: unit coordinates (variables, starts, ...), values and radii of trust (starts, ...)."""

    u: Array
    value: Array
    radius: Array
    step: Array
    settled: NDArray[np.intp]

    @property
    def rested(self) -> NDArray[np.bool_]:
        return self.settled >= 3

    def take(self, index: NDArray[np.intp]) -> Climbers:
        return Climbers(
            self.u[:, index], self.value[index], self.radius[index], self.step[:, index], self.settled[index]
        )

    def highest(self) -> Climbers:
        """The one start of every grid point that is highest of those at rest."""
        best = np.argmax(np.where(self.rested, self.value, -np.inf), axis=0)[None]
        u, step = (np.take_along_axis(part, best[None], axis=1) for part in (self.u, self.step))
        value, radius = (np.take_along_axis(part, best, axis=0) for part in (self.value, self.radius))
        settled = np.take_along_axis(self.settled, best, axis=0)
        return Climbers(u, value, radius, step, settled)

    def put(self, index: NDArray[np.intp], moved: Climbers) -> None:
        """Write what moved, except for starts that were at rest."""
        still = self.rested[index]
        for own, new in ((self.u, moved.u), (self.step, moved.step)):
            own[:, index] = np.where(still, own[:, index], new)
        for own, new in ((self.value, moved.value), (self.radius, moved.radius)):
            own[index] = np.where(still, own[index], new)
        self.settled[index] = np.where(still, self.settled[index], moved.settled)


@dataclass(frozen=True, eq=False)
class Slopes:
    """Gradient (variables, ...), its doubt, and curvatures (variables, variables, ...); bound variables taken out."""

    gradient: Array
    doubt: Array
    hessian: Array
    free: NDArray[np.bool_]
    rough: NDArray[np.bool_]
    scale: Array


class Climb:
    """The function on the unit cube, and one step uphill."""

    def __init__(self, function: Function, axes: Mapping[str, Axis], negligible: float = 0.0) -> None:
        self.function, self.axes, self.negligible = function, axes, negligible

    def x(self, u: Array) -> dict[str, Array]:
        """Variables by name from unit coordinates; a bound comes back exactly."""
        return {name: _between(axis, part) for (name, axis), part in zip(self.axes.items(), u, strict=True)}

    def values(self, u: Array) -> Array:
        """The function at unit coordinates (variables, points, ...)."""
        return all_finite(self.function(**self.x(u)), u.shape[1:])

    def many(self, places: list[Array]) -> Array:
        """The function at several sets of places in one call, shape (sets, starts, ...)."""
        stack = np.stack(places, axis=1)
        flat = stack.reshape(stack.shape[0], -1, *stack.shape[3:])
        return self.values(flat).reshape(stack.shape[1:])

    def from_places(self, u: Array) -> Climbers:
        """Climbers that have not moved yet."""
        u = np.array(u)
        value = np.array(self.values(u))
        step = np.full_like(u, 0.02)
        return Climbers(u, value, np.full_like(value, 0.25), step, np.zeros(value.shape, dtype=np.intp))

    def slopes(self, at: Climbers) -> Slopes:
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
        scale = np.abs(found).max(axis=0)
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
        rough = (np.abs(fourth) > _ROUGH * np.abs(second)) & (
            np.abs(fourth) > 100 * EPS * scale + self.negligible
        )
        return Slopes(gradient, doubt, hessian, free, rough, scale)

    def step(self, at: Climbers) -> Climbers:
        """Every start one step higher, or with a smaller radius of trust."""
        slopes = self.slopes(at)
        modes = Modes(slopes)
        steps = [modes.step(shift, at.radius) for shift in _SHIFTS]
        places = [np.clip(at.u + step, 0.0, 1.0) for step in steps]
        values = self.many(places)
        best = np.argmax(values, axis=0)
        near = modes.gain <= GAIN * slopes.scale + self.negligible
        best = np.where(near, 0, best)
        place = np.take_along_axis(np.stack(places), best[None, None], axis=0)[0]
        value = np.take_along_axis(values, best[None], axis=0)[0]
        moved = near | (value > at.value)
        rise = np.where(moved, value - at.value, 0.0)
        creeping = (modes.gain <= AGREEMENT * slopes.scale) & (rise <= 100 * GAIN * slopes.scale)
        length = np.abs(place - at.u).max(axis=0)
        radius = np.where(moved, np.minimum(np.maximum(4 * length, at.radius / 4), 1.0), at.radius / 8)
        bend = np.abs(np.stack([slopes.hessian[i, i] for i in range(len(at.u))]))
        with np.errstate(divide="ignore", invalid="ignore"):
            length_of_bend = np.where(bend * 400 > slopes.scale, np.sqrt(slopes.scale / bend), 20.0)
        finer = np.clip(_STEP * length_of_bend, SHORTEST, np.minimum(0.02, 2 * at.step))
        finer = np.where(slopes.rough, np.maximum(at.step / 4, SHORTEST), finer)
        return Climbers(
            np.where(moved, place, at.u),
            np.where(moved, value, at.value),
            radius,
            np.where(slopes.free, finer, np.minimum(at.step, 1e-3)),
            np.where(near | creeping | (radius < _LOST), at.settled + 1, 0),
        )


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


class Modes:
    """Directions in which the curvature is diagonal, and the steps that it proposes."""

    def __init__(self, slopes: Slopes) -> None:
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

    def doubt(self, slopes: Slopes) -> Array:
        """How far each variable may be off, at most the whole range of 1, shape (variables, ...)."""
        away = np.abs(np.moveaxis(self.vectors, (-2, -1), (0, 1)))
        doubt = np.where(slopes.free, slopes.doubt, 0.0)
        along = np.stack([sum(away[:, k] * doubt) for k in range(len(doubt))]) + np.abs(self.part)
        sure = np.maximum(self.bend - _FLAT * np.abs(self.bend).max(axis=0), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            off = np.where(along > 0, np.minimum(along / sure, 1.0), 0.0)
        spread = np.stack([sum(away[i] * off) for i in range(len(doubt))])
        return np.asarray(np.where(slopes.free, np.minimum(spread, 1.0), 0.0))
