"""The tables behind answers/detuned: the library's solver at single rows, and where engine and thermal state meet."""

from __future__ import annotations

import numpy as np
import pytest

from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.answers.parts import Reservoir, engine_state, x_over_expm1
from qte.papers.answers.studies_detuned import best_engine, best_redfield_engine, best_thermal
from qte.papers.khandelwal2020.parts import margin
from tests.papers.answers import table_of

RNG = np.random.default_rng(2020)


@pytest.fixture(scope="module")
def gain():
    return table_of("detuned_gain")


@pytest.fixture(scope="module")
def boundary():
    return table_of("detuned_boundary")


@pytest.mark.parametrize("approach", ["global", "redfield"])
def test_the_closed_form_is_the_solvers_state(approach):
    n = 200
    p = {
        "g": RNG.uniform(0.01, 0.5, n),
        "delta": RNG.uniform(-0.3, 0.3, n),
        "gamma_h": 10 ** RNG.uniform(-5, -3, n),
        "gamma_c": 10 ** RNG.uniform(-5, -3, n),
        "T_h": RNG.uniform(0.2, 3.0, n),
        "T_c": RNG.uniform(0.05, 0.3, n),
    }
    baths = [Reservoir(1 / p[f"T_{k}"], p[f"gamma_{k}"] * p[f"T_{k}"]) for k in "hc"]
    state = engine_state(p["delta"], p["g"], *baths, secular=approach == "global")
    rho = TwoQubitEngine(**p, approach=approach).steady_state().rho
    np.testing.assert_allclose(state.double, rho[:, 0, 0].real, rtol=1e-10)
    np.testing.assert_allclose(state.empty, rho[:, 3, 3].real, rtol=1e-12)
    np.testing.assert_allclose(state.coherence, np.abs(rho[:, 1, 2]), rtol=1e-9)


def test_a_bath_without_end_of_heat_is_the_limit_of_hot_ones():
    assert x_over_expm1(0.0) == 1.0
    np.testing.assert_allclose(x_over_expm1(1e-5), 1e-5 / np.expm1(1e-5), rtol=1e-15)
    limit, hot = (
        engine_state(
            0.1, 0.2, Reservoir.relaxing(beta, 1.0, 1.0), Reservoir.relaxing(20.0, 1.0, 1.1), secular=True
        )
        for beta in (0.0, 1e-8)
    )
    assert limit.margin() == pytest.approx(hot.margin(), rel=1e-7)


def test_every_row_is_the_machine_at_that_point(gain):
    rows = np.isfinite(gain["T_h"])
    delta, hot, cold = gain["delta"][rows], gain["T_h"][rows], gain["T_c"][rows]
    rates = 1e-4, 1e-4 * gain["ratio"][rows]
    gaps, temperatures = (1.0, 1 + delta), (hot, cold)
    gammas = [r * np.tanh(e / (2 * t)) for r, e, t in zip(rates, gaps, temperatures, strict=True)]
    p = {
        "g": gain["g"][rows],
        "delta": delta,
        "T_h": hot,
        "T_c": cold,
        "gamma_h": gammas[0],
        "gamma_c": gammas[1],
    }
    found = margin(TwoQubitEngine(**p, approach="global"))
    np.testing.assert_allclose(found, gain["N"][rows], rtol=1e-6, atol=1e-15)


def test_the_engine_is_ahead_at_every_positive_detuning_and_by_the_square_of_a_small_one(gain):
    assert np.all(gain["gain"] > 0)
    for g in gain.unique("g")[1:]:
        rows = gain.where(g=g)
        first, third = rows["gain"][0] / rows["delta"][0] ** 2, rows["gain"][2] / rows["delta"][2] ** 2
        assert third == pytest.approx(first, rel=0.1)


def test_the_boundary_separates_engine_and_thermal_state(boundary):
    delta, g = boundary["delta"][[0, 5]], boundary["g_secular"][[0, 5]]
    lead = [
        best_engine(delta, g * part, least_bias=1.0, starts=20).value - best_thermal(delta, g * part).value
        for part in (0.999, 1.001)
    ]
    assert np.all(lead[0] > 0)
    assert np.all(lead[1] < 1e-12)


def test_all_free_a_redfield_engine_crosses_the_thermal_state_at_the_boundary_of_its_rates(boundary):
    delta, g = boundary["delta"][4], boundary["g_wide"][4]
    lead = [
        float(
            best_redfield_engine(delta, g * part, 0.1, starts=20).value - best_thermal(delta, g * part).value
        )
        for part in (0.999, 1.001)
    ]
    assert lead[0] > 0 > lead[1] - 1e-12


def test_redfield_engines_of_slow_baths_are_nearly_the_secular_ones(boundary):
    inside = boundary["delta"] < 0
    np.testing.assert_allclose(boundary["g_redfield"][inside], boundary["g_secular"][inside], rtol=0.01)
    assert np.all(boundary["g_wide"][inside] > boundary["g_redfield"][inside])
    assert boundary["g_wide"][-1] > 0.05
