"""Resets: with some rate a part of a system is replaced by its thermal state.

``p (tau (x) Tr_part[rho] - rho)``: as if a fresh copy were swapped in (N. Linden, S. Popescu and
P. Skrzypczyk, Phys. Rev. Lett. 105, 130401 (2010), eq. (3)).  What a reset brings along is heat where it
changes the energy of its part, and work where it cuts a coupling (`qte.solver.thermodynamics.contact_power`).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.ranges import in_range
from qte.physics.baths import Bath, TemperatureDerivative
from qte.physics.generators import local_channels
from qte.physics.operators import embed, transition
from qte.physics.terms import Channel, as_operator

Array = NDArray[np.float64]


def reset_channels(reservoir: Hashable, bath: Bath, energy: ArrayLike, lower: Any) -> tuple[Channel, ...]:
    """Reset of a two-level part, at the rate ``gamma s`` of a bath of two-level systems.

    Parameters
    ----------
    reservoir : hashable
    bath : Bath
        Fermionic: what a fresh two-level system takes and gives; of any kind of rates.
    energy : array_like, shape (...)
        Gap of the part.
    lower : array_like or sparse, shape (d, d)
        Its lowering operator.

    Raises
    ------
    ParameterError
        A bosonic bath, whose rates add up to more than one reset.

    Examples
    --------
    >>> from qte.physics.operators import lowering
    >>> [float(c.rate.round(4)) for c in reset_channels("c", Bath(1.0, 0.01, "fermi"), 1.0, lowering(0, 2))]
    [0.0073, 0.0027, 0.01]
    """
    check.instance("bath", bath, Bath)
    if bath.statistics != "fermi":
        raise ParameterError("bath", bath.statistics, "have the statistics 'fermi' for a reset")
    lower = as_operator("lower", lower)
    channels: tuple[Channel, ...] = local_channels(reservoir, bath, energy, lower)
    if isinstance(bath.in_doubles, TemperatureDerivative):
        return channels
    # what takes the place of a part has lost its phase, whatever the temperature
    return (
        *channels,
        Channel.of(reservoir, bath.strength(energy), matrices.sparse_product(lower.conj().T, lower)),
    )


def gibbs_reset_channels(
    reservoir: Hashable,
    rate: ArrayLike,
    temperature: ArrayLike,
    energies: Sequence[ArrayLike],
    site: int,
    dims: Sequence[int],
) -> tuple[Channel, ...]:
    """Reset of a part of any dimension to its Gibbs state.

    Parameters
    ----------
    reservoir : hashable
    rate : array_like, shape (...)
        p >= 0.
    temperature : array_like, shape (...)
        >= 0; at 0 the lowest levels share.
    energies : sequence of array_like, shapes (...)
        Of the levels of the part, in the order of its basis.
    site : int
        Which factor it is, counted from 0.
    dims : sequence of int
        Dimensions of the factors.

    Returns
    -------
    tuple of Channel
        One for every ordered pair of levels; no particles are counted.

    Examples
    --------
    >>> channels = gibbs_reset_channels("h", 0.1, 0.5, [0.0, 1.0, 1.5], 1, (2, 3))
    >>> len(channels), float(sum(c.rate for c in channels[::3]).round(12))
    (9, 0.1)
    """
    p = check.RATE.check("rate", rate)
    cold = check.TEMPERATURE.check("temperature", temperature)
    if not isinstance(dims, (list, tuple)) or not dims:
        raise ParameterError("dims", dims, "be the dimensions of the factors")
    sizes = tuple(check.integer("dims", size, minimum=1) for size in dims)
    site = check.integer("site", site, minimum=0, maximum=len(sizes) - 1)
    if not isinstance(energies, (list, tuple)) or len(energies) != sizes[site]:
        raise ParameterError("energies", energies, f"be a list of {sizes[site]} levels")
    levels = [check.real("energies", level) for level in energies]
    check.broadcast_shape(rate=p, temperature=cold, **{f"energies[{k}]": e for k, e in enumerate(levels)})
    filled = _populations(levels, cold)
    return tuple(
        Channel.of(reservoir, p * filled[to], embed({site: transition(to, start, sizes[site])}, sizes))
        for to in range(sizes[site])
        for start in range(sizes[site])
    )


def _populations(levels: Sequence[Array], temperature: Array) -> list[Array]:
    """Gibbs populations, each to its own digits, shapes (...)."""
    found = []
    for own in levels:
        total: Any = 0.0
        for other in levels:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                x = (own - other) / temperature
                total = total + el.exp(np.where(own == other, 0.0, np.minimum(x, 1e3)))
        found.append(np.asarray(np.where(in_range(total), 1 / total, 0.0)))
    return found
