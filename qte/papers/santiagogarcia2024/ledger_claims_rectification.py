"""Ledger of santiagogarcia2024: claims of sections I, III.2, III.4 and appendix D on rectification and entropy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common.optimise import find_root
from qte.ledger.checks import Range, compare, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, fails, holds
from qte.machines.junction import Junction
from qte.machines.spin_chain import SpinChain
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import equations_appendix as ap
from qte.papers.santiagogarcia2024 import equations_global as eg
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array
from qte.papers.santiagogarcia2024.trials import (
    BATHS,
    EVERYTHING,
    FIGURE,
    HEAT,
    LINK,
    RATES,
    STRONG,
    SYSTEMS,
    Case,
    stacked,
)

ALIKE = tuple(kind for kind in trials.ALL if kind["statistics_L"] == kind["statistics_R"])
# A hybrid structure at the couplings of figure 2.
HYBRID: trials.Point = FIGURE | {"T_L": 1.0, "T_R": 0.1, "statistics_L": "bose", "statistics_R": "fermi"}


@claim("contrast-between-0-and-1", place="sec. III.2", says="The contrast lies between 0 and 1.")
def contrast_bounds(rng: Generator) -> Evidence:
    def margin(**k: Any) -> Array:
        c = SpinChain(N=2, **k).contrast()
        return np.minimum(c, 1 - c)

    return holds(
        hunt("0 <= C <= 1", margin, EVERYTHING, rng),
        finding="The two currents always have opposite signs, so that the bounds are never left.",
    )


@claim(
    "like-baths-like-contrast",
    place="sec. III.2",
    says="Between baths of one kind two systems rectify exactly like one, whatever the systems and the coupling g.",
)
def like_baths(rng: Generator) -> Evidence:
    def margin(*, g: Array, statistics: str, **k: Any) -> Array:
        kind = {"statistics_L": statistics, "statistics_R": statistics}
        return -np.abs(SpinChain(N=2, g=g, **k, **kind).contrast() - Junction(**k, **kind).contrast())

    domain = RATES | HEAT | LINK | {"statistics": BATHS, "system": SYSTEMS}
    return holds(hunt("C of two equals C of one", margin, domain, rng), finding="Exact; g drops out.")


@claim(
    "unlike-baths-unlike-contrast",
    place="sec. III.2",
    says="Two systems rectify like one only between baths of one kind: in the four hybrid structures the "
    "contrasts differ.",
)
def unlike_baths(rng: Generator) -> Evidence:
    def margin(*, left: str, **k: Any) -> Array:
        p = trials.bridge(**k, statistics_L=left, statistics_R="fermi" if left == "bose" else "bose")
        a, b = eq.eq09_weights(p)
        # the one bath that differs from the system decides the sign
        right = p.epsilon_L == p.epsilon_a
        warm, cool = (p.T_L, p.T_R) if right else (p.T_R, p.T_L)
        sign = (p.epsilon_R if right else p.epsilon_L) * np.sign(warm - cool)
        return np.asarray(np.where(p.T_L == p.T_R, np.nan, sign * (a - b) / (a + b)))

    domain = RATES | HEAT | LINK | {"left": BATHS, "system": SYSTEMS}
    inside = hunt("A - B keeps its sign (it vanishes at equal temperatures only)", margin, domain, rng)
    at: trials.Point = {k: HYBRID[k] for k in ("T_L", "T_R", "statistics_L", "statistics_R")}
    at |= {"gamma_L": 0.02, "gamma_R": 0.01}
    single = float(Junction(**at).contrast())

    def excess(g: Array) -> Array:
        return np.asarray(SpinChain(N=2, g=g, **at).contrast() - single)

    bond = float(find_root(excess, 1e-4, _reversal(at), scale="log").x)
    here: trials.Point = at | {"g": bond}
    two = float(SpinChain(N=2, **here).contrast())
    dense = _signed(here)
    return conditional(
        inside=(inside,),
        outside=(
            fact(
                "the contrasts differ at this coupling",
                abs(two - single) > 1e-10,
                at=here,
                C_of_two=two,
                C_of_one=single,
            ),
        ),
        conditions="For the contrast with its sign, (J> + J<)/(J> - J<), always. Its modulus, which is how the "
        "contrast is "
        "defined, can coincide at one special g, where two systems rectify as much as one in the other direction.",
        numbers={"signed contrast of two": dense, "g": bond},
        finding="A and B always differ, so that the signed contrasts do. As g falls the pair may turn its preferred "
        "direction round; the moduli are equal at one coupling on the way.",
        second=confirm(
            "dense 16x16 Liouvillian, both directions",
            C_of_two=(two, abs(dense)),
            C_of_one=(single, abs(dense)),
        ),
    )


@claim(
    "same-rectification-for-any-bridge",
    place="sec. I, V",
    says="At weak coupling the rectification is that of one qubit, whatever the bridge, since all currents are "
    "proportional.",
    against="Sec. III.2: proportional currents do not make equal contrasts; between unlike baths they differ.",
)
def any_bridge(rng: Generator) -> Evidence:
    def contrasts(case: Case) -> tuple[Any, ...]:
        return case.chain(30).contrast(), case.two.contrast(), case.one.contrast()

    points, (chain, two, one) = stacked(rng, contrasts, kinds=ALIKE)
    here = {name: value for name, value in HYBRID.items() if name != "g"}
    single, pair = float(Junction(**here).contrast()), float(SpinChain(N=2, **HYBRID).contrast())
    dense_one = abs(_signed(HYBRID | {"g": 1e3}))
    return conditional(
        inside=(
            compare("30 systems against 1, like baths", chain, one, points, scale=1.0),
            compare("2 systems against 1, like baths", two, one, points, scale=1.0),
        ),
        outside=(
            fact(
                "2 systems against 1, bosonic left and fermionic right bath",
                abs(pair - single) < 1e-10,
                at=HYBRID,
                C_of_two=pair,
                C_of_one=single,
            ),
        ),
        conditions="Both baths of one kind, as sec. III.2 says and secs. I and V do not repeat.",
        method="contrast from the difference of transmissions",
        finding="Right between like baths for any length. It is not the proportionality that makes it so but "
        "that the "
        "factor alpha is the same in both directions.",
        second=confirm(
            "dense 16x16 Liouvillian (one system: a bond of 1e3)",
            C_of_two=(pair, abs(_signed(HYBRID))),
            C_of_one=(single, dense_one),
        ),
    )


@claim(
    "hybrid-weights",
    place="sec. III.2",
    says="If one bath is like the systems, A and B take the form 1 + gamma_L gamma_R coth^(+-1)(omega/2T)/4g^2.",
)
def hybrid_weights(rng: Generator) -> Evidence:
    def weights(case: Case) -> tuple[Any, ...]:
        k, p = case.points, case.p
        x = k["gamma_L"] * k["gamma_R"] / (4 * k["g"] ** 2)
        side, other = ("R", "L") if p.epsilon_L == p.epsilon_a else ("L", "R")
        power = float(p.of("epsilon", "R" if side == "R" else "L"))
        form = [1 + x * np.tanh(k["omega"] / (2 * k[f"T_{s}"])) ** -power for s in (other, side)]
        return (*eq.eq09_weights(p), *form)

    points, (a, b, swapped, forward) = stacked(rng, weights, kinds=trials.HYBRIDS)
    return holds(
        compare("A", a, swapped, points),
        compare("B", b, forward, points),
        method="eq. (9) against the form with coth or tanh",
        finding="Right for all four hybrid structures.",
    )


@claim(
    "rectification-needs-asymmetry",
    place="sec. III.2",
    says="Qubits between bosonic baths do not rectify if gamma_L = gamma_R; unequal couplings are necessary.",
)
def needs_asymmetry(rng: Generator) -> Evidence:
    def local(*, gamma: Array, **k: Any) -> Array:
        return -SpinChain(N=2, gamma_L=gamma, gamma_R=gamma, **k).contrast()

    def coupled(*, gamma: Array, g: Array, T_L: Array, T_R: Array) -> Array:
        p = trials.bridge(g=g, gamma_L=gamma, gamma_R=gamma, T_L=T_L, T_R=T_R)
        forward, backward = eg.eq21_heat_current(p), eg.eq21_heat_current(p.swapped())
        return np.asarray(np.where(T_L == T_R, np.nan, -np.abs(forward + backward) / np.abs(forward)))

    rate = {"gamma": Range(1e-4, 10, log=True)}
    hybrid = SpinChain(N=2, **HYBRID | {"gamma_R": 0.01}).contrast()
    alike = SpinChain(N=2, **FIGURE, T_L=1.0, T_R=0.1, statistics_L="fermi", statistics_R="fermi").contrast()
    return holds(
        hunt("C = 0, local", local, rate | HEAT | LINK, rng),
        hunt("C = 0, global", coupled, rate | HEAT | {"g": STRONG["g"]}, rng),
        numbers={
            "C with gamma_L = gamma_R, bosonic and fermionic bath": hybrid,
            "C with gamma_R = 2 gamma_L, fermionic baths": alike,
        },
        finding="Right in both regimes. The sentence is about bosonic baths: between unlike baths equal couplings do "
        "rectify, and between two fermionic baths unequal ones do not.",
    )


@claim(
    "contrast-at-high-temperature",
    place="sec. III.4",
    says="For T_R to 0 and a hot left bath the contrast tends to |gamma_L - gamma_R|/(gamma_L + gamma_R).",
)
def hot_contrast(rng: Generator) -> Evidence:
    def margin(**k: Any) -> Array:
        p = trials.bridge(**k, g=1.0, T_R=0.0)
        limit = eq.text_high_temperature_contrast(p)
        # equal couplings have no limit to fall short of
        limit = np.where(limit == 0, np.nan, limit)
        missing = 1 - SpinChain(N=2, **k, g=1.0, T_R=0.0).contrast() / limit
        return np.asarray(np.minimum(missing, 1 / k["T_L"] - missing))

    return holds(
        hunt(
            "what is missing is positive and below omega/T_L",
            margin,
            RATES | {"T_L": Range(0.03, 1e4, log=True)},
            rng,
        ),
        numbers={"missing at T_L = 50 omega": 2 * np.tanh(0.01) / (1 + np.tanh(0.01))},
        finding="Reached from below as omega/T_L: 2 % are missing at 50 omega, where figure 4 ends.",
    )


@claim("contrast-of-chains", place="sec. III.4", says="A chain of any length rectifies like one qubit.")
def chains(rng: Generator) -> Evidence:
    checks = []
    for n in (2, 3, 10, 100):
        points, (chain, one) = stacked(rng, trials.lengths("contrast", n, 1), kinds=ALIKE)
        checks.append(compare(f"C of {n} against C of 1", chain, one, points, scale=1.0))
    return holds(
        *checks,
        method="contrast from the difference of transmissions",
        finding="Exact for like baths, oscillators included.",
    )


@claim(
    "entropy-knows-rectification",
    place="sec. III.2, appendix D",
    says="The entropy production changes on swapping the temperatures if and only if the machine rectifies.",
)
def entropy_and_rectification(rng: Generator) -> Evidence:
    def margin(**k: Any) -> Array:
        machine = SpinChain(N=2, **k)
        swapped = machine.replace(T_L=k["T_R"], T_R=k["T_L"])
        forward, backward = machine.entropy_production(), swapped.entropy_production()
        with np.errstate(invalid="ignore"):
            gap = np.abs(forward - backward) / (forward + backward)
        return -np.abs(gap - machine.contrast())

    return holds(
        hunt("relative change of the entropy production equals the contrast", margin, EVERYTHING, rng),
        finding="More than an equivalence: the relative change is the contrast itself, for all statistics.",
    )


@claim(
    "second-law", place="appendix D", says="The entropy production of the local equation is never negative."
)
def second_law(rng: Generator) -> Evidence:
    def margin(**k: Any) -> Array:
        gross = sum(trials.bridge(**k).rates("L"))
        return np.asarray((1 / k["T_R"] - 1 / k["T_L"]) * trials.moments(**k).current / gross)

    return holds(
        hunt("(1/T_R - 1/T_L) J >= 0, J from dense solves", margin, EVERYTHING, rng),
        finding="Holds for all statistics, both orders of the temperatures and any g: on resonance the local "
        "equation "
        "never breaks the second law.",
    )


@claim(
    "entropy-from-net-current",
    place="appendix D, below eq. (41)",
    says="In the steady state the entropy production is (1/T_R - 1/T_L) J with J = Q_L - Q_R.",
)
def entropy_from_net(rng: Generator) -> Evidence:
    def both(case: Case) -> tuple[Any, ...]:
        two = case.two
        return ap.text_entropy_production(case.p, two.net_current()), two.entropy_production()

    points, (printed, machine) = stacked(rng, both)
    at: trials.Point = FIGURE | {"T_L": 1.0, "T_R": 0.1}
    produced = float(SpinChain(N=2, **at).entropy_production())
    stated = float(ap.text_entropy_production(trials.bridge(**at), SpinChain(N=2, **at).net_current()))
    return fails(
        compare("as stated", printed, machine, points),
        right=(compare("with half the net current", printed / 2, machine, points),),
        corrected=r"\Pi_{SS}=\tfrac12(\beta_R-\beta_L)J^{(2)}_{SS}",
        method="minus the sum of heats over temperatures, all eight combinations of statistics",
        counterexample=at,
        numbers={"entropy production there": produced, "as stated": stated},
        finding="Twice too much: J = Q_L - Q_R is twice the heat Q_L that flows through.",
        second=confirm(
            "dense 16x16 Liouvillian", entropy_production=(produced, 9 * float(trials.pair_current(**at)) / 2)
        ),
        size="A factor 2 everywhere.",
        consequence="None: sign and ratios, eq. (42), are not touched.",
    )


@claim(
    "entropy-is-finite",
    place="appendix D",
    says="The entropy production of the steady state is finite and constant.",
)
def finite_entropy(rng: Generator) -> Evidence:
    cold = np.array([0.1, 0.01, 0.001])
    at: trials.Point = FIGURE | {"T_L": 1.0}
    produced = SpinChain(N=2, **at, T_R=cold).entropy_production()
    dense = (1 / cold - 1) * trials.pair_current(**at, T_R=cold) / 2
    absent = float(SpinChain(N=2, **at, T_R=0.0).entropy_production())
    return conditional(
        inside=(
            fact(
                "finite at T_R > 0",
                bool(np.isfinite(produced).all()),
                at_0_1=produced[0],
                at_0_01=produced[1],
                at_0_001=produced[2],
            ),
        ),
        outside=(
            fact(
                "finite at T_R = 0",
                bool(np.isfinite(absent)),
                at=at | {"T_R": 0.0},
                entropy_production=str(absent),
            ),
        ),
        conditions="T_R > 0. In the limit T_R to 0, which figures 4 and 6 take, it grows as 1/T_R.",
        method="heats over temperatures at the couplings of figure 2",
        finding="Right at positive temperatures; a current into a bath at T_R = 0 produces entropy without bound.",
        second=confirm(
            "dense 16x16 Liouvillian", at_0_1=(produced[0], dense[0]), at_0_001=(produced[2], dense[2])
        ),
    )


@claim(
    "entropy-of-chains",
    place="appendix D",
    says="A chain of any length produces as much entropy as two systems.",
)
def chain_entropy(rng: Generator) -> Evidence:
    checks = []
    for n in (3, 12, 60):
        points, (chain, two) = stacked(rng, trials.lengths("entropy_production", n, 2))
        checks.append(compare(f"N = {n} against 2", chain, two, points))
    return holds(
        *checks, method="heats over temperatures", finding="Exact for all eight combinations of statistics."
    )


def _signed(point: trials.Point) -> float:
    """Contrast with its sign from the dense Liouvillian."""
    forward = float(trials.pair_current(**point))
    backward = float(trials.pair_current(**point | {"T_L": point["T_R"], "T_R": point["T_L"]}))
    return (forward + backward) / (forward - backward)


def _reversal(at: trials.Point) -> float:
    """Coupling at which the pair does not rectify at all."""

    def signed(g: Array) -> Array:
        p = trials.bridge(**at, g=g)
        forward, backward = eq.eq05_heat_current(p), eq.eq05_heat_current(p.swapped())
        return np.asarray((forward + backward) / (forward - backward))

    return float(find_root(signed, 1e-4, 10.0, scale="log").x)
