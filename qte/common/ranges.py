"""Quotients whose parts leave the range of doubles though they themselves do not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Sizes between which a product of two numbers has all its digits.
SMALLEST, LARGEST = 1e-290, 1e290


def in_range(value: Any) -> NDArray[np.bool_]:
    """Whether numbers have all their digits: neither 0, nor next to the ends of the range of doubles."""
    size = np.abs(value)
    return np.asarray((size > SMALLEST) & (size < LARGEST))


def over_product(top: Any, first: Any, second: Any) -> Array:
    """``top/(first * second)``, one division after the other where the product leaves the range.

    Examples
    --------
    >>> float(over_product(1e-200, 1e-200, 1e-200)), float(over_product(6.0, 2.0, 3.0))
    (1e+200, 1.0)
    """
    with np.errstate(all="ignore"):
        product = np.multiply(first, second)
        plain = np.asarray(top / product)
        # numbers of one sign, as temperatures are, are told by their ends
        if np.min(product, initial=1.0) > SMALLEST and np.max(product, initial=1.0) < LARGEST:
            return plain
        return np.asarray(np.where(in_range(product), plain, top / np.asarray(first) / second))
