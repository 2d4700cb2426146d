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


# An equation is exact, a claim holds.
OF_KIND: Final[dict[str, frozenset[Verdict]]] = {
    "equation": frozenset(Verdict) - {Verdict.HOLDS},
    "claim": frozenset(Verdict) - {Verdict.EXACT},
}
# What does not hold; what does not hold as it stands; slips of the pen; what the text leaves open; what holds.
ERRATA: Final = frozenset({Verdict.FALSE})
PARTLY: Final = frozenset({Verdict.CONDITIONS, Verdict.APPROXIMATE})
SLIPS: Final = frozenset({Verdict.SLIP})
OPEN: Final = frozenset({Verdict.UNDECIDABLE})
HOLDING: Final = frozenset({Verdict.EXACT, Verdict.CONVENTION, Verdict.HOLDS})
# Verdicts that find fault: none is written on the strength of one method alone.
FAULTS: Final = ERRATA | PARTLY | SLIPS


class Refused(QteError, ValueError):
    """An entry whose verdict is not borne out by what it computed."""
