"""Linear algebra without rounding, against what is known by hand and against NumPy."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qte.common import whole_numbers as w
from qte.common.ranges import in_range, over_product


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_is_a_whole_number_times_a_power_of_two(value):
    m, e = w.dyadic(value)
    assert Fraction(m) * Fraction(2) ** e == Fraction(value)


def sparse(matrix) -> list[dict[int, int]]:
    return [{j: int(v) for j, v in enumerate(row) if v} for row in matrix]


MATRICES = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(st.integers(-3, 3), min_size=n, max_size=n), min_size=n, max_size=n)
)


@settings(max_examples=150, deadline=None)
@given(MATRICES)
def test_kernels_are_kernels(matrix):
    size = len(matrix)
    basis = w.kernel(sparse(matrix), size)
    assert len(basis) == size - np.linalg.matrix_rank(np.array(matrix, dtype=float))
    for vector in basis:
        assert any(vector)
        assert all(sum(a * x for a, x in zip(row, vector, strict=True)) == 0 for row in matrix)
    assert w.rank(np.array(matrix, dtype=float)) == size - len(basis)
    there = w.transposed(w.transposed(sparse(matrix), size), size)
    assert there == sparse(matrix)
    assert w.transposed(sparse(matrix), size) == sparse(np.array(matrix).T)


def test_kernels_of_numbers_of_any_size():
    huge = 10**200
    assert w.kernel([{0: huge, 1: -2 * huge}], 2) == [[2, 1]]
    assert w.kernel([], 2) == [[1, 0], [0, 1]]
    assert w.kernel([{}, {1: 5}], 2) == [[1, 0]]
    assert w.kernel([{0: 6, 1: 4}, {0: 9, 1: 6}], 2) == [[Fraction(-2, 3), 1]]


@settings(max_examples=60, deadline=None)
@given(MATRICES, st.lists(st.integers(-5, 5), min_size=5, max_size=5))
def test_systems_are_solved(matrix, right):
    if np.linalg.matrix_rank(np.array(matrix, dtype=float)) < len(matrix):
        return
    rows = [[Fraction(v) for v in row] + [Fraction(b)] for row, b in zip(matrix, right, strict=False)]
    x = w.solve(rows)
    assert [sum(a * y for a, y in zip(row, x, strict=True)) for row in matrix] == right[: len(matrix)]
    # what was given is left as it was
    assert rows[0][0] == matrix[0][0]


def test_a_projection_onto_the_kernel_along_the_range():
    # two levels that exchange: the average is the mean, whatever the rate
    rows = sparse([[-1, 3], [1, -3]])
    assert w.projection(rows, 2, [Fraction(1), Fraction(0)]) == [Fraction(3, 4), Fraction(1, 4)]
    assert w.projection(rows, 2, [Fraction(3), Fraction(1)]) == [3, 1]
    both = w.projection([{}, {}], 2, [Fraction(2), Fraction(5)])
    assert both == [2, 5]
    # 0 -> 1 and 0 -> 2 at rates 1 and 2
    decay = sparse([[-3, 0, 0], [1, 0, 0], [2, 0, 0]])
    assert w.projection(decay, 3, [Fraction(1), Fraction(0), Fraction(0)]) == [
        0,
        Fraction(1, 3),
        Fraction(2, 3),
    ]


@pytest.mark.parametrize(
    ("matrix", "rank"),
    [
        (np.zeros((3, 3)), 0),
        (np.eye(3), 3),
        (np.full((4, 4), 0.1), 1),
        (np.outer([1, 1j], [1, -1j]), 1),
        (np.outer([1, 1j], [1, -1j]) + np.diag([1e-300, 0]), 1),
        (np.diag([1e-300, 1e300, 0.0]), 2),
        (np.array([[0.5, 0.5j], [-0.5j, 0.5]]), 1),
        (np.array([[0.5, 0.5j], [0.5j, 0.5]]), 2),
    ],
)
def test_ranks_of_matrices_as_they_are_given(matrix, rank):
    assert w.rank(matrix) == rank
    assert isinstance(w.rank(matrix), int)


def test_quotients_whose_products_are_no_doubles():
    assert over_product(1e-200, 1e-200, 1e-200) == pytest.approx(1e200, rel=1e-15)
    assert over_product(1e200, 1e200, 1e200) == pytest.approx(1e-200, rel=1e-15)
    assert over_product(np.array([6.0, 0.0]), 2.0, 3.0).tolist() == [1.0, 0.0]
    mixed = over_product(np.array([6.0, 1e-200]), np.array([2.0, 1e-200]), np.array([3.0, 1e-200]))
    assert mixed == pytest.approx([1.0, 1e200], rel=1e-15)
    assert over_product(1.0, 0.0, 2.0) == np.inf
    assert over_product(-1.0, 2.0, 0.0) == -np.inf
    assert in_range([1.0, 0.0, 1e-300, 1e300, -1e-280, 1e280, np.inf]).tolist() == [
        True, False, False, False, True, True, False,
    ]  # fmt: skip
