"""Question 2: how cold must the cold bath be for any entanglement? (khandelwal2020, weak coupling; figure answers/cold)

Of the local master equation at resonance only four numbers matter: the rates Gamma_j at which the baths relax their
qubits, over g, and the populations p_j = 1/(exp(eps/T_j) + 1) to which they would, the same for bosons and fermions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from qte.common import elementary as el
from qte.common import parameters as check
from qte.common.optimise import find_root, require_accuracy
from qte.data.studies import Extended, Grid, study
from qte.data.tables import Column, Table
from qte.papers.answers.parts import Array, XState
from qte.sweeps.optimise_many import Optimum, maximise_over

# The bias above which some engine is entangled, eps/T_c - eps/T_h: 4 arcsinh(1).
NEEDED: Final = 4 * float(el.log(1 + np.sqrt(2.0)))
# What is promised of the boundary, relative to T_h.
BOUNDARY: Final = 1e-6
STATISTICS: Final = ("bose", "fermi")
RATES: Final = {"hot": (1e-3, 1e3, "log"), "cold": (1e-3, 1e3, "log")}
T_C = Column("T_c", "eps", "temperature of the cold bath", r"$T_c/\varepsilon$")


def population(beta: ArrayLike, statistics: str = "fermi") -> Array:
    """Excitation to which a bath brings its qubit, eps = 1: n/(2 n + 1) for bosons, n for fermions."""
    if statistics == "fermi":
        return np.asarray(1 / (el.exp(beta) + 1))
    n = 1 / el.expm1(beta)
    return np.asarray(n / (2 * n + 1))


def local_state(
    hot: ArrayLike, cold: ArrayLike, p_h: ArrayLike, p_c: ArrayLike, detuning: ArrayLike = 0.0
) -> XState:
    """Steady state of the local equation with relaxation at `hot` and `cold` (units of g) to p_h and p_c."""
    hot, cold = np.asarray(hot), np.asarray(cold)
    width, detuning = (hot + cold) / 2, np.asarray(detuning)
    size = width * width + detuning * detuning
    rate = 2 * width / size
    bias = (np.asarray(p_h) - p_c) / (1 + rate / hot + rate / cold)
    filled_h, filled_c = p_h - rate * bias / hot, p_c + rate * bias / cold
    coherence = bias / np.sqrt(size)
    square = coherence * coherence
    double = filled_h * filled_c - square
    return XState(np.abs(coherence), double, (1 - filled_h) * (1 - filled_c) - square)


def witness(state: XState) -> Array:
    """(J/J_c)^2 as |c|^2/(r_1 r_4): above 1 where the state is entangled, eqs. (16) and (18)."""
    return np.asarray(state.coherence * state.coherence / (state.double * state.empty))


def best_witness(p_h: ArrayLike, p_c: ArrayLike) -> Optimum:
    """The engine whose current is farthest above its critical current, over both rates."""
    return maximise_over(
        lambda hot, cold: witness(local_state(hot, cold, p_h, p_c)),
        RATES,
        shape=np.broadcast_shapes(np.shape(p_h), np.shape(p_c)),
        starts=8,
    )


def best_negativity(p_h: ArrayLike, p_c: ArrayLike) -> Optimum:
    """The engine with most entanglement, over both rates."""
    return maximise_over(
        lambda hot, cold: local_state(hot, cold, p_h, p_c).margin(),
        RATES,
        shape=np.broadcast_shapes(np.shape(p_h), np.shape(p_c)),
        starts=8,
        negligible=1e-15,
    )


@study("cold_boundary")
@dataclass(frozen=True, kw_only=True)
class ColdBoundary:
    """The hot temperature above which some engine is entangled, against the cold one."""

    T_c: Grid

    def check(self) -> None:
        check.real("T_c", self.T_c.points, above=0.0)
        allowed = "be below eps / (4 arcsinh 1), above which no engine is entangled"
        check.require("T_c", self.T_c.points, 1 / self.T_c.points > NEEDED, allowed)

    def table(self) -> Table:
        cold = 1 / self.T_c.points
        found = find_root(
            lambda beta: (
                best_witness(
                    np.stack(
                        [population(beta[..., k, :], name) for k, name in enumerate(STATISTICS)], axis=-2
                    ),
                    np.stack([population(cold, name) for name in STATISTICS]),
                ).value
                - 1
            ),
            1e-3,
            np.stack([cold, cold]) * (1 - 1e-3),
            shape=(2, cold.size),
            scan=5,
            tolerance=1e-11,
        )
        require_accuracy("The boundary", found.error / found.x, BOUNDARY)
        bose, fermi = 1 / found.x
        exact = 1 / (cold - NEEDED)
        return Table.from_grid(
            axes={"T_c": self.T_c.points},
            values={"T_h": exact, "T_h_bose": bose, "T_h_fermi": fermi},
            columns=(
                T_C,
                Column("T_h", "eps", "least temperature of the hot bath, closed form", r"$T_h/\varepsilon$"),
                Column("T_h_bose", "eps", "found for bosonic baths", r"$T_h/\varepsilon$"),
                Column("T_h_fermi", "eps", "found for fermionic baths", r"$T_h/\varepsilon$"),
            ),
            facts={
                "needed_bias": NEEDED,
                "hottest_cold_bath": 1 / NEEDED,
                "boundary_known_to_a_part_of": BOUNDARY,
            },
        )  # fmt: skip


@study("cold_best")
@dataclass(frozen=True, kw_only=True)
class ColdBest:
    """Largest negativity at weak coupling against the cold temperature, both rates free."""

    T_h: tuple[Extended, ...]
    part: Grid

    def check(self) -> None:
        check.real("T_h", np.array(self.T_h), above=0.0, infinite=True)
        check.real("part", self.part.points, above=0.0)
        check.require(
            "part", self.part.points, self.part.points < 1, "be below 1, where the entanglement ends"
        )

    def table(self) -> Table:
        beta = 1 / np.array(self.T_h)[:, None]
        cold = (NEEDED + beta) / self.part.points
        best = best_negativity(population(beta), population(cold))
        top = best_negativity(0.5, 0.0)
        return Table.from_grid(
            axes={"T_h": self.T_h, "part": self.part.points},
            values={"T_c": 1 / cold, "N": best.value, "hot": best.x["hot"], "cold": best.x["cold"]},
            columns=(
                Column("T_h", "eps", "temperature of the hot bath", r"$T_h/\varepsilon$"),
                Column("part", "1", "part of the T_c at which the entanglement ends", r"$T_c/T_c^*$"),
                T_C,
                Column("N", "1", "largest negativity", r"$N$"),
                Column("hot", "g", "best relaxation by the hot bath", r"$\Gamma_h/g$"),
                Column("cold", "g", "best relaxation by the cold bath", r"$\Gamma_c/g$"),
            ),
            facts={
                "largest_negativity": float(top.value),
                "its_hot_rate_over_g": float(top.x["hot"]),
                "its_cold_rate_over_g": float(top.x["cold"]),
                "fewest_starts_that_agree": int(best.agreeing.min()),
                "starts": best.starts,
                "rates_at_a_bound": best.at_bound or "none",
            },
        )  # fmt: skip
