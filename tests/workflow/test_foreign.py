"""A build in one process of another interpreter, and what is said of files that differ."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.projects import Project
from workflow.commands import foreign as foreign_build
from workflow.jobs import ledger

TABLE = "results/tables/khandelwal2020/fig2.csv"


def foreign(project: Project) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workflow.commands.foreign", "elsewhere", sys.executable],
        cwd=project.root,
        env=project.environment(PYTHONPATH=str(project.root)),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_same_processor_gives_the_same_files_and_what_differs_is_named(copy: Project) -> None:
    done = foreign(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith("files are the same bytes")
    # what is made stays; what differs is said to the digit
    made = copy.path(f"elsewhere/{TABLE}")
    made.unlink()
    copy.path("elsewhere/figures/khandelwal2020/fig2.svg").write_text("another drawing")
    done = foreign(copy)
    assert done.returncode == 1
    assert made.read_bytes() == copy.path(TABLE).read_bytes()
    assert "figures/khandelwal2020/fig2.svg: other bytes" in done.stdout
    # and stands ready for the page of grades
    found = json.loads(copy.path("results/determinism/aarch64.json").read_text(encoding="utf-8"))
    assert found["files"] == ["figures/khandelwal2020/fig2.svg"]
    # of other sources nothing stays
    copy.append("config.yaml", "# another config\n")
    assert foreign(copy).returncode == 0


def test_rows_that_differ_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(foreign_build, "judged", lambda: [("answers", "checks_cold")])
    file = ledger.part_file("answers", "checks_cold")
    row = {"id": "cold", "verdict": "holds", "finding": "0.5"}
    for root, said in ((".", "0.5"), ("elsewhere", "0.25")):
        ledger.write_part(f"{root}/{file}", [row | {"finding": said}, row | {"id": "warm"}], "of this")
    found = list(foreign_build.compare_rows(Path("elsewhere")))
    assert found == [("answers, cold", 'finding: "0.5" against "0.25"'), ("answers, warm", "")]
    Path(f"elsewhere/{file}").unlink()
    assert dict(foreign_build.compare_rows(Path("elsewhere")))["answers, warm"] == "was not judged"
