"""The pixels of a figure, the same on every processor.

The renderer multiplies coordinates by a transformation, and some processors fuse that product with the sum that
follows.  A last digit then decides to which 256th of a pixel a point belongs, and where a curve is cut.  So points are
brought onto the page here, one operation after the other, and onto a grid of such parts, before the renderer sees them.
Letters are drawn by their outlines, as any other shape.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray
from PIL.Image import Image, fromarray

Array = NDArray[np.float64]

# Into which the renderer itself divides a pixel.
_PARTS: Final = 256.0
# From here on a part is rounded up. At a half, where outlines of letters like to lie, a last digit would decide.
_UP: Final = 0.4873
# So many pixels beside the straight way between its neighbours, a point is no bend.
_STRAIGHT: Final = 1 / 32
_PLACED: Final = IdentityTransform()


class _GridRenderer(RendererAgg):
    """Agg, with points of the grid in place of points and a transformation."""

    def __init__(self, width: float, height: float, dpi: float) -> None:
        super().__init__(width, height, dpi)  # type: ignore[no-untyped-call]
        # these are attributes of an instance: methods of compiled code
        self.draw_markers: Any = partial(self._markers, self.draw_markers)
        self.draw_quad_mesh: Any = partial(self._mesh, self.draw_quad_mesh)
        self.draw_path_collection: Any = partial(RendererBase.draw_path_collection, self)

    def draw_path(self, gc: Any, path: Path, transform: Any, rgbFace: Any = None) -> None:
        there = _on_grid(path, transform)
        if rgbFace is None:
            there = _bends(there)
        super().draw_path(gc, there, _PLACED, rgbFace)  # type: ignore[no-untyped-call]

    def draw_text(self, *text: Any, **more: Any) -> None:
        RendererBase.draw_text(self, *text, **more)

    def _markers(
        self,
        draw: Callable[..., None],
        gc: Any,
        marker: Path,
        size: Any,
        path: Path,
        transform: Any,
        *fill: Any,
    ) -> None:
        draw(gc, _on_grid(marker, size), _PLACED, _on_grid(path, transform), _PLACED, *fill)

    def _mesh(
        self,
        draw: Callable[..., None],
        gc: Any,
        transform: Any,
        width: int,
        height: int,
        corners: Any,
        *look: Any,
    ) -> None:
        draw(gc, _PLACED, width, height, rounded(moved(corners, transform)), *look)


class PixelCanvas(FigureCanvasAgg):
    """Pixels of a figure from the grid."""

    def get_renderer(self) -> _GridRenderer:
        return _GridRenderer(*self.get_width_height(physical=True), self.figure.dpi)

    def image(self) -> Image:
        """The figure, drawn; without a channel of opacity where nothing shines through."""
        self.draw()  # type: ignore[no-untyped-call]
        drawn = fromarray(np.asarray(self.buffer_rgba()))  # type: ignore[no-untyped-call]
        return drawn.convert("RGB") if drawn.getchannel("A").getextrema() == (255, 255) else drawn


def placed(path: Path, transform: Any) -> Path:
    """A path where a transformation puts it."""
    return _with_points(path, moved(path.vertices, transform))


def moved(points: Any, transform: Any) -> Array:
    """Points (..., 2) where a transformation puts them, one operation after the other."""
    (a, c, e), (b, d, f), _ = transform.get_matrix()
    before = np.asarray(points, dtype=float)
    x, y = before[..., 0], before[..., 1]
    after = np.empty(before.shape)
    after[..., 0], after[..., 1] = a * x + c * y + e, b * x + d * y + f
    return after


def _on_grid(path: Path, transform: Any) -> Path:
    placed = _with_points(path, rounded(moved(path.vertices, transform)))
    # points on a grid lie in line, or equally far out, more often than others: a last digit would decide which go
    placed.should_simplify = False
    return placed


def _bends(line: Path) -> Path:
    """A line without the points where it does not bend; anything else as it is.

    The renderer cuts the edges of a line with each other where it bends.  Where it hardly does, a last digit decides.
    """
    codes: Any = line.codes
    points = np.asarray(line.vertices)
    kept = np.arange(len(points))
    # where one part ends and the next begins
    starts = np.zeros(len(kept) + 1, dtype=bool)
    if codes is not None:
        if not np.isin(codes, (Path.MOVETO, Path.LINETO)).all():
            return line
        starts[:-1] = codes == Path.MOVETO
    ends = starts[:-1] | starts[1:]
    done, parity = 0, 0
    while done < 2 and len(kept) > 2:
        step = np.diff(points[kept], axis=0)
        before, after, chord = step[:-1].T, step[1:].T, (step[:-1] + step[1:]).T
        aside = np.abs(before[0] * after[1] - before[1] * after[0])
        gone = aside <= _STRAIGHT * np.sqrt(chord[0] * chord[0] + chord[1] * chord[1])
        gone &= (before[0] * after[0] + before[1] * after[1] >= 0) & ~ends[kept[1:-1]]
        # never two neighbours at once
        gone[parity::2] = False
        kept = kept[np.concatenate(([True], ~gone, [True]))]
        done, parity = 0 if gone.any() else done + 1, 1 - parity
    return _with_points(line, points[kept], None if codes is None else codes[kept])


def rounded(points: Array) -> Array:
    """Pixels, in whole parts of one."""
    return np.asarray(np.floor(points * _PARTS + (1.0 - _UP)) / _PARTS)


def _with_points(path: Path, points: Array, codes: Any = None) -> Path:
    other = Path(points, path.codes if codes is None else codes)
    other.should_simplify, other.simplify_threshold = path.should_simplify, path.simplify_threshold
    return other
