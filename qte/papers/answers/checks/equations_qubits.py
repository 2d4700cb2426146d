"""Question 10 for two qubits: the equations against a hierarchy coded here, without QuTiP.

The tables of the figure, a level deeper, have QuTiP's equations and another solver.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import spsolve

from qte.exact.hierarchy import DrudeLorentzBath, OpenSystem
from qte.ledger.entries import judge
from qte.ledger.forms import fact, larger
from qte.ledger.judged import Found, found
from qte.papers.answers.models.two_qubits import EQUATIONS, TwoQubits, signed_negativity
from qte.physics.lamb_shift import lamb_shift

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

GAMMA, HOT, T_C, TERMS = 0.01, 0.1, 0.1, 7
HEAT: Final = (0.7, 2.0, 8.0)
COUPLING: Final = 0.25


def at(gamma: float, T_h: float, g: float = COUPLING, delta: float = 0.0) -> TwoQubits:
    """The figure's qubits; g and delta in units of the cold bath's rate."""
    return TwoQubits(g=g * gamma, delta=delta * gamma, gamma_h=HOT * gamma, gamma_c=gamma, T_h=T_h, T_c=T_C)


def by_hand(system: OpenSystem, terms: int = TERMS) -> tuple[float, Complex]:
    """Energy current out of bath "h" and state of a system in Drude-Lorentz baths, hierarchy of depth 2."""
    h = system.hamiltonian
    dim = len(h)
    size, one = dim * dim, np.eye(dim)

    def commutator(q: Complex) -> Any:
        return sparse.csr_matrix(np.kron(q, one) - np.kron(one, q.T))

    exponents: list[tuple[Any, Complex, complex, float]] = []
    free = -1j * commutator(h)
    for bath in system.environments:
        assert isinstance(bath, DrudeLorentzBath)
        exponents += [(bath.name, bath.operator, *part) for part in _pade(bath, terms)]
    labels = [
        pair for depth in range(3) for pair in combinations_with_replacement(range(len(exponents)), depth)
    ]
    place = {label: n for n, label in enumerate(labels)}
    blocks: list[list[Any]] = [[None] * len(labels) for _ in labels]
    for label, n in place.items():
        decay = sum(exponents[k][3] for k in label)
        blocks[n][n] = free - decay * sparse.eye(size)
        for k in set(label):
            lower = list(label)
            lower.remove(k)
            _, q, c, _ = exponents[k]
            down = c * np.kron(q, one) - np.conj(c) * np.kron(one, q.T)
            blocks[n][place[tuple(lower)]] = sparse.csr_matrix(-1j * label.count(k) * down)
            blocks[place[tuple(lower)]][n] = -1j * commutator(q)
    matrix = sparse.bmat(blocks).tolil()
    matrix[0] = 0
    matrix[0, np.arange(dim) * (dim + 1)] = 1
    right = np.zeros(matrix.shape[0], dtype=complex)
    right[0] = 1
    x = spsolve(matrix.tocsc(), right).reshape(-1, size)
    flow = sum(
        -1j * commutator(q) @ x[place[k,]] for k, (owner, q, _, _) in enumerate(exponents) if owner == "h"
    )
    return float(np.trace(h @ flow.reshape(dim, dim)).real), x[0].reshape(dim, dim)


def _pade(bath: DrudeLorentzBath, terms: int) -> list[tuple[complex, float]]:
    """Factors and rates of the exponentials of a bath's correlation function."""
    rates, residues = bose_poles(terms)
    rates = rates * bath.T
    scale = bath.strength * bath.cutoff
    factors = 4 * scale * bath.T * residues * rates / (rates**2 - bath.cutoff**2)
    slow = 2 * bath.T / bath.cutoff - (factors * bath.cutoff / rates).sum() / scale
    return [(scale * (slow - 1j), bath.cutoff), *zip(factors.astype(complex), rates, strict=True)]


