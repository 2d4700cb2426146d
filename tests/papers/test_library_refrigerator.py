"""The table behind library/refrigerator: Carnot's point of every curve, and its machine at single points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from qte.data import studies
from qte.machines.refrigerator import AbsorptionRefrigerator

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
ENTRY = CONFIG["tables"]["library"]["refrigerator"]


@pytest.fixture(scope="module")
def table():
    found, _ = studies.run("library.refrigerator", ENTRY["params"], ENTRY.get("ours", []))
    return found


@pytest.mark.parametrize("row", [0, -1])
def test_a_row_is_the_machine_at_that_point(table, row):
    p = ENTRY["params"]
    rates = {f"p_{label}": p["p"] for label in "crh"}
    given = {name: p[name] for name in ("E_c", "g", "T_c", "T_r")} | rates
    machine = AbsorptionRefrigerator(**given, T_h=table["T_h"][row], E_h=table["E_h"][row])
    assert table["Q_c"][row] * p["p"] == pytest.approx(float(machine.net_current()), rel=1e-10)


def test_it_cools_above_the_gap_of_carnot_and_nowhere_else(table):
    away = np.abs(table["E_h"] - table["E_h_0"]) > 1e-9
    assert np.array_equal((table["Q_c"] > 0)[away], (table["E_h"] > table["E_h_0"])[away])
    assert np.array_equal((table["share"] < 1)[away], (table["E_h"] > table["E_h_0"])[away])
