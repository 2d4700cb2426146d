"""Domains and scales of the claims of khandelwal2020 about state and current."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from qte.ledger.checks import Domain, Range, Signed
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.khandelwal2020.judging import (
    Array,
)
from qte.physics.baths import Bath

STATISTICS: Final = {"statistics_h": ("bose", "fermi"), "statistics_c": ("bose", "fermi")}


# eps_h = 1 is the unit.
ENGINES: Final[Domain] = {
    "g": Range(1e-4, 0.5, log=True),
    "gamma_h": Range(1e-4, 0.5, log=True),
    "gamma_c": Range(1e-4, 0.5, log=True),
    "T_h": Range(0.05, 20, log=True),
    "T_c": Range(0.05, 20, log=True),
    "delta": Signed(1e-5, 0.5),
}


def without(*names: str, **more: Any) -> Domain:
    return {name: axis for name, axis in ENGINES.items() if name not in names} | more


def baths(engine: TwoQubitEngine) -> tuple[Bath, Bath]:
    return (
        Bath(engine.T_h, engine.gamma_h, engine.statistics_h),
        Bath(engine.T_c, engine.gamma_c, engine.statistics_c),
    )


def scale(engine: TwoQubitEngine) -> Array:
    """Power that both baths exchange with the qubits: what the current is a small difference of."""
    hot, cold = baths(engine)
    return np.asarray(
        engine.eps_h * hot.absorption(engine.eps_h) + engine.eps_c * cold.absorption(engine.eps_c)
    )
