"""reference/ has one door, which asks for a reason, and a chain of checksums, which names what came in without it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attacks.target import FIGURE, KEY, NO_FILES, PAPER, Target, edited, emptied, in_place_of, truncated
from tests.workflow.projects import PROJECT
from workflow.commands import accept, verify_ledger
from workflow.jobs import again, ledger
from workflow.verify import chain, verdicts
from workflow.verify.reference import FOLDER, NotAccepted, Reference

FILES = (
    f"manifests/{FIGURE}.json",
    f"pictures/{FIGURE}.png",
    f"tables/{FIGURE}.csv.xz",
    "SHA256SUMS",
    "code.json",
    "machines.json",
    "LOG.md",
)
DAMAGES = (truncated, emptied, edited)
CHAIN = FOLDER / chain.NAME


def test_the_projects_own_reference_is_as_it_was_accepted() -> None:
    assert chain.faults(PROJECT / FOLDER) == []
    assert chain.read(PROJECT / FOLDER)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_file_changed_by_hand_is_named(target: Target, name: str, damage: Callable[[Path], None]) -> None:
    damage(FOLDER / name)
    assert chain.faults(FOLDER) == [f"reference/{name} was changed without being accepted"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_taken_away_is_named(target: Target, name: str) -> None:
    (FOLDER / name).unlink()
    assert chain.faults(FOLDER) == [f"reference/{name} is gone"]


@pytest.mark.parametrize("kind", NO_FILES, ids=lambda kind: kind.__name__)
def test_what_is_no_file_is_named(target: Target, kind: Callable[[Path], None]) -> None:
    in_place_of(FOLDER / "code.json", kind)
    name = kind.__name__
    said = "is gone" if name == "folder" else f"is {NO_FILES[kind]}, where a file belongs"
    assert chain.faults(FOLDER) == [f"reference/code.json {said}"]


@pytest.mark.parametrize("name", ["manifests/khandelwal2020/mine.json", "ledger/mine.json", "notes.txt"])
def test_a_file_put_there_is_named(target: Target, name: str) -> None:
    (FOLDER / name).parent.mkdir(exist_ok=True)
    (FOLDER / name).write_text("{}")
    assert chain.faults(FOLDER) == [f"reference/{name} was put there without being accepted"]


@pytest.mark.parametrize("name", ["README.md", "equation_numbers.yaml", ".hidden"])
def test_what_people_write_there_is_theirs(target: Target, name: str) -> None:
    (FOLDER / name).write_text("words")
    assert chain.faults(FOLDER) == []


def lines() -> list[str]:
    return CHAIN.read_text().splitlines()


def write(changed: list[str]) -> None:
    CHAIN.write_text("".join(f"{line}\n" for line in changed))


@pytest.fixture
def longer(target: Target) -> Target:
    """With three entries."""
    for word in ("second", "third"):
        with Reference().accepting("tolerances", word):
            Reference().write_json("tolerances.json", {word: {}})
    return target


ALTERED: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "first dropped": (
        lambda old: old[1:],
        "reference/CHAIN.jsonl, line 1: it does not follow from the line before",
    ),
    "middle dropped": (
        lambda old: [old[0], old[2]],
        "reference/CHAIN.jsonl, line 2: it does not follow from the line before",
    ),
    "two swapped": (
        lambda old: [old[0], old[2], old[1]],
        "reference/CHAIN.jsonl, line 2: it does not follow from the line before",
    ),
    "reason altered": (
        lambda old: [old[0], old[1].replace("second", "better"), old[2]],
        "reference/CHAIN.jsonl, line 3: it does not follow from the line before",
    ),
    "no JSON": (
        lambda old: [old[0], "{"],
        "reference/CHAIN.jsonl, line 2: it does not follow from the line before",
    ),
    "a key more": (
        lambda old: [old[0][:-1] + ',"x":1}'],
        "reference/CHAIN.jsonl, line 1: it does not follow from the line before",
    ),
    "spaces": (
        lambda old: [old[0].replace(":", ": ", 1)],
        "reference/CHAIN.jsonl, line 1: it does not follow from the line before",
    ),
    "last dropped": (lambda old: old[:2], "reference/LOG.md was changed without being accepted"),
    "all dropped": (lambda old: [], "reference/CHAIN.jsonl is not there: nothing says what was accepted"),
}


@pytest.mark.parametrize("how", ALTERED)
def test_a_chain_that_was_altered_is_named(longer: Target, how: str) -> None:
    alter, said = ALTERED[how]
    assert chain.faults(FOLDER) == []
    write(alter(lines()))
    assert chain.faults(FOLDER)[0] == said


def test_every_entry_has_its_reason_and_follows_from_the_one_before(longer: Target) -> None:
    entries = chain.read(FOLDER)
    assert [entry.reason for entry in entries] == [
        "all figures: first",
        "tolerances: second",
        "tolerances: third",
    ]
    assert [entry.before for entry in entries] == [chain.START, *map(chain.digest, lines()[:-1])]
    assert "202" not in json.dumps([entry.reason for entry in entries])
    assert set(entries[1].files) == {"LOG.md", "tolerances.json"}


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
@pytest.mark.parametrize("command", ["figures", "ledger"])
def test_nothing_is_accepted_without_a_reason(
    target: Target, capsys: pytest.CaptureFixture[str], command: str, reason: str
) -> None:
    before = CHAIN.read_bytes()
    if command == "figures":
        assert accept.main(["--reason", reason]) == 2
        make = "make accept"
    else:
        assert verify_ledger.main(["--accept", "--reason", reason]) == 2
        make = "make accept-ledger"
    assert capsys.readouterr().err == f"a reason is needed: {make} REASON='why this is right now'\n"
    assert CHAIN.read_bytes() == before


def test_the_door_itself_wants_a_reason(target: Target) -> None:
    with pytest.raises(ValueError, match=r"^a reason is needed$"), Reference().accepting("x", " "):
        pass


@pytest.mark.parametrize("name", FILES)
def test_what_was_copied_in_does_not_come_along_with_an_acceptance(
    target: Target, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    edited(FOLDER / name)
    with pytest.raises(NotAccepted) as refused, Reference().accepting("x", "a test"):
        raise AssertionError("the door is shut")
    assert str(refused.value) == (
        f"reference/{name} was changed without being accepted; put it back first: git checkout reference"
    )


def test_a_copied_reference_is_not_the_same_bytes(target: Target) -> None:
    """Manifest, picture and sums of other results copied into reference/ by hand: all fit, and the chain does not."""
    target.forge("svg")
    shutil.copy(f"results/manifests/{FIGURE}.json", FOLDER / f"manifests/{FIGURE}.json")
    shutil.copy("results/SHA256SUMS", FOLDER / "SHA256SUMS")
    found = verdicts.of_all(target.plan())
    assert {verdict.verdict for verdict in found} == {verdicts.SAME_BYTES}
    assert chain.faults(FOLDER) == [
        "reference/SHA256SUMS was changed without being accepted",
        f"reference/manifests/{FIGURE}.json was changed without being accepted",
    ]
    # And nothing that stands there is believed.
    assert again.unproven(target.plan(), [KEY]) == [
        f"figures/{FIGURE}.svg",
        f"results/manifests/{FIGURE}.json",
    ]


@pytest.mark.parametrize("file", [*ledger.files_of(PAPER).values(), ledger.letter_file(PAPER), ledger.ERRATA])
def test_a_forged_page_of_the_ledger_is_refused_whatever_the_sums_say(
    target: Target, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    from workflow.plan import checksums

    monkeypatch.setattr("workflow.plan.ledger_parts.modules_of", lambda *_: {PAPER: ["checks_equations"]})
    forged = Path(file)
    forged.write_bytes(forged.read_bytes().replace(b"a", b"b", 3))
    paper = "errata" if file == ledger.ERRATA else PAPER
    sums = Path(ledger.sums_file(paper))
    sums.write_bytes(
        checksums.sums_of([str(sums.parent / name) for name in checksums.read(sums)], str(sums.parent))
    )
    assert target.findings() == []
    assert ledger.not_of_parts({PAPER: ["checks_equations"]}) == [file]
    if file.endswith(".json"):
        return  # no ledger of that name is left
    assert verify_ledger.main(["--accept", "--reason", "a forgery"]) == 1
    assert capsys.readouterr().err == (
        f"{file}: not what the run wrote; remove it and run `make accept-ledger`\n"
    )
    assert not (FOLDER / "ledger.csv").exists()


FORGERY = f"""
import sys
from workflow.plan import ledger_parts

