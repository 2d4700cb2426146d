"""Computing beside the page: one process a table, and of several requests the last one wins.

A desk answers one request after the other. What arrives meanwhile waits, and only the latest is kept; a process that
has been at an outdated request for longer than `PATIENCE` is ended and another one takes its place.
"""

import asyncio
import multiprocessing
import signal
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Protocol

from qte.common.errors import ParameterError, QteError, ValidityWarning
from qte.data import studies
from workflow.explore import knobs, shapes
from workflow.explore.shapes import Shape

PATIENCE = 1.0
# Points of each axis while one drags: a map has 41² of them.
DRAGGED = 41
# Whatever the study did, one line of so many letters is what people read.
LONGEST = 300


class Request(Protocol):
    """What a desk is asked."""

    @property
    def serial(self) -> int: ...


@dataclass(frozen=True)
class TableRequest:
    """Compute a table.

    Attributes
    ----------
    serial : int
        Counts the requests of a page.
    table, study : str
    params : mapping
        Of the study, on the full grid.
    dragged : bool
        Whether a coarse grid will do.
    """

    serial: int
    table: str
    study: str
    params: Mapping[str, Any]
    dragged: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why there is no table: the parameter (empty if it is none) and a line about it."""

    name: str
    text: str


@dataclass(frozen=True, eq=False)
class Answer:
    """A table to draw, or why there is none."""

    request: TableRequest
    shape: Shape | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    refusal: Refusal | None = None
    seconds: float = 0.0


def compute(request: TableRequest) -> Answer:
    """The table of a study, by the study itself; whatever it raises becomes a refusal."""
    started = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ValidityWarning)
        try:
            params = knobs.coarse(request.params, DRAGGED) if request.dragged else request.params
            table, _ = studies.run(request.study, params)
            shape = shapes.of_table(table)
        except ParameterError as error:
            name = error.name.partition("[")[0].partition(".")[0]
            return Answer(request, refusal=Refusal(name, _line(f"{error.name} must {error.allowed}")))
        except QteError as error:
            return Answer(request, refusal=Refusal("", _line(str(error))))
        # A study is anybody's code.
        except Exception as error:
            return Answer(
                request, refusal=Refusal("", _line(f"the study raised {type(error).__name__}: {error}"))
            )
    said = dict.fromkeys(_line(str(w.message)) for w in caught if issubclass(w.category, ValidityWarning))
    return Answer(request, shape, table.facts, tuple(said), seconds=time.perf_counter() - started)


def _line(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def serve(connection: Connection, answer: Callable[[Any], Any]) -> None:
    """Answer requests until the page hangs up: the main function of a desk's process."""
    # Ctrl-C in the terminal is for the server, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            connection.send(answer(connection.recv()))


def prepare(modules: Sequence[str]) -> None:
    """Start the process from which desks are forked, with these modules imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *modules])
    process = context.Process(target=_nothing)
    process.start()
    process.join()


def _nothing() -> None:
    """Starts the fork server, that is all."""


class Desk:
    """A process that answers for one table (or one ledger), on the event loop of the page's server.

    Parameters
    ----------
    answer : callable
        A function of a module; gets the request, in the other process.
    deliver : callable
        Gets what `answer` returned, on the event loop; what was ended before it answered never arrives.
    broken : callable
        Gets the request at which the process died.
    """

    def __init__(
        self, answer: Callable[[Any], Any], deliver: Callable[[Any], None], broken: Callable[[Any], None]
    ) -> None:
        self._answer, self._deliver, self._broken = answer, deliver, broken
        self._loop = asyncio.get_running_loop()
        self._waiting: Any = None
        self.running: Any = None
        self.since = 0.0
        self._hire()

    def ask(self, request: Any) -> None:
        """Answer this request and forget all before it."""
        if self.running is None:
            self._begin(request)
            return
        self._waiting = request
        left = self.since + PATIENCE - time.monotonic()
        if left <= 0:
            self._dismiss()
            self._hire()
            self._begin(request)
        else:
            self._loop.call_later(left, self._lose_patience, self.running)

    def close(self) -> None:
        """End the process."""
        self.running = self._waiting = None
        self._dismiss()

    def _begin(self, request: Any) -> None:
        self.running, self._waiting, self.since = request, None, time.monotonic()
        self._connection.send(request)

    def _lose_patience(self, outdated: Any) -> None:
        if self.running is outdated and self._waiting is not None:
            self.ask(self._waiting)

    def _arrived(self) -> None:
        try:
            answer = self._connection.recv()
        except (EOFError, OSError):
            died, self.running = self.running, None
            self._dismiss()
            self._hire()
            if self._waiting is not None:
                self._begin(self._waiting)
            elif died is not None:
                self._broken(died)
            return
        self.running = None
        if self._waiting is not None:
            self._begin(self._waiting)
        self._deliver(answer)

    def _hire(self) -> None:
        context = multiprocessing.get_context("forkserver")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, self._answer), daemon=True)
        self._process.start()
        theirs.close()
        self._loop.add_reader(self._connection.fileno(), self._arrived)

    def _dismiss(self) -> None:
        self._loop.remove_reader(self._connection.fileno())
        self._connection.close()
        self._process.kill()
        self._process.join()
