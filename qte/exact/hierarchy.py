"""Hierarchical equations of motion: interacting systems and their baths without a master equation.

Fermionic leads with Lorentzian bands and bosonic Drude-Lorentz baths, each written as a sum of exponentials by the Padé
expansion of its statistics; the hierarchy of auxiliary operators is QuTiP's (`qutip.solver.heom`, the extra `exact`).
It is exact in the limit of three numbers, its depth, the terms of the expansion and, where a flat band is meant, the
width of the band; `converged` shows what each of them leaves, and refuses what is left too large.

Units hbar = k_B = 1.  Sources: Tanimura and Kubo, J. Phys. Soc. Jpn. 58, 101 (1989); Jin, Zheng and Yan,
J. Chem. Phys. 128, 234703 (2008); Hu, Luo, Jiang, Xu and Yan, J. Chem. Phys. 134, 244106 (2011), for the expansion;
Lambert et al., Phys. Rev. Research 5, 013181 (2023), for QuTiP's solver.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import comb
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.common.errors import ParameterError, QteError
from qte.exact.hierarchy_levels import Levels, eigenbasis, turned

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# What a run may take, in megabytes.
MEMORY = 6000.0
# Measured: seconds for a coupling of two auxiliary operators to be written down, for a nonzero entry to be worked on.
SECONDS_LINK, SECONDS_ENTRY = 1.0e-4, 4e-7
# Bytes that a nonzero entry of the hierarchy's matrix takes, in all copies of it.
BYTES_ENTRY = 120
# How far an operator may be from Hermitian, or the operators of two leads from anticommuting, in their own size.
ALIKE = 1e-12


class MissingExtra(QteError, ImportError):
    """A package that an extra brings is not installed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FermionicLead:
    """Free fermions of spectral density ``gamma width^2 / ((w - centre)^2 + width^2)``, filled up to `mu`.

    Its coupling is ``sum_k t_k operator^+ c_k + h.c.``; a wide band empties the level that `operator` annihilates at
    the rate ``gamma (1 - f)`` and fills it at ``gamma f``.

    Parameters
    ----------
    name : hashable
    operator : array_like, shape (d, d)
        Takes one particle out of the system; those of two leads must anticommute (Jordan-Wigner strings).
    gamma, T, mu, width : float
        Rate >= 0, temperature > 0, chemical potential, half width at half maximum > 0.
    centre : float, optional
        Of the band; the chemical potential by default.
    """

    name: Hashable
    operator: Complex
    gamma: float
    T: float
    mu: float
    width: float
    centre: float | None = None

    def __post_init__(self) -> None:
        check.scalar("gamma", self.gamma, minimum=0.0)
        check.scalar("T", self.T, above=0.0)
        check.scalar("mu", self.mu)
        check.scalar("width", self.width, above=0.0)
        check.scalar("centre", self.middle)
        object.__setattr__(self, "operator", _square("operator", self.operator))

    @property
    def middle(self) -> float:
        """Where the band has its maximum."""
        return self.mu if self.centre is None else self.centre

    def exponents(self, terms: int) -> int:
        """Number of exponentials that `terms` terms of the expansion make."""
        return 2 * (terms + 1)

    def expanded(self, terms: int) -> Any:
        """The exponentials, as QuTiP's environment."""
        bath = _qutip().LorentzianEnvironment(self.T, self.mu, self.gamma, self.width, self.middle)
        return bath.approx_by_pade(terms)


@dataclass(frozen=True, kw_only=True, eq=False)
class DrudeLorentzBath:
    """Oscillators of spectral density ``2 strength cutoff w / (w^2 + cutoff^2)`` that couple to a Hermitian operator.

    Weakly coupled, it empties a level by a transition of energy w at the rate
    ``4 strength cutoff w / (w^2 + cutoff^2) (1 + n(w))`` times the modulus squared of the operator's element.

    Parameters
    ----------
    name : hashable
    operator : array_like, shape (d, d)
        Hermitian; those of two baths must commute, if currents are asked for.
    strength, cutoff, T : float
        Reorganisation energy >= 0, cutoff frequency > 0, temperature > 0.
    """

    name: Hashable
    operator: Complex
    strength: float
    cutoff: float
    T: float

    def __post_init__(self) -> None:
        check.scalar("strength", self.strength, minimum=0.0)
        check.scalar("cutoff", self.cutoff, above=0.0)
        check.scalar("T", self.T, above=0.0)
        object.__setattr__(self, "operator", _hermitian("operator", self.operator))

    def exponents(self, terms: int) -> int:
        """Number of exponentials that `terms` terms of the expansion make."""
        return terms + 1

    def expanded(self, terms: int) -> Any:
        """The exponentials, as QuTiP's environment."""
        bath = _qutip().DrudeLorentzEnvironment(self.T, self.strength, self.cutoff)
        return bath.approximate("pade", Nk=terms)


