"""santiagogarcia2024: printed equations against the master equation, and what its figures say.

Where a printed formula or a sentence does not hold, a test says so with numbers.
"""

from __future__ import annotations

import itertools
import time
from functools import cache
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import yaml

from qte.common.errors import ParameterError
from qte.common.optimise import NotRefined, maximise, require_accuracy
from qte.data import studies
from qte.data.tables import Table
from qte.machines import Junction, SpinChain, TwoQubitEngine
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import equations_appendix as ap
from qte.papers.santiagogarcia2024 import equations_global as eg
from qte.papers.santiagogarcia2024.bridge import Bridge
from qte.physics.operators import embed
from qte.solver.blocks import from_unknowns, superoperator, to_unknowns
from tests.reference import DIGITS

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
TABLES = CONFIG["tables"]["santiagogarcia2024"]
DRAWS = 200
BATH = {1: "bose", -1: "fermi"}
SYSTEM = {1: "oscillator", -1: "qubit"}
SIGNS = list(itertools.product((1, -1), repeat=3))
HYBRIDS = [s for s in SIGNS if s[0] != s[1]]
QUBITS = (1, 1, -1)


@cache
def table_of(name: str) -> Table:
    entry = TABLES[name]
    return studies.run(f"santiagogarcia2024.{entry['study']}", entry["params"], entry.get("ours", ()))[0]


def draws(seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "omega": rng.uniform(0.5, 2.0, DRAWS),
        "gamma_L": 10 ** rng.uniform(-3, 0, DRAWS),
        "gamma_R": 10 ** rng.uniform(-3, 0, DRAWS),
        "T_L": 10 ** rng.uniform(-1, 1, DRAWS),
        "T_R": 10 ** rng.uniform(-1, 1, DRAWS),
    }


def couplings(seed: int = 2) -> np.ndarray:
    return 10 ** np.random.default_rng(seed).uniform(-3, 0, DRAWS)


def kind(signs: tuple[int, int, int]) -> dict[str, str]:
    left, right, own = signs
    return {"statistics_L": BATH[left], "statistics_R": BATH[right], "system": SYSTEM[own]}


def both(signs: tuple[int, int, int] = QUBITS, **changes: Any) -> tuple[Junction, SpinChain, Bridge]:
    """One system, two systems, and the parameters of the printed equations."""
    p = draws() | changes
    left, right, own = signs
    printed = Bridge(**p, g=couplings(), epsilon_L=left, epsilon_R=right, epsilon_a=own)
    return Junction(**p, **kind(signs)), SpinChain(N=2, g=couplings(), **p, **kind(signs)), printed


def strong(**changes: Any) -> tuple[TwoQubitEngine, Bridge]:
    p = draws(3) | changes
    g = np.random.default_rng(4).uniform(0.05, 0.95, DRAWS) * p["omega"]
    engine = TwoQubitEngine(
        eps_h=p["omega"],
        g=g,
        gamma_h=p["gamma_L"],
        gamma_c=p["gamma_R"],
        T_h=p["T_L"],
        T_c=p["T_R"],
        approach="global",
    )
    return engine, Bridge(**p, g=g)


def point(p: Bridge, k: int) -> Bridge:
    names = ("omega", "g", "gamma_L", "gamma_R", "T_L", "T_R")
    return Bridge(**{name: np.broadcast_to(getattr(p, name), (DRAWS,))[k] for name in names})


def close(a: Any, b: Any, error: float = 1e-10) -> bool:
    """Equal to a relative error at every draw."""
    return bool(np.all(np.abs(np.asarray(a) - b) <= error * np.abs(b)))


# ---- equations that hold -----------------------------------------------------------------------


