"""Question 9: which currents fall while the bias grows, from where on, and what a transistor of them amplifies.

The second method solves the moment equations of two systems as one dense matrix, and differentiated once more for
slopes without a difference of currents.  Units: hbar = k_B = omega = 1.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from qte.common import elementary as el
from qte.common.optimise import find_root, maximise
from qte.data.studies import Grid
from qte.ledger.checks import TOLERANCE, Range, fact
from qte.ledger.entries import judge
from qte.ledger.forms import equals, falls, never_below, rises
from qte.ledger.judged import Found, found
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.answers.studies_chain import stiffness
from qte.papers.answers.studies_negative_conductance import (
    TwoChainTransistor,
    cooling_threshold,
    pair,
    temperature_of,
    warming_threshold,
)
from qte.papers.santiagogarcia2024 import trials

Array = NDArray[np.float64]

LIMIT: Final = float(temperature_of(2.0))
RATES: Final[trials.Ground] = {"gamma_L": Range(1e-3, 1e3, log=True), "gamma_R": Range(1e-3, 1e3, log=True)}
BIAS: Final[trials.Ground] = {"T_R": Range(0.05, 10.0, log=True), "ratio": Range(1.001, 100.0, log=True)}
# Statistics whose rate does not grow with the bias at the end in question, as words of a hunt.
STEADY_HOT: Final = ("bose fermi oscillator", "bose bose oscillator", "fermi bose qubit", "fermi fermi qubit",
                     "fermi bose oscillator", "fermi fermi oscillator")  # fmt: skip
STEADY_COLD: Final = ("bose fermi qubit", "bose bose qubit", "fermi bose qubit", "fermi fermi qubit",
                      "bose bose oscillator", "fermi bose oscillator")  # fmt: skip
STEADY: Final = tuple(kind for kind in STEADY_HOT if kind in STEADY_COLD)


def words(kind: str) -> dict[str, str]:
    """Statistics of both baths and the system, from three words."""
    left, right, system = kind.split()
    return {"statistics_L": left, "statistics_R": right, "system": system}


def slope(warmed: float, T_L: Array, T_R: Array, **point: Any) -> Array:
    """dJ/dΔT over J/ΔT of two systems, 2 g = 1, shape (...): the hot bath takes the part `warmed` of the bias."""
    at: dict[str, Any] = {"g": 0.5, "T_L": T_L, "T_R": T_R} | point
    change = trials.changes((warmed, warmed - 1), **at).current
    return np.asarray(change / trials.moments(**at).current * (T_L - T_R))


def steadily(warmed: float) -> Any:
    """Margin of a hunt: the current rises with the bias."""

    def margin(*, kind: str, T_R: Array, ratio: Array, **rates: Array) -> Array:
        return slope(warmed, T_L=ratio * T_R, T_R=T_R, **rates, **words(kind))

    return margin


@judge("q9-four-statistics-fall")
def four_fall(rng: Generator) -> Found:
    def hunted(what: str, warmed: float, kinds: tuple[str, ...]) -> Any:
        domain: trials.Ground = RATES | BIAS | {"kind": kinds}
        return never_below(what, steadily(warmed), domain, rng)

    hot = {"T_R": 0.1, "gamma_R": 1.0, "gamma_L": 3.0}
    cold = {"T_L": 20.0, "gamma_L": 20.0, "gamma_R": 3.0}
    warming = {
        other: current(f"bose {other} qubit", T_L=np.array([2.0, 8.0]), **hot) for other in ("bose", "fermi")
    }
    cooling = {
        other: current(f"{other} fermi oscillator", T_R=np.array([1.0, 0.3]), **cold)
        for other in ("bose", "fermi")
    }
    return found(
        hunted("warming raises the current of six", 1.0, STEADY_HOT),
        hunted("cooling raises the current of six", 0.0, STEADY_COLD),
        hunted("both at once raise the current of four", 0.5, STEADY),
        *(
            fact(f"warming lowers it, cold {other} bath", two[1] < two[0], before=two[0], after=two[1])
            for other, two in warming.items()
        ),
        *(
            fact(f"cooling lowers it, hot {other} bath", two[1] < two[0], before=two[0], after=two[1])
            for other, two in cooling.items()
        ),
        _library(rng),
        warm=1 - warming["bose"][1] / warming["bose"][0],
        cool=1 - cooling["fermi"][1] / cooling["fermi"][0],
    )


@judge("q9-thresholds-of-falling-currents")
def thresholds(rng: Generator) -> Found:
    n = 240
    a, y = el.power(10.0, rng.uniform(-1, 2, n)), el.power(10.0, rng.uniform(-1, 1, n))
    cold = rng.uniform(0.05, 0.6, n)
    warm = warming_threshold(a, stiffness(cold), y * stiffness(cold))
    rates = {"gamma_L": a, "gamma_R": y}
    dense = _root(lambda T: slope(1.0, T_L=T, T_R=cold, **rates, **words("bose bose qubit")), warm)
    b = 1 + el.power(10.0, rng.uniform(-1, 2, n))
    cool = cooling_threshold(b, y)
    rates = {"gamma_L": y, "gamma_R": b}
    # so cold that what is left of the occupation is below the last digit
    zero = np.full(n, 0.025)
    turned = _root(lambda T: -slope(0.0, T_L=T, T_R=zero, **rates, **words("bose fermi oscillator")), cool)
    low: trials.Ground = {"T_R": Range(0.03, LIMIT, log=True), "ratio": Range(1.001, LIMIT / 0.03, log=True)}
    mean_qubits, mean_oscillators = LIMIT / 2, _mean_of_oscillators()
    return found(
        equals("hot temperature from which warming lowers J", warm, dense, {"a": a, "y": y, "T_R": cold}),
        equals("hot temperature from which cooling lowers J", cool, turned, {"b": b, "x": y}),
        never_below("below ω/ln 3 warming raises J", _below(1.0, LIMIT), RATES | low | QUBITS, rng),
        never_below("below ω/ln 3 cooling raises J", _below(0.0, LIMIT), RATES | low | OSCILLATORS, rng),
        never_below("mean below ω/2 ln 3, qubits", _mean(mean_qubits), RATES | SPREAD | QUBITS, rng),
        never_below("mean below its limit, oscillators", _mean(mean_oscillators), RATES | SPREAD | OSCILLATORS, rng),
        _falls_at(1.02 * mean_qubits, 1.99, "bose bose qubit", {"gamma_L": 1e4, "gamma_R": 0.1}),
        _falls_at(1.02 * mean_oscillators, 1.36, "fermi fermi oscillator", {"gamma_L": 1.0, "gamma_R": 1e4}),
        fact("past the threshold the hot end relaxes beyond 2g", bool(np.all(a * stiffness(warm) > 1)),
             least=np.min(a * stiffness(warm))),
        limit=LIMIT,
        mean_qubits=mean_qubits,
        mean_oscillators=mean_oscillators,
        differ=TOLERANCE,
        like=warming_threshold(1.0),
        cooled=cooling_threshold(2.0),
        redfield=redfield_currents(),
    )  # fmt: skip


@judge("q9-two-chains-amplify")
def amplify(rng: Generator) -> Found:
    device = TwoChainTransistor(
        g=1e-7, strength=10.0, upper=0.11385, T_L=10.0, T_start=1.9605, T_M=Grid(0.2, 10.0, 197)
    )
    table = device.table()
    t = np.sort(rng.uniform(0.3, 9.5, 240))
    low, high = device.window
    weakest = maximise(lambda v: np.abs(1 / device.gain(v)), low, high)
    searched = _best_gain(device)
    below = table.frame["T_M"] < float(warming_threshold(10.0))
    early = table.frame["alpha_R"][below]
    output = table.frame[(table.frame["T_M"] >= low) & (table.frame["T_M"] <= high)]
    return found(
        equals("gain against a dense solve", device.gain(t), dense_gain(device, t), {"T_M": t}),
        falls("output in the window", lambda v: device.lower_chain(v).heat_current("L"), low, high, of="T_M"),
        rises("heat of M in the window", lambda v: _gate(device, v), low, high, of="T_M"),
        fact("nothing is amplified where Q_R rises", bool(((early >= 0) & (early <= 1)).all()),
             smallest=early.min(), largest=early.max()),
        gain=1 / float(weakest.value),
        best=searched.value,
        agreeing=searched.agreeing,
        starts=searched.starts,
        upper=searched.upper,
        first=searched.first,
        last=searched.last,
        room=device.T_L - searched.last,
        low=low,
        high=high,
        start=warming_threshold(10.0),
        share=[float(x) for x in (output["Q_M"] / output["Q_R"]).agg(["min", "max"])],
        change=float(np.ptp(output["Q_M"]) / np.ptp(output["Q_R"])),
        scale=device.scale,
        differ=TOLERANCE,
    )  # fmt: skip


# ---- what the entries look at -------------------------------------------------------------------

QUBITS: Final[trials.Ground] = {"kind": ("bose fermi qubit", "bose bose qubit")}
OSCILLATORS: Final[trials.Ground] = {"kind": ("bose fermi oscillator", "fermi fermi oscillator")}
# The bias over the mean temperature.
SPREAD: Final[trials.Ground] = {"mean": Range(0.2, 2.0, log=True), "spread": Range(0.01, 1.95)}


def current(kind: str, **point: Any) -> Array:
    """J of two systems with 2 g = 1, shape (...)."""
    return np.asarray(trials.moments(g=0.5, **point, **words(kind)).current)


def _below(warmed: float, limit: float) -> Any:
    def margin(*, kind: str, T_R: Array, ratio: Array, **rates: Array) -> Array:
        found_ = slope(warmed, T_L=ratio * T_R, T_R=T_R, **rates, **words(kind))
        return np.asarray(np.where(ratio * T_R <= limit, found_, np.nan))

    return margin


def _mean(limit: float) -> Any:
    def margin(*, kind: str, mean: Array, spread: Array, **rates: Array) -> Array:
        half = mean * spread / 2
        found_ = slope(0.5, T_L=mean + half, T_R=mean - half, **rates, **words(kind))
        return np.asarray(np.where(mean <= limit, found_, np.nan))

    return margin


def _falls_at(mean: float, spread: float, kind: str, rates: dict[str, float]) -> Any:
    hot, cold = (np.array(mean * (1 + sign * spread / 2)) for sign in (1, -1))
    value = float(slope(0.5, hot, cold, **rates, **words(kind)))
    return fact(f"just above, {kind}: J falls", value < 0, at={"mean": mean, "spread": spread}, slope=value)


def _root(function: Any, near: Array) -> Array:
    """Where a function changes its sign around a value, shape (n,)."""
    return find_root(function, 0.9 * near, 1.1 * near, shape=near.shape, tolerance=1e-13).x


@cache
def _mean_of_oscillators() -> float:
    """Mean temperature from which the current of oscillators can fall, for a cold bath far stronger than g.

    J is then proportional to ``(k_L - k_R) k_R``; its slope along the bias vanishes first at one point.
    """

    def steepest_fall(mean: Array) -> Array:
        def fall(spread: Array) -> Array:
            half = mean * spread / 2
            hot, cold = mean + half, mean - half
            k, c = stiffness(hot), stiffness(cold)
            # dk/dT = (k^2 - 1)/2T^2
            return np.asarray((k - 2 * c) * (c**2 - 1) / cold**2 - c * (k**2 - 1) / hot**2)

        return maximise(fall, 0.5, 1.9, shape=np.shape(mean)).value

    return float(find_root(steepest_fall, 0.6, 2.5, tolerance=1e-12).x)


def _library(rng: Generator) -> Any:
    """J of the machines of the figure against the dense solve."""
    n = 240
    strength, hot = el.power(10.0, rng.uniform(-1, 2, n)), rng.uniform(0.5, 10, n)
    cold = hot * rng.uniform(0.05, 0.9, n)
    both = [
        pair(system, 1e-7, strength, (hot, cold)).net_current() / 2e-7 for system in ("qubit", "oscillator")
    ]
    heat = {"T_L": hot, "T_R": cold}
    dense = [
        current("bose bose qubit", gamma_L=strength, gamma_R=1.0, **heat),
        current("fermi fermi oscillator", gamma_L=1.0, gamma_R=strength, **heat),
    ]
    values = {"strength": strength, **heat}
    return equals(
        "J of both systems of the figure", np.stack(both, axis=-1), np.stack(dense, axis=-1), values
    )


def dense_gain(device: TwoChainTransistor, t: Array) -> Array:
    """alpha_R from slopes of both chains by dense solves, shape (n,)."""
    lower = trials.changes(
        (1.0, 0.0), g=0.5, gamma_L=device.strength, gamma_R=1.0, T_L=t, T_R=np.zeros_like(t)
    ).current
    hot = 1 / float(stiffness(device.T_L))
    upper = trials.changes(
        (0.0, 1.0), g=0.5, gamma_L=hot, gamma_R=device.upper, T_L=np.full(t.shape, device.T_L), T_R=t
    ).current
    return np.asarray(lower / (lower - device.scale * upper))


class BestGain(NamedTuple):
    """The largest of the least gains over a halving of the output: coupling of M to the upper chain over 2g, range of
    T_M, how many starts find it, and starts in all."""

    value: float
    upper: float
    first: float
    last: float
    agreeing: int
    starts: int


def _best_gain(device: TwoChainTransistor, starts: int = 16) -> BestGain:
    """Over the coupling of M to the upper chain and the start of the range, with the scale that each wants."""
    a, begin = device.strength, float(stiffness(warming_threshold(device.strength)))

    def ends(v: Array) -> tuple[float, float]:
        first = begin + float(el.exp(v[1]))
        # the output is (k - 1)/(a k^2 + 2 k + 1/a); it has halved at the larger root of a quadratic equation
        half = (first - 1) / (a * first**2 + 2 * first + 1 / a) / 2
        return first, (1 - 2 * half + np.sqrt((1 - 2 * half) ** 2 - 4 * half * (half + a))) / (2 * half * a)

    def lost(v: Array) -> float:
        first, last = ends(v)
        if not last < float(stiffness(device.T_L)):
            return 0.0
        trial = replace(device, upper=float(el.exp(v[0])))
        lower, upper = trial.slopes(temperature_of(np.linspace(first, last, 129)))
        ratio = lower / upper
        return -1 / float(ratio.max() / ratio.min() - 1)

    grid = [(b, k) for b in np.linspace(-4, 0, 4) for k in np.linspace(-1, 1.5, 4)][:starts]
    options = {"xatol": 1e-5, "fatol": 1e-6, "maxfev": 120}
    ended = [minimize(lost, start, method="Nelder-Mead", options=options) for start in grid]
    values = np.array([-end.fun for end in ended])
    there = ended[int(values.argmax())].x
    first, last = (float(temperature_of(k)) for k in ends(there))
    agreeing = int(np.sum(values > 0.999 * values.max()))
    return BestGain(float(values.max()), float(el.exp(there[0])), first, last, agreeing, len(values))


def _gate(device: TwoChainTransistor, t: Array) -> Array:
    """Heat current out of M, shape (...)."""
    out, into = (chain.heat_current("L") for chain in (device.lower_chain(t), device.upper_chain(t)))
    return np.asarray(out - device.scale * into)


def redfield_currents() -> list[float]:
    """J/2g omega of qubits in a Redfield equation at the hot temperature where J is largest, and far above it."""
    g = 1e-4
    hot: ArrayLike = [LIMIT, 2.0, 8.0]
    engine = TwoQubitEngine(g=g, gamma_h=2 * g * 10, gamma_c=2 * g, T_h=hot, T_c=0.01, approach="redfield")
    return [float(x) for x in engine.net_current() / (2 * g)]
