"""Time evolution under a generator, and its slowest decay rate.

``expm(L t)`` acts on the unknowns that the initial state can reach, and no
eigenvectors are computed: exceptional points are points like any other.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.common.double_double import DoubleDouble, exact, where
from qte.common.errors import IllConditioned, ParameterError
from qte.common.qobj import unwrapped
from qte.physics.generators import Channel, Generator, Term
from qte.physics.operators import check_states, ket
from qte.solver.block_solver import point_of
from qte.solver.blocks import Superoperator, from_unknowns, superoperator, to_unknowns
from qte.solver.elimination import ROUND_OFF
from qte.solver.exact.equations import ExactEquations
from qte.solver.exact.polynomials import slowest_decay
from qte.solver.exact.propagators import long_time_average, reachable, states_at
from qte.solver.limits import CHUNK_BYTES, DENSE_LIMIT, PLAN_LIMIT, SPECTRUM_LIMIT, STATES_BYTES

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.intp]

# A real part of an eigenvalue that is less than this many times its error may be 0; relative error of one that
# counts.
HIDDEN, PRECISE = 16.0, 1e-12
# Error of eigenvalues, as a fraction of the largest entry, that is taken without a word; the smallest normal double.
RESOLVED, TINY = 1e-10, float(np.finfo(float).tiny)


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
    check.unmasked("times", times)
    array = check.array_of(times)
    if array.dtype.kind not in "iuf" or array.ndim != 1 or array.size == 0:
        raise ParameterError("times", times, "be a one-dimensional array of real numbers, not empty")
    if array.size > check.MOST_POINTS:
        raise ParameterError("times", f"{array.size} times", f"be at most {check.MOST_POINTS}")
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
    rho = _as_matrix(rho0, check.instance("generator", generator, Generator).dim)
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
    rho0 = check.unmasked("rho0", unwrapped("rho0", rho0))
    state = check.array_of(rho0)
    if state.dtype.kind not in "iufc":
        raise ParameterError("rho0", rho0, "be a state vector, a density matrix or a word of 0 and 1")
    if state.shape != (dim,) and state.shape[-2:] != (dim, dim):
        raise ParameterError(
            "rho0", state.shape, f"have shape ({dim},), ({dim}, {dim}) or (..., {dim}, {dim})"
        )
    with np.errstate(all="ignore"):  # what is not finite afterwards is refused
        state = state.astype(complex)
        return np.asarray(np.outer(state, state.conj())) if state.ndim == 1 else state


def propagate(generator: Generator, rho0: Complex, times: Array) -> Array:
    """Unknowns at all times, in the generator's frame: shape (d**2, points, nt).

    Arguments as `initial_state` and `check_times` return them.

    Raises
    ------
    IllConditioned
        A block too large for a long time.
    """
    check.instance("generator", generator, Generator)
    each = 8 * generator.dim**2 * math.prod(generator.shape)
    if each * len(times) > STATES_BYTES:
        allowed = f"be at most {STATES_BYTES // each}, so that the states of the whole grid fit 8 GB"
        raise ParameterError("times", f"{len(times)} times", allowed)
    if each == 0:
        return np.zeros((generator.dim**2, 0, len(times)))
    equations = superoperator(generator)
    start = to_unknowns(generator.to_frame(rho0)).reshape(equations.size, -1)
    reached = reachable(equations, np.flatnonzero(np.any(start != 0, axis=1)))
    block = equations.restrict(reached)
    out = np.zeros((equations.size, equations.points, len(times)))
    points = np.arange(equations.points)
    exact = ExactEquations(generator, reached)
    finite = np.isfinite(times)
    if finite.any():
        out[np.ix_(reached, points, np.flatnonzero(finite))] = states_at(
            block, exact, start[reached], times[finite]
        )
    if not finite.all():
        average = long_time_average(exact, start[reached], points)
        out[np.ix_(reached, points, np.flatnonzero(~finite))] = average[..., None]
    return out


def along_time(generator: Generator, count: int) -> Generator:
    """The generator on its grid with a time axis of `count` points appended."""
    check.instance("generator", generator, Generator)
    count = check.integer("count", count, minimum=1)

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
    energy = None if generator.energy is None else lift_terms(generator.energy)
    return Generator((head, *tail), channels, frame, generator.completely_positive, energy=energy)


def liouvillian_gap(generator: Generator, *, accuracy: float = PRECISE) -> Array:
    """Smallest nonzero ``|Re lambda|`` of the generator over all its blocks, shape (...).

    The slowest rate at which anything decays: populations and coherences of
    every kind.  Eigenvalues of a steady state (lambda = 0) and of undamped
    oscillations (Re lambda = 0) do not count; if nothing decays the gap is 0.

    Parameters
    ----------
    generator : Generator
    accuracy : float
        What it may be off by, of itself, in a block of more than 70 unknowns; smaller ones are right to 1e-12.

    Raises
    ------
    IllConditioned
        Doubles do not find it so well, and the block has more than 70 unknowns.

    Notes
    -----
    LAPACK's eigenvalues count where their condition leaves 12 digits.  Elsewhere, at
    exceptional points, beside undamped oscillations, of weakly coupled parts, the
    characteristic polynomial decides, without rounding (`qte.solver.exact.polynomials`).

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
    accuracy = check.scalar("accuracy", accuracy, above=0.0)
    equations = superoperator(generator)
    gap, error = np.full((2, equations.points), np.inf)
    parts = []
    for number, unknowns in enumerate(equations.components):
        rates, errors, doubtful = _decays(equations.restrict(unknowns), generator.dim if number == 0 else 0)
        parts.append((unknowns, rates, errors, doubtful))
        error = np.where(rates < gap, errors, error)
        gap = np.minimum(gap, rates)
    for unknowns, rates, errors, doubtful in parts:
        near = ~(rates - errors > gap + error)
        for point in np.flatnonzero(doubtful | (near & ~(errors <= PRECISE * rates) & np.isfinite(rates))):
            exact_block = ExactEquations(generator, unknowns)
            known = float(rates[point]), float(errors[point]), bool(doubtful[point])
            rates[point] = _exact_decay(exact_block, int(point), generator.shape, known, accuracy)
    found = np.min([rates for _, rates, _, _ in parts], axis=0)
    return np.where(np.isinf(found), 0.0, found).reshape(generator.shape)