@pytest.mark.parametrize("signs", SIGNS)
def test_weak_coupling_currents_and_contrast(signs):
    one, two, p = both(signs)
    assert close(eq.eq07_heat_current(p), one.net_current())
    assert close(eq.eq05_heat_current(p), two.net_current())
    # eqs. (4) and (26) subtract what goes back from what comes in
    left, right = two.occupations().T
    assert np.abs(eq.eq04_heat_flow(p, "L", left) - two.heat_current("L")).max() < 1e-12
    assert np.abs(eq.eq04_heat_flow(p, "R", right) - two.heat_current("R")).max() < 1e-12
    assert np.abs(ap.eq26_heat_current(p, left) - two.net_current()).max() < 1e-12
    assert np.abs(eq.eq08_contrast(p) - two.contrast()).max() < 1e-10
    assert np.all((eq.eq06_scaling(p) > 0) & (eq.eq06_scaling(p) < 1))


@pytest.mark.parametrize("signs", SIGNS)
def test_moments(signs):
    _, two, p = both(signs)
    c = two.correlations()
    moments = ap.Moments(c[:, 0, 0].real, c[:, 1, 1].real, c[:, 1, 0])
    for change in (ap.eq27_change, ap.eq28_change, ap.eq29_change, ap.eq30_change):
        assert np.abs(change(p, moments)).max() < 1e-12
    assert close(ap.eq33_coherence(p), c[:, 1, 0])
    assert close(ap.text_coherence(p, two.net_current()), c[:, 1, 0])


def test_bosonic_baths_on_qubits():
    one, two, p = both()
    assert close(eq.eq10_heat_current(p), two.net_current())
    assert close(eq.eq11_heat_current(p), one.net_current())
    assert close(eq.eq19_heat_current(p), SpinChain(N=17, **draws(), g=couplings()).net_current())
    assert np.abs(eq.eq12_contrast(p) - one.contrast()).max() < 1e-10
    rho = two.steady_state().rho
    p1, p4 = ap.eq38_populations(p)
    assert close(p1, rho[:, 0, 0].real)
    assert close(p4, rho[:, 3, 3].real)
    assert np.abs(ap.text_concurrence(rho[:, 1, 2], p1, p4) - two.concurrence()).max() < 1e-12
    assert close(ap.text_critical_current(p, p1, p4), two.critical_current())
    state = ap.eq37_state(p1, rho[:, 1, 1].real, rho[:, 2, 2].real, p4, rho[:, 1, 2])
    assert np.abs(state - rho).max() < 1e-12
    for k in range(0, DRAWS, 20):
        assert np.abs(eq.eq02_master_equation(point(p, k), rho[k])).max() < 1e-12


def test_master_equations_are_the_machines():
    """Equal as maps, not only in the steady state."""
    engine, p = strong()
    chain = SpinChain(N=2, **draws(3), g=p.g)
    rng = np.random.default_rng(0)
    for k in range(0, DRAWS, 40):
        a = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
        rho = a @ a.conj().T / np.trace(a @ a.conj().T)
        for machine, printed in ((engine, eg.eq20_master_equation), (chain, eq.eq02_master_equation)):
            # the shift of the zero of energy drops out of the commutator
            assert np.abs(printed(point(p, k), rho) - change_of(machine, rho, k)).max() < 1e-12


def change_of(machine: Any, rho: np.ndarray, k: int) -> np.ndarray:
    generator = machine.generator
    start = to_unknowns(generator.to_frame(np.broadcast_to(rho, (DRAWS, 4, 4))))
    change = superoperator(generator).apply(start)
    return generator.to_computational(from_unknowns(change.reshape(16, DRAWS), 4))[k]


def test_eigenoperators_lower_one_mode():
    h = eq.eq18_hamiltonian(2, 1.0, 0.8)
    for site, sign in itertools.product((0, 1), eg.SIGNS):
        jump = eg.text_eigenoperator(site, sign)
        assert np.abs(h @ jump - jump @ h + (1 + sign * 0.8) * jump).max() < 1e-14


