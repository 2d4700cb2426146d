"""The thermal transistor against its rate equations, whole and as the paper reduces them; Ohmic baths that rectify."""

from itertools import product

import numpy as np
import pytest

from qte import check_machine
from qte.common.errors import IllConditioned, ParameterError
from qte.machines import ThermalTransistor, TwoQubitEngine
from qte.physics.spectral_densities import drude_lorentz, ohmic
from qte.testing import DenseModel, Dissipator

PAPER = {"omega_LM": 1.0, "omega_MR": 1.0, "kappa": 1e-3, "T_L": 0.2, "T_R": 0.02}
COLD = np.array([0.02, 0.05, 0.1, 0.12, 0.15, 0.19])


def rate(w, T, kappa):
    """Of a jump that gives the energy w to an Ohmic bath."""
    return kappa * (T if w == 0 else w / -np.expm1(-w / T))


def by_hand(*, omega_LM, omega_MR, kappa, T_L, T_M, T_R, omega_L=0.0, omega_M=0.0, omega_R=0.0, omega_RL=0.0):
    """A jump operator for every flip in every configuration of the others."""
    words = list(product((1, -1), repeat=3))
    energies = [
        (omega_L * a + omega_M * b + omega_R * c + omega_LM * a * b + omega_MR * b * c + omega_RL * c * a) / 2
        for a, b, c in words
    ]
    baths = {}
    for site, (label, T) in enumerate((("L", T_L), ("M", T_M), ("R", T_R))):
        baths[label] = []
        for k, word in enumerate(words):
            m = words.index(tuple(-s if n == site else s for n, s in enumerate(word)))
            jump = np.zeros((8, 8))
            jump[m, k] = 1.0
            baths[label].append(Dissipator(rate(energies[k] - energies[m], T, kappa), jump))
    return DenseModel(np.diag(energies), baths)


def reduced(T_M, T_L=0.2, T_R=0.02):
    """Currents over kappa from the four populations that are left without fields."""
    # I: all alike; II: R differs; III: M differs; IV: L differs, with energies 1, 0, -1, 0
    energies = np.array([1.0, 0.0, -1.0, 0.0])
    pairs = {"L": ((0, 3), (1, 2)), "M": ((0, 2), (1, 3)), "R": ((0, 1), (3, 2))}
    temperatures = {"L": T_L, "M": T_M, "R": T_R}
    matrices = {}
    for label, T in temperatures.items():
        matrix = np.zeros((4, 4))
        for a, b in pairs[label]:
            for start, to in ((a, b), (b, a)):
                gamma = rate(energies[start] - energies[to], T, 1.0)
                matrix[to, start] += gamma
                matrix[start, start] -= gamma
        matrices[label] = matrix
    total = sum(matrices.values())
    total[0] = 1.0
    p = np.linalg.solve(total, np.eye(4)[0])
    return {label: energies @ (matrix @ p) for label, matrix in matrices.items()}


def test_it_conforms():
    fields = {"omega_L": 0.3, "omega_M": 0.5, "omega_R": 0.1, "omega_RL": 0.2}
    draws = [PAPER | {"T_M": 0.1}, PAPER | fields | {"T_M": 0.15, "T_R": 0.1}]
    check_machine(ThermalTransistor, draws, at_equilibrium={}, thermal=True, reference=by_hand)


def test_currents_are_those_of_the_four_populations_of_the_paper():
    transistor = ThermalTransistor(**PAPER, T_M=COLD)
    for k, T_M in enumerate(COLD):
        expected = reduced(T_M)
        for label in "LMR":
            assert abs(transistor.heat_current(label)[k] / (1e-3 * expected[label]) - 1) < 1e-9


def test_it_amplifies():
    """Figure 3 of the paper: more than a hundredfold below the pole, at any one of these temperatures."""
    transistor = ThermalTransistor(**PAPER, T_M=COLD)
    alpha = transistor.amplification("L")
    assert np.all(alpha[:4] < -100)
    assert np.allclose(alpha + transistor.amplification("R"), -1, rtol=1e-10)
    step = 1e-6
    for k, T_M in enumerate(COLD):
        up, down = reduced(T_M + step), reduced(T_M - step)
        expected = (up["L"] - down["L"]) / (up["M"] - down["M"])
        assert abs(alpha[k] / expected - 1) < 1e-4


def test_currents_near_equilibrium_follow_the_response():
    base = ThermalTransistor(omega_LM=1.0, omega_MR=0.8, omega_L=0.2, kappa=0.01, T_L=0.3, T_M=0.3, T_R=0.3)
    for bias in (1e-5, 1e-9):
        biased = base.replace(T_L=0.3 + bias / 2, T_M=0.3 - bias / 2)
        step = biased.T_L - biased.T_M
        assert abs(biased.net_current() / step / base.conductance() - 1) < 10 * bias + 1e-11


def test_a_bath_without_a_rate_at_zero_frequency_is_refused():
    with pytest.raises(ParameterError, match="`spectral_density` must vanish in proportion to the energy"):
        ThermalTransistor(**PAPER, T_M=0.1, spectral_densities=None).net_current()


def through(g, T_h, T_c, gammas, densities):
    """Q_h of two resonant qubits, mode by mode: each is one fermion between two baths at half the rates."""
    total = 0.0
    for w in (1 - g, 1 + g):
        up, down = [], []
        for T, gamma, density in zip((T_h, T_c), gammas, densities, strict=True):
            strength, n = gamma * density(w) / 2, 1 / np.expm1(w / T)
            up.append(strength * n)
            down.append(strength * (1 + n))
        total += w * (up[0] * down[1] - down[0] * up[1]) / (sum(up) + sum(down))
    return total


@pytest.mark.parametrize("cold", [0.05, 0.3, 0.39])
def test_two_spins_in_ohmic_baths_rectify_as_their_modes_do(cold):
    """The secular current of two exchanging qubits in closed form, each mode by itself."""
    densities, gammas, g = (ohmic(cutoff=2.0), drude_lorentz(3.0)), (0.01, 0.04), 0.6
    engine = TwoQubitEngine(
        g=g, gamma_h=gammas[0], gamma_c=gammas[1], T_h=0.4, T_c=cold, approach="global",
        spectral_densities=dict(zip("hc", densities, strict=True)),
    )  # fmt: skip
    there, back = through(g, 0.4, cold, gammas, densities), through(g, cold, 0.4, gammas, densities)
    assert abs(engine.heat_current("h") / there - 1) < 1e-12
    assert abs(engine.contrast() / (abs(there + back) / abs(there - back)) - 1) < 1e-10


def test_an_amplification_without_response_is_refused_and_one_of_the_coldest_bath_is_found():
    cold = {"omega_LM": 1.0, "omega_MR": 0.0, "kappa": 1e-3, "T_L": 0.2, "T_R": 0.02}
    with pytest.raises(IllConditioned, match="no value where no current responds to T_M") as caught:
        ThermalTransistor(**cold, T_M=[0.1, 0.0]).amplification("L")
    assert caught.value.indices == ((1,),)
    for T_M in (5e-324, 1e-300, 1e-3):
        with pytest.raises(IllConditioned):  # e^(-1/T_M) is 0 to the last digit
            ThermalTransistor(**cold, T_M=T_M).amplification("L")
    assert ThermalTransistor(**cold, T_M=0.01).amplification("L") == pytest.approx(-1)
