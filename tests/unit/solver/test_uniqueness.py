"""How many steady states there are: decided without a scale, or said to be beyond floating point."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
import scipy.linalg

from qte.common.errors import IllConditioned, NonUniqueSteadyState, ParameterError
from qte.common.whole_numbers import kernel
from qte.machines import ThreeQubitMachine, TwoQubitEngine, WStateMachine
from qte.physics.generators import Channel, Generator, Term
from qte.physics.operators import flip_flop, lowering, total_excitation
from qte.solver.blocks import superoperator
from qte.solver.exact.equations import ExactEquations
from qte.solver.steady import steady_state
from tests.hard_models import MODELS, channels_of
from tests.reference import mp_steady

ENGINE = {"g": 0.05, "T_h": 1.0, "T_c": 0.2, "kappa_h": 0.1}


def mp_populations(machine: type, p: dict, digits: int = 200) -> list[float]:
    with mp.workdps(digits):
        model = MODELS[machine](p)
        rho = mp_steady(model.h, channels_of(model))
        return [float(mp.re(rho[k, k])) for k in range(rho.rows)]


@pytest.mark.parametrize("rate", [1e-6, 1e-10, 1e-14, 1e-20, 1e-60, 1e-150])
def test_an_engine_is_unique_however_weak_its_baths(rate):
    p = ENGINE | {"gamma_h": rate, "gamma_c": 2 * rate}
    state = TwoQubitEngine(**p).steady_state()
    assert bool(state.unique)
    exact = mp_populations(TwoQubitEngine, p, 60 + int(-6 * np.log10(rate)))
    assert state.rho.diagonal().real == pytest.approx(exact, rel=1e-12)


def test_the_engine_of_the_weakest_baths_is_not_the_state_it_starts_from():
    """Rates 1e-14 beside a tunnelling of 0.1: populations (.020, .132, .116, .732), and no need for `rho0`."""
    engine = TwoQubitEngine(**ENGINE, gamma_h=1e-14, gamma_c=2e-14)
    assert engine.steady_state().rho.diagonal().real.round(3).tolist() == [0.02, 0.132, 0.116, 0.732]
    start = np.diag([1.0, 0.0, 0.0, 0.0])
    assert np.array_equal(engine.steady_state(rho0=start).rho, engine.steady_state().rho)


@pytest.mark.parametrize("link", [1e-3, 1e-20, 1e-100, 1e-160, 1e-300])
def test_a_link_counts_however_weak(link):
    """One bath, two qubits, any exchange: both take the bath's temperature."""
    terms = (Term.of(1.0, total_excitation(2)), Term.of(link, flip_flop(0, 1, 2)))
    channels = (Channel.of("b", 1.0, lowering(1, 2)), Channel.of("b", 0.3, lowering(1, 2).T))
    state = steady_state(Generator(terms, channels))
    p = np.array([0.3, 1.0]) / 1.3
    assert bool(state.unique)
    assert state.rho.diagonal().real == pytest.approx(np.kron(p, p), rel=1e-12)


def test_no_link_at_all_is_told_from_a_weak_one():
    g = np.array([0.0, 1e-300, 1e-3])
    terms = (Term.of(1.0, total_excitation(2)), Term.of(g, flip_flop(0, 1, 2)))
    channels = (Channel.of("b", 1.0, lowering(1, 2)), Channel.of("b", 0.3, lowering(1, 2).T))
    with pytest.raises(NonUniqueSteadyState) as caught:
        steady_state(Generator(terms, channels))
    assert caught.value.indices == ((0,),)
    state = steady_state(Generator(terms, channels), rho0=np.diag([0.0, 1.0, 0.0, 0.0]))
    assert state.kernel_dimension.tolist() == [2, 1, 1]
    p = np.array([0.3, 1.0]) / 1.3
    assert state.rho[0].diagonal().real == pytest.approx(np.kron([1.0, 0.0], p), rel=1e-14)


