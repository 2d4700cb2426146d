"""Hierarchies of equations against closed forms: levels without interaction, equilibrium, weak coupling."""

import builtins
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from qte.common.errors import ParameterError
from qte.exact import von_neumann
from qte.exact.hierarchy import (
    DrudeLorentzBath,
    FermionicLead,
    Hierarchy,
    MissingExtra,
    OpenSystem,
    Resolution,
    cost,
)
from qte.exact.hierarchy_convergence import NotConverged, converged, distance
from qte.exact.langevin import CoupledOscillators
from qte.physics.baths import Bath
from qte.physics.spectral_densities import drude_lorentz

LOWER = np.array([[0.0, 0.0], [1.0, 0.0]])
FULL = np.diag([1.0, 0.0])
# Jordan-Wigner: the second level anticommutes with the first.
FIRST, SECOND = np.kron(LOWER, np.eye(2)), np.kron(np.diag([-1.0, 1.0]), LOWER)
NUMBER = FIRST.T @ FIRST + SECOND.T @ SECOND
LEFT = {"gamma": 0.3, "T": 1.0, "mu": 0.7, "width": 10.0, "centre": 0.2}
RIGHT = {"gamma": 0.5, "T": 0.6, "mu": -0.4, "width": 6.0, "centre": 0.0}


def fermi(w: float, lead: dict) -> float:
    return 0.5 * (1 - np.tanh((w - lead["mu"]) / (2 * lead["T"])))


def density(w: float, lead: dict) -> float:
    return lead["gamma"] * lead["width"] ** 2 / ((w - lead["centre"]) ** 2 + lead["width"] ** 2)


def self_energy(w: float, lead: dict) -> complex:
    return lead["gamma"] * lead["width"] / 2 / (w - lead["centre"] + 1j * lead["width"])


def integral(function) -> float:
    """Over all energies, over 2 pi."""
    edges = [-1e4, -300.0, -10.0, -2.0, -0.4, 0.5, 1.0, 3.0, 10.0, 300.0, 1e4]
    parts = [quad(function, low, high, limit=500, epsabs=1e-13)[0] for low, high in pairwise(edges)]
    return sum(parts) / (2 * np.pi)


def one_level(energy: float = 0.5) -> OpenSystem:
    leads = (
        FermionicLead(name="L", operator=LOWER, **LEFT),
        FermionicLead(name="R", operator=LOWER, **RIGHT),
    )
    return OpenSystem(energy * FULL, leads)


def two_levels(repulsion: float = 0.0, left: dict = LEFT, right: dict = RIGHT) -> OpenSystem:
    hop = FIRST.T @ SECOND
    h = 0.5 * FIRST.T @ FIRST + 0.3 * SECOND.T @ SECOND + 0.4 * (hop + hop.T)
    h = h + repulsion * FIRST.T @ FIRST @ SECOND.T @ SECOND
    leads = (
        FermionicLead(name="L", operator=FIRST, **left),
        FermionicLead(name="R", operator=SECOND, **right),
    )
    return OpenSystem(h, leads)


def test_the_resonant_level_is_that_of_the_landauer_formula() -> None:
    def spectral(w: float) -> float:
        return 1 / abs(w - 0.5 - self_energy(w, LEFT) - self_energy(w, RIGHT)) ** 2

    filled = integral(lambda w: spectral(w) * sum(density(w, x) * fermi(w, x) for x in (LEFT, RIGHT)))
    current = integral(
        lambda w: spectral(w) * density(w, LEFT) * density(w, RIGHT) * (fermi(w, LEFT) - fermi(w, RIGHT))
    )
    steady = Hierarchy(one_level(), Resolution(depth=2, terms=12)).steady_state()
    assert steady.state[0, 0].real == pytest.approx(filled, rel=1e-8)
    assert steady.current("L", FULL) == pytest.approx(current, rel=1e-8)
    assert steady.current("R", FULL) == pytest.approx(-current, rel=1e-8)
    # the first level alone, sequential tunnelling, is far off: the comparison can fail
    rough = Hierarchy(one_level(), Resolution(depth=1, terms=12)).steady_state()
    assert abs(rough.state[0, 0].real / filled - 1) > 0.05


