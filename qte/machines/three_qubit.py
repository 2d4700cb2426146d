"""The autonomous three-qubit machine of khandelwal2025."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.parameters import ChemicalPotential, Coupling, Gap, Number, Rate, Temperature
from qte.machines.base import Array, Complex, Densities, Machine
from qte.machines.validity import Criterion, ratio
from qte.physics.baths import Bath, TemperatureDerivative
from qte.physics.coulomb import (
    Drive,
    Repulsion,
    all_pairs,
    bath_channels,
    check_limits,
    closed_bonds,
    energy_above,
    hamiltonian,
)
from qte.physics.generators import Channel, Generator, Term, Terms, dephasing_channels
from qte.physics.operators import EXCITED, embed, ket

BONDS = all_pairs(3)
OCCUPIED = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class ThreeQubitMachine(Machine):
    r"""Qubits 1 and 2 exchange excitations with the sink, qubit 3; 1 and 3 have a Fermi bath each.

    ``H = eps N + sum_{j=1,2} g_j3 (s+_j s-_3 + h.c.) + U (|110><110| + |101><101| +
    |011><011| + 3 |111><111|)`` (khandelwal2025 eq. (1)); the jump operators
    ``L_1pq = |1pq><0pq|`` and ``L_3pq = |pq1><pq0|`` of eq. (2) act one by one, with
    rates at the energies ``eps + U (p + q)``.

    Parameters
    ----------
    eps : array_like, shape (...)
        Gap of the qubits, > 0.
    g13, g23 : array_like, shape (...)
        Flip-flop couplings.
    gamma_1, gamma_3 : array_like, shape (...)
        Bare couplings to the baths, >= 0.
    T_1, T_3 : array_like, shape (...)
        Temperatures, >= 0.
    U : array_like, shape (...)
        Coulomb repulsion of every pair, >= 0; may be +inf.
    mu, mu_3 : array_like, shape (...)
        Chemical potentials of reservoirs 1 and 3; `mu` may be +inf where U is.
    dephasing : array_like, shape (...)
        Rate of ``D[sigma_z]`` on every qubit, >= 0: a single-qubit coherence
        decays at twice this rate.
    spectral_densities : mapping of label to SpectralDensity or callable, optional
        Of the baths (`qte.physics.spectral_densities`); one that is not named is flat.
        They are functions of the energy ``eps + k U`` of a transition, whatever mu is, and want U finite.

    Raises
    ------
    ParameterError
        A bound is violated; mu = inf with finite U; or T = 0 with a chemical
        potential exactly at a transition, where the occupation is undefined.

    Notes
    -----
    ``U = mu = inf`` is the ideal limit of eq. (3); ``U = inf`` with finite mu is
    the Coulomb blockade at finite bias, which has a limit, too.  mu = inf with
    finite U would fill the machine with particles and is not what eq. (3)
    means; it is refused.  At U = inf states of two or three excitations have an
    infinite energy, so `evolve` accepts no population there; see
    `qte.physics.coulomb` for the exact treatment.

    The net current is ``J = (Q_1 - Q_3)/2`` of the energy currents, eq. (9).

    Examples
    --------
    >>> machine = ThreeQubitMachine(
    ...     g13=0.05, g23=0.05, gamma_1=0.1, gamma_3=0.1, T_1=1, T_3=1, U=[15, np.inf], mu=[8, np.inf]
    ... )
    >>> machine.concurrence().round(4)
    array([0.9934, 1.    ])
    >>> machine.fidelity("singlet").round(4)
    array([0.996, 1.   ])
    """

    eps: Gap = 1.0
    g13: Coupling
    g23: Coupling
    gamma_1: Rate
    gamma_3: Rate
    T_1: Temperature
    T_3: Temperature
    U: Repulsion
    mu: Drive
    mu_3: ChemicalPotential = 0.0
    dephasing: Rate = 0.0
    spectral_densities: Densities = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_limits(self.U, self.mu)
        check_steps("T_1", self.T_1, (self.eps, self.U, self.mu), 2)
        check_steps("T_3", self.T_3, (self.eps, self.U, self.mu_3), 2)

    def temperatures(self) -> Mapping[Hashable, Array]:
        return {1: np.asarray(self.T_1), 3: np.asarray(self.T_3)}

    def chemical_potentials(self) -> Mapping[Hashable, Array]:
        return {1: np.asarray(self.mu), 3: np.asarray(self.mu_3)}

    def targets(self) -> Mapping[str, Array]:
        """``singlet`` is ``Psi^- (x) |0>``; it is also the W state of two qubits, ``W``."""
        singlet = (ket("100") - ket("010")) / np.sqrt(2)
        return {"singlet": singlet, "W": singlet}

    def entropy_production(self) -> Array:
        """``-sum_r (Q_r - mu_r N_r)/T_r`` of the steady state, shape (...).

        Raises
        ------
        ParameterError
            mu = inf, where the product ``mu N`` has no value.
        """
        refuse_infinite(self.mu)
        return super().entropy_production()

    def contrast(self) -> Array:
        """As `Machine.contrast`; the current must come from the temperatures alone.

        Raises
        ------
        ParameterError
            The chemical potentials differ: the current then has one direction
            whichever reservoir is the warmer, and no contrast.
        """
        check.require("mu", self.mu, np.asarray(self.mu == self.mu_3), "equal mu_3 for a contrast")
        return super().contrast()

    def assumptions(self) -> tuple[Criterion, ...]:
        strongest = np.maximum(np.abs(self.g13), np.abs(self.g23))
        fastest = np.maximum(self.gamma_1, self.gamma_3)
        return (
            ratio("rate over gap", fastest, self.eps, "khandelwal2025: weak coupling to the reservoirs"),
            ratio("coupling over gap", strongest, self.eps, "khandelwal2025: local master equation"),
        )

    def _build(self, kind: type[Bath] = Bath) -> Generator:
        first = self.reservoir(1, self.T_1, self.gamma_1, "fermi", kind)
        third = self.reservoir(3, self.T_3, self.gamma_3, "fermi", kind)
        sigma_z = [embed({site: 2 * EXCITED - np.eye(2)}, 3) for site in range(3)]
        noise = dephasing_channels(self.dephasing, sigma_z)
        return Generator(self._hamiltonian(), self._channels(1, first) + self._channels(3, third) + noise)

    def with_baths(self, kind: type[Bath]) -> Generator:
        return self._build(kind)

    def _hamiltonian(self) -> Terms:
        return hamiltonian(3, self.eps, self.U, [(self.g13, 0, 2), (self.g23, 1, 2)], BONDS)

    def _channels(self, reservoir: int, bath: Bath) -> tuple[Channel, ...]:
        mu = self.chemical_potentials()[reservoir]
        return bath_channels(reservoir, bath, (self.eps, self.U, mu), reservoir - 1, 3, BONDS)

    def temperature_derivative(
        self, reservoir: Hashable, kind: type[Bath] = TemperatureDerivative
    ) -> Generator:
        self.generator.channels_of(reservoir)
        if reservoir == 1:
            bath = self.reservoir(1, self.T_1, self.gamma_1, "fermi", kind)
            return Generator(self._hamiltonian(), self._channels(1, bath))
        bath = self.reservoir(3, self.T_3, self.gamma_3, "fermi", kind)
        return Generator(self._hamiltonian(), self._channels(3, bath))

    def net_current_from(self, current: Callable[[Hashable], Array]) -> Array:
        return np.asarray(0.5 * (current(1) - current(3)))

    def _check_start(self, rho: Complex) -> None:
        refuse_closed_bonds(rho, self.U, closed_bonds(3, BONDS))


@dataclass(frozen=True, kw_only=True, eq=False)
class DetunedThreeQubitMachine(ThreeQubitMachine):
    r"""`ThreeQubitMachine` whose first two qubits have the gaps ``eps + detuning/2`` and ``eps - detuning/2``.

    The singlet of qubits 1 and 2 is dark because their phases run at one speed;
    a detuning turns it into the triplet, which leaks to the sink.  Local master
    equation: reservoir 1 meets its qubit at ``eps + detuning/2 + U (p + q)``.

    Parameters
    ----------
    detuning : array_like, shape (...)
        Difference of the gaps of qubits 1 and 2, of either sign, smaller than ``2 eps``.
    eps, g13, g23, gamma_1, gamma_3, T_1, T_3, U, mu, mu_3, dephasing, spectral_densities
        See `ThreeQubitMachine`.

    Raises
    ------
    ParameterError
        A bound of `ThreeQubitMachine` is violated, or a gap is not positive.
    """

    detuning: Annotated[Any, Number("difference of gaps")] = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        small = np.abs(self.detuning) < 2 * self.eps
        check.require("detuning", self.detuning, small, "be smaller than 2 eps in size")
        check_steps("T_1", self.T_1, (self._first_gap, self.U, self.mu), 2)

    @property
    def _first_gap(self) -> Array:
        return np.asarray(self.eps + 0.5 * self.detuning)

    def _hamiltonian(self) -> Terms:
        difference = embed({0: EXCITED}, 3) - embed({1: EXCITED}, 3)
        return (*super()._hamiltonian(), Term.of(0.5 * np.asarray(self.detuning), difference))

    def _channels(self, reservoir: int, bath: Bath) -> tuple[Channel, ...]:
        if reservoir != 1:
            return super()._channels(reservoir, bath)
        return bath_channels(1, bath, (self._first_gap, self.U, self.mu), 0, 3, BONDS)


def check_steps(name: str, temperature: Array, energies: tuple[Array, Array, Array], neighbours: int) -> None:
    """Refuse T = 0 with a chemical potential that lies exactly at a transition."""
    for k in range(neighbours + 1):
        defined = (np.asarray(temperature) > 0) | (energy_above(*energies, k) != 0)
        check.require(name, temperature, defined, f"be > 0 where mu equals eps + {k} U")


def refuse_infinite(mu: Array) -> None:
    """The work mu N of an infinite chemical potential has no value."""
    check.require("mu", mu, np.isfinite(mu), "be finite for an entropy production")


def refuse_closed_bonds(rho: Complex, U: Array, count: NDArray[np.int64]) -> None:
    """At U = inf no population may start where the Coulomb energy is infinite."""
    populations = np.diagonal(rho, axis1=-2, axis2=-1).real
    outside = populations[..., count > 0].sum(axis=-1)
    bad = np.isinf(U) & (outside > OCCUPIED)
    if np.any(bad):
        raise ParameterError(
            "rho0",
            float(np.max(np.where(bad, outside, 0.0))),
            "have no population of two excited neighbours at U = inf, where their energy is infinite",
        )
