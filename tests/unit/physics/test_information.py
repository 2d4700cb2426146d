"""Entropies, distances and energies of states against QuTiP, 50 digits and their laws."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
import qutip

from qte.common.errors import ParameterError
from qte.machines import TwoQubitEngine
from qte.physics.information.energies import ergotropy, free_energy, gibbs_relative_entropy
from qte.physics.information.entropies import mutual_information, trace_distance, von_neumann_entropy
from qte.physics.information.spectra import populations

CASES = [([2, 2], 1), ([2, 3], 2), ([3, 2, 2], 3), ([4], 4)]


def turned(populations: list[float], seed: int = 0) -> np.ndarray:
    """A state with these populations in a random basis."""
    unitary = qutip.rand_unitary(len(populations), seed=seed).full()
    return unitary @ np.diag(populations) @ unitary.conj().T


@pytest.mark.parametrize(("dims", "seed"), CASES)
def test_agrees_with_qutip(dims, seed):
    rho, sigma = qutip.rand_dm(dims, seed=seed), qutip.rand_dm(dims, seed=seed + 10)
    h = qutip.rand_herm(dims, seed=seed + 20)
    gibbs = (-h / 0.7).expm().unit()
    assert von_neumann_entropy(rho) == pytest.approx(qutip.entropy_vn(rho), abs=1e-13)
    assert trace_distance(rho, sigma) == pytest.approx(qutip.tracedist(rho, sigma), abs=1e-13)
    assert gibbs_relative_entropy(rho, h, 0.7) == pytest.approx(qutip.entropy_relative(rho, gibbs), abs=1e-12)
    passive = np.sort(rho.eigenenergies())[::-1] @ np.sort(h.eigenenergies())
    assert ergotropy(rho, h) == pytest.approx(qutip.expect(h, rho) - passive, abs=1e-13)
    energy = qutip.expect(h, rho)
    assert free_energy(rho, h, 0.7) == pytest.approx(energy - 0.7 * qutip.entropy_vn(rho), abs=1e-13)
    if len(dims) > 1:
        rest = list(range(1, len(dims)))
        wanted = qutip.entropy_mutual(rho, [0], rest)
        assert mutual_information(rho, [0]) == pytest.approx(wanted, abs=1e-12)
        assert mutual_information(rho.full(), rest, dims) == pytest.approx(wanted, abs=1e-12)


def test_batches_are_states_one_by_one():
    states = np.array([qutip.rand_dm([2, 2], seed=k).full() for k in range(6)]).reshape(2, 3, 4, 4)
    h = np.diag([2.0, 1.0, 1.0, 0.0])
    for measure in (
        von_neumann_entropy,
        lambda rho: mutual_information(rho, [1]),
        lambda rho: trace_distance(rho, np.eye(4) / 4),
        lambda rho: gibbs_relative_entropy(rho, h, 0.3),
        lambda rho: free_energy(rho, h, 0.3),
        lambda rho: ergotropy(rho, h),
    ):
        found = measure(states)
        assert found.shape == (2, 3)
        assert np.array_equal(found, [[measure(one) for one in row] for row in states])


@pytest.mark.parametrize("small", [1e-6, 1e-15, 1e-60, 1e-200])
def test_nearly_pure_states_keep_their_digits(small):
    rho = np.diag([small, 1 - small - small**1.5, 0.0, small**1.5])
    mp.mp.dps = 50
    # the largest population is what the others leave
    p = [mp.mpf(small), mp.mpf(small**1.5)]
    p.append(1 - sum(p))
    assert von_neumann_entropy(rho) == pytest.approx(float(-sum(x * mp.log(x) for x in p if x)), rel=1e-13)


def test_small_correlations_keep_their_digits():
    for size in (1e-2, 1e-4, 1e-6):
        rho = np.diag([0.25 + size, 0.25 - size, 0.25 - size, 0.25 + size])
        mp.mp.dps = 50
        p = [mp.mpf(x) for x in np.diagonal(rho)]
        wanted = sum(x * mp.log(4 * x) for x in p)
        # the entries themselves are known to an ulp
        assert mutual_information(rho, [0]) == pytest.approx(float(wanted), rel=1e-15 / size)
        assert mutual_information(rho, [0]) > 0


def test_equilibrium_is_the_only_state_without_free_energy():
    h = qutip.rand_herm([2, 2], seed=8).full()
    energies, vectors = np.linalg.eigh(h)
    for t in (0.05, 0.4, 30.0):
        weights = np.exp(-(energies - energies[0]) / t)
        gibbs = vectors @ np.diag(weights / weights.sum()) @ vectors.conj().T
        assert 0 <= gibbs_relative_entropy(gibbs, h, t) < 1e-14
        assert ergotropy(gibbs, h) == 0
        other = 0.9 * gibbs + 0.1 * np.eye(4) / 4
        partition = -t * np.log(weights.sum()) + energies[0]
        wanted = (free_energy(other, h, t) - partition) / t
        assert gibbs_relative_entropy(other, h, t) == pytest.approx(wanted, rel=1e-10)


def test_a_gibbs_state_may_be_colder_than_doubles():
    h = np.diag([1.0, 0.0])
    found = gibbs_relative_entropy(np.diag([0.5, 0.5]), h, [1e-3, 1e-5, np.inf])
    assert np.allclose(found, [500 - np.log(2), 50_000 - np.log(2), 0.0], rtol=1e-13, atol=1e-15)


def test_pure_states():
    bell = qutip.bell_state("00")
    assert von_neumann_entropy(bell) == pytest.approx(0.0, abs=1e-14)
    assert mutual_information(bell, [1]) == pytest.approx(2 * np.log(2), rel=1e-13)
    # all energy of a pure state is work
    assert ergotropy(qutip.basis(3, 1), np.diag([0.0, 1.0, 5.0])) == pytest.approx(1.0, rel=1e-14)
    assert trace_distance(qutip.basis(2, 0), qutip.basis(2, 1)) == pytest.approx(1.0, rel=1e-14)


def test_rotated_populations_are_found():
    p = [0.7, 0.2, 0.1 - 1e-7, 1e-7]
    wanted = -sum(x * np.log(x) for x in p)
    assert von_neumann_entropy(turned(p)) == pytest.approx(wanted, rel=1e-13)


def test_machines_and_trajectories_know_their_own():
    engine = TwoQubitEngine(g=0.05, gamma_h=0.01, gamma_c=0.02, T_h=[1.0, 2.0], T_c=0.2)
    rho, h = engine.steady_state().rho, engine.hamiltonian()
    assert np.array_equal(engine.von_neumann_entropy(), von_neumann_entropy(rho))
    assert np.array_equal(engine.mutual_information([1]), mutual_information(rho, [0]))
    assert np.array_equal(engine.ergotropy(), ergotropy(rho, h))
    assert np.array_equal(engine.free_energy(0.2), free_energy(rho, h, 0.2))
    assert np.array_equal(engine.gibbs_relative_entropy(0.2), gibbs_relative_entropy(rho, h, 0.2))
    path = engine.evolve("10", [0.0, 50.0])
    assert path.von_neumann_entropy().shape == path.ergotropy().shape == (2, 2)
    assert np.allclose(path.von_neumann_entropy()[:, 0], 0.0, atol=1e-14)
    assert np.allclose(path.ergotropy()[:, 0], 1.05, atol=0.06)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: von_neumann_entropy(np.eye(2)), "Argument `rho` must have trace 1"),
        (lambda: mutual_information(np.eye(4) / 4, [0, 0]), "Argument `sites` must name different sites"),
        (lambda: mutual_information(np.eye(4) / 4, [0, 1]), "Argument `sites` must leave factors on both"),
        (lambda: mutual_information(np.eye(6) / 6, [0], (2, 2)), "Argument `dims` must multiply to 6"),
        (
            lambda: trace_distance(np.eye(2) / 2, np.eye(3) / 3),
            "Argument `other` must have shape (..., 2, 2)",
        ),
        (
            lambda: gibbs_relative_entropy(np.eye(2) / 2, np.eye(2), 0.0),
            "Argument `temperature` must be a real number, > 0",
        ),
        (
            lambda: free_energy(np.eye(2) / 2, np.eye(3), 1.0),
            "Argument `hamiltonian` must have shape (..., 2, 2)",
        ),
        (lambda: ergotropy(np.eye(2) / 2, [[0, 1], [0, 0]]), "Argument `hamiltonian` must be Hermitian"),
    ],
)
def test_what_is_no_state_is_named(call, words):
    with pytest.raises(ParameterError) as caught:
        call()
    assert str(caught.value).startswith(words)


def test_rare_levels_beside_coherences_keep_their_digits():
    """Of graded states, as machines at low temperature have, against 60 digits."""
    rng = np.random.default_rng(3)
    for exponents in ([0, 4, 9, 14], [0, 20, 45, 90], [0, 0, 60, 120]):
        size = 10.0 ** -np.array(exponents)
        mix = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
        shape = mix @ mix.conj().T
        correlation = shape / np.sqrt(np.outer(np.diagonal(shape), np.diagonal(shape)).real)
        rho = correlation * np.sqrt(np.outer(size, size))
        rho = (rho + rho.conj().T) / 2 / np.trace(rho).real
        mp.mp.dps = 300
        wanted = sorted((float(x) for x in mp.eigh(mp.matrix(rho.tolist()), eigvals_only=True)), reverse=True)
        assert np.allclose(populations(rho), wanted, rtol=1e-10, atol=0)
