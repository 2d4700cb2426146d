"""The page of a variant: what was changed, both drawings of every figure side by side, the largest differences."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from qte.common import text
from qte.data import tables
from qte.data.markdown import math_symbol
from workflow.plan import manifests
from workflow.plan.variants import Change, VariantPlan
from workflow.report import site
from workflow.report.announcements import counted
from workflow.report.variant import numbers as variant_numbers
from workflow.report.variant import together
from workflow.report.variant.numbers import (
    APART,
    COMMON_POINTS,
    IN_ORDER,
    ColumnChange,
    Extreme,
    TableChange,
)
from workflow.verify import differences

TEMPLATE = "variant.html"
# Longer lists are told by their ends.
_LONGEST_LIST = 8
_HEAD = [
    "paper",
    "table",
    "column",
    "unit",
    "paired",
    "rows_compared",
    "rows_that_differ",
    "largest_difference",
    "there",
    "standard",
    "variant",
    "largest_relative_difference",
    "there_relative",
    "standard_relative",
    "variant_relative",
    "standard_min",
    "standard_max",
    "variant_min",
    "variant_max",
]


@dataclass(frozen=True)
class TableShown:
    """A table that a figure draws: how it compares, or None if there is nothing to compare.

    Attributes
    ----------
    together : str
        Both in one frame, as a data URI; empty if there is no such drawing.
    """

    paper: str
    name: str
    is_own: bool
    change: TableChange | None
    sentence: str
    together: str = ""


@dataclass(frozen=True)
class FigureShown:
    """A figure of the variant, with what stands beside it.

    Attributes
    ----------
    downloads, standard_downloads : list of (str, str)
        Label and link, relative to the page; the second is empty for a figure that the standard does not have.
    same_picture : bool
        Whether both drawings are the same, pixel for pixel.
    """

    paper: str
    name: str
    title: str
    caption: str
    picture: str
    standard_picture: str
    downloads: list[tuple[str, str]]
    standard_downloads: list[tuple[str, str]]
    same_picture: bool
    tables: list[TableShown]
    differs: list[str]

    @property
    def anchor(self) -> str:
        return f"{self.paper}-{self.name}"

    @property
    def own(self) -> list[TableShown]:
        return [table for table in self.tables if table.is_own]

    @property
    def unchanged(self) -> list[TableShown]:
        """Tables that it draws as they are in the standard."""
        return [table for table in self.tables if not table.is_own]


@dataclass(frozen=True)
class Content:
    """All that the page shows."""

    name: str
    changes: list[Change]
    figures: list[FigureShown]
    tables: list[TableShown]
    lead: str


def content(variant: VariantPlan) -> Content:
    """Compare a variant that was built with the standard."""
    compared = {key: _table(variant, *key) for key in variant.tables}
    figures = [_figure(variant, compared, *key) for key in variant.figures]
    return Content(variant.name, list(variant.changes()), figures, list(compared.values()), counted(variant))


def as_html(shown: Content) -> bytes:
    """The page itself."""
    return site.render(
        TEMPLATE,
        title=f"Variant {shown.name}",
        root=".",
        shown=shown,
        symbol=math_symbol,
        value=partial(text.parameter, longest=_LONGEST_LIST, number=text.typeset),
        number=text.typeset,
        digits=lambda size: text.typeset(size, 3),
        percent=lambda size: f"{text.typeset(100 * size, 3)} %",
        APART=APART,
    )


def as_csv(shown: Content) -> bytes:
    """One line a column of every table compared; numbers in full."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_HEAD)
    for table in shown.tables:
        for column in table.change.columns if table.change else ():
            writer.writerow([table.paper, table.name, *_line(table.change, column)])
    return buffer.getvalue().encode()


def _table(variant: VariantPlan, paper: str, table: str) -> TableShown:
    if not variant.has_standard("tables", (paper, table)):
        return TableShown(paper, table, True, None, "The standard has no such table.")
    old, new = (tables.read(a_plan.table_file(paper, table)) for a_plan in (variant.standard, variant))
    change = variant_numbers.compare(old, new)
    return TableShown(paper, table, True, change, _sentence(change), together.picture(old, new, change))


