"""Small differences, rare states and stiff rates: every quantity to 1e-12 of its own size."""

from __future__ import annotations

import mpmath as mp
import pytest

from tests.hard_cases import CASES
from tests.reference import DIGITS


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hard_cases_keep_their_digits(case):
    exact, computed = case.exact(), case.computed()
    with mp.workdps(DIGITS):
        if exact == 0:
            assert computed == 0
        else:
            assert abs(mp.mpf(computed) / exact - 1) < case.tolerance


def test_there_are_enough_of_them():
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
