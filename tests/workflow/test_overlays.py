"""What overlays are, what is refused, which tables and figures they touch, how numbers are paired. Nothing is run."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qte.data.tables import Column, Provenance, Table
from tests.workflow.projects import PROJECT, Project
from workflow.config import config_text, overlays
from workflow.config.overlays import CommandLine, Configs
from workflow.plan import variants
from workflow.plan.plan import Plan
from workflow.plan.variants import VariantPlan
from workflow.report.variant import numbers as variant_numbers

FIG2 = "tables: {khandelwal2020: {fig2: {params: {T_c: 0.12}}}}\n"


@pytest.fixture
def folder(built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for overlays; the working directory is a small project."""
    monkeypatch.chdir(built.root)
    return tmp_path


def read(
    folder: Path, *texts: str, names: tuple[str, ...] = ("mine.yaml", "more.yaml"), **config: Any
) -> Configs:
    files = [folder / name for name, _ in zip(names, texts, strict=False)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    return overlays.read(Path("config.yaml"), CommandLine(files, config))


def variant_of(configs: Configs) -> VariantPlan:
    _, variant = variants.plans_of(configs)
    assert variant is not None
    return variant


def test_mappings_merge_and_everything_else_is_replaced() -> None:
    base = {"a": {"x": 1, "grid": {"start": 0, "num": 3}}, "b": [1, 2], "c": 1}
    assert overlays.merged(base, {"a": {"grid": {"num": 5}}, "b": [3], "c": None}) == {
        "a": {"x": 1, "grid": {"start": 0, "num": 5}},
        "b": [3],
    }
    assert overlays.merged(base, {"a": {"grid": [1, 2]}})["a"]["grid"] == [1, 2]
    assert overlays.merged(base, {"b": {"start": 0}})["b"] == {"start": 0}
    assert base["a"]["grid"] == {"start": 0, "num": 3}


def test_two_overlays_count_in_their_order(folder: Path) -> None:
    second = "tables: {khandelwal2020: {fig2: {params: {T_c: 0.13, g: 2.0e-3}, ours: null}}}\n"
    configs = read(folder, FIG2, second)
    entry = configs.varied["tables"]["khandelwal2020"]["fig2"]
    assert (entry["params"]["T_c"], entry["params"]["g"]) == (0.13, 2.0e-3)
    assert "ours" not in entry
    assert configs.name == "mine_more"
    assert overlays.merged(configs.standard, configs.overlay) == configs.varied
    assert read(folder, second, FIG2).varied["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] == 0.12


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("mine.yaml", FIG2, "mine"),
        ("hot bath (2).yaml", FIG2, "hot_bath_2"),
        ("mine.yaml", f"variant: T_c-0.12\n{FIG2}", None),
        ("mine.yaml", f"variant: T_c-012\n{FIG2}", "T_c-012"),
        ("热.yaml", FIG2, None),
    ],
)
def test_a_variant_is_named_after_its_file_or_as_it_says(
    folder: Path, file: str, text: str, name: str | None
) -> None:
    if name is None:
        with pytest.raises(SystemExit, match="variant"):
            read(folder, text, names=(file,))
    else:
        assert read(folder, text, names=(file,)).name == name
        assert read(folder, text, names=(file,), variant="other").name == "other"


