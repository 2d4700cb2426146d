"""Verdicts on what khandelwal2020 says about tunnelling (section 5, figures 4 and 5)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common.optimise import Maximum, maximise
from qte.ledger.checks import Range, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, approximately, conditional, confirm, holds
from qte.papers.khandelwal2020.equations import resonant_tunnelling
from qte.papers.khandelwal2020.judging import BOTH, DENSE, FIGURE, Array, dense, figure, local
from qte.papers.khandelwal2020.parts import margin

HEAT: Final = np.array([0.5, 0.7, 1.0])
DELTA: Final = 0.01


@claim(
    "tunnelling-counters-detuning",
    place="sec. 5, figure 4",
    says="For small κ_h, tunnelling in the hot qubit counters the detuning: current and negativity grow with κ_h.",
    versions=BOTH,
)
def counters(rng: Generator) -> Evidence:
    kappa = np.linspace(0, 0.0698, 300)[:, None]
    engine = figure(delta=DELTA, T_h=HEAT, kappa_h=kappa)
    up = np.diff(engine.net_current(), axis=0), np.diff(engine.negativity(), axis=0)
    at = FIGURE | {"delta": -DELTA, "T_h": 0.7, "kappa_h": 0.03}
    below, without = local(**at), local(**at | {"kappa_h": 0.0})
    near = FIGURE | {"delta": 5e-5, "T_h": 0.7, "kappa_h": 0.01}
    close, bare = local(**near), local(**near | {"kappa_h": 0.0})
    return conditional(
        inside=(
            fact(
                "both rise up to κ_h = 0.0698, δ = 0.01",
                bool(np.all(up[0] > 0) and np.all(up[1] > 0)),
                T_h=HEAT,
                N_gained=engine.negativity()[-1] / engine.negativity()[0],
            ),
        ),
        outside=(
            fact(
                "N grows with κ_h at δ = −0.01",
                bool(below.negativity() > without.negativity()),
                at=at,
                N_with=below.negativity(),
                N_without=without.negativity(),
            ),
            fact(
                "N grows with κ_h at δ = 5e-5",
                bool(close.negativity() > bare.negativity()),
                at=near,
                N_with=close.negativity(),
                N_without=bare.negativity(),
            ),
        ),
        conditions="δ > 0, and for the negativity not too small (δ above about 1e-4 ε_h at T_h = 0.7)",
        method="steady states at figure 4's parameters and outside",
        second=confirm(
            DENSE,
            N_with=(below.negativity(), dense(at).N),
            N_without=(without.negativity(), dense(at | {"kappa_h": 0.0}).N),
        ),
        finding="Tunnelling widens the hot qubit's splitting, √(ε_h² + 4κ_h²). That brings it nearer to a cold qubit of larger gap "
        "and farther from one of smaller gap: for δ < 0 tunnelling in the hot qubit only harms.",
        size="None at figure 4's δ = 0.01 ε_h.",
    )


@claim(
    "tunnelling-maximum",
    place="sec. 5, figure 4",
    says="At some κ_max current and negativity have a maximum, beyond which they decrease monotonically.",
    versions=BOTH,
)
def one_maximum(rng: Generator) -> Evidence:
    current, negativity = _top("J", HEAT, DELTA), _top("N", HEAT, DELTA)
    kappa = np.linspace(0.0715, 1.0, 800)[:, None]
    engine = figure(delta=DELTA, T_h=HEAT, kappa_h=kappa)
    falling = np.all(np.diff(engine.net_current(), axis=0) < 0) and np.all(
        np.diff(engine.negativity(), axis=0) <= 0
    )
    return holds(
        fact(
            "one maximum each below κ_h = 0.3",
            bool(np.all(current.peaks == 1) and np.all(negativity.peaks == 1)),
            T_h=HEAT,
            kappa_max_of_J=current.x,
            kappa_max_of_N=negativity.x,
        ),
        fact(
            "both fall from 0.0715 to 1 ε_h",
            bool(falling),
            N_at_0_2=figure(delta=DELTA, T_h=HEAT, kappa_h=0.2).negativity(),
        ),
        method="maximiser over κ_h, scan beyond",
        finding="As stated, far beyond the range of figure 4.",
    )


@claim(
    "tunnelling-recovers",
    place="sec. 5, figure 4",
    says="At κ_max current and negativity reach their values at δ = κ = 0 (preprint: they are recovered).",
    versions=BOTH,
)
def recovers(rng: Generator) -> Evidence:
    current, negativity = _top("J", HEAT, DELTA), _top("N", HEAT, DELTA)
    resonant = figure(delta=0.0, T_h=HEAT)
    j, n = current.value / resonant.net_current(), negativity.value / resonant.negativity()
    far = _top("N", np.array([0.7]), 0.05).value / figure(delta=0.0, T_h=0.7).negativity()
    at = FIGURE | {"delta": DELTA, "T_h": 0.7, "kappa_h": float(negativity.x[1])}
    start = FIGURE | {"delta": 0.0, "T_h": 0.7}
    return approximately(
        fact("J to within 0.1 %", bool(np.all(np.abs(j - 1) < 1e-3)), T_h=HEAT, J_over_J_resonant=j),
        fact("N to within 1 %, from below", bool(np.all((n > 0.99) & (n < 1))), N_over_N_resonant=n),
        numbers={"N over N resonant at δ = 0.05, T_h = 0.7": far[0]},
        method="maximiser over κ_h at δ = 0.01 ε_h",
        second=confirm(
            DENSE,
            N_at_kappa_max=(negativity.value[1], dense(at).N),
            N_resonant=(resonant.negativity()[1], dense(start).N),
        ),
        finding="Nearly: J within 0.06 %, N within 0.9 % at δ = 0.01 and 3.4 % at δ = 0.05 ε_h. Tunnelling also tilts the qubit's "
        "eigenstates against its bath and its partner, a loss of second order in κ_h.",
    )


@claim(
    "same-kappa",
    place="sec. 5, figure 4",
    says="κ_max is approximately the same for the current and for the negativity.",
    versions=BOTH,
)
def same_kappa(rng: Generator) -> Evidence:
    current, negativity = _top("J", HEAT, DELTA), _top("N", HEAT, DELTA)
    gap = negativity.x / current.x - 1
    cold = _top("N", np.array([0.3]), DELTA).x / _top("J", np.array([0.3]), DELTA).x - 1
    step = 2e-4
    at = FIGURE | {"delta": DELTA, "T_h": 0.7}
    slope = [dense(at | {"kappa_h": float(current.x[1]) + s}).N for s in (-step, step)]
    mine = [
        float(figure(delta=DELTA, T_h=0.7, kappa_h=float(current.x[1]) + s).negativity())
        for s in (-step, step)
    ]
    return approximately(
        fact(
            "within 1.5 % for T_h from 0.5 to 1",
            bool(np.all(np.abs(gap) < 0.015)),
            T_h=HEAT,
            kappa_max_of_J=current.x,
            kappa_max_of_N=negativity.x,
            relative_gap=gap,
        ),
        numbers={"relative gap at T_h = 0.3": cold[0]},
        method="maximiser over κ_h",
        second=confirm(
            DENSE + ": N on both sides of J's maximum",
            N_below=(mine[0], slope[0]),
            N_above=(mine[1], slope[1]),
        ),
        finding="Yes for the warmer engines, to 1.4 %; the negativity's comes first. At T_h = 0.3 the two are 7 % apart, and for δ below "
        "about 1e-4 ε_h N has its maximum without any tunnelling.",
    )


@claim(
    "kappa-little-variation",
    place="sec. 5, figure 4",
    says="κ_max varies little with T_h.",
    versions=BOTH,
)
def little_variation(rng: Generator) -> Evidence:
    heat = np.array([0.5, 0.7, 1.0, 1.5])
    current, negativity = _top("J", heat, DELTA).x, _top("N", heat, DELTA).x
    spread = np.ptp(current) / current.mean(), np.ptp(negativity) / negativity.mean()
    return holds(
        fact(
            "J's within 0.1 %, N's within 2 %, T_h from 0.5 to 1.5",
            bool(spread[0] < 1e-3 and spread[1] < 2e-2),
            T_h=heat,
            kappa_max_of_J=current,
            kappa_max_of_N=negativity,
            spread_of_J=spread[0],
            spread_of_N=spread[1],
        ),
        method="maximiser over κ_h",
        finding="Yes: κ_max is set by the splittings, near ½√(2δ + δ²), not by the baths.",
    )


@claim(
    "kappa-max-grows",
    place="sec. 5, figure 5",
    says="κ_max grows with δ, non-linearly and monotonically.",
    versions=BOTH,
)
def kappa_grows(rng: Generator) -> Evidence:
    delta = np.linspace(0.0005, 0.05, 34)
    current, negativity = (
        _top("J", np.full_like(delta, 0.7), delta).x,
        _top("N", np.full_like(delta, 0.7), delta).x,
    )
    expected = resonant_tunnelling(delta)
    return holds(
        fact(
            "both increase",
            bool(np.all(np.diff(current) > 0) and np.all(np.diff(negativity) > 0)),
            kappa_max_of_J_at_0_05=current[-1],
            kappa_max_of_N_at_0_05=negativity[-1],
        ),
        fact(
            "concave, as a root",
            bool(np.all(np.diff(current, 2) < 0)),
            largest_distance_from_half_root_2_delta=np.abs(current - expected).max(),
        ),
        method="maximiser over κ_h at 34 detunings, T_h = 0.7",
        finding="It follows ½√(2δ + δ²), where √(ε_h² + 4κ²) = ε_c, to better than 1e-4.",
    )


@claim(
    "tunnelling-resonance",
    place="sec. 5",
    says="It is the tunnelling that balances the qubits' being off resonance.",
    versions=BOTH,
)
def balances(rng: Generator) -> Evidence:
    def peak(**p: Any) -> Array:
        # at equal splittings the current beats that of 10 % less or more tunnelling
        best = resonant_tunnelling(p["delta"])
        values = [local(**p, kappa_h=best * factor).net_current() for factor in (0.9, 1.0, 1.1)]
        return np.asarray((values[1] - np.maximum(values[0], values[2])) / values[1])

    # detuned by more than the widths, so that there is a resonance to hit
    domain = {
        "delta": Range(0.02, 0.05),
        "g": Range(1e-4, 1.6e-3, log=True),
        "gamma_h": Range(1e-5, 1e-3, log=True),
        "gamma_c": Range(1e-5, 2e-3, log=True),
        "T_h": Range(0.3, 1.0),
        "T_c": Range(0.05, 0.15),
    }
    return holds(
        hunt("J at equal splittings beats 10 % less or more tunnelling", peak, domain, rng),
        finding="The maximum lies where the hot qubit's splitting equals the cold one's, within 10 % in κ_h, for all weak "
        "couplings tried.",
    )


@claim(
    "detuning-and-tunnelling-reduce",
    place="abstract",
    says="Detuning and tunnelling each in general reduce the entanglement, but they can compensate each other.",
    versions=("preprint",),
)
def reduce(rng: Generator) -> Evidence:
    heat = np.array([0.3, 0.5, 0.7, 1.0])
    resonant = figure(delta=0.0, T_h=heat).negativity()
    tunnelled = figure(delta=0.0, T_h=heat, kappa_h=np.array([0.01, 0.05, 0.1])[:, None]).negativity()
    detuned = figure(delta=np.array([0.005, 0.01, 0.05])[:, None], T_h=heat).negativity()
    at = FIGURE | {"delta": 0.00135, "T_h": 0.3}
    risen, start = local(**at), local(**at | {"delta": 0.0})
    return conditional(
        inside=(
            fact(
                "tunnelling alone reduces N",
                bool(np.all(tunnelled < resonant)),
                N_left_at_kappa_h_0_05=tunnelled[1] / resonant,
            ),
            fact(
                "detuning of 0.5 % or more reduces N",
                bool(np.all(detuned < resonant)),
                N_left_at_delta_0_01=detuned[1] / resonant,
            ),
        ),
        outside=(
            fact(
                "N at δ = 0.00135 below that at resonance, T_h = 0.3",
                bool(risen.negativity() < start.negativity()),
                at=at,
                N=risen.negativity(),
                N_resonant=start.negativity(),
            ),
        ),
        conditions="beyond a detuning of the order of the widths",
        method="steady states at the figures' parameters",
        second=confirm(
            DENSE,
            N=(risen.negativity(), dense(at).N),
            N_resonant=(start.negativity(), dense(at | {"delta": 0.0}).N),
        ),
        finding="In general, yes. At T_h = 0.3 a very small detuning raises N by 0.11 %: it lowers the cold occupation more than it "
        "spoils the resonance.",
        size="0.11 % at most at the figures' parameters.",
    )


@claim(
    "large-range",
    place="sec. 5, figure 5",
    says="The machine works as an entanglement engine in a large range of parameters, not only at resonance without tunnelling.",
    versions=BOTH,
)
def large_range(rng: Generator) -> Evidence:
    kappa, delta = np.linspace(0, 0.2, 81)[:, None], np.linspace(0, 0.05, 81)
    n = figure(T_h=0.7, kappa_h=kappa, delta=delta).negativity()
    best = figure(T_h=0.7, delta=0.0).negativity()
    return holds(
        fact(
            "N > 0 on more than half of the map of figure 5",
            bool((n > 0).mean() > 0.5),
            share_entangled=(n > 0).mean(),
            share_with_half_the_best=(n > best / 2).mean(),
            share_with_a_tenth=(n > best / 10).mean(),
        ),
        method="map of 81 × 81 points, κ_h ≤ 0.2, δ ≤ 0.05",
        finding="N > 0 everywhere on the map; a useful fraction of the best value only along the ridge.",
    )


@claim(
    "negativity-of-tunnelled-states",
    place="sec. 5 with sec. 4",
    says="Read with section 4: eq. (16) gives the negativity (its X form is not restated for tunnelling).",
    versions=BOTH,
)
def tunnelled_negativity(rng: Generator) -> Evidence:
    at = FIGURE | {"delta": 0.05, "T_h": 0.7, "kappa_h": 0.16}
    engine, copy = local(**at), dense(at)
    by_16, right = max(0.0, float(margin(engine))), float(engine.negativity())
    rho = copy.rho
    sixteen = (
        np.sqrt(4 * abs(rho[1, 2]) ** 2 + (rho[0, 0] - rho[3, 3]).real ** 2) - (rho[0, 0] + rho[3, 3]).real
    ) / 2
    plain = local(**at | {"kappa_h": 0.0})
    return conditional(
        inside=(
            fact(
                "eq. (16) is N without tunnelling",
                bool(abs(float(margin(plain)) - float(plain.negativity())) < 1e-12),
                by_eq_16=margin(plain),
                N=plain.negativity(),
            ),
        ),
        outside=(
            fact("eq. (16) is N with tunnelling", abs(by_16 - right) < 1e-10, at=at, by_eq_16=by_16, N=right),
        ),
        conditions="without tunnelling, κ_h = κ_c = 0",
        method="steady state and its partial transpose",
        second=confirm(DENSE, N=(right, copy.N), by_eq_16=(by_16, max(0.0, float(sixteen)))),
        finding="With κ ≠ 0 all 16 entries of ρ are filled and eqs. (6) and (16) no longer apply; figures 4 and 5 need the full "
        "partial transpose, eq. (14). The text says 'numerically' and claims nothing else: a caution, not an error.",
        size=f"At δ = 0.05, κ_h = 0.16, T_h = 0.7: {by_16:.6g} by eq. (16), {right:.6g} in truth.",
    )


# ---- what the entries share ------------------------------------------------------------------------


def _top(quantity: str, heat: Array, delta: Any) -> Maximum:
    """Maximum over κ_h of J or N, for every temperature (and detuning)."""

    def value(kappa: Array) -> Array:
        engine = figure(delta=delta, T_h=heat, kappa_h=kappa)
        return engine.net_current() if quantity == "J" else engine.negativity()

    return maximise(value, 0.0, 0.3, shape=heat.shape, scan=65)
