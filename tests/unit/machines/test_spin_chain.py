"""The chain against full Lindblad solves, Fock space, Lyapunov equations, and the laws it must obey."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st

from qte.common.errors import IllConditioned, NonUniqueSteadyState, ParameterError
from qte.machines import Junction, SpinChain, TwoQubitEngine
from qte.machines.base import Machine
from qte.physics.baths import Bath
from qte.solver import second_moments
from tests.reference import DIGITS, mp_occupation, qutip_ladder, rates

STATISTICS = ("bose", "fermi")
BATHS = list(itertools.product(STATISTICS, STATISTICS))
KINDS = list(itertools.product(("qubit", "oscillator"), STATISTICS, STATISTICS))
BASE = {"g": 0.02, "gamma_L": 0.01, "gamma_R": 0.02, "T_L": 0.7, "T_R": 0.1}


def kind(system: str, left: str, right: str) -> dict[str, str]:
    return {"system": system, "statistics_L": left, "statistics_R": right}


def draw(rng: np.random.Generator, warm: float = 3.0) -> dict[str, float]:
    return {
        "omega": rng.uniform(0.5, 2.0),
        "g": rng.uniform(-0.5, 0.5),
        "gamma_L": 10 ** rng.uniform(-2, 0),
        "gamma_R": 10 ** rng.uniform(-2, 0),
        "T_L": rng.uniform(0.1, warm),
        "T_R": rng.uniform(0.1, warm),
    }


def qutip_chain(p: dict[str, Any], ladders: list[qutip.Qobj]) -> dict[str, Any]:
    """Steady state, moments and currents of any ladder operators."""
    n = len(ladders)
    h = p["omega"] * sum(s.dag() * s for s in ladders)
    h += p["g"] * sum(a.dag() * b + b.dag() * a for a, b in itertools.pairwise(ladders))
    parts = {}
    for side, s in (("L", ladders[0]), ("R", ladders[-1])):
        down, up = rates(p["omega"], p[f"T_{side}"], p[f"gamma_{side}"], p[f"statistics_{side}"])
        parts[side] = down * qutip.lindblad_dissipator(s) + up * qutip.lindblad_dissipator(s.dag())
    rho = qutip.steadystate(qutip.liouvillian(h) + parts["L"] + parts["R"], method="direct")
    heat = {
        k: (h * qutip.vector_to_operator(v * qutip.operator_to_vector(rho))).tr().real
        for k, v in parts.items()
    }
    moments = [[(ladders[i].dag() * ladders[j] * rho).tr() for j in range(n)] for i in range(n)]
    return {"rho": rho, "heat": heat, "moments": np.array(moments)}


# draws for each pair of statistics: 4 * (20 + 8 + 2 + 1 + 1) = 128 qubit chains
@pytest.mark.parametrize(("n", "draws"), [(2, 20), (3, 8), (4, 2), (5, 1), (6, 1)])
@pytest.mark.parametrize(("left", "right"), BATHS)
def test_agrees_with_full_lindblad(n, draws, left, right):
    rng = np.random.default_rng([20241217, n, STATISTICS.index(left), STATISTICS.index(right)])
    for _ in range(draws):
        p = draw(rng) | kind("qubit", left, right)
        machine = SpinChain(N=n, **p)
        # six qubits: qte's own dense solver, tested against QuTiP elsewhere, is the faster reference
        peer = own_dense(machine) if n == 6 else qutip_chain(p, [qutip_ladder(k, n) for k in range(n)])
        assert np.abs(machine.occupations() - np.diag(peer["moments"]).real).max() < 1e-10, p
        neighbours = [np.diag(m, 1) for m in (machine.correlations(), peer["moments"])]
        assert np.abs(neighbours[0] - neighbours[1]).max() < 1e-10, p
        for side in "LR":
            assert abs(machine.heat_current(side) - peer["heat"][side]) < 1e-10, p
        if n < 6:
            assert np.abs(machine.steady_state().rho - peer["rho"].full()).max() < 1e-10, p
            pair = peer["rho"].ptrace([n - 2, n - 1])
            assert abs(machine.concurrence((n - 1, n)) - qutip.concurrence(pair)) < 1e-7, p


def own_dense(machine: SpinChain) -> dict[str, Any]:
    """Moments and currents of the dense steady state, with QuTiP's operators."""
    rho = qutip.Qobj(machine.steady_state().rho, dims=[[2] * machine.N] * 2)
    ladders = [qutip_ladder(k, machine.N) for k in range(machine.N)]
    moments = np.array([[(a.dag() * b * rho).tr() for b in ladders] for a in ladders])
    heat = {side: Machine.heat_current(machine, side) for side in "LR"}
    return {"moments": moments, "heat": heat}


