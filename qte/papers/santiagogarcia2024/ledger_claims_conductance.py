"""Ledger of santiagogarcia2024: claims of sections III.3 and III.4 on conductance and its negative slope."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common.optimise import maximise
from qte.ledger.checks import Range, compare, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, approximately, conditional, confirm, holds
from qte.machines.junction import Junction
from qte.machines.spin_chain import SpinChain
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, Bridge
from qte.papers.santiagogarcia2024.trials import EVERYTHING, FIGURE, LINK, RATES, WORDS, Case, draws, stacked

WARM: trials.Ground = {"T": Range(0.03, 100, log=True)}


@claim(
    "conductance-scales-with-alpha",
    place="sec. III.3",
    says="The conductance of two systems is alpha(T) times that of one.",
)
def scales(rng: Generator) -> Evidence:
    def both(case: Case) -> tuple[Any, ...]:
        dense = trials.slope(**case.points, **case.kind)
        return eq.eq06_scaling(case.p) * case.one.conductance(), dense

    points, (printed, dense) = stacked(rng, both, equal=True)
    return holds(
        compare("alpha kappa_1 against dJ/dT_L", printed, dense, points),
        method="complex step in a dense solve of the moment equations",
        finding="Right for all eight combinations of statistics.",
    )


@claim(
    "one-conducts-best",
    place="sec. III.3, III.4, V",
    says="At weak coupling the conductance of one system bounds those of two systems and of chains, which are equal.",
)
def one_conducts_best(rng: Generator) -> Evidence:
    def margin(*, T: Array, g: Array, **k: Any) -> Array:
        one = Junction(T_L=T, T_R=T, **k).conductance()
        return 1 - SpinChain(N=2, T_L=T, T_R=T, g=g, **k).conductance() / one

    checks = []
    for n in (3, 15, 80):
        points, (chain, two) = stacked(rng, trials.lengths("conductance", n, 2), equal=True)
        checks.append(compare(f"{n} systems against 2", chain, two, points))
    return holds(
        hunt("two conduct less than one", margin, RATES | WARM | LINK | WORDS, rng),
        *checks,
        finding="Right for all eight combinations of statistics, oscillators included.",
    )


@claim(
    "small-ratio-means-equal-conductance",
    place="sec. III.3",
    says="If gamma_L gamma_R is much smaller than 4g^2 two qubits conduct like one.",
)
def equal_conductance(rng: Generator) -> Evidence:
    def ratio(*, T: Array, g: Array, **k: Any) -> Array:
        two = SpinChain(N=2, T_L=T, T_R=T, g=g, **k).conductance()
        return np.asarray(two / Junction(T_L=T, T_R=T, **k).conductance())

    def bounded(*, T: Array, g: Array, **k: Any) -> Array:
        x = k["gamma_L"] * k["gamma_R"] / (4 * g**2) / np.tanh(0.5 / T) ** 2
        return np.asarray(x - (1 - ratio(T=T, g=g, **k)))

    def near_one(*, T: Array, g: Array, **k: Any) -> Array:
        x = k["gamma_L"] * k["gamma_R"] / (4 * g**2)
        return np.asarray(np.where(x < 1e-3, ratio(T=T, g=g, **k) - 0.9, np.nan))

    at: trials.Point = {"gamma_L": 0.001, "gamma_R": 0.001, "g": 0.02, "T_L": 50.0, "T_R": 50.0}
    share = SpinChain(N=2, **at).conductance() / eq.text_conductance(trials.bridge(**at))
    return conditional(
        inside=(hunt("1 - kappa_2/kappa_1 <= ratio times coth^2", bounded, RATES | WARM | LINK, rng),),
        outside=(
            hunt(
                "kappa_2 > 0.9 kappa_1 whenever the ratio is below 1e-3", near_one, RATES | WARM | LINK, rng
            ),
        ),
        conditions="gamma_L gamma_R coth^2(omega/2T) much smaller than 4g^2; the coth counts from T of the "
        "order of omega on.",
        counterexample=at,
        numbers={"gamma_L gamma_R/4g^2": 6.25e-4, "kappa_2/kappa_1 there": share},
        finding="At a ratio of 6.25e-4 and T = 50 omega two qubits conduct 0.138 of one.",
        second=confirm(
            "complex step in a dense solve of the moment equations",
            share=(share, trials.slope(**at) / eq.text_conductance(trials.bridge(**at))),
        ),
    )


@claim(
    "one-schottky-peak",
    place="sec. III.3, fig. 2",
    says="The conductance of two qubits vanishes at low and high temperature and has a single peak between.",
)
def one_peak(rng: Generator) -> Evidence:
    ratio = np.logspace(-8, 8, 321)
    t = np.geomspace(0.01, 1000, 4000)[:, None]
    log_kappa = np.log(_two(t, ratio))
    turns = (np.diff(np.sign(np.diff(log_kappa, axis=0)), axis=0) != 0).sum(axis=0)
    return holds(
        fact(
            "one turning point for every bond",
            bool((turns == 1).all()),
            bonds=len(ratio),
            fewest=int(turns.min()),
            most=int(turns.max()),
            over_peak_at_T_0_02=float(_two(0.02, 0.5) / _two(0.427, 0.5)),
            over_peak_at_T_100=float(_two(100.0, 0.5) / _two(0.427, 0.5)),
        ),
        method="exact conductance over gamma_L gamma_R/4g^2 in 1e-8 to 1e8 (the only parameter) and 4000 "
        "temperatures",
        finding="Right for every bond.",
    )


@claim("peak-at-half-the-gap", place="sec. III.3, fig. 2", says="The peak lies near T = omega/2.")
def peak_at_half(rng: Generator) -> Evidence:
    def peak(ratio: float) -> float:
        return float(maximise(lambda t: _two(t, ratio), 0.1, 2.0, scale="log").x)

    stiff, figure, soft = peak(1e-12), peak(0.5), peak(1e12)
    t = np.linspace(0.2, 0.8, 600001)
    printed = Bridge(**FIGURE, T_L=t, T_R=t)
    scanned = [float(t[np.argmax(f(printed))]) for f in (eq.text_conductance, eq.eq14_conductance)]
    return approximately(
        fact("one qubit, or a stiff bond", abs(stiff - 0.5) < 0.025, T_over_omega=stiff),
        fact("two qubits of figure 2", abs(figure - 0.5) < 0.075, T_over_omega=figure),
        fact("a weak bond", abs(soft - 0.5) < 0.15, T_over_omega=soft),
        method="maximum of the exact conductance over T",
        finding="4.4 % above omega/2 for one qubit, 14.6 % below for the pair of figure 2: alpha falls with "
        "temperature and pulls the peak down, to 0.370 omega for a weak bond.",
        second=confirm(
            "scan of the closed forms at 600 001 temperatures",
            one_qubit=(scanned[0], _nearest(stiff)),
            figure_2=(scanned[1], _nearest(figure)),
        ),
    )


@claim(
    "height-independent-of-gap",
    place="sec. III.3",
    says="Changing omega moves the peak but leaves its height, which depends on gamma_L, gamma_R and g only.",
)
def height(rng: Generator) -> Evidence:
    points = draws(rng)

    def tops(omega: Array) -> tuple[Array, Array]:
        def conductance(t: Array) -> Array:
            return SpinChain(N=2, **points | {"omega": omega, "T_L": t, "T_R": t}).conductance()

        top = maximise(conductance, 0.1 * omega, 2 * omega, shape=omega.shape, scale="log")
        return top.value, top.x / omega

    one, any_gap = tops(np.ones(240)), tops(points["omega"])
    return holds(
        compare("height at omega and at 1", any_gap[0], one[0], points),
        fact(
            "T/omega of the peak does not move", bool(np.abs(any_gap[1] / one[1] - 1).max() < 1e-6), draws=240
        ),
        method="maximum over T at random couplings and gaps",
        finding="Right, at couplings held fixed while omega changes.",
    )


@claim(
    "negative-differential-conductance",
    place="abstract, sec. I, III.3, V",
    says="At weak coupling a warmer hot bath can lower the current of two qubits.",
)
def negative_slope(rng: Generator) -> Evidence:
    threshold = float(eq.eq17_threshold(Bridge(**FIGURE, T_L=1.0, T_R=0.0)))
    j = [float(SpinChain(N=2, **FIGURE, T_L=t, T_R=0.0).net_current()) for t in (threshold, 5.0, 50.0, 1e4)]
    warm = float(trials.slope(**FIGURE, T_L=5.0, T_R=0.5))

    def margin(*, T_R: Array, **k: Any) -> Array:
        return np.asarray(-trials.slope(T_L=1e9, T_R=T_R, **k) * 1e18 / (k["gamma_L"] + k["gamma_R"]))

    return holds(
        fact(
            "the current falls beyond the threshold, couplings of figure 2, T_R = 0",
            j[0] > j[1] > j[2] > j[3],
            threshold=threshold,
            J_at_threshold=j[0],
            J_at_5=j[1],
            J_at_50=j[2],
            J_at_10000=j[3],
        ),
        fact(
            "it also falls with a cold bath at T_R = 0.5",
            warm < 0,
            at=FIGURE | {"T_L": 5.0, "T_R": 0.5},
            slope=warm,
        ),
        hunt(
            "at T_L = 1e9 omega the current falls, any couplings and T_R",
            margin,
            RATES | LINK | {"T_R": Range(0.03, 10, log=True)},
            rng,
        ),
        finding="Right, and general: for every choice of couplings the current of two qubits between bosonic "
        "baths goes to "
        "zero as the hot bath gets hotter, since alpha does.",
    )


@claim(
    "one-system-never-falls",
    place="sec. III.3",
    says="The current of one system rises with the bias, and alpha is positive, for every combination of statistics.",
)
def never_falls(rng: Generator) -> Evidence:
    def margin(**k: Any) -> Array:
        # alpha is 1 for a stiff bond
        free = k | {"g": 1e9}
        swapped = free | {
            "T_L": k["T_R"],
            "T_R": k["T_L"],
            "gamma_L": k["gamma_R"],
            "gamma_R": k["gamma_L"],
            "statistics_L": k["statistics_R"],
            "statistics_R": k["statistics_L"],
        }
        scale = np.minimum(k["gamma_L"], k["gamma_R"])
        slopes = [eq.eq16_slope(trials.bridge(**p)) / scale for p in (free, swapped)]
        return np.asarray(np.minimum.reduce([*slopes, eq.eq06_scaling(trials.bridge(**k))]))

    return holds(
        hunt("dJ/dT_L >= 0 and -dJ/dT_R >= 0 of one system, alpha > 0", margin, EVERYTHING, rng),
        finding="Right for both baths and both orders of the temperatures.",
    )


@claim(
    "falling-alpha-is-necessary",
    place="sec. III.3",
    says="A current that falls with growing bias needs an alpha that falls with it.",
)
def falling_alpha(rng: Generator) -> Evidence:
    def margin(**k: Any) -> Array:
        slope = trials.slope(**k)
        alpha = eq.eq06_scaling(trials.bridge(**k | {"T_L": 1.0001 * k["T_L"]}))
        change = 1 - alpha / eq.eq06_scaling(trials.bridge(**k))
        return np.asarray(np.where((slope < 0) & (k["T_L"] > k["T_R"]), change, np.nan))

    domain = EVERYTHING | {"statistics_L": ("bose",), "system": ("qubit",), "T_R": Range(0.03, 3, log=True)}

    def elsewhere(**k: Any) -> Array:
        return np.asarray(
            np.where(k["T_L"] > k["T_R"], trials.slope(**k) / (k["gamma_L"] + k["gamma_R"]), np.nan)
        )

    others = []
    for left, system in (("bose", "oscillator"), ("fermi", "qubit"), ("fermi", "oscillator")):
        kind: trials.Ground = {"statistics_L": (left,), "system": (system,)}
        others.append(hunt(f"it never falls, {left} bath on {system}s", elsewhere, EVERYTHING | kind, rng))
    return holds(
        hunt("alpha falls wherever the current does", margin, domain, rng),
        *others,
        finding="Right. TemperatureDerivative the hot bath lowers the current only if it is bosonic and acts on qubits, the "
        "case in "
        "which coth grows.",
    )


@claim(
    "no-strong-bath-needed",
    place="sec. III.3",
    says="The negative slope needs no strong coupling to the baths.",
)
def no_strong_bath(rng: Generator) -> Evidence:
    points = draws(rng, T_R=0.0)
    weak = points | {name: 1e-6 * points[name] for name in ("g", "gamma_L", "gamma_R")}
    slopes = [trials.slope(**p) for p in (points, weak)]
    return holds(
        compare(
            "slope with all rates 1e-6 as large",
            slopes[1] * 1e6,
            slopes[0],
            points,
            scale=np.abs(slopes[0])
            + eq.eq05_heat_current(Bridge(**points)) / points["T_L"] * (1 + points["omega"] / points["T_L"]),
        ),
        method="complex step in a dense solve of the moment equations",
        finding="Only the ratios of g, gamma_L and gamma_R matter, so that it survives at any weakness.",
    )


def _two(t: Any, ratio: Any) -> Array:
    """Conductance of two qubits of gap 1 and rates 1 at a given gamma_L gamma_R/4g^2, up to a factor."""
    t, ratio = np.broadcast_arrays(np.asarray(t, dtype=float), np.asarray(ratio, dtype=float))
    pair = SpinChain(N=2, g=1 / (2 * np.sqrt(ratio)), gamma_L=1.0, gamma_R=1.0, T_L=t, T_R=t)
    return np.asarray(pair.conductance() * np.maximum(1.0, ratio))


def _nearest(t: float) -> float:
    """Temperature to the spacing of the scan."""
    return round(t, 6)
