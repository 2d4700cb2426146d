"""Measures at the ends of the range of doubles: right, or refused in words; never a warning or a lost digit."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from qte.common.errors import ParameterError
from qte.physics.entanglement import fidelity
from qte.physics.information.energies import ergotropy, free_energy, gibbs_relative_entropy
from qte.physics.information.entropies import mutual_information, trace_distance, von_neumann_entropy
from qte.physics.information.spectra import added, populations, relative_entropy, spectrum, times_log

HALF, LEVELS = np.diag([0.5, 0.5]), np.diag([1.0, 0.0])

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("rare", [1e-12, 1e-100, 1e-170, 1e-200, 1e-300])
def test_the_correlation_of_two_rare_events_has_its_digits(rare):
    """Both qubits up together or not at all: the entropy of one of them, where the product of both is no double."""
    with mp.workdps(50):
        p = mp.mpf(rare)
        wanted = -p * mp.log(p) - (1 - p) * mp.log1p(-p)
    state = np.diag([rare, 0.0, 0.0, 1 - rare])
    assert abs(mutual_information(state, [0]) / wanted - 1) < 1e-12


def test_a_bath_too_cold_for_doubles_is_refused():
    assert gibbs_relative_entropy(HALF, LEVELS, 1e-300) == pytest.approx(0.5e300, rel=1e-12)
    with pytest.raises(ParameterError) as caught:
        gibbs_relative_entropy(HALF, LEVELS, [1.0, 1e-310])
    assert str(caught.value) == (
        "Argument `temperature` must be no smaller than 1e-300 times the energies, so that their ratios are doubles, "
        "but got 1e-310 at index (1,)."
    )


@pytest.mark.parametrize("measure", [ergotropy, lambda rho, h: free_energy(rho, h, 1.0)])
def test_energies_without_room_for_differences_are_refused(measure):
    with pytest.raises(ParameterError) as caught:
        measure(HALF, np.diag([1e308, -1e308]))
    assert str(caught.value) == "Argument `hamiltonian` must have entries <= 1e+100, but got 1e+308."


@pytest.mark.parametrize("size", [5e-324, 1e-300, 1e-170, 1.0, 1e170, 1e308])
def test_a_target_may_have_any_norm(size):
    state = np.diag([0.5, 0.25, 0.125, 0.125])
    assert fidelity(state, [0.0, size, 0.0, size]) == pytest.approx(0.1875, rel=1e-15)
    with pytest.raises(ParameterError, match="differ from the zero vector"):
        fidelity(state, np.zeros(4))


def test_a_grid_without_points_has_values_without_points():
    none = np.zeros((0, 4, 4))
    for found in (von_neumann_entropy(none), mutual_information(none, [0]), trace_distance(none, none)):
        assert found.shape == (0,)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: spectrum("rho"), "rho"),
        (lambda: spectrum(np.ones(3)), "rho"),
        (lambda: populations([[0.5, 0.1], [0.2, 0.5]]), "rho"),
        (lambda: populations(np.full((2, 2), np.nan)), "rho"),
        (lambda: times_log([0.5, -0.1]), "values"),
        (lambda: times_log(None), "values"),
        (lambda: added("1"), "parts"),
        (lambda: added(1.0), "parts"),
        (lambda: relative_entropy([0.5, np.nan], np.eye(2), [0.5, 0.5], np.eye(2)), "p"),
        (lambda: relative_entropy([0.5, 0.5], np.eye(3), [0.5, 0.5], np.eye(3)), "p"),
        (lambda: relative_entropy([0.5, 0.5], np.eye(2), [1.0], np.eye(2)), "q"),
        (lambda: relative_entropy([0.5, 0.5], np.eye(2), [0.5, 0.5], np.eye(3)), "others"),
        (lambda: relative_entropy([0.5, 0.5], np.eye(2), [0.5, 0.5], np.eye(2), "log"), "logarithms"),
    ],
)
def test_spectra_are_looked_at(call, name):
    with pytest.raises(ParameterError) as caught:
        call()
    assert caught.value.name == name
