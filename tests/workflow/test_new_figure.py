"""`make new-figure`: a figure that runs at once, or a refusal that leaves no trace."""

import difflib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.workflow.projects import PROJECT, Project
from workflow.commands import new_figure
from workflow.commands.scaffold import figure_templates
from workflow.commands.scaffold.config_insert import CannotInsert, Entry, insert
from workflow.plan import faults

CONFIG = (PROJECT / "config.yaml").read_text(encoding="utf-8")
PAPERS = [*yaml.safe_load(CONFIG)["figures"], "mine"]
TABLE = "zz:\n  study: zz\n  params: {a: 1.0e-3, b: .inf}\n"
FIGURE = "zz:\n  title: 'a: b'\n  caption: >-\n    two\n    lines\n  tables: [zz]\n"


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in root.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def make(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workflow.commands.new_figure", *arguments],
        cwd=project.root,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_new_figure_is_drawn_at_once_and_disturbs_no_other(copy: Project) -> None:
    # whoever runs this may have figures of their own
    for folder in ("qte/papers/mine", "notebooks/mine"):
        shutil.rmtree(copy.path(folder), ignore_errors=True)
    before, sums = tree(copy.root), copy.sums.splitlines()
    done = make(copy, "my_figure")
    assert done.returncode == 0, done.stderr
    new = set(tree(copy.root)) - set(before)
    assert new == {
        "qte/papers/mine/__init__.py",
        "qte/papers/mine/studies_my_figure.py",
        "notebooks/mine/my_figure.ipynb",
        "tests/papers/test_mine_my_figure.py",
    }
    assert all(line in done.stdout for line in new)
    assert copy.pending() == ["checksums", "figure mine/my_figure", "table mine/my_figure"]
    copy.build()
    assert copy.path("figures/mine/my_figure.pdf").stat().st_size > 5000
    assert faults.of_file(str(copy.path("results/notebooks/mine/my_figure.ipynb"))) == []
    assert set(sums) < set(copy.sums.splitlines())
    _is_clean_source(copy, sorted(new))
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/papers/test_mine_my_figure.py"],
        cwd=copy.root,
        env=copy.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3 passed" in tested.stdout, tested.stdout
    assert make(copy, "my_figure").returncode == 2


def _is_clean_source(project: Project, files: list[str]) -> None:
    """What is written passes the project's own lint, and the notebook is one of its kind."""
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *files], cwd=project.root, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout
    content = json.loads(project.path("notebooks/mine/my_figure.ipynb").read_text(encoding="utf-8"))
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    for cell in content["cells"]:
        assert re.fullmatch(r"[a-z][a-z0-9-]*", cell["id"])
        assert cell.get("outputs", []) == []


@pytest.mark.parametrize(
    ("x", "family", "expected"),
    [("", "", ("T_h", "g")), ("delta", "", ("delta", "g")), ("", "T_c", ("T_h", "T_c")), ("g", "T_h", ("g", "T_h")),
     ("g", "", ("g", "T_h")), ("kappa_h", "delta", ("kappa_h", "delta"))],
)  # fmt: skip
def test_any_parameter_may_be_the_axis(x: str, family: str, expected: tuple[str, str]) -> None:
    figure = new_figure._figure("some_name", "mine", "two_qubit", x, family)
    assert (figure.x, figure.family) == expected
    assert not {figure.x, figure.family} & set(figure.fixed)
    assert {"gamma_h", "gamma_c"} <= set(figure.fixed)


@pytest.mark.parametrize("name", ["two_qubit_engine", "table", "grid"])
def test_a_study_hides_nothing_that_it_uses(name: str) -> None:
    figure = new_figure._figure(name, "mine", "two_qubit")
    assert figure.study_class not in {"TwoQubitEngine", "Table", "Grid"}
    assert f'@study("{name}")' in figure.study_module()


@pytest.mark.parametrize("machine", sorted(new_figure.machines()))
def test_every_machine_has_a_figure_that_computes(machine: str, tmp_path, monkeypatch) -> None:
    figure = new_figure._figure("some_name", "mine", machine)
    entry = yaml.safe_load(figure.tables_entry())["some_name"]
    namespace = {"__name__": f"qte.papers.mine.studies_{machine}"}
    monkeypatch.setattr("qte.data.studies._registry", {})
    exec(compile(figure.study_module(), "study", "exec"), _module(namespace, monkeypatch))
    assert entry["study"] == "some_name"
    from qte.data import studies

    table, _ = studies.run("mine.some_name", entry["params"])
    assert len(table) == len(figure.values) * entry["params"][figure.x]["num"]
    assert (abs(table["J"]) > 0).any()


