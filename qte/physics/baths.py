"""Thermal baths: occupations and rates without overflow or cancellation.

Units: hbar = k_B = 1, so energies, temperatures and rates share one unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import double_double as dd
from qte.common import parameters as check
from qte.common.double_double import DoubleDouble, Expansion

Array = NDArray[np.float64]
Statistics = Literal["bose", "fermi"]
STATISTICS = ("bose", "fermi")
# exp(-x) stays a number for x above minus this, and Fermi and Bose functions are at their limits beyond.
LARGEST_EXPONENT = 700.0
# Exponents below this leave e^-x so close to 1 that what is missing has to be found by itself; those up to
# which the two rates of a Fermi bath are written as one half and a tilt.
TINY, FLAT = 1e-6, 0.25


@dataclass(frozen=True, eq=False)
class Bath:
    """An equilibrium reservoir with a flat spectral density.

    Parameters
    ----------
    temperature : array_like, shape (...)
        >= 0; 0 is the limit of an empty (Bose) or step-like (Fermi) bath.
    coupling : array_like, shape (...)
        Bare rate gamma >= 0.
    statistics : {"bose", "fermi"}
    chemical_potential : array_like, shape (...)
        mu; must be 0 for bosons.  May be +inf for a full Fermi bath.

    Raises
    ------
    ParameterError
        Bound violated.

    Examples
    --------
    >>> bath = Bath(temperature=[0.0, 0.5], coupling=0.01)
    >>> bath.occupation(1.0).round(6)
    array([0.      , 0.156518])
    >>> bath.emission(1.0) - bath.absorption(1.0)
    array([0.01, 0.01])
    >>> Bath(temperature=-1.0, coupling=0.01)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    qte.common.errors.ParameterError: Argument `temperature` must be a real number, >= 0 ..., but got -1.0.
    """

    temperature: check.Parameter
    coupling: check.Parameter
    statistics: str = "bose"
    chemical_potential: check.Parameter = 0.0

    def __post_init__(self) -> None:
        check.choice("statistics", self.statistics, STATISTICS)
        set_field = object.__setattr__
        set_field(self, "temperature", check.TEMPERATURE.check("temperature", self.temperature))
        set_field(self, "coupling", check.RATE.check("coupling", self.coupling))
        mu = check.real("chemical_potential", self.chemical_potential, infinite=True)
        if self.statistics == "bose":
            check.require("chemical_potential", mu, mu == 0, "be 0 for a bosonic bath")
        set_field(self, "chemical_potential", mu)
        check.broadcast_shape(temperature=self.temperature, coupling=self.coupling, chemical_potential=mu)

    def occupation(self, energy: ArrayLike) -> Any:
        """Mean occupation n_B or n_F at `energy`, shape (...).

        Raises
        ------
        ParameterError
            Energy <= 0 for bosons; energy equal to mu for fermions at T = 0.
        """
        x = self._exponent(energy)
        return bose(x) if self.statistics == "bose" else fermi(x)

    def absorption(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> Any:
        """gamma^+ = gamma n: rate at which the system takes ``energy + shift`` from the bath."""
        return self._rate(self.occupation(_sum(energy, shift)))

    def emission(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> Any:
        """gamma^- = gamma (1 + n) for bosons, gamma (1 - n) for fermions."""
        x = self._exponent(_sum(energy, shift))
        return self._rate(bose_emission(x) if self.statistics == "bose" else fermi(-x))

    def _rate(self, factor: Array) -> Array:
        """gamma times a factor that may be infinite; what is not coupled does nothing."""
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray(np.where(self.coupling == 0, 0.0, self.coupling * factor))

    def _exponent(self, energy: ArrayLike) -> Array:
        """(energy - mu)/T with its limits at T = 0 and mu = inf."""
        # +inf is the energy of a closed bond, -inf that of a level far below the potential
        level = check.real("energy", energy, either_infinite=True, largest=np.inf)
        check.broadcast_shape(
            temperature=self.temperature,
            coupling=self.coupling,
            chemical_potential=self.chemical_potential,
            energy=level,
        )
        with np.errstate(invalid="ignore"):
            gap = level - self.chemical_potential
        if self.statistics == "bose":
            check.require("energy", level, gap > 0, "be > 0 for a bosonic bath")
        else:
            cold_step = (np.asarray(self.temperature) == 0) & (gap == 0)
            check.require(
                "energy", level, ~cold_step & ~np.isnan(gap), "differ from mu for a Fermi bath at T = 0"
            )
        with np.errstate(divide="ignore", over="ignore"):
            return np.asarray(gap / self.temperature)


class TemperatureDerivative(Bath):
    """Derivatives of a bath's occupation and rates by its temperature, in its place.

    A generator built with it is the derivative of the generator.  At T = 0 they
    are 0, as every occupation is flat there.
    """

    def occupation(self, energy: ArrayLike) -> Array:
        """dn/dT = n (1 ± n) (energy - mu)/T**2, shape (...)."""
        x = self._exponent(energy)
        spread = bose(x) * bose_emission(x) if self.statistics == "bose" else fermi(x) * fermi(-x)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            slope = spread * (x / self.temperature)
        return np.asarray(np.where((self.temperature > 0) & np.isfinite(x), slope, 0.0))

    def emission(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> Array:
        """d gamma^-/dT: as much as the absorption gains (bosons) or loses (fermions)."""
        sign = 1.0 if self.statistics == "bose" else -1.0
        return np.asarray(sign * self.absorption(energy, shift))


class ExtendedBath(Bath):
    """A bath whose rates carry about 30 digits (`qte.common.double_double`), in its place.

    A generator built with it gives currents that are small differences of large
    rates.  `energy` and `shift` are added without rounding.
    """

    def absorption(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> DoubleDouble:
        """gamma^+ to about 30 digits, shape (...)."""
        return self._precise(super().absorption(energy, shift), energy, shift, 1.0)

    def emission(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> DoubleDouble:
        """gamma^- to about 30 digits, shape (...)."""
        return self._precise(super().emission(energy, shift), energy, shift, -1.0)

    def _precise(self, rate: Array, energy: ArrayLike, shift: ArrayLike, sign: float) -> DoubleDouble:
        """``gamma/(e^(sign x) + 1)`` or ``gamma |1/(e^(sign x) - 1)|``; `rate` where x is out of range."""
        with np.errstate(all="ignore"):
            x, usable = self._precise_exponent(rate, energy, shift)
            x = x * sign
            # e^-|x| <= 1: the larger of the two factors is 1, the smaller one this
            down = dd.where(x.hi > 0, -x, x)
            small = dd.exp(down)
            above = dd.where(x.hi > 0, small, dd.exact(1.0))
            # next to 1, what is missing has digits of its own
            tiny = down.hi > -TINY
            missing = dd.where(tiny, -dd.expm1(dd.where(tiny, down, down * 0.0)), 1.0 - small)
            factor = above / (missing if self.statistics == "bose" else 1.0 + small)
            return dd.where(usable, factor * np.asarray(self.coupling), dd.exact(rate))

    def _precise_exponent(
        self, rate: Array, energy: ArrayLike, shift: ArrayLike
    ) -> tuple[DoubleDouble, NDArray[np.bool_]]:
        """(energy + shift - mu)/T of the shape of `rate`, 1 where it is out of range, and where it is not."""
        gap, tail = dd.two_sum(np.asarray(energy, dtype=float), np.asarray(shift, dtype=float))
        x = (DoubleDouble(gap, tail) - self.chemical_potential) / np.asarray(self.temperature)
        usable = np.broadcast_to(np.abs(x.hi) < 690, np.shape(rate))
        return dd.where(usable, x, dd.exact(1.0)), usable


class ExactBath(ExtendedBath):
    """A bath whose two rates keep their difference, however hot it is, in its place.

    For `qte.solver.exact`: ``gamma^- - gamma^+`` is gamma for bosons, and
    ``gamma tanh(x/2)`` for fermions, though both rates may be 1e20 times as large.
    """

    def absorption(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> Any:
        """gamma^+ as an `Expansion`, shape (...)."""
        return self._parts(energy, shift, 1.0)

    def emission(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> Any:
        """gamma^- as an `Expansion`, shape (...)."""
        return self._parts(energy, shift, -1.0)

    @np.errstate(all="ignore")
    def _parts(self, energy: ArrayLike, shift: ArrayLike, sign: float) -> Expansion:
        taken = super().absorption(energy, shift)
        gamma = np.broadcast_to(np.asarray(self.coupling), np.shape(taken.hi))
        if self.statistics == "bose":
            return Expansion((taken.hi, taken.lo) if sign > 0 else (taken.hi, taken.lo, gamma))
        x, usable = self._precise_exponent(taken.hi, energy, shift)
        flat = usable & (np.abs(x.hi) < FLAT)
        # tanh(x/2) = (e^x - 1)/(e^x + 1)
        grown = dd.expm1(dd.where(flat, x, x * 0.0))
        tilt = grown / (grown + 2.0) * gamma
        near = Expansion((gamma / 2, -sign * tilt.hi / 2, -sign * tilt.lo / 2))
        far = Expansion((taken.hi, taken.lo, 0.0) if sign > 0 else (gamma, -taken.hi, -taken.lo))
        return Expansion(tuple(np.where(flat, a, b) for a, b in zip(near.parts, far.parts, strict=True)))


class ExactTemperatureDerivative(ExtendedBath):
    """Derivatives of a bath's rates by its temperature, to about 30 digits, in its place."""

    def absorption(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> Any:
        """d gamma^+/dT, shape (...)."""
        up, down = super().absorption(energy, shift), super().emission(energy, shift)
        with np.errstate(all="ignore"):
            x, usable = self._precise_exponent(up.hi, energy, shift)
            slope = up * down / np.asarray(self.coupling) * x / np.asarray(self.temperature)
            fine = usable & np.isfinite(slope.hi) & np.isfinite(slope.lo)
            return dd.where(fine, slope, dd.exact(np.zeros(np.shape(slope.hi))))

    def emission(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> Any:
        """d gamma^-/dT: as much as the absorption gains (bosons) or loses (fermions)."""
        slope = self.absorption(energy, shift)
        return slope if self.statistics == "bose" else -slope


def _sum(energy: ArrayLike, shift: ArrayLike) -> Array:
    level = check.real("energy", energy, either_infinite=True, largest=np.inf)
    more = check.real("shift", shift, either_infinite=True, largest=np.inf)
    check.broadcast_shape(energy=level, shift=more)
    return np.asarray(level + more)


def bose(x: ArrayLike) -> Array:
    """Bose-Einstein occupation 1/(e^x - 1) for x > 0, to full relative accuracy."""
    x = _exponent("x", x)
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(np.exp(-x) / -np.expm1(-x))


def bose_emission(x: ArrayLike) -> Array:
    """1 + n_B = 1/(1 - e^-x) for x > 0."""
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(-1.0 / np.expm1(-_exponent("x", x)))


def fermi(x: ArrayLike) -> Array:
    """Fermi-Dirac occupation 1/(e^x + 1) of any sign of x, to full relative accuracy."""
    x = _exponent("x", x)
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, small, 1.0) / (1.0 + small))


