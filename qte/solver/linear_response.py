"""How a steady state answers to a small change of its generator, without differences.

``L rho = 0`` implies ``L rho' = -L' rho``.  Near equilibrium at low temperature
the entries of rho and rho' span hundreds of orders of magnitude; measured in
units of the state itself, ``y_ij = rho'_ij/sqrt(rho_ii rho_jj)``, detailed
balance turns the equations into ones whose coefficients are of the order of the
rates, so that ordinary LU keeps the relative accuracy of every entry.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qte.common import matrices
from qte.common.errors import SteadyStateError
from qte.physics.generators import Generator
from qte.solver.blocks import Superoperator, superoperator
from qte.solver.limits import CHUNK_BYTES

Array = NDArray[np.float64]
Index = NDArray[np.intp]

# Populations below this are counted as this: what flows into them underflows anyway.
SMALLEST = 1e-290


def state_slope(generator: Generator, change: Generator, unknowns: Array) -> Array:
    """First-order change of a steady state, ``L rho' = -L' rho`` with ``Tr rho' = 0``.

    Parameters
    ----------
    generator : Generator
        L, with a unique steady state at every point.
    change : Generator
        Its derivative L': the same operators with differentiated rates.  Its
        Hamiltonian is not used.
    unknowns : ndarray, shape (d**2, points)
        The steady state, as in `qte.solver.steady.SteadyState.unknowns`.

    Returns
    -------
    ndarray, shape (d**2, points)

    Raises
    ------
    SteadyStateError
        The equations are singular: the steady state is not unique.
    """
    equations = superoperator(generator)
    source = -superoperator(change, hamiltonian=False).apply(unknowns)
    slope = np.zeros_like(unknowns)
    _respond(equations, equations.components[0], source, _scale(unknowns, generator.dim), slope)
    return slope


def respond(generator: Generator, source: Array, unknowns: Array) -> Array:
    """The traceless solution of ``L y = source``: what the Drazin inverse of L makes of it, shape (d**2, points).

    Parameters
    ----------
    generator : Generator
        L, with a unique steady state at every point.
    source : ndarray, shape (d**2, points)
        Of trace 0.
    unknowns : ndarray, shape (d**2, points)
        The steady state.

    Raises
    ------
    SteadyStateError
        The equations are singular: the steady state is not unique.
    """
    equations = superoperator(generator)
    found = np.zeros_like(source)
    for inside in equations.components:
        if source[inside].any():
            _respond(equations, inside, source, _scale(unknowns, generator.dim), found)
    return found


def _respond(equations: Superoperator, inside: Index, source: Array, scale: Array, out: Array) -> None:
    """Fill in the response of some unknowns that no entry connects with others."""
    block = equations.restrict(inside)
    populations = int(np.count_nonzero(inside < equations.dim))
    step = max(1, CHUNK_BYTES // (8 * len(inside) ** 2))
    for start in range(0, equations.points, step):
        chunk = slice(start, min(start + step, equations.points))
        here = scale[inside, chunk], source[inside, chunk]
        out[inside, chunk] = _solve(block, *here, populations, chunk)


def _scale(unknowns: Array, dim: int) -> Array:
    """sqrt(rho_ii rho_jj) of every unknown, shape (d**2, points)."""
    root = np.sqrt(np.maximum(unknowns[:dim], SMALLEST))
    i, j = np.triu_indices(dim, 1)
    coherences = root[i] * root[j]
    return np.concatenate([root**2, coherences, coherences])


def _solve(block: Superoperator, scale: Array, source: Array, dim: int, chunk: slice) -> Array:
    points = np.arange(scale.shape[1])
    values = block.values(chunk)
    matrix = np.zeros((len(points), block.size, block.size))
    matrix[:, block.rows, block.columns] = (values * scale[block.columns] / scale[block.rows]).T
    right = (source / scale).T
    if dim:
        # the equation of the largest population is the one to give way to the trace
        largest = np.argmax(scale[:dim], axis=0)
        size = np.abs(matrix).max(axis=(1, 2))
        matrix[points, largest] = 0.0
        matrix[points, largest, :dim] = size[:, None] * scale[:dim].T
        right[points, largest] = 0.0
    found = matrices.solve(matrix, right[..., None])[..., 0]
    if np.isnan(found).any():
        raise SteadyStateError("The response is not defined: the steady state is not unique")
    return np.asarray(found.T * scale)
