"""Data of one's own, measured or computed elsewhere: a CSV file with a unit in every column's name.

    # Device 7, run of 12 March
    # J: heat current, mean of both contacts
    T_h [eps_h],J [eps_h^2],dJ [eps_h^2]
    0.3,1.2e-3,1.0e-4

Comments come first. One that begins with a column's symbol and a colon says what the column means. A pure number has
the unit ``[1]``; where a value is missing, the cell says ``nan``. A file in the form of `qte.data.tables` is taken as
well. What is read becomes a `Table` like any other: its provenance names the file and no study.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from qte.common.errors import QteError
from qte.data import tables
from qte.data.markdown import math_symbol
from qte.data.table_files import Source
from qte.data.tables import Column, Provenance, Table

__all__ = ["DataFileError", "provenance", "read", "symbols_of"]

_OF_OUR_FORM = b"# qte table "
_NAME = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*\[([^\[\]]+)\]\s*")
# A unit in the way of other programs: T_h (K), T_h/K, T_h {K}
_OTHER_UNIT = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(?:\(([^()]+)\)|\{([^{}]+)\}|/\s*(\S+))\s*")
# What other programs write where there is no value.
_MISSING = frozenset({"", "-", "--", "na", "n/a", "null", "none", "#n/a"})
# minus sign, en dash
_MINUS = {0x2212: "-", 0x2013: "-"}
_MEANING = re.compile(r"#\s*([A-Za-z][A-Za-z0-9_]*)\s*:\s*(\S.*?)\s*")


class DataFileError(QteError, ValueError):
    """A data file that cannot be taken as it is.

    Attributes
    ----------
    path : str
        The file as it was named.
    problem : str
        What is wrong with it, with its line.
    """

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"Data file {path}: {problem}.")

    def __reduce__(self) -> tuple[type[DataFileError], tuple[str, str]]:
        return type(self), (self.path, self.problem)


def provenance(paper: str, table: str, file: str, sha256: str = "") -> Provenance:
    """Where a table of data comes from: a file and its checksum, which is empty for what a rule makes anew."""
    params = {"file": file} | ({"sha256": sha256} if sha256 else {})
    return Provenance(paper, table, "", params)


def symbols_of(content: bytes, name: str) -> list[str]:
    """Symbols of the columns, whatever the rows hold.

    Raises
    ------
    DataFileError
        It is no text, or a column has no unit.
    """
    if content.startswith(_OF_OUR_FORM):
        with _understood(name):
            return Source(name, content).header().symbols
    return [column.symbol for column in _columns(_lines(content, name), name)[0]]


def read(content: bytes, name: str) -> Table:
    """The table that a data file holds.

    Parameters
    ----------
    content : bytes
    name : str
        What messages call it.

    Returns
    -------
    Table
        Columns of floats; without provenance.

    Raises
    ------
    DataFileError
        A column without a unit, a cell that is no number, a row of another length, no rows.

    Examples
    --------
    >>> table = read(b"# J: heat current\\nT [eps],J [eps^2]\\n0.5,1e-3\\n1,nan\\n", "data/mine.csv")
    >>> print(table.column("J").meaning, table.label("T"), table["T"])
    heat current $T/\\varepsilon$ [0.5 1. ]
    """
    if content.startswith(_OF_OUR_FORM):
        with _understood(name):
            about = Source(name, content).header().about
            found = tables.from_bytes(content, Path(about["paper"], f"{about['table']}.csv"))
            return Table(found.frame, found.columns, found.facts)
    lines = _lines(content, name)
    columns, first = _columns(lines, name)
    rows = []
    for number, cells in zip(range(first, len(lines) + 1), csv.reader(lines[first - 1 :]), strict=False):
        if cells:
            rows.append(_row(cells, columns, number, name))
    if not rows:
        raise DataFileError(name, "it has no rows below the names of its columns")
    values = np.array(rows)
    frame = pd.DataFrame({column.symbol: values[:, k] for k, column in enumerate(columns)})
    return Table(frame, columns)


@contextmanager
def _understood(name: str) -> Iterator[None]:
    """Errors of a file in the project's own form become those of a data file."""
    try:
        yield
    except tables.DamagedTable as error:
        raise DataFileError(name, error.reason) from None


