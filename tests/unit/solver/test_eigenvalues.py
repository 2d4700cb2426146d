"""Eigenvalues of the generator near 0 against QuTiP, closed forms, and where doubles do not know them."""

from __future__ import annotations

import numpy as np
import pytest
import qutip

import qte
from qte.common.errors import IllConditioned, ParameterError
from qte.machines import ThreeQubitMachine, TwoQubitEngine
from qte.physics.operators import LOWER
from qte.solver.dynamics import liouvillian_eigenvalues, liouvillian_gap


def as_sets(found, wanted, tolerance):
    """Whether two lists of complex numbers agree in some order."""
    left = list(wanted)
    for value in found:
        nearest = min(range(len(left)), key=lambda k: abs(left[k] - value))
        if abs(left.pop(nearest) - value) > tolerance:
            return False
    return True


@pytest.mark.parametrize("dim", [2, 3, 4, 5])
def test_all_of_them_against_qutip(dim):
    h = qutip.rand_herm(dim, seed=dim)
    jumps = [0.3 * qutip.rand_unitary(dim, seed=7), 0.5 * qutip.destroy(dim)]
    wanted = np.linalg.eigvals(qutip.liouvillian(h, jumps).full())
    found = liouvillian_eigenvalues(qte.generator(h, jumps), dim**2)
    assert found[0] == 0
    assert as_sets(found, wanted, 1e-12)
    assert (np.diff(np.abs(found)) > -1e-11).all()


@pytest.mark.parametrize("approach", ["local", "global", "redfield"])
def test_the_nearest_of_a_machine_on_a_grid(approach):
    engine = TwoQubitEngine(g=[0.07, 0.2], gamma_h=0.001, gamma_c=0.003, T_h=1.0, T_c=0.2, approach=approach)
    found = engine.liouvillian_eigenvalues(16)
    assert found.shape == (2, 16)
    for point in range(2):
        assert as_sets(found[point], np.linalg.eigvals(engine.liouvillian()[point]), 1e-11)
    assert np.array_equal(engine.liouvillian_eigenvalues(5), found[:, :5])
    decays = np.where(found == 0, np.inf, -found.real)
    assert np.allclose(decays.min(axis=1), liouvillian_gap(engine.generator), rtol=1e-9)


def test_a_qubit_has_its_closed_form():
    decay, energy = 0.03, np.linspace(0.5, 1.0, 3)
    for e in energy:
        found = liouvillian_eigenvalues(qte.generator(e * LOWER.T @ LOWER, [np.sqrt(decay) * LOWER]), 4)
        assert np.allclose(found, [0, -decay, -decay / 2 - 1j * e, -decay / 2 + 1j * e], rtol=1e-14, atol=0)


def test_two_steady_states_are_two_zeros():
    found = liouvillian_eigenvalues(qte.generator(np.diag([1.0, 0.0]), [np.diag([0.1, 0.0])]), 4)
    assert np.array_equal(found[:2], [0, 0])
    assert np.allclose(found[2:], [-0.005 - 1j, -0.005 + 1j])


def test_at_an_exceptional_point_they_are_known_to_a_root():
    # a driven qubit whose populations and coherence are critically damped: Omega = gamma/4
    gamma = 0.4
    flip = np.array([[0.0, 1.0], [1.0, 0.0]])
    at_point = qte.generator(gamma / 8 * flip, [np.sqrt(gamma) * LOWER])
    with pytest.raises(IllConditioned, match="as next to an exceptional point; a larger `accuracy`"):
        liouvillian_eigenvalues(at_point, 4)
    found = liouvillian_eigenvalues(at_point, 4, accuracy=1.0)
    assert np.allclose(found, [0, -gamma / 2, -3 * gamma / 4, -3 * gamma / 4], atol=1e-7)
    beside = qte.generator(gamma / 4 * flip, [np.sqrt(gamma) * LOWER])
    assert liouvillian_eigenvalues(beside, 4)[2:].imag == pytest.approx(
        [-np.sqrt(3) * gamma / 4, np.sqrt(3) * gamma / 4], rel=1e-12
    )


def test_a_machine_of_three_qubits():
    machine = ThreeQubitMachine(g13=0.01, g23=0.02, gamma_1=0.001, gamma_3=0.002, T_1=1, T_3=0.1, U=1, mu=0.3)
    found = machine.liouvillian_eigenvalues(64, accuracy=1.0)
    wanted = np.linalg.eigvals(machine.liouvillian())
    assert np.allclose(np.sort(found.real), np.sort(wanted.real), atol=1e-8)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0,), "Argument `count` must be a whole number >= 1, but got 0."),
        ((5,), "Argument `count` must be a whole number <= 4, but got 5."),
        (("4",), "Argument `count` must be a whole number >= 1, but got '4'."),
    ],
)
def test_what_is_no_number_of_eigenvalues(arguments, words):
    with pytest.raises(ParameterError) as caught:
        liouvillian_eigenvalues(qte.generator(np.diag([1.0, 0.0]), [LOWER]), *arguments)
    assert str(caught.value) == words