def _module(namespace: dict, monkeypatch) -> dict:
    """Type hints of dataclasses are looked up in the module's own namespace."""
    import types

    module = types.ModuleType(namespace["__name__"])
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__dict__


@pytest.mark.parametrize("paper", PAPERS)
def test_entries_are_put_in_and_nothing_else_moves(paper: str) -> None:
    new = insert(CONFIG, [Entry("tables", paper, "zz", TABLE), Entry("figures", paper, "zz", FIGURE)])
    moved = [line for line in difflib.ndiff(CONFIG.splitlines(), new.splitlines()) if line[0] in "-?"]
    assert moved == []
    data, old = yaml.safe_load(new), yaml.safe_load(CONFIG)
    assert data["tables"][paper].pop("zz") == {"study": "zz", "params": {"a": 1e-3, "b": float("inf")}}
    assert data["figures"][paper].pop("zz")["caption"] == "two lines"
    for section in ("tables", "figures"):
        old[section].setdefault(paper, {})
    assert data == old


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("tables: {}\nfigures: {a: {}}\n", "not written as a block"),
        ("tables:\n  a: {t: {study: s}}\nfigures:\n  a:\n    t: 1\n", "`tables.a` is not written as a block"),
        ("tables:\n  a:\n    zz: 1\nfigures:\n  a:\n    t: 1\n", "there already"),
        ("figures:\n  a:\n    t: 1\n", "no section `tables:`"),
        ("figures:\n  a:\n    t: 1\ntables:\n  a:\n    t: 1", "no end"),
    ],
)
def test_a_layout_that_cannot_take_an_entry_is_refused(text: str, wanted: str) -> None:
    with pytest.raises(CannotInsert, match=re.escape(wanted)):
        insert(text, [Entry("tables", "a", "zz", TABLE)])


def test_comments_and_block_texts_at_the_end_stay_where_they_are() -> None:
    text = (
        "tables:\n  a:\n    t: {study: s}   # why\n  # about b\n  b:\n    u: {x: &n [1,\n      2]}  # two\n\n"
        "# figures\nfigures:\n  a:\n    t:\n      tables: [t]\n      caption: >-\n        last\n        words\n\n"
        "  b:\n    u: {n: *n}\n# the end\n"
    )
    new = insert(
        text, [Entry("tables", p, "zz", TABLE) for p in "ab"] + [Entry("figures", "a", "zz", FIGURE)]
    )
    assert [line for line in difflib.ndiff(text.splitlines(), new.splitlines()) if line[0] in "-?"] == []
    assert yaml.safe_load(new)["figures"]["a"]["t"]["caption"] == "last words"
    assert new.index("# about b") > new.index("zz")


# This process knows the studies of whoever runs it, and theirs may have the names of the docs.
UNKNOWN = "figure_of_a_test"


