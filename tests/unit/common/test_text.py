"""Numbers and parameters as people read them."""

from __future__ import annotations

import numpy as np
import pytest

from qte.common.text import number, parameter, typeset


def test_pages_set_numbers_as_people_write_them():
    assert typeset(-1.6e-7, 3) == "−1.6 × 10⁻⁷"
    assert [typeset(value, 6) for value in (0.3, 2.0, 7, np.inf)] == ["0.3", "2", "7", "∞"]
    assert typeset(-np.inf) == "−∞"


@pytest.mark.parametrize("value", [0.1 + 0.2, 1e-300, 1.0, -2.5e17, 3, np.float64(0.1)])
def test_without_a_wanted_number_of_digits_all_are_there(value):
    assert float(number(value)) == value


def test_parameters_of_every_type():
    grid = {"start": 1e-3, "stop": 1.0, "num": 5, "spacing": "log"}
    assert parameter(grid) == "0.001 … 1, 5 points, logarithmic"
    assert parameter([0.3, 1.0, np.inf]) == "0.3, 1, ∞"
    assert parameter(list(range(9)), longest=8) == "0 … 8, 9 values"
    assert parameter({"a": None, "b": True}) == "a: –, b: yes"
    assert (parameter([]), parameter("bose")) == ("none", "bose")
    assert parameter([-1e-7], number=typeset) == "−1 × 10⁻⁷"