@pytest.mark.parametrize(("left", "right"), BATHS)
def test_oscillators_agree_with_fock_space(left, right):
    rng = np.random.default_rng([11, STATISTICS.index(left), STATISTICS.index(right)])
    levels = 9
    for _ in range(2):
        p = draw(rng, warm=0.25) | kind("oscillator", left, right) | {"omega": 1.2}
        ladders = [
            qutip.tensor(qutip.destroy(levels), qutip.qeye(levels)),
            qutip.tensor(qutip.qeye(levels), qutip.destroy(levels)),
        ]
        peer, machine = qutip_chain(p, ladders), SpinChain(N=2, **p)
        edge = max(np.abs(peer["rho"].ptrace(k).full()[-1, -1]) for k in (0, 1))
        assert edge < 1e-12, p
        assert np.abs(machine.correlations() - peer["moments"]).max() < 1e-9, p
        for side in "LR":
            assert abs(machine.heat_current(side) - peer["heat"][side]) < 1e-9, p


@pytest.mark.parametrize("n", [2, 3, 7, 40])
@pytest.mark.parametrize(("system", "left", "right"), KINDS)
def test_solves_the_lyapunov_equation(n, system, left, right):
    p = draw(np.random.default_rng(n)) | kind(system, left, right)
    machine = SpinChain(N=n, **p)
    occupations = tuple(
        float(second_moments.gibbs_occupation(system, machine.omega, t)) for t in (machine.T_L, machine.T_R)
    )
    ends = tuple(float(rate) for rate in machine._ends)
    exact = second_moments.solve_lyapunov(n, p["g"], ends, occupations)
    assert np.abs(machine.correlations() - exact).max() < 1e-12


@pytest.mark.parametrize(("left", "right"), BATHS)
def test_two_qubits_are_the_entanglement_engine(left, right):
    rng = np.random.default_rng(5)
    p = {k: np.array([draw(rng)[k] for _ in range(25)]) for k in draw(rng)}
    chain = SpinChain(N=2, **p, statistics_L=left, statistics_R=right)
    engine = TwoQubitEngine(
        eps_h=p["omega"],
        g=p["g"],
        gamma_h=p["gamma_L"],
        gamma_c=p["gamma_R"],
        T_h=p["T_L"],
        T_c=p["T_R"],
        statistics_h=left,
        statistics_c=right,
    )
    assert np.abs(chain.steady_state().rho - engine.steady_state().rho).max() < 1e-14
    for name in (
        "net_current",
        "negativity",
        "concurrence",
        "critical_current",
        "entropy_production",
        "contrast",
    ):
        assert np.allclose(getattr(chain, name)(), getattr(engine, name)(), rtol=1e-9, atol=1e-12), name
    cold = p["T_R"]
    kappa = chain.replace(T_L=cold).conductance() / engine.replace(T_h=cold).conductance()
    assert np.abs(kappa - 1).max() < 1e-12


def mp_chain(n: int, p: dict[str, Any]) -> tuple[Any, Any]:
    """J and contrast from all N^2 moment equations at many digits."""
    with mp.workdps(DIGITS):
        v = {k: mp.mpf(x) for k, x in p.items() if not isinstance(x, str)}
        sign = 1 if p["system"] == "oscillator" else -1

        def current(t_l: Any, t_r: Any) -> Any:
            up, decay = {}, {}
            for side, t in (("L", t_l), ("R", t_r)):
                statistics = p[f"statistics_{side}"]
                f = mp_occupation(v["omega"] / t, statistics)
                up[side] = v[f"gamma_{side}"] * f
                decay[side] = (
                    v[f"gamma_{side}"] * (1 + f if statistics == "bose" else 1 - f) - sign * up[side]
                )
            matrix, right = mp.zeros(n * n), mp.zeros(n * n, 1)
            damping = [mp.mpf(0)] * n
            damping[0], damping[-1] = decay["L"] / 2, decay["R"] / 2
            for i, j in itertools.product(range(n), repeat=2):
                row = i * n + j
                inner = sum(0 < site < n - 1 for site in (i, j))
                lost = inner * v.get("dephasing", 0) / 2 if i != j else 0
                matrix[row, row] = -damping[i] - damping[j] - lost
                for k, m, weight in ((i - 1, j, 1), (i + 1, j, 1), (i, j - 1, -1), (i, j + 1, -1)):
                    if 0 <= k < n and 0 <= m < n:
                        matrix[row, k * n + m] += mp.mpc(0, weight) * v["g"]
            right[0], right[n * n - 1] = -up["L"], -up["R"]
            return 2 * v["omega"] * mp.re(up["L"] - decay["L"] * mp.lu_solve(matrix, right)[0])

        forward, backward = current(v["T_L"], v["T_R"]), current(v["T_R"], v["T_L"])
        return forward, abs((forward + backward) / (forward - backward))


