"""What the smallest refrigerator cools, and how far from Carnot's bound: the study of its figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.machines.refrigerator import AbsorptionRefrigerator


@study("refrigerator")
@dataclass(frozen=True, kw_only=True)
class Refrigerator:
    """Heat from the cold bath against the gap of the hot qubit, for several T_h."""

    E_c: float
    g: float
    p: float
    T_c: float
    T_r: float
    T_h: Values
    E_h: Grid

    def check(self) -> None:
        self._machine()

    def table(self) -> Table:
        machine = self._machine()
        share = machine.efficiency() / machine.carnot()
        stop = np.broadcast_to(machine.E_c / machine.carnot(), machine.shape)
        cooled = machine.heat_current("c") / (self.p * self.E_c)
        return Table.from_grid(
            axes={"T_h": self.T_h, "E_h": self.E_h.points},
            values={"Q_c": cooled, "share": share, "E_h_0": stop},
            columns=(
                Column("T_h", "E_c", "temperature of the hot bath", r"$T_h/E_c$"),
                Column("E_h", "E_c", "gap of the hot qubit", r"$E_h/E_c$"),
                Column("Q_c", "p E_c", "heat current out of the cold bath", r"$Q_c/pE_c$"),
                Column("share", "1", "coefficient of performance over Carnot's", r"$\epsilon/\epsilon_C$"),
                Column("E_h_0", "E_c", "gap at which nothing flows", r"$E_h/E_c$"),
            ),
        )

    def _machine(self) -> AbsorptionRefrigerator:
        return AbsorptionRefrigerator(
            E_c=self.E_c,
            E_h=self.E_h.points,
            g=self.g,
            p_c=self.p,
            p_r=self.p,
            p_h=self.p,
            T_c=self.T_c,
            T_r=self.T_r,
            T_h=np.array(self.T_h)[:, None],
        )
