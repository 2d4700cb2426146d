"""Sweeps: the product of grids is what a loop over single machines gives, whatever the chunks."""

from __future__ import annotations

import itertools
import pickle

import numpy as np
import pandas as pd
import pytest

import qte
from qte import plotting
from qte.common.errors import ParameterError
from qte.machines import CommonReservoirEngine, SpinChain, ThreeQubitMachine, TwoQubitEngine, WStateMachine
from qte.sweeps.observables import observables_of
from qte.sweeps.sweep import SweepError, sweep

WEAK = {"g": 1.6e-3, "gamma_h": 1e-3, "gamma_c": 1.1e-2, "T_c": 0.1}


def test_rows_are_the_machines_one_by_one():
    axes = {"T_h": [0.4, 1.0], "approach": ["local", "redfield"], "delta": [0.0, 0.01, 0.03]}
    frame = sweep(TwoQubitEngine, ["net_current", "negativity", "heat_current:c", "unique"], **axes, **WEAK)
    points = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
    assert frame[list(axes)].to_dict("records") == points
    for row, point in zip(frame.to_dict("records"), points, strict=True):
        engine = TwoQubitEngine(**WEAK, **point)
        assert row["net_current"] == pytest.approx(float(engine.net_current()), rel=1e-12)
        assert row["negativity"] == pytest.approx(float(engine.negativity()), rel=1e-12)
        assert row["heat_current:c"] == pytest.approx(float(engine.heat_current("c")), rel=1e-12)
        assert row["unique"] is True
    assert frame["g"].eq(1.6e-3).all()


def test_chunks_change_no_digit():
    axes = {"T_h": np.linspace(0.2, 1.0, 13), "delta": np.linspace(0.0, 0.05, 11)}
    whole = sweep(TwoQubitEngine, ["net_current", "negativity"], **axes, **WEAK)
    pieces = sweep(TwoQubitEngine, ["net_current", "negativity"], max_memory=40 * 4**4 * 5, **axes, **WEAK)
    pd.testing.assert_frame_equal(whole, pieces, check_exact=True)


@pytest.mark.parametrize(
    ("machine", "quantities", "parameters", "expected"),
    [
        (
            CommonReservoirEngine,
            ["concurrence", "heat_current:C"],
            {"T_A": [2.0, 6.0], "T_C": [1.0, 3.0, 5.0], "T_B": 4.0, "eps_A": 20, "eps_B": 20, "Omega": 6},
            lambda p: CommonReservoirEngine(**p).concurrence(),
        ),
        (
            ThreeQubitMachine,
            ["concurrence:1,2", "fidelity:singlet"],
            {"U": [5.0, np.inf], "mu": [2.0, 8.0], "g13": 0.05, "g23": 0.05, "gamma_1": 0.1, "gamma_3": 0.1,
             "T_1": 1, "T_3": 1},
            lambda p: ThreeQubitMachine(**p).concurrence(pair=(1, 2)),
        ),
        (
            SpinChain,
            ["contrast"],
            {"N": [2, 40], "system": ["qubit", "oscillator"], "T_L": [1.0, 2.0], "T_R": 0.5, "g": 0.1,
             "gamma_L": 0.1, "gamma_R": 0.2},
            lambda p: SpinChain(**p).contrast(),
        ),
        (
            WStateMachine,
            {"F": "fidelity:W"},
            {"n": 3, "alpha": [(1.0, 1.0), (1.0, 2.0)], "U": [5.0, 10.0], "g": 0.05, "gamma": 0.1, "T": 1,
             "mu": 8},
            lambda p: WStateMachine(**p).fidelity("W"),
        ),
    ],
    ids=["common", "three", "chain", "w"],
)  # fmt: skip
def test_every_kind_of_machine_and_parameter(machine, quantities, parameters, expected):
    frame = sweep(machine, quantities, **parameters)
    column = next(iter(quantities))
    for row in frame.to_dict("records"):
        point = {name: row[name] for name in parameters}
        assert row[column] == pytest.approx(float(expected(point)), rel=1e-11, abs=1e-15), point


def test_a_function_of_parameters_is_a_machine_too():
    def symmetric(gamma, ratio):
        return TwoQubitEngine(g=gamma, gamma_h=gamma, gamma_c=gamma * ratio, T_h=1.0, T_c=0.1)

    frame = sweep(
        symmetric,
        {"N": "negativity", "ground": lambda m: m.steady_state().rho[..., 3, 3].real},
        gamma=[1e-3, 1e-2],
        ratio=[1.0, 5.0, 10.0],
    )
    last = symmetric(1e-2, 10.0)
    assert frame["N"].iloc[-1] == pytest.approx(float(last.negativity()))
    assert frame["ground"].iloc[-1] == pytest.approx(last.steady_state().rho[3, 3].real)
    assert list(frame.columns) == ["gamma", "ratio", "N", "ground"]


