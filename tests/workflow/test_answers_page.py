"""The page of the answers: from the accepted ledger, questions as they come, each with its figure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from qte.ledger.rows import COLUMNS
from qte.ledger.words import words_of
from tests.workflow.projects import PROJECT
from workflow.commands import verify_ledger
from workflow.commands.pages import document_answers
from workflow.plan import ledger_parts
from workflow.report.content import accepted

COLLECTION = "answers"
CONFIG = {
    "tables": {COLLECTION: {}},
    "figures": {COLLECTION: {"map": {"title": "A map", "caption": "(a) A map.", "tables": []}}},
    "large": {"figures": {COLLECTION: {"map_fine": {"title": "Finer", "caption": "Finer.", "tables": []}}}},
}


def row(number: int, name: str, module: str, **more: object) -> dict[str, object]:
    blank: dict[str, object] = dict.fromkeys(COLUMNS, "")
    return (
        blank
        | {
            "paper": COLLECTION,
            "id": f"q{number}-{name}",
            "kind": "claim",
            "place": f"question {number}; man2019, section 5; khandelwal2025, outlook",
            "quote": {"man2019": "what is\n it?"},
            "statement": f"The answer {name}.",
            "verdict": "holds",
            "finding": "It is 1.",
            "premises": [],
            "method": "one way; another",
            "source": f"qte.papers.answers.checks.{module}.judged",
        }
        | more
    )


def test_the_sentences_come_first_and_each_question_has_its_section() -> None:
    rows = [
        row(10, "last", "other"),
        row(2, "first", "map"),
        row(2, "more", "map", verdict="holds under conditions"),
    ]
    page = document_answers.page(COLLECTION, rows, CONFIG)
    assert page.index("2. [A map](#q2): The answer first.") < page.index(
        "10. [Question 10](#q10): The answer last."
    )
    assert page.index("## 2. A map") < page.index("**The answer more.** (holds under conditions)")
    assert page.index("![A map](images/answers/map.png)") < page.index("## 10. Question 10")
    assert "> what is it? ([man2019](papers/man2019.md), section 5)" in page
    assert "- **How it was confirmed.** one way; another" in page
    assert "Figure `answers/map_fine`, made by name" in page
    assert page.count("<a id=") == 2


def test_an_entry_without_its_questions_number_is_named() -> None:
    with pytest.raises(ValueError, match="`lost` must begin with its question"):
        document_answers.page(COLLECTION, [row(1, "x", "map", id="lost")], CONFIG)


def test_the_committed_page_is_that_of_the_accepted_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    page = (PROJECT / "docs/answers.md").read_text(encoding="utf-8")
    ledger = accepted.read(COLLECTION)
    assert ledger
    assert page == document_answers.page(COLLECTION, ledger.rows)
    for id, words in words_of(COLLECTION).entries.items():
        assert words.says in page, f"make accept-ledger: {id}"


def test_an_acceptance_writes_the_page_and_no_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_ledger, "rows_of", lambda paper: [row(1, "x", "map")])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(CONFIG), encoding="utf-8")
    (tmp_path / "qte/papers/answers").mkdir(parents=True)
    (tmp_path / "qte/papers/answers/claims.yaml").write_text("answers: true\n", encoding="utf-8")
    (written,) = verify_ledger.told(COLLECTION).items()
    assert written[0] == Path("docs/answers.md")
    assert "The answer x." in written[1]
    assert Path("docs/letters/answers.md") not in verify_ledger.pages([COLLECTION])


def test_collections_of_answers_are_those_that_say_so() -> None:
    assert ledger_parts.answering(PROJECT) == {COLLECTION}
    assert words_of(COLLECTION).answers
    assert not words_of("man2019").answers
    assert COLLECTION not in ledger_parts.papers_of(ledger_parts.modules_of(PROJECT), PROJECT)
    assert json.dumps(sorted(words_of(COLLECTION).texts)) == json.dumps(
        ["khandelwal2020", "khandelwal2025", "man2019", "santiagogarcia2024"]
    )
