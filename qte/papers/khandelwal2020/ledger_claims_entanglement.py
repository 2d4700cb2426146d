"""Verdicts on what khandelwal2020 says about entanglement at weak coupling (section 4, figures 2b and 3)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common.optimise import find_root, maximise
from qte.ledger.checks import Domain, Range, Signed, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, approximately, conditional, confirm, holds
from qte.papers.khandelwal2020.judging import BOTH, DENSE, FIGURE, Array, dense, figure, local
from qte.papers.khandelwal2020.judging_entanglement import HEAT, ratio
from qte.papers.khandelwal2020.parts import margin

STATISTICS: Final = {"statistics_h": ("bose", "fermi"), "statistics_c": ("bose", "fermi")}


# Baths, couplings and detunings of which a good part is entangled; eps_h = 1 is the unit.
ENGINES: Final[Domain] = {
    "g": Range(1e-4, 0.5, log=True),
    "gamma_h": Range(1e-4, 0.5, log=True),
    "gamma_c": Range(1e-4, 0.5, log=True),
    "T_h": Range(0.05, 20, log=True),
    "T_c": Range(0.05, 20, log=True),
    "delta": Signed(1e-5, 0.5),
}


@claim(
    "one-negative-eigenvalue",
    place="sec. 4, app. A.2",
    says="Only one eigenvalue of the partial transpose can be negative.",
    versions=BOTH,
)
def one_negative(rng: Generator) -> Evidence:
    def second_smallest(**p: Any) -> Array:
        rho = local(**p).steady_state().rho
        split = rho.reshape(-1, 2, 2, 2, 2).swapaxes(2, 4).reshape(-1, 4, 4)
        return np.asarray(np.linalg.eigvalsh(split)[:, 1])

    return holds(
        hunt("the second smallest eigenvalue ≥ 0", second_smallest, dict(ENGINES) | STATISTICS, rng),
        finding="As for every state of two qubits.",
    )


@claim(
    "criterion",
    place="sec. 4.1",
    says="The state is entangled exactly if |c|² > r₁r₄.",
    versions=BOTH,
)
def criterion(rng: Generator) -> Evidence:
    def agrees(**p: Any) -> Array:
        engine = local(**p)
        rho = engine.steady_state().rho
        gap = np.abs(rho[:, 1, 2]) - np.sqrt(rho[:, 0, 0].real * rho[:, 3, 3].real)
        split = rho.reshape(-1, 2, 2, 2, 2).swapaxes(2, 4).reshape(-1, 4, 4)
        least = np.linalg.eigvalsh(split)[:, 0]
        # of equal sign: entangled with a negative eigenvalue, separable without
        return np.asarray(-np.sign(gap) * least * (np.abs(gap) > 1e-9))

    return holds(
        hunt("sign of |c|² − r₁r₄ against the least eigenvalue", agrees, dict(ENGINES) | STATISTICS, rng),
        finding="Equivalent, for every statistics, detuning and bias.",
    )


@claim(
    "current-necessary",
    place="sec. 4.1",
    says="A non-zero heat current is necessary for entanglement.",
    versions=BOTH,
)
def current_necessary(rng: Generator) -> Evidence:
    def carries(**p: Any) -> Array:
        engine = local(**p)
        critical = engine.critical_current()
        return np.where(margin(engine) > 0, np.abs(engine.net_current()) / critical - 1, np.nan)

    domain = dict(ENGINES) | {"T_c": Range(0.05, 0.25, log=True), "gamma_c": Range(1e-3, 0.5, log=True)}
    return holds(
        hunt("|J| ≥ J_c > 0 wherever N > 0, T_c ≤ 0.25", carries, domain, rng),
        hunt("the same with baths exchanged", lambda **p: carries(**_exchanged(p)), domain, rng),
        finding="In the local approach N > 0 needs c ≠ 0, hence a current, at both signs of detuning and of the bias. (The global "
        "approach is different: there the state is entangled without any current.)",
    )


@claim(
    "current-not-sufficient",
    place="sec. 4.1",
    says="A non-zero heat current is not sufficient for entanglement.",
    versions=BOTH,
)
def current_not_sufficient(rng: Generator) -> Evidence:
    engine = figure(T_h=0.15, delta=0.0)
    return holds(
        fact(
            "an engine with a current and no entanglement",
            bool(engine.net_current() > 0 and margin(engine) < 0),
            at=FIGURE | {"T_h": 0.15},
            J=engine.net_current(),
            J_over_J_c=ratio(engine),
            n=margin(engine),
        ),
        method="steady state at the figures' parameters",
        finding="At T_h = 0.15 heat flows and the qubits are separable.",
    )


@claim(
    "witness-sufficient",
    place="abstract, sec. 4.1",
    says="The qubits are entangled whenever J/J_c > 1.",
    versions=BOTH,
)
def witness_sufficient(rng: Generator) -> Evidence:
    def works(**p: Any) -> Array:
        engine = local(**p)
        signed = np.sign(p["g"]) * ratio(engine)
        return np.where(signed > 1 + 1e-9, margin(engine), np.nan)

    domain = dict(ENGINES) | {"T_c": Range(0.05, 0.25, log=True), "gamma_c": Range(1e-3, 0.5, log=True)}

    def negative(**p: Any) -> Array:
        return works(**_exchanged(p) | {"g": -p["g"]})

    return holds(
        hunt("n > 0 where J/J_c > 1", works, domain, rng),
        hunt("the same for g < 0, where J_c < 0 as printed", negative, domain, rng),
        finding="Never broken: both signs of detuning, bias and coupling.",
    )


@claim(
    "witness-necessary",
    place="sec. 4.1",
    says="There is a least current J_c that entanglement needs: no entanglement with J < J_c.",
    versions=BOTH,
)
def witness_necessary(rng: Generator) -> Evidence:
    def needs(**p: Any) -> Array:
        engine = local(**p)
        return np.where(
            engine.net_current() < engine.critical_current() * (1 - 1e-9), -margin(engine), np.nan
        )

    def needs_hotter(hotter: Array, **p: Any) -> Array:
        return needs(**p, T_h=p["T_c"] * hotter)

    paper = {n: v for n, v in ENGINES.items() if n != "T_h"} | {"hotter": Range(1, 100, log=True)}
    at = {"eps_h": 1.0, "delta": 0.0, "g": 1.6e-3, "gamma_h": 1.1e-2, "gamma_c": 1e-3, "T_h": 0.1, "T_c": 0.7}
    cold_hot = {
        "eps_h": 1.0,
        "delta": -0.9,
        "g": 0.2927,
        "gamma_h": 0.1479,
        "gamma_c": 0.01419,
        "T_h": 0.1665,
        "T_c": 0.1665,
    }
    engine, copy, odd = local(**at), dense(at), local(**cold_hot)
    small = paper | {"delta": Range(-0.1, 0.5)}
    return conditional(
        inside=(hunt("N = 0 where J < J_c, T_h ≥ T_c, δ ≥ −0.1 ε_h", needs_hotter, small, rng),),
        outside=(
            hunt("the same for either order of the temperatures", needs, ENGINES, rng),
            fact(
                "the same at T_h = T_c, δ = −0.9 ε_h",
                bool(odd.negativity() == 0),
                at=cold_hot,
                N=odd.negativity(),
                J=odd.net_current(),
                J_c=odd.critical_current(),
            ),
        ),
        conditions="for a forward current; in general |J| > J_c (g > 0)",
        counterexample=at,
        second=confirm(DENSE, N=(engine.negativity(), copy.N), J=(engine.net_current(), copy.J)),
        finding="With T_h > T_c and small detuning nothing breaks it. Backwards, the engine is entangled with J < 0 < J_c; far "
        "detuned, with ε_c ≪ ε_h, even T_h = T_c gives a backward current strong enough to entangle, an artefact of the local "
        "equation outside its domain.",
        size="None in the figures.",
    )


@claim(
    "negativity-falls-with-detuning",
    place="sec. 4, figure 2b",
    says="A small detuning, 5 % say, already reduces the negativity.",
    versions=BOTH,
)
def falls(rng: Generator) -> Evidence:
    start, at_five = figure(delta=0.0, T_h=HEAT).negativity(), figure(delta=0.05, T_h=HEAT).negativity()
    top = maximise(lambda d: margin(figure(delta=d, T_h=HEAT)), -0.02, 0.02, shape=HEAT.shape)
    gain = top.value / start - 1
    return holds(
        fact(
            "N(5 %) < N(0) at every temperature",
            bool(np.all(at_five < start)),
            T_h=HEAT,
            N_left_at_5_percent=at_five / start,
        ),
        fact(
            "the rise before is below 0.2 %",
            bool(np.all(gain < 2e-3)),
            delta_of_the_maximum=top.x,
            relative_gain_there=gain,
        ),
        method="steady states at the figure's temperatures; maximiser",
        finding="Yes, to between 0.8 and 4 % of its value. Its maximum is not at resonance but a little above: at T_h = 0.3 it rises by "
        "0.11 % up to δ = 0.00135.",
    )


@claim(
    "negativity-grows-with-hot-temperature",
    place="sec. 4, figure 2b",
    says="The negativity increases with T_h.",
    versions=BOTH,
)
def grows(rng: Generator) -> Evidence:
    top = maximise(lambda T: margin(figure(T_h=T)), 0.2, 100.0, scale="log")
    end = find_root(lambda T: margin(figure(T_h=T)), float(top.x), 100.0, scale="log")
    peak, last = float(top.x), float(end.x)
    rising = margin(figure(T_h=np.linspace(0.15, 0.999 * peak, 800)))
    at = FIGURE | {"delta": 0.0, "T_h": 9.0}
    late = local(**at)
    return conditional(
        inside=(
            fact(
                "n rises from T_h = 0.15 up to its maximum",
                bool(np.all(np.diff(rising) > 0)),
                T_h_of_the_maximum=peak,
                N_there=top.value,
            ),
        ),
        outside=(
            fact(
                "N(T_h = 9) ≥ N at the maximum",
                bool(late.negativity() >= top.value),
                at=at,
                N_at_9=late.negativity(),
                T_h_where_it_vanishes=last,
            ),
        ),
        conditions=f"T_h below {peak:.4f} ε_h at the figures' parameters and δ = 0",
        method="maximiser and root finder over T_h",
        second=confirm(
            DENSE,
            N_at_9=(late.negativity(), dense(at).N),
            N_at_the_maximum=(top.value, dense(at | {"T_h": peak}).N),
        ),
        finding="The negativity has a maximum and ends: a hot bath that is too hot broadens the hot qubit until nothing passes.",
        size=f"Beyond the plotted range: maximum {float(top.value):.6f} at T_h = {peak:.4f}, none above T_h = {last:.4f}.",
        consequence="See hot-temperature-bound: entanglement has an upper bound in T_h too.",
    )


@claim(
    "negativity-follows-current",
    place="sec. 4",
    says="Decrease with δ and increase with T_h are in direct correspondence with those of the heat current.",
    versions=BOTH,
)
def follows(rng: Generator) -> Evidence:
    delta = np.linspace(0.002, 0.06, 300)[:, None]
    engine = figure(delta=delta, T_h=HEAT)
    start = figure(delta=0.0, T_h=HEAT)
    n, j = engine.negativity() / start.negativity(), engine.net_current() / start.net_current()
    both_fall = bool(np.all(np.diff(j, axis=0) < 0) and np.all(np.diff(n, axis=0) <= 0))
    at = FIGURE | {"delta": 0.03, "T_h": 0.3}
    engine_there, copy = local(**at), dense(at)
    reference = dense(at | {"delta": 0.0})
    return approximately(
        fact(
            "both fall with δ, from δ = 0.002 on",
            both_fall,
            T_h=HEAT,
            largest_distance_of_the_two_relative_curves=np.abs(n - j).max(axis=0),
        ),
        method="curves of figure 2 relative to their values at resonance",
        second=confirm(
            DENSE,
            N_over_N0_at_0_03=(engine_there.negativity() / start.negativity()[0], copy.N / reference.N),
            J_over_J0_at_0_03=(engine_there.net_current() / start.net_current()[0], copy.J / reference.J),
        ),
        finding="In direction, yes. In shape they differ by up to a quarter of the initial value, and above T_h = 0.47 (δ = 0) the "
        "ratio J/J_c falls while N rises.",
    )


@claim(
    "cold-bath-must-be-cold",
    place="sec. 7 (preprint: 6)",
    says="The machine works only if the cold bath is at a rather low temperature and the gradient is sufficient.",
    versions=BOTH,
)
def cold_enough(rng: Generator) -> Evidence:
    def separable(**p: Any) -> Array:
        return -margin(local(**p))

    wide = dict(ENGINES) | {n: Range(1e-5, 10, log=True) for n in ("gamma_h", "gamma_c")}
    warm = wide | {
        "g": Range(1e-4, 10, log=True),
        "T_c": Range(0.3, 10, log=True),
        "T_h": Range(0.3, 100, log=True),
        "delta": Range(-0.1, 0.1),
    }
    works = local(eps_h=1.0, g=2e-3, gamma_h=1e-3, gamma_c=1.1e-2, T_h=1.0, T_c=0.2, delta=0.0)
    return holds(
        hunt("N = 0 for T_c ≥ 0.3 ε_h, |δ| ≤ 0.1", separable, warm, rng),
        hunt(
            "the same with fermionic baths",
            separable,
            warm | {"statistics_h": ("fermi",), "statistics_c": ("fermi",)},
            rng,
        ),
        fact(
            "entangled at T_c = 0.2",
            bool(works.negativity() > 0),
            at={"T_h": 1.0, "T_c": 0.2, "g": 2e-3},
            N=works.negativity(),
        ),
        finding="With both baths above 0.3 ε_h no local engine of small detuning is entangled, whatever its couplings.",
    )


def _exchanged(p: dict[str, Any]) -> dict[str, Any]:
    """The two baths exchanged, with their couplings."""
    swap = {"T_h": "T_c", "T_c": "T_h", "gamma_h": "gamma_c", "gamma_c": "gamma_h"}
    return {name: p[swap.get(name, name)] for name in p}
