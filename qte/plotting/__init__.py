"""Plotting: the house style of every figure, saving it, and the parts of our schematics.

A notebook imports this package and takes what it needs from it: ``plotting.figure``,
``plotting.family``, ``plotting.save``; schematics are drawn with ``plotting.schematic``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from qte.plotting import schematic
from qte.plotting.checks import Finding, check
from qte.plotting.maps import bar, contours, ends_of, heatmap, surface
from qte.plotting.output import FigureError, Picture, render, save, show
from qte.plotting.panels import (
    arrow_at,
    axis_labels,
    closed_form,
    halo,
    label_curve,
    legend,
    mark,
    second_x,
    threshold,
    twin,
)
from qte.plotting.style import (
    BLACK,
    BLUE,
    BROWN,
    CYCLE,
    GREEN,
    GREY,
    LEFT,
    LINES,
    ORANGE,
    PURPLE,
    RED,
    RIGHT,
    SKY,
    VERMILION,
    family,
    figure,
    letter,
    use,
)

if TYPE_CHECKING:
    from qte.plotting.sweeps import plot_sweep

__all__ = [
    "BLACK",
    "BLUE",
    "BROWN",
    "CYCLE",
    "GREEN",
    "GREY",
    "LEFT",
    "LINES",
    "ORANGE",
    "PURPLE",
    "RED",
    "RIGHT",
    "SKY",
    "VERMILION",
    "FigureError",
    "Finding",
    "Picture",
    "arrow_at",
    "axis_labels",
    "bar",
    "check",
    "closed_form",
    "contours",
    "ends_of",
    "family",
    "figure",
    "halo",
    "heatmap",
    "label_curve",
    "legend",
    "letter",
    "mark",
    "plot_sweep",
    "render",
    "save",
    "schematic",
    "second_x",
    "show",
    "surface",
    "threshold",
    "twin",
    "use",
]


def __getattr__(name: str) -> Any:
    # Imported on first use: no figure of a paper draws a sweep, so none goes stale with it.
    if name == "plot_sweep":
        return importlib.import_module("qte.plotting.sweeps").plot_sweep
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
