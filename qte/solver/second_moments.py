r"""Excitations that pass from one thermal bath to another, exactly, through second moments.

A chain of N equal systems ``s_1 … s_N`` (qubits or oscillators) with exchange
``g (s_j^+ s_(j+1) + h.c.)`` is coupled to a bath at either end.  Its moments
``C_ij = <s_i^+ s_j>`` obey a closed linear equation (santiagogarcia2024
eqs. (27)-(30)): oscillators because everything is linear, qubits because the
Jordan-Wigner transformation makes them free fermions, whose parity string at
the last site drops out of even observables.

Two facts keep relative accuracy everywhere.  Detailed balance: whatever its
statistics, a bath alone drives its site to the Gibbs occupation of the system,
Fermi-Dirac for a qubit and Bose-Einstein for an oscillator; the statistics only
set how fast (`relaxation`).  Linearity: the moments are the sum of the responses
to each bath, and no current flows but in proportion to the difference of the two
occupations.

Units: hbar = k_B = 1.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from qte.common import elementary as el
from qte.common.double_double import DoubleDouble, exact
from qte.common.errors import IllConditioned, NonUniqueSteadyState
from qte.common.ranges import in_range
from qte.physics.baths import Bath, ExtendedBath
from qte.physics.occupations import bose, bose_difference, bose_emission, fermi, fermi_difference

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

SYSTEMS = ("qubit", "oscillator")
# Where a sum is less than this part of its terms it is found another way.
NEARLY = 1e-2


def _inverse_temperature(energy: Array, temperature: Array) -> Array:
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(energy / temperature)


def gibbs_occupation(system: str, energy: Array, temperature: Array) -> Array:
    """<s^+ s> of one system in equilibrium, shape (...); 0 at T = 0."""
    x = _inverse_temperature(energy, temperature)
    return fermi(x) if system == "qubit" else bose(x)


def gibbs_bias(system: str, energy: Array, hot: Array, cold: Array, lift: Array | float = 0.0) -> Array:
    """Difference of two Gibbs occupations, to full relative accuracy at any bias, shape (...).

    In the second bath the level stands higher above the chemical potential by `lift`.
    """
    x, y = _inverse_temperature(energy, hot), _inverse_temperature(energy + np.asarray(lift), cold)
    difference = fermi_difference if system == "qubit" else bose_difference
    return difference(x, y, exponent_step(energy, hot, cold, lift))


def gibbs_slope(system: str, energy: Array, temperature: Array) -> Array:
    """Temperature derivative of the Gibbs occupation, shape (...); 0 at T = 0."""
    x = _inverse_temperature(energy, temperature)
    other = fermi(-x) if system == "qubit" else bose_emission(x)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slope = gibbs_occupation(system, energy, temperature) * other * x / temperature
    return np.asarray(np.where(np.isfinite(x), slope, 0.0))


def relaxation(system: str, bath: Bath, energy: Array) -> Array:
    """Rate at which a bath alone brings <s^+ s> to its Gibbs value, shape (...).

    ``gamma^- + gamma^+`` for a qubit, ``gamma^- - gamma^+`` for an oscillator:
    gamma times 1 where bath and system are alike, coth(x/2) for a qubit in a
    Bose bath, tanh(x/2) for an oscillator in a Fermi bath; x = energy/T.  Never
    negative, so every oscillator is stable above the chemical potential.
    """
    x = _inverse_temperature(energy - np.asarray(bath.chemical_potential), np.asarray(bath.temperature))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        coth = (1 + el.exp(-x)) / -el.expm1(-x)
        factor = {("qubit", "bose"): coth, ("oscillator", "fermi"): 1 / coth}
        rate = bath.coupling * factor.get((system, bath.statistics), 1.0)
    return np.asarray(np.where(bath.coupling == 0, 0.0, rate))


def relaxation_difference(system: str, bath: Bath, energy: Array, other: Array) -> Array:
    """What `relaxation` gains for the coupling 1 when the bath's temperature becomes `other`, without cancellation."""
    own, energy = np.asarray(bath.temperature), energy - np.asarray(bath.chemical_potential)
    x, y = _inverse_temperature(energy, own), _inverse_temperature(energy, other)
    step = exponent_step(energy, other, own)
    gain = {
        ("qubit", "bose"): lambda: 2 * bose_difference(y, x, step),
        ("oscillator", "fermi"): lambda: -2 * fermi_difference(y, x, step),
    }
    found = gain.get((system, bath.statistics))
    return np.asarray(found() if found else np.zeros(np.broadcast_shapes(x.shape, y.shape)))


