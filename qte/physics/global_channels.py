"""Dissipators between eigenstates of H: secular (Lindblad) and Redfield."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.physics.baths import Bath
from qte.physics.eigenbasis import Eigenbasis
from qte.physics.terms import Channel, Term, Terms, as_terms
from qte.physics.transitions import (
    SAME_FREQUENCY,
    Transition,
    cluster_means,
    clusters,
    common_pattern,
    joined,
    transitions,
)

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# An amplitude below this, relative to the largest and a transition, is round-off of one that is 0.
NO_AMPLITUDE = 1e-15
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
) -> tuple[Channel, ...]:
    """Dissipators of a bath that couples through `coupling` (a lowering operator).

    The coupling operator A is split into its parts A(w) that lower the energy
    by w.  Secular: ``sum_w gamma^-(w) D[A(w)] + gamma^+(w) D[A(w)^+]``, where
    frequencies that agree to a relative 1e-10 count as one, at every grid
    point by itself.  Otherwise the Redfield form without Lamb shift, which keeps
    every pair of frequencies.

    Returns
    -------
    tuple of Channel
        Written in the eigenbasis.

    Raises
    ------
    ParameterError
        A part with w <= 0 meets a bosonic bath, which has no such mode.

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
    coupling = as_terms("coupling", coupling)
    dim = basis.support.shape[0]
    if coupling[0].operator.shape[0] != dim:
        raise ParameterError(
            "coupling", coupling[0].operator.shape, f"have the shape ({dim}, {dim}) of the basis"
        )
    parts = transitions(coupling, basis, shape)
    if not parts:
        return ()
    frequencies = np.stack([np.broadcast_to(p.frequency, shape) for p in parts])
    alone = np.eye(len(parts), dtype=bool).reshape(len(parts), len(parts), *(1,) * len(shape))
    if not secular:
        parts, frequencies = _without_noise(bath, parts, frequencies, alone)
        return _redfield(reservoir, bath, parts, frequencies)
    labels = clusters(frequencies, SAME_FREQUENCY)
    same = labels[:, None] == labels[None, :]
    frequencies = cluster_means(frequencies, same)
    parts, frequencies = _without_noise(bath, parts, frequencies, same)
    pattern = common_pattern(same, len(shape))
    if pattern is not None:
        return _lindblad(reservoir, bath, parts, frequencies, pattern)
    return _pairwise(reservoir, bath, parts, frequencies, same)


def _without_noise(
    bath: Bath, parts: list[Transition], frequencies: Array, same: NDArray[np.bool_]
) -> tuple[list[Transition], Array]:
    """Transitions that a bosonic bath could not drive, left out where their amplitude is round-off."""
    if bath.statistics != "bose" or np.all(frequencies > 0):
        return parts, frequencies
    amplitudes = np.stack([np.broadcast_to(np.abs(p.amplitude), frequencies.shape[1:]) for p in parts])
    noise = amplitudes <= NO_AMPLITUDE * len(parts) * amplitudes.max(axis=0)
    # of one frequency all have to be, or the bath is asked for a mode it does not have
    idle = (frequencies <= 0) & ~np.any(same & ~noise[None], axis=1)
    kept = [
        dataclasses.replace(p, amplitude=np.where(gone, 0.0, p.amplitude)) if gone.any() else p
        for p, gone in zip(parts, idle, strict=True)
    ]
    # nothing is driven at the frequency put in their place
    return kept, np.where(idle, np.abs(frequencies).max(axis=0) + 1.0, frequencies)


def _rates(bath: Bath, frequency: Array, tail: Array) -> tuple[Any, Any]:
    """Rates at a frequency and what its rounding cut off, which only an `ExtendedBath` feels."""
    return bath.emission(frequency, tail), bath.absorption(frequency, tail)


def _up_and_down(
    reservoir: Hashable, rates: tuple[Any, Any], down: Terms, partner: Terms | None = None
) -> tuple[Channel, Channel]:
    up = _adjoint(down)
    up_partner = None if partner is None else _adjoint(partner)
    return (
        Channel(reservoir, rates[0], down, partner, -1),
        Channel(reservoir, rates[1], up, up_partner, +1),
    )


def _adjoint(terms: Terms) -> Terms:
    return tuple(Term(t.coefficient, sp.csr_array(t.operator.conj().T)) for t in terms)


def _lindblad(
    reservoir: Hashable,
    bath: Bath,
    parts: list[Transition],
    frequencies: Array,
    same: NDArray[np.bool_],
) -> tuple[Channel, ...]:
    channels: list[Channel] = []
    for leader in sorted({int(np.argmax(row)) for row in same}):
        members = np.flatnonzero(same[leader])
        jump = tuple(term for m in members for term in parts[m].terms())
        tail = parts[leader].tail if len(members) == 1 else np.zeros(())
        channels += _up_and_down(reservoir, _rates(bath, frequencies[leader], tail), jump)
    return tuple(channels)


def _pairwise(
    reservoir: Hashable,
    bath: Bath,
    parts: list[Transition],
    frequencies: Array,
    same: NDArray[np.bool_],
) -> tuple[Channel, ...]:
    """The secular form where the sets of equal frequencies differ between grid points."""
    channels: list[Channel] = []
    for p, part in enumerate(parts):
        partner = tuple(
            term for q, other in enumerate(parts) if np.any(same[p, q]) for term in other.terms(same[p, q])
        )
        jump = part.terms()
        tail = np.where(same[p].sum(axis=0) == 1, part.tail, 0.0)
        channels += _up_and_down(reservoir, _rates(bath, frequencies[p], tail), jump, partner)
    return tuple(channels)


def _redfield(
    reservoir: Hashable, bath: Bath, parts: list[Transition], frequencies: Array
) -> tuple[Channel, ...]:
    if parts[0].dim >= JOINED_FROM and type(bath.in_doubles) is type(bath):
        return _redfield_joined(reservoir, bath, parts, frequencies)
    whole = tuple(term for p in parts for term in p.terms())
    channels: list[Channel] = []
    for part, frequency in zip(parts, frequencies, strict=True):
        jump = part.terms()
        channels += _up_and_down(reservoir, _rates(bath, frequency, part.tail), jump, whole)
    return tuple(channels)


def _redfield_joined(
    reservoir: Hashable, bath: Bath, parts: list[Transition], frequencies: Array
) -> tuple[Channel, ...]:
    """The same with all that no parameter of the grid moves added up: one pair of operators at a single point."""
    ones = [1.0] * len(parts)
    whole = joined(parts, ones)
    down, up = _rates(
        bath, frequencies, np.stack([np.broadcast_to(p.tail, frequencies.shape[1:]) for p in parts])
    )
    one = np.ones(())
    return (
        Channel(reservoir, one, joined(parts, list(down)), whole, -1),
        Channel(reservoir, one, _adjoint(joined(parts, list(up))), _adjoint(whole), +1),
    )
