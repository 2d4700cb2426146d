"""What enters a generator, a channel, a term, a bath or a public function is checked once, in words."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from qte.common.errors import ParameterError, QteError
from qte.machines import SpinChain, TwoQubitEngine
from qte.physics.baths import Bath
from qte.physics.generators import (
    Channel,
    Generator,
    Term,
    eigenbasis,
    energy_terms,
    global_channels,
    local_channels,
)
from qte.physics.operators import FLIP, LOWER, excitation, flip_flop, lowering, total_excitation
from qte.solver.dynamics import evolve, liouvillian_gap
from qte.solver.steady import steady_state
from tests.dense import image

ENERGY = (Term.of(1.0, total_excitation(2)),)
DECAY = Channel.of("c", 0.1, lowering(0, 2))


@pytest.mark.parametrize(
    ("build", "name", "words"),
    [
        (
            lambda: Generator((Term.of(0.3, np.triu(FLIP)),), ()),
            "hamiltonian",
            "Argument `hamiltonian` must be Hermitian: |H - H^+| is what was found, but got 0.3.",
        ),
        (
            lambda: Generator(ENERGY, (Channel.of("c", 0.1, LOWER),)),
            "jump",
            "Argument `jump` must have the shape of the Hamiltonian, (4, 4), but got (2, 2).",
        ),
        (
            lambda: Generator(ENERGY, (Channel.of("c", np.nan, lowering(0, 2)),)),
            "rate",
            "Argument `rate` must be a real number, finite, but got nan.",
        ),
        (
            lambda: Channel.of("c", [0.1, np.inf], lowering(0, 2)),
            "rate",
            "Argument `rate` must be a real number, finite, but got inf at index (1,).",
        ),
        (
            lambda: Channel.of("c", 0.1j, lowering(0, 2)),
            "rate",
            "Argument `rate` must be a real number, finite, but got 0.1j.",
        ),
        (
            lambda: Channel.of(["c"], 0.1, lowering(0, 2)),
            "reservoir",
            "Argument `reservoir` must be a label: a word, a number or None, but got ['c'].",
        ),
        (
            lambda: Channel.of("c", 0.1, [[1, 2], [3]]),
            "jump",
            "Argument `jump` must be a square matrix of finite numbers, but got [[1, 2], [3]].",
        ),
        (
            lambda: Channel("c", 0.1, lowering(0, 2)),
            "jump",
            "must be a tuple of at least one Term",
        ),
        (
            lambda: Term.of("1", np.eye(2)),
            "coefficient",
            "Argument `coefficient` must be a real number, finite, but got '1'.",
        ),
        (
            lambda: Term.of(1.0, np.ones((2, 3))),
            "operator",
            "Argument `operator` must be a square matrix of finite numbers, but got (2, 3).",
        ),
        (lambda: Term.of(1.0, [[np.nan]]), "operator", "must be a square matrix of finite numbers"),
        (lambda: Term.of(1.0, np.ones(3)), "operator", "must be a square matrix of finite numbers"),
        (
            lambda: Generator(ENERGY, (), frame=np.full((4, 4), np.nan)),
            "frame",
            "Argument `frame` must be unitary matrices of finite numbers, but got array",
        ),
        (
            lambda: Generator((), ()),
            "hamiltonian",
            "Argument `hamiltonian` must be a tuple of at least one Term, but got ().",
        ),
        (
            lambda: Generator((Term.of(1.0, np.eye(2)), Term.of(1.0, np.eye(4))), ()),
            "hamiltonian",
            "Argument `hamiltonian` must have operators of one dimension, but got (2, 4).",
        ),
        (
            lambda: Generator(ENERGY, ("decay",)),
            "channels",
            "Argument `channels` must be a tuple of Channels, but got ('decay',).",
        ),
        (
            lambda: Generator(
                (Term.of([1.0, 2.0], total_excitation(2)),), (Channel.of("c", [1.0] * 3, lowering(0, 2)),)
            ),
            "rate",
            "Argument `rate` must have a shape that broadcasts with the others, (2,), but got (3,).",
        ),
        (
            lambda: Generator(ENERGY, (DECAY,), np.eye(3)),
            "frame",
            "Argument `frame` must have shape (..., 4, 4), but got (3, 3).",
        ),
        (
            lambda: Generator(ENERGY, (DECAY,), 2 * np.eye(4)),
            "frame",
            "Argument `frame` must be unitary: |F^+ F - 1| is what was found, but got 3.0.",
        ),
        (
            lambda: Generator(ENERGY, (DECAY,), permutations=(np.array([0, 0, 1, 2]),)),
            "permutations",
            "hold permutations of 4 numbers from 0",
        ),
        (
            lambda: Bath(1.0, 0.1, "fermi").occupation(np.nan),
            "energy",
            "Argument `energy` must be a real number, but got nan.",
        ),
        (
            lambda: Bath(1.0, 0.1).absorption(1j),
            "energy",
            "Argument `energy` must be a real number, but got 1j.",
        ),
        (
            lambda: steady_state("engine"),
            "generator",
            "Argument `generator` must be a Generator, but got 'engine'.",
        ),
        (
            lambda: evolve(None, "0", [0.0]),
            "generator",
            "Argument `generator` must be a Generator, but got None.",
        ),
        (
            lambda: liouvillian_gap(3),
            "generator",
            "Argument `generator` must be a Generator, but got 3.",
        ),
        (
            lambda: eigenbasis((Term.of(1.0, np.triu(FLIP)),), (), 2),
            "hamiltonian",
            "Argument `hamiltonian` must be symmetric, but got 'entries H_ij that are not H_ji'.",
        ),
        (
            lambda: eigenbasis((Term.of(1.0, 1j * FLIP),), (), 2),
            "hamiltonian",
            "must be Hermitian, but got 'entries H_ij that are not the conjugate of H_ji'.",
        ),
        (
            lambda: Generator(ENERGY, (Channel.of("c", 0.1, lowering(0, 2)),), attracting=np.array([0, 1])),
            "attracting",
            "Argument `attracting` must be basis states that no term leads out of, but got '2 states'.",
        ),
        (
            lambda: global_channels(
                "h", Bath(1.0, 0.1), (Term.of(1.0, LOWER),), eigenbasis(ENERGY, (), 4), ()
            ),
            "coupling",
            "Argument `coupling` must have the shape (4, 4) of the basis, but got (2, 2).",
        ),
        (
            lambda: global_channels("h", 1.0, (Term.of(1.0, lowering(0, 2)),), eigenbasis(ENERGY, (), 4), ()),
            "bath",
            "Argument `bath` must be a Bath, but got 1.0.",
        ),
    ],
)
def test_bad_input_is_named(build, name, words):
    with pytest.raises(ParameterError) as caught:
        build()
    assert caught.value.name == name
    assert words in str(caught.value)


def test_round_off_of_a_hamiltonian_is_no_fault():
    rng = np.random.default_rng(1)
    q = scipy.linalg.qr(rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)))[0]
    h = q @ np.diag([1.0, 2.0, 3.0, 4.0]) @ q.conj().T
    assert not np.array_equal(h, h.conj().T)
    assert Generator((Term.of(1.0, h),), (DECAY,)).dim == 4
    # two terms that are Hermitian together only
    upper, lower = np.triu(FLIP), np.tril(FLIP)
    assert Generator((Term.of(0.2, upper), Term.of(0.2, lower)), ()).dim == 2


# ---- complex numbers are computed right ----------------------------------------------------------


def random_unitary(seed: int, d: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return scipy.linalg.qr(rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d)))[0]


@pytest.mark.parametrize("seed", range(5))
def test_a_complex_frame_is_a_change_of_basis(seed):
    """A generator written in a random unitary frame has the state of the same one written without it."""
    plain = TwoQubitEngine(g=0.05, gamma_h=0.01, gamma_c=0.02, T_h=1.0, T_c=0.2).generator
    frame = random_unitary(seed, 4)

    def turned(operator):
        return frame.conj().T @ operator.toarray() @ frame

    terms = tuple(Term.of(t.coefficient, turned(t.operator)) for t in plain.hamiltonian)
    channels = tuple(
        Channel.of(c.reservoir, c.rate, turned(c.jump[0].operator), c.quanta) for c in plain.channels
    )
    framed = Generator(terms, channels, frame)
    assert np.abs(steady_state(framed).rho - steady_state(plain).rho).max() < 1e-13
    start = np.outer(frame[:, 0], frame[:, 0].conj())
    there, here = (evolve(g, start, [0.0, 7.0, 300.0]) for g in (framed, plain))
    assert np.abs(there[0] - start).max() < 1e-14
    assert np.abs(there - here).max() < 1e-12


@pytest.mark.parametrize("secular", [True, False])
@pytest.mark.parametrize("phase", [0.0, 0.7, np.pi / 2, np.pi])
def test_a_phase_on_a_coupling_operator_counts(phase, secular):
    """Against the same equation written down densely: A(w) from projectors on the eigenvectors."""
    terms = (
        Term.of(1.0, total_excitation(2)),
        Term.of(0.2, excitation(1, 2)),
        Term.of(0.4, flip_flop(0, 1, 2)),
    )
    basis = eigenbasis(terms, (), 4)
    bath = Bath(0.8, 0.1)
    operator = lowering(0, 2).toarray() + np.exp(1j * phase) * lowering(1, 2).toarray()
    channels = global_channels("h", bath, (Term.of(1.0, operator),), basis, (), secular=secular)
    other = global_channels("c", Bath(0.2, 0.05), (Term.of(1.0, lowering(1, 2)),), basis, (), secular=secular)
    generator = Generator(energy_terms(basis), channels + other, basis.vectors, secular)
    expected = dense_state(terms, [(bath, operator), (Bath(0.2, 0.05), lowering(1, 2).toarray())], secular)
    assert np.abs(steady_state(generator).rho - expected).max() < 1e-12


def dense_state(terms, couplings, secular):
    h = sum(float(t.coefficient) * t.operator.toarray() for t in terms)
    energies, vectors = np.linalg.eigh(h)
    one = np.eye(4)
    total = -1j * (np.kron(h, one) - np.kron(one, h.T))
    for bath, a in couplings:
        parts = {}
        for i in range(4):
            for j in range(4):
                piece = (
                    np.outer(vectors[:, i], vectors[:, i].conj())
                    @ a
                    @ np.outer(vectors[:, j], vectors[:, j].conj())
                )
                if np.abs(piece).max() > 1e-12:
                    w = float(energies[j] - energies[i])
                    parts.setdefault(round(w, 9), []).append((w, piece))
        for found in parts.values():
            w, piece = found[0][0], sum(part for _, part in found)
            for rate, down, whole in (
                (float(bath.emission(w)), piece, a),
                (float(bath.absorption(w)), piece.conj().T, a.conj().T),
            ):
                b = down if secular else whole
                decay = b.conj().T @ down
                gain = (np.kron(down, b.conj()) + np.kron(b, down.conj())) / 2
                loss = (np.kron(decay, one) + np.kron(one, decay.conj())) / 2
                total = total + rate * (gain - loss)
    values, kernel = np.linalg.eig(total)
    rho = kernel[:, np.argmin(np.abs(values))].reshape(4, 4)
    return rho / np.trace(rho)


def test_a_transition_of_amplitude_zero_is_no_reason_to_refuse():
    """The last site of an XX chain of three at g = 0.4: a transition downwards has amplitude 0, up to rounding."""
    terms = (
        Term.of(1.0, total_excitation(3)),
        Term.of(0.4, flip_flop(0, 1, 3)),
        Term.of(0.4, flip_flop(1, 2, 3)),
    )
    basis = eigenbasis(terms, (), 8)
    hot = global_channels("h", Bath(1.0, 0.01), (Term.of(1.0, lowering(0, 3)),), basis, ())
    cold = global_channels("c", Bath(0.2, 0.02), (Term.of(1.0, lowering(2, 3)),), basis, ())
    state = steady_state(Generator(energy_terms(basis), hot + cold, basis.vectors))
    assert bool(state.unique)
    # equal temperatures: the Gibbs state
    same = global_channels("c", Bath(1.0, 0.02), (Term.of(1.0, lowering(2, 3)),), basis, ())
    rho = steady_state(Generator(energy_terms(basis), hot + same, basis.vectors)).rho
    h = sum(float(t.coefficient) * t.operator.toarray() for t in terms)
    gibbs = scipy.linalg.expm(-h)
    assert np.abs(rho - gibbs / np.trace(gibbs)).max() < 1e-13
    # a mode that does couple, and that no bosonic bath has, is still refused
    strong = (Term.of(1.0, total_excitation(2)), Term.of(1.4, flip_flop(0, 1, 2)))
    with pytest.raises(ParameterError, match="be > 0 for a bosonic bath"):
        global_channels("h", Bath(1.0, 0.01), (Term.of(1.0, lowering(0, 2)),), eigenbasis(strong, (), 4), ())


# ---- signed zeros ----------------------------------------------------------------------------------


@pytest.mark.parametrize("statistics", ["bose", "fermi"])
def test_a_temperature_of_minus_zero_is_zero(statistics):
    p = {"g": 0.05, "gamma_h": 0.01, "gamma_c": 0.02, "T_h": 1.0, "statistics_h": statistics}
    p["statistics_c"] = statistics
    here, there = (TwoQubitEngine(**p, T_c=t) for t in (0.0, -0.0))
    assert np.array_equal(here.steady_state().rho, there.steady_state().rho)
    assert here.heat_current("h") == there.heat_current("h")
    assert here.negativity() == there.negativity()
    assert not np.signbit(Bath(-0.0, 0.1).temperature)


# ---- nothing but QteError ----------------------------------------------------------------------------

STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=3),
    st.complex_numbers(),
    st.floats(),
    st.integers(),
    st.lists(st.floats(), max_size=3),
    st.lists(st.lists(st.floats(-2, 2), max_size=3), max_size=3),
    st.just(np.ones((2, 2, 2))),
    st.just(object()),
    st.just(np.array(["a"])),
    st.just(10**400),
    st.just(sp.csr_array(np.eye(2))),
)


def only_qte_errors(work):
    with np.errstate(all="ignore"), contextlib.suppress(QteError):
        work()


@settings(max_examples=300, deadline=None)
@given(STRANGE, STRANGE)
def test_terms_channels_and_baths_raise_their_own_errors_only(first, second):
    only_qte_errors(lambda: Term.of(first, second))
    only_qte_errors(lambda: Channel.of("a", first, second))
    only_qte_errors(lambda: Channel.of(second, first, LOWER))
    only_qte_errors(lambda: Bath(first, second))
    only_qte_errors(lambda: Bath(first, 0.1, "fermi", second).occupation(1.0))
    only_qte_errors(lambda: Bath(0.5, 0.1, "fermi").absorption(first, second))
    only_qte_errors(lambda: Generator((Term.of(1.0, FLIP),), (Channel.of("a", 0.1, LOWER),), first))
    only_qte_errors(lambda: Generator(first, second))
    only_qte_errors(lambda: local_channels("a", first, second, LOWER))


@settings(max_examples=200, deadline=None)
@given(STRANGE)
def test_public_functions_raise_their_own_errors_only(value):
    engine = TwoQubitEngine(g=0.05, gamma_h=0.01, gamma_c=0.02, T_h=1.0, T_c=0.2)
    only_qte_errors(lambda: engine.evolve(value, [0.0, 1.0]))
    only_qte_errors(lambda: engine.evolve("10", value))
    only_qte_errors(lambda: engine.negativity(value))
    only_qte_errors(lambda: engine.fidelity(value))
    only_qte_errors(lambda: engine.heat_current(value))
    only_qte_errors(lambda: engine.steady_state(method=value))
    only_qte_errors(lambda: engine.steady_state(rho0=value))
    for name in ("g", "delta", "gamma_h", "T_h", "kappa_c", "statistics_h", "approach"):
        only_qte_errors(lambda name=name: engine.replace(**{name: value}).steady_state())
    only_qte_errors(
        lambda: SpinChain(N=value, g=0.1, gamma_L=0.1, gamma_R=0.1, T_L=1.0, T_R=0.5).net_current()
    )


def test_the_dense_reference_is_another_code():
    """`tests.dense` and the generator agree on a channel with complex entries."""
    a = np.array([[0.3j, 1.0], [0.2, -0.1]])
    generator = Generator((Term.of(1.0, excitation(0, 1)),), (Channel.of("a", 0.2, a),))
    rho = steady_state(generator).rho
    assert np.abs(image(generator, rho)).max() < 1e-14
