"""Tables as interactive plots in the house's colours: curves with their family, or a map; the standard beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from bokeh.models import (
    BoxZoomTool,
    ColorBar,
    ColumnDataSource,
    CrosshairTool,
    CustomJSHover,
    CustomJSTickFormatter,
    HoverTool,
    LinearColorMapper,
    PanTool,
    ResetTool,
    WheelZoomTool,
)
from bokeh.plotting import figure
from bokeh.plotting.contour import contour_data
from markupsafe import Markup
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from qte.data.tables import Column
from qte.plotting.maps import DIVERGING, SEQUENTIAL
from qte.plotting.style import BLACK, CYCLE, GREY, family
from workflow.explore import shapes
from workflow.explore.shapes import Shape
from workflow.report.markup import formulas

# Columns of one panel, one after the other.
DASHES = ("solid", "8 3", "2 3", "10 3 2 3")
_DASHES_OF_THE_KEY = ("solid", "dashed", "dotted", "dashed")
FAINT = 0.35
_LEVELS = 6
Array = NDArray[np.float64]
# Every digit that a reader can use; a hover that rounds to three hides what was turned.
_DIGITS = "return Number(value).toPrecision(10).replace(/\\.?0+(?=e|$)/, '')"
_TICKS = """
const t = Number(tick.toPrecision(6)), size = Math.abs(t);
return (t && (size < 1e-3 || size >= 1e5) ? t.toExponential() : String(t)).replace(/-/g, "\u2212");
"""


@dataclass(frozen=True)
class Look:
    """What decides how a table is drawn; a table that changes in it is drawn from the beginning."""

    is_map: bool
    x: str
    family: tuple[str, ...]
    symbols: tuple[str, ...]
    even: bool
    log_x: bool
    log_y: bool

    @classmethod
    def of(cls, shape: Shape) -> "Look":
        ys = shape.ys if shape.is_map else np.array([])
        even = not shape.is_map or (shapes.is_even(shape.xs) and shapes.is_even(ys))
        return cls(
            shape.is_map,
            shape.x.symbol,
            tuple(column.symbol for column in shape.family),
            tuple(column.symbol for column in shape.columns),
            even,
            shapes.is_logarithmic(shape.xs),
            shapes.is_logarithmic(ys),
        )


class TablePlot:
    """The panels of one table.

    Attributes
    ----------
    figures : list of bokeh figure
    now, standard : ColumnDataSource
        What the panels draw: a column of each symbol.
    """

    def __init__(self, name: str, standard: Shape) -> None:
        self.name = name
        self.kept = standard
        self._build(standard)

    def draw(self, shape: Shape) -> bool:
        """Show a table; whether the panels are new ones."""
        anew = Look.of(shape) != self.look
        if anew:
            self._build(shape)
        else:
            self._fill(shape)
        return anew

    def key(self) -> Markup:
        """What colours and dashes mean, in HTML."""
        if self.look.is_map:
            return Markup("<p class='key'>Lines: levels, solid now and dashed at the standard values.</p>")
        items = []
        if self.shape.family:
            items.append(
                Markup(", ").join(formulas.label(column.label) for column in self.shape.family) + Markup(":")
            )
            for label, color in zip(self.shape.labels, _colors(self.shape), strict=True):
                items.append(
                    Markup("<span class='of'><i style='border-color:{}'></i>{}</span>").format(color, label)
                )
        single = not self.shape.family
        for panel in shapes.panels(self.shape):
            for place, column in enumerate(panel):
                color, _ = _line(place, single)
                dash = _DASHES_OF_THE_KEY[place % len(DASHES)]
                if len(panel) > 1:
                    look = Markup("<i style='border-color:{};border-top-style:{}'></i>").format(
                        color or GREY, dash
                    )
                    items.append(Markup("<span class='of'>{}{}</span>").format(look, column.meaning))
        items.append(Markup("<span class='of'><i class='faint'></i>at the standard values</span>"))
        return Markup("<p class='key'>{}</p>").format(Markup(" ").join(items))

    def _build(self, shape: Shape) -> None:
        self.look = Look.of(shape)
        self.now = ColumnDataSource(name=f"now:{self.name}")
        self.standard = ColumnDataSource(name=f"standard:{self.name}")
        self._lines: dict[str, ColumnDataSource] = {}
        self._mappers: dict[str, LinearColorMapper] = {}
        compared = Look.of(self.kept) == self.look
        if compared and not self.look.is_map:
            self.standard.data = _curves(self.kept)
        self.shape = shape
        self._levels = _levels(self.kept if compared else shape)
        draw = self._map if self.look.is_map else self._panel
        self.figures = [draw(shape, panel, compared) for panel in shapes.panels(shape)]
        self._fill(shape)

    def _fill(self, shape: Shape) -> None:
        self.shape = shape
        if not self.look.is_map:
            self.now.data = _curves(shape)
            return
        self.now.data = _image(shape) if self.look.even else _cells(shape)
        for symbol, source in self._lines.items():
            source.data = _contours(shape, symbol, self._levels[symbol])
            self._color(symbol, shape.values[symbol])

    def _panel(self, shape: Shape, columns: Sequence[Column], compared: bool) -> figure:
        plot = _empty(shape.x.label, columns[0].label, "log" if self.look.log_x else "linear", "linear")
        single, digits = not shape.family, CustomJSHover(code=_DIGITS)
        for place, column in enumerate(columns):
            color, dash = _line(place, single)
            look = {"xs": "xs", "ys": column.symbol, "line_color": color or "color"}
            if compared:
                plot.multi_line(source=self.standard, line_alpha=FAINT, line_width=4, **look)
            line = plot.multi_line(source=self.now, line_dash=dash, line_width=2, **look)
            told = [(", ".join(one.symbol for one in shape.family), "@label")] if shape.family else []
            told += [(shape.x.symbol, "$snap_x{custom}"), (column.symbol, "$snap_y{custom}")]
            plot.add_tools(
                HoverTool(
                    renderers=[line],
                    tooltips=told,
                    line_policy="nearest",
                    formatters={"$snap_x": digits, "$snap_y": digits},
                    description=column.meaning,
                    visible=False,
                )
            )
        return plot

    def _map(self, shape: Shape, columns: Sequence[Column], compared: bool) -> figure:
        (column,) = columns
        symbol = column.symbol
        y = shape.family[0]
        log = ("log" if self.look.log_x else "linear", "log" if self.look.log_y else "linear")
        plot = _empty(shape.x.label, y.label, *log)
        mapper = self._mappers[symbol] = LinearColorMapper(nan_color="rgba(0, 0, 0, 0)")
        if self.look.even:
            fill = plot.image(image=symbol, source=self.now, color_mapper=mapper, **_CORNERS)
        else:
            paint = {"field": symbol, "transform": mapper}
            fill = plot.quad(source=self.now, fill_color=paint, line_color=None, **_SIDES)
        plot.y_range.range_padding = 0
        plot.title.text = _tex(column.label)
        bar = ColorBar(color_mapper=mapper, width=12, padding=4, formatter=CustomJSTickFormatter(code=_TICKS))
        plot.add_layout(bar, "right")
        told = [
            (shape.x.symbol, "$x{custom}"),
            (y.symbol, "$y{custom}"),
            (symbol, f"@{{{symbol}}}{{custom}}"),
        ]
        formatters = dict.fromkeys(["$x", "$y", f"@{{{symbol}}}"], CustomJSHover(code=_DIGITS))
        plot.add_tools(HoverTool(renderers=[fill], tooltips=told, formatters=formatters, visible=False))
        levels = self._levels[symbol]
        if compared:
            kept = ColumnDataSource(_contours(self.kept, symbol, levels))
            plot.multi_line("xs", "ys", source=kept, line_color=BLACK, line_dash="5 4", line_width=1)
        self._lines[symbol] = ColumnDataSource({"xs": [], "ys": []})
        plot.multi_line("xs", "ys", source=self._lines[symbol], line_color=BLACK, line_width=1)
        return plot

    def _color(self, symbol: str, values: Array) -> None:
        """Colours from the smallest value to the largest; about zero where there are both signs."""
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        signed = low < -0.01 * high < 0 or (low < 0 < high and -low > 0.01 * high)
        ends = (-max(-low, high), max(-low, high)) if signed else (low, high)
        palette = _palette(DIVERGING if signed else SEQUENTIAL)
        self._mappers[symbol].update(
            palette=palette, low=ends[0], high=ends[1] if ends[1] > ends[0] else ends[0] + 1
        )


_CORNERS = {"x": "x", "y": "y", "dw": "dw", "dh": "dh"}
_SIDES = {"left": "left", "right": "right", "bottom": "bottom", "top": "top"}


def _empty(x: str, y: str, x_scale: str, y_scale: str) -> figure:
    """Axes in the look of the project's figures, on white whatever the page is on."""
    wheel = WheelZoomTool()
    plot = figure(
        x_axis_type=x_scale,
        y_axis_type=y_scale,
        height=330,
        min_width=260,
        sizing_mode="stretch_width",
        tools=[PanTool(), BoxZoomTool(), wheel, ResetTool(), CrosshairTool(line_alpha=0.25)],
        x_axis_label=_tex(x),
        y_axis_label=_tex(y),
        background_fill_color="white",
        border_fill_color="white",
        outline_line_color=BLACK,
        output_backend="canvas",
        lod_threshold=None,
    )
    plot.toolbar.logo = None
    plot.toolbar.autohide = True
    plot.x_range.range_padding = 0
    plot.grid.grid_line_color = "#ececec"
    plot.axis.axis_label_text_color = plot.axis.major_label_text_color = BLACK
    plot.axis.axis_label_text_font_style = "normal"
    plot.axis.formatter = CustomJSTickFormatter(code=_TICKS)
    plot.axis.major_tick_in, plot.axis.major_tick_out = 6, 0
    plot.axis.minor_tick_in, plot.axis.minor_tick_out = 3, 0
    return plot


