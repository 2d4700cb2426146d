"""Studies of santiagogarcia2024 at weak coupling: figures 2, 6 and 7."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qte.common import elementary as el
from qte.common import parameters as check
from qte.common.optimise import find_root, maximise, require_accuracy
from qte.data.studies import Grid, study
from qte.data.tables import Column, Table
from qte.machines.junction import Junction
from qte.machines.spin_chain import SpinChain
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import equations_appendix as appendix
from qte.papers.santiagogarcia2024.bridge import Bridge
from qte.papers.santiagogarcia2024.parts import (
    CONDUCTANCE,
    PEAK_ERROR,
    TEMPERATURE,
    TEMPERATURE_L,
    Array,
    largest_difference,
    rounded,
)

ROOT_ERROR = 1e-12


@study("weak_conductance")
@dataclass(frozen=True, kw_only=True)
class WeakConductance:
    """Conductance of one and of two weakly coupled qubits against temperature (figure 2)."""

    omega: float
    g: float
    gamma_L: float
    gamma_R: float
    T: Grid

    def check(self) -> None:
        self._one(self.T.points)
        self._two(self.T.points)

    def table(self) -> Table:
        t = self.T.points
        printed = Bridge(**self._fixed(), g=self.g, T_L=t, T_R=t)
        two = self._two(t).conductance()
        return Table.from_grid(
            axes={"T": t},
            values={
                "kappa_2": two,
                "kappa_1": self._one(t).conductance(),
                "kappa_2_eq14": eq.eq14_conductance(printed),
                "kappa_1_eq14": eq.text_conductance(printed),
            },
            columns=(
                TEMPERATURE,
                Column("kappa_2", "omega", "conductance of two qubits", CONDUCTANCE),
                Column("kappa_1", "omega", "conductance of one qubit", CONDUCTANCE),
                Column("kappa_2_eq14", "omega", "conductance of two qubits, eq. (14)", CONDUCTANCE),
                Column("kappa_1_eq14", "omega", "conductance of one qubit, below eq. (14)", CONDUCTANCE),
            ),
            facts=self._peaks() | {"two_qubits_differ_from_density_matrix_by_less_than": self._doubt(two)},
        )

    def _fixed(self) -> dict[str, Any]:
        return {"omega": self.omega, "gamma_L": self.gamma_L, "gamma_R": self.gamma_R}

    def _one(self, t: Array) -> Junction:
        return Junction(**self._fixed(), T_L=t, T_R=t)

    def _two(self, t: Array) -> SpinChain:
        return SpinChain(N=2, **self._fixed(), g=self.g, T_L=t, T_R=t)

    def _doubt(self, two: Array) -> float:
        """Largest relative difference between the moments and the 4 x 4 master equation."""
        t = self.T.points
        engine = TwoQubitEngine(
            eps_h=self.omega, g=self.g, gamma_h=self.gamma_L, gamma_c=self.gamma_R, T_h=t, T_c=t
        )
        return largest_difference(engine.conductance(), two)

    def _peaks(self) -> dict[str, object]:
        ends = self.T.start, self.T.stop
        two = maximise(lambda t: self._two(t).conductance(), *ends, scale="log", tolerance=PEAK_ERROR)
        one = maximise(lambda t: self._one(t).conductance(), *ends, scale="log", tolerance=PEAK_ERROR)
        require_accuracy("The temperature of the peak of two qubits", two.error, PEAK_ERROR)
        require_accuracy("The temperature of the peak of one qubit", one.error, PEAK_ERROR)
        printed = Bridge(**self._fixed(), g=self.g, T_L=1.0, T_R=1.0)
        near_two, near_one = eq.eq15_largest_conductance(printed)
        return {
            "peak_temperature_of_two_qubits": rounded(two.x),
            "peak_of_two_qubits": rounded(two.value),
            "peak_temperature_of_one_qubit": rounded(one.x),
            "peak_of_one_qubit": rounded(one.value),
            "error_of_peak_temperature_below": PEAK_ERROR,
            "eq15_for_two_qubits": rounded(near_two),
            "eq15_for_one_qubit": rounded(near_one),
        }


# alpha_0, alpha_1, alpha_2: statistics of both baths, system
KINDS = {"alpha_0": ("fermi", "qubit"), "alpha_1": ("bose", "qubit"), "alpha_2": ("fermi", "oscillator")}


@study("scaling_factors")
@dataclass(frozen=True, kw_only=True)
class ScalingFactors:
    """Ratio of the currents of two systems and of one, with the right bath at T = 0 (figure 6).

    `product` is gamma_L gamma_R/g^2, four times the x of the text.
    """

    omega: float
    g: float
    T_L: Grid
    product: Grid

    def check(self) -> None:
        check.require(
            "product", self.product.points, self.product.points > 0, "be > 0: without it no heat flows"
        )
        for statistics, system in KINDS.values():
            self._chain(statistics, system)

    def table(self) -> Table:
        values = {name: self._ratio(*kind) for name, kind in KINDS.items()}
        alike = self._ratio("bose", "oscillator")
        x, t = np.meshgrid(self.product.points / 4, self.T_L.points, indexing="ij")
        printed = {
            "alpha_0": appendix.eq34_scaling(x),
            "alpha_1": appendix.eq35_scaling(x, t, self.omega),
            "alpha_2": appendix.eq36_scaling(x, t, self.omega),
        }
        bath_and_system = ("bath and system alike", "bosonic bath, qubits", "fermionic bath, oscillators")
        columns = tuple(
            Column(name, "1", f"J of two systems over J of one; {kind}", rf"$\alpha_{name[-1]}$")
            for name, kind in zip(values, bath_and_system, strict=True)
        )
        return Table.from_grid(
            axes={"product": self.product.points, "T_L": self.T_L.points},
            values=values,
            columns=(
                Column("product", "1", "gamma_L gamma_R over g^2", r"$\gamma_L\gamma_R/g^2$"),
                TEMPERATURE_L,
                *columns,
            ),
            facts={
                "difference_from_eqs_34_to_36_below": max(
                    largest_difference(printed[name], values[name]) for name in values
                ),
                "alpha_0_of_bosons_on_oscillators_differs_by_less_than": largest_difference(
                    alike, values["alpha_0"]
                ),
                "smallest_alpha_2_minus_alpha_0": rounded(np.min(values["alpha_2"] - values["alpha_0"]), 3),
                "smallest_alpha_0_minus_alpha_1": rounded(np.min(values["alpha_0"] - values["alpha_1"]), 3),
            },
        )

    def _bath(self, statistics: str, system: str) -> dict[str, Any]:
        gamma = np.abs(self.g) * np.sqrt(self.product.points)[:, None]
        return {
            "omega": self.omega,
            "gamma_L": gamma,
            "gamma_R": gamma,
            "T_L": self.T_L.points,
            "T_R": 0.0,
            "statistics_L": statistics,
            "statistics_R": statistics,
            "system": system,
        }

    def _chain(self, statistics: str, system: str) -> SpinChain:
        return SpinChain(N=2, g=self.g, **self._bath(statistics, system))

    def _ratio(self, statistics: str, system: str) -> Array:
        one = Junction(**self._bath(statistics, system))
        return np.asarray(self._chain(statistics, system).net_current() / one.net_current())


@study("peak_equation")
@dataclass(frozen=True, kw_only=True)
class PeakEquation:
    """The equation whose root places the peak of the conductance of one mode (figure 7)."""

    x: Grid

    def check(self) -> None:
        check.require("x", self.x.points, self.x.points > 0, "be > 0: x = omega/T")

    def table(self) -> Table:
        x = self.x.points
        inverse = 1 / x
        root = find_root(eq_46, self.x.start, self.x.stop)
        require_accuracy("The root of 1/x = coth(x)/2", root.error, ROOT_ERROR)
        peak = maximise(_one_qubit, 1 / self.x.stop, 1 / self.x.start, scale="log", tolerance=PEAK_ERROR)
        require_accuracy("The temperature of the peak", peak.error, PEAK_ERROR)
        return Table.from_grid(
            axes={"x": x},
            values={"inverse": inverse, "half_coth": inverse - eq_46(x)},
            columns=(
                Column("x", "1", "energy of a mode over temperature", r"$x = \omega_\pm/T$"),
                Column("inverse", "1", "left-hand side of eqs. (46), (47)", r"$1/x$"),
                Column("half_coth", "1", "right-hand side of eqs. (46), (47)", r"$\coth(x)/2$"),
            ),
            facts={
                "root_x": rounded(root.x, 12),
                "root_y": rounded(1 / root.x, 12),
                "error_of_root_below": ROOT_ERROR,
                "crossings": int(root.crossings),
                "peak_temperature_of_one_qubit_over_omega": rounded(peak.x),
                "error_of_peak_temperature_below": PEAK_ERROR,
            },
        )


def eq_46(x: Array) -> Array:
    """1/x - coth(x)/2 of eqs. (46) and (47)."""
    return np.asarray(1 / x - 1 / el.tanh(x) / 2)


def _one_qubit(t: Array) -> Array:
    """Conductance of one qubit: its peak must lie where eq. (46) says."""
    return Junction(gamma_L=1.0, gamma_R=1.0, T_L=t, T_R=t).conductance()
