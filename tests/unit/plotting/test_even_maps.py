"""An even map is what matplotlib interpolates, and its colours do not hang on last digits."""

import io

import numpy as np
import pytest
from PIL import Image

from qte import plotting
from qte.plotting import maps

X, Y = np.linspace(-1, 2, 13), np.linspace(0, 1, 7)
Z = np.sin(3 * X) * Y[:, None] + X


def drawn(even: bool, z=Z, *, form="png", **axes) -> np.ndarray:
    fig, ax = plotting.figure()
    half = (X[1] - X[0]) / 2, (Y[1] - Y[0]) / 2
    extent = (X[0] - half[0], X[-1] + half[0], Y[0] - half[1], Y[-1] + half[1])
    z = np.ma.masked_invalid(z)
    look = {"cmap": "viridis", "zorder": 0}
    if even:
        maps.EvenMap(ax, z, extent, **look)
    else:
        ax.imshow(
            z,
            extent=extent,
            origin="lower",
            aspect="auto",
            interpolation="bilinear",
            interpolation_stage="data",
            **look,
        )
    ax.set(**{"xlim": (X[0], X[-1]), "ylim": (Y[0], Y[-1])} | axes)
    made = plotting.render(fig, form)
    return made if form != "png" else np.asarray(Image.open(io.BytesIO(made)).convert("RGB"), dtype=int)


@pytest.mark.parametrize(
    "axes",
    [{}, {"xlim": (2, -1)}, {"ylim": (0.9, 0.2)}, {"xlim": (-3, 4), "ylim": (-1, 3)}, {"xlim": (0.1, 0.4)}],
)
def test_it_is_what_matplotlib_interpolates(axes):
    apart = np.abs(drawn(True, **axes) - drawn(False, **axes)).max(axis=2)
    # a colour next to the end of another, and the rows of pixels at the edge
    assert np.quantile(apart, 0.995) <= 6
    assert apart.mean() < 1.0


def test_holes_are_where_they_were():
    holed = Z.copy()
    holed[2:4, 5] = np.nan
    blank = [(drawn(even, holed) == 255).all(axis=2) for even in (True, False)]
    assert (blank[0] != blank[1]).mean() < 3e-3
    assert blank[0].mean() > (drawn(True) == 255).all(axis=2).mean() + 0.01


def test_logarithmic_axes_are_left_to_matplotlib():
    axes = {"xscale": "log", "xlim": (0.1, 2)}
    assert (drawn(True, **axes) == drawn(False, **axes)).all()


def test_nothing_is_drawn_where_there_are_no_cells():
    assert len(np.unique(drawn(True, xlim=(5, 6)).reshape(-1, 3), axis=0)) < 300


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_last_digits_of_where_it_lies_move_no_colour(form, monkeypatch):
    flat = np.repeat(np.linspace(0, 1, 7)[:, None], 13, axis=1)
    found = drawn(True, flat, form=form)
    exact = maps.rounded
    monkeypatch.setattr(maps, "rounded", lambda cells: exact(cells * (1 + 2.0**-50)))
    again = drawn(True, flat, form=form)
    assert (found == again).all() if form == "png" else found == again
