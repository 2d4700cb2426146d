"""What man2019 says of equal temperatures of the individual reservoirs (sections I, III A and V; figures 2 and 3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common.optimise import Maximum, Root, find_root, maximise
from qte.ledger.checks import Fact, Range
from qte.ledger.entries import judge
from qte.ledger.forms import equals, fact, larger, never_below, vanishes
from qte.ledger.judged import Found, again, found
from qte.papers.man2019.checks import dense
from qte.papers.man2019.checks.detuned import (
    LEVEL,
    best_common_temperature,
    change,
    change_and_flow,
    cold_and_hot,
    pair_again,
)
from qte.papers.man2019.checks.trials import (
    COMMON_RATES,
    DRAWS,
    FIGURE_2,
    FIGURE_3,
    LEVEL_GROUND,
    RATIO,
    STEP,
    Array,
    alone,
    colder_enhances,
    energies,
    falls_with_T_C,
    gain,
    gain_needs_absorption,
    gibbs,
    heat,
    level_draws,
    machine,
    populations,
    relative_heat,
    scaled,
    signed,
)

FIGURE_2_T_C = np.array([1.0, 3.0, 5.0, 7.0, 9.0])
FIGURE_3_T_C = np.array([1.0, 3.0, 4.0, 5.0])


@judge("alone-thermal-state")
def alone_thermal(rng: Generator) -> Found:
    p = level_draws(rng)
    return found(equals("populations", populations(machine(**p).without_common()).T, gibbs(p).T, p))


@judge("same-temperature-no-change")
def same_temperature(rng: Generator) -> Found:
    p = level_draws(rng)
    p |= {"T_C": p["T_A"]}
    return found(
        equals("populations", populations(machine(**p)).T, gibbs(p).T, p),
        vanishes("change of C", gain(**p), p, scale=1.0),
    )


@judge("colder-common-reservoir-enhances")
def colder_common_reservoir(rng: Generator) -> Found:
    pair = (("colder", 1.0), ("hotter", 5.0))
    detuned: dict[str, Any] = {name: change("secular", T_C=T_C, **LEVEL) for name, T_C in pair}
    uneven, reverse = (
        float(gain(**scaled(T=0.1, T_C=0.3, **q)))
        for q in ({"mix": 0.76, "Gamma_CA": 0.01, "Gamma_CB": 10.0}, {"mix": -0.76})
    )
    return found(
        never_below(
            "ΔC has the sign of T − T_C, at resonance, where C > 1e-4", colder_enhances, LEVEL_GROUND, rng
        ),
        beyond=(
            larger("ΔC at T_C = Γ and at T_C = 5 Γ, detuned by 19 Γ", **detuned),
            fact("a hotter R_C lowers C, Γ_C^(A) ≠ Γ_C^(B)", uneven < 0, dC=uneven),
            fact("a hotter R_C lowers C, Ω < 0", reverse < 0, dC=reverse),
        ),
        uneven=uneven,
        reverse=reverse,
        **detuned,
    )


@judge("equilibrium-heat-current-sign")
def heat_sign(rng: Generator) -> Found:
    def sign(**q: Any) -> Array:
        return np.asarray(np.sign(q["T_C"] - q["T"]) * relative_heat(**scaled(**q)))

    ground = LEVEL_GROUND | RATIO | COMMON_RATES
    return found(never_below("Q_C has the sign of T_C − T, any detuning and rates", sign, ground, rng))


@judge("equilibrium-enhancement-with-absorption")
def with_absorption(rng: Generator) -> Found:
    numbers = change_and_flow("secular", T_C=5.0, **LEVEL)
    both = numbers["dC"] > 0 < numbers["Q_C"]
    return found(
        never_below(
            "never ΔC > 0 and Q_C > 0, at resonance, where C > 1e-4", gain_needs_absorption, LEVEL_GROUND, rng
        ),
        beyond=(fact("detuned by 19 Γ, T_C = 5 Γ: no ΔC > 0 with Q_C > 0", not both, **numbers),),
        **numbers,
    )


@judge("common-reservoir-cools-the-qubits")
def cools(rng: Generator) -> Found:
    def colder(**q: Any) -> Array:
        p = scaled(**q)
        full, E = machine(**p), energies(p)
        with_it, without = ((E * populations(m)).sum(axis=0) for m in (full, full.without_common()))
        return np.asarray(np.sign(q["T"] - q["T_C"]) * (without - with_it) / (with_it + without))

    ground = LEVEL_GROUND | RATIO | COMMON_RATES
    return found(
        never_below("R_C lowers ⟨H_S⟩ where T_C < T and raises it where T_C > T", colder, ground, rng)
    )


@judge("colder-is-better-in-equilibrium")
def colder_is_better(rng: Generator) -> Found:
    pair, better = (cold_and_hot(way, **LEVEL) for way in ("secular", "redfield"))
    broken = larger("C at T_C = Γ and at T_C = 5 Γ, detuned by 19 Γ", at=LEVEL, **pair)
    return found(
        never_below(
            "C falls with T_C, at resonance, where C > 1e-4", falls_with_T_C, LEVEL_GROUND | STEP, rng
        ),
        breaks=(broken,),
        again=(again(broken, dense.DENSE, pair_again),),
        printed=0.0,
        right=best_common_temperature(**LEVEL),
        redfield_cold=better["cold"],
        redfield_hot=better["hot"],
        **pair,
    )


@judge("beyond-any-individual-temperature")
def beyond(rng: Generator) -> Found:
    best, without = _best(FIGURE_2, 0.0), _best_alone()

    def margin(T_A: Array, T_B: Array) -> Array:
        return np.asarray((best.value - alone(**FIGURE_2, T_A=T_A, T_B=T_B)) / best.value)

    pairs = dict.fromkeys(("T_A", "T_B"), Range(0.2, 400, log=True))
    return found(
        larger(
            "largest C over T: R_C at T_C = 0, and no R_C", with_R_C=best.value, without_R_C=without.value
        ),
        never_below("no pair T_A, T_B reaches it without R_C (figure 2)", margin, pairs, rng),
        ratio=best.value / without.value,
        T=best.x,
        T_alone=without.x,
    )


@judge("alone-entanglement-ends")
def ends(rng: Generator) -> Found:
    p = level_draws(rng)
    p |= {"eps_B": p["eps_A"], "Omega": rng.uniform(0.02, 0.98, DRAWS) * p["eps_A"]}
    x, e = p["Omega"] / p["T_A"], p["eps_A"] / p["T_A"]
    thermal, size = ((y / (el.cosh(e) + el.cosh(x))) for y in (el.sinh(x) - 1, el.cosh(x)))
    end, formula = find_root(lambda T: alone(**FIGURE_2, T_A=T, T_B=T), 5.0, 20.0).x, 10 / el.arcsinh(1)
    return found(
        equals("(sinh(Ω/T) − 1)/(cosh(ε/T) + cosh(Ω/T)), cut at 0", alone(**p), thermal, p, scale=size),
        fact(
            "end of entanglement in figure 2 at Ω/arsinh 1",
            abs(end - formula) < 1e-9,
            T=end,
            of_formula=formula,
        ),
        end=end,
    )


@judge("recovered-beyond-the-end")
def recovered(rng: Generator) -> Found:
    T_C, end = np.append(0.0, FIGURE_2_T_C), 10 / el.arcsinh(1)

    def value(T: Any) -> Array:
        return signed(**FIGURE_2, T_A=T, T_B=T, T_C=T_C)

    last = find_root(value, 10.0, 1e5, shape=T_C.shape, scale="log").x
    there = value(1.2 * end)
    what = "entangled at 1.2 of the T at which the qubits alone are not, all T_C of figure 2(b)"
    return found(
        fact(what, np.all(there > 0) and np.all(last > 1.2 * end), T_C=T_C, C=there, entangled_up_to_T=last),
        end=end,
        cold=last[0],
        hot=last[-1],
    )


@judge("cold-common-reservoir-peaks-hotter")
def peaks(rng: Generator) -> Found:
    T_C = np.append(0.0, FIGURE_2_T_C)
    curves, without = _best(FIGURE_2, T_C), _best_alone()
    return found(
        fact(
            "all maxima lie at larger T than without R_C",
            np.all(curves.x > without.x),
            T_C=T_C,
            T=curves.x,
            alone=without.x,
        ),
        beyond=(
            fact("the colder R_C, the larger that T", np.all(np.diff(curves.x) < 0), T_C=T_C, T=curves.x),
        ),
        alone=without.x,
        cold=curves.x[1],
        hot=curves.x[-1],
    )


@judge("curves-cross-at-equal-temperatures")
def crossings(rng: Generator) -> Found:
    return found(
        *(
            check
            for name, at, T_C in (("figure 2", FIGURE_2, FIGURE_2_T_C), ("figure 3", FIGURE_3, FIGURE_3_T_C))
            for check in (
                _only_at_T_C(
                    f"{name}: C is C_AB", T_C, lambda T, p=at, t=T_C: gain(**p, T_A=T, T_B=T, T_C=t)
                ),
                _only_at_T_C(f"{name}: Q_C is 0", T_C, lambda T, p=at, t=T_C: heat(**p, T_A=T, T_B=T, T_C=t)),
            )
        )
    )


# ---- parts -------------------------------------------------------------------------------------


def _best(at: Any, T_C: Any) -> Maximum:
    return maximise(lambda T: signed(**at, T_A=T, T_B=T, T_C=T_C), 0.2, 40.0, shape=np.shape(T_C), scan=65)


def _best_alone() -> Maximum:
    return maximise(lambda T: alone(**FIGURE_2, T_A=T, T_B=T), 0.2, 40.0, scan=65)


def _only_at_T_C(what: str, T_C: Array, function: Any) -> Fact:
    """The only change of sign between T = 0.5 and 40 is at T = T_C."""
    root: Root = find_root(function, 0.5, 40.0, shape=T_C.shape, scan=257)
    holds = np.all(root.crossings == 1) and np.all(np.abs(root.x - T_C) < 1e-9)
    return fact(f"{what} at T = T_C alone", holds, T_C=T_C, T=root.x)
