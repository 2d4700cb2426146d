"""Machines at every representable parameter: right by the laws, or a QteError; never a warning or a NaN."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qte.common.errors import IllConditioned, ParameterError, QteError, ValidityWarning
from qte.machines import (
    CommonReservoirEngine,
    Junction,
    SpinChain,
    ThreeQubitMachine,
    TwoQubitEngine,
    WStateMachine,
)
from qte.machines.boundary_driven import BoundaryDriven
from qte.machines.refrigerator import AbsorptionRefrigerator
from qte.machines.three_qubit import DetunedThreeQubitMachine
from qte.machines.transistor import ThermalTransistor

TEMPERATURES = [0.0, -0.0, 5e-324, 1e-300, 1e-10, 0.1, 0.5, 1.0, 3.0, 1e10, 1e100, 1e308]
RATES = [0.0, -0.0, 5e-324, 1e-300, 1e-100, 1e-12, 0.01, 0.1, 1.0, 1e12, 1e100]
GAPS = [5e-324, 1e-300, 1e-12, 0.5, 1.0, 1.0, 1.0, 2.0, 1e10, 1e100]
COUPLINGS = [0.0, -0.0, 5e-324, 1e-300, 1e-100, 1e-9, 0.05, -0.05, 0.3, 1.0, 1e100, -1e100]
REPULSIONS = [0.0, -0.0, 5e-324, 1e-300, 1.0, 5.0, 1e10, 1e100, np.inf]
DRIVES = [0.0, -0.0, 1e-300, 1.0, 3.0, -5.0, 1e10, 1e100, np.inf]
STATISTICS = ["bose", "fermi"]
MACHINES = [
    (
        TwoQubitEngine,
        {
            "eps_h": GAPS,
            "delta": COUPLINGS,
            "g": COUPLINGS,
            "gamma_h": RATES,
            "gamma_c": RATES,
            "T_h": TEMPERATURES,
            "T_c": TEMPERATURES,
            "kappa_c": COUPLINGS,
            "statistics_h": STATISTICS,
            "statistics_c": STATISTICS,
            "approach": ["local", "global", "redfield"],
        },
    ),
    (
        DetunedThreeQubitMachine,
        {
            "eps": GAPS,
            "g13": COUPLINGS,
            "g23": COUPLINGS,
            "gamma_1": RATES,
            "gamma_3": RATES,
            "T_1": TEMPERATURES,
            "T_3": TEMPERATURES,
            "U": REPULSIONS,
            "mu": DRIVES,
            "dephasing": RATES,
            "detuning": [0.0, 0.0, *COUPLINGS],
        },
    ),
    (
        CommonReservoirEngine,
        {
            "eps_A": GAPS,
            "eps_B": GAPS,
            "Omega": COUPLINGS,
            "T_A": TEMPERATURES,
            "T_B": TEMPERATURES,
            "T_C": TEMPERATURES,
            "Gamma_A": RATES,
            "Gamma_CA": RATES,
            "Gamma_CB": RATES,
            "dephasing": RATES,
        },
    ),
    (
        WStateMachine,
        {
            "n": [2],
            "eps": GAPS,
            "g": COUPLINGS,
            "gamma": RATES,
            "T": TEMPERATURES,
            "U": REPULSIONS,
            "mu": DRIVES,
            "mu_sink": DRIVES,
            "coulomb": ["triangles", "equal"],
        },
    ),
    (
        SpinChain,
        {
            "N": [2, 3],
            "omega": GAPS,
            "g": COUPLINGS,
            "gamma_L": RATES,
            "gamma_R": RATES,
            "T_L": TEMPERATURES,
            "T_R": TEMPERATURES,
            "statistics_L": STATISTICS,
            "system": ["qubit", "oscillator"],
        },
    ),
    (
        Junction,
        {
            "omega": GAPS,
            "gamma_L": RATES,
            "gamma_R": RATES,
            "T_L": TEMPERATURES,
            "T_R": TEMPERATURES,
            "statistics_R": STATISTICS,
        },
    ),
    (
        AbsorptionRefrigerator,
        {
            "E_c": GAPS,
            "E_h": GAPS,
            "g": COUPLINGS,
            "p_c": RATES,
            "p_r": RATES,
            "p_h": RATES,
            "T_c": TEMPERATURES,
            "T_r": TEMPERATURES,
            "T_h": TEMPERATURES,
        },
    ),
    (
        ThermalTransistor,
        {
            "omega_LM": COUPLINGS,
            "omega_MR": COUPLINGS,
            "omega_RL": COUPLINGS,
            "omega_M": COUPLINGS,
            "kappa": RATES,
            "T_L": TEMPERATURES,
            "T_M": TEMPERATURES,
            "T_R": TEMPERATURES,
        },
    ),
]
TAME = {
    "g": 0.05,
    "T": 0.5,
    "gamma": 0.1,
    "Gamma": 0.1,
    "eps": 1.0,
    "omega": 1.0,
    "U": 5.0,
    "mu": 3.0,
    "Omega": 0.05,
    "p": 0.01,
    "kappa": 0.01,
    "E": 1.0,
}


def answer(machine, name, *arguments):
    try:
        return np.asarray(getattr(machine, name)(*arguments))
    except QteError:
        return None


def obeys_the_laws(machine) -> None:
    chain = isinstance(machine, BoundaryDriven)
    state = answer(machine, "steady_state")
    if state is None and not chain:
        return
    heats = [answer(machine, "heat_current", label) for label in machine.temperatures()]
    numbers = [answer(machine, name) for name in ("net_current", "contrast", "conductance")]
    if isinstance(machine, ThermalTransistor):
        numbers += [answer(machine, "amplification", label) for label in "LR"]
    for number in (*heats, *numbers):
        assert number is None or not np.isnan(number).any()
    residual = answer(machine, "first_law_residual")
    assert residual is None or np.abs(residual) < 1e-9
    produced = answer(machine, "entropy_production")
    assert produced is None or not np.isnan(produced)
    if state is None:
        return
    for name, top in (("negativity", 0.5), ("concurrence", 1.0)):
        value = answer(machine, name)
        assert value is None or 0 <= value <= top + 1e-12
    assert abs(np.trace(state.item().rho) - 1) < 1e-12
    if machine.generator.completely_positive:
        assert state.item().min_eigenvalue > -1e-12
    dim = machine.generator.dim
    path = answer(machine, "evolve", np.eye(dim) / dim, [1e-300, 1.0])
    assert path is None or np.abs(np.trace(path.item().rho, axis1=1, axis2=2) - 1).max() < 1e-12


@pytest.mark.parametrize(("machine", "choices"), MACHINES, ids=lambda x: getattr(x, "__name__", ""))
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_laws_hold_at_the_ends_of_the_range(machine, choices, data):
    """Some parameters are anything that a double can be, the others are tame."""
    wild = data.draw(st.sets(st.sampled_from(sorted(choices)), max_size=4))
    params = {}
    for name, values in choices.items():
        tame = TAME.get(name, TAME.get(name.split("_")[0].rstrip("123"), values[0]))
        params[name] = data.draw(st.sampled_from(values)) if name in wild else tame
    if not isinstance(params.get("approach", "local"), str):
        params["approach"] = "local"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ValidityWarning)
        try:
            built = machine(**params)
        except QteError:
            return
        obeys_the_laws(built)


@pytest.fixture(autouse=True)
def strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ValidityWarning)
        yield


PAIR = {"g": 0.05, "gamma_h": 0.01, "gamma_c": 0.02, "T_h": 1.0, "T_c": 0.5}
THREE = {
    "g13": 0.05,
    "g23": 0.05,
    "gamma_1": 0.1,
    "gamma_3": 0.1,
    "T_1": 0.5,
    "T_3": 0.2,
    "U": 5.0,
    "mu": 3.0,
}


def test_a_time_of_a_thousand_doublings():
    path = TwoQubitEngine(**PAIR).evolve("10", [1e300])
    assert path.rho[0] == pytest.approx(TwoQubitEngine(**PAIR).steady_state().rho, abs=1e-13)
    slow = CommonReservoirEngine(eps_A=1.0, eps_B=1.0, Omega=-0.05, T_A=1e10, T_B=3.0, T_C=0.5)
    assert np.trace(slow.evolve("10", [1e300]).rho[0]) == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("t", [5e-324, 1e-300, 1e-200])
def test_the_coldest_bath_is_a_bath_at_zero(t):
    cold, frozen = (TwoQubitEngine(**PAIR | {"T_c": t}) for t in (t, 0.0))
    assert cold.net_current() == frozen.net_current()
    assert cold.entropy_production() > 1e190
    assert cold.validity()["second-law residual"].value == 0
    chain = SpinChain(N=3, g=0.05, gamma_L=0.1, gamma_R=0.1, T_L=1.0, T_R=t)
    assert chain.net_current() == chain.replace(T_R=0.0).net_current() > 0
    assert Junction(gamma_L=0.1, gamma_R=0.1, T_L=t, T_R=0.0).net_current() == 0


def test_baths_that_agree_need_no_digits_of_a_current():
    """What is left of the currents of an equilibrium is round-off, and no violation of a law."""
    for machine in (
        CommonReservoirEngine(eps_A=1.0, eps_B=1.0, Omega=0.1, T_A=0.5, T_B=0.5, T_C=0.5),
        TwoQubitEngine(g=0.05, gamma_h=0.1, gamma_c=0.01, T_h=0.2, T_c=0.2, approach="global"),
    ):
        assert machine.first_law_residual() == 0
    assert np.abs(TwoQubitEngine(**PAIR).first_law_residual()) < 1e-13


@pytest.mark.parametrize("factor", [1e-200, 1e-120, 1e90])
def test_a_chain_does_not_know_its_unit_of_energy(factor):
    """Energies, temperatures and rates a hundred orders of magnitude up or down: the same numbers."""
    p = {"omega": 1.0, "g": 0.05, "gamma_L": 0.1, "gamma_R": 0.02, "T_L": 1.0, "T_R": 0.4}
    here, there = (SpinChain(N=3, **{k: v * f for k, v in p.items()}) for f in (1.0, factor))
    assert there.particle_current("L") / factor == pytest.approx(float(here.particle_current("L")), rel=1e-13)
    assert there.contrast() == pytest.approx(float(here.contrast()), rel=1e-13)
    with pytest.raises(IllConditioned, match="The contrast leaves the range of a double on the way"):
        here.replace(g=1e-160).contrast()


def test_a_link_whose_square_is_no_double():
    """g = 1e-170: what passes is 4 g^2/(sum of rates), times the bias."""
    chain = SpinChain(N=2, g=1e-170, gamma_L=1e-170, gamma_R=1e-170, T_L=1.0, T_R=0.5, statistics_L="fermi")
    whole = chain.replace(g=1.0, gamma_L=1.0, gamma_R=1.0)
    assert chain.particle_current("L") / 1e-170 == pytest.approx(
        float(whole.particle_current("L")), rel=1e-13
    )


def test_a_relaxation_beyond_all_bounds_is_refused():
    with pytest.raises(ParameterError) as caught:
        Junction(omega=5e-324, gamma_L=0.1, gamma_R=0.1, T_L=0.5, T_R=0.2).net_current()
    assert str(caught.value) == (
        "Argument `gamma_L` must relax at a rate (gamma, times coth or tanh of omega/2T) <= 1e+100, but got 0.1."
    )


def test_occupations_beyond_all_bounds_are_refused():
    chain = SpinChain(
        N=2, omega=5e-324, g=0.1, gamma_L=0.1, gamma_R=0.1, T_L=1.0, T_R=0.5, system="oscillator"
    )
    for call in (chain.net_current, chain.occupations, chain.replace(T_R=1.0).conductance):
        with pytest.raises(ParameterError) as caught:
            call()
        assert caught.value.name == "omega"
        assert caught.value.allowed.startswith("be no smaller than 1e-300 times the temperatures")


def test_whole_number_rates_of_restricted_generators_and_of_one_frequency():
    """Rates that are sums of doubles, where states are left out or two frequencies count as one."""
    inner = WStateMachine(n=2, g=1e-20, gamma=1000.0, T=1.0, U=np.inf, mu=-5.0, mu_sink=1e-300)
    assert np.isfinite(inner.net_current())
    tiny = {"eps_A": 1e-300, "eps_B": 1e-300, "Omega": 0.0, "T_A": 0.1, "T_B": 1.0, "T_C": 0.1}
    one = CommonReservoirEngine(**tiny, Gamma_A=0.1, Gamma_B=0.001, Gamma_CA=1e-30, Gamma_CB=1e-3)
    assert answer(one, "net_current") is None or np.isfinite(one.net_current())


def test_zero_heat_adds_no_entropy_however_cold_the_bath():
    idle = WStateMachine(n=2, eps=1e-3, g=1e-9, gamma=0.1, T=5e-324, U=0.0, mu=1.0, mu_sink=3.0)
    assert idle.entropy_production() == 0
    three = ThreeQubitMachine(**THREE | {"T_3": -0.0, "gamma_3": 1e-100, "mu": 0.001})
    assert np.isfinite(three.net_current())
