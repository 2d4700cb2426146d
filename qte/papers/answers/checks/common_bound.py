"""Question 4: up to which T_C the common reservoir of man2019 enhances, and from which it gives heat."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qte.common.optimise import find_root
from qte.data.fields import Grid
from qte.ledger.checks import Fact
from qte.ledger.entries import judge
from qte.ledger.forms import fact
from qte.ledger.judged import Found, found
from qte.papers.answers.studies_common_bound import FOUND_TO, Bounds, CommonBound, bounds_of
from qte.papers.man2019.checks.detuned import LEVEL, Way, concurrences, flow
from qte.papers.man2019.checks.trials import in_gamma, machine
from qte.papers.man2019.parts import engine

Array = NDArray[np.float64]

# Coupling of figure 2, T_B of figures 4 and 5, detunings that keep omega_1 >= 6 Gamma.
PLANE: Final = CommonBound(
    eps_m=20.0,
    Omega=10.0,
    Gamma=(0.0, 1.0),
    T_B=8.0,
    T_A=Grid(1.0, 12.0, 23),
    delta_eps=Grid(-19.5, 19.5, 40),
    T_C=Grid(0.3, 20.0, 13),
)
APPROACHES: Final = ("global", "redfield")
# The second method of each, and the part of a root within which it has to see the sign change.
WAYS: Final[dict[str, Way]] = {"global": "dense", "redfield": "redfield"}
STEP: Final = 1e-8


@judge("q4-bound-against-onset")
def bound_against_onset(rng: Generator) -> Found:
    secular, redfield = (bounds_of(PLANE.machine(1.0, way), PLANE.T_C) for way in APPROACHES)
    numbers: dict[str, Any] = {}
    for name, one in (("secular", secular), ("redfield", redfield)):
        numbers |= {f"{name}_{key}": value for key, value in _shares(one).items()}
    both_signs = [fact(f"both orders occur, {name}", low < -0.1 and high > 0.1, lowest=low, highest=high)
                  for name, low, high in _extremes(secular, redfield)]  # fmt: skip
    agree = _agree_with_dense(rng, secular, redfield)
    moved = float(np.nanmedian(np.abs(redfield.difference - secular.difference)))
    top = int(np.nanargmax(secular.difference))
    delta, T_A = (np.broadcast_to(x, secular.difference.shape).flat[top] for x in _axes())
    return found(*both_signs, agree, delta=delta, T_A=T_A, reach=PLANE.delta_eps.stop, moved=moved, **numbers)


@judge("q4-where-both-coincide")
def where_both_coincide(rng: Generator) -> Found:
    level = [_coincide(way, PLANE.delta_eps.points, 8.0) for way in APPROACHES]
    T_A = PLANE.T_A.points[PLANE.T_A.points != PLANE.T_B]
    detuning = np.array([x for x in PLANE.one_temperature() if x is not None])
    thermal, quantum = (_coincide(way, detuning, T_A) for way in APPROACHES)
    four = float(detuning[T_A == 4.0][0])
    beside = bounds_of(_machines("global", four + np.array([-0.25, 0.25]), 4.0), PLANE.T_C).difference
    cold = bounds_of(machine(**in_gamma(**LEVEL)), Grid(0.3, 20.0, 41))
    left, redfield_left = (_other_line(way, -10.0, -3.0) for way in APPROACHES)
    right = _other_line("global", 4.3, 6.0)
    return found(
        _zero("T_A = T_B, any detuning, secular", level[0]),
        _zero("T_A = T_B, any detuning, Redfield", level[1]),
        _zero("one effective temperature at T_A ≠ T_B, secular", thermal),
        fact("not so in the Redfield equation at the rates of the paper", np.nanmin(np.abs(quantum)) > 1e-6,
             least=np.nanmin(np.abs(quantum))),
        fact("the order changes at that detuning, T_A = 4 Γ", beside[0] < 0 < beside[1], before=beside[0],
             after=beside[1]),
        fact("a second window at T_A = T_B = 2, Δε = 19 Γ", cold.windows > 1 and abs(cold.heating - 2) < FOUND_TO,
             heating=cold.heating, enhancing=cold.enhancing),
        detuning=four,
        window=cold.enhancing,
        redfield_there=quantum[T_A == 4.0][0],
        farthest=np.nanmax(np.abs(quantum)),
        first_line=left,
        second_line=right,
        redfield_line=redfield_left,
    )  # fmt: skip


def _machines(way: str, delta_eps: Any, T_A: Any) -> Any:
    return engine(
        eps_m=20.0, Omega=10.0, Gamma=1.0, delta_eps=delta_eps, T_A=T_A, T_B=8.0, T_C=8.0, approach=way
    )


def _axes() -> tuple[Array, Array]:
    return PLANE.delta_eps.points[:, None], PLANE.T_A.points


def _coincide(way: str, delta_eps: Any, T_A: Any) -> Array:
    return bounds_of(_machines(way, delta_eps, T_A), PLANE.T_C).difference


def _zero(what: str, difference: Array) -> Fact:
    worst = float(np.max(np.abs(difference)))
    return fact(f"both temperatures coincide: {what}", worst < FOUND_TO, points=difference.size, apart=worst)


def _other_line(way: str, low: float, high: float) -> float:
    """Detuning at T_A = 4 Gamma at which both coincide once more."""
    return float(find_root(lambda d: _coincide(way, d, 4.0), low, high, scan=5, tolerance=1e-8).x)


def _shares(one: Bounds) -> dict[str, float]:
    d = one.difference
    return {
        "above": float(np.mean(d > FOUND_TO)),
        "below": float(np.mean(d < -FOUND_TO)),
        "most": float(np.nanmax(d)),
        "least": float(-np.nanmin(d)),
    }


def _extremes(*both: Bounds) -> list[tuple[str, float, float]]:
    return [
        (name, float(np.nanmin(one.difference)), float(np.nanmax(one.difference)))
        for name, one in zip(("secular", "Redfield"), both, strict=True)
    ]


def _agree_with_dense(rng: Generator, secular: Bounds, redfield: Bounds) -> Fact:
    """The change of C and Q_C change their signs at the roots by dense matrices too, at points drawn from the map."""
    delta, T_A = (np.broadcast_to(x, secular.difference.shape) for x in _axes())
    wrong = checked = 0
    for one, way in WAYS.items():
        roots = secular if one == "global" else redfield
        chosen = rng.choice(np.flatnonzero(np.isfinite(roots.difference)), 12, replace=False)
        p = {"Omega": 10.0, "delta_eps": delta.flat[chosen], "T_A": T_A.flat[chosen], "T_B": 8.0}
        for side in (-1, 1):
            excess = _excess(way, T_C=roots.enhancing.flat[chosen] * (1 + side * STEP), **p)
            given = flow(way, T_C=roots.heating.flat[chosen] * (1 + side * STEP), **p)
            wrong += int((np.sign(excess) != -side).sum() + (np.sign(given) != side).sum())
            checked += excess.size + given.size
    return fact("dense matrices change their signs there too", wrong == 0, signs=checked, that_differ=wrong)


def _excess(way: Way, **p: Any) -> Array:
    """C with R_C, before it is cut at zero, above C without."""
    with_it, without = concurrences(way, **p)
    return np.asarray(with_it - np.maximum(without, 0))
