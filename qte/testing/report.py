"""Where the checks of a machine are written down: the worst of every law, and what it was allowed to be."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from qte.common.errors import QteError

Params: TypeAlias = Mapping[str, Any]


class NonConforming(QteError, AssertionError):
    """A machine breaks laws that every machine must obey.

    Attributes
    ----------
    failures : tuple of Finding
        Each names the law, the number found, the bound, and the parameters.
    """

    def __init__(self, machine: str, failures: Sequence[Finding]) -> None:
        self.machine = machine
        self.failures = tuple(failures)
        lines = [f"{machine} breaks {len(self.failures)} law{'s' if len(failures) > 1 else ''}:"]
        super().__init__("\n  ".join([*lines, *map(str, self.failures)]))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.machine, self.failures)

    @property
    def laws(self) -> tuple[str, ...]:
        """Names of the laws that are broken, each once."""
        return tuple(dict.fromkeys(failure.law for failure in self.failures))


@dataclass(frozen=True)
class Finding:
    """One law: the worst number that was found, what is allowed, and where."""

    law: str
    checks: int = 0
    worst: float = 0.0
    allowed: float = 0.0
    at: str = ""
    words: str = ""

    @property
    def holds(self) -> bool:
        """Whether the law holds; NaN does not."""
        return not self.words and self.worst <= self.allowed

    def __str__(self) -> str:
        what = self.words or f"{self.worst:.3g} where at most {self.allowed:.1g} is allowed"
        return f"{self.law}: {what}{f' at {self.at}' if self.at else ''}"


@dataclass(frozen=True)
class Report:
    """Every law that was checked, and why others were not."""

    machine: str
    findings: tuple[Finding, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        rows = [f"{self.machine}: {len(self.findings)} laws hold"]
        rows += [
            f"  {f.law:26} {f.checks:4d} checks, worst {f.worst:.1e} of {f.allowed:.0e}"
            for f in self.findings
        ]
        return "\n".join(rows + [f"  {law:26} not checked: {why}" for law, why in self.left_out.items()])


class Book:
    """Keeps the worst of every law."""

    def __init__(self) -> None:
        self._worst: dict[str, Finding] = {}
        self.left_out: dict[str, str] = {}

    @property
    def findings(self) -> list[Finding]:
        return list(self._worst.values())

    def note(self, law: str, value: float, allowed: float, at: Params, words: str = "") -> None:
        """One check: `value` must be at most `allowed`."""
        new = Finding(law, 1, float(value), allowed, "", words)
        old = self._worst.get(law, Finding(law, 0, -math.inf, allowed))
        worse = not new.holds and (old.holds or not new.worst <= old.worst)
        if worse or (old.holds and (old.checks == 0 or new.worst / allowed > old.worst / old.allowed)):
            new = dataclasses.replace(new, at="" if new.holds else _words(at))
        else:
            new = old
        self._worst[law] = dataclasses.replace(new, checks=old.checks + 1)

    def watch(self, law: str, at: Params) -> Watch:
        """A block in which any exception counts as a failure of `law`."""
        return Watch(self, law, at)


@dataclass(frozen=True)
class Watch:
    book: Book
    law: str
    at: Params

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Exception):
            self.book.note(self.law, math.nan, 0.0, self.at, f"{type(error).__name__}: {error}")
            return True
        return False


def _words(point: Params) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in point.items())
