"""Exceptional points of a generator: parameters at which eigenvalues meet and their eigenvectors with them.

Eigenvalues that meet are no analytic functions of a parameter, but what is symmetric in them is: for a
cluster of k of them the sums ``s_m = sum of (lambda - mean)**m``, m = 2 … k.  A scan finds clusters whose
sums may vanish nearby, Newton's method takes them to 0, to round-off, and the Schur form of the cluster
tells a Jordan block from eigenvalues that only cross (T. Kato, Perturbation Theory for Linear Operators
(1966), sec. II.2; W. D. Heiss, J. Phys. A 45, 444016 (2012); for generators F. Minganti, A. Miranowicz,
R. W. Chhajlany and F. Nori, Phys. Rev. A 100, 062131 (2019)).

In one parameter a real pair meets on its way into the plane; three eigenvalues meet in two parameters,
unless a symmetry of the machine makes them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.physics.generators import Generator
from qte.solver.blocks import from_unknowns, superoperator
from qte.solver.limits import EXCEPTIONAL_LIMIT
from qte.solver.spectrum.clusters import REACH, SAME, candidates, matched, sums

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.intp]

EPS = float(np.finfo(float).eps)
# Steps of Newton's method, and its difference quotients as fractions of a step of the scan.
STEPS, SMALL, LARGE = 25, 1e-6, 1e-2
# What else lies within so many radii of a cluster that has met belongs to it; the next one is as far again.
BELONGS, APART = 30.0, 10.0
# Round-off of the sums that is taken, in units of its estimate.
MARGIN = 100.0
# A power of the nilpotent part below this is 0; so is, to this fraction of the matrix, the part itself.
NILPOTENT, NOTHING = 1e-6, 1e-10
# Solutions closer than this, in steps of the scan and fractions of the matrix, are one.
ONE_POINT, ONE_VALUE = 1e-5, 1e-6


@dataclass(frozen=True, eq=False)
class ExceptionalPoint:
    """Parameters at which a generator cannot be diagonalised, with what shows it.

    Parameters
    ----------
    parameters : tuple of float
    errors : tuple of float
        How far round-off of the eigenvalues may move each of them.
    eigenvalue : complex
        The one that all meet in; of a conjugate pair that with the positive imaginary part.
    order : int
        Length of its longest Jordan chain, >= 2: eigenvalues split by the order-th root of a change.
    multiplicity : int
        How many eigenvalues of the block meet.
    chain : ndarray, shape (order, d, d)
        Matrices in the computational basis: ``L chain[0] = lambda chain[0]`` and
        ``L chain[j] = lambda chain[j] + chain[j - 1]``, so that a state evolves with t**j exp(lambda t).
    residual : float
        The largest error of these equations over the sizes of L and of the matrix: there is an equation so
        near by that has this chain exactly.
    """

    parameters: tuple[float, ...]
    errors: tuple[float, ...]
    eigenvalue: complex
    order: int
    multiplicity: int
    chain: Complex
    residual: float


def exceptional_points(family: Callable[..., Any], *scans: ArrayLike) -> list[ExceptionalPoint]:
    """Exceptional points of a family of generators within a range of one or two parameters.

    Parameters
    ----------
    family : callable
        Takes one float a parameter; gives a machine or a `Generator` of a single point.
    scans : array_like, shape (n,), one or two of them
        Ascending values, three at least, of each parameter: the range, and how finely it is searched.

    Returns
    -------
    list of ExceptionalPoint
        By their parameters; those of lines of them, which two parameters have, are left out.

    Raises
    ------
    ParameterError
        No family or no ranges; blocks of more unknowns than are searched.

    Notes
    -----
    What a scan steps over is not found: two points within a step, or a cluster that others run through; nor is
    one that a parameter only touches, so that eigenvalues split in proportion to it, as three of them do along a
    detuning.

    Examples
    --------
    A driven qubit is critically damped where the drive is a quarter of its decay:

    >>> import numpy as np
    >>> from qte.physics.generators import generator
    >>> from qte.physics.operators import FLIP, LOWER
    >>> found = exceptional_points(lambda drive: generator(drive / 2 * FLIP, [LOWER]), np.linspace(0.1, 1.0, 10))
    >>> [(point.order, round(point.parameters[0], 12), round(point.eigenvalue.real, 12)) for point in found]
    [(2, 0.25, -0.75)]
    """
    if not callable(family):
        raise ParameterError("family", family, "be a function of one or two parameters")
    ranges = _ranges(scans)
    points = list(itertools.product(*ranges))
    search = _Search.of(family, points)
    steps = np.array([np.diff(axis).max() for axis in ranges])
    found: list[ExceptionalPoint] = []
    for inside in search.blocks:
        block = _Block(search, inside, np.array([axis[[0, -1]] for axis in ranges]), steps)
        own: list[ExceptionalPoint] = []
        scanned = np.array([matrix[inside][:, inside].toarray() for matrix in search.scanned])
        for start, values, members in candidates(scanned, ranges):
            if not _leads_there_again(own, block, start, values[members]):
                point = block.polished(start, values, members)
                own += [] if point is None else [point]
        for point in own:
            _add(found, point, block)

    def order(point: ExceptionalPoint) -> tuple[Any, ...]:
        # round-off of one place does not decide
        place = np.round(np.array(point.parameters) / (ONE_POINT * steps)).tolist()
        return tuple(place), -point.eigenvalue.real, point.eigenvalue.imag

    return sorted(found, key=order)


def _ranges(scans: Sequence[ArrayLike]) -> list[Array]:
    if len(scans) not in (1, 2):
        raise ParameterError("scans", len(scans), "be the values of one or of two parameters")
    ranges = []
    for scan in scans:
        axis = check.real("scans", scan)
        if axis.ndim != 1 or len(axis) < 3 or not np.all(np.diff(axis) > 0):
            raise ParameterError("scans", scan, "be at least three values of a parameter in ascending order")
        ranges.append(axis)
    return ranges


@dataclass(frozen=True, eq=False)
class _Search:
    """The family as matrices, and the blocks that all points of a scan share."""

    family: Callable[..., Any]
    dim: int
    scanned: list[Any]
    blocks: list[Index]

    @classmethod
    def of(cls, family: Callable[..., Any], points: list[tuple[float, ...]]) -> _Search:
        generators = [_generator(family, point) for point in points]
        dim = generators[0].dim
        scanned = [_matrix(generator, dim) for generator in generators]
        pattern = sp.csr_array((dim**2,) * 2)
        for matrix in scanned:
            pattern = pattern + abs(matrix)
        count, labels = sp.csgraph.connected_components(pattern, directed=False)
        blocks = [np.flatnonzero(labels == k) for k in range(count)]
        largest = max(map(len, blocks))
        if largest > EXCEPTIONAL_LIMIT:
            raise ParameterError("family", largest, f"have blocks of <= {EXCEPTIONAL_LIMIT} unknowns")
        return cls(family, dim, scanned, [block for block in blocks if len(block) > 1])

    def at(self, point: Sequence[float] | Array, inside: Index) -> Array:
        """A block at some parameters, shape (n, n)."""
        matrix = _matrix(_generator(self.family, point), self.dim)
        return np.asarray(matrix[inside][:, inside].toarray(), dtype=float)

    def computational(self, point: Sequence[float] | Array, inside: Index, vectors: Complex) -> Complex:
        """Vectors (k, n) of a block as matrices in the computational basis, shape (k, d, d)."""
        generator = _generator(self.family, point)
        parts = []
        for values in (vectors.real, vectors.imag):
            whole = np.zeros((self.dim**2, len(vectors)))
            whole[inside] = values.T
            parts.append(generator.to_computational(from_unknowns(whole, self.dim)))
        return np.asarray(parts[0] + 1j * parts[1])


def _generator(family: Callable[..., Any], point: Sequence[float] | Array) -> Generator:
    made = family(*map(float, point))
    generator = getattr(made, "generator", made)
    if not isinstance(generator, Generator) or generator.shape:
        raise ParameterError("family", made, "give a machine or a Generator of a single point")
    return generator


def _matrix(generator: Generator, dim: int) -> Any:
    if generator.dim != dim:
        raise ParameterError("family", generator.dim, f"have the same number of levels everywhere, {dim}")
    equations = superoperator(generator)
    values = equations.values()[:, 0]
    return sp.csr_array((values, (equations.rows, equations.columns)), shape=(dim**2,) * 2)


@dataclass(frozen=True, eq=False)
class _Block:
    """One block of the family, in which clusters are taken to where they meet."""

    search: _Search
    inside: Index
    limits: Array
    steps: Array

    @cached_property
    def scale(self) -> float:
        """Size of the block's matrix."""
        return float(np.linalg.norm(self.search.at(self.limits.mean(axis=1), self.inside), 2))

    def values(self, point: Array) -> Complex:
        """Eigenvalues at some parameters, shape (n,)."""
        return np.asarray(np.linalg.eigvals(self.search.at(point, self.inside).astype(complex)))

    def polished(self, start: Array, values: Complex, members: Index) -> ExceptionalPoint | None:
        """The exceptional point that a cluster at some place of the scan leads to, if it is one."""
        met = self._met(start, values, members)
        if met is None:
            return None
        # with all eigenvalues that have met, the sums are analytic
        for _ in range(2):
            together = self._together(*met)
            met = None if together is None else self._met(*met[:2], together)
            if met is None:
                return None
        return self._judged(met[0], met[1][met[2]])

    def _met(self, point: Array, values: Complex, members: Index) -> tuple[Array, Complex, Index] | None:
        """Newton's method on the sums of a cluster, which takes in what comes close."""
        last, size = self.steps, np.inf
        for _ in range(STEPS):
            width = np.clip(np.abs(last) / 10, SMALL * self.steps, LARGE * self.steps)
            total, slopes = sums(values, members), self._slopes(point, values, members, width)
            # sums of one size: what they change by in a step of the scan
            reach = float(np.sqrt(np.max(np.abs(slopes[0]) * self.steps)))
            weights = reach ** -np.arange(2.0, len(members) + 1) if reach > 0 else np.ones(len(total))
            step = _least_squares(slopes * np.reshape(weights, (-1, 1)), -total * weights)
            step = np.clip(step, -REACH * self.steps, REACH * self.steps)
            if not np.isfinite(step).all():
                return None
            point = point + step
            if np.any(point < self.limits[:, 0] - self.steps) or np.any(
                point > self.limits[:, 1] + self.steps
            ):
                return None
            values = matched(values, self.values(point))
            members = _grown(values, members)
            before, size = size, float(np.max(np.abs(step) / self.steps))
            if size < EPS or (size < 1e-9 and size > before / 2):
                return point, values, members
            last = step
        return None

    def _slopes(self, point: Array, values: Complex, members: Index, width: Array) -> Complex:
        """Derivatives of the sums by each parameter, shape (k - 1, parameters)."""
        columns = []
        for axis, h in enumerate(width):
            shift = np.zeros(len(point))
            shift[axis] = h
            above, below = (matched(values, self.values(point + sign * shift)) for sign in (1, -1))
            columns.append((sums(above, members) - sums(below, members)) / (2 * h))
        return np.stack(columns, axis=-1)

    def _together(self, point: Array, values: Complex, members: Index) -> Index | None:
        """All eigenvalues that have met with a cluster; None where they stand in no group of their own."""
        chosen = values[members]
        radius = max(float(np.abs(chosen - chosen.mean()).max()), EPS * float(np.abs(values).max()))
        distance = np.abs(values - chosen.mean())
        together = distance <= BELONGS * radius
        outside = distance[~together]
        if outside.size and outside.min() < APART * distance[together].max():
            return None
        return np.flatnonzero(together)

    def _judged(self, point: Array, cluster: Complex) -> ExceptionalPoint | None:
        """The point with its certificate, if the cluster has a Jordan chain and stands on no line of such points."""
        if np.any(point < self.limits[:, 0] - ONE_POINT * self.steps) or np.any(
            point > self.limits[:, 1] + ONE_POINT * self.steps
        ):
            return None
        matrix = self.search.at(point, self.inside)
        size, k, mean = float(np.linalg.norm(matrix, 2)), len(cluster), complex(cluster.mean())
        if mean.imag < -SAME * size:
            return None
        radius = 2 * float(np.abs(cluster - mean).max()) + EPS * size
        upper, turned, count = scipy.linalg.schur(
            matrix.astype(complex), output="complex", sort=lambda value: abs(value - mean) <= radius
        )
        if count != k:
            return None
        mean = complex(np.diagonal(upper)[:k].mean())
        nilpotent = upper[:k, :k] - mean * np.eye(k)
        order = _order(nilpotent, size)
        if order is None:
            return None
        condition = _condition(upper, k)
        errors = self._errors(point, mean, nilpotent, size * condition)
        if errors is None:
            return None
        if abs(mean.imag) <= EPS * MARGIN * size * condition:
            mean = complex(mean.real)
        chain, residual = self._chain(point, matrix, mean, turned[:, :k], nilpotent, order)
        return ExceptionalPoint(
            tuple(point.tolist()), tuple(errors.tolist()), mean, order, k, chain, residual
        )

    def _errors(self, point: Array, mean: complex, nilpotent: Complex, size: float) -> Array | None:
        """What round-off of the sums makes of the parameters; None where they do not vanish, or on a line."""
        k = len(nilpotent)
        values = self.values(point)
        members = np.argsort(np.abs(values - mean), kind="stable")[:k]
        total = sums(values, members)
        slopes = self._slopes(point, values, members, np.sqrt(SMALL * LARGE) * self.steps)
        strength = float(np.linalg.norm(nilpotent, 2))
        powers = np.arange(2, k + 1)
        noise = powers * EPS * size * strength ** (powers - 1.0)
        if np.any(np.abs(total) > MARGIN * noise):
            return None
        weighted = slopes * self.steps / noise[:, None]
        weighted = np.concatenate([weighted.real, weighted.imag])
        sizes = np.linalg.svd(weighted, compute_uv=False)
        if not sizes[-1] > 1 / ONE_POINT:
            return None
        units = np.maximum(np.abs(total) / noise, 1.0)
        return np.asarray(np.abs(np.linalg.pinv(weighted)) @ np.tile(units, 2) * self.steps)

    def _chain(
        self, point: Array, matrix: Array, value: complex, basis: Complex, nilpotent: Complex, order: int
    ) -> tuple[Complex, float]:
        """A longest Jordan chain as matrices, and the largest error of its equations."""
        last = np.linalg.svd(np.linalg.matrix_power(nilpotent, order - 1))[2][0].conj()
        vectors = [basis @ np.linalg.matrix_power(nilpotent, order - 1 - j) @ last for j in range(order)]
        vectors = [vector / np.linalg.norm(vectors[0]) for vector in vectors]
        size, before, worst = np.linalg.norm(matrix, 2), np.zeros(len(matrix), dtype=complex), 0.0
        for vector in vectors:
            error = np.linalg.norm(matrix @ vector - value * vector - before)
            worst, before = max(worst, float(error / (size * np.linalg.norm(vector)))), vector
        return self.search.computational(point, self.inside, np.stack(vectors)), worst


