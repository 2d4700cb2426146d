"""The ledger as rows of plain data, and as JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from qte.ledger.checks import Plain, shown
from qte.ledger.entries import Entry
from qte.ledger.evidence import Evidence
from qte.ledger.words import words_of

Row = Mapping[str, Any]

COLUMNS: Final = (
    "paper", "id", "kind", "number", "place", "versions", "quote", "statement", "against", "verdict", "finding",
    "premises", "choices", "conditions", "beyond", "corrected", "counterexample", "numbers", "method",
    "second_method", "second_numbers", "printed_number", "right_number", "size", "consequence", "survives",
    "decides", "more", "thanks", "weight", "seed", "source",
)  # fmt: skip


def row(entry: Entry, evidence: Evidence) -> dict[str, Any]:
    """One entry as plain data."""
    second, words = evidence.second, entry.words
    return {
        "paper": entry.paper,
        "id": entry.id,
        "kind": entry.kind,
        "number": entry.number,
        "place": entry.place,
        "versions": list(entry.versions),
        "quote": dict(words.quote) if words else {},
        "statement": entry.statement,
        "against": entry.against,
        "verdict": str(evidence.verdict),
        "finding": evidence.finding,
        "premises": [words_of(entry.paper).premises[name].says for name in words.premises] if words else [],
        "choices": words.choices if words else "",
        "conditions": evidence.conditions,
        "beyond": evidence.beyond,
        "corrected": evidence.corrected,
        "counterexample": _six_digits(evidence.counterexample),
        "numbers": _numbers(evidence),
        "method": evidence.method,
        "second_method": second.method if second else "",
        "second_numbers": {k: [shown(a), shown(b)] for k, (a, b) in second.numbers.items()} if second else {},
        "printed_number": "" if evidence.printed is None else shown(evidence.printed),
        "right_number": "" if evidence.right is None else shown(evidence.right),
        "size": evidence.size,
        "consequence": evidence.consequence,
        "survives": evidence.survives,
        "decides": words.decides if words else "",
        "more": evidence.more,
        "thanks": evidence.thanks,
        "weight": words.weight if words else 1,
        "seed": entry.seed,
        "source": f"{entry.module}.{entry.judge.__name__}",
    }


def _numbers(evidence: Evidence) -> dict[str, dict[str, Plain]]:
    groups: dict[str, dict[str, Plain]] = {}
    for check in evidence.checks:
        groups.setdefault(check.what, {}).update(_six_digits(check.numbers))
    if evidence.numbers:
        groups.setdefault("", {}).update(_six_digits(evidence.numbers))
    return groups


def _six_digits(numbers: Mapping[str, Plain]) -> dict[str, Plain]:
    return {name: float(shown(v)) if isinstance(v, float) else v for name, v in numbers.items()}


def to_json(value: object) -> bytes:
    """Rows as JSON for people and programs; keys stay in their order."""
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def to_csv(rows: Iterable[Row]) -> bytes:
    """One line an entry; nested values as JSON."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in rows:
        writer.writerow(
            json.dumps(v, ensure_ascii=False) if isinstance(v, dict | list) else v
            for v in (entry[column] for column in COLUMNS)
        )
    return out.getvalue().encode()
