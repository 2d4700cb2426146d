"""What the present values do to the statements of a paper's ledger, where an entry has a margin that they decide.

A margin asks for the parameters of a machine by name. It is used where the figure's machine is the one it asks for:
every parameter it names is one of the table's, what it does not name is at the machine's default (a gap: at 1, the
unit of energy), and the point lies in the domain of the statement. All other entries are left out.
"""

import importlib
import pkgutil
import signal
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from qte.common.errors import QteError, ValidityWarning
from qte.common.parameters import GAP, kinds_of
from qte.data import studies
from qte.ledger import entries
from qte.ledger.checks import TOLERANCE, Range, Signed, hunt
from qte.ledger.entries import Entry
from qte.ledger.listening import Statement
from workflow.explore import desks, knobs, shapes
from workflow.report.content import reach

# Points of a table at which margins are evaluated.
MOST_POINTS = 600
# Seconds of computing within which an entry has said what it would hunt.
_LONG = 0.5
Point = Mapping[str, float]


@dataclass(frozen=True)
class StatementRequest:
    """Judge a paper's statements at the points of some tables.

    Attributes
    ----------
    serial : int
    paper : str
    tables : tuple of (study, params)
    """

    serial: int
    paper: str
    tables: tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True)
class Judged:
    """One statement at the present values.

    Attributes
    ----------
    entry, place, verdict : str
        The entry, where the paper says so, and what the ledger says of it.
    what : str
    margin : float
        The smallest over the points.
    """

    entry: str
    place: str
    verdict: str
    what: str
    margin: float

    @property
    def holds(self) -> bool:
        return self.margin >= -TOLERANCE


def judge(request: StatementRequest) -> tuple[Judged, ...]:
    """Every statement of the paper that the tables' points decide, in the order of the ledger."""
    # The page says it of the tables; margins are asked far outside on purpose.
    warnings.simplefilter("ignore", ValidityWarning)
    grounds = [ground for study, params in request.tables for ground in _grounds(study, params)]
    found = []
    for entry, statement in _statements(request.paper):
        margins = [margin for ground in grounds if (margin := smallest(statement, *ground)) is not None]
        if margins:
            words = entry.words
            found.append(Judged(entry.id, words.place, str(words.verdict), statement.what, min(margins)))
    return tuple(found)


@cache
def _statements(paper: str) -> tuple[tuple[Entry, Statement], ...]:
    """All statements of a paper's entries; an entry that takes long to say them is left out."""
    package = importlib.import_module(f"qte.papers.{paper}.checks")
    found: list[tuple[Entry, Statement]] = []
    for part in pkgutil.iter_modules(package.__path__):
        for entry in entries.entries(f"{package.__name__}.{part.name}"):
            if _hunts(entry.finder):
                found += [(entry, statement) for statement in entries.statements(entry, _at_most(_LONG))]
    return tuple(found)


def _hunts(function: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether a function, or one of its module that it calls, names the hunt: most entries hunt nothing."""
    names = set(_names(function.__code__))
    known = {name: function.__globals__.get(name) for name in names}
    if any(value is hunt for value in known.values()):
        return True
    helpers = {
        value
        for value in known.values()
        if isinstance(value, FunctionType) and value.__module__ == function.__module__ and value not in seen
    }
    return any(_hunts(helper, seen | helpers) for helper in helpers)


def _names(code: CodeType) -> Iterator[str]:
    """Names of other functions in a function's code, that of the functions inside it too."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


class _TooLong(BaseException):
    """Goes through whatever catches errors."""


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """A block that is left after so many seconds of computing; for the main thread of a process of its own."""

    def stop(*_: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    except _TooLong:
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _grounds(study: str, params: Mapping[str, Any]) -> Iterator[tuple[type, list[Point]]]:
    """The machines of a study, and the points of its table."""
    try:
        table, _ = studies.run(study, knobs.coarse(params, desks.DRAGGED))
    except QteError:
        return
    fixed = {name: float(value) for name, value in params.items() if isinstance(value, int | float)}
    points = [{**fixed, **row} for row in shapes.rows(table, MOST_POINTS)]
    found = reach.of_study(studies.module_of(study), studies.get(study).__name__)
    for module, name in sorted(found.machines):
        yield getattr(importlib.import_module(module), name), points


def smallest(statement: Statement, machine: type, points: Iterable[Point]) -> float | None:
    """The smallest margin over the points that the statement is about; None if there is none."""
    defaults = {field.name: field.default for field in fields(machine) if field.default is not MISSING}
    words = {name: defaults.get(name) for name, axis in statement.domain.items() if isinstance(axis, tuple)}
    if any(words[name] not in statement.domain[name] for name in words):
        return None
    inside = [point for point in points if _is_about(statement, machine, defaults, point)]
    if not inside:
        return None
    numbers = [name for name in statement.domain if name not in words]
    arrays = {name: np.array([point[name] for point in inside]) for name in numbers}
    try:
        margins = np.asarray(statement.margin(**arrays, **words), dtype=float)
    except (QteError, ArithmeticError, ValueError):
        return None
    applies = margins[np.isfinite(margins)]
    return float(applies.min()) if applies.size else None


def _is_about(statement: Statement, machine: type, defaults: Mapping[str, Any], point: Point) -> bool:
    for name, axis in statement.domain.items():
        if not isinstance(axis, tuple) and not (name in point and _within(axis, point[name])):
            return False
    for name, kind in kinds_of(machine).items():
        if name in statement.domain:
            continue
        unit = 1.0 if kind == GAP else defaults.get(name)
        if point.get(name, defaults.get(name)) != unit:
            return False
    return True


def _within(axis: Range | Signed, value: float) -> bool:
    return abs(value) <= axis.high if isinstance(axis, Signed) else axis.low <= value <= axis.high
