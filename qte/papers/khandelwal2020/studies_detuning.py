"""Studies of khandelwal2020 without tunnelling: figures 2 and 3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qte.common.optimise import find_root, maximise, require_accuracy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.khandelwal2020.equations import (
    WeakCoupling,
    eq12_heat_current,
    eq15_negativity,
    eq17_margin,
    eq18_critical_current,
)
from qte.papers.khandelwal2020.parts import (
    CURRENT,
    DELTA,
    NEGATIVITY,
    T_H,
    Array,
    WeakEngine,
    listed,
    margin,
    significant,
)

RATIO = Column("ratio", "1", "current over critical current, J/J_c", r"$J_{ss}/J_c$")
RATIO_PRINTED = Column("ratio_eqs", "1", "J/J_c from eqs. (12) and (18)", r"$J_{ss}/J_c$, eqs. (12), (18)")
# What figure 3 promises of its roots and maxima, in units of eps_h.
ROOT_ERROR = 1e-12
PEAK_ERROR = 1e-8


@study("detuning_curves")
@dataclass(frozen=True, kw_only=True)
class DetuningCurves(WeakEngine):
    """Heat current and negativity against the detuning (figure 2)."""

    T_h: Values
    delta: Grid

    def check(self) -> None:
        self._engine()

    def table(self) -> Table:
        engine = self._engine()
        printed = WeakCoupling(**self.fixed(), T_h=np.array(self.T_h)[:, None], delta=self.delta.points)
        return Table.from_grid(
            axes={"T_h": self.T_h, "delta": self.delta.points},
            values={
                "J": engine.net_current(),
                "N": engine.negativity(),
                "J_eq12": eq12_heat_current(printed),
                "N_eq17": eq15_negativity(eq17_margin(printed)),
            },
            columns=(
                T_H,
                DELTA,
                CURRENT,
                NEGATIVITY,
                Column("J_eq12", "eps_h^2", "J from eq. (12)", r"$J_{ss}/\varepsilon_h$, eq. (12)"),
                Column("N_eq17", "1", "negativity from eqs. (15) and (17)", r"$N$, eq. (17)"),
            ),
            facts={"steady_state": engine.steady_state().method},
        )

    def _engine(self) -> TwoQubitEngine:
        return self.engine(T_h=np.array(self.T_h)[:, None], delta=self.delta.points)


@study("critical_detuning")
@dataclass(frozen=True, kw_only=True)
class CriticalDetuning(WeakEngine):
    """J/J_c and negativity against the detuning, and where entanglement ends (figure 3a)."""

    T_h: Values
    delta: Grid

    def check(self) -> None:
        self._engine(self.delta.points)

    def table(self) -> Table:
        return Table.from_grid(
            axes={"T_h": self.T_h, "delta": self.delta.points},
            values=_curves(
                self._engine(self.delta.points),
                WeakCoupling(**self.fixed(), T_h=np.array(self.T_h)[:, None], delta=self.delta.points),
            ),
            columns=(T_H, DELTA, RATIO, NEGATIVITY, RATIO_PRINTED),
            facts=self._marks(),
        )

    def _engine(self, delta: Array) -> TwoQubitEngine:
        return self.engine(T_h=np.array(self.T_h)[:, None], delta=delta)

    def _at(self, delta: Array) -> TwoQubitEngine:
        return self.engine(T_h=np.array(self.T_h), delta=delta)

    def _marks(self) -> dict[str, object]:
        ends = self.delta.start, self.delta.stop
        shape = (len(self.T_h),)
        unity = find_root(lambda x: _ratio(self._at(x)) - 1, *ends, shape=shape)
        separable = find_root(lambda x: margin(self._at(x)), *ends, shape=shape)
        ratio_peak = maximise(lambda x: _ratio(self._at(x)), *ends, shape=shape)
        margin_peak = maximise(lambda x: margin(self._at(x)), *ends, shape=shape)
        require_accuracy("The detuning at which J = J_c", unity.error[unity.crossings > 0], ROOT_ERROR)
        require_accuracy("The detuning of the largest J/J_c", ratio_peak.error, PEAK_ERROR)
        require_accuracy("The detuning of the largest negativity", margin_peak.error, PEAK_ERROR)
        return {
            "order_of_lists": "as T_h",
            "delta_of_critical_current": listed(unity.x),
            "delta_where_N_vanishes": listed(separable.x),
            "error_of_these_below": ROOT_ERROR,
            "delta_of_largest_ratio": listed(ratio_peak.x, 9),
            "largest_ratio": significant(ratio_peak.value),
            "ratio_at_first_delta": significant(_ratio(self._at(np.full(shape, ends[0])))),
            "delta_of_largest_N": listed(margin_peak.x, 9),
            "largest_N": significant(eq15_negativity(margin_peak.value)),
            "error_of_these_maxima_below": PEAK_ERROR,
        }


@study("critical_temperature")
@dataclass(frozen=True, kw_only=True)
class CriticalTemperature(WeakEngine):
    """J/J_c and negativity against the hot temperature, and where entanglement begins (figure 3b)."""

    delta: Values
    T_h: Grid

    def check(self) -> None:
        self._engine(self.T_h.points)

    def table(self) -> Table:
        return Table.from_grid(
            axes={"delta": self.delta, "T_h": self.T_h.points},
            values=_curves(
                self._engine(self.T_h.points),
                WeakCoupling(**self.fixed(), T_h=self.T_h.points, delta=np.array(self.delta)[:, None]),
            ),
            columns=(DELTA, T_H, RATIO, NEGATIVITY, RATIO_PRINTED),
            facts=self._marks(),
        )

    def _engine(self, hot: Array) -> TwoQubitEngine:
        return self.engine(T_h=hot, delta=np.array(self.delta)[:, None])

    def _at(self, hot: Array) -> TwoQubitEngine:
        return self.engine(T_h=hot, delta=np.array(self.delta))

    def _marks(self) -> dict[str, object]:
        ends = self.T_h.start, self.T_h.stop
        shape = (len(self.delta),)
        unity = find_root(lambda x: _ratio(self._at(x)) - 1, *ends, shape=shape)
        peak = maximise(lambda x: _ratio(self._at(x)), *ends, shape=shape)
        require_accuracy("The temperature at which J = J_c", unity.error[unity.crossings > 0], ROOT_ERROR)
        require_accuracy("The temperature of the largest J/J_c", peak.error, PEAK_ERROR)
        return {
            "order_of_lists": "as delta",
            "temperature_of_critical_current": listed(unity.x),
            "error_of_these_below": ROOT_ERROR,
            "temperature_of_largest_ratio": listed(peak.x, 9),
            "largest_ratio": significant(peak.value),
            "error_of_these_maxima_below": PEAK_ERROR,
        }


def _ratio(engine: TwoQubitEngine) -> Array:
    return np.asarray(engine.net_current() / engine.critical_current())


def _curves(engine: TwoQubitEngine, printed: WeakCoupling) -> dict[str, Array]:
    return {
        "ratio": _ratio(engine),
        "N": engine.negativity(),
        "ratio_eqs": np.asarray(eq12_heat_current(printed) / eq18_critical_current(printed)),
    }
