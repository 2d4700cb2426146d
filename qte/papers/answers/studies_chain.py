"""Question 8: which chain of qubits entangles most, where in it, and how well it rectifies meanwhile.

With the cold bath at T = 0 everything depends on ``x = Gamma_L/2g`` and ``y = Gamma_R/2g``, the rates at which the
baths relax the end qubits, and on T_L.  The transmission is ``1/(s(x) + s(y))`` with ``s(v) = v + 1/v``, and a swap of
the temperatures turns x into ``x/k`` at a Bose bath on the left and y into ``k y`` at one on the right,
``k = coth(omega/2T_L)``.  A wanted contrast thus fixes x for every y.  Units: hbar = k_B = omega = 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common import parameters as check
from qte.common.optimise import Maximum, maximise, require_accuracy
from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from qte.machines.spin_chain import SpinChain
from qte.papers.santiagogarcia2024.parts import largest_difference, listed
from qte.sweeps.optimise_many import Optimum, maximise_over

Array = NDArray[np.float64]

# Far above the gap, where the hot end alone would be half full: the limit T_L -> infinity to twelve digits.
HOTTEST: Final = 1e12
# What the tables promise of the rates at a maximum, in parts of themselves.
PLACE_ERROR: Final = 1e-6
STARTS: Final = 6
BATHS: Final = ("bose, bose", "bose, fermi", "fermi, bose")
CONCURRENCE: Final = Column("C", "1", "largest concurrence of the two qubits at the cold end", r"$C$")
HOT: Final = Column("T_L", "omega", "temperature of the hot bath; the cold one is at 0", r"$T_L/\omega$")
RATES: Final = (
    Column("x", "1", "relaxation rate of the hot end over 2g", r"$\Gamma_L/2g$"),
    Column("y", "1", "relaxation rate of the cold end over 2g", r"$\Gamma_R/2g$"),
)


def bond_concurrence(chain: SpinChain, site: int) -> Array:
    """``2 (|c| - sqrt(p_1 p_4))`` of the qubits `site` and `site` + 1, counted from 1, shape (...).

    The concurrence where it is positive, below zero where the two are separable.  Populations by Wick's theorem for
    the free fermions of the chain: ``p_1 = n m - c^2``, ``p_4 = (1 - n)(1 - m) - c^2``.
    """
    occupations = chain.occupations()
    n, m = occupations[..., site - 1], occupations[..., site]
    c = np.abs(chain.correlations((site, site + 1))[..., 0, 1].imag)
    return np.asarray(2 * (c - np.sqrt(n * m - c**2) * np.sqrt((1 - n) * (1 - m) - c**2)))


def resistance(v: ArrayLike) -> Array:
    """``s(v) = v + 1/v``, shape (...): what a bath adds to the inverse transmission."""
    return np.asarray(np.asarray(v) + 1 / np.asarray(v))


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A chain whose cold bath is at T = 0; g far below the gap, and on its scale nothing depends."""

    g: float
    rate_min: float
    rate_max: float

    def chain(
        self, n: int, hot: ArrayLike, x: ArrayLike, y: ArrayLike, baths: str = "fermi, fermi"
    ) -> SpinChain:
        """A chain of n qubits with relaxation rates 2 g x and 2 g y of its ends while T_L = `hot`."""
        left, right = baths.split(", ")
        bare = np.asarray(x) / (stiffness(hot) if left == "bose" else 1.0)
        return SpinChain(
            N=n,
            g=self.g,
            gamma_L=2 * self.g * bare,
            gamma_R=2 * self.g * np.asarray(y),
            T_L=hot,
            T_R=0.0,
            statistics_L=left,
            statistics_R=right,
        )


def stiffness(hot: ArrayLike) -> Array:
    """``coth(omega/2T)``, shape (...): the rate of a qubit in a Bose bath over that at T = 0."""
    with np.errstate(divide="ignore"):
        x = 1 / np.asarray(hot, dtype=float)
    return np.asarray((1 + el.exp(-x)) / -el.expm1(-x))


@study("chain_length")
@dataclass(frozen=True, kw_only=True)
class ChainLength(Chain):
    """The largest concurrence that chains of several lengths reach, against the temperature of the hot bath."""

    N: Values
    T_L: Grid

    def check(self) -> None:
        check.require("N", np.array(self.N), np.array([n == int(n) for n in self.N]), "be whole numbers")
        for n in self.N:
            self.chain(int(n), self.T_L.points, 1.0, 1.0)

    def table(self) -> Table:
        # the limit is looked for together with the others
        found = [self._best(int(n), np.append(self.T_L.points, HOTTEST)) for n in self.N]
        doubt = max(float(np.max(f.error[v] / f.x[v])) for f in found for v in "xy")
        require_accuracy("The rate of a largest concurrence", doubt, PLACE_ERROR)
        return Table.from_grid(
            axes={"N": [int(n) for n in self.N], "T_L": self.T_L.points},
            values={"C": [f.value[:-1] for f in found]} | {v: [f.x[v][:-1] for f in found] for v in "xy"},
            columns=(Column("N", "1", "number of qubits", "$N$"), HOT, CONCURRENCE, *RATES),
            facts={
                "largest_at_any_temperature": listed([f.value[-1] for f in found], 9),
                "x_there": listed([f.x["x"][-1] for f in found], 7),
                "y_there": listed([f.x["y"][-1] for f in found], 7),
                "error_of_rates_below": PLACE_ERROR,
                "starts": found[0].starts,
                "fewest_starts_that_agree": min(int(f.agreeing.min()) for f in found),
                "at_a_bound": "; ".join(filter(None, (f.at_bound for f in found))) or "none",
            },
        )

    def _best(self, n: int, hot: Array) -> Optimum:
        rates = (self.rate_min, self.rate_max, "log")
        return maximise_over(
            lambda x, y: bond_concurrence(self.chain(n, hot, x, y), n - 1),
            {"x": rates, "y": rates},
            shape=hot.shape,
            starts=STARTS,
        )


