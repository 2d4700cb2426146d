"""What will take long says so beforehand, and shows how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from typing import TypeVar

from tqdm import tqdm  # type: ignore[import-untyped]

Item = TypeVar("Item")

# Seconds from which a loop announces itself; items before the one that is timed, which set things up.
LONG, TIMED = 10.0, 1


def announced(items: Sequence[Item], what: str, unknowns: int, seconds_each: float) -> Iterable[Item]:
    """`items` as they are; if they will take long, after a line on stderr and with a progress bar.

    How long is measured on one of the first items, which are quick, unless one of them alone takes long.

    Parameters
    ----------
    items : sequence
    what : str
        Such as "currents without rounding".
    unknowns : int
        Coupled unknowns of each item.
    seconds_each : float
        Estimate for one of them; what is below ten seconds is measured instead.

    Examples
    --------
    >>> list(announced([1, 2], "states", 6, 0.001))
    [1, 2]
    """
    if seconds_each < LONG:
        yield from items[:TIMED]
        items = items[TIMED:]
        begun = time.perf_counter()
        yield from items[:1]
        seconds_each, items = time.perf_counter() - begun, items[1:]
    total = len(items) * seconds_each
    if total < LONG:
        yield from items
        return
    print(announcement(len(items), what, unknowns, total), file=sys.stderr, flush=True)
    yield from tqdm(items, desc=what, unit="point", file=sys.stderr)


def announcement(points: int, what: str, unknowns: int, seconds: float) -> str:
    """The line that says what is to come.

    Examples
    --------
    >>> announcement(4000, "currents without rounding", 6, 130.0)
    'qte: currents without rounding at 4000 points of 6 coupled unknowns: about 2.2 min.'
    """
    long = f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"
    return f"qte: {what} at {points} points of {unknowns} coupled unknowns: about {long}."
