"""Checks that decide a verdict: a comparison, a hunt for a counterexample, a fact with its numbers.

The tolerance is fixed here, once, for every paper; no check takes another one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import differential_evolution

from qte.common import elementary as el
from qte.ledger.listening import Statement, hears
from qte.ledger.numbers import Plain, label, plain, rounded
from qte.ledger.verdicts import Refused

Array = NDArray[np.float64]
Numbers = Mapping[str, Plain]
Point = dict[str, Plain]

# Relative to the size of the terms whose sum or difference a quantity is.
TOLERANCE: Final = 1e-10
LEAST_COMPARED: Final = 200
LEAST_HUNTED: Final = 100_000
BATCH: Final = 25_000
MOST_BATCHES: Final = 60
# Digits to which two methods must agree before a fault is written down.
CONFIRMED_TO: Final = 1e-6


class Check(Protocol):
    """What every check can say of itself."""

    @property
    def what(self) -> str: ...
    @property
    def passed(self) -> bool: ...
    @property
    def numbers(self) -> Numbers: ...
    @property
    def point(self) -> Point: ...
    @property
    def measure(self) -> Mapping[str, float]:
        """The numbers that decide, at `point`: what a second method has to find again."""
        ...


# ---- comparison of a printed form with its independent value ------------------------------------


@dataclass(frozen=True)
class Comparison:
    """A printed form against an independent value over many draws.

    Parameters
    ----------
    what : str
    draws : int
    deviation : float
        Largest deviation over the scale.
    median : float
        Median of the same.
    point : dict
        Where it is largest.
    """

    what: str
    draws: int
    deviation: float
    median: float
    point: Point

    @property
    def passed(self) -> bool:
        return self.deviation <= TOLERANCE

    @property
    def measure(self) -> Mapping[str, float]:
        return {"deviation": self.deviation}

    @property
    def numbers(self) -> Numbers:
        if self.passed:
            # how far below is round-off, which no two processors share
            return {"draws": self.draws, "largest relative deviation below": TOLERANCE}
        return {
            "draws": self.draws,
            "largest relative deviation": self.deviation,
            "median relative deviation": self.median,
        }


def compare(
    what: str,
    printed: ArrayLike,
    reference: ArrayLike,
    points: Mapping[str, ArrayLike],
    *,
    scale: ArrayLike | None = None,
) -> Comparison:
    """Compare two arrays draw by draw, relative to `scale`.

    Parameters
    ----------
    what : str
        What is compared, in a few words.
    printed, reference : array_like, shape (n, ...) with n >= 200
        The formula as printed, and the value from first principles, computed by other code.
    points : mapping of str to array_like, shape (n,) or ()
        Parameters of the draws.
    scale : array_like, broadcasts to (n, ...), optional
        Size of the terms that the quantity is the sum or difference of; its own modulus by default.

    Raises
    ------
    Refused
        Fewer than 200 draws, numbers that are not finite, or a comparison of something with itself.
    """
    if printed is reference:
        raise Refused(f"`{what}` compares a value with itself")
    a, b = np.asarray(printed), np.asarray(reference)
    if np.ndim(b) == 0 or len(b) < LEAST_COMPARED:
        raise Refused(f"`{what}` compares {np.size(b)} draws; at least {LEAST_COMPARED} are needed")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise Refused(f"`{what}` compares numbers that are not finite")
    size = np.abs(b) if scale is None else np.abs(np.asarray(scale))
    gap = np.abs(a - b)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(gap == 0, 0.0, gap / size)
    each = relative.reshape(len(b), -1).max(axis=1)
    # of draws that round-off alone tells apart, the first
    worst = int(np.argmax(each >= each.max() * (1 - TOLERANCE)))
    return Comparison(what, len(b), float(each[worst]), float(np.median(each)), _point_of(points, worst))


# ---- a general statement, and the search for what breaks it -------------------------------------


@dataclass(frozen=True)
class Range:
    """An interval of a parameter; `log` draws its logarithm evenly."""

    low: float
    high: float
    log: bool = False

    def __str__(self) -> str:
        return f"{self.low:g}…{self.high:g}"

    def value(self, u: Array) -> Array:
        """Parameter from u in [0, 1]."""
        if self.log:
            return np.asarray(el.spread(self.low, self.high, u))
        return np.asarray(self.low + (self.high - self.low) * u)


@dataclass(frozen=True)
class Signed:
    """Both signs of a magnitude drawn on a logarithmic scale."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"±({self.low:g}…{self.high:g})"

    def value(self, u: Array) -> Array:
        """Parameter from u in [0, 1]; the lower half is negative."""
        size = el.spread(self.low, self.high, np.abs(2 * u - 1))
        return np.asarray(np.where(u < 0.5, -size, size))