Environment: TypeAlias = FermionicLead | DrudeLorentzBath


@dataclass(frozen=True, eq=False)
class OpenSystem:
    """A Hamiltonian (d, d), interactions included, and what it is coupled to.

    Raises
    ------
    ParameterError
        The Hamiltonian is not Hermitian, an operator has another shape, two environments have one name, or the
        operators of two leads do not anticommute.
    """

    hamiltonian: Complex
    environments: tuple[Environment, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "hamiltonian", _hermitian("hamiltonian", self.hamiltonian))
        shape = self.hamiltonian.shape
        for one in self.environments:
            if one.operator.shape != shape:
                raise ParameterError("operator", one.operator.shape, f"have the Hamiltonian's shape, {shape}")
        names = [one.name for one in self.environments]
        if not names or len(set(names)) < len(names):
            raise ParameterError("environments", names, "be one or more, each with a name of its own")
        leads = [one for one in self.environments if isinstance(one, FermionicLead)]
        for k, first in enumerate(leads):
            for second in leads[:k]:
                a, b = first.operator, second.operator
                if np.abs(a @ b + b @ a).max() > ALIKE * np.abs(a).max() * np.abs(b).max():
                    raise ParameterError(
                        "environments",
                        (second.name, first.name),
                        "have lead operators that anticommute (Jordan-Wigner strings)",
                    )

    def widened(self, factor: float) -> OpenSystem:
        """The same with all bands so many times as wide."""
        return replace(
            self,
            environments=tuple(
                replace(one, width=one.width * factor) if isinstance(one, FermionicLead) else one
                for one in self.environments
            ),
        )


# No hierarchy that is built is as deep, and an expansion of so many terms errs by less than a double.
DEEPEST, MOST_TERMS = 100, 200


@dataclass(frozen=True)
class Resolution:
    """How finely a hierarchy is resolved: its depth, and the Padé terms of every environment, from 1 on."""

    depth: int
    terms: int

    def __post_init__(self) -> None:
        check.integer("depth", self.depth, minimum=1, maximum=DEEPEST)
        check.integer("terms", self.terms, minimum=1, maximum=MOST_TERMS)


@dataclass(frozen=True)
class Cost:
    """What a hierarchy takes: auxiliary operators (the state is the first of them), unknowns, megabytes, seconds.

    The unknowns are an upper bound, those that a conserved number leaves out included.
    """

    operators: int
    unknowns: int
    megabytes: float
    seconds: float

    def __str__(self) -> str:
        return f"{self.operators} auxiliary operators, {self.megabytes:.2g} MB, about {self.seconds:.2g} s"


def cost(system: OpenSystem, resolution: Resolution) -> Cost:
    """What a hierarchy will take; nothing is built."""
    check.instance("system", system, OpenSystem)
    check.instance("resolution", resolution, Resolution)
    dim, depth = len(system.hamiltonian), resolution.depth
    fermionic = bosonic = 0
    for one in system.environments:
        if isinstance(one, FermionicLead):
            fermionic += one.exponents(resolution.terms)
        else:
            bosonic += one.exponents(resolution.terms)
    # With m units on the bosonic exponents and k - m of the fermionic ones, each of which is taken at most once.
    level = [
        sum(
            comb(fermionic, k - m) * (comb(bosonic + m - 1, m) if bosonic else int(m == 0))
            for m in range(k + 1)
        )
        for k in range(depth + 1)
    ]
    links = 2 * sum(k * count for k, count in enumerate(level))
    filled = max(np.count_nonzero(one.operator) for one in system.environments)
    entries = sum(level) * dim**2 + links * 2 * dim * filled
    return Cost(
        operators=sum(level),
        unknowns=sum(level) * dim**2,
        megabytes=entries * BYTES_ENTRY / 1e6,
        seconds=links * SECONDS_LINK + entries * SECONDS_ENTRY,
    )


