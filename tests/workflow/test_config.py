"""What a wrong config gets: every problem in one short line, and nothing done."""

import copy as copies
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.workflow.projects import PROJECT, Project, small_config
from workflow import project
from workflow.config import config_checks, config_text


@pytest.fixture(autouse=True)
def no_rules_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs this may have some, which read tables."""
    monkeypatch.setattr(project, "local_rules", list)


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
    "the same value twice": (
        lambda c: set_at(c, (*PARAMS, "T_h"), [0.3, 0.5, 0.3]),
        ["params.T_h.2", "another number than those before it", "0.3"],
    ),
    "a fraction of a shard": (
        lambda c: set_at(c, (*TABLE, "shards"), 16.0),
        ["fig2.shards", "whole", "16.0"],
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


TYPED = {
    "T_c: 010": "T_c: 010 is read as 8; write 10",
    "T_c: -007.5": "T_c: -007.5 is read as -7.5; write -7.5",
    "T_c: 1:30": "T_c: 1:30 is read as 90 (base 60); write the number, or put it in quotes",
    "T_h: [0,3, 0,4]": "T_h: [0,3, 0,4] has 4 entries; a decimal is written 0.3",
    "T_c: 0x10": "T_c: 0x10 is read as 16; write it in decimal",
    "T_c: 09": "T_c: 09 is read as text; write 9",
    "T_c: 0o10": "T_c: 0o10 is read as text; write 8",
    "T_c: +.1": "T_c: +.1 is read as text; write 0.1",
    "T_c: 0.1\u00a0": "T_c: 0.1\u00a0 is read as text; write 0.1",
    "T_c: 0.1\u200b": "T_c: 0.1\u200b is read as text; write 0.1",
    "T_c: \uff10.1": "T_c: \uff10.1 is read as text; write 0.1",
    "T_c: 0.1,": "T_c: 0.1, is read as text; write 0.1",
    "T_c: 0.1#warm": "T_c: 0.1#warm is read as text; a comment needs a space before #",
    "T_h: 0.3, 0.4": "T_h: 0.3, 0.4 is read as text; a list is written [0.3, 0.4]",
    "T_h: [0.3 0.4]": "T_h: [0.3 0.4] has 1 entry; they are parted by commas, and a decimal is written 0.3",
    "T_h: [0,3 0,4]": "T_h: [0,3 0,4] has 3 entries; they are parted by commas, and a decimal is written 0.3",
    "T_h: [0.3; 0.4]": "T_h: [0.3; 0.4] has 1 entry; they are parted by commas, and a decimal is written 0.3",
    "T_h: {0.3, 0.4}": "T_h: {0.3, 0.4} gives 0.3 no value; a decimal is written 0.3, a list [0.3, 0.4]",
    "x: {a: 0,1, b: 2}": "x: {a: 0,1, b: 2} gives 1 no value; a decimal is written 0.3, a list [0.3, 0.4]",
    "x: {start:0.1}": "x: start:0.1 has no value; write start: 0.1",
    "title: 2020-01-01": "title: 2020-01-01 is read as a date; put it in quotes",
    "title: no": "title: no is read as false; write false, or put it in quotes",
    f"T_c: {'9' * 400}": "T_c: 999999999999… has 400 digits and is larger than any number that can be computed with",
    f"T_c: {'9' * 6000}": "T_c: 999999999999… has 6000 digits and is larger than any number that can be computed with",
    "T_c: !!binary aGk=": "T_c: a value with the tag binary is no plain data",
    "T_c: !!python/name:os.abort x": "T_c: a value with the tag python/name:os.abort is no plain data",
    "T_c: &a [*a]": "has an anchor that holds itself",
    f"T_c: {'[' * 2000}": "is nested more than 40 deep",
    "T_c: !!int ''": "T_c: '' is no int",
    "T_c: !!int abc": "T_c: 'abc' is no int",
    "T_c: !!float ''": "T_c: '' is no float",
    "T_c: !!bool maybe": "T_c: 'maybe' is no bool",
    f"T_c: 1{':59' * 5000}.5": "T_c: '1:59:59:59:5…' is no float",
    f"T_c: 1{':59' * 5000}": "T_c: '1:59:59:59:5…' is no int",
    "? [a, b]\n: 1": "a list is no name",
    "? {a: b}\n: 1": "a mapping is no name",
    "T_c: {[1]: 1}": "T_c: a list is no name",
    "y: {!!python/name:os.abort x: 1}": "y: a name with the tag python/name:os.abort is no plain data",
}
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(("text", "wanted"), TYPED.items(), ids=[text[:24] for text in TYPED])
def test_what_yaml_makes_something_else_of_is_refused_with_its_line(
    tmp_path: Path, text: str, wanted: str
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"# κ, so that places are counted in characters\nx: ü\n{text}\n")
    assert config_text.read(file).complaints[:1] == [(3, wanted)]


@pytest.mark.parametrize(
    ("text", "line", "wanted"),
    [
        ("a:\n  T_c:0.1\n  T_h: 1\n", 2, "; write T_c: 0.1"),
        ("a:\n  T_c = 0.1\n  T_h: 1\n", 2, "; write T_c: 0.1"),
        ("a:\n\tT_c: 0.1\n", 2, "found character that cannot start any token"),
        ("a: 1\nb: \x00\n", 2, "unacceptable character"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_own_line(tmp_path: Path, text: str, line: int, wanted: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    ((found, what),) = config_text.read(file).complaints
    assert (found, wanted in what) == (line, True), what


def test_what_is_no_text_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes("a: 1\nb: κ\n".encode("utf-16-le").replace(b"\0", b""))
    assert config_text.read(file).complaints == [(2, "is not UTF-8 text (byte 8)")]


def test_a_file_of_nothing_but_mistakes_takes_no_time() -> None:
    begun = time.process_time()
    found = config_checks.problems({"tables": {f"k{n}": 1 for n in range(50_000)}, "figures": {}})
    assert time.process_time() - begun < 2
    assert len(found) == 201
    assert str(found[-1]).endswith("more may be wrong than the 200 places above")


def test_what_a_terminal_would_take_as_a_command_is_told_as_text(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text('"\\e[31mta\\nbles\\u202e": {}\ntables: {}\nfigures: {}\n')
    with pytest.raises(SystemExit) as stop:
        config_checks.refuse_wrong(file, config_text.read(file))
    assert f"  {file}, line 1: \\x1b[31mta\\nbles\\u202e: unknown key" in str(stop.value)
    assert str(stop.value).replace("\n", "").isprintable()


def test_aliases_that_stand_for_more_than_anybody_writes_are_refused_before_they_are_followed(
    tmp_path: Path,
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(BOMB)
    assert config_text.read(file).complaints == [
        (0, "holds more than 200,000 values once its aliases are followed")
    ]
    file.write_text(f"a: [{'1, ' * 700_000}1]\n")
    assert config_text.read(file).complaints == [
        (0, "is 2,100,007 characters long; at most 2,000,000 are read")
    ]


@pytest.mark.parametrize(
    "text", ["a: [0.3, 0.4]", "a: [1,2,3]", "a: 0.5", "a: 0", "a: '010'", "a: 1_000", "a: .inf"]
)
def test_numbers_that_are_what_they_look_like_are_taken(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"\ufeff{text}\n", encoding="utf-8")
    found = config_text.read(file)
    assert found.complaints == []
    assert found.data == yaml.safe_load(text)


def test_a_mistake_inside_a_list_or_grid_names_its_own_line() -> None:
    config = copies.deepcopy(small_config())
    set_at(config, PARAMS, dict(config["tables"]["khandelwal2020"]["fig2"]["params"]))
    set_at(config, (*PARAMS, "T_h"), [0.3, "x"])
    set_at(config, (*PARAMS, "delta"), {"start": 0.0, "stop": 1.0, "num": 1})
    paths = {problem.path for problem in config_checks.problems(config, PROJECT)}
    assert paths == {(*PARAMS, "T_h", 1), (*PARAMS, "delta", "num")}


def test_more_points_than_a_table_may_hold_are_refused() -> None:
    config = copies.deepcopy(small_config())
    axis = {"start": 0.0, "stop": 1.0, "num": 1_000_000}
    set_at(config, (*PARAMS, "delta"), axis)
    set_at(config, (*PARAMS, "T_h"), [0.1 * n for n in range(1, 30)])
    found = [problem.text for problem in config_checks.problems(config, PROJECT)]
    assert found == ["the axes span 29,000,000 points; a table may hold at most 20,000,000"]


def test_a_figures_parameter_that_its_notebook_does_not_read_is_refused() -> None:
    config = config_text.read(PROJECT / "config.yaml").data
    params = config["figures"]["khandelwal2025"]["fig3"]["params"]
    params["levles"] = params.pop("levels")
    found = [str(problem) for problem in config_checks.problems(config, PROJECT)]
    assert found == [
        "figures.khandelwal2025.fig3.params.levles: the notebook does not read this parameter "
        "(did you mean 'levels'?); it reads levels"
    ]


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
