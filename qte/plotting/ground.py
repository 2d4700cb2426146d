"""What lies under a text or a line of a figure, and how much it stands out from it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection, QuadMesh
from matplotlib.colors import to_rgb, to_rgba, to_rgba_array
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Patch
from numpy.typing import NDArray

from qte.plotting import colors
from qte.plotting.inventory import contour_sets, has_line, maps
from qte.plotting.panels import Halo
from qte.plotting.writing import Written

_GRID = np.array([(x, y) for y in (-0.6, 0.0, 0.6) for x in (-0.8, -0.4, 0.0, 0.4, 0.8)])
_SHARE = 0.2


def contrast_of_text(fig: Figure, text: Written) -> float:
    """Contrast of a text with its own ground or, on most of its area, with what lies under it."""
    own = np.array(to_rgb(text.artist.get_color()))
    if text.ground is not None:
        return float(colors.contrast(own, np.array(to_rgb(text.ground))))
    middle, (right, up) = text.corners.mean(axis=0), (text.corners[[1, 3]] - text.corners[0]) / 2
    points = middle + _GRID @ np.array([right, up])
    return float(np.quantile(colors.contrast(own, under(fig, points, text.artist.get_zorder())), _SHARE))


def contrast_of_line(ax: Axes, wanted: float) -> Iterator[tuple[str, float]]:
    """Lines and contours on a map that lack the contrast wanted on a fifth of their length: name and share."""
    shown = maps(ax)
    if not shown:
        return
    runs: list[tuple[str, Any, Any]] = [
        (
            f"a {colors.name(line.get_color())} line",
            line.get_color(),
            line.get_transform().transform(np.asarray(line.get_xydata())),
        )
        for line in ax.lines
        if has_line(line) and not any(isinstance(effect, Halo) for effect in line.get_path_effects())
    ]
    for drawn in contour_sets(ax):
        edges: Any = np.atleast_2d(drawn.get_edgecolor())
        levels: Any = drawn.levels
        for k, path in enumerate(drawn.get_paths()):
            vertices: Any = path.vertices
            if len(vertices):
                name = f"the contour of {levels[k]:g}"
                runs.append((name, edges[k % len(edges)][:3], ax.transData.transform(vertices)))
    for name, color, path in runs:
        points = _along(ax, path)
        if len(points):
            poor = np.mean(
                colors.contrast(np.array(to_rgb(color)), under(ax.figure, points, np.inf)) < wanted
            )
            if poor > _SHARE:
                yield name, float(poor)


def under(fig: Any, points: NDArray[np.float64], below: float) -> NDArray[np.float64]:
    """Colours that lie at points of the page (pixels), as far as areas and maps make them.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
    below : float
        Only what is drawn below this height (`zorder`) within its panel.
    """
    found = np.tile(to_rgb(fig.get_facecolor()), (len(points), 1))
    for ax in sorted(_framed(fig), key=lambda ax: ax.get_zorder()):
        inside = _within(ax, points)
        if not inside.any():
            continue
        if ax.axison and ax.patch.get_visible():
            _paint(found, inside, ax.patch.get_facecolor())
        artists = [a for a in (*ax.patches, *ax.collections, *ax.images) if a.get_visible()]
        for artist in sorted(artists, key=lambda a: a.get_zorder()):
            if artist.get_zorder() <= below:
                _lay(found, inside, points, artist, ax)
    return found


def _framed(fig: Any) -> Iterator[Axes]:
    for ax in fig.axes:
        yield ax
        yield from (child for child in ax.child_axes if type(child) is Axes)


def _within(ax: Axes, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    low, high = np.array(ax.bbox.min), np.array(ax.bbox.max)
    return np.asarray(np.all((points > low) & (points < high), axis=1))


def _paint(found: NDArray[np.float64], where: NDArray[np.bool_], color: Any) -> None:
    *rgb, alpha = to_rgba(color)
    found[where] = alpha * np.array(rgb) + (1 - alpha) * found[where]


def _lay(found: Any, inside: NDArray[np.bool_], points: NDArray[np.float64], artist: Any, ax: Axes) -> None:
    if artist in maps(ax):
        spots = ax.transData.inverted().transform(points[inside])
        seen = artist.to_rgba(_values_at(artist, spots))
        found[inside] = seen[:, 3:] * seen[:, :3] + (1 - seen[:, 3:]) * found[inside]
    elif isinstance(artist, Patch) and artist.get_fill() and not isinstance(artist, FancyArrowPatch):
        path = artist.get_transform().transform_path(artist.get_path())
        _paint(found, inside & path.contains_points(points), artist.get_facecolor())
    elif isinstance(artist, PolyCollection) and not isinstance(artist, QuadMesh):
        for path, face in zip(artist.get_paths(), cycle(to_rgba_array(artist.get_facecolor())), strict=False):
            on = artist.get_transform().transform_path(path).contains_points(points)
            _paint(found, inside & on, face)


def _values_at(shown: Any, spots: NDArray[np.float64]) -> Any:
    """Values of a map at points in the panel's coordinates."""
    values: Any = np.ma.atleast_2d(shown.get_array())
    if isinstance(shown, QuadMesh):
        mesh: Any = shown.get_coordinates()
        values = values.reshape(mesh.shape[0] - 1, mesh.shape[1] - 1)
        edges = mesh[0, :, 0], mesh[:, 0, 1]
    else:
        x0, x1, y0, y1 = shown.get_extent()
        edges = np.linspace(x0, x1, values.shape[1] + 1), np.linspace(y0, y1, values.shape[0] + 1)
    column, row = (
        np.clip(np.searchsorted(edge, spot) - 1, 0, len(edge) - 2)
        for edge, spot in zip(edges, spots.T, strict=True)
    )
    return values[row, column]


def _along(ax: Axes, path: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points at even steps along a path on the page, as far as it lies in the panel."""
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    way = np.concatenate(([0.0], np.cumsum(np.where(np.isfinite(steps), steps, 0.0))))
    at = np.linspace(0.0, way[-1], 60)
    points = np.column_stack([np.interp(at, way, path[:, k]) for k in (0, 1)])
    return points[_within(ax, points)]
