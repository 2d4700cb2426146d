"""What an entry's function hands back, and how words and checks together make its evidence.

The words say the class; `evidence` refuses a class that the checks do not bear out, a counterexample outside the
paper's premises, and an accusation that no second method meets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from qte.common.outside import Outside
from qte.ledger.checks import CONFIRMED_TO, Check, Hunt
from qte.ledger.numbers import Plain, label, plain
from qte.ledger.verdicts import FAULTS, Refused, Verdict
from qte.ledger.words import COMPUTED, PaperWords, Words


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was computed, with the words that its numbers have filled; made by `evidence`.

    Parameters
    ----------
    checks : tuple of Check
    method : str
        How it was computed.
    counterexample : mapping
        Parameters at which it fails.
    second_method : str
    second_numbers : mapping
        Number -> (first method, second method), equal to six digits.
    printed, right : float, optional
        One number by the text and by us, which the script of the erratum prints.
    told : mapping
        The words of `COMPUTED`, numbers filled in.
    outside : tuple of Outside
        Where the machines that were asked leave the domain of their equations.
    """

    checks: tuple[Check, ...]
    method: str
    counterexample: Mapping[str, Plain]
    second_method: str
    second_numbers: Mapping[str, tuple[float, float]]
    printed: float | None
    right: float | None
    told: Mapping[str, str]
    outside: tuple[Outside, ...] = ()


@dataclass(frozen=True)
class Second:
    """A check's deciding numbers once more, by other code.

    Parameters
    ----------
    check : Check
    method : str
    pairs : mapping
        Number -> (first method, second method).
    """

    check: Check
    method: str
    pairs: Mapping[str, tuple[float, float]]


