"""Random machines for the ledger of santiagogarcia2024, and its second method.

`moments` solves the moment equations of two systems as one dense matrix, `pair_state` the 16 x 16
Liouvillian; neither calls the solvers that the machines use.  Units: hbar = k_B = 1.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from qte.common import elementary as el
from qte.common import matrices
from qte.ledger import second
from qte.ledger.checks import Check, Comparison, Range, Signed, compare, fact
from qte.ledger.judged import Found, again, found
from qte.machines.junction import Junction
from qte.machines.spin_chain import SpinChain
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.santiagogarcia2024.bridge import Array, Bridge, Complex
from qte.papers.santiagogarcia2024.equations import eq05_heat_current
from qte.papers.santiagogarcia2024.equations_appendix import eq38_populations

SIGN: Final = {"bose": 1, "fermi": -1, "oscillator": 1, "qubit": -1}
BATHS: Final = ("bose", "fermi")
SYSTEMS: Final = ("qubit", "oscillator")
NUMBERS: Final = ("omega", "g", "gamma_L", "gamma_R", "T_L", "T_R")
Kind = dict[str, str]
# name -> number or ndarray
Point = dict[str, Any]
ALL: Final[tuple[Kind, ...]] = tuple(
    {"statistics_L": left, "statistics_R": right, "system": system}
    for left, right, system in itertools.product(BATHS, BATHS, SYSTEMS)
)
QUBITS: Final = tuple(kind for kind in ALL if kind["system"] == "qubit")
HYBRIDS: Final = tuple(kind for kind in ALL if kind["statistics_L"] != kind["statistics_R"])
BOSONIC: Final[Kind] = {"statistics_L": "bose", "statistics_R": "bose", "system": "qubit"}
# What a hunt draws from, by name.
Ground = dict[str, Range | Signed | tuple[str, ...]]
# The parameters of figures 2 and 5.
FIGURE: Final[Point] = {"omega": 1.0, "g": 0.01, "gamma_L": 0.01, "gamma_R": 0.02}
WARM: Final[Point] = FIGURE | {"T_L": 1.0, "T_R": 0.1}

# What hunts search: temperatures and rates over many decades, both signs of g, in units of omega = 1.
RATES: Final[Ground] = {"gamma_L": Range(1e-4, 10, log=True), "gamma_R": Range(1e-4, 10, log=True)}
HEAT: Final[Ground] = {"T_L": Range(0.03, 100, log=True), "T_R": Range(0.03, 100, log=True)}
LINK: Final[Ground] = {"g": Signed(1e-4, 10)}
WORDS: Final[Ground] = {"statistics_L": BATHS, "statistics_R": BATHS, "system": SYSTEMS}
EVERYTHING: Final[Ground] = RATES | HEAT | LINK | WORDS
TWO_QUBITS: Final[Ground] = RATES | HEAT | LINK | {"statistics_L": BATHS, "statistics_R": BATHS}
BOSE_QUBITS: Final[Ground] = RATES | HEAT | LINK
STRONG: Final[Ground] = RATES | HEAT | {"g": Range(0.01, 0.99)}


@dataclass(frozen=True, eq=False)
class Case:
    """Draws of one combination of statistics.

    Parameters
    ----------
    points : dict of name -> ndarray, shape (n,)
    kind : dict
        statistics_L, statistics_R, system.
    """

    points: Point
    kind: Kind

    @property
    def p(self) -> Bridge:
        """Parameters of the printed equations."""
        return bridge(**self.points, **self.kind)

    @property
    def one(self) -> Junction:
        """One system between the baths."""
        points = {name: value for name, value in self.points.items() if name != "g"}
        return Junction(**points, **self.kind)

    @property
    def two(self) -> SpinChain:
        """Two systems between the baths."""
        return self.chain(2)

    @property
    def swapped(self) -> Case:
        """The same with the two temperatures exchanged."""
        return Case(self.points | {"T_L": self.points["T_R"], "T_R": self.points["T_L"]}, self.kind)

    @property
    def one_each(self) -> Array:
        """1 at every draw: the size of what lies between 0 and 1."""
        return np.ones_like(self.points["g"])

    def chain(self, n: int) -> SpinChain:
        """`n` systems between the baths."""
        return SpinChain(N=n, **self.points, **self.kind)


Evaluate = Callable[[Case], tuple[ArrayLike, ...]]


def bridge(
    *, statistics_L: str = "bose", statistics_R: str = "bose", system: str = "qubit", **numbers: Any
) -> Bridge:
    """Parameters of the printed equations from those of the machines."""
    signs = {"epsilon_L": SIGN[statistics_L], "epsilon_R": SIGN[statistics_R], "epsilon_a": SIGN[system]}
    return Bridge(**numbers, **signs)


def draws(rng: Generator, n: int = 240, **changes: ArrayLike) -> Point:
    """Parameters over the domain of the paper and beyond, name -> shape (n,); both signs of g."""
    points = {
        "omega": rng.uniform(0.3, 3.0, n),
        "g": Signed(1e-3, 5.0).value(rng.random(n)),
        "gamma_L": el.power(10.0, rng.uniform(-4, 0.5, n)),
        "gamma_R": el.power(10.0, rng.uniform(-4, 0.5, n)),
        "T_L": el.power(10.0, rng.uniform(-1.2, 1.7, n)),
        "T_R": el.power(10.0, rng.uniform(-1.2, 1.7, n)),
    }
    return {name: np.asarray(changes.get(name, value)) + np.zeros(n) for name, value in points.items()}


def rows(points: Mapping[str, Any]) -> list[Point]:
    """Draws one by one."""
    return [dict(zip(points, map(float, row), strict=True)) for row in zip(*points.values(), strict=True)]


def at(point: Mapping[str, Any]) -> Case:
    """One machine."""
    numbers = {name: float(value) for name, value in point.items() if name in NUMBERS}
    return Case({"omega": 1.0} | numbers, {name: str(point.get(name, BOSONIC[name])) for name in BOSONIC})


def bosonic(rng: Generator, n: int = 240, **changes: ArrayLike) -> Case:
    """Qubits between bosonic baths."""
    return Case(draws(rng, n, **changes), BOSONIC)


def balanced(case: Case) -> Case:
    """The same with both temperatures equal."""
    return Case(case.points | {"T_R": case.points["T_L"]}, case.kind)


def stacked(
    rng: Generator, evaluate: Evaluate, *, kinds: tuple[Kind, ...] = ALL, n: int = 60, equal: bool = False
) -> tuple[Point, list[Any]]:
    """`evaluate` over several combinations of statistics, `n` draws of each, one after the other.

    Returns
    -------
    points : dict of name -> ndarray, shape (n * len(kinds),)
    values : list of ndarray, shapes (n * len(kinds), ...)
    """
    cases = [Case(draws(rng, n), kind) for kind in kinds]
    cases = [balanced(case) for case in cases] if equal else cases
    points: Point = {k: np.concatenate([case.points[k] for case in cases]) for k in NUMBERS}
    points |= {name: np.concatenate([np.full(n, case.kind[name]) for case in cases]) for name in ALL[0]}
    columns = zip(*(evaluate(case) for case in cases), strict=True)
    return points, [np.concatenate([np.asarray(value) for value in column]) for column in columns]


def strong(rng: Generator, n: int = 240, **changes: ArrayLike) -> tuple[Case, TwoQubitEngine]:
    """Two strongly coupled qubits between bosonic baths, |g| < omega."""
    points = draws(rng, n, **changes)
    points["g"] = points["omega"] * Signed(0.02, 0.97).value(rng.random(n))
    return Case(points, BOSONIC), engine(points)


def engine(points: Mapping[str, Any], approach: str = "global") -> TwoQubitEngine:
    """Two qubits, left hot."""
    sides = {f"{name}_{a}": f"{name}_{b}" for name in ("gamma", "T", "statistics") for a, b in ("Lh", "Rc")}
    names = {"omega": "eps_h", "g": "g"} | sides
    numbers = {names[name]: value for name, value in points.items() if name in names}
    return TwoQubitEngine(**numbers, approach=approach)


def lengths(quantity: str, long: int, short: int) -> Evaluate:
    """The same quantity of two chains, for `stacked`; a chain of one is a junction."""

    def both(case: Case) -> tuple[ArrayLike, ...]:
        machines = [case.one if n == 1 else case.chain(n) for n in (long, short)]
        return tuple(getattr(machine, quantity)() for machine in machines)

    return both


def share(*, g: ArrayLike, **parameters: Any) -> Array:
    """J of two systems over J of one, shape (...); NaN where neither carries any."""
    two, one = SpinChain(N=2, g=g, **parameters).net_current(), Junction(**parameters).net_current()
    with np.errstate(invalid="ignore"):
        return np.asarray(two / one)


def over_critical(**parameters: Any) -> Array:
    """|J|/J_c of two qubits in the local approach, shape (...): entangled above 1."""
    p = bridge(**parameters)
    p1, p4 = eq38_populations(p)
    return np.asarray(np.abs(eq05_heat_current(p)) / (4 * np.abs(p.g) * p.omega * np.sqrt(p1) * np.sqrt(p4)))


# ---- forms that recur -----------------------------------------------------------------------------


def on_draws(rng: Generator, what: str, evaluate: Evaluate, **how: Any) -> Comparison:
    """`evaluate` gives the printed value, the independent one and, if it is none of them, the size of their terms."""
    points, values = stacked(rng, evaluate, **how)
    return compare(what, values[0], values[1], points, scale=values[2] if len(values) > 2 else None)


def agrees(rng: Generator, what: str, evaluate: Evaluate, **how: Any) -> Found:
    """An entry that is one comparison on draws."""
    return found(on_draws(rng, what, evaluate, **how))


def fault(
    what: str,
    at: Point,
    printed: ArrayLike,
    right: ArrayLike,
    method: str,
    second: Callable[..., Mapping[str, Any]],
    *passes: Check,
    rest: tuple[Check, ...] = (),
    **values: Any,
) -> Found:
    """The text's number and the right one at a point inside the premises, both found again by a second method."""
    a, b = float(np.asarray(printed)), float(np.asarray(right))
    broken = fact(what, math.isclose(a, b, rel_tol=1e-10), at=at, printed=a, right=b)
    told = (again(broken, method, second),)
    return found(*passes, breaks=(broken,), rest=rest, again=told, printed=a, right=b, **values)


