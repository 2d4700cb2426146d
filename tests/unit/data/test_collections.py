"""Collections: papers in the project's tree, and in a project of somebody else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from qte.data import collections, studies
from qte.data.collections import CollectionError
from workflow.config import config_checks
from workflow.identity.code_hash import SourceTree

ROOT = Path(__file__).parents[3]
STUDY = """
from __future__ import annotations
from dataclasses import dataclass
from my_lab.formulas import twice
from qte.data.studies import Grid, study
from qte.data.tables import Column, Table

@study("doubled")
@dataclass(frozen=True, kw_only=True)
class Doubled:
    x: Grid

    def check(self) -> None: ...

    def table(self) -> Table:
        columns = [Column(s, "1", s, s) for s in ("x", "y")]
        return Table.from_grid(axes={"x": self.x.points}, values={"y": twice(self.x.points)}, columns=columns)
"""


def install(folder: Path, name: str, target: str) -> None:
    """What `pip install` leaves of a project that announces a collection."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[qte.collections]\n{name} = {target}\n")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder outside the project's tree from which packages are imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(studies, "_registry", dict(studies._registry))
    collections.collections.cache_clear()
    yield tmp_path
    collections.collections.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] in ("my_lab", "other_lab")]:
        del sys.modules[name]


@pytest.fixture
def my_lab(elsewhere):
    package = elsewhere / "my_lab"
    paper = package / "figures" / "ours2027"
    paper.mkdir(parents=True)
    for folder in (package, package / "figures", paper):
        (folder / "__init__.py").write_text("")
    (package / "formulas.py").write_text("def twice(x):\n    return 2 * x\n")
    (paper / "studies.py").write_text(STUDY)
    install(elsewhere, "my_lab", "my_lab.figures")
    return package


def test_the_projects_own_papers_are_a_collection():
    assert collections.collections()[0] == "qte.papers"
    assert collections.packages()["man2019"] == "qte.papers.man2019"
    assert collections.paper_of("qte.papers.man2019.studies_dephasing") == "man2019"
    assert collections.paper_of("qte.papers.man2019") is None
    assert collections.paper_of("os.path") is None


def test_nothing_else_of_qte_names_a_paper():
    """The library finds papers by looking; only the papers and the ledger's pages know their names."""
    papers = [key for key, package in collections.packages().items() if package.startswith("qte.papers.")]
    for file in (ROOT / "qte").rglob("*.py"):
        if "papers" not in file.parts:
            lines = file.read_text(encoding="utf-8").splitlines()
            imports = [line for line in lines if line.lstrip().startswith(("import ", "from "))]
            assert not [line for line in imports if "qte.papers" in line or any(p in line for p in papers)], (
                file
            )


def test_a_study_of_another_project_is_found_by_its_name(my_lab):
    assert "ours2027" in studies.papers()
    assert studies.names("ours2027") == ("ours2027.doubled",)
    assert studies.module_of("ours2027.doubled") == "my_lab.figures.ours2027.studies"
    table, provenance = studies.run("ours2027.doubled", {"x": [1.0, 2.0]})
    assert table["y"].tolist() == [2.0, 4.0]
    assert provenance.study == "ours2027.doubled"
    assert "man2019" in studies.papers()


def test_its_code_counts_module_by_module(my_lab):
    module = studies.module_of("ours2027.doubled")
    before = SourceTree(ROOT)
    reached = before.closure([module])
    assert {"my_lab", "my_lab.formulas", "qte.data.tables"} <= reached
    (my_lab / "unused.py").write_text("x = 1\n")
    assert SourceTree(ROOT).hash([module]) == before.hash([module])
    (my_lab / "formulas.py").write_text("def twice(x):\n    return x + x\n")
    assert SourceTree(ROOT).hash([module]) != before.hash([module])


def test_a_collection_that_cannot_be_used_is_named(elsewhere):
    install(elsewhere, "other_lab", "other_lab.figures")
    wanted = "The collection `other_lab.figures` is announced, but"
    with pytest.raises(CollectionError, match=f"{wanted} cannot be imported: No module named 'other_lab'"):
        studies.papers()
    assert studies.get("man2019.best_concurrence")  # the project's own do not depend on it
    with pytest.raises(CollectionError, match=f"{wanted} there is no package other_lab"):
        SourceTree(ROOT).closure(["qte"])
    problems = config_checks.problems(
        {"tables": {"man2019": {"t": {"study": "s", "params": {}}}}, "figures": {}}, ROOT
    )
    assert any(wanted in str(problem) for problem in problems)


def test_two_papers_of_one_key_are_refused(my_lab):
    (my_lab / "figures" / "ours2027").rename(my_lab / "figures" / "man2019")
    with pytest.raises(
        CollectionError, match=r"paper `man2019`: qte\.papers\.man2019 and my_lab\.figures\.man2019"
    ):
        studies.papers()
