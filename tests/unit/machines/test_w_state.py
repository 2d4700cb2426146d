"""The machine of 2n - 1 qubits: its smallest case, QuTiP, the W state, and uniqueness."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from qte.common.errors import IllConditioned, NonUniqueSteadyState, ParameterError
from qte.machines import ThreeQubitMachine, TwoQubitEngine, WStateMachine
from qte.physics.baths import Bath
from qte.physics.coulomb import all_pairs, bath_channels, closed_bonds, hamiltonian, neighbours
from qte.physics.generators import Generator
from qte.physics.operators import ket
from qte.solver import permutation_symmetry
from qte.solver.blocks import superoperator
from qte.solver.phase_symmetry import invariant_unknowns
from qte.solver.steady import steady_state
from qte.solver.uniqueness import irreducible
from tests.coulomb_reference import w_machine

INF = np.inf
WEAK = {"g": 0.05, "gamma": 0.1, "T": 1.0}


def draw(rng: np.random.Generator) -> dict[str, float]:
    return {
        "eps": rng.uniform(0.3, 2.0),
        "g": rng.uniform(0.02, 0.3),
        "gamma": 10 ** rng.uniform(-2, 0),
        "T": rng.uniform(0.3, 3.0),
        "U": rng.uniform(0.0, 8.0),
        "mu": rng.uniform(-2.0, 8.0),
        "mu_sink": rng.uniform(-1.0, 1.0),
    }


# ---- n = 2 and QuTiP ----------------------------------------------------------------------------


@pytest.mark.parametrize("coulomb", ["triangles", "all_pairs"])
def test_two_entangled_qubits_are_the_three_qubit_machine(coulomb):
    rng = np.random.default_rng(2)
    draws = [draw(rng) for _ in range(40)]
    p = {key: np.array([d[key] for d in draws]) for key in draws[0]}
    p["U"][-1] = p["mu"][-1] = INF
    ratio = rng.uniform(-2.0, 2.0, 40)
    w = WStateMachine(n=2, coulomb=coulomb, alpha=(ratio,), **p)
    three = ThreeQubitMachine(
        eps=p["eps"],
        g13=ratio * p["g"],
        g23=p["g"],
        gamma_1=p["gamma"],
        gamma_3=p["gamma"],
        T_1=p["T"],
        T_3=p["T"],
        U=p["U"],
        mu=p["mu"],
        mu_3=p["mu_sink"],
    )
    assert np.abs(w.steady_state().rho - three.steady_state().rho).max() < 1e-12
    for r in (1, 3):
        assert np.abs(w.heat_current(r) - three.heat_current(r)).max() < 1e-12
        assert np.abs(w.particle_current(r) - three.particle_current(r)).max() < 1e-12
    assert np.abs(w.net_current() - three.net_current()).max() < 1e-12
    assert np.abs(w.concurrence() - three.concurrence()).max() < 1e-12
    assert np.abs(w.fidelity("W") - three.fidelity("singlet")).max() < 1e-12
    times = np.linspace(0.0, 30.0, 4)
    assert np.abs(w.evolve("000", times).rho - three.evolve("000", times).rho).max() < 1e-12
    assert w.liouvillian_gap() == pytest.approx(three.liouvillian_gap(), rel=1e-10)


@pytest.mark.parametrize("coulomb", ["triangles", "all_pairs"])
def test_five_qubits_agree_with_qutip(coulomb):
    rng = np.random.default_rng(5)
    for _ in range(3):
        p = draw(rng)
        alpha = [1.0, rng.uniform(0.5, 2.0)]
        peer = w_machine(p, 3, coulomb, alpha)
        rho = peer.steady()
        machine = WStateMachine(n=3, coulomb=coulomb, alpha=tuple(alpha), **p)
        assert np.abs(machine.steady_state().rho - rho.full()).max() < 1e-10, p
        for site in (0, 3, 4):
            assert abs(machine.heat_current(site + 1) - peer.heat(site, rho)) < 1e-10, p


# ---- the W state --------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3])
def test_all_pairs_prepare_the_w_state_at_any_temperature(n):
    T = np.array([0.0, 0.3, 1.0, 5.0])
    machine = WStateMachine(n=n, **(WEAK | {"T": T}), U=INF, mu=INF, coulomb="all_pairs")
    assert np.abs(machine.fidelity("W") - 1).max() < 1e-13
    assert np.abs(machine.net_current()).max() < 1e-16
    assert machine.concurrence() == pytest.approx(2 / n, abs=1e-13)
    assert machine.steady_state().unique.all()


def test_unequal_couplings_prepare_eq_10():
    alpha = (0.5, 1.7)
    machine = WStateMachine(n=3, **WEAK, U=INF, mu=INF, coulomb="all_pairs", alpha=alpha)
    beta = 1 + sum(a**2 for a in alpha)
    state = (ket("10000") - alpha[0] * ket("01000") - alpha[1] * ket("00100")) / np.sqrt(beta)
    assert float(machine.fidelity(state)) == pytest.approx(1.0, abs=1e-13)


def test_triangles_need_empty_sink_reservoirs_as_well():
    """Two triangles may hold one excitation each: the sinks' own absorption spoils the W state."""
    assert float(WStateMachine(n=3, **(WEAK | {"T": 0.0}), U=INF, mu=INF).fidelity("W")) == pytest.approx(1.0)
    warm = WStateMachine(n=3, **WEAK, U=INF, mu=INF)
    assert float(warm.fidelity("W")) == pytest.approx(0.3301, abs=1e-4)
    far = WStateMachine(n=3, **WEAK, U=INF, mu=INF, mu_sink=-30.0)
    assert float(far.fidelity("W")) == pytest.approx(1.0, abs=1e-11)
    # infidelity of first order in the occupation of the sinks' baths
    T = np.array([0.08, 0.1])
    lost = 1 - WStateMachine(n=3, **(WEAK | {"T": T}), U=INF, mu=INF).fidelity("W")
    assert lost[1] / lost[0] == pytest.approx(np.exp(1 / 0.08 - 1 / 0.1), rel=1e-3)


