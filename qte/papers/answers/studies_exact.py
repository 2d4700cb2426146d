"""Question 6 by an exact method: the three-dot machine by hierarchies of equations, a point in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qte.data.studies import study
from qte.data.tables import Column
from qte.exact.hierarchy import Hierarchy, OpenSystem, Resolution
from qte.exact.hierarchy_convergence import converged
from qte.papers.answers.models.open_triple_dot import open_system, singlet_concurrence
from qte.papers.answers.studies_beyond import AXES, Settings, equation, observed

Array = NDArray[np.float64]


@study("exact_triple_dot")
@dataclass(frozen=True, kw_only=True)
class ExactTripleDot(Settings):
    """Hierarchies of equations beside the two equations, each point with what depth, terms and band width leave.

    Parameters
    ----------
    width_over_T : float
        Of the bands, around the chemical potential of each reservoir.
    depth, terms : int
        Of the hierarchy.
    tolerance : float
        Largest trace distance that any of the three may leave; a point that leaves more ends the run.
    """

    width_over_T: float
    depth: int
    terms: int
    tolerance: float

    # A point takes seconds.
    block: ClassVar[int] = 1
    columns: ClassVar[tuple[Column, ...]] = (
        *AXES,
        *observed("local", "local Lindblad equation (2) of qubits"),
        *observed("redfield", "Redfield equation with Lamb shifts, electrons"),
        *observed("electrons", "hierarchy of equations, electrons"),
        *observed("qubits", "hierarchy of equations, qubits"),
        Column("depth", "1", "trace distance that the depth leaves of electrons", "depth"),
        Column("terms", "1", "trace distance that the terms of the expansion leave of electrons", "terms"),
        Column("width", "1", "trace distance to flat bands, electrons", "width"),
    )

    def values(self, point: Mapping[str, Array]) -> Mapping[str, Array]:
        rows = [
            self._at({name: np.asarray(axis[k]) for name, axis in point.items()})
            for k in range(len(point["U"]))
        ]
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def _at(self, point: Mapping[str, Array]) -> dict[str, float]:
        found: dict[str, float] = {}
        for ending, particles, approach in (
            ("local", "qubits", "local"),
            ("redfield", "electrons", "shifted"),
        ):
            own = equation(self.machine(point, particles, approach), ending)
            found |= {name: float(value) for name, value in own.items()}
        resolution = Resolution(self.depth, self.terms)
        certified = converged(self._system(point, "electrons"), resolution, self.tolerance)
        # the same machine but for a sign: what is left of it is as small
        others = Hierarchy(self._system(point, "qubits"), resolution)
        for ending, hierarchy, steady in (
            ("electrons", certified.hierarchy, certified.steady),
            ("qubits", others, others.steady_state()),
        ):
            machine = self.machine(point, ending)
            found[f"C_{ending}"] = singlet_concurrence(steady.state)
            found[f"J_{ending}"] = (steady.energy_current(1) - steady.energy_current(3)) / 2
            found[f"t_{ending}"] = hierarchy.settling_time(machine.singlet(), machine.empty())
        left = certified.certificate
        return found | {"depth": left.depth, "terms": left.terms, "width": left.width}

    def _system(self, point: Mapping[str, Array], particles: str) -> OpenSystem:
        return open_system(self.machine(point, particles), self.width_over_T * self.T)
