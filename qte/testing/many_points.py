"""The laws of several points: equilibrium, detailed balance, broadcasting, and what must be refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common.errors import ParameterError
from qte.common.parameters import CHEMICAL_POTENTIAL, TEMPERATURE, Kind, Number, OneOf, Whole, kinds_of
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
    warm, charged = _holding(machine, TEMPERATURE), _holding(machine, CHEMICAL_POTENTIAL)
    return dict.fromkeys(warm, max(warm.values(), default=1.0)) | dict.fromkeys(
        charged, next(iter(charged.values()), 0.0)
    )


def _holding(machine: Machine, kind: Number) -> dict[str, float]:
    """The machine's parameters that hold a quantity of this kind, such as all temperatures."""
    return {name: float(getattr(machine, name)) for name in _names_of(machine, kind)}


def _names_of(machine: Machine, kind: Number) -> list[str]:
    kinds = kinds_of(type(machine)).items()
    return [name for name, own in kinds if isinstance(own, Number) and own.quantity == kind.quantity]


def _gibbs(hamiltonian: NDArray[Any], temperature: float) -> NDArray[Any]:
    energies, vectors = np.linalg.eigh(hamiltonian)
    weights = np.exp(-(energies - energies.min()) / temperature)
    return np.asarray((vectors * (weights / weights.sum())) @ vectors.conj().T)


def _detailed_balance(book: Book, make: Callable[..., Machine], point: Params) -> None:
    """Up and down rates of a bath differ by e^(-w/T): T ln(down/up) is the same at every temperature."""
    machine = make(**point)
    warm = _holding(machine, TEMPERATURE)
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
    first = make(**points[0])
    kinds, warm = kinds_of(type(first)), _names_of(first, TEMPERATURE)
    stacked = [
        name
        for name in points[0]
        if isinstance(kinds.get(name), Number) and all(_is_number(p.get(name)) for p in points)
    ]
    groups: dict[str, list[Params]] = {}
    for point in points:
        rest = {name: value for name, value in point.items() if name not in stacked}
        groups.setdefault(repr(rest), []).append(point)
    for group in groups.values():
        with book.watch("broadcasting", group[0]):
            loop = [make(**point) for point in group]
            rest = {name: value for name, value in group[0].items() if name not in stacked}
            arrays = {name: np.array([float(p[name]) for p in group]) for name in stacked}
            together = make(**rest, **arrays)
            _same(book, together, loop, group)
            product = {k: v[:, None] if k in warm else v[None, :] for k, v in arrays.items()}
            crossed = make(**rest, **product)
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
    for name, kind in kinds_of(type(make(**point))).items():
        cases += [({name: value}, name) for value in _wrong(kind)]
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


def _wrong(kind: Kind) -> list[Any]:
    """Values that a parameter of this kind must refuse."""
    if isinstance(kind, Whole):
        beyond = [] if kind.maximum is None else [kind.maximum + 1]
        return [kind.minimum - 1, kind.minimum + 0.5, True, *beyond]
    if isinstance(kind, OneOf):
        return ["no such word", None]
    wrong: list[Any] = [math.nan, "1e-3", 1j, -math.inf]
    wrong += [] if kind.infinite else [math.inf]
    wrong += [] if kind.minimum is None else [kind.minimum - 1.0]
    return wrong + ([] if kind.above is None else [kind.above])
