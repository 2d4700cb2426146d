"""Links of a schematic: couplings, interactions, transitions and currents.

Sides are told by the page and not by the direction of a link: a positive `bend`, `shift` or `label_gap`
is upwards, or to the left of a vertical link; a negative one is the other way.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrow, FancyArrowPatch
from numpy.typing import NDArray

from qte.plotting.panels import halo
from qte.plotting.schematic.nodes import Node, Tint, note
from qte.plotting.style import BLACK, GREY

Vector: TypeAlias = NDArray[np.float64]
_HEAD = "head_length=3.4,head_width=1.7"
_ARROWS = {"none": "-", "forward": f"-|>,{_HEAD}", "both": f"<|-|>,{_HEAD}", "back": f"<|-,{_HEAD}"}
Heads = Literal["none", "forward", "both", "back"]


def link(
    ax: Axes,
    a: Node,
    b: Node,
    label: str = "",
    *,
    heads: Heads = "none",
    color: str = BLACK,
    width: float = 1.0,
    dashed: bool = False,
    bend: float = 0.0,
    gap: float = 0.06,
    shift: float = 0.0,
    label_gap: float = 0.08,
    label_at: float = 0.5,
) -> None:
    """Line or arrow from one node's border to another's.

    Parameters
    ----------
    heads : {"none", "forward", "both", "back"}
        Where it has arrow heads.
    bend : float
        Height of its arc over its length.
    gap : float
        Space between border and line, in centimetres.
    shift : float
        Moves the line sideways in centimetres, so that two arrows can run side by side.
    label_gap : float
        Space between line and label in centimetres; its sign says on which side the label is.
    label_at : float
        Where the label sits along the line, from 0 to 1.
    """
    start, end = _ends(a, b, gap, shift, bend)
    ax.add_patch(
        FancyArrowPatch(
            (start[0], start[1]),
            (end[0], end[1]),
            arrowstyle=_ARROWS[heads],
            connectionstyle=f"arc3,rad={-2.0 * bend * _sense(start, end)}",
            shrinkA=0.0,
            shrinkB=0.0,
            color=color,
            linewidth=width,
            linestyle=(0, (3.0, 2.0)) if dashed else "solid",
            joinstyle="miter",
            capstyle="butt",
            zorder=2.5,
            clip_on=False,
        )
    )
    _label(ax, start, end, label, bend, label_gap, label_at, color)


def exchange(
    ax: Axes,
    a: Node,
    b: Node,
    label: str = "",
    *,
    color: str = BLACK,
    waves: int | None = None,
    amplitude: float = 0.09,
    gap: float = 0.08,
    heads: Heads = "both",
    label_gap: float = 0.08,
) -> None:
    """Coherent exchange of an excitation (flip-flop coupling): a wave with a head at its ends.

    It has as many periods as fit its length, unless `waves` says how many.
    """
    start, end = _ends(a, b, gap, 0.0, 0.0)
    length = float(np.hypot(*(end - start)))
    unit = (end - start) / length
    normal = np.array([-unit[1], unit[0]])
    waves = waves or max(2, round((length - 0.3) / 0.28))
    head = min(0.17, 0.25 * length)
    lead = head if heads in ("both", "back") else 0.0
    tail = head if heads in ("both", "forward") else 0.0
    s = np.linspace(lead, length - tail, 40 * waves + 1)
    phase = 2 * np.pi * waves * (s - s[0]) / (s[-1] - s[0])
    path = start + np.outer(s, unit) + np.outer(min(amplitude, 0.5 * head) * np.sin(phase), normal)
    ax.plot(path[:, 0], path[:, 1], color=color, lw=1.0, zorder=2.5, solid_capstyle="round")
    for tip, inward, wanted in ((start, unit, lead), (end, -unit, tail)):
        if wanted:
            _head(ax, tip, inward, 1.1 * head, color)
    _label(ax, start, end, label, 0.0, label_gap + np.copysign(amplitude, label_gap), 0.5, color)


def coulomb(
    ax: Axes, a: Node, b: Node, label: str = "", *, label_gap: float = 0.08, bend: float = 0.0
) -> None:
    """Coulomb interaction between two qubits: a dashed line."""
    link(ax, a, b, label, dashed=True, color=GREY, width=1.1, label_gap=label_gap, bend=bend)


def flow(
    ax: Axes,
    a: Node,
    b: Node,
    label: str = "",
    *,
    color: str = BLACK,
    width: float = 1.0,
    bend: float = 0.0,
    shift: float = 0.0,
    label_gap: float = 0.08,
    label_at: float = 0.5,
    dashed: bool = False,
) -> None:
    """Transition from one state to another at the rate of its label."""
    link(
        ax,
        a,
        b,
        label,
        heads="forward",
        color=color,
        width=width,
        bend=bend,
        shift=shift,
        label_gap=label_gap,
        label_at=label_at,
        dashed=dashed,
    )


def heat(
    ax: Axes, a: Node, b: Node, label: str = "", *, tint: Tint, width: float = 0.34, gap: float = 0.1
) -> None:
    """Fat arrow of a heat current from a to b; its width says how large the current is."""
    start, end = _ends(a, b, gap, 0.0, 0.0)
    step = end - start
    ax.add_patch(
        FancyArrow(
            start[0],
            start[1],
            step[0],
            step[1],
            width=width,
            head_width=1.9 * width,
            head_length=min(1.2 * width, 0.6 * float(np.hypot(*step))),
            length_includes_head=True,
            facecolor=tint.face,
            edgecolor=tint.edge,
            linewidth=0.8,
            joinstyle="round",
            zorder=2.5,
        )
    )
    _label(ax, start, end, label, 0.0, 0.95 * width + 0.06, 0.5, BLACK)


def sink(ax: Axes, node: Node, to: tuple[float, float], label: str = "", *, color: str = GREY) -> None:
    """Loss into the open, such as dephasing: a short wave that leaves a node."""
    exchange(ax, node, Node(*to), label, color=color, amplitude=0.07, heads="forward")


def _ends(a: Node, b: Node, gap: float, shift: float, bend: float) -> tuple[Vector, Vector]:
    """End points on the borders of both nodes; a bent line leaves towards the top of its arc."""
    if bend:
        middle = (a.center + b.center) / 2
        length = float(np.hypot(*(b.center - a.center)))
        aim = middle + 2.0 * bend * length * _upward(a.center, b.center)
        start, end = a.border(aim, gap), b.border(aim, gap)
    else:
        start, end = a.border(b.center, gap), b.border(a.center, gap)
    sideways = shift * _upward(start, end)
    return start + sideways, end + sideways


def _sense(start: Vector, end: Vector) -> float:
    """+1 if up is to the left of the direction from start to end, -1 if it is to the right."""
    step = end - start
    level = 1e-9 * float(np.hypot(*step))
    return 1.0 if step[0] > level or (abs(step[0]) <= level and step[1] > 0) else -1.0


def _upward(start: Vector, end: Vector) -> Vector:
    """Unit normal of a link that points up, or to the left of a vertical one, shape (2,)."""
    step = (end - start) / (float(np.hypot(*(end - start))) or 1.0)
    return _sense(start, end) * np.array([-step[1], step[0]])


def _head(ax: Axes, tip: Vector, inward: Vector, size: float, color: str) -> None:
    normal = np.array([-inward[1], inward[0]])
    back = tip + size * inward
    corners = np.array([tip, back + 0.4 * size * normal, back - 0.4 * size * normal])
    ax.fill(corners[:, 0], corners[:, 1], facecolor=color, edgecolor="none", zorder=2.6)


def _label(
    ax: Axes,
    start: Vector,
    end: Vector,
    label: str,
    bend: float,
    gap: float,
    at: float,
    color: str,
) -> None:
    if not label:
        return
    normal = _upward(start, end)
    length = float(np.hypot(*(end - start)))
    arc = 4.0 * bend * at * (1.0 - at) * length
    # Half the label's size along the normal: wide labels of steep links stay clear of the line.
    size = abs(normal[0]) * 0.08 * _letters(label) + abs(normal[1]) * 0.13
    away = arc + gap + np.copysign(size, gap)
    place = start + at * (end - start) + away * normal
    halo(note(ax, float(place[0]), float(place[1]), label, size=8.5, color=color))


def _letters(label: str) -> int:
    """About how many letters a label is wide."""
    return len(re.sub(r"[${}_^\s]", "", re.sub(r"\\(mathrm|mathcal|text)|\\[A-Za-z]+", "x", label)))