def test_commutator_and_chain_hamiltonian():
    lower = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert not eq.eq01_commutator(lower, -1).any()
    assert eq.eq01_commutator(lower, 1).any()
    for n in (2, 4):
        # the machine counts energy from the ground state
        chain = SpinChain(N=n, omega=1.3, g=0.2, gamma_L=1.0, gamma_R=1.0, T_L=1.0, T_R=1.0)
        shift = 1.3 * n / 2 * embed({}, n).toarray()
        assert (
            np.abs(eq.eq18_hamiltonian(n, 1.3, 0.2) + shift - chain.generator.hamiltonian_matrix).max()
            < 1e-14
        )


def test_strong_coupling():
    engine, p = strong()
    assert close(eg.eq21_heat_current(p), engine.net_current())
    t = draws(3)["T_L"]
    balanced, q = strong(T_R=t)
    assert close(eg.eq25_conductance(q), balanced.conductance())


def test_conductance_at_weak_coupling():
    t = draws()["T_L"]
    one, two, p = both(T_R=t)
    assert close(eq.eq14_conductance(p), two.conductance())
    assert close(eq.text_conductance(p), one.conductance())
    assert close(SpinChain(N=9, **draws() | {"T_R": t}, g=couplings()).conductance(), two.conductance())
    assert np.all(two.conductance() < one.conductance())


def test_scaling_factors():
    table = table_of("fig6")
    assert table.facts["difference_from_eqs_34_to_36_below"] <= 1e-12
    assert table.facts["alpha_0_of_bosons_on_oscillators_differs_by_less_than"] <= 1e-12
    assert table.facts["smallest_alpha_2_minus_alpha_0"] > 0
    assert table.facts["smallest_alpha_0_minus_alpha_1"] > 0


@pytest.mark.parametrize("rates", [(0.01, 0.02, 0.01), (0.02, 0.02, 0.005), (0.5, 0.1, 0.03)])
def test_negative_differential_conductance(rates):
    gamma_l, gamma_r, g = rates

    def current(t: np.ndarray) -> np.ndarray:
        return SpinChain(N=2, g=g, gamma_L=gamma_l, gamma_R=gamma_r, T_L=t, T_R=0.0).net_current()

    top = maximise(current, 0.05, 100.0, scale="log")
    threshold = eq.eq17_threshold(Bridge(g=g, gamma_L=gamma_l, gamma_R=gamma_r, T_L=1.0, T_R=0.0))
    assert abs(top.x - threshold) < 1e-8 * threshold
    for factor, sign in ((0.9, 1), (1.1, -1)):
        p = Bridge(g=g, gamma_L=gamma_l, gamma_R=gamma_r, T_L=factor * threshold, T_R=0.0)
        assert np.sign(eq.eq16_slope(p)) == sign


@pytest.mark.parametrize("signs", SIGNS)
def test_the_current_of_one_system_always_rises(signs):
    _, _, p = both(signs)
    # with an infinite g the factor alpha is 1 and eq. (16) is the slope of J^(1)
    free = Bridge(**draws(), g=1e9, epsilon_L=signs[0], epsilon_R=signs[1], epsilon_a=signs[2])
    assert np.all(eq.eq16_slope(free) > 0)
    step = 1e-6 * p.T_L
    ends = [Bridge(**draws() | {"T_L": p.T_L + s * step}, g=couplings(), **signs_of(signs)) for s in (1, -1)]
    slope = (eq.eq05_heat_current(ends[0]) - eq.eq05_heat_current(ends[1])) / (2 * step)
    assert np.allclose(eq.eq16_slope(p), slope, rtol=1e-5, atol=1e-8)


def signs_of(signs: tuple[int, int, int]) -> dict[str, int]:
    return dict(zip(("epsilon_L", "epsilon_R", "epsilon_a"), signs, strict=True))


