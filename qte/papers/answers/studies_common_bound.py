"""Up to which T_C a common reservoir enhances, and from which it gives heat (man2019, end of section III B)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.common.optimise import find_root, require_accuracy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.papers.answers.models.common_levels import levels
from qte.papers.man2019.equations import Model, eq19_effective_temperatures
from qte.papers.man2019.parts import engine, listed

Array = NDArray[np.float64]

# What the table promises of its roots, and below what their difference is none, in its own unit of energy.
FOUND_TO = 1e-9
# Q_C vanishes between T_A and T_B; both ends are moved out by this part, so that it has two signs there.
BESIDE = 1e-3


@dataclass(frozen=True, eq=False)
class Bounds:
    """The two temperatures of R_C, shape (...) each.

    Parameters
    ----------
    enhancing : ndarray
        The highest T_C at which R_C enhances: there C is what it is without R_C, or ends where there is none without;
        NaN where no T_C within the bounds of the search enhances, or their upper one still does.
    heating : ndarray
        T_C at which Q_C = 0: R_C absorbs heat below and gives heat above.
    without : ndarray
        Concurrence without R_C.
    still : ndarray of bool
        Whether the upper bound of the search enhances.
    windows : ndarray of int
        How often the change of C changes its sign over the search.
    """

    enhancing: Array
    heating: Array
    without: Array
    still: NDArray[np.bool_]
    windows: NDArray[np.intp]

    @property
    def difference(self) -> Array:
        """How far the bound of enhancement lies above the onset of heat, shape (...)."""
        return self.enhancing - self.heating


def bounds_of(machine: CommonReservoirEngine, T_C: Grid) -> Bounds:
    """Both temperatures of a grid of machines, whose own T_C is not used.

    Parameters
    ----------
    machine : CommonReservoirEngine
    T_C : Grid
        Bounds and number of points of the scan for the first.

    Raises
    ------
    NotRefined
        A root is not known to `FOUND_TO`.
    """
    without = np.maximum(levels(machine.without_common()).signed, 0.0)
    low, high = T_C.start, T_C.stop

    def excess(t: Array) -> Array:
        return np.asarray(levels(machine.replace(T_C=t)).signed - without)

    # the search runs down from the hottest T_C, so that the first zero it meets is the last one
    last = find_root(lambda x: excess(low + high - x), low, high, shape=machine.shape, scan=T_C.num)
    coldest, hottest = np.minimum(machine.T_A, machine.T_B), np.maximum(machine.T_A, machine.T_B)
    ends = coldest * (1 - BESIDE), hottest * (1 + BESIDE)
    onset = find_root(lambda t: levels(machine.replace(T_C=t)).heat, *ends, shape=machine.shape, scan=3)
    still = excess(np.full((1, *machine.shape), high))[0] > 0
    seen = (last.crossings > 0) & ~still
    require_accuracy("The highest T_C that enhances", last.error[seen], FOUND_TO)
    require_accuracy("The T_C at which Q_C vanishes", onset.error, FOUND_TO)
    enhancing = np.where(seen, low + high - last.x, np.nan)
    return Bounds(enhancing, onset.x, without, still, last.crossings)


@study("common_bound")
@dataclass(frozen=True, kw_only=True)
class CommonBound:
    """Highest T_C that enhances, against the T_C from which R_C gives heat.

    ``Gamma`` lists the rates, the same of all reservoirs: 0 stands for the secular equation, which knows rates by
    their ratios only; the others are those of the Redfield equation.
    """

    eps_m: float
    Omega: float
    Gamma: Values
    T_B: float
    T_A: Grid
    delta_eps: Grid
    T_C: Grid

    def check(self) -> None:
        check.real("Gamma", self.Gamma, minimum=0.0)
        check.real("T_A", self.T_A.points, above=0.0)
        self.machine(1.0, "global")

    def table(self) -> Table:
        found = [
            bounds_of(self.machine(rate or 1.0, "redfield" if rate else "global"), self.T_C)
            for rate in self.Gamma
        ]
        values: dict[str, Any] = {
            name: np.array([getattr(one, name) for one in found])
            for name in ("enhancing", "heating", "difference", "without")
        }
        return Table.from_grid(
            axes={"Gamma": self.Gamma, "delta_eps": self.delta_eps.points, "T_A": self.T_A.points},
            values=values,
            columns=COLUMNS,
            facts=self._facts(found),
        )

    def machine(self, rate: float, approach: str) -> CommonReservoirEngine:
        """The engines of one rate, shape (detunings, T_A)."""
        return engine(
            eps_m=self.eps_m,
            delta_eps=self.delta_eps.points[:, None],
            Omega=self.Omega,
            Gamma=rate,
            T_A=self.T_A.points,
            T_B=self.T_B,
            T_C=self.T_B,
            approach=approach,
        )

    def one_temperature(self) -> list[float | None]:
        """Detuning at which the qubits alone have one temperature, by T_A; None where every detuning does."""
        T_A = self.T_A.points
        ends = self.delta_eps.start, self.delta_eps.stop

        def apart(delta_eps: Array) -> Array:
            return np.asarray(np.subtract(*eq19_effective_temperatures(self._model(delta_eps))))

        found = find_root(apart, *ends, shape=T_A.shape, scan=9)
        return listed(np.where(self.T_B == T_A, np.nan, found.x))

    def _model(self, delta_eps: Array) -> Model:
        half = delta_eps / 2
        gaps: dict[str, Any] = {"eps_A": self.eps_m + half, "eps_B": self.eps_m - half, "Omega": self.Omega}
        return Model(**gaps, T_A=self.T_A.points, T_B=self.T_B)

    def _facts(self, found: list[Bounds]) -> dict[str, Any]:
        differences = [one.difference for one in found]
        return {
            "order_of_lists": "as Gamma",
            "share_above": [float(np.mean(d > FOUND_TO)) for d in differences],
            "share_below": [float(np.mean(d < -FOUND_TO)) for d in differences],
            "share_without_any": [float(np.mean(np.isnan(d))) for d in differences],
            "points_still_enhancing_at_the_highest_T_C": [int(one.still.sum()) for one in found],
            "points_of_several_windows": [int((one.windows > 1).sum()) for one in found],
            "farthest_above": listed([np.nanmax(d) for d in differences], 9),
            "farthest_below": listed([np.nanmin(d) for d in differences], 9),
            "delta_eps_of_one_temperature_by_T_A": self.one_temperature(),
            "T_B": self.T_B,
            "errors_below": FOUND_TO,
        }


COLUMNS = (
    Column("Gamma", "Gamma", "rate of every reservoir; 0: secular equation", r"$\Gamma'$ $(\Gamma)$"),
    Column("delta_eps", "Gamma", "detuning eps_A - eps_B", r"$\Delta\varepsilon$ $(\Gamma)$"),
    Column("T_A", "Gamma", "temperature of reservoir A", r"$T_A$ $(\Gamma)$"),
    Column("enhancing", "Gamma", "highest T_C at which R_C enhances", r"$T_C^\mathrm{max}$ $(\Gamma)$",
           may_be_nan=True),
    Column("heating", "Gamma", "T_C from which R_C gives heat", r"$T_C^0$ $(\Gamma)$"),
    Column("difference", "Gamma", "the former less the latter", r"$T_C^\mathrm{max}-T_C^0$ $(\Gamma)$",
           may_be_nan=True),
    Column("without", "1", "concurrence without R_C", r"$C_{AB}$"),
)  # fmt: skip
