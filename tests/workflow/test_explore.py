"""Live figures without a browser: knobs and their ranges, states and links, overlays, desks, and what is refused."""

import asyncio
import copy
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from qte.common.errors import ParameterError
from qte.data import studies
from qte.data.tables import Column, Table
from qte.ledger import entries
from qte.ledger.checks import Range
from qte.ledger.listening import Statement
from qte.machines.two_qubit import TwoQubitEngine
from tests.workflow.projects import PROJECT
from workflow.commands import explore
from workflow.config import config_checks
from workflow.config.overlays import merged
from workflow.explore import desks, figures, knobs, overlay_files, shapes, statements
from workflow.explore.desks import Desk, TableRequest
from workflow.explore.figures import Refused
from workflow.explore.knobs import Knob, text_of
from workflow.explore.state import State

CONFIG = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))
WITH_TABLES = [
    f"{paper}/{name}"
    for paper, entries in CONFIG["figures"].items()
    for name, entry in entries.items()
    if entry["tables"]
    # whoever runs this may draw data and tables of other collections
    and all("study" in CONFIG["tables"].get(paper, {}).get(table, {}) for table in entry["tables"])
]


def state_of(key: str) -> State:
    return State.standard(figures.of_config(CONFIG, key))


def knob_of(state: State, key: str) -> Knob:
    return state.by_key[key]


# ---- knobs --------------------------------------------------------------------------------------


def test_a_figure_of_data_or_of_another_papers_table_is_refused_and_disturbs_no_other() -> None:
    config = copy.deepcopy(CONFIG)
    config["tables"]["khandelwal2020"]["measured"] = {"file": "data/measured.csv"}
    entry = {"title": "a", "caption": "b", "tables": ["fig2", "measured", "khandelwal2025/fig2"]}
    config["figures"]["khandelwal2020"]["mixed"] = entry
    with pytest.raises(Refused) as refused:
        figures.of_config(config, "khandelwal2020/mixed")
    assert str(refused.value) == (
        "khandelwal2020/mixed draws measured, khandelwal2025/fig2; "
        "only tables that a study of its own collection computes can be turned"
    )
    assert figures.of_config(config, "khandelwal2020/fig2").tables


@pytest.mark.parametrize("key", WITH_TABLES)
def test_every_parameter_of_every_table_has_a_knob_that_begins_at_its_standard(key: str) -> None:
    state = state_of(key)
    for table in state.figure.tables:
        turned = {knob.name for knob in state.knobs if table.name in knob.tables}
        assert turned == set(table.params)
        assert state.params(table.name) == table.params
        assert {knob.name for knob in state.knobs if table.name in knob.tables and knob.ours} >= set(
            table.ours
        )
    assert state.query() == ""


@pytest.mark.parametrize("key", WITH_TABLES)
def test_a_slider_ends_where_the_study_allows_it(key: str) -> None:
    """Both ends of every slider are parameters that the studies take, all else at the standard."""
    state = state_of(key)
    for knob in state.knobs:
        if knob.track is None:
            continue
        ends = knob.track.value(0), knob.track.value(knob.track.last)
        values = (
            [knob.moved(knob.standard, 0, knob.track.position(knob.standard["stop"]))]
            if knob.is_grid
            else list(ends)
        )
        for value in values:
            turned = state.turned(knob, value)
            for table in (one for one in state.figure.tables if one.name in knob.tables):
                assert studies.problems(table.study, turned.params(table.name)) == (), (knob.key, value)


def test_tables_share_a_knob_where_they_share_a_value_and_have_their_own_where_not() -> None:
    state = state_of("khandelwal2020/fig3")
    assert knob_of(state, "g").tables == ("fig3a", "fig3b")
    assert knob_of(state, "fig3a.T_h").tables == ("fig3a",)
    assert knob_of(state, "fig3b.T_h").is_grid
    turned = state.turned(knob_of(state, "g"), 0.002)
    assert [turned.params(table)["g"] for table in ("fig3a", "fig3b")] == [0.002, 0.002]


