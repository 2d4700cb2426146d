"""What the claims of khandelwal2025 share: domains, the figures' parameters, machines at their draws."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.ledger import second
from qte.ledger.checks import Domain, Range, Signed
from qte.machines.three_qubit import ThreeQubitMachine
from qte.papers.khandelwal2025 import dense

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

INF: Final = np.inf
DRAWS: Final = 300
# Figures 2 and 3: eps = 1, g = 0.05, gamma = 0.1, T = eps.
FIGURE: Final[dict[str, float]] = {
    "g13": 0.05, "g23": 0.05, "gamma_1": 0.1, "gamma_3": 0.1, "T_1": 1.0, "T_3": 1.0,
}  # fmt: skip
# depth = (eps - mu_3)/T_3: from a sink reservoir that is nearly full at eps to an empty one
LIMIT: Final[Domain] = {
    "g13": Signed(1e-2, 0.5),
    "g23": Signed(1e-2, 0.5),
    "gamma_1": Range(1e-2, 1.0, log=True),
    "gamma_3": Range(1e-2, 1.0, log=True),
    "T_1": Range(0.05, 20.0, log=True),
    "T_3": Range(0.05, 20.0, log=True),
    "depth": Range(-3.0, 30.0),
}
# Any machine with finite U and mu, both in units of the common temperature.
FINITE: Final[Domain] = {
    "g13": Signed(1e-2, 0.5),
    "g23": Signed(1e-2, 0.5),
    "gamma_1": Range(1e-2, 1.0, log=True),
    "gamma_3": Range(1e-2, 1.0, log=True),
    "T": Range(0.3, 20.0, log=True),
    "U_over_T": Range(0.0, 25.0),
    "mu_over_T": Range(0.0, 25.0),
}


def log_draws(rng: Generator, low: float, high: float, n: int = DRAWS) -> Array:
    """Draws whose logarithm is even, shape (n,)."""
    return np.asarray(el.spread(low, high, rng.random(n)))


def signed_draws(rng: Generator, low: float, high: float, n: int = DRAWS) -> Array:
    """The same with either sign."""
    return np.asarray(log_draws(rng, low, high, n) * rng.choice([-1.0, 1.0], n))


def drawn(domain: Domain, rng: Generator, n: int = 10 * DRAWS) -> dict[str, Any]:
    """Random points of a domain without words, shape (n,)."""
    return {name: axis.value(rng.random(n)) for name, axis in domain.items() if not isinstance(axis, tuple)}


def ideal(**p: Array) -> ThreeQubitMachine:
    """The machine in the limit of eq. (3), at draws of `LIMIT`."""
    given = dict(p)
    depth = given.pop("depth")
    return ThreeQubitMachine(**given, U=INF, mu=INF, mu_3=1.0 - depth * given["T_3"])


def finite(**p: Array) -> ThreeQubitMachine:
    """The machine at draws of `FINITE`; further parameters pass through."""
    given = dict(p)
    T, U, mu = (given.pop(name) for name in ("T", "U_over_T", "mu_over_T"))
    return ThreeQubitMachine(**given, T_1=T, T_3=T, U=U * T, mu=mu * T)


def singlet_like(g13: Array, g23: Array) -> Array:
    """Eq. (4) for many couplings, shape (n, 8)."""
    psi = np.zeros((len(g13), 8))
    psi[:, 3], psi[:, 5] = g23, -g13
    return np.asarray(psi / el.hypot(g13, g23)[:, None])


def figure(**changes: float) -> ThreeQubitMachine:
    """The machine of figures 2 and 3 with some parameters set."""
    return ThreeQubitMachine(**(FIGURE | changes))


def concurrence_again(**changes: Any) -> Array:
    """Concurrence of the figures' machine by the second method: dense null vector, Wootters' formula."""
    given = {**FIGURE, **changes}
    return second.concurrence(dense.first_pair(dense.steady_of(dense.three_qubits(**given))))


def redfield(electrons: bool = False, **changes: float) -> float:
    """Concurrence of the figures' machine in the Redfield equation."""
    return float(second.concurrence(dense.first_pair(dense.redfield(FIGURE | changes, electrons=electrons))))


def four_states(
    g13: ArrayLike = 0.05,
    g23: ArrayLike = 0.05,
    gamma_1: ArrayLike = 0.1,
    gamma_3: ArrayLike = 0.1,
    T: float = 1.0,
    **levels: float,
) -> dense.Blockade:
    """The limit on |000>, |100>, |010>, |001> by the second method; `raised_1` ... `raised_3` lift the gaps."""
    energies = {int(name[-1]) - 1: value for name, value in levels.items() if name.startswith("raised")}
    baths: dict[int, tuple[ArrayLike, ArrayLike]] = {0: (gamma_1, 0.0), 2: sink_rates(gamma_3, 1.0 / T)}
    return dense.blockade(3, [(0, 2, g13), (1, 2, g23)], baths, energies=energies)


def sink_rates(gamma: ArrayLike = 0.1, depth: float = 1.0) -> tuple[Array, Array]:
    """Filling and emptying of a sink whose reservoir has (eps - mu)/T = depth."""
    full = float(dense.fermi(depth, 1.0))
    return np.asarray(gamma) * full, np.asarray(gamma) * (1 - full)
