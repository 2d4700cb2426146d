"""The junction against QuTiP, Fock space, 50-digit arithmetic, and the laws it must obey."""

from __future__ import annotations

import itertools
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st

from qte.common.errors import NonUniqueSteadyState, ParameterError
from qte.machines import Junction
from tests.reference import DIGITS, mp_occupation, rates

STATISTICS = ("bose", "fermi")
KINDS = list(itertools.product(("qubit", "oscillator"), STATISTICS, STATISTICS))
BASE = {"gamma_L": 0.01, "gamma_R": 0.02, "T_L": 0.7, "T_R": 0.1}


def kind(system: str, left: str, right: str) -> dict[str, str]:
    return {"system": system, "statistics_L": left, "statistics_R": right}


def draw(rng: np.random.Generator) -> dict[str, float]:
    return {
        "omega": rng.uniform(0.5, 2.0),
        "gamma_L": 10 ** rng.uniform(-3, 0),
        "gamma_R": 10 ** rng.uniform(-3, 0),
        "T_L": rng.uniform(0.1, 1.0),
        "T_R": rng.uniform(0.1, 1.0),
    }


def qutip_junction(p: dict[str, Any], levels: int) -> dict[str, Any]:
    """Steady state and currents with `levels` states: 2 for a qubit, a truncation for an oscillator.

    Only populations matter: the ladder of rates is solved from the top, where the tail is cut.
    """
    s = qutip.destroy(levels)
    h = p["omega"] * s.dag() * s
    parts = {}
    for side in "LR":
        down, up = rates(p["omega"], p[f"T_{side}"], p[f"gamma_{side}"], p[f"statistics_{side}"])
        parts[side] = down * qutip.lindblad_dissipator(s) + up * qutip.lindblad_dissipator(s.dag())
    rho = qutip.steadystate(qutip.liouvillian(h) + parts["L"] + parts["R"], method="direct")
    heat = {
        k: qutip.expect(h, qutip.vector_to_operator(v * qutip.operator_to_vector(rho)))
        for k, v in parts.items()
    }
    return {"n": qutip.expect(s.dag() * s, rho), "heat": heat, "edge": abs(rho.full()[-1, -1])}


@pytest.mark.parametrize(("system", "left", "right"), KINDS)
def test_agrees_with_qutip(system, left, right):
    rng = np.random.default_rng(20241217)
    draws, levels = (25, 2) if system == "qubit" else (4, 50)
    for _ in range(draws):
        p = draw(rng) | kind(system, left, right)
        machine, peer = Junction(**p), qutip_junction(p, levels)
        if system == "oscillator":
            # the highest level kept is empty: the truncation has converged
            assert peer["edge"] < 1e-12, p
        assert abs(machine.occupations()[0] - peer["n"]) < 1e-9, p
        for side in "LR":
            assert abs(machine.heat_current(side) - peer["heat"][side]) < 1e-9, p


def test_density_matrix_of_a_qubit():
    machine = Junction(**BASE, statistics_R="fermi")
    state = machine.steady_state()
    assert state.unique
    assert np.isclose(state.rho[0, 0].real, machine.occupations()[0], rtol=1e-14)
    assert np.isclose(machine.fidelity(np.array([0.0, 1.0])), 1 - machine.occupations()[0])


def mp_junction(p: dict[str, Any]) -> dict[str, Any]:
    """Occupation, J, contrast and conductance from the moment equation at many digits."""
    with mp.workdps(DIGITS):
        v = {k: mp.mpf(x) for k, x in p.items() if not isinstance(x, str)}
        sign = 1 if p["system"] == "oscillator" else -1

        def flow(t_l: Any, t_r: Any) -> tuple[Any, Any]:
            up, decay = {}, {}
            for side, t in (("L", t_l), ("R", t_r)):
                statistics = p[f"statistics_{side}"]
                n = mp_occupation(v["omega"] / t, statistics)
                emission = v[f"gamma_{side}"] * (1 + n if statistics == "bose" else 1 - n)
                up[side] = v[f"gamma_{side}"] * n
                decay[side] = emission - sign * up[side]
            n = (up["L"] + up["R"]) / (decay["L"] + decay["R"])
            return n, 2 * v["omega"] * (up["L"] - decay["L"] * n)

        n, forward = flow(v["T_L"], v["T_R"])
        _, backward = flow(v["T_R"], v["T_L"])
        contrast = abs((forward + backward) / (forward - backward)) if v["T_L"] != v["T_R"] else None
        slope = mp.diff(lambda t: flow(t, v["T_R"])[1], v["T_R"])
        return {"n": n, "J": forward, "C": contrast, "slope": slope}


HARD = [
    {"T_L": 0.7, "T_R": 0.1},
    {"T_L": 0.02, "T_R": 0.01},
    {"T_L": 0.01, "T_R": 0.02},
    {"T_L": 0.5, "T_R": 0.5 - 2**-40},
    {"T_L": 0.01 + 2**-50, "T_R": 0.01},
    {"T_L": 50.0, "T_R": 0.01},
    {"T_L": 60.0, "T_R": 60.0 + 2**-30},
]


