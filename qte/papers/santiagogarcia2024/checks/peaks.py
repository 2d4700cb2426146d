"""Section IV, appendix E, figures 5 and 7: the conductance at strong coupling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from qte.common import elementary as el
from qte.common.optimise import find_root, maximise
from qte.ledger.checks import Range, fact
from qte.ledger.entries import judge
from qte.ledger.forms import close, equals, larger, never_below, rises
from qte.ledger.judged import Found, again, found
from qte.machines.junction import Junction
from qte.papers.santiagogarcia2024 import equations_global as eg
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, csch
from qte.papers.santiagogarcia2024.trials import fault

RATES_5: Final[trials.Point] = {"gamma_L": 0.01, "gamma_R": 0.02}
COUPLINGS: Final = np.array([0.9, 0.8, 0.7])
ENERGIES: Final = (1 - COUPLINGS, 1 + COUPLINGS)
SHARE: Final = 0.01 * 0.02 / 0.03
Kappa = Callable[[Any, Any], Array]
SCAN: Final = "closed form of one mode, half-heights by another root finder"


@judge("eq-25")
def eq25(rng: Generator) -> Found:
    case, _ = trials.strong(rng)
    case = trials.balanced(case)
    exact = trials.engine(case.points).conductance()
    return found(equals("conductance", eg.eq25_conductance(case.p), exact, case.points))


@judge("two-peaks-for-large-g")
def two_peaks(rng: Generator) -> Found:
    onset, t, g = _onset(), el.geomspace(0.005, 10, 6000)[:, None], np.linspace(0.02, 0.98, 193)
    slopes = np.sign(np.diff(el.log(trials.global_conductance(t, g)), axis=0))
    peaks = (np.diff(slopes, axis=0) < 0).sum(axis=0)
    holds = (peaks[g < onset] == 1).all() and (peaks[g > onset + 0.005] == 2).all()
    return found(
        fact("one peak below, two above", holds, onset=f"{onset:.8f}", couplings=len(g)), onset=onset
    )


@judge("peaks-at-the-eigenenergies")
def peaks_near(rng: Generator) -> Found:
    off = np.abs(2 * np.concatenate(_over_energies()) - 1)
    return found(fact("within a seventh of omega_+-/2", off.max() < 1 / 7, off=off), worst=100 * off.max())


@judge("peaks-at-half-the-eigenenergies")
def peaks_at_half(rng: Generator) -> Found:
    lower, upper = _over_energies()
    off = 200 * np.concatenate([lower, upper]) - 100
    root = float(find_root(eg.eq46_excess, 0.1, 10.0).x)

    return fault(
        "crossing of 1/x and coth(x)/2",
        RATES_5 | {"g": 0.8, "T_L": 0.4, "T_R": 0.4},
        2.0,
        root,
        "fixed point of x = 2 tanh x",
        lambda **_: {"printed": 2.0, "right": _fixed_point()},
        close("the crossing within 5 per cent of 2", root, 2.0, 0.05),
        fact("peaks of figure 5 within 14 per cent of omega_+-/2", np.abs(off).max() < 14, off=off),
        lower=_listed(lower, 3),
        upper=_listed(upper, 3),
        redfield=[_listed(t / w, 3) for t, w in zip(_peaks(COUPLINGS, _redfield), ENERGIES, strict=True)],
        off=[50 * root - 100, off.min(), off.max()],
    )


@judge("separation-grows")
def separation_grows(rng: Generator) -> Found:
    def apart(g: Array) -> Array:
        lower, upper = _peaks(g)
        return np.asarray(upper - lower)

    return found(rises("distance of the peaks", apart, 0.67, 0.99, of="g"))


@judge("width-of-a-peak")
def width(rng: Generator) -> Found:
    mode = _width(lambda t: _mode(t, 1.0), 0.522, 0.01, 10.0)
    dip, lower, upper = _dip(COUPLINGS), *_peaks(COUPLINGS)
    depth = trials.global_conductance(dip, COUPLINGS) / trials.global_conductance(lower, COUPLINGS)
    ends = (lower[0], 0.01, dip[0]), (upper[0], dip[0], 10.0)
    pair = [_width(lambda t: _modes(t, 0.1, 1.9), *end) / w for end, w in zip(ends, (0.1, 1.9), strict=True)]

    def bisected(**_: float) -> Mapping[str, float]:
        half = _modes(np.linspace(0.5, 0.55, 1_000_001), 1.0).max() / 2
        low, high = (brentq(lambda t: float(_modes(t, 1.0)) - half, *k) for k in ((0.1, 0.5), (0.6, 10.0)))
        return {"printed": 1.5, "right": high - low}

    return fault(
        "width of a mode by itself over its energy",
        RATES_5 | {"g": 0.9, "T_L": 0.5, "T_R": 0.5},
        1.5,
        mode,
        SCAN,
        bisected,
        close("a mode by itself within 5 per cent", mode, 1.5, 0.05),
        fact(
            "peaks of g = 0.9 within 5 per cent", np.abs(np.array(pair) / 1.5 - 1).max() < 0.05, widths=pair
        ),
        larger("g = 0.8, 0.7: dip above half of the lower peak", dip=depth[1:], half=np.full(2, 0.5)),
        pair=pair,
        dips=_listed(depth[1:], 3),
        off=100 * mode / 1.5 - 100,
    )


@judge("like-vacuum-rabi-splitting")
def rabi(rng: Generator) -> Found:
    lower, upper = _peaks(COUPLINGS)
    apart = (upper - lower) / COUPLINGS
    return found(
        larger("two peaks, apart by more than g/2 and less than 2g", two=np.full(3, 2.0), apart=apart),
        larger("and by more than g/2", apart=apart, half=np.full(3, 0.5)),
        apart=_listed(apart, 3),
        onset=_onset(),
    )


@judge("conduction-where-one-qubit-has-none")
def conducts_when_cold(rng: Generator) -> Found:
    pair, one = _pair(0.05, 0.9), float(_one_qubit(np.array(0.05)))
    at = {"g": 0.9, "T_L": 0.05, "T_R": 0.05}
    return found(larger("above 1e5 times one qubit", at=at, pair=pair, times=1e5 * one), pair=pair, one=one)


@judge("strong-coupling-enhances-conduction")
def enhances(rng: Generator) -> Found:
    one = float(maximise(_one_qubit, 0.1, 2.0).value)
    tops = maximise(
        lambda t: trials.global_conductance(t, COUPLINGS), 0.02, 3.0, shape=(3,), scale="log"
    ).value

    def lead(t: Array) -> Array:
        return np.asarray(trials.global_conductance(t, COUPLINGS) - _one_qubit(t))

    cross = find_root(lead, 0.05, 1.0, shape=(3,)).x
    at: trials.Point = RATES_5 | {"g": 0.9, "T_L": 0.5, "T_R": 0.5}
    pair, single = _pair(0.5, 0.9), float(_one_qubit(np.array(0.5)))
    domain = {"T": Range(0.003, 30, log=True), "g": Range(0.001, 0.999)}

    def below(*, T: Array, g: Array) -> Array:
        return 1 - trials.global_conductance(T, g) / one

    return found(
        larger("better at T = omega/10", pair=_pair(0.1, 0.9), ten_times=10 * _one_qubit(np.array(0.1))),
        never_below("never above one qubit's peak", below, domain, rng),
        beyond=(fact("better at T = omega/2", pair > single, at=at, pair=pair, one_qubit=single),),
        pair=pair,
        single=single,
        crossings=_listed(cross, 3),
        tops=_listed(tops / one, 3),
        redfield=trials.engine(at, "redfield").conductance(),
    )


@judge("larger-gap-conducts-more")
def larger_gap(rng: Generator) -> Found:
    w = np.array([0.1, 1.9])
    heights = maximise(lambda t: _mode(t, w), 0.2 * w, 2 * w, shape=(2,)).value
    lower, upper = _peaks(COUPLINGS)
    top = _pair(float(upper[0]), 0.9)
    crossing = float(find_root(lambda t: _mode(t, 1.8) - _mode(t, 0.2), 0.1, 2.0).x)
    at: trials.Point = RATES_5 | {"g": 0.9, "T_L": 0.1, "T_R": 0.1}
    large, small = (float(_mode(np.array(0.1), x)) for x in (1.9, 0.1))
    broken = fact("the larger gap conducts more", large > small, at=at, large=large, small=small)

    def closed(*, T_L: float, **_: float) -> Mapping[str, float]:
        return {name: float(_modes(T_L, x)) for name, x in (("large", 1.9), ("small", 0.1))}

    saturated = [
        float(eg.eq22_heat_current(trials.bridge(**RATES_5, g=0.9, T_L=1e6, T_R=0.0), s)) for s in (1, -1)
    ]
    return found(
        larger("largest current of a mode, T_R = 0", large=saturated[0], small=saturated[1]),
        close("it is gamma_R omega_+/2", saturated[0], 0.02 * 1.9 / 2, 1e-3),
        larger("above the crossing", large=_mode(np.array(1.0), 1.8), small=_mode(np.array(1.0), 0.2)),
        larger(
            "upper peaks of figure 5 above lower",
            upper=trials.global_conductance(upper, COUPLINGS),
            lower=trials.global_conductance(lower, COUPLINGS),
        ),
        close("both modes have one height", heights[1], float(heights[0]), 1e-6),
        breaks=(broken,),
        again=(again(broken, "closed form of one mode", closed),),
        printed=1.0,
        right=large / small,
        large=large,
        small=small,
        crossing=crossing,
        height=heights[0],
        upper=top,
        redfield=[float(_redfield(t, 0.9)) for t in (lower[0], upper[0])],
        tail=float(_mode(upper[0], 0.1)),
    )


@judge("heat-valve")
def valve(rng: Generator) -> Found:
    top = maximise(lambda g: trials.global_conductance(0.1, g), 0.1, 0.99)
    low, high = _pair(0.1, 0.1), _pair(0.1, 0.9)
    what = "conductance at T = omega/10, g = 0.9 against ten times g = 0.1 omega"
    return found(larger(what, high=high, ten_times_low=10 * low), factor=high / low, best=top.x)


@judge("eq-43")
def eq43(rng: Generator) -> Found:
    case, _ = trials.strong(rng)
    k = trials.balanced(case).points
    scale = k["gamma_L"] * k["gamma_R"] / (k["gamma_L"] + k["gamma_R"]) / k["T_L"] ** 3
    parts = [_mode_slope(k["omega"] + s * k["g"], k["T_L"]) for s in (1, -1)]
    slope, size = (scale * (parts[0][i] + parts[1][i]) for i in (0, 1))
    printed = eg.eq43_slope(trials.balanced(case).p)
    return found(
        equals("slope with its prefactor", scale * printed, slope, k, scale=size),
        breaks=(equals("slope as printed", printed, slope, k, scale=size),),
    )


@judge("eq-44")
def eq44(rng: Generator) -> Found:
    return _one_mode(rng, -1, eg.eq44_slope)


@judge("eq-45")
def eq45(rng: Generator) -> Found:
    return _one_mode(rng, +1, eg.eq45_slope)


@judge("eq-46")
def eq46(rng: Generator) -> Found:
    return _divided(rng, -1, eg.eq44_slope)


@judge("eq-47")
def eq47(rng: Generator) -> Found:
    return _divided(rng, +1, eg.eq45_slope)


def _one_mode(rng: Generator, sign: int, printed: Callable[..., Array]) -> Found:
    """The equation's zero against the peak of the conductance of one qubit of that energy."""
    case = trials.balanced(trials.strong(rng)[0])
    k, w = case.points, case.points["omega"] + sign * case.points["g"]
    slope, size = _mode_slope(w, k["T_L"])

    def conductance(x: Array) -> Array:
        return Junction(omega=w, gamma_L=k["gamma_L"], gamma_R=k["gamma_R"], T_L=x, T_R=x).conductance()

    def left_side(y: Array) -> Array:
        # equal for every mode in units of its own energy
        return printed(trials.bridge(omega=1.0 - sign * 0.4, g=0.4, gamma_L=1.0, gamma_R=1.0, T_L=y, T_R=y))

    root = float(find_root(left_side, 0.2, 2.0).x)
    peak = maximise(conductance, 0.2 * w, 2 * w, shape=w.shape, scale="log").x / w
    return found(
        equals("left-hand side against the slope of one mode", printed(case.p), slope, k, scale=size),
        fact("its zero is that qubit's peak", np.abs(peak / root - 1).max() < 1e-8, draws=len(w)),
        zero=root,
    )


