"""The table behind library/transistor: its balances, and its machine at single points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from qte.data import studies
from qte.machines.transistor import ThermalTransistor

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
ENTRY = CONFIG["tables"]["library"]["transistor"]


@pytest.fixture(scope="module")
def table():
    found, _ = studies.run("library.transistor", ENTRY["params"], ENTRY.get("ours", []))
    return found


@pytest.mark.parametrize("row", [0, -1])
def test_a_row_is_the_machine_at_that_point(table, row):
    machine = ThermalTransistor(**ENTRY["params"] | {"T_M": table["T_M"][row]})
    for label in "LMR":
        current = float(machine.heat_current(label)) / ENTRY["params"]["kappa"]
        assert table[f"Q_{label}"][row] == pytest.approx(current, rel=1e-10)


def test_what_is_amplified_is_conserved(table):
    assert np.allclose(table["alpha_L"] + table["alpha_R"], -1, rtol=1e-9)
    assert np.abs(table["Q_L"] + table["Q_M"] + table["Q_R"]).max() < 1e-15


def test_it_amplifies_more_than_a_hundredfold(table):
    cool = table["T_M"] < 0.12
    assert np.all(np.abs(table["alpha_L"][cool]) > 100)
