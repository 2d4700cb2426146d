"""What the checks of khandelwal2020 share: engines and their draws, scales, and a second method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.ledger import second
from qte.ledger.checks import Domain, Range, Signed
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.khandelwal2020.equations import WeakCoupling
from qte.papers.khandelwal2020.equations_strong import StrongCoupling
from qte.physics.baths import Bath

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Point = Mapping[str, Any]

DRAWS: Final = 400
# Parameters of the captions of figures 2 to 5.
FIGURE: Final = {"eps_h": 1.0, "g": 1.6e-3, "gamma_h": 1e-3, "gamma_c": 1.1e-2, "T_c": 0.1}
# Parameters of the caption of figure 6.
STRONG: Final = {"eps_h": 1.0, "gamma_h": 0.01, "T_c": 0.01}
DENSE: Final = "dense 16 × 16 Liouvillian, LU"
HOT: Final = np.array([0.3, 0.4, 0.5, 0.7, 1.0])
# Engines at weak coupling, for hunts: far beyond the figures' on every axis; eps_h = 1 is the unit.
WEAK: Final[Domain] = {
    "g": Range(1e-4, 0.5, log=True),
    "gamma_h": Range(1e-4, 0.5, log=True),
    "gamma_c": Range(1e-4, 0.5, log=True),
    "T_h": Range(0.05, 20, log=True),
    "T_c": Range(0.05, 20, log=True),
    "delta": Signed(1e-5, 0.5),
}
# Resonant engines at strong coupling; eps = 1 is the unit.
STRONGLY: Final[Domain] = {
    "g": Range(0.02, 0.99),
    "gamma_h": Range(1e-5, 0.1, log=True),
    "gamma_c": Range(1e-5, 0.1, log=True),
    "T_h": Range(0.03, 10, log=True),
    "T_c": Range(0.01, 10, log=True),
}


def without(domain: Domain, *names: str, **more: Any) -> Domain:
    """A domain without some parameters, and with others."""
    return {name: axis for name, axis in domain.items() if name not in names} | more


def weak_draws(rng: Generator, n: int = DRAWS, **fixed: Any) -> dict[str, Any]:
    """Random local engines, shape (n,): both signs of detuning and bias, couplings far beyond the figures'."""
    drawn: dict[str, Any] = {
        "eps_h": rng.uniform(0.5, 2.0, n),
        "delta": rng.uniform(-0.3, 0.3, n),
        "g": el.power(10.0, rng.uniform(-3, 0, n)),
        "gamma_h": el.power(10.0, rng.uniform(-4, -1, n)),
        "gamma_c": el.power(10.0, rng.uniform(-4, -1, n)),
        "T_h": el.power(10.0, rng.uniform(-1, 0.5, n)),
        "T_c": el.power(10.0, rng.uniform(-1, 0.5, n)),
    }
    return drawn | fixed


def strong_draws(rng: Generator, n: int = DRAWS, **fixed: Any) -> dict[str, Any]:
    """Random resonant global engines, shape (n,)."""
    eps = rng.uniform(0.5, 2.0, n)
    drawn: dict[str, Any] = {
        "eps_h": eps,
        "g": eps * rng.uniform(0.02, 0.98, n),
        "gamma_h": el.power(10.0, rng.uniform(-4, -1, n)),
        "gamma_c": el.power(10.0, rng.uniform(-4, -1, n)),
        "T_h": el.power(10.0, rng.uniform(-1, 1, n)),
        "T_c": el.power(10.0, rng.uniform(-1, 1, n)),
    }
    return drawn | fixed


def weak(p: Point) -> WeakCoupling:
    """Parameters for the printed equations of sections 2 to 4."""
    return WeakCoupling(**{name: p[name] for name in _WEAK if name in p})


def strong(p: Point) -> StrongCoupling:
    """Parameters for the printed equations of section 6."""
    shared = {name: p[name] for name in ("g", "gamma_h", "gamma_c", "T_h", "T_c")}
    return StrongCoupling(eps=p["eps_h"], **shared)


def point(p: Point, k: int) -> dict[str, float]:
    """One of several draws."""
    return {name: float(np.asarray(value)[k] if np.ndim(value) else value) for name, value in p.items()}


def local(**p: Any) -> TwoQubitEngine:
    """The engine of sections 2 to 5."""
    return TwoQubitEngine(**p)


def figure(**varied: Any) -> TwoQubitEngine:
    """The engine of figures 2 to 5."""
    return TwoQubitEngine(**FIGURE | varied)


def globally(**p: Any) -> TwoQubitEngine:
    """The engine of section 6."""
    return TwoQubitEngine(**p, approach="global")


def ratio(engine: TwoQubitEngine) -> Array:
    """J/J_c, shape (...)."""
    return np.asarray(engine.net_current() / engine.critical_current())


