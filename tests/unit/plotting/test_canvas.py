"""Pixels do not hang on the last digits of what is drawn."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import style
from matplotlib.image import imread
from matplotlib.patches import Circle
from matplotlib.path import Path

from qte import plotting
from qte.plotting import canvas, render

# as far as fused multiplications move a coordinate
MOVED = np.array([[1 + 2.0**-52], [1 - 2.0**-53], [1.0]])


class Fused:
    """A transformation as another processor has it."""

    def __init__(self, transform) -> None:
        self.matrix = transform.get_matrix() * MOVED

    def get_matrix(self) -> np.ndarray:
        return self.matrix


def drawn() -> plt.Figure:
    """Curves, patches, markers, a map, filled and bare contours, text."""
    fig, axes = plt.subplots(1, 3, figsize=(5, 2))
    x = np.linspace(0, 1, 50)
    axes[0].plot(x, x**2, "o-", ms=3)
    axes[0].fill_between(x, x / 2, x, alpha=0.3)
    axes[1].add_patch(Circle((0.5, 0.5), 0.3, fill=False, hatch="//"))
    axes[1].scatter(x, x[::-1], s=9)
    axes[1].annotate("here", (0.2, 0.3), (0.6, 0.8), arrowprops={"arrowstyle": "->"})
    z = np.add.outer(x**2, x)
    axes[2].pcolormesh(x, x, z, shading="nearest", rasterized=True)
    axes[2].contour(x, x, z, levels=[0.5, 1.0], colors="k")
    for ax in axes[1:]:
        ax.set(xlim=(0, 1), ylim=(0, 1))
    axes[0].set(xlim=(-0.1, 1.1), ylim=(-0.1, 1.1))
    return fig


def pixels(fig: plt.Figure) -> np.ndarray:
    return np.round(imread(io.BytesIO(render(fig, "png", dpi=150))) * 255).astype(int)


@pytest.fixture(autouse=True)
def closed():
    # whatever style other tests have left
    with style.context("default"):
        yield
    plt.close("all")


def differing(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.abs(first - second).max(axis=2)


def fused(monkeypatch) -> None:
    exact = canvas.moved
    monkeypatch.setattr(canvas, "moved", lambda points, transform: exact(points, Fused(transform)))


def test_a_last_digit_moves_no_pixel(monkeypatch):
    found = pixels(drawn())
    fused(monkeypatch)
    assert not differing(found, pixels(drawn())).any()


def test_without_the_grid_it_does_and_the_grid_is_not_seen(monkeypatch):
    found = pixels(drawn())
    monkeypatch.setattr(canvas, "rounded", lambda points: points)
    monkeypatch.setattr(canvas, "_bends", lambda line: line)
    plain = pixels(drawn())
    fused(monkeypatch)
    assert differing(plain, pixels(drawn())).any()
    far = differing(found, plain)
    assert far.max() <= 16
    assert (far > 4).mean() < 1e-3


def test_points_lie_on_the_grid_where_the_transformation_puts_them():
    transform = drawn().axes[0].transData.get_affine()
    points = np.random.default_rng(2).uniform(0, 1, (35, 2))
    found = canvas._on_grid(Path(points), transform).vertices
    assert (found * 256 == np.rint(found * 256)).all()
    assert np.abs(found - transform.transform(points)).max() <= 0.52 / 256


def labels_of(noise: np.ndarray) -> list[tuple[float, float, float]]:
    """Where three vertical contours of a plane bear their values, and how these are turned."""
    _, ax = plt.subplots()
    x = np.linspace(0, 1, 21)
    found = plotting.contours(ax, x, x, np.tile(x, (21, 1)) + noise, [0.225, 0.525, 0.825])
    return [(*np.round(text.get_position(), 6), text.get_rotation()) for text in found.labelTexts]


@pytest.mark.parametrize("seed", range(6))
def test_a_last_digit_moves_and_turns_no_label(seed):
    noise = np.random.default_rng(seed).normal(size=(21, 21)) * 2.0**-52
    assert labels_of(noise) == labels_of(np.zeros((21, 21)))
    assert [angle for _, _, angle in labels_of(noise)] == [90.0] * 3


def test_a_last_digit_of_the_layout_names_no_clip(monkeypatch):
    def layout(moved: float) -> bytes:
        fig, ax = plotting.figure()
        np.ravel(ax)[0].plot([0, 1], [0, 1])
        engine = fig.get_layout_engine()
        whole = engine.execute

        def execute(figure):
            whole(figure)
            for panel in figure.axes:
                place = panel.get_position(original=True)
                place.set_points(place.get_points() * moved)
                panel._set_position(place, which="original")

        monkeypatch.setattr(engine, "execute", execute)
        return render(fig, "svg")

    assert layout(1.0) == layout(1 + 2.0**-51)


def test_a_line_keeps_its_bends_and_ends_and_stays_where_it_is():
    t = np.linspace(0, 1, 400)
    curve = canvas.rounded(np.column_stack([900 * t, 300 + 200 * np.sin(9 * t)]))
    whole = canvas._bends(Path(curve)).vertices
    assert 20 < len(whole) < 250
    assert (whole[[0, -1]] == curve[[0, -1]]).all()
    assert np.abs(np.interp(curve[:, 0], *whole.T) - curve[:, 1]).max() < 0.15
    flat = canvas._bends(Path([(0.0, 1.0), (1.0, 1.0), (1.0, 1.0), (5.0, 1.0), (2.0, 1.0)]))
    assert flat.vertices.tolist() == [[0, 1], [5, 1], [2, 1]]


def test_parts_of_a_line_stay_apart_and_what_has_curves_or_gaps_is_left_alone():
    two = Path([(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)], [1, 2, 2, 1, 2, 2])
    thinned = canvas._bends(two)
    assert thinned.vertices.tolist() == [[0, 0], [2, 0], [3, 0], [5, 0]]
    assert thinned.codes.tolist() == [1, 2, 1, 2]
    assert canvas._bends(Path.unit_circle()).vertices.shape == Path.unit_circle().vertices.shape
    gap = Path([(0, 0), (1, 0), (np.nan, np.nan), (3, 0), (4, 0), (5, 0)])
    assert len(canvas._bends(gap).vertices) == 5
