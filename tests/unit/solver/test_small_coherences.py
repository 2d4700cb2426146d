"""Coherences that are small differences of populations: 1e-12 of each, against mpmath."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
import pytest

from qte.common.errors import IllConditioned
from qte.machines import SpinChain, ThreeQubitMachine, TwoQubitEngine, WStateMachine
from qte.physics.baths import DecimalBath
from qte.physics.generators import generator
from qte.solver.exact import coherences
from qte.solver.steady import steady_state
from tests.hard_models import MODELS, channels_of
from tests.reference import mp_steady

pytestmark = pytest.mark.filterwarnings("ignore::qte.common.errors.ValidityWarning")

DIGITS = 80
# What is smaller is 0, and round-off of the reference.
LEAST = mp.mpf(10) ** -50

LOCAL = {"g": 1.6e-3, "gamma_h": 1e-3, "gamma_c": 1.1e-2, "T_h": 0.7, "T_c": 0.1}
FERMI = {"statistics_h": "fermi", "statistics_c": "fermi"}
THREE = {
    "g13": 0.05,
    "g23": 0.05,
    "gamma_1": 0.1,
    "gamma_3": 0.1,
    "T_1": 1.0,
    "T_3": 1.0,
    "U": 5.0,
    "mu": 3.0,
}
W = {"n": 2, "g": 0.05, "gamma": 0.1, "T": 1.0, "U": 5.0, "mu": 3.0, "mu_sink": 0.0}
CHAIN = {"g": 0.01, "gamma_L": 0.01, "gamma_R": 0.02, "T_L": 1.0, "T_R": 0.1}
OTTO = {"T_h": 0.5, "T_c": 1.0 + 1e-9, "delta": 1.0}

CASES = [
    *(
        (TwoQubitEngine, LOCAL | change)
        for change in (
            {"gamma_h": 0.1, "gamma_c": 1e-11},
            {"gamma_h": 1e-20, "gamma_c": 0.1},
            {"gamma_h": 0.1, "gamma_c": 1e-12, "delta": 1e-3},
            {"gamma_h": 0.1, "gamma_c": 1e-30, "T_h": 1e4},
            {"gamma_c": 1e-12, "g": 1e-9, "delta": 0.1},
            {"gamma_c": 1e-12, "kappa_h": 1e-6},
            {"kappa_h": 1e-9, "kappa_c": 1e-7, "gamma_c": 1e-10},
            {"T_c": 0.7, "delta": 1e-3},
            {"T_c": 0.7, "delta": 1e-13},
            {"T_c": 0.7 * (1 + 2e-3), "delta": 2e-3},
            OTTO,
            OTTO | {"g": 1e-8},
            {"gamma_c": 1e-12} | FERMI,
            {"gamma_c": 1e-10, "delta": 0.1} | FERMI,
            {"T_h": 1e9, "T_c": 1e8},
            {"T_h": 1e12, "T_c": 1e12 + 1.0},
        )
    ),
    *(
        (SpinChain, CHAIN | {"N": n} | change)
        for n in (2, 3)
        for change in ({}, {"gamma_R": 1e-12}, {"T_R": 1.0 - 1e-9}, {"g": 1e-9})
    ),
    *(
        (ThreeQubitMachine, THREE | change)
        for change in (
            {"gamma_3": 1e-11},
            {"gamma_1": 1e-11},
            {"g13": 1e-6},
            {"g13": 1e-8, "g23": 1e-8},
            {"T_1": 1e8, "T_3": 1e8},
            {"mu": 0.3, "mu_3": 0.3, "T_3": 1.0 - 1e-9},
        )
    ),
    *(
        (WStateMachine, W | change)
        for change in ({"g": 1e-9}, {"gamma": 1e-9}, {"mu": 0.3, "mu_sink": 0.3 + 1e-9})
    ),
]


def worst(rho: Any, exact: Any) -> float:
    """The largest relative error of a coherence; one that is 0 has to be."""
    errors = [0.0]
    for i, j in zip(*np.triu_indices(len(rho), 1), strict=True):
        found, wanted = mp.mpc(complex(rho[i, j])), exact[int(i), int(j)]
        if abs(wanted) < LEAST:
            errors.append(float(abs(found) / LEAST))
        else:
            errors.append(float(abs(found - wanted) / abs(wanted)))
    return max(errors)


@pytest.mark.parametrize(
    ("machine", "p"), CASES, ids=lambda value: "" if isinstance(value, type) else str(value)
)
def test_a_coherence_of_a_machine_has_its_digits(machine, p):
    with mp.workdps(DIGITS):
        model = MODELS[machine](p)
        assert worst(machine(**p).steady_state().rho, mp_steady(model.h, channels_of(model))) < 1e-12


def _random(seed: int, dim: int, weak: float) -> tuple[Any, list[Any]]:
    """A thermal pair of ladders at nearly one temperature, every level of one coupled weakly to the other's."""
    rng = np.random.default_rng(seed)
    levels = np.diag(np.arange(dim) * 0.125)
    mixing = rng.integers(1, 9, size=(dim, dim)) / 8.0 + 1j * rng.integers(1, 9, size=(dim, dim)) / 8.0
    h = levels + weak * (mixing + mixing.conj().T)
    jumps = []
    for k in range(dim - 1):
        down = np.zeros((dim, dim))
        down[k, k + 1] = 1.0
        jumps += [down * 0.5, down.T * (0.25 if k else 0.25 * (1 + 2.0**-30))]
    return h, jumps


