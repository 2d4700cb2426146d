"""What is remembered of the config's tables: lost, damaged, copied or of other code, it changes nothing but time."""

import copy
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qte.data import studies
from tests.workflow.projects import PROJECT, Project
from workflow.config import config_checks, config_text
from workflow.identity import code_memory
from workflow.identity.code_hash import SourceTree
from workflow.plan import memory
from workflow.plan.plan import Plan

CONFIG = config_text.read(PROJECT / "config.yaml").data
ENTRY = CONFIG["tables"]["khandelwal2020"]["fig2"]


@pytest.fixture(scope="module")
def sources_remembered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project's code, parsed once, and what a run remembers of its tables."""
    root = tmp_path_factory.mktemp("memory") / "project"
    for name in ("qte", "workflow"):
        shutil.copytree(PROJECT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "requirements.lock", root)
    code_memory.write(str(root / code_memory.FILE), SourceTree(root).facts())
    fresh = memory.read(root)
    specs_of(Plan(CONFIG, root, fresh))
    memory.keep(fresh)
    return root


@pytest.fixture
def project(sources_remembered: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sources_remembered, tmp_path / "copy"))


def specs_of(plan: Plan) -> list[Any]:
    """All that a plan takes from studies."""
    keys = [*plan.tables, *plan.large("tables")]
    return [(plan.provenance(*key), plan.code_of_table(*key), plan.cuts(*key)) for key in keys]


def knows(project: Path) -> bool:
    return memory.read(project).tables.knows("khandelwal2020", ENTRY)


def test_with_its_memory_a_run_asks_no_study_and_plans_the_same(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = specs_of(Plan(CONFIG, project))
    for name in ("names", "problems", "build", "get", "module_of"):
        monkeypatch.setattr(studies, name, lambda *_: pytest.fail("a study was asked"))
    remembered = memory.read(project)
    assert config_checks.problems(CONFIG, PROJECT, known=remembered.tables) == []
    assert specs_of(Plan(CONFIG, project, remembered)) == asked
    assert not remembered.tables.has_news()


def test_a_changed_entry_is_asked_again(project: Path) -> None:
    tables = memory.read(project).tables
    config = copy.deepcopy(CONFIG)
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] = -1.0
    (problem,) = config_checks.problems(config, PROJECT, known=tables)
    assert problem.path == ("tables", "khandelwal2020", "fig2", "params", "T_c")


@pytest.mark.parametrize("value", [1, True, 1.0, "1", None])
def test_what_yaml_tells_apart_is_told_apart(project: Path, value: object) -> None:
    tables = memory.read(project).tables
    others = [item for item in (1, True, 1.0, "1", None) if item is not value]
    keyed = [ENTRY | {"params": ENTRY["params"] | {"T_c": item}} for item in (value, *others)]
    tables.asked.clear()
    for entry in keyed:
        assert not tables.knows("khandelwal2020", entry)
    assert not tables.knows("man2019", ENTRY)


def test_the_same_table_of_another_version_of_the_config_is_not_kept(project: Path) -> None:
    smaller = copy.deepcopy(CONFIG)
    del smaller["tables"]["khandelwal2020"]["fig2"]
    later = memory.read(project)
    specs_of(Plan(smaller, project, later))
    assert later.tables.has_news()
    memory.keep(later)
    assert not knows(project)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def edit(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"0.1", b"0.2"))


def empty(file: Path) -> None:
    file.write_bytes(b"")


def lose(file: Path) -> None:
    file.unlink()


def put_a_folder_there(file: Path) -> None:
    file.unlink()
    file.mkdir()


def claim_another_maker(file: Path) -> None:
    content = json.loads(file.read_bytes().split(b"\n", 1)[1])["content"]
    from workflow.identity import sealed

    sealed.write(str(file), "another", content)


@pytest.mark.parametrize("harm", [cut_short, edit, empty, lose, put_a_folder_there, claim_another_maker])
def test_a_damaged_memory_is_none(project: Path, harm: Callable[[Path], None]) -> None:
    assert knows(project)
    harm(project / memory.FILE)
    assert not knows(project)


def test_where_nothing_can_be_written_nothing_fails(project: Path) -> None:
    put_a_folder_there(project / memory.FILE)
    fresh = memory.read(project)
    specs_of(Plan(CONFIG, project, fresh))
    memory.keep(fresh)
    assert not knows(project)


@pytest.mark.parametrize(
    ("file", "line", "kept"),
    [
        ("qte/machines/two_qubit.py", "\n# a comment\n", True),
        ("qte/machines/two_qubit.py", "\n_ADDED = 1\n", False),
        ("qte/machines/two_qubit.py", "\nthis is no Python\n", False),
        ("qte/papers/khandelwal2020/claims.yaml", "\n# a comment\n", False),
        ("workflow/config/config_checks.py", "\n# a comment\n", False),
        ("requirements.lock", "\n# a comment\n", False),
    ],
)
def test_facts_belong_to_one_state_of_the_code(project: Path, file: str, line: str, kept: bool) -> None:
    with (project / file).open("a", encoding="utf-8") as source:
        source.write(line)
    assert knows(project) is kept


LOADED = """
import sys
from snakemake.cli import main
try:
    main(["--cores", "1", "--dry-run", "--quiet", "all"])
except SystemExit as end:
    assert not end.code
heavy = {"scipy", "matplotlib", "IPython", "papermill", "qte.data.tables", "qte.common.elementary"}
print("loaded:", *sorted(heavy & set(sys.modules)))
"""


def test_a_run_with_nothing_to_do_imports_nothing_that_computes_or_draws(built: Project) -> None:
    done = built.run_command([sys.executable, "-c", LOADED])
    assert done.returncode == 0, done.stdout
    assert "loaded:\n" in done.stdout
