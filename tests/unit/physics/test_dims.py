"""Factors of any dimension: operators, traces, transposes and entanglement across any cut; machines made of them."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pytest
import qutip

from qte import check_machine
from qte.common.errors import ParameterError
from qte.common.parameters import Coupling, Gap, Rate, Temperature
from qte.machines.base import Machine
from qte.physics.baths import Bath
from qte.physics.entanglement import cut_negativity, logarithmic_negativity, negativity
from qte.physics.generators import Channel, Generator, Term, eigenbasis, energy_terms
from qte.physics.hermitian_channels import hermitian_channels
from qte.physics.operators import annihilation, embed, partial_trace, partial_transpose, transition
from qte.physics.spectral_densities import ohmic
from qte.solver.steady import steady_state

DIMS = (2, 3, 4)


def random_state(dim, seed=0):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(dim, dim)) + 1j * rng.normal(size=(dim, dim))
    rho = root @ root.conj().T
    return rho / np.trace(rho)


def theirs(rho):
    return qutip.Qobj(rho, dims=[list(DIMS)] * 2)


@pytest.mark.parametrize("keep", [[0], [1], [2], [0, 2], [1, 2], [2, 0], [0, 1, 2]])
def test_partial_traces_are_those_of_qutip(keep):
    rho = np.stack([random_state(24, seed) for seed in (0, 1)])
    found = partial_trace(rho, keep, DIMS)
    for one, ours in zip(rho, found, strict=True):
        # QuTiP keeps the order of the space
        expected = theirs(one).ptrace(sorted(keep))
        order = [sorted(keep).index(k) for k in keep]
        assert np.abs(ours - expected.permute(order).full()).max() < 1e-15


@pytest.mark.parametrize("sites", [[0], [1], [2], [0, 2], [1, 2]])
def test_negativities_of_cuts_are_those_of_qutip(sites):
    vector = np.random.default_rng(2).normal(size=24)
    rho = 0.7 * np.outer(vector, vector) / (vector @ vector) + 0.3 * np.eye(24) / 24
    mask = [int(k in sites) for k in range(3)]
    turned = qutip.partial_transpose(theirs(rho), mask).full()
    assert np.abs(partial_transpose(rho, sites, DIMS) - turned).max() < 1e-15
    trace_norm = np.abs(np.linalg.eigvalsh(turned)).sum()
    assert abs(cut_negativity(rho, sites, DIMS) - (trace_norm - 1) / 2) < 1e-14
    assert abs(logarithmic_negativity(rho, sites, DIMS) - np.log2(trace_norm)) < 1e-14
    other = [k for k in range(3) if k not in sites]
    assert abs(cut_negativity(rho, other, DIMS) - cut_negativity(rho, sites, DIMS)) < 1e-14


def test_two_qubits_are_the_case_that_was_there():
    rho = random_state(4)
    rho = 0.1 * rho + 0.9 * np.outer([0, 1, -1, 0], [0, 1, -1, 0]) / 2
    assert abs(cut_negativity(rho, [1]) - negativity(rho)) < 1e-15


def test_embedded_operators_are_tensor_products():
    a, up = annihilation(4), transition(2, 0, 3)
    found = embed({2: a, 1: up}, DIMS).toarray()
    assert np.array_equal(found, np.kron(np.kron(np.eye(2), up), a))


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda: partial_trace(np.eye(6), [0], (2, 2)), "`dims` must multiply to 6, but got (2, 2)"),
        (
            lambda: cut_negativity(random_state(6), [0, 0], (2, 3)),
            "`sites` must name different sites from 0 to 1",
        ),
        (lambda: cut_negativity(random_state(6), [0, 1], (2, 3)), "`sites` must leave factors on both sides"),
        (lambda: cut_negativity(random_state(6), [], (2, 3)), "`sites` must leave factors on both sides"),
        (lambda: partial_transpose(np.eye(6), [2], (2, 3)), "`sites` must name different sites from 0 to 1"),
        (lambda: partial_trace(np.eye(6), [0], (2, 3.0)), "`dims` must be whole numbers >= 1"),
        (lambda: embed({0: np.eye(2)}, (3, 2)), "`factors` must hold matrices of shape (3, 3)"),
        (lambda: annihilation(1), "`levels` must be a whole number >= 2"),
        (lambda: transition(3, 0, 3), "`to` must be a whole number <= 2"),
        (lambda: Generator((Term.of(1.0, np.eye(6)),), (), dims=(2, 2)), "`dims` must multiply to 6"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(act, sentence):
    with pytest.raises(ParameterError) as caught:
        act()
    assert sentence in str(caught.value)


@dataclass(frozen=True, kw_only=True, eq=False)
class Trio(Machine):
    """A qubit, a qutrit and a truncated oscillator with a three-body term, global equation, Ohmic baths."""

    omega: Gap = 1.0
    g: Coupling
    gamma: Rate
    T_h: Temperature
    T_c: Temperature

    def temperatures(self) -> Mapping[Hashable, np.ndarray]:
        return {"h": np.asarray(self.T_h), "c": np.asarray(self.T_c)}

    def _build(self) -> Generator:
        flip, x = np.array([[0.0, 1.0], [1.0, 0.0]]), annihilation(4) + annihilation(4).T
        levels = np.diag([0.0, 0.9, 2.1])
        hop = transition(0, 1, 3) + transition(1, 2, 3)
        terms = (
            Term.of(self.omega, embed({0: np.diag([1.0, 0.0])}, DIMS)),
            Term.of(1.0, embed({1: levels}, DIMS)),
            Term.of(1.3, embed({2: annihilation(4).T @ annihilation(4)}, DIMS)),
            Term.of(self.g, embed({0: flip, 1: hop + hop.T, 2: x}, DIMS)),
        )
        basis = eigenbasis(terms, self.shape, 24)
        channels: tuple[Channel, ...] = ()
        for label, T, site, coupling in (("h", self.T_h, 0, flip), ("c", self.T_c, 2, x)):
            bath = Bath(T, self.gamma, spectral_density=ohmic(cutoff=8.0))
            term = (Term.of(1.0, embed({site: coupling}, DIMS)),)
            channels += hermitian_channels(label, bath, term, basis, self.shape)
        return Generator(energy_terms(basis), channels, basis.vectors, dims=DIMS)

    def net_current_from(self, current: Callable[[Hashable], np.ndarray]) -> np.ndarray:
        return current("h")


def test_dims_travel_with_a_machine_and_its_state():
    trio = Trio(g=0.2, gamma=0.01, T_h=[1.0, 0.5], T_c=0.5)
    state = trio.steady_state()
    assert state.dims == DIMS == state.generator.dims
    assert abs(trio.first_law_residual()[0]) < 1e-9
    assert trio.net_current()[0] > 0
    assert trio.reduced_state([2]).shape == (2, 3, 3)
    assert np.array_equal(trio.reduced_state([2]), partial_trace(state.rho, [1], DIMS))
    assert np.array_equal(trio.cut_negativity([1]), cut_negativity(state.rho, [0], DIMS))
    assert trio.logarithmic_negativity([3]).shape == (2,)
    with pytest.raises(ParameterError, match="`sites` must name different sites"):
        trio.cut_negativity([1, 1])
    # at one temperature it is the Gibbs state of all three
    energies, vectors = np.linalg.eigh(trio.at_points(np.array([1])).generator.to_computational(
        trio.at_points(np.array([1])).generator.hamiltonian_matrix.astype(complex))[0])  # fmt: skip
    weights = np.exp(-(energies - energies[0]) / 0.5)
    gibbs = (vectors * weights / weights.sum()) @ vectors.conj().T
    assert np.abs(state.rho[1] - gibbs).max() < 1e-12


def test_an_oscillator_cut_off_high_enough_is_one():
    """Global Ohmic baths bring <n> of one mode to Planck's number."""
    levels = 40
    number = annihilation(levels).T @ annihilation(levels)
    basis = eigenbasis((Term.of(1.0, number),), (), levels)
    x = (Term.of(1.0, annihilation(levels) + annihilation(levels).T),)
    bath = Bath(0.7, 0.01, spectral_density=ohmic(cutoff=10.0))
    state = steady_state(Generator(energy_terms(basis), hermitian_channels("b", bath, x, basis, ())))
    assert abs(np.trace(number @ state.rho).real * np.expm1(1 / 0.7) - 1) < 1e-12


def test_the_trio_conforms():
    check_machine(Trio, [{"g": 0.2, "gamma": 0.01, "T_h": 1.0, "T_c": 0.5}], at_equilibrium={}, thermal=True)
