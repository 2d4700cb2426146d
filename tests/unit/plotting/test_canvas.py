"""Pixels do not hang on the last digits of what is drawn."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.image import imread
from matplotlib.patches import Circle

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
    yield
    plt.close("all")


def differing(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.abs(first - second).max(axis=2)


def test_a_last_digit_moves_no_pixel(monkeypatch):
    found, placed = pixels(drawn()), canvas._on_grid
    monkeypatch.setattr(canvas, "_on_grid", lambda points, transform: placed(points, Fused(transform)))
    assert not differing(found, pixels(drawn())).any()


def unrounded(points, transform):
    (a, c, e), (b, d, f), _ = transform.get_matrix()
    x, y = np.moveaxis(np.asarray(points, dtype=float), -1, 0)
    return np.stack([a * x + c * y + e, b * x + d * y + f], axis=-1)


def test_without_the_grid_it_does_and_the_grid_is_not_seen(monkeypatch):
    found = pixels(drawn())
    monkeypatch.setattr(canvas, "_on_grid", unrounded)
    plain = pixels(drawn())
    monkeypatch.setattr(canvas, "_on_grid", lambda points, transform: unrounded(points, Fused(transform)))
    assert differing(plain, pixels(drawn())).any()
    far = differing(found, plain)
    assert far.max() <= 16
    assert (far > 2).mean() < 1e-3


def test_points_lie_on_the_grid_where_the_transformation_puts_them():
    fig = drawn()
    transform = fig.axes[0].transData.get_affine()
    points = np.random.default_rng(2).uniform(0, 1, (5, 7, 2))
    found = canvas._on_grid(points, transform)
    assert (found * 256 == np.rint(found * 256)).all()
    wanted = transform.transform(points.reshape(-1, 2)).reshape(points.shape)
    assert np.abs(found - wanted).max() <= 1 / 512 + 1e-9


def test_a_figure_keeps_its_own_canvas():
    fig = drawn()
    before = fig.canvas
    with canvas.on_grid(fig):
        assert fig.canvas is not before
    assert fig.canvas is before


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


def test_what_is_drawn_and_checked_within_one_block_shares_a_canvas_and_what_it_measured():
    fig = drawn()
    with canvas.on_grid(fig):
        outer = fig.canvas
        with canvas.on_grid(fig):
            assert fig.canvas is outer
        assert fig.canvas is outer
