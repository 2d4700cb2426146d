"""Parameters of the printed equations of santiagogarcia2024, and the functions they all use.

``epsilon`` = +1 stands for bosons and oscillators, -1 for fermions and qubits,
as in eq. (1).  Units: hbar = k_B = 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common.parameters import Parameter

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Side = Literal["L", "R"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Bridge:
    """Parameters of systems between two baths, all array_like of shapes that broadcast."""

    omega: Parameter = 1.0
    g: Parameter = 1.0
    gamma_L: Parameter
    gamma_R: Parameter
    T_L: Parameter
    T_R: Parameter
    epsilon_L: int = 1
    epsilon_R: int = 1
    epsilon_a: int = -1

    def __post_init__(self) -> None:
        for name in ("omega", "g", "gamma_L", "gamma_R", "T_L", "T_R"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=float))

    def swapped(self) -> Bridge:
        """The same with the two temperatures exchanged."""
        return replace(self, T_L=self.T_R, T_R=self.T_L)

    def n(self, side: Side) -> Array:
        """Mean excitations of one bath's elements, eq. (3)."""
        return self.n_at(side, self.of("T", side))

    def n_at(self, side: Side, temperature: ArrayLike) -> Array:
        """n_l(T_x): eq. (3) of one bath at any temperature."""
        return occupation(self.omega, temperature, int(self.of("epsilon", side)))

    def factor(self, side: Side, temperature: ArrayLike | None = None) -> Array:
        """1 + (epsilon_l - epsilon_a) n_l."""
        at = self.of("T", side) if temperature is None else temperature
        excess = self.of("epsilon", side) - self.epsilon_a
        return np.asarray(1 + excess * self.n_at(side, at))

    def rates(self, side: Side) -> Rates:
        """Dissipation rates below eq. (2)."""
        gamma, n = self.of("gamma", side), self.n(side)
        return Rates(np.asarray(gamma * n), np.asarray(gamma * (1 + self.of("epsilon", side) * n)))

    def x(self, side: Side) -> Array:
        """omega/T of one bath; inf at T = 0."""
        return exponent(self.omega, self.of("T", side))

    def of(self, name: str, side: Side) -> Array:
        """The parameter `name` of one side."""
        return np.asarray(getattr(self, f"{name}_{side}"), dtype=float)


class Rates(NamedTuple):
    """gamma^+ (absorption) and gamma^- (emission)."""

    plus: Array
    minus: Array


def occupation(omega: ArrayLike, temperature: ArrayLike, epsilon: int) -> Array:
    """n = 1/(exp(omega/T) - epsilon), shape (...); 0 at T = 0."""
    decay = el.exp(-exponent(omega, temperature))
    return np.asarray(decay / (1 - epsilon * decay))


def exponent(omega: ArrayLike, temperature: ArrayLike) -> Array:
    """omega/T, shape (...); inf at T = 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.asarray(omega, dtype=float) / np.asarray(temperature, dtype=float))


def coth(x: Array) -> Array:
    """Hyperbolic cotangent, shape (...)."""
    return np.asarray(1 / el.tanh(x))


def csch(x: Array) -> Array:
    """Hyperbolic cosecant without overflow, shape (...)."""
    return np.asarray(2 * el.exp(-x) / -el.expm1(-2 * x))


def coupling_ratio(p: Bridge) -> Array:
    """gamma_L gamma_R/4g^2."""
    return np.asarray(p.gamma_L * p.gamma_R / (4 * p.g**2))


def dissipate(a: Complex, rho: Complex) -> Complex:
    """D[a] rho below eq. (2), shapes (4, 4)."""
    decay = a.conj().T @ a
    return np.asarray(a @ rho @ a.conj().T - (decay @ rho + rho @ decay) / 2)
