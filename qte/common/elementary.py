"""Elementary functions from + - * / and square roots alone: the same double on every processor.

IEEE 754 says what these five operations give; of an exponential or a logarithm it does not, and every C library,
instruction set and version of NumPy has its own last digit.  The sequences below are fixed, element by element and
without sums whose order a machine could choose.  Their errors stay below one unit in the last place (tests hold them
to references of 50 digits).  Constants are rounded from integers when the module is loaded.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from math import factorial, isqrt
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common.double_double import two_product, two_sum
from qte.common.errors import UnsoundArithmetic

Array = NDArray[np.float64]

_BITS: Final = 200
# Each of some thousand terms may lose the last one.
_GUARDED: Final = _BITS + 60
_PER_OCTAVE: Final = 64


# (what is wrong where the sum differs, a, b, the double next to a + b)
_SUMS: Final = (
    ("sums are not rounded to the nearest double", 1.0, 3 * 2.0**-54, 1.0 + 2.0**-52),
    ("sums are not rounded to the nearest double", -1.0, -3 * 2.0**-54, -1.0 - 2.0**-52),
    ("sums are not rounded to the nearest double", 1.0, 2.0**-53, 1.0),
    ("sums are not rounded to the nearest double", -1.0, -(2.0**-53), -1.0),
    ("sums are rounded twice (x87)", 1.0, 2.0**-53 + 2.0**-64, 1.0 + 2.0**-52),
)
_PRODUCTS: Final = (
    ("results below 2.2e-308 are flushed to zero", 2.0**-1000, 2.0**-40, 2.0**-1040),
    ("numbers below 2.2e-308 are taken for zero", 5e-324, 2.0**1000, 2.0**-74),
)


def fault_of_arithmetic() -> str:
    """What of this process's arithmetic is not that of IEEE 754, in a few words; "" where nothing is.

    A library that was built for speed, once loaded, switches numbers below 2.2e-308 off for everybody.
    """
    if sys.byteorder != "little":
        return "numbers are stored with their last byte last, on which nothing was ever tested"
    for kind, by in ((_SUMS, np.add), (_PRODUCTS, np.multiply)):
        for word, first, second, nearest in kind:
            # by NumPy, since Python computes with constants once, and by digits: a number that is switched off is 0
            if float(by(first, second)).hex() != nearest.hex():
                return word
    return ""


def require_arithmetic() -> None:
    """Refuse to compute where sums, products and quotients are not those of IEEE 754.

    Raises
    ------
    UnsoundArithmetic
        Naming what is wrong.
    """
    if fault := fault_of_arithmetic():
        raise UnsoundArithmetic(fault)


def _two_parts(value: Fraction) -> tuple[float, float]:
    high = float(value)
    return high, float(value - Fraction(high))


def _odd_series(x: Fraction, sign: int) -> Fraction:
    """artanh(x) (sign 1) or arctan(x) (sign -1) of 0 <= x < 1, in integers: fractions would grow with every term."""
    total, power, k = 0, (x.numerator << _GUARDED) // x.denominator, 1
    turn = 1
    while power:
        total += turn * (power // k)
        power = power * x.numerator**2 // x.denominator**2
        turn, k = sign * turn, k + 2
    return Fraction(total, 1 << _GUARDED)


def _arctan_series(x: Fraction) -> Fraction:
    return _odd_series(x, -1)


_LN2_EXACT: Final = 2 * _odd_series(Fraction(1, 3), 1)
_PI_EXACT: Final = 16 * _arctan_series(Fraction(1, 5)) - 4 * _arctan_series(Fraction(1, 239))


def _roots_of_two() -> tuple[Array, Array]:
    """2**(j/64) in two parts, by repeated square roots of integers."""
    step = 2 << (2 * _BITS)
    root = isqrt(step)
    for _ in range(5):
        root = isqrt(root << _BITS)
    parts, power = [], 1 << _BITS
    for _ in range(_PER_OCTAVE):
        parts.append(_two_parts(Fraction(power, 1 << _BITS)))
        power = power * root >> _BITS
    high, low = np.array(parts).T
    return high, low


_ROOTS, _ROOTS_LOW = _roots_of_two()
_STEP: Final = _LN2_EXACT / _PER_OCTAVE
# the step's leading part has 20 zeros at its end: its products with the number of steps are exact
_STEP_HIGH: Final = float(Fraction(int(_STEP * 2**38), 2**38))
_STEP_LOW: Final = float(_STEP - Fraction(_STEP_HIGH))
_STEPS_PER_UNIT: Final = float(1 / _STEP)
_LN2_HIGH: Final = float(Fraction(int(_LN2_EXACT * 2**32), 2**32))
_LN2_REST: Final = float(_LN2_EXACT - Fraction(_LN2_HIGH))
_QUARTER, _QUARTER_LOW = _two_parts(_PI_EXACT / 2)
_PI, _PI_LOW = _two_parts(_PI_EXACT)
_EXP_TERMS: Final = tuple(float(Fraction(1, n)) for n in (2, 6, 24, 120, 720))
_LOG_TERMS: Final = tuple(float(Fraction(2, 2 * k + 1)) for k in range(1, 12))
_SINE_TERMS: Final = tuple(float(Fraction((-1) ** k, factorial(2 * k + 1))) for k in range(1, 9))
_COSINE_TERMS: Final = tuple(float(Fraction((-1) ** k, factorial(2 * k))) for k in range(2, 10))
_ARCTAN_TERMS: Final = tuple(float(Fraction((-1) ** k, 2 * k + 1)) for k in range(1, 8))
# where the last layer of the ziggurat begins (J. A. Doornik's tables, as NumPy has them)
_WHOLE_NORMAL: Final = 3.6541528853610088
_HALF_ROOT: Final = 0.7071067811865476


def _corners() -> tuple[Array, Array]:
    """arctan(j/16) in two parts."""
    angles = [_arctan_series(Fraction(j, 16)) for j in range(16)] + [_PI_EXACT / 4]
    high, low = np.array([_two_parts(angle) for angle in angles]).T
    return high, low


_CORNERS, _CORNERS_LOW = _corners()


def exp(x: ArrayLike) -> Any:
    """e**x, shape (...); of complex numbers with imaginary parts below 2**20, too."""
    if np.iscomplexobj(x):
        number = np.asarray(x)
        turned = np.empty(number.shape, dtype=complex)
        size = exp(number.real)
        turned.real, turned.imag = size * cos(number.imag), size * sin(number.imag)
        return turned[()]
    value = _real(x)
    usual = np.abs(value) < 708.0
    if usual.all():
        return _exp(value)[()]
    # the far ends, where the result may be subnormal, 0 or infinite
    inside = np.where(np.isnan(value), 0.0, np.clip(value, -800.0, 800.0))
    with np.errstate(over="ignore", under="ignore"):
        return np.where(np.isnan(value), np.nan, _exp(inside))[()]


def _real(x: ArrayLike) -> Array:
    if np.iscomplexobj(x):
        raise TypeError("complex numbers have an exponential here, and no other function")
    return np.asarray(x, dtype=float)


def _exp(x: Array, rest: Array | None = None) -> Array:
    """e**(x + rest) with a rest that x has no digits for."""
    octaves, root, root_low, _, more = _reduced(x)
    if rest is not None:
        more = more + (rest + rest * more)
    return np.asarray(np.ldexp(root + (root_low + root * more), octaves))


def expm1(x: ArrayLike) -> Any:
    """e**x - 1 to full relative accuracy, shape (...)."""
    value = _real(x)
    usual = np.abs(value) < 40.0
    octaves, root, root_low, near, more = _reduced(value if usual.all() else np.where(usual, value, 0.0))
    lead, left = two_sum(np.ldexp(root, octaves), -1.0)
    result = lead + (left + np.ldexp(root_low + root * more, octaves))
    # without a step nothing is taken apart, and -0.0 stays what it is
    result = np.where(near, np.where(value == 0, value, more), result)
    if usual.all():
        return result[()]
    return np.where(usual, result, np.where(value < 0, -1.0, exp(np.where(usual, 0.0, value))))[()]


def _reduced(x: Array) -> tuple[NDArray[np.int64], Array, Array, NDArray[np.bool_], Array]:
    """With x = n ln(2)/64 + rest: the powers of two and of its root, whether n = 0, and e**rest - 1."""
    steps = np.rint(x * _STEPS_PER_UNIT)
    first = x - steps * _STEP_HIGH
    low = steps * _STEP_LOW
    rest = first - low
    series = _EXP_TERMS[-1] * rest
    for term in _EXP_TERMS[-2:0:-1]:
        series = (series + term) * rest
    more = rest + (rest * rest * (series + _EXP_TERMS[0]) + ((first - rest) - low))
    count = steps.astype(np.int64)
    place = count & (_PER_OCTAVE - 1)
    return count >> 6, _ROOTS.take(place), _ROOTS_LOW.take(place), steps == 0, more


def log(x: ArrayLike) -> Any:
    """Natural logarithm, shape (...); -inf at 0, NaN below."""
    value = _real(x)
    usual = np.isfinite(value) & (value > 0)
    mantissa, octaves = np.frexp(np.where(usual, value, 1.0))
    low = mantissa < _HALF_ROOT
    mantissa = np.where(low, 2 * mantissa, mantissa)
    count = (octaves - low).astype(float)
    head, tail = _log_near_one(mantissa - 1.0, count * _LN2_REST)
    result = count * _LN2_HIGH - (tail - head)
    unusual = np.where(value == 0, -np.inf, np.where(value == np.inf, np.inf, np.nan))
    return np.where(usual, result, unusual)[()]


def log1p(x: ArrayLike) -> Any:
    """ln(1 + x) to full relative accuracy, shape (...)."""
    value = _real(x)
    near = np.abs(value) < 0.25
    head, tail = _log_near_one(np.where(near, value, 0.0), np.zeros_like(value))
    whole, rest = two_sum(1.0, np.where(near | ~np.isfinite(value), 0.0, value))
    far = log(np.where(np.isfinite(value), whole, value)) + rest / np.where(whole == 0, 1.0, whole)
    return np.where(near, np.where(value == 0, value, head - tail), far)[()]


def _log_near_one(f: Array, more: Array) -> tuple[Array, Array]:
    """(f, t) with ln(1 + f) + more = f - t for -0.3 < f < 0.42: by ln(1 + f) = 2 artanh(f/(2 + f))."""
    s = f / (2.0 + f)
    square = s * s
    series = np.full_like(s, _LOG_TERMS[-1])
    for term in _LOG_TERMS[-2::-1]:
        series = series * square + term
    half = 0.5 * f * f
    return f, half - (s * (half + square * series) + more)


def power(base: ArrayLike, exponent: ArrayLike) -> Any:
    """base**exponent of bases >= 0, shape (...): to 1.5 units in the last place for exponents up to 100 in size."""
    value, by = np.broadcast_arrays(_real(base), _real(exponent))
    usual = np.isfinite(value) & (value > 0) & np.isfinite(by)
    mantissa, octaves = np.frexp(np.where(usual, value, 1.0))
    rough = log(mantissa)
    # ln m = rough + (m e**-rough - 1), with the digits that e**-rough has before it is rounded
    turns, root, root_low, _, more = _reduced(-rough)
    lead, missed = two_product(mantissa, np.ldexp(root, turns))
    less = (lead - 1.0) + (missed + mantissa * np.ldexp(root_low + root * more, turns))
    count = octaves.astype(float)
    head, tail = two_sum(count * _LN2_HIGH, rough)
    head, tail = two_sum(head, tail + (less + count * _LN2_REST))
    with np.errstate(all="ignore"):
        # beyond the clipped ends the result is 0 or infinite whatever the rest
        times = np.clip(np.where(usual, by, 0.0), -1e250, 1e250)
        turn, missed = two_product(head, times)
        far = np.abs(turn) > 800.0
        found = _exp(np.clip(turn, -800.0, 800.0), np.where(far, 0.0, missed + tail * times))
        return np.where(usual, found, np.power(np.where(usual, 0.0, value), np.where(usual, 1.0, by)))[()]


def spread(low: ArrayLike, high: ArrayLike, share: ArrayLike) -> Any:
    """The place between two positive ends that a share of the logarithm's way leads to, shape (...)."""
    start, end = _real(low), _real(high)
    place = start * exp(_real(share) * log(end / start))
    return np.clip(place, np.minimum(start, end), np.maximum(start, end))[()]


