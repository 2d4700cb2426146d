"""Two coupled levels between two flat leads, by every master equation that the papers take, and exactly.

Free electrons, so that each equation closes on the covariance ``C_ij = <c_j^+ c_i>``: with h the levels, Γ_r the rate
of lead r at its level and Γ their sum, ``0 = -i[h, C] - {Γ, C}/2 + sum_r N_r``.  The equations differ in N_r alone, in
what a lead puts in:

    local     Γ_r f_r(energy of its level)
    redfield  (Γ_r f_r(h) + f_r(h) Γ_r)/2, every pair of frequencies
    shifted   the same with the principal value of the lead's integral, what a Lamb shift is for two levels
    partial   Γ_r f_r(mean energy) while the two frequencies are closer than a cut-off, secular otherwise; of the
              Lindblad form on both sides (A. Trushechkin, Phys. Rev. A 103, 062226 (2021))
    secular   rate equations between eigenstates of h; no coherence between them
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.exact.landauer import CoupledLevels
from qte.exact.quadrature import TOLERANCE
from qte.physics.baths import Bath
from qte.physics.occupations import fermi
from qte.physics.spectral_densities import Lorentzian

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

EQUATIONS: Final = ("local", "partial", "secular", "redfield", "shifted")
# The digamma function's asymptotic series is used from this real part on; its terms, B_2k/2k.
FAR: Final = 12
_BERNOULLI: Final = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)


@dataclass(frozen=True, kw_only=True, eq=False)
class TwoLevels:
    """Levels at ``1 -+ delta/2``, coupled by g; the hot lead at the first, the cold one at the second.

    Parameters
    ----------
    g, delta, gamma, T_h, T_c : array_like, shapes (...)
        Coupling, detuning, the rate of either lead and the temperatures, in units of the mean energy; the chemical
        potentials are 0.
    cutoff : float
        Of the partial secular equation, in rates gamma.
    band : array_like, optional, shape (...)
        Half width at half height of both leads' bands about the mean energy, for `exact`; flat without it.
    """

    g: Any
    delta: Any
    gamma: Any
    T_h: Any
    T_c: Any
    cutoff: float = 10.0
    band: Any = None

    @cached_property
    def shape(self) -> tuple[int, ...]:
        return np.broadcast_shapes(*map(np.shape, (self.g, self.delta, self.gamma, self.T_h, self.T_c)))

    @cached_property
    def hopping(self) -> Array:
        """h, shape (..., 2, 2)."""
        h = np.empty((*self.shape, 2, 2))
        h[..., 0, 0], h[..., 1, 1] = 1 - np.asarray(self.delta) / 2, 1 + np.asarray(self.delta) / 2
        h[..., 0, 1] = h[..., 1, 0] = self.g
        return h

    @property
    def splitting(self) -> Array:
        """Distance of the two frequencies, shape (...)."""
        return np.asarray(el.hypot(self.delta, 2 * np.asarray(self.g)))

    def exact(self, tolerance: float = TOLERANCE) -> tuple[Array, Complex]:
        """Energy current out of the hot lead, shape (...), and covariance, shape (..., 2, 2)."""
        density = None if self.band is None else Lorentzian(1.0, self.band)
        hot, cold = (Bath(T, self.gamma, "fermi", spectral_density=density) for T in (self.T_h, self.T_c))
        levels = CoupledLevels(self.hopping, {"h": (0, hot), "c": (1, cold)}, tolerance)
        return levels.energy_current("h"), levels.covariance()

    def by(self, equation: str) -> tuple[Array, Complex]:
        """The same by one of `EQUATIONS`."""
        if equation == "partial":
            near = self.splitting <= self.cutoff * np.asarray(self.gamma)
            merged, resolved = self._steady(self._merged()), self._secular()
            return (
                np.where(near, merged[0], resolved[0]),
                np.where(near[..., None, None], merged[1], resolved[1]),
            )
        if equation == "secular":
            return self._secular()
        return self._steady(
            {"local": self._local, "redfield": self._pairs, "shifted": self._shifted}[equation]()
        )

    @cached_property
    def _eigen(self) -> tuple[Array, Array]:
        energies, vectors = matrices.eigh(self.hopping)
        return energies, vectors

    def _local(self) -> Complex:
        """What both leads put in, shape (2, ..., 2, 2)."""
        out = self._nothing()
        for r, T in enumerate((self.T_h, self.T_c)):
            out[r, ..., r, r] = self.gamma * fermi(self.hopping[..., r, r] / T)
        return out

    def _merged(self) -> Complex:
        out = self._nothing()
        for r, T in enumerate((self.T_h, self.T_c)):
            out[r, ..., r, r] = self.gamma * fermi(1 / np.asarray(T))
        return out

    def _pairs(self) -> Complex:
        out = self._nothing()
        for r, T in enumerate((self.T_h, self.T_c)):
            filled = self._function(lambda energies, T=T: fermi(energies / np.asarray(T)[..., None]))
            out[r, ..., r, :] += np.asarray(self.gamma)[..., None] * filled[..., r, :] / 2
            out[r, ..., :, r] += np.asarray(self.gamma)[..., None] * filled[..., :, r] / 2
        return out

    def _shifted(self) -> Complex:
        out = self._pairs()
        for r, T in enumerate((self.T_h, self.T_c)):
            principal = self._function(lambda energies, T=T: _principal(energies / np.asarray(T)[..., None]))
            rate = np.asarray(self.gamma)[..., None]
            out.imag[r, ..., r, :] -= rate * principal[..., r, :]
            out.imag[r, ..., :, r] += rate * principal[..., :, r]
        return out

    def _nothing(self) -> Complex:
        return np.zeros((2, *self.shape, 2, 2), dtype=complex)

    def _function(self, of: Any) -> Array:
        """A function of h, shape (..., 2, 2)."""
        energies, vectors = self._eigen
        return np.asarray(matrices.product(vectors * of(energies)[..., None, :], matrices.adjoint(vectors)))

    def _steady(self, put_in: Complex) -> tuple[Array, Complex]:
        """Current and covariance from four real equations, of C_11, C_22 and the two parts of C_12."""
        g, gap, rate = (
            np.broadcast_to(x, self.shape).ravel()
            for x in (self.g, self.hopping[..., 0, 0] - self.hopping[..., 1, 1], self.gamma)
        )
        zero = np.zeros_like(g)
        system = np.array(
            [
                [rate, zero, zero, 2 * g],
                [zero, rate, zero, -2 * g],
                [zero, zero, rate, -gap],
                [-g, g, gap, rate],
            ]
        )
        whole = (put_in[0] + put_in[1]).reshape(-1, 2, 2)
        right = np.array([whole[:, 0, 0].real, whole[:, 1, 1].real, whole[:, 0, 1].real, whole[:, 0, 1].imag])
        found = matrices.solve_along(system, right[:, None])[:, 0].reshape(4, *self.shape)
        covariance = np.empty((*self.shape, 2, 2), dtype=complex)
        covariance[..., 0, 0], covariance[..., 1, 1] = found[0], found[1]
        covariance.real[..., 0, 1] = covariance.real[..., 1, 0] = found[2]
        covariance.imag[..., 0, 1], covariance.imag[..., 1, 0] = found[3], -found[3]
        hot = put_in[0]
        # the hot lead's share of dC/dt, weighed with h
        first = self.hopping[..., 0, 0] * (hot[..., 0, 0].real - self.gamma * found[0])
        first = first + self.hopping[..., 1, 1] * hot[..., 1, 1].real
        beside = 2 * np.asarray(self.g) * (hot[..., 0, 1].real - np.asarray(self.gamma) * found[2] / 2)
        return np.asarray(first + beside), covariance

    def _secular(self) -> tuple[Array, Complex]:
        energies, vectors = self._eigen
        weight = vectors * vectors
        filled = [fermi(energies / np.asarray(T)[..., None]) for T in (self.T_h, self.T_c)]
        total = weight[..., 0, :] + weight[..., 1, :]
        populations = (weight[..., 0, :] * filled[0] + weight[..., 1, :] * filled[1]) / total
        flows = energies * weight[..., 0, :] * (filled[0] - populations)
        current = np.asarray(self.gamma) * (flows[..., 0] + flows[..., 1])
        covariance = matrices.product(vectors * populations[..., None, :], matrices.adjoint(vectors))
        return current, np.asarray(covariance, dtype=complex)


def _principal(x: Array) -> Array:
    """P int f(w) dw/(2 pi (w - E)) for a flat band, less a constant that no commutator feels; x = E/T."""
    return np.asarray(_digamma_real(x / (2 * np.pi)) / (2 * np.pi))


def _digamma_real(y: Array) -> Array:
    """Real part of psi(1/2 + i y), shape (...), to 1e-14."""
    total = np.zeros_like(y)
    for k in range(FAR):
        total = total - (k + 0.5) / ((k + 0.5) ** 2 + y * y)
    a = FAR + 0.5
    size = a * a + y * y
    # 1/z, and the powers of 1/z**2 that the series goes by
    re, im = a / size, -y / size
    square = np.empty(np.shape(y), dtype=complex)
    square.real, square.imag = re * re - im * im, 2 * re * im
    power, series = square, np.zeros(np.shape(y))
    for coefficient in _BERNOULLI:
        series = series + coefficient * power.real
        power = matrices.times(power, square)
    return np.asarray(total + el.log(size) / 2 - re / 2 - series)
