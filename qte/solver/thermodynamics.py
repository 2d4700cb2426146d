"""Energy balances of a state under a generator.

Heat is measured with the full Hamiltonian of the terms, interaction included,
and is positive when it flows from the reservoir into the system; a generator with an
`energy` of its own measures it with that, and what is left is work.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qte.common import matrices
from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.ranges import over_product
from qte.physics.generators import Channel, Generator
from qte.physics.operators import Operator, adjoint
from qte.solver.blocks import from_unknowns, observable, superoperator, unknowns_of
from qte.solver.limits import SUPEROPERATOR_LIMIT

Array = NDArray[np.float64]

# What remains of the heats of baths at T = 0 after they cancel to this fraction is round-off.
NOISE = 1e-12


def energy_current(generator: Generator, unknowns: Array, reservoir: Hashable) -> Array:
    r"""``Tr[H D_r rho]``: energy per time from one reservoir, shape (...).

    Parameters
    ----------
    generator : Generator
    unknowns : ndarray, shape (d**2, points)
        State in the generator's frame (`qte.solver.blocks.to_unknowns`, flattened grid).
    reservoir : hashable

    Raises
    ------
    ParameterError
        Unknown label; unknowns of another shape, complex or not finite.

    Examples
    --------
    >>> from qte.physics.baths import Bath
    >>> from qte.physics.generators import Term, local_channels
    >>> from qte.physics.operators import flip_flop, lowering, total_excitation
    >>> hamiltonian = (Term.of(1.0, total_excitation(2)), Term.of(0.01, flip_flop(0, 1, 2)))
    >>> hot, cold = Bath(1.0, 0.01), Bath(0.1, 0.02)
    >>> channels = local_channels("h", hot, 1.0, lowering(0, 2)) + local_channels("c", cold, 1.0, lowering(1, 2))
    >>> generator = Generator(hamiltonian, channels)
    >>> from qte.solver.steady import steady_state
    >>> unknowns = steady_state(generator).unknowns
    >>> [float(energy_current(generator, unknowns, bath).round(7)) for bath in generator.reservoirs]
    [0.0013424, -0.0013424]
    """
    unknowns = _state(generator, unknowns)
    channels = generator.channels_of(reservoir)
    if generator.dim > SUPEROPERATOR_LIMIT:
        return _sparse_exchange(generator, unknowns, channels)[0]
    return _power(generator, unknowns, channels)


def _state(generator: Generator, unknowns: Array) -> Array:
    """Unknowns of a generator's states, (d**2, points)."""
    check.instance("generator", generator, Generator)
    array = check.numbers("unknowns", unknowns, "be finite real numbers")
    wanted = (generator.dim**2, math.prod(generator.shape))
    if array.shape != wanted or array.dtype.kind == "c":
        raise ParameterError("unknowns", array.shape, f"be real, of shape {wanted}: unknowns by points")
    return array


def _expected(operator: Operator, generator: Generator, unknowns: Array) -> Array:
    """Real part of Tr[O rho] from the unknowns, shape (points,)."""
    entries, dim = sp.coo_array(operator), generator.dim
    total = np.zeros(unknowns.shape[1])
    for i, j, value in zip(entries.row, entries.col, entries.data, strict=True):
        if i == j:
            total += value.real * unknowns[i]
        else:
            real, imaginary = unknowns_of(np.array(min(i, j)), np.array(max(i, j)), dim)
            total += value.real * unknowns[int(real)]
            total += value.imag * unknowns[int(imaginary)] * (1.0 if i < j else -1.0)
    return total


def energy_exchange(generator: Generator, unknowns: Array, reservoir: Hashable) -> tuple[Array, Array]:
    """`energy_current`, and the same with every product by its modulus, shapes (...).

    The second is what one reservoir gives and takes before anything cancels;
    round-off of the first is a few ulp of it.
    """
    unknowns = _state(generator, unknowns)
    if generator.dim > SUPEROPERATOR_LIMIT:
        return _sparse_exchange(generator, unknowns, generator.channels_of(reservoir))
    weights, rows = _energy_rows(generator)
    dissipator = superoperator(generator, generator.channels_of(reservoir), hamiltonian=False)
    net, gross = dissipator.exchange(unknowns, rows)
    return _weigh(generator, weights, net), _weigh(generator, weights, gross, moduli=True)


def dephasing_power(generator: Generator, unknowns: Array) -> Array:
    """Energy per time that the channels without a reservoir bring in, shape (...)."""
    unknowns = _state(generator, unknowns)
    channels = tuple(c for c in generator.channels if c.reservoir is None)
    if not channels:
        return np.zeros(generator.shape)
    return _power(generator, unknowns, channels)