def geomspace(low: float, high: float, count: int) -> Array:
    """`count` positive numbers of equal quotients from `low` to `high`, both ends themselves."""
    found = np.asarray(spread(low, high, np.linspace(0.0, 1.0, count)))
    found[0], found[-1] = low, high
    return found


def normal(rng: np.random.Generator, shape: int | tuple[int, ...]) -> Array:
    """Standard normal numbers, but for the three of ten thousand beyond 3.65, whose last digit NumPy has from the
    C library's logarithm: these are cut there."""
    return np.clip(rng.normal(size=shape), -_WHOLE_NORMAL, _WHOLE_NORMAL)


def hypot(x: ArrayLike, y: ArrayLike) -> Any:
    """sqrt(x**2 + y**2) without overflow or underflow on the way, shape (...)."""
    a, b = np.abs(_real(x)), np.abs(_real(y))
    large, small = np.maximum(a, b), np.minimum(a, b)
    usual = np.isfinite(large) & (large > 0)
    ratio = small / (large if usual.all() else np.where(usual, large, 1.0))
    with np.errstate(over="ignore"):
        size = large * np.sqrt(1.0 + ratio * ratio)
    if usual.all():
        return size[()]
    return np.where(np.isinf(a) | np.isinf(b), np.inf, np.where(usual, size, large))[()]


