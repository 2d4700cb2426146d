"""How few qubits and sinks prepare W_n: the studies of its figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.data.studies import Grid, Listed, Values, study
from qte.data.tables import Column, Table
from qte.papers.answers.models.w_machines import (
    SCHEMES,
    Scheme,
    Surroundings,
    gap,
    gap_ceiling,
    loss_of_errors,
    time_and_dephasing,
    tuned,
)

Array = NDArray[np.float64]


def _check(study: WSchemes | WFrontier, sizes: Array) -> None:
    """What both studies ask of their parameters."""
    for name in ("g", "gamma", "T", "coupling_error", "gap_error", "dephasing"):
        value = getattr(study, name)
        check.require(name, value, value > 0, "be > 0")
    check.require("n", sizes, (sizes >= 2) & (sizes == np.round(sizes)), "be whole numbers >= 2")


@study("w_schemes")
@dataclass(frozen=True, kw_only=True)
class WSchemes:
    """Qubits, dark states, speed and faults of every scheme, against n.

    `coupling_error` and `gap_error` are root mean squares of independent errors of every coupling, relative to it, and
    of every gap, in units of g; `dephasing` is the rate of ``D[sigma_z]`` on every qubit in units of g.  `tuned` holds
    machines of one sink, see the function of that name.
    """

    eps: float
    g: float
    gamma: float
    T: float
    n: Grid
    tuned: tuple[Listed, ...]
    coupling_error: float
    gap_error: float
    dephasing: float

    def check(self) -> None:
        _check(self, self.n.points)
        self._machines()

    def _machines(self) -> list[tuple[str, Scheme]]:
        named = [(name, make(int(n))) for name, make in SCHEMES.items() for n in self.n.points]
        return [*named, *(("tuned", tuned(percent)) for percent in self.tuned)]

    def table(self) -> Table:
        rows = [{"scheme": name, "n": machine.n} | self._row(machine) for name, machine in self._machines()]
        columns = (
            Column("scheme", "1", "machine", "scheme"),
            Column("n", "1", "qubits that share the excitation", r"$n$"),
            Column("qubits", "1", "all qubits", r"$N$"),
            Column("sinks", "1", "sinks", r"$k$"),
            Column("dark", "1", "dark states of one excitation, counted exactly", "dark states"),
            Column("time", "1/gamma", "mean time from the empty machine to W_n", r"$\gamma\tau$"),
            Column("gap", "gamma", "slowest decay rate", r"$\Delta/\gamma$"),
            Column("ceiling", "gamma", "bound of it for as many qubits and sinks", r"$\Delta/\gamma$"),
            Column("couplings", "1", "infidelity by errors of the couplings", r"$1-F$"),
            Column("gaps", "1", "infidelity by errors of the gaps", r"$1-F$"),
            Column("dephased", "1", "infidelity by dephasing", r"$1-F$"),
        )
        return Table(pd.DataFrame(rows), columns)

    def _row(self, machine: Scheme) -> dict[str, float]:
        around = Surroundings(eps=self.eps, g=self.g, gamma=self.gamma, T=self.T)
        time, dephased = time_and_dephasing(machine, around, self.dephasing)
        couplings, gaps = loss_of_errors(machine, around, time)
        return {
            "qubits": machine.qubits,
            "sinks": machine.sinks,
            "dark": machine.dark_states(),
            "time": float(time) * self.gamma,
            "gap": gap(machine, around) / self.gamma,
            "ceiling": gap_ceiling(machine, around) / self.gamma,
            "couplings": float(couplings) * self.coupling_error**2,
            "gaps": float(gaps) * self.gap_error**2,
            "dephased": float(dephased),
        }


@study("w_frontier")
@dataclass(frozen=True, kw_only=True)
class WFrontier:
    """Preparation time against the infidelity that all faults leave, along the exchange between the n qubits.

    Of the two schemes that have it, a sink for every two qubits and one chain; faults as in `WSchemes`, to lowest order
    and added.  `exchange` is the exchange over g.
    """

    eps: float
    g: float
    gamma: float
    T: float
    n: Values
    exchange: Grid
    coupling_error: float
    gap_error: float
    dephasing: float

    def check(self) -> None:
        _check(self, np.array(self.n))
        check.require("exchange", self.exchange.points, self.exchange.points > 0, "be > 0")

    def table(self) -> Table:
        frames = [self._along(name, int(n)) for n in self.n for name in ("pairs", "chain")]
        columns = (
            Column("scheme", "1", "machine", "scheme"),
            Column("n", "1", "qubits that share the excitation", r"$n$"),
            Column("exchange", "g", "exchange between these qubits", r"$t/g$"),
            Column("time", "1/gamma", "mean time from the empty machine to W_n", r"$\gamma\tau$"),
            Column("loss", "1", "infidelity with W_n by all faults", r"$1-F$"),
        )
        return Table(pd.concat(frames, ignore_index=True), columns)

    def _along(self, name: str, n: int) -> pd.DataFrame:
        around = Surroundings(eps=self.eps, g=self.g, gamma=self.gamma, T=self.T)
        machine, exchange = SCHEMES[name](n), self.exchange.points
        time, dephased = time_and_dephasing(machine, around, self.dephasing, exchange)
        couplings, gaps = loss_of_errors(machine, around, time, exchange)
        return pd.DataFrame(
            {
                "scheme": name,
                "n": n,
                "exchange": exchange,
                "time": time * self.gamma,
                "loss": couplings * self.coupling_error**2 + gaps * self.gap_error**2 + dephased,
            }
        )