@pytest.mark.parametrize("temperatures", [(0.02, 0.01), (0.5, 0.5 - 2**-40), (50.0, 0.01)])
@pytest.mark.parametrize(("system", "left", "right"), KINDS)
def test_relative_accuracy_against_mpmath(system, left, right, temperatures):
    p = {"omega": 1.0, "g": 0.03, "gamma_L": 1e-3, "gamma_R": 0.3} | kind(system, left, right)
    p |= dict(zip(("T_L", "T_R"), temperatures, strict=True))
    for n in (2, 4):
        machine, (current, contrast) = SpinChain(N=n, **p), mp_chain(n, p)
        assert abs(machine.net_current() / current - 1) < 1e-12
        if contrast > mp.mpf(10) ** -100:
            assert abs(machine.contrast() / contrast - 1) < 1e-12


@pytest.mark.parametrize(("system", "left", "right"), KINDS)
@pytest.mark.parametrize("n", [2, 3, 5])
def test_dephasing_of_the_inner_sites_against_mpmath(n, system, left, right):
    p = {"omega": 1.0, "g": 0.03, "gamma_L": 0.02, "gamma_R": 0.3, "T_L": 2.0, "T_R": 0.1, "dephasing": 0.07}
    p |= kind(system, left, right)
    machine, (current, contrast) = SpinChain(N=n, **p), mp_chain(n, p)
    assert abs(machine.net_current() / current - 1) < 1e-12
    assert abs(machine.contrast() - contrast) <= 1e-12 * contrast + mp.mpf(10) ** -100


@pytest.mark.parametrize("temperatures", [(1.0, 0.2), (3.0, 3.0 - 2**-30)])
@pytest.mark.parametrize("more", [1e-3, 1e-9, 2**-52])
@pytest.mark.parametrize(("system", "statistics"), [("qubit", "bose"), ("oscillator", "fermi")])
def test_a_contrast_of_nearly_equal_couplings_has_its_digits(system, statistics, more, temperatures):
    p = {"omega": 1.0, "g": 0.03, "gamma_L": 0.01, "gamma_R": 0.01 * (1 + more)}
    p |= kind(system, statistics, statistics) | dict(zip(("T_L", "T_R"), temperatures, strict=True))
    for n in (2, 3):
        assert abs(SpinChain(N=n, **p).contrast() / mp_chain(n, p)[1] - 1) < 1e-12
        assert SpinChain(N=n, **p | {"gamma_R": p["gamma_L"]}).contrast() == 0


@pytest.mark.parametrize(
    ("system", "left", "right"), [("qubit", "bose", "fermi"), ("oscillator", "bose", "fermi")]
)
def test_a_contrast_next_to_where_it_vanishes_has_its_digits(system, left, right):
    """One end answers to its temperature: no contrast where the product of its two rates is 4 g^2."""
    p = {"omega": 1.0, "gamma_L": 0.05, "gamma_R": 0.05, "T_L": 1.0, "T_R": 0.4} | kind(system, left, right)
    hot, cold = (np.tanh(1 / (2 * p[t])) for t in ("T_L", "T_R"))
    matched = p["gamma_L"] / 2 * np.sqrt(hot * cold if system == "oscillator" else 1 / (hot * cold))
    for shift in (1e-3, -1e-7, 1e-12):
        chain = p | {"g": matched * (1 + shift)}
        assert abs(SpinChain(N=3, **chain).contrast() / mp_chain(3, chain)[1] - 1) < 1e-12


