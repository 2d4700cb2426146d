"""Steady states over a grid of parameters, certified.

One entry point, `steady_state`.  The route is chosen by structure and recorded
in ``SteadyState.method``:

``elimination``
    Blocks of up to 70 unknowns: `qte.elimination`, subtraction-free on the
    populations.
``lapack``
    Points where the effective rates are not all >= 0, and larger blocks: dense
    LU in chunks.
``sparse``
    Blocks of more than 1500 unknowns: sparse LU, point by point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

from qte import parameters as check
from qte.blocks import Superoperator, from_unknowns, superoperator, to_unknowns
from qte.elimination import Plan, Reduced, reachable_classes, stationary
from qte.errors import IllConditioned, NegativeState, NonUniqueSteadyState, ParameterError
from qte.generators import Generator
from qte.symmetry import invariant_unknowns

Array = NDArray[np.float64]
Bool = NDArray[np.bool_]
Index = NDArray[np.intp]
Complex = NDArray[np.complex128]
Method = Literal["auto", "elimination", "lapack", "sparse"]

METHODS = ("auto", "elimination", "lapack", "sparse")
PLAN_LIMIT = 70
DENSE_LIMIT = 1500
CHUNK_BYTES = 2**25
PLAN_CHUNK = 4096
# Singular values below this fraction of the largest count as zero (suspects only).
KERNEL_TOLERANCE = 1e-12
POSITIVITY_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class SteadyState:
    """Steady states on a grid, with their certificates.

    Parameters
    ----------
    generator : Generator
    unknowns : ndarray, shape (d**2, points)
        Populations, then real and imaginary parts, in the generator's frame.
    kernel_dimension : ndarray of int, shape (...)
        1 where the steady state is unique.
    residual : ndarray, shape (...)
        Largest over the rows of ``|L x| / (|L| max|x|)``: backward error of each
        equation relative to its own coefficients.
    method : str
        Route taken; two names joined by "+" when points differ.
    """

    generator: Generator
    unknowns: Array
    kernel_dimension: NDArray[np.intp]
    residual: Array
    method: str

    @property
    def unique(self) -> Bool:
        """Whether each steady state is the only one, shape (...)."""
        return np.asarray(self.kernel_dimension == 1)

    @cached_property
    def rho(self) -> Complex:
        """Density matrices in the computational basis, shape (..., d, d)."""
        return self.generator.to_computational(self.rho_in_frame)

    @cached_property
    def rho_in_frame(self) -> Complex:
        """Density matrices in the basis of the generator's terms, shape (..., d, d)."""
        grid = self.unknowns.reshape(-1, *self.generator.shape)
        return from_unknowns(grid, self.generator.dim)

    @cached_property
    def min_eigenvalue(self) -> Array:
        """Smallest eigenvalue of rho, shape (...)."""
        return np.asarray(np.linalg.eigvalsh(self.rho_in_frame)[..., 0])


def steady_state(
    generator: Generator, *, method: Method = "auto", rho0: Complex | None = None
) -> SteadyState:
    """Solve ``L rho = 0``, ``Tr rho = 1`` at every point of the generator's grid.

    Parameters
    ----------
    generator : Generator
    method : {"auto", "elimination", "lapack", "sparse"}
    rho0 : ndarray, shape (..., d, d), optional
        Initial state (computational basis).  Where the steady state is not
        unique, the long-time average of the evolution from it is returned.

    Returns
    -------
    SteadyState

    Raises
    ------
    NonUniqueSteadyState
        More than one steady state at some point, and no `rho0`.
    NegativeState
        A completely positive generator gave a population below -1e-10.
    IllConditioned
        A route broke down (non-finite numbers).
    """
    check.choice("method", method, METHODS)
    equations = superoperator(generator)
    inside, *outside = equations.components
    solver = _Solver(equations.restrict(inside), generator.dim, method)
    x, kernel = solver.solve()
    if not _relaxes(generator):
        kernel += _kernel_of_coherences(equations, outside, kernel, invariant_unknowns(generator))
    full = np.zeros((equations.size, equations.points))
    full[inside] = x
    several = np.flatnonzero(kernel != 1)
    if several.size:
        if rho0 is None:
            raise NonUniqueSteadyState(
                int(kernel.max()),
                _positions(several, generator.shape),
                "; an initial state `rho0` would choose one",
            )
        full[:, several] = _long_time_average(equations, several, _initial(generator, rho0))
    _refuse_nonsense(full, generator)
    return SteadyState(
        generator,
        full,
        kernel.reshape(generator.shape),
        _residual(equations, full).reshape(generator.shape),
        "+".join(sorted(solver.used)),
    )