@dataclass(frozen=True, eq=False)
class SteadyState:
    """What a hierarchy is when nothing changes any more.

    Parameters
    ----------
    state : ndarray, shape (d, d)
        Of the system, in the basis of its Hamiltonian as given.
    flows : mapping of name to ndarray, shape (d, d)
        The part of the state's rate of change that is due to each environment; they and ``-i[H, state]`` add up to 0.
    system : OpenSystem
    """

    state: Complex
    flows: Mapping[Hashable, Complex]
    system: OpenSystem

    def current(self, name: Hashable, observable: Complex) -> float:
        """Rate at which an environment raises the mean of an observable that its coupling alone changes.

        The number of particles of the system gives the particle current out of the lead.
        """
        return float(np.trace(observable @ self.flows[name]).real)

    def energy_current(self, name: Hashable) -> float:
        """Energy that an environment gives per time, which is what the system gains by it.

        Raises
        ------
        ParameterError
            Its coupling does not commute with that of another environment, so that energy passes from one coupling to
            the other beside the system.
        """
        mine = next(one for one in self.system.environments if one.name == name)
        for other in self.system.environments:
            if other is not mine and not _commute(mine, other):
                raise ParameterError(
                    "name", name, f"couple to the system apart from {other.name!r}, for an energy current"
                )
        return self.current(name, self.system.hamiltonian)

    def least(self) -> float:
        """Smallest eigenvalue of the state; below 0 by what the hierarchy is not converged."""
        return float(np.linalg.eigvalsh(self.state)[0])


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """The equations of a system at a resolution.

    Raises
    ------
    ParameterError
        They would take more memory than allowed; says how much, and what would fit.
    MissingExtra
        QuTiP is not installed.

    Examples
    --------
    >>> level = FermionicLead(name="L", operator=np.array([[0, 0], [1, 0]]), gamma=0.1, T=1.0, mu=0.5, width=10.0)
    >>> dot = OpenSystem(np.diag([0.5, 0.0]), (level,))
    >>> print(cost(dot, Resolution(depth=2, terms=8)))
    172 auxiliary operators, 0.39 MB, about 0.066 s
    >>> Hierarchy(dot, Resolution(depth=2, terms=8)).steady_state().state.diagonal().real.round(9)
    array([0.5, 0.5])
    """

    system: OpenSystem
    resolution: Resolution

    def __post_init__(self) -> None:
        needed = cost(self.system, self.resolution)
        if needed.megabytes > MEMORY:
            depth, terms = self.resolution.depth, self.resolution.terms
            raise ParameterError(
                "resolution",
                (depth, terms),
                f"fit {MEMORY:g} MB; depth {depth} with {terms} terms needs {needed}",
            )

    def steady_state(self) -> SteadyState:
        """The stationary state and its currents.

        Raises
        ------
        IllConditioned
            The equations could not be solved.
        """
        levels, (_, states) = self._levels, self._basis
        x = self._steady
        dim = len(states)
        flows = {}
        for name, columns in self._first_level.items():
            part = np.zeros(len(x), dtype=complex)
            part[columns] = x[columns]
            flows[name] = self._back((levels.matrix @ part)[: levels.edges[1]], dim)
        return SteadyState(self._back(x[: levels.edges[1]], dim), flows, self.system)

    def settling_time(self, observable: Complex, start: Complex) -> float:
        """Mean time in which an observable reaches its steady value, the baths in equilibrium at the beginning.

        ``integral of (O_steady - O(t)) / (O_steady - O(0))``, t from 0 to infinity: 1/r for an approach at one rate r.

        Parameters
        ----------
        observable, start : array_like, shape (d, d)
            Hermitian operator, and the state of the system at t = 0.
        """
        levels, (_, states) = self._levels, self._basis
        empty = np.zeros(len(self._steady), dtype=complex)
        below = slice(0, int(levels.edges[1]))
        empty[below] = turned(_hermitian("start", start), states).ravel(order="F")[levels.kept[below]]
        gap = self._steady - empty
        weights = turned(_hermitian("observable", observable), states).T.ravel(order="F")[levels.kept[below]]
        return float(-(weights @ levels.solve(gap, 0.0)[below]).real / (weights @ gap[below]).real)

    @cached_property
    def _basis(self) -> tuple[Array, Complex]:
        return eigenbasis(self.system.hamiltonian)

    @cached_property
    def _solver(self) -> Any:
        """QuTiP's hierarchy in the eigenbasis of the Hamiltonian."""
        qutip = _qutip()
        energies, states = self._basis
        baths = [
            (one.expanded(self.resolution.terms), qutip.Qobj(turned(one.operator, states)))
            for one in self.system.environments
        ]
        hamiltonian = qutip.Qobj(np.diag(energies).astype(complex))
        return qutip.solver.heom.HEOMSolver(hamiltonian, baths, self.resolution.depth)

    @cached_property
    def _levels(self) -> Levels:
        solver, dim = self._solver, len(self.system.hamiltonian)
        level = np.repeat([sum(label) for label in solver.ados.labels], dim**2)
        return Levels.of(solver.rhs(0).data.as_scipy().tocsr(), level, dim)

    @cached_property
    def _steady(self) -> Complex:
        return self._levels.solve(np.zeros(self._levels.matrix.shape[0]), 1.0)

    @property
    def _first_level(self) -> Mapping[Hashable, NDArray[np.int64]]:
        """Unknowns of the first level by the environment that they belong to."""
        levels, dim = self._levels, len(self.system.hamiltonian)
        unknowns = np.arange(levels.edges[1], levels.edges[2])
        labels = np.array(self._solver.ados.labels)[levels.kept[unknowns] // dim**2]
        exponent = labels.argmax(axis=1)
        counts = [one.exponents(self.resolution.terms) for one in self.system.environments]
        owner = np.repeat(np.arange(len(counts)), counts)[exponent]
        return {one.name: unknowns[owner == k] for k, one in enumerate(self.system.environments)}

    def _back(self, values: Complex, dim: int) -> Complex:
        """A matrix of the system in the given basis, from its unknowns in the eigenbasis."""
        whole = np.zeros(dim**2, dtype=complex)
        whole[self._levels.kept[: len(values)]] = values
        matrix = whole.reshape((dim, dim), order="F")
        _, states = self._basis
        matrix = states @ matrix @ states.conj().T
        return np.asarray((matrix + matrix.conj().T) / 2)


def _commute(first: Environment, second: Environment) -> bool:
    """Whether the couplings of two environments commute."""
    a, b = first.operator, second.operator
    if isinstance(first, FermionicLead) and isinstance(second, FermionicLead):
        b = b.conj().T
        return bool(np.abs(a @ b + b @ a).max() <= ALIKE * np.abs(a).max() * np.abs(b).max())
    return all(
        np.abs(c @ b - b @ c).max() <= ALIKE * np.abs(a).max() * np.abs(b).max() for c in (a, a.conj().T)
    )


def _square(name: str, value: Any) -> Complex:
    matrix = check.numbers(name, value, "be a matrix (d, d) of numbers")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.any(matrix):
        raise ParameterError(name, matrix.shape, "be a matrix (d, d) other than zero")
    return np.asarray(matrix, dtype=complex)


def _hermitian(name: str, value: Any) -> Complex:
    matrix = _square(name, value)
    if np.abs(matrix - matrix.conj().T).max() > ALIKE * np.abs(matrix).max():
        raise ParameterError(name, "a matrix that is not", "be Hermitian")
    return matrix


def _qutip() -> Any:
    """QuTiP, with its environments at the top as its newest releases have them."""
    try:
        import qutip
        import qutip.solver.heom
    except ImportError:
        raise MissingExtra(
            "Hierarchies of equations are QuTiP's, which the extra `exact` brings: pip install 'qte[exact]'"
        ) from None
    return qutip
