"""What there is to draw of a table, read from its columns and rows alone.

Rows of a table run over a grid in C order: the first column that moves from the first row to the second is the
axis, the columns before it tell the curves apart. Many curves of one number are a map.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qte.common.text import number
from qte.data.tables import Column, Table

# More curves than this, told apart by one number, are a map.
MOST_CURVES = 12
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shape:
    """A table as blocks of rows along one axis.

    Attributes
    ----------
    x : Column
        Along the axis.
    xs : ndarray, shape (n,)
    family : tuple of Column
        What tells the blocks apart.
    keys : tuple of tuple
        Values of the family, one tuple a block.
    values : mapping of str to ndarray, shape (blocks, n)
        Columns that are drawn, by symbol.
    columns : tuple of Column
        Their descriptions.
    """

    x: Column
    xs: Array
    family: tuple[Column, ...]
    keys: tuple[tuple[Any, ...], ...]
    values: Mapping[str, Array]
    columns: tuple[Column, ...]

    @property
    def is_map(self) -> bool:
        return len(self.family) == 1 and len(self.keys) > MOST_CURVES

    @property
    def ys(self) -> Array:
        """The second axis of a map, shape (blocks,)."""
        return np.array([key[0] for key in self.keys], dtype=float)

    @property
    def labels(self) -> list[str]:
        """What each curve is called: the values of its family."""
        return [", ".join(number(value, 6) for value in key) for key in self.keys]


def of_table(table: Table) -> Shape:
    """The shape of a table whose rows run over a grid; one curve over its first column if they do not."""
    numeric = [column for column in table.columns if table[column.symbol].dtype.kind in "fiub"]
    place = next((i for i, column in enumerate(table.columns) if _moves(table[column.symbol])), 0)
    x, family = table.columns[place], table.columns[:place]
    length = _period(table[x.symbol])
    if x not in numeric or len(table) % length:
        x, family, length = numeric[0], (), len(table)
    drawn = tuple(column for column in numeric if column is not x and column not in family)
    starts = range(0, len(table), length)
    return Shape(
        x,
        np.asarray(table[x.symbol][:length], dtype=float),
        family,
        tuple(tuple(table[column.symbol][start].item() for column in family) for start in starts),
        {
            column.symbol: np.asarray(table[column.symbol], dtype=float).reshape(-1, length)
            for column in drawn
        },
        drawn,
    )


def panels(shape: Shape) -> list[tuple[Column, ...]]:
    """The columns of each panel: a map has one, curves of one unit whose symbols begin alike share one."""
    if shape.is_map:
        return [(column,) for column in shape.columns]
    groups: dict[tuple[str, str], list[Column]] = {}
    for column in shape.columns:
        groups.setdefault((column.unit, column.symbol.partition("_")[0]), []).append(column)
    return [tuple(group) for group in groups.values()]


def is_even(points: Array) -> bool:
    """Whether an axis has one step."""
    steps = np.diff(points)
    return bool(len(steps) and np.allclose(steps, steps[0], rtol=1e-6, atol=0))


def is_logarithmic(points: Array) -> bool:
    """Whether an axis has one factor from point to point, and not one step."""
    return bool(len(points) > 2 and points[0] > 0 and not is_even(points) and is_even(np.log(points)))


def edges(points: Array) -> Array:
    """Ends of the cells around the points of an axis, shape (n + 1,)."""
    middle = (points[1:] + points[:-1]) / 2
    return np.concatenate([[2 * points[0] - middle[0]], middle, [2 * points[-1] - middle[-1]]])


def rows(table: Table, most: int) -> list[dict[str, float]]:
    """The numbers of at most about so many rows, evenly taken, by symbol."""
    numeric = [column.symbol for column in table.columns if table[column.symbol].dtype.kind in "fiu"]
    taken = table.frame[numeric].iloc[:: max(1, len(table) // most)]
    return [{str(symbol): float(value) for symbol, value in row.items()} for row in taken.to_dict("records")]


def _moves(values: NDArray[Any]) -> bool:
    return len(values) > 1 and bool(values[0] != values[1])


def _period(values: NDArray[Any]) -> int:
    """Rows until an axis begins again; all of them if it never does, or does not repeat itself."""
    again = np.flatnonzero(values[1:] == values[0])
    length = int(again[0]) + 1 if again.size else len(values)
    if len(values) % length or np.any(values.reshape(-1, length) != values[:length]):
        return len(values)
    return length
