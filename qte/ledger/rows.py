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

Row = Mapping[str, Any]

COLUMNS: Final = (
    "paper", "id", "kind", "number", "place", "versions", "statement", "against", "verdict", "finding",
    "conditions", "corrected", "counterexample", "numbers", "method", "second_method", "second_numbers",
    "size", "consequence", "seed", "source",
)  # fmt: skip


def row(entry: Entry, evidence: Evidence) -> dict[str, Any]:
    """One entry as plain data."""
    second = evidence.second
    return {
        "paper": entry.paper,
        "id": entry.id,
        "kind": entry.kind,
        "number": entry.number,
        "place": entry.place,
        "versions": list(entry.versions),
        "statement": entry.statement,
        "against": entry.against,
        "verdict": str(evidence.verdict),
        "finding": evidence.finding,
        "conditions": evidence.conditions,
        "corrected": evidence.corrected,
        "counterexample": _six_digits(evidence.counterexample),
        "numbers": _numbers(evidence),
        "method": evidence.method,
        "second_method": second.method if second else "",
        "second_numbers": {k: [shown(a), shown(b)] for k, (a, b) in second.numbers.items()} if second else {},
        "size": evidence.size,
        "consequence": evidence.consequence,
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