@dataclass(frozen=True, eq=False)
class Response:
    """Moments of a chain whose one bath holds occupation 1 and whose other is empty.

    Parameters
    ----------
    occupation : ndarray, shape (N, ...)
        <s_j^+ s_j>, counted from the driven end.
    coherence : ndarray, shape (N - 1, ...)
        |<s_j^+ s_(j+1)>| with the sign of g.
    transmission : ndarray, shape (...)
        Excitations per time that leave at the other end.
    """

    occupation: Array
    coherence: Array
    transmission: Array


def response(n: int, g: Array, driven: Array, other: Array, dephasing: Array | float = 0.0) -> Response:
    """Solve the stationary moment equations of a chain driven at one end.

    The equations of the occupations n_j and of the coherences c_j between
    neighbours form a ladder; elimination from the undriven end gives each site
    an effective leak.  Only positive terms are added, so every moment is
    accurate relative to itself.  The remaining equations, those of coherences
    between other sites, then hold with these coherences zero, because the current
    is the same through every bond; dephasing changes nothing of that.

    Parameters
    ----------
    n : int
        Number of sites, >= 1.
    g : ndarray, shape (...)
        Exchange between neighbours.
    driven, other : ndarray, shape (...)
        Relaxation rates of the two ends; of the same site if n = 1.
    dephasing : ndarray, shape (...)
        Rate at which each inner site loses its phase.

    Raises
    ------
    NonUniqueSteadyState
        Some mode of the chain relaxes into neither bath.
    """
    given = (np.asarray(a, dtype=float) for a in (g, driven, other, dephasing))
    g, driven, other, dephasing = np.broadcast_arrays(*given)
    _refuse_undamped(n, g, driven, other)
    dampings = [
        (driven * (site == 1) + other * (site == n - 1) + dephasing * _inner(site, n)) / 2
        for site in range(n - 1, 0, -1)
    ]
    leak, down, across = _ladder(g, dampings, other)
    occupation = [driven / (driven + leak)]
    coherence = []
    for share, ratio in zip(reversed(down), reversed(across), strict=True):
        coherence.append(ratio * occupation[-1])
        occupation.append(share * occupation[-1])
    bonds = np.stack(coherence) if coherence else np.zeros((0, *g.shape))
    return Response(np.stack(occupation), bonds, _in_series(driven, leak))


def _inner(site: int, n: int) -> int:
    """How many of the sites that a bond joins, this one and the next, have no bath."""
    return (site > 1) + (site < n - 1)


def _ladder(g: Array, dampings: list[Array], other: Array) -> tuple[Array, list[Array], list[Array]]:
    """Effective leak of the driven site, and of each rung ``2 g^2/p`` and ``g l/p`` with ``p = m l + 2 g^2``.

    A rung of damping m and leak l makes ``2 g^2 l/p`` of the leak.
    """
    leak, down, across = other, [], []
    with np.errstate(all="ignore"):
        square = 2 * g**2
        fine = in_range(square) | (not dampings)
        for damping in dampings:
            pivot, top = damping * leak + square, g * leak
            fine &= in_range(pivot) & (in_range(top) | (other == 0))
            down.append(square / pivot)
            across.append(top / pivot)
            leak = 2 * g * across[-1]
    if not fine.all():
        found = _ladder_far_out(g, dampings, other)
        leak, down, across = (_or_else(fine, *pair) for pair in zip((leak, down, across), found, strict=True))
    return leak, down, across


def _or_else(fine: NDArray[np.bool_], first: Any, second: Any) -> Any:
    if isinstance(first, list):
        return [np.where(fine, a, b) for a, b in zip(first, second, strict=True)]
    return np.where(fine, first, second)