def test_ranges_come_from_the_machine_and_from_the_grids_of_the_paper() -> None:
    fig2 = state_of("khandelwal2020/fig2")
    rate = knob_of(fig2, "gamma_h")
    assert rate.allowed == "be a real number, >= 0 and finite (a rate)"
    assert rate.track is not None
    assert (rate.track.value(0), rate.track.value(200)) == (0.0, 0.004)
    assert rate.track.value(rate.track.position(0.001)) == 0.001
    # the grid of figures 3b and 6a spans it
    hot = knob_of(state_of("khandelwal2020/fig5"), "T_h")
    assert hot.track is not None
    assert (hot.track.grid.start, hot.track.grid.stop) == (0.05, 3.0)
    # the global approach needs g < omega
    strong = knob_of(state_of("santiagogarcia2024/fig4"), "g")
    assert strong.track is not None
    assert 0.99 < strong.track.grid.stop < 1.0
    # a grid in logarithmic steps has a slider in logarithmic steps
    log = knob_of(state_of("santiagogarcia2024/fig4"), "fig4_lower.T_L")
    assert log.track is not None
    assert log.track.grid.spacing == "log"
    # the limit is the last position
    limit = knob_of(state_of("khandelwal2025/fig2"), "mu")
    assert limit.track is not None
    assert math.isinf(limit.track.value(limit.track.position(math.inf)))
    assert limit.track.position(math.inf) == limit.track.last


@pytest.mark.parametrize(
    ("key", "name", "text", "value"),
    [
        ("khandelwal2020/fig2", "g", " 2e-3 ", 0.002),
        ("khandelwal2020/fig2", "T_h", "[0.3, 1]", [0.3, 1.0]),
        (
            "khandelwal2020/fig2",
            "delta",
            "{start: 0, stop: 0.1, num: 11}",
            {"start": 0.0, "stop": 0.1, "num": 11},
        ),
        ("khandelwal2020/fig2", "delta", "[0, 0.1]", [0.0, 0.1]),
        ("khandelwal2025/fig2", "mu", "inf", math.inf),
        ("khandelwal2025/fig2", "mu", ".inf", math.inf),
    ],
)
def test_a_field_takes_what_the_config_takes(key: str, name: str, text: str, value: Any) -> None:
    knob = knob_of(state_of(key), name)
    assert knob.parse(text) == value
    assert knob.parse(text_of(knob.parse(text))) == value


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("g", "nan", "be a finite number"),
        ("g", "__import__('os').getcwd()", "be a finite number"),
        ("g", "!!python/object/apply:os.getcwd []", "be written as in config.yaml"),
        ("g", "{", "be written as in config.yaml"),
        ("g", "1" * 3000, "be at most 2000 characters long"),
        ("T_h", "[0.3, 0.3]", "be another number than those before it"),
        ("delta", "{start: 0, stop: 0.1, nun: 11}", "have no keys but start, stop, num and spacing"),
        ("delta", "{start: 0.2, stop: 0.1, num: 11}", "be larger than start = 0.2"),
    ],
)
def test_a_field_says_what_is_allowed_and_evaluates_nothing(name: str, text: str, allowed: str) -> None:
    with pytest.raises(ParameterError) as refused:
        knob_of(state_of("khandelwal2020/fig2"), name).parse(text)
    assert allowed in refused.value.allowed


def test_a_coarse_grid_has_the_same_ends_and_fewer_points() -> None:
    params = {
        "x": {"start": 0.0, "stop": 1.0, "num": 161},
        "y": {"start": 0.0, "stop": 1.0, "num": 5},
        "g": 0.1,
    }
    found = knobs.coarse(params, 41)
    assert found == {"x": {"start": 0.0, "stop": 1.0, "num": 41}, "y": params["y"], "g": 0.1}
    assert params["x"]["num"] == 161


# ---- states, links, overlays --------------------------------------------------------------------


