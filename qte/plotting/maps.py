"""Maps: a quantity over two axes, its colour bar, its contours, and where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.contour import QuadContourSet
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from qte.plotting.canvas import rounded
from qte.plotting.colors import contrast
from qte.plotting.style import BLACK, over, plain_ticks

SEQUENTIAL: Final = "viridis"
DIVERGING: Final = "RdBu_r"
# Spots for a label whose room differs by less than this, in panels, are alike, and angles by less than so many
# digits: what is left is the processor's rounding.
_ALIKE: Final = 1e-9
_DIGITS: Final = 6


class EvenMap(AxesImage):
    """A map whose pixels lie between the points of an even grid, the same on every processor.

    matplotlib's own interpolation is compiled: where the processor fuses products with sums, a value at the end of a
    colour falls into the next one.

    Parameters
    ----------
    ax : Axes
        It is added there.
    z : masked ndarray, shape (ny, nx)
    extent : (float, float, float, float)
        Left, right, lower and upper edge of the grid's cells; matplotlib draws it on axes that are not linear.
    **look
        Of `AxesImage`.
    """

    def __init__(self, ax: Axes, z: Any, extent: tuple[float, float, float, float], **look: Any) -> None:
        super().__init__(
            ax, extent=extent, origin="lower", interpolation="bilinear", interpolation_stage="data", **look
        )
        self.set_data(z)
        self.autoscale_None()
        self.set_clip_path(ax.patch)
        ax.add_image(self)

    def make_image(self, renderer: Any, magnification: float = 1.0, unsampled: bool = False) -> Any:
        """Its pixels from below, shape (rows, columns, 4), and where their lower left corner stands."""
        if not self.axes.transData.is_affine:
            return super().make_image(renderer, magnification, unsampled)
        left, right, low, high = self.get_extent()
        to_page: Any = self.axes.transData
        matrix = to_page.get_matrix() * magnification
        panel = np.array(self.axes.bbox.extents) * magnification
        z: Any = self.get_array()
        places, corner = [], []
        for axis, (start, stop) in enumerate(((left, right), (low, high))):
            first, last = (matrix[axis, axis] * edge + matrix[axis, 2] for edge in (start, stop))
            ends = sorted((first, last))
            # whole pixels of the panel, as far as there are cells; halves on neither side
            begin, end = (
                int(np.floor(edge + 0.5 + 1e-6))
                for edge in (max(ends[0], panel[axis]), min(ends[1], panel[axis + 2]))
            )
            if end <= begin:
                return None, 0.0, 0.0, None
            count = z.shape[1 - axis]
            cells = (np.arange(begin, end) + 0.5 - first) / (last - first) * count - 0.5
            places.append(np.clip(rounded(cells), 0.0, count - 1.0))
            corner.append(begin / magnification)
        shown: Any = self.to_rgba(_between(np.ma.filled(z, np.nan), *places), self.get_alpha(), bytes=True)
        return shown, *corner, None


def _between(z: NDArray[np.float64], across: NDArray[np.float64], up: NDArray[np.float64]) -> Any:
    """Bilinear values of z (ny, nx) at places counted in its points, shape (rows, columns), without NaN."""
    below, left = up.astype(int), across.astype(int)
    above, right = np.minimum(below + 1, len(z) - 1), np.minimum(left + 1, z.shape[1] - 1)
    dx, dy = across - left, (up - below)[:, None]
    rows = [z[row][:, left] * (1 - dx) + z[row][:, right] * dx for row in (below, above)]
    return np.ma.masked_invalid(rows[0] * (1 - dy) + rows[1] * dy)


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
    cmap: str | Sequence[str] | None = None,
    colorbar: bool = True,
    zero: bool = True,
) -> ScalarMappable:
    """Map of z over (x, y) with its colour bar; pixels inside vector files.

    Values between the points of an even grid are interpolated, so that an edge along a diagonal is no staircase;
    an uneven grid, or logarithmic colours, give one cell a point. Where values lie beyond the colours, the bar
    ends in a point.

    Parameters
    ----------
    x : array_like, shape (nx,)
    y : array_like, shape (ny,)
    z : array_like, shape (ny, nx)
        NaN is left blank.
    label : str
        Of the colour bar.
    diverging : bool
        For signed values: zero is white, and a thin line runs along it, since both signs look alike in grey.
    log : bool
        Logarithmic colours.
    vmin, vmax : float, optional
        Ends of the colours.
    cmap : str or sequence of str
        A colour map of matplotlib's, or one colour for each class of z.
    colorbar : bool
        False if the figure draws one itself (see `bar`).
    zero : bool
        False leaves out the line of `diverging`, where another line marks it.

    Raises
    ------
    ValueError
        If `diverging` and `log` are both asked for.
    """
    if diverging and log:
        raise ValueError("Arguments `diverging` and `log` must not both be true")
    xs, ys, zs = np.asarray(x, float), np.asarray(y, float), np.ma.masked_invalid(np.asarray(z, float))
    look: dict[str, Any] = {
        "norm": _norm(zs, diverging=diverging, log=log, vmin=vmin, vmax=vmax),
        "cmap": _colours(cmap) or (DIVERGING if diverging else SEQUENTIAL),
        "zorder": 0,
    }
    drawn: ScalarMappable
    if _even(xs) and _even(ys) and not log:
        # half a cell beyond the outer points: each lies in the middle of its pixel
        dx, dy = (xs[1] - xs[0]) / 2, (ys[1] - ys[0]) / 2
        extent = (xs[0] - dx, xs[-1] + dx, ys[0] - dy, ys[-1] + dy)
        drawn = EvenMap(ax, zs, extent, **look)
    else:
        drawn = ax.pcolormesh(xs, ys, zs, shading="nearest", rasterized=True, **look)
    ax.set_xlim(xs[0], xs[-1])
    ax.set_ylim(ys[0], ys[-1])
    if diverging and zero and zs.min() < 0 < zs.max():
        ax.contour(xs, ys, zs, [0.0], colors=BLACK, linewidths=0.5)
    if colorbar:
        ends = (float(zs.min()) if vmin is None else vmin, float(zs.max()) if vmax is None else vmax)
        bar(ax, drawn, label, ends=ends if diverging else None)
    return drawn


def bar(
    ax: Axes,
    drawn: ScalarMappable,
    label: str,
    *,
    ends: tuple[float, float] | None = None,
    inside: bool = False,
) -> Any:
    """Colour bar of a map, with a point at an end beyond which values lie.

    Parameters
    ----------
    ends : (float, float), optional
        Part of the colours that the bar shows.
    inside : bool
        True keeps the panel's size: the bar stands beside it in the margin.
    """
    place: dict[str, Any] = {"ax": ax, "pad": 0.02, "aspect": 22}
    if inside:
        place = {"cax": ax.inset_axes((1.03, 0.0, 0.045, 1.0), label="<colorbar>")}
    made: Any = ax.figure.colorbar(drawn, label=label, extend=_beyond(drawn), extendfrac=0.04, **place)
    made.solids.set_rasterized(True)
    if not isinstance(drawn.norm, LogNorm):
        plain_ticks(made.ax)
    if ends is not None:
        made.ax.set_ylim(*ends)
    made.outline.set_linewidth(0.6)
    return made


def _colours(cmap: str | Sequence[str] | None) -> str | ListedColormap | None:
    return cmap if cmap is None or isinstance(cmap, str) else ListedColormap(list(cmap))


def _even(values: NDArray[np.float64]) -> bool:
    steps = np.diff(values)
    return len(values) > 1 and bool(np.allclose(steps, steps[0], rtol=1e-6, atol=0.0))


def _beyond(drawn: ScalarMappable) -> Literal["neither", "min", "max", "both"]:
    """On which side values lie beyond the colours, by more than rounding."""
    values: Any = drawn.get_array()
    norm: Any = drawn.norm
    slack = 1e-9 * (norm.vmax - norm.vmin)
    low, high = values.min() < norm.vmin - slack, values.max() > norm.vmax + slack
    return "both" if low and high else "min" if low else "max" if high else "neither"


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
    color: str | None = None,
    fmt: str = "%g",
    labels: bool = True,
    **style: Any,
) -> QuadContourSet:
    """Contour lines with their values written into them.

    Without a `color`, each line is black or white, whichever stands out from the colour that the panel's map
    gives to its level.
    """
    ascending = sorted(levels)
    drawn = ax.contour(
        np.asarray(x, float),
        np.asarray(y, float),
        np.asarray(z, float),
        levels=ascending,
        **over({"colors": color or _standing_out(ax, ascending), "linewidths": 0.7}, style),
    )
    if labels:
        for text in ax.clabel(drawn, fmt=fmt, fontsize=7.0, inline_spacing=2, manual=_label_spots(ax, drawn)):
            # between -90, excluded, and 90
            text.set_rotation(90.0 - (90.0 - round(text.get_rotation(), _DIGITS)) % 180.0)
    return drawn


def _label_spots(ax: Axes, drawn: QuadContourSet) -> list[tuple[float, float]]:
    """A point of each level's line for its value: away from the frame, the other lines and the other values."""
    to_panel = ax.transData - ax.transAxes
    paths = [np.asarray(path.vertices) for path in drawn.get_paths()]
    lines = [to_panel.transform(path) for path in paths if len(path)]
    placed: list[NDArray[np.float64]] = []
    for k, line in enumerate(lines):
        others = np.vstack(
            [np.full((1, 2), np.inf), *(other[::4] for i, other in enumerate(lines) if i != k)]
        )
        labels = np.vstack([np.full((1, 2), np.inf), *placed])
        room = np.minimum(line, 1.0 - line).min(axis=1)
        for points, weight in ((others, 1.5), (labels, 0.7)):
            room = np.minimum(room, weight * np.linalg.norm(line[:, None] - points, axis=2).min(axis=1))
        placed.append(line[[int(np.argmax(room >= room.max() - _ALIKE))]])
    return (
        [(float(x), float(y)) for x, y in to_panel.inverted().transform(np.vstack(placed))] if placed else []
    )


