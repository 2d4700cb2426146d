"""The two-qubit entanglement engine of khandelwal2020."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np

from qte.common import elementary as el
from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.parameters import Coupling, Detuning, Gap, OneOf, Rate, Temperature, Tunnelling
from qte.machines.base import Array, Densities, Machine, Statistics
from qte.machines.validity import Criterion, ratio, smallest_splitting
from qte.physics.baths import Bath, TemperatureDerivative
from qte.physics.generators import (
    SAME_FREQUENCY,
    Channel,
    Eigenbasis,
    Generator,
    Term,
    eigenbasis,
    energy_terms,
    global_channels,
    local_channels,
)
from qte.physics.operators import FLIP, embed, excitation, flip_flop, lowering, total_excitation

# Hot qubit first.
NUMBER, COLD, EXCHANGE = total_excitation(2), excitation(1, 2), flip_flop(0, 1, 2)
FLIPS = (embed({0: FLIP}, 2), embed({1: FLIP}, 2))
LOWERS = (lowering(0, 2), lowering(1, 2))
APPROACHES = ("local", "global", "redfield")


@dataclass(frozen=True, kw_only=True, eq=False)
class TwoQubitEngine(Machine):
    r"""Two flip-flop coupled qubits, each in a bath of its own.

    ``H = eps_h n_h + eps_c n_c + g (s+ s- + s- s+) + kappa_h sx_h + kappa_c sx_c``
    with ``eps_c = eps_h + delta`` (khandelwal2020 eqs. (2), (19)).

    Parameters
    ----------
    eps_h : array_like, shape (...)
        Gap of the hot qubit, > 0.
    delta : array_like, shape (...)
        Detuning ``eps_c - eps_h``, > -eps_h.
    g : array_like, shape (...)
        Coupling of the qubits.
    gamma_h, gamma_c : array_like, shape (...)
        Bare bath couplings, >= 0.
    T_h, T_c : array_like, shape (...)
        Bath temperatures, >= 0.
    kappa_h, kappa_c : array_like, shape (...)
        Tunnelling rates within the qubits.
    statistics_h, statistics_c : {"bose", "fermi"}
        Statistics of the baths; fermions have chemical potential 0.
    approach : {"local", "global", "redfield"}
        Dissipators at the bare gaps (eq. (3)); secular jumps between
        eigenstates of H (eq. (21)); or all pairs of frequencies, no Lamb shift.
    spectral_densities : mapping of label to SpectralDensity or callable, optional
        Of the baths (`qte.physics.spectral_densities`); one that is not named is flat.

    Raises
    ------
    ParameterError
        A bound is violated; for the global and Redfield approaches also unless
        ``g**2 < eps_h eps_c`` (g < eps at resonance), where an entangled state
        would become the ground state, and with tunnelling unless both baths are
        fermionic (the rate of a flat Bose bath diverges at zero frequency).

    Notes
    -----
    Local rates with tunnelling stay at the bare gaps, as in sec. 5 of the paper.
    The net current is ``J = Q_h - Q_c`` (eq. (11)), twice the current through.

    Examples
    --------
    >>> engine = TwoQubitEngine(g=1.6e-3, gamma_h=1e-3, gamma_c=1.1e-2, T_h=[0.3, 0.7], T_c=0.1)
    >>> engine.negativity().round(6)
    array([1.90e-05, 8.97e-04])
    >>> (engine.net_current() > engine.critical_current()).tolist()
    [True, True]
    """

    eps_h: Gap = 1.0
    delta: Detuning = 0.0
    g: Coupling
    gamma_h: Rate
    gamma_c: Rate
    T_h: Temperature
    T_c: Temperature
    kappa_h: Tunnelling = 0.0
    kappa_c: Tunnelling = 0.0
    statistics_h: Statistics = "bose"
    statistics_c: Statistics = "bose"
    approach: Annotated[str, OneOf(APPROACHES)] = "local"
    spectral_densities: Densities = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check.require("delta", self.delta, self.eps_c > 0, "be > -eps_h, so that eps_c > 0")
        if self.approach != "local":
            self._check_transitions()

    @property
    def eps_c(self) -> Array:
        """Gap of the cold qubit, shape (...)."""
        return np.asarray(self.eps_h + self.delta)

    def critical_current(self) -> Array:
        """J_c: the current above which the steady state is entangled, shape (...).

        khandelwal2020 eq. (18), local; eq. (27), global at resonance, with the
        modulus of its denominator (as printed it is negative). Never negative:
        a current from cold to hot is compared by its modulus.

        Raises
        ------
        ParameterError
            With tunnelling, for a Redfield equation, or detuned in the global
            approach: the paper defines no critical current there.
        """
        if self._tunnels:
            raise ParameterError("kappa_h", self.kappa_h, "be 0, like kappa_c, for a critical current")
        if self.approach == "redfield":
            raise ParameterError("approach", self.approach, "be 'local' or 'global' for a critical current")
        return self._local_critical() if self.approach == "local" else self._global_critical()

    def temperatures(self) -> Mapping[Hashable, Array]:
        return {"h": np.asarray(self.T_h), "c": np.asarray(self.T_c)}

    def assumptions(self) -> tuple[Criterion, ...]:
        total = self._relaxation()
        gap = np.minimum(self.eps_h, self.eps_c)
        weak = ratio("rate over gap", total, gap, "khandelwal2020 sec. 2: gamma << eps")
        if self.approach == "local":
            return (
                weak,
                ratio("coupling over gap", self.g, gap, "khandelwal2020 sec. 2: g << eps"),
                ratio("detuning over gap", self.delta, gap, "khandelwal2020 sec. 2: delta << eps"),
            )
        if self.approach == "redfield":
            return (weak,)
        energies = np.moveaxis(self._eigenbasis.energies, -1, 0)
        i, j = np.triu_indices(4, 1)
        splitting = smallest_splitting(np.abs(energies[i] - energies[j]), SAME_FREQUENCY)
        return (
            weak,
            ratio("rate over splitting", total, splitting, "khandelwal2020 sec. 6: secular approximation"),
        )

    def _relaxation(self) -> Array:
        """The larger of the rates at which the baths relax their qubits."""
        hot, cold = self._baths()
        return np.asarray(np.maximum(sum(hot.rates(self.eps_h)), sum(cold.rates(self.eps_c))))

    @property
    def _tunnels(self) -> bool:
        return bool(np.any(np.asarray(self.kappa_h) != 0) or np.any(np.asarray(self.kappa_c) != 0))

    def _check_transitions(self) -> None:
        fine = np.square(self.g) < self.eps_h * self.eps_c
        wanted = "be smaller than eps (g**2 < eps_h eps_c) for the global and Redfield approaches"
        check.require("g", self.g, fine, wanted)
        if "bose" in (self.statistics_h, self.statistics_c):
            for name in ("kappa_h", "kappa_c"):
                value = np.asarray(getattr(self, name))
                wanted = "be 0 for the global and Redfield approaches with bosonic baths"
                check.require(name, value, value == 0, wanted)

    def _baths(self, kind: type[Bath] = Bath) -> tuple[Bath, Bath]:
        return (
            self.reservoir("h", self.T_h, self.gamma_h, self.statistics_h, kind),
            self.reservoir("c", self.T_c, self.gamma_c, self.statistics_c, kind),
        )

    def _hamiltonian(self) -> tuple[Term, ...]:
        # the common gap multiplies the conserved number, so that delta keeps its own digits
        return (
            Term.of(self.eps_h, NUMBER),
            Term.of(self.delta, COLD),
            Term.of(self.g, EXCHANGE),
            Term.of(self.kappa_h, FLIPS[0]),
            Term.of(self.kappa_c, FLIPS[1]),
        )

    def _build(self, kind: type[Bath] = Bath) -> Generator:
        hot, cold = self._baths(kind)
        return self._with(self._channels("h", hot) + self._channels("c", cold))

    def with_baths(self, kind: type[Bath]) -> Generator:
        return self._build(kind)

    def temperature_derivative(
        self, reservoir: Hashable, kind: type[Bath] = TemperatureDerivative
    ) -> Generator:
        self.generator.channels_of(reservoir)
        bath = dict(zip("hc", self._baths(kind), strict=True))[str(reservoir)]
        return self._with(self._channels(str(reservoir), bath))

    def _with(self, channels: tuple[Channel, ...]) -> Generator:
        if self.approach == "local":
            return Generator(self._hamiltonian(), channels)
        basis = self._eigenbasis
        return Generator(energy_terms(basis), channels, basis.vectors, self.approach == "global")

    def _channels(self, label: str, bath: Bath) -> tuple[Channel, ...]:
        site, shift = {"h": (0, 0.0), "c": (1, self.delta)}[label]
        if self.approach == "local":
            return local_channels(label, bath, self.eps_h, LOWERS[site], shift)
        coupling = (Term.of(1.0, LOWERS[site]),)
        secular = self.approach == "global"
        basis = self._eigenbasis
        return global_channels(label, bath, coupling, basis, basis.energies.shape[:-1], secular=secular)

    @cached_property
    def _eigenbasis(self) -> Eigenbasis:
        """On the grid of H's own parameters: along those of the baths it is the same."""
        terms = self._hamiltonian()
        return eigenbasis(terms, np.broadcast_shapes(*(t.coefficient.shape for t in terms)), 4)

    def net_current_from(self, current: Callable[[Hashable], Array]) -> Array:
        return np.asarray(current("h") - current("c"))

    def _outer_populations(self) -> Array:
        rho = self._rho
        return np.asarray(np.sqrt(rho[..., 0, 0].real) * np.sqrt(rho[..., 3, 3].real))

    def _local_critical(self) -> Array:
        hot, cold = self._baths()
        total_h, total_c = sum(hot.rates(self.eps_h)), sum(cold.rates(self.eps_c))
        scale = 4 * np.abs(self.g) * (self.eps_h * total_c + self.eps_c * total_h)
        width = el.hypot(total_h + total_c, 2 * np.asarray(self.delta))
        return np.asarray(scale * self._outer_populations() / width)

    def _global_critical(self) -> Array:
        check.require(
            "delta", self.delta, np.asarray(self.delta) == 0, "be 0 for the global critical current"
        )
        bias, asymmetry = self._global_rates()
        size = 2 * np.abs(bias) * self._outer_populations()
        # without any occupation both are 0, and so is the limit
        with np.errstate(divide="ignore"):
            return np.asarray(size / np.where(size == 0, 1.0, np.abs(asymmetry)))

    def _global_rates(self) -> tuple[Array, Array]:
        """Numerator and denominator of eq. (27) from the rates at both eigenenergies."""
        hot, cold = self._baths()
        levels = (self.eps_h - np.abs(self.g), self.eps_h + np.abs(self.g))
        rates = [(*hot.rates(e), *cold.rates(e)) for e in levels]
        up = [h_up + c_up for _, h_up, _, c_up in rates]
        down = [h_down + c_down for h_down, _, c_down, _ in rates]
        flow = [h_up * c_down - h_down * c_up for h_down, h_up, c_down, c_up in rates]
        total = [u + d for u, d in zip(up, down, strict=True)]
        bias = levels[0] * total[1] * flow[0] + levels[1] * total[0] * flow[1]
        return np.asarray(bias), np.asarray(down[0] * up[1] - up[0] * down[1])
