"""Studies of santiagogarcia2024 at strong coupling, global master equation: figures 4 and 5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qte.common import parameters as check
from qte.common.optimise import Maximum, Root, find_root, maximise, require_accuracy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.machines.junction import Junction
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import equations_global as eg
from qte.papers.santiagogarcia2024.bridge import Bridge
from qte.papers.santiagogarcia2024.parts import (
    CONDUCTANCE,
    PEAK_ERROR,
    TEMPERATURE,
    TEMPERATURE_L,
    Array,
    largest_difference,
    listed,
    rounded,
)

CONTRAST = Column("C", "1", "contrast of two strongly coupled qubits", r"$C_{\mathrm{global}}$")
CORRECTED = Column("C_eq23", "1", "eq. (23) with eq. (24) corrected", r"$C_{\mathrm{global}}$ (23)")
PRINTED = Column("C_eq23_printed", "1", "eqs. (23) and (24) as printed", r"$C_{\mathrm{global}}$, as printed")
RATIO = Column("ratio", "1", "gamma_L over gamma_R", r"$\gamma_L/\gamma_R$")
LIMIT = Column("limit", "1", "contrast at high temperature", r"$|\gamma_L-\gamma_R|/(\gamma_L+\gamma_R)$")


@dataclass(frozen=True, kw_only=True)
class Rectifier:
    """Two strongly coupled qubits, the right bath at T = 0."""

    omega: float
    g: float
    gamma_R: float

    def engine(self, ratio: ArrayLike, hot: ArrayLike) -> TwoQubitEngine:
        """The global master equation; left is hot."""
        return TwoQubitEngine(
            eps_h=self.omega,
            g=self.g,
            gamma_h=np.asarray(ratio) * self.gamma_R,
            gamma_c=self.gamma_R,
            T_h=hot,
            T_c=0.0,
            approach="global",
        )

    def junction(self, ratio: ArrayLike, hot: ArrayLike) -> Junction:
        """One qubit in the same place."""
        left = np.asarray(ratio) * self.gamma_R
        return Junction(omega=self.omega, gamma_L=left, gamma_R=self.gamma_R, T_L=hot, T_R=0.0)

    def printed(self, ratio: ArrayLike, hot: ArrayLike) -> Bridge:
        """Parameters for the printed equations."""
        left = np.asarray(ratio) * self.gamma_R
        return Bridge(omega=self.omega, g=self.g, gamma_L=left, gamma_R=self.gamma_R, T_L=hot, T_R=0.0)


@study("contrast_against_ratio")
@dataclass(frozen=True, kw_only=True)
class ContrastAgainstRatio(Rectifier):
    """Contrast against the ratio of the couplings for several temperatures (figure 4, upper panel)."""

    T_L: Values
    ratio: Grid

    def check(self) -> None:
        check.require("ratio", self.ratio.points, self.ratio.points > 0, "be > 0: without it no heat flows")
        self.engine(*self._grid())

    def table(self) -> Table:
        engine, printed = self.engine(*self._grid()), self.printed(*self._grid())
        contrast = engine.contrast()
        as_printed = eg.eq23_contrast(printed)
        return Table.from_grid(
            axes={"T_L": self.T_L, "ratio": self.ratio.points},
            values={
                "C": contrast,
                "C_eq23": eg.corrected_contrast(printed),
                "C_eq23_printed": as_printed,
                "limit": eq.text_high_temperature_contrast(printed),
            },
            columns=(TEMPERATURE_L, RATIO, CONTRAST, CORRECTED, PRINTED, LIMIT),
            facts={
                "steady_state": engine.steady_state().method,
                "largest_error_of_eq24_as_printed": rounded(np.max(np.abs(as_printed - contrast)), 3),
            },
        )

    def _grid(self) -> tuple[Array, Array]:
        return self.ratio.points, np.array(self.T_L)[:, None]


@study("contrast_against_temperature")
@dataclass(frozen=True, kw_only=True)
class ContrastAgainstTemperature(Rectifier):
    """Contrast of two strongly coupled qubits and of one against temperature (figure 4, lower panel)."""

    ratio: Values
    T_L: Grid

    def check(self) -> None:
        self.engine(*self._grid())

    def table(self) -> Table:
        engine, printed = self.engine(*self._grid()), self.printed(*self._grid())
        contrast = engine.contrast()
        one = self.junction(*self._grid()).contrast()
        as_printed = eg.eq23_contrast(printed)
        return Table.from_grid(
            axes={"ratio": self.ratio, "T_L": self.T_L.points},
            values={
                "C": contrast,
                "C_1": one,
                "C_eq23": eg.corrected_contrast(printed),
                "C_eq23_printed": as_printed,
                "C_1_eq12": eq.eq12_contrast(printed),
                "limit": eq.text_high_temperature_contrast(printed),
            },
            columns=(
                RATIO,
                TEMPERATURE_L,
                CONTRAST,
                Column("C_1", "1", "contrast of one qubit", r"$C^{(1)}_{SS}$"),
                CORRECTED,
                PRINTED,
                Column("C_1_eq12", "1", "contrast of one qubit, eq. (12)", r"$C^{(1)}_{SS}$, eq. (12)"),
                LIMIT,
            ),
            facts=self._marks(contrast)
            | {
                "steady_state": engine.steady_state().method,
                "largest_error_of_eq24_as_printed": rounded(np.max(np.abs(as_printed - contrast)), 3),
            },
        )

    def _grid(self) -> tuple[Array, Array]:
        return np.array(self.ratio)[:, None], self.T_L.points

    def _marks(self, contrast: Array) -> dict[str, object]:
        """The local maximum of every curve, and where it falls below one qubit's."""
        ratios = np.array(self.ratio)
        low, high = self._around_first_peak(contrast)
        peak = maximise(
            lambda t: self.engine(ratios, t).contrast(),
            low,
            high,
            shape=ratios.shape,
            scale="log",
            scan=5,
            tolerance=PEAK_ERROR,
        )
        require_accuracy("The temperature of the local maximum", peak.error, PEAK_ERROR)
        cross = self._crossing(ratios, peak)
        excess = maximise(
            lambda t: self.junction(ratios, t).contrast() - self.engine(ratios, t).contrast(),
            cross.x,
            self.T_L.stop,
            shape=ratios.shape,
            scale="log",
        )
        return {
            "order_of_lists": "as ratio",
            "temperature_of_local_maximum": listed(peak.x),
            "local_maximum": listed(peak.value),
            "contrast_of_one_qubit_there": listed(self.junction(ratios, peak.x).contrast()),
            "error_of_these_temperatures_below": PEAK_ERROR,
            "temperature_where_one_qubit_overtakes": listed(cross.x),
            "largest_lead_of_one_qubit": listed(excess.value, 6),
            "temperature_of_largest_lead": listed(excess.x, 6),
        }

    def _crossing(self, ratios: Array, peak: Maximum) -> Root:
        return find_root(
            lambda t: self.engine(ratios, t).contrast() - self.junction(ratios, t).contrast(),
            peak.x,
            self.T_L.stop,
            shape=ratios.shape,
            scale="log",
        )

    def _around_first_peak(self, contrast: Array) -> tuple[Array, Array]:
        """Neighbours on the grid of each curve's first local maximum (the last point if it has none)."""
        points = self.T_L.points
        inner = (contrast[:, 1:-1] > contrast[:, :-2]) & (contrast[:, 1:-1] >= contrast[:, 2:])
        first = np.where(inner.any(axis=1), 1 + np.argmax(inner, axis=1), len(points) - 1)
        return points[first - 1], points[np.minimum(first + 1, len(points) - 1)]


