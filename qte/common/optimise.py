"""Maxima and roots of a function of one variable, over a whole grid of parameters, with their error.

The function is called with arrays of shape ``(nodes, ...)``: along the first axis
the points at which it is wanted, along the others the grid of its parameters, so
that one call serves every grid point.  Two variables are nested:
``maximise(lambda x: maximise(lambda y: f(x, y), ...).value, ...)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common import parameters as check
from qte.common.errors import ParameterError, SteadyStateError

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Bool = NDArray[np.bool_]
Function = Callable[[Array], Array]
Scale = Literal["linear", "log"]

SCALES: Final = ("linear", "log")
DEGREE: Final = 16
ROUNDS: Final = 30
EPS: Final = float(np.finfo(float).eps)

# Chebyshev-Lobatto points in ascending order, and the matrix from values there to coefficients.
_NODES: Final = -el.cos(np.pi * np.arange(DEGREE + 1) / DEGREE)
_HALF: Final = np.where(np.arange(DEGREE + 1) % DEGREE == 0, 0.5, 1.0)
_TO_COEFFICIENTS: Final = 2 / DEGREE * np.outer(_HALF, _HALF) * chebyshev.chebvander(_NODES, DEGREE).T


class NotFinite(SteadyStateError):
    """The function to be optimised returned a number that is not finite."""


class NotRefined(SteadyStateError):
    """A maximum or root is not known as well as its table promises."""


def require_accuracy(what: str, error: ArrayLike, bound: float) -> None:
    """Refuse a result whose error is above what its table states.

    Parameters
    ----------
    what : str
        The result, as the subject of the message.
    error : array_like, shape (...)
        Errors found; NaN counts as too large.
    bound : float
        What is promised.

    Raises
    ------
    NotRefined
    ParameterError
        If `error` is no number or `bound` no bound.
    """
    bound = check.scalar("bound", bound, minimum=0.0)
    try:
        worst = float(np.max(np.asarray(error, dtype=float), initial=0.0))
    except (TypeError, ValueError):
        raise ParameterError("error", error, "be real numbers") from None
    if not worst <= bound:
        raise NotRefined(f"{what} is known to {worst:.1e} only, not to {bound:.0e}")


@dataclass(frozen=True, eq=False)
class Maximum:
    """Largest value of a function between two bounds, at every grid point.

    Parameters
    ----------
    x, value : ndarray, shape (...)
        Where it is, and how large.
    error : ndarray, shape (...)
        Bound on the distance of `x` from the maximum, in units of x: from the
        tail of the Chebyshev series there (truncation and round-off alike) or the
        width of the bracket; 0 at a bound from which the function falls.
    end : ndarray of int, shape (...)
        -1 or +1 where the maximum is the lower or upper bound, 0 inside.
    peaks : ndarray of int, shape (...)
        Local maxima that the scan saw, bounds included; each was refined.
    """

    x: Array
    value: Array
    error: Array
    end: NDArray[np.int8]
    peaks: Index


@dataclass(frozen=True, eq=False)
class Root:
    """First zero of a function between two bounds, at every grid point.

    Parameters
    ----------
    x : ndarray, shape (...)
        NaN where the scan saw no change of sign.
    error : ndarray, shape (...)
        Width of the last bracket, in units of x.
    crossings : ndarray of int, shape (...)
        Changes of sign that the scan saw.
    """

    x: Array
    error: Array
    crossings: Index


def maximise(
    function: Function,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    shape: tuple[int, ...] = (),
    scale: Scale = "linear",
    scan: int = 33,
    tolerance: float = 1e-10,
) -> Maximum:
    """Find the largest value of `function` in [lower, upper].

    A scan brackets every local maximum; each bracket is narrowed around its
    highest point until the derivative of the Chebyshev interpolant (17 points) has
    its zero known to `tolerance`, or no better; the highest one is returned.

    Parameters
    ----------
    function : callable, (n, ...) -> (n, ...)
    lower, upper : array_like, broadcast to `shape`
    shape : tuple of int
        Shape of the grid of parameters.
    scale : {"linear", "log"}
        Spacing of the scan; "log" needs positive bounds.
    scan : int
        Points of the scan, at least 5: narrower peaks are not seen.
    tolerance : float
        Wanted error; absolute for "linear", relative to x for "log".  What was
        reached is in `Maximum.error`.

    Raises
    ------
    ParameterError
        Bounds that are not finite or not ascending; a function that returns no numbers over its points.
    NotFinite
        The function returned NaN or infinity.

    Examples
    --------
    >>> widths = np.array([1.0, 2.0])
    >>> found = maximise(lambda x: x * np.exp(-x / widths), 0.0, 10.0, shape=(2,))
    >>> found.x.round(9)
    array([1., 2.])
    """
    axis = Axis(lower, upper, shape, scale)
    check.integer("scan", scan, minimum=5)
    check.scalar("tolerance", tolerance, minimum=0.0)
    check.function("function", function)
    nodes = axis.nodes(scan)
    values = all_finite(function(axis.to_x(nodes)), nodes.shape)
    tops = _local_maxima(values)
    found = None
    for lo, hi in _brackets(nodes, values, tops):
        peak = _refine(function, axis, lo, hi, tolerance)
        found = peak if found is None else found.higher(peak)
    assert found is not None
    x = axis.to_x(found.u)
    end = np.where(found.u == axis.low, -1, np.where(found.u == axis.high, 1, 0))
    return Maximum(x, found.value, axis.spread(x, found.error), end.astype(np.int8), tops.sum(axis=0))


def find_root(
    function: Function,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    shape: tuple[int, ...] = (),
    scale: Scale = "linear",
    scan: int = 65,
    tolerance: float = 1e-13,
) -> Root:
    """Find the first zero of `function` in [lower, upper] that comes with a change of sign.

    Scan, then Chandrupatla's method (inverse quadratic interpolation guarded by
    bisection; Adv. Eng. Softw. 28, 145 (1997)) until the bracket is as narrow as
    `tolerance`.  Parameters and errors as for `maximise`.

    Examples
    --------
    >>> targets = np.array([2.0, 3.0])
    >>> find_root(lambda x: x**2 - targets, 0.0, 3.0, shape=(2,)).x.round(12)
    array([1.41421356, 1.73205081])
    """
    axis = Axis(lower, upper, shape, scale)
    check.integer("scan", scan, minimum=2)
    check.scalar("tolerance", tolerance, minimum=0.0)
    check.function("function", function)
    nodes = axis.nodes(scan)
    values = all_finite(function(axis.to_x(nodes)), nodes.shape)
    changes = (values[1:] > 0) != (values[:-1] > 0)
    first = np.argmax(changes, axis=0)
    left = _Ends(_take(nodes, first), _take(values, first))
    right = _Ends(_take(nodes, first + 1), _take(values, first + 1))
    crossings = changes.sum(axis=0)
    u, width = _close_in(function, axis, left, right, tolerance, crossings > 0)
    x = np.where(crossings > 0, axis.to_x(u), np.nan)
    return Root(x, axis.spread(x, width), crossings)


class Axis:
    """The variable u in which a search runs: x itself, or ln x."""

    def __init__(
        self, lower: ArrayLike, upper: ArrayLike, shape: tuple[int, ...], scale: str = "linear"
    ) -> None:
        self.log = check.choice("scale", scale, SCALES) == "log"
        first = check.real("lower", lower, above=0.0) if self.log else check.real("lower", lower)
        last = check.real("upper", upper)
        ends = check.broadcast_shape(lower=first, upper=last)
        check.require("upper", last, last > first, "be larger than `lower`")
        if not isinstance(shape, tuple) or not _fits(ends, shape):
            raise ParameterError("shape", shape, f"be a tuple to which bounds of shape {ends} broadcast")
        low: Array = np.zeros(shape) + first
        high: Array = np.zeros(shape) + last
        self.bounds: tuple[Array, Array] = low, high
        self.low: Array = el.log(low) if self.log else low
        self.high: Array = el.log(high) if self.log else high

    def nodes(self, count: int) -> Array:
        """Equidistant points from bound to bound, shape (count, ...)."""
        steps = np.linspace(0.0, 1.0, count).reshape(-1, *[1] * self.low.ndim)
        nodes = self.low + (self.high - self.low) * steps
        nodes[-1] = self.high
        return np.asarray(nodes)

    def to_x(self, u: Array) -> Array:
        """x from u; a bound comes back exactly."""
        if not self.log:
            return u
        x = np.where(u == self.low, self.bounds[0], el.exp(u))
        return np.where(u == self.high, self.bounds[1], x)

    def spread(self, x: Array, error: Array) -> Array:
        """Error of x from the error of u."""
        return np.asarray(np.abs(x) * error if self.log else error)


@dataclass(frozen=True, eq=False)
class _Peak:
    """A maximum in u."""

    u: Array
    value: Array
    error: Array

    def higher(self, other: _Peak) -> _Peak:
        swap = other.value > self.value
        return self.merge(other, swap)

    def merge(self, other: _Peak, swap: Bool) -> _Peak:
        return _Peak(
            np.where(swap, other.u, self.u),
            np.where(swap, other.value, self.value),
            np.where(swap, other.error, self.error),
        )


def all_finite(values: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Values of a function, broadcast to the shape (points, ...) of its places; NotFinite names the grid points."""
    if not isinstance(shape, tuple) or not shape:
        raise ParameterError("shape", shape, "be a tuple that begins with the number of places")
    found = _numbers(values, shape)
    bad = np.flatnonzero(~np.isfinite(found).all(axis=0))
    if bad.size:
        places = [tuple(int(i) for i in np.unravel_index(k, shape[1:])) for k in bad]
        raise NotFinite("The function to be optimised is not finite", places)
    return found


