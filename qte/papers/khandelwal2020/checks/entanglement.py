"""What khandelwal2020 says about entanglement at weak coupling (abstract, sections 4 and 7, figures 2b and 3)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common import matrices
from qte.common.optimise import find_root, maximise
from qte.ledger.checks import Domain, Range
from qte.ledger.entries import judge
from qte.ledger.forms import crossing_at, fact, falls, larger, never_below, rises
from qte.ledger.judged import Found, found
from qte.papers.khandelwal2020.checks.engines import (
    FIGURE,
    HOT,
    WEAK,
    Array,
    figure,
    least_transposed,
    local,
    ratio,
    without,
)
from qte.papers.khandelwal2020.parts import margin

DETUNED: Final = np.array([0.0, 0.01, 0.02])
BOTH: Final = {"statistics_h": ("bose", "fermi"), "statistics_c": ("bose", "fermi")}
FORWARD: Final[Domain] = without(WEAK, "T_h", delta=Range(-0.1, 0.5), hotter=Range(1, 400, log=True))
# Sure enough that round-off does not decide.
CLEAR: Final = 1e-9


@judge("one-negative-eigenvalue")
def one_negative(rng: Generator) -> Found:
    def next_smallest(**p: Any) -> Array:
        return least_transposed(local(**p).steady_state().rho, 1)

    return found(never_below("the second smallest eigenvalue ≥ 0", next_smallest, dict(WEAK) | BOTH, rng))


@judge("criterion")
def criterion(rng: Generator) -> Found:
    def agrees(**p: Any) -> Array:
        rho = local(**p).steady_state().rho
        gap = matrices.modulus(rho[:, 1, 2]) - np.sqrt(rho[:, 0, 0].real * rho[:, 3, 3].real)
        return np.asarray(-np.sign(gap) * least_transposed(rho) * (np.abs(gap) > CLEAR))

    return found(never_below("|c|² − r₁r₄ against the least eigenvalue", agrees, dict(WEAK) | BOTH, rng))


@judge("current-necessary")
def current_necessary(rng: Generator) -> Found:
    return found(never_below("n has the sign of |J| − J_c", _witness, WEAK, rng))


@judge("current-not-sufficient")
def current_not_sufficient(rng: Generator) -> Found:
    engine = figure(T_h=0.15, delta=0.0)
    j, n = float(engine.net_current()), float(margin(engine))
    return found(
        fact("a current and no entanglement", j > 0 > n, at=FIGURE | {"T_h": 0.15}, J=j, n=n), heat=0.15
    )


@judge("witness-sufficient")
def witness_sufficient(rng: Generator) -> Found:
    def works(**p: Any) -> Array:
        engine = local(**p)
        above = engine.net_current() > engine.critical_current() * (1 + CLEAR)
        return np.where(above, np.maximum(margin(engine), -1), 0.0)

    return found(never_below("n ≥ 0 wherever J > J_c", works, WEAK, rng))


@judge("witness-necessary")
def witness_necessary(rng: Generator) -> Found:
    def needs(hotter: Array, **p: Any) -> Array:
        engine = local(**p, T_h=p["T_c"] * hotter)
        below = engine.net_current() < engine.critical_current() * (1 - CLEAR)
        return np.where(below, -margin(engine), 0.0)

    at = FIGURE | {"gamma_h": 1.1e-2, "gamma_c": 1e-3, "T_h": 0.1, "T_c": 0.7, "delta": 0.0}
    engine = local(**at)
    n, j = float(engine.negativity()), float(engine.net_current())
    return found(
        never_below("N = 0 wherever J < J_c, T_h ≥ T_c", needs, FORWARD, rng),
        beyond=(fact("the same with the gradient reversed", n == 0, at=at, N=n, J=j),),
        point=at,
        N=n,
        J=j,
    )


@judge("coupling-bound")
def coupling_bound(rng: Generator) -> Found:
    first = float(find_root(lambda g: margin(figure(g=g, T_h=0.7)), 1e-5, 5e-3, scale="log").x)
    last = float(find_root(lambda g: margin(figure(g=g, T_h=0.7)), 5e-3, 0.1, scale="log").x)

    def above(g: Array) -> Array:
        return ratio(figure(g=g, T_h=0.7)) - 1

    same = crossing_at("J = J_c where N begins", above, 1e-5, 5e-3, of="g", stated=first, within=1e-10)
    return found(same, first=first, last=last, heat=0.7)


@judge("negativity-falls-with-detuning")
def falls_with_detuning(rng: Generator) -> Found:
    start, then = figure(delta=0.0, T_h=HOT).negativity(), figure(delta=0.05, T_h=HOT).negativity()
    top = maximise(lambda d: margin(figure(delta=d, T_h=0.3)), 0, 0.02)
    return found(
        larger("N at resonance above N at 5 %", N_resonant=start, N_at_5_percent=then),
        least=np.min(then / start),
        most=np.max(then / start),
        place=top.x,
        gain=top.value / start[0] - 1,
        heat=0.3,
    )


@judge("negativity-grows-with-hot-temperature")
def grows(rng: Generator) -> Found:
    top = maximise(lambda T: margin(figure(T_h=T)), 0.2, 100, scale="log")
    end = find_root(lambda T: margin(figure(T_h=T)), float(top.x), 100, scale="log")
    far = rises("n up to nine gaps", lambda T: margin(figure(T_h=T)), 0.15, 9, of="T_h", log=True, at=FIGURE)

    def near(T: Array) -> Array:
        return margin(figure(T_h=T[:, None], delta=DETUNED))

    return found(
        rises("n at three detunings, up to 1.5 gaps", near, 0.2, 1.5, of="T_h"),
        beyond=(far,),
        peak=top.x,
        end=end.x,
    )


@judge("negativity-follows-current")
def follows(rng: Generator) -> Found:
    return found(
        falls("J with δ", lambda d: figure(delta=d[:, None], T_h=HOT).net_current(), 0.002, 0.05, of="delta"),
        falls("n with δ", lambda d: margin(figure(delta=d[:, None], T_h=HOT)), 0.002, 0.05, of="delta"),
        rises("J with T_h", lambda T: figure(T_h=T).net_current(), 0.2, 1.5, of="T_h"),
        rises("n with T_h", lambda T: margin(figure(T_h=T)), 0.2, 1.5, of="T_h"),
    )


@judge("cold-bath-must-be-cold")
def cold_enough(rng: Generator) -> Found:
    warm: Domain = {
        "g": Range(1e-5, 0.1, log=True),
        "gamma_h": Range(1e-7, 0.1, log=True),
        "gamma_c": Range(1e-7, 0.1, log=True),
        "T_c_over_gap": Range(0.3, 10, log=True),
        "hotter": Range(1, 1e5, log=True),
        "delta": Range(-0.1, 0.1),
    }

    def separable(T_c_over_gap: Array, hotter: Array, **p: Any) -> Array:
        T_c = T_c_over_gap * (1 + p["delta"])
        return -margin(local(**p, T_c=T_c, T_h=T_c * hotter))

    edge = float(find_root(_best, 0.2, 0.35, scan=5, tolerance=1e-6).x)
    works = float(_best(np.array([0.2]))[0])
    return found(
        never_below("n ≤ 0 for T_c ≥ 0.3 ε_c, whatever the rest", separable, warm, rng),
        fact("entangled at T_c = 0.2 ε_c", works > 0, at={"T_c": 0.2}, n=works),
        edge=edge,
        bound=0.3,
    )


@judge("transient-advantage")
def transient(rng: Generator) -> Found:
    at = FIGURE | {"delta": 0.0, "T_h": 0.7}
    start = np.zeros((4, 4), dtype=complex)
    start[1, 1] = 1
    engine = local(**at)
    most = float(engine.evolve(start, np.linspace(0, 1000, 201)).negativity().max())
    steady = float(engine.negativity())
    return found(
        larger("N on the way above N of the steady state", at=at, most=most, steady=steady),
        point=at,
        most=most,
        steady=steady,
    )


def _best(T_c: Array) -> Array:
    """Largest n at resonance over g and the hot rate, for a hot bath of any temperature: its limit T_h → ∞."""
    hot = 1e6

    def over_rate(g: Array) -> Array:
        def n(rate: Array) -> Array:
            return margin(local(eps_h=1.0, g=g, gamma_c=0.01, gamma_h=rate / hot, T_h=hot, T_c=T_c))

        return maximise(n, 1e-6, 1, shape=g.shape, scale="log", tolerance=1e-7).value

    return maximise(over_rate, 1e-5, 0.1, shape=np.shape(T_c), scale="log", tolerance=1e-7).value


def _witness(**p: Any) -> Array:
    """n where |J| is above J_c, −n where it is below."""
    engine = local(**p)
    above = np.abs(engine.net_current()) / engine.critical_current() - 1
    return np.where(np.abs(above) > CLEAR, np.sign(above) * margin(engine), 0.0)
