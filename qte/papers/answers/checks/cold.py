"""Question 2: how cold the cold bath must be, and the most entanglement of a weak engine (khandelwal2020)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common.optimise import find_root
from qte.ledger.checks import Domain, Range, Signed
from qte.ledger.entries import judge
from qte.ledger.forms import close, fact, larger, negligible, never_below
from qte.ledger.judged import Found, found
from qte.ledger.numbers import rounded
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.answers.parts import Array, Reservoir, engine_state
from qte.papers.answers.studies_cold import (
    NEEDED,
    RATES,
    STATISTICS,
    best_negativity,
    best_witness,
    local_state,
    population,
    witness,
)
from qte.papers.khandelwal2020.checks.engines import dense, least_transposed
from qte.papers.khandelwal2020.parts import margin
from qte.sweeps.optimise_many import Optimum, maximise_over

# Inverse temperatures of the hot bath, and engines far beyond the figures' for the hunt; eps_h = 1 is the unit.
BETA_H: Final = np.array([0.01, 0.3, 1.0, 3.0, 10.0])
HUNTED: Final[Domain] = {
    "g": Range(1e-4, 0.3, log=True),
    "hot": Range(1e-2, 1e2, log=True),
    "cold": Range(1e-2, 1e2, log=True),
    "delta": Signed(1e-5, 0.3),
    "beta_h": Range(0.01, 20, log=True),
    "part": Range(0.3, 1.0),
}
# Below any energy: the local equation is that of this limit.
WEAK: Final = 1e-3
STEP: Final = 1e-6
# Of the boundary, which a search finds.
FOUND_TO: Final = 1e-11


def best_rates(beta_h: Array) -> tuple[Array, Array]:
    """Relaxation of the two qubits, in units of g, of the last engine that is entangled."""
    total = 4 * np.sqrt(2.0)
    ratio = 3 + 2 * np.sqrt(2.0) - total * population(beta_h)
    return np.asarray(total / (1 + ratio)), np.asarray(total * ratio / (1 + ratio))


def at_rates(beta_h: float, beta_c: float, hot: float, cold: float, statistics: str) -> dict[str, Any]:
    """Parameters of `TwoQubitEngine` whose qubits relax at rates in units of g."""
    p = {"eps_h": 1.0, "g": WEAK, "T_h": 1 / beta_h, "T_c": 1 / beta_c}
    for k, beta, rate in (("h", beta_h, hot), ("c", beta_c, cold)):
        p[f"gamma_{k}"] = WEAK * rate * (el.tanh(beta / 2) if statistics == "bose" else 1.0)
    return p | {"statistics_h": statistics, "statistics_c": statistics}


@judge("q2-cold-enough")
def cold_enough(rng: Generator) -> Found:
    biases = [
        find_root(
            lambda x, name=name: (  # type: ignore[misc]
                best_witness(population(BETA_H, name), population(BETA_H + x, name)).value - 1
            ),
            2.0,
            6.0,
            shape=BETA_H.shape,
            scan=5,
            tolerance=1e-11,
        ).x
        for name in STATISTICS
    ]
    off = np.abs(np.array(biases) / NEEDED - 1).max()
    hot, cold = best_rates(BETA_H)
    at_edge = witness(local_state(hot, cold, population(BETA_H), population(BETA_H + NEEDED)))
    least = np.array(
        [
            [
                float(least_transposed(dense(at_rates(b, b + NEEDED * part, h, c, name)).rho[None])[0])
                for part in (1 - STEP, 1 + STEP)
            ]
            for name in STATISTICS
            for b, h, c in zip(BETA_H[1:4], hot[1:4], cold[1:4], strict=True)
        ]
    )
    weak, strong = (_redfield_end(g) for g in (0.001, 0.01))
    return found(
        negligible("the boundary found over the closed form, less 1", off, FOUND_TO),
        fact(
            "at the closed form of the rates J = J_c",
            bool(np.all(np.abs(at_edge - 1) < 1e-12)),
            largest=at_edge.max(),
        ),
        fact(
            "dense matrices change from separable to entangled there",
            bool(np.all(least[:, 0] > 0) and np.all(least[:, 1] < 0)),
            # so small beside the populations that dense matrices know three digits of it
            below=rounded(least[:, 0].min(), 3),
            above=rounded(least[:, 1].max(), 3),
        ),
        never_below("below the bias no engine is entangled, detuned ones included", _separable, HUNTED, rng),
        needed=NEEDED,
        end=1 / NEEDED,
        off=FOUND_TO,
        step=STEP,
        weak=weak,
        strong=strong,
    )


@judge("q2-most-entangled-weak-engine")
def most_entangled(rng: Generator) -> Found:
    top = maximise_over(
        lambda hot, cold, p_h, p_c, detuning: local_state(hot, cold, p_h, p_c, detuning).margin(),
        RATES | {"p_h": (0.0, 0.5), "p_c": (0.0, 0.5), "detuning": (0.0, 10.0)},
        starts=40,
        negligible=1e-15,
    )
    inner = best_negativity(0.5, 0.0)
    p = at_rates(1e-5, 200.0, float(inner.x["hot"]), float(inner.x["cold"]), "bose")
    again = dense(p).N, float(margin(TwoQubitEngine(**p)))
    apart = max(abs(n / float(inner.value) - 1) for n in again)
    inverted = best_negativity(1.0, 0.0)
    golden = (np.sqrt(5.0) - 1) / 8
    return found(
        close("all five free, the largest is that of the two rates", top.value, float(inner.value), 1e-10),
        fact("its baths are the hottest and the coldest", {int(top.end[k]) for k in ("p_h", "p_c")} == {1, -1},
             p_h=top.x["p_h"], p_c=top.x["p_c"]),
        close("so is that with a detuning, at lower rates", float(_detuned(inner)), float(inner.value), 1e-12),
        fact("three codes agree", apart < 1e-4, apart=apart),
        close("an inverted hot population reaches the golden number", inverted.value, golden, 1e-10),
        beyond=(larger("no population of the hot qubit has more", half=inner.value, inverted=inverted.value),),
        N=inner.value,
        hot=inner.x["hot"],
        cold=inner.x["cold"],
        apart=apart,
        golden=inverted.value,
        agreeing=top.agreeing,
        starts=top.starts,
    )  # fmt: skip


def _detuned(best: Optimum) -> Array:
    """n of eq. (16) with the width of the best engine made up of a detuning and rates of half the size."""
    hot, cold = best.x["hot"] / 2, best.x["cold"] / 2
    return local_state(hot, cold, 0.5, 0.0, np.sqrt(3.0) * (hot + cold) / 2).margin()


def _separable(g: Array, hot: Array, cold: Array, delta: Array, beta_h: Array, part: Array) -> Array:
    """Minus n of eq. (16), over g relaxations, at a part of the needed bias."""
    x_c = beta_h + part * NEEDED
    state = local_state(hot, cold, population(beta_h), population(x_c), delta / g)
    return np.asarray(1 - witness(state))


def _redfield_end(g: float) -> float:
    """The T_c at which entanglement ends at T_h = infinity by the Redfield equation, rates up to ten g."""

    def lead(beta_c: Array) -> Array:
        top = maximise_over(
            lambda hot, cold: witness(
                engine_state(
                    0.0,
                    g,
                    Reservoir.relaxing(0.0, hot * g, 1.0),
                    Reservoir.relaxing(beta_c, cold * g, 1.0),
                    secular=False,
                )
            ),
            {"hot": (0.1, 10.0, "log"), "cold": (0.1, 10.0, "log")},
            shape=np.shape(beta_c),
            starts=8,
        )
        return np.asarray(top.value - 1)

    return float(1 / find_root(lead, 2.0, 6.0, scan=4, tolerance=1e-9).x)
