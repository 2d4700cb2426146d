"""Ledger of santiagogarcia2024: equations (13) to (19), conductance and chains at weak coupling."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common.optimise import find_root, maximise
from qte.ledger import second
from qte.ledger.checks import compare, fact
from qte.ledger.entries import equation
from qte.ledger.evidence import Evidence, conditional, confirm, exact, misprint
from qte.machines.spin_chain import SpinChain
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, Bridge, Complex
from qte.papers.santiagogarcia2024.trials import FIGURE, Case, bosonic, draws, stacked

MOMENTS = "second moments of both systems, solved without subtraction, against the formula"


@equation(
    "13",
    place="sec. III.3",
    printed=r"\kappa^{(1)}_{SS}=\frac{\omega^2\gamma_L\gamma_Rn_Ln_an_R\exp(\hbar\omega/k_BT)}{(\gamma_Ln_L+"
    r"\gamma_Rn_R)k_BT^2}",
)
def eq13(rng: Generator) -> Evidence:
    points, (printed, machine) = stacked(
        rng, lambda c: (eq.eq13_conductance(c.p), c.one.conductance()), equal=True
    )
    broken = compare("conductance of one system, as printed", printed, machine, points)
    here: trials.Point = dict(broken.point)
    # with a stiff bond the pair conducts like one system
    again = trials.slope(**here | {"g": 1e9})
    case = Case({name: np.array([here[name]], dtype=float) for name in trials.NUMBERS}, _kind(here))
    return misprint(
        printed=(broken,),
        corrected_form=(compare("twice the printed form", 2 * printed, machine, points),),
        corrected=r"\kappa^{(1)}_{SS}=\frac{2\omega^2\gamma_L\gamma_Rn_Ln_an_R\exp(\hbar\omega/k_BT)}{("
        r"\gamma_Ln_L+\gamma_Rn_R)k_BT^2}",
        method="exact derivative of J = Q_L - Q_R at equal temperatures, all eight combinations of statistics",
        finding="As printed it is half of dJ/dT, and half of the formula below eq. (14): the 2 of J = Q_L - Q_R is "
        "missing. Twice the printed form is exact for every combination of statistics.",
        second=confirm(
            "complex step in a dense solve of the moment equations, g = 1e9",
            conductance=(case.one.conductance()[0], again),
        ),
        size="A factor 2 everywhere; for figure 2 (13) would peak at 3.68e-3 instead of 7.36e-3.",
        consequence="None: figures and eqs. (14), (15), (25) follow the form with the 2.",
    )


@equation(
    "14",
    place="sec. III.3",
    printed=r"\kappa^{(2)}_{SS}=[1+\frac{\gamma_L\gamma_R}{4g^2}\coth^2(\frac{\hbar\omega}{2k_BT})]^{-1}"
    r"\kappa^{(1)}_{SS}",
)
def eq14(rng: Generator) -> Evidence:
    case = trials.balanced(bosonic(rng))
    return exact(
        compare("two qubits", eq.eq14_conductance(case.p), case.two.conductance(), case.points),
        compare("one qubit, below (14)", eq.text_conductance(case.p), case.one.conductance(), case.points),
        method="exact derivative of the current at equal temperatures",
        finding="Agrees, with the conductance of one qubit given below it (not that of (13)).",
    )


@equation(
    "15",
    place="sec. III.3",
    printed=r"\kappa^{(2)}_{SS,Max}\approx[1+\frac{\gamma_L\gamma_R}{4g^2}\coth^2(1)]^{-1}4\,{\rm csch}(2)"
    r"\frac{\gamma_L\gamma_R}{\gamma_L+\gamma_R}",
)
def eq15(rng: Generator) -> Evidence:
    points = draws(rng)
    half = points | {"T_L": points["omega"] / 2, "T_R": points["omega"] / 2}
    case = Case(half, trials.BOSONIC)
    two, one = eq.eq15_largest_conductance(case.p)

    def at(t: Array) -> Array:
        return SpinChain(N=2, **points | {"T_L": t, "T_R": t}).conductance()

    top = maximise(at, 0.1 * points["omega"], 2 * points["omega"], shape=points["g"].shape, scale="log")
    figure = Bridge(**FIGURE, T_L=1.0, T_R=1.0)
    printed_two, printed_one = eq.eq15_largest_conductance(figure)
    best = _largest_conductance(0.5)
    stiff = _largest_conductance(0.0)
    soft = _largest_conductance(1e9)
    share = [_at_half(x) / value for x, value in ((0.5, best), (0.0, stiff), (1e9, soft))]
    return conditional(
        inside=(
            compare("value of two qubits at T = omega/2", two, case.two.conductance(), half),
            compare("value of one qubit at T = omega/2", one, case.one.conductance(), half),
        ),
        outside=(compare("maximum over T of two qubits", two, top.value, points),),
        conditions="As the value at T = omega/2 it is exact. As the maximum it is low by 0.16 % for one qubit and "
        "for gamma_L gamma_R << 4g^2, and by more the weaker the bond.",
        method="maximum over T of the exact conductance at every draw",
        numbers={
            "share of the maximum, gamma_L gamma_R/4g^2 = 0.5 (figure 2)": share[0],
            "the same, to 0": share[1],
            "the same, to infinity": share[2],
        },
        finding="Exact at T = omega/2, which is the peak of neither: for figure 2 it gives 3.44 % less than the "
        "maximum "
        "of two qubits, and for a weak bond (gamma_L gamma_R >> 4g^2) 14.9 % less.",
        second=confirm(
            "closed form (14) scanned in omega/T, figure 2",
            two_qubits=(_maximum_of_figure_2(), best * 0.02 / 3),
            printed=(printed_two, _at_half(0.5) * 0.02 / 3),
            one_qubit=(printed_one, _at_half(0.0) * 0.02 / 3),
        ),
    )


@equation(
    "16",
    place="sec. III.3",
    printed=r"\frac{\partial\alpha}{\partial\Delta T}J^{(1)}_{SS}+\alpha\frac{\partial J^{(1)}_{SS}}{\partial"
    r"\Delta T}<0",
)
def eq16(rng: Generator) -> Evidence:
    def slopes(case: Case) -> tuple[Any, ...]:
        k = case.points
        n = case.p.n("L")
        # the growth of alpha and that of J may nearly cancel
        size = np.abs(eq.eq05_heat_current(case.p)) * (k["omega"] / k["T_L"] ** 2) * (1 + n)
        both = trials.slope(**k, **case.kind)
        return eq.eq16_slope(case.p), both, size + np.abs(both)

    points, (printed, dense, size) = stacked(rng, slopes)
    return exact(
        compare("left-hand side against dJ/dT_L", printed, dense, points, scale=size),
        method="complex step in a dense solve of the moment equations, T_R fixed",
        finding="The left-hand side is dJ/dT_L at fixed T_R for all eight combinations of statistics.",
    )


@equation(
    "17",
    place="sec. III.3",
    printed=r"T_L>\ln[1+\frac{2\gamma_L\sqrt{\gamma_R/4g^2}}{\sqrt{(\gamma_R+\gamma_L)(1+\gamma_L"
    r"\gamma_R/4g^2)}}]^{-1}",
)
def eq17(rng: Generator) -> Evidence:
    points = draws(rng, T_R=0.0)
    parameters = {name: points[name] for name in ("gamma_L", "gamma_R", "g")}
    printed = eq.eq17_threshold(Bridge(**parameters, T_L=1.0, T_R=0.0))
    shown = parameters | {"omega": points["omega"]}

    def rise(y: Array) -> Array:
        # y = omega/T; the slope over its own decay at low temperature
        t = points["omega"] / y
        return np.asarray(trials.slope(**points | {"T_L": t}) * np.exp(y) * t**2)

    root = find_root(rise, 1e-5, 30.0, shape=points["g"].shape, scale="log", scan=130)
    found = points["omega"] / root.x
    broken = compare("threshold as printed, any omega", printed, found, shown)
    k = {name: points[name][0] for name in ("omega", *parameters)}
    t = found[0]
    chain = [SpinChain(N=2, **k, T_L=s * t, T_R=0.0).net_current() for s in (0.9, 1.0, 1.1)]
    dense = [trials.pair_current(**k, T_L=s * t, T_R=0.0) for s in (0.9, 1.0, 1.1)]
    figure = eq.eq17_threshold(Bridge(**FIGURE, T_L=1.0, T_R=0.0))
    return conditional(
        inside=(
            compare("threshold, omega = 1", printed, found / points["omega"], shown),
            fact(
                "the current is largest there",
                bool(chain[1] > max(chain[0], chain[2])),
                J_below=chain[0],
                J_there=chain[1],
                J_above=chain[2],
            ),
        ),
        outside=(broken,),
        conditions="T_L in units of omega, T_R = 0, bosonic baths on qubits; the exponent -1 belongs to the "
        "logarithm, "
        "not to its argument.",
        corrected=r"T_L>\omega\,\{\ln[1+\frac{2\gamma_L\sqrt{\gamma_R/4g^2}}{\sqrt{(\gamma_R+\gamma_L)(1+"
        r"\gamma_L\gamma_R/4g^2)}}]\}^{-1}",
        method="root of dJ/dT_L (complex step in a dense solve) at every draw",
        numbers={"threshold of figure 2's parameters over omega": figure},
        finding="Exact once T_L is measured in units of omega, which is not said; it is the whole condition (16), "
        "necessary and sufficient, and is met at some T_L for every choice of couplings.",
        second=confirm(
            "dense 16x16 Liouvillian at the threshold of one draw",
            J_below=(chain[0], dense[0]),
            J_there=(chain[1], dense[1]),
            J_above=(chain[2], dense[2]),
        ),
    )


@equation(
    "18",
    place="sec. III.4",
    printed=r"H_{chain}=\sum_{k=1}^N\frac{\hbar\omega}{2}\sigma_k^z+\sum_{k=1}^N\hbar g(\sigma_k^+"
    r"\sigma_{k+1}^-+\sigma_k^-\sigma_{k+1}^+)",
)
def eq18(rng: Generator) -> Evidence:
    points = draws(rng)
    w, g = (points[name][:, None, None] for name in ("omega", "g"))
    spins = sum(second.number(k, 3) - np.eye(8) / 2 for k in range(3))
    bonds = second.exchange(0, 1, 3) + second.exchange(1, 2, 3)
    dense = w * spins + g * bonds
    ring = dense + g * second.exchange(2, 0, 3)
    machine = np.array(
        [eq.eq18_hamiltonian(3, a, b) for a, b in zip(points["omega"], points["g"], strict=True)]
    )
    one: trials.Point = {"omega": 1.0, "g": 0.01, "gamma_L": 0.01, "gamma_R": 0.02, "T_L": 1.0, "T_R": 0.1}
    jumps = [
        second.two_level_jumps(second.lower(site, 3), 1.0, one[f"T_{side}"], one[f"gamma_{side}"])
        for site, side in ((0, "L"), (2, "R"))
    ]
    open_h = spins + 0.01 * bonds
    rho = second.steady(open_h, [*jumps[0], *jumps[1]])
    again = second.energy_flow(open_h, jumps[0], rho) - second.energy_flow(open_h, jumps[1], rho)
    return misprint(
        printed=(compare("bond N to N + 1, read as a ring", ring, machine, points, scale=_largest(dense)),),
        corrected_form=(compare("bonds up to N - 1", dense, machine, points, scale=_largest(dense)),),
        corrected=r"H_{chain}=\sum_{k=1}^N\frac{\hbar\omega}{2}\sigma_k^z+\sum_{k=1}^{N-1}\hbar g(\sigma_k^+"
        r"\sigma_{k+1}^-+\sigma_k^-\sigma_{k+1}^+)",
        method="matrix of three qubits, entry by entry",
        finding="The second sum must end at N - 1: there is no site N + 1. (Closed to a ring the chain would carry "
        "another current.) The zero of energy differs from sec. II by N omega/2, which nothing depends on.",
        second=confirm(
            "dense 64x64 Liouvillian of three qubits in a row, T_L = 1, T_R = 0.1",
            J=(SpinChain(N=3, **one).net_current(), again),
        ),
        size="Notation only; eq. (19) is that of the open chain.",
        consequence="None.",
    )


@equation(
    "19",
    place="sec. III.4",
    printed=r"J^{(N)}_{SS}=\frac{4g^2}{4g^2+\gamma_1\gamma_N\coth(\beta_L\omega/2)\coth(\beta_R\omega/2)}"
    r"\frac{2\omega\gamma_1\gamma_N(n_L-n_R)}{\gamma_1(1+2n_L)+\gamma_N(1+2n_R)}",
)
def eq19(rng: Generator) -> Evidence:
    case = bosonic(rng)
    checks = [
        compare(f"J of {n} qubits", eq.eq19_heat_current(case.p), case.chain(n).net_current(), case.points)
        for n in (2, 3, 5, 16, 41)
    ]
    return exact(
        *checks,
        method=MOMENTS,
        finding="Agrees for every length N >= 2, both signs of g, both orders of temperatures.",
    )


def _largest(matrices: Complex) -> Array:
    return np.asarray(np.abs(matrices).max(axis=(-1, -2), keepdims=True))


def _kind(point: dict[str, Any]) -> dict[str, str]:
    return {name: str(point[name]) for name in trials.ALL[0]}


def _reduced(y: Array, x: float) -> Array:
    """Eq. (14) over gamma_L gamma_R/(gamma_L + gamma_R), y = omega/T; times x if x is large."""
    one = y**2 / np.sinh(y)
    return np.asarray(one / (1 + x / np.tanh(y / 2) ** 2) * max(1.0, x))


def _largest_conductance(x: float) -> float:
    return float(maximise(lambda y: _reduced(y, x), 0.5, 6.0).value)


def _at_half(x: float) -> float:
    return float(_reduced(np.array(2.0), x))


def _maximum_of_figure_2() -> float:
    return float(
        maximise(lambda t: SpinChain(N=2, **FIGURE, T_L=t, T_R=t).conductance(), 0.1, 2.0, scale="log").value
    )