def _divided(rng: Generator, sign: int, unreduced: Callable[..., Array]) -> Found:
    case = trials.balanced(trials.strong(rng)[0])
    w = case.points["omega"] + sign * case.points["g"]
    x = w / case.points["T_L"]
    # the left side of (44) or (45) is -w^2 csch(x) x times 1/x - coth(x)/2
    rest = -unreduced(case.p) / (w**2 * csch(x) * x)
    root = float(find_root(eg.eq46_excess, 0.1, 10.0).x)
    return found(
        equals("T/omega - coth/2", eg.eq46_excess(x), rest, case.points, scale=1 / x + 0.5),
        close("root of 1/x = coth(x)/2 against that of x = 2 tanh(x)", root, _fixed_point(), 1e-9),
        root=root,
    )


def _fixed_point() -> float:
    x = 2.0
    for _ in range(60):
        x = 2 * el.tanh(x)
    return float(x)


def _mode_slope(w: Array, t: Array) -> tuple[Array, Array]:
    """T^3 times the slope of w^2 csch(w/T)/2T^2, and the size of its terms."""
    z = t + 1e-30j
    x = w / z
    part = w**2 * 2 * el.exp(-x) / (1 - el.exp(-2 * x)) / (2 * z**2)
    return np.asarray(t**3 * part.imag / 1e-30), np.asarray(2 * t**2 * part.real * (1 + (w / t)))


