"""Machines whose baths have a spectral density, by the public argument: every observable, near equilibrium too."""

import pickle

import numpy as np
import pytest

from qte import check_machine, sweep
from qte.common.errors import ParameterError
from qte.machines import (
    CommonReservoirEngine,
    Junction,
    SpinChain,
    ThreeQubitMachine,
    TwoQubitEngine,
    WStateMachine,
)
from qte.physics.baths import Bath
from qte.physics.spectral_densities import Lorentzian, PowerLaw, drude_lorentz, ohmic
from qte.testing import DenseModel, Dissipator

ENGINE = {"g": 0.3, "gamma_h": 0.01, "gamma_c": 0.03, "approach": "global"}
OHMIC = {"h": ohmic(cutoff=3.0), "c": drude_lorentz(2.0)}


def by_hand(*, g, gamma_h, gamma_c, T_h, T_c, spectral_densities, approach="global", delta=0.0):
    """The global equation of two qubits in Ohmic baths, with NumPy alone."""
    lower, one = np.array([[0.0, 0.0], [1.0, 0.0]]), np.eye(2)
    a, b = np.kron(lower, one), np.kron(one, lower)
    hamiltonian = a.T @ a + (1 + delta) * b.T @ b + g * (a.T @ b + b.T @ a)
    energies, states = np.linalg.eigh(hamiltonian)
    cut = {"h": lambda w: w * np.exp(-w / 3), "c": lambda w: 4 * w / (w**2 + 4)}
    baths = {"h": [], "c": []}
    for label, gamma, T, coupling in (("h", gamma_h, T_h, a), ("c", gamma_c, T_c, b)):
        parts = {}
        for i, j in np.argwhere(np.abs(states.T @ coupling @ states) > 1e-12):
            w = round(energies[j] - energies[i], 10)
            jump = np.outer(states[:, i], states[:, j]) * (states[:, i] @ coupling @ states[:, j])
            parts[w] = parts.get(w, 0) + jump
        for w, jump in parts.items():
            strength, n = gamma * cut[label](w), 1 / np.expm1(w / T)
            baths[label] += [Dissipator(strength * (1 + n), jump), Dissipator(strength * n, jump.T)]
    return DenseModel(hamiltonian, baths)


def test_an_ohmic_engine_conforms():
    draws = [
        ENGINE | {"T_h": T_h, "T_c": 0.4, "delta": delta, "spectral_densities": OHMIC}
        for T_h, delta in ((1.0, 0.0), (0.41, 0.2), (0.4001, -0.1))
    ]
    check_machine(TwoQubitEngine, draws, at_equilibrium={}, thermal=True, reference=by_hand)


@pytest.mark.parametrize("approach", ["local", "global", "redfield"])
def test_currents_near_equilibrium_are_those_of_the_density(approach):
    """The small currents come from baths of more digits, the conductance from their derivatives: both must know it."""
    delta = 0.0 if approach == "local" else 0.2
    bias = np.array([1e-2, 1e-4, 1e-6, 1e-9, 1e-13])
    mean = 0.5
    near = TwoQubitEngine(
        **ENGINE | {"approach": approach}, delta=delta, T_h=mean + bias / 2, T_c=mean - bias / 2,
        spectral_densities=OHMIC,
    )  # fmt: skip
    at = near.replace(T_h=mean, T_c=mean)
    found = near.net_current() / (near.T_h - near.T_c) / at.conductance() - 1
    # what is left is of second order in the bias, and the rounding of the two temperatures about their mean
    assert np.all(np.abs(found) < bias + 1e-12), found


def test_a_flat_bath_of_the_same_strength_is_no_substitute():
    """What an override of a private method lost: the slope of the density between the two frequencies."""
    engine = TwoQubitEngine(**ENGINE, T_h=0.5, T_c=0.5, spectral_densities=OHMIC)
    flat = engine.replace(
        spectral_densities=None, gamma_h=0.01 * OHMIC["h"](1.0), gamma_c=0.03 * OHMIC["c"](1.0)
    )
    assert abs(engine.conductance() / flat.conductance() - 1) > 0.02


def test_one_frequency_feels_a_number():
    for make, more in (
        (Junction, {}),
        (SpinChain, {"N": 3, "g": 0.1}),
        (SpinChain, {"N": 3, "g": 0.1, "system": "oscillator", "statistics_L": "fermi"}),
    ):
        given = {"omega": 1.3, "T_L": [1.0, 0.5], "T_R": 0.5, **more}
        dense = make(gamma_L=0.01, gamma_R=0.02, spectral_densities={"L": PowerLaw(3.0)}, **given)
        flat = make(gamma_L=0.01 * 1.3**3, gamma_R=0.02, **given)
        assert np.allclose(dense.net_current(), flat.net_current(), rtol=1e-14, atol=0)
        assert np.allclose(dense.contrast(), flat.contrast(), rtol=1e-13, atol=0)
        assert np.allclose(
            dense.replace(T_L=0.5).conductance(), flat.replace(T_L=0.5).conductance(), rtol=1e-14
        )