# ---- second method ------------------------------------------------------------------------------


class Pair(NamedTuple):
    """<s1^+ s1>, <s2^+ s2>, Im <s1 s2^+> and J = Q_L - Q_R of two systems, shapes (...)."""

    first: Any
    second: Any
    coherence: Any
    current: Any


def moments(*, g: Any, omega: Any = 1.0, system: str = "qubit", **baths: Any) -> Pair:
    """Two systems from one dense linear solve of the moment equations."""
    sides = [_side(side, omega, system, baths) for side in "LR"]
    (left, right), (put_in, other) = zip(*((side.net, side.up) for side in sides), strict=True)
    return _pair(_solved(g, left, right, (put_in, other, 0.0)), omega * g)


def changes(towards: tuple[float, float], *, g: Any, omega: Any = 1.0, **baths: Any) -> Pair:
    """What `moments` finds, differentiated along a change of (T_L, T_R): the equations' own derivative, solved."""
    here = moments(g=g, omega=omega, **baths)
    sides = [_side(side, omega, baths.get("system", "qubit"), baths) for side in "LR"]
    put_in, net = (
        [part * by for part, by in zip(parts, towards, strict=True)]
        for parts in ([side.warmer_up for side in sides], [side.warmer_net for side in sides])
    )
    sources = (
        put_in[0] - net[0] * here.first,
        put_in[1] - net[1] * here.second,
        -(net[0] + net[1]) / 2 * here.coherence,
    )
    return _pair(_solved(g, sides[0].net, sides[1].net, sources), omega * g)