def scale(engine: TwoQubitEngine) -> Array:
    """Power that both baths exchange with the qubits: what the current is a small difference of."""
    hot = Bath(engine.T_h, engine.gamma_h, engine.statistics_h).absorption(engine.eps_h)
    cold = Bath(engine.T_c, engine.gamma_c, engine.statistics_c).absorption(engine.eps_c)
    return np.asarray(engine.eps_h * hot + engine.eps_c * cold)


def least_transposed(rho: Complex, k: int = 0) -> Array:
    """The k-th smallest eigenvalue of the partial transpose, shape (n,).

    By rotations, which know nothing of the form that the states have; searches that climb along it go the same way on
    every processor.
    """
    split = rho.reshape(-1, 2, 2, 2, 2).swapaxes(2, 4).reshape(-1, 4, 4)
    return np.asarray(matrices.eigh(split)[0][:, k])


def distance(a: Complex, b: Complex) -> Array:
    """Frobenius distance of states, shape (n,)."""
    apart = a - b
    return np.asarray(np.sqrt((apart.real**2 + apart.imag**2).sum(axis=(1, 2))))


def gibbs(eps: ArrayLike, g: ArrayLike, T: ArrayLike, delta: ArrayLike = 0.0) -> Complex:
    """Gibbs states of H_S + H_int by numerical diagonalisation, shape (n, 4, 4)."""
    eps, g, T, delta = (
        np.atleast_1d(np.asarray(v, dtype=float)) for v in np.broadcast_arrays(eps, g, T, delta)
    )
    cold, hot = second.number(1, 2), second.number(0, 2)
    h = (
        eps[:, None, None] * hot
        + (eps + delta)[:, None, None] * cold
        + g[:, None, None] * second.exchange(0, 1, 2)
    )
    energies, vectors = matrices.eigh(h)
    weights = el.exp(-(energies - energies[:, :1]) / T[:, None])
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(matrices.product(vectors * weights[:, None], matrices.adjoint(vectors)))


@dataclass(frozen=True)
class Dense:
    """State, heat flows and negativity from the second formulation."""

    rho: Complex
    hot: float
    cold: float

    @property
    def J(self) -> float:
        """Q_h - Q_c."""
        return self.hot - self.cold

    @property
    def N(self) -> float:
        """Negativity from the eigenvalues of the partial transpose."""
        return float(second.negativity(self.rho))

    @property
    def ratio(self) -> float:
        """J/J_c as |c|/√(r₁r₄)."""
        return float(self.coherence / np.sqrt(self.rho[0, 0].real * self.rho[3, 3].real))

    @property
    def coherence(self) -> float:
        """Modulus of <10|rho|01>."""
        return float(abs(self.rho[1, 2]))


def dense(p: Point, approach: str = "local") -> Dense:
    """One engine once more, by dense matrices coded apart from `qte` (scalar parameters)."""
    h = hamiltonian(p)
    jumps = {}
    for site, k in enumerate("hc"):
        gap = p.get("eps_h", 1.0) + (p.get("delta", 0.0) if k == "c" else 0.0)
        statistics = str(p.get(f"statistics_{k}", "bose"))
        bath = (p[f"T_{k}"], p[f"gamma_{k}"], statistics)
        if approach == "local":
            jumps[k] = second.two_level_jumps(second.lower(site, 2), gap, *bath)
        else:
            jumps[k] = second.secular_jumps(h, second.lower(site, 2), *bath)
    rho = second.steady(h, [*jumps["h"], *jumps["c"]])
    return Dense(rho, *(float(second.energy_flow(h, jumps[k], rho)) for k in "hc"))


def hamiltonian(p: Point, *, coupled: bool = True) -> Complex:
    """H_S, with H_int unless `coupled` is false, shape (4, 4)."""
    eps = p.get("eps_h", 1.0)
    h = eps * second.number(0, 2) + (eps + p.get("delta", 0.0)) * second.number(1, 2)
    for site, k in enumerate("hc"):
        lower = second.lower(site, 2)
        h = h + p.get(f"kappa_{k}", 0.0) * (lower + lower.conj().T)
    return np.asarray(h + (p["g"] * second.exchange(0, 1, 2) if coupled else 0.0))


def states(rng: Generator, n: int) -> Complex:
    """Random full-rank two-qubit states, shape (n, 4, 4)."""
    a = el.normal(rng, (n, 4, 4)) + 1j * el.normal(rng, (n, 4, 4))
    rho = a @ a.conj().swapaxes(1, 2)
    return np.asarray(rho / np.trace(rho, axis1=1, axis2=2)[:, None, None])


_WEAK = ("eps_h", "delta", "g", "gamma_h", "gamma_c", "T_h", "T_c")
