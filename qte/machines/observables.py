"""Quantities of a state over a grid, which machines and their trajectories share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.physics import entanglement
from qte.physics.generators import Generator
from qte.physics.operators import partial_trace, qubit_count
from qte.solver import thermodynamics

if TYPE_CHECKING:
    from qte.machines.base import Machine

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Pair = tuple[int, int]


class Observables(ABC):
    """Quantities of a state over a grid; machines and trajectories share them."""

    @property
    @abstractmethod
    def _machine(self) -> Machine: ...

    @property
    @abstractmethod
    def _generator(self) -> Generator: ...

    @property
    @abstractmethod
    def _unknowns(self) -> Array: ...

    @property
    @abstractmethod
    def _rho(self) -> Complex: ...

    def heat_current(self, reservoir: Hashable) -> Array:
        """Energy per time from `reservoir` into the system, ``Tr[H D_r rho]``, shape (...)."""
        return thermodynamics.energy_current(self._generator, self._unknowns, reservoir)

    def particle_current(self, reservoir: Hashable) -> Array:
        """Quanta per time from `reservoir` into the system, shape (...)."""
        return thermodynamics.particle_current(self._generator, self._unknowns, reservoir)

    def net_current(self) -> Array:
        """The current J as the machine's paper defines it, shape (...)."""
        return self._machine.net_current_from(self.heat_current)

    def negativity(self, pair: Pair = (1, 2)) -> Array:
        """Negativity of two qubits (counted from 1), the others traced out, shape (...)."""
        return entanglement.negativity(self._pair_state(pair), certified=True)

    def concurrence(self, pair: Pair = (1, 2), *, accuracy: float = entanglement.PROMISED) -> Array:
        """Concurrence of two qubits (counted from 1), the others traced out, shape (...)."""
        return entanglement.concurrence(self._pair_state(pair), certified=True, accuracy=accuracy)

    def cut_negativity(self, sites: Sequence[int]) -> Array:
        """Negativity between some factors (counted from 1) and all others, of any dimensions, shape (...)."""
        return entanglement.cut_negativity(self._rho, _from_zero(sites), self._generator.dims, certified=True)

    def logarithmic_negativity(self, sites: Sequence[int]) -> Array:
        """``log2(1 + 2 N)`` of `cut_negativity`, shape (...)."""
        return entanglement.logarithmic_negativity(
            self._rho, _from_zero(sites), self._generator.dims, certified=True
        )

    def fidelity(self, target: str | ArrayLike, *, accuracy: float = entanglement.PROMISED) -> Array:
        """Fidelity with a state vector, a density matrix, or a state the machine names."""
        if isinstance(target, str):
            named = self._machine.targets()
            target = named[check.choice("target", target, tuple(named))]
        return entanglement.fidelity(self._rho, target, certified=True, accuracy=accuracy)

    def reduced_state(self, sites: Sequence[int]) -> Complex:
        """State of some factors (counted from 1) in the order given, the others traced out, shape (..., k, k)."""
        return partial_trace(self._rho, _from_zero(sites), self._generator.dims)

    def _pair_state(self, pair: Pair) -> Complex:
        n = qubit_count(self._rho.shape[-1])
        first, second = check.pair("pair", pair, n)
        if n == 2 and first < second:
            return self._rho
        return partial_trace(self._rho, (first - 1, second - 1))


def _from_zero(sites: Sequence[int]) -> list[int]:
    """Sites counted from 1, counted from 0; what is no whole number is left for the message that names it."""
    return [site - 1 if isinstance(site, (int, np.integer)) else site for site in sites]
