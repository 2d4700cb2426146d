"""Textbook matrices of a generator, from dense NumPy alone, to hold the sparse ones against."""

from __future__ import annotations

from typing import Any

import numpy as np

from qte.physics.generators import Channel, Generator, Term

Matrix = Any


def number(coefficient: Any, generator: Generator, point: int) -> float:
    """A coefficient at one grid point (C order)."""
    return float(np.broadcast_to(coefficient, generator.shape).flat[point])


def hamiltonian(generator: Generator, point: int = 0) -> Matrix:
    return sum(number(t.coefficient, generator, point) * t.operator.toarray() for t in generator.hamiltonian)


def dissipate(generator: Generator, channels: Any, rho: Matrix, point: int = 0) -> Matrix:
    """Sum of the dissipators of some channels, applied to rho."""
    out = np.zeros_like(rho)
    for channel in channels:
        a, b = jumps(generator, channel, point)
        decay = b.conj().T @ a
        gain = a @ rho @ b.conj().T + b @ rho @ a.conj().T
        loss = decay @ rho + rho @ decay.conj().T
        out = out + number(channel.rate, generator, point) / 2 * (gain - loss)
    return out


def jumps(generator: Generator, channel: Channel, point: int = 0) -> tuple[Matrix, Matrix]:
    """Jump operator and partner (itself if there is none)."""

    def total(terms: tuple[Term, ...]) -> Matrix:
        return sum(number(t.coefficient, generator, point) * t.operator.toarray() for t in terms)

    a = total(channel.jump)
    return a, a if channel.partner is None else total(channel.partner)


def image(generator: Generator, rho: Matrix, point: int = 0) -> Matrix:
    """The right-hand side d rho/dt of the master equation."""
    h = hamiltonian(generator, point)
    return -1j * (h @ rho - rho @ h) + dissipate(generator, generator.channels, rho, point)


def random_hermitian(rng: np.random.Generator, d: int) -> Matrix:
    x = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    return x + x.conj().T
