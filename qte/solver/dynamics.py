"""Time evolution under a generator, and its slowest decay rate.

``expm(L t)`` acts on the unknowns that the initial state can reach, and no
eigenvectors are computed: exceptional points are points like any other.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import expm
from scipy.sparse.linalg import expm_multiply

from qte.common.errors import ParameterError
from qte.physics.generators import Channel, Generator, Term
from qte.physics.operators import ket
from qte.solver.blocks import Superoperator, from_unknowns, superoperator, to_unknowns

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.intp]

# An initial state may miss hermiticity, unit trace and positivity by this much.
STATE_TOLERANCE = 1e-10
# Beyond this many unknowns expm(L t) is applied to the state without being formed.
DENSE_LIMIT = 1500
CHUNK_BYTES = 2**25
# Real parts below this fraction of the largest entry count as zero in `liouvillian_gap`.
STILL = 1e-14


def evolve(generator: Generator, rho0: str | ArrayLike, times: ArrayLike) -> Complex:
    """States ``exp(L t) rho0``, accurate to about 1e-13 at every time.

    Parameters
    ----------
    generator : Generator
    rho0 : str or array_like
        Density matrix, shape (d, d) or (..., d, d); state vector, shape (d,);
        or a basis state as a word such as ``"000"``.
    times : array_like, shape (nt,)
        Ascending, finite, >= 0; the state at t = 0 is `rho0`.

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
    path = propagate(generator, initial_state(generator, rho0), check_times(times))
    rho = from_unknowns(path.reshape(path.shape[0], *generator.shape, path.shape[-1]), generator.dim)
    return along_time(generator, path.shape[-1]).to_computational(rho)


def check_times(times: ArrayLike) -> Array:
    """Times as a float array, shape (nt,).

    Raises
    ------
    ParameterError
        Not one-dimensional, empty, not finite, negative, or not ascending.
    """
    array = np.asarray(times)
    if array.dtype.kind not in "iuf" or array.ndim != 1 or array.size == 0:
        raise ParameterError("times", times, "be a one-dimensional array of real numbers, not empty")
    t = array.astype(float)
    wrong = ~np.isfinite(t) | (t < 0)
    if not wrong.any():
        wrong[1:] = np.diff(t) < 0
    if wrong.any():
        at = int(np.argmax(wrong))
        raise ParameterError("times", float(t[at]), "be finite, >= 0 and in ascending order", (at,))
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
    if not np.all(np.isfinite(rho)):
        raise ParameterError("rho0", rho0, "be finite")
    if np.abs(rho - np.swapaxes(rho.conj(), -1, -2)).max(initial=0.0) > STATE_TOLERANCE:
        raise ParameterError("rho0", rho0, "be Hermitian")
    trace = np.trace(rho, axis1=-2, axis2=-1).real
    if np.abs(trace - 1).max(initial=0.0) > STATE_TOLERANCE:
        raise ParameterError("rho0", float(trace.ravel()[0]), "have trace 1 (a vector: norm 1)")
    if np.linalg.eigvalsh(rho).min(initial=0.0) < -STATE_TOLERANCE:
        raise ParameterError("rho0", rho0, "have no negative eigenvalue")
    return np.asarray(rho)


def _as_matrix(rho0: str | ArrayLike, dim: int) -> Complex:
    if isinstance(rho0, str):
        if 2 ** len(rho0) != dim:
            raise ParameterError("rho0", rho0, f"be a word of {dim.bit_length() - 1} letters")
        rho0 = ket(rho0)
    state = np.asarray(rho0)
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
    """
    equations = superoperator(generator)
    start = to_unknowns(generator.to_frame(rho0)).reshape(equations.size, -1)
    reached = _reachable(equations, np.flatnonzero(np.any(start != 0, axis=1)))
    block = equations.restrict(reached)
    out = np.zeros((equations.size, equations.points, len(times)))
    route = _propagate_dense if block.size <= DENSE_LIMIT else _propagate_sparse
    out[reached] = route(block, start[reached], times)
    return out


def _reachable(equations: Superoperator, start: Index) -> Index:
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


def _runs(times: Array) -> Iterator[tuple[int, int, float]]:
    """Longest stretches of equal steps: first index, number of steps, step.

    Steps count as equal if no time of the stretch is off by more than 4 ulp of itself,
    the accuracy to which the times are given.
    """
    first = 0
    while first < len(times) - 1:
        rest = times[first:]
        # a long stretch gives its step better than its first two times do
        count = np.arange(1, len(rest))
        equal = np.abs(rest[0] + count * (rest[1] - rest[0]) - rest[1:]) <= 4 * count * np.spacing(rest[1:])
        steps = len(count) if equal.all() else max(1, int(np.argmin(equal)))
        step = (rest[steps] - rest[0]) / steps
        exact = rest[0] + count[:steps] * step
        if np.any(np.abs(exact - rest[1 : steps + 1]) > 4 * np.spacing(rest[1 : steps + 1])):
            steps, step = 1, float(rest[1] - rest[0])
        yield first, steps, float(step)
        first += steps


def _propagate_dense(block: Superoperator, start: Array, times: Array) -> Array:
    """Doubling within every run: what is known to time t gives what follows to 2t in one product."""
    out = np.empty((block.size, block.points, len(times)))
    chunk = max(1, CHUNK_BYTES // (8 * block.size**2))
    for low in range(0, block.points, chunk):
        points = slice(low, min(low + chunk, block.points))
        matrix = block.matrix(points)
        states = np.empty((matrix.shape[0], block.size, len(times)))
        states[:, :, 0] = start[:, points].T
        if times[0] > 0:
            states[:, :, :1] = expm(matrix * times[0]) @ states[:, :, :1]
        for first, steps, step in _runs(times):
            known = 1
            while known <= steps:
                more = min(known, steps + 1 - known)
                jump = expm(matrix * (known * step))
                source = states[:, :, first : first + more]
                states[:, :, first + known : first + known + more] = jump @ source
                known += more
        out[:, points] = np.moveaxis(states, 0, 1)
    return out


def _propagate_sparse(block: Superoperator, start: Array, times: Array) -> Array:
    out = np.empty((block.size, block.points, len(times)))
    for point, values in enumerate(block.values().T):
        matrix = sp.csr_array((values, (block.rows, block.columns)), shape=(block.size,) * 2)
        state, now = start[:, point], 0.0
        for k, time in enumerate(times):
            if time > now:
                state, now = expm_multiply(matrix * (time - now), state), time
            out[:, point, k] = state
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
