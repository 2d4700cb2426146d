"""What the studies of khandelwal2020 share: the engine's fixed parameters, columns, and n of eq. (16)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.data.tables import Column
from qte.machines.two_qubit import TwoQubitEngine

Array = NDArray[np.float64]

T_H = Column("T_h", "eps_h", "temperature of the hot bath", r"$T_h/\varepsilon_h$")
DELTA = Column("delta", "eps_h", "detuning eps_c - eps_h", r"$\delta/\varepsilon_h$")
KAPPA_H = Column("kappa_h", "eps_h", "tunnelling rate of the hot qubit", r"$\kappa_h/\varepsilon_h$")
CURRENT = Column(
    "J", "eps_h^2", "J = Q_h - Q_c, twice the current that flows through", r"$J_{ss}/\varepsilon_h$"
)
NEGATIVITY = Column("N", "1", "negativity of the steady state", r"$N(\rho_{ss})$")


@dataclass(frozen=True, kw_only=True)
class WeakEngine:
    """Parameters that every figure at weak coupling keeps fixed."""

    eps_h: float
    g: float
    gamma_h: float
    gamma_c: float
    T_c: float

    def fixed(self) -> dict[str, Any]:
        """Keyword arguments of machines and of `WeakCoupling`."""
        return {name: getattr(self, name) for name in ("eps_h", "g", "gamma_h", "gamma_c", "T_c")}

    def engine(self, **varied: Any) -> TwoQubitEngine:
        """The engine on a grid of what varies."""
        return TwoQubitEngine(**self.fixed(), **varied)


def margin(machine: TwoQubitEngine) -> Array:
    """n of eq. (16), shape (...): the negativity where it is positive, smooth through zero.

    Written without the cancellation of the printed form.
    """
    rho = machine.steady_state().rho
    coherence, low, high = matrices.modulus(rho[..., 1, 2]), rho[..., 0, 0].real, rho[..., 3, 3].real
    geometric = np.sqrt(low) * np.sqrt(high)
    size = el.hypot(2 * coherence, low - high) + low + high
    return np.asarray(2 * (coherence - geometric) * (coherence + geometric) / size)


def listed(values: Array, decimals: int = 12) -> list[float | None]:
    """Places as a fact of a table: None for NaN, decimals beyond what is known left out."""
    return [None if np.isnan(v) else round(float(v), decimals) for v in np.ravel(values)]


def significant(values: Array, digits: int = 10) -> list[float]:
    """Sizes as a fact of a table, to a number of significant digits."""
    return [float(f"{v:.{digits}g}") for v in np.ravel(values)]


def bound(error: Array) -> float:
    """The power of ten above the largest error: the error itself is round-off, and no two machines share it."""
    largest = float(np.max(error, initial=0.0))
    return 0.0 if largest == 0 else float(f"1e{math.ceil(math.log10(largest))}")
