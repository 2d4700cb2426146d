"""Every fault that the ledger of khandelwal2020 finds, and where what holds ends, with QuTiP (third method).

Each function states the fault at its counterexample; nothing of the ledger runs here, so that a verdict and its
confirmation share no code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import qutip

from qte.ledger.verdicts import FAULTS
from tests.reference import qutip_ladder, qutip_two_qubit, rates
from workflow.commands import verify_ledger

FIGURE = {"eps_h": 1.0, "g": 1.6e-3, "gamma_h": 1e-3, "gamma_c": 1.1e-2, "T_c": 0.1, "T_h": 0.7}
STRONG = {"g": 0.8, "gamma_h": 0.01, "gamma_c": 0.01, "T_c": 0.01, "approach": "global"}
WEAK = {"g": 2e-3, "gamma_h": 1e-3, "gamma_c": 1e-2, "T_c": 0.01}
REST = {
    "eps_h": 1.0,
    "delta": 0.0,
    "kappa_h": 0.0,
    "kappa_c": 0.0,
    "statistics_h": "bose",
    "statistics_c": "bose",
    "approach": "local",
}
FAULTY: dict[str, Callable[[], None]] = {}


def shows(*ids: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def register(check: Callable[[], None]) -> Callable[[], None]:
        FAULTY.update(dict.fromkeys(ids, check))
        return check

    return register


def at(**p: Any) -> dict[str, Any]:
    """The engine of figures 2 to 5, by QuTiP."""
    return qutip_two_qubit(REST | FIGURE | p)


def strongly(**p: Any) -> dict[str, Any]:
    """The engine of figure 6, by QuTiP."""
    return qutip_two_qubit(REST | STRONG | p)


def ratio(found: dict[str, Any]) -> float:
    """J/J_c as |c|/√(r₁r₄)."""
    rho = found["rho"]
    return float(abs(rho[1, 2]) / np.sqrt(rho[0, 0].real * rho[3, 3].real))


def gibbs(g: float, temperature: float, delta: float = 0.0) -> qutip.Qobj:
    lower = [qutip_ladder(k, 2) for k in (0, 1)]
    h = (
        sum(a.dag() * a for a in lower)
        + delta * lower[1].dag() * lower[1]
        + g * (lower[0].dag() * lower[1] + lower[1].dag() * lower[0])
    )
    weights = (-h / temperature).expm()
    return weights / weights.tr()


def negativity(rho: qutip.Qobj) -> float:
    values = qutip.partial_transpose(rho, [0, 1]).eigenenergies()
    return float(-values[values < 0].sum())


def order(**p: Any) -> float:
    names = ("g", "gamma_h", "gamma_c")
    low, high = (at(**p, **{n: FIGURE[n] * s for n in names})["J"] for s in (0.999, 1.001))
    return float(np.log(high / low) / np.log(1.001 / 0.999))


def bare_flows(delta: float) -> tuple[float, float]:
    """Heat flows with the H_S of eq. (2), without the coupling."""
    rho = qutip.Qobj(at(delta=delta)["rho"], dims=[[2, 2], [2, 2]])
    gaps, lower = {"h": 1.0, "c": 1.0 + delta}, {"h": qutip_ladder(0, 2), "c": qutip_ladder(1, 2)}
    bare = sum(gaps[k] * lower[k].dag() * lower[k] for k in "hc")
    flows = []
    for k in "hc":
        down, up = rates(gaps[k], FIGURE[f"T_{k}"], FIGURE[f"gamma_{k}"], "bose")
        part = down * qutip.lindblad_dissipator(lower[k]) + up * qutip.lindblad_dissipator(lower[k].dag())
        change = qutip.vector_to_operator(part * qutip.operator_to_vector(rho))
        flows.append((bare * change).tr().real)
    return flows[0], flows[1]


@shows("eq-10")
def bare_heat_does_not_balance():
    hot, cold = bare_flows(0.05)
    full = at(delta=0.05)
    assert (hot + cold) / full["J"] == pytest.approx(-0.0248397, rel=1e-5)
    assert (hot - cold) / full["J"] - 1 == pytest.approx(0.0184, abs=1e-4)
    assert abs(full["heat"]["h"] + full["heat"]["c"]) < 1e-9 * full["J"]
    hot, cold = bare_flows(0.0)
    assert abs(hot + cold) < 1e-8 * hot


@shows("sign-of-flows")
def heat_runs_uphill():
    assert at(delta=-0.02, T_h=0.101)["J"] == pytest.approx(-6.95859e-10, rel=1e-4)
    assert at(delta=0.02, T_h=0.101)["J"] > 0


@shows("first-order-in-the-couplings")
def third_order_when_detuned():
    assert order() == pytest.approx(1, abs=1e-6)
    assert order(delta=0.01) == pytest.approx(2.22956, abs=1e-4)
    assert order(delta=0.05) == pytest.approx(2.9511, abs=1e-3)


@shows("current-from-hot-to-cold")
def j_is_twice_the_flow():
    found = at()
    assert found["J"] == pytest.approx(2 * found["heat"]["h"], rel=1e-9)


@shows("current-grows-with-hot-temperature")
def current_has_a_maximum():
    currents = [at(T_h=T)["J"] for T in (2.0, 2.87807, 10.0)]
    assert currents[0] < currents[1] > currents[2]
    np.testing.assert_allclose(currents[1:], [4.346012e-4, 2.996759e-4], rtol=1e-6)


@shows("witness-necessary", "eq-18")
def entangled_by_a_backward_current():
    found = at(gamma_h=1.1e-2, gamma_c=1e-3, T_h=0.1, T_c=0.7)
    assert found["J"] == pytest.approx(-0.000199481, rel=1e-5)
    assert found["N"] == pytest.approx(0.000897226, rel=1e-5)
    assert ratio(found) > 1


@shows("negativity-grows-with-hot-temperature")
def negativity_has_a_maximum():
    values = [at(T_h=T)["N"] for T in (2.0, 2.58319, 9.0, 10.0)]
    np.testing.assert_allclose(values[1:3], [0.0047501656, 0.00040959244], rtol=1e-6)
    assert values[0] < values[1]
    assert values[3] < 1e-12


@shows("negativity-follows-current")
def shapes_differ():
    there, start = at(delta=0.03, T_h=0.3), at(T_h=0.3)
    assert there["N"] / start["N"] == pytest.approx(0.0892821, rel=1e-4)
    assert there["J"] / start["J"] == pytest.approx(0.0705002, rel=1e-5)


@shows("ratio-against-detuning-preprint")
def ratio_rises_first():
    values = [ratio(at(delta=d, T_h=0.3)) for d in (0.0, 0.007, 0.05)]
    np.testing.assert_allclose(values[:2], [2.14151, 2.30287], rtol=1e-5)
    assert values[2] < values[0]


@shows("critical-detuning")
def no_critical_detuning_when_hot():
    assert min(at(delta=d)["N"] for d in np.linspace(0.01, 0.6, 60)) > 1e-8
    assert at(delta=0.0555, T_h=0.3)["N"] > 0
    assert at(delta=0.0558, T_h=0.3)["N"] < 1e-14
    assert at(delta=0.6, T_h=0.3)["N"] == pytest.approx(4.036e-9, rel=1e-3)


@shows("ratio-against-temperature")
def ratio_has_a_maximum():
    values = [ratio(at(T_h=T)) for T in (0.3, 0.470274, 1.5)]
    np.testing.assert_allclose(values[1:], [2.2497, 1.95391], rtol=1e-5)
    assert values[0] < values[1]


@shows("strong-not-significantly-more")
def nine_times_as_much():
    strong = strongly(g=0.9, gamma_c=1e-3, T_h=0.41)["N"]
    assert strong == pytest.approx(0.0680802, rel=1e-5)
    best_weak = max(
        qutip_two_qubit(REST | WEAK | {"T_h": 3.0, "g": g, "gamma_c": c})["N"]
        for g in np.geomspace(5e-4, 2e-2, 9)
        for c in np.geomspace(2e-3, 0.1, 9)
    )
    assert 0.005 < best_weak < 0.00737
    assert strong > 9 * 0.00737


@shows("sensitive-to-temperature")
def widths_of_the_peaks():
    assert strongly(g=0.9, gamma_c=1e-3, T_h=0.803692)["N"] == pytest.approx(0.0341068, rel=1e-4)


@shows("figure-6a-inner-optimum")
def smaller_gamma_is_better():
    values = [strongly(gamma_c=c, T_h=0.3)["N"] for c in (1e-5, 1e-3)]
    np.testing.assert_allclose(values, [0.0397035, 0.0369519], rtol=1e-5)


@shows("resonance-without-loss")
def a_detuned_engine_beats_its_thermal_states():
    p = {"g": 0.05, "delta": 0.1, "gamma_h": 1e-3, "gamma_c": 5e-3, "T_h": 1.0}
    assert strongly(**p)["N"] == pytest.approx(0.00210516, rel=1e-5)
    assert strongly(**p, approach="redfield")["N"] == pytest.approx(0.002107, abs=1e-5)
    assert strongly(**p | {"delta": 0.0})["N"] < 1e-12
    assert max(negativity(gibbs(0.05, T, 0.1)) for T in np.geomspace(0.01, 2, 60)) < 1e-9


@shows("caption-and-text-threshold")
def sign_of_g_does_not_matter():
    assert negativity(gibbs(-0.8, 0.5)) == pytest.approx(0.0452237, rel=1e-5)
    assert negativity(gibbs(0.8, 0.5)) == pytest.approx(0.0452237, rel=1e-5)


@shows("thermal-falls-abruptly")
def no_jump():
    edge = 0.8 / np.arcsinh(1)
    values = [negativity(gibbs(0.8, edge * (1 - s))) for s in (1e-2, 1e-3, -1e-3)]
    assert values[0] == pytest.approx(0.00120981, rel=1e-5)
    assert values[0] / values[1] == pytest.approx(10, rel=0.01)
    assert values[2] < 1e-14


@shows("thermal-state-optimal")
def engines_above_the_best_thermal_state():
    weakly, coldest = at()["N"], max(negativity(gibbs(1.6e-3, T)) for T in np.geomspace(5e-3, 1, 30))
    assert weakly > 8e-4 > coldest + 7e-4
    mixed = {"g": 0.8847, "gamma_h": 0.0005352, "gamma_c": 6.501e-05, "T_h": 0.3467, "T_c": 0.6959}
    odd = strongly(**mixed, statistics_h="fermi")["N"]
    assert odd == pytest.approx(0.0695825, rel=1e-5)
    assert odd > max(negativity(gibbs(0.8847, T)) for T in np.geomspace(0.05, 1, 200)) + 0.003


@shows("thermal-beats-engine")
def engine_beats_a_separable_thermal_state():
    assert strongly(gamma_c=0.02, T_h=0.9)["N"] == pytest.approx(0.0227274, rel=1e-5)
    assert 0 < negativity(gibbs(0.8, 0.9)) < 2e-3
    assert strongly(gamma_c=0.02, T_h=0.95)["N"] > 0.02
    assert negativity(gibbs(0.8, 0.95)) < 1e-14


@shows("critical-current-at-equilibrium")
def no_current_decides_at_equilibrium():
    cold, warm = (strongly(gamma_c=0.02, T_h=T, T_c=T) for T in (0.4, 2.0))
    assert cold["N"] == pytest.approx(0.0465776, rel=1e-5)
    assert warm["N"] < 1e-14
    assert max(abs(cold["J"]), abs(warm["J"])) < 1e-12


@shows("tunnelling-counters-detuning")
def tunnelling_harms_below_resonance():
    assert at(delta=-0.01, kappa_h=0.03)["N"] < at(delta=-0.01)["N"]
    assert at(delta=0.01, kappa_h=0.03)["N"] > at(delta=0.01)["N"]


@shows("tunnelling-recovers", "same-kappa")
def nearly_recovered():
    values = {k: at(delta=0.01, kappa_h=k) for k in (0.0700, 0.07046, 0.07087, 0.0713)}
    start = at()
    assert max(v["N"] for v in values.values()) / start["N"] == pytest.approx(0.9923, abs=1e-4)
    assert max(v["J"] for v in values.values()) / start["J"] == pytest.approx(0.9998, abs=1e-4)
    # the maximum of N comes first
    assert values[0.07046]["N"] > values[0.07087]["N"]
    assert values[0.07087]["J"] > values[0.07046]["J"]


@shows("detuning-and-tunnelling-reduce")
def a_little_detuning_helps():
    assert at(delta=0.00135, T_h=0.3)["N"] / at(T_h=0.3)["N"] - 1 == pytest.approx(0.0011, abs=1e-4)
    assert at(kappa_h=0.05)["N"] < at()["N"]


@shows("matrix-size")
def fifteen_unknowns():
    full = qutip.liouvillian(qutip_ladder(0, 2) + qutip_ladder(0, 2).dag(), [qutip_ladder(1, 2)]).full()
    assert full.shape == (16, 16)
    # without one population, by the trace: 15 equations for 15 unknowns, and an inhomogeneity of 15 entries
    assert full[:15, :15].shape == (15, 15)
    assert full[:15, 15].shape == (15,)


@shows("local-approach-justified", "local-approach-weak-g", "detuning-limit")
def local_against_redfield():
    off = {}
    for delta in (0.0, 0.01, 0.3):
        local, full = (at(delta=delta, approach=how)["J"] for how in ("local", "redfield"))
        off[delta] = local / full - 1
    assert abs(off[0.0]) < 2e-5
    assert off[0.01] == pytest.approx(0.002543, abs=1e-5)
    assert off[0.3] == pytest.approx(0.0716433, abs=1e-4)
    local, full = (at(g=0.05, approach=how) for how in ("local", "redfield"))
    assert local["J"] / full["J"] - 1 == pytest.approx(-0.000276, abs=1e-5)
    assert abs(local["rho"][1, 2]) / abs(full["rho"][1, 2]) - 1 == pytest.approx(-0.2297, abs=1e-3)


@shows("global-approach-justified")
def global_against_redfield():
    secular, full = (strongly(T_h=0.4, approach=how) for how in ("global", "redfield"))
    assert secular["J"] / full["J"] - 1 == pytest.approx(0.00072, abs=1e-5)
    assert secular["N"] / full["N"] - 1 == pytest.approx(-0.000333, abs=1e-5)


@shows("eq-27")
def a_separable_engine_above_the_printed_bound():
    found = strongly(g=0.5, gamma_c=0.02, T_h=3.0)
    rho = found["rho"]
    assert found["N"] < 1e-14
    assert rho[1, 2].real < 0
    printed = found["J"] * np.sqrt(rho[0, 0].real * rho[3, 3].real) / rho[1, 2].real
    assert printed == pytest.approx(-0.0350883, rel=1e-5)
    assert printed < found["J"] < -printed


@pytest.mark.parametrize("name", sorted(FAULTY))
def test_a_fault_is_found_by_qutip_too(name):
    FAULTY[name]()


def test_every_fault_is_shown():
    rows = [row for (paper, _), row in verify_ledger.accepted().items() if paper == "khandelwal2020"]
    # what holds is shown too where it ends, beyond the paper's own setting
    assert (
        {row["id"] for row in rows if row["verdict"] in FAULTS} <= set(FAULTY) <= {row["id"] for row in rows}
    )