def _lines(content: bytes, name: str) -> list[str]:
    try:
        return re.split(r"\r\n|\r|\n", content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DataFileError(name, f"it is not UTF-8 text (byte {error.start})") from None


def _columns(lines: list[str], name: str) -> tuple[tuple[Column, ...], int]:
    """The columns, and the number of the first line below their names."""
    meanings = {}
    for number, line in enumerate(lines, start=1):
        if found := _MEANING.fullmatch(line):
            meanings[found[1]] = found[2]
        elif line.strip() and not line.startswith("#"):
            return _named(line, meanings, number, name), number + 1
    raise DataFileError(name, "it has no line with the names of its columns")


def _named(line: str, meanings: dict[str, str], number: int, name: str) -> tuple[Column, ...]:
    if "," not in line and (other := re.search(r"[;\t]", line)):
        raise DataFileError(
            name,
            f"line {number}: its columns must be parted by commas, not by {other[0]!r}; a decimal is written 0.3",
        )
    columns = []
    for cell in next(csv.reader([line])):
        found = _NAME.fullmatch(cell)
        if not found:
            raise DataFileError(name, f"line {number}: {_no_name(cell.strip())}")
        symbol, unit = found[1], found[2].strip()
        meaning = meanings.get(symbol, f"{symbol}, as {Path(name).name} gives it")
        columns.append(Column(symbol, unit, meaning, _label(symbol, unit), may_be_nan=True))
    symbols = [column.symbol for column in columns]
    if twice := [symbol for symbol in symbols if symbols.count(symbol) > 1]:
        raise DataFileError(name, f"line {number}: two columns are called {twice[0]}")
    return tuple(columns)


def _label(symbol: str, unit: str) -> str:
    """What an axis says: J/eps where the unit is an energy of the machine, else J (unit)."""
    name = math_symbol(symbol)
    if not name.startswith("$"):
        name = symbol
    elif re.fullmatch(r"eps(_[a-z]+)?(\^\d)?", unit):
        head, power, exponent = unit.partition("^")
        return f"${name.strip('$')}/{math_symbol(head).strip('$')}{power}{exponent}$"
    return name if unit == "1" else f"{name} ({unit})"


def _no_name(cell: str) -> str:
    symbol = re.match(r"[A-Za-z][A-Za-z0-9_]*(?=\s*(\[\s*\])?\s*$)", cell)
    if symbol:
        return f"the column {symbol[0]} has no unit; write {symbol[0]} [eps], or {symbol[0]} [1] for a pure number"
    if other := _OTHER_UNIT.fullmatch(cell):
        unit = next(filter(None, other.groups()[1:])).strip()
        return f"{cell!r} has its unit in another way; write {other[1]} [{unit}]"
    return f"{cell[:40]!r} names no column; write a symbol and its unit, such as T_h [eps]"


def _row(cells: list[str], columns: tuple[Column, ...], number: int, name: str) -> list[float]:
    if cells[0].startswith("#"):
        raise DataFileError(name, f"line {number}: comments stand above the names of the columns")
    if len(cells) != len(columns):
        count = f"{len(cells)} cell{'s' if len(cells) > 1 else ''}, and there are {len(columns)} columns"
        more = "; a decimal is written 0.3, not 0,3" if len(cells) > len(columns) else ""
        raise DataFileError(name, f"line {number}: it has {count}{more}")
    values = []
    for cell, column in zip(cells, columns, strict=True):
        if problem := _problem(cell):
            raise DataFileError(name, f"line {number}: {column.symbol} {problem}")
        values.append(float(cell))
    return values


def _problem(cell: str) -> str:
    """What is wrong with a cell; empty for a number that can be computed with, and for nan."""
    try:
        value = float(cell)
    except ValueError:
        what = f"{cell[:40]!r} is no number" if cell.strip() else "is empty"
        if cell.strip().lower() in _MISSING:
            return f"{what}; write nan where there is no value"
        typed = cell.strip().translate(_MINUS)
        typed = typed.replace(",", ".") if typed.count(",") == 1 and "." not in typed else typed
        return f"{what} (write {typed})" if re.fullmatch(r"[-+]?\d*\.?\d+([eE][-+]?\d+)?", typed) else what
    if math.isinf(value):
        return "is infinite" if "inf" in cell.lower() else f"{cell[:40]!r} is larger than any number here"
    if value == 0 and re.match(r"[-+]?[0.]*[1-9]", cell.strip()):
        return f"{cell[:40]!r} is closer to 0 than any number here; write 0"
    return ""
