"""Question 4: the two temperatures of the common reservoir, against the machine on both sides of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from qte.data import studies
from qte.data.fields import Grid
from qte.papers.answers.studies_common_bound import FOUND_TO, bounds_of
from qte.papers.man2019.parts import engine, margin

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
TABLES = CONFIG["tables"]["answers"]
SEARCH = Grid(0.3, 20.0, 13)


def machine(delta_eps, T_A, *, Omega=10.0, T_B=8.0, **rest):
    return engine(eps_m=20.0, Omega=Omega, Gamma=1.0, delta_eps=delta_eps, T_A=T_A, T_B=T_B, T_C=1.0, **rest)


@pytest.fixture(scope="module")
def tables():
    names = ("common_bound_map", "common_bound_cut")
    return [
        studies.run("answers.common_bound", TABLES[n]["params"], TABLES[n].get("ours", []))[0] for n in names
    ]


@pytest.mark.parametrize("approach", ["global", "redfield"])
def test_both_temperatures_by_the_machine(approach):
    m = machine(np.array([-15.0, -3.0, 7.0, 12.0]), np.array([3.0, 5.0, 10.0, 6.0]), approach=approach)
    found = bounds_of(m, SEARCH)
    without = margin(m.without_common())
    np.testing.assert_allclose(found.without, without, atol=1e-13)
    for factor, sign in ((1 - 1e-7, 1), (1 + 1e-7, -1)):
        assert np.all(np.sign(margin(m.replace(T_C=found.enhancing * factor)) - without) == sign)
        assert np.all(np.sign(m.replace(T_C=found.heating * factor).net_current()) == -sign)
    # hotter than that it never helps again
    hot = np.linspace(1.001, 3.0, 40)[:, None] * found.enhancing
    assert np.all(margin(m.replace(T_C=hot)) < without)


def test_where_no_temperature_helps_there_is_no_bound():
    found = bounds_of(machine(19.5, 1.0, approach="redfield"), SEARCH)
    assert np.isnan(found.enhancing)
    assert not found.still
    cold = machine(19.5, 1.0, approach="redfield")
    assert np.all(margin(cold.replace(T_C=np.linspace(0.05, 20.0, 200))) < margin(cold.without_common()))


def test_a_search_that_ends_too_early_says_so():
    found = bounds_of(machine(-15.0, 3.0), Grid(0.3, 4.0, 13))
    assert np.isnan(found.enhancing)
    assert found.still


def test_the_highest_of_several_windows_is_taken():
    """Figure 2's gaps and coupling, detuned by 19, T_A = T_B = 2: R_C helps below 2, and again above it."""
    found = bounds_of(machine(19.0, 2.0, T_B=2.0), Grid(0.3, 20.0, 41))
    assert found.windows > 1
    assert found.heating == pytest.approx(2.0, rel=1e-9)
    assert found.enhancing > 5.0


def test_the_order_of_the_map(tables):
    plane, _ = tables
    for share_above, share_below in zip(plane.facts["share_above"], plane.facts["share_below"], strict=True):
        assert share_above > 0.3
        assert share_below > 0.45
    assert plane.facts["points_still_enhancing_at_the_highest_T_C"] == [0, 0]
    level = np.abs(plane.where(T_A=8.0)["difference"])
    assert level.max() < FOUND_TO
    # the Redfield equation knows the size of the rates, and the difference moves with it
    secular, redfield = (plane.where(Gamma=rate)["difference"] for rate in (0.0, 1.0))
    assert 0.01 < np.nanmedian(np.abs(secular - redfield)) < 0.05


def test_redfield_approaches_secular_as_the_square_of_the_rate(tables):
    _, cut = tables
    secular, weak, strong = (cut.where(Gamma=rate)["difference"] for rate in (0.0, 0.3, 1.0))
    ratio = np.abs(strong - secular).max() / np.abs(weak - secular).max()
    assert ratio == pytest.approx(1 / 0.09, rel=0.15)


def test_one_temperature_without_the_common_reservoir(tables):
    (detuning,) = tables[1].facts["delta_eps_of_one_temperature_by_T_A"]
    found = bounds_of(machine(detuning, 4.0), SEARCH)
    assert abs(found.difference) < FOUND_TO
    again = bounds_of(machine(detuning, 4.0, approach="redfield"), SEARCH)
    assert 1e-3 < abs(again.difference) < 1e-2
