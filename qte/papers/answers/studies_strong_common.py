"""A common reservoir that is much the strongest: what becomes of the concurrence, and the most of it (man2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common.optimise import Maximum, maximise, require_accuracy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.papers.answers.models import equations_common as closed
from qte.papers.answers.models.common_levels import levels
from qte.papers.man2019.parts import engine
from qte.sweeps.optimise_many import Optimum, maximise_over

Array = NDArray[np.float64]

# What the tables promise of a best temperature, as a part of it.
FOUND_TO = 1e-6
MIX = Column("mix", "1", "(omega_2 - omega_1)/(omega_2 + omega_1)",
             r"$\sqrt{\Omega^2+\Delta\varepsilon^2/4}\,/\varepsilon_m$")  # fmt: skip
# Bounds of the searches, in units of the mean gap; a maximum inside owes nothing to them.
COLDEST, HOTTEST = 1e-2, 1e4


@study("strong_common")
@dataclass(frozen=True, kw_only=True)
class StrongCommon:
    """Concurrence against the strength of R_C, secular and Redfield, for several detunings."""

    eps_m: float
    Omega: float
    Gamma: float
    T: float
    T_C: float
    delta_eps: Values
    strength: Grid

    def check(self) -> None:
        self.machine("global")

    def table(self) -> Table:
        secular, redfield = self.machine("global"), self.machine("redfield")
        return Table.from_grid(
            axes={"delta_eps": self.delta_eps, "strength": self.strength.points},
            values={
                "C": secular.concurrence(),
                "C_redfield": np.maximum(levels(redfield).signed, 0.0),
                "limit": np.array([self._limit(d) for d in self.delta_eps])[:, None],
                "C_AB": secular.without_common().concurrence(),
            },
            columns=(
                Column("delta_eps", "eps_m", "detuning eps_A - eps_B", r"$\Delta\varepsilon/\varepsilon_m$"),
                Column("strength", "1", "Gamma_C over Gamma", r"$\Gamma_C/\Gamma$"),
                Column("C", "1", "concurrence, secular", r"$C$"),
                Column("C_redfield", "1", "concurrence, Redfield", r"$C$"),
                Column("limit", "1", "its limit as Gamma_C/Gamma grows, in closed form", r"$C_\infty$"),
                Column("C_AB", "1", "concurrence without R_C", r"$C_{AB}$"),
            ),
        )

    def machine(self, approach: str) -> CommonReservoirEngine:
        """Of all detunings and strengths, shape (detunings, strengths)."""
        strong = self.Gamma * self.strength.points
        plain = engine(
            eps_m=self.eps_m,
            delta_eps=np.array(self.delta_eps)[:, None],
            Omega=self.Omega,
            Gamma=self.Gamma,
            T_A=self.T,
            T_B=self.T,
            T_C=self.T_C,
            approach=approach,
        )
        return plain.replace(Gamma_CA=strong, Gamma_CB=strong)

    def _limit(self, delta_eps: float) -> float:
        """The dark singlet's at resonance, that of the thermal state at T_C otherwise."""
        at = engine(
            eps_m=self.eps_m, delta_eps=delta_eps, Omega=self.Omega, Gamma=1.0,
            T_A=self.T_C, T_B=self.T_C, T_C=self.T_C,
        )  # fmt: skip
        if delta_eps != 0:
            return float(at.concurrence())
        hot = {"T_A": self.T, "T_B": self.T, "T_C": self.T_C}
        return max(0.0, float(closed.resonant_limit(at.omega_1, at.omega_2, **hot)))


@study("best_common")
@dataclass(frozen=True, kw_only=True)
class BestCommon:
    """Largest concurrence over the temperatures: without R_C, with equal rates, and for a strong R_C in closed form."""

    mix: Grid

    def check(self) -> None:
        self._resonant(1.0, 1.0)

    def table(self) -> Table:
        mix = self.mix.points
        ratio = (1 - mix) / (1 + mix)
        alone = self._best(lambda T: self._resonant(T, 0.0).without_common())
        equal = self._best(lambda T: self._resonant(T, 0.0))
        ends = np.concatenate([alone.end, equal.end])
        values = {
            "alone": np.maximum(alone.value, 0.0),
            "T_alone": alone.x,
            "equal": np.maximum(equal.value, 0.0),
            "T_equal": equal.x,
            "resonant": closed.hot_resonant_limit(ratio),
            "detuned": closed.best_limit(ratio),
        }
        return Table.from_grid(
            axes={"mix": mix},
            values=values,
            columns=(
                MIX,
                Column("alone", "1", "most without R_C, at resonance and T_A = T_B", r"$C$"),
                Column("T_alone", "eps_m", "T_A there", r"$T_A/\varepsilon_m$"),
                Column("equal", "1", "most with R_C at T_C = 0 and equal rates, at resonance", r"$C$"),
                Column("T_equal", "eps_m", "T_A there", r"$T_A/\varepsilon_m$"),
                Column("resonant", "1", "limit of a strong R_C at resonance", r"$C$"),
                Column("detuned", "1", "limit of a strong R_C at the best detuning", r"$C$"),
            ),
            facts={
                "temperatures_at_a_bound": int(np.count_nonzero(ends)),
                "bounds_of_the_temperatures": [COLDEST, HOTTEST],
                "error_of_temperatures_below": FOUND_TO,
            },
        )

    def _resonant(self, T: ArrayLike, T_C: float) -> CommonReservoirEngine:
        return engine(eps_m=1.0, Omega=self.mix.points, Gamma=1.0, T_A=T, T_B=T, T_C=T_C)

    def _best(self, of: Any) -> Maximum:
        found = maximise(
            lambda T: levels(of(T)).signed,
            COLDEST,
            HOTTEST,
            shape=self.mix.points.shape,
            scale="log",
            scan=65,
        )
        require_accuracy("The best temperature", found.error / found.x, FOUND_TO)
        return found


