r"""What a bath does to the energies of a system: principal values over its spectrum.

The half-sided Fourier transform of a bath's correlation function at the frequency w is
``gamma(w)/2 + i S(w)`` with the rate gamma of `Bath.noise` and

    S(w) = P int dx/(2 pi) gamma(x)/(w - x)
         = int_0^inf du/(2 pi) (gamma(w - u) - gamma(w + u))/u

(H.-P. Breuer and F. Petruccione, The Theory of Open Quantum Systems (2002), eqs. (3.137)-(3.142)).
The second form has no pole.  It is summed by Gauss-Legendre on panels that shrink towards
0 and towards every energy at which the spectrum changes fast, so that powers and logarithms
there cost no digits; two orders have to agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.physics.baths import Bath

Array = NDArray[np.float64]

# Two orders of quadrature have to agree to this, relative to the sum of the moduli.
ACCURACY = 1e-10
ORDERS = (12, 18)
# Panels shrink by this factor, from the largest energy in play down this often, and grow up to this often.
SHRINK, DOWN, UP = 4.0, 45, 8
# Energies closer than this, relative to the largest, are one.
ROUNDING = 1e-13
# Frequencies closer to a jump of the spectrum than this, relative to them, lie on it.
AT_EDGE = 1e-9


def lamb_shift(bath: Bath, frequency: ArrayLike) -> Array:
    """S of a Hermitian coupling at a frequency of either sign, to 1e-10 of its gross size, shape (...).

    Parameters
    ----------
    bath : Bath
        Its parameters broadcast with `frequency`.
    frequency : array_like, shape (...)

    Returns
    -------
    ndarray, shape (...)
        The Hamiltonian gains ``sum_w S(w) A(w)^+ A(w)``; an energy.

    Raises
    ------
    ParameterError
        The integral diverges (a flat bath, an Ohmic one without cut-off), or the frequency
        lies on a jump of the spectrum.

    Examples
    --------
    >>> from qte.physics.spectral_densities import drude_lorentz
    >>> bath = Bath(temperature=0.5, coupling=0.02, spectral_density=drude_lorentz(5.0))
    >>> lamb_shift(bath, [-1.0, 1.0]).round(8)
    array([-0.02128985, -0.02678707])
    """
    plain = check.instance("bath", bath, Bath).in_doubles
    features, edges = _of_density(plain)
    both = [*features, *(-x for x in features)], [*edges, *(-x for x in edges)]

    def rate(energy: Array) -> Array:
        # 0 is an end of panels, and what rounds to it has no width
        at = energy == 0
        return np.where(at, 0.0, plain.noise(np.where(at, 1.0, energy)))

    return _principal_value(rate, plain, frequency, *both)


def lowering_shifts(bath: Bath, frequency: ArrayLike) -> tuple[Array, Array]:
    """S of a lowering coupling, for what it emits and for what it absorbs, shapes (...).

    With ``A (x) B^+ + h.c.`` of a lowering operator A and modes B of the bath the half-sided transforms at
    the frequency w are ``gamma^-(w)/2 + i S^-`` and ``gamma^+(w)/2 + i S^+`` with

        S^- = P int dx/(2 pi) gamma^-(x)/(w - x),    S^+ = P int dx/(2 pi) gamma^+(x)/(x - w)

    over the energies x of the modes: positive ones of bosons, all of fermions.

    Parameters
    ----------
    bath : Bath
        Its parameters broadcast with `frequency`.
    frequency : array_like, shape (...)

    Returns
    -------
    (ndarray, ndarray)
        To 1e-10 of their gross sizes; the Hamiltonian gains ``sum_w S^- A(w)^+ A(w) + S^+ A(w) A(w)^+``.

    Raises
    ------
    ParameterError
        As `lamb_shift`.

    Examples
    --------
    >>> from qte.physics.spectral_densities import Lorentzian
    >>> lead = Bath(0.5, 0.02, "fermi", 0.1, spectral_density=Lorentzian(0.0, 10.0))
    >>> emitted, absorbed = lowering_shifts(lead, [0.1, 1.0])
    >>> absorbed.round(6), (emitted - absorbed).round(6)
    (array([-0.009998, -0.008686]), array([0.0001 , 0.00099]))
    """
    plain = check.instance("bath", bath, Bath).in_doubles
    features, edges = _of_density(plain)

    def of(rates: Callable[[Array], Array]) -> Callable[[Array], Array]:
        def rate(energy: Array) -> Array:
            outside = (energy <= 0) if plain.statistics == "bose" else np.zeros(energy.shape, dtype=bool)
            return np.where(outside, 0.0, rates(np.where(outside, 1.0, energy)))

        return rate

    special = [*features, np.asarray(plain.chemical_potential)]
    emitted, absorbed = (
        _principal_value(of(rates), plain, frequency, special, edges)
        for rates in (plain.emission, plain.absorption)
    )
    return emitted, -absorbed


def _of_density(bath: Bath) -> tuple[list[Array], list[Array]]:
    """Energies about which the density of a bath changes fast, and at which it jumps."""
    density = bath.spectral_density
    if density is None:
        return [], []
    return [np.asarray(x, dtype=float) for x in density.features()], [np.asarray(x) for x in density.edges()]


def _principal_value(
    rate: Callable[[Array], Array],
    bath: Bath,
    frequency: ArrayLike,
    special: Sequence[Array],
    edges: Sequence[Array],
) -> Array:
    """``P int dx/(2 pi) rate(x)/(frequency - x)``, shape (...); where the rate changes fast and where it jumps."""
    level = check.real("frequency", frequency, largest=np.inf)
    for edge in edges:
        away = np.abs(level - edge) > AT_EDGE * np.maximum(np.abs(level), np.abs(edge))
        check.require("frequency", level, away, "lie away from a jump of the spectrum for a Lamb shift")
    shape = np.broadcast_shapes(
        level.shape, bath.temperature.shape, bath.coupling.shape, *(s.shape for s in special)
    )
    level = np.broadcast_to(level, shape)
    points = [np.zeros(shape), *(np.abs(level - s) for s in (np.zeros(()), *special))]
    warm = np.where(np.isfinite(bath.temperature), bath.temperature, 0.0)
    scale = np.max([np.abs(level), np.broadcast_to(warm, shape), *points], axis=0)
    cuts = _cuts(points, np.where(scale > 0, scale, 1.0))
    with np.errstate(all="ignore"):
        rough, fine = (_summed(rate, level, cuts, order) for order in ORDERS)
    sound = np.isfinite(fine[1]) & (np.abs(fine[0] - rough[0]) <= ACCURACY * fine[1])
    allowed = "be integrable for a Lamb shift (its frequency is shown)"
    check.require("spectral_density", level, sound, allowed)
    return np.asarray(fine[0] / (2 * np.pi))


def _cuts(points: list[Array], scale: Array) -> tuple[Array, Array]:
    """Ends of the panels in u, ascending along axis 0: the point that each belongs to, and how far it lies from it.

    Powers of the shrinking factor on both sides of every point; what lies so close to
    one that its sum with it is rounded keeps its digits.
    """
    steps = np.concatenate([[0.0], SHRINK ** np.arange(-DOWN, UP + 1.0)])
    ladder = np.multiply.outer(np.concatenate([-steps[::-1], steps]), scale)
    near = np.concatenate([np.broadcast_to(point, ladder.shape) for point in points])
    far = np.maximum(np.concatenate([ladder] * len(points)), -near)
    for point in points:
        # an end of another point's panels that is this point but for rounding
        same = (np.abs(near + far - point) <= ROUNDING * scale) & (near != point)
        near, far = np.where(same, point, near), np.where(same, 0.0, far)
    order = np.lexsort((far, near + far), axis=0)
    return np.take_along_axis(near, order, axis=0), np.take_along_axis(far, order, axis=0)


def _summed(
    rate: Callable[[Array], Array], level: Array, cuts: tuple[Array, Array], order: int
) -> tuple[Array, Array]:
    """The integral and that of its modulus; beyond the last cut in the variable last/u."""
    near, far = cuts
    nodes, weights = ((x[:, *(None,) * near.ndim] + shift) / 2 for x, shift in _rule(order))
    width = np.maximum(np.diff(near, axis=0) + np.diff(far, axis=0), 0.0)
    near, far, last = near[:-1], far[:-1] + nodes * width, near[-1:] + far[-1:]
    inside = near + far
    share = np.where(inside > 0, weights * width / np.where(inside > 0, inside, 1.0), 0.0)
    total, gross = np.zeros((2, *level.shape))
    for start, step, weight in ((near, far, share), (0.0, last / nodes, weights / nodes)):
        below, above = rate((level - start) - step), rate((level + start) + step)
        change = (below - above) * weight
        total, gross = total + change.sum(axis=(0, 1)), gross + np.abs(change).sum(axis=(0, 1))
    return total, gross


def _rule(order: int) -> tuple[tuple[Array, float], tuple[Array, float]]:
    """Nodes and weights on (-1, 1), and what they are shifted by on the way to (0, 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    return (nodes, 1.0), (weights, 0.0)
