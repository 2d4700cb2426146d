"""Time evolution under a generator, and its slowest decay rate.

``expm(L t)`` acts on the unknowns that the initial state can reach, and no
eigenvectors are computed: exceptional points are points like any other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import expm_multiply

from qte.common import parameters as check
from qte.common.errors import IllConditioned, ParameterError
from qte.common.fixed_point import FixedPoint, from_entries
from qte.physics.generators import Channel, Generator, Term
from qte.physics.operators import check_states, ket
from qte.solver.blocks import Superoperator, from_unknowns, superoperator, to_unknowns
from qte.solver.exact import ExactEquations, projection

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.intp]

# Unknowns from which short times are reached step by step, and the largest ``|L| t`` that keeps 1e-12 so.
LADDER_LIMIT, STEPS_LIMIT = 200, 2000.0
# Unknowns of the largest propagator that is formed, and of the largest exact average.
DENSE_LIMIT, EXACT_LIMIT = 1500, 100
# The first step is a time of ``2**-FIRST_STEP/|L|``; terms of the series within it.
FIRST_STEP, SERIES = 8, 7
# Bits of a propagator beyond those that the doublings still to come will lose.
SAFE_BITS = 80
# What all later propagators may differ by; the largest entry that none of a contraction has.
SETTLED, GROWTH = 2.0**-58, 2.0**20
CHUNK_BYTES = 2**25
# Real parts below this fraction of the largest entry count as zero in `liouvillian_gap`.
STILL = 1e-14


def evolve(generator: Generator, rho0: str | ArrayLike, times: ArrayLike) -> Complex:
    """States ``exp(L t) rho0``, each entry right to 1e-12 at every time.

    Parameters
    ----------
    generator : Generator
    rho0 : str or array_like
        Density matrix, shape (d, d) or (..., d, d); state vector, shape (d,);
        or a basis state as a word such as ``"000"``.
    times : array_like, shape (nt,)
        Ascending, >= 0; the state at t = 0 is `rho0`, that at t = inf the average
        over all times to come.

    Returns
    -------
    ndarray, shape (..., nt, d, d)
        In the computational basis.

    Raises
    ------
    ParameterError
        `rho0` is no state of this generator, or `times` is not sorted.

    Examples
    --------
    >>> from qte.physics.baths import Bath
    >>> from qte.physics.generators import local_channels
    >>> from qte.physics.operators import flip_flop, lowering, total_excitation
    >>> hamiltonian = (Term.of(1.0, total_excitation(2)), Term.of(0.01, flip_flop(0, 1, 2)))
    >>> hot, cold = Bath(1.0, 0.01), Bath(0.1, 0.02)
    >>> channels = local_channels("h", hot, 1.0, lowering(0, 2)) + local_channels("c", cold, 1.0, lowering(1, 2))
    >>> generator = Generator(hamiltonian, channels)
    >>> path = evolve(generator, "00", [0.0, 100.0, 1000.0])
    >>> path.shape
    (3, 4, 4)
    >>> path[:, 3, 3].real.round(4)
    array([1.    , 0.7641, 0.7353])
    """
    check.instance("generator", generator, Generator)
    path = propagate(generator, initial_state(generator, rho0), check_times(times))
    rho = from_unknowns(path.reshape(path.shape[0], *generator.shape, path.shape[-1]), generator.dim)
    return along_time(generator, path.shape[-1]).to_computational(rho)


def check_times(times: ArrayLike) -> Array:
    """Times as a float array, shape (nt,).

    Raises
    ------
    ParameterError
        Not one-dimensional, empty, not a number, negative, or not ascending.
    """
    try:
        array = np.asarray(times)
    except (ValueError, TypeError):  # rows of different lengths
        array = np.asarray("no numbers")
    if array.dtype.kind not in "iuf" or array.ndim != 1 or array.size == 0:
        raise ParameterError("times", times, "be a one-dimensional array of real numbers, not empty")
    t = array.astype(float)
    wrong = np.isnan(t) | (t < 0)
    if not wrong.any():
        wrong[1:] = t[1:] < t[:-1]
    if wrong.any():
        at = int(np.argmax(wrong))
        raise ParameterError("times", float(t[at]), "be finite or +inf, >= 0 and in ascending order", (at,))
    return t


def initial_state(generator: Generator, rho0: str | ArrayLike) -> Complex:
    """Density matrices of the grid in the computational basis, shape (..., d, d).

    Raises
    ------
    ParameterError
        Wrong shape; not Hermitian, of trace 1 and positive to 1e-10.
    """
    rho = _as_matrix(rho0, generator.dim)
    try:
        rho = np.broadcast_to(rho, (*generator.shape, *rho.shape[-2:]))
    except ValueError:
        wanted = f"broadcast to the grid {generator.shape}"
        raise ParameterError("rho0", rho.shape, wanted) from None
    return check_states("rho0", rho)


def _as_matrix(rho0: str | ArrayLike, dim: int) -> Complex:
    if isinstance(rho0, str):
        if 2 ** len(rho0) != dim:
            raise ParameterError("rho0", rho0, f"be a word of {dim.bit_length() - 1} letters")
        rho0 = ket(rho0)
    try:
        state = np.asarray(rho0)
    except (ValueError, TypeError):  # rows of different lengths
        state = np.asarray("no numbers")
    if state.dtype.kind not in "iufc":
        raise ParameterError("rho0", rho0, "be a state vector, a density matrix or a word of 0 and 1")
    state = state.astype(complex)
    if state.shape == (dim,):
        return np.asarray(np.outer(state, state.conj()))
    if state.shape[-2:] != (dim, dim):
        raise ParameterError(
            "rho0", state.shape, f"have shape ({dim},), ({dim}, {dim}) or (..., {dim}, {dim})"
        )
    return state


def propagate(generator: Generator, rho0: Complex, times: Array) -> Array:
    """Unknowns at all times, in the generator's frame: shape (d**2, points, nt).

    Arguments as `initial_state` and `check_times` return them.

    Raises
    ------
    IllConditioned
        A block too large for a long time.
    """
    equations = superoperator(generator)
    start = to_unknowns(generator.to_frame(rho0)).reshape(equations.size, -1)
    reached = reachable(equations, np.flatnonzero(np.any(start != 0, axis=1)))
    block = equations.restrict(reached)
    out = np.zeros((equations.size, equations.points, len(times)))
    finite = np.isfinite(times)
    last = float(times[finite].max(initial=0.0))
    span = float(np.abs(block.values()).max(initial=0.0)) * block.size * last
    exact = ExactEquations(generator, reached)
    if block.size > LADDER_LIMIT and span <= STEPS_LIMIT * block.size:
        out[reached] = _propagate_by_steps(block, start[reached], np.where(finite, times, 0.0))
    else:
        _refuse_large(block, last)
        out[reached] = _propagate_by_doubling(block, exact, start[reached], np.where(finite, times, 0.0))
    if not finite.all():
        average = long_time_average(exact, start[reached], range(equations.points))
        out[np.ix_(reached, np.arange(equations.points), np.flatnonzero(~finite))] = average[..., None]
    return out


def _refuse_large(block: Superoperator, last: float) -> None:
    if block.size > DENSE_LIMIT and last > 0:
        size = 8 * block.size**2 / 2**30
        raise IllConditioned(
            f"A time of {last:.3g} is too long for {block.size} coupled unknowns: its propagator would take "
            f"some ten matrices of {size:.1f} GB and {1e-9 * block.size**3:.0f} s a doubling of time"
        )


def reachable(equations: Superoperator, start: Index) -> Index:
    """Unknowns that can become nonzero from those of `start`."""
    pattern = sp.csr_array(
        (np.ones(len(equations.rows)), (equations.rows, equations.columns)), shape=(equations.size,) * 2
    )
    inside = np.zeros(equations.size, dtype=bool)
    front = inside.copy()
    front[start] = True
    while front.any():
        inside |= front
        front = (pattern @ front.astype(float) > 0) & ~inside
    return np.flatnonzero(inside)


def _propagate_by_doubling(block: Superoperator, exact: ExactEquations, start: Array, times: Array) -> Array:
    """``exp(L t) x`` through ``exp(L 2**k step)`` for every k, squared in fixed point.

    Squaring doubles an error, so the propagators carry as many bits more as there are
    doublings: they are right to the last bit of a double at every time.  A time is a whole
    number of steps and a rest; of the number at most 53 binary digits are 1, and each
    costs a product of rounded numbers, which adds an ulp and no more, as no evolution of
    states magnifies an error.
    """
    out = np.empty((block.size, block.points, len(times)))
    chunk = max(1, CHUNK_BYTES // (64 * block.size * max(block.size, len(times))))
    for low in range(0, block.points, chunk):
        points = range(low, min(low + chunk, block.points))
        matrix = block.matrix(slice(points.start, points.stop))
        largest = float(np.abs(matrix).sum(axis=1).max(initial=0.0))
        states = np.repeat(start[:, points].T[:, :, None], len(times), axis=2)
        if largest > 0 and times.max() > 0:
            step = math.ldexp(1.0, -FIRST_STEP - math.frexp(largest)[1])
            _climb(exact, points, matrix, step, times, states)
        out[:, points] = np.moveaxis(states, 0, 1)
    return out


def _climb(
    exact: ExactEquations, points: range, matrix: Array, step: float, times: Array, states: Array
) -> None:
    """Evolve states (points, n, nt), in place."""
    counts = np.floor(times / step)
    _short_time(matrix, times - counts * step, states)
    levels = int(math.frexp(float(counts.max()))[1])
    ladder = _first_propagator(exact, points, step, levels + SAFE_BITS)
    for level in range(levels):
        odd = np.flatnonzero(np.floor(np.ldexp(counts, -level)) % 2 == 1)
        if odd.size:
            states[:, :, odd] = ladder.rounded() @ states[:, :, odd]
        more = levels - level - 1
        if not more:
            return
        longer = ladder @ ladder
        if not np.abs(longer.digits[0]).max() < GROWTH:
            raise IllConditioned(
                "The evolution grows beyond all bounds: the generator is not of Lindblad form"
            )
        settled = math.ldexp(longer.distance(ladder), more) < SETTLED
        # a level less to come: a bit less to carry
        ladder = longer.cut(more + SAFE_BITS)
        if settled:
            later = np.flatnonzero(np.ldexp(counts, -level - 1) >= 1)
            states[:, :, later] = ladder.rounded() @ states[:, :, later]
            return


def _short_time(matrix: Array, times: Array, states: Array) -> None:
    """``exp(L t) x`` for ``|L| t < 2**-FIRST_STEP`` by its series."""
    term = states
    for k in range(1, SERIES + 1):
        term = (matrix @ term) * (times / k)
        states += term


def _first_propagator(exact: ExactEquations, points: range, step: float, bits: int) -> FixedPoint:
    """``exp(L step)`` to `bits` bits, by Horner's scheme."""
    power = math.frexp(step)[1] - 1
    small = from_entries(
        exact.size,
        len(points),
        (
            (k, i, j, m, exponent + power)
            for k, point in enumerate(points)
            for entries, exponent in [exact.entries(point)]
            for (i, j), m in entries.items()
        ),
        bits,
    )
    terms = next(n for n in range(1, 10**4) if FIRST_STEP * n + math.lgamma(n + 2) / math.log(2) > bits)
    total = small.over(terms).plus_one()
    for n in range(terms - 1, 0, -1):
        total = (small @ total).over(n).plus_one()
    return total


