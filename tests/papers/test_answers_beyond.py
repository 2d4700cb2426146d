"""Question 6: the three-dot machine by its equations, against dense codes, and exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.linalg import expm
from scipy.special import digamma

from qte.common.errors import ParameterError
from qte.data import studies
from qte.exact import von_neumann
from qte.exact.hierarchy import Hierarchy, Resolution
from qte.exact.hierarchy_convergence import distance
from qte.ledger import second
from qte.papers.answers.models.open_triple_dot import open_system, singlet_concurrence
from qte.papers.answers.models.triple_dot import TripleDot, fermi, flat_band_shift
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025.parts import FIGURE

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))


def dots(**changes) -> TripleDot:
    return TripleDot(**FIGURE | {"U": 15.0, "mu": 8.0} | changes)


def table_of(name: str, **changes):
    entry = CONFIG["tables"]["answers"][name]
    return studies.build(f"answers.{entry['study']}", entry["params"] | changes).table()


def test_the_shift_of_a_flat_band_is_the_digamma_function() -> None:
    x = np.linspace(-90.0, 90.0, 501)
    expected = digamma(0.5 + 1j * x / (2 * np.pi)).real / np.pi
    np.testing.assert_allclose(flat_band_shift(x), expected, rtol=0, atol=2e-15)
    np.testing.assert_allclose(fermi(x[abs(x) < 30]), 1 / (np.exp(x[abs(x) < 30]) + 1), rtol=0, atol=1e-15)


@pytest.mark.parametrize("particles", ["electrons", "qubits"])
@pytest.mark.parametrize(("mu", "raised"), [(8.0, 0.0), (15.0, 0.02)])
def test_the_redfield_equation_is_that_of_dense_matrices(particles: str, mu: float, raised: float) -> None:
    for approach, band in (("redfield", np.inf), ("shifted", 1e9)):
        rho = dots(mu=mu, raised=raised, particles=particles, approach=approach).steady_state().rho
        p = FIGURE | {"U": 15.0, "mu": mu}
        again = dense.redfield(p, electrons=particles == "electrons", band=band, raised=raised)
        np.testing.assert_allclose(rho, again, rtol=0, atol=1e-8)


def test_the_local_equation_of_qubits_is_the_papers() -> None:
    rho = dots(particles="qubits", approach="local").steady_state().rho
    np.testing.assert_allclose(rho, dense.steady_of(dense.three_qubits(**FIGURE, U=15.0, mu=8.0)), atol=1e-12)
    rho = dots(particles="electrons", approach="local", mu=15.0).steady_state().rho
    again = dense.steady_of(dense.three_qubits(**FIGURE, U=15.0, mu=15.0, electrons=True))
    np.testing.assert_allclose(rho, again, atol=1e-12)


def test_the_settling_time_is_the_integral_over_time() -> None:
    machine = dots(gamma_1=0.2, gamma_3=0.2)
    h, _ = dense.three_qubits(**FIGURE | {"gamma_1": 0.2, "gamma_3": 0.2}, U=15.0, mu=8.0, electrons=True)
    string = (np.eye(8) - 2 * second.number(0, 3)) @ (np.eye(8) - 2 * second.number(1, 3))
    baths = [(second.lower(0, 3), 0.2, 1.0, 8.0), (second.lower(2, 3) @ string, 0.2, 1.0, 0.0)]
    step = expm(dense.redfield_liouvillian(h, baths, 1e9) * 0.5)
    rho, path = machine.empty().ravel(), []
    for _ in range(2400):
        path.append((machine.singlet() @ rho.reshape(8, 8)).trace().real)
        rho = step @ rho
    missing = path[-1] - np.array(path)
    mean = 0.5 * (missing.sum() - missing[0] / 2) / missing[0]
    assert float(machine.settling_time()) == pytest.approx(mean, rel=1e-3)


def test_an_infinite_repulsion_is_left_to_the_papers_machine() -> None:
    with pytest.raises(ParameterError, match="be finite beyond the local equation of qubits"):
        dots(U=np.inf).steady_state()


@pytest.mark.parametrize("particles", ["electrons", "qubits"])
def test_first_and_second_order_meet_the_hierarchy_at_weak_coupling(particles: str) -> None:
    # the diagonal, where the local equation is wrong at every rate
    machine = dots(mu=15.0, particles=particles, gamma_1=1e-3, gamma_3=1e-3)
    system = open_system(machine, 400.0)
    exact = Hierarchy(system, Resolution(depth=2, terms=8)).steady_state().state
    assert distance(exact, machine.steady_state().rho) < 0.01
    assert distance(exact, machine.replace(approach="local").steady_state().rho) > 0.05
    assert distance(exact, von_neumann.steady_state(system, 8).state) < 1e-11


def test_two_electrons_at_once_take_what_first_order_leaves() -> None:
    machine = dots(mu=8.5)
    exact = Hierarchy(open_system(machine, 200.0), Resolution(depth=2, terms=9)).steady_state()
    found = singlet_concurrence(exact.state)
    assert 0.982 < found < 0.985 < float(machine.concurrence()) - 0.008
    assert found == pytest.approx(float(second.concurrence(dense.first_pair(exact.state))), abs=1e-9)
    # charge and energy balance, and a current that the Redfield equation has with the wrong size
    assert exact.energy_current(1) == pytest.approx(-exact.energy_current(3), rel=1e-8)


def test_the_tables_hold_the_machine_at_their_points() -> None:
    table = table_of("beyond_bias", mu_over_T=[6.0, 15.0], gamma=[0.1])
    for k, mu in enumerate((6.0, 15.0)):
        for ending, particles, approach in (
            ("local", "qubits", "local"),
            ("electrons", "electrons", "shifted"),
            ("qubits", "qubits", "shifted"),
        ):
            machine = dots(mu=mu, particles=particles, approach=approach)
            assert table[f"C_{ending}"][k] == pytest.approx(float(machine.concurrence()), abs=1e-12)
            assert table[f"J_{ending}"][k] == pytest.approx(float(machine.net_current()), abs=1e-12)


def test_a_point_of_the_exact_table_is_certified_and_computed_alone() -> None:
    params = CONFIG["large"]["tables"]["answers"]["exact_map"]["params"]
    few = params | {"U_over_T": [15.0], "mu_over_T": [8.0, 8.5], "terms": 7}
    study = studies.build("answers.exact_triple_dot", few)
    alone = study.part(1, 2)
    assert study.block == 1
    assert len(alone.frame) == 1
    assert 0.97 < alone["C_electrons"][0] < alone["C_redfield"][0] < 1
    assert max(alone[name][0] for name in ("depth", "terms", "width")) < few["tolerance"]
    assert alone["J_electrons"][0] > 0
