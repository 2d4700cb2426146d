"""Energies and eigenvectors of a Hamiltonian over a grid, block by block of its sparsity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.physics.operators import unit
from qte.physics.terms import Term, Terms, as_terms, dense

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Eigenbasis:
    """Energies (..., d) and orthonormal eigenvectors (..., d, d) of a Hamiltonian; real vectors of a real one.

    `support` (d, d) marks the entries of the vectors that can differ from zero:
    all others are exactly zero, so that the sparsity of what is built on them
    is exact.
    """

    energies: Array
    vectors: Array | Complex
    support: NDArray[np.bool_]


def eigenbasis(hamiltonian: Terms, shape: tuple[int, ...], dim: int) -> Eigenbasis:
    """Diagonalise H within each block of its sparsity pattern.

    Blocks of two states use the stable closed form, larger ones rotations; the
    order of a block's states is by decreasing energy.

    Examples
    --------
    >>> from qte.physics.operators import flip_flop, total_excitation
    >>> terms = (Term.of(1.0, total_excitation(2)), Term.of([0.1, 0.4], flip_flop(0, 1, 2)))
    >>> eigenbasis(terms, (2,), 4).energies
    array([[2. , 1.1, 0.9, 0. ],
           [2. , 1.4, 0.6, 0. ]])
    """
    hamiltonian = as_terms("hamiltonian", hamiltonian)
    if hamiltonian[0].operator.shape[0] != dim:
        raise ParameterError("hamiltonian", hamiltonian[0].operator.shape, f"have shape ({dim}, {dim})")
    matrix: Any = dense(hamiltonian, shape, dim)
    if not np.any(matrix.imag != 0):
        matrix = np.asarray(matrix.real)
    is_real = not np.iscomplexobj(matrix)
    if not np.array_equal(matrix, np.swapaxes(matrix, -1, -2).conj()):
        name, mirror = ("symmetric", "H_ji") if is_real else ("Hermitian", "the conjugate of H_ji")
        raise ParameterError("hamiltonian", f"entries H_ij that are not {mirror}", f"be {name}")
    pattern = np.any(matrix != 0, axis=tuple(range(len(shape))))
    _, labels = sp.csgraph.connected_components(sp.csr_array(pattern), directed=False)
    energies = np.zeros((*shape, dim))
    vectors = np.zeros((*shape, dim, dim), dtype=matrix.dtype)
    support = np.zeros((dim, dim), dtype=bool)
    for label in range(labels.max() + 1):
        block = np.flatnonzero(labels == label)
        sub = matrix[..., block[:, None], block]
        if len(block) == 2 and is_real:
            apart = _level_difference(hamiltonian, shape, block)
            energies[..., block], inner = _diagonalise_pair(sub, apart)
        else:
            energies[..., block], inner = _diagonalise(sub)
        vectors[..., block[:, None], block] = inner
        support[np.ix_(block, block)] = True
    return Eigenbasis(energies, vectors, support)


def _diagonalise(sub: Any) -> tuple[Array, Any]:
    size = sub.shape[-1]
    if size == 1:
        return np.asarray(sub[..., 0].real), np.ones_like(sub)
    values, vectors = matrices.eigh(sub) if size <= matrices.ROTATED else np.linalg.eigh(sub)
    return values[..., ::-1], vectors[..., ::-1]


def _level_difference(hamiltonian: Terms, shape: tuple[int, ...], pair: NDArray[np.intp]) -> Array:
    """H_aa - H_bb term by term: a detuning keeps its digits beside what both levels share."""
    total = np.zeros(shape)
    for term in hamiltonian:
        first, second = term.operator.diagonal()[pair].real.tolist()
        total = total + term.coefficient * (first - second)
    return np.asarray(total)


def _diagonalise_pair(sub: Array, apart: Array) -> tuple[Array, Array]:
    """Two levels: angle theta in [0, pi] with tan(theta) = 2 b/(a - d), the right branch of man2019."""
    a, b, d = sub[..., 0, 0], sub[..., 0, 1], sub[..., 1, 1]
    mean, half_gap = (a + d) / 2, el.hypot(apart / 2, b)
    half_angle = el.arctan2(2 * b, apart) / 2
    c, s = el.cos(half_angle), el.sin(half_angle)
    values = np.stack([mean + half_gap, mean - half_gap], axis=-1)
    return values, np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], axis=-2)


def energy_terms(basis: Eigenbasis) -> Terms:
    """The Hamiltonian in its own eigenbasis: one diagonal term a level."""
    dim = check.instance("basis", basis, Eigenbasis).support.shape[0]
    return tuple(Term(basis.energies[..., i], unit(i, i, dim)) for i in range(dim))