def test_a_machine_with_one_weakly_coupled_qubit_is_unique():
    """Rates 1e-12 and a qubit that only its own bath holds: once called non-unique."""
    p = {"g13": 0.0, "g23": 0.05, "gamma_1": 1e-12, "gamma_3": 1e-12, "T_3": 0.5, "U": 5.0, "mu": 0.3}
    state = ThreeQubitMachine(**p, T_1=np.array([10.0, 1.0])).steady_state()
    assert state.unique.all()
    exact = mp_populations(ThreeQubitMachine, p | {"T_1": 10.0, "mu_3": 0.0, "eps": 1.0, "dephasing": 0.0})
    assert state.rho[0].diagonal().real == pytest.approx(exact, rel=1e-11)


def test_unequal_links_and_strong_rates_leave_one_state():
    """A W machine of five qubits at rates of 1e5, once called non-unique with kernel 4."""
    machine = WStateMachine(n=3, g=0.05, gamma=1e5, T=1.0, U=15.0, mu=8.0, alpha=(1.0, 0.5))
    assert bool(machine.steady_state().unique)
    slower = machine.replace(gamma=1e3)
    # the limit of strong rates is reached with an error of order (g/gamma)**2
    assert float(machine.fidelity("W")) == pytest.approx(float(slower.fidelity("W")), abs=1e-6)


def rotated_pair() -> Generator:
    """A qubit that relaxes beside one that nothing happens to, in a basis that hides it."""
    rng = np.random.default_rng(1)
    turn = scipy.linalg.qr(rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)))[0]
    a = turn @ lowering(0, 2).toarray() @ turn.conj().T
    return Generator(
        (Term.of(1.0, np.zeros((4, 4))),), (Channel.of("b", 1.0, a), Channel.of("b", 0.3, a.conj().T))
    )


def test_what_rounding_hides_is_not_decided():
    with pytest.raises(IllConditioned) as caught:
        steady_state(rotated_pair())
    words = (
        "Whether the steady state is unique cannot be decided in floating point: 3 of the decay rates may be 0 "
        "or round-off."
    )
    assert str(caught.value) == words


def test_equations_of_whole_numbers_are_those_of_doubles():
    machine = ThreeQubitMachine(
        g13=0.05, g23=0.03, gamma_1=0.1, gamma_3=0.2, T_1=1.0, T_3=0.4, U=5.0, mu=3.0, dephasing=0.01
    )
    equations = superoperator(machine.generator)
    entries, exponent = ExactEquations(machine.generator, np.arange(64)).entries(0)
    whole = np.zeros((64, 64))
    for place, value in entries.items():
        whole[place] = float(value) * 2.0**exponent
    assert np.abs(whole - equations.matrix()[0]).max() < 1e-15
    # and the trace is kept exactly, which doubles cannot promise
    assert all(sum(entries.get((i, j), 0) for i in range(8)) == 0 for j in range(64))


def test_a_kernel_is_found_in_fractions():
    rows = [{0: 1, 1: 2, 2: 3}, {0: 2, 1: 4, 2: 6}, {1: 10**40, 2: 1}]
    (vector,) = kernel(rows, 3)
    assert [sum(value * vector[j] for j, value in row.items()) for row in rows] == [0, 0, 0]


def test_rates_whose_sums_leave_the_range_of_a_double_are_no_python_error():
    generator = Generator(
        (Term.of(1.0, total_excitation(2)), Term.of(0.1, flip_flop(0, 1, 2))),
        (Channel.of("b", 1.7e308, lowering(1, 2)), Channel.of("b", 1e308, lowering(1, 2).T)),
    )
    assert np.isfinite(steady_state(generator).rho).all()


def test_parameters_beyond_all_products_are_refused():
    with pytest.raises(ParameterError) as caught:
        TwoQubitEngine(**ENGINE, gamma_h=1e307, gamma_c=1.0)
    assert caught.value.name == "gamma_h"
    assert caught.value.allowed == "be of size <= 1e+100, so that products of parameters stay numbers"


def test_a_block_too_large_for_whole_numbers_is_named(monkeypatch):
    monkeypatch.setattr("qte.solver.block_solver.EXACT_LIMIT", 3)
    monkeypatch.setattr(ExactEquations, "steady", lambda *_: None)
    with pytest.raises(IllConditioned, match="16 coupled unknowns lie closer to a second steady state"):
        TwoQubitEngine(**ENGINE, gamma_h=1e-14, gamma_c=2e-14).steady_state()
