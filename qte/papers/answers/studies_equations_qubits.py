"""Question 10 for two qubits: every equation against hierarchies of equations, a point in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qte.data.partitioned import GridStudy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column
from qte.exact.hierarchy import Resolution, SteadyState
from qte.exact.hierarchy_convergence import converged
from qte.papers.answers.models.two_qubits import EQUATIONS, TwoQubits, signed_negativity
from qte.papers.answers.studies_equations import NAMES

Array = NDArray[np.float64]

AXES = (
    Column("gamma", "eps", "rate of the cold bath at the mean gap", r"$\gamma/\varepsilon$"),
    Column("T_h", "eps", "temperature of the hot bath", r"$T_h/\varepsilon$"),
    Column("delta", "gamma", "detuning of the qubits, of the cold one against the hot", r"$\delta/\gamma$"),
    Column("g", "gamma", "coupling of the qubits", r"$g/\gamma$"),
)
NEGATIVITY = "minus the smallest eigenvalue of the partial transpose, the negativity where positive"


@study("equations_qubits")
@dataclass(frozen=True, kw_only=True)
class EquationsQubits(GridStudy):
    """Current and negativity by a hierarchy and by every equation, each point with what depth and terms leave.

    Parameters
    ----------
    gamma, T_h, delta_over_gamma, g_over_gamma : grids
        Rate of the cold bath, hot temperature, detuning and coupling.
    hot : float
        Rate of the hot bath over that of the cold one.
    T_c, bath_cutoff : float
        Cold temperature; cut-off of the spectral density of both baths.
    secular_cutoff : float
        Of the partial secular equation, in rates of the cold bath.
    depth, terms : int
        Of the hierarchy.
    tolerance : float
        Largest trace distance that depth or terms may leave; a point that leaves more ends the run.
    """

    gamma: Grid
    T_h: Values
    delta_over_gamma: Grid
    g_over_gamma: Grid
    hot: float
    T_c: float
    bath_cutoff: float
    secular_cutoff: float
    depth: int
    terms: int
    tolerance: float

    # A point takes seconds.
    block: ClassVar[int] = 1
    columns: ClassVar[tuple[Column, ...]] = (
        *AXES,
        Column("J", "eps^2", "energy current out of the hot bath, hierarchy", r"$J/\varepsilon^2$"),
        Column("N", "1", f"{NEGATIVITY}, hierarchy", r"$N$"),
        *(
            Column(f"J_{e}", "1", f"J, {NAMES[e]}, over that of the hierarchy, less 1", r"$\Delta J/J$")
            for e in EQUATIONS
        ),
        *(Column(f"N_{e}", "1", f"the same as N, {NAMES[e]}", r"$N$") for e in EQUATIONS),
        Column("depth", "1", "trace distance that the depth leaves", "depth"),
        Column("terms", "1", "trace distance that the terms of the expansion leave", "terms"),
        Column("J_depth", "1", "part by which the last level changed J", r"$\Delta J/J$"),
        Column("J_terms", "1", "part by which the last two terms changed J", r"$\Delta J/J$"),
    )

    def axes(self) -> Mapping[str, Array]:
        return {
            "gamma": self.gamma.points,
            "T_h": np.asarray(self.T_h, dtype=float),
            "delta": self.delta_over_gamma.points,
            "g": self.g_over_gamma.points,
        }

    def check(self) -> None:
        Resolution(self.depth, self.terms)
        corner = {name: float(axis[-1]) for name, axis in self.axes().items()}
        self.qubits(corner).open_system()

    def values(self, point: Mapping[str, Array]) -> Mapping[str, Array]:
        rows = [
            self._at({name: float(axis[k]) for name, axis in point.items()}) for k in range(len(point["g"]))
        ]
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def qubits(self, point: Mapping[str, float]) -> TwoQubits:
        """The two qubits at one point of the axes."""
        gamma = point["gamma"]
        return TwoQubits(
            g=point["g"] * gamma,
            delta=point["delta"] * gamma,
            gamma_h=self.hot * gamma,
            gamma_c=gamma,
            T_h=point["T_h"],
            T_c=self.T_c,
            bath_cutoff=self.bath_cutoff,
            secular_cutoff=self.secular_cutoff,
        )

    def _at(self, point: Mapping[str, float]) -> dict[str, float]:
        qubits = self.qubits(point)
        exact = converged(qubits.open_system(), Resolution(self.depth, self.terms), self.tolerance)
        current, left = _current(exact.steady), exact.certificate
        found = {
            "J": current,
            "N": signed_negativity(exact.steady.state),
            "depth": left.depth,
            "terms": left.terms,
            "J_depth": abs(_current(exact.below) / current - 1),
            "J_terms": abs(_current(exact.shorter) / current - 1),
        }
        for equation in EQUATIONS:
            flow, state = qubits.by(equation)
            found[f"J_{equation}"] = flow / current - 1
            found[f"N_{equation}"] = signed_negativity(state)
        return found


def _current(steady: SteadyState) -> float:
    return steady.energy_current("h")
