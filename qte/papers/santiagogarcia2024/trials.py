"""Random machines for the ledger of santiagogarcia2024, and its second method.

`moments` solves the moment equations of two systems as one dense matrix, `pair_state` the 16 x 16
Liouvillian; neither calls the solvers that the machines use.  Units: hbar = k_B = 1.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from qte.ledger import second
from qte.ledger.checks import Range, Signed
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

    def chain(self, n: int) -> SpinChain:
        """`n` systems between the baths."""
        return SpinChain(N=n, **self.points, **self.kind)


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
        "gamma_L": 10 ** rng.uniform(-4, 0.5, n),
        "gamma_R": 10 ** rng.uniform(-4, 0.5, n),
        "T_L": 10 ** rng.uniform(-1.2, 1.7, n),
        "T_R": 10 ** rng.uniform(-1.2, 1.7, n),
    }
    return {name: np.asarray(changes.get(name, value)) + np.zeros(n) for name, value in points.items()}


def bosonic(rng: Generator, n: int = 240, **changes: ArrayLike) -> Case:
    """Qubits between bosonic baths."""
    return Case(draws(rng, n, **changes), BOSONIC)


def balanced(case: Case) -> Case:
    """The same with both temperatures equal."""
    return Case(case.points | {"T_R": case.points["T_L"]}, case.kind)


def stacked(
    rng: Generator,
    evaluate: Callable[[Case], tuple[ArrayLike, ...]],
    *,
    kinds: tuple[Kind, ...] = ALL,
    n: int = 60,
    equal: bool = False,
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
    for name in ALL[0]:
        points[name] = np.concatenate([np.full(n, case.kind[name]) for case in cases])
    found = [evaluate(case) for case in cases]
    return points, [
        np.concatenate([np.asarray(value) for value in column]) for column in zip(*found, strict=True)
    ]


def strong(rng: Generator, n: int = 240, **changes: ArrayLike) -> tuple[Case, TwoQubitEngine]:
    """Two strongly coupled qubits between bosonic baths, |g| < omega."""
    points = draws(rng, n, **changes)
    points["g"] = points["omega"] * Signed(0.02, 0.97).value(rng.random(n))
    return Case(points, BOSONIC), engine(points)


def engine(points: Mapping[str, Any], approach: str = "global") -> TwoQubitEngine:
    """Two qubits, left hot."""
    return TwoQubitEngine(
        eps_h=points.get("omega", 1.0),
        g=points["g"],
        gamma_h=points["gamma_L"],
        gamma_c=points["gamma_R"],
        T_h=points["T_L"],
        T_c=points["T_R"],
        approach=approach,
    )


def lengths(quantity: str, long: int, short: int) -> Callable[[Case], tuple[ArrayLike, ...]]:
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


# ---- second method ------------------------------------------------------------------------------


class Pair(NamedTuple):
    """<s1^+ s1>, <s2^+ s2>, Im <s1 s2^+> and J = Q_L - Q_R of two systems, shapes (...)."""

    first: Any
    second: Any
    coherence: Any
    current: Any


def moments(
    *,
    gamma_L: ArrayLike,
    gamma_R: ArrayLike,
    T_L: ArrayLike,
    T_R: ArrayLike,
    g: ArrayLike,
    omega: ArrayLike = 1.0,
    statistics_L: str = "bose",
    statistics_R: str = "bose",
    system: str = "qubit",
) -> Pair:
    """Two systems from one dense linear solve of the moment equations; temperatures may be complex.

    A complex step in a temperature gives the exact derivative.
    """
    gamma = np.asarray(gamma_L), np.asarray(gamma_R)
    w, g, own = np.asarray(omega), np.asarray(g), SIGN[system]
    up, down = [], []
    for k, (temperature, statistics) in enumerate(((T_L, statistics_L), (T_R, statistics_R))):
        n = mean_number(w, temperature, SIGN[statistics])
        up.append(gamma[k] * n)
        down.append(gamma[k] * (1 + SIGN[statistics] * n))
    left, right = (down[k] - own * up[k] for k in (0, 1))
    zero = np.zeros_like(left + right + g)
    rows = [
        [left + zero, zero, 2 * g + zero],
        [zero, right + zero, -2 * g + zero],
        [-g + zero, g + zero, (left + right) / 2 + zero],
    ]
    matrix = np.moveaxis(np.array(rows), (0, 1), (-2, -1))
    source = np.moveaxis(np.array([up[0] + zero, up[1] + zero, zero]), 0, -1)
    scale = np.abs(matrix).max(axis=-1, keepdims=True)
    first, last, coherence = np.moveaxis(
        np.linalg.solve(matrix / scale, (source / scale[..., 0])[..., None])[..., 0], -1, 0
    )
    # every quantum that enters on the left crosses the bond
    return Pair(first, last, coherence, 4 * w * g * coherence)


def mean_number(omega: ArrayLike, temperature: ArrayLike, sign: int) -> Any:
    """1/(exp(omega/T) - sign) for real or complex T; 0 at T = 0."""
    t = np.asarray(temperature)
    decay = np.exp(-np.asarray(omega) / np.where(t == 0, 1.0, t))
    return np.where(t == 0, 0.0, decay / (1 - sign * decay))


def slope(**parameters: Any) -> Array:
    """dJ/dT_L of two systems by a complex step in the dense solve, shape (...)."""
    step = 1e-30
    moved = parameters | {"T_L": np.asarray(parameters["T_L"]) + 1j * step}
    return np.asarray(moments(**moved).current.imag / step)


def pair_jumps(
    *,
    gamma_L: ArrayLike,
    gamma_R: ArrayLike,
    T_L: ArrayLike,
    T_R: ArrayLike,
    omega: ArrayLike = 1.0,
    statistics_L: str = "bose",
    statistics_R: str = "bose",
    **_: Any,
) -> tuple[Any, Any]:
    """Local jumps of the left and of the right bath on two qubits."""
    with np.errstate(divide="ignore", over="ignore"):
        return (
            second.two_level_jumps(second.lower(0, 2), omega, T_L, gamma_L, statistics_L),
            second.two_level_jumps(second.lower(1, 2), omega, T_R, gamma_R, statistics_R),
        )


def pair_hamiltonian(omega: ArrayLike, g: ArrayLike) -> Complex:
    """H of two qubits, shape (..., 4, 4)."""
    w, g = np.asarray(omega)[..., None, None], np.asarray(g)[..., None, None]
    return np.asarray(w * (second.number(0, 2) + second.number(1, 2)) + g * second.exchange(0, 1, 2))


def pair_state(*, g: ArrayLike, omega: ArrayLike = 1.0, **parameters: Any) -> Complex:
    """Steady state of two qubits in the local approach from the 16 x 16 Liouvillian, shape (..., 4, 4)."""
    left, right = pair_jumps(omega=omega, **parameters)
    return second.steady(pair_hamiltonian(omega, g), [*left, *right])


def pair_current(*, g: ArrayLike, omega: ArrayLike = 1.0, **parameters: Any) -> Array:
    """J = Q_L - Q_R from the 16 x 16 Liouvillian, heat with the full Hamiltonian, shape (...)."""
    h = pair_hamiltonian(omega, g)
    left, right = pair_jumps(omega=omega, **parameters)
    rho = second.steady(h, [*left, *right])
    return np.asarray(second.energy_flow(h, left, rho) - second.energy_flow(h, right, rho))


def global_jumps(
    *, g: float, gamma_L: float, gamma_R: float, T_L: float, T_R: float, omega: float = 1.0
) -> tuple[Any, Any]:
    """Secular jumps of both baths between numerically found eigenstates; one point."""
    h = pair_hamiltonian(omega, g)
    with np.errstate(divide="ignore", over="ignore"):
        left, right = (
            second.secular_jumps(h, second.lower(k, 2) + second.lower(k, 2).conj().T, t, gamma)
            for k, t, gamma in ((0, T_L, gamma_L), (1, T_R, gamma_R))
        )
    return left, right


def global_state(**point: float) -> Complex:
    """Steady state of the global master equation at one point, shape (4, 4)."""
    left, right = global_jumps(**point)
    return second.steady(pair_hamiltonian(point.get("omega", 1.0), point["g"]), [*left, *right])


def global_current(**point: float) -> float:
    """J = Q_L - Q_R of the global master equation at one point."""
    h = pair_hamiltonian(point.get("omega", 1.0), point["g"])
    left, right = global_jumps(**point)
    rho = second.steady(h, [*left, *right])
    return float(second.energy_flow(h, left, rho) - second.energy_flow(h, right, rho))


def global_contrast(**point: float) -> float:
    """Contrast of the global master equation at one point."""
    forward = global_current(**point)
    backward = global_current(**(point | {"T_L": point["T_R"], "T_R": point["T_L"]}))
    return abs((forward + backward) / (forward - backward))


def global_conductance(
    t: ArrayLike, g: ArrayLike, *, omega: float = 1.0, gamma_L: float = 0.01, gamma_R: float = 0.02
) -> Array:
    """dJ/dT_L at T = T_L = T_R from the conductances of qubits with both eigenenergies, shape (...).

    Each mode relaxes like a qubit whose rates are halved.
    """
    half = gamma_L / 2, gamma_R / 2
    parts = [
        Junction(
            omega=omega + s * np.asarray(g), gamma_L=half[0], gamma_R=half[1], T_L=t, T_R=t
        ).conductance()
        for s in (1, -1)
    ]
    return np.asarray(parts[0] + parts[1])
