"""Currents, and their response to a temperature, without rounding between the rates and the result.

For the few points where what a bath gives and takes is so much larger than what it
gives on balance that 30 digits do not hold both: baths of 1e20 times the gap,
couplings 1e-12-fold apart.  The equations are solved in whole numbers (`qte.solver.exact`),
with rates that keep their own differences (`qte.physics.baths.ExactBath`).
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common import matrices
from qte.common.double_double import DoubleDouble
from qte.common.progress import announced
from qte.common.whole_numbers import kernel
from qte.physics.generators import Channel, Generator
from qte.physics.operators import adjoint
from qte.solver.blocks import observable, superoperator
from qte.solver.exact.equations import BITS, ExactEquations
from qte.solver.limits import PLAN_LIMIT, REFINED_LIMIT
from qte.solver.precise_currents import PreciseCurrents

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Vector = list[Fraction]

# What a refined unknown may be off by, of itself: 39 digits.
FINE = 2.0**-130
# Seconds that a point of few unknowns takes, at most.
SECONDS = 0.03


class ExactCurrents:
    """Steady currents of a generator, one grid point after the other.

    Parameters
    ----------
    generator : Generator
        With rates that are doubles, DoubleDouble or Expansion.
    plain : Generator
        The same with doubles, for the pattern of the equations.
    """

    def __init__(self, generator: Generator, plain: Generator) -> None:
        self.generator = generator
        self.inside = superoperator(plain).components[0]
        self.equations = ExactEquations(generator, self.inside)
        self._parts: dict[Any, ExactEquations] = {}

    @property
    def size(self) -> int:
        """Unknowns of the block that holds the populations."""
        return len(self.inside)

    def state(self, point: int) -> Vector | None:
        """Unknowns of the block, of trace 1; None if they are not unique."""
        if self.size > PLAN_LIMIT:
            return self._refined(point)
        found = kernel(self.equations.rows(point), self.size)
        if len(found) != 1:
            return None
        trace = sum(found[0][: self.generator.dim], Fraction(0))
        return [x / trace for x in found[0]]

    def _refined(self, point: int) -> Vector | None:
        """`state` of a large block: LU, refined by residuals in whole numbers to `FINE` of each unknown."""
        matrix, scale = self.equations.dense(point)
        matrix[0] = 0.0
        matrix[0, : self.generator.dim] = 1.0
        try:
            inverse: Array = np.linalg.inv(matrix).astype(np.float64)
        except np.linalg.LinAlgError:
            return None
        found = self.equations.refined(point, inverse, scale, self.generator.dim, FINE)
        return None if found is None else [Fraction(x, 1 << BITS) for x in found]

    def heat(self, label: Hashable, point: int, state: Vector) -> Fraction:
        """``Tr[H D rho]`` of one reservoir; of the channels without one for the label None."""
        if label not in self._parts:
            chosen = tuple(c for c in self.generator.channels if c.reservoir == label)
            self._parts[label] = ExactEquations(self.generator, self.inside, chosen, hamiltonian=False)
        return self._power(self._parts[label], point, state)

    def quanta(self, label: Hashable, point: int, state: Vector) -> Fraction:
        """Quanta per time from one reservoir."""
        total = Fraction(0)
        for channel in self.generator.channels_of(label):
            if channel.quanta:
                total += Fraction(channel.quanta) * self._jumps(channel, point, state)
        return total

    def slope(self, change: Generator, point: int, state: Vector) -> Vector:
        """First-order change of the state, ``L rho' = -L' rho`` with ``Tr rho' = 0``."""
        entries, exponent = self.equations.entries(point)
        source = _product(ExactEquations(change, self.inside, hamiltonian=False), point, state)
        unit = Fraction(2) ** exponent
        scaled = [value / unit for value in source]
        common = 1
        for value in scaled:
            common = math.lcm(common, value.denominator)
        rows: list[dict[int, int]] = [{} for _ in range(self.size)]
        for (i, j), entry in entries.items():
            rows[i][j] = entry
        for i, value in enumerate(scaled):
            if value:
                rows[i][self.size] = int(value * common)
        for vector in kernel(rows, self.size + 1):
            if vector[-1]:
                bare = [x / (vector[-1] * common) for x in vector[:-1]]
                trace = sum(bare[: self.generator.dim], Fraction(0))
                return [x - trace * p for x, p in zip(bare, state, strict=True)]
        return [Fraction(0)] * self.size

    def change_of_heat(self, change: Generator, label: Hashable, point: int, state: Vector) -> Fraction:
        """``Tr[H D' rho]`` of one reservoir of a derivative."""
        chosen = tuple(c for c in change.channels if c.reservoir == label)
        return self._power(ExactEquations(change, self.inside, chosen, hamiltonian=False), point, state)

    def _power(self, dissipator: ExactEquations, point: int, state: Vector) -> Fraction:
        flux = _product(dissipator, point, state)
        total = Fraction(0)
        for term in self.generator.measured_energy:
            weights = observable(term.operator.toarray().astype(complex))[self.inside]
            share = sum(
                (Fraction(float(w)) * f for w, f in zip(weights, flux, strict=True) if w), Fraction(0)
            )
            total += _value(self.equations.at(term.coefficient, point)) * share
        return total

    def _jumps(self, channel: Channel, point: int, state: Vector) -> Fraction:
        total = Fraction(0)
        for a in channel.jump:
            for b in channel.partner or channel.jump:
                overlap = matrices.sparse_product(adjoint(b.operator), a.operator).toarray().astype(complex)
                weights = observable((overlap + overlap.conj().T) / 2)[self.inside]
                mean = sum(
                    (Fraction(float(w)) * x for w, x in zip(weights, state, strict=True) if w), Fraction(0)
                )
                for factor in (channel.rate, a.coefficient, b.coefficient):
                    mean *= _value(self.equations.at(factor, point))
                total += mean
        return total


