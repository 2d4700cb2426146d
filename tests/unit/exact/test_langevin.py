"""Oscillators in Ohmic baths against Matsubara sums, classical closed forms, Gibbs states, and the library."""

import mpmath
import numpy as np
import pytest

from qte.common.errors import IllConditioned, ParameterError
from qte.exact.langevin import CoupledOscillators
from qte.physics.baths import Bath
from qte.physics.spectral_densities import drude_lorentz, ohmic

K = np.array([[1.0, -0.3], [-0.3, 1.4]])


def bath(T, gamma=0.4, cutoff=5.0):
    return Bath(T, gamma, spectral_density=drude_lorentz(cutoff))


def test_one_oscillator_is_its_closed_form():
    """<x^2> by the roots of a cubic and digamma functions (Weiss, sec. 6.5), to 25 digits."""
    mpmath.mp.dps = 25
    gamma, cutoff, T = mpmath.mpf("0.4"), mpmath.mpf(5), mpmath.mpf("0.3")
    single = CoupledOscillators([[1.0]], {"h": (0, bath(0.3))})
    # 1/(w^2 + v^2 + v gamma cutoff/2/(cutoff + v)) over the roots of its denominator in v
    roots = mpmath.polyroots([1, cutoff, 1 + gamma * cutoff / 2, cutoff], maxsteps=200, extraprec=200)
    total = mpmath.mpf(0)
    for k, root in enumerate(roots):
        others = mpmath.fprod(root - other for j, other in enumerate(roots) if j != k)
        residue = (root + cutoff) / others
        total -= residue * mpmath.digamma(1 - root / (2 * mpmath.pi * T))
    expected = T + mpmath.re(total) / mpmath.pi
    assert single.covariance()[0, 0] == pytest.approx(float(expected), rel=1e-12)


def test_two_oscillators_of_one_temperature_are_their_matsubara_sum():
    pair = CoupledOscillators(K, {"h": (0, bath(0.3, 0.4, 5.0)), "c": (1, bath(0.3, 0.7, 8.0))})
    count = 100_000
    nu = 2 * np.pi * 0.3 * np.arange(1, count)
    terms = np.broadcast_to(K, (count - 1, 2, 2)).copy()
    for site, gamma, cutoff in ((0, 0.4, 5.0), (1, 0.7, 8.0)):
        terms[:, site, site] += nu**2 + nu * gamma * cutoff / 2 / (cutoff + nu)
    total = 0.3 * np.linalg.inv(K) + 0.6 * np.linalg.inv(terms).sum(axis=0)
    total += np.eye(2) * 0.6 / (2 * np.pi * 0.3) ** 2 / (count - 0.5)
    covariance = pair.covariance()
    assert np.abs(covariance[:2, :2] - total).max() < 1e-11
    assert float(pair.heat_current("h")) == 0
    assert np.abs(covariance[:2, 2:]).max() < 1e-10


def test_weakly_coupled_they_are_in_the_gibbs_state_of_the_coupled_system():
    pair = CoupledOscillators(K, {"h": (0, bath(0.3, 1e-6)), "c": (1, bath(0.3, 3e-6))})
    squares, vectors = np.linalg.eigh(K)
    modes = np.sqrt(squares)
    spread = 1 / np.tanh(modes / 0.6) / 2
    covariance = pair.covariance()
    assert np.abs(covariance[:2, :2] - vectors @ np.diag(spread / modes) @ vectors.T).max() < 2e-6
    assert np.abs(covariance[2:, 2:] - vectors @ np.diag(spread * modes) @ vectors.T).max() < 1e-4


def test_hot_oscillators_conduct_as_classical_ones_do():
    """Z. Rieder, J. L. Lebowitz and E. Lieb, J. Math. Phys. 8, 1073 (1967), for two masses without cut-off."""
    k, first, second, step = 0.1, 0.02, 0.03, 1e6
    stiff = [[1.0, -k], [-k, 1.0]]
    found = []
    for cutoff in (1e4, 2e4):
        hot, cold = bath(2e6, 2 * first, cutoff), bath(2e6 - step, 2 * second, cutoff)
        found.append(float(CoupledOscillators(stiff, {"h": (0, hot), "c": (1, cold)}).heat_current("h")))
    expected = k**2 * first * second / ((first + second) * (k**2 + first * second)) * step
    # the correction falls as 1/cutoff: twice the cut-off, half of it
    assert 2 * found[1] - found[0] == pytest.approx(expected, rel=1e-6)


