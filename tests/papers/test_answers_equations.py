"""The tables behind answers/equations: rows by other code, the laws of the errors, and what the equations owe."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import digamma

from qte.exact.landauer import pair_margin
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.answers.checks.equations import by_digamma
from qte.papers.answers.models.two_levels import EQUATIONS, TwoLevels
from tests.papers.answers import TABLES, table_of

RNG = np.random.default_rng(10)
MAP = TABLES["equations_map"]["params"]


@pytest.fixture(scope="module")
def whole():
    return table_of("equations_map")


@pytest.fixture(scope="module")
def random():
    g, delta = np.exp(RNG.uniform(np.log(0.002), np.log(0.3), (2, 40)))
    return TwoLevels(g=g, delta=delta, gamma=0.01, T_h=RNG.uniform(0.3, 10, 40), T_c=0.1)


@pytest.mark.parametrize("row", [0, 700, -1])
def test_a_row_is_that_point_without_quadrature(whole, row):
    g, delta = (MAP["gamma"] * whole[name][row] for name in ("g", "delta"))
    h = np.array([[1 - delta / 2, g], [g, 1 + delta / 2]])
    current, covariance = by_digamma(h, MAP["gamma"], (float(whole["T_h"][row]), MAP["T_c"]))
    assert whole["J"][row] == pytest.approx(current, rel=1e-9)
    assert whole["c"][row] == pytest.approx(abs(covariance[0, 1]), rel=1e-9)
    assert whole["C"][row] == pytest.approx(float(pair_margin(covariance)), abs=1e-9)


@pytest.mark.parametrize(
    ("equation", "approach"), [("local", "local"), ("secular", "global"), ("redfield", "redfield")]
)
def test_the_equations_are_those_of_the_machine(random, equation, approach):
    engine = TwoQubitEngine(
        eps_h=1 - random.delta / 2,
        delta=random.delta,
        g=random.g,
        gamma_h=random.gamma,
        gamma_c=random.gamma,
        T_h=random.T_h,
        T_c=random.T_c,
        statistics_h="fermi",
        statistics_c="fermi",
        approach=approach,
    )
    current, covariance = random.by(equation)
    assert np.abs(current / engine.heat_current("h") - 1).max() < 1e-9
    rho = engine.steady_state().rho
    assert np.abs(covariance[:, 0, 1] - rho[:, 1, 2]).max() < 1e-12
    assert np.abs(covariance[:, 0, 0] - rho[:, 0, 0] - rho[:, 1, 1]).max() < 1e-12


@pytest.mark.parametrize("equation", EQUATIONS)
def test_every_equation_has_a_current_that_vanishes_in_equilibrium_and_a_state(random, equation):
    level = TwoLevels(g=random.g, delta=random.delta, gamma=0.01, T_h=0.7, T_c=0.7)
    current, covariance = level.by(equation)
    assert np.linalg.eigvalsh(covariance).min() > 0
    # the local equations of detuned levels do not know of a common equilibrium, at first order in g**2
    bound = {"local": 1e-3, "partial": 1e-3}.get(equation, 1e-14)
    assert np.abs(current).max() < bound
    if equation in ("secular", "redfield"):
        energies, vectors = np.linalg.eigh(level.hopping)
        gibbs = (vectors / (np.exp(energies / 0.7) + 1)[:, None, :]) @ np.swapaxes(vectors, 1, 2)
        assert np.abs(covariance - gibbs).max() < 1e-12


def test_the_secular_equation_errs_by_the_square_of_rate_over_splitting(whole):
    law = 1 / (whole["delta"] ** 2 + 4 * whole["g"] ** 2)
    assert (np.abs(whole["J_secular"] - law) / (1 + law)).max() < 5e-3


def test_partial_secular_is_within_a_hundredth_everywhere(whole):
    assert 0.005 < np.abs(whole["J_partial"]).max() < 0.01
    assert np.abs(whole["J_redfield"]).max() < 3e-3


def test_the_entanglement_is_missed_in_first_order_of_the_rate():
    rates, band = table_of("equations_rates"), table_of("equations_band")
    lacking = (rates["C_redfield"] - rates["C"]) / rates["gamma"]
    assert lacking[0] == pytest.approx(lacking[4], rel=0.03)
    assert rates["C"][-1] < 0 < rates["C_redfield"].min()
    assert band["C"][0] > 1.5 * band["C_redfield"][0]
    assert band["C"][-1] < 0.9 * band["C_redfield"][-1]
    assert np.all(np.diff(band["C"]) < 0)


def test_the_principal_value_is_scipys_digamma():
    levels = TwoLevels(g=0.05, delta=0.1, gamma=0.01, T_h=2.0, T_c=0.1)
    shift = levels.by("shifted")[1] - levels.by("redfield")[1]
    h = levels.hopping
    energies, vectors = np.linalg.eigh(h)
    put_in = np.zeros((2, 2), dtype=complex)
    for site, T in enumerate((2.0, 0.1)):
        rate = np.zeros((2, 2))
        rate[site, site] = 0.01
        principal = (vectors * digamma(0.5 + 0.5j * energies / (np.pi * T)).real / (2 * np.pi)) @ vectors.T
        put_in += 1j * (principal @ rate - rate @ principal)
    left = -1j * (h @ shift - shift @ h) - 0.01 * shift + put_in
    assert np.abs(left).max() < 1e-14
