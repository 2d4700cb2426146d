"""A thermal transistor of three two-level systems in Ohmic baths (Joulain and others)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from qte.common.errors import IllConditioned
from qte.common.parameters import Coupling, Detuning, Rate, Temperature
from qte.machines.base import Array, Densities, Machine
from qte.physics.baths import Bath, TemperatureDerivative
from qte.physics.eigenbasis import eigenbasis
from qte.physics.generators import Channel, Generator, Term
from qte.physics.hermitian_channels import hermitian_channels
from qte.physics.operators import EXCITED, FLIP, IDENTITY, embed
from qte.physics.spectral_densities import ohmic

SITES = {"L": 0, "M": 1, "R": 2}
SIGMA_Z, OHMIC = 2 * EXCITED - IDENTITY, ohmic()


@dataclass(frozen=True, kw_only=True, eq=False)
class ThermalTransistor(Machine):
    r"""Three two-level systems with Ising couplings, each flipped by a bath: M controls what flows from L to R.

    ``2 H = sum_P omega_P sz_P + omega_LM sz_L sz_M + omega_MR sz_M sz_R + omega_RL sz_R sz_L``; each bath
    couples through sx of its system; rates between populations (K. Joulain, J. Drevillon, Y. Ezzahri and
    J. Ordonez-Miranda, Phys. Rev. Lett. 116, 200601 (2016)).

    Parameters
    ----------
    omega_L, omega_M, omega_R : array_like, shape (...)
        Splittings of the single systems.
    omega_LM, omega_MR, omega_RL : array_like, shape (...)
        Ising couplings.
    kappa : array_like, shape (...)
        Strength of every bath, >= 0; without unit for Ohmic baths.
    T_L, T_M, T_R : array_like, shape (...)
        Temperatures, >= 0.
    spectral_densities : mapping of label to SpectralDensity or callable, or one for all
        Ohmic without cut-off if left out.  Transitions without energy are driven by their
        limit at zero frequency, so a flat bath is refused where there are any.

    Notes
    -----
    The net current is Q_L.  Without any omega_P all three flips together commute with H and
    with every coupling, and coherences between degenerate states would keep a memory of the
    start; like the paper the machine has none.

    Examples
    --------
    >>> transistor = ThermalTransistor(omega_LM=1.0, omega_MR=1.0, kappa=1e-3, T_L=0.2, T_M=[0.05, 0.1], T_R=0.02)
    >>> transistor.amplification("L").round(1)
    array([-148.9, -152.9])
    """

    omega_L: Detuning = 0.0
    omega_M: Detuning = 0.0
    omega_R: Detuning = 0.0
    omega_LM: Coupling
    omega_MR: Coupling
    omega_RL: Coupling = 0.0
    kappa: Rate
    T_L: Temperature
    T_M: Temperature
    T_R: Temperature
    spectral_densities: Densities = OHMIC

    def temperatures(self) -> Mapping[Hashable, Array]:
        return {"L": np.asarray(self.T_L), "M": np.asarray(self.T_M), "R": np.asarray(self.T_R)}

    def amplification(self, reservoir: Hashable) -> Array:
        """``(dQ_r/dT_M)/(dQ_M/dT_M)`` by linear response, shape (...); those of L and R add up to -1.

        Infinite where the controlling bath's current has its extremum.

        Raises
        ------
        ParameterError
            A label that the machine does not know.
        IllConditioned
            No current responds to T_M at some point, as at T_M = 0.
        """
        self.generator.channels_of(reservoir)
        slopes = self._current_slopes("M")
        top, bottom = np.broadcast_arrays(slopes[reservoir][0], slopes["M"][0])
        dead = [tuple(int(i) for i in place) for place in np.argwhere((top == 0) & (bottom == 0))]
        if dead:
            raise IllConditioned("The amplification has no value where no current responds to T_M", dead)
        with np.errstate(divide="ignore"):
            return np.asarray(top / bottom)

    def with_baths(self, kind: type[Bath]) -> Generator:
        return self._coupled_to(SITES, kind)

    def temperature_derivative(
        self, reservoir: Hashable, kind: type[Bath] = TemperatureDerivative
    ) -> Generator:
        self.generator.channels_of(reservoir)
        return self._coupled_to([str(reservoir)], kind)

    def _build(self) -> Generator:
        return self._coupled_to(SITES, Bath)

    def _coupled_to(self, labels: Iterable[str], kind: type[Bath]) -> Generator:
        pairs = {word: getattr(self, f"omega_{word}") for word in ("L", "M", "R", "LM", "MR", "RL")}
        hamiltonian = tuple(
            Term.of(omega / 2, embed({SITES[label]: SIGMA_Z for label in word}, 3))
            for word, omega in pairs.items()
        )
        basis = eigenbasis(hamiltonian, self.shape, 8)
        channels: tuple[Channel, ...] = ()
        for label in labels:
            bath = self.reservoir(label, self.temperatures()[label], self.kappa, kind=kind)
            flip = (Term.of(1.0, embed({SITES[label]: FLIP}, 3)),)
            channels += hermitian_channels(label, bath, flip, basis, self.shape, form="pauli")
        return Generator(hamiltonian, channels)

    def net_current_from(self, current: Callable[[Hashable], Array]) -> Array:
        return current("L")
