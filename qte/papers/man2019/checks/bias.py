"""What man2019 says of different temperatures (abstract, sections I, III B and V; figures 4 and 5)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common.optimise import find_root, maximise
from qte.ledger.checks import Fact, Range
from qte.ledger.entries import judge
from qte.ledger.forms import equals, fact, falls, larger, never_below, vanishes
from qte.ledger.judged import Found, again, found
from qte.papers.man2019.checks import dense
from qte.papers.man2019.checks.detuned import (
    BIASED,
    LEVEL,
    Way,
    best_common_temperature,
    both_again,
    change,
    change_and_flow,
    cold_and_hot,
    concurrences,
    flow,
    pair_again,
)
from qte.papers.man2019.checks.trials import (
    BIASED_GROUND,
    COLD,
    COMMON_RATES,
    DETUNINGS,
    DRAWS,
    FIGURE_2,
    LEVEL_GROUND,
    MIX,
    OWN_RATES,
    RATIO,
    STEP,
    WARM,
    Array,
    alone,
    colder_enhances,
    draws,
    effective_temperatures,
    falls_with_T_C,
    figure_5,
    gain,
    gain_needs_absorption,
    heat,
    in_gamma,
    level_draws,
    machine,
    model,
    one_temperature,
    populations,
    relative_heat,
    scaled,
    signed,
    thermalisation,
    thermalised,
    where_entangled,
)
from qte.papers.man2019.equations import eq19_effective_temperatures

# T_C of figure 5, and far beyond it.
SCALE = el.geomspace(0.05, 60.0, 400)[:, None]


# ---- effective temperatures ----------------------------------------------------------------------


@judge("weak-coupling-no-equilibrium-entanglement")
def weak_coupling(rng: Generator) -> Found:
    Omega = np.array([1.0, 2.0, 10.0])
    at = {name: value for name, value in FIGURE_2.items() if name != "Omega"}

    def value(T: Array) -> Array:
        return alone(**at, Omega=Omega, T_A=T, T_B=T)

    best = maximise(value, 0.05, 40.0, shape=Omega.shape, scan=129, scale="log").value

    def small(T: Array, mix: Array) -> Array:
        return np.asarray(1e-8 - alone(**scaled(mix, T=T)))

    ground = {"T": WARM, "mix": Range(1e-3, 0.05)}
    return found(
        never_below("C < 1e-8 for Ω < ε/20 at every T", small, ground, rng),
        twentieth=best[0],
        tenth=best[1],
        half=best[2],
    )


@judge("effective-temperatures-in-equilibrium")
def effective_in_equilibrium(rng: Generator) -> Found:
    p = level_draws(rng)
    pair = zip(("ω₁", "ω₂"), effective_temperatures(p), strict=True)
    return found(*(equals(f"T_eff({name}) from the populations", level, p["T_A"], p) for name, level in pair))


@judge("effective-temperatures-between")
def between(rng: Generator) -> Found:
    def inside(T_A: Array, T_B: Array, **q: Any) -> Array:
        levels = np.array(eq19_effective_temperatures(model(scaled(T_A=T_A, T_B=T_B, **q))))
        low, high = np.minimum(T_A, T_B), np.maximum(T_A, T_B)
        return np.asarray(np.minimum(levels - low, high - levels).min(axis=0) / high)

    ground = {"T_A": WARM, "T_B": WARM} | MIX | RATIO | OWN_RATES
    return found(never_below("both inside [min, max] of T_A, T_B", inside, ground, rng))


@judge("effective-temperatures-differ")
def differ(rng: Generator) -> Found:
    first, upper = eq19_effective_temperatures(model(draws(rng, 100_000)))
    relative = (first - upper) / np.maximum(first, upper)
    return found(
        fact(
            "none of 1e5 random machines has equal ones, and both signs occur",
            np.all(relative != 0) and relative.min() < -0.1 and relative.max() > 0.1,
            share_with_the_first_larger=float((relative > 0).mean()),
            median_relative_difference=float(np.median(np.abs(relative))),
        )
    )


@judge("suitable-detuning-exists")
def suitable_detuning(rng: Generator) -> Found:
    at, least = {"T_A": 2.0, "T_B": 8.0, "Omega": 18.0, "delta_eps": 17.0}, _largest_gap(18.0, 2.0)
    what = "largest T_eff(ω₁) − T_eff(ω₂) at Ω = 18 Γ, T_A = 2 Γ, against zero"
    gap = larger(what, at=at, gap=least, zero=0.0)
    crossings = [int((np.diff(np.sign(_gap(6.0, T_A, _detunings(6.0)))) != 0).sum()) for T_A in COLD]
    return found(
        fact("Ω = 6 Γ, the four T_A of figure 4: one root each", crossings == [1] * 4, crossings=crossings),
        breaks=(gap,),
        again=(again(gap, "populations by dense matrices", _largest_gap_again),),
        printed=0.0,
        right=least,
        strongest_5=_strongest_coupling(5.0),
        strongest_2=_strongest_coupling(2.0),
    )


@judge("thermalisation-points")
def thermalisation_points(rng: Generator) -> Found:
    root = thermalisation()
    first, upper = effective_temperatures(figure_5(COLD, DETUNINGS))
    rounded = np.array_equal(np.round(root, 2), DETUNINGS)
    return found(
        fact("the roots round to the printed numbers", rounded, roots=", ".join(f"{x:.10f}" for x in root)),
        left=np.abs(first - upper).max(),
    )


# ---- figure 5 ------------------------------------------------------------------------------------


@judge("no-change-at-thermalisation")
def no_change(rng: Generator) -> Found:
    q = {"omega_1": el.power(10.0, rng.uniform(-2, -0.01, DRAWS)), "place": rng.uniform(0.05, 0.95, DRAWS)}
    q |= {k: el.power(10.0, rng.uniform(-1, 1, DRAWS)) for k in ("T_A", "T_B")}
    p = thermalised(T_C=one_temperature(q["T_A"], q["T_B"], q["place"]), **q)
    with_it, without = (populations(m).T for m in (machine(**p), machine(**p).without_common()))
    zero, same = _marks(DETUNINGS)
    apart = np.abs(zero - same).max()
    return found(
        equals("populations at T_C = T_eff", with_it, without, q, scale=1.0),
        vanishes("Q_C over what is exchanged", relative_heat(**p), q, scale=1.0),
        fact("figure 5: T_C of Q_C = 0 and of C = C_AB", apart < 3e-4, Q_C_is_0=zero, C_is_C_AB=same),
        most=apart,
    )


@judge("figure-5-enhanced-below-t-eff")
def figure_5_enhanced(rng: Generator) -> Found:
    root = thermalisation()
    level, p = effective_temperatures(figure_5(COLD, root))[0], figure_5(COLD, root, SCALE)
    return found(
        _agree("ΔC has the sign of T_eff − T_C, 400 values of T_C up to 60 Γ", gain(**p), level - SCALE),
        _agree("ΔC and Q_C have opposite signs there", gain(**p), -heat(**p)),
    )


@judge("absorption-at-thermalisation")
def absorption_at_thermalisation(rng: Generator) -> Found:
    def sign(T_A: Array, T_B: Array, **q: Any) -> Array:
        fits = np.abs(el.log(T_A / T_B)) > 1e-3
        pair = {"T_A": T_A, "T_B": np.where(fits, T_B, 2 * T_A), "place": q["place"]}
        T, p = one_temperature(**pair), thermalised(**q | pair)
        return np.where(fits, np.sign(q["T_C"] - T) * relative_heat(**p), np.nan)

    temperatures = {"T_A": WARM, "T_B": WARM, "place": Range(0.02, 0.98), "T_C": WARM}
    ground = {"omega_1": Range(0.01, 0.98, log=True)} | temperatures | COMMON_RATES
    return found(never_below("Q_C has the sign of T_C − T_eff, in units of ω₂", sign, ground, rng))


@judge("colder-is-better-at-thermalisation")
def colder_at_thermalisation(rng: Generator) -> Found:
    pair = cold_and_hot("secular", **LEVEL)
    start: dict[str, Any] = {f"at_{t}": signed(**figure_5(COLD, DETUNINGS, float(t))) for t in (0, 1)}

    def curves(T_C: Array) -> Array:
        return signed(**figure_5(COLD, DETUNINGS, T_C[:, None]))

    return found(
        falls("C at the four points", curves, 1.0, 60.0, of="T_C", log=True),
        larger("C at T_C = 0 and at T_C = Γ, all four", **start),
        beyond=(larger("C at T_C = Γ and at T_C = 5 Γ, T_A = T_B = 2 Γ, detuned by 19 Γ", **pair),),
        **pair,
    )


# ---- the general statements ----------------------------------------------------------------------


@judge("below-the-thermalisation-temperature")
def below_thermalisation(rng: Generator) -> Found:
    tilted = {"T_A": 2.0, "T_B": 5.0, "Omega": 12.0}
    tilted["delta_eps"] = float(find_root(lambda d: _gap(12.0, 2.0, d, 5.0), -25.0, 25.0, scan=65).x)
    points = {"colder": LEVEL | {"T_C": 1.0}, "hotter": LEVEL | {"T_C": 5.0}, "tilted": tilted | {"T_C": 1.0}}
    near = LEVEL | {"delta_eps": 5.0, "T_C": 1.0}
    raised: dict[str, Any] = {name: change("secular", **p) for name, p in (points | {"near": near}).items()}
    redfield: dict[str, Any] = {
        f"redfield_{name}": change("redfield", **p) for name, p in (points | {"near": near}).items()
    }
    checks = (
        _gains("T_A = T_B = 2, T_C = Γ, detuned by 19 Γ: ΔC > 0", points["colder"], +1),
        _gains("the same at T_C = 5 Γ: ΔC < 0", points["hotter"], -1),
        _gains("T_A = 2, T_B = 5, T_C = Γ, one temperature: ΔC > 0", points["tilted"], +1),
    )
    return found(
        never_below(
            "ΔC has the sign of T − T_C, equilibrium at resonance, where C > 1e-4",
            colder_enhances,
            LEVEL_GROUND,
            rng,
        ),
        *figure_5_enhanced(rng).passes,
        breaks=checks,
        again=tuple(again(check, dense.DENSE, lambda **p: change("dense", **p)) for check in checks),
        printed=2.0,
        right=find_root(lambda t: change("secular", T_C=t, **LEVEL), 2.5, 12.0).x,
        T_eff=effective_temperatures(in_gamma(**tilted))[0],
        detuning=tilted["delta_eps"],
        **raised,
        **redfield,
    )


@judge("suitable-common-reservoir-helps")
def suitable_helps(rng: Generator) -> Found:
    @where_entangled
    def helps(**q: Any) -> tuple[Array, Array]:
        p = scaled(**q)
        return gain(**p), alone(**p)

    ground = {name: axis for name, axis in BIASED_GROUND.items() if name != "T_C"}
    raised = float(change("secular", T_A=5.0, T_B=8.0, Omega=6.0, delta_eps=3.0))
    far = scaled(0.0188, 0.44, T_A=0.18, T_B=0.051, T_C=np.append(0.0, el.geomspace(0.02, 40.0, 400)))
    base, best = alone(**far).max(), gain(**far).max()
    return found(
        never_below("R_C at T_C = 0 never lowers C, at resonance, where C > 1e-4", helps, ground, rng),
        fact("T_A = 5, T_B = 8, Δε = 3, Ω = 6 Γ, T_C = 0: enhanced", raised > 0, dC=raised),
        beyond=(fact("some T_C helps a pair detuned by many times Ω", best > 0, C_AB=base, best_gain=best),),
        raised=raised,
        base=base,
        best=best,
    )


@judge("bound-below-the-onset-of-absorption")
def bound(rng: Generator) -> Found:
    broken = _no_gain_with_heat("T_A = 8, T_B = 2, T_C = 7 Γ, detuned by 19 Γ", BIASED | {"T_C": 7.0})
    (zero, same), (zero_redfield, same_redfield) = (_zeros(way, **BIASED) for way in ("secular", "redfield"))
    near = {"T_A": 5.0, "T_B": 8.0, "Omega": 6.0, "delta_eps": 3.0}
    heat_at_0, same_at_0 = _marks(np.zeros(4))
    return found(
        never_below(
            "never ΔC > 0 and Q_C > 0 at resonance, where C > 1e-4", gain_needs_absorption, BIASED_GROUND, rng
        ),
        larger("zero of Q_C and bound, Ω = 6 Γ, Δε = 0, all four T_A", zero=heat_at_0, bound=same_at_0),
        breaks=(broken,),
        again=(again(broken, dense.DENSE, both_again),),
        printed=zero,
        right=same,
        redfield_zero=zero_redfield,
        redfield_bound=same_redfield,
        window=-np.subtract(*_zeros("secular", **near)),
        redfield_window=np.subtract(*_zeros("redfield", **near)),
        dC=broken.measure["dC"],
        Q_C=broken.measure["Q_C"],
    )


@judge("enhancement-means-absorption")
def means_absorption(rng: Generator) -> Found:
    level = _no_gain_with_heat("T_A = T_B = 2, T_C = 5 Γ, detuned by 19 Γ", LEVEL | {"T_C": 5.0})
    biased = _no_gain_with_heat("T_A = 8, T_B = 2, T_C = 7 Γ, detuned by 19 Γ", BIASED | {"T_C": 7.0})
    redfield = change_and_flow("redfield", T_C=5.0, **LEVEL)
    return found(
        never_below(
            "never ΔC > 0 and Q_C > 0 at resonance, where C > 1e-4", gain_needs_absorption, BIASED_GROUND, rng
        ),
        *figure_5_enhanced(rng).passes,
        breaks=(level, biased),
        again=tuple(again(check, dense.DENSE, both_again) for check in (level, biased)),
        printed=0.0,
        right=level.measure["Q_C"],
        dC_biased=biased.measure["dC"],
        Q_C_biased=biased.measure["Q_C"],
        redfield_dC=redfield["dC"],
        redfield_Q_C=redfield["Q_C"],
        dC=level.measure["dC"],
        Q_C=level.measure["Q_C"],
        without=concurrences("secular", **LEVEL)[1],
    )


@judge("cold-is-advantageous")
def cold_is_advantageous(rng: Generator) -> Found:
    pair, better = (cold_and_hot(way, **BIASED) for way in ("secular", "redfield"))
    broken = larger("C at T_C = Γ and at T_C = 5 Γ, T_A = 8, T_B = 2, detuned by 19 Γ", at=BIASED, **pair)
    return found(
        never_below(
            "C falls with T_C at resonance, where C > 1e-4", falls_with_T_C, BIASED_GROUND | STEP, rng
        ),
        breaks=(broken,),
        again=(again(broken, dense.DENSE, pair_again),),
        printed=0.0,
        right=best_common_temperature(**BIASED),
        without=concurrences("secular", **BIASED)[1],
        redfield_cold=better["cold"],
        redfield_hot=better["hot"],
        **pair,
    )


# ---- parts -------------------------------------------------------------------------------------


def _gains(what: str, p: Any, sign: int) -> Fact:
    dC = float(change("secular", **p))
    return fact(what, sign * dC > 0, at=p, dC=dC)


def _no_gain_with_heat(what: str, p: Any) -> Fact:
    numbers = change_and_flow("secular", **p)
    return fact(f"no ΔC > 0 with Q_C > 0 at {what}", not numbers["dC"] > 0 < numbers["Q_C"], at=p, **numbers)


def _agree(what: str, a: Array, b: Array) -> Fact:
    differ = int((np.sign(a) != np.sign(b)).sum())
    return fact(what, differ == 0, points=a.size, points_that_disagree=differ)


def _marks(delta_eps: Array) -> tuple[Array, Array]:
    """T_C at which Q_C = 0, and at which C = C_AB before it is cut at zero, figures 4 and 5."""

    def zero(function: Any) -> Array:
        ends, shape = (COLD, np.full_like(COLD, 8.0)), COLD.shape
        return find_root(lambda t: function(**figure_5(COLD, delta_eps, t)), *ends, shape=shape, scan=17).x

    return zero(relative_heat), zero(gain)


def _zeros(way: Way, **p: Any) -> tuple[Array, Array]:
    """T_C at which Q_C = 0, and the largest at which R_C still enhances."""

    def difference(t: Array) -> Array:
        return np.asarray(np.subtract(*concurrences(way, T_C=t, **p)))

    zero = find_root(lambda t: flow(way, T_C=t, **p), 2.0, 12.0, scan=17).x
    return zero, find_root(difference, 2.0, 12.0, scan=17).x


def _gap(Omega: Any, T_A: float, delta_eps: Array, T_B: float = 8.0) -> Array:
    p = in_gamma(T_A, T_B, Omega=Omega, delta_eps=delta_eps)
    return np.asarray(np.subtract(*eq19_effective_temperatures(model(p))))


def _detunings(Omega: Any) -> Array:
    """All at which omega_1 > 0, shape (4001, ...)."""
    largest = 2 * np.sqrt(400 - np.square(Omega))
    return np.asarray(np.multiply.outer(np.linspace(-0.999, 0.999, 4001), largest))


def _largest_gap(Omega: Any, T_A: float) -> Array:
    return np.asarray(_gap(Omega, T_A, _detunings(Omega)).max(axis=0))


def _largest_gap_again(T_A: float, T_B: float, Omega: float, **_: float) -> dict[str, float]:
    p = in_gamma(T_A, T_B, Omega=Omega, delta_eps=_detunings(Omega))
    levels = np.linalg.eigvalsh(dense.again(p, common=False).rho)
    omega, _parts = dense.frequencies_and_jumps(p)
    # ascending: lambda_11, lambda_22, lambda_33, lambda_44
    first, upper = (omega[j] / el.log(levels[:, 3] / levels[:, 3 - j]) for j in (1, 2))
    return {"gap": float((first - upper).max())}


def _strongest_coupling(T_A: float) -> Array:
    """Omega up to which a detuning makes both effective temperatures equal, in units of Gamma."""
    return find_root(lambda x: _largest_gap(x, T_A), 6.0, 19.95, scan=33, tolerance=1e-6).x
