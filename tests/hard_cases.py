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

from qte.machines import (
    CommonReservoirEngine,
    Junction,
    SpinChain,
    ThreeQubitMachine,
    TwoQubitEngine,
    WStateMachine,
)
from tests.hard_models import MODELS, TEMPERATURES, Model, channels_of, floats
from tests.reference import mp_dissipate, mp_steady, mp_trace


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
            return self._evaluate(_mp_state, MODELS[self.machine], mp.mpf(10) ** -40)

    def plain(self, solve: Callable[[Any, list[tuple[float, Any]]], Any]) -> float:
        """By a solver of density matrices in doubles."""

        def rounded(p: dict[str, Any]) -> Model:
            model = MODELS[self.machine](p)
            parts = {
                k: [(float(rate), floats(jump)) for rate, jump in part] for k, part in model.parts.items()
            }
            temperatures = {k: float(t) for k, t in model.temperatures.items()}
            potentials = {k: float(t) for k, t in model.potentials.items()}
            return Model(floats(model.h), parts, temperatures, model.net, potentials)

        # wide enough a bias to stand out from round-off
        bias = 1e-4 * self.p[TEMPERATURES[self.machine][0]]
        return float(self._evaluate(lambda model: solve(model.h, channels_of(model)), rounded, bias))

    def _evaluate(
        self, state: Callable[[Model], Any], build: Callable[[dict[str, Any]], Model], bias: Any
    ) -> Any:
        model = build(self.p)
        first, second = TEMPERATURES[self.machine]
        if self.quantity == "contrast":
            swapped = build(self.p | {first: self.p[second], second: self.p[first]})
            there, back = _current(model, state(model)), _current(swapped, state(swapped))
            return abs((there + back) / (there - back))
        if self.quantity == "conductance":
            pair = []
            for sign in (1, -1):
                t = {first: self.p[first] + sign * bias, second: self.p[second] - sign * bias}
                biased = build(self.p | t)
                pair.append(_current(biased, state(biased)))
            return (pair[0] - pair[1]) / (4 * bias)
        return QUANTITIES[self.quantity](model, state(model))


_SOLVED: dict[tuple[int, str], Any] = {}


def _mp_state(model: Model) -> Any:
    """The exact state; several quantities of one machine are asked for one after the other."""
    key = mp.mp.dps, repr(model)
    if key not in _SOLVED:
        _SOLVED.clear()
        _SOLVED[key] = mp_steady(model.h, channels_of(model))
    return _SOLVED[key]


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


def _pair(rho: Any) -> Any:
    """The first two qubits, the others traced out."""
    d = len(rho) if isinstance(rho, np.ndarray) else rho.rows
    rest = d // 4
    out = np.zeros((4, 4), dtype=complex) if isinstance(rho, np.ndarray) else mp.zeros(4)
    for i, j, k in itertools.product(range(4), range(4), range(rest)):
        out[i, j] += rho[i * rest + k, j * rest + k]
    return out


def _fidelity(model: Model, rho: Any) -> Any:
    """With (|100> - |010>)/sqrt(2)."""
    return mp.re(rho[3, 3] + rho[5, 5] - rho[3, 5] - rho[5, 3]) / 2


def _negativity(model: Model, rho: Any) -> Any:
    rho = _pair(rho)
    c, r1, r4 = abs(rho[1, 2]), mp.re(rho[0, 0]), mp.re(rho[3, 3])
    return max(0, mp.sqrt(4 * c**2 + (r1 - r4) ** 2) - r1 - r4) / 2


def _concurrence(model: Model, rho: Any) -> Any:
    rho = _pair(rho)
    return 2 * max(0, abs(rho[1, 2]) - mp.sqrt(max(0, mp.re(rho[0, 0]) * mp.re(rho[3, 3]))))


