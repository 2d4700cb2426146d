"""Names of what a machine can be asked, point by point: ``"negativity"``, ``"heat_current:h"`` ..."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from qte.common.errors import ParameterError, QteError
from qte.common.parameters import did_you_mean
from qte.machines.base import Machine

__all__ = ["Observable", "axis_label", "getters", "observables_of"]

Observable: TypeAlias = Callable[[Machine], Any]

_CERTIFICATES = ("unique", "residual", "min_eigenvalue", "kernel_dimension")
_NO_QUANTITIES = {
    "steady_state",
    "replace",
    "evolve",
    "temperatures",
    "chemical_potentials",
    "targets",
    "assumptions",
    "validity",
    "rows_of_correlations",
    "hamiltonian",
    "jump_operators",
    "liouvillian",
    "liouvillian_eigenvalues",
    "onsager_matrix",
    "to_qutip",
}
_BY_RESERVOIR = ("heat_current", "particle_current", "noise", "fano_factor", "uncertainty_ratio")
_LABELS = {
    "net_current": "current $J$",
    "heat_current": "heat current $Q_{%s}$",
    "particle_current": "particle current $I_{%s}$",
    "noise": "noise of heat $S_{%s}$",
    "fano_factor": "Fano factor, reservoir %s",
    "uncertainty_ratio": r"$S\,\dot{\Sigma}/2J^2$, reservoir %s",
    "critical_current": "critical current $J_c$",
    "negativity": "negativity $N$",
    "concurrence": "concurrence $C$",
    "fidelity": "fidelity $F$ (%s)",
    "entropy_production": r"entropy production $\dot{\Sigma}$",
    "conductance": r"conductance $\mathrm{d}J/\mathrm{d}\Delta T$",
    "driving_power": "power of the drive",
    "liouvillian_gap": "Liouvillian gap",
    "contrast": "contrast",
}


def observables_of(machine: Machine) -> tuple[str, ...]:
    """Names that `sweep` accepts for a machine.

    Every public method without a required argument that returns one number a point, currents and their
    noise with their reservoirs, fidelities with the states the machine names, and the certificates of the steady
    state. For other pairs of qubits write ``"negativity:1,3"``.

    Examples
    --------
    >>> from qte.machines import Junction
    >>> [name for name in observables_of(Junction(gamma_L=1, gamma_R=1, T_L=1, T_R=1)) if "current" in name]
    ['net_current', 'heat_current:L', 'heat_current:R', 'particle_current:L', 'particle_current:R']
    """
    _check_machine(machine)
    plain = [
        name
        for name, member in inspect.getmembers(type(machine), inspect.isfunction)
        if not name.startswith("_") and name not in _NO_QUANTITIES and _needs_nothing(member)
    ]
    order = ["net_current", "critical_current", "negativity", "concurrence"]
    plain.sort(key=lambda name: (order.index(name) if name in order else len(order), name))
    reservoirs = [str(label) for label in machine.temperatures()]
    named = [f"{stem}:{label}" for stem in _BY_RESERVOIR for label in reservoirs]
    return (*plain, *named, *(f"fidelity:{target}" for target in _targets(machine)), *_CERTIFICATES)


# The name under which it was first documented.
quantities_of = observables_of


def _check_machine(machine: Any) -> None:
    if not callable(getattr(machine, "temperatures", None)):
        raise ParameterError("machine", machine, "be a machine")


def _needs_nothing(method: Callable[..., Any]) -> bool:
    _, *others = inspect.signature(method).parameters.values()
    return all(p.default is not p.empty or p.kind is p.VAR_KEYWORD for p in others)


def _targets(machine: Machine) -> tuple[str, ...]:
    try:
        return tuple(machine.targets())
    except QteError:
        # a machine of oscillators has no state vectors
        return ()


def getters(
    quantities: Sequence[str] | Mapping[str, str | Observable], machine: Machine
) -> dict[str, tuple[str, Observable]]:
    """Column → the quantity's name and the function of a machine that gives it.

    Raises
    ------
    ParameterError
        A name that the machine does not know, with the nearest one that it does.
    """
    if isinstance(quantities, str) or not isinstance(quantities, (Mapping, Sequence)) or not quantities:
        raise ParameterError("quantities", quantities, "be a list of names, or a mapping of columns to them")
    _check_machine(machine)
    if not isinstance(quantities, Mapping):
        if not all(isinstance(name, str) for name in quantities):
            raise ParameterError(
                "quantities", quantities, "be a list of names, or a mapping of columns to them"
            )
        quantities = {name: name for name in quantities}
    return {
        column: (column, wanted) if callable(wanted) else (wanted, _getter(wanted, machine))
        for column, wanted in quantities.items()
    }


def _getter(name: Any, machine: Machine) -> Observable:
    known = observables_of(machine)
    stem, _, label = str(name).partition(":")
    if name in _CERTIFICATES:
        return lambda m: getattr(m.steady_state(), stem)
    if stem in ("negativity", "concurrence") and label:
        pair = _pair(label)
        return lambda m: getattr(m, stem)(pair=pair)
    if name not in known:
        wanted = f"name quantities of {type(machine).__name__}: {', '.join(known)}"
        raise ParameterError("quantities", name, wanted + did_you_mean(name, known))
    if not label:
        return lambda m: getattr(m, stem)()
    if stem == "fidelity":
        return lambda m: m.fidelity(label)
    reservoir = {str(known): known for known in machine.temperatures()}[label]
    return lambda m: getattr(m, stem)(reservoir)


def _pair(label: str) -> tuple[int, int]:
    numbers = label.split(",")
    if len(numbers) != 2 or not all(number.strip().isdecimal() for number in numbers):
        raise ParameterError("quantities", label, "name a pair of qubits such as 1,3")
    return int(numbers[0]), int(numbers[1])


def axis_label(name: str) -> str:
    """Axis label of a quantity, with mathtext."""
    if not isinstance(name, str):
        raise ParameterError("name", name, "be the name of a quantity")
    stem, _, rest = name.partition(":")
    label = _LABELS.get(stem, stem.replace("_", " "))
    if "%s" in label:
        return label % rest
    return f"{label}, qubits {rest}" if rest else label
