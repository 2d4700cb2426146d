"""What of a computation lay outside the domain of its equations: said where it is met, read where it is reported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Outside:
    """A criterion of a machine's validity that failed.

    Parameters
    ----------
    name, source : str
        What it is about, and where its bound comes from; see `qte.machines.validity.Criterion`.
    worst, bound : float
        The largest value that was met, and what it is held against.
    """

    name: str
    worst: float
    bound: float
    source: str


class Noted:
    """What was noted while it listened, the worst value of each criterion; iterating gives `Outside`."""

    def __init__(self) -> None:
        self._worst: dict[tuple[str, float, str], float] = {}

    def note(self, found: Outside) -> None:
        """Keep the larger value."""
        key = (found.name, found.bound, found.source)
        self._worst[key] = max(self._worst.get(key, 0.0), found.worst)

    def __iter__(self) -> Iterator[Outside]:
        for (name, bound, source), worst in sorted(self._worst.items()):
            yield Outside(name, worst, bound, source)


_LISTENING: list[Noted] = []


def note(found: Outside) -> None:
    """Tell everybody who listens."""
    for book in _LISTENING:
        book.note(found)


@contextmanager
def noted() -> Iterator[Noted]:
    """Listen to what is noted.

    Examples
    --------
    >>> with noted() as outside:
    ...     note(Outside("coupling over gap", 0.2, 0.1, "a paper"))
    ...     note(Outside("coupling over gap", 0.5, 0.1, "a paper"))
    >>> list(outside)
    [Outside(name='coupling over gap', worst=0.5, bound=0.1, source='a paper')]
    """
    book = Noted()
    _LISTENING.append(book)
    try:
        yield book
    finally:
        _LISTENING.remove(book)
