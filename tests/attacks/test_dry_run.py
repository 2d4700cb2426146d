"""A look is no touch: `snakemake -n` changes no file of the project, built, damaged or not built at all."""

import os
from pathlib import Path

import pytest

from tests.attacks.target import TABLE, Target, edited, truncated
from tests.workflow.projects import Project
from workflow.jobs import ledger

# Snakemake's own: what it remembers of the times of files.
SNAKEMAKES = ".snakemake"
DAMAGED = (
    (TABLE, truncated),
    ("figures/khandelwal2020/fig1.pdf", edited),
    ("results/code.json", truncated),
    ("results/report/index.html", edited),
)


def state(root: Path) -> dict[str, tuple[int, ...]]:
    """Every file and folder, with all that a write would change; byte code is Python's."""
    found = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in {SNAKEMAKES, "__pycache__"}]
        for name in (*folders, *files):
            seen = Path(folder, name).lstat()
            # A folder's size and time tell of entries in it, which are listed, and of Snakemake's.
            exact = (seen.st_mtime_ns, seen.st_size, seen.st_ino) if name in files else (seen.st_ino,)
            found[os.path.relpath(Path(folder, name), root)] = (seen.st_mode, *exact)
    return found


def test_nothing_is_written_when_results_are_damaged(target: Target) -> None:
    for name, damage in DAMAGED:
        damage(Path(name))
    Path("figures/.mine.tmp").write_text("mine")
    before = state(target.root)
    done = target.project.run("--dry-run")
    assert done.returncode == 0, done.stdout[-2000:]
    assert state(target.root) == before
    said = [f"Damaged, will be made again: {name} (" for name, _ in DAMAGED[:3]]
    assert [line for line in said if line not in done.stdout] == []
    assert "results/report/SHA256SUMS (results/report/index.html is not what the run wrote)" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("goal", ["all", "ledger", "report", "verify"])
def test_nothing_is_written_where_nothing_is_built(target: Target, tmp_path: Path, goal: str) -> None:
    project: Project = target.project.unbuilt(tmp_path / "project")
    before = state(project.root)
    done = project.run("--dry-run", goal)
    assert done.returncode == 0, done.stdout[-2000:]
    assert state(project.root) == before


@pytest.mark.slow
def test_damaged_pages_of_the_ledger_are_planned_again(target: Target) -> None:
    """Through Snakemake, from the finding to the plan."""
    edited(Path(ledger.ERRATA))
    done = target.project.run("--dry-run", ledger.ERRATA)
    assert done.returncode == 0, done.stdout[-2000:]
    assert f"Damaged, will be made again: {ledger.ERRATA} (it is not what the run wrote)" in done.stdout
