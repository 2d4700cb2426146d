"""The pixels of a figure, the same on every processor.

The renderer multiplies coordinates by a transformation, and some processors fuse that product with the sum that
follows.  A last digit then decides to which 256th of a pixel a point belongs, and where a curve is cut.  So points are
brought onto the page here, one operation after the other, and onto a grid of such parts, before the renderer sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Into which the renderer itself divides a pixel.
_PARTS: Final = 256.0
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
        super().draw_path(gc, _placed(path, transform), _PLACED, rgbFace)  # type: ignore[no-untyped-call]

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
        draw(gc, _placed(marker, size), _PLACED, _placed(path, transform), _PLACED, *fill)

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
        draw(gc, _PLACED, width, height, _on_grid(np.asarray(corners), transform), *look)


def _placed(path: Path, transform: Any) -> Path:
    placed = Path(_on_grid(path.vertices, transform), path.codes)
    placed.should_simplify, placed.simplify_threshold = path.should_simplify, path.simplify_threshold
    return placed


def _on_grid(points: Any, transform: Any) -> Array:
    """Points (..., 2) in pixels, in whole parts of one."""
    (a, c, e), (b, d, f), _ = transform.get_matrix()
    there = np.asarray(points, dtype=float)
    x, y = there[..., 0], there[..., 1]
    placed = np.empty(there.shape)
    placed[..., 0], placed[..., 1] = a * x + c * y + e, b * x + d * y + f
    return np.asarray(np.rint(placed * _PARTS) / _PARTS)


class GridCanvas(FigureCanvasAgg):
    """Pixels of a figure from the grid; what was measured of its texts is kept."""

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        self._made: dict[tuple[float, ...], _GridRenderer] = {}

    def get_renderer(self) -> _GridRenderer:
        key = (*self.get_width_height(physical=True), self.figure.dpi)
        if key not in self._made:
            self._made[key] = _GridRenderer(*key)
        return self._made[key]

    def drawn(self) -> NDArray[np.uint8]:
        """What was drawn last, shape (rows, columns, 4): red, green, blue and opacity."""
        return np.asarray(self.renderer.buffer_rgba())


@contextmanager
def on_grid(fig: Figure) -> Iterator[GridCanvas]:
    """A figure that is drawn as pixels meanwhile has them from the grid, and what it measured of its texts is kept."""
    before = fig.canvas
    canvas = before if isinstance(before, GridCanvas) else GridCanvas(fig)
    try:
        yield canvas
    finally:
        fig.set_canvas(before)
