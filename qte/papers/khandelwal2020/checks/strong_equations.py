"""The numbered equations of khandelwal2020, section 6 and appendix B (published text only)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.ledger import second
from qte.ledger.entries import judge
from qte.ledger.forms import equals, fact
from qte.ledger.judged import Found, again, found
from qte.papers.khandelwal2020 import equations_strong as printed
from qte.papers.khandelwal2020.checks.engines import (
    DENSE,
    DRAWS,
    STRONG,
    Array,
    Complex,
    dense,
    gibbs,
    globally,
    hamiltonian,
    point,
    states,
    strong,
    strong_draws,
)


@judge("eq-20")
def eq20(rng: Generator) -> Found:
    p = strong_draws(rng)
    one = [printed.eq20_jump(side, level) for side in printed.SIDES for level in printed.LEVELS]
    jumps = np.broadcast_to(np.stack(one), (DRAWS, 4, 4, 4))
    return found(
        equals(
            "four jump operators", jumps, np.array([_parts(point(p, k)) for k in range(DRAWS)]), p, scale=1.0
        )
    )


@judge("eq-21")
def eq21(rng: Generator) -> Found:
    p, rho = strong_draws(rng), states(rng, DRAWS)
    rates = np.array([printed.eq21_master_equation(strong(point(p, k)), rho[k]) for k in range(DRAWS)])
    full = np.array([_generator(point(p, k)) for k in range(DRAWS)])
    change = np.einsum("kij,kj->ki", full, rho.reshape(DRAWS, 16)).reshape(DRAWS, 4, 4)
    size = np.abs(full).max(axis=(1, 2))[:, None, None]
    return found(equals("right-hand side on random states", rates, change, p, scale=size))


@judge("eq-22")
def eq22(rng: Generator) -> Found:
    p = strong_draws(rng)
    rho = np.array([dense(point(p, k), "global").rho for k in range(DRAWS)])
    return found(equals("all sixteen entries", printed.eq22_state(strong(p)), rho, p, scale=1.0))


@judge("eq-23")
def eq23(rng: Generator) -> Found:
    p = strong_draws(rng)
    s = np.stack(printed.eq23_populations(strong(p)), axis=-1)
    return found(
        equals("the four populations", s, np.einsum("kii->ki", globally(**p).steady_state().rho).real, p)
    )


@judge("eq-24")
def eq24(rng: Generator) -> Found:
    p = strong_draws(rng)
    d, s = printed.eq24_coherence(strong(p)), printed.eq23_populations(strong(p))
    return found(
        equals("coherence", d, globally(**p).steady_state().rho[:, 1, 2], p, scale=s.r2),
        fact("d < 0 at every draw", bool(np.all(d.real < 0)), largest_d_over_s2=np.max(d.real / s.r2)),
    )


@judge("eq-25")
def eq25(rng: Generator) -> Found:
    p = strong_draws(rng)
    return found(
        equals("J", printed.eq25_heat_current(strong(p)), globally(**p).net_current(), p, scale=_flows(p))
    )


@judge("eq-26")
def eq26(rng: Generator) -> Found:
    p = strong_draws(rng)
    rho = globally(**p).steady_state().rho
    return found(
        equals("N", printed.eq26_negativity(strong(p)), second.negativity(rho), p, scale=rho[:, 3, 3].real)
    )


@judge("eq-27")
def eq27(rng: Generator) -> Found:
    p = _forwards(strong_draws(rng, 3 * DRAWS))
    engine = globally(**p)
    rho, current = engine.steady_state().rho, engine.net_current()
    outer = np.sqrt(rho[:, 0, 0].real) * np.sqrt(rho[:, 3, 3].real)
    value, entangled = printed.eq27_critical_current(strong(p)), engine.negativity() > 0
    at = STRONG | {"g": 0.5, "gamma_c": 0.02, "T_h": 3.0}
    one, j_c = globally(**at), float(printed.eq27_critical_current(strong(at)))
    witness = fact(
        "a current above J_c guarantees entanglement",
        not (one.net_current() > j_c and one.negativity() == 0),
        at=at,
        J=one.net_current(),
        J_c=j_c,
    )
    return found(
        equals(
            "J_c with its sign turned against J √(s₁s₄)/|d|",
            -value,
            current * outer / np.abs(rho[:, 1, 2]),
            p,
        ),
        fact(
            "J > J_c exactly where N > 0, sign turned",
            bool(np.all((current > -value) == entangled)),
            draws=DRAWS,
        ),
        breaks=(witness,),
        again=(again(witness, DENSE, _dense_witness),),
        printed=j_c,
        right=-j_c,
        J=one.net_current(),
        draws=DRAWS,
        separable=int((~entangled & (current > value)).sum()),
    )


@judge("eq-33")
def eq33(rng: Generator) -> Found:
    p = strong_draws(rng)
    h, vectors = (
        np.array([hamiltonian(point(p, k)) for k in range(DRAWS)]),
        np.array(printed.eq33_eigenstates()),
    )
    levels = np.stack([0 * p["g"], p["eps_h"] - p["g"], p["eps_h"] + p["g"], 2 * p["eps_h"]], axis=-1)
    acted = np.einsum("kij,vj->kvi", h, vectors)
    return found(
        equals("H|v⟩ against E|v⟩", acted, levels[..., None] * vectors, p, scale=2.0),
        equals("their energies, sorted", np.sort(levels, axis=-1), np.linalg.eigvalsh(h), p, scale=2.0),
    )


@judge("eq-34")
def eq34(rng: Generator) -> Found:
    p = _thermal(rng)
    return found(
        equals(
            "all sixteen entries", printed.eq34_thermal_state(*p.values()), gibbs(*p.values()), p, scale=1.0
        )
    )


@judge("eq-35")
def eq35(rng: Generator) -> Found:
    p = _thermal(rng)
    right = second.negativity(gibbs(*p.values()))
    return found(equals("N", printed.eq35_thermal_negativity(*p.values()), right, p, scale=1.0))


# ---- what the entries share ------------------------------------------------------------------------


def _dense_witness(**at: Any) -> dict[str, float]:
    """J, and J_c as printed, from the state of the second formulation: J √(s₁s₄)/d."""
    copy = dense(at, "global")
    outer = np.sqrt(copy.rho[0, 0].real * copy.rho[3, 3].real)
    return {"J": copy.J, "J_c": float(copy.J * outer / copy.rho[1, 2].real)}


def _parts(at: dict[str, float]) -> list[Complex]:
    """σ₋ of the hot and the cold qubit, each as its parts at ε₋ and ε₊."""
    energies, vectors = np.linalg.eigh(hamiltonian(at))
    parts = []
    for site in (0, 1):
        for gap in (at["eps_h"] - at["g"], at["eps_h"] + at["g"]):
            inside = vectors.conj().T @ second.lower(site, 2) @ vectors
            same = np.abs(energies[None, :] - energies[:, None] - gap) < 1e-9
            parts.append(vectors @ np.where(same, inside, 0) @ vectors.conj().T)
    return parts


def _generator(at: dict[str, float]) -> Complex:
    h, jumps = hamiltonian(at), []
    for site, k in enumerate("hc"):
        jumps += second.secular_jumps(h, second.lower(site, 2), at[f"T_{k}"], at[f"gamma_{k}"])
    return second.liouvillian(h, jumps)


def _flows(p: Any) -> Array:
    """Size of the two one-way currents whose difference J is."""
    to_cold, to_hot = strong(p | {"T_c": np.zeros(DRAWS)}), strong(p | {"T_h": np.zeros(DRAWS)})
    return np.abs(printed.eq25_heat_current(to_cold)) + np.abs(printed.eq25_heat_current(to_hot))


def _forwards(p: dict[str, Any]) -> dict[str, Any]:
    """Draws with T_h well above T_c."""
    clear = p["T_h"] > 1.5 * p["T_c"]
    return {name: value[clear][:DRAWS] for name, value in p.items()}


def _thermal(rng: Generator) -> dict[str, Array]:
    """Random eps, g and T of a thermal state, in this order."""
    eps, heat = rng.uniform(0.5, 2.0, DRAWS), el.power(10.0, rng.uniform(-1.3, 1, DRAWS))
    return {"eps": eps, "g": eps * rng.uniform(-1.5, 1.5, DRAWS), "T": heat}
