"""Levels between leads against closed forms, dense baths of hundreds of modes, laws, and the library's equations."""

import mpmath
import numpy as np
import pytest

from qte.common.errors import IllConditioned, ParameterError
from qte.exact.landauer import CoupledLevels, pair_concurrence
from qte.machines.two_qubit import TwoQubitEngine
from qte.physics.baths import Bath
from qte.physics.spectral_densities import Lorentzian, drude_lorentz, ohmic


def lead(T, mu=0.0, gamma=0.3, density=None):
    return Bath(T, gamma, "fermi", chemical_potential=mu, spectral_density=density)


def pair(hot, cold, g=0.2, delta=0.1, **more):
    return CoupledLevels([[1.0, g], [g, 1.0 + delta]], {"h": (0, hot), "c": (1, cold)}, **more)


def filling(T, mu, energy, width):
    """int f(E) of a Lorentzian of this full width, by the digamma function, to 30 digits."""
    z = mpmath.mpf(1) / 2 + (mpmath.mpf(width) / 2 + 1j * (mpmath.mpf(energy) - mu)) / (2 * mpmath.pi * T)
    return float(mpmath.mpf(1) / 2 - mpmath.im(mpmath.digamma(z)) / mpmath.pi)


@pytest.mark.parametrize("T", [0.01, 0.1, 3.0])
def test_the_resonant_level_is_its_closed_form(T):
    mpmath.mp.dps = 30
    energy, left, right = 0.4, 0.3, 0.5
    level = CoupledLevels([[energy]], {"L": (0, lead(T, 0.5, left)), "R": (0, lead(0.2, -0.3, right))})
    fills = filling(T, 0.5, energy, left + right), filling(0.2, -0.3, energy, left + right)
    current = left * right / (left + right) * (fills[0] - fills[1])
    assert float(level.particle_current("L")) == pytest.approx(current, rel=1e-12)
    population = (left * fills[0] + right * fills[1]) / (left + right)
    assert level.covariance()[0, 0].real == pytest.approx(population, rel=1e-12)


def test_at_zero_temperature_the_conductance_of_a_resonance_is_one_quantum():
    small = 1e-4
    level = CoupledLevels([[0.0]], {"L": (0, lead(0.0, small / 2)), "R": (0, lead(0.0, -small / 2))})
    assert float(level.particle_current("L")) / small == pytest.approx(1 / (2 * np.pi), rel=1e-6)


def modes(h, baths, count=400, reach=12.0):
    """Covariance and particle current of a closed system of hundreds of modes, after its start and before echoes.

    The evolution is exact for the modes; what is left is their spacing, the ends of the band and the start.
    """
    n = len(h)
    energies = np.linspace(-reach, reach, count)
    spacing = energies[1] - energies[0]
    whole = np.zeros((n + count * len(baths),) * 2)
    whole[:n, :n] = h
    filled = [np.zeros(n)]
    for k, (site, bath) in enumerate(baths):
        part = slice(n + k * count, n + (k + 1) * count)
        amplitude = np.sqrt(bath.strength(energies) * spacing / (2 * np.pi))
        whole[part, part] = np.diag(energies)
        whole[site, part] = whole[part, site] = amplitude
        filled.append(bath.occupation(energies))
    values, vectors = np.linalg.eigh(whole)
    turn = vectors * np.exp(-1j * values * 0.9 * np.pi / spacing) @ vectors.T
    state = (turn * np.concatenate(filled)) @ turn.conj().T
    flow = []
    for k, (site, _) in enumerate(baths):
        part = slice(n + k * count, n + (k + 1) * count)
        flow.append(2 * np.sum(whole[site, part] * state[part, site].imag))
    return state[:n, :n], flow


def test_hundreds_of_modes_behave_as_lorentzian_bands():
    hot, cold = lead(0.8, 1.4, 0.5, Lorentzian(1.0, 0.8)), lead(0.2, 0.7, 0.3, Lorentzian(0.6, 0.5))
    h = np.array([[1.0, 0.25], [0.25, 1.2]])
    exact = CoupledLevels(h, {"h": (0, hot), "c": (1, cold)})
    state, flow = modes(h, [(0, hot), (1, cold)])
    assert np.abs(exact.covariance() - state).max() < 1e-3
    assert abs(float(exact.particle_current("h")) - flow[0]) < 1e-3


def test_currents_are_what_the_levels_pass_on():
    levels = pair(lead(1.0, 0.3), lead(0.2))
    inside = 2 * 0.2 * levels.covariance()[0, 1].imag
    assert abs(float(levels.particle_current("h"))) == pytest.approx(abs(inside), rel=1e-10)
    assert float(levels.particle_current("h")) == -float(levels.particle_current("c"))
    assert float(levels.energy_current("h")) == -float(levels.energy_current("c"))


def test_three_leads_conserve_and_obey_the_second_law():
    rng = np.random.default_rng(3)
    h = rng.normal(size=(20, 3, 3)) + 1j * rng.normal(size=(20, 3, 3))
    h = (h + np.swapaxes(h, 1, 2).conj()) / 2
    T, mu = rng.uniform(0.1, 2, (3, 20)), rng.uniform(-1, 1, (3, 20))
    levels = CoupledLevels(h, {k: (k, lead(T[k], mu[k])) for k in range(3)})
    for current in (levels.particle_current, levels.energy_current):
        assert np.abs(sum(current(k) for k in range(3))).max() < 1e-10
    produced = -sum(levels.heat_current(k) / T[k] for k in range(3))
    assert np.all(produced > 0)
    spectrum = np.linalg.eigvalsh(levels.covariance())
    assert np.all((spectrum > 0) & (spectrum < 1))
    assert levels.error().max() < 1e-8


