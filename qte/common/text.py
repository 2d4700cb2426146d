"""Numbers and parameters as people read them: one way for tables, pages, the ledger and legends.

What a machine reads back has its own forms: `repr` in table files and comparisons (every digit), and the
YAML of a new figure (YAML 1.1 wants a point before an exponent).
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from typing import Any

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: object, digits: int | None = None) -> str:
    """A number with the fewest digits that give it back, or with so many at most.

    Examples
    --------
    >>> number(1.0), number(0.1 + 0.2), number(0.1 + 0.2, 6), number(1e-10), number(-float("inf"))
    ('1', '0.30000000000000004', '0.3', '1e-10', '−∞')
    """
    if not isinstance(value, float):
        return str(value)
    text = repr(float(value)).removesuffix(".0") if digits is None else f"{value:.{digits}g}"
    return text.replace("-inf", "−∞").replace("inf", "∞")


def typeset(value: object, digits: int | None = None) -> str:
    """`number` with a true minus sign and a power of ten, for pages.

    Examples
    --------
    >>> typeset(-1.6e-7), typeset(1234567.0, 3), typeset(0.25)
    ('−1.6 × 10⁻⁷', '1.23 × 10⁶', '0.25')
    """
    if not isinstance(value, float):
        return str(value)
    mantissa, _, power = number(value, digits).partition("e")
    tens = f" × 10{str(int(power)).translate(_RAISED)}" if power else ""
    return f"{mantissa}{tens}".replace("-", "−")


def parameter(value: Any, longest: int | None = None, number: Callable[[object], str] = number) -> str:
    """A parameter of the configuration, or a fact of a table, in words.

    Parameters
    ----------
    value : plain data
    longest : int, optional
        Lists with more entries are given by their ends.
    number : callable
        `number` or `typeset`.

    Examples
    --------
    >>> parameter({"start": 0.0, "stop": 0.06, "num": 241}), parameter([0.3, 1.0]), parameter(True)
    ('0 … 0.06, 241 points', '0.3, 1', 'yes')
    """

    def words(item: Any) -> str:
        return parameter(item, longest, number)

    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case {"start": start, "stop": stop, "num": num}:
            log = ", logarithmic" if value.get("spacing") == "log" else ""
            return f"{words(start)} … {words(stop)}, {num} points{log}"
        case Mapping():
            return ", ".join(f"{key}: {words(item)}" for key, item in value.items()) or "none"
        case list() | tuple() if longest is not None and len(value) > longest:
            return f"{words(value[0])} … {words(value[-1])}, {len(value)} values"
        case list() | tuple():
            return ", ".join(map(words, value)) or "none"
        case _:
            return number(value)


def error_with_place(error: BaseException) -> str:
    """What was raised, on one line, after the file and the line where that happened."""
    kind = type(error).__name__
    if isinstance(error, SyntaxError):
        # a text with null bytes has no place
        place = f"{_short(error.filename)}, line {error.lineno}: " if error.filename else ""
        return f"{place}{kind}: {error.msg}"
    # not the frames of the import system
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename[0] != "<"]
    return f"{_short(frames[-1].filename)}, line {frames[-1].lineno}: {kind}: {' '.join(str(error).split())}"


def _short(file: str) -> str:
    return min(file, os.path.relpath(file), key=len)