@pytest.mark.parametrize("system", ["qubit", "oscillator"])
def test_length_does_not_matter(system):
    p = BASE | {"system": system, "T_L": np.linspace(0.1, 3, 7), "T_R": np.linspace(0.2, 1, 5)[:, None]}
    two = SpinChain(N=2, **p)
    for n in (3, 10, 1000):
        chain = SpinChain(N=n, **p)
        assert np.allclose(chain.net_current(), two.net_current(), rtol=1e-12, atol=0)
        assert np.allclose(chain.contrast(), two.contrast(), rtol=1e-10, atol=1e-16)
    inner = chain.occupations()[..., 1:-1]
    assert np.allclose(inner, inner[..., :1], rtol=1e-12, atol=0)


def test_neighbours_of_a_long_chain():
    short, long = SpinChain(N=5, **BASE), SpinChain(N=60, **BASE)
    for pair in ((1, 2), (2, 1), (3, 4)):
        dense = Machine._pair_state(short, pair)
        assert np.abs(short._pair_state(pair) - dense).max() < 1e-14
        assert long.concurrence(pair) == SpinChain(N=61, **BASE).concurrence(pair)
    assert short.concurrence((1, 5)) == 0


@given(
    st.sampled_from(KINDS),
    st.integers(2, 30),
    st.floats(0.05, 20),
    st.floats(0.05, 20),
    st.floats(1e-4, 1),
    st.floats(1e-4, 1),
    st.floats(1e-4, 1),
)
def test_laws(which, n, t_l, t_r, gamma_l, gamma_r, g):
    p = {"N": n, "g": g, "gamma_L": gamma_l, "gamma_R": gamma_r, **kind(*which)}
    machine = SpinChain(**p, T_L=t_l, T_R=t_r)
    assert abs(machine.first_law_residual()) < 1e-12
    assert np.sign(machine.heat_current("L")) == np.sign(t_l - t_r)
    assert machine.entropy_production() >= 0
    # one link more in the series: never more current than a junction
    junction = Junction(gamma_L=gamma_l, gamma_R=gamma_r, T_L=t_l, T_R=t_r, **kind(*which))
    assert abs(machine.net_current()) <= abs(junction.net_current())
    balanced = SpinChain(**p, T_L=t_l, T_R=t_l)
    assert balanced.net_current() == 0
    occupation = balanced.occupations()
    assert np.allclose(occupation, occupation[0], rtol=1e-12, atol=0)


@pytest.mark.parametrize("n", [1, 0, -3, 2.0, 2.5, True, "2", None])
def test_length_must_be_a_whole_number_of_at_least_two(n):
    with pytest.raises(ParameterError, match="`N`"):
        SpinChain(N=n, **BASE)


def test_what_a_chain_cannot_offer():
    with pytest.raises(ParameterError, match="`N`"):
        SpinChain(N=7, **BASE).steady_state()
    with pytest.raises(ParameterError, match="`N`"):
        SpinChain(N=3, **BASE).critical_current()
    with pytest.raises(ParameterError, match="`pair`"):
        SpinChain(N=9, **BASE).negativity((1, 3))
    with pytest.raises(ParameterError, match="`pair`"):
        SpinChain(N=9, **BASE).negativity((9, 10))
    with pytest.raises(ParameterError, match="`system`"):
        SpinChain(N=2, **BASE, system="oscillator").concurrence()
    with pytest.raises(ParameterError, match="`T_R`"):
        SpinChain(N=2, **BASE).conductance()
    with pytest.raises(ParameterError, match="`g`"):
        SpinChain(N=2, **BASE | {"g": 0.0}).contrast()


