"""Question 1: is the thermal state optimal under detuning? (khandelwal2020, section 6; figure answers/detuned)

Variables of the searches: ``chill``, 0 for an infinitely hot bath, beta = chill/(1 - chill) eps_h otherwise; ``bias``,
the difference of the inverse temperatures; and rates gamma (2 n + 1) at which the baths relax their qubits.  Of the
secular equation only the ratio of the rates matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.common.optimise import Maximum, find_root, maximise, require_accuracy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.papers.answers.parts import Array, Reservoir, XState, engine_state
from qte.sweeps.optimise_many import Optimum, maximise_over

# Differences of negativity that the searches take for none, and what is promised of a boundary, relative to g.
NEGLIGIBLE: Final = 1e-14
BOUNDARY: Final = 1e-6
# Tolerance of places of maxima, of whose square the values feel.
SHARP: Final = 1e-6
# The chill of the coldest hot bath of the searches, T = eps_h/49: below it no thermal state of these g is the best.
COLDEST: Final = 0.98
# beta_c - beta_h of the far branch, where the cold bath does not excite its qubit: T_c = eps_h/100 at T_h = infinity.
FROZEN: Final = 100.0

DELTA = Column("delta", "eps_h", "detuning eps_c - eps_h", r"$\delta/\varepsilon_h$")
G = Column("g", "eps_h", "coupling of the qubits", r"$g/\varepsilon_h$")


def engine(
    delta: ArrayLike,
    g: ArrayLike,
    *,
    chill: Array,
    bias: ArrayLike,
    hot: ArrayLike,
    cold: ArrayLike,
    secular: bool = True,
) -> XState:
    """The steady state between baths that relax their qubits at the rates `hot` and `cold`; eps_h = 1."""
    beta = chill / (1 - chill)
    eps_c = 1.0 + np.asarray(delta)
    return engine_state(
        delta,
        g,
        Reservoir.relaxing(beta, hot, 1.0),
        Reservoir.relaxing(np.asarray(beta + np.asarray(bias)), cold, eps_c),
        secular=secular,
    )


def best_thermal(delta: ArrayLike, g: ArrayLike) -> Maximum:
    """The thermal state with most entanglement, over its temperature."""
    return maximise(
        lambda chill: engine(delta, g, chill=chill, bias=0.0, hot=1.0, cold=1.0).margin(),
        0.0,
        COLDEST,
        shape=np.broadcast_shapes(np.shape(delta), np.shape(g)),
        scan=17,
        tolerance=SHARP,
    )


def best_engine(delta: ArrayLike, g: ArrayLike, *, least_bias: float = 0.01, starts: int = 10) -> Optimum:
    """The engine with most entanglement by the secular equation, over both temperatures and the rates' ratio."""
    return maximise_over(
        lambda chill, bias, ratio: engine(delta, g, chill=chill, bias=bias, hot=1.0, cold=ratio).margin(),
        {"chill": (0.0, COLDEST), "bias": (least_bias, FROZEN, "log"), "ratio": (1e-4, 1e4, "log")},
        shape=np.broadcast_shapes(np.shape(delta), np.shape(g)),
        starts=starts,
        negligible=NEGLIGIBLE,
    )


def best_redfield_engine(
    delta: ArrayLike, g: ArrayLike, cap: ArrayLike, *, least_bias: float = 1.0, starts: int = 8
) -> Optimum:
    """The same by the Redfield equation, over both rates, in units of the largest allowed, `cap`."""
    top = np.asarray(cap, dtype=float)
    return maximise_over(
        lambda chill, bias, hot, cold: engine(
            delta, g, chill=chill, bias=bias, hot=hot * top, cold=cold * top, secular=False
        ).margin(),
        {
            "chill": (0.0, COLDEST),
            "bias": (least_bias, FROZEN, "log"),
            "hot": (1e-5, 1.0, "log"),
            "cold": (1e-5, 1.0, "log"),
        },
        shape=np.broadcast_shapes(np.shape(delta), np.shape(g)),
        starts=starts,
        negligible=NEGLIGIBLE,
    )


