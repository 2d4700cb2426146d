"""Hermitian couplings: against QuTiP's Bloch-Redfield solver, against formulas, and what is refused."""

import numpy as np
import pytest
import qutip
import scipy.sparse as sp

from qte.common.errors import ParameterError
from qte.physics.baths import Bath, ExactBath, ExtendedBath, TemperatureDerivative
from qte.physics.eigenbasis import eigenbasis, energy_terms
from qte.physics.generators import Generator, Term
from qte.physics.hermitian_channels import hermitian_channels
from qte.physics.lamb_shift import lamb_shift
from qte.physics.operators import EXCITED, FLIP, embed
from qte.physics.spectral_densities import (
    FromFunction,
    PowerLaw,
    Table,
    Underdamped,
    drude_lorentz,
    ohmic,
)
from qte.solver import thermodynamics
from qte.solver.blocks import from_unknowns, superoperator, to_unknowns
from qte.solver.steady import steady_state

DENSITIES = [
    ohmic(),
    ohmic(cutoff=4.0),
    ohmic(cutoff=3.0, shape="gaussian"),
    drude_lorentz(2.0),
    PowerLaw(2.0, 5.0),
    PowerLaw(3.0, 3.0, scale=0.7),
    Underdamped(1.1, 0.4),
    Table([0.0, 0.5, 1.0, 3.0, 12.0], [0.0, 0.4, 0.6, 0.9, 0.2]),
    FromFunction(np.tanh),
    FromFunction(lambda w: w / (1 + w**3)),
]


def random_hermitian(rng, dim, *, complex_entries):
    matrix = rng.normal(size=(dim, dim)) + 1j * complex_entries * rng.normal(size=(dim, dim))
    return (matrix + matrix.conj().T) / 2


def system(seed):
    """H, two couplings and two baths of a system of 3 to 6 levels."""
    rng = np.random.default_rng(seed)
    h, a, b = (random_hermitian(rng, 3 + seed % 4, complex_entries=False) for _ in range(3))
    warm = Bath(0.9, 0.03, spectral_density=DENSITIES[seed % 10])
    cold = Bath(0.3, 0.05, spectral_density=DENSITIES[(seed + 3) % 10])
    return h, {"h": (warm, a), "c": (cold, b)}


def generator_of(h, baths, form, **options):
    basis = eigenbasis((Term.of(1.0, h),), (), len(h))
    channels = [
        channel
        for label, (bath, coupling) in baths.items()
        for channel in hermitian_channels(
            label, bath, (Term.of(1.0, coupling),), basis, (), form=form, **options
        )
    ]
    return Generator(
        energy_terms(basis), tuple(channels), basis.vectors, completely_positive=form == "secular"
    )


def change_of(generator, rho):
    """L rho in the computational basis."""
    unknowns = to_unknowns(generator.to_frame(rho))
    change = superoperator(generator).apply(unknowns.reshape(-1, 1))
    return generator.to_computational(from_unknowns(change, generator.dim)[0])


def spectrum(bath):
    return lambda w: float(bath.noise(w)) if np.ndim(w) == 0 else bath.noise(np.asarray(w))


def turned(unitary, matrix):
    """U M U^+, Hermitian to the last bit."""
    found = unitary @ matrix @ unitary.conj().T
    return (found + found.conj().T) / 2


