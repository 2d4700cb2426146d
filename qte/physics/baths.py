"""Thermal baths: occupations and rates without overflow or cancellation.

Units: hbar = k_B = 1, so energies, temperatures and rates share one unit.
"""

from __future__ import annotations

import dataclasses
import decimal
import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import double_double as dd
from qte.common import parameters as check
from qte.common.double_double import DoubleDouble, Expansion
from qte.physics.occupations import bose, bose_emission, bose_factors, fermi, fermi_factors
from qte.physics.spectral_densities import SpectralDensity, as_density, density_at

Array = NDArray[np.float64]
Statistics = Literal["bose", "fermi"]
STATISTICS = ("bose", "fermi")
# Exponents below this leave e^-x so close to 1 that what is missing has to be found by itself; those up to
# which the two rates of a Fermi bath are written as one half and a tilt.
TINY, FLAT = 1e-6, 0.25
# Doubles that the decimals of a rate are written with, how they are found, and where e^x - 1 is a short sum.
PARTS, SERIES = 8, decimal.Decimal("1e-60")
DECIMALS = decimal.Context(prec=260, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


@dataclass(frozen=True, eq=False)
class Bath:
    """An equilibrium reservoir.

    Parameters
    ----------
    temperature : array_like, shape (...)
        >= 0; 0 is the limit of an empty (Bose) or step-like (Fermi) bath.  +inf is the limit
        of equal rates up and down; for bosons, whose rates grow with T, it is taken at a fixed
        product gamma T, which `coupling` then is: both rates are ``gamma T s(E)/E``.
    coupling : array_like, shape (...)
        Bare rate gamma >= 0.
    statistics : {"bose", "fermi"}
    chemical_potential : array_like, shape (...)
        mu; must be 0 for bosons.  May be +inf for a full Fermi bath.
    spectral_density : SpectralDensity or callable, optional
        s(E) >= 0, a factor of every rate (`qte.physics.spectral_densities`); flat, s = 1, without it.

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
    >>> from qte.physics.spectral_densities import ohmic
    >>> Bath(0.5, 0.01, spectral_density=ohmic(cutoff=10.0)).noise([-1.0, 0.0, 1.0]).round(6)
    array([0.001416, 0.005   , 0.010465])
    """

    temperature: check.Parameter
    coupling: check.Parameter
    statistics: str = "bose"
    chemical_potential: check.Parameter = 0.0
    spectral_density: SpectralDensity | Any = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if own := sorted({"emission", "absorption"} & vars(cls).keys()):
            raise TypeError(
                f"{cls.__name__} defines {' and '.join(own)}, but machines ask for `rates`: define that"
            )

    def __post_init__(self) -> None:
        check.choice("statistics", self.statistics, STATISTICS)
        set_field = object.__setattr__
        set_field(self, "temperature", _temperature(self.temperature))
        set_field(self, "coupling", check.RATE.check("coupling", self.coupling))
        mu = check.real("chemical_potential", self.chemical_potential, infinite=True)
        if self.statistics == "bose":
            check.require("chemical_potential", mu, mu == 0, "be 0 for a bosonic bath")
        set_field(self, "chemical_potential", mu)
        set_field(self, "spectral_density", as_density("spectral_density", self.spectral_density))
        check.broadcast_shape(temperature=self.temperature, coupling=self.coupling, chemical_potential=mu)

    def occupation(self, energy: ArrayLike) -> Any:
        """Mean occupation n_B or n_F at `energy`, shape (...).

        Raises
        ------
        ParameterError
            Energy <= 0 for bosons; energy equal to mu for fermions at T = 0.
        """
        x = self._exponent(energy)
        if self._classical:
            with np.errstate(divide="ignore"):
                return bose(x)
        return bose(x) if self.statistics == "bose" else fermi(x)

    def strength(self, energy: ArrayLike) -> Array:
        """gamma s: the coupling at `energy`, shape (...).

        Raises
        ------
        ParameterError
            The spectral density is negative or not finite there.
        """
        if self.spectral_density is None:
            return np.asarray(self.coupling)
        return np.asarray(self.coupling * density_at(self.spectral_density, energy))

    def absorption(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> Any:
        """gamma^+ = gamma s n: rate at which the system takes ``energy + shift`` from the bath."""
        return self.rates(energy, shift)[1]

    def emission(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> Any:
        """gamma^- = gamma s (1 + n) for bosons, gamma s (1 - n) for fermions."""
        return self.rates(energy, shift)[0]

    def rates(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> tuple[Any, Any]:
        """`emission` and `absorption`, shapes (...), for little more than one of them costs."""
        level = _sum(energy, shift)
        x = self._exponent(level)
        down, up = bose_factors(x) if self.statistics == "bose" else fermi_factors(x)
        strength = self.strength(level)
        return self._rate(level, strength, down), self._rate(level, strength, up)

    def noise(self, frequency: ArrayLike, shift: ArrayLike = 0.0) -> Any:
        """Rate at a frequency of either sign: emission above 0, absorption below, their limit at 0, shape (...).

        The spectrum of the bath's correlation function, which a Hermitian coupling
        feels; H.-P. Breuer and F. Petruccione, The Theory of Open Quantum Systems
        (2002), eq. (3.137).

        Raises
        ------
        ParameterError
            Frequency 0 and a bosonic bath whose density does not vanish in
            proportion to the energy; fermions whose chemical potential is not 0.
        """
        check.require(
            "chemical_potential",
            self.chemical_potential,
            np.asarray(self.chemical_potential) == 0,
            "be 0 for a Hermitian coupling, which conserves no particles",
        )
        level = _sum(frequency, shift)
        largest = np.abs(level).max(initial=0.0)
        if largest == 0:
            return _spread(self._at_zero(), level.shape)
        at, sign = level == 0, np.where(level < 0, -1.0, 1.0)
        energy = np.where(at, largest, sign * np.asarray(frequency, dtype=float))
        tail = np.where(at, 0.0, sign * np.asarray(shift, dtype=float))
        rate = _where(level > 0, *self.rates(energy, tail))
        return _where(at, self._at_zero(), rate) if at.any() else rate

    def of_kind(self, kind: type[Bath]) -> Bath:
        """The same reservoir, its rates as another class of this module gives them."""
        return kind(
            self.temperature, self.coupling, self.statistics, self.chemical_potential, self.spectral_density
        )

    def flat_at(self, energy: ArrayLike) -> Self:
        """The same reservoir with the coupling that it has at `energy`, at all energies."""
        if self.spectral_density is None:
            return self
        return dataclasses.replace(self, coupling=self.strength(energy), spectral_density=None)

    @property
    def in_doubles(self) -> Bath:
        """The same reservoir with rates that are floats."""
        return self

    @cached_property
    def _classical(self) -> bool:
        """Whether a Bose bath is infinitely hot at some point, and both its rates are gamma T s/E."""
        return self.statistics == "bose" and bool(np.any(np.isinf(self.temperature)))

    def _rate(self, level: Array, strength: Array, factor: Array) -> Array:
        """``gamma s`` times the factor of the statistics, and its limit where it is infinite; without coupling 0."""
        if not self._classical:
            with np.errstate(invalid="ignore", over="ignore"):
                return np.asarray(np.where(strength == 0, 0.0, strength * factor))
        hot = np.isinf(np.broadcast_to(self.temperature, np.shape(factor)))
        return np.asarray(np.where(hot, strength / level, strength * np.where(hot, 0.0, factor)))

    def _at_zero(self) -> Any:
        """The limit of both rates at zero energy: gamma T lim s/E for bosons, gamma s/2 for fermions."""
        if self.statistics == "fermi":
            return np.asarray(self.strength(0.0) / 2)
        slope = self._slope_at_zero()
        # at infinite temperature the coupling is gamma T already
        heat = np.where(np.isinf(self.temperature), 1.0, self.temperature)
        return np.asarray(self.coupling * heat * slope)

    def _slope_at_zero(self) -> Array:
        density = self.spectral_density
        slope = np.asarray(np.inf if density is None else density.slope_at_zero())
        allowed = "vanish in proportion to the energy for a Bose bath's rate at zero frequency (its s(E)/E is shown)"
        check.require("spectral_density", slope, np.isfinite(slope), allowed)
        return slope

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
            # an occupation that is flat to the last digit has no slope, however cold the bath
            slope = np.where(spread > 0, spread * (x / self.temperature), 0.0)
        warm = (self.temperature > 0) & np.isfinite(self.temperature)
        return np.asarray(np.where(warm & np.isfinite(x), slope, 0.0))

    def rates(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> tuple[Array, Array]:
        """d gamma^-/dT and d gamma^+/dT: the emission gains (bosons) or loses (fermions) what the absorption gains."""
        level = _sum(energy, shift)
        slope = np.asarray(self.occupation(level) * self.strength(level))
        return slope if self.statistics == "bose" else -slope, slope

    def _at_zero(self) -> Any:
        if self.statistics == "fermi":
            return np.zeros(())
        slope = self._slope_at_zero()
        return np.asarray(np.where(np.isinf(self.temperature), 0.0, self.coupling * slope))


class ExtendedBath(Bath):
    """A bath whose rates carry about 30 digits (`qte.common.double_double`), in its place.

    A generator built with it gives currents that are small differences of large
    rates.  `energy` and `shift` are added without rounding; ``gamma s``, a common
    factor of both rates, is a double.
    """

    @property
    def in_doubles(self) -> Bath:
        """The same reservoir with rates that are floats."""
        return self.of_kind(Bath)

    def _at_zero(self) -> Any:
        return dd.exact(self.of_kind(Bath)._at_zero())

    def rates(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> tuple[Any, Any]:
        """``gamma/(e^-+x + 1)`` or ``gamma |1/(e^-+x - 1)|`` to about 30 digits, doubles where x is out of range."""
        emission, absorption = super().rates(energy, shift)
        with np.errstate(all="ignore"):
            x, usable = self._precise_exponent(absorption, energy, shift)
            # e^-|x| <= 1: the larger of the two factors is 1, the smaller one this
            less = dd.where(x.hi > 0, -x, x)
            small, one = dd.exp(less), dd.exact(1.0)
            below = 1.0 - small if self.statistics == "bose" else 1.0 + small
            # next to 1, what is missing has digits of its own
            tiny = less.hi > -TINY
            if self.statistics == "bose" and tiny.any():
                below = dd.where(tiny, -dd.expm1(dd.where(tiny, less, less * 0.0)), below)
            strength = self.strength(_sum(energy, shift))
            down, up = (dd.where(side, small, one) / below * strength for side in (x.hi < 0, x.hi > 0))
            return (
                dd.where(usable, down, dd.exact(emission)),
                dd.where(usable, up, dd.exact(absorption)),
            )

    def _precise_exponent(
        self, rate: Array, energy: ArrayLike, shift: ArrayLike
    ) -> tuple[DoubleDouble, NDArray[np.bool_]]:
        """(energy + shift - mu)/T of the shape of `rate`, 1 where it is out of range, and where it is not."""
        gap, tail = dd.two_sum(np.asarray(energy, dtype=float), np.asarray(shift, dtype=float))
        x = (DoubleDouble(gap, tail) - self.chemical_potential) / np.asarray(self.temperature)
        in_range = (np.abs(x.hi) < 690) & np.isfinite(self.temperature)
        usable = np.broadcast_to(in_range, np.shape(rate))
        return dd.where(usable, x, dd.exact(1.0)), usable


class ExactBath(ExtendedBath):
    """A bath whose two rates keep their difference, however hot it is, in its place.

    For `qte.solver.exact`: ``gamma^- - gamma^+`` is gamma for bosons, and
    ``gamma tanh(x/2)`` for fermions, though both rates may be 1e20 times as large.
    """

    @np.errstate(all="ignore")
    def rates(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> tuple[Any, Any]:
        """gamma^- and gamma^+, each an `Expansion`, shapes (...)."""
        _, taken = super().rates(energy, shift)
        gamma = np.broadcast_to(self.strength(_sum(energy, shift)), np.shape(taken.hi))
        if self.statistics == "bose":
            return Expansion((taken.hi, taken.lo, gamma)), Expansion((taken.hi, taken.lo))
        x, usable = self._precise_exponent(taken.hi, energy, shift)
        flat = usable & (np.abs(x.hi) < FLAT)
        # tanh(x/2) = (e^x - 1)/(e^x + 1)
        grown = dd.expm1(dd.where(flat, x, x * 0.0))
        tilt = grown / (grown + 2.0) * gamma
        ways = (
            ((gamma / 2, tilt.hi / 2, tilt.lo / 2), (gamma, -taken.hi, -taken.lo)),
            ((gamma / 2, -tilt.hi / 2, -tilt.lo / 2), (taken.hi, taken.lo, 0.0)),
        )
        down, up = (
            Expansion(tuple(np.where(flat, a, b) for a, b in zip(near, far, strict=True)))
            for near, far in ways
        )
        return down, up


class DecimalBath(ExtendedBath):
    """A bath whose rates carry 120 digits, in its place: slow, and for few points.

    ``gamma s`` is a double, as in `ExtendedBath`.
    """

    def rates(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> tuple[Any, Any]:
        """gamma^- and gamma^+, each an `Expansion`, shapes (...)."""
        down, up = super().rates(energy, shift)
        return self._decimal(down, energy, shift, -1), self._decimal(up, energy, shift, 1)

    def _decimal(self, rate: DoubleDouble, energy: ArrayLike, shift: ArrayLike, sign: int) -> Expansion:
        """``gamma/(e^(sign x) + 1)`` or ``gamma |1/(e^(sign x) - 1)|``; `rate` where x is out of range."""
        with np.errstate(all="ignore"):
            _, usable = self._precise_exponent(rate.hi, energy, shift)
        usable = usable & np.isfinite(rate.hi)
        given = (energy, shift, self.chemical_potential, self.temperature, self.strength(_sum(energy, shift)))
        columns = [np.broadcast_to(x, rate.shape).ravel().tolist() for x in given]
        parts = np.zeros((PARTS, usable.size))
        parts[0], parts[1] = rate.hi.ravel(), rate.lo.ravel()
        with decimal.localcontext(DECIMALS):
            for k in np.flatnonzero(usable):
                level, more, mu, t, strength = (decimal.Decimal(column[k]) for column in columns)
                x = sign * (level + more - mu) / t
                left = strength / (abs(_one_less(x)) if self.statistics == "bose" else x.exp() + 1)
                for part in parts:
                    part[k] = float(left)
                    left -= decimal.Decimal(float(part[k]))
        return Expansion(tuple(part.reshape(rate.shape) for part in parts))


class ExactTemperatureDerivative(ExtendedBath):
    """Derivatives of a bath's rates by its temperature, to about 30 digits, in its place."""

    @property
    def in_doubles(self) -> Bath:
        """The same derivatives as floats."""
        return self.of_kind(TemperatureDerivative)

    def _at_zero(self) -> Any:
        return dd.exact(self.of_kind(TemperatureDerivative)._at_zero())

    def rates(self, energy: ArrayLike, shift: ArrayLike = 0.0) -> tuple[Any, Any]:
        """d gamma^-/dT and d gamma^+/dT: the emission gains (bosons) or loses (fermions) what the absorption gains."""
        down, up = super().rates(energy, shift)
        with np.errstate(all="ignore"):
            x, usable = self._precise_exponent(up.hi, energy, shift)
            slope = up * down / self.strength(_sum(energy, shift)) * x / np.asarray(self.temperature)
            fine = usable & np.isfinite(slope.hi) & np.isfinite(slope.lo)
            slope = dd.where(fine, slope, dd.exact(np.zeros(np.shape(slope.hi))))
        return slope if self.statistics == "bose" else -slope, slope


def _one_less(x: decimal.Decimal) -> decimal.Decimal:
    """e^x - 1."""
    if abs(x) > SERIES:
        return x.exp() - 1
    return x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4)))


def _temperature(value: Any) -> Array:
    """Finite and >= 0, or +inf."""
    check.unmasked("temperature", value)
    given = check.array_of(value)
    if given.dtype.kind != "f" or not np.any(given == np.inf):
        return check.TEMPERATURE.check("temperature", value)
    hot = given == np.inf
    return np.where(hot, np.inf, check.TEMPERATURE.check("temperature", np.where(hot, 0.0, given)))


def _where(chosen: NDArray[np.bool_], first: Any, second: Any) -> Any:
    """`numpy.where` of rates of one precision or another."""
    if isinstance(first, np.ndarray):
        return np.where(chosen, first, second)
    pairs = itertools.zip_longest(_parts(first), _parts(second), fillvalue=0.0)
    parts = [np.where(chosen, a, b) for a, b in pairs]
    return DoubleDouble(*parts) if len(parts) == 2 else Expansion(tuple(parts))


def _parts(rate: Any) -> tuple[Any, ...]:
    """The doubles that a rate is the sum of."""
    return rate.parts if isinstance(rate, Expansion) else (rate.hi, rate.lo)


def _spread(rate: Any, shape: tuple[int, ...]) -> Any:
    """A rate on a grid of which its own shape may lack some axes."""
    whole = np.broadcast_shapes(rate.shape, shape)
    if isinstance(rate, np.ndarray):
        return np.broadcast_to(rate, whole)
    return DoubleDouble(*(np.broadcast_to(part, whole) for part in _parts(rate)))


def _sum(energy: ArrayLike, shift: ArrayLike) -> Array:
    level = check.real("energy", energy, either_infinite=True, largest=np.inf)
    more = check.real("shift", shift, either_infinite=True, largest=np.inf)
    check.broadcast_shape(energy=level, shift=more)
    return np.asarray(level + more)
