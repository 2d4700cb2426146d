"""Saving a figure as the same bytes every time, or not at all."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager, image
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from qte.common.errors import QteError
from qte.common.files import write_atomically
from qte.plotting.canvas import GridCanvas, on_grid
from qte.plotting.checks import Finding, check
from qte.plotting.style import STYLE

_METADATA: Final[dict[str, dict[str, None]]] = {
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None, "ModDate": None},
    "svg": {"Creator": None, "Date": None, "Format": None, "Type": None},
    "png": {"Software": None},
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
    _check_fonts(fig)
    return _drawn(fig, form, dpi, stamp)


def _drawn(fig: Figure, form: str, dpi: float | None, stamp: str) -> bytes:
    buffer = io.BytesIO()
    look: Any = {key: STYLE[key] for key in STYLE if key.startswith(("pdf.", "svg.", "font.", "mathtext."))}
    metadata: Any = _METADATA[form] | ({_STAMP_ENTRY[form]: stamp} if stamp else {})
    with mpl.rc_context(look), _missing_glyphs_are_errors():
        _settle(fig)
        with on_grid(fig):
            fig.savefig(buffer, format=form, dpi=dpi or STYLE["savefig.dpi"], metadata=metadata)
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
    if output is None:
        _settle(fig)
        _say(check(fig, caption))
        return ()
    base = Path(output)
    if base.suffix.removeprefix(".") in FORMATS:
        base = base.with_suffix("")
    stamp = os.environ.get(STAMP, "")
    _check_fonts(fig)
    # around the checks as well: they ask for the sizes of texts that PNG, which comes last, has measured
    with on_grid(fig) as canvas:
        drawn = {base.with_name(f"{base.name}.{form}"): _drawn(fig, form, None, stamp) for form in FORMATS}
        for path, content in drawn.items():
            write_atomically(path, content)
        _say(check(fig, caption, drawn_at=STYLE["savefig.dpi"]))
        _keep_picture(fig, canvas)
    return tuple(drawn)


def show(fig: Figure) -> Picture:
    """Picture of a figure for a notebook: the last expression of a cell.

    The same bytes in a kernel and in an IPython shell; no backend and no magic command is needed. It is the PNG of
    `save` at half its size; nothing is drawn again for it unless matplotlib noticed a change (`Figure.stale`).
    """
    if fig.stale or fig not in _PICTURES:
        _check_fonts(fig)
        with on_grid(fig) as canvas:
            _drawn(fig, "png", None, "")
            _keep_picture(fig, canvas)
    width, height = (round(float(inches) * _SCREEN_DPI) for inches in fig.get_size_inches())
    return Picture(_PICTURES[fig], width, height)


def _keep_picture(fig: Figure, canvas: GridCanvas) -> None:
    """Keep what was drawn last, at half its size, until something of the figure is changed."""
    buffer = io.BytesIO()
    bare: Any = _METADATA["png"]
    image.imsave(buffer, _halved(canvas.drawn()), format="png", metadata=bare)
    _PICTURES[fig] = buffer.getvalue()
    fig.stale = False


def _halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Every two by two pixels as one; an odd row or column at the end is left out."""
    rows, columns = (count // 2 * 2 for count in pixels.shape[:2])
    pairs = pixels[:rows:2, :columns].astype(np.uint16) + pixels[1:rows:2, :columns]
    return np.asarray((pairs[:, ::2] + pairs[:, 1::2] + 2) // 4, dtype=np.uint8)


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
        engine.execute(fig)
        fig.set_layout_engine(None)
        for ax in fig.axes:
            place = ax.get_position(original=True)
            place.set_points(np.rint(place.get_points() * _PLACES) / _PLACES)
            ax.set_position(place, which="original")
            ax.set_in_layout(True)


@contextmanager
def _missing_glyphs_are_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=r"Glyph .* missing")
        try:
            yield
        except UserWarning as warning:
            raise FigureError(f"A sign of the figure is not in its font: {warning}") from None


def _check_fonts(fig: Figure) -> None:
    """Refuse fonts of this machine: another one would draw the figure differently."""
    # A figure has hundreds of texts, in a handful of fonts.
    texts: dict[Any, Any] = {}
    for text in fig.findobj(Text):
        texts.setdefault(text.get_fontproperties(), text)
    own = Path(mpl.get_data_path()).resolve()
    for properties, text in texts.items():
        try:
            found = Path(font_manager.findfont(properties, fallback_to_default=False)).resolve()
        except ValueError:
            raise FigureError(f"No font {properties.get_family()} here for the text {text!r}") from None
        if own not in found.parents:
            raise FigureError(f"The font {found} of the text {text!r} is this machine's own")
