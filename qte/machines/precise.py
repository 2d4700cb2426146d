"""What a machine knows to more digits than doubles leave: small currents, slopes and coherences.

Three steps, each for the points where the one before leaves too few digits: doubles;
the elimination plan with 30 digits (`qte.solver.precise_currents`); whole numbers
(`qte.solver.exact.currents`).  What already agrees to what is promised stays as it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qte.common.double_double import DoubleDouble, exact
from qte.common.progress import announced
from qte.physics.baths import Bath, DecimalBath, ExactBath, ExactTemperatureDerivative, ExtendedBath
from qte.physics.generators import Generator, Term
from qte.solver import precise_currents, thermodynamics
from qte.solver.exact.coherences import FinerRates
from qte.solver.exact.currents import ExactCurrents, exact_flows
from qte.solver.limits import PLAN_LIMIT, SUPEROPERATOR_LIMIT
from qte.solver.precise_currents import PreciseCurrents

if TYPE_CHECKING:
    from qte.machines.base import Machine

Array = NDArray[np.float64]
Points = NDArray[np.intp]

# Currents below this fraction of the gross exchange have too few of 30 digits.
TOO_SMALL = 1e-16
# Relative error that is promised of every observable.
PROMISED = 1e-12
# Seconds that a conductance takes in whole numbers at one point of few unknowns.
SECONDS = 0.05


def precise_currents_of(
    machine: Machine, points: Points, share: Array | float = 1.0
) -> PreciseCurrents | None:
    """Currents at some points (counted in C order) to 12 digits; None if the machine does not offer it.

    Of a part of a current, `share` at each point, to 12 digits of that.
    """
    if machine.generator.dim > SUPEROPERATOR_LIMIT:
        return None
    generator = machine.at_points(points).with_baths(ExtendedBath)
    if generator is None:
        return None
    found = precise_currents.flows(generator, points)
    if found is None:
        exactly, some = machine.at_points(points).with_baths(ExactBath), machine.at_points(points)
        return None if exactly is None else exact_flows(exactly, some.generator, points)
    return _without_rounding(machine, found, points, np.broadcast_to(share, points.shape))


def net_of(machine: Machine, currents: PreciseCurrents) -> DoubleDouble:
    """The paper's J, a fixed combination of the heat currents."""
    total = exact(np.zeros(len(currents.points)))
    for label, heat in currents.heat.items():
        total = total + heat * _weight(machine, label)
    return total


def sharpened_contrast(machine: Machine, other: Machine, contrast: Array, points: Points) -> Array:
    """Contrasts of two machines, at some points from currents of as many digits as their sum needs."""
    contrast = _contrast_of(machine, other, contrast, points, 1.0)
    # 12 digits of both currents leave fewer of a small part of them
    finer = _contrast_of(machine, other, contrast, points, contrast.reshape(-1)[points])
    return np.asarray(np.where(np.abs(finer - contrast) > PROMISED * finer, finer, contrast))


def _contrast_of(
    machine: Machine, other: Machine, contrast: Array, points: Points, share: Array | float
) -> Array:
    there, back = (precise_currents_of(one, points, share) for one in (machine, other))
    if there is None or back is None or len(there.points) != len(back.points):
        return contrast
    forward, backward = net_of(machine, there), net_of(machine, back)
    out = np.array(contrast, dtype=float)
    out.reshape(-1)[there.points] = np.abs(((forward + backward) / (forward - backward)).hi)
    return out


def with_exact_conductance(machine: Machine, found: Array, points: Points) -> Array:
    """A conductance, replaced at some points if it is off by more than is promised."""
    some = machine.at_points(points) if points.size else machine
    generator = some.with_baths(ExactBath) if points.size else None
    if generator is None:
        return found
    currents = ExactCurrents(generator, some.generator)
    if currents.size > PLAN_LIMIT:
        return found
    warmed = list(machine.temperatures())[:2]
    changes = [
        over(some.temperature_derivative(label, ExactTemperatureDerivative), some.generator.shape)
        for label in warmed
    ]
    out = np.array(found, dtype=float)
    numbered = list(enumerate(points.tolist()))
    for k, point in announced(numbered, "conductance without rounding", currents.size, SECONDS):
        value = _exact_conductance(machine, currents, list(zip(warmed, changes, strict=True)), k)
        if value is not None and abs(Fraction(float(out.flat[point])) - value) > Fraction(PROMISED) * abs(
            value
        ):
            out.flat[point] = float(value)
    return out


