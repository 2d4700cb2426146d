"""Numbers of about 32 digits: an array of leading parts and one of trailing parts.

Made from ``+ - * /`` of doubles alone (Dekker, Numer. Math. 18, 224 (1971)), so
the same bits on every CPU.  They cost some twenty times a double and are meant
for the few points where a result is a small difference of large terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_SPLIT = 2.0**27 + 1
_LN2 = (0.6931471805599453, 2.3190468138462996e-17)
# Taylor terms of exp on |r| < ln(2)/512, and how often the result is squared.
_TERMS, _SQUARINGS = 11, 8


@dataclass(frozen=True, eq=False)
class DoubleDouble:
    """The unevaluated sum ``hi + lo`` with ``|lo| <= ulp(hi)/2``, shapes (...) each."""

    hi: Any
    lo: Any

    # arithmetic with an ndarray on the left is ours, not element by element
    __array_ufunc__ = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array of numbers."""
        return np.shape(self.hi)

    def __getitem__(self, index: Any) -> DoubleDouble:
        return DoubleDouble(self.hi[index], self.lo[index])

    def __neg__(self) -> DoubleDouble:
        return DoubleDouble(-self.hi, -self.lo)

    def __add__(self, other: Any) -> DoubleDouble:
        if not isinstance(other, DoubleDouble):
            head, tail = two_sum(self.hi, other)
            return _normal(head, tail + self.lo)
        head, tail = two_sum(self.hi, other.hi)
        low, rest = two_sum(self.lo, other.lo)
        head, tail = _fast_sum(head, tail + low)
        return _normal(head, tail + rest)

    def __sub__(self, other: Any) -> DoubleDouble:
        if not isinstance(other, DoubleDouble):
            head, tail = two_difference(self.hi, other)
            return _normal(head, tail + self.lo)
        head, tail = two_difference(self.hi, other.hi)
        low, rest = two_difference(self.lo, other.lo)
        head, tail = _fast_sum(head, tail + low)
        return _normal(head, tail + rest)

    def __rsub__(self, other: Any) -> DoubleDouble:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> DoubleDouble:
        if not isinstance(other, DoubleDouble):
            head, tail = two_product(self.hi, other)
            return _normal(head, tail + self.lo * other)
        head, tail = two_product(self.hi, other.hi)
        return _normal(head, tail + (self.hi * other.lo + self.lo * other.hi))

    def __truediv__(self, other: Any) -> DoubleDouble:
        divisor = other if isinstance(other, DoubleDouble) else DoubleDouble(other, np.zeros_like(other))
        first = self.hi / divisor.hi
        rest = self - divisor * first
        second = rest.hi / divisor.hi
        rest = rest - divisor * second
        head, tail = _fast_sum(first, second)
        return _normal(head, tail + rest.hi / divisor.hi)

    def __rtruediv__(self, other: Any) -> DoubleDouble:
        return exact(np.asarray(other, dtype=float)) / self

    __radd__ = __add__
    __rmul__ = __mul__


@dataclass(frozen=True, eq=False)
class Expansion:
    """The unevaluated sum of a few doubles, shapes (...) each, of any sizes: for arithmetic without rounding."""

    parts: tuple[Any, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array of numbers."""
        return np.broadcast_shapes(*(np.shape(part) for part in self.parts))


def exact(value: ArrayLike) -> DoubleDouble:
    """A double as it stands."""
    array = np.asarray(value, dtype=float)
    return DoubleDouble(array, np.zeros_like(array))


def leading(value: Any) -> Any:
    """The double next to a number of either kind."""
    return value.hi if isinstance(value, DoubleDouble) else value


def acts(value: Any) -> NDArray[np.bool_]:
    """Where a number of any kind differs from 0."""
    if isinstance(value, Expansion):
        return np.asarray(np.any([np.broadcast_to(part != 0, value.shape) for part in value.parts], axis=0))
    return np.asarray(leading(value) != 0)


def only(condition: Any, value: Any) -> Any:
    """A number of any kind where `condition` holds, 0 elsewhere."""
    if isinstance(value, Expansion):
        return Expansion(tuple(np.where(condition, part, 0.0) for part in value.parts))
    return condition * value


def where(condition: Any, first: DoubleDouble, second: DoubleDouble) -> DoubleDouble:
    """Element-wise choice."""
    return DoubleDouble(np.where(condition, first.hi, second.hi), np.where(condition, first.lo, second.lo))


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """``a + b`` as a rounded sum and its rounding error, both exact together."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def two_difference(a: Any, b: Any) -> tuple[Any, Any]:
    """``a - b`` as `two_sum` gives ``a + (-b)``."""
    total = a - b
    part = total - a
    return total, (a - (total - part)) - (b + part)


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """``a * b`` as a rounded product and its rounding error, both exact together."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def exp(x: DoubleDouble) -> DoubleDouble:
    """e**x for ``|x| < 700``, to about 30 digits."""
    doublings = np.rint(x.hi / _LN2[0])
    result = expm1(x - DoubleDouble(*map(np.asarray, _LN2)) * doublings) + 1.0
    power = doublings.astype(int)
    return DoubleDouble(np.ldexp(result.hi, power), np.ldexp(result.lo, power))


def expm1(x: DoubleDouble) -> DoubleDouble:
    """e**x - 1 for ``|x| < 0.35``, to about 30 digits of itself."""
    rest = x * 2.0**-_SQUARINGS
    # e**r - 1 by Horner, then (1 + s)**2 - 1 = s (2 + s), so that nothing cancels
    series = exact(np.ones_like(rest.hi))
    for k in range(_TERMS, 1, -1):
        series = series * rest / float(k) + 1.0
    series = series * rest
    for _ in range(_SQUARINGS):
        series = series * (series + 2.0)
    return series


def _fast_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """`two_sum` for ``|a| >= |b|``."""
    total = a + b
    return total, b - (total - a)


def _normal(head: Any, tail: Any) -> DoubleDouble:
    total = head + tail
    return DoubleDouble(total, tail - (total - head))


def _halves(a: Any) -> tuple[Any, Any]:
    scaled = _SPLIT * a
    high = scaled - (scaled - a)
    return high, a - high
