"""The second method: dense matrices in numerical eigenstates of H_S, no angle, no block, no elimination.

Also the equations next to the paper's own: without the secular approximation (Redfield), and the local one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from qte.common import elementary as el
from qte.ledger import second
from qte.papers.man2019.checks.trials import Array, Complex, Point

DENSE: Final = "null vector of the dense 16 × 16 Liouvillian in numerical eigenstates of H_S"
LOWER: Final = {"A": second.lower(0, 2), "B": second.lower(1, 2)}
Parts = dict[tuple[str, int], Complex]


def hamiltonian(p: Point) -> Complex:
    """H_S, shape (..., 4, 4)."""
    parts = (
        (p["eps_A"], second.number(0, 2)),
        (p["eps_B"], second.number(1, 2)),
        (p["Omega"], second.exchange(0, 1, 2)),
    )
    return np.asarray(sum(np.asarray(value)[..., None, None] * matrix for value, matrix in parts))


def frequencies_and_jumps(p: Point) -> tuple[dict[int, Array], Parts]:
    """omega_j and V_{mu,j} from numerical eigenstates, shapes (...) and (..., 4, 4).

    In ascending order the levels are lambda_4, lambda_3, lambda_2, lambda_1.
    """
    energy, ket = np.linalg.eigh(hamiltonian(p))
    omega = {1: energy[..., 1] - energy[..., 0], 2: energy[..., 2] - energy[..., 0]}
    jumps = {}
    for label, lowering in LOWER.items():
        inner = ket.conj().swapaxes(-1, -2) @ lowering @ ket
        for j, places in ((1, ((0, 1), (2, 3))), (2, ((0, 2), (1, 3)))):
            kept = np.zeros((4, 4))
            for row, column in places:
                kept[row, column] = 1.0
            jumps[label, j] = ket @ (inner * kept) @ ket.conj().swapaxes(-1, -2)
    return omega, jumps


def occupation(omega: Any, T: Any) -> Array:
    """Bose-Einstein distribution; 0 at T = 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(1 / el.expm1(np.asarray(omega) / np.asarray(T)))


def parts_of(p: Point, *, collective: bool = True) -> dict[str, list[dict[int, Complex]]]:
    """Operators sqrt(Gamma) V_j of each reservoir; R_C without its cross terms if not `collective`."""
    _, jumps = frequencies_and_jumps(p)
    found: dict[str, list[dict[int, Complex]]] = {
        k: [{j: np.sqrt(p[f"Gamma_{k}"])[..., None, None] * jumps[k, j] for j in (1, 2)}] for k in "AB"
    }
    own = [{j: np.sqrt(p[f"Gamma_C{k}"])[..., None, None] * jumps[k, j] for j in (1, 2)} for k in "AB"]
    found["C"] = [{j: own[0][j] + own[1][j] for j in (1, 2)}] if collective else own
    return found


def dense_jumps(p: Point, *, collective: bool = True) -> dict[str, list[tuple[Any, Complex]]]:
    """Rates and jump operators of each reservoir, emission and absorption at omega_1, then at omega_2."""
    omega, _ = frequencies_and_jumps(p)
    found: dict[str, list[tuple[Any, Complex]]] = {}
    for label, couplings in parts_of(p, collective=collective).items():
        found[label] = []
        for jumps in couplings:
            for j in (1, 2):
                n = occupation(omega[j], p[f"T_{label}"])
                found[label] += [(2 * (n + 1), jumps[j]), (2 * n, jumps[j].conj().swapaxes(-1, -2))]
    return found


