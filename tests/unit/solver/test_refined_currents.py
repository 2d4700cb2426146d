"""Currents of blocks too large for elimination in whole numbers: LU, refined by exact residuals."""

from __future__ import annotations

import numpy as np
import pytest

from qte.machines import ThreeQubitMachine, TwoQubitEngine, WStateMachine
from qte.physics.baths import ExactBath
from qte.solver import thermodynamics
from qte.solver.exact import currents

THREE = {"g13": 0.05, "g23": 0.04, "gamma_1": 0.1, "gamma_3": 0.2, "T_3": 0.5, "U": 5.0, "mu": 0.0}
MACHINES = [
    TwoQubitEngine(g=0.05, gamma_h=0.01, gamma_c=0.02, T_h=0.5 + np.array([1e-3, 1e-9, 1e-14]), T_c=0.5),
    TwoQubitEngine(g=1e-9, gamma_h=1.0, gamma_c=1e-12, T_h=1.0, T_c=0.2, kappa_h=1e-6),
    ThreeQubitMachine(**THREE, T_1=0.5 + np.array([1e-6, 1e-12])),
]


@pytest.mark.filterwarnings("ignore::qte.common.errors.ValidityWarning")
@pytest.mark.parametrize("machine", MACHINES)
def test_refined_currents_are_those_of_whole_numbers(machine, monkeypatch):
    exact = machine.with_baths(ExactBath)
    points = np.arange(int(np.prod(machine.shape)))
    whole = currents.exact_flows(exact, machine.generator, points)
    monkeypatch.setattr(currents, "PLAN_LIMIT", 0)
    refined = currents.exact_flows(exact, machine.generator, points)
    assert np.array_equal(refined.points, whole.points)
    for kind in ("heat", "quanta"):
        for label, flow in getattr(whole, kind).items():
            found = getattr(refined, kind)[label]
            assert np.abs((found - flow).hi / flow.hi).max() < 1e-20


def test_flows_of_whole_numbers_are_those_of_doubles():
    machine = ThreeQubitMachine(**THREE, T_1=np.array([2.0, 0.1]))
    whole = currents.exact_flows(machine.with_baths(ExactBath), machine.generator, np.arange(2))
    for label in (1, 3):
        quanta = thermodynamics.particle_current(machine.generator, machine.steady_state().unknowns, label)
        assert np.allclose(whole.quanta[label].hi, quanta, rtol=1e-10, atol=0)
        assert np.allclose(whole.heat[label].hi, machine.heat_current(label), rtol=1e-12, atol=0)


def test_no_unique_state_has_no_refined_currents(monkeypatch):
    monkeypatch.setattr(currents, "PLAN_LIMIT", 0)
    idle = TwoQubitEngine(g=0.05, gamma_h=0.0, gamma_c=0.0, T_h=1.0, T_c=0.2)
    assert currents.exact_flows(idle.with_baths(ExactBath), idle.generator, np.arange(1)) is None
    monkeypatch.setattr(currents, "REFINED_LIMIT", 3)
    pair = MACHINES[0]
    assert currents.exact_flows(pair.with_baths(ExactBath), pair.generator, np.arange(3)) is None


def test_a_small_current_of_five_qubits_has_its_digits():
    """252 coupled unknowns; the current almost stops at one potential, where doubles keep four digits less."""
    machine = WStateMachine(n=3, g=0.05, gamma=0.1, T=1.0, U=9.0, mu=1e-3)
    assert machine._precise is not None
    heats = [machine.heat_current(label) for label in (1, 4, 5)]
    assert abs(sum(heats)) < 1e-13 * abs(heats[0])
    doubles = machine.exchanges[1][0]
    assert doubles == pytest.approx(float(heats[0]), rel=1e-9)
    assert heats[1] == pytest.approx(float(heats[2]), rel=1e-13)
