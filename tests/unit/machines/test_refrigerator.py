"""The absorption refrigerator against resets written down by hand, and against what is published of it."""

import mpmath as mp
import numpy as np
import pytest

from qte import check_machine
from qte.common.errors import IllConditioned
from qte.machines import AbsorptionRefrigerator
from qte.physics.baths import Bath
from qte.physics.generators import Generator, Term, eigenbasis, energy_terms
from qte.physics.hermitian_channels import hermitian_channels
from qte.physics.operators import partial_trace, transition
from qte.physics.spectral_densities import PowerLaw
from qte.solver import thermodynamics
from qte.solver.steady import steady_state
from qte.testing import DenseModel, Dissipator

FRIDGE = {"E_h": 4.0, "g": 3e-3, "p_c": 1e-3, "p_r": 2e-3, "p_h": 4e-3, "T_c": 1.0, "T_r": 1.5, "T_h": 5.0}
SITES = {"c": 0, "r": 1, "h": 2}


def by_hand(*, E_h, g, p_c, p_r, p_h, T_c, T_r, T_h, E_c=1.0):
    """Resets as the four jumps that put a thermal state in the place of a qubit's."""
    gaps, rates, temperatures = (E_c, E_c + E_h, E_h), (p_c, p_r, p_h), (T_c, T_r, T_h)
    up, one = np.array([[0.0, 1.0], [0.0, 0.0]]), np.eye(2)

    def on(site, factor):
        factors = [factor if k == site else one for k in range(3)]
        return np.kron(np.kron(*factors[:2]), factors[2])

    swap = np.kron(np.kron(up, up.T), up)
    hamiltonian = sum(gap * on(k, up @ up.T) for k, gap in enumerate(gaps)) + g * (swap + swap.T)
    baths = {}
    for k, label in enumerate("crh"):
        excited = 1 / (1 + np.exp(gaps[k] / temperatures[k]))
        jumps = ((excited, up), (excited, up @ up.T), (1 - excited, up.T), (1 - excited, up.T @ up))
        baths[label] = [Dissipator(rates[k] * share, on(k, jump)) for share, jump in jumps]
    return DenseModel(hamiltonian, baths)


def test_it_conforms():
    draws = [FRIDGE, FRIDGE | {"T_h": 1.6}, FRIDGE | {"E_h": 2.0, "g": -0.02, "p_c": 0.05}]
    check_machine(AbsorptionRefrigerator, draws, at_equilibrium={}, reference=by_hand)


def test_every_quantum_that_is_cooled_takes_one_of_the_hot_qubit():
    fridge = AbsorptionRefrigerator(**FRIDGE | {"g": np.array([1e-4, 1e-2, 0.3])})
    quanta = fridge.heat_current("c")
    assert np.allclose(fridge.heat_current("h") / 4.0, quanta, rtol=1e-12)
    assert np.allclose(fridge.heat_current("r") / -5.0, quanta, rtol=1e-12)
    assert np.allclose(quanta / fridge.heat_current("h"), fridge.efficiency(), rtol=1e-12)


def test_it_stops_at_the_bound_of_carnot_and_not_elsewhere():
    fridge = AbsorptionRefrigerator(**FRIDGE)
    stop = float(1 / fridge.carnot())
    near = fridge.replace(E_h=stop * (1 + np.array([-1e-3, -1e-9, 1e-9, 1e-3])))
    assert (np.sign(near.net_current()) == [-1, -1, 1, 1]).all()
    # linear through its root, small as it is
    slopes = near.net_current() / (near.E_h - stop)
    assert np.ptp(slopes[1:3]) < 1e-6 * slopes[1]
    assert np.allclose(near.virtual_temperature()[1:3], 1.0, rtol=1e-8)
    assert np.all(near.entropy_production() >= 0)


def test_what_it_cools_alone_ends_at_the_virtual_temperature():
    """N. Brunner and others, Phys. Rev. E 85, 051117 (2012): without a bath of its own."""
    fridge = AbsorptionRefrigerator(**FRIDGE | {"p_c": 0.0})
    cold = partial_trace(fridge.steady_state().rho, [0])
    assert abs(1 / np.log((cold[1, 1] / cold[0, 0]).real) / fridge.virtual_temperature() - 1) < 1e-12


def test_a_weak_interaction_is_a_golden_rule():
    """The flow ``2 g^2 (P_101 - P_010)/p`` of thermal qubits whose coherence every reset destroys."""
    fridge = AbsorptionRefrigerator(**FRIDGE | {"g": 1e-8})
    excited = {k: 1 / (1 + np.exp(e / FRIDGE[f"T_{k}"])) for k, e in (("c", 1.0), ("r", 5.0), ("h", 4.0))}
    c, r, h = excited.values()
    flow = 2 * 1e-16 * (c * (1 - r) * h - (1 - c) * r * (1 - h)) / (1e-3 + 2e-3 + 4e-3)
    assert abs(fridge.net_current() / flow - 1) < 1e-8


