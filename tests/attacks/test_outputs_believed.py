"""Everything that a run writes is held against what the run wrote: damage × file, each named, to the letter."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.target import DAMAGES, FIGURE, FORGERIES, KEY, PAPER, PART, TABLE, Target, edited
from workflow.commands import accept, archive, identify
from workflow.jobs import again, ledger
from workflow.snakemake_door.job import JobFailed

DRAWN = ("pdf", "svg", "png")
# File → why it is made again; None where the damage decides whether it or its record is named, and why.
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
    ledger.part_file(PAPER, PART): None,
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
        assert found[0].startswith(file.removesuffix(".json"))
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


def slow_but(fast: str, forms: Iterable[str]) -> list[Any]:
    """All forms, each drawn anew to be told from a forgery; one of them among the fast tests."""
    return [form if form == fast else pytest.param(form, marks=pytest.mark.slow) for form in forms]


@pytest.mark.parametrize("form", slow_but("notebook", FORGERIES))
def test_a_forged_drawing_is_not_accepted_though_all_fits(
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


@pytest.mark.parametrize("form", slow_but("svg", DRAWN))
def test_a_forged_drawing_is_not_the_current_one(
    target: Target, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = target.forge(form)
    assert identify.main([file]) == 1
    out = capsys.readouterr().out
    assert (
        f"not the current one: not what its job makes when it is done again: {file}, results/manifests/{FIGURE}.json\n"
        in out
    )


@pytest.mark.slow
@pytest.mark.parametrize("form", ["svg", "notebook"])
def test_a_forged_drawing_is_not_archived(target: Target, form: str) -> None:
    file = target.forge(form)
    refused = archive.refusal(target.plan())
    assert refused.startswith("not what its job makes when it is done again: ")
    assert file in refused


def test_a_forged_table_is_computed_again_before_it_is_accepted(
    target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows, checksum, record of the code, drawing, manifest and sums: everything fits."""
    forged = target.forge_table()
    assert target.findings() == []
    assert accept.main(["--reason", "a forgery", FIGURE]) == 2
    said = capsys.readouterr().err
    assert said.startswith("not what its job makes when it is done again: ")
    assert forged in said


@pytest.mark.slow
@pytest.mark.parametrize("form", FORGERIES)
def test_verify_fails_and_says_which_file(target: Target, form: str) -> None:
    file = target.forge(form)
    done = target.project.run("verify")
    assert done.returncode == 1
    assert f"{FIGURE}: not what it is made of\n" in done.stdout
    named = re.search(r"first at drawing: (.*): not what its job makes", done.stdout)
    assert named
    assert file in named[1].split(", ")
    assert "Not what was accepted: khandelwal2020/fig2." in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.slow
def test_edited_verdicts_of_verify_are_not_asked(target: Target) -> None:
    target.project.build("verify")
    target.forge("svg")
    verdicts = Path("results/verify/verdicts.json")
    kept = verdicts.read_bytes()
    assert target.project.run("verify").returncode == 1
    verdicts.write_bytes(kept)
    assert target.project.run("verify").returncode == 1


@pytest.mark.slow
def test_verify_names_what_was_copied_into_the_reference(target: Target) -> None:
    edited(Path("reference/machines.json"))
    done = target.project.run("verify")
    assert done.returncode == 1
    assert (
        "Changed without being accepted: 1 files of reference/ (reference/machines.json was changed without being "
        "accepted). Put them back: git checkout reference" in done.stdout
    )


def test_what_a_run_would_refuse_comes_in_by_no_other_way(target: Target) -> None:
    """A drawing made without observation, of a file that nobody declared, with manifest and sums that fit."""
    own = Path("notebooks/own.txt")
    own.write_text("2")
    notebook = Path(f"notebooks/{FIGURE}.ipynb")
    content = json.loads(notebook.read_text(encoding="utf-8"))
    code = next(cell for cell in content["cells"] if cell["cell_type"] == "code")
    code["source"] = ["".join(code["source"]), f"\nopen({str(own)!r}).read()"]
    notebook.write_text(json.dumps(content), encoding="utf-8")
    target.draw()
    assert not [found for found in target.findings() if FIGURE in found]
    with pytest.raises(JobFailed) as refused:
        again.unproven(target.plan(), [KEY])
    assert str(refused.value) == (
        f"cannot be made again: notebook {notebook} reads {own}, which figure {FIGURE} does not declare, so that an "
        "edit there would go unseen; make it a table of config.yaml that the figure names"
    )