@study("detuned_gain")
@dataclass(frozen=True, kw_only=True)
class DetunedGain:
    """Negativity that the best engine has beyond the best thermal state, hot bath at the smaller gap."""

    g: Values
    delta: Grid

    def check(self) -> None:
        _in_domain(np.array(self.g)[:, None], self.delta.points)
        check.require("delta", self.delta.points, self.delta.points > 0, "be > 0")

    def table(self) -> Table:
        g, delta = np.array(self.g)[:, None], self.delta.points
        thermal, best = best_thermal(delta, g), best_engine(delta, g, starts=6)
        beta = best.x["chill"] / (1 - best.x["chill"])
        with np.errstate(divide="ignore"):
            hot = np.where(best.end["chill"] == -1, np.inf, 1 / beta)
        return Table.from_grid(
            axes={"g": self.g, "delta": delta},
            values={
                "N": best.value,
                "N_thermal": thermal.value,
                "gain": best.value - thermal.value,
                "T_h": hot,
                "T_c": 1 / (beta + best.x["bias"]),
                "ratio": best.x["ratio"],
            },
            columns=(
                G,
                DELTA,
                Column("N", "1", "negativity of the best engine", r"$N$"),
                Column("N_thermal", "1", "negativity of the best thermal state", r"$N_{th}$"),
                Column("gain", "1", "their difference", r"$N - N_{th}$"),
                Column("T_h", "eps_h", "best temperature of the hot bath", r"$T_h/\varepsilon_h$", True),
                Column("T_c", "eps_h", "best temperature of the cold bath", r"$T_c/\varepsilon_h$"),
                Column("ratio", "1", "relaxation by the cold bath over that by the hot one", "ratio"),
            ),
            facts={
                "points": int(best.value.size),
                "points_at_infinite_hot_temperature": int((best.end["chill"] == -1).sum()),
                "fewest_starts_that_agree": int(best.agreeing.min()),
                "starts": best.starts,
            },
        )  # fmt: skip


@study("detuned_boundary")
@dataclass(frozen=True, kw_only=True)
class DetunedBoundary:
    """The coupling below which an engine with the hot bath at the larger gap beats the best thermal state."""

    delta: Grid
    g_min: float
    g_max: float
    rates_over_g: float
    rates_over_gap: float

    def check(self) -> None:
        _in_domain(self.g_max, self.delta.points)
        check.require("delta", self.delta.points, self.delta.points <= 0, "be <= 0")

    def table(self) -> Table:
        delta = self.delta.points
        there = np.stack([delta < 0, delta < 0, delta <= 0])
        free, narrow, wide = np.where(there, self._boundaries(there), np.nan)
        name = "coupling below which the engine wins, "
        return Table.from_grid(
            axes={"delta": delta},
            values={"g_secular": free, "g_redfield": narrow, "g_wide": wide},
            columns=(
                DELTA,
                Column("g_secular", "eps_h", name + "secular", r"$g/\varepsilon_h$", True),
                Column("g_redfield", "eps_h", name + "Redfield, rates below a part of g", r"$g/\varepsilon_h$", True),
                Column("g_wide", "eps_h", name + "Redfield, rates below a part of the gap", r"$g/\varepsilon_h$"),
            ),
            facts={"boundaries_known_to_a_part_of": BOUNDARY},
        )  # fmt: skip

    def _boundaries(self, there: NDArray[np.bool_]) -> Array:
        """Where the best engine far from equilibrium and the best thermal state change places, shape (3, deltas)."""
        delta = self.delta.points

        def lead(g: Array) -> Array:
            free, limited = g[..., :1, :], g[..., 1:, :]
            caps = np.where([[True], [False]], self.rates_over_g * limited, self.rates_over_gap)
            best = far_engine(delta, free), far_engine(delta, limited, caps, secular=False)
            return np.concatenate([far.value for far in best], axis=-2) - best_thermal(delta, g).value

        found = find_root(
            lead, self.g_min, self.g_max, shape=there.shape, scale="log", scan=5, tolerance=BOUNDARY / 2
        )
        require_accuracy("The boundary", (found.error / found.x)[there], BOUNDARY)
        return found.x


def far_engine(delta: ArrayLike, g: ArrayLike, cap: ArrayLike = 1.0, *, secular: bool = True) -> Maximum:
    """Largest n of eq. (16) far from equilibrium, over the hot rate: hot bath infinitely hot, cold bath frozen.

    The cold bath relaxes its qubit at the rate `cap`, the largest allowed; that this is the best of all four
    parameters where the boundary lies is the business of the ledger's check.
    """
    top = np.asarray(cap, dtype=float)
    return maximise(
        lambda part: engine(
            delta, g, chill=np.zeros(()), bias=FROZEN, hot=part * top, cold=top, secular=secular
        ).margin(),
        1e-4,
        1e4 if secular else 1.0,
        shape=np.broadcast_shapes(np.shape(delta), np.shape(g)),
        scale="log",
        scan=17,
        tolerance=SHARP,
    )


def _in_domain(g: ArrayLike, delta: Array) -> None:
    """g^2 < eps_h eps_c, beyond which an entangled state is the ground state."""
    check.real("g", g, above=0.0)
    check.require("delta", delta, delta > -1, "be > -eps_h, so that eps_c > 0")
    check.require("g", g, np.square(g) < 1 + delta, "be smaller than eps (g**2 < eps_h eps_c)")
