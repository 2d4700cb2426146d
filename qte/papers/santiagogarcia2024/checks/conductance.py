"""Sections III.3 and III.4: conductance, its negative slope, chains at weak coupling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from scipy.optimize import minimize_scalar

from qte.common import elementary as el
from qte.common.optimise import Maximum, find_root, maximise
from qte.ledger import second
from qte.ledger.checks import Range, fact
from qte.ledger.entries import judge
from qte.ledger.forms import close, equals, falls, never_below
from qte.ledger.judged import Found, found
from qte.machines.junction import Junction
from qte.machines.spin_chain import SpinChain
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, Bridge
from qte.papers.santiagogarcia2024.trials import (
    BOSONIC,
    EVERYTHING,
    FIGURE,
    LINK,
    RATES,
    WARM,
    WORDS,
    Case,
    agrees,
    draws,
    fault,
    on_draws,
    stacked,
)

ONE_T: Final[trials.Ground] = {"T": Range(0.03, 100, log=True)}
HALF: Final[trials.Point] = FIGURE | {"T_L": 0.5, "T_R": 0.5}


@judge("conductance-scales-with-alpha")
def scales(rng: Generator) -> Found:
    return found(
        on_draws(
            rng,
            "alpha kappa_1 against dJ/dT_L",
            lambda c: (eq.eq06_scaling(c.p) * c.one.conductance(), trials.slope(**c.points, **c.kind)),
            equal=True,
        )
    )


@judge("eq-13")
def eq13(rng: Generator) -> Found:
    def twice(case: Case) -> tuple[Any, ...]:
        return 2 * eq.eq13_conductance(case.p), case.one.conductance()

    def dense(**k: float) -> Mapping[str, float]:
        n, a = 1 / el.expm1(1 / k["T_L"]), 1 / (el.exp(1 / k["T_L"]) + 1)
        rates = k["gamma_L"], k["gamma_R"]
        text = rates[0] * rates[1] * n * a * n * el.exp(1 / k["T_L"]) / (sum(rates) * n * k["T_L"] ** 2)
        # with a stiff bond the pair conducts like one system
        return {"printed": text, "right": float(trials.slope(**k | {"g": 1e9}))}

    return fault(
        "kappa of one qubit as printed",
        HALF,
        eq.eq13_conductance(trials.bridge(**HALF)),
        trials.at(HALF).one.conductance(),
        "the formula coded apart; dense solve of the moment equations, differentiated, g = 1e9",
        dense,
        rest=(on_draws(rng, "twice the printed form", twice, equal=True), *_eq14(rng)),
    )


@judge("eq-14")
def eq14(rng: Generator) -> Found:
    return found(*_eq14(rng)[:1])


@judge("one-qubit-conductance")
def one_qubit(rng: Generator) -> Found:
    return found(*_eq14(rng)[1:])


@judge("small-ratio-means-equal-conductance")
def equal_conductance(rng: Generator) -> Found:
    def bounded(*, g: Array, **k: Any) -> Array:
        x = k["gamma_L"] * k["gamma_R"] / (4 * g**2) / el.tanh(0.5 / k["T"]) ** 2
        return np.asarray(x - 1 + _share(g=g, **k))

    at: trials.Point = {"gamma_L": 0.001, "gamma_R": 0.001, "g": 0.02, "T": 50.0}
    share, ratio = float(_share(**at)), 0.001**2 / (4 * 0.02**2)
    return found(
        never_below("1 - kappa_2/kappa_1 <= ratio times coth^2", bounded, RATES | ONE_T | LINK, rng),
        beyond=(fact("kappa_2 > 0.9 kappa_1 at a small ratio, hot", share > 0.9, at=at, share=share),),
        share=share,
        ratio=ratio,
    )


@judge("one-conducts-best")
def one_conducts_best(rng: Generator) -> Found:
    domain = RATES | ONE_T | LINK | WORDS
    return found(
        never_below("two conduct less than one", lambda **k: 1 - _share(**k), domain, rng),
        *(_lengths(rng, "conductance", n, equal=True) for n in (3, 15, 80)),
    )


@judge("one-schottky-peak")
def one_peak(rng: Generator) -> Found:
    ratio, t = el.geomspace(1e-8, 1e8, 321), el.geomspace(0.01, 1000, 4000)[:, None]
    log_kappa = el.log(_two(t, ratio))
    turns = (np.diff(np.sign(np.diff(log_kappa, axis=0)), axis=0) != 0).sum(axis=0)
    ends = el.exp(log_kappa[[0, -1]] - log_kappa.max(axis=0)).max()
    return found(
        fact("one turning point for every bond", (turns == 1).all(), bonds=len(ratio), most=int(turns.max())),
        fact("below 1e-2 of the peak at T = 0.01 and 1000 omega", ends < 1e-2, largest=ends),
    )


@judge("peak-at-half-the-gap")
def peak_at_half(rng: Generator) -> Found:
    one, pair, soft = (_peak(ratio) for ratio in (1e-12, 0.5, 1e12))

    def closed_form(**_: float) -> Mapping[str, float]:
        best = minimize_scalar(lambda y: -_reduced(y, 0.5), bounds=(1, 4), options={"xatol": 1e-10})
        return {"printed": 0.5, "right": 1 / float(best.x)}

    return fault(
        "T/omega of the peak, figure 2",
        HALF,
        0.5,
        pair,
        "closed form (14), another optimiser",
        closed_form,
        close("one qubit, or a stiff bond", one, 0.5, 0.05),
        close("the pair of figure 2", pair, 0.5, 0.15),
        one=one,
        soft=soft,
        redfield=float(_redfield_peak().x),
        off=[200 * one - 100, 200 * pair - 100],
    )


@judge("eq-15")
def eq15(rng: Generator) -> Found:
    points = draws(rng)
    points |= {"T_L": points["omega"] / 2, "T_R": points["omega"] / 2}
    case = Case(points, BOSONIC)
    two, one = eq.eq15_largest_conductance(case.p)
    low = [float(100 - 100 * _reduced(2.0, x) / _reduced(1 / _peak(x), x)) for x in (0.0, 0.5, 1e9)]

    def scan(*, gamma_L: float, gamma_R: float, g: float, **_: float) -> Mapping[str, float]:
        share, x = gamma_L * gamma_R / (gamma_L + gamma_R), gamma_L * gamma_R / (4 * g**2)
        best = float(_reduced(np.linspace(1.0, 4.0, 300_001), x).max())
        return {"printed": share * float(_reduced(2.0, x)), "right": share * best}

    return fault(
        "the maximum, figure 2",
        HALF,
        eq.eq15_largest_conductance(trials.bridge(**HALF))[0],
        maximise(lambda t: SpinChain(N=2, **FIGURE, T_L=t, T_R=t).conductance(), 0.1, 2.0, scale="log").value,
        "closed form (14) scanned in omega/T",
        scan,
        equals("two qubits at T = omega/2", two, case.two.conductance(), points),
        equals("one qubit at T = omega/2", one, case.one.conductance(), points),
        low=low,
        redfield=float(_redfield_peak().value),
    )


@judge("height-independent-of-gap")
def height(rng: Generator) -> Found:
    points = draws(rng)

    def tops(omega: Array) -> tuple[Array, Array]:
        def conductance(t: Array) -> Array:
            return SpinChain(N=2, **points | {"omega": omega, "T_L": t, "T_R": t}).conductance()

        top = maximise(conductance, 0.1 * omega, 2 * omega, shape=omega.shape, scale="log")
        return top.value, top.x / omega

    one, any_gap = tops(np.ones(240)), tops(points["omega"])
    moved = np.abs(any_gap[1] / one[1] - 1).max()
    return found(
        equals("height at omega and at 1", any_gap[0], one[0], points),
        fact("T/omega of the peak does not move", moved < 1e-6, draws=240),
    )


@judge("eq-16")
def eq16(rng: Generator) -> Found:
    def slopes(case: Case) -> tuple[Any, ...]:
        k = case.points
        both = trials.slope(**k, **case.kind)
        # the growth of alpha and that of J may nearly cancel
        size = np.abs(eq.eq05_heat_current(case.p)) * (k["omega"] / k["T_L"] ** 2) * (1 + case.p.n("L"))
        return eq.eq16_slope(case.p), both, size + np.abs(both)

    return agrees(rng, "left-hand side against dJ/dT_L", slopes)


@judge("one-system-never-falls")
def never_falls(rng: Generator) -> Found:
    def margin(**k: Any) -> Array:
        # alpha is 1 for a stiff bond; the mirrored machine has its left bath on the right
        free, pairs = k | {"g": 1e9}, [(f"{n}_L", f"{n}_R") for n in ("gamma", "T", "statistics")]
        mirrored = free | {a: k[b] for a, b in pairs} | {b: k[a] for a, b in pairs}
        least = np.minimum(k["gamma_L"], k["gamma_R"])
        slopes = [eq.eq16_slope(trials.bridge(**p)) / least for p in (free, mirrored)]
        return np.asarray(np.minimum.reduce([*slopes, eq.eq06_scaling(trials.bridge(**k))]))

    what = "dJ/dT_L >= 0 and -dJ/dT_R >= 0 of one system, alpha > 0"
    return found(never_below(what, margin, EVERYTHING, rng))


@judge("falling-alpha-is-necessary")
def falling_alpha(rng: Generator) -> Found:
    def margin(**k: Any) -> Array:
        alpha = eq.eq06_scaling(trials.bridge(**k | {"T_L": 1.0001 * k["T_L"]}))
        change = 1 - alpha / eq.eq06_scaling(trials.bridge(**k))
        return np.asarray(np.where((trials.slope(**k) < 0) & (k["T_L"] > k["T_R"]), change, np.nan))

    def elsewhere(**k: Any) -> Array:
        slope = trials.slope(**k) / (k["gamma_L"] + k["gamma_R"])
        return np.asarray(np.where(k["T_L"] > k["T_R"], slope, np.nan))

    domain = EVERYTHING | {"statistics_L": ("bose",), "system": ("qubit",), "T_R": Range(0.03, 3, log=True)}
    others = [("bose", "oscillator"), ("fermi", "qubit"), ("fermi", "oscillator")]
    return found(
        never_below("alpha falls wherever the current does", margin, domain, rng),
        *(
            never_below(
                f"it never falls, {left} bath on {system}s",
                elsewhere,
                EVERYTHING | {"statistics_L": (left,), "system": (system,)},
                rng,
            )
            for left, system in others
        ),
    )


@judge("eq-17")
def eq17(rng: Generator) -> Found:
    points = draws(rng, T_R=0.0)
    couplings = {name: points[name] for name in ("gamma_L", "gamma_R", "g")}
    printed = eq.eq17_threshold(Bridge(**couplings, T_L=1.0, T_R=0.0))

    def rise(y: Array) -> Array:
        # y = omega/T; the slope over its own decay at low temperature
        t = points["omega"] / y
        return np.asarray(trials.slope(**points | {"T_L": t}) * el.exp(y) * t**2)

    root = find_root(rise, 1e-5, 30.0, shape=points["g"].shape, scale="log", scan=130)
    other = FIGURE | {"omega": 2.0, "T_R": 0.0}
    figure = float(eq.eq17_threshold(Bridge(**FIGURE, T_L=1.0, T_R=0.0)))
    slope = float(trials.slope(**other, T_L=figure))
    literal = fact("dJ/dT_L = 0 there also for omega = 2", abs(slope) < 1e-12, at=other, slope=slope)
    return found(
        equals("threshold in units of omega", printed, 1 / root.x, couplings | {"omega": points["omega"]}),
        breaks=(literal,),
        figure=figure,
    )


@judge("negative-differential-conductance")
def negative_slope(rng: Generator) -> Found:
    def margin(*, T_R: Array, **k: Any) -> Array:
        return np.asarray(-trials.slope(T_L=1e9, T_R=T_R, **k) * 1e18 / (k["gamma_L"] + k["gamma_R"]))

    def redfield(t: Array) -> Array:
        return trials.engine(FIGURE | {"T_L": t, "T_R": 0.0}, "redfield").net_current()

    threshold = float(eq.eq17_threshold(Bridge(**FIGURE, T_L=1.0, T_R=0.0)))
    domain = RATES | LINK | {"T_R": Range(0.03, 10, log=True)}
    return found(
        falls("J, figure 2", lambda t: _warmed(t).net_current(), threshold, 1e4, of="T_L", log=True),
        falls("J, figure 2, Redfield equation", redfield, 2.0, 50.0, of="T_L", log=True),
        never_below("at T_L = 1e9 omega the current falls, any couplings and T_R", margin, domain, rng),
        at_2=float(redfield(np.array(2.0))),
        at_20=float(redfield(np.array(20.0))),
    )


@judge("no-strong-bath-needed")
def no_strong_bath(rng: Generator) -> Found:
    points = draws(rng, T_R=0.0)
    weak = points | {name: 1e-6 * points[name] for name in ("g", "gamma_L", "gamma_R")}
    slope, again_ = trials.slope(**points), trials.slope(**weak) * 1e6
    t, current = points["T_L"], eq.eq05_heat_current(Bridge(**points))
    size = np.abs(slope) + current / t * (1 + points["omega"] / t)
    return found(equals("slope with all rates 1e-6 as large", again_, slope, points, scale=size))


@judge("eq-18")
def eq18(rng: Generator) -> Found:
    def bonds(case: Case) -> tuple[Any, ...]:
        w, g = case.points["omega"], case.points["g"]
        machine = np.array([eq.eq18_hamiltonian(3, *k) for k in zip(w, g, strict=True)])
        spins = sum(second.number(k, 3) - np.eye(8) / 2 for k in range(3))
        link = second.exchange(0, 1, 3) + second.exchange(1, 2, 3)
        dense = w[:, None, None] * spins + g[:, None, None] * link
        return dense, machine, np.abs(dense).max(axis=(-1, -2), keepdims=True)

    link = eq.eq18_hamiltonian(3, 0.0, 1.0)
    printed, right = 3, float(np.trace(link @ link).real / 4)

    def neighbours(**_: float) -> Mapping[str, float]:
        return {"printed": len(range(1, 4)), "right": sum(j - k == 1 for j in range(3) for k in range(j))}

    def current(case: Case) -> tuple[Any, ...]:
        return eq.eq19_heat_current(case.p), case.chain(3).net_current()

    rest = [on_draws(rng, "bonds up to N - 1", bonds, kinds=(BOSONIC,), n=240)]
    rest.append(on_draws(rng, "eq. (19)", current, kinds=(BOSONIC,), n=240))
    what = "terms of the second sum, three qubits"
    return fault(what, WARM, printed, right, "neighbours counted", neighbours, rest=tuple(rest))


@judge("eq-19")
def eq19(rng: Generator) -> Found:
    case = trials.bosonic(rng)
    printed = eq.eq19_heat_current(case.p)
    return found(
        *(equals(f"N = {n}", printed, case.chain(n).net_current(), case.points) for n in (2, 3, 5, 16, 41)),
        equals("eq. (10)", printed, eq.eq10_heat_current(case.p), case.points),
    )


@judge("chain-length-drops-out")
def chain_length(rng: Generator) -> Found:
    inner = trials.at(WARM).chain(40).occupations()[1:-1]
    flat = fact("inner occupations of 40 qubits are flat", np.ptp(inner) < 1e-12, occupation=float(inner[0]))
    return found(*(_lengths(rng, "net_current", n, n=40) for n in (3, 8, 40, 200)), flat)


@judge("oscillators-conduct-alike")
def oscillators(rng: Generator) -> Found:
    kinds = tuple(kind for kind in trials.ALL if kind["system"] == "oscillator")
    return found(*(_lengths(rng, "conductance", n, kinds, equal=True) for n in (3, 20)))


def _eq14(rng: Generator) -> tuple[Any, Any]:
    case = trials.balanced(trials.bosonic(rng))
    return (
        equals("eq. (14)", eq.eq14_conductance(case.p), case.two.conductance(), case.points),
        equals("one qubit, below (14)", eq.text_conductance(case.p), case.one.conductance(), case.points),
    )


def _lengths(
    rng: Generator,
    quantity: str,
    long: int,
    kinds: tuple[trials.Kind, ...] = trials.ALL,
    n: int = 60,
    equal: bool = False,
) -> Any:
    points, (chain, two) = stacked(rng, trials.lengths(quantity, long, 2), kinds=kinds, n=n, equal=equal)
    return equals(f"{quantity} of {long} against 2", chain, two, points)


def _share(*, T: Any, g: Any, **k: Any) -> Array:
    """Conductance of two systems over that of one."""
    one = Junction(T_L=T, T_R=T, **k).conductance()
    return np.asarray(SpinChain(N=2, T_L=T, T_R=T, g=g, **k).conductance() / one)


def _two(t: Any, ratio: Any) -> Array:
    """Conductance of two qubits of gap 1 and rates 1 at a given gamma_L gamma_R/4g^2, up to a factor."""
    t, ratio = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(ratio, dtype=float))
    pair = SpinChain(N=2, g=1 / (2 * np.sqrt(ratio)), gamma_L=1.0, gamma_R=1.0, T_L=t, T_R=t)
    return np.asarray(pair.conductance() * np.maximum(1.0, ratio))


def _peak(ratio: float) -> float:
    """Temperature of the largest conductance over omega."""
    return float(maximise(lambda t: _two(t, max(ratio, 1e-12)), 0.1, 2.0, scale="log").x)


def _redfield_peak() -> Maximum:
    """Largest conductance at figure 2's couplings in a Redfield equation."""

    def kappa(t: Array) -> Array:
        return trials.engine(FIGURE | {"T_L": t, "T_R": t}, "redfield").conductance()

    return maximise(kappa, 0.2, 1.0, scale="log")


def _reduced(y: Any, x: float) -> Array:
    """Eq. (14) over gamma_L gamma_R/(gamma_L + gamma_R), y = omega/T."""
    return np.asarray(np.asarray(y) ** 2 / el.sinh(y) / (1 + x / el.tanh(np.asarray(y) / 2) ** 2))


def _warmed(t: Any) -> SpinChain:
    return SpinChain(N=2, **FIGURE, T_L=t, T_R=0.0)
