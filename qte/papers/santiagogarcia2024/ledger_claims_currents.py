"""Ledger of santiagogarcia2024: claims on master equations and currents, sections II to IV and appendix B."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from numpy.random import Generator

from qte.ledger import second
from qte.ledger.checks import Range, compare, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, holds
from qte.machines.spin_chain import SpinChain
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import equations_appendix as ap
from qte.papers.santiagogarcia2024 import equations_global as eg
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, Complex
from qte.papers.santiagogarcia2024.trials import EVERYTHING, FIGURE, Case, stacked


@claim(
    "collisions-give-the-local-equation",
    place="sec. II",
    says="Short collisions with thermal units, strengths scaled by the square root of the duration, give the local "
    "master equation with rates gamma n and gamma (1 + epsilon n).",
)
def collisions(rng: Generator) -> Evidence:
    at: trials.Point = {"omega": 1.0, "g": 0.1, "gamma_L": 0.1, "gamma_R": 0.2, "T_L": 0.5, "T_R": 0.2}
    errors = []
    for units in ("bose", "fermi"):
        wanted = trials.pair_state(**at, statistics_L=units, statistics_R=units)
        for tau in (0.02, 0.01, 0.005):
            errors.append(float(np.abs(_collided(at, units, tau) - wanted).max()))
    ratios = [errors[0] / errors[1], errors[1] / errors[2], errors[3] / errors[4], errors[4] / errors[5]]
    return holds(
        fact(
            "the steady state of the collisions differs from that of (2) in proportion to their duration",
            max(errors) < 0.01 and all(abs(r - 2) < 0.05 for r in ratios),
            error_bosonic_units=errors[:3],
            error_two_level_units=errors[3:],
            ratios=ratios,
            durations="0.02, 0.01, 0.005",
        ),
        method="fixed point of the exact collision map (oscillator units with 30 levels, two-level units)",
        finding="The steady state approaches that of the local equation linearly in the duration, for both "
        "kinds of units.",
    )


@claim(
    "detailed-balance",
    place="sec. III",
    says="Absorption and emission obey detailed balance whatever the statistics.",
)
def detailed_balance(rng: Generator) -> Evidence:
    def ratio(case: Case) -> tuple[Any, ...]:
        rates = case.p.rates("L")
        return rates.plus / rates.minus, np.exp(-case.points["omega"] / case.points["T_L"])

    points, (printed, gibbs) = stacked(rng, ratio)
    return holds(
        compare("gamma^+/gamma^- against exp(-omega/T)", printed, gibbs, points),
        method="rates at random temperatures",
        finding="Exact for bosonic and fermionic baths.",
    )


@claim(
    "no-work-on-resonance",
    place="sec. II, III.1",
    says="On resonance the collisions cost no work: all the energy exchanged with the baths is heat of the bare "
    "systems.",
)
def no_work(rng: Generator) -> Evidence:
    def bond(case: Case) -> tuple[Any, ...]:
        k = case.points
        rho = trials.pair_state(**k, **case.kind)
        left, right = trials.pair_jumps(**k, **case.kind)
        flow = second.energy_flow(k["g"][:, None, None] * second.exchange(0, 1, 2), [*left, *right], rho)
        return flow, np.zeros_like(flow), np.abs(k["g"]) * (sum(case.p.rates("L")) + sum(case.p.rates("R")))

    points, (flow, zero, size) = stacked(rng, bond, kinds=trials.QUBITS)
    at: trials.Point = FIGURE | {"T_L": 1.0, "T_R": 0.1}
    plus = np.zeros((4, 4), dtype=complex)
    plus[1:3, 1:3] = 0.5
    left, right = trials.pair_jumps(**at)
    here = float(second.energy_flow(at["g"] * second.exchange(0, 1, 2), [*left, *right], plus))
    rates = sum(float(sum(trials.bridge(**at).rates(side))) for side in ("L", "R"))
    return conditional(
        inside=(
            compare("energy that the baths give to the bond, steady state", flow, zero, points, scale=size),
        ),
        outside=(
            fact(
                "the baths leave the bond's energy alone in the state (|10> + |01>)/sqrt(2)",
                here == 0,
                at=at,
                energy_per_time=here,
            ),
        ),
        conditions="In the steady state (and whenever the mean of H_S1S2 vanishes). Elsewhere the baths also "
        "damp the "
        "energy of the bond, which costs work at every collision.",
        method="Tr[H_S1S2 D rho] of two qubits, all four baths",
        finding="Right in the steady state, which is all that the paper uses: the mean bond energy vanishes there. "
        "It is not strictly zero in every collision.",
        second=confirm(
            "damping of the mean bond energy at half the sum of all rates",
            energy_per_time=(here, -rates / 2 * at["g"]),
        ),
    )


@claim("heat-balance", place="sec. III.1", says="In the steady state what one bath gives the other takes.")
def heat_balance(rng: Generator) -> Evidence:
    def flows(case: Case) -> tuple[Any, ...]:
        pair = trials.moments(**case.points, **case.kind)
        left, right = eq.eq04_heat_flow(case.p, "L", pair.first), eq.eq04_heat_flow(case.p, "R", pair.second)
        size = case.points["omega"] * (case.p.rates("L").plus + case.p.rates("R").plus)
        return left, -right, size

    points, (left, right, size) = stacked(rng, flows)
    return holds(
        compare("Q_L against -Q_R", left, right, points, scale=size),
        method="eq. (4) with the occupations of a dense solve of the moment equations",
        finding="Holds for all eight combinations of statistics.",
    )


@claim(
    "two-carry-less-than-one",
    place="sec. III.1",
    says="alpha lies between 0 and 1, so that two systems never carry more heat than one, for any parameters.",
)
def two_carry_less(rng: Generator) -> Evidence:
    def margin(*, g: Array, **k: Any) -> Array:
        ratio = trials.share(g=g, **k)
        return np.asarray(np.minimum(ratio, 1 - ratio))

    return holds(
        hunt("0 < J of two over J of one < 1", margin, EVERYTHING, rng),
        finding="No counterexample for any statistics, asymmetry or order of the temperatures; for T_L < T_R, "
        "where both "
        "currents are negative, it is a statement on their moduli.",
    )


@claim("no-bond-no-current", place="sec. III.1", says="Without coupling of the two systems no heat flows.")
def no_bond(rng: Generator) -> Evidence:
    def limit(case: Case) -> tuple[Any, ...]:
        tiny = Case(
            case.points | {"g": 1e-7 * np.sqrt(case.points["gamma_L"] * case.points["gamma_R"])}, case.kind
        )
        x = trials.bridge(**tiny.points, **tiny.kind)
        slow = 4e-14 / (x.factor("L") * x.factor("R"))
        return tiny.two.net_current() / tiny.one.net_current(), slow / (1 + slow)

    points, (found, square) = stacked(rng, limit)
    return holds(
        compare(
            "J of two over J of one at g = 1e-7 of the mean rate, against its g^2 law", found, square, points
        ),
        method="second moments of both systems, all eight combinations of statistics",
        finding="The current vanishes as g^2.",
    )


@claim(
    "small-ratio-means-alpha-one",
    place="sec. III.1",
    says="If gamma_L gamma_R is much smaller than 4g^2, alpha tends to 1 and two systems carry what one does.",
)
def small_ratio(rng: Generator) -> Evidence:
    def ratio(*, g: Array, **k: Any) -> tuple[Array, Array, Array]:
        share = trials.share(g=g, **k)
        p = trials.bridge(g=g, **k)
        x = k["gamma_L"] * k["gamma_R"] / (4 * g**2)
        return np.asarray(share), np.asarray(x), np.asarray(x * p.factor("L") * p.factor("R"))

    def bounded(**k: Any) -> Array:
        share, _, product = ratio(**k)
        return np.asarray(product - (1 - share))

    def near_one(**k: Any) -> Array:
        share, x, _ = ratio(**k)
        return np.asarray(np.where(x < 1e-3, share - 0.9, np.nan))

    inside = hunt("1 - alpha is at most the product with both thermal factors", bounded, EVERYTHING, rng)
    at: trials.Point = {"gamma_L": 0.001, "gamma_R": 0.001, "g": 0.02, "T_L": 50.0, "T_R": 40.0}
    alpha = float(eq.eq06_scaling(trials.bridge(**at)))
    single = float(eq.eq11_heat_current(trials.bridge(**at)))
    return conditional(
        inside=(inside,),
        outside=(hunt("alpha > 0.9 whenever the ratio is below 1e-3", near_one, EVERYTHING, rng),),
        conditions="The product with the thermal factors [1 + (epsilon_L - epsilon_a) n_L][1 + (epsilon_R - "
        "epsilon_a) n_R] "
        "must be small. For bosonic baths on qubits they are coth(omega/2T) and grow with temperature.",
        numbers={"gamma_L gamma_R/4g^2": 0.001**2 / (4 * 0.02**2), "alpha at T_L = 50, T_R = 40": alpha},
        finding="At gamma_L gamma_R/4g^2 = 6.25e-4 and temperatures of 40 and 50 omega alpha is 0.167 for "
        "qubits between "
        "bosonic baths: the bare ratio decides only up to temperatures of the order of omega.",
        second=confirm("dense 16x16 Liouvillian", alpha=(alpha, trials.pair_current(**at) / single)),
    )


@claim(
    "alpha-forgets-statistics-when-cold",
    place="sec. III.1, appendix B",
    says="At low temperature alpha does not depend on the statistics of the baths.",
)
def cold_alpha(rng: Generator) -> Evidence:
    def margin(**k: Any) -> Array:
        x = k["gamma_L"] * k["gamma_R"] / (4 * k["g"] ** 2)
        hot = np.maximum(k["T_L"], k["T_R"])
        return np.asarray(4 * np.exp(-1 / hot) - np.abs(eq.eq06_scaling(trials.bridge(**k)) - 1 / (1 + x)))

    cold: trials.Ground = {"T_L": Range(0.01, 0.5, log=True), "T_R": Range(0.01, 0.5, log=True)}
    return holds(
        hunt("alpha differs from 1/(1 + ratio) by less than 4 exp(-omega/T)", margin, EVERYTHING | cold, rng),
        numbers={"bound at T = 0.1 omega": 4 * np.exp(-10.0)},
        finding="The dependence dies as exp(-omega/T) of the warmer bath.",
    )


@claim(
    "coherence-is-the-current",
    place="sec. III.1",
    says="The coherence is purely imaginary and equals i J/(4 g omega) for all statistics, so that a current "
    "means coherence.",
)
def coherence(rng: Generator) -> Evidence:
    def all_kinds(case: Case) -> tuple[Any, ...]:
        return trials.moments(**case.points, **case.kind).coherence, ap.text_coherence(
            case.p, case.two.net_current()
        ).imag

    def qubits(case: Case) -> tuple[Any, ...]:
        rho = trials.pair_state(**case.points, **case.kind)
        return rho[:, 1, 2].real, np.zeros(len(rho)), 1 + 0 * rho[:, 0, 0].real

    def size(case: Case) -> tuple[Any, ...]:
        pair = trials.moments(**case.points, **case.kind)
        return (np.abs(pair.coherence) + 1e-6 * (np.abs(pair.first) + np.abs(pair.second)),)

    state = rng.bit_generator.state
    points, (dense, printed) = stacked(rng, all_kinds)
    rng.bit_generator.state = state
    _, (scale,) = stacked(rng, size)
    flat, (real, zero, one) = stacked(rng, qubits, kinds=trials.QUBITS)
    return holds(
        compare("imaginary part against J/(4 g omega)", dense, printed, points, scale=scale),
        compare("real part", real, zero, flat, scale=one),
        method="coherence from dense solves against the current from the moments; J = 0 only at equal temperatures",
        finding="Holds for all eight combinations of statistics and both signs of g.",
    )


@claim(
    "current-from-the-other-moment",
    place="sec. III.1",
    says="The current is also -4 omega g times the imaginary part of <s_1^+ s_2>.",
)
def other_moment(rng: Generator) -> Evidence:
    def both(case: Case) -> tuple[Any, ...]:
        k = case.points
        rho = trials.pair_state(**k, **case.kind)
        hop = second.lower(0, 2).conj().T @ second.lower(1, 2)
        mean = np.einsum("ij,kji->k", hop, rho)
        size = k["omega"] * (np.abs(k["g"]) + sum(case.p.rates("L")) + sum(case.p.rates("R")))
        return -4 * k["omega"] * k["g"] * mean.imag, trials.pair_current(**k, **case.kind), size

    points, (printed, dense, size) = stacked(rng, both, kinds=trials.QUBITS)
    return holds(
        compare("J", printed, dense, points, scale=size),
        method="energy flows and moment of a dense 16x16 Liouvillian, all four baths",
        finding="Right, sign included.",
    )


@claim(
    "order-of-alphas",
    place="appendix B, fig. 6",
    says="With a cold right bath alpha_2 >= alpha_0 >= alpha_1, and all of them fall as gamma_L gamma_R/4g^2 grows.",
)
def order_of_alphas(rng: Generator) -> Evidence:
    def margin(*, x: Array, T_L: Array) -> Array:
        found = [ap.eq36_scaling(x, T_L), ap.eq34_scaling(x), ap.eq35_scaling(x, T_L)]
        more = [ap.eq36_scaling(1.001 * x, T_L), ap.eq34_scaling(1.001 * x), ap.eq35_scaling(1.001 * x, T_L)]
        falls = [1 - b / a for a, b in zip(found, more, strict=True)]
        return np.asarray(np.minimum.reduce([found[0] / found[1] - 1, found[1] / found[2] - 1, *falls]))

    return holds(
        hunt(
            "order and fall",
            margin,
            {"x": Range(1e-6, 1e6, log=True), "T_L": Range(0.02, 100, log=True)},
            rng,
        ),
        finding="Right everywhere; the three meet as T_L goes to 0. Closest to one system are oscillators between "
        "fermionic baths.",
    )


@claim(
    "chain-length-drops-out",
    place="sec. III.4",
    says="The current of a chain does not depend on its length N >= 2, against Fourier's law.",
)
def chain_length(rng: Generator) -> Evidence:
    checks = []
    for n in (3, 8, 40, 200):
        points, (longer, two) = stacked(rng, trials.lengths("net_current", n, 2), n=40)
        checks.append(compare(f"J of {n} against J of 2", longer, two, points))
    inner = SpinChain(N=40, **FIGURE, T_L=1.0, T_R=0.1).occupations()[1:-1]
    return holds(
        *checks,
        fact(
            "inner occupations of 40 qubits are flat", bool(np.ptp(inner) < 1e-12), occupation=float(inner[0])
        ),
        method="moments of chains of 3 to 200 systems",
        finding="Independent of N for all eight combinations of statistics, oscillators included; the inner "
        "sites have "
        "one occupation, without gradient.",
    )


@claim(
    "eigenoperators",
    place="sec. IV",
    says="The eigenoperators obey [H, L_j(omega_+-)] = -omega_+- L_j(omega_+-): a bath moves omega +- g and "
    "nothing else.",
)
def eigenoperators(rng: Generator) -> Evidence:
    case, _ = trials.strong(rng)
    w, g = case.points["omega"], case.points["g"]
    h = trials.pair_hamiltonian(w, g)
    checks = []
    for site, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
        jump = eg.text_eigenoperator(site, sign)
        energy = (w + sign * g)[:, None, None]
        checks.append(
            compare(
                f"L_{site + 1}(omega_{'+' if sign > 0 else '-'})",
                h @ jump - jump @ h,
                -energy * jump,
                case.points,
                scale=w[:, None, None],
            )
        )
    return holds(
        *checks,
        method="commutators with the Hamiltonian at random omega and g",
        finding="Right for both signs of g.",
    )


def _collided(at: trials.Point, units: str, tau: float) -> Complex:
    """Fixed point of one round of collisions: left, right, free evolution of the pair; shape (4, 4)."""
    step = np.eye(16, dtype=complex)
    levels = 2 if units == "fermi" else 30
    for site, side in enumerate("LR"):
        b = np.diag(np.sqrt(np.arange(1.0, levels)), 1)
        s = second.lower(0, 1)
        n = s.conj().T @ s
        hop = np.kron(s, b.T)
        h = at["omega"] * (np.kron(n, np.eye(levels)) + np.kron(np.eye(2), b.T @ b))
        h = h + np.sqrt(at[f"gamma_{side}"] / tau) * (hop + hop.conj().T)
        u = scipy.linalg.expm(-1j * tau * h).reshape(2, levels, 2, levels)
        weights = np.exp(-at["omega"] / at[f"T_{side}"] * np.arange(levels))
        weights /= weights.sum()
        part = np.zeros((16, 16), dtype=complex)
        for a in range(levels):
            for c in range(levels):
                kraus = np.sqrt(weights[c]) * u[:, a, :, c]
                full = np.kron(kraus, np.eye(2)) if site == 0 else np.kron(np.eye(2), kraus)
                part += np.kron(full, full.conj())
        step = part @ step
    # the bare energies have acted during the collisions
    free = scipy.linalg.expm(-1j * tau * at["g"] * second.exchange(0, 1, 2))
    step = np.kron(free, free.conj()) @ step - np.eye(16)
    step[0] = np.eye(4).reshape(-1)
    return np.asarray(np.linalg.solve(step, np.eye(16)[0]).reshape(4, 4))
