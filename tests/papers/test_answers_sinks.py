"""The table behind answers/w_schemes: counts, machines at single points, and what the schemes promise."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import yaml

from qte.common.errors import ParameterError
from qte.data import studies
from qte.machines.w_state import WStateMachine
from qte.papers.answers.models.w_machines import (
    SCHEMES,
    Faults,
    Surroundings,
    branches,
    exchanging,
    fidelity,
    gap,
    loss_of_errors,
    master_equation,
    time_and_dephasing,
    tuned,
    unseen,
)
from qte.papers.answers.models.w_search import SHOWN, OneSink
from qte.solver.dynamics import evolve
from qte.solver.steady import steady_state

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
ENTRY = CONFIG["tables"]["answers"]["w_schemes"]
AROUND = Surroundings(eps=1.0, g=0.05, gamma=0.1, T=1.0)


@pytest.fixture(scope="module")
def table():
    found, _ = studies.run("answers.w_schemes", ENTRY["params"], ENTRY["ours"])
    return found


def test_every_machine_has_w_as_its_one_dark_state_and_as_many_qubits_as_its_scheme_says(table):
    assert np.all(table["dark"] == 1)
    n, k = table["n"], table["sinks"]
    assert np.array_equal(table["qubits"], n + k)
    wanted = {
        "triangles": n - 1,
        "ring": n,
        "pairs": n // 2,
        "chain": np.ones_like(n),
        "tuned": np.ones_like(n),
    }
    for scheme, sinks in wanted.items():
        own = table["scheme"] == scheme
        assert np.array_equal(k[own], sinks[own])


def test_no_machine_undercuts_the_bounds(table):
    assert np.all(table["time"] > table["n"])
    assert np.all(table["gap"] < table["ceiling"])


def test_triangles_meet_the_closed_form_of_their_time(table):
    own = table["scheme"] == "triangles"
    n, full = table["n"][own].astype(float), 1 / (1 + np.e)
    # in units of 1/gamma, g = gamma/2
    missed = 2 / (1 - full) + (1 - full) / n
    assert table["time"][own] == pytest.approx(
        n + (n - 1) * missed + 2 * n * (n - 1) * full / (1 - full), rel=1e-12
    )


@pytest.mark.parametrize("name", SCHEMES)
def test_w_is_the_steady_state_and_caught_for_good(name):
    machine = SCHEMES[name](3)
    equation = master_equation(machine, AROUND)
    state = steady_state(equation)
    assert bool(state.unique)
    assert float(fidelity(machine, state.rho)) == pytest.approx(1, abs=1e-12)
    empty = np.eye(machine.qubits + 1)[0]
    path = fidelity(machine, evolve(equation, np.outer(empty, empty), np.linspace(0.0, 2000.0, 41)))
    assert np.all(np.diff(path) > 0)


def test_mean_time_is_the_integrated_infidelity():
    machine, times = branches(3, 1), np.linspace(0.0, 6000.0, 3001)
    empty = np.eye(machine.qubits + 1)[0]
    missing = 1 - fidelity(machine, evolve(master_equation(machine, AROUND), np.outer(empty, empty), times))
    area = np.trapezoid(missing, times)
    assert time_and_dephasing(machine, AROUND, 0.0)[0] == pytest.approx(area, rel=1e-4)


def test_triangles_are_the_machine_of_the_library():
    whole = WStateMachine(
        n=3, g=0.05, gamma=0.1, T=1.0, U=np.inf, mu=np.inf, coulomb="all_pairs", alpha=(1.1, 0.95)
    )
    # the bonds come sink by sink: to qubit 1, to the sink's own qubit
    few = master_equation(branches(3, 2), AROUND, Faults(couplings=np.array([0.1, 0.0, -0.05, 0.0])[:, None]))
    inside = float(fidelity(branches(3, 2), steady_state(few).rho)[0])
    assert inside == pytest.approx(float(whole.fidelity("W")), abs=1e-10)


@pytest.mark.parametrize("fault", ["couplings", "gaps"])
def test_lowest_order_of_the_errors_is_what_steady_states_lose(fault):
    machine, size = tuned(ENTRY["params"]["tuned"][0]), 1e-3
    count = len(machine.bonds) if fault == "couplings" else machine.qubits
    errors = size * np.stack([np.eye(count), -np.eye(count)], axis=1)
    state = steady_state(master_equation(machine, AROUND, Faults(**{fault: errors})))
    time, _ = time_and_dephasing(machine, AROUND, 0.0)
    lost = dict(zip(("couplings", "gaps"), loss_of_errors(machine, AROUND, time), strict=True))
    assert (1 - fidelity(machine, state.rho)).sum() / (2 * size**2) == pytest.approx(lost[fault], rel=1e-3)


def test_the_frontier_passes_through_the_machines_of_equal_couplings(table):
    entry = CONFIG["tables"]["answers"]["w_frontier"]
    changes = {"n": [4], "exchange": [0.5, 1.0]}
    frontier, _ = studies.run("answers.w_frontier", entry["params"] | changes, entry["ours"])
    for scheme in ("pairs", "chain"):
        one = frontier.where(scheme=scheme)
        same = table.where(scheme=scheme, n=4)
        assert one["time"][-1] == pytest.approx(same["time"][0], rel=1e-12)
        assert one["loss"][-1] == pytest.approx(
            (same["couplings"] + same["gaps"] + same["dephased"])[0], rel=1e-9
        )


def test_w_stays_dark_at_every_exchange():
    machine = branches(5, 2)
    equation = master_equation(machine, AROUND, exchanging(machine, np.array([0.3, 2.0])))
    assert fidelity(machine, steady_state(equation).rho) == pytest.approx(1, abs=1e-10)


def test_counting_sees_what_rounding_would_not():
    # two sites beside the sink, their energies equal or not by one part in 10**30
    def beside(first, second):
        return [[first, 0, 1], [0, second, 1], [1, 1, 0]]

    assert unseen(beside(10**30, 10**30), [2]) == 1
    assert unseen(beside(10**30, 10**30 + 1), [2]) == 0
    assert unseen([[1, 0], [0, 1]], []) == 2


@pytest.mark.parametrize(
    ("percent", "words"),
    [
        ((1, 2, 3), "hold n(n - 1)/2 + n + 1 numbers"),
        ((10, 50, -40, 0), "couple the sink with a sum of 0"),
        ((10.5, 50, -50, 0), "be whole numbers of percent"),
    ],
)
def test_a_tuned_machine_that_is_none_is_refused(percent, words):
    with pytest.raises(
        ParameterError, match=words.replace("(", r"\(").replace(")", r"\)").replace("+", r"\+")
    ):
        tuned(percent)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n": [1, 2]}, "be whole numbers >= 2"),
        ({"n": [2.5, 3]}, "be whole numbers >= 2"),
        ({"dephasing": 0.0}, "be > 0"),
        ({"tuned": [[10, 50, -40, 0]]}, "couple the sink with a sum of 0"),
    ],
)
def test_parameters_that_no_machine_has_are_refused_before_any_work(change, words):
    (problem,) = studies.problems("answers.w_schemes", ENTRY["params"] | change)
    assert words in str(problem)


@pytest.mark.parametrize("percent", ENTRY["params"]["tuned"][:3])
def test_no_percent_of_a_tuned_machine_raises_its_gap(percent):
    machine = tuned(percent)
    first = len(percent) - 1 - machine.n
    steps = [{k: s} for k in (*range(first), len(percent) - 1) for s in (1, -1)]
    # the sink's couplings add up to nothing
    steps += [{i: s, j: -s} for i, j in combinations(range(first, first + machine.n), 2) for s in (1, -1)]
    reached = gap(machine, AROUND)
    tried = 0
    for step in steps:
        moved = [value + step.get(k, 0) for k, value in enumerate(percent)]
        if max(map(abs, moved[:-1])) <= 100:
            tried += 1
            assert gap(tuned(moved), AROUND) < reached * (1 + 1e-4)
    assert tried > machine.n
    # far from it the gap is smaller: the comparison can fail
    assert gap(tuned([*percent[:-1], percent[-1] + 50]), AROUND) < 0.99 * reached


def test_the_couplings_of_the_config_are_those_that_the_search_is_held_against():
    assert ENTRY["params"]["tuned"] == [list(percent) for percent in SHOWN.values()]


def test_gaps_of_the_search_are_those_of_the_library():
    machine = OneSink(4, AROUND)
    amounts = np.array([np.delete(SHOWN[4], -2), [10, 20, -30, 40, -50, 60, 70, -10, 20, 5]])
    expected = [gap(tuned(row @ machine.steps), AROUND) for row in amounts]
    assert machine.gaps(amounts) == pytest.approx(expected, rel=1e-7)
    assert tuple(amounts[0] @ machine.steps) == SHOWN[4]


def test_a_search_ends_inside_its_bounds_where_no_step_leads_up():
    machine = OneSink(3, AROUND)
    percent, reached = machine.climb(2)
    assert max(map(abs, percent[:-1])) <= 100
    assert reached == pytest.approx(gap(tuned(percent), AROUND), rel=1e-7)
    assert reached == pytest.approx(gap(tuned(SHOWN[3]), AROUND), rel=1e-3)
    assert machine.raised(percent, seed=0) < 1e-3
    # elsewhere there is something to climb
    assert machine.raised([10, 20, 30, 40, -20, -20, 0], seed=0) > 0.05
