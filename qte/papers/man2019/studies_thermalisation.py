"""Studies of man2019 with the individual reservoirs at different temperatures: figures 4 and 5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qte.common import elementary as el
from qte.common import parameters as check
from qte.common.optimise import Root, find_root, require_accuracy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.papers.man2019.equations import Model, eq19_effective_temperatures
from qte.papers.man2019.parts import C_AB, C_ABC, Q_C, Array, common_temperature, engine, listed

# What the figures promise of their roots, in units of Gamma.
FOUND_TO = 1e-10

T_A = Column("T_A", "Gamma", "temperature of reservoir A", r"$T_A$ $(\Gamma)$")
DETUNING = Column("delta_eps", "Gamma", "detuning eps_A - eps_B", r"$\Delta\varepsilon$ $(\Gamma)$")


@dataclass(frozen=True, kw_only=True)
class Biased:
    """Detuned qubits, ``T_A != T_B``, one rate everywhere."""

    eps_m: float
    Omega: float
    Gamma: float
    T_A: Values
    T_B: float

    def engine(self, delta_eps: Any, T_A: Any, T_C: Any = 0.0) -> CommonReservoirEngine:
        """The engine at detunings and temperatures that broadcast."""
        return engine(
            eps_m=self.eps_m,
            delta_eps=delta_eps,
            Omega=self.Omega,
            Gamma=self.Gamma,
            T_A=T_A,
            T_B=self.T_B,
            T_C=T_C,
        )

    def thermalisation(self, lower: float, upper: float) -> Root:
        """Detuning at which both effective temperatures agree, one for each T_A, and how many there are."""
        hot = np.array(self.T_A)

        def difference(delta_eps: Array) -> Array:
            first, second = effective_temperatures(self.engine(delta_eps, hot))
            return first - second

        root = find_root(difference, lower, upper, shape=hot.shape, scan=129)
        check.require("T_A", hot, root.crossings > 0, "have a detuning of equal effective temperatures")
        require_accuracy("The detuning of equal effective temperatures", root.error, FOUND_TO)
        return root


def effective_temperatures(machine: CommonReservoirEngine) -> tuple[Array, Array]:
    """T_eff(omega_1), T_eff(omega_2) from the populations without the common reservoir, shape (...) each.

    ``omega_1/ln(lambda_44/lambda_33)`` and ``omega_2/ln(lambda_44/lambda_22)``.
    """
    alone = machine.without_common()
    populations = np.diagonal(alone.steady_state().rho_in_frame, axis1=-2, axis2=-1).real
    first = machine.omega_1 / el.log(populations[..., 3] / populations[..., 2])
    second = machine.omega_2 / el.log(populations[..., 3] / populations[..., 1])
    return np.asarray(first), np.asarray(second)


@study("effective_temperatures")
@dataclass(frozen=True, kw_only=True)
class EffectiveTemperatures(Biased):
    """Both effective temperatures against the detuning, and where they agree (figure 4)."""

    delta_eps: Grid

    def check(self) -> None:
        self._machine()

    def table(self) -> Table:
        machine = self._machine()
        first, second = effective_temperatures(machine)
        printed = eq19_effective_temperatures(
            Model(
                eps_A=machine.eps_A,
                eps_B=machine.eps_B,
                Omega=self.Omega,
                T_A=machine.T_A,
                T_B=self.T_B,
                Gamma_A=self.Gamma,
                Gamma_B=self.Gamma,
            )
        )
        root = self.thermalisation(self.delta_eps.start, self.delta_eps.stop)
        level, _ = effective_temperatures(self.engine(root.x, np.array(self.T_A)))
        return Table.from_grid(
            axes={"T_A": self.T_A, "delta_eps": self.delta_eps.points},
            values={"T_1": first, "T_2": second, "T_1_eq19": printed[0], "T_2_eq19": printed[1]},
            columns=(T_A, DETUNING, *_columns()),
            facts={
                "order_of_lists": "as T_A",
                "detuning_of_one_temperature": listed(root.x, 11),
                "T_eff_there": listed(level, 11),
                "crossings_in_range": [int(n) for n in root.crossings],
                "errors_below": FOUND_TO,
            },
        )

    def _machine(self) -> CommonReservoirEngine:
        return self.engine(self.delta_eps.points, np.array(self.T_A)[:, None])


def _columns() -> tuple[Column, ...]:
    label = r"$T_{\mathrm{eff}}$ $(\Gamma)$"
    return tuple(
        Column(f"T_{j}{tail}", "Gamma", f"effective temperature at omega_{j}{source}", label)
        for tail, source in (("", ", from the steady state"), ("_eq19", ", eq. (19)"))
        for j in (1, 2)
    )


@study("common_temperature")
@dataclass(frozen=True, kw_only=True)
class CommonTemperature(Biased):
    """Heat current and concurrence against T_C at the thermalisation points (figure 5).

    `delta_eps` are the printed detunings, one for each `T_A`; our own are found
    between `delta_eps_min` and `delta_eps_max`.
    """

    delta_eps: Values
    T_C: Grid
    delta_eps_min: float
    delta_eps_max: float

    def check(self) -> None:
        one_each = len(self.delta_eps) == len(self.T_A)
        check.require("delta_eps", len(self.delta_eps), one_each, "have one value for each T_A")
        self._machine()

    def table(self) -> Table:
        machine = self._machine()
        return Table.from_grid(
            axes={"T_A": self.T_A, "T_C": self.T_C.points},
            values={
                "delta_eps": np.array(self.delta_eps)[:, None],
                "Q_C": machine.net_current(),
                "C": machine.concurrence(),
                "C_AB": machine.without_common().concurrence(),
            },
            columns=(T_A, DETUNING, common_temperature("Gamma"), Q_C, C_ABC, C_AB),
            facts=self._facts(),
        )

    def _machine(self) -> CommonReservoirEngine:
        return self.engine(np.array(self.delta_eps)[:, None], np.array(self.T_A)[:, None], self.T_C.points)

    def _facts(self) -> dict[str, Any]:
        root = self.thermalisation(self.delta_eps_min, self.delta_eps_max)
        level, _ = effective_temperatures(self.engine(root.x, np.array(self.T_A)))
        balanced, equal = self._marks(np.array(self.delta_eps))
        balanced_there, equal_there = self._marks(root.x)
        return {
            "order_of_lists": "as T_A",
            "T_C_where_Q_C_is_0": listed(balanced, 11),
            "T_C_where_C_is_C_AB": listed(equal, 10),
            "detuning_of_one_temperature": listed(root.x, 11),
            "T_eff_there": listed(level, 11),
            "T_C_where_Q_C_is_0_there": listed(balanced_there, 11),
            "T_C_where_C_is_C_AB_there": listed(equal_there, 10),
            "errors_below": FOUND_TO,
        }

    def _marks(self, delta_eps: Array) -> tuple[Array, Array]:
        """T_C at which Q_C vanishes, and at which the common reservoir leaves C as it is."""
        hot = np.array(self.T_A)
        without = self.engine(delta_eps, hot).without_common().concurrence()
        ends = np.minimum(hot, self.T_B), np.maximum(hot, self.T_B)
        balanced = find_root(
            lambda T_C: self.engine(delta_eps, hot, T_C).net_current(), *ends, shape=hot.shape
        )
        equal = find_root(
            lambda T_C: self.engine(delta_eps, hot, T_C).concurrence() - without, *ends, shape=hot.shape
        )
        require_accuracy("The T_C at which Q_C changes sign", balanced.error, FOUND_TO)
        require_accuracy("The T_C at which C is C_AB", equal.error, FOUND_TO)
        return balanced.x, equal.x
