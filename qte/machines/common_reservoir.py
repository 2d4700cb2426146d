"""Two strongly coupled qubits with a reservoir each and one in common (man2019)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
import scipy.sparse as sp

from qte.common import parameters as check
from qte.common.double_double import only
from qte.common.parameters import Coupling, Gap, OneOf, Rate, Temperature
from qte.machines.base import Array, Densities, Machine
from qte.machines.validity import Criterion, ratio
from qte.physics.baths import Bath
from qte.physics.generators import SAME_FREQUENCY, Channel, Generator, Term
from qte.physics.operators import Operator, adjoint

APPROACHES = ("global", "redfield")
# D of man2019 is 2 V rho V^+ - {V^+ V, rho}: twice the usual dissipator.
RATE = 2.0

# Jump operators V_1 and V_2 of one reservoir.
Jumps = dict[int, tuple[Term, ...]]


def _unit(*places: tuple[int, int, float]) -> Operator:
    """Sum of value |i><j| over the places (i, j, value), shape (4, 4)."""
    rows, columns, values = zip(*places, strict=True)
    return sp.csr_array((values, (rows, columns)), shape=(4, 4))


# Parts of the lowering operators in the eigenbasis lambda_1 … lambda_4, numbered from 0.
UPPER = {1: _unit((1, 0, 1.0)), 2: _unit((2, 0, 1.0))}
LOWER = {1: _unit((3, 2, 1.0)), 2: _unit((3, 1, 1.0))}
LEVELS = tuple(_unit((i, i, 1.0)) for i in range(3))
# Parts of sz_A and sz_B (`CommonReservoirEngine._dephasing`).
OUTER, INNER, ACROSS = (
    _unit(*places)
    for places in (
        ((0, 0, 1.0), (3, 3, -1.0)),
        ((1, 1, 1.0), (2, 2, -1.0)),
        ((1, 2, 1.0), (2, 1, 1.0)),
    )
)


@dataclass(frozen=True, eq=False)
class Mixing:
    """How the interaction mixes |10> and |01>, shape (...) each, all of full relative accuracy.

    Parameters
    ----------
    half_gap : ndarray
        ``sqrt(delta_eps**2/4 + Omega**2)``.
    cosine, sine : ndarray
        cos(theta) and sin(theta) of ``tan(theta) = 2 Omega/delta_eps``, theta in (-pi, pi].
    c, s : ndarray
        cos(theta/2) >= 0 and sin(theta/2).
    """

    half_gap: Array
    cosine: Array
    sine: Array
    c: Array
    s: Array

    @classmethod
    def of(cls, half_detuning: Array, coupling: Array) -> Mixing:
        """From ``delta_eps/2`` and Omega; theta = 0 where both vanish."""
        half_gap = np.sqrt(np.square(half_detuning) + np.square(coupling))
        scale = np.where(half_gap == 0, 1.0, half_gap)
        cosine = np.where(half_gap == 0, 1.0, half_detuning / scale)
        sine = coupling / scale
        large = np.sqrt((1 + np.abs(cosine)) / 2)
        # near resonance the first form makes both halves equal exactly, far from it the second keeps digits
        near = np.sqrt((1 - np.abs(cosine)) / 2)
        small = np.where(np.abs(cosine) < 0.5, near, np.abs(sine) / (2 * large))
        c = np.where(cosine >= 0, large, small)
        s = np.copysign(np.where(cosine >= 0, small, large), coupling)
        return cls(half_gap, cosine, sine, c, s)


@dataclass(frozen=True, kw_only=True, eq=False)
class CommonReservoirEngine(Machine):
    r"""Two flip-flop coupled qubits A, B in baths A, B and in a common bath C.

    ``H = eps_A n_A + eps_B n_B + Omega (s+ s- + s- s+)`` and the global (secular)
    master equation of man2019, eqs. (1)-(14), (21), or the Redfield equation behind it.

    Parameters
    ----------
    eps_A, eps_B : array_like, shape (...)
        Gaps of the qubits, > 0.
    Omega : array_like, shape (...)
        Coupling of the qubits; ``Omega**2 < eps_A eps_B``, so that omega_1 > 0.
    T_A, T_B, T_C : array_like, shape (...)
        Temperatures, >= 0.
    Gamma_A, Gamma_B : array_like, shape (...)
        Damping rates of the individual baths, >= 0.
    Gamma_CA, Gamma_CB : array_like, shape (...)
        Damping rates of the qubits in the common bath, >= 0; both 0: no common bath.
    dephasing : array_like, shape (...)
        Pure dephasing rate gamma of eq. (21), >= 0.
    approach : {"global", "redfield"}
        Secular jumps between eigenstates of H, as in the paper; or all pairs of
        frequencies, no Lamb shift.
    spectral_densities : mapping of label to SpectralDensity or callable, optional
        Of the baths (`qte.physics.spectral_densities`); one that is not named is flat.

    Raises
    ------
    ParameterError
        A bound is violated.

    Notes
    -----
    The dissipators (9)-(14) are ``Gamma (2 V rho V^+ - {V^+ V, rho})``: a spectral rate
    2 Gamma in the convention of `qte.physics.generators`.  Those of the common bath are one
    Lindblad operator a frequency, ``sqrt(Gamma_CA) V_A + sqrt(Gamma_CB) V_B``, because
    Gamma_C^(AB) is the geometric mean.  At resonance with equal rates the singlet does
    not couple to it at all; without individual baths the steady state is then not unique.
    Dephasing acts on the bare qubits, ``gamma (sz rho sz - rho)`` each, and is not
    secular: out of resonance it feeds the coherence between the eigenstates.
    Where both frequencies agree to a relative 1e-10 (Omega and detuning vanish) they
    count as one.  The net current is Q_C, what the paper plots.

    Examples
    --------
    >>> engine = CommonReservoirEngine(eps_A=20, eps_B=20, Omega=6, T_A=5, T_B=5, T_C=[1, 5])
    >>> engine.concurrence().round(4)
    array([0.0352, 0.0175])
    >>> engine.without_common().concurrence().round(4)
    array([0.0175, 0.0175])
    """

    eps_A: Gap
    eps_B: Gap
    Omega: Coupling
    T_A: Temperature
    T_B: Temperature
    T_C: Temperature = 0.0
    Gamma_A: Rate = 1.0
    Gamma_B: Rate = 1.0
    Gamma_CA: Rate = 1.0
    Gamma_CB: Rate = 1.0
    dephasing: Rate = 0.0
    approach: Annotated[str, OneOf(APPROACHES)] = "global"
    spectral_densities: Densities = None

    def __post_init__(self) -> None:
        super().__post_init__()
        wanted = (
            "be smaller than sqrt(eps_A eps_B) in magnitude, so that "
            "omega_1 = eps_m - sqrt(delta_eps**2/4 + Omega**2) > 0"
        )
        check.require("Omega", self.Omega, self.omega_1 > 0, wanted)

    @property
    def delta_eps(self) -> Array:
        """Detuning ``eps_A - eps_B``, shape (...)."""
        return np.asarray(self.eps_A - self.eps_B)

    @property
    def eps_m(self) -> Array:
        """Mean gap, shape (...)."""
        return np.asarray((self.eps_A + self.eps_B) / 2)

    @property
    def omega_1(self) -> Array:
        """Lower transition frequency, E_3, shape (...)."""
        return np.asarray(self.eps_m - self.mixing.half_gap)

    @property
    def omega_2(self) -> Array:
        """Upper transition frequency, E_2, shape (...)."""
        return np.asarray(self.eps_m + self.mixing.half_gap)

    @cached_property
    def mixing(self) -> Mixing:
        """Angle theta of the eigenstates of H."""
        return Mixing.of(self.delta_eps / 2, np.asarray(self.Omega))

    def without_common(self) -> CommonReservoirEngine:
        """The same machine decoupled from the common bath."""
        return self.replace(Gamma_CA=0.0, Gamma_CB=0.0)

    def temperatures(self) -> Mapping[Hashable, Array]:
        return {"A": np.asarray(self.T_A), "B": np.asarray(self.T_B), "C": np.asarray(self.T_C)}

    def assumptions(self) -> tuple[Criterion, ...]:
        rates = []
        for bath, strength in (
            (self.reservoir("A", self.T_A, RATE), self.Gamma_A),
            (self.reservoir("B", self.T_B, RATE), self.Gamma_B),
            (self.reservoir("C", self.T_C, RATE), np.maximum(self.Gamma_CA, self.Gamma_CB)),
        ):
            rates.append(strength * sum(bath.rates(self.eps_m)))
        fastest = np.maximum(np.maximum(*rates[:2]), rates[2])
        weak = ratio(
            "rate over gap",
            fastest,
            self.omega_1,
            "man2019: Born-Markov, weak coupling to the reservoirs",
        )
        if self.approach == "redfield":
            return (weak,)
        splitting = 2 * self.mixing.half_gap
        # frequencies that count as one need no secular approximation
        splitting = np.where(splitting <= SAME_FREQUENCY * self.omega_2, np.inf, splitting)
        secular = ratio("rate over splitting", fastest, splitting, "man2019: secular approximation")
        return weak, secular

    def _build(self, kind: type[Bath] = Bath) -> Generator:
        channels: tuple[Channel, ...] = ()
        for label, bath, jumps in self._couplings():
            channels += self._dissipators(label, bath.of_kind(kind), jumps)
        secular = self.approach == "global"
        return Generator(self._levels(), channels + self._dephasing(), self._frame(), secular)

    def with_baths(self, kind: type[Bath]) -> Generator:
        return self._build(kind)

    def _levels(self) -> tuple[Term, ...]:
        energies = (self.eps_A + self.eps_B, self.omega_2, self.omega_1)
        return tuple(Term.of(energy, level) for energy, level in zip(energies, LEVELS, strict=True))

    def _frame(self) -> Array:
        """Columns are the eigenvectors lambda_1 … lambda_4 of H, shape (..., 4, 4)."""
        c, s = self.mixing.c, self.mixing.s
        frame = np.zeros((*c.shape, 4, 4))
        frame[..., 0, 0] = frame[..., 3, 3] = 1.0
        frame[..., 1, 1] = frame[..., 2, 2] = c
        frame[..., 2, 1], frame[..., 1, 2] = s, -s
        return frame

    def _couplings(self) -> tuple[tuple[str, Bath, Jumps], ...]:
        """Label, bath and jump operators V_1, V_2 of each reservoir (eq. (7))."""
        c, s = self.mixing.c, self.mixing.s
        own_a: Jumps = {1: (Term.of(s, UPPER[1] - LOWER[1]),), 2: (Term.of(c, UPPER[2] + LOWER[2]),)}
        own_b: Jumps = {1: (Term.of(c, UPPER[1] + LOWER[1]),), 2: (Term.of(s, LOWER[2] - UPPER[2]),)}
        return (
            ("A", self.reservoir("A", self.T_A, RATE * self.Gamma_A), own_a),
            ("B", self.reservoir("B", self.T_B, RATE * self.Gamma_B), own_b),
            ("C", self.reservoir("C", self.T_C, RATE), self._collective()),
        )

    def _collective(self) -> Jumps:
        """sqrt(Gamma_CA) V_A,j + sqrt(Gamma_CB) V_B,j, the dark amplitudes without cancellation."""
        c, s, half_gap = self.mixing.c, np.abs(self.mixing.s), self.mixing.half_gap
        a, b = np.sqrt(self.Gamma_CA), np.sqrt(self.Gamma_CB)
        bright = {1: c * b + s * a, 2: c * a + s * b}
        # bright_j * dark_j is (cos^2 Gamma_CB - sin^2 Gamma_CA), or with A and B exchanged
        even = (self.Gamma_CA + self.Gamma_CB) * (self.delta_eps / 2)
        odd = (self.Gamma_CB - self.Gamma_CA) * half_gap
        gap = np.where(half_gap == 0, 1.0, half_gap)
        product = {1: (even + odd) / (2 * gap), 2: (even - odd) / (2 * gap)}
        jumps: Jumps = {}
        for j in (1, 2):
            dark = np.where(half_gap == 0, bright[j], _ratio(product[j], bright[j]))
            swap = (self.Omega < 0) != (j == 2)
            upper = np.where(swap, dark, bright[j])
            lower = np.where(swap, bright[j], dark)
            jumps[j] = (Term.of(upper, UPPER[j]), Term.of(lower, LOWER[j]))
        return jumps

    def _dissipators(self, label: str, bath: Bath, jumps: Jumps) -> tuple[Channel, ...]:
        return (
            self._secular(label, bath, jumps)
            if self.approach == "global"
            else self._redfield(label, bath, jumps)
        )

    def _redfield(self, label: str, bath: Bath, jumps: Jumps) -> tuple[Channel, ...]:
        """Every pair of frequencies, in the bilinear form of a Channel: V_j at its rate beside V_1 + V_2."""
        channels: list[Channel] = []
        for j, omega in ((1, self.omega_1), (2, self.omega_2)):
            channels += _both_ways(label, bath.rates(omega), jumps[j], jumps[1] + jumps[2])
        return tuple(channels)

    def _secular(self, label: str, bath: Bath, jumps: Jumps) -> tuple[Channel, ...]:
        together = 2 * self.mixing.half_gap <= SAME_FREQUENCY * self.omega_2
        channels: list[Channel] = []
        for j, omega in ((1, self.omega_1), (2, self.omega_2)):
            energy = np.where(together, self.eps_m, omega)
            channels += _both_ways(label, bath.rates(energy), jumps[j])
        if np.any(together):
            # D[V_1 + V_2] = D[V_1] + D[V_2] + (V_1, V_2) + (V_2, V_1), in the bilinear form of a Channel
            down, up = (only(together, rate) for rate in bath.rates(self.eps_m))
            channels += _both_ways(label, (down, up), jumps[1], jumps[2])
            channels += _both_ways(label, (down, up), jumps[2], jumps[1])
        return tuple(channels)

    def _dephasing(self) -> tuple[Channel, ...]:
        """Eq. (21) in the eigenbasis.

        sz_A = Z + X and sz_B = Z - X with Z on |11>, |00> and X on |10>, |01>, so
        D[sz_A] + D[sz_B] = 2 D[Z] + 2 D[X].
        """
        if not np.any(self.dephasing):
            return ()
        outer = (Term.of(1.0, OUTER),)
        inner = (
            Term.of(self.mixing.cosine, INNER),
            Term.of(-self.mixing.sine, ACROSS),
        )
        rate = np.asarray(2 * self.dephasing)
        return Channel(None, rate, outer), Channel(None, rate, inner)

    def net_current_from(self, current: Callable[[Hashable], Array]) -> Array:
        return current("C")


def _ratio(top: Array, bottom: Array) -> Array:
    """top/bottom, and 0 where bottom is 0 (a qubit that does not couple)."""
    return np.asarray(np.where(bottom == 0, 0.0, top / np.where(bottom == 0, 1.0, bottom)))


def _adjoint(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    return tuple(Term(t.coefficient, adjoint(t.operator)) for t in terms)


def _both_ways(
    label: str, rates: tuple[Any, Any], jump: tuple[Term, ...], partner: tuple[Term, ...] | None = None
) -> tuple[Channel, Channel]:
    """Emission and absorption through the same jump operator."""
    down, up = rates
    partner_up = None if partner is None else _adjoint(partner)
    return (
        Channel(label, down, jump, partner, -1),
        Channel(label, up, _adjoint(jump), partner_up, +1),
    )
