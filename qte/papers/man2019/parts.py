"""What the studies of man2019 share: columns, the concurrence through zero, refusals of unrefined results."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import matrices
from qte.data.tables import Column
from qte.machines.common_reservoir import CommonReservoirEngine

Array = NDArray[np.float64]


def temperature(unit: str) -> Column:
    """Column of T = T_A = T_B."""
    return Column("T", unit, "temperature of both individual reservoirs", rf"$T_A=T_B=T$ {_over(unit)}")


def common_temperature(unit: str) -> Column:
    """Column of T_C."""
    return Column("T_C", unit, "temperature of the common reservoir", rf"$T_C$ {_over(unit)}")


def _over(unit: str) -> str:
    return r"$(\Gamma)$" if unit == "Gamma" else f"({unit})"


C_ABC = Column("C", "1", "concurrence with the common reservoir", r"$C$")
C_AB = Column("C_AB", "1", "concurrence without the common reservoir", r"$C_{AB}$")
GAIN = Column("dC", "1", "C_ABC - C_AB", r"$\Delta C = C_{ABC}-C_{AB}$")
Q_C = Column(
    "Q_C", "Gamma^2", "heat current from the common reservoir into the qubits", r"$Q_C$ $(\Gamma^2)$"
)


def engine(
    *, eps: Any = None, eps_m: Any = None, delta_eps: Any = 0.0, Omega: Any, Gamma: Any, **rest: Any
) -> CommonReservoirEngine:
    """The engine with one rate Gamma everywhere and gaps ``eps_m +- delta_eps/2``, as in every figure."""
    mean = np.asarray(eps if eps_m is None else eps_m)
    half = np.asarray(delta_eps) / 2
    rates = dict.fromkeys(("Gamma_A", "Gamma_B", "Gamma_CA", "Gamma_CB"), Gamma)
    return CommonReservoirEngine(eps_A=mean + half, eps_B=mean - half, Omega=Omega, **rates, **rest)


def margin(machine: CommonReservoirEngine) -> Array:
    """Eq. (17) without its ``max(0, .)``, shape (...): smooth through the end of entanglement."""
    rho = machine.steady_state().rho
    outer = np.sqrt(rho[..., 0, 0].real) * np.sqrt(rho[..., 3, 3].real)
    return np.asarray(2 * (matrices.modulus(rho[..., 1, 2]) - outer))


def listed(values: ArrayLike, digits: int = 12) -> list[float | None]:
    """An array as a fact of a table: None for NaN, digits beyond the computation's own left out."""
    return [None if np.isnan(v) else float(f"{v:.{digits}g}") for v in np.ravel(values)]
