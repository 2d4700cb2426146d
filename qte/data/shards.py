"""Tables in parts: the files of shards, and the table that they make together.

A shard is a table file of its own, with its own checksum; its name in the header is that
of the table and its range of points, such as ``robustness.0-16384``.  Gathering copies
the rows one shard after the other and checks each on the way, so it takes no more memory
for a large table than for a small one, and gives the bytes that `qte.data.tables.write` would.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pandas as pd

from qte.common.errors import QteError
from qte.common.files import _sync_folder
from qte.data.columns import DTYPES
from qte.data.partitioned import BLOCK, Divisible
from qte.data.tables import _MAGIC, Column, DamagedTable, Provenance, Table, _decode, _to_bytes

__all__ = ["MixedShards", "gather", "shard_of", "verify", "write"]

_PIECE = 2**20
_MAGIC_LENGTH = len(b"# qte table 1 sha256=\n") + 64


class MixedShards(QteError, ValueError):
    """Files that are not the shards of one table, in order and without a gap."""


def shard_of(provenance: Provenance, start: int, stop: int) -> Provenance:
    """Provenance of the shard that holds the points from `start` up to `stop`."""
    return replace(provenance, table=f"{provenance.table}.{start}-{stop}")


def write(
    study: Divisible, path: str | os.PathLike[str], provenance: Provenance, start: int, stop: int
) -> None:
    """Compute the rows from `start` up to `stop` and write them, block by block.

    Parameters
    ----------
    study : Divisible
    path : path
        Appears whole or not at all.
    provenance : Provenance
        The table's for all rows, `shard_of` it for some.
    start, stop : int

    Raises
    ------
    ParameterError
        If there are no such points.
    OSError
        If the file cannot be written; names it.
    """
    parts = _parts(study, provenance, start, stop)
    head, body = next(parts)
    _stream(path, head, _bodies(path, head, body, parts))


def gather(
    paths: Sequence[str | os.PathLike[str]],
    path: str | os.PathLike[str],
    provenance: Provenance,
    points: int,
) -> None:
    """Put the shards of a table together.

    Parameters
    ----------
    paths : sequence of path
        In the order of their points.
    path : path
        The table; appears whole or not at all.
    provenance : Provenance
        The table's, with the code that its shards must come from; the table itself holds none.
    points : int
        How many the table has.

    Raises
    ------
    DamagedTable
        If a shard is not what was written; names it.
    MixedShards
        If the shards are not those of one table, in order and complete.
    OSError
        If a file cannot be read or written; names it.
    """
    stop, columns = 0, None
    for file in paths:
        have, entries = _head(file)
        start, after = _range(have)
        expected = shard_of(provenance, start, after)
        if have != expected or start != stop or columns not in (None, entries):
            raise MixedShards(f"Shard {os.fspath(file)} does not follow the shards before it")
        stop, columns = after, entries
    if stop != points or columns is None:
        raise MixedShards(f"The shards of {os.fspath(path)} end at point {stop} of {points}")
    head = _split(_to_bytes(_empty(columns), replace(provenance, code="")))[0]
    _stream(path, head, (piece for file in paths for piece in _checked(file)))


def verify(path: str | os.PathLike[str]) -> Provenance:
    """Where a table or shard comes from, its checksum verified without reading the rows into memory.

    Raises
    ------
    DamagedTable
        If its content is not what was written.
    OSError
        If it cannot be read.
    """
    for _ in _checked(path):
        pass
    return _head(path)[0]


def _range(provenance: Provenance) -> tuple[int, int]:
    found = re.fullmatch(r"[a-z0-9_]+\.(\d+)-(\d+)", provenance.table)
    if not found:
        raise MixedShards(f"The table {provenance.paper}/{provenance.table} is not a shard")
    return int(found[1]), int(found[2])


def _parts(study: Divisible, provenance: Provenance, start: int, stop: int) -> Iterator[tuple[bytes, bytes]]:
    """Header and rows of one block after the other."""
    while start < stop:
        after = min(stop, (start // BLOCK + 1) * BLOCK)
        yield _split(_to_bytes(study.part(start, after), provenance))
        start = after


def _bodies(
    path: str | os.PathLike[str], head: bytes, body: bytes, others: Iterable[tuple[bytes, bytes]]
) -> Iterator[bytes]:
    yield body
    for other, body in others:
        if other != head:
            raise MixedShards(
                f"The parts of {os.fspath(path)} have different columns or facts; a divisible study has the same in all"
            )
        yield body


def _split(content: bytes) -> tuple[bytes, bytes]:
    """Header, with the names of the columns, and rows of a table without its first line."""
    rest = content[_MAGIC_LENGTH:]
    found = re.match(rb"(?:# .*\n)*.*\n", rest)
    assert found is not None
    return found[0], rest[found.end() :]


def _stream(path: str | os.PathLike[str], head: bytes, bodies: Iterable[bytes]) -> None:
    """Write a table atomically whose rows come piece by piece; its first line is known last."""
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            digest = hashlib.sha256(head)
            file.write(_first_line("0" * 64))
            file.write(head)
            for body in bodies:
                digest.update(body)
                file.write(body)
            file.seek(0)
            file.write(_first_line(digest.hexdigest()))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        if error.filename not in (None, os.fspath(temporary)):
            raise
        raise OSError(error.errno, f"cannot write: {error.strerror}", os.fspath(path)) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _first_line(digest: str) -> bytes:
    return f"# qte table 1 sha256={digest}\n".encode()


def _head(path: str | os.PathLike[str]) -> tuple[Provenance, dict[str, Any]]:
    """Provenance of a table, its columns and facts, and where its rows begin."""
    with Path(path).open("rb") as file:
        header = _opened(path, file)[1]
        try:
            entries = json.loads(re.sub(rb"(?m)^# ", b"", header), object_hook=_decode)
            about = {name: entries.pop(name) for name in list(entries) if name not in ("columns", "facts")}
            return Provenance(**about | {"ours": tuple(about["ours"])}), entries
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedTable(path, f"its header is not one that this version writes ({error})") from error


def _opened(path: str | os.PathLike[str], file: IO[bytes]) -> tuple[bytes, bytes]:
    """Digest and header of an open table; leaves the file at the first row."""
    magic = _MAGIC.match(file.read(_MAGIC_LENGTH))
    if not magic:
        raise DamagedTable(path, "it does not begin like a table")
    lines = []
    for line in iter(file.readline, b""):
        if not line.startswith(b"# "):
            break
        lines.append(line)
    return magic[1], b"".join(lines)


def _checked(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """Rows of a table piece by piece; the last is followed by the verdict on its checksum."""
    with Path(path).open("rb") as file:
        expected, _ = _opened(path, file)
        rows = file.tell()
        file.seek(_MAGIC_LENGTH)
        digest = hashlib.sha256(file.read(rows - _MAGIC_LENGTH))
        while piece := file.read(_PIECE):
            digest.update(piece)
            yield piece
    if digest.hexdigest().encode() != expected:
        raise DamagedTable(path, "its content does not match its checksum (truncated or edited)")


def _empty(entries: dict[str, Any]) -> Table:
    """The table of some shards, without rows."""
    columns = [dict(column) for column in entries["columns"]]
    types = {column["symbol"]: DTYPES[column.pop("type")] for column in columns}
    frame = pd.DataFrame({symbol: pd.Series(dtype=kind) for symbol, kind in types.items()})
    return Table(frame, tuple(Column(**column) for column in columns), entries["facts"])
