"""States at any time of one block of equations, each right to the last bits of a double.

Short times of large blocks are reached step by step; all others through propagators
that are squared in fixed point, with as many bits as the number of doublings asks for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import expm_multiply

from qte.common import matrices
from qte.common.errors import IllConditioned
from qte.common.fixed_point import FixedPoint, from_entries
from qte.common.progress import announced
from qte.common.whole_numbers import projection
from qte.solver.blocks import Superoperator
from qte.solver.exact.equations import ExactEquations
from qte.solver.limits import CHUNK_BYTES, DENSE_LIMIT, EXACT_LIMIT, LADDER_LIMIT, STEPS_LIMIT

Array = NDArray[np.float64]
Index = NDArray[np.intp]

# Seconds that a long-time average takes a point and a pair of unknowns.
SECONDS = 5e-5
# The first step is a time of ``2**-FIRST_STEP/|L|``; terms of the series within it.
FIRST_STEP, SERIES = 8, 7
# The largest first step, 2 to this power: a double, with room for its multiples.
LAST_STEP = 1000
# Doubles of states that stay in the second cache together with two terms of their series.
CACHED = 2**16
# Bits of a propagator beyond those that the doublings still to come will lose.
SAFE_BITS = 80
# What all later propagators may differ by; the largest entry that none of a contraction has.
SETTLED, GROWTH = 2.0**-58, 2.0**20


def states_at(block: Superoperator, exact: ExactEquations, start: Array, times: Array) -> Array:
    """``exp(L t) x`` at finite times in ascending order, shape (n, points, nt).

    Parameters
    ----------
    block : Superoperator
        n unknowns.
    exact : ExactEquations
        The same unknowns.
    start : ndarray, shape (n, points)
    times : ndarray, shape (nt,)

    Raises
    ------
    IllConditioned
        A block too large for so long a time; an evolution that grows.
    """
    last = float(times[-1])
    span = float(np.abs(block.values()).max(initial=0.0)) * last
    if block.size > LADDER_LIMIT and span <= STEPS_LIMIT:
        return _by_steps(block, start, times)
    _refuse_large(block, last)
    return _by_doubling(block, exact, start, times)


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


def _by_doubling(block: Superoperator, exact: ExactEquations, start: Array, times: Array) -> Array:
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
            step = math.ldexp(1.0, min(-FIRST_STEP - math.frexp(largest)[1], LAST_STEP))
            _climb(exact, points, matrix, step, times, states)
        out[:, points] = np.moveaxis(states, 0, 1)
    return out


def _climb(
    exact: ExactEquations, points: range, matrix: Array, step: float, times: Array, states: Array
) -> None:
    """Evolve states (points, n, nt), in place."""
    _short_time(matrix, np.fmod(times, step), states)
    # steps are powers of 2, so a time tells its binary digits without rounding
    levels = math.frexp(float(times.max()))[1] - math.frexp(step)[1] + 1
    if levels <= 0:
        return
    ladder = _first_propagator(exact, points, step, levels + SAFE_BITS)
    for level in range(levels):
        span = math.ldexp(step, level)
        odd = np.flatnonzero(np.fmod(times, 2 * span) >= span)
        if odd.size:
            states[:, :, odd] = matrices.product(ladder.rounded(), states[:, :, odd])
        more = levels - level - 1
        if not more:
            return
        longer = ladder @ ladder
        if not np.abs(longer.digits[0]).max() < GROWTH:
            raise IllConditioned(
                "The evolution grows beyond all bounds: the generator is not of Lindblad form"
            )
        settled = longer.distance(ladder) <= math.ldexp(SETTLED, -more)
        # a level less to come: a bit less to carry
        ladder = longer.cut(more + SAFE_BITS)
        if settled:
            later = np.flatnonzero(times >= 2 * span)
            states[:, :, later] = matrices.product(ladder.rounded(), states[:, :, later])
            return


def _short_time(matrix: Array, times: Array, states: Array) -> None:
    """``exp(L t) x`` for ``|L| t < 2**-FIRST_STEP`` by its series, in place; states are the same x at all times."""
    some = max(1, CACHED // states[0].size)
    for low in range(0, len(states), some):
        part, generators = states[low : low + some], matrix[low : low + some]
        term = part[:, :, :1]
        for k in range(1, SERIES + 1):
            term = matrices.product(generators, term) * (times / k)
            part += term


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


def _by_steps(block: Superoperator, start: Array, times: Array) -> Array:
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
    numbered = list(enumerate(points))
    for k, point in announced(numbered, "long-time averages", exact.size, SECONDS * exact.size**2):
        first = [Fraction(float(x)) for x in start[:, k]]
        out[:, k] = [float(x) for x in projection(exact.rows(int(point)), exact.size, first)]
    return out
