"""What a figure shows, in words: its panels, and the look of every line, point, area and map in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.cm import ScalarMappable
from matplotlib.collections import Collection, LineCollection, PathCollection, QuadMesh
from matplotlib.colors import to_hex, to_rgb, to_rgba, to_rgba_array
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch
from matplotlib.text import Annotation

from qte.plotting import colors

Words = frozenset[str]
LETTER: Final = re.compile(r"\(([a-z]\d?)\)")
_MARKERS: Final = {
    "o": "circle", ".": "dot", "s": "square", "^": "triangle", "v": "triangle", "<": "triangle", ">": "triangle",
    "D": "diamond", "d": "diamond", "x": "cross", "+": "cross", "*": "star",
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """How a line or its points are drawn.

    Attributes
    ----------
    color : str
    dashes : tuple of float
        On and off in units of the line's width; empty for a solid line.
    width : float
        In points; 0 for points without a line.
    marker : str
        Matplotlib's sign, or "".
    filled : bool
        Whether the marker is filled in its own colour.
    """

    color: str
    dashes: tuple[float, ...] = ()
    width: float = 0.0
    marker: str = ""
    filled: bool = False

    @property
    def words(self) -> Words:
        """Its colour, the style of its line, and its symbol."""
        said = {colors.name(self.color)}
        if self.width:
            said.add(_style(self.dashes))
        if self.marker:
            symbol = _MARKERS.get(self.marker, "point")
            said.add("dot" if symbol == "circle" and self.filled else symbol)
        return frozenset(said)


@dataclass(frozen=True)
class Panel:
    """One panel of a figure: its axes, twins included, and the insets in them."""

    name: str
    axes: tuple[Axes, ...]
    insets: tuple[Axes, ...]

    @property
    def frames(self) -> list[tuple[Axes, ...]]:
        """Axes that share a frame: the panel's own, and each inset's."""
        return [self.axes, *((inset,) for inset in self.insets)]


@dataclass(frozen=True)
class Item:
    """Something drawn in a panel: what kind it is, its label ("" for none), its words, and the artist."""

    kind: str
    label: str
    words: Words
    artist: Any


def panels(fig: Figure) -> list[Panel]:
    """The panels of a figure in the order in which they were made; colour bars and second axes are none."""
    groups: dict[tuple[float, ...], list[Axes]] = {}
    for ax in fig.axes:
        if not is_bar(ax):
            groups.setdefault(tuple(np.round(ax.get_position().bounds, 6)), []).append(ax)
    found = []
    for k, group in enumerate(groups.values()):
        letters = [hit[1] for ax in group for text in ax.texts if (hit := LETTER.fullmatch(text.get_text()))]
        alone = "panel" if len(groups) == 1 else f"panel {k + 1}"
        name = f"({letters[0]})" if len(letters) == 1 else alone
        insets = tuple(
            child for ax in group for child in ax.child_axes if type(child) is Axes and not is_bar(child)
        )
        found.append(Panel(name, tuple(group), insets))
    return found


def is_bar(ax: Axes) -> bool:
    """Whether these are the axes of a colour bar."""
    return ax.get_label() == "<colorbar>"


def curves(ax: Axes) -> list[Line2D]:
    """Lines through three points or more: data, not a straight line across the panel."""
    return [line for line in ax.lines if has_line(line) and len(line.get_xdata()) > 2 and line.get_visible()]  # type: ignore[arg-type]


def has_line(line: Line2D) -> bool:
    """Whether its points are joined."""
    return line.get_linestyle() not in ("None", " ", "")


def look_of(line: Line2D) -> Look:
    """How a line is drawn."""
    marker = str(line.get_marker())
    marker = "" if marker in ("None", " ", "") else marker
    joined = has_line(line)
    edge: Any = line.get_markeredgecolor()
    color: Any = line.get_color() if joined or edge == "none" else edge
    face: Any = line.get_markerfacecolor()
    return Look(
        color=to_hex(color),
        dashes=_dashes(line) if joined else (),
        width=float(line.get_linewidth()) if joined else 0.0,
        marker=marker,
        filled=bool(marker) and to_rgba(face)[3] > 0 and to_hex(face) == to_hex(edge),
    )


def legends(fig: Figure) -> list[Legend]:
    """All legends of a figure."""
    return [
        child for owner in (fig, *fig.axes) for child in owner.get_children() if isinstance(child, Legend)
    ]


def maps(ax: Axes) -> list[ScalarMappable]:
    """Images and meshes that show values as colours."""
    return [a for a in (*ax.images, *ax.collections) if isinstance(a, AxesImage | QuadMesh) and _values(a)]


def contour_sets(ax: Axes) -> list[ContourSet]:
    """Contours in a panel."""
    return [a for a in ax.collections if isinstance(a, ContourSet)]


def items(ax: Axes) -> Iterator[Item]:
    """All that is drawn in axes, but for their frame, ticks and texts."""
    for line in ax.lines:
        count = len(line.get_xdata())  # type: ignore[arg-type]
        if line.get_visible() and count:
            kind = "points" if count == 1 or not has_line(line) else "line" if count == 2 else "curve"
            yield Item(kind, _label(line), words_of(line), line)
    for text in ax.texts:
        arrow = text.arrow_patch if isinstance(text, Annotation) else None
        if arrow is not None and text.arrowprops.get("arrowstyle", "->") != "-":  # type: ignore[attr-defined]
            yield Item("arrow", "", frozenset({"arrow", colors.name(arrow.get_edgecolor())}), text)
    for patch in ax.patches:
        yield Item("area", _label(patch), words_of(patch), patch)
    shown, sets = maps(ax), contour_sets(ax)
    for collection in ax.collections:
        if collection not in shown and collection not in sets:
            kind = "points" if isinstance(collection, PathCollection) else "area"
            yield Item(kind, _label(collection), words_of(collection), collection)
    for drawn in shown:
        tones = {colors.name(drawn.get_cmap()(at)[:3]) for at in (0.4, 0.6, 0.8)}
        yield Item("map", "", frozenset(tones if len(tones) == 1 else ()), drawn)
    for lines in sets:
        yield Item("contours", "", words_of(lines) | {"contour"}, lines)


def words_of(artist: Any) -> Words:
    """Colours, style and symbol of a line, a patch, or a collection of either."""
    if isinstance(artist, Line2D):
        return look_of(artist).words
    if isinstance(artist, Patch):
        return _patch_words(artist)
    if not isinstance(artist, Collection):
        return frozenset()
    said = {"dot"} if isinstance(artist, PathCollection) else set()
    if artist.get_hatch():
        said.add("hatched")
    if isinstance(artist, LineCollection):
        styles: Any = artist.get_linestyle()
        said |= {_style(tuple(dashes or ())) for _, dashes in styles}
    own = [*to_rgba_array(artist.get_facecolor()), *to_rgba_array(artist.get_edgecolor())]
    return frozenset(said | {colors.name(color[:3]) for color in own if color[3] > 0})


def _values(artist: Any) -> bool:
    return artist.get_array() is not None and np.ndim(artist.get_array()) <= 2


def _label(artist: Any) -> str:
    label = str(artist.get_label() or "")
    return "" if label.startswith("_") else label


def _patch_words(patch: Patch) -> Words:
    dashes = patch.get_linestyle()
    pattern = (
        tuple(dashes[1] or ())
        if isinstance(dashes, tuple)
        else {"--": (4.0, 2.0), ":": (1.0, 1.0)}.get(dashes, ())
    )
    said = {_style(pattern)} if isinstance(patch, FancyArrowPatch) or pattern else set()
    for color in (patch.get_facecolor(), patch.get_edgecolor()):
        if to_rgba(color)[3] > 0:
            said.add(colors.name(to_rgb(color)))
    return frozenset(said | ({"hatched"} if patch.get_hatch() else set()))


def _style(dashes: tuple[float, ...]) -> str:
    if not dashes:
        return "solid"
    return "dash-dotted" if len(dashes) > 2 else "dotted" if dashes[0] < 2.0 else "dashed"


class _Pen(RendererBase):
    """Notes the dashes with which a line is drawn: matplotlib has no other public way to tell."""

    dashes: tuple[float, ...] = ()

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
        pattern = gc.get_dashes()[1]
        if pattern is not None:
            self.dashes = tuple(round(float(part) / gc.get_linewidth(), 3) for part in pattern)


def _dashes(line: Line2D) -> tuple[float, ...]:
    if line.get_linestyle() == "-":
        return ()
    bare = Line2D([0.0, 1.0], [0.0, 1.0])
    bare.update_from(line)
    bare.set(transform=None, clip_path=None, marker="", path_effects=[], visible=True)
    pen = _Pen()
    bare.draw(pen)
    return pen.dashes
