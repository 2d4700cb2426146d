"""How strongly a bath couples at each energy: densities by name, from a table, from any function.

A density s multiplies the bare rate of a `qte.physics.baths.Bath`: emission and absorption at
the energy E are ``gamma s(E) (1 ± n(E))`` and ``gamma s(E) n(E)``.  Without one the bath is
flat, s = 1.  Units: hbar = k_B = 1; s has the unit that its docstring states, gamma the one
that makes the product a rate.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common import parameters as check
from qte.common.errors import ParameterError

Array = NDArray[np.float64]
Cutoff: TypeAlias = Annotated[Any, check.Number("cut-off energy", above=0.0, infinite=True)]
Width: TypeAlias = Annotated[Any, check.Number("width", above=0.0)]

CUTOFFS = ("exponential", "gaussian", "drude", "sharp")
# Step at which the slope of a function at zero is read off: far below its scale, far above round-off of a quotient.
NEAR_ZERO, SMOOTH = 2.0**-40, 1e-6


class SpectralDensity(ABC):
    """A function s(E) >= 0 of an energy; subclasses are frozen dataclasses of what it depends on.

    Parameters that are arrays broadcast with the grid of the bath.
    """

    def __post_init__(self) -> None:
        for name, kind in check.kinds_of(type(self)).items():
            object.__setattr__(self, name, kind.check(name, getattr(self, name)))
        check.broadcast_shape(**self.arrays)

    @property
    def arrays(self) -> dict[str, Array]:
        """Parameters that broadcast with a grid, by name."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]
        return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}

    def replaced(self, change: Callable[[Array], Any]) -> SpectralDensity:
        """The same density with each of these parameters changed."""
        changed = {name: change(value) for name, value in self.arrays.items()}
        return dataclasses.replace(self, **changed) if changed else self  # type: ignore[type-var]

    @abstractmethod
    def __call__(self, energy: ArrayLike) -> Array:
        """s at `energy`, shape (...)."""

    def slope_at_zero(self) -> Array:
        """lim s(E)/E for E -> 0+, what a Bose bath feels at zero frequency; inf where there is none."""
        return _slope(self)

    def features(self) -> tuple[Array, ...]:
        """Energies about which s changes fast: an integral over it is cut there."""
        return ()

    def edges(self) -> tuple[Array, ...]:
        """Energies at which s jumps, where no principal value exists."""
        return ()


@dataclass(frozen=True, eq=False)
class PowerLaw(SpectralDensity):
    """``scale (E/scale)**exponent f(E/cutoff)`` for E >= 0, in units of energy.

    Parameters
    ----------
    exponent : array_like, shape (...)
        1: Ohmic; below: sub-Ohmic; above: super-Ohmic.
    cutoff : array_like, shape (...)
        Energy > 0; inf for none.
    shape : {"exponential", "gaussian", "drude", "sharp"}
        ``f(x) = exp(-x)``, ``exp(-x**2)``, ``1/(1 + x**2)`` (Lorentz-Drude), 1 up to the cut-off and 0 beyond.
    scale : array_like, shape (...)
        Energy > 0 at which the power law without cut-off equals itself; of no effect for an Ohmic one.

    Notes
    -----
    U. Weiss, Quantum Dissipative Systems, ch. 3; A. J. Leggett et al., Rev. Mod. Phys. 59, 1 (1987).

    Examples
    --------
    >>> PowerLaw(3.0)([1.0, 2.0])
    array([1., 8.])
    >>> float(PowerLaw(1.0, cutoff=2.0, shape="drude")(2.0))
    1.0
    """

    exponent: check.Parameter = 1.0
    cutoff: Cutoff = np.inf
    shape: Annotated[str, check.OneOf(CUTOFFS)] = "exponential"
    scale: Annotated[Any, check.GAP] = 1.0

    def __call__(self, energy: ArrayLike) -> Array:
        """s at `energy` >= 0, shape (...)."""
        level = _not_negative(energy)
        power = self.scale * el.power(level / self.scale, self.exponent)
        return np.asarray(power * _CUT[self.shape](level / self.cutoff))

    def slope_at_zero(self) -> Array:
        """1 for an Ohmic density, 0 above, inf below."""
        return np.asarray(np.select([self.exponent > 1, self.exponent == 1], [0.0, 1.0], np.inf))

    def features(self) -> tuple[Array, ...]:
        return (self.cutoff,) if np.all(np.isfinite(self.cutoff)) else ()

    def edges(self) -> tuple[Array, ...]:
        return self.features() if self.shape == "sharp" else ()


def ohmic(cutoff: ArrayLike = np.inf, shape: str = "exponential") -> PowerLaw:
    """``E f(E/cutoff)``: a `PowerLaw` of exponent 1; a Bose bath's rate at zero frequency is gamma T.

    Examples
    --------
    >>> float(ohmic(cutoff=5.0)(5.0) * np.e)
    5.0
    """
    return PowerLaw(1.0, cutoff, shape)


