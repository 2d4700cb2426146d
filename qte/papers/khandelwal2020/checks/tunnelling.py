"""What khandelwal2020 says about tunnelling (section 5, figures 4 and 5; the preprint's abstract)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common.optimise import Maximum, maximise
from qte.ledger.checks import Domain, Range
from qte.ledger.entries import judge
from qte.ledger.forms import close, fact, falls, larger, maximum_at, never_below, rises, steady_within
from qte.ledger.judged import Found, again, found
from qte.papers.khandelwal2020.checks.engines import DENSE, FIGURE, Array, dense, figure, local
from qte.papers.khandelwal2020.equations import resonant_tunnelling

HEAT: Final = np.array([0.5, 0.7, 1.0])
DELTA: Final = 0.01
# Detuned by more than the widths, so that there is a resonance to hit.
RESOLVED: Final[Domain] = {
    "delta": Range(0.02, 0.05),
    "g": Range(1e-4, 1.6e-3, log=True),
    "gamma_h": Range(1e-5, 1e-3, log=True),
    "gamma_c": Range(1e-5, 2e-3, log=True),
    "T_h": Range(0.3, 1.0),
    "T_c": Range(0.05, 0.15),
}


@judge("tunnelling-counters-detuning")
def counters(rng: Generator) -> Found:
    up_to = 0.99 * float(_top("N", HEAT).x.min())
    opposite = rises(
        "n at δ = −0.01", lambda k: _value("N", k, 0.7, -DELTA), 0, up_to, of="kappa_h", at=FIGURE
    )
    return found(
        rises("J at three temperatures", lambda k: _value("J", k[:, None], HEAT), 0, up_to, of="kappa_h"),
        rises("N at three temperatures", lambda k: _value("N", k[:, None], HEAT), 0, up_to, of="kappa_h"),
        beyond=(opposite,),
    )


@judge("tunnelling-maximum")
def one_maximum(rng: Generator) -> Found:
    current, negativity = _top("J", HEAT), _top("N", HEAT)
    return found(
        fact(
            "one maximum each below κ_h = 0.3 ε_h",
            bool(np.all(current.peaks == 1) and np.all(negativity.peaks == 1)),
            T_h=HEAT,
            kappa_max_of_J=current.x,
            kappa_max_of_N=negativity.x,
        ),
        falls("J beyond it", lambda k: _value("J", k[:, None], HEAT), 0.0715, 1, of="kappa_h"),
        falls("N beyond it", lambda k: _value("N", k[:, None], HEAT), 0.0715, 0.15, of="kappa_h"),
    )


@judge("tunnelling-recovers")
def recovers(rng: Generator) -> Found:
    start = figure(delta=0.0, T_h=HEAT)
    j, n = _top("J", HEAT).value / start.net_current(), _top("N", HEAT).value / start.negativity()
    at = FIGURE | {"delta": DELTA, "T_h": 0.7, "kappa_h": float(_top("N", HEAT).x[1])}
    far = _top("N", np.array([0.7]), 0.05).value[0] / float(figure(delta=0.0, T_h=0.7).negativity())
    best, resonant = float(local(**at).negativity()), float(start.negativity()[1])

    def both(**p: Any) -> dict[str, float]:
        return {"N": dense(p).N, "N_resonant": dense(p | {"delta": 0.0, "kappa_h": 0.0}).N}

    same = fact(
        "N at κ_max is N at δ = κ = 0", abs(best / resonant - 1) < 1e-10, at=at, N=best, N_resonant=resonant
    )
    return found(
        larger("J recovered to 0.1 %", smallest=j, bound=0.999),
        larger("N recovered to 1 %", smallest=n, bound=0.99),
        breaks=(same,),
        again=(
            again(
                same,
                DENSE,
                lambda **p: {"N": dense(p).N, "N_resonant": dense(p | {"delta": 0.0, "kappa_h": 0.0}).N},
            ),
        ),
        printed=resonant,
        right=best,
        current=np.abs(j - 1).max(),
        loss=1 - n.min(),
        far=1 - far,
    )


@judge("same-kappa")
def same_kappa(rng: Generator) -> Found:
    current, negativity = _top("J", HEAT).x, _top("N", HEAT).x
    cold = _top("N", np.array([0.3])).x[0] / _top("J", np.array([0.3])).x[0]
    return found(
        *(
            close(f"κ_max of N against that of J, T_h = {T}", n, j, 0.015)
            for T, n, j in zip(HEAT, negativity, current, strict=True)
        ),
        gap=np.abs(negativity / current - 1).max(),
        cold=1 - cold,
    )


@judge("kappa-little-variation")
def little_variation(rng: Generator) -> Found:
    heat = np.array([0.3, 0.5, 0.7, 1.0, 1.5])
    current, negativity = _top("J", heat).x, _top("N", heat).x
    return found(
        steady_within("κ_max of J, T_h from 0.3 to 1.5 ε_h", current, 2e-3),
        steady_within("κ_max of N, T_h from 0.5 to 1.5 ε_h", negativity[1:], 0.02),
        steady_within("κ_max of N, T_h from 0.3 to 1.5 ε_h", negativity, 0.1),
        of_J=np.ptp(current) / current.mean(),
        of_N=np.ptp(negativity[1:]) / negativity[1:].mean(),
        cold=np.ptp(negativity) / negativity.mean(),
    )


@judge("kappa-max-grows")
def kappa_grows(rng: Generator) -> Found:
    delta = np.linspace(0.0005, 0.05, 34)
    current, negativity = (_top(which, np.full_like(delta, 0.7), delta).x for which in "JN")
    distance = np.abs(current - resonant_tunnelling(delta)).max()
    return found(
        larger("κ_max of J grows with δ", next=current[1:], one=current[:-1]),
        larger("κ_max of N grows with δ", next=negativity[1:], one=negativity[:-1]),
        larger("concave, as a root", mean=-np.diff(current, 2), zero=np.zeros(32)),
        distance=distance,
    )


@judge("tunnelling-resonance")
def balances(rng: Generator) -> Found:
    def peak(**p: Any) -> Array:
        # at equal splittings the current beats that of 10 % less or more tunnelling
        best = resonant_tunnelling(p["delta"])
        values = [local(**p, kappa_h=best * factor).net_current() for factor in (0.9, 1.0, 1.1)]
        return np.asarray((values[1] - np.maximum(values[0], values[2])) / values[1])

    stated = float(resonant_tunnelling(DELTA))
    return found(
        maximum_at(
            "κ_max of J", lambda k: _value("J", k, 0.7), 0, 0.3, of="kappa_h", stated=stated, within=1e-4
        ),
        never_below("J at equal splittings beats 10 % less or more tunnelling", peak, RESOLVED, rng),
        stated=stated,
    )


@judge("detuning-and-tunnelling-reduce")
def reduce(rng: Generator) -> Found:
    heat = np.array([0.3, 0.5, 0.7, 1.0])
    resonant = figure(delta=0.0, T_h=heat).negativity()
    tunnelled = figure(delta=0.0, T_h=heat, kappa_h=np.array([0.01, 0.05, 0.1])[:, None]).negativity()
    detuned = figure(delta=np.array([0.005, 0.01, 0.05])[:, None], T_h=heat).negativity()
    rise = maximise(lambda d: figure(delta=d, T_h=0.3).negativity(), 0, 0.02)
    return found(
        larger("N resonant above N with tunnelling alone", resonant=resonant, tunnelled=tunnelled),
        larger("N resonant above N detuned by 0.5 % or more", resonant=resonant, detuned=detuned),
        larger("N with both above N detuned", both=_top("N", heat).value, detuned=detuned[1]),
        gain=rise.value / resonant[0] - 1,
        heat=0.3,
    )


@judge("large-range")
def large_range(rng: Generator) -> Found:
    kappa, delta = np.linspace(0, 0.2, 81)[:, None], np.linspace(0, 0.05, 81)
    n = figure(T_h=0.7, kappa_h=kappa, delta=delta).negativity()
    best = float(figure(T_h=0.7, delta=0.0).negativity())
    return found(
        larger("N > 0 all over the map of figure 5", smallest=n, zero=np.zeros_like(n)),
        half=(n > best / 2).mean(),
        tenth=(n > best / 10).mean(),
    )


def _value(which: str, kappa: Array, heat: Any, delta: Any = DELTA) -> Array:
    """J or N with tunnelling."""
    engine = figure(delta=delta, T_h=heat, kappa_h=kappa)
    return engine.net_current() if which == "J" else engine.negativity()


def _top(which: str, heat: Array, delta: Any = DELTA) -> Maximum:
    """Maximum over κ_h of J or N, for every temperature (and detuning)."""
    return maximise(lambda kappa: _value(which, kappa, heat, delta), 0.0, 0.3, shape=heat.shape, scan=65)
