"""The tables behind answers/chain: against machines at single points, QuTiP, exact arithmetic and a plain search."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from qte.machines.spin_chain import SpinChain
from qte.papers.answers.studies_chain import hot_rate, lowest_cold_rate
from tests.papers.answers import table_of

G = 1e-7


@pytest.fixture(scope="module")
def length():
    return table_of("chain_length")


@pytest.fixture(scope="module")
def contrast():
    return table_of("chain_contrast")


def closed_concurrence(x, y, f):
    """2 c (1 - sqrt(p_4)/y) with c = f/(s(x) + s(y)): the cold end of three or more qubits, T_R = 0."""
    c = f / (x + 1 / x + y + 1 / y)
    n, m = c / y, c / y + c * y
    return 2 * c * (1 - np.sqrt((1 - n) * (1 - m) - c**2) / y)


@pytest.mark.parametrize("row", [3, 24, 30, 49])
def test_a_row_is_the_machine_at_that_point(length, row):
    point = length.frame.iloc[row]
    rates = {"gamma_L": 2 * G * point["x"], "gamma_R": 2 * G * point["y"]}
    fermi = {"statistics_L": "fermi", "statistics_R": "fermi"}
    n = int(point["N"])
    chain = SpinChain(N=n, g=G, **rates, T_L=point["T_L"], T_R=0.0, **fermi)
    assert float(chain.concurrence((n - 1, n))) == pytest.approx(point["C"], rel=1e-9)


def test_three_at_their_best_in_exact_arithmetic(length):
    def slope(y):
        def value(v):
            c = mpmath.mpf(1) / 2 / (2 + v + 1 / v)
            n, m = c / v, c / v + c * v
            return 2 * c * (1 - mpmath.sqrt((1 - n) * (1 - m) - c**2) / v)

        return mpmath.diff(value, y)

    with mpmath.workdps(30):
        y = mpmath.findroot(slope, 2.5)
    assert length.facts["x_there"][1] == 1
    assert length.facts["y_there"][1] == pytest.approx(float(y), rel=1e-6)
    assert length.facts["largest_at_any_temperature"][1] == pytest.approx(
        closed_concurrence(1.0, float(y), 0.5), rel=1e-8
    )


def test_three_qubits_in_qutip(length):
    qutip = pytest.importorskip("qutip")
    point = length.where(N=3).frame.iloc[-1]
    f = 1 / (np.exp(1 / point["T_L"]) + 1)
    lower = [
        qutip.tensor([qutip.destroy(2) if j == k else qutip.qeye(2) for j in range(3)]) for k in range(3)
    ]
    h = sum(0.5 * (lower[k].dag() * lower[k + 1] + lower[k + 1].dag() * lower[k]) for k in range(2))
    x, y = point["x"], point["y"]
    jumps = [np.sqrt(x * (1 - f)) * lower[0], np.sqrt(x * f) * lower[0].dag(), np.sqrt(y) * lower[2]]
    pair = qutip.steadystate(h, jumps).ptrace([1, 2])
    assert qutip.concurrence(pair) == pytest.approx(point["C"], rel=1e-6)


def test_no_couplings_on_a_grid_are_beyond_the_frontier(contrast):
    hot = 2.0
    k, f = 1 / np.tanh(0.5 / hot), 1 / (np.exp(1 / hot) + 1)
    x, y = np.meshgrid(np.geomspace(1e-2, 1e2, 401), np.geomspace(1e-2, 1e2, 401), indexing="ij")

    def resistance(a, b):
        return a + 1 / a + b + 1 / b

    swapped = {"bose, bose": (x / k, k * y), "bose, fermi": (x / k, y), "fermi, bose": (x, k * y)}
    for baths, ends in swapped.items():
        change = resistance(*ends) / resistance(x, y)
        found = np.abs((change - 1) / (change + 1))
        here = contrast.where(T_L=hot, baths=baths)
        for low, high, top in zip(here["R"], here["R"][1:], here["C"], strict=False):
            inside = (found >= low) & (found < high)
            # within a narrow strip the frontier is nearly straight
            bound = max(top, here["C"][np.searchsorted(here["R"], high)])
            assert closed_concurrence(x, y, f)[inside].max(initial=0.0) <= 1.01 * bound


@pytest.mark.parametrize("baths", ["bose, bose", "bose, fermi", "fermi, bose"])
def test_the_rate_of_the_hot_end_gives_the_wanted_contrast(baths):
    wanted, hot = np.array([0.05, 0.3, 0.5]), 2.0
    k = np.full(3, 1 / np.tanh(0.5 / hot))
    y = np.maximum(1.3 * lowest_cold_rate(baths, k, wanted), 2.0)
    left, right = baths.split(", ")
    bare = hot_rate(baths, y, k, wanted) / (k if left == "bose" else 1.0)
    rates = {"gamma_L": 2 * G * bare, "gamma_R": 2 * G * y}
    chain = SpinChain(N=4, g=G, **rates, T_L=hot, T_R=0.0, statistics_L=left, statistics_R=right)
    assert np.allclose(chain.contrast(), wanted, rtol=1e-12)


def test_summits_are_the_same_state_for_all_baths(contrast, length):
    best = dict(zip(contrast.unique("T_L"), contrast.facts["summit"], strict=True))
    for baths in contrast.unique("baths"):
        for hot, top in best.items():
            here = contrast.where(baths=baths, T_L=hot)["C"]
            assert here.max() <= top * (1 + 1e-9)
            assert here.max() > 0.97 * top
    assert max(best.values()) < length.facts["largest_at_any_temperature"][1]
