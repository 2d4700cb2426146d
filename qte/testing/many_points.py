"""The laws of several points: equilibrium, detailed balance, broadcasting, and what must be refused."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common.errors import ParameterError
from qte.machines.base import Machine
from qte.testing.dense import DenseModel, Dissipator
from qte.testing.report import Book, Params
from qte.testing.single_point import TIGHT

# A broadcast run may take another route through the solver than a single point.
LOOP = 1e-9


def equilibrium(
    book: Book, make: Callable[..., Machine], points: Sequence[Params], changes: Params | None, thermal: bool
) -> None:
    for point in points:
        with book.watch("detailed balance", point):
            _detailed_balance(book, make, point)
        if changes is None:
            book.left_out["equilibrium"] = "at_equilibrium was not given"
            continue
        with book.watch("equilibrium", point):
            same = {**point, **_levelled(make(**point)), **changes}
            machine = make(**same)
            dense = DenseModel.of(machine.generator)
            if dense.kernel_dimension != 1:
                continue
            rho = np.asarray(machine.steady_state().rho)
            gross = sum(dense.exchange(rho, label) for label in dense.dissipators) or 1.0
            for label in machine.temperatures():
                book.note("equilibrium", abs(float(machine.heat_current(label))) / gross, TIGHT, same)
            if thermal:
                warm = float(next(iter(machine.temperatures().values())))
                error = float(np.abs(rho - _gibbs(dense.hamiltonian, warm)).max())
                book.note("Gibbs state", error, TIGHT, same)


def _levelled(machine: Machine) -> dict[str, Any]:
    """All temperatures equal to the largest, all chemical potentials to the first."""
    warm, charged = _named(machine, "T"), _named(machine, "mu")
    return dict.fromkeys(warm, max(warm.values(), default=1.0)) | dict.fromkeys(
        charged, next(iter(charged.values()), 0.0)
    )


def _named(machine: Machine, stem: str) -> dict[str, float]:
    """Numeric parameters of a machine called `stem` or `stem`_something."""
    fields = (f.name for f in dataclasses.fields(machine))  # type: ignore[arg-type]
    values = {name: getattr(machine, name) for name in fields if name.split("_")[0] == stem}
    return {name: float(value) for name, value in values.items() if isinstance(value, np.ndarray)}


def _gibbs(hamiltonian: NDArray[Any], temperature: float) -> NDArray[Any]:
    energies, vectors = np.linalg.eigh(hamiltonian)
    weights = np.exp(-(energies - energies.min()) / temperature)
    return np.asarray((vectors * (weights / weights.sum())) @ vectors.conj().T)


def _detailed_balance(book: Book, make: Callable[..., Machine], point: Params) -> None:
    """Up and down rates of a bath differ by e^(-w/T): T ln(down/up) is the same at every temperature."""
    machine = make(**point)
    warm = _named(machine, "T")
    warmed = [machine, machine.replace(**{name: 1.7 * value for name, value in warm.items()})]
    energies: list[dict[tuple[Hashable, int], float]] = []
    for each in warmed:
        temperature = {label: float(t) for label, t in each.temperatures().items()}
        dense = DenseModel.of(each.generator)
        energies.append(
            {
                (label, number): temperature[label] * math.log(down / up)
                for label, several in dense.dissipators.items()
                if label is not None and temperature[label] > 0
                for number, (down, up) in enumerate(_pairs(several))
                if down > 1e-300 and up > 1e-300
            }
        )
    for key in energies[0].keys() & energies[1].keys():
        first, second = energies[0][key], energies[1][key]
        book.note("detailed balance", abs(first - second) / max(abs(first), 1.0), LOOP, point)


def _pairs(dissipators: Sequence[Dissipator]) -> Iterable[tuple[float, float]]:
    """(rate down, rate up) of jump operators that are each other's adjoints."""
    left = list(dissipators)
    while left:
        one = left.pop(0)
        for other in left:
            if np.array_equal(other.jump, one.jump.conj().T):
                left.remove(other)
                yield one.rate, other.rate
                break