def _ladder_far_out(g: Array, dampings: list[Array], leak: Array) -> tuple[Array, list[Array], list[Array]]:
    """The same where products of rates leave the range: by ``2 g/l``, to which every rung adds m/g."""
    down, across = [], []
    with np.errstate(all="ignore"):
        ratio = 2 * (g / leak)
        for damping in dampings:
            longer = ratio + damping / g
            passing = np.where(np.isinf(ratio), 1.0, ratio / longer)
            leak = np.where(np.isinf(longer), leak * passing, 2 * g / longer)
            bond = np.where(np.isinf(longer) & (np.abs(g) > 1), leak / (2 * g), 1 / longer)
            lost = np.isinf(longer) & np.isfinite(ratio) & (np.abs(g) <= 1) & (g != 0)
            if len(dampings) > 1 and lost.any():
                places = [tuple(int(k) for k in place) for place in np.argwhere(lost)]
                raise IllConditioned("The ratio of a rate and g leaves the range of a double", places)
            down.append(passing)
            across.append(bond)
            ratio = longer
    return leak, down, across


def _in_series(first: Array, second: Array) -> Array:
    """``a b/(a + b)``."""
    with np.errstate(under="ignore"):
        product = first * second
    total = first + second
    return np.asarray(np.where(in_range(product), product / total, first * (second / total)))


@dataclass(frozen=True, eq=False)
class Swap:
    """The end of a chain whose bath takes another temperature, shapes (...)."""

    system: str
    bath: Bath
    energy: Array
    other: Array

    @property
    def after(self) -> Bath:
        """The bath at its other temperature."""
        return dataclasses.replace(self.bath, temperature=self.other)

    @property
    def rates(self) -> tuple[Array, Array]:
        """Relaxation before and after."""
        before, after = (relaxation(self.system, bath, self.energy) for bath in (self.bath, self.after))
        return before, after

    @property
    def gain(self) -> Array:
        """What the relaxation gains, for the coupling 1."""
        return relaxation_difference(self.system, self.bath, self.energy, self.other)


def asymmetry(n: int, g: Array, near: Swap, far: Swap, dephasing: Array | float = 0.0) -> Array:
    """Relative difference of the transmissions before and after the ends swap temperatures, to relative accuracy.

    The reciprocal of a transmission is ``1/a + 1/b + (a + b + 2 (n - 2) kappa)/(4 g^2)``, of relaxation rates a, b and
    dephasing kappa (a junction, n = 1, has no third term).  Where the changes of its terms nearly cancel they are
    known as products: ``gain (gamma_b - gamma_a) (1/(a b) + 1/(4 g^2))`` if both ends answer to temperature alike,
    ``gamma gain (1/(a a') - 1/(4 g^2))`` if one does, with more digits next to the zero of that.

    Parameters
    ----------
    n, g, dephasing
        As in `response`.
    near, far : Swap
        Both ends, of rates > 0, which swap temperatures.

    Returns
    -------
    ndarray, shape (...)
        ``|t - t'| / (t + t')``.
    """
    (a, new_a), (b, new_b) = near.rates, far.rates
    # by powers of two, which change no digit, to where products have room
    sizes = np.broadcast_arrays(np.abs(g), a, new_a, b, new_b, np.asarray(dephasing))
    power = -np.frexp(np.max(sizes, axis=0))[1]
    g, a, new_a, b, new_b, lost = (np.ldexp(size, power) for size in sizes)
    couplings = [np.ldexp(end.bath.coupling, power) for end in (near, far)]
    with np.errstate(all="ignore"):
        link = 1 / (4 * g**2) if n > 1 else np.zeros(g.shape)
        gains = [coupling * end.gain for coupling, end in zip(couplings, (near, far), strict=True)]
        at_ends, between = (gains[0] / (a * new_a), gains[1] / (b * new_b)), [gain * link for gain in gains]
        change = (at_ends[0] + at_ends[1]) - (between[0] + between[1])
        close = np.abs(change) < NEARLY * sum(np.abs(part) for part in (*at_ends, *between))
        alike = near.gain == -far.gain
        product = near.gain * (couplings[1] - couplings[0]) * (1 / (a * b) + link)
        change = np.where(close & alike, product, change)
        for end, gain, other in ((near, gains[0], gains[1]), (far, gains[1], gains[0])):
            alone = close & ~alike & (other == 0)
            if alone.any():
                change = np.where(alone, gain * _apart(end, g, power), change)
        whole = 1 / a + 1 / b + 1 / new_a + 1 / new_b
        whole = whole + (a + b + new_a + new_b + 4 * max(n - 2, 0) * lost) * link
        found = np.abs(change) / whole
    sound = in_range(a * new_a) & in_range(b * new_b) & (in_range(link) | (n == 1)) & np.isfinite(found)
    places = [tuple(int(k) for k in place) for place in np.argwhere(~sound)]
    if places:
        raise IllConditioned("The contrast leaves the range of a double on the way", places)
    return np.asarray(found)


