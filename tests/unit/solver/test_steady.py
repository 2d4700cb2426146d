"""Blocks, elimination and certificates, on random generators and on generators with hidden symmetries."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from qte.common.errors import NonUniqueSteadyState, ParameterError
from qte.machines.three_qubit import ThreeQubitMachine
from qte.physics import operators as op
from qte.physics.baths import Bath
from qte.physics.generators import Channel, Generator, Term, eigenbasis, global_channels, local_channels
from qte.solver.blocks import from_unknowns, observable, superoperator, to_unknowns
from qte.solver.elimination import reachable_classes, stationary
from qte.solver.steady import steady_state


def dense_liouvillian(generator: Generator) -> np.ndarray:
    """The textbook d^2 x d^2 matrix of a scalar generator, from dense matrices only."""
    d = generator.dim
    one = np.eye(d)
    h = generator.hamiltonian_matrix
    total = -1j * (np.kron(h, one) - np.kron(one, h.T))
    for channel in generator.channels:
        a = sum(t.coefficient * t.operator.toarray() for t in channel.jump)
        b = (
            a
            if channel.partner is None
            else sum(t.coefficient * t.operator.toarray() for t in channel.partner)
        )
        decay = b.conj().T @ a
        total = total + channel.rate / 2 * (
            np.kron(a, b.conj()) + np.kron(b, a.conj()) - np.kron(decay, one) - np.kron(one, decay.conj())
        )
    return total


def random_generator(seed: int, d: int, jumps: int = 3, density: float = 1.0) -> Generator:
    rng = np.random.default_rng(seed)

    def sparse_matrix() -> np.ndarray:
        return (rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))) * (rng.random((d, d)) < density)

    h = sparse_matrix()
    channels = tuple(Channel.of("r", rng.uniform(0.1, 1), sparse_matrix()) for _ in range(jumps))
    return Generator((Term.of(1.0, h + h.conj().T),), channels)


@given(st.integers(0, 10**6), st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_real_equations_are_the_textbook_matrix(seed, d):
    generator = random_generator(seed, d, density=0.6)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    rho = x @ x.conj().T
    image = (dense_liouvillian(generator) @ rho.ravel()).reshape(d, d)
    unknowns = superoperator(generator).apply(to_unknowns(rho)[:, None])
    assert np.allclose(from_unknowns(unknowns[:, 0], d), image, atol=1e-12)


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=60, deadline=None)
def test_sums_of_terms_interfere(seed, with_partner):
    """A jump operator made of several overlapping terms, as Lindblad and as bilinear form."""
    rng = np.random.default_rng(seed)
    d = 3

    def terms() -> tuple[Term, ...]:
        return tuple(Term.of(rng.normal(), rng.normal(size=(d, d))) for _ in range(3))

    partner = terms() if with_partner else None
    channel = Channel("r", np.asarray(0.3), terms(), partner)
    generator = Generator((Term.of(1.0, np.diag([0.0, 1.0, 2.5])),), (channel,))
    x = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    rho = x @ x.conj().T
    image = (dense_liouvillian(generator) @ rho.ravel()).reshape(d, d)
    unknowns = superoperator(generator).apply(to_unknowns(rho)[:, None])
    assert np.allclose(from_unknowns(unknowns[:, 0], d), image, atol=1e-12)


@given(st.integers(0, 10**6), st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_random_generators_match_the_null_space(seed, d):
    generator = random_generator(seed, d)
    null = scipy.linalg.null_space(dense_liouvillian(generator), rcond=1e-10)
    assert null.shape[1] == 1
    rho = null[:, 0].reshape(d, d)
    state = steady_state(generator)
    assert state.unique
    assert np.abs(state.rho - rho / np.trace(rho)).max() < 1e-11


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_kernel_dimension_is_found_whatever_hides_it(seed):
    """Sparse generators, often with several steady states, seen through a random basis."""
    rng = np.random.default_rng(seed)
    d = int(rng.integers(2, 5))
    generator = random_generator(seed, d, jumps=int(rng.integers(1, 3)), density=0.35)
    singular = np.linalg.svd(dense_liouvillian(generator), compute_uv=False)
    scale = singular[0] if singular[0] > 0 else 1.0
    if ((singular > 1e-13 * scale) & (singular < 1e-6 * scale)).any():
        return  # no honest answer to compare with
    nullity = int((singular <= 1e-13 * scale).sum())
    if nullity == 1:
        assert steady_state(generator).unique
    else:
        with pytest.raises(NonUniqueSteadyState) as caught:
            steady_state(generator)
        assert caught.value.kernel_dimension == nullity


def test_a_conserved_coherence_outside_the_populations_is_seen():
    """A bit flip alone: populations mix, but <sigma_x> is conserved."""
    generator = Generator((Term.of(0.0, np.eye(2)),), (Channel.of("r", 1.0, op.FLIP),))
    with pytest.raises(NonUniqueSteadyState) as caught:
        steady_state(generator)
    assert caught.value.kernel_dimension == 2
    plus = np.full((2, 2), 0.5)
    assert np.allclose(steady_state(generator, rho0=plus).rho, plus)


def two_qubits(delta=0.01, t_h=0.7, g=1.6e-3) -> Generator:
    hot, cold = Bath(t_h, 1e-3), Bath(0.1, 1.1e-2)
    h = (
        Term.of(1.0, op.total_excitation(2)),
        Term.of(delta, op.excitation(1, 2)),
        Term.of(g, op.flip_flop(0, 1, 2)),
    )
    channels = local_channels("h", hot, 1.0, op.lowering(0, 2))
    return Generator(h, channels + local_channels("c", cold, 1.0 + np.asarray(delta), op.lowering(1, 2)))


def test_block_of_the_two_qubit_engine_has_six_unknowns():
    inside, *outside = superoperator(two_qubits()).components
    assert len(inside) == 6
    assert sum(map(len, outside)) == 10
    # at resonance the real part of the coherence decouples as well
    assert len(superoperator(two_qubits(delta=0.0)).components[0]) == 5


@pytest.mark.parametrize("method", ["elimination", "dense", "sparse"])
def test_routes_agree(method):
    generator = two_qubits(delta=np.linspace(0, 0.05, 7), t_h=np.array([0.3, 1.0])[:, None])
    state = steady_state(generator, method=method)
    assert state.method == method
    assert np.abs(state.rho - steady_state(generator).rho).max() < 1e-14
    assert state.residual.max() < 1e-13


def test_unknown_route_is_refused():
    with pytest.raises(ParameterError, match="did you mean 'dense'"):
        steady_state(two_qubits(), method="dens")


def test_a_grid_is_its_points():
    deltas = np.linspace(-0.02, 0.05, 5)
    grid = steady_state(two_qubits(delta=deltas))
    for k, delta in enumerate(deltas):
        alone = steady_state(two_qubits(delta=delta)).rho
        # delta = 0 on its own leaves out an equation, so only round-off may differ
        assert np.allclose(grid.rho[k], alone, rtol=1e-13, atol=0)


def test_near_degenerate_frequencies_count_as_one():
    """A grid on which two transitions coincide at one point: that point keeps their interference."""
    detunings = np.array([0.0, 1e-14, 0.3])
    h = (Term.of(1.0, op.total_excitation(2)), Term.of(detunings, op.excitation(1, 2)))
    basis = eigenbasis(h, (3,), 4)
    both = (Term.of(1.0, op.lowering(0, 2)), Term.of(1.0, op.lowering(1, 2)))
    channels = global_channels("b", Bath(0.5, 0.01), both, basis, (3,))
    generator = Generator(h, channels)
    collective = op.sum_of([op.lowering(0, 2), op.lowering(1, 2)]).toarray()
    n = 1 / np.expm1(1 / 0.5)
    peer = Generator(
        (Term.of(1.0, op.total_excitation(2)),),
        (Channel.of("b", 0.01 * (1 + n), collective), Channel.of("b", 0.01 * n, collective.T)),
    )
    for point in (0, 1):
        part = superoperator(generator).matrix(slice(point, point + 1))[0]
        assert np.allclose(part, superoperator(peer).matrix()[0], atol=1e-13)
    far = superoperator(generator).matrix(slice(2, 3))[0]
    assert not np.allclose(far, superoperator(peer).matrix()[0], atol=1e-4)


@given(st.integers(0, 10**6), st.integers(2, 7))
@settings(max_examples=80, deadline=None)
def test_chains_are_solved_to_relative_accuracy(seed, n):
    """Rates over 60 orders of magnitude against exact rational arithmetic."""
    from fractions import Fraction

    rng = np.random.default_rng(seed)
    rates = 10.0 ** rng.uniform(-60, 0, (n, n, 1))
    rates[range(n), range(n)] = 0
    got = stationary(rates, range(n))[:, 0]
    work = [[Fraction(float(rates[i, j, 0])) for j in range(n)] for i in range(n)]
    for j in range(n):
        work[j][j] = -sum(work[i][j] for i in range(n) if i != j)
    work[0] = [Fraction(1)] * n
    right = [Fraction(1)] + [Fraction(0)] * (n - 1)
    for k in range(n):
        pivot = next(i for i in range(k, n) if work[i][k] != 0)
        work[k], work[pivot], right[k], right[pivot] = work[pivot], work[k], right[pivot], right[k]
        for i in range(n):
            if i != k and work[i][k] != 0:
                f = work[i][k] / work[k][k]
                work[i] = [a - f * b for a, b in zip(work[i], work[k], strict=True)]
                right[i] -= f * right[k]
    exact = [right[k] / work[k][k] for k in range(n)]
    for a, b in zip(got, exact, strict=True):
        assert abs(Fraction(float(a)) / b - 1) < 1e-14


def test_closed_classes():
    chain = np.zeros((4, 4), dtype=bool)
    chain[1, 0] = chain[0, 1] = chain[3, 2] = True
    assert reachable_classes(chain) == [[0, 1], [3]]
    chain[3, 1] = True
    assert reachable_classes(chain) == [[3]]


def test_observables_are_traces():
    rng = np.random.default_rng(0)
    h = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    h, rho = h + h.conj().T, h @ h.conj().T
    assert observable(h) @ to_unknowns(rho) == pytest.approx(np.trace(h @ rho).real, rel=1e-13)


def test_a_dark_state_is_dark_to_the_last_digit():
    """Rates that are all cancellation are not trusted: equal couplings of the ideal three-qubit machine."""
    g = np.linspace(0.01, 0.5, 200)
    machine = ThreeQubitMachine(
        g13=g, g23=g, gamma_1=0.02395, gamma_3=0.01096, T_1=1.0, T_3=0.618, U=np.inf, mu=np.inf, mu_3=2.854
    )
    singlet = np.zeros((8, 8))
    dark = (op.ket("100") - op.ket("010")) / np.sqrt(2)
    singlet[:] = np.outer(dark, dark)
    assert np.abs(machine.steady_state().rho - singlet).max() < 1e-14
