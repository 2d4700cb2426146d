"""Verdicts on what man2019 says of the circuit with dephasing (section IV, figure 7), and its contradictions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from qte.common.optimise import Maximum, find_root, maximise
from qte.ledger import second
from qte.ledger.checks import Range, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, approximately, conditional, confirm, fails, holds, undecided
from qte.papers.man2019.equations import eq21_dephasing
from qte.papers.man2019.judging import (
    ANY_RATE,
    DENSE,
    FIGURE_7,
    MIX,
    RATES,
    WARM,
    Array,
    Complex,
    again,
    alone,
    clipped_gain,
    dephasing_jumps,
    equilibrium,
    gain,
    gain_again,
    hamiltonian,
    machine,
    signed_concurrence,
)

WEAK, STRONG = 1e-4, 1e-2
GAMMA = 3.5e-5
OMEGA = np.linspace(0.05, 0.99, 48)


@claim("value-of-the-dephasing-rate", place="sec. IV", says="Measured fluxonium times give γ ≈ 0.035 MHz.")
def measured_rate(rng: Generator) -> Evidence:
    return undecided(
        "T₁ and T₂ of the measurement it cites are not in the text; see the entry on γ for its formula."
    )


@claim(
    "dephasing-rate-from-relaxation-times",
    place="sec. IV, below eq. (21)",
    says="The γ of eq. (21) is 1/T₂ − 1/(2T₁).",
)
def dephasing_rate(rng: Generator) -> Evidence:
    own = _decay_by_eq21()
    dense = _decay_by_exponential()
    halved = {g: _best(np.array([0.7]), g, GAMMA / 2) for g in (STRONG, WEAK)}
    full = {g: _best(np.array([0.7]), g, GAMMA) for g in (STRONG, WEAK)}
    return fails(
        fact(
            "the coherence of one qubit decays at γ under eq. (21)",
            abs(own - 1) < 1e-12,
            at={"gamma": GAMMA, "Omega": 0.0, "rates_of_all_reservoirs": 0.0},
            decay_rate_over_gamma=own,
        ),
        right=(fact("it decays at 2γ", abs(own - 2) < 1e-12, decay_rate_over_gamma=own),),
        method="eq. (21) applied to a coherence of a single bare qubit",
        second=confirm(
            "exponential of the dense 16 × 16 dephasing superoperator over the time 1/γ",
            decay_rate_over_gamma=(own, dense),
        ),
        corrected=r"\gamma = \tfrac12[T_2^{-1} - (2T_1)^{-1}]",
        finding="1/T₂ − 1/(2T₁) is the rate at which pure dephasing damps a coherence. Under eq. (21) a coherence decays "
        "at 2γ, because σ_zρσ_z − ρ reverses its sign. So either γ is half that rate, or eq. (21) needs a factor ½.",
        size="If 0.035 MHz is the measured 1/T₂ − 1/(2T₁), figure 7 has twice the dephasing. At Ω = 0.7 GHz the largest "
        + "; ".join(
            f"C at T_C = 0 is {float(full[g].value[0]):.6f} with γ = 0.035 MHz and {float(halved[g].value[0]):.6f} with "
            f"half of it (Γ = {1000 * g:g} MHz)"
            for g in (STRONG, WEAK)
        )
        + ".",
        consequence="In the paper's favour: with the smaller γ more entanglement is reached, for Γ = 0.1 MHz much more. "
        "No conclusion changes.",
    )


@claim(
    "significant-entanglement-with-dephasing",
    place="sec. IV, fig. 7(a)",
    says="With realistic parameters and dephasing a significant amount of entanglement is generated.",
)
def significant(rng: Generator) -> Evidence:
    apart, together = _best(np.array([0.7]), STRONG), _best(np.array([0.7]), STRONG, together=True)
    free = _best(np.array([0.7]), STRONG, 0.0)
    return holds(
        fact(
            "largest C over T at the parameters of figure 7(a)",
            apart.value[0] > together.value[0] > 0.2,
            at_T_C_0=apart.value[0],
            at_T=apart.x[0],
            at_T_C_equal_T=together.value[0],
            without_dephasing=free.value[0],
        ),
        method="maximum over T, refined to 1e-10",
        finding="A quarter of the maximum; the dephasing takes less than a hundredth of it.",
    )


@claim(
    "conclusion-still-valid-with-dephasing",
    place="sec. IV, fig. 7(b)",
    says="The conclusion from above, that R_C helps where T_C < T, stays valid with dephasing.",
)
def still_valid(rng: Generator) -> Evidence:
    ground = {"T": WARM, "T_C": WARM, "mix": MIX, "Gamma_A": ANY_RATE, "Gamma_B": ANY_RATE}
    pure = {"dephasing": Range(1e-4, 10, log=True)}

    def colder(T: Array, T_C: Array, **q: Any) -> Array:
        return np.where(T_C < T, clipped_gain(**equilibrium(T, T_C, **q)), np.nan)

    T = np.array([0.05, 0.1, 0.2, 0.3])
    bound = find_root(lambda t: gain(**FIGURE_7, T_A=T, T_B=T, T_C=t), 0.5 * T, 3 * T, shape=T.shape, scan=65)
    at = FIGURE_7 | {"T_A": 0.1, "T_B": 0.1, "T_C": 0.14}
    return conditional(
        inside=(
            fact(
                "figure 7(b): R_C helps up to a T_C above T",
                np.all(bound.crossings == 1) and np.all(bound.x > T),
                T=T,
                helps_up_to_T_C=bound.x,
            ),
            hunt(
                "T_C < T never lowers C, any dephasing, at resonance",
                colder,
                ground | pure,
                rng,
            ),
        ),
        outside=(
            fact(
                "T_C > T lowers C, as without dephasing",
                bool(clipped_gain(**at) < 0),
                at={"T": 0.1, "T_C": 0.14, "Omega": 0.7, "Gamma": 0.01, "gamma": GAMMA},
                gain=gain(**at),
            ),
        ),
        conditions='In the sense of "if": T_C < T always helps. It is no longer the boundary.',
        second=confirm(DENSE, gain=(gain(**at), gain_again(at))),
        finding="A colder R_C always helps. With dephasing, which heats the upper levels, a somewhat hotter one does too: "
        "the line ΔC = 0 of figure 7(b) no longer lies on T_C = T.",
    )


@claim(
    "dashed-line-is-thermal-equilibrium",
    place="caption of fig. 7(a)",
    says="The line T_C = T is thermal equilibrium.",
)
def dashed_line(rng: Generator) -> Evidence:
    T = np.geomspace(0.02, 2.0, 400)
    p = FIGURE_7 | {"T_A": T, "T_B": T, "T_C": T}
    m = machine(**p)
    distance = _distance_from_gibbs(m.steady_state().rho, T)
    other = _distance_from_gibbs(again(p).rho, T)
    k = int(np.argmax(distance))
    return approximately(
        fact(
            "trace distance of the steady state from the thermal state on the line",
            distance.max() < 1e-3,
            largest=distance.max(),
            at_T=T[k],
            largest_heat_from_R_C=float(np.abs(m.net_current()).max()),
        ),
        method="steady states at 400 temperatures with the parameters of figure 7(a)",
        second=confirm(DENSE, largest_trace_distance=(distance[k], other[k])),
        finding="Dephasing in the bare basis brings in energy, so that heat flows even there; at γ = 0.035 MHz and "
        "Γ = 10 MHz the state is thermal to 5e-4.",
    )


@claim(
    "improvement-depends-on-coupling-and-baths",
    place="sec. IV, fig. 7(c)",
    says="The improvement depends on the coupling of the qubits and on the strength of the bath couplings.",
)
def depends(rng: Generator) -> Evidence:
    ratio = {g: _ratio(OMEGA, g) for g in (STRONG, WEAK)}
    pure = [_ratio(np.array([0.2, 0.5, 0.8]), g, 0.0) for g in (STRONG, WEAK)]
    k = int(np.argmin(np.abs(OMEGA - 0.7)))
    return holds(
        fact(
            "ratio of the largest concurrences, with dephasing",
            abs(ratio[STRONG][k] / ratio[WEAK][k] - 1) > 0.1,
            Omega=OMEGA[k],
            for_10_MHz=ratio[STRONG][k],
            for_0_1_MHz=ratio[WEAK][k],
        ),
        fact(
            "without dephasing the ratio does not depend on the bath couplings",
            np.allclose(pure[0], pure[1], rtol=1e-9, atol=0),
            Omega=[0.2, 0.5, 0.8],
            ratio=pure[0],
        ),
        method="maxima over T at T_C = 0 and at T_C = T, refined to 1e-10",
        finding="Yes; the dependence on the bath couplings is due to the dephasing alone.",
    )


@claim(
    "improvement-peaks-at-higher-coupling",
    place="sec. IV, fig. 7(c)",
    says="For weaker bath coupling the improvement peaks at a higher interaction strength.",
    against="The caption of figure 7(c) calls what is drawn the ratio C_neq/C_eq, which has no peak.",
)
def improvement_peaks(rng: Generator) -> Evidence:
    peak = {g: _peak_of_difference(g) for g in (STRONG, WEAK)}
    ratio = {g: _ratio(OMEGA, g) for g in (STRONG, WEAK)}
    entangled = {g: np.isfinite(ratio[g]) for g in ratio}
    falls = all(np.all(np.diff(ratio[g][entangled[g]]) < 0) for g in ratio)
    at = [_at_peak(0.7, g) for g in (STRONG, WEAK)]
    return conditional(
        inside=(
            fact(
                "C_neq − C_eq peaks, for weaker baths at a larger Ω",
                bool(0.05 < peak[STRONG].x < peak[WEAK].x < 0.99),
                Omega_at_10_MHz=float(peak[STRONG].x),
                difference_at_10_MHz=float(peak[STRONG].value),
                Omega_at_0_1_MHz=float(peak[WEAK].x),
                difference_at_0_1_MHz=float(peak[WEAK].value),
            ),
        ),
        outside=(
            fact(
                "C_neq/C_eq has a peak between Ω = 0.05 and 0.99 GHz",
                not falls,
                at={"Omega": "0.05 to 0.99", "gamma": GAMMA},
                ratio_at_10_MHz=_some(ratio[STRONG]),
                ratio_at_0_1_MHz=_some(ratio[WEAK]),
                Omega=_some(OMEGA),
            ),
        ),
        conditions="Improvement meant as the difference C_neq − C_eq.",
        method="maxima over T at T_C = 0 and at T_C = T, 48 values of Ω; peak refined to 1e-8",
        second=confirm(
            DENSE,
            **{
                f"{name}_for_{label}": pair
                for (label, pairs) in zip(("10_MHz", "0_1_MHz"), at, strict=True)
                for name, pair in pairs.items()
            },
        ),
        finding="True of the difference. The ratio, which the caption names, falls all the way from very large values at "
        "small Ω, where C_eq vanishes, towards 1.",
    )


@claim(
    "relative-improvement-named-as-absolute",
    place="caption of fig. 7(b)",
    says="Figure 7(b) shows the relative improvement of the concurrence, ΔC.",
    against="Section III A defines ΔC as the absolute difference C_ABC − C_AB.",
)
def relative_improvement(rng: Generator) -> Evidence:
    p = FIGURE_7 | {"T_A": 0.4, "T_B": 0.4, "T_C": 0.1}
    beyond = FIGURE_7 | {"T_A": 0.9, "T_B": 0.9, "T_C": 0.1}
    base, change = float(alone(**p)), float(gain(**p))
    copy = again(p, without_common=True)
    end = find_root(lambda T: alone(**FIGURE_7, T_A=T, T_B=T), 0.3, 2.0)
    return fails(
        fact(
            "ΔC/C_AB is ΔC",
            abs(change / base - change) < 1e-10,
            at={"T": 0.4, "T_C": 0.1},
            delta_C=change,
            relative=change / base,
        ),
        method="concurrences with and without R_C at the parameters of figure 7",
        second=confirm(DENSE, gain=(change, gain_again(p)), C_AB=(base, copy.signed)),
        numbers={
            "ΔC at T = 0.9, T_C = 0.1": float(clipped_gain(**beyond)),
            "C_AB vanishes beyond T": float(end.x),
        },
        corrected=r"\Delta C = C_{ABC} - C_{AB}\ \text{(absolute)}",
        finding="A relative improvement would be ΔC/C_AB, which does not exist where C_AB = 0; the two readings differ, and "
        "the text settles neither. We show both.",
        size=f"At T = 0.4 and T_C = 0.1 GHz ΔC is {change:.6f}, ΔC/C_AB is {change / base:.6f}.",
        consequence="None: the sign is the same.",
    )


@claim(
    "substantial-improvement-accessible",
    place="sec. IV, end; abstract; sec. V",
    says="Substantial improvements are obtained for accessible parameters.",
)
def substantial(rng: Generator) -> Evidence:
    ratio = {g: _ratio(np.array([0.5, 0.7]), g) for g in (STRONG, WEAK)}
    return holds(
        fact(
            "C_neq/C_eq at Ω = 0.5 and 0.7 GHz",
            min(ratio[STRONG].min(), ratio[WEAK].min()) > 1.1,
            for_10_MHz=ratio[STRONG],
            for_0_1_MHz=ratio[WEAK],
        ),
        method="maxima over T, refined to 1e-10",
        finding="Between 16 per cent and a factor of three and a half.",
    )


@claim(
    "coldest-common-reservoir-is-best-with-dephasing",
    place="sec. IV; sec. V",
    says="With dephasing, too, the colder R_C, the more entanglement.",
)
def coldest_is_best(rng: Generator) -> Evidence:
    ground = {"T": WARM, "T_C": WARM, "step": Range(1.01, 10, log=True), "mix": MIX}
    ground |= {"dephasing": Range(1e-4, 10, log=True)}

    def margin(T: Array, T_C: Array, step: Array, **q: Any) -> Array:
        cold, hot = (signed_concurrence(**equilibrium(T, t, **q)) for t in (T_C, T_C * step))
        return np.asarray(np.maximum(cold, 0) - np.maximum(hot, 0))

    return holds(
        hunt("C does not rise with T_C, any dephasing, at resonance", margin, ground, rng),
        finding="Monotonic in T_C at resonance, however strong the dephasing.",
    )


# ---- parts -------------------------------------------------------------------------------------


def _curve(Omega: ArrayLike, rate: float, gamma: float, T: ArrayLike, *, together: bool) -> dict[str, Any]:
    gaps = {"eps_A": 1.0, "eps_B": 1.0, "Omega": Omega, "dephasing": gamma}
    return gaps | dict.fromkeys(RATES, rate) | {"T_A": T, "T_B": T, "T_C": T if together else 0.0}


def _best(Omega: Array, rate: float, gamma: float = GAMMA, *, together: bool = False) -> Maximum:
    """Largest C over T, at T_C = 0 or at T_C = T."""

    def value(T: Array) -> Array:
        return signed_concurrence(**_curve(Omega, rate, gamma, T, together=together))

    return maximise(value, 0.005, 10.0, shape=Omega.shape, scale="log", scan=65)


def _ratio(Omega: Array, rate: float, gamma: float = GAMMA) -> Array:
    """C_neq/C_eq, NaN where C_eq vanishes."""
    apart = _best(Omega, rate, gamma).value
    together = _best(Omega, rate, gamma, together=True).value
    return np.asarray(np.where(together > 0, apart / np.where(together > 0, together, 1.0), np.nan))


def _peak_of_difference(rate: float) -> Maximum:
    def difference(Omega: Array) -> Array:
        return np.asarray(_best(Omega, rate).value - _best(Omega, rate, together=True).value)

    return maximise(difference, 0.05, 0.99, scan=17, tolerance=1e-8)


def _at_peak(Omega: float, rate: float) -> dict[str, tuple[Any, Any]]:
    """Largest concurrences with their second method."""
    found = {}
    for name, together in (("C_neq", False), ("C_eq", True)):
        best = _best(np.array([Omega]), rate, together=together)
        p = _curve(Omega, rate, GAMMA, best.x[0], together=together)
        found[name] = (best.value[0], again(p).signed)
    return found


def _some(values: Array) -> Array:
    """Every eighth value, as many as a reader needs."""
    return values[::8]


def _decay_by_eq21() -> float:
    """Decay rate of |10><00| over gamma by eq. (21)."""
    coherence = np.zeros((4, 4), dtype=complex)
    coherence[1, 3] = 1.0
    return float(-eq21_dephasing(1.0, coherence)[1, 3].real)


def _decay_by_exponential() -> float:
    """The same from the state of (|00> + |10>)/sqrt 2 after the time 1/gamma."""
    matrix = second.liouvillian(np.zeros((4, 4), dtype=complex), dephasing_jumps(1.0))
    values, vectors = np.linalg.eigh(matrix)
    start = np.zeros((4, 4), dtype=complex)
    start[np.ix_([1, 3], [1, 3])] = 0.5
    end = vectors @ (np.exp(values) * (vectors.conj().T @ start.reshape(-1)))
    return float(-np.log(end.reshape(4, 4)[1, 3].real / 0.5))


def _distance_from_gibbs(rho: Complex, T: Array) -> Array:
    """Trace distance from the thermal state of H_S of figure 7, shape (n,)."""
    energy, ket = np.linalg.eigh(hamiltonian(FIGURE_7))
    weight = np.exp(-energy / T[:, None])
    weight /= weight.sum(axis=1, keepdims=True)
    thermal = np.einsum("ia,na,ja->nij", ket, weight, ket.conj())
    return np.asarray(np.abs(np.linalg.eigvalsh(rho - thermal)).sum(axis=1) / 2)
