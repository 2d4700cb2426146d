"""Checks of physical parameters: one place for every bound and its wording.

Every function takes the argument's name and value and returns the value as a
float array (or the chosen option); what is not allowed raises
`qte.common.errors.ParameterError` with the name, the value, the bound and, for an
array, the first offending index.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common.errors import ParameterError

Array = NDArray[np.float64]
# What a machine's field holds: anything array-like on the way in, a checked float array afterwards.
Parameter = Any


def real(
    name: str,
    value: ArrayLike,
    *,
    minimum: float | None = None,
    above: float | None = None,
    infinite: bool = False,
    what: str = "",
) -> Array:
    """Return `value` as a float array, checked against its bounds.

    Parameters
    ----------
    name : str
        Argument name for the message.
    value : array_like
        Real number or array of them; booleans and complex numbers are refused.
    minimum, above : float, optional
        Inclusive and exclusive lower bound.
    infinite : bool
        Whether +inf is a valid limit.
    what : str
        What the quantity is, for the message.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> real("g", [0.1, 0.2], minimum=0.0)
    array([0.1, 0.2])
    >>> real("g", [0.1, -0.2], minimum=0.0)
    Traceback (most recent call last):
        ...
    qte.common.errors.ParameterError: Argument `g` must be a real number, >= 0 and finite, but got -0.2 at index (1,).
    """
    allowed = _wording(minimum, above, infinite, what)
    array = _as_float(name, value, allowed)
    bad = np.isnan(array) | (array == -np.inf)
    if not infinite:
        bad |= array == np.inf
    if minimum is not None:
        bad |= array < minimum
    if above is not None:
        bad |= ~(array > above)
    _refuse(name, array, bad, allowed)
    return array


def temperature(name: str, value: ArrayLike) -> Array:
    """A bath temperature: finite and >= 0 (0 is the limit of an empty bath)."""
    return real(name, value, minimum=0.0, what="a temperature")


def rate(name: str, value: ArrayLike) -> Array:
    """A rate: finite and >= 0."""
    return real(name, value, minimum=0.0, what="a rate")


def energy_gap(name: str, value: ArrayLike) -> Array:
    """An energy gap: finite and > 0."""
    return real(name, value, above=0.0, what="an energy gap")


def choice(name: str, value: Any, options: Sequence[str]) -> str:
    """One of `options`, with the nearest valid name in the message.

    Examples
    --------
    >>> choice("approach", "globall", ("local", "global"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    qte.common.errors.ParameterError: Argument `approach` must be one of ... (did you mean 'global'?), but got 'globall'.
    """  # noqa: E501
    if isinstance(value, str) and value in options:
        return value
    allowed = "be one of " + ", ".join(map(repr, options)) + did_you_mean(value, options)
    raise ParameterError(name, value, allowed)


def integer(name: str, value: Any, *, minimum: int) -> int:
    """A whole number >= `minimum`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < minimum:
        raise ParameterError(name, value, f"be a whole number >= {minimum}")
    return int(value)


def require(name: str, value: ArrayLike, fine: ArrayLike, allowed: str) -> None:
    """Raise for the first point at which the joint condition `fine` does not hold."""
    good = np.asarray(fine, dtype=bool)
    array = np.asarray(value)
    _refuse(name, np.broadcast_to(array, np.broadcast_shapes(array.shape, good.shape)), ~good, allowed)


def broadcast_shape(**arguments: ArrayLike) -> tuple[int, ...]:
    """Common shape of all arguments, or an error that names the first that does not fit."""
    shape: tuple[int, ...] = ()
    for name, value in arguments.items():
        own = np.shape(value)
        try:
            shape = np.broadcast_shapes(shape, own)
        except ValueError:
            raise ParameterError(
                name, own, f"have a shape that broadcasts with the others, {shape}"
            ) from None
    return shape


def did_you_mean(value: Any, options: Iterable[str]) -> str:
    """A hint ` (did you mean 'x'?)`, or nothing when no option is near."""
    near = difflib.get_close_matches(str(value), list(options), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _as_float(name: str, value: ArrayLike, allowed: str) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise ParameterError(name, value, allowed)
    return array.astype(np.float64)


def _refuse(name: str, array: NDArray[Any], bad: NDArray[np.bool_], allowed: str) -> None:
    if not np.any(bad):
        return
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    value = np.broadcast_to(array, bad.shape)[index]
    raise ParameterError(name, value.item(), allowed, index or None)


def _wording(minimum: float | None, above: float | None, infinite: bool, what: str) -> str:
    parts = []
    if minimum is not None:
        parts.append(f">= {minimum:g}")
    if above is not None:
        parts.append(f"> {above:g}")
    parts.append("finite or +inf" if infinite else "finite")
    tail = f" ({what})" if what else ""
    return "be a real number, " + " and ".join(parts) + tail