def drude_lorentz(cutoff: ArrayLike) -> PowerLaw:
    """``E cutoff**2/(E**2 + cutoff**2)``: an overdamped environment, Ohmic with a Lorentz-Drude cut-off.

    ``gamma s`` is ``2 lam cutoff E/(E**2 + cutoff**2)``, the usual form, at ``gamma = 2 lam/cutoff``.
    """
    return PowerLaw(1.0, cutoff, "drude")


@dataclass(frozen=True, eq=False)
class Lorentzian(SpectralDensity):
    """``width**2/((E - centre)**2 + width**2)``, 1 at its peak, without unit, for E of either sign.

    The tunnelling density of a lead with one broad level; a Bose bath of this
    shape has no rate at zero frequency, as a flat one has none.

    Examples
    --------
    >>> Lorentzian(centre=1.0, width=0.5)([0.5, 1.0])
    array([0.5, 1. ])
    """

    centre: check.Parameter
    width: Width

    def __call__(self, energy: ArrayLike) -> Array:
        """s at `energy`, shape (...)."""
        away = (check.real("energy", energy, largest=np.inf) - self.centre) / self.width
        return np.asarray(1 / (1 + away**2))

    def slope_at_zero(self) -> Array:
        """There is none."""
        return np.full(np.broadcast_shapes(np.shape(self.centre), np.shape(self.width)), np.inf)

    def features(self) -> tuple[Array, ...]:
        return (self.centre,)


@dataclass(frozen=True, eq=False)
class Underdamped(SpectralDensity):
    """``frequency width**2 E/((E**2 - frequency**2)**2 + width**2 E**2)``, 1 at `frequency`, without unit, E >= 0.

    One damped mode between the system and an Ohmic bath (a Brownian oscillator):
    A. Garg, J. N. Onuchic and V. Ambegaokar, J. Chem. Phys. 83, 4491 (1985).

    Examples
    --------
    >>> float(Underdamped(frequency=2.0, width=0.1)(2.0))
    1.0
    """

    frequency: Annotated[Any, check.GAP]
    width: Width

    def __call__(self, energy: ArrayLike) -> Array:
        """s at `energy` >= 0, shape (...)."""
        level = _not_negative(energy)
        apart = (level - self.frequency) * (level + self.frequency)
        top = self.frequency * self.width**2 * level
        return np.asarray(top / (apart**2 + (self.width * level) ** 2))

    def slope_at_zero(self) -> Array:
        """``width**2/frequency**3``."""
        return np.asarray(self.width**2 / self.frequency**3)

    def features(self) -> tuple[Array, ...]:
        return (self.frequency,)


@dataclass(frozen=True, eq=False)
class Table(SpectralDensity):
    """Measured or computed values, joined by the monotone cubic of Fritsch and Carlson.

    Parameters
    ----------
    energies : array_like, shape (n,)
        Ascending, n >= 2.  They are the domain; other energies are refused unless `outside` is given.
    values : array_like, shape (n,)
        >= 0; between them s does not leave their range.
    outside : float, optional
        Value beyond the domain, as a Lamb shift needs it.

    Notes
    -----
    F. N. Fritsch and R. E. Carlson, SIAM J. Numer. Anal. 17, 238 (1980); `scipy.interpolate.PchipInterpolator`.

    Examples
    --------
    >>> Table([0.0, 1.0, 2.0], [0.0, 1.0, 1.0])([0.5, 1.5])
    array([0.6875, 1.    ])
    """

    energies: Any
    values: Any
    outside: float | None = None

    def __post_init__(self) -> None:
        energies = np.atleast_1d(check.real("energies", self.energies))
        values = np.atleast_1d(check.real("values", self.values, minimum=0.0))
        if energies.ndim != 1 or len(energies) < 2 or np.any(np.diff(energies) <= 0):
            raise ParameterError("energies", self.energies, "be two or more ascending numbers")
        if values.shape != energies.shape:
            raise ParameterError("values", values.shape, f"have the shape of the energies, {energies.shape}")
        if self.outside is not None:
            check.real("outside", self.outside, minimum=0.0)
        # tuples, so that no grid is taken for the axis of the table
        object.__setattr__(self, "energies", _Knots(energies))
        object.__setattr__(self, "values", _Knots(values))

    def __call__(self, energy: ArrayLike) -> Array:
        """s at `energy`, shape (...)."""
        level = check.real("energy", energy, largest=np.inf)
        knots = self.energies.numbers
        inside = (level >= knots[0]) & (level <= knots[-1])
        if self.outside is None:
            allowed = f"lie in the table's domain, {knots[0]:g} to {knots[-1]:g}, unless `outside` is given"
            check.require("energy", level, inside, allowed)
        step, (third, second, first, value) = self._cubic(np.clip(level, knots[0], knots[-1]))
        beyond = 0.0 if self.outside is None else self.outside
        return np.asarray(np.where(inside, ((third * step + second) * step + first) * step + value, beyond))

    def _cubic(self, level: Array) -> tuple[Array, Array]:
        """The way from the knot below, shape (...), and the coefficients of its powers 3 to 0, shape (4, ...)."""
        # SciPy's interpolation takes a second to import, which no other density needs
        from scipy.interpolate import PchipInterpolator

        knots = self.energies.numbers
        coefficients = PchipInterpolator(knots, self.values.numbers).c
        place = np.clip(np.searchsorted(knots, level, side="right") - 1, 0, len(knots) - 2)
        return level - knots[place], coefficients[:, place]

    def slope_at_zero(self) -> Array:
        """The interpolant's slope where it starts at 0, 0."""
        knots = self.energies.numbers
        if not knots[0] <= 0 < knots[-1]:
            return np.asarray(np.inf if self.outside != 0 else 0.0)
        step, (third, second, first, _) = self._cubic(np.zeros(()))
        slope = (3 * third * step + 2 * second) * step + first
        return np.asarray(slope if self(0.0) == 0 else np.inf)

    def features(self) -> tuple[Array, ...]:
        return tuple(self.energies.numbers)

    def edges(self) -> tuple[Array, ...]:
        ends = ((self.energies.numbers[k], self.values.numbers[k]) for k in (0, -1))
        return tuple(energy for energy, value in ends if value != self.outside)