def driving_power(generator: Generator, unknowns: Array) -> Array:
    """``-i Tr[E [H, rho]]``: energy E per time that H does not conserve, and so is work, shape (...).

    In a rotating frame what the drive does, between parts with energies of their own what keeps up their
    coupling.  With all heats it adds up to the growth of ``Tr[E rho]``, 0 in a steady state; 0 where E is H.

    Parameters
    ----------
    generator, unknowns
        As in `energy_current`.

    Examples
    --------
    A driven qubit gives to its bath, quantum by quantum, what the drive does:

    >>> from qte.physics.generators import generator as made_of
    >>> from qte.physics.operators import EXCITED, FLIP, LOWER
    >>> from qte.solver.steady import steady_state
    >>> driven = made_of(0.02 * FLIP, {"h": [0.3 * LOWER]}, energy=5.0 * EXCITED)
    >>> unknowns = steady_state(driven).unknowns
    >>> float(driving_power(driven, unknowns).round(6)), float(energy_current(driven, unknowns, "h").round(6))
    (0.063717, -0.063717)
    """
    unknowns = _state(generator, unknowns)
    if generator.energy is None:
        return np.zeros(generator.shape)
    weights, rows = _energy_rows(generator)
    return _weigh(generator, weights, superoperator(generator, ()).apply(unknowns, rows))


def contact_power(generator: Generator, unknowns: Array, reservoir: Hashable) -> Array:
    """``Tr[(H - E) D rho]``: work per time that making and breaking contact with a reservoir takes, shape (...).

    What a reset, or a bath that sees a part of H only, puts into the rest of H (G. De Chiara and others,
    New J. Phys. 20, 113024 (2018), eq. (13)); all of them add up to `driving_power` in a steady state.

    Parameters
    ----------
    generator, unknowns, reservoir
        As in `energy_current`.
    """
    heat = energy_current(generator, unknowns, reservoir)
    if generator.energy is None:
        return np.zeros_like(heat)
    return energy_current(dataclasses.replace(generator, energy=None), unknowns, reservoir) - heat


def particle_current(generator: Generator, unknowns: Array, reservoir: Hashable) -> Array:
    """Net number of quanta per time from one reservoir, shape (...)."""
    unknowns = _state(generator, unknowns)
    total = np.zeros(generator.shape)
    for channel in generator.channels_of(reservoir):
        if channel.quanta:
            total += channel.quanta * _jump_rate(generator, channel, unknowns)
    return total


def _jump_rate(generator: Generator, channel: Channel, unknowns: Array) -> Array:
    """Expected jumps per time: rate * <A^+ A> (real part of <B^+ A> with a partner)."""
    total = np.zeros(generator.shape)
    for a in channel.jump:
        for b in channel.partner or channel.jump:
            overlap = matrices.sparse_product(adjoint(b.operator), a.operator)
            mean = _expected(overlap, generator, unknowns).reshape(generator.shape)
            total += channel.rate * a.coefficient * b.coefficient * mean
    return total


def _sparse_exchange(
    generator: Generator, unknowns: Array, channels: tuple[Channel, ...]
) -> tuple[Array, Array]:
    """`energy_exchange` operator by operator, without a superoperator."""
    net, gross = np.zeros((2, unknowns.shape[1]))
    for point in range(unknowns.shape[1]):
        rho = from_unknowns(unknowns[:, point], generator.dim)
        energy = generator.measured_energy_at(point)
        for channel in channels:
            for a in channel.jump:
                for b in channel.partner or channel.jump:
                    strength = channel.rate * a.coefficient * b.coefficient
                    rate = float(np.broadcast_to(strength, generator.shape).flat[point])
                    back = b.operator.conj().T
                    gain = _mean(back @ (energy @ a.operator), rho)
                    loss = _mean(energy @ (back @ a.operator), rho)
                    net[point] += rate * (gain - loss)
                    gross[point] += abs(rate) * (abs(gain) + abs(loss))
    return net.reshape(generator.shape), gross.reshape(generator.shape)


def _mean(operator: Operator, rho: NDArray[np.complex128]) -> float:
    """Real part of Tr[O rho]."""
    entries = sp.coo_array(operator)
    return float((rho[entries.col, entries.row] * entries.data).sum().real)


