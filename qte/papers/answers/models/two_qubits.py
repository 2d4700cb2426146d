"""Two qubits between two baths of one spectral density, by every master equation and by hierarchies of equations.

``H = (1 - delta/2) n_h + (1 + delta/2) n_c + g (s+ s- + s- s+)``, a bath at each qubit through its sigma_x, of the
density ``2 strength cutoff w/(w^2 + cutoff^2)`` (Drude and Lorentz).  All equations are given this density: its rate at
the energy that they take, and the Redfield equation with Lamb shifts its principal values.  What they leave out is
what the comparison shows.

    local     jumps of a qubit at its own gap
    partial   at the mean gap while the two frequencies are closer than a cut-off, secular otherwise
    secular   between eigenstates of H, each frequency by itself
    redfield  all pairs of frequencies of sigma_x, those that create or destroy two excitations included
    shifted   the same with the principal values
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.exact.hierarchy import DrudeLorentzBath, OpenSystem
from qte.physics.baths import Bath
from qte.physics.eigenbasis import eigenbasis, energy_terms
from qte.physics.generators import Channel, Generator, local_channels
from qte.physics.global_channels import global_channels
from qte.physics.hermitian_channels import hermitian_channels
from qte.physics.operators import FLIP, embed, excitation, flip_flop, lowering
from qte.physics.spectral_densities import drude_lorentz
from qte.physics.terms import Term, Terms
from qte.solver.steady import steady_state
from qte.solver.thermodynamics import energy_current

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

EQUATIONS: Final = ("local", "partial", "secular", "redfield", "shifted")
SITES: Final = {"h": 0, "c": 1}


@dataclass(frozen=True, kw_only=True)
class TwoQubits:
    """One point, in units of the mean gap; gap of the hot qubit 1 - delta/2.

    Parameters
    ----------
    g, delta : float
    gamma_h, gamma_c : float
        Rates of the baths at the mean gap, without occupation.
    T_h, T_c, bath_cutoff : float
    secular_cutoff : float
        Of the partial secular equation, in rates `gamma_c`.
    """

    g: float
    delta: float
    gamma_h: float
    gamma_c: float
    T_h: float
    T_c: float
    bath_cutoff: float = 1.0
    secular_cutoff: float = 10.0

    def open_system(self) -> OpenSystem:
        """For `qte.exact.hierarchy`; baths "h" and "c"."""
        h = sum(term.coefficient * term.operator.toarray() for term in self._hamiltonian())
        return OpenSystem(
            np.asarray(h, dtype=complex),
            tuple(
                DrudeLorentzBath(
                    name=label,
                    operator=np.asarray(embed({site: FLIP}, 2).toarray()),
                    strength=self._coupling(label) * self.bath_cutoff / 4,
                    cutoff=self.bath_cutoff,
                    T=self._temperature(label),
                )
                for label, site in SITES.items()
            ),
        )

    def by(self, equation: str) -> tuple[float, Complex]:
        """Energy current out of the hot bath, and the state (4, 4), by one of `EQUATIONS`."""
        generator = self._generator(equation)
        steady = steady_state(generator)
        return float(energy_current(generator, steady.doubles, "h")), np.asarray(steady.rho)

    def _generator(self, equation: str) -> Generator:
        if equation == "partial":
            near = el.hypot(self.delta, 2 * self.g) <= self.secular_cutoff * self.gamma_c
            equation = "merged" if near else "secular"
        if equation in ("local", "merged"):
            return Generator(self._hamiltonian(), self._of_single_qubits(equation == "merged"))
        basis = eigenbasis(self._hamiltonian(), (), 4)
        channels: list[Channel] = []
        for label, site in SITES.items():
            if equation == "secular":
                coupling = (Term.of(1.0, lowering(site, 2)),)
                channels += global_channels(label, self.bath(label), coupling, basis, (), secular=True)
            else:
                channels += hermitian_channels(
                    label,
                    self.bath(label),
                    (Term.of(1.0, embed({site: FLIP}, 2)),),
                    basis,
                    (),
                    form="redfield",
                    lamb_shift=equation == "shifted",
                )
        return Generator(energy_terms(basis), tuple(channels), basis.vectors, equation == "secular")

    def _of_single_qubits(self, merged: bool) -> tuple[Channel, ...]:
        return tuple(
            channel
            for label, site in SITES.items()
            for channel in local_channels(
                label, self.bath(label), 1.0 if merged else self._gap(site), lowering(site, 2)
            )
        )

    def _hamiltonian(self) -> Terms:
        return (
            Term.of(self._gap(0), excitation(0, 2)),
            Term.of(self._gap(1), excitation(1, 2)),
            Term.of(self.g, flip_flop(0, 1, 2)),
        )

    def _gap(self, site: int) -> float:
        return 1 + (site - 0.5) * self.delta

    def _temperature(self, label: str) -> float:
        return {"h": self.T_h, "c": self.T_c}[label]

    def _coupling(self, label: str) -> float:
        """The bare coupling that has the rate wanted at the mean gap."""
        rate = {"h": self.gamma_h, "c": self.gamma_c}[label]
        return rate / float(drude_lorentz(self.bath_cutoff)(1.0))

    def bath(self, label: str) -> Bath:
        """Bath "h" or "c", as the equations take it."""
        density = drude_lorentz(self.bath_cutoff)
        return Bath(self._temperature(label), self._coupling(label), spectral_density=density)


def signed_negativity(rho: Complex) -> float:
    """Minus the smallest eigenvalue of the partial transpose of two qubits: the negativity where positive."""
    crossed = np.asarray(rho).reshape(2, 2, 2, 2).transpose(0, 3, 2, 1).reshape(4, 4)
    values, _ = matrices.eigh((crossed + crossed.conj().T) / 2)
    return -float(values.min())
