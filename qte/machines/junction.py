"""One qubit or oscillator between two baths: the junction of santiagogarcia2024."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qte.common.errors import ParameterError
from qte.common.parameters import ChemicalPotential, Gap, Rate, Temperature
from qte.machines.base import Array, Complex, Densities, Statistics
from qte.machines.boundary_driven import BoundaryDriven, System
from qte.machines.observables import Pair


@dataclass(frozen=True, kw_only=True, eq=False)
class Junction(BoundaryDriven):
    r"""A single qubit or oscillator that both baths couple to.

    ``H = omega s^+ s`` with dissipators ``gamma_l^- D[s] + gamma_l^+ D[s^+]`` of
    both baths (santiagogarcia2024 eq. (2) with one subsystem, eq. (7)).

    Parameters
    ----------
    omega : array_like, shape (...)
        Energy of an excitation, > 0.
    gamma_L, gamma_R : array_like, shape (...)
        Bare bath couplings, >= 0.
    T_L, T_R : array_like, shape (...)
        Bath temperatures, >= 0.
    mu_L, mu_R : array_like, shape (...)
        Chemical potentials of fermionic baths; of an oscillator below omega.
    statistics_L, statistics_R : {"bose", "fermi"}
        Rates gamma n and gamma (1 + n), or gamma f and gamma (1 - f).
    system : {"qubit", "oscillator"}
    spectral_densities : mapping of label to SpectralDensity or callable, optional
        Of the baths (`qte.physics.spectral_densities`); one that is not named is flat.

    Raises
    ------
    ParameterError
        A bound is violated.

    Notes
    -----
    The net current is ``J = Q_L - Q_R``, twice the current through.  An
    oscillator is described by its moment <s^+ s>, not by a density matrix.

    Examples
    --------
    >>> qubit = Junction(gamma_L=0.01, gamma_R=0.02, T_L=[1.0, 10.0], T_R=0.0)
    >>> qubit.contrast().round(4)
    array([0.1226, 0.3016])
    """

    omega: Gap = 1.0
    gamma_L: Rate
    gamma_R: Rate
    T_L: Temperature
    T_R: Temperature
    mu_L: ChemicalPotential = 0.0
    mu_R: ChemicalPotential = 0.0
    statistics_L: Statistics = "bose"
    statistics_R: Statistics = "bose"
    system: System = "qubit"
    spectral_densities: Densities = None

    @property
    def sites(self) -> int:
        """One system."""
        return 1

    @property
    def exchange(self) -> Array:
        """There is no neighbour."""
        return np.zeros(())

    def _pair_state(self, pair: Pair) -> Complex:
        raise ParameterError("pair", pair, "name two systems, but a junction has one")