@pytest.mark.parametrize("coulomb", ["triangles", "all_pairs"])
def test_infinite_repulsion_is_the_limit_of_large(coulomb):
    """With triangles, exchanges that close a bond shift levels by g**2/U; with all pairs there are none."""
    limit = WStateMachine(n=3, **WEAK, U=INF, mu=INF, coulomb=coulomb)
    distance = []
    for U in (400.0, 4000.0):
        far = WStateMachine(n=3, **WEAK, U=U, mu=60.0, coulomb=coulomb)
        distance.append(np.abs(far.steady_state().rho - limit.steady_state().rho).max())
        assert abs(far.net_current() - limit.net_current()) < 1e-4
    if coulomb == "all_pairs":
        assert max(distance) < 1e-12
    else:
        assert distance[0] < 1e-5
        assert distance[0] / distance[1] == pytest.approx(10.0, rel=1e-6)


@pytest.mark.parametrize("coulomb", ["triangles", "all_pairs"])
def test_seven_qubits_by_orbits_of_the_triangles(coulomb):
    machine = WStateMachine(n=4, **WEAK, U=15.0, mu=8.0, coulomb=coulomb)
    state = machine.steady_state()
    assert state.method == "orbits"
    assert state.unique
    peer = machine.steady_state(method="sparse")
    assert np.abs(state.rho - peer.rho).max() < 1e-14
    assert state.residual < 1e-14
    assert state.min_eigenvalue > -1e-13
    assert abs(machine.first_law_residual()) < 1e-10
    assert machine.entropy_production() > 0


def test_unequal_triangles_are_not_taken_for_equal_ones(monkeypatch):
    machine = WStateMachine(n=3, **WEAK, U=5.0, mu=2.0, alpha=(0.8, 1.3))
    assert [
        permutation_symmetry.is_symmetry(machine.generator, p) for p in machine.generator.permutations
    ] == [False]
    direct = machine.steady_state(method="orbits")
    assert np.abs(direct.rho - machine.steady_state().rho).max() < 1e-14
    monkeypatch.setattr(permutation_symmetry, "ORBITS_LIMIT", 10)
    assert np.abs(machine.steady_state(method="orbits").rho - direct.rho).max() < 1e-14


def test_orbits_refuse_what_they_cannot_prove():
    limit = WStateMachine(n=3, **WEAK, U=INF, mu=INF)
    with pytest.raises(IllConditioned, match="proven"):
        limit.steady_state(method="orbits")
    assert not irreducible(four_qubits())


@pytest.mark.slow
def test_nine_qubits_within_a_minute():
    machine = WStateMachine(n=5, **WEAK, U=15.0, mu=8.0, coulomb="all_pairs")
    assert float(machine.fidelity("W")) > 0.98
    assert machine.steady_state().residual < 1e-15


def test_large_machine_has_low_fidelity_with_triangles():
    machine = WStateMachine(n=4, **WEAK, U=15.0, mu=8.0)
    assert float(machine.fidelity("W")) < 0.2


def test_grids_of_five_qubits():
    machine = WStateMachine(
        n=3, **WEAK, U=np.array([[5.0], [15.0]]), mu=np.array([2.0, 5.0, 8.0]), coulomb="all_pairs"
    )
    fidelity = machine.fidelity("W")
    assert fidelity.shape == (2, 3)
    assert float(fidelity[1, 2]) == pytest.approx(0.9931741032580236, rel=1e-10)
    assert machine.steady_state().unique.all()


# ---- uniqueness ---------------------------------------------------------------------------------


def four_qubits() -> Generator:
    """A fourth qubit on the sink without a reservoir of its own (khandelwal2025, multipartite section)."""
    bonds = all_pairs(4)
    terms = hamiltonian(4, 1.0, INF, [(0.05, 0, 2), (0.05, 1, 2), (0.05, 3, 2)], bonds)
    bath = Bath(1.0, 0.1, "fermi")
    channels = bath_channels(1, bath, (1.0, INF, INF), 0, 4, bonds)
    return Generator(terms, channels + bath_channels(3, bath, (1.0, INF, 0.0), 2, 4, bonds))


