"""Declaring and running the entries of a paper's ledger.

    @judge("current-needs-bias")
    def no_bias_no_current(rng: Generator) -> Found: ...

The words of an entry stand in ``qte/papers/<paper>/claims.yaml``, its computing in a module of
``qte.papers.<paper>.checks``.  Each gets a random generator seeded from its own name, so that adding one changes
no other.  What is only read (definitions, what is undecidable) has no function: it belongs to the part "claims".

`equation` and `claim` declare entries in the old form, in modules ``qte.papers.<paper>.ledger_*``.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from numpy.random import Generator, default_rng

from qte.ledger.evidence import Evidence
from qte.ledger.judged import UNCOMPUTED, Found, evidence
from qte.ledger.verdicts import OF_KIND, Kind, Refused
from qte.ledger.words import Words, words_of

Judge = Callable[[Generator], Evidence]
Finder = Callable[[Generator], Found]

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
    words : Words, optional
        All that claims.yaml says of it.
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
    words: Words | None = None

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


def judge(id: str) -> Callable[[Finder], Finder]:
    """Let a function of a module ``qte.papers.<paper>.checks.<part>`` judge the entry of that id.

    Raises
    ------
    Refused
        If claims.yaml has no such entry.
    TypeError
        Outside such a module, or if the entry is judged twice.
    """

    def register(finder: Finder) -> Finder:
        path = finder.__module__.split(".")
        if path[:2] != ["qte", "papers"] or len(path) != 5 or path[3] != "checks":
            raise TypeError(f"Entry `{id}` must be judged in a module qte.papers.<paper>.checks.<part>")
        _add(_from_words(path[2], id, finder.__module__, finder))
        return finder

    return register


def _from_words(paper: str, id: str, module: str, finder: Finder) -> Entry:
    all_words = words_of(paper)
    words = all_words.of(id)

    def run(rng: Generator) -> Evidence:
        return evidence(all_words, words, finder(rng))

    run.__name__ = finder.__name__
    statement = words.printed if words.kind == "equation" else words.says
    return Entry(
        paper,
        module,
        id,
        words.kind,
        words.number,
        words.place,
        statement,
        words.versions,
        words.against,
        run,
        words,
    )


def read_entries(paper: str) -> tuple[Entry, ...]:
    """What claims.yaml holds and no function judges; only what needs no computing may be so.

    Raises
    ------
    Refused
        For an entry that has to be judged and is not.
    """
    package = importlib.import_module(f"qte.papers.{paper}.checks")
    for part in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{part.name}")
    judged = set(_registry.get(paper, {}))
    left = [words for id, words in words_of(paper).entries.items() if id not in judged]
    if forgotten := [words.id for words in left if words.verdict not in UNCOMPUTED]:
        raise Refused(f"no function judges {', '.join(forgotten)} of {paper}")
    return tuple(_from_words(paper, words.id, f"qte.papers.{paper}.claims", _nothing) for words in left)


def _nothing(rng: Generator) -> Found:
    """Nothing to compute."""
    return Found()


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
    _add(Entry(path[2], judge.__module__, id, kind, numbers, place, statement, versions, against, judge))
    return judge


def _add(entry: Entry) -> None:
    known = _registry.setdefault(entry.paper, {})
    have = known.get(entry.id)
    if have and (have.module, have.judge.__name__) != (entry.module, entry.judge.__name__):
        raise TypeError(f"Entry `{entry.id}` of {entry.paper} is declared twice")
    known[entry.id] = entry


def entries(module: str) -> tuple[Entry, ...]:
    """Entries of one module, "qte.papers.<paper>.checks.<part>", as they are written.

    The module "qte.papers.<paper>.claims" has no file: its entries are those that are only read.
    """
    if module.endswith(".claims"):
        return read_entries(module.split(".")[2])
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
