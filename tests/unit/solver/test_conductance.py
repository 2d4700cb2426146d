"""Contrast and conductance of machines in general, against derivatives at 150 digits."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from qte.common.errors import ParameterError
from qte.machines import CommonReservoirEngine, TwoQubitEngine
from qte.physics.baths import Bath, TemperatureDerivative
from tests.reference import DIGITS, mp_occupation, mp_two_qubit

ENGINE = {"eps_h": 1.0, "delta": 0.0, "g": 0.02, "gamma_h": 1e-3, "gamma_c": 1.1e-2}


@pytest.mark.parametrize("statistics", ["bose", "fermi"])
@pytest.mark.parametrize("temperature", [0.002, 0.01, 0.7, 300.0])
def test_slopes_of_a_bath(statistics, temperature):
    with mp.workdps(DIGITS):

        def occupation(t):
            return mp_occupation(1 / t, statistics)

        exact = mp.diff(occupation, mp.mpf(temperature))
        warming = TemperatureDerivative(temperature, 0.3, statistics)
        sign = 1 if statistics == "bose" else -1
        # 1/T itself is rounded, and the exponential makes that many times more of it
        error = 1e-14 + 2e-16 / temperature
        assert abs(warming.occupation(1.0) / exact - 1) < error
        assert abs(warming.absorption(1.0) / (0.3 * exact) - 1) < error
        assert abs(warming.emission(1.0) / (sign * 0.3 * exact) - 1) < error


def test_a_bath_at_zero_temperature_has_no_slope():
    assert TemperatureDerivative(0.0, 1.0).absorption(1.0) == 0
    assert TemperatureDerivative(0.0, 1.0, "fermi").emission(1.0) == 0
    assert isinstance(TemperatureDerivative(1.0, 1.0), Bath)


CASES = [
    {"T": 0.01},
    {"T": 0.7},
    {"T": 20.0},
    {"T": 0.02, "statistics_h": "fermi"},
    {"T": 0.3, "statistics_h": "fermi", "statistics_c": "fermi"},
    {"T": 0.3, "kappa_h": 0.03, "kappa_c": -0.01},
    {"T": 0.3, "delta": 0.05},
    {"T": 0.05, "gamma_h": 1e-9, "g": 1e-6},
]


@pytest.mark.parametrize("case", CASES)
def test_conductance_of_the_local_engine(case):
    p = ENGINE | {k: v for k, v in case.items() if k != "T"}
    t = case["T"]
    with mp.workdps(DIGITS):
        half = mp.mpf(10) ** -40

        def current(sign):
            shift = sign * half
            return mp_two_qubit(p | {"T_h": mp.mpf(t) + shift, "T_c": mp.mpf(t) - shift})["J"]

        # central difference of the bias: exact to 1e-80
        exact = (current(1) - current(-1)) / (4 * half)
        gross = max(p["gamma_h"], p["gamma_c"]) * float(TemperatureDerivative(t, 1.0).absorption(1.0))
        error = abs(TwoQubitEngine(**p, T_h=t, T_c=t).conductance() - exact)
        assert error < 1e-14 * gross
        # unless a slow link makes the net exchange tiny, all digits are there
        assert error < 1e-11 * exact or p["gamma_h"] < 1e-6


def test_conductance_broadcasts_and_vanishes_at_zero_temperature():
    t = np.array([0.0, 0.5, 1.0])
    engine = TwoQubitEngine(**ENGINE | {"g": np.array([0.3, 0.5])[:, None]}, T_h=t, T_c=t, approach="global")
    kappa = engine.conductance()
    assert kappa.shape == (2, 3)
    assert np.array_equal(kappa[:, 0], [0, 0])
    single = TwoQubitEngine(**ENGINE | {"g": 0.5}, T_h=1.0, T_c=1.0, approach="global").conductance()
    assert np.isclose(kappa[1, 2], single, rtol=1e-14)


@pytest.mark.parametrize("name", ["gamma_h", "gamma_c", "g", "delta"])
def test_conductance_of_a_grid_of_one_parameter_is_that_of_its_points(name):
    values = np.array([0.01, 0.02, 0.03])
    rest = ENGINE | {"T_h": 0.5, "T_c": 0.5}
    whole = TwoQubitEngine(**rest | {name: values}).conductance()
    alone = [float(TwoQubitEngine(**rest | {name: value}).conductance()) for value in values]
    assert np.allclose(whole, alone, rtol=1e-13, atol=0)


def test_contrast_is_that_of_the_two_currents():
    engine = TwoQubitEngine(**ENGINE, T_h=0.7, T_c=np.array([0.1, 0.7]))
    forward = engine.net_current()
    backward = engine.replace(T_h=engine.T_c, T_c=engine.T_h).net_current()
    expected = abs((forward[0] + backward[0]) / (forward[0] - backward[0]))
    assert np.isclose(engine.contrast()[0], expected, rtol=1e-14)
    assert engine.contrast()[1] == 0


def test_what_has_no_contrast_or_conductance():
    with pytest.raises(ParameterError, match="`T_c`"):
        TwoQubitEngine(**ENGINE, T_h=0.7, T_c=0.1).conductance()
    with pytest.raises(ParameterError, match="drive a current"):
        TwoQubitEngine(**ENGINE | {"g": 0.0}, T_h=0.7, T_c=0.0).contrast()
    machine = CommonReservoirEngine(eps_A=20.0, eps_B=20.0, Omega=6.0, T_A=5.0, T_B=5.0)
    with pytest.raises(ParameterError, match="temperature derivative"):
        machine.conductance()


def test_a_contrast_at_a_small_bias_has_its_digits():
    """A part of 3e-8 of a current that is 1e-18 of what the bath exchanges; 60 digits of mpmath, 16 unknowns."""
    p = {"g": 4.193513328007093e-06, "gamma_h": 6.1001543389516774e-05, "gamma_c": 7.258440846563154e-06}
    engine = TwoQubitEngine(**p, T_h=636.6434088305328, T_c=636.6434614147299)
    assert engine.contrast() == pytest.approx(3.2515119779369736486e-8, rel=1e-12)