class _Solver:
    """Kernel of the block that holds the populations."""

    def __init__(self, block: Superoperator, populations: int, method: Method) -> None:
        self.block = block
        self.populations = populations
        self.used: set[str] = set()
        entries = tuple(zip(block.rows.tolist(), block.columns.tolist(), strict=True))
        self.plan = Plan(block.size, populations, entries)
        self.method = self._choose() if method == "auto" else method

    def _choose(self) -> Method:
        if self.block.size <= PLAN_LIMIT and self.plan.steps is not None:
            return "elimination"
        return "lapack" if self.block.size <= DENSE_LIMIT else "sparse"

    def solve(self) -> tuple[Array, NDArray[np.intp]]:
        """Unknowns (n, points) and kernel dimensions (points,) of the block."""
        x = np.empty((self.block.size, self.block.points))
        kernel = np.ones(self.block.points, dtype=np.intp)
        route = {"elimination": self._eliminate, "lapack": self._lapack, "sparse": self._sparse}
        for chunk in self._chunks():
            x[:, chunk], kernel[chunk] = route[self.method](np.arange(self.block.points)[chunk])
        return x, kernel

    def _chunks(self) -> Iterator[slice]:
        step = PLAN_CHUNK
        if self.method == "lapack":
            step = max(1, CHUNK_BYTES // (8 * self.block.size**2))
        elif self.method == "sparse":
            step = 1
        for start in range(0, self.block.points, step):
            yield slice(start, min(start + step, self.block.points))

    def _values(self, points: Index) -> Array:
        if len(points) and points[-1] - points[0] == len(points) - 1:
            return self.block.values(slice(int(points[0]), int(points[-1]) + 1))
        return np.asarray(self.block.mixing @ self.block.coefficients[:, points])

    def _eliminate(self, points: Index) -> tuple[Array, NDArray[np.intp]]:
        if self.plan.steps is None:
            raise IllConditioned("The block has a structurally zero pivot: use method 'lapack'")
        reduced = self.plan.reduce(self._values(points))
        x = np.empty((self.block.size, len(points)))
        kernel = np.ones(len(points), dtype=np.intp)
        rates = reduced.rates
        unfit = reduced.suspect | (rates < 0).any(axis=(0, 1)) | ~np.isfinite(rates).all(axis=(0, 1))
        fit = np.flatnonzero(~unfit)
        if fit.size:
            self.used.add("elimination")
            x[:, fit], kernel[fit] = _gth(reduced, fit)
        rest = np.flatnonzero(unfit)
        if rest.size:
            x[:, rest], kernel[rest] = self._lapack(points[rest])
        return x, kernel

    def _dense(self, points: Index) -> Array:
        values = self._values(points)
        out = np.zeros((len(points), self.block.size, self.block.size))
        out[:, self.block.rows, self.block.columns] = values.T
        return out

    def _lapack(self, points: Index) -> tuple[Array, NDArray[np.intp]]:
        self.used.add("lapack")
        matrix = self._dense(points)
        scale = np.abs(matrix).max(axis=(1, 2))
        system = matrix / scale[:, None, None]
        # the rows of the populations add up to 0, so any one of them may give way to the trace
        system[:, 0, :] = 0.0
        system[:, 0, : self.populations] = 1.0
        x, regular = _solve_bordered(system)
        kernel = np.ones(len(points), dtype=np.intp)
        suspects = np.flatnonzero(~regular)
        if suspects.size:
            kernel[suspects] = np.maximum(1, _nullity(matrix[suspects]))
        return x, kernel

    def _sparse(self, points: Index) -> tuple[Array, NDArray[np.intp]]:
        self.used.add("sparse")
        x = np.empty((self.block.size, len(points)))
        for k, value in enumerate(self._values(points).T):
            x[:, k] = self._sparse_point(value)
        return x, np.ones(len(points), dtype=np.intp)

    def _sparse_point(self, value: Array) -> Array:
        rows, columns, size = self.block.rows, self.block.columns, self.block.size
        keep = rows != 0
        trace = np.arange(self.populations)
        matrix = sp.csc_array(
            (
                np.concatenate([value[keep] / np.abs(value).max(), np.ones(self.populations)]),
                (np.concatenate([rows[keep], 0 * trace]), np.concatenate([columns[keep], trace])),
            ),
            shape=(size, size),
        )
        right = np.zeros(size)
        right[0] = 1.0
        try:
            factors = splu(matrix)
        except RuntimeError as error:
            raise NonUniqueSteadyState(2) from error
        pivots = np.abs(factors.U.diagonal())
        if pivots.min() < KERNEL_TOLERANCE * pivots.max():
            raise NonUniqueSteadyState(1 + int((pivots < KERNEL_TOLERANCE * pivots.max()).sum()))
        return np.asarray(factors.solve(right))


def _gth(reduced: Reduced, points: Index) -> tuple[Array, NDArray[np.intp]]:
    """Populations pattern by pattern, then the coherences that follow from them."""
    rates = reduced.rates
    populations = np.zeros((reduced.plan.first, reduced.points))
    kernel = np.ones(reduced.points, dtype=np.intp)
    for pattern, members in _patterns(rates[:, :, points]):
        chosen = points[members]
        classes = reachable_classes(pattern)
        kernel[chosen] = len(classes)
        populations[:, chosen] = stationary(rates[:, :, chosen], classes[0])
    return reduced.restore(populations)[:, points], kernel[points]


def _patterns(rates: Array) -> Iterator[tuple[Bool, Index]]:
    """Distinct sets of open transitions on the grid, each with its points."""
    positive = rates > 0
    if (positive.all(axis=2) == positive.any(axis=2)).all():
        yield positive[:, :, 0], np.arange(rates.shape[2])
        return
    flat = positive.reshape(-1, rates.shape[2])
    codes, inverse = np.unique(flat, axis=1, return_inverse=True)
    for k in range(codes.shape[1]):
        yield codes[:, k].reshape(positive.shape[:2]), np.flatnonzero(inverse.ravel() == k)


def _solve_bordered(system: Array) -> tuple[Array, Bool]:
    """Solve ``A x = e_0`` for (points, n, n): x of shape (n, points), and whether A is regular.

    The inverse gives x as its first column, a step of refinement, and the
    condition number that decides.
    """
    try:
        inverse = np.linalg.inv(system)
    except np.linalg.LinAlgError:
        inverse = np.linalg.pinv(system)
        regular = np.asarray(np.linalg.cond(system) < 1 / KERNEL_TOLERANCE)
        return np.asarray(inverse[:, :, 0].T), regular
    condition = np.abs(system).sum(axis=1).max(axis=1) * np.abs(inverse).sum(axis=1).max(axis=1)
    x = inverse[:, :, :1]
    defect = -system @ x
    defect[:, 0] += 1.0
    return np.asarray((x + inverse @ defect)[..., 0].T), np.asarray(condition < 1 / KERNEL_TOLERANCE)


def _nullity(matrices: Array) -> NDArray[np.intp]:
    """Dimension of the kernels of matrices (points, n, n), rows scaled to one size."""
    rows = np.abs(matrices).max(axis=2, keepdims=True)
    scaled = matrices / np.where(rows == 0, 1.0, rows)
    values = np.linalg.svd(scaled, compute_uv=False)
    return np.asarray((values <= KERNEL_TOLERANCE * values[:, :1]).sum(axis=1))


def _kernel_of_coherences(
    equations: Superoperator, components: list[Index], inside: NDArray[np.intp], invariant: Bool
) -> NDArray[np.intp]:
    """Dimension of the kernel among unknowns that meet no population (points,).

    Where one steady state is found among the invariant unknowns there is no
    other (`qte.symmetry`), and the rest is not looked at.
    """
    kernel = np.zeros(equations.points, dtype=np.intp)
    for needed in (True, False):
        chosen = [c for c in components if invariant[c].any() == needed]
        points = np.arange(equations.points) if needed else np.flatnonzero(inside + kernel != 1)
        if not points.size:
            break
        here = replace(equations, coefficients=equations.coefficients[:, points])
        for unknowns in chosen:
            kernel[points] += _kernel_outside(here.restrict(unknowns))
    return kernel


def _kernel_outside(block: Superoperator) -> NDArray[np.intp]:
    """Dimension of the kernel among unknowns that meet no population (points,)."""
    entries = tuple(zip(block.rows.tolist(), block.columns.tolist(), strict=True))
    plan = Plan(block.size, 0, entries)
    kernel = np.zeros(block.points, dtype=np.intp)
    for start in range(0, block.points, PLAN_CHUNK):
        chunk = slice(start, min(start + PLAN_CHUNK, block.points))
        if block.size <= PLAN_LIMIT and plan.steps is not None:
            suspects = start + np.flatnonzero(plan.reduce(block.values(chunk)).suspect)
        else:
            suspects = np.arange(chunk.start, chunk.stop)
        if suspects.size:
            kernel[suspects] = _nullity(_dense_of(block, suspects))
    return kernel


def _dense_of(block: Superoperator, points: Index) -> Array:
    values = np.asarray(block.mixing @ block.coefficients[:, points])
    out = np.zeros((len(points), block.size, block.size))
    out[:, block.rows, block.columns] = values.T
    return out


def _relaxes(generator: Generator) -> bool:
    """Spohn's sufficient condition (Lett. Math. Phys. 2, 33 (1977)), for the whole grid.

    If the jump operators that act at every point form a self-adjoint set whose
    commutant is trivial, the steady state is unique whatever the Hamiltonian.
    """
    acting = [
        c.jump[0].operator.toarray()
        for c in generator.channels
        if c.partner is None
        and len(c.jump) == 1
        and np.all(c.rate != 0)
        and np.all(c.jump[0].coefficient != 0)
    ]
    adjoint_closed = [a for a in acting if any(np.array_equal(a.conj().T, b) for b in acting)]
    if not adjoint_closed or generator.dim > 16 or not generator.completely_positive:
        return False
    one = np.eye(generator.dim)
    conditions = np.concatenate([np.kron(a, one) - np.kron(one, a.T) for a in adjoint_closed])
    return bool(np.linalg.matrix_rank(conditions) == generator.dim**2 - 1)


def _initial(generator: Generator, rho0: Complex) -> Array:
    rho = np.asarray(rho0, dtype=complex)
    if rho.shape[-2:] != (generator.dim,) * 2:
        raise ParameterError("rho0", rho.shape, f"have shape (..., {generator.dim}, {generator.dim})")
    rho = generator.to_frame(np.broadcast_to(rho, (*generator.shape, generator.dim, generator.dim)))
    return to_unknowns(rho).reshape(generator.dim**2, -1)


def _long_time_average(equations: Superoperator, points: Index, start: Array) -> Array:
    """Projection of the initial states on the kernel along the range, (d**2, points)."""
    out = np.empty((equations.size, len(points)))
    for k, point in enumerate(points):
        matrix = equations.matrix(slice(int(point), int(point) + 1))[0]
        left, values, right = np.linalg.svd(matrix)
        null = values <= KERNEL_TOLERANCE * values[0]
        left, right = left[:, null], right[null].T
        out[:, k] = right @ np.linalg.solve(left.T @ right, left.T @ start[:, point])
    return out


def _residual(equations: Superoperator, x: Array) -> Array:
    """Largest row of ``|L x|`` over that row of ``|L|`` times the largest unknown, shape (points,)."""
    worst = np.zeros(equations.points)
    count = len(equations.rows)
    gather = sp.csr_array((np.ones(count), (equations.rows, np.arange(count))), shape=(equations.size, count))
    used = np.unique(equations.rows)
    for start in range(0, equations.points, PLAN_CHUNK):
        chunk = slice(start, min(start + PLAN_CHUNK, equations.points))
        values = equations.values(chunk)
        largest = np.abs(x[:, chunk]).max(axis=0)
        net = (gather @ (values * x[equations.columns, chunk]))[used]
        size = (gather @ np.abs(values, out=values))[used] * largest
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(size > 0, np.abs(net) / size, 0.0)
        worst[chunk] = ratio.max(axis=0, initial=0.0)
    return worst


def _refuse_nonsense(x: Array, generator: Generator) -> None:
    broken = np.flatnonzero(~np.isfinite(x).all(axis=0))
    if broken.size:
        raise IllConditioned("The solver returned non-finite numbers", _positions(broken, generator.shape))
    if generator.completely_positive:
        negative = np.flatnonzero((x[: generator.dim] < -POSITIVITY_TOLERANCE).any(axis=0))
        if negative.size:
            raise NegativeState(
                "The steady state has a negative population", _positions(negative, generator.shape)
            )


def _positions(points: Index, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [tuple(int(i) for i in np.unravel_index(p, shape)) for p in points]