def test_particle_and_energy_currents_through_two_levels_are_those_of_the_landauer_formula() -> None:
    def passed(w: float) -> float:
        green = np.linalg.inv(
            [[w - 0.5 - self_energy(w, LEFT), -0.4], [-0.4, w - 0.3 - self_energy(w, RIGHT)]]
        )
        return (
            density(w, LEFT) * density(w, RIGHT) * abs(green[0, 1]) ** 2 * (fermi(w, LEFT) - fermi(w, RIGHT))
        )

    steady = Hierarchy(two_levels(), Resolution(depth=2, terms=10)).steady_state()
    assert steady.current("L", NUMBER) == pytest.approx(integral(passed), rel=1e-9)
    assert steady.energy_current("L") == pytest.approx(integral(lambda w: w * passed(w)), rel=1e-9)
    assert steady.energy_current("R") == pytest.approx(-steady.energy_current("L"), rel=1e-10)


@pytest.mark.parametrize("system", [one_level(), two_levels(), two_levels(2.0)])
def test_the_second_order_von_neumann_equation_is_the_hierarchy_of_depth_two(system: OpenSystem) -> None:
    steady = Hierarchy(system, Resolution(depth=2, terms=7)).steady_state()
    again = von_neumann.steady_state(system, terms=7)
    assert distance(steady.state, again.state) < 1e-13
    for name, flow in steady.flows.items():
        np.testing.assert_allclose(again.flows[name], flow, rtol=0, atol=1e-14)


def test_the_pade_expansion_is_the_fermi_function() -> None:
    residues, poles = von_neumann.pade(10)
    for x in (0.1, 2.0, 12.0, 30.0):
        rational = 0.5 - np.sum(2 * residues * x / (x**2 + poles**2))
        assert rational == pytest.approx(0.5 * (1 - np.tanh(x / 2)), abs=1e-9)
    bath = DrudeLorentzBath(name="b", operator=FIRST + FIRST.T, strength=0.1, cutoff=1.0, T=1.0)
    bosonic = replace(two_levels(), environments=(bath,))
    with pytest.raises(ParameterError, match="fermionic leads"):
        von_neumann.steady_state(bosonic, 4)


def test_nothing_flows_in_equilibrium_whatever_the_interaction() -> None:
    right = RIGHT | {"T": LEFT["T"], "mu": LEFT["mu"]}
    steady = Hierarchy(two_levels(2.0, right=right), Resolution(depth=3, terms=3)).steady_state()
    driven = Hierarchy(two_levels(2.0), Resolution(depth=3, terms=3)).steady_state()
    assert abs(driven.current("L", NUMBER)) > 0.01
    # to the depth's own accuracy: gamma/T = 0.5 leaves a thousandth of the driven current
    assert abs(steady.current("L", NUMBER)) < 2e-3 * abs(driven.current("L", NUMBER))


def test_weakly_coupled_leads_leave_the_grand_canonical_state() -> None:
    weak = {"gamma": 1e-4, "T": 0.8, "mu": 0.3, "width": 50.0}
    system = two_levels(1.5, weak, weak)
    energies, states = np.linalg.eigh(system.hamiltonian - 0.3 * NUMBER)
    gibbs = states @ np.diag(np.exp(-energies / 0.8)) @ states.conj().T
    gibbs /= np.trace(gibbs)
    steady = Hierarchy(system, Resolution(depth=2, terms=4)).steady_state()
    assert distance(steady.state, gibbs) < 3e-4
    assert steady.least() > 0


def test_a_wide_band_gives_the_rate_gamma() -> None:
    lead = FermionicLead(name="L", operator=LOWER, gamma=0.01, T=1.0, mu=0.5, width=200.0)
    system = OpenSystem(0.5 * FULL, (lead,))
    hierarchy = Hierarchy(system, Resolution(depth=2, terms=8))
    assert 1 / hierarchy.settling_time(FULL, np.diag([0.0, 1.0])) == pytest.approx(0.01, rel=0.02)


