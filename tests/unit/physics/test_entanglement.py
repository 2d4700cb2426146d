"""Negativity, concurrence and fidelity against QuTiP and 50-digit arithmetic."""

from __future__ import annotations

from functools import partial

import mpmath as mp
import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from qte.common.errors import ParameterError
from qte.physics.entanglement import concurrence, cut_negativity, fidelity, is_x_state, negativity
from qte.physics.operators import partial_trace, partial_transpose

# the formulas alone, for matrices of any trace
negativity_of, concurrence_of = partial(negativity, certified=True), partial(concurrence, certified=True)


def x_state(p, c, w=0.0) -> np.ndarray:
    rho = np.diag(np.asarray(p, dtype=complex))
    rho[1, 2], rho[2, 1], rho[0, 3], rho[3, 0] = c, np.conj(c), w, np.conj(w)
    return rho


@pytest.mark.parametrize("seed", range(40))
def test_random_states_match_qutip(seed):
    state = qutip.rand_dm([2, 2], rank=1 + seed % 4, seed=seed)
    rho = state.full()
    assert concurrence(rho) == pytest.approx(qutip.concurrence(state), abs=2e-8)
    spectrum = np.linalg.eigvalsh(partial_transpose(rho, [1]))
    assert negativity(rho) == pytest.approx(-spectrum[spectrum < 0].sum(), abs=1e-15)
    other = qutip.rand_dm([2, 2], seed=seed + 1000)
    assert fidelity(rho, other.full(), accuracy=1e-6) == pytest.approx(
        qutip.fidelity(state, other) ** 2, abs=1e-7
    )


def test_named_values():
    bell = np.zeros((4, 4), dtype=complex)
    bell[1:3, 1:3] = [[0.5, -0.5], [-0.5, 0.5]]
    assert negativity(bell) == pytest.approx(0.5, rel=1e-15)
    assert concurrence(bell) == pytest.approx(1.0, rel=1e-15)
    assert fidelity(bell, [0, 1, -1, 0]) == pytest.approx(1.0, rel=1e-15)
    assert negativity(np.eye(4) / 4) == 0
    assert concurrence(np.eye(4) / 4) == 0
    assert negativity(np.diag([0, 0.5, 0.5, 0])) == 0


SHARES = st.floats(1e-30, 1.0)


@given(SHARES, SHARES, st.floats(0, 1), st.floats(0, 6.28))
@settings(max_examples=200, deadline=None)
def test_x_states_keep_relative_accuracy(r1, r4, size, phase):
    """Tiny negativities have all their digits: 50-digit eigenvalues of the partial transpose."""
    c = size * np.exp(1j * phase)
    rho = x_state([r1, 1.0, 1.0, r4], c)
    with mp.workdps(120):
        a, b, modulus = mp.mpf(r1), mp.mpf(r4), abs(mp.mpc(c.real, c.imag))
        exact = (mp.sqrt(4 * modulus**2 + (a - b) ** 2) - a - b) / 2
        got = mp.mpf(float(negativity_of(rho)))
        # input round-off of |c| and of the populations is amplified next to the threshold only
        slack = (
            mp.mpf(4e-16)
            * (modulus**2 + a * b)
            * 2
            / (mp.sqrt(4 * modulus**2 + (a - b) ** 2) + a + b + mp.mpf(1e-300))
        )
        assert abs(got - max(mp.mpf(0), exact)) <= 8 * slack + mp.mpf(1e-300)


def test_negativity_below_round_off_of_the_trace():
    rho = x_state([1e-40, 0.5, 0.5, 1e-3], 2e-20)
    exact = (4e-40 - 1e-43) / (1e-3 + np.hypot(4e-20, 1e-3)) * 2
    assert negativity_of(rho) == pytest.approx(2 * (4e-40 - 1e-43) / (2e-3), rel=1e-12)
    assert exact == pytest.approx(float(negativity_of(rho)), rel=1e-12)


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_products_are_never_entangled(seed):
    rng = np.random.default_rng(seed)
    a, b = (qutip.rand_dm(2, seed=int(rng.integers(10**6))).full() for _ in range(2))
    rho = np.kron(a, b)
    assert negativity(rho) == 0
    assert concurrence(rho) == 0


def test_both_coherences_of_an_x_state_count():
    assert negativity(x_state([0.5, 0, 0, 0.5], 0, 0.4)) == pytest.approx(0.4)
    assert concurrence(x_state([0.5, 0, 0, 0.5], 0, 0.4)) == pytest.approx(0.8)


def test_x_form_is_recognised_exactly():
    assert is_x_state(x_state([0.25] * 4, 0.1j))
    nearly = x_state([0.25] * 4, 0.1)
    nearly[0, 1] = 1e-300
    assert not is_x_state(nearly)


