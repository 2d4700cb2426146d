"""Studies of khandelwal2025: what its figures 2 and 3 show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.common.optimise import find_root
from qte.data.studies import Extended, Grid, Listed, Values, study
from qte.data.tables import Column, Table
from qte.machines.three_qubit import ThreeQubitMachine
from qte.solver.dynamics import check_times

Array = NDArray[np.float64]

START = "000"
REACHED = 0.99


@study("relaxation")
@dataclass(frozen=True, kw_only=True)
class Relaxation:
    """Energy current and fidelity with the singlet against time, from |000> (figure 2)."""

    eps: float
    g: float
    gamma: Values
    T: float
    U: Extended
    mu: Extended
    t: Grid

    def check(self) -> None:
        self._machine(self.gamma)
        check_times(self.t.points)

    def table(self) -> Table:
        machine, times = self._machine(self.gamma), self.t.points
        path = machine.evolve(START, times)
        fidelity = path.fidelity("singlet")
        gap = machine.liouvillian_gap()
        facts = {
            f"fidelity_reaches_{REACHED}_at": [
                self._reaches(gamma, curve) for gamma, curve in zip(self.gamma, fidelity, strict=True)
            ],
            "liouvillian_gap": [float(value) for value in gap],
            "gap_over_gamma": [float(value) for value in gap / np.asarray(self.gamma)],
        }
        return Table.from_grid(
            axes={"gamma": self.gamma, "t": times},
            values={"J": path.net_current(), "F": fidelity},
            columns=(
                Column("gamma", "eps", "coupling to both reservoirs", r"$\gamma/\varepsilon$"),
                Column("t", "1/eps", "time", r"$\varepsilon t$"),
                Column("J", "eps^2", "energy current (Q_1 - Q_3)/2", r"$J/\varepsilon^2$"),
                Column("F", "1", "fidelity with the singlet of qubits 1, 2 and qubit 3 empty", r"$F$"),
            ),
            facts=facts,
        )

    def _machine(self, gamma: float | tuple[float, ...]) -> ThreeQubitMachine:
        return ThreeQubitMachine(
            eps=self.eps,
            g13=self.g,
            g23=self.g,
            gamma_1=gamma,
            gamma_3=gamma,
            T_1=self.T,
            T_3=self.T,
            U=self.U,
            mu=self.mu,
        )

    def _reaches(self, gamma: float, curve: Array) -> float | None:
        """First time at which the fidelity is `REACHED`, to 1e-10 relative; None if not on the grid."""
        above = np.flatnonzero(curve >= REACHED)
        if not above.size or above[0] == 0:
            return None
        machine = self._machine(gamma)
        low, high = self.t.points[above[0] - 1 : above[0] + 1]

        def missing(time: Array) -> Array:
            fidelity = machine.evolve(START, np.ravel(time)).fidelity("singlet")
            return np.asarray(fidelity.reshape(np.shape(time)) - REACHED)

        return float(find_root(missing, low, high, scan=2).x)


@study("concurrence_map")
@dataclass(frozen=True, kw_only=True)
class ConcurrenceMap:
    """Concurrence of qubits 1 and 2 in the steady state over (mu/T, U/T) (figure 3)."""

    eps: float
    g: float
    gamma: float
    T: float
    mu_over_T: Grid
    U_over_T: Grid
    quoted_mu_over_T: Listed
    quoted_U_over_T: Listed

    def check(self) -> None:
        same = len(self.quoted_mu_over_T) == len(self.quoted_U_over_T)
        check.require("quoted_U_over_T", len(self.quoted_U_over_T), same, "be as long as quoted_mu_over_T")
        self._machine(self.U_over_T.points[:, None], self.mu_over_T.points)
        self._machine(np.asarray(self.quoted_U_over_T), np.asarray(self.quoted_mu_over_T))

    def table(self) -> Table:
        U, mu = self.U_over_T.points, self.mu_over_T.points
        machine = self._machine(U[:, None], mu)
        quoted = self._machine(np.asarray(self.quoted_U_over_T), np.asarray(self.quoted_mu_over_T))
        state = machine.steady_state()
        facts = {
            "concurrence_at_quoted_points": [float(value) for value in quoted.concurrence()],
            "method": state.method,
            "unique_everywhere": bool(state.unique.all()),
        }
        return Table.from_grid(
            axes={"U": U, "mu": mu},
            values={"C": machine.concurrence()},
            columns=(
                Column("U", "T", "Coulomb repulsion", r"$U/T$"),
                Column("mu", "T", "chemical potential of reservoir 1", r"$\mu/T$"),
                Column("C", "1", "concurrence of qubits 1 and 2", r"$C$"),
            ),
            facts=facts,
        )

    def _machine(self, U_over_T: Array, mu_over_T: Array) -> ThreeQubitMachine:
        return ThreeQubitMachine(
            eps=self.eps,
            g13=self.g,
            g23=self.g,
            gamma_1=self.gamma,
            gamma_3=self.gamma,
            T_1=self.T,
            T_3=self.T,
            U=U_over_T * self.T,
            mu=mu_over_T * self.T,
        )
