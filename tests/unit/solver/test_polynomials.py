"""Characteristic polynomials, Routh's test and the slowest decay, against roots that are known."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qte.solver.exact import polynomials as p


def from_roots(*roots: int) -> list[int]:
    """Product of (z - root), the constant first."""
    out = [1]
    for root in roots:
        out = [a - root * b for a, b in zip([0, *out], [*out, 0], strict=True)]
    return out


def entries(matrix) -> dict[tuple[int, int], int]:
    return {(i, j): int(v) for i, row in enumerate(matrix) for j, v in enumerate(row) if v}


def diagonal(*values: int) -> dict[tuple[int, int], int]:
    return {(k, k): v for k, v in enumerate(values) if v}


MATRICES = st.integers(1, 4).flatmap(
    lambda n: st.lists(
        st.lists(st.integers(-9, 9), min_size=n, max_size=n), min_size=n, max_size=n
    )
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(MATRICES)
def test_a_characteristic_polynomial_is_a_determinant(matrix):
    found = p.characteristic(entries(matrix), len(matrix))
    assert len(found) == len(matrix) + 1
    for z in (-3, 0, 2):
        value = sum(c * z**k for k, c in enumerate(found))
        assert value == round(np.linalg.det(z * np.eye(len(matrix)) - np.array(matrix, dtype=float)))


def test_characteristic_polynomials_by_hand():
    assert p.characteristic(diagonal(2, 3), 2) == [6, -5, 1]
    assert p.characteristic(entries([[0, 1], [-1, 0]]), 2) == [1, 0, 1]
    assert p.characteristic({}, 3) == [0, 0, 0, 1]
    assert p.characteristic(entries([[1, 2, 0], [0, 1, 2], [2, 0, 1]]), 3) == [-9, 3, -3, 1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=6), st.integers(-7, 7), st.integers(-4, 4))
def test_a_shift_moves_every_root(coefficients, m, e):
    moved = p.shifted(coefficients, m, e)
    step, degree = Fraction(m) * Fraction(2) ** e, len(coefficients) - 1
    # below 1 the variable is counted in units of the step
    unit = Fraction(2) ** min(e, 0)
    for z in (-3, 0, 5):
        wanted = sum(c * (z * unit - step) ** k for k, c in enumerate(coefficients))
        found = sum(c * Fraction(z) ** k for k, c in enumerate(moved))
        assert found == wanted / unit**degree
    assert p.shifted([1, 2, 3], 0, 0) == [1, 2, 3]


@pytest.mark.parametrize(
    ("polynomial", "stable"),
    [
        (from_roots(-1), True),
        (from_roots(1), False),
        (from_roots(0), False),
        (from_roots(-1, -2, -3), True),
        (from_roots(-1, -2, 3), False),
        (from_roots(-1, 0, -2), False),
        ([-c for c in from_roots(-1, -2)], True),
        ([1, 0, 1], False),
        ([2, 2, 1], True),
        ([2, -2, 1], False),
        ([5], True),
        (from_roots(-1, -1, -1, -1), True),
        # stable in every coefficient's sign, but not in Routh's table: z^3 + z^2 + 2 z + 8
        ([8, 2, 1, 1], False),
        ([8, 2, 5, 1], True),
    ],
)
def test_routh(polynomial, stable):
    assert p.is_stable(polynomial) is stable


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 9)), min_size=1, max_size=4))
def test_routh_agrees_with_the_roots(pairs):
    """Factors z^2 - 2 a z + a^2 + b^2 with roots a +- i b."""
    polynomial = [1]
    for a, b in pairs:
        factor = [a * a + b * b, -2 * a, 1]
        out = [0] * (len(polynomial) + 2)
        for i, x in enumerate(polynomial):
            for j, y in enumerate(factor):
                out[i + j] += x * y
        polynomial = out
    assert p.is_stable(polynomial) is all(a < 0 for a, _ in pairs)


def test_derivatives_and_common_factors():
    assert p.derivative([5, 3, 2, 7]) == [3, 4, 21]
    assert p.derivative([5]) == []
    twice = from_roots(-1, -1, 2)
    shared = p.common(twice, p.derivative(twice))
    assert [c // shared[-1] for c in shared] == from_roots(-1)
    assert [c // p.common([6, 3], [4, 2])[-1] for c in p.common([6, 3], [4, 2])] == [2, 1]
    assert len(p.common(from_roots(1, 2), from_roots(3, 4))) == 1
    assert p.common([2, 4], []) == [1, 2]


def test_division_without_rest():
    assert p.divided(from_roots(1, 2, 3), from_roots(2)) == from_roots(1, 3)
    assert p.divided([2, 4, 2], [1, 1]) == [1, 1]
    assert p.divided([1, 2, 1], [7]) == [1, 2, 1]
    assert p.divided([3, 5, 2], [3, 2]) == [1, 1]
    half = p.divided([1, 3, 2], [2, 2])
    assert [Fraction(c, half[-1]) for c in half] == [Fraction(1, 2), 1]


@pytest.mark.parametrize(
    ("rates", "slowest"),
    [
        ((1, 2, 3), 1),
        ((3, 3, 3), 3),
        ((0, 0, 5), 5),
        ((0, 5), 5),
        ((1, 1000), 1),
        ((7,), 7),
        ((1, 2**40), 1),
        ((3, 2**80), 3),
        ((2**60 + 1, 2**61), 2**60 + 1),
    ],
)
@pytest.mark.parametrize("exponent", [0, -1100, 900])
def test_the_slowest_of_known_decays(rates, slowest, exponent):
    found = p.slowest_decay(diagonal(*(-r for r in rates)), len(rates), exponent)
    assert found == pytest.approx(math.ldexp(float(slowest), exponent), rel=1e-13)


def test_what_does_not_decay_does_not_count():
    turning = entries([[0, 5, 0], [-5, 0, 0], [0, 0, -2]])
    assert p.slowest_decay(turning, 3, 0) == pytest.approx(2, rel=1e-13)
    assert p.slowest_decay(entries([[0, 5], [-5, 0]]), 2, 0) == math.inf
    assert p.slowest_decay({}, 2, 0) == math.inf
    damped = entries([[-1, 7], [-7, -1]])
    assert p.slowest_decay(damped, 2, 0) == pytest.approx(1, rel=1e-13)
    # an exceptional point: one vector for a double root
    assert p.slowest_decay(entries([[-3, 1], [0, -3]]), 2, -2) == pytest.approx(0.75, rel=1e-13)


def test_what_grows_has_no_slowest_decay():
    assert p.slowest_decay(diagonal(-1, 2), 2, 0) is None
    assert p.slowest_decay(entries([[1, 7], [-7, 1]]), 2, 0) is None


def test_thirteen_digits_of_an_irrational_rate():
    # z^2 + 4 z + 1: the slower rate is 2 - sqrt(3)
    found = p.slowest_decay(entries([[0, 1], [-1, -4]]), 2, 0)
    assert found == pytest.approx(2 - math.sqrt(3), rel=2e-14)
    assert found <= 2 - math.sqrt(3)
    far = p.slowest_decay(entries([[0, 1], [-1, -(2**30)]]), 2, 0)
    assert far == pytest.approx(2.0**-30, rel=1e-13)