def slope(**parameters: Any) -> Array:
    """dJ/dT_L of two systems from dense solves, shape (...)."""
    return np.asarray(changes((1.0, 0.0), **parameters).current)


class _Side(NamedTuple):
    """What one bath puts in, what it takes from a system's number, and both differentiated by its temperature."""

    up: Array
    net: Array
    warmer_up: Array
    warmer_net: Array


def _side(side: str, omega: Any, system: str, baths: Mapping[str, Any]) -> _Side:
    sign, t = SIGN[baths.get(f"statistics_{side}", "bose")], np.asarray(baths[f"T_{side}"], dtype=float)
    warm = np.where(t == 0, 1.0, t)
    decay = el.exp(-np.asarray(omega) / warm)
    n = np.where(t == 0, 0.0, decay / (1 - sign * decay))
    more = n * (1 + sign * n) * omega / warm**2
    gamma, lost = np.asarray(baths[f"gamma_{side}"]), sign - SIGN[system]
    return _Side(gamma * n, gamma * (1 + lost * n), gamma * more, gamma * (lost * more))


def _solved(g: Any, left: Array, right: Array, sources: tuple[Any, Any, Any]) -> Array:
    """Unknowns of the moment equations, shape (3, ...), by a dense elimination with pivots.

    The equations are written down here, apart from the machines; the elimination has the same operations on every
    processor, so that a search which climbs along it goes the same way.
    """
    zero = np.zeros(np.broadcast_shapes(np.shape(g), *map(np.shape, (left, right, *sources))))
    rows = [[left, 0.0, 2 * g], [0.0, right, -2 * g], [-g, g, (left + right) / 2]]
    matrix = np.array([[entry + zero for entry in row] for row in rows])
    source = np.array([[entry + zero] for entry in sources])
    scale = np.abs(matrix).max(axis=1, keepdims=True)
    flat = ((part / scale).reshape(3, -1, zero.size) for part in (matrix, source))
    return matrices.solve_along(*flat).reshape(3, *zero.shape)


