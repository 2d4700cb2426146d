"""What every machine can be asked: its state, its currents, its entanglement.

A machine is a frozen dataclass of parameters that broadcast against each other.
Its constructor checks them; its generator and its steady state are built on
first use and kept.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import Annotated, Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.common.double_double import DoubleDouble, exact
from qte.common.errors import ParameterError
from qte.physics import entanglement
from qte.physics.baths import (
    STATISTICS,
    Bath,
    ExactBath,
    ExactTemperatureDerivative,
    ExtendedBath,
    TemperatureDerivative,
)
from qte.physics.generators import Generator, Term
from qte.physics.operators import partial_trace, qubit_count
from qte.solver import dynamics, linear_response, precise_currents, thermodynamics
from qte.solver.block_solver import METHODS, Method
from qte.solver.blocks import from_unknowns
from qte.solver.exact_currents import LARGEST_BLOCK, ExactCurrents, exact_flows
from qte.solver.precise_currents import PreciseCurrents
from qte.solver.steady import SteadyState, steady_state

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Pair = tuple[int, int]
Statistics: TypeAlias = Annotated[str, check.Choice(STATISTICS)]

# Currents whose balance fails by more than this fraction are round-off.
NOISE = 1e-6
# Currents below this fraction of the gross exchange, and sums of currents below this fraction of
# their parts, are found with more digits than a float has.
SMALL = 1e-4
# Currents below this fraction of the gross exchange have too few of 30 digits, and slopes too few of 16.
TOO_SMALL, SMALL_SLOPE = 1e-16, 3e-3
# Baths whose temperatures differ by less than this fraction, and potentials by less than this fraction of them.
NEAR = 1e-3
# Relative error that is promised of every observable.
PROMISED = 1e-12


class Observables(ABC):
    """Quantities of a state over a grid; machines and trajectories share them."""

    @property
    @abstractmethod
    def _machine(self) -> Machine: ...

    @property
    @abstractmethod
    def _generator(self) -> Generator: ...

    @property
    @abstractmethod
    def _unknowns(self) -> Array: ...

    @property
    @abstractmethod
    def _rho(self) -> Complex: ...

    def heat_current(self, reservoir: Hashable) -> Array:
        """Energy per time from `reservoir` into the system, ``Tr[H D_r rho]``, shape (...)."""
        return thermodynamics.energy_current(self._generator, self._unknowns, reservoir)

    def particle_current(self, reservoir: Hashable) -> Array:
        """Quanta per time from `reservoir` into the system, shape (...)."""
        return thermodynamics.particle_current(self._generator, self._unknowns, reservoir)

    def net_current(self) -> Array:
        """The current J as the machine's paper defines it, shape (...)."""
        return self._machine.net_current_from(self.heat_current)

    def negativity(self, pair: Pair = (1, 2)) -> Array:
        """Negativity of two qubits (counted from 1), the others traced out, shape (...)."""
        return entanglement.negativity(self._pair_state(pair), certified=True)

    def concurrence(self, pair: Pair = (1, 2)) -> Array:
        """Concurrence of two qubits (counted from 1), the others traced out, shape (...)."""
        return entanglement.concurrence(self._pair_state(pair), certified=True)

    def fidelity(self, target: str | ArrayLike) -> Array:
        """Fidelity with a state vector, a density matrix, or a state the machine names."""
        if isinstance(target, str):
            named = self._machine.targets()
            target = named[check.choice("target", target, tuple(named))]
        return entanglement.fidelity(self._rho, target, certified=True)

    def _pair_state(self, pair: Pair) -> Complex:
        n = qubit_count(self._rho.shape[-1])
        first, second = check.pair("pair", pair, n)
        if n == 2 and first < second:
            return self._rho
        return partial_trace(self._rho, (first - 1, second - 1))