@pytest.mark.parametrize("signs", SIGNS)
def test_two_systems_rectify_like_one_if_the_baths_are_alike(signs):
    one, two, _ = both(signs)
    difference = np.abs(two.contrast() - one.contrast())
    if signs in HYBRIDS:
        assert difference.min() > 1e-9
        assert difference.max() > 0.5
    else:
        assert difference.max() < 1e-13


def test_entropy_production_and_rectification():
    _, two, p = both()
    produced = ap.eq41_entropy_production(p, two.heat_current("L"), two.heat_current("R"))
    assert np.abs(produced - two.entropy_production()).max() < 1e-12
    swapped = two.replace(T_L=two.T_R, T_R=two.T_L)
    ratio = ap.eq42_rectification(two.net_current(), swapped.net_current())
    assert close(ap.eq42_rectification(two.entropy_production(), swapped.entropy_production()), ratio)
    # the contrast is a function of this ratio, so one is trivial where the other is
    assert np.abs(np.abs(1 - ratio) / (1 + ratio) - two.contrast()).max() < 1e-10


# ---- equations that do not hold as printed -----------------------------------------------------


@pytest.mark.parametrize("signs", SIGNS)
def test_eq13_is_half_of_the_conductance(signs):
    one, _, p = both(signs, T_R=draws()["T_L"])
    assert close(2 * eq.eq13_conductance(p), one.conductance())


@pytest.mark.parametrize("signs", SIGNS)
def test_eqs_31_and_32_have_a_misprint(signs):
    _, two, p = both(signs)
    first, second = two.occupations().T
    assert np.abs(ap.eq31_excitation(p) / first - 1).max() > 0.5
    assert np.abs(ap.eq32_excitation(p) / second - 1).max() > 0.5
    corrected = ap.corrected_excitations(p)
    assert close(corrected[0], first)
    assert close(corrected[1], second)


def test_eq39_needs_the_square_of_g():
    _, two, p = both()
    error = ap.eq39_critical_current(p) / two.critical_current() - 1
    assert -0.97 < error.min() < -0.9
    assert close(ap.corrected_critical_current(p), two.critical_current())


def test_entropy_production_is_half_of_what_the_text_says():
    _, two, p = both()
    assert close(ap.text_entropy_production(p, two.net_current()), 2 * two.entropy_production())


def test_eq24_needs_the_hot_bath_in_both_brackets():
    engine, p = strong(T_R=0.0)
    contrast = engine.contrast()
    assert np.abs(eg.corrected_contrast(p) - contrast).max() < 1e-10
    assert 0.2 < np.abs(eg.eq23_contrast(p) - contrast).max() < 0.3


def test_eq43_is_proportional_to_the_slope():
    t = draws(3)["T_L"]
    _, p = strong(T_R=t)
    scale = t**3 * (p.gamma_L + p.gamma_R) / (p.gamma_L * p.gamma_R)
    printed = eg.eq43_slope(p)
    for k in range(0, DRAWS, 20):

        def eq25(temperature, k=k):
            modes = [mp.mpf(p.omega[k]) + sign * mp.mpf(p.g[k]) for sign in eg.SIGNS]
            both_modes = sum(w**2 * mp.csch(w / temperature) / (2 * temperature**2) for w in modes)
            return both_modes / (1 / mp.mpf(p.gamma_L[k]) + 1 / mp.mpf(p.gamma_R[k]))

        with mp.workdps(DIGITS):
            slope = float(mp.diff(eq25, mp.mpf(t[k])))
        assert abs(printed[k] - scale[k] * slope) < 1e-12 * max(1, abs(printed[k]))


# ---- sentences -----------------------------------------------------------------------------------