@study("strong_conductance")
@dataclass(frozen=True, kw_only=True)
class StrongConductance:
    """Conductance of two strongly coupled qubits and of one against temperature (figure 5)."""

    omega: float
    g: Values
    gamma_L: float
    gamma_R: float
    T: Grid

    def check(self) -> None:
        self._two(np.array(self.g)[:, None], self.T.points)

    def table(self) -> Table:
        g, t = np.array(self.g)[:, None], self.T.points
        kappa = self._two(g, t).conductance()
        printed = eg.eq25_conductance(self._printed(g, t))
        return Table.from_grid(
            axes={"g": self.g, "T": t},
            values={"kappa": kappa, "kappa_eq25": printed, "kappa_1": self._one(t).conductance()},
            columns=(
                Column("g", "omega", "coupling of the qubits", r"$g/\omega$"),
                TEMPERATURE,
                Column("kappa", "omega", "conductance of two qubits, global", CONDUCTANCE),
                Column("kappa_eq25", "omega", "conductance of two qubits, eq. (25)", CONDUCTANCE),
                Column("kappa_1", "omega", "conductance of one qubit", CONDUCTANCE),
            ),
            facts=self._peaks() | {"difference_from_eq25_below": largest_difference(printed, kappa)},
        )

    def _fixed(self) -> dict[str, Any]:
        return {"omega": self.omega, "gamma_L": self.gamma_L, "gamma_R": self.gamma_R}

    def _one(self, t: Array) -> Junction:
        return Junction(**self._fixed(), T_L=t, T_R=t)

    def _two(self, g: Array, t: Array) -> TwoQubitEngine:
        return TwoQubitEngine(
            eps_h=self.omega,
            g=g,
            gamma_h=self.gamma_L,
            gamma_c=self.gamma_R,
            T_h=t,
            T_c=t,
            approach="global",
        )

    def _printed(self, g: Array, t: Array) -> Bridge:
        return Bridge(**self._fixed(), g=g, T_L=t, T_R=t)

    def _peaks(self) -> dict[str, object]:
        """Both peaks of every curve and the dip between them."""
        g = np.array(self.g)
        lower, upper = self.omega - g, self.omega + g
        dip = self._extremum(lower * 0.6, upper * 0.45, sign=-1)
        cold = self._extremum(lower * 0.3, dip.x)
        warm = self._extremum(dip.x, upper * 0.6)
        return {
            "order_of_lists": "as g",
            "temperature_of_lower_peak": listed(cold.x),
            "temperature_of_upper_peak": listed(warm.x),
            "error_of_these_below": PEAK_ERROR,
            "lower_peak": listed(cold.value),
            "upper_peak": listed(warm.value),
            "lower_peak_over_omega_minus": listed(cold.x / lower),
            "upper_peak_over_omega_plus": listed(warm.x / upper),
            "separation_over_g": listed((warm.x - cold.x) / g),
            "width_of_a_single_peak_over_omega": self._width(),
            "two_peaks_for_g_above": self._onset(),
        }

    def _onset(self) -> float:
        """Coupling at which the conductance first falls between two peaks (slope of eq. (43))."""
        window = 0.1 * self.omega, 0.45 * self.omega

        def steepest_fall(g: Array) -> Array:
            def fall(t: Array) -> Array:
                return -eg.eq43_slope(self._printed(g, t))

            return maximise(fall, *window, shape=g.shape).value

        return rounded(find_root(steepest_fall, 0.5 * self.omega, 0.7 * self.omega).x, 8)

    def _extremum(self, start: Array, stop: Array, sign: int = 1) -> Maximum:
        g = np.array(self.g)
        found = maximise(
            lambda t: sign * self._two(g, t).conductance(),
            start,
            stop,
            shape=g.shape,
            scale="log",
            tolerance=PEAK_ERROR,
        )
        require_accuracy("The temperature of a peak or dip", found.error, PEAK_ERROR)
        return found

    def _width(self) -> float:
        """Full width at half maximum of one qubit's peak, in units of its energy."""
        top = maximise(lambda t: self._one(t).conductance(), 0.1 * self.omega, 2 * self.omega)

        def above_half(t: Array) -> Array:
            return np.asarray(self._one(t).conductance() - top.value / 2)

        left = find_root(above_half, 0.1 * self.omega, top.x)
        right = find_root(above_half, top.x, 10 * self.omega)
        return rounded((right.x - left.x) / self.omega)
