"""Question 5: the limit of a strong common reservoir to fifty digits, and what the searches find."""

from __future__ import annotations

from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
import sympy as sy
import yaml

from qte.common.optimise import NotRefined
from qte.data import studies
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.papers.answers.models import equations_common as closed
from qte.papers.answers.models.common_levels import levels
from qte.papers.answers.studies_strong_common import everything_free, turned
from qte.papers.man2019.checks import dense
from qte.papers.man2019.parts import margin

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
TABLES = CONFIG["tables"]["answers"]


def run(name):
    found, _ = studies.run(f"answers.{name}", TABLES[name]["params"], TABLES[name].get("ours", []))
    return found


def chain(amplitudes, own_1, own_2, common):
    """Generator of the four populations: own rates (down, up) at both frequencies, common occupations n_1, n_2.

    Amplitudes of the collective jumps 1 -> 2, 3 -> 4, 1 -> 3, 2 -> 4.
    """
    up_1, down_1, up_2, down_2 = amplitudes
    n_1, n_2 = common
    steps = (
        (0, 1, own_1, up_1, n_1),
        (2, 3, own_1, down_1, n_1),
        (0, 2, own_2, up_2, n_2),
        (1, 3, own_2, down_2, n_2),
    )
    rows = [[0] * 4 for _ in range(4)]
    for upper, lower, (down, up), amplitude, n in steps:
        for start, end, rate in (
            (upper, lower, down + amplitude**2 * (n + 1)),
            (lower, upper, up + amplitude**2 * n),
        ):
            rows[end][start] += rate
            rows[start][start] -= rate
    return rows


def mp_state(rows):
    matrix = mp.matrix(rows)
    for k in range(4):
        matrix[3, k] = 1
    return mp.lu_solve(matrix, mp.matrix([0, 0, 0, 1]))


def mp_signed(p, sine):
    return abs(p[1] - p[2]) * sine - 2 * mp.sqrt(p[0] * p[3])


def n_of(omega, T):
    return 1 / mp.expm1(mp.mpf(omega) / mp.mpf(T))


def test_resonant_limit_to_fifty_digits():
    with mp.workdps(150):
        w_1, w_2, T_A, T_B, T_C = map(mp.mpf, ("0.6", "1.4", "0.8", "1.7", "0.3"))
        g_A, g_B, strong = mp.mpf("0.7"), mp.mpf("0.2"), mp.mpf(10) ** 110
        N = [g_A * n_of(w, T_A) + g_B * n_of(w, T_B) for w in (w_1, w_2)]
        G = g_A + g_B
        # half of every own rate goes through c^2 = s^2 = 1/2; the common bath drives the triplet alone
        own = [((n + G) / 2, n / 2) for n in N]
        bright = mp.sqrt(2 * strong)
        p = mp_state(chain((bright, 0, 0, bright), *own, (n_of(w_1, T_C), n_of(w_2, T_C))))
        q = [mp.exp(-(w_1 + w_2) / T_C), mp.exp(-w_2 / T_C), mp.mpf(1)]
        q = [x / sum(q) for x in q]
        gain = q[2] * N[0] + q[0] * (N[1] + G)
        share = gain / (gain + N[0] + G + N[1])
        formula = abs((1 - share) * q[1] - share) - 2 * (1 - share) * mp.sqrt(q[0] * q[2])
        assert abs(mp_signed(p, 1) - formula) < mp.mpf(10) ** -50
        ours = closed.resonant_limit(0.6, 1.4, T_A=0.8, T_B=1.7, T_C=0.3, Gamma_A=0.7, Gamma_B=0.2)
        assert float(ours) == pytest.approx(float(formula), rel=1e-14)


def test_cold_limit_to_fifty_digits():
    with mp.workdps(200):
        w_1, w_2, T_A, T_B, cosine = map(mp.mpf, ("0.6", "1.4", "0.8", "1.7", "0.37"))
        g_A, g_B, strong = mp.mpf("0.7"), mp.mpf("0.2"), mp.mpf(10) ** 120
        c, s = mp.sqrt((1 + cosine) / 2), mp.sqrt((1 - cosine) / 2)
        up_1 = g_A * s**2 * n_of(w_1, T_A) + g_B * c**2 * n_of(w_1, T_B)
        up_2 = g_A * c**2 * n_of(w_2, T_A) + g_B * s**2 * n_of(w_2, T_B)
        own = [(up_1 + g_A * s**2 + g_B * c**2, up_1), (up_2 + g_A * c**2 + g_B * s**2, up_2)]
        a = mp.sqrt(strong)
        b = a * s / c
        p = mp_state(chain((c * b + s * a, 0, c * a - s * b, c * a + s * b), *own, (0, 0)))
        sine = 2 * c * s
        formula = sine * up_1 / (up_1 + own[0][0] + sine**2 * up_2)
        assert abs(mp_signed(p, sine) - formula) < mp.mpf(10) ** -50
        ours = closed.cold_limit(0.6, 1.4, 0.37, T_A=0.8, T_B=1.7, Gamma_A=0.7, Gamma_B=0.2)
        assert float(ours) == pytest.approx(float(formula), rel=1e-14)


