"""Question 1: the thermal state against the best engine under detuning (khandelwal2020, section 6)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common.optimise import find_root
from qte.ledger import second
from qte.ledger.entries import judge
from qte.ledger.forms import close, fact, larger, negligible
from qte.ledger.judged import Found, found
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.answers.parts import Array
from qte.papers.answers.studies_detuned import (
    FROZEN,
    best_engine,
    best_redfield_engine,
    best_thermal,
    engine,
    far_engine,
)
from qte.papers.khandelwal2020.checks.engines import dense, gibbs
from qte.papers.khandelwal2020.parts import margin

# Couplings and detunings of the figure's panel a, and one of largest gain.
G: Final = np.array([0.1, 0.3, 0.6])[:, None]
DELTA: Final = np.array([0.02, 0.1, 0.25, 0.5])
SMALL: Final = 1e-4
# To what three codes have to agree in N.
AGREED: Final = 1e-11
# What other codes take for infinitely hot: textbook occupations lose a digit for every ten of the temperature.
HOTTEST: Final = 1e-5


def machine(delta: float, g: float, x: dict[str, float], rate: float) -> dict[str, Any]:
    """Parameters of `TwoQubitEngine` from those of a search."""
    beta = x["chill"] / (1 - x["chill"])
    T_h, T_c = 1 / beta, 1 / (beta + x["bias"])
    n_h, n_c = 1 / el.expm1(1 / T_h), 1 / el.expm1((1 + delta) / T_c)
    return {
        "eps_h": 1.0,
        "delta": delta,
        "g": g,
        "T_h": T_h,
        "T_c": T_c,
        "gamma_h": rate / (2 * n_h + 1),
        "gamma_c": rate * x["ratio"] / (2 * n_c + 1),
    }


def slope(delta: Array, g: Array) -> Array:
    """What a small difference of the baths adds to the entanglement of the best thermal state, in first order."""
    chill = best_thermal(delta, g).x
    ends = [engine(delta, g, chill=chill, bias=sign * SMALL, hot=1.0, cold=1.0).margin() for sign in (1, -1)]
    return np.asarray((ends[0] - ends[1]) / (2 * SMALL))


@judge("q1-thermal-state-detuned")
def detuned(rng: Generator) -> Found:
    edge = find_root(lambda d: slope(d, G[:, 0]), -0.05, 0.08, shape=(3,), scan=4, tolerance=1e-9)
    thermal, best = best_thermal(DELTA, G), best_engine(DELTA, G)
    apart, worst = 0.0, 0.0
    for i, k in np.ndindex(best.value.shape):
        x = {name: float(values[i, k]) for name, values in best.x.items()}
        x["chill"] = max(x["chill"], HOTTEST)
        p = machine(float(DELTA[k]), float(G[i, 0]), x, 1e-3)
        again = [float(margin(TwoQubitEngine(**p, approach="global"))), dense(p, "global").N]
        modes = _closed(float(DELTA[k]), float(G[i, 0]), x)
        apart = max(apart, abs(again[0] - modes), abs(again[1] - modes))
        gibbs_best = float(
            second.negativity(gibbs(1.0, p["g"], _temperature(thermal.x[i, k]), p["delta"])[0])
        )
        worst = max(worst, abs(gibbs_best - float(thermal.value[i, k])))
    better = best_redfield_engine(DELTA[2], G[0, 0], 0.1 * G[0, 0])
    return found(
        fact(
            "the first-order gain changes sign at δ = 0",
            bool(np.all(np.abs(edge.x) < 1e-6)),
            edges=edge.x.tolist(),
        ),
        larger("the best engine above the best thermal state", engine=best.value, thermal=thermal.value),
        negligible("N by three codes", apart, AGREED),
        negligible("N of the best thermal state by two codes", worst),
        edge=np.abs(edge.x).max(),
        delta=DELTA[2],
        g=G[0, 0],
        engine=best.value[0, 2],
        thermal=thermal.value[0, 2],
        strong=best.value[2, 2],
        strong_thermal=thermal.value[2, 2],
        strong_g=G[2, 0],
        apart=AGREED,
        redfield=better.value,
        agreeing=best.agreeing.min(),
        starts=best.starts,
    )


@judge("q1-boundary-of-the-thermal-state")
def boundary(rng: Generator) -> Found:
    delta = np.array([-0.5, -0.2, -0.05])
    g = find_root(lambda x: _lead(delta, x), 0.004, 0.65, shape=(3,), scale="log", scan=5, tolerance=1e-10).x
    inside, outside = (
        best_engine(delta, g * part, least_bias=1.0, starts=20).value - best_thermal(delta, g * part).value
        for part in (1 - 1e-3, 1 + 1e-3)
    )
    wide = find_root(
        lambda x: far_engine(0.0, x, 0.1, secular=False).value - best_thermal(0.0, x).value,
        0.004,
        0.65,
        scale="log",
        scan=5,
        tolerance=1e-9,
    )
    off = [_off(float(d), float(x)) for d, x in zip(delta, g, strict=True)]
    return found(
        larger("all parameters free, the engine leads just below the boundary", lead=inside, nothing=0.0),
        larger("and not just above", nothing=0.0, lead=outside),
        negligible("dense matrices put the boundary at the same place to 1e-6", max(off), 1e-6),
        close("Redfield at resonance, rates below a tenth of the gap", wide.x, 0.0524, 0.01),
        ratio=g[2] / -delta[2],
        low=g[2],
        low_delta=delta[2],
        high=g[0],
        high_delta=delta[0],
        off=max(off),
        wide=wide.x,
    )


def _lead(delta: Any, g: Array) -> Array:
    return np.asarray(far_engine(delta, g).value - best_thermal(delta, g).value)


def _closed(delta: float, g: float, x: dict[str, float]) -> float:
    """n of eq. (16) by the closed form of the modes."""
    baths: dict[str, Any] = {
        "chill": np.asarray(x["chill"]),
        "bias": x["bias"],
        "hot": 1.0,
        "cold": x["ratio"],
    }
    return float(engine(delta, g, **baths).margin())


def _off(delta: float, g: float) -> float:
    """How far dense matrices, at the optima found, put the boundary elsewhere, as a part of g."""
    thermal = best_thermal(delta, g)
    x = {"chill": HOTTEST, "bias": FROZEN, "ratio": 1 / float(far_engine(delta, g).x)}
    gibbs_best = float(second.negativity(gibbs(1.0, g, _temperature(thermal.x), delta)[0]))
    by_dense = dense(machine(delta, g, x, 1e-3), "global").N - gibbs_best
    by_modes = _closed(delta, g, x) - float(thermal.value)
    steepness = (_lead(delta, np.asarray(g * (1 + SMALL))) - _lead(delta, np.asarray(g))) / SMALL
    return float(abs((by_dense - by_modes) / steepness))


def _temperature(chill: Any) -> float:
    return float((1 - chill) / chill)
