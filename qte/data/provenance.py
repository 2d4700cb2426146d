"""Where a table comes from, as its file says: asked of every table in every run, so no row of it is parsed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from qte.data import table_files
from qte.data.table_files import Header, Plain, Source

__all__ = ["Provenance", "head_of", "provenance_of", "shard_of", "verify"]


@dataclass(frozen=True)
class Provenance:
    """Where a table comes from.

    Parameters
    ----------
    paper, table : str
        Keys of the table in the configuration; the file is ``<paper>/<table>.csv``.
    study : str
        Registered name of the study, ``"<paper>.<study>"``; empty for data that nobody computed here.
    params : mapping
        Every parameter of the study as plain data; infinities are allowed. Of data: its file and checksum.
    ours : tuple of str
        Names of the parameters that the paper leaves open.
    code : str
        Hash of the source that computed a shard, which lives until its table is whole. A table says nothing of its
        code: other code that finds the same rows gives the same bytes.
    """

    paper: str
    table: str
    study: str
    params: Mapping[str, Plain] = field(default_factory=dict)
    ours: tuple[str, ...] = ()
    code: str = ""

    @property
    def is_data(self) -> bool:
        """Whether the table was taken from a file and not computed by a study (`qte.data.data_files`)."""
        return not self.study


def provenance_of(header: Header) -> Provenance:
    """Where a table comes from, as its file says."""
    return Provenance(**{**header.about, "ours": tuple(header.about["ours"])})


def shard_of(provenance: Provenance, start: int, stop: int) -> Provenance:
    """Provenance of the shard that holds the points from `start` up to `stop`."""
    return replace(provenance, table=f"{provenance.table}.{start}-{stop}")


def head_of(path: str | os.PathLike[str]) -> tuple[Provenance, Header]:
    """Where a shard comes from, and what stands above its rows."""
    header = Source(path).header()
    with table_files.understood(path):
        return provenance_of(header), header


def verify(path: str | os.PathLike[str]) -> Provenance:
    """Where a table or shard comes from, its checksum verified without reading the rows into memory.

    Raises
    ------
    DamagedTable
        If its content is not what was written.
    OSError
        If it cannot be read.
    """
    for _ in Source(path).rows():
        pass
    return head_of(path)[0]
