"""Steady states over a grid of parameters, certified.

One entry point, `steady_state`.  The route is chosen by structure and recorded
in ``SteadyState.method``:

``elimination``
    Blocks of up to 70 unknowns: `qte.solver.elimination`, subtraction-free on the
    populations.
``dense``
    Points where the effective rates are not all >= 0, and larger blocks: dense
    LU in chunks.
``extended``
    Added to ``dense`` where a population is below 1e-5: the plan with 32 digits.
``sparse``
    Blocks of more than 1500 unknowns: sparse LU, point by point.
``products``
    Generic operators of many levels, whose equations have no zeros to use:
    `qte.solver.large.sylvester`, GMRES between products of d x d matrices.
``orbits``
    From seven qubits on, where `qte.solver.uniqueness.irreducible` proves that there is one
    steady state: `qte.solver.permutation_symmetry`, dense LU on what permutations leave.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from qte.common import matrices
from qte.common import parameters as check
from qte.common.errors import IllConditioned, NegativeState, NonUniqueSteadyState, ParameterError
from qte.common.progress import announced
from qte.common.qobj import to_qutip
from qte.physics.generators import Generator
from qte.solver import permutation_symmetry
from qte.solver.block_solver import METHODS, BlockSolver, Method
from qte.solver.blocks import Superoperator, from_unknowns, superoperator, to_unknowns
from qte.solver.dynamics import initial_state
from qte.solver.exact.coherences import FinerRates, sharpened
from qte.solver.exact.equations import ExactEquations
from qte.solver.exact.propagators import long_time_average, reachable
from qte.solver.large import sylvester
from qte.solver.limits import CHUNK, OPERATORS_FROM, STATES_BYTES
from qte.solver.phase_symmetry import invariant_unknowns
from qte.solver.uniqueness import irreducible, kernel_of_coherences, relaxes

Array = NDArray[np.float64]
Bool = NDArray[np.bool_]
Index = NDArray[np.intp]
Complex = NDArray[np.complex128]

POSITIVITY_TOLERANCE = 1e-10
RESIDUAL_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class SteadyState:
    """Steady states on a grid, with their certificates.

    Parameters
    ----------
    generator : Generator
    doubles : ndarray, shape (d**2, points)
        Populations, then real and imaginary parts, in the generator's frame, as doubles find them.
    kernel_dimension : ndarray of int, shape (...)
        1 where the steady state is unique.
    backward_error : callable
        Finds the residual; called at most once.
    method : str
        Route taken; two names joined by "+" when points differ.
    doubtful : ndarray of int, shape (k,)
        Points, in C order, of whose coherences doubles may have too few digits.
    rates : FinerRates, optional
        To find them with more; those of the generator without it.
    """

    generator: Generator
    doubles: Array
    kernel_dimension: NDArray[np.intp]
    backward_error: Callable[[], Array]
    method: str
    doubtful: Index = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    rates: FinerRates | None = None

    @cached_property
    def unknowns(self) -> Array:
        """`doubles` with every coherence to 12 digits of its own, shape (d**2, points).

        Raises
        ------
        IllConditioned
            No route can vouch for one of them.
        """
        if not self.doubtful.size:
            return self.doubles
        rates = self.rates or FinerRates(self.generator)
        return sharpened(self.doubles, self.generator, self.doubtful, rates)

    @property
    def unique(self) -> Bool:
        """Whether each steady state is the only one, shape (...)."""
        return np.asarray(self.kernel_dimension == 1)

    @property
    def dims(self) -> tuple[int, ...] | None:
        """Dimensions of the factors of the space, as the generator has them."""
        return self.generator.dims

    @cached_property
    def residual(self) -> Array:
        """Largest over the rows of ``|L x| / (|L| max|x|)``, shape (...).

        The backward error of each equation relative to its own coefficients.
        """
        return self.backward_error().reshape(self.generator.shape)

    @cached_property
    def rho(self) -> Complex:
        """Density matrices in the computational basis, shape (..., d, d)."""
        return self.generator.to_computational(self.rho_in_frame)

    def to_qutip(self) -> Any:
        """The states as ``qutip.Qobj``, of a grid as nested lists; QuTiP has to be installed."""
        return to_qutip(self.rho, self.dims)

    @cached_property
    def rho_in_frame(self) -> Complex:
        """Density matrices in the basis of the generator's terms, shape (..., d, d)."""
        return self._in_frame(self.unknowns)

    @cached_property
    def min_eigenvalue(self) -> Array:
        """Smallest eigenvalue of rho, shape (...)."""
        rho = self._in_frame(self.doubles)
        # rho falls into the blocks of its own sparsity
        pattern = np.any(rho != 0, axis=tuple(range(rho.ndim - 2)))
        count, label = sp.csgraph.connected_components(sp.csr_array(pattern), directed=False)
        blocks = (np.flatnonzero(label == k) for k in range(count))
        lowest = [matrices.lowest_eigenvalue(rho[..., b[:, None], b]) for b in blocks]
        return np.asarray(np.min(lowest, axis=0))

    def _in_frame(self, unknowns: Array) -> Complex:
        grid = unknowns.reshape(len(unknowns), *self.generator.shape)
        return from_unknowns(grid, self.generator.dim)