def _one_qubit(t: Array) -> Array:
    return Junction(**RATES_5, T_L=t, T_R=t).conductance()


def _mode(t: Array, w: ArrayLike) -> Array:
    """Conductance of one mode of the pair."""
    return Junction(omega=w, gamma_L=0.005, gamma_R=0.01, T_L=t, T_R=t).conductance()


def _modes(t: Any, *energies: float) -> Array:
    """The same by its closed form, summed."""
    return np.asarray(
        sum(SHARE * w**2 / el.sinh(w / np.asarray(t)) / (2 * np.asarray(t) ** 2) for w in energies)
    )


def _pair(t: float, g: float) -> float:
    """Conductance of the strongly coupled pair from the response of its steady state."""
    return float(trials.engine(RATES_5 | {"g": g, "T_L": t, "T_R": t}).conductance())


def _onset() -> float:
    """g/omega from which the conductance has two peaks."""

    def fall(g: Array) -> Array:
        slope = eg.eq43_slope
        return maximise(
            lambda t: -slope(trials.bridge(**RATES_5, g=g, T_L=t, T_R=t)), 0.1, 0.45, shape=g.shape
        ).value

    return float(find_root(fall, 0.5, 0.7).x)


def _peaks(g: Array, kappa: Kappa = trials.global_conductance) -> tuple[Array, Array]:
    """Temperatures of both peaks."""
    dip = _dip(g)
    return _extremum(g, 0.3 * (1 - g), dip, 1, kappa), _extremum(g, dip, 0.6 * (1 + g), 1, kappa)


