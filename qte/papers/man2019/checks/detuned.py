"""Detuned qubits in the captions' units (ε_m = 20, all rates 1) by three ways: library, dense matrices, Redfield."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, Literal

import numpy as np

from qte.common.optimise import maximise
from qte.papers.man2019.checks import dense
from qte.papers.man2019.checks.trials import Array, alone, heat, in_gamma, signed

Way = Literal["secular", "dense", "redfield"]
# Coupling and gaps of figure 2, temperatures of figures 2 and 4, detuned by nearly the coupling's splitting.
LEVEL: Final = {"T_A": 2.0, "T_B": 2.0, "Omega": 10.0, "delta_eps": 19.0}
BIASED: Final = LEVEL | {"T_A": 8.0}


def concurrences(way: Way, **p: Any) -> tuple[Array, Array]:
    """Eq. (17) without its ``max``, with R_C and without, shape (...) each."""
    q = in_gamma(**p)
    if way == "secular":
        return signed(**q), alone(**q)
    with_it, without = (
        dense.again(q, common=common, secular=way == "dense").signed for common in (True, False)
    )
    return with_it, without


def change(way: Way, **p: Any) -> Array:
    """Change of the concurrence by R_C, shape (...)."""
    with_it, without = concurrences(way, **p)
    return np.asarray(np.maximum(with_it, 0) - np.maximum(without, 0))


def flow(way: Way, **p: Any) -> Array:
    """Q_C in units of Gamma^2, shape (...)."""
    q = in_gamma(**p)
    return heat(**q) if way == "secular" else np.asarray(dense.again(q, secular=way == "dense").Q["C"])


def change_and_flow(way: Way, **p: Any) -> dict[str, Any]:
    return {"dC": float(change(way, **p)), "Q_C": float(flow(way, **p))}


def cold_and_hot(way: Way, **p: Any) -> dict[str, Any]:
    """Concurrence at T_C = 1 and at T_C = 5."""
    return {name: float(concurrences(way, T_C=T_C, **p)[0]) for name, T_C in (("cold", 1.0), ("hot", 5.0))}


def best_common_temperature(**p: Any) -> float:
    """T_C of the largest concurrence."""
    return float(maximise(lambda t: concurrences("secular", T_C=t, **p)[0], 0.2, 20.0, scan=65).x)


# The second method of a check of each kind.
both_again, pair_again = (partial(f, "dense") for f in (change_and_flow, cold_and_hot))
