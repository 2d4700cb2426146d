"""Every shared form of the ledger's checks: it passes where it should, and it can fail."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from qte.ledger import forms
from qte.ledger.checks import Check, Range, bounds_of
from qte.ledger.verdicts import Refused

N = np.linspace(1, 2, 300)
DOMAIN = {"x": Range(-1, 1)}


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


CASES: dict[str, tuple[Callable[[], Check], Callable[[], Check]]] = {
    "equals": (
        lambda: forms.equals("x", N, N * (1 + 1e-13), {"x": N}),
        lambda: forms.equals("x", N, N * (1 + 1e-9), {"x": N}),
    ),
    "vanishes": (
        lambda: forms.vanishes("x", 1e-14 * N, {"x": N}, scale=N),
        lambda: forms.vanishes("x", 1e-9 * N, {"x": N}, scale=N),
    ),
    "negligible": (
        lambda: forms.negligible("x", [1e-14, -1e-13]),
        lambda: forms.negligible("x", [1e-14, float("nan")]),
    ),
    "never_below": (
        lambda: forms.never_below("x", lambda x: x**2, DOMAIN, rng()),
        lambda: forms.never_below("x", lambda x: x**2 - 1e-6, DOMAIN, rng()),
    ),
    "larger": (
        lambda: forms.larger("x", a=2.0, b=1.0),
        lambda: forms.larger("x", a=[2.0, 1.0], b=[1.0, 1.0]),
    ),
    "close": (lambda: forms.close("x", 1.01, 1.0, 0.02), lambda: forms.close("x", 1.03, 1.0, 0.02)),
    "rises": (
        lambda: forms.rises("x", np.exp, 0, 1, of="x"),
        lambda: forms.rises("x", lambda x: np.sin(3 * x), 0, 1, of="x"),
    ),
    "falls": (
        lambda: forms.falls("x", lambda x: 1 / x, 0.1, 10, of="x", log=True),
        lambda: forms.falls("x", lambda x: np.stack([-x, np.cos(9 * x)], axis=1), 0, 1, of="x"),
    ),
    "maximum_at": (
        lambda: forms.maximum_at("x", lambda x: -((x - 0.3) ** 2), 0, 1, of="x", stated=0.3, within=1e-6),
        lambda: forms.maximum_at("x", lambda x: -((x - 0.3) ** 2), 0, 1, of="x", stated=0.31, within=1e-3),
    ),
    "crossing_at": (
        lambda: forms.crossing_at("x", lambda x: x - 0.3, 0, 1, of="x", stated=0.3, within=1e-6),
        lambda: forms.crossing_at("x", lambda x: x - 0.3, 0, 1, of="x", stated=0.31, within=1e-3),
    ),
    "steady_within": (
        lambda: forms.steady_within("x", [1.0, 1.01], 0.02),
        lambda: forms.steady_within("x", [1.0, 1.1], 0.02),
    ),
    "fact": (lambda: forms.fact("x", True, x=1), lambda: forms.fact("x", False, x=1)),
}


@pytest.mark.parametrize("form", CASES)
def test_a_form_passes_and_can_fail(form: str) -> None:
    good, bad = CASES[form]
    assert good().passed
    failed = bad()
    assert not failed.passed
    assert failed.measure


def test_every_form_is_tried() -> None:
    assert set(CASES) == set(forms.__all__)


def test_the_point_of_a_failure_and_its_measure_belong_together() -> None:
    found = forms.falls("x", lambda x: np.sin(3 * x), 0, 1, of="x", at={"T": 2.0})
    assert found.point["T"] == 2.0
    assert found.measure["before"] == pytest.approx(np.sin(3 * found.point["x"]))
    assert found.measure["after"] == pytest.approx(np.sin(3 * found.point["x_after"]))
    assert found.measure["after"] > found.measure["before"]
    worst = forms.equals("x", N, N + 1e-3 * (N > 1.99), {"x": N}, scale=N)
    assert worst.measure["deviation"] == pytest.approx(1e-3 / worst.point["x"], rel=1e-12)


def test_of_several_curves_the_one_that_breaks_is_named() -> None:
    found = forms.falls("x", lambda x: np.stack([-x, np.cos(9 * x)], axis=1), 0, 1, of="x")
    assert found.point["curve"] == 2


def test_where_a_curve_is_flattest_it_is_looked_at_closer() -> None:
    # a step of the scan is 1/400; the dip is within one of them
    flat = forms.rises("x", lambda x: (x - 0.40123) ** 3 - 1e-9 * (x - 0.40123), 0, 1, of="x")
    assert not flat.passed
    assert abs(flat.point["x"] - 0.40123) < 1e-4


def test_larger_takes_two_numbers_and_crossing_needs_one() -> None:
    with pytest.raises(Refused, match="two are needed"):
        forms.larger("x", a=1.0)
    with pytest.raises(Refused, match="no change of sign"):
        forms.crossing_at("x", lambda x: x + 1, 0, 1, of="x", stated=0.3, within=1)


def test_a_hunt_prints_its_bounds() -> None:
    found = forms.never_below("x", lambda x: x**2, DOMAIN, rng())
    assert found.numbers["over"] == "x -1…1" == bounds_of(DOMAIN)


def test_round_off_at_the_end_of_a_curve_is_no_number() -> None:
    found = forms.falls("x", lambda x: 1 - x + 1e-16, 0, 1, of="x")
    assert found.passed
    assert (found.numbers["first"], found.numbers["last"]) == ("1", "0")
