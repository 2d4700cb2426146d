"""Declaring and running the entries of a paper's ledger.

    @judge("current-needs-bias")
    def no_bias_no_current(rng: Generator) -> Found: ...

The words of an entry stand in ``qte/papers/<paper>/claims.yaml``, its computing in a module of
``qte.papers.<paper>.checks``.  Each gets a random generator seeded from its own name, so that adding one changes
no other.  What is only read (definitions, what is undecidable) has no function: it belongs to the part "claims".
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace

from numpy.random import Generator, default_rng

from qte.common.outside import noted
from qte.ledger.judged import UNCOMPUTED, Evidence, Found, evidence
from qte.ledger.listening import Statement, listen
from qte.ledger.verdicts import Refused
from qte.ledger.words import Words, words_of

Finder = Callable[[Generator], Found]


@dataclass(frozen=True)
class Entry:
    """One equation or claim of a paper.

    Parameters
    ----------
    paper, module : str
    words : Words
        All that claims.yaml says of it.
    finder : callable
        What computes it.
    """

    paper: str
    module: str
    words: Words
    finder: Finder

    @property
    def id(self) -> str:
        return self.words.id

    @property
    def seed(self) -> int:
        """Seed of the entry's random numbers, from its name."""
        return int.from_bytes(hashlib.sha256(f"{self.paper} {self.id}".encode()).digest()[:6])

    @property
    def source(self) -> str:
        """Where its computing is."""
        return f"{self.module}.{self.finder.__name__}"

    def run(self) -> Evidence:
        """Judge the entry.

        Raises
        ------
        Refused
            If what was computed does not bear out the words.
        """
        with noted() as outside:
            found = self.finder(default_rng(self.seed))
        return replace(evidence(words_of(self.paper), self.words, found), outside=tuple(outside))


_registry: dict[str, dict[str, Entry]] = {}


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
        entry = Entry(path[2], finder.__module__, words_of(path[2]).of(id), finder)
        known = _registry.setdefault(entry.paper, {})
        if id in known and known[id].source != entry.source:
            raise TypeError(f"Entry `{id}` of {entry.paper} is judged twice")
        known[id] = entry
        return finder

    return register


def entries(module: str) -> tuple[Entry, ...]:
    """Entries of one module, "qte.papers.<paper>.checks.<part>", as they are written.

    The module "qte.papers.<paper>.claims" has no file: its entries are those that are only read.
    """
    paper = module.split(".")[2]
    if module.endswith(".claims"):
        return _only_read(paper)
    importlib.import_module(module)
    return tuple(entry for entry in _registry.get(paper, {}).values() if entry.module == module)


def statements(entry: Entry, bounded: AbstractContextManager[object] | None = None) -> tuple[Statement, ...]:
    """What an entry hunts through a domain, without the hunt.

    What else it computes is cut short where it needs what a hunt would have found, or by `bounded`.

    Parameters
    ----------
    entry : Entry
    bounded : context manager, optional
        Around its computing; may end it.
    """
    with listen() as heard, bounded or nullcontext(), suppress(Exception):
        entry.finder(default_rng(entry.seed))
    return tuple(heard)


def _only_read(paper: str) -> tuple[Entry, ...]:
    """What claims.yaml holds and no function judges; only what needs no computing may be so."""
    package = importlib.import_module(f"qte.papers.{paper}.checks")
    for part in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{part.name}")
    judged = set(_registry.get(paper, {}))
    left = [words for id, words in words_of(paper).entries.items() if id not in judged]
    if forgotten := [words.id for words in left if words.verdict not in UNCOMPUTED]:
        raise Refused(f"no function judges {', '.join(forgotten)} of {paper}")
    return tuple(Entry(paper, f"qte.papers.{paper}.claims", words, _nothing) for words in left)


def _nothing(rng: Generator) -> Found:
    """Nothing to compute."""
    return Found()


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