def test_resonant_share_of_the_singlet_is_that_of_degenerate_perturbation_theory():
    """The exact null vector of the chain, as a rational function of 1/Gamma_C, at Gamma_C without bound."""
    n_1, n_2, m_1, m_2, G, weak = sy.symbols("N_1 N_2 n_1 n_2 G x", positive=True)
    own = [((n + G) * weak / 2, n * weak / 2) for n in (n_1, n_2)]
    root = sy.sqrt(2)
    rows = sy.Matrix(chain((root, 0, 0, root), *own, (m_1, m_2)))
    # the steady state is in the ratio of the principal minors (matrix-tree theorem)
    minors = [sy.expand(rows.minor_submatrix(k, k).det(method="berkowitz")) for k in range(4)]
    assert all(minor.coeff(weak, 0) == 0 for minor in minors)
    share = minors[2].coeff(weak, 1) / sum(minor.coeff(weak, 1) for minor in minors)
    ladder = [m_1 * m_2, (m_1 + 1) * m_2, (m_1 + 1) * (m_2 + 1)]
    q_1, q_4 = ladder[0] / sum(ladder), ladder[2] / sum(ladder)
    gain = q_4 * n_1 + q_1 * (n_2 + G)
    top, bottom = sy.fraction(sy.together(share - gain / (gain + n_1 + G + n_2)))
    assert sy.expand(top) == 0
    assert sy.expand(bottom) != 0


def test_best_angle_is_a_stationary_point_of_the_hot_limit():
    tau, r = sy.symbols("tau r", positive=True)
    C = sy.sqrt(tau) * (1 + tau) / ((1 + tau) ** 2 + 2 * r * tau**2)
    condition = (1 + tau) ** 2 * (1 - tau) - 2 * r * tau**2 * (3 + tau)
    slope = sy.diff(C, tau) * 2 * sy.sqrt(tau) * ((1 + tau) ** 2 + 2 * r * tau**2) ** 2
    assert sy.expand(sy.fraction(sy.together(slope - condition))[0]) == 0
    assert sy.expand(condition.subs({r: 1, tau: sy.sqrt(2) - 1})) == 0
    assert float(closed.best_tangent_squared(1.0)) == pytest.approx(np.sqrt(2) - 1, rel=1e-12)
    ratio, angle = np.array([0.05, 0.3, 1.0, 4.0]), np.linspace(-0.999, 0.999, 4001)[:, None]
    both = closed.cold_limit(ratio, 1.0, angle, T_A=1e-3, T_B=1e9, Gamma_A=0.0)
    np.testing.assert_allclose(both.max(axis=0), closed.best_limit(ratio), rtol=1e-6)


@pytest.mark.parametrize("approach", ["global", "redfield"])
def test_fast_levels_are_the_machine_and_the_dense_equation(approach):
    rng = np.random.default_rng(7)
    p = {k: rng.uniform(0.6, 1.5, 60) for k in ("eps_A", "eps_B")}
    p["Omega"] = rng.uniform(0.1, 0.55, 60) * rng.choice([-1, 1], 60)
    p |= {f"T_{k}": rng.uniform(0.1, 2, 60) for k in "ABC"}
    p |= {k: rng.uniform(1e-3, 0.1, 60) for k in ("Gamma_A", "Gamma_B", "Gamma_CA", "Gamma_CB")}
    machine = CommonReservoirEngine(**p, approach=approach)
    found, again = levels(machine), dense.again(p, secular=approach == "global")
    np.testing.assert_allclose(found.signed, margin(machine), atol=1e-13)
    np.testing.assert_allclose(found.signed, again.signed, atol=1e-12)
    np.testing.assert_allclose(found.heat, again.Q["C"], atol=1e-13)


def test_growth_ends_at_the_limit_only_at_resonance():
    table = run("strong_common")
    level = table.where(delta_eps=0.0)
    assert level["C"][-1] == pytest.approx(level["limit"][-1], abs=5e-4)
    for detuning in table.unique("delta_eps")[1:]:
        part = table.where(delta_eps=detuning)
        assert 0 < np.argmax(part["C"]) < len(part["C"]) - 1
        assert part["C"][-1] < 0.05
    assert np.abs(table["C"] - table["C_redfield"]).max() < 2e-3


def test_optimum_is_inside_its_bounds_rises_to_the_ceiling_and_is_the_machines():
    table = run("best_common_found")
    assert table.facts["at_bounds"] == "none"
    assert np.all(table["agreeing"] >= 2)
    ratio = (1 - table["mix"]) / (1 + table["mix"])
    short = (closed.best_limit(ratio) - table["C"]).reshape(3, -1)
    assert np.all(short > 0)
    assert np.all(short[:-1] > 2 * short[1:])
    row = {name: table[name] for name in ("mix", "cosine", "Gamma_CB", "T_B")}
    machine = turned(**row, T_A=0.0, T_C=0.0, Gamma_A=0.0, Gamma_B=1 / table["strength"], Gamma_CA=1.0)
    np.testing.assert_allclose(machine.concurrence(), table["C"], rtol=1e-9)


def test_closed_forms_are_above_what_equal_rates_reach():
    table = run("best_common")
    assert np.all(table["alone"] <= table["equal"])
    assert np.all(table["equal"] < table["resonant"])
    assert np.all(table["resonant"] < table["detuned"])


def test_search_over_everything_refuses_what_one_start_found():
    with pytest.raises(NotRefined):
        everything_free(0.5, starts=2)


def test_best_temperatures_are_inside_their_bounds_and_give_the_most():
    table = run("best_common")
    assert table.facts["temperatures_at_a_bound"] == 0
    for name, common in (("alone", False), ("equal", True)):
        for part in (0.98, 1.0, 1.02):
            at = turned(
                table["mix"], 0.0, T_A=part * table[f"T_{name}"], T_B=part * table[f"T_{name}"], T_C=0.0,
                Gamma_A=1.0, Gamma_B=1.0, Gamma_CA=1.0, Gamma_CB=1.0,
            )  # fmt: skip
            value = np.maximum(levels(at if common else at.without_common()).signed, 0.0)
            assert np.all(value <= table[name] + 1e-14)
            if part == 1.0:
                assert value == pytest.approx(table[name], abs=1e-12)
