"""Studies over large grids, computed block by block and therefore in any number of parts.

A study that is `PartitionedStudy` can be asked for some of its points only.  `GridStudy` makes
one from a function of a block of points: the blocks are fixed by the grid alone, so a
point is computed with the same neighbours, hence to the same last bit, however the
table is cut.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import prod
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.data.tables import Column, Table

Array = NDArray[np.float64]

BLOCK = 8192
"""Points that are computed together: enough that set-up costs little, few enough for 200 MB. A study whose points take
seconds says fewer: its `block`."""


@runtime_checkable
class PartitionedStudy(Protocol):
    """A study whose table is made of independent parts."""

    def check(self) -> None:
        """Raise `ParameterError` if the parameters are not physical; compute nothing."""

    def points(self) -> int:
        """Number of grid points, which is the number of rows."""

    def part(self, start: int, stop: int) -> Table:
        """Rows of the points from `start` up to `stop`, counted in C order."""

    def table(self) -> Table:
        """All rows: ``part(0, points())``."""


class GridStudy(ABC):
    """Base of studies that compute each point of a Cartesian grid by itself.

    A subclass is a registered study (`qte.data.studies.study`) with `axes`, `columns`,
    `values` and `check`.
    """

    columns: ClassVar[tuple[Column, ...]]
    block: ClassVar[int] = BLOCK

    @abstractmethod
    def axes(self) -> Mapping[str, Array]:
        """Grid axes by column, slowest first, each of shape (n_i,)."""

    @abstractmethod
    def values(self, point: Mapping[str, Array]) -> Mapping[str, Array]:
        """The other columns at a block of points, each of shape (n,) like the coordinates it gets."""

    def points(self) -> int:
        """Number of grid points, which is the number of rows."""
        return prod(len(axis) for axis in self.axes().values())

    def part(self, start: int, stop: int) -> Table:
        """Rows of the points from `start` up to `stop`, counted in C order.

        Raises
        ------
        ParameterError
            If there are no such points.
        """
        points = self.points()
        check.require("start", start, np.asarray(0 <= start < points), f"be between 0 and {points - 1}")
        check.require(
            "stop", stop, np.asarray(start < stop <= points), f"be between {start + 1} and {points}"
        )
        axes = self.axes()
        blocks = [
            self._rows(axes, *block, start, stop) for block in blocks_of(start, stop, points, self.block)
        ]
        data = {c.symbol: np.concatenate([block[c.symbol] for block in blocks]) for c in self.columns}
        return Table(pd.DataFrame(data), self.columns)

    def table(self) -> Table:
        """All rows."""
        return self.part(0, self.points())

    def _rows(
        self, axes: Mapping[str, Array], first: int, last: int, start: int, stop: int
    ) -> dict[str, Array]:
        """Columns of a whole block, computed whole, cut to the points asked for."""
        index = np.unravel_index(np.arange(first, last), [len(axis) for axis in axes.values()])
        point = {name: axis[i] for (name, axis), i in zip(axes.items(), index, strict=True)}
        keep = slice(max(first, start) - first, min(last, stop) - first)
        return {name: values[keep] for name, values in (point | dict(self.values(point))).items()}


def block_of(study: PartitionedStudy) -> int:
    """Points that a study computes together."""
    return int(getattr(study, "block", BLOCK))


def blocks_of(start: int, stop: int, points: int, block: int = BLOCK) -> Iterator[tuple[int, int]]:
    """The whole blocks that hold the points from `start` up to `stop` of a grid of `points`."""
    for first in range(start // block * block, stop, block):
        yield first, min(first + block, points)


def cuts(points: int, shards: int, block: int = BLOCK) -> tuple[tuple[int, int], ...]:
    """Start and stop of every shard: `shards` runs of whole blocks of nearly one length.

    There are never more shards than blocks.

    Parameters
    ----------
    points, shards, block : int
        All >= 1.
    """
    blocks = -(-points // block)
    count = min(shards, blocks)
    edges = [blocks * k // count * block for k in range(count)]
    return tuple(pairwise([*edges, points]))


def shards_of(points: int, points_per_shard: int, block: int = BLOCK) -> int:
    """Number of shards of at most so many points each, or of one block if that is more."""
    blocks, most = -(-points // block), max(1, points_per_shard // block)
    return -(-blocks // most)
