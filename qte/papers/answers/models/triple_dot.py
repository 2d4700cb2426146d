"""The three-dot machine of khandelwal2025 beyond the local Lindblad equation: electrons or qubits, Redfield or exact.

Its reservoirs are flat bands of free electrons.  In the basis of the dots 1, 2, 3 a hop over dot 2 has a sign where the
machine is made of electrons and dot 2 is full (Jordan-Wigner); qubits that meet each a reservoir of their own are the
same machine without that sign.  Nothing else tells them apart, as a reservoir couples to an end of the chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common import parameters as check
from qte.common.parameters import OneOf, Parameter
from qte.machines.three_qubit import BONDS, ThreeQubitMachine
from qte.physics.baths import Bath
from qte.physics.coulomb import bath_channels
from qte.physics.eigenbasis import Eigenbasis, eigenbasis, energy_terms
from qte.physics.generators import Channel, Generator, Term
from qte.physics.operators import EXCITED, embed, flip_flop, lowering
from qte.physics.terms import Terms
from qte.physics.transitions import joined, transitions
from qte.solver.blocks import from_unknowns, to_unknowns
from qte.solver.linear_response import respond

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Terms of the recurrence and of the asymptotic series of the digamma function: rounding from there on.
STEPS: Final = 8
SERIES: Final = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)
PARITY: Final = np.diag([-1.0, 1.0])


@dataclass(frozen=True, kw_only=True, eq=False)
class TripleDot(ThreeQubitMachine):
    """`ThreeQubitMachine` of electrons or of qubits, by the local or the Redfield equation.

    Parameters
    ----------
    raised : array_like, shape (...)
        Added to the energy of dot 1.
    particles : {"electrons", "qubits"}
    approach : {"local", "redfield", "shifted"}
        Jumps of single dots; jumps between eigenstates of the whole Hamiltonian with all their coherences; the same
        with the principal values (Lamb shifts) of flat bands, whose width cancels.  U is finite.
    eps, g13, g23, gamma_1, gamma_3, T_1, T_3, U, mu, mu_3, dephasing, spectral_densities
        See `ThreeQubitMachine`; the last two are of the local equation alone.
    """

    raised: Parameter = 0.0
    particles: Annotated[str, OneOf(("electrons", "qubits"))] = "electrons"
    approach: Annotated[str, OneOf(("local", "redfield", "shifted"))] = "shifted"

    def settling_time(self) -> Array:
        """Mean time in which the fidelity with the singlet reaches its steady value from empty dots, shape (...).

        ``integral of (F_steady - F(t)) / (F_steady - F(0))``, t from 0 to infinity.
        """
        generator, steady = self.generator, self.steady_state().doubles
        empty = np.broadcast_to(self.empty(), (*self.shape, 8, 8))
        start = to_unknowns(generator.to_frame(empty)).reshape(steady.shape)
        missing = steady - start
        path = respond(generator, missing[None], steady)[0]
        return np.asarray(-self._in_singlet(path) / self._in_singlet(missing))

    def empty(self) -> Complex:
        """The state of empty dots, shape (8, 8)."""
        return np.diag(np.eye(8)[7]).astype(complex)

    def singlet(self) -> Complex:
        """Projector on the singlet of dots 1 and 2 beside an empty dot 3, shape (8, 8)."""
        state = self.targets()["singlet"]
        return np.outer(state, state).astype(complex)

    def _in_singlet(self, unknowns: Array) -> Array:
        """``<singlet|x|singlet>`` of x given by its unknowns (d^2, points)."""
        x = from_unknowns(unknowns.reshape(-1, *self.shape), 8)
        x = self.generator.to_computational(x)
        first, second = 3, 5  # |100>, |010>
        return np.asarray(
            (x[..., first, first] + x[..., second, second]).real / 2 - x[..., first, second].real
        )

    def _hamiltonian(self) -> Terms:
        check.require("U", self.U, np.isfinite(self.U), "be finite beyond the local equation of qubits")
        numbers = [embed({site: EXCITED}, 3) for site in range(3)]
        pairs = sum(numbers[i] @ numbers[j] for i, j in BONDS)
        over = flip_flop(0, 2, 3) @ embed({1: PARITY}, 3) if self._are_electrons else flip_flop(0, 2, 3)
        return (
            Term.of(self.eps, sum(numbers)),
            Term.of(self.raised, numbers[0]),
            Term.of(self.U, pairs),
            Term.of(self.g13, over),
            Term.of(self.g23, flip_flop(1, 2, 3)),
        )

    @property
    def _are_electrons(self) -> bool:
        return self.particles == "electrons"

    def _channels(self, reservoir: int, bath: Bath) -> tuple[Channel, ...]:
        if reservoir != 1:
            return super()._channels(reservoir, bath)
        return bath_channels(1, bath, (self.eps + self.raised, self.U, self.mu), 0, 3, BONDS)

    def _build(self, kind: type[Bath] = Bath) -> Generator:
        if self.approach == "local":
            return super()._build(kind)
        hamiltonian = self._hamiltonian()
        basis = eigenbasis(hamiltonian, self.shape, 8)
        channels = [
            channel
            for lead, (operator, gamma, T, mu) in self.leads().items()
            for channel in self._redfield(lead, operator, gamma, (mu, T), basis)
        ]
        return Generator(energy_terms(basis), tuple(channels), basis.vectors, completely_positive=False)

    def leads(self) -> dict[int, tuple[Any, Array, Array, Array]]:
        """Annihilator, rate, temperature and chemical potential of each reservoir; of qubits by Jordan and Wigner."""
        string = embed({0: PARITY, 1: PARITY}, 3)
        return {
            1: (lowering(0, 3), self.gamma_1, self.T_1, self.mu),
            3: (lowering(2, 3) @ string, self.gamma_3, self.T_3, self.mu_3),
        }

    def _redfield(
        self, lead: int, operator: Any, gamma: Array, filling: tuple[Array, Array], basis: Eigenbasis
    ) -> tuple[Channel, Channel]:
        """Emission and absorption between eigenstates, with all pairs of transitions."""
        mu, T = filling
        parts = transitions((Term.of(1.0, operator),), basis, self.shape)
        down: list[Term] = []
        up: list[Term] = []
        for part in parts:
            above = (part.frequency - mu) / T
            shift = flat_band_shift(above) if self.approach == "shifted" else np.zeros(())
            full, place, size = fermi(above), part.operator, np.asarray(part.amplitude.real)
            down += [Term(size * (1 - full), place), Term(size * shift, 1j * place)]
            up += [Term(size * full, place.T), Term(size * shift, 1j * place.T)]
        whole = joined(parts, [1.0] * len(parts))
        back = tuple(Term(term.coefficient, term.operator.T) for term in whole)
        return Channel(lead, gamma, tuple(down), whole, -1), Channel(lead, gamma, tuple(up), back, +1)


def fermi(above: ArrayLike) -> Array:
    """``1/(exp(above) + 1)``, the energy counted from the chemical potential in units of T, shape (...)."""
    return np.asarray((1 - el.tanh(np.asarray(above) / 2)) / 2)


def flat_band_shift(above: ArrayLike) -> Array:
    r"""Principal value of a flat band, over pi, without the logarithm of its width, shape (...).

    ``Re psi(1/2 + i above/(2 pi))/pi``, psi the digamma function: the imaginary part that goes with the occupation of a
    level by this much (in units of T) above the chemical potential.  The width of the band adds the same to filling
    and emptying, whose operators anticommute to one, and so drops out.
    """
    y = np.asarray(above, dtype=float) / (2 * np.pi)
    total = np.zeros(y.shape)
    for k in range(STEPS):
        total -= (k + 0.5) / ((k + 0.5) ** 2 + y * y)
    x = STEPS + 0.5
    size = x * x + y * y
    total += el.log(size) / 2 - x / (2 * size)
    # powers of 1/z^2, z = x + i y
    real, imag = (x * x - y * y) / (size * size), -2 * x * y / (size * size)
    a, b = real, imag
    for coefficient in SERIES:
        total -= coefficient * a
        a, b = a * real - b * imag, a * imag + b * real
    return np.asarray(total / np.pi)