def test_the_current_is_the_power_that_one_oscillator_does_on_the_other():
    pair = CoupledOscillators(K, {"h": (0, bath(1.5)), "c": (1, bath(0.2, 0.7, 8.0))})
    covariance = pair.covariance()
    assert float(pair.heat_current("h")) == pytest.approx(0.3 * covariance[0, 3], rel=1e-10)
    assert float(pair.heat_current("h")) == -float(pair.heat_current("c")) > 0


def test_chains_conserve_and_obey_the_second_law_and_uncertainty():
    rng = np.random.default_rng(8)
    beside = rng.normal(size=(8, 3, 3))
    stiff = np.eye(3) + np.swapaxes(beside, 1, 2) @ beside / 3
    stiff = (stiff + np.swapaxes(stiff, 1, 2)) / 2
    T = rng.uniform(0.05, 2, (3, 8))
    chain = CoupledOscillators(stiff, {k: (k, bath(T[k], 0.2 + 0.1 * k)) for k in range(3)})
    currents = [chain.heat_current(k) for k in range(3)]
    assert np.abs(sum(currents)).max() < 1e-10
    assert np.all(-sum(q / t for q, t in zip(currents, T, strict=True)) > 0)
    form = np.kron([[0.0, 1.0], [-1.0, 0.0]], np.eye(3))
    symplectic = np.abs(np.linalg.eigvals(1j * form @ chain.covariance()))
    assert symplectic.min() >= 0.5


def test_the_rate_of_the_librarys_bath_is_the_one_felt():
    """A weak bath relaxes <x^2> to the temperature it has; two of them to their mean by rate."""
    pair = CoupledOscillators([[1.0]], {"a": (0, bath(1.0, 1e-6)), "b": (0, bath(0.3, 3e-6))})
    occupations = [float(bath(T).occupation(1.0)) for T in (1.0, 0.3)]
    mean = (occupations[0] + 3 * occupations[1]) / 4
    assert pair.covariance()[0, 0] == pytest.approx(mean + 0.5, rel=1e-5)
    strengths = [float(b.strength(1.0)) for b in (bath(1.0, 1e-6), bath(0.3, 3e-6))]
    # 1 quantum x rates in series, as a secular equation has it
    flow = strengths[0] * strengths[1] / sum(strengths) * (occupations[0] - occupations[1]) / 2
    assert float(pair.heat_current("a")) == pytest.approx(flow, rel=1e-4)


def test_a_cold_pair_is_entangled_as_its_ground_state():
    k = 0.6
    cold = {"h": (0, bath(0.0, 1e-5)), "c": (1, bath(0.0, 1e-5))}
    pair = CoupledOscillators([[1.0, -k], [-k, 1.0]], cold)
    expected = np.log2((1 + k) / (1 - k)) / 4
    assert float(pair.logarithmic_negativity()) == pytest.approx(expected, rel=1e-3)
    warm = CoupledOscillators([[1.0, -k], [-k, 1.0]], {"h": (0, bath(3.0)), "c": (1, bath(3.0))})
    assert float(warm.logarithmic_negativity()) == 0


def test_what_is_no_linear_problem_is_named():
    with pytest.raises(IllConditioned, match="a mode that no bath reaches"):
        CoupledOscillators(np.diag([1.0, 2.0]), {"h": (0, bath(1.0))}).covariance()
    for density in (None, ohmic(), ohmic(2.0)):
        with pytest.raises(ParameterError, match="drude_lorentz"):
            CoupledOscillators(K, {"h": (0, Bath(1.0, 0.1, spectral_density=density))})
    with pytest.raises(ParameterError, match="be positive"):
        CoupledOscillators([[1.0, 2.0], [2.0, 1.0]], {"h": (0, bath(1.0))})
    with pytest.raises(ParameterError, match="did you mean 'h1'"):
        CoupledOscillators(K, {"h1": (0, bath(1.0)), "c": (1, bath(1.0))}).heat_current("h11")
