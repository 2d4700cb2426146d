"""Entanglement measures of two qubits, batched, without false positives.

States of X form (only the diagonal and the anti-diagonal differ from zero) use
closed forms that keep relative accuracy next to the threshold and for tiny
entanglement.  A state is treated as an X state only if its other entries are
exactly zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common.errors import ParameterError
from qte.physics.operators import partial_transpose

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

_FLIP = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
_X_FORM = np.eye(4, dtype=bool) | np.fliplr(np.eye(4, dtype=bool))


def is_x_state(rho: Complex) -> bool:
    """Whether every state of the batch (..., 4, 4) is exactly of X form."""
    return not np.any(rho[..., ~_X_FORM])


def negativity(rho: Complex) -> Array:
    """Sum of the moduli of the negative eigenvalues of the partial transpose.

    Parameters
    ----------
    rho : ndarray, shape (..., 4, 4)

    Returns
    -------
    ndarray, shape (...)
        From 0 (separable) to 1/2 (Bell state).

    Notes
    -----
    khandelwal2020 eqs. (14)-(16).  For a state that is not of X form, an
    eigenvalue that the backward error of the eigenvalue solver cannot tell from
    zero (8 eps) counts as zero.

    Examples
    --------
    >>> singlet = np.array([[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]])
    >>> noise = np.array([0.0, 0.5, 0.9])[:, None, None]
    >>> negativity((1 - noise) * singlet + noise * np.eye(4) / 4)
    array([0.5  , 0.125, 0.   ])
    """
    rho = _two_qubits(rho)
    if is_x_state(rho):
        return _x_negativity(rho)
    values = np.linalg.eigvalsh(partial_transpose(rho, [1]))
    floor = 8 * np.finfo(float).eps * np.abs(values).max(axis=-1, keepdims=True)
    return np.asarray(np.where(values < -floor, -values, 0.0).sum(axis=-1))


def concurrence(rho: Complex) -> Array:
    """Wootters' concurrence, shape (..., 4, 4) to (...); man2019 eq. (17) for X states.

    Examples
    --------
    >>> singlet = np.array([[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]])
    >>> float(concurrence(singlet))
    1.0
    """
    rho = _two_qubits(rho)
    if is_x_state(rho):
        return _x_concurrence(rho)
    values, vectors = np.linalg.eigh(rho)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    spectrum = np.linalg.svd(np.swapaxes(root, -1, -2) @ _FLIP @ root, compute_uv=False)
    return np.asarray(np.maximum(0.0, 2 * spectrum[..., 0] - spectrum.sum(axis=-1)))


def fidelity(rho: Complex, target: ArrayLike) -> Array:
    """Fidelity with a pure state (d,) or a density matrix (d, d), shape (...).

    ``<psi|rho|psi>`` for a vector, Uhlmann's ``(Tr sqrt(sqrt(s) rho sqrt(s)))^2``
    for a matrix.

    Examples
    --------
    >>> float(fidelity(np.eye(4) / 4, [0, 1, -1, 0]).round(12))
    0.25
    """
    goal = np.asarray(target, dtype=complex)
    dim = rho.shape[-1]
    if goal.shape == (dim,):
        goal = goal / np.linalg.norm(goal)
        return np.asarray(np.einsum("i,...ij,j->...", goal.conj(), rho, goal).real)
    if goal.shape != (dim, dim):
        raise ParameterError("target", goal.shape, f"have shape ({dim},) or ({dim}, {dim})")
    left, right = _root(goal), _root(np.asarray(rho))
    overlap = np.linalg.svd(left @ right, compute_uv=False).sum(axis=-1)
    return np.asarray(overlap**2)


def _root(matrix: Complex) -> Complex:
    values, vectors = np.linalg.eigh(matrix)
    weighted = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    return np.asarray(weighted @ np.swapaxes(vectors.conj(), -1, -2))


def _two_qubits(rho: Complex) -> Complex:
    rho = np.asarray(rho, dtype=complex)
    if rho.shape[-2:] != (4, 4):
        raise ParameterError("rho", rho.shape, "have shape (..., 4, 4): two qubits")
    return rho


def _x_parts(rho: Complex) -> tuple[tuple[Array, Array, Array], tuple[Array, Array, Array]]:
    """(|coherence|, and the two populations it competes with) for both coherences."""
    p = np.diagonal(rho, axis1=-2, axis2=-1).real
    inner = (np.abs(rho[..., 1, 2]), p[..., 0], p[..., 3])
    outer = (np.abs(rho[..., 0, 3]), p[..., 1], p[..., 2])
    return inner, outer


def _x_negativity(rho: Complex) -> Array:
    total = np.zeros(rho.shape[:-2])
    for c, low, high in _x_parts(rho):
        geometric = _geometric_mean(low, high)
        # hypot(2c, low - high) - (low + high), rewritten without its cancellation
        size = np.hypot(2 * c, low - high) + low + high
        excess = 2 * (c - geometric) * (c + geometric)
        total += np.maximum(0.0, excess / np.where(size > 0, size, 1.0))
    return total


def _x_concurrence(rho: Complex) -> Array:
    inner, outer = (c - _geometric_mean(low, high) for c, low, high in _x_parts(rho))
    return np.asarray(2 * np.maximum(0.0, np.maximum(inner, outer)))


def _geometric_mean(a: Array, b: Array) -> Array:
    return np.asarray(np.sqrt(np.maximum(a, 0.0)) * np.sqrt(np.maximum(b, 0.0)))
