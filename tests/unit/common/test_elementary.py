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
    "arcsinh": (mpmath.asinh, (-1.7e308, 1.7e308)),
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


@pytest.mark.parametrize(
    "name", ["exp", "expm1", "log", "log1p", "sinh", "cosh", "tanh", "arctan", "arcsinh"]
)
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


def test_powers_of_any_exponent():
    rng = np.random.default_rng(7)
    base = np.concatenate([10.0 ** rng.uniform(-300, 300, 500), rng.uniform(0.9, 1.1, 500)])
    exponent = np.concatenate([rng.uniform(-1, 1, 500), rng.uniform(-100, 100, 500)])
    with mpmath.workdps(60):
        found = zip(base, exponent, el.power(base, exponent), strict=True)
        assert max(units(y, mpmath.mpf(b) ** mpmath.mpf(e)) for b, e, y in found) <= 1.5
    assert (el.power(base, 1.0) == base).all()
    assert el.power(10.0, [-2.0, 2.0, 22.0]).tolist() == [0.01, 100.0, 1e22]


def test_the_ends_of_powers_are_those_of_numpy():
    base, exponent = np.meshgrid([0.0, 5e-324, 1e-310, 0.5, 1.0, 2.0, 1.7e308, np.inf, np.nan], [*EDGES, 3.0])
    with np.errstate(all="ignore"):
        wanted = np.power(base, exponent)
    np.testing.assert_allclose(el.power(base, exponent), wanted, rtol=1e-15)


def test_even_quotients_between_two_ends():
    found = el.geomspace(0.05, 30.0, 301)
    assert (found[0], found[-1]) == (0.05, 30.0)
    np.testing.assert_allclose(found, np.geomspace(0.05, 30.0, 301), rtol=1e-14)
    assert el.spread(2.0, 8.0, 0.5) == pytest.approx(4.0, rel=1e-15)
    assert (np.diff(el.geomspace(9.0, 1e-7, 40)) < 0).all()


def test_normal_numbers_are_those_of_numpy_but_for_the_outermost():
    found, wanted = (
        draw(np.random.default_rng(3), 10**5) for draw in (el.normal, lambda rng, n: rng.normal(size=n))
    )
    far = np.abs(wanted) > 3.66
    assert 10 < far.sum() < 60
    assert (found[~far] == wanted[~far]).mean() > 0.9999
    assert np.abs(found[far]).min() > 3.65
    assert (np.sign(found) == np.sign(wanted)).all()
