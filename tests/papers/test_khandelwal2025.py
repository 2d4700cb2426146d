"""The printed equations and sentences of khandelwal2025 against the master equation.

Tests named ``test_not_...`` record where the paper and the computation disagree, with numbers.
"""

from __future__ import annotations

import numpy as np
import pytest

from qte.data import studies
from qte.machines import ThreeQubitMachine, WStateMachine
from qte.papers.khandelwal2025 import equations as eq
from qte.physics.generators import Channel, Generator, Term
from qte.physics.operators import embed, ket, partial_trace
from qte.solver.steady import steady_state

INF = np.inf
FIGURE = {"g13": 0.05, "g23": 0.05, "gamma_1": 0.1, "gamma_3": 0.1, "T_1": 1.0, "T_3": 1.0}
FLIP = np.array([[0.0, 1.0], [1.0, 0.0]])


def ideal(**changes) -> ThreeQubitMachine:
    return ThreeQubitMachine(**(FIGURE | {"U": INF, "mu": INF} | changes))


# ---- equations as printed -----------------------------------------------------------------------


def draw(rng: np.random.Generator) -> dict[str, float]:
    return {
        "eps": rng.uniform(0.5, 2.0),
        "g13": rng.uniform(0.02, 0.3),
        "g23": rng.uniform(0.02, 0.3),
        "gamma_1": rng.uniform(0.01, 0.5),
        "gamma_3": rng.uniform(0.01, 0.5),
        "T_1": rng.uniform(0.4, 3.0),
        "T_3": rng.uniform(0.4, 3.0),
        "U": rng.uniform(0.0, 8.0),
        "mu": rng.uniform(-1.0, 8.0),
        "mu_3": rng.uniform(-1.0, 1.0),
    }


def test_eqs_1_2_and_9_are_the_machine():
    rng = np.random.default_rng(2025)
    for _ in range(30):
        p = draw(rng)
        machine = ThreeQubitMachine(**p)
        h = eq.eq01_hamiltonian(p["eps"], p["g13"], p["g23"], p["U"])
        assert np.abs(machine.generator.hamiltonian_matrix - h).max() < 1e-14
        rho = machine.steady_state().rho
        first = eq.eq02_reservoir(rho, 1, p["eps"], p["U"], p["mu"], p["T_1"], p["gamma_1"])
        third = eq.eq02_reservoir(rho, 3, p["eps"], p["U"], p["mu_3"], p["T_3"], p["gamma_3"])
        assert np.abs(-1j * (h @ rho - rho @ h) + first + third).max() < 1e-14
        q1, q3 = eq.eq09_energy_current(h, first), eq.eq09_energy_current(h, third)
        assert q1 == pytest.approx(float(machine.heat_current(1)), abs=1e-13)
        assert q3 == pytest.approx(float(machine.heat_current(3)), abs=1e-13)
        assert float(eq.average_current(q1, q3)) == pytest.approx(float(machine.net_current()), abs=1e-13)


def test_one_operator_an_energy_would_be_another_machine():
    """p and q tell the jumps apart; summing |110><010| and |101><001| into one operator gives another number."""
    merged = []
    for j, mu in ((1, 15.0), (3, 0.0)):
        for k in range(3):
            jump = sum(eq.eq02_jump(j, p, q) for p, q in eq.CONFIGURATIONS if p + q == k)
            p, q = next(c for c in eq.CONFIGURATIONS if sum(c) == k)
            up, down = eq.eq02_rates(1.0, 15.0, mu, 1.0, 0.1, p, q)
            merged += [Channel.of(j, up, jump, 1), Channel.of(j, down, jump.T, -1)]
    h = Term.of(1.0, eq.eq01_hamiltonian(1.0, 0.05, 0.05, 15.0))
    rho = partial_trace(steady_state(Generator((h,), tuple(merged))).rho, (0, 1))
    together = eq.concurrence(rho[1, 2], rho[0, 0].real, rho[3, 3].real)
    assert float(together) == pytest.approx(0.1787510761, abs=1e-9)