def turned_fig4() -> State:
    state = state_of("santiagogarcia2024/fig4")
    for key, text in (
        ("g", "0.5"),
        ("fig4_lower.ratio", "[0.3]"),
        ("fig4_lower.T_L", "{start: 0.1, stop: 9, num: 30}"),
    ):
        knob = knob_of(state, key)
        state = state.turned(knob, knob.parse(text))
    return state


def test_a_link_brings_every_value_back() -> None:
    state = turned_fig4()
    found, complaints = state_of("santiagogarcia2024/fig4").restored(state.query())
    assert complaints == []
    assert found.changed == state.changed
    assert found.turned(knob_of(state, "g"), 0.8).changed.keys() == {"fig4_lower.ratio", "fig4_lower.T_L"}


def test_a_broken_link_keeps_what_is_right_in_it() -> None:
    found, complaints = state_of("khandelwal2020/fig2").restored("g=0.002&gamma=3&T_c=cold&delta=%ff")
    assert found.changed == {"g": 0.002}
    assert complaints[0] == "The link names 'gamma' (did you mean 'gamma_h'?), no parameter of this figure."
    assert complaints[1] == "The link gives T_c a value that it cannot have: it must be a finite number."
    assert len(complaints) == 3


def test_an_overlay_means_what_the_page_shows(tmp_path: Path) -> None:
    """Merged over config.yaml, also over a grid with logarithmic steps, it gives the parameters that were drawn."""
    state = turned_fig4()
    file = overlay_files.save("mine", state.overlay(), "santiagogarcia2024/fig4?…", tmp_path / "overlays")
    overlay = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert overlay.pop("variant") == "mine"
    varied = merged(CONFIG, overlay)
    assert config_checks.problems(varied, PROJECT) == []
    for table in state.figure.tables:
        entry = varied["tables"]["santiagogarcia2024"][table.name]
        study = studies.build(table.study, entry["params"])
        assert studies.params_of(study) == studies.params_of(
            studies.build(table.study, state.params(table.name))
        )


def test_an_overlay_never_takes_the_place_of_a_file_nor_leaves_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "overlays"
    overlay = {"tables": {}}
    file = overlay_files.save("warm_1", overlay, "a/b", folder)
    before = file.read_bytes()
    with pytest.raises(Refused, match="exists and stays as it is; choose another name, such as warm_2"):
        overlay_files.save("warm_1", {"tables": {"x": {}}}, "a/b", folder)
    assert file.read_bytes() == before
    for name in ("../out", "a/b", "", ".hidden", "x" * 65, "a\nb"):
        with pytest.raises(Refused, match="is not an overlay's name"):
            overlay_files.save(name, overlay, "a/b", folder)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["warm_1.yaml"]
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="is no folder"):
        overlay_files.save("warm", overlay, "a/b", tmp_path / "linked")
    assert list((tmp_path / "elsewhere").iterdir()) == []


# ---- shapes -------------------------------------------------------------------------------------


def small_table(**more: Any) -> Table:
    columns = [
        Column("T", "1", "", "T"),
        Column("x", "1", "", "x"),
        Column("J", "1", "", "J"),
        Column("J_eq1", "1", "", "J"),
    ]
    axes = {"T": [1.0, 2.0], "x": [0.0, 0.5, 1.0]} | more
    grid = np.arange(len(axes["T"]) * len(axes["x"]), dtype=float).reshape(len(axes["T"]), -1)
    return Table.from_grid(axes=axes, values={"J": grid, "J_eq1": -grid}, columns=columns)


def test_the_shape_of_a_table_is_read_from_its_rows() -> None:
    shape = shapes.of_table(small_table())
    assert (shape.x.symbol, [column.symbol for column in shape.family]) == ("x", ["T"])
    assert shape.labels == ["1", "2"]
    np.testing.assert_array_equal(shape.values["J"], [[0, 1, 2], [3, 4, 5]])
    assert [[column.symbol for column in panel] for panel in shapes.panels(shape)] == [["J", "J_eq1"]]
    assert not shape.is_map
    many = shapes.of_table(small_table(T=np.arange(20.0)))
    assert many.is_map
    assert many.ys.tolist() == list(range(20))
    assert [[column.symbol for column in panel] for panel in shapes.panels(many)] == [["J"], ["J_eq1"]]


