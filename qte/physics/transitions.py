"""Transitions between eigenstates of H that an operator drives, and which of them share a frequency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from qte.common import matrices
from qte.common.double_double import two_sum
from qte.physics.eigenbasis import Eigenbasis
from qte.physics.operators import Operator, unit
from qte.physics.terms import Term, Terms, dense

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Transition frequencies closer than this, relative to the largest, are one frequency:
# far above round-off, far below any rate for which a secular equation is meant.
SAME_FREQUENCY = 1e-10
# An amplitude below this, relative to the largest and a transition, is round-off of one that is 0.
NO_AMPLITUDE = 1e-15


@dataclass(frozen=True, eq=False)
class Transition:
    """|a><b| with its amplitude <a|A|b> (...) and frequency E_b - E_a = frequency + tail (...)."""

    amplitude: Array | Complex
    frequency: Array
    tail: Array
    place: tuple[int, int]
    dim: int

    @cached_property
    def operator(self) -> Operator:
        """|a><b|, shape (d, d)."""
        return unit(*self.place, self.dim)

    def terms(self, weight: ArrayLike = 1.0) -> Terms:
        """amplitude * |a><b|; the imaginary part of a complex amplitude is a term of its own."""
        amplitude = np.asarray(self.amplitude * np.asarray(weight))
        if not np.iscomplexobj(amplitude):
            return (Term(amplitude, self.operator),)
        return Term(amplitude.real, self.operator), Term(amplitude.imag, 1j * self.operator)


def transitions(coupling: Terms, basis: Eigenbasis, shape: tuple[int, ...]) -> list[Transition]:
    """Every transition that the sparsity of the coupling and of the eigenvectors allows."""
    dim = basis.support.shape[0]
    matrix: Array | Complex = dense(coupling, shape, dim)
    if not np.any(matrix.imag):
        matrix = np.asarray(matrix.real)
    frame = basis.vectors
    rotated = matrices.product(matrices.adjoint(frame), matrix, frame)
    bare = np.any(matrix != 0, axis=tuple(range(len(shape))))
    reach = basis.support.T.astype(int) @ bare.astype(int) @ basis.support.astype(int) > 0
    # a 0 that the pattern cannot show (a dark state of a collective bath) is left as a number
    gaps, tails = two_sum(basis.energies[..., None, :], -basis.energies[..., :, None])
    found = []
    for a, b in np.argwhere(reach):
        found.append(Transition(rotated[..., a, b], gaps[..., a, b], tails[..., a, b], (int(a), int(b)), dim))
    return found


def clusters(frequencies: Array, tolerance: float) -> NDArray[np.intp]:
    """Number the distinct frequencies along axis 0, separately at every grid point."""
    order = np.argsort(frequencies, axis=0, kind="stable")
    ranked = np.take_along_axis(frequencies, order, axis=0)
    scale = np.abs(frequencies).max(axis=0, keepdims=True)
    steps = np.diff(ranked, axis=0) > tolerance * scale
    label = np.concatenate([np.zeros_like(ranked[:1], dtype=np.intp), np.cumsum(steps, axis=0)])
    out = np.empty_like(label)
    np.put_along_axis(out, order, label, axis=0)
    return out


def cluster_means(frequencies: Array, same: NDArray[np.bool_]) -> Array:
    """Every frequency replaced by the mean of those that count as the same."""
    weights = same.astype(float)
    first = np.argmax(same, axis=1)
    base = np.take_along_axis(frequencies, first, axis=0)
    offset = sum(weights[:, q] * frequencies[q] for q in range(len(frequencies))) - base * weights.sum(axis=1)
    return np.asarray(base + offset / weights.sum(axis=1))


@dataclass(frozen=True, eq=False)
class Grouped:
    """Transitions, and which of them count as one frequency.

    Parameters
    ----------
    parts : list of Transition
        n of them.
    frequencies : ndarray, shape (n, ...)
        Equal where they count as one.
    tails : ndarray, shape (n, ...)
        What the rounding of a frequency that stands alone cut off.
    same : ndarray of bool, shape (n, n, ...)
    """

    parts: list[Transition]
    frequencies: Array
    tails: Array
    same: NDArray[np.bool_]

    @classmethod
    def of(cls, parts: list[Transition], shape: tuple[int, ...]) -> Grouped:
        """At every grid point by itself."""
        bare = np.stack([np.broadcast_to(p.frequency, shape) for p in parts])
        labels = clusters(bare, SAME_FREQUENCY)
        same = labels[:, None] == labels[None, :]
        alone = same.sum(axis=1) == 1
        tails = np.stack([np.where(own, p.tail, 0.0) for own, p in zip(alone, parts, strict=True)])
        return cls(parts, cluster_means(bare, same), tails, same)

    @classmethod
    def apart(cls, parts: list[Transition], shape: tuple[int, ...]) -> Grouped:
        """Each by itself, whatever its frequency."""
        bare, tails = (
            np.stack([np.broadcast_to(x, shape) for x in column])
            for column in zip(*((p.frequency, p.tail) for p in parts), strict=True)
        )
        each = np.eye(len(parts), dtype=bool).reshape(len(parts), len(parts), *(1,) * len(shape))
        return cls(parts, bare, tails, each)

    @property
    def pattern(self) -> NDArray[np.bool_] | None:
        """Which share a frequency, shape (n, n); None where grid points differ in it."""
        flat = self.same.reshape(*self.same.shape[:2], -1)
        first = flat[..., 0]
        axes = self.same.ndim - 2
        return first if np.all(self.same == first.reshape(first.shape + (1,) * axes)) else None

    def only_noise(self) -> NDArray[np.bool_]:
        """Where all of a frequency have amplitudes that are round-off beside the largest, shape (n, ...)."""
        size = np.stack(
            [np.broadcast_to(np.abs(p.amplitude), self.frequencies.shape[1:]) for p in self.parts]
        )
        noise = size <= NO_AMPLITUDE * len(self.parts) * size.max(axis=0)
        return np.asarray(~np.any(self.same & ~noise[None], axis=1))


def groups(pattern: NDArray[np.bool_]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """The first member of every set of a pattern, and all of them."""
    for leader in sorted({int(np.argmax(row)) for row in pattern}):
        yield leader, np.flatnonzero(pattern[leader])


def joined(parts: Sequence[Transition], weights: Sequence[Any]) -> Terms:
    """Sum of weight times transition; those that no parameter of the grid moves are one operator."""
    dim = parts[0].dim
    fixed: dict[tuple[int, int], Any] = {}
    moving: list[Term] = []
    for part, weight in zip(parts, weights, strict=True):
        values = part.amplitude * weight
        if np.ndim(values) == 0 or np.all(values == values.flat[0]):
            fixed[part.place] = values if np.ndim(values) == 0 else values.flat[0]
        else:
            moving += part.terms(weight)
    if fixed:
        rows, columns = np.array(list(fixed)).T
        operator = sp.csr_array((np.array(list(fixed.values())), (rows, columns)), shape=(dim, dim))
        moving.insert(0, Term(np.ones(()), operator))
    return tuple(moving)
