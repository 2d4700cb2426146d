"""The numbered equations of khandelwal2020, sections 1 to 5 and appendix A."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.ledger import second
from qte.ledger.entries import judge
from qte.ledger.forms import equals, fact, vanishes
from qte.ledger.judged import Found, again, found
from qte.ledger.words import words_of
from qte.papers.khandelwal2020 import equations as printed
from qte.papers.khandelwal2020.checks.engines import (
    DENSE,
    DRAWS,
    FIGURE,
    Array,
    Complex,
    dense,
    hamiltonian,
    local,
    point,
    states,
    weak,
    weak_draws,
)


@judge("eq-3")
def eq03(rng: Generator) -> Found:
    p, rho = weak_draws(rng), states(rng, DRAWS)
    rates = [printed.eq03_master_equation(weak(point(p, k)), rho[k]) for k in range(DRAWS)]
    return found(
        equals("right-hand side on random states", np.array(rates), _changes(p, rho), p, scale=_norms(p))
    )


@judge("eq-4")
def eq04(rng: Generator) -> Found:
    p = weak_draws(rng)
    rates = printed.eq04_rates(p["gamma_h"], p["eps_h"], p["T_h"])
    balance = el.exp(-p["eps_h"] / p["T_h"])
    return found(
        equals("detailed balance of the rates", rates.plus / rates.minus, balance, p),
        equals(
            "their difference is the bare rate", rates.minus - rates.plus, p["gamma_h"], p, scale=rates.minus
        ),
    )


@judge("eq-5")
def eq05(rng: Generator) -> Found:
    return _vectorised(rng)


@judge("eq-6")
def eq06(rng: Generator) -> Found:
    p = weak_draws(rng)
    rho = np.array([dense(point(p, k)).rho for k in range(DRAWS)])
    outside = ~np.eye(4, dtype=bool)
    outside[1, 2] = outside[2, 1] = False
    return found(vanishes("all entries outside the pattern", rho[:, outside], p, scale=1.0))


@judge("eq-7")
def eq07(rng: Generator) -> Found:
    p = weak_draws(rng)
    rho = local(**p).steady_state().rho
    r = np.stack(printed.eq07_populations(weak(p)), axis=-1)
    return found(equals("the four populations", r, np.einsum("kii->ki", rho).real, p))


@judge("eq-8")
def eq08(rng: Generator) -> Found:
    return _coherence(rng, lambda p: printed.eq08_coherence(weak(p)))


@judge("eq-10")
def eq10(rng: Generator) -> Found:
    p = weak_draws(rng, T_c=0.1, T_h=rng.uniform(0.2, 3, DRAWS), delta=rng.uniform(0.001, 0.05, DRAWS))
    at = FIGURE | {"delta": 0.05, "T_h": 0.7}
    flow, law = (_bare_flows(point(p, k)) for k in range(DRAWS)), printed.eq11_heat_current(weak(p))
    bare = np.array(list(flow))
    engine, size = local(**p), _current_scale(p)
    full = engine.heat_current("h"), engine.heat_current("c")
    balance = vanishes("first law with the bare H_S: Q_h + Q_c", bare.sum(axis=1), p, scale=law / 2)
    current = equals("Q_h − Q_c with the bare H_S against eq. (11)", bare[:, 0] - bare[:, 1], law, p)
    hot, cold = _bare_flows(at)
    j = float(printed.eq11_heat_current(weak(at)))
    return found(
        equals("first law with H_S + H_int", full[0], -full[1], p, scale=size),
        breaks=(balance, current),
        rest=(
            equals("eq. (11) with H_S + H_int", full[0] - full[1], law, p, scale=size),
            equals(
                "eq. (12) with H_S + H_int",
                full[0] - full[1],
                printed.eq12_heat_current(weak(p)),
                p,
                scale=size,
            ),
        ),
        again=(
            again(balance, DENSE, lambda **q: abs(sum(_dense_bare(q))) / abs(dense(q).J / 2)),
            again(
                current,
                DENSE,
                lambda **q: abs(_dense_bare(q)[0] - _dense_bare(q)[1] - dense(q).J) / dense(q).J,
            ),
        ),
        point=at,
        printed=hot - cold,
        right=j,
        imbalance=abs(hot + cold) / (j / 2),
        excess=(hot - cold) / j - 1,
    )


@judge("eq-11")
def eq11(rng: Generator) -> Found:
    return _current(rng, printed.eq11_heat_current)


@judge("eq-12")
def eq12(rng: Generator) -> Found:
    return _current(rng, printed.eq12_heat_current)


@judge("eq-13")
def eq13(rng: Generator) -> Found:
    return _coherence(rng, lambda p: printed.eq13_coherence(weak(p), local(**p).net_current()))


@judge("eq-15")
def eq15(rng: Generator) -> Found:
    return _negativity(rng, lambda r, c: printed.eq15_negativity(printed.eq16_margin(c, r.r1, r.r4)))


@judge("eq-16")
def eq16(rng: Generator) -> Found:
    p, rho, r, c = _solved(rng)
    block = _transposed(rho)[:, [[0, 0], [3, 3]], [[0, 3], [0, 3]]]
    least, n = np.linalg.eigvalsh(block)[:, 0], printed.eq16_margin(c, r.r1, r.r4)
    return found(equals("n against the smaller eigenvalue of |11⟩ and |00⟩", n, -least, p, scale=r.r1 + r.r4))


@judge("eq-17")
def eq17(rng: Generator) -> Found:
    p, _, r, c = _solved(rng)
    n = printed.eq16_margin(c, r.r1, r.r4)
    return found(equals("n from A, B, C, D", printed.eq17_margin(weak(p)), n, p, scale=r.r1 + r.r4))


@judge("eq-18")
def eq18(rng: Generator) -> Found:
    p = _biased(weak_draws(rng, 20 * DRAWS))
    value, preprint = printed.eq18_critical_current(weak(p)), printed.preprint_eq18_critical_current(weak(p))
    negative = p | {"g": -p["g"]}
    mirrored = printed.preprint_eq18_critical_current(weak(negative))
    at = FIGURE | {"delta": 0.0, "gamma_h": 1.1e-2, "gamma_c": 1e-3, "T_h": 0.1, "T_c": 0.7}
    engine = local(**at)
    j, j_c, n = engine.net_current(), engine.critical_current(), engine.negativity()
    return found(
        equals("J_c against |J| √(r₁r₄)/|c|, g > 0", value, _witness(p), p),
        equals("the preprint's form against the published one", preprint, value, p),
        equals("the preprint's form for g < 0", mirrored, _witness(negative), p),
        beyond=(
            fact(
                "entangled only if J > J_c, heat flowing backwards",
                not (n > 0 and j < j_c),
                at=at,
                J=j,
                J_c=j_c,
            ),
        ),
        point=at,
        J=j,
        J_c=j_c,
        N=n,
    )


@judge("eq-28-20")
def eq28(rng: Generator) -> Found:
    return _vectorised(rng)


@judge("eq-29-21")
def eq29(rng: Generator) -> Found:
    p = weak_draws(rng)
    matrix = np.array([printed.eq29_matrix(weak(point(p, k))) for k in range(DRAWS)])
    scale = _norms(p)[:, :, :1]
    return found(
        equals("all 225 entries", matrix, _reduced(p)[0], p, scale=scale),
        filled=int((np.abs(matrix[0]) > 0).sum()),
    )


@judge("eq-30-22")
def eq30(rng: Generator) -> Found:
    p = weak_draws(rng)
    matrix, column = _reduced(p)
    b = np.array([printed.eq30_vector(weak(point(p, k))) for k in range(DRAWS)])
    rho = local(**p).steady_state().rho.reshape(DRAWS, 16)[:, :15]
    quotes = words_of("khandelwal2020").of("eq-30-22").quote
    counts = [quote[quote.index("0") :].count(",") + 1 for quote in quotes.values()]
    return found(
        fact("both texts print as many entries as M has rows", counts == [15, 15], entries=counts, rows=15),
        equals("b against the eliminated column", b, column, p, scale=1.0),
        equals(
            "−M⁻¹b against the steady state",
            np.linalg.solve(matrix, -b[..., None])[..., 0],
            rho,
            p,
            scale=1.0,
        ),
        entries=counts[0],
    )


@judge("eq-31-23")
def eq31(rng: Generator) -> Found:
    p, rho, r, c = _solved(rng)
    values = np.sort(np.stack(printed.eq31_eigenvalues(r, c), axis=-1), axis=-1)
    return found(equals("four eigenvalues", values, np.linalg.eigvalsh(_transposed(rho)), p, scale=1.0))


@judge("eq-32-24")
def eq32(rng: Generator) -> Found:
    return _negativity(rng, printed.eq32_negativity)


# ---- what the entries share ------------------------------------------------------------------------


def _vectorised(rng: Generator) -> Found:
    p, rho = weak_draws(rng), states(rng, DRAWS)
    w = [weak(point(p, k)) for k in range(DRAWS)]
    matrix = np.array([printed.eq29_matrix(one) for one in w])
    b = np.array([printed.eq30_vector(one) for one in w])
    rate = np.einsum("kij,kj->ki", matrix, rho.reshape(DRAWS, 16)[:, :15]) + b
    change = _changes(p, rho).reshape(DRAWS, 16)[:, :15]
    return found(equals("Mp + b on random states", rate, change, p, scale=_norms(p)[:, 0]))


def _coherence(rng: Generator, formula: Any) -> Found:
    p = weak_draws(rng)
    n = printed.eq09_notation(weak(p))
    size = _traffic(p) * 2 * p["g"] * el.hypot(n.total, 2 * p["delta"]) / n.chi
    return found(equals("coherence", formula(p), local(**p).steady_state().rho[:, 1, 2], p, scale=size))


def _current(rng: Generator, formula: Any) -> Found:
    p = weak_draws(rng)
    return found(equals("J", formula(weak(p)), local(**p).net_current(), p, scale=_current_scale(p)))


def _negativity(rng: Generator, formula: Any) -> Found:
    p, _, r, c = _solved(rng)
    right = second.negativity(printed.eq06_state(r, c))
    return found(equals("N", formula(r, c), right, p, scale=r.r1 + r.r4))


def _solved(rng: Generator) -> tuple[dict[str, Any], Complex, printed.Populations, Complex]:
    p = weak_draws(rng)
    rho = local(**p).steady_state().rho
    return p, rho, printed.Populations(*(rho[:, i, i].real for i in range(4))), rho[:, 1, 2]


def _transposed(rho: Complex) -> Complex:
    return np.asarray(rho.reshape(-1, 2, 2, 2, 2).swapaxes(2, 4).reshape(-1, 4, 4))


def _changes(p: Any, rho: Complex) -> Complex:
    return np.asarray(np.einsum("kij,kj->ki", _generators(p), rho.reshape(DRAWS, 16)).reshape(DRAWS, 4, 4))


def _norms(p: Any) -> Array:
    """Largest entry of each Liouvillian, shape (n, 1, 1)."""
    return np.asarray(np.abs(_generators(p)).max(axis=(1, 2))[:, None, None])


def _reduced(p: Any) -> tuple[Complex, Complex]:
    """15 × 15 matrices and vectors after the last population has been eliminated by the trace."""
    full = _generators(p)
    last, matrix = full[:, :15, 15], full[:, :15, :15].copy()
    matrix[:, :, [0, 5, 10]] -= last[:, :, None]
    return matrix, last


def _bare_flows(at: dict[str, float]) -> tuple[float, float]:
    """Q_h and Q_c of eq. (10) as printed."""
    rho, w = local(**at).steady_state().rho, weak(at)
    return printed.eq10_heat_flow(w, rho, "h"), printed.eq10_heat_flow(w, rho, "c")


def _dense_bare(at: dict[str, float]) -> tuple[float, float]:
    """The same in the second formulation."""
    h, rho = hamiltonian(at, coupled=False), dense(at).rho
    gaps = {"h": at["eps_h"], "c": at["eps_h"] + at["delta"]}
    jumps = [
        second.two_level_jumps(second.lower(site, 2), gaps[k], at[f"T_{k}"], at[f"gamma_{k}"])
        for site, k in enumerate("hc")
    ]
    hot, cold = (float(second.energy_flow(h, each, rho)) for each in jumps)
    return hot, cold


def _witness(p: Any) -> Array:
    """The current at which |c|² would be r₁r₄, from the state alone."""
    engine = local(**p)
    rho = engine.steady_state().rho
    outer = np.sqrt(rho[:, 0, 0].real) * np.sqrt(rho[:, 3, 3].real)
    return np.asarray(np.abs(engine.net_current()) * outer / np.abs(rho[:, 1, 2]))


def _biased(p: dict[str, Any]) -> dict[str, Any]:
    """Draws whose current is not the small difference of large flows, so that |J|/|c| keeps its digits."""
    current, (hot, cold) = np.abs(local(**p).net_current()), (weak(p).rates(side) for side in ("h", "c"))
    clear = (current > 0.05 * _current_scale(p)) & (current > 1e-3 * (hot.plus + cold.plus))
    return {name: np.asarray(value)[clear][:DRAWS] for name, value in p.items()}


def _generators(p: Any) -> Complex:
    """16 × 16 Liouvillians of the draws, by Kronecker products."""
    return np.array([_generator(point(p, k)) for k in range(DRAWS)])


def _generator(at: dict[str, float]) -> Complex:
    jumps = second.two_level_jumps(second.lower(0, 2), at["eps_h"], at["T_h"], at["gamma_h"])
    jumps += second.two_level_jumps(second.lower(1, 2), at["eps_h"] + at["delta"], at["T_c"], at["gamma_c"])
    return second.liouvillian(hamiltonian(at), jumps)


def _traffic(p: Any) -> Array:
    """γ_h⁺γ_c⁻ + γ_h⁻γ_c⁺: what the difference in eqs. (8) and (11) is the difference of."""
    (hp, hm), (cp, cm) = weak(p).rates("h"), weak(p).rates("c")
    return np.asarray(hp * cm + hm * cp)


def _current_scale(p: Any) -> Array:
    n = printed.eq09_notation(weak(p))
    gaps = p["eps_h"] * n.cold + (p["eps_h"] + p["delta"]) * n.hot
    return np.asarray(8 * p["g"] ** 2 * _traffic(p) / n.chi * gaps)
