"""Elementary functions against references of 50 digits, and at the ends of the doubles."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qte.common import elementary as el

FUNCTIONS = {
    "exp": (mpmath.exp, (-740, 709.7)),
    "expm1": (mpmath.expm1, (-45, 709.7)),
    "log": (mpmath.log, (5e-324, 1.7e308)),
    "log1p": (mpmath.log1p, (-0.999999, 1.7e308)),
    "sinh": (mpmath.sinh, (-710, 710)),
    "cosh": (mpmath.cosh, (-710, 710)),
    "tanh": (mpmath.tanh, (-30, 30)),
    "sin": (mpmath.sin, (-(2.0**20), 2.0**20)),
    "cos": (mpmath.cos, (-(2.0**20), 2.0**20)),
    "arctan": (mpmath.atan, (-1.7e308, 1.7e308)),
}
# Units in the last place: the first four carry the rates of baths.
ALLOWED = {"exp": 1.0, "expm1": 1.5, "log": 1.0, "log1p": 1.5} | dict.fromkeys(("sin", "cos"), 1.0)


def units(found: float, wanted: mpmath.mpf) -> float:
    return float(abs(mpmath.mpf(found) - wanted) / np.spacing(abs(float(wanted)) or 5e-324))


def points(low: float, high: float) -> np.ndarray:
    """Of every size that a domain has, and near 0."""
    rng = np.random.default_rng(11)
    sizes = np.concatenate([np.geomspace(1e-300, 1e-6, 60), rng.uniform(0, 1, 300), rng.uniform(0, 40, 300)])
    sizes = np.concatenate([sizes, np.geomspace(40, high, 100)])
    both = np.concatenate([sizes, -sizes])
    return both[(both >= low) & (both <= high)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_within_a_unit_or_two_of_fifty_digits(name):
    reference, domain = FUNCTIONS[name]
    x = points(*domain)
    with mpmath.workdps(60):
        far = max(
            units(y, reference(mpmath.mpf(v)))
            for v, y in zip(x.tolist(), getattr(el, name)(x).tolist(), strict=True)
        )
    assert far <= ALLOWED.get(name, 2.5)


def test_two_arguments():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(2, 400)) * 10.0 ** rng.integers(-8, 8, (2, 400))
    with mpmath.workdps(60):
        for a, b, size, angle in zip(x, y, el.hypot(x, y), el.arctan2(y, x), strict=True):
            assert units(size, mpmath.hypot(a, b)) <= 2.0
            assert units(angle, mpmath.atan2(b, a)) <= 2.5


EDGES = [0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1.7e308, -1.7e308, -1.0, 1.0, 710.0, -746.0]


@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log1p", "sinh", "cosh", "tanh", "arctan"])
def test_the_ends_are_those_of_numpy(name):
    with np.errstate(all="ignore"):
        wanted = getattr(np, name)(EDGES)
    found = getattr(el, name)(EDGES)
    np.testing.assert_allclose(found, wanted, rtol=1e-15)
    assert (np.signbit(found) == np.signbit(wanted))[~np.isnan(wanted)].all()


@pytest.mark.parametrize("name", ["hypot", "arctan2"])
def test_the_ends_of_two_arguments_are_those_of_numpy(name):
    a, b = np.meshgrid(EDGES, EDGES)
    with np.errstate(all="ignore"):
        wanted = getattr(np, name)(a, b)
    found = getattr(el, name)(a, b)
    np.testing.assert_allclose(found, wanted, rtol=1e-15)
    assert (np.signbit(found) == np.signbit(wanted))[~np.isnan(wanted)].all()


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=40))
def test_an_element_does_not_depend_on_its_neighbours(values):
    together = el.exp(values)
    assert together.tolist() == [float(el.exp(v)) for v in values]
    assert el.expm1(np.array(values)[::-1]).tolist() == el.expm1(values)[::-1].tolist()


def test_complex_numbers_have_an_exponential_and_lose_no_part_elsewhere():
    x = np.array([0.3 + 2j, -700 + 1e-20j, 1j * np.pi])
    np.testing.assert_allclose(el.exp(x), np.exp(x), rtol=1e-15, atol=1e-16)
    assert el.exp(-0.5 + 1e-30j).imag == el.exp(-0.5) * 1e-30
    for function in (el.expm1, el.log, el.tanh, el.sinh):
        with pytest.raises(TypeError, match="complex"):
            function(1j)
