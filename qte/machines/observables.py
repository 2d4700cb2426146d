"""Quantities of a state over a grid, which machines and their trajectories share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.matrices import times
from qte.common.qobj import to_qutip
from qte.physics import entanglement
from qte.physics.generators import Generator, hamiltonian_of, jump_operators_of, liouvillian_of
from qte.physics.information import energies, entropies
from qte.physics.operators import partial_trace, qubit_count
from qte.physics.terms import as_operator
from qte.solver import thermodynamics
from qte.solver.dynamics import RESOLVED, liouvillian_eigenvalues

if TYPE_CHECKING:
    from qte.machines.base import Machine

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Pair = tuple[int, int]

# More sites than any state has.
MOST_SITES = 64


class Operators(ABC):
    """What `hamiltonian_of`, `jump_operators_of` and `liouvillian_of` give of a machine's generator."""

    @property
    @abstractmethod
    def _generator(self) -> Generator: ...

    def hamiltonian(self) -> Complex:
        """H in the computational basis, shape (..., d, d)."""
        return hamiltonian_of(self._generator)

    def jump_operators(self, *reservoirs: Hashable) -> list[Complex]:
        """Jump operators with the roots of their rates, of some reservoirs or of all channels, (..., d, d) each."""
        return jump_operators_of(self._generator, *reservoirs)

    def liouvillian(self) -> Complex:
        """The generator on states stacked column by column, as QuTiP has it, shape (..., d**2, d**2)."""
        return liouvillian_of(self._generator)

    def liouvillian_eigenvalues(self, count: int = 6, *, accuracy: float = RESOLVED) -> Complex:
        """The eigenvalues nearest to 0, shape (..., count); see `qte.solver.dynamics.liouvillian_eigenvalues`."""
        return liouvillian_eigenvalues(self._generator, count, accuracy=accuracy)


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

    def driving_power(self) -> Array:
        """Work per time of a drive, ``-i Tr[E [H, rho]]``, shape (...); 0 where heat is measured with all of H."""
        return thermodynamics.driving_power(self._generator, self._unknowns)

    def contact_power(self, reservoir: Hashable) -> Array:
        """Work per time that the contact with a reservoir takes, ``Tr[(H - E) D_r rho]``, shape (...)."""
        return thermodynamics.contact_power(self._generator, self._unknowns, reservoir)

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

    def von_neumann_entropy(self) -> Array:
        """``-Tr[rho ln rho]``, shape (...)."""
        return entropies.von_neumann_entropy(self._rho, certified=True)

    def mutual_information(self, sites: Sequence[int]) -> Array:
        """Mutual information of some factors (counted from 1) with all others, in nats, shape (...)."""
        return entropies.mutual_information(
            self._rho, _from_zero(sites), self._generator.dims, certified=True
        )

    def ergotropy(self) -> Array:
        """The most work that a unitary takes out of the state, by the machine's H, shape (...)."""
        return energies.ergotropy(self._rho, hamiltonian_of(self._generator), certified=True)

    def free_energy(self, temperature: ArrayLike) -> Array:
        """``Tr[H rho] - T S`` with a temperature >= 0, shape (...)."""
        return energies.free_energy(self._rho, hamiltonian_of(self._generator), temperature, certified=True)

    def gibbs_relative_entropy(self, temperature: ArrayLike) -> Array:
        """Relative entropy to ``exp(-H/T)/Z`` with a temperature > 0, in nats, shape (...)."""
        return energies.gibbs_relative_entropy(
            self._rho, hamiltonian_of(self._generator), temperature, certified=True
        )

    def expect(self, operator: Any) -> Array | Complex:
        """``Tr[O rho]`` of an operator (d, d), dense, sparse or of QuTiP, in the computational basis, shape (...).

        Real where O is exactly Hermitian.
        """
        entries = sp.coo_array(as_operator("operator", operator))
        if entries.shape[0] != self._rho.shape[-1]:
            raise ParameterError("operator", entries.shape, f"have shape {self._rho.shape[-2:]}")
        total = np.zeros(self._rho.shape[:-2], dtype=complex)
        for i, j, value in zip(entries.row, entries.col, entries.data.astype(complex), strict=True):
            total += times(value, self._rho[..., j, i])
        is_hermitian = abs(entries - entries.conj().T).max() == 0
        return np.asarray(total.real if is_hermitian else total)

    def to_qutip(self) -> Any:
        """The states as ``qutip.Qobj``, of a grid and of times as nested lists; QuTiP has to be installed."""
        return to_qutip(self._rho, self._generator.dims)

    def _pair_state(self, pair: Pair) -> Complex:
        n = qubit_count(self._rho.shape[-1])
        first, second = check.pair("pair", pair, n)
        if n == 2 and first < second:
            return self._rho
        return partial_trace(self._rho, (first - 1, second - 1))


def _from_zero(sites: Any) -> Any:
    """Sites counted from 1, counted from 0; what is no whole number is left for the message that names it."""
    if isinstance(sites, (str, bytes)) or not np.iterable(sites):
        return sites
    given = check.first_items(sites, MOST_SITES)
    return [site - 1 if check.is_whole(site) else site for site in given]
