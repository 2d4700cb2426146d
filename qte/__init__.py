"""Quantum thermal engines: machines, their steady states, and the papers about them.

Units: hbar = k_B = 1 throughout::

    import qte

    engine = qte.machines.TwoQubitEngine(g=1.6e-3, gamma_h=1e-3, gamma_c=1.1e-2, T_h=1.0, T_c=0.1)
    engine.negativity(), engine.net_current()

`qte.sweep` computes quantities of any machine over a product of grids, `qte.plotting.sweeps.plot_sweep`
draws them, `qte.check_machine` holds a machine of your own against every law it must obey.  `qte.generator`
makes a master equation of any operators, QuTiP's too; `qte.steady_state` and `qte.evolve` solve it,
`qte.exceptional_points` finds where it has too few eigenvectors.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qte.common.qobj import to_qutip
    from qte.physics.generators import generator
    from qte.solver.dynamics import evolve
    from qte.solver.spectrum.exceptional_points import exceptional_points
    from qte.solver.steady import steady_state
    from qte.sweeps.sweep import sweep
    from qte.testing import check_machine

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "check_machine",
    "evolve",
    "exceptional_points",
    "generator",
    "steady_state",
    "sweep",
    "to_qutip",
]

# Imported on first use, so that a table depends on the modules its study names and on no others.
_HOMES = {
    "check_machine": "qte.testing",
    "evolve": "qte.solver.dynamics",
    "exceptional_points": "qte.solver.spectrum.exceptional_points",
    "generator": "qte.physics.generators",
    "steady_state": "qte.solver.steady",
    "sweep": "qte.sweeps.sweep",
    "to_qutip": "qte.common.qobj",
}
_MODULES = {
    "errors": "qte.common.errors",
    "machines": "qte.machines",
    "plotting": "qte.plotting",
    "tables": "qte.data.tables",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES})
