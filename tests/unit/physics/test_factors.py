"""Fidelity and concurrence of states of deficient rank: twelve digits, or an error that says what is lost."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from qte.common import matrices
from qte.common.errors import IllConditioned, ParameterError
from qte.common.whole_numbers import rank
from qte.machines import TwoQubitEngine
from qte.physics.entanglement import concurrence, fidelity, negativity
from qte.physics.factors import factors

PROMISED = 1e-12
FLIPPED = mp.matrix([[0, 0, 0, -1], [0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0]])


def random_factor(rng: np.random.Generator, columns: int) -> mp.matrix:
    """A with A A^+ a state of so high a rank, 50 digits."""
    numbers = [[mp.mpc(*map(float, rng.normal(size=2))) for _ in range(columns)] for _ in range(4)]
    found = mp.matrix(numbers)
    return found / mp.sqrt(sum(abs(x) ** 2 for x in found))


def rounded(factor: mp.matrix) -> np.ndarray:
    rho = factor * factor.H
    return np.array([[complex(rho[i, j]) for j in range(4)] for i in range(4)])


def singular_values(matrix: mp.matrix) -> list:
    return sorted((mp.sqrt(abs(x)) for x in mp.eigh(matrix.H * matrix, eigvals_only=True)), reverse=True)


def exact_concurrence(factor: mp.matrix):
    values = singular_values(factor.T * FLIPPED * factor)
    return max(mp.mpf(0), 2 * values[0] - sum(values))


def mixed(pure: mp.matrix, other: mp.matrix, share) -> mp.matrix:
    """Factor of ``(1 - share) |pure><pure| + share * other``."""
    out = mp.matrix(4, 1 + other.cols)
    for i in range(4):
        out[i, 0] = mp.sqrt(1 - share) * pure[i, 0]
        for j in range(other.cols):
            out[i, 1 + j] = mp.sqrt(share) * other[i, j]
    return out


@pytest.mark.parametrize("columns", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(8))
def test_concurrence_of_any_rank_has_twelve_digits(columns, seed):
    with mp.workdps(50):
        factor = random_factor(np.random.default_rng(seed), columns)
        assert abs(mp.mpf(float(concurrence(rounded(factor)))) - exact_concurrence(factor)) < PROMISED


@pytest.mark.parametrize("power", range(2, 20, 3))
def test_concurrence_of_nearly_pure_states_has_twelve_digits(power):
    rng = np.random.default_rng(power)
    with mp.workdps(50):
        factor = mixed(random_factor(rng, 1), random_factor(rng, 3), mp.mpf(10) ** -power)
        assert abs(mp.mpf(float(concurrence(rounded(factor)))) - exact_concurrence(factor)) < PROMISED


def turned_bell_and_ground(share: float) -> np.ndarray:
    """``share |singlet><singlet| + (1 - share) |11><11|`` after a rotation of each qubit: C = share."""
    rho = np.diag([1 - share, share / 2, share / 2, 0]).astype(complex)
    rho[1, 2] = rho[2, 1] = -share / 2
    turn = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in (0.3, 1.1)]
    turned = np.kron(*turn) @ rho @ np.kron(*turn).T
    return (turned + turned.conj().T) / 2


@pytest.mark.parametrize("share", [0.9, 0.1, 1e-8])
def test_a_concurrence_that_round_off_moves_is_refused(share):
    """Mixing 1e-16 of the missing state into it would take 1e-8 off."""
    rho = turned_bell_and_ground(share)
    with pytest.raises(IllConditioned) as caught:
        concurrence(rho)
    assert str(caught.value).startswith("The concurrence is known to ")
    assert "e-0" in str(caught.value)
    assert "square" not in str(caught.value)
    assert str(caught.value).endswith(
        " only, for it depends on roots of eigenvalues that round-off of the entries cannot tell from 0; "
        "a larger `accuracy` takes it as it is."
    )
    if negativity(rho):
        assert concurrence(rho, accuracy=1e-6) == pytest.approx(share, abs=1e-6)
    with pytest.raises(IllConditioned) as caught:
        concurrence(np.array([np.diag([0.5, 0.5, 0, 0]), rho]))
    assert caught.value.indices == ((1,),)


@pytest.mark.parametrize("columns", [1, 2, 3, 4])
def test_a_state_is_like_itself(columns):
    with mp.workdps(50):
        rho = rounded(random_factor(np.random.default_rng(columns), columns))
    assert fidelity(rho, rho) == pytest.approx(1, abs=PROMISED)


def test_fidelity_of_mixed_states_has_twelve_digits_or_is_refused():
    refused, answered = 0, 0
    with mp.workdps(50):
        for seed in range(40):
            rng = np.random.default_rng(seed)
            first, second = random_factor(rng, 1 + seed % 4), random_factor(rng, 1 + seed // 4 % 4)
            exact = sum(singular_values(second.H * first)) ** 2
            try:
                found = mp.mpf(float(fidelity(rounded(first), rounded(second))))
            except IllConditioned:
                refused += 1
                assert fidelity(rounded(first), rounded(second), accuracy=1e-5) == pytest.approx(
                    float(exact), rel=1e-6
                )
            else:
                answered += 1
                assert abs(found / exact - 1) < PROMISED
    assert refused > 5
    assert answered > 15


SINGLET = np.array([[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]])


def test_a_rank_that_is_exact_leaves_nothing_open():
    """Zeros that whole numbers prove: 1/2 and 1/4 of doubles, and rows of zeros."""
    werner = 0.5 * SINGLET + np.eye(4) / 8
    assert fidelity(SINGLET, werner) == pytest.approx(5 / 8, rel=1e-15)
    assert fidelity(werner, SINGLET) == pytest.approx(5 / 8, rel=1e-15)
    assert fidelity(np.full((4, 4), 0.25), np.diag([0.5, 0.25, 0.25, 0])) == pytest.approx(0.25, rel=1e-15)
    two = (SINGLET + np.full((4, 4), 0.25)) / 2
    assert fidelity(two, np.eye(4) / 4) == pytest.approx(0.5, rel=1e-14)
    assert rank(two.astype(complex)) == 2
    # |++> and the singlet have nothing in common, neither have |11> and |00>
    assert fidelity(np.diag([1.0, 0, 0, 0]), np.diag([0, 0, 0.5, 0.5])) == 0


def test_rare_states_keep_their_digits():
    """Populations far below round-off of the others count with their own digits."""
    rho, target = np.diag([1.0, 1e-20, 0, 0]), np.diag([0.5, 0.25, 0.25, 0])
    assert fidelity(rho, target) == pytest.approx((np.sqrt(0.5) + np.sqrt(0.25e-20)) ** 2, rel=1e-15)
    faint = np.diag([1e-40, 0.5, 0.5, 0.0])
    assert fidelity(faint, np.diag([0.5, 0, 0, 0.5])) == pytest.approx(0.5e-40, rel=1e-14)


def test_a_coherence_of_a_state_that_is_never_there_is_not_dropped():
    rho = np.diag([0.0, 0.5, 0.5, 0.0]).astype(complex)
    rho[0, 1] = rho[1, 0] = 1e-11
    assert concurrence(rho) == 0
    with pytest.raises(IllConditioned, match="The fidelity is known to 1e-11 only"):
        fidelity(rho, np.eye(4) / 4)


def test_round_off_of_large_entries_beside_empty_levels_is_measured_by_the_large_ones():
    """A pure state as a solver leaves it: coherences of 1e-18 with levels of population 1e-20."""
    rho = np.zeros((4, 4))
    rho[1:3, 1:3] = [[0.5, -0.5], [-0.5, 0.5]]
    rho[0, 0], rho[3, 3] = 3.7e-20, -3.7e-20
    rho[0, 1] = rho[1, 0] = -1.4e-18
    assert abs(concurrence(rho, accuracy=1e-7) - 1) < 1e-15


def test_machines_hand_on_what_accuracy_is_asked_for():
    engine = TwoQubitEngine(g=0.05, gamma_h=0.01, gamma_c=0.02, T_h=1.0, T_c=0.2, kappa_h=0.1)
    early = engine.evolve([0.6, 0.0, 0.8j, 0.0], [0.0, 1e-9])
    goal = 0.5 * SINGLET + np.eye(4) / 8
    with pytest.raises(IllConditioned) as caught:
        early.fidelity(goal)
    assert (0,) in caught.value.indices
    exact = 0.25 * 0.64 + 1 / 8
    assert early.fidelity(goal, accuracy=1e-3) == pytest.approx([exact, exact], abs=1e-3)
    assert engine.concurrence() == engine.concurrence(accuracy=1e-3)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, "1e-6", [1e-6, 1e-3], None, True])
def test_an_accuracy_is_one_number_above_zero(value):
    with pytest.raises(ParameterError) as caught:
        fidelity(SINGLET, np.eye(4) / 4, accuracy=value)
    assert caught.value.name == "accuracy"
    with pytest.raises(ParameterError):
        concurrence(turned_bell_and_ground(0.5), accuracy=value)


@pytest.mark.parametrize("size", [5e-324, 1e-310, 1e-300])
@pytest.mark.filterwarnings("error")
def test_coherences_of_the_smallest_doubles_are_turned_away(size):
    """A rotation by the phase of a number whose inverse is no double."""
    tiny = np.array([[0.0, size * (1 + 1j)], [size * (1 - 1j), 1.0]])
    values, vectors = matrices.eigh(tiny)
    assert values == pytest.approx([0.0, 1.0], abs=1e-15)
    assert np.isfinite(vectors).all()
    assert matrices.singular_values(tiny) == pytest.approx([1.0, 0.0], abs=1e-15)


def test_a_rare_level_is_measured_by_its_own_population():
    """A population of 1e-20 beside its coherence of 1e-10: round-off leaves of both no more open than of others."""
    vector = np.array([np.sqrt(0.5), 0.3, 1e-10])
    rho = 0.9 * np.outer(vector, vector) + np.diag([0.3, 0.2, 1e-21])
    for root in factors(rho):
        assert np.allclose(matrices.product(root, matrices.adjoint(root)), rho, rtol=1e-13, atol=0)


def test_round_off_is_weighed_by_the_trace_of_each_state():
    """A grid of one state without its first level is as well known as the state alone."""
    vector = np.array([0.0, 0.6, 0.48, 0.64])
    rho = 0.75 * np.outer(vector, vector) + 0.25 * np.diag([0.0, 1.0, 0.0, 0.0])
    alone = concurrence(rho)
    assert alone > 0.1
    assert concurrence(rho[None]).tolist() == [float(alone)]
