"""Imperfections, the form of the jumps, what lies beyond eq. (2), and correlations."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common.optimise import maximise
from qte.ledger import second
from qte.ledger.checks import Domain, Range, Signed
from qte.ledger.entries import judge
from qte.ledger.forms import close, equals, larger, never_below
from qte.ledger.judged import Found, again, found
from qte.ledger.numbers import rounded
from qte.machines.three_qubit import ThreeQubitMachine
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025 import equations as eq
from qte.papers.khandelwal2025.parts import (
    FIGURE,
    FINITE,
    INF,
    Array,
    Complex,
    concurrence_again,
    drawn,
    figure,
    finite,
    four_states,
    redfield,
)  # fmt: skip
from qte.physics.entanglement import concurrence
from qte.physics.generators import Channel, Term
from qte.physics.generators import Generator as MasterEquation
from qte.solver.steady import steady_state

DENSE = "dense null vector of 64 equations"
# Half-width of the reservoirs' bands for the Lamb shift.
BAND = 1e4


@judge("concurrence-formula")
def formula(rng: Generator) -> Found:
    domain: Domain = {
        **FINITE,
        "T": Range(0.5, 20.0, log=True),
        "U_over_T": Range(0.0, 6.0),
        "mu_over_T": Range(-3.0, 8.0),
        "dephasing": Range(1e-5, 0.3, log=True),
    }

    p = drawn(domain, rng)
    rho = dense.first_pair(finite(**p).steady_state().rho)
    printed = eq.concurrence(np.abs(rho[:, 1, 2]), rho[:, 0, 0].real, rho[:, 3, 3].real)
    return found(
        equals("the formula against Wootters' concurrence", printed, dense.wootters(rho), p, scale=1.0)
    )


@judge("all-states-take-part")
def all_states(rng: Generator) -> Found:
    # where p_111 stands out from round-off
    domain: Domain = {**FINITE, "U_over_T": Range(0.0, 6.0), "mu_over_T": Range(0.0, 12.0)}
    populations = np.einsum("kii->ki", finite(**drawn(domain, rng)).steady_state().rho).real
    return found(larger("every population at random machines", population=populations, nothing=0.0))


@judge("small-deviations")
def small_deviations(rng: Generator) -> Found:
    rates = {name: FINITE[name] for name in ("gamma_1", "gamma_3")}
    domain: Domain = {**rates, "change": Signed(1e-3, 0.1), "g23": Range(0.01, 0.3, log=True)}

    def margin(change: Array, g23: Array, **p: Array) -> Array:
        m = ThreeQubitMachine(**p, g13=g23 * (1 + change), g23=g23, T_1=1.0, T_3=1.0, U=INF, mu=INF)
        return np.asarray(m.concurrence() - 0.99)

    def detuned(*raised: float) -> float:
        levels = {f"raised_{k + 1}": 0.05 * r for k, r in enumerate(raised)}
        return float(2 * abs(four_states(**levels).steady()[1, 2]))

    tenth = [detuned(*(0.1 * np.eye(3)[k])) for k in range(3)]
    return found(
        never_below("couplings up to 10 per cent apart: C ≥ 0.99", margin, domain, rng),
        larger("C with qubit 1, 2 or 3 raised by g/10", C=np.array(tenth), near_maximal=0.99),
        tenth=min(tenth) - 5e-5,
        first=detuned(1, 0, 0),
        second=detuned(0, 1, 0),
        halves=detuned(0.5, -0.5, 0),
    )


@judge("mu-3-without-impact")
def mu_3(rng: Generator) -> Found:
    def moved(U: float, mu: float, mu_3: float) -> float:
        return float(figure(U=U, mu=mu, mu_3=mu_3).concurrence() - figure(U=U, mu=mu).concurrence())

    at = FIGURE | {"U": 15.0, "mu": 8.0, "mu_3": 1.0}
    change = moved(15.0, 8.0, 1.0)
    broken = larger("C at U = 15 T, μ = 8 T does not move at all", at, round_off=1e-10, change=abs(change))

    def dense_change(**p: float) -> dict[str, float]:
        return {"change": abs(float(concurrence_again(**p) - concurrence_again(**(p | {"mu_3": 0.0}))))}

    better = redfield(U=15.0, mu=8.0, mu_3=1.0) - redfield(U=15.0, mu=8.0)
    small = np.array([moved(15.0, 8.0, s) for s in (-0.1, 0.1)])
    return found(
        larger("change of C for |μ_3| ≤ T/10 at U = 15 T, μ = 8 T", bound=1e-3, change=np.abs(small)),
        breaks=(broken,),
        again=(again(broken, DENSE, dense_change),),
        printed=0.0,
        right=change,
        small=small[1],
        far=moved(10.0, 5.0, 1.0),
        missing=1 - figure(U=15.0, mu=8.0).concurrence(),
        redfield=better,
    )


@judge("robust-scheme")
def robust(rng: Generator) -> Found:
    U, mu = np.array([15.0, 20.0, 30.0]), np.array([8.0, 10.0, 15.0])
    C = figure(U=0.0, mu=0.0).replace(U=U, mu=mu).concurrence()
    # D[s_z] is four times D[s_+ s_-]
    noise = np.array([1e-3, 5e-4, 2.5e-4])
    dull = figure(U=INF, mu=INF).replace(dephasing=noise).concurrence()
    at = FIGURE | {"dephasing": 1e-3}
    return found(
        larger("C at three finite U and μ", C=C, near_maximal=0.99),
        beyond=(larger("C under D[σ_z] on every qubit, of the rate γ/100", at, C=dull[0], near_maximal=0.9),),
        first=C[0],
        second=C[1],
        third=C[2],
        whole=dull[0],
        half=dull[1],
        number=dull[2],
    )


@judge("local-dissipation")
def local_dissipation(rng: Generator) -> Found:
    def moved(part: float) -> float:
        p: dict[str, Any] = {name: part * FIGURE[name] for name in ("g13", "g23", "gamma_1", "gamma_3")} | {
            "U": 15.0,
            "mu": 8.0,
        }
        return float(abs(redfield(**p) - concurrence_again(**p, one_per_energy=True)))

    return found(
        larger(
            "change of C by the couplings inside the jumps, U = 15 T, μ = 8 T", bound=1e-4, change=moved(1.0)
        ),
        moved=moved(1.0),
        less=moved(0.1),
    )


@judge("one-operator-per-configuration")
def per_configuration(rng: Generator) -> Found:
    def apart(U: float, mu: float) -> float:
        return float(figure(U=U, mu=mu).concurrence())

    at = FIGURE | {"U": 15.0, "mu": 15.0}
    printed, right = apart(15.0, 15.0), _one_operator_an_energy(15.0, 15.0)
    near = apart(15.0, 8.0), _one_operator_an_energy(15.0, 8.0)
    broken = larger(
        "the two forms agree to three digits at U = μ = 15 T", at, bound=1e-3, difference=abs(printed - right)
    )

    def difference(**p: float) -> dict[str, float]:
        return {
            "difference": abs(float(concurrence_again(**p) - concurrence_again(**p, one_per_energy=True)))
        }

    return found(
        close(
            "C at U = 60 T, μ = 30 T, one operator for each energy",
            _one_operator_an_energy(60.0, 30.0),
            1.0,
            1e-9,
        ),
        larger("difference of C at U = 15 T, μ = 8 T", bound=1e-3, C=abs(near[0] - near[1])),
        breaks=(broken,),
        again=(again(broken, DENSE + ", both forms", difference),),
        printed=printed,
        right=right,
        electrons=concurrence_again(U=15.0, mu=15.0, one_per_energy=True, electrons=True),
        near=near[1],
        near_printed=near[0],
        redfield=redfield(U=15.0, mu=15.0),
        redfield_electrons=redfield(electrons=True, U=15.0, mu=15.0),
    )


def _one_operator_an_energy(U: float, mu: float) -> float:
    """Concurrence at the figures' parameters with the jumps of one energy added, by the library's solver."""
    channels = []
    for j, potential in ((1, mu), (3, 0.0)):
        for group in dense.BY_ENERGY:
            jump = sum((eq.eq02_jump(j, p, q) for p, q in group), np.zeros((8, 8)))
            above = 1.0 + sum(group[0]) * U - potential
            channels.append(Channel.of(j, 0.1 * dense.fermi(above, 1.0), jump, 1))
            channels.append(Channel.of(j, 0.1 * dense.fermi(-above, 1.0), jump.T, -1))
    h = (Term.of(1.0, eq.eq01_hamiltonian(1.0, 0.05, 0.05, U)),)
    return float(concurrence(dense.first_pair(steady_state(MasterEquation(h, tuple(channels))).rho)))


@judge("lamb-shift")
def lamb_shift(rng: Generator) -> Found:
    def resonance(gamma: float) -> float:
        p = FIGURE | {"U": 15.0, "mu": 8.0, "gamma_1": gamma, "gamma_3": gamma}

        def C(raised: Array) -> Array:
            states = [dense.redfield(p, electrons=True, band=BAND, raised=float(r)) for r in np.ravel(raised)]
            return np.array([second.concurrence(dense.first_pair(rho)) for rho in states]).reshape(
                np.shape(raised)
            )

        # the top is flat, and its place known to three digits
        return rounded(float(maximise(C, -0.2 * gamma, 0.2 * gamma, tolerance=1e-4).x), 3)

    shift, tenth = resonance(0.1), resonance(0.01)
    closed = 0.1 / (2 * np.pi) * el.log((15.0 + 1 - 8.0) / (8.0 - 1))
    return found(
        close("gap of qubit 1 at the largest concurrence against the closed form", shift, closed, 0.05),
        close("a tenth of γ moves it by a tenth", tenth, shift / 10, 0.05),
        shift=shift,
        part=shift / 0.05,
        tenth=tenth,
        closed=closed,
    )


@judge("beyond-the-lindblad-equation")
def second_order(rng: Generator) -> Found:
    width, raised, middle, sides = 200.0, 0.002, 8.5, (5.0, 15.0)

    def C(U: float, mu: float, width: float = width, **changes: float) -> float:
        return float(
            second.concurrence(
                dense.first_pair(dense.second_order(FIGURE | {"U": U, "mu": mu}, width, **changes))
            )
        )

    deep, between = C(20.0, 10.0), C(15.0, middle)
    low, high = (C(20.0, mu) for mu in sides)
    return found(
        larger(
            "C at U = 20 T, μ = 10 T and in the middle at U = 15 T", C=np.array([deep, between]), stated=0.98
        ),
        close("bands twice as wide", C(20.0, 10.0, 2 * width), deep, 1e-3),
        C=deep,
        local=figure(U=20.0, mu=10.0).concurrence(),
        middle=between,
        at_middle=middle,
        example=C(15.0, 8.0),
        wider=C(15.0, 8.0, 2 * width),
        tuned=C(15.0, 8.0, raised=raised),
        low=low,
        high=high,
        at_low=sides[0],
        at_high=sides[1],
        raised=raised,
        width=width,
    )


@judge("strongest-correlations")
def strongest(rng: Generator) -> Found:
    ideal, near = (
        _chsh(dense.first_pair(figure(U=U, mu=mu).steady_state().rho)) for U, mu in ((INF, INF), (15.0, 8.0))
    )
    return found(
        close("CHSH in the limit is 2√2", ideal, 2 * np.sqrt(2), 1e-9),
        larger("CHSH at U = 15 T, μ = 8 T", CHSH=near, classical=2.0),
        near=near,
    )


def _chsh(rho: Complex) -> float:
    """Largest CHSH value of two qubits."""
    x, z = np.array([[0, 1], [1, 0]], dtype=complex), np.diag([1.0, -1.0]).astype(complex)
    paulis = (x, 1j * x @ z, z)
    t = np.array([[np.trace(rho @ np.kron(a, b)).real for b in paulis] for a in paulis])
    values = np.sort(np.linalg.eigvalsh(t.T @ t))
    return float(2 * np.sqrt(values[1] + values[2]))
