"""The machine of 2n - 1 qubits that prepares a W state (khandelwal2025, figure 4)."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.parameters import ChemicalPotential, Coupling, Gap, OneOf, Rate, Temperature, Whole
from qte.machines.base import Array, Complex, Densities, Machine
from qte.machines.three_qubit import check_steps, refuse_closed_bonds, refuse_infinite
from qte.machines.validity import Criterion, ratio
from qte.physics.baths import Bath
from qte.physics.coulomb import (
    Bonds,
    Drive,
    Repulsion,
    all_pairs,
    bath_channels,
    check_limits,
    closed_bonds,
    hamiltonian,
    neighbours,
)
from qte.physics.generators import Generator
from qte.physics.operators import ket, relabelled

COULOMB = ("triangles", "all_pairs")
# Largest n whose density matrix is found within minutes and 8 GB.
MOST = 6
# Largest n that a machine is made for at all: a larger one would only take its time to be refused.
LARGEST = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class WStateMachine(Machine):
    r"""n qubits that share one excitation, and n - 1 sinks.

    Triangle j = 1 ... n-1 joins qubit 1, qubit 1+j and the sink n+j; the sink
    exchanges excitations with the other two.  Qubit 1 has a bath of chemical
    potential `mu`, every sink one of `mu_sink`.  n = 2 is `ThreeQubitMachine`.

    Parameters
    ----------
    n : int
        Qubits to be entangled, >= 2; the machine has 2n - 1.
    eps : array_like, shape (...)
        Gap of the qubits, > 0.
    g : array_like, shape (...)
        Coupling of every sink to its qubit 1+j.
    gamma : array_like, shape (...)
        Bare coupling of every bath, >= 0.
    T : array_like, shape (...)
        Temperature of every bath, >= 0.
    U : array_like, shape (...)
        Coulomb repulsion along every bond, >= 0; may be +inf.
    mu : array_like, shape (...)
        Chemical potential of the bath of qubit 1; may be +inf where U is.
    mu_sink : array_like, shape (...)
        Chemical potential of the baths of the sinks.
    coulomb : {"triangles", "all_pairs"}
        Bonds within each triangle, as the text of the paper says, or between
        every two qubits.
    alpha : tuple of array_like
        Ratios ``g_{1,n+j}/g_{1+j,n+j}`` of eq. (11), one a triangle; all 1 if empty.
    spectral_densities : mapping of label to SpectralDensity or callable, optional
        Of the baths (`qte.physics.spectral_densities`); one that is not named is flat.
        They are functions of the energy ``eps + k U`` of a transition, whatever mu is, and want U finite.

    Raises
    ------
    ParameterError
        As `ThreeQubitMachine`; n < 2 or not an integer; a wrong number of ratios.

    Notes
    -----
    With bonds within the triangles only, two triangles may hold an excitation
    each.  The W state is dark only if no sink can absorb from its own bath,
    which the limit of eq. (3) does not bring about: it needs ``mu_sink - eps``
    far below ``-T`` as well.  With bonds between all pairs eq. (3) is enough.

    Reservoirs are labelled 1 and n+1 ... 2n-1, the qubit each belongs to; the
    net current is ``(Q_1 - sum of the sinks' currents)/2``.

    Examples
    --------
    >>> machine = WStateMachine(n=3, g=0.05, gamma=0.1, T=1, U=np.inf, mu=np.inf, coulomb="all_pairs")
    >>> machine.sites, float(machine.fidelity("W").round(6))
    (5, 1.0)
    """

    n: Annotated[int, Whole(2, LARGEST)]
    eps: Gap = 1.0
    g: Coupling
    gamma: Rate
    T: Temperature
    U: Repulsion
    mu: Drive
    mu_sink: ChemicalPotential = 0.0
    coulomb: Annotated[str, OneOf(COULOMB)] = "triangles"
    alpha: tuple[Any, ...] = ()
    spectral_densities: Densities = None

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "alpha", self._ratios())
        check_limits(self.U, self.mu)
        for site, potential in self._wired().items():
            check_steps("T", self.T, (self.eps, self.U, potential), len(neighbours(site, self.bonds)))

    @property
    def sites(self) -> int:
        """Number of qubits, 2n - 1."""
        return 2 * self.n - 1

    @property
    def bonds(self) -> Bonds:
        """Pairs of qubits (counted from 0) that repel each other."""
        if self.coulomb == "all_pairs":
            return all_pairs(self.sites)
        found: list[tuple[int, int]] = []
        for j in range(1, self.n):
            sink = self.n - 1 + j
            found += [(0, j), (0, sink), (j, sink)]
        return tuple(found)

    def temperatures(self) -> Mapping[Hashable, Array]:
        return {site + 1: np.asarray(self.T) for site in self._wired()}

    def chemical_potentials(self) -> Mapping[Hashable, Array]:
        return {site + 1: potential for site, potential in self._wired().items()}

    def targets(self) -> Mapping[str, Array]:
        """``W`` is eq. (12), the sinks empty; for n = 2 it is also the ``singlet``."""
        words = [self._one_excited(site) for site in range(self.n)]
        state = (words[0] - sum(words[1:])) / np.sqrt(self.n)
        return {"W": state, "singlet": state} if self.n == 2 else {"W": state}

    def entropy_production(self) -> Array:
        """``-sum_r (Q_r - mu_r N_r)/T_r`` of the steady state, shape (...).

        Raises
        ------
        ParameterError
            mu = inf, where the product ``mu N`` has no value.
        """
        refuse_infinite(self.mu)
        return super().entropy_production()

    def assumptions(self) -> tuple[Criterion, ...]:
        strongest = np.abs(self.g)
        for factor in self.alpha:
            strongest = np.maximum(strongest, np.abs(factor * self.g))
        return (
            ratio("rate over gap", self.gamma, self.eps, "khandelwal2025: weak coupling to the reservoirs"),
            ratio("coupling over gap", strongest, self.eps, "khandelwal2025: local master equation"),
        )

    def _ratios(self) -> tuple[Array, ...]:
        given = check.first_items(self.alpha, self.n) if np.iterable(self.alpha) else None
        if given is None or (given and len(given) != self.n - 1):
            raise ParameterError("alpha", self.alpha, f"hold one ratio a triangle, {self.n - 1}")
        return tuple(
            check.real(f"alpha[{j}]", value) for j, value in enumerate(given or (1.0,) * (self.n - 1))
        )

    def _one_excited(self, site: int) -> Array:
        return ket("".join("1" if k == site else "0" for k in range(self.sites)))

    def _wired(self) -> dict[int, Array]:
        """Chemical potential of the bath of every qubit (counted from 0) that has one."""
        sinks = {site: np.asarray(self.mu_sink) for site in range(self.n, self.sites)}
        return {0: np.asarray(self.mu), **sinks}

    def with_baths(self, kind: type[Bath]) -> Generator:
        return self._build(kind)

    def _build(self, kind: type[Bath] = Bath) -> Generator:
        if self.n > MOST:
            entries = math.comb(4 * self.n - 2, 2 * self.n - 1)
            # twice as many orbits as equal triangles have permutations to the entry, as for n = 5 and 6
            orbits = 2 * entries / math.factorial(self.n - 1)
            allowed = (
                f"be <= {MOST} for a density matrix: {self.sites} qubits have {entries} coupled entries, some "
                f"{orbits:.0f} of them different if all triangles are equal, which would take "
                f"{16 * orbits**2 / 2**30:.0f} GB and {orbits**3 / 1.5e10 / 60:.0f} min"
            )
            raise ParameterError("n", self.n, allowed)
        exchanges = []
        for j, factor in enumerate(self.alpha, start=1):
            sink = self.n - 1 + j
            exchanges += [(factor * self.g, 0, sink), (self.g, j, sink)]
        channels = [
            channel
            for site, potential in self._wired().items()
            for channel in bath_channels(
                site + 1,
                self.reservoir(site + 1, self.T, self.gamma, "fermi", kind),
                (self.eps, self.U, potential),
                site,
                self.sites,
                self.bonds,
            )
        ]
        terms = hamiltonian(self.sites, self.eps, self.U, exchanges, self.bonds)
        return Generator(
            terms,
            tuple(channels),
            permutations=self._exchanged_triangles(),
            attracting=self._without_closed_bonds(),
        )

    def _without_closed_bonds(self) -> NDArray[np.intp] | None:
        """Basis states without a closed bond where U = inf at every point.

        One end of every bond has a bath, which empties it at the full rate gamma when
        the other end is excited, and nothing closes a bond: all else decays.
        """
        if not (np.all(np.isinf(self.U)) and np.all(np.asarray(self.gamma) > 0)):
            return None
        return np.flatnonzero(closed_bonds(self.sites, self.bonds) == 0)

    def _exchanged_triangles(self) -> tuple[NDArray[np.intp], ...]:
        """Basis states after two neighbouring triangles change places."""
        sites = [
            {j: j + 1, j + 1: j, self.n - 1 + j: self.n + j, self.n + j: self.n - 1 + j}
            for j in range(1, self.n - 1)
        ]
        return tuple(relabelled([swap.get(k, k) for k in range(self.sites)]) for swap in sites)

    def net_current_from(self, current: Callable[[Hashable], Array]) -> Array:
        sinks = sum(current(site) for site in range(self.n + 1, 2 * self.n))
        return np.asarray(0.5 * (current(1) - sinks))

    def _check_start(self, rho: Complex) -> None:
        refuse_closed_bonds(rho, self.U, closed_bonds(self.sites, self.bonds))

    def _numbers(self) -> dict[str, Array]:
        ratios = {f"alpha[{j}]": value for j, value in enumerate(self._ratios())}
        return super()._numbers() | ratios

    def replace(self, **changes: Any) -> WStateMachine:
        """The same machine with some parameters changed; a new n drops the ratios of the old."""
        if "n" in changes and changes["n"] != self.n:
            changes.setdefault("alpha", ())
        return dataclasses.replace(self, **changes)