def _grown(values: Complex, members: Index) -> Index:
    """A cluster with the eigenvalues that have come as close to its mean as its own."""
    chosen = values[members]
    distance = np.abs(values - chosen.mean())
    return np.union1d(members, np.flatnonzero(distance <= np.abs(chosen - chosen.mean()).max()))


def _least_squares(slopes: Complex, right: Complex) -> Array:
    """Real solution of complex equations."""
    matrix, side = (np.concatenate([x.real, x.imag]) for x in (slopes, right))
    if not (np.isfinite(matrix).all() and np.isfinite(side).all()):
        return np.full(matrix.shape[1], np.nan)
    return np.asarray(np.linalg.lstsq(matrix, side, rcond=None)[0])


def _order(nilpotent: Complex, size: float) -> int | None:
    """The first power that vanishes; None if no small one does, or the first."""
    strength = np.linalg.norm(nilpotent, 2)
    if strength <= NOTHING * size:
        return None
    power = np.eye(len(nilpotent))
    for m in range(1, len(nilpotent) + 1):
        power = power @ nilpotent / strength
        if np.linalg.norm(power, 2) <= NILPOTENT:
            return m
    return None


def _condition(upper: Complex, k: int) -> float:
    """Norm of the projector onto the first k Schur vectors along the other invariant space."""
    if k == len(upper):
        return 1.0
    beside = scipy.linalg.solve_sylvester(upper[:k, :k], -upper[k:, k:], upper[:k, k:])
    return float(np.sqrt(1 + np.linalg.norm(beside, 2) ** 2))


def _leads_there_again(found: list[ExceptionalPoint], block: _Block, start: Array, cluster: Complex) -> bool:
    """Whether a point that is known lies within a step of the scan, and its eigenvalue within the cluster."""
    mean = cluster.mean()
    radius = 2 * np.abs(cluster - mean).max()
    return any(
        np.all(np.abs(np.subtract(point.parameters, start)) <= block.steps)
        and abs(point.eigenvalue - mean) <= radius
        for point in found
    )


def _add(found: list[ExceptionalPoint], new: ExceptionalPoint, block: _Block) -> None:
    """One more point; of the same in several blocks, or found twice, that with the longest chain."""
    for k, old in enumerate(found):
        near = np.abs(np.subtract(old.parameters, new.parameters)) <= ONE_POINT * block.steps
        if near.all() and abs(old.eigenvalue - new.eigenvalue) <= ONE_VALUE * block.scale:
            found[k] = max(old, new, key=lambda point: point.order)
            return
    found.append(new)
