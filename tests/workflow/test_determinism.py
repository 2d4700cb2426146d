"""The same bytes, whatever the folder, the cores, the clock, the locale, the hash seed or the way of running."""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from tests.workflow.projects import PROJECT, Project
from workflow.jobs import notebooks

ELSEWHERE = {
    "TZ": "Asia/Kathmandu",
    "LC_ALL": "C",
    "LANG": "C",
    "PYTHONHASHSEED": "12345",
    "OMP_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "2",
    "MPLBACKEND": "svg",
}


def test_another_folder_and_another_environment(built: Project, tmp_path: Path) -> None:
    other = built.unbuilt(tmp_path / "a folder, ünïcode & more" / "project")
    other.build(cores=1, **ELSEWHERE)
    assert other.sums == built.sums


def test_a_kernel_and_the_process_itself_give_the_same_notebooks(built: Project, copy: Project) -> None:
    names = [name for name in copy.sums.split() if name.startswith("results/notebooks")]
    output = copy.build("--config", "engine=kernel", "--forcerun", "draw_figure")
    assert output.count("Drawing figure") == len(names) == 3
    for name in names:
        assert copy.path(name).read_bytes() == built.path(name).read_bytes()
    assert copy.sums == built.sums


def test_a_formatter_that_happens_to_be_installed_changes_no_notebook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Papermill sends injected parameters through black where it is there: with the test packages, say."""
    black = SimpleNamespace(FileMode=lambda **_: None, format_str=lambda *_, **__: "reformatted = True")
    monkeypatch.setitem(sys.modules, "black", black)
    assert notebooks.PlainPython.__mro__[1].codify({"a": 1}) == "reformatted = True"
    source = load_notebook_node(str(PROJECT / "notebooks/khandelwal2020/fig2.ipynb"))
    given = {"tables": {"one": "a.csv", "two": "b.csv"}, "output": None}
    cells = [cell.source for cell in parameterize_notebook(source, given, kernel_name="python3").cells]
    assert 'tables = {"one": "a.csv", "two": "b.csv"}\noutput = None\n' in "\n".join(cells)


@pytest.mark.slow
def test_without_the_profile_jobs_run_on_their_own(built: Project, tmp_path: Path) -> None:
    """Snakemake then starts a process for every job, as it does on a cluster."""
    other = built.unbuilt(tmp_path / "project")
    other.build("--workflow-profile", "none")
    assert other.sums == built.sums


@pytest.mark.slow
def test_the_whole_project_twice(tmp_path: Path) -> None:
    whole = (PROJECT / "config.yaml").read_text(encoding="utf-8")
    one, other = Project.create(tmp_path / "one"), Project.create(tmp_path / "öther place" / "two")
    for project in (one, other):
        project.path("config.yaml").write_text(whole, encoding="utf-8")
    one.build(cores=8)
    other.build(cores=1, **ELSEWHERE)
    assert one.sums == other.sums
    assert "Nothing to be done" in one.build()


def test_no_result_tells_where_or_when_it_was_made(built: Project) -> None:
    private = re.compile(
        rb"/(?:home|root|tmp|usr|work)/|\b20[2-9]\d-\d\d-\d\d[T ]|0x[0-9a-f]{8,}|Matplotlib v|python3\.\d+"
    )
    names = [line.split("  ", 1)[1] for line in built.sums.splitlines()]
    for name in names:
        if not name.endswith((".pdf", ".png")):
            # pixels in letters may spell anything
            found = private.search(re.sub(rb'"image/png": "[^"]*"', b"", built.path(name).read_bytes()))
            assert found is None, f"{name} holds {found and found[0]!r}"


def test_a_manifest_says_what_the_figure_was_made_from(built: Project) -> None:
    manifest = json.loads(built.path("results/manifests/khandelwal2020/fig2.json").read_text())
    assert set(manifest) == {
        "caption", "code", "figure", "lock", "notebook", "outputs", "packages", "paper", "params", "tables", "title",
    }  # fmt: skip
    assert set(manifest["outputs"]) == {
        *(f"figures/khandelwal2020/fig2.{form}" for form in ("pdf", "svg", "png")),
        "results/notebooks/khandelwal2020/fig2.ipynb",
    }
