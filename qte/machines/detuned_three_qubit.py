"""The three-qubit machine of khandelwal2025 with the faults of a device: qubits that are not equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from qte.common import parameters as check
from qte.common.parameters import Number
from qte.machines.base import Array
from qte.machines.coulomb import bath_channels
from qte.machines.three_qubit import BONDS, ThreeQubitMachine, check_steps
from qte.physics.baths import Bath
from qte.physics.generators import Channel, Term, Terms
from qte.physics.operators import EXCITED, embed


@dataclass(frozen=True, kw_only=True, eq=False)
class DetunedThreeQubitMachine(ThreeQubitMachine):
    r"""`ThreeQubitMachine` whose first two qubits have the gaps ``eps + detuning/2`` and ``eps - detuning/2``.

    The singlet of qubits 1 and 2 is dark because their phases run at one speed;
    a detuning turns it into the triplet, which leaks to the sink.  Local master
    equation: reservoir 1 meets its qubit at ``eps + detuning/2 + U (p + q)``.

    Parameters
    ----------
    detuning : array_like, shape (...)
        Difference of the gaps of qubits 1 and 2, of either sign, smaller than ``2 eps``.
    eps, g13, g23, gamma_1, gamma_3, T_1, T_3, U, mu, mu_3, dephasing
        See `ThreeQubitMachine`.

    Raises
    ------
    ParameterError
        A bound of `ThreeQubitMachine` is violated, or a gap is not positive.
    """

    detuning: Annotated[Any, Number("difference of gaps")] = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        small = np.abs(self.detuning) < 2 * self.eps
        check.require("detuning", self.detuning, small, "be smaller than 2 eps in size")
        check_steps("T_1", self.T_1, (self._first_gap, self.U, self.mu), 2)

    @property
    def _first_gap(self) -> Array:
        return np.asarray(self.eps + 0.5 * self.detuning)

    def _hamiltonian(self) -> Terms:
        difference = embed({0: EXCITED}, 3) - embed({1: EXCITED}, 3)
        return (*super()._hamiltonian(), Term.of(0.5 * np.asarray(self.detuning), difference))

    def _channels(self, reservoir: int, bath: Bath) -> tuple[Channel, ...]:
        if reservoir != 1:
            return super()._channels(reservoir, bath)
        return bath_channels(1, bath, (self._first_gap, self.U, self.mu), 0, 3, BONDS)
