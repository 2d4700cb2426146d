"""Evidence for a verdict: what was computed, by which methods, and what it means.

The functions `exact`, `holds`, `conditional`, `misprint`, … build it from checks and refuse a verdict
that the checks do not bear out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

import numpy as np

from qte.ledger.checks import CONFIRMED_TO, Check, Hunt, Numbers, Plain, label, plain
from qte.ledger.verdicts import ERRATA, FAULTS, Refused, Verdict


@dataclass(frozen=True)
class Confirmation:
    """A second method's values next to the first one's, equal to six digits."""

    method: str
    numbers: Mapping[str, tuple[float, float]]


def confirm(method: str, **values: tuple[object, object]) -> Confirmation:
    """Second method: each keyword is ``(value of the first, value of the second)``.

    Raises
    ------
    Refused
        If they differ by more than 1e-6 of the larger, or nothing is compared.
    """
    if not values:
        raise Refused(f"`{method}` confirms no number")
    pairs = {}
    for name, (first, second) in values.items():
        a, b = float(np.asarray(first)), float(np.asarray(second))
        if not abs(a - b) <= CONFIRMED_TO * max(abs(a), abs(b)):
            raise Refused(f"`{method}` does not confirm {name}: {a!r} against {b!r}")
        pairs[label(name)] = (a, b)
    return Confirmation(method, pairs)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A verdict with all that bears it out; use the functions below rather than this.

    Parameters
    ----------
    verdict : Verdict
    finding : str
        What was found, in our own words; one to three sentences.
    method : str
        How it was computed.
    checks : tuple of Check
    numbers : mapping
        Deciding numbers besides those of the checks.
    conditions : str
        Under which an entry holds.
    corrected : str
        Right form, LaTeX without dollar signs.
    counterexample : mapping
        Parameters at which it fails; those of the failing check by default.
    second : Confirmation
        Needed for every verdict that finds fault.
    size : str
        How large the difference is at the paper's own parameters.
    consequence : str
        Whether a conclusion of the paper depends on it.
    survives, beyond, more, thanks : str
        See `qte.ledger.words.Words`.
    printed, right : float, optional
        One number by the text and by us, which the script of the erratum prints.

    Raises
    ------
    Refused
        A verdict without numbers, a fault without a second method, a misprint without its correction, …
    """

    verdict: Verdict
    finding: str
    method: str = ""
    checks: tuple[Check, ...] = ()
    numbers: Numbers = field(default_factory=dict)
    conditions: str = ""
    corrected: str = ""
    counterexample: Numbers = field(default_factory=dict)
    second: Confirmation | None = None
    size: str = ""
    consequence: str = ""
    survives: str = ""
    beyond: str = ""
    more: str = ""
    thanks: str = ""
    printed: float | None = None
    right: float | None = None

    def __post_init__(self) -> None:
        for missing, when in (
            ("finding", not self.finding),
            ("numbers", self.verdict not in _READ and not (self.checks or self.numbers)),
            ("method", self.verdict not in _READ and not self.method),
            ("second method", self.verdict in FAULTS and self.second is None),
            ("conditions", self.verdict is Verdict.CONDITIONS and not self.conditions),
            ("corrected form", self.verdict is Verdict.MISPRINT and not self.corrected),
            ("counterexample", self.verdict in _BROKEN and not self.counterexample),
            ("size at the paper's parameters", self.verdict in ERRATA and not self.size),
            ("consequence for the paper's conclusions", self.verdict in ERRATA and not self.consequence),
        ):
            if when:
                raise Refused(f"The verdict '{self.verdict}' comes without its {missing}")


_READ = frozenset({Verdict.DEFINITION, Verdict.UNDECIDABLE, Verdict.READ, Verdict.UNDECIDED})
_BROKEN = frozenset({Verdict.FALSE, Verdict.WRONG, Verdict.FAILS})


class Words(TypedDict, total=False):
    """What the functions below pass on to `Evidence`."""

    finding: str
    method: str
    numbers: Mapping[str, object]
    conditions: str
    corrected: str
    counterexample: Mapping[str, object]
    second: Confirmation | None
    size: str
    consequence: str


