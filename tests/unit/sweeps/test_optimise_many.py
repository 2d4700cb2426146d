"""Maxima over several variables: where they are, no farther away than stated, and with what was seen on the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from qte.common.errors import ParameterError
from qte.common.optimise import NotFinite, NotRefined
from qte.sweeps.optimise_many import maximise_over

SQUARE = {"x": (0.0, 1.0), "y": (0.0, 1.0)}


@settings(max_examples=30, deadline=None)
@given(
    centre=st.lists(st.floats(-0.8, 0.8), min_size=2, max_size=4),
    widths=st.lists(st.floats(0.3, 3.0), min_size=4, max_size=4),
    tilt=st.floats(-0.9, 0.9),
)
def test_bumps_are_found_within_their_stated_error(centre, widths, tilt):
    names = "abcd"[: len(centre)]

    def bump(**x):
        away = [(x[name] - c) / w for name, c, w in zip(names, centre, widths, strict=False)]
        return 2 / (1 + sum(a * a for a in away) + tilt * away[0] * away[1])

    found = maximise_over(bump, dict.fromkeys(names, (-1.0, 1.0)))
    assert found.value == pytest.approx(2.0, rel=1e-12)
    for name, c in zip(names, centre, strict=True):
        assert abs(found.x[name] - c) <= found.error[name] + 1e-15
        assert found.error[name] < 1e-7
    assert found.at_bound == ""


@settings(max_examples=30, deadline=None)
@given(centre=st.lists(st.floats(-3, 3), min_size=3, max_size=3), curve=st.floats(0.1, 10))
def test_a_concave_quadratic_ends_at_its_nearest_point_of_the_box(centre, curve):
    def hill(x, y, z):
        return 1 - curve * (x - centre[0]) ** 2 - (y - centre[1]) ** 2 - (z - centre[2]) ** 2

    found = maximise_over(hill, dict.fromkeys("xyz", (-1.0, 1.0)))
    for name, c in zip("xyz", centre, strict=True):
        assert float(found.x[name]) == pytest.approx(np.clip(c, -1, 1), abs=1e-7)
        if abs(c) > 1.001:
            assert found.end[name] == np.sign(c)
            assert found.x[name] == np.sign(c)
            assert found.error[name] == found.distance[name] == 0


def test_many_grid_points_at_once_each_with_its_own_end():
    target = np.array([[0.25, 0.5], [2.0, -1.0]])
    found = maximise_over(lambda x, y: 3 - (x - target) ** 2 - (y - x) ** 2, SQUARE, shape=(2, 2))
    inside = np.clip(target, 0, 1)
    np.testing.assert_allclose(found.x["x"], inside, atol=1e-9)
    np.testing.assert_allclose(found.x["y"], inside, atol=1e-9)
    np.testing.assert_array_equal(found.end["x"], [[0, 0], [1, -1]])
    assert found.at_bound.startswith("x at its lower bound at 25 % of the points, x at its upper bound")


def test_logarithmic_variables_over_decades_meet_their_analytic_place():
    found = maximise_over(
        lambda a, b: a * np.exp(-a / 0.01) * b / (b + 3) ** 2,
        {"a": (1e-6, 1.0, "log"), "b": (1e-3, 1e3, "log")},
    )
    assert abs(found.x["a"] - 0.01) <= found.error["a"] < 1e-10
    assert abs(found.x["b"] - 3) <= found.error["b"] < 1e-7
    assert found.value == pytest.approx(0.01 / np.e / 12, rel=1e-13)


def test_a_maximum_on_an_edge_is_that_of_the_edge():
    found = maximise_over(lambda x, y: x * (y - y * y + 0.1 * np.sin(y)), SQUARE)
    mp.dps = 30
    edge = mp.findroot(lambda y: 1 - 2 * y + mp.cos(y) / 10, 0.5)
    assert found.at_bound == "x at its upper bound"
    assert (found.x["x"], found.distance["x"]) == (1.0, 0.0)
    assert abs(found.x["y"] - float(edge)) <= found.error["y"] < 1e-9
    assert found.value == pytest.approx(float(edge - edge**2 + mp.sin(edge) / 10), rel=1e-14)


def test_of_many_hills_the_highest_is_taken_and_the_agreeing_starts_are_counted():
    def hills(x, y):
        return np.cos(7 * x) * np.cos(5 * y) + 0.1 * x

    box = {"x": (0.0, 3.0), "y": (0.0, 3.0)}
    found = maximise_over(hills, box)
    x, y = np.meshgrid(np.linspace(0, 3, 2001), np.linspace(0, 3, 2001))
    assert hills(x, y).max() <= found.value <= hills(x, y).max() + 1e-4
    assert 2 <= found.agreeing < found.starts
    with pytest.raises(NotRefined, match=r"over x, y is reached by \d of 24 starts, not by 20"):
        maximise_over(hills, box, agreeing=20)


def test_a_variable_on_which_nothing_depends_is_known_to_its_range_only():
    found = maximise_over(lambda x, y: np.exp(-((x + y - 1) ** 2)), {"x": (0.0, 2.0), "y": (0.0, 2.0)})
    assert found.value == pytest.approx(1.0, abs=1e-14)
    assert min(found.error.values()) > 1


def test_a_narrow_curved_valley_is_walked_to_its_end():
    found = maximise_over(
        lambda x, y: 1 - 100 * (y - x * x) ** 2 - (1 - x) ** 2, {"x": (-2.0, 2.0), "y": (-1.0, 3.0)}
    )
    assert abs(found.x["x"] - 1) <= found.error["x"] < 1e-8
    assert abs(found.x["y"] - 1) <= found.error["y"] < 1e-8


def test_calls_are_few():
    calls = []

    def hill(**x):
        calls.append(1)
        return 1 / (1 + sum((value - 0.3) ** 2 for value in x.values()))

    maximise_over(hill, dict.fromkeys("abcde", (0.0, 1.0)))
    assert len(calls) < 60


def test_what_cannot_be_certified_is_refused_by_grid_point():
    with pytest.raises(NotRefined, match=r"has a kink there at grid points \(1,\)"):
        maximise_over(
            lambda x, y: -np.where(np.arange(2) == 1, np.abs(x - 0.3), (x - 0.3) ** 2) - (y - 0.4) ** 2 + 5,
            SQUARE,
            shape=(2,),
        )
    with pytest.raises(NotRefined, match="its best start came to no rest"):
        maximise_over(lambda x, y: 1 - 100 * (y - x * x) ** 2 - (1 - x) ** 2, SQUARE, rounds=2)
    with pytest.raises(NotFinite, match="is not finite"):
        maximise_over(lambda x, y: np.where(x > y, np.nan, 1.0), SQUARE)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({"x": (1.0, 0.0)}, "`upper` must be larger than `lower`"),
        ({"x": (0.0, 1.0, "log")}, "`lower` must be"),
        ({"x": (0.0, 1.0, "lin")}, "`scale` must be"),
        ({"x": (0.0, np.inf)}, "`upper` must be"),
        ({"x": (1.0, 0.0)}, r"larger than `lower` \(bounds of `x`\), but got 0.0"),
        ({"x": 3.0}, r"`bounds` must give `x` as \(lower, upper\)"),
        ({"x": (0.0,)}, r"`bounds` must give `x` as \(lower, upper\)"),
        ({}, "`bounds` must be a mapping"),
        (None, "`bounds` must be a mapping"),
        ({"y": (0.0, 1.0)}, "`bounds` must name the arguments of the function"),
        ({"x": (0.0, 1.0), "y": (0.0, 1.0)}, "`bounds` must name the arguments of the function"),
    ],
)
def test_bad_bounds_are_named(bounds, message):
    with pytest.raises(ParameterError, match=message):
        maximise_over(lambda x: -x, bounds)