@pytest.mark.parametrize(("g13", "g23"), [(0.05, 0.05), (0.02, 0.07), (0.1, -0.03)])
def test_eq_4_is_the_steady_state_of_the_limit(g13, g23):
    machine = ideal(g13=g13, g23=g23)
    state = eq.eq04_state(g13, g23)
    assert float(machine.fidelity(state)) == pytest.approx(1.0, abs=1e-13)
    assert float(machine.concurrence()) == pytest.approx(2 * abs(g13 * g23) / (g13**2 + g23**2), abs=1e-13)


def test_eq_4_is_an_eigenstate_of_h_and_of_the_effective_hamiltonian():
    h = eq.eq01_hamiltonian(1.0, 0.03, 0.08, 0.0)
    state = eq.eq04_state(0.03, 0.08)
    assert np.abs(h @ state - state).max() < 1e-16
    n = 1 / (np.e + 1)
    effective = eq.effective_hamiltonian(h, 0.1, 0.1 * n, 0.1 * (1 - n))
    assert np.abs(effective @ state - state).max() < 1e-16
    for jump in (eq.eq02_jump(1, 0, 0), eq.eq02_jump(3, 0, 0), eq.eq02_jump(3, 0, 0).T):
        assert not np.any(jump @ state)


def test_the_limit_does_not_depend_on_temperatures_or_rates():
    rng = np.random.default_rng(4)
    for _ in range(20):
        p = draw(rng)
        machine = ThreeQubitMachine(**(p | {"g23": p["g13"], "U": INF, "mu": INF}))
        assert float(machine.fidelity("singlet")) == pytest.approx(1.0, abs=1e-12)
        assert abs(float(machine.net_current())) < 1e-14


def nullity(matrix: np.ndarray) -> int:
    return int((np.linalg.svd(matrix, compute_uv=False) < 1e-12).sum())


def test_eqs_5_to_8_two_qubits():
    jumps = eq.eq06_jumps()
    for sign in (1, -1):
        psi, phi = ket("10") + sign * ket("01"), ket("00") + sign * ket("11")
        assert not any(np.any(jump @ psi) for jump in jumps[:4])
        assert not any(np.any(jump @ phi) for jump in jumps[4:])
    h = eq.eq05_hamiltonian(1.0, 0.05)
    assert nullity(eq.eq07_liouvillian(h, [0.1] * 8)) == 1
    half = eq.eq07_liouvillian(h, [0.1] * 4 + [0.0] * 4)
    assert nullity(half) == 2
    # the residual oscillation: eigenvalues +-2ig
    assert np.sort(np.abs(np.linalg.eigvals(half)))[2:4] == pytest.approx(0.1, rel=1e-9)


def test_eqs_10_to_12():
    alpha, beta = eq.eq11_coefficients([0.03, 0.08], [0.05, 0.05])
    state = eq.eq10_state(alpha)
    assert state @ state == pytest.approx(1.0)
    assert state[np.argmax(np.abs(ket("10000")))] == pytest.approx(beta**-0.5)
    machine = WStateMachine(
        n=3, g=0.05, gamma=0.1, T=1.0, U=INF, mu=INF, coulomb="all_pairs", alpha=tuple(alpha)
    )
    assert float(machine.fidelity(state)) == pytest.approx(1.0, abs=1e-13)
    assert np.abs(eq.eq12_w_state(3) - machine.targets()["W"]).max() < 1e-16
    assert np.abs(eq.eq12_w_state(2) - ideal().targets()["singlet"]).max() < 1e-16


def test_the_formula_of_the_concurrence_is_wootters():
    rng = np.random.default_rng(6)
    for _ in range(20):
        machine = ThreeQubitMachine(**draw(rng))
        rho = partial_trace(machine.steady_state().rho, (0, 1))
        printed = eq.concurrence(rho[1, 2], rho[0, 0].real, rho[3, 3].real)
        assert float(machine.concurrence()) == pytest.approx(float(printed), abs=1e-14)


