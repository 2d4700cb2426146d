"""Curves of a sweep's frame, one call a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qte.common.errors import ParameterError
from qte.common.parameters import did_you_mean
from qte.common.text import number
from qte.plotting.panels import legend
from qte.plotting.style import LINES, Width, family, figure, letter

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_sweep(
    frame: pd.DataFrame,
    x: str,
    y: str | Sequence[str],
    hue: str | None = None,
    *,
    logx: bool = False,
    logy: bool = False,
    width: Width | None = None,
) -> Figure:
    """Curves y(x) of a frame in house style, one curve a value of `hue`, one panel a quantity.

    Parameters
    ----------
    frame : DataFrame
        As `qte.sweeps.sweep.sweep` returns it. Any tidy frame will do; axis labels come from
        ``frame.attrs["labels"]`` where there are some.
    x : str
        Column along the horizontal axis.
    y : str or sequence of str
        Columns to draw, each in a panel of its own.
    hue : str, optional
        Column that tells the curves apart.
    logx, logy : bool
        Logarithmic axes.
    width : {"single", "wide", "double"} or float, optional
        See `qte.plotting.figure`; "single" for one panel, "double" for several.

    Returns
    -------
    Figure
        For `qte.plotting.save` and `qte.plotting.show`.

    Raises
    ------
    ParameterError
        A column that does not exist, with the nearest name; or several rows for one point of a
        curve, with the columns in which they differ.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"T_h": [1.0, 2.0, 1.0, 2.0], "g": [1, 1, 2, 2], "J": [0.1, 0.2, 0.3, 0.4]})
    >>> plot_sweep(frame, x="T_h", y="J", hue="g").axes[0].get_xlabel()
    'T_h'
    """
    quantities = [y] if isinstance(y, str) else list(y)
    wanted = {"x": [x], "y": quantities, "hue": [hue] if hue is not None else []}
    for role, names in wanted.items():
        for name in names:
            _check_column(frame, role, name)
    _check_curves(frame, x, quantities, hue)
    shape = width or ("double" if len(quantities) > 1 else "single")
    fig, axes = figure(len(quantities), width=shape, aspect=0.74)
    panels: list[Axes] = list(np.ravel(np.asarray(axes, dtype=object)))
    for ax, quantity in zip(panels, quantities, strict=True):
        _draw(ax, frame, x, quantity, hue)
        ax.set(xlabel=_label(frame, x), ylabel=_label(frame, quantity))
        ax.set(xscale="log" if logx else "linear", yscale="log" if logy else "linear")
    if hue is not None:
        legend(panels[0], _label(frame, hue))
    if len(panels) > 1:
        letter(panels)
    return fig


def _draw(ax: Axes, frame: pd.DataFrame, x: str, y: str, hue: str | None) -> None:
    groups: list[tuple[Any, pd.DataFrame]] = [(None, frame)]
    if hue is not None:
        groups = list(frame.groupby(hue, sort=False))
    for style, (value, rows) in zip(family(len(groups)), groups, strict=True):
        name = None if value is None else number(float(value) if isinstance(value, int) else value, 6)
        look = style if hue is not None else {"linestyle": LINES[0]}
        ax.plot(rows[x], rows[y], label=name, **look)


def _label(frame: pd.DataFrame, column: str) -> str:
    return str(frame.attrs.get("labels", {}).get(column, column))


def _check_column(frame: pd.DataFrame, role: str, name: Any) -> None:
    if name not in frame.columns:
        known = [str(column) for column in frame.columns]
        wanted = f"be one of the columns {', '.join(known)}{did_you_mean(name, known)}"
        raise ParameterError(role, name, wanted)


def _check_curves(frame: pd.DataFrame, x: str, quantities: Sequence[str], hue: str | None) -> None:
    """Refuse rows that would draw several curves as one zigzag."""
    keys = [x] if hue is None else [hue, x]
    doubled = frame[frame.duplicated(keys, keep=False)]
    if not len(doubled):
        return
    drawn = {*keys, *quantities, *frame.attrs.get("quantities", {})}
    varied = [str(c) for c in frame.columns if c not in drawn and frame[c].astype(str).nunique() > 1]
    several = f" (they differ in {', '.join(varied)})" if varied else ""
    wanted = f"leave one row a point of a curve{several}: select rows, or name another column"
    raise ParameterError("hue", hue, wanted)
