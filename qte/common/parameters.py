"""Checks of physical parameters: one place for every bound and its wording.

Every function takes the argument's name and value and returns the value as a
float array (or the chosen option); what is not allowed raises
`qte.common.errors.ParameterError` with the name, the value, the bound and, for an
array, the first offending index.

A dataclass states the kind of each parameter where it declares it,

    T_h: Temperature
    g: Coupling
    detuning: Annotated[Any, Number("difference of gaps")] = 0.0

and `kinds_of` tells everybody else: the constructor that checks it, the sweep
that broadcasts it, the laws that heat every bath, the figure that needs a value.
"""

from __future__ import annotations

import difflib
import itertools
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Annotated, Any, TypeAlias, get_type_hints

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common.errors import ParameterError
from qte.common.qobj import unwrapped

Array = NDArray[np.float64]


# What real and complex numbers of more digits are rounded to.
_DOUBLES = {"f": np.float64, "c": np.complex128}
# A parameter beyond this leaves no room for products of three of them.
LARGEST = 1e100
# Points of one grid: the states of two qubits then fill 8 GB.
MOST_POINTS = 2**26
# Entries of its matrices.
MOST_ENTRIES = 2**30


def real(
    name: str,
    value: ArrayLike,
    *,
    minimum: float | None = None,
    above: float | None = None,
    infinite: bool = False,
    either_infinite: bool = False,
    largest: float = LARGEST,
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
    either_infinite : bool
        Whether +inf and -inf are.
    largest : float
        Largest modulus of a finite number.
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
    allowed = "be a real number" if either_infinite else _wording(minimum, above, infinite, what)
    array = _as_float(name, value, allowed)
    if _is_within(array, minimum, above, largest):
        return array
    bad = np.isnan(array)
    if not either_infinite:
        bad |= array == -np.inf
    if not (infinite or either_infinite):
        bad |= array == np.inf
    if minimum is not None:
        bad |= array < minimum
    if above is not None:
        bad |= ~(array > above)
    _refuse(name, array, bad, allowed)
    if largest < np.inf:
        huge = (np.abs(array) > largest) & np.isfinite(array)
        _refuse(name, array, huge, _beyond(largest))
    return array


def scalar(name: str, value: ArrayLike, *, minimum: float | None = None, above: float | None = None) -> float:
    """One real number; see `real`."""
    array = real(name, value, minimum=minimum, above=above)
    if array.ndim:
        raise ParameterError(name, value, "be one number")
    return float(array)


def _is_within(array: Array, minimum: float | None, above: float | None, largest: float) -> bool:
    """Whether finite numbers keep their bounds, told by their ends: no look at each."""
    if array.size == 0:
        return True
    low, high = (array.item(),) * 2 if array.size == 1 else (float(array.min()), float(array.max()))
    return (
        max(-largest, -sys.float_info.max) <= low <= high <= min(largest, sys.float_info.max)
        and (minimum is None or low >= minimum)
        and (above is None or low > above)
    )


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


def integer(name: str, value: Any, *, minimum: int, maximum: int | None = None) -> int:
    """A whole number >= `minimum`, and <= `maximum` if there is one."""
    if not is_whole(value) or value < minimum:
        raise ParameterError(name, value, f"be a whole number >= {minimum}")
    if maximum is not None and value > maximum:
        raise ParameterError(name, value, f"be a whole number <= {maximum}")
    return int(value)


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number of Python or NumPy; truth values and spans of time are none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.timedelta64))


def is_label(value: Any, labels: Iterable[Any]) -> bool:
    """Whether a value is one of some labels; truth values and spans of time are no numbers."""
    try:
        hash(value)
    except Exception:  # what says that it can be looked up may not be able to
        return False
    truth = isinstance(value, (bool, np.bool_, np.timedelta64))
    return any(label == value and isinstance(label, (bool, np.bool_)) == truth for label in labels)


def pair(name: str, value: Any, n: int) -> tuple[int, int]:
    """Two different qubits, counted from 1 to n."""
    given = () if isinstance(value, str) else first_items(value, 3)
    whole = all(map(is_whole, given))
    if len(given) != 2 or not whole or given[0] == given[1] or not all(1 <= q <= n for q in given):
        raise ParameterError(name, value, f"name two different qubits from 1 to {n}")
    return int(given[0]), int(given[1])