@pytest.mark.parametrize("seed", range(20))
def test_redfield_is_that_of_qutip(seed):
    """QuTiP gets real matrices, as its tensor of complex ones misses its own definition; ours are turned."""
    h, baths = system(seed)
    unitary = np.linalg.qr(random_hermitian(np.random.default_rng(200 + seed), len(h), complex_entries=True))[
        0
    ]
    unitary = unitary if seed % 2 else np.eye(len(h))
    tensor = qutip.bloch_redfield_tensor(
        qutip.Qobj(h),
        [[qutip.Qobj(a), spectrum(bath)] for bath, a in baths.values()],
        sec_cutoff=-1,
        fock_basis=True,
    )
    ours = {label: (bath, turned(unitary, a)) for label, (bath, a) in baths.items()}
    generator = generator_of(turned(unitary, h), ours, "redfield")
    expected = qutip.steadystate(tensor, method="direct").full()
    assert np.abs(steady_state(generator).rho - turned(unitary, expected)).max() < 1e-8
    rho = random_hermitian(np.random.default_rng(100 + seed), len(h), complex_entries=True)
    theirs = qutip.vector_to_operator(tensor * qutip.operator_to_vector(qutip.Qobj(rho))).full()
    found = change_of(generator, turned(unitary, rho))
    assert np.abs(found - turned(unitary, theirs)).max() < 1e-8 * np.abs(theirs).max()


@pytest.mark.parametrize("seed", range(4))
def test_a_secular_state_of_one_temperature_is_the_gibbs_state(seed):
    h, baths = system(seed)
    alike = {
        label: (Bath(0.4, 0.02, spectral_density=DENSITIES[seed + k]), a)
        for k, (label, (_, a)) in enumerate(baths.items())
    }
    energies, vectors = np.linalg.eigh(h)
    weights = np.exp(-(energies - energies[0]) / 0.4)
    gibbs = (vectors * weights / weights.sum()) @ vectors.conj().T
    for options in ({}, {"lamb_shift": True}):
        if options:
            alike = {
                k: (Bath(0.4, 0.02, spectral_density=drude_lorentz(3.0)), a) for k, (_, a) in alike.items()
            }
        assert np.abs(steady_state(generator_of(h, alike, "secular", **options)).rho - gibbs).max() < 1e-13


def test_a_partial_form_lies_between_the_secular_and_the_redfield_form():
    h, baths = system(3)
    rho = random_hermitian(np.random.default_rng(1), len(h), complex_entries=True)
    gaps = np.subtract.outer(*[np.linalg.eigvalsh(h)] * 2).ravel()
    apart = np.abs(np.subtract.outer(gaps, gaps)).ravel()
    smallest, largest = apart[apart > 1e-9].min(), apart.max()
    secular, redfield = (change_of(generator_of(h, baths, form), rho) for form in ("secular", "redfield"))
    for cutoff, expected in ((smallest / 2, secular), (1.01 * largest, redfield)):
        found = change_of(generator_of(h, baths, "partial", cutoff=cutoff), rho)
        assert np.abs(found - expected).max() < 1e-13
    between = change_of(generator_of(h, baths, "partial", cutoff=np.median(apart)), rho)
    assert np.abs(between - secular).max() > 1e-3 < np.abs(between - redfield).max()


def by_hand(h, bath, coupling, rho, kept):
    """Gamma(w) (A(w) rho A(w')^+ - A(w')^+ A(w) rho) + h.c. over pairs of eigenstates, with NumPy alone."""
    energies, vectors = np.linalg.eigh(h)
    a, state = (vectors.conj().T @ x @ vectors for x in (coupling, rho))
    total = np.zeros_like(state)
    places = [(i, j) for i in range(len(h)) for j in range(len(h))]
    for i, j in places:
        w = energies[j] - energies[i]
        w = 0.0 if i == j else w
        gamma = bath.noise(w) / 2 + 1j * lamb_shift(bath, w)
        part = np.zeros_like(state)
        part[i, j] = a[i, j]
        for k, m in places:
            if not kept(w, energies[m] - energies[k]):
                continue
            other = np.zeros_like(state)
            other[k, m] = a[k, m]
            term = gamma * (part @ state @ other.conj().T - other.conj().T @ part @ state)
            total += term + term.conj().T
    return vectors @ (total - 1j * (np.diag(energies) @ state - state @ np.diag(energies))) @ vectors.conj().T


