"""The slowest decay of a matrix of whole numbers, through its characteristic polynomial.

What doubles cannot tell apart, an eigenvalue that is small and one that is 0, is told
here exactly: roots 0 and undamped pairs are divided out, and Routh's test says whether
all others lie left of a line.
"""

from __future__ import annotations

import math
from fractions import Fraction

Polynomial = list[int]
Entries = dict[tuple[int, int], int]

# Bits of a decay rate.
BITS = 46


def slowest_decay(entries: Entries, size: int, exponent: int) -> float | None:
    """Smallest ``-Re z`` of the eigenvalues off the imaginary axis, to 13 digits.

    Parameters
    ----------
    entries : dict of (i, j) to int
        The matrix over ``2**exponent``; no eigenvalue may lie right of the imaginary axis.
    size : int

    Returns
    -------
    float or None
        inf if nothing decays; None if something grows.
    """
    polynomial = characteristic(entries, size)
    while polynomial and polynomial[0] == 0:
        polynomial = polynomial[1:]
    polynomial = divided(polynomial, common(polynomial, derivative(polynomial)))
    mirrored = [c if k % 2 == 0 else -c for k, c in enumerate(polynomial)]
    polynomial = divided(polynomial, common(polynomial, mirrored))
    degree = len(polynomial) - 1
    if degree < 1:
        return math.inf
    if not is_stable(polynomial):
        return None
    # the mean decay is no slower than the slowest
    top = Fraction(polynomial[-2], polynomial[-1] * degree)
    high = top.numerator.bit_length() - top.denominator.bit_length() + 1
    low, step = high - 1, 1
    while not is_stable(shifted(polynomial, 1, low)):
        high, low, step = low, low - step, 2 * step
    while high - low > 1:
        middle = (high + low) // 2
        low, high = (middle, high) if is_stable(shifted(polynomial, 1, middle)) else (low, middle)
    # the rate lies in [2**low, 2**high): one bit after the other
    mantissa = 1
    for _ in range(BITS):
        low -= 1
        mantissa = 2 * mantissa + 1
        if not is_stable(shifted(polynomial, mantissa, low)):
            mantissa -= 1
    return math.ldexp(float(mantissa), low + exponent)


def characteristic(entries: Entries, size: int) -> Polynomial:
    """Coefficients of ``det(z - A)``, the constant first (Faddeev and Leverrier)."""
    by_row: list[dict[int, int]] = [{} for _ in range(size)]
    for (i, j), value in entries.items():
        by_row[i][j] = value
    coefficients = [1]
    current: list[dict[int, int]] = [{} for _ in range(size)]
    for k in range(1, size + 1):
        for i in range(size):
            current[i][i] = current[i].get(i, 0) + coefficients[-1]
        product = []
        for row in by_row:
            total: dict[int, int] = {}
            for j, a in row.items():
                for m, b in current[j].items():
                    total[m] = total.get(m, 0) + a * b
            product.append(total)
        coefficients.append(-sum(row.get(i, 0) for i, row in enumerate(product)) // k)
        current = product
    return coefficients[::-1]


def shifted(polynomial: Polynomial, m: int, e: int) -> Polynomial:
    """A positive multiple of ``p(z - m * 2**e)``, by Horner's scheme."""
    if e >= 0:
        scaled, step = list(polynomial), m << e
    else:
        # z = y * 2**e makes every coefficient whole
        degree = len(polynomial) - 1
        scaled, step = [c << (-e * (degree - k)) for k, c in enumerate(polynomial)], m
    for start in range(len(scaled) - 1):
        for k in range(len(scaled) - 2, start - 1, -1):
            scaled[k] -= step * scaled[k + 1]
    return scaled


def is_stable(polynomial: Polynomial) -> bool:
    """Whether all roots lie left of the imaginary axis: Routh's table has one sign."""
    sign = 1 if polynomial[-1] > 0 else -1
    above = [sign * c for c in polynomial[::-1][::2]]
    below = [sign * c for c in polynomial[::-1][1::2]]
    while below:
        if above[0] <= 0 or below[0] <= 0:
            return False
        below_padded = [*below, 0]
        following = [below[0] * above[k + 1] - above[0] * below_padded[k + 1] for k in range(len(above) - 1)]
        above, below = below, _primitive(following)
    return above[0] > 0


def derivative(polynomial: Polynomial) -> Polynomial:
    """p'."""
    return [k * c for k, c in enumerate(polynomial)][1:]


def common(a: Polynomial, b: Polynomial) -> Polynomial:
    """Greatest common divisor, up to a factor."""
    a, b = _primitive(_trimmed(a)), _primitive(_trimmed(b))
    while b:
        a, b = b, _primitive(_remainder(a, b))
    return a


def divided(a: Polynomial, b: Polynomial) -> Polynomial:
    """a/b up to a factor, where b divides a."""
    if len(b) <= 1:
        return a
    rest = [Fraction(c) for c in a]
    quotient = []
    for top in range(len(a) - 1, len(b) - 2, -1):
        factor = rest[top] / b[-1]
        quotient.append(factor)
        for k, c in enumerate(b):
            rest[top - len(b) + 1 + k] -= factor * c
    whole = math.lcm(*(q.denominator for q in quotient))
    return _primitive([int(q * whole) for q in quotient[::-1]])


def _remainder(a: Polynomial, b: Polynomial) -> Polynomial:
    """Pseudo-remainder of a by b."""
    rest = list(a)
    while len(rest) >= len(b):
        top, lead = rest[-1], b[-1]
        offset = len(rest) - len(b)
        rest = [lead * c for c in rest]
        for k, c in enumerate(b):
            rest[offset + k] -= top * c
        rest = _primitive(_trimmed(rest[:-1]))
    return rest


def _trimmed(polynomial: Polynomial) -> Polynomial:
    out = list(polynomial)
    while out and out[-1] == 0:
        out.pop()
    return out


def _primitive(polynomial: Polynomial) -> Polynomial:
    factor = math.gcd(*polynomial) if polynomial else 1
    return polynomial if factor in (0, 1) else [c // factor for c in polynomial]
