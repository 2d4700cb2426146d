"""Statements without the hunt: the margins of an entry, for whoever has points of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

_heard: ContextVar[list[Statement] | None] = ContextVar("heard", default=None)


@dataclass(frozen=True)
class Statement:
    """What a hunt is given: see `qte.ledger.checks.hunt`.

    Attributes
    ----------
    what : str
    margin : callable(**parameters) -> ndarray, shape (n,)
        >= 0 where the statement holds, < 0 where it is broken, NaN where it does not apply.
    domain : mapping of str to Range, Signed or tuple of words
        Where it is hunted.
    """

    what: str
    margin: Callable[..., NDArray[Any]]
    domain: Mapping[str, Any]


@contextmanager
def listen() -> Iterator[list[Statement]]:
    """Inside the block a hunt only says what it would hunt, into this list, and finds nothing."""
    statements: list[Statement] = []
    token = _heard.set(statements)
    try:
        yield statements
    finally:
        _heard.reset(token)


def hears(statement: Statement) -> bool:
    """Whether somebody listens; the statement is theirs then."""
    statements = _heard.get()
    if statements is None:
        return False
    statements.append(statement)
    return True
