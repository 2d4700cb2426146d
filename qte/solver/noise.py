"""Noise of currents: how fast the covariances of what has flowed grow, and its spectrum.

Counting multiplies the jumps of a reservoir by phases; first and second derivatives of the
tilted generator by its fields, at 0, and the Drazin inverse R of the generator give

    S_ab = Tr[L''_ab rho] - Tr[L'_a R L'_b rho] - Tr[L'_b R L'_a rho]

(C. Flindt, T. Novotny, A. Braggio and A.-P. Jauho, Phys. Rev. B 82, 155407 (2010)).  Particles
are the quanta of the jumps.  Energy is measured by H before and after what a reservoir does:
``L_chi = exp(chi K) D exp(-chi K)`` with ``K X = (H X + X H)/2``, whose mean is the current
``Tr[H D rho]`` of every form of master equation, and whose jumps count the transition's energy
where they have one.  At a frequency w the products of rates are apart in time, and the resolvents
``(L + i w)**-1`` and ``(L - i w)**-1`` stand for R.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from functools import cached_property
from math import comb

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from qte.common import matrices
from qte.common import parameters as check
from qte.common.double_double import leading
from qte.common.errors import IllConditioned, ParameterError, SteadyStateError
from qte.common.progress import announced
from qte.physics.generators import Channel
from qte.physics.operators import Operator, adjoint
from qte.solver.block_solver import point_of
from qte.solver.blocks import Superoperator, observable, superoperator, unknowns_of
from qte.solver.limits import CHUNK, SUPEROPERATOR_LIMIT
from qte.solver.linear_response import respond, respond_at
from qte.solver.steady import SteadyState

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

CURRENTS = ("heat", "particle")

# Round-off of a noise over what independent jumps would make, and what of it is taken without a word.
ROUND_OFF, KNOWN = 16 * np.finfo(float).eps, 1e-8
# Seconds that one frequency of a spectrum takes, at least.
SECONDS = 1e-3


class CurrentNoise:
    """Means and covariances of the currents of a steady state.

    Parameters
    ----------
    state : SteadyState
        Unique at every point.

    Raises
    ------
    SteadyStateError
        It is not.
    ParameterError
        More levels than superoperators are written down for.
    """

    def __init__(self, state: SteadyState) -> None:
        check.instance("state", state, SteadyState)
        if not state.unique.all():
            places = [tuple(int(k) for k in place) for place in np.argwhere(~state.unique)]
            raise SteadyStateError("The noise is not defined: the steady state is not unique", places)
        self.generator = state.generator
        if self.generator.dim > SUPEROPERATOR_LIMIT:
            raise ParameterError(
                "state", self.generator.dim, f"have <= {SUPEROPERATOR_LIMIT} levels for noise"
            )
        self.rho = state.doubles
        self._counted: dict[tuple[Hashable, str], _Counted] = {}

    def mean(self, reservoir: Hashable, current: str = "heat") -> Array:
        """Energy or quanta per time from a reservoir, shape (...)."""
        return self._on_grid(self._count(reservoir, current).rate(self.rho))

    def covariance(
        self,
        reservoir: Hashable,
        other: Hashable,
        current: str = "heat",
        other_current: str = "heat",
        *,
        accuracy: float = KNOWN,
    ) -> Array:
        """Growth of the covariance of what has come from two reservoirs, shape (...); symmetric in both.

        Parameters
        ----------
        reservoir, other : hashable
            Labels; twice the same gives the growth of a variance.
        current, other_current : {"heat", "particle"}
        accuracy : float
            What round-off of the single jumps may move it by, as a fraction of the two standard deviations.

        Raises
        ------
        ParameterError
            A label that the generator does not know, or another kind of current.
        IllConditioned
            Jumps that come and go many times before one gets through leave less.
        """
        accuracy = check.scalar("accuracy", accuracy, above=0.0)
        first = self._count(reservoir, current)
        second = self._count(other, other_current, "other", "other_current")
        self._respond(first, second)
        (jumps, own), (others, its) = first.variance, second.variance
        total = own
        if first is not second:
            total = -(first.rate(second.response) + second.rate(first.response))
            if reservoir == other:
                total += first.coincidence(second)
        # roots first: products of such numbers may leave the range of a double
        lost = ROUND_OFF * np.sqrt(np.abs(jumps)) * np.sqrt(np.abs(others))
        wrong = np.flatnonzero(~(lost <= accuracy * np.sqrt(np.abs(own)) * np.sqrt(np.abs(its))))
        if wrong.size:
            raise IllConditioned(
                "The noise is not told from the round-off of jumps that come and go; a larger `accuracy` takes it "
                "as it is",
                [point_of(int(point), self.generator.shape) for point in wrong],
            )
        return self._on_grid(total)

    def spectrum(
        self,
        reservoir: Hashable,
        other: Hashable,
        frequencies: ArrayLike,
        current: str = "heat",
        other_current: str = "heat",
    ) -> Complex:
        """Spectrum ``int dt exp(i w t) <I(t) I'(0)>`` of what two reservoirs' currents do beyond their means.

        Parameters
        ----------
        reservoir, other, current, other_current
            As in `covariance`, which it is at w = 0.
        frequencies : array_like, shape (nf,)
            w, of either sign.

        Returns
        -------
        ndarray of complex, shape (..., nf)
            Without imaginary part where both are the same, and conjugate at -w; the charging of the system
            between its contacts is in it.

        Raises
        ------
        ParameterError
            As `covariance`; frequencies that are no list of numbers.
        SteadyStateError
            An undamped oscillation has one of the frequencies.
        """
        moments = check.real("frequencies", frequencies)
        if moments.ndim != 1:
            raise ParameterError("frequencies", frequencies, "be a list of frequencies")
        first = self._count(reservoir, current)
        second = self._count(other, other_current, "other", "other_current")
        at_once: Array = np.zeros(self.rho.shape[1])
        if reservoir == other:
            at_once = first.coincidence(second)
        sources = np.array([one.first() - self.rho * one.rate(self.rho) for one in (first, second)])
        total = np.empty((self.rho.shape[1], len(moments)), dtype=complex)
        numbered = list(enumerate(moments.tolist()))
        for k, w in announced(numbered, "noise spectrum", len(self.rho), SECONDS):
            its, own = respond_at(self.generator, sources, self.rho, w)[::-1]
            # the other first, then the one: at minus w it is the conjugate
            ahead = first.rate(its.real) + 1j * first.rate(its.imag)
            behind = second.rate(own.real) - 1j * second.rate(own.imag)
            total[:, k] = at_once - ahead - behind
        return total.reshape(*self.generator.shape, len(moments))

    def skewness(self, reservoir: Hashable, current: str = "heat", *, accuracy: float = KNOWN) -> Array:
        """Growth of the third cumulant of what has come from a reservoir, shape (...).

        By perturbation of the tilted generator's leading eigenvalue to third order.

        Raises
        ------
        ParameterError, IllConditioned
            As `covariance`.
        """
        counted = self._count(reservoir, current)
        self.covariance(reservoir, reservoir, current, current, accuracy=accuracy)
        first, second = counted.rate(self.rho), counted.variance[1]
        # states of first and second order in the counting field
        near = -counted.response
        source = second * self.rho - counted.derivative(2, self.rho)
        source += 2 * (first * near - counted.derivative(1, near))
        next_order = respond(self.generator, source[None], self.rho)[0]
        total = counted.trace(3, self.rho) + 3 * counted.trace(2, near) + 3 * counted.rate(next_order)
        if (lost := np.flatnonzero(~np.isfinite(total))).size:
            raise IllConditioned(
                "The skewness leaves the range of a double on the way",
                [point_of(int(point), self.generator.shape) for point in lost],
            )
        return self._on_grid(total)

    def _count(
        self, reservoir: Hashable, current: str, name: str = "reservoir", kind_name: str = "current"
    ) -> _Counted:
        check.choice(kind_name, current, CURRENTS)
        channels = self.generator.channels_of(reservoir, name)
        if (reservoir, current) not in self._counted:
            kind = _Heat if current == "heat" else _Particles
            self._counted[reservoir, current] = kind(self, channels)
        return self._counted[reservoir, current]

    def _respond(self, *counted: _Counted) -> None:
        """Find the responses that are not known, all at once."""
        missing = [one for one in dict.fromkeys(counted) if not one.response.size]
        if missing:
            sources = np.array([one.first() - self.rho * one.rate(self.rho) for one in missing])
            for one, response in zip(missing, respond(self.generator, sources, self.rho), strict=True):
                one.response = response

    def _on_grid(self, values: Array) -> Array:
        return values.reshape(self.generator.shape)

    @cached_property
    def energy(self) -> _Maps:
        """K, half the anticommutator with H, or with what energy is measured with."""
        one = sp.eye_array(self.generator.dim, format="csr")
        return _Maps(self, [(t.coefficient, t.operator, one) for t in self.generator.measured_energy])

    @cached_property
    def energy_in_state(self) -> Array:
        """``K rho``, shape (d**2, points)."""
        return self.energy.apply(self.rho)

    @cached_property
    def energy_rows(self) -> NDArray[np.intp]:
        """The unknowns that an energy reads."""
        return np.flatnonzero(np.any([weights != 0 for *_, weights in self.energy.terms], axis=0))

    def energy_of(self, vector: Array) -> Array:
        """``Tr[H X]`` of unknowns, shape (points,)."""
        return self.energy.rate(vector)


class _Maps:
    """``sum of c (A X B^+ + B X A^+)/2`` on the unknowns, for constant A and B."""

    def __init__(self, noise: CurrentNoise, terms: list[tuple[Array, Operator, Operator]]) -> None:
        dim, grid = noise.generator.dim, noise.generator.shape
        self.points = noise.rho.shape[1]
        self.terms = [(np.broadcast_to(c, grid).reshape(-1), *_map(a, b, dim)) for c, a, b in terms]

    def apply(self, vector: Array) -> Array:
        """Shape (d**2, points)."""
        total = np.zeros_like(vector)
        # few enough points at a time to stay in the cache
        for start in range(0, self.points, CHUNK):
            chunk = slice(start, start + CHUNK)
            part = np.ascontiguousarray(vector[:, chunk])
            for coefficient, matrix, _ in self.terms:
                total[:, chunk] += coefficient[chunk] * matrices.sparse_product(matrix, part)
        return total

    def rate(self, vector: Array) -> Array:
        """Trace of `apply`, shape (points,)."""
        total = np.zeros(self.points)
        for coefficient, _, weights in self.terms:
            for k in np.flatnonzero(weights):
                total += coefficient * weights[k] * vector[k]
        return total


class _Counted(ABC):
    """One counted current: the first derivative of the tilted generator, and its responses."""

    def __init__(self, noise: CurrentNoise, channels: tuple[Channel, ...]) -> None:
        self.noise, self.channels = noise, channels
        # R L' rho, shape (d**2, points), once it is found
        self.response: Array = np.empty(0)

    @cached_property
    def variance(self) -> tuple[Array, Array]:
        """Of independent jumps, and as it is: shapes (points,); the response has to be known."""
        jumps = self.coincidence(self)
        return jumps, jumps - 2 * self.rate(self.response)

    @abstractmethod
    def rate(self, vector: Array) -> Array:
        """``Tr[L' X]``, shape (points,)."""

    @abstractmethod
    def first(self) -> Array:
        """``L' rho``, shape (d**2, points)."""

    @abstractmethod
    def derivative(self, order: int, vector: Array) -> Array:
        """Of the tilted generator by its field, of some order >= 1, applied to unknowns, shape (d**2, points)."""

    @abstractmethod
    def trace(self, order: int, vector: Array) -> Array:
        """Trace of `derivative`, shape (points,)."""

    @abstractmethod
    def coincidence(self, other: _Counted) -> Array:
        """``Tr[L'' rho]`` by this field and another of the same reservoir, shape (points,)."""


class _Heat(_Counted):
    @cached_property
    def dissipator(self) -> Superoperator:
        return superoperator(self.noise.generator, self.channels, hamiltonian=False)

    @cached_property
    def ends(self) -> tuple[Array, Array]:
        """``K D rho`` and ``D K rho``, shape (d**2, points) each."""
        change = self.dissipator.apply
        return self.noise.energy.apply(change(self.noise.rho)), change(self.noise.energy_in_state)

    def rate(self, vector: Array) -> Array:
        rows = self.noise.energy_rows
        change = np.zeros_like(vector)
        change[rows] = self.dissipator.apply(vector, rows)
        return self.noise.energy_of(change)

    def first(self) -> Array:
        after, before = self.ends
        return after - before

    def derivative(self, order: int, vector: Array) -> Array:
        """Commutators of D with K, one in the other."""
        total = np.zeros_like(vector)
        for after in range(order, -1, -1):
            change = self.dissipator.apply(vector)
            for _ in range(after):
                change = self.noise.energy.apply(change)
            total += (-1) ** (order - after) * comb(order, after) * change
            vector = self.noise.energy.apply(vector)
        return total

    def trace(self, order: int, vector: Array) -> Array:
        total = np.zeros(vector.shape[1])
        for after in range(order, 0, -1):
            change = self.dissipator.apply(vector)
            for _ in range(after - 1):
                change = self.noise.energy.apply(change)
            total += (-1) ** (order - after) * comb(order, after) * self.noise.energy_of(change)
            vector = self.noise.energy.apply(vector)
        return total

    def coincidence(self, other: _Counted) -> Array:
        if isinstance(other, _Particles):
            return other.coincidence(self)
        after, before = map(self.noise.energy_of, self.ends)
        return after - 2 * before


class _Particles(_Counted):
    def rate(self, vector: Array) -> Array:
        return self.trace(1, vector)

    def first(self) -> Array:
        return self.derivative(1, self.noise.rho)

    def derivative(self, order: int, vector: Array) -> Array:
        return self._weighted(order).apply(vector)

    def trace(self, order: int, vector: Array) -> Array:
        return self._weighted(order).rate(vector)

    def coincidence(self, other: _Counted) -> Array:
        noise = self.noise
        if isinstance(other, _Particles):
            return self.trace(2, noise.rho)
        return noise.energy_of(self.first()) - self.rate(noise.energy_in_state)

    def _weighted(self, power: int) -> _Maps:
        """What the jumps do, each times a power of its quanta."""
        if power not in self._maps:
            terms = [
                (c.quanta**power * leading(c.rate) * a.coefficient * b.coefficient, a.operator, b.operator)
                for c in self.channels
                if c.quanta
                for a in c.jump
                for b in (c.jump if c.partner is None else c.partner)
            ]
            self._maps[power] = _Maps(self.noise, terms)
        return self._maps[power]

    @cached_property
    def _maps(self) -> dict[int, _Maps]:
        return {}


def _map(a: Operator, b: Operator, dim: int) -> tuple[Operator, Array]:
    """``(A X B^+ + B X A^+)/2`` as a real matrix on the unknowns, and the row of its trace."""
    to_rows, to_unknowns = _between(dim)
    whole = sp.kron(a, b.conj()) + sp.kron(b, a.conj())
    matrix = sp.csr_array((to_unknowns @ whole @ to_rows).real / 2)
    overlap = matrices.sparse_product(adjoint(b), a).toarray().astype(complex)
    return matrix, observable((overlap + overlap.conj().T) / 2)


def _between(dim: int) -> tuple[Operator, Operator]:
    """From unknowns to matrices row by row, shape (d**2, d**2), and back."""
    each = np.arange(dim)
    i, j = np.triu_indices(dim, 1)
    real, imaginary = unknowns_of(i, j, dim)
    upper, lower, one = i * dim + j, j * dim + i, np.ones(len(i))
    rows = np.concatenate([each * (dim + 1), upper, upper, lower, lower])
    columns = np.concatenate([each, real, imaginary, real, imaginary])
    values = np.concatenate([np.ones(dim), one, 1j * one, one, -1j * one])
    there = sp.csr_array((values, (rows, columns)), shape=(dim**2,) * 2)
    weights = np.concatenate([np.ones(dim), np.full(dim**2 - dim, 0.5)])
    return there, sp.csr_array(sp.diags_array(weights) @ there.conj().T)
