"""The equations of motion without rounding: whole numbers times powers of two.

Every double is such a number, and so is every sum and product of them.  What a
generator says about a point of its grid, taken as it is given, is therefore known
exactly, whatever the sizes of its rates: which states are stationary, how many there
are, where an evolution ends.  It costs milliseconds a point and is meant for the few
points at which doubles leave a doubt.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common.double_double import DoubleDouble, Expansion
from qte.common.whole_numbers import Dyadic, Rows, dyadic, kernel
from qte.physics.generators import Channel, Generator
from qte.physics.operators import OperatorKey
from qte.solver.blocks import unknowns_of

Array = NDArray[np.float64]
Index = NDArray[np.intp]

# Primes below 2**31: residues multiply within 63 bits.
PRIMES = (2**31 - 1, 2**31 - 19)
# Bits after the point in `ExactEquations.steady`, the whole range of a double; its last correction,
# relative to each unknown or to 1; how many rounds it may take.
BITS, FINE, LEAST, ROUNDS = 1100, 2.0**-60, 1e-300, 400


def _sum(a: Dyadic, b: Dyadic) -> Dyadic:
    low = min(a[1], b[1])
    return (a[0] << (a[1] - low)) + (b[0] << (b[1] - low)), low


@dataclass(frozen=True, eq=False)
class _Map:
    """One coefficient, a product of `factors`, and the whole-number entries of its map times ``2**exponent``."""

    factors: tuple[Any, ...]
    exponent: int
    entries: dict[tuple[int, int], int]


class ExactEquations:
    """Equations of some unknowns of a generator, point by point.

    Parameters
    ----------
    generator : Generator
    unknowns : ndarray of int, shape (n,)
        Those that are kept, in their order (`qte.solver.blocks`).
    channels : tuple of Channel, optional
        In place of all channels of the generator.
    hamiltonian : bool
        Whether the commutator is part of the equations.
    """

    def __init__(
        self,
        generator: Generator,
        unknowns: Index,
        channels: tuple[Channel, ...] | None = None,
        *,
        hamiltonian: bool = True,
    ) -> None:
        self.generator = generator
        self.size = len(unknowns)
        self._unknowns = tuple(int(u) for u in unknowns)
        self._channels = generator.channels if channels is None else channels
        self._hamiltonian = hamiltonian

    @cached_property
    def _maps(self) -> list[_Map]:
        maps = []
        for term in self.generator.hamiltonian if self._hamiltonian else ():
            maps.append(_Map((term.coefficient,), *_commutator(term.key, self._unknowns)))
        for channel in self._channels:
            for a in channel.jump:
                for b in channel.jump if channel.partner is None else channel.partner:
                    factors = (channel.rate, a.coefficient, b.coefficient)
                    maps.append(_Map(factors, *_bilinear(a.key, b.key, self._unknowns)))
        return [m for m in maps if m.entries]

    def entries(self, point: int) -> tuple[dict[tuple[int, int], int], int]:
        """Entries at one grid point (counted in C order) and the exponent they share: ``m * 2**e``."""
        scaled = []
        for part in self._maps:
            m, e = 1, part.exponent
            for factor in part.factors:
                value = self.at(factor, point)
                m, e = m * value[0], e + value[1]
            if m:
                scaled.append((m, e, part.entries))
        if not scaled:
            return {}, 0
        low = min(e for _, e, _ in scaled)
        total: dict[tuple[int, int], int] = {}
        for m, e, entries in scaled:
            factor = m << (e - low)
            for place, weight in entries.items():
                total[place] = total.get(place, 0) + factor * weight
        return {place: m for place, m in total.items() if m}, low

    def at(self, factor: Any, point: int) -> Dyadic:
        """A coefficient of the grid at one point, exactly."""
        if isinstance(factor, DoubleDouble):
            factor = Expansion((factor.hi, factor.lo))
        if isinstance(factor, Expansion):
            return reduce(_sum, (self.at(part, point) for part in factor.parts))
        if np.ndim(factor) == 0:
            return dyadic(float(factor))
        return dyadic(float(np.broadcast_to(factor, self.generator.shape).flat[point]))

    def rows(self, point: int) -> Rows:
        """The matrix at one point, row by row; rows are scaled by powers of two, which no kernel feels."""
        rows: Rows = [{} for _ in range(self.size)]
        for (i, j), value in self.entries(point)[0].items():
            rows[i][j] = value
        return rows

    def spread(self, point: int) -> float:
        """Smallest over largest strength of a term at one point: what a slow decay could be made of."""
        strengths = []
        for part in self._maps:
            value = math.prod(abs(_double(*self.at(factor, point))) for factor in part.factors)
            strengths.append(value * max(abs(_double(m, part.exponent)) for m in part.entries.values()))
        acting = [s for s in strengths if s > 0]
        return min(acting) / max(acting) if acting else 1.0

    def nullity(self, points: Sequence[int]) -> NDArray[np.intp]:
        """Dimension of the kernel at some points.

        The rank of the whole-number matrix modulo a prime, which is never above its
        rank, and below it for one prime in a hundred million: the larger of two counts.
        """
        found = np.zeros(len(points), dtype=np.intp)
        for k, point in enumerate(points):
            entries = self.entries(int(point))[0]
            found[k] = self.size - max(_modular_rank(entries, self.size, prime) for prime in PRIMES)
        return found

    def steady(self, point: int, inverse: Array, scale: float, populations: int) -> Array | None:
        """Unknowns of trace 1 at one point, each rounded once; None if they do not converge.

        Parameters
        ----------
        inverse : ndarray, shape (n, n)
            Approximate inverse of the equations divided by `scale`, the first of them
            replaced by the trace.
        populations : int
            How many of the first unknowns make the trace.

        Notes
        -----
        The residual is a sum of whole numbers, so it keeps all its digits, and every
        round takes as many off the error as the inverse is right to.
        """
        found = self.refined(point, inverse, scale, populations, FINE)
        return None if found is None else np.array([_double(v, -BITS) for v in found])

    def refined(
        self, point: int, inverse: Array, scale: float, populations: int, fine: float
    ) -> list[int] | None:
        """As `steady`, in units of ``2**-BITS`` and until a round changes no unknown by more than `fine` of it."""
        entries, exponent = self.entries(point)
        by_row: Rows = [{} for _ in range(self.size)]
        for (i, j), value in entries.items():
            by_row[i][j] = value
        by_row[0] = {}
        x = [0] * self.size
        last = math.inf
        for _ in range(ROUNDS):
            trace = (1 << BITS) - sum(x[:populations])
            residual = np.array(
                [_double(-sum(v * x[j] for j, v in row.items()), exponent - BITS) / scale for row in by_row]
            )
            residual[0] = _double(trace, -BITS)
            step = inverse @ residual
            largest = float(np.abs(step).max())
            if not largest < last / 2:
                return None
            last = largest
            for j, change in enumerate(step.tolist()):
                m, e = dyadic(change)
                x[j] += m << (e + BITS) if e + BITS >= 0 else m >> -(e + BITS)
            if all(abs(d) <= fine * abs(_double(v, -BITS)) for d, v in zip(step.tolist(), x, strict=True)):
                break
            if largest < LEAST:
                break
        return x

    def dense(self, point: int) -> tuple[Array, float]:
        """The matrix at one point in doubles over a power of two, shape (n, n), and that power."""
        entries, exponent = self.entries(point)
        largest = max((m.bit_length() for m in map(abs, entries.values())), default=0)
        matrix = np.zeros((self.size, self.size))
        for place, value in entries.items():
            matrix[place] = _double(value, -largest)
        return matrix, math.ldexp(1.0, exponent + largest)


def _double(m: int, e: int) -> float:
    """``m * 2**e`` next to a double, 0 below the smallest."""
    spare = max(0, m.bit_length() - 64)
    return math.ldexp(float(m >> spare), e + spare)


def stationary_vector(rows: Rows, size: int, populations: int) -> tuple[int, Array | None]:
    """Dimension of the kernel, and where that is 1 its vector of trace 1."""
    found = kernel(rows, size)
    if len(found) != 1:
        return len(found), None
    trace = sum(found[0][:populations], Fraction(0))
    return 1, np.array([_quotient(x / trace) for x in found[0]])


def _quotient(x: Fraction) -> float:
    try:
        return float(x)
    except OverflowError:  # no entry of a state is as large
        return math.inf


def _modular_rank(entries: dict[tuple[int, int], int], size: int, prime: int) -> int:
    matrix = np.zeros((size, size), dtype=np.int64)
    for place, value in entries.items():
        matrix[place] = value % prime
    rank = 0
    for column in range(size):
        candidates = np.flatnonzero(matrix[rank:, column])
        if not candidates.size:
            continue
        pivot = rank + int(candidates[0])
        matrix[[rank, pivot]] = matrix[[pivot, rank]]
        inverse = pow(int(matrix[rank, column]), -1, prime)
        own = matrix[rank, column:] * inverse % prime
        below = rank + 1 + np.flatnonzero(matrix[rank + 1 :, column])
        if below.size:
            change = matrix[below, column][:, None] * own % prime
            matrix[below, column:] = (matrix[below, column:] - change) % prime
        rank += 1
    return rank


# ---- maps on matrices, and on unknowns -----------------------------------------------------------

# Whole-number entries (i, j, real, imaginary) of an operator, times a power of two.
_Operator = tuple[list[tuple[int, int, int, int]], int]


# ``d rho_ij = (re + 1j im) rho_km``, as (i, j, k, m, re, im).
_OnMatrices = Iterator[tuple[int, int, int, int, int, int]]
# Exponent and entries of a `_Map`.
_Entries = tuple[int, dict[tuple[int, int], int]]


def _whole(operator: OperatorKey) -> _Operator:
    places, columns, data = operator.entries
    parts = [(dyadic(v.real), dyadic(v.imag)) for v in data]
    low = min((e for pair in parts for m, e in pair if m), default=0)
    rows = []
    for i, j, (re, im) in zip(places.tolist(), columns.tolist(), parts, strict=True):
        whole = [m << (e - low) if m else 0 for m, e in (re, im)]
        rows.append((i, j, whole[0], whole[1]))
    return rows, low


@lru_cache(maxsize=2048)
def _commutator(operator: OperatorKey, unknowns: tuple[int, ...]) -> _Entries:
    """rho -> -i[O, rho]."""
    entries, exponent = _whole(operator)

    def terms() -> _OnMatrices:
        for a, b, re, im in entries:
            for k in range(operator.dim):
                # -i (re + i im) = im - i re
                yield a, k, b, k, im, -re
                yield k, b, k, a, -im, re

    return exponent, _on_unknowns(terms(), unknowns, operator.dim)


@lru_cache(maxsize=2048)
def _bilinear(left: OperatorKey, right: OperatorKey, unknowns: tuple[int, ...]) -> _Entries:
    """rho -> (A rho B^+ + B rho A^+ - B^+ A rho - rho A^+ B)/2."""
    (a, low_a), (b, low_b) = _whole(left), _whole(right)

    def terms() -> _OnMatrices:
        by_row: dict[int, list[tuple[int, int, int]]] = {}
        for i, k, re, im in b:
            by_row.setdefault(i, []).append((k, re, im))
        for i, k, ar, ai in a:
            for j, m, br, bi in b:
                re, im = ar * br + ai * bi, ai * br - ar * bi
                yield i, j, k, m, re, im
                yield j, i, m, k, re, -im
            for j, br, bi in by_row.get(i, []):
                # (B^+ A)_jk = conj(b_ij) a_ik
                re, im = ar * br + ai * bi, ai * br - ar * bi
                for n in range(left.dim):
                    yield j, n, k, n, -re, -im
                    yield n, j, n, k, -re, im

    return low_a + low_b - 1, _on_unknowns(terms(), unknowns, left.dim)


def _on_unknowns(terms: _OnMatrices, unknowns: tuple[int, ...], dim: int) -> dict[tuple[int, int], int]:
    """A map on matrices, rewritten on the real unknowns that are kept."""
    real, imaginary = _numbers(dim)
    place = {u: k for k, u in enumerate(unknowns)}
    total: dict[tuple[int, int], int] = {}

    def add(row: int | None, column: int | None, value: int) -> None:
        if row is not None and column is not None and value:
            total[row, column] = total.get((row, column), 0) + value

    for i, j, k, m, re, im in terms:
        if i > j:
            continue
        sign = 1 if k <= m else -1
        x_row, x_column = place.get(real[i][j]), place.get(real[k][m])
        y_row = place.get(imaginary[i][j]) if i != j else None
        y_column = place.get(imaginary[k][m]) if k != m else None
        # rho_km = x + i sign y; the row's real part feeds x_ij, its imaginary part y_ij
        add(x_row, x_column, re)
        add(x_row, y_column, -sign * im)
        add(y_row, x_column, im)
        add(y_row, y_column, sign * re)
    return {where: value for where, value in total.items() if value}


def _numbers(dim: int) -> tuple[list[list[int]], list[list[int]]]:
    """Numbers of Re rho_ij and Im rho_ij; the latter are not read for i = j."""
    i, j = np.indices((dim, dim))
    real, imaginary = unknowns_of(np.minimum(i, j), np.maximum(i, j), dim)
    return real.tolist(), imaginary.tolist()