def liouvillian_eigenvalues(generator: Generator, count: int = 6, *, accuracy: float = RESOLVED) -> Complex:
    """The eigenvalues of the generator that are nearest to 0, from its blocks, shape (..., count).

    Parameters
    ----------
    generator : Generator
    count : int
        How many, with their multiplicities, from 1 to d**2.
    accuracy : float
        What they may be off by, as a fraction of the largest entry of their block.

    Returns
    -------
    ndarray of complex, shape (..., count)
        By modulus, then by imaginary part.  The first is the 0 of a steady state, exactly.

    Raises
    ------
    IllConditioned
        Their condition leaves less: at an exceptional point they are known to a root of round-off.

    Notes
    -----
    Every block by itself, dense; the trace, which no generator changes, is divided out beforehand.

    Examples
    --------
    >>> from qte.physics.generators import generator as made_of
    >>> from qte.physics.operators import LOWER
    >>> liouvillian_eigenvalues(made_of(np.diag([1.0, 0.0]), [0.2 * LOWER]), 4).round(6)
    array([ 0.  +0.j, -0.04+0.j, -0.02-1.j, -0.02+1.j])
    """
    check.instance("generator", generator, Generator)
    count = check.integer("count", count, minimum=1, maximum=generator.dim**2)
    accuracy = check.scalar("accuracy", accuracy, above=0.0)
    equations = superoperator(generator)
    found = np.zeros((equations.points, 1), dtype=complex)
    missed = np.zeros((equations.points, 1))
    for number, unknowns in enumerate(equations.components):
        if len(unknowns) > DENSE_LIMIT:
            raise ParameterError("generator", len(unknowns), f"have blocks of <= {DENSE_LIMIT} unknowns")
        values, errors = _eigenvalues(equations.restrict(unknowns), generator.dim if number == 0 else 0)
        found, missed = np.hstack([found, values]), np.hstack([missed, errors])
        # round-off of equal moduli does not decide
        size = np.abs(found)
        order = np.lexsort((found.imag, np.round(size / np.maximum(size.max(axis=1)[:, None], TINY), 12)))
        order = order[:, :count]
        found, missed = (np.take_along_axis(x, order, axis=1) for x in (found, missed))
    wrong = np.flatnonzero(~(missed <= accuracy).all(axis=1))
    if wrong.size:
        lost = (
            f"The eigenvalues are known to {missed[wrong].max():.0e} of the largest entry only, as next to an "
            "exceptional point; a larger `accuracy` takes them as they are"
        )
        raise IllConditioned(lost, [point_of(int(point), generator.shape) for point in wrong])
    return found.reshape(*generator.shape, count)