@study("entanglement_against_rectification")
@dataclass(frozen=True, kw_only=True)
class EntanglementAgainstRectification(Chain):
    """The largest concurrence at the cold end of a chain of N >= 3 qubits with a wanted contrast.

    `share` is the contrast over ``exp(-omega/T_L)``, the largest that any bridge has between these baths.
    """

    N: int
    T_L: Values
    share: Grid

    def check(self) -> None:
        check.integer("N", self.N, minimum=3)
        share = self.share.points
        check.require("share", share, (share > 0) & (share < 1), "lie between 0 and 1")
        self.chain(self.N, np.array(self.T_L), 1.0, 1.0)

    def table(self) -> Table:
        hot, share = np.broadcast_arrays(np.array(self.T_L)[:, None], self.share.points)
        contrast = share * el.exp(-1 / hot)
        tops = [self._top(baths, hot, contrast) for baths in BATHS]
        x = [hot_rate(b, t.x, stiffness(hot), contrast) for b, t in zip(BATHS, tops, strict=True)]
        best = [self.chain(self.N, hot, a, t.x, b) for a, t, b in zip(x, tops, BATHS, strict=True)]
        require_accuracy("The rate of a largest concurrence", max(_doubt(t) for t in tops), PLACE_ERROR)
        return Table.from_grid(
            axes={"baths": list(BATHS), "T_L": self.T_L, "share": self.share.points},
            values={
                "R": [contrast] * len(BATHS),
                "C": [t.value for t in tops],
                "x": x,
                "y": [t.x for t in tops],
            },
            columns=(
                Column("baths", "1", "statistics of the hot and of the cold bath", "baths"),
                HOT,
                Column("share", "1", "contrast over exp(-omega/T_L)", r"$R\,e^{\omega/T_L}$"),
                Column("R", "1", "contrast of the heat current", "$R$"),
                CONCURRENCE,
                *RATES,
            ),
            facts=self._summits()
            | {
                "error_of_rates_below": PLACE_ERROR,
                "contrast_of_the_machines_differs_by_less_than": max(
                    largest_difference(b.contrast(), contrast) for b in best
                ),
                "share_where_the_hot_rate_is_2g_exactly": [float(np.mean(t.end == -1)) for t in tops],
            },
        )

    def _summits(self) -> dict[str, Any]:
        """Contrast at the couplings that entangle most, by baths and temperature; two Fermi baths have none."""
        hot = np.array(self.T_L)
        rates = (self.rate_min, self.rate_max, "log")
        top = maximise_over(
            lambda x, y: bond_concurrence(self.chain(self.N, hot, x, y), self.N - 1),
            {"x": rates, "y": rates},
            shape=hot.shape,
            starts=STARTS,
        )
        at_top = {b: self.chain(self.N, hot, top.x["x"], top.x["y"], b).contrast() for b in BATHS}
        named = {f"contrast_at_the_summit_{b.replace(', ', '_')}": listed(c, 8) for b, c in at_top.items()}
        return {"summit": listed(top.value, 8), "summit_at_a_bound": top.at_bound or "none"} | named

    def _top(self, baths: str, hot: Array, contrast: Array) -> Maximum:
        k = stiffness(hot)
        low = np.maximum(self.rate_min, lowest_cold_rate(baths, k, contrast))
        return maximise(
            lambda y: bond_concurrence(
                self.chain(self.N, hot, hot_rate(baths, y, k, contrast), y, baths), self.N - 1
            ),
            low,
            self.rate_max,
            shape=hot.shape,
            scale="log",
        )


def hot_rate(baths: str, y: Array, k: Array, contrast: Array) -> Array:
    """x of a chain whose forward current is the larger one by the wanted contrast, shape (...); see the module.

    ``q = (1 - R)/(1 + R)`` is the ratio of the two currents.  Between two Bose baths R fixes x/y, at a hot Bose bath x
    is the root of a quadratic equation, at a cold one of ``s(x) = (q s(k y) - s(y))/(1 - q)``: the smaller, the pair
    x and 1/x being alike.
    """
    q = (1 - contrast) / (1 + contrast)
    if baths == "bose, bose":
        # R = (k - 1)/(k + 1) (1 - r)/(1 + r) with r = x/(k y)
        share = contrast * (k + 1) / (k - 1)
        return np.asarray(k * y * (1 - share) / (1 + share))
    if baths == "bose, fermi":
        # x^2 (1 - q/k) + x (1 - q) s(y) = q k - 1
        half = (1 - q) * resistance(y) / 2
        return np.asarray((q * k - 1) / (half + np.sqrt(half**2 + (1 - q / k) * (q * k - 1))))
    half = (q * resistance(k * y) - resistance(y)) / (1 - q) / 2
    # at the lowest y the root is 1, and round-off must not make it complex
    return np.asarray(1 / (half + np.sqrt(np.maximum(half**2 - 1, 0.0))))


def lowest_cold_rate(baths: str, k: Array, contrast: Array) -> Array:
    """The y below which no x gives the wanted contrast, shape (...); 0 if there is none such."""
    if baths != "fermi, bose":
        return np.zeros_like(contrast)
    q = (1 - contrast) / (1 + contrast)
    # y (q k - 1) - (1 - q/k)/y = 2 (1 - q)
    return np.asarray(((1 - q) + np.sqrt((1 - q) ** 2 + (q * k - 1) * (1 - q / k))) / (q * k - 1))


def _doubt(top: Maximum) -> float:
    return float(np.max(top.error / top.x))
