"""Currents that are small differences of large ones, found with about 30 digits.

The net exchange with a bath may be a tiny part of what it absorbs and emits: at
vanishing bias, behind a weak link, with couplings of very different size.  At such
points the same elimination plan is run once more on `qte.common.double_double` numbers,
rates included, and the energy is summed up in them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common import matrices
from qte.common.double_double import DoubleDouble, exact
from qte.physics.generators import Channel, Generator
from qte.physics.operators import adjoint
from qte.solver.block_solver import plan_of
from qte.solver.blocks import Superoperator, observable, superoperator
from qte.solver.elimination import Row, stationary_rows_any
from qte.solver.limits import CHUNK, PLAN_LIMIT, SUPEROPERATOR_LIMIT

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class PreciseCurrents:
    """Currents at a few points of a grid.

    Parameters
    ----------
    points : ndarray of int, shape (k,)
        Where, counted in C order of the grid.
    heat, quanta : dict of label to DoubleDouble, shapes (k,)
        Energy and particles per time from each reservoir.
    dephasing : DoubleDouble, shape (k,)
        Energy per time from channels without a reservoir.
    """

    points: Index
    heat: dict[Hashable, DoubleDouble]
    quanta: dict[Hashable, DoubleDouble]
    dephasing: DoubleDouble

    def at(self, chosen: NDArray[np.bool_]) -> PreciseCurrents:
        """The same at some of the points."""
        parts = [{label: flow[chosen] for label, flow in kind.items()} for kind in (self.heat, self.quanta)]
        return PreciseCurrents(self.points[chosen], parts[0], parts[1], self.dephasing[chosen])

    def replaced(self, better: PreciseCurrents, tolerance: Array) -> PreciseCurrents:
        """With the currents of another result, but for those that agree to a relative `tolerance` at its points."""
        points = np.union1d(self.points, better.points)

        def joined(own: DoubleDouble, new: DoubleDouble) -> DoubleDouble:
            out = exact(np.zeros(len(points)))
            here, there = np.searchsorted(points, self.points), np.searchsorted(points, better.points)
            out.hi[here], out.lo[here] = own.hi, own.lo
            known = np.isin(better.points, self.points)
            apart = ~known | (np.abs((out[there] - new).hi) > tolerance * np.abs(new.hi))
            out.hi[there[apart]], out.lo[there[apart]] = new.hi[apart], new.lo[apart]
            return out

        heat = {label: joined(flow, better.heat[label]) for label, flow in self.heat.items()}
        quanta = {label: joined(flow, better.quanta[label]) for label, flow in self.quanta.items()}
        return PreciseCurrents(points, heat, quanta, joined(self.dephasing, better.dephasing))


def flows(generator: Generator, points: Index) -> PreciseCurrents | None:
    """Steady currents of a generator whose rates are DoubleDouble, at all its grid points.

    Parameters
    ----------
    generator : Generator
        Built with `qte.physics.baths.ExtendedBath`, its steady states unique.
    points : ndarray of int
        What the grid points are called in the result; those whose equations do
        not allow an elimination are left out.

    Returns
    -------
    PreciseCurrents or None
        None if the block of the populations is too large.
    """
    # a rate beyond the range of a float, or a state of NaN, has no currents: its point is left out below
    with np.errstate(all="ignore"):
        found = _flows(generator, points)
    if found is None:
        return None
    flows_found = (*found.heat.values(), *found.quanta.values())
    fine = np.all([np.isfinite(flow.hi) for flow in flows_found], axis=0)
    return found if fine.all() else found.at(fine)


def _flows(generator: Generator, points: Index) -> PreciseCurrents | None:
    """`flows` with points whose numbers are not finite."""
    state = _steady(superoperator(generator))
    if state is None:
        return None
    count = len(points)
    heat = {}
    quanta = {}
    for label in generator.reservoirs:
        channels = generator.channels_of(label)
        heat[label] = _spread(_power(generator, state, channels), count)
        quanta[label] = _spread(_particles(channels, state), count)
    rest = tuple(c for c in generator.channels if c.reservoir is None)
    return PreciseCurrents(points, heat, quanta, _spread(_power(generator, state, rest), count))


def precise_unknowns(generator: Generator) -> Array | None:
    """Unknowns (d**2, points) of the steady states from 30 digits, each rounded once.

    The generator's rates may have as many, or be doubles.

    None if the block of the populations is too large; not finite where the equations
    do not allow an elimination.
    """
    if generator.dim > SUPEROPERATOR_LIMIT:
        return None
    channels = tuple(dataclasses.replace(c, rate=_extended(c.rate)) for c in generator.channels)
    with np.errstate(all="ignore"):
        equations = superoperator(dataclasses.replace(generator, channels=channels))
        wide = tuple(_extended(c) for c in equations.coefficients)
        state = _steady(dataclasses.replace(equations, coefficients=wide))
    return None if state is None else np.array([row.hi for row in state])


def _extended(value: Any) -> Any:
    return exact(value) if isinstance(value, np.ndarray) else value


def _steady(equations: Superoperator) -> list[DoubleDouble] | None:
    """Unknowns (d**2 rows) of the steady states."""
    inside = equations.components[0]
    block = equations.restrict(inside)
    plan = plan_of(block, equations.dim)
    if block.size > PLAN_LIMIT or plan.steps is None:
        return None
    out = [exact(np.zeros(equations.points)) for _ in range(equations.size)]
    for start in range(0, equations.points, CHUNK):
        chunk = slice(start, min(start + CHUNK, equations.points))
        with np.errstate(all="ignore"):
            reduced = plan.reduce(block.entries(chunk, plan.read), chunk.stop - start)
            for unknown, row in zip(inside, stationary_rows_any(reduced), strict=True):
                out[unknown].hi[chunk], out[unknown].lo[chunk] = row.hi, row.lo
    return out


def _power(generator: Generator, state: list[DoubleDouble], channels: tuple[Channel, ...]) -> Row:
    """``Tr[H D rho]``."""
    change = superoperator(generator, channels, hamiltonian=False)
    values = change.entries(slice(None), [True] * len(change.rows))
    weights = [observable(t.operator.toarray().astype(complex)) for t in generator.measured_energy]
    total: Row = exact(np.zeros(change.points))
    for row in np.unique(change.rows):
        shares = [(t.coefficient, w[row]) for t, w in zip(generator.measured_energy, weights, strict=True)]
        if any(w != 0 for _, w in shares):
            terms = [values[k] * state[change.columns[k]] for k in np.flatnonzero(change.rows == row)]
            flux = sum(terms, exact(np.zeros(change.points)))
            for coefficient, weight in shares:
                if weight != 0:
                    spread = np.broadcast_to(coefficient, generator.shape).reshape(-1)
                    total = total + flux * spread * float(weight)
    return total


def _particles(channels: tuple[Channel, ...], state: list[DoubleDouble]) -> Row:
    """Quanta per time: rate * <B^+ A>, summed over the channels that count them."""
    total: Row = exact(np.zeros(len(state[0].hi)))
    for channel in channels:
        for a in channel.jump if channel.quanta else ():
            for b in channel.partner or channel.jump:
                overlap = matrices.sparse_product(adjoint(b.operator), a.operator).toarray().astype(complex)
                weights = observable((overlap + overlap.conj().T) / 2)
                mean = sum((state[k] * float(weights[k]) for k in np.flatnonzero(weights)), exact(0.0))
                total = total + channel.rate * a.coefficient * b.coefficient * mean * float(channel.quanta)
    return total


def _spread(flow: DoubleDouble, count: int) -> DoubleDouble:
    return DoubleDouble(np.broadcast_to(flow.hi, count), np.broadcast_to(flow.lo, count))
