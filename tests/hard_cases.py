"""Cases in which double precision loses its digits, each with a reference of 50 digits and more.

A case is a machine of qte beside the same master equation written down in mpmath:
Hamiltonian, jump operators and rates by reservoir.  `exact` evaluates a quantity
from it at 150 digits, `plain` the same equation rounded to doubles and solved by
NumPy or by QuTiP, which is what one would do without qte.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np
import qutip

from qte.machines import CommonReservoirEngine, Junction, SpinChain, ThreeQubitMachine, TwoQubitEngine
from tests.reference import mp_dissipate, mp_ladder, mp_occupation, mp_steady, mp_trace

Parts = dict[Any, list[tuple[Any, Any]]]


@dataclass(frozen=True)
class Model:
    """H, (rate, jump) by reservoir, temperature and chemical potential by reservoir, weights of J."""

    h: Any
    parts: Parts
    temperatures: dict[Any, Any]
    net: dict[Any, float]
    potentials: dict[Any, Any]


@dataclass(frozen=True)
class Case:
    """A quantity of a machine at parameters p."""

    name: str
    machine: type
    p: dict[str, Any]
    quantity: str
    digits: int
    tolerance: float = 1e-12

    def computed(self) -> float:
        """By qte."""
        machine = self.machine(**self.p)
        return float(QTE[self.quantity](machine))

    def exact(self) -> Any:
        """By mpmath."""
        with mp.workdps(self.digits):
            return self._evaluate(lambda model: mp_steady(model.h, _channels(model)), MODELS[self.machine])

    def plain(self, solve: Callable[[Any, list[tuple[float, Any]]], Any]) -> float:
        """By a solver of density matrices in doubles."""

        def rounded(p: dict[str, Any]) -> Model:
            model = MODELS[self.machine](p)
            parts = {
                k: [(float(rate), _floats(jump)) for rate, jump in part] for k, part in model.parts.items()
            }
            temperatures = {k: float(t) for k, t in model.temperatures.items()}
            potentials = {k: float(t) for k, t in model.potentials.items()}
            return Model(_floats(model.h), parts, temperatures, model.net, potentials)

        return float(self._evaluate(lambda model: solve(model.h, _channels(model)), rounded))

    def _evaluate(self, state: Callable[[Model], Any], build: Callable[[dict[str, Any]], Model]) -> Any:
        model = build(self.p)
        rho = state(model)
        if self.quantity == "contrast":
            first, second = list(TEMPERATURES[self.machine])
            swapped = build(self.p | {first: self.p[second], second: self.p[first]})
            there, back = _current(model, rho), _current(swapped, state(swapped))
            return abs((there + back) / (there - back))
        return QUANTITIES[self.quantity](model, rho)


def numpy_steady(h: Any, channels: list[tuple[float, Any]]) -> Any:
    """The d^2 x d^2 system with one row replaced by the trace."""
    d = len(h)
    one = np.eye(d)
    matrix = -1j * (np.kron(h, one) - np.kron(one, h.T))
    for rate, a in channels:
        decay = a.conj().T @ a
        matrix = matrix + rate * (np.kron(a, a.conj()) - (np.kron(decay, one) + np.kron(one, decay.T)) / 2)
    matrix[0] = np.eye(d).ravel()
    right = np.zeros(d * d)
    right[0] = 1.0
    return np.linalg.solve(matrix, right).reshape(d, d)


def qutip_steady(h: Any, channels: list[tuple[float, Any]]) -> Any:
    """QuTiP's default solver."""
    jumps = [np.sqrt(rate) * qutip.Qobj(a) for rate, a in channels if rate > 0]
    return qutip.steadystate(qutip.Qobj(h), jumps).full()


# ---- what is asked for -------------------------------------------------------------------------


def _heat(model: Model, label: Any, rho: Any) -> Any:
    if isinstance(rho, np.ndarray):
        change = np.zeros_like(rho)
        for rate, a in model.parts[label]:
            decay = a.conj().T @ a
            change = change + rate * (a @ rho @ a.conj().T - (decay @ rho + rho @ decay) / 2)
        return np.trace(model.h @ change).real
    return mp_trace(model.h * mp_dissipate(model.parts[label], rho))


def _quanta(model: Model, label: Any, rho: Any) -> Any:
    number = _number(model, rho)
    if isinstance(rho, np.ndarray):
        return _heat(Model(number, model.parts, {}, {}, {}), label, rho)
    return mp_trace(number * mp_dissipate(model.parts[label], rho))


