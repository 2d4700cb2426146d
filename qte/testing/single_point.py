"""The laws of one point: the state, its currents, the two laws of thermodynamics, the handling of a machine."""

from __future__ import annotations

import dataclasses
import math
import pickle
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qte.common.errors import NonUniqueSteadyState
from qte.machines.base import Machine
from qte.testing.dense import DenseModel
from qte.testing.report import Book, Params

Reference: TypeAlias = Callable[..., DenseModel]

# Errors of the machine's own numbers, relative to what they are differences of.
TIGHT = 1e-11


@dataclass(frozen=True)
class SinglePoint:
    """The laws of one point."""

    make: Callable[..., Machine]
    second_law: bool
    reference: Reference | None

    def check(self, book: Book, point: Params) -> bool:
        """Check the laws of one point; whether it has one steady state."""
        machine = self.make(**point)
        dense = DenseModel.of(machine.generator)
        kernel = dense.kernel_dimension
        if kernel != 1:
            self._several(book, machine, kernel, point)
            return False
        state = machine.steady_state()
        rho = np.asarray(state.rho)
        book.note("uniqueness", abs(int(state.kernel_dimension) - 1), 0.5, point)
        book.note("trace", abs(complex(np.trace(rho)) - 1), TIGHT, point)
        book.note("hermiticity", float(np.abs(rho - rho.conj().T).max()), 1e-15, point)
        if machine.generator.completely_positive:
            book.note("positivity", -float(np.linalg.eigvalsh(rho).min()), TIGHT, point)
        error = float(np.abs(rho - dense.steady_state).max())
        book.note("dense reference", error, max(TIGHT, dense.uncertainty), point)
        heats = self._currents(book, machine, dense, rho, point)
        with book.watch("second law", point):
            self._second_law(book, machine, dense, heats, point)
        if self.reference is not None:
            with book.watch("independent formulation", point):
                self._independent(book, heats, rho, point)
        _handling(book, self.make, machine, point)
        return True

    def _several(self, book: Book, machine: Machine, kernel: int, point: Params) -> None:
        try:
            machine.steady_state()
        except NonUniqueSteadyState as error:
            book.note("uniqueness", abs(error.kernel_dimension - kernel), 0.5, point)
        else:
            words = f"{kernel} steady states, but no NonUniqueSteadyState was raised"
            book.note("uniqueness", math.nan, 0.5, point, words)

    def _currents(
        self, book: Book, machine: Machine, dense: DenseModel, rho: NDArray[Any], point: Params
    ) -> dict[Hashable, float]:
        labels = list(machine.temperatures())
        heats = {label: float(machine.heat_current(label)) for label in labels}
        gross = sum(dense.exchange(rho, label) for label in dense.dissipators) or 1.0
        for label, heat in heats.items():
            book.note("heat currents", abs(heat - dense.heat_current(rho, label)) / gross, TIGHT, point)
        noise = float(machine.dephasing_power() + machine.driving_power())
        book.note("first law", abs(sum(heats.values()) + noise) / gross, TIGHT, point)
        net = float(machine.net_current())
        book.note(
            "net current",
            abs(net - float(machine.net_current_from(lambda label: np.asarray(heats[label])))) / gross,
            TIGHT,
            point,
        )
        warm = [float(t) for t in machine.temperatures().values()]
        biased = any(np.any(np.asarray(mu) != 0) for mu in machine.chemical_potentials().values())
        if len(labels) == 2 and not biased and self.second_law and machine.generator.energy is None:
            # from the first reservoir to the second counts as positive
            book.note("direction of the current", -net * np.sign(warm[0] - warm[1]) / gross, TIGHT, point)
        return heats

    def _second_law(
        self, book: Book, machine: Machine, dense: DenseModel, heats: Mapping[Hashable, float], point: Params
    ) -> None:
        warm = {label: float(t) for label, t in machine.temperatures().items()}
        mu = {label: float(m) for label, m in machine.chemical_potentials().items()}
        if (
            not self.second_law
            or not all(t > 0 for t in warm.values())
            or not np.isfinite([*mu.values()]).all()
        ):
            return
        rho = np.asarray(machine.steady_state().rho)
        produced = float(machine.entropy_production())
        flows = {label: float(machine.particle_current(label)) for label in mu}
        parts = [-(heat - mu.get(r, 0.0) * flows.get(r, 0.0)) / warm[r] for r, heat in heats.items()]
        scale = sum(dense.exchange(rho, r) / warm[r] for r in warm) + sum(map(abs, parts)) or 1.0
        book.note("second law", -produced / scale, TIGHT, point)
        if float(machine.dephasing_power()) == 0:
            book.note("entropy balance", abs(produced - sum(parts)) / scale, TIGHT, point)

    def _independent(
        self, book: Book, heats: Mapping[Hashable, float], rho: NDArray[Any], point: Params
    ) -> None:
        assert self.reference is not None
        peer = self.reference(**point)
        allowed = max(TIGHT, peer.uncertainty)
        book.note("independent formulation", float(np.abs(rho - peer.steady_state).max()), allowed, point)
        gross = sum(peer.exchange(rho, label) for label in peer.dissipators) or 1.0
        for label, heat in heats.items():
            error = abs(heat - peer.heat_current(peer.steady_state, label)) / gross
            book.note("independent formulation", error, allowed, point)


def _handling(book: Book, make: Callable[..., Machine], machine: Machine, point: Params) -> None:
    """Copies, pickles and second runs are the same machine; parameters cannot be changed."""
    rho = machine.steady_state().rho
    for law, other in (
        ("reproducibility", make(**point)),
        ("pickling", pickle.loads(pickle.dumps(machine))),
        ("replace()", machine.replace()),
    ):
        same = np.array_equal(other.steady_state().rho, rho, equal_nan=True)
        same &= bool(np.array_equal(other.net_current(), machine.net_current(), equal_nan=True))
        book.note(law, 0.0 if same else 1.0, 0.5, point)
    name = next(iter(point))
    try:
        setattr(machine, name, point[name])
    except dataclasses.FrozenInstanceError:
        book.note("immutability", 0.0, 0.5, point)
    else:
        book.note("immutability", math.nan, 0.5, point, f"`{name}` could be set")
