"""Parameters of a study as plain data: what each type of field takes, and the exact refusal.

Plain data is what YAML gives: numbers, strings, booleans, lists and mappings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cached_property
from itertools import pairwise
from types import UnionType
from typing import Annotated, Any, Final, Literal, TypeAlias, Union, get_args, get_origin

import numpy as np
from numpy.typing import NDArray

from qte.common.errors import ParameterError
from qte.common.parameters import did_you_mean

Extended: TypeAlias = Annotated[float, "may be infinite"]
"""A float that may be infinite, where the limit is meant (`.inf` in YAML): U, mu."""

Values: TypeAlias = Annotated[tuple[float, ...], "each once"]
"""A list of different numbers, such as the temperatures of a family of curves."""

Listed: TypeAlias = tuple[float, ...]
"""A list of numbers in which one may stand again, such as the ordinates of some points."""

_MOST_POINTS = 1_000_000
_Converter: TypeAlias = Callable[[str, Any], Any]


@dataclass(frozen=True)
class Grid:
    """Points of an axis.

    In the configuration either `{start: 0.0, stop: 0.06, num: 241}`, with `spacing: log` for
    logarithmic steps, or a list of ascending numbers.

    Parameters
    ----------
    start, stop : float
        First and last point, both included.
    num : int
        Number of points.
    spacing : {"linear", "log", "list"}
    listed : tuple of float
        The points themselves when they were given as a list.

    Examples
    --------
    >>> convert(Grid, "delta", {"start": 0.0, "stop": 0.3, "num": 4}).points
    array([0. , 0.1, 0.2, 0.3])
    """

    start: float
    stop: float
    num: int
    spacing: Literal["linear", "log", "list"] = "linear"
    listed: tuple[float, ...] = ()

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """The points, shape (num,), ascending and read-only.

        Each is the float nearest to its exact decimal value: 0.01 is 0.01 and not its neighbour, on
        every machine (exponentials and powers of NumPy depend on the processor).
        """
        points = np.array(self.listed or self._decimal_points(), dtype=np.float64)
        points.flags.writeable = False
        return points

    def _decimal_points(self) -> list[float]:
        with localcontext() as context:
            context.prec = 30
            first, last, steps = Decimal(repr(self.start)), Decimal(repr(self.stop)), self.num - 1
            if self.spacing == "log":
                bottom, rise = first.ln(), (last / first).ln()
                inner = [float((bottom + rise * i / steps).exp()) for i in range(1, steps)]
            else:
                inner = [float(first + (last - first) * i / steps) for i in range(1, steps)]
        return [self.start, *inner, self.stop]

    def __len__(self) -> int:
        return self.num


def convert(annotation: Any, name: str, value: Any) -> Any:
    """`value` as the type of a field.

    Raises
    ------
    ParameterError
        Names the parameter, its value and what is allowed.
    TypeError
        If the annotation is not one that plain data can fill.
    """
    return converter(annotation)(name, value)


def converter(annotation: Any) -> _Converter:
    """Conversion for a field's annotation; `TypeError` if plain data cannot fill it."""
    if annotation in _CONVERTERS:
        return _CONVERTERS[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal and all(isinstance(choice, str) for choice in arguments):
        return lambda name, value: _choice(name, value, arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _list_of(converter(arguments[0]))
    if origin in (Union, UnionType) and len(arguments) == 2 and type(None) in arguments:
        inner = converter(next(kind for kind in arguments if kind is not type(None)))
        return lambda name, value: None if value is None else inner(name, value)
    raise TypeError(f"A parameter cannot have the type {annotation}")


def to_plain(value: Any) -> Any:
    """Plain data from which `convert` makes the value again."""
    if isinstance(value, Grid):
        if value.spacing == "list":
            return list(value.listed)
        plain = {"start": value.start, "stop": value.stop, "num": value.num}
        return plain | ({"spacing": "log"} if value.spacing == "log" else {})
    return [to_plain(item) for item in value] if isinstance(value, tuple) else value


def _float(name: str, value: Any) -> float:
    number = _number(name, value, "be a finite number")
    if not math.isfinite(number):
        raise ParameterError(name, value, "be a finite number")
    return number


def _extended(name: str, value: Any) -> float:
    allowed = "be a number, or .inf for the limit"
    number = _number(name, value, allowed)
    if math.isnan(number):
        raise ParameterError(name, value, allowed)
    return number


def _number(name: str, value: Any, allowed: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParameterError(name, value, allowed + _number_hint(value))
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all doubles
        raise ParameterError(name, value, allowed) from None


_PLAIN_NUMBER: Final = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
# minus sign, en dash, hyphens of typesetting
_MINUS: Final = {ord(sign): "-" for sign in "\u2212\u2013\u2010\u2011"}


def _number_hint(value: Any) -> str:
    """YAML 1.1 reads 1e-3 as a string: a number needs a point before its exponent."""
    if not isinstance(value, str):
        return ""
    text = value.strip()
    if match := re.fullmatch(r"([-+]?\d+)[eE]([-+]?\d+)|([-+]?\d*\.\d*)[eE](\d+)", text):
        whole, power = match[1] or match[3], match[2] or match[4]
        point = whole if "." in whole else f"{whole}.0"
        sign = power if power[0] in "+-" else f"+{power}"
        return f" (YAML reads {text} as text: write {point}e{sign})"
    if re.fullmatch(_PLAIN_NUMBER, text):
        return " (write it without quotes)"
    # As it is printed: other minus signs, spaces between the digits, a decimal comma.
    digits = re.sub(r"[\s'’]", "", text.translate(_MINUS))
    typed = digits.replace(",", ".") if digits.count(",") == 1 and "." not in digits else digits
    if re.fullmatch(_PLAIN_NUMBER, typed):
        return f" (write {typed})"
    if re.search(r"\d\s*[*/^]|\bpi\b|π|sqrt", text):
        return " (nothing is computed here: write the decimal number)"
    return ""


def _int(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ParameterError(name, value, "be a whole number")
    return value


def _bool(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ParameterError(name, value, "be true or false")
    return value


def _choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        listed = ", ".join(map(repr, choices))
        raise ParameterError(name, value, f"be one of {listed}{did_you_mean(value, choices)}")
    return value


def _list_of(inner: _Converter) -> _Converter:
    def convert_list(name: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or not value:
            raise ParameterError(name, value, "be a list with at least one entry")
        return tuple(inner(f"{name}[{i}]", item) for i, item in enumerate(value))

    return convert_list


def _values(name: str, value: Any) -> tuple[float, ...]:
    values: tuple[float, ...] = _list_of(_float)(name, value)
    for index, number in enumerate(values):
        if number in values[:index]:
            raise ParameterError(f"{name}[{index}]", value[index], "be another number than those before it")
    return values


def _grid(name: str, value: Any) -> Grid:
    if isinstance(value, Grid):
        return value
    if isinstance(value, list | tuple):
        return _listed_grid(name, value)
    if not isinstance(value, Mapping):
        raise ParameterError(name, value, "be a grid {start:, stop:, num:} or a list of ascending numbers")
    keys = ("start", "stop", "num", "spacing")
    for key in value:
        if key not in keys:
            hint = did_you_mean(key, keys)
            raise ParameterError(name, value, f"have no keys but start, stop, num and spacing{hint}")
    for key in keys[:3]:
        if key not in value:
            raise ParameterError(name, value, f"have a key `{key}`")
    return _stepped_grid(name, value)


def _listed_grid(name: str, value: Any) -> Grid:
    points = _list_of(_float)(name, value)
    if any(left >= right for left, right in pairwise(points)):
        raise ParameterError(name, value, "be a list of ascending numbers")
    return Grid(points[0], points[-1], len(points), "list", points)


def _stepped_grid(name: str, value: Mapping[str, Any]) -> Grid:
    start, stop = _float(f"{name}.start", value["start"]), _float(f"{name}.stop", value["stop"])
    num = _int(f"{name}.num", value["num"])
    spacing = _choice(f"{name}.spacing", value.get("spacing", "linear"), ("linear", "log"))
    if not 2 <= num <= _MOST_POINTS:
        raise ParameterError(f"{name}.num", num, f"be between 2 and {_MOST_POINTS}")
    if not start < stop:
        raise ParameterError(f"{name}.stop", stop, f"be larger than start = {start!r}")
    if spacing == "log" and start <= 0:
        raise ParameterError(f"{name}.start", start, "be > 0 on a logarithmic grid")
    return Grid(start, stop, num, "log" if spacing == "log" else "linear")


_CONVERTERS: dict[Any, _Converter] = {
    float: _float,
    Extended: _extended,
    int: _int,
    bool: _bool,
    Grid: _grid,
    Values: _values,
}
