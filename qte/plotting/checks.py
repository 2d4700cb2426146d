"""What a journal asks of a figure, as checks that run on every figure when it is saved.

A check finds faults and stops nothing: the figure is drawn all the same, and each fault is said in one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from qte.plotting import colors
from qte.plotting.ground import contrast_of_line, contrast_of_texts
from qte.plotting.inventory import (
    LETTER,
    Item,
    Look,
    Panel,
    Words,
    contour_sets,
    curves,
    items,
    legends,
    look_of,
    maps,
    panels,
    words_of,
)
from qte.plotting.writing import Written, overlapping, written

TEXT_CONTRAST: Final = 3.0
"""Least contrast of a text with what lies under it (WCAG 2 for large text and graphics)."""
LINE_CONTRAST: Final = 1.5
"""Least contrast of a line with a map under it, on most of its length."""
APART: Final = 10.0
"""Least distance in L*a*b* at which two thin lines of one style are told apart."""
WIDER: Final = 1.6
"""Ratio of widths, or of dashes, at which two lines are told apart."""
_TOUCH: Final = 0.005
"""Part of an axis by which a curve may reach beyond it: a line has a width."""
_HALF_A_LINE: Final = 0.6
"""Half the width of a curve in points."""
_USED: Final = 1 / 3
"""Least part of an axis that its curves take up."""

_SAID: Final = {
    "red": "red", "orange": "orange", "yellow": "yellow", "green": "green", "blue": "blue", "purple": "purple",
    "brown": "brown", "black": "black", "white": "white", "grey": "grey", "gray": "grey", "solid": "solid",
    "dashed": "dashed", "dotted": "dotted", "dash-dotted": "dash-dotted", "hatched": "hatched", "circle": "circle",
    "square": "square", "dot": "dot", "triangle": "triangle", "diamond": "diamond", "cross": "cross",
    "star": "star", "arrow": "arrow", "contour": "contour",
}  # fmt: skip
# "cross" alone is a verb
_WORD: Final = (
    "(?:dash-dotted|crosses|(?:"
    + "|".join(sorted(set(_SAID) - {"dash-dotted", "cross"}, key=len, reverse=True))
    + ")s?)"
)
_RUNS: Final = re.compile(rf"\b{_WORD}(?:,? {_WORD})*\b(?!-)", re.IGNORECASE)
_COLORS: Final = ("red", "orange", "yellow", "green", "blue", "purple", "brown", "black", "white", "grey")
_NUMBER: Final = re.compile(r"[-−]?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Finding:
    """A fault of a figure: the check that found it, and one line that says where and why."""

    check: str
    message: str

    def __str__(self) -> str:
        return f"{self.check}: {self.message}"


@dataclass(frozen=True)
class Sheet:
    """A drawn figure as the checks see it.

    Attributes
    ----------
    fig : Figure
    caption : str
        What stands under it.
    """

    fig: Figure
    caption: str

    @cached_property
    def panels(self) -> tuple[Panel, ...]:
        """Its panels."""
        return tuple(panels(self.fig))

    @cached_property
    def texts(self) -> tuple[Written, ...]:
        """All that is written on it."""
        return tuple(written(self.fig))

    def items(self) -> Iterator[tuple[Panel, Item]]:
        """All that is drawn, panel by panel."""
        for panel in self.panels:
            for frame in panel.frames:
                for ax in frame:
                    yield from ((panel, item) for item in items(ax))

    @property
    def plots(self) -> list[Panel]:
        """Panels with axes around them; a schematic has none."""
        return [panel for panel in self.panels if panel.axes[0].axison]


def check(fig: Figure, caption: str = "", *, drawn_at: float | None = None) -> tuple[Finding, ...]:
    """Faults of a figure.

    Parameters
    ----------
    fig : Figure
    caption : str
        What stands under it: lines, symbols and contour levels that no legend names may be named here.
    drawn_at : float, optional
        Dots per inch at which the figure was drawn last: its texts are then in their places. If None, they are
        put there first, which takes nearly as long as drawing.

    Returns
    -------
    tuple of Finding
        In the order of `CHECKS`; the same for the same figure.
    """
    own = fig.get_dpi()
    try:
        if drawn_at is None:
            fig.draw_without_rendering()
        else:
            fig.set_dpi(drawn_at)
        sheet = Sheet(fig, caption)
        said_once = ((name, message) for name, rule in CHECKS.items() for message in _messages(rule, sheet))
        return tuple(Finding(name, message) for name, message in said_once)
    finally:
        fig.set_dpi(own)


def _messages(rule: Callable[[Sheet], Iterator[str]], sheet: Sheet) -> list[str]:
    """What a check finds; a figure that it does not understand is no reason not to draw it."""
    try:
        return list(dict.fromkeys(rule(sheet)))
    except Exception as error:
        return [f"cannot be done on this figure: {type(error).__name__}: {error}".splitlines()[0]]


def said(caption: str) -> list[Words]:
    """Colours, styles and symbols that a caption names; words side by side belong to one thing."""
    return [
        frozenset(_singular(word) for word in re.findall(_WORD, run, re.IGNORECASE))
        for run in _RUNS.findall(caption)
    ]


def _singular(word: str) -> str:
    low = word.lower()
    return next(_SAID[stem] for stem in (low, low.removesuffix("s"), low.removesuffix("es")) if stem in _SAID)


def contrast(sheet: Sheet) -> Iterator[str]:
    """Texts stand out from what lies under them, lines from the map that they cross."""
    for text, found in zip(sheet.texts, contrast_of_texts(sheet.fig, sheet.texts), strict=True):
        if found < TEXT_CONTRAST:
            yield (
                f"the text {text} has a contrast of {found:.1f} with what lies under it; "
                f"{TEXT_CONTRAST:g} is wanted"
            )
    for panel in sheet.plots:
        for ax in panel.axes:
            for name, share in contrast_of_line(ax, LINE_CONTRAST):
                yield f"{name} in {panel.name} is lost on the map along {100 * share:.0f} % of its length"


def overlap(sheet: Sheet) -> Iterator[str]:
    """No text lies on another text or on a curve, and no legend hides a curve."""
    for one, other in overlapping(sheet.texts):
        yield f"the texts {one} and {other} overlap"
    for panel in sheet.plots:
        for frame in panel.frames:
            lines = [line for ax in frame for line in curves(ax)]
            paths = [line.get_transform().transform_path(line.get_path()) for line in lines]
            for text in (t for t in sheet.texts if t.owner in frame and t.on_lines):
                if any(path.intersects_path(text.outline, filled=False) for path in paths):
                    yield f"a curve of {panel.name} runs through the text {text}"
            for made in (m for m in legends(sheet.fig) if m.axes in frame):
                # a line is seen on both sides of its path
                box = made.get_frame().get_window_extent().padded(sheet.fig.get_dpi() / 72 * _HALF_A_LINE)
                under = [path.intersects_bbox(box, filled=False) for path in paths]
                if any(under):
                    hidden = ", ".join(_named(line) for line, on in zip(lines, under, strict=True) if on)
                    yield f"the legend of {panel.name} lies on {hidden}"


def families(sheet: Sheet) -> Iterator[str]:
    """Curves of a panel differ in style, or in colour in grey and to colour-blind eyes."""
    for panel in sheet.plots:
        for frame in panel.frames:
            alike = []
            for one, other in combinations([line for ax in frame for line in curves(ax)], 2):
                seen = _alike(look_of(one), look_of(other))
                if seen:
                    alike.append(f"{_named(one)} and {_named(other)} look alike{seen}")
            if alike:
                more = f" (and {len(alike) - 1} more such pairs)" if len(alike) > 1 else ""
                yield f"in {panel.name} {alike[0]}{more}"


def _alike(one: Look, other: Look) -> str:
    """How two curves look alike, or "" when one tells them apart."""
    if one.marker != other.marker or max(one.width, other.width) >= WIDER * min(one.width, other.width):
        return ""
    if len(one.dashes) != len(other.dashes):
        return ""
    ratios = [max(a, b) / max(min(a, b), 1e-9) for a, b in zip(one.dashes, other.dashes, strict=True)]
    if ratios and max(ratios) >= WIDER:
        return ""
    if colors.distance(one.color, other.color) < APART:
        return " to every eye"
    blind = [vision for vision in colors.VISIONS if colors.distance(one.color, other.color, vision) < APART]
    return f" in {', '.join(blind)}" if blind else ""


def explained(sheet: Sheet) -> Iterator[str]:
    """Everything drawn is in a legend or in the caption, or is the only curve of an axis with a name."""
    words = [*said(sheet.caption), *_words_of_legends(sheet.fig)]
    names = {text.get_text() for made in legends(sheet.fig) for text in made.get_texts()}
    for panel in sheet.plots:
        for frame in panel.frames:
            for ax in frame:
                shown = list(items(ax))
                nameless = [
                    i
                    for i in shown
                    if not (i.label in names or _is_explained(i, words) or _bears_text(ax, i))
                ]
                # the one curve that an axis with a name needs no other for
                if (
                    [i.kind for i in nameless] == ["curve"]
                    and _quantity(ax)
                    and not any(i.label for i in shown)
                ):
                    continue
                for item in nameless:
                    yield f"neither legend nor caption names {_of(item)} in {panel.name}"


def _is_explained(item: Item, words: Sequence[Words]) -> bool:
    if item.kind == "map":
        return item.artist.colorbar is not None
    if item.kind == "contours":
        # levels written into the lines, or lines of one level that the caption describes
        return bool(getattr(item.artist, "labelTexts", None)) or any(run & item.words for run in words)
    symbols = item.words - set(_COLORS) if item.kind in ("points", "arrow") else item.words - {"solid"}
    telling = symbols or item.words
    return any(run <= item.words and run & telling for run in words)


def _words_of_legends(fig: Figure) -> list[Words]:
    return [words_of(handle) for made in legends(fig) for handle in made.legend_handles]


def _quantity(ax: Axes) -> str:
    """Label of the vertical axis, which stands at the first panel of a row that shares it."""
    return next(
        (label for other in ax.get_shared_y_axes().get_siblings(ax) if (label := other.get_ylabel())), ""
    )


def _bears_text(ax: Axes, item: Item) -> bool:
    """Whether a straight line carries its own label."""
    if item.kind != "line" or len(item.artist.get_xydata()) != 2:
        return False
    (x0, y0), (x1, y1) = item.artist.get_xydata()
    at = [(text.get_position(), text.get_text()) for text in ax.texts]
    return any(text and ((x0 == x1 and x == x0) or (y0 == y1 and y == y0)) for (x, y), text in at)


def caption(sheet: Sheet) -> Iterator[str]:
    """What the caption calls red, dashed or a circle is drawn so."""
    drawn = [item.words for _, item in sheet.items()]
    for run in dict.fromkeys(said(sheet.caption)):
        # the triangles of a schematic are its own affair
        wanted = run if sheet.plots else run & {*_COLORS, "solid", "dashed", "dotted"}
        if not any(wanted <= words for words in drawn):
            yield f"the caption says “{' '.join(sorted(run))}”, but nothing is drawn so"


def letters(sheet: Sheet) -> Iterator[str]:
    """Panels are lettered (a), (b), ... or (a1), (a2), ... in reading order, each of them once."""
    hits = [(text, hit[1]) for text in sheet.texts if (hit := LETTER.fullmatch(text.content))]
    row = 0.03 * sheet.fig.bbox.height
    hits.sort(key=lambda pair: (-round(pair[0].corners[0, 1] / row), pair[0].corners[0, 0]))
    found = [name for _, name in hits]
    order = sorted(set(found))
    if found != order:
        yield f"the panels are lettered {', '.join(found)} in reading order"
    initials = sorted({name[0] for name in found})
    if initials and initials != [chr(ord("a") + i) for i in range(len(initials))]:
        yield f"the letters {', '.join(order)} leave one out"
    plots = sheet.plots
    bare = [panel for panel in plots if not panel.name.startswith("(")]
    lettered = [panel.axes[0].get_position() for panel in plots if panel.name.startswith("(")]
    for panel in bare if len(plots) > 1 else ():
        place = panel.axes[0].get_position()
        # a letter may stand for a column
        if not any(abs(above.x0 - place.x0) < 0.01 and above.y0 > place.y0 for above in lettered):
            yield f"{panel.name} has no letter"


def levels(sheet: Sheet) -> Iterator[str]:
    """Contour levels are evenly spaced, or the caption gives them."""
    numbers = {float(number.replace("−", "-")) for number in _NUMBER.findall(sheet.caption)}
    for panel in sheet.plots:
        for drawn in (drawn for ax in panel.axes for drawn in contour_sets(ax)):
            values = np.asarray(drawn.levels, dtype=float)
            steps = np.diff(values)
            even = len(steps) < 2 or np.allclose(steps, steps[0], rtol=1e-6)
            if not even and not all(np.isclose(value, list(numbers or {np.inf})).any() for value in values):
                listed = ", ".join(f"{value:g}" for value in values)
                yield f"the contours of {panel.name} are unevenly spaced ({listed}) and the caption does not say so"


def saturation(sheet: Sheet) -> Iterator[str]:
    """Where values lie beyond the colours, the colour bar ends in a point."""
    for panel in sheet.plots:
        for shown in (shown for ax in panel.axes for shown in maps(ax)):
            values: Any = shown.get_array()
            norm: Any = shown.norm
            slack = 1e-9 * (norm.vmax - norm.vmin)
            extend = shown.colorbar.extend if shown.colorbar is not None else "neither"
            ends = (("min", values.min() < norm.vmin - slack), ("max", values.max() > norm.vmax + slack))
            for end, beyond in ends:
                if (
                    beyond
                    and extend not in (end, "both")
                    and not (end == "min" and isinstance(norm, LogNorm))
                ):
                    yield f"the map of {panel.name} has values beyond its colours ({end}) and its bar does not show it"


def limits(sheet: Sheet) -> Iterator[str]:
    """Curves stay inside their panel and take up a good part of it."""
    for panel in sheet.plots:
        for axis, name in ((0, "horizontal"), (1, "vertical")):
            for ax in panel.axes:
                points = [line.get_xydata() for line in curves(ax)]
                if not points or maps(ax):
                    continue
                values = np.concatenate(points)[:, axis]
                yield from _out_of_limits(
                    ax, axis, values[np.isfinite(values)], f"{name} axis of {panel.name}"
                )


def _out_of_limits(ax: Axes, axis: int, values: NDArray[np.float64], name: str) -> Iterator[str]:
    scale = (ax.xaxis, ax.yaxis)[axis].get_transform()
    first, last = sorted((ax.get_xlim(), ax.get_ylim())[axis])
    low, high = scale.transform(np.array([first, last]))
    with np.errstate(divide="ignore", invalid="ignore"):
        places = (scale.transform(values) - low) / (high - low)
    places = places[np.isfinite(places)]
    if not len(places):
        return
    lost = np.mean((places < -_TOUCH) | (places > 1 + _TOUCH))
    used = places.max() - places.min()
    if lost:
        reach = f"the curves from {values.min():.3g} to {values.max():.3g}"
        yield f"the {name} runs from {first:.3g} to {last:.3g}, {reach}: {100 * lost:.1f} % of their points are cut off"
    elif used < _USED:
        yield f"the {name} runs from {first:.3g} to {last:.3g}, but the curves take up only {100 * used:.0f} % of it"


def _named(line: Line2D) -> str:
    label = str(line.get_label())
    return f"“{label}”" if label and not label.startswith("_") else f"a {_spoken(look_of(line).words)} curve"


def _of(item: Item) -> str:
    # "a black circle", "a red dashed curve", "a grey hatched area"
    noun = "" if item.kind in ("points", "arrow", "contours") else f" {item.kind}"
    return f"a {_spoken(item.words)}{noun}" if item.words else f"a{noun}"


def _spoken(words: Words) -> str:
    return " ".join(sorted(words, key=lambda word: (word not in _COLORS, word)))


CHECKS: Final[dict[str, Callable[[Sheet], Iterator[str]]]] = {
    "contrast": contrast,
    "overlap": overlap,
    "families": families,
    "explained": explained,
    "caption": caption,
    "letters": letters,
    "levels": levels,
    "saturation": saturation,
    "limits": limits,
}
"""Name of each check and what it does; its docstring is what it asks for."""
