"""What several answers share: two coupled qubits between two baths as two modes of free fermions, in closed form.

Two qubits that exchange an excitation are free fermions (Jordan and Wigner), and a bath at each is a linear coupling,
so that a state without coherence at the start is given by the 2 × 2 covariance ``<c_i^+ c_j>``.  Its equation, local,
secular or Redfield (all pairs of frequencies, no Lamb shift), is linear and solved here by hand.  `TwoQubitEngine`
knows nothing of it: the machine's solver is the second method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el

Array = NDArray[np.float64]
Approach = Literal["local", "global", "redfield"]

# Below this argument x / expm1(x) is 1 - x/2 + x^2/12 to the last bit.
_SMALL: Final = 1e-4


def x_over_expm1(x: ArrayLike) -> Array:
    """x/(e^x - 1) for x >= 0, 1 at 0."""
    x = np.asarray(x, dtype=float)
    small = x < _SMALL
    return np.asarray(np.where(small, 1 - x / 2 + x * x / 12, x / el.expm1(np.where(small, 1.0, x))))


@dataclass(frozen=True, eq=False)
class Reservoir:
    """A bath of one qubit that may be infinitely hot.

    Parameters
    ----------
    beta : ndarray, shape (...)
        Inverse temperature, >= 0.
    strength : ndarray, shape (...)
        The bare rate times the temperature, gamma/beta for bosons; what stays finite in the limit of infinite heat.
    """

    beta: Array
    strength: Array

    @classmethod
    def relaxing(cls, beta: ArrayLike, rate: ArrayLike, energy: ArrayLike) -> Reservoir:
        """The bath that relaxes a qubit of gap `energy` at `rate` = gamma (2 n + 1)."""
        beta, energy = np.asarray(beta, dtype=float), np.asarray(energy, dtype=float)
        return cls(beta, np.asarray(rate) / (2 * x_over_expm1(beta * energy) / energy + beta))

    def rates(self, energies: Sequence[Array]) -> tuple[list[Array], list[Array]]:
        """gamma n(E) and gamma (2 n(E) + 1) at several energies."""
        up = [np.asarray(self.strength * x_over_expm1(self.beta * energy) / energy) for energy in energies]
        return up, [np.asarray(2 * rate + self.strength * self.beta) for rate in up]


@dataclass(frozen=True, eq=False)
class XState:
    """A two-qubit state without other coherence than <10|rho|01>, shapes (...).

    Parameters
    ----------
    coherence : ndarray
        |<10|rho|01>|.
    double, empty : ndarray
        Populations of |11> and |00>.
    """

    coherence: Array
    double: Array
    empty: Array

    def margin(self) -> Array:
        """The negativity where it is positive, smooth through zero, shape (...)."""
        c, r1, r4 = self.coherence, self.double, self.empty
        size = el.hypot(2 * c, r1 - r4) + r1 + r4
        return np.asarray(2 * (c * c - r1 * r4) / np.where(size == 0, 1.0, size))


def engine_state(
    delta: ArrayLike, g: ArrayLike, hot: Reservoir, cold: Reservoir, *, secular: bool, eps_h: float = 1.0
) -> XState:
    """Steady state of the detuned engine between two bosonic baths, secular or Redfield, shape (...).

    Modes at ``E = (eps_h + eps_c)/2 -+ W``, ``W = sqrt(g^2 + delta^2/4)``; with the weights of the qubits in them the
    covariance in the modes obeys three real equations, of which the secular form keeps the diagonal ones.
    """
    delta, g = np.asarray(delta, dtype=float), np.asarray(g, dtype=float)
    half = el.hypot(g, delta / 2)
    mean = eps_h + delta / 2
    tilt, beside = -delta / (2 * half), g / (2 * half)
    upper, lower = (1 + tilt) / 2, (1 - tilt) / 2
    energies = mean - half, mean + half
    weights = (lower, upper), (upper, lower)
    (hot_up, hot_both), (cold_up, cold_both) = (bath.rates(energies) for bath in (hot, cold))
    total = [h * a + c * b for (h, c), a, b in zip(weights, hot_both, cold_both, strict=True)]
    gain = [h * a + c * b for (h, c), a, b in zip(weights, hot_up, cold_up, strict=True)]
    filled = [up / both for up, both in zip(gain, total, strict=True)]
    across = np.zeros(np.shape(filled[0]))
    turned = across
    if not secular:
        mixed = [beside * (b - a) for a, b in zip(hot_both, cold_both, strict=True)]
        source = beside * sum(b - a for a, b in zip(hot_up, cold_up, strict=True)) / 2
        width = (total[0] + total[1]) / 2
        pull = width + 4 * half * half / width - mixed[0] * mixed[1] * (1 / total[0] + 1 / total[1]) / 2
        across = (source - (mixed[1] * filled[1] + mixed[0] * filled[0]) / 2) / pull
        turned = -2 * half * across / width
        filled = [filled[0] - mixed[1] * across / total[0], filled[1] - mixed[0] * across / total[1]]
    double = filled[0] * filled[1] - across * across - turned * turned
    real = beside * (filled[1] - filled[0]) + tilt * across
    return XState(
        el.hypot(real, turned), double, (1 - filled[0]) * (1 - filled[1]) - filled[0] * filled[1] + double
    )
