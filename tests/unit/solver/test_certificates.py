"""Certificates of a steady state, and the errors that name the points where they fail."""

from __future__ import annotations

import warnings

import mpmath as mp
import numpy as np
import pytest

from qte.common.errors import (
    IllConditioned,
    NegativeState,
    NonUniqueSteadyState,
    ParameterError,
    SteadyStateError,
)
from qte.machines import SpinChain, ThreeQubitMachine, TwoQubitEngine, WStateMachine
from qte.physics import operators as op
from qte.physics.generators import Channel, Generator, Term
from qte.solver import permutation_symmetry, steady
from qte.solver.block_solver import BlockSolver
from qte.solver.blocks import superoperator
from qte.solver.steady import steady_state
from tests.reference import mp_ladder, mp_steady

WEAK = {"g": 1.6e-3, "gamma_h": 1e-3, "gamma_c": 1.1e-2, "T_h": 0.7, "T_c": 0.1}


def one_qubit(up: np.ndarray, down: float = 1.0) -> Generator:
    channels = (Channel.of("b", up, op.RAISE), Channel.of("b", down, op.LOWER))
    return Generator((Term.of(1.0, op.EXCITED),), channels)


def test_a_negative_rate_gives_a_negative_state_and_its_points():
    up = np.array([[0.5, -0.5, 0.2], [0.1, 0.3, -0.25]])
    with pytest.raises(NegativeState) as caught:
        steady_state(one_qubit(up))
    assert caught.value.indices == ((0, 1), (1, 2))
    assert "(0, 1)" in str(caught.value)
    # a population that is only rare is not named with it
    with pytest.raises(NegativeState) as caught:
        steady_state(one_qubit(np.array([1e-12, -0.5])))
    assert caught.value.indices == ((1,),)


def test_a_redfield_equation_may_have_a_negative_state():
    generator = one_qubit(np.array([0.5, -0.5]))
    free = Generator(generator.hamiltonian, generator.channels, completely_positive=False)
    assert steady_state(free).rho[1, 0, 0] == pytest.approx(-1.0)


