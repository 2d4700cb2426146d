"""Question 9: currents that fall while the bias grows, where they begin to, and a transistor of two chains.

With ``k = coth(omega/2T)`` a Bose bath relaxes a qubit at gamma k and a Fermi bath an oscillator at gamma/k; if bath
and system are alike, it is gamma.  A chain conducts ``1/(s(x) + s(y))``, ``s(v) = v + 1/v``, with the rates x and y of
its ends over 2g: best at x = y = 1.  A rate beyond 2g that grows with the bias closes the bridge.
Units: hbar = k_B = omega = 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common import parameters as check
from qte.common.optimise import Maximum, find_root, maximise, require_accuracy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.machines.spin_chain import SpinChain
from qte.papers.answers.studies_chain import resistance, stiffness
from qte.papers.santiagogarcia2024.parts import largest_difference, listed, rounded

Array = NDArray[np.float64]

SYSTEMS: Final = ("qubit", "oscillator")
# The bath that closes a bridge of such systems: the hot one does for qubits, the cold one for oscillators.
BATH: Final = {"qubit": "bose", "oscillator": "fermi"}
# What the tables promise of the places of maxima, in parts of themselves.
PLACE_ERROR: Final = 1e-6
STRENGTH: Final = Column(
    "strength",
    "1",
    "coupling of the bath that closes the bridge, over 2g; the other end relaxes at 2g",
    r"$\gamma/2g$",
)


@study("current_against_bias")
@dataclass(frozen=True, kw_only=True)
class CurrentAgainstBias:
    """Current of two qubits between Bose baths and of two oscillators between Fermi baths against the bias.

    The bias warms the left bath from `T_L` by the part `warmed`, and cools the right one from `T_R` by the rest.
    """

    g: float
    T_L: float
    T_R: float
    warmed: float
    strength: Values
    bias: Grid

    def check(self) -> None:
        check.require("warmed", self.warmed, 0 <= self.warmed <= 1, "lie between 0 and 1")
        check.require("bias", self.bias.points, self.bias.points > 0, "be > 0")
        check.scalar("g", self.g, above=0.0)
        check.real("strength", self.strength, above=0.0)
        self._currents(self.bias.points[:, None, None])

    def table(self) -> Table:
        peak = self._peak()
        require_accuracy("The bias of the largest current", float(np.max(peak.error / peak.x)), PLACE_ERROR)
        currents = np.moveaxis(self._currents(self.bias.points[:, None, None]), 0, -1)
        inside = peak.end == 0
        return Table.from_grid(
            axes={"system": list(SYSTEMS), "strength": self.strength, "bias": self.bias.points},
            values={"J": currents, "share": currents / peak.value[..., None]},
            columns=(
                Column("system", "1", "what the chain is made of", "system"),
                STRENGTH,
                Column("bias", "omega", "difference of the temperatures", r"$\Delta T/\omega$"),
                Column("J", "2 g omega", "heat current J = Q_L - Q_R", r"$J/2g\omega$"),
                Column("share", "1", "heat current over its largest value", r"$J/J_{\max}$"),
            ),
            facts={
                "bias_from_which_the_current_falls": listed(peak.x[inside], 9),
                "curves_that_fall": [
                    f"{system}, {strength:g}"
                    for i, system in enumerate(SYSTEMS)
                    for j, strength in enumerate(self.strength)
                    if inside[i, j]
                ],
                "largest_currents_at_an_end_of_the_bias": int(np.count_nonzero(~inside)),
                "error_of_the_bias_below": PLACE_ERROR,
            },
        )

    def _peak(self) -> Maximum:
        shape = (len(SYSTEMS), len(self.strength))
        return maximise(self._currents, self.bias.start, self.bias.stop, shape=shape)

    def _currents(self, bias: Array) -> Array:
        """J of every system and strength, shape (points, systems, strengths); the bias broadcasts to it."""
        strength = np.array(self.strength)
        wide = np.broadcast_to(bias, (len(bias), len(SYSTEMS), len(strength)))
        heat = self.T_L + self.warmed * wide, self.T_R - (1 - self.warmed) * wide
        found = [
            pair(system, self.g, strength, (heat[0][:, i], heat[1][:, i])).net_current() / (2 * self.g)
            for i, system in enumerate(SYSTEMS)
        ]
        return np.stack(found, axis=1)


def pair(system: str, g: float, strength: ArrayLike, heat: tuple[ArrayLike, ArrayLike]) -> SpinChain:
    """Two qubits between Bose baths, strong at the hot end, or oscillators between Fermi baths, at the cold end."""
    strong, other = 2 * g * np.asarray(strength), 2 * g
    left, right = (strong, other) if system == "qubit" else (other, strong)
    bath = BATH[system]
    return SpinChain(
        N=2,
        g=g,
        gamma_L=left,
        gamma_R=right,
        T_L=heat[0],
        T_R=heat[1],
        statistics_L=bath,
        statistics_R=bath,
        system=system,
    )


@study("falling_thresholds")
@dataclass(frozen=True, kw_only=True)
class FallingThresholds:
    """Hot temperatures from which a warmer hot bath, or a colder cold one, can lower the current.

    The smallest over the other end's rate, which is then 2g, with the cold bath at T = 0.
    """

    g: float
    strength: Grid

    def check(self) -> None:
        check.scalar("g", self.g, above=0.0)
        check.real("strength", self.strength.points, above=0.0)
        pair("qubit", self.g, self.strength.points, (1.0, 0.0))

    def table(self) -> Table:
        a = self.strength.points
        warm = warming_threshold(a)
        peak = self._peak(warm)
        require_accuracy(
            "The temperature of the largest current", float(np.max(peak.error / peak.x)), PLACE_ERROR
        )
        return Table.from_grid(
            axes={"strength": a},
            values={"T_warm": warm, "T_cool": cooling_threshold(a)},
            columns=(
                STRENGTH,
                Column("T_warm", "omega", "hot temperature from which warming lowers J of qubits", r"$T_L/\omega$"),
                Column(
                    "T_cool",
                    "omega",
                    "hot temperature from which cooling can lower J of oscillators",
                    r"$T_L/\omega$",
                    may_be_nan=True,
                ),
            ),
            facts={
                "limit_of_strong_baths": rounded(1 / el.log(3.0), 12),
                "peaks_of_the_currents_differ_by_less_than": largest_difference(peak.x, warm),
            },
        )  # fmt: skip

    def _peak(self, warm: Array) -> Maximum:
        """The hot temperature of the largest current of qubits, from the machine."""

        def current(hot: Array) -> Array:
            return pair("qubit", self.g, self.strength.points, (hot, 0.0)).net_current() / (2 * self.g)

        return maximise(current, 0.5 * warm, 2 * warm, shape=warm.shape, scale="log")


def temperature_of(k: ArrayLike) -> Array:
    """T with ``coth(omega/2T) = k``, shape (...); k > 1."""
    k = np.asarray(k, dtype=float)
    return np.asarray(1 / el.log((k + 1) / (k - 1)))


def warming_threshold(a: ArrayLike, cold: ArrayLike = 1.0, y: ArrayLike = 1.0) -> Array:
    """T_L from which the current of qubits falls as their hot Bose bath of coupling 2 g a is warmed, shape (...).

    `cold` is c = ``coth(omega/2T_R)``, y the rate of the cold end over 2g: ``a k^2 = 2 a c k + 1/a + s(y) c``.
    """
    a, c = np.asarray(a, dtype=float), np.asarray(cold, dtype=float)
    return temperature_of(c + np.sqrt(c**2 + 1 / a**2 + resistance(y) * c / a))


def cooling_threshold(b: ArrayLike, x: ArrayLike = 1.0) -> Array:
    """T_L from which cooling a cold Fermi bath of coupling 2 g b can lower the current of oscillators, shape (...).

    Near T_R = 0 the current falls with it where ``k_L (b - 1/b) > 2 b + s(x)``; NaN for b <= 1, where it never does.
    """
    b = np.asarray(b, dtype=float)
    slack = np.where(b > 1, b - 1 / b, np.nan)
    return temperature_of((2 * b + resistance(x)) / slack)


@study("two_chain_transistor")
@dataclass(frozen=True, kw_only=True)
class TwoChainTransistor:
    """Two chains of qubits in Bose baths that share the reservoir M; its temperature steers what flows from L to R.

    The lower chain, M to R, is closed by its hot bath M; the upper one, L to M, is `scale` times as fast, with the
    scale at which the heat that M gives never falls between `T_start` and the temperature at which Q_R has halved.
    """

    g: float
    strength: float
    upper: float
    T_L: float
    T_start: float
    T_M: Grid

    def check(self) -> None:
        for name in ("g", "strength", "upper", "T_L"):
            check.scalar(name, getattr(self, name), above=0.0)
        check.require("T_M", self.T_M.points, self.T_M.points <= self.T_L, f"be at most T_L = {self.T_L:g}")
        begin = float(warming_threshold(self.strength))
        allowed = f"lie between {begin:.4f}, where Q_R begins to fall, and T_L = {self.T_L:g}"
        check.require("T_start", self.T_start, begin < self.T_start < self.T_L, allowed)
        first, last = self.lower_chain([self.T_start, self.T_L]).heat_current("L")
        allowed = f"be so low that Q_R halves before T_L = {self.T_L:g}"
        check.require("T_start", self.T_start, 2 * last < first, allowed)

    def table(self) -> Table:
        t = self.T_M.points
        unit = 2 * self.g
        out = self.lower_chain(t).heat_current("L") / unit
        into = self.scale * self.upper_chain(t).heat_current("L") / unit
        low, high = self.window
        weakest = maximise(lambda v: np.abs(1 / self.gain(v)), low, high)
        require_accuracy("The temperature of the least gain", weakest.error / weakest.x, PLACE_ERROR)
        first, last = self.lower_chain([low, high]).heat_current("L")
        return Table.from_grid(
            axes={"T_M": t},
            values={"Q_L": into, "Q_R": out, "Q_M": out - into, "alpha_R": self.gain(t)},
            columns=(
                Column("T_M", "omega", "temperature of the shared bath", r"$T_M/\omega$"),
                Column("Q_L", "2 g omega", "heat current out of the hot bath", "$Q_L$"),
                Column("Q_R", "2 g omega", "heat current into the cold bath", "$Q_R$"),
                Column("Q_M", "2 g omega", "heat current out of the shared bath", "$Q_M$"),
                Column("alpha_R", "1", "gain (dQ_R/dT_M)/(dQ_M/dT_M)", r"$\alpha_R$"),
            ),
            facts={
                "T_begin": rounded(warming_threshold(self.strength), 9),
                "window": [rounded(low, 9), rounded(high, 9)],
                "scale": rounded(self.scale, 9),
                "least_gain_in_the_window": rounded(1 / weakest.value, 6),
                "least_gain_is_at_T_M": rounded(weakest.x, 5),
                "least_gain_at_an_end_of_the_window": bool(weakest.end),
                "ratio_of_currents_over_the_window": rounded(first / last, 9),
            },
        )

    def lower_chain(self, t: ArrayLike) -> SpinChain:
        """The chain from M to R, best coupled to R."""
        hot = 2 * self.g * self.strength
        return SpinChain(N=2, g=self.g, gamma_L=hot, gamma_R=2 * self.g, T_L=t, T_R=0.0)

    def upper_chain(self, t: ArrayLike) -> SpinChain:
        """The chain from L to M at the speed of the lower one, best coupled to L."""
        hot, cold = 2 * self.g / float(stiffness(self.T_L)), 2 * self.g * self.upper
        return SpinChain(N=2, g=self.g, gamma_L=hot, gamma_R=cold, T_L=self.T_L, T_R=t)

    def gain(self, t: Array) -> Array:
        """alpha_R, shape (...); that of L is alpha_R - 1."""
        lower, upper = self.slopes(t)
        return np.asarray(lower / (lower - self.scale * upper))

    @cached_property
    def scale(self) -> float:
        """Speed of the upper chain over that of the lower one."""

        def ratio(t: Array) -> Array:
            lower, upper = self.slopes(t)
            return lower / upper

        return float(maximise(ratio, *self.window).value)

    @cached_property
    def window(self) -> tuple[float, float]:
        """T_start, and the temperature of M at which Q_R has halved."""
        first = self.lower_chain(self.T_start).heat_current("L")
        half = find_root(
            lambda t: self.lower_chain(t).heat_current("L") / first - 0.5, self.T_start, self.T_L
        )
        require_accuracy("The end of the window", half.error, PLACE_ERROR)
        return self.T_start, float(half.x)

    def slopes(self, t: Array) -> tuple[Array, Array]:
        """Derivatives of both heat currents by ``k = coth(omega/2T_M)``, in units of g omega, shapes (...).

        Of ``(k - 1)/(a k^2 + 2 k + 1/a)`` below and ``(1 - k/k_L)/(b k^2 + 2 k + 1/b)`` above.
        """
        k, a, b, hot = stiffness(t), self.strength, self.upper, stiffness(self.T_L)
        lower = a * k**2 + 2 * k + 1 / a
        upper = b * k**2 + 2 * k + 1 / b
        rising = 1 / a + 2 + 2 * a * k - a * k**2
        falling = upper / hot + (1 - k / hot) * 2 * (b * k + 1)
        return np.asarray(rising / lower**2), np.asarray(-falling / upper**2)
