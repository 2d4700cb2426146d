"""Circuit elements between two points: their leads fill what the element leaves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from qte.plotting.schematic.nodes import MATTER, Point, Tint, note
from qte.plotting.style import BLACK

_LINE = 1.0


def wire(ax: Axes, *points: Point, color: str = BLACK) -> None:
    """Wire through the given points."""
    x, y = zip(*points, strict=True)
    ax.plot(x, y, color=color, lw=_LINE, zorder=2, solid_capstyle="round", clip_on=False)


def ground(ax: Axes, x: float, y: float) -> None:
    """Ground below a point."""
    for depth, half in ((0.0, 0.18), (0.07, 0.12), (0.14, 0.06)):
        wire(ax, (x - half, y - depth), (x + half, y - depth))


def capacitor(ax: Axes, p: Point, q: Point, label: str = "") -> None:
    """Capacitor: two plates."""
    _leads(ax, p, q, 0.05)
    for side in (-0.05, 0.05):
        _stroke(ax, p, q, [(side, -0.19), (side, 0.19)], width=1.5)
    _name(ax, p, q, label, 0.19)


def inductor(ax: Axes, p: Point, q: Point, label: str = "", *, turns: int = 4) -> None:
    """Inductor: a coil."""
    half = 0.1 * turns
    _leads(ax, p, q, half)
    t = np.linspace(0.0, np.pi * turns, 40 * turns + 1)
    _stroke(ax, p, q, np.column_stack([-half + 2 * half * t / t[-1], 0.12 * np.abs(np.sin(t))]))
    _name(ax, p, q, label, 0.14)


def junction(ax: Axes, p: Point, q: Point, label: str = "", *, size: float = 0.3) -> None:
    """Josephson junction: a cross in a box."""
    half = size / 2
    _leads(ax, p, q, half)
    _box(ax, p, q, half, half, MATTER)
    _stroke(ax, p, q, [(-half, -half), (half, half)])
    _stroke(ax, p, q, [(-half, half), (half, -half)])
    _name(ax, p, q, label, half)


def impedance(ax: Axes, p: Point, q: Point, label: str = "", *, tint: Tint = MATTER) -> None:
    """Impedance: a box; its tint tells the temperature of its noise."""
    _leads(ax, p, q, 0.28)
    _box(ax, p, q, 0.28, 0.13, tint)
    _name(ax, p, q, label, 0.13)


def _frame(p: Point, q: Point) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Middle of two points, the unit vector from one to the other, and its normal, each of shape (2,)."""
    a, b = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    along = (b - a) / float(np.hypot(*(b - a)))
    return (a + b) / 2, along, np.array([-along[1], along[0]])


def _place(p: Point, q: Point, points: ArrayLike) -> NDArray[np.float64]:
    """Points given along and across the element, on the page; shape (n, 2)."""
    middle, along, across = _frame(p, q)
    local = np.asarray(points, dtype=float)
    return np.asarray(middle + np.outer(local[:, 0], along) + np.outer(local[:, 1], across))


def _stroke(ax: Axes, p: Point, q: Point, points: ArrayLike, width: float = _LINE) -> None:
    placed = _place(p, q, points)
    ax.plot(placed[:, 0], placed[:, 1], color=BLACK, lw=width, zorder=3, clip_on=False)


def _box(ax: Axes, p: Point, q: Point, half: float, high: float, tint: Tint) -> None:
    corners: Sequence[Point] = [(-half, -high), (half, -high), (half, high), (-half, high)]
    placed = _place(p, q, corners)
    ax.fill(placed[:, 0], placed[:, 1], facecolor=tint.face, edgecolor=tint.edge, lw=_LINE, zorder=2.8)


def _leads(ax: Axes, p: Point, q: Point, half: float) -> None:
    ends = _place(p, q, [(-half, 0.0), (half, 0.0)])
    wire(ax, p, (float(ends[0, 0]), float(ends[0, 1])))
    wire(ax, (float(ends[1, 0]), float(ends[1, 1])), q)


def _name(ax: Axes, p: Point, q: Point, label: str, clear: float) -> None:
    """Label above a level element, to the right of an upright one."""
    if not label:
        return
    middle, along, _ = _frame(p, q)
    if abs(along[0]) > abs(along[1]):
        note(ax, float(middle[0]), float(middle[1]) + clear + 0.18, label, size=8.0)
    else:
        note(ax, float(middle[0]) + clear + 0.1, float(middle[1]), label, size=8.0, ha="left")
