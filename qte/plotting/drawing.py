"""A figure drawn once, and written from that in every format.

matplotlib draws a figure anew for each format, and measures and sets every text anew.  Here its artists are drawn once,
by a renderer that keeps what they ask for, and the renderer of each format is then asked for the same: PDF, SVG and PNG
are one drawing with one layout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

from matplotlib.backend_bases import FigureCanvasBase, GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser, VectorParse
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform, TransformedPath
from PIL.Image import Image

from qte.plotting.canvas import PixelCanvas, moved, placed

POINTS: Final = 72.0
"""Points an inch: what a drawing is kept in."""

_PLAIN: Final = IdentityTransform()
# A renderer, a graphics context of its own, and what brings points to its units.
_Call = Callable[[Any, Any, Any], None]


class _Formulas(MathTextParser):  # type: ignore[type-arg]
    """Sets a formula once, whatever its sizes: at another size it is the same, larger or smaller."""

    def __init__(self, size: float) -> None:
        super().__init__("path")
        self._size = size
        self._known: dict[tuple[str, FontProperties], VectorParse] = {}

    def parse(
        self,
        s: str,
        dpi: float = POINTS,
        prop: FontProperties | None = None,
        *,
        antialiased: bool | None = None,
    ) -> VectorParse:
        font = FontProperties() if prop is None else prop.copy()
        zoom = font.get_size_in_points() / self._size * (dpi / POINTS)
        font.set_size(self._size)
        if (s, font) not in self._known:
            self._known[s, font] = super().parse(s, POINTS, font)
        return _zoomed(self._known[s, font], zoom)


def _zoomed(formula: VectorParse, by: float) -> VectorParse:
    width, height, depth, glyphs, rects = formula
    parts: Any = (
        [(font, size * by, code, glyph, x * by, y * by) for font, size, code, glyph, x, y in glyphs],
        [tuple(number * by for number in rect) for rect in rects],
    )
    return VectorParse(width * by, height * by, depth * by, *parts)


class Drawing(RendererBase):
    """What the artists of a figure ask a renderer for, kept in points from the lower left corner of the page.

    Parameters
    ----------
    width, height : float
        Size of the page in points.

    Attributes
    ----------
    fonts : dict of FontProperties to str
        What texts are written in, and the first text in each.
    """

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.size = width, height
        self.fonts: dict[FontProperties, str] = {}
        # undocumented, here and below: what a renderer sets its texts with
        self._text2path.mathtext_parser = _Formulas(self._text2path.FONT_SCALE)
        self._start(POINTS)

    def _start(self, dpi: float) -> None:
        self._calls: list[tuple[_Call, GraphicsContextBase | None]] = []
        # path that a context clips to → that path and its place on the page; the first is kept for its identity
        self._clips: dict[int, tuple[Path, TransformedPath]] = {}
        self._magnification = dpi / POINTS

    def draw(self, fig: Figure, dpi: float) -> Page:
        """Draw a figure whose canvas is `on_paper`, with as many dots an inch where it is drawn as pixels."""
        self._start(dpi)
        fig.draw(self)
        return Page(self, dpi)

    def onto(self, renderer: Any) -> None:
        """Ask another renderer for all that was kept."""
        renderer._text2path.mathtext_parser = self._text2path.mathtext_parser
        zooms: dict[float, Any] = {1.0: _PLAIN}
        for call, kept in self._calls:
            # in turns, where parts of a PDF or SVG are drawn as pixels
            by = renderer.points_to_pixels(1.0)
            if by not in zooms:
                zooms[by] = Affine2D().scale(by)
            zoom = zooms[by]
            if kept is None:
                call(renderer, None, zoom)
                continue
            context = renderer.new_gc()
            context.copy_properties(kept)
            if by != 1.0:
                _zoom_clip(context, zoom)
            call(renderer, context, zoom)
            context.restore()

    # What artists ask about the page.

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.size

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        self.fonts.setdefault(prop, s)
        width, height, descent = self._text2path.get_text_width_height_descent(s, prop, ismath)
        return width, height, descent

    def get_image_magnification(self) -> float:
        return self._magnification

    # What they ask to be drawn.

    def draw_path(self, gc: Any, path: Path, transform: Any, rgbFace: Any = None) -> None:
        there = placed(path, transform)
        self._keep(gc, lambda to, look, zoom: to.draw_path(look, there, zoom, rgbFace))

    def draw_markers(
        self, gc: Any, marker_path: Path, marker_trans: Any, path: Path, trans: Any, rgbFace: Any = None
    ) -> None:
        marker, there = placed(marker_path, marker_trans), placed(path, trans)
        self._keep(gc, lambda to, look, zoom: to.draw_markers(look, marker, zoom, there, zoom, rgbFace))

    def draw_path_collection(
        self,
        gc: Any,
        master_transform: Any,
        paths: Any,
        all_transforms: Any,
        offsets: Any,
        offset_trans: Any,
        *looks: Any,
        **more: Any,
    ) -> None:
        whole, there = master_transform.frozen(), moved(offsets, offset_trans)
        self._keep(
            gc,
            lambda to, look, zoom: to.draw_path_collection(
                look, whole + zoom, paths, all_transforms, there, zoom, *looks, **more
            ),
        )

    def draw_quad_mesh(
        self,
        gc: Any,
        master_transform: Any,
        meshWidth: int,
        meshHeight: int,
        coordinates: Any,
        offsets: Any,
        offsetTrans: Any,
        *looks: Any,
    ) -> None:
        corners, there = moved(coordinates, master_transform), moved(offsets, offsetTrans)
        self._keep(
            gc,
            lambda to, look, zoom: to.draw_quad_mesh(
                look, zoom, meshWidth, meshHeight, corners, there, zoom, *looks
            ),
        )

    def draw_gouraud_triangles(
        self, gc: Any, triangles_array: Any, colors_array: Any, transform: Any
    ) -> None:
        there = moved(triangles_array, transform)
        self._keep(gc, lambda to, look, zoom: to.draw_gouraud_triangles(look, there, colors_array, zoom))

    def draw_image(self, gc: Any, x: float, y: float, im: Any, transform: Any = None) -> None:
        self._keep(gc, lambda to, look, zoom: to.draw_image(look, *zoom.transform((x, y)), im))

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        font = prop.copy()

        def again(to: Any, look: Any, zoom: Any) -> None:
            # asked for from the top, as of renderers that count from there
            right, up = zoom.transform((x, y if to.flipy() else self.size[1] - y))
            to.draw_text(look, float(right), float(up), s, font, angle, ismath=ismath, mtext=mtext)

        self._keep(gc, again)

    def open_group(self, s: str, gid: str | None = None) -> None:
        self._keep(None, lambda to, *_: to.open_group(s, gid))

    def close_group(self, s: str) -> None:
        self._keep(None, lambda to, *_: to.close_group(s))

    def start_rasterizing(self) -> None:
        self._keep(None, lambda to, *_: to.start_rasterizing())

    def stop_rasterizing(self) -> None:
        self._keep(None, lambda to, *_: to.stop_rasterizing())

    def start_filter(self) -> None:
        """Of pixels, which a filter then changes."""
        self._keep(None, lambda to, *_: to.start_filter())

    def stop_filter(self, post_processing: Any) -> None:
        """See `start_filter`."""
        self._keep(None, lambda to, *_: to.stop_filter(post_processing))

    def _keep(self, gc: Any, call: _Call) -> None:
        self._calls.append((call, None if gc is None else self._kept(gc)))

    def _kept(self, gc: Any) -> GraphicsContextBase:
        """A graphics context as it is now; artists go on changing theirs."""
        kept = GraphicsContextBase()
        kept.copy_properties(gc)
        if (cut := gc.get_clip_rectangle()) is not None:
            kept.set_clip_rectangle(Bbox(cut.get_points().copy()))
        path, transform = gc.get_clip_path()
        if path is not None:
            if id(path) not in self._clips:
                self._clips[id(path)] = path, TransformedPath(placed(path, transform), _PLAIN)
            kept.set_clip_path(self._clips[id(path)][1])
        return kept


def _zoom_clip(context: Any, zoom: Any) -> None:
    if (cut := context.get_clip_rectangle()) is not None:
        context.set_clip_rectangle(Bbox(zoom.transform(cut.get_points())))
    path, _ = context.get_clip_path()
    if path is not None:
        context.set_clip_path(TransformedPath(path, zoom))


class Page(Figure):
    """A figure that draws what was kept of another one of its size, to be saved as any figure."""

    def __init__(self, drawing: Drawing, dpi: float) -> None:
        width, height = drawing.size
        super().__init__(figsize=(width / POINTS, height / POINTS), dpi=dpi)
        self._drawing = drawing

    def draw(self, renderer: Any) -> None:
        self._drawing.onto(renderer)

    @cached_property
    def pixels(self) -> Image:
        """It as pixels."""
        return PixelCanvas(self).image()


class _Paper(FigureCanvasBase):
    """A canvas that is measured in points, always by the same renderer: it keeps what it measured of texts."""

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        self._drawing = Drawing(*(figure.get_size_inches() * POINTS))

    def get_renderer(self) -> Drawing:
        return self._drawing


@contextmanager
def on_paper(fig: Figure) -> Iterator[Drawing]:
    """What a figure is measured and drawn with meanwhile: layout, drawing and checks share what was measured."""
    before, dpi, stale = fig.canvas, fig.get_dpi(), fig.stale
    if isinstance(before, _Paper):
        yield before.get_renderer()
        return
    try:
        canvas = _Paper(fig)
        fig.set_dpi(POINTS)
        # another resolution is no change of what is drawn
        fig.stale = stale
        yield canvas.get_renderer()
    finally:
        stale = fig.stale
        fig.set_canvas(before)
        fig.set_dpi(dpi)
        fig.stale = stale
