r"""Tables: what a study computes, what a notebook draws, and the file between them.

A `Table` is a tidy frame (one row a point of the grid) whose columns carry their unit, meaning and
axis label. Its file is plain CSV under a commented JSON header:

    # qte table 1 sha256=<digest of everything below this line>
    # {"paper": "khandelwal2020", "table": "fig2", ... "columns": [...], "facts": {...}}
    T_h,delta,J
    0.3,0.0,0.0012

Floats are written with their shortest round-trip form, so a table read back is the table written, bit
for bit, and the same table is always the same bytes. The digest covers header and body: a truncated,
edited or swapped file is refused with `DamagedTable` and never drawn.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from qte.common.errors import QteError
from qte.common.files import resolve, write_atomically
from qte.data.columns import DTYPES, Column, Plain, Provenance, check_fact, kind_of, storable
from qte.data.markdown import Markdown, describe

__all__ = [
    "Column",
    "DamagedTable",
    "Markdown",
    "Provenance",
    "Table",
    "describe",
    "is_intact",
    "read",
    "resolve",
    "write",
]

Array: TypeAlias = npt.NDArray[Any]
_MAGIC = re.compile(rb"# qte table 1 sha256=([0-9a-f]{64})\n")


class DamagedTable(QteError, ValueError):
    """A table file whose content is not what was written into it.

    Attributes
    ----------
    path : Path
        The file.
    reason : str
        What is wrong with it.
    """

    def __init__(self, path: str | os.PathLike[str], reason: str) -> None:
        self.path = Path(path)
        self.reason = reason
        super().__init__(
            f"Table {os.fspath(path)} is damaged: {reason}. "
            "Remove this file and run again; it will be computed anew."
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.reason)


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
        object.__setattr__(self, "columns", tuple(self.columns))
        symbols = [column.symbol for column in self.columns]
        if list(self.frame.columns) != symbols:
            raise ValueError(
                f"The frame has columns {list(self.frame.columns)}, but they are described as {symbols}"
            )
        if len(set(symbols)) != len(symbols) or not symbols:
            raise ValueError(f"A table needs columns with different names, but got {symbols}")
        data = {column.symbol: storable(column, self.frame[column.symbol]) for column in self.columns}
        object.__setattr__(self, "frame", pd.DataFrame(data))
        for name, fact in self.facts.items():
            check_fact(name, fact)

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
        raise KeyError(f"No column `{symbol}`; there are {', '.join(c.symbol for c in self.columns)}")

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
            match = np.isclose(here, value, rtol=1e-12, atol=0.0) if here.dtype.kind == "f" else here == value
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


def _encode(value: Plain) -> Plain:
    """Plain data as strict JSON, which has no infinity and no NumPy numbers."""
    if isinstance(value, Mapping):
        return {str(key): _encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encode(item) for item in value]
    if isinstance(value, np.generic):
        return _encode(value.item())
    if isinstance(value, float) and math.isinf(value):
        return {"$float": repr(value)}
    return value


def _decode(value: dict[str, Plain]) -> Plain:
    return float(value["$float"]) if value.keys() == {"$float"} else value


def _to_json(header: Mapping[str, Plain]) -> str:
    """JSON with one entry a line, and one column a line, for people who open the file."""

    def dump(value: Plain) -> str:
        return json.dumps(_encode(value), ensure_ascii=False, allow_nan=False)

    entries = dict(header)
    columns = ",\n  ".join(map(dump, entries.pop("columns")))
    lines = [f"{dump(key)}: {dump(value)}" for key, value in entries.items()]
    return "{" + ",\n ".join([*lines, f'"columns": [\n  {columns}]']) + "}"


def _cells(series: pd.Series) -> list[str]:
    kind = kind_of(series)
    values = series.to_list()
    if kind == "float":
        return [repr(value) for value in values]
    if kind == "string":
        return ['"' + value.replace('"', '""') + '"' for value in values]
    return [str(value) for value in values]


def _to_bytes(table: Table, provenance: Provenance) -> bytes:
    about = asdict(provenance)
    if not provenance.code:
        del about["code"]
    header = {
        **about,
        "columns": [
            asdict(column) | {"type": kind_of(table.frame[column.symbol])} for column in table.columns
        ],
        "facts": table.facts,
    }
    text = _to_json(header)
    lines = [f"# {line}" for line in text.split("\n")]
    lines.append(",".join(column.symbol for column in table.columns))
    lines.extend(map(",".join, zip(*(_cells(table.frame[c.symbol]) for c in table.columns), strict=True)))
    content = ("\n".join(lines) + "\n").encode()
    return f"# qte table 1 sha256={hashlib.sha256(content).hexdigest()}\n".encode() + content


def write(table: Table, path: str | os.PathLike[str], provenance: Provenance) -> None:
    """Write a table with its provenance; the same table gives the same bytes.

    Raises
    ------
    ValueError
        If the file's name is not the table's name.
    OSError
        If the file cannot be written; see `write_atomically`.
    """
    if Path(path).stem != provenance.table:
        raise ValueError(
            f"Table `{provenance.table}` must go into a file of that name, but got {os.fspath(path)}"
        )
    write_atomically(path, _to_bytes(table, provenance))


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
    content = file.read_bytes()
    magic = _MAGIC.match(content)
    if not magic:
        raise DamagedTable(path, "it does not begin like a table" if content else "it is empty")
    rest = content[magic.end() :]
    if hashlib.sha256(rest).hexdigest().encode() != magic[1]:
        raise DamagedTable(path, "its content does not match its checksum (truncated or edited)")
    cut = re.match(rb"(?:# .*\n)*", rest)
    assert cut is not None
    try:
        header = json.loads(re.sub(rb"(?m)^# ", b"", cut[0]), object_hook=_decode)
        columns, facts = header.pop("columns"), header.pop("facts")
        provenance = Provenance(**header | {"ours": tuple(header["ours"])})
        types = {column["symbol"]: column.pop("type") for column in columns}
        frame = _to_frame(rest[cut.end() :], types)
        table = Table(frame, tuple(Column(**column) for column in columns), facts, provenance)
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedTable(path, f"its header is not one that this version writes ({error})") from error
    _check_place(path, file, provenance)
    return table


def _to_frame(body: bytes, types: Mapping[str, str]) -> pd.DataFrame:
    """The CSV body in its declared types; only floats know a missing value."""
    return pd.read_csv(
        io.BytesIO(body),
        dtype={symbol: DTYPES[kind] for symbol, kind in types.items()},
        keep_default_na=False,
        na_values={symbol: ["nan"] for symbol, kind in types.items() if kind == "float"},
    )


def _check_place(path: str | os.PathLike[str], file: Path, provenance: Provenance) -> None:
    """Refuse a sound table in another one's place: swapped files both pass their checksums."""
    wrong_name = file.stem != provenance.table
    wrong_paper = file.parent.parent.name == "tables" and file.parent.name != provenance.paper
    if wrong_name or wrong_paper:
        raise DamagedTable(path, f"it holds the table {provenance.paper}/{provenance.table}")


def is_intact(path: str | os.PathLike[str]) -> bool:
    """Whether `path` exists and `read` accepts it."""
    try:
        read(path)
    except (OSError, ValueError):
        return False
    return True
