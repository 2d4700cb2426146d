r"""The file of a table: what its bytes mean, read and written in one way, whole or piece by piece.

    # qte table 1 sha256=<digest of everything below this line>
    # {"paper": "khandelwal2020", "table": "fig2", ... "columns": [...], "facts": {...}}
    T_h,delta,J
    0.3,0.0,0.0012

Floats are written with their shortest round-trip form, so a table read back is the table written, bit
for bit, and the same table is always the same bytes. `qte.data.tables` gives all this a meaning.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import numpy as np

from qte.common.errors import QteError
from qte.common.files import replacing

if TYPE_CHECKING:
    import pandas as pd

Plain: TypeAlias = Any
"""What YAML and JSON hold: numbers, strings, booleans, None, lists and string-keyed mappings of them."""

DTYPES = {"float": "float64", "int": "int64", "bool": "bool", "string": "str"}
_KINDS = {"f": "float", "i": "int", "u": "int", "b": "bool"}
_FIRST_LINE = re.compile(rb"# qte table 1 sha256=([0-9a-f]{64})\n")
_FIRST_LENGTH = len(b"# qte table 1 sha256=\n") + 64
_PIECE = 2**20


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


@dataclass(frozen=True)
class Header:
    """What stands above the rows.

    Parameters
    ----------
    about : mapping
        Where the table comes from.
    columns : tuple of mapping
        Of each column its ``symbol``, its ``type`` (a key of `DTYPES`) and what else is said of it.
    facts : mapping
    """

    about: Mapping[str, Plain]
    columns: tuple[Mapping[str, Plain], ...]
    facts: Mapping[str, Plain]

    @property
    def symbols(self) -> list[str]:
        return [column["symbol"] for column in self.columns]

    def to_bytes(self) -> bytes:
        """Everything between the first line and the rows; one column a line, for people who open the file."""
        columns = ",\n  ".join(map(_dump, self.columns))
        entries = {**self.about, "facts": self.facts}
        lines = [f"{_dump(key)}: {_dump(value)}" for key, value in entries.items()]
        text = "{" + ",\n ".join([*lines, f'"columns": [\n  {columns}]']) + "}"
        return "".join([*(f"# {line}\n" for line in text.split("\n")), ",".join(self.symbols), "\n"]).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Header:
        """The same again; `KeyError`, `TypeError` or `ValueError` if it is no such header."""
        *comments, names = content.splitlines(keepends=True)
        entries = json.loads(b"".join(line.removeprefix(b"# ") for line in comments), object_hook=_decode)
        header = cls(columns=tuple(entries.pop("columns")), facts=entries.pop("facts"), about=entries)
        if names.decode().rstrip("\n").split(",") != header.symbols:
            raise ValueError("it names other columns than it describes")
        return header


@dataclass(frozen=True)
class Source:
    """The bytes of a table: those of a file, or those at hand.

    Parameters
    ----------
    path : path
        The file; for bytes at hand what messages call them.
    content : bytes, optional
    """

    path: str | os.PathLike[str]
    content: bytes | None = None

    def header(self) -> Header:
        """What stands above the rows, whether or not these are sound; `DamagedTable` if it cannot be read."""
        with self._open() as file, understood(self.path):
            return Header.from_bytes(self._begin(file)[1])

    def rows(self) -> Iterator[bytes]:
        """The rows piece by piece; `DamagedTable` after the last one if they are not those that were written."""
        with self._open() as file:
            expected, head = self._begin(file)
            digest = hashlib.sha256(head)
            while piece := file.read(_PIECE):
                digest.update(piece)
                yield piece
        if digest.hexdigest().encode() != expected:
            raise DamagedTable(self.path, "its content does not match its checksum (truncated or edited)")

    def _open(self) -> IO[bytes]:
        return Path(self.path).open("rb") if self.content is None else io.BytesIO(self.content)

    def _begin(self, file: IO[bytes]) -> tuple[bytes, bytes]:
        """The checksum and the header of an open table; leaves the file at the first row."""
        first = file.read(_FIRST_LENGTH)
        found = _FIRST_LINE.match(first)
        if not found:
            raise DamagedTable(self.path, "it does not begin like a table" if first else "it is empty")
        lines = []
        for line in iter(file.readline, b""):
            lines.append(line)
            if not line.startswith(b"# "):
                break
        return found[1], b"".join(lines)


@contextmanager
def understood(path: str | os.PathLike[str]) -> Iterator[None]:
    """A block that makes something of a header; what does not fit is a `DamagedTable`."""
    try:
        yield
    except DamagedTable:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedTable(path, f"its header is not one that this version writes ({error})") from error


def write(path: str | os.PathLike[str], header: Header, bodies: Iterable[bytes]) -> None:
    """Write a table whose rows come piece by piece; it appears whole or not at all.

    Raises
    ------
    OSError
        If the file cannot be written; names it.
    """
    head = header.to_bytes()
    digest = hashlib.sha256(head)
    with replacing(path) as file:
        file.write(_first_line("0" * 64) + head)
        for body in bodies:
            digest.update(body)
            file.write(body)
        file.seek(0)
        file.write(_first_line(digest.hexdigest()))


def to_rows(frame: pd.DataFrame) -> bytes:
    """The rows of a frame whose columns have types that a file knows."""
    cells = [_cells(frame[symbol]) for symbol in frame.columns]
    return "".join(f"{','.join(row)}\n" for row in zip(*cells, strict=True)).encode()


def to_frame(rows: bytes, columns: Sequence[Mapping[str, Plain]]) -> pd.DataFrame:
    """Rows in the declared types of their columns; only floats know a missing value."""
    # Here, not above, and once more below: whoever asks whether a file is sound parses no row.
    import pandas as pd

    types = {column["symbol"]: column["type"] for column in columns}
    return pd.read_csv(
        io.BytesIO(rows),
        header=None,
        names=list(types),
        index_col=False,
        dtype={symbol: DTYPES[kind] for symbol, kind in types.items()},
        keep_default_na=False,
        na_values={symbol: ["nan"] for symbol, kind in types.items() if kind == "float"},
    )


def kind_of(series: pd.Series) -> str:
    """Type of a series: a key of `DTYPES`, or its own name if a file does not know it."""
    import pandas as pd

    if pd.api.types.is_string_dtype(series.dtype):
        return "string"
    if not isinstance(series.dtype, np.dtype):
        return "?"
    return _KINDS.get(series.dtype.kind, str(series.dtype))


def _first_line(digest: str) -> bytes:
    return f"# qte table 1 sha256={digest}\n".encode()


def _cells(series: pd.Series) -> list[str]:
    import pandas as pd

    kind = kind_of(series)
    if kind == "float":
        # what comes again, as on an axis of a grid, is written out once: the same bits, so that -0.0 is not 0.0
        numbers = np.ascontiguousarray(series.to_numpy(np.float64))
        codes, bits = pd.factorize(numbers.view(np.int64))
        words = [repr(value) for value in bits.view(np.float64).tolist()]
        return [words[code] for code in codes.tolist()]
    values = series.to_list()
    if kind == "string":
        return ['"' + value.replace('"', '""') + '"' for value in values]
    return [str(value) for value in values]


def _dump(value: Plain) -> str:
    return json.dumps(_encode(value), ensure_ascii=False, allow_nan=False)


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