QUANTITIES: dict[str, Callable[[Model, Any], Any]] = {
    "J": _current,
    "entropy": _entropy,
    "population": _smallest,
    "negativity": _negativity,
    "concurrence": _concurrence,
    "fidelity": _fidelity,
    "coherence": lambda model, rho: abs(rho[1, 2]),
}
QTE: dict[str, Callable[[Any], Any]] = {
    "coherence": lambda m: abs(m.steady_state().rho[1, 2]),
    "J": lambda m: m.net_current(),
    "entropy": lambda m: m.entropy_production(),
    "population": lambda m: np.diagonal(m.steady_state().rho, axis1=-2, axis2=-1).real.min(),
    "negativity": lambda m: m.negativity(),
    "concurrence": lambda m: m.concurrence(),
    "contrast": lambda m: m.contrast(),
    "conductance": lambda m: m.conductance(),
    "fidelity": lambda m: m.fidelity("W"),
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
W = {"n": 2, "g": 0.05, "gamma": 0.1, "T": 1.0, "U": 5.0, "mu": 3.0, "mu_sink": 0.0}
LEVEL = {"mu": 0.3, "mu_3": 0.3}
CHAIN = {"gamma_L": 0.01, "gamma_R": 0.02, "T_L": 1.0, "T_R": 0.1}
NEAR = 0.7 - 1e-12


def _is_rare(name: str) -> bool:
    return name.startswith(("cold", "U =", "hot"))


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
        ("no bias", {"T_c": 0.7}, "conductance"),
        ("cold, no bias", {"T_h": 0.02, "T_c": 0.02}, "conductance"),
        ("no bias, Fermi", {"T_c": 0.7, "statistics_h": "fermi"}, "conductance"),
        ("no bias, link 1e-4", {"T_c": 0.7, "g": 1e-4}, "conductance"),
        ("no bias, couplings 1e-2 and 1e6", {"T_c": 0.7, "gamma_h": 1e-2, "gamma_c": 1e6}, "conductance"),
        ("no bias, couplings 1e-12 apart", {"T_c": 0.7, "gamma_h": 1e-6, "gamma_c": 1e6}, "conductance"),
        ("no bias, detuned, tunnelling", {"T_c": 0.7, "delta": 0.01, "kappa_h": 0.05}, "conductance"),
        ("bias 1e-8", {"T_c": 0.7 - 1e-8}, "coherence J"),
        ("bias 1e-8, detuned", {"T_c": 0.7 - 1e-8, "delta": 1e-3}, "coherence J"),
        ("hot, T = 1e8", {"T_h": 1e8}, "J"),
        ("hot, T = 1e16", {"T_h": 1e16}, "J population"),
        ("hot, T = 1e20", {"T_h": 1e20}, "J"),
        ("hot, T = 1e100", {"T_h": 1e100}, "J"),
        ("hot, both T = 1e16", {"T_h": 2e16, "T_c": 1e16}, "J"),
        ("hot, both T = 1e40", {"T_h": 2e40, "T_c": 1e40}, "J"),
        ("hot, Fermi, T = 1e20", {"T_h": 1e20, "statistics_h": "fermi"}, "J"),
        (
            "hot, both Fermi, T = 1e20",
            {"T_h": 2e20, "T_c": 1e20, "statistics_h": "fermi", "statistics_c": "fermi"},
            "J",
        ),
        ("tunnelling, couplings 1e-14", {"kappa_h": 0.1, "gamma_h": 1e-14, "gamma_c": 2e-14}, "J population"),
        ("tunnelling, couplings 1e-12 apart", {"kappa_h": 0.1, "gamma_h": 1e-13, "gamma_c": 1e-1}, "J population"),
    ),
    *_cases(
        "global", TwoQubitEngine, GLOBAL,
        ("cold", {"T_h": 0.012, "T_c": 0.01}, "J population"),
        ("bias 1e-12", {"T_c": NEAR}, "J entropy"),
        ("bias 1e-12, detuned", {"T_c": NEAR, "delta": 0.2}, "J"),
        ("couplings 1 and 1e-12", {"gamma_h": 1.0, "gamma_c": 1e-12}, "J"),
        ("no bias", {"T_c": 0.7}, "conductance"),
        ("cold, no bias", {"T_h": 0.02, "T_c": 0.02}, "conductance"),
        ("delta = g = 1e-9", {"g": 1e-9, "delta": 1e-9}, "J"),
        ("delta = 1e-7, g = 1e-5", {"g": 1e-5, "delta": 1e-7}, "J population"),
        ("hot, T = 1e16", {"T_h": 1e16}, "J"),
        ("no bias, couplings 1e-2 and 1e6", {"T_c": 0.7, "gamma_h": 1e-2, "gamma_c": 1e6}, "conductance"),
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
        ("no bias", LEVEL, "conductance"),
        ("no bias, couplings 1e-6 apart", LEVEL | {"gamma_1": 1e-4, "gamma_3": 1e2}, "conductance"),
        ("hot, T = 1e16", LEVEL | {"T_1": 1e16}, "J"),
    ),
    *_cases(
        "W state", WStateMachine, W,
        ("near the ideal limit", {"U": 15.0, "mu": 8.0}, "J population concurrence negativity fidelity"),
        ("nearer", {"U": 40.0, "mu": 20.0}, "J population concurrence fidelity"),
        ("cold, dark", {"T": 0.1, "mu": 3.5}, "J population concurrence fidelity"),
        ("cold, frozen", {"T": 0.03, "mu": 0.5}, "J population negativity"),
        ("potentials differ by 1e-12", {"mu": 0.3, "mu_sink": 0.3 + 1e-12}, "J entropy"),
        ("links 1e-9", {"g": 1e-9}, "J entropy"),
        ("couplings 1e-9", {"gamma": 1e-9}, "J concurrence"),
    ),
    *_cases(
        "junction", Junction, CHAIN,
        ("cold", {"T_L": 0.012, "T_R": 0.01}, "J population"),
        ("bias 1e-12", {"T_R": 1.0 - 1e-12}, "J entropy contrast"),
        ("couplings 1 and 1e-12", {"gamma_L": 1.0, "gamma_R": 1e-12}, "J"),
        ("no bias", {"T_R": 1.0}, "conductance"),
        ("cold, no bias", {"T_L": 0.02, "T_R": 0.02}, "conductance"),
    ),
    *_cases(
        "chain", SpinChain, CHAIN | {"N": 3, "g": 0.01},
        ("cold", {"T_L": 0.012, "T_R": 0.01}, "J population"),
        ("bias 1e-12", {"T_R": 1.0 - 1e-12}, "J entropy contrast"),
        ("links 1e-9", {"g": 1e-9}, "J"),
        ("no bias", {"T_R": 1.0}, "conductance"),
        ("no bias, links 1e-9", {"T_R": 1.0, "g": 1e-9}, "conductance"),
    ),
]  # fmt: skip
