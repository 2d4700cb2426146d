"""Energy balances of a state under a generator.

Heat is measured with the full Hamiltonian of the terms, interaction included,
and is positive when it flows from the reservoir into the system.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
from numpy.typing import NDArray

from qte.blocks import observable, superoperator
from qte.generators import Channel, Generator

Array = NDArray[np.float64]


def energy_current(generator: Generator, unknowns: Array, reservoir: Hashable) -> Array:
    r"""``Tr[H D_r rho]``: energy per time from one reservoir, shape (...).

    Parameters
    ----------
    generator : Generator
    unknowns : ndarray, shape (d**2, points)
        State in the generator's frame (`qte.blocks.to_unknowns`, flattened grid).
    reservoir : hashable

    Raises
    ------
    ParameterError
        Unknown label.
    """
    return _power(generator, unknowns, generator.channels_of(reservoir))


def dephasing_power(generator: Generator, unknowns: Array) -> Array:
    """Energy per time that the channels without a reservoir bring in, shape (...)."""
    channels = tuple(c for c in generator.channels if c.reservoir is None)
    if not channels:
        return np.zeros(generator.shape)
    return _power(generator, unknowns, channels)


def particle_current(generator: Generator, unknowns: Array, reservoir: Hashable) -> Array:
    """Net number of quanta per time from one reservoir, shape (...)."""
    total = np.zeros(generator.shape)
    for channel in generator.channels_of(reservoir):
        if channel.quanta:
            total += channel.quanta * _jump_rate(generator, channel, unknowns)
    return total


def _jump_rate(generator: Generator, channel: Channel, unknowns: Array) -> Array:
    """Expected jumps per time: rate * <A^+ A> (real part of <B^+ A> with a partner)."""
    total = np.zeros(generator.shape)
    for a in channel.jump:
        for b in channel.partner or channel.jump:
            overlap = (b.operator.conj().T @ a.operator).toarray().astype(complex)
            weights = observable((overlap + overlap.conj().T) / 2)
            used = np.flatnonzero(weights)
            mean = (weights[used] @ unknowns[used]).reshape(generator.shape)
            total += channel.rate * a.coefficient * b.coefficient * mean
    return total


def entropy_production(heats: Mapping[Hashable, Array], temperatures: Mapping[Hashable, Array]) -> Array:
    """``-sum_r Q_r/T_r`` in a steady state, shape (...).

    +inf where heat flows into a bath at T = 0; a bath without heat adds nothing.
    """
    total = np.zeros(())
    for label, heat in heats.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(heat == 0, 0.0, -heat / np.asarray(temperatures[label]))
        total = total + share
    return np.asarray(total)


def _power(generator: Generator, unknowns: Array, channels: tuple[Channel, ...]) -> Array:
    """``Tr[H D rho]`` of some channels, term by term of H, shape (...)."""
    weights = [observable(t.operator.toarray().astype(complex)) for t in generator.hamiltonian]
    rows = np.flatnonzero(np.any(np.array(weights) != 0, axis=0))
    change = superoperator(generator, channels, hamiltonian=False).apply(unknowns, rows)
    total = np.zeros(generator.shape)
    for term, weight in zip(generator.hamiltonian, weights, strict=True):
        if np.any(term.coefficient != 0):
            share = np.zeros(change.shape[1])
            for w, row in zip(weight[rows], change, strict=True):
                if w != 0:
                    share += w * row
            total += term.coefficient * share.reshape(generator.shape)
    return total
