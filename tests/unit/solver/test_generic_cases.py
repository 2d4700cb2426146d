"""Generators of any kind keep what is promised: 1e-12, against mpmath."""

from __future__ import annotations

import pytest

from tests.generic_cases import GENERIC
from tests.hard_cases import CASES


@pytest.mark.parametrize("case", GENERIC, ids=lambda case: case.name)
def test_a_generic_case_is_right(case):
    assert case.error(case.computed(), case.exact()) < case.tolerance


def test_the_promises_are_held_against_two_hundred_cases():
    names = [case.name for case in (*CASES, *GENERIC)]
    assert len(set(names)) == len(names) >= 200