@pytest.fixture(scope="module")
def unbuilt(tmp_path_factory) -> Project:
    return Project.create(tmp_path_factory.mktemp("unbuilt") / "project")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["My-Figure"], ["NAME='My-Figure'", "lower-case", "my_figure"]),
        (["../up"], ["NAME='../up'"]),
        ([""], ["NAME=''"]),
        (["x", "--paper", "Mine!"], ["PAPER='Mine!'", "lower-case"]),
        (
            ["x", "--paper", "khandelwall2020"],
            ["did you mean 'khandelwal2020'", "Leave PAPER out", "NEW_PAPER"],
        ),
        (["fig2", "--paper", "khandelwal2020"], ["tables.khandelwal2020.fig2 already"]),
        (["fig1", "--paper", "khandelwal2020"], ["figures.khandelwal2020.fig1 already"]),
        (["detuning", "--paper", "khandelwal2020"], ["studies_detuning.py exists"]),
        (["detuning_curves", "--paper", "khandelwal2020"], ["study `detuning_curves` already"]),
        (["x", "--x", "T_hot"], ["X='T_hot'", "did you mean 'T_h'"]),
        (["x", "--family", "T_h", "--x", "T_h"], ["both T_h"]),
        (["x", "--machine", "two_qubits"], ["did you mean 'two_qubit'", "spin_chain"]),
    ],
)
def test_a_refusal_is_one_line_and_writes_nothing(unbuilt, monkeypatch, capsys, arguments, words) -> None:
    monkeypatch.chdir(unbuilt.root)
    before = tree(unbuilt.root)
    assert new_figure.main(arguments) == 2
    message = capsys.readouterr().err
    assert len(message.splitlines()) == 1
    for word in words:
        assert word in message
    assert tree(unbuilt.root) == before


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("T_c: 0.1", "T_c: -0.1", "has a mistake (tables.khandelwal2020.fig2.params.T_c"),
        ("tables:", "tables: [", "not valid YAML"),
    ],
)
def test_a_config_with_a_mistake_is_not_added_to(
    unbuilt, tmp_path, monkeypatch, capsys, old, new, wanted
) -> None:
    project = unbuilt.clone(tmp_path / "project")
    project.edit("config.yaml", old, new)
    monkeypatch.chdir(project.root)
    before = tree(project.root)
    assert new_figure.main(["my_figure"]) == 2
    assert wanted in capsys.readouterr().err
    assert tree(project.root) == before


def test_a_study_that_fails_is_found_before_anything_is_written(unbuilt, monkeypatch, capsys) -> None:
    monkeypatch.chdir(unbuilt.root)
    broken = figure_templates._STUDY.replace("machine.net_current()", "machine.no_such_thing()")
    monkeypatch.setattr(
        figure_templates, "_STUDY", broken.replace("{values}", '"J": machine.no_such_thing()')
    )
    before = tree(unbuilt.root)
    assert new_figure.main([UNKNOWN]) == 2
    assert "no_such_thing" in capsys.readouterr().err
    assert tree(unbuilt.root) == before


@pytest.mark.slow
def test_a_paper_of_ones_own_begins_with_its_first_figure(unbuilt, tmp_path) -> None:
    project = unbuilt.clone(tmp_path / "project")
    done = make(project, "curves", "--paper", "nobody2027", "--new-paper", "--machine", "junction")
    assert done.returncode == 0, done.stderr
    assert project.path("qte/papers/nobody2027/__init__.py").is_file()
    entry = project.config["tables"]["nobody2027"]["curves"]
    assert set(entry["ours"]) == set(entry["params"])
    again = make(project, "more", "--paper", "nobody2027", "--machine", "junction")
    assert again.returncode == 0, again.stderr
    assert list(project.config["figures"]["nobody2027"]) == ["curves", "more"]
    assert "table nobody2027/more" in project.pending()


def test_a_machine_that_does_not_import_is_named(unbuilt, tmp_path) -> None:
    project = unbuilt.clone(tmp_path / "project")
    project.path("qte/machines/broken.py").write_text("import no_such_module\n")
    done = make(project, "my_figure", "--machine", "broken")
    assert done.returncode == 2
    assert "qte/machines/broken.py cannot be imported: ModuleNotFoundError" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_full_disk_at_the_last_file_leaves_nothing_behind(unbuilt, monkeypatch, capsys) -> None:
    def full(*_):
        raise OSError(28, "No space left on device", "config.yaml")

    monkeypatch.chdir(unbuilt.root)
    monkeypatch.setattr(new_figure, "_rehearse", lambda *_: None)
    monkeypatch.setattr(new_figure, "write_atomically", full)
    before = tree(unbuilt.root)
    assert new_figure.main([UNKNOWN]) == 2
    assert "No space left" in capsys.readouterr().err
    assert tree(unbuilt.root) == before
    assert not (unbuilt.root / "qte/papers/mine").exists()


def test_make_hands_its_variables_on() -> None:
    text = (PROJECT / "Makefile").read_text(encoding="utf-8")
    done = subprocess.run(
        ["make", "-n", "-o", ".venv/runtime.stamp", "new-figure", "NAME=a"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert 'workflow.commands.new_figure "${NAME:-}" --paper "${PAPER:-mine}"' in done.stdout
    assert "${NEW_PAPER:+--new-paper}" in text
