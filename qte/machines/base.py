"""What every machine can be asked: its state, its currents, its entanglement.

A machine is a frozen dataclass of parameters that broadcast against each other.
Its constructor checks them; its generator and its steady state are built on
first use and kept.
"""

from __future__ import annotations

import copy
import dataclasses
from abc import abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Annotated, Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.common.double_double import DoubleDouble
from qte.common.errors import IllConditioned, ParameterError, SteadyStateError
from qte.machines.fluctuations import Fluctuations
from qte.machines.observables import Observables, Operators
from qte.machines.precise import (
    MachineRates,
    net_of,
    over,
    precise_currents_of,
    sharpened_contrast,
    with_exact_conductance,
)
from qte.machines.validity import DECREASE, NEGATIVE, Criterion, Validity
from qte.physics.baths import STATISTICS, Bath, TemperatureDerivative
from qte.physics.generators import Generator
from qte.physics.operators import qubit_count
from qte.physics.spectral_densities import SpectralDensity, by_label
from qte.solver import dynamics, linear_response, thermodynamics
from qte.solver.block_solver import METHODS, Method
from qte.solver.blocks import from_unknowns
from qte.solver.precise_currents import PreciseCurrents
from qte.solver.steady import SteadyState, steady_state

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Statistics: TypeAlias = Annotated[str, check.OneOf(STATISTICS)]
Densities: TypeAlias = Any
"""Of a machine's baths: `SpectralDensity` or callable by label, or one for all; None where all are flat."""

# Currents whose balance fails by more than this fraction are round-off.
NOISE = 1e-6
# What round-off leaves of currents that vanish, relative to the gross exchange.
ROUND_OFF = 16 * np.finfo(float).eps
# Currents below this fraction of the gross exchange, and sums of currents below this fraction of
# their parts, are found with more digits than a float has.
SMALL = 1e-4
# Slopes of currents below this fraction of what they are the difference of have too few of 16 digits.
SMALL_SLOPE = 3e-3


