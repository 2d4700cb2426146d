"""Things that a schematic shows: baths, qubits, oscillators, states, frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Ellipse, FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.text import Text
from numpy.typing import NDArray

from qte.plotting.style import BLACK, GREY, WIDTHS, Style, Width, over, use

CM: Final = 2.54
Point: TypeAlias = tuple[float, float]
Side: TypeAlias = Literal["left", "right", "up", "down"]


@dataclass(frozen=True)
class Tint:
    """Colours of a thing: chosen so that hot is darker than cold in grey, too."""

    face: str
    edge: str
    text: str


HOT: Final = Tint("#d9603b", "#8c2d13", "white")
COLD: Final = Tint("#c6dff2", "#2f6f9f", "#123a57")
COMMON: Final = Tint("#e6dcc3", "#8a7440", "#4b3d1c")
NEUTRAL: Final = Tint("#ececec", "#6b6b6b", BLACK)
MATTER: Final = Tint("#fbfbf7", BLACK, BLACK)


@dataclass(frozen=True)
class Node:
    """A drawn thing that links can join.

    Attributes
    ----------
    x, y : float
        Centre in centimetres.
    rx, ry : float
        Half its width and height.
    round : bool
        Whether its border is an ellipse; a rectangle otherwise.
    """

    x: float
    y: float
    rx: float = 0.0
    ry: float = 0.0
    round: bool = True

    @property
    def center(self) -> NDArray[np.float64]:
        """Centre, shape (2,)."""
        return np.array([self.x, self.y])

    def at(self, side: Side, gap: float = 0.0) -> Point:
        """Middle of one side, moved outwards by `gap`."""
        dx, dy = {"left": (-1, 0), "right": (1, 0), "up": (0, 1), "down": (0, -1)}[side]
        return self.x + dx * (self.rx + gap), self.y + dy * (self.ry + gap)

    def border(self, toward: Point | NDArray[np.float64], gap: float = 0.0) -> NDArray[np.float64]:
        """Point of the border in the direction of `toward`, moved outwards by `gap`, shape (2,)."""
        direction = np.asarray(toward, dtype=float) - self.center
        length = float(np.hypot(*direction))
        if length == 0.0 or (self.rx == 0.0 and self.ry == 0.0):
            return self.center
        unit = direction / length
        if self.round:
            reach = 1.0 / float(np.hypot(unit[0] / self.rx, unit[1] / self.ry))
        else:
            with np.errstate(divide="ignore"):
                reach = float(np.min(np.array([self.rx, self.ry]) / np.abs(unit)))
        return np.asarray(self.center + unit * (reach + gap))


def point(x: float, y: float) -> Node:
    """A bare point, for links that end in the open."""
    return Node(x, y)


def sheet(width: Width = "single", height: float = 4.0) -> tuple[Figure, Axes]:
    """Figure with a single stage over all of it, in centimetres from its lower left corner.

    Parameters
    ----------
    width : {"single", "wide", "double"} or float
        Column width, or inches.
    height : float
        Height in centimetres.
    """
    use()
    inches = WIDTHS[width] if isinstance(width, str) else float(width)
    fig = Figure(figsize=(inches, height / CM))
    FigureCanvasAgg(fig)
    ax = fig.add_axes((0.0, 0.0, 1.0, 1.0))
    stage(ax, (0.0, inches * CM), (0.0, height))
    return fig, ax


def stage(ax: Axes, x: Point, y: Point) -> Axes:
    """Turn a panel into a stage without axes that spans the given centimetres."""
    ax.set_axis_off()
    ax.set_aspect("equal")
    ax.set_xlim(*x)
    ax.set_ylim(*y)
    return ax


def note(ax: Axes, x: float, y: float, text: str, *, size: float = 9.0, **style: Any) -> Text:
    """Text centred at a point."""
    return ax.text(
        x,
        y,
        text,
        **over({"fontsize": size, "ha": "center", "va": "center", "zorder": 6, "clip_on": False}, style),
    )


def bath(
    ax: Axes,
    x: float,
    y: float,
    label: str = "",
    *,
    tint: Tint = NEUTRAL,
    width: float = 1.5,
    height: float = 1.3,
    opens: Side | None = None,
) -> Node:
    """A thermal reservoir: a box, or one that opens with a wave towards the system.

    Parameters
    ----------
    label : str
        Written inside; lines are separated by newlines: its temperature, its chemical potential.
    tint : Tint
        `HOT`, `COLD`, `COMMON` or `NEUTRAL`.
    width, height : float
        Size in centimetres.
    opens : {"left", "right", "up", "down"}, optional
        Side that faces the system.
    """
    if opens is None:
        patch: Any = FancyBboxPatch(
            (x - width / 2, y - height / 2), width, height, boxstyle="round,pad=0,rounding_size=0.16"
        )
    else:
        patch = PathPatch(_open_box(x, y, width, height, opens))
    patch.set(facecolor=tint.face, edgecolor=tint.edge, linewidth=0.9, zorder=2)
    ax.add_patch(patch)
    note(ax, x, y, label, color=tint.text, linespacing=1.35)
    return Node(x, y, width / 2, height / 2, round=False)


def _open_box(x: float, y: float, width: float, height: float, opens: Side) -> Path:
    """Outline of a box one of whose sides is a wave, drawn for the right side and turned."""
    along, across = (width, height) if opens in ("left", "right") else (height, width)
    r, amplitude = 0.16, 0.06
    t = np.linspace(0.0, 1.0, 161)
    waves = max(2, round(across / 0.42))
    ripple = amplitude * (1 - np.cos(2 * np.pi * waves * t)) / 2
    wave = np.column_stack([along / 2 - ripple, across * (0.5 - t)])
    corner = np.linspace(0.0, np.pi / 2, 12)
    low = np.column_stack([-along / 2 + r - r * np.sin(corner), -across / 2 + r - r * np.cos(corner)])
    outline = np.vstack([wave, low, low[::-1] * [1, -1]])
    turn = {"right": 0.0, "up": np.pi / 2, "left": np.pi, "down": -np.pi / 2}[opens]
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    turned = outline @ rotation + [x, y]
    return Path(np.vstack([turned, turned[:1]]), closed=True)


def qubit(
    ax: Axes,
    x: float,
    y: float,
    label: str = "",
    *,
    energy: str = "",
    radius: float = 0.52,
    excited: bool | None = None,
    tint: Tint = MATTER,
    below: bool = True,
) -> Node:
    """A qubit: a disc with its two levels.

    Parameters
    ----------
    label : str
        Name, written below the disc (above it if `below` is false).
    energy : str
        Gap, written between the levels.
    excited : bool, optional
        Draws the population as a dot on the upper or the lower level.
    """
    ax.add_patch(Circle((x, y), radius, facecolor=tint.face, edgecolor=tint.edge, linewidth=0.9, zorder=3))
    half, gap = 0.5 * radius, 0.42 * radius
    for sign in (1, -1):
        ax.plot(
            [x - half, x + half],
            [y + sign * gap] * 2,
            color=tint.edge,
            lw=1.4,
            zorder=4,
            solid_capstyle="round",
        )
    if excited is not None:
        ax.add_patch(Circle((x, y + (gap if excited else -gap)), 0.13 * radius, color=BLACK, zorder=5))
    if energy:
        note(ax, x, y, energy, size=8.0, color=tint.text)
    if label:
        note(ax, x, y + (-1 if below else 1) * (radius + 0.24), label)
    return Node(x, y, radius, radius)


def oscillator(
    ax: Axes,
    x: float,
    y: float,
    label: str = "",
    *,
    radius: float = 0.52,
    levels: int = 4,
    below: bool = True,
) -> Node:
    """A harmonic oscillator: a parabola with its ladder of levels in a disc."""
    ax.add_patch(
        Circle((x, y), radius, facecolor=MATTER.face, edgecolor=MATTER.edge, linewidth=0.9, zorder=3)
    )
    u = np.linspace(-1.0, 1.0, 61)
    wide, high, base = 0.62 * radius, 1.18 * radius, y - 0.62 * radius
    ax.plot(x + wide * u, base + high * u**2, color=BLACK, lw=0.9, zorder=4)
    for k in range(levels):
        rise = (k + 0.5) / levels
        reach = wide * np.sqrt(rise)
        ax.plot([x - reach, x + reach], [base + high * rise] * 2, color=GREY, lw=0.8, zorder=4)
    if label:
        note(ax, x, y + (-1 if below else 1) * (radius + 0.24), label)
    return Node(x, y, radius, radius)


def state(
    ax: Axes,
    x: float,
    y: float,
    label: str,
    *,
    tint: Tint = NEUTRAL,
    width: float = 1.2,
    height: float = 0.56,
    strong: bool = False,
) -> Node:
    """A state of a flow chart: a box with its ket; `strong` draws it with a heavy border."""
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.12",
            facecolor=tint.face,
            edgecolor=tint.edge,
            linewidth=1.8 if strong else 0.8,
            zorder=3,
        )
    )
    note(ax, x, y, label, color=tint.text)
    return Node(x, y, width / 2, height / 2, round=False)


def frame(ax: Axes, x: Point, y: Point, label: str = "", *, pad: float = 0.0, **style: Any) -> Node:
    """A dashed frame around a part of the drawing, with a label on its upper edge."""
    width, height = x[1] - x[0] + 2 * pad, y[1] - y[0] + 2 * pad
    defaults: Style = {
        "facecolor": "none",
        "edgecolor": GREY,
        "linewidth": 0.7,
        "linestyle": (0, (4, 2)),
        "zorder": 1,
    }
    ax.add_patch(
        FancyBboxPatch(
            (x[0] - pad, y[0] - pad),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.2",
            **defaults | style,
        )
    )
    if label:
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        note(ax, (x[0] + x[1]) / 2, y[1] + pad, label, size=8.0, color=GREY, bbox=ground)
    return Node((x[0] + x[1]) / 2, (y[0] + y[1]) / 2, width / 2, height / 2, round=False)


def diode(
    ax: Axes, x: float, y: float, *, size: float = 0.5, forward: bool = True, blocked: bool = False
) -> Node:
    """A rectifier's sign: a triangle and a bar; hollow when it blocks."""
    sign = 1.0 if forward else -1.0
    back, tip = x - sign * size / 2, x + sign * size / 2
    triangle = [(back, y + size / 2), (back, y - size / 2), (tip, y)]
    face = "white" if blocked else BLACK
    ax.add_patch(
        Polygon(triangle, facecolor=face, edgecolor=BLACK, linewidth=0.9, zorder=3, joinstyle="round")
    )
    ax.plot([tip, tip], [y - size / 2, y + size / 2], color=BLACK, lw=1.4, zorder=3, solid_capstyle="butt")
    return Node(x, y, size / 2, size / 2, round=False)


def blob(ax: Axes, x: float, y: float, width: float, height: float, *, tint: Tint = COMMON) -> Node:
    """A soft ellipse behind other things, such as what a common reservoir embraces."""
    ax.add_patch(Ellipse((x, y), width, height, facecolor=tint.face, edgecolor="none", alpha=0.6, zorder=0))
    return Node(x, y, width / 2, height / 2)
