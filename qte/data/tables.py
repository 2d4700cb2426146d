"""Tables: what a study computes, what a notebook draws, and the file between them.

A `Table` is a tidy frame (one row a point of the grid) whose columns carry their unit, meaning and
axis label. Its file (`qte.data.table_files`) is plain CSV under a commented JSON header. A digest covers
header and body: a truncated, edited or swapped file is refused with `DamagedTable` and never drawn.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.files import resolve
from qte.data import table_files
from qte.data.markdown import Markdown, describe
from qte.data.provenance import Provenance, provenance_of
from qte.data.table_files import DTYPES, DamagedTable, Header, Plain, Source, kind_of

__all__ = [
    "Column",
    "DamagedTable",
    "Markdown",
    "Provenance",
    "Table",
    "describe",
    "from_bytes",
    "header_of",
    "is_intact",
    "provenance_of",
    "read",
    "resolve",
    "write",
]

Array: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True)
class Column:
    r"""A column's name and what it means.

    Parameters
    ----------
    symbol : str
        Name of the column, such as ``"J"`` or ``"T_h"``.
    unit : str
        Unit as text, such as ``"eps_h"``; ``"1"`` for a pure number.
    meaning : str
        One line of plain words.
    label : str
        Axis label in matplotlib's mathtext, such as ``r"$J_{ss}/\varepsilon_h$"``.
    may_be_nan : bool
        Whether a row may lack this value (no threshold exists there, say). Everything else refuses NaN.
    """

    symbol: str
    unit: str
    meaning: str
    label: str
    may_be_nan: bool = False

    def __post_init__(self) -> None:
        for name in ("symbol", "unit", "meaning", "label"):
            check.instance(name, getattr(self, name), str)
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", self.symbol):
            raise ValueError(
                f"Column symbol must be letters, digits and underscores, but got {self.symbol!r}"
            )


@dataclass(frozen=True, eq=False)
class Table:
    """A tidy frame with the meaning of its columns.

    Parameters
    ----------
    frame : DataFrame, shape (n_rows, n_columns)
        Columns of floats, integers, booleans or strings. Rows in C order of the study's grid.
    columns : tuple of Column
        One for each column of the frame, in its order.
    facts : mapping
        JSON scalars, or flat lists of them, that belong to the whole table: roots, error bounds, methods.
    provenance : Provenance or None
        Set by `read`.

    Raises
    ------
    ValueError
        If frame and columns disagree, a value is NaN in a column that does not declare ``may_be_nan``, or a
        type is not one that a file can hold exactly.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    facts: Mapping[str, Plain] = field(default_factory=dict)
    provenance: Provenance | None = None

    def __post_init__(self) -> None:
        check.instance("frame", self.frame, pd.DataFrame)
        check.instance("facts", self.facts, Mapping)
        columns = tuple(self.columns) if isinstance(self.columns, Iterable) else ()
        if not columns or not all(isinstance(column, Column) for column in columns):
            raise ParameterError("columns", self.columns, "be a sequence of Column")
        object.__setattr__(self, "columns", columns)
        symbols = [column.symbol for column in self.columns]
        if list(self.frame.columns) != symbols:
            raise ValueError(
                f"The frame has columns {list(self.frame.columns)}, but they are described as {symbols}"
            )
        if len(set(symbols)) != len(symbols) or not symbols:
            raise ValueError(f"A table needs columns with different names, but got {symbols}")
        data = {column.symbol: _storable(column, self.frame[column.symbol]) for column in self.columns}
        object.__setattr__(self, "frame", pd.DataFrame(data))
        for name, fact in self.facts.items():
            _check_fact(name, fact)

    @classmethod
    def from_grid(
        cls,
        *,
        axes: Mapping[str, npt.ArrayLike],
        values: Mapping[str, npt.ArrayLike],
        columns: Sequence[Column],
        facts: Mapping[str, Plain] | None = None,
    ) -> Table:
        """Tidy frame of arrays over a Cartesian grid, rows in C order (the last axis runs fastest).

        Parameters
        ----------
        axes : mapping of str to array_like, each of shape (n_i,)
            Grid axes, slowest first. Together they span a grid of shape (n_1, n_2, ...).
        values : mapping of str to array_like
            Arrays that broadcast to the grid's shape.
        columns : sequence of Column
            Descriptions; they set the order of the columns.
        facts : mapping, optional
            See `Table`.

        Raises
        ------
        ValueError
            If an axis is not one-dimensional or a value does not broadcast to the grid.

        Examples
        --------
        >>> columns = [Column("g", "eps", "coupling", "$g$"), Column("T", "eps", "temperature", "$T$"),
        ...            Column("J", "eps^2", "current", "$J$")]
        >>> Table.from_grid(
        ...     axes={"g": [1.0, 2.0], "T": [0.1, 0.2]}, values={"J": [[1.0, 2.0], [3.0, 4.0]]}, columns=columns
        ... ).frame
             g    T    J
        0  1.0  0.1  1.0
        1  1.0  0.2  2.0
        2  2.0  0.1  3.0
        3  2.0  0.2  4.0
        """
        points = {name: np.asarray(axis) for name, axis in axes.items()}
        for name, axis in points.items():
            if axis.ndim != 1:
                raise ValueError(f"Axis `{name}` must be one-dimensional, but has shape {axis.shape}")
        shape = tuple(axis.size for axis in points.values())
        mesh = np.meshgrid(*points.values(), indexing="ij") if points else []
        arrays = dict(zip(points, mesh, strict=True)) | {
            name: np.asarray(value) for name, value in values.items()
        }
        data = {}
        for column in columns:
            if column.symbol not in arrays:
                raise ValueError(
                    f"Column `{column.symbol}` is described, but neither an axis nor a value has that name"
                )
            array = arrays[column.symbol]
            try:
                data[column.symbol] = np.broadcast_to(array, shape).ravel()
            except ValueError:
                raise ValueError(
                    f"Value `{column.symbol}` of shape {array.shape} does not broadcast to the grid {shape}"
                ) from None
        if missing := set(arrays) - set(data):
            raise ValueError(f"No column describes {sorted(missing)}")
        return cls(pd.DataFrame(data), tuple(columns), dict(facts or {}))

    @property
    def name(self) -> str:
        """Name of the table; empty for one that was not read from a file."""
        return self.provenance.table if self.provenance else ""

    @property
    def params(self) -> dict[str, Plain]:
        """Parameters of the study as plain data; empty for a table that was not read from a file."""
        return dict(self.provenance.params) if self.provenance else {}

    @property
    def ours(self) -> tuple[str, ...]:
        """Names of the parameters that the paper leaves open."""
        return self.provenance.ours if self.provenance else ()

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, symbol: str) -> Array:
        """Values of a column, shape (n_rows,)."""
        return np.asarray(self.frame[self.column(symbol).symbol])

    def column(self, symbol: str) -> Column:
        """Description of a column; `KeyError` names the columns there are."""
        for column in self.columns:
            if column.symbol == symbol:
                return column
        there = ", ".join(c.symbol for c in self.columns)
        # people look into their own file, not into what was made of it
        of_data = self.provenance is not None and self.provenance.is_data
        place = f" in {self.params['file']}" if of_data else ""
        raise KeyError(f"No column `{symbol}`; there are {there}{place}")

    def label(self, symbol: str) -> str:
        """Axis label of a column."""
        return self.column(symbol).label

    def unique(self, symbol: str) -> Array:
        """Different values of a column in the order in which they first appear."""
        return np.asarray(self.frame[self.column(symbol).symbol].unique())

    def where(self, **fixed: float | str | bool) -> Table:
        """Rows in which the named columns have the given values (floats to 1e-12 relative).

        Raises
        ------
        KeyError
            If a column does not exist.
        ValueError
            If no row matches; the message lists the values there are.
        """
        keep = np.ones(len(self), dtype=bool)
        for symbol, value in fixed.items():
            here = self[symbol]
            is_number = isinstance(value, (int, float, np.integer, np.floating)) and abs(value) < 2**1023
            close = here.dtype.kind == "f" and is_number
            match = np.asarray(np.isclose(here, value, rtol=1e-12, atol=0.0) if close else here == value)
            if not match.any():
                there = ", ".join(map(str, self.unique(symbol)[:12].tolist()))
                raise ValueError(f"No row has {symbol} = {value!r}; there are {there}")
            keep &= match
        if not keep.any():
            raise ValueError(f"No row has all of {fixed}")
        return replace(self, frame=self.frame[keep].reset_index(drop=True))

    def curves(self, x: str, y: str, by: str | Sequence[str]) -> Iterator[tuple[Any, Array, Array]]:
        """Curves y(x), one for each value of `by`, in order of first appearance.

        Parameters
        ----------
        x, y : str
            Columns.
        by : str or sequence of str
            Column that tells the curves apart, or several.

        Yields
        ------
        value : scalar, or tuple of scalars when `by` is a sequence
        x, y : ndarray, shape (n,)
        """
        keys = [by] if isinstance(by, str) else list(by)
        for symbol in (x, y, *keys):
            self.column(symbol)
        for value, rows in self.frame.groupby(keys, sort=False):
            yield (
                (value[0] if isinstance(by, str) else value),
                rows[x].to_numpy(),
                rows[y].to_numpy(),
            )

    def pivot(self, x: str, y: str, z: str) -> tuple[Array, Array, Array]:
        """Axes and map of z over (x, y), as `matplotlib` wants it.

        Returns
        -------
        x : ndarray, shape (nx,)
        y : ndarray, shape (ny,)
            Both ascending.
        z : ndarray, shape (ny, nx)

        Raises
        ------
        ValueError
            If a point of the map is missing or there twice (select with `where` first).
        """
        for symbol in (x, y, z):
            self.column(symbol)
        if self.frame.duplicated([x, y]).any():
            raise ValueError(f"Several rows share a point ({x}, {y}); select one of each with `where` first")
        wide = self.frame.pivot(index=y, columns=x, values=z)
        if wide.size != len(self):
            raise ValueError(
                f"The rows do not fill the map of {z} over ({x}, {y}): {len(self)} of {wide.size}"
            )
        return wide.columns.to_numpy(), wide.index.to_numpy(), wide.to_numpy()


