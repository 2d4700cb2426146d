"""What khandelwal2020 says about the state and its coherence (sections 2 to 4)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common import matrices
from qte.ledger.entries import judge
from qte.ledger.forms import equals, fact, larger, never_below, vanishes
from qte.ledger.judged import Found, found
from qte.papers.khandelwal2020.checks.engines import (
    DRAWS,
    FIGURE,
    WEAK,
    Array,
    Complex,
    dense,
    figure,
    globally,
    local,
    point,
    states,
    weak,
    weak_draws,
    without,
)
from qte.papers.khandelwal2020.equations import eq09_notation, eq29_matrix
from qte.papers.khandelwal2020.parts import margin
from qte.physics.entanglement import negativity

STATISTICS: Final = {"statistics_h": ("bose", "fermi"), "statistics_c": ("bose", "fermi")}


@judge("steady-state-unique")
def unique(rng: Generator) -> Found:
    p = weak_draws(rng)
    each = np.array([eq29_matrix(weak(point(p, k))) for k in range(DRAWS)])
    smallest = np.linalg.svd(each, compute_uv=False)[:, -1]
    rate = np.minimum(p["gamma_h"], p["gamma_c"])
    return found(
        larger("smallest singular value of M above a hundredth of a rate", s=smallest, rate=rate / 100)
    )


@judge("no-coupling-no-coherence")
def no_coupling(rng: Generator) -> Found:
    def small(**p: Any) -> Array:
        return np.asarray(-matrices.modulus(_coherence(**p, g=0.0)))

    return found(never_below("|c| = 0 at g = 0", small, without(WEAK, "g", **STATISTICS), rng))


@judge("decoupled-qubits-thermal")
def decoupled(rng: Generator) -> Found:
    p = weak_draws(rng, g=0.0)
    rho = local(**p).steady_state().rho
    hot, cold = rho[:, 0, 0] + rho[:, 1, 1], rho[:, 0, 0] + rho[:, 2, 2]
    warm = 1 / (1 + el.exp(p["eps_h"] / p["T_h"])), 1 / (1 + el.exp((p["eps_h"] + p["delta"]) / p["T_c"]))
    return found(
        equals("excited population of the hot qubit", hot.real, warm[0], p),
        equals("excited population of the cold qubit", cold.real, warm[1], p),
    )


@judge("resonance-imaginary-coherence")
def imaginary(rng: Generator) -> Found:
    def no_real_part(**p: Any) -> Array:
        return np.asarray(-np.abs(_coherence(**p).real))

    return found(never_below("|Re c| = 0 at δ = 0", no_real_part, without(WEAK, "delta", **STATISTICS), rng))


@judge("reduced-states-diagonal")
def reduced(rng: Generator) -> Found:
    p = weak_draws(rng)
    parts = np.array([dense(point(p, k)).rho for k in range(DRAWS)]).reshape(-1, 2, 2, 2, 2)
    hot, cold = np.einsum("kiaja->kij", parts)[:, 0, 1], np.einsum("kaiaj->kij", parts)[:, 0, 1]
    return found(vanishes("coherences of both reduced states", np.stack([hot, cold], axis=1), p, scale=1.0))


@judge("coherence-necessary-for-entanglement")
def necessary(rng: Generator) -> Found:
    def needs(**p: Any) -> Array:
        # n ≤ |c| everywhere, whatever the sign of n
        engine = local(**p)
        return np.asarray(matrices.modulus(engine.steady_state().rho[:, 1, 2]) - margin(engine))

    separable = figure(T_h=0.15)
    c, n = abs(separable.steady_state().rho[1, 2]), float(margin(separable))
    return found(
        never_below("N ≤ |c|", needs, WEAK, rng),
        fact("c ≠ 0 and no entanglement", c > 0 > n, at=FIGURE | {"T_h": 0.15}, c=c, n=n),
        heat=0.15,
    )


@judge("coherence-iff-current")
def coherence_current(rng: Generator) -> Found:
    def tied(**p: Any) -> Array:
        engine = local(**p)
        flow = np.abs(engine.particle_current("h")) / (2 * p["g"])
        return np.asarray(-np.abs(flow - np.abs(engine.steady_state().rho[:, 1, 2].imag)))

    def phase(**p: Any) -> Array:
        n, c = eq09_notation(weak(p)), _coherence(**p)
        return np.asarray(-np.abs(n.total * c.real + 2 * p["delta"] * c.imag) / n.total)

    at = {"eps_h": 1.0, "g": 0.8, "gamma_h": 0.01, "gamma_c": 0.01, "T_h": 0.4, "T_c": 0.4}
    strong = globally(**at)
    d, j = abs(strong.steady_state().rho[1, 2]), float(abs(strong.net_current()))
    return found(
        never_below("|Im c| is the flow of excitations over 2g", tied, WEAK, rng),
        never_below("Γ Re c = −2δ Im c", phase, WEAK, rng),
        beyond=(
            fact("no coherence without a current at strong coupling", d < 1e-6, at=at, d=d, J=round(j, 12)),
        ),
        point=at,
        d=d,
    )


@judge("complete-positivity")
def positive(rng: Generator) -> Found:
    def inner(**p: Any) -> Array:
        rho = local(**p).steady_state().rho
        a, b = rho[:, 1, 1].real, rho[:, 2, 2].real
        return np.asarray((np.sqrt(a * b) - matrices.modulus(rho[:, 1, 2])) / (a + b))

    return found(never_below("√(r₂r₃) ≥ |c|", inner, dict(WEAK) | STATISTICS, rng))


@judge("negativity-of-extremes")
def extremes(rng: Generator) -> Found:
    product = np.einsum("kij,klm->kiljm", _qubits(rng), _qubits(rng)).reshape(DRAWS, 4, 4)
    mixed = np.einsum("wk,kij->wij", rng.dirichlet(np.ones(DRAWS), DRAWS), product)
    bell = np.array([0, 1, -1, 0]) / np.sqrt(2)
    n = float(negativity(np.outer(bell, bell).astype(complex)))
    separable = negativity(np.concatenate([product, mixed]))
    return found(
        vanishes("random mixtures of product states", separable, {}, scale=1.0),
        fact("a Bell state", abs(n - 0.5) < 1e-12, N=n),
    )


def _coherence(**p: Any) -> Array:
    return np.asarray(local(**p).steady_state().rho[:, 1, 2])


def _qubits(rng: Generator) -> Complex:
    """Random states of one qubit."""
    block = states(rng, DRAWS)[:, :2, :2]
    return np.asarray(block / np.trace(block, axis1=1, axis2=2)[:, None, None])
