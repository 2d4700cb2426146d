"""Clusters of eigenvalues that may meet near a point of a scan, and the sums over them that are analytic."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.intp]

# Eigenvalues closer than this fraction of the matrix at every point of the scan are one for good.
SAME = 1e-9
# A zero is looked for within this many steps of the scan.
REACH = 4.0


def candidates(matrices: Array, ranges: Sequence[Array]) -> Iterator[tuple[Array, Complex, Index]]:
    """Points of a scan near which a cluster may meet, with the eigenvalues there and the cluster's numbers.

    Parameters
    ----------
    matrices : ndarray, shape (points, n, n)
        At the product of the ranges, the last one running fastest.
    ranges : sequence of ndarray, one or two of them
        Values of each parameter, ascending.
    """
    shape = tuple(map(len, ranges))
    values = np.linalg.eigvals(matrices).astype(complex).reshape(*shape, matrices.shape[-1])
    scale = float(np.abs(matrices).max())
    for place in np.ndindex(*shape):
        here = values[place]
        around = [
            [matched(here, values[other]) for other in _neighbours(place, axis, shape)]
            for axis in range(len(shape))
        ]
        for members in _clusters(here, len(shape), scale):
            beside = [[sums(other, members) for other in along] for along in around]
            start = np.array([axis[k] for axis, k in zip(ranges, place, strict=True)])
            for row in members[_may_vanish(sums(here, members), beside, scale)]:
                yield start, here, row


def _neighbours(place: tuple[int, ...], axis: int, shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for step in (-1, 1):
        if 0 <= place[axis] + step < shape[axis]:
            yield (*place[:axis], place[axis] + step, *place[axis + 1 :])


def matched(values: Complex, others: Complex) -> Complex:
    """Other eigenvalues in the order of those that they are nearest to."""
    return np.asarray(others[linear_sum_assignment(np.abs(values[:, None] - others))[1]])


def _clusters(values: Complex, parameters: int, scale: float) -> Iterator[Index]:
    """Sets of eigenvalues that may meet, shape (sets, size), size by size.

    Pairs; in two parameters those that are not real on their way, and the nearest three and four.
    """
    pairs = np.array(list(itertools.combinations(range(len(values)), 2)))
    if parameters == 1:
        yield pairs
        return
    first, second = values[pairs].T
    tolerance = SAME * scale
    real = (np.abs((first + second).imag) <= tolerance) & (np.abs(((first - second) ** 2).imag) <= tolerance)
    yield pairs[~real]
    for size in (3, 4):
        nearest = {tuple(sorted(_nearest(values, k, size, tolerance))) for k in range(len(values))}
        sets = [chosen for chosen in nearest if len(chosen) == size]
        if sets:
            yield np.array(sorted(sets))


def _nearest(values: Complex, k: int, size: int, tolerance: float) -> list[int]:
    """An eigenvalue and the nearest different ones."""
    chosen = [k]
    for other in np.argsort(np.abs(values - values[k]), kind="stable"):
        if len(chosen) < size and np.abs(values[chosen] - values[other]).min() > tolerance:
            chosen.append(int(other))
    return chosen


def sums(values: Complex, members: Index) -> Complex:
    """``sum of (lambda - mean)**m`` for m = 2 … k of sets of k eigenvalues, shape (..., k - 1)."""
    chosen = values[members]
    apart = chosen - chosen.mean(axis=-1, keepdims=True)
    return np.stack([(apart**m).sum(axis=-1) for m in range(2, members.shape[-1] + 1)], axis=-1)


def _may_vanish(own: Complex, beside: list[list[Complex]], scale: float) -> NDArray[np.bool_]:
    """Which sets have their smallest squares here, and no larger than a few steps change them, shape (sets,)."""
    squares = np.abs(own[..., 0])
    lowest, reach = np.ones(squares.shape, dtype=bool), np.zeros(squares.shape)
    for along in beside:
        lowest &= np.all([squares <= np.abs(other[..., 0]) for other in along], axis=0)
        reach += np.max([np.abs(other[..., 0] - own[..., 0]) for other in along], axis=0)
    # what never differs by more than round-off is the same eigenvalue twice
    return lowest & (squares <= REACH * reach) & (reach > (SAME * scale) ** 2)
