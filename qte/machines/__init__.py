"""The machines that the library offers; each lives in a module of its own.

They are imported on first use, so that importing one machine does not import
(and, for the pipeline, does not depend on) all others.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "TwoQubitEngine": "qte.machines.two_qubit",
    "CommonReservoirEngine": "qte.machines.common_reservoir",
    "ThreeQubitMachine": "qte.machines.three_qubit",
    "WStateMachine": "qte.machines.w_state",
    "Junction": "qte.machines.junction",
    "SpinChain": "qte.machines.spin_chain",
    "AbsorptionRefrigerator": "qte.machines.refrigerator",
    "ThermalTransistor": "qte.machines.transistor",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