def _number(model: Model, rho: Any) -> Any:
    d = len(rho) if isinstance(rho, np.ndarray) else rho.rows
    counts = [d.bit_length() - 1 - (k).bit_count() for k in range(d)]
    return np.diag(np.array(counts, dtype=float)) if isinstance(rho, np.ndarray) else mp.diag(counts)


def _current(model: Model, rho: Any) -> Any:
    return sum(weight * _heat(model, label, rho) for label, weight in model.net.items())


def _entropy(model: Model, rho: Any) -> Any:
    total = 0
    for label, t in model.temperatures.items():
        heat = _heat(model, label, rho)
        mu = model.potentials.get(label, 0)
        total -= (heat - mu * _quanta(model, label, rho) if mu else heat) / t
    return total


def _smallest(model: Model, rho: Any) -> Any:
    d = len(rho) if isinstance(rho, np.ndarray) else rho.rows
    return min(mp.re(rho[k, k]) for k in range(d))


def _negativity(model: Model, rho: Any) -> Any:
    c, r1, r4 = abs(rho[1, 2]), mp.re(rho[0, 0]), mp.re(rho[3, 3])
    return max(0, mp.sqrt(4 * c**2 + (r1 - r4) ** 2) - r1 - r4) / 2


def _concurrence(model: Model, rho: Any) -> Any:
    return 2 * max(0, abs(rho[1, 2]) - mp.sqrt(max(0, mp.re(rho[0, 0]) * mp.re(rho[3, 3]))))


QUANTITIES: dict[str, Callable[[Model, Any], Any]] = {
    "J": _current,
    "entropy": _entropy,
    "population": _smallest,
    "negativity": _negativity,
    "concurrence": _concurrence,
}
QTE: dict[str, Callable[[Any], Any]] = {
    "J": lambda m: m.net_current(),
    "entropy": lambda m: m.entropy_production(),
    "population": lambda m: np.diagonal(m.steady_state().rho, axis1=-2, axis2=-1).real.min(),
    "negativity": lambda m: m.negativity(),
    "concurrence": lambda m: m.concurrence(),
    "contrast": lambda m: m.contrast(),
}


# ---- master equations --------------------------------------------------------------------------


def _channels(model: Model) -> list[tuple[Any, Any]]:
    return [channel for part in model.parts.values() for channel in part]


def _floats(a: Any) -> Any:
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
    Junction: chain,
    SpinChain: chain,
}
TEMPERATURES: dict[type, tuple[str, str]] = {
    TwoQubitEngine: ("T_h", "T_c"),
    CommonReservoirEngine: ("T_A", "T_B"),
    ThreeQubitMachine: ("T_1", "T_3"),
    Junction: ("T_L", "T_R"),
    SpinChain: ("T_L", "T_R"),
}


# ---- the cases ---------------------------------------------------------------------------------

LOCAL = {"g": 1.6e-3, "gamma_h": 1e-3, "gamma_c": 1.1e-2, "T_h": 0.7, "T_c": 0.1}
GLOBAL = {"g": 0.6, "gamma_h": 1e-2, "gamma_c": 3e-2, "T_h": 0.7, "T_c": 0.1, "approach": "global"}
COMMON = {"eps_A": 20.0, "eps_B": 20.0, "Omega": 10.0, "T_A": 5.0, "T_B": 5.0, "T_C": 1.0}
THREE = {
    "g13": 0.05,
    "g23": 0.05,
    "gamma_1": 0.1,
    "gamma_3": 0.1,
    "T_1": 1.0,
    "T_3": 1.0,
    "U": 5.0,
    "mu": 3.0,
}
LEVEL = {"mu": 0.3, "mu_3": 0.3}
CHAIN = {"gamma_L": 0.01, "gamma_R": 0.02, "T_L": 1.0, "T_R": 0.1}
NEAR = 0.7 - 1e-12


def _is_rare(name: str) -> bool:
    return name.startswith(("cold", "U ="))


def _cases(
    prefix: str, machine: type, base: dict[str, Any], *rows: tuple[str, dict[str, Any], str]
) -> list[Case]:
    return [
        # populations of e^-400 keep 50 significant digits of their own only with 400 in all
        Case(
            f"{prefix}: {name}, {quantity}", machine, base | change, quantity, 400 if _is_rare(name) else 150
        )
        for name, change, quantities in rows
        for quantity in quantities.split()
    ]


