"""Verdicts on what man2019 says of equal temperatures (section III A, figures 2 and 3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common.optimise import Root, find_root, maximise
from qte.ledger.checks import Range, compare, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, holds
from qte.papers.man2019 import equations as printed
from qte.papers.man2019.judging import (
    ANY_RATE,
    DENSE,
    DRAWS,
    FIGURE_2,
    FIGURE_3,
    MILD,
    MIX,
    RATIO,
    SOLVED,
    WARM,
    Array,
    again,
    alone,
    clipped_gain,
    draws,
    equilibrium,
    gain,
    gain_again,
    machine,
    model,
    populations,
    relative_heat,
    shown_at,
    signed_concurrence,
)

GROUND = {"T": WARM, "T_C": WARM, "mix": MIX}
MILDER = {"T": MILD, "T_C": MILD, "mix": MIX}
OWN_RATES = {"Gamma_A": ANY_RATE, "Gamma_B": ANY_RATE}
COMMON_RATES = {"Gamma_CA": ANY_RATE, "Gamma_CB": ANY_RATE}
STEP = Range(1.01, 10, log=True)
ANY_WARMTH = Range(0.2, 400, log=True)
AT_RESONANCE = (
    "Ω > 0, qubits at resonance and equally coupled to R_C, Γ_C^(A) = Γ_C^(B), as in figures 2 and 3."
)


# ---- section II ----------------------------------------------------------------------------------


@claim(
    "alone-thermal-state",
    place="sec. III A",
    says="Without R_C and at T_A = T_B = T the qubits relax to the thermal state of temperature T.",
)
def alone_thermal(rng: Generator) -> Evidence:
    p = draws(rng)
    p |= {"T_B": p["T_A"]}
    return holds(
        compare("populations", populations(machine(**p).without_common()).T, _gibbs(p), p),
        method=SOLVED,
        finding="Exact, each population to its own accuracy, whatever detuning and rates.",
    )


@claim(
    "same-temperature-no-change",
    place="sec. III A, caption of fig. 2",
    says="At T_C = T the common reservoir changes nothing, since the qubits keep the same thermal state.",
)
def same_temperature(rng: Generator) -> Evidence:
    p = draws(rng)
    p |= {"T_B": p["T_A"], "T_C": p["T_A"]}
    return holds(
        compare("populations", populations(machine(**p)).T, _gibbs(p), p),
        compare("change of C", clipped_gain(**p), np.zeros(DRAWS), p, scale=1.0),
        method=SOLVED,
        finding="Exact, whatever detuning and rates.",
    )


@claim(
    "colder-common-reservoir-enhances",
    place="sec. III A, fig. 2; abstract; sec. V",
    says="In equilibrium R_C raises the concurrence where T_C < T and lowers it where T_C > T.",
)
def colder_enhances(rng: Generator) -> Evidence:
    detuned = hunt("the same off resonance, equal rates", _sign_of_gain, MILDER | {"ratio": RATIO}, rng)
    uneven = hunt("the same with Γ_C^(A) ≠ Γ_C^(B)", _sign_of_gain, MILDER | COMMON_RATES, rng)
    reverse = hunt("the same with Ω < 0", lambda mix, **q: _sign_of_gain(mix=-mix, **q), MILDER, rng)
    p, q = equilibrium(**detuned.point), equilibrium(**uneven.point)
    own = FIGURE_2 | {"T_A": 2.4, "T_B": 2.4, "T_C": 0.3}
    split = {
        name: own | {"eps_A": 20 + x, "eps_B": 20 - x}
        for name, x in (("0", 0.0), ("5 Γ", 2.5), ("10 Γ", 5.0))
    }
    return conditional(
        inside=(hunt("ΔC has the sign of T − T_C, at resonance", _sign_of_gain, GROUND | OWN_RATES, rng),),
        outside=(detuned, uneven, reverse),
        conditions=AT_RESONANCE,
        counterexample=shown_at(p),
        second=confirm(
            DENSE,
            gain_off_resonance=(gain(**p), gain_again(p)),
            gain_with_unequal_rates=(gain(**q), gain_again(q)),
        ),
        numbers={
            f"ΔC at ε_m = 20, Ω = 10, T = 2.4, T_C = 0.3, Δε = {k}": float(clipped_gain(**v))
            for k, v in split.items()
        },
        finding="Exact wherever the paper uses it. There |λ₃⟩ is dark to R_C, which cannot empty it by cooling nor fill "
        "it by heating. Off resonance, or with unequal couplings to R_C, |λ₃⟩ is dark no more: a hot R_C then "
        "pumps the entangled state and can raise C of cold qubits, and a cold one can lower it.",
    )


@claim(
    "equilibrium-heat-current-sign",
    place="sec. III A, fig. 3 and its caption",
    says="Q_C changes sign at T_C = T: R_C gives heat where T_C > T and absorbs it where T_C < T.",
)
def heat_sign(rng: Generator) -> Evidence:
    def margin(**q: Any) -> Array:
        return np.asarray(np.sign(q["T_C"] - q["T"]) * relative_heat(**equilibrium(**q)))

    ground = GROUND | {"ratio": RATIO} | OWN_RATES | COMMON_RATES
    return holds(
        hunt("Q_C has the sign of T_C − T", margin, ground, rng),
        finding="The second law for two temperatures: it holds at any detuning and any rates.",
    )


@claim(
    "equilibrium-enhancement-with-absorption",
    place="sec. III A, end",
    says="In equilibrium an enhancement comes with heat absorbed by R_C from the individual reservoirs.",
)
def with_absorption(rng: Generator) -> Evidence:
    def margin(**q: Any) -> Array:
        p = equilibrium(**q)
        return -np.minimum(clipped_gain(**p), relative_heat(**p))

    broken = hunt("the same off resonance", margin, MILDER | {"ratio": RATIO}, rng)
    p = equilibrium(**broken.point)
    copy = again(p)
    return conditional(
        inside=(hunt("never ΔC > 0 and Q_C > 0, at resonance", margin, GROUND | OWN_RATES, rng),),
        outside=(broken,),
        conditions=AT_RESONANCE,
        counterexample=shown_at(p),
        second=confirm(DENSE, gain=(gain(**p), gain_again(p)), Q_C=(machine(**p).net_current(), copy.Q["C"])),
        numbers={"ΔC there": float(gain(**p)), "Q_C there": float(machine(**p).net_current())},
        finding="Holds for the figures. For detuned qubits (as for unequal couplings) a hot R_C, which gives heat, can "
        "enhance.",
    )


@claim(
    "colder-is-better-in-equilibrium",
    place="sec. I; sec. III A",
    says="The lower T_C, the larger the enhancement.",
)
def colder_is_better(rng: Generator) -> Evidence:
    ground = GROUND | {"step": STEP}
    broken = hunt("the same off resonance", _falls_with_T_C, ground | MILDER | {"ratio": RATIO}, rng)
    q = dict(broken.point)
    step = float(q.pop("step"))
    cold = equilibrium(**q)
    hot = cold | {"T_C": cold["T_C"] * step}
    return conditional(
        inside=(hunt("C does not rise with T_C, at resonance", _falls_with_T_C, ground | OWN_RATES, rng),),
        outside=(broken,),
        conditions=AT_RESONANCE,
        counterexample=shown_at(cold, T_C_hotter=hot["T_C"]),
        second=confirm(
            DENSE,
            C_cold=(signed_concurrence(**cold), again(cold).signed),
            C_hot=(signed_concurrence(**hot), again(hot).signed),
        ),
        numbers={
            "C at the lower T_C": float(signed_concurrence(**cold)),
            "C at the higher": float(signed_concurrence(**hot)),
        },
        finding="Monotonic at resonance. Off resonance the concurrence can rise with T_C.",
    )


@claim(
    "beyond-any-individual-temperature",
    place="sec. III A, fig. 2(b); abstract",
    says="With R_C more entanglement is reached than without it at any temperature of the individual reservoirs, and "
    "significantly more.",
)
def beyond(rng: Generator) -> Evidence:
    best = _best(FIGURE_2, 0.0)
    without = maximise(lambda T: alone(**FIGURE_2, T_A=T, T_B=T), 0.2, 20.0, scan=65)

    def margin(T_A: Array, T_B: Array) -> Array:
        return np.asarray((best.value - alone(**FIGURE_2, T_A=T_A, T_B=T_B)) / best.value)

    return holds(
        fact(
            "largest C with R_C at T_C = 0 and without R_C, T_A = T_B",
            best.value > without.value,
            with_R_C=best.value,
            at_T=best.x,
            without_R_C=without.value,
            at_T_alone=without.x,
            ratio=best.value / without.value,
        ),
        hunt(
            "no pair T_A, T_B reaches it without R_C (figure 2)",
            margin,
            {"T_A": ANY_WARMTH, "T_B": ANY_WARMTH},
            rng,
        ),
        method="maxima refined to 1e-10 of T; random pairs of temperatures and a local search",
        finding="At the parameters of figure 2 the largest concurrence with a cold R_C is far above any that two "
        "individual reservoirs produce, equal in temperature or not.",
    )


@claim(
    "alone-entanglement-ends",
    place="sec. III A, fig. 2(b)",
    says="Without R_C the entanglement vanishes at large T.",
)
def ends(rng: Generator) -> Evidence:
    p = draws(rng)
    p |= {"T_B": p["T_A"], "eps_B": p["eps_A"], "Omega": rng.uniform(0.02, 0.98, DRAWS) * p["eps_A"]}
    x, e = p["Omega"] / p["T_A"], p["eps_A"] / p["T_A"]
    thermal = (np.sinh(x) - 1) / (np.cosh(e) + np.cosh(x))
    size = np.cosh(x) / (np.cosh(e) + np.cosh(x))
    end = find_root(lambda T: alone(**FIGURE_2, T_A=T, T_B=T), 5.0, 20.0)
    return holds(
        compare("(sinh(Ω/T) − 1)/(cosh(ε/T) + cosh(Ω/T)), cut at 0", alone(**p), thermal, p, scale=size),
        fact(
            "end of entanglement in figure 2 at Ω/arsinh 1",
            abs(end.x - 10 / np.arcsinh(1)) < 1e-9,
            T=f"{float(end.x):.10f} Γ",
            of_formula=f"{10 / np.arcsinh(1):.10f} Γ",
        ),
        method=SOLVED + "; root refined to 1e-13",
        finding="At resonance it ends at T = Ω/arsinh 1, whatever the gap.",
    )


@claim(
    "recovered-beyond-the-end",
    place="sec. III A, fig. 2(b); sec. V",
    says="Adding R_C recovers entanglement at temperatures at which the qubits alone have none.",
)
def recovered(rng: Generator) -> Evidence:
    T_C = np.array([0.0, 1.0, 3.0, 5.0, 9.0])
    last = find_root(
        lambda T: signed_concurrence(**FIGURE_2, T_A=T, T_B=T, T_C=T_C), 10.0, 1e5, shape=(5,), scale="log"
    )
    end = 10 / np.arcsinh(1)
    finite = np.isfinite(last.x)
    return holds(
        fact(
            "entangled above Ω/arsinh 1 = 11.346 Γ",
            np.all(signed_concurrence(**FIGURE_2, T_A=1.2 * end, T_B=1.2 * end, T_C=T_C) > 0),
            T_C=T_C,
            entangled_up_to_T=[
                float(x) if ok else "1e5 and beyond" for x, ok in zip(last.x, finite, strict=True)
            ],
            C_at_1_2_of_the_end=signed_concurrence(**FIGURE_2, T_A=1.2 * end, T_B=1.2 * end, T_C=T_C),
        ),
        method="concurrence at the parameters of figure 2, root refined to 1e-13",
        finding="R_C extends the range of T considerably, the more the colder it is.",
    )


@claim(
    "cold-common-reservoir-peaks-hotter",
    place="sec. III A, fig. 2(b)",
    says="When R_C is cold, the concurrence peaks at a larger T.",
)
def peaks(rng: Generator) -> Evidence:
    T_C = np.array([0.0, 1.0, 3.0, 5.0, 7.0, 9.0])
    curves = _best(FIGURE_2, T_C)
    without = maximise(lambda T: alone(**FIGURE_2, T_A=T, T_B=T), 0.2, 40.0, scan=65)
    p = {k: FIGURE_2 | {"T_A": curves.x[k], "T_B": curves.x[k], "T_C": T_C[k]} for k in (1, 5)}
    return conditional(
        inside=(
            fact(
                "all maxima lie at larger T than without R_C",
                np.all(curves.x > without.x),
                T_C=T_C,
                T_of_the_maximum=curves.x,
                T_without_R_C=without.x,
            ),
        ),
        outside=(
            fact(
                "the colder R_C, the larger the T of the maximum",
                np.all(np.diff(curves.x) < 0),
                at={"T_C": 1.0, "and_T_C": 9.0},
                T_of_the_maximum_at_T_C_1=curves.x[1],
                at_T_C_9=curves.x[5],
            ),
        ),
        conditions="The comparison is with the qubits alone, not among the curves with R_C.",
        method="maxima over T at the parameters of figure 2, refined to 1e-10",
        second=confirm(
            DENSE,
            largest_C_at_T_C_1=(curves.value[1], again(p[1]).signed),
            largest_C_at_T_C_9=(curves.value[5], again(p[5]).signed),
            T_of_the_maximum_at_T_C_1=(curves.x[1], _dense_peak(1.0)),
            T_of_the_maximum_at_T_C_9=(curves.x[5], _dense_peak(9.0)),
        ),
        finding="Every curve with R_C peaks at a larger T than the curve without it. Among the curves with R_C it is the "
        "hotter ones that peak at larger T, except for a shallow minimum near T_C = 2 to 3 Γ.",
    )


@claim(
    "curves-cross-at-equal-temperatures",
    place="captions of figs. 2(b) and 3",
    says="Each curve with R_C crosses the one without it where T = T_C, and nowhere else; there Q_C vanishes.",
)
def crossings(rng: Generator) -> Evidence:
    found = []
    for name, at, T_C in (
        ("figure 2", FIGURE_2, np.array([1.0, 3.0, 5.0, 7.0, 9.0])),
        ("figure 3", FIGURE_3, np.array([1.0, 3.0, 5.0])),
    ):
        same, heat = _crossing(at, T_C), _reversal(at, T_C)
        apart = np.maximum(np.abs(same.x - T_C), np.abs(heat.x - T_C))
        found.append(
            fact(
                f"crossings and zeros of {name}",
                np.all(same.crossings == 1) and np.all(heat.crossings == 1) and np.all(apart < 1e-9),
                T_C=T_C,
                T_of_the_crossing=same.x,
                T_where_Q_C_is_0=heat.x,
            )
        )
    return holds(
        *found,
        method="all changes of sign between T = 0.5 and 40 Γ, roots refined to 1e-13",
        finding="One crossing and one zero each, at T = T_C (for C before it is cut at zero).",
    )


# ---- parts -------------------------------------------------------------------------------------


def _gibbs(p: Any) -> Array:
    energy = np.stack(printed.eq05_energies(model(p)), axis=-1)
    weight = np.exp(-energy / p["T_A"][:, None])
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


def _sign_of_gain(**q: Any) -> Array:
    return np.asarray(np.sign(q["T"] - q["T_C"]) * gain(**equilibrium(**q)))


def _falls_with_T_C(T_C: Array, step: Array, **q: Any) -> Array:
    cold, hot = (signed_concurrence(**equilibrium(T_C=t, **q)) for t in (T_C, T_C * step))
    return np.asarray(np.maximum(cold, 0) - np.maximum(hot, 0))


def _best(at: Any, T_C: Any) -> Any:
    shape = np.shape(T_C)
    return maximise(
        lambda T: signed_concurrence(**at, T_A=T, T_B=T, T_C=T_C), 0.2, 40.0, shape=shape, scan=65
    )


def _crossing(at: Any, T_C: Array) -> Root:
    """T at which R_C leaves C as it is, before C is cut at zero."""

    def change(T: Array) -> Array:
        return gain(**at, T_A=T, T_B=T, T_C=T_C)

    return find_root(change, 0.5, 40.0, shape=T_C.shape, scan=257)


def _reversal(at: Any, T_C: Array) -> Root:
    """T at which Q_C = 0."""

    def heat(T: Array) -> Array:
        return machine(**at, T_A=T, T_B=T, T_C=T_C).net_current()

    return find_root(heat, 0.5, 40.0, shape=T_C.shape, scan=257)


def _dense_peak(T_C: float) -> float:
    """T of the largest C by dense matrices: a cubic through nearby values, three times closer in."""
    centre, width = 8.5, 4.0
    for _ in range(4):
        T = np.linspace(centre - width, centre + width, 81)
        value = again(FIGURE_2 | {"T_A": T, "T_B": T, "T_C": np.full_like(T, T_C)}).signed
        k = int(np.argmax(value))
        near = slice(max(k - 4, 0), k + 5)
        fit = np.polynomial.Polynomial.fit(T[near], value[near], 6)
        roots = fit.deriv().roots()
        real = roots[np.abs(roots.imag) < 1e-9].real
        centre = float(real[np.argmin(np.abs(real - T[k]))])
        width /= 5
    return centre
