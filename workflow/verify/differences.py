"""How far two tables, or two pictures, lie apart: where they part first, and by how much."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageChops

if TYPE_CHECKING:
    from qte.data.tables import Table

# A small picture is the same when no channel of any pixel is further off than this, of 255.
SAME_PICTURE = 8
WIDTH = 480


@dataclass(frozen=True)
class ColumnDifference:
    """One array of a table, old against new.

    Attributes
    ----------
    column : str
        Name of the column, ``facts.<name>`` for a fact.
    row : int
        First row that differs (0 is the first row below the head), or -1 when there is no row to name.
    old, new : str
        The values there.
    ulp : int or None
        Floating-point numbers between them; None where that has no meaning.
    relative : float
        Largest |new - old| / max(|old|, |new|) of all rows; inf for what is not a finite number.
    scaled : float
        Largest |new - old| of all rows, over the largest finite |old|.
    rows : int
        How many rows differ.
    """

    column: str
    row: int
    old: str
    new: str
    ulp: int | None
    relative: float
    scaled: float
    rows: int

    def within(self, tolerance: Mapping[str, float] | None) -> bool:
        """Whether both measures keep a published tolerance; nothing is tolerated without one."""
        return bool(tolerance) and all(
            getattr(self, measure) <= tolerance.get(measure, 0.0) for measure in ("relative", "scaled")
        )

    def __str__(self) -> str:
        where = f"column {self.column}" if not self.column.startswith("facts.") else self.column
        place = f", row {self.row}" if self.row >= 0 else ""
        apart = f", {self.ulp} ULP apart" if self.ulp is not None else ""
        size = (
            f"; {self.rows} rows differ, at most {self.relative:.2g} relative, {self.scaled:.2g} of the "
            "column's largest value"
            if self.rows
            else ""
        )
        return f"{where}{place}: {self.old} → {self.new}{apart}{size}"

    def plain(self) -> dict[str, Any]:
        return asdict(self) | {"text": str(self)}


def of_tables(old: Table, new: Table) -> Iterator[ColumnDifference]:
    """Columns and facts that are not the same bit for bit, in the order of the old table."""
    names = [column.symbol for column in old.columns]
    others = [column.symbol for column in new.columns]
    if names != others or len(old) != len(new):
        yield _whole("columns" if names != others else "rows", names, others, len(old), len(new))
        return
    for name in names:
        found = of_arrays(name, old[name], new[name])
        if found:
            yield found
    yield from of_facts(old.facts, new.facts)


def of_arrays(name: str, old: np.ndarray, new: np.ndarray) -> ColumnDifference | None:
    """Compare two arrays of one length; None when all bits agree (a NaN is a NaN)."""
    if old.dtype.kind != "f" or new.dtype.kind != "f":
        differ = np.flatnonzero(old != new)
        if not differ.size:
            return None
        row = int(differ[0])
        return ColumnDifference(
            name, row, repr(old[row]), repr(new[row]), None, math.inf, math.inf, differ.size
        )
    differ = np.flatnonzero((old.view(np.int64) != new.view(np.int64)) & ~(np.isnan(old) & np.isnan(new)))
    if not differ.size:
        return None
    row, relative, scaled = int(differ[0]), *_sizes(old, new, differ)
    values = float(old[row]), float(new[row])
    return ColumnDifference(
        name, row, repr(values[0]), repr(values[1]), ulp(*values), relative, scaled, differ.size
    )


def ulp(one: float, other: float) -> int | None:
    """Steps between two floats on the line of all floats; None if one is not finite."""
    if not (math.isfinite(one) and math.isfinite(other)):
        return None
    return abs(_rank(one) - _rank(other))


def small_picture(png: bytes) -> bytes:
    """A PNG shrunk to `WIDTH` pixels, for the reference and its comparison."""
    with Image.open(io.BytesIO(png)) as image:
        height = round(WIDTH * image.height / image.width)
        small = image.convert("RGB").resize((WIDTH, height), Image.Resampling.BOX)
    return as_png(small)


def as_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def pixels(png: bytes) -> tuple[tuple[int, int], bytes]:
    """Size and colours of a picture, whatever its metadata say."""
    with Image.open(io.BytesIO(png)) as image:
        return image.size, image.convert("RGBA").tobytes()


def of_pictures(old: bytes, new: bytes) -> tuple[int, bytes]:
    """Largest difference of a channel of a pixel, of 255, and the difference as a picture, dark where it is large.

    Pictures of different sizes differ by 255.
    """
    with Image.open(io.BytesIO(old)) as one, Image.open(io.BytesIO(new)) as other:
        if one.size != other.size:
            return 255, new
        apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    largest = max(high for _, high in apart.getextrema())
    gain = 255 / max(largest, 1)
    return largest, as_png(ImageChops.invert(apart.point(lambda value: round(gain * value))))


def _rank(value: float) -> int:
    bits = int(np.float64(value).view(np.int64))
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def _sizes(old: np.ndarray, new: np.ndarray, differ: np.ndarray) -> tuple[float, float]:
    one, other = old[differ], new[differ]
    if not (np.isfinite(one) & np.isfinite(other)).all():
        return math.inf, math.inf
    apart = np.abs(one - other)
    larger = np.maximum(np.abs(one), np.abs(other))
    scale = np.abs(old[np.isfinite(old)]).max()
    # Two zeros of different sign are no distance apart.
    relative = np.divide(apart, larger, out=np.zeros_like(apart), where=larger > 0)
    scaled = apart.max() / scale if scale else math.inf if apart.max() else 0.0
    return float(relative.max()), float(scaled)


def _whole(what: str, old: list[str], new: list[str], *lengths: int) -> ColumnDifference:
    values = (old, new) if what == "columns" else lengths
    return ColumnDifference(what, -1, str(values[0]), str(values[1]), None, math.inf, math.inf, 0)


def of_facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ColumnDifference]:
    """Facts of two tables that are not the same, or that only one has."""
    for name in [*old, *(name for name in new if name not in old)]:
        one, other = old.get(name), new.get(name)
        if repr(one) == repr(other):
            continue
        lists = [value if isinstance(value, list) else [value] for value in (one, other)]
        floats = all(isinstance(item, float) for items in lists for item in items)
        if floats and len(lists[0]) == len(lists[1]):
            found = of_arrays(f"facts.{name}", *(np.array(items, dtype=float) for items in lists))
            if found:
                yield found
        else:
            yield ColumnDifference(f"facts.{name}", -1, repr(one), repr(other), None, math.inf, math.inf, 0)
