r"""Coupled oscillators in Ohmic baths, exactly: the quantum Langevin equation.

    H = sum p_i**2/2 + sum x_i K_ij x_j/2  (masses 1),   x'' + K x + (memory of the friction) = noise

Each bath moves one oscillator through its position.  In the words of `qte.physics.baths.Bath`, whose rate for the
coupling operator x is ``gamma s(E)``, J = gamma s/2 and the friction is ``gamma/2`` at low frequency and, by its
Drude cut-off, ``gamma cutoff/(2 (cutoff - i E))`` at the frequency E.  The counter-term that keeps K what it is without
the bath is part of H.  With ``chi = (K - E**2 - i E friction)^-1``

    <x x> = sum_r int dE/pi Re[chi J_r coth(E/2T_r) chi^+],   E > 0,
    Q_r = sum_s int dE/(2 pi) E 4 J_r J_s |chi_rs|**2 (n_r - n_s)

(U. Weiss, Quantum Dissipative Systems, ch. 6; A. Dhar and D. Roy, J. Stat. Phys. 125, 801 (2006)).  That [x, p] = i is
integrated beside: a mode that no bath reaches would lack in it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.exact.quadratic import check_hermitian, columns
from qte.exact.quadrature import AROUND, TOLERANCE, Integral, added_up, integrate, require_whole
from qte.physics.baths import Bath
from qte.physics.occupations import bose, bose_difference
from qte.physics.spectral_densities import PowerLaw

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Contact:
    """A bath at an oscillator, its parameters along the points."""

    site: int
    gamma: Array
    temperature: Array
    cutoff: Array

    def friction(self, x: Array, point: Index) -> tuple[Array, Array]:
        """Real part of the self-energy, and J, at x > 0."""
        gamma, cutoff = self.gamma[point], self.cutoff[point]
        height = gamma * cutoff / (2 * (cutoff * cutoff + x * x))
        return height * x * x, height * cutoff * x


@dataclass(frozen=True, eq=False)
class CoupledOscillators:
    """Oscillators of mass 1 in Ohmic baths with a Drude cut-off: the steady state.

    Parameters
    ----------
    stiffness : array_like, shape (..., n, n)
        K, real, symmetric and positive (`qte.exact.quadratic.stiffness` reads it and refuses what is not quadratic).
    baths : mapping of label to (int, Bath)
        The oscillator, counted from 0, and a bosonic bath whose density is `drude_lorentz`.
    tolerance : float
        Of every integral, relative to that of its modulus.

    Raises
    ------
    ParameterError
        No positive stiffness, or another density (without cut-off <p**2> is infinite).
    IllConditioned
        A mode that no bath reaches: there is no steady state.
    NotRefined
        An integral is not known to its tolerance.

    Examples
    --------
    >>> from qte.physics.spectral_densities import drude_lorentz
    >>> hot, cold = (Bath(T, 0.02, spectral_density=drude_lorentz(10.0)) for T in (2.0, 1.0))
    >>> pair = CoupledOscillators([[1.0, -0.1], [-0.1, 1.0]], {"h": (0, hot), "c": (1, cold)})
    >>> round(float(pair.heat_current("h")), 6)
    0.004708
    """

    stiffness: Any
    baths: Mapping[Hashable, tuple[int, Bath]]
    tolerance: float = TOLERANCE

    def __post_init__(self) -> None:
        matrix = check_hermitian("stiffness", self.stiffness)
        if np.iscomplexobj(matrix):
            raise ParameterError("stiffness", "complex numbers", "be real")
        object.__setattr__(self, "stiffness", matrix)
        object.__setattr__(self, "tolerance", check.scalar("tolerance", self.tolerance, above=0.0))
        lowest = matrices.eigenvalues(matrix)[..., 0]
        check.require("stiffness", lowest, lowest > 0, "be positive (its lowest eigenvalue is shown)")
        if not isinstance(self.baths, Mapping) or not self.baths:
            raise ParameterError("baths", self.baths, "map labels to an oscillator and a Bath")
        for label, entry in self.baths.items():
            site, bath = entry if isinstance(entry, tuple) and len(entry) == 2 else (None, None)
            check.integer(f"oscillator of bath {label!r}", site, minimum=0, maximum=self.sites - 1)
            _check_density(label, check.instance(f"bath {label!r}", bath, Bath))
        _ = self.shape

    @property
    def sites(self) -> int:
        """Number n of oscillators."""
        return int(np.shape(self.stiffness)[-1])

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of the grid."""
        found = {"stiffness": np.zeros(np.shape(self.stiffness)[:-2])}
        for label, (_, bath) in self.baths.items():
            parts = (bath.temperature, bath.coupling, _cutoff(bath))
            found |= {f"bath {label!r}, {k}": np.asarray(part) for k, part in enumerate(parts)}
        return check.broadcast_shape(**found)

    def covariance(self) -> Array:
        """Symmetrised, of ``(x_1 … x_n, p_1 … p_n)``, shape (..., 2n, 2n); 1/2 is that of a ground state."""
        n = self.sites
        value = self._integral.value
        out = np.zeros((value.shape[1], 2 * n, 2 * n))
        row = n
        for i in range(n):
            for j in range(i, n):
                out[:, i, j] = out[:, j, i] = value[row]
                out[:, n + i, n + j] = out[:, n + j, n + i] = value[row + 1]
                row += 2
        for i, j in combinations(range(n), 2):
            out[:, i, n + j] = out[:, n + j, i] = value[row]
            out[:, j, n + i] = out[:, n + i, j] = -value[row]
            row += 1
        return out.reshape(*self.shape, 2 * n, 2 * n)

    def heat_current(self, label: Hashable) -> Array:
        """Energy per time out of a bath, shape (...)."""
        if not isinstance(label, Hashable) or label not in self.baths:
            hint = check.did_you_mean(label, map(str, self.baths))
            raise ParameterError("bath", label, "be one of " + ", ".join(map(repr, self.baths)) + hint)
        number, n = list(self.baths).index(label), self.sites
        start = n + n * (n + 1) + n * (n - 1) // 2
        total = np.zeros(self._integral.value.shape[1])
        for row, (a, b) in enumerate(combinations(range(len(self.baths)), 2), start=start):
            total = total + ((a == number) - (b == number)) * self._integral.value[row]
        return total.reshape(self.shape)

    def error(self) -> Array:
        """Bound on the error of every entry of the covariance and of every current, shape (...)."""
        return np.asarray(self._integral.error.sum(axis=0).reshape(self.shape))

    def logarithmic_negativity(self) -> Array:
        """Entanglement of two oscillators, ``max(0, -log2(2 nu))``, shape (...).

        nu is the smaller symplectic eigenvalue of the partial transpose (G. Vidal and R. F. Werner, Phys. Rev. A 65,
        032314 (2002)).
        """
        if self.sites != 2:
            raise ParameterError("stiffness", f"{self.sites} oscillators", "be that of two for this measure")
        sigma = self.covariance()
        first, second, beside = (_minor(sigma, rows, columns_) for rows, columns_ in _BLOCKS)
        whole = np.ones(self.shape)
        for value in np.moveaxis(_pivots(sigma), -1, 0):
            whole = whole * value
        half = (first + second - 2 * beside) / 2
        # the smaller root by the larger: no difference of like numbers
        small = whole / (half + np.sqrt(np.maximum(half * half - whole, 0.0)))
        return np.asarray(np.maximum(-el.log(2 * np.sqrt(small)) / el.log(2.0), 0.0))

    @cached_property
    def _flat(self) -> list[_Contact]:
        def spread(value: Any) -> Array:
            return np.broadcast_to(value, self.shape).reshape(-1)

        return [
            _Contact(site, spread(bath.coupling), spread(bath.temperature), spread(_cutoff(bath)))
            for site, bath in self.baths.values()
        ]

    @cached_property
    def _matrix(self) -> Array:
        """K with the points last, shape (n, n, points)."""
        wide = np.broadcast_to(self.stiffness, (*self.shape, self.sites, self.sites))
        return np.moveaxis(wide.reshape(-1, self.sites, self.sites), 0, -1)

    def _integrands(self, x: Array, point: Index) -> Array:
        """Commutators, covariance, currents of pairs: shape (k, nodes, m); there is nothing at x < 0."""
        inside = x > 0
        return np.stack(
            [np.where(inside, part, 0.0) for part in self._parts(np.where(inside, x, 1.0), point)]
        )

    def _parts(self, x: Array, point: Index) -> Iterator[Array]:
        n, sites = self.sites, sorted({contact.site for contact in self._flat})
        real = np.broadcast_to(self._matrix[:, :, None, point], (n, n, *x.shape)).copy()
        imag = np.zeros_like(real)
        for i in range(n):
            real[i, i] -= x * x
        rates, noises, hot = [], [], []
        for contact in self._flat:
            shift, rate = contact.friction(x, point)
            real[contact.site, contact.site] += shift
            imag[contact.site, contact.site] -= rate
            with np.errstate(divide="ignore"):
                exponent = x / contact.temperature[point]
            rates.append(rate)
            hot.append(exponent)
            noises.append(rate * (1 + 2 * bose(exponent)))
        re, im = (
            part.reshape(n, len(sites), *x.shape)
            for part in columns(real.reshape(n, n, x.size), imag.reshape(n, n, x.size), sites)
        )
        place = [sites.index(contact.site) for contact in self._flat]
        for i in range(n):
            yield (
                added_up(r * (re[i, c] ** 2 + im[i, c] ** 2) for r, c in zip(rates, place, strict=True))
                * (2 / np.pi)
                * x
            )
        for i in range(n):
            for j in range(i, n):
                both = added_up(
                    s * (re[i, c] * re[j, c] + im[i, c] * im[j, c])
                    for s, c in zip(noises, place, strict=True)
                )
                yield both / np.pi
                yield both * (x * x) / np.pi
        for i, j in combinations(range(n), 2):
            yield added_up(
                s * (re[i, c] * im[j, c] - im[i, c] * re[j, c]) for s, c in zip(noises, place, strict=True)
            ) * (x / np.pi)
        for a, b in combinations(range(len(self._flat)), 2):
            i, c = self._flat[a].site, place[b]
            flow = rates[a] * rates[b] * (re[i, c] ** 2 + im[i, c] ** 2) * (2 / np.pi)
            yield flow * x * bose_difference(hot[a], hot[b])

    @cached_property
    def _integral(self) -> Integral:
        n = self.sites
        found = integrate(
            self._integrands,
            self._cuts(),
            tolerance=self.tolerance,
            together=slice(n, n + n * (n + 1) + n * (n - 1) // 2),
            what="an integral over frequency",
        )
        missing = "There is a mode that no bath reaches: {} of a commutator is missing"
        require_whole(found.value[:n], self.tolerance, self.shape, missing)
        return found

    def _cuts(self) -> Array:
        """0, every mode by its width, the temperatures and the cut-offs."""
        squares, vectors = matrices.eigh(np.moveaxis(self._matrix, -1, 0))
        modes = np.sqrt(squares)
        width = np.zeros_like(modes)
        for contact in self._flat:
            width = width + contact.gamma[:, None] * vectors[:, contact.site, :] ** 2 / 2
        found = [np.zeros((len(modes), 1)), *(modes + k * width for k in AROUND)]
        for contact in self._flat:
            found += [contact.temperature[:, None], contact.cutoff[:, None]]
        return np.maximum(np.concatenate(found, axis=1), 0.0).T


_BLOCKS: Final = (((0, 2), (0, 2)), ((1, 3), (1, 3)), ((0, 2), (1, 3)))


def _minor(sigma: Array, rows: tuple[int, int], columns_: tuple[int, int]) -> Array:
    (a, b), (c, d) = rows, columns_
    return np.asarray(sigma[..., a, c] * sigma[..., b, d] - sigma[..., a, d] * sigma[..., b, c])


def _pivots(sigma: Array) -> Array:
    """Pivots of a positive matrix, whose product is its determinant, shape (..., n)."""
    work = sigma.copy()
    for k in range(work.shape[-1]):
        row = work[..., k, :] / work[..., k, k][..., None]
        work[..., k + 1 :, :] -= work[..., k + 1 :, k, None] * row[..., None, :]
    return np.diagonal(work, axis1=-2, axis2=-1)


def _check_density(label: Hashable, bath: Bath) -> None:
    density = bath.spectral_density
    drude = isinstance(density, PowerLaw) and density.shape == "drude" and np.all(density.exponent == 1)
    if bath.statistics != "bose" or not drude or not np.all(np.isfinite(density.cutoff)):  # type: ignore[union-attr]
        allowed = "be drude_lorentz(cutoff) of a finite cut-off, of bosons"
        raise ParameterError(f"spectral_density of bath {label!r}", density, allowed)
    if not np.all(np.isfinite(bath.temperature)):
        raise ParameterError(f"temperature of bath {label!r}", bath.temperature, "be finite")


def _cutoff(bath: Bath) -> Array:
    return np.asarray(bath.spectral_density.cutoff)  # type: ignore[union-attr]