@pytest.mark.parametrize(
    ("form", "options", "kept"),
    [
        ("redfield", {}, lambda w, v: True),
        ("partial", {"cutoff": 0.8}, lambda w, v: abs(w - v) <= 0.8),
        ("secular", {}, lambda w, v: abs(w - v) < 1e-9),
    ],
)
def test_lamb_shifts_act_as_they_are_written(form, options, kept):
    rng = np.random.default_rng(8)
    h, a, rho = (random_hermitian(rng, 3, complex_entries=True) for _ in range(3))
    bath = Bath(0.5, 0.1, spectral_density=drude_lorentz(2.0))
    generator = generator_of(h, {"b": (bath, a)}, form, lamb_shift=True, **options)
    expected = by_hand(h, bath, a, rho, kept)
    assert np.abs(change_of(generator, rho) - expected).max() < 1e-13


def test_a_grid_is_its_points_one_by_one():
    angle = np.array([0.2, 0.9, 1.3])
    cold = np.array([0.1, 0.4])[:, None]
    terms = (Term.of(np.cos(angle), embed({0: EXCITED}, 2)), Term.of(np.sin(angle), embed({1: EXCITED}, 2)),
             Term.of(0.3, embed({0: FLIP, 1: FLIP}, 2)))  # fmt: skip
    couplings = {"h": embed({0: FLIP}, 2), "c": embed({1: FLIP, 0: EXCITED}, 2)}

    def states(form, more, grid, terms, T):
        basis = eigenbasis(terms, grid, 4)
        channels = ()
        for label, temperature in (("h", 1.0), ("c", T)):
            bath = Bath(temperature, 0.02, spectral_density=ohmic(cutoff=9.0))
            coupling = (Term.of(1.0, couplings[label]),)
            channels += hermitian_channels(label, bath, coupling, basis, grid, form=form, **more)
        generator = Generator(energy_terms(basis), channels, basis.vectors, completely_positive=False)
        return steady_state(generator).rho

    for form, more in (("secular", {}), ("redfield", {}), ("partial", {"cutoff": 0.1})):
        whole = states(form, more, (2, 3), terms, cold)
        for i, j in np.ndindex(2, 3):
            point = tuple(Term.of(np.broadcast_to(t.coefficient, 3)[j], t.operator) for t in terms)
            alone = states(form, more, (), point, cold[i, 0])
            assert np.abs(whole[i, j] - alone).max() < 1e-13


def test_levels_that_cross_on_the_grid_change_the_sign_of_a_frequency():
    gap = np.array([-0.5, 0.1, 0.5])
    basis = eigenbasis((Term.of(gap, EXCITED),), (3,), 2)
    bath = Bath(0.5, 0.01, spectral_density=ohmic())
    channels = hermitian_channels("b", bath, (Term.of(1.0, FLIP),), basis, (3,))
    state = steady_state(Generator(energy_terms(basis), channels, basis.vectors))
    assert np.abs(state.rho[:, 0, 0].real - 1 / (1 + np.exp(gap / 0.5))).max() < 1e-15


def test_a_local_equation_takes_the_frequencies_of_the_uncoupled_part():
    bare = (Term.of(1.0, embed({0: EXCITED}, 2)), Term.of(1.2, embed({1: EXCITED}, 2)))
    swap = Term.of(0.01, embed({0: FLIP, 1: FLIP}, 2))
    bath = Bath(0.5, 0.02, spectral_density=ohmic(cutoff=5.0))
    basis = eigenbasis(bare, (), 4)
    assert np.array_equal(basis.vectors, np.eye(4))
    channels = hermitian_channels("h", bath, (Term.of(1.0, embed({0: FLIP}, 2)),), basis, ())
    jumps = {(float(c.rate), tuple(map(tuple, np.argwhere(c.jump[0].operator.toarray())))) for c in channels}
    lower = ((2, 0), (3, 1))
    assert jumps == {
        (float(bath.emission(1.0)), lower),
        (float(bath.absorption(1.0)), tuple((j, i) for i, j in lower)),
    }
    Generator((*bare, swap), channels)


