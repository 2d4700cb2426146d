"""Verdicts on what khandelwal2020 says about thermal states (section 6, appendix B.2, figure 6)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common.optimise import Maximum, maximise
from qte.ledger import second
from qte.ledger.checks import Range, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, approximately, conditional, confirm, fails, holds
from qte.papers.khandelwal2020.equations_strong import (
    eq27_critical_current,
    eq35_thermal_negativity,
    thermal_entanglement_temperature,
)
from qte.papers.khandelwal2020.judging import (
    DENSE,
    FIGURE,
    STRONG,
    Array,
    dense,
    globally,
    hamiltonian,
    local,
    strong,
)
from qte.papers.khandelwal2020.judging_strong import COUPLINGS, ENGINES, GAMMA_C, PUBLISHED, gibbs
from qte.papers.khandelwal2020.parts import margin


@claim(
    "thermal-entanglement",
    place="secs. 6, B.2",
    says="The thermal state is entangled exactly for sinh²(g/T) > 1, that is T < g/arcsinh 1, whatever ε.",
    versions=PUBLISHED,
)
def thermal(rng: Generator) -> Evidence:
    def agrees(eps: Array, g: Array, T: Array) -> Array:
        rho = gibbs(eps, g, T)
        split = rho.reshape(-1, 2, 2, 2, 2).swapaxes(2, 4).reshape(-1, 4, 4)
        least = np.linalg.eigvalsh(split)[:, 0] / rho[:, 3, 3].real
        below = thermal_entanglement_temperature(g) / T - 1
        return np.where(np.abs(below) > 1e-6, -np.sign(below) * least, np.nan)

    domain = {"eps": Range(0.05, 5), "g": Range(0.01, 5), "T": Range(0.05, 20, log=True)}
    return holds(
        hunt("entangled below g/arcsinh 1, separable above", agrees, domain, rng),
        finding="Exact, also for g > ε.",
        numbers={"g/arcsinh 1 at g = 0.8": float(thermal_entanglement_temperature(0.8))},
    )


@claim(
    "caption-and-text-threshold",
    place="figure 6a, caption",
    says="The thermal negativity is zero for sinh(g/T) ≤ 1.",
    versions=PUBLISHED,
    against="the text: entangled for sinh²(g/T) > 1",
)
def caption_threshold(rng: Generator) -> Evidence:
    ratio = np.linspace(-3, 3, 20001)
    by_text, by_caption = np.sinh(ratio) ** 2 > 1, np.sinh(ratio) > 1
    same = by_text[ratio > 0] == by_caption[ratio > 0]
    at = {"eps_h": 1.0, "g": -0.8, "T": 0.5}
    value = float(eq35_thermal_negativity(1.0, -0.8, 0.5))
    other = float(second.negativity(gibbs(np.array([1.0]), np.array([-0.8]), np.array([0.5])))[0])
    return conditional(
        inside=(fact("the two conditions agree for g > 0", bool(np.all(same)), points=int(same.size)),),
        outside=(fact("separable at sinh(g/T) ≤ 1 for g < 0", value == 0, at=at, N=value),),
        conditions="for g > 0; the text's square is right for either sign",
        method="both conditions on a grid of g/T",
        second=confirm("eigenvalues of the partial transpose of the numerical Gibbs state", N=(value, other)),
        finding="No contradiction: for g > 0 the two say the same.",
    )


@claim(
    "thermal-falls-abruptly",
    place="figure 6a, caption",
    says="The thermal negativity falls abruptly to zero at sinh(g/T) = 1.",
    versions=PUBLISHED,
)
def abruptly(rng: Generator) -> Evidence:
    edge = thermal_entanglement_temperature(COUPLINGS)
    value = [eq35_thermal_negativity(1.0, COUPLINGS, edge * (1 - s)) for s in (1e-2, 1e-4, 1e-6)]
    slope = value[2] / (1e-6 * edge)
    at = {"g": 0.8, "T": float(edge[2] * 0.99)}
    other = float(second.negativity(gibbs(np.array([1.0]), np.array([0.8]), np.array([at["T"]])))[0])
    return approximately(
        fact(
            "continuous, with a kink: N → 0 linearly",
            bool(np.all(np.abs(value[1] / value[2] / 100 - 1) < 0.01)),
            g=COUPLINGS,
            N_one_percent_below=value[0],
            slope_at_the_edge=slope,
        ),
        method="closed form (35), checked as equation",
        second=confirm("numerical Gibbs state", N_one_percent_below=(value[0][2], other)),
        finding="'Abruptly' as a change of slope: N goes to zero continuously and linearly and stays there; there is no jump.",
    )


@claim(
    "levels-at-g-equal-eps",
    place="sec. 6.2",
    says="At g = ε two eigenvalues are zero; for g > ε one is negative and its eigenstate, which is entangled, is the ground state.",
    versions=PUBLISHED,
)
def levels(rng: Generator) -> Evidence:
    at_one, beyond = (np.linalg.eigh(hamiltonian({"eps_h": 1.0, "g": g})) for g in (1.0, 1.3))
    ground = beyond[1][:, 0]
    n = float(second.negativity(np.outer(ground, ground.conj())))
    return holds(
        fact("two zeros at g = ε", bool(np.sum(np.abs(at_one[0]) < 1e-12) == 2), eigenvalues=at_one[0]),
        fact(
            "the ground state at g = 1.3 ε has negative energy and is entangled",
            bool(beyond[0][0] < -0.1 and n > 0.49),
            energy=beyond[0][0],
            negativity=n,
        ),
        method="numerical diagonalisation",
        finding="As stated; the ground state is then the singlet (g > 0), N = 1/2.",
    )


@claim(
    "thermal-state-optimal",
    place="sec. 6.2, figure 6b; sec. 7",
    says="The thermal state is optimal: at its best temperature it has more entanglement than any out-of-equilibrium engine of the same g.",
    versions=PUBLISHED,
)
def thermal_optimal(rng: Generator) -> Evidence:
    def below(**p: Any) -> Array:
        return _best_thermal(p["g"]) - margin(globally(**p))

    at = FIGURE | {"delta": 0.0, "T_h": 0.7}
    engine, copy = local(**at), dense(at)
    gibbs = _best_thermal(np.array([at["g"]]))[0]
    mixed: dict[str, Any] = {
        "eps_h": 1.0,
        "g": 0.8847,
        "gamma_h": 0.0005352,
        "gamma_c": 6.501e-05,
        "T_h": 0.3467,
        "T_c": 0.6959,
    }
    words = {"statistics_h": "fermi", "statistics_c": "bose"}
    odd, odd_again = globally(**mixed, **words), dense(mixed | words, "global")
    best = float(_best_thermal(np.array([mixed["g"]]))[0])
    return conditional(
        inside=(
            hunt("global, resonant, bosonic baths: N ≤ max_T N of the thermal state", below, ENGINES, rng),
        ),
        outside=(
            fact(
                "the same at weak coupling, local approach",
                bool(engine.negativity() <= gibbs),
                at=at,
                N_of_the_engine=engine.negativity(),
                best_thermal_N=gibbs,
            ),
            fact(
                "the same with a fermionic bath",
                bool(odd.negativity() <= best),
                at=mixed | words,
                N_of_the_engine=odd.negativity(),
                best_thermal_N=best,
            ),
        ),
        conditions="at strong coupling (global approach), with bosonic baths, each at its own best temperature",
        second=confirm(
            DENSE,
            N_weak=(engine.negativity(), copy.N),
            N_with_a_fermionic_bath=(odd.negativity(), odd_again.N),
        ),
        finding="For two bosonic baths nothing beats the best thermal state. The engine's two modes are filled as if at two temperatures, the "
        "upper one hotter, which only costs. At weak coupling the thermal state has nothing to offer and the engine wins; and with "
        "one bosonic and one fermionic bath, outside the paper's setting, an engine passes the thermal bound by a few per cent.",
        size="None for figure 6b.",
    )


@claim(
    "thermal-beats-engine-at-same-temperature",
    place="sec. 6.2, figure 6a",
    says="The engine does not reach the entanglement of the thermal state at T = T_h (as the dashed curves seem to show).",
    versions=PUBLISHED,
)
def same_temperature(rng: Generator) -> Evidence:
    at = STRONG | {"delta": 0.0, "g": 0.8, "gamma_c": 0.02, "T_h": 0.9}
    engine = globally(**at)
    thermal_value = float(eq35_thermal_negativity(1.0, 0.8, 0.7))
    edge = thermal_entanglement_temperature(COUPLINGS)
    best = maximise(
        lambda c: margin(globally(**STRONG, g=COUPLINGS, gamma_c=c, T_h=edge)),
        *GAMMA_C,
        shape=edge.shape,
        scale="log",
    )
    other = float(second.negativity(gibbs(np.array([1.0]), np.array([0.8]), np.array([0.7])))[0])
    return fails(
        fact(
            "engine ≤ thermal state at T_h = g/arcsinh 1, where the latter has none",
            bool(np.all(best.value <= 0)),
            at=at | {"N of the engine": float(engine.negativity()), "thermal N": 0.0},
            g=COUPLINGS,
            T_h=edge,
            N_of_the_best_engine=best.value,
        ),
        right=(
            fact(
                "the thermal state wins at T_h = 0.3",
                bool(np.all(_best_gamma(0.3).value < eq35_thermal_negativity(1.0, COUPLINGS, 0.3))),
                N_of_the_best_engine=_best_gamma(0.3).value,
                thermal_N=eq35_thermal_negativity(1.0, COUPLINGS, 0.3),
            ),
        ),
        method="γ_c optimised in (0.001, 0.1) at the caption's other values",
        second=confirm(
            DENSE,
            N_at_T_h_0_9=(engine.negativity(), dense(at, "global").N),
            thermal_N_at_0_7=(thermal_value, other),
        ),
        finding="At equal temperature the engine overtakes the thermal state, once for every g: the cold bath keeps it entangled where the "
        "thermal state has become separable. What holds is the comparison at each one's best temperature, figure 6b.",
        size="The engine leads above T_h = 0.498, 0.584, 0.586, 0.543 for g = 0.5, 0.7, 0.8, 0.9 (table fig6a).",
        consequence="The conclusion drawn from figure 6b is not touched; the sentence on figure 6a should be restricted to low T_h.",
    )


@claim(
    "decoupling-approaches-thermal",
    place="sec. 6.2, figure 6b",
    says="As γ_c is reduced, the engine's entanglement approaches that of the thermal state.",
    versions=PUBLISHED,
)
def decoupling(rng: Generator) -> Evidence:
    def improves(g: Array, T_h: Array, gamma_c: Array, less: Array) -> Array:
        first, then = (globally(**STRONG, g=g, T_h=T_h, gamma_c=c) for c in (gamma_c, gamma_c * less))
        equilibrium = gibbs(np.ones_like(g), g, T_h)
        before = np.linalg.norm(first.steady_state().rho - equilibrium, axis=(1, 2))
        after = np.linalg.norm(then.steady_state().rho - equilibrium, axis=(1, 2))
        return np.asarray(before - after)

    domain = {
        "g": Range(0.05, 0.99),
        "T_h": Range(0.03, 5, log=True),
        "gamma_c": Range(1e-6, 0.1, log=True),
        "less": Range(0.01, 0.9),
    }
    limit = globally(**STRONG, g=COUPLINGS, T_h=0.4, gamma_c=1e-9).negativity()
    target = eq35_thermal_negativity(1.0, COUPLINGS, 0.4)
    return holds(
        hunt("less γ_c brings the state nearer to the Gibbs state of T_h", improves, domain, rng),
        fact(
            "the limit is the thermal value",
            bool(np.all(np.abs(limit - target) < 1e-7)),
            g=COUPLINGS,
            N_at_gamma_c_1e9=limit,
            thermal_N=target,
        ),
        finding="Monotonically, and exactly in the limit γ_c ≪ γ_h: the qubits then know the hot bath only.",
    )


@claim(
    "critical-current-at-equilibrium",
    place="sec. 6.2",
    says="In thermal equilibrium, where the state can be entangled without current, the critical current falls to zero.",
    versions=PUBLISHED,
)
def critical_at_equilibrium(rng: Generator) -> Evidence:
    at = {"eps_h": 1.0, "delta": 0.0, "g": 0.8, "gamma_h": 0.01, "gamma_c": 0.02}
    cold, warm = at | {"T_h": 0.4, "T_c": 0.4}, at | {"T_h": 2.0, "T_c": 2.0}
    engines = globally(**cold), globally(**warm)
    biased = globally(**at, T_h=2.0 * (1 + 1e-6), T_c=2.0)
    return conditional(
        inside=(
            fact(
                "J_c = 0 at T_h = T_c",
                bool(all(abs(float(eq27_critical_current(strong(p)))) < 1e-15 for p in (cold, warm))),
                T=(0.4, 2.0),
                J_c=[abs(float(eq27_critical_current(strong(p)))) for p in (cold, warm)],
            ),
        ),
        outside=(
            fact(
                "J > J_c tells entangled from separable there",
                bool(engines[0].net_current() > engines[0].critical_current() + 1e-15),
                at=cold,
                N_at_T_0_4=engines[0].negativity(),
                N_at_T_2=engines[1].negativity(),
            ),
        ),
        conditions="as a statement on J_c; the criterion J > J_c itself says nothing at T_h = T_c",
        method="steady states at T_h = T_c",
        second=confirm(DENSE, N_at_T_0_4=(engines[0].negativity(), dense(cold, "global").N)),
        finding="J_c vanishes with the bias at every equilibrium, entangled or not, and J with it; so J > J_c, 0 > 0, fails for an entangled "
        "equilibrium state. The ratio J/J_c stays finite: near T = 2, where the state is separable, it is below 1.",
        numbers={"J/J_c at T = 2, bias 1e-6": float(biased.net_current() / biased.critical_current())},
        size="Not in the figures.",
    )


_LADDER: Final = np.linspace(0.001, 1.0, 1000)


def _best_thermal(g: Array) -> Array:
    """max_T of the thermal negativity at eps = 1, interpolated from above between 1000 couplings."""
    fractions = np.linspace(0.05, 0.999, 400)[:, None]
    heat = thermal_entanglement_temperature(_LADDER) * fractions
    with np.errstate(over="ignore", invalid="ignore"):
        table = np.nan_to_num(eq35_thermal_negativity(1.0, _LADDER, heat), posinf=0.0).max(axis=0)
    # convex in g where it is small: the chord lies above, by less than the grid of T misses below
    return np.asarray(np.interp(g, _LADDER, table))


def _best_gamma(T_h: float) -> Maximum:
    return maximise(
        lambda c: margin(globally(**STRONG, g=COUPLINGS, gamma_c=c, T_h=T_h)),
        *GAMMA_C,
        shape=(4,),
        scale="log",
    )
