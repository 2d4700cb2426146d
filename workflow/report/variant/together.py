"""Standard and variant in one frame, drawn from their tables: what moved most, along the finest axis."""

import base64
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from qte import plotting
from qte.common.text import typeset
from qte.data.tables import Table
from workflow.report.variant.numbers import ColumnChange, TableChange

_PANELS = 2
_DASHED = (0, (4, 2))


def picture(old: Table, new: Table, change: TableChange) -> str:
    """A drawing as a data URI; empty if the tables share no axis or nothing moved."""
    moved = _apart(new, _moved_most(change))
    if not change.axes or not moved:
        return ""
    finest = max(change.axes, key=lambda axis: len(axis.new)).symbol
    others = [axis.symbol for axis in change.axes if axis.symbol != finest]
    fig, axes = plotting.figure(len(moved), width="double" if len(moved) > 1 else "wide", aspect=0.72)
    for ax, column in zip(np.atleast_1d(axes), moved, strict=True):
        symbol = column.column.symbol
        for table, word in ((old, "standard"), (new, "variant")):
            curves = list(_curves(table, finest, symbol, others))
            for style, (name, x, y) in zip(plotting.family(len(curves), dashes=False), curves, strict=True):
                look = {"color": style["color"], "linestyle": "-" if word == "variant" else _DASHED}
                ax.plot(x, y, label=", ".join(filter(None, [word, name])), linewidth=1.2, **look)
        plotting.axis_labels(ax, new, x=finest, y=symbol)
    plotting.legend(np.atleast_1d(axes)[0])
    svg = plotting.render(fig, "svg")
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"


def _moved_most(change: TableChange) -> list[ColumnChange]:
    """Columns of numbers by their relative change, the largest first."""
    moved = [column for column in change.columns if column.new_range and _size(column) > 0]
    return sorted(moved, key=_size, reverse=True)


def _apart(table: Table, columns: Sequence[ColumnChange]) -> list[ColumnChange]:
    """The first of them that are not the same numbers by another formula."""
    chosen: list[ColumnChange] = []
    for column in columns:
        values = table[column.column.symbol]
        twins = (
            np.allclose(values, table[other.column.symbol], rtol=1e-6, atol=0.0, equal_nan=True)
            for other in chosen
        )
        if values.dtype.kind == "f" and not any(twins) and len(chosen) < _PANELS:
            chosen.append(column)
    return chosen


def _size(column: ColumnChange) -> float:
    """How much a column moved, over the width of what it spans."""
    if column.absolute is not None and column.new_range is not None:
        return column.absolute.size / (max(map(abs, column.new_range)) or 1.0)
    return float(column.old_range != column.new_range)


def _curves(
    table: Table, x: str, y: str, others: Sequence[str]
) -> Iterator[tuple[str, npt.NDArray, npt.NDArray]]:
    """At most three curves: first, middle and last of the first other axis, the middle of all further ones."""
    chosen: list[dict[str, float]] = [{}]
    for place, symbol in enumerate(others):
        values = table.unique(symbol)
        middle, last = len(values) // 2, len(values) - 1
        few = values[[middle]] if place else values[np.unique([0, middle, last])]
        chosen = [{**fixed, symbol: value} for fixed in chosen for value in few]
    for fixed in chosen:
        part = table.where(**fixed) if fixed else table
        name = ", ".join(f"{table.label(s)} = {_shown(value)}" for s, value in fixed.items())
        yield name, part[x], part[y]


def _shown(value: object) -> str:
    return typeset(float(value), 3) if isinstance(value, float) else str(value)
