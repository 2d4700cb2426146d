"""The numbered equations of man2019."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.ledger.checks import Comparison
from qte.ledger.entries import judge
from qte.ledger.forms import equals, vanishes
from qte.ledger.judged import Found, found
from qte.papers.man2019 import equations as printed
from qte.papers.man2019.checks.dense import (
    LOWER,
    again,
    apply,
    concurrence_of,
    dense_jumps,
    dephasing_jumps,
    frequencies_and_jumps,
    hamiltonian,
)
from qte.papers.man2019.checks.trials import (
    DRAWS,
    Array,
    Complex,
    Point,
    draws,
    machine,
    model,
    populations,
    states,
    traffic,
)

NOTHING = np.zeros((4, 4), dtype=complex)
PLACES = ((0, 0), (1, 1), (2, 2), (3, 3), (1, 2))


@judge("eq-1")
def eq01(rng: Generator) -> Found:
    p = draws(rng)
    h = hamiltonian(p | {"Omega": 0.0 * p["Omega"]})
    return found(equals("all sixteen entries", printed.eq01_free_hamiltonian(model(p)), h, p, scale=_size(h)))


@judge("eq-2")
def eq02(rng: Generator) -> Found:
    p = draws(rng)
    h = hamiltonian(p | {"eps_A": 0.0 * p["Omega"], "eps_B": 0.0 * p["Omega"]})
    return found(equals("all sixteen entries", printed.eq02_interaction(model(p)), h, p, scale=_size(h)))


@judge("eq-5")
def eq05(rng: Generator) -> Found:
    p = draws(rng)
    m, h = model(p), hamiltonian(p)
    kets = printed.eq05_states(m.theta)
    pairs = zip(printed.eq05_energies(m), kets, strict=True)
    total = sum(e[:, None, None] * k[:, :, None] * k[:, None, :] for e, k in pairs)
    overlap = np.einsum("iks,jks->kij", np.array(kets), np.array(kets))
    return found(
        equals("the spectral sum against H_S", np.asarray(total), h, p, scale=_size(h)),
        equals("orthonormal states", overlap, np.broadcast_to(np.eye(4), overlap.shape), p, scale=1.0),
    )


@judge("eq-6")
def eq06(rng: Generator) -> Found:
    p = draws(rng)
    jumps = printed.eq07_jump_operators(model(p).theta)
    whole = {k: np.broadcast_to(lower, (DRAWS, 4, 4)) for k, lower in LOWER.items()}
    return found(
        *(
            equals(f"V_{k},1 + V_{k},2 against σ₋ of {k}", jumps[k, 1] + jumps[k, 2], whole[k], p, scale=1.0)
            for k in LOWER
        )
    )


@judge("eq-7")
def eq07(rng: Generator) -> Found:
    p = draws(rng)
    _, reference = frequencies_and_jumps(p)
    jumps = printed.eq07_jump_operators(model(p).theta)
    return found(
        *(
            equals(f"V_{k},{j} entry by entry", v, reference[k, j], p, scale=1.0)
            for (k, j), v in jumps.items()
        )
    )


@judge("eq-8")
def eq08(rng: Generator) -> Found:
    p, rho = draws(rng), states(rng)
    jumps = dense_jumps(p)
    change = apply(hamiltonian(p), [pair for label in "ABC" for pair in jumps[label]], rho)
    left = printed.eq08_derivative(model(p), machine(**p).steady_state().rho)
    size = traffic(p)[:, None, None]
    return found(
        equals(
            "right-hand side on random states", printed.eq08_derivative(model(p), rho), change, p, scale=size
        ),
        vanishes("zero in the steady state", left, p, scale=size),
    )


@judge("eq-9")
def eq09(rng: Generator) -> Found:
    return _dissipator(rng, "A", printed.eq09_independent_a)


@judge("eq-10")
def eq10(rng: Generator) -> Found:
    return _dissipator(rng, "B", printed.eq10_independent_b)


@judge("eq-11")
def eq11(rng: Generator) -> Found:
    p = {"omega": rng.uniform(0.1, 2.0, DRAWS), "T": el.power(10.0, rng.uniform(-1, 1, DRAWS))}
    weight = el.exp(-np.outer(p["omega"] / p["T"], np.arange(6000)))
    mean = (weight * np.arange(6000)).sum(axis=1) / weight.sum(axis=1)
    return found(equals("mean number of photons", printed.eq11_occupation(p["omega"], p["T"]), mean, p))


@judge("eq-12")
def eq12(rng: Generator) -> Found:
    return _dissipator(rng, "C", printed.eq12_common_a, Gamma_CB=0.0)


@judge("eq-13")
def eq13(rng: Generator) -> Found:
    return _dissipator(rng, "C", printed.eq13_common_b, Gamma_CA=0.0)


@judge("eq-14")
def eq14(rng: Generator) -> Found:
    return _dissipator(rng, "C", printed.common)


@judge("eq-15")
def eq15(rng: Generator) -> Found:
    p = draws(rng)
    gamma = {"dephasing": el.power(10.0, rng.uniform(-3, 0, DRAWS))}
    resonant = p | {"eps_B": p["eps_A"], "Omega": 0.3 * p["Omega"]} | gamma
    return found(
        _bare_elements("all five, any detuning", p),
        _bare_elements("all five with dephasing, at resonance", resonant),
        beyond=(_bare_elements("all five with dephasing and detuning", p | gamma),),
    )


@judge("eq-16")
def eq16(rng: Generator) -> Found:
    p = draws(rng)
    gamma = {"dephasing": el.power(10.0, rng.uniform(-3, 0, DRAWS))}
    kept = np.zeros((4, 4), dtype=bool)
    for row, column in (*PLACES, (2, 1)):
        kept[row, column] = True
    return found(
        vanishes("all entries outside the pattern", again(p).rho[:, ~kept], p, scale=1.0),
        vanishes("the same with dephasing", again(p | gamma).rho[:, ~kept], p, scale=1.0),
    )


@judge("eq-17")
def eq17(rng: Generator) -> Found:
    p = draws(rng)
    rho = machine(**p).steady_state().rho
    factor = np.zeros((DRAWS, 4, 4), dtype=complex)
    block = el.normal(rng, (DRAWS, 2, 2)) + 1j * el.normal(rng, (DRAWS, 2, 2))
    factor[:, 1:3, 1:3] = block * el.power(10.0, rng.uniform(0, 1, (DRAWS, 1, 1)))
    factor[:, 0, 0], factor[:, 3, 3] = el.normal(rng, (2, DRAWS))
    factor /= np.linalg.norm(factor, axis=(1, 2))[:, None, None]
    any_x = factor @ factor.conj().swapaxes(1, 2)
    root, draw = np.linalg.cholesky(rho).astype(complex), {"draw": np.arange(DRAWS)}
    return found(
        equals("steady states", _of_x_state(rho), concurrence_of(root), p, scale=1.0),
        equals("random states of the form (16)", _of_x_state(any_x), concurrence_of(factor), draw, scale=1.0),
    )


@judge("eq-18")
def eq18(rng: Generator) -> Found:
    p = draws(rng)
    m, rho = model(p), machine(**p).steady_state().rho
    changes = {
        "A": printed.eq09_independent_a(m, rho),
        "B": printed.eq10_independent_b(m, rho),
        "C": printed.common(m, rho),
    }
    Q = {k: printed.eq18_heat_current(m, change) for k, change in changes.items()}
    size = traffic(p)
    return found(
        *(equals(f"Q_{k} against quanta counted", Q[k], _quanta(p, k), p, scale=size) for k in Q),
        equals("they add up to zero", Q["A"] + Q["B"], -Q["C"], p, scale=size),
    )


@judge("eq-19")
def eq19(rng: Generator) -> Found:
    p = draws(rng)
    r1, r2, r3, r4 = populations(machine(**p).without_common())
    first, upper = printed.eq19_effective_temperatures(model(p))
    omega = model(p).omega
    return found(
        equals("T_eff(ω₁) from λ₄₄/λ₃₃", first, omega[1] / el.log(r4 / r3), p),
        equals("T_eff(ω₁) from λ₂₂/λ₁₁", first, omega[1] / el.log(r2 / r1), p),
        equals("T_eff(ω₂) from λ₄₄/λ₂₂", upper, omega[2] / el.log(r4 / r2), p),
        equals("T_eff(ω₂) from λ₃₃/λ₁₁", upper, omega[2] / el.log(r3 / r1), p),
    )


@judge("eq-20")
def eq20(rng: Generator) -> Found:
    p = draws(rng)
    rates, flows = np.stack(printed.eq20_transition_rates(model(p)), axis=-1), _transition_rates(p)
    return found(
        equals("twice the four rates, against eqs. (9) and (10)", 2 * rates, flows, p),
        equals("their ratios, all that eq. (19) uses", _ratios(rates), _ratios(flows), p),
        breaks=(equals("the four rates, against eqs. (9) and (10)", rates, flows, p),),
    )


@judge("eq-21")
def eq21(rng: Generator) -> Found:
    rho, p = states(rng), {"gamma": el.power(10.0, rng.uniform(-5, 0, DRAWS))}
    change = apply(NOTHING, dephasing_jumps(p["gamma"]), rho)
    size = p["gamma"][:, None, None]
    return found(equals("on random states", printed.eq21_dephasing(p["gamma"], rho), change, p, scale=size))


# ---- parts -------------------------------------------------------------------------------------


def _size(h: Complex) -> Array:
    return np.asarray(np.abs(h).max(axis=(-1, -2), keepdims=True))


def _dissipator(rng: Generator, label: str, form: Callable[[Any, Complex], Complex], **off: float) -> Found:
    """A dissipator on random states, against one jump operator a frequency and direction."""
    p, rho = draws(rng), states(rng)
    reference = apply(NOTHING, dense_jumps(p | off)[label], rho)
    return found(
        equals("on random states", form(model(p), rho), reference, p, scale=traffic(p)[:, None, None])
    )


def _bare_elements(what: str, p: Point) -> Comparison:
    m = machine(**p)
    eta = printed.eq15_bare_elements(model(p).theta, tuple(populations(m)))
    rho = m.steady_state().rho
    reference = np.stack([rho[:, i, k] for i, k in PLACES], axis=-1)
    return equals(what, np.stack(eta, axis=-1), reference, p, scale=1.0)


def _of_x_state(rho: Complex) -> Array:
    e11, e22, e33, e44, _ = (rho[:, i, k].real for i, k in PLACES)
    return printed.eq17_concurrence(printed.BareElements(e11, e22, e33, e44, np.abs(rho[:, 1, 2])))


def _quanta(p: Point, label: str) -> Array:
    """Energy from quanta absorbed less emitted, at each frequency."""
    omega, _ = frequencies_and_jumps(p)
    rho = machine(**p).steady_state().rho
    total = np.zeros(DRAWS)
    for k, (rate, jump) in enumerate(dense_jumps(p)[label]):
        flow = rate * np.einsum("nij,njk,nik->n", jump, rho, jump.conj()).real
        total += flow * omega[1 + k // 2] * (1 if k % 2 else -1)
    return total


def _transition_rates(p: Point) -> Array:
    """Rates 3→4, 4→3, 2→4, 4→2 without R_C, from numerical eigenstates, shape (n, 4)."""
    _, ket = np.linalg.eigh(hamiltonian(p))
    jumps = [pair for label in "AB" for pair in dense_jumps(p)[label]]

    def rate(start: int, end: int) -> Any:
        amplitudes = (np.einsum("ni,nij,nj->n", ket[:, :, end].conj(), v, ket[:, :, start]) for _, v in jumps)
        return sum(r * np.abs(a) ** 2 for (r, _), a in zip(jumps, amplitudes, strict=True))

    return np.stack([rate(*pair) for pair in ((1, 0), (0, 1), (2, 0), (0, 2))], axis=-1)


def _ratios(rates: Array) -> Array:
    return rates[:, ::2] / rates[:, 1::2]
