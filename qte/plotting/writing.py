"""The texts of a drawn figure: what they say and where they lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.path import Path
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from qte.plotting.inventory import contour_sets
from qte.plotting.panels import Halo

_SLACK = 0.8
"""Points by which the boxes of two texts may meet: a box is a little larger than its signs."""


@dataclass(frozen=True)
class Written:
    """A text on the page.

    Attributes
    ----------
    content : str
    artist : Text
    corners : ndarray, shape (4, 2)
        Of its box, in pixels, turned as the text is.
    owner : Axes or None
        The panel in which it stands, or None for a title, an axis label, a legend.
    on_lines : bool
        Whether lines under it would be seen: it stands in a panel, with neither outline nor ground of its own.
    ground : str or None
        Colour of its outline or ground, or None without one.
    """

    content: str
    artist: Text
    corners: NDArray[np.float64]
    owner: Axes | None = None
    on_lines: bool = False
    ground: Any = None

    def __str__(self) -> str:
        return "“" + " ".join(self.content.replace(r"\mathdefault", "").split()) + "”"

    @property
    def outline(self) -> Path:
        """Its box as a closed path."""
        return Path(np.vstack([self.corners, self.corners[:1]]), closed=True)


def written(fig: Figure) -> Iterator[Written]:
    """All texts of a drawn figure: its own, then panel by panel what stands in it, title, axes, legends."""
    renderer = fig.canvas.get_renderer()  # type: ignore[attr-defined]
    for text in fig.texts:
        yield from _one(text, renderer)
    for ax in _all_axes(fig):
        cut = {id(text) for drawn in contour_sets(ax) for text in getattr(drawn, "labelTexts", ())}
        for text in ax.texts:
            if isinstance(text, Annotation):
                text.update_positions(renderer)
            yield from _one(text, renderer, owner=ax, cut=id(text) in cut)
        yield from _one(ax.title, renderer)
        if ax.axison:
            for axis in (ax.xaxis, ax.yaxis):
                for text in (axis.label, axis.get_offset_text(), *_ticks(axis)):
                    yield from _one(text, renderer)
        for made in (child for child in ax.get_children() if isinstance(child, Legend)):
            face = made.get_frame().get_facecolor() if made.get_frame_on() else None
            for text in (made.get_title(), *made.get_texts()):
                yield from _one(text, renderer, ground=face)


def overlapping(texts: Sequence[Written]) -> Iterator[tuple[Written, Written]]:
    """Pairs of texts whose boxes share more than a seam."""
    if not texts:
        return
    low = np.array([text.corners.min(axis=0) for text in texts])
    high = np.array([text.corners.max(axis=0) for text in texts])
    apart: NDArray[np.bool_] = np.any(low[:, None] > high[None], axis=2)
    for i, k in combinations(range(len(texts)), 2):
        if not (apart[i, k] or apart[k, i]) and texts[i].outline.intersects_path(texts[k].outline):
            yield texts[i], texts[k]


def _all_axes(fig: Figure) -> Iterator[Axes]:
    for ax in fig.axes:
        yield ax
        yield from (child for child in ax.child_axes if isinstance(child, Axes))


def _ticks(axis: Axis) -> Iterator[Text]:
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * (high - low)
    for tick in axis.get_major_ticks():
        if low - slack <= tick.get_loc() <= high + slack and tick.get_visible():
            yield from (label for label in (tick.label1, tick.label2) if label.get_visible())


def _one(
    text: Text, renderer: Any, owner: Axes | None = None, *, cut: bool = False, ground: Any = None
) -> Iterator[Written]:
    content = text.get_text().strip()
    if not content or not text.get_visible():
        return
    patch: Any = text.get_bbox_patch()
    halos = [effect for effect in text.get_path_effects() if isinstance(effect, Halo)]
    if patch is not None:
        ground = patch.get_facecolor()
    elif halos:
        ground = halos[0].color
    on_lines = owner is not None and ground is None and not cut
    yield Written(content, text, _corners(text, renderer), owner, on_lines, ground)


def _corners(text: Text, renderer: Any) -> NDArray[np.float64]:
    angle = text.get_rotation()
    centre = Text.get_window_extent(text, renderer)
    box = centre
    if angle % 90:
        text.set_rotation(0.0)
        box = Text.get_window_extent(text, renderer)
        text.set_rotation(angle)
    middle = (np.array([centre.x0, centre.y0]) + np.array([centre.x1, centre.y1])) / 2
    slack = renderer.points_to_pixels(_SLACK)
    half = np.maximum(np.array([box.width, box.height]) / 2 - slack, 0.1)
    around = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    turn = Affine2D().rotate_deg(angle if angle % 90 else 0.0)
    return np.asarray(turn.transform(around) + middle)