@pytest.mark.parametrize("temperatures", HARD)
@pytest.mark.parametrize(("system", "left", "right"), KINDS)
def test_relative_accuracy_against_mpmath(system, left, right, temperatures):
    p = {"omega": 1.0, "gamma_L": 1e-3, "gamma_R": 0.3} | temperatures | kind(system, left, right)
    machine, exact = Junction(**p), mp_junction(p)
    assert abs(machine.occupations()[0] / exact["n"] - 1) < 1e-13
    assert abs(machine.net_current() / exact["J"] - 1) < 1e-12
    if exact["C"] < mp.mpf(10) ** -100:
        # bath and system alike: the reference itself is zero but for its last digits
        assert machine.contrast() == 0
    else:
        assert abs(machine.contrast() / exact["C"] - 1) < 1e-12


@pytest.mark.parametrize("temperature", [0.01, 0.3, 40.0])
@pytest.mark.parametrize(("system", "left", "right"), KINDS)
def test_conductance_is_the_exact_derivative(system, left, right, temperature):
    p = {"omega": 1.0, "gamma_L": 1e-3, "gamma_R": 0.3, "T_L": temperature, "T_R": temperature}
    p |= kind(system, left, right)
    assert abs(Junction(**p).conductance() / mp_junction(p)["slope"] - 1) < 1e-13


def test_zero_temperature_is_the_limit():
    cold, nearly = Junction(**BASE | {"T_R": 0.0}), Junction(**BASE | {"T_R": 1e-3})
    for name in ("net_current", "contrast", "occupations"):
        assert np.array_equal(getattr(cold, name)(), getattr(nearly, name)())
    assert cold.entropy_production() == np.inf
    assert Junction(**BASE | {"T_L": 0.0, "T_R": 0.0}).conductance() == 0
    assert Junction(**BASE | {"T_L": 0.0, "T_R": 0.0}).net_current() == 0


def test_parameters_broadcast():
    hot, left = np.linspace(0.1, 1.0, 5), np.geomspace(1e-3, 1e-1, 3)[:, None]
    machine = Junction(**BASE | {"T_L": hot, "gamma_L": left})
    assert machine.shape == machine.net_current().shape == machine.contrast().shape == (3, 5)
    assert machine.occupations().shape == (3, 5, 1)
    one = Junction(**BASE | {"T_L": hot[2], "gamma_L": left[1, 0]})
    assert machine.net_current()[1, 2] == one.net_current()
    assert isinstance(float(one.net_current()), float)


@given(
    st.sampled_from(KINDS),
    st.floats(0.05, 20),
    st.floats(0.05, 20),
    st.floats(1e-6, 1),
    st.floats(1e-6, 1),
)
def test_laws(which, t_l, t_r, gamma_l, gamma_r):
    machine = Junction(gamma_L=gamma_l, gamma_R=gamma_r, T_L=t_l, T_R=t_r, **kind(*which))
    heat = machine.heat_current("L")
    assert abs(machine.first_law_residual()) < 1e-14
    assert np.sign(heat) == np.sign(t_l - t_r)
    assert machine.entropy_production() >= 0
    assert 0 <= machine.contrast() < 1
    assert Junction(gamma_L=gamma_l, gamma_R=gamma_r, T_L=t_l, T_R=t_l, **kind(*which)).net_current() == 0


def test_systems_alike_do_not_rectify():
    for system, statistics in (("qubit", "fermi"), ("oscillator", "bose")):
        assert Junction(**BASE, **kind(system, statistics, statistics)).contrast() == 0
    symmetric = Junction(**BASE | {"gamma_R": BASE["gamma_L"]})
    assert symmetric.contrast() == 0


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"omega": 0.0}, "omega"),
        ({"gamma_L": -1.0}, "gamma_L"),
        ({"T_R": -0.1}, "T_R"),
        ({"T_L": np.inf}, "T_L"),
        ({"T_L": np.nan}, "T_L"),
        ({"system": "qutrit"}, "system"),
        ({"statistics_L": "boson"}, "statistics_L"),
        ({"T_L": np.ones(2), "T_R": np.ones(3)}, "T_R"),
    ],
)
def test_bad_parameters_are_refused(change, name):
    with pytest.raises(ParameterError, match=f"`{name}`"):
        Junction(**BASE | change)


def test_what_a_junction_cannot_offer():
    with pytest.raises(ParameterError, match="`pair`"):
        Junction(**BASE).negativity()
    with pytest.raises(ParameterError, match="`system`"):
        Junction(**BASE, system="oscillator").steady_state()
    with pytest.raises(ParameterError, match="`T_R`"):
        Junction(**BASE).conductance()
    with pytest.raises(ParameterError, match="`gamma_L`"):
        Junction(**BASE | {"gamma_L": 0.0}).contrast()
    with pytest.raises(ParameterError, match="`reservoir`"):
        Junction(**BASE).heat_current("h")
    with pytest.raises(NonUniqueSteadyState):
        Junction(**BASE | {"gamma_L": 0.0, "gamma_R": 0.0}).net_current()
