"""Claims of khandelwal2025 about currents and time scales (figure 2 and the text around it)."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from scipy.optimize import brentq

from qte.ledger import second
from qte.ledger.checks import Check, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, holds, undecided
from qte.machines.three_qubit import ThreeQubitMachine
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025.parts import (
    FIGURE,
    FINITE,
    INF,
    LIMIT,
    Array,
    Complex,
    below,
    figure,
    finite,
    ideal,
    sink_rates,
)  # fmt: skip
from qte.solver.thermodynamics import energy_current

# Our reading of the legend of figure 2, which is lost in our copy of the text.
GAMMAS = (0.01, 0.05, 0.1)
REACHED = 0.99


def _four_states(gamma: float, g13: float = 0.05, g23: float = 0.05) -> dense.Blockade:
    """The ideal limit on its four states, by the second method."""
    return dense.blockade(3, [(0, 2, g13), (1, 2, g23)], {0: (gamma, 0.0), 2: sink_rates(gamma)})


def _gap_again(gamma: float, g13: float = 0.05, g23: float = 0.05) -> float:
    """Smallest decay rate of the four states (T = eps), by the second method."""
    machine = _four_states(gamma, g13, g23)
    rates = -np.linalg.eigvals(second.liouvillian(machine.h, machine.jumps)).real
    return float(np.sort(rates)[1])


def _fidelity_again(gamma: float, time: float) -> float:
    machine = _four_states(gamma)
    return float(dense.overlap(machine.from_empty(time), machine.vector([1.0, -1.0, 0.0])))


def _reached(gamma: float, start: str = "000") -> float:
    """Time in 1/eps at which the fidelity with the singlet is 0.99."""
    machine = figure(U=INF, mu=INF, gamma_1=gamma, gamma_3=gamma)

    def missing(time: float) -> float:
        return float(machine.evolve(start, [time]).fidelity("singlet")[0]) - REACHED

    return float(brentq(missing, 1.0, 1e3 / gamma, xtol=1e-9, rtol=1e-13))


@claim(
    "opposite-currents",
    place="Current at ideal operation",
    says="The currents from the reservoirs of high and of low bias have opposite signs.",
)
def opposite(rng: Generator) -> Evidence:
    def margin(**p: Array) -> Array:
        machine = finite(**p)
        q1, q3 = machine.heat_current(1), machine.heat_current(3)
        return np.asarray(-q1 * q3 / (p["gamma_1"] + p["gamma_3"]) ** 2)

    path = figure(U=INF, mu=INF).evolve("000", [0.0, 1.0])
    first, third = path.heat_current(1), path.heat_current(3)

    def sink_current(time: float) -> float:
        return float(figure(U=INF, mu=INF).evolve("000", [time]).heat_current(3)[0])

    turns = float(brentq(sink_current, 1.0, 50.0, xtol=1e-10))
    return conditional(
        inside=(hunt("in the steady state Q_1 Q_3 <= 0", margin, FINITE, rng),),
        outside=(
            fact(
                "on the way from |000>, the path of figure 2",
                bool(first[0] * third[0] <= 0),
                {**FIGURE, "U": "inf", "mu": "inf", "t": 0.0},
                Q_1_over_eps_squared=first[0],
                Q_3_over_eps_squared=third[0],
                Q_3_turns_negative_at_eps_t=turns,
            ),
        ),
        conditions="The steady state, where energy conservation demands it.",
        finding="At first both reservoirs fill the empty machine: Q_1 = gamma_1 eps, Q_3 = gamma_3 n_F(eps) eps > 0.",
        consequence="None; J = (Q_1 - Q_3)/2 is a definition.",
        second=confirm(
            "closed form at t = 0", Q_1=(first[0], 0.1), Q_3=(third[0], 0.1 * float(dense.fermi(1.0, 1.0)))
        ),
    )


@claim(
    "current-drops-to-zero",
    place="Current at ideal operation; figure 2a",
    says="From |000> the energy current starts from a value other than zero and drops to zero.",
)
def drops(rng: Generator) -> Evidence:
    checks = []
    for gamma in GAMMAS:
        path = figure(U=INF, mu=INF, gamma_1=gamma, gamma_3=gamma).evolve(
            "000", np.linspace(0, 500 / gamma, 1001)
        )
        J = path.net_current()
        numbers = {
            "J at t = 0 over gamma eps": J[0] / gamma,
            "J at t = 500/gamma over gamma eps below": below(J[-1] / gamma),
        }
        checks.append(
            fact(f"gamma = {gamma} eps", bool(J[0] > 0.3 * gamma and abs(J[-1]) < 1e-12), **numbers)
        )
    return holds(
        *checks,
        method="evolution in the limit, g = 0.05 eps, T = eps",
        finding="J(0) = gamma eps (1 - n_F(eps))/2, then down to zero.",
    )


@claim(
    "dark-and-without-current",
    place="Current at ideal operation",
    says="In the limit no current flows in the steady state though the reservoirs are far from equilibrium with each other; "
    "the sink and the empty state play no role at long times.",
)
def dark(rng: Generator) -> Evidence:
    def margin(**p: Array) -> Array:
        machine = ideal(**p)
        state = machine.steady_state(method="lapack")
        rho = state.rho
        first, third = (energy_current(machine.generator, state.unknowns, r) for r in (1, 3))
        empty = rho[:, 6, 6].real + rho[:, 7, 7].real
        flow = (np.abs(first) + np.abs(third)) / (p["gamma_1"] + p["gamma_3"])
        return np.asarray(-flow - empty)

    return holds(
        hunt("Q_1 = Q_3 = 0 and |001>, |000> are empty", margin, LIMIT, rng),
        finding="Zero to round-off for all couplings, temperatures and sink potentials.",
    )


@claim(
    "bright-away-from-the-limit",
    place="Current at ideal operation",
    says="A deviation from the limit drives the machine to a mixed state with a current, which can still be considerably "
    "entangled.",
)
def bright(rng: Generator) -> Evidence:
    def margin(**p: Array) -> Array:
        machine = finite(**{**p, "mu_over_T": p["mu_over_T"] + 0.5})
        rho = machine.steady_state().rho
        mixed = 1 - np.einsum("kij,kji->k", rho, rho).real
        flows = machine.net_current() / (p["gamma_1"] + p["gamma_3"])
        # a value of 1 where both are positive, however small
        return np.asarray(np.minimum(np.sign(mixed), np.sign(flows)))

    point = {**FIGURE, "T_1": 0.0, "T_3": 0.0, "U": 0.5, "mu": 1.2}
    cold = ThreeQubitMachine(**point)
    near = figure(U=15.0, mu=8.0)
    again = _absolute_zero()
    return conditional(
        inside=(
            hunt("T > 0: J > 0 and purity < 1", margin, FINITE, rng),
            fact(
                "C > 0.99 with a current",
                bool(near.concurrence() > 0.99),
                C=near.concurrence(),
                J_over_eps_squared=near.net_current(),
            ),
        ),
        outside=(
            fact(
                "T = 0, mu = 1.2 eps, U = 0.5 eps is mixed and bright",
                bool(cold.net_current() > 0),
                point,
                C=cold.concurrence(),
                J=float(cold.net_current()),
            ),
        ),
        conditions="T_1 > 0. At T = 0 the machine is exactly ideal for all eps < mu < eps + U, mu_3 < eps.",
        finding="At finite temperature every finite U and mu lets a current through. At T = 0 the Fermi functions are steps and "
        "finite U and mu are as good as infinite ones.",
        second=confirm(
            "dense null vector of 64 equations with rates 0 and gamma", C=(cold.concurrence(), again)
        ),
    )


def _absolute_zero() -> Array:
    """Concurrence at T = 0 from the jumps whose Fermi functions are steps."""
    h, jumps = dense.three_qubits(**(FIGURE | {"T_1": 1e-3, "T_3": 1e-3}), U=0.5, mu=1.2)
    stepped = [(0.1 * np.round(rate / 0.1), jump) for rate, jump in jumps[1] + jumps[3]]
    rho: Complex = second.steady(h, stepped)
    return second.concurrence(dense.first_pair(rho))


@claim(
    "larger-coupling-faster",
    place="Time-scale and entanglement generation away from ideal operation",
    says="The larger the coupling to the reservoirs, the shorter the time until the steady state.",
)
def faster(rng: Generator) -> Evidence:
    x = np.geomspace(1e-3, 3.0, 40)[:, None, None]
    T, ratio = np.array([0.3, 1.0, 10.0])[:, None], np.array([0.5, 1.0, 2.0])
    p = {"g13": 0.01 * ratio, "g23": 0.01, "gamma_1": 0.01 * x, "gamma_3": 0.01 * x, "T_1": T, "T_3": T}
    gap = ThreeQubitMachine(**p, U=INF, mu=INF).liouvillian_gap()
    slope = np.diff(np.log(gap), axis=0).min()

    def at(gamma: float, g: float = 0.05) -> float:
        return float(figure(U=INF, mu=INF, gamma_1=gamma, gamma_3=gamma, g13=g, g23=g).liouvillian_gap())

    grid = np.linspace(0.3, 0.4, 1001)
    gaps = figure(U=INF, mu=INF).replace(gamma_1=grid, gamma_3=grid).liouvillian_gap()
    return conditional(
        inside=(
            fact(
                "gamma up to 3 g_23: the gap grows with gamma",
                bool(slope > 0),
                points=360,
                least_logarithmic_step=slope,
            ),
        ),
        outside=(
            fact(
                "g = 0.05 eps: gamma = eps is faster than gamma = 0.35 eps",
                at(1.0) > at(0.35),
                {**FIGURE, "gamma": 1.0},
                gap_at_035=at(0.35),
                gap_at_1=at(1.0),
                fastest_at_gamma_over_eps=grid[np.argmax(gaps)],
            ),
            fact(
                "g = 0.005 eps, within the bounds the paper sets: gamma = 0.1 eps is faster than 0.03 eps",
                at(0.1, 0.005) > at(0.03, 0.005),
                {"g": 0.005, "gamma": 0.1, "T": 1.0},
                gap_at_003=at(0.03, 0.005),
                gap_at_01=at(0.1, 0.005),
            ),
        ),
        conditions="gamma below about 7 g; the values of figure 2 are. Beyond, the gap falls like g^2/gamma.",
        method="smallest decay rate of the whole Liouvillian in the limit",
        finding="A strong reservoir holds qubit 3 fast (a Zeno effect) and slows the transfer into it.",
        consequence="None for figure 2.",
        second=confirm(
            "eigenvalues of the 16 x 16 Liouvillian of the four states",
            gap_at_035=(at(0.35), _gap_again(0.35)),
            gap_at_1=(at(1.0), _gap_again(1.0)),
        ),
    )


@claim(
    "time-scale-one-over-gamma",
    place="Time-scale and entanglement generation away from ideal operation",
    says="The time scale is controlled by the couplings to the reservoirs and of the order of 1/gamma.",
)
def one_over_gamma(rng: Generator) -> Evidence:
    weak = np.array([1e-4, 0.01, 0.05, 0.1])
    ratio = figure(U=INF, mu=INF).replace(gamma_1=weak, gamma_3=weak).liouvillian_gap() / weak
    strong = float(figure(U=INF, mu=INF, gamma_1=1.0, gamma_3=1.0).liouvillian_gap())
    skew = (
        float(figure(U=INF, mu=INF, g13=0.5, g23=0.05, gamma_1=1e-3, gamma_3=1e-3).liouvillian_gap()) / 1e-3
    )
    return conditional(
        inside=(
            fact(
                "equal couplings, gamma <= 2 g, T = eps: gap between gamma/10 and gamma",
                bool(((ratio > 0.1) & (ratio < 1)).all()),
                **{f"gap over gamma at gamma = {g} eps": r for g, r in zip(weak, ratio, strict=True)},
            ),
        ),
        outside=(
            fact(
                "gamma = 20 g: gap above gamma/50",
                strong > 0.02,
                {**FIGURE, "gamma": 1.0},
                gap_over_gamma=strong,
            ),
            fact(
                "g_13 = 10 g_23: gap above gamma/50",
                skew > 0.02,
                {**FIGURE, "g13": 0.5, "gamma": 1e-3},
                gap_over_gamma=skew,
            ),
        ),
        conditions="gamma not above g, and g_13 not far above g_23. For equal couplings and T = eps the time is 8.3/gamma.",
        method="smallest decay rate of the whole Liouvillian in the limit",
        finding="The order of magnitude holds with a factor of 8. For gamma far above g the scale is gamma/g^2 instead, and for "
        "g_13 far above g_23 it is longer by (g_13/g_23)^2, as |100> hardly overlaps with the dark state.",
        second=confirm(
            "eigenvalues of the 16 x 16 Liouvillian of the four states",
            strong=(strong, _gap_again(1.0)),
            skew=(skew, _gap_again(1e-3, 0.5, 0.05) / 1e-3),
        ),
    )


@claim(
    "slowest-eigenvalue-sets-the-time",
    place="Time-scale and entanglement generation away from ideal operation",
    says="The relaxation time is set by the Liouvillian eigenvalue with the largest real part below zero, whatever the "
    "initial state.",
)
def slowest(rng: Generator) -> Evidence:
    inside: list[Check] = []
    machine = figure(U=INF, mu=INF)
    gap = float(machine.liouvillian_gap())
    for start in ("000", "100", "010", "001"):
        left = 1 - machine.evolve(start, [800.0, 1000.0]).fidelity("singlet")
        rate = float(np.log(left[0] / left[1]) / 200)
        inside.append(
            fact(
                f"from |{start}>",
                abs(rate / gap - 1) < 1e-4,
                late_decay_over_the_gap=round(rate / gap, 6),
                fidelity_099_at_eps_t=_reached(0.1, start),
            )
        )
    psi = (np.eye(8)[3] - np.eye(8)[5]) / np.sqrt(2)
    still = float(machine.evolve(psi, [100.0]).fidelity("singlet")[0])
    four = _four_states(0.1)
    vector = four.vector([1.0, -1.0, 0.0])
    again = dense.overlap(dense.evolved(four.h, four.jumps, np.outer(vector, vector.conj()), 100.0), vector)
    return conditional(
        inside=tuple(inside),
        outside=(
            fact(
                "an initial state that is the steady state relaxes at the same rate",
                still < 1 - 1e-9,
                {**FIGURE, "start": "singlet"},
                fidelity_at_eps_t_100=round(still, 9),
            ),
        ),
        conditions="Initial states that have a part in the slowest mode: all but special ones.",
        method="late decay of 1 - F against the gap of the Liouvillian",
        finding="The late rate is the gap from every basis state; times to F = 0.99 differ by some 15 per cent.",
        second=confirm("dense evolution of four states", fidelity=(still, again)),
    )


@claim(
    "within-a-few-microseconds",
    place="Time-scale and entanglement generation away from ideal operation; figure 2b",
    says="With eps of 1 GHz the steady state is reached within a few microseconds for all three couplings shown.",
)
def microseconds(rng: Generator) -> Evidence:
    times = {gamma: _reached(gamma) for gamma in GAMMAS}
    slow = _reached(0.001)
    return conditional(
        inside=tuple(
            fact(
                f"gamma = {gamma} eps",
                time < 5000,
                microseconds_if_eps_over_hbar_is_1e9_per_s=time / 1e3,
                microseconds_if_eps_over_h_is_1_GHz=time / 1e3 / (2 * np.pi),
            )
            for gamma, time in times.items()
        ),
        outside=(
            fact(
                "gamma = 0.001 eps within 5 microseconds",
                slow < 5000,
                {"gamma": 0.001},
                microseconds=slow / 1e3,
            ),
        ),
        conditions="gamma at or above 0.0071 eps for F = 0.99 within 5 microseconds, eps/hbar = 10^9 per second. The legend "
        "of figure 2 is lost in our copy; 0.01, 0.05 and 0.1 are our reading.",
        method="time at which the fidelity is 0.99, from |000> in the limit",
        finding="'A few' fits eps/hbar = 10^9 per second; read as eps/h = 1 GHz all times are shorter by 2 pi and the slowest "
        "curve takes 0.565 microseconds.",
        second=confirm(
            "dense evolution of four states",
            **{
                f"F at gamma {gamma}": (REACHED, _fidelity_again(gamma, time))
                for gamma, time in times.items()
            },
        ),
    )


@claim(
    "platform-scales",
    place="Time-scale and entanglement generation away from ideal operation; Discussion",
    says="1 GHz is the scale of superconducting qubits, one or two orders more that of quantum dots, and the machine is "
    "within experimental reach.",
)
def platforms(rng: Generator) -> Evidence:
    return undecided("It is about laboratories. All times scale as 1/eps at fixed ratios of the parameters.")