def write(table: Table, path: str | os.PathLike[str], provenance: Provenance) -> None:
    """Write a table with its provenance; the same table gives the same bytes.

    Raises
    ------
    ValueError
        If the file's name is not the table's name.
    OSError
        If the file cannot be written; see `qte.common.files.replacing`.
    """
    if Path(path).stem != provenance.table:
        raise ValueError(
            f"Table `{provenance.table}` must go into a file of that name, but got {os.fspath(path)}"
        )
    table_files.write(path, header_of(table, provenance), [table_files.to_rows(table.frame)])


def read(path: str | os.PathLike[str]) -> Table:
    """Read and verify a table.

    Parameters
    ----------
    path : path
        Relative paths are looked up from the working directory upwards.

    Raises
    ------
    DamagedTable
        If the content is not what was written, or is another table's.
    FileNotFoundError
        If there is no such file.
    """
    file = resolve(path)
    return _parsed(file.read_bytes(), path, file)


def from_bytes(content: bytes, path: str | os.PathLike[str]) -> Table:
    """A table from the bytes of its file, verified as `read` does.

    Parameters
    ----------
    content : bytes
    path : path
        Where the file would be.

    Raises
    ------
    DamagedTable
        As `read`.
    """
    return _parsed(content, path, Path(path))


def header_of(table: Table, provenance: Provenance) -> Header:
    """What the file of a table says above its rows."""
    about = asdict(provenance)
    if not provenance.code:
        del about["code"]
    columns = (asdict(column) | {"type": kind_of(table.frame[column.symbol])} for column in table.columns)
    return Header(about, tuple(columns), table.facts)