Domain = Mapping[str, Range | Signed | tuple[str, ...]]
# Gets every parameter by name: arrays of shape (n,), or the word that is chosen.
Margin = Callable[..., Array]


@dataclass(frozen=True)
class Hunt:
    """What a hunt for counterexamples brought home.

    Parameters
    ----------
    what : str
    draws : int
        Random draws to which the statement applies.
    tried : int
        Those and the optimiser's.
    share : float
        Fraction of the random draws that break the statement.
    worst : float
        Smallest margin, evaluated anew at `point` as it is printed.
    point : dict
    domain : str
        Bounds of every parameter.
    """

    what: str
    draws: int
    tried: int
    share: float
    worst: float
    point: Point
    domain: str = ""

    @property
    def measure(self) -> Mapping[str, float]:
        return {"margin": self.worst}

    @property
    def passed(self) -> bool:
        return self.worst >= -TOLERANCE

    @property
    def numbers(self) -> Numbers:
        seen: dict[str, Plain] = {"random draws": self.draws, "points tried": self.tried, "over": self.domain}
        if self.passed:
            # what touches zero from above is round-off
            return seen | {"smallest margin": self.worst if abs(self.worst) > TOLERANCE else 0.0}
        return seen | {"share of draws that break it": self.share, "worst margin": self.worst}


def hunt(
    what: str,
    margin: Margin,
    domain: Domain,
    rng: np.random.Generator,
    *,
    draws: int = LEAST_HUNTED,
) -> Hunt:
    """Look for the point at which a statement is broken most, over a whole domain.

    Random draws first, then differential evolution over all parameters at once from the worst of them, and a
    shrinking random search around the worst of all; for every combination of the words in the domain.

    Parameters
    ----------
    what : str
        The statement, as a few words.
    margin : callable
        Of the parameters by name; gives an array of shape (n,).  Dimensionless (compared with
        1e-10): >= 0 where the statement holds, < 0 where it is broken, NaN where it does not
        apply.  Vectorised.
    domain : mapping of str to Range, Signed or tuple of words
        The whole domain of the statement, not the neighbourhood of a figure.
    rng : Generator
    draws : int
        At least 1e5 in all, counted where the statement applies.

    Raises
    ------
    Refused
        Too few draws, or a statement that applies almost nowhere in the domain.
    """
    if draws < LEAST_HUNTED:
        raise Refused(f"`{what}` is hunted with {draws} draws; at least {LEAST_HUNTED} are needed")
    if hears(Statement(what, margin, domain)):
        return Hunt(what, 0, 0, 0.0, 0.0, {}, bounds_of(domain))
    combinations = list(_words(domain))
    parts = [_Ground(what, margin, domain, words, rng) for words in combinations]
    for part in parts:
        part.scatter(math.ceil(draws / len(parts)))
        part.climb()
        part.refine()
    worst = min(parts, key=lambda part: part.worst)
    value, point = worst.as_printed()
    applied = sum(part.applied for part in parts)
    broken = sum(part.broken for part in parts)
    tried = sum(part.tried for part in parts)
    return Hunt(what, applied, tried, broken / applied, value, point, bounds_of(domain))


def bounds_of(domain: Domain) -> str:
    """A domain in words: "g 0.001…0.5, delta ±(1e-05…0.5), bath bose/fermi"."""
    axes = {name: "/".join(axis) if isinstance(axis, tuple) else str(axis) for name, axis in domain.items()}
    return ", ".join(f"{name} {bounds}" for name, bounds in axes.items())


