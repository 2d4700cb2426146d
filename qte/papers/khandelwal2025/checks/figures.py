"""Finite U and mu: figure 3, its caption and the text around it; figure 1."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.random import Generator

from qte.ledger.checks import Domain, Range
from qte.ledger.entries import judge
from qte.ledger.forms import equals, larger, never_below
from qte.ledger.judged import Found, again, found
from qte.machines.three_qubit import ThreeQubitMachine
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025.parts import (
    DRAWS,
    FINITE,
    INF,
    Array,
    concurrence_again,
    figure,
    finite,
    redfield,
)

NEAR_MAXIMAL = 0.9
DENSE = "dense null vector of 64 equations"
# |eps - mu| = 0.2 eps is 10 T and 20 g, as the master equation asks.
COLD: dict[str, Any] = {
    "g13": 0.01,
    "g23": 0.01,
    "gamma_1": 0.01,
    "gamma_3": 0.01,
    "T_1": 0.02,
    "T_3": 0.02,
    "U": 0.5,
    "mu": 1.2,
}


def _C(**changes: float) -> float:
    return float(figure(**changes).concurrence())


@judge("quoted-above-099")
def above(rng: Generator) -> Found:
    C = _C(U=15.0, mu=8.0)
    merged = concurrence_again(U=15.0, mu=8.0, one_per_energy=True)
    return found(larger("C at U = 15 T, μ = 8 T", C=C, stated=0.99), C=C, merged=merged)


@judge("quoted-025")
def quarter(rng: Generator) -> Found:
    C = _C(U=15.0, mu=15.0)
    return found(
        larger("C at U = μ = 15 T is 0.25 to its two digits", half_a_digit=0.005, off=abs(C - 0.25)),
        C=C,
        large=_C(U=300.0, mu=300.0),
    )


@judge("loss-by-double-excitations")
def doubles(rng: Generator) -> Found:
    blocked, left, right = _C(U=INF, mu=15.0), dense.fermi(1.0, 1.0), dense.fermi(16.0, 1.0)
    return found(
        larger("C without double excitations (U = ∞, same μ)", C=blocked, high=0.999),
        larger("the left reservoir's second absorption against the right one's", left=left, right=right),
        blocked=blocked,
        left=left,
        right_rate=right,
    )


@cache
def _map() -> tuple[Array, Array]:
    """Potentials over T, and C over (U, mu) at the parameters of figure 3."""
    x = np.linspace(0.0, 20.0, 201)
    return x, np.asarray(figure(U=0.0, mu=0.0).replace(U=x[:, None], mu=x).concurrence())


def _corner(least: float) -> tuple[float, float]:
    """Smallest U and mu of figure 3 at which C exceeds `least`."""
    x, C = _map()
    return float(x[(least < C).any(axis=1)].min()), float(x[(least < C).any(axis=0)].min())


@judge("reasonable-parameters")
def reasonable(rng: Generator) -> Found:
    _, C = _map()
    top = (C > 0.99).mean()
    return found(
        larger("share of the square 0…20 T with C > 0.99", share=top, nothing=0.0),
        wide=(C > NEAR_MAXIMAL).mean(),
        top=top,
        U=_corner(0.99)[0],
    )


@judge("near-maximal-where-both-are-large")
def both_large(rng: Generator) -> Found:
    U, mu = _corner(NEAR_MAXIMAL)
    _, C = _map()
    return found(
        larger("share of the square 0…20 T with C > 0.9", share=(C > NEAR_MAXIMAL).mean(), a_tenth=0.1),
        larger("smallest U/T and μ/T of that range", least=np.array([U, mu]), well_above_one=4.0),
        U=U,
        mu=mu,
    )


def _cold(rng: Generator, what: str, domain: Domain) -> Found:
    """A statement that is true at T >= eps (a hunt for C > 0.9) and fails in the cold machine."""

    def margin(part: Array | float = 0.0, U_over_T: Array | None = None, **p: Array) -> Array:
        U = part * p["mu_over_T"] if U_over_T is None else U_over_T
        return np.asarray(NEAR_MAXIMAL - finite(**p, U_over_T=U).concurrence())

    C = float(ThreeQubitMachine(**COLD).concurrence())
    broken = larger(f"{what}: C stays below 0.9 in the cold machine", COLD, bound=NEAR_MAXIMAL, C=C)
    return found(
        never_below(f"T ≥ ε, {what}: C ≤ 0.9", margin, domain, rng),
        breaks=(broken,),
        again=(again(broken, DENSE, lambda **p: {"C": concurrence_again(**p)}),),
        printed=NEAR_MAXIMAL,
        right=C,
        redfield=redfield(**COLD),
        electrons=redfield(electrons=True, **COLD),
    )


WARM: dict[str, Any] = {name: FINITE[name] for name in ("g13", "g23", "gamma_1", "gamma_3")} | {
    "T": Range(1.0, 20.0, log=True)
}


@judge("much-larger-than-the-qubit-energies")
def much_larger(rng: Generator) -> Found:
    return _cold(rng, "μ ≤ 2 T", WARM | {"U_over_T": FINITE["U_over_T"], "mu_over_T": Range(-5.0, 2.0)})


@judge("u-larger-than-mu")
def u_above_mu(rng: Generator) -> Found:
    return _cold(rng, "U ≤ μ", WARM | {"mu_over_T": FINITE["mu_over_T"], "part": Range(0.0, 1.0)})


@judge("figure-1-singlet")
def figure_one(rng: Generator) -> Found:
    g = {name: rng.uniform(0.01, 0.5, DRAWS) for name in ("g13", "g23")}
    machine = figure(U=INF, mu=INF)
    equal = machine.replace(g13=g["g13"], g23=g["g13"]).fidelity("singlet")
    closed = (g["g13"] + g["g23"]) ** 2 / (2 * g["g13"] ** 2 + 2 * g["g23"] ** 2)
    return found(
        equals("fidelity with the singlet at equal couplings", equal, np.ones(DRAWS), g),
        equals("and at others against the closed form", machine.replace(**g).fidelity("singlet"), closed, g),
    )
