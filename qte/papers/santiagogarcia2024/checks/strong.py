"""Section IV and figure 4: the global equation, its current and contrast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common.optimise import Maximum, find_root, maximise
from qte.ledger import second
from qte.ledger.checks import Range, fact
from qte.ledger.entries import judge
from qte.ledger.forms import equals, larger, never_below
from qte.ledger.judged import Found, again, found
from qte.machines.junction import Junction
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import equations_global as eg
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, Complex
from qte.papers.santiagogarcia2024.trials import RATES, STRONG, fault

FIGURE_4: Final[trials.Point] = {"omega": 1.0, "g": 0.8, "gamma_R": 0.02, "T_R": 0.0}
FIGURE_5: Final[trials.Point] = {"omega": 1.0, "gamma_L": 0.01, "gamma_R": 0.02}
HOT: Final[trials.Point] = FIGURE_5 | {"T_L": 1.0, "T_R": 0.1}
RATIO: Final = np.array([0.5, 0.05])
STEPS: Final = np.array([0.1, 0.2, 0.5, 1.0, 5.0, 50.0])
DENSE: Final = "16x16 Liouvillian with jumps between numerically found eigenstates"


@judge("local-equation-from-g-like-gamma")
def local_validity(rng: Generator) -> Found:
    near: trials.Point = {"gamma_L": 1e-4, "gamma_R": 2e-4, "g": 2e-3, "T_L": 1.0, "T_R": 0.1}
    far = HOT | {"g": 0.8}
    wide, close = ([_off(point, how) for how in ("local", "global")] for point in (far, near))
    return found(
        larger("g = 0.8 omega: error of the local current", at=far, local=wide[0], five_per_cent=0.05),
        beyond=(fact("g = 10 gamma_R: above 1 %", abs(close[0]) > 0.01, at=near, local=close[0]),),
        far=wide,
        near=close,
    )


@judge("local-accurate-at-weak-coupling")
def local_accuracy(rng: Generator) -> Found:
    grid = FIGURE_5 | {
        "g": el.geomspace(1e-4, 0.02, 40)[:, None],
        "T_L": el.geomspace(0.2, 5, 40),
        "T_R": 0.1,
    }
    local, better = (trials.engine(grid, how).net_current() for how in ("local", "redfield"))
    off = float(np.abs(local / better - 1).max())
    return found(larger("error of the local current", one_per_cent=0.01, off=off), off=off)


@judge("eigenstates")
def eigenstates(rng: Generator) -> Found:
    case, _ = trials.strong(rng)
    w, g = case.points["omega"], case.points["g"]
    h, r = trials.pair_hamiltonian(w, g), np.sqrt(0.5)
    # basis |11>, |10>, |01>, |00>
    table = (
        ("|00>", [0, 0, 0, 1], 0 * w),
        ("|11>", [1, 0, 0, 0], 2 * w),
        ("+", [0, r, r, 0], w + g),
        ("-", [0, -r, r, 0], w - g),
    )
    size = (w + np.abs(g))[:, None]
    states = ((name, np.array(v), energy[:, None]) for name, v, energy in table)
    return found(*(equals(name, h @ v, energy * v, case.points, scale=size) for name, v, energy in states))


@judge("eq-20")
def eq20(rng: Generator) -> Found:
    case, _ = trials.strong(rng)
    a = el.normal(rng, (240, 4, 4)) + 1j * el.normal(rng, (240, 4, 4))
    rho = a @ a.conj().swapaxes(-1, -2) / 16
    each = list(zip(trials.rows(case.points), rho, strict=True))
    printed = np.array([eg.eq20_master_equation(trials.bridge(**k), r) for k, r in each])
    dense = np.array([_dense_change(k, r) for k, r in each])
    size = np.abs(dense).max(axis=(-1, -2), keepdims=True)
    return found(equals("change of a random state", printed, dense, case.points, scale=size))


@judge("eigenoperators")
def eigenoperators(rng: Generator) -> Found:
    case, _ = trials.strong(rng)
    w, g = (case.points[name][:, None, None] for name in ("omega", "g"))
    h = trials.pair_hamiltonian(w[:, 0, 0], g[:, 0, 0])
    checks = []
    for site, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
        jump = eg.text_eigenoperator(site, sign)
        name = f"L_{site + 1}(omega_{'+' if sign > 0 else '-'})"
        checks.append(equals(name, h @ jump - jump @ h, -(w + sign * g) * jump, case.points, scale=w))
    return found(*checks)


@judge("eq-21")
def eq21(rng: Generator) -> Found:
    case, engine = trials.strong(rng)
    return found(equals("J of two qubits", eg.eq21_heat_current(case.p), engine.net_current(), case.points))


@judge("eq-22")
def eq22(rng: Generator) -> Found:
    case, _ = trials.strong(rng)
    k = {name: value for name, value in case.points.items() if name not in ("g", "omega")}
    checks = []
    for sign in (1, -1):
        one = Junction(omega=case.points["omega"] + sign * case.points["g"], **k).net_current()
        checks.append(equals(f"at omega_{sign:+d}", eg.eq22_heat_current(case.p, sign), one / 2, case.points))
    return found(*checks)


@judge("current-not-a-function-of-one")
def not_of_one(rng: Generator) -> Found:
    return _not_of_one(rng, "net_current", HOT)


@judge("conductance-not-a-function-of-one")
def conductance_not_of_one(rng: Generator) -> Found:
    return _not_of_one(rng, "conductance", FIGURE_5 | {"T_L": 0.5, "T_R": 0.5})


@judge("sum-of-two-independent-qubits")
def two_independent(rng: Generator) -> Found:
    case, _ = trials.strong(rng)
    case = trials.balanced(case)
    k = {name: value for name, value in case.points.items() if name not in ("g", "omega")}
    half = k | {name: k[name] / 2 for name in ("gamma_L", "gamma_R")}
    w = [case.points["omega"] + s * case.points["g"] for s in (1, -1)]
    full, weak = (sum(Junction(omega=x, **p).conductance() for x in w) for p in (k, half))
    kappa = trials.engine(case.points).conductance()
    return found(
        equals("qubits with half the couplings", kappa, weak, case.points),
        beyond=(equals("qubits with the same couplings", kappa, full, case.points),),
    )


@judge("eq-23")
def eq23(rng: Generator) -> Found:
    return found(_corrected(rng))


@judge("eq-24")
def eq24(rng: Generator) -> Found:
    at = FIGURE_4 | {"gamma_L": 0.001, "T_L": 1.0}
    t = el.geomspace(0.03, 100, 6000)[:, None]
    p = trials.bridge(**FIGURE_4 | {"gamma_L": 0.02 * RATIO, "T_L": t})
    printed, right, one = eg.eq23_contrast(p), eg.corrected_contrast(p), eq.eq12_contrast(p)
    maxima = [int((np.diff(np.sign(np.diff(c, axis=0)), axis=0) < 0).sum()) for c in (printed, right)]

    def dense(*, g: float, gamma_L: float, gamma_R: float, T_L: float, **_: float) -> Mapping[str, float]:
        top = bottom = 0.0
        for w in (1 + g, 1 - g):
            n = 1 / el.expm1(w / T_L)
            a = w * n / (gamma_R / gamma_L + 1 / el.tanh(w / 2 / T_L)) / (gamma_L / gamma_R + 1)
            top, bottom = top + a, bottom + a * n
        text = abs((gamma_L - gamma_R) / (gamma_L + gamma_R)) / (1 + top / bottom)
        exact = trials.global_contrast(g=g, gamma_L=gamma_L, gamma_R=gamma_R, T_L=T_L, T_R=0.0)
        return {"printed": text, "right": exact}

    return fault(
        "contrast (23) with (24) as printed",
        at,
        eg.eq23_contrast(trials.bridge(**at)),
        trials.engine(at).contrast(),
        f"the formula coded apart; {DENSE}",
        dense,
        rest=(
            _corrected(rng),
            fact("maxima over T_L: none as printed, one each as corrected", maxima == [0, 2], maxima=maxima),
            fact("one qubit is nowhere ahead as printed", (one - printed).max() <= 0, temperatures=len(t)),
        ),
        redfield=trials.engine(at, "redfield").contrast(),
    )


@judge("contrasts-meet-when-hot")
def contrasts_meet(rng: Generator) -> Found:
    def margin(*, T_L: Array, **k: Any) -> Array:
        p = trials.bridge(T_L=T_L, T_R=0.0, **k)
        limit = eq.text_high_temperature_contrast(p)
        missing = 1 - eg.corrected_contrast(p) / np.where(limit == 0, np.nan, limit)
        return np.asarray(np.minimum(missing, 4 / T_L - missing))

    domain = RATES | {"g": STRONG["g"], "T_L": Range(1, 1e5, log=True)}
    late = FIGURE_4 | {"gamma_L": 0.01, "T_L": 50.0}
    what = "what is missing is positive and below 4 omega/T_L"
    return found(never_below(what, margin, domain, rng), missing=1 - 3 * trials.engine(late).contrast())


@judge("rectification-where-one-qubit-has-none")
def rectifies_when_cold(rng: Generator) -> Found:
    pair, one = (float(c[1]) for c in (_pair(0.15), _one(0.15)))
    at = FIGURE_4 | {"gamma_L": 0.001, "T_L": 0.15}
    check = larger("pair above ten times one qubit", at=at, pair=pair, ten_times_one=10 * one)
    return found(check, pair=pair, one=one)


@judge("local-maximum-of-the-contrast")
def local_maximum(rng: Generator) -> Found:
    def rise(*, T_L: Array, T_R: Array, gamma_L: Array, gamma_R: Array) -> Array:
        k: trials.Point = {"gamma_L": gamma_L, "gamma_R": gamma_R, "T_R": T_R}
        low, high = (Junction(T_L=f * T_L, **k).contrast() for f in (1.0, 1.001))
        return np.asarray(np.where(T_L >= T_R, high - low, np.nan))

    top = _local_maxima()
    one = _one(top.x)
    inside = bool((top.end == 0).all())
    return found(
        fact("local maxima at figure 4's couplings", inside, T_L=top.x, contrast=top.value),
        larger("the pair above four times one qubit there", pair=top.value, four_times_one=4 * one),
        never_below("C of one qubit never falls with T_L >= T_R", rise, RATES | trials.HEAT, rng),
        top=top.value.tolist(),
        T=top.x.tolist(),
        one=one.tolist(),
    )


@judge("one-qubit-slightly-ahead")
def slightly_ahead(rng: Generator) -> Found:
    best = maximise(lambda t: _one(t) - _pair(t), 0.5, 60.0, shape=(2,), scale="log")
    return found(
        larger("one qubit is ahead, by less than a tenth", lead=best.value, zero=np.zeros(2)),
        larger("by less than 0.05", bound=np.full(2, 0.05), lead=best.value),
        lead=best.value.tolist(),
    )


@judge("contrast-depends-on-g")
def depends_on_g(rng: Generator) -> Found:
    at = FIGURE_4 | {"gamma_L": 0.01, "T_L": 0.4}
    low, high = (float(trials.engine(at | {"g": g}).contrast()) for g in (0.2, 0.8))
    return found(larger("contrast at g = 0.8 and 0.2 omega", at=at, at_0_8=high, at_0_2=low))


@judge("strong-from-g-above-gamma")
def strong_from(rng: Generator) -> Found:
    weak, fair = HOT | {"g": 0.02}, HOT | {"g": 0.8}

    def dense(**k: float) -> Mapping[str, float]:
        return {"printed": trials.global_current(**k), "right": float(trials.pair_current(**k))}

    off = _off(fair, "global")
    return fault(
        "J of the global equation at g = gamma_R, where section II takes the local one",
        weak,
        trials.engine(weak).net_current(),
        trials.at(weak).two.net_current(),
        DENSE,
        dense,
        rest=(fact("g = 0.8 omega = 40 gamma_R: within 1 % of Redfield", abs(off) < 0.01, at=fair, off=off),),
        fair=off,
        weak=_off(weak, "global"),
    )


@judge("order-of-curves")
def order_of_curves(rng: Generator) -> Found:
    ratio = np.concatenate([np.linspace(0.005, 0.995, 100), np.linspace(1.005, 2, 100)])[:, None]

    def rises(g: float, contrast: Any) -> Array:
        curves = contrast(FIGURE_4 | {"g": g, "gamma_L": 0.02 * ratio, "T_L": STEPS})
        return np.asarray((np.diff(curves, axis=1) > 0).all(axis=0))

    def exact(k: trials.Point, approach: str = "global") -> Array:
        return trials.engine(k, approach).contrast()

    def printed(k: trials.Point) -> Array:
        return eg.eq23_contrast(trials.bridge(**k))

    at = FIGURE_4 | {"gamma_L": 0.01, "T_L": 1.0}
    half, one = (float(trials.engine(at | {"T_L": t}).contrast()) for t in (0.5, 1.0))

    def drop(g: Array) -> Array:
        low, high = (exact(FIGURE_4 | {"g": g, "gamma_L": 0.02 * ratio[:, 0], "T_L": t}) for t in (0.5, 1.0))
        return np.asarray(high - low)

    onset = float(find_root(drop, 0.1, 0.95, shape=(len(ratio),)).x.min())
    broken = fact("T_L = omega lies above omega/2", one > half, at=at, at_1=one, at_half=half)

    def dense(**k: float) -> Mapping[str, float]:
        return {"at_1": trials.global_contrast(**k), "at_half": trials.global_contrast(**k | {"T_L": 0.5})}

    neighbours = rises(0.8, exact)
    redfield = exact(at, "redfield") < exact(at | {"T_L": 0.5}, "redfield")
    return found(
        fact("in order at g = 0.69 omega, 200 ratios up to 2", rises(0.69, exact).all(), ratios=len(ratio)),
        fact("in order at g = 0.8 omega with (24) as printed", rises(0.8, printed).all(), ratios=len(ratio)),
        fact("all other neighbours at g = 0.8 omega", neighbours[[0, 1, 3, 4]].all(), ratios=len(ratio)),
        fact("the same order of these two in a Redfield equation", redfield, ratio=0.5),
        breaks=(broken,),
        again=(again(broken, DENSE, dense),),
        printed=1.0,
        right=one / half,
        one=one,
        half=half,
        onset=onset,
    )


@judge("colours-of-figure-4")
def colours(rng: Generator) -> Found:
    hot = _pair(5e4)
    limits = np.abs((RATIO - 1) / (RATIO + 1))
    return fault(
        "gamma_L/gamma_R of the purple line, first and last sentence of the caption",
        FIGURE_4,
        0.05,
        0.01 / 0.02,
        "the caption's numbers",
        lambda **_: {"printed": 0.001 / 0.02, "right": 0.5},
        rest=(fact("the two plateaus differ", np.abs(hot - limits).max() < 1e-4, plateaus=hot),),
        limits=limits.tolist(),
    )


@judge("better-rectification-than-weak-coupling")
def better_rectification(rng: Generator) -> Found:
    def bound(**k: Any) -> Array:
        p = trials.bridge(**k)
        forward, backward = eg.eq21_heat_current(p), eg.eq21_heat_current(p.swapped())
        far = np.abs(k["T_L"] / k["T_R"] - 1) > 1e-3
        contrast = np.abs(forward + backward) / np.where(far, np.abs(forward - backward), np.nan)
        return np.asarray(eq.text_high_temperature_contrast(p) - contrast)

    top = _local_maxima()
    cross = find_root(lambda t: _pair(t) - _one(t), top.x, 10.0, shape=(2,), scale="log").x
    warm = FIGURE_4 | {"gamma_L": 0.01, "T_L": 5.0}
    pair, single = (float(c[0]) for c in (_pair(5.0), _one(5.0)))
    return found(
        larger("better at the local maxima of figure 4", pair=top.value, one_qubit=_one(top.x)),
        never_below("never above |gamma_L - gamma_R|/(gamma_L + gamma_R)", bound, STRONG, rng),
        beyond=(fact("better at T_L = 5 omega", pair > single, at=warm, pair=pair, one_qubit=single),),
        pair=pair,
        single=single,
        cross=cross.tolist(),
        top=top.value.tolist(),
        one=_one(top.x).tolist(),
        redfield=trials.engine(warm, "redfield").contrast(),
    )


def _off(point: trials.Point, approach: str) -> float:
    """Relative error of a current against the Redfield equation."""
    j, right = (trials.engine(point, how).net_current() for how in (approach, "redfield"))
    return float(j / right - 1)


def _pair(t: Any) -> Array:
    """Contrast at figure 4's two ratios."""
    return trials.engine(FIGURE_4 | {"gamma_L": 0.02 * RATIO, "T_L": t}).contrast()