def test_the_common_reservoir_takes_one():
    given = {"eps_A": 20, "eps_B": 22, "Omega": 6, "T_A": 5, "T_B": 4, "T_C": [1.0, 4.9999]}
    engine = CommonReservoirEngine(**given, spectral_densities={"C": lambda w: w / 20})
    low, high = float(engine.omega_1), float(engine.omega_2)
    assert not np.allclose(
        engine.heat_current("C"), CommonReservoirEngine(**given).heat_current("C"), rtol=1e-2
    )
    # a density that is 1 at both frequencies is none
    same = CommonReservoirEngine(**given, spectral_densities=lambda w: 1 + (w - low) * (w - high) ** 2)
    assert np.allclose(same.heat_current("C"), CommonReservoirEngine(**given).heat_current("C"), rtol=1e-11)


def test_a_lead_has_its_density_at_the_energy_of_the_level():
    given = {
        "g13": 0.05,
        "g23": 0.05,
        "gamma_1": 0.1,
        "gamma_3": 0.1,
        "T_1": 1.0,
        "T_3": 1.0,
        "U": 2.0,
        "mu": 3.0,
    }
    lead = Lorentzian(centre=3.0, width=1.5)
    machine = ThreeQubitMachine(**given, spectral_densities={1: lead})
    rates = {float(c.rate) for c in machine.generator.channels_of(1)}
    for k in range(3):
        bath = Bath(1.0, 0.1 * lead(1.0 + 2.0 * k), "fermi")
        for rate in (bath.emission(1.0 + 2.0 * k - 3.0), bath.absorption(1.0 + 2.0 * k - 3.0)):
            assert min(abs(rate - r) for r in rates) < 1e-16
    two = WStateMachine(n=2, g=0.05, gamma=0.1, T=1.0, U=2.0, mu=3.0, spectral_densities={1: lead})
    assert np.allclose(two.net_current(), machine.net_current(), rtol=1e-12)
    with pytest.raises(ParameterError, match="`U` must be finite with a spectral density"):
        ThreeQubitMachine(**given | {"U": np.inf}, spectral_densities=lead).net_current()


def test_parameters_of_a_density_may_span_the_grid():
    cut = np.array([1.0, 3.0, 10.0])
    engine = TwoQubitEngine(
        **ENGINE, T_h=[[0.9], [0.4 + 1e-9]], T_c=0.4, spectral_densities=ohmic(cutoff=cut)
    )
    assert engine.shape == (2, 3)
    for j, c in enumerate(cut):
        alone = TwoQubitEngine(**ENGINE, T_h=[0.9, 0.4 + 1e-9], T_c=0.4, spectral_densities=ohmic(cutoff=c))
        assert np.allclose(engine.net_current()[:, j], alone.net_current(), rtol=1e-12, atol=0)


def test_sweeps_and_pickles_carry_it():
    frame = sweep(
        TwoQubitEngine, ["net_current"], T_h=[0.5, 1.0], T_c=0.2, spectral_densities=OHMIC, **ENGINE
    )
    engine = TwoQubitEngine(**ENGINE, T_h=[0.5, 1.0], T_c=0.2, spectral_densities=OHMIC)
    assert np.array_equal(frame["net_current"].to_numpy(), engine.net_current())
    assert np.array_equal(pickle.loads(pickle.dumps(engine)).net_current(), engine.net_current())


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"hot": ohmic()}, "`spectral_densities` must name reservoirs among 'h', 'c'"),
        ({"h": 3.0}, "`spectral_densities` must be a SpectralDensity, a function of an energy"),
        ({"h": lambda w: -w}, "`spectral_density` must be a real number, >= 0 and finite, but got -"),
        (
            {"h": lambda w: w * np.nan},
            "`spectral_density` must be a real number, >= 0 and finite, but got nan",
        ),
        (
            {"h": ohmic(cutoff=[1.0, 2.0])},
            "`spectral_densities['h'].cutoff` must have a shape that broadcasts",
        ),
    ],
)
def test_what_is_no_density_is_refused_in_one_sentence(given, sentence):
    with pytest.raises(ParameterError) as caught:
        TwoQubitEngine(**ENGINE, T_h=[0.7, 0.8, 0.9], T_c=0.1, spectral_densities=given).net_current()
    assert sentence in str(caught.value)
