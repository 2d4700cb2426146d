"""What the studies of santiagogarcia2024 share: columns, and refined results with a stated error."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.data.tables import Column

Array = NDArray[np.float64]

TEMPERATURE: Final = Column("T", "omega", "temperature of both baths", r"$T/\omega$")
TEMPERATURE_L: Final = Column("T_L", "omega", "temperature of the left bath", r"$T_L/\omega$")
CONDUCTANCE: Final = r"$\kappa_{SS}/\omega$"
# What the studies promise of the places of maxima, in units of omega.
PEAK_ERROR: Final = 1e-10


def rounded(value: ArrayLike, digits: int = 10) -> float:
    """A number as a fact of a table, without the digits beyond its own accuracy."""
    return float(f"{float(np.asarray(value)):.{digits}g}")


def listed(values: ArrayLike, digits: int = 10) -> list[float]:
    """Several numbers as a fact of a table."""
    return [rounded(value, digits) for value in np.ravel(np.asarray(values))]


def largest_difference(value: ArrayLike, reference: ArrayLike) -> float:
    """A power of ten above the largest relative difference, at least 1e-14: no two machines share round-off."""
    reference = np.asarray(reference)
    largest = float(np.max(np.abs(np.asarray(value) - reference) / np.abs(reference)))
    return 1e-14 if largest < 1e-14 else float(f"1e{math.floor(math.log10(largest)) + 1}")
