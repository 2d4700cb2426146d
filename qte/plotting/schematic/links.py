"""Links of a schematic: couplings, interactions, transitions and currents."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrow, FancyArrowPatch
from numpy.typing import NDArray

from qte.plotting.panels import halo
from qte.plotting.schematic.nodes import Node, Tint, note
from qte.plotting.style import BLACK, GREY

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
    label_gap: float = 0.2,
    label_at: float = 0.5,
) -> None:
    """Line or arrow from one node's border to another's.

    Parameters
    ----------
    heads : {"none", "forward", "both", "back"}
        Where it has arrow heads.
    bend : float
        Height of its arc over its length; positive bends to the left of the direction from a to b.
    gap : float
        Space between border and line, in centimetres.
    shift : float
        Moves the line sideways to the left, so that two arrows can run side by side.
    label_gap : float
        Distance of the label from the line, to the left (negative: to the right).
    label_at : float
        Where the label sits along the line, from 0 to 1.
    """
    start, end = _ends(a, b, gap, shift, bend)
    ax.add_patch(
        FancyArrowPatch(
            (start[0], start[1]),
            (end[0], end[1]),
            arrowstyle=_ARROWS[heads],
            connectionstyle=f"arc3,rad={-2.0 * bend}",
            shrinkA=0.0,
            shrinkB=0.0,
            color=color,
            linewidth=width,
            linestyle=(0, (3.0, 2.0)) if dashed else "solid",
            joinstyle="miter",
            capstyle="butt",
            zorder=2.5,
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
    waves: int = 4,
    amplitude: float = 0.09,
    gap: float = 0.08,
    heads: Heads = "both",
    label_gap: float = 0.26,
) -> None:
    """Coherent exchange of an excitation (flip-flop coupling): a wave with a head at its ends."""
    start, end = _ends(a, b, gap, 0.0, 0.0)
    length = float(np.hypot(*(end - start)))
    unit = (end - start) / length
    normal = np.array([-unit[1], unit[0]])
    head = 0.17
    lead = head if heads in ("both", "back") else 0.0
    tail = head if heads in ("both", "forward") else 0.0
    s = np.linspace(lead, length - tail, 40 * waves + 1)
    phase = 2 * np.pi * waves * (s - s[0]) / (s[-1] - s[0])
    path = start + np.outer(s, unit) + np.outer(amplitude * np.sin(phase), normal)
    ax.plot(path[:, 0], path[:, 1], color=color, lw=1.0, zorder=2.5, solid_capstyle="round")
    for tip, inward, wanted in ((start, unit, lead), (end, -unit, tail)):
        if wanted:
            _head(ax, tip, inward, color)
    _label(ax, start, end, label, 0.0, label_gap, 0.5, color)


def coulomb(
    ax: Axes, a: Node, b: Node, label: str = "", *, label_gap: float = 0.2, bend: float = 0.0
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
    label_gap: float = 0.2,
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
    _label(ax, start, end, label, 0.0, 0.95 * width + 0.2, 0.5, BLACK)


def sink(ax: Axes, node: Node, to: tuple[float, float], label: str = "", *, color: str = GREY) -> None:
    """Loss into the open, such as dephasing: a short wave that leaves a node."""
    exchange(ax, node, Node(*to), label, color=color, waves=3, amplitude=0.07, heads="forward")


def _ends(
    a: Node, b: Node, gap: float, shift: float, bend: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """End points on the borders of both nodes; a bent line leaves towards the top of its arc."""
    step = b.center - a.center
    normal = np.array([-step[1], step[0]])
    aim = (a.center + b.center) / 2 + 2.0 * bend * normal
    sideways = shift * normal / (float(np.hypot(*normal)) or 1.0)
    if bend:
        return a.border(aim, gap) + sideways, b.border(aim, gap) + sideways
    return a.border(b.center, gap) + sideways, b.border(a.center, gap) + sideways


def _head(ax: Axes, tip: NDArray[np.float64], inward: NDArray[np.float64], color: str) -> None:
    normal = np.array([-inward[1], inward[0]])
    back = tip + 0.19 * inward
    corners = np.array([tip, back + 0.075 * normal, back - 0.075 * normal])
    ax.fill(corners[:, 0], corners[:, 1], facecolor=color, edgecolor="none", zorder=2.6)


def _label(
    ax: Axes,
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    label: str,
    bend: float,
    gap: float,
    at: float,
    color: str,
) -> None:
    if not label:
        return
    step = end - start
    normal = np.array([-step[1], step[0]])
    unit = normal / (float(np.hypot(*normal)) or 1.0)
    arc = 4.0 * bend * at * (1.0 - at) * normal
    place: Any = start + at * step + arc + gap * unit
    halo(note(ax, place[0], place[1], label, size=8.5, color=color))