class Machine(Operators, Fluctuations, Observables):
    """Base of the machines whose state is found by `qte.solver.steady.steady_state`.

    Subclasses are frozen dataclasses whose fields state the kinds of their parameters
    (`qte.common.parameters`), and implement `_build` (the generator), `net_current_from` (the
    paper's current) and `temperatures`.  One that has the field `spectral_densities` as well
    makes its baths by `reservoir`.
    """

    spectral_densities: Densities = None

    def __post_init__(self) -> None:
        """Check every parameter by its kind, and that all of them broadcast.

        A subclass that asks more of its parameters extends this.
        """
        for name, kind in check.kinds_of(type(self)).items():
            object.__setattr__(self, name, kind.check(name, getattr(self, name)))
        if self.spectral_densities is not None:
            chosen = by_label("spectral_densities", self.spectral_densities, tuple(self.temperatures()))
            object.__setattr__(self, "spectral_densities", chosen)
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

    def reservoir(
        self,
        label: Hashable,
        temperature: Array,
        coupling: ArrayLike,
        statistics: str = "bose",
        kind: type[Bath] = Bath,
    ) -> Bath:
        """The bath of one label, with its spectral density, as `kind` gives its rates."""
        density = (self.spectral_densities or {}).get(label)
        return kind(temperature, coupling, statistics, spectral_density=density)

    def heat_current(self, reservoir: Hashable) -> Array:
        """Energy per time from `reservoir` into the system, ``Tr[H D_r rho]``, shape (...).

        Of full relative accuracy where `qte.solver.precise_currents` applies, however small.
        """
        self.generator.channels_of(reservoir)
        net, small = self.exchanges[reservoir][0], self._precise
        return net if small is None else _overlay(net, small.points, small.heat[reservoir])

    def particle_current(self, reservoir: Hashable) -> Array:
        """Quanta per time from `reservoir` into the system, shape (...)."""
        net, small = super().particle_current(reservoir), self._precise
        return net if small is None else _overlay(net, small.points, small.quanta[reservoir])

    def net_current(self) -> Array:
        """The current J as the machine's paper defines it, shape (...)."""
        total = super().net_current()
        if self._precise is None:
            return total
        return _overlay(total, self._precise.points, net_of(self, self._precise))

    def dephasing_power(self) -> Array:
        """Energy per time from channels that belong to no reservoir, shape (...)."""
        bare = thermodynamics.dephasing_power(self.generator, self._unknowns)
        return (
            bare if self._precise is None else _overlay(bare, self._precise.points, self._precise.dephasing)
        )

    @cached_property
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
        return self._with_rates(steady_state(self.generator, rho0=rho0, method=method))

    def entropy_production(self) -> Array:
        """``-sum_r (Q_r - mu_r N_r)/T_r`` of the steady state, shape (...)."""
        labels = self.generator.reservoirs
        heats = {label: self.heat_current(label) for label in labels}
        mu = self.chemical_potentials()
        quanta = {label: self.particle_current(label) for label in labels} if mu else {}
        produced = thermodynamics.entropy_production(
            heats, self.temperatures(), quanta, mu, self.dephasing_power() + self.driving_power()
        )
        places = [tuple(int(i) for i in place) for place in np.argwhere(np.isnan(produced))]
        if places:
            raise IllConditioned("The entropy production leaves the range of a double", places)
        return produced

    def first_law_residual(self) -> Array:
        """Sum of all energy currents over the sum of their moduli, shape (...); 0 in theory.

        0 as well where no current stands out from the round-off of what the baths exchange, as in equilibrium.
        """
        residual, size = self._balance()
        gross = np.sum([exchange for _, exchange in self.exchanges.values()], axis=0)
        return np.asarray(np.where(size > ROUND_OFF * gross, residual, 0.0))

    def _balance(self) -> tuple[Array, Array]:
        """Sum of all energy currents over the sum of their moduli, and that."""
        flows = [self.heat_current(label) for label in self.generator.reservoirs]
        flows += [self.dephasing_power(), self.driving_power()]
        size = np.sum(np.abs(flows), axis=0)
        return np.asarray(np.sum(flows, axis=0) / np.where(size > 0, size, 1.0)), np.asarray(size)

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
        balance = np.maximum(np.abs(self._balance()[0]), np.abs(other._balance()[0]))
        flows = (through > 0) & (balance < NOISE)
        check.require(first, warm, (warm == cool) | flows, "drive a current for a contrast")
        contrast = np.abs(forward + backward) / np.where(through > 0, through, 1.0)
        close = np.flatnonzero(flows & (contrast < SMALL) & (warm != cool))
        if close.size:
            contrast = sharpened_contrast(self, other, contrast, close)
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
        return with_exact_conductance(self, np.asarray(found), points)

    def with_baths(self, kind: type[Bath]) -> Generator | None:
        """The generator with rates of more digits than a double (`qte.physics.baths`), if the machine offers it."""
        return None

    @cached_property
    def exchanges(self) -> dict[Hashable, tuple[Array, Array]]:
        """Heat current of every reservoir to the accuracy of a float, and its gross exchange."""
        return {
            label: thermodynamics.energy_exchange(self.generator, self._unknowns, label)
            for label in self.generator.reservoirs
        }

    @cached_property
    def _precise(self) -> PreciseCurrents | None:
        """Currents at the points where some are small differences of what a bath gives and takes."""
        doubtful = np.zeros(self.generator.shape, dtype=bool)
        for net, gross in self.exchanges.values():
            doubtful |= np.abs(net) < SMALL * gross
        points = np.flatnonzero(doubtful)
        return precise_currents_of(self, points) if points.size else None

    def at_points(self, points: NDArray[np.intp]) -> Self:
        """The machine at some points of its grid, counted in C order."""
        pick = partial(_at, self.shape, np.unravel_index(points, self.shape) if self.shape else ())
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]
        kinds = (np.ndarray, tuple, dict)
        return self.replace(**{k: pick(v) for k, v in fields.items() if isinstance(v, kinds)})

    def _biased(self) -> tuple[str, str]:
        """Parameters that hold the temperatures of the first two reservoirs."""
        names = [f"T_{label}" for label in self.temperatures()][:2]
        if len(names) < 2 or not all(hasattr(self, name) for name in names):
            raise ParameterError("machine", type(self).__name__, "have two reservoirs with temperatures T_…")
        return names[0], names[1]

    def _current_slopes(self, warmed: Hashable) -> dict[Hashable, tuple[Array, Array]]:
        """Derivatives of all heat currents by one temperature, and what they are the difference of."""
        change = over(self.temperature_derivative(warmed), self.generator.shape)
        slope = linear_response.state_slope(self.generator, change, self._unknowns)
        found = {
            label: thermodynamics.energy_exchange(self.generator, slope, label)
            for label in self.generator.reservoirs
        }
        more = thermodynamics.energy_exchange(change, self._unknowns, warmed)
        found[warmed] = (found[warmed][0] + more[0], found[warmed][1] + more[1])
        return found

    def temperature_derivative(
        self, reservoir: Hashable, kind: type[Bath] = TemperatureDerivative
    ) -> Generator:
        """The generator's derivative by one temperature: that bath's channels with a derivative in its place."""
        raise ParameterError("machine", type(self).__name__, "be one that knows its temperature derivative")

    def validity(self) -> Validity:
        """The numbers that decide whether the master equation may be believed, each with its bound and source.

        Two of them look at the steady state: the most negative eigenvalue, and a
        production of entropy below 0, relative to the flows it is made of.  They are
        left out where there is no unique steady state.
        """
        found = list(self.assumptions())
        try:
            state = self.steady_state()
        except SteadyStateError:
            return Validity(tuple(found))
        negative = np.maximum(0.0, -state.min_eigenvalue)
        found.append(Criterion("negativity of the state", negative, NEGATIVE, "a density matrix is positive"))
        decrease = self._entropy_decrease()
        if decrease is not None:
            found.append(Criterion("second-law residual", decrease, DECREASE, "entropy production is >= 0"))
        return Validity(tuple(found))

    def assumptions(self) -> tuple[Criterion, ...]:
        """What the derivation of the machine's master equation takes to be small; see `validity`."""
        return ()

    def _entropy_decrease(self) -> Array | None:
        """-(entropy production) over the entropy flows, 0 where it is not negative; None if it has no value."""
        try:
            produced = self.entropy_production()
        except ParameterError:
            return None
        flows: Array = np.zeros(self.shape)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for label, t in self.temperatures().items():
                flow = np.abs(self.heat_current(label)) / t
                flows = flows + np.where(np.isfinite(flow), flow, 0.0)
            return np.asarray(np.where(produced < 0, -produced / flows, 0.0))

    def evolve(self, rho0: str | ArrayLike, times: ArrayLike) -> Trajectory:
        """States from `rho0` on, and their observables; see `qte.solver.dynamics.evolve`."""
        start = dynamics.initial_state(self.generator, rho0)
        self._check_start(start)
        moments = dynamics.check_times(times)
        return Trajectory(self, moments, dynamics.propagate(self.generator, start, moments))

    def liouvillian_gap(self, *, accuracy: float = dynamics.PRECISE) -> Array:
        """Slowest decay rate, shape (...); see `qte.solver.dynamics.liouvillian_gap`."""
        return dynamics.liouvillian_gap(self.generator, accuracy=accuracy)

    def _check_start(self, rho: Complex) -> None:
        """Refuse initial states (..., d, d) that the machine's limits exclude."""

    @cached_property
    def _steady(self) -> SteadyState:
        Validity(self.assumptions()).warn(stacklevel=4)
        return self._with_rates(steady_state(self.generator))

    def _with_rates(self, state: SteadyState) -> SteadyState:
        # a copy, which has no state: in a circle of references all of a grid would wait for the collector
        return dataclasses.replace(state, rates=MachineRates(self.generator, copy.copy(self)))

    @property
    def _machine(self) -> Machine:
        return self

    @property
    def _generator(self) -> Generator:
        return self.generator

    @property
    def _unknowns(self) -> Array:
        return self._steady.doubles

    @property
    def _rho(self) -> Complex:
        return self._steady.rho

    def _numbers(self) -> dict[str, Array]:
        """The numeric parameters by name."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]
        numbers = {k: v for k, v in values.items() if isinstance(v, np.ndarray)}
        for label, density in (self.spectral_densities or {}).items():
            owned = {} if density is None else density.arrays
            numbers |= {f"spectral_densities[{label!r}].{name}": value for name, value in owned.items()}
        return numbers


def _at(shape: tuple[int, ...], where: tuple[NDArray[np.intp], ...], value: Any) -> Any:
    """A parameter at some points of a grid."""
    if isinstance(value, tuple):
        return tuple(_at(shape, where, v) for v in value)
    if isinstance(value, dict):
        return {label: _at(shape, where, density) for label, density in value.items()}
    if isinstance(value, SpectralDensity):
        return value.replaced(partial(_at, shape, where))
    if np.size(value) == 1:
        return value
    return np.broadcast_to(value, shape)[where]


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
        grid = self._unknowns.reshape(len(self._unknowns), *self._generator.shape)
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
