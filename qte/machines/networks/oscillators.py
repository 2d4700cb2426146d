r"""Networks of oscillators of any frequencies, with baths anywhere, through second moments.

``H = sum_jk h_jk a_j^+ a_k`` with the frequencies on the diagonal; ``C_jk = <a_j^+ a_k>`` obeys

    dC/dt = W C + C W^+ + sum_r n_r G_r,    W = i h - (sum_r G_r)/2 - loss of phase

with what each bath damps, G_r, and the occupation n_r that it would bring about alone (A. Asadian,
D. Manzano, M. Tiersch and H. J. Briegel, Phys. Rev. E 87, 012109 (2013)).  With all occupations equal C is
their value times 1, so that no current flows but in proportion to a difference of two of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common import matrices
from qte.common import parameters as check
from qte.common.errors import ParameterError, SteadyStateError
from qte.physics.baths import Bath
from qte.physics.transitions import SAME_FREQUENCY
from qte.solver.second_moments import gibbs_bias, gibbs_occupation, relaxation

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

APPROACHES = ("local", "global")
# Moments are solved for all at once: twice the square of so many unknowns.
MOST_OSCILLATORS = 16


@dataclass(frozen=True, kw_only=True, eq=False)
class OscillatorNetwork:
    """Coupled oscillators of unequal frequencies in several baths.

    Parameters
    ----------
    frequencies : sequence of array_like, shapes (...)
        Of the N oscillators, > 0.
    couplings : mapping of (int, int) to array_like
        ``g (a_j^+ a_k + h.c.)`` of a pair of oscillators, counted from 1.
    baths : mapping of label to (int, Bath)
        The oscillator that each bath couples to, and the bath.
    approach : {"local", "global"}
        Rates at the frequency of the oscillator; or at those of the normal modes, secular.
    dephasing : mapping of int to array_like
        Rates kappa >= 0 of ``kappa D[a_j^+ a_j]``, for the local approach.

    Raises
    ------
    ParameterError
        A bound is violated, an oscillator named that there is none, two for one pair; normal modes
        without a positive frequency.

    Examples
    --------
    >>> cold, hot = Bath(0.5, 0.01), Bath(2.0, 0.02)
    >>> network = OscillatorNetwork(
    ...     frequencies=[1.0, 1.2, 1.1], couplings={(1, 2): 0.1, (2, 3): 0.1}, baths={"h": (1, hot), "c": (3, cold)},
    ...     approach="global",
    ... )
    >>> network.heat_current("h").round(6), network.heat_current("c").round(6)
    (np.float64(0.005885), np.float64(-0.005885))
    """

    frequencies: Sequence[Any]
    couplings: Mapping[tuple[int, int], Any]
    baths: Mapping[Hashable, tuple[int, Bath]]
    approach: str = "local"
    dephasing: Mapping[int, Any] | None = None

    def __post_init__(self) -> None:
        check.choice("approach", self.approach, APPROACHES)
        if (
            not isinstance(self.frequencies, (list, tuple))
            or not 1 <= len(self.frequencies) <= MOST_OSCILLATORS
        ):
            allowed = f"be a list of 1 to {MOST_OSCILLATORS} frequencies"
            raise ParameterError("frequencies", self.frequencies, allowed)
        levels = tuple(check.GAP.check("frequencies", level) for level in self.frequencies)
        object.__setattr__(self, "frequencies", levels)
        object.__setattr__(self, "couplings", self._checked_couplings())
        for label, place in self._mapping("baths", self.baths).items():
            if not isinstance(place, (list, tuple)) or len(place) != 2 or not isinstance(place[1], Bath):
                raise ParameterError(f"baths[{label!r}]", place, "be the number of an oscillator and a Bath")
            self._site(f"baths[{label!r}]", place[0])
        lost = self._mapping("dephasing", {} if self.dephasing is None else self.dephasing)
        rates = {
            self._site("dephasing", site): check.RATE.check(f"dephasing[{site}]", rate)
            for site, rate in lost.items()
        }
        if rates and self.approach == "global":
            raise ParameterError("dephasing", self.dephasing, "be left out in the global approach")
        object.__setattr__(self, "dephasing", rates)
        check.broadcast_shape(**self._numbers())

    def _checked_couplings(self) -> dict[tuple[int, int], Array]:
        found: dict[tuple[int, int], Array] = {}
        for given, g in self._mapping("couplings", self.couplings).items():
            first, second = sorted(check.pair("couplings", given, len(self.frequencies)))
            if (first, second) in found:
                raise ParameterError("couplings", given, "name every pair once")
            found[first, second] = check.COUPLING.check(f"couplings[{given}]", g)
        return found

    @staticmethod
    def _mapping(name: str, given: Any) -> Mapping[Any, Any]:
        if not isinstance(given, Mapping):
            raise ParameterError(name, given, "be a mapping")
        return given

    def _site(self, name: str, site: Any) -> int:
        return check.integer(name, site, minimum=1, maximum=len(self.frequencies))

    def _numbers(self) -> dict[str, Array]:
        numbers = {f"frequencies[{k}]": level for k, level in enumerate(self.frequencies)}
        numbers |= {f"couplings[{pair}]": g for pair, g in self.couplings.items()}
        numbers |= {f"dephasing[{site}]": rate for site, rate in (self.dephasing or {}).items()}
        for label, (_, bath) in self.baths.items():
            density = {} if bath.spectral_density is None else bath.spectral_density.arrays
            parts = (bath.temperature, bath.coupling, bath.chemical_potential, *density.values())
            numbers |= {f"baths[{label!r}], {k}": np.asarray(part) for k, part in enumerate(parts)}
        return numbers

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the grid that all parameters broadcast to."""
        return check.broadcast_shape(**self._numbers())

    def occupations(self) -> Array:
        """``<a_j^+ a_j>`` of every oscillator, shape (..., N)."""
        return np.asarray(np.diagonal(self.correlations(), axis1=-2, axis2=-1).real)

    def correlations(self) -> Complex:
        """``<a_j^+ a_k>``, shape (..., N, N)."""
        found = []
        for part in self._parts:
            moments = sum(part.occupation(r)[:, None, None] * x for r, x in part.responses.items())
            found.append(matrices.product(part.vectors, moments, np.swapaxes(part.vectors, -1, -2)))
        n = len(self.frequencies)
        return np.asarray(sum(found)).reshape(*self.shape, n, n)

    def particle_current(self, reservoir: Hashable) -> Array:
        """Quanta per time from a bath, shape (...); 0 without round-off where all occupations are equal."""
        return self._current(reservoir, energy=False)

    def heat_current(self, reservoir: Hashable) -> Array:
        """Energy per time from a bath, ``Tr[H D rho]``, shape (...)."""
        return self._current(reservoir, energy=True)

    def normal_modes(self) -> Array:
        """Frequencies of the normal modes, in ascending order, shape (..., N)."""
        return np.asarray(matrices.eigenvalues(self._matrix)).reshape(*self.shape, len(self.frequencies))

    def _current(self, reservoir: Hashable, *, energy: bool) -> Array:
        if not check.is_label(reservoir, self.baths):
            allowed = "be one of " + ", ".join(map(repr, self.baths))
            raise ParameterError(
                "reservoir", reservoir, allowed + check.did_you_mean(reservoir, map(str, self.baths))
            )
        total = np.zeros(int(np.prod(self.shape, dtype=int)))
        for part in self._parts:
            damped = part.damped[reservoir]
            weight = damped
            if energy:
                both = matrices.product(part.matrix, damped)
                weight = (both + np.swapaxes(both, 1, 2)) / 2
            for other, moments in part.responses.items():
                flow = (weight * moments.real).sum(axis=(1, 2))
                total += part.difference(reservoir, other) * flow
        return total.reshape(self.shape)

    @cached_property
    def _matrix(self) -> Array:
        """h at every point, shape (points, N, N)."""
        n = len(self.frequencies)
        h = np.zeros((*self.shape, n, n))
        for k, level in enumerate(self.frequencies):
            h[..., k, k] = level
        for (first, second), g in self.couplings.items():
            h[..., first - 1, second - 1] = h[..., second - 1, first - 1] = g
        return h.reshape(-1, n, n)

    @cached_property
    def _parts(self) -> list[_Part]:
        """The whole network, or its normal modes, those of one frequency together."""
        return self._whole() if self.approach == "local" else self._modes()

    def _whole(self) -> list[_Part]:
        n, points = len(self.frequencies), len(self._matrix)
        levels, damped, lost = {}, {}, np.zeros((points, n))
        for label, (site, _) in self.baths.items():
            levels[label] = self._flat(self.frequencies[site - 1])
            damped[label] = np.zeros((points, n, n))
            damped[label][:, site - 1, site - 1] = self._rate(label, levels[label])
        for site, rate in (self.dephasing or {}).items():
            lost[:, site - 1] = self._flat(rate)
        return [_Part(self._matrix, np.eye(n)[None], levels, self._flat_baths, damped, lost)]

    def _modes(self) -> list[_Part]:
        energies, vectors = matrices.eigh(self._matrix)
        check.require("couplings", energies[:, 0], energies[:, 0] > 0, "leave every normal mode above 0")
        near = np.diff(energies, axis=1) <= SAME_FREQUENCY * energies[:, -1:]
        if np.any(near != near[:1]):
            allowed = "have the same normal modes equal everywhere on the grid"
            raise ParameterError("frequencies", self.frequencies, allowed)
        starts = [0, *(np.flatnonzero(~near.all(axis=0)) + 1).tolist(), len(self.frequencies)]
        parts = []
        for low, high in itertools.pairwise(starts):
            level, chosen = energies[:, low], vectors[:, :, low:high]
            damped = {}
            for label, (site, _) in self.baths.items():
                share = chosen[:, site - 1, :, None] * chosen[:, site - 1, None, :]
                damped[label] = self._rate(label, level)[:, None, None] * share
            matrix = level[:, None, None] * np.eye(high - low)
            lost = np.zeros((len(level), high - low))
            parts.append(
                _Part(matrix, chosen, dict.fromkeys(self.baths, level), self._flat_baths, damped, lost)
            )
        return parts

    def _flat(self, value: Array) -> Array:
        return np.asarray(np.broadcast_to(value, self.shape)).reshape(-1)

    @cached_property
    def _flat_baths(self) -> dict[Hashable, Bath]:
        """The baths with parameters of shape (points,)."""
        found = {}
        for label, (_, bath) in self.baths.items():
            density = None if bath.spectral_density is None else bath.spectral_density.replaced(self._flat)
            numbers = [self._flat(x) for x in (bath.temperature, bath.coupling, bath.chemical_potential)]
            found[label] = Bath(numbers[0], numbers[1], bath.statistics, numbers[2], density)
        return found

    def _rate(self, label: Hashable, level: Array) -> Array:
        bath = self._flat_baths[label]
        stable = level > bath.chemical_potential
        name = f"baths[{label!r}]"
        check.require(
            name, bath.chemical_potential, stable, "have its chemical potential below the oscillators"
        )
        occupation = gibbs_occupation("oscillator", level - bath.chemical_potential, bath.temperature)
        allowed = "have a temperature that leaves the oscillators occupations that are doubles"
        check.require(name, bath.temperature, np.isfinite(occupation), allowed)
        return np.broadcast_to(relaxation("oscillator", bath.flat_at(level), level), level.shape)


