r"""Steady states from products of d x d matrices alone, for generic operators.

``L rho = K rho + rho K^+ + G rho`` with the gain G of all jumps.  The first two terms are a
Sylvester equation, which a Schur form of K solves in d**3 operations; GMRES on
``rho + (K . + . K^+)^-1 G rho = 0`` then needs some tens of steps, as the map that it looks for
the fixed point of is that from one jump to the next.  The kernel is looked at from two random
states: where there is more than one steady state, each remembers its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack, schur
from scipy.sparse.linalg import LinearOperator, gmres

from qte.common.errors import IllConditioned, NonUniqueSteadyState
from qte.physics.generators import Generator
from qte.physics.terms import Terms
from qte.solver.limits import DENSE_LIMIT, FULL_EQUATIONS, FULL_ROW

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Steps of GMRES between restarts, and restarts.
STEPS, RESTARTS = 100, 5
# What the first and the second pass are to leave of the defect that they start from.
PASSES = (1e-11, 1e-3)
# Residuals, relative to |L| |rho|, that count as solved; distance of two answers that are one.
SOLVED, ALIKE = 1e-11, 1e-7
# Decay rates below this, relative to |K|, leave the Sylvester equation without an answer: it is shifted by so much.
SLOW, SHIFT = 1e-9, 1e-2


@dataclass(frozen=True, eq=False)
class Equation:
    """One grid point of a generator as dense matrices.

    Parameters
    ----------
    drift : ndarray, shape (d, d)
        K.
    gains : list of (ndarray, ndarray), shapes (d, d)
        Pairs (A, B) of ``(A rho B^+ + B rho A^+)/2``.
    """

    drift: Complex
    gains: list[tuple[Complex, Complex]]

    @classmethod
    def of(cls, generator: Generator, point: int) -> Equation:
        """At a point counted in C order of the grid."""

        def at(terms: Terms) -> Complex:
            total = np.zeros((generator.dim,) * 2, dtype=complex)
            for term in terms:
                total += _value(term.coefficient, generator, point) * term.operator.toarray()
            return total

        drift = -1j * at(generator.hamiltonian)
        gains = []
        for channel in generator.channels:
            rate, jump = _value(channel.rate, generator, point), at(channel.jump)
            if rate != 0:
                partner = jump if channel.partner is None else at(channel.partner)
                gains.append((rate * jump, partner))
                drift -= 0.5 * rate * (partner.conj().T @ jump)
        return cls(drift, gains)

    def gain(self, rho: Complex) -> Complex:
        """``G rho`` of a Hermitian rho."""
        half = sum((a @ rho @ b.conj().T for a, b in self.gains), np.zeros_like(rho))
        return np.asarray((half + half.conj().T) / 2)

    def change(self, rho: Complex) -> Complex:
        """``L rho`` of a Hermitian rho."""
        half = self.drift @ rho
        return np.asarray(half + half.conj().T + self.gain(rho))

    @cached_property
    def size(self) -> float:
        """What ``L rho`` adds up, at most, in units of rho."""
        lost = 2 * np.abs(self.drift).sum(axis=1).max()
        won = sum(np.abs(a).sum(axis=1).max() * np.abs(b).sum(axis=1).max() for a, b in self.gains)
        return float(lost + won)

    @cached_property
    def _schur(self) -> tuple[Complex, Complex, float]:
        """Triangle and unitary of K, and what it was shifted by to be invertible as a Sylvester operator."""
        triangle, unitary = schur(self.drift, output="complex")
        slowest, scale = -np.diagonal(triangle).real.max(), np.abs(triangle).max()
        shift = SHIFT * scale if slowest < SLOW * scale else 0.0
        return triangle - shift * np.eye(len(triangle)), unitary, shift

    def without_gain(self, source: Complex) -> Complex:
        """X of ``K X + X K^+ = source`` (K shifted where a state does not decay)."""
        triangle, unitary, _ = self._schur
        inner = unitary.conj().T @ source @ unitary
        found, scale, _ = lapack.ztrsyl(triangle, triangle, inner, tranb="C")
        return np.asarray(unitary @ (found / scale) @ unitary.conj().T)

    def to_next(self, rho: Complex) -> Complex:
        """``rho + (K . + . K^+)^-1 G rho``, 0 for a steady state; a Hermitian rho."""
        shift = self._schur[2]
        return rho + self.without_gain(self.gain(rho) + 2 * shift * rho)


def applies(generator: Generator) -> bool:
    """Whether the equations would be too full to be written down, or to be solved by LU if they were."""
    dim = generator.dim
    entries = 2 * dim * sum(t.operator.nnz for t in generator.hamiltonian)
    for channel in generator.channels:
        jump, partner = (
            sum(t.operator.nnz for t in terms) for terms in (channel.jump, channel.partner or channel.jump)
        )
        entries += 2 * jump * partner
    return entries > FULL_EQUATIONS or (dim**2 > DENSE_LIMIT and entries > FULL_ROW * dim**2)


def steady(generator: Generator, point: int) -> tuple[Complex, float]:
    """Steady state and residual at one grid point (counted in C order), in the frame of the terms.

    Raises
    ------
    NonUniqueSteadyState
        Two random states lead to different ones.
    IllConditioned
        GMRES does not converge.
    """
    equation = Equation.of(generator, point)
    position = tuple(int(i) for i in np.unravel_index(point, generator.shape))
    rng = np.random.default_rng(generator.dim)
    found = [_from(equation, _random_state(rng, generator.dim)) for _ in range(2)]
    residuals = [
        float(np.abs(equation.change(rho)).max() / (equation.size * np.abs(rho).max())) for rho in found
    ]
    if not max(residuals) < SOLVED:
        raise IllConditioned(f"GMRES did not converge: residual {max(residuals):.1e}", [position])
    if np.abs(found[0] - found[1]).max() > ALIKE * np.abs(found[0]).max():
        raise NonUniqueSteadyState(2, [position], ", at least")
    best = int(np.argmin(residuals))
    return found[best], residuals[best]


def _from(equation: Equation, start: Complex) -> Complex:
    """The fixed point that GMRES reaches from a state, and once more from what it found."""
    dim = len(start)

    def defect(vector: Array) -> Array:
        return _packed(equation.to_next(_unpacked(vector, dim)))

    operator: Any = LinearOperator((dim**2, dim**2), matvec=defect, dtype=float)
    rho = start
    for share in PASSES:
        step, _ = gmres(operator, -defect(_packed(rho)), rtol=share, restart=STEPS, maxiter=RESTARTS)
        rho = rho + _unpacked(step, dim)
        rho = rho / np.trace(rho).real
    return rho


def _packed(rho: Complex) -> Array:
    """A Hermitian matrix as d**2 numbers: real parts on and above the diagonal, imaginary parts below."""
    return np.asarray((np.triu(rho.real) + np.tril(rho.imag, -1)).ravel())


def _unpacked(vector: Array, dim: int) -> Complex:
    """What `_packed` packed."""
    square = vector.reshape(dim, dim)
    above, below = np.triu(square, 1), np.tril(square, -1)
    return np.asarray(np.diag(square.diagonal()) + above + above.T + 1j * (below - below.T))


def _random_state(rng: np.random.Generator, dim: int) -> Complex:
    root = rng.normal(size=(dim, dim)) + 1j * rng.normal(size=(dim, dim))
    state = root @ root.conj().T
    return np.asarray(state / np.trace(state).real)


def _value(coefficient: Any, generator: Generator, point: int) -> float:
    return float(np.broadcast_to(coefficient, generator.shape).flat[point])