def arcsinh(x: ArrayLike) -> Any:
    """Inverse hyperbolic sine, shape (...)."""
    value = _real(x)
    size = np.abs(value)
    near = np.minimum(size, 1e8)
    low = log1p(near + near * near / (1.0 + np.sqrt(1.0 + near * near)))
    far = log(np.maximum(size, 1.0)) + _LN2_HIGH + _LN2_REST
    return np.copysign(np.where(size > 1e8, far, low), value)[()]


def sinh(x: ArrayLike) -> Any:
    """Hyperbolic sine, shape (...)."""
    value = _real(x)
    size = np.abs(value)
    grown = expm1(np.minimum(size, 40.0))
    with np.errstate(over="ignore"):
        far = 0.5 * exp(size / 2) * exp(size / 2)
    return np.copysign(np.where(size > 40.0, far, 0.5 * (grown + grown / (grown + 1.0))), value)[()]


def cosh(x: ArrayLike) -> Any:
    """Hyperbolic cosine, shape (...)."""
    size = np.abs(_real(x))
    grown = exp(np.minimum(size, 40.0))
    with np.errstate(over="ignore"):
        far = 0.5 * exp(size / 2) * exp(size / 2)
    return np.where(size > 40.0, far, 0.5 * (grown + 1.0 / grown))[()]