def bose_poles(terms: int) -> tuple[Array, Array]:
    """xi and eta of ``1/(1 - exp(-x)) = 1/2 + 1/x + sum 2 eta x/(x^2 + xi^2)``, by Padé.

    J. Hu, M. Luo, F. Jiang, R.-X. Xu and Y. Yan, J. Chem. Phys. 134, 244106 (2011), the form [N - 1/N].
    """

    def roots(size: int, odd: int) -> Array:
        n = np.arange(1, size)
        beside = 1 / np.sqrt((2 * n + odd) * (2 * n + odd + 2))
        return np.asarray(2 / np.linalg.eigvalsh(np.diag(beside, 1) + np.diag(beside, -1))[::-1][: size // 2])

    poles, zeros = roots(2 * terms, 1), roots(2 * terms - 1, 3)
    residues = np.full(terms, terms**2 + 1.5 * terms)
    for j, pole in enumerate(poles):
        residues[j] *= np.prod(zeros**2 - pole**2) / np.prod(np.delete(poles, j) ** 2 - pole**2)
    return poles, residues


def errors(qubits: TwoQubits) -> dict[str, float]:
    """J and N of the hierarchy, and what every equation makes of them, as the table has it."""
    current, state = by_hand(qubits.open_system())
    out = {"J": current, "N": signed_negativity(state)}
    for equation in EQUATIONS:
        flow, rho = qubits.by(equation)
        out |= {f"J_{equation}": flow / current - 1, f"N_{equation}": signed_negativity(rho)}
    return out


def shifted_detuning(qubits: TwoQubits) -> float:
    """What the baths add to the detuning: the shift of the cold qubit's gap less that of the hot one's."""
    hot, cold = (
        float(np.diff(lamb_shift(qubits.bath(label), np.array([-1.0, 1.0])))[0]) for label in ("h", "c")
    )
    return cold - hot


def _at_shifted_gaps(qubits: TwoQubits) -> float:
    """Part of J that the local equation misses at the gaps that the baths make."""
    flow, _ = replace(qubits, delta=qubits.delta + shifted_detuning(qubits)).by("local")
    return abs(flow / by_hand(qubits.open_system())[0] - 1)


@judge("q10-two-qubits")
def two_qubits(rng: Generator) -> Found:
    here = {T_h: errors(at(GAMMA, T_h)) for T_h in HEAT}
    slow = errors(at(GAMMA / 10, HEAT[1]))
    hottest = at(GAMMA, HEAT[-1])
    moved = shifted_detuning(hottest)
    at_moved, at_moved_slow = (_at_shifted_gaps(at(gamma, HEAT[-1])) for gamma in (GAMMA, GAMMA / 10))
    missed = {T_h: here[T_h]["N_shifted"] - here[T_h]["N"] for T_h in HEAT}
    order = float(np.log10(missed[HEAT[1]] / (slow["N_shifted"] - slow["N"])))
    coarse, _ = by_hand(hottest.open_system(), TERMS - 2)
    hot, warm, cool = (here[T_h] for T_h in reversed(HEAT))
    no_shift = np.array([abs(hot[f"J_{name}"]) for name in ("local", "partial", "secular", "redfield")])
    with_shift = abs(hot["J_shifted"])
    return found(
        larger("without the Lamb shift no equation is within a fifth", error=no_shift, bound=0.2),
        larger("with it the Redfield equation is within a hundredth", bound=0.01, error=with_shift),
        larger(
            "what the local one at the shifted gaps misses falls with γ", before=at_moved, after=at_moved_slow
        ),
        fact(
            "what the local equation misses at a fixed g/γ stays as γ vanishes",
            abs(slow["J_local"] / warm["J_local"] - 1) < 0.2,
            before=warm["J_local"],
            after=slow["J_local"],
        ),
        larger(
            "what the shifted one misses falls", before=abs(warm["J_shifted"]), after=abs(slow["J_shifted"])
        ),
        larger("all of them have too much negativity", shifted=np.array(list(missed.values())), none=0.0),
        fact("by a part of first order in γ", abs(order - 1) < 0.05, order=order),
        larger("two terms less change the current less", bound=2e-3, change=abs(coarse / hot["J"] - 1)),
        gamma=GAMMA,
        g=COUPLING,
        hot=HOT,
        T_hot=HEAT[-1],
        T_warm=HEAT[1],
        T_cool=HEAT[0],
        local=abs(hot["J_local"]),
        redfield=abs(hot["J_redfield"]),
        shifted=with_shift,
        moved=moved / GAMMA,
        at_moved=at_moved,
        at_moved_slow=at_moved_slow,
        warm=abs(warm["J_local"]),
        slow=abs(slow["J_local"]),
        slow_gamma=GAMMA / 10,
        cool=abs(cool["J_local"]),
        cool_shifted=abs(cool["J_shifted"]),
        N=warm["N"],
        claimed=warm["N_shifted"],
        N_hot=hot["N"],
        claimed_hot=hot["N_shifted"],
        order=order,
        change=abs(coarse / hot["J"] - 1),
    )
