"""What lies under a text or a line of a figure, and how much it stands out from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

Array = NDArray[np.float64]

_GRID = np.array([(x, y) for y in (-0.6, 0.0, 0.6) for x in (-0.8, -0.4, 0.0, 0.4, 0.8)])
_SHARE = 0.2


def contrast_of_texts(fig: Figure, texts: Sequence[Written]) -> Array:
    """Contrast of texts with their own ground or, on most of their area, with what lies under them."""
    if not texts:
        return np.empty(0)
    corners = np.array([text.corners for text in texts])
    # from the lower left corner to the right and up
    sides = (corners[:, [1, 3]] - corners[:, :1]) / 2
    points = corners.mean(axis=1)[:, None] + _GRID @ sides
    heights = np.array([text.artist.get_zorder() for text in texts], dtype=float)
    grounds = under(fig, points.reshape(-1, 2), np.repeat(heights, len(_GRID))).reshape(*points.shape[:2], 3)
    for ground, text in zip(grounds, texts, strict=True):
        if text.ground is not None:
            ground[:] = to_rgb(text.ground)
    own = np.array([to_rgb(text.artist.get_color()) for text in texts])
    return np.asarray(np.quantile(colors.contrast(own[:, None], grounds), _SHARE, axis=1))


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


def under(fig: Any, points: Array, below: Array | float) -> Array:
    """Colours that lie at points of the page (pixels), as far as areas and maps make them.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
    below : float, or ndarray of shape (n,)
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
            beneath = inside & (artist.get_zorder() <= below)
            if beneath.any():
                _lay(found, beneath, points, artist, ax)
    return found


def _framed(fig: Any) -> Iterator[Axes]:
    for ax in fig.axes:
        yield ax
        yield from (child for child in ax.child_axes if type(child) is Axes)


def _within(ax: Axes, points: Array) -> NDArray[np.bool_]:
    low, high = np.array(ax.bbox.min), np.array(ax.bbox.max)
    return np.asarray(np.all((points > low) & (points < high), axis=1))


def _paint(found: Array, where: NDArray[np.bool_], color: Any) -> None:
    *rgb, alpha = to_rgba(color)
    found[where] = alpha * np.array(rgb) + (1 - alpha) * found[where]


def _lay(found: Any, inside: NDArray[np.bool_], points: Array, artist: Any, ax: Axes) -> None:
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


def _values_at(shown: Any, spots: Array) -> Any:
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


def _along(ax: Axes, path: Array) -> Array:
    """Points at even steps along a path on the page, as far as it lies in the panel."""
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    way = np.concatenate(([0.0], np.cumsum(np.where(np.isfinite(steps), steps, 0.0))))
    at = np.linspace(0.0, way[-1], 60)
    points = np.column_stack([np.interp(at, way, path[:, k]) for k in (0, 1)])
    return points[_within(ax, points)]