def _tex(label: str) -> str:
    """A label of matplotlib's as one of Bokeh's."""
    return re.sub(r"\$([^$]+)\$", r"$$\1$$", label)


def _palette(name: str) -> list[str]:
    return [to_hex(color) for color in mpl.colormaps[name](np.linspace(0, 1, 256))]


def _line(place: int, single: bool) -> tuple[str, str]:
    """Colour (empty: the family's) and dashes of a panel's column: one curve may have a colour of its own."""
    return (CYCLE[place % len(CYCLE)] if single else "", DASHES[place % len(DASHES)])


def _colors(shape: Shape) -> list[str]:
    return [look["color"] for look in family(len(shape.keys))]


def _curves(shape: Shape) -> dict[str, Any]:
    return {
        "xs": [shape.xs] * len(shape.keys),
        "label": shape.labels,
        "color": _colors(shape),
        **{symbol: list(values) for symbol, values in shape.values.items()},
    }


def _image(shape: Shape) -> dict[str, Any]:
    """Pixels around the points, half a cell beyond the outer ones."""
    x, y = shapes.edges(shape.xs), shapes.edges(shape.ys)
    corners = {"x": [x[0]], "y": [y[0]], "dw": [x[-1] - x[0]], "dh": [y[-1] - y[0]]}
    return {**corners, **{symbol: [values] for symbol, values in shape.values.items()}}


def _cells(shape: Shape) -> dict[str, Any]:
    x, y = shapes.edges(shape.xs), shapes.edges(shape.ys)
    left, bottom = np.meshgrid(x[:-1], y[:-1])
    right, top = np.meshgrid(x[1:], y[1:])
    sides = {"left": left, "right": right, "bottom": bottom, "top": top}
    return {name: array.ravel() for name, array in {**sides, **shape.values}.items()}


def _levels(shape: Shape) -> dict[str, list[float]]:
    """Levels of the lines on each map."""
    found = {}
    for symbol, values in shape.values.items():
        low, high = np.nanmin(values), np.nanmax(values)
        found[symbol] = np.linspace(low, high, _LEVELS + 2)[1:-1].tolist() if low < high else []
    return found


def _contours(shape: Shape, symbol: str, levels: list[float]) -> dict[str, Any]:
    values = shape.values[symbol]
    if not levels or min(values.shape) < 2:
        return {"xs": [], "ys": []}
    lines = contour_data(shape.xs, shape.ys, values, levels, want_fill=False).line_data
    return {"xs": lines.xs, "ys": lines.ys} if lines is not None else {"xs": [], "ys": []}
