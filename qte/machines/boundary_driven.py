"""What `Junction` and `SpinChain` share: equal systems in a row, a bath at either end."""

from __future__ import annotations

import dataclasses
import math
from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, TypeAlias

import numpy as np

from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.ranges import over_product
from qte.machines.base import Array, Complex, Machine
from qte.machines.validity import DECREASE, Criterion, Validity, ratio
from qte.physics.baths import Bath
from qte.physics.generators import Generator, Term, dephasing_channels, local_channels
from qte.physics.operators import excitation, flip_flop, lowering, sum_of, total_excitation
from qte.solver import second_moments as moments

# A density matrix of more qubits takes minutes; the second moments take any number.
MOST_QUBITS = 6
RESERVOIRS = ("L", "R")
# Bytes of the moments that are given at once.
MOST_MOMENTS = 2**28
System: TypeAlias = Annotated[str, check.OneOf(moments.SYSTEMS)]


class BoundaryDriven(Machine):
    """Currents, occupations, contrast and conductance from second moments, exact at any size.

    Subclasses are frozen dataclasses with the fields annotated here, `sites` and
    `exchange`.
    """

    omega: Array
    gamma_L: Array
    gamma_R: Array
    T_L: Array
    T_R: Array
    mu_L: Array
    mu_R: Array
    statistics_L: str
    statistics_R: str
    system: str

    def __post_init__(self) -> None:
        super().__post_init__()
        for label in RESERVOIRS:
            mu, name = np.asarray(getattr(self, f"mu_{label}")), f"mu_{label}"
            if getattr(self, f"statistics_{label}") == "bose":
                check.require(name, mu, mu == 0, "be 0 with a bosonic bath")
            elif self.system == "oscillator":
                check.require(name, mu, mu < self.omega, "be smaller than omega for an oscillator")
            else:
                cold = np.asarray(getattr(self, f"T_{label}")) == 0
                check.require(name, mu, ~cold | (mu != self.omega), "differ from omega at T = 0")

    @property
    @abstractmethod
    def sites(self) -> int:
        """Number of systems."""

    @property
    @abstractmethod
    def exchange(self) -> Array:
        """Exchange g between neighbours, shape (...)."""

    @property
    def inner_dephasing(self) -> Array:
        """Rate at which each site without a bath loses its phase, shape (...)."""
        return np.zeros(())

    def occupations(self) -> Array:
        """<s_j^+ s_j> of every site, from left to right, shape (..., N)."""
        return np.moveaxis(self._occupations, 0, -1)

    def correlations(self, window: tuple[int, int] | None = None) -> Complex:
        """Moments <s_i^+ s_j>, shape (..., N, N); of the Jordan-Wigner fermions for qubits.

        Beyond nearest neighbours all of them vanish.

        Parameters
        ----------
        window : (int, int), optional
            First and last site to be looked at, counted from 1; all of them without it.

        Raises
        ------
        ParameterError
            More moments than fit 256 MB: a window shows some of them,
            `occupations` the diagonal, and `rows_of_correlations` one row after the other.
        """
        first, last = self._window(window)
        n = last - first
        size = 16 * n**2 * math.prod(self.shape)
        if size > MOST_MOMENTS:
            raise ParameterError(
                "window",
                window,
                f"name a stretch of sites, as all {n}**2 moments would take {size / 2**30:.1f} GB "
                f"(`rows_of_correlations` gives them row by row)",
            )
        out = np.zeros((*self.shape, n, n), dtype=complex)
        diagonal, upper = np.arange(n), np.arange(n - 1)
        out[..., diagonal, diagonal] = np.moveaxis(self._occupations[first:last], 0, -1)
        bonds = np.moveaxis(self._coherences[first : last - 1], 0, -1)
        out[..., upper, upper + 1] = -1j * bonds
        out[..., upper + 1, upper] = 1j * bonds
        return out

    def rows_of_correlations(self) -> Iterator[Complex]:
        """Rows of `correlations`, shape (..., N) each, from the first site to the last."""
        n = self.sites
        occupation, bonds = self._occupations, self._coherences
        for site in range(n):
            row = np.zeros((*self.shape, n), dtype=complex)
            row[..., site] = occupation[site]
            if site + 1 < n:
                row[..., site + 1] = -1j * bonds[site]
            if site > 0:
                row[..., site - 1] = 1j * bonds[site - 1]
            yield row

    def _window(self, window: tuple[int, int] | None) -> tuple[int, int]:
        """First site, counted from 0, and the one after the last."""
        if window is None:
            return 0, self.sites
        given = tuple(window) if isinstance(window, (tuple, list)) else ()
        whole = all(map(check.is_whole, given))
        if len(given) != 2 or not whole or not 1 <= given[0] <= given[1] <= self.sites:
            allowed = f"name a first and a last site from 1 to {self.sites}"
            raise ParameterError("window", window, allowed)
        return int(given[0]) - 1, int(given[1])

    def heat_current(self, reservoir: Hashable) -> Array:
        """Energy per time from bath "L" or "R" into the system, shape (...).

        Exactly 0 at equal temperatures.  The exchange energy vanishes in the
        steady state, so ``Tr[H D rho]`` counts the excitations times omega.
        """
        return np.asarray(self.omega * self.particle_current(reservoir))

    def particle_current(self, reservoir: Hashable) -> Array:
        """Excitations per time from bath "L" or "R" into the system, shape (...)."""
        if not isinstance(reservoir, str) or reservoir not in RESERVOIRS:
            hint = check.did_you_mean(reservoir, RESERVOIRS)
            raise ParameterError("reservoir", reservoir, f"be one of 'L', 'R'{hint}")
        sign, end = (1, self._from_right) if reservoir == "L" else (-1, self._from_left)
        return np.asarray(sign * self._bias * end.transmission)

    def entropy_production(self) -> Array:
        """``sum_r -(Q_r - mu_r N_r)/T_r``, shape (...): >= 0, and +inf if a bath at T = 0 takes heat."""
        heat = self.heat_current("L")
        if self._lift is not None:
            flow, gap = self.particle_current("L"), self.omega - self.mu_L
            step = moments.exponent_step(gap, self.T_L, self.T_R, self._lift)
            return np.asarray(np.where(flow == 0, 0.0, flow * np.where(flow == 0, 0.0, step)))
        with np.errstate(invalid="ignore", over="ignore"):
            share = heat * over_product(self.T_L - self.T_R, self.T_L, self.T_R)
        return np.asarray(np.where(heat == 0, 0.0, share))

    def contrast(self) -> Array:
        """Rectification ``|(J> + J<)/(J> - J<)|``, J< with the temperatures swapped, shape (...).

        Found from the difference of the two transmissions, to relative accuracy
        however little they differ; at equal temperatures it is its limit, 0.

        Raises
        ------
        ParameterError
            Without current in either direction there is no contrast; nor with two chemical potentials.
        """
        self._refuse_lift("a contrast")
        for name in ("gamma_L", "gamma_R"):
            rate = np.asarray(getattr(self, name))
            check.require(name, rate, rate > 0, "be > 0 for a contrast: without it no heat flows")
        if self.sites > 1:
            g = self.exchange
            check.require("g", g, g != 0, "differ from 0 for a contrast: without it no heat flows")
        _ = self._ends, self.replace(T_L=self.T_R, T_R=self.T_L)._ends
        near, far = (
            moments.Swap(self.system, bath, self.omega, other)
            for bath, other in zip(self._baths(), (self.T_R, self.T_L), strict=True)
        )
        return moments.asymmetry(self.sites, self.exchange, near, far, self.inner_dephasing)

    def conductance(self) -> Array:
        """Linear conductance dJ/d(T_L - T_R) of J = Q_L - Q_R, exact, shape (...).

        Raises
        ------
        ParameterError
            The temperatures differ, or the chemical potentials.
        """
        self._refuse_lift("a conductance")
        check.require("T_R", self.T_R, self.T_L == self.T_R, "equal T_L for a conductance")
        slope = self._in_range(moments.gibbs_slope(self.system, self.omega - self.mu_L, self.T_L))
        through = self._from_left.transmission + self._from_right.transmission
        return np.asarray(self.omega * slope * through)

    def first_law_residual(self) -> Array:
        """``(Q_L + Q_R)/(|Q_L| + |Q_R|)``, shape (...); 0 in theory."""
        left, right = self.heat_current("L"), self.heat_current("R")
        size = np.abs(left) + np.abs(right)
        # the smallest doubles have no digits to balance
        return np.asarray(
            np.where(size > np.finfo(float).tiny, (left + right) / np.where(size > 0, size, 1.0), 0.0)
        )

    def assumptions(self) -> tuple[Criterion, ...]:
        fastest = np.maximum(*self._ends)
        found = [
            ratio(
                "rate over gap",
                fastest,
                self.omega,
                "santiagogarcia2024 sec. III: weak coupling to the baths",
            )
        ]
        if self.sites > 1:
            source = "santiagogarcia2024 sec. III: local approach, g << omega"
            found.append(ratio("coupling over gap", self.exchange, self.omega, source))
        return tuple(found)

    def validity(self) -> Validity:
        """As `Machine.validity`; the state, an exact one, is not looked at."""
        decrease = self._entropy_decrease()
        found = [*self.assumptions()]
        if decrease is not None:
            found.append(Criterion("second-law residual", decrease, DECREASE, "entropy production is >= 0"))
        return Validity(tuple(found))

    def temperatures(self) -> Mapping[Hashable, Array]:
        return {"L": np.asarray(self.T_L), "R": np.asarray(self.T_R)}

    def chemical_potentials(self) -> Mapping[Hashable, Array]:
        return {} if self._lift is None else {"L": np.asarray(self.mu_L), "R": np.asarray(self.mu_R)}

    @property
    def _lift(self) -> Array | None:
        """How much higher the level stands above the potential on the right; None where all potentials are 0."""
        left, right = np.asarray(self.mu_L), np.asarray(self.mu_R)
        return np.asarray(left - right) if np.any(left != 0) or np.any(right != 0) else None

    def _refuse_lift(self, what: str) -> None:
        check.require("mu_R", self.mu_R, np.asarray(self.mu_R) == self.mu_L, f"equal mu_L for {what}")

    def _baths(self, kind: type[Bath] = Bath) -> tuple[Bath, Bath]:
        """The baths with the couplings that they have at omega, the one frequency that they meet."""
        left = self.reservoir("L", self.T_L, self.gamma_L, self.statistics_L, kind)
        right = self.reservoir("R", self.T_R, self.gamma_R, self.statistics_R, kind)
        if self._lift is not None:
            left = dataclasses.replace(left, chemical_potential=self.mu_L)
            right = dataclasses.replace(right, chemical_potential=self.mu_R)
        return left.flat_at(self.omega), right.flat_at(self.omega)

    @property
    def _ends(self) -> tuple[Array, Array]:
        left, right = self._baths()
        rates = [moments.relaxation(self.system, bath, self.omega) for bath in (left, right)]
        for name, rate in zip(("gamma_L", "gamma_R"), rates, strict=True):
            allowed = f"relax at a rate (gamma, times coth or tanh of omega/2T) <= {check.LARGEST:g}"
            check.require(name, getattr(self, name), rate <= check.LARGEST, allowed)
        both = [np.asarray(np.broadcast_to(rate, self.shape)) for rate in rates]
        return both[0], both[1]

    @cached_property
    def _precise(self) -> None:
        """No current needs more digits: every one has the bias as a factor."""
        return None

    @cached_property
    def _from_left(self) -> moments.Response:
        Validity(self.assumptions()).warn(stacklevel=4)
        left, right = self._ends
        return moments.response(self.sites, self.exchange, left, right, self.inner_dephasing)

    @cached_property
    def _from_right(self) -> moments.Response:
        left, right = self._ends
        return moments.response(self.sites, self.exchange, right, left, self.inner_dephasing)

    @property
    def _bias(self) -> Array:
        gap, lift = self.omega - self.mu_L, 0.0 if self._lift is None else self._lift
        return self._in_range(moments.gibbs_bias(self.system, gap, self.T_L, self.T_R, lift))

    def _in_range(self, occupation: Array) -> Array:
        """Occupations, or what they differ by, as doubles."""
        allowed = "be no smaller than 1e-300 times the temperatures, so that occupations are doubles"
        check.require("omega", self.omega, np.isfinite(occupation), allowed)
        return occupation

    @property
    def _occupations(self) -> Array:
        left, right = (
            self._in_range(moments.gibbs_occupation(self.system, self.omega - mu, t))
            for mu, t in ((self.mu_L, self.T_L), (self.mu_R, self.T_R))
        )
        return np.asarray(left * self._from_left.occupation + right * self._from_right.occupation[::-1])

    @property
    def _coherences(self) -> Array:
        return np.asarray(self._bias * self._from_left.coherence)

    def net_current_from(self, current: Callable[[Hashable], Array]) -> Array:
        return np.asarray(current("L") - current("R"))

    def with_baths(self, kind: type[Bath]) -> Generator:
        return self._build(kind)

    def _build(self, kind: type[Bath] = Bath) -> Generator:
        n = self.sites
        if self.system != "qubit":
            allowed = "be 'qubit' for a density matrix (oscillators are described by their moments)"
            raise ParameterError("system", self.system, allowed)
        if n > MOST_QUBITS:
            raise ParameterError("N", n, f"be <= {MOST_QUBITS} for a density matrix")
        left, right = self._baths(kind)
        hamiltonian = [Term.of(self.omega, total_excitation(n))]
        if n > 1:
            bonds = sum_of(flip_flop(site, site + 1, n) for site in range(n - 1))
            hamiltonian.append(Term.of(self.exchange, bonds))
        from_left = local_channels("L", left, self.omega, lowering(0, n))
        from_right = local_channels("R", right, self.omega, lowering(n - 1, n))
        inner = [excitation(site, n) for site in range(1, n - 1)]
        lost = dephasing_channels(self.inner_dephasing, inner) if np.any(self.inner_dephasing != 0) else ()
        return Generator(tuple(hamiltonian), from_left + from_right + lost)
