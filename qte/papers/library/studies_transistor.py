"""How the heat of the middle system steers that of the others: the study of the transistor's figure."""

from __future__ import annotations

from dataclasses import dataclass

from qte.data.studies import Grid, study
from qte.data.tables import Column, Table
from qte.machines.transistor import ThermalTransistor


@study("transistor")
@dataclass(frozen=True, kw_only=True)
class Transistor:
    """Heat currents and amplification against the temperature of the middle bath."""

    omega_LM: float
    omega_MR: float
    kappa: float
    T_L: float
    T_R: float
    T_M: Grid

    def check(self) -> None:
        self._machine()

    def table(self) -> Table:
        machine = self._machine()
        unit = self.kappa * self.omega_LM**2
        currents = {f"Q_{label}": machine.heat_current(label) / unit for label in "LMR"}
        names = {"L": "warm", "M": "controlling", "R": "cold"}
        return Table.from_grid(
            axes={"T_M": self.T_M.points},
            values=currents | {f"alpha_{label}": machine.amplification(label) for label in "LR"},
            columns=(
                Column("T_M", "Delta", "temperature of the controlling bath", r"$T_M/\Delta$"),
                *(
                    Column(f"Q_{label}", "kappa Delta^2", f"heat current out of the {name} bath",
                           rf"$Q_{label}/\kappa\Delta^2$")
                    for label, name in names.items()
                ),
                Column("alpha_L", "1", "amplification of the warm bath's current", r"$\alpha_L$"),
                Column("alpha_R", "1", "amplification of the cold bath's current", r"$\alpha_R$"),
            ),
        )  # fmt: skip

    def _machine(self) -> ThermalTransistor:
        return ThermalTransistor(
            omega_LM=self.omega_LM,
            omega_MR=self.omega_MR,
            kappa=self.kappa,
            T_L=self.T_L,
            T_M=self.T_M.points,
            T_R=self.T_R,
        )