# ---- numbers and sentences ----------------------------------------------------------------------


def test_quoted_concurrences_with_more_digits():
    machine = ThreeQubitMachine(**FIGURE, U=15.0, mu=np.array([8.0, 15.0]))
    assert machine.concurrence() == pytest.approx([0.9934473418244311, 0.24924897529163922], rel=1e-12)


def test_few_microseconds():
    """F = 0.99 after 3.55, 0.72 and 0.37 µs if 1 GHz means 1e9/s, and 2 pi less if it means cycles."""
    times = np.array([3552.6861054283795, 718.8592291631631, 372.80169695428475])
    for gamma, time in zip((0.01, 0.05, 0.1), times, strict=True):
        fidelity = ideal(gamma_1=gamma, gamma_3=gamma).evolve("000", [time]).fidelity("singlet")
        assert float(fidelity[0]) == pytest.approx(0.99, abs=1e-12)
    assert np.all(times / 1e3 < 5)
    assert times[0] / 1e3 / (2 * np.pi) == pytest.approx(0.5654, abs=1e-4)


def test_relaxation_time_is_eight_over_gamma_where_gamma_is_small():
    gamma = np.array([1e-4, 0.01, 0.05, 0.1])
    ratio = ideal(gamma_1=gamma, gamma_3=gamma).liouvillian_gap() / gamma
    assert ratio == pytest.approx([0.12073770, 0.12068422, 0.11940324, 0.11543661], abs=1e-8)


def test_not_the_larger_the_coupling_the_shorter_the_time():
    """True up to gamma = 0.341 eps at g = 0.05 eps; a stronger bath freezes the sink and slows the machine."""
    gamma = np.array([0.1, 0.3, 0.35, 0.5, 1.0])
    gap = ideal(gamma_1=gamma, gamma_3=gamma).liouvillian_gap()
    assert gap[0] < gap[1] < gap[2] > gap[3] > gap[4]
    assert gap[4] / gamma[4] == pytest.approx(0.0130066, abs=1e-7)


def test_not_u_over_mu_to_infinity():
    """U - mu >> T is enough: U = 1.5 mu is ideal to 1e-15, and it is U - mu that must grow."""
    assert 1 - float(ThreeQubitMachine(**FIGURE, U=150.0, mu=100.0).concurrence()) < 1e-15
    assert 1 - float(ThreeQubitMachine(**FIGURE, U=105.0, mu=100.0).concurrence()) == pytest.approx(
        0.0139, abs=1e-4
    )


def test_not_no_impact_of_mu_3():
    """In the limit mu_3 has none; at the point U = 15 T, mu = 8 T of figure 3 +-T changes C by 3e-3."""
    shift = np.array([-1.0, 0.0, 1.0])
    assert ideal(mu_3=shift).concurrence() == pytest.approx(1.0, abs=1e-14)
    near = ThreeQubitMachine(**FIGURE, U=15.0, mu=8.0, mu_3=shift).concurrence()
    assert near - near[1] == pytest.approx([1.194e-3, 0.0, -3.310e-3], abs=1e-6)


def test_not_the_w_state_in_the_same_limits():
    """With Coulomb bonds inside the triangles, as the text has them, eq. (3) gives fidelity 0.33 at T = eps, not 1."""
    p = {"g": 0.05, "gamma": 0.1, "U": INF, "mu": INF}
    fidelity = WStateMachine(n=3, T=np.array([0.1, 0.2, 0.5, 1.0]), **p).fidelity("W")
    assert fidelity == pytest.approx([0.99974568, 0.96357358, 0.56647705, 0.33013669], abs=1e-8)
    assert float(WStateMachine(n=3, T=1.0, coulomb="all_pairs", **p).fidelity("W")) == pytest.approx(
        1.0, abs=1e-13
    )