@dataclass(frozen=True, eq=False)
class _Knots:
    numbers: Array


@dataclass(frozen=True, eq=False)
class FromFunction(SpectralDensity):
    """Any function of an energy, array in, array out; a bath makes one of a callable by itself.

    Parameters
    ----------
    function : callable
    around : tuple of float
        Energies about which it changes fast.
    jumps : tuple of float
        Energies at which it jumps.

    Examples
    --------
    >>> float(FromFunction(np.tanh).slope_at_zero())
    1.0
    """

    function: Callable[[Array], ArrayLike]
    around: tuple[float, ...] = ()
    jumps: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ParameterError("function", self.function, "be a function of an energy")

    def __call__(self, energy: ArrayLike) -> Array:
        """s at `energy`, shape (...)."""
        level = np.asarray(energy, dtype=float)
        value = np.asarray(self.function(level))
        if value.shape != level.shape:
            value = np.broadcast_to(value, np.broadcast_shapes(value.shape, level.shape))
        return value

    def features(self) -> tuple[Array, ...]:
        return tuple(np.asarray(x, dtype=float) for x in (*self.around, *self.jumps))

    def edges(self) -> tuple[Array, ...]:
        return tuple(np.asarray(x, dtype=float) for x in self.jumps)


def as_density(name: str, value: Any) -> SpectralDensity | None:
    """A density, None for a flat one, or a function made into one."""
    if value is None or isinstance(value, SpectralDensity):
        return value
    if callable(value):
        return FromFunction(value)
    raise ParameterError(name, value, "be a SpectralDensity, a function of an energy, or None for a flat one")


def by_label(name: str, given: Any, labels: tuple[Hashable, ...]) -> dict[Hashable, SpectralDensity | None]:
    """Densities by the labels of reservoirs, from a mapping that names some of them or from one for all."""
    if not isinstance(given, Mapping):
        return dict.fromkeys(labels, as_density(name, given))
    for label in given:
        if label not in labels:
            allowed = "name reservoirs among " + ", ".join(map(repr, labels))
            raise ParameterError(name, label, allowed + check.did_you_mean(label, map(str, labels)))
    return {label: as_density(name, density) for label, density in given.items()}


def density_at(density: SpectralDensity, energy: ArrayLike) -> Array:
    """s at `energy`, refused where it is no number >= 0, shape (...)."""
    with np.errstate(all="ignore"):
        value = np.asarray(density(energy))
    return check.real("spectral_density", value, minimum=0.0, largest=np.inf)


def _not_negative(energy: ArrayLike) -> Array:
    return check.real("energy", energy, minimum=0.0, largest=np.inf, what="of a density of positive energies")


def _slope(density: SpectralDensity) -> Array:
    """s(E)/E next to zero, where it tends to a number; inf elsewhere."""
    near, nearer = (density_at(density, h) / h for h in (NEAR_ZERO, NEAR_ZERO / 2))
    return np.asarray(np.where(np.abs(nearer - near) <= SMOOTH * near, 2 * nearer - near, np.inf))


_CUT: dict[str, Callable[[Array], Array]] = {
    "exponential": lambda x: el.exp(-x),
    "gaussian": lambda x: el.exp(-(x**2)),
    "drude": lambda x: 1 / (1 + x**2),
    "sharp": lambda x: np.where(x <= 1, 1.0, 0.0),
}