def test_a_density_acts_at_the_gaps():
    dense = AbsorptionRefrigerator(**FRIDGE, spectral_densities={"h": PowerLaw(2.0)})
    flat = AbsorptionRefrigerator(**FRIDGE | {"p_h": 4e-3 * 16})
    assert abs(dense.net_current() / flat.net_current() - 1) < 1e-13
    T = FRIDGE | {"T_c": 1.2, "T_r": 1.2, "T_h": 1.2}
    step = 1e-4
    up, down = (AbsorptionRefrigerator(**T | {"T_c": 1.2 + s, "T_r": 1.2 - s}) for s in (step, -step))
    slope = (up.net_current() - down.net_current()) / (4 * step)
    assert abs(slope / AbsorptionRefrigerator(**T).conductance() - 1) < 1e-6


def cooling(d, gaps, T_c, T_h, T_w):
    """Cooling power of a three-level refrigerator, its cold bath weak and of density ``w**d``."""
    levels = (
        Term.of(gaps, transition(1, 1, 3)),
        Term.of(gaps + 1.0, transition(2, 2, 3)),
    )
    basis = eigenbasis(levels, gaps.shape, 3)
    channels = ()
    for label, (i, j), bath in (
        ("c", (0, 1), Bath(T_c, 1e-9, spectral_density=PowerLaw(d))),
        ("w", (1, 2), Bath(T_w, 1.0, spectral_density=PowerLaw(1.0))),
        ("h", (0, 2), Bath(T_h, 1.0, spectral_density=PowerLaw(1.0))),
    ):
        coupling = (Term.of(1.0, transition(i, j, 3) + transition(j, i, 3)),)
        channels += hermitian_channels(label, bath, coupling, basis, gaps.shape)
    generator = Generator(energy_terms(basis), channels, basis.vectors)
    return thermodynamics.energy_current(generator, steady_state(generator).unknowns, "c")


@pytest.mark.parametrize("d", [1, 2, 3])
def test_at_maximum_power_a_density_of_power_d_reaches_its_share_of_carnot(d):
    """``d/(d + 1)`` where temperatures are high: L. A. Correa and others, Phys. Rev. E 87, 042131 (2013)."""
    T_c, T_h, T_w = 1.5e4, 2e4, 1e6
    carnot = (1 / T_h - 1 / T_w) / (1 / T_c - 1 / T_h)
    gaps = carnot * np.linspace(0.3, 0.99, 691)
    best = gaps[np.argmax(cooling(float(d), gaps, T_c, T_h, T_w))]
    assert abs(best / carnot - d / (d + 1)) < 1.1e-3


def fridge_at(**changes):
    p = {"E_h": 4.0, "g": 1e-3, "p_c": 1e-3, "p_r": 1e-3, "p_h": 1e-3, "T_c": 1.0, "T_r": 1.5, "T_h": 5.0}
    return AbsorptionRefrigerator(**p | changes)


@pytest.mark.filterwarnings("error")
def test_quotients_of_temperatures_have_their_digits_and_limits():
    with mp.workdps(50):
        for near in (1.5 * (1 + 2**-40), 1.5 * (1 - 2**-40)):
            t, r, c = mp.mpf(near), mp.mpf(1.5), mp.mpf(1.0)
            bound, virtual = (1 / r - 1 / t) / (1 / c - 1 / r), 1 / (5 / r - 4 / t)
            assert abs(fridge_at(T_h=near).carnot() / bound - 1) < 1e-14
            assert abs(fridge_at(T_h=near).virtual_temperature() / virtual - 1) < 1e-14
    assert fridge_at(T_c=1.5).carnot() == np.inf
    assert fridge_at(T_r=0.0).virtual_temperature() == 0
    assert fridge_at(T_h=0.0).virtual_temperature() == 0
    assert fridge_at(T_r=1.25, T_h=1.0).virtual_temperature() == np.inf
    assert fridge_at(T_h=1.0).virtual_temperature() < 0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("method", "changes", "words"),
    [
        ("carnot", {"T_c": [1.0, 1.5], "T_h": 1.5}, "Carnot's bound has no value at grid points (1,)."),
        ("carnot", {"T_c": 0.0, "T_h": 0.0}, "Carnot's bound has no value."),
        ("virtual_temperature", {"T_r": 0.0, "T_h": 0.0}, "The virtual temperature has no value."),
        ("efficiency", {"E_c": 1e100, "E_h": 5e-324}, "The coefficient of performance has no value."),
    ],
)
def test_quotients_of_nothing_are_refused(method, changes, words):
    with pytest.raises(IllConditioned) as caught:
        getattr(fridge_at(**changes), method)()
    assert str(caught.value) == words
