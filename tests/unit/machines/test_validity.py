"""What a machine says about the domain of its master equation."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from qte.common.errors import ParameterError, ValidityWarning
from qte.machines import (
    CommonReservoirEngine,
    Junction,
    SpinChain,
    ThreeQubitMachine,
    TwoQubitEngine,
    WStateMachine,
)
from qte.machines.validity import smallest_splitting

LOCAL = {"g": 0.05, "gamma_h": 0.01, "gamma_c": 0.02, "T_h": 1.0, "T_c": 0.2}
THREE = {
    "g13": 0.05,
    "g23": 0.05,
    "gamma_1": 0.1,
    "gamma_3": 0.1,
    "T_1": 1.0,
    "T_3": 1.0,
    "U": 5.0,
    "mu": 3.0,
}

QUIET = {"Gamma_A": 0.1, "Gamma_B": 0.1, "Gamma_CA": 0.1, "Gamma_CB": 0.1}

INSIDE = [
    TwoQubitEngine(**LOCAL),
    TwoQubitEngine(**(LOCAL | {"g": 0.5, "approach": "global"})),
    CommonReservoirEngine(eps_A=20, eps_B=20, Omega=6, T_A=5, T_B=5, T_C=1, **QUIET),
    ThreeQubitMachine(**THREE),
    WStateMachine(n=2, g=0.05, gamma=0.1, T=1.0, U=5.0, mu=3.0),
    Junction(gamma_L=0.01, gamma_R=0.02, T_L=1.0, T_R=0.1),
    SpinChain(N=3, g=0.01, gamma_L=0.01, gamma_R=0.02, T_L=1.0, T_R=0.1),
]
OUTSIDE = [
    (TwoQubitEngine(**(LOCAL | {"g": 0.001, "approach": "global"})), "rate over splitting"),
    (TwoQubitEngine(**(LOCAL | {"g": 0.3})), "coupling over gap"),
    (TwoQubitEngine(**(LOCAL | {"delta": 0.5})), "detuning over gap"),
    (TwoQubitEngine(**(LOCAL | {"gamma_c": 0.5})), "rate over gap"),
    (
        TwoQubitEngine(**(LOCAL | {"g": 0.5, "gamma_h": 0.4, "T_c": 0.01, "approach": "redfield"})),
        "rate over gap",
    ),
    (CommonReservoirEngine(eps_A=20, eps_B=20, Omega=0.1, T_A=5, T_B=5, T_C=1), "rate over splitting"),
    (ThreeQubitMachine(**(THREE | {"gamma_3": 0.5})), "rate over gap"),
    (WStateMachine(n=2, g=0.5, gamma=0.1, T=1.0, U=5.0, mu=3.0), "coupling over gap"),
    (SpinChain(N=3, g=0.6, gamma_L=0.01, gamma_R=0.02, T_L=1.0, T_R=0.1), "coupling over gap"),
]


@pytest.mark.parametrize("machine", INSIDE, ids=lambda m: type(m).__name__)
def test_inside_all_criteria_hold_and_nothing_warns(machine):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ValidityWarning)
        machine.replace().net_current()
        validity = machine.validity()
    assert validity.holds.all()
    assert not validity.broken
    assert all(c.source for c in validity)


@pytest.mark.parametrize(("machine", "name"), OUTSIDE)
def test_outside_a_criterion_fails_and_a_warning_names_it(machine, name):
    with pytest.warns(ValidityWarning, match=f"Outside the validity of its master equation: .*{name}"):
        machine.replace().net_current()
    validity = machine.validity()
    assert name in [c.name for c in validity.broken]
    assert not validity[name].holds.any()
    assert validity[name].value > validity[name].bound == 0.1


def test_the_warning_can_be_turned_into_an_error():
    with warnings.catch_warnings():
        warnings.simplefilter("error", ValidityWarning)
        with pytest.raises(ValidityWarning):
            TwoQubitEngine(**(LOCAL | {"g": 0.3})).net_current()


def test_the_words_of_a_criterion():
    validity = TwoQubitEngine(**(LOCAL | {"g": np.array([0.05, 0.3])})).validity()
    assert str(validity["coupling over gap"]) == (
        "coupling over gap: 0.3, bound 0.1, does not hold at 1 of 2 points (khandelwal2020 sec. 2: g << eps)"
    )
    assert validity.holds.tolist() == [True, False]
    assert "rate over gap: 0.0216, bound 0.1, holds" in str(validity)


def test_a_redfield_state_that_is_not_positive_is_said_to_be():
    engine = TwoQubitEngine(g=0.7, gamma_h=0.06, gamma_c=0.04, T_h=0.17, T_c=0.05, approach="redfield")
    lowest = float(engine.steady_state().min_eigenvalue)
    assert lowest < -1e-6
    found = engine.validity()["negativity of the state"]
    assert found.value == pytest.approx(-lowest)
    assert not found.holds
    fine = engine.replace(g=0.5, gamma_h=0.05, gamma_c=1e-4, T_h=0.02, T_c=2.0)
    assert fine.steady_state().min_eigenvalue > 0
    found = fine.validity()["negativity of the state"]
    assert found.value == 0
    assert found.holds


def test_a_local_equation_that_breaks_the_second_law_is_said_to():
    """A detuned pair at nearly equal temperatures lets heat flow from cold to hot."""
    engine = TwoQubitEngine(g=0.05, delta=-0.1, gamma_h=0.01, gamma_c=0.01, T_h=0.5, T_c=0.49)
    assert engine.entropy_production() < 0
    found = engine.validity()["second-law residual"]
    assert found.value > 0
    assert not found.holds
    fine = engine.replace(delta=0.0).validity()["second-law residual"]
    assert fine.value == 0


def test_the_smallest_splitting_leaves_equal_frequencies_out():
    frequencies = np.array([[1.0, 1.0], [1.0 + 1e-13, 1.2], [1.5, 1.7]])
    assert smallest_splitting(frequencies, 1e-10) == pytest.approx([0.5, 0.2])
    assert smallest_splitting(np.array([1.0, 1.0]), 1e-10) == np.inf
    # one frequency has none to be apart from
    assert smallest_splitting(np.array([1.0]), 1e-10) == np.inf


# ---- what is too large is refused at once -----------------------------------------------------------


def test_thirteen_qubits_are_refused_with_what_they_would_take():
    machine = WStateMachine(n=7, g=0.05, gamma=0.1, T=1.0, U=15.0, mu=8.0)
    with pytest.raises(ParameterError) as caught:
        machine.steady_state()
    assert caught.value.allowed == (
        "be <= 6 for a density matrix: 13 qubits have 10400600 coupled entries, some 28891 of them different if "
        "all triangles are equal, which would take 12 GB and 27 min"
    )


def test_nine_qubits_in_the_ideal_limit():
    machine = WStateMachine(n=5, g=0.05, gamma=0.1, T=1.0, U=np.inf, mu=np.inf)
    state = machine.steady_state()
    assert bool(state.unique)
    assert float(state.residual) < 1e-12
    # the closed states are empty, and the smaller machine solved on its whole space agrees with its own reduction
    small = machine.replace(n=3)
    whole = small.steady_state(method="dense")
    inner = small.generator.restricted(small.generator.attracting)
    assert inner.dim == 10
    assert np.trace(whole.rho[np.ix_(*[small.generator.attracting] * 2)]).real == pytest.approx(
        1.0, abs=1e-12
    )


def test_moments_of_a_long_chain_come_in_windows_and_rows():
    chain = SpinChain(N=10_000, g=0.02, gamma_L=0.01, gamma_R=0.02, T_L=1.0, T_R=0.1)
    with pytest.raises(ParameterError) as caught:
        chain.correlations()
    assert caught.value.allowed == (
        "name a stretch of sites, as all 10000**2 moments would take 1.5 GB (`rows_of_correlations` gives them "
        "row by row)"
    )
    part = chain.correlations(window=(101, 105))
    rows = chain.rows_of_correlations()
    for _ in range(100):
        next(rows)
    assert np.array_equal(part, np.array([next(rows)[100:105] for _ in range(5)]))
    short = chain.replace(N=6)
    assert np.array_equal(short.correlations(), np.array(list(short.rows_of_correlations())))
    for wrong in ((0, 3), (3, 2), (1, 10_001), "ab", (1.0, 2.0), 5):
        with pytest.raises(ParameterError, match="name a first and a last site from 1 to 10000"):
            chain.correlations(window=wrong)


def test_frequencies_that_count_as_one_are_so_at_each_point():
    ladder = np.array([[1.0, 1000.0], [1.005, 1000.005], [1.5, 1001.0]])
    assert np.allclose(smallest_splitting(ladder, 1e-4), [0.005, 0.995], rtol=1e-9)
    assert np.allclose(smallest_splitting(1e-3 * ladder, 1e-4), [5e-6, 9.95e-4], rtol=1e-9)
    assert smallest_splitting(ladder, 1.0).tolist() == [np.inf, np.inf]
