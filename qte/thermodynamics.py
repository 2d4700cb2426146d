"""Energy balances of a state under a generator.

Heat is measured with the full Hamiltonian of the terms, interaction included,
and is positive when it flows from the reservoir into the system.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
from numpy.typing import NDArray

from qte.blocks import observable, superoperator
from qte.generators import Generator

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


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
    return _flow(generator, unknowns, reservoir, generator.hamiltonian_matrix)


def dephasing_power(generator: Generator, unknowns: Array) -> Array:
    """Energy per time that the channels without a reservoir bring in, shape (...)."""
    channels = tuple(c for c in generator.channels if c.reservoir is None)
    if not channels:
        return np.zeros(generator.shape)
    change = superoperator(generator, channels, hamiltonian=False).apply(unknowns)
    return _contract(generator, generator.hamiltonian_matrix, change)


def particle_current(generator: Generator, unknowns: Array, reservoir: Hashable) -> Array:
    """Net number of quanta per time from one reservoir, shape (...)."""
    total = np.zeros(generator.shape)
    one = np.eye(generator.dim, dtype=complex)
    for quanta in (+1, -1):
        channels = tuple(c for c in generator.channels_of(reservoir) if c.quanta == quanta)
        total += quanta * _jump_rate(generator, channels, unknowns, one)
    return total


def _jump_rate(generator: Generator, channels: tuple, unknowns: Array, one: Complex) -> Array:  # type: ignore[type-arg]
    """Expected jumps per time: sum of rate * <A^+ A> (real part of <B^+ A> with a partner)."""
    total = np.zeros(generator.shape)
    for channel in channels:
        for a in channel.jump:
            for b in channel.partner or channel.jump:
                overlap = (b.operator.conj().T @ a.operator).toarray().astype(complex)
                weights = observable((overlap + overlap.conj().T) / 2)
                mean = (weights @ unknowns).reshape(generator.shape)
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


def _flow(generator: Generator, unknowns: Array, reservoir: Hashable, operator: Complex) -> Array:
    channels = generator.channels_of(reservoir)
    change = superoperator(generator, channels, hamiltonian=False).apply(unknowns)
    return _contract(generator, operator, change)


def _contract(generator: Generator, operator: Complex, change: Array) -> Array:
    weights = observable(operator)
    return np.asarray((weights * change.reshape(weights.shape[0], *generator.shape)).sum(axis=0))
