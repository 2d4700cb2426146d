"""Integrals over the line: their rules, their certificate, and what they refuse."""

import numpy as np
import pytest

from qte.common.optimise import NotFinite, NotRefined
from qte.exact.quadrature import GAUSS, KRONROD, NODES, integrate


def test_the_rules_are_exact_for_polynomials():
    for degree in range(32):
        exact = 0.0 if degree % 2 else 2 / (degree + 1)
        assert abs(np.dot(KRONROD, NODES**degree) - exact) < 4e-16
        if degree < 20:
            assert abs(np.dot(GAUSS, NODES**degree) - exact) < 4e-16


def lorentzians(width):
    def both(x, point):
        w = width[point]
        return np.stack([w / (x**2 + w**2) / np.pi, w * x**2 / (x**2 + w**2) ** 2 * 2 / np.pi])

    return both


def test_a_peak_of_any_width_is_found_and_the_error_is_bounded():
    width = 10.0 ** np.arange(-9, 3)
    found = integrate(lorentzians(width), np.broadcast_to(np.array([[-0.3], [1.0]]), (2, len(width))))
    wrong = np.abs(found.value - 1)
    assert wrong.max() < 1e-10
    assert np.all(wrong <= found.error + 1e-14)
    assert np.all(found.error <= 1e-10 * found.size)


def test_a_jump_needs_a_cut_there():
    def step(x, point):
        return np.where(x > 0.3, np.exp(-np.abs(x)), 0.0)[None]

    found = integrate(step, np.array([[0.3]]))
    assert found.value[0, 0] == pytest.approx(np.exp(-0.3), rel=1e-12)


def test_points_do_not_know_of_each_other():
    width = np.array([1e-6, 0.3, 2.0])
    cuts = np.zeros((1, 3))
    together = integrate(lorentzians(width), cuts).value
    alone = [integrate(lorentzians(width[k : k + 1]), cuts[:, :1]).value[:, 0] for k in range(3)]
    assert np.array_equal(together, np.stack(alone, axis=1))


def test_what_cannot_be_known_so_well_is_refused():
    rng = np.random.default_rng(1)
    with pytest.raises(NotRefined, match="a noisy integral is known to"):
        integrate(
            lambda x, point: (rng.uniform(size=x.shape) / (1 + x**4))[None],
            np.zeros((1, 1)),
            what="a noisy integral",
        )
    with pytest.raises(NotFinite, match="not finite"), np.errstate(divide="ignore", invalid="ignore"):
        integrate(lambda x, point: (1 / (x - x))[None], np.zeros((1, 1)))