def broadcasting(book: Book, make: Callable[..., Machine], points: Sequence[Params]) -> None:
    """All draws at once, and a product of two of them, are what a loop gives."""
    if not points:
        return
    stacked = [name for name in points[0] if all(_is_number(p.get(name)) for p in points)]
    groups: dict[str, list[Params]] = {}
    for point in points:
        rest = {name: value for name, value in point.items() if name not in stacked}
        groups.setdefault(repr(rest), []).append(point)
    for group in groups.values():
        with book.watch("broadcasting", group[0]):
            loop = [make(**point) for point in group]
            rest = {name: value for name, value in group[0].items() if name not in stacked}
            arrays = {name: np.array([float(p[name]) for p in group]) for name in stacked}
            integers = {name: group[0][name] for name in stacked if isinstance(group[0][name], int)}
            rest |= {name: value for name, value in integers.items() if _is_counted(make, name)}
            arrays = {name: values for name, values in arrays.items() if name not in rest}
            together = make(**rest, **arrays)
            _same(book, together, loop, group)
            crossed = make(
                **rest, **{k: v[:, None] if k.startswith("T") else v[None, :] for k, v in arrays.items()}
            )
            wanted = (len(group), len(group))
            shape = np.shape(crossed.net_current())
            if shape != wanted:
                book.note(
                    "broadcasting", math.nan, LOOP, group[0], f"a product of shape {shape}, not {wanted}"
                )
            else:
                diagonal = float(np.abs(np.diagonal(crossed.net_current()) - together.net_current()).max())
                book.note("broadcasting", diagonal / _size(together), LOOP, group[0])


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_counted(make: Callable[..., Machine], name: str) -> bool:
    fields = {f.name: str(f.type) for f in dataclasses.fields(make)}  # type: ignore[arg-type]
    return "int" in fields.get(name, "")


def _size(machine: Machine) -> float:
    return float(max(np.abs(machine.heat_current(r)).max() for r in machine.temperatures())) or 1.0


def _same(book: Book, together: Machine, loop: Sequence[Machine], group: Sequence[Params]) -> None:
    labels = list(together.temperatures())
    for index, (alone, point) in enumerate(zip(loop, group, strict=True)):
        values: list[tuple[Any, Any, float]] = [(together.steady_state().rho, alone.steady_state().rho, 1.0)]
        size = _size(alone)
        values += [(together.heat_current(r), alone.heat_current(r), size) for r in labels]
        values.append((together.net_current(), alone.net_current(), size))
        for many, one, scale in values:
            if np.shape(many) != (len(group), *np.shape(one)):
                words = f"shape {np.shape(many)} of {len(group)} points of shape {np.shape(one)}"
                book.note("broadcasting", math.nan, LOOP, point, words)
            else:
                book.note("broadcasting", float(np.abs(many[index] - one).max()) / scale, LOOP, point)


def refusals(
    book: Book, make: Callable[..., Machine], point: Params, further: Iterable[tuple[Params, str]]
) -> None:
    cases: list[tuple[Params, str]] = list(further)
    fields = {f.name: str(f.type) for f in dataclasses.fields(make)}  # type: ignore[arg-type]
    for name, kind in fields.items():
        if kind != "Parameter":
            continue
        wrong: list[Any] = [math.nan, "1e-3", 1j]
        if name.startswith(("T", "gamma", "Gamma", "dephasing")):
            wrong += [-1.0, math.inf]
        cases += [({name: value}, name) for value in wrong]
    for changes, name in cases:
        try:
            make(**{**point, **changes})
        except ParameterError as error:
            named = error.name == name and f"`{name}`" in str(error)
            book.note(
                "bad parameters",
                0.0 if named else math.nan,
                0.5,
                changes,
                "" if named else f"names {error.name}",
            )
        except Exception as error:
            book.note(
                "bad parameters", math.nan, 0.5, changes, f"{type(error).__name__} instead of ParameterError"
            )
        else:
            book.note("bad parameters", math.nan, 0.5, changes, "accepted")