# overlay, then what the message must contain, in this order
WRONG = {
    "misspelt section": ("tabels: {}\n", ["mine.yaml, line 1: tabels", "'tables'"]),
    "misspelt parameter": (
        "tables:\n  khandelwal2020:\n    fig2:\n      params:\n        T_hh: [1.0]\n",
        ["mine.yaml, line 5: tables.khandelwal2020.fig2.params.T_hh", "did you mean 'T_h'"],
    ),
    "unphysical": (
        "tables: {khandelwal2020: {fig2: {params:\n  {T_c: -0.1}}}}\n",
        ["mine.yaml, line 2: tables.khandelwal2020.fig2.params.T_c", ">= 0", "-0.1"],
    ),
    "grid over a list": (
        "tables: {khandelwal2020: {fig2: {params: {T_h: {num: 5}}}}}\n",
        ["mine.yaml, line 1: tables.khandelwal2020.fig2.params.T_h"],
    ),
    "what it leaves without use": (
        "figures:\n  khandelwal2020:\n    fig2: {tables: []}\n",
        ["mine.yaml", "tables.khandelwal2020.fig2", "no figure"],
    ),
    "null of nothing": (
        "tables: {khandelwal2020: {fig2: {our: null}}}\n",
        ["mine.yaml, line 1: tables.khandelwal2020.fig2.our", "did you mean 'ours'"],
    ),
    "name that leaves the folder": (f"variant: ../x\n{FIG2}", ["mine.yaml, line 1: variant", "'../x'"]),
    "empty name": (f"variant: ''\n{FIG2}", ["mine.yaml, line 1: variant"]),
    "name that is a number": (f"variant: 12\n{FIG2}", ["mine.yaml, line 1: variant", "text", "12"]),
    "key given twice": (f"{FIG2}{FIG2}", ["mine.yaml, line 2: tables is there twice"]),
    "broken YAML": ("tables: {a: [}\n", ["mine.yaml, line 1: is not valid YAML"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_each_mistake_is_told_with_the_overlays_own_line(folder: Path, case: str) -> None:
    text, wanted = WRONG[case]
    with pytest.raises(SystemExit) as stop:
        read(folder, text)
    lines = str(stop.value).splitlines()
    assert lines[0].startswith("The config has ")
    assert any(all(part in line for part in wanted) for line in lines[1:]), lines


def test_a_second_overlay_is_named_when_it_brings_the_mistake(folder: Path) -> None:
    with pytest.raises(SystemExit, match=r"more\.yaml, line 1: tables\.khandelwal2020\.fig2\.params\.T_c"):
        read(folder, FIG2, FIG2.replace("0.12", "-1.0"))


def test_make_looks_first_whether_an_overlay_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("a: 1\n\tb: 2\n", encoding="utf-8")
    for name, wanted in (("gone.yaml", "No such file"), ("broken.yaml", "line 2: is not valid YAML")):
        with pytest.raises(SystemExit, match=f"{name}.*{wanted}"):
            overlays.main([str(tmp_path / name)])


def test_the_command_line_gives_how_to_run_and_a_name_and_no_numbers(folder: Path) -> None:
    with pytest.raises(SystemExit, match=r"--config: cannot give 'engin' \(did you mean 'engine'"):
        read(folder, engin="kernel")
    with pytest.raises(SystemExit, match="--config: cannot give 'tables'"):
        read(folder, FIG2, tables={})
    standard, variant = variants.plans_of(read(folder, engine="kernel"))
    assert (standard.engine, variant) == ("kernel", None)
    with pytest.raises(SystemExit, match="replace"):
        overlays.read(Path("config.yaml"), CommandLine([], {"variant": "x"}, replace_workflow_config=True))


def test_config_yaml_given_by_name_is_no_overlay(folder: Path) -> None:
    configs = overlays.read(Path("config.yaml"), CommandLine([Path("config.yaml").absolute()]))
    standard, variant = variants.plans_of(configs)
    assert (standard.config, variant) == (configs.standard, None)


@pytest.mark.parametrize(
    "text",
    [
        "{}\n",
        "tables: {khandelwal2020: {fig2: {params: {T_c: 0.1}}}}\n",
        "tables: {khandelwal2020: {fig2: {params: {eps_h: 1}}}}\n",
        "figures: {khandelwal2020: {fig1: null}}\n",
    ],
)
def test_an_overlay_that_changes_no_figure_is_refused(folder: Path, text: str) -> None:
    with pytest.raises(SystemExit, match="nothing was run"):
        variants.plans_of(read(folder, text))


def test_another_way_to_run_is_no_variant(folder: Path) -> None:
    standard, variant = variants.plans_of(read(folder, "engine: kernel\n"))
    assert variant is None
    assert standard.engine == "kernel"


def test_a_new_table_and_figure_are_built_beside_nothing(folder: Path) -> None:
    text = """\
tables:
  khandelwal2025:
    fig1: {study: relaxation, params: {eps: 1.0, g: 0.05, gamma: [0.2], T: 1.0, U: 0.0, mu: 0.0,
           t: {start: 0.0, stop: 50.0, num: 11}}}
figures:
  khandelwal2025:
    fig1: {title: New, caption: New., tables: [fig1, fig2]}
"""
    variant = variant_of(read(folder, text))
    assert variant.tables == variant.figures == [("khandelwal2025", "fig1")]
    assert variant.tables_of("khandelwal2025", "fig1") == {
        "fig1": "results/variants/mine/tables/khandelwal2025/fig1.csv",
        "fig2": "results/tables/khandelwal2025/fig2.csv",
    }
    assert variant.standard_files() == ["results/tables/khandelwal2025/fig2.csv"]


def test_a_figure_draws_its_unchanged_tables_from_the_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    standard = Plan(config_text.read(Path("config.yaml")).data)
    change = {"tables": {"khandelwal2020": {"fig5_ridge": {"params": {"kappa_h_max": 0.1}}}}}
    variant = VariantPlan("ridge", overlays.merged(standard.config, change), standard, change)
    assert variant.tables == [("khandelwal2020", "fig5_ridge")]
    assert variant.figures == [("khandelwal2020", "fig5")]
    assert variant.tables_of("khandelwal2020", "fig5") == {
        "fig5": "results/tables/khandelwal2020/fig5.csv",
        "fig5_ridge": "results/variants/ridge/tables/khandelwal2020/fig5_ridge.csv",
    }
    assert [(change.what, change.old, change.new) for change in variant.changes()] == [
        ("kappa_h_max", 0.2, 0.1)
    ]


def test_a_large_table_is_named_by_the_overlay_that_changes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECT)
    entry = "large: {tables: {khandelwal2025: {robustness: {%s}}}}\n"
    variant = variant_of(read(tmp_path, entry % "params: {gamma: 0.2}"))
    assert variant.tables == variant.figures == [("khandelwal2025", "robustness")]
    shards = variant.shard_files("khandelwal2025", "robustness")
    assert shards[0].startswith("results/variants/mine/shards/khandelwal2025/robustness/0-")
    standard, variant = variants.plans_of(read(tmp_path, entry % "shards: 4"))
    assert variant is None
    assert len(standard.shard_files("khandelwal2025", "robustness")) == 4


# ---- numbers ----


def table(T: list[float], x: list[float], scale: float = 1.0, given: Any = None) -> Table:
    """A table y = scale * (T + x), and a flag, over T and x."""
    columns = [Column(name, "1", name, name, may_be_nan=name == "y") for name in ("T", "x", "y", "flag")]
    y = scale * (np.array(T)[:, None] + np.array(x))
    made = Table.from_grid(axes={"T": T, "x": x}, values={"y": y, "flag": y > 2}, columns=columns)
    return Table(made.frame, made.columns, {"root": scale}, Provenance("p", "t", "p.s", {"T": given}))


def test_rows_of_one_grid_are_paired_and_the_largest_difference_is_found() -> None:
    change = variant_numbers.compare(table([1.0, 2.0], [0.0, 0.5]), table([1.0, 2.0], [0.0, 0.5], scale=2.0))
    y, flag = change.columns
    assert (change.pairing, change.rows) == (variant_numbers.SAME_GRID, (4, 4, 4))
    assert y.absolute is not None
    assert (y.absolute.size, y.absolute.at, y.absolute.old) == (2.5, (("T", "2"), ("x", "0.5")), 2.5)
    assert y.relative is not None
    assert y.relative.size == 0.5
    assert (y.old_range, y.new_range, y.moved) == ((1.0, 2.5), (2.0, 5.0), 4)
    assert (flag.moved, flag.absolute) == (2, None)
    assert change.facts == [("root", 1.0, 2.0)]


def test_lists_of_one_length_are_paired_in_their_order_and_grids_are_not() -> None:
    change = variant_numbers.compare(*(table(T, [0.0, 1.0], given=T) for T in ([1.0, 2.0], [1.0, 3.0])))
    assert change.pairing == variant_numbers.IN_ORDER
    assert change.columns[0].absolute is not None
    assert change.columns[0].absolute.at == (("T", "2 → 3"), ("x", "0"))
    grids = [
        table(T, [0.0, 1.0], given={"start": 1.0, "stop": T[1], "num": 2}) for T in ([1.0, 2.0], [1.0, 3.0])
    ]
    change = variant_numbers.compare(*grids)
    assert (change.pairing, change.rows) == (variant_numbers.COMMON_POINTS, (4, 4, 2))
    assert change.columns[0].absolute is None


def test_grids_without_a_common_point_give_ranges_alone() -> None:
    change = variant_numbers.compare(table([1.0, 2.0], [0.0, 1.0]), table([5.0, 6.0], [0.1]))
    assert (change.pairing, change.rows, len(change.axes)) == (variant_numbers.APART, (4, 2, 0), 2)
    assert (change.columns[0].old_range, change.columns[0].new_range) == ((1.0, 3.0), (5.1, 6.1))


def test_values_that_only_one_side_has_are_counted_and_not_subtracted() -> None:
    old, new = table([1.0], [0.0, 1.0]), table([1.0], [0.0, 1.0])
    for made, values in ((old, [np.nan, 2.0]), (new, [1.0, np.inf])):
        made.frame["y"] = values
    column = variant_numbers.compare(old, new).columns[0]
    assert (column.lone, column.absolute, column.moved) == (2, None, 2)


def test_an_overlay_that_is_not_there_is_one_line_with_the_nearest(built: Project) -> None:
    built.path("warm_bath.yaml").write_text("variant: warm\n", encoding="utf-8")
    done = built.run("-n", "--configfile", "warm_bth.yaml")
    built.path("warm_bath.yaml").unlink()
    assert done.returncode == 1
    assert "warm_bth.yaml: there is no such file (did you mean 'warm_bath.yaml'?)" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_target_that_is_not_there_is_not_called_done(built: Project) -> None:
    for arguments in (["no_such_target"], ["--until", "no_such_rule"]):
        done = built.run("-n", *arguments, QTE_OUTPUT="qte")
        assert done.returncode == 1
        assert "No rule to produce" in done.stdout
        assert "Nothing to be done" not in done.stdout
