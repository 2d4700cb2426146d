"""Verdicts on what man2019 says of R_C between different temperatures (section III B, figure 5; abstract, section V)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common.optimise import find_root
from qte.ledger.checks import Range, compare, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, fails, holds
from qte.papers.man2019.judging import (
    ANY_RATE,
    COLD,
    DENSE,
    DETUNINGS,
    DRAWS,
    MILD,
    MIX,
    RATIO,
    WARM,
    Array,
    again,
    apart,
    biased,
    clipped_gain,
    effective_temperatures,
    gain,
    gain_again,
    machine,
    one_temperature,
    populations,
    relative_heat,
    shown_at,
    signed_concurrence,
    thermalisation,
    thermalised,
    where_thermalised,
)

GROUND = {"T_A": WARM, "T_B": WARM, "T_C": WARM, "mix": MIX}
MILDER = {"T_A": MILD, "T_B": MILD, "T_C": MILD, "mix": MIX}
# In units of omega_2.
WARMER = Range(0.05, 20, log=True)
ONE_TEMPERATURE = {
    "omega_1": Range(0.01, 0.98, log=True),
    "T_A": WARMER,
    "T_B": WARMER,
    "place": Range(0.02, 0.98),
    "T_C": WARMER,
}
AT_FIGURE_5 = "The four points of figure 5, and qubits at resonance with Γ_C^(A) = Γ_C^(B)."


# ---- effective temperatures ----------------------------------------------------------------------


@claim(
    "no-change-at-thermalisation",
    place="caption of fig. 5",
    says="Where Q_C changes direction, at T_C = T_eff, the concurrence with R_C is the same as without it.",
)
def no_change(rng: Generator) -> Evidence:
    n = DRAWS
    q = {
        "omega_1": 10 ** rng.uniform(-2, -0.01, n),
        "T_A": 10 ** rng.uniform(-1, 1, n),
        "T_B": 10 ** rng.uniform(-1, 1, n),
        "place": rng.uniform(0.05, 0.95, n),
    }
    T = one_temperature(q["T_A"], q["T_B"], q["place"])
    p = thermalised(omega_2=1.0, T_C=T, **q)
    alone_now, full = populations(machine(**p).without_common()), populations(machine(**p))
    heat, same = _marks(DETUNINGS)
    return holds(
        compare("populations with and without R_C at T_C = T_eff", full.T, alone_now.T, q, scale=1.0),
        compare("Q_C over what is exchanged", relative_heat(**p), np.zeros(n), q, scale=1.0),
        fact(
            "figure 5: T_C of Q_C = 0 and of C = C_AB",
            np.all(np.abs(heat - same) < 3e-4),
            Q_C_is_0=heat,
            C_is_C_AB=same,
        ),
        method="400 machines with T_A ≠ T_B and one temperature in closed form; roots of figure 5 refined to 1e-13",
        finding="Exact at one temperature, since R_C leaves a Gibbs state of its own temperature alone. At the rounded "
        "detunings of figure 5 the two T_C differ by 1.1e-4, 2.1e-4, 1.4e-5 and 1.1e-4 Γ.",
    )


@claim(
    "below-the-thermalisation-temperature",
    place="abstract; sec. I; sec. III B; caption of fig. 5; sec. V",
    says="Whenever one temperature can be assigned to the qubits without R_C, R_C enhances the entanglement as long as "
    "T_C lies below it, and that is the upper bound of T_C.",
)
def below_thermalisation(rng: Generator) -> Evidence:
    @where_thermalised
    def margin(**q: Any) -> Array:
        T = one_temperature(q["T_A"], q["T_B"], q["place"])
        return np.asarray(np.sign(T - q["T_C"]) * gain(**thermalised(omega_2=1.0, **q)))

    broken = hunt("one temperature out of equilibrium, Γ_C^(A) = Γ_C^(B)", margin, ONE_TEMPERATURE, rng)
    p = thermalised(omega_2=1.0, **broken.point)
    own = biased(5.0, 5.0, 0.3, Omega=10.0, T_B=5.0)
    mild = own | {"T_A": 2.4, "T_B": 2.4}
    T_C = np.concatenate([np.geomspace(0.05, 60.0, 400)])[:, None]
    root = thermalisation()
    level = effective_temperatures(biased(COLD, root))[0]
    agree = np.sign(gain(**biased(COLD, root, T_C))) == np.sign(level - T_C)
    return conditional(
        inside=(
            fact(
                "figure 5: ΔC has the sign of T_eff − T_C at 400 values of T_C from 0.05 to 60 Γ",
                np.all(agree),
                T_eff=level,
                points_that_disagree=int((~agree).sum()),
            ),
        ),
        outside=(broken,),
        conditions=AT_FIGURE_5,
        counterexample=shown_at(p),
        second=confirm(
            DENSE,
            gain=(gain(**p), gain_again(p)),
            gain_in_equilibrium_detuned=(gain(**mild), gain_again(mild)),
        ),
        numbers={
            "ΔC there": float(gain(**p)),
            "one temperature there": float(
                one_temperature(*(broken.point[k] for k in ("T_A", "T_B", "place")))
            ),
            "ΔC at T_A = T_B = 2.4, T_C = 0.3, Δε = 5, Ω = 10, ε_m = 20 Γ": float(gain(**mild)),
        },
        finding="True at all four points of figure 5 and of any equilibrium at resonance (see there). As a general "
        "statement it goes too far: with detuned qubits the lower entangled state is not dark to R_C, which can raise "
        "the concurrence although hotter, or lower it although colder. At couplings and gaps like those of the figures "
        "the effect is small, a change of 3e-4 in C.",
    )


@claim(
    "absorption-at-thermalisation",
    place="sec. III B, fig. 5",
    says="With one temperature T_eff, R_C absorbs heat exactly where T_C < T_eff.",
)
def absorption_at_thermalisation(rng: Generator) -> Evidence:
    @where_thermalised
    def margin(**q: Any) -> Array:
        T = one_temperature(q["T_A"], q["T_B"], q["place"])
        return np.asarray(np.sign(q["T_C"] - T) * relative_heat(**thermalised(omega_2=1.0, **q)))

    rates = {"Gamma_CA": ANY_RATE, "Gamma_CB": ANY_RATE}
    return holds(
        hunt("Q_C has the sign of T_C − T_eff", margin, ONE_TEMPERATURE | rates, rng),
        finding="R_A and R_B then act like one reservoir of that temperature, and the second law decides.",
    )


@claim(
    "colder-is-better-at-thermalisation",
    place="sec. III B, fig. 5",
    says="As in equilibrium, the lower T_C, the higher the concurrence.",
)
def colder_at_thermalisation(rng: Generator) -> Evidence:
    @where_thermalised
    def margin(T_C: Array, step: Array, **q: Any) -> Array:
        cold, hot = (signed_concurrence(**thermalised(omega_2=1.0, T_C=t, **q)) for t in (T_C, T_C * step))
        return np.asarray(np.maximum(cold, 0) - np.maximum(hot, 0))

    broken = hunt(
        "one temperature out of equilibrium",
        margin,
        ONE_TEMPERATURE | {"step": Range(1.01, 10, log=True)},
        rng,
    )
    q: dict[str, Any] = dict(broken.point)
    step = q.pop("step")
    cold = thermalised(omega_2=1.0, **q)
    hot = cold | {"T_C": cold["T_C"] * step}
    T_C = np.geomspace(0.05, 60.0, 400)[:, None]
    change = np.diff(signed_concurrence(**biased(COLD, DETUNINGS, T_C)), axis=0)
    return conditional(
        inside=(
            fact(
                "figure 5: C falls with T_C, 400 values from 0.05 to 60 Γ",
                np.all(change < 1e-15),
                largest_rise=max(float(change.max()), 0.0) if change.max() > 1e-15 else 0.0,
            ),
        ),
        outside=(broken,),
        conditions=AT_FIGURE_5,
        counterexample=shown_at(cold, T_C_hotter=hot["T_C"]),
        second=confirm(
            DENSE,
            C_cold=(signed_concurrence(**cold), again(cold).signed),
            C_hot=(signed_concurrence(**hot), again(hot).signed),
        ),
        finding="True for figure 5; not for every machine of one temperature.",
    )


@claim(
    "suitable-common-reservoir-helps",
    place="sec. III B",
    says="Without one temperature, too, a common reservoir of suitable temperature can improve the entanglement.",
)
def suitable_helps(rng: Generator) -> Evidence:
    def margin(**q: Any) -> Array:
        return clipped_gain(**apart(T_C=0.0, **q))

    ground = {"T_A": WARM, "T_B": WARM, "mix": MIX}
    T_C = np.array([0.0, 2.0, 4.0, 6.0])
    change = clipped_gain(**biased(5.0, 3.0, T_C))
    return holds(
        hunt("at resonance R_C at T_C = 0 never lowers C", margin, ground, rng),
        fact("T_A = 5, T_B = 8, Δε = 3, Ω = 6 Γ", change[0] > 0, T_C=T_C, gain=change),
        method="random draws and a local search; concurrence at four T_C",
        finding="At resonance a cold R_C always helps wherever there is entanglement to speak of; detuned it can.",
    )


@claim(
    "bound-below-the-onset-of-absorption",
    place="sec. III B, end",
    says="Out of equilibrium the largest T_C at which R_C enhances lies below the T_C at which R_C begins to absorb heat, "
    "so that Q_C is already negative there.",
)
def bound(rng: Generator) -> Evidence:
    at = biased(5.0, 3.0, 6.59)
    copy = again(at)
    window = _window_ends()
    heat, same = _marks(np.full(4, 3.0))
    level, colder = _marks(np.full(4, 0.0))
    spread = np.abs(np.subtract(*effective_temperatures(biased(COLD, np.full(4, 3.0)))))
    return fails(
        fact(
            "T_A = 5, Δε = 3 Γ: the bound lies below the zero of Q_C",
            same[0] < heat[0],
            at={"T_A": 5.0, "T_B": 8.0, "delta_eps": 3.0, "Omega": 6.0, "eps_m": 20.0, "T_C": 6.59},
            T_C_where_C_is_C_AB=same[0],
            T_C_where_Q_C_is_0=heat[0],
        ),
        right=(
            fact(
                "it does at Δε = 0, for all four T_A",
                np.all(colder < level),
                T_C_where_C_is_C_AB=colder,
                T_C_where_Q_C_is_0=level,
            ),
        ),
        method="both zeros refined to 1e-13",
        second=confirm(
            DENSE,
            gain=(gain(**at), gain_again(at)),
            Q_C=(machine(**at).net_current(), copy.Q["C"]),
        ),
        numbers={
            "gain at the counterexample": float(gain(**at)),
            "Q_C there in Γ²": float(machine(**at).net_current()),
            "difference of both effective temperatures, Δε = 3": spread,
            "windows end at Δε/Γ": ", ".join(f"{x:.6f}" for x in window),
        },
        finding="The order depends on the detuning. Below the detuning of one temperature, and beyond Δε ≈ 4 Γ, the bound "
        "lies below the zero of Q_C, as stated; in the window between it lies above: R_C still gives heat and "
        "already enhances. At resonance no counterexample was found.",
        corrected=r"T_C^{bound} < T_C(Q_C = 0)\ \text{at resonance}",
        size="At Δε = 3 Γ the bound lies above the zero of Q_C by "
        + ", ".join(f"{x:.4f}" for x in same - heat)
        + " Γ for T_A = 5, 4, 3, 2 Γ.",
        consequence="That enhancement is always associated with heat absorption (abstract, section V) does not follow; "
        "the enhancement itself and its size are untouched.",
    )


@claim(
    "enhancement-means-absorption",
    place="abstract; sec. I; sec. V",
    says="In all cases in which the entanglement is enhanced, R_C absorbs heat.",
)
def means_absorption(rng: Generator) -> Evidence:
    def margin(**q: Any) -> Array:
        p = apart(**q)
        return -np.minimum(clipped_gain(**p), relative_heat(**p))

    broken = hunt("never ΔC > 0 and Q_C > 0, equal rates", margin, MILDER | {"ratio": RATIO}, rng)
    p = apart(**broken.point)
    own = biased(5.0, 3.0, 6.59)
    return fails(
        broken,
        right=(hunt("the same at resonance", margin, GROUND, rng),),
        counterexample=shown_at(p),
        second=confirm(
            DENSE,
            gain=(gain(**p), gain_again(p)),
            Q_C=(machine(**p).net_current(), again(p).Q["C"]),
            gain_in_units_of_figure_5=(gain(**own), gain_again(own)),
            Q_C_in_units_of_figure_5=(machine(**own).net_current(), again(own).Q["C"]),
        ),
        numbers={"ΔC there": float(gain(**p)), "Q_C there": float(machine(**p).net_current())},
        corrected=r"\Delta C > 0 \Rightarrow Q_C < 0\ \text{for qubits at resonance},\ \Gamma_C^{(A)} = \Gamma_C^{(B)}",
        finding="It holds at resonance, where the lower entangled state is dark to R_C, for any three temperatures. "
        "Off resonance R_C can enhance by giving heat, and does so near the paper's own parameters.",
        size=f"T_A = 5, T_B = 8, Δε = 3, Ω = 6, ε_m = 20, T_C = 6.59 Γ: ΔC = {float(gain(**own)):.6f} with "
        f"Q_C = +{float(machine(**own).net_current()):.6f} Γ². None of the curves of figures 2 and 3 is concerned; "
        "in figure 5 only the rounding of Δε.",
        consequence="The link between enhancement and heat absorption is a property of resonance and of the points of figure "
        "5, not a general one. The enhancement itself stands.",
    )


@claim(
    "cold-is-advantageous",
    place="sec. V",
    says="It is advantageous for R_C to be cold, and there is a largest T_C up to which the entanglement is enhanced.",
)
def cold_is_advantageous(rng: Generator) -> Evidence:
    def margin(T_C: Array, step: Array, **q: Any) -> Array:
        cold, hot = (signed_concurrence(**apart(T_C=t, **q)) for t in (T_C, T_C * step))
        return np.asarray(np.maximum(cold, 0) - np.maximum(hot, 0))

    ground = GROUND | {"step": Range(1.01, 10, log=True)}
    broken = hunt("the same off resonance", margin, ground | MILDER | {"ratio": RATIO}, rng)
    q: dict[str, Any] = dict(broken.point)
    step = q.pop("step")
    cold = apart(**q)
    hot = cold | {"T_C": cold["T_C"] * step}
    return conditional(
        inside=(hunt("C does not rise with T_C, at resonance, any T_A, T_B", margin, ground, rng),),
        outside=(broken,),
        conditions="Qubits at resonance with Γ_C^(A) = Γ_C^(B).",
        counterexample=shown_at(cold, T_C_hotter=hot["T_C"]),
        second=confirm(
            DENSE,
            C_cold=(signed_concurrence(**cold), again(cold).signed),
            C_hot=(signed_concurrence(**hot), again(hot).signed),
        ),
        finding="At resonance C falls monotonically with T_C for any T_A and T_B, so there is one bound. Off resonance it "
        "may rise.",
    )


# ---- parts -------------------------------------------------------------------------------------


def _marks(delta_eps: Array) -> tuple[Array, Array]:
    """T_C at which Q_C = 0, and at which C = C_AB before it is cut at zero."""
    ends, shape = (COLD, np.full_like(COLD, 8.0)), COLD.shape
    heat = find_root(lambda t: relative_heat(**biased(COLD, delta_eps, t)), *ends, shape=shape, scan=17)
    same = find_root(lambda t: gain(**biased(COLD, delta_eps, t)), *ends, shape=shape, scan=17)
    return heat.x, same.x


def _window_ends() -> Array:
    """Detunings beyond thermalisation at which both coincide again."""

    def difference(detunings: Array) -> Array:
        return np.array([np.subtract(*_marks(d)) for d in detunings])

    return find_root(difference, np.full(4, 3.0), np.full(4, 5.0), shape=(4,), scan=5, tolerance=1e-9).x