def test_rows_that_are_no_grid_are_one_curve() -> None:
    columns = (Column("x", "1", "", "x"), Column("y", "1", "", "y"))
    shape = shapes.of_table(
        Table(pd.DataFrame({"x": [0.0, 1.0, 0.5, 0.0, 2.0], "y": [1.0, 2.0, 3.0, 4.0, 5.0]}), columns)
    )
    assert len(shape.keys) == 1
    assert shape.values["y"].tolist() == [[1, 2, 3, 4, 5]]


@pytest.mark.parametrize(
    ("points", "even", "log"),
    [([0, 1, 2], True, False), ([1, 10, 100], False, True), ([1, 2, 7], False, False)],
)
def test_steps_of_an_axis(points: list[float], even: bool, log: bool) -> None:
    axis = np.array(points, dtype=float)
    assert (shapes.is_even(axis), shapes.is_logarithmic(axis)) == (even, log)
    assert len(shapes.edges(axis)) == 4


# ---- desks --------------------------------------------------------------------------------------


def test_a_desk_computes_what_the_study_computes() -> None:
    state = state_of("khandelwal2020/fig2")
    table = state.figure.tables[0]
    answer = desks.compute(TableRequest(1, "fig2", table.study, state.params("fig2")))
    expected, _ = studies.run(table.study, table.params)
    assert answer.shape is not None
    np.testing.assert_array_equal(answer.shape.values["J"].ravel(), expected["J"])
    assert answer.facts == expected.facts
    dragged = desks.compute(TableRequest(2, "fig2", table.study, state.params("fig2"), True))
    assert dragged.shape is not None
    assert dragged.shape.values["J"].shape == (5, desks.DRAGGED)


def test_a_refusal_names_the_parameter_and_what_is_allowed() -> None:
    state = state_of("khandelwal2020/fig2")
    params = {**state.params("fig2"), "T_c": -0.1}
    answer = desks.compute(TableRequest(1, "fig2", state.figure.tables[0].study, params))
    assert answer.refusal == desks.Refusal(
        "T_c", "T_c must be a real number, >= 0 and finite (a temperature)"
    )


def test_a_study_that_raises_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("first\nsecond " + "x" * 1000)

    monkeypatch.setattr(studies, "run", broken)
    answer = desks.compute(TableRequest(1, "t", "a.b", {}))
    assert answer.refusal is not None
    assert answer.refusal.text.startswith("the study raised ZeroDivisionError: first second xxx")
    assert len(answer.refusal.text) <= desks.LONGEST


@dataclass(frozen=True)
class Nap:
    """A request that takes a while."""

    serial: int
    seconds: float


def nap(request: Nap) -> int:
    if request.seconds < 0:
        os._exit(3)
    time.sleep(request.seconds)
    return request.serial


def naps(requests: list[tuple[float, Nap]], until: int) -> tuple[list[int], list[int], float]:
    """Answers and deaths of a desk that gets requests at some times, until an answer comes; and how long it took."""

    async def run() -> tuple[list[int], list[int], float]:
        answers: list[int] = []
        deaths: list[int] = []
        desk = Desk(nap, answers.append, lambda request: deaths.append(request.serial))
        desk.ask(Nap(0, 0.0))
        while not answers:
            # the process is being started
            await asyncio.sleep(0.01)
        answers.clear()
        started = time.monotonic()
        for at, request in requests:
            await asyncio.sleep(max(0.0, started + at - time.monotonic()))
            desk.ask(request)
        while until not in answers + deaths:
            assert time.monotonic() < started + 60
            await asyncio.sleep(0.01)
        desk.close()
        return answers, deaths, time.monotonic() - started

    return asyncio.run(run())


