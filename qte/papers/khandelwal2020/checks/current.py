"""What khandelwal2020 says about the heat current (section 3, figure 2a)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common.optimise import maximise
from qte.ledger.checks import Range
from qte.ledger.entries import judge
from qte.ledger.forms import close, equals, fact, falls, never_below, rises
from qte.ledger.judged import Found, again, found
from qte.papers.khandelwal2020.checks.engines import (
    DENSE,
    FIGURE,
    HOT,
    WEAK,
    Array,
    dense,
    figure,
    local,
    scale,
    weak,
    weak_draws,
    without,
)
from qte.papers.khandelwal2020.equations import eq09_notation
from qte.physics.baths import Bath

DETUNED = np.array([0.0, 0.01, 0.06])


@judge("first-law")
def first_law(rng: Generator) -> Found:
    def balance(**p: Any) -> Array:
        engine = local(**p)
        coupling = p["g"] * eq09_notation(weak(p)).total
        rest = engine.heat_current("h") + engine.heat_current("c")
        return np.asarray(-np.abs(rest) / (scale(engine) + coupling))

    return found(never_below("|Q_h + Q_c| = 0 with H_S + H_int", balance, WEAK, rng))


@judge("sign-of-flows")
def sign_of_flows(rng: Generator) -> Found:
    def forwards(hotter: Array, **p: Any) -> Array:
        engine = local(**p, T_h=p["T_c"] * hotter)
        return np.asarray(engine.net_current() / scale(engine))

    upwards = without(WEAK, "T_h", delta=Range(0, 0.5), hotter=Range(1, 10, log=True))
    at = FIGURE | {"delta": -0.02, "T_h": 0.101}
    j, better = local(**at).net_current(), local(**at, approach="redfield").net_current()
    return found(
        never_below("J ≥ 0 for δ ≥ 0, T_h ≥ T_c", forwards, upwards, rng),
        fact(
            "J > 0 in the Redfield equation where the local one turns it round", better > 0, at=at, J=better
        ),
        beyond=(fact("J > 0 in the local equation there", j > 0, at=at, J=j),),
        point=at,
        local=j,
        redfield=better,
    )


@judge("first-order-in-the-couplings")
def first_order(rng: Generator) -> Found:
    at = FIGURE | {"T_h": 0.7, "delta": 0.01}
    orders = {delta: _order(local, at | {"delta": delta}) for delta in (0.0, 1e-3, 0.01, 0.05)}
    broken = close("order 1 at δ = 0.01 ε_h, to 5 %", orders[0.01], 1.0, 0.05, at=at)
    return found(
        close("order 1 at δ = 0", orders[0.0], 1.0, 1e-6),
        close("order 1 to 5 % at δ = 0.001 ε_h, a twentieth of Γ", orders[1e-3], 1.0, 0.05),
        breaks=(broken,),
        again=(again(broken, DENSE + ", slope by central difference", lambda **p: _order(dense, p)),),
        printed=1.0,
        right=orders[0.01],
        wider=orders[0.05],
        width=eq09_notation(weak(at)).total,
        better=_order(lambda **p: local(**p, approach="redfield"), at),
    )


@judge("current-from-hot-to-cold")
def twice(rng: Generator) -> Found:
    p = weak_draws(rng, g=0.1, gamma_h=0.05, gamma_c=0.05, T_c=0.1, delta=0.0)
    engine = local(**p)
    hot, net = engine.heat_current("h"), engine.net_current()
    return found(
        equals("J_ss against twice what leaves the hot bath", net, 2 * hot, p),
        breaks=(equals("J_ss against what leaves the hot bath", net, hot, p),),
    )


@judge("current-follows-occupations")
def follows(rng: Generator) -> Found:
    def same_sign(**p: Any) -> Array:
        engine = local(**p)
        bias = Bath(p["T_h"], 1.0).occupation(1.0) - Bath(p["T_c"], 1.0).occupation(engine.eps_c)
        return np.asarray(np.sign(bias) * engine.net_current() / scale(engine))

    return found(never_below("J has the sign of n_h(ε_h) − n_c(ε_c)", same_sign, WEAK, rng))


@judge("current-falls-with-detuning")
def falls_with_detuning(rng: Generator) -> Found:
    top = maximise(lambda d: figure(delta=d, T_h=0.7).net_current(), -0.01, 0.01, tolerance=1e-12)
    start = float(figure(delta=0.0, T_h=0.7).net_current())
    return found(
        falls(
            "J at five temperatures",
            lambda d: figure(delta=d[:, None], T_h=HOT).net_current(),
            2e-5,
            0.06,
            of="delta",
        ),
        left=figure(delta=0.01, T_h=0.7).net_current() / start,
        place=top.x,
        gain=top.value / start - 1,
    )


@judge("current-grows-with-hot-temperature")
def grows(rng: Generator) -> Found:
    peak = float(maximise(lambda T: figure(T_h=T).net_current(), 0.2, 100, scale="log").x)
    high = rises(
        "J up to ten gaps", lambda T: figure(T_h=T).net_current(), 0.11, 10, of="T_h", log=True, at=FIGURE
    )
    return found(
        rises(
            "J at three detunings, up to 1.5 gaps",
            lambda T: figure(T_h=T[:, None], delta=DETUNED).net_current(),
            0.11,
            1.5,
            of="T_h",
            log=True,
        ),
        beyond=(high,),
        peak=peak,
    )


def _order(engine: Any, at: dict[str, float], step: float = 1e-3) -> float:
    """d ln J / d ln s when all couplings are scaled by s."""
    shrunk, grown = (at | {k: at[k] * s for k in ("g", "gamma_h", "gamma_c")} for s in (1 - step, 1 + step))
    low, high = (float(_current(engine, p)) for p in (shrunk, grown))
    return float(el.log(high / low) / el.log((1 + step) / (1 - step)))


def _current(engine: Any, p: dict[str, float]) -> float:
    return float(engine(p).J) if engine is dense else float(engine(**p).net_current())
