"""What the project says of the papers: each quotation is in the text, each erratum shows itself with NumPy alone."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from qte.ledger import letters, pages, quotations
from qte.ledger.verdicts import FAULTS
from qte.ledger.words import words_of
from workflow.plan import ledger_parts
from workflow.report.content import accepted

PROJECT = Path(__file__).parents[2]
SCRIPTS = sorted((PROJECT / "docs/errata").glob("*/*.py"))
LONGEST = 40
NUMBER = r"([-+0-9.e]+)"


def row_of(script: Path) -> dict[str, object]:
    ledger = accepted.read(script.parent.name)
    assert ledger is not None
    return {row["id"]: row for row in ledger.rows}[script.stem]


@pytest.mark.parametrize("paper", quotations.papers())
def test_every_quotation_is_in_the_text(paper: str) -> None:
    words = words_of(paper)
    texts = quotations.read_texts(words, quotations.folder())
    if texts is None:
        pytest.skip(f"skipped: the texts of {paper} are not in {quotations.folder()}")
    assert [str(one) for one in quotations.differences(words, texts)] == []


@pytest.mark.parametrize("paper", ledger_parts.papers_of(quotations.papers(), PROJECT))
def test_every_erratum_has_a_script_of_its_own(paper: str) -> None:
    accused = {words.id for words in words_of(paper).entries.values() if words.verdict in FAULTS}
    assert {script.stem for script in SCRIPTS if script.parent.name == paper} == accused


@pytest.mark.parametrize("paper", ledger_parts.papers_of(ledger_parts.modules_of(PROJECT), PROJECT))
def test_a_papers_page_says_what_its_ledger_says(paper: str) -> None:
    page = (PROJECT / f"docs/papers/{paper}.md").read_text(encoding="utf-8")
    ledger = accepted.read(paper)
    assert ledger is not None
    assert page == pages.with_verdicts(page, paper, ledger.rows)
    assert (PROJECT / f"docs/letters/{paper}.md").read_bytes() == letters.letter(
        words_of(paper).citation, ledger.rows
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.parent.name}/{script.stem}")
def test_a_script_finds_the_numbers_of_its_entry_with_numpy_alone(script: Path) -> None:
    source = script.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= LONGEST
    imported = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imported] == ["import numpy as np"]
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    told = re.fullmatch(f"printed: {NUMBER}\nright: {NUMBER}\ndifference: {NUMBER}\n", done.stdout)
    assert told, done.stdout
    printed, right, difference = map(float, told.groups())
    row = row_of(script)
    # the ledger keeps six digits
    assert printed == pytest.approx(float(str(row["printed_number"])), rel=1e-5, abs=1e-15)
    assert right == pytest.approx(float(str(row["right_number"])), rel=1e-5, abs=1e-15)
    assert difference == pytest.approx(right - printed, rel=1e-6, abs=1e-15)
