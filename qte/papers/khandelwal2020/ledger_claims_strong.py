"""Verdicts on what khandelwal2020 says about strong coupling (section 6, appendix B, figure 6, conclusions)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common.optimise import maximise
from qte.ledger.checks import Domain, Range, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, fails, holds
from qte.papers.khandelwal2020.equations_strong import (
    eq24_coherence,
)
from qte.papers.khandelwal2020.judging import (
    DENSE,
    STRONG,
    Array,
    dense,
    globally,
    local,
    strong,
)
from qte.papers.khandelwal2020.judging_strong import COUPLINGS, ENGINES, GAMMA_C, PUBLISHED
from qte.papers.khandelwal2020.parts import margin


@claim(
    "global-coherence-real",
    place="sec. 6",
    says="The steady state has the same form in both approaches.",
    versions=PUBLISHED,
)
def same_form(rng: Generator) -> Evidence:
    def outside(**p: Any) -> Array:
        rho = globally(**p).steady_state().rho
        rest = np.abs(rho)
        rest[:, [0, 1, 2, 3], [0, 1, 2, 3]] = 0
        rest[:, [1, 2], [2, 1]] = 0
        return np.asarray(-rest.max(axis=(1, 2)))

    def negative(**p: Any) -> Array:
        return -eq24_coherence(strong(p | {"eps_h": 1.0})).real

    return holds(
        hunt("no entry outside the X form", outside, dict(ENGINES), rng),
        hunt("d ≤ 0 for g > 0", negative, dict(ENGINES), rng),
        finding="One coherence in both. It is real and negative here, and imaginary at resonance in the local approach.",
    )


@claim(
    "equilibrium-no-current",
    place="sec. 6.1",
    says="At T_h = T_c the global heat current is zero.",
    versions=PUBLISHED,
)
def equilibrium(rng: Generator) -> Evidence:
    def still(T: Array, **p: Any) -> Array:
        engine = globally(**p, T_h=T, T_c=T)
        return np.asarray(-np.abs(engine.net_current()) / (p["gamma_h"] + p["gamma_c"]) / (1 + T))

    domain: Domain = {n: v for n, v in ENGINES.items() if n not in ("T_h", "T_c")} | {
        "T": Range(0.03, 10, log=True)
    }
    statistics: Domain = {"statistics_h": ("bose", "fermi"), "statistics_c": ("bose", "fermi")}
    return holds(
        hunt("J = 0", still, dict(domain) | dict(statistics), rng),
        hunt("J = 0, detuned", still, dict(domain) | {"delta": Range(0.01, 0.5)}, rng),
        finding="Zero, also detuned and for fermions (in contrast to the local approach with δ ≠ 0). The coherence does not vanish "
        "with it: at strong coupling coherence is no signature of a heat flow.",
    )


@claim(
    "global-current-forward",
    place="sec. 6.1",
    says="The global current follows the differences of the occupations: it runs from hot to cold.",
    versions=PUBLISHED,
)
def forward(rng: Generator) -> Evidence:
    def runs(hotter: Array, **p: Any) -> Array:
        engine = globally(**p, T_h=p["T_c"] * hotter)
        size = (p["gamma_h"] + p["gamma_c"]) * (1 + p["T_c"] * hotter)
        return np.asarray(engine.net_current() / size)

    domain: Domain = {n: v for n, v in ENGINES.items() if n != "T_h"} | {"hotter": Range(1, 100, log=True)}
    return holds(
        hunt("J ≥ 0 for T_h ≥ T_c", runs, domain, rng),
        hunt("the same, detuned", runs, dict(domain) | {"delta": Range(-0.02, 0.5)}, rng),
        finding="Never backwards, as the second law demands of the secular equation.",
    )


@claim(
    "strong-needs-large-g",
    place="sec. 6.2, figure 6a",
    says="Strong coupling gives no more entanglement than weak coupling unless g is comparable to the gaps.",
    versions=PUBLISHED,
)
def needs_large_g(rng: Generator) -> Evidence:
    weak_best = _best_weak()
    ladder = np.array([0.3, 0.4, 0.45, 0.5, 0.55, 0.6])
    best = _best_strong(ladder)
    return holds(
        fact(
            "below the weak optimum up to g = 0.5",
            bool(np.all(best[:4] < weak_best)),
            g=ladder,
            best_N_at_strong_coupling=best,
            best_N_at_weak_coupling=weak_best,
        ),
        fact("above it from g = 0.55", bool(np.all(best[4:] > weak_best)), first_g_above=ladder[4]),
        method="maximum over T_h ≤ 3 and γ_c in (0.001, 0.1) at the caption's other values; weak: over T_h ≤ 3, g, γ_c ≤ 0.1, γ_h = 0.001",
        finding="The two are equal near g = 0.5 ε.",
    )


@claim(
    "strong-not-significantly-more",
    place="sec. 6.2, figure 6a; summary of sec. 6",
    says="Even with g comparable to the gaps, strong coupling gives not significantly (not considerably) more entanglement.",
    versions=PUBLISHED,
)
def not_significant(rng: Generator) -> Evidence:
    weak_best, best = _best_weak(), _best_strong(COUPLINGS)
    at = STRONG | {"g": 0.9, "delta": 0.0, "gamma_c": 1e-3, "T_h": 0.41}
    engine = globally(**at)
    thin = {"eps_h": 1.0, "delta": 0.0, "g": 2e-3, "gamma_h": 1e-3, "gamma_c": 1e-2, "T_h": 3.0, "T_c": 0.01}
    return fails(
        fact(
            "the best at g = 0.9 is within twice the best at weak coupling",
            bool(best[3] < 2 * weak_best),
            at=at,
            g=COUPLINGS,
            best_N=best,
            best_N_at_weak_coupling=weak_best,
            their_ratio=best / weak_best,
        ),
        method="maximum over T_h ≤ 3 and γ_c in (0.001, 0.1) at the caption's other values; weak: over T_h ≤ 3, g, γ_c ≤ 0.1, γ_h = 0.001",
        second=confirm(
            DENSE,
            N_at_g_0_9=(engine.negativity(), dense(at, "global").N),
            N_of_a_weak_engine=(local(**thin).negativity(), dense(thin).N),
        ),
        finding="At g = 0.7, 0.8, 0.9 ε the best negativity is several times that of weak coupling. It is small against 1/2 in either "
        "case, which may be what is meant.",
        size=f"{best[1] / weak_best:.2f}, {best[2] / weak_best:.2f} and {best[3] / weak_best:.2f} times the best at weak coupling for g = 0.7, 0.8, 0.9.",
        consequence="'No clear advantage' of the abstract rests on this and on the thermal state's entanglement; the latter argument stands.",
    )


@claim(
    "global-witness",
    place="sec. 6.2",
    says="A current above J_c^gl guarantees entanglement (with the sign of eq. (27) turned).",
    versions=PUBLISHED,
)
def global_witness(rng: Generator) -> Evidence:
    def works(**p: Any) -> Array:
        engine = globally(**p)
        above = np.abs(engine.net_current()) / np.abs(engine.critical_current()) - 1
        sure = np.isfinite(above) & (np.abs(above) > 1e-6) & (np.abs(p["T_h"] / p["T_c"] - 1) > 1e-3)
        return np.where(sure, np.sign(above) * margin(engine), np.nan)

    return holds(
        hunt("n > 0 exactly where |J| > J_c", works, ENGINES, rng),
        finding="Equivalent to N > 0 out of equilibrium, with moduli. As printed the bound is negative, see eq. (27).",
    )


@claim(
    "sensitive-to-temperature",
    place="sec. 6.2, summary",
    says="Entanglement at strong coupling is very sensitive to temperature.",
    versions=PUBLISHED,
)
def sensitive(rng: Generator) -> Evidence:
    heat = np.geomspace(0.05, 30, 3000)
    strong_n = globally(**STRONG, g=COUPLINGS[:, None], gamma_c=1e-3, T_h=heat).negativity()
    thin = {"eps_h": 1.0, "delta": 0.0, "g": 2e-3, "gamma_h": 1e-3, "gamma_c": 1e-2, "T_c": 0.01}
    weak_n = local(**thin, T_h=heat).negativity()[None]
    edges, weak_edges = _half(heat, strong_n), _half(heat, weak_n)[0]
    factor, weak_factor = edges[:, 1] / edges[:, 0], float(weak_edges[1] / weak_edges[0])
    at = STRONG | {"g": 0.9, "delta": 0.0, "gamma_c": 1e-3, "T_h": float(edges[3, 1])}
    there = thin | {"T_h": float(weak_edges[1])}
    return conditional(
        inside=(
            fact(
                "narrower than at weak coupling, g ≤ 0.8",
                bool(np.all(factor[:3] < weak_factor)),
                g=COUPLINGS,
                factor_in_T_h_between_half_maxima=factor,
                at_weak_coupling=weak_factor,
            ),
            fact(
                "narrower in T_h itself, all g",
                bool(np.all(np.ptp(edges, axis=1) < np.ptp(weak_edges))),
                width_in_T_h=np.ptp(edges, axis=1),
                width_at_weak_coupling=np.ptp(weak_edges),
            ),
        ),
        outside=(
            fact(
                "narrower as a factor at g = 0.9",
                bool(factor[3] < weak_factor),
                at=at,
                factor_at_g_0_9=factor[3],
                at_weak_coupling=weak_factor,
            ),
        ),
        conditions="against the weak engine as a width in T_h, or as a factor in T_h up to g = 0.8",
        method="width of N(T_h) at half maximum, γ_c = 0.001; weak: g = 0.002, γ_h = 0.001, γ_c = 0.01, T_c = 0.01",
        second=confirm(
            DENSE,
            N_at_the_upper_edge=(globally(**at).negativity(), dense(at, "global").N),
            weak_N_at_its_edge=(local(**there).negativity(), dense(there).N),
        ),
        finding="N stays above half its maximum over a smaller range of T_h than at weak coupling. As a factor in temperature the range "
        "grows with g and at g = 0.9 is the wider one. How much is 'very' is left to the reader.",
    )


@claim(
    "figure-6a-inner-optimum",
    place="figure 6a, caption",
    says="γ_c is optimised within (0.001, 0.1).",
    versions=PUBLISHED,
)
def inner_optimum(rng: Generator) -> Evidence:
    heat = np.linspace(0.1, 3, 117)[:, None]
    top = maximise(
        lambda c: margin(globally(**STRONG, g=COUPLINGS, gamma_c=c, T_h=heat)),
        *GAMMA_C,
        shape=(117, 4),
        scale="log",
    )
    entangled = top.value > 0
    at_end = (top.end != 0) & entangled
    free = STRONG | {"g": 0.8, "delta": 0.0, "gamma_c": 1e-5, "T_h": 0.3}
    bound = free | {"gamma_c": 1e-3}
    return conditional(
        inside=(
            fact(
                "inside for some T_h",
                bool((entangled & ~at_end).any()),
                entangled_points=int(entangled.sum()),
                of_these_inside=int((entangled & ~at_end).sum()),
            ),
        ),
        outside=(
            fact(
                "no smaller γ_c does better, g = 0.8, T_h = 0.3",
                bool(globally(**free).negativity() <= globally(**bound).negativity()),
                at=free,
                N_at_1e5=globally(**free).negativity(),
                N_at_the_bound=globally(**bound).negativity(),
            ),
        ),
        conditions="for the hotter part of the curves; at lower T_h the optimum is the bound 0.001",
        method="maximiser over γ_c on 117 × 4 points",
        second=confirm(
            DENSE,
            N_at_1e5=(globally(**free).negativity(), dense(free, "global").N),
            N_at_the_bound=(globally(**bound).negativity(), dense(bound, "global").N),
        ),
        finding="Where the thermal state of T_h is the more entangled, any γ_c is too much and the optimum sits at the interval's lower end: "
        "there figure 6a shows the choice of interval.",
    )


@claim(
    "resonance-without-loss",
    place="sec. 6",
    says="Restricting to resonance loses no generality.",
    versions=PUBLISHED,
)
def without_loss(rng: Generator) -> Evidence:
    at = {"eps_h": 1.0, "g": 0.4, "gamma_h": 0.01, "gamma_c": 0.003, "T_h": 0.4, "T_c": 0.01}
    pair = globally(**at | {"delta": 0.3}), globally(**at | {"delta": 0.0})
    copies = dense(at | {"delta": 0.3}, "global"), dense(at | {"delta": 0.0}, "global")

    def follows_margin(**p: Any) -> Array:
        rho = globally(**p).steady_state().rho
        return -np.abs(rho[:, 1, 1] - rho[:, 2, 2]).real

    return conditional(
        inside=(hunt("s₂ = s₃ at δ = 0, eq. (23)", follows_margin, ENGINES, rng),),
        outside=(
            hunt(
                "s₂ = s₃ with 0.01 < δ < 0.5",
                follows_margin,
                dict(ENGINES) | {"delta": Range(0.01, 0.5)},
                rng,
            ),
        ),
        conditions="as a simplification; the formulas (20) to (27) and (33) to (35) are those of δ = 0",
        counterexample=at | {"delta": 0.3},
        second=confirm(
            DENSE,
            N_at_delta_0_3=(pair[0].negativity(), copies[0].N),
            N_at_resonance=(pair[1].negativity(), copies[1].N),
        ),
        finding="Detuned, the eigenstates are no longer the symmetric ones, s₂ ≠ s₃, and the numbers change; the qualitative picture stays.",
    )


def _best_strong(g: Array) -> Array:
    """Largest negativity over T_h and γ_c at the caption's other values."""

    def over_gamma(heat: Array) -> Array:
        return maximise(
            lambda c: margin(globally(**STRONG, g=g, gamma_c=c, T_h=heat)),
            *GAMMA_C,
            shape=heat.shape,
            scale="log",
            scan=9,
            tolerance=1e-7,
        ).value

    return maximise(over_gamma, 0.05, 3.0, shape=g.shape, scan=33, tolerance=1e-6).value


def _best_weak() -> float:
    """Largest local negativity over T_h, g and γ_c at the caption's other values."""
    fixed = {"eps_h": 1.0, "gamma_h": 1e-3, "T_c": 0.01}

    def over_gamma(g: Array, heat: Array) -> Array:
        return maximise(
            lambda c: margin(local(**fixed, g=g, gamma_c=c, T_h=heat)),
            *GAMMA_C,
            shape=np.broadcast_shapes(g.shape, heat.shape),
            scale="log",
            scan=9,
            tolerance=1e-6,
        ).value

    def over_g(heat: Array) -> Array:
        return maximise(
            lambda g: over_gamma(g, heat), 1e-5, 0.1, shape=heat.shape, scale="log", scan=17, tolerance=1e-5
        ).value

    return float(maximise(over_g, 0.5, 3.0, scan=5, tolerance=1e-4).value)


def _half(heat: Array, n: Array) -> Array:
    """Temperatures between which curves are above half their maxima, shape (curves, 2)."""
    above = n > n.max(axis=1, keepdims=True) / 2
    return np.array([[heat[row][0], heat[row][-1]] for row in above])
