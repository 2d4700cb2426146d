"""What the ledger of khandelwal2020 judges with: random draws, the figures' parameters, a second method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qte.ledger import second
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.khandelwal2020.equations import WeakCoupling
from qte.papers.khandelwal2020.equations_strong import StrongCoupling

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Point = Mapping[str, Any]

DRAWS: Final = 400
# Parameters of the captions of figures 2 to 5.
FIGURE: Final = {"eps_h": 1.0, "g": 1.6e-3, "gamma_h": 1e-3, "gamma_c": 1.1e-2, "T_c": 0.1}
# Parameters of the caption of figure 6.
STRONG: Final = {"eps_h": 1.0, "gamma_h": 0.01, "T_c": 0.01}
DENSE: Final = "dense 16 × 16 Liouvillian, LU"
BOTH: Final = ("published", "preprint")


def both(number: int, preprint: int | None = None) -> dict[str, str]:
    """Numbers of an equation in the two texts."""
    return {"published": str(number), "preprint": str(preprint or number)}


def published(number: int) -> dict[str, str]:
    """Number of an equation that only the published text has."""
    return {"published": str(number)}


def weak_draws(rng: Generator, n: int = DRAWS, **fixed: Any) -> dict[str, Any]:
    """Random local engines, shape (n,): both signs of detuning and bias, couplings far beyond the figures'."""
    drawn: dict[str, Any] = {
        "eps_h": rng.uniform(0.5, 2.0, n),
        "delta": rng.uniform(-0.3, 0.3, n),
        "g": 10 ** rng.uniform(-3, 0, n),
        "gamma_h": 10 ** rng.uniform(-4, -1, n),
        "gamma_c": 10 ** rng.uniform(-4, -1, n),
        "T_h": 10 ** rng.uniform(-1, 0.5, n),
        "T_c": 10 ** rng.uniform(-1, 0.5, n),
    }
    return drawn | fixed


def strong_draws(rng: Generator, n: int = DRAWS, **fixed: Any) -> dict[str, Any]:
    """Random resonant global engines, shape (n,)."""
    eps = rng.uniform(0.5, 2.0, n)
    drawn: dict[str, Any] = {
        "eps_h": eps,
        "g": eps * rng.uniform(0.02, 0.98, n),
        "gamma_h": 10 ** rng.uniform(-4, -1, n),
        "gamma_c": 10 ** rng.uniform(-4, -1, n),
        "T_h": 10 ** rng.uniform(-1, 1, n),
        "T_c": 10 ** rng.uniform(-1, 1, n),
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
    a = rng.normal(size=(n, 4, 4)) + 1j * rng.normal(size=(n, 4, 4))
    rho = a @ a.conj().swapaxes(1, 2)
    return np.asarray(rho / np.trace(rho, axis1=1, axis2=2)[:, None, None])


_WEAK = ("eps_h", "delta", "g", "gamma_h", "gamma_c", "T_h", "T_c")