def _redfield(t: Any, g: Any) -> Array:
    """Conductance of the pair in a Redfield equation."""
    return trials.engine(RATES_5 | {"g": g, "T_L": t, "T_R": t}, "redfield").conductance()


def _over_energies() -> tuple[Array, Array]:
    lower, upper = _peaks(COUPLINGS)
    return lower / ENERGIES[0], upper / ENERGIES[1]


def _dip(g: Array) -> Array:
    return _extremum(g, 0.6 * (1 - g), 0.45 * (1 + g), -1)


def _extremum(
    g: Array, low: Array, high: Array, sign: int, kappa: Kappa = trials.global_conductance
) -> Array:
    return maximise(lambda t: sign * kappa(t, g), low, high, shape=g.shape, scale="log", scan=65).x


def _width(kappa: Callable[[Array], Array], top: float, low: float, high: float) -> float:
    """Full width at half maximum of the peak near `top`."""
    best = maximise(kappa, 0.9 * top, 1.1 * top)

    def over(t: Array) -> Array:
        return np.asarray(kappa(t) - best.value / 2)

    left, right = (float(find_root(over, *ends).x) for ends in ((low, float(best.x)), (float(best.x), high)))
    return right - left


def _listed(values: Array, digits: int) -> str:
    return ", ".join(f"{v:.{digits}f}" for v in np.ravel(values))
