"""House style: sizes, fonts and colours of a figure that a physics journal would print.

Everything is legible at its printed size, tells its curves apart for colour-blind eyes and in grey, and
depends on nothing outside matplotlib's own files: a user's settings and fonts change no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, TypeAlias

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler
from matplotlib.ticker import ScalarFormatter
from numpy.typing import NDArray

Width: TypeAlias = Literal["single", "wide", "double"] | float
"""A journal's column widths, or inches."""

WIDTHS: Final = {"single": 3.4, "wide": 5.0, "double": 7.0}

BLACK: Final = "#1a1a1a"
GREY: Final = "#7a7a7a"
BLUE: Final = "#0072b2"
ORANGE: Final = "#e69f00"
GREEN: Final = "#009e73"
VERMILION: Final = "#d55e00"
RED: Final = "#b8101a"
SKY: Final = "#56b4e9"
PURPLE: Final = "#aa4499"
BROWN: Final = "#7a4a1e"
LEFT: Final = BLUE
RIGHT: Final = RED
CYCLE: Final = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)

Style: TypeAlias = dict[str, Any]
"""Keyword arguments of a matplotlib artist."""

LINES: Final[tuple[Any, ...]] = (
    "solid",
    (0, (5.0, 1.6)),
    (0, (6.0, 1.6, 1.2, 1.6)),
    (0, (1.2, 1.3)),
    (0, (9.0, 2.0)),
    (0, (6.0, 1.6, 1.2, 1.6, 1.2, 1.6)),
)
"""Dash patterns in units of the line width; with six of them no two neighbours look alike."""

STYLE: Final[dict[str, Any]] = {
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": 9.0,
    "axes.labelsize": 9.0,
    "axes.titlesize": 9.0,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "legend.title_fontsize": 8.0,
    "axes.linewidth": 0.6,
    "axes.edgecolor": BLACK,
    "axes.labelcolor": BLACK,
    "text.color": BLACK,
    "xtick.color": BLACK,
    "ytick.color": BLACK,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "xtick.minor.size": 1.6,
    "ytick.minor.size": 1.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "lines.linewidth": 1.3,
    "lines.markersize": 3.5,
    "lines.dash_capstyle": "butt",
    "axes.prop_cycle": cycler(color=CYCLE),
    "axes.formatter.use_mathtext": True,
    "axes.formatter.limits": (-3, 4),
    "axes.xmargin": 0.0,
    "axes.axisbelow": "line",
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "legend.labelspacing": 0.3,
    "legend.borderaxespad": 0.6,
    "legend.handletextpad": 0.5,
    "hatch.linewidth": 0.5,
    "image.cmap": "viridis",
    "figure.dpi": 100.0,
    "savefig.dpi": 300.0,
    "figure.constrained_layout.w_pad": 0.03,
    "figure.constrained_layout.h_pad": 0.03,
    "pdf.fonttype": 3,
    "pdf.compression": 6,
    "svg.fonttype": "path",
    "svg.hashsalt": "qte",
}
_NOT_OURS: Final = ("backend", "interactive", "toolbar", "timezone", "webagg", "keymap", "date.", "animation")


def use() -> None:
    """Set matplotlib's defaults and the house style over them; a user's own settings drop out.

    Chooses no backend: figures are made for the Agg canvas without `pyplot`.
    """
    defaults = {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith(_NOT_OURS)}
    settings: Any = defaults | STYLE
    mpl.rcParams.update(settings)


def figure(
    ncols: int = 1,
    nrows: int = 1,
    *,
    width: Width = "single",
    aspect: float = 0.72,
    projection: str | None = None,
    **subplots: Any,
) -> tuple[Figure, Any]:
    """Figure with its panels in house style.

    Parameters
    ----------
    ncols, nrows : int
        Panels across and down.
    width : {"single", "wide", "double"} or float
        Width of the figure: 3.4, 5.0 or 7.0 inches, or a number of inches.
    aspect : float
        Height of a panel over its width, axis labels included.
    projection : str, optional
        Such as ``"3d"``.
    **subplots
        Further arguments of `Figure.subplots`: ``sharex``, ``sharey``, ``width_ratios`` ...

    Returns
    -------
    fig : Figure
    axes : Axes, or ndarray of Axes when there are several panels
    """
    use()
    inches = WIDTHS[width] if isinstance(width, str) else float(width)
    fig = Figure(figsize=(inches, inches / ncols * nrows * aspect), layout="constrained")
    FigureCanvasAgg(fig)
    if projection:
        subplots.setdefault("subplot_kw", {"projection": projection})
    axes = fig.subplots(nrows, ncols, **subplots)
    for ax in fig.axes:
        plain_ticks(ax)
    return fig, axes


class PlainFormatter(ScalarFormatter):
    """Tick labels as plain text, their common power of ten as mathtext.

    Parsing each tick label as mathtext would cost a figure a third of its time.
    """

    def _set_format(self) -> None:
        super()._set_format()  # type: ignore[misc]
        self._format = self._format.removeprefix(r"$\mathdefault{").removesuffix("}$")


def plain_ticks(ax: Axes) -> None:
    """Give the linear axes of a panel the house's tick labels."""
    for axis in (ax.xaxis, ax.yaxis):
        if type(axis.get_major_formatter()) is ScalarFormatter:
            axis.set_major_formatter(PlainFormatter())


def over(defaults: Style, changes: Style) -> Style:
    """Keyword arguments: the defaults with a caller's changes over them."""
    return defaults | changes


def family(n: int, *, name: str = "plasma", dashes: bool = True) -> list[dict[str, Any]]:
    """Styles for the curves of an ordered family, first to last from dark to light.

    Parameters
    ----------
    n : int
        Number of curves.
    name : str
        Colour map with monotonic lightness; its palest fifth is left out. The default runs from a cold
        blue to a hot orange.
    dashes : bool
        Whether the curves also differ in their dash pattern, so that they read in grey.

    Returns
    -------
    list of dict, length n
        Keyword arguments of `Axes.plot`: ``color``, ``linestyle``.
    """
    ramp = mpl.colormaps[name]
    at = np.linspace(0.03, 0.8, n) if n > 1 else [0.03]
    return [
        {"color": to_hex(ramp(float(t))), "linestyle": LINES[i % len(LINES)] if dashes else "solid"}
        for i, t in enumerate(at)
    ]


def letter(
    axes: Axes | Sequence[Axes] | NDArray[Any], *, start: str = "a", names: Sequence[str] | None = None
) -> None:
    """Letter the panels (a), (b), ... outside their upper left corners, in reading order.

    Parameters
    ----------
    axes : Axes, or sequence or ndarray of Axes
    start : str
        The first letter.
    names : sequence of str, optional
        Names of the panels in place of letters: ``("a1", "a2", "b")`` where a paper's (a) takes two panels.
    """
    panels = np.ravel(np.asarray(axes, dtype=object))
    called = [chr(ord(start) + i) for i in range(len(panels))] if names is None else names
    for ax, name in zip(panels, called, strict=True):
        ax.annotate(
            f"({name})",
            (0.0, 1.0),
            xycoords="axes fraction",
            xytext=(-6.0, 3.5),
            textcoords="offset points",
            ha="right",
            va="bottom",
            annotation_clip=False,
        )
