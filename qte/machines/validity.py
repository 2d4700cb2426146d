"""Where a master equation may be believed: dimensionless numbers, each with the bound it is held against.

A master equation answers as confidently outside its domain as inside.  What decides
are ratios that the derivations assume to be small (the papers write "much smaller";
a tenth is what is held against here) and signs that a state or a flow of entropy must
not have.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.common.errors import ParameterError, ValidityWarning
from qte.common.outside import Outside, note

Array = NDArray[np.float64]

# What "much smaller than 1" is taken to mean.
SMALL = 0.1
# Round-off of a ratio that lies on its bound.
ROUND_OFF = 1e-9
# A negative eigenvalue, and a negative entropy production relative to the flows it is made of, beyond round-off.
NEGATIVE, DECREASE = 1e-10, 1e-9


@dataclass(frozen=True, eq=False)
class Criterion:
    """One number that decides, over the grid of a machine.

    Parameters
    ----------
    name : str
        Such as ``"rate over splitting"``.
    value : ndarray, shape (...)
        Dimensionless, >= 0; inf where the ratio has no meaning.
    bound : float
        The criterion holds where ``value <= bound``.
    source : str
        Where the bound comes from.
    """

    name: str
    value: Array
    bound: float
    source: str

    @property
    def holds(self) -> NDArray[np.bool_]:
        """Whether the criterion is met, shape (...)."""
        return np.asarray(self.value <= self.bound * (1 + ROUND_OFF))

    def __str__(self) -> str:
        verdict = "holds" if self.holds.all() else f"does not hold at {self._broken()}"
        return f"{self.name}: {self.worst:.3g}, bound {self.bound:g}, {verdict} ({self.source})"

    @property
    def worst(self) -> float:
        """The largest value on the grid."""
        return float(np.max(self.value, initial=0.0))

    def _broken(self) -> str:
        count, total = int(np.count_nonzero(~self.holds)), int(np.size(self.value))
        return "the point" if total == 1 else f"{count} of {total} points"


@dataclass(frozen=True, eq=False)
class Validity:
    """All criteria of a machine; iterating gives them one by one.

    Examples
    --------
    >>> from qte.machines import TwoQubitEngine
    >>> inside = TwoQubitEngine(g=0.02, gamma_h=0.01, gamma_c=0.01, T_h=1, T_c=0.2).validity()
    >>> bool(inside.holds)
    True
    >>> print(inside["coupling over gap"])
    coupling over gap: 0.02, bound 0.1, holds (khandelwal2020 sec. 2: g << eps)
    """

    criteria: tuple[Criterion, ...]

    @property
    def holds(self) -> NDArray[np.bool_]:
        """Whether all criteria are met, shape (...)."""
        return np.asarray(np.all(np.broadcast_arrays(*(c.holds for c in self.criteria)), axis=0))

    @property
    def broken(self) -> tuple[Criterion, ...]:
        """Those that fail at some point."""
        return tuple(c for c in self.criteria if not c.holds.all())

    def __iter__(self) -> Iterator[Criterion]:
        return iter(self.criteria)

    def __getitem__(self, name: str) -> Criterion:
        return {c.name: c for c in self.criteria}[name]

    def __str__(self) -> str:
        return "\n".join(map(str, self.criteria))

    def warn(self, stacklevel: int = 2) -> None:
        """Issue one `ValidityWarning` if a criterion fails, and note it where `qte.common.outside.noted` listens."""
        if self.broken:
            for one in self.broken:
                note(Outside(one.name, one.worst, one.bound, one.source))
            text = "; ".join(map(str, self.broken))
            warnings.warn(f"Outside the validity of its master equation: {text}", ValidityWarning, stacklevel)


def ratio(name: str, top: ArrayLike, bottom: ArrayLike, source: str, bound: float = SMALL) -> Criterion:
    """``top/bottom`` held against a bound; 0 where `top` is 0."""
    above, below = (
        np.abs(check.real(part, value, either_infinite=True, largest=np.inf))
        for part, value in (("top", top), ("bottom", bottom))
    )
    bound = check.scalar("bound", bound, minimum=0.0)
    check.broadcast_shape(top=above, bottom=below)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        value = np.where(above == 0, 0.0, above / below)
    return Criterion(name, np.asarray(value), bound, source)


def smallest_splitting(frequencies: Array, same: float) -> Array:
    """Smallest distance of two transition frequencies (k, ...) that count as different, shape (...).

    Parameters
    ----------
    frequencies : ndarray, shape (k, ...)
    same : float
        Frequencies closer than this, relative to the largest, count as one.
    """
    frequencies = check.real("frequencies", frequencies, largest=np.inf)
    if frequencies.ndim == 0:
        raise ParameterError("frequencies", frequencies, "have shape (k, ...)")
    same = check.scalar("same", same, minimum=0.0)
    ranked = np.sort(frequencies, axis=0)
    steps = np.diff(ranked, axis=0)
    apart = steps > same * np.abs(frequencies).max(axis=0, initial=0.0)
    return np.asarray(np.where(apart, steps, np.inf).min(axis=0, initial=np.inf))
