"""Populations and eigenvectors of states, and the sums that entropies are made of.

Eigenvectors v are found by rotations, and populations are ``|A^+ v|^2`` with a factor A of the
state, ``A A^+ = rho``: small ones have their own digits.  Relative entropies are sums of terms that are
none negative,

    S(rho|sigma) = sum_ij |<i|j>|^2 (p_i ln(p_i/q_j) - p_i + q_j),

so that next to equal states nothing cancels but what the entries themselves have lost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.physics.factors import factors
from qte.physics.operators import STATE_TOLERANCE, square

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Ratios of populations within this of 1 are taken by a series.
_NEAR = 0.03
_SERIES = tuple((-1.0) ** k / (k * (k - 1)) for k in range(2, 12))


def populations(rho: ArrayLike) -> Array:
    """Eigenvalues of Hermitian matrices >= 0 in descending order, each to its own digits, shape (..., d)."""
    return np.asarray(-np.sort(-spectrum(rho)[0], axis=-1))


def spectrum(rho: ArrayLike) -> tuple[Array, Complex]:
    """Populations (..., d), in no order, and the eigenvectors that they belong to (..., d, d).

    Raises
    ------
    ParameterError
        No finite, square matrices, or not Hermitian to 1e-10 of their largest entry.
    """
    state = square("rho", rho).astype(complex)
    if np.any(np.abs(state - matrices.adjoint(state)) > STATE_TOLERANCE * np.abs(state).max(initial=0.0)):
        raise ParameterError("rho", rho, "be Hermitian")
    vectors = matrices.eigh(state)[1]
    parts = matrices.product(matrices.adjoint(factors(state)[0]), vectors)
    return added(np.swapaxes(matrices.modulus(parts) ** 2, -1, -2)), vectors


def relative_entropy(
    p: Array, own: Complex, q: Array, others: Complex, logarithms: Array | None = None
) -> Array:
    """``S(rho|sigma)``, shape (...): a sum of what is never negative, one term for every pair of vectors.

    Parameters
    ----------
    p, q : ndarray, shape (..., d)
        Populations of rho and sigma.
    own, others : ndarray, shape (..., d, d)
        Their eigenvectors.
    logarithms : ndarray, shape (..., d), optional
        Of q, where q itself is below the smallest double.

    Raises
    ------
    ParameterError
        What is no population, or shapes that do not belong together.
    """
    p, q = check.real("p", p, minimum=0.0), check.real("q", q, minimum=0.0)
    own, others = square("own", own).astype(complex), square("others", others).astype(complex)
    for name, values in (("p", p), ("q", q), ("others", others[..., 0])):
        if values.shape[-1:] != own.shape[-1:]:
            raise ParameterError(name, values.shape, f"have {own.shape[-1]} entries for so many eigenvectors")
    check.broadcast_shape(p=p, own=own[..., 0], q=q, others=others[..., 0])
    overlap = matrices.modulus(matrices.product(matrices.adjoint(own), others)) ** 2
    if logarithms is None:
        logarithms = el.log(q)
    else:
        logarithms = check.real("logarithms", logarithms, either_infinite=True, largest=np.inf)
        check.broadcast_shape(q=q, logarithms=logarithms)
    terms = _excess(p[..., :, None], q[..., None, :], logarithms[..., None, :])
    terms = overlap * terms
    return added(terms.reshape(*terms.shape[:-2], terms.shape[-2] * terms.shape[-1]))


def _excess(p: Array, q: Array, log_q: Array) -> Array:
    """``p ln(p/q) - p + q >= 0``; what sigma does not hold and rho holds by round-off only is left out."""
    p, q, log_q = np.broadcast_arrays(p, q, log_q)
    there = np.isfinite(log_q)
    positive = (p > 0) & there
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        far = np.where(positive, p * (el.log(np.where(positive, p, 1.0)) - np.where(there, log_q, 0.0)), 0.0)
        far = far - p + q
        step = np.where(positive & (q > 0), (p - q) / np.where(q > 0, q, 1.0), 1.0)
    close = np.abs(step) < _NEAR
    step = np.where(close, step, 0.0)
    series = np.full_like(step, _SERIES[-1])
    for term in _SERIES[-2::-1]:
        series = series * step + term
    return np.asarray(np.where(close, q * step**2 * series, np.where(there, far, 0.0)))


def times_log(values: ArrayLike) -> Array:
    """``p ln p`` of numbers >= 0, 0 at 0."""
    values = check.real("values", values, minimum=0.0)
    return np.asarray(values * el.log(np.where(values > 0, values, 1.0)))


def added(parts: ArrayLike) -> Array:
    """Sum over the last axis in a fixed order."""
    parts = check.real("parts", parts, largest=np.inf)
    if parts.ndim == 0:
        raise ParameterError("parts", parts, "have an axis that is summed over")
    total = np.zeros(parts.shape[:-1])
    for k in range(parts.shape[-1]):
        total = total + parts[..., k]
    return np.asarray(total)