@study("best_common_found")
@dataclass(frozen=True, kw_only=True)
class BestCommonFound:
    """What an optimiser finds for given ``Gamma_CA/Gamma_B``: detuning, ``Gamma_CB/Gamma_CA`` and T_B free.

    ``Gamma_A = 0`` and ``T_A = T_C = 0``, where the search over everything ends (`everything_free`).
    """

    mix: Grid
    strength: Values
    starts: int

    def check(self) -> None:
        self._machine(0.1, 1.0, 1.0)

    def table(self) -> Table:
        found = self.search()
        numbers: dict[str, Any] = {
            "C": found.value,
            "cosine": found.x["cosine"],
            "Gamma_CB": found.x["Gamma_CB"],
            "T_B": found.x["T_B"],
            "agreeing": found.agreeing,
        }
        return Table.from_grid(
            axes={"strength": self.strength, "mix": self.mix.points},
            values=numbers,
            columns=(
                Column("strength", "1", "Gamma_CA over Gamma_B", r"$\Gamma_C/\Gamma$"),
                MIX,
                Column("C", "1", "largest concurrence", r"$C$"),
                Column("cosine", "1", "cos(theta) there", r"$\cos\theta$"),
                Column("Gamma_CB", "Gamma_CA", "Gamma_CB there", r"$\Gamma_C^{(B)}/\Gamma_C^{(A)}$"),
                Column("T_B", "eps_m", "T_B there", r"$T_B/\varepsilon_m$"),
                Column("agreeing", "1", "starts that reach it", r"$n$"),
            ),
            facts={
                "starts": found.starts,
                "fewest_starts_that_agree": int(found.agreeing.min()),
                "at_bounds": found.at_bound or "none",
                "least_distance_to_a_bound": float(f"{min(d.min() for d in found.distance.values()):.4g}"),
            },
        )

    def search(self) -> Optimum:
        """The maxima, shape (strengths, mixes)."""
        return maximise_over(
            lambda **x: levels(self._machine(**x)).signed,
            {"cosine": (0.0, 0.9), "Gamma_CB": (0.1, 1.0, "log"), "T_B": (0.1, HOTTEST, "log")},
            shape=(len(self.strength), len(self.mix.points)),
            starts=self.starts,
        )

    def _machine(self, cosine: ArrayLike, Gamma_CB: ArrayLike, T_B: ArrayLike) -> CommonReservoirEngine:
        mix = self.mix.points
        rates: dict[str, Any] = {
            "Gamma_A": 0.0,
            "Gamma_B": 1 / np.array(self.strength)[:, None],
            "Gamma_CA": 1.0,
        }
        return turned(mix, cosine, T_A=0.0, T_B=T_B, T_C=0.0, Gamma_CB=Gamma_CB, **rates)


def turned(mix: ArrayLike, cosine: ArrayLike, sign: ArrayLike = 1, **rest: Any) -> CommonReservoirEngine:
    """The engine of mean gap 1 with ``omega_1, omega_2 = 1 -+ mix``, cos(theta) and the sign of Omega."""
    half, cosine = np.asarray(mix) * cosine, np.asarray(cosine)
    Omega = np.asarray(sign) * np.asarray(mix) * np.sqrt(1 - cosine * cosine)
    return CommonReservoirEngine(eps_A=1 + half, eps_B=1 - half, Omega=Omega, **rest)


def everything_free(mix: ArrayLike, *, sign: int = 1, lower: bool = True, starts: int = 24) -> Optimum:
    """Most of the concurrence with the angle, all four rates and all three temperatures free.

    Parameters
    ----------
    mix : array_like, shape (...)
    sign : int
        Of Omega; |lambda_3> may be dark where it is 1, |lambda_2> where it is -1.
    lower : bool
        Whether |lambda_3> is to be the more populated; else |lambda_2>.
    starts : int
        Starts of the search.

    Raises
    ------
    NotRefined
        Too few starts agree.
    """
    side = 1 if lower else -1

    def value(cosine: Array, **x: Array) -> Array:
        machine = turned(mix, cosine, sign, Gamma_CA=1.0, **x)
        found = levels(machine)
        inner = np.abs(machine.mixing.sine) * (found.populations[2] - found.populations[1])
        return np.asarray(side * inner - 2 * np.sqrt(np.abs(found.populations[0] * found.populations[3])))

    rates = dict.fromkeys(("Gamma_A", "Gamma_B"), (1e-6, 1e2, "log")) | {"Gamma_CB": (1e-2, 1e2, "log")}
    heats = {f"T_{label}": (0.02, 1e3, "log") for label in "ABC"}
    bounds: dict[str, Any] = {"cosine": (-0.99, 0.99)} | rates | heats
    return maximise_over(value, bounds, shape=np.shape(mix), starts=starts)
