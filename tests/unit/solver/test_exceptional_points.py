"""Exceptional points against closed forms, characteristic polynomials with 50 digits, and what evolves at them."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

import qte
from qte.common.errors import ParameterError
from qte.machines import TwoQubitEngine
from qte.physics.generators import Channel, Generator, Term, generator
from qte.physics.operators import FLIP, LOWER, excitation, flip_flop, lowering
from qte.solver.spectrum.exceptional_points import exceptional_points

NUMBER = LOWER.T @ LOWER


def driven(drive, detuning=0.0, decay=1.0):
    return generator(detuning * NUMBER + drive / 2 * FLIP, [np.sqrt(decay) * LOWER])


def two_decaying(g, delta=0.0):
    h = excitation(0, 2) + (1 + delta) * excitation(1, 2) + g * flip_flop(0, 1, 2)
    return generator(h, [np.sqrt(0.02) * lowering(0, 2), np.sqrt(0.11) * lowering(1, 2)])


def holds(point, made, tolerance=1e-12):
    """The Jordan chain on the Liouvillian itself."""
    liouvillian = qte.physics.generators.liouvillian_of(getattr(made, "generator", made))
    before = 0.0
    for matrix in point.chain:
        vector = matrix.reshape(-1, order="F")
        size = np.linalg.norm(liouvillian, 2) * np.linalg.norm(vector)
        error = liouvillian @ vector - point.eigenvalue * vector - before
        assert np.linalg.norm(error) < tolerance * size
        before = vector
    assert len(point.chain) == point.order
    assert np.linalg.norm(point.chain[0]) > 0


@pytest.mark.parametrize("decay", [1.0, 1e-3])
def test_a_driven_qubit_is_critically_damped(decay):
    (point,) = exceptional_points(
        lambda drive: driven(drive, decay=decay), decay * np.array([0.1, 0.2, 0.4, 0.7])
    )
    assert point.order == point.multiplicity == 2
    assert point.parameters[0] == pytest.approx(decay / 4, rel=1e-14)
    assert abs(point.parameters[0] - decay / 4) <= 100 * point.errors[0] < 1e-12 * decay
    assert point.eigenvalue == pytest.approx(-0.75 * decay, rel=1e-12)
    assert point.residual < 1e-13
    holds(point, driven(point.parameters[0], decay=decay))


def test_three_eigenvalues_meet_in_two_parameters():
    """A detuned drive: ``x**3 + x**2/2 + (W**2 + D**2) x + D**2/2`` is a cube at D = 1/sqrt(108), W = sqrt(2/27)."""
    (point,) = exceptional_points(
        lambda detuning, drive: driven(drive, detuning), np.linspace(0.0, 0.4, 6), np.linspace(0.05, 0.6, 6)
    )
    assert point.order == 3
    assert point.parameters == pytest.approx((1 / np.sqrt(108), np.sqrt(2 / 27)), rel=1e-12)
    assert point.eigenvalue == pytest.approx(-2 / 3, rel=1e-13)
    holds(point, driven(point.parameters[1], point.parameters[0]))


def test_two_modes_whose_losses_differ():
    """Amplitudes meet at ``4 g = |difference of the decays|``, and with them three eigenvalues of the populations."""
    found = exceptional_points(two_decaying, np.linspace(0.004, 0.05, 8))
    assert [point.order for point in found if point.eigenvalue.imag == 0] == [3]
    assert sum(point.order == 2 for point in found) == 2
    for point in found:
        assert point.parameters[0] == pytest.approx(0.09 / 4, rel=1e-13)
        holds(point, two_decaying(point.parameters[0]))
    third = next(point for point in found if point.order == 3)
    assert third.eigenvalue == pytest.approx(-0.065, rel=1e-12)


@pytest.mark.slow
def test_complex_pairs_meet_in_two_parameters():
    found = exceptional_points(two_decaying, np.linspace(0.01, 0.05, 5), np.linspace(-0.02, 0.021, 5))
    assert len(found) == 2
    for point in found:
        assert point.parameters == pytest.approx((0.0225, 0.0), abs=1e-14)
        assert point.eigenvalue.imag == pytest.approx(1.0, rel=1e-12)


def engine(g):
    return TwoQubitEngine(g=g, gamma_h=0.001, gamma_c=0.011, T_h=1.0, T_c=0.1)


def test_an_engine_has_its_third_order_point_and_two_of_second():
    found = exceptional_points(engine, np.linspace(0.0015, 0.0035, 5))
    hot, cold = 0.001 / np.tanh(0.5), 0.011 / np.tanh(5.0)
    third, *others = found
    assert (third.order, [point.order for point in others]) == (3, [2, 2])
    assert third.parameters[0] == pytest.approx((cold - hot) / 4, rel=1e-13)
    assert third.eigenvalue == pytest.approx(-(hot + cold) / 2, rel=1e-12)
    for point in found:
        holds(point, engine(point.parameters[0]))
    for point in others:
        assert point.parameters[0] == pytest.approx(float(_double_root(point)), rel=1e-12)


def _double_root(point):
    """g at which a characteristic polynomial and its derivative vanish, with 50 digits and from the operators.

    Of the coherences 11|10, 11|01, 10|00, 01|00, in the frame of the gap.
    """
    mp.mp.dps = 50
    jumps = []
    for site, (gamma, temperature) in enumerate([(0.001, 1.0), (0.011, 0.1)]):
        occupation = 1 / mp.expm1(1 / mp.mpf(temperature))
        lower = mp.matrix(lowering(site, 2).toarray().tolist())
        jumps += [(mp.mpf(gamma) * (1 + occupation), lower), (mp.mpf(gamma) * occupation, lower.T)]
    swap, one = mp.matrix(flip_flop(0, 1, 2).toarray().tolist()), mp.eye(4)
    places = [1, 2, 7, 11]

    def part(left, right):
        return mp.matrix([[left[i // 4, j // 4] * right[i % 4, j % 4] for j in places] for i in places])

    fixed = mp.zeros(4)
    for rate, a in jumps:
        decay = a.T * a
        fixed += rate * (part(a, a) - (part(decay, one) + part(one, decay)) / 2)
    turning = part(swap, one) - part(one, swap)

    def polynomial(g, x):
        return mp.det(fixed - 1j * g * turning - x * mp.eye(4))

    def system(g, x):
        step = mp.mpf("1e-15")
        slope = (polynomial(g, x + step) - polynomial(g, x - step)) / (2 * step)
        return polynomial(g, x), slope

    start = (
        mp.mpf(point.parameters[0]) * (1 + mp.mpf("1e-5")),
        mp.mpf(point.eigenvalue.real) * (1 + mp.mpf("1e-4")),
    )
    return mp.re(mp.findroot(system, start, tol=mp.mpf("1e-40"), maxsteps=100)[0])


def test_levels_that_only_cross_are_no_exceptional_points():
    """Two dampings that meet with eigenvectors of their own."""

    def crossing(rate):
        channels = (Channel.of("a", rate, np.diag([1.0, 0.0])), Channel.of("b", 0.3, LOWER))
        return Generator((Term.of(1.0, np.zeros((2, 2))),), channels)

    # rate/2 + 0.15 of the coherences crosses 0.3 of the populations
    assert exceptional_points(crossing, np.linspace(0.1, 0.5, 9)) == []
    # and without anything that meets
    assert exceptional_points(driven, np.linspace(0.6, 1.0, 5)) == []


@pytest.mark.parametrize("start", ["0", "1"])
def test_the_evolution_at_the_point(start):
    """``exp(L t)`` of 50 digits, where a sum over eigenvectors has none."""
    at = driven(0.25)
    times = [0.0, 1.0, 30.0, 200.0]
    found = qte.evolve(at, start, times)
    mp.mp.dps = 50
    liouvillian = mp.matrix(qte.physics.generators.liouvillian_of(at).tolist())
    state = mp.zeros(4, 1)
    state[3 if start == "0" else 0] = 1
    for path, time in zip(found, times, strict=True):
        wanted = mp.expm(liouvillian * time) * state
        assert (
            np.abs(path.reshape(-1, order="F") - np.array(wanted.tolist(), dtype=complex)[:, 0]).max() < 1e-12
        )


def test_a_state_on_the_chain_evolves_as_a_polynomial_times_an_exponential():
    (point,) = exceptional_points(driven, np.linspace(0.1, 0.6, 6))
    at = driven(point.parameters[0])
    steady = qte.steady_state(at).rho
    first, second = ((m + m.conj().T) / 2 for m in point.chain)
    start = steady + 0.1 * second / np.abs(second).max()
    size = 0.1 / np.abs(second).max()
    times = np.array([0.0, 2.0, 5.0])
    for rho, t in zip(qte.evolve(at, start, times), times, strict=True):
        wanted = steady + size * np.exp(point.eigenvalue.real * t) * (second + t * first)
        assert np.abs(rho - wanted).max() < 1e-12


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((3, [1, 2, 3]), "Argument `family` must be a function of one or two parameters, but got 3."),
        ((driven,), "Argument `scans` must be the values of one or of two parameters, but got 0."),
        ((driven, [1, 2, 3], [1, 2, 3], [1, 2, 3]), "be the values of one or of two parameters, but got 3."),
        (
            (driven, [1, 2]),
            "must be at least three values of a parameter in ascending order, but got [1, 2].",
        ),
        ((driven, [1, 2, 2]), "be at least three values of a parameter in ascending order"),
        ((driven, ["a"]), "Argument `scans` must be a real number, finite, but got ['a']."),
        ((lambda x: x, [1, 2, 3]), "Argument `family` must give a machine or a Generator of a single point"),
        (
            (lambda x: generator(np.eye(2 if x < 3 else 3)), [1, 2, 3]),
            "Argument `family` must have the same number of levels everywhere, 2, but got 3.",
        ),
        (
            (lambda x: generator(np.ones((17, 17)), [x * np.ones((17, 17))]), [1, 2, 3]),
            "Argument `family` must have blocks of <= 256 unknowns, but got 289.",
        ),
    ],
)
def test_what_cannot_be_searched(arguments, words):
    with pytest.raises(ParameterError) as caught:
        exceptional_points(*arguments)
    assert words in str(caught.value)
