"""The classes that an entry can get, and what each of them owes the reader."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from qte.common.errors import QteError

Kind = Literal["equation", "claim"]


class Verdict(StrEnum):
    """What an entry turns out to be; its value is the wording of every page and file."""

    EXACT = "exact"
    CONVENTION = "exact up to a convention"
    HOLDS = "holds"
    SLIP = "slip"
    CONDITIONS = "holds under conditions"
    APPROXIMATE = "approximate"
    FALSE = "false"
    UNDECIDABLE = "undecidable"
    DEFINITION = "definition"
    # Of entries in the old form, until the last paper is converted.
    APPROXIMATELY = "approximately"
    MISPRINT = "misprint"
    WRONG = "wrong"
    FAILS = "fails"
    UNDECIDED = "not decidable here"
    READ = "definition, read"


OF_KIND: Final[dict[str, frozenset[Verdict]]] = {
    "equation": frozenset(Verdict) - {Verdict.HOLDS, Verdict.FAILS, Verdict.APPROXIMATELY, Verdict.UNDECIDED},
    "claim": frozenset(Verdict)
    - {
        Verdict.EXACT,
        Verdict.MISPRINT,
        Verdict.WRONG,
        Verdict.READ,
    },
}
# What does not hold; what does not hold as it stands; slips of the pen; what the text leaves open; what holds.
ERRATA: Final = frozenset({Verdict.FALSE, Verdict.MISPRINT, Verdict.WRONG, Verdict.FAILS})
PARTLY: Final = frozenset({Verdict.CONDITIONS, Verdict.APPROXIMATE, Verdict.APPROXIMATELY})
SLIPS: Final = frozenset({Verdict.SLIP})
OPEN: Final = frozenset({Verdict.UNDECIDABLE, Verdict.UNDECIDED})
HOLDING: Final = frozenset({Verdict.EXACT, Verdict.CONVENTION, Verdict.HOLDS})
# Verdicts that find fault: none is written on the strength of one method alone.
FAULTS: Final = ERRATA | PARTLY | SLIPS


class Refused(QteError, ValueError):
    """An entry whose verdict is not borne out by what it computed."""
