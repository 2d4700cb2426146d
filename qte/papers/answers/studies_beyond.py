"""Question 6: the three-dot machine beyond the local Lindblad equation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qte.data.partitioned import GridStudy
from qte.data.studies import Grid, study
from qte.data.tables import Column
from qte.papers.answers.models.triple_dot import TripleDot
from qte.solver import thermodynamics

Array = NDArray[np.float64]

AXES = (
    Column("U", "T", "Coulomb repulsion", r"$U/T$"),
    Column("mu", "T", "chemical potential of reservoir 1", r"$\mu/T$"),
    Column("gamma", "eps", "rate of both reservoirs", r"$\gamma/\varepsilon$"),
    Column("raised", "g", "energy of dot 1 above that of dots 2 and 3", r"$(\varepsilon_1-\varepsilon_2)/g$"),
)


def observed(ending: str, words: str) -> tuple[Column, ...]:
    """Columns of one equation."""
    return (
        Column(f"C_{ending}", "1", f"concurrence of dots 1 and 2, {words}", r"$C$"),
        Column(f"J_{ending}", "eps^2", f"(Q_1 - Q_3)/2, {words}", r"$J/\varepsilon^2$"),
        Column(
            f"t_{ending}",
            "1/eps",
            f"mean time in which the singlet is reached from empty dots, {words}",
            r"$\tau\varepsilon$",
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Settings(GridStudy):
    """The axes that all equations share; a study adds its columns."""

    eps: float
    g: float
    T: float
    U_over_T: Grid
    mu_over_T: Grid
    gamma: Grid
    raised_over_g: Grid

    def axes(self) -> Mapping[str, Array]:
        return {
            "U": self.U_over_T.points,
            "mu": self.mu_over_T.points,
            "gamma": self.gamma.points,
            "raised": self.raised_over_g.points,
        }

    def check(self) -> None:
        corners = {name: axis[[0, -1]] for name, axis in self.axes().items()}
        mesh = np.meshgrid(*corners.values(), indexing="ij")
        self.machine({name: axis.ravel() for name, axis in zip(corners, mesh, strict=True)})

    @abstractmethod
    def values(self, point: Mapping[str, Array]) -> Mapping[str, Array]: ...

    def machine(
        self, point: Mapping[str, Array], particles: str = "electrons", approach: str = "shifted"
    ) -> TripleDot:
        """The machine at some points."""
        return TripleDot(
            eps=self.eps,
            g13=self.g,
            g23=self.g,
            gamma_1=point["gamma"],
            gamma_3=point["gamma"],
            T_1=self.T,
            T_3=self.T,
            U=point["U"] * self.T,
            mu=point["mu"] * self.T,
            raised=point["raised"] * self.g,
            particles=particles,
            approach=approach,
        )


@study("beyond_lindblad")
@dataclass(frozen=True, kw_only=True)
class BeyondLindblad(Settings):
    """The paper's local equation beside the Redfield equation with Lamb shifts, of electrons."""

    columns: ClassVar[tuple[Column, ...]] = (
        *AXES,
        *observed("local", "local Lindblad equation (2) of qubits"),
        *observed("electrons", "Redfield equation with Lamb shifts, electrons"),
    )

    def values(self, point: Mapping[str, Array]) -> Mapping[str, Array]:
        local = equation(self.machine(point, "qubits", "local"), "local")
        return local | equation(self.machine(point), "electrons")


@study("beyond_statistics")
@dataclass(frozen=True, kw_only=True)
class BeyondStatistics(BeyondLindblad):
    """The same, and the Redfield equation of qubits."""

    columns: ClassVar[tuple[Column, ...]] = (
        *BeyondLindblad.columns,
        *observed("qubits", "Redfield equation with Lamb shifts, qubits"),
    )

    def values(self, point: Mapping[str, Array]) -> Mapping[str, Array]:
        return dict(super().values(point)) | equation(self.machine(point, "qubits"), "qubits")


def equation(machine: TripleDot, ending: str) -> dict[str, Array]:
    """Columns of one equation, each of the machine's shape."""
    return {
        f"C_{ending}": machine.concurrence(),
        f"J_{ending}": machine.net_current_from(partial(_energy_current, machine)),
        f"t_{ending}": machine.settling_time(),
    }


def _energy_current(machine: TripleDot, reservoir: Hashable) -> Array:
    """To the digits of the gross flows: a figure needs no more, and 32 would take longer than all else."""
    return thermodynamics.energy_current(machine.generator, machine.steady_state().doubles, reservoir)