def test_general_route_agrees_with_the_closed_form():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(4), size=50)
    for row in p:
        c = 0.9 * np.sqrt(row[1] * row[2]) * np.exp(1j * rng.uniform(0, 6))
        rho = x_state(row, c)
        turn = np.kron(*(qutip.rand_unitary(2, seed=int(rng.integers(10**6))).full() for _ in range(2)))
        moved = turn @ rho @ turn.conj().T
        assert not is_x_state(moved)
        assert negativity(moved) == pytest.approx(float(negativity(rho)), abs=1e-14)
        assert concurrence(moved) == pytest.approx(float(concurrence(rho)), abs=1e-7)


def test_shapes():
    batch = np.broadcast_to(np.eye(4) / 4, (3, 2, 4, 4))
    assert negativity(batch).shape == concurrence(batch).shape == (3, 2)
    assert fidelity(batch, np.eye(4)[1]).shape == (3, 2)
    for bad in (np.eye(3), np.eye(8)):
        with pytest.raises(ParameterError):
            negativity(bad)
    with pytest.raises(ParameterError):
        fidelity(np.eye(4) / 4, [1, 0])


def rotated(seed: int, rho: np.ndarray) -> np.ndarray:
    """The state after a random unitary on each qubit: as entangled as before, and no X state."""
    turn = np.kron(*(qutip.rand_unitary(2, seed=seed + 1000 * k).full() for k in range(2)))
    return turn @ rho @ turn.conj().T


def test_a_batch_is_its_states():
    """Every state of a batch by itself: its own rounding, its own target frame."""
    states = np.array(
        [[qutip.rand_dm([2, 2], rank=1 + k, seed=7 * j + k).full() for k in range(3)] for j in range(2)]
    )
    states[0, 1] *= 1e4
    goal = qutip.rand_dm([2, 2], seed=99).full()
    for measure in (
        negativity_of,
        concurrence_of,
        lambda rho: fidelity(rho, goal, certified=True, accuracy=1e-6),
        lambda rho: fidelity(rho, goal[0], certified=True),
    ):
        alone = [[float(measure(rho)) for rho in row] for row in states]
        assert measure(states).shape == (2, 3)
        assert np.allclose(measure(states), alone, rtol=1e-9, atol=1e-9)
        # three states of four rows: a batch axis that could be taken for one of the matrix
        assert np.allclose(measure(np.array([states[0, 0]] * 4)), alone[0][0], rtol=1e-9)


@pytest.mark.parametrize("size", [1.0, 1e6, 1e-6])
def test_pure_products_have_no_entanglement_whatever_their_size(size):
    for seed in range(20):
        product = rotated(seed, np.diag([0.0, 0.0, 1.0, 0.0])) * size
        assert not is_x_state(product)
        assert negativity_of(product) == 0
        batch = np.array([product, rotated(seed, np.diag([1e-9, 0.0, 0.0, 0.0]))])
        assert negativity_of(batch).tolist() == [0, 0]


def test_an_eigenvalue_beyond_round_off_counts():
    """Negativity 1e-13 of a rotated state: far above 8 ulp, far below everything else."""
    c = 0.25 + 1e-13
    faint = rotated(3, x_state([0.25] * 4, c))
    assert negativity_of(faint) == pytest.approx(1e-13, abs=1e-15)
    # beside a state whose own round-off is larger
    assert negativity_of(np.array([faint, faint * 1e4]))[0] == pytest.approx(1e-13, abs=1e-15)


def test_each_coherence_competes_with_its_own_populations():
    p = [0.1, 0.4, 0.2, 0.3]
    root = np.sqrt(0.4 * 0.2)
    assert concurrence_of(x_state(p, 0, root - 1e-9)) == 0
    assert concurrence_of(x_state(p, 0, root + 0.01)) == pytest.approx(0.02, rel=1e-12)
    assert concurrence_of(x_state(p, np.sqrt(0.03) + 0.01)) == pytest.approx(0.02, rel=1e-12)
    lowest = np.linalg.eigvalsh(partial_transpose(x_state(p, 0, root + 0.01), [1]))[0]
    assert negativity_of(x_state(p, 0, root + 0.01)) == pytest.approx(-lowest, rel=1e-12)


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ParameterError) as caught:
        concurrence(np.eye(3))
    assert (caught.value.name, caught.value.value) == ("rho", (3, 3))
    assert caught.value.allowed == "have shape (..., 4, 4): two qubits"
    with pytest.raises(ParameterError) as caught:
        fidelity(np.eye(4) / 4, np.eye(3))
    assert (caught.value.name, caught.value.value) == ("target", (3, 3))
    assert caught.value.allowed == "have shape (4,) or (4, 4)"