def test_the_short_names_lead_there():
    assert qte.sweep is sweep
    assert qte.plotting.plot_sweep is plotting.plot_sweep
    assert qte.machines.TwoQubitEngine is TwoQubitEngine
    assert {"sweep", "check_machine", "machines"} <= set(dir(qte))
    with pytest.raises(AttributeError, match="sweap"):
        qte.sweap  # noqa: B018


def test_single_numbers_give_one_row():
    frame = sweep(TwoQubitEngine, ["negativity"], T_h=0.5, **WEAK)
    assert frame.shape == (1, 6)


def test_the_frame_knows_what_it_is():
    frame = sweep(TwoQubitEngine, {"N": "negativity"}, T_h=[0.5, 1.0], **WEAK)
    assert frame.attrs["machine"] == "TwoQubitEngine"
    assert frame.attrs["parameters"]["T_h"] == [0.5, 1.0]
    assert frame.attrs["parameters"]["delta"] == 0.0
    assert frame.attrs["quantities"] == {"N": "negativity"}
    assert frame.attrs["labels"]["N"] == "negativity $N$"
    # pandas compares and copies attrs, so they must be plain
    assert pickle.loads(pickle.dumps(frame)).attrs == frame.attrs
    assert len(pd.concat([frame, frame])) == 4


@pytest.mark.parametrize(
    ("quantities", "changes", "words"),
    [
        (["negativiti"], {}, ["did you mean 'negativity'", "net_current"]),
        (["heat_current:k"], {}, ["heat_current:h", "heat_current:k"]),
        (["negativity:1,5"], {}, ["pair", "(1, 5)"]),
        ("negativity", {}, ["a list of names"]),
        ([], {}, ["a list of names"]),
        (["negativity"], {"T_hot": 1.0}, ["did you mean 'T_h'", "T_hot"]),
        (["negativity"], {"T_h": []}, ["T_h", "at least one value"]),
        (["negativity"], {"T_h": [[1.0, 2.0]]}, ["T_h", "one-dimensional", "(1, 2)"]),
        (["negativity"], {"approach": ["local", "globall"], "g": 0.1}, ["approach", "did you mean 'global'"]),
        (["negativity"], {"T_c": -1.0}, ["T_c", "-1.0"]),
        ({"T_h": "negativity"}, {"T_h": [1.0, 2.0]}, ["T_h", "name of a parameter"]),
        ({"rho": lambda m: m.steady_state().rho}, {"T_h": [1.0, 2.0, 3.0]}, ["rho", "one number a point"]),
    ],
)
def test_mistakes_are_named(quantities, changes, words):
    with pytest.raises(ParameterError) as caught:
        sweep(TwoQubitEngine, quantities, **{"T_h": 0.5, **WEAK, **changes})
    for word in words:
        assert word in str(caught.value)


def test_what_is_missing_is_named():
    with pytest.raises(ParameterError, match="gamma_c, T_h as well"):
        sweep(TwoQubitEngine, ["negativity"], g=0.1, gamma_h=0.1, T_c=0.1)


def test_a_bad_point_is_named_before_anything_is_computed():
    calls = []
    with pytest.raises(SweepError, match=r"At T_h = -0\.1, delta = 0\.0.*T_h.*>= 0") as caught:
        sweep(
            TwoQubitEngine,
            {"N": lambda m: calls.append(m)},
            T_h=[0.5, -0.1],
            delta=[0.0, 0.1],
            max_memory=1.0,
            **WEAK,
        )
    assert caught.value.point == {"T_h": -0.1, "delta": 0.0}
    assert not calls
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_point_without_a_unique_state_is_named():
    rates = {"gamma_h": [1e-3, 0.0], "gamma_c": 0.0, "T_h": [0.5, 1.0]}
    with pytest.raises(SweepError, match=r"gamma_h = 0\.0, T_h = 0\.5.*not unique") as caught:
        sweep(TwoQubitEngine, ["negativity"], **{**WEAK, **rates})
    assert caught.value.point == {"gamma_h": 0.0, "T_h": 0.5}


def test_names_come_from_the_machine():
    names = observables_of(ThreeQubitMachine(g13=1, g23=1, gamma_1=1, gamma_3=1, T_1=1, T_3=1, U=1, mu=1))
    assert {"heat_current:1", "heat_current:3", "fidelity:W", "entropy_production"} <= set(names)
    assert "steady_state" not in names
    assert "critical_current" not in names