def test_the_last_request_wins() -> None:
    answers, _, _ = naps([(0, Nap(1, 0.2)), (0.01, Nap(2, 0.2)), (0.02, Nap(3, 0.0))], until=3)
    assert answers == [1, 3]


def test_an_outdated_request_does_not_keep_the_next_one_waiting() -> None:
    answers, deaths, seconds = naps([(0, Nap(1, 50.0)), (0.1, Nap(2, 0.0))], until=2)
    assert (answers, deaths) == ([2], [])
    assert seconds < 30


def test_a_process_that_dies_is_told_and_replaced() -> None:
    answers, deaths, _ = naps([(0, Nap(1, -1.0)), (2.0, Nap(2, 0.0))], until=2)
    assert (answers, deaths) == ([2], [1])


# ---- statements of the ledger -------------------------------------------------------------------


def test_an_entry_says_what_it_would_hunt() -> None:
    module = "qte.papers.khandelwal2020.checks.entanglement"
    entry = next(entry for entry in entries.entries(module) if entry.id == "current-necessary")
    (statement,) = entries.statements(entry)
    assert statement.what == "n has the sign of |J| − J_c"
    margin = statement.margin(**{name: np.array([0.1]) for name in statement.domain})
    assert np.shape(margin) == (1,)


def test_statements_are_asked_only_about_the_machine_they_are_about() -> None:
    def margin(**parameters: Any) -> np.ndarray:
        return np.asarray(parameters["T_h"] - 0.5)

    names = ("g", "gamma_h", "gamma_c", "T_h", "T_c", "delta")
    statement = Statement("T_h ≥ 0.5", margin, {name: Range(0.0, 2.0) for name in names})
    point = {"g": 0.1, "gamma_h": 0.1, "gamma_c": 0.1, "T_h": 0.7, "T_c": 0.1, "delta": 0.0, "eps_h": 1.0}
    ask = statements.smallest
    assert ask(statement, TwoQubitEngine, [point, {**point, "T_h": 0.6}]) == pytest.approx(0.1)
    broken = ask(statement, TwoQubitEngine, [point, {**point, "T_h": 0.2}])
    assert broken == pytest.approx(-0.3)
    assert not statements.Judged("", "", "", "", broken).holds
    # outside the domain, another unit of energy, tunnelling that the statement knows nothing of
    for other in ({"T_h": 3.0}, {"eps_h": 2.0}, {"kappa_h": 0.1}):
        assert ask(statement, TwoQubitEngine, [{**point, **other}]) is None


@pytest.mark.slow
def test_present_values_are_judged_by_the_ledgers_own_margins() -> None:
    state = state_of("khandelwal2020/fig2")
    tables = (("khandelwal2020.detuning_curves", state.params("fig2")),)
    found = {
        one.entry: one for one in statements.judge(statements.StatementRequest(1, "khandelwal2020", tables))
    }
    assert {"first-law", "current-necessary", "complete-positivity"} <= set(found)
    assert all(one.holds for one in found.values())
    assert found["current-necessary"].verdict == "holds"


# ---- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        (
            "khandelwal2020/fig22",
            "Nothing to explore: there is no figure 'khandelwal2020/fig22' (did you mean 'khandelwal2020/fig2'?)",
        ),
        (
            "khandelwal2020/fig1",
            "Nothing to explore: khandelwal2020/fig1 is a drawing without a table: it has no parameter to turn.",
        ),
        ("khandelwal2025/robustness", "Nothing to explore: khandelwal2025/robustness is a large figure"),
    ],
)
def test_a_figure_that_cannot_be_explored_is_one_line(
    figure: str, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(PROJECT)
    monkeypatch.setattr(explore, "NEEDED", "json")
    assert explore.main([figure, "--no-browser"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(line)
    assert said.count("\n") == 1


def test_what_is_not_installed_is_one_line_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(explore, "NEEDED", "no_such_package")
    assert explore.main(["khandelwal2020/fig2"]) == 2
    said = capsys.readouterr().err
    assert "make explore FIGURE=khandelwal2020/fig2" in said
    assert said.count("\n") == 1