class _Ground:
    """One hunting ground: the continuous parameters, with the words fixed."""

    KEPT = 8
    PARENTS = 24
    GENERATIONS = 60
    OFFSPRING = 48
    ROUNDS = 40

    def __init__(
        self, what: str, margin: Margin, domain: Domain, words: Mapping[str, str], rng: np.random.Generator
    ) -> None:
        self.what, self.margin, self.words, self.rng = what, margin, words, rng
        self.axes = {name: axis for name, axis in domain.items() if not isinstance(axis, tuple)}
        self.applied = self.tried = self.broken = 0
        self.best = np.empty((0, len(self.axes)))
        self.margins = np.empty(0)

    @property
    def worst(self) -> float:
        return float(self.margins[0])

    def scatter(self, wanted: int) -> None:
        """Random draws until `wanted` of them apply; keeps the worst."""
        for _ in range(MOST_BATCHES):
            u = self.rng.random((min(BATCH, wanted), len(self.axes)))
            margins = self._margins(u)
            applies = np.isfinite(margins)
            self.applied += int(applies.sum())
            self.broken += int((margins[applies] < -TOLERANCE).sum())
            self._keep(u, margins)
            if self.applied >= wanted:
                return
        raise Refused(f"`{self.what}` applies to {self.applied} draws of {self.tried} only")

    def climb(self) -> None:
        """Differential evolution over all parameters at once, from the worst draws."""

        def cost(u: Array) -> Array:
            margins = self._margins(u.T)
            return np.where(np.isfinite(margins), margins, np.inf)

        spread = self.rng.random((self.PARENTS - len(self.best), len(self.axes)))
        found = differential_evolution(
            cost,
            [(0.0, 1.0)] * len(self.axes),
            init=np.concatenate([self.best, spread]),
            maxiter=self.GENERATIONS,
            tol=0,
            polish=False,
            vectorized=True,
            updating="deferred",
            rng=self.rng,
        )
        self._keep(np.asarray(found.x)[None], np.array([found.fun]))

    def refine(self) -> None:
        """Local search: offspring around each kept point, closer every round."""
        shape = (len(self.best), self.OFFSPRING, len(self.axes))
        for width in el.geomspace(0.2, 1e-7, self.ROUNDS):
            # some offspring differ in one parameter only
            step = width * el.normal(self.rng, shape)
            single = self.rng.integers(len(self.axes), size=shape[:2])
            alone = np.arange(len(self.axes)) == single[..., None]
            step[:, ::2] = np.where(alone, step, 0.0)[:, ::2]
            u = np.clip(self.best[:, None] + step, 0.0, 1.0)
            margins = self._margins(u.reshape(-1, shape[-1])).reshape(shape[:2])
            margins = np.where(np.isfinite(margins), margins, np.inf)
            child = margins.argmin(axis=1)
            rows = np.arange(len(self.best))
            better = margins[rows, child] < self.margins
            self.best = np.where(better[:, None], u[rows, child], self.best)
            self.margins = np.where(better, margins[rows, child], self.margins)
        order = np.argsort(self.margins, kind="stable")
        self.best, self.margins = self.best[order], self.margins[order]

    def as_printed(self) -> tuple[float, Point]:
        """The worst point in as few digits as keep its verdict, and its margin there."""
        values = {name: axis.value(self.best[:1, k]) for k, (name, axis) in enumerate(self.axes.items())}
        for digits in (4, 6, 9, 17):
            short = {name: rounded(float(value[0]), digits) for name, value in values.items()}
            arrays = {name: np.array([value]) for name, value in short.items()}
            again = float(np.asarray(self.margin(**arrays, **self.words))[0])
            if np.isfinite(again) and (again < -TOLERANCE) == (self.worst < -TOLERANCE):
                break
        return again, {**short, **self.words}

    def _margins(self, u: Array) -> Array:
        self.tried += len(u)
        values = {name: axis.value(u[:, k]) for k, (name, axis) in enumerate(self.axes.items())}
        return np.asarray(self.margin(**values, **self.words), dtype=float)

    def _keep(self, u: Array, margins: Array) -> None:
        applies = np.isfinite(margins)
        points = np.concatenate([self.best, u[applies]])
        values = np.concatenate([self.margins, margins[applies]])
        order = np.argsort(values, kind="stable")[: self.KEPT]
        self.best, self.margins = points[order], values[order]


def _words(domain: Domain) -> Iterator[dict[str, str]]:
    """Every combination of the words in a domain."""
    names = [name for name, axis in domain.items() if isinstance(axis, tuple)]
    choices = [axis for axis in domain.values() if isinstance(axis, tuple)]
    for chosen in itertools.product(*choices):
        yield dict(zip(names, chosen, strict=True))


# ---- a single statement with its numbers --------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """A computed statement of yes or no, with the numbers that decide it."""

    what: str
    passed: bool
    numbers: Numbers
    point: Point = field(default_factory=dict)

    @property
    def measure(self) -> Mapping[str, float]:
        return {name: float(v) for name, v in self.numbers.items() if isinstance(v, int | float)}


def fact(
    what: str, holds: bool | np.bool_ | NDArray[np.bool_], at: Numbers | None = None, **numbers: object
) -> Fact:
    """Statement with its numbers; keyword names become their labels (see `label`).

    Raises
    ------
    Refused
        Without numbers.
    """
    if not numbers:
        raise Refused(f"`{what}` is stated without numbers")
    return Fact(what, bool(holds), {label(k): plain(v) for k, v in numbers.items()}, dict(at or {}))


def _point_of(points: Mapping[str, ArrayLike], index: int) -> Point:
    found: Point = {}
    for name, values in points.items():
        array = np.asarray(values)
        found[name] = plain(array[index] if array.ndim else array)
    return found