def _pair(unknowns: Array, bond: Any) -> Pair:
    first, last, coherence = unknowns
    # every quantum that enters on the left crosses the bond
    return Pair(first, last, coherence, 4 * bond * coherence)


def pair_jumps(*, omega: Any = 1.0, **baths: Any) -> list[Any]:
    """Local jumps of the left and of the right bath on two qubits."""
    with np.errstate(divide="ignore", over="ignore"):
        return [
            second.two_level_jumps(
                second.lower(site, 2),
                omega,
                baths[f"T_{side}"],
                baths[f"gamma_{side}"],
                baths.get(f"statistics_{side}", "bose"),
            )
            for site, side in enumerate("LR")
        ]


def pair_hamiltonian(omega: ArrayLike, g: ArrayLike) -> Complex:
    """H of two qubits, shape (..., 4, 4)."""
    w, g = np.asarray(omega)[..., None, None], np.asarray(g)[..., None, None]
    return np.asarray(w * (second.number(0, 2) + second.number(1, 2)) + g * second.exchange(0, 1, 2))


def pair_state(*, g: Any, omega: Any = 1.0, **baths: Any) -> Complex:
    """Steady state of two qubits in the local approach from the 16 x 16 Liouvillian, shape (..., 4, 4)."""
    left, right = pair_jumps(omega=omega, **baths)
    return second.steady(pair_hamiltonian(omega, g), [*left, *right])


def pair_current(*, g: Any, omega: Any = 1.0, **baths: Any) -> Array:
    """J = Q_L - Q_R from the 16 x 16 Liouvillian, heat with the full Hamiltonian, shape (...)."""
    return _dense_current(pair_hamiltonian(omega, g), pair_jumps(omega=omega, **baths))


def global_jumps(*, g: float, omega: float = 1.0, **baths: float) -> list[Any]:
    """Secular jumps of both baths between numerically found eigenstates; one point."""
    h, x = pair_hamiltonian(omega, g), [second.lower(k, 2) + second.lower(k, 2).conj().T for k in (0, 1)]
    with np.errstate(divide="ignore", over="ignore"):
        return [
            second.secular_jumps(h, x[k], baths[f"T_{side}"], baths[f"gamma_{side}"])
            for k, side in enumerate("LR")
        ]


def global_current(**point: float) -> float:
    """J = Q_L - Q_R of the global master equation at one point."""
    return float(_dense_current(pair_hamiltonian(point.get("omega", 1.0), point["g"]), global_jumps(**point)))


def global_contrast(**point: float) -> float:
    """Contrast of the global master equation at one point."""
    forward = global_current(**point)
    backward = global_current(**(point | {"T_L": point["T_R"], "T_R": point["T_L"]}))
    return abs((forward + backward) / (forward - backward))


def _dense_current(h: Complex, baths: list[Any]) -> Array:
    rho = second.steady(h, [*baths[0], *baths[1]])
    left, right = (second.energy_flow(h, bath, rho) for bath in baths)
    return np.asarray(left - right)


def global_conductance(t: ArrayLike, g: ArrayLike) -> Array:
    """Conductance of the pair at the rates of figure 5, shape (...): qubits of both energies, rates halved."""
    energies = (1 + s * np.asarray(g) for s in (1, -1))
    modes = [Junction(omega=w, gamma_L=0.005, gamma_R=0.01, T_L=t, T_R=t).conductance() for w in energies]
    return np.asarray(sum(modes))
