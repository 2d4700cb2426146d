"""A figure is drawn once for all formats, and as matplotlib itself would draw it for each."""

import io
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.mathtext import MathTextParser
from matplotlib.patches import Circle
from matplotlib.patheffects import withStroke
from PIL import Image, ImageFilter

from qte import plotting
from qte.plotting import drawing
from qte.plotting.output import FORMATS

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]\d+)?")
# Lines, curves and rectangles of a PDF, and what fills or strokes them.
SHAPE = re.compile(r"^((?:-?[\d.]+ )*)(m|l|c|h|re|f|S|B|s|b|Do)$", re.MULTILINE)
x = np.linspace(0, 1, 9)


def curves(ax):
    ax.plot(x, x**2, "s--", label=r"$\frac{x}{2}$")
    ax.axhspan(0.2, 0.3, hatch="//", fill=False)
    ax.legend(title="a legend")
    ax.set_title("turned", rotation=30)
    ax.set_xlabel(r"$\sqrt{\gamma_h}$ and words")


def collections(ax):
    ax.scatter(x, x[::-1], c=x, s=20 * x, hatch="x", linewidths=[0.5, 1.0])
    ax.fill_between(x, x / 2, x, alpha=0.3)
    ax.annotate("here", (0.2, 0.3), (0.6, 0.8), arrowprops={"arrowstyle": "->"}, bbox={"boxstyle": "round"})


def meshes(ax):
    z = np.add.outer(x**2, x)
    ax.pcolormesh(x, x, z, shading="nearest", rasterized=True)
    ax.contour(x, x, z, levels=[0.5, 1.0])
    ax.text(0.3, 0.5, "outlined", path_effects=[withStroke(linewidth=2, foreground="w")])


def whole_meshes(ax):
    ax.pcolormesh(x, x, np.add.outer(x**2, x), shading="gouraud")
    ax.pcolor(x[:4], x[:4], np.add.outer(x[:3], x[:3]), edgecolor="k", alpha=0.5)


def images(ax):
    ax.imshow(np.add.outer(x, x), extent=(0, 1, 0, 1), interpolation="nearest", aspect="auto")
    ax.imshow(
        np.eye(3), extent=(0.2, 0.6, 0.3, 0.5), clip_path=Circle((0.4, 0.4), 0.1, transform=ax.transData)
    )


def filtered(ax):
    (line,) = ax.plot(x, x, lw=4, rasterized=True)
    line.set_agg_filter(lambda pixels, dpi: (pixels[::-1], 0, 0))


def space(ax):
    ax.figure.delaxes(ax)
    ax = ax.figure.add_subplot(projection="3d")
    ax.plot_surface(*np.meshgrid(x, x), np.add.outer(x, x**2))


PANELS = [curves, collections, meshes, whole_meshes, images, filtered, space]


def figure(panel) -> Figure:
    fig, ax = plotting.figure(1, 1)
    panel(ax)
    # for both ways the same layout
    plotting.save(fig, None)
    return fig


def by_matplotlib(fig: Figure, form: str) -> bytes:
    made = io.BytesIO()
    fig.savefig(made, format=form, dpi=300)
    return made.getvalue()


def close(one: list[str], other: list[str], at_most: float) -> None:
    assert len(one) == len(other)
    assert np.abs(np.array(one, dtype=float) - np.array(other, dtype=float)).max(initial=0.0) <= at_most


@pytest.mark.parametrize("panel", PANELS)
def test_an_svg_is_what_matplotlib_draws(panel):
    fig = figure(panel)
    ours, its = (
        list(ElementTree.fromstring(made).iter())
        for made in (plotting.render(fig, "svg"), by_matplotlib(fig, "svg"))
    )
    kinds = ("path", "use", "g", "image", "rect", "clipPath", "polygon", "stop", "filter")
    count = [
        Counter(kind for part in parts if (kind := part.tag.split("}")[-1]) in kinds) for parts in (ours, its)
    ]
    assert count[0] == count[1]
    for name in ("d", "transform", "x", "y", "width", "height", "points"):
        # images are compared as pixels, in PNG
        found = [
            NUMBER.findall(" ".join(part.get(name, "") for part in parts if not part.tag.endswith("image")))
            for parts in (ours, its)
        ]
        close(*found, 2e-3)


def content(pdf: bytes) -> str:
    """The page of a PDF that is not compressed."""
    return max(
        re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL), key=lambda s: s.count(b"\n")
    ).decode("latin-1")


@pytest.mark.parametrize("panel", [curves, collections, space])
def test_a_pdf_is_what_matplotlib_draws(panel, monkeypatch):
    monkeypatch.setitem(plotting.style.STYLE, "pdf.compression", 0)
    fig = figure(panel)
    with mpl.rc_context({"pdf.compression": 0}):
        pages = [content(made) for made in (plotting.render(fig, "pdf"), by_matplotlib(fig, "pdf"))]
    shapes = [SHAPE.findall(page) for page in pages]
    assert [kind for _, kind in shapes[0]] == [kind for _, kind in shapes[1]]
    close(*(NUMBER.findall(" ".join(numbers for numbers, _ in shape)) for shape in shapes), 0.02)
    # words stand where they do, formulas within half a point: matplotlib rounds their sizes up to whole points
    written = [re.findall(r"\((.*?)\) Tj|(\[.*?\]) TJ", page) for page in pages]
    assert written[0] == written[1]
    assert len(written[0]) > 5


