"""A small project that is built, accepted and has a ledger: made once, attacked in place, put right after each case."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.target import PAPER, PART, Target
from tests.workflow.conftest import built, copy  # noqa: F401  fixtures
from tests.workflow.projects import PROJECT, Project
from workflow.commands import accept
from workflow.jobs import ledger
from workflow.plan.plan import Plan
from workflow.report.content import accepted
from workflow.snakemake_door import made_files, run_lock


@pytest.fixture(scope="session")
def _target(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Target:  # noqa: F811
    project = built.clone(tmp_path_factory.mktemp("attacked") / "project")
    rows = list(accepted.read_from(PROJECT / accepted.file_of(PAPER)).rows[:2])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.root)
        patch.setattr(run_lock, "take", lambda: None)
        assert accept.main(["--reason", "first"]) == 0
        made_files.keep_record()
        part = ledger.part_file(PAPER, PART)
        Path(part).parent.mkdir(parents=True)
        ledger.write_part(part, rows, ledger.spec(Plan({}), PAPER, PART))
        ledger.WriteLedger(PAPER, (part,)).run()
        ledger.WriteErrata((ledger.files_of(PAPER)["json"],), ledger.ERRATA).run()
    target = Target(project)
    target.remember()
    return target


@pytest.fixture
def target(_target: Target, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """The project, as the working directory; whatever a case does to it is undone."""
    monkeypatch.chdir(_target.root)
    # The lock is for the life of a process, and this one lives on; test_locks.py takes it for real.
    monkeypatch.setattr(run_lock, "take", lambda: None)
    yield _target
    _target.restore()
