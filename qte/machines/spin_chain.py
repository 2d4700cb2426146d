"""A chain of equal qubits or oscillators between two baths (santiagogarcia2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.parameters import ChemicalPotential, Coupling, Gap, Rate, Temperature, Whole
from qte.machines.base import Array, Complex, Densities, Statistics
from qte.machines.boundary_driven import MOST_QUBITS, BoundaryDriven, System
from qte.machines.observables import Pair

# Up to here the density matrix comes from an elimination that is accurate in every entry.
FULL_STATE = 4
# Sites of a chain that takes some ten seconds and 1 GB a grid point.
LONGEST = 1_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class SpinChain(BoundaryDriven):
    r"""N equal systems with exchange between neighbours and a bath at either end.

    ``H = omega sum_j s_j^+ s_j + g sum_(j<N) (s_j^+ s_(j+1) + h.c.)`` with local
    dissipators of bath L on the first and of bath R on the last system
    (santiagogarcia2024 eqs. (2) and (18); the zero of energy is the ground state).

    Parameters
    ----------
    N : int
        Number of systems, >= 2.
    omega : array_like, shape (...)
        Energy of an excitation, > 0.
    g : array_like, shape (...)
        Exchange; 0 leaves the inner systems without a unique steady state.
    gamma_L, gamma_R : array_like, shape (...)
        Bare bath couplings, >= 0.
    T_L, T_R : array_like, shape (...)
        Bath temperatures, >= 0.
    mu_L, mu_R : array_like, shape (...)
        Chemical potentials of fermionic baths; of an oscillator below omega.
    dephasing : array_like, shape (...)
        Rate kappa >= 0 of ``kappa D[s_j^+ s_j]`` on every inner system, which has no bath.
    statistics_L, statistics_R : {"bose", "fermi"}
    system : {"qubit", "oscillator"}
    spectral_densities : mapping of label to SpectralDensity or callable, optional
        Of the baths (`qte.physics.spectral_densities`); one that is not named is flat.

    Raises
    ------
    ParameterError
        A bound is violated; N is not a whole number >= 2.

    Notes
    -----
    The net current is ``J = Q_L - Q_R`` (eq. (5)), twice the current through.
    Currents, occupations and correlations are exact for any N, with dephasing too.
    Entanglement is that of qubits: any pair up to six qubits, neighbours beyond, if
    there is no dephasing.

    Examples
    --------
    >>> chain = SpinChain(N=1000, g=0.02, gamma_L=0.01, gamma_R=0.02, T_L=1.0, T_R=[0.2, 1.0])
    >>> chain.net_current().round(6)
    array([0.004308, 0.      ])
    """

    N: Annotated[int, Whole(2, LONGEST)]
    omega: Gap = 1.0
    g: Coupling
    gamma_L: Rate
    gamma_R: Rate
    T_L: Temperature
    T_R: Temperature
    mu_L: ChemicalPotential = 0.0
    mu_R: ChemicalPotential = 0.0
    dephasing: Rate = 0.0
    statistics_L: Statistics = "bose"
    statistics_R: Statistics = "bose"
    system: System = "qubit"
    spectral_densities: Densities = None

    @property
    def sites(self) -> int:
        """Number of systems."""
        return self.N

    @property
    def exchange(self) -> Array:
        """Exchange g between neighbours, shape (...)."""
        return np.asarray(self.g)

    @property
    def inner_dephasing(self) -> Array:
        """Rate at which each inner system loses its phase, shape (...)."""
        return np.asarray(self.dephasing)

    def critical_current(self) -> Array:
        """``J_c = 4 |g| omega sqrt(p_1 p_4)`` of two qubits (appendix C), shape (...).

        The current above which they are entangled.

        Raises
        ------
        ParameterError
            More than two systems, or oscillators: the paper defines none there.
        """
        if self.N != 2:
            raise ParameterError("N", self.N, "be 2 for a critical current")
        rho = self._rho
        outer = np.sqrt(rho[..., 0, 0].real) * np.sqrt(rho[..., 3, 3].real)
        return np.asarray(4 * np.abs(self.g) * self.omega * outer)

    def _pair_state(self, pair: Pair) -> Complex:
        first, second = check.pair("pair", pair, self.N)
        neighbours = abs(first - second) == 1
        if self.system != "qubit" or self.N <= FULL_STATE or not (neighbours or self.N > MOST_QUBITS):
            return super()._pair_state(pair)
        if np.any(self.inner_dephasing != 0):
            if self.N <= MOST_QUBITS:
                return super()._pair_state(pair)
            raise ParameterError(
                "dephasing", self.dephasing, f"be 0 for pairs of more than {MOST_QUBITS} qubits"
            )
        if not neighbours:
            raise ParameterError("pair", pair, f"name neighbours if there are more than {MOST_QUBITS} qubits")
        return self._neighbour_state(first, second)

    def _neighbour_state(self, first: int, second: int) -> Complex:
        """X state of two neighbours by Wick's theorem, shape (..., 4, 4)."""
        n, m = self._occupations[first - 1], self._occupations[second - 1]
        sign = 1 if first < second else -1
        bond = np.broadcast_to(sign * self._coherences[min(first, second) - 1], self.shape)
        both = n * m - bond**2
        rho = np.zeros((*self.shape, 4, 4), dtype=complex)
        rho[..., 0, 0] = both
        rho[..., 1, 1], rho[..., 2, 2] = n - both, m - both
        rho[..., 3, 3] = (1 - n) * (1 - m) - bond**2
        rho[..., 1, 2], rho[..., 2, 1] = 1j * bond, -1j * bond
        return rho
