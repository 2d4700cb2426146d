"""Formulas that the field publishes, from generators that anyone can write down."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from qte.machines import Junction, ThermalTransistor
from qte.physics.baths import Bath
from qte.physics.generators import Generator, Term, local_channels
from qte.physics.operators import transition
from qte.physics.spectral_densities import PowerLaw, ohmic
from qte.solver.steady import steady_state
from qte.solver.thermodynamics import energy_current

# ---- the three-level absorption refrigerator: d/(d + 1) of Carnot at maximum power ----

T_WORK, T_HOT, T_COLD, WORK = 4e4, 2e4, 1e4, 1.0


def refrigerator(cold_gap, dimension):
    """Levels 0, 1, 2: cold bath 0-1, work 1-2, hot 0-2; J ~ w**d of the cold bath, which is the bottleneck."""
    weak = PowerLaw(dimension)
    baths = {
        "c": (Bath(T_COLD, 1e-9, spectral_density=weak), cold_gap, transition(0, 1, 3)),
        "w": (Bath(T_WORK, 1.0), WORK, transition(1, 2, 3)),
        "h": (Bath(T_HOT, 1.0), cold_gap + WORK, transition(0, 2, 3)),
    }
    channels = ()
    for label, (bath, gap, lower) in baths.items():
        channels += local_channels(label, bath, gap, lower)
    h = (Term.of(cold_gap, transition(1, 1, 3)), Term.of(cold_gap + WORK, transition(2, 2, 3)))
    generator = Generator(h, channels)
    return energy_current(generator, steady_state(generator).unknowns, "c")


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_a_refrigerator_has_d_over_d_plus_1_of_carnot_at_maximum_power(dimension):
    """L. A. Correa, J. P. Palao, G. Adesso and D. Alonso, Phys. Rev. E 87, 042131 (2013): hot, weakly cooled."""
    largest = WORK * (1 / T_HOT - 1 / T_WORK) / (1 / T_COLD - 1 / T_HOT)
    gaps = largest * np.linspace(0.01, 0.999, 400)
    cooling = refrigerator(gaps, dimension)
    assert (cooling > 0).all()
    start = gaps[np.argmax(cooling)]
    best = minimize_scalar(
        lambda gap: -float(refrigerator(np.array([gap]), dimension)[0]) * 1e12,
        bracket=(0.9 * start, start, 1.05 * start),
        options={"xtol": 1e-9},
    )
    # efficiency gap/WORK over Carnot's largest/WORK
    assert best.x / largest == pytest.approx(dimension / (dimension + 1), rel=1e-3)
    assert refrigerator(np.array([1.001 * largest]), dimension)[0] < 0


# ---- rectification ----


def test_one_spin_between_ohmic_baths_rectifies_as_published():
    """D. Segal and A. Nitzan, Phys. Rev. Lett. 94, 034301 (2005): ``J = w k_L k_R (n_L - n_R)/sum k (1 + 2 n)``."""
    w = np.array([0.5, 1.0, 2.0])
    spin = Junction(omega=w, gamma_L=0.002, gamma_R=0.009, T_L=1.5, T_R=0.4, spectral_densities=ohmic(8.0))
    k = {"L": 0.002 * w * np.exp(-w / 8), "R": 0.009 * w * np.exp(-w / 8)}

    def current(hot, cold):
        n = {"L": 1 / np.expm1(w / hot), "R": 1 / np.expm1(w / cold)}
        total = sum(k[side] * (1 + 2 * n[side]) for side in "LR")
        return w * k["L"] * k["R"] * (n["L"] - n["R"]) / total

    forward, backward = current(1.5, 0.4), current(0.4, 1.5)
    assert np.allclose(spin.heat_current("L"), forward, rtol=1e-12)
    assert np.allclose(spin.replace(T_L=0.4, T_R=1.5).heat_current("L"), backward, rtol=1e-12)
    assert np.allclose(spin.contrast(), np.abs(forward + backward) / (forward - backward), rtol=1e-11)


def ring(h, delta, kappa, hot, cold):
    """Heat through two spins ``h sz_L/2 + delta sz_L sz_R/2``, each flipped by an Ohmic bath, round their four states.

    The current of a ring is the difference of the products of rates in both directions over the sum of the
    weights of all trees (J. Schnakenberg, Rev. Mod. Phys. 48, 571 (1976)).
    """

    def rate(gain, t):
        # up by gain > 0, down by gain < 0
        return kappa * abs(gain) / np.expm1(abs(gain) / t) * (1 if gain > 0 else np.exp(abs(gain) / t))

    energies = [(h * a + delta * a * b) / 2 for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
    forth, back = [], []
    for k, t in enumerate((cold, hot, cold, hot)):
        gain = energies[(k + 1) % 4] - energies[k]
        forth.append(rate(gain, t))
        back.append(rate(-gain, t))
    weights = 0.0
    for root in range(4):
        for cut in range(4):
            # the edge `cut` joins the states cut and cut + 1; all others lead to the root
            product, state = 1.0, root
            while state != (cut + 1) % 4:
                product *= forth[(state - 1) % 4]
                state = (state - 1) % 4
            state = root
            while state != cut:
                product *= back[state]
                state = (state + 1) % 4
            weights += product
    circulation = (np.prod(forth) - np.prod(back)) / weights
    # the hot bath flips the left spin at h + delta and back at h - delta
    return circulation * (energies[2] - energies[1] + energies[0] - energies[3])


@pytest.mark.parametrize("h", [0.3, 1.0])
@pytest.mark.parametrize("delta", [0.1, 0.5, 2.0])
def test_two_coupled_spins_in_ohmic_baths_rectify_as_their_ring_does(h, delta):
    """T. Werlang, M. A. Marchiori, M. F. Cornelio and D. Valente, Phys. Rev. E 89, 062109 (2014): one field only."""
    pair = ThermalTransistor(
        omega_L=h, omega_LM=delta, omega_MR=0.0, omega_R=5.0, kappa=1e-3, T_L=1.2, T_M=0.3, T_R=0.5
    )
    forward, backward = ring(h, delta, 1e-3, 1.2, 0.3), ring(h, delta, 1e-3, 0.3, 1.2)
    assert pair.heat_current("L") == pytest.approx(forward, rel=1e-11)
    assert pair.heat_current("M") == pytest.approx(-forward, rel=1e-11)
    assert abs(pair.heat_current("R")) < 1e-15
    assert pair.contrast() == pytest.approx(abs(forward + backward) / (forward - backward), rel=1e-10)


def test_two_spins_rectify_perfectly_in_the_cold():
    """A cold bath freezes the spin with a field, h > delta, and nothing goes back; it follows the other one forth."""
    pair = ThermalTransistor(
        omega_L=1.0,
        omega_LM=0.5,
        omega_MR=0.0,
        omega_R=5.0,
        kappa=1e-3,
        T_L=1.0,
        T_M=[0.5, 0.1, 0.02],
        T_R=0.5,
    )
    contrast = pair.contrast()
    assert (np.diff(contrast) > 0).all()
    assert contrast[-1] > 0.999