def test_a_drude_lorentz_bath_heats_and_empties_at_its_rate() -> None:
    gap, cutoff, T, strength = 1.0, 2.0, 0.7, 1e-5
    bath = DrudeLorentzBath(name="h", operator=LOWER + LOWER.T, strength=strength, cutoff=cutoff, T=T)
    hierarchy = Hierarchy(OpenSystem(gap * FULL, (bath,)), Resolution(depth=2, terms=5))
    n = 1 / np.expm1(gap / T)
    rate = 4 * strength * cutoff * gap / (gap**2 + cutoff**2) * (1 + 2 * n)
    assert 1 / hierarchy.settling_time(FULL, np.diag([0.0, 1.0])) == pytest.approx(rate, rel=1e-4)
    assert hierarchy.steady_state().state[0, 0].real == pytest.approx(n / (1 + 2 * n), rel=1e-4)


def test_heat_of_two_oscillator_baths_is_conserved() -> None:
    cross = np.kron(LOWER, LOWER.T)
    h = np.kron(FULL, np.eye(2)) + np.kron(np.eye(2), FULL) + 0.1 * (cross + cross.T)
    x = LOWER + LOWER.T
    hot = DrudeLorentzBath(name="h", operator=np.kron(x, np.eye(2)), strength=0.01, cutoff=1.0, T=1.0)
    cold = DrudeLorentzBath(name="c", operator=np.kron(np.eye(2), x), strength=0.01, cutoff=1.0, T=0.3)
    found = converged(OpenSystem(h, (hot, cold)), Resolution(depth=3, terms=4), 1e-4)
    flow = found.steady.energy_current("h")
    assert flow > 1e-3
    assert found.steady.energy_current("c") == pytest.approx(-flow, rel=1e-9)
    assert found.certificate.width == 0
    deeper = Hierarchy(OpenSystem(h, (hot, cold)), Resolution(depth=4, terms=4)).steady_state()
    assert distance(deeper.state, found.steady.state) < found.certificate.depth


def test_a_hierarchy_that_is_not_converged_is_refused_with_what_it_needs() -> None:
    with pytest.raises(NotConverged) as caught:
        converged(two_levels(2.0), Resolution(depth=2, terms=4), 1e-6)
    told = str(caught.value)
    assert "depth 2 leaves" in told
    assert "take 3 or more" in told
    assert "4 Padé terms leave" in told
    assert "bands of width 6 are" in told
    assert "auxiliary operators" in told
    assert caught.value.certificate.largest > 1e-6


def test_what_is_left_bounds_what_a_finer_hierarchy_changes() -> None:
    weak = {"gamma": 0.05, "T": 1.0, "mu": 0.7, "width": 40.0}
    system = two_levels(2.0, weak, weak | {"mu": -0.4})
    found = converged(system, Resolution(depth=2, terms=4), 0.05)
    left = found.certificate
    state = found.steady.state
    assert distance(Hierarchy(system, Resolution(3, 4)).steady_state().state, state) < left.depth
    assert distance(Hierarchy(system, Resolution(2, 9)).steady_state().state, state) < left.terms
    flat = Hierarchy(system.widened(16.0), Resolution(2, 12)).steady_state().state
    assert distance(flat, Hierarchy(system, Resolution(2, 12)).steady_state().state) < left.width