def test_sites_without_a_bath_have_no_unique_state():
    with pytest.raises(NonUniqueSteadyState) as caught:
        SpinChain(N=4, **BASE | {"g": np.array([0.1, 0.0])}).net_current()
    assert caught.value.indices == ((1,),)
    # two free sites, each with states of its own
    assert "the kernel of the generator has dimension 3, at least" in str(caught.value)
    for changes, dimension in (
        ({"N": 2, "g": 0.0, "gamma_R": 0.0}, 2),
        ({"N": 3, "gamma_L": 0.0, "gamma_R": 0.0}, 4),
        ({"N": 3, "g": 0.0, "gamma_L": 0.0}, 3),
        ({"N": 3, "g": 0.0, "gamma_R": 0.0}, 3),
        ({"N": 2, "g": 0.0, "gamma_L": 0.0}, 2),
    ):
        with pytest.raises(NonUniqueSteadyState) as caught:
            SpinChain(**BASE | changes).net_current()
        assert caught.value.kernel_dimension == dimension
    assert SpinChain(N=2, **BASE | {"g": 0.0}).net_current() == 0
    # a single bath: equilibrium with it, whatever the other's temperature
    alone = SpinChain(N=5, **BASE | {"gamma_R": 0.0})
    assert alone.net_current() == 0
    assert np.allclose(alone.occupations(), 1 / (np.exp(1 / BASE["T_L"]) + 1), rtol=1e-14)


def test_steps_of_the_exponent_and_rates_at_the_ends_of_the_range():
    """Without a warning, and with a level that stands higher in one bath."""
    first, second = np.array([0.0, 0.5, 0.5, 0.5, 0.5]), np.array([0.5, 0.0, 0.25, 0.5, 0.5])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        step = second_moments.exponent_step(np.ones(5), first, second, np.array([0.0, 0.0, 0.125, 0.25, 0.0]))
        assert step.tolist() == [-np.inf, np.inf, 2.5, 0.5, 0.0]
        idle = Bath([np.inf, 1.0], [0.0, 0.1])
        rates = second_moments.relaxation("qubit", idle, np.array(1.0))
    assert rates[0] == 0
    assert rates[1] == pytest.approx(0.1 / np.tanh(0.5), rel=1e-15)


def mp_ladder(n: int, g: float, driven: float, other: float, dephasing: float) -> list[Any]:
    """Occupations and coherences of a chain between a full and an empty bath, from the current that they carry."""
    with mp.workdps(60):
        inner = [(site > 0) + (site < n - 2) for site in range(n - 1)]
        ends = [driven * (site == 0) + other * (site == n - 2) for site in range(n - 1)]
        rates_ = [(mp.mpf(e) + mp.mpf(dephasing) * i) / 2 for e, i in zip(ends, inner, strict=True)]
        # n_j - n_(j + 1) = m J/(2 g^2), and J = driven (1 - n_1) = other n_N
        steps = [m / (2 * mp.mpf(g) ** 2) for m in rates_]
        current = 1 / (1 / mp.mpf(driven) + 1 / mp.mpf(other) + sum(steps))
        occupations = [current / other + current * sum(steps[site:]) for site in range(n)]
        return [*occupations, *([current / (2 * mp.mpf(g))] * (n - 1)), current]


@pytest.mark.parametrize("g", [1e-3, -1e-78, 1e-140, 1e-146, 1e-154, 1e-200, 1e-290, 1e160, -1e300])
@pytest.mark.parametrize("other", [1.0, 1e-150, 1e-290, 1e200])
@pytest.mark.parametrize("dephasing", [0.0, 1e-3, 1e150])
def test_a_chain_has_its_moments_wherever_squares_of_its_rates_leave_the_range(g, other, dephasing):
    n = 4
    try:
        found = second_moments.response(n, *(np.array(x) for x in (g, 1.0, other, dephasing)))
    except IllConditioned:
        # a rate that is 1e308 times as large as g
        assert max(1.0, other, dephasing) / abs(g) > 1e308
        return
    values = [*found.occupation, *found.coherence, found.transmission]
    for got, right in zip(values, mp_ladder(n, g, 1.0, other, dephasing), strict=True):
        assert abs(float(got) - right) <= 1e-13 * abs(right) + mp.mpf(2) ** -1040


def test_one_bath_alone_gives_its_occupation_however_weak_the_exchange():
    chain = second_moments.response(3, np.array([1e-200, -0.1]), np.array(1.0), np.array(0.0))
    assert (chain.occupation == 1).all()
    assert (chain.coherence == 0).all()


def test_evolution_reaches_the_steady_state():
    machine = SpinChain(N=3, **BASE)
    path = machine.evolve("000", [0.0, 1.0, 4000.0])
    assert np.abs(path.rho[-1] - machine.steady_state().rho).max() < 1e-12
    assert machine.liouvillian_gap() > 0