@pytest.mark.parametrize(
    ("seed", "dim", "weak"), [(0, 3, 2.0**-10), (1, 3, 2.0**-40), (2, 4, 2.0**-20), (3, 5, 0.5)]
)
def test_a_coherence_of_a_generator_has_its_digits(seed, dim, weak):
    h, jumps = _random(seed, dim, weak)
    found = steady_state(generator(h, jumps)).rho
    with mp.workdps(DIGITS):
        exact = mp_steady(mp.matrix(h.tolist()), [(mp.mpf(1), mp.matrix(a.tolist())) for a in jumps])
        assert worst(found, exact) < 1e-12


@pytest.mark.parametrize("statistics", ["bose", "fermi"])
@pytest.mark.parametrize(
    ("energy", "shift", "temperature"), [(1.0, 0.0, 0.7), (1.0, 1e-12, 1e80), (3.0, 0.5, 0.01)]
)
def test_a_rate_has_120_digits(statistics, energy, shift, temperature):
    bath = DecimalBath(temperature, 0.25, statistics)
    with mp.workdps(220):
        x = (mp.mpf(energy) + mp.mpf(shift)) / mp.mpf(temperature)
        one = mp.expm1(x) if statistics == "bose" else mp.exp(x) + 1
        for rate, exact in ((bath.absorption, 1 / one), (bath.emission, mp.exp(x) / one)):
            found = mp.fsum(mp.mpf(float(part)) for part in rate(energy, shift).parts)
            assert abs(found / (exact / 4) - 1) < mp.mpf(10) ** -115


def test_a_rate_beyond_decimals_is_that_of_30_digits():
    for temperature in (0.0, 1e-3):
        bath = DecimalBath(temperature, 0.25)
        assert [float(part) for part in bath.absorption(1.0).parts] == [0.0] * 8
        assert float(bath.emission(1.0).parts[0]) == 0.25


def test_every_point_of_a_grid_has_the_digits_of_a_point():
    weak = np.array([1e-2, 1e-11, 1e-25])
    grid = TwoQubitEngine(**(LOCAL | {"gamma_h": 0.1, "gamma_c": weak})).steady_state()
    assert grid.doubtful.tolist() == [1, 2]
    for k, gamma in enumerate(weak.tolist()):
        one = TwoQubitEngine(**(LOCAL | {"gamma_h": 0.1, "gamma_c": gamma})).steady_state()
        assert np.array_equal(grid.rho[k], one.rho)
    # what doubles found is kept beside it
    assert np.array_equal(grid.doubles[:, 0], grid.unknowns[:, 0])
    assert not np.array_equal(grid.doubles[:, 1], grid.unknowns[:, 1])


def test_equilibrium_asks_for_no_whole_numbers(monkeypatch):
    monkeypatch.setattr(coherences, "ExactCurrents", None)
    engine = TwoQubitEngine(**(LOCAL | {"T_h": np.linspace(0.1, 1.0, 50), "T_c": np.linspace(0.1, 1.0, 50)}))
    assert np.abs(engine.steady_state().rho[..., 1, 2]).max() < 1e-16


def test_a_coherence_with_a_state_that_is_never_there_is_0():
    ideal = ThreeQubitMachine(**(THREE | {"U": np.inf, "mu": np.inf, "T_1": [0.5, 1.0, 2.0]}))
    rho = ideal.steady_state().rho
    empty = np.diagonal(rho, axis1=-2, axis2=-1) == 0
    assert empty.any()
    assert np.all(rho[empty] == 0)


def test_a_coherence_that_nothing_vouches_for_is_refused(monkeypatch):
    monkeypatch.setattr(coherences, "FAR", -1.0)
    engine = TwoQubitEngine(**(LOCAL | {"gamma_h": 0.1, "gamma_c": np.array([[1e-2, 1e-25]])}))
    with pytest.raises(IllConditioned) as caught:
        _ = engine.steady_state().rho
    assert (
        str(caught.value)
        == "A coherence is too small beside the populations to be found at grid points (0, 1)."
    )
    assert engine.net_current().shape == (1, 2)