def test_equal_leads_drive_nothing_and_leave_equilibrium():
    levels = pair(lead(0.3, 0.9), lead(0.3, 0.9))
    assert float(levels.particle_current("h")) == 0 == float(levels.heat_current("c"))
    # weakly coupled: the Gibbs state of the coupled levels
    weak = pair(lead(0.3, 0.9, 1e-7), lead(0.3, 0.9, 2e-7))
    energies, vectors = np.linalg.eigh(weak.hopping)
    gibbs = vectors @ np.diag(1 / (np.exp((energies - 0.9) / 0.3) + 1)) @ vectors.T
    assert np.abs(weak.covariance() - gibbs).max() < 1e-6


def test_transmission_is_between_nothing_and_one_and_gives_the_current():
    levels = pair(lead(0.0, 1.3), lead(0.0, 0.9))
    energy = np.linspace(0.9, 1.3, 20001)
    through = levels.transmission(energy, "h", "c")
    assert 0 < through.min() < through.max() <= 1
    assert float(levels.particle_current("h")) == pytest.approx(
        np.trapezoid(through, energy) / (2 * np.pi), rel=1e-8
    )


@pytest.mark.parametrize(
    ("approach", "scale"), [("local", (1e-2, 1e-3)), ("redfield", (0.3, 1e-3)), ("global", (1.0, 1e-4))]
)
def test_the_librarys_equations_are_met_where_they_hold(approach, scale):
    """g/eps and gamma/eps small: each equation's current and state become exact, in proportion to gamma."""
    g, gamma = scale
    errors = []
    for weaker in (1.0, 0.1):
        rates = {"gamma_h": gamma * weaker, "gamma_c": 2 * gamma * weaker}
        coupling = min(g * weaker if approach == "local" else g, 0.9)
        engine = TwoQubitEngine(
            g=coupling,
            T_h=1.0,
            T_c=0.3,
            approach=approach,
            statistics_h="fermi",
            statistics_c="fermi",
            **rates,
        )
        exact = pair(lead(1.0, 0.0, rates["gamma_h"]), lead(0.3, 0.0, rates["gamma_c"]), coupling, 0.0)
        errors.append(abs(float(engine.heat_current("h") / exact.heat_current("h")) - 1))
    assert errors[0] < 0.02
    assert errors[1] < 0.2 * errors[0] or errors[1] < 1e-7


def test_bosons_in_a_rotating_wave_conserve_and_are_found_whole():
    hot, cold = (Bath(T, 0.05, spectral_density=drude_lorentz(5.0)) for T in (1.0, 0.2))
    levels = pair(hot, cold)
    assert float(levels.heat_current("h")) > 0
    assert float(levels.heat_current("h")) == -float(levels.heat_current("c"))
    inside = 2 * 0.2 * abs(levels.covariance()[0, 1].imag)
    assert float(levels.particle_current("h")) == pytest.approx(inside, rel=1e-9)
    assert np.all(np.linalg.eigvalsh(levels.covariance()) > 0)


def test_what_is_no_steady_state_is_refused():
    with pytest.raises(IllConditioned, match=r"a state that no lead reaches: 1\.0e\+00"):
        CoupledLevels(np.diag([1.0, 1.2]), {"h": (0, lead(1.0))}).covariance()
    bound = Bath(1.0, 0.5, spectral_density=drude_lorentz(20.0))
    with pytest.raises(ParameterError, match="a positive energy once the baths have pulled it down"):
        CoupledLevels([[1.0]], {"h": (0, bound)})


@pytest.mark.parametrize(
    ("leads", "named"),
    [
        ({"h": (0, lead(1.0, density=ohmic(1.0)))}, "be None .a flat band. or a Lorentzian"),
        ({"h": (0, Bath(1.0, 0.1))}, "drude_lorentz"),
        ({"h": (2, lead(1.0))}, "site of lead 'h'"),
        (
            {"h": (0, lead(1.0)), "c": (0, Bath(1.0, 0.01, spectral_density=drude_lorentz(2.0)))},
            "one statistics",
        ),
        ({}, "map labels"),
    ],
)
def test_leads_without_closed_form_are_named(leads, named):
    with pytest.raises(ParameterError, match=named):
        CoupledLevels([[1.0]], leads)
    with pytest.raises(ParameterError, match="did you mean 'hot'"):
        CoupledLevels([[1.0]], {"hot": (0, lead(1.0))}).heat_current("hott")


def test_concurrence_is_that_of_the_two_qubits():
    engine = TwoQubitEngine(
        g=0.01, gamma_h=0.02, gamma_c=0.05, T_h=2.0, T_c=0.1, statistics_h="fermi", statistics_c="fermi"
    )
    covariance = np.zeros((2, 2), dtype=complex)
    rho = engine.steady_state().rho
    covariance[0, 0] = rho[0, 0] + rho[1, 1]
    covariance[1, 1] = rho[0, 0] + rho[2, 2]
    covariance[0, 1], covariance[1, 0] = rho[1, 2], rho[2, 1]
    assert float(pair_concurrence(covariance)) == pytest.approx(float(engine.concurrence()), rel=1e-9)
    assert float(engine.concurrence()) > 0.01
