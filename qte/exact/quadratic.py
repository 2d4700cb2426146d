"""Which Hamiltonians a linear method solves: those that are quadratic; the first term that is not is named.

A Hamiltonian is written as a mapping of words to coefficients.  Levels (fermions or bosons): ``"1+ 2"`` is a
creation operator at site 1 and an annihilation operator at site 2.  Oscillators of mass 1: ``"x1 x2"``, ``"p1 p1"``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from qte.common import matrices
from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.physics.operators import EXCITED, LOWER, RAISE, embed, qubit_count
from qte.physics.terms import Terms, as_terms

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

_LADDER: Final = re.compile(r"([1-9]\d*)(\+?)")
_MECHANICAL: Final = re.compile(r"([xp])([1-9]\d*)")
# Matrices of more sites than this are not written down.
MOST_SITES = 2**13
# An entry of a qubit Hamiltonian that is left over, relative to its term, beyond this is a term of its own.
LEFT_OVER = 1e-12


def hopping(hamiltonian: Mapping[str, ArrayLike], sites: int) -> NDArray[Any]:
    """The matrix h of ``sum h_ij c_i^+ c_j``, shape (..., sites, sites).

    Parameters
    ----------
    hamiltonian : mapping of str to array_like, shapes (...)
        Coefficients by word; ``"1+ 2"`` brings its adjoint along, unless that is named too.
    sites : int

    Raises
    ------
    ParameterError
        A term is not quadratic, or does not conserve the number of particles; it is named.

    Examples
    --------
    >>> hopping({"1+ 1": 1.0, "2+ 2": 1.2, "1+ 2": 0.1}, 2)
    array([[1. , 0.1],
           [0.1, 1.2]])
    >>> hopping({"1+ 1": 1.0, "1+ 2+ 2 1": 0.3}, 2)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    qte.common.errors.ParameterError: Argument `hamiltonian` must be quadratic for a linear method, ... '1+ 2+ 2 1'.
    """
    sites = check.integer("sites", sites, minimum=1, maximum=MOST_SITES)
    read = {word: _letters(word, _LADDER, "such as '1+ 2'") for word in _words(hamiltonian)}
    places: dict[tuple[int, int], str] = {}
    for word, letters in read.items():
        _require_pair(word, letters)
        creations = [mark == "+" for _, mark in letters]
        if sum(creations) != 1:
            raise ParameterError("hamiltonian", word, "conserve the number of particles, as '1+ 2' does")
        first, second = (_place(word, number, sites) for number, _ in letters)
        if creations == [False, True]:
            raise ParameterError("hamiltonian", word, "name creation before annihilation, as '1+ 2' does")
        _once(places, (first, second), word)
        places[first, second] = word
    matrix = _filled(hamiltonian, places, sites)
    for (i, j), word in places.items():
        if i != j and (j, i) not in places:
            matrix[..., j, i] = np.conj(matrix[..., i, j])
        elif i != j and not np.array_equal(matrix[..., i, j], np.conj(matrix[..., j, i])):
            raise ParameterError("hamiltonian", word, "be the conjugate of its adjoint where both are given")
    return check_hermitian("hamiltonian", matrix)


def stiffness(hamiltonian: Mapping[str, ArrayLike], sites: int) -> Array:
    """The matrix K of ``sum p_i**2/2 + sum x_i K_ij x_j/2``, shape (..., sites, sites).

    Raises
    ------
    ParameterError
        A term is not quadratic or no square of a momentum; it is named.

    Examples
    --------
    >>> stiffness({"p1 p1": 0.5, "p2 p2": 0.5, "x1 x1": 0.5, "x2 x2": 0.5, "x1 x2": 0.1}, 2)
    array([[1. , 0.1],
           [0.1, 1. ]])
    >>> stiffness({"p1 p1": 0.5, "x1 x1": 0.5, "x1 x1 x1 x1": 0.01}, 1)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    qte.common.errors.ParameterError: Argument `hamiltonian` must be quadratic for a linear method, ... 'x1 x1 x1 x1'.
    """
    sites = check.integer("sites", sites, minimum=1, maximum=MOST_SITES)
    places: dict[tuple[int, int], str] = {}
    moving = set()
    for word in _words(hamiltonian):
        letters = _letters(word, _MECHANICAL, "such as 'x1 x2'")
        _require_pair(word, letters)
        kinds = {kind for kind, _ in letters}
        first, second = (_place(word, number, sites) for _, number in letters)
        if kinds == {"x"}:
            _once(places, (first, second), word)
            places[first, second] = word
        elif kinds == {"p"} and first == second and np.all(np.asarray(hamiltonian[word]) == 0.5):
            moving.add(first)
        else:
            raise ParameterError("hamiltonian", word, "be 'x1 x2' or, at the coefficient 0.5, 'p1 p1'")
    if len(moving) != sites:
        still = min(set(range(sites)) - moving) + 1
        raise ParameterError("hamiltonian", f"no 'p{still} p{still}'", "have a momentum for every oscillator")
    matrix = np.asarray(_filled(hamiltonian, places, sites).real)
    return np.asarray(matrix + np.swapaxes(matrix, -1, -2))


def hopping_of_qubits(hamiltonian: Terms, shape: tuple[int, ...] = ()) -> NDArray[Any]:
    """The matrix h of a qubit Hamiltonian that is one of free fermions by Jordan and Wigner, shape (..., n, n).

    Parameters
    ----------
    hamiltonian : tuple of Term
        As `qte.physics.generators.Generator.hamiltonian` has it, in the computational basis.
    shape : tuple of int
        Of the grid.

    Raises
    ------
    ParameterError
        A term is not quadratic in the fermions; the entry that is left over is named.

    Examples
    --------
    >>> from qte.physics.operators import excitation, flip_flop
    >>> from qte.physics.terms import Term
    >>> free = (Term.of(1.0, excitation(0, 2)), Term.of(0.1, flip_flop(0, 1, 2)))
    >>> hopping_of_qubits(free)
    array([[1. , 0.1],
           [0.1, 0. ]])
    >>> hopping_of_qubits((*free, Term.of(0.3, excitation(0, 2) @ excitation(1, 2))))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    qte.common.errors.ParameterError: Argument `hamiltonian` must be quadratic ... but got 'term 3: 0.3 |11><11|'.
    """
    hamiltonian = as_terms("hamiltonian", hamiltonian)
    if not isinstance(shape, tuple) or not all(check.is_whole(length) and length >= 0 for length in shape):
        raise ParameterError("shape", shape, "be a tuple of lengths")
    n = qubit_count(hamiltonian[0].operator.shape[0])
    single = 2**n - 1 - 2 ** np.arange(n - 1, -1, -1)
    products = _fermion_pairs(n)
    total = np.zeros((*shape, n, n), dtype=complex)
    for number, term in enumerate(hamiltonian, 1):
        if not np.any(term.coefficient != 0):
            continue
        operator = term.operator.toarray().astype(complex)
        empty = operator[-1, -1]
        found = operator[np.ix_(single, single)] - empty * np.eye(n)
        rest = operator - empty * np.eye(2**n)
        for (i, j), product in products.items():
            rest = rest - found[i, j] * product
        place = np.unravel_index(np.argmax(np.abs(rest)), rest.shape)
        if abs(rest[place]) > LEFT_OVER * abs(operator).max():
            size = float(np.max(np.abs(term.coefficient))) * float(rest[place].real)
            row, column = (format(2**n - 1 - int(k), f"0{n}b") for k in place)
            named = f"term {number}: {size:g} |{row}><{column}|"
            raise ParameterError(
                "hamiltonian", named, "be quadratic for a linear method, after Jordan and Wigner"
            )
        total = total + np.asarray(term.coefficient)[..., None, None] * found
    return check_hermitian("hamiltonian", total)


def check_hermitian(name: str, matrix: Any) -> NDArray[Any]:
    """Matrices (..., n, n), Hermitian to the last bit; real ones where no entry is complex."""
    array = check.numbers(name, matrix, "be matrices of finite numbers")
    if array.ndim < 2 or array.shape[-1] != array.shape[-2] or array.shape[-1] == 0:
        raise ParameterError(name, array.shape, "have shape (..., n, n)")
    if not np.array_equal(array, np.swapaxes(array, -1, -2).conj()):
        raise ParameterError(name, "entries h_ij that are not the conjugate of h_ji", "be Hermitian")
    if np.iscomplexobj(array) and not np.any(array.imag):
        array = array.real
    return array if np.iscomplexobj(array) else np.asarray(array, dtype=float)


def columns(real: Array, imag: Array, sites: Sequence[int]) -> tuple[Array, Array]:
    """Real and imaginary part of columns of the inverses of complex matrices, shapes (n, columns, points).

    Parameters
    ----------
    real, imag : ndarray, shape (n, n, points)
    sites : sequence of int
        The columns.
    """
    n, _, points = real.shape
    if n == 2:
        return _columns_of_two(real, imag, sites)
    whole = np.concatenate([np.concatenate([real, -imag], axis=1), np.concatenate([imag, real], axis=1)])
    right = np.zeros((2 * n, len(sites), points))
    for column, site in enumerate(sites):
        right[site, column] = 1.0
    found = matrices.solve_along(whole, right)
    return found[:n], found[n:]


def _columns_of_two(real: Array, imag: Array, sites: Sequence[int]) -> tuple[Array, Array]:
    """By cofactors, in half the time."""
    (a, b), (c, d) = ((real[i, 0] + 1j * imag[i, 0], real[i, 1] + 1j * imag[i, 1]) for i in (0, 1))
    determinant = matrices.times(a, d) - matrices.times(b, c)
    size = determinant.real * determinant.real + determinant.imag * determinant.imag
    cofactors = {0: (d, -c), 1: (-b, a)}
    found = np.array([[matrices.times(cofactors[k][i], determinant.conj()) for k in sites] for i in (0, 1)])
    return found.real / size, found.imag / size


def _fermion_pairs(n: int) -> dict[tuple[int, int], Complex]:
    """``c_i^+ c_j`` as matrices of qubits: a sign for every excitation between the sites."""
    sign = np.eye(2) - 2 * EXCITED
    pairs = {}
    for i in range(n):
        for j in range(n):
            between = dict.fromkeys(range(min(i, j) + 1, max(i, j)), sign)
            factors = {i: EXCITED} if i == j else {i: RAISE, j: LOWER} | between
            pairs[i, j] = sp.csr_array(embed(factors, n)).toarray().astype(complex)
    return pairs


def _words(hamiltonian: Any) -> list[str]:
    if not isinstance(hamiltonian, Mapping) or not hamiltonian:
        raise ParameterError("hamiltonian", hamiltonian, "map words such as '1+ 2' to coefficients")
    return list(hamiltonian)


def _letters(word: Any, letter: re.Pattern[str], example: str) -> list[tuple[str, str]]:
    found = [letter.fullmatch(part) for part in word.split()] if isinstance(word, str) else []
    if not found or None in found:
        raise ParameterError("hamiltonian", word, f"have words of numbered operators, {example}")
    return [(match[1], match[2]) for match in found if match is not None]


def _require_pair(word: str, letters: Sequence[Any]) -> None:
    if len(letters) != 2:
        allowed = f"be quadratic for a linear method, which this term of {len(letters)} operators is not"
        raise ParameterError("hamiltonian", word, allowed)


def _once(places: Mapping[tuple[int, int], str], place: tuple[int, int], word: str) -> None:
    """Refuse a term that is written in two ways, of which one would be lost."""
    if place in places:
        raise ParameterError(
            "hamiltonian", word, f"name every term once, and not as {places[place]!r} as well"
        )


def _place(word: str, number: str, sites: int) -> int:
    if not 1 <= int(number) <= sites:
        raise ParameterError("hamiltonian", word, f"name sites from 1 to {sites}")
    return int(number) - 1


def _filled(
    hamiltonian: Mapping[str, ArrayLike], places: Mapping[tuple[int, int], str], sites: int
) -> Complex:
    given = {
        p: check.numbers("hamiltonian", hamiltonian[w], "have finite coefficients") for p, w in places.items()
    }
    shape = check.broadcast_shape(**{places[p]: value for p, value in given.items()})
    matrix = np.zeros((*shape, sites, sites), dtype=complex)
    for (i, j), value in given.items():
        matrix[..., i, j] = value
    return matrix
