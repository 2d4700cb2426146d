"""docs/extend.md does what it says: a machine that is in no paper, from its file to its figure."""

import re
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml

from qte.data.tables import read
from tests.workflow.projects import OWN, PROJECT, Project

PAGE = (PROJECT / "docs/extend.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("name", ["kerr.py", "test_kerr.py"])
def test_the_page_shows_the_files_as_they_are(name: str) -> None:
    blocks = [text.rstrip() for _, text in BLOCK.findall(section("Add a machine"))]
    assert (PROJECT / "docs/examples" / name).read_text(encoding="utf-8").rstrip() in blocks


def test_the_machine_takes_fewer_than_forty_lines() -> None:
    source = (PROJECT / "docs/examples/kerr.py").read_text(encoding="utf-8")
    lines = source[source.index("@dataclass") :].rstrip().splitlines()
    assert len(lines) < 40
    assert f"The machine, in {len(lines)} lines" in PAGE


@pytest.fixture(scope="module")
def extended(built: Project, tmp_path_factory) -> Project:
    """A project after every command and edit of the section."""
    project = built.clone(tmp_path_factory.mktemp("extended") / "project")
    # whoever runs this may have followed the page before
    ignore = shutil.ignore_patterns("__pycache__", "images", *OWN)
    for name in ("tests", "docs"):
        shutil.copytree(PROJECT / name, project.root / name, ignore=ignore)
    for kind, text in BLOCK.findall(section("Add a machine")):
        if kind == "bash":
            for line in text.splitlines():
                _run(project, line)
        elif kind == "yaml":
            _edit(project, text)
    return project


def _run(project: Project, line: str) -> None:
    """A line of the page; `make` and its environment are taken for granted."""
    words = shlex.split(line)
    variables: dict[str, str] = {}
    if words[0] == "make":
        variables = dict(word.split("=", 1) for word in words[2:])
    commands = {
        "new-figure": ["-m", "workflow.commands.new_figure", variables.get("NAME", "")]
        + [f"--{key.lower()}={value}" for key, value in variables.items() if key != "NAME"],
        "figures": ["-m", "snakemake", "--cores", "2"],
        "docs": ["-m", "workflow.commands.pages.document_figures"],
    }
    if words[0] == "make":
        words = [sys.executable, *commands[words[1]]]
    elif words[0] == ".venv/bin/python":
        words[0] = sys.executable
    done = subprocess.run(
        words, cwd=project.root, env=project.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (line, done.stdout[-2000:], done.stderr[-2000:])


def _edit(project: Project, text: str) -> None:
    """Put the page's lines of YAML in the place of those of the same name, below the new table."""
    file = project.path("config.yaml")
    head, table = file.read_text(encoding="utf-8").split("    kerr_engine:\n", 1)
    for line in text.splitlines():
        table, count = re.subn(
            rf"^(\s+){line.split(':')[0]}: .*$", rf"\g<1>{line}", table, count=1, flags=re.MULTILINE
        )
        assert count == 1, line
    file.write_text(f"{head}    kerr_engine:\n{table}", encoding="utf-8")


@pytest.mark.slow
def test_the_figure_is_there_and_shows_what_the_page_says(extended: Project) -> None:
    """Half a minute: pytest -m slow tests/workflow/test_extend.py"""
    assert extended.path("figures/mine/kerr_engine.pdf").is_file()
    assert "mine kerr_engine" in extended.path("docs/figures.md").read_text(encoding="utf-8")
    table = read(extended.path("results/tables/mine/kerr_engine.csv"))
    curves = {chi: (T_h, N) for chi, T_h, N in table.curves("T_h", "N", by="chi")}
    assert list(curves) == [0.0, 0.5, 1.0, 4.0]
    (warm, without), (_, with_kerr) = curves[0.0], curves[4.0]
    last = [f"T_h = {warm[N > 0].max():.2f} ε" for N in (without, with_kerr)]
    ratio = with_kerr.max() / without.max()
    words = " ".join(PAGE.split())
    assert f"no entanglement is left above {last[0]}" in words
    assert f"it lasts to {last[1]}" in words
    assert f"{ratio:.1f} times as large" in words
    at_gap = [J[abs(T_h - 1.0) < 1e-9][0] for _, T_h, J in table.curves("T_h", "J", by="chi")]
    assert 0.8 < at_gap[-1] / at_gap[0] < 1
    assert extended.pending() == []


@pytest.mark.slow
def test_what_was_written_passes_the_projects_own_lint(extended: Project) -> None:
    new = [
        "qte/machines/kerr.py",
        "qte/papers/mine",
        "notebooks/mine",
        "tests/papers/test_mine_kerr_engine.py",
    ]
    for command in (["ruff", "check"], ["ruff", "format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", *command, *new],
            cwd=extended.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    done = subprocess.run(
        [sys.executable, "-m", "mypy"],
        cwd=extended.root,
        env=extended.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_entries_of_the_page_are_yaml() -> None:
    assert all(yaml.safe_load(text) for kind, text in BLOCK.findall(PAGE) if kind == "yaml")