def entropy_production(
    heats: Mapping[Hashable, Array],
    temperatures: Mapping[Hashable, Array],
    quanta: Mapping[Hashable, Array] | None = None,
    potentials: Mapping[Hashable, Array] | None = None,
    dephasing: Array | float = 0.0,
) -> Array:
    """``-sum_r (Q_r - mu_r N_r)/T_r`` in a steady state, shape (...).

    Energy and particles are conserved, so what enters from the hottest bath is
    minus what enters elsewhere, and every term carries a difference of
    temperatures or of chemical potentials as a factor: near equilibrium nothing
    cancels.

    Parameters
    ----------
    heats, temperatures, quanta, potentials : mapping of label to ndarray, shapes (...)
        Q_r, T_r, N_r and mu_r; potentials that are not named are 0, and so are
        the quanta of baths that do not count any.
    dephasing : ndarray, shape (...)
        Energy per time that no bath provides.

    Returns
    -------
    ndarray, shape (...)
        +inf where heat Q - mu N flows into baths at T = 0, -inf where it comes out of
        them; a bath without heat adds nothing.

    Raises
    ------
    ParameterError
        A bath without a temperature, numbers that do not broadcast or are none.

    Examples
    --------
    >>> heats, temperatures = {"h": np.array(0.2), "c": np.array(-0.2)}, {"h": np.array(2.0), "c": np.array(1.0)}
    >>> float(entropy_production(heats, temperatures))
    0.1
    """
    heats, temperatures = _by_label("heats", heats), _by_label("temperatures", temperatures, minimum=0.0)
    quanta, potentials = _by_label("quanta", quanta), _by_label("potentials", potentials)
    dephasing = check.real("dephasing", dephasing, either_infinite=True, largest=np.inf)
    labels = list(heats)
    if not labels or set(labels) - set(temperatures):
        raise ParameterError("temperatures", list(temperatures), f"name every bath of heats, {labels}")
    everything = {"heats": heats, "temperatures": temperatures, "quanta": quanta, "potentials": potentials}
    flat = {f"{name}[{label!r}]": v for name, part in everything.items() for label, v in part.items()}
    check.broadcast_shape(**flat, dephasing=dephasing)
    parts = [temperatures[label] for label in labels] + [potentials.get(label, 0.0) for label in labels]
    spread = np.broadcast_arrays(*parts)
    grid, potential = spread[: len(labels)], dict(zip(labels, spread[len(labels) :], strict=True))
    order = np.argmax(np.stack(grid), axis=0)
    hot, top = _chosen(order, grid), _chosen(order, list(potential.values()))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        total = np.where(dephasing == 0, 0.0, dephasing / hot)
        frozen: Array | float = 0.0
        gross: Array | float = 0.0
        for label, t in zip(labels, grid, strict=True):
            heat, flow = heats[label], np.asarray(quanta.get(label, 0.0))
            cooler = np.where(t == hot, 0.0, over_product(t - hot, t, hot))
            total = total + np.where((t == 0) | (heat == 0), 0.0, heat * cooler)
            if label in quanta:
                force = over_product((potential[label] - top) * hot - top * (t - hot), t, hot)
                total = total + np.where((t == 0) | (flow == 0), 0.0, flow * force)
            # at T = 0 energy and particles may count as inf and -inf: what decides is their sum
            work = potential[label] * flow
            frozen = frozen + np.where(t == 0, heat - work, 0.0)
            gross = gross + np.where(t == 0, np.abs(heat) + np.abs(work), 0.0)
        total = np.where(np.abs(frozen) <= NOISE * gross, total, -frozen * np.inf)
    return np.asarray(total)


def _by_label(name: str, given: Any, minimum: float | None = None) -> dict[Hashable, Array]:
    """Real numbers by the label of their bath."""
    given = {} if given is None else given
    if not isinstance(given, Mapping):
        raise ParameterError(name, given, "map labels of baths to numbers")
    return {
        label: check.real(
            f"{name}[{label!r}]", value, minimum=minimum, either_infinite=minimum is None, largest=np.inf
        )
        for label, value in given.items()
    }


def _chosen(order: NDArray[np.intp], grid: Sequence[Array]) -> Array:
    """At every point the array that `order` names."""
    return np.asarray(np.take_along_axis(np.stack(grid), order[None], axis=0)[0])


def _power(generator: Generator, unknowns: Array, channels: tuple[Channel, ...]) -> Array:
    """``Tr[H D rho]`` of some channels, term by term of the energy, shape (...)."""
    weights, rows = _energy_rows(generator)
    change = superoperator(generator, channels, hamiltonian=False).apply(unknowns, rows)
    return _weigh(generator, weights, change)


def _energy_rows(generator: Generator) -> tuple[Array, NDArray[np.intp]]:
    """Weights of the terms of the energy on the unknowns (terms, rows), and the rows that any of them reads."""
    weights = np.array([observable(t.operator.toarray().astype(complex)) for t in generator.measured_energy])
    rows = np.flatnonzero(np.any(weights != 0, axis=0))
    return weights[:, rows], rows


def _weigh(generator: Generator, weights: Array, change: Array, *, moduli: bool = False) -> Array:
    total = np.zeros(generator.shape)
    for term, weight in zip(generator.measured_energy, weights, strict=True):
        if np.any(term.coefficient != 0):
            share = np.zeros(change.shape[1])
            for w, row in zip(weight, change, strict=True):
                if w != 0:
                    share += (abs(w) if moduli else w) * row
            coefficient = np.abs(term.coefficient) if moduli else term.coefficient
            total += coefficient * share.reshape(generator.shape)
    return total
