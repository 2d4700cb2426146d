"""Tables in parts: the files of shards, and the table that they make together.

A shard is a table file of its own, with its own checksum; its name in the header is that
of the table and its range of points, such as ``robustness.0-16384``.  Gathering copies
the rows one shard after the other and checks each on the way, so it takes no more memory
for a large table than for a small one, and gives the bytes that `qte.data.tables.write` would.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from qte.common.errors import QteError
from qte.data import table_files
from qte.data.partitioned import PartitionedStudy, block_of
from qte.data.provenance import Provenance, head_of, shard_of, verify
from qte.data.table_files import Header, Source
from qte.data.tables import header_of

__all__ = ["MixedShards", "gather", "shard_of", "verify", "write"]


class MixedShards(QteError, ValueError):
    """Files that are not the shards of one table, in order and without a gap."""


def write(
    study: PartitionedStudy, path: str | os.PathLike[str], provenance: Provenance, start: int, stop: int
) -> None:
    """Compute the rows from `start` up to `stop` and write them, block by block.

    Parameters
    ----------
    study : PartitionedStudy
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
    table_files.write(path, head, _bodies(path, head, body, parts))


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
    stop, first = 0, None
    for file in paths:
        have, header = head_of(file)
        start, after = _range(have)
        first = first or header
        alike = (header.columns, header.facts) == (first.columns, first.facts)
        if have != shard_of(provenance, start, after) or start != stop or not alike:
            raise MixedShards(f"Shard {os.fspath(file)} does not follow the shards before it")
        stop = after
    if stop != points or first is None:
        raise MixedShards(f"The shards of {os.fspath(path)} end at point {stop} of {points}")
    about = {**first.about, "table": provenance.table}
    whole = replace(first, about={name: value for name, value in about.items() if name != "code"})
    table_files.write(path, whole, (piece for file in paths for piece in Source(file).rows()))


def _range(provenance: Provenance) -> tuple[int, int]:
    found = re.fullmatch(r"[a-z0-9_]+\.(\d+)-(\d+)", provenance.table)
    if not found:
        raise MixedShards(f"The table {provenance.paper}/{provenance.table} is not a shard")
    return int(found[1]), int(found[2])


def _parts(
    study: PartitionedStudy, provenance: Provenance, start: int, stop: int
) -> Iterator[tuple[Header, bytes]]:
    """Header and rows of one block after the other."""
    block = block_of(study)
    while start < stop:
        after = min(stop, (start // block + 1) * block)
        table = study.part(start, after)
        yield header_of(table, provenance), table_files.to_rows(table.frame)
        start = after


def _bodies(
    path: str | os.PathLike[str], head: Header, body: bytes, others: Iterable[tuple[Header, bytes]]
) -> Iterator[bytes]:
    yield body
    for other, body in others:
        if other != head:
            raise MixedShards(
                f"The parts of {os.fspath(path)} have different columns or facts; a divisible study has the same in all"
            )
        yield body
