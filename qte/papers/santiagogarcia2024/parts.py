"""What the studies of santiagogarcia2024 share: columns, and refined results with a stated error."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.errors import SteadyStateError
from qte.tables import Column

Array = NDArray[np.float64]

TEMPERATURE: Final = Column("T", "omega", "temperature of both baths", r"$T/\omega$")
TEMPERATURE_L: Final = Column("T_L", "omega", "temperature of the left bath", r"$T_L/\omega$")
CONDUCTANCE: Final = r"$\kappa_{SS}/\omega$"
# What the studies promise of the places of maxima, in units of omega.
PEAK_ERROR: Final = 1e-10


class NotRefined(SteadyStateError):
    """A maximum or root is not known as well as its table promises."""


def demand(what: str, error: ArrayLike, bound: float) -> None:
    """Refuse a result whose error is above what the table states.

    Raises
    ------
    NotRefined
    """
    worst = float(np.max(error))
    if not worst <= bound:
        raise NotRefined(f"{what} is known to {worst:.1e} only, not to {bound:.0e}")


def rounded(value: ArrayLike, digits: int = 10) -> float:
    """A number as a fact of a table, without the digits beyond its own accuracy."""
    return float(f"{float(np.asarray(value)):.{digits}g}")


def listed(values: ArrayLike, digits: int = 10) -> list[float]:
    """Several numbers as a fact of a table."""
    return [rounded(value, digits) for value in np.ravel(np.asarray(values))]


def largest_difference(value: ArrayLike, reference: ArrayLike) -> float:
    """Largest relative difference, to two digits: enough for an error."""
    reference = np.asarray(reference)
    return rounded(np.max(np.abs(np.asarray(value) - reference) / np.abs(reference)), 2)