def test_eq40_is_right_but_never_reached():
    """gamma_L = gamma_R, T_R = 0, bosonic baths: the text sees entanglement there; there is none."""
    rng = np.random.default_rng(8)
    gamma = 10 ** rng.uniform(-4, 0, 20000)
    g, hot = gamma * 10 ** rng.uniform(-6, 3, 20000), 10 ** rng.uniform(-1.5, 3, 20000)
    chain = SpinChain(N=2, g=g, gamma_L=gamma, gamma_R=gamma, T_L=hot, T_R=0.0)
    p = Bridge(g=g, gamma_L=gamma, gamma_R=gamma, T_L=hot, T_R=0.0)
    assert close(ap.eq40_critical_current(p), chain.critical_current())
    n = p.n("L")
    ratio = chain.net_current() / chain.critical_current()
    closed = 1 / np.sqrt((g / gamma) ** 2 * ((2 + n) / (1 + n)) ** 2 + 1 + n)
    assert np.abs(ratio - closed).max() < 1e-10
    assert ratio.max() < 1
    assert chain.concurrence().max() == 0
    # a cold bath at any temperature does not help
    warm = chain.replace(T_R=hot * rng.uniform(0, 1, 20000))
    assert warm.concurrence().max() == 0


def test_symmetric_couplings_can_entangle_with_a_fermionic_hot_bath():
    chain = SpinChain(N=2, g=1e-3, gamma_L=0.01, gamma_R=0.01, T_L=1.0, T_R=0.0, statistics_L="fermi")
    assert 0.006 < chain.concurrence() < 0.007
    assert chain.net_current() > chain.critical_current()


def test_contrast_at_high_temperature():
    ratio = np.array([0.05, 0.5, 2.0])
    expected = np.abs(ratio - 1) / (ratio + 1)
    one = Junction(gamma_L=0.02 * ratio, gamma_R=0.02, T_L=1e6, T_R=0.0)
    engine = TwoQubitEngine(g=0.8, gamma_h=0.02 * ratio, gamma_c=0.02, T_h=1e6, T_c=0.0, approach="global")
    assert np.abs(one.contrast() - expected).max() < 1e-6
    # the coupled pair gets there as slowly as 1/T_L: at 50 omega 1 % is missing
    assert np.abs(engine.contrast() - expected).max() < 1e-4
    late = table_of("fig4_upper").where(T_L=50.0)
    missing = 1 - late["C"][0] / late["limit"][0]
    assert 0.01 < missing < 0.04


def test_peaks_at_weak_coupling():
    facts = table_of("fig2").facts
    assert abs(facts["peak_temperature_of_one_qubit"] - 0.52219101688) < 1e-10
    # "a single peak around T = omega/2": 4 % above for one qubit, 15 % below for two
    assert abs(facts["peak_temperature_of_two_qubits"] - 0.427060253409) < 1e-10
    assert abs(facts["eq15_for_one_qubit"] / facts["peak_of_one_qubit"] - 0.998397) < 1e-6
    assert abs(facts["eq15_for_two_qubits"] / facts["peak_of_two_qubits"] - 0.965628) < 1e-6
    assert facts["two_qubits_differ_from_density_matrix_by_less_than"] <= 1e-12
    # the height does not depend on omega, as the text says
    for omega in (0.5, 3.0):
        study = studies.build(
            "santiagogarcia2024.weak_conductance", TABLES["fig2"]["params"] | {"omega": omega}
        )
        other = study._peaks()
        assert abs(other["peak_of_two_qubits"] / facts["peak_of_two_qubits"] - 1) < 1e-10


def test_root_of_figure_7():
    facts = table_of("fig7").facts
    assert facts["crossings"] == 1
    assert abs(facts["root_x"] - 1.91500804815) < 1e-11
    assert abs(facts["root_y"] - facts["peak_temperature_of_one_qubit_over_omega"]) < 1e-10
    assert abs(eg.eq46_excess(facts["root_x"])) < 1e-11


