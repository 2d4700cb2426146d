"""Currents and time scales: figure 2 and the text around it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator
from scipy.optimize import brentq

from qte.common import elementary as el
from qte.common.optimise import maximise
from qte.ledger import second
from qte.ledger.checks import Range
from qte.ledger.entries import judge
from qte.ledger.forms import close, fact, larger, negligible, never_below, rises, vanishes
from qte.ledger.judged import Found, again, found
from qte.machines.three_qubit import ThreeQubitMachine
from qte.papers.khandelwal2025.parts import (
    DRAWS,
    FIGURE,
    FINITE,
    INF,
    LIMIT,
    Array,
    drawn,
    figure,
    finite,
    four_states,
    ideal,
)  # fmt: skip
from qte.solver.thermodynamics import energy_current

# Our reading of the legend of figure 2, which is lost in our copy of the text.
GAMMAS = (0.01, 0.05, 0.1)
REACHED = 0.99
FOUR = "eigenvalues of the 16 × 16 Liouvillian of the four states"


def _limit(**changes: float) -> ThreeQubitMachine:
    return figure(U=INF, mu=INF, **changes)


def _reached(gamma: float, start: str = "000") -> float:
    """Time in 1/eps at which the fidelity with the singlet is 0.99."""
    machine = _limit(gamma_1=gamma, gamma_3=gamma)

    def missing(time: float) -> float:
        return float(machine.evolve(start, [time]).fidelity("singlet")[0]) - REACHED

    return float(brentq(missing, 1.0, 1e3 / gamma, xtol=1e-9, rtol=1e-13))


def _gap(g13: float, g23: float, gamma_1: float, gamma_3: float, **_: float) -> float:
    """Smallest decay rate in the limit, T = eps."""
    return float(_limit(g13=g13, g23=g23, gamma_1=gamma_1, gamma_3=gamma_3).liouvillian_gap())


def _gap_again(g13: Any, g23: Any, gamma_1: Any, gamma_3: Any, T: float = 1.0, **_: float) -> Array:
    """The same of the four states, by the second method, shape (...)."""
    machine = four_states(g13, g23, gamma_1, gamma_3, T)
    decay = np.sort(-np.linalg.eigvals(second.liouvillian(machine.h, machine.jumps)).real, axis=-1)
    return np.asarray(decay[..., 1])


@judge("opposite-currents")
def opposite(rng: Generator) -> Found:
    def sink(time: float) -> float:
        return float(_limit().evolve("000", [time]).heat_current(3)[0])

    def dense_start(**_: float) -> dict[str, float]:
        machine = four_states()
        empty, h = np.diag([1.0, 0, 0, 0]).astype(complex), machine.h + np.diag([0.0, 1, 1, 1])
        flows = [second.energy_flow(h, part, empty) for part in (machine.jumps[:2], machine.jumps[2:])]
        return {"Q_1": float(flows[0]), "Q_3": float(flows[1])}

    p = drawn(FINITE, rng)
    steady = finite(**p)
    heat = [steady.heat_current(r) for r in (1, 3)]
    size = (p["gamma_1"] + p["gamma_3"]) * (1 + p["T"] * p["U_over_T"])
    start = _limit().evolve("000", [0.0])
    first, third = float(start.heat_current(1)[0]), float(start.heat_current(3)[0])
    broken = fact(
        "opposite on the path of figure 2a, at t = 0", first * third <= 0, FIGURE, Q_1=first, Q_3=third
    )
    return found(
        breaks=(broken,),
        rest=(vanishes("Q_1 + Q_3 in the steady state", sum(heat), p, scale=size),),
        again=(again(broken, "dense Tr(H D_j ρ) on the four states", dense_start),),
        printed=-third,
        right=third,
        turns=float(brentq(sink, 1.0, 50.0, xtol=1e-10)),
    )


@judge("current-drops-to-zero")
def drops(rng: Generator) -> Found:
    paths = [
        _limit(gamma_1=x, gamma_3=x).evolve("000", np.linspace(0, 500 / x, 1001)).net_current() / x
        for x in GAMMAS
    ]
    first, last = (np.array([J[k] for J in paths]) for k in (0, -1))
    return found(
        larger("J(0)/γε for the three γ", J=first, a_third=0.3),
        negligible("J(500/γ)/γε", last),
        start=first[0],
    )


@judge("dark-and-without-current")
def dark(rng: Generator) -> Found:
    def margin(**p: Array) -> Array:
        machine = ideal(**p)
        state = machine.steady_state(method="dense")
        flows = [np.abs(energy_current(machine.generator, state.unknowns, r)) for r in (1, 3)]
        empty = state.rho[:, 6, 6].real + state.rho[:, 7, 7].real
        return np.asarray(-sum(flows) / (p["gamma_1"] + p["gamma_3"]) - empty)

    return found(never_below("Q_1 = Q_3 = 0; |001⟩ and |000⟩ are empty", margin, LIMIT, rng))


@judge("bright-away-from-the-limit")
def bright(rng: Generator) -> Found:
    machine = finite(**drawn({**FINITE, "mu_over_T": Range(0.5, 25.0)}, rng, 100 * DRAWS))
    rho = machine.steady_state().rho
    rare = (machine.U < 12 * machine.T_1) & (machine.mu < 12 * machine.T_1)
    mixed = 1 - np.einsum("kij,kji->k", rho, rho).real
    at = FIGURE | {"T_1": 0.0, "T_3": 0.0, "U": 0.5, "mu": 1.2}
    cold, near = ThreeQubitMachine(**at), figure(U=15.0, mu=8.0)
    return found(
        larger("J of random machines, T > 0", J=machine.net_current(), nothing=0.0),
        larger("1 − purity of those with U and μ below 12 T", impurity=mixed[rare], nothing=0.0),
        larger("C at U = 15 T, μ = 8 T", C=near.concurrence(), considerable=REACHED),
        beyond=(larger("J at T = 0, μ = 6ε/5, U = ε/2", at, J=cold.net_current(), nothing=0.0),),
        C=near.concurrence(),
        J=near.net_current(),
        cold=cold.concurrence(),
    )


@judge("larger-coupling-faster")
def faster(rng: Generator) -> Found:
    def gaps(x: Array) -> Array:
        machines = (
            (0.01 * ratio, 0.01, 0.01 * x, 0.01 * x, T) for ratio in (0.5, 1.0, 2.0) for T in (0.3, 1.0, 10.0)
        )
        return np.stack([_gap_again(*machine) for machine in machines], axis=1)

    def small(gamma_1: Array, gamma_3: Any) -> Array:
        return _gap_again(0.005, 0.005, gamma_1, gamma_3)

    at = FIGURE | {"g13": 0.005, "g23": 0.005, "slower": 0.03}
    slower = at | {"gamma_1": at["slower"], "gamma_3": at["slower"]}
    two = {"at_gamma": _gap(**at), "at_slower": _gap(**slower)}
    broken = larger("the gap at γ = 0.1 ε exceeds that at 0.03 ε, g = 0.005 ε", at, **two)

    def gaps_again(slower: float, **p: float) -> dict[str, float]:
        return {
            "at_gamma": float(_gap_again(**p)),
            "at_slower": float(_gap_again(**(p | {"gamma_1": slower, "gamma_3": slower}))),
        }

    return found(
        rises("γ up to 3 g_23, nine machines: the gap", gaps, 1e-3, 3.0, of="gamma_over_g23", log=True),
        rises("γ_1 alone: the gap", lambda x: small(x, 0.1), 1e-3, 1.0, of="gamma_1", log=True),
        breaks=(broken,),
        again=(again(broken, FOUR, gaps_again),),
        printed=two["at_slower"],
        right=two["at_gamma"],
        best=float(maximise(lambda x: small(x, x), 1e-3, 0.1, scale="log").x) / 0.005,
    )


@judge("time-scale-one-over-gamma")
def one_over_gamma(rng: Generator) -> Found:
    weak = np.array([1e-4, 0.01, 0.05, 0.1])
    gap = _limit().replace(gamma_1=weak, gamma_3=weak).liouvillian_gap()
    points = [
        FIGURE | {"g13": 0.005, "g23": 0.005},
        FIGURE | {"g23": 0.005, "gamma_1": 1e-3, "gamma_3": 1e-3},
    ]
    broken = [
        larger(f"{what}: the time in 1/γ", at, bound=50.0, time=at["gamma_3"] / _gap(**at))
        for what, at in zip(("γ = 20 g", "g_13 = 10 g_23"), points, strict=True)
    ]
    by = [lambda **p: {"time": p["gamma_3"] / float(_gap_again(**p))}] * 2
    return found(
        larger("equal couplings, γ ≤ 2 g, T = ε: the time in 1/γ", bound=10.0, time=weak / gap),
        breaks=tuple(broken),
        again=tuple(again(check, FOUR, function) for check, function in zip(broken, by, strict=True)),
        printed=1.0,
        right=broken[0].measure["time"],
        skew=broken[1].measure["time"],
        figure=weak[-1] / gap[-1],
    )


@judge("slowest-eigenvalue-sets-the-time")
def slowest(rng: Generator) -> Found:
    machine, starts = _limit(), ("000", "100", "010", "001")
    left = np.array([1 - machine.evolve(start, [800.0, 1000.0]).fidelity("singlet") for start in starts])
    rates = el.log(left[:, 0] / left[:, 1]) / 200
    times = [_reached(0.1, start) for start in starts]
    gap = float(machine.liouvillian_gap())
    return found(
        *(
            close(f"late decay from |{s}⟩ is the gap", rate, gap, 1e-4)
            for s, rate in zip(starts, rates, strict=True)
        ),
        least=min(times),
        most=max(times),
    )


@judge("within-a-few-microseconds")
def microseconds(rng: Generator) -> Found:
    times = [_reached(gamma) / 1e3 for gamma in GAMMAS]
    least = brentq(lambda gamma: _reached(gamma) - 5000.0, 0.002, 0.05, xtol=1e-9)
    return found(
        larger("microseconds until F = 0.99 for the three γ", a_few=5.0, time=np.array(times)),
        slow=times[0],
        middle=times[1],
        fast=times[2],
        least=least,
    )
