"""What is drawn inside a panel: closed forms on curves, marks, labels, second axes."""

from __future__ import annotations

from typing import Any, Literal, TypeVar, cast

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Annotation, Text
from numpy.typing import ArrayLike

from qte.data.tables import Table
from qte.plotting.style import BLACK, GREY, LEFT, RIGHT, Style, over, plain_ticks

Drawn = TypeVar("Drawn", Text, Line2D)


def axis_labels(ax: Axes, table: Table, x: str | None = None, y: str | None = None) -> None:
    """Label the axes with the labels of a table's columns."""
    if x is not None:
        ax.set_xlabel(table.label(x))
    if y is not None:
        ax.set_ylabel(table.label(y))


def closed_form(ax: Axes, x: ArrayLike, y: ArrayLike, label: str = "", **style: Any) -> Line2D:
    """Closed form as a few open squares on the computed curve, which stays visible under them.

    Parameters
    ----------
    x, y : array_like, shape (n,)
    label : str
        For the legend; give it to one curve of a family.
    """
    open_squares: Style = {
        "linestyle": "none",
        "marker": "s",
        "markersize": 3.2,
        "markerfacecolor": "none",
        "markeredgecolor": BLACK,
        "markeredgewidth": 0.6,
        "markevery": (0.05, 0.2),
        "zorder": 3.5,
        "label": label,
    }
    (points,) = ax.plot(x, y, **over(open_squares, style))
    return points


def legend(
    ax: Axes, title: str | None = None, *, loc: str = "best", reverse: bool = False, **options: Any
) -> Legend:
    """Legend without a frame on a faint white ground, so that it reads where it meets a line.

    Curves come in the order in which they were drawn (or in `reverse`), then what is drawn as points only.
    """
    look: Style = {
        "loc": loc,
        "frameon": True,
        "framealpha": 0.8,
        "edgecolor": "none",
        "alignment": "left",
        "borderpad": 0.25,
    }
    if "handles" not in options:
        handles = ax.get_legend_handles_labels()[0][:: -1 if reverse else 1]
        look["handles"] = sorted(handles, key=_is_points)
    made: Legend = ax.legend(title=title, **look | options)
    made.set_zorder(6)
    return made


def _is_points(handle: Any) -> bool:
    return isinstance(handle, Line2D) and handle.get_linestyle() == "None"


class Halo(patheffects.withStroke):
    """A thin outline; `color` and `width` (in points) say of what kind."""

    def __init__(self, width: float, color: str) -> None:
        super().__init__(linewidth=width, foreground=color)
        self.width, self.color = width, color


def halo(artist: Drawn, width: float = 1.8, color: str = "white") -> Drawn:
    """Give a text or a line a thin outline so that it reads on lines and maps; `width` is what it adds, in points."""
    thickness = artist.get_linewidth() + width if isinstance(artist, Line2D) else width
    artist.set_path_effects([Halo(thickness, color)])
    return artist


def label_curve(
    ax: Axes,
    x: ArrayLike,
    y: ArrayLike,
    text: str,
    *,
    at: float,
    offset: tuple[float, float] = (0.0, 0.0),
    color: str = BLACK,
    **style: Any,
) -> Annotation:
    """Write a label beside a curve, at the point of the curve with abscissa `at`.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        The curve, x ascending.
    at : float
        Abscissa of the labelled point.
    offset : tuple of float
        Shift of the text from that point, in points; without one it interrupts the curve.
    """
    height = float(np.interp(at, np.asarray(x, dtype=float), np.asarray(y, dtype=float)))
    note = ax.annotate(
        text,
        (at, height),
        xytext=offset,
        textcoords="offset points",
        color=color,
        **over({"fontsize": 8.0, "ha": "center", "va": "center"}, style),
    )
    if offset == (0.0, 0.0):
        note.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.8})
    else:
        halo(note)
    return note


