"""The operators of a machine's master equation, as other programs want them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from qte.common import matrices
from qte.common import parameters as check
from qte.common.double_double import leading
from qte.common.errors import ParameterError
from qte.physics.generators import Generator
from qte.physics.terms import Channel, Term, dense

Complex = NDArray[np.complex128]


class Operators(ABC):
    """What `hamiltonian_of`, `jump_operators_of` and `liouvillian_of` give of a machine's generator."""

    @property
    @abstractmethod
    def _generator(self) -> Generator: ...

    def hamiltonian(self) -> Complex:
        """H in the computational basis, shape (..., d, d)."""
        return hamiltonian_of(self._generator)

    def jump_operators(self, *reservoirs: Hashable) -> list[Complex]:
        """Jump operators with the roots of their rates, of some reservoirs or of all channels, (..., d, d) each."""
        return jump_operators_of(self._generator, *reservoirs)

    def liouvillian(self) -> Complex:
        """The generator on states stacked column by column, as QuTiP has it, shape (..., d**2, d**2)."""
        return liouvillian_of(self._generator)


def hamiltonian_of(generator: Generator) -> Complex:
    """H of a generator in the computational basis, shape (..., d, d)."""
    check.instance("generator", generator, Generator)
    return _operator(generator, generator.hamiltonian)


def jump_operators_of(generator: Generator, *reservoirs: Hashable) -> list[Complex]:
    """Jump operators ``sqrt(rate) A`` in the computational basis, shape (..., d, d) each.

    Parameters
    ----------
    generator : Generator
    reservoirs : hashable
        Labels; all channels, those without a reservoir too, if there are none.

    Raises
    ------
    ParameterError
        A label that the generator does not know; a Redfield equation, which has no jump operators.
    """
    check.instance("generator", generator, Generator)
    chosen = [c for label in reservoirs for c in generator.channels_of(label)]
    found = []
    for channel in chosen if reservoirs else generator.channels:
        rate = _rate(generator, channel)
        if channel.partner is not None or np.any(rate < 0):
            raise ParameterError(
                "generator", "a Redfield equation", "have jump operators: ask for the Liouvillian"
            )
        found.append(np.sqrt(rate)[..., None, None] * _operator(generator, channel.jump))
    return found


def liouvillian_of(generator: Generator) -> Complex:
    """A generator on states stacked column by column, as QuTiP has it, shape (..., d**2, d**2)."""
    check.instance("generator", generator, Generator)
    one = np.eye(generator.dim)
    h = hamiltonian_of(generator)
    total = -1j * (_kron(one, h) - _kron(_turned(h), one))
    for channel in generator.channels:
        a = _operator(generator, channel.jump)
        b = a if channel.partner is None else _operator(generator, channel.partner)
        decay = matrices.product(matrices.adjoint(b), a)
        gain = _kron(b.conj(), a) + _kron(a.conj(), b)
        loss = _kron(one, decay) + _kron(decay.conj(), one)
        total = total + _rate(generator, channel)[..., None, None] * (gain - loss) / 2
    return np.asarray(total)


def _operator(generator: Generator, terms: Sequence[Term]) -> Complex:
    matrix = dense(terms, generator.shape, generator.dim)
    if generator.frame is None:
        return matrix
    return np.asarray(matrices.product(generator.frame, matrix, matrices.adjoint(generator.frame)))


def _rate(generator: Generator, channel: Channel) -> NDArray[np.float64]:
    return np.broadcast_to(np.asarray(leading(channel.rate)), generator.shape)


def _turned(matrix: Complex) -> Complex:
    return np.asarray(np.swapaxes(matrix, -1, -2))


def _kron(a: NDArray[np.complex128 | np.float64], b: NDArray[np.complex128 | np.float64]) -> Complex:
    """Kronecker products of matrices on a grid."""
    size = a.shape[-1] * b.shape[-1]
    product = matrices.times(a[..., :, None, :, None], b[..., None, :, None, :])
    return np.asarray(product.reshape(*product.shape[:-4], size, size))
