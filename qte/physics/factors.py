"""Measures that depend on square roots of a state's eigenvalues, to twelve digits or not at all.

A state is ``A A^+``; fidelity and concurrence are sums of singular values of products of
such factors.  An eigenvalue that round-off cannot tell from 0 enters by its square root,
1e-8 for 1e-16, so a measure is taken three times: of the state as it is given, and of the
smallest and the largest that have the same entries up to round-off.

What round-off does to the entries is relative to their populations: with ``D`` the roots of
the populations, ``D^-1 rho D^-1`` has ones on its diagonal, and its eigenvalues tell what is
round-off and what is a rare state, which has all its digits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qte.common import matrices
from qte.common.errors import IllConditioned
from qte.common.whole_numbers import rank

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Bool = NDArray[np.bool_]

# What round-off may add to an eigenvalue, relative to the largest.
ROUND_OFF = 4 * np.finfo(float).eps
# A negative eigenvalue of so much, relative to populations, is no round-off of what they allow.
TORN = 1e-8
# States of up to this many levels are asked for their exact rank.
RANK_LIMIT = 64


def settled(
    name: str, measure: Callable[..., Array], states: tuple[Complex, ...], accuracy: float, *, relative: bool
) -> Array:
    """A measure of the factors of states, shape (...).

    Parameters
    ----------
    name : str
        Of the measure, for the message.
    measure : callable
        Of one factor a state, shapes (..., d, d).
    states : tuple of ndarray, shapes (..., d, d)
        Hermitian, broadcasting.
    accuracy : float
        What round-off may move it by.
    relative : bool
        Whether that is a fraction of the value, or of 1.

    Raises
    ------
    IllConditioned
        Round-off of the entries moves the measure by more than is promised.
    """
    value, lost = _with_doubt(measure, [factors(state) for state in states])
    for place in np.argwhere(lost > accuracy * (value if relative else 1.0)):
        here = tuple(int(k) for k in place)
        alone = [factors(_at(state, here), whole=True) for state in states]
        value[here], lost[here] = _with_doubt(measure, alone)
    wrong = np.argwhere(lost > accuracy * (value if relative else 1.0))
    if len(wrong):
        raise IllConditioned(
            f"The {name} is known to {np.max(lost):.0e} only, for it depends on roots of eigenvalues that round-off "
            "of the entries cannot tell from 0; a larger `accuracy` takes it as it is",
            [tuple(int(k) for k in place) for place in wrong],
        )
    return value


def _with_doubt(
    measure: Callable[..., Array], given: list[tuple[Complex, Complex, Complex]]
) -> tuple[Array, Array]:
    """A measure, and how far the smallest and the largest states take it."""
    value, low, high = (np.array(measure(*(part[k] for part in given))) for k in range(3))
    return value, np.array(np.maximum(np.abs(high - value), np.abs(value - low)))


def factors(rho: Complex, *, whole: bool = False) -> tuple[Complex, Complex, Complex]:
    """A with ``A A^+`` the state, and of the smallest and largest that round-off leaves open; shapes (..., d, d).

    Parameters
    ----------
    rho : ndarray, shape (..., d, d)
    whole : bool
        One state only, (d, d): eigenvalues that are exactly 0, by its rank in whole numbers, are not left open.
    """
    size = _sizes(rho)
    values, vectors = _scaled(rho, size)
    # coherences beyond what their populations allow are round-off of larger entries: relative to those it is small
    torn = values[..., 0] < -TORN * values[..., -1]
    if torn.any():
        size = np.where(torn[..., None], 1.0, size)
        values, vectors = _scaled(rho, size)
    left_open = np.maximum(ROUND_OFF * values[..., -1:], -values[..., :1])
    certain = np.zeros(values.shape, dtype=bool)
    if whole and len(rho) <= RANK_LIMIT and np.count_nonzero(values > left_open) == rank(rho):
        certain = values <= left_open
        values = np.where(certain, 0.0, values)
    frame = size[..., None] * vectors
    shifts = (np.zeros_like(left_open), -left_open, left_open)
    roots = [np.sqrt(np.where(certain, 0.0, np.maximum(values + shift, 0.0))) for shift in shifts]
    given, least, most = (np.asarray(frame * root[..., None, :]) for root in roots)
    return given, least, most


def _sizes(rho: Complex) -> Array:
    """Roots of the populations, shape (..., d)."""
    populations = np.maximum(np.diagonal(rho, axis1=-2, axis2=-1).real, 0.0)
    # a level that is never there may have no coherence: what it has stands for a population
    return np.sqrt(np.where(populations > 0, populations, matrices.modulus(rho).max(axis=-1)))


def _scaled(rho: Complex, size: Array) -> tuple[Array, Complex]:
    """Eigenvalues and eigenvectors of ``D^-1 rho D^-1``."""
    with np.errstate(divide="ignore"):
        inverse = np.where(size > 0, 1 / size, 0.0)
    return matrices.eigh(rho * inverse[..., :, None] * inverse[..., None, :])


def _at(state: Complex, point: tuple[int, ...]) -> Complex:
    """One state of a batch that broadcasts with others."""
    own = state.ndim - 2
    index = point[len(point) - own :] if own else ()
    return np.asarray(state[tuple(0 if n == 1 else k for k, n in zip(index, state.shape, strict=False))])
