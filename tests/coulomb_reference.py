"""QuTiP's master equation of qubits with Coulomb bonds, written down once more.

Nothing here calls qte: operators are tensor products, projectors are built
qubit by qubit, rates are plain Fermi functions.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import qutip

EXCITED = qutip.basis(2, 0).proj()
EMPTY = qutip.basis(2, 1).proj()


def on(factors: dict[int, qutip.Qobj], n: int) -> qutip.Qobj:
    return qutip.tensor([factors.get(k, qutip.qeye(2)) for k in range(n)])


@dataclass
class Lead:
    """A Fermi bath on one qubit (counted from 0)."""

    site: int
    gamma: float
    temperature: float
    mu: float


@dataclass
class Reference:
    """Hamiltonian, dissipators by site, and their steady state."""

    n: int
    hamiltonian: qutip.Qobj
    parts: dict[int, qutip.Qobj]
    dephasing: float = 0.0

    @property
    def liouvillian(self) -> qutip.Qobj:
        total = qutip.liouvillian(self.hamiltonian)
        for part in self.parts.values():
            total = total + part
        for site in range(self.n):
            total = total + self.dephasing * qutip.lindblad_dissipator(on({site: qutip.sigmaz()}, self.n))
        return total

    def steady(self) -> qutip.Qobj:
        return qutip.steadystate(self.liouvillian, method="direct")

    def heat(self, site: int, rho: qutip.Qobj) -> float:
        change = qutip.vector_to_operator(self.parts[site] * qutip.operator_to_vector(rho))
        return float((self.hamiltonian * change).tr().real)


def fermi(energy: float, mu: float, temperature: float) -> float:
    return 1 / (np.exp((energy - mu) / temperature) + 1)


def build(
    n: int,
    eps: float,
    U: float,
    exchanges: list[tuple[float, int, int]],
    bonds: list[tuple[int, int]],
    leads: list[Lead],
    dephasing: float = 0.0,
) -> Reference:
    h = sum(eps * on({k: EXCITED}, n) for k in range(n))
    h += sum(U * on({i: EXCITED, j: EXCITED}, n) for i, j in bonds)
    for g, i, j in exchanges:
        hop = on({i: qutip.sigmap(), j: qutip.sigmam()}, n)
        h += g * (hop + hop.dag())
    parts = {}
    for lead in leads:
        around = sorted({k for bond in bonds if lead.site in bond for k in bond} - {lead.site})
        total = 0
        for configuration in itertools.product((0, 1), repeat=len(around)):
            fixed = {k: EXCITED if c else EMPTY for k, c in zip(around, configuration, strict=True)}
            up = on({lead.site: qutip.sigmap(), **fixed}, n)
            filled = fermi(eps + U * sum(configuration), lead.mu, lead.temperature)
            total += lead.gamma * filled * qutip.lindblad_dissipator(up)
            total += lead.gamma * (1 - filled) * qutip.lindblad_dissipator(up.dag())
        parts[lead.site] = total
    return Reference(n, h, parts, dephasing)


def three_qubits(p: dict[str, float]) -> Reference:
    return build(
        3,
        p["eps"],
        p["U"],
        [(p["g13"], 0, 2), (p["g23"], 1, 2)],
        [(0, 1), (0, 2), (1, 2)],
        [
            Lead(0, p["gamma_1"], p["T_1"], p["mu"]),
            Lead(2, p["gamma_3"], p["T_3"], p["mu_3"]),
        ],
        p["dephasing"],
    )


def w_machine(p: dict[str, float], n: int, coulomb: str, alpha: list[float]) -> Reference:
    size = 2 * n - 1
    bonds, exchanges = [], []
    for j in range(1, n):
        sink = n + j - 1
        bonds += [(0, j), (0, sink), (j, sink)]
        exchanges += [(alpha[j - 1] * p["g"], 0, sink), (p["g"], j, sink)]
    if coulomb == "all_pairs":
        bonds = list(itertools.combinations(range(size), 2))
    leads = [Lead(0, p["gamma"], p["T"], p["mu"])]
    leads += [Lead(site, p["gamma"], p["T"], p["mu_sink"]) for site in range(n, size)]
    return build(size, p["eps"], p["U"], exchanges, bonds, leads)
