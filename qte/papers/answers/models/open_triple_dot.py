"""The three-dot machine with its reservoirs, for the methods of `qte.exact`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qte.exact.hierarchy import FermionicLead, OpenSystem
from qte.papers.answers.models.triple_dot import TripleDot

Complex = NDArray[np.complex128]


def open_system(machine: TripleDot, width: float) -> OpenSystem:
    """The machine at one point of its parameters.

    Parameters
    ----------
    machine : TripleDot
        All its parameters are single numbers.
    width : float
        Half width of the Lorentzian bands, which lie around the chemical potentials.
    """
    leads = tuple(
        FermionicLead(
            name=lead,
            operator=np.asarray(operator.toarray()),
            gamma=float(gamma),
            T=float(T),
            mu=float(mu),
            width=width,
        )
        for lead, (operator, gamma, T, mu) in machine.leads().items()
    )
    return OpenSystem(machine.hamiltonian(), leads)


def singlet_concurrence(rho: Complex) -> float:
    """Concurrence of dots 1 and 2 of a state without coherence between different numbers of electrons, (8, 8).

    ``2 max(0, |c| - sqrt(p_11 p_00))`` (khandelwal2025); a population that is negative, by what a hierarchy leaves of
    the state, counts as none.
    """
    pair = np.einsum("iaja->ij", rho.reshape(4, 2, 4, 2))
    full, empty = max(0.0, pair[0, 0].real), max(0.0, pair[3, 3].real)
    return float(2 * max(0.0, abs(pair[1, 2]) - np.sqrt(full * empty)))
