"""Generic operators of many levels, solved by products of matrices."""

import numpy as np
import pytest

from qte.common.errors import NonUniqueSteadyState
from qte.physics.baths import Bath
from qte.physics.generators import Channel, Generator, Term, eigenbasis, energy_terms, global_channels
from qte.physics.hermitian_channels import hermitian_channels
from qte.physics.spectral_densities import ohmic
from qte.solver.large.sylvester import Equation, steady
from qte.solver.steady import steady_state


def random_matrix(rng, dim):
    return rng.normal(size=(dim, dim)) + 1j * rng.normal(size=(dim, dim))


def generic(dim, rates=(0.3, 0.1), seed=0):
    """H and jump operators of no structure at all."""
    rng = np.random.default_rng(seed)
    h = random_matrix(rng, dim)
    h, jumps = (h + h.conj().T) / 2, [random_matrix(rng, dim) / dim for _ in rates]
    channels = tuple(Channel.of("b", r, j) for r, j in zip(rates, jumps, strict=True))
    return Generator((Term.of(1.0, h),), channels), h, list(zip(rates, jumps, strict=True))


def test_a_full_equation_of_many_levels_holds():
    generator, h, jumps = generic(48)
    state = steady_state(generator)
    assert state.method == "products"
    rho = state.rho
    change = -1j * (h @ rho - rho @ h)
    for rate, jump in jumps:
        loss = jump.conj().T @ jump
        change = change + rate * (jump @ rho @ jump.conj().T - (loss @ rho + rho @ loss) / 2)
    assert np.abs(change).max() < 1e-12 * np.abs(h).max() * np.abs(rho).max()
    assert abs(np.trace(rho) - 1) < 1e-13
    assert state.min_eigenvalue > 0
    assert state.residual < 1e-13
    assert state.unique


def test_both_ways_find_one_state():
    generator, _, _ = generic(12)
    assert np.abs(steady(generator, 0)[0] - steady_state(generator).rho).max() < 1e-13


def test_states_that_do_not_decay_by_themselves_are_no_obstacle():
    """A dark state leaves the Sylvester equation without an answer of its own."""
    lower = np.diag(np.sqrt(np.arange(1.0, 8.0)), 1)
    generator = Generator((Term.of(1.0, lower.T @ lower),), (Channel.of("b", 0.1, lower),))
    rho, residual = steady(generator, 0)
    assert residual < 1e-12
    assert np.abs(rho - np.diag(np.eye(8)[0])).max() < 1e-9


def test_two_steady_states_are_told():
    _, h, jumps = generic(24)
    two = [np.kron(np.eye(2), a) for a in (h, *(j for _, j in jumps))]
    both = Generator((Term.of(1.0, two[0]),), tuple(Channel.of("b", 0.3, j) for j in two[1:]))
    with pytest.raises(NonUniqueSteadyState, match="at least"):
        steady_state(both)


def test_a_grid_of_full_equations_is_its_points():
    rng = np.random.default_rng(3)
    h = random_matrix(rng, 40)
    jump = random_matrix(rng, 40) / 40
    rates = np.array([0.1, 0.4])
    grid = Generator(
        (Term.of(1.0, (h + h.conj().T) / 2),), (Channel.of("b", rates, jump), Channel.of("c", 0.2, jump.T))
    )
    states = steady_state(grid).rho
    for k, rate in enumerate(rates):
        alone = Generator(grid.hamiltonian, (Channel.of("b", rate, jump), Channel.of("c", 0.2, jump.T)))
        assert np.abs(states[k] - steady_state(alone).rho).max() < 1e-12


def test_equations_of_pairs_of_operators_are_those_of_the_superoperator():
    rng = np.random.default_rng(5)
    h, a = (rng.normal(size=(6, 6)) for _ in range(2))
    h, a = h + h.T, a + a.T
    basis = eigenbasis((Term.of(1.0, h),), (), 6)
    bath = Bath(0.5, 0.1, spectral_density=ohmic(5.0))
    channels = hermitian_channels("b", bath, (Term.of(1.0, a),), basis, (), form="redfield")
    generator = Generator(energy_terms(basis), channels, basis.vectors, completely_positive=False)
    rho = steady_state(generator).rho_in_frame
    equation = Equation.of(generator, 0)
    assert np.abs(equation.change(rho)).max() < 1e-14 * equation.size


def test_jumps_that_are_added_up_first_are_the_same_equation(monkeypatch):
    rng = np.random.default_rng(6)
    levels = np.sort(rng.uniform(0.5, 9.0, size=9))[::-1]
    lower = (Term.of(1.0, np.tril(rng.normal(size=(9, 9)), -1)),)
    basis = eigenbasis((Term.of(1.0, np.diag(levels)),), (), 9)
    states, counts = [], []
    for least in (8, 99):
        monkeypatch.setattr("qte.physics.global_channels.JOINED_FROM", least)
        channels = global_channels("b", Bath(0.5, 0.1), lower, basis, (), secular=False)
        generator = Generator(energy_terms(basis), channels, basis.vectors, completely_positive=False)
        states.append(steady_state(generator).rho)
        counts.append(len(channels))
    assert counts == [2, 72]
    assert np.abs(states[0] - states[1]).max() < 1e-13
