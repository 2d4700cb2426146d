"""Studies of khandelwal2020, section 6: strong coupling against weak and against equilibrium (figure 6).

What is maximised is n of eq. (16), which stays smooth where the state is separable;
where its maximum is not positive there is no entanglement to optimise, N is 0 and
the optimal parameters are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qte.common import parameters as check
from qte.common.optimise import Maximum, find_root, maximise, require_accuracy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.khandelwal2020.equations_strong import eq35_thermal_negativity
from qte.papers.khandelwal2020.parts import NEGATIVITY, Array, bound, listed, margin

# What figure 6 promises of the optimal parameters, relative to each.
OPTIMUM_ERROR = 1e-7

T_H = Column("T_h", "eps", "temperature of the hot bath", r"$T_h/\varepsilon$")
G = Column("g", "eps", "coupling of the qubits", r"$g/\varepsilon$")
GAMMA_C = Column("gamma_c", "eps", "optimal coupling to the cold bath", r"$\gamma_c/\varepsilon$", True)
N_THERMAL = Column("N_thermal", "1", "negativity of the thermal state", r"$N(\rho_{th})$")
N_EQ35 = Column("N_eq35", "1", "negativity of the thermal state, eq. (35)", r"$N(\rho_{th})$, eq. (35)")


@study("global_against_temperature")
@dataclass(frozen=True, kw_only=True)
class GlobalAgainstTemperature:
    """Negativity at strong coupling against T_h, gamma_c optimised; thermal state (figure 6a)."""

    eps: float
    g: Values
    T_h: Grid
    T_c: float
    gamma_h: float
    gamma_c_min: float
    gamma_c_max: float

    def check(self) -> None:
        _bounds(gamma_c_min=self.gamma_c_min, gamma_c_max=self.gamma_c_max)
        self._engine(np.array(self.g)[:, None], self.T_h.points, self.gamma_c_max)

    def table(self) -> Table:
        g = np.array(self.g)[:, None]
        best = self._best(g, self.T_h.points)
        thermal = _thermal(self.eps, g, self.T_h.points)
        return Table.from_grid(
            axes={"g": self.g, "T_h": self.T_h.points},
            values={
                "N": np.maximum(best.value, 0.0),
                "gamma_c": _where_entangled(best, best.x),
                "N_thermal": thermal.negativity(),
                "N_eq35": eq35_thermal_negativity(self.eps, g, self.T_h.points),
            },
            columns=(G, T_H, NEGATIVITY, GAMMA_C, N_THERMAL, N_EQ35),
            facts=_facts(best, "optimal_gamma") | self._overtaking(),
        )

    def _best(self, g: ArrayLike, hot: Array) -> Maximum:
        return maximise(
            lambda x: margin(self._engine(g, hot, x)),
            self.gamma_c_min,
            self.gamma_c_max,
            shape=np.broadcast_shapes(np.shape(g), hot.shape),
            scale="log",
            scan=17,
        )

    def _overtaking(self) -> dict[str, object]:
        """Where the optimised engine begins to be more entangled than the thermal state at T = T_h."""
        g = np.array(self.g)
        overtakes = find_root(
            lambda hot: self._best(g, hot).value - margin(_thermal(self.eps, g, hot)),
            self.T_h.start,
            self.T_h.stop,
            shape=g.shape,
            tolerance=1e-10,
        )
        return {
            "order_of_lists": "as g",
            "temperature_above_which_the_engine_beats_the_thermal_state": listed(overtakes.x, 9),
            "such_changes_of_order_seen": [int(n) for n in overtakes.crossings],
        }

    def _engine(self, g: ArrayLike, hot: ArrayLike, gamma_c: ArrayLike) -> TwoQubitEngine:
        return TwoQubitEngine(
            eps_h=self.eps,
            g=g,
            T_h=hot,
            T_c=self.T_c,
            gamma_h=self.gamma_h,
            gamma_c=gamma_c,
            approach="global",
        )


@study("local_optimum")
@dataclass(frozen=True, kw_only=True)
class LocalOptimum:
    """Largest negativity at weak coupling against T_h, over g and gamma_c (figure 6a)."""

    eps: float
    T_h: Grid
    T_c: float
    gamma_h: float
    g_min: float
    g_max: float
    gamma_c_min: float
    gamma_c_max: float

    def check(self) -> None:
        _bounds(gamma_c_min=self.gamma_c_min, gamma_c_max=self.gamma_c_max)
        _bounds(g_min=self.g_min, g_max=self.g_max)
        self._engine(self.g_max, self.gamma_c_max)

    def table(self) -> Table:
        best = maximise(
            lambda g: self._over_gamma(g).value,
            self.g_min,
            self.g_max,
            shape=(len(self.T_h),),
            scale="log",
            scan=17,
            tolerance=1e-8,
        )
        inner = self._over_gamma(best.x[None])
        require_accuracy("The optimal gamma_c", inner.error / inner.x, OPTIMUM_ERROR)
        return Table.from_grid(
            axes={"T_h": self.T_h.points},
            values={
                "N": np.maximum(best.value, 0.0),
                "g": _where_entangled(best, best.x),
                "gamma_c": _where_entangled(best, inner.x[0]),
            },
            columns=(
                T_H,
                NEGATIVITY,
                Column("g", "eps", "optimal coupling of the qubits", r"$g/\varepsilon$", True),
                GAMMA_C,
            ),
            facts=_facts(best, "optimal_g"),
        )

    def _over_gamma(self, g: Array) -> Maximum:
        return maximise(
            lambda x: margin(self._engine(g, x)),
            self.gamma_c_min,
            self.gamma_c_max,
            shape=g.shape,
            scale="log",
            scan=17,
            tolerance=1e-9,
        )

    def _engine(self, g: ArrayLike, gamma_c: ArrayLike) -> TwoQubitEngine:
        return TwoQubitEngine(
            eps_h=self.eps, g=g, T_h=self.T_h.points, T_c=self.T_c, gamma_h=self.gamma_h, gamma_c=gamma_c
        )


@study("global_against_coupling")
@dataclass(frozen=True, kw_only=True)
class GlobalAgainstCoupling:
    """Negativity at strong coupling against g, T_h optimised (figure 6b)."""

    eps: float
    g: Grid
    gamma_c: Values
    gamma_h: float
    T_c: float
    T_h_min: float
    T_h_max: float

    def check(self) -> None:
        _bounds(T_h_min=self.T_h_min, T_h_max=self.T_h_max)
        self._engine(self.T_h_max)

    def table(self) -> Table:
        best = maximise(
            lambda x: margin(self._engine(x)),
            self.T_h_min,
            self.T_h_max,
            shape=(len(self.gamma_c), len(self.g)),
            scale="log",
        )
        return Table.from_grid(
            axes={"gamma_c": self.gamma_c, "g": self.g.points},
            values={"N": np.maximum(best.value, 0.0), "T_h": _where_entangled(best, best.x)},
            columns=(
                Column("gamma_c", "eps", "coupling to the cold bath", r"$\gamma_c/\varepsilon$"),
                G,
                NEGATIVITY,
                Column("T_h", "eps", "optimal temperature of the hot bath", r"$T_h/\varepsilon$", True),
            ),
            facts=_facts(best, "optimal_temperature"),
        )

    def _engine(self, hot: ArrayLike) -> TwoQubitEngine:
        return TwoQubitEngine(
            eps_h=self.eps,
            g=self.g.points,
            T_h=hot,
            T_c=self.T_c,
            gamma_h=self.gamma_h,
            gamma_c=np.array(self.gamma_c)[:, None],
            approach="global",
        )


@study("thermal_optimum")
@dataclass(frozen=True, kw_only=True)
class ThermalOptimum:
    """Negativity of the thermal state against g, T optimised (figure 6b)."""

    eps: float
    g: Grid
    T_min: float
    T_max: float

    def check(self) -> None:
        _bounds(T_min=self.T_min, T_max=self.T_max)
        _thermal(self.eps, self.g.points, self.T_max)

    def table(self) -> Table:
        best = maximise(
            lambda x: margin(_thermal(self.eps, self.g.points, x)),
            self.T_min,
            self.T_max,
            shape=(len(self.g),),
            scale="log",
        )
        return Table.from_grid(
            axes={"g": self.g.points},
            values={
                "N": np.maximum(best.value, 0.0),
                "T": _where_entangled(best, best.x),
                "N_eq35": eq35_thermal_negativity(self.eps, self.g.points, best.x),
            },
            columns=(
                G,
                Column("N", "1", "largest negativity of the thermal state", r"$N(\rho_{th})$"),
                Column("T", "eps", "optimal temperature", r"$T/\varepsilon$", True),
                N_EQ35,
            ),
            facts=_facts(best, "optimal_temperature"),
        )


def _thermal(eps: float, g: ArrayLike, temperature: ArrayLike) -> TwoQubitEngine:
    """The engine between two baths of one temperature, whose steady state is the thermal one."""
    equal: dict[str, Any] = {"T_h": temperature, "T_c": temperature}
    return TwoQubitEngine(eps_h=eps, g=g, gamma_h=1.0, gamma_c=1.0, approach="global", **equal)


def _where_entangled(best: Maximum, x: Array) -> Array:
    return np.where(best.value > 0, x, np.nan)


def _facts(best: Maximum, name: str) -> dict[str, object]:
    """How well an optimum is known, and how it came out over the grid."""
    there = best.value > 0
    error = (best.error / best.x)[there]
    require_accuracy(f"The {name.replace('_', ' ')}", error, OPTIMUM_ERROR)
    return {
        f"relative_error_of_{name}_below": bound(error),
        "most_local_maxima_seen": int(best.peaks[there].max(initial=0)),
        f"points_with_{name}_at_lower_bound": int((best.end[there] < 0).sum()),
        f"points_with_{name}_at_upper_bound": int((best.end[there] > 0).sum()),
        "points_without_entanglement": int((~there).sum()),
        "points": int(there.size),
    }


def _bounds(**ends: float) -> None:
    """Two bounds of a logarithmic search, lower first."""
    (low_name, low), (high_name, high) = ends.items()
    check.real(low_name, low, above=0.0)
    check.require(high_name, high, high > low, f"be larger than {low_name} = {low!r}")
