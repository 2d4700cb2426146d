"""Studies of man2019 with the individual reservoirs at one temperature: figures 2 and 3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qte.common.optimise import find_root, maximise, require_accuracy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Table
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.papers.man2019.parts import (
    C_AB,
    C_ABC,
    GAIN,
    Q_C,
    Array,
    common_temperature,
    engine,
    listed,
    margin,
    temperature,
)

# What the figures promise of their maxima and roots, in units of Gamma.
FOUND_TO = 1e-10
# A change of the concurrence below this is round-off.
ROUND_OFF = 1e-13


@dataclass(frozen=True, kw_only=True)
class Equilibrium:
    """Resonant qubits, ``T_A = T_B = T``, one rate everywhere."""

    eps: float
    Omega: float
    Gamma: float
    T: Grid

    def engine(self, T: Any, T_C: Any) -> CommonReservoirEngine:
        """The engine at temperatures that broadcast."""
        return engine(eps=self.eps, Omega=self.Omega, Gamma=self.Gamma, T_A=T, T_B=T, T_C=T_C)

    def alone(self, T: Any) -> CommonReservoirEngine:
        """The engine without the common reservoir."""
        return self.engine(T, 0.0).without_common()

    def end_of_entanglement(self) -> list[float | None]:
        """Temperature at which the qubits alone cease to be entangled."""
        last = find_root(lambda T: margin(self.alone(T)), self.eps / 50, 10 * self.eps, scale="log", scan=257)
        require_accuracy("The temperature at which C_AB vanishes", last.error, FOUND_TO)
        return listed(last.x)


@study("equilibrium_map")
@dataclass(frozen=True, kw_only=True)
class EquilibriumMap(Equilibrium):
    """Change of the concurrence by the common reservoir over both temperatures (figure 2a)."""

    T_C: Grid

    def check(self) -> None:
        self._machine()

    def table(self) -> Table:
        T, T_C = self.T.points, self.T_C.points
        with_common = self._machine().concurrence()
        without = self.alone(T).concurrence()[:, None]
        gain = with_common - without
        wrong = (np.abs(gain) > ROUND_OFF) & (np.sign(gain) != np.sign(T[:, None] - T_C))
        return Table.from_grid(
            axes={"T": T, "T_C": T_C},
            values={"C": with_common, "C_AB": without, "dC": gain},
            columns=(temperature("Gamma"), common_temperature("Gamma"), C_ABC, C_AB, GAIN),
            facts={
                "points_where_dC_lacks_the_sign_of_T_minus_T_C": int(wrong.sum()),
                "T_where_C_AB_ends": self.end_of_entanglement()[0],
                "error_below": FOUND_TO,
            },
        )

    def _machine(self) -> CommonReservoirEngine:
        return self.engine(self.T.points[:, None], self.T_C.points)


@study("equilibrium_curves")
@dataclass(frozen=True, kw_only=True)
class EquilibriumCurves(Equilibrium):
    """Concurrence and heat current against T for several T_C, and without R_C (figures 2b and 3)."""

    T_C: Values

    def check(self) -> None:
        self._machine()

    def table(self) -> Table:
        machine = self._machine()
        return Table.from_grid(
            axes={"T_C": self.T_C, "T": self.T.points},
            values={
                "C": machine.concurrence(),
                "Q_C": machine.net_current(),
                "C_AB": self.alone(self.T.points).concurrence(),
            },
            columns=(common_temperature("Gamma"), temperature("Gamma"), C_ABC, Q_C, C_AB),
            facts=self._facts(),
        )

    def _machine(self) -> CommonReservoirEngine:
        return self.engine(self.T.points, np.array(self.T_C)[:, None])

    def _facts(self) -> dict[str, Any]:
        T_C = np.array(self.T_C)
        ends, shape = (self.T.start, self.T.stop), (len(T_C),)
        best = maximise(lambda T: margin(self.engine(T, T_C)), *ends, shape=shape, scan=65)
        alone = maximise(lambda T: margin(self.alone(T)), *ends, scan=65)
        require_accuracy("The temperature of the largest C", best.error, FOUND_TO)
        require_accuracy("The temperature of the largest C_AB", alone.error, FOUND_TO)
        return {
            "order_of_lists": "as T_C",
            "C_where_T_is_T_C": listed(self._on_the_line(T_C)),
            "T_of_largest_C": listed(best.x, 10),
            "largest_C": listed(np.maximum(best.value, 0.0)),
            "T_of_largest_C_AB": listed(alone.x, 10)[0],
            "largest_C_AB": listed(alone.value)[0],
            "T_where_C_AB_ends": self.end_of_entanglement()[0],
            "errors_below": FOUND_TO,
        }

    def _on_the_line(self, T_C: Array) -> Array:
        return self.alone(T_C).concurrence()