def redfield(p: Point, label: str) -> Complex:
    """Dissipator of one reservoir without the secular approximation, shape (..., 16, 16).

    Sum over j, k of ``(n_j + 1)(V_j rho V_k^+ - V_k^+ V_j rho) + n_j(V_j^+ rho V_k - V_k V_j^+ rho) + h.c.``; the
    flat spectral density of the paper, and no Lamb shift, as there.
    """
    omega, _ = frequencies_and_jumps(p)
    (jumps,) = parts_of(p)[label]
    one, total = np.eye(4), np.zeros((*np.shape(omega[1]), 16, 16), dtype=complex)
    for j in (1, 2):
        n = occupation(omega[j], p[f"T_{label}"])[..., None, None]
        for k in (1, 2):
            for weight, x, y in ((n + 1, jumps[j], jumps[k]), (n, _dagger(jumps[j]), _dagger(jumps[k]))):
                loss = _dagger(y) @ x
                half = _kron(x, y.conj()) - _kron(loss, one)
                other = _kron(y, x.conj()) - _kron(one, loss.conj())
                total = total + weight * (half + other)
    return total


def apply(h: Complex, jumps: Any, rho: Complex) -> Complex:
    """A dense superoperator on states, shape (n, 4, 4)."""
    flat = second.liouvillian(h, jumps) @ rho.reshape(-1, 16, 1)
    return np.asarray(flat[..., 0].reshape(rho.shape))


def dephasing_jumps(gamma: Any) -> list[tuple[Any, Complex]]:
    """Eq. (21) as jump operators."""
    z, one = np.diag([1.0, -1.0]), np.eye(2)
    return [(gamma, np.kron(*pair).astype(np.complex128)) for pair in ((z, one), (one, z))]


@dataclass(frozen=True)
class Again:
    """State and heat currents from the second formulation."""

    rho: Complex
    Q: Mapping[str, Array]

    @property
    def signed(self) -> Array:
        """Eq. (17) without its ``max``."""
        outer = np.sqrt(np.abs(self.rho[..., 0, 0] * self.rho[..., 3, 3]))
        return np.asarray(2 * (np.abs(self.rho[..., 1, 2]) - outer))


def again(p: Point, *, common: bool = True, collective: bool = True, secular: bool = True) -> Again:
    """One or many machines once more; without the secular approximation if asked."""
    if not common:
        p = {**p, "Gamma_CA": 0.0, "Gamma_CB": 0.0}
    h = hamiltonian(p)
    pure = dephasing_jumps(p["dephasing"]) if "dephasing" in p else []
    if secular:
        jumps = dense_jumps(p, collective=collective)
        rho = second.steady(h, [*jumps["A"], *jumps["B"], *jumps["C"], *pure])
        return Again(rho, {label: second.energy_flow(h, jumps[label], rho) for label in "ABC"})
    baths = {label: redfield(p, label) for label in "ABC"}
    rho = second.null(second.liouvillian(h, pure) + sum(baths.values()))
    flat = rho.reshape(*rho.shape[:-2], 16, 1)
    change = {label: (bath @ flat)[..., 0].reshape(rho.shape) for label, bath in baths.items()}
    return Again(rho, {k: np.einsum("...ij,...ji->...", h, v).real for k, v in change.items()})


def gain_again(p: Point) -> Array:
    """Change of the concurrence by R_C, shape (...)."""
    with_it, without = (again(p, common=common).signed for common in (True, False))
    return np.asarray(np.maximum(with_it, 0) - np.maximum(without, 0))


def distance(a: Complex, b: Complex) -> Array:
    """Trace distance, shape (...)."""
    return np.asarray(np.abs(np.linalg.eigvalsh(a - b)).sum(axis=-1) / 2)


def concurrence_of(factor: Complex) -> Array:
    """Wootters' concurrence of ``factor @ factor^+``, shape (...).

    From singular values, which keep the small ones that eigenvalues of rho rho~ lose.
    """
    flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
    values = np.linalg.svd(factor.swapaxes(-1, -2) @ flip @ factor, compute_uv=False)
    return np.asarray(np.maximum(0.0, values[..., 0] - values[..., 1:].sum(axis=-1)))


def _dagger(a: Complex) -> Complex:
    return np.asarray(a.conj().swapaxes(-1, -2))


def _kron(a: Any, b: Any) -> Complex:
    product = np.einsum("...ij,...kl->...ikjl", a, b)
    return np.asarray(product.reshape(*product.shape[:-4], 16, 16))
