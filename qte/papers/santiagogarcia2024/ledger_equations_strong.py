"""Ledger of santiagogarcia2024: equations (20) to (25) and (43) to (47), strong coupling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common.optimise import find_root, maximise
from qte.ledger import second
from qte.ledger.checks import compare, fact
from qte.ledger.entries import equation
from qte.ledger.evidence import Evidence, confirm, exact, misprint
from qte.machines.junction import Junction
from qte.papers.santiagogarcia2024 import equations_global as eg
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, Complex, csch

DENSE = "16x16 Liouvillian with jumps between numerically found eigenstates"
FIGURE_4: Final[trials.Point] = {"omega": 1.0, "g": 0.8, "gamma_R": 0.02, "T_R": 0.0}


@equation(
    "20",
    place="sec. IV",
    printed=r"\dot\rho=-i[H,\rho]+\sum_{\lambda,\varphi}\gamma_\lambda^-(\omega_\varphi)\mathcal D[\mathbb L_j("
    r"\omega_\varphi)]\rho"
    r"+\gamma_\lambda^+(\omega_\varphi)\mathcal D[\mathbb L_j^\dagger(\omega_\varphi)]\rho",
)
def eq20(rng: Generator) -> Evidence:
    case, _ = trials.strong(rng)
    a = rng.normal(size=(240, 4, 4)) + 1j * rng.normal(size=(240, 4, 4))
    rho = a @ a.conj().swapaxes(-1, -2) / 16
    pairs = [
        (_printed_change(k, r), _dense_change(k, r)) for k, r in zip(_rows(case.points), rho, strict=True)
    ]
    printed, dense = np.array([p for p, _ in pairs]), np.array([d for _, d in pairs])
    size = np.abs(dense).max(axis=(-1, -2), keepdims=True)
    return exact(
        compare("change of a random state", printed, dense, case.points, scale=size),
        method=f"right-hand side on random states against the {DENSE}",
        finding="The printed eigenoperators give the secular equation for |g| < omega, both signs of g.",
    )


@equation("21", place="sec. IV", printed=r"J^{(2)}_{global}=J_{SS}(\omega_+)+J_{SS}(\omega_-)")
def eq21(rng: Generator) -> Evidence:
    case, engine = trials.strong(rng)
    return exact(
        compare("J of two qubits", eg.eq21_heat_current(case.p), engine.net_current(), case.points),
        method="global master equation solved by elimination",
        finding="Agrees for both signs of g and both orders of the temperatures.",
    )


@equation(
    "22",
    place="sec. IV",
    printed=r"J_{SS}(\omega_\pm)=\frac{\gamma_L\gamma_R\omega_\pm[n_L(\omega_\pm)-n_R(\omega_\pm)]}"
    r"{\gamma_L\coth(\hbar\omega_\pm/2k_BT_L)+\gamma_R\coth(\hbar\omega_\pm/2k_BT_R)}",
)
def eq22(rng: Generator) -> Evidence:
    case, _ = trials.strong(rng)
    flows = np.array([_mode_flows(**k) for k in _rows(case.points)])
    # energy in and out through one mode nearly balance at high temperature
    size = flows[:, 2:]
    return exact(
        *(
            compare(
                f"part of omega_{name}",
                eg.eq22_heat_current(case.p, sign),
                flows[:, i],
                case.points,
                scale=size[:, i],
            )
            for i, (name, sign) in enumerate((("+", 1), ("-", -1)))
        ),
        method=f"energy that passes at each frequency, {DENSE}",
        finding="Each term is the heat carried at its own frequency.",
    )


@equation(
    "23",
    place="sec. IV",
    printed=r"C_{global}=|\frac{\gamma_L-\gamma_R}{\gamma_L+\gamma_R}|[1+\frac{A^++A^-}{A^+n_L("
    r"\omega_+)+A^-n_L(\omega_-)}]^{-1}",
)
def eq23(rng: Generator) -> Evidence:
    case, engine = trials.strong(rng, T_R=0.0)
    return exact(
        compare("contrast", eg.corrected_contrast(case.p), engine.contrast(), case.points, scale=1.0),
        method="global master equation solved by elimination, T_R = 0",
        finding="Exact for T_R = 0, with the weights of (24) corrected as said there.",
    )


@equation(
    "24",
    place="sec. IV",
    printed=r"A^\pm=\frac{\omega_\pm n_L(\omega_\pm)}{[\gamma_R/\gamma_L+\coth(\hbar\omega_\pm/2k_BT_L)]["
    r"\gamma_L/\gamma_R+\coth(\hbar\omega_\pm/2k_BT_R)]}",
)
def eq24(rng: Generator) -> Evidence:
    case, engine = trials.strong(rng, T_R=0.0)
    contrast = engine.contrast()
    broken = compare(
        "contrast (23) with (24) as printed", eg.eq23_contrast(case.p), contrast, case.points, scale=1.0
    )
    ratio, hot = np.linspace(0.01, 2, 200)[:, None], np.array([0.1, 0.2, 0.5, 1.0, 5.0, 50.0])
    figure = FIGURE_4 | {"gamma_L": 0.02 * ratio, "T_L": hot}
    gap = np.abs(eg.eq23_contrast(trials.bridge(**figure)) - trials.engine(figure).contrast())
    i, j = np.unravel_index(int(np.argmax(gap)), gap.shape)
    worst: trials.Point = {"gamma_L": float(0.02 * ratio[i, 0]), "T_L": float(hot[j])}
    at = FIGURE_4 | worst
    printed = float(eg.eq23_contrast(trials.bridge(**at)))
    return misprint(
        printed=(broken,),
        corrected_form=(
            compare(
                "contrast with T_L in both", eg.corrected_contrast(case.p), contrast, case.points, scale=1.0
            ),
        ),
        corrected=r"A^\pm=\frac{\omega_\pm n_L(\omega_\pm)}{[\gamma_R/\gamma_L+\coth(\hbar\omega_\pm/2k_BT_L)]["
        r"\gamma_L/\gamma_R+\coth(\hbar\omega_\pm/2k_BT_L)]}",
        method="contrast of the global master equation, T_R = 0",
        counterexample=at,
        numbers={"contrast there": float(trials.engine(at).contrast()), "as printed there": printed},
        finding="The second bracket needs T_L: it belongs to the current with the temperatures swapped, where "
        "the hot "
        "bath is on the right. As printed coth(omega/2T_R) is 1 for T_R -> 0.",
        second=confirm(DENSE, contrast=(trials.engine(at).contrast(), trials.global_contrast(**at))),
        size=f"Up to {gap.max():.3f} in the contrast of figure 4 (gamma_L = {worst['gamma_L'] / 0.02:.2f} gamma_R, "
        f"T_L = {worst['T_L']:g} omega).",
        consequence="None: with the correction (23) has the limits and the local maximum described in the text.",
    )


@equation(
    "25",
    place="sec. IV",
    printed=r"\kappa^{(2)}_{global}=\frac{\gamma_L\gamma_R}{\gamma_L+\gamma_R}[\frac{\omega_-^2{\rm csch}(\beta"
    r"\omega_-)}{2k_BT^2}+\frac{\omega_+^2{\rm csch}(\beta\omega_+)}{2k_BT^2}]",
)
def eq25(rng: Generator) -> Evidence:
    case, _ = trials.strong(rng)
    case = trials.balanced(case)
    engine = trials.engine(case.points)
    return exact(
        compare("conductance", eg.eq25_conductance(case.p), engine.conductance(), case.points),
        method="response of the steady state of the global master equation",
        finding="Agrees for both signs of g, |g| < omega.",
    )


@equation(
    "43",
    place="appendix E",
    printed=r"\frac{d\kappa^{(2)}_{global}}{dT}=-\omega_-^2{\rm csch}\frac{\omega_-}{T}-\omega_+^2{\rm csch}"
    r"\frac{\omega_+}{T}"
    r"+\frac{\omega_-^3\coth\frac{\omega_-}{T}{\rm csch}\frac{\omega_-}{T}+\omega_+^3\coth\frac{\omega_+}{T}{"
    r"\rm csch}\frac{\omega_+}{T}}{2T}=0",
)
def eq43(rng: Generator) -> Evidence:
    case, _ = trials.strong(rng)
    case = trials.balanced(case)
    printed, t = eg.eq43_slope(case.p), case.points["T_L"]
    slope, size = _slope_of_eq25(**case.points)
    share = (
        case.points["gamma_L"] * case.points["gamma_R"] / (case.points["gamma_L"] + case.points["gamma_R"])
    )
    scale = share / t**3
    at: trials.Point = {"omega": 1.0, "g": 0.8, "gamma_L": 0.01, "gamma_R": 0.02, "T_L": 0.2, "T_R": 0.2}
    h = 1e-4

    def kappa(temperature: float) -> float:
        return float(trials.engine(at | {"T_L": temperature, "T_R": temperature}).conductance())

    # central differences, twice extrapolated
    d = [(kappa(0.2 + s * h) - kappa(0.2 - s * h)) / (2 * s * h) for s in (1, 2, 4)]
    once = [(4 * d[0] - d[1]) / 3, (4 * d[1] - d[2]) / 3]
    here = _slope_of_eq25(**{name: np.array(value) for name, value in at.items()})[0]
    return misprint(
        printed=(compare("slope as printed", printed, slope, case.points, scale=size),),
        corrected_form=(
            compare("slope with its prefactor", scale * printed, slope, case.points, scale=size),
        ),
        corrected=r"\frac{d\kappa^{(2)}_{global}}{dT}=\frac{\gamma_L\gamma_R}{(\gamma_L+\gamma_R)T^3}[\ldots]=0",
        method="complex step in T on (25), coded apart",
        numbers={"slope at the counterexample": here, "as printed there": eg.eq43_slope(trials.bridge(**at))},
        counterexample=at,
        finding="The right-hand side is T^3 (gamma_L + gamma_R)/(gamma_L gamma_R) times the slope; its zeros, which "
        "is all the appendix uses, are the same.",
        second=confirm(
            "central differences of the conductance from the master equation, extrapolated",
            slope=(here, (16 * once[0] - once[1]) / 15),
        ),
        size="A factor 1.2 at T = 0.2 omega for the rates of figure 5, and another at every T.",
        consequence="None: only the zeros are used.",
    )


@equation(
    "44",
    place="appendix E",
    printed=r"-\omega_-^2{\rm csch}\frac{\omega_-}{T}+\frac{\omega_-^3}{2T}\coth\frac{\omega_-}{T}{\rm csch}"
    r"\frac{\omega_-}{T}=0",
)
def eq44(rng: Generator) -> Evidence:
    return _one_mode(rng, -1, eg.eq44_slope)


@equation(
    "45",
    place="appendix E",
    printed=r"-\omega_+^2{\rm csch}\frac{\omega_+}{T}+\frac{\omega_+^3}{2T}\coth\frac{\omega_+}{T}{\rm csch}"
    r"\frac{\omega_+}{T}=0",
)
def eq45(rng: Generator) -> Evidence:
    return _one_mode(rng, +1, eg.eq45_slope)


@equation("46", place="appendix E", printed=r"\frac{T}{\omega_-}=\frac12\coth\frac{\omega_-}{T}")
def eq46(rng: Generator) -> Evidence:
    return _reduced(rng, -1, eg.eq44_slope)


@equation("47", place="appendix E", printed=r"\frac{T}{\omega_+}=\frac12\coth\frac{\omega_+}{T}")
def eq47(rng: Generator) -> Evidence:
    return _reduced(rng, +1, eg.eq45_slope)


def _one_mode(rng: Generator, sign: int, printed: Callable[..., Array]) -> Evidence:
    """The equation's zero against the peak of the conductance of one qubit of that energy."""
    case, _ = trials.strong(rng)
    case = trials.balanced(case)
    w = case.points["omega"] + sign * case.points["g"]
    t = case.points["T_L"]
    slope, size = _mode_slope(w, t)
    rates = {name: case.points[name] for name in ("gamma_L", "gamma_R")}

    def conductance(x: Array) -> Array:
        return Junction(omega=w, **rates, T_L=x, T_R=x).conductance()

    peak = maximise(conductance, 0.2 * w, 2 * w, shape=w.shape, scale="log")

    def left_side(y: Array) -> Array:
        # equal for every mode in units of its own energy
        return printed(trials.bridge(omega=1.0 - sign * 0.4, g=0.4, gamma_L=1.0, gamma_R=1.0, T_L=y, T_R=y))

    root = find_root(left_side, 0.2, 2.0)
    return exact(
        compare(
            "left-hand side against the slope of one mode", printed(case.p), slope, case.points, scale=size
        ),
        fact(
            "its zero is the peak of the conductance of a qubit of that energy",
            np.abs(peak.x / w / root.x - 1).max() < 1e-8,
            zero_over_energy=f"{float(root.x):.10f}",
            draws=len(w),
        ),
        method="complex step in T on (25); peak of the exact conductance of one qubit at every draw",
        finding="Proportional to the slope of one mode's conductance (prefactor as in (43)); the zero is exact.",
    )


