"""Declaring and running the entries of a paper's ledger.

    @equation("7", place="sec. 2", printed=r"r_1 = \\ldots")
    def eq07(rng: Generator) -> Evidence: ...

    @claim("current-needs-bias", place="sec. 3.1", says="No current flows at equal temperatures.")
    def no_bias_no_current(rng: Generator) -> Evidence: ...

Entries live in modules ``qte.papers.<paper>.ledger_*`` and run in the order in which they are written.
Each gets a random generator seeded from its own name, so that adding one changes no other.
"""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from numpy.random import Generator, default_rng

from qte.ledger.evidence import Evidence
from qte.ledger.verdicts import OF_KIND, Kind, Refused

Judge = Callable[[Generator], Evidence]

_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Entry:
    """One equation or claim of a paper.

    Parameters
    ----------
    paper, module : str
    id : str
        Unique within the paper.
    kind : {"equation", "claim"}
    numbers : mapping of str to str
        Version of the text -> equation number there; the version of a paper with one text is "".
    place : str
        Section, figure or caption.
    statement : str
        LaTeX of an equation as printed; a claim restated in our own words.
    versions : tuple of str
        Texts that say it; empty for a paper with one text.
    against : str
        For a contradiction: the other place of the paper that says otherwise.
    judge : callable
    """

    paper: str
    module: str
    id: str
    kind: Kind
    numbers: Mapping[str, str]
    place: str
    statement: str
    versions: tuple[str, ...]
    against: str
    judge: Judge

    @property
    def seed(self) -> int:
        """Seed of the entry's random numbers, from its name."""
        return int.from_bytes(hashlib.sha256(f"{self.paper} {self.id}".encode()).digest()[:6])

    @property
    def number(self) -> str:
        """Equation number as a reader looks for it, "(7)" or "published (28), preprint (20)"."""
        if len(self.numbers) > 1 and len(set(self.numbers.values())) == 1:
            return f"({next(iter(self.numbers.values()))})"
        return ", ".join(f"{version} ({n})".strip() for version, n in self.numbers.items())

    def run(self) -> Evidence:
        """Judge the entry.

        Raises
        ------
        Refused
            If the verdict is none of its kind.
        """
        evidence = self.judge(default_rng(self.seed))
        if evidence.verdict not in OF_KIND[self.kind]:
            raise Refused(f"'{evidence.verdict}' is no verdict of a {self.kind}")
        return evidence


_registry: dict[str, dict[str, Entry]] = {}


def equation(
    number: str | Mapping[str, str], *, place: str, printed: str, id: str = ""
) -> Callable[[Judge], Judge]:
    r"""Declare a numbered equation.

    Parameters
    ----------
    number : str, or mapping of version to number
        As printed, without brackets: "7", "A3"; {"published": "28", "preprint": "20"}.
    place : str
    printed : str
        The formula as printed, LaTeX without dollar signs.
    id : str, optional
        Of the form "eq-28"; needed when two entries share a number.
    """
    numbers = {"": number} if isinstance(number, str) else dict(number)
    name = id or "eq-" + "-".join(dict.fromkeys(numbers.values())).lower()
    versions = tuple(version for version in numbers if version)
    return lambda judge: _register(judge, name, "equation", numbers, place, printed, versions, "")


def claim(
    id: str, *, place: str, says: str, versions: tuple[str, ...] = (), against: str = ""
) -> Callable[[Judge], Judge]:
    """Declare a checkable sentence, restated in our own words.

    Parameters
    ----------
    id : str
        Lower-case words joined by hyphens, unique within the paper.
    place : str
    says : str
    versions : tuple of str
        Texts that say it, for a paper with more than one.
    against : str
        What another place of the paper (text, caption, other version) says instead: lists the entry
        among the contradictions.
    """
    return lambda judge: _register(judge, id, "claim", {}, place, says, versions, against)


def _register(
    judge: Judge,
    id: str,
    kind: Kind,
    numbers: Mapping[str, str],
    place: str,
    statement: str,
    versions: tuple[str, ...],
    against: str,
) -> Judge:
    path = judge.__module__.split(".")
    if path[:2] != ["qte", "papers"] or len(path) != 4 or not path[3].startswith("ledger_"):
        raise TypeError(f"Entry `{id}` must be declared in a module qte.papers.<paper>.ledger_<part>")
    if not _ID.fullmatch(id):
        raise TypeError(f"Entry `{id}` must be named by lower-case words joined by hyphens")
    known = _registry.setdefault(path[2], {})
    if id in known and (known[id].module, known[id].judge.__name__) != (judge.__module__, judge.__name__):
        raise TypeError(f"Entry `{id}` of {path[2]} is declared twice")
    known[id] = Entry(
        path[2], judge.__module__, id, kind, numbers, place, statement, versions, against, judge
    )
    return judge


def entries(module: str) -> tuple[Entry, ...]:
    """Entries of one module, "qte.papers.<paper>.ledger_<part>", as they are written."""
    importlib.import_module(module)
    return tuple(
        entry for entry in _registry.get(module.split(".")[2], {}).values() if entry.module == module
    )


def judge_all(module: str) -> list[tuple[Entry, Evidence]]:
    """Run every entry of a module.

    Raises
    ------
    Refused
        Naming every entry whose verdict is not borne out, and why.
    """
    found, refused = [], []
    for entry in entries(module):
        try:
            found.append((entry, entry.run()))
        except Refused as error:
            refused.append(f"{entry.id}: {error}")
    if refused:
        raise Refused(
            f"{len(refused)} of {len(found) + len(refused)} entries refused: " + " | ".join(refused)
        )
    return found
