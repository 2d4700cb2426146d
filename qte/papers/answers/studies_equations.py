"""Question 10: which equation when? Two coupled levels of free electrons, where the truth is an integral."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common.matrices import modulus
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.exact.landauer import pair_margin
from qte.papers.answers.models.two_levels import EQUATIONS, TwoLevels

Array = NDArray[np.float64]

# Of the integrals of tables, which are compared to a part of a thousand and drawn.
TOLERANCE = 1e-8

G = Column("g", "gamma", "coupling of the levels", r"$g/\gamma$")
DELTA = Column("delta", "gamma", "detuning of the levels", r"$\delta/\gamma$")
GAMMA = Column("gamma", "eps", "rate of either lead", r"$\gamma/\varepsilon$")
T_H = Column("T_h", "eps", "temperature of the hot lead", r"$T_h/\varepsilon$")
BAND = Column("band", "eps", "half width of the leads' bands", r"$W/\varepsilon$")
NAMES = {
    "local": "local",
    "partial": "partial secular",
    "secular": "secular",
    "redfield": "Redfield",
    "shifted": "Redfield with Lamb shift",
}
CURRENT = Column("J", "eps^2", "exact energy current out of the hot lead", r"$J/\varepsilon^2$")
COHERENCE = Column("c", "1", "exact modulus of the coherence of the levels", r"$|c|$")
CONCURRENCE = Column(
    "C", "1", "exact concurrence of the levels read as qubits, no entanglement below 0", r"$C$"
)
OF_J = tuple(
    Column(f"J_{e}", "1", f"J, {NAMES[e]}, over the exact one, less 1", r"$\Delta J/J$") for e in EQUATIONS
)
OF_C = tuple(Column(f"C_{e}", "1", f"the same, {NAMES[e]}", r"$C$") for e in EQUATIONS)
OF_COHERENCE = tuple(
    Column(
        f"c_{e}",
        "1",
        f"distance of the coherence, {NAMES[e]}, from the exact one over that",
        r"$|\Delta c|/|c|$",
    )
    for e in EQUATIONS
)


def errors(levels: TwoLevels, tolerance: float = TOLERANCE) -> Mapping[str, Array]:
    """What the columns hold, by name, each of the shape of the levels."""
    current, covariance = levels.exact(tolerance)
    beside = covariance[..., 0, 1]
    size = modulus(beside)
    found: dict[str, Array] = {"J": current, "c": size, "C": pair_margin(covariance)}
    for equation in EQUATIONS:
        flow, state = levels.by(equation)
        found[f"J_{equation}"] = flow / current - 1
        found[f"c_{equation}"] = modulus(state[..., 0, 1] - beside) / size
        found[f"C_{equation}"] = pair_margin(state)
    return found


@study("equations_map")
@dataclass(frozen=True, kw_only=True)
class EquationsMap:
    """Current, coherence and concurrence by every equation over the coupling, the detuning and the temperature."""

    gamma: float
    T_c: float
    cutoff: float
    T_h: Values
    delta: Grid
    g: Grid

    def check(self) -> None:
        self._levels()

    def table(self) -> Table:
        return Table.from_grid(
            axes={"T_h": self.T_h, "delta": self.delta.points, "g": self.g.points},
            values=errors(self._levels()),
            columns=(T_H, DELTA, G, CURRENT, COHERENCE, CONCURRENCE, *OF_J, *OF_COHERENCE, *OF_C),
        )

    def _levels(self) -> TwoLevels:
        return TwoLevels(
            g=self.gamma * self.g.points,
            delta=self.gamma * self.delta.points[:, None],
            gamma=self.gamma,
            T_h=np.array(self.T_h)[:, None, None],
            T_c=self.T_c,
            cutoff=self.cutoff,
        )


@dataclass(frozen=True, kw_only=True)
class _AtOnePoint:
    """One point of the map, in units of the rate."""

    g: float
    delta: float
    T_h: float
    T_c: float
    cutoff: float

    def levels(self, gamma: ArrayLike, band: ArrayLike | None = None) -> TwoLevels:
        rate = np.asarray(gamma, dtype=float)
        return TwoLevels(
            g=self.g * rate,
            delta=self.delta * rate,
            gamma=rate,
            T_h=self.T_h,
            T_c=self.T_c,
            cutoff=self.cutoff,
            band=band,
        )


@study("equations_rates")
@dataclass(frozen=True, kw_only=True)
class EquationsRates(_AtOnePoint):
    """The same at one point of the map against the rate of the leads: how weak is weak enough."""

    gamma: Grid

    def check(self) -> None:
        self.levels(self.gamma.points)

    def table(self) -> Table:
        return Table.from_grid(
            axes={"gamma": self.gamma.points},
            values=errors(self.levels(self.gamma.points)),
            columns=(GAMMA, CURRENT, COHERENCE, CONCURRENCE, *OF_J, *OF_COHERENCE, *OF_C),
        )


@study("equations_band")
@dataclass(frozen=True, kw_only=True)
class EquationsBand(_AtOnePoint):
    """The same at one point and one rate against the width of the leads' bands, which no equation knows of."""

    gamma: float
    band: Grid

    def check(self) -> None:
        self.levels(self.gamma)

    def table(self) -> Table:
        return Table.from_grid(
            axes={"band": self.band.points},
            values=errors(self.levels(self.gamma, self.band.points)),
            columns=(BAND, CURRENT, COHERENCE, CONCURRENCE, *OF_J, *OF_COHERENCE, *OF_C),
        )