def _apart(end: Swap, g: Array, power: NDArray[np.int32]) -> Array:
    """``1/(a a') - 1/(4 g^2)`` with rates of 30 digits, all scaled by a power of two."""
    product = exact(np.ones(g.shape))
    for bath in (end.bath, end.after):
        extended = bath.of_kind(ExtendedBath)
        down, up = extended.rates(end.energy)
        rate = down + up if end.system == "qubit" else down - up
        product = product * DoubleDouble(np.ldexp(rate.hi, power), np.ldexp(rate.lo, power))
    square = exact(2 * g) * (2 * g)
    return np.asarray(((square - product) / (square * product)).hi)


def drift(n: int, g: float, left: float, right: float) -> Complex:
    """Matrix W of ``dC/dt = W C + C W^+ + injection`` at one point, shape (N, N).

    In the frame that rotates with the systems' common frequency.
    """
    matrix = 1j * g * (np.eye(n, k=1) + np.eye(n, k=-1)) + 0j
    matrix[0, 0] -= left / 2
    matrix[-1, -1] -= right / 2
    return np.asarray(matrix)


def solve_lyapunov(n: int, g: float, ends: tuple[float, float], occupations: tuple[float, float]) -> Complex:
    """All N^2 moments at one point from the dense Lyapunov equation, shape (N, N).

    The reference for `response`; of absolute accuracy only.
    """
    injection = np.zeros((n, n), dtype=complex)
    injection[0, 0] += ends[0] * occupations[0]
    injection[-1, -1] += ends[1] * occupations[1]
    return np.asarray(scipy.linalg.solve_continuous_lyapunov(drift(n, g, *ends), -injection))


def exponent_step(energy: Array, first: Array, second: Array, lift: Array | float = 0.0) -> Array:
    """``(energy + lift)/second - energy/first``, from the difference of the temperatures, shape (...)."""
    with np.errstate(all="ignore"):
        top, bottom = energy * (first - second), first * second
        step = np.where(
            in_range(top) & in_range(bottom), top / bottom, energy / first * ((first - second) / second)
        )
    end = np.where(energy < 0, -np.inf, np.inf)
    step = np.where((first == 0) & (second > 0), -end, step)
    step = np.where((second == 0) & (first > 0), end, step)
    step = np.where(first == second, 0.0, step)
    if np.all(lift == 0):
        return np.asarray(step)
    with np.errstate(all="ignore"):
        frozen = (energy + lift) / second - energy / first
        frozen = np.where(np.isnan(frozen), 0.0, frozen)
        step = np.where((first > 0) & (second > 0), step + lift / second, frozen)
    return np.asarray(step)


def _refuse_undamped(n: int, g: Array, driven: Array, other: Array) -> None:
    """Modes without decay: without exchange every site that has no bath, else all if no bath couples."""
    closed = driven + other == 0
    idle = (g == 0) * (n - 2 + 1 * (driven == 0) + (other == 0)) if n > 1 else 0
    modes = np.where(closed, n, idle)
    points = [tuple(int(i) for i in point) for point in np.argwhere(modes)]
    if points:
        raise NonUniqueSteadyState(1 + int(modes.max()), points, ", at least")
