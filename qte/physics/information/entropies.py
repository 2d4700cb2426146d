"""Entropy, mutual information and trace distance of states, batched, in nats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.qobj import dims_of
from qte.physics.information.spectra import (
    added,
    populations,
    relative_entropy,
    spectrum,
    times_log,
)
from qte.physics.operators import check_dims, check_sites, check_states, partial_trace, qubit_count, square

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


def von_neumann_entropy(rho: ArrayLike, *, certified: bool = False) -> Array:
    """``-Tr[rho ln rho]``, shape (...).

    Parameters
    ----------
    rho : ndarray, shape (..., d, d)
    certified : bool
        Whether `rho` comes from a solver that has looked at it; otherwise what is no state is refused.

    Raises
    ------
    ParameterError
        Not Hermitian, of trace 1 and positive to 1e-10.

    Examples
    --------
    >>> von_neumann_entropy([np.diag([0.5, 0.5]), np.diag([1.0, 0.0])]).round(6)
    array([0.693147, 0.      ])
    """
    values = populations(as_states("rho", rho, certified))
    # the largest may be next to 1: it is what the others leave
    others = added(values[..., 1:])
    largest = values[..., 0]
    total = -largest * el.log1p(-others / (largest + others))
    return np.asarray(total - added(times_log(values[..., 1:])))


def mutual_information(
    rho: ArrayLike, sites: Sequence[int], dims: Sequence[int] | None = None, *, certified: bool = False
) -> Array:
    """``S(A) + S(B) - S(AB)`` between the factors `sites` and all others, shape (...).

    Found as the relative entropy to the product of both parts: small correlations keep their digits.

    Parameters
    ----------
    rho, certified
        As in `von_neumann_entropy`.
    sites : sequence of int
        One side of the cut, counted from 0: at least one factor, each at most once, not all.
    dims : sequence of int, optional
        Dimensions of the factors; without it those that `rho` brings along, or qubits.

    Raises
    ------
    ParameterError
        No state, a cut that names a site twice or leaves nothing, dimensions that do not multiply.

    Examples
    --------
    >>> bell = np.array([1.0, 0.0, 0.0, 1.0]) / np.sqrt(2)
    >>> float((mutual_information(np.outer(bell, bell), [0]) / np.log(2)).round(12))
    2.0
    """
    dims = dims_of("rho", rho) if dims is None else dims
    state = as_states("rho", rho, certified)
    dim = state.shape[-1]
    sizes = (2,) * qubit_count(dim) if dims is None else check_dims("dims", dims, dim)
    sites = check_sites("sites", sites, len(sizes))
    if not 0 < len(sites) < len(sizes):
        raise ParameterError("sites", tuple(sites), "leave factors on both sides of the cut")
    rest = [k for k in range(len(sizes)) if k not in sites]
    order = [*sites, *rest]
    p, own = spectrum(partial_trace(state, order, sizes))
    (q, one), (r, other) = (spectrum(partial_trace(state, part, sizes)) for part in (sites, rest))
    joint = matrices.times(one[..., :, None, :, None], other[..., None, :, None, :])
    products = (q[..., :, None] * r[..., None, :]).reshape(p.shape)
    # the product of two rare populations may be below the smallest double
    logarithms = (el.log(q)[..., :, None] + el.log(r)[..., None, :]).reshape(p.shape)
    return relative_entropy(p, own, products, joint.reshape(own.shape), logarithms)


def trace_distance(rho: ArrayLike, other: ArrayLike, *, certified: bool = False) -> Array:
    """Half the sum of the moduli of the eigenvalues of ``rho - other``, shape (...).

    Parameters
    ----------
    rho, other : ndarray, shapes (..., d, d), broadcasting
    certified : bool
        As in `von_neumann_entropy`, of both.

    Raises
    ------
    ParameterError
        No states, or of different sizes.

    Examples
    --------
    >>> float(trace_distance(np.diag([1.0, 0.0]), np.diag([0.25, 0.75])))
    0.75
    """
    first, second = as_states("rho", rho, certified), as_states("other", other, certified)
    if first.shape[-1] != second.shape[-1]:
        raise ParameterError("other", second.shape, f"have shape (..., {first.shape[-1]}, {first.shape[-1]})")
    check.broadcast_shape(rho=first[..., 0, 0], other=second[..., 0, 0])
    return added(np.abs(matrices.eigenvalues(first - second))) / 2


def as_states(name: str, rho: Any, certified: bool) -> Complex:
    """States (..., d, d), looked at if they are not certified."""
    check.instance("certified", certified, bool)
    return square(name, rho).astype(complex) if certified else check_states(name, rho)
