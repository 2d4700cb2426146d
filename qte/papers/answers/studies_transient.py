"""Question 3: the critical current on the way to the steady state (khandelwal2020; figure answers/transient)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from qte.common import elementary as el
from qte.common import parameters as check
from qte.data.studies import Grid, study
from qte.data.tables import Column, Table
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.answers.parts import Array, XState

# States without entanglement and without coherence, hot qubit first.
STARTS: Final = ("00", "10", "01", "11")


def state_in_time(rho: Any) -> XState:
    """The numbers that decide a state without other coherence than between |10> and |01>."""
    rho = np.asarray(rho)
    beside = rho[..., 1, 2]
    return XState(el.hypot(beside.real, beside.imag), rho[..., 0, 0].real, rho[..., 3, 3].real)


def critical_current(engine: TwoQubitEngine, state: XState) -> Array:
    """Eq. (18) of khandelwal2020 with the populations of the moment, at resonance: 4 g eps sqrt(r_1 r_4)."""
    outer = np.sqrt(np.maximum(state.double, 0.0)) * np.sqrt(np.maximum(state.empty, 0.0))
    return np.asarray(4 * np.asarray(engine.g)[..., None] * np.asarray(engine.eps_h)[..., None] * outer)


def current_between(engine: TwoQubitEngine, rho: Any) -> Array:
    """Twice the energy that the qubits exchange, ``4 g eps |Im <10|rho|01>|`` at resonance: J in the steady state."""
    beside = np.abs(np.asarray(rho)[..., 1, 2].imag)
    return np.asarray(4 * np.asarray(engine.g)[..., None] * np.asarray(engine.eps_h)[..., None] * beside)


@study("transient")
@dataclass(frozen=True, kw_only=True)
class Transient:
    """Negativity, currents and the critical current in time, from states without entanglement."""

    eps_h: float
    g: float
    gamma_h: float
    gamma_c: float
    T_h: float
    T_c: float
    t: Grid

    def check(self) -> None:
        self._engine()
        check.real("t", self.t.points, minimum=0.0)

    def table(self) -> Table:
        engine = self._engine()
        time = self.t.points
        found: dict[str, list[Array]] = {name: [] for name in ("N", "bath", "between")}
        for start in STARTS:
            way = engine.evolve(start, time)
            state = state_in_time(way.rho)
            critical = critical_current(engine, state)
            found["N"].append(np.maximum(state.margin(), 0.0))
            with np.errstate(divide="ignore", invalid="ignore"):
                found["bath"].append(np.where(critical > 0, np.abs(way.net_current()) / critical, np.nan))
                found["between"].append(
                    np.where(critical > 0, current_between(engine, way.rho) / critical, np.nan)
                )
        values = {name: np.array(rows) for name, rows in found.items()}
        sure = np.isfinite(values["bath"])
        wrong = sure & ((values["bath"] > 1) != (values["N"] > 0))
        return Table.from_grid(
            axes={"start": np.arange(len(STARTS)), "t": time},
            values=values,
            columns=(
                Column("start", "1", "start: 0 for |00>, 1 for |10>, 2 for |01>, 3 for |11>", "start"),
                Column("t", "1/eps_h", "time", r"$t\,\varepsilon_h$"),
                Column("N", "1", "negativity", r"$N$"),
                Column("bath", "1", "current of the baths over the critical one", r"$|J|/J_c$", True),
                Column("between", "1", "current between the qubits over it", r"$J_{hc}/J_c$", True),
            ),
            facts={
                "steady_negativity": float(engine.negativity()),
                "largest_negativity": [float(rows.max()) for rows in values["N"]],
                "its_time": [float(time[rows.argmax()]) for rows in values["N"]],
                "share_of_time_misjudged_by_the_baths": [float(part.mean()) for part in wrong],
            },
        )  # fmt: skip

    def _engine(self) -> TwoQubitEngine:
        names = ("eps_h", "g", "gamma_h", "gamma_c", "T_h", "T_c")
        return TwoQubitEngine(**{name: getattr(self, name) for name in names})
