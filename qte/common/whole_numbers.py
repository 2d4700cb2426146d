"""Linear algebra without rounding: sparse rows of whole numbers, and fractions.

Every double is a whole number times a power of two, so what a matrix of doubles says, taken
as it is given, is known exactly: its rank, its kernel, where a projection ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

# m * 2**e
Dyadic = tuple[int, int]
Rows = list[dict[int, int]]


def dyadic(value: float) -> Dyadic:
    """A finite double as (m, e) = ``m * 2**e``."""
    top, bottom = float(value).as_integer_ratio()
    return top, 1 - bottom.bit_length()


def kernel(rows: Rows, size: int) -> list[list[Fraction]]:
    """Basis of the kernel of a sparse matrix of whole numbers, exactly.

    Gauss and Jordan on whole rows: of the rows left the shortest gives the next
    pivot, and every row is divided by what its entries have in common.
    """
    left = [_primitive(row) for row in rows if row]
    done: dict[int, dict[int, int]] = {}
    while left:
        left.sort(key=len)
        pivot_row, *left = left
        pivot = min(pivot_row, key=lambda j: (abs(pivot_row[j]).bit_length(), j))
        left = [r for r in (_without(row, pivot_row, pivot) for row in left) if r]
        done = {j: _without(row, pivot_row, pivot) for j, row in done.items()}
        done[pivot] = pivot_row
    free = [j for j in range(size) if j not in done]
    basis = []
    for chosen in free:
        vector = [Fraction(0)] * size
        vector[chosen] = Fraction(1)
        for j, row in done.items():
            if chosen in row:
                vector[j] = Fraction(-row[chosen], row[j])
        basis.append(vector)
    return basis


def transposed(rows: Rows, size: int) -> Rows:
    """Columns as rows."""
    out: Rows = [{} for _ in range(size)]
    for i, row in enumerate(rows):
        for j, value in row.items():
            out[j][i] = value
    return out


def projection(rows: Rows, size: int, start: Sequence[Fraction]) -> list[Fraction]:
    """Part of `start` in the kernel along the range: the long-time average of ``exp(L t) start``.

    Zero is no defective eigenvalue of a generator whose evolution is bounded, so the
    kernels of the matrix and of its transpose pair up regularly.
    """
    right = kernel(rows, size)
    left = kernel(transposed(rows, size), size)
    count = len(right)
    pairing = [[sum(map(_times, a, b), Fraction(0)) for b in right] for a in left]
    wanted = [sum(map(_times, a, start), Fraction(0)) for a in left]
    weights = solve([[*row, value] for row, value in zip(pairing, wanted, strict=True)])
    return [sum((weights[k] * right[k][j] for k in range(count)), Fraction(0)) for j in range(size)]


def solve(augmented: list[list[Fraction]]) -> list[Fraction]:
    """Solution of a regular system given as rows (A | b)."""
    rows = [list(row) for row in augmented]
    count = len(rows)
    for k in range(count):
        pivot = next(i for i in range(k, count) if rows[i][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(count):
            if i != k and rows[i][k]:
                factor = rows[i][k]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]


def _times(a: Fraction, b: Fraction) -> Fraction:
    return a * b if a and b else Fraction(0)


def _primitive(row: dict[int, int]) -> dict[int, int]:
    common = math.gcd(*row.values())
    return row if common == 1 else {j: value // common for j, value in row.items()}


def _without(row: dict[int, int], pivot_row: dict[int, int], pivot: int) -> dict[int, int]:
    """The row with its entry at `pivot` eliminated."""
    own = row.get(pivot)
    if own is None:
        return row
    other = pivot_row[pivot]
    common = math.gcd(own, other)
    keep, take = other // common, own // common
    out = {j: value * keep for j, value in row.items()}
    for j, value in pivot_row.items():
        out[j] = out.get(j, 0) - take * value
    out = {j: value for j, value in out.items() if value}
    return _primitive(out) if out else out


def rank(matrix: NDArray[Any]) -> int:
    """Rank of a square matrix of doubles, taken as it is given.

    Examples
    --------
    >>> third = np.full((3, 3), 1 / 3)
    >>> rank(third), rank(np.diag([1.0, 1e-300, 0.0]))
    (1, 2)
    """
    # as real equations, which a complex number enters twice
    whole = np.block([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])
    parts = {(i, j): dyadic(float(whole[i, j])) for i, j in np.argwhere(whole).tolist()}
    low = min((e for _, e in parts.values()), default=0)
    rows: Rows = [{} for _ in whole]
    for (i, j), (m, e) in parts.items():
        rows[i][j] = m << (e - low)
    return (len(whole) - len(kernel(rows, len(whole)))) // 2
