"""Quantities of a state over a grid, which machines and their trajectories share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
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

    def fidelity(self, target: str | ArrayLike, *, accuracy: float = entanglement.PROMISED) -> Array:
        """Fidelity with a state vector, a density matrix, or a state the machine names."""
        if isinstance(target, str):
            named = self._machine.targets()
            target = named[check.choice("target", target, tuple(named))]
        return entanglement.fidelity(self._rho, target, certified=True, accuracy=accuracy)

    def _pair_state(self, pair: Pair) -> Complex:
        n = qubit_count(self._rho.shape[-1])
        first, second = check.pair("pair", pair, n)
        if n == 2 and first < second:
            return self._rho
        return partial_trace(self._rho, (first - 1, second - 1))
