"""Ledger of santiagogarcia2024: equations (26) to (42), appendices A to D."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.ledger import second
from qte.ledger.checks import compare
from qte.ledger.entries import equation
from qte.ledger.evidence import Evidence, confirm, exact, misprint
from qte.papers.santiagogarcia2024 import equations_appendix as ap
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, Complex
from qte.papers.santiagogarcia2024.trials import Case, bosonic, stacked

MOMENTS: Final = "second moments of both systems, solved without subtraction, against the formula"
RANDOM: Final = (
    "Tr[O L rho] of random two-qubit and truncated two-oscillator states (the truncation is exact)"
)
EVERY: Final = "Holds in every state for all eight combinations of statistics and both signs of g."
# Levels that a random state fills, and levels kept: no operator of the equations reaches further.
FILLED: Final = {"qubit": 2, "oscillator": 3}
KEPT: Final = {"qubit": 2, "oscillator": 6}


@equation(
    "26",
    place="appendix A",
    printed=r"J^{(2)}_{SS}=2\omega\gamma_L(n_L-[1+(\epsilon_L-\epsilon_a)n_L]\langle s_1^\dagger s_1\rangle_{SS})",
)
def eq26(rng: Generator) -> Evidence:
    def currents(case: Case) -> tuple[Any, ...]:
        first = case.two.occupations()[:, 0]
        inward = 2 * case.points["omega"] * case.p.rates("L").plus
        net = case.two.net_current()
        return ap.eq26_heat_current(case.p, first), net, inward + np.abs(net)

    points, (printed, machine, size) = stacked(rng, currents)
    return exact(
        compare("J from the first occupation", printed, machine, points, scale=size),
        method=MOMENTS,
        finding="Agrees for all eight combinations of statistics.",
    )


@equation(
    "27",
    place="appendix A",
    printed=r"\frac{d}{dt}\langle s_1^\dagger s_1\rangle=(-\gamma_L^-+\epsilon_a\gamma_L^+)\langle s_1^"
    r"\dagger s_1\rangle"
    r"+\gamma_L^++ig(\langle s_1s_2^\dagger\rangle-\langle s_1^\dagger s_2\rangle)",
)
def eq27(rng: Generator) -> Evidence:
    return _moment(rng, ap.eq27_change, (0, 0))


@equation(
    "28",
    place="appendix A",
    printed=r"\frac{d}{dt}\langle s_2^\dagger s_2\rangle=(-\gamma_R^-+\epsilon_a\gamma_R^+)\langle s_2^"
    r"\dagger s_2\rangle"
    r"+\gamma_R^+-ig(\langle s_1s_2^\dagger\rangle-\langle s_1^\dagger s_2\rangle)",
)
def eq28(rng: Generator) -> Evidence:
    return _moment(rng, ap.eq28_change, (1, 1))


@equation(
    "29",
    place="appendix A",
    printed=r"\frac{d}{dt}\langle s_1s_2^\dagger\rangle=+ig(\langle s_1^\dagger s_1\rangle-\langle s_2^"
    r"\dagger s_2\rangle)"
    r"+\frac12[(\gamma_L^++\gamma_R^+)\epsilon_a-(\gamma_L^-+\gamma_R^-)]\langle s_1s_2^\dagger\rangle",
)
def eq29(rng: Generator) -> Evidence:
    return _moment(rng, ap.eq29_change, (1, 0))


@equation(
    "30",
    place="appendix A",
    printed=r"\frac{d}{dt}\langle s_1^\dagger s_2\rangle=-ig(\langle s_1^\dagger s_1\rangle-\langle s_2^"
    r"\dagger s_2\rangle)"
    r"+\frac12[(\gamma_L^++\gamma_R^+)\epsilon_a-(\gamma_L^-+\gamma_R^-)]\langle s_1^\dagger s_2\rangle",
)
def eq30(rng: Generator) -> Evidence:
    return _moment(rng, ap.eq30_change, (0, 1))


@equation(
    "31",
    place="appendix A",
    printed=r"\langle s_1^\dagger s_1\rangle_{SS}=\frac{4(\gamma_L^++\gamma_R^+)g^2+\gamma_L^+(\gamma_R^--"
    r"\epsilon_a\gamma_R^+)"
    r"[\gamma_L^-+\gamma_R^--\epsilon_a(\gamma_L^++\gamma_R^2)]}{[4g^2+(\gamma_L^--\epsilon_a\gamma_L^+)("
    r"\gamma_R^--\epsilon_a\gamma_R^+)]"
    r"[\gamma_L^-+\gamma_R^--\epsilon_a(\gamma_L^++\gamma_R^+)]}",
)
def eq31(rng: Generator) -> Evidence:
    return _occupation(rng, 0)


@equation(
    "32",
    place="appendix A",
    printed=r"\langle s_2^\dagger s_2\rangle_{SS}=\frac{4(\gamma_L^++\gamma_R^+)g^2+\gamma_R^+(\gamma_L^--"
    r"\epsilon_a\gamma_L^+)"
    r"[\gamma_L^-+\gamma_R^--\epsilon_a(\gamma_L^++\gamma_R^2)]}{[4g^2+(\gamma_L^--\epsilon_a\gamma_L^+)("
    r"\gamma_R^--\epsilon_a\gamma_R^+)]"
    r"[\gamma_L^-+\gamma_R^--\epsilon_a(\gamma_L^++\gamma_R^+)]}",
)
def eq32(rng: Generator) -> Evidence:
    return _occupation(rng, 1)


@equation(
    "33",
    place="appendix A",
    printed=r"\langle s_1s_2^\dagger\rangle_{SS}=\frac{2ig(\gamma_L^+\gamma_R^--\gamma_L^-\gamma_R^+)}"
    r"{[4g^2+(\gamma_L^--\epsilon_a\gamma_L^+)(\gamma_R^--\epsilon_a\gamma_R^+)][\gamma_L^-+\gamma_R^--"
    r"\epsilon_a(\gamma_L^++\gamma_R^+)]}",
)
def eq33(rng: Generator) -> Evidence:
    points, (printed, machine) = stacked(
        rng, lambda c: (ap.eq33_coherence(c.p), c.two.correlations()[:, 1, 0])
    )
    return exact(
        compare("coherence", printed, machine, points),
        method=MOMENTS,
        finding="Agrees for all eight combinations of statistics and both signs of g.",
    )


@equation(
    "34",
    place="appendix B",
    printed=r"\alpha_0=[1+\frac{\gamma_L\gamma_R}{4g^2}]^{-1}\ {\rm if}\ \epsilon_L-\epsilon_a=0",
)
def eq34(rng: Generator) -> Evidence:
    return _scaling(rng, "alpha_0", {"bose": "oscillator", "fermi": "qubit"})


@equation(
    "35",
    place="appendix B",
    printed=r"\alpha_1=[1+\frac{\gamma_L\gamma_R}{4g^2}\coth(\frac{\hbar\omega}{2k_BT_L})]^{-1}\ {\rm if}\ "
    r"\epsilon_L-\epsilon_a=2",
)
def eq35(rng: Generator) -> Evidence:
    return _scaling(rng, "alpha_1", {"bose": "qubit"})


@equation(
    "36",
    place="appendix B",
    printed=r"\alpha_2=[1+\frac{\gamma_L\gamma_R}{4g^2}\tanh(\frac{\hbar\omega}{2k_BT_L})]^{-1}\ {\rm if}\ "
    r"\epsilon_L-\epsilon_a=-2",
)
def eq36(rng: Generator) -> Evidence:
    return _scaling(rng, "alpha_2", {"fermi": "oscillator"})


@equation(
    "37",
    place="appendix C",
    printed=r"\rho_{SS}=\begin{pmatrix}p_1&0&0&0\\0&p_2&\mathcal C&0\\0&\mathcal C^*&p_3&0\\0&0&0&p_4\end{pmatrix}",
)
def eq37(rng: Generator) -> Evidence:
    def form(case: Case) -> tuple[Any, ...]:
        rho = trials.pair_state(**case.points, **case.kind)
        c = ap.text_coherence(case.p, case.two.net_current())
        p1, p4 = ap.eq38_populations(case.p)
        first, last = case.two.occupations().T
        return ap.eq37_state(p1, first - p1, last - p1, p4, c), rho

    points, (printed, dense) = stacked(rng, form, kinds=trials.QUBITS)
    return exact(
        compare("all sixteen entries", printed, dense, points, scale=1.0),
        method="dense 16x16 Liouvillian against p_1, p_4 of (38), occupations and the coherence of sec. III.1",
        finding="All entries printed as zero vanish; the coherence sits in the place of |10><01|, for all baths.",
    )


@equation(
    "38",
    place="appendix C",
    printed=r"p_1=\frac{4g^2(\gamma_L^++\gamma_R^+)^2+\gamma_L^+\gamma_R^+\Gamma^2}{(4g^2+\Gamma_L\Gamma_R)"
    r"\Gamma^2},\ "
    r"p_4=\frac{4g^2(\gamma_L^-+\gamma_R^-)^2+\gamma_L^-\gamma_R^-\Gamma^2}{(4g^2+\Gamma_L\Gamma_R)\Gamma^2}",
)
def eq38(rng: Generator) -> Evidence:
    def populations(case: Case) -> tuple[Any, ...]:
        rho = case.two.steady_state().rho
        return (*ap.eq38_populations(case.p), rho[:, 0, 0].real, rho[:, 3, 3].real)

    points, (p1, p4, full, ground) = stacked(rng, populations, kinds=trials.QUBITS)
    return exact(
        compare("p_1", p1, full, points),
        compare("p_4", p4, ground, points),
        method="master equation solved by elimination",
        finding="Agrees for all four combinations of baths.",
    )


@equation(
    "39",
    place="appendix C",
    printed=r"J_c=\frac{8g^2\omega}{\chi}[4g^2(\gamma_L^++\gamma_R^+)^2(\gamma_L^-+\gamma_R^-)^2+\Gamma^2("
    r"\gamma_L^-\gamma_R^-(\gamma_L^++\gamma_R^+)^2"
    r"+\gamma_L^+\gamma_R^+(\gamma_L^-+\gamma_R^-)^2)+\gamma_L^+\gamma_L^-\gamma_R^+\gamma_R^-\frac{"
    r"\Gamma^4}{4g}]^{1/2}",
)
def eq39(rng: Generator) -> Evidence:
    def currents(case: Case) -> tuple[Any, ...]:
        positive = Case(case.points | {"g": np.abs(case.points["g"])}, case.kind)
        p = positive.p
        return ap.eq39_critical_current(p), ap.corrected_critical_current(p), positive.two.critical_current()

    points, (printed, corrected, machine) = stacked(rng, currents, kinds=trials.QUBITS)
    points["g"] = np.abs(points["g"])
    at = trials.FIGURE | {"T_L": 1.0, "T_R": 0.1}
    p = trials.bridge(**at)
    right = ap.corrected_critical_current(p)
    rho = trials.pair_state(**at)
    again = 4 * at["g"] * np.sqrt(rho[0, 0].real * rho[3, 3].real)
    share = float(ap.eq39_critical_current(p) / right)
    return misprint(
        printed=(compare("J_c as printed", printed, machine, points),),
        corrected_form=(compare("J_c with 4g^2", corrected, machine, points),),
        corrected=r"\ldots+\gamma_L^+\gamma_L^-\gamma_R^+\gamma_R^-\frac{\Gamma^4}{4g^2}]^{1/2}",
        method="4 g omega sqrt(p_1 p_4) of the steady state, g > 0, all four combinations of baths",
        counterexample=at,
        numbers={"J_c there": right, "as printed over J_c there": share},
        finding="The last term must stand over 4g^2 (p_1 p_4 demands it, and so do the units). "
        "The TeX of the text at hand has 4g.",
        second=confirm("dense 16x16 Liouvillian", J_c=(right, again)),
        size=f"At the couplings of figure 2, T_L = omega, T_R = 0.1 omega: {share:.4f} of the right value.",
        consequence="None: (40) follows from the right form.",
    )


@equation(
    "40",
    place="appendix C",
    printed=r"J_c=2n_L\omega\alpha_1\frac{[4g^2(2+n_L)^2+\gamma^2[\coth(\hbar"
    r"\omega/2k_BT_L)+1]^2(1+n_L)]^{1/2}}{[\coth(\hbar\omega/2k_BT_L)+1]^2}",
)
def eq40(rng: Generator) -> Evidence:
    case = bosonic(rng, T_R=0.0)
    case = Case(case.points | {"gamma_R": case.points["gamma_L"]}, case.kind)
    return exact(
        compare("J_c", ap.eq40_critical_current(case.p), case.two.critical_current(), case.points),
        method="4 |g| omega sqrt(p_1 p_4) of the steady state at T_R = 0, gamma_L = gamma_R",
        finding="Exact. That the current never reaches it is the subject of a claim below.",
    )


@equation("41", place="appendix D", printed=r"\Pi=\frac{dS}{dt}-\sum_\lambda\beta_\lambda J_\lambda")
def eq41(rng: Generator) -> Evidence:
    def produced(case: Case) -> tuple[Any, ...]:
        heat = case.two.heat_current("L"), case.two.heat_current("R")
        size = np.abs(heat[0]) * (1 / case.points["T_L"] + 1 / case.points["T_R"])
        return ap.eq41_entropy_production(case.p, *heat), _spohn(case), size

    # at lower temperatures the logarithms of a dense state lose the digits that the comparison needs
    points, (printed, spohn, size) = stacked(
        rng,
        lambda c: produced(Case(c.points | {k: 0.3 + c.points[k] for k in ("T_L", "T_R")}, c.kind)),
        kinds=trials.QUBITS,
    )
    return exact(
        compare("steady entropy production", printed, spohn, points, scale=size),
        method="Spohn's form, minus Tr[D_l rho (ln rho - ln rho_l)] over both baths, from a dense 16x16 Liouvillian",
        finding="In the steady state (dS/dt = 0) it equals Spohn's entropy production for all four baths, with "
        "J_lambda the "
        "heat from bath lambda, that is Q_lambda.",
    )


@equation(
    "42",
    place="appendix D",
    printed=r"\frac{|\Pi^\rightarrow_{SS}|}{|\Pi^\leftarrow_{SS}|}=\frac{|J^{(2)\rightarrow}_{SS}|}{|J^{(2)"
    r"\leftarrow}_{SS}|}=\mathcal R",
)
def eq42(rng: Generator) -> Evidence:
    def ratios(case: Case) -> tuple[Any, ...]:
        k = {name: value + 0.5 if name[0] == "T" else value for name, value in case.points.items()}
        k["T_L"] = k["T_L"] * np.where(np.abs(k["T_L"] / k["T_R"] - 1) < 0.2, 1.5, 1.0)
        back = k | {"T_L": k["T_R"], "T_R": k["T_L"]}
        forward, backward = (_spohn(Case(points, case.kind)) for points in (k, back))
        currents = (Case(points, case.kind).two.net_current() for points in (k, back))
        return ap.eq42_rectification(forward, backward), ap.eq42_rectification(*currents)

    points, (produced, current) = stacked(rng, ratios, kinds=trials.QUBITS)
    return exact(
        compare(
            "ratio of entropy productions against that of currents",
            produced,
            current,
            points,
            scale=_most(current),
        ),
        method="Spohn's entropy production, dense, against the currents from the moments",
        finding="Agrees for all four baths.",
    )


def _most(ratio: Array) -> Array:
    return np.maximum(1.0, ratio)


def _spohn(case: Case) -> Array:
    """Entropy production of two qubits from the state alone, shape (n,)."""
    k = case.points
    rho = trials.pair_state(**k, **case.kind)
    values, vectors = np.linalg.eigh(rho)
    logarithm = (vectors * np.log(values)[:, None, :]) @ vectors.conj().swapaxes(-1, -2)
    total = np.zeros(len(rho))
    number = second.number(0, 2) + second.number(1, 2)
    for jumps, t in zip(trials.pair_jumps(**k, **case.kind), (k["T_L"], k["T_R"]), strict=True):
        # ln rho_l = -omega N/T_l, up to a constant
        observable = logarithm + (k["omega"] / t)[:, None, None] * number
        total = total - second.energy_flow(observable, jumps, rho)
    return total


def _moment(rng: Generator, printed: Any, entry: tuple[int, int]) -> Evidence:
    """One equation of motion in random states; entry (i, j) stands for <s_j^+ s_i>."""

    def change(case: Case) -> tuple[Any, ...]:
        lower, rho = _operators(case.kind["system"]), _states(rng, case)
        means = [[_mean(b.conj().T @ a, rho) for b in lower] for a in lower]
        moments = ap.Moments(means[0][0].real, means[1][1].real, means[0][1])
        observable = lower[entry[1]].conj().T @ lower[entry[0]]
        if entry in ((1, 0), (0, 1)):
            observable = {(1, 0): lower[0] @ lower[1].conj().T, (0, 1): lower[0].conj().T @ lower[1]}[entry]
        slope = _mean(observable, _master(case, lower, rho))
        k = case.points
        size = np.abs(k["g"]) + sum(case.p.rates("L")) + sum(case.p.rates("R"))
        return np.asarray(printed(case.p, moments)) + 0j, slope, size * 3

    points, (formula, dense, size) = stacked(rng, change, n=40)
    return exact(compare("rate of change", formula, dense, points, scale=size), method=RANDOM, finding=EVERY)


def _operators(system: str) -> tuple[Complex, Complex]:
    d = KEPT[system]
    one = second.lower(0, 1) if system == "qubit" else np.diag(np.sqrt(np.arange(1.0, d)), 1) + 0j
    return np.asarray(np.kron(one, np.eye(d)) + 0j), np.asarray(np.kron(np.eye(d), one) + 0j)


def _states(rng: Generator, case: Case) -> Complex:
    n, filled, kept = len(case.points["g"]), FILLED[case.kind["system"]], KEPT[case.kind["system"]]
    a = rng.normal(size=(n, filled**2, filled**2)) + 1j * rng.normal(size=(n, filled**2, filled**2))
    small = a @ a.conj().swapaxes(-1, -2)
    small = (small / np.einsum("kii->k", small)[:, None, None]).reshape(n, *[filled] * 4)
    rho = np.zeros((n, *[kept] * 4), dtype=complex)
    rho[:, :filled, :filled, :filled, :filled] = small
    return rho.reshape(n, kept**2, kept**2)


def _master(case: Case, lower: tuple[Complex, Complex], rho: Complex) -> Complex:
    """Right-hand side of (2) with operators of any dimension."""
    k = case.points
    hop = lower[0].conj().T @ lower[1]
    number = lower[0].conj().T @ lower[0] + lower[1].conj().T @ lower[1]
    h = k["omega"][:, None, None] * number + k["g"][:, None, None] * (hop + hop.conj().T)
    out = -1j * (h @ rho - rho @ h)
    for a, side in zip(lower, "LR", strict=True):
        down, up = second.thermal_rates(
            k["omega"], k[f"T_{side}"], k[f"gamma_{side}"], case.kind[f"statistics_{side}"]
        )
        for rate, jump in ((down, a), (up, a.conj().T)):
            decay = jump.conj().T @ jump
            out = out + rate[:, None, None] * (jump @ rho @ jump.conj().T - (decay @ rho + rho @ decay) / 2)
    return np.asarray(out)


def _mean(observable: Complex, rho: Complex) -> Complex:
    return np.asarray(np.einsum("ij,kji->k", observable, rho))


def _occupation(rng: Generator, site: int) -> Evidence:
    printed_form = (ap.eq31_excitation, ap.eq32_excitation)[site]

    def values(case: Case) -> tuple[Any, ...]:
        return printed_form(case.p), ap.corrected_excitations(case.p)[site], case.two.occupations()[:, site]

    points, (printed, corrected, machine) = stacked(rng, values)
    at = trials.FIGURE | {"T_L": 1.0, "T_R": 0.1}
    pair = trials.moments(**at)
    p, chain = trials.bridge(**at), Case({k: np.array([v]) for k, v in at.items()}, trials.BOSONIC).two
    share = float(printed_form(p)) / pair[site]
    name = f"occupation_{site + 1}"
    return misprint(
        printed=(compare("occupation as printed", printed, machine, points),),
        corrected_form=(compare("with gamma_R^+ in its place", corrected, machine, points),),
        corrected=r"\ldots[\gamma_L^-+\gamma_R^--\epsilon_a(\gamma_L^++\gamma_R^+)]\ldots\ \text{in the numerator}",
        method=MOMENTS,
        counterexample=at,
        numbers={"occupation there": pair[site], "as printed over it there": share},
        finding="The numerator is printed with the square of gamma_R where gamma_R^+ belongs; the units ask for "
        "it too. "
        "With it the formula is exact for all eight combinations of statistics. (The TeX of the text at hand "
        "has the square.)",
        second=confirm(
            "dense solve of the moment equations", **{name: (chain.occupations()[0, site], pair[site])}
        ),
        size=f"At the couplings of figure 2, T_L = omega, T_R = 0.1 omega: {share:.6f} of the right value; much "
        f"more where "
        "gamma_R is not small against omega.",
        consequence="None: eq. (5), which the appendix derives from it, is right.",
    )


def _scaling(rng: Generator, name: str, kinds: dict[str, str]) -> Evidence:
    formulas: dict[str, Any] = {
        "alpha_0": _without_temperature,
        "alpha_1": ap.eq35_scaling,
        "alpha_2": ap.eq36_scaling,
    }
    formula = formulas[name]

    def factors(case: Case) -> tuple[Any, ...]:
        k = case.points
        cold = Case(k | {"T_R": np.zeros_like(k["T_R"])}, case.kind)
        x = k["gamma_L"] * k["gamma_R"] / (4 * k["g"] ** 2)
        return formula(x, k["T_L"], k["omega"]), cold.two.net_current() / cold.one.net_current()

    wanted = tuple(kind for kind in trials.ALL if kinds.get(kind["statistics_L"]) == kind["system"])
    points, (printed, machine) = stacked(rng, factors, kinds=wanted, n=120)
    points["T_R"] = np.zeros_like(points["T_L"])
    return exact(
        compare("J of two over J of one at T_R = 0", printed, machine, points),
        method=MOMENTS,
        finding="Exact at T_R = 0, whatever the statistics of the right bath.",
    )


def _without_temperature(x: Array, T_L: Array, omega: Array) -> Array:
    return ap.eq34_scaling(x)
