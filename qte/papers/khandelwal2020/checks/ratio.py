"""What khandelwal2020 says about J/J_c (section 4.1, figure 3)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.random import Generator

from qte.common.optimise import find_root, maximise
from qte.ledger.entries import judge
from qte.ledger.forms import Along, crossing_at, fact, falls, larger, rises
from qte.ledger.judged import Found, again, found
from qte.papers.khandelwal2020.checks.engines import DENSE, FIGURE, HOT, Array, dense, figure, ratio
from qte.papers.khandelwal2020.parts import margin

DETUNED: Final = np.array([0.0, 0.01, 0.02])
# Temperatures at which the negativity ends within small detuning.
COLDER: Final = (0.2, 0.3, 0.4)


@judge("ratio-against-detuning")
def against_detuning(rng: Generator) -> Found:
    top = maximise(lambda d: ratio(figure(delta=d, T_h=HOT)), 0.0, 0.12, shape=HOT.shape)
    gain = top.value / ratio(figure(delta=0.0, T_h=HOT)) - 1

    def beyond_its_maximum(u: Array) -> Array:
        return ratio(figure(delta=top.x + u[:, None] * (0.12 - top.x), T_h=HOT))

    return found(
        falls("J/J_c from its maximum to δ = 0.12", beyond_its_maximum, 1e-3, 1, of="fraction"),
        fact(
            "one maximum each, above resonance", bool(np.all(top.peaks == 1) and np.all(gain > 0)), rise=gain
        ),
        least=gain.min(),
        most=gain.max(),
    )


@judge("ratio-against-detuning-preprint")
def against_detuning_preprint(rng: Generator) -> Found:
    heat = np.array([0.17, 0.2, 0.3])
    top = maximise(lambda d: ratio(figure(delta=d, T_h=heat)), 0.0, 0.12, shape=heat.shape)
    gain = top.value / ratio(figure(delta=0.0, T_h=heat)) - 1
    return found(
        fact("the rise before the fall", bool(np.all(gain > 0)), T_h=heat, rise=gain),
        cold=gain[1],
        warm=gain[2],
    )


@judge("critical-detuning")
def critical_detuning(rng: Generator) -> Found:
    ends = {T: float(_end(T)) for T in COLDER}
    limit = find_root(_least, 0.4, 0.5, scan=21, tolerance=1e-9)
    hot = figure(T_h=0.7, delta=0.12)
    return found(
        *(
            falls(
                f"n at T_h = {T} up to where it ends",
                _n_against_delta(T),
                0.005,
                end,
                of="delta",
            )
            for T, end in ends.items()
        ),
        beyond=(
            fact(
                "N ends for T_h = 0.7 too",
                bool(hot.negativity() == 0),
                at=FIGURE | {"T_h": 0.7},
                N=hot.negativity(),
            ),
        ),
        end=ends[0.3],
        limit=limit.x,
    )


@judge("same-detuning")
def same_detuning(rng: Generator) -> Found:
    return found(
        *(
            crossing_at(
                f"J = J_c at T_h = {T}",
                _above_against_delta(T),
                0.02,
                0.3,
                of="delta",
                stated=float(_end(T)),
                within=1e-10,
            )
            for T in COLDER[1:]
        )
    )


@judge("ratio-against-temperature")
def against_temperature(rng: Generator) -> Found:
    top = maximise(lambda T: ratio(figure(delta=DETUNED, T_h=T)), 0.11, 10, shape=(3,), scale="log")
    at = FIGURE | {"delta": 0.0}
    broken = rises("J/J_c up to 1.5 gaps, δ = 0", lambda T: ratio(figure(T_h=T)), 0.11, 1.5, of="T_h", at=at)
    return found(
        *(
            rises(
                f"J/J_c up to its maximum, δ = {d}",
                _ratio_against_heat(d),
                0.11,
                0.999 * x,
                of="T_h",
            )
            for d, x in zip(DETUNED, top.x, strict=True)
        ),
        breaks=(broken,),
        again=(again(broken, DENSE, _dense_ratios),),
        printed=broken.measure["before"],
        right=broken.measure["after"],
        first=top.x[0],
        second=top.x[1],
        third=top.x[2],
        value=top.value[0],
        better=maximise(_redfield_ratio, 0.2, 1.5, scan=9, tolerance=1e-6).x,
    )


@judge("hot-temperature-bound")
def hot_bound(rng: Generator) -> Found:
    low = find_root(lambda T: margin(figure(delta=DETUNED, T_h=T)), 0.101, 2, shape=(3,)).x
    high = find_root(lambda T: margin(figure(delta=DETUNED, T_h=T)), 3, 100, shape=(3,), scale="log").x
    return found(
        *(
            crossing_at(
                f"J = J_c at δ = {d}",
                _above_against_heat(d),
                0.101,
                2,
                of="T_h",
                stated=x,
                within=1e-9,
            )
            for d, x in zip(DETUNED, low, strict=True)
        ),
        larger("the upper bound above the lower one", upper=high, lower=low),
        first=low[0],
        second=low[1],
        third=low[2],
        upper=high[0],
    )


def _n_against_delta(T_h: float) -> Along:
    return lambda delta: margin(figure(delta=delta, T_h=T_h))


def _above_against_delta(T_h: float) -> Along:
    return lambda delta: ratio(figure(delta=delta, T_h=T_h)) - 1


def _ratio_against_heat(delta: float) -> Along:
    return lambda heat: ratio(figure(delta=delta, T_h=heat))


def _above_against_heat(delta: float) -> Along:
    return lambda heat: ratio(figure(delta=delta, T_h=heat)) - 1


def _end(T_h: float) -> Array:
    """Detuning at which n of eq. (16) first vanishes."""
    return find_root(lambda d: margin(figure(delta=d, T_h=T_h)), 0.001, 0.3, scan=301).x


def _least(heat: Array) -> Array:
    """Smallest n over δ in (0.001, 0.6)."""
    shape = np.shape(heat)
    lowest = maximise(
        lambda d: -margin(figure(delta=d, T_h=heat)), 0.001, 0.6, shape=shape, scale="log", scan=65
    )
    return np.asarray(-lowest.value)


def _redfield_ratio(T_h: Array) -> Array:
    rho = figure(delta=0.0, T_h=T_h, approach="redfield").steady_state().rho
    outer = np.sqrt(np.abs(rho[..., 0, 0] * rho[..., 3, 3]))
    return np.asarray(np.abs(rho[..., 1, 2]) / outer)


def _dense_ratios(**p: float) -> dict[str, float]:
    later = p["T_h_after"]
    return {"before": dense(p).ratio, "after": dense(p | {"T_h": later}).ratio}
