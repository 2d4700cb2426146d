"""Two qubits that exchange excitations and shift each other's gap (ZZ, or cross-Kerr, interaction)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np

from qte.common import parameters as check
from qte.common.parameters import Coupling, Gap, Rate, Temperature
from qte.machines.base import Array, Machine
from qte.physics.baths import Bath
from qte.physics.generators import Channel, Generator, Term, eigenbasis, energy_terms, global_channels
from qte.physics.operators import excitation, flip_flop, lowering


@dataclass(frozen=True, kw_only=True, eq=False)
class KerrEngine(Machine):
    """``H = eps_h n_h + eps_c n_c + g (s+ s- + s- s+) + chi n_h n_c``, a Bose bath each, global equation."""

    eps_h: Gap = 1.0
    eps_c: Gap = 1.0
    g: Coupling
    chi: Coupling
    gamma_h: Rate
    gamma_c: Rate
    T_h: Temperature
    T_c: Temperature

    def __post_init__(self) -> None:
        super().__post_init__()
        low = (self.eps_h + self.eps_c) / 2 - np.hypot((self.eps_h - self.eps_c) / 2, self.g)
        check.require("g", self.g, low > 0, "be smaller than sqrt(eps_h eps_c): |00> is the ground state")
        check.require("chi", self.chi, self.chi > -low, "not bring |11> below the other states")

    def temperatures(self) -> Mapping[Hashable, Array]:
        return {"h": np.asarray(self.T_h), "c": np.asarray(self.T_c)}

    def _build(self) -> Generator:
        n_h, n_c, swap = excitation(0, 2), excitation(1, 2), flip_flop(0, 1, 2)
        parts = ((self.eps_h, n_h), (self.eps_c, n_c), (self.g, swap), (self.chi, n_h @ n_c))
        basis = eigenbasis(tuple(Term.of(value, operator) for value, operator in parts), self.shape, 4)
        channels: tuple[Channel, ...] = ()
        for label, site, T, gamma in (("h", 0, self.T_h, self.gamma_h), ("c", 1, self.T_c, self.gamma_c)):
            coupling = (Term.of(1.0, lowering(site, 2)),)
            channels += global_channels(label, Bath(T, gamma), coupling, basis, self.shape)
        return Generator(energy_terms(basis), channels, basis.vectors)

    def net_current_from(self, current: Callable[[Hashable], Array]) -> Array:
        return np.asarray(current("h") - current("c"))
