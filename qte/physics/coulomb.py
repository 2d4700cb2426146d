"""Qubits that repel each other, and Fermi baths that feel the repulsion.

A bond joins two qubits; both excited cost the Coulomb energy U.  A bath
exchanges one particle with its own qubit at the energy ``eps + k U``, where k
counts the excited neighbours, and every configuration of the neighbours has a
jump operator of its own (khandelwal2025 eq. (2)): the bath could tell them
apart by the energy, and a jump that keeps coherence between configurations
would be another machine.

The limit ``U = inf`` is taken exactly.  The number of closed bonds is then
conserved by H: exchange terms that would change it rotate infinitely fast and
drop out, those that keep it stay, and the energy U of the bonds itself only
turns the phase of coherences between different numbers of bonds, which no
population meets.  Absorption next to an excited neighbour has rate 0 and
emission the full rate, so that states without a closed bond never leave their
space.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations
from typing import Annotated, Any, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.common.double_double import two_sum
from qte.physics.baths import Bath
from qte.physics.generators import Channel, Term
from qte.physics.operators import Operator, flip_flop, total_excitation

Array = NDArray[np.float64]
Bonds = tuple[tuple[int, int], ...]
Exchange = tuple[ArrayLike, int, int]
Repulsion: TypeAlias = Annotated[Any, check.Number("Coulomb repulsion", minimum=0.0, infinite=True)]
Drive: TypeAlias = Annotated[Any, check.Number("chemical potential", infinite=True)]


def all_pairs(n: int) -> Bonds:
    """A bond between every two of n qubits."""
    return tuple(combinations(range(n), 2))


def occupation_table(n: int) -> NDArray[np.int64]:
    """Excitation (0 or 1) of every qubit in every basis state, shape (2**n, n)."""
    words = 2**n - 1 - np.arange(2**n)
    return np.asarray((words[:, None] >> (n - 1 - np.arange(n))) & 1)


def closed_bonds(n: int, bonds: Bonds) -> NDArray[np.int64]:
    """Number of bonds with both ends excited, shape (2**n,)."""
    excited = occupation_table(n)
    count = np.zeros(2**n, dtype=np.int64)
    for i, j in bonds:
        count += excited[:, i] * excited[:, j]
    return count


def neighbours(site: int, bonds: Bonds) -> tuple[int, ...]:
    """Qubits that share a bond with `site`."""
    return tuple(sorted({i + j - site for i, j in bonds if site in (i, j)}))


def check_limits(U: Array, mu: Array) -> None:
    """Refuse mu = inf with finite U: eq. (3) wants U/mu -> inf."""
    allowed = "be finite where U is finite; the ideal limit of eq. (3), U/mu -> inf, is U = mu = inf"
    check.require("mu", mu, np.isfinite(mu) | np.isinf(U), allowed)


def energy_above(eps: ArrayLike, U: ArrayLike, mu: ArrayLike, k: int) -> Array:
    """``eps + k U - mu``, shape (...); with eq. (3), U = inf outdoes mu = inf."""
    gap, repulsion, potential = (np.asarray(a, dtype=float) for a in (eps, U, mu))
    if k == 0:
        return np.asarray(gap - potential)
    with np.errstate(invalid="ignore"):
        # k U - mu is exact where the two nearly cancel
        above = (k * repulsion - potential) + gap
    return np.where(np.isinf(repulsion), np.inf, above)


def _cut_off(eps: ArrayLike, U: ArrayLike, mu: ArrayLike, k: int) -> Array:
    """What rounding cuts off from `energy_above`, shape (...); only an `ExtendedBath` feels it."""
    gap, repulsion, potential = (np.asarray(a, dtype=float) for a in (eps, U, mu))
    with np.errstate(invalid="ignore"):
        above, first = two_sum(k * repulsion, -potential) if k else (-potential, np.zeros(()))
        _, second = two_sum(above, gap)
        return np.asarray(np.where(np.isfinite(first + second), first + second, 0.0))


def hamiltonian(
    n: int, eps: ArrayLike, U: ArrayLike, exchanges: Iterable[Exchange], bonds: Bonds
) -> tuple[Term, ...]:
    """``eps N + U (closed bonds) + sum of g (s+ s- + s- s+)``, khandelwal2025 eq. (1).

    Parameters
    ----------
    n : int
        Number of qubits.
    eps, U : array_like, shape (...)
        U may be +inf (see the module's notes).
    exchanges : iterable of (g, site, site)
        Flip-flop couplings.
    bonds : tuple of (int, int)
    """
    count = closed_bonds(n, bonds)
    blockade = np.isinf(U)
    terms = [
        Term.of(eps, total_excitation(n)),
        Term.of(np.where(blockade, 0.0, U), sp.diags_array(count.astype(float))),
    ]
    for g, i, j in exchanges:
        keeping, changing = _by_bonds(flip_flop(i, j, n), count)
        terms.append(Term.of(g, keeping))
        if changing.nnz:
            terms.append(Term.of(np.where(blockade, 0.0, g), changing))
    return tuple(terms)


def bath_channels(
    reservoir: Hashable,
    bath: Bath,
    energies: tuple[ArrayLike, ArrayLike, ArrayLike],
    site: int,
    n: int,
    bonds: Bonds,
) -> tuple[Channel, ...]:
    """Emission and absorption of one qubit, one pair for every configuration of its neighbours.

    Parameters
    ----------
    reservoir : hashable
    bath : Bath
        Fermi bath whose chemical potential is 0: energies count from `mu`, but for those of its
        spectral density, which is a function of ``eps + k U``.
    energies : (eps, U, mu)
    site : int
    n : int
    bonds : tuple of (int, int)
    """
    around = neighbours(site, bonds)
    rates = []
    for k in range(len(around) + 1):
        above, tail = energy_above(*energies, k), _cut_off(*energies, k)
        own = _at_level(bath, energies, k)
        rates.append(own.rates(above, tail))
    channels: list[Channel] = []
    for configuration in np.ndindex(*(2,) * len(around)):
        up = _raising(site, around, configuration, n)
        emission, absorption = rates[sum(configuration)]
        channels.append(Channel.of(reservoir, emission, up.T, -1))
        channels.append(Channel.of(reservoir, absorption, up, +1))
    return tuple(channels)


def _at_level(bath: Bath, energies: tuple[ArrayLike, ArrayLike, ArrayLike], k: int) -> Bath:
    """The bath with the coupling that it has at ``eps + k U``: mu is no origin of a spectral density."""
    if bath.spectral_density is None:
        return bath
    repulsion = np.asarray(energies[1], dtype=float)
    check.require("U", repulsion, np.isfinite(repulsion), "be finite with a spectral density")
    return bath.flat_at(np.asarray(energies[0], dtype=float) + k * repulsion)


def _raising(site: int, around: Sequence[int], configuration: Sequence[int], n: int) -> Operator:
    """|1><0| of one qubit times the projector on one configuration of its neighbours."""
    excited = occupation_table(n)
    fits = (excited[:, site] == 0) & np.all(excited[:, list(around)] == configuration, axis=1)
    columns = np.flatnonzero(fits)
    rows = columns - 2 ** (n - 1 - site)
    return sp.csr_array((np.ones(len(columns)), (rows, columns)), shape=(2**n, 2**n))


def _by_bonds(operator: Operator, count: NDArray[np.int64]) -> tuple[Operator, Operator]:
    """The parts of an operator that keep and that change the number of closed bonds."""
    coo = sp.coo_array(operator)
    keeps = count[coo.row] == count[coo.col]
    parts = []
    for chosen in (keeps, ~keeps):
        entries = (coo.data[chosen], (coo.row[chosen], coo.col[chosen]))
        parts.append(sp.csr_array(entries, shape=coo.shape))
    return parts[0], parts[1]
