"""Quotients at the ends of the range of doubles, and of nothing."""

from fractions import Fraction

import numpy as np
import pytest

from qte.common.ranges import in_range, over_product


@pytest.mark.parametrize(
    ("top", "first", "second"),
    [
        (1e-200, 1e-200, 1e-200),
        (1e200, 1e200, 1e200),
        (3.0, 7.0, -0.1),
        (-1e-300, 1e-5, 1e-290),
        (2.0, 1e-160, 1e-140),
    ],
)
def test_a_quotient_has_its_digits_whatever_the_product_is(top, first, second):
    exact = Fraction(top) / (Fraction(first) * Fraction(second))
    assert float(over_product(top, first, second)) == pytest.approx(float(exact), rel=5e-16)
    # beside points inside the range as well
    both = over_product([top, 6.0], [first, 2.0], [second, 3.0])
    assert both == pytest.approx([float(exact), 1.0], rel=5e-16)


def test_no_points_have_no_quotients():
    assert over_product(np.ones((0, 2)), np.ones(2), np.ones((0, 2))).shape == (0, 2)


def test_the_ends_are_outside():
    assert in_range([0.0, 5e-324, 1e-290, 1e-289, -1.0, 1e289, 1e290, np.inf, np.nan]).tolist() == [
        False, False, False, True, True, True, False, False, False,
    ]  # fmt: skip


def test_no_quotients_of_no_numbers():
    none = np.zeros(0)
    assert over_product(none, none, none).shape == (0,)