def exact(*checks: Check, **words: Unpack[Words]) -> Evidence:
    """Equation that agrees with an independent value everywhere."""
    return _all_pass(Verdict.EXACT, checks, words)


def holds(*checks: Check, **words: Unpack[Words]) -> Evidence:
    """Claim that nothing broke."""
    return _all_pass(Verdict.HOLDS, checks, words)


def conditional(*, inside: tuple[Check, ...], outside: tuple[Check, ...], **words: Unpack[Words]) -> Evidence:
    """Entry that holds under `conditions` (every check inside passes) and fails outside (none passes)."""
    _demand_pass(Verdict.CONDITIONS, inside)
    _demand_failure(Verdict.CONDITIONS, outside)
    return _evidence(Verdict.CONDITIONS, (*inside, *outside), words, broken=outside)


def misprint(
    *, printed: tuple[Check, ...], corrected_form: tuple[Check, ...], **words: Unpack[Words]
) -> Evidence:
    """Equation that fails as printed and is exact once corrected (`corrected` is its LaTeX)."""
    _demand_failure(Verdict.MISPRINT, printed)
    _demand_pass(Verdict.MISPRINT, corrected_form)
    return _evidence(Verdict.MISPRINT, (*printed, *corrected_form), words, broken=printed)


def wrong(*checks: Check, **words: Unpack[Words]) -> Evidence:
    """Equation that fails and that no small correction mends."""
    _demand_failure(Verdict.WRONG, checks)
    return _evidence(Verdict.WRONG, checks, words, broken=checks)


def fails(*broken: Check, right: tuple[Check, ...] = (), **words: Unpack[Words]) -> Evidence:
    """Claim with a counterexample; `right` are checks of what is true instead."""
    _demand_failure(Verdict.FAILS, broken)
    _demand_pass(Verdict.FAILS, right)
    return _evidence(Verdict.FAILS, (*broken, *right), words, broken=broken)


def approximately(*checks: Check, **words: Unpack[Words]) -> Evidence:
    """Claim that holds to an accuracy that its checks state."""
    return _all_pass(Verdict.APPROXIMATELY, checks, words)


def definition(read: str) -> Evidence:
    """Definition or notation: read, nothing to compute."""
    return Evidence(verdict=Verdict.READ, finding=read)


def undecided(why: str) -> Evidence:
    """Claim that no computation here can decide."""
    return Evidence(verdict=Verdict.UNDECIDED, finding=why)


def _all_pass(verdict: Verdict, checks: tuple[Check, ...], words: Words) -> Evidence:
    _demand_pass(verdict, checks)
    return _evidence(verdict, checks, words)


def _demand_pass(verdict: Verdict, checks: tuple[Check, ...]) -> None:
    for check in checks:
        if not check.passed:
            raise Refused(
                f"'{verdict}' is not what was computed: `{check.what}` fails, {_told(check.numbers)}, at {check.point}"
            )


def _demand_failure(verdict: Verdict, checks: tuple[Check, ...]) -> None:
    if not checks:
        raise Refused(f"'{verdict}' comes without a check that fails")
    for check in checks:
        if check.passed:
            raise Refused(
                f"'{verdict}' is not what was computed: `{check.what}` passes, {_told(check.numbers)}"
            )


def _evidence(
    verdict: Verdict, checks: tuple[Check, ...], words: Words, broken: tuple[Check, ...] = ()
) -> Evidence:
    given: dict[str, Any] = dict(words)
    if "numbers" in given:
        given["numbers"] = _plain(given["numbers"])
    given["counterexample"] = _plain(given.get("counterexample", {})) or next(
        (check.point for check in broken if check.point), {}
    )
    given["method"] = given.get("method") or hunted(checks)
    return Evidence(verdict=verdict, checks=checks, **given)


def hunted(checks: tuple[Check, ...]) -> str:
    """The method of a hunt, where there is one."""
    if any(isinstance(check, Hunt) for check in checks):
        return "random draws over the whole domain, and an optimiser that climbs from the worst of them"
    return ""


def _plain(numbers: Mapping[str, object]) -> dict[str, Plain]:
    return {name: plain(value) for name, value in numbers.items()}


def _told(numbers: Numbers) -> str:
    return ", ".join(f"{name} {value}" for name, value in numbers.items())