def _reduced(rng: Generator, sign: int, unreduced: Callable[..., Array]) -> Evidence:
    case, _ = trials.strong(rng)
    case = trials.balanced(case)
    w = case.points["omega"] + sign * case.points["g"]
    x = w / case.points["T_L"]
    # the left side of (44) or (45) is -w^2 csch(x) x times 1/x - coth(x)/2
    rest = -unreduced(case.p) / (w**2 * csch(x) * x)
    return exact(
        compare("T/omega - coth/2", eg.eq46_excess(x), rest, case.points, scale=1 / x + 0.5),
        method="division of (44) or (45) by the factor that never vanishes",
        finding="The same equation; its one root is omega/T = 1.91500804815, T = 0.52219101688 omega.",
        numbers={"root": f"{float(find_root(eg.eq46_excess, 0.1, 10.0).x):.11f}"},
    )


def _rows(points: Mapping[str, Array]) -> list[trials.Point]:
    return [
        dict(zip(points, (float(v) for v in row), strict=True)) for row in zip(*points.values(), strict=True)
    ]


def _printed_change(point: trials.Point, rho: Complex) -> Complex:
    return eg.eq20_master_equation(trials.bridge(**point), rho)


def _dense_change(point: trials.Point, rho: Complex) -> Complex:
    left, right = trials.global_jumps(**point)
    matrix = second.liouvillian(trials.pair_hamiltonian(point["omega"], point["g"]), [*left, *right])
    return np.asarray((matrix @ rho.reshape(16)).reshape(4, 4))