def first_items(value: Any, count: int) -> tuple[Any, ...]:
    """The first few of what can be gone through, however long it is; none of what cannot."""
    try:
        return tuple(itertools.islice(value, count))
    except Exception:  # a foreign object may raise anything
        return ()


def array_of(value: Any) -> NDArray[Any]:
    """`value` as NumPy reads it; an array of no numbers where it does not."""
    try:
        return np.asarray(value)
    except Exception:  # rows of different lengths, or whatever a foreign object raises
        return np.asarray("no numbers")


def require(name: str, value: ArrayLike, fine: ArrayLike, allowed: str) -> None:
    """Raise for the first point at which the joint condition `fine` does not hold."""
    good = np.asarray(fine, dtype=bool)
    if good.all():
        return
    array = np.asarray(value)
    _refuse(name, np.broadcast_to(array, np.broadcast_shapes(array.shape, good.shape)), ~good, allowed)


def broadcast_shape(**arguments: ArrayLike) -> tuple[int, ...]:
    """Common shape of all arguments, or an error that names the first that does not fit."""
    shape: tuple[int, ...] = ()
    for name, value in arguments.items():
        own = np.shape(value)
        if own in ((), shape):
            continue
        try:
            shape = np.broadcast_shapes(shape, own)
        except ValueError:
            raise ParameterError(
                name, own, f"have a shape that broadcasts with the others, {shape}"
            ) from None
        if math.prod(shape) > MOST_POINTS:
            raise ParameterError(
                name, own, f"make no more than {MOST_POINTS} points with the others, {shape}"
            )
    return shape