def _parsed(content: bytes, path: str | os.PathLike[str], file: Path) -> Table:
    source = Source(path, content)
    rows = b"".join(source.rows())
    header = source.header()
    with table_files.understood(path):
        columns = tuple(Column(**{k: v for k, v in one.items() if k != "type"}) for one in header.columns)
        frame = table_files.to_frame(rows, header.columns)
        table = Table(frame, columns, header.facts, provenance_of(header))
    # a sound table in another one's place: swapped files both pass their checksums
    paper, name = header.about["paper"], header.about["table"]
    if file.stem != name or (file.parent.parent.name == "tables" and file.parent.name != paper):
        raise DamagedTable(path, f"it holds the table {paper}/{name}")
    return table


def is_intact(path: str | os.PathLike[str]) -> bool:
    """Whether `path` exists and `read` accepts it."""
    try:
        read(path)
    except (OSError, ValueError):
        return False
    return True


def _storable(column: Column, series: pd.Series) -> pd.Series:
    """The series in the one type of its kind that a file gives back exactly."""
    kind, name = kind_of(series), column.symbol
    if kind not in DTYPES:
        raise ValueError(
            f"Column `{name}` must hold floats, integers, booleans or strings, but holds {series.dtype}"
        )
    series = series.reset_index(drop=True)
    missing = series.isna().to_numpy()
    if missing.any() and (kind != "float" or not column.may_be_nan):
        raise ValueError(
            f"Column `{name}` is NaN in row {int(missing.argmax())}, and it does not declare may_be_nan"
        )
    if kind == "string" and not all(isinstance(text, str) and text.isprintable() for text in series):
        raise ValueError(f"Column `{name}` must hold strings of printable characters on one line")
    return series.astype(DTYPES[kind])


def _check_fact(name: str, fact: Plain) -> None:
    for item in fact if isinstance(fact, list | tuple) else [fact]:
        if not isinstance(item, str | bool | int | float | None):
            raise ValueError(
                f"Fact `{name}` must be a JSON scalar or a list of them, but holds {type(item).__name__}"
            )
        if isinstance(item, float) and math.isnan(item):
            raise ValueError(f"Fact `{name}` is NaN")
