"""What a machine's methods and the networks beside it are asked with: right, or refused by name."""

from __future__ import annotations

import numpy as np
import pytest

from qte.common import parameters
from qte.common.errors import ParameterError
from qte.exact.landauer import CoupledLevels
from qte.exact.quadratic import hopping, stiffness
from qte.machines import (
    AbsorptionRefrigerator,
    Junction,
    SpinChain,
    ThermalTransistor,
    ThreeQubitMachine,
    TwoQubitEngine,
)
from qte.machines.networks.oscillators import OscillatorNetwork
from qte.physics.baths import Bath
from qte.physics.spectral_densities import ohmic
from qte.sweeps.sweep import sweep

CHAIN = SpinChain(N=3, g=0.05, gamma_L=0.01, gamma_R=0.02, T_L=1.0, T_R=0.2)
JUNCTION = Junction(gamma_L=0.01, gamma_R=0.02, T_L=1.0, T_R=0.2)
PAIR = {"g": 0.05, "gamma_h": 0.01, "gamma_c": 0.02, "T_h": 1.0, "T_c": 0.2}
ENGINE = TwoQubitEngine(**PAIR)
TRANSISTOR = ThermalTransistor(omega_LM=1.0, omega_MR=1.0, kappa=1e-3, T_L=0.2, T_M=0.1, T_R=0.02)

pytestmark = pytest.mark.filterwarnings("error")


def network(*, T: object = 1.0, frequency: object = 1.0, approach: str = "local") -> OscillatorNetwork:
    return OscillatorNetwork(
        frequencies=[frequency, 1.2],
        couplings={(1, 2): 0.1},
        baths={"h": (1, Bath(T, 0.02)), "c": (2, Bath(0.5, 0.01))},
        approach=approach,
    )


@pytest.mark.parametrize("label", ["l", "h", "", None, 1, True, ["L"], np.array(["L", "R"]), {}])
@pytest.mark.parametrize(
    "machine",
    [CHAIN, JUNCTION, CHAIN.replace(mu_L=0.1, mu_R=0.1, statistics_L="fermi", statistics_R="fermi")],
)
def test_a_bath_that_a_chain_does_not_have(machine, label):
    """A wrong label was taken for the right end without a word."""
    for current in (machine.particle_current, machine.heat_current):
        with pytest.raises(ParameterError, match=r"^Argument `reservoir` must be one of 'L', 'R'"):
            current(label)


@pytest.mark.parametrize("label", ["l", "Q", None, 1, ["L"], np.array(["L"])])
def test_a_bath_that_a_transistor_does_not_have(label):
    with pytest.raises(ParameterError, match=r"^Argument `reservoir` must be one of 'L', 'M', 'R'"):
        TRANSISTOR.amplification(label)


@pytest.mark.parametrize(
    "sites", [None, 1, 1.5, "1", b"1", object(), [None], [1.5], ["1"], [True], [[1]], [3], [0]]
)
@pytest.mark.parametrize("method", ["cut_negativity", "logarithmic_negativity", "mutual_information"])
def test_a_cut_names_sites(method, sites):
    with pytest.raises(ParameterError, match=r"^Argument `sites` must name different sites from 0 to 1"):
        getattr(ENGINE, method)(sites)


def test_a_pair_of_a_sweep_is_written_in_digits():
    with pytest.raises(
        ParameterError, match=r"^Argument `quantities` must name a pair of qubits such as 1,3"
    ):
        sweep(TwoQubitEngine, ["negativity:1,²"], **PAIR)


@pytest.mark.parametrize(
    ("sites", "words"),
    [
        (None, "whole number >= 1, but got None"),
        (True, "whole number >= 1, but got True"),
        (0, "whole number >= 1, but got 0"),
        (2.0, "whole number >= 1, but got 2.0"),
        (10**6, "whole number <= 8192, but got 1000000"),
    ],
)
def test_a_number_of_sites_is_a_whole_number(sites, words):
    for read, terms in ((hopping, {"1+ 1": 1.0}), (stiffness, {"p1 p1": 0.5, "x1 x1": 0.5})):
        with pytest.raises(ParameterError, match=rf"^Argument `sites` must be a {words}"):
            read(terms, sites)


def test_a_term_that_is_written_twice_is_not_lost():
    with pytest.raises(ParameterError) as caught:
        hopping({"1+ 2": 0.1, "1+  2": 0.2}, 2)
    assert str(caught.value) == (
        "Argument `hamiltonian` must name every term once, and not as '1+ 2' as well, but got '1+  2'."
    )
    with pytest.raises(ParameterError, match="name every term once"):
        stiffness({"p1 p1": 0.5, "x1 x1": 0.5, " x1 x1": 0.5}, 1)
    # two orders of one product are two terms
    both = stiffness({"p1 p1": 0.5, "p2 p2": 0.5, "x1 x2": 0.1, "x2 x1": 0.2}, 2)
    assert both[0, 1] == both[1, 0] == pytest.approx(0.3)


def test_numbers_beyond_doubles_are_refused():
    huge = np.longdouble("1e400")
    with pytest.raises(ParameterError, match=r"^Argument `x` must be finite, but got"):
        parameters.numbers("x", [huge, huge], "be finite")
    with pytest.raises(ParameterError, match="`hamiltonian` must have finite coefficients"):
        hopping({"1+ 1": huge}, 1)
    assert parameters.numbers("x", np.longdouble("0.5"), "be finite").dtype == np.float64


