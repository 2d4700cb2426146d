"""Junctions and chains with chemical potentials, and with inner sites that lose their phase."""

from __future__ import annotations

import numpy as np
import pytest

from qte.common.errors import ParameterError
from qte.machines import Junction, SpinChain
from qte.testing import check_machine
from qte.testing.dense import DenseModel

FERMI = {"statistics_L": "fermi", "statistics_R": "fermi"}
LEVEL = {"gamma_L": 0.7, "gamma_R": 1.9, "T_L": 0.4, "T_R": 0.25, "omega": 1.0} | FERMI


def fermi(x):
    return 1 / (1 + np.exp(x))


def test_a_resonant_level_between_biased_leads():
    mu = np.linspace(-2.0, 4.0, 13)
    level = Junction(**LEVEL, mu_L=mu, mu_R=0.3)
    left, right = fermi((1 - mu) / 0.4), fermi(0.7 / 0.25)
    current = 0.7 * 1.9 * (left - right) / 2.6
    assert np.allclose(level.particle_current("L"), current, rtol=1e-12, atol=0)
    assert np.array_equal(level.particle_current("R"), -level.particle_current("L"))
    assert np.allclose(level.occupations()[:, 0], (0.7 * left + 1.9 * right) / 2.6, rtol=1e-13)
    produced = current * (0.7 / 0.25 - (1 - mu) / 0.4)
    assert np.allclose(level.entropy_production(), produced, rtol=1e-12, atol=0)
    assert (level.entropy_production() >= 0).all()
    # heat out of a lead is the energy beyond its potential
    heat = level.heat_current("L") - mu * level.particle_current("L")
    assert np.allclose(heat, (1 - mu) * current, rtol=1e-12)
    assert np.allclose(level.heat_current("L"), level.omega * current, rtol=1e-12)


def test_no_current_where_the_occupations_are_equal():
    """Carnot's point of a heat engine of one level: ``(1 - mu_L)/T_L = (1 - mu_R)/T_R``."""
    level = Junction(**LEVEL | {"T_L": 0.5, "T_R": 0.25}, mu_L=0.5, mu_R=0.75)
    assert level.particle_current("L") == 0 == level.entropy_production()
    near = Junction(**LEVEL | {"T_L": 0.5, "T_R": 0.25}, mu_L=0.5 + 2.0**-40, mu_R=0.75)
    f = fermi(1.0)
    wanted = 0.7 * 1.9 / 2.6 * f * (1 - f) * 2.0**-40 / 0.5
    assert near.particle_current("L") == pytest.approx(wanted, rel=1e-11)


@pytest.mark.parametrize(
    ("mu_L", "mu_R", "window"), [(2.0, 0.0, 1.0), (0.0, 2.0, -1.0), (0.5, 0.0, 0.0), (3.0, 2.0, 0.0)]
)
def test_at_zero_temperature_only_the_window_carries(mu_L, mu_R, window):
    level = Junction(**LEVEL | {"T_L": 0.0, "T_R": 0.0}, mu_L=mu_L, mu_R=mu_R)
    assert level.particle_current("L") == pytest.approx(window * 0.7 * 1.9 / 2.6, rel=1e-14)
    assert level.entropy_production() == (np.inf if window else 0)
    half = Junction(**LEVEL | {"T_L": 0.0}, mu_L=mu_L, mu_R=mu_R)
    wanted = 0.7 * 1.9 / 2.6 * (float(mu_L > 1) - fermi((1 - mu_R) / 0.25))
    assert half.particle_current("L") == pytest.approx(wanted, rel=1e-13)


CHAIN = {"N": 4, "g": 0.3, "gamma_L": 0.1, "gamma_R": 0.2, "T_L": 1.0, "T_R": 0.4} | FERMI


@pytest.mark.parametrize("changes", [{}, {"statistics_L": "bose", "statistics_R": "bose"}, {"g": 0.01}])
@pytest.mark.parametrize("n", [3, 4, pytest.param(5, marks=pytest.mark.slow)])
def test_moments_are_those_of_the_density_matrix(n, changes):
    biased = {} if "statistics_L" in changes else {"mu_L": 0.8, "mu_R": -0.3}
    chain = SpinChain(**CHAIN | {"N": n} | biased | changes, dephasing=0.15)
    model = DenseModel.of(chain.generator)
    rho = model.steady_state
    for site in range(n):
        number = np.diag([float(not (i >> (n - 1 - site)) & 1) for i in range(2**n)])
        assert chain.occupations()[site] == pytest.approx(np.trace(number @ rho).real, rel=1e-9)
    for label in "LR":
        assert chain.heat_current(label) == pytest.approx(model.heat_current(rho, label), rel=1e-7)
    assert abs(chain.dephasing_power()) < 1e-15