def _standing_out(ax: Axes, levels: Sequence[float]) -> list[str]:
    shown = [artist for artist in (*ax.images, *ax.collections) if artist.get_array() is not None]
    if not shown:
        return [BLACK] * len(levels)
    grounds = shown[0].to_rgba(np.asarray(levels, float))[:, :3]
    black, white = (contrast(grounds, np.full(3, tone)) for tone in (0.0, 1.0))
    return [BLACK if b > w else "white" for b, w in zip(black, white, strict=True)]


def ends_of(y: ArrayLike, z: ArrayLike) -> NDArray[np.float64]:
    """Where each column of a map falls to zero, between its grid points.

    Parameters
    ----------
    y : array_like, shape (ny,)
        Ascending.
    z : array_like, shape (ny, nx)
        Positive below a height and zero above it.

    Returns
    -------
    ndarray, shape (nx,)
        The height at which the line through the last two positive points of the column meets zero, at most the
        next grid point; ``y[-1]`` where the column ends positive, ``y[0]`` where it is zero throughout.
    """
    ys, zs = np.asarray(y, float), np.asarray(z, float)
    heights = np.empty(zs.shape[1])
    for i, column in enumerate(zs.T):
        inside = np.flatnonzero(column > 0)
        if len(inside) == 0 or inside[-1] == len(ys) - 1:
            heights[i] = ys[0] if len(inside) == 0 else ys[-1]
            continue
        last = inside[-1]
        fall = column[last - 1] - column[last] if last else 0.0
        step = column[last] / fall * (ys[last] - ys[last - 1]) if fall > 0 else np.inf
        heights[i] = min(ys[last] + step, ys[last + 1])
    return heights


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