def bose_difference(x: ArrayLike, y: ArrayLike, y_minus_x: ArrayLike | None = None) -> Array:
    """n_B(x) - n_B(y) without cancellation, shape (...).

    `y_minus_x` may be given when it is known better than by subtraction, as at
    vanishing bias.

    Examples
    --------
    >>> f"{bose_difference(1.0, 1.0 + 1e-12, y_minus_x=1e-12):.6e}"
    '9.206736e-13'
    """
    x, y, gap = _two_exponents(x, y, y_minus_x)
    low = np.minimum(x, y)
    # e^-low (1 - e^-|gap|) / ((1 - e^-x)(1 - e^-y)): every factor is a small number known well
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        size = np.exp(-low) * -np.expm1(-np.abs(gap)) / (np.expm1(-x) * np.expm1(-y))
        size = np.where(gap == 0, 0.0, size)
    return np.asarray(np.sign(gap) * size)


def fermi_difference(x: ArrayLike, y: ArrayLike, y_minus_x: ArrayLike | None = None) -> Array:
    """n_F(x) - n_F(y) without cancellation, shape (...); arguments as `bose_difference`."""
    x, y, gap = _two_exponents(x, y, y_minus_x)
    # n(x) (1 - n(y)) (1 - e^-(y - x)) for y > x, and its mirror image
    upper = fermi(x) * fermi(-y) * -np.expm1(-np.abs(gap))
    lower = fermi(y) * fermi(-x) * -np.expm1(-np.abs(gap))
    return np.asarray(np.where(gap >= 0, upper, -lower))


def _two_exponents(x: ArrayLike, y: ArrayLike, step: ArrayLike | None) -> tuple[Array, Array, Array]:
    first, second = _exponent("x", x), _exponent("y", y)
    check.broadcast_shape(x=first, y=second, y_minus_x=0.0 if step is None else step)
    gap = _gap(first, second) if step is None else _exponent("y_minus_x", step)
    return first, second, gap


def _exponent(name: str, value: ArrayLike) -> Array:
    """An exponent energy/T, which may be infinite; 0 for bosons is the limit of an infinite occupation."""
    array = check.real(name, value, either_infinite=True, largest=np.inf)
    return np.where(array < -LARGEST_EXPONENT, -LARGEST_EXPONENT, array)


def _gap(x: Array, y: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(x == y, 0.0, y - x))
