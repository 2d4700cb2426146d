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
from qte.solver.limits import PLAN_NUMBERS

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
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
    slope = np.zeros_like(source)
    _respond(equations, equations.components[0], source[None], _scale(unknowns, generator.dim), slope[None])
    return slope


def respond(generator: Generator, sources: Array, unknowns: Array) -> Array:
    """Traceless solutions of ``L y = source``: what the Drazin inverse of L makes of sources, (k, d**2, points).

    Parameters
    ----------
    generator : Generator
        L, with a unique steady state at every point.
    sources : ndarray, shape (k, d**2, points)
        Of trace 0.
    unknowns : ndarray, shape (d**2, points)
        The steady state.

    Raises
    ------
    SteadyStateError
        The equations are singular: the steady state is not unique.
    """
    equations = superoperator(generator)
    found = np.zeros_like(sources)
    scale = _scale(unknowns, generator.dim)
    for inside in equations.components:
        if sources[:, inside].any():
            _respond(equations, inside, sources, scale, found)
    return found


def respond_at(generator: Generator, sources: Array, unknowns: Array, frequency: float) -> Complex:
    """Traceless solutions of ``(L + i frequency) y = source``, shape (k, d**2, points); arguments as `respond`.

    Raises
    ------
    SteadyStateError
        The equations are singular: an undamped oscillation has this frequency.
    """
    equations = superoperator(generator)
    # real and imaginary parts, one below the other
    found = np.zeros((2, *sources.shape))
    scale = _scale(unknowns, generator.dim)
    for inside in equations.components:
        if sources[:, inside].any():
            _respond(equations, inside, sources, scale, found, frequency)
    return np.asarray(found[0] + 1j * found[1])


def _respond(
    equations: Superoperator,
    inside: Index,
    sources: Array,
    scale: Array,
    out: Array,
    frequency: float | None = None,
) -> None:
    """Fill in the responses of some unknowns that no entry connects with others."""
    block = equations.restrict(inside)
    populations = int(np.count_nonzero(inside < equations.dim))
    step = max(1, PLAN_NUMBERS // len(inside) ** 2)
    for start in range(0, equations.points, step):
        chunk = slice(start, min(start + step, equations.points))
        here = scale[inside, chunk], sources[:, inside, chunk]
        if frequency is None:
            out[:, inside, chunk] = _solve(block, *here, populations, chunk)
        else:
            out[:, :, inside, chunk] = _solve_at(block, *here, populations, chunk, frequency)


def _scale(unknowns: Array, dim: int) -> Array:
    """sqrt(rho_ii rho_jj) of every unknown, shape (d**2, points)."""
    root = np.sqrt(np.maximum(unknowns[:dim], SMALLEST))
    i, j = np.triu_indices(dim, 1)
    coherences = root[i] * root[j]
    return np.concatenate([root**2, coherences, coherences])


def _solve(block: Superoperator, scale: Array, sources: Array, dim: int, chunk: slice) -> Array:
    """Responses (k, n, points) of a block whose first `dim` unknowns are populations."""
    matrix = _in_units(block, scale, chunk)
    right = np.ascontiguousarray(np.swapaxes(sources / scale, 0, 1))
    if dim:
        _take_the_trace(matrix, right, scale[:dim], 0)
    found = matrices.solve_along(matrix, right)
    if np.isnan(found).any():
        raise SteadyStateError("The response is not defined: the steady state is not unique")
    return np.asarray(np.swapaxes(found, 0, 1) * scale)


def _solve_at(
    block: Superoperator, scale: Array, sources: Array, dim: int, chunk: slice, frequency: float
) -> Array:
    """Real and imaginary parts (2, k, n, points) of the responses at a frequency, as `_solve`."""
    n, each = block.size, np.arange(block.size)
    matrix = np.zeros((2 * n, 2 * n, scale.shape[1]))
    matrix[:n, :n] = matrix[n:, n:] = _in_units(block, scale, chunk)
    matrix[each, n + each], matrix[n + each, each] = -frequency, frequency
    right = np.zeros((2 * n, len(sources), scale.shape[1]))
    right[:n] = np.swapaxes(sources / scale, 0, 1)
    if dim:
        _take_the_trace(matrix, right, scale[:dim], 0)
        _take_the_trace(matrix, right, scale[:dim], n)
    found = matrices.solve_along(matrix, right)
    if np.isnan(found).any():
        raise SteadyStateError("The response is not defined: an undamped oscillation has its frequency")
    return np.asarray(np.swapaxes(found.reshape(2, n, *found.shape[1:]), 1, 2) * scale)


def _in_units(block: Superoperator, scale: Array, chunk: slice) -> Array:
    """The block between unknowns in units of their scale, shape (n, n, points)."""
    matrix = np.zeros((block.size, block.size, scale.shape[1]))
    matrix[block.rows, block.columns] = block.values(chunk) * scale[block.columns] / scale[block.rows]
    return matrix


def _take_the_trace(matrix: Array, right: Array, scale: Array, first: int) -> None:
    """Give the place of the largest population's equation to the trace, in place; populations from `first` on."""
    points, dim = np.arange(scale.shape[1]), len(scale)
    largest = first + np.argmax(scale, axis=0)
    size = np.abs(matrix).max(axis=(0, 1))
    matrix[largest, :, points] = 0.0
    matrix[largest, first : first + dim, points] = (size * scale).T
    right[largest, :, points] = 0.0