def _fits(inner: tuple[int, ...], shape: tuple[Any, ...]) -> bool:
    """Whether arrays of shape `inner` broadcast to `shape`."""
    if not all(isinstance(n, (int, np.integer)) and n >= 0 for n in shape):
        return False
    try:
        return np.broadcast_shapes(inner, shape) == shape
    except ValueError:
        return False


def _numbers(values: ArrayLike, shape: tuple[int, ...]) -> Array:
    """What a function gave, over the points that it was asked for."""
    try:
        return np.broadcast_to(np.asarray(values, dtype=float), shape)
    except (TypeError, ValueError):
        raise ParameterError("function", values, f"return real numbers that broadcast to {shape}") from None


def _take(stack: Array, index: Index) -> Array:
    return np.asarray(np.take_along_axis(stack, index[None], axis=0)[0])


def _local_maxima(values: Array) -> Bool:
    """Points above both neighbours; the first point of a plateau stands for it."""
    ground = np.full_like(values[:1], -np.inf)
    above_left = values > np.concatenate([ground, values[:-1]])
    return np.asarray(above_left & (values >= np.concatenate([values[1:], ground])))


def _brackets(nodes: Array, values: Array, tops: Bool) -> Iterator[tuple[Array, Array]]:
    """Neighbours of the local maxima, highest first; points with fewer repeat their highest."""
    heights = np.where(tops, values, -np.inf)
    order = np.argsort(-heights, axis=0, kind="stable")
    count = tops.sum(axis=0)
    for rank in range(int(count.max())):
        centre = np.where(rank < count, order[rank], order[0])
        yield _take(nodes, np.maximum(centre - 1, 0)), _take(nodes, np.minimum(centre + 1, len(nodes) - 1))


