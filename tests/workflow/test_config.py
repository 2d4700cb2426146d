"""What a wrong config gets: every problem in one short line, and nothing done."""

import copy as copies
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workflow.projects import PROJECT, Project, small_config
from workflow.plan import config_checks, config_text

Config = dict[str, Any]
TABLE = ("tables", "khandelwal2020", "fig2")
PARAMS = (*TABLE, "params")


def set_at(config: Config, path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        config = config[key]
    config[path[-1]] = value


def rename(config: Config, path: tuple[str, ...], new: str) -> None:
    for key in path[:-1]:
        config = config[key]
    config[new] = config.pop(path[-1])


def delete(config: Config, path: tuple[str, ...]) -> None:
    for key in path[:-1]:
        config = config[key]
    del config[path[-1]]


def a_global_figure(g: float) -> Callable[[Config], None]:
    def change(config: Config) -> None:
        whole = config_text.read(PROJECT / "config.yaml").data
        table = copies.deepcopy(whole["tables"]["khandelwal2020"]["fig6a"])
        table["params"]["g"] = [g]
        config["tables"]["khandelwal2020"]["fig6a"] = table
        config["figures"]["khandelwal2020"]["fig2"]["tables"].append("fig6a")

    return change


# name: what is done to a good config, then what the message must contain, in this order
CASES: dict[str, tuple[Callable[[Config], None], list[str]]] = {
    "misspelt section": (lambda c: rename(c, ("tables",), "tabels"), ["tabels", "did you mean 'tables'"]),
    "misspelt key": (lambda c: rename(c, (*TABLE, "study"), "studdy"), ["fig2.studdy", "unknown", "'study'"]),
    "misspelt parameter": (
        lambda c: rename(c, (*PARAMS, "gamma_h"), "gama_h"),
        ["gama_h", "did you mean 'gamma_h'"],
    ),
    "missing parameter": (lambda c: delete(c, (*PARAMS, "g")), ["fig2.params", "`g`", "missing"]),
    "missing key": (lambda c: delete(c, (*TABLE, "params")), ["fig2", "`params`", "missing"]),
    "wrong type": (lambda c: set_at(c, (*PARAMS, "T_h"), 0.5), ["params.T_h", "must", "0.5"]),
    "wrong type of a section": (
        lambda c: set_at(c, TABLE, 7),
        ["tables.khandelwal2020.fig2", "mapping", "7"],
    ),
    "number as text": (lambda c: set_at(c, (*PARAMS, "g"), "1e-3"), ["params.g", "'1e-3'", "1.0e-3"]),
    "negative temperature": (lambda c: set_at(c, (*PARAMS, "T_c"), -0.1), ["params.T_c", ">= 0", "-0.1"]),
    "negative temperature in a list": (
        lambda c: set_at(c, (*PARAMS, "T_h"), [0.3, -1.0]),
        ["params.T_h", ">= 0", "-1.0"],
    ),
    "negative rate": (lambda c: set_at(c, (*PARAMS, "gamma_c"), -1.0), ["params.gamma_c", "-1.0"]),
    "not a number": (lambda c: set_at(c, (*PARAMS, "g"), math.nan), ["params.g", "finite", "nan"]),
    "infinite": (lambda c: set_at(c, (*PARAMS, "T_c"), math.inf), ["params.T_c", "finite", "inf"]),
    "g above the gap": (a_global_figure(1.5), ["fig6a.params", "g", "1.5"]),
    "g at the gap": (a_global_figure(1.0), ["fig6a.params", "g", "1.0"]),
    "unknown study": (
        lambda c: set_at(c, (*TABLE, "study"), "detuning_curve"),
        ["fig2.study", "'detuning_curve'", "did you mean 'detuning_curves'"],
    ),
    "study by path": (lambda c: set_at(c, (*TABLE, "study"), "os.system"), ["fig2.study", "'os.system'"]),
    "unknown paper": (
        lambda c: rename(c, ("tables", "khandelwal2025"), "khandelwal2026"),
        ["'khandelwal2025'"],
    ),
    "unknown table": (
        lambda c: set_at(c, ("figures", "khandelwal2020", "fig2", "tables"), ["fig2", "fig22"]),
        ["figures.khandelwal2020.fig2.tables.1", "'fig22'", "did you mean 'fig2'"],
    ),
    "table nobody draws": (
        lambda c: set_at(c, ("figures", "khandelwal2020", "fig2", "tables"), []),
        ["tables.khandelwal2020.fig2", "no figure"],
    ),
    "missing notebook": (
        lambda c: rename(c, ("figures", "khandelwal2020", "fig1"), "fig11"),
        ["figures.khandelwal2020.fig11", "notebooks/khandelwal2020/fig11.ipynb", "missing", "'fig1'"],
    ),
    "name that leaves the folder": (
        lambda c: rename(c, ("figures", "khandelwal2020", "fig1"), "../fig1"),
        ["figures.khandelwal2020", "'../fig1' is not a valid name"],
    ),
    "name with a line break": (
        lambda c: rename(c, ("figures", "khandelwal2020", "fig1"), "fig1\n"),
        ["fig1"],
    ),
    "name that is a number": (
        lambda c: rename(c, ("figures", "khandelwal2020", "fig1"), 1),
        ["the name 1 must be text"],
    ),
    "unknown parameter among ours": (lambda c: set_at(c, (*TABLE, "ours"), ["T_x"]), ["fig2.ours", "`T_x`"]),
    "unknown engine": (lambda c: set_at(c, ("engine",), "in-proces"), ["engine", "'in-process'"]),
    "NaN for a drawing": (
        lambda c: set_at(c, ("figures", "khandelwal2020", "fig2", "params"), {"x": math.nan}),
        ["figures.khandelwal2020.fig2.params.x", "finite"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_mistake_is_one_short_line(case: str) -> None:
    change, wanted = CASES[case]
    config = small_config()
    assert config_checks.problems(config, PROJECT) == []
    change(config)
    found = [str(problem) for problem in config_checks.problems(config, PROJECT)]
    assert found, "nothing was found"
    assert any(all(part in line for part in wanted) for line in found), found
    assert all(len(line) < 320 for line in found), found


def test_zero_temperature_is_a_valid_limit() -> None:
    config = small_config()
    set_at(config, (*PARAMS, "T_c"), 0.0)
    assert config_checks.problems(config, PROJECT) == []


def test_all_problems_are_told_at_once() -> None:
    config = small_config()
    set_at(config, (*PARAMS, "T_c"), -1.0)
    set_at(config, (*PARAMS, "gama"), 1.0)
    set_at(config, ("tables", "khandelwal2025", "fig2", "params", "T"), "hot")
    rename(config, ("figures", "khandelwal2020", "fig1"), "fig11")
    found = "\n".join(map(str, config_checks.problems(config, PROJECT)))
    for part in ("T_c", "gama", "khandelwal2025.fig2.params.T", "fig11"):
        assert part in found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("tables: {a: [}\n", "line 1: is not valid YAML"),
        ("tables:\n  a: 1\n\tb: 2\n", "line 3: is not valid YAML"),
        ("tables: {}\nfigures: {}\ntables: {}\n", "line 3: tables is there twice, also in line 1"),
        ("- a list\n", "must hold the sections"),
        ("", "must hold the sections"),
        ("__use_yte__: true\ntables: {}\nfigures: {}\n", "template"),
    ],
)
def test_unreadable_text_is_one_line(tmp_path: Path, text: str, wanted: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(SystemExit) as stop:
        config_checks.refuse_unreadable(file)
    assert wanted in str(stop.value)
    assert len(str(stop.value).splitlines()) == 2


def test_the_projects_own_config_is_right() -> None:
    text = config_text.read(PROJECT / "config.yaml")
    assert text.complaints == []
    assert config_checks.problems(text.data, PROJECT) == []


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(file.relative_to(root)): (file.stat().st_mtime_ns, file.read_bytes())
        for file in root.rglob("*")
        if file.is_file() and ".snakemake/log" not in str(file) and "__pycache__" not in file.parts
    }


def test_a_wrong_config_stops_the_run_before_anything_is_touched(copy: Project) -> None:
    copy.edit("config.yaml", "T_c: 0.1", "T_c: -0.1")
    before = tree(copy.root)
    done = copy.run()
    assert done.returncode == 1
    assert "config.yaml, line " in done.stdout
    assert "tables.khandelwal2020.fig2.params.T_c: must be" in done.stdout
    assert ">= 0" in done.stdout
    assert "Traceback" not in done.stdout
    assert len(done.stdout.splitlines()) <= 4
    assert tree(copy.root) == before