def exact_flows(generator: Generator, plain: Generator, points: Index) -> PreciseCurrents | None:
    """`qte.solver.precise_currents.flows` without rounding; points without a unique state are left out.

    Parameters
    ----------
    generator, plain
        As in `ExactCurrents`.
    points : ndarray of int
        What the grid points are called in the result.
    """
    currents = ExactCurrents(generator, plain)
    if currents.size > REFINED_LIMIT:
        return None
    rows: dict[Any, list[Fraction]] = {}
    kept = []
    for point in announced(range(len(points)), "currents without rounding", currents.size, SECONDS):
        state = currents.state(point)
        if state is None:
            continue
        kept.append(point)
        for label in generator.reservoirs:
            rows.setdefault(("heat", label), []).append(currents.heat(label, point, state))
            rows.setdefault(("quanta", label), []).append(currents.quanta(label, point, state))
        rows.setdefault("dephasing", []).append(currents.heat(None, point, state))
    if not kept:
        return None
    heat = {label: as_double_double(rows["heat", label]) for label in generator.reservoirs}
    quanta = {label: as_double_double(rows["quanta", label]) for label in generator.reservoirs}
    return PreciseCurrents(points[kept], heat, quanta, as_double_double(rows["dephasing"]))


def as_double_double(values: list[Fraction]) -> DoubleDouble:
    """The leading 32 digits of fractions, shape (k,)."""
    high = [float(v) for v in values]
    low = [float(v - Fraction(h)) for v, h in zip(values, high, strict=True)]
    return DoubleDouble(np.array(high), np.array(low))


def _product(equations: ExactEquations, point: int, state: Vector) -> Vector:
    entries, exponent = equations.entries(point)
    out = [Fraction(0)] * len(state)
    for (i, j), value in entries.items():
        if state[j]:
            out[i] += value * state[j]
    unit = Fraction(2) ** exponent
    return [x * unit for x in out]


def _value(number: tuple[int, int]) -> Fraction:
    return Fraction(number[0]) * Fraction(2) ** number[1]
