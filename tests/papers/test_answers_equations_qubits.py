"""Question 10 for two qubits: equations and hierarchies against machines and codes of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from qte.data import studies
from qte.exact.hierarchy import Hierarchy, Resolution
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.answers.checks.equations_qubits import at, bose_poles, by_hand, shifted_detuning
from qte.papers.answers.models.two_qubits import TwoQubits, signed_negativity
from qte.physics.entanglement import negativity
from qte.physics.spectral_densities import drude_lorentz

LARGE = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))["large"]
POINT = {"g": 0.004, "delta": 0.003, "gamma_h": 0.001, "gamma_c": 0.01, "T_h": 2.0, "T_c": 0.1}


@pytest.mark.parametrize(("equation", "approach"), [("local", "local"), ("secular", "global")])
def test_local_and_secular_are_those_of_the_machine(equation: str, approach: str) -> None:
    density = drude_lorentz(1.0)
    scale = float(density(1.0))
    engine = TwoQubitEngine(
        eps_h=1 - POINT["delta"] / 2,
        delta=POINT["delta"],
        g=POINT["g"],
        gamma_h=POINT["gamma_h"] / scale,
        gamma_c=POINT["gamma_c"] / scale,
        T_h=POINT["T_h"],
        T_c=POINT["T_c"],
        approach=approach,
        spectral_densities=density,
    )
    flow, rho = TwoQubits(**POINT).by(equation)
    assert flow == pytest.approx(float(engine.heat_current("h")), rel=1e-9)
    np.testing.assert_allclose(rho, engine.steady_state().rho, rtol=0, atol=1e-12)
    entangled = max(0.0, signed_negativity(rho))
    assert entangled == pytest.approx(float(negativity(rho)), abs=1e-12)


def test_the_partial_equation_is_the_secular_one_beyond_its_cutoff_alone() -> None:
    near, far = TwoQubits(**POINT), TwoQubits(**POINT | {"g": 0.06})
    assert near.by("partial")[0] != pytest.approx(near.by("secular")[0], rel=0.1)
    assert far.by("partial")[0] == far.by("secular")[0]


def test_a_hierarchy_coded_apart_is_qutips() -> None:
    qubits = TwoQubits(**POINT)
    flow, rho = by_hand(qubits.open_system(), terms=7)
    steady = Hierarchy(qubits.open_system(), Resolution(depth=2, terms=7)).steady_state()
    assert flow == pytest.approx(steady.energy_current("h"), rel=1e-7)
    np.testing.assert_allclose(rho, steady.state, rtol=0, atol=1e-9)


def test_the_poles_are_those_of_the_bose_function() -> None:
    poles, residues = bose_poles(7)
    for x in (0.1, 1.0, 5.0, 20.0):
        found = 0.5 + 1 / x + (2 * residues * x / (x**2 + poles**2)).sum()
        assert found == pytest.approx(-1 / np.expm1(-x), rel=1e-9)


def test_slow_baths_leave_the_secular_state() -> None:
    slow = TwoQubits(g=0.05, delta=0.02, gamma_h=1e-5, gamma_c=1e-5, T_h=1.0, T_c=0.3)
    steady = Hierarchy(slow.open_system(), Resolution(depth=2, terms=5)).steady_state()
    flow, rho = slow.by("secular")
    assert steady.energy_current("h") == pytest.approx(flow, rel=1e-3)
    np.testing.assert_allclose(steady.state, rho, rtol=0, atol=1e-4)


def test_the_hot_bath_moves_the_gap_of_its_qubit_more_than_the_cold_one() -> None:
    hot, cool = (abs(shifted_detuning(at(0.01, T_h))) / 0.01 for T_h in (8.0, 0.7))
    assert hot > 0.3
    assert cool < hot / 5


def test_a_point_of_the_table_is_certified_and_computed_alone() -> None:
    entry = LARGE["tables"]["answers"]["equations_qubits_rates"]
    few = entry["params"] | {"gamma": [0.01, 0.02], "terms": 8, "depth": 2, "tolerance": 0.05}
    study = studies.build("answers.equations_qubits", few)
    alone = study.part(1, 2)
    assert study.block == 1
    assert len(alone.frame) == 1
    assert max(alone[name][0] for name in ("depth", "terms")) < few["tolerance"]
    assert alone["J_terms"][0] < 0.01
    assert abs(alone["J_shifted"][0]) < abs(alone["J_redfield"][0])