CASES = [
    *_cases(
        "local", TwoQubitEngine, LOCAL,
        ("cold", {"T_h": 0.012, "T_c": 0.01}, "J population negativity"),
        ("cold bath of e^-100", {"T_h": 0.3, "T_c": 0.01}, "J population concurrence"),
        ("cold, Fermi", {"T_h": 0.012, "T_c": 0.01, "statistics_h": "fermi"}, "J"),
        ("bias 1e-12", {"T_c": NEAR}, "J entropy"),
        ("bias 1e-12, Fermi", {"T_c": NEAR, "statistics_h": "fermi", "statistics_c": "fermi"}, "J entropy"),
        ("bias 1e-12, tunnelling", {"T_c": NEAR, "kappa_h": 0.05}, "J"),
        ("detuning 1e-12 alone", {"T_c": 0.7, "delta": 1e-12}, "J"),
        ("couplings 1 and 1e-12", {"gamma_h": 1.0, "gamma_c": 1e-12}, "J entropy"),
        ("couplings 1e-12 and 1", {"gamma_h": 1e-12, "gamma_c": 1.0, "g": 1e-6}, "J"),
        ("link 1e-9", {"g": 1e-9}, "J entropy"),
        ("link 1e-9, couplings 1 and 1e-12", {"gamma_h": 1.0, "gamma_c": 1e-12, "g": 1e-9}, "J"),
        ("far detuned", {"delta": 0.9, "g": 1e-7}, "J"),
        ("nearly symmetric", {"gamma_c": 1e-3 * (1 + 1e-10)}, "contrast"),
        ("bias 1e-6", {"T_c": 0.7 - 1e-6}, "contrast"),
    ),
    *_cases(
        "global", TwoQubitEngine, GLOBAL,
        ("cold", {"T_h": 0.012, "T_c": 0.01}, "J population"),
        ("bias 1e-12", {"T_c": NEAR}, "J entropy"),
        ("bias 1e-12, detuned", {"T_c": NEAR, "delta": 0.2}, "J"),
        ("couplings 1 and 1e-12", {"gamma_h": 1.0, "gamma_c": 1e-12}, "J"),
    ),
    *_cases(
        "common reservoir", CommonReservoirEngine, COMMON,
        ("bias 1e-12", {"T_C": 5.0 - 1e-12}, "J entropy"),
        ("weakly coupled", {"Gamma_CA": 1e-12, "Gamma_CB": 1e-12}, "J"),
        ("cold", {"T_A": 0.12, "T_B": 0.12, "T_C": 0.1}, "J population"),
        ("detuned, bias 1e-12", {"eps_B": 19.0, "T_C": 5.0 - 1e-12}, "J"),
    ),
    *_cases(
        "three qubits", ThreeQubitMachine, THREE,
        ("bias 1e-12", LEVEL | {"T_3": 1.0 - 1e-12}, "J entropy"),
        ("potentials differ by 1e-12", {"mu": 0.3, "mu_3": 0.3 + 1e-12}, "entropy"),
        ("U = 200", {"U": 200.0, "mu": 100.0}, "J population"),
        ("couplings 1 and 1e-12", {"gamma_1": 1.0, "gamma_3": 1e-12}, "J entropy"),
        ("links 1e-9", {"g13": 1e-9, "g23": 1e-9}, "J"),
        ("bias 1e-6", LEVEL | {"T_3": 1.0 - 1e-6}, "contrast"),
    ),
    *_cases(
        "junction", Junction, CHAIN,
        ("cold", {"T_L": 0.012, "T_R": 0.01}, "J population"),
        ("bias 1e-12", {"T_R": 1.0 - 1e-12}, "J entropy contrast"),
        ("couplings 1 and 1e-12", {"gamma_L": 1.0, "gamma_R": 1e-12}, "J"),
    ),
    *_cases(
        "chain", SpinChain, CHAIN | {"N": 3, "g": 0.01},
        ("cold", {"T_L": 0.012, "T_R": 0.01}, "J population"),
        ("bias 1e-12", {"T_R": 1.0 - 1e-12}, "J entropy contrast"),
        ("links 1e-9", {"g": 1e-9}, "J"),
    ),
]  # fmt: skip
