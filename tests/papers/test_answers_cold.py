"""The tables behind answers/cold: a boundary in closed form, for both statistics, and the library's machine on it."""

from __future__ import annotations

import numpy as np
import pytest
import qutip
from mpmath import mp

from qte.common.errors import ParameterError
from qte.data import studies
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.answers.checks.cold import at_rates, best_rates
from qte.papers.answers.studies_cold import NEEDED, ColdBest, local_state, population
from qte.papers.khandelwal2020.parts import margin
from tests.papers.answers import table_of

RNG = np.random.default_rng(2020)


@pytest.fixture(scope="module")
def boundary():
    return table_of("cold_boundary")


@pytest.fixture(scope="module")
def best():
    return table_of("cold_best")


@pytest.mark.parametrize("statistics", ["bose", "fermi"])
def test_the_closed_form_is_the_solvers_state(statistics):
    n = 200
    rates = RNG.uniform(0.1, 10, (2, n))
    beta = RNG.uniform(0.1, 20, (2, n))
    delta = RNG.uniform(-0.01, 0.01, n)
    g = 1e-3
    occupation = [
        1 / (np.exp(b * e) + (1 if statistics == "fermi" else -1))
        for b, e in zip(beta, (1.0, 1 + delta), strict=True)
    ]
    gammas = [
        g * r / (1 + 2 * x if statistics == "bose" else 1.0) for r, x in zip(rates, occupation, strict=True)
    ]
    engine = TwoQubitEngine(
        g=g, delta=delta, gamma_h=gammas[0], gamma_c=gammas[1], T_h=1 / beta[0], T_c=1 / beta[1],
        statistics_h=statistics, statistics_c=statistics,
    )  # fmt: skip
    state = local_state(
        *rates, population(beta[0], statistics), population(beta[1] * (1 + delta), statistics), delta / g
    )
    rho = engine.steady_state().rho
    np.testing.assert_allclose(state.coherence, np.abs(rho[:, 1, 2]), rtol=1e-9, atol=1e-18)
    np.testing.assert_allclose(state.double, rho[:, 0, 0].real, rtol=1e-6, atol=1e-16)
    np.testing.assert_allclose(state.empty, rho[:, 3, 3].real, rtol=1e-10)


def test_both_statistics_have_the_boundary_of_the_closed_form(boundary):
    for name in ("T_h_bose", "T_h_fermi"):
        np.testing.assert_allclose(boundary[name], boundary["T_h"], rtol=1e-6)
    np.testing.assert_allclose(1 / boundary["T_c"] - 1 / boundary["T_h"], 4 * np.arcsinh(1), rtol=1e-14)


def test_the_last_entangled_engine_is_a_stationary_point_with_j_equal_to_j_c():
    # to 40 digits
    def excess(a, b, p_h, p_c):
        width = (a + b) / 2
        bias = (p_h - p_c) / (1 + 2 / (width * a) + 2 / (width * b))
        filled = p_h - 2 * bias / (width * a), p_c + 2 * bias / (width * b)
        c2 = (bias / width) ** 2
        return c2 - (filled[0] * filled[1] - c2) * ((1 - filled[0]) * (1 - filled[1]) - c2)

    with mp.workdps(60):
        for p_h in (mp.mpf(1) / 2, mp.mpf(1) / 5, mp.mpf(1) / 1000):
            odds = (3 - 2 * mp.sqrt(2)) ** 2 * p_h / (1 - p_h)
            p_c, total = odds / (1 + odds), 4 * mp.sqrt(2)
            ratio = 3 + 2 * mp.sqrt(2) - total * p_h
            a, b = total / (1 + ratio), total * ratio / (1 + ratio)
            slopes = [mp.diff(excess, (a, b, p_h, p_c), n) for n in ((1, 0, 0, 0), (0, 1, 0, 0))]
            zeros = [excess(a, b, p_h, p_c), *slopes]
            assert max(abs(zero) for zero in zeros) < mp.mpf(10) ** -25


@pytest.mark.parametrize("statistics", ["bose", "fermi"])
def test_qutips_steady_state_is_entangled_on_one_side_only(statistics):
    beta_h = 0.7
    hot, cold = best_rates(np.array(beta_h))
    least = []
    for part in (0.99, 1.01):
        p = at_rates(beta_h, beta_h + part * NEEDED, float(hot), float(cold), statistics)
        engine = TwoQubitEngine(**p)
        rho = qutip.steadystate(
            qutip.Qobj(engine.hamiltonian(), dims=[[2, 2]] * 2),
            [qutip.Qobj(jump, dims=[[2, 2]] * 2) for jump in engine.jump_operators()],
        )
        least.append(qutip.partial_transpose(rho, [0, 1]).eigenenergies()[0])
    assert least[0] > 1e-7
    assert least[1] < -1e-7


def test_the_best_engines_are_the_machines(best):
    rows = best.where(T_h=1.0)
    p = at_rates(1.0, 1 / rows["T_c"], rows["hot"], rows["cold"], "bose")
    np.testing.assert_allclose(margin(TwoQubitEngine(**p)), rows["N"], rtol=1e-8)
    assert best.facts["largest_negativity"] == pytest.approx(0.0124000559803, abs=1e-12)
    assert best["N"].max() <= best.facts["largest_negativity"] * (1 + 1e-12)


def test_a_part_beyond_the_end_is_refused():
    grid = studies.build("answers.cold_best", {"T_h": [1.0], "part": {"start": 0.1, "stop": 1.2, "num": 3}})
    assert isinstance(grid, ColdBest)
    with pytest.raises(ParameterError, match="where the entanglement ends"):
        grid.check()