def _eigenvalues(block: Superoperator, populations: int) -> tuple[Complex, Array]:
    """All eigenvalues of a block but the 0 of the trace, and their errors over its largest entry, (points, n)."""
    size = block.size - (populations > 0)
    values, errors = np.zeros((block.points, size), dtype=complex), np.zeros((block.points, size))
    step = max(1, CHUNK_BYTES // (8 * block.size**2))
    for start in range(0, block.points if size else 0, step):
        points = slice(start, min(start + step, block.points))
        matrix = block.matrix(points)
        if populations:
            matrix = _without_trace(matrix, populations)
        values[points], vectors = np.linalg.eig(matrix)
        sizes, turned = np.linalg.svd(vectors, compute_uv=False), np.full_like(vectors, np.inf)
        fine = sizes[:, -1] > 1e-15 * sizes[:, 0]
        turned[fine] = np.linalg.inv(vectors[fine])
        to_first = ROUND_OFF * np.linalg.norm(turned, axis=2) * np.linalg.norm(vectors, axis=1)
        # no eigenvalue moves by more than Elsner's bound, however many of them meet
        errors[points] = np.minimum(to_first, 2 * size * ROUND_OFF ** (1 / size))
    return values, errors


def _decays(block: Superoperator, populations: int) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Slowest decay of a block, its error, and whether something slower may be hidden by round-off, (points,) each.

    With populations (their number) one steady state is divided out through the trace.
    """
    slowest, error = np.full((2, block.points), np.inf)
    doubtful = np.zeros(block.points, dtype=bool)
    chunk = max(1, CHUNK_BYTES // (8 * block.size**2))
    for low in range(0, block.points, chunk):
        points = slice(low, min(low + chunk, block.points))
        matrix = block.matrix(points)
        scale = np.abs(matrix).max(axis=(1, 2))
        if populations:
            matrix = _without_trace(matrix, populations)
        if not matrix.size:
            continue
        try:
            values, vectors = np.linalg.eig(matrix)
        except np.linalg.LinAlgError:  # entries out of range, or no convergence: nothing is known
            doubtful[points] = True
            continue
        with np.errstate(all="ignore"):
            back = (
                np.linalg.inv(vectors)
                if np.linalg.cond(vectors).max() < 1e15
                else np.full_like(vectors, np.inf)
            )
            condition = np.linalg.norm(back, axis=2) * np.linalg.norm(vectors, axis=1)
            errors = np.nan_to_num(ROUND_OFF * scale[:, None] * condition, nan=np.inf)
        rates = np.abs(values.real)
        hidden = (rates / HIDDEN <= errors) & (scale > 0)[:, None]
        doubtful[points] = hidden.any(axis=1)
        rates = np.where(hidden, np.inf, rates)
        first = np.argmin(rates, axis=1)[:, None]
        sides = [
            np.take_along_axis(v, first[:, None], axis=2)[..., 0] for v in (vectors, np.swapaxes(back, 1, 2))
        ]
        sharp = _rayleigh(matrix, *sides)
        plain = np.take_along_axis(rates, first, axis=1)[:, 0]
        slowest[points] = np.where(np.isfinite(sharp) & np.isfinite(plain), sharp, plain)
        error[points] = np.take_along_axis(errors, first, axis=1)[:, 0]
    return slowest, error, doubtful


def _rayleigh(matrix: Array, right: Complex, left: Complex) -> Array:
    """Decay rates from (points, n) pairs of eigenvectors, to 32 digits before they are rounded.

    The quotient's error is the product of the errors of both vectors: whichever processor found these, it is the same.
    """
    with np.errstate(all="ignore"):
        image = [_dot(matrix, part[:, None, :]) for part in (right.real, right.imag)]
        above, below = (
            (
                _dot(left.real, parts[0]) - _dot(left.imag, parts[1]),
                _dot(left.real, parts[1]) + _dot(left.imag, parts[0]),
            )
            for parts in (image, [exact(right.real), exact(right.imag)])
        )
        quotient = (above[0] * below[0] + above[1] * below[1]) / (below[0] * below[0] + below[1] * below[1])
        return np.asarray(np.abs(quotient.hi))


def _dot(a: Array, b: Any) -> DoubleDouble:
    """Sum over the last axis, halves added to halves."""
    terms: DoubleDouble = exact(a) * b
    while (count := terms.shape[-1]) > 1:
        half = count // 2
        pairs = terms[..., :half] + terms[..., half : 2 * half]
        if count % 2:
            pairs = where(np.arange(half) == 0, pairs + terms[..., -1:], pairs)
        terms = pairs
    return terms[..., 0]


def _exact_decay(
    exact_block: ExactEquations,
    point: int,
    shape: tuple[int, ...],
    found_in_doubles: tuple[float, float, bool],
    accuracy: float,
) -> float:
    """Slowest decay of a block at one point; what doubles found where they are good enough for a large one."""
    rate, error, doubtful = found_in_doubles
    entries, exponent = exact_block.entries(point)
    bits = max((abs(m).bit_length() for m in entries.values()), default=0)
    if exact_block.size > PLAN_LIMIT or exact_block.size**4 * bits > SPECTRUM_LIMIT:
        if math.isfinite(rate) and not doubtful and error <= accuracy * rate:
            return rate
        lost = f"The slowest decay of {exact_block.size} coupled unknowns cannot be told from round-off"
        if math.isfinite(rate) and not doubtful and error < rate:
            lost = (
                f"The slowest decay of {exact_block.size} coupled unknowns is known to {error / rate:.0e} of itself "
                "only; a larger `accuracy` takes it as it is"
            )
        raise IllConditioned(lost, [point_of(point, shape)])
    found = slowest_decay(entries, exact_block.size, exponent)
    return rate if found is None else found


def _without_trace(matrix: Array, populations: int) -> Array:
    """The matrix on traceless unknowns, the first population written as minus the others."""
    first = matrix[:, 1:, :1]
    out = matrix[:, 1:, 1:].copy()
    out[:, :, : populations - 1] -= first
    return out
