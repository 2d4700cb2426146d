"""Master equations of the machines in mpmath, written down without qte."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np

from qte.machines import (
    CommonReservoirEngine,
    Junction,
    SpinChain,
    ThreeQubitMachine,
    TwoQubitEngine,
    WStateMachine,
)
from tests.reference import mp_ladder, mp_occupation

Parts = dict[Any, list[tuple[Any, Any]]]


@dataclass(frozen=True)
class Model:
    """H, (rate, jump) by reservoir, temperature and chemical potential by reservoir, weights of J."""

    h: Any
    parts: Parts
    temperatures: dict[Any, Any]
    net: dict[Any, float]
    potentials: dict[Any, Any]


def channels_of(model: Model) -> list[tuple[Any, Any]]:
    return [channel for part in model.parts.values() for channel in part]


def floats(a: Any) -> Any:
    return np.array([[float(mp.re(a[i, j])) for j in range(a.cols)] for i in range(a.rows)])


def _exact(p: dict[str, Any]) -> dict[str, Any]:
    return {k: x if isinstance(x, str) else mp.mpf(x) for k, x in p.items()}


def _both_ways(gamma: Any, n: Any, statistics: str, lower: Any) -> list[tuple[Any, Any]]:
    return [(gamma * (1 + n if statistics == "bose" else 1 - n), lower), (gamma * n, lower.T)]


def two_qubits(p: dict[str, Any]) -> Model:
    v = _exact({"delta": 0.0, "eps_h": 1.0, "kappa_h": 0.0, "kappa_c": 0.0} | p)
    eps = {"h": v["eps_h"], "c": v["eps_h"] + v["delta"]}
    lower = {"h": mp_ladder(0, 2), "c": mp_ladder(1, 2)}
    h = v["g"] * (lower["h"].T * lower["c"] + lower["c"].T * lower["h"])
    for k, s in lower.items():
        h += eps[k] * s.T * s + v[f"kappa_{k}"] * (s + s.T)
    parts: Parts = {}
    for k, s in lower.items():
        statistics = p.get(f"statistics_{k}", "bose")
        gamma, t = v[f"gamma_{k}"], v[f"T_{k}"]
        if p.get("approach", "local") == "local":
            parts[k] = _both_ways(gamma, mp_occupation(eps[k] / t, statistics), statistics, s)
        else:
            pieces = _by_frequency(eps["h"], eps["c"], v["g"], s)
            parts[k] = [
                c
                for w, a in pieces
                for c in _both_ways(gamma, mp_occupation(w / t, statistics), statistics, a)
            ]
    return Model(h, parts, {"h": v["T_h"], "c": v["T_c"]}, {"h": 1.0, "c": -1.0}, {})


def _by_frequency(first: Any, second: Any, coupling: Any, lower: Any) -> list[tuple[Any, Any]]:
    """Parts of a lowering operator at the two transition frequencies of two coupled qubits."""
    half, mean = (first - second) / 2, (first + second) / 2
    gap = mp.sqrt(half**2 + coupling**2)
    theta = mp.atan2(coupling, half)
    c, s = mp.cos(theta / 2), mp.sin(theta / 2)
    lam = [
        mp.matrix([1, 0, 0, 0]),
        mp.matrix([0, c, s, 0]),
        mp.matrix([0, -s, c, 0]),
        mp.matrix([0, 0, 0, 1]),
    ]
    out = []
    for omega, places in ((mean - gap, ((1, 0), (3, 2))), (mean + gap, ((2, 0), (3, 1)))):
        part = mp.zeros(4)
        for i, j in places:
            part += (lam[i].T * lower * lam[j])[0] * lam[i] * lam[j].T
        out.append((omega, part))
    return out


def common_reservoir(p: dict[str, Any]) -> Model:
    v = _exact({"Gamma_A": 1.0, "Gamma_B": 1.0, "Gamma_CA": 1.0, "Gamma_CB": 1.0} | p)
    a, b = mp_ladder(0, 2), mp_ladder(1, 2)
    h = v["eps_A"] * a.T * a + v["eps_B"] * b.T * b + v["Omega"] * (a.T * b + b.T * a)
    couplings = {
        "A": mp.sqrt(v["Gamma_A"]) * a,
        "B": mp.sqrt(v["Gamma_B"]) * b,
        "C": mp.sqrt(v["Gamma_CA"]) * a + mp.sqrt(v["Gamma_CB"]) * b,
    }
    parts: Parts = {}
    for label, x in couplings.items():
        pieces = _by_frequency(v["eps_A"], v["eps_B"], v["Omega"], x)
        parts[label] = [
            c
            for w, part in pieces
            for c in _both_ways(2, mp_occupation(w / v[f"T_{label}"], "bose"), "bose", part)
        ]
    return Model(h, parts, {k: v[f"T_{k}"] for k in "ABC"}, {"C": 1.0}, {})


def three_qubits(p: dict[str, Any]) -> Model:
    v = _exact({"eps": 1.0, "mu_3": 0.0} | p)
    s = [mp_ladder(k, 3) for k in range(3)]
    excited = [x.T * x for x in s]
    one = mp.eye(8)
    h = mp.zeros(8)
    for k in range(3):
        h += v["eps"] * excited[k]
    for i, j in itertools.combinations(range(3), 2):
        h += v["U"] * excited[i] * excited[j]
    for g, k in (("g13", 0), ("g23", 1)):
        h += v[g] * (s[k].T * s[2] + s[2].T * s[k])
    parts: Parts = {}
    for label, site, others, mu in ((1, 0, (1, 2), "mu"), (3, 2, (0, 1), "mu_3")):
        parts[label] = []
        for q in itertools.product((0, 1), repeat=2):
            projector = one
            for k, filled in zip(others, q, strict=True):
                projector = projector * (excited[k] if filled else one - excited[k])
            n = mp_occupation((v["eps"] + sum(q) * v["U"] - v[mu]) / v[f"T_{label}"], "fermi")
            parts[label] += _both_ways(v[f"gamma_{label}"], n, "fermi", s[site] * projector)
    return Model(h, parts, {1: v["T_1"], 3: v["T_3"]}, {1: 0.5, 3: -0.5}, {1: v["mu"], 3: v["mu_3"]})


def w_state(p: dict[str, Any]) -> Model:
    """n = 2: the three-qubit machine with one strength of coupling and the bath of the sink at mu_sink."""
    same = {"g13": "g", "g23": "g", "gamma_1": "gamma", "gamma_3": "gamma", "T_1": "T", "T_3": "T"}
    return three_qubits(
        {k: p[v] for k, v in same.items()} | {"U": p["U"], "mu": p["mu"], "mu_3": p["mu_sink"]}
    )


def chain(p: dict[str, Any]) -> Model:
    v = _exact({"omega": 1.0, "g": 0.0} | p)
    n = int(p.get("N", 1))
    s = [mp_ladder(k, n) for k in range(n)]
    h = mp.zeros(2**n)
    for x in s:
        h += v["omega"] * x.T * x
    for x, y in itertools.pairwise(s):
        h += v["g"] * (x.T * y + y.T * x)
    parts: Parts = {}
    for side, x in (("L", s[0]), ("R", s[-1])):
        statistics = p.get(f"statistics_{side}", "bose")
        occupation = mp_occupation(v["omega"] / v[f"T_{side}"], statistics)
        parts[side] = _both_ways(v[f"gamma_{side}"], occupation, statistics, x)
    return Model(h, parts, {k: v[f"T_{k}"] for k in "LR"}, {"L": 1.0, "R": -1.0}, {})


MODELS: dict[type, Callable[[dict[str, Any]], Model]] = {
    TwoQubitEngine: two_qubits,
    CommonReservoirEngine: common_reservoir,
    ThreeQubitMachine: three_qubits,
    WStateMachine: w_state,
    Junction: chain,
    SpinChain: chain,
}
TEMPERATURES: dict[type, tuple[str, str]] = {
    TwoQubitEngine: ("T_h", "T_c"),
    CommonReservoirEngine: ("T_A", "T_B"),
    ThreeQubitMachine: ("T_1", "T_3"),
    WStateMachine: ("T", "T"),
    Junction: ("T_L", "T_R"),
    SpinChain: ("T_L", "T_R"),
}