@pytest.mark.parametrize("approach", ["local", "global"])
@pytest.mark.parametrize("bad", [{"T": np.inf}, {"T": [1.0, np.inf]}, {"frequency": 5e-324, "T": 1e10}])
def test_occupations_of_oscillators_are_doubles(approach, bad):
    if approach == "global" and "frequency" in bad:
        bad = {"T": np.inf}
    with pytest.raises(ParameterError) as caught:
        network(approach=approach, **bad).occupations()
    assert caught.value.name == "baths['h']"
    assert (
        caught.value.allowed == "have a temperature that leaves the oscillators occupations that are doubles"
    )


@pytest.mark.parametrize("approach", ["local", "global"])
def test_a_network_without_points_has_values_without_points(approach):
    none = network(T=np.zeros(0), approach=approach)
    assert none.occupations().shape == (0, 2)
    assert none.heat_current("h").shape == (0,)


def test_every_parameter_of_a_bath_may_be_a_grid():
    """A chemical potential or a cut-off on a grid was a raw error."""
    warm = Bath(1.0, 0.02, "fermi", [0.0, 0.1])
    fermi = OscillatorNetwork(frequencies=[1.0], couplings={}, baths={"h": (1, warm)})
    assert fermi.occupations()[:, 0] == pytest.approx(1 / np.expm1([1.0, 0.9]), rel=1e-13)
    bath = Bath(1.0, 0.02, spectral_density=ohmic([1.0, 5.0]))
    cold = Bath(0.5, 0.02)
    grid = OscillatorNetwork(frequencies=[1.0], couplings={}, baths={"h": (1, bath), "c": (1, cold)})
    for k, cutoff in enumerate((1.0, 5.0)):
        one = Bath(1.0, 0.02, spectral_density=ohmic(cutoff))
        single = OscillatorNetwork(frequencies=[1.0], couplings={}, baths={"h": (1, one), "c": (1, cold)})
        assert grid.heat_current("h")[k] == pytest.approx(float(single.heat_current("h")), rel=1e-14)
    with pytest.raises(ParameterError, match="have a shape that broadcasts with the others"):
        OscillatorNetwork(frequencies=[[1.0] * 3], couplings={}, baths={"h": (1, bath)})


@pytest.mark.parametrize("T", [1j, np.array([1j, 1.0]), "1", None, [[1.0], [1.0, 2.0]], True, 10**400])
def test_a_temperature_is_a_real_number(T):
    with pytest.raises(ParameterError, match=r"^Argument `temperature` must be a real number"):
        Bath(T, 0.1)


def test_a_masked_temperature_is_refused_beside_an_infinite_one():
    with pytest.raises(ParameterError, match=r"^Argument `temperature` must have no masked entries"):
        Bath(np.ma.array([np.inf, 1.0], mask=[False, True]), 0.1)


def test_levels_without_points_and_energies_beside_the_grid():
    warm, cold = Bath([1.0, 2.0], 0.2, "fermi"), Bath(0.5, 0.2, "fermi")
    levels = CoupledLevels([[0.0, 0.1], [0.1, 0.0]], {"h": (0, warm), "c": (1, cold)})
    with pytest.raises(ParameterError, match="`energy` must have a shape that broadcasts with the others"):
        levels.transmission([0.1, 0.2, 0.3], "h", "c")
    none = CoupledLevels(np.zeros((0, 2, 2)), {"h": (0, Bath(1.0, 0.2, "fermi")), "c": (1, cold)})
    assert none.particle_current("h").shape == (0,)
    assert none.covariance().shape == (0, 2, 2)


def test_a_state_of_numbers_beyond_doubles_is_refused():
    with pytest.raises(ParameterError, match=r"^Argument `rho0` must be finite"):
        ENGINE.evolve(np.array([1, 0, 0, 0], dtype=np.longdouble) * np.longdouble("1e400"), [1.0])


def test_a_span_of_time_is_no_whole_number():
    """NumPy counts its spans of time among its integers."""
    span = np.timedelta64(2, "s")
    with pytest.raises(ParameterError, match=r"^Argument `N` must be a whole number >= 2, but got"):
        CHAIN.replace(N=span)
    with pytest.raises(ParameterError, match=r"^Argument `pair` must name two different qubits from 1 to 2"):
        ENGINE.negativity((1, span))
    with pytest.raises(ParameterError, match=r"^Argument `sites` must name different sites from 0 to 1"):
        ENGINE.mutual_information([span])


@pytest.mark.parametrize("label", ["x", None, 2, ["h"]])
def test_a_derivative_by_the_temperature_of_no_bath(label):
    """Whatever was no 1 was taken for the third reservoir."""
    three = ThreeQubitMachine(g13=0.05, g23=0.05, gamma_1=0.1, gamma_3=0.1, T_1=1.0, T_3=1.0, U=15.0, mu=8.0)
    fridge = AbsorptionRefrigerator(E_h=4.0, g=1e-3, p_c=1e-3, p_r=1e-3, p_h=1e-3, T_c=1.0, T_r=1.5, T_h=5.0)
    for machine in (ENGINE, three, fridge, TRANSISTOR):
        with pytest.raises(ParameterError, match=r"^Argument `reservoir` must be one of"):
            machine.temperature_derivative(label)