def _refine(function: Function, axis: Axis, lo: Array, hi: Array, tolerance: float) -> _Peak:
    """Narrow a bracket until its stationary point is known to `tolerance`."""
    best: _Peak | None = None
    bound = hi - lo
    open_ = np.ones(lo.shape, dtype=bool)
    for _ in range(ROUNDS):
        half, middle = (hi - lo) / 2, (hi + lo) / 2
        t = _NODES.reshape(-1, *[1] * lo.ndim)
        u = middle + half * t
        u[0], u[-1] = lo, hi
        values = all_finite(function(axis.to_x(u)), u.shape)
        top = np.argmax(values, axis=0)
        left, right = np.maximum(top - 2, 0), np.minimum(top + 2, DEGREE)
        fit = _stationary(values, left, right)
        near = np.clip(middle + half * fit.t, _take(u, left), _take(u, right))
        near = np.where(fit.t <= -1, lo, np.where(fit.t >= 1, hi, near))
        # an end of the bracket that is no bound of the search proves nothing
        lost = ((near == lo) & (lo != axis.low)) | ((near == hi) & (hi != axis.high))
        trusted = _stands_out(values, top, left, right, 20 * fit.doubt) & ~lost & open_
        bound = np.where(trusted, np.minimum(bound, _take(u, right) - _take(u, left)), bound)
        peak = _Peak(near, fit.value, np.where(lost, bound, np.minimum(half * fit.error, bound)))
        best = peak if best is None else best.merge(peak, peak.error < best.error)
        open_ = (best.error > tolerance) & trusted
        if not np.any(open_):
            break
        lo, hi = np.where(open_, _take(u, left), lo), np.where(open_, _take(u, right), hi)
    assert best is not None
    return best


@dataclass(frozen=True, eq=False)
class _Stationary:
    """Zero of an interpolant's derivative in the bracket's own unit, -1 to 1; doubt about the values."""

    t: Array
    value: Array
    error: Array
    doubt: Array