# ---- what is no state ----------------------------------------------------------------------------

MEASURES = [negativity, concurrence, lambda rho: fidelity(rho, [0, 1, -1, 0])]
HALF = np.array([[0, 0, 0, 0], [0, 0.5, 0.25, 0], [0, 0, 0.5, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("rho", "words"),
    [
        (HALF, "must be Hermitian"),
        (HALF.T, "must be Hermitian"),
        (30 * np.eye(4) / 4, "must have trace 1 (a vector: norm 1), but got 30.0."),
        (np.diag([1.5, -0.5, 0, 0]), "must have no negative eigenvalue"),
        (np.diag([np.nan, 1, 0, 0]), "must be finite"),
        ([[1, 0], [0]], "must be finite"),
        ("rho", "must be finite"),
    ],
)
def test_what_is_no_state_is_refused_by_every_measure(measure, rho, words):
    with pytest.raises(ParameterError) as caught:
        measure(rho)
    assert caught.value.name == "rho"
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "sites", [[-1], [2], [0, 0], [True, False], [0.0], "01", 1, None, np.array([True, False])]
)
def test_sites_are_different_whole_numbers(sites):
    for function, name in ((partial_transpose, "sites"), (partial_trace, "keep")):
        with pytest.raises(ParameterError) as caught:
            function(np.eye(4) / 4, sites)
        assert caught.value.name == name
        assert caught.value.allowed == "name different sites from 0 to 1"


@given(st.integers(0, 10**6))
@settings(max_examples=100, deadline=None)
def test_products_of_vectors_have_no_entanglement_at_all(seed):
    rng = np.random.default_rng(seed)
    a, b = (rng.normal(size=(2, 2)) @ [1, 1j] for _ in range(2))
    product = np.kron(a / np.linalg.norm(a), b / np.linalg.norm(b))
    rho = np.outer(product, product.conj())
    assert negativity(rho) == 0
    assert concurrence(rho) == 0


@pytest.mark.parametrize("seed", range(20))
def test_a_pure_target_is_its_vector(seed):
    """`fidelity` with a projector: <p|rho|p>, from 50 digits."""
    rng = np.random.default_rng(seed)
    rho = qutip.rand_dm([2, 2], rank=1 + seed % 4, seed=seed).full()
    p = rng.normal(size=4) + 1j * rng.normal(size=4)
    p = p / np.linalg.norm(p)
    with mp.workdps(50):
        exact = sum(
            mp.mpc(np.conj(p[i])) * mp.mpc(rho[i, j]) * mp.mpc(p[j]) for i in range(4) for j in range(4)
        ).real
    assert fidelity(rho, p) == pytest.approx(float(exact), rel=1e-12)
    assert fidelity(rho, np.outer(p, p.conj())) == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (np.zeros(4), "differ from the zero vector"),
        (np.eye(4), "have trace 1 (a vector: norm 1)"),
        ([np.nan, 0, 0, 1], "be a state vector or a density matrix"),
        ("w", "be a state vector or a density matrix"),
    ],
)
def test_what_is_no_target_is_refused(target, words):
    with pytest.raises(ParameterError) as caught:
        fidelity(np.eye(4) / 4, target)
    assert (caught.value.name, caught.value.allowed) == ("target", words)


@pytest.mark.parametrize("certified", [True, False])
def test_a_cut_sees_imaginary_coherences(certified):
    vector = np.array([0, 1, 1j, 0]) / np.sqrt(2)
    rho = np.outer(vector, vector.conj())
    assert cut_negativity(rho, [0], certified=certified) == pytest.approx(0.5, rel=1e-14)


def test_a_grid_may_hold_states_of_both_forms():
    pair = x_state([0.0, 0.5, 0.5, 0.0], 0.5)
    x_form = 0.8 * pair + 0.2 * np.eye(4) / 4
    turned = np.kron(np.array([[1, 1], [1, -1]]) / np.sqrt(2), np.eye(2))
    other = turned @ x_form @ turned.T
    grid = np.array([[x_form, x_form, pair], [x_form, other, np.eye(4) / 4]])
    # a local turn changes neither: (3 p - 1)/4 and (3 p - 1)/2 of p = 0.8
    expected = np.array([[0.35, 0.35, 0.5], [0.35, 0.35, 0.0]])
    assert not is_x_state(grid)
    assert is_x_state(grid[0])
    for states, wanted in ((grid, expected), (grid[:1], expected[:1])):
        assert np.allclose(negativity(states), wanted, rtol=1e-13, atol=1e-15)
        assert np.allclose(concurrence(states), 2 * wanted, rtol=1e-12, atol=1e-14)
