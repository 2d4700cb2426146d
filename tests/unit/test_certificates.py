"""Certificates of a steady state, and the errors that name the points where they fail."""

from __future__ import annotations

import warnings

import mpmath as mp
import numpy as np
import pytest

from qte import operators as op
from qte.errors import IllConditioned, NegativeState, SteadyStateError
from qte.generators import Channel, Generator, Term
from qte.machines import SpinChain, ThreeQubitMachine, TwoQubitEngine, WStateMachine
from qte.routes import BlockSolver
from qte.steady import steady_state
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


def test_a_redfield_equation_may_have_a_negative_state():
    generator = one_qubit(np.array([0.5, -0.5]))
    free = Generator(generator.hamiltonian, generator.channels, completely_positive=False)
    assert steady_state(free).rho[1, 0, 0] == pytest.approx(-1.0)


@pytest.mark.parametrize("damage", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused_with_their_points(damage, monkeypatch):
    plain = BlockSolver._lapack

    def broken(self, points):
        x, kernel = plain(self, points)
        x[:, 2] = damage
        return x, kernel

    monkeypatch.setattr(BlockSolver, "_lapack", broken)
    engine = TwoQubitEngine(**WEAK, delta=np.linspace(0.0, 0.03, 4))
    with pytest.raises(IllConditioned) as caught:
        engine.steady_state(method="lapack")
    assert caught.value.indices == ((2,),)


def test_a_state_that_does_not_solve_its_equations_is_refused(monkeypatch):
    plain = BlockSolver._lapack

    def wrong(self, points):
        x, kernel = plain(self, points)
        x[0, 1] += 1e-6
        return x, kernel

    monkeypatch.setattr(BlockSolver, "_lapack", wrong)
    engine = TwoQubitEngine(**WEAK, delta=np.linspace(0.0, 0.03, 4))
    with pytest.raises(IllConditioned, match="residual") as caught:
        engine.steady_state(method="lapack")
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
            {"g13": 0.0, "gamma_1": 1e-12, "gamma_3": 1e-12, "mu": 0.3, "T_1": [1e-3, 10.0, 0.0]},
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
