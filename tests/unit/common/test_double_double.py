"""Arithmetic of 32 digits and bath rates of 30, against mpmath."""

from __future__ import annotations

import warnings
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from qte.common import double_double as dd
from qte.physics import operators as op
from qte.physics.baths import STATISTICS, Bath, ExtendedBath
from qte.physics.generators import Channel, Generator, Term
from qte.solver.precise_currents import flows

DIGITS = 80


def exact(x: dd.DoubleDouble, k: Any = ()) -> Any:
    return mp.mpf(float(x.hi[k])) + mp.mpf(float(x.lo[k]))


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.default_rng(0)
    a, b, c, d = rng.normal(size=(4, 200)) * 10.0 ** rng.uniform(-20, 20, (4, 200))
    return dd.exact(a) / c, dd.exact(b) / d


@pytest.mark.parametrize("name", ["__add__", "__sub__", "__mul__", "__truediv__"])
def test_arithmetic_keeps_31_digits(name, pairs):
    a, b = pairs
    got = getattr(a, name)(b)
    with mp.workdps(DIGITS):
        for k in range(len(a.hi)):
            x, y = exact(a, k), exact(b, k)
            wanted = getattr(x, name)(y)
            assert abs(exact(got, k) - wanted) < mp.mpf(10) ** -31 * abs(wanted)


def test_numbers_on_either_side():
    third = 1.0 / dd.exact(3.0)
    with mp.workdps(DIGITS):
        assert abs(exact(third) * 3 - 1) < mp.mpf(10) ** -31
        assert abs(exact(np.ones(1) * third, 0) * 3 - 1) < mp.mpf(10) ** -31
        assert abs(exact(1.0 - third) - mp.mpf(2) / 3) < mp.mpf(10) ** -31
    assert isinstance(np.float64(2.0) * third, dd.DoubleDouble)
    assert (third - third).hi == 0


def test_a_difference_keeps_what_a_float_would_lose():
    near = dd.exact(1.0) + 1e-25
    assert (near - 1.0).hi == 1e-25


def test_exponential_to_29_digits():
    x = dd.exact(np.random.default_rng(1).uniform(-650, 690, 300)) / 3.0
    got = dd.exp(x)
    with mp.workdps(DIGITS):
        for k in range(300):
            assert abs(exact(got, k) / mp.exp(exact(x, k)) - 1) < mp.mpf(10) ** -29


@pytest.mark.parametrize("statistics", STATISTICS)
@pytest.mark.parametrize(
    ("temperature", "energy", "shift"),
    [(0.1, 1.0, 1e-12), (50.0, 1.0, 0.1), (0.01, 1.0, 0.3), (0.7 - 1e-12, 1.0, 0.0), (3e-3, 0.6, -1e-20)],
)
def test_rates_of_an_extended_bath(statistics, temperature, energy, shift):
    bath = ExtendedBath(temperature, 1e-3, statistics)
    sign = 1 if statistics == "fermi" else -1
    with mp.workdps(400):
        x = (mp.mpf(energy) + mp.mpf(shift)) / mp.mpf(temperature)
        n, gamma = 1 / (mp.exp(x) + sign), mp.mpf(1e-3)
        assert abs(exact(bath.absorption(energy, shift)) / (gamma * n) - 1) < mp.mpf(10) ** -28
        assert abs(exact(bath.emission(energy, shift)) / (gamma * (1 - sign * n)) - 1) < mp.mpf(10) ** -28


def test_an_extended_bath_at_its_limits_is_the_plain_one():
    t, e = np.array([0.5, 0.0, 1e-4, 0.2]), np.array([-1.0, 1.0, 1.0, np.inf])
    for kind in ("absorption", "emission"):
        plain, more = (getattr(bath(t, 2.0, "fermi"), kind)(e) for bath in (Bath, ExtendedBath))
        assert np.allclose(more.hi, plain, rtol=1e-15, atol=0)
        assert np.isfinite(more.hi).all()


def test_points_without_a_state_are_left_out_without_a_warning():
    """Rates that are all 0 or beyond the range of a float, as at T = 0 and at T = 1e308."""
    up, down = (dd.exact(np.array(rates)) for rates in ([0.1, 0.0, 0.2], [0.3, 0.0, np.inf]))
    terms = (Term.of(1.0, op.EXCITED), Term.of(0.5, op.FLIP))
    channels = (
        Channel("b", up, (Term.of(1.0, op.RAISE),), quanta=1),
        Channel("b", down, (Term.of(1.0, op.LOWER),), quanta=-1),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = flows(Generator(terms, channels), np.array([4, 5, 6]))
    assert found is not None
    assert found.points.tolist() == [4]
    assert abs(found.heat["b"].hi[0]) < 1e-16