def _stationary(values: Array, left: Index, right: Index) -> _Stationary:
    """Stationary point of the interpolant between two of its nodes, by bisection."""
    # one node after the other: a product of matrices would add in an order that the processor chooses
    series = sum(np.multiply.outer(_TO_COEFFICIENTS[:, j], values[j]) for j in range(DEGREE + 1))
    slope = chebyshev.chebder(series, axis=0)
    lo, hi = _NODES[left], _NODES[right]
    falls = chebyshev.chebval(lo, slope, tensor=False) <= 0
    rises = chebyshev.chebval(hi, slope, tensor=False) >= 0
    end, outside = np.where(falls, lo, hi), falls | rises
    for _ in range(54):
        middle = (lo + hi) / 2
        up = chebyshev.chebval(middle, slope, tensor=False) > 0
        lo, hi = np.where(up, middle, lo), np.where(up, hi, middle)
    t = np.where(outside, end, (lo + hi) / 2)
    # the last coefficients are what is left of the series or the noise of the values, whichever is larger
    doubt = np.abs(series[-5:]).max(axis=0) + EPS * np.abs(values).max(axis=0)
    error = _doubt_of_place(t, slope, doubt, outside)
    return _Stationary(t, np.asarray(chebyshev.chebval(t, series, tensor=False)), error, doubt)


def _doubt_of_place(t: Array, slope: Array, doubt: Array, outside: Bool) -> Array:
    """Error of a stationary point: doubt about the slope over what is certain of the curvature."""
    tilt = np.abs(chebyshev.chebval(t, slope, tensor=False))
    bend = np.abs(chebyshev.chebval(t, chebyshev.chebder(slope, axis=0), tensor=False))
    curvature = np.maximum(bend - DEGREE**3 / 3 * doubt, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(curvature > 0, DEGREE**2 * doubt / curvature, np.inf)
    at_end = np.abs(t) == 1
    error = np.where(outside & at_end & (tilt > DEGREE**2 * doubt), 0.0, error)
    return np.where(outside & ~at_end, np.inf, error)


def _stands_out(values: Array, top: Index, left: Index, right: Index, noise: Array) -> Bool:
    """Whether the highest node is above both ends of the next bracket by more than `noise`."""
    peak = _take(values, top)
    over_left = (top == left) | (peak - _take(values, left) > noise)
    return np.asarray(over_left & ((top == right) | (peak - _take(values, right) > noise)))


@dataclass(frozen=True, eq=False)
class _Ends:
    """A point and the function's value there."""

    u: Array
    f: Array

    def pick(self, other: _Ends, condition: Bool) -> _Ends:
        """`self` where the condition holds, `other` elsewhere."""
        return _Ends(np.where(condition, self.u, other.u), np.where(condition, self.f, other.f))


def _close_in(
    function: Function, axis: Axis, a: _Ends, b: _Ends, tolerance: float, wanted: Bool
) -> tuple[Array, Array]:
    """Chandrupatla's iteration on brackets [a, b]; returns the best point and the bracket's width.

    Points that are done, or not `wanted`, move along without being waited for.
    """
    t = np.full_like(a.u, 0.5)
    for _ in range(120):
        floor = np.maximum(tolerance, 4 * EPS * np.maximum(np.abs(a.u), np.abs(b.u)))
        width = np.abs(b.u - a.u)
        if not np.any(wanted & (width > floor) & (a.f != 0) & (b.f != 0)):
            break
        u = a.u + t * (b.u - a.u)
        x = _Ends(u, all_finite(function(axis.to_x(u[None])), u[None].shape)[0])
        same = (x.f > 0) == (a.f > 0)
        c, b = a.pick(b, same), b.pick(a, same)
        a = x
        t = _next_step(a, b, c, floor)
    best = a.pick(b, np.abs(a.f) < np.abs(b.f))
    return best.u, np.where(best.f == 0, 0.0, np.abs(b.u - a.u))


def _next_step(a: _Ends, b: _Ends, c: _Ends, floor: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        xi, phi = (a.u - b.u) / (c.u - b.u), (a.f - b.f) / (c.f - b.f)
        smooth = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
        step = a.f / (b.f - a.f) * c.f / (b.f - c.f)
        step += (c.u - a.u) / (b.u - a.u) * a.f / (c.f - a.f) * b.f / (c.f - b.f)
        least = np.minimum(0.5, 0.5 * floor / np.abs(b.u - a.u))
    t = np.where(smooth & np.isfinite(step), step, 0.5)
    return np.asarray(np.clip(t, np.nan_to_num(least, nan=0.5), 1 - np.nan_to_num(least, nan=0.5)))