def steady_state(
    generator: Generator, *, method: Method = "auto", rho0: ArrayLike | None = None
) -> SteadyState:
    """Solve ``L rho = 0``, ``Tr rho = 1`` at every point of the generator's grid.

    Parameters
    ----------
    generator : Generator
    method : {"auto", "elimination", "dense", "sparse", "orbits"}
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
        A route broke down: non-finite numbers, or equations that do not hold to 1e-10.

    Examples
    --------
    >>> from qte.physics.baths import Bath
    >>> from qte.physics.generators import Term, local_channels
    >>> from qte.physics.operators import flip_flop, lowering, total_excitation
    >>> hamiltonian = (Term.of(1.0, total_excitation(2)), Term.of(0.01, flip_flop(0, 1, 2)))
    >>> hot, cold = Bath(1.0, 0.01), Bath(0.1, 0.02)
    >>> channels = local_channels("h", hot, 1.0, lowering(0, 2)) + local_channels("c", cold, 1.0, lowering(1, 2))
    >>> generator = Generator(hamiltonian, channels)
    >>> state = steady_state(generator)
    >>> state.rho.diagonal().real.round(4)
    array([0.0094, 0.1975, 0.0578, 0.7353])
    >>> bool(state.unique), state.method
    (True, 'elimination')
    """
    check.instance("generator", generator, Generator)
    check.choice("method", method, METHODS)
    _refuse_large(generator)
    start = None if rho0 is None else _start(generator, rho0)
    if generator.attracting is not None and method == "auto" and generator.dim >= OPERATORS_FROM:
        return _on_attracting(generator, generator.attracting)
    if method == "orbits" or (method == "auto" and generator.dim >= OPERATORS_FROM):
        if permutation_symmetry.applies(generator) and irreducible(generator):
            return _by_orbits(generator)
        if method == "orbits":
            raise IllConditioned("One steady state could not be proven: use another method than 'orbits'")
    if method == "auto" and sylvester.applies(generator):
        return _point_by_point(generator, partial(sylvester.steady, generator), "products")
    equations = superoperator(generator)
    inside, *outside = equations.components
    solver = BlockSolver(equations.restrict(inside), generator.dim, method, ExactEquations(generator, inside))
    # rows that stay 0 are never touched, so they cost no memory
    full = np.zeros((equations.size, equations.points))
    kernel = solver.solve(full, inside)
    if not relaxes(generator):
        kernel += kernel_of_coherences(generator, equations, outside, kernel, invariant_unknowns(generator))
    several = np.flatnonzero(kernel != 1)
    if several.size:
        if start is None:
            raise NonUniqueSteadyState(
                int(kernel.max()),
                _positions(several, generator.shape),
                "; an initial state `rho0` would choose one",
            )
        full[:, several] = _average_of(generator, equations, several, start)
    if not solver.sound or several.size:
        _refuse_nonsense(full, generator)
    state = SteadyState(
        generator,
        full,
        kernel.reshape(generator.shape),
        partial(_residual, equations, full),
        "+".join(sorted(solver.used)),
        np.flatnonzero(solver.doubtful & (kernel == 1)),
    )
    # the plan has no growth of round-off to look for, LU may have
    if solver.used != {"elimination"}:
        _refuse_residual(state)
    return state


def _refuse_large(generator: Generator) -> None:
    points = math.prod(generator.shape)
    if 8 * generator.dim**2 * points > STATES_BYTES:
        allowed = "have states that fit 8 GB: take the grid part by part"
        raise ParameterError("generator", f"{points} points of {generator.dim} levels", allowed)


