"""The plain way to a steady state: the full Liouvillian by `np.kron`, its null vector by SVD.

Slow, short, and independent of `qte.solver.blocks`, `qte.solver.elimination` and `qte.solver.steady`: what
`qte.testing` holds every machine against. One grid point at a time.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.physics.generators import Channel, Generator, Term

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# A singular value below this fraction of the largest counts as zero.
ZERO = 1e-13
ROUND_OFF = 1e-14


@dataclass(frozen=True, eq=False)
class Dissipator:
    """``rate * D[jump]``; with a `partner` the bilinear form of a Redfield equation; shapes (d, d)."""

    rate: float
    jump: Complex
    partner: Complex | None = None

    def of(self, rho: Complex) -> Complex:
        """D[rho], shape (d, d)."""
        a, b = self.jump, self._other
        gain = a @ rho @ b.conj().T + b @ rho @ a.conj().T
        loss = b.conj().T @ a @ rho + rho @ a.conj().T @ b
        return np.asarray(self.rate * (gain - loss) / 2)

    def superoperator(self) -> Complex:
        """The same on row-stacked states, shape (d**2, d**2)."""
        a, b, one = self.jump, self._other, np.eye(len(self.jump))
        gain = np.kron(a, b.conj()) + np.kron(b, a.conj())
        loss = np.kron(b.conj().T @ a, one) + np.kron(one, (a.conj().T @ b).T)
        return np.asarray(self.rate * (gain - loss) / 2)

    def flow(self, rho: Complex) -> float:
        """Jumps per time, ``rate Tr[A^+ A rho]``."""
        return float(np.abs(self.rate * np.trace(self._other.conj().T @ self.jump @ rho)))

    @property
    def _other(self) -> Complex:
        return self.jump if self.partner is None else self.partner


@dataclass(frozen=True, eq=False)
class DenseModel:
    """A master equation at one point: H, shape (d, d), and dissipators by reservoir (None: dephasing).

    `energy`, shape (d, d), is what heat is measured with, if that is not H.
    """

    hamiltonian: Complex
    dissipators: Mapping[Hashable, Sequence[Dissipator]]
    energy: Complex | None = None

    @classmethod
    def of(cls, generator: Generator, point: int = 0) -> DenseModel:
        """A generator at one point of its grid (counted in C order), in the computational basis."""
        frame = np.eye(generator.dim)
        if generator.frame is not None:
            whole = np.broadcast_to(generator.frame, (*generator.shape, *generator.frame.shape[-2:]))
            frame = whole.reshape(-1, generator.dim, generator.dim)[point]

        def summed(terms: Sequence[Term]) -> Complex:
            total = np.zeros((generator.dim,) * 2, dtype=complex)
            for term in terms:
                total += _at(term.coefficient, generator.shape, point) * term.operator.toarray()
            return np.asarray(frame @ total @ frame.conj().T)

        def dissipator(channel: Channel) -> Dissipator:
            partner = None if channel.partner is None else summed(channel.partner)
            return Dissipator(_at(channel.rate, generator.shape, point), summed(channel.jump), partner)

        found: dict[Hashable, list[Dissipator]] = {}
        for channel in generator.channels:
            found.setdefault(channel.reservoir, []).append(dissipator(channel))
        return cls(summed(generator.hamiltonian), found, summed(generator.measured_energy))

    @cached_property
    def liouvillian(self) -> Complex:
        """L on row-stacked states, shape (d**2, d**2)."""
        h, one = self.hamiltonian, np.eye(len(self.hamiltonian))
        total = -1j * (np.kron(h, one) - np.kron(one, h.T))
        for dissipator in self._all():
            total = total + dissipator.superoperator()
        return np.asarray(total)

    @cached_property
    def _decomposed(self) -> tuple[Array, Complex]:
        _, values, right = np.linalg.svd(self.liouvillian)
        return values, right

    @property
    def kernel_dimension(self) -> int:
        """Number of independent steady states."""
        values = self._decomposed[0]
        return int(np.sum(values <= ZERO * values[0]))

    @property
    def steady_state(self) -> Complex:
        """The state that L sends to 0, shape (d, d); meaningful if `kernel_dimension` is 1."""
        dim = len(self.hamiltonian)
        rho = self._decomposed[1][-1].conj().reshape(dim, dim)
        return np.asarray(rho / np.trace(rho))

    @property
    def uncertainty(self) -> float:
        """How far off an entry of `steady_state` can be through round-off."""
        values = self._decomposed[0]
        return float(ROUND_OFF * values[0] / max(values[-2], ROUND_OFF * values[0]) * len(self.hamiltonian))

    def heat_current(self, rho: Complex, reservoir: Hashable) -> float:
        """``Tr[H D_r rho]``."""
        change = sum(d.of(rho) for d in self.dissipators.get(reservoir, ()))
        return float(np.trace(self._measured @ change).real)

    def exchange(self, rho: Complex, reservoir: Hashable) -> float:
        """Energy per time that a reservoir gives and takes before anything cancels, roughly."""
        size = float(np.linalg.norm(self._measured, 2))
        return 2 * size * sum(d.flow(rho) for d in self.dissipators.get(reservoir, ()))

    @property
    def _measured(self) -> Complex:
        return self.hamiltonian if self.energy is None else self.energy

    def _all(self) -> Iterator[Dissipator]:
        for several in self.dissipators.values():
            yield from several


def _at(value: Any, shape: tuple[int, ...], point: int) -> float:
    return float(np.broadcast_to(value, shape).flat[point])