@pytest.mark.parametrize("kind", [ExtendedBath, ExactBath, TemperatureDerivative])
def test_rates_of_other_precision_and_slopes_are_those_of_the_same_density(kind):
    bath = Bath(0.5, 0.01, spectral_density=drude_lorentz(3.0))
    w = np.array([-2.0, -0.3, 0.0, 0.4, 5.0])
    found = bath.of_kind(kind).noise(w)
    if kind is TemperatureDerivative:
        step = 1e-5
        up, down = (Bath(0.5 + s, 0.01, spectral_density=drude_lorentz(3.0)).noise(w) for s in (step, -step))
        assert np.allclose(found, (up - down) / (2 * step), rtol=1e-8)
    else:
        total = sum(found.parts) if kind is ExactBath else found.hi
        assert np.allclose(total, bath.noise(w), rtol=1e-14)


def test_heat_is_measured_with_the_bare_hamiltonian():
    h, baths = system(7)
    baths = {
        k: (Bath(b.temperature, b.coupling, spectral_density=drude_lorentz(2.0)), a)
        for k, (b, a) in baths.items()
    }
    for form, options in (("redfield", {}), ("secular", {}), ("partial", {"cutoff": 0.5})):
        generator = generator_of(h, baths, form, lamb_shift=True, **options)
        unknowns = steady_state(generator).unknowns
        flows = [thermodynamics.energy_current(generator, unknowns, label) for label in "hc"]
        assert abs(sum(flows)) < 1e-12 * abs(flows[0])
        assert flows[0] > 0


ONE = (Term.of(1.0, EXCITED), Term.of(0.4, FLIP))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"coupling": (Term.of(1.0, np.triu(FLIP)),)}, "`coupling` must be Hermitian"),
        ({"coupling": (Term.of(1.0, sp.eye_array(3)),)}, "`coupling` must have the shape (2, 2) of the basis"),
        (
            {"form": "seculr"},
            "`form` must be one of 'pauli', 'secular', 'partial', 'redfield' (did you mean 'secular'?)",
        ),
        ({"form": "partial"}, "`cutoff` must be given for the form 'partial'"),
        ({"cutoff": 1.0}, "`cutoff` must be left out but for the form 'partial'"),
        ({"form": "partial", "cutoff": -1.0}, "`cutoff` must be a real number, >= 0"),
        ({"bath": Bath(0.5, 0.1)}, "`spectral_density` must vanish in proportion to the energy"),
        ({"bath": Bath(0.5, 0.1, spectral_density=ohmic()), "lamb_shift": True},
         "`spectral_density` must be integrable for a Lamb shift"),
        ({"bath": Bath(0.5, 0.1, spectral_density=lambda w: -w)}, "`spectral_density` must be a real number, >= 0"),
        ({"bath": Bath(0.5, 0.1, "fermi", 0.3)}, "`chemical_potential` must be 0 for a Hermitian coupling"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused_in_one_sentence(arguments, sentence):
    bath = Bath(0.5, 0.1, spectral_density=ohmic(5.0))
    given = {"bath": bath, "coupling": (Term.of(1.0, FLIP),)} | arguments
    rest = {k: v for k, v in given.items() if k not in ("bath", "coupling")}
    with pytest.raises(ParameterError) as caught:
        hermitian_channels("h", given["bath"], given["coupling"], eigenbasis(ONE, (), 2), (), **rest)
    assert sentence in str(caught.value)


def test_a_flat_bath_may_couple_without_a_part_of_zero_frequency():
    basis = eigenbasis((Term.of(1.0, EXCITED),), (), 2)
    channels = hermitian_channels("h", Bath(0.5, 0.1), (Term.of(1.0, FLIP),), basis, ())
    assert sorted(float(c.rate) for c in channels) == sorted(map(float, Bath(0.5, 0.1).noise([1.0, -1.0])))
