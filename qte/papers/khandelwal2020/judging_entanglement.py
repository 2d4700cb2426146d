"""What the claims of khandelwal2020 about entanglement at weak coupling share."""

from __future__ import annotations

from typing import Final

import numpy as np

from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.khandelwal2020.judging import Array, dense

HEAT: Final = np.array([0.3, 0.4, 0.5, 0.7, 1.0])


def ratio(engine: TwoQubitEngine) -> Array:
    return np.asarray(engine.net_current() / engine.critical_current())


def ratio_again(at: dict[str, float]) -> float:
    """J/J_c as |c|/√(r₁r₄), from the second formulation."""
    copy = dense(at)
    return copy.coherence / float(np.sqrt(copy.rho[0, 0].real * copy.rho[3, 3].real))