class Machine(Observables):
    """Base of the machines whose state is found by `qte.solver.steady.steady_state`.

    Subclasses are frozen dataclasses whose fields state the kinds of their parameters
    (`qte.common.parameters`), and implement `_build` (the generator), `net_current_from` (the
    paper's current) and `temperatures`.
    """

    def __post_init__(self) -> None:
        """Check every parameter by its kind, and that all of them broadcast.

        A subclass that asks more of its parameters extends this.
        """
        for name, kind in check.kinds_of(type(self)).items():
            object.__setattr__(self, name, kind.check(name, getattr(self, name)))
        check.broadcast_shape(**self._numbers())

    @abstractmethod
    def _build(self) -> Generator:
        """The generator over the broadcast grid of the parameters."""

    @abstractmethod
    def net_current_from(self, current: Callable[[Hashable], Array]) -> Array:
        """The paper's J from the heat current of each reservoir."""

    @abstractmethod
    def temperatures(self) -> Mapping[Hashable, Array]:
        """Temperature of every reservoir by label."""

    def chemical_potentials(self) -> Mapping[Hashable, Array]:
        """Chemical potential by reservoir label; those not named are 0."""
        return {}

    def targets(self) -> Mapping[str, Array]:
        """State vectors that `fidelity` knows by name."""
        if qubit_count(self.generator.dim) != 2:
            return {}
        return {"singlet": np.array([0.0, 1.0, -1.0, 0.0]) / np.sqrt(2)}

    def heat_current(self, reservoir: Hashable) -> Array:
        """Energy per time from `reservoir` into the system, ``Tr[H D_r rho]``, shape (...).

        Of full relative accuracy where `qte.solver.precise_currents` applies, however small.
        """
        self.generator.channels_of(reservoir)
        net, small = self._exchanges[reservoir][0], self._small
        return net if small is None else _overlay(net, small.points, small.heat[reservoir])

    def particle_current(self, reservoir: Hashable) -> Array:
        """Quanta per time from `reservoir` into the system, shape (...)."""
        net, small = super().particle_current(reservoir), self._small
        return net if small is None else _overlay(net, small.points, small.quanta[reservoir])

    def net_current(self) -> Array:
        """The current J as the machine's paper defines it, shape (...)."""
        total = super().net_current()
        if self._small is None:
            return total
        return _overlay(total, self._small.points, self._net_of(self._small))

    def dephasing_power(self) -> Array:
        """Energy per time from channels that belong to no reservoir, shape (...)."""
        bare = thermodynamics.dephasing_power(self.generator, self._unknowns)
        return bare if self._small is None else _overlay(bare, self._small.points, self._small.dephasing)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the grid that the parameters broadcast to."""
        return check.broadcast_shape(**self._numbers())

    def replace(self, **changes: Any) -> Self:
        """The same machine with some parameters changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]

    @cached_property
    def generator(self) -> Generator:
        """Hamiltonian and channels over the grid."""
        return self._build()

    def steady_state(self, *, rho0: ArrayLike | None = None, method: Method = "auto") -> SteadyState:
        """Steady state with its certificates; see `qte.solver.steady.steady_state`."""
        check.choice("method", method, METHODS)
        if rho0 is None and method == "auto":
            return self._steady
        return steady_state(self.generator, rho0=rho0, method=method)

    def entropy_production(self) -> Array:
        """``-sum_r (Q_r - mu_r N_r)/T_r`` of the steady state, shape (...)."""
        labels = self.generator.reservoirs
        heats = {label: self.heat_current(label) for label in labels}
        mu = self.chemical_potentials()
        quanta = {label: self.particle_current(label) for label in labels} if mu else {}
        return thermodynamics.entropy_production(
            heats, self.temperatures(), quanta, mu, self.dephasing_power()
        )

    def first_law_residual(self) -> Array:
        """Sum of all energy currents over the sum of their moduli, shape (...); 0 in theory."""
        flows = [self.heat_current(label) for label in self.generator.reservoirs]
        flows.append(self.dephasing_power())
        size = np.sum(np.abs(flows), axis=0)
        return np.asarray(np.sum(flows, axis=0) / np.where(size > 0, size, 1.0))

    def contrast(self) -> Array:
        """Rectification ``|(J> + J<)/(J> - J<)|``, J< with two temperatures swapped, shape (...).

        The temperatures of the first two reservoirs.  Where they are equal the
        contrast is 0, its limit.  Currents that nearly cancel are found with
        more digits (`qte.solver.precise_currents`).

        Raises
        ------
        ParameterError
            The machine has no two temperatures to swap, or at some point no
            current that stands out from round-off.
        """
        first, second = self._biased()
        warm, cool = getattr(self, first), getattr(self, second)
        other = self.replace(**{first: cool, second: warm})
        forward, backward = self.net_current(), other.net_current()
        through = np.abs(forward - backward)
        balance = np.maximum(np.abs(self.first_law_residual()), np.abs(other.first_law_residual()))
        flows = (through > 0) & (balance < NOISE)
        check.require(first, warm, (warm == cool) | flows, "drive a current for a contrast")
        contrast = np.abs(forward + backward) / np.where(through > 0, through, 1.0)
        close = np.flatnonzero(flows & (contrast < SMALL) & (warm != cool))
        if close.size:
            pair = [machine._more_digits(close) for machine in (self, other)]
            if pair[0] is not None and pair[1] is not None and len(pair[0].points) == len(pair[1].points):
                there, back = self._net_of(pair[0]), self._net_of(pair[1])
                ratio = (there + back) / (there - back)
                contrast = _overlay(contrast, pair[0].points, DoubleDouble(np.abs(ratio.hi), ratio.lo))
        return np.asarray(np.where(warm == cool, 0.0, contrast))

    def conductance(self) -> Array:
        """Linear conductance dJ/d(bias) between the first two reservoirs, exact, shape (...).

        The bias is the difference of their temperatures at fixed mean; the
        derivative comes from the response of the steady state, not from a
        difference of currents; its error is round-off of the gross exchange with
        each bath.

        Raises
        ------
        ParameterError
            The two temperatures differ, or there are no two.
        """
        first, second = self._biased()
        warm, cool = getattr(self, first), getattr(self, second)
        check.require(second, cool, warm == cool, f"equal {first} for a conductance")
        warmed = list(self.temperatures())[:2]
        slopes = [self._current_slopes(label) for label in warmed]
        found = self.net_current_from(lambda label: (slopes[0][label][0] - slopes[1][label][0]) / 2)
        gross = np.max([size for slope in slopes for _, size in slope.values()], axis=0)
        points = np.flatnonzero(np.abs(found) < SMALL_SLOPE * gross)
        return self._with_exact_conductance(np.asarray(found), points, warmed)

    def _with_exact_conductance(
        self, found: Array, points: NDArray[np.intp], warmed: list[Hashable]
    ) -> Array:
        """A conductance, replaced where it is a small difference and off by more than is promised."""
        machine = self._at(points) if points.size else self
        generator = machine._with_baths(ExactBath) if points.size else None
        if generator is None:
            return found
        currents = ExactCurrents(generator, machine.generator)
        if currents.size > LARGEST_BLOCK:
            return found
        changes = [
            _over(machine._warmed(label, ExactTemperatureDerivative), machine.generator.shape)
            for label in warmed
        ]
        out = np.array(found, dtype=float)
        for k, point in enumerate(points):
            state = currents.state(k)
            if state is None:
                continue
            slopes = []
            for label, change in zip(warmed, changes, strict=True):
                moved = currents.slope(change, k, state)
                total = {r: currents.heat(r, k, moved) for r in generator.reservoirs}
                total[label] += currents.change_of_heat(change, label, k, state)
                slopes.append(total)
            weights = {
                r: Fraction(float(self.net_current_from(partial(_indicator, r))))
                for r in generator.reservoirs
            }
            shares = [weights[r] * (slopes[0][r] - slopes[1][r]) / 2 for r in generator.reservoirs]
            exact_value = sum(shares, Fraction(0))
            if abs(Fraction(float(out.flat[point])) - exact_value) > Fraction(PROMISED) * abs(exact_value):
                out.flat[point] = float(exact_value)
        return out

    def _with_baths(self, kind: type[Bath]) -> Generator | None:
        """The generator with rates of more digits than a double (`qte.physics.baths`), if the machine offers it."""
        return None

    @cached_property
    def _exchanges(self) -> dict[Hashable, tuple[Array, Array]]:
        """Heat current of every reservoir to the accuracy of a float, and its gross exchange."""
        return {
            label: thermodynamics.energy_exchange(self.generator, self._unknowns, label)
            for label in self.generator.reservoirs
        }

    @cached_property
    def _small(self) -> PreciseCurrents | None:
        """Currents at the points where some are small differences of what a bath gives and takes."""
        doubtful = np.zeros(self.generator.shape, dtype=bool)
        for net, gross in self._exchanges.values():
            doubtful |= np.abs(net) < SMALL * gross
        points = np.flatnonzero(doubtful)
        return self._more_digits(points) if points.size else None

    def _more_digits(self, points: NDArray[np.intp]) -> PreciseCurrents | None:
        """Currents at some points from `qte.solver.precise_currents`; None if the machine does not offer it."""
        if self.generator.dim > precise_currents.LARGEST:
            return None
        generator = self._at(points)._with_baths(ExtendedBath)
        if generator is None:
            return None
        found = precise_currents.flows(generator, points)
        return found if found is None else self._without_rounding(found, points)

    def _without_rounding(self, found: PreciseCurrents, points: NDArray[np.intp]) -> PreciseCurrents:
        """Currents too small for 30 digits, or out of their range, from whole numbers."""
        gross = {label: size.reshape(-1) for label, (_, size) in self._exchanges.items()}
        lost = ~np.isin(points, found.points)
        found = found.replaced(self._in_doubles(points[lost]), 0.0)
        for label, heat in found.heat.items():
            lost |= np.abs(heat.hi) < TOO_SMALL * gross[label][points]
        left = points[lost & ~self._balanced[points]]
        if not left.size:
            return found
        machine = self._at(left)
        generator = machine._with_baths(ExactBath)
        better = None if generator is None else exact_flows(generator, machine.generator, left)
        return found if better is None else found.replaced(better, PROMISED)

    def _in_doubles(self, points: NDArray[np.intp]) -> PreciseCurrents:
        """The currents as doubles found them at some points."""
        labels = self.generator.reservoirs
        heat = {label: exact(self._exchanges[label][0].reshape(-1)[points]) for label in labels}
        quanta = {
            label: exact(Observables.particle_current(self, label).reshape(-1)[points]) for label in labels
        }
        power = thermodynamics.dephasing_power(self.generator, self._unknowns)
        return PreciseCurrents(points, heat, quanta, exact(power.reshape(-1)[points]))

    @cached_property
    def _balanced(self) -> NDArray[np.bool_]:
        """Points (in C order) whose baths are all alike: every current is 0, and its digits are round-off."""
        flat = [np.broadcast_to(t, self.shape).reshape(-1) for t in self.temperatures().values()]
        potentials = self.chemical_potentials()
        levels = [
            np.broadcast_to(potentials.get(label, np.zeros(())), self.shape).reshape(-1)
            for label in self.temperatures()
        ]
        alike = [np.all(np.stack(rows) == rows[0], axis=0) for rows in (flat, levels)]
        return np.asarray(alike[0] & alike[1])

    def _net_of(self, flows: PreciseCurrents) -> DoubleDouble:
        """The paper's J, a fixed combination of the heat currents."""
        total = exact(np.zeros(len(flows.points)))
        for label, heat in flows.heat.items():
            total = total + heat * float(self.net_current_from(partial(_indicator, label)))
        return total

    def _at(self, points: NDArray[np.intp]) -> Self:
        """The machine at some points of its grid, counted in C order."""
        where = np.unravel_index(points, self.shape) if self.shape else ()

        def pick(value: Any) -> Any:
            if isinstance(value, tuple):
                return tuple(pick(v) for v in value)
            if np.size(value) == 1:
                return value
            return np.broadcast_to(value, self.shape)[where]

        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]
        return self.replace(**{k: pick(v) for k, v in fields.items() if isinstance(v, (np.ndarray, tuple))})

    def _biased(self) -> tuple[str, str]:
        """Parameters that hold the temperatures of the first two reservoirs."""
        names = [f"T_{label}" for label in self.temperatures()][:2]
        if len(names) < 2 or not all(hasattr(self, name) for name in names):
            raise ParameterError("machine", type(self).__name__, "have two reservoirs with temperatures T_…")
        return names[0], names[1]

    def _current_slopes(self, warmed: Hashable) -> dict[Hashable, tuple[Array, Array]]:
        """Derivatives of all heat currents by one temperature, and what they are the difference of."""
        change = _over(self._warmed(warmed), self.generator.shape)
        slope = linear_response.state_slope(self.generator, change, self._unknowns)
        found = {
            label: thermodynamics.energy_exchange(self.generator, slope, label)
            for label in self.generator.reservoirs
        }
        more = thermodynamics.energy_exchange(change, self._unknowns, warmed)
        found[warmed] = (found[warmed][0] + more[0], found[warmed][1] + more[1])
        return found

    def _warmed(self, reservoir: Hashable, kind: type[Bath] = TemperatureDerivative) -> Generator:
        """The generator's derivative by one temperature: that bath's channels with a derivative in its place."""
        raise ParameterError("machine", type(self).__name__, "be one that knows its temperature derivative")

    def evolve(self, rho0: str | ArrayLike, times: ArrayLike) -> Trajectory:
        """States from `rho0` on, and their observables; see `qte.solver.dynamics.evolve`."""
        start = dynamics.initial_state(self.generator, rho0)
        self._check_start(start)
        moments = dynamics.check_times(times)
        return Trajectory(self, moments, dynamics.propagate(self.generator, start, moments))

    def liouvillian_gap(self) -> Array:
        """Slowest decay rate, shape (...); see `qte.solver.dynamics.liouvillian_gap`."""
        return dynamics.liouvillian_gap(self.generator)

    def _check_start(self, rho: Complex) -> None:
        """Refuse initial states (..., d, d) that the machine's limits exclude."""

    @cached_property
    def _steady(self) -> SteadyState:
        state = steady_state(self.generator)
        near = self._near_equilibrium()
        if near.size:
            self._sharpen_coherences(state.unknowns, near)
        return state

    def _near_equilibrium(self) -> NDArray[np.intp]:
        """Points (in C order) whose baths are nearly alike: what vanishes with their bias loses digits."""
        heat, *others = self.temperatures().items()
        potentials = self.chemical_potentials()
        level = potentials.get(heat[0], np.zeros(()))
        near = np.asarray(True)
        alike = np.asarray(True)
        with np.errstate(invalid="ignore"):
            for label, t in others:
                step = np.abs(potentials.get(label, np.zeros(())) - level)
                near = near & (np.abs(t - heat[1]) <= NEAR * heat[1]) & (step <= NEAR * heat[1])
                alike = alike & (t == heat[1]) & (step == 0)
        if not np.any(near):
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(np.broadcast_to(near & ~alike, self.shape))

    def _sharpen_coherences(self, unknowns: Array, points: NDArray[np.intp]) -> None:
        """Coherences off by more than is promised, replaced in place by those of the rates with 30 digits."""
        machine = self._at(points)
        generator = machine._with_baths(ExtendedBath)
        better = None if generator is None else precise_currents.precise_unknowns(generator)
        if better is None:
            return
        dim = self.generator.dim
        old, new = unknowns[dim:, points], better[dim:]
        with np.errstate(invalid="ignore"):
            wrong = np.isfinite(new) & (np.abs(new - old) > PROMISED * np.abs(new))
        unknowns[dim:, points] = np.where(wrong, new, old)

    @property
    def _machine(self) -> Machine:
        return self

    @property
    def _generator(self) -> Generator:
        return self.generator

    @property
    def _unknowns(self) -> Array:
        return self._steady.unknowns

    @property
    def _rho(self) -> Complex:
        return self._steady.rho

    def _numbers(self) -> dict[str, Array]:
        """The numeric parameters by name."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]
        return {k: v for k, v in values.items() if isinstance(v, np.ndarray)}


def _indicator(label: Hashable, other: Hashable) -> Array:
    return np.asarray(float(other == label))


def _over(generator: Generator, shape: tuple[int, ...]) -> Generator:
    """The same on a larger grid, of which its own parameters may lack some axes."""
    first, *rest = generator.hamiltonian
    wide = Term(np.broadcast_to(first.coefficient, shape), first.operator)
    return dataclasses.replace(generator, hamiltonian=(wide, *rest))


def _overlay(values: Array, points: NDArray[np.intp], better: DoubleDouble) -> Array:
    """A copy of `values` with some points (counted in C order) replaced."""
    out = np.array(values, dtype=float)
    out.reshape(-1)[points] = better.hi
    return out


@dataclass(frozen=True, eq=False)
class Trajectory(Observables):
    """States of a machine at the times asked for; observables have the time axis last.

    Parameters
    ----------
    machine : Machine
    times : ndarray, shape (nt,)
    unknowns : ndarray, shape (d**2, points, nt)
        In the generator's frame, as `qte.solver.dynamics.propagate` returns them.
    """

    machine: Machine
    times: Array
    unknowns: Array

    @cached_property
    def rho(self) -> Complex:
        """Density matrices in the computational basis, shape (..., nt, d, d)."""
        grid = self._unknowns.reshape(-1, *self._generator.shape)
        return self._generator.to_computational(from_unknowns(grid, self._generator.dim))

    @property
    def states(self) -> Complex:
        """The same as `rho`."""
        return self.rho

    @property
    def _machine(self) -> Machine:
        return self.machine

    @cached_property
    def _generator(self) -> Generator:
        return dynamics.along_time(self.machine.generator, len(self.times))

    @property
    def _unknowns(self) -> Array:
        return self.unknowns.reshape(len(self.unknowns), -1)

    @property
    def _rho(self) -> Complex:
        return self.rho
