"""Verdicts on what khandelwal2020 says about J/J_c (section 4.1, figure 3)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.random import Generator

from qte.common.optimise import find_root, maximise
from qte.ledger.checks import fact
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, fails, holds
from qte.papers.khandelwal2020.judging import BOTH, DENSE, FIGURE, Array, dense, figure, local
from qte.papers.khandelwal2020.judging_entanglement import HEAT, ratio, ratio_again
from qte.papers.khandelwal2020.parts import margin

DETUNING: Final = np.array([0.0, 0.01, 0.02])


@claim(
    "ratio-against-detuning",
    place="sec. 4.1, figure 3a",
    says="J/J_c first rises a little with δ, then falls monotonically.",
    versions=("published",),
)
def ratio_published(rng: Generator) -> Evidence:
    top = maximise(lambda d: ratio(figure(delta=d, T_h=HEAT)), 0.0, 0.12, shape=HEAT.shape)
    gain = top.value / ratio(figure(delta=0.0, T_h=HEAT)) - 1
    curve = ratio(figure(delta=np.linspace(0, 1, 400)[:, None] * (0.12 - top.x) + top.x, T_h=HEAT))
    return holds(
        fact(
            "one maximum, then falling to δ = 0.12",
            bool(np.all(np.diff(curve, axis=0) < 0) and np.all(top.peaks == 1)),
            T_h=HEAT,
            delta_of_the_maximum=top.x,
        ),
        fact("a rise before it", bool(np.all(gain > 0.05)), relative_rise=gain),
        method="maximiser over δ at five temperatures",
        finding="As published: the rise is 7.5 % (T_h = 0.3) to 17 % (T_h = 0.7).",
    )


@claim(
    "ratio-against-detuning-preprint",
    place="sec. 4.1, figure 3a",
    says="J/J_c decreases monotonically with δ.",
    versions=("preprint",),
    against="the published text: a small increase, then a monotonic decrease",
)
def ratio_preprint(rng: Generator) -> Evidence:
    at = FIGURE | {"T_h": 0.3, "delta": 0.007}
    engine, start = local(**at), local(**at | {"delta": 0.0})
    return fails(
        fact(
            "J/J_c at δ = 0.007 is below that at resonance",
            bool(ratio(engine) < ratio(start)),
            at=at,
            there=ratio(engine),
            at_resonance=ratio(start),
        ),
        method="steady states at T_h = 0.3",
        second=confirm(
            DENSE,
            there=(ratio(engine), ratio_again(at)),
            at_resonance=(ratio(start), ratio_again(at | {"delta": 0.0})),
        ),
        finding="It rises first, at every temperature; the published version says so.",
        size=f"{float(ratio(start)):.4f} at resonance, {float(ratio(engine)):.4f} at δ = 0.007 for T_h = 0.3.",
        consequence="None.",
    )


@claim(
    "critical-detuning",
    place="sec. 4.1, figure 3a",
    says="The negativity declines to zero at a particular detuning: an upper bound on δ for entanglement.",
    versions=BOTH,
)
def critical_detuning(rng: Generator) -> Evidence:
    ends = _ends(np.array([0.3, 0.35, 0.4]))
    limit = find_root(lambda T: _least(T), 0.40, 0.5, scan=21, tolerance=1e-9)
    at = FIGURE | {"T_h": 0.7, "delta": 0.12}
    hot, back = local(**at), local(**FIGURE | {"T_h": 0.3, "delta": 0.6})
    return conditional(
        inside=(
            fact("such a δ exists at T_h = 0.3, 0.35, 0.4", bool(np.all(ends > 0)), critical_delta=ends),
        ),
        outside=(
            fact(
                "N = 0 somewhere below δ = 0.6 for T_h = 0.7",
                bool(_least(np.array([0.7]))[0] <= 0),
                at=at,
                least_n=_least(np.array([0.7]))[0],
                N_at_0_12=hot.negativity(),
            ),
            fact(
                "N stays 0 beyond it at T_h = 0.3",
                bool(back.negativity() == 0),
                at=FIGURE | {"T_h": 0.3, "delta": 0.6},
                N_at_delta_0_6=back.negativity(),
            ),
        ),
        conditions=f"T_h below {float(limit.x):.4f} ε_h at the figures' other parameters, and small δ",
        method="root finder over δ in (0.001, 0.6)",
        second=confirm(
            DENSE,
            N_at_T_h_0_7=(hot.negativity(), dense(at).N),
            N_far_detuned=(back.negativity(), dense(FIGURE | {"T_h": 0.3, "delta": 0.6}).N),
        ),
        finding="Above that temperature the engine stays entangled at any detuning (weakly). At T_h = 0.3 entanglement even comes back at "
        "large δ, where the cold qubit is frozen out; far outside small detuning.",
        size=f"At T_h = 0.3 the bound is δ = {ends[0]:.10f} ε_h; at T_h = 0.7 there is none.",
        consequence="The upper bound on the detuning is one of the colder engines; figure 3a must be one of them.",
    )


@claim(
    "same-detuning",
    place="sec. 4.1, figure 3a",
    says="The detuning at which N vanishes is the one at which J/J_c = 1.",
    versions=BOTH,
)
def same_detuning(rng: Generator) -> Evidence:
    heat = np.array([0.3, 0.35, 0.4])
    ends = _ends(heat)
    crossing = find_root(
        lambda d: ratio(figure(delta=d, T_h=heat)) - 1, 0.001, 0.3, shape=heat.shape, scan=301
    ).x
    return holds(
        fact(
            "both roots agree to 1e-10",
            bool(np.all(np.abs(ends - crossing) < 1e-10)),
            N_vanishes=ends,
            J_is_J_c=crossing,
        ),
        method="two root searches, one on n of eq. (16), one on J/J_c − 1",
        finding="Equal to all digits, as they must be.",
        numbers={"at T_h = 0.3": f"{ends[0]:.12f}"},
    )


@claim(
    "ratio-against-temperature",
    place="sec. 4.1, figure 3b",
    says="J/J_c increases monotonically with T_h.",
    versions=BOTH,
)
def ratio_temperature(rng: Generator) -> Evidence:
    top = maximise(
        lambda T: ratio(figure(delta=DETUNING, T_h=T)), 0.11, 10.0, shape=DETUNING.shape, scale="log"
    )
    at = FIGURE | {"delta": 0.0, "T_h": 1.5}
    late, best = local(**at), FIGURE | {"delta": 0.0, "T_h": float(top.x[0])}
    return fails(
        fact(
            "J/J_c(T_h = 1.5) ≥ J/J_c at its maximum, δ = 0",
            bool(ratio(late) >= top.value[0]),
            at=at,
            there=ratio(late),
            at_the_maximum=top.value[0],
        ),
        right=(
            fact(
                "it has one maximum at each δ = 0, 0.01, 0.02",
                bool(np.all(top.peaks == 1)),
                T_h_of_the_maximum=top.x,
                J_over_J_c_there=top.value,
            ),
        ),
        method="maximiser over T_h in (0.11, 10)",
        second=confirm(
            DENSE, there=(ratio(late), ratio_again(at)), at_the_maximum=(top.value[0], ratio_again(best))
        ),
        finding="It rises only up to T_h = 0.470, 0.525, 0.651 (δ = 0, 0.01, 0.02) and then falls, while N goes on rising to "
        "T_h = 2.6. The hot bath also fills |11⟩, which raises J_c faster than J.",
        size=f"At δ = 0: {float(top.value[0]):.4f} at T_h = 0.470, {float(ratio(late)):.4f} at T_h = 1.5. A figure that ends below "
        "T_h ≈ 0.47 shows only the rise.",
        consequence="The ratio is a witness (above 1 or not), not a measure: a larger J/J_c does not mean more entanglement.",
    )


@claim(
    "hot-temperature-bound",
    place="sec. 4.1, figure 3b",
    says="There is a lower bound on T_h for entanglement, where J = J_c.",
    versions=BOTH,
)
def hot_bound(rng: Generator) -> Evidence:
    low = find_root(lambda T: margin(figure(delta=DETUNING, T_h=T)), 0.101, 2.0, shape=DETUNING.shape)
    same = find_root(lambda T: ratio(figure(delta=DETUNING, T_h=T)) - 1, 0.101, 2.0, shape=DETUNING.shape)
    high = find_root(
        lambda T: margin(figure(delta=DETUNING, T_h=T)), 3.0, 100.0, shape=DETUNING.shape, scale="log"
    )
    return holds(
        fact(
            "the roots of n and of J/J_c − 1 agree to 1e-9",
            bool(np.all(np.abs(low.x - same.x) < 1e-9)),
            lower_bound_of_T_h=low.x,
        ),
        fact("one root each between 0.101 and 2", bool(np.all(low.crossings == 1)), crossings=low.crossings),
        method="two root searches at δ = 0, 0.01, 0.02",
        finding="Yes: T_h = 0.158848, 0.174860, 0.205674. There is an upper bound as well, not mentioned: near T_h = 10 the "
        "entanglement ends again.",
        numbers={"upper bound of T_h": ", ".join(f"{x:.4f}" for x in high.x)},
    )


def _ends(heat: Array) -> Array:
    """Detuning at which n of eq. (16) first vanishes."""
    return find_root(lambda d: margin(figure(delta=d, T_h=heat)), 0.001, 0.3, shape=heat.shape, scan=301).x


def _least(heat: Array) -> Array:
    """Smallest n over δ in (0.001, 0.6)."""
    top = maximise(
        lambda d: -margin(figure(delta=d, T_h=heat)), 0.001, 0.6, shape=np.shape(heat), scale="log", scan=65
    )
    return np.asarray(-top.value)
