"""What is drawn inside a panel: curves and their checks, maps, marks, labels, second axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LogNorm, Normalize
from matplotlib.contour import QuadContourSet
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Annotation, Text
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import ArrayLike

from qte.data.tables import Table
from qte.plotting.style import BLACK, GREY, LEFT, RIGHT, Style, over, plain_ticks

SEQUENTIAL = "viridis"
DIVERGING = "RdBu_r"


def axis_labels(ax: Axes, table: Table, x: str | None = None, y: str | None = None) -> None:
    """Label the axes with the labels of a table's columns."""
    if x is not None:
        ax.set_xlabel(table.label(x))
    if y is not None:
        ax.set_ylabel(table.label(y))


def thin_check(ax: Axes, x: ArrayLike, y: ArrayLike, **style: Any) -> Line2D:
    """Closed form as a thin line over the computed curve: where they agree it runs inside it."""
    thin = {"color": "black", "linewidth": 0.35, "linestyle": "solid", "zorder": 3.5}
    (line,) = ax.plot(x, y, **over(thin, style))
    return line


def legend(ax: Axes, title: str | None = None, *, loc: str = "best", **options: Any) -> Legend:
    """Legend without a frame on a faint white ground, so that it reads where it meets a line."""
    look: Style = {
        "loc": loc,
        "frameon": True,
        "framealpha": 0.8,
        "edgecolor": "none",
        "alignment": "left",
        "borderpad": 0.25,
    }
    made: Legend = ax.legend(title=title, **look | options)
    made.set_zorder(6)
    return made


def halo(text: Text, width: float = 1.8, color: str = "white") -> Text:
    """Give a text a thin outline so that it reads on lines and maps."""
    text.set_path_effects([patheffects.withStroke(linewidth=width, foreground=color)])
    return text


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
    """Mark a root, crossing or threshold with an open dot; a text points to it with a thin arrow.

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
        arrowprops={"arrowstyle": "-", "lw": 0.5, "color": color, "shrinkA": 0.0, "shrinkB": 2.8},
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


def heatmap(
    ax: Axes,
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    label: str = "",
    *,
    diverging: bool = False,
    log: bool = False,
    vmin: float | None = None,
    vmax: float | None = None,
    cmap: str | None = None,
    colorbar: bool = True,
) -> QuadMesh:
    """Map of z over (x, y) with its colour bar; pixels inside vector files, one cell a point.

    Parameters
    ----------
    x : array_like, shape (nx,)
    y : array_like, shape (ny,)
    z : array_like, shape (ny, nx)
        Missing values stay white.
    label : str
        Of the colour bar.
    diverging : bool
        For signed values: zero is white, and a thin line runs along it, since both signs look alike in grey.
    log : bool
        Logarithmic colours.
    vmin, vmax : float, optional
        Ends of the colours.

    Raises
    ------
    ValueError
        If `diverging` and `log` are both asked for.
    """
    if diverging and log:
        raise ValueError("Arguments `diverging` and `log` must not both be true")
    xs, ys, zs = np.asarray(x, float), np.asarray(y, float), np.ma.masked_invalid(np.asarray(z, float))
    norm = _norm(zs, diverging=diverging, log=log, vmin=vmin, vmax=vmax)
    mesh = ax.pcolormesh(
        xs, ys, zs, norm=norm, cmap=cmap or (DIVERGING if diverging else SEQUENTIAL), shading="nearest"
    )
    mesh.set_rasterized(True)
    mesh.set_zorder(0)
    ax.set_xlim(xs[0], xs[-1])
    ax.set_ylim(ys[0], ys[-1])
    if diverging and zs.min() < 0 < zs.max():
        ax.contour(xs, ys, zs, [0.0], colors=BLACK, linewidths=0.5)
    if colorbar:
        bar: Any = ax.figure.colorbar(mesh, ax=ax, label=label, pad=0.02, aspect=22)
        bar.solids.set_rasterized(True)
        if not log:
            plain_ticks(bar.ax)
        if diverging:
            bar.ax.set_ylim(
                float(zs.min()) if vmin is None else vmin, float(zs.max()) if vmax is None else vmax
            )
        bar.outline.set_linewidth(0.6)
    return mesh


def _norm(z: Any, *, diverging: bool, log: bool, vmin: float | None, vmax: float | None) -> Normalize:
    if log:
        return LogNorm(vmin or float(z[z > 0].min()), vmax or float(z.max()))
    low = float(z.min()) if vmin is None else vmin
    high = float(z.max()) if vmax is None else vmax
    if diverging:
        # Equal steps of z are equal steps of colour on both sides of zero.
        reach = max(abs(low), abs(high)) or 1.0
        return Normalize(-reach, reach)
    return Normalize(low, high)


def contours(
    ax: Axes,
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    levels: Sequence[float],
    *,
    color: str = "white",
    fmt: str = "%g",
    labels: bool = True,
    **style: Any,
) -> QuadContourSet:
    """Contour lines with their values written into them."""
    drawn = ax.contour(
        np.asarray(x, float),
        np.asarray(y, float),
        np.asarray(z, float),
        levels=sorted(levels),
        **over({"colors": color, "linewidths": 0.7}, style),
    )
    if labels:
        ax.clabel(drawn, fmt=fmt, fontsize=7.0, inline_spacing=2)
    return drawn


def surface(
    ax: Any, x: ArrayLike, y: ArrayLike, z: ArrayLike, *, cmap: str = SEQUENTIAL, **style: Any
) -> None:
    """Surface of z over (x, y) in a panel made with ``projection="3d"``; shapes as in `heatmap`."""
    grid = np.meshgrid(np.asarray(x, float), np.asarray(y, float))
    drawn = ax.plot_surface(
        *grid,
        np.asarray(z, float),
        **over({"cmap": cmap, "rcount": 60, "ccount": 60, "linewidth": 0.0, "antialiased": False}, style),
    )
    drawn.set_rasterized(True)
    ax.set_box_aspect(None, zoom=0.86)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.pane.set_facecolor("white")
        axis.labelpad = -5.0
        axis.set_minor_locator(NullLocator())
        axis.set_major_locator(MaxNLocator(5))
        axis._axinfo["grid"].update(linewidth=0.3, color="#cccccc")
    ax.tick_params(pad=-2.0)
