"""Everything that a run writes is held against what the run wrote: damage × file, each named, to the letter."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attacks.target import DAMAGES, FIGURE, FORGERIES, PAPER, PART, TABLE, Target
from workflow.commands import accept, archive, identify
from workflow.jobs import ledger

DRAWN = ("pdf", "svg", "png")
# File → why it is made again; None where the damage decides.
FILES: dict[str, str | None] = {
    TABLE: None,
    "results/tables/khandelwal2020/fig2.code.json": "it does not say which code made the file beside it",
    **{f"figures/{FIGURE}.{form}": "it is not what the run drew" for form in DRAWN},
    f"results/notebooks/{FIGURE}.ipynb": "it is not what the run drew",
    f"results/manifests/{FIGURE}.json": None,
    "results/SHA256SUMS": "it is not the list of what is here",
    "results/code.json": "it is not what the run wrote",
    "results/.cache/code_facts.json": "it is not what the run wrote",
    **dict.fromkeys(ledger.files_of(PAPER).values(), "it is not what the run wrote"),
    ledger.letter_file(PAPER): "it is not what the run wrote",
    ledger.ERRATA: "it is not what the run wrote",
    ledger.part_file(
        PAPER, PART
    ): f"{ledger.part_file(PAPER, PART)} is not what the run wrote; remove it and run again",
    f"results/ledger/parts/{PAPER}/{PART}.code.json": "it does not say which code made the file beside it",
}
PAGES = ("index.html", "errata.html", f"figures/{FIGURE.replace('/', '-')}.html", "static/report.js")


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_result_is_named_and_made_again(
    target: Target, file: str, damage: Callable[[Path], None]
) -> None:
    assert target.findings() == []
    damage(Path(file))
    found = target.findings()
    why = FILES[file]
    if why is None:
        assert len(found) == 1
        assert found[0].startswith(f"{file} (")
    else:
        assert found == [f"{file} ({why})"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("damage", DAMAGES[:3], ids=lambda damage: damage.__name__)
def test_a_damaged_page_of_the_report_has_all_pages_made_again(
    target: Target, page: str, damage: Callable[[Path], None]
) -> None:
    damage(Path("results/report", page))
    assert target.findings() == [
        f"results/report/SHA256SUMS (results/report/{page} is not what the run wrote)"
    ]


@pytest.mark.parametrize("form", FORGERIES)
def test_a_forged_drawing_deceives_a_run_but_no_command_that_vouches(
    target: Target, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = target.forge(form)
    # Manifest and sums fit: nothing but doing it again can tell.
    assert target.findings() == []
    forged = sorted([file, f"results/manifests/{FIGURE}.json"])
    assert accept.main(["--reason", "a forgery", FIGURE]) == 2
    assert capsys.readouterr().err == (
        f"not what its job makes when it is done again: {', '.join(forged)}; remove it and build: make figures\n"
    )
    assert not target.path("reference/LOG.md").read_text().count("a forgery")


@pytest.mark.parametrize("form", DRAWN)
def test_a_forged_drawing_is_not_the_current_one(
    target: Target, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = target.forge(form)
    assert identify.main([file]) == 1
    out = capsys.readouterr().out
    assert (
        f"not the current one: not what its notebook draws: {file}, results/manifests/{FIGURE}.json\n" in out
    )


@pytest.mark.parametrize("form", ["svg", "notebook"])
def test_a_forged_drawing_is_not_archived(target: Target, form: str) -> None:
    file = target.forge(form)
    refused = archive.refusal(target.plan())
    assert refused.startswith("not what its job makes when it is done again: ")
    assert file in refused