def did_you_mean(value: Any, options: Iterable[str]) -> str:
    """A hint ` (did you mean 'x'?)`, or nothing when no option is near."""
    if not isinstance(value, (str, float, np.generic)) and not (is_whole(value) and abs(value) < LARGEST):
        return ""
    near = difflib.get_close_matches(str(value)[:100], list(options), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


@dataclass(frozen=True)
class Number:
    """A real parameter that broadcasts: its bound, and what messages call it.

    Parameters
    ----------
    quantity : str
        Such as ``"temperature"``; empty for a number of no known kind.
    minimum, above : float, optional
        Inclusive and exclusive lower bound.
    infinite : bool
        Whether +inf is a valid limit.

    Examples
    --------
    >>> RATE.check("gamma", -1.0)
    Traceback (most recent call last):
        ...
    qte.common.errors.ParameterError: Argument `gamma` must be a real number, >= 0 and finite (a rate), but got -1.0.
    """

    quantity: str = ""
    minimum: float | None = None
    above: float | None = None
    infinite: bool = False

    def check(self, name: str, value: ArrayLike) -> Array:
        """`value` as a float array; see `real`."""
        article = "an" if self.quantity[:1] in "aeiou" else "a"
        what = f"{article} {self.quantity}" if self.quantity else ""
        return real(name, value, minimum=self.minimum, above=self.above, infinite=self.infinite, what=what)


@dataclass(frozen=True)
class Whole:
    """A whole number from `minimum` on, up to `maximum` if there is one: one a machine, no array."""

    minimum: int
    maximum: int | None = None

    def check(self, name: str, value: Any) -> int:
        """`value` as an int; see `integer`."""
        return integer(name, value, minimum=self.minimum, maximum=self.maximum)


@dataclass(frozen=True)
class OneOf:
    """One of some words."""

    options: tuple[str, ...]

    def check(self, name: str, value: Any) -> str:
        """`value` if it is one of the options; see `choice`."""
        return choice(name, value, self.options)


Kind: TypeAlias = Number | Whole | OneOf

TEMPERATURE = Number("temperature", minimum=0.0)
RATE = Number("rate", minimum=0.0)
GAP = Number("energy gap", above=0.0)
COUPLING = Number("coupling energy")
DETUNING = Number("detuning")
TUNNELLING = Number("tunnelling rate")
CHEMICAL_POTENTIAL = Number("chemical potential")

# Types of fields: anything array-like on the way in, a checked float array afterwards.
Parameter: TypeAlias = Annotated[Any, Number()]
"""Any finite real number."""
Temperature: TypeAlias = Annotated[Any, TEMPERATURE]
"""Of a bath: finite and >= 0 (0 is the limit of an empty bath)."""
Rate: TypeAlias = Annotated[Any, RATE]
"""Finite and >= 0."""
Gap: TypeAlias = Annotated[Any, GAP]
"""An energy, finite and > 0."""
Coupling: TypeAlias = Annotated[Any, COUPLING]
"""An energy of either sign."""
Detuning: TypeAlias = Annotated[Any, DETUNING]
"""A difference of energies, of either sign."""
Tunnelling: TypeAlias = Annotated[Any, TUNNELLING]
"""Within a qubit, of either sign."""
ChemicalPotential: TypeAlias = Annotated[Any, CHEMICAL_POTENTIAL]
"""Finite, of either sign."""


@cache
def kinds_of(owner: type) -> Mapping[str, Kind]:
    """Kinds of a dataclass's fields by name, in their order; fields that state none are left out.

    Examples
    --------
    >>> @dataclass
    ... class Bath:
    ...     T: Temperature
    ...     label: str = ""
    >>> kinds_of(Bath)
    {'T': Number(quantity='temperature', minimum=0.0, above=None, infinite=False)}
    """
    hints = get_type_hints(owner, include_extras=True)
    return {
        field.name: kind
        for field in fields(owner)
        for kind in getattr(hints[field.name], "__metadata__", ())
        if isinstance(kind, Number | Whole | OneOf)
    }


def instance(name: str, value: Any, kind: type[Any]) -> Any:
    """`value`, which must be of a class."""
    if not isinstance(value, kind):
        raise ParameterError(name, value, f"be a {kind.__name__}")
    return value


def function(name: str, value: Any) -> Any:
    """`value`, which must be callable."""
    if not callable(value):
        raise ParameterError(name, value, "be a function")
    return value


def numbers(name: str, value: Any, allowed: str) -> NDArray[Any]:
    """`value`, which QuTiP may have made, as an array of real or complex numbers, none of them NaN or infinite."""
    value = unmasked(name, unwrapped(name, value))
    array = array_of(value)
    if array.size > MOST_ENTRIES:
        raise ParameterError(name, array.shape, f"have at most {MOST_ENTRIES} entries")
    if array.dtype.kind in "fc" and array.dtype.itemsize > np.dtype(_DOUBLES[array.dtype.kind]).itemsize:
        with np.errstate(over="ignore"):
            array = array.astype(_DOUBLES[array.dtype.kind])
    if array.dtype.kind not in "iufc" or not _all_finite(array):
        raise ParameterError(name, value, allowed)
    return array


def _all_finite(array: NDArray[Any]) -> bool:
    with np.errstate(all="ignore"):
        # a sum is quicker than a look at each, and finite only if all are
        return bool(np.isfinite(array.sum())) or bool(np.all(np.isfinite(array)))


def unmasked(name: str, value: Any) -> Any:
    """The value itself, or a list of arrays: what a mask hides is no number, and NumPy would take it for one."""
    parts = value if isinstance(value, (list, tuple)) else (value,)
    if any(isinstance(part, np.ma.MaskedArray) and np.ma.is_masked(part) for part in parts):
        raise ParameterError(name, value, "have no masked entries")
    return value


def _as_float(name: str, value: ArrayLike, allowed: str) -> Array:
    unmasked(name, value)
    array = array_of(value)
    if array.dtype.kind not in "iuf":
        raise ParameterError(name, value, allowed)
    if array.size > MOST_POINTS:
        raise ParameterError(name, array.shape, f"have at most {MOST_POINTS} entries")
    if array.dtype.itemsize > np.dtype(np.float64).itemsize:
        with np.errstate(over="ignore"):
            doubles = array.astype(np.float64)
        _refuse(name, array, np.isinf(doubles) & np.isfinite(array), _beyond(LARGEST))
        array = doubles
    # a zero of either sign is one zero: 1/T is +inf for both
    return np.asarray(np.add(array, 0.0, dtype=np.float64))


def _beyond(largest: float) -> str:
    return f"be of size <= {largest:g}, so that products of parameters stay numbers"


def _refuse(name: str, array: NDArray[Any], bad: NDArray[np.bool_], allowed: str) -> None:
    if not bad.any():
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
