"""Fluctuations of a machine's currents, and how they answer to temperatures near equilibrium."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.common.errors import IllConditioned
from qte.solver.noise import CURRENTS, KNOWN, CurrentNoise
from qte.solver.steady import SteadyState

Array = NDArray[np.float64]


class Fluctuations(ABC):
    """Noise at zero and at finite frequency, Fano factors, the uncertainty relation and Onsager's matrix of a machine.

    Noise is the growth per time of a variance, so that the Fano factor of independent jumps is 1; energy is
    counted as in `qte.solver.noise`.
    """

    heat_current: Callable[[Hashable], Array]
    particle_current: Callable[[Hashable], Array]
    entropy_production: Callable[[], Array]
    temperature_derivative: Any
    _current_slopes: Callable[[Hashable], dict[Hashable, tuple[Array, Array]]]

    @abstractmethod
    def temperatures(self) -> Mapping[Hashable, Array]: ...

    @property
    @abstractmethod
    def _steady(self) -> SteadyState: ...

    @cached_property
    def _noise(self) -> CurrentNoise:
        return CurrentNoise(self._steady)

    def noise(
        self,
        reservoir: Hashable,
        other: Hashable | None = None,
        *,
        current: str = "heat",
        other_current: str | None = None,
        accuracy: float = KNOWN,
    ) -> Array:
        """Zero-frequency noise of a current, or the cross-correlation of two, shape (...).

        Parameters
        ----------
        reservoir, other : hashable
            Labels of reservoirs; without `other` the same one twice.
        current, other_current : {"heat", "particle"}
            What is counted; without `other_current` the same twice.
        accuracy : float
            What round-off may move it by, as a fraction of the two standard deviations.

        Raises
        ------
        NonUniqueSteadyState
            The steady state is not unique.
        IllConditioned
            Round-off moves it by more.
        """
        return self._noise.covariance(
            reservoir,
            reservoir if other is None else other,
            current,
            current if other_current is None else other_current,
            accuracy=accuracy,
        )

    def noise_spectrum(
        self,
        reservoir: Hashable,
        frequencies: ArrayLike,
        other: Hashable | None = None,
        *,
        current: str = "heat",
        other_current: str | None = None,
    ) -> NDArray[np.float64 | np.complex128]:
        """Noise at finite frequencies (nf,), shape (..., nf); see `qte.solver.noise.CurrentNoise.spectrum`.

        Real without `other` and `other_current`.
        """
        second = reservoir if other is None else other
        kind = current if other_current is None else other_current
        found = self._noise.spectrum(reservoir, second, frequencies, current, kind)
        return found.real if other is None and other_current is None else found

    def skewness(self, reservoir: Hashable, *, current: str = "heat") -> Array:
        """Growth of the third cumulant of what has come from a reservoir, shape (...); as `noise`."""
        return self._noise.skewness(reservoir, current)

    def fano_factor(self, reservoir: Hashable, *, current: str = "particle") -> Array:
        """Noise over the modulus of the current, shape (...); +inf where noise meets no current.

        Raises
        ------
        IllConditioned
            Neither current nor noise at some point.
        """
        mean, noise = np.abs(self._mean(reservoir, current)), self.noise(reservoir, current=current)
        return _quotient(noise, mean, "The Fano factor has no value without current and noise")

    def uncertainty_ratio(self, reservoir: Hashable, *, current: str = "heat") -> Array:
        """``S Sigma/(2 I**2)`` of a current's noise S, its mean I and the entropy production, shape (...).

        At least 1 wherever the thermodynamic uncertainty relation of classical jumps holds (A. C. Barato and
        U. Seifert, Phys. Rev. Lett. 114, 158101 (2015)); coherences may take it below.

        Raises
        ------
        IllConditioned
            No current at some point, as in equilibrium.
        """
        mean = self._mean(reservoir, current)
        spread = _quotient(
            self.noise(reservoir, current=current),
            np.abs(mean),
            "The ratio of the uncertainty relation has no value without current",
            no_current=True,
        )
        return np.asarray(spread * (self.entropy_production() / np.abs(mean)) / 2)

    def onsager_matrix(self) -> Array:
        """``L_rs = T**2 dQ_r/dT_s`` in equilibrium, exact, shape (..., reservoirs, reservoirs).

        Heat currents in the order of `temperatures`; the response of the steady state, not a difference.
        Symmetric, positive and half the noise wherever the master equation has detailed balance.

        Raises
        ------
        ParameterError
            Temperatures that differ, or a machine without temperature derivatives.
        """
        temperatures = self.temperatures()
        labels = list(temperatures)
        first = np.asarray(temperatures[labels[0]])
        for label in labels[1:]:
            own = np.asarray(temperatures[label])
            check.require(f"T_{label}", own, own == first, f"equal T_{labels[0]} for an Onsager matrix")
        slopes = {label: self._current_slopes(label) for label in labels}
        rows = [np.stack([slopes[s][r][0] for s in labels], axis=-1) for r in labels]
        return np.asarray(first[..., None, None] ** 2 * np.stack(rows, axis=-2))

    def _mean(self, reservoir: Hashable, current: str) -> Array:
        check.choice("current", current, CURRENTS)
        return self.heat_current(reservoir) if current == "heat" else self.particle_current(reservoir)


def _quotient(top: Array, bottom: Array, message: str, *, no_current: bool = False) -> Array:
    undefined = (bottom == 0) & (no_current | (top == 0))
    places = [tuple(int(k) for k in place) for place in np.argwhere(undefined)]
    if places:
        raise IllConditioned(message, places)
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(top / bottom)