def test_noise_is_swept_by_reservoir():
    names = ["noise:h", "fano_factor:c", "uncertainty_ratio:h"]
    frame = sweep(TwoQubitEngine, names, T_h=[0.5, 1.0], **WEAK)
    engine = TwoQubitEngine(T_h=[0.5, 1.0], **WEAK)
    assert np.allclose(frame["noise:h"], engine.noise("h"), rtol=1e-13)
    assert np.allclose(frame["fano_factor:c"], engine.fano_factor("c"), rtol=1e-13)
    assert (frame["uncertainty_ratio:h"] > 0.5).all()


def test_progress_is_shown_to_people_on_long_work_only(capsys, monkeypatch):
    grid = {"T_h": np.linspace(0.2, 1, 7), **WEAK}
    sweep(TwoQubitEngine, ["negativity"], progress=True, **grid)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("qte.sweeps.sweep.LONG", 0.0)
    sweep(TwoQubitEngine, ["negativity"], **grid)
    assert capsys.readouterr().err == ""
    sweep(TwoQubitEngine, ["negativity"], progress=True, **grid)
    assert "TwoQubitEngine: 100%" in capsys.readouterr().err


def test_one_more_line_draws_it():
    frame = sweep(
        TwoQubitEngine,
        ["net_current", "negativity"],
        T_h=[0.4, 1.0],
        delta=np.linspace(0, 0.06, 9),
        **WEAK,
    )
    fig = plotting.plot_sweep(frame, x="delta", y=["net_current", "negativity"], hue="T_h")
    left, right = fig.axes
    assert left.get_xlabel() == r"$\delta$"
    assert right.get_ylabel() == "negativity $N$"
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["0.4", "1"]
    drawn = right.get_lines()[1].get_xydata()
    assert np.array_equal(drawn, frame[frame["T_h"] == 1.0][["delta", "negativity"]])
    assert plotting.render(fig, "png").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"x": "delt", "y": "negativity"}, ["`x`", "did you mean 'delta'"]),
        ({"x": "delta", "y": ["negativty"]}, ["`y`", "did you mean 'negativity'"]),
        ({"x": "delta", "y": "negativity"}, ["`hue`", "they differ in T_h"]),
        ({"x": "delta", "y": "negativity", "hue": "T_hc"}, ["`hue`", "did you mean 'T_"]),
    ],
)
def test_a_plot_that_would_zigzag_is_refused(arguments, words):
    frame = sweep(TwoQubitEngine, ["negativity"], T_h=[0.4, 1.0], delta=[0.0, 0.1], **WEAK)
    with pytest.raises(ParameterError) as caught:
        plotting.plot_sweep(frame, **arguments)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"g": [[0.1], [0.1, 0.2]]},
            "Argument `g` must be a number or a one-dimensional grid, not rows of different lengths, but got "
            "[[0.1], [0.1, 0.2]].",
        ),
        (
            {"g": np.ma.array([0.1, 0.2], mask=[False, True])},
            "Argument `g` must have no masked entries, but got ",
        ),
        ({"max_memory": None}, "Argument `max_memory` must be a real number, > 0 and finite, but got None."),
        ({"max_memory": np.nan}, "Argument `max_memory` must be a real number, > 0 and finite, but got nan."),
        ({"max_memory": 0}, "Argument `max_memory` must be a real number, > 0 and finite, but got 0.0."),
        ({"progress": "no"}, "Argument `progress` must be True, False or None, but got 'no'."),
        ({"progress": np.array([])}, "Argument `progress` must be True, False or None, but got array("),
    ],
)
def test_what_a_sweep_cannot_use_is_refused(changes, words):
    """Masks were dropped without a word; the others were errors of NumPy and Python."""
    p = {"g": 0.05, "gamma_h": 0.01, "gamma_c": 0.02, "T_h": 1.0, "T_c": 0.2} | changes
    with pytest.raises(ParameterError) as caught:
        sweep(TwoQubitEngine, ["negativity"], **p)
    assert str(caught.value).startswith(words)


def test_a_built_in_type_is_no_machine():
    with pytest.raises(ParameterError, match=r"^Argument `machine` must be a machine's class or a function"):
        sweep(int, ["negativity"])


def test_a_quantity_of_rows_of_different_lengths_is_refused():
    p = {"g": 0.05, "gamma_h": 0.01, "gamma_c": 0.02, "T_h": [1.0, 2.0], "T_c": 0.2}
    with pytest.raises(
        ParameterError, match=r"give one number a point, shape \(2,\), not rows of different lengths"
    ):
        sweep(TwoQubitEngine, {"mine": lambda machine: [[1.0], [1.0, 2.0]]}, **p)
