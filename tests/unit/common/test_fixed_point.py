"""Matrices of many bits against fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qte.common import fixed_point
from qte.common.fixed_point import FixedPoint

BITS = 120
# m * 2**e of both signs, of whole parts that a double holds, some with more bits after the point than are kept
ENTRIES = st.tuples(st.integers(-(2**50), 2**50), st.integers(-250, 2))


def of(*matrices: list[list[tuple[int, int]]], bits: int = BITS) -> FixedPoint:
    """Matrices of the entries m * 2**e."""
    entries = [
        (point, row, column, *matrix[row][column])
        for point, matrix in enumerate(matrices)
        for row in range(len(matrix))
        for column in range(len(matrix))
    ]
    return fixed_point.from_entries(len(matrices[0]), len(matrices), entries, bits)


def value(matrices: FixedPoint, point: int, row: int, column: int) -> Fraction:
    """What an entry is, exactly."""
    return sum(
        (
            Fraction(float(digit[point, row, column])) / 2 ** (matrices.width * k)
            for k, digit in enumerate(matrices.digits)
        ),
        Fraction(0),
    )


def exact(entry: tuple[int, int]) -> Fraction:
    return Fraction(entry[0]) * Fraction(2) ** entry[1]


squares = st.lists(st.lists(ENTRIES, min_size=2, max_size=2), min_size=2, max_size=2)


@given(squares)
def test_entries_are_rounded_to_the_last_digit_kept(matrix):
    made = of(matrix)
    last = Fraction(1, 2 ** (made.width * (len(made.digits) - 1)))
    for row in range(2):
        for column in range(2):
            assert abs(value(made, 0, row, column) - exact(matrix[row][column])) <= last / 2
    # no digit but the first has more than its bits: products would not be exact
    assert np.abs(made.digits[1:]).max() <= 2.0 ** (made.width - 1)


def test_an_entry_may_be_one_of_the_last_digit():
    width = fixed_point.width_for(1, BITS)
    last = -width * (fixed_point.digits_for(BITS, width) - 1)
    for m, e, kept in ((1, last, 1), (5, last - 1, 3), (-5, last - 1, -2), (1, last - 2, 0)):
        assert value(of([[(m, e)]]), 0, 0, 0) == kept * Fraction(2) ** last


@given(squares, squares)
def test_a_product_has_the_bits_that_were_asked_for(one, other):
    small = [[(m, e - 53) for m, e in row] for row in one]
    a, b = of(small), of([[(m, e - 53) for m, e in row] for row in other])
    product = a @ b
    assert np.abs(product.digits[1:]).max() <= 2.0 ** (product.width - 1)
    for row in range(2):
        for column in range(2):
            right = sum(value(a, 0, row, k) * value(b, 0, k, column) for k in range(2))
            assert abs(value(product, 0, row, column) - right) <= Fraction(1, 2**BITS)


@pytest.mark.parametrize("size", [1, 2, 7, 16, 100])
@pytest.mark.parametrize("bits", [60, 120, 400])
def test_digits_are_as_wide_as_their_products_allow(size, bits):
    def sums_to(width):
        return 2 * (width - 1) + math.log2(size * fixed_point.digits_for(bits, width) + 1)

    width = fixed_point.width_for(size, bits)
    assert sums_to(width) <= 53
    assert width == 26 or sums_to(width + 1) > 53


def test_arithmetic_of_whole_matrices():
    a = of([[(3, -1), (1, 0)], [(0, 0), (-7, -2)]], [[(1, 0), (0, 0)], [(0, 0), (1, -60)]])
    assert a.size == 2
    assert np.array_equal(a.rounded(), [[[1.5, 1.0], [0.0, -1.75]], [[1.0, 0.0], [0.0, 2.0**-60]]])
    assert np.array_equal(a.plus_one().rounded()[0], [[2.5, 1.0], [0.0, -0.75]])
    third = a.over(3)
    assert abs(value(third, 0, 1, 1) + Fraction(7, 12)) < Fraction(1, 2**BITS)
    assert len(a.cut(10).digits) < len(a.digits)
    assert np.array_equal(a.cut(10).rounded()[0], a.rounded()[0])


def test_a_distance_is_the_largest_difference_of_what_both_have():
    a, b = of([[(1, 0), (0, 0)], [(0, 0), (1, 0)]]), of([[(1, 0), (1, -80)], [(0, 0), (-1, -3)]])
    assert a.distance(a) == 0
    assert a.distance(b) == b.distance(a) == 1.125
    near = of([[(1, 0), (1, -80)], [(0, 0), (1, 0)]])
    assert a.distance(near) == 2.0**-80
    assert a.cut(-30).distance(near) == 0
