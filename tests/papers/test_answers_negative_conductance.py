"""The tables behind answers/negative_conductance: other solvers, exact algebra, QuTiP, differences of currents."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from qte.common.errors import ParameterError
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.answers.studies_negative_conductance import cooling_threshold, warming_threshold
from qte.solver.second_moments import solve_lyapunov
from tests.papers.answers import TABLES, table_of

BIASED = ("bias_warming", "bias_cooling", "bias_both")


@pytest.fixture(scope="module")
def biased():
    return {name: table_of(name) for name in BIASED}


@pytest.fixture(scope="module")
def transistor():
    return table_of("two_chain_transistor")


def temperatures(name, bias):
    entry = TABLES[name]["params"]
    return entry["T_L"] + entry["warmed"] * bias, entry["T_R"] - (1 - entry["warmed"]) * bias


@pytest.mark.parametrize("name", BIASED)
def test_qubits_are_those_of_the_density_matrix(biased, name):
    rows = biased[name].where(system="qubit")
    hot, cold = temperatures(name, rows["bias"])
    engine = TwoQubitEngine(g=1e-7, gamma_h=2e-7 * rows["strength"], gamma_c=2e-7, T_h=hot, T_c=cold)
    assert np.allclose(rows["J"], engine.net_current() / 2e-7, rtol=1e-8)


@pytest.mark.parametrize("name", BIASED)
def test_oscillators_are_those_of_the_covariance(biased, name):
    rows = biased[name].where(system="oscillator")
    for k in range(7, len(rows["J"]), 41):
        hot, cold = temperatures(name, rows["bias"][k])
        n = [0.0 if T == 0 else 1 / np.expm1(1 / T) for T in (hot, cold)]
        ends = [
            r * (1.0 if T == 0 else np.tanh(0.5 / T)) for r, T in ((1.0, hot), (rows["strength"][k], cold))
        ]
        moments = solve_lyapunov(2, 0.5, tuple(ends), tuple(n))
        # what enters at the left, twice
        flow = 2 * ends[0] * (n[0] - moments[0, 0].real)
        assert rows["J"][k] == pytest.approx(flow, rel=1e-9)


def test_warming_threshold_is_where_the_slope_vanishes():
    k, a, c, s = sp.symbols("k a c s", positive=True)
    current = (1 / c - 1 / k) / (a * k + 1 / (a * k) + s)
    root = c + sp.sqrt(c**2 + 1 / a**2 + s * c / a)
    assert sp.simplify(sp.numer(sp.together(sp.diff(current, k))).subs(k, root)) == 0


def test_cooling_threshold_is_where_the_slope_at_zero_vanishes():
    k, u, b, s = sp.symbols("k u b s", positive=True)
    current = (k - u) / (b / u + u / b + s)
    slope = sp.numer(sp.together(sp.diff(current, u))).subs(u, 1)
    assert sp.simplify(slope.subs(k, (2 * b + s) / (b - 1 / b))) == 0


def test_peaks_of_the_curves_are_the_thresholds(biased):
    strengths = np.array(TABLES["bias_warming"]["params"]["strength"])
    found = biased["bias_warming"].facts["bias_from_which_the_current_falls"]
    assert np.allclose(found, warming_threshold(strengths), rtol=1e-7)


def test_limits_of_strong_baths():
    assert warming_threshold(1e9) == pytest.approx(1 / np.log(3), rel=1e-8)
    assert cooling_threshold(1e9) == pytest.approx(1 / np.log(3), rel=1e-8)
    assert np.isnan(cooling_threshold(1.0))


def test_gain_is_the_ratio_of_changes(transistor):
    closer = {"start": 2.999, "stop": 3.001, "num": 3}
    rows = table_of("two_chain_transistor", T_M=closer)
    change = {name: rows[name][2] - rows[name][0] for name in ("Q_L", "Q_R", "Q_M")}
    assert rows["alpha_R"][1] == pytest.approx(change["Q_R"] / change["Q_M"], rel=1e-3)
    assert change["Q_L"] / change["Q_M"] == pytest.approx(rows["alpha_R"][1] - 1, rel=1e-3)
    low, high = transistor.facts["window"]
    inside = (transistor["T_M"] >= low) & (transistor["T_M"] <= high)
    assert np.abs(transistor["alpha_R"][inside]).min() >= transistor.facts["least_gain_in_the_window"] > 59
    assert transistor.facts["ratio_of_currents_over_the_window"] == 2


def test_lower_chain_in_qutip(transistor):
    qutip = pytest.importorskip("qutip")
    row = transistor.frame.iloc[60]
    n = 1 / np.expm1(1 / row["T_M"])
    lower = [qutip.tensor(qutip.destroy(2), qutip.qeye(2)), qutip.tensor(qutip.qeye(2), qutip.destroy(2))]
    h = 0.5 * (lower[0].dag() * lower[1] + lower[1].dag() * lower[0])
    jumps = [np.sqrt(10 * (1 + n)) * lower[0], np.sqrt(10 * n) * lower[0].dag(), lower[1]]
    rho = qutip.steadystate(h, jumps)
    assert qutip.expect(lower[1].dag() * lower[1], rho) == pytest.approx(row["Q_R"], rel=1e-6)


def test_a_window_below_the_falling_range_is_refused():
    with pytest.raises(ParameterError, match=r"lie between 0\.9652, where Q_R begins to fall"):
        table_of("two_chain_transistor", T_start=0.9)
    with pytest.raises(ParameterError, match="so low that Q_R halves before T_L = 10"):
        table_of("two_chain_transistor", T_start=6.0)
