"""The ledger as rows of plain data, and as JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from qte.ledger.entries import Entry
from qte.ledger.judged import Evidence
from qte.ledger.numbers import Plain, shown
from qte.ledger.words import Words, words_of

Row = Mapping[str, Any]

COLUMNS: Final = (
    "paper", "id", "kind", "number", "place", "versions", "quote", "statement", "against", "verdict", "finding",
    "premises", "choices", "conditions", "beyond", "corrected", "counterexample", "numbers", "method",
    "second_method", "second_numbers", "printed_number", "right_number", "size", "consequence", "survives",
    "decides", "more", "thanks", "weight", "seed", "source",
    "outside",
)  # fmt: skip


def row(entry: Entry, evidence: Evidence) -> dict[str, Any]:
    """One entry as plain data."""
    words = entry.words
    premises = words_of(entry.paper).premises
    told: dict[str, Any] = {
        "paper": entry.paper,
        "id": entry.id,
        "kind": words.kind,
        "number": number_of(words),
        "statement": words.printed if words.kind == "equation" else words.says,
        "quote": dict(words.quote),
        "versions": list(words.versions),
        "verdict": str(words.verdict),
        "premises": [premises[name].says for name in words.premises if name in premises],
        "counterexample": _six_digits(evidence.counterexample),
        "numbers": _numbers(evidence),
        "method": evidence.method,
        "second_method": evidence.second_method,
        "second_numbers": {k: [shown(a), shown(b)] for k, (a, b) in evidence.second_numbers.items()},
        "printed_number": "" if evidence.printed is None else shown(evidence.printed),
        "right_number": "" if evidence.right is None else shown(evidence.right),
        "seed": entry.seed,
        "source": entry.source,
        "outside": [
            {"name": it.name, "worst": shown(it.worst), "bound": shown(it.bound), "source": it.source}
            for it in evidence.outside
        ],
        **evidence.told,
    }
    return {column: told[column] if column in told else getattr(words, column) for column in COLUMNS}


def number_of(words: Words) -> str:
    """Equation number as a reader looks for it, "(7)" or "published (28), preprint (20)"."""
    numbers = words.number
    if len(numbers) > 1 and len(set(numbers.values())) == 1:
        return f"({next(iter(numbers.values()))})"
    return ", ".join(f"{version} ({n})".strip() for version, n in numbers.items())


def _numbers(evidence: Evidence) -> dict[str, dict[str, Plain]]:
    groups: dict[str, dict[str, Plain]] = {}
    for check in evidence.checks:
        groups.setdefault(check.what, {}).update(_six_digits(check.numbers))
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