def _on_attracting(generator: Generator, states: Index) -> SteadyState:
    """The steady state of the basis states that every evolution ends in, on the whole space."""
    inner = steady_state(generator.restricted(states))
    points = int(np.prod(generator.shape, dtype=int))
    full = np.zeros((generator.dim**2, points))
    for point in range(points):
        rho = np.zeros((generator.dim,) * 2, dtype=complex)
        rho[np.ix_(states, states)] = from_unknowns(inner.unknowns[:, point], len(states))
        full[:, point] = to_unknowns(rho)
    residual = inner.residual.reshape(-1)
    return SteadyState(generator, full, inner.kernel_dimension, lambda: residual, inner.method)


def _by_orbits(generator: Generator) -> SteadyState:
    symmetries = [p for p in generator.permutations if permutation_symmetry.is_symmetry(generator, p)]
    found = permutation_symmetry.orbits(generator, symmetries)
    orbits = len(found.representatives)

    def solve(point: int) -> tuple[Complex, float]:
        return permutation_symmetry.steady(generator, point, found)

    return _point_by_point(generator, solve, "orbits", orbits, permutation_symmetry.seconds(orbits))


def _point_by_point(
    generator: Generator,
    solve: Callable[[int], tuple[Complex, float]],
    method: str,
    size: int = 0,
    seconds: float = 0.0,
) -> SteadyState:
    """Unique states from a solver of single points, which gives each with its residual."""
    points = int(np.prod(generator.shape, dtype=int))
    full, errors = np.zeros((generator.dim**2, points)), np.zeros(points)
    for point in announced(range(points), "steady states", size or generator.dim**2, seconds):
        rho, errors[point] = solve(point)
        full[:, point] = to_unknowns(rho)
    _refuse_nonsense(full, generator)
    one = np.ones(generator.shape, dtype=np.intp)
    state = SteadyState(generator, full, one, lambda: errors, method)
    _refuse_residual(state)
    return state


def _start(generator: Generator, rho0: ArrayLike) -> Complex:
    """Density matrices of the grid, (..., d, d)."""
    state = check.numbers("rho0", rho0, "be finite")
    if state.shape[-2:] != (generator.dim,) * 2:
        raise ParameterError("rho0", state.shape, f"have shape (..., {generator.dim}, {generator.dim})")
    return initial_state(generator, state)


def _average_of(generator: Generator, equations: Superoperator, points: Index, rho0: Complex) -> Array:
    """Long-time averages of the evolution from an initial state at some points, (d**2, points)."""
    rho = generator.to_frame(rho0)
    start = to_unknowns(rho).reshape(equations.size, -1)[:, points]
    reached = reachable(equations, np.flatnonzero(np.any(start != 0, axis=1)))
    out = np.zeros((equations.size, len(points)))
    out[reached] = long_time_average(ExactEquations(generator, reached), start[reached], points)
    return out


def _residual(equations: Superoperator, x: Array) -> Array:
    """Largest row of ``|L x|`` over that row of ``|L|`` times the largest unknown, shape (points,)."""
    worst = np.zeros(equations.points)
    gather = equations.pattern.adding
    used = np.unique(equations.rows)
    for start in range(0, equations.points, CHUNK):
        chunk = slice(start, min(start + CHUNK, equations.points))
        values = equations.values(chunk)
        largest = np.abs(x[:, chunk]).max(axis=0)
        net = (gather @ (values * x[equations.columns, chunk]))[used]
        size = (gather @ np.abs(values, out=values))[used] * largest
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(size > 0, np.abs(net) / size, 0.0)
        worst[chunk] = ratio.max(axis=0, initial=0.0)
    return worst


def _refuse_nonsense(x: Array, generator: Generator) -> None:
    # a population of a finite state is finite, and a coherence is bounded by it
    populations = x[: generator.dim]
    lowest = populations.min()
    if not np.isfinite([lowest, populations.max()]).all():
        broken = np.flatnonzero(~np.isfinite(populations).all(axis=0))
        raise IllConditioned("The solver returned non-finite numbers", _positions(broken, generator.shape))
    if generator.completely_positive and lowest < -POSITIVITY_TOLERANCE:
        negative = np.flatnonzero((populations < -POSITIVITY_TOLERANCE).any(axis=0))
        raise NegativeState(
            "The steady state has a negative population", _positions(negative, generator.shape)
        )


def _refuse_residual(state: SteadyState) -> None:
    wrong = np.flatnonzero(~(state.residual.reshape(-1) < RESIDUAL_TOLERANCE))
    if wrong.size:
        worst = float(state.residual.max())
        raise IllConditioned(
            f"The equations do not hold: residual {worst:.1e}", _positions(wrong, state.generator.shape)
        )


def _positions(points: Index, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [tuple(int(i) for i in np.unravel_index(p, shape)) for p in points]
