"""Claims of khandelwal2025 about finite U and mu: figure 3, its caption and the text around it; figure 1."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from qte.ledger.checks import Domain, Range, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, fails, holds
from qte.machines.three_qubit import ThreeQubitMachine
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025.parts import (
    FIGURE,
    FINITE,
    INF,
    Array,
    concurrence_again,
    figure,
    finite,
    sink_rates,
)  # fmt: skip

NEAR_MAXIMAL = 0.9
# Temperatures well below eps; |eps - mu| = 0.2 eps is 10 T and 20 g, as the master equation asks.
COLD = {
    "g13": 0.01,
    "g23": 0.01,
    "gamma_1": 0.01,
    "gamma_3": 0.01,
    "T_1": 0.02,
    "T_3": 0.02,
    "U": 0.5,
    "mu": 1.2,
}


@claim(
    "quoted-above-099",
    place="Time-scale and entanglement generation away from ideal operation; figure 3",
    says="U = 15 T and mu = 8 T give a concurrence above 0.99.",
)
def above(rng: Generator) -> Evidence:
    C = figure(U=15.0, mu=8.0).concurrence()
    return holds(
        fact("C > 0.99", bool(C > 0.99), C=C),
        method="master equation at the parameters of figure 3",
        finding="C = 0.993447, with the parameters that figure 3 takes over from figure 2: g = 0.05 eps, T = eps.",
    )


@claim(
    "quoted-025",
    place="Time-scale and entanglement generation away from ideal operation; figure 3",
    says="U = mu = 15 T gives 0.25 only.",
)
def quarter(rng: Generator) -> Evidence:
    C = figure(U=15.0, mu=15.0).concurrence()
    large = figure(U=300.0, mu=300.0).concurrence()
    return holds(
        fact("0.25 to its two digits", bool(abs(C - 0.25) < 0.005), C=C, C_at_300_T=large),
        method="master equation at the parameters of figure 3",
        finding="C = 0.249249; along U = mu it never exceeds 0.249251 at these couplings.",
    )


@claim(
    "loss-by-double-excitations",
    place="Time-scale and entanglement generation away from ideal operation",
    says="The loss at U = mu is due to double excitations that the left reservoir brings in.",
)
def doubles(rng: Generator) -> Evidence:
    at = figure(U=15.0, mu=15.0)
    diagonal = at.steady_state().rho.diagonal().real
    blocked = figure(U=INF, mu=15.0).concurrence()
    return holds(
        fact(
            "without double excitations (U = inf, same mu) the entanglement is back",
            bool(blocked > 0.999),
            C=blocked,
            population_of_two_excitations=diagonal[[1, 2, 4]].sum(),
            population_of_three_excitations=diagonal[0],
        ),
        fact(
            "the left reservoir's rate at eps + U - mu is not small, the right one's is",
            bool(dense.fermi(1.0, 1.0) > 0.2 and dense.fermi(16.0, 1.0) < 1e-6),
            n_F_left=float(dense.fermi(1.0, 1.0)),
            n_F_right=float(dense.fermi(16.0, 1.0)),
        ),
        method="the same machine with the second absorption taken away",
        finding="As said.",
    )


@claim(
    "near-maximal-where-both-are-large",
    place="figure 3, caption",
    says="The entanglement is near-maximal where mu/T and U/T are both sufficiently larger than 1.",
    against="The text on figure 3: U has to be sufficiently larger than mu; U = mu = 15 T gives 0.25.",
)
def both_large(rng: Generator) -> Evidence:
    x = np.linspace(8.0, 20.0, 61)
    C = figure(U=0.0, mu=0.0).replace(U=x[:, None], mu=x).concurrence()
    whole = np.linspace(0.0, 20.0, 101)
    window = figure(U=0.0, mu=0.0).replace(U=whole[:, None], mu=whole).concurrence()
    wide = whole[:, None] - whole >= 6.0
    region = window[wide & (whole >= 6.0)]
    at = figure(U=15.0, mu=15.0).concurrence()
    return fails(
        fact(
            "U/T and mu/T both at least 8, up to 20: C > 0.9",
            bool((C > NEAR_MAXIMAL).all()),
            {**FIGURE, "U": 15.0, "mu": 15.0},
            share_of_it_with_C_above_09=float((C > NEAR_MAXIMAL).mean()),
            smallest_C=C.min(),
            C_at_15_and_15=at,
        ),
        right=(
            fact(
                "mu and U - mu both at least 6 T",
                bool((region > 0.96).all()),
                smallest_C=region.min(),
                share_of_the_window_0_to_20_with_C_above_09=float((window > NEAR_MAXIMAL).mean()),
                share_with_C_above_099=float((window > 0.99).mean()),
            ),
        ),
        finding="What has to be large is mu - eps and U + eps - mu, each against T. The diagonal U = mu of the figure has "
        "C = 0.25 however large both are.",
        method="the map of figure 3",
        second=confirm(
            "dense null vector of 64 equations", C_at_15_and_15=(at, concurrence_again(U=15.0, mu=15.0))
        ),
        corrected=r"\mu-\varepsilon\gg T\ \text{ and }\ U+\varepsilon-\mu\gg T",
        size="C = 0.249249 at U = mu = 15 T, instead of near-maximal",
        consequence="None: the figure and the text say it right; the caption leaves out the second condition.",
    )


@claim(
    "much-larger-than-the-qubit-energies",
    place="Time-scale and entanglement generation away from ideal operation",
    says="The scheme requires U and mu much larger than the qubit energies and the temperatures.",
)
def much_larger(rng: Generator) -> Evidence:
    names = ("g13", "g23", "gamma_1", "gamma_3", "U_over_T")
    domain: Domain = {
        **{n: FINITE[n] for n in names},
        "T": Range(1.0, 20.0, log=True),
        "mu_over_T": Range(-5.0, 2.0),
    }

    def margin(**p: Array) -> Array:
        return np.asarray(NEAR_MAXIMAL - finite(**p).concurrence())

    C = ThreeQubitMachine(**COLD).concurrence()
    return conditional(
        inside=(hunt("T >= eps and mu <= 2 T: C < 0.9", margin, domain, rng),),
        outside=(fact("U = 0.5 eps, mu = 1.2 eps gives C < 0.9", bool(C < NEAR_MAXIMAL), COLD, C=C),),
        conditions="Temperatures of the order of eps or above, as in figure 3. In general mu - eps >> T and U + eps - mu >> T.",
        finding="At temperatures well below eps neither U nor mu need exceed the gap by much; U may even be half of it. Cold "
        "machines need far less repulsion and bias than said.",
        method="master equation; the counterexample at T = 0.02 eps, g = gamma = 0.01 eps, within the bounds of the master "
        "equation: g, gamma << |eps - mu|",
        second=confirm("dense null vector of 64 equations", C=(C, concurrence_again(**COLD))),
    )


@claim(
    "u-larger-than-mu",
    place="Time-scale and entanglement generation away from ideal operation",
    says="For large entanglement U has to be sufficiently larger than mu.",
)
def u_above_mu(rng: Generator) -> Evidence:
    names = ("g13", "g23", "gamma_1", "gamma_3", "mu_over_T")
    domain: Domain = {
        **{n: FINITE[n] for n in names},
        "T": Range(1.0, 20.0, log=True),
        "part": Range(0.0, 1.0),
    }

    def margin(part: Array, **p: Array) -> Array:
        return np.asarray(NEAR_MAXIMAL - finite(**p, U_over_T=part * p["mu_over_T"]).concurrence())

    C = ThreeQubitMachine(**COLD).concurrence()
    return conditional(
        inside=(hunt("T >= eps and U <= mu: C < 0.9", margin, domain, rng),),
        outside=(fact("U = 0.5 eps below mu = 1.2 eps: C < 0.9", bool(C < NEAR_MAXIMAL), COLD, C=C),),
        conditions="Temperatures of the order of eps or above, as in figure 3. In general U + eps - mu >> T_1.",
        finding="A second particle costs eps + U, not U: at T << eps, U may stay below mu.",
        second=confirm("dense null vector of 64 equations", C=(C, concurrence_again(**COLD))),
    )


@claim(
    "figure-1-singlet",
    place="figure 1, caption",
    says="In the ideal regime the steady state has qubits 1 and 2 in the singlet.",
    against="Eq. (4) and its text: a singlet for equal couplings only, any pure state otherwise.",
)
def figure_one(rng: Generator) -> Evidence:
    g = rng.uniform(0.01, 0.5, 300)
    equal = figure(U=INF, mu=INF).replace(g13=g, g23=g).fidelity("singlet")
    skew = float(figure(U=INF, mu=INF, g13=0.1).fidelity("singlet"))
    small = dense.blockade(3, [(0, 2, 0.1), (1, 2, 0.05)], {0: (0.1, 0.0), 2: sink_rates()})
    again = dense.overlap(small.steady(), small.vector([1.0, -1.0, 0.0]))
    return conditional(
        inside=(fact("g_13 = g_23", bool(np.abs(equal - 1).max() < 1e-10), draws=300, fidelity=1.0),),
        outside=(
            fact("g_13 = 2 g_23", skew > 1 - 1e-9, {"g13": 0.1, "g23": 0.05}, fidelity_with_the_singlet=skew),
        ),
        conditions="g_13 = g_23, which the caption does not repeat.",
        method="master equation in the limit",
        finding="The fidelity with the singlet is (g_13 + g_23)^2/(2 g_13^2 + 2 g_23^2).",
        second=confirm("dense null vector on four states", fidelity=(skew, again)),
    )