def _propagate_by_steps(block: Superoperator, start: Array, times: Array) -> Array:
    """From one time to the next, without the matrix exponential being formed."""
    out = np.empty((block.size, block.points, len(times)))
    for point, values in enumerate(block.values().T):
        matrix = sp.csr_array((values, (block.rows, block.columns)), shape=(block.size,) * 2)
        state, now = start[:, point], 0.0
        for k, time in enumerate(times):
            if time > now:
                state, now = expm_multiply(matrix * (time - now), state), time
            out[:, point, k] = state
    return out


def long_time_average(exact: ExactEquations, start: Array, points: Sequence[int] | Index) -> Array:
    """Averages over all times to come from initial states (n, k) at k points, exactly.

    Raises
    ------
    IllConditioned
        More than 100 unknowns.
    """
    if exact.size > EXACT_LIMIT:
        raise IllConditioned(
            f"A long-time average of {exact.size} coupled unknowns is not offered, of {EXACT_LIMIT} at most"
        )
    out = np.empty_like(start)
    for k, point in enumerate(points):
        first = [Fraction(float(x)) for x in start[:, k]]
        out[:, k] = [float(x) for x in projection(exact.rows(int(point)), exact.size, first)]
    return out


def along_time(generator: Generator, count: int) -> Generator:
    """The generator on its grid with a time axis of `count` points appended."""

    def lift(coefficient: Array) -> Array:
        missing = len(generator.shape) - coefficient.ndim
        return coefficient.reshape((1,) * missing + coefficient.shape + (1,))

    def lift_terms(terms: tuple[Term, ...]) -> tuple[Term, ...]:
        return tuple(Term(lift(t.coefficient), t.operator) for t in terms)

    channels = tuple(
        Channel(
            c.reservoir,
            lift(c.rate),
            lift_terms(c.jump),
            None if c.partner is None else lift_terms(c.partner),
            c.quanta,
        )
        for c in generator.channels
    )
    head, *tail = lift_terms(generator.hamiltonian)
    head = Term(np.broadcast_to(head.coefficient, (*head.coefficient.shape[:-1], count)), head.operator)
    frame = None if generator.frame is None else generator.frame[..., None, :, :]
    return Generator((head, *tail), channels, frame, generator.completely_positive)


