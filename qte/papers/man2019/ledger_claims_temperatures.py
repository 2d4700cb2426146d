"""Verdicts on what man2019 says of the effective temperatures (section III B, figure 4)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common.optimise import maximise
from qte.ledger.checks import Range, compare, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, approximately, conditional, confirm, holds
from qte.papers.man2019.equations import eq19_effective_temperatures
from qte.papers.man2019.judging import (
    ANY_RATE,
    COLD,
    DENSE,
    DETUNINGS,
    FIGURE_2,
    MIX,
    RATIO,
    SOLVED,
    WARM,
    Array,
    again,
    alone,
    apart,
    biased,
    draws,
    effective_temperatures,
    model,
    thermalisation,
)

# ---- effective temperatures ----------------------------------------------------------------------


@claim(
    "weak-coupling-no-equilibrium-entanglement",
    place="sec. III B",
    says="For weakly interacting qubits the entanglement in equilibrium is negligible.",
)
def weak_coupling(rng: Generator) -> Evidence:
    Omega = np.array([0.3, 1.0, 2.0, 6.0, 10.0])
    at = {name: value for name, value in FIGURE_2.items() if name != "Omega"}
    best = maximise(
        lambda T: alone(**at, Omega=Omega, T_A=T, T_B=T), 0.05, 40.0, shape=Omega.shape, scan=129, scale="log"
    )

    def margin(T: Array, mix: Array) -> Array:
        return np.asarray(1e-8 - alone(eps_A=1.0, eps_B=1.0, Omega=mix, T_A=T, T_B=T))

    return holds(
        fact("largest C over T at ε = 20 Γ", best.value[1] < 1e-8, Omega=Omega, largest_C=best.value),
        hunt("C < 1e-8 for Ω < ε/20 at every T", margin, {"T": WARM, "mix": Range(1e-3, 0.05)}, rng),
        method="maxima over T refined to 1e-10; random draws and a local search",
        finding="It falls faster than any power of Ω/ε: 0.093 at ε/2, 1.6e-5 at ε/10, 1.2e-9 at ε/20.",
    )


@claim(
    "effective-temperatures-in-equilibrium",
    place="sec. III B",
    says="At T_A = T_B = T both effective temperatures are T.",
)
def effective_in_equilibrium(rng: Generator) -> Evidence:
    p = draws(rng)
    p |= {"T_B": p["T_A"]}
    first, upper = effective_temperatures(p)
    return holds(
        compare("T_eff(ω₁) from the populations", first, p["T_A"], p),
        compare("T_eff(ω₂) from the populations", upper, p["T_A"], p),
        method=SOLVED,
        finding="Exact, whatever detuning and rates.",
    )


@claim(
    "effective-temperatures-between",
    place="sec. III B",
    says="Out of equilibrium both effective temperatures lie between T_A and T_B.",
)
def between(rng: Generator) -> Evidence:
    def margin(T_A: Array, T_B: Array, **q: Any) -> Array:
        levels = np.array(eq19_effective_temperatures(model(apart(T_A, T_B, 0.0, **q))))
        low, high = np.minimum(T_A, T_B), np.maximum(T_A, T_B)
        return np.asarray(np.minimum(levels - low, high - levels).min(axis=0) / high)

    ground = {"T_A": WARM, "T_B": WARM, "mix": MIX, "ratio": RATIO, "Gamma_A": ANY_RATE, "Gamma_B": ANY_RATE}
    return holds(
        hunt("both inside [min, max] of T_A, T_B", margin, ground, rng),
        finding="The occupations that define them are weighted means of those of the two reservoirs.",
    )


@claim(
    "effective-temperatures-differ",
    place="sec. III B",
    says="Out of equilibrium the effective temperatures generally differ, so the state is no Gibbs state, and either one "
    "may be the larger.",
)
def differ(rng: Generator) -> Evidence:
    p = draws(rng, 100_000)
    first, upper = eq19_effective_temperatures(model(p))
    relative = (first - upper) / np.maximum(first, upper)
    return holds(
        fact(
            "none of 1e5 random machines has equal ones, and both signs occur",
            np.all(relative != 0) and relative.min() < -0.1 and relative.max() > 0.1,
            share_with_the_first_larger=float((relative > 0).mean()),
            median_relative_difference=float(np.median(np.abs(relative))),
            share_closer_than_1e_6=float((np.abs(relative) < 1e-6).mean()),
        ),
        method="eq. (19), exact by its own entry, at 1e5 random machines",
        finding="Equality needs tuning; each may be the larger.",
    )


@claim(
    "suitable-detuning-exists",
    place="sec. III B",
    says="For a given temperature gradient a detuning can be found at which both effective temperatures agree.",
)
def suitable_detuning(rng: Generator) -> Evidence:
    weak, strong = _detuning_scan(6.0, 2.0), _detuning_scan(18.0, 2.0)
    at = biased(2.0, strong["nearest_detuning"], Omega=18.0)
    first, upper = effective_temperatures(at)
    dense = again(at, without_common=True).rho
    levels = np.linalg.eigvalsh(dense)
    # ascending: lambda_11, lambda_22, lambda_33, lambda_44
    lower_level, upper_level = np.log(levels[3] / levels[2]), np.log(levels[3] / levels[1])
    omega = model(at).omega
    return conditional(
        inside=(fact("Ω = 6 Γ as in figure 4, T_A = 2 Γ: one root", weak["crossings"] == 1, **weak),),
        outside=(
            fact(
                "Ω = 18 Γ, T_A = 2 Γ: a root in the whole range of ω₁ > 0",
                strong["crossings"] > 0,
                at={"T_A": 2.0, "T_B": 8.0, "eps_m": 20.0, "Omega": 18.0},
                **strong,
            ),
        ),
        conditions="Ω not close to ε_m, so that ω₁ > 0 leaves detunings that are large enough.",
        method="the difference of both, by eq. (19), at 4001 detunings over the whole range in which ω₁ > 0",
        second=confirm(
            DENSE + ", at the detuning of the smallest difference",
            T_eff_1=(first, omega[1] / lower_level),
            T_eff_2=(upper, omega[2] / upper_level),
        ),
        finding="True for the coupling of figure 4. At strong coupling the qubits cannot be detuned far enough while "
        "ω₁ > 0: for T_A = 2, T_B = 8, ε_m = 20 and Ω = 18 Γ the second effective temperature stays above the first.",
    )


@claim(
    "thermalisation-points",
    place="fig. 4 and caption of fig. 5",
    says="The effective temperatures agree at Δε = 0.95, 1.43, 1.86, 2.08 Γ for T_A = 5, 4, 3, 2 Γ.",
)
def thermalisation_points(rng: Generator) -> Evidence:
    root = thermalisation()
    first, upper = effective_temperatures(biased(COLD, DETUNINGS))
    dense = [again(biased(t, d), without_common=True).rho for t, d in zip(COLD, DETUNINGS, strict=True)]
    levels = np.array([np.linalg.eigvalsh(rho) for rho in dense])
    omega = model(biased(COLD, DETUNINGS)).omega
    other = omega[1] / np.log(levels[:, 3] / levels[:, 2]), omega[2] / np.log(levels[:, 3] / levels[:, 1])
    return approximately(
        fact(
            "the roots round to the printed numbers",
            np.array_equal(np.round(root, 2), DETUNINGS),
            roots=", ".join(f"{x:.10f}" for x in root),
            T_eff_1_at_the_printed=first,
            T_eff_2_at_the_printed=upper,
            largest_difference=float(np.abs(first - upper).max()),
        ),
        method="roots of the difference of the effective temperatures of the steady state, refined to 1e-13",
        second=confirm(
            DENSE,
            **{f"T_eff_1_at_T_A_{t:g}": (a, b) for t, a, b in zip(COLD, first, other[0], strict=True)},
            **{f"T_eff_2_at_T_A_{t:g}": (a, b) for t, a, b in zip(COLD, upper, other[1], strict=True)},
        ),
        finding="Right to the two decimals printed; there the two temperatures still differ by 0.0001 to 0.0013 Γ.",
    )


# ---- parts -------------------------------------------------------------------------------------


def _detuning_scan(Omega: float, cold: float) -> dict[str, Any]:
    """Changes of sign of the difference of both over the whole range of detunings."""
    detuning = np.linspace(-1, 1, 4001) * 0.999 * 2 * np.sqrt(400 - Omega**2)
    first, upper = eq19_effective_temperatures(model(biased(cold, detuning, Omega=Omega)))
    gap = first - upper
    k = int(np.argmin(np.abs(gap)))
    return {
        "crossings": int((np.sign(gap[1:]) != np.sign(gap[:-1])).sum()),
        "range": f"|Δε| < {detuning[-1]:.4f} Γ",
        "nearest_detuning": float(detuning[k]),
        "difference_there": float(np.abs(gap[k])),
    }
