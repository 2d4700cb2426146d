"""How far the numbers of two tables lie apart, and where: rows are paired by their point of the grid.

The columns that name a point are the shortest run of leading columns that tells every row from every other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from qte.common.text import typeset
from qte.data.tables import Column, Table
from workflow.verify import differences

SAME_GRID = "same grid"
IN_ORDER = "in order"
COMMON_POINTS = "common points"
APART = "nothing in common"

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Axis:
    """One coordinate of the grid, standard against variant."""

    symbol: str
    old: npt.NDArray
    new: npt.NDArray

    @property
    def differs(self) -> bool:
        return not np.array_equal(self.old, self.new)


@dataclass(frozen=True)
class Extreme:
    """The row where a column moved most.

    Attributes
    ----------
    size : float
        By how much.
    at : tuple of (str, str)
        Coordinates of the row: symbol and value, or ``"old → new"`` where the two grids differ.
    old, new : float
    """

    size: float
    at: tuple[tuple[str, str], ...]
    old: float
    new: float


@dataclass(frozen=True)
class ColumnChange:
    """One column, standard against variant.

    Attributes
    ----------
    rows : int
        Rows compared.
    moved : int
        How many of them are not the same bit for bit.
    lone : int
        How many are a finite number in one of the two tables only.
    absolute, relative : Extreme or None
        Where |new − old| and |new − old| / max(|old|, |new|) are largest; None if nothing moved.
    old_range, new_range : tuple of float, or None
        Smallest and largest finite value of the whole table.
    """

    column: Column
    rows: int
    moved: int
    lone: int
    absolute: Extreme | None
    relative: Extreme | None
    old_range: tuple[float, float] | None
    new_range: tuple[float, float] | None


@dataclass(frozen=True)
class TableChange:
    """One table, standard against variant.

    Attributes
    ----------
    pairing : str
        How rows were paired: `SAME_GRID`, `IN_ORDER`, `COMMON_POINTS` or `APART`.
    rows : tuple of int
        Rows of the standard, of the variant, and those compared.
    axes : list of Axis
        Empty if the tables are not over the same coordinates.
    columns : list of ColumnChange
        Of the columns that both have, coordinates left out.
    facts : list of (str, object, object)
        Name, old and new value of those that differ; None where a table has no such fact.
    gone, added : list of str
        Columns that only one of the two has.
    """

    pairing: str
    rows: tuple[int, int, int]
    axes: list[Axis] = field(default_factory=list)
    columns: list[ColumnChange] = field(default_factory=list)
    facts: list[tuple[str, Any, Any]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)


def compare(old: Table, new: Table) -> TableChange:
    """All that differs between two tables."""
    axes = list(_axes(old, new))
    pairing, rows_old, rows_new = _pair(old, new, axes)
    coordinates = {axis.symbol for axis in axes}
    theirs = {column.symbol for column in new.columns}
    shared = [
        column for column in old.columns if column.symbol in theirs and column.symbol not in coordinates
    ]
    where = _Where(old, new, axes)
    return TableChange(
        pairing,
        (len(old), len(new), len(rows_old)),
        axes,
        [_column(column, old, new, rows_old, rows_new, where) for column in shared],
        [(name, old.facts.get(name), new.facts.get(name)) for name in _differing_facts(old, new)],
        [column.symbol for column in old.columns if column.symbol not in theirs],
        [column.symbol for column in new.columns if column.symbol not in set(old.frame.columns)],
    )


def coordinates(table: Table) -> list[str]:
    """The leading columns that tell every row from every other; all columns if some rows are alike."""
    symbols = [column.symbol for column in table.columns]
    for count in range(1, len(symbols)):
        if not table.frame.duplicated(symbols[:count]).any():
            return symbols[:count]
    return symbols


def _differing_facts(old: Table, new: Table) -> list[str]:
    return [found.column.removeprefix("facts.") for found in differences.of_facts(old.facts, new.facts)]


def _axes(old: Table, new: Table) -> Iterator[Axis]:
    # A table with one value of a coordinate does not need it to tell its rows apart; the other may.
    names = max(coordinates(old), coordinates(new), key=len)
    leading = [[column.symbol for column in table.columns[: len(names)]] for table in (old, new)]
    if leading == [names, names] and all(old[name].dtype == new[name].dtype for name in names):
        for name in names:
            yield Axis(name, pd.unique(old[name]), pd.unique(new[name]))


def _pair(old: Table, new: Table, axes: list[Axis]) -> tuple[str, Rows, Rows]:
    """Rows of the one and rows of the other that belong together."""
    none = np.array([], dtype=np.intp)
    if not axes:
        return APART, none, none
    names = [axis.symbol for axis in axes]
    same_length = len(old) == len(new)
    if same_length and all(np.array_equal(old[name], new[name]) for name in names):
        return SAME_GRID, np.arange(len(old)), np.arange(len(new))
    if same_length and all(not axis.differs or _is_list(axis, old, new) for axis in axes):
        return IN_ORDER, np.arange(len(old)), np.arange(len(new))
    sides = [table.frame[names].assign(row=np.arange(len(table))) for table in (old, new)]
    both = sides[0].merge(sides[1], on=names, suffixes=("_old", "_new"))
    return (COMMON_POINTS if len(both) else APART), both["row_old"].to_numpy(), both["row_new"].to_numpy()


def _is_list(axis: Axis, old: Table, new: Table) -> bool:
    """Whether both configs give an axis as a list of equally many values: the first then stands for the first."""
    given = [table.params.get(axis.symbol) for table in (old, new)]
    return all(isinstance(values, list | tuple) for values in given) and len(axis.old) == len(axis.new)


@dataclass(frozen=True)
class _Where:
    """Says which point of the grid a pair of rows is."""

    old: Table
    new: Table
    axes: list[Axis]

    def __call__(self, row_old: int, row_new: int) -> tuple[tuple[str, str], ...]:
        found = []
        for axis in self.axes:
            one, other = (
                typeset(self.old[axis.symbol][row_old], 6),
                typeset(self.new[axis.symbol][row_new], 6),
            )
            found.append((axis.symbol, one if one == other else f"{one} → {other}"))
        return tuple(found)


def _column(
    column: Column, old: Table, new: Table, rows_old: Rows, rows_new: Rows, where: _Where
) -> ColumnChange:
    whole = [table[column.symbol] for table in (old, new)]
    one, other = whole[0][rows_old], whole[1][rows_new]
    found = differences.of_arrays(column.symbol, one, other) if one.dtype == other.dtype else None
    moved = found.rows if found else 0
    if not all(values.dtype.kind in "fiu" for values in whole):
        return ColumnChange(column, len(one), moved, 0, None, None, None, None)
    one, other = one.astype(float), other.astype(float)
    finite = np.isfinite(one) & np.isfinite(other)
    lone = int((np.isfinite(one) != np.isfinite(other)).sum())
    apart = np.abs(np.subtract(other, one, out=np.zeros_like(one), where=finite))
    larger = np.maximum(np.abs(one), np.abs(other))
    relative = np.divide(apart, larger, out=np.zeros_like(one), where=finite & (larger > 0))

    def extreme(sizes: npt.NDArray) -> Extreme | None:
        if not sizes.any():
            return None
        row = int(sizes.argmax())
        at = where(int(rows_old[row]), int(rows_new[row]))
        return Extreme(float(sizes[row]), at, float(one[row]), float(other[row]))

    return ColumnChange(
        column,
        len(one),
        moved,
        lone,
        extreme(apart),
        extreme(relative),
        *(_range(values) for values in whole),
    )


def _range(values: npt.NDArray) -> tuple[float, float] | None:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else None
