"""The verdicts an entry can get, and what each of them owes the reader."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from qte.common.errors import QteError

Kind = Literal["equation", "claim"]


class Verdict(StrEnum):
    """What an entry turns out to be; its value is the wording of every page and file."""

    EXACT = "exact"
    HOLDS = "holds"
    CONDITIONS = "holds under conditions"
    APPROXIMATELY = "approximately"
    MISPRINT = "misprint"
    WRONG = "wrong"
    FAILS = "fails"
    UNDECIDED = "not decidable here"
    DEFINITION = "definition, read"


OF_KIND: Final[dict[str, frozenset[Verdict]]] = {
    "equation": frozenset(
        {Verdict.EXACT, Verdict.CONDITIONS, Verdict.MISPRINT, Verdict.WRONG, Verdict.DEFINITION}
    ),
    "claim": frozenset(
        {Verdict.HOLDS, Verdict.CONDITIONS, Verdict.APPROXIMATELY, Verdict.FAILS, Verdict.UNDECIDED}
    ),
}
# Verdicts that find fault: none is written on the strength of one method alone.
FAULTS: Final = frozenset(
    {Verdict.CONDITIONS, Verdict.APPROXIMATELY, Verdict.MISPRINT, Verdict.WRONG, Verdict.FAILS}
)
ERRATA: Final = frozenset({Verdict.MISPRINT, Verdict.WRONG, Verdict.FAILS})


class Refused(QteError, ValueError):
    """An entry whose verdict is not borne out by what it computed."""