def liouvillian_gap(generator: Generator) -> Array:
    """Smallest nonzero ``|Re lambda|`` of the generator over all its blocks, shape (...).

    The slowest rate at which anything decays: populations and coherences of
    every kind.  Eigenvalues of a steady state (lambda = 0) and of undamped
    oscillations (Re lambda = 0 to 1e-14 of the largest entry) do not count; if
    nothing decays the gap is 0.

    Notes
    -----
    One steady state is divided out exactly through the trace.  At an
    exceptional point of order k an eigenvalue is known to about
    ``eps**(1/k) |L|``, whatever the algorithm.

    Examples
    --------
    >>> from qte.physics.baths import Bath
    >>> from qte.physics.generators import local_channels
    >>> from qte.physics.operators import flip_flop, lowering, total_excitation
    >>> hamiltonian = (Term.of(1.0, total_excitation(2)), Term.of(0.01, flip_flop(0, 1, 2)))
    >>> hot, cold = Bath(1.0, 0.01), Bath(0.1, 0.02)
    >>> channels = local_channels("h", hot, 1.0, lowering(0, 2)) + local_channels("c", cold, 1.0, lowering(1, 2))
    >>> generator = Generator(hamiltonian, channels)
    >>> float(liouvillian_gap(generator).round(6))
    0.012155
    """
    check.instance("generator", generator, Generator)
    equations = superoperator(generator)
    gap = np.full(equations.points, np.inf)
    for number, unknowns in enumerate(equations.components):
        block = equations.restrict(unknowns)
        chunk = max(1, CHUNK_BYTES // (8 * block.size**2))
        for low in range(0, block.points, chunk):
            points = slice(low, min(low + chunk, block.points))
            matrix = block.matrix(points)
            scale = np.abs(matrix).max(axis=(1, 2))
            if number == 0:
                matrix = _without_trace(matrix, generator.dim)
            rates = np.abs(np.linalg.eigvals(matrix).real) if matrix.size else np.empty((len(scale), 0))
            rates = np.where(rates > STILL * matrix.shape[-1] * scale[:, None], rates, np.inf)
            gap[points] = np.minimum(gap[points], rates.min(axis=1, initial=np.inf))
    return np.where(np.isinf(gap), 0.0, gap).reshape(generator.shape)


def _without_trace(matrix: Array, populations: int) -> Array:
    """The matrix on traceless unknowns, the first population written as minus the others."""
    first = matrix[:, 1:, :1]
    out = matrix[:, 1:, 1:].copy()
    out[:, :, : populations - 1] -= first
    return out