def over(generator: Generator, shape: tuple[int, ...]) -> Generator:
    """The same on a larger grid, of which its own parameters may lack some axes."""
    first, *rest = generator.hamiltonian
    wide = Term(np.broadcast_to(first.coefficient, shape), first.operator)
    return dataclasses.replace(generator, hamiltonian=(wide, *rest))


@dataclass(frozen=True, eq=False)
class MachineRates(FinerRates):
    """Those of a machine, with more digits as far as it offers them."""

    machine: Machine

    def extended(self, points: Points) -> Generator:
        return self._of(ExtendedBath, points)

    def finest(self, points: Points) -> Generator:
        return self._of(DecimalBath, points)

    @property
    def balanced(self) -> NDArray[np.bool_]:
        return balanced(self.machine)

    def _of(self, kind: type[Bath], points: Points) -> Generator:
        finer = self.machine.at_points(points).with_baths(kind)
        return self.plain(points) if finer is None else finer


def _without_rounding(
    machine: Machine, found: PreciseCurrents, points: Points, share: Array
) -> PreciseCurrents:
    """Currents too small for 30 digits, or out of their range, from whole numbers."""
    gross = {label: size.reshape(-1) for label, (_, size) in machine.exchanges.items()}
    lost = ~np.isin(points, found.points)
    if lost.any():
        found = found.replaced(_in_doubles(machine, points[lost]), np.zeros(int(lost.sum())))
    for label, heat in found.heat.items():
        lost |= np.abs(heat.hi) * share < TOO_SMALL * gross[label][points]
    chosen = lost & ~balanced(machine)[points]
    left = points[chosen]
    if not left.size:
        return found
    some = machine.at_points(left)
    generator = some.with_baths(ExactBath)
    better = None if generator is None else exact_flows(generator, some.generator, left)
    if better is None:
        return found
    return found.replaced(better, PROMISED * share[chosen][np.isin(left, better.points)])


def _in_doubles(machine: Machine, points: Points) -> PreciseCurrents:
    """The currents as doubles found them at some points."""
    generator, unknowns = machine.generator, machine.steady_state().doubles
    heat = {label: exact(net.reshape(-1)[points]) for label, (net, _) in machine.exchanges.items()}
    quanta = {
        label: exact(thermodynamics.particle_current(generator, unknowns, label).reshape(-1)[points])
        for label in generator.reservoirs
    }
    power = thermodynamics.dephasing_power(generator, unknowns)
    return PreciseCurrents(points, heat, quanta, exact(power.reshape(-1)[points]))


def balanced(machine: Machine) -> NDArray[np.bool_]:
    """Points (in C order) whose baths are all alike: every current is 0, and its digits are round-off."""
    temperatures, potentials = machine.temperatures(), machine.chemical_potentials()
    rows = [
        [
            np.broadcast_to(values.get(label, np.zeros(())), machine.shape).reshape(-1)
            for label in temperatures
        ]
        for values in (temperatures, potentials)
    ]
    alike = [np.all(np.stack(row) == row[0], axis=0) for row in rows]
    return np.asarray(alike[0] & alike[1])


def _exact_conductance(
    machine: Machine, currents: ExactCurrents, changes: Sequence[tuple[Hashable, Generator]], point: int
) -> Fraction | None:
    """Half the difference of the net current's slopes by two temperatures; None without a unique state."""
    state = currents.state(point)
    if state is None:
        return None
    slopes = []
    for label, change in changes:
        moved = currents.slope(change, point, state)
        total = {r: currents.heat(r, point, moved) for r in currents.generator.reservoirs}
        total[label] += currents.change_of_heat(change, label, point, state)
        slopes.append(sum((Fraction(_weight(machine, r)) * total[r] for r in total), Fraction(0)))
    return (slopes[0] - slopes[1]) / 2


def _weight(machine: Machine, label: Hashable) -> float:
    """What the heat current of one reservoir counts in the paper's J."""
    return float(machine.net_current_from(partial(_indicator, label)))


def _indicator(label: Hashable, other: Hashable) -> Array:
    return np.asarray(float(other == label))
