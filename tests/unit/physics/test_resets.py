"""Resets against what they are: the part replaced by its thermal state."""

from __future__ import annotations

import numpy as np
import pytest

import qte
from qte.common.errors import ParameterError
from qte.physics.baths import Bath, ExactTemperatureDerivative, TemperatureDerivative
from qte.physics.channels.resets import gibbs_reset_channels, reset_channels
from qte.physics.generators import Generator, Term, liouvillian_of
from qte.physics.operators import flip_flop, lowering, partial_trace
from qte.solver.thermodynamics import contact_power, driving_power, energy_current


def random_state(dim):
    rng = np.random.default_rng(dim)
    a = rng.normal(size=(dim, dim)) + 1j * rng.normal(size=(dim, dim))
    rho = a @ a.conj().T
    return rho / np.trace(rho)


def acting(channels, dim, rho):
    generator = Generator((Term.of(1.0, np.zeros((dim, dim))),), channels)
    return (liouvillian_of(generator) @ rho.reshape(-1, order="F")).reshape(dim, dim, order="F")


@pytest.mark.parametrize("temperature", [0.0, 0.3, 5.0])
def test_a_qubit_is_replaced_by_its_thermal_state(temperature):
    rho, rate, gap = random_state(4), 0.07, 1.3
    channels = reset_channels("r", Bath(temperature, rate, "fermi"), gap, lowering(1, 2))
    filled = 0.0 if temperature == 0 else 1 / (1 + np.exp(gap / temperature))
    fresh = np.kron(partial_trace(rho, [0]), np.diag([filled, 1 - filled]))
    assert np.abs(acting(channels, 4, rho) - rate * (fresh - rho)).max() < 1e-16


@pytest.mark.parametrize("temperature", [0.0, 0.3, 5.0])
def test_a_part_of_any_dimension(temperature):
    rho, rate, levels = random_state(12), 0.07, [0.2, 0.0, 1.1]
    channels = gibbs_reset_channels("r", rate, temperature, levels, 1, (2, 3, 2))
    weights = np.exp(-np.array(levels) / (temperature or 1e-3))
    fresh = np.einsum("abcd,e,ef->aebcfd", _others(rho), weights / weights.sum(), np.eye(3)).reshape(12, 12)
    assert np.abs(acting(channels, 12, rho) - rate * (fresh - rho)).max() < 1e-15


def _others(rho):
    """State of the first and third factor, indexed (a, b; c, d)."""
    return np.einsum("aebced->abcd", rho.reshape(2, 3, 2, 2, 3, 2))


def test_rare_levels_keep_their_digits_and_grids_broadcast():
    channels = gibbs_reset_channels("r", [0.1, 0.2], 0.01, [0.0, 5.0], 0, (2,))
    filled = channels[2].rate
    assert np.allclose(filled, np.array([0.1, 0.2]) * np.exp(-500.0), rtol=1e-13, atol=0)
    shared = gibbs_reset_channels("r", 1.0, 0.0, [1.0, 0.0, 0.0], 0, (3,))
    assert [float(c.rate) for c in shared[::3]] == [0.0, 0.5, 0.5]


def test_two_qubits_of_different_gaps_are_kept_apart_by_work():
    """Resets of both, with heat that each qubit carries and the work that their coupling costs."""
    gaps, h = (1.0, 1.4), flip_flop(0, 1, 2)
    energy = tuple(Term.of(gap, lowering(k, 2).T @ lowering(k, 2)) for k, gap in enumerate(gaps))
    channels = reset_channels("h", Bath(2.0, 0.03, "fermi"), gaps[0], lowering(0, 2))
    channels += reset_channels("c", Bath(0.4, 0.05, "fermi"), gaps[1], lowering(1, 2))
    pair = Generator((*energy, Term.of(0.1, h)), channels, energy=energy)
    unknowns = qte.steady_state(pair).unknowns
    heats = [float(energy_current(pair, unknowns, label)) for label in "hc"]
    work = float(driving_power(pair, unknowns))
    assert sum(heats) + work == pytest.approx(0.0, abs=1e-15)
    assert work == pytest.approx((gaps[1] - gaps[0]) * heats[0] / gaps[0], rel=1e-12)
    contacts = [float(contact_power(pair, unknowns, label)) for label in "hc"]
    assert sum(contacts) == pytest.approx(work, rel=1e-11)
    # a reset at rate p takes p times the energy of the coupling away
    rho = qte.steady_state(pair).rho
    coupling = 0.1 * np.trace(h @ rho).real
    assert contacts == pytest.approx([-0.03 * coupling, -0.05 * coupling], rel=1e-10)


def test_derivatives_have_no_loss_of_phase():
    for kind in (TemperatureDerivative, ExactTemperatureDerivative):
        found = reset_channels("h", Bath(1.0, 0.1, "fermi").of_kind(kind), 1.0, lowering(0, 1))
        assert len(found) == 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: reset_channels("h", Bath(1.0, 0.1), 1.0, lowering(0, 1)),
            "Argument `bath` must have the statistics 'fermi' for a reset, but got 'bose'.",
        ),
        (lambda: reset_channels("h", 1.0, 1.0, lowering(0, 1)), "Argument `bath` must be"),
        (
            lambda: gibbs_reset_channels("h", -1.0, 1.0, [0.0, 1.0], 0, (2,)),
            "Argument `rate` must be a real number, >= 0",
        ),
        (
            lambda: gibbs_reset_channels("h", 1.0, 1.0, [0.0, 1.0], 1, (2,)),
            "Argument `site` must be a whole number <= 0, but got 1.",
        ),
        (
            lambda: gibbs_reset_channels("h", 1.0, 1.0, [0.0, 1.0], 0, (3,)),
            "Argument `energies` must be a list of 3 levels, but got [0.0, 1.0].",
        ),
        (lambda: gibbs_reset_channels("h", 1.0, 1.0, [0.0], 0, 2), "Argument `dims` must be the dimensions"),
        (
            lambda: gibbs_reset_channels("h", [1.0, 2.0], [1.0, 2.0, 3.0], [0.0, 1.0], 0, (2,)),
            "Argument `temperature` must have a shape that broadcasts with the others",
        ),
    ],
)
def test_what_is_no_reset(call, words):
    with pytest.raises(ParameterError) as caught:
        call()
    assert words in str(caught.value)
