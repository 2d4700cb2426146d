"""The steady state of two qubits with a common reservoir from its five rate equations, for searches of many points.

What `qte.machines.common_reservoir` finds too, with a guard of every digit that costs twenty times as much.  The
unknowns are lambda_11 … lambda_44 and, in the Redfield equation, ``lambda_23 = x + i y``, whose imaginary part is
eliminated.  A reservoir has four amplitudes, ``V_1 = u_1 |2><1| + l_1 |4><3|``, ``V_2 = u_2 |3><1| + l_2 |4><2|``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.machines.common_reservoir import CommonReservoirEngine
from qte.papers.man2019.equations import eq11_occupation

Array = NDArray[np.float64]


class Bath(NamedTuple):
    """Amplitudes of a reservoir, and its rates down and up at both frequencies, shape (...) each."""

    u_1: Any
    l_1: Any
    u_2: Any
    l_2: Any
    down: tuple[Array, Array]
    up: tuple[Array, Array]


@dataclass(frozen=True, eq=False)
class Levels:
    """Steady state between the eigenstates of H.

    Parameters
    ----------
    populations : ndarray, shape (4, ...)
    x, y : ndarray, shape (...)
        Real and imaginary part of lambda_23; 0 in the secular equation.
    signed : ndarray, shape (...)
        Eq. (17) of man2019 without its ``max(0, .)``.
    heat : ndarray, shape (...)
        Q_C.
    """

    populations: Array
    x: Array
    y: Array
    signed: Array
    heat: Array


def levels(machine: CommonReservoirEngine) -> Levels:
    """Steady state of a grid of machines without dephasing and with flat spectral densities.

    Parameters
    ----------
    machine : CommonReservoirEngine

    Examples
    --------
    >>> engine = CommonReservoirEngine(eps_A=22, eps_B=18, Omega=6, T_A=3, T_B=8, T_C=5, approach="redfield")
    >>> float(levels(engine).signed - engine.concurrence()) < 1e-14
    True
    """
    redfield = machine.approach == "redfield"
    size, shape = (5 if redfield else 4), machine.shape
    own = [_equations(bath, size, shape) for bath in _baths(machine)]
    rates, decays = (own[0][k] + own[1][k] + own[2][k] for k in (0, 1))
    if redfield:
        splitting = 2 * machine.mixing.half_gap
        # dx/dt = splitting y, dy/dt = -splitting x - decay y
        rates[4, 4] -= decays + splitting * splitting / decays
    rates[3, :4], rates[3, 4:] = 1.0, 0.0
    right = np.zeros((size, 1, *shape))
    right[3] = 1.0
    found = matrices.solve_along(rates.reshape(size, size, -1), right.reshape(size, 1, -1))
    unknowns = found.reshape(size, *shape)
    p, x = unknowns[:4], unknowns[4] if redfield else np.zeros(shape)
    y = -splitting / decays * x if redfield else np.zeros(shape)
    energies = (machine.eps_A + machine.eps_B, machine.omega_2, machine.omega_1)
    common = own[2][0]
    heat = sum(
        energy * sum(common[i, k] * unknowns[k] for k in range(size)) for i, energy in enumerate(energies)
    )
    return Levels(p, x, y, _signed(machine, p, x, y), np.asarray(heat))


def _signed(machine: CommonReservoirEngine, p: Array, x: Array, y: Array) -> Array:
    mixing = machine.mixing
    inner = mixing.sine * (p[1] - p[2]) / 2 + mixing.cosine * x
    # a Redfield equation may give a negative population, which is round-off where a product of two is negative
    return np.asarray(2 * (el.hypot(inner, y) - np.sqrt(np.abs(p[0] * p[3]))))


def _baths(machine: CommonReservoirEngine) -> tuple[Bath, Bath, Bath]:
    c, s = machine.mixing.c, machine.mixing.s
    a, b = np.sqrt(machine.Gamma_CA), np.sqrt(machine.Gamma_CB)

    def bath(T: Any, rate: Any, u_1: Any, l_1: Any, u_2: Any, l_2: Any) -> Bath:
        n = [eq11_occupation(omega, T) for omega in (machine.omega_1, machine.omega_2)]
        down, up = ((2 * rate * (n[0] + k), 2 * rate * (n[1] + k)) for k in (1, 0))
        return Bath(u_1, l_1, u_2, l_2, down, up)

    return (
        bath(machine.T_A, machine.Gamma_A, s, -s, c, c),
        bath(machine.T_B, machine.Gamma_B, c, c, -s, s),
        bath(machine.T_C, 1.0, c * b + s * a, c * b - s * a, c * a - s * b, c * a + s * b),
    )


def _equations(bath: Bath, size: int, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Rates between the unknowns, shape (size, size, ...), and the decay of lambda_23, shape (...)."""
    u_1, l_1, u_2, l_2, (down_1, down_2), (up_1, up_2) = bath
    rates = np.zeros((size, size, *shape))
    steps = (
        (0, 1, u_1 * u_1, down_1, up_1),
        (2, 3, l_1 * l_1, down_1, up_1),
        (0, 2, u_2 * u_2, down_2, up_2),
        (1, 3, l_2 * l_2, down_2, up_2),
    )
    for upper, lower, weight, down, up in steps:
        for start, end, rate in ((upper, lower, down), (lower, upper, up)):
            rates[end, start] += weight * rate
            rates[start, start] -= weight * rate
    decay = (l_1 * l_1 * down_1 + l_2 * l_2 * down_2 + u_1 * u_1 * up_1 + u_2 * u_2 * up_2) / 2
    if size == 5:
        low, high = l_1 * l_2, u_1 * u_2
        rates[0, 4] = (up_1 + up_2) * high
        rates[1, 4] = -down_1 * low - up_2 * high
        rates[2, 4] = -down_2 * low - up_1 * high
        rates[3, 4] = (down_1 + down_2) * low
        rates[4, 0] = (down_1 + down_2) * high / 2
        rates[4, 1] = -(down_2 * low + up_1 * high) / 2
        rates[4, 2] = -(down_1 * low + up_2 * high) / 2
        rates[4, 3] = (up_1 + up_2) * low / 2
    return rates, np.broadcast_to(decay, shape).copy()
