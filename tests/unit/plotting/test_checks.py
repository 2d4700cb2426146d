"""Each check of a figure passes a good one and finds the fault of one that is made to have it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from qte import plotting
from qte.plotting import checks, colors, inventory
from qte.plotting.output import FAULT
from workflow.plan import faults

X = np.linspace(0.0, 1.0, 41)
PLANE = np.add.outer(X, X)


def faults_of(fig: Figure, caption: str = "") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for fault in plotting.check(fig, caption):
        found.setdefault(fault.check, []).append(fault.message)
    return found


def panel(**options: Any) -> tuple[Figure, Any]:
    fig, ax = plotting.figure(**options)
    for one in fig.axes:
        one.set(xlabel="$x$", ylabel="$y$")
    return fig, ax


def curves(*looks: dict[str, Any], legend: bool = True) -> Figure:
    fig, ax = panel()
    for k, look in enumerate(looks):
        ax.plot(X, (k + 1) * X, label=f"curve {k}", **look)
    if legend:
        plotting.legend(ax, loc="upper left")
    return fig


def a_map(**options: Any) -> tuple[Figure, Any]:
    fig, ax = panel()
    plotting.heatmap(ax, X, X, PLANE, "$z$", **options)
    return fig, ax


# --- figures without fault ---------------------------------------------------------------------------


def family() -> Figure:
    return curves(*plotting.family(5))


def twins() -> Figure:
    fig, ax = panel()
    right = plotting.twin(ax, "$z$")
    ax.plot(X, X, color=plotting.LEFT)
    right.plot(X, 1 - X**2, color=plotting.RIGHT, linestyle=plotting.LINES[1])
    plotting.threshold(ax, y=0.4, text="$J_c$")
    return fig


def contours() -> Figure:
    fig, ax = a_map()
    plotting.contours(ax, X, X, PLANE, [0.4, 0.8, 1.2, 1.6])
    plotting.mark(ax, 0.5, 0.5, "here", offset=(40, 5))
    return fig


def lettered() -> Figure:
    fig, axes = panel(ncols=2, width="double")
    for ax in axes:
        ax.plot(X, X)
    plotting.letter(axes, names=("a1", "a2"))
    return fig


@pytest.mark.parametrize(
    ("make", "caption"),
    [(family, ""), (twins, ""), (contours, "Circle: a point."), (lettered, "")],
)
def test_a_good_figure_has_no_fault(make: Callable[[], Figure], caption):
    assert faults_of(make(), caption) == {}


# --- a figure made to fail each check ----------------------------------------------------------------


def white_on_yellow() -> Figure:
    fig, ax = a_map()
    ax.text(0.8, 0.9, "lost", color="white")
    return fig


def pale_text() -> Figure:
    fig, ax = panel()
    ax.plot(X, X)
    ax.set_title("pale", color="#cccccc")
    return fig


def black_ridge() -> Figure:
    fig, ax = a_map()
    ax.plot(0.12 * X, 0.1 * X, color="black")
    return fig


def white_contours() -> Figure:
    fig, ax = a_map()
    plotting.contours(ax, X, X, PLANE, [1.9, 1.95], color="white")
    return fig


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (white_on_yellow, "“lost” has a contrast of 1."),
        (pale_text, "“pale” has a contrast of 1.6"),
        (black_ridge, "a black line in panel is lost on the map"),
        (white_contours, "the contour of 1.9 in panel is lost"),
    ],
)
def test_contrast(make, word):
    assert any(word in fault for fault in faults_of(make(), "Black line.")["contrast"])


def test_an_outline_or_a_ground_makes_a_text_readable():
    for keep in (
        lambda text: plotting.halo(text, color="black"),
        lambda text: text.set_bbox({"fc": "black"}),
    ):
        fig, ax = a_map()
        keep(ax.text(0.8, 0.9, "lost", color="white"))
        assert "contrast" not in faults_of(fig)


def two_texts() -> Figure:
    fig, ax = panel()
    ax.plot(X, X)
    ax.text(0.1, 0.8, "one thing")
    ax.text(0.15, 0.82, "another")
    return fig


def text_on_curve() -> Figure:
    fig, ax = panel()
    ax.plot(X, X)
    ax.text(0.45, 0.48, "through")
    return fig


def legend_on_curve() -> Figure:
    fig, ax = panel()
    ax.plot(X, X, label="hidden")
    plotting.legend(ax, loc="upper right")
    return fig


def text_on_axis_label() -> Figure:
    fig, ax = panel()
    ax.plot(X, X)
    ax.text(0.5, -0.2, "below the axis", transform=ax.transAxes, ha="center")
    return fig


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (two_texts, "the texts “one thing” and “another” overlap"),
        (text_on_curve, "a curve of panel runs through the text “through”"),
        (legend_on_curve, "the legend of panel lies on “hidden”"),
        (text_on_axis_label, "the texts “below the axis” and “$x$” overlap"),
    ],
)
def test_overlap(make, word):
    assert any(word in fault for fault in faults_of(make())["overlap"])


def test_turned_texts_side_by_side_do_not_overlap():
    fig, ax = panel()
    ax.plot(X, X)
    ax.text(0.05, 0.55, "one along", rotation=45)
    ax.text(0.17, 0.55, "the other", rotation=45)
    assert "overlap" not in faults_of(fig)


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ({"color": "#0072b2"}, {"color": "#b8101a"}, "look alike in grey"),
        ({"color": "#109eb0"}, {"color": "#a057a1"}, "look alike in deuteranopia"),
        ({"color": "#a6138f"}, {"color": "#592583"}, "look alike in protanopia"),
        ({"color": "#0072b2"}, {"color": "#00756f"}, "tritanopia"),
        ({"color": "black"}, {"color": "black"}, "to every eye"),
        ({"linestyle": (0, (5, 2))}, {"linestyle": (0, (5.5, 2)), "color": "#0072b2"}, "to every eye"),
    ],
)
def test_families(one, other, how):
    (fault,) = faults_of(curves(one, other))["families"]
    assert "“curve 0” and “curve 1” look alike" in fault
    assert how in fault


@pytest.mark.parametrize(
    "other", [{"linestyle": plotting.LINES[1]}, {"linewidth": 2.6}, {"marker": "o"}, {"color": "#e69f00"}]
)
def test_dashes_width_marks_and_lightness_tell_curves_apart(other):
    first = {"color": "#0072b2"}
    assert "families" not in faults_of(curves(first, first | other))


def nameless_curve() -> Figure:
    fig, ax = panel()
    ax.plot(X, X, label="named")
    ax.plot(X, 0.5 * X, color="black", linestyle=plotting.LINES[3])
    plotting.legend(ax)
    return fig


def nameless_points() -> Figure:
    fig, ax = panel()
    ax.plot(X, X)
    plotting.mark(ax, 0.5, 0.5)
    return fig


def nameless_arrow() -> Figure:
    fig, ax = panel()
    ax.plot(X, X)
    plotting.arrow_at(ax, 0.5, 0.5)
    return fig


def nameless_area() -> Figure:
    fig, ax = panel()
    ax.plot(X, X)
    ax.axvspan(0.5, 0.6, facecolor="#d9d9d9", hatch="//")
    return fig


def barless_map() -> Figure:
    fig, ax = panel()
    plotting.heatmap(ax, X, X, PLANE, colorbar=False)
    return fig


@pytest.mark.parametrize(
    ("make", "word", "caption"),
    [
        (nameless_curve, "names a black dotted curve in panel", "Dotted: half of it."),
        (nameless_points, "names a black circle in panel", "Circles: a half."),
        (nameless_arrow, "names a black arrow in panel", "Arrows: a half."),
        (nameless_area, "grey hatched area in panel", "Hatched: nothing."),
        (barless_map, "map in panel", None),
    ],
)
def test_explained(make, word, caption):
    assert any(word in fault for fault in faults_of(make())["explained"])
    if caption:
        assert "explained" not in faults_of(make(), caption)


def bars() -> Figure:
    fig, ax = panel()
    ax.bar([0, 1], [1.0, 2.0], color="#0072b2", label="counts")
    ax.scatter([0, 1], [1.2, 2.2], color="#b8101a", label="measured")
    ax.hlines([0.5], 0, 1, color="#009e73", label="least")
    return fig


def test_bars_scattered_points_and_rules_need_a_name_too():
    assert faults_of(bars())["explained"] == [
        f"neither legend nor caption names a {thing} in panel"
        for thing in ("blue area", "red dot", "green solid area")
    ]
    named = bars()
    plotting.legend(named.axes[0])
    assert "explained" not in faults_of(named)


@pytest.mark.parametrize(
    ("caption", "missing"),
    [
        ("Red: the curve.", "“red”"),
        ("(blue, dashed) the curve", "“blue dashed”"),
        ("Dots mark it.", "“dot”"),
        ("Dash-dotted: nothing.", "“dash-dotted”"),
        ("Blue, solid; nothing else.", None),
    ],
)
def test_caption(caption, missing):
    found = faults_of(curves({"color": plotting.BLUE}), caption)
    if missing is None:
        assert found == {}
    else:
        assert missing in found["caption"][0]


def test_words_side_by_side_belong_to_one_thing():
    said = checks.said(
        "Dash-dotted red, dashed grey line; the dots, circles (blue, solid) cross a dotted one"
    )
    assert said == [
        {"dash-dotted", "red", "dashed", "grey"}, {"dot", "circle"}, {"blue", "solid"}, {"dotted"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "word"),
    [
        (("b", "a"), "lettered b, a in reading order"),
        (("a", "a"), "lettered a, a"),
        (("a", "c"), "a, c leave one out"),
        (("a",), "panel 2 has no letter"),
    ],
)
def test_letters(names, word):
    fig, axes = panel(ncols=2, width="double")
    for ax in axes:
        ax.plot(X, X)
    plotting.letter(axes[: len(names)], names=names)
    assert any(word in fault for fault in faults_of(fig)["letters"])


def test_a_letter_may_stand_for_a_column():
    fig, axes = panel(ncols=2, nrows=2, width="double")
    for ax in axes.flat:
        ax.plot(X, X)
    plotting.letter(axes[0])
    assert "letters" not in faults_of(fig)


def test_levels():
    def fig() -> Figure:
        made, ax = a_map()
        plotting.contours(ax, X, X, PLANE, [0.2, 0.4, 1.0, 1.9])
        return made

    assert "unevenly spaced (0.2, 0.4, 1, 1.9)" in faults_of(fig())["levels"][0]
    assert "levels" not in faults_of(fig(), "Contours at 0.2, 0.4, 1 and 1.9.")


def test_saturation():
    fig, ax = panel()
    drawn = ax.pcolormesh(X, X, PLANE, vmin=0.0, vmax=1.5)
    fig.colorbar(drawn)
    assert "values beyond its colours (max)" in faults_of(fig)["saturation"][0]
    marked, _ = a_map(vmax=1.5)
    assert "saturation" not in faults_of(marked)


@pytest.mark.parametrize(
    ("limits", "word"),
    [
        ({"ylim": (0, 0.5)}, "the curves from 0 to 1: 48.8 % of their points are cut off"),
        ({"ylim": (0, 10)}, "runs from 0 to 10, but the curves take up only 10 % of it"),
        ({"xlim": (0, 4)}, "the horizontal axis of panel runs from 0 to 4"),
        ({"yscale": "log", "ylim": (0.5, 2)}, "cut off"),
    ],
)
def test_limits(limits, word):
    fig, ax = panel()
    ax.plot(X, X)
    ax.set(**limits)
    assert any(word in fault for fault in faults_of(fig)["limits"])


class Unheard(Line2D):
    """A line that does not answer."""

    def get_marker(self) -> str:
        raise RuntimeError("no marker\nat all")


def test_a_figure_that_a_check_does_not_understand_is_drawn_and_it_is_said(tmp_path, capsys):
    fig, ax = panel()
    ax.add_line(Unheard([0, 0.5, 1], [0, 0.5, 1]))
    assert len(plotting.save(fig, tmp_path / "fig")) == 3
    assert (
        "figure check, explained: cannot be done on this figure: RuntimeError: no marker\n"
        in capsys.readouterr().out
    )


# --- how faults are said -----------------------------------------------------------------------------


def test_a_figure_with_a_fault_is_drawn_all_the_same(tmp_path, capsys):
    files = plotting.save(white_on_yellow(), tmp_path / "fig")
    assert [file.is_file() for file in files] == [True] * 3
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("figure check, contrast: the text “lost” has a contrast of 1.")


def test_saving_without_a_file_checks_too(capsys):
    assert plotting.save(nameless_points(), None) == ()
    assert "figure check, explained: " in capsys.readouterr().out
    assert plotting.save(nameless_points(), None, "Circles: a half.") == ()
    assert capsys.readouterr().out == ""


def test_faults_are_found_in_an_executed_notebook():
    stream = {"output_type": "stream", "text": f"3\n{FAULT}overlap: a\n{FAULT}limits: b\n"}
    cells = [{"cell_type": "markdown"}, {"outputs": [{"output_type": "execute_result"}, stream]}]
    assert faults.of_notebook({"cells": cells}) == ["overlap: a", "limits: b"]
    assert faults.BEGINS == FAULT


def test_checks_change_no_byte_and_say_the_same_twice():
    fig = contours()
    before = plotting.render(fig, "png")
    found = plotting.check(fig, drawn_at=300.0)
    assert plotting.check(fig, drawn_at=300.0) == found
    assert plotting.render(fig, "png") == before
    assert fig.get_dpi() == 100.0


def test_faults_are_the_same_for_any_hash_seed():
    script = (
        "from tests.unit.plotting.test_checks import nameless_curve, white_on_yellow, faults_of\n"
        "print(faults_of(nameless_curve(), 'Red, dashed: none. Blue: one.'), faults_of(white_on_yellow()))\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1


# --- colours and looks -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constant", "name"),
    [
        ("BLACK", "black"), ("GREY", "grey"), ("BLUE", "blue"), ("SKY", "blue"), ("ORANGE", "orange"),
        ("VERMILION", "orange"), ("RED", "red"), ("GREEN", "green"), ("PURPLE", "purple"), ("BROWN", "brown"),
    ],
)  # fmt: skip
def test_a_colour_of_the_house_is_called_by_its_name(constant, name):
    assert colors.name(getattr(plotting, constant)) == name


def test_lightness_and_contrast_of_known_colours():
    assert colors.lab("white") == pytest.approx([100.0, 0.0, 0.0], abs=0.02)
    assert colors.lab("#0072b2")[0] == pytest.approx(45.9, abs=0.5)
    assert colors.contrast(np.zeros(3), np.ones(3)) == pytest.approx(21.0)
    assert colors.contrast(np.array(to_rgb("#777777")), np.ones(3)) == pytest.approx(4.48, abs=0.01)


def test_grey_has_no_colour_and_red_green_blindness_no_red():
    assert colors.lab("#b8101a", "grey")[1:] == pytest.approx([0.0, 0.0], abs=0.02)
    assert colors.distance("#a05050", "#6e6e2f", "deuteranopia") < 0.5 * colors.distance("#a05050", "#6e6e2f")


@pytest.mark.parametrize(
    ("style", "word"),
    list(zip(plotting.LINES[:4], ("solid", "dashed", "dash-dotted", "dotted"), strict=True)),
)
def test_a_line_is_called_by_its_style(style, word):
    _, ax = plotting.figure()
    (line,) = ax.plot(X, X, linestyle=style, linewidth=2.0, color="black")
    assert inventory.look_of(line).words == {"black", word}
    plotting.halo(line)
    assert inventory.look_of(line).words == {"black", word}
