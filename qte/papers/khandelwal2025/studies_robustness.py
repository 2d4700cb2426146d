"""A large study of khandelwal2025: what is left of the entanglement in a device with faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qte.data.partitioned import GridStudy
from qte.data.studies import Grid, study
from qte.data.tables import Column
from qte.machines.three_qubit import DetunedThreeQubitMachine

Array = NDArray[np.float64]


@study("robustness")
@dataclass(frozen=True, kw_only=True)
class Robustness(GridStudy):
    """Concurrence of qubits 1 and 2 over what one sets (U, mu) and what goes wrong in a device.

    `detuning` is the difference of the gaps of qubits 1 and 2 in units of the mean coupling g,
    `mismatch` is (g13 - g23)/(g13 + g23), and `dephasing` the rate of ``D[sigma_z]`` on every
    qubit in units of g.
    """

    eps: float
    g: float
    gamma: float
    T: float
    U_over_T: Grid
    mu_over_T: Grid
    detuning_over_g: Grid
    mismatch: Grid
    dephasing_over_g: Grid

    columns: ClassVar[tuple[Column, ...]] = (
        Column("U", "T", "Coulomb repulsion", r"$U/T$"),
        Column("mu", "T", "chemical potential of reservoir 1", r"$\mu/T$"),
        Column(
            "detuning", "g", "difference of the gaps of qubits 1 and 2", r"$(\varepsilon_1-\varepsilon_2)/g$"
        ),
        Column("mismatch", "1", "(g13 - g23)/(g13 + g23)", r"$(g_{13}-g_{23})/2g$"),
        Column("dephasing", "g", "rate of D[sigma_z] on every qubit", r"$\kappa/g$"),
        Column("C", "1", "concurrence of qubits 1 and 2", r"$C$"),
    )

    def check(self) -> None:
        corners = {name: axis[[0, -1]] for name, axis in self.axes().items()}
        mesh = np.meshgrid(*corners.values(), indexing="ij")
        self._machine({name: axis.ravel() for name, axis in zip(corners, mesh, strict=True)})

    def axes(self) -> Mapping[str, Array]:
        return {
            "U": self.U_over_T.points,
            "mu": self.mu_over_T.points,
            "detuning": self.detuning_over_g.points,
            "mismatch": self.mismatch.points,
            "dephasing": self.dephasing_over_g.points,
        }

    def values(self, point: Mapping[str, Array]) -> Mapping[str, Array]:
        return {"C": self._machine(point).concurrence()}

    def _machine(self, point: Mapping[str, Array]) -> DetunedThreeQubitMachine:
        return DetunedThreeQubitMachine(
            eps=self.eps,
            g13=self.g * (1 + point["mismatch"]),
            g23=self.g * (1 - point["mismatch"]),
            gamma_1=self.gamma,
            gamma_3=self.gamma,
            T_1=self.T,
            T_3=self.T,
            U=point["U"] * self.T,
            mu=point["mu"] * self.T,
            detuning=point["detuning"] * self.g,
            dephasing=point["dephasing"] * self.g,
        )