def test_the_cost_is_counted_before_anything_is_built() -> None:
    leads = tuple(
        FermionicLead(name=k, operator=op, gamma=0.1, T=1.0, mu=0.0, width=50.0)
        for k, op in enumerate((FIRST, SECOND))
    )
    system = OpenSystem(np.kron(FULL, FULL), leads)
    assert cost(system, Resolution(depth=2, terms=8)).operators == 667
    built = Hierarchy(system, Resolution(depth=3, terms=2))._solver.ados.labels
    assert cost(system, Resolution(depth=3, terms=2)).operators == len(built)
    bath = DrudeLorentzBath(name="b", operator=FIRST + FIRST.T, strength=0.1, cutoff=1.0, T=1.0)
    mixed = replace(system, environments=(leads[0], bath))
    built = Hierarchy(mixed, Resolution(depth=3, terms=2))._solver.ados.labels
    assert cost(mixed, Resolution(depth=3, terms=2)).operators == len(built)
    with pytest.raises(ParameterError, match="must fit 6000 MB; depth 5 with 20 terms needs"):
        Hierarchy(system, Resolution(depth=5, terms=20))


def test_bad_systems_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"`T` must be a real number, > 0"):
        FermionicLead(name="L", operator=LOWER, **LEFT | {"T": 0.0})
    with pytest.raises(ParameterError, match="anticommute"):
        OpenSystem(
            np.kron(FULL, FULL),
            (
                FermionicLead(name="L", operator=FIRST, **LEFT),
                FermionicLead(name="R", operator=np.kron(np.eye(2), LOWER), **RIGHT),
            ),
        )
    with pytest.raises(ParameterError, match="Hermitian"):
        OpenSystem(LOWER, one_level().environments)
    with pytest.raises(ParameterError, match="name of its own"):
        OpenSystem(FULL, one_level().environments[:1] * 2)
    with pytest.raises(ParameterError, match="couple to the system apart from 'R'"):
        Hierarchy(one_level(), Resolution(2, 3)).steady_state().energy_current("L")


def test_without_qutip_one_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args, **kwargs):
        if name.startswith("qutip"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtra, match=r"pip install 'qte\[exact\]'"):
        Hierarchy(one_level(), Resolution(2, 3)).steady_state()


def two_oscillators(levels: int, T_h: float, T_c: float) -> tuple[OpenSystem, np.ndarray]:
    """Coupled oscillators cut at some levels, baths and counter-terms as `CoupledOscillators` has them; x^2."""
    a = np.diag(np.sqrt(np.arange(1, levels + 8)), 1)
    x, p = (a + a.T) / np.sqrt(2), (a - a.T) / np.sqrt(2)
    x, x2, p2 = (operator[:levels, :levels] for operator in (x, x @ x, -p @ p))
    gamma, cutoff, spring, one = 0.05, 1.0, 0.1, np.eye(levels)
    strength = gamma * cutoff / 4
    single = (p2 + x2) / 2 + strength * x2
    h = np.kron(single, one) + np.kron(one, single) - spring * np.kron(x, x)
    baths = (
        DrudeLorentzBath(name="h", operator=np.kron(x, one), strength=strength, cutoff=cutoff, T=T_h),
        DrudeLorentzBath(name="c", operator=np.kron(one, x), strength=strength, cutoff=cutoff, T=T_c),
    )
    return OpenSystem(h, baths), np.kron(x2, one)


def test_cold_oscillators_are_those_of_the_quantum_langevin_equation() -> None:
    T_h, T_c = 0.3, 0.2
    hot, cold = (Bath(T, 0.05, spectral_density=drude_lorentz(1.0)) for T in (T_h, T_c))
    exact = CoupledOscillators([[1.0, -0.1], [-0.1, 1.0]], {"h": (0, hot), "c": (1, cold)})
    off = []
    for levels in (3, 4):
        system, x2 = two_oscillators(levels, T_h, T_c)
        steady = Hierarchy(system, Resolution(depth=2, terms=4)).steady_state()
        off.append(abs(steady.energy_current("h") / float(exact.heat_current("h")) - 1))
        spread = float(np.trace(steady.state @ x2).real)
    assert off[1] < 3e-4
    # what is left is what the levels leave, a factor of exp(-1/T_h) each
    assert off[1] < off[0] / 15
    assert spread == pytest.approx(float(exact.covariance()[0, 0]), rel=3e-5)