def again(check: Check, method: str, by: Callable[..., object]) -> Second:
    """Let a second method evaluate the same statement at the same point.

    Parameters
    ----------
    check : Check
        Its `measure` is what the second method must find: "deviation" of `equals`, "margin" of
        `never_below`, the numbers of the other forms.
    method : str
        What the second method is: other code, not a neighbouring number.
    by : callable(**point)
        The deciding number, or a mapping of several of them, at the check's point.

    Raises
    ------
    Refused
        If they differ by more than 1e-6 of the larger.
    """
    found = by(**check.point)
    measure = check.measure
    given = (
        {label(str(k)): v for k, v in found.items()}
        if isinstance(found, Mapping)
        else {next(iter(measure)): found}
    )
    pairs = {}
    for name, value in given.items():
        if name not in measure:
            raise Refused(f"`{check.what}` has no number `{name}`; it has {', '.join(measure)}")
        a, b = measure[name], float(np.asarray(value))
        if not abs(a - b) <= CONFIRMED_TO * max(abs(a), abs(b)):
            raise Refused(f"`{method}` does not confirm {name} of `{check.what}`: {a!r} against {b!r}")
        pairs[name] = (a, b)
    if not pairs:
        raise Refused(f"`{method}` confirms no number")
    return Second(check, method, pairs)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an entry's function found.

    Parameters
    ----------
    passes : tuple of Check
        What holds: the statement, its corrected form, or the statement under its conditions.
    breaks : tuple of Check
        What fails inside the paper's premises.
    rest : tuple of Check
        What the paper builds on a slip and what stands all the same.
    beyond : tuple of Check
        What fails outside the premises: no fault of the paper's.
    again : tuple of Second
    values : mapping
        Numbers for the placeholders of the words.
    point : mapping
        Counterexample; that of the first check that fails by default.
    printed, right : float, optional
        For errata: one number by the text and by us, which the entry's script prints as well.
    """

    passes: tuple[Check, ...] = ()
    breaks: tuple[Check, ...] = ()
    rest: tuple[Check, ...] = ()
    beyond: tuple[Check, ...] = ()
    again: tuple[Second, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    point: Mapping[str, object] = field(default_factory=dict)
    printed: float | None = None
    right: float | None = None


def found(
    *passes: Check,
    breaks: tuple[Check, ...] = (),
    rest: tuple[Check, ...] = (),
    beyond: tuple[Check, ...] = (),
    again: tuple[Second, ...] = (),
    point: Mapping[str, object] | None = None,
    printed: object = None,
    right: object = None,
    **values: object,
) -> Found:
    """`Found`, with the numbers for the words as keywords."""
    return Found(
        passes=passes,
        breaks=breaks,
        rest=rest,
        beyond=beyond,
        again=again,
        values=values,
        point=point or {},
        printed=None if printed is None else float(np.asarray(printed)),
        right=None if right is None else float(np.asarray(right)),
    )


# Class -> which checks it needs (True), may not have (False); what is not named is free.
_NEEDS: Final[Mapping[Verdict, Mapping[str, bool]]] = {
    Verdict.EXACT: {"passes": True, "breaks": False},
    Verdict.CONVENTION: {"passes": True, "breaks": True, "conditions": True},
    Verdict.HOLDS: {"passes": True, "breaks": False},
    Verdict.SLIP: {"breaks": True, "rest": True, "corrected": True},
    Verdict.CONDITIONS: {
        "passes": True,
        "breaks": True,
        "conditions": True,
        "premises": True,
        "choices": True,
    },
    Verdict.APPROXIMATE: {"passes": True, "breaks": True, "premises": True, "choices": True},
    Verdict.FALSE: {"breaks": True, "premises": True, "choices": True, "size": True, "consequence": True},
    Verdict.UNDECIDABLE: {"decides": True},
    Verdict.DEFINITION: {},
}
# Classes that nothing needs to compute.
UNCOMPUTED: Final = frozenset({Verdict.DEFINITION, Verdict.UNDECIDABLE})


def evidence(paper: PaperWords, words: Words, it: Found) -> Evidence:
    """Evidence of an entry, or a refusal that says what is missing.

    Raises
    ------
    Refused
    """
    _bear_out(words, it)
    point = _counterexample(it)
    for name in words.premises:
        for where in (point, *(check.point for check in it.breaks)):
            if where and words.verdict in FAULTS:
                paper.premises[name].check(where)
    checks = (*it.passes, *it.breaks, *it.rest, *it.beyond)
    if it.beyond and not words.beyond:
        raise Refused("something fails beyond the premises, but `beyond` says nothing")
    method = words.method or _hunted(checks)
    if checks and not method:
        raise Refused(f"'{words.verdict}' comes without its `method`")
    return Evidence(
        checks=checks,
        method=method or "read",
        counterexample=point,
        second_method="; ".join(dict.fromkeys(second.method for second in it.again)),
        second_numbers=dict(_pairs(it)),
        printed=it.printed,
        right=it.right,
        told={name: _filled(name, getattr(words, name), it, point) for name in COMPUTED},
    )


def _hunted(checks: tuple[Check, ...]) -> str:
    """The method of a hunt, where there is one."""
    if any(isinstance(check, Hunt) for check in checks):
        return "random draws over the whole domain, and an optimiser that climbs from the worst of them"
    return ""


def _bear_out(words: Words, it: Found) -> None:
    for name, wanted in _NEEDS[words.verdict].items():
        given = getattr(it, name) if name in ("passes", "breaks", "rest") else getattr(words, name)
        if bool(given) != wanted:
            raise Refused(f"'{words.verdict}' {'comes without' if wanted else 'comes with'} its `{name}`")
    for check in (*it.passes, *it.rest):
        if not check.passed:
            raise Refused(
                f"'{words.verdict}' is not what was computed: `{check.what}` fails, {dict(check.numbers)}, "
                f"at {check.point}"
            )
    for check in (*it.breaks, *it.beyond):
        if check.passed:
            raise Refused(
                f"'{words.verdict}' is not what was computed: `{check.what}` passes, {dict(check.numbers)}"
            )
    if words.verdict in FAULTS:
        met = [second.check for second in it.again]
        for check in it.breaks:
            if not any(check is other for other in met):
                raise Refused(f"no second method evaluates `{check.what}`")
        if it.printed is None or it.right is None:
            raise Refused("an erratum gives the number by the text and the right one: `printed`, `right`")


def _counterexample(it: Found) -> dict[str, Plain]:
    given = it.point or next((check.point for check in it.breaks if check.point), {})
    return {name: plain(value) for name, value in given.items()}


def _filled(name: str, text: str, it: Found, point: Mapping[str, Plain]) -> str:
    values: dict[str, object] = {key: _number(value) for key, value in it.values.items()}
    if it.printed is not None and it.right is not None:
        values |= {"printed": it.printed, "right": it.right}
    try:
        return text.format_map(values | {"at": point})
    except (KeyError, ValueError, IndexError) as error:
        have = ", ".join([*values, *(f"at[{key}]" for key in point)])
        raise Refused(
            f"`{name}` asks for a number that the entry does not give: {error} (there are {have})"
        ) from error


def _number(value: object) -> object:
    return value if isinstance(value, str | list | tuple) else plain(value)


def _pairs(it: Found) -> Iterator[tuple[str, tuple[float, float]]]:
    several = len(it.again) > 1
    for second in it.again:
        for name, pair in second.pairs.items():
            yield (f"{second.check.what}: {name}" if several else name), pair
