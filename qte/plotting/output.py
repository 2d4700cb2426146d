"""Saving a figure as the same bytes every time, or not at all."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.spines import Spine
from PIL.Image import Image
from PIL.PngImagePlugin import PngInfo

from qte.common.errors import QteError
from qte.common.files import write_atomically
from qte.plotting.checks import Finding, check
from qte.plotting.drawing import POINTS, Drawing, Page, on_paper
from qte.plotting.style import STYLE

_METADATA: Final[dict[str, dict[str, None]]] = {
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None, "ModDate": None},
    "svg": {"Creator": None, "Date": None, "Format": None, "Type": None},
    "png": {},
}
FORMATS: Final = tuple(_METADATA)
# A pipeline that draws a figure says here, in one word, what the figure is made of; `save` puts it into the files.
STAMP: Final = "QTE_FIGURE_STAMP"
# Into how many parts of a figure the layout is rounded: far below a pixel, far above a double's rounding.
_PLACES: Final = 2.0**32
FAULT: Final = "figure check, "
"""How a line begins that says a fault of a figure."""
_STAMP_ENTRY: Final = {"pdf": "Keywords", "svg": "Source", "png": "Source"}
_SCREEN_DPI: Final = 110
# Of figures drawn as pixels: what `show` shows of them as long as they are not changed.
_PICTURES: Final[WeakKeyDictionary[Figure, bytes]] = WeakKeyDictionary()


class FigureError(QteError, ValueError):
    """A figure that would not look the same everywhere, or lacks a sign."""


@dataclass(frozen=True)
class Picture:
    """A figure as a PNG that a notebook shows.

    Attributes
    ----------
    png : bytes
    width, height : int
        Size on screen in pixels.
    """

    png: bytes
    width: int
    height: int

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        return self.png, {"width": self.width, "height": self.height}

    def __repr__(self) -> str:
        return f"<figure, {self.width} x {self.height}>"


def render(fig: Figure, form: str, *, dpi: float | None = None, stamp: str = "") -> bytes:
    """Bytes of a figure as PDF, SVG or PNG, without dates and names of tools.

    Parameters
    ----------
    fig : Figure
    form : {"pdf", "svg", "png"}
    dpi : float, optional
        Of PNG and of the rasterized maps in PDF and SVG; 300 if not given.
    stamp : str
        Goes into the file's metadata, unless empty.

    Raises
    ------
    FigureError
        If a sign is missing from the fonts, or a font is not matplotlib's own.
    """
    with on_paper(fig) as paper:
        return _written(_page(fig, paper, dpi), form, stamp)


def _page(fig: Figure, paper: Drawing, dpi: float | None = None) -> Page:
    """A figure, drawn."""
    with _house_style():
        _settle(fig)
        page = paper.draw(fig, dpi or STYLE["savefig.dpi"])
    _check_fonts(paper.fonts)
    return page


def _written(page: Page, form: str, stamp: str = "") -> bytes:
    said = {_STAMP_ENTRY[form]: stamp} if stamp else {}
    with _house_style():
        if form == "png":
            return _png(page.pixels, dpi=(page.dpi, page.dpi), **said)
        buffer = io.BytesIO()
        metadata: Any = _METADATA[form] | said
        page.savefig(buffer, format=form, dpi="figure", metadata=metadata)
    return buffer.getvalue()


def _png(pixels: Image, dpi: tuple[float, float] | None = None, **said: str) -> bytes:
    noted, buffer = PngInfo(), io.BytesIO()
    for name, text in said.items():
        noted.add_text(name, text)
    # packing harder takes twice the time, for a tenth of the bytes
    pixels.save(buffer, format="png", compress_level=1, pnginfo=noted, **({"dpi": dpi} if dpi else {}))
    return buffer.getvalue()


def save(fig: Figure, output: str | os.PathLike[str] | None, caption: str = "") -> tuple[Path, ...]:
    """Write a figure as ``<output>.pdf``, ``.svg`` and ``.png``, and say what a journal would find wrong with it.

    All three are drawn before the first is written, and each appears whole or not at all. The first
    `save` or `show` of a figure also settles where its panels are. The environment variable `STAMP`, if set,
    goes into the metadata of each. The figure is drawn whatever `qte.plotting.checks` finds; each fault is
    printed in a line that begins with `FAULT`.

    Parameters
    ----------
    fig : Figure
    output : path or None
        Path without a suffix (one of the three is taken off). Nothing is written if None.
    caption : str
        What stands under the figure: the checks look there for what no legend names.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    FigureError
        See `render`.
    OSError
        If a file cannot be written; it names the file.
    """
    stamp = os.environ.get(STAMP, "")
    # around the checks as well: they ask for the sizes of texts, which are known
    with on_paper(fig) as paper:
        page = _page(fig, paper)
        files = {} if output is None else _files(Path(output))
        drawn = {file: _written(page, form, stamp) for form, file in files.items()}
        for file, content in drawn.items():
            write_atomically(file, content)
        _say(check(fig, caption, drawn_at=POINTS))
        if drawn:
            _keep_picture(fig, page)
    return tuple(drawn)


def _files(base: Path) -> dict[str, Path]:
    if base.suffix.removeprefix(".") in FORMATS:
        base = base.with_suffix("")
    return {form: base.with_name(f"{base.name}.{form}") for form in FORMATS}


def show(fig: Figure) -> Picture:
    """Picture of a figure for a notebook: the last expression of a cell.

    The same bytes in a kernel and in an IPython shell; no backend and no magic command is needed. It is the PNG of
    `save` at half its size; nothing is drawn again for it unless matplotlib noticed a change (`Figure.stale`).
    """
    if fig.stale or fig not in _PICTURES:
        with on_paper(fig) as paper:
            _keep_picture(fig, _page(fig, paper))
    width, height = (round(float(inches) * _SCREEN_DPI) for inches in fig.get_size_inches())
    return Picture(_PICTURES[fig], width, height)


def _keep_picture(fig: Figure, page: Page) -> None:
    """Keep its pixels, at half their size, until something of the figure is changed."""
    _PICTURES[fig] = _png(page.pixels.reduce(2))
    fig.stale = False


def _say(faults: Iterable[Finding]) -> None:
    for fault in faults:
        print(f"{FAULT}{fault}")


def _settle(fig: Figure) -> None:
    """Place the panels once and for all.

    Constrained layout moves them a little at every draw: the three files would differ from each other,
    and a second save from the first. Its last digits are the processor's, and the names of clips in an SVG are
    made of them: every panel is put onto a grid.
    """
    engine = fig.get_layout_engine()
    if engine is not None:
        bare = list(_bare_spines(fig))
        for spine in bare:
            spine.set_in_layout(False)
        engine.execute(fig)
        for spine in bare:
            spine.set_in_layout(True)
        fig.set_layout_engine(None)
        for ax in fig.axes:
            place = ax.get_position(original=True)
            place.set_points(np.rint(place.get_points() * _PLACES) / _PLACES)
            ax.set_position(place, which="original")
            ax.set_in_layout(True)


def _bare_spines(fig: Figure) -> Iterator[Spine]:
    """Frames whose ticks point inwards: they take no room, and asking them takes an eighth of a layout."""
    for spine in (spine for ax in fig.axes for spine in ax.spines.values()):
        if (axis := spine.axis) and spine.get_in_layout() and spine.get_position() == ("outward", 0.0):
            ticks = (*axis.get_major_ticks(1), *axis.get_minor_ticks(1))
            if all(tick.get_tickdir() == "in" for tick in ticks):
                yield spine


@contextmanager
def _house_style() -> Iterator[None]:
    """Fonts and formats of the house, in which a missing glyph is an error."""
    look: Any = {key: STYLE[key] for key in STYLE if key.startswith(("pdf.", "svg.", "font.", "mathtext."))}
    with mpl.rc_context(look), warnings.catch_warnings():
        warnings.filterwarnings("error", message=r"Glyph .* missing")
        try:
            yield
        except UserWarning as warning:
            raise FigureError(f"A sign of the figure is not in its font: {warning}") from None


def _check_fonts(written: Mapping[FontProperties, str]) -> None:
    """Refuse fonts of this machine: another one would draw the figure differently."""
    own = Path(mpl.get_data_path()).resolve()
    for properties, text in written.items():
        try:
            found = Path(font_manager.findfont(properties, fallback_to_default=False)).resolve()
        except ValueError:
            raise FigureError(f"No font {properties.get_family()} here for the text {text!r}") from None
        if own not in found.parents:
            raise FigureError(f"The font {found} of the text {text!r} is this machine's own")