def mark(
    ax: Axes,
    x: float,
    y: float,
    text: str = "",
    *,
    offset: tuple[float, float] = (14.0, 14.0),
    color: str = BLACK,
    marker: str = "o",
    **style: Any,
) -> None:
    """Mark a root, crossing or threshold with an open circle; a thin line leads from it to its text.

    `offset` is the shift of the text from the point, in points.
    """
    ax.plot([x], [y], marker, mfc="white", mec=color, mew=0.9, ms=4.0, zorder=5, clip_on=False)
    if not text:
        return
    across = "left" if offset[0] >= 0 else "right"
    note = ax.annotate(
        text,
        (x, y),
        xytext=offset,
        textcoords="offset points",
        color=color,
        zorder=6,
        arrowprops={
            "arrowstyle": "-",
            "lw": 0.5,
            "color": color,
            "shrinkA": 0.0,
            "shrinkB": 2.8,
            "path_effects": [Halo(2.0, "white")],
        },
        **over({"fontsize": 8.0, "ha": across, "va": "bottom" if offset[1] >= 0 else "top"}, style),
    )
    halo(note)


def arrow_at(
    ax: Axes,
    x: float,
    y: float,
    *,
    color: str = BLACK,
    direction: Literal["down", "up"] = "down",
    length: float = 13.0,
    text: str = "",
) -> Annotation:
    """Point a small arrow to a point of a curve, from above ("down") or from below ("up")."""
    sign = 1.0 if direction == "down" else -1.0
    return ax.annotate(
        text,
        (x, y),
        xytext=(0.0, sign * length),
        textcoords="offset points",
        color=color,
        fontsize=7.5,
        ha="center",
        va="bottom" if direction == "down" else "top",
        zorder=6,
        arrowprops={
            "arrowstyle": "-|>,head_length=0.32,head_width=0.16",
            "lw": 0.9,
            "color": color,
            "shrinkA": 0.0,
            "shrinkB": 1.0,
        },
    )


def threshold(
    ax: Axes,
    *,
    x: float | None = None,
    y: float | None = None,
    text: str = "",
    at: float = 0.96,
    **style: Any,
) -> None:
    """Draw a thin dashed line across the panel at x or at y, with its label on it.

    `at` is where along the line the label sits, as a fraction of the panel.
    """
    line: Style = {"color": GREY, "linewidth": 0.7, "linestyle": (0, (4.0, 2.0)), "zorder": 1.5} | style
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    shared: dict[str, Any] = {"fontsize": 8.0, "color": line["color"], "bbox": ground, "zorder": 1.6}
    if y is not None:
        ax.axhline(y, **line)
        if text:
            ax.text(at, y, text, transform=ax.get_yaxis_transform(), ha="right", va="center", **shared)
    if x is not None:
        ax.axvline(x, **line)
        if text:
            ax.text(
                x, at, text, transform=ax.get_xaxis_transform(), ha="center", va="top", rotation=90, **shared
            )


def twin(ax: Axes, label: str = "", *, colors: tuple[str, str] = (LEFT, RIGHT)) -> Axes:
    """Second vertical axis on the right; both are coloured like the curves that belong to them.

    Returns
    -------
    Axes
        The right one. Draw on `ax` in ``colors[0]`` and on it in ``colors[1]``.
    """
    right = ax.twinx()
    ax.tick_params(axis="y", which="both", right=False)
    right.tick_params(axis="y", which="both", left=False)
    for axes, side, color in ((ax, "left", colors[0]), (right, "right", colors[1])):
        axes.tick_params(axis="y", which="both", color=color, labelcolor=color)
        axes.yaxis.label.set_color(color)
        right.spines[side].set_color(color)
        right.spines[side].set_linewidth(0.9)
        ax.spines[side].set_visible(False)
    plain_ticks(right)
    right.set_ylabel(label)
    return right


def second_x(ax: Axes, factor: float, label: str) -> Axes:
    """Second horizontal axis on top that shows ``factor * x``, in another unit."""
    ax.tick_params(axis="x", which="both", top=False)

    def there(x: Any) -> Any:
        return x * factor

    def back(x: Any) -> Any:
        return x / factor

    top = cast(Axes, ax.secondary_xaxis("top", functions=(there, back)))
    plain_ticks(top)
    top.set_xlabel(label)
    return top
