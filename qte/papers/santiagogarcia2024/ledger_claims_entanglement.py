"""Ledger of santiagogarcia2024: claims of section III.2 and appendix C on entanglement."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common.optimise import maximise
from qte.ledger import second
from qte.ledger.checks import Range, compare, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, fails, holds, undecided
from qte.machines.spin_chain import SpinChain
from qte.papers.santiagogarcia2024 import equations_appendix as ap
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, Complex
from qte.papers.santiagogarcia2024.trials import (
    BOSE_QUBITS,
    FIGURE,
    TWO_QUBITS,
    Case,
    over_critical,
    stacked,
)

HOT: trials.Ground = {"T_L": Range(0.03, 1000, log=True), "T_R": Range(0.003, 1000, log=True)}
# Two fermionic baths (at T_R = 0 any right bath does), equal couplings.
FERMIONIC: trials.Point = {
    "g": 0.001,
    "gamma_L": 0.01,
    "gamma_R": 0.01,
    "T_L": 1.0,
    "T_R": 0.02,
    "statistics_L": "fermi",
    "statistics_R": "fermi",
}
ENTANGLED: trials.Point = {"g": 0.001, "gamma_L": 0.0002, "gamma_R": 0.01, "T_L": 10.0, "T_R": 0.05}


@claim(
    "critical-current",
    place="sec. III.2, appendix C",
    says="Two qubits are entangled in the steady state exactly if the current exceeds J_c = 4 g omega sqrt(p_1 p_4), "
    "for baths of any statistics.",
)
def critical_current(rng: Generator) -> Evidence:
    def margin(**k: Any) -> Array:
        state = _state(**k)
        wootters = second.concurrence(state)
        p = trials.bridge(**k)
        size = np.abs(ap.eq33_coherence(p))
        from_current = 2 * np.maximum(0.0, size * (1 - 1 / over_critical(**k)))
        # the eigenvalues of a 4 x 4 matrix are known to 1e-15, their roots to 3e-8
        return np.asarray(np.where(size > 1e-12, 1e-6 - np.abs(wootters - from_current), np.nan))

    return holds(
        hunt(
            "Wootters' concurrence equals (|J| - J_c)/(2 g omega) above J_c, else 0 (to 1e-6)",
            margin,
            TWO_QUBITS,
            rng,
        ),
        finding="Right for all four combinations of baths, both signs of g (with |g|) and both directions (with "
        "|J|).",
    )


@claim(
    "entanglement-with-equal-couplings",
    place="sec. III.2, appendix C",
    says="Even with gamma_L = gamma_R (and bosonic baths, eq. (40)) the current can reach J_c and entangle the "
    "qubits.",
)
def equal_couplings(rng: Generator) -> Evidence:
    def margin(*, gamma: Array, **k: Any) -> Array:
        return 1 - over_critical(gamma_L=gamma, gamma_R=gamma, **k)

    domain: trials.Ground = {"gamma": Range(1e-4, 10, log=True), "g": BOSE_QUBITS["g"]} | HOT
    gamma = 10 ** rng.uniform(-3, 0, 240)
    points = {
        "gamma_L": gamma,
        "gamma_R": gamma,
        "g": gamma * 10 ** rng.uniform(-4, 2, 240),
        "T_L": 10 ** rng.uniform(-1, 3, 240),
    }
    n = 1 / np.expm1(1 / points["T_L"])
    closed = 1 / np.sqrt((points["g"] / gamma * (2 + n) / (1 + n)) ** 2 + 1 + n)
    at: trials.Point = {"g": 1e-4, "gamma_L": 0.01, "gamma_R": 0.01, "T_L": 0.2, "T_R": 0.0}
    best = float(over_critical(**at))
    rho = trials.pair_state(**at)
    dense = float(trials.pair_current(**at)) / (4 * at["g"] * np.sqrt(rho[0, 0].real * rho[3, 3].real))
    entangled = float(SpinChain(N=2, **FERMIONIC).concurrence())
    again = float(second.concurrence(trials.pair_state(**FERMIONIC)))
    return fails(
        fact(
            "some current of qubits between bosonic baths, gamma_L = gamma_R, exceeds J_c",
            best > 1,
            at=at,
            J_over_J_c=best,
        ),
        right=(
            hunt("J stays below J_c, any T_R", margin, domain, rng),
            compare(
                "J/J_c at T_R = 0 against [(g/gamma)^2 ((2 + n)/(1 + n))^2 + 1 + n]^(-1/2)",
                over_critical(**points, T_R=0.0),
                closed,
                points,
            ),
            fact(
                "fermionic baths do entangle with gamma_L = gamma_R",
                entangled > 0,
                at=FERMIONIC,
                concurrence=entangled,
            ),
        ),
        corrected=r"\frac{J^{(2)}_{SS}}{J_c}=\Big[\frac{g^2}{\gamma^2}\Big(\frac{2+n_L}{1+n_L}\Big)^2+1+n_L"
        r"\Big]^{-1/2}<1",
        method="J over J_c: closed form at T_R = 0, random search and optimiser at any T_R",
        finding="Eq. (40) is right, but the current never gets there: with bosonic baths and gamma_L = gamma_R "
        "the steady "
        "state is separable for every g, T_L and T_R. J/J_c approaches 1 from below only as n_L and g/gamma go to 0. "
        "With a fermionic hot bath the sentence is right.",
        second=confirm(
            "dense 16x16 Liouvillian, Wootters' formula",
            J_over_J_c=(best, dense),
            concurrence_fermionic=(entangled, again),
        ),
        size="At gamma_L = gamma_R = g = 0.01 omega, T_L = omega, T_R = 0, J/J_c is "
        f"{float(over_critical(g=0.01, gamma_L=0.01, gamma_R=0.01, T_L=1.0, T_R=0.0)):.4f}.",
        consequence="Yes: the sentence is the paper's reason for 'no fundamental relation between heat "
        "rectification and "
        "entanglement'. That conclusion can be saved by other examples, with fermionic baths or at strong "
        "coupling (see the "
        "next entry), not in the setting in which it is drawn.",
    )


@claim(
    "no-relation-to-rectification",
    place="sec. III.2, V",
    says="Entanglement and rectification are not tied to each other: each occurs without the other.",
)
def no_relation(rng: Generator) -> Evidence:
    def margin(**k: Any) -> Array:
        ratio = over_critical(**k)
        hot_weaker = np.where(k["T_L"] > k["T_R"], k["gamma_L"] < k["gamma_R"], k["gamma_R"] < k["gamma_L"])
        return np.asarray(np.where(hot_weaker, np.nan, 1 - ratio))

    bosonic = hunt(
        "bosonic baths: no entanglement unless the hot coupling is the weaker one",
        margin,
        BOSE_QUBITS | HOT,
        rng,
    )
    fermionic = SpinChain(N=2, **FERMIONIC)
    strong: trials.Point = {"g": 0.8, "gamma_L": 0.02, "gamma_R": 0.02, "T_L": 0.4, "T_R": 0.1}
    engine = trials.engine(strong)
    cold = SpinChain(N=2, **FIGURE, T_L=1.0, T_R=0.0)
    at: trials.Point = {"g": 0.01, "gamma_L": 0.01, "gamma_R": 0.01, "T_L": 1.0, "T_R": 0.0}
    ratio = float(over_critical(**at))
    dense = trials.pair_state(**FERMIONIC)
    return conditional(
        inside=(
            fact(
                "fermionic baths, gamma_L = gamma_R: entangled, no rectification",
                bool(fermionic.concurrence() > 0 and fermionic.contrast() == 0),
                at=FERMIONIC,
                concurrence=fermionic.concurrence(),
                contrast=fermionic.contrast(),
            ),
            fact(
                "strong coupling, gamma_L = gamma_R: entangled, no rectification",
                bool(engine.concurrence() > 0 and engine.contrast() < 1e-10),
                at=strong,
                concurrence=engine.concurrence(),
            ),
            fact(
                "couplings of figure 2: rectification, not entangled",
                bool(cold.concurrence() == 0 and cold.contrast() > 0.1),
                at=FIGURE | {"T_L": 1.0, "T_R": 0.0},
                concurrence=cold.concurrence(),
                contrast=cold.contrast(),
            ),
            bosonic,
        ),
        outside=(
            fact(
                "entanglement without rectification, bosonic baths at weak coupling",
                ratio > 1,
                at=at,
                largest_J_over_J_c_there=ratio,
            ),
        ),
        conditions="Fermionic baths, or strong coupling. Between bosonic baths at weak coupling entanglement "
        "needs unequal "
        "couplings, the hot one weaker, and therefore always comes with rectification.",
        finding="Rectification without entanglement is common. Entanglement without rectification exists, but "
        "not in the "
        "bosonic weak-coupling setting of the section, where every entangled machine rectifies.",
        second=confirm(
            "dense Liouvillians, Wootters' formula",
            concurrence_fermionic=(fermionic.concurrence(), second.concurrence(dense)),
            concurrence_strong=(engine.concurrence(), second.concurrence(trials.global_state(**strong))),
        ),
    )


@claim(
    "swapping-extinguishes-entanglement",
    place="sec. III.2",
    says="With unequal couplings a swap of the temperatures can take the current below J_c and end the entanglement.",
)
def swapping(rng: Generator) -> Evidence:
    def margin(**k: Any) -> Array:
        swapped = k | {"T_L": k["T_R"], "T_R": k["T_L"]}
        return 1 - np.minimum(over_critical(**k), over_critical(**swapped))

    forward = SpinChain(N=2, **ENTANGLED)
    backward = forward.replace(T_L=ENTANGLED["T_R"], T_R=ENTANGLED["T_L"])
    return holds(
        fact(
            "entangled one way, separable the other",
            bool(forward.concurrence() > 0.05 and backward.concurrence() == 0),
            at=ENTANGLED,
            concurrence=forward.concurrence(),
            swapped=backward.concurrence(),
            contrast=forward.contrast(),
        ),
        hunt("bosonic baths: never entangled in both directions", margin, BOSE_QUBITS | HOT, rng),
        method="local equation; random draws and a local search",
        finding="Between bosonic baths it is not a possibility but a rule: no machine is entangled in both "
        "directions.",
    )


@claim(
    "two-qubits-can-entangle",
    place="abstract, sec. III.2, III.4",
    says="With well chosen parameters the two-qubit machine is entangled while it rectifies.",
)
def can_entangle(rng: Generator) -> Evidence:
    machine = SpinChain(N=2, **ENTANGLED)

    def nearest(t: Array) -> Array:
        return over_critical(**FIGURE, T_L=t, T_R=0.0)

    figure = maximise(nearest, 0.05, 100.0, scale="log")
    swapped = maximise(lambda t: over_critical(**FIGURE, T_L=0.0, T_R=t), 0.05, 100.0, scale="log")
    strong = trials.engine({"g": 0.8, "gamma_L": 0.01, "gamma_R": 0.02, "T_L": 0.4, "T_R": 0.0})
    return holds(
        fact(
            "entangled and rectifying at weak coupling, bosonic baths",
            bool(machine.concurrence() > 0.05 and machine.contrast() > 0.1),
            at=ENTANGLED,
            concurrence=machine.concurrence(),
            contrast=machine.contrast(),
        ),
        fact(
            "entangled and rectifying at the couplings of figure 4",
            bool(strong.concurrence() > 0.1 and strong.contrast() > 0.1),
            concurrence=strong.concurrence(),
            contrast=strong.contrast(),
            T_L=0.4,
        ),
        fact(
            "not entangled at the couplings of figure 2, T_R = 0, any T_L in 0.05 to 100 omega",
            bool(figure.value < 1 and swapped.value < 1),
            largest_J_over_J_c=figure.value,
            at_T_L=figure.x,
            temperatures_swapped=swapped.value,
        ),
        method="local and global master equations; J/J_c maximised over T_L",
        finding="Right, for chosen parameters: the couplings of figure 2 give no entanglement at any temperature.",
    )


@claim(
    "roots-not-eigenvalues",
    place="appendix C",
    says="The eigenvalues of R are |sqrt(p_2 p_3) +- |C|| and, twice, sqrt(p_1 p_4).",
    against="Two sentences earlier: the Lambda_i are the square roots of the eigenvalues of R.",
)
def eigenvalues(rng: Generator) -> Evidence:
    def spectrum(case: Case) -> tuple[Any, ...]:
        rho = _state(**case.points, **case.kind)
        flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
        found = np.sort(np.linalg.eigvals(rho @ flip @ rho.conj() @ flip).real, axis=-1)[:, ::-1]
        p, c = np.einsum("kii->ki", rho).real, np.abs(rho[:, 1, 2])
        inner, outer = np.sqrt(p[:, 1] * p[:, 2]), np.sqrt(p[:, 0] * p[:, 3])
        stated = np.stack([inner + c, np.abs(inner - c), outer, outer], axis=-1)
        return np.sort(stated, axis=-1)[:, ::-1], np.sort(stated**2, axis=-1)[:, ::-1], found

    points, (stated, squared, found) = stacked(rng, spectrum, kinds=trials.QUBITS)
    at: trials.Point = FIGURE | {"T_L": 1.0, "T_R": 0.1}
    rho = trials.pair_state(**at)
    largest = float((np.sqrt(rho[1, 1].real * rho[2, 2].real) + abs(rho[1, 2])) ** 2)
    flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
    dense = float(np.linalg.eigvals(rho @ flip @ rho.conj() @ flip).real.max())
    return fails(
        compare("as stated", stated, found, points, scale=found[:, :1]),
        right=(compare("their squares", squared, found, points, scale=found[:, :1]),),
        corrected=r"\text{the square roots of the eigenvalues of }R\text{ are }\Lambda_i",
        method="numerical eigenvalues of R for random machines, all four baths",
        counterexample=at,
        numbers={"largest eigenvalue of R there": largest},
        finding="A slip of wording: these are the square roots, as the definition before says.",
        second=confirm("numerical eigenvalues of R of a dense steady state", largest=(largest, dense)),
        size="Wording only.",
        consequence="None: the concurrence uses the square roots.",
    )


@claim("largest-root", place="appendix C", says="sqrt(p_2 p_3) + |C| is the largest of the four.")
def largest_root(rng: Generator) -> Evidence:
    def margin(**k: Any) -> Array:
        rho = _state(**k)
        p = np.einsum("kii->ki", rho).real
        return np.asarray(np.sqrt(p[:, 1] * p[:, 2]) + np.abs(rho[:, 1, 2]) - np.sqrt(p[:, 0] * p[:, 3]))

    return holds(
        hunt("sqrt(p_2 p_3) + |C| >= sqrt(p_1 p_4)", margin, TWO_QUBITS, rng),
        finding="Not true of every X state, but of these: p_2 p_3 is never below p_1 p_4, since two qubits with "
        "local baths "
        "are free fermions.",
    )


@claim(
    "simplest-machine",
    place="abstract, sec. V",
    says="It is the simplest machine that turns incoherent resources into entanglement while it rectifies and "
    "valves heat.",
)
def simplest(rng: Generator) -> Evidence:
    return undecided("'Simplest' compares with all machines; no computation here ranks them.")


def _state(**k: Any) -> Complex:
    """Steady state of two qubits from its moments and eq. (38), shape (n, 4, 4)."""
    p = trials.bridge(**k)
    p1, p4 = ap.eq38_populations(p)
    first, last = ap.corrected_excitations(p)
    return ap.eq37_state(p1, first - p1, last - p1, p4, ap.eq33_coherence(p))