@pytest.mark.parametrize("damage", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_refused_with_their_points(damage, monkeypatch):
    plain = BlockSolver._dense

    def broken(self, points):
        x, kernel = plain(self, points)
        x[:, 2] = damage
        return x, kernel

    monkeypatch.setattr(BlockSolver, "_dense", broken)
    engine = TwoQubitEngine(**WEAK, delta=np.linspace(0.0, 0.03, 4))
    with pytest.raises(IllConditioned) as caught:
        engine.steady_state(method="dense")
    assert caught.value.indices == ((2,),)
    assert str(caught.value) == "The solver returned non-finite numbers at grid points (2,)."


def test_a_state_that_does_not_solve_its_equations_is_refused(monkeypatch):
    plain = BlockSolver._dense

    def wrong(self, points):
        x, kernel = plain(self, points)
        x[0, 1] += 1e-6
        return x, kernel

    monkeypatch.setattr(BlockSolver, "_dense", wrong)
    engine = TwoQubitEngine(**WEAK, delta=np.linspace(0.0, 0.03, 4))
    with pytest.raises(IllConditioned, match="residual") as caught:
        engine.steady_state(method="dense")
    assert caught.value.indices == ((1,),)


def test_every_point_carries_its_certificates():
    engine = TwoQubitEngine(
        **WEAK | {"T_h": np.array([0.3, 0.7])[:, None]}, delta=np.linspace(0.0, 0.03, 3), approach="local"
    )
    state = engine.steady_state()
    for certificate in (state.unique, state.kernel_dimension, state.residual, state.min_eigenvalue):
        assert certificate.shape == (2, 3)
    assert state.unique.all()
    assert state.residual.max() < 1e-15
    assert state.min_eigenvalue.min() > 0
    assert engine.first_law_residual().shape == engine.entropy_production().shape == (2, 3)
    assert np.abs(engine.first_law_residual()).max() < 1e-12
    assert engine.entropy_production().min() > 0


def test_entropy_production_does_not_fall_below_zero_near_equilibrium():
    bias = 10.0 ** -np.arange(1.0, 16.0)
    engine = TwoQubitEngine(**WEAK | {"T_c": 0.7 - bias})
    assert (engine.entropy_production() > 0).all()
    assert TwoQubitEngine(**WEAK | {"T_c": 0.7}).entropy_production() == 0
    strong = {"g": 0.5, "gamma_h": 0.01, "gamma_c": 0.03, "T_h": 0.7, "delta": 0.1, "approach": "global"}
    assert (TwoQubitEngine(**strong, T_c=0.7 - bias).entropy_production() > 0).all()


def test_a_route_that_does_not_fit_says_so():
    with pytest.raises(IllConditioned, match="pivot"):
        steady_state(flip_alone(), method="elimination")
    limit = WStateMachine(n=2, g=0.05, gamma=0.1, T=1.0, U=np.inf, mu=np.inf)
    with pytest.raises(IllConditioned, match="proven"):
        limit.steady_state(method="orbits")


def flip_alone() -> Generator:
    """A Hamiltonian whose coherence does not decay: its equation has no diagonal."""
    terms = (Term.of(1.0, op.FLIP), Term.of(1.0, op.EXCITED))
    return Generator(terms, (Channel.of("b", 0.0, op.LOWER),))


@pytest.mark.parametrize("up", [0.0, [1e-12, 0.0, 1e-12]])
def test_coherences_that_cancel_are_found_with_more_digits(up):
    """Driven hard, damped weakly: the coherence is g (p_0 - p_1)/damping of two almost equal populations."""
    down = np.array([1.0, 1e-9, 1e-12])
    channels = (Channel.of("b", down, op.LOWER), Channel.of("b", np.asarray(up), op.RAISE))
    state = steady_state(Generator((Term.of(1.0, op.FLIP),), channels))
    assert state.method == "elimination+extended"
    for k, rho in enumerate(state.rho):
        rates = down[k], np.broadcast_to(up, 3)[k]
        with mp.workdps(60):
            ladder = mp_ladder(0, 1)
            channels = [
                (mp.mpf(float(rate)), jump) for rate, jump in zip(rates, (ladder, ladder.T), strict=True)
            ]
            exact = mp_steady(ladder + ladder.T, channels)
        for i, j in ((0, 0), (1, 1), (0, 1)):
            wanted = complex(exact[i, j])
            assert abs(rho[i, j] - wanted) < 1e-15, k
    assert state.residual.max() < 1e-15


@pytest.mark.parametrize(
    ("machine", "p"),
    [
        (
            ThreeQubitMachine,
            {"g13": [0.05, 0.0], "g23": 0.0, "gamma_1": 0.0, "gamma_3": [0.1, 0.0], "T_3": [10.0, 0.0]},
        ),
        (
            ThreeQubitMachine,
            {"g13": 1e-9, "g23": 1e-9, "gamma_1": 0.0, "U": 0.0, "T_3": 1e-3, "gamma_3": [0.1, 1e-12]},
        ),
        (SpinChain, {"N": 3, "g": [1e-9, 0.0, 0.1], "gamma_L": 0.0, "gamma_R": 0.0, "T_L": 0.1, "T_R": 10.0}),
    ],
)
def test_machines_that_do_nothing_raise_and_do_not_warn(machine, p):
    base = {
        "g13": 0.05,
        "g23": 0.05,
        "gamma_1": 0.1,
        "gamma_3": 0.1,
        "T_1": 0.5,
        "T_3": 0.5,
        "U": 5.0,
        "mu": 3.0,
    }
    whole = (base if machine is ThreeQubitMachine else {}) | p
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SteadyStateError):
            machine(**{k: np.array(x) if isinstance(x, list) else x for k, x in whole.items()}).net_current()


