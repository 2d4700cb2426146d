"""man2019: printed equations against the master equation, its claims, and the numbers of its figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import yaml

from qte.common.errors import ParameterError
from qte.common.files import resolve
from qte.common.optimise import find_root, maximise
from qte.data import studies
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.papers.man2019 import equations as eq
from qte.papers.man2019.parts import engine, margin
from qte.papers.man2019.studies_thermalisation import effective_temperatures

RATES = ("Gamma_A", "Gamma_B", "Gamma_CA", "Gamma_CB")
BIASED = {"eps_m": 20.0, "Omega": 6.0, "Gamma": 1.0, "T_B": 8.0}
T_A = np.array([5.0, 4.0, 3.0, 2.0])
PRINTED = np.array([0.95, 1.43, 1.86, 2.08])


def draws(n: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    p: dict[str, Any] = {"eps_A": rng.uniform(5, 25, n), "eps_B": rng.uniform(5, 25, n)}
    p["Omega"] = rng.uniform(0.05, 0.95, n) * np.sqrt(p["eps_A"] * p["eps_B"])
    p |= {f"T_{k}": rng.uniform(1.0, 20.0, n) for k in "ABC"}
    return p | {k: rng.uniform(0.1, 2.0, n) for k in RATES}


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    with resolve("config.yaml").open() as file:
        return yaml.safe_load(file)["tables"]["man2019"]


@pytest.fixture(scope="module")
def tables(config) -> dict[str, Any]:
    return {
        name: studies.run(f"man2019.{entry['study']}", entry["params"], entry["ours"])[0]
        for name, entry in config.items()
    }


# ---- printed equations -------------------------------------------------------------------------


def test_eq05_states_are_the_eigenstates_of_the_hamiltonian():
    model = eq.Model(**draws(100, 1))
    h = eq.eq01_free_hamiltonian(model) + eq.eq02_interaction(model)
    for state, energy in zip(eq.eq05_states(model.theta), eq.eq05_energies(model), strict=True):
        assert np.abs(np.einsum("...ij,...j->...i", h, state) - energy[:, None] * state).max() < 1e-12


def test_tangent_alone_gives_the_wrong_states_below_resonance():
    model = eq.Model(**draws(100, 1))
    below = model.delta_eps < 0
    h = eq.eq01_free_hamiltonian(model) + eq.eq02_interaction(model)
    second = eq.eq05_states(model.theta_naive)[1]
    mean = np.einsum("...i,...ij,...j->...", second, h, second)
    _, upper, lower, _ = eq.eq05_energies(model)
    assert np.allclose(mean[~below], upper[~below])
    # the printed lambda_2 is then the state of energy E_3
    assert np.allclose(mean[below], lower[below])


def test_eq07_operators_lower_the_energy_by_omega():
    model = eq.Model(**draws(50, 2))
    h = eq.eq01_free_hamiltonian(model) + eq.eq02_interaction(model)
    jumps = eq.eq07_jump_operators(model.theta)
    for (_, j), v in jumps.items():
        assert np.abs(h @ v - v @ h + model.omega[j][:, None, None] * v).max() < 1e-12
    lower = np.zeros((2, 4, 4))
    lower[0, 2, 0] = lower[0, 3, 1] = lower[1, 1, 0] = lower[1, 3, 2] = 1.0
    for k, qubit in enumerate("AB"):
        assert np.abs(jumps[qubit, 1] + jumps[qubit, 2] - lower[k]).max() < 1e-15


def test_eqs_08_to_18_hold_in_the_computed_steady_state():
    p = draws(200, 3)
    machine, model = CommonReservoirEngine(**p), eq.Model(**p)
    rho = machine.steady_state().rho
    assert np.abs(eq.eq08_derivative(model, rho)).max() < 1e-12
    parts = {
        "A": eq.eq09_independent_a(model, rho),
        "B": eq.eq10_independent_b(model, rho),
        "C": eq.common(model, rho),
    }
    for label, change in parts.items():
        assert np.allclose(eq.eq18_heat_current(model, change), machine.heat_current(label), atol=1e-11)
    levels = np.moveaxis(np.diagonal(machine.steady_state().rho_in_frame, axis1=-2, axis2=-1).real, -1, 0)
    eta = eq.eq15_bare_elements(model.theta, tuple(levels))
    places = ((0, 0), (1, 1), (2, 2), (3, 3), (1, 2))
    for value, (i, k) in zip(eta, places, strict=True):
        assert np.abs(value - rho[:, i, k]).max() < 1e-14
    assert np.abs(eq.eq17_concurrence(eta) - machine.concurrence()).max() < 1e-14


def test_eq15_misses_the_coherence_that_dephasing_feeds():
    p = draws(50, 4)
    machine = CommonReservoirEngine(**p, dephasing=0.5)
    model = eq.Model(**p)
    rho = machine.steady_state().rho
    assert np.abs(eq.eq08_derivative(model, rho) + eq.eq21_dephasing(0.5, rho)).max() < 1e-12
    levels = np.moveaxis(np.diagonal(machine.steady_state().rho_in_frame, axis1=-2, axis2=-1).real, -1, 0)
    eta = eq.eq15_bare_elements(model.theta, tuple(levels))
    assert np.abs(eta.e23 - rho[:, 1, 2]).max() > 1e-3
    # at resonance, as in figure 7, it holds
    resonant = p | {"eps_B": p["eps_A"], "Omega": p["Omega"] * 0.2}
    machine = CommonReservoirEngine(**resonant, dephasing=0.5)
    levels = np.moveaxis(np.diagonal(machine.steady_state().rho_in_frame, axis1=-2, axis2=-1).real, -1, 0)
    eta = eq.eq15_bare_elements(eq.Model(**resonant).theta, tuple(levels))
    assert np.abs(eta.e23 - machine.steady_state().rho[:, 1, 2]).max() < 1e-14


def test_eqs_19_and_20_are_the_temperatures_of_the_populations():
    p = draws(200, 5)
    machine, model = CommonReservoirEngine(**p), eq.Model(**p)
    for mine, printed in zip(
        effective_temperatures(machine), eq.eq19_effective_temperatures(model), strict=True
    ):
        assert np.allclose(mine, printed, rtol=1e-10)
    # "both in the range between min{T_A, T_B} and max{T_A, T_B}"
    low, high = np.minimum(p["T_A"], p["T_B"]), np.maximum(p["T_A"], p["T_B"])
    for level in eq.eq19_effective_temperatures(model):
        assert np.all((low < level) & (level < high))


def test_without_common_reservoir_the_state_is_a_product_of_two_frequencies():
    alone = CommonReservoirEngine(**draws(200, 6)).without_common()
    p = np.diagonal(alone.steady_state().rho_in_frame, axis1=-2, axis2=-1).real
    assert np.allclose(p[:, 0] * p[:, 3], p[:, 1] * p[:, 2], rtol=1e-11)


# ---- the thermalisation points -----------------------------------------------------------------


def biased(delta_eps: Any, T_C: Any = 0.0) -> CommonReservoirEngine:
    return engine(**BIASED, T_A=T_A, delta_eps=delta_eps, T_C=T_C)


def thermalisation() -> np.ndarray:
    def difference(delta_eps: np.ndarray) -> np.ndarray:
        first, second = effective_temperatures(biased(delta_eps))
        return first - second

    # the whole range in which omega_1 > 0 at this coupling, so that no second root is overlooked
    root = find_root(difference, -38.0, 38.0, shape=T_A.shape, scan=1521)
    assert np.all(root.crossings == 1)
    assert np.all(root.error < 1e-12)
    return root.x


def test_detunings_of_one_temperature_round_to_the_printed_ones():
    root = thermalisation()
    assert np.array_equal(np.round(root, 2), PRINTED)
    assert np.allclose(root, [0.94705104558, 1.4252616305, 1.8596819623, 2.077411628], rtol=0, atol=1e-10)


def test_at_the_root_the_coincidence_is_exact():
    """Q_C = 0 and C = C_AB at T_C = T_eff, to round-off: the state is Gibbs and R_C leaves it alone."""
    root = thermalisation()
    level, other = effective_temperatures(biased(root))
    assert np.allclose(level, other, rtol=0, atol=1e-12)
    with_common, alone = biased(root, level), biased(root).without_common()
    assert np.abs(with_common.net_current()).max() < 1e-11
    assert np.abs(with_common.steady_state().rho - alone.steady_state().rho).max() < 1e-13
    assert np.abs(with_common.concurrence() - alone.concurrence()).max() < 1e-13


def crossing_temperatures(delta_eps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """T_C at which Q_C = 0, and at which C = C_AB (both smooth, clipped at nothing)."""
    without = margin(biased(delta_eps).without_common())
    ends = T_A, np.full_like(T_A, BIASED["T_B"])
    heat = find_root(lambda t: biased(delta_eps, t).net_current(), *ends, shape=T_A.shape)
    same = find_root(lambda t: margin(biased(delta_eps, t)) - without, *ends, shape=T_A.shape)
    assert np.all(heat.crossings == 1)
    assert np.all(same.crossings == 1)
    return heat.x, same.x


def test_at_the_printed_detunings_the_two_temperatures_differ():
    heat, same = crossing_temperatures(PRINTED)
    assert np.allclose(heat, [6.7400279, 6.4987447, 6.3739753, 6.3342739], atol=1e-7)
    assert np.allclose(same, [6.7401418, 6.4989585, 6.3739897, 6.3343856], atol=1e-7)


def test_the_bound_of_enhancement_may_lie_above_the_zero_of_the_heat_current():
    """Against sec. III B: "such a upper bound should be less than the value of T_C which triggers heat absorption".

    It is so below thermalisation and far above it, not in a window of detunings between.
    """
    root = thermalisation()
    for detuning, sign in ((root - 0.2, -1), (root + 0.02, +1), (root + 1.0, +1), (root + 4.0, -1)):
        heat, same = crossing_temperatures(detuning)
        assert np.all(np.sign(same - heat) == sign)


def test_the_window_ends_where_both_coincide_by_accident():
    def gap(detunings: np.ndarray) -> np.ndarray:
        return np.array([np.subtract(*reversed(crossing_temperatures(d))) for d in detunings])

    end = find_root(gap, np.full(4, 3.0), np.full(4, 5.0), shape=(4,), scan=9)
    assert np.allclose(end.x, [4.0525575, 3.9786868, 3.9793626, 3.9959909], atol=1e-7)
    first, second = effective_temperatures(biased(end.x))
    assert np.all(np.abs(first - second) > 0.5)


def test_heat_absorption_is_not_needed_for_enhancement():
    """An explicit case: R_C gives heat, and the qubits are more entangled for it."""
    machine = engine(**BIASED, T_A=5.0, delta_eps=3.0, T_C=6.59)
    assert abs(machine.net_current() - 0.0076) < 1e-4
    assert abs(machine.concurrence() - machine.without_common().concurrence() - 0.00039) < 1e-5


# ---- equilibrium and dephasing -----------------------------------------------------------------


def test_c_ab_is_thermal_entanglement():
    """Without R_C: C = (sinh(Omega/T) - 1)/(cosh(eps/T) + cosh(Omega/T)), which ends at Omega/arsinh 1."""
    T = np.linspace(0.3, 11.0, 60)
    alone = engine(eps=20.0, Omega=10.0, Gamma=1.0, T_A=T, T_B=T, T_C=0.0).without_common()
    thermal = (np.sinh(10 / T) - 1) / (np.cosh(20 / T) + np.cosh(10 / T))
    assert np.allclose(alone.concurrence(), thermal, rtol=1e-9)
    end = 10 / np.arcsinh(1.0)
    last = find_root(lambda t: margin(alone.replace(T_A=t, T_B=t)), 5.0, 20.0)
    assert abs(last.x - end) < 1e-10


@pytest.mark.parametrize("Omega", [2.0, 6.0, 10.0, 18.0])
def test_common_reservoir_helps_exactly_when_it_is_colder(Omega):
    T, T_C = np.meshgrid(np.geomspace(0.5, 40.0, 70), np.geomspace(0.5, 40.0, 70), indexing="ij")
    machine = engine(eps=20.0, Omega=Omega, Gamma=1.0, T_A=T, T_B=T, T_C=T_C)
    gain = margin(machine) - margin(machine.without_common())
    clear = np.abs(gain) > 1e-13
    assert np.array_equal(np.sign(gain)[clear], np.sign(T - T_C)[clear])
    heat = machine.net_current()
    assert np.array_equal(np.sign(heat)[T != T_C], np.sign(T_C - T)[T != T_C])


def test_with_dephasing_a_hotter_common_reservoir_still_helps():
    machine = engine(eps=1.0, Omega=0.7, Gamma=0.01, T_A=0.1, T_B=0.1, T_C=0.14, dephasing=3.5e-5)
    assert machine.concurrence() > machine.without_common().concurrence()
    assert machine.replace(T_C=0.142).concurrence() < machine.without_common().concurrence()


def test_the_best_common_reservoir_is_at_zero_temperature():
    """C_neq of figure 7c is taken at T_C = 0: no other T_C, at any T, gives more."""
    for Gamma in (0.01, 1e-4):
        Omega = np.linspace(0.1, 0.98, 12)

        def best(T_C: Any, Gamma: float = Gamma, Omega: np.ndarray = Omega) -> np.ndarray:
            def at(T: np.ndarray) -> np.ndarray:
                return margin(
                    engine(eps=1.0, Omega=Omega, Gamma=Gamma, T_A=T, T_B=T, T_C=T_C, dephasing=3.5e-5)
                )

            return maximise(at, 0.005, 10.0, shape=Omega.shape, scale="log", scan=65).value

        coldest = best(0.0)
        for T_C in (0.02, 0.1, 0.3, 1.0):
            assert np.all(best(T_C) <= coldest * (1 + 1e-12))


def test_without_dephasing_the_ratio_of_figure_7c_does_not_depend_on_the_rate():
    Omega = np.linspace(0.1, 0.9, 9)

    def ratio(Gamma: float) -> np.ndarray:
        def at(T: np.ndarray, T_C: Any) -> np.ndarray:
            return margin(engine(eps=1.0, Omega=Omega, Gamma=Gamma, T_A=T, T_B=T, T_C=T_C))

        options: dict[str, Any] = {"shape": Omega.shape, "scale": "log", "scan": 65}
        apart = maximise(lambda T: at(T, 0.0), 0.005, 10.0, **options)
        return apart.value / maximise(lambda T: at(T, T), 0.005, 10.0, **options).value

    assert np.allclose(ratio(0.01), ratio(1e-4), rtol=1e-10)


# ---- tables ------------------------------------------------------------------------------------


def test_figure_2_says_what_the_paper_says(tables):
    facts = tables["fig2a"].facts
    assert facts["points_where_dC_lacks_the_sign_of_T_minus_T_C"] == 0
    curves = tables["fig2b"].facts
    # "can be significantly higher", and the maximum moves to a larger T than without R_C …
    assert curves["largest_C"][0] > 1.4 * curves["largest_C_AB"]
    assert min(curves["T_of_largest_C"]) > curves["T_of_largest_C_AB"]
    # … but among the curves with R_C the hotter ones peak at larger T
    assert curves["T_of_largest_C"][-1] > curves["T_of_largest_C"][0]


def test_figure_4_and_5_agree_on_the_points(tables):
    four, five = tables["fig4"].facts, tables["fig5"].facts
    assert four["detuning_of_one_temperature"] == five["detuning_of_one_temperature"]
    assert four["crossings_in_range"] == [1, 1, 1, 1]
    assert np.allclose(five["T_C_where_Q_C_is_0_there"], five["T_eff_there"], atol=2e-10)
    assert np.allclose(five["T_C_where_C_is_C_AB_there"], five["T_eff_there"], atol=2e-9)
    rows = tables["fig4"]
    assert np.allclose(rows["T_1"], rows["T_1_eq19"], rtol=1e-12)
    assert np.allclose(rows["T_2"], rows["T_2_eq19"], rtol=1e-12)


def test_figure_5_the_colder_the_more_entangled(tables):
    table = tables["fig5"]
    for T in T_A:
        rows = table.where(T_A=T)
        assert np.all(np.diff(rows["C"]) <= 1e-15)
        assert np.all(np.diff(rows["Q_C"]) >= -1e-13)


def test_figure_7c_the_difference_peaks_and_the_ratio_does_not(tables):
    facts = tables["fig7c"].facts
    assert facts["rows_not_refined"] == 0
    assert facts["rows_with_a_maximum_at_T_min_or_T_max"] == 0
    assert facts["ratio_falls_all_the_way"] == [True, True]
    assert np.allclose(facts["Omega_of_largest_gain"], [0.48422676, 0.73149137], atol=1e-7)


def test_studies_name_what_is_wrong(config):
    wrong = config["fig5"]["params"] | {"delta_eps": [0.95, 1.43]}
    assert "one value for each T_A" in str(studies.problems("man2019.common_temperature", wrong)[0])
    wrong = config["fig2a"]["params"] | {"Omega": 20.0}
    assert "Omega" in str(studies.problems("man2019.equilibrium_map", wrong)[0])
    wrong = config["fig7c"]["params"] | {"T_min": 0.0}
    assert studies.problems("man2019.best_concurrence", wrong)
    # where the effective temperatures never meet, there is no root to state
    nowhere = config["fig4"]["params"] | {"delta_eps": {"start": 3.0, "stop": 5.0, "num": 5}}
    with pytest.raises(ParameterError, match="equal effective temperatures"):
        studies.run("man2019.effective_temperatures", nowhere)