def test_not_that_no_two_qubit_hamiltonian_makes_a_bell_state():
    """L_1, L_2 and a transverse field on both qubits: the singlet is the only steady state of eq. (7)."""
    field = 0.07 * (np.kron(FLIP, np.eye(2)) + np.kron(np.eye(2), FLIP))
    h = eq.eq05_hamiltonian(0.0, 0.05) + field
    singlet = (ket("10") - ket("01")) / np.sqrt(2)
    for rates in ([0.1, 0.1, 0, 0, 0, 0, 0, 0], [0.1] * 4 + [0.0] * 4):
        matrix = eq.eq07_liouvillian(h, rates)
        assert nullity(matrix) == 1
        assert np.abs(matrix @ np.outer(singlet, singlet).ravel()).max() < 1e-15
    # with eps, too: the field only has to be the same on both qubits
    assert nullity(eq.eq07_liouvillian(eq.eq05_hamiltonian(1.0, 0.05) + field, [0.1] * 4 + [0.0] * 4)) == 1


def test_dephasing_ruins_what_the_limit_protects():
    """D[sigma_z] on every qubit at a hundredth of gamma leaves C = 0.78."""
    assert float(ideal(dephasing=1e-3).concurrence()) == pytest.approx(0.7808026, abs=1e-7)


# ---- studies ------------------------------------------------------------------------------------


def relaxation(**changes):
    params = {"eps": 1.0, "g": 0.05, "gamma": [0.05, 0.1], "T": 1.0, "U": INF, "mu": INF}
    params |= {"t": {"start": 0.0, "stop": 1000.0, "num": 11}}
    return "khandelwal2025.relaxation", params | changes


def test_relaxation_study():
    name, params = relaxation()
    table, _ = studies.run(name, params, ours=["gamma", "t"])
    assert len(table) == 22
    assert table["F"][-1] == pytest.approx(1.0, abs=1e-4)
    assert table.facts["fidelity_reaches_0.99_at"][1] == pytest.approx(372.80169695428475, rel=1e-9)
    short, _ = studies.run(*relaxation(t={"start": 0.0, "stop": 10.0, "num": 3}))
    assert short.facts["fidelity_reaches_0.99_at"] == [None, None]


def test_concurrence_map_study():
    grid = {"start": 0.0, "stop": 20.0, "num": 5}
    params = {"eps": 1.0, "g": 0.05, "gamma": 0.1, "T": 1.0, "mu_over_T": grid, "U_over_T": grid}
    params |= {"quoted_mu_over_T": [8.0, 15.0], "quoted_U_over_T": [15.0, 15.0]}
    table, _ = studies.run("khandelwal2025.concurrence_map", params)
    assert len(table) == 25
    assert table.where(mu=15.0, U=15.0)["C"][0] == table.facts["concurrence_at_quoted_points"][1]
    found = studies.problems("khandelwal2025.concurrence_map", params | {"quoted_mu_over_T": [8.0]})
    assert "quoted_U_over_T" in str(found[0])


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"U": 15.0}, "mu"), ({"T": -1.0}, "T_1"), ({"gamma": [0.1, -0.1]}, "gamma_1"), ({"eps": 0.0}, "eps")],
)
def test_studies_refuse_unphysical_parameters(changes, word):
    found = studies.problems(*relaxation(**changes))
    assert found
    assert word in str(found[0])


def test_the_transverse_field_counterexample_as_a_generator():
    """The same through the library's own solver, with its certificate of uniqueness."""
    field = sum((embed({k: FLIP}, 2) for k in (0, 1)), embed({0: 0 * FLIP}, 2))
    h = (Term.of(1.0, eq.eq05_hamiltonian(1.0, 0.05)), Term.of(0.07, field))
    state = steady_state(Generator(h, tuple(Channel.of(1, 0.1, jump) for jump in eq.eq06_jumps()[:4])))
    assert state.unique
    singlet = (ket("10") - ket("01")) / np.sqrt(2)
    assert float((singlet @ state.rho @ singlet).real) == pytest.approx(1.0, abs=1e-13)