def tanh(x: ArrayLike) -> Any:
    """Hyperbolic tangent, shape (...)."""
    value = _real(x)
    grown = expm1(2 * np.minimum(np.abs(value), 25.0))
    return np.copysign(grown / (grown + 2.0), value)[()]


def sin(x: ArrayLike) -> Any:
    """Sine of ``|x|`` < 2**20, shape (...); NaN beyond."""
    quarter, head, tail = _quarter_turns(x)
    return _turned(quarter, head, tail)[()]


def cos(x: ArrayLike) -> Any:
    """Cosine of ``|x|`` < 2**20, shape (...); NaN beyond."""
    quarter, head, tail = _quarter_turns(x)
    return _turned(quarter + 1, head, tail)[()]


def _quarter_turns(x: ArrayLike) -> tuple[NDArray[np.int64], Array, Array]:
    """x = n pi/2 + head + tail, |head| < pi/4."""
    value = _real(x)
    value = np.where(np.abs(value) < 2.0**20, value, np.nan)
    count = np.rint(np.where(np.isnan(value), 0.0, value) / _QUARTER)
    product, missed = two_product(count, _QUARTER)
    head, rest = two_sum(value, -product)
    head, tail = two_sum(head, rest - missed - count * _QUARTER_LOW)
    return count.astype(np.int64), head, tail


def _turned(quarter: NDArray[np.int64], head: Array, tail: Array) -> Array:
    square = head * head
    odd, even = np.full_like(head, _SINE_TERMS[-1]), np.full_like(head, _COSINE_TERMS[-1])
    for term in _SINE_TERMS[-2::-1]:
        odd = odd * square + term
    for term in _COSINE_TERMS[-2::-1]:
        even = even * square + term
    sine = head + (head * square * odd + tail * (1.0 - 0.5 * square))
    sine = np.where(head == 0, head + tail, sine)
    whole, missed = two_sum(1.0, -0.5 * square)
    low = two_product(head, head)[1]
    cosine = whole + (missed + (square * square * even - head * tail - 0.5 * low))
    value = np.where(quarter % 2 == 0, sine, cosine)
    return np.asarray(np.where(quarter % 4 >= 2, -value, value))


def arctan(x: ArrayLike) -> Any:
    """Inverse tangent in [-pi/2, pi/2], shape (...)."""
    value = _real(x)
    return arctan2(value, np.ones_like(value))


def arctan2(y: ArrayLike, x: ArrayLike) -> Any:
    """Angle of the point (x, y) in [-pi, pi], signed zeros as everywhere, shape (...)."""
    up, right = np.broadcast_arrays(_real(y), _real(x))
    a, b = np.abs(up), np.abs(right)
    steep = a > b
    large, small = np.maximum(a, b), np.minimum(a, b)
    # the direction alone counts, and of infinite parts which are
    far = np.isinf(large)
    large, small = (np.where(far, np.isinf(part), part).astype(float) for part in (large, small))
    _, octaves = np.frexp(np.where(np.isnan(large), 1.0, large))
    octaves = np.where(np.abs(octaves) > 900, octaves, 0)
    large, small = (np.ldexp(part, -octaves) for part in (large, small))
    ratio = small / np.where(large == 0, 1.0, large)
    place = np.rint(np.where(np.isnan(ratio), 0.0, ratio) * 16.0).astype(np.int64)
    corner = place / 16.0
    near = np.where(
        place == 0, ratio, (small - corner * large) / np.where(large == 0, 1.0, large + corner * small)
    )
    square = near * near
    series = np.full_like(near, _ARCTAN_TERMS[-1])
    for term in _ARCTAN_TERMS[-2::-1]:
        series = series * square + term
    angle = _CORNERS[place] + (_CORNERS_LOW[place] + (near + near * square * series))
    angle = np.where(steep, (_QUARTER - angle) + _QUARTER_LOW, angle)
    angle = np.where(np.signbit(right), (_PI - angle) + _PI_LOW, angle)
    return np.copysign(angle, up)[()]


require_arithmetic()
