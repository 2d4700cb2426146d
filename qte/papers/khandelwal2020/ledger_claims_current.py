"""Verdicts on what khandelwal2020 says about state, current and coherence (sections 2 and 3)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common.optimise import maximise
from qte.ledger.checks import Range, compare, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, fails, holds
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.khandelwal2020.equations import eq09_notation
from qte.papers.khandelwal2020.judging import (
    BOTH,
    DENSE,
    FIGURE,
    Array,
    again,
    figure,
    local,
    weak,
    weak_draws,
)
from qte.papers.khandelwal2020.judging_current import ENGINES, baths, scale, without

HOT: Final = (0.3, 0.4, 0.5, 0.7, 1.0)


@claim(
    "first-law",
    place="sec. 3",
    says="In the steady state the heat flows of eq. (10) add up to zero.",
    versions=("published",),
)
def first_law(rng: Generator) -> Evidence:
    def balance(**p: Any) -> Array:
        engine = local(**p)
        rest = engine.heat_current("h") + engine.heat_current("c")
        coupling = p["g"] * eq09_notation(weak(p)).total
        return np.asarray(-np.abs(rest) / (scale(engine) + coupling))

    def bare(**p: Any) -> Array:
        engine = local(**p)
        return np.asarray(-np.abs(_bare_sum(engine)) / scale(engine))

    at = FIGURE | {"T_h": 0.7, "delta": 0.05}
    engine, copy = local(**at), again(at)
    imbalance = float(_bare_sum(engine) / engine.net_current())
    return conditional(
        inside=(
            hunt("at δ = 0 with the bare H_S", lambda **p: bare(**p, delta=0.0), without("delta"), rng),
            hunt("with H_S + H_int, any δ", balance, ENGINES, rng),
        ),
        outside=(hunt("with the bare H_S of eq. (10), any δ", bare, ENGINES, rng),),
        conditions="at δ = 0, or with H_S + H_int in eq. (10)",
        counterexample=at | {"(Q_h + Q_c)/J with H_S": imbalance},
        second=confirm(
            DENSE,
            J=(engine.net_current(), copy.J),
            imbalance=(imbalance, _bare_imbalance_of(at, copy.rho[1, 2].real, copy.J)),
        ),
        finding="Each bare flow is a qubit's own gap times the same flow of excitations: Q_h + Q_c = −δ·I. The missing part is in "
        "the coupling energy. See eq. (10).",
        size=f"{abs(imbalance):.2%} of J at δ = 0.05 ε_h.",
    )


@claim(
    "first-law-at-all-times",
    place="sec. 3",
    says="The heat flows from both baths add up to zero (not only in the steady state).",
    versions=("preprint",),
    against="the published text says so for the steady state only",
)
def first_law_always(rng: Generator) -> Evidence:
    at = FIGURE | {"T_h": 0.7, "delta": 0.0}
    ground = np.zeros((4, 4), dtype=complex)
    ground[3, 3] = 1
    later = local(**at).evolve(ground, np.array([0.0, 100.0]))
    total = later.heat_current("h") + later.heat_current("c")
    rates = weak(at).rates("h"), weak(at).rates("c")
    by_hand = rates[0].plus + rates[1].plus
    return fails(
        fact(
            "Q_h + Q_c = 0 from the ground state on",
            bool(np.all(np.abs(total) < 1e-10)),
            at=at | {"initial state": "|00⟩"},
            sum_at_t_0=total[0],
            sum_at_t_100=total[1],
            net_current_in_the_steady_state=local(**at).net_current(),
        ),
        method="time evolution from the ground state",
        second=confirm("both absorption rates times their gaps at t = 0", sum=(total[0], by_hand)),
        finding="While the qubits warm up, energy stays in them: Q_h + Q_c = dE/dt. The published text adds 'for the steady state'.",
        size="At t = 0 from the ground state the sum is about as large as Q_h itself.",
        consequence="None: the paper uses steady states only.",
    )


@claim(
    "sign-of-flows",
    place="sec. 3",
    says="With T_h > T_c, heat enters from the hot bath (Q_h > 0) and leaves into the cold one (Q_c < 0).",
    versions=BOTH,
)
def sign_of_flows(rng: Generator) -> Evidence:
    def forwards(hotter: Array, **p: Any) -> Array:
        engine = local(**p, T_h=p["T_c"] * hotter)
        return np.asarray(engine.net_current() / scale(engine))

    at = {
        "eps_h": 1.0,
        "delta": -0.02,
        "g": 1.6e-3,
        "gamma_h": 1e-3,
        "gamma_c": 1.1e-2,
        "T_h": 0.101,
        "T_c": 0.1,
    }
    engine, copy = local(**at), again(at)
    part = dict(without("T_h")) | {"hotter": Range(1.0, 10.0, log=True)}
    upwards = part | {"delta": Range(0.0, 0.5)}
    return conditional(
        inside=(hunt("J ≥ 0 for δ ≥ 0, T_h ≥ T_c", forwards, upwards, rng),),
        outside=(hunt("J ≥ 0 for either sign of δ, T_h ≥ T_c", forwards, part, rng),),
        conditions="n_h(ε_h) > n_c(ε_c), that is ε_h/T_h < ε_c/T_c; always so for δ ≥ 0",
        counterexample=at,
        second=confirm(DENSE, J=(engine.net_current(), copy.J)),
        finding="The current follows the occupations, eq. (12). With the cold qubit's gap below the hot one's it can run from "
        "the cold bath to the hot one although T_h > T_c, without any work: the known limit of local master "
        "equations, here reached as soon as δ < −ε_h(1 − T_c/T_h).",
        size="None in the figures, which take δ ≥ 0.",
        consequence="None; a warning for negative detuning, which the text does not exclude.",
    )


@claim(
    "equal-temperatures-no-current",
    place="secs. 3.1, 4",
    says="Read with section 4: with baths of one temperature no heat flows (implied by 'flow of heat' as the engine's fuel).",
    versions=BOTH,
)
def equal_temperatures(rng: Generator) -> Evidence:
    def still(T: Array, **p: Any) -> Array:
        engine = local(**p, T_h=T, T_c=T)
        return np.asarray(-np.abs(engine.net_current()) / scale(engine))

    domain = {n: v for n, v in ENGINES.items() if n not in ("T_h", "T_c")} | {"T": Range(0.05, 20, log=True)}
    resonant = {n: v for n, v in domain.items() if n != "delta"}
    at = FIGURE | {"delta": 0.05, "T_h": 0.1}
    engine, copy = local(**at), again(at)
    return conditional(
        inside=(hunt("J = 0 at T_h = T_c, δ = 0", still, resonant, rng),),
        outside=(hunt("J = 0 at T_h = T_c, any δ", still, domain, rng),),
        conditions="at δ = 0",
        counterexample=at,
        second=confirm(DENSE, J=(engine.net_current(), copy.J)),
        finding="With δ ≠ 0 the local equation drives a current between baths of the same temperature, because each qubit "
        "is populated at its own gap. A property of the approach, small for small δ.",
        size=f"At T_h = T_c = 0.1, δ = 0.05: J = {float(engine.net_current()):.3g} ε_h², against "
        f"{float(figure(delta=0.05, T_h=0.7).net_current()):.3g} at T_h = 0.7.",
        consequence="None in the figures, which keep T_h well above T_c.",
    )


@claim(
    "first-order-in-the-couplings",
    place="sec. 3",
    says="The current is of first order in the couplings g, γ_j; for this it is essential that δ ≪ ε_j.",
    versions=BOTH,
)
def first_order(rng: Generator) -> Evidence:
    orders = {delta: _order(FIGURE | {"T_h": 0.7, "delta": delta}) for delta in (0.0, 1e-3, 0.01, 0.05)}
    tiny = {delta: _order(FIGURE | {"T_h": 0.7, "delta": delta}, 1e-3) for delta in (0.0, 1e-3)}
    width = float(eq09_notation(weak(FIGURE | {"T_h": 0.7, "delta": 0.01})).total)
    at = FIGURE | {"T_h": 0.7, "delta": 0.01}
    return conditional(
        inside=(
            fact("order 1 at δ = 0", abs(orders[0.0] - 1) < 1e-6, order=orders[0.0]),
            fact(
                "order within 0.05 of 1 at δ = 0.001, a twentieth of Γ",
                abs(orders[1e-3] - 1) < 0.05,
                order=orders[1e-3],
            ),
        ),
        outside=(
            fact(
                "order within 0.05 of 1 at δ = 0.01 ε_h",
                abs(orders[0.01] - 1) < 0.05,
                at=at,
                order=orders[0.01],
                Gamma=width,
            ),
            fact(
                "order within 0.05 of 1 at δ = 0.05 ε_h",
                abs(orders[0.05] - 1) < 0.05,
                at=at | {"delta": 0.05},
                order=orders[0.05],
            ),
            fact(
                "order within 0.05 of 1 at δ = 0.001, couplings a thousandth",
                abs(tiny[1e-3] - 1) < 0.05,
                at=at | {"delta": 1e-3},
                order=tiny[1e-3],
            ),
        ),
        conditions="δ ≪ Γ = Γ_h + Γ_c",
        method="logarithmic slope of J when g, γ_h, γ_c are scaled together, T_h = 0.7",
        second=confirm(
            DENSE + "; slope by central difference",
            order_at_0_01=(orders[0.01], _order_again(at)),
            order_at_0_05=(orders[0.05], _order_again(at | {"delta": 0.05})),
        ),
        finding="J ∝ s·Γ²/(Γ² + 4δ²·ΓhΓc/(4g² + ΓhΓc)): first order only while δ is small against the widths, third order once "
        "it is larger. δ ≪ ε_j is not enough: as the couplings go to 0 at fixed δ the order is always 3.",
        size=f"At δ = 0.01 ε_h, the detuning of figure 4, the order is {orders[0.01]:.3f}; at δ = 0.05 ε_h it is {orders[0.05]:.3f}.",
        consequence="None of the figures; the sentence's condition should read δ ≪ Γ.",
    )


@claim(
    "current-from-hot-to-cold",
    place="sec. 3, above eq. (11)",
    says="J_ss is the current from the hot bath to the cold bath.",
    versions=("published",),
    against="the preprint says: from the hot bath to the hot qubit",
)
def twice(rng: Generator) -> Evidence:
    p = weak_draws(rng, g=0.1, gamma_h=0.05, gamma_c=0.05, T_c=0.1, delta=0.0)
    engine = local(**p)
    hot, net = engine.heat_current("h"), engine.net_current()
    at = FIGURE | {"T_h": 0.7, "delta": 0.0}
    one, copy = local(**at), again(at)
    return fails(
        compare("J_ss against what leaves the hot bath", net, hot, p),
        right=(compare("J_ss against twice that", net, 2 * hot, p),),
        counterexample=at | {"J_ss": float(one.net_current()), "Q_h": float(one.heat_current("h"))},
        method="heat flows of the steady state",
        second=confirm(DENSE, J_ss=(one.net_current(), copy.J), Q_h=(one.heat_current("h"), copy.hot)),
        finding="By its definition J_ss = Q_h − Q_c, with Q_c = −Q_h, it is twice the current that leaves the hot bath, passes "
        "between the qubits and reaches the cold bath; so the words of either version give half of it.",
        size="A factor of exactly 2.",
        consequence="None: J_c carries the same factor, and J/J_c is unaffected.",
    )


@claim(
    "current-follows-occupations",
    place="sec. 3, below eq. (12)",
    says="J is proportional to the difference of the baths' occupations at the qubits' gaps.",
    versions=BOTH,
)
def follows(rng: Generator) -> Evidence:
    def same_sign(**p: Any) -> Array:
        engine = local(**p)
        hot, cold = baths(engine)
        bias = hot.occupation(1.0) - cold.occupation(engine.eps_c)
        return np.asarray(np.sign(bias) * engine.net_current() / scale(engine))

    return holds(
        hunt(
            "J has the sign of n_h(ε_h) − n_c(ε_c)", same_sign, dict(ENGINES) | _same_statistics("bose"), rng
        ),
        hunt("the same with fermions", same_sign, dict(ENGINES) | _same_statistics("fermi"), rng),
        finding="Sign and zero of J are those of the difference. The factor in front depends on the occupations as well, "
        "through Γ_j, so J is not linear in the difference.",
    )


@claim(
    "current-falls-with-detuning",
    place="sec. 3, figure 2a",
    says="The heat current is reduced by even a small detuning.",
    versions=BOTH,
)
def falls(rng: Generator) -> Evidence:
    heat = np.array(HOT)
    top = maximise(
        lambda d: figure(delta=d, T_h=heat).net_current(), -0.01, 0.01, shape=heat.shape, tolerance=1e-12
    )
    start = figure(delta=0.0, T_h=heat).net_current()
    place, gain = top.x, top.value / start - 1
    curve = figure(delta=np.linspace(2e-5, 0.06, 600)[:, None], T_h=heat).net_current()
    left = 1 - figure(delta=0.01, T_h=heat).net_current() / start
    return holds(
        fact(
            "J < J(δ = 0) and falling for 2e-5 ≤ δ ≤ 0.06",
            bool(np.all(np.diff(curve, axis=0) < 0) and np.all(curve[0] < start)),
            T_h=HOT,
            J_lost_at_0_01=left,
        ),
        fact(
            "its maximum lies within 1e-5 of δ = 0",
            bool(np.all(np.abs(place) < 1e-5)),
            delta_of_the_maximum=place,
            relative_gain_there=gain,
        ),
        method="scan and maximiser at the figure's temperatures",
        finding="J falls from δ ≈ 5e-6 on. (Its exact maximum lies a few 1e-6 above resonance, and is higher by a few parts in 10⁷.)",
    )


@claim(
    "current-grows-with-hot-temperature",
    place="sec. 3, figure 2a",
    says="As expected, the heat current increases with T_h at fixed T_c.",
    versions=BOTH,
)
def grows(rng: Generator) -> Evidence:
    top = maximise(lambda T: figure(T_h=T).net_current(), 0.2, 100.0, scale="log")
    peak = float(top.x)
    rising = figure(
        T_h=np.geomspace(0.1001, 0.999 * peak, 800), delta=np.array([0.0, 0.01, 0.06])[:, None]
    ).net_current()
    at = FIGURE | {"delta": 0.0, "T_h": 10.0}
    late, early = local(**at), local(**at | {"T_h": peak})

    def monotone(hotter: Array, **p: Any) -> Array:
        low, high = local(**p), local(**p | {"T_h": p["T_h"] * hotter})
        return np.asarray((high.net_current() - low.net_current()) / scale(high))

    domain = dict(ENGINES) | {"hotter": Range(1.01, 10, log=True), "T_c": Range(0.05, 0.2)}
    return conditional(
        inside=(
            fact(
                "J rises up to its maximum, δ = 0, 0.01, 0.06",
                bool(np.all(np.diff(rising, axis=-1) > 0)),
                T_h_of_the_maximum=peak,
            ),
        ),
        outside=(
            fact(
                "J(T_h = 10) ≥ J at the maximum",
                bool(late.net_current() >= early.net_current()),
                at=at,
                J_at_10=late.net_current(),
                J_at_the_maximum=early.net_current(),
            ),
            hunt("J rises with T_h for every engine", monotone, domain, rng),
        ),
        conditions=f"T_h below {peak:.4f} ε_h at the figures' parameters and δ = 0 (later with detuning)",
        counterexample=at,
        second=confirm(
            DENSE,
            J_at_10=(late.net_current(), again(at).J),
            J_at_peak=(early.net_current(), again(at | {"T_h": peak}).J),
        ),
        finding="J has a maximum. A hotter bath also broadens the hot qubit, Γ_h = γ_h(1 + 2n_h), until the qubits hardly exchange "
        "excitations any more: J falls like 1/T_h. A negative differential conductance.",
        size=f"Outside the plotted range: the maximum at δ = 0 is at T_h = {peak:.4f} ε_h.",
        consequence="None for figure 2.",
    )


def _same_statistics(kind: str) -> dict[str, tuple[str, ...]]:
    return {"statistics_h": (kind,), "statistics_c": (kind,)}


def _bare_sum(engine: TwoQubitEngine) -> Array:
    """Q_h + Q_c with the bare H_S, from the flow of excitations through each bath."""
    hot, cold = engine.particle_current("h"), engine.particle_current("c")
    return np.asarray(engine.eps_h * hot + engine.eps_c * cold)


def _bare_imbalance_of(at: dict[str, float], real_part: float, current: float) -> float:
    """The same from the coupling energy that the bare H_S leaves out."""
    n = eq09_notation(weak(at))
    # each bath takes Γ_j/2 of the coupling energy 2g Re c a unit of time
    return float(at["g"] * real_part * n.total / current)


def _order(at: dict[str, float], shrink: float = 1.0, step: float = 1e-3) -> float:
    """d ln J / d ln s when all couplings are scaled by s."""
    names = ("g", "gamma_h", "gamma_c")
    s = shrink * np.array([1 - step, 1 + step])
    current = local(**at | {name: at[name] * s for name in names}).net_current()
    return float(np.log(current[1] / current[0]) / np.log(s[1] / s[0]))


def _order_again(at: dict[str, float], step: float = 1e-3) -> float:
    names = ("g", "gamma_h", "gamma_c")
    low, high = (again(at | {name: at[name] * s for name in names}).J for s in (1 - step, 1 + step))
    return float(np.log(high / low) / np.log((1 + step) / (1 - step)))
