"""Sections II and III.1, appendices A and B: master equation, currents, moments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import scipy.linalg
from numpy.random import Generator

from qte.common import elementary as el
from qte.ledger import second
from qte.ledger.checks import Range, fact
from qte.ledger.entries import judge
from qte.ledger.forms import equals, never_below
from qte.ledger.judged import Found, found
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import equations_appendix as ap
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, Complex, coupling_ratio
from qte.papers.santiagogarcia2024.trials import EVERYTHING, WARM, Case, agrees, fault, on_draws

# Levels that a random state fills, and levels kept: no operator of the equations reaches further.
FILLED: Final = {"qubit": 2, "oscillator": 3}
KEPT: Final = {"qubit": 2, "oscillator": 6}


@judge("eq-1")
def eq01(rng: Generator) -> Found:
    qubit, oscillator = second.lower(0, 1), np.diag(np.sqrt(np.arange(1.0, 12.0)), 1) + 0j
    left = [np.abs(eq.eq01_commutator(qubit, -1)), np.abs(eq.eq01_commutator(oscillator, 1))[:-1, :-1]]
    return found(fact("commutator", max(map(np.max, left)) < 1e-14, entries=sum(map(np.size, left))))


@judge("collisions-give-the-local-equation")
def collisions(rng: Generator) -> Found:
    at: trials.Point = {"omega": 1.0, "g": 0.1, "gamma_L": 0.1, "gamma_R": 0.2, "T_L": 0.5, "T_R": 0.2}
    durations = (0.02, 0.01, 0.005)
    checks = []
    for units in ("bose", "fermi"):
        wanted = trials.pair_state(**at, statistics_L=units, statistics_R=units)
        error = np.array([np.abs(_collided(at, units, tau) - wanted).max() for tau in durations])
        halves = np.abs(error[:-1] / error[1:] - 2).max() < 0.05
        checks.append(
            fact(f"error halves with the duration, {units}", halves, error=error, durations=durations)
        )
    return found(*checks)


@judge("no-work-on-resonance")
def no_work(rng: Generator) -> Found:
    def bond(case: Case) -> tuple[Any, ...]:
        k = case.points
        left, right = trials.pair_jumps(**k, **case.kind)
        h = k["g"][:, None, None] * second.exchange(0, 1, 2)
        flow = second.energy_flow(h, [*left, *right], trials.pair_state(**k, **case.kind))
        return flow, 0 * flow, np.abs(k["g"]) * _rates(case)

    plus = np.pad(np.full((2, 2), 0.5 + 0j), 1)
    left, right = trials.pair_jumps(**WARM)
    here = float(second.energy_flow(WARM["g"] * second.exchange(0, 1, 2), [*left, *right], plus))
    return found(
        on_draws(rng, "energy that the baths give to the bond, steady state", bond, kinds=trials.QUBITS),
        beyond=(fact("the same in (|10> + |01>)/sqrt(2)", here == 0, at=WARM, per_time=here),),
        flow=here,
    )


@judge("eq-2")
def eq02(rng: Generator) -> Found:
    def change(case: Case) -> tuple[Any, ...]:
        rho = states(rng, len(case.points["g"]), 4)
        each = zip(trials.rows(case.points), rho, strict=True)
        printed = np.array([eq.eq02_master_equation(trials.bridge(**k, **case.kind), r) for k, r in each])
        left, right = trials.pair_jumps(**case.points, **case.kind)
        matrix = second.liouvillian(
            trials.pair_hamiltonian(case.points["omega"], case.points["g"]), [*left, *right]
        )
        dense = np.einsum("kij,kj->ki", matrix, rho.reshape(-1, 16)).reshape(-1, 4, 4)
        return printed, dense, np.abs(dense).max(axis=(-1, -2), keepdims=True)

    return agrees(rng, "change of a random state", change, kinds=trials.QUBITS)


@judge("detailed-balance")
def detailed_balance(rng: Generator) -> Found:
    def ratio(case: Case) -> tuple[Any, ...]:
        plus, minus = case.p.rates("L")
        return plus / minus, el.exp(-case.p.x("L"))

    return agrees(rng, "gamma^+/gamma^- against exp(-omega/T)", ratio)


@judge("eq-3")
def eq03(rng: Generator) -> Found:
    x = el.power(10.0, rng.uniform(-1.3, 1.5, 240))
    weights = el.exp(-x[:, None] * np.arange(1500))
    bose = (weights @ np.arange(1500)) / weights.sum(axis=1)
    fermi = weights[:, 1] / weights[:, :2].sum(axis=1)
    return found(
        equals("bosons", eq.eq03_occupation(x, 1.0, 1), bose, {"omega over T": x}),
        equals("fermions", eq.eq03_occupation(x, 1.0, -1), fermi, {"omega over T": x}),
    )


@judge("eq-4")
def eq04(rng: Generator) -> Found:
    def flow(case: Case) -> tuple[Any, ...]:
        lower, _ = _operators(case.kind["system"])
        rho, k = _states(rng, case), case.points
        jumps = second.two_level_jumps(lower, k["omega"], k["T_L"], k["gamma_L"], case.kind["statistics_L"])
        n = lower.conj().T @ lower
        mean = _mean(n, rho).real
        size = k["omega"] * (jumps[0][0] + jumps[1][0]) * (1 + mean)
        energy = k["omega"][:, None, None] * n
        return eq.eq04_heat_flow(case.p, "L", mean), second.energy_flow(energy, jumps, rho), size

    return agrees(rng, "heat from the bath in a random state", flow)


@judge("heat-balance")
def heat_balance(rng: Generator) -> Found:
    def flows(case: Case) -> tuple[Any, ...]:
        pair = trials.moments(**case.points, **case.kind)
        left, right = eq.eq04_heat_flow(case.p, "L", pair.first), eq.eq04_heat_flow(case.p, "R", pair.second)
        return left, -right, case.points["omega"] * (case.p.rates("L").plus + case.p.rates("R").plus)

    return agrees(rng, "Q_L against -Q_R", flows)


@judge("eq-5")
def eq05(rng: Generator) -> Found:
    return agrees(rng, "J of two", lambda c: (eq.eq05_heat_current(c.p), c.two.net_current()))


@judge("eq-6")
def eq06(rng: Generator) -> Found:
    return agrees(
        rng,
        "J of two over J of one",
        lambda c: (eq.eq06_scaling(c.p), c.two.net_current() / c.one.net_current()),
    )


@judge("eq-7")
def eq07(rng: Generator) -> Found:
    return agrees(rng, "J of one system", lambda c: (eq.eq07_heat_current(c.p), c.one.net_current()))


@judge("no-bond-no-current")
def no_bond(rng: Generator) -> Found:
    def limit(case: Case) -> tuple[Any, ...]:
        weak = 1e-7 * np.sqrt(case.points["gamma_L"] * case.points["gamma_R"])
        case = Case(case.points | {"g": weak}, case.kind)
        square = 4e-14 / (case.p.factor("L") * case.p.factor("R"))
        return case.two.net_current() / case.one.net_current(), square / (1 + square)

    return agrees(rng, "J of two over J of one, tiny g, against its g^2 law", limit)


@judge("two-carry-less-than-one")
def two_carry_less(rng: Generator) -> Found:
    def margin(**k: Any) -> Array:
        ratio = trials.share(**k)
        return np.asarray(np.minimum(ratio, 1 - ratio))

    return found(never_below("0 < J of two over J of one < 1", margin, EVERYTHING, rng))


@judge("small-ratio-means-alpha-one")
def small_ratio(rng: Generator) -> Found:
    def bounded(**k: Any) -> Array:
        p = trials.bridge(**k)
        return np.asarray(coupling_ratio(p) * p.factor("L") * p.factor("R") - 1 + trials.share(**k))

    at: trials.Point = {"gamma_L": 0.001, "gamma_R": 0.001, "g": 0.02, "T_L": 50.0, "T_R": 40.0}
    alpha, ratio = float(trials.share(**at)), float(coupling_ratio(trials.bridge(**at)))
    return found(
        never_below("1 - alpha is at most the ratio times both thermal factors", bounded, EVERYTHING, rng),
        beyond=(fact("alpha > 0.9 at a small ratio, hot", alpha > 0.9, at=at, alpha=alpha, ratio=ratio),),
        alpha=alpha,
        ratio=ratio,
    )


@judge("alpha-forgets-statistics-when-cold")
def cold_alpha(rng: Generator) -> Found:
    def margin(**k: Any) -> Array:
        p = trials.bridge(**k)
        gap = np.abs(eq.eq06_scaling(p) - 1 / (1 + coupling_ratio(p)))
        return np.asarray(4 * el.exp(-1 / np.maximum(k["T_L"], k["T_R"])) - gap)

    cold: trials.Ground = {"T_L": Range(0.01, 0.5, log=True), "T_R": Range(0.01, 0.5, log=True)}
    what = "alpha differs from 1/(1 + ratio) by less than 4 exp(-omega/T)"
    return found(never_below(what, margin, EVERYTHING | cold, rng))


@judge("coherence-is-the-current")
def coherence(rng: Generator) -> Found:
    def imaginary(case: Case) -> tuple[Any, ...]:
        pair = trials.moments(**case.points, **case.kind)
        size = np.abs(pair.coherence) + 1e-6 * (np.abs(pair.first) + np.abs(pair.second))
        return ap.text_coherence(case.p, case.two.net_current()).imag, pair.coherence, size

    def real(case: Case) -> tuple[Any, ...]:
        rho = trials.pair_state(**case.points, **case.kind)
        return rho[:, 1, 2].real, np.zeros(len(rho)), np.ones(len(rho))

    return found(
        on_draws(rng, "Im C against J/(4 g omega)", imaginary),
        on_draws(rng, "Re C", real, kinds=trials.QUBITS),
    )


@judge("current-from-the-other-moment")
def other_moment(rng: Generator) -> Found:
    hop = second.lower(0, 2).conj().T @ second.lower(1, 2)

    def both(case: Case) -> tuple[Any, ...]:
        k = case.points
        mean = _mean(hop, trials.pair_state(**k, **case.kind))
        size = k["omega"] * (np.abs(k["g"]) + _rates(case))
        return -4 * k["omega"] * k["g"] * mean.imag, trials.pair_current(**k, **case.kind), size

    return agrees(rng, "J", both, kinds=trials.QUBITS)


@judge("eq-26")
def eq26(rng: Generator) -> Found:
    def currents(case: Case) -> tuple[Any, ...]:
        net = case.two.net_current()
        size = 2 * case.points["omega"] * case.p.rates("L").plus + np.abs(net)
        return ap.eq26_heat_current(case.p, case.two.occupations()[:, 0]), net, size

    return agrees(rng, "J from the first occupation", currents)


@judge("eq-27")
def eq27(rng: Generator) -> Found:
    return _moment(rng, ap.eq27_change, lambda a, b: a.conj().T @ a)


@judge("eq-28")
def eq28(rng: Generator) -> Found:
    return _moment(rng, ap.eq28_change, lambda a, b: b.conj().T @ b)


@judge("eq-29")
def eq29(rng: Generator) -> Found:
    return _moment(rng, ap.eq29_change, lambda a, b: a @ b.conj().T)


@judge("eq-30")
def eq30(rng: Generator) -> Found:
    return _moment(rng, ap.eq30_change, lambda a, b: a.conj().T @ b)


@judge("eq-31")
def eq31(rng: Generator) -> Found:
    return _occupation(rng, 0)


@judge("eq-32")
def eq32(rng: Generator) -> Found:
    return _occupation(rng, 1)


@judge("eq-33")
def eq33(rng: Generator) -> Found:
    return agrees(rng, "coherence", lambda c: (ap.eq33_coherence(c.p), c.two.correlations()[:, 1, 0]))


@judge("eq-34")
def eq34(rng: Generator) -> Found:
    return _scaling(rng, lambda x, t, w: ap.eq34_scaling(x), {"bose": "oscillator", "fermi": "qubit"})


@judge("eq-35")
def eq35(rng: Generator) -> Found:
    return _scaling(rng, ap.eq35_scaling, {"bose": "qubit"})


@judge("eq-36")
def eq36(rng: Generator) -> Found:
    return _scaling(rng, ap.eq36_scaling, {"fermi": "oscillator"})


@judge("order-of-alphas")
def order_of_alphas(rng: Generator) -> Found:
    def alphas(x: Array, T_L: Array) -> tuple[Array, ...]:
        return ap.eq36_scaling(x, T_L), ap.eq34_scaling(x), ap.eq35_scaling(x, T_L)

    def margin(*, x: Array, T_L: Array) -> Array:
        a, more = alphas(x, T_L), alphas(1.001 * x, T_L)
        falls = [1 - b / c for b, c in zip(more, a, strict=True)]
        return np.asarray(np.minimum.reduce([a[0] / a[1] - 1, a[1] / a[2] - 1, *falls]))

    domain = {"x": Range(1e-6, 1e6, log=True), "T_L": Range(0.02, 100, log=True)}
    return found(never_below("order and fall", margin, domain, rng))


def _eq05(case: Case) -> tuple[Any, ...]:
    return eq.eq05_heat_current(case.p), case.two.net_current()


def _rates(case: Case) -> Any:
    """Sum of all four dissipation rates."""
    return sum(case.p.rates("L")) + sum(case.p.rates("R"))


def states(rng: Generator, n: int, d: int) -> Complex:
    """Random density matrices, shape (n, d, d)."""
    a = el.normal(rng, (n, d, d)) + 1j * el.normal(rng, (n, d, d))
    rho = a @ a.conj().swapaxes(-1, -2)
    return np.asarray(rho / np.einsum("kii->k", rho)[:, None, None])


def _mean(observable: Complex, rho: Complex) -> Complex:
    return np.asarray(np.einsum("ij,kji->k", observable, rho))


def _operators(system: str) -> tuple[Complex, Complex]:
    d = KEPT[system]
    one = second.lower(0, 1) if system == "qubit" else np.diag(np.sqrt(np.arange(1.0, d)), 1) + 0j
    return np.asarray(np.kron(one, np.eye(d)) + 0j), np.asarray(np.kron(np.eye(d), one) + 0j)


def _states(rng: Generator, case: Case) -> Complex:
    n, filled, kept = len(case.points["g"]), FILLED[case.kind["system"]], KEPT[case.kind["system"]]
    rho = np.zeros((n, *[kept] * 4), dtype=complex)
    rho[:, :filled, :filled, :filled, :filled] = states(rng, n, filled**2).reshape(n, *[filled] * 4)
    return rho.reshape(n, kept**2, kept**2)


def _moment(rng: Generator, printed: Any, observable: Callable[[Complex, Complex], Complex]) -> Found:
    """One equation of motion in random states."""

    def change(case: Case) -> tuple[Any, ...]:
        (a, b), rho, k = _operators(case.kind["system"]), _states(rng, case), case.points
        n = [np.asarray(_mean(s.conj().T @ s, rho).real) for s in (a, b)]
        h = k["omega"][:, None, None] * (a.conj().T @ a + b.conj().T @ b)
        h = h + k["g"][:, None, None] * (a.conj().T @ b + b.conj().T @ a)
        out = -1j * (h @ rho - rho @ h)
        for s, side in ((a, "L"), (b, "R")):
            kind = case.kind[f"statistics_{side}"]
            for rate, jump in second.two_level_jumps(s, k["omega"], k[f"T_{side}"], k[f"gamma_{side}"], kind):
                decay = jump.conj().T @ jump
                part = jump @ rho @ jump.conj().T - (decay @ rho + rho @ decay) / 2
                out = out + np.asarray(rate)[:, None, None] * part
        formula = printed(case.p, ap.Moments(n[0], n[1], _mean(a @ b.conj().T, rho)))
        size = 3 * (np.abs(k["g"]) + _rates(case))
        return np.asarray(formula) + 0j, _mean(observable(a, b), out), size

    return agrees(rng, "rate of change", change, n=40)


def _occupation(rng: Generator, site: int) -> Found:
    printed = (ap.eq31_excitation, ap.eq32_excitation)[site]

    def right(case: Case) -> tuple[Any, ...]:
        return ap.corrected_excitations(case.p)[site], case.two.occupations()[:, site]

    def again(
        *, g: float, gamma_L: float, gamma_R: float, T_L: float, T_R: float, **_: float
    ) -> Mapping[str, float]:
        n = [1 / el.expm1(1 / t) for t in (T_L, T_R)]
        (lp, lm), (rp, rm) = ((c * m, c * (1 + m)) for c, m in zip((gamma_L, gamma_R), n, strict=True))
        own, other = ((lp, rm + rp), (rp, lm + lp))[site]
        top = 4 * (lp + rp) * g**2 + own * other * (lm + rm + lp + gamma_R**2)
        text = top / ((4 * g**2 + (lm + lp) * (rm + rp)) * (lm + lp + rm + rp))
        rho = trials.pair_state(g=g, gamma_L=gamma_L, gamma_R=gamma_R, T_L=T_L, T_R=T_R)
        return {"printed": text, "right": np.trace(second.number(site, 2) @ rho).real}

    at = WARM | {"T_R": 0.5}
    return fault(
        f"<s_{site + 1}^+ s_{site + 1}> as printed",
        at,
        printed(trials.bridge(**at)),
        trials.at(at).two.occupations()[site],
        "the formula coded apart; dense 16x16 Liouvillian",
        again,
        rest=(on_draws(rng, "with gamma_R^+ in its place", right), on_draws(rng, "eq. (5)", _eq05)),
    )


def _scaling(rng: Generator, formula: Callable[..., Array], systems: Mapping[str, str]) -> Found:
    """alpha at T_R = 0 for the left baths and systems that are meant."""

    def factors(case: Case) -> tuple[Any, ...]:
        cold = Case(case.points | {"T_R": np.zeros_like(case.points["T_R"])}, case.kind)
        x = coupling_ratio(cold.p)
        printed = formula(x, cold.points["T_L"], cold.points["omega"])
        return printed, cold.two.net_current() / cold.one.net_current()

    wanted = tuple(kind for kind in trials.ALL if systems.get(kind["statistics_L"]) == kind["system"])
    return agrees(rng, "J of two over J of one at T_R = 0", factors, kinds=wanted, n=120)


def _collided(at: trials.Point, units: str, tau: float) -> Complex:
    """Fixed point of one round of collisions: left, right, free evolution of the pair; shape (4, 4)."""
    step = np.eye(16, dtype=complex)
    levels = 2 if units == "fermi" else 30
    s, b = second.lower(0, 1), np.diag(np.sqrt(np.arange(1.0, levels)), 1)
    hop = np.kron(s, b.T)
    bare = at["omega"] * (np.kron(s.conj().T @ s, np.eye(levels)) + np.kron(np.eye(2), b.T @ b))
    for site, side in enumerate("LR"):
        h = bare + np.sqrt(at[f"gamma_{side}"] / tau) * (hop + hop.conj().T)
        u = scipy.linalg.expm(-1j * tau * h).reshape(2, levels, 2, levels)
        weights = el.exp(-at["omega"] / at[f"T_{side}"] * np.arange(levels))
        kraus = np.sqrt(weights / weights.sum())[:, None, None, None] * u.transpose(3, 1, 0, 2)
        full = [
            np.kron(k, np.eye(2)) if site == 0 else np.kron(np.eye(2), k) for k in kraus.reshape(-1, 2, 2)
        ]
        step = sum(np.kron(k, k.conj()) for k in full) @ step
    # the bare energies have acted during the collisions
    free = scipy.linalg.expm(-1j * tau * at["g"] * second.exchange(0, 1, 2))
    step = np.kron(free, free.conj()) @ step - np.eye(16)
    step[0] = np.eye(4).reshape(-1)
    return np.asarray(np.linalg.solve(step, np.eye(16)[0]).reshape(4, 4))