def test_moments_of_oscillators_solve_their_equations():
    """``dC/dt = W C + C W^+ - loss of phase + what the baths bring in``, all moments at once."""
    n, kappa = 5, 0.2
    chain = SpinChain(**CHAIN | {"N": n}, system="oscillator", dephasing=kappa, mu_R=-0.5)
    w = 1j * 0.3 * (np.eye(n, k=1) + np.eye(n, k=-1))
    rates = [0.1 * np.tanh(0.5), 0.2 * np.tanh(1.5 / 0.8)]
    w[0, 0], w[-1, -1] = -rates[0] / 2, -rates[1] / 2
    inner = np.array([0, *[1] * (n - 2), 0])
    loss = kappa * (inner[:, None] + inner[None, :]) / 2 * (1 - np.eye(n))
    one = np.eye(n)
    equations = np.kron(w, one) + np.kron(one, w.conj()) - np.diag(loss.reshape(-1))
    source = np.zeros((n, n))
    source[0, 0], source[-1, -1] = rates[0] / np.expm1(1.0), rates[1] / np.expm1(1.5 / 0.4)
    moments = np.linalg.solve(equations, -source.reshape(-1)).reshape(n, n)
    assert np.abs(chain.correlations() - moments).max() < 1e-13


def test_dephasing_makes_a_chain_obey_ohms_law():
    """Bonds in series: each adds its damping over 2 g**2 to the resistance 1/transmission."""
    lengths, kappa, g = (3, 10, 100, 1000), 0.2, 0.05
    found = []
    for n in lengths:
        chain = SpinChain(**CHAIN | {"N": n, "g": g, "mu_L": 0.5, "T_L": 0.4}, dephasing=kappa)
        bias = fermi(0.5 / 0.4) - fermi(1.0 / 0.4)
        found.append(bias / float(chain.particle_current("L")))
    damping = [(0.1 + 0.2) / 2 + (n - 2) * kappa for n in lengths]
    wanted = [1 / 0.1 + 1 / 0.2 + d / (2 * g**2) for d in damping]
    assert np.allclose(found, wanted, rtol=1e-11)


def test_contrast_with_dephasing_is_that_of_the_currents():
    chain = SpinChain(
        N=5, g=0.05, gamma_L=0.01, gamma_R=0.03, T_L=2.0, T_R=0.2, dephasing=[0.0, 0.02], mu_L=0.0
    )
    back = chain.replace(T_L=chain.T_R, T_R=chain.T_L)
    forward, backward = chain.net_current(), back.net_current()
    wanted = np.abs((forward + backward) / (forward - backward))
    assert np.allclose(chain.contrast(), wanted, rtol=1e-12)


def test_conductance_follows_the_potential():
    step = 1e-6
    level = Junction(**LEVEL | {"T_L": 0.4, "T_R": 0.4}, mu_L=1.7, mu_R=1.7)
    warm = Junction(**LEVEL | {"T_L": 0.4 + step, "T_R": 0.4 - step}, mu_L=1.7, mu_R=1.7)
    assert level.conductance() == pytest.approx(warm.net_current() / (2 * step), rel=1e-8)
    assert level.conductance() < 0


def test_biased_machines_conform():
    draws = [LEVEL | {"mu_L": 0.3, "mu_R": -0.2}, LEVEL | {"mu_L": 1.4, "mu_R": 1.6}]
    check_machine(Junction, draws, at_equilibrium={})
    check_machine(SpinChain, [CHAIN | {"mu_L": 0.3, "mu_R": -0.2, "dephasing": 0.1}])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"statistics_L": "bose", "mu_L": 0.1},
            "Argument `mu_L` must be 0 with a bosonic bath, but got 0.1.",
        ),
        (
            {"system": "oscillator", "mu_R": 1.0},
            "Argument `mu_R` must be smaller than omega for an oscillator, but got 1.0.",
        ),
        ({"T_R": 0.0, "mu_R": 1.0}, "Argument `mu_R` must differ from omega at T = 0, but got 1.0."),
        ({"dephasing": -0.1}, "Argument `dephasing` must be a real number, >= 0 and finite (a rate)"),
    ],
)
def test_what_is_refused(changes, words):
    with pytest.raises(ParameterError) as caught:
        SpinChain(**CHAIN | changes)
    assert words in str(caught.value)


def test_what_has_no_value_with_two_potentials_or_without_phase():
    chain = SpinChain(**CHAIN | {"T_R": 1.0}, mu_L=0.2)
    with pytest.raises(ParameterError, match="`mu_R` must equal mu_L for a contrast"):
        chain.contrast()
    with pytest.raises(ParameterError, match="`mu_R` must equal mu_L for a conductance"):
        chain.conductance()
    long = SpinChain(**CHAIN | {"N": 8}, dephasing=0.1)
    with pytest.raises(ParameterError, match="`dephasing` must be 0 for pairs of more than 6 qubits"):
        long.concurrence((1, 2))
    five = SpinChain(**CHAIN | {"N": 5}, dephasing=[0.0, 0.1])
    plain = SpinChain(**CHAIN | {"N": 5})
    assert five.concurrence((1, 2))[0] == pytest.approx(float(plain.concurrence((1, 2))), abs=1e-12)