@dataclass(frozen=True, eq=False)
class _Part:
    """Modes whose moments with others vanish, at points (p,) of the grid.

    Parameters
    ----------
    matrix : ndarray, shape (p, k, k)
        H between them.
    vectors : ndarray, shape (p or 1, N, k)
        Their oscillators.
    levels : dict of label to ndarray, shapes (p,)
        Where each bath is asked.
    baths : dict of label to Bath
    damped : dict of label to ndarray, shapes (p, k, k)
    lost : ndarray, shape (p, k)
        Rates of dephasing.
    """

    matrix: Array
    vectors: Array
    levels: dict[Hashable, Array]
    baths: dict[Hashable, Bath]
    damped: dict[Hashable, Array]
    lost: Array

    def occupation(self, label: Hashable) -> Array:
        """What a bath would bring about alone, shape (p,)."""
        return gibbs_occupation("oscillator", self._gap(label), self.baths[label].temperature)

    def difference(self, label: Hashable, other: Hashable) -> Array:
        """Of the occupations of two baths, to full relative accuracy, shape (p,)."""
        gap, hot, cold = self._gap(label), self.baths[label].temperature, self.baths[other].temperature
        return gibbs_bias("oscillator", gap, hot, cold, self._gap(other) - gap)

    def _gap(self, label: Hashable) -> Array:
        return np.asarray(self.levels[label] - self.baths[label].chemical_potential)

    @cached_property
    def responses(self) -> dict[Hashable, Complex]:
        """Moments (p, k, k) with occupation 1 of one bath and 0 of all others; together they are 1."""
        points, k, _ = self.matrix.shape
        total = np.sum([np.zeros((points, k, k)), *self.damped.values()], axis=0)
        if k == 1:
            with np.errstate(invalid="ignore"):
                found = [(d / total).astype(complex) for d in self.damped.values()]
            return self._complete(found)
        one = np.eye(k)
        pairs = (self.lost[:, :, None] + self.lost[:, None, :]) / 2 * (1 - one)
        real = (
            -matrices.kron(total, one) / 2
            - matrices.kron(one, total) / 2
            - pairs.reshape(points, k**2)[:, :, None] * np.eye(k**2)
        )
        imaginary = matrices.kron(self.matrix, one) - matrices.kron(one, self.matrix)
        equations = np.block([[real, -imaginary], [imaginary, real]])
        sources = np.zeros((points, 2 * k**2, len(self.damped)))
        for column, d in enumerate(self.damped.values()):
            sources[:, : k**2, column] = -d.reshape(points, k**2)
        solved = matrices.solve(equations, sources)
        moments = solved[:, : k**2] + 1j * solved[:, k**2 :]
        return self._complete([moments[:, :, c].reshape(points, k, k) for c in range(len(self.damped))])

    def _complete(self, found: list[Complex]) -> dict[Hashable, Complex]:
        if not self.damped or not np.isfinite(found).all():
            raise SteadyStateError("Some mode of the network relaxes into no bath")
        return dict(zip(self.damped, found, strict=True))