ledger_parts.modules_of = lambda *_: {{{PAPER!r}: ["checks_equations"]}}
from workflow.commands import verify_ledger

sys.exit(verify_ledger.main(["--accept", "--reason", "a forgery"]))
"""


def test_a_forged_verdict_is_judged_again(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, seal, record, pages and sums made to fit; in a process of the project's own, whose files are observed."""
    monkeypatch.setattr("workflow.plan.ledger_parts.modules_of", lambda *_: {PAPER: ["checks_equations"]})
    part = ledger.part_file(PAPER, "checks_equations")
    rows = ledger.rows_of_part(part)
    rows[0] = rows[0] | {"finding": "all is well"}
    ledger.write_part(part, rows, ledger.spec(target.plan(), PAPER, "checks_equations"))
    ledger.WriteLedger(PAPER, (part,)).run()
    ledger.WriteErrata((ledger.files_of(PAPER)["json"],), ledger.ERRATA).run()
    verify_ledger.REASONS.parent.mkdir(parents=True, exist_ok=True)
    told = "".join(f"- `{row['id']}`: *none* → *{row['verdict']}*: new\n" for row in rows)
    verify_ledger.REASONS.write_text(f"## {PAPER}\n\n{told}", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", FORGERY], cwd=target.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"Not what their code judges when it judges again: {PAPER}/{rows[0]['id']}; "
        "remove results/ledger/parts and run `make accept-ledger`\n"
    )
