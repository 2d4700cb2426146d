"""Dissipators between eigenstates of H: secular (Lindblad) and Redfield."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.physics.baths import Bath
from qte.physics.eigenbasis import Eigenbasis
from qte.physics.lamb_shift import lowering_shifts
from qte.physics.operators import adjoint
from qte.physics.terms import Channel, Term, Terms, as_terms
from qte.physics.transitions import Grouped, groups, joined, transitions

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Redfield equations of so many levels are added up first: their pairs of transitions would be levels to the fourth.
JOINED_FROM = 8


def global_channels(
    reservoir: Hashable,
    bath: Bath,
    coupling: Terms,
    basis: Eigenbasis,
    shape: tuple[int, ...],
    *,
    secular: bool = True,
    lamb_shift: bool = False,
) -> tuple[Channel, ...]:
    """Dissipators of a bath that couples through `coupling` (a lowering operator).

    The coupling operator A is split into its parts A(w) that lower the energy
    by w.  Secular: ``sum_w gamma^-(w) D[A(w)] + gamma^+(w) D[A(w)^+]``, where
    frequencies that agree to a relative 1e-10 count as one, at every grid
    point by itself.  Otherwise the Redfield form, which keeps every pair of frequencies.
    With `lamb_shift` the principal parts are kept as well (`qte.physics.lamb_shift.lowering_shifts`),
    as part of the dissipator.

    Returns
    -------
    tuple of Channel
        Written in the eigenbasis.

    Raises
    ------
    ParameterError
        A part with w <= 0 meets a bosonic bath, which has no such mode; a Lamb shift whose integral diverges.

    Examples
    --------
    >>> from qte.physics.eigenbasis import eigenbasis, energy_terms
    >>> from qte.physics.generators import Generator
    >>> from qte.physics.operators import flip_flop, lowering, total_excitation
    >>> terms = (Term.of(1.0, total_excitation(2)), Term.of(0.4, flip_flop(0, 1, 2)))
    >>> basis = eigenbasis(terms, (), 4)
    >>> channels = global_channels("h", Bath(1.0, 0.01), (Term.of(1.0, lowering(0, 2)),), basis, ())
    >>> len(channels)
    4
    >>> Generator(energy_terms(basis), channels, basis.vectors).dim
    4
    """
    check.instance("bath", bath, Bath)
    check.instance("lamb_shift", lamb_shift, bool)
    coupling = as_terms("coupling", coupling)
    dim = basis.support.shape[0]
    if coupling[0].operator.shape[0] != dim:
        raise ParameterError(
            "coupling", coupling[0].operator.shape, f"have the shape ({dim}, {dim}) of the basis"
        )
    parts = transitions(coupling, basis, shape)
    if not parts:
        return ()
    if not secular:
        return _redfield(_Driven.of(reservoir, bath, Grouped.apart(parts, shape), lamb_shift))
    found = Grouped.of(parts, shape)
    driven = _Driven.of(reservoir, bath, found, lamb_shift)
    pattern = found.pattern
    return _pairwise(driven) if pattern is None else _lindblad(driven, pattern)


@dataclass(frozen=True, eq=False)
class _Driven:
    """Transitions that a reservoir drives; with shifts of emission and absorption, shapes (n, ...), or without."""

    reservoir: Hashable
    bath: Bath
    found: Grouped
    shifts: tuple[Array, Array] | None

    @classmethod
    def of(cls, reservoir: Hashable, bath: Bath, found: Grouped, shifted: bool) -> _Driven:
        found = _without_noise(bath, found)
        return cls(reservoir, bath, found, lowering_shifts(bath, found.frequencies) if shifted else None)

    def rates(self, k: int | slice) -> tuple[Any, Any]:
        """Emission and absorption at the frequency of a transition, and its tail, which an `ExtendedBath` feels."""
        return self.bath.rates(self.found.frequencies[k], self.found.tails[k])

    def channels(self, k: int, down: Terms, partner: Terms | None = None) -> list[Channel]:
        """Both ways of a jump at the frequency of one transition, and what they shift."""
        ways = [(-1, down, partner), (+1, _adjoint(down), None if partner is None else _adjoint(partner))]
        found = [
            Channel(self.reservoir, rate, jump, other, quanta)
            for (quanta, jump, other), rate in zip(ways, self.rates(k), strict=True)
        ]
        for (quanta, jump, other), shift in zip(ways, self.shifts or (), strict=False):
            turned = tuple(Term(t.coefficient, 1j * t.operator) for t in jump)
            found.append(
                Channel(self.reservoir, 2 * shift[k], turned, jump if other is None else other, quanta)
            )
        return found


def _without_noise(bath: Bath, found: Grouped) -> Grouped:
    """Transitions that a bosonic bath could not drive, left out where their amplitude is round-off."""
    frequencies = found.frequencies
    if bath.statistics != "bose" or np.all(frequencies > 0):
        return found
    # of one frequency all have to be, or the bath is asked for a mode it does not have
    idle = (frequencies <= 0) & found.only_noise()
    kept = [
        dataclasses.replace(p, amplitude=np.where(gone, 0.0, p.amplitude)) if gone.any() else p
        for p, gone in zip(found.parts, idle, strict=True)
    ]
    # nothing is driven at the frequency put in their place
    safe = np.where(idle, np.abs(frequencies).max(axis=0) + 1.0, frequencies)
    return dataclasses.replace(found, parts=kept, frequencies=safe)


def _adjoint(terms: Terms) -> Terms:
    return tuple(Term(t.coefficient, adjoint(t.operator)) for t in terms)


def _lindblad(driven: _Driven, pattern: NDArray[np.bool_]) -> tuple[Channel, ...]:
    channels: list[Channel] = []
    for leader, members in groups(pattern):
        channels += driven.channels(leader, tuple(t for m in members for t in driven.found.parts[m].terms()))
    return tuple(channels)


def _pairwise(driven: _Driven) -> tuple[Channel, ...]:
    """The secular form where the sets of equal frequencies differ between grid points."""
    channels: list[Channel] = []
    parts, same = driven.found.parts, driven.found.same
    for p, part in enumerate(parts):
        partner = tuple(
            term for q, other in enumerate(parts) if np.any(same[p, q]) for term in other.terms(same[p, q])
        )
        channels += driven.channels(p, part.terms(), partner)
    return tuple(channels)


def _redfield(driven: _Driven) -> tuple[Channel, ...]:
    parts = driven.found.parts
    if parts[0].dim >= JOINED_FROM and type(driven.bath.in_doubles) is type(driven.bath):
        return _redfield_joined(driven)
    whole = tuple(term for p in parts for term in p.terms())
    return tuple(c for k, part in enumerate(parts) for c in driven.channels(k, part.terms(), whole))


def _redfield_joined(driven: _Driven) -> tuple[Channel, ...]:
    """The same with all that no parameter of the grid moves added up: one pair of operators at a single point."""
    parts, (down, up) = driven.found.parts, driven.rates(slice(None))
    if driven.shifts is not None:
        # the adjoint below turns the sign of an imaginary weight
        down, up = down + 2j * driven.shifts[0], up - 2j * driven.shifts[1]
    whole, one = joined(parts, [1.0] * len(parts)), np.ones(())
    return (
        Channel(driven.reservoir, one, joined(parts, list(down)), whole, -1),
        Channel(driven.reservoir, one, _adjoint(joined(parts, list(up))), _adjoint(whole), +1),
    )