def _mode_flows(**point: float) -> tuple[float, ...]:
    """J at omega_+ and at omega_-, and the gross exchange at each."""
    h = trials.pair_hamiltonian(point["omega"], point["g"])
    left, right = trials.global_jumps(**point)
    rho = second.steady(h, [*left, *right])
    net, gross = [], []
    for sign in (1, -1):
        w = point["omega"] + sign * point["g"]
        parts = [[job for job in jumps if _carries(h, job[1], w)] for jumps in (left, right)]
        net.append(float(second.energy_flow(h, parts[0], rho) - second.energy_flow(h, parts[1], rho)))
        gross.append(w * sum(float(rate) for jumps in parts for rate, _ in jumps))
    return (*net, *gross)


def _carries(h: Complex, jump: Complex, energy: float) -> bool:
    change = h @ jump - jump @ h
    return any(np.abs(change - s * energy * jump).max() < 1e-9 for s in (1, -1))


def _mode_slope(w: Array, t: Array) -> tuple[Array, Array]:
    """T^3 times the slope of w^2 csch(w/T)/2T^2, and the size of its terms."""
    z = t + 1e-30j
    x = w / z
    part = w**2 * 2 * np.exp(-x) / (1 - np.exp(-2 * x)) / (2 * z**2)
    return np.asarray(t**3 * part.imag / 1e-30), np.asarray(2 * t**2 * part.real * (1 + (w / t)))


def _slope_of_eq25(*, omega: Any, g: Any, gamma_L: Any, gamma_R: Any, T_L: Any, T_R: Any) -> tuple[Any, Any]:
    parts = [_mode_slope(omega + s * g, T_L) for s in (1, -1)]
    share = gamma_L * gamma_R / (gamma_L + gamma_R) / T_L**3
    return share * (parts[0][0] + parts[1][0]), share * (parts[0][1] + parts[1][1])