@pytest.mark.parametrize("panel", PANELS)
def test_a_png_is_what_matplotlib_draws_as_an_eye_sees_it(panel):
    fig = figure(panel)
    seen = [
        np.asarray(Image.open(io.BytesIO(made)).convert("RGB").filter(ImageFilter.BoxBlur(4)), dtype=float)
        for made in (plotting.render(fig, "png"), by_matplotlib(fig, "png"))
    ]
    assert seen[0].shape == seen[1].shape
    apart = np.abs(seen[0] - seen[1])
    assert apart.mean() < 0.5
    assert apart.max() < 80


def test_three_formats_ask_artists_once_and_set_a_formula_once(monkeypatch, tmp_path):
    asked, formulas = Counter(), Counter()
    draw, parse = Figure.draw, MathTextParser.parse

    def counted_draw(fig, renderer):
        asked[type(fig).__name__] += 1
        return draw(fig, renderer)

    def counted_parse(parser, s, *args, **kwargs):
        formulas[s] += 1
        return parse(parser, s, *args, **kwargs)

    fig, ax = plotting.figure(1, 1)
    curves(ax)
    ax.text(0.5, 0.5, r"$\frac{x}{2}$", fontsize=20)
    monkeypatch.setattr(Figure, "draw", counted_draw)
    monkeypatch.setattr(MathTextParser, "parse", counted_parse)
    plotting.save(fig, tmp_path / "drawn")
    plotting.show(fig)
    assert len(list(tmp_path.iterdir())) == len(FORMATS)
    assert asked == {"Figure": 1}
    # that they do is how renderers share what is set: by an attribute that matplotlib does not document
    assert formulas == {r"$\frac{x}{2}$": 1, r"$\sqrt{\gamma_h}$ and words": 1}


@pytest.mark.parametrize("size", [3.0, 8.0, 40.0])
def test_a_formula_is_the_same_at_any_size_but_for_its_size(size):
    font = mpl.font_manager.FontProperties(family="STIXGeneral", size=size, math_fontfamily="stix")
    formula = r"$\int_0^1 \frac{\sqrt{x}}{2}\,dx = \hat H_{ij}$"
    ours, its = (
        drawing._Formulas(100.0).parse(formula, 72, font),
        MathTextParser("path").parse(formula, 72, font),
    )
    # matplotlib rounds these up
    assert ours[:3] == pytest.approx(its[:3], abs=2.0)
    for one, other in zip(ours.glyphs, its.glyphs, strict=True):
        assert one[2:4] == other[2:4]
        assert one[0].fname == other[0].fname
        assert one[1] == pytest.approx(other[1])
        assert one[4:] == pytest.approx(other[4:], abs=max(0.5, 0.03 * size))
    for one, other in zip(ours.rects, its.rects, strict=True):
        assert one == pytest.approx(other, abs=max(0.5, 0.03 * size))


def test_a_figure_keeps_its_canvas_its_resolution_and_whether_it_changed():
    fig, _ = plotting.figure(1, 1)
    before, dpi = fig.canvas, fig.get_dpi()
    for stale in (True, False):
        fig.stale = stale
        with drawing.on_paper(fig) as paper:
            assert fig.canvas is not before
            with drawing.on_paper(fig) as same:
                assert same is paper
        assert (fig.canvas, fig.get_dpi(), fig.stale) == (before, dpi, stale)
    with pytest.raises(KeyError), drawing.on_paper(fig):
        raise KeyError
    assert (fig.canvas, fig.get_dpi()) == (before, dpi)


def test_a_resolution_is_that_of_pixels_alone():
    fig = figure(meshes)
    sizes = [imread(io.BytesIO(plotting.render(fig, "png", dpi=dpi))).shape[1] for dpi in (72, 150)]
    assert sizes == [int(3.4 * 72), int(3.4 * 150)]
    held = [
        len(re.search(rb"base64,\n?([^\"]*)", plotting.render(fig, "svg", dpi=dpi))[1]) for dpi in (72, 300)
    ]
    assert held[1] > 3 * held[0]


@pytest.mark.parametrize("direction", ["in", "out", "inout"])
@pytest.mark.parametrize("place", [("outward", 0.0), ("outward", 9.0)])
def test_a_layout_is_that_of_matplotlib(direction, place):
    figures = [plotting.figure(2, 1)[0] for _ in range(2)]
    for fig in figures:
        for ax in fig.axes:
            ax.tick_params(direction=direction, which="both", length=20, top=True, labelbottom=False)
            ax.spines["top"].set_position(place)
    with drawing.on_paper(figures[0]):
        figures[0].get_layout_engine().execute(figures[0])
    plotting.save(figures[1], None)
    its, ours = (np.array([ax.get_position().extents for ax in fig.axes]) for fig in figures)
    assert np.abs(its - ours).max() < 1e-9


def test_a_ground_that_lets_through_stays_so():
    fig, ax = plotting.figure(1, 1)
    ax.set_facecolor("none")
    assert Image.open(io.BytesIO(plotting.render(fig, "png"))).mode == "RGB"
    fig.set_facecolor((1, 1, 1, 0.5))
    made = Image.open(io.BytesIO(plotting.render(fig, "png")))
    assert made.mode == "RGBA"
    assert made.getpixel((0, 0)) == (255, 255, 255, 128)
