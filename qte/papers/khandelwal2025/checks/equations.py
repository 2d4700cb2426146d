"""The numbered equations of khandelwal2025 for three and two qubits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.ledger import second
from qte.ledger.entries import judge
from qte.ledger.forms import equals
from qte.ledger.judged import Found, found
from qte.machines.three_qubit import ThreeQubitMachine
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025 import equations as eq
from qte.papers.khandelwal2025.parts import DRAWS, INF, Array, Complex, log_draws, signed_draws

Points = dict[str, Any]


def _machines(rng: Generator) -> Points:
    """Draws far beyond the figures: both signs of the couplings and potentials, all parameters asymmetric."""
    drawn = {
        "eps": log_draws(rng, 0.3, 3.0),
        "g13": signed_draws(rng, 1e-3, 0.5),
        "g23": signed_draws(rng, 1e-3, 0.5),
    }
    drawn |= {name: log_draws(rng, 1e-3, 1.0) for name in ("gamma_1", "gamma_3")}
    drawn |= {name: log_draws(rng, 0.3, 20.0) for name in ("T_1", "T_3")}
    bounds = {"U": (0.0, 20.0), "mu": (-5.0, 20.0), "mu_3": (-5.0, 5.0)}
    return drawn | {name: rng.uniform(*ends, DRAWS) for name, ends in bounds.items()}


def _states(rng: Generator, d: int) -> Complex:
    """Random density matrices, shape (DRAWS, d, d)."""
    a = el.normal(rng, (DRAWS, d, d)) + 1j * el.normal(rng, (DRAWS, d, d))
    rho = a @ np.swapaxes(a.conj(), -1, -2)
    return np.asarray(rho / np.trace(rho, axis1=-2, axis2=-1)[:, None, None])


def _each(function: Callable[..., Array], p: Points, *names: str) -> Array:
    """A printed function of numbers at every draw."""
    return np.array([function(**{name: float(p[name][k]) for name in names}) for k in range(DRAWS)])


def _apply(matrix: Complex, rho: Complex) -> Complex:
    return np.asarray(
        np.einsum("...ij,...j->...i", matrix, rho.reshape(*rho.shape[:-2], -1)).reshape(rho.shape)
    )


def _printed_reservoirs(p: Points, k: int, rho: Complex) -> tuple[Complex, Complex]:
    row = {name: float(values[k]) for name, values in p.items()}
    shared = row["eps"], row["U"]
    first = eq.eq02_reservoir(rho, 1, *shared, row["mu"], row["T_1"], row["gamma_1"])
    return first, eq.eq02_reservoir(rho, 3, *shared, row["mu_3"], row["T_3"], row["gamma_3"])


@judge("eq-1")
def eq01(rng: Generator) -> Found:
    p = _machines(rng)
    printed = _each(eq.eq01_hamiltonian, p, "eps", "g13", "g23", "U")
    built, _ = dense.three_qubits(**p)
    scale = np.maximum(p["eps"], p["U"])[:, None, None]
    return found(equals("entries of H against a sum of repulsions of pairs", printed, built, p, scale=scale))


@judge("eq-2")
def eq02(rng: Generator) -> Found:
    p, rho = _machines(rng), _states(rng, 8)
    h = _each(eq.eq01_hamiltonian, p, "eps", "g13", "g23", "U")
    open_part = np.array([sum(_printed_reservoirs(p, k, rho[k])) for k in range(DRAWS)])
    built, jumps = dense.three_qubits(**p)
    again = _apply(second.liouvillian(built, jumps[1] + jumps[3]), rho)
    scale = np.abs(h).max(axis=(1, 2))[:, None, None]
    return found(
        equals("dρ/dt of random states", -1j * (h @ rho - rho @ h) + open_part, again, p, scale=scale)
    )


@judge("eq-4")
def eq04(rng: Generator) -> Found:
    cold = log_draws(rng, 0.05, 20.0)
    p = {name: signed_draws(rng, 1e-2, 0.5) for name in ("g13", "g23")}
    p |= {name: log_draws(rng, 1e-3, 1.0) for name in ("gamma_1", "gamma_3")}
    # the sink's reservoir from nearly full to empty at eps = 1
    p |= {"T_1": log_draws(rng, 0.05, 20.0), "T_3": cold, "mu_3": 1.0 - cold * rng.uniform(-5.0, 30.0, DRAWS)}
    rho = ThreeQubitMachine(**p, U=INF, mu=INF).steady_state().rho
    states = _each(eq.eq04_state, p, "g13", "g23")
    printed = np.einsum("ki,kj->kij", states, states)
    return found(equals("all 64 entries of the steady state in the limit", printed, rho, p, scale=1.0))


@judge("the-angle")
def angle(rng: Generator) -> Found:
    p = {name: signed_draws(rng, 1e-2, 0.5) for name in ("g13", "g23")}
    states, theta = _each(eq.eq04_state, p, "g13", "g23"), el.arctan(p["g13"] / p["g23"])
    turned = np.zeros((DRAWS, 8))
    turned[:, 3], turned[:, 5] = el.cos(theta), -el.sin(theta)
    first, other = (np.einsum("ki,kj->kij", psi, psi) for psi in (turned, states))
    return found(equals("projectors of both forms", first, other, p, scale=1.0))


@judge("eq-5")
def eq05(rng: Generator) -> Found:
    p = {"eps": log_draws(rng, 0.01, 10.0), "g": signed_draws(rng, 1e-3, 10.0)}
    scale = np.maximum(p["eps"], np.abs(p["g"]))[:, None, None]
    printed = _each(eq.eq05_hamiltonian, p, "eps", "g")
    return found(equals("entries of H", printed, _two_qubit_hamiltonian(p), p, scale=scale))


@judge("eq-6")
def eq06(rng: Generator) -> Found:
    c = el.normal(rng, (DRAWS, 8))
    printed, built = (
        np.einsum("kj,jab->kab", c, np.array(jumps)) for jumps in (eq.eq06_jumps(), _two_qubit_jumps())
    )
    weights = {f"c_{k + 1}": c[:, k] for k in range(8)}
    return found(equals("random combinations of the eight operators", printed, built, weights, scale=1.0))


@judge("eq-7")
def eq07(rng: Generator) -> Found:
    return _two_qubit_change(rng, 8)


@judge("eq-8")
def eq08(rng: Generator) -> Found:
    return _two_qubit_change(rng, 4)


@judge("eq-9")
def eq09(rng: Generator) -> Found:
    p, random = _machines(rng), _states(rng, 8)
    machine = ThreeQubitMachine(**p)
    h = _each(eq.eq01_hamiltonian, p, "eps", "g13", "g23", "U")
    steady, mixed = (
        np.array(
            [
                [eq.eq09_energy_current(h[k], part) for part in _printed_reservoirs(p, k, rho[k])]
                for k in range(DRAWS)
            ]
        )
        for rho in (machine.steady_state().rho, random)
    )
    currents = np.stack([machine.heat_current(1), machine.heat_current(3)], axis=1)
    built, jumps = dense.three_qubits(**p)
    change = _apply(second.liouvillian(built, jumps[1] + jumps[3]), random)
    energy = np.einsum("kij,kji->k", built, change).real
    size = np.abs(built).max(axis=(1, 2)) * (p["gamma_1"] + p["gamma_3"])
    return found(
        equals("Q_1 and Q_3 in the steady state", steady, currents, p, scale=size[:, None]),
        equals("Q_1 + Q_3 of random states is d⟨H⟩/dt", mixed.sum(axis=1), energy, p, scale=size),
    )


def _two_qubit_hamiltonian(p: Points) -> Complex:
    number = second.number(0, 2) + second.number(1, 2)
    h = p["eps"][:, None, None] * number + p["g"][:, None, None] * second.exchange(0, 1, 2)
    return np.asarray(h, dtype=complex)


def _two_qubit_jumps() -> list[Complex]:
    """All jumps of one qubit beside a definite state of the other, in the order of eq. (6)."""
    one = [second.number(k, 2) for k in range(2)]
    no = [np.eye(4) - n for n in one]
    down = [second.lower(k, 2) for k in range(2)]
    up = [a.conj().T for a in down]
    excite, relax = (up[0] @ no[1], up[1] @ no[0]), (down[0] @ one[1], down[1] @ one[0])
    leave, fill = (down[0] @ no[1], down[1] @ no[0]), (up[1] @ one[0], up[0] @ one[1])
    return [*excite, *relax, *leave, *fill]


def _two_qubit_change(rng: Generator, count: int) -> Found:
    p = {"eps": log_draws(rng, 0.01, 10.0), "g": signed_draws(rng, 1e-3, 10.0)}
    rates = np.zeros((8, DRAWS))
    rates[:count] = [log_draws(rng, 1e-3, 10.0) for _ in range(count)]
    rho, h = _states(rng, 4), _each(eq.eq05_hamiltonian, p, "eps", "g")
    matrices = np.array([eq.eq07_liouvillian(h[k], list(rates[:, k])) for k in range(DRAWS)])
    jumps = list(zip(rates[:count], _two_qubit_jumps()[:count], strict=True))
    again = _apply(second.liouvillian(_two_qubit_hamiltonian(p), jumps), rho)
    points = p | {f"gamma_{j + 1}": rates[j] for j in range(count)}
    return found(equals("dρ/dt of random states", _apply(matrices, rho), again, points, scale=10.0))
