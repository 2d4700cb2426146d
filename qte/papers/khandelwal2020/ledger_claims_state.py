"""Verdicts on what khandelwal2020 says about the state and its coherence (sections 2 to 4)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.ledger.checks import Range, compare, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, holds
from qte.papers.khandelwal2020.equations import eq09_notation
from qte.papers.khandelwal2020.judging import (
    BOTH,
    FIGURE,
    Array,
    dense,
    figure,
    local,
    states,
    weak,
    weak_draws,
)
from qte.papers.khandelwal2020.judging_current import ENGINES, STATISTICS, without
from qte.papers.khandelwal2020.parts import margin


@claim(
    "no-coupling-no-coherence",
    place="sec. 2",
    says="Without coupling of the qubits there is no coherence.",
    versions=BOTH,
)
def no_coupling(rng: Generator) -> Evidence:
    def small(**p: Any) -> Array:
        return np.asarray(-np.abs(local(**p, g=0.0).steady_state().rho[:, 1, 2]))

    return holds(
        hunt("c = 0 at g = 0", small, without("g", **STATISTICS), rng),
        finding="Zero at g = 0, whatever the rest.",
    )


@claim(
    "resonance-imaginary-coherence",
    place="sec. 2",
    says="At δ = 0 the coherence is purely imaginary.",
    versions=BOTH,
)
def imaginary(rng: Generator) -> Evidence:
    def no_real_part(**p: Any) -> Array:
        c = local(**p).steady_state().rho[:, 1, 2]
        return np.asarray(-np.abs(c.real))

    return holds(
        hunt("Re c = 0 at δ = 0", no_real_part, without("delta", **STATISTICS), rng),
        finding="For every coupling and both statistics.",
    )


@claim(
    "reduced-states-diagonal",
    place="sec. 2",
    says="The reduced states of the qubits have no coherence.",
    versions=BOTH,
)
def reduced(rng: Generator) -> Evidence:
    p = weak_draws(rng)
    found = np.array([dense({n: float(v[k]) for n, v in p.items()}).rho for k in range(len(p["g"]))])
    parts = found.reshape(-1, 2, 2, 2, 2)
    off = np.stack([np.einsum("kiaja->kij", parts)[:, 0, 1], np.einsum("kaiaj->kij", parts)[:, 0, 1]], axis=1)
    return holds(
        compare("coherences of both reduced states against 0", off, np.zeros_like(off), p, scale=1.0),
        method="partial traces of the full 16-entry steady state",
        finding="Zero without tunnelling. (With the tunnelling of section 5 they are not.)",
    )


@claim(
    "coherence-necessary-for-entanglement",
    place="sec. 2",
    says="The qubits can be entangled only if c ≠ 0; c ≠ 0 alone does not entangle them.",
    versions=BOTH,
)
def necessary(rng: Generator) -> Evidence:
    def needs(**p: Any) -> Array:
        engine = local(**p)
        c = np.abs(engine.steady_state().rho[:, 1, 2])
        return np.where(margin(engine) > 0, c - margin(engine), np.nan)

    domain = dict(ENGINES) | {"T_c": Range(0.05, 0.25, log=True), "gamma_c": Range(1e-3, 0.5, log=True)}
    separable = figure(T_h=0.15)
    return holds(
        hunt("|c| ≥ N wherever N > 0", needs, domain, rng),
        fact(
            "an engine with coherence and without entanglement",
            bool(separable.negativity() == 0),
            at=FIGURE | {"T_h": 0.15},
            coherence=abs(separable.steady_state().rho[1, 2]),
            n=margin(separable),
        ),
        finding="N ≤ |c| throughout; at T_h = 0.15 of the figures c ≠ 0 and N = 0.",
    )


@claim(
    "coherence-iff-current",
    place="sec. 3.1",
    says="The conditions for zero current and zero coherence are the same; coherence is a signature of heat flow and vice versa.",
    versions=BOTH,
)
def coherence_current(rng: Generator) -> Evidence:
    def tied(**p: Any) -> Array:
        engine = local(**p)
        c = engine.steady_state().rho[:, 1, 2]
        flow = np.abs(engine.particle_current("h")) / (2 * p["g"])
        return np.asarray(-np.abs(flow - np.abs(c.imag)))

    def phase(**p: Any) -> Array:
        n, c = eq09_notation(weak(p)), local(**p).steady_state().rho[:, 1, 2]
        return np.asarray(-np.abs(n.total * c.real + 2 * p["delta"] * c.imag) / n.total)

    at = FIGURE | {"delta": 0.05, "T_h": 0.105}
    balance = local(**at)
    return holds(
        hunt("|Im c| is the flow of excitations over 2g", tied, ENGINES, rng),
        hunt("Γ Re c = −2δ Im c", phase, ENGINES, rng),
        finding="For g ≠ 0 the two vanish together, also detuned. What they vanish with is n_h(ε_h) = n_c(ε_c) and not T_h = T_c: "
        "at δ = 0.05, T_c = 0.1 there is neither at T_h = 0.0952, and both at equal temperatures.",
        numbers={
            "J at δ = 0.05, T_h = T_c/1.05": float(figure(delta=0.05, T_h=0.1 / 1.05).net_current()),
            "J at δ = 0.05, T_h = T_c": float(figure(delta=0.05, T_h=0.1).net_current()),
            "J at δ = 0.05, T_h = 1.05 T_c": float(balance.net_current()),
        },
    )


@claim(
    "complete-positivity",
    place="sec. 4.1",
    says="r₂r₃ > |c|² holds by itself, because ρ is positive.",
    versions=BOTH,
)
def positive(rng: Generator) -> Evidence:
    def inner(**p: Any) -> Array:
        rho = local(**p).steady_state().rho
        a, b, c = rho[:, 1, 1].real, rho[:, 2, 2].real, np.abs(rho[:, 1, 2])
        return np.asarray((np.sqrt(a * b) - c) / (a + b))

    return holds(
        hunt("√(r₂r₃) > |c|", inner, dict(ENGINES) | STATISTICS, rng),
        finding="With room to spare; it is a property of every state (≥), and strict for every engine with both baths above T = 0.",
    )


@claim(
    "negativity-of-extremes",
    place="sec. 4",
    says="N = 0 for a separable state and 1/2 for a Bell state.",
    versions=BOTH,
)
def extremes(rng: Generator) -> Evidence:
    from qte.physics.entanglement import negativity

    single = states(rng, 800).reshape(2, 400, 4, 4)[:, :, :2, :2]
    single = single / np.trace(single, axis1=-2, axis2=-1)[..., None, None]
    product = np.einsum("kij,klm->kiljm", *single).reshape(400, 4, 4)
    weights = rng.dirichlet(np.ones(400), 400)
    mixed = np.einsum("wk,kij->wij", weights, product)
    bell = np.array([0, 1, -1, 0]) / np.sqrt(2)
    found = float(negativity(np.outer(bell, bell).astype(complex)))
    return holds(
        compare(
            "random mixtures of product states against 0",
            negativity(np.concatenate([product, mixed])),
            np.zeros(800),
            {},
            scale=1.0,
        ),
        fact("a Bell state", abs(found - 0.5) < 1e-12, N=found),
        method="random product states, random mixtures of 400 of them, and a Bell state",
        finding="As stated.",
    )
