"""A second formulation for verdicts that find fault: dense Liouvillians in plain NumPy.

Nothing here calls the rest of qte.  Units: hbar = k_B = 1; |1> = (1, 0) is excited, index 0 is |1…1>.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
# (rate of shape (...), jump operator of shape (..., d, d))
Jumps = Sequence[tuple[ArrayLike, Complex]]


def lower(site: int, qubits: int) -> Complex:
    """sigma_- of one of several qubits (counted from 0), shape (2^n, 2^n)."""
    out = np.ones((1, 1), dtype=complex)
    for k in range(qubits):
        out = np.kron(out, np.array([[0, 0], [1, 0]]) if k == site else np.eye(2))
    return out


def number(site: int, qubits: int) -> Complex:
    """sigma_+ sigma_- of one qubit."""
    a = lower(site, qubits)
    return np.asarray(a.conj().T @ a)


def exchange(first: int, second: int, qubits: int) -> Complex:
    """sigma_+ sigma_- + sigma_- sigma_+ of two qubits."""
    a, b = lower(first, qubits), lower(second, qubits)
    return np.asarray(a.conj().T @ b + b.conj().T @ a)


def thermal_rates(
    energy: ArrayLike, temperature: ArrayLike, gamma: ArrayLike, statistics: str = "bose"
) -> tuple[Array, Array]:
    """(emission, absorption) from the textbook occupations; T > 0."""
    x = np.asarray(energy) / np.asarray(temperature)
    sign = 1 if statistics == "bose" else -1
    n = 1 / (el.exp(x) - sign)
    return np.asarray(gamma * (1 + sign * n)), np.asarray(gamma * n)


def two_level_jumps(
    lowering: Complex, energy: ArrayLike, temperature: ArrayLike, gamma: ArrayLike, statistics: str = "bose"
) -> list[tuple[Array, Complex]]:
    """Emission and absorption of one bath through one jump operator."""
    down, up = thermal_rates(energy, temperature, gamma, statistics)
    return [(down, lowering), (up, lowering.conj().swapaxes(-1, -2))]


def secular_jumps(
    hamiltonian: Complex, coupling: Complex, temperature: float, gamma: float, statistics: str = "bose"
) -> list[tuple[Array, Complex]]:
    """Jumps between eigenstates of one Hamiltonian, one operator a frequency; scalar parameters."""
    energies, states = np.linalg.eigh(hamiltonian)
    parts: dict[float, Complex] = {}
    for a in range(len(energies)):
        for b in range(len(energies)):
            amplitude = states[:, a].conj() @ coupling @ states[:, b]
            gap = energies[b] - energies[a]
            if abs(amplitude) > 1e-14 and gap > 0:
                key = next((w for w in parts if abs(w - gap) < 1e-9), float(gap))
                parts[key] = parts.get(key, 0) + amplitude * np.outer(states[:, a], states[:, b].conj())
    found: list[tuple[Array, Complex]] = []
    for gap, jump in parts.items():
        found += two_level_jumps(jump, gap, temperature, gamma, statistics)
    return found


def liouvillian(hamiltonian: Complex, jumps: Jumps) -> Complex:
    """Superoperator on row-major vectorised states, shape (..., d^2, d^2)."""
    one = np.eye(hamiltonian.shape[-1])
    total = -1j * (_kron(hamiltonian, one) - _kron(one, hamiltonian.swapaxes(-1, -2)))
    for rate, jump in jumps:
        decay = jump.conj().swapaxes(-1, -2) @ jump
        part = _kron(jump, jump.conj()) - (_kron(decay, one) + _kron(one, decay.swapaxes(-1, -2))) / 2
        total = total + np.asarray(rate)[..., None, None] * part
    return np.asarray(total)


def steady(hamiltonian: Complex, jumps: Jumps) -> Complex:
    """Steady state by dense LU, the first row replaced by the trace, shape (..., d, d)."""
    return null(liouvillian(hamiltonian, jumps))


def null(matrix: Complex) -> Complex:
    """State of trace one that a superoperator on row-major states annihilates, shape (..., d, d)."""
    d = round(matrix.shape[-1] ** 0.5)
    matrix = matrix / np.abs(matrix).max(axis=(-1, -2), keepdims=True)
    matrix[..., 0, :] = np.eye(d).reshape(-1)
    right = np.zeros((*matrix.shape[:-1], 1), dtype=complex)
    right[..., 0, 0] = 1
    rho = np.linalg.solve(matrix, right)[..., 0]
    return np.asarray(rho.reshape(*rho.shape[:-1], d, d))


def energy_flow(hamiltonian: Complex, jumps: Jumps, rho: Complex) -> Array:
    """Tr[H D rho] of some jumps, shape (...)."""
    change = np.zeros_like(rho)
    for rate, jump in jumps:
        dagger = jump.conj().swapaxes(-1, -2)
        decay = dagger @ jump
        part = jump @ rho @ dagger - (decay @ rho + rho @ decay) / 2
        change = change + np.asarray(rate)[..., None, None] * part
    return np.asarray(np.einsum("...ij,...ji->...", hamiltonian, change).real)


def negativity(rho: Complex) -> Array:
    """Two qubits: sum of the moduli of the negative eigenvalues of the partial transpose, shape (...)."""
    split = rho.reshape(*rho.shape[:-2], 2, 2, 2, 2)
    values = np.linalg.eigvalsh(split.swapaxes(-3, -1).reshape(rho.shape))
    return np.asarray(-np.minimum(values, 0.0).sum(axis=-1))


def concurrence(rho: Complex) -> Array:
    """Two qubits: Wootters' formula, shape (...)."""
    flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
    values = np.linalg.eigvals(rho @ flip @ rho.conj() @ flip)
    roots = np.sort(np.sqrt(np.maximum(values.real, 0.0)), axis=-1)
    return np.asarray(np.maximum(0.0, roots[..., 3] - roots[..., :3].sum(axis=-1)))


def _kron(a: Complex | Array, b: Complex | Array) -> Complex:
    product = np.einsum("...ij,...kl->...ikjl", a, b)
    d = a.shape[-1] * b.shape[-1]
    return np.asarray(product.reshape(*product.shape[:-4], d, d), dtype=complex)
