"""Hamiltonians that linear methods take, and the term that is named where one is not quadratic."""

import numpy as np
import pytest

from qte.common.errors import ParameterError
from qte.exact.quadratic import check_hermitian, columns, hopping, hopping_of_qubits, stiffness
from qte.machines.two_qubit import TwoQubitEngine
from qte.physics.operators import excitation, flip_flop
from qte.physics.terms import Term


def test_coefficients_may_be_grids_and_complex():
    matrix = hopping({"1+ 1": [1.0, 2.0], "1+ 2": 0.1j, "3+ 3": 1.0}, 3)
    assert matrix.shape == (2, 3, 3)
    assert matrix[1, 0, 0] == 2
    assert matrix[0, 0, 1] == 0.1j == -matrix[0, 1, 0]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"1+ 1": 1.0, "1+ 2+ 2 1": 0.3}, "4 operators is not, but got '1[+] 2[+] 2 1'"),
        ({"1+ 1": 1.0, "1+ 2+": 0.3}, "conserve the number of particles, .* '1[+] 2[+]'"),
        ({"1 1+": 1.0}, "creation before annihilation"),
        ({"1+ 4": 1.0}, "sites from 1 to 2"),
        ({"1+ 1": 1j}, "Hermitian"),
        ({"1+ 2": 1.0, "2+ 1": 2.0}, "conjugate of its adjoint"),
        ({"U": 1.0}, "words of numbered operators"),
        ({}, "map words"),
    ],
)
def test_what_is_no_hopping_is_named(words, named):
    with pytest.raises(ParameterError, match=named):
        hopping(words, 2)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"p1 p1": 0.5, "x1 x1": 0.5, "x1 x1 x1 x1": 0.01}, "4 operators is not, but got 'x1 x1 x1 x1'"),
        ({"p1 p1": 0.5, "x1 p1": 0.5}, "'x1 p1'"),
        ({"p1 p1": 0.7, "x1 x1": 0.5}, "'p1 p1'"),
        ({"x1 x1": 0.5}, "a momentum for every oscillator"),
    ],
)
def test_what_is_no_stiffness_is_named(words, named):
    with pytest.raises(ParameterError, match=named):
        stiffness(words, 1)


def test_qubits_in_a_row_are_free_fermions_and_those_with_u_are_not():
    chain = (
        *(Term.of(1 + 0.1 * k, excitation(k, 3)) for k in range(3)),
        Term.of([0.1, 0.2], flip_flop(0, 1, 3)),
        Term.of(0.3, flip_flop(1, 2, 3)),
    )
    matrix = hopping_of_qubits(chain, (2,))
    assert np.array_equal(matrix[1], [[1.0, 0.2, 0.0], [0.2, 1.1, 0.3], [0.0, 0.3, 1.2]])
    both = excitation(0, 3) @ excitation(2, 3)
    with pytest.raises(ParameterError, match=r"term 6: 0.5 \|111><111\||term 6: 0.5 \|101><101\|"):
        hopping_of_qubits((*chain, Term.of(0.5, both)), (2,))
    # past a qubit between them two qubits do not exchange as electrons do
    with pytest.raises(ParameterError, match="Jordan and Wigner, but got 'term 1: 1"):
        hopping_of_qubits((Term.of(0.5, flip_flop(0, 2, 3)),))


def test_a_machine_hands_over_its_hamiltonian():
    engine = TwoQubitEngine(g=0.2, delta=0.1, gamma_h=0.01, gamma_c=0.01, T_h=1.0, T_c=0.5)
    assert np.allclose(hopping_of_qubits(engine.generator.hamiltonian), [[1.0, 0.2], [0.2, 1.1]])


def test_inverse_columns_are_numpys():
    rng = np.random.default_rng(5)
    for n in (1, 2, 3, 4):
        matrix = rng.normal(size=(7, n, n)) + 1j * rng.normal(size=(7, n, n))
        re, im = columns(np.moveaxis(matrix.real, 0, -1), np.moveaxis(matrix.imag, 0, -1), [0, n - 1])
        expected = np.moveaxis(np.linalg.inv(matrix)[:, :, [0, n - 1]], 0, -1)
        assert np.allclose(re + 1j * im, expected, rtol=1e-12, atol=1e-12)


def test_matrices_have_to_be_hermitian():
    with pytest.raises(ParameterError, match="be Hermitian"):
        check_hermitian("hopping", [[1.0, 0.1], [0.2, 1.0]])
    with pytest.raises(ParameterError, match="have shape"):
        check_hermitian("hopping", [1.0])
