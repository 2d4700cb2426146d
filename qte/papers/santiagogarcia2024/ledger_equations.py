"""Ledger of santiagogarcia2024: equations (1) to (12), currents and contrast at weak coupling."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.ledger import second
from qte.ledger.checks import compare
from qte.ledger.entries import equation
from qte.ledger.evidence import Evidence, definition, exact
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, Complex
from qte.papers.santiagogarcia2024.trials import Case, bosonic, stacked

MOMENTS = "second moments of both systems, solved without subtraction, against the formula"
EVERY = (
    "Agrees for all eight combinations of statistics, both signs of g and both orders of the temperatures."
)


@equation("1", place="sec. II", printed=r"s_js_j^\dagger-\epsilon_js_j^\dagger s_j=1")
def eq01(rng: Generator) -> Evidence:
    return definition(
        "Defines oscillators and bosonic bath units (+1) and qubits and two-level bath units (-1). For qubits it "
        "concerns one site; operators of different sites commute."
    )


@equation(
    "2",
    place="sec. III",
    printed=r"\dot\rho=-i[H,\rho]+\sum_j\gamma_j^-\mathcal D[s_j]\rho+\gamma_j^+\mathcal D[s_j^\dagger]\rho",
)
def eq02(rng: Generator) -> Evidence:
    def change(case: Case) -> tuple[Complex, Complex]:
        rho = states(rng, len(case.points["g"]), 4)
        numbers = [
            dict(zip(case.points, row, strict=True)) for row in zip(*case.points.values(), strict=True)
        ]
        printed = [
            eq.eq02_master_equation(trials.bridge(**point, **case.kind), state)
            for point, state in zip(numbers, rho, strict=True)
        ]
        left, right = trials.pair_jumps(**case.points, **case.kind)
        h = trials.pair_hamiltonian(case.points["omega"], case.points["g"])
        matrix = second.liouvillian(h, [*left, *right])
        return np.array(printed), np.einsum("kij,kj->ki", matrix, rho.reshape(-1, 16)).reshape(-1, 4, 4)

    points, (printed, dense) = stacked(rng, change, kinds=trials.QUBITS)
    return exact(
        compare("change of a random state", printed, dense, points, scale=_largest(dense)),
        method="right-hand side of two qubits on random states against a dense Liouvillian",
        finding="The two-qubit form is the generator used throughout, bosonic and fermionic baths alike.",
    )


@equation(
    "3", place="sec. III", printed=r"n_\lambda=[\exp(\hbar\omega_\lambda/k_BT_\lambda)-\epsilon_\lambda]^{-1}"
)
def eq03(rng: Generator) -> Evidence:
    x = 10 ** rng.uniform(-1.3, 1.5, 240)
    levels = np.arange(1500)
    weights = np.exp(-x[:, None] * levels)
    bose = (weights @ levels) / weights.sum(axis=1)
    fermi = weights[:, 1] / weights[:, :2].sum(axis=1)
    return exact(
        compare("bosons", eq.eq03_occupation(x, 1.0, 1), bose, {"omega over T": x}),
        compare("fermions", eq.eq03_occupation(x, 1.0, -1), fermi, {"omega over T": x}),
        method="thermal average over the levels of one bath unit",
        finding="The Gibbs average of an oscillator and of a two-level system.",
    )


@equation(
    "4",
    place="sec. III.1",
    printed=r"Q_\lambda=\omega\gamma_\lambda(n_\lambda-[1+(\epsilon_\lambda-\epsilon_j)n_\lambda]\langle s_j^"
    r"\dagger s_j\rangle)",
)
def eq04(rng: Generator) -> Evidence:
    def flow(case: Case) -> tuple[Any, ...]:
        qubit = case.kind["system"] == "qubit"
        lower = second.lower(0, 1) if qubit else np.diag(np.sqrt(np.arange(1.0, 7.0)), 1) + 0j
        n = lower.conj().T @ lower
        # the truncation of the oscillator is exact: its highest levels are empty, and a bath moves one quantum
        filled = 2 if qubit else 5
        rho = np.zeros((60, *lower.shape), dtype=complex)
        rho[:, :filled, :filled] = states(rng, 60, filled)
        k = case.points
        jumps = second.two_level_jumps(lower, k["omega"], k["T_L"], k["gamma_L"], case.kind["statistics_L"])
        mean = np.einsum("kij,ji->k", rho, n).real
        energy = k["omega"][:, None, None] * n
        return (
            eq.eq04_heat_flow(case.p, "L", mean),
            second.energy_flow(energy, jumps, rho),
            k["omega"] * (jumps[0][0] + jumps[1][0]) * (1 + mean),
        )

    points, (printed, dense, size) = stacked(rng, flow)
    return exact(
        compare("heat from the bath in a random state", printed, dense, points, scale=size),
        method="Tr[H_S D rho] of random states of a qubit and of an oscillator",
        finding="Holds in every state, not only in the steady state, for all eight combinations of statistics.",
    )


@equation("5", place="sec. III.1", printed=r"J^{(2)}_{SS}=\alpha J^{(1)}_{SS}")
def eq05(rng: Generator) -> Evidence:
    points, (printed, machine) = stacked(rng, lambda c: (eq.eq05_heat_current(c.p), c.two.net_current()))
    return exact(compare("J of two systems", printed, machine, points), method=MOMENTS, finding=EVERY)


@equation(
    "6",
    place="sec. III.1",
    printed=r"\alpha=(1+\frac{\gamma_L\gamma_R}{4g^2}[1+(\epsilon_L-\epsilon_a)n_L][1+(\epsilon_R-"
    r"\epsilon_a)n_R])^{-1}",
)
def eq06(rng: Generator) -> Evidence:
    points, (printed, machine) = stacked(
        rng, lambda c: (eq.eq06_scaling(c.p), c.two.net_current() / c.one.net_current())
    )
    return exact(compare("J of two over J of one", printed, machine, points), method=MOMENTS, finding=EVERY)


@equation(
    "7",
    place="sec. III.1",
    printed=r"J^{(1)}_{SS}=\frac{2\omega\gamma_L\gamma_R[(n_L-n_R)+(\epsilon_R-\epsilon_L)n_Ln_R]}"
    r"{\gamma_L+\gamma_R+\gamma_L(\epsilon_L-\epsilon_a)n_L+\gamma_R(\epsilon_R-\epsilon_a)n_R}",
)
def eq07(rng: Generator) -> Evidence:
    points, (printed, machine) = stacked(rng, lambda c: (eq.eq07_heat_current(c.p), c.one.net_current()))
    return exact(compare("J of one system", printed, machine, points), method=MOMENTS, finding=EVERY)


@equation(
    "8",
    place="sec. III.2",
    printed=r"C^{(2)}_{SS}=|(AJ^{(1)\rightarrow}+BJ^{(1)\leftarrow})/(AJ^{(1)\rightarrow}-BJ^{(1)\leftarrow})|",
)
def eq08(rng: Generator) -> Evidence:
    points, (printed, machine) = stacked(rng, lambda c: (eq.eq08_contrast(c.p), c.two.contrast()))
    return exact(
        compare("contrast of two systems", printed, machine, points, scale=1.0), method=MOMENTS, finding=EVERY
    )


@equation(
    "9",
    place="sec. III.2",
    printed=r"A=1+\tfrac{\gamma_L\gamma_R}{4g^2}[1+(\epsilon_L-\epsilon_a)n_L(T_R)][1+(\epsilon_R-"
    r"\epsilon_a)n_R(T_L)],\ "
    r"B=1+\tfrac{\gamma_L\gamma_R}{4g^2}[1+(\epsilon_L-\epsilon_a)n_L(T_L)][1+(\epsilon_R-\epsilon_a)n_R(T_R)]",
)
def eq09(rng: Generator) -> Evidence:
    def weights(case: Case) -> tuple[Any, ...]:
        swap = {"T_L": case.points["T_R"], "T_R": case.points["T_L"]}
        two, one = case.two, case.one
        a = one.replace(**swap).net_current() / two.replace(**swap).net_current()
        return (*eq.eq09_weights(case.p), a, one.net_current() / two.net_current())

    points, (a, b, swapped, forward) = stacked(rng, weights)
    return exact(
        compare("A", a, swapped, points),
        compare("B", b, forward, points),
        method="A and B are the ratios of the currents of one and of two systems, backward and forward",
        finding=EVERY,
    )


@equation(
    "10",
    place="sec. III.2",
    printed=r"J^{(2)}_{SS}=[1+\frac{\gamma_L\gamma_R}{4g^2}\coth(\frac{\hbar\omega}{2k_BT_L})\coth(\frac{\hbar"
    r"\omega}{2k_BT_R})]^{-1}J^{(1)}_{SS}",
)
def eq10(rng: Generator) -> Evidence:
    case = bosonic(rng)
    return exact(
        compare("J of two qubits", eq.eq10_heat_current(case.p), case.two.net_current(), case.points),
        method=MOMENTS,
        finding="Agrees for both signs of g and both orders of the temperatures.",
    )


@equation(
    "11",
    place="sec. III.2",
    printed=r"J^{(1)}_{SS}=\frac{2\omega\gamma_L\gamma_R(n_L-n_R)}{\gamma_L(1+2n_L)+\gamma_R(1+2n_R)}",
)
def eq11(rng: Generator) -> Evidence:
    case = bosonic(rng)
    return exact(
        compare("J of one qubit", eq.eq11_heat_current(case.p), case.one.net_current(), case.points),
        method=MOMENTS,
        finding="Agrees for both orders of the temperatures.",
    )


@equation(
    "12",
    place="sec. III.2",
    printed=r"C^{(1)}_{SS}=|\frac{\gamma_L-\gamma_R}{\gamma_L+\gamma_R}||\frac{\coth(\omega/2T_R)-\coth("
    r"\omega/2T_L)}{\coth(\omega/2T_R)+\coth(\omega/2T_L)}|",
)
def eq12(rng: Generator) -> Evidence:
    case = bosonic(rng)
    return exact(
        compare("contrast", eq.eq12_contrast(case.p), case.one.contrast(), case.points, scale=1.0),
        method=MOMENTS,
        finding="Agrees for both orders of the temperatures.",
    )


def states(rng: Generator, n: int, d: int) -> Complex:
    """Random density matrices, shape (n, d, d)."""
    a = rng.normal(size=(n, d, d)) + 1j * rng.normal(size=(n, d, d))
    rho = a @ a.conj().swapaxes(-1, -2)
    return np.asarray(rho / np.einsum("kii->k", rho)[:, None, None])


def _largest(matrices: Complex) -> Array:
    return np.asarray(np.abs(matrices).max(axis=(-1, -2), keepdims=True))
