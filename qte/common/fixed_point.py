"""Square matrices of as many bits as one asks for, many at a time, through products of doubles that are exact.

A matrix is ``sum_k digits[k] * 2**(-width * k)``: digits[0] holds its integer parts,
all others whole numbers of at most ``width`` bits.  The width is chosen so that no
sum of products of digits leaves the 53 bits of a double, so products are exact up to
where they are cut off, and the same on every CPU.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Bits that the products left out of a product may reach into.
CUT_OFF = 55


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """Matrices of one size and one number of digits.

    Parameters
    ----------
    digits : ndarray, shape (s, points, n, n)
        Whole numbers.
    width : int
        Bits of a digit.
    """

    digits: Array
    width: int

    @property
    def size(self) -> int:
        """Rows of a matrix, n."""
        return int(self.digits.shape[-1])

    def cut(self, bits: int) -> FixedPoint:
        """The same with no more digits than `bits` after the point need."""
        return FixedPoint(self.digits[: digits_for(bits, self.width)], self.width)

    def __matmul__(self, other: FixedPoint) -> FixedPoint:
        count, _, n, _ = self.digits.shape
        total = np.zeros_like(self.digits)
        # all digits of the right factor side by side: one product a digit of the left one
        wide = np.moveaxis(other.digits, 0, 2).reshape(self.digits.shape[1], n, count * n)
        for k, left in enumerate(self.digits):
            product = left @ wide[:, :, : (count - k) * n]
            total[k:] += np.moveaxis(product.reshape(*product.shape[:2], count - k, n), 2, 0)
        return FixedPoint(_carried(total, self.width), self.width)

    def over(self, divisor: int) -> FixedPoint:
        """Divided by a small whole number, by long division."""
        out = np.empty_like(self.digits)
        rest = np.zeros_like(self.digits[0])
        for k, digit in enumerate(self.digits):
            whole = digit + rest * 2.0**self.width
            out[k] = np.rint(whole / divisor)
            rest = whole - out[k] * divisor
        return FixedPoint(_carried(out, self.width), self.width)

    def plus_one(self) -> FixedPoint:
        """With the unit matrix added."""
        digits = self.digits.copy()
        digits[0] += np.eye(self.size)
        return FixedPoint(digits, self.width)

    def rounded(self) -> Array:
        """As doubles, shape (points, n, n)."""
        total = np.zeros_like(self.digits[0])
        for digit in self.digits[::-1]:
            total = total * 2.0**-self.width + digit
        return np.asarray(total)

    def distance(self, other: FixedPoint) -> float:
        """Largest difference of two entries; the digits that only one has are not looked at."""
        count = min(len(self.digits), len(other.digits))
        difference = FixedPoint(self.digits[:count] - other.digits[:count], self.width)
        return float(np.abs(difference.rounded()).max(initial=0.0))


def width_for(size: int, bits: int) -> int:
    """Bits of a digit with which products of n x n matrices of `bits` bits are exact."""
    width = 26
    while 2 * width - 2 + math.log2(size * digits_for(bits, width) + 1) > 53:
        width -= 1
    return width


def digits_for(bits: int, width: int) -> int:
    """Digits that leave `bits` after the point right in a product."""
    return 1 + -(-(bits + CUT_OFF) // width)


def from_entries(
    size: int, points: int, entries: Iterable[tuple[int, int, int, int, int]], bits: int
) -> FixedPoint:
    """Matrices with the entries (point, row, column, m, e) = ``m * 2**e``, rounded to the digits kept."""
    width = width_for(size, bits)
    count = digits_for(bits, width)
    digits = np.zeros((points, size, size, count))
    scale, known = width * (count - 1), dict[int, list[int]]()
    for point, row, column, m, e in entries:
        shift = e + scale
        whole = m << shift if shift >= 0 else (m + (1 << (-shift - 1))) >> -shift
        if whole not in known:  # a rate is the same at most points of a grid
            known[whole] = _digits(whole, width, count)
        digits[point, row, column] = known[whole]
    return FixedPoint(np.ascontiguousarray(np.moveaxis(digits, -1, 0)), width)


def _digits(whole: int, width: int, count: int) -> list[int]:
    """A whole number in digits of at most half of ``2**width``, the first one as large as it must be."""
    half, mask = 1 << (width - 1), (1 << width) - 1
    out = []
    for _ in range(count - 1):
        digit = ((whole + half) & mask) - half
        out.append(digit)
        whole = (whole - digit) >> width
    return [whole, *reversed(out)]


def _carried(digits: Array, width: int) -> Array:
    """Digits of at most `width` bits again, from the last to the first."""
    for k in range(len(digits) - 1, 0, -1):
        carry = np.rint(digits[k] * 2.0**-width)
        digits[k] -= carry * 2.0**width
        digits[k - 1] += carry
    return digits
