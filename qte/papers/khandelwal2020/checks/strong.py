"""What khandelwal2020 says about strong coupling and thermal states (sections 6 and 7, appendix B, figure 6)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common.optimise import maximise
from qte.ledger import second
from qte.ledger.checks import Range
from qte.ledger.entries import judge
from qte.ledger.forms import close, crossing_at, fact, larger, never_below, vanishes
from qte.ledger.judged import Found, again, found
from qte.papers.khandelwal2020.checks.engines import (
    DENSE,
    FIGURE,
    STRONG,
    STRONGLY,
    Array,
    dense,
    distance,
    gibbs,
    globally,
    hamiltonian,
    least_transposed,
    local,
    strong,
    without,
)
from qte.papers.khandelwal2020.equations_strong import (
    eq24_coherence,
    eq27_critical_current,
    eq33_eigenstates,
    eq35_thermal_negativity,
    thermal_entanglement_temperature,
)
from qte.papers.khandelwal2020.parts import margin

COUPLINGS: Final = np.array([0.5, 0.7, 0.8, 0.9])
# Of the caption of figure 6a.
GAMMA_C: Final = (1e-3, 0.1)


@judge("global-coherence-real")
def same_form(rng: Generator) -> Found:
    def outside(**p: Any) -> Array:
        rest = np.abs(globally(**p).steady_state().rho)
        rest[:, np.arange(4), np.arange(4)] = 0
        rest[:, [1, 2], [2, 1]] = 0
        return np.asarray(-rest.max(axis=(1, 2)))

    def negative(**p: Any) -> Array:
        return -eq24_coherence(strong(p | {"eps_h": 1.0})).real

    return found(
        never_below("no entry outside the X form", outside, STRONGLY, rng),
        never_below("d ≤ 0 for g > 0", negative, STRONGLY, rng),
    )


@judge("equilibrium-no-current")
def equilibrium(rng: Generator) -> Found:
    def still(T: Array, **p: Any) -> Array:
        engine = globally(**p, T_h=T, T_c=T)
        return np.asarray(-np.abs(engine.net_current()) / (p["gamma_h"] + p["gamma_c"]) / (1 + T))

    domain = without(STRONGLY, "T_h", "T_c", T=Range(0.03, 10, log=True))
    return found(never_below("|J| = 0 at T_h = T_c", still, domain, rng))


@judge("global-current-forward")
def forward(rng: Generator) -> Found:
    def runs(hotter: Array, **p: Any) -> Array:
        engine = globally(**p, T_h=p["T_c"] * hotter)
        return np.asarray(engine.net_current() / (p["gamma_h"] + p["gamma_c"]) / (1 + p["T_c"] * hotter))

    domain = without(STRONGLY, "T_h", hotter=Range(1, 100, log=True))
    return found(never_below("J ≥ 0 for T_h ≥ T_c", runs, domain, rng))


@judge("eigenstates-entangled")
def eigenstates(rng: Generator) -> Found:
    vectors = np.array(eq33_eigenstates())[1:3]
    n = [float(second.negativity(np.outer(v, v.conj()).astype(complex))) for v in vectors]
    return found(fact("N = 1/2 for both", bool(np.allclose(n, 0.5, atol=1e-12)), N=n))


@judge("strong-needs-large-g")
def needs_large_g(rng: Generator) -> Found:
    best, weak = _best_strong(np.array([0.3, 0.4, 0.5, 0.6, 0.7])), _best_weak(100.0)
    return found(
        larger("the best at weak coupling above that at g ≤ 0.5", weak=weak, strong=best[:3]),
        larger("the best at g ≥ 0.6 above that at weak coupling", strong=best[3:], weak=weak),
        weak=weak,
    )


@judge("strong-not-significantly-more")
def not_significant(rng: Generator) -> Found:
    weak, plotted, best = _best_weak(100.0), _best_weak(3.0), _best_strong(COUPLINGS)
    return found(
        larger("N at weak coupling below that at g = 0.9", strong=best[3], weak=weak),
        least=best[1] / weak,
        most=best[3] / weak,
        plotted=best[3] / plotted,
        largest=best[3],
        difference=best[3] - weak,
    )


@judge("global-witness")
def global_witness(rng: Generator) -> Found:
    def works(**p: Any) -> Array:
        engine = globally(**p)
        j, j_c = np.abs(engine.net_current()), np.abs(engine.critical_current())
        sure = (np.abs(j - j_c) > 1e-6 * j_c) & (np.abs(p["T_h"] / p["T_c"] - 1) > 1e-3)
        return np.where(sure, np.sign(j - j_c) * margin(engine), 0.0)

    return found(never_below("n has the sign of |J| − |J_c|", works, STRONGLY, rng))


@judge("sensitive-to-temperature")
def sensitive(rng: Generator) -> Found:
    heat = el.geomspace(0.05, 30, 3000)
    strongly = globally(**STRONG, g=COUPLINGS[:, None], gamma_c=1e-3, T_h=heat).negativity()
    thin = {"eps_h": 1.0, "g": 2e-3, "gamma_h": 1e-3, "gamma_c": 1e-2, "T_c": 0.01}
    weakly = local(**thin, T_h=heat).negativity()[None]
    edges, (low, high) = _half(heat, strongly), _half(heat, weakly)[0]
    return found(
        larger("range of T_h above half of the maximum", weak=high - low, strong=np.ptp(edges, axis=1)),
        strong=np.ptp(edges, axis=1).max(),
        weak=high - low,
    )


@judge("figure-6a-inner-optimum")
def inner_optimum(rng: Generator) -> Found:
    heat = np.linspace(0.1, 3, 117)[:, None]
    top = maximise(
        lambda c: margin(globally(**STRONG, g=COUPLINGS, gamma_c=c, T_h=heat)),
        *GAMMA_C,
        shape=(117, 4),
        scale="log",
    )
    entangled, inside = top.value > 0, top.end == 0
    some = int((entangled & inside).sum())
    return found(
        fact("inside for some T_h", some > 0, entangled_points=int(entangled.sum()), of_these_inside=some)
    )


@judge("resonance-without-loss")
def without_loss(rng: Generator) -> Found:
    at = {"eps_h": 1.0, "g": 0.05, "delta": 0.1, "gamma_h": 1e-3, "gamma_c": 5e-3, "T_h": 1.0, "T_c": 0.01}
    engine, thermal = float(globally(**at).negativity()), round(_best_thermal(at["g"], at["delta"]).item(), 9)
    still = float(globally(**at | {"delta": 0.0}).negativity())
    large = at | {"g": 0.5, "gamma_h": 8e-3, "gamma_c": 0.0114, "T_h": 0.465, "T_c": 0.36}
    broken = fact(
        "N below the best thermal state's, detuned", engine <= thermal, at=at, engine=engine, thermal=thermal
    )
    return found(
        never_below("N below the best thermal state's, resonant", _resonant_margin, STRONGLY, rng),
        fact("the same engine at resonance has none", still == 0, N=still),
        breaks=(broken,),
        again=(again(broken, DENSE + "; Gibbs state by diagonalisation", _dense_detuned),),
        printed=thermal,
        right=engine,
        better=local(**at, approach="redfield").negativity(),
        comparable=globally(**large).negativity(),
        comparable_thermal=_best_thermal(large["g"], large["delta"]).item(),
        comparable_better=local(**large, approach="redfield").negativity(),
    )


@judge("thermal-entanglement")
def thermal(rng: Generator) -> Found:
    def agrees(eps: Array, g: Array, T: Array) -> Array:
        rho = gibbs(eps, g, T)
        below = thermal_entanglement_temperature(g) / T - 1
        sure = np.abs(below) > 1e-6
        return np.where(sure, -np.sign(below) * least_transposed(rho) / rho[:, 3, 3].real, 0.0)

    domain = {"eps": Range(0.05, 5), "g": Range(0.01, 5), "T": Range(0.05, 20, log=True)}

    def least(T: Array) -> Array:
        return least_transposed(gibbs(1.0, 0.8, T))

    stated = 0.8 / float(el.arcsinh(1))
    edge = crossing_at("N ends at g/arcsinh 1, g = 0.8", least, 0.5, 1.5, of="T", stated=stated, within=1e-9)
    return found(
        never_below("entangled below g/arcsinh 1, separable above", agrees, domain, rng), edge, edge=stated
    )


@judge("caption-and-text-threshold")
def caption_threshold(rng: Generator) -> Found:
    x = np.linspace(1e-3, 3, 20001)
    same = (el.sinh(x) ** 2 > 1) == (el.sinh(x) > 1)
    return found(fact("the two conditions agree for g > 0", bool(np.all(same)), points=int(same.size)))


@judge("thermal-falls-abruptly")
def abruptly(rng: Generator) -> Found:
    edge = thermal_entanglement_temperature(COUPLINGS)
    below, above = (eq35_thermal_negativity(1.0, COUPLINGS, edge * factor) for factor in (0.99, 1.01))
    slope = eq35_thermal_negativity(1.0, COUPLINGS, edge * (1 - 1e-6)) / (1e-6 * edge)
    return found(
        larger("N one per cent below the edge above zero", below=below, zero=np.zeros(4)),
        fact("N = 0 one per cent above it", bool(np.all(above == 0)), N=above),
        slope=slope[2],
        near=below[2],
    )


@judge("levels-at-g-equal-eps")
def levels(rng: Generator) -> Found:
    one, past = (np.linalg.eigh(hamiltonian({"eps_h": 1.0, "g": g})) for g in (1.0, 1.3))
    ground = past[1][:, 0]
    n = float(second.negativity(np.outer(ground, ground.conj())))
    zeros = int(np.sum(np.abs(one[0]) < 1e-12))
    return found(
        fact("two zeros at g = ε", zeros == 2, zeros=zeros),
        fact(
            "the ground state at g = 1.3 ε is entangled and below |00⟩", past[0][0] < -0.1 and n > 0.49, N=n
        ),
    )


@judge("thermal-state-optimal")
def thermal_optimal(rng: Generator) -> Found:
    at = FIGURE | {"delta": 0.0, "T_h": 0.7}
    n, best = float(local(**at).negativity()), _best_thermal(at["g"], 0.0).item()
    return found(
        never_below("N of resonant engines below the best thermal state's", _resonant_margin, STRONGLY, rng),
        beyond=(fact("the same at weak coupling", n <= best, at=at, engine=n, thermal=best),),
        point=at,
        engine=n,
    )


@judge("thermal-beats-engine")
def thermal_beats(rng: Generator) -> Found:
    best = _best_strong(COUPLINGS)
    thermal_best = _best_thermal(COUPLINGS, np.zeros(4))
    edge = thermal_entanglement_temperature(0.8)
    late = maximise(
        lambda c: margin(globally(**STRONG, g=0.8, gamma_c=c, T_h=edge)), *GAMMA_C, scale="log"
    ).value
    return found(
        larger("best thermal N above the best N of figure 6a", thermal=thermal_best, engine=best),
        late=late,
        edge=edge,
    )


@judge("decoupling-approaches-thermal")
def decoupling(rng: Generator) -> Found:
    def improves(g: Array, T_h: Array, gamma_c: Array, less: Array) -> Array:
        first, then = (globally(**STRONG, g=g, T_h=T_h, gamma_c=c) for c in (gamma_c, gamma_c * less))
        equilibrium = gibbs(np.ones_like(g), g, T_h)
        before, after = (distance(e.steady_state().rho, equilibrium) for e in (first, then))
        return np.asarray(before - after)

    domain = {"g": Range(0.05, 0.99), "T_h": Range(0.03, 5, log=True), "gamma_c": Range(1e-6, 0.1, log=True)}
    limit = globally(**STRONG, g=COUPLINGS, T_h=0.4, gamma_c=1e-9).negativity()
    target = eq35_thermal_negativity(1.0, COUPLINGS, 0.4)
    return found(
        never_below(
            "less γ_c is nearer to the Gibbs state of T_h", improves, domain | {"less": Range(0.01, 0.9)}, rng
        ),
        *(
            close(f"thermal N in the limit, g = {g}", limit[k], target[k], 1e-5)
            for k, g in enumerate(COUPLINGS)
        ),
    )


@judge("critical-current-at-equilibrium")
def critical_at_equilibrium(rng: Generator) -> Found:
    p: dict[str, Any] = {"eps_h": 1.0, "g": 0.8, "gamma_h": 0.01, "gamma_c": 0.02}
    heat = np.linspace(0.1, 3, 300)
    at = p | {"T_h": 0.4, "T_c": 0.4}
    value = eq27_critical_current(strong(p | {"T_h": heat, "T_c": heat}))
    return found(
        vanishes("J_c at T_h = T_c", value, {"T": heat}, scale=0.01),
        fact(
            "an entangled equilibrium",
            bool(globally(**at).negativity() > 0),
            at=at,
            N=globally(**at).negativity(),
        ),
    )


def _resonant_margin(**p: Any) -> Array:
    return np.asarray(_best_thermal(p["g"], np.zeros_like(p["g"])) - margin(globally(**p)))


def _best_thermal(g: Any, delta: Any) -> Array:
    """max_T of the thermal negativity at eps_h = 1, shape of g.

    The eigenvalues of H_S + H_int are 0, m ∓ r and 2m with the mean gap m and r² = g² + δ²/4; entanglement ends at
    T = r/arcsinh(r/g).  A scan below that edge, closer scans around its top, and a parabola.
    """
    g, delta = np.atleast_1d(np.asarray(g, dtype=float)), np.atleast_1d(np.asarray(delta, dtype=float))
    mean, split = 1 + delta / 2, np.sqrt(g**2 + delta**2 / 4)
    heat = split / el.arcsinh(split / g) * el.geomspace(0.005, 1, 121)[:, None]
    every = np.arange(g.size)
    for _ in range(4):
        top = np.clip(_thermal_margin(heat, g, mean, split).argmax(axis=0), 1, len(heat) - 2)
        low, high = heat[top - 1, every], heat[top + 1, every]
        heat = low + (high - low) * np.linspace(0, 1, 9)[:, None]
    values = _thermal_margin(heat, g, mean, split)
    top = np.clip(values.argmax(axis=0), 1, 7)
    a, b, c = (values[top + k, every] for k in (-1, 0, 1))
    bend = np.minimum(a - 2 * b + c, -1e-300)
    return np.asarray(np.maximum(b - (a - c) ** 2 / (8 * bend), 0.0))


def _thermal_margin(heat: Array, g: Array, mean: Array, split: Array) -> Array:
    energies = np.stack(np.broadcast_arrays(0 * heat, mean - split, mean + split, 2 * mean))
    weights = el.exp(-(energies - energies.min(axis=0)) / heat)
    none, lower, upper, both = weights / weights.sum(axis=0)
    coherence = (lower - upper) * g / (2 * split)
    return np.asarray((np.sqrt(4 * coherence**2 + (none - both) ** 2) - none - both) / 2)


def _dense_detuned(**p: Any) -> dict[str, float]:
    heat = el.geomspace(0.005, 0.2, 4000)
    thermal_n = second.negativity(gibbs(1.0, p["g"], heat, p["delta"])).max()
    return {"engine": dense(p, "global").N, "thermal": round(float(thermal_n), 9)}


def _best_strong(g: Array) -> Array:
    """Largest negativity over T_h and γ_c at the caption's other values."""

    def over_gamma(heat: Array) -> Array:
        def n(c: Array) -> Array:
            return margin(globally(**STRONG, g=g, gamma_c=c, T_h=heat))

        return maximise(n, *GAMMA_C, shape=heat.shape, scale="log", scan=9, tolerance=1e-7).value

    return maximise(over_gamma, 0.05, 3.0, shape=g.shape, scan=33, tolerance=1e-6).value


def _best_weak(hottest: float) -> float:
    """Largest local negativity over T_h up to a bound, g and γ_c, at the caption's other values."""
    fixed = {"eps_h": 1.0, "gamma_h": 1e-3, "T_c": 0.01}

    def over_gamma(g: Array, heat: Array) -> Array:
        def n(c: Array) -> Array:
            return margin(local(**fixed, g=g, gamma_c=c, T_h=heat))

        shape = np.broadcast_shapes(g.shape, heat.shape)
        return maximise(n, *GAMMA_C, shape=shape, scale="log", scan=9, tolerance=1e-6).value

    def over_g(heat: Array) -> Array:
        def n(g: Array) -> Array:
            return over_gamma(g, heat)

        return maximise(n, 1e-5, 0.1, shape=heat.shape, scale="log", scan=17, tolerance=1e-5).value

    return float(maximise(over_g, 0.5, hottest, scale="log", scan=9, tolerance=1e-4).value)


def _half(heat: Array, n: Array) -> Array:
    """Temperatures between which curves are above half their maxima, shape (curves, 2)."""
    above = n > n.max(axis=1, keepdims=True) / 2
    return np.array([[heat[row][0], heat[row][-1]] for row in above])