def test_peaks_at_strong_coupling():
    """Appendix E puts them at omega_±/2, the main text at omega_±; its Rabi splitting would be 2g."""
    facts = table_of("fig5").facts
    assert facts["difference_from_eq25_below"] <= 1e-12
    lower, upper = facts["lower_peak_over_omega_minus"], facts["upper_peak_over_omega_plus"]
    assert 0.522 < min(lower) < max(lower) < 0.537
    assert 0.434 < min(upper) < max(upper) < 0.495
    assert 0.82 < min(facts["separation_over_g"]) < max(facts["separation_over_g"]) < 0.99
    assert abs(facts["width_of_a_single_peak_over_omega"] - 1.5) < 0.04
    assert abs(facts["two_peaks_for_g_above"] - 0.66058254) < 1e-7
    # stationary by eq. (43) as well
    for name in ("temperature_of_lower_peak", "temperature_of_upper_peak"):
        t = np.array(facts[name])
        p = Bridge(g=np.array([0.9, 0.8, 0.7]), gamma_L=0.01, gamma_R=0.02, T_L=t, T_R=t)
        assert np.abs(eg.eq43_slope(p)).max() < 1e-8


def test_figure_4():
    upper, lower = table_of("fig4_upper"), table_of("fig4_lower")
    assert np.abs(upper["C"] - upper["C_eq23"]).max() < 1e-12
    assert np.abs(lower["C"] - lower["C_eq23"]).max() < 1e-12
    assert np.abs(lower["C_1"] - lower["C_1_eq12"]).max() < 1e-12
    # "from down to up" with T_L: not for the fourth, which lies below the third
    half = {t: upper.where(T_L=t, ratio=0.5)["C"][0] for t in upper.unique("T_L")}
    assert sorted(half, key=half.get) == [0.1, 0.2, 1.0, 0.5, 5.0, 50.0]
    # "a local maximum where one qubit's contrast is small", and beyond it one qubit "slightly" ahead
    assert np.allclose(lower.facts["local_maximum"], [0.1750971, 0.4981362], atol=1e-6)
    assert np.allclose(lower.facts["contrast_of_one_qubit_there"], [0.0266485, 0.1039482], atol=1e-6)
    assert np.allclose(lower.facts["largest_lead_of_one_qubit"], [0.034461, 0.0443885], atol=1e-6)
    # one qubit's contrast rises monotonically
    for _, _, contrast in lower.curves("T_L", "C_1", by="ratio"):
        assert np.all(np.diff(contrast) > 0)


# ---- studies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(TABLES))
def test_studies_check_quickly_and_say_their_parameters(name):
    entry = TABLES[name]
    build = studies.build(f"santiagogarcia2024.{entry['study']}", entry["params"])
    start = time.perf_counter()
    build.check()
    assert time.perf_counter() - start < 0.05
    assert studies.check_ours(f"santiagogarcia2024.{entry['study']}", entry["ours"]) is None


@pytest.mark.parametrize(
    ("name", "change", "wrong"),
    [
        ("fig2", {"gamma_L": -0.01}, "gamma_L"),
        ("fig4_upper", {"g": 1.0}, "g"),
        ("fig4_upper", {"ratio": {"start": 0.0, "stop": 1.0, "num": 3}}, "ratio"),
        ("fig4_lower", {"T_L": [-1.0, 1.0]}, "T_h"),
        ("fig5", {"g": [0.5, 1.2]}, "g"),
        ("fig6", {"product": [0.0, 1.0]}, "product"),
        ("fig7", {"x": [0.0, 1.0]}, "x"),
    ],
)
def test_studies_refuse_bad_parameters(name, change, wrong):
    entry = TABLES[name]
    found = studies.problems(f"santiagogarcia2024.{entry['study']}", entry["params"] | change)
    assert isinstance(found[0], ParameterError)
    assert found[0].name == wrong


def test_a_result_that_is_not_known_well_enough_is_refused():
    with pytest.raises(NotRefined, match="known to"):
        require_accuracy("The temperature", np.array([1e-12, 1e-3]), 1e-10)
    with pytest.raises(NotRefined):
        require_accuracy("The temperature", np.nan, 1e-10)
