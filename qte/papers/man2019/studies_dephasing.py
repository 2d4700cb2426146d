"""Studies of man2019 for the proposed circuit, with dephasing: figure 7."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qte.common import parameters as check
from qte.common.optimise import Maximum, find_root, maximise, require_accuracy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.papers.man2019.parts import (
    C_AB,
    C_ABC,
    GAIN,
    Array,
    common_temperature,
    engine,
    listed,
    margin,
    temperature,
)

# What the figures promise of their maxima and roots, relative to T; and of Omega, in GHz, where
# the function to be maximised is itself a difference of maxima.
FOUND_TO = 1e-10
OMEGA_TO = 1e-8
ROUND_OFF = 1e-13

RELATIVE = Column("dC_rel", "1", "(C_ABC - C_AB)/C_AB, where C_AB > 0", r"$\Delta C/C_{AB}$", may_be_nan=True)


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """Resonant fluxonium qubits with pure dephasing; all in GHz."""

    eps: float
    dephasing: float

    def engine(self, Omega: Any, Gamma: Any, T: Any, T_C: Any) -> CommonReservoirEngine:
        """The engine with ``T_A = T_B = T``."""
        return engine(eps=self.eps, Omega=Omega, Gamma=Gamma, T_A=T, T_B=T, T_C=T_C, dephasing=self.dephasing)


@study("dephasing_map")
@dataclass(frozen=True, kw_only=True)
class DephasingMap(Circuit):
    """Concurrence and its improvement by the common reservoir over both temperatures (figure 7a, b)."""

    Omega: float
    Gamma: float
    T: Grid
    T_C: Grid

    def check(self) -> None:
        self._machine()

    def table(self) -> Table:
        T, T_C = self.T.points, self.T_C.points
        with_common = self._machine().concurrence()
        without = self._alone(T).concurrence()[:, None]
        gain = with_common - without
        relative = np.where(without > 0, gain / np.where(without > 0, without, 1.0), np.nan)
        lost = (gain < -ROUND_OFF) & (T[:, None] > T_C)
        kept = (gain > ROUND_OFF) & (T[:, None] < T_C)
        end = find_root(lambda t: margin(self._alone(t)), self.T.start, self.T.stop, scan=129)
        require_accuracy("The temperature at which C_AB vanishes", end.error, FOUND_TO)
        return Table.from_grid(
            axes={"T": T, "T_C": T_C},
            values={"C": with_common, "C_AB": without, "dC": gain, "dC_rel": relative},
            columns=(temperature("GHz"), common_temperature("GHz"), C_ABC, C_AB, GAIN, RELATIVE),
            facts={
                "T_where_C_AB_ends": listed(end.x)[0],
                "error_below": FOUND_TO,
                "points_with_T_C_below_T_and_less_C": int(lost.sum()),
                "points_with_T_C_above_T_and_more_C": int(kept.sum()),
            },
        )

    def _machine(self) -> CommonReservoirEngine:
        return self.engine(self.Omega, self.Gamma, self.T.points[:, None], self.T_C.points)

    def _alone(self, T: Any) -> CommonReservoirEngine:
        return self.engine(self.Omega, self.Gamma, T, 0.0).without_common()


@study("best_concurrence")
@dataclass(frozen=True, kw_only=True)
class BestConcurrence(Circuit):
    """Largest concurrence out of equilibrium (``T_C = 0``) and in it (``T_C = T``) against Omega (figure 7c).

    Both are maxima over T between `T_min` and `T_max`.  A row whose maximum is not
    refined to 1e-10 of T holds NaN and is counted in the facts.
    """

    Gamma: Values
    Omega: Grid
    T_min: float
    T_max: float

    def check(self) -> None:
        check.require("T_max", self.T_max, self.T_max > self.T_min > 0, "be larger than T_min, and both > 0")
        self.engine(self.Omega.points, np.array(self.Gamma)[:, None], self.T_max, 0.0)

    def table(self) -> Table:
        Gamma, Omega = np.array(self.Gamma)[:, None], self.Omega.points
        apart, together = self._best(Omega, Gamma, apart=True), self._best(Omega, Gamma, apart=False)
        fine = (apart.error <= FOUND_TO * apart.x) & (together.error <= FOUND_TO * together.x)
        fine &= together.value > 0
        values = {
            "T_neq": apart.x,
            "C_neq": apart.value,
            "T_eq": together.x,
            "C_eq": together.value,
            "ratio": apart.value / np.where(fine, together.value, 1.0),
            "gain": apart.value - together.value,
        }
        rows = {name: np.where(fine, value, np.nan) for name, value in values.items()}
        inside = fine & (apart.end == 0) & (together.end == 0)
        return Table.from_grid(
            axes={"Gamma": self.Gamma, "Omega": Omega},
            values=rows,
            columns=_columns(),
            facts={
                "rows_not_refined": int((~fine).sum()),
                "rows_with_a_maximum_at_T_min_or_T_max": int((fine & ~inside).sum()),
                **self._peaks(rows["ratio"]),
            },
        )

    def _best(self, Omega: Array, Gamma: Array, *, apart: bool) -> Maximum:
        shape = np.broadcast_shapes(Omega.shape, Gamma.shape)

        def concurrence(T: Array) -> Array:
            return margin(self.engine(Omega, Gamma, T, 0.0 if apart else T))

        return maximise(concurrence, self.T_min, self.T_max, shape=shape, scale="log", scan=65)

    def _peaks(self, ratio: Array) -> dict[str, Any]:
        Gamma = np.array(self.Gamma)

        def gain(Omega: Array) -> Array:
            return self._best(Omega, Gamma, apart=True).value - self._best(Omega, Gamma, apart=False).value

        peak = maximise(gain, self.Omega.start, self.Omega.stop, shape=Gamma.shape, scan=17)
        require_accuracy("The coupling of the largest gain", peak.error, OMEGA_TO)
        return {
            "order_of_lists": "as Gamma",
            "ratio_falls_all_the_way": [bool(np.all(np.diff(row) < 0)) for row in ratio],
            "Omega_of_largest_gain": listed(peak.x, 8),
            "largest_gain": listed(peak.value, 10),
            "error_of_Omega_below": OMEGA_TO,
        }


def _columns() -> tuple[Column, ...]:
    def may_lack(symbol: str, unit: str, meaning: str, label: str) -> Column:
        return Column(symbol, unit, meaning, label, may_be_nan=True)

    return (
        Column("Gamma", "GHz", "damping rate of every reservoir", r"$\Gamma$ (GHz)"),
        Column("Omega", "GHz", "coupling of the qubits", r"$\Omega$ (GHz)"),
        may_lack("T_neq", "GHz", "T of the largest concurrence at T_C = 0", r"$T$ (GHz)"),
        may_lack("C_neq", "1", "largest concurrence over T at T_C = 0", r"$C_{\mathrm{neq}}$"),
        may_lack("T_eq", "GHz", "T of the largest concurrence at T_C = T", r"$T$ (GHz)"),
        may_lack("C_eq", "1", "largest concurrence over T at T_C = T", r"$C_{\mathrm{eq}}$"),
        may_lack("ratio", "1", "C_neq/C_eq", r"$C_{\mathrm{neq}}/C_{\mathrm{eq}}$"),
        may_lack("gain", "1", "C_neq - C_eq", r"$C_{\mathrm{neq}}-C_{\mathrm{eq}}$"),
    )