def test_frozen_engines_have_limits_and_no_warning():
    strong = {"g": 0.5, "gamma_h": 0.01, "gamma_c": 0.03, "approach": "global"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert TwoQubitEngine(**strong, T_h=0.0, T_c=0.0).critical_current() == 0
        assert TwoQubitEngine(**strong, T_h=5e-324, T_c=0.0).net_current() == 0


@pytest.mark.parametrize("coulomb", ["triangles", "all_pairs"])
def test_orbits_give_what_the_whole_equations_give(coulomb):
    """The route of seven qubits and more, on three qubits and a grid."""
    gamma, u = np.array([0.1, 0.2, 0.3]), np.array([[4.0], [9.0]])
    machine = WStateMachine(n=2, g=0.05, gamma=gamma, T=1.0, U=u, mu=3.0, coulomb=coulomb)
    found, whole = machine.steady_state(method="orbits"), machine.steady_state()
    assert found.method == "orbits"
    assert found.rho.shape == (2, 3, 8, 8)
    assert np.abs(found.rho - whole.rho).max() < 1e-14
    assert found.kernel_dimension.dtype.kind == "i"
    assert found.unique.all()
    assert found.unique.shape == found.residual.shape == (2, 3)
    assert 0 < found.residual.max() < 1e-14


def test_orbits_of_equal_triangles():
    """Five qubits: two triangles that may be exchanged."""
    machine = WStateMachine(n=3, g=0.05, gamma=0.1, T=1.0, U=9.0, mu=4.0)
    found = machine.steady_state(method="orbits")
    assert np.abs(found.rho - machine.steady_state().rho).max() < 1e-13


def test_orbits_are_certified(monkeypatch):
    machine = WStateMachine(n=2, g=0.05, gamma=np.array([0.1, 0.2]), T=1.0, U=4.0, mu=3.0)
    plain = permutation_symmetry.steady

    def damaged(number, residual):
        def solve(generator, point, found):
            rho, error = plain(generator, point, found)
            return (rho + number * np.eye(8), error + residual) if point == 1 else (rho, error)

        return solve

    for damage, error, match in (
        ((np.nan, 0.0), IllConditioned, "non-finite"),
        ((-0.5, 0.0), NegativeState, "negative population"),
        ((0.0, 1e-6), IllConditioned, "do not hold: residual 1.0e-06"),
    ):
        monkeypatch.setattr(permutation_symmetry, "steady", damaged(*damage))
        with pytest.raises(error, match=match) as caught:
            machine.steady_state(method="orbits")
        assert caught.value.indices == ((1,),)


def test_the_smallest_eigenvalue_of_a_large_state_block_by_block(monkeypatch):
    machine = ThreeQubitMachine(
        g13=0.05, g23=np.array([[0.05], [0.2]]), gamma_1=0.1, gamma_3=0.1, T_1=np.array([0.5, 1.0, 2.0]), T_3=0.3,
        U=2.0, mu=1.0,
    )  # fmt: skip
    wanted = np.linalg.eigvalsh(machine.steady_state().rho)[..., 0]
    monkeypatch.setattr(steady, "OPERATORS_FROM", 0)
    got = machine.replace(mu=1.0).steady_state(method="elimination").min_eigenvalue
    assert got.shape == (2, 3)
    assert np.allclose(got, wanted, rtol=1e-9, atol=1e-18)
    monkeypatch.setattr(steady, "OPERATORS_FROM", 128)
    assert np.allclose(machine.steady_state().min_eigenvalue, wanted, rtol=1e-9, atol=1e-18)


def three_levels(rate: np.ndarray) -> Generator:
    """Level 0 decays into 1 and 2 at two rates; both are dark, and so is their coherence."""
    h = Term.of(np.zeros(rate.shape), np.diag([1.0, 0.0, 0.0]))
    jumps = [np.zeros((3, 3)), np.zeros((3, 3))]
    jumps[0][1, 0] = jumps[1][2, 0] = 1.0
    return Generator((h,), (Channel.of("a", rate, jumps[0]), Channel.of("b", 0.3, jumps[1])))


def test_long_time_averages_point_by_point():
    rate = np.array([[0.1, 0.2, 0.3], [0.6, 0.0, 1.2]])
    generator = three_levels(rate)
    with pytest.raises(NonUniqueSteadyState) as caught:
        steady_state(generator)
    assert caught.value.kernel_dimension == 4
    assert len(caught.value.indices) == 6
    assert "an initial state `rho0` would choose one" in str(caught.value)
    start = np.zeros((3, 3, 3), dtype=complex)
    start[:, 0, 0] = 1.0
    start[1, :, :] = np.diag([0.2, 0.5, 0.3])
    start[1, 1, 2], start[1, 2, 1] = 0.1j, -0.1j
    state = steady_state(generator, rho0=start)
    assert state.kernel_dimension.shape == (2, 3)
    assert not state.unique.any()
    share = rate / (rate + 0.3)
    for row in range(2):
        for k in range(3):
            rho = state.rho[row, k]
            left = start[k, 0, 0].real
            assert rho[1, 1] == pytest.approx(start[k, 1, 1].real + left * share[row, k], abs=1e-14)
            assert rho[2, 2] == pytest.approx(start[k, 2, 2].real + left * (1 - share[row, k]), abs=1e-14)
            assert rho[1, 2] == pytest.approx(start[k, 1, 2], abs=1e-14)
            assert abs(rho[0, 0]) < 1e-14


def test_long_time_averages_do_not_depend_on_the_unit_of_time():
    rate = np.array([1e-9, 3e-9])
    start = np.diag([1.0, 0.0, 0.0])
    slow = three_levels(rate)
    slow = Generator(
        slow.hamiltonian, (slow.channels[0], Channel("b", np.asarray(1e-9), slow.channels[1].jump))
    )
    h = Term.of(0.0, np.diag([1.0, 0.0, 0.0]))
    state = steady_state(Generator((h,), slow.channels), rho0=start)
    assert np.allclose(np.diagonal(state.rho, axis1=1, axis2=2), [[0, 0.5, 0.5], [0, 0.75, 0.25]], atol=1e-13)
    # without any motion every state stays
    still = Generator((h,), (Channel.of("a", 0.0, np.zeros((3, 3))),))
    kept = np.full((3, 3), 1 / 3)
    assert np.allclose(steady_state(still, rho0=kept).rho, kept, atol=1e-15)


def test_only_points_with_several_states_are_averaged():
    """At zero damping the qubit keeps its populations, elsewhere it relaxes."""
    generator = one_qubit(np.array([0.0, 0.5]), np.array([0.0, 1.0]))
    with pytest.raises(NonUniqueSteadyState) as caught:
        steady_state(generator)
    assert caught.value.indices == ((0,),)
    state = steady_state(generator, rho0=np.diag([0.9, 0.1]))
    assert state.unique.tolist() == [False, True]
    assert np.allclose(state.rho[0], np.diag([0.9, 0.1]), atol=1e-15)
    assert np.allclose(state.rho[1], np.diag([1 / 3, 2 / 3]), atol=1e-15)


def test_an_initial_state_of_another_size_is_named():
    with pytest.raises(ParameterError) as caught:
        steady_state(one_qubit(np.zeros(2), 0.0), rho0=np.eye(3) / 3)
    assert (caught.value.name, caught.value.value) == ("rho0", (3, 3))
    assert caught.value.allowed == "have shape (..., 2, 2)"
    with pytest.raises(ParameterError):
        steady_state(one_qubit(np.zeros(2), 0.0), rho0=np.ones(2))


def test_an_initial_state_is_meant_in_the_computational_basis():
    """The global engine is solved in its eigenbasis; without baths every state stays."""
    engine = TwoQubitEngine(g=0.5, gamma_h=0.0, gamma_c=0.0, T_h=1.0, T_c=1.0, approach="global")
    start = np.diag([0.1, 0.2, 0.3, 0.4]).astype(complex)
    turning = engine.steady_state(rho0=start).rho
    # the coherence between the eigenstates of the middle pair turns away, its populations stay
    assert np.allclose(np.diagonal(turning), [0.1, 0.25, 0.25, 0.4], atol=1e-14)


def test_messages_of_the_certificates():
    with pytest.raises(NegativeState, match="The steady state has a negative population at grid points"):
        steady_state(one_qubit(np.array([0.5, -0.5])))
    with pytest.raises(IllConditioned, match="use another method than 'orbits'"):
        steady_state(one_qubit(np.array([0.5, 0.0])), method="orbits")
    # -1e-10 and less is round-off that is reported, not refused
    edge = steady_state(one_qubit(np.array([-1e-11, 0.5])))
    assert -2e-11 < edge.min_eigenvalue[0] < 0


@pytest.mark.filterwarnings("error")
def test_the_residual_is_the_worst_row_relative_to_its_coefficients(monkeypatch):
    monkeypatch.setattr(steady, "CHUNK", 2)
    generator = one_qubit(np.array([0.5, 0.25, 1.0]), np.array([1.0, 3.0, 0.1]))
    state = steady_state(generator)
    wrong = state.unknowns + np.array([0.1, 0.0, 0.0, 0.0])[:, None]
    equations = superoperator(generator)
    up, down = np.array([0.5, 0.25, 1.0]), np.array([1.0, 3.0, 0.1])
    # |down * 0.1| over (up + down) times the largest unknown; the coherences are 0
    wanted = 0.1 * down / ((up + down) * np.abs(wrong).max(axis=0))
    assert np.allclose(steady._residual(equations, wrong), wanted, rtol=1e-13)
    assert np.array_equal(steady._residual(equations, 0 * wrong), np.zeros(3))


@pytest.mark.parametrize(
    ("large", "method", "route"), [(8, "auto", "orbits"), (9, "auto", None), (0, "dense", "dense")]
)
def test_orbits_are_taken_from_a_dimension_on_and_only_if_nothing_else_is_asked_for(
    large, method, route, monkeypatch
):
    machine = WStateMachine(n=2, g=0.05, gamma=0.1, T=1.0, U=4.0, mu=3.0)
    monkeypatch.setattr(steady, "OPERATORS_FROM", large)
    found = steady_state(machine.generator, method=method).method
    assert found == route if route else found != "orbits"


def test_messages_to_the_letter():
    with pytest.raises(ParameterError) as caught:
        steady_state(one_qubit(np.ones(1)), method="lapak")
    assert caught.value.name == "method"
    with pytest.raises(IllConditioned) as unproven:
        steady_state(one_qubit(np.array([0.5, 0.0])), method="orbits")
    assert str(unproven.value) == "One steady state could not be proven: use another method than 'orbits'."
    with pytest.raises(NonUniqueSteadyState) as several:
        steady_state(one_qubit(np.zeros(1), 0.0))
    assert "dimension 2; an initial state `rho0` would choose one at grid points (0,)." in str(several.value)