def _sentence(change: TableChange) -> str:
    """How the rows of two tables were paired."""
    old, new, compared = change.rows
    differing = [axis for axis in change.axes if axis.differs]
    axes = "; ".join(f"{axis.symbol}: {_axis(axis.old)} → {_axis(axis.new)}" for axis in differing)
    if not change.axes:
        return f"The two tables are not over the same coordinates ({old} and {new} rows): only ranges can be compared."
    if change.pairing == APART:
        return f"The two grids have no point in common ({axes}): only ranges can be compared."
    if change.pairing == COMMON_POINTS:
        return (
            f"The grids differ ({axes}). Compared: the {_rows(compared)} at points that both have, of {old} in the "
            f"standard and {new} in the variant."
        )
    if change.pairing == IN_ORDER:
        return f"Compared value by value in their order ({axes}), {_rows(compared)}."
    return f"Both are over the same points: {_rows(compared)} compared."


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"


def _axis(values: Any) -> str:
    if len(values) <= _LONGEST_LIST:
        return ", ".join(text.typeset(value, 6) for value in values)
    return f"{text.typeset(values[0], 6)} … {text.typeset(values[-1], 6)} ({len(values)})"


def _figure(
    variant: VariantPlan, compared: Mapping[tuple[str, str], TableShown], paper: str, figure: str
) -> FigureShown:
    entry = variant.entry("figures", paper, figure)
    drawn = variant.places.drawn(paper, figure)
    before = {copy: copy for copy in variant.beside()}
    folder = variant.places.results
    stem = f"{folder}/standard/{variant.standard.places.stem(paper, figure)}"
    standard = {
        form: before[f"{stem}.{form}"] for form in ("pdf", "svg", "png") if f"{stem}.{form}" in before
    }
    same = (
        bool(standard)
        and len({differences.pixels(Path(file["png"]).read_bytes()) for file in (standard, drawn)}) == 1
    )
    shown = [
        compared.get(key) or TableShown(*key, False, None, "")
        for key in variant.table_keys(paper, figure).values()
    ]
    inside = {name: file.removeprefix(f"{folder}/") for name, file in (drawn | {"": stem}).items()}
    words = manifests.read(Path(variant.places.manifest(paper, figure)))
    assert words is not None, "drawn figures have their manifest"
    return FigureShown(
        paper,
        figure,
        words["title"],
        words["caption"],
        inside["svg"],
        f"{inside['']}.svg" if standard else "",
        list(_downloads(inside, list(variant.tables_of(paper, figure).items()), folder)),
        [(form.upper(), file.removeprefix(f"{folder}/")) for form, file in standard.items()]
        + [
            (f"{name}.csv", f"standard/{file.removeprefix('results/')}")
            for name, file in (variant.standard.tables_of(paper, figure) if standard else {}).items()
        ],
        same,
        shown,
        _differences(variant, paper, figure, entry["tables"]),
    )


def _differences(variant: VariantPlan, paper: str, figure: str, used: list[str]) -> list[str]:
    """Parameters of a figure and its tables that are not the standard's, for its caption."""
    return [
        f"{change.what} = {text.parameter(change.new, _LONGEST_LIST, text.typeset)}"
        f" (standard: {text.parameter(change.old, _LONGEST_LIST, text.typeset)})"
        for change in variant.changes()
        if change.is_param
        and change.paper == paper
        and (change.name == figure if change.kind == "figure" else change.name in used)
    ]


def _downloads(
    inside: Mapping[str, str], used: list[tuple[str, str]], folder: str
) -> Iterator[tuple[str, str]]:
    for form in ("pdf", "svg", "png"):
        yield form.upper(), inside[form]
    yield "notebook", inside["notebook"]
    for name, file in used:
        if file.startswith(f"{folder}/"):
            yield f"{name}.csv", file.removeprefix(f"{folder}/")


def _line(change: TableChange, column: ColumnChange) -> Iterator[Any]:
    yield from (column.column.symbol, column.column.unit, change.pairing, column.rows, column.moved)
    for extreme in (column.absolute, column.relative):
        yield from _cells(extreme)
    for span in (column.old_range, column.new_range):
        yield from map(repr, span) if span else ("", "")


def _cells(extreme: Extreme | None) -> tuple[str, str, str, str]:
    if extreme is None:
        return "0.0", "", "", ""
    at = "; ".join(f"{symbol} = {value}" for symbol, value in extreme.at)
    return repr(extreme.size), at, repr(extreme.old), repr(extreme.new)
