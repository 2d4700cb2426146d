"""Section III.2 and appendix C: entanglement and the critical current."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common import matrices
from qte.common.optimise import maximise
from qte.ledger import second
from qte.ledger.checks import Range, fact
from qte.ledger.entries import judge
from qte.ledger.forms import equals, larger, never_below
from qte.ledger.judged import Found, again, found
from qte.papers.santiagogarcia2024 import equations_appendix as ap
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, Complex
from qte.papers.santiagogarcia2024.trials import (
    BOSE_QUBITS,
    TWO_QUBITS,
    WARM,
    Case,
    agrees,
    fault,
    on_draws,
    over_critical,
)

HOT: Final[trials.Ground] = {"T_L": Range(0.03, 1000, log=True), "T_R": Range(0.003, 1000, log=True)}
EQUAL: Final[trials.Point] = {"g": 0.01, "gamma_L": 0.01, "gamma_R": 0.01, "T_L": 1.0, "T_R": 0.0}
FERMIONIC: Final[trials.Point] = EQUAL | {
    "g": 0.001,
    "T_R": 0.02,
    "statistics_L": "fermi",
    "statistics_R": "fermi",
}
STIFF: Final[trials.Point] = {"g": 0.8, "gamma_L": 0.02, "gamma_R": 0.02, "T_L": 0.4, "T_R": 0.1}
ENTANGLED: Final[trials.Point] = {"g": 0.001, "gamma_L": 0.0002, "gamma_R": 0.01, "T_L": 10.0, "T_R": 0.05}


@judge("critical-current")
def critical_current(rng: Generator) -> Found:
    def margin(**k: Any) -> Array:
        size = np.abs(ap.eq33_coherence(trials.bridge(**k)))
        from_current = 2 * np.maximum(0.0, size * (1 - 1 / over_critical(**k)))
        # the eigenvalues of a 4 x 4 matrix are known to 1e-15, their roots to 3e-8
        gap = np.abs(_by_rotations(_state(**k)) - from_current)
        return np.asarray(np.where(size > 1e-12, 1e-6 - gap, np.nan))

    what = "Wootters' concurrence equals (|J| - J_c)/(2 g omega) above J_c, else 0 (to 1e-6)"
    return found(never_below(what, margin, TWO_QUBITS, rng))


@judge("entanglement-with-equal-couplings")
def equal_couplings(rng: Generator) -> Found:
    def margin(*, gamma: Array, **k: Any) -> Array:
        return 1 - over_critical(gamma_L=gamma, gamma_R=gamma, **k)

    gamma = el.power(10.0, rng.uniform(-3, 0, 240))
    k = {"gamma_L": gamma, "gamma_R": gamma, "g": gamma * el.power(10.0, rng.uniform(-4, 2, 240))}
    k["T_L"] = el.power(10.0, rng.uniform(-1, 3, 240))
    n = 1 / el.expm1(1 / k["T_L"])
    closed = 1 / np.sqrt((k["g"] / gamma * (2 + n) / (1 + n)) ** 2 + 1 + n)
    terms = separability_polynomial()
    best = float(over_critical(**EQUAL))
    broken = fact("the current exceeds J_c", best > 1, at=EQUAL, J_over_J_c=best)
    domain: trials.Ground = {"gamma": Range(1e-4, 10, log=True), "g": BOSE_QUBITS["g"]} | HOT
    return found(
        breaks=(broken,),
        rest=(
            never_below("J stays below J_c, any T_R", margin, domain, rng),
            equals("J/J_c at T_R = 0 against the closed form", over_critical(**k, T_R=0.0), closed, k),
            fact("all coefficients are positive", min(terms.values()) > 0, terms=len(terms)),
        ),
        again=(again(broken, "dense 16x16 Liouvillian", _dense_ratio),),
        printed=1.0,
        right=best,
        terms=len(terms),
        fermi=trials.at(FERMIONIC).two.concurrence(),
        strong=trials.engine(STIFF).concurrence(),
        redfield=_redfield(EQUAL)[0],
        corner=_redfield(EQUAL | {"g": 1e-4, "T_L": 0.1}),
        warm=_redfield(EQUAL | {"g": 0.1, "gamma_L": 0.1, "gamma_R": 0.1, "T_L": 0.125}),
    )


@judge("no-relation-to-rectification")
def no_relation(rng: Generator) -> Found:
    def margin(**k: Any) -> Array:
        hot_weaker = np.where(k["T_L"] > k["T_R"], k["gamma_L"] < k["gamma_R"], k["gamma_R"] < k["gamma_L"])
        return np.asarray(np.where(hot_weaker, np.nan, 1 - over_critical(**k)))

    figure: trials.Point = trials.FIGURE | {"T_L": 1.0, "T_R": 0.0}
    machines = trials.at(FERMIONIC).two, trials.engine(STIFF), trials.at(figure).two
    (fermi, strong, none), c = (m.concurrence() for m in machines), [m.contrast() for m in machines]
    ratio = float(over_critical(**EQUAL))
    broken = fact("entangled, no rectification: bosonic baths", ratio > 1, at=EQUAL, J_over_J_c=ratio)
    return found(
        fact("the same, fermionic baths", bool(fermi > 0 == c[0]), at=FERMIONIC, concurrence=fermi),
        fact("the same, strong coupling", bool(strong > 0.1 > 1e9 * c[1]), at=STIFF, concurrence=strong),
        fact("rectifies, not entangled: figure 2", bool(c[2] > 0.1 > none == 0), at=figure, contrast=c[2]),
        never_below("bosonic: entangled only if the hot coupling is weaker", margin, BOSE_QUBITS | HOT, rng),
        breaks=(broken,),
        again=(again(broken, "dense 16x16 Liouvillian", _dense_ratio),),
        printed=1.0,
        right=ratio,
        contrast=c[2],
        redfield=_redfield(EQUAL)[0],
    )


@judge("swapping-extinguishes-entanglement")
def swapping(rng: Generator) -> Found:
    def margin(**k: Any) -> Array:
        swapped = k | {"T_L": k["T_R"], "T_R": k["T_L"]}
        return 1 - np.minimum(over_critical(**k), over_critical(**swapped))

    before, after = (
        float(case.two.concurrence()) for case in (trials.at(ENTANGLED), trials.at(ENTANGLED).swapped)
    )
    return found(
        fact("entangled one way only", before > 0.05 > after == 0, at=ENTANGLED, before=before, after=after),
        never_below("bosonic baths: never entangled in both directions", margin, BOSE_QUBITS | HOT, rng),
        before=before,
    )


@judge("two-qubits-can-entangle")
def can_entangle(rng: Generator) -> Found:
    stiff: trials.Point = STIFF | {"gamma_L": 0.01, "T_R": 0.0}
    weak, strong = trials.at(ENTANGLED).two, trials.engine(stiff)
    best = maximise(lambda t: over_critical(**trials.FIGURE, T_L=t, T_R=0.0), 0.05, 100.0, scale="log")
    least = np.array([0.05, 0.1])
    both = [np.array([m.concurrence(), m.contrast()]) for m in (weak, strong)]
    return found(
        larger("entangled and rectifying at weak coupling", at=ENTANGLED, found=both[0], least=least),
        larger("entangled and rectifying at the couplings of figure 4", at=stiff, found=both[1], least=least),
        weak=both[0][0],
        strong=both[1][0],
        figure=best.value,
    )


@judge("eq-37")
def eq37(rng: Generator) -> Found:
    def form(case: Case) -> tuple[Any, ...]:
        rho = trials.pair_state(**case.points, **case.kind)
        p1, p4 = ap.eq38_populations(case.p)
        first, last = case.two.occupations().T
        c = ap.text_coherence(case.p, case.two.net_current())
        return ap.eq37_state(p1, first - p1, last - p1, p4, c), rho, np.ones((len(rho), 1, 1))

    return agrees(rng, "all sixteen entries", form, kinds=trials.QUBITS)


@judge("roots-not-eigenvalues")
def eigenvalues(rng: Generator) -> Found:
    def spectrum(case: Case) -> tuple[Any, ...]:
        rho = _state(**case.points, **case.kind)
        values = np.sort(np.linalg.eigvals(_spin_flipped(rho)).real, axis=-1)
        return np.sort(_roots(rho) ** 2, axis=-1), values, values[:, -1:]

    def dense(**k: float) -> Mapping[str, float]:
        value = float(np.linalg.eigvals(_spin_flipped(trials.pair_state(**k))).real.max())
        return {"printed": np.sqrt(value), "right": value}

    root = float(_roots(_state(**{k: np.array([v]) for k, v in WARM.items()})).max())
    return fault(
        "largest eigenvalue of R",
        WARM,
        root,
        root**2,
        "numerical eigenvalues of R of a dense steady state",
        dense,
        rest=(on_draws(rng, "their squares", spectrum, kinds=trials.QUBITS), _concurrence(rng)),
    )


@judge("largest-root")
def largest_root(rng: Generator) -> Found:
    def margin(**k: Any) -> Array:
        roots = _roots(_state(**k))
        return np.asarray(roots[:, 0] - roots[:, 2])

    return found(never_below("sqrt(p_2 p_3) + |C| >= sqrt(p_1 p_4)", margin, TWO_QUBITS, rng))


@judge("concurrence-of-the-state")
def concurrence(rng: Generator) -> Found:
    return found(_concurrence(rng))


@judge("eq-38")
def eq38(rng: Generator) -> Found:
    def population(i: int) -> Any:
        return lambda c: (ap.eq38_populations(c.p)[i], c.two.steady_state().rho[:, 3 * i, 3 * i].real)

    return found(*(on_draws(rng, f"p_{1 + 3 * i}", population(i), kinds=trials.QUBITS) for i in (0, 1)))


@judge("eq-39")
def eq39(rng: Generator) -> Found:
    def corrected(case: Case) -> tuple[Any, ...]:
        positive = Case(case.points | {"g": np.abs(case.points["g"])}, case.kind)
        return ap.corrected_critical_current(positive.p), positive.two.critical_current()

    def dense(**k: float) -> Mapping[str, float]:
        g, n = k["g"], [1 / el.expm1(1 / t) for t in (k["T_L"], k["T_R"])]
        (lp, lm), (rp, rm) = (
            (c * m, c * (1 + m)) for c, m in zip((k["gamma_L"], k["gamma_R"]), n, strict=True)
        )
        all_, chi = lp + lm + rp + rm, (4 * g**2 + (lp + lm) * (rp + rm)) * (lp + lm + rp + rm) ** 2
        inner = 4 * g**2 * (lp + rp) ** 2 * (lm + rm) ** 2
        inner += all_**2 * (
            lm * rm * (lp + rp) ** 2 + lp * rp * (lm + rm) ** 2
        ) + lp * lm * rp * rm * all_**4 / (4 * g)
        rho = trials.pair_state(**k)
        return {
            "printed": 8 * g**2 / chi * np.sqrt(inner),
            "right": 4 * g * np.sqrt(rho[0, 0].real * rho[3, 3].real),
        }

    p = trials.bridge(**WARM)
    return fault(
        "J_c as printed",
        WARM,
        ap.eq39_critical_current(p),
        trials.at(WARM).two.critical_current(),
        "the formula coded apart; dense 16x16 Liouvillian",
        dense,
        rest=(on_draws(rng, "J_c with 4g^2", corrected, kinds=trials.QUBITS), _eq40(rng)),
    )


@judge("eq-40")
def eq40(rng: Generator) -> Found:
    return found(_eq40(rng))


def _eq40(rng: Generator) -> Any:
    def both(case: Case) -> tuple[Any, ...]:
        k = case.points | {"T_R": 0 * case.points["T_R"], "gamma_R": case.points["gamma_L"]}
        case = Case(k, case.kind)
        return ap.eq40_critical_current(case.p), case.two.critical_current() * np.sign(k["g"]) ** 2

    return on_draws(rng, "eq. (40) against 4 |g| omega sqrt(p_1 p_4)", both, kinds=(trials.BOSONIC,), n=240)


def _concurrence(rng: Generator) -> Any:
    def both(case: Case) -> tuple[Any, ...]:
        rho = trials.pair_state(**case.points, **case.kind)
        # populations that a dense solution may have below 0, where they are nothing but its round-off
        p1, p4 = ap.eq38_populations(case.p)
        # the roots of Wootters' formula lose half of the digits
        return ap.text_concurrence(rho[:, 1, 2], p1, p4), second.concurrence(rho), 1e5 * np.ones(len(rho))

    return on_draws(rng, "closed form against Wootters' formula (to 1e-5)", both, kinds=trials.QUBITS)


def _state(**k: Any) -> Complex:
    """Steady state of two qubits from its moments and eq. (38), shape (n, 4, 4)."""
    p = trials.bridge(**k)
    p1, p4 = ap.eq38_populations(p)
    first, last = ap.corrected_excitations(p)
    return ap.eq37_state(p1, first - p1, last - p1, p4, ap.eq33_coherence(p))


def _roots(rho: Complex) -> Array:
    """sqrt(p_2 p_3) + |C|, their difference, and twice sqrt(p_1 p_4), shape (n, 4)."""
    p, c = np.diagonal(rho, axis1=1, axis2=2).real, matrices.modulus(rho[:, 1, 2])
    inner, outer = np.sqrt(p[:, 1] * p[:, 2]), np.sqrt(p[:, 0] * p[:, 3])
    return np.stack([inner + c, np.abs(inner - c), outer, outer], axis=-1)


def _by_rotations(rho: Complex) -> Array:
    """Wootters' concurrence for a search, shape (n,): singular values of r^T (sigma_y x sigma_y) r with rho = r r^+.

    It shares nothing with the closed form, whose X shape it does not know, nor with the eigenvalues of R that
    `qte.ledger.second` takes from a library: its operations are the same on every processor, and so is the way
    of the search.
    """
    values, vectors = matrices.eigh(rho)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[:, None]
    flipped = matrices.product(np.swapaxes(root, -1, -2), np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0])), root)
    spectrum = matrices.singular_values(flipped)
    return np.asarray(np.maximum(0.0, spectrum[:, 0] - spectrum[:, 1] - spectrum[:, 2] - spectrum[:, 3]))


def _spin_flipped(rho: Complex) -> Complex:
    flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
    return np.asarray(rho @ flip @ rho.conj() @ flip)


def _dense_ratio(**k: float) -> float:
    rho = trials.pair_state(**k)
    return float(trials.pair_current(**k) / (4 * k["g"] * np.sqrt(rho[0, 0].real * rho[3, 3].real)))


def _redfield(point: trials.Point) -> list[float]:
    """|C|/sqrt(p_1 p_4) and concurrence in a Redfield equation."""
    rho = np.asarray(trials.engine(point, "redfield").steady_state().rho)
    c, root = float(np.abs(rho[1, 2])), float(np.sqrt(rho[0, 0].real * rho[3, 3].real))
    return [c / root, 2 * max(0.0, c - root)]


def separability_polynomial() -> dict[tuple[int, int, int], int]:
    """chi^2 (p_1 p_4 - |C|^2) for gamma_L = gamma_R = 1: powers of n_L, n_R, g^2 -> coefficient.

    Its value at three powers of two that are far apart, in exact integers, has the coefficients as its digits.
    """
    digit = 1 << 40
    left, right, g2 = digit, digit**16, digit**256
    total = 2 * (1 + left + right)
    p1 = 4 * g2 * (left + right) ** 2 + left * right * total**2
    p4 = 4 * g2 * (2 + left + right) ** 2 + (1 + left) * (1 + right) * total**2
    value, power, found_ = p1 * p4 - 4 * g2 * ((left - right) * total) ** 2, 0, {}
    while value:
        low = (value + digit // 2) % digit - digit // 2
        if low:
            found_[power % 16, power // 16 % 16, power // 256] = low
        value, power = (value - low) // digit, power + 1
    return found_
