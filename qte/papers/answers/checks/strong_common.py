"""Question 5: a common reservoir that is much the strongest, and the best of the machine of man2019."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qte.common import elementary as el
from qte.common.optimise import maximise
from qte.data.fields import Grid
from qte.ledger.checks import Fact, Range
from qte.ledger.entries import judge
from qte.ledger.forms import equals, fact, negligible, never_below
from qte.ledger.judged import Found, found
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.papers.answers.models import equations_common as closed
from qte.papers.answers.models.common_levels import levels
from qte.papers.answers.studies_strong_common import BestCommon, BestCommonFound, everything_free, turned
from qte.papers.man2019.checks import dense
from qte.papers.man2019.checks.trials import DRAWS, draws, gibbs, machine, populations
from qte.papers.man2019.parts import margin
from qte.physics.spectral_densities import ohmic
from qte.sweeps.optimise_many import Optimum

Array = NDArray[np.float64]

# Coupling to R_C over that to R_A and R_B: what is left of the limit is round-off, and what dense matrices can stand.
STRONG, FAIRLY = 1e20, 1e6
# To what dense matrices agree there, and where nothing is strong.
FAIRLY_AGREED, AGREED = 1e-5, 1e-11
# (omega_2 - omega_1)/(omega_2 + omega_1) of figure 2, gaps 20 and coupling 10, and omega_1/omega_2 there.
FIGURE_2, RATIO_2 = 0.5, 1 / 3
# A small detuning, and Gamma_CA for the Redfield equation, in mean gaps.
DETUNED, SLOW = 0.02, 0.01
# Size of the drawn couplings to R_C, in gaps.
WEAK: Final = 1e-5
NAMES: Final = ("eps_A", "eps_B", "Omega", "T_A", "T_B", "T_C", "Gamma_A", "Gamma_B", "Gamma_CA", "Gamma_CB")


# ---- the limit -----------------------------------------------------------------------------------


@judge("q5-limit")
def limit(rng: Generator) -> Found:
    level = _resonant(rng)
    right = _closed(level)
    thermal, apart = _thermal(rng)
    cold, short = _cold(rng)
    fair = level | {k: level[k] * STRONG / FAIRLY for k in ("Gamma_A", "Gamma_B")}
    same = _redfield(rng)
    at_two, at_four = (_falls_short(strength) for strength in (1e2, 1e4))
    detuned = maximise(_slightly_detuned, 1e-2, 1e8, scale="log", scan=65)
    return found(
        equals(
            "C of resonant qubits equally coupled to R_C", margin(machine(**level)), right, level, scale=1.0
        ),
        never_below("at most 1/(2 + ω₁/ω₂), all temperatures and rates free", _under_its_most, RESONANT, rng),
        thermal,
        cold,
        same,
        negligible(
            "C and that of dense matrices", dense.again(fair).signed - margin(machine(**fair)), FAIRLY_AGREED
        ),
        dense=FAIRLY_AGREED,
        thermal=apart,
        cold=short,
        figure_2=closed.hot_resonant_limit(RATIO_2),
        short_2=at_two,
        short_4=at_four,
        power=el.log(at_two / at_four) / el.log(100.0),
        detuned=detuned.value,
        best_strength=detuned.x,
        detuned_by=DETUNED,
    )


def _resonant(rng: Generator) -> dict[str, Any]:
    """Random resonant machines, the coupling to R_C by `STRONG` above those to R_A and R_B."""
    p = _strong(draws(rng))
    Omega = np.abs(p["Omega"]) / np.sqrt(p["eps_A"] * p["eps_B"]) * p["eps_A"]
    return p | {"eps_B": p["eps_A"], "Omega": Omega, "Gamma_CB": p["Gamma_CA"]}


def _strong(p: dict[str, Any]) -> dict[str, Any]:
    """R_C by `STRONG` above the others, and still weak against every gap."""
    own = {k: p[k] * WEAK / STRONG for k in ("Gamma_A", "Gamma_B")}
    return p | own | {k: p[k] * WEAK for k in ("Gamma_CA", "Gamma_CB")}


def _closed(p: dict[str, Any]) -> Array:
    m = machine(**p)
    own = {name: p[name] for name in ("T_A", "T_B", "T_C", "Gamma_A", "Gamma_B")}
    return closed.resonant_limit(m.omega_1, m.omega_2, **own)


def _thermal(rng: Generator) -> tuple[Fact, float]:
    p = _strong(draws(rng))
    apart = float(np.abs(populations(machine(**p)) - gibbs(p | {"T_A": p["T_C"]})).max())
    return fact(
        "populations of any other pair are thermal at T_C", apart < 1e-5, draws=DRAWS, apart=apart
    ), apart


def _cold(rng: Generator) -> tuple[Fact, float]:
    """T_C = 0 and Gamma_CB/Gamma_CA = tan(theta/2)**2, so that |lambda_3> leads nowhere down."""
    mix, cosine = rng.uniform(0.05, 0.95, DRAWS), rng.uniform(-0.9, 0.9, DRAWS)
    own = {f"T_{k}": el.power(10.0, rng.uniform(-1, 1, DRAWS)) for k in "AB"}
    own |= {f"Gamma_{k}": WEAK / STRONG * el.power(10.0, rng.uniform(-2, 0, DRAWS)) for k in "AB"}
    strong: dict[str, Any] = {"Gamma_CA": WEAK, "Gamma_CB": WEAK * (1 - cosine) / (1 + cosine)}
    m = turned(mix, cosine, T_C=0.0, **own, **strong)
    right = closed.cold_limit(m.omega_1, m.omega_2, m.mixing.cosine, **own)
    apart = float(np.abs(margin(m) - right).max())
    what = "C at T_C = 0 with one dark transition, against the closed form"
    return fact(what, apart < 1e-5, draws=DRAWS, apart=apart), apart


def _under_its_most(mix: Array, **own: Array) -> Array:
    """What the closed form leaves to its largest value."""
    m = {"omega_1": 1 - mix, "omega_2": 1 + mix}
    most = closed.hot_resonant_limit(m["omega_1"] / m["omega_2"])
    return most - closed.resonant_limit(m["omega_1"], m["omega_2"], **own)


def _redfield(rng: Generator) -> Fact:
    """At resonance with T_A = T_B and equal rates of both qubits the exchange of the qubits forbids the coherence."""
    p = _resonant(rng)
    own = 1e-3 * p["eps_A"]
    p |= {"T_B": p["T_A"], "Gamma_A": own, "Gamma_B": own}
    p |= dict.fromkeys(("Gamma_CA", "Gamma_CB"), 100 * own)
    both = [levels(machine(**p, approach=way)).signed for way in ("global", "redfield")]
    apart = float(np.abs(both[0] - both[1]).max())
    what = "C of resonant qubits, T_A = T_B, in the secular and the Redfield equation"
    return fact(what, apart < 1e-12, draws=DRAWS, apart=apart)


def _falls_short(strength: float) -> float:
    """How far the largest C over T at resonance, T_C = 0, lies below its limit."""

    def value(T: Array) -> Array:
        rates = {"Gamma_A": 1.0, "Gamma_B": 1.0, "Gamma_CA": strength, "Gamma_CB": strength}
        return levels(turned(FIGURE_2, 0.0, T_A=T, T_B=T, T_C=0.0, **rates)).signed

    best = maximise(value, 0.05, 1e4, scale="log", scan=65)
    return float(closed.hot_resonant_limit(RATIO_2) - best.value)


def _slightly_detuned(strength: Array) -> Array:
    """C against Gamma_C/Gamma in figure (a), detuned a little."""
    rates = {"Gamma_A": 1.0, "Gamma_B": 1.0, "Gamma_CA": strength, "Gamma_CB": strength}
    gaps = {"eps_A": 1 + DETUNED / 2, "eps_B": 1 - DETUNED / 2, "Omega": 0.5}
    return levels(machine(**gaps, T_A=1.0, T_B=1.0, T_C=0.05, **rates)).signed


# ---- the best ------------------------------------------------------------------------------------


@judge("q5-best")
def best(rng: Generator) -> Found:
    ceiling = float(closed.best_limit(RATIO_2))
    top, other = everything_free(FIGURE_2), everything_free(FIGURE_2, sign=-1, lower=False)
    least = ceiling - float(max(top.value, other.value))
    inside = BestCommonFound(mix=Grid(FIGURE_2, 0.6, 2), strength=(1e2, 1e4, 1e6), starts=6).search()
    once_more, redfield = _again(top)
    lines = BestCommon(mix=Grid(FIGURE_2, 0.6, 2)).table().frame.iloc[0]
    half = float(_ohmic().concurrence())
    return found(
        never_below("C at most the closed form and sin(θ)/2, all parameters free", _room, GROUND, rng),
        fact("searches with both signs of Ω end below it", least > 0, least=least),
        fact("dense matrices find the same C there", abs(once_more - top.value) < AGREED, dense=once_more),
        beyond=(fact("C at most 1/2 with Ohmic R_A and R_B", half <= 0.5, C=half),),
        ceiling=ceiling,
        value=top.value,
        short=ceiling - top.value,
        agreeing=top.agreeing,
        starts=top.starts,
        at_bounds=top.at_bound,
        upper=other.value,
        upper_ceiling=closed.best_limit(1 / RATIO_2),
        weak=inside.value[0, 0],
        middle=inside.value[1, 0],
        strong=inside.value[2, 0],
        agreeing_inside=inside.agreeing[:, 0].min(),
        starts_inside=inside.starts,
        cosine=inside.x["cosine"][1, 0],
        ratio=inside.x["Gamma_CB"][1, 0],
        heat=inside.x["T_B"][1, 0],
        room=min(d.min() for d in inside.distance.values()),
        alone=lines["alone"],
        equal=lines["equal"],
        resonant=lines["resonant"],
        small=closed.best_limit(1.0),
        root_two=float(np.sqrt(closed.best_tangent_squared(1.0))),
        dense=AGREED,
        redfield=redfield,
        ohmic=half,
        slow=SLOW,
        coldest=_HEAT.low,
    )


_RATE: Final = Range(1e-6, 1e2, log=True)
_HEAT: Final = Range(0.02, 1e3, log=True)
RESONANT: Final[dict[str, Any]] = {
    "mix": Range(0.02, 0.98),
    "Gamma_A": _RATE,
    "Gamma_B": _RATE,
    **dict.fromkeys(("T_A", "T_B", "T_C"), _HEAT),
}
GROUND: Final[dict[str, Any]] = {
    "mix": Range(0.02, 0.98),
    "cosine": Range(-0.98, 0.98),
    "sign": ("+", "-"),
    **dict.fromkeys(("Gamma_A", "Gamma_B"), _RATE),
    "Gamma_CB": Range(1e-2, 1e2, log=True),
    **dict.fromkeys(("T_A", "T_B", "T_C"), _HEAT),
}


def _room(mix: Array, cosine: Array, sign: str, **rest: Array) -> Array:
    """What is left to the closed form, and to half of sin(theta)."""
    m = turned(mix, cosine, 1 if sign == "+" else -1, Gamma_CA=1.0, **rest)
    C = levels(m).signed
    return np.minimum(closed.best_limit(m.omega_1 / m.omega_2) - C, 0.5 - C / np.abs(m.mixing.sine))


def _again(top: Optimum) -> tuple[float, float]:
    """C at the optimum by dense matrices, and by the Redfield equation with a Gamma_CA of `SLOW`."""
    m = turned(FIGURE_2, Gamma_CA=1.0, **top.x)
    slow = {k: SLOW * getattr(m, k) for k in ("Gamma_A", "Gamma_B", "Gamma_CA", "Gamma_CB")}
    point = {name: np.reshape(getattr(m, name), (1,)) for name in NAMES}
    return float(dense.again(point).signed[0]), float(levels(m.replace(approach="redfield", **slow)).signed)


def _ohmic() -> CommonReservoirEngine:
    """Cold Ohmic R_A and R_B empty the top level into the singlet 19 times as fast as the singlet."""
    density = ohmic()
    rates = {"Gamma_A": 1e-14, "Gamma_B": 1e-14, "Gamma_CA": 1e-6, "Gamma_CB": 1e-6}
    return turned(
        0.9, 0.0, T_A=0.01, T_B=0.01, T_C=100.0, **rates, spectral_densities={"A": density, "B": density}
    )
