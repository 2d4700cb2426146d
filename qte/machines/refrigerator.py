"""The absorption refrigerator of three qubits, the smallest one (Linden, Popescu and Skrzypczyk)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from qte.common.errors import IllConditioned
from qte.common.parameters import Coupling, Gap, Rate, Temperature
from qte.machines.base import Array, Densities, Machine
from qte.machines.validity import Criterion, ratio
from qte.physics.baths import Bath, TemperatureDerivative
from qte.physics.channels.resets import reset_channels
from qte.physics.generators import Channel, Generator, Term
from qte.physics.operators import LOWER, RAISE, embed, excitation, lowering

SITES = {"c": 0, "r": 1, "h": 2}
# Temperatures that differ by less than this part of themselves are told apart by their difference.
NEARLY = 0.125


@dataclass(frozen=True, kw_only=True, eq=False)
class AbsorptionRefrigerator(Machine):
    r"""Three qubits that exchange ``|101> <-> |010>``, each reset to the temperature of a bath of its own.

    ``H = E_c n_c + (E_c + E_h) n_r + E_h n_h + g (|101><010| + h.c.)``; with the rate p_i a qubit
    is replaced by its thermal state (N. Linden, S. Popescu and P. Skrzypczyk, Phys. Rev. Lett. 105,
    130401 (2010); qubits c, r, h are their 1, 2, 3).

    Parameters
    ----------
    E_c, E_h : array_like, shape (...)
        Gaps of the cold and of the hot qubit, > 0; that of the third is their sum.
    g : array_like, shape (...)
        Interaction, g << E.
    p_c, p_r, p_h : array_like, shape (...)
        Rates of the resets, >= 0.
    T_c, T_r, T_h : array_like, shape (...)
        Temperatures of what is cooled, of the room and of what drives, >= 0.
    spectral_densities : mapping of label to SpectralDensity or callable, optional
        Factors of the reset rates, each at its qubit's gap; one that is not named is flat.

    Notes
    -----
    The net current is Q_c, which is > 0 where it cools, if and only if `virtual_temperature` < T_c.

    Examples
    --------
    >>> fridge = AbsorptionRefrigerator(E_h=4.0, g=1e-3, p_c=1e-3, p_r=1e-3, p_h=1e-3, T_c=1.0, T_r=1.5, T_h=[1.6, 5.0])
    >>> (fridge.net_current() > 0).tolist(), (fridge.virtual_temperature() < 1).tolist()
    ([False, True], [False, True])
    """

    E_c: Gap = 1.0
    E_h: Gap
    g: Coupling
    p_c: Rate
    p_r: Rate
    p_h: Rate
    T_c: Temperature
    T_r: Temperature
    T_h: Temperature
    spectral_densities: Densities = None

    def temperatures(self) -> Mapping[Hashable, Array]:
        return {"c": np.asarray(self.T_c), "r": np.asarray(self.T_r), "h": np.asarray(self.T_h)}

    def virtual_temperature(self) -> Array:
        """Of the transition ``|01> <-> |10>`` of qubits r and h, ``E_c/((E_c + E_h)/T_r - E_h/T_h)``, shape (...).

        Infinite where both states are equally likely; negative where the upper one is the likelier.

        Raises
        ------
        IllConditioned
            T_r = T_h = 0 at some point.
        """
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            # the difference of the temperatures keeps its digits; a hot bath at T = 0 holds nothing
            lift = np.where(self.T_h > 0, (self.T_h - self.T_r) / self.T_h, -np.inf)
            found = self.E_c * self.T_r / (self.E_c + self.E_h * lift)
            found = np.where(self.T_r == 0, np.where(self.T_h > 0, 0.0, np.nan), found)
        return _valued("The virtual temperature", found)

    def efficiency(self) -> Array:
        """Coefficient of performance ``Q_c/Q_h = E_c/E_h``, whatever the rates, shape (...)."""
        with np.errstate(over="ignore"):
            return _valued("The coefficient of performance", np.asarray(self.E_c / self.E_h), finite=True)

    def carnot(self) -> Array:
        """Its bound, ``(1/T_r - 1/T_h)/(1/T_c - 1/T_r)``, shape (...), reached where nothing flows.

        Infinite at T_c = T_r: what is as warm as the room costs nothing to keep so.

        Raises
        ------
        IllConditioned
            All temperatures agree at some point, or some are 0 that it is a quotient of.
        """
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            drive, lift = self.T_h - self.T_r, self.T_r - self.T_c
            found = (1 / self.T_r - 1 / self.T_h) / (1 / self.T_c - 1 / self.T_r)
            # next to equal temperatures their differences have the digits, and at T = 0 the limits
            apart = (np.abs(drive) > NEARLY * self.T_h) & (np.abs(lift) > NEARLY * self.T_r)
            apart &= (self.T_c > 0) & (self.T_r > 0) & (self.T_h > 0)
            found = np.where(apart, found, self.T_c / self.T_h * (drive / lift))
        return _valued("Carnot's bound", found)

    def assumptions(self) -> tuple[Criterion, ...]:
        gap = np.minimum(self.E_c, self.E_h)
        fastest = np.maximum(np.maximum(self.p_c, self.p_r), self.p_h)
        source = "Linden, Popescu and Skrzypczyk (2010): g, p << E"
        return ratio("coupling over gap", self.g, gap, source), ratio("rate over gap", fastest, gap, source)

    def with_baths(self, kind: type[Bath]) -> Generator:
        return self._coupled_to(SITES, kind)

    def temperature_derivative(
        self, reservoir: Hashable, kind: type[Bath] = TemperatureDerivative
    ) -> Generator:
        self.generator.channels_of(reservoir)
        return self._coupled_to([str(reservoir)], kind)

    def _build(self) -> Generator:
        return self._coupled_to(SITES, Bath)

    def _coupled_to(self, labels: Iterable[str], kind: type[Bath]) -> Generator:
        gaps = {"c": self.E_c, "r": self.E_c + self.E_h, "h": self.E_h}
        swap = embed({0: RAISE, 1: LOWER, 2: RAISE}, 3)
        energies = tuple(Term.of(gaps[label], excitation(site, 3)) for label, site in SITES.items())
        channels: tuple[Channel, ...] = ()
        for label in labels:
            site, rate, T = SITES[label], getattr(self, f"p_{label}"), self.temperatures()[label]
            bath = self.reservoir(label, T, rate, "fermi", kind)
            channels += reset_channels(label, bath, gaps[label], lowering(site, 3))
        return Generator((*energies, Term.of(self.g, swap + swap.T)), channels)

    def net_current_from(self, current: Callable[[Hashable], Array]) -> Array:
        return current("c")


def _valued(what: str, found: Array, *, finite: bool = False) -> Array:
    """A quotient, refused where it is none of doubles."""
    lost = ~np.isfinite(found) if finite else np.isnan(found)
    if places := [tuple(int(k) for k in place) for place in np.argwhere(lost)]:
        raise IllConditioned(f"{what} has no value", places)
    return np.asarray(found)