def test_a_fourth_qubit_on_the_sink_leaves_a_qubit_of_steady_states():
    """Two orthogonal states of the sink's three partners are dark: all density matrices on them, 2 x 2."""
    generator = four_qubits()
    matrix = superoperator(generator).matrix()[0]
    values = np.linalg.svd(matrix, compute_uv=False)
    assert (values < 1e-13).sum() == 4
    with pytest.raises(NonUniqueSteadyState) as error:
        steady_state(generator)
    assert error.value.kernel_dimension == 4
    start = np.outer(ket("0000"), ket("0000"))
    chosen = steady_state(generator, rho0=start)
    assert chosen.kernel_dimension == 4
    assert chosen.residual < 1e-13


def test_charges_mark_what_can_be_invariant():
    three = ThreeQubitMachine(g13=0.1, g23=0.1, gamma_1=0.1, gamma_3=0.1, T_1=1.0, T_3=1.0, U=3.0, mu=2.0)
    assert invariant_unknowns(three.generator).sum() == 20
    five = WStateMachine(n=3, **WEAK, U=3.0, mu=2.0)
    assert invariant_unknowns(five.generator).sum() == 252
    engine = {"g": 0.1, "gamma_h": 0.1, "gamma_c": 0.1, "T_h": 1.0, "T_c": 0.5}
    assert invariant_unknowns(TwoQubitEngine(**engine).generator).sum() == 6
    assert invariant_unknowns(TwoQubitEngine(**engine, kappa_h=0.1).generator).sum() == 16
    assert invariant_unknowns(TwoQubitEngine(**engine, approach="redfield").generator).sum() == 16


def test_kernels_agree_with_the_whole_spectrum():
    """Random machines with some couplings cut: the dimension found is that of the full matrix."""
    rng = np.random.default_rng(11)
    seen = set()
    for _ in range(60):
        cut = {key: rng.choice([0.0, 0.1]) for key in ("g13", "g23", "gamma_1", "gamma_3")}
        U, mu = (INF, INF) if rng.random() < 0.5 else (4.0, 3.0)
        machine = ThreeQubitMachine(eps=1.37, T_1=1.0, T_3=0.7, U=U, mu=mu, **cut)
        full = np.linalg.svd(superoperator(machine.generator).matrix()[0], compute_uv=False)
        dimension = int((full < 1e-12).sum())
        seen.add(dimension)
        if dimension == 1:
            assert machine.steady_state().unique
        else:
            with pytest.raises(NonUniqueSteadyState) as error:
                machine.steady_state()
            assert error.value.kernel_dimension == dimension, cut
    assert len(seen) > 4


# ---- parts --------------------------------------------------------------------------------------


def test_bonds():
    machine = WStateMachine(n=3, **WEAK, U=1.0, mu=0.0)
    assert machine.bonds == ((0, 1), (0, 3), (1, 3), (0, 2), (0, 4), (2, 4))
    assert neighbours(0, machine.bonds) == (1, 2, 3, 4)
    assert neighbours(4, machine.bonds) == (0, 2)
    count = closed_bonds(3, all_pairs(3))
    assert count.tolist() == [3, 1, 1, 0, 1, 0, 0, 0]


def test_every_configuration_has_its_own_jump():
    for n, coulomb, channels in ((2, "triangles", 16), (3, "triangles", 48), (3, "all_pairs", 96)):
        machine = WStateMachine(n=n, **WEAK, U=1.0, mu=0.0, coulomb=coulomb)
        assert len(machine.generator.channels) == channels
        total = sum(c.jump[0].operator for c in machine.generator.channels_of(1) if c.quanta == 1)
        assert sp.csr_array(total).sum() == 2 ** (machine.sites - 1)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"n": 1}, "n"),
        ({"n": 2.0}, "n"),
        ({"n": True}, "n"),
        ({"coulomb": "triangle"}, "coulomb"),
        ({"mu": INF}, "mu"),
        ({"U": -1.0}, "U"),
        ({"gamma": -0.1}, "gamma"),
        ({"T": -0.1}, "T"),
        ({"T": 0.0, "mu": 5.0}, "T"),
        ({"alpha": (1.0,)}, "alpha"),
        ({"alpha": (1.0, np.nan)}, "alpha[1]"),
    ],
)
def test_unphysical_parameters_are_refused(changes, name):
    with pytest.raises(ParameterError) as error:
        WStateMachine(**({"n": 3, "U": 4.0, "mu": 3.0} | WEAK | changes))
    assert error.value.name == name


def test_starts_above_the_blockade_are_refused():
    machine = WStateMachine(n=3, **WEAK, U=INF, mu=INF)
    with pytest.raises(ParameterError, match="rho0"):
        machine.evolve("11000", [1.0])
    # qubits 2 and 3 belong to different triangles: no bond, a finite energy
    assert machine.evolve("01100", [1.0]).rho.shape == (1, 32, 32)


def test_replace():
    machine = WStateMachine(n=3, **WEAK, U=INF, mu=INF, alpha=(1.0, 2.0))
    assert machine.replace(T=0.5).alpha[1] == 2.0
    assert len(machine.replace(n=2).alpha) == 1
