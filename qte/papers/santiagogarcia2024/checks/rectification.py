"""Sections III.2 and III.4, appendix D: contrast and entropy production."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common.optimise import find_root
from qte.ledger import second
from qte.ledger.checks import Range, fact
from qte.ledger.entries import judge
from qte.ledger.forms import equals, never_below
from qte.ledger.judged import Found, again, found
from qte.machines.junction import Junction
from qte.machines.spin_chain import SpinChain
from qte.papers.santiagogarcia2024 import equations as eq
from qte.papers.santiagogarcia2024 import equations_appendix as ap
from qte.papers.santiagogarcia2024 import equations_global as eg
from qte.papers.santiagogarcia2024 import trials
from qte.papers.santiagogarcia2024.bridge import Array, coupling_ratio
from qte.papers.santiagogarcia2024.trials import (
    BATHS,
    EVERYTHING,
    HEAT,
    LINK,
    RATES,
    STRONG,
    SYSTEMS,
    WARM,
    Case,
    agrees,
    fault,
    on_draws,
)

ALIKE: Final = tuple(kind for kind in trials.ALL if kind["statistics_L"] == kind["statistics_R"])
HYBRID: Final[trials.Point] = WARM | {"statistics_L": "bose", "statistics_R": "fermi"}


@judge("contrast-between-0-and-1")
def contrast_bounds(rng: Generator) -> Found:
    def margin(**k: Any) -> Array:
        c = SpinChain(N=2, **k).contrast()
        return np.minimum(c, 1 - c)

    return found(never_below("0 <= C <= 1", margin, EVERYTHING, rng))


@judge("eq-8")
def eq08(rng: Generator) -> Found:
    return agrees(rng, "contrast", lambda c: (eq.eq08_contrast(c.p), c.two.contrast(), c.one_each))


@judge("eq-9")
def eq09(rng: Generator) -> Found:
    def forward(case: Case) -> tuple[Any, ...]:
        return eq.eq09_weights(case.p)[1], case.one.net_current() / case.two.net_current()

    def backward(case: Case) -> tuple[Any, ...]:
        return eq.eq09_weights(case.p)[0], forward(case.swapped)[1]

    return found(on_draws(rng, "A", backward), on_draws(rng, "B", forward))


@judge("like-baths-like-contrast")
def like_baths(rng: Generator) -> Found:
    def margin(*, g: Array, statistics: str, **k: Any) -> Array:
        kind = {"statistics_L": statistics, "statistics_R": statistics}
        return -np.abs(SpinChain(N=2, g=g, **k, **kind).contrast() - Junction(**k, **kind).contrast())

    domain = RATES | HEAT | LINK | {"statistics": BATHS, "system": SYSTEMS}
    return found(never_below("C of two equals C of one", margin, domain, rng))


@judge("coth-of-occupations")
def coth_of_occupations(rng: Generator) -> Found:
    x = el.power(10.0, rng.uniform(-2, 1.3, 240))
    forms = [(e, 1 + 2 * e * eq.eq03_occupation(x, 1.0, e), el.tanh(x / 2) ** -e) for e in (1, -1)]
    return found(*(equals(f"epsilon = {e:+d}", n, form, {"omega over T": x}) for e, n, form in forms))


@judge("hybrid-weights")
def hybrid_weights(rng: Generator) -> Found:
    def weight(swapped: bool) -> Any:
        def both(case: Case) -> tuple[Any, ...]:
            p = case.p
            side, other = ("R", "L") if p.epsilon_L == p.epsilon_a else ("L", "R")
            power = p.epsilon_R if side == "R" else p.epsilon_L
            t = case.points[f"T_{other if swapped else side}"]
            form = 1 + coupling_ratio(p) * el.tanh(case.points["omega"] / (2 * t)) ** -power
            return eq.eq09_weights(p)[0 if swapped else 1], form

        return both

    return found(*(on_draws(rng, name, weight(name == "A"), kinds=trials.HYBRIDS) for name in "AB"))


@judge("unlike-baths-unlike-contrast")
def unlike_baths(rng: Generator) -> Found:
    def margin(*, left: str, **k: Any) -> Array:
        p = trials.bridge(**k, statistics_L=left, statistics_R="fermi" if left == "bose" else "bose")
        a, b = eq.eq09_weights(p)
        # the one bath that differs from the system decides the sign
        right = p.epsilon_L == p.epsilon_a
        warm, cool = (p.T_L, p.T_R) if right else (p.T_R, p.T_L)
        sign = (p.epsilon_R if right else p.epsilon_L) * np.sign(warm - cool)
        return np.asarray(np.where(p.T_L == p.T_R, np.nan, sign * (a - b) / (a + b)))

    domain = RATES | HEAT | LINK | {"left": BATHS, "system": SYSTEMS}
    hybrid: trials.Point = HYBRID | {"gamma_L": 0.02, "gamma_R": 0.01}

    def signed(g: Array) -> Array:
        p = trials.bridge(**hybrid | {"g": g})
        forward, backward = eq.eq05_heat_current(p), eq.eq05_heat_current(p.swapped())
        return np.asarray((forward + backward) / (forward - backward))

    single = float(trials.at(hybrid).one.contrast())
    turn = float(find_root(signed, 1e-4, 10.0, scale="log").x)
    bond = float(find_root(lambda g: np.abs(signed(g)) - single, 1e-4, turn, scale="log").x)
    at = hybrid | {"g": bond}
    two = float(trials.at(at).two.contrast())

    broken = fact("the contrasts differ", abs(two - single) > 1e-10, at=at, of_two=two, of_one=single)

    def dense(**k: Any) -> Mapping[str, float]:
        return {"of_two": abs(_signed(k)), "of_one": abs(_signed(k | {"g": 1e3}))}

    return found(
        never_below("A - B keeps its sign", margin, domain, rng),
        breaks=(broken,),
        again=(again(broken, "dense 16x16 Liouvillian, both directions (one system: a bond of 1e3)", dense),),
        printed=0.0,
        right=1.0,
        one=single,
        redfield=_redfield_bond(hybrid, single, turn),
        bond=bond,
        signed=_signed(at),
    )


@judge("eq-10")
def eq10(rng: Generator) -> Found:
    return _bosonic(rng, "J of two qubits", lambda c: (eq.eq10_heat_current(c.p), c.two.net_current()))


@judge("eq-11")
def eq11(rng: Generator) -> Found:
    return _bosonic(rng, "J of one qubit", lambda c: (eq.eq11_heat_current(c.p), c.one.net_current()))


@judge("eq-12")
def eq12(rng: Generator) -> Found:
    return _bosonic(rng, "contrast", lambda c: (eq.eq12_contrast(c.p), c.one.contrast(), c.one_each))


@judge("rectification-needs-asymmetry")
def needs_asymmetry(rng: Generator) -> Found:
    def local(*, gamma: Array, **k: Any) -> Array:
        return -SpinChain(N=2, gamma_L=gamma, gamma_R=gamma, **k).contrast()

    def coupled(*, gamma: Array, **k: Any) -> Array:
        p = trials.bridge(gamma_L=gamma, gamma_R=gamma, **k)
        forward, backward = eg.eq21_heat_current(p), eg.eq21_heat_current(p.swapped())
        return np.asarray(-np.abs(forward + backward) / np.where(p.T_L == p.T_R, np.nan, np.abs(forward)))

    rate = {"gamma": Range(1e-4, 10, log=True)}
    equal, fermions = HYBRID | {"gamma_R": 0.01}, WARM | {"statistics_L": "fermi", "statistics_R": "fermi"}
    hybrid, alike = (float(trials.at(k).two.contrast()) for k in (equal, fermions))
    return found(
        never_below("C = 0, local", local, rate | HEAT | LINK, rng),
        never_below("C = 0, global", coupled, rate | HEAT | {"g": STRONG["g"]}, rng),
        beyond=(
            fact("none with equal couplings, unlike baths", hybrid == 0, at=equal, C=hybrid),
            fact("some with unequal couplings, fermionic baths", alike > 0, at=fermions, C=alike),
        ),
        hybrid=hybrid,
    )


@judge("contrast-of-chains")
def chains(rng: Generator) -> Found:
    return found(*(_chain(rng, "contrast", n, 1, ALIKE) for n in (2, 3, 10, 100)))


@judge("same-rectification-for-any-bridge")
def any_bridge(rng: Generator) -> Found:
    pair, single = (float(machine.contrast()) for machine in (trials.at(HYBRID).two, trials.at(HYBRID).one))
    unlike = fact("equal for unlike baths", abs(pair - single) < 1e-10, at=HYBRID, pair=pair, one=single)
    return found(
        *(_chain(rng, "contrast", n, 1, (trials.BOSONIC,), 240) for n in (2, 3, 30)),
        beyond=(unlike,),
        pair=pair,
        single=single,
    )


@judge("contrast-at-high-temperature")
def hot_contrast(rng: Generator) -> Found:
    def margin(**k: Any) -> Array:
        p = trials.bridge(**k, T_R=0.0)
        limit = eq.text_high_temperature_contrast(p)
        # equal couplings have no limit to fall short of, nearly equal ones one of few digits
        missing = 1 - SpinChain(N=2, **k, T_R=0.0).contrast() / np.where(limit < 1e-4, np.nan, limit)
        return np.asarray(np.minimum(missing, 1 / k["T_L"] - missing))

    domain = RATES | LINK | {"T_L": Range(0.03, 1e4, log=True)}
    late = trials.at(trials.FIGURE | {"T_L": 50.0, "T_R": 0.0})
    return found(
        never_below("what is missing is positive and below omega/T_L", margin, domain, rng),
        missing=1 - 3 * late.two.contrast(),
    )


@judge("eq-41")
def eq41(rng: Generator) -> Found:
    def produced(case: Case) -> tuple[Any, ...]:
        # at lower temperatures the logarithms of a dense state lose the digits that the comparison needs
        case = Case(case.points | {k: 0.3 + case.points[k] for k in ("T_L", "T_R")}, case.kind)
        heat = case.two.heat_current("L"), case.two.heat_current("R")
        size = np.abs(heat[0]) * (1 / case.points["T_L"] + 1 / case.points["T_R"])
        return ap.eq41_entropy_production(case.p, *heat), _spohn(case), size

    return agrees(rng, "steady entropy production", produced, kinds=trials.QUBITS)


@judge("entropy-from-net-current")
def entropy_from_net(rng: Generator) -> Found:
    def half(case: Case) -> tuple[Any, ...]:
        return ap.text_entropy_production(case.p, case.two.net_current()) / 2, case.two.entropy_production()

    def dense(**k: Any) -> Mapping[str, float]:
        h = trials.pair_hamiltonian(1.0, k["g"])
        jumps = trials.pair_jumps(**k)
        rho = second.steady(h, [*jumps[0], *jumps[1]])
        q, beta = [float(second.energy_flow(h, bath, rho)) for bath in jumps], (1 / k["T_L"], 1 / k["T_R"])
        return {"printed": (beta[1] - beta[0]) * (q[0] - q[1]), "right": -beta[0] * q[0] - beta[1] * q[1]}

    two = trials.at(WARM).two
    return fault(
        "entropy production from J",
        WARM,
        ap.text_entropy_production(trials.bridge(**WARM), two.net_current()),
        two.entropy_production(),
        "heats of a dense 16x16 Liouvillian",
        dense,
        rest=(on_draws(rng, "with half the net current", half), _ratios(rng)),
    )


@judge("second-law")
def second_law(rng: Generator) -> Found:
    def margin(**k: Any) -> Array:
        gross = sum(trials.bridge(**k).rates("L"))
        return np.asarray((1 / k["T_R"] - 1 / k["T_L"]) * trials.moments(**k).current / gross)

    return found(never_below("(1/T_R - 1/T_L) J >= 0, J from dense solves", margin, EVERYTHING, rng))


@judge("entropy-is-finite")
def finite_entropy(rng: Generator) -> Found:
    cold = np.array([0.1, 0.01, 0.001])
    k: trials.Point = trials.FIGURE | {"T_L": 1.0}
    produced = SpinChain(N=2, **k, T_R=cold).entropy_production()
    absent = float(SpinChain(N=2, **k, T_R=0.0).entropy_production())
    return found(
        fact("finite at T_R > 0", bool(np.isfinite(produced).all()), produced=produced, T_R=cold),
        beyond=(fact("finite at T_R = 0", absent < np.inf, at=k | {"T_R": 0.0}, produced=str(absent)),),
        produced=produced.tolist(),
    )


@judge("eq-42")
def eq42(rng: Generator) -> Found:
    return found(_ratios(rng))


@judge("entropy-knows-rectification")
def entropy_and_rectification(rng: Generator) -> Found:
    def margin(**k: Any) -> Array:
        machine = SpinChain(N=2, **k)
        forward = machine.entropy_production()
        backward = machine.replace(T_L=k["T_R"], T_R=k["T_L"]).entropy_production()
        with np.errstate(invalid="ignore"):
            gap = np.abs(forward - backward) / (forward + backward)
        return -np.abs(gap - machine.contrast())

    what = "relative change of the entropy production equals the contrast"
    return found(never_below(what, margin, EVERYTHING, rng))


@judge("entropy-of-chains")
def chain_entropy(rng: Generator) -> Found:
    return found(*(_chain(rng, "entropy_production", n, 2, trials.ALL) for n in (3, 12, 60)))


def _bosonic(rng: Generator, what: str, evaluate: Any) -> Found:
    return found(on_draws(rng, what, evaluate, kinds=(trials.BOSONIC,), n=240))


def _chain(
    rng: Generator, quantity: str, long: int, short: int, kinds: tuple[trials.Kind, ...], n: int = 60
) -> Any:
    both = trials.lengths(quantity, long, short)

    def values(case: Case) -> tuple[Any, ...]:
        chain, few = both(case)
        return chain, few, np.maximum(np.abs(few), 1.0 if quantity == "contrast" else 0.0)

    return on_draws(rng, f"{quantity} of {long} against {short}", values, kinds=kinds, n=n)


def _ratios(rng: Generator) -> Any:
    """Eq. (42): entropy productions from the state alone against currents from the moments."""

    def ratios(case: Case) -> tuple[Any, ...]:
        k = {name: value + 0.5 if name[0] == "T" else value for name, value in case.points.items()}
        k["T_L"] = k["T_L"] * np.where(np.abs(k["T_L"] / k["T_R"] - 1) < 0.2, 1.5, 1.0)
        both = Case(k, case.kind), Case(k, case.kind).swapped
        current = ap.eq42_rectification(*(c.two.net_current() for c in both))
        return ap.eq42_rectification(*map(_spohn, both)), current, np.maximum(1.0, current)

    return on_draws(rng, "ratio of entropy productions against that of currents", ratios, kinds=trials.QUBITS)


def _spohn(case: Case) -> Array:
    """Entropy production of two qubits from the state alone, shape (n,)."""
    k = case.points
    rho = trials.pair_state(**k, **case.kind)
    values, vectors = np.linalg.eigh(rho)
    logarithm = (vectors * el.log(values)[:, None, :]) @ vectors.conj().swapaxes(-1, -2)
    total, number = np.zeros(len(rho)), second.number(0, 2) + second.number(1, 2)
    for jumps, t in zip(trials.pair_jumps(**k, **case.kind), (k["T_L"], k["T_R"]), strict=True):
        # ln rho_l = -omega N/T_l, up to a constant
        observable = logarithm + (k["omega"] / t)[:, None, None] * number
        total = total - second.energy_flow(observable, jumps, rho)
    return total


def _redfield_bond(at: trials.Point, single: float, turn: float) -> float:
    """The coupling at which the contrasts are equal in a Redfield equation."""

    def excess(g: Array) -> Array:
        return trials.engine(at | {"g": g}, "redfield").contrast() - single

    return float(find_root(excess, 1e-3, turn, scale="log").x)


def _signed(point: Mapping[str, Any]) -> float:
    """Contrast with its sign from the dense Liouvillian."""
    ends = {**point}, {**point, "T_L": point["T_R"], "T_R": point["T_L"]}
    forward, backward = (float(trials.pair_current(**k)) for k in ends)
    return (forward + backward) / (forward - backward)
