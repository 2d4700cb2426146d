"""Maxima and roots: found where they are, and never farther away than the stated error."""

from __future__ import annotations

import numpy as np
import pytest

from qte.common.errors import ParameterError
from qte.common.optimise import NotFinite, find_root, maximise

RNG = np.random.default_rng(2020)


def test_smooth_peaks_over_a_grid_are_found_within_their_stated_error():
    centre = RNG.uniform(0.1, 0.9, size=(7, 5))
    width = 10 ** RNG.uniform(-1.3, 0.5, size=(7, 5))
    found = maximise(lambda x: 1 / (1 + ((x - centre) / width) ** 2), 0.0, 1.0, shape=(7, 5), tolerance=1e-12)
    assert found.x.shape == (7, 5)
    assert np.all(np.abs(found.x - centre) <= found.error)
    assert found.error.max() < 1e-10
    assert np.all(found.end == 0)
    assert np.all(found.peaks == 1)
    np.testing.assert_allclose(found.value, 1.0, rtol=1e-14)


def test_skewed_peak_meets_its_analytic_place():
    # x e^{-x/a} peaks at a: no symmetry that could hide an error
    a = np.geomspace(1e-3, 0.5, 40)
    found = maximise(lambda x: x * np.exp(-x / a), 1e-4, 1.0, shape=a.shape, scale="log", tolerance=1e-12)
    assert np.all(np.abs(found.x - a) <= found.error)
    assert (found.error / a).max() < 1e-9
    np.testing.assert_allclose(found.value, a / np.e, rtol=1e-13)


def test_maximum_at_a_bound_is_that_bound_exactly():
    slope = np.array([-1.0, 1.0])
    found = maximise(lambda x: np.exp(slope * x), 0.001, 0.1, shape=(2,), scale="log")
    np.testing.assert_array_equal(found.x, [0.001, 0.1])
    np.testing.assert_array_equal(found.end, [-1, 1])
    np.testing.assert_array_equal(found.error, 0.0)


def test_even_function_has_its_maximum_at_zero_within_the_error():
    found = maximise(np.cos, 0.0, 1.0)
    assert 0 <= float(found.x) <= float(found.error) < 1e-7


@pytest.mark.parametrize("noise", [1e-15, 1e-12, 1e-9])
def test_stated_error_covers_noisy_functions(noise):
    centre = RNG.uniform(0.2, 0.8, size=300)

    def noisy(x):
        return 1 / (1 + ((x - centre) / 0.2) ** 2) * (1 + noise * RNG.uniform(-1, 1, size=x.shape))

    found = maximise(noisy, 0.0, 1.0, shape=centre.shape, tolerance=1e-14)
    assert np.all(np.abs(found.x - centre) <= found.error)
    assert found.error.max() < 3000 * noise + 1e-10


def test_kink_is_bracketed_to_the_tolerance():
    centre = RNG.uniform(0.1, 0.9, size=20)
    found = maximise(lambda x: -np.abs(x - centre), 0.0, 1.0, shape=(20,), tolerance=1e-9)
    assert np.all(np.abs(found.x - centre) <= found.error)
    assert found.error.max() <= 1e-9


def test_highest_of_several_peaks_wins_even_if_the_scan_ranks_it_second():
    # two Gaussians of nearly equal height, the higher one falling between two points of the scan
    step = 1 / 32
    low, high = 8 * step, 22.5 * step

    def pair(x):
        return 0.99 * np.exp(-(((x - low) / 0.03) ** 2)) + np.exp(-(((x - high) / 0.03) ** 2))

    scan = np.linspace(0, 1, 33)
    assert abs(scan[np.argmax(pair(scan))] - low) < 1e-12
    found = maximise(pair, 0.0, 1.0)
    assert int(found.peaks) == 2
    assert abs(float(found.x) - high) <= float(found.error) < 1e-9


def test_nested_maximisation_of_two_variables():
    # a tilted ridge: the best y depends on x
    a = np.array([0.2, 0.5, 0.7])

    def surface(x, y):
        return np.exp(-((x - a) ** 2) - (y - 0.3 * x - 0.1) ** 2 / 0.05)

    def ridge(x):
        inner = maximise(lambda y: surface(x, y), 0.0, 1.0, shape=x.shape, tolerance=1e-12)
        return inner.value

    found = maximise(ridge, 0.0, 1.0, shape=(3,), tolerance=1e-11)
    assert np.all(np.abs(found.x - a) <= found.error)
    assert found.error.max() < 1e-9


def test_bounds_may_differ_between_grid_points():
    upper = np.array([0.5, 1.0, 2.0])
    found = maximise(lambda x: -((x - 0.9) ** 2), 0.0, upper, shape=(3,))
    np.testing.assert_allclose(found.x, [0.5, 0.9, 0.9], atol=1e-10)
    np.testing.assert_array_equal(found.end, [1, 0, 0])


def test_roots_over_a_grid():
    a = np.geomspace(0.01, 50, 60)
    for scale, lower in (("linear", 0.0), ("log", 1e-3)):
        root = find_root(lambda x: np.tanh(x) * (x**2 - a), lower, 10.0, shape=a.shape, scale=scale)
        assert np.all(root.crossings == 1)
        np.testing.assert_allclose(root.x, np.sqrt(a), rtol=2e-13)
        assert np.all(root.error <= 2e-12)


def test_steep_root_is_closed_in():
    root = find_root(lambda x: np.exp(40 * x) - np.exp(40 / 3), 0.0, 1.0)
    assert abs(float(root.x) - 1 / 3) < 1e-14


def test_missing_root_is_nan_and_several_are_counted():
    shift = np.array([2.0, 0.0])
    root = find_root(lambda x: np.sin(x) + shift, 1.0, 10.0, shape=(2,))
    assert np.isnan(root.x[0])
    assert root.crossings.tolist() == [0, 3]
    assert abs(root.x[1] - np.pi) < 1e-13


def test_what_is_refused():
    with pytest.raises(ParameterError, match="upper"):
        maximise(np.sin, 1.0, 0.0)
    with pytest.raises(ParameterError, match="lower"):
        maximise(np.sin, 0.0, 1.0, scale="log")
    with pytest.raises(ParameterError, match="scale"):
        find_root(np.sin, 0.0, 1.0, scale="sqrt")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="scan"):
        maximise(np.sin, 0.0, 1.0, scan=2)
    with np.errstate(invalid="ignore"), pytest.raises(NotFinite, match=r"\(1,\)"):
        maximise(lambda x: np.sqrt(x - np.array([0.0, 0.5])), 0.0, 1.0, shape=(2,))
