r"""Coupled levels between leads, exactly: Landauer's currents and the covariance, without any master equation.

    H = sum h_ij c_i^+ c_j  +  for every lead a band of modes that tunnel into one site

with electrons or, in the rotating-wave form, with bosons.  All that a lead does is a self-energy
``Delta(E) - i Gamma(E)/2`` at its site, where ``Gamma = gamma s`` is the rate of `qte.physics.baths.Bath`; with
``G(E) = (E - h - sum of self-energies)^-1`` and the occupations f_r

    <c_j^+ c_i> = sum_r int dE/(2 pi) f_r Gamma_r G_ir G_jr^*
    I_r = sum_s int dE/(2 pi) T_rs (f_r - f_s),   T_rs = Gamma_r Gamma_s |G_rs|^2,

and the energy current with E in the integral (Y. Meir and N. S. Wingreen, Phys. Rev. Lett. 68, 2512 (1992)).  That the
spectral weight of every site adds up to 1 is integrated beside: a state that no lead reaches, or a peak that was
missed, would lack in it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.exact.quadratic import check_hermitian, columns
from qte.exact.quadrature import AROUND, TOLERANCE, Integral, added_up, integrate, require_whole
from qte.physics.baths import Bath
from qte.physics.occupations import bose, bose_difference, fermi, fermi_difference
from qte.physics.spectral_densities import Lorentzian, PowerLaw

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Lead:
    """A bath at a site, its parameters along the points."""

    site: int
    bath: Bath
    gamma: Array
    temperature: Array
    potential: Array
    band: tuple[Array, ...]

    def exponent(self, x: Array, point: Index) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray((x - self.potential[point]) / self.temperature[point])

    def self_energy(self, x: Array, point: Index) -> tuple[Array, Array]:
        """Shift and width at the site."""
        gamma, density = self.gamma[point], self.bath.spectral_density
        if density is None:
            return np.zeros_like(x), np.broadcast_to(gamma, x.shape)
        if isinstance(density, Lorentzian):
            centre, width = (part[point] for part in self.band)
            away = x - centre
            height = gamma * width / (away * away + width * width)
            return height * away / 2, height * width
        (cutoff,) = (part[point] for part in self.band)
        level = np.where(x > 0, x, 1.0)
        height = gamma * cutoff * cutoff / (level * level + cutoff * cutoff)
        shift = height * (level * el.log(level / cutoff) / np.pi - cutoff / 2) / 2
        return shift, np.where(x > 0, height * level, 0.0)


@dataclass(frozen=True, eq=False)
class CoupledLevels:
    """Levels of free electrons, or of bosons in the rotating-wave form, between leads: the steady state.

    Parameters
    ----------
    hopping : array_like, shape (..., n, n)
        h, Hermitian (`qte.exact.quadratic` reads it from a Hamiltonian and refuses what is not quadratic).
    leads : mapping of label to (int, Bath)
        The site, counted from 0, and the bath.  Electrons: a flat band (no density) or a `Lorentzian`.
        Bosons: Ohmic with a Drude cut-off; a flat band from zero energy on would hold a bound state below it
        however weak it is, so that there is no steady state to find.
    tolerance : float
        Of every integral, relative to that of its modulus.

    Raises
    ------
    ParameterError
        A density without closed self-energy, a site that is not there, two statistics at once.
    IllConditioned
        A state that no lead reaches, or bosons bound below their band: there is no steady state.
    NotRefined
        An integral is not known to its tolerance.

    Examples
    --------
    Two resonant levels, one lead full and one empty: I = 4 g^2 gamma/(4 g^2 + gamma^2) / 2.

    >>> full = Bath(0.0, 0.2, "fermi", chemical_potential=100.0)
    >>> empty = Bath(0.0, 0.2, "fermi", chemical_potential=-100.0)
    >>> levels = CoupledLevels([[0.0, 0.1], [0.1, 0.0]], {"h": (0, full), "c": (1, empty)})
    >>> round(float(levels.particle_current("h")), 4)
    0.05
    """

    hopping: Any
    leads: Mapping[Hashable, tuple[int, Bath]]
    tolerance: float = TOLERANCE

    def __post_init__(self) -> None:
        object.__setattr__(self, "hopping", check_hermitian("hopping", self.hopping))
        object.__setattr__(self, "tolerance", check.scalar("tolerance", self.tolerance, above=0.0))
        if not isinstance(self.leads, Mapping) or not self.leads:
            raise ParameterError("leads", self.leads, "map labels to a site and a Bath")
        kinds = set()
        for label, entry in self.leads.items():
            site, bath = entry if isinstance(entry, tuple) and len(entry) == 2 else (None, None)
            check.integer(f"site of lead {label!r}", site, minimum=0, maximum=self.sites - 1)
            _check_band(label, check.instance(f"bath of lead {label!r}", bath, Bath))
            kinds.add(bath.statistics)
        if len(kinds) > 1:
            raise ParameterError("leads", sorted(kinds), "be of one statistics")
        _ = self.shape
        if "bose" in kinds:
            self._check_stable()

    @property
    def sites(self) -> int:
        """Number n of levels."""
        return int(np.shape(self.hopping)[-1])

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of the grid."""
        found = {"hopping": np.zeros(np.shape(self.hopping)[:-2])}
        for label, (_, bath) in self.leads.items():
            parts = (bath.temperature, bath.coupling, bath.chemical_potential, *_band(bath))
            found |= {f"lead {label!r}, {k}": np.asarray(part) for k, part in enumerate(parts)}
        return check.broadcast_shape(**found)

    def covariance(self) -> Complex:
        """``<c_j^+ c_i>``, Hermitian, shape (..., n, n); the populations on its diagonal."""
        n = self.sites
        out = np.zeros((self._integral.value.shape[1], n, n), dtype=complex)
        for row, (i, j) in enumerate(_upper(n), start=n):
            out[:, i, j] = self._integral.value[row]
        for row, (i, j) in enumerate(combinations(range(n), 2), start=n + n * (n + 1) // 2):
            out[:, i, j] += 1j * self._integral.value[row]
            out[:, j, i] = out[:, i, j].conj()
        return out.reshape(*self.shape, n, n)

    def particle_current(self, label: Hashable) -> Array:
        """Particles per time out of a lead, shape (...)."""
        return self._current(label, 0)

    def energy_current(self, label: Hashable) -> Array:
        """Energy per time out of a lead, shape (...)."""
        return self._current(label, 1)

    def heat_current(self, label: Hashable) -> Array:
        """Energy current less the chemical potential times the particle current, shape (...)."""
        potential = self._entry(label)[1].chemical_potential
        return np.asarray(self.energy_current(label) - potential * self.particle_current(label))

    def error(self) -> Array:
        """Bound on the error of every entry of the covariance and of every current, shape (...)."""
        return np.asarray(self._integral.error.sum(axis=0).reshape(self.shape))

    def transmission(self, energy: Any, label: Hashable, other: Hashable) -> Array:
        """T between two leads at an energy that broadcasts with the grid, shape (...)."""
        level = check.real("energy", energy)
        shape = check.broadcast_shape(hopping=np.zeros(self.shape), energy=level)
        point = np.broadcast_to(np.arange(self._points).reshape(self.shape), shape).ravel()
        x = np.broadcast_to(level, shape).reshape(1, -1)
        first, second = self._number(label), self._number(other)
        re, im, widths = self._propagators(x, point)
        a, b = self._flat[first].site, self._flat[second].site
        column = self._columns.index(b)
        size = re[a, column] ** 2 + im[a, column] ** 2
        return np.asarray((widths[first] * widths[second] * size).reshape(shape))

    def concurrence(self) -> Array:
        """Of two levels read as two qubits (Jordan and Wigner), shape (...); electrons only."""
        return pair_concurrence(self.covariance())

    def _entry(self, label: Hashable) -> tuple[int, Bath]:
        if not isinstance(label, Hashable) or label not in self.leads:
            hint = check.did_you_mean(label, map(str, self.leads))
            raise ParameterError("lead", label, "be one of " + ", ".join(map(repr, self.leads)) + hint)
        return self.leads[label]

    def _number(self, label: Hashable) -> int:
        self._entry(label)
        return list(self.leads).index(label)

    @property
    def _points(self) -> int:
        return int(np.prod(self.shape, dtype=int))

    @property
    def _pairs(self) -> list[tuple[int, int]]:
        return list(combinations(range(len(self.leads)), 2))

    @cached_property
    def _matrix(self) -> Any:
        """h with the points last, shape (n, n, points)."""
        wide = np.broadcast_to(self.hopping, (*self.shape, self.sites, self.sites))
        return np.moveaxis(wide.reshape(-1, self.sites, self.sites), 0, -1)

    @cached_property
    def _flat(self) -> list[_Lead]:
        def spread(value: Any) -> Array:
            return np.broadcast_to(value, self.shape).reshape(-1)

        return [
            _Lead(
                site,
                bath,
                spread(bath.coupling),
                spread(bath.temperature),
                spread(bath.chemical_potential),
                tuple(map(spread, _band(bath))),
            )
            for site, bath in self.leads.values()
        ]

    @property
    def _columns(self) -> list[int]:
        return sorted({lead.site for lead in self._flat})

    def _propagators(self, x: Array, point: Index) -> tuple[Array, Array, list[Array]]:
        """Columns of G at the leads' sites, shapes (n, columns, nodes m), and the width of every lead there."""
        n, size = self.sites, x.size
        h = np.broadcast_to(self._matrix[:, :, None, point], (n, n, *x.shape))
        real, imag = -h.real, -h.imag if np.iscomplexobj(h) else np.zeros_like(h)
        real, imag = real.copy(), imag.copy()
        for i in range(n):
            real[i, i] += x
        widths = []
        for lead in self._flat:
            shift, width = lead.self_energy(x, point)
            real[lead.site, lead.site] -= shift
            imag[lead.site, lead.site] += width / 2
            widths.append(np.asarray(width))
        re, im = columns(real.reshape(n, n, size), imag.reshape(n, n, size), self._columns)
        wide = (n, len(self._columns), *x.shape)
        return re.reshape(wide), im.reshape(wide), widths

    def _integrands(self, x: Array, point: Index) -> Array:
        """Spectral weights, real and imaginary parts of the covariance, currents of pairs: shape (k, nodes, m)."""
        return np.stack([part / (2 * np.pi) for part in self._parts(x, point)])

    def _parts(self, x: Array, point: Index) -> Iterator[Array]:
        n = self.sites
        re, im, widths = self._propagators(x, point)
        place = [self._columns.index(lead.site) for lead in self._flat]
        exponents = [lead.exponent(x, point) for lead in self._flat]
        one, difference = (fermi, fermi_difference) if self._fermi else (_bose, _bose_difference)
        filled = [one(e) * w for e, w in zip(exponents, widths, strict=True)]
        for i in range(n):
            yield added_up(w * (re[i, c] ** 2 + im[i, c] ** 2) for w, c in zip(widths, place, strict=True))
        for i, j in _upper(n):
            yield added_up(
                w * (re[i, c] * re[j, c] + im[i, c] * im[j, c]) for w, c in zip(filled, place, strict=True)
            )
        for i, j in combinations(range(n), 2):
            yield added_up(
                w * (im[i, c] * re[j, c] - re[i, c] * im[j, c]) for w, c in zip(filled, place, strict=True)
            )
        for a, b in self._pairs:
            i, c = self._flat[a].site, place[b]
            flow = widths[a] * widths[b] * (re[i, c] ** 2 + im[i, c] ** 2)
            flow = flow * difference(exponents[a], exponents[b])
            yield flow
            yield x * flow

    @cached_property
    def _integral(self) -> Integral:
        found = integrate(
            self._integrands,
            self._cuts(),
            tolerance=self.tolerance,
            together=slice(self.sites, self.sites + self.sites**2),
            what="an integral over energy",
        )
        missing = "There is a state that no lead reaches: {} of a site's spectral weight is missing"
        require_whole(found.value[: self.sites], self.tolerance, self.shape, missing)
        return found

    def _cuts(self) -> Array:
        """About every level by its width, at the chemical potentials and at the bands."""
        h = np.moveaxis(self._matrix, -1, 0)
        energies, vectors = matrices.eigh(h)
        weight = matrices.modulus(vectors) ** 2
        width = sum(lead.gamma[:, None] * weight[:, lead.site, :] for lead in self._flat)
        found = [energies + k * np.asarray(width) for k in AROUND]
        for lead in self._flat:
            found += [part[:, None] for part in (lead.potential, *lead.band)]
        cuts = np.concatenate(found, axis=1).T
        return cuts if self._fermi else np.maximum(cuts, 0.0)

    @property
    def _fermi(self) -> bool:
        return all(bath.statistics == "fermi" for _, bath in self.leads.values())

    def _current(self, label: Hashable, kind: int) -> Array:
        number, n = self._number(label), self.sites
        start = n + n * n + kind
        total = np.zeros(self._points)
        for row, (a, b) in enumerate(self._pairs):
            sign = (a == number) - (b == number)
            if sign:
                total = total + sign * self._integral.value[start + 2 * row]
        return total.reshape(self.shape)

    def _check_stable(self) -> None:
        """No mode of negative energy once the baths have pulled it down: h + Delta(0) > 0."""
        h = np.moveaxis(self._matrix, -1, 0).copy()
        for lead in self._flat:
            (cutoff,) = lead.band
            h[:, lead.site, lead.site] -= lead.gamma * cutoff / 4
        lowest = matrices.eigenvalues(h)[:, 0].reshape(self.shape)
        allowed = (
            "leave every mode a positive energy once the baths have pulled it down (the lowest is shown)"
        )
        check.require("hopping", lowest, lowest > 0, allowed)


def pair_concurrence(covariance: Complex) -> Array:
    """Concurrence of two levels of free electrons read as qubits: an X state made of its covariance, shape (...).

    Parameters
    ----------
    covariance : ndarray, shape (..., 2, 2)
    """
    return np.asarray(np.maximum(pair_margin(covariance), 0.0))


def pair_margin(covariance: Complex) -> Array:
    """The same before it is set to 0 where it is negative: how far the levels are from the edge of entanglement."""
    covariance = check.numbers("covariance", covariance, "be finite numbers, shape (..., 2, 2)")
    if np.shape(covariance)[-2:] != (2, 2):
        raise ParameterError("covariance", np.shape(covariance), "be that of two levels, shape (..., 2, 2)")
    first, second = covariance[..., 0, 0].real, covariance[..., 1, 1].real
    beside = matrices.modulus(covariance[..., 0, 1])
    # rounding may leave less than nothing of an occupation that is 0
    both = np.maximum(first * second - beside * beside, 0.0)
    none = np.maximum((1 - first) * (1 - second) - beside * beside, 0.0)
    return np.asarray(2 * (beside - np.sqrt(both) * np.sqrt(none)))


def _check_band(label: Hashable, bath: Bath) -> None:
    density = bath.spectral_density
    if bath.statistics == "fermi":
        if density is not None and not isinstance(density, Lorentzian):
            allowed = "be None (a flat band) or a Lorentzian for electrons"
            raise ParameterError(f"spectral_density of lead {label!r}", density, allowed)
        return
    drude = isinstance(density, PowerLaw) and density.shape == "drude" and np.all(density.exponent == 1)
    if not drude or not np.all(np.isfinite(density.cutoff)):  # type: ignore[union-attr]
        allowed = "be drude_lorentz(cutoff) of a finite cut-off for bosons"
        raise ParameterError(f"spectral_density of lead {label!r}", density, allowed)
    if not np.all(np.isfinite(bath.temperature)):
        raise ParameterError(f"temperature of lead {label!r}", bath.temperature, "be finite")


def _band(bath: Bath) -> tuple[Array, ...]:
    density = bath.spectral_density
    if isinstance(density, Lorentzian):
        return np.asarray(density.centre), np.asarray(density.width)
    return () if density is None else (np.asarray(density.cutoff),)  # type: ignore[union-attr]


def _upper(n: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(n) for j in range(i, n)]


def _bose(x: Array) -> Array:
    return np.where(x > 0, bose(np.where(x > 0, x, 1.0)), 0.0)


def _bose_difference(x: Array, y: Array) -> Array:
    inside = x > 0
    return np.where(inside, bose_difference(np.where(inside, x, 1.0), np.where(inside, y, 1.0)), 0.0)
