"""Occupations and rates to full relative accuracy, from 1e-12 to e^-700, against mpmath."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qte import baths
from qte.baths import Bath
from qte.errors import ParameterError

EXPONENTS = [1e-12, 1e-6, 1e-3, 0.1, 1.0, 5.0, 40.0, 100.0, 700.0]


def relative(value: float, exact: mp.mpf) -> float:
    return float(abs(mp.mpf(float(value)) / exact - 1))


@pytest.mark.parametrize("x", EXPONENTS)
def test_occupations_keep_their_digits(x):
    with mp.workdps(50):
        e = mp.exp(mp.mpf(x))
        assert relative(baths.bose(x), 1 / (e - 1)) < 4e-16
        assert relative(baths.bose_emission(x), e / (e - 1)) < 4e-16
        assert relative(baths.fermi(x), 1 / (e + 1)) < 4e-16
        assert relative(baths.fermi(-x), e / (e + 1)) < 4e-16


@pytest.mark.parametrize("x", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("bias", [1e-14, 1e-8, 0.5, -1e-10, -3.0, 80.0])
@pytest.mark.parametrize("statistics", ["bose", "fermi"])
def test_differences_do_not_cancel(x, bias, statistics):
    if statistics == "bose" and x + bias <= 0:
        bias = -bias
    sign = 1 if statistics == "bose" else -1
    difference = baths.bose_difference if statistics == "bose" else baths.fermi_difference
    with mp.workdps(60):
        n = [1 / (mp.exp(mp.mpf(y)) - sign) for y in (mp.mpf(x), mp.mpf(x) + mp.mpf(bias))]
        # x + bias is itself rounded, which changes e^-(x + bias) by the spacing of floats there
        assert relative(difference(x, x + bias, bias), n[0] - n[1]) < 1e-15 + np.spacing(max(x, x + bias))


@given(st.floats(0.01, 10), st.floats(0.01, 10), st.floats(1e-6, 1), st.sampled_from(["bose", "fermi"]))
def test_detailed_balance(energy, temperature, gamma, statistics):
    bath = Bath(temperature, gamma, statistics)
    ratio = bath.absorption(energy) / bath.emission(energy)
    assert ratio == pytest.approx(np.exp(-energy / temperature), rel=1e-13)


@given(st.floats(0.01, 10), st.floats(0.01, 10), st.floats(-5, 5))
def test_fermi_rates_add_up_to_gamma(energy, temperature, mu):
    bath = Bath(temperature, 0.3, "fermi", mu)
    assert bath.absorption(energy) + bath.emission(energy) == pytest.approx(0.3, rel=1e-15)


def test_limits():
    assert Bath(0.0, 2.0).occupation(1.0) == 0
    assert Bath(0.0, 2.0).emission(1.0) == 2.0
    assert Bath(0.0, 2.0, "fermi", 0.5).occupation([0.4, 0.6]).tolist() == [1.0, 0.0]
    assert Bath(1.0, 1.0, "fermi", np.inf).occupation(3.0) == 1.0


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Bath(-1.0, 1.0), "temperature"),
        (lambda: Bath(1.0, -1.0), "coupling"),
        (lambda: Bath(1.0, 1.0, "boson"), "statistics"),
        (lambda: Bath(1.0, 1.0, "bose", 0.1), "chemical_potential"),
        (lambda: Bath(1.0, 1.0).occupation(0.0), "energy"),
        (lambda: Bath(1.0, 1.0).emission([1.0, -2.0]), "energy"),
        (lambda: Bath(0.0, 1.0, "fermi", 1.0).occupation(1.0), "energy"),
        (lambda: Bath(True, 1.0), "temperature"),
    ],
)
def test_bad_baths_are_refused(make, name):
    with pytest.raises(ParameterError) as caught:
        make()
    assert caught.value.name == name
