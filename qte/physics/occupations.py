"""Occupations of modes at thermal equilibrium and their differences, to full relative accuracy."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common import parameters as check

Array = NDArray[np.float64]

# exp(-x) stays a number for x above minus this, and Fermi and Bose functions are at their limits beyond.
LARGEST_EXPONENT = 700.0


def bose(x: ArrayLike) -> Array:
    """Bose-Einstein occupation 1/(e^x - 1) for x > 0, to full relative accuracy."""
    return bose_factors(x)[1]


def bose_emission(x: ArrayLike) -> Array:
    """1 + n_B = 1/(1 - e^-x) for x > 0."""
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(-1.0 / el.expm1(-_exponent("x", x)))


def bose_factors(x: ArrayLike) -> tuple[Array, Array]:
    """1 + n_B and n_B for x > 0, of emission and of absorption, shapes (...)."""
    x = _exponent("x", x)
    with np.errstate(divide="ignore", over="ignore"):
        missing = -el.expm1(-x)
        return np.asarray(1.0 / missing), np.asarray(el.exp(-x) / missing)


def fermi(x: ArrayLike) -> Array:
    """Fermi-Dirac occupation 1/(e^x + 1) of any sign of x, to full relative accuracy."""
    return fermi_factors(x)[1]


def fermi_factors(x: ArrayLike) -> tuple[Array, Array]:
    """1 - n_F and n_F of any sign of x, of emission and of absorption, shapes (...)."""
    x = check.real("x", x, either_infinite=True, largest=np.inf)
    small = el.exp(-np.abs(x))
    whole = 1.0 + small
    return np.asarray(np.where(x <= 0, small, 1.0) / whole), np.asarray(np.where(x >= 0, small, 1.0) / whole)


def bose_difference(x: ArrayLike, y: ArrayLike, y_minus_x: ArrayLike | None = None) -> Array:
    """n_B(x) - n_B(y) without cancellation, shape (...).

    `y_minus_x` may be given when it is known better than by subtraction, as at vanishing bias.

    Examples
    --------
    >>> f"{bose_difference(1.0, 1.0 + 1e-12, y_minus_x=1e-12):.6e}"
    '9.206736e-13'
    """
    x, y, gap = _two_exponents(x, y, y_minus_x)
    low = np.minimum(x, y)
    # e^-low (1 - e^-|gap|) / ((1 - e^-x)(1 - e^-y)): every factor is a small number known well
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        size = el.exp(-low) * -el.expm1(-np.abs(gap)) / (el.expm1(-x) * el.expm1(-y))
        size = np.where(gap == 0, 0.0, size)
    return np.asarray(np.sign(gap) * size)


def fermi_difference(x: ArrayLike, y: ArrayLike, y_minus_x: ArrayLike | None = None) -> Array:
    """n_F(x) - n_F(y) without cancellation, shape (...); arguments as `bose_difference`."""
    x, y, gap = _two_exponents(x, y, y_minus_x)
    # n(x) (1 - n(y)) (1 - e^-(y - x)) for y > x, and its mirror image
    low, high = np.where(gap >= 0, x, y), np.where(gap >= 0, y, x)
    size = fermi(low) * fermi(-high) * -el.expm1(-np.abs(gap))
    return np.asarray(np.where(gap >= 0, size, -size))


def _two_exponents(x: ArrayLike, y: ArrayLike, step: ArrayLike | None) -> tuple[Array, Array, Array]:
    first, second = _exponent("x", x), _exponent("y", y)
    given = 0.0 if step is None else _exponent("y_minus_x", step)
    check.broadcast_shape(x=first, y=second, y_minus_x=given)
    return first, second, _gap(first, second) if step is None else np.asarray(given)


def _exponent(name: str, value: ArrayLike) -> Array:
    """An exponent energy/T, which may be infinite; 0 for bosons is the limit of an infinite occupation."""
    array = check.real(name, value, either_infinite=True, largest=np.inf)
    return np.where(array < -LARGEST_EXPONENT, -LARGEST_EXPONENT, array)


def _gap(x: Array, y: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(x == y, 0.0, y - x))