def _one(t: Any) -> Array:
    return Junction(gamma_L=0.02 * RATIO, gamma_R=0.02, T_L=t, T_R=0.0).contrast()


def _local_maxima() -> Maximum:
    return maximise(_pair, 0.2, 0.8, shape=(2,), scale="log")


def _corrected(rng: Generator) -> Any:
    case, engine = trials.strong(rng, T_R=0.0)
    printed, machine = eg.corrected_contrast(case.p), engine.contrast()
    return equals("contrast with T_L in both brackets", printed, machine, case.points, scale=1.0)


def _not_of_one(rng: Generator, quantity: str, same: trials.Point) -> Found:
    """One qubit knows no g; the pair is the mean of two others."""
    case, _ = trials.strong(rng)
    case = trials.balanced(case) if quantity == "conductance" else case
    k = {name: value for name, value in case.points.items() if name not in ("g", "omega")}
    w = [case.points["omega"] + s * case.points["g"] for s in (1, -1)]
    parts = [getattr(Junction(omega=x, **k), quantity)() for x in w]
    low, high = (float(getattr(trials.engine(same | {"g": g}), quantity)()) for g in (0.8, 0.2))
    pair = getattr(trials.engine(case.points), quantity)()
    mean, size = (parts[0] + parts[1]) / 2, np.abs(parts[0]) + np.abs(parts[1])
    return found(
        larger("one qubit, two values of the pair", at=same, at_g_0_2=high, at_g_0_8=low),
        equals("the pair against the mean of two single qubits", pair, mean, case.points, scale=size),
    )


def _dense_change(point: trials.Point, rho: Complex) -> Complex:
    left, right = trials.global_jumps(**point)
    matrix = second.liouvillian(trials.pair_hamiltonian(point["omega"], point["g"]), [*left, *right])
    return np.asarray((matrix @ rho.reshape(16)).reshape(4, 4))
