"""House style: same bytes everywhere, nothing of this machine inside, legible in grey."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread

from qte import plotting
from qte.data.tables import Column, Table
from qte.plotting import output, schematic
from qte.plotting.schematic import Node

ROOT = Path(__file__).parents[3]
X = np.linspace(0.0, 0.06, 61)


def curves() -> Figure:
    fig, (ax, other) = plotting.figure(2, width="double")
    for i, style in enumerate(plotting.family(5)):
        y = 1e-4 * (i + 1) / (1 + (X / 0.02) ** 2)
        ax.plot(X, y, **style, label=f"{i}")
        plotting.closed_form(ax, X, y)
    ax.set_xlabel(r"$\delta/\varepsilon_h$")
    plotting.threshold(ax, y=2e-4, text="$J_c$")
    plotting.legend(ax, r"$T_h/\varepsilon_h$")
    right = plotting.twin(other, r"negativity $\mathcal{N}$")
    other.plot(X, X, color=plotting.LEFT)
    right.plot(X, -X, color=plotting.RIGHT)
    plotting.mark(other, 0.03, 0.03, r"$\delta^\ast$")
    plotting.arrow_at(right, 0.03, -0.03, color=plotting.RIGHT)
    plotting.label_curve(other, X, X, "direct", at=0.05)
    plotting.second_x(other, 2.0, "other unit (µs)")
    plotting.letter([ax, other])
    return fig


def maps() -> Figure:
    fig, axes = plotting.figure(2, width="double")
    z = np.subtract.outer(X, X)
    plotting.heatmap(axes[0], X, X, z, r"$\Delta C$", diverging=True)
    plotting.heatmap(axes[1], X, X, z**2 + 1e-6, "J", log=True)
    plotting.contours(axes[1], X, X, z**2, [1e-4, 1e-3])
    return fig


def surfaces() -> Figure:
    fig, ax = plotting.figure(projection="3d", aspect=0.9)
    plotting.surface(ax, X, X, np.multiply.outer(X, X))
    ax.set_zlabel(r"$\alpha_0$")
    return fig


def drawing() -> Figure:
    s = schematic
    fig, ax = s.sheet("single", 4.0)
    hot = s.bath(ax, 1.0, 2.0, "hot\n$T_h$", tint=s.HOT, opens="right")
    cold = s.bath(ax, 7.6, 2.0, "$T_c$", tint=s.COLD)
    a = s.qubit(ax, 3.3, 2.0, "A", energy=r"$\varepsilon$", excited=True)
    b = s.oscillator(ax, 5.3, 2.0, "B")
    s.link(ax, hot, a, r"$\gamma_h$", heads="both")
    s.exchange(ax, a, b, "$g$")
    s.coulomb(ax, a, b, "$U$", bend=0.3)
    s.flow(
        ax, s.state(ax, 2, 3.6, r"$|00\rangle$"), s.state(ax, 5, 3.6, r"$|\Psi^-\rangle$", strong=True), "x"
    )
    s.heat(ax, b, cold, "$J$", tint=s.HOT)
    s.sink(ax, a, (2.6, 0.9), r"$\gamma_\phi$")
    s.diode(ax, 4.3, 0.5, blocked=True)
    s.frame(ax, (2.4, 6.2), (1.2, 2.8), "machine")
    s.blob(ax, 4.3, 2.0, 3.4, 1.4)
    s.junction(ax, (0.5, 0.9), (0.5, 0.2), "$E_J$")
    s.inductor(ax, (1, 0.9), (2, 0.9))
    s.capacitor(ax, (2, 0.9), (3, 0.9), "$C$")
    s.impedance(ax, (6, 0.9), (7, 0.9), "$Z$", tint=s.COLD)
    s.ground(ax, 7, 0.9)
    return fig


FIGURES = {"curves": curves, "maps": maps, "surfaces": surfaces, "drawing": drawing}
FORMS = ("pdf", "svg", "png")


def digests(folder: Path) -> dict[str, str]:
    """Draw and save every example figure; digest of each file."""
    found = {}
    for name, make in FIGURES.items():
        for path in plotting.save(make(), folder / name):
            found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        shown = plotting.show(make())
        found[f"{name} shown"] = hashlib.sha256(shown.png).hexdigest()
    return found


@pytest.fixture(scope="module", autouse=True)
def no_job() -> Iterator[None]:
    """Without what the job of a figure leaves for its own process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(output.STAMP, raising=False)
        yield


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("figures")
    return folder, digests(folder)


@pytest.fixture
def saved(drawn) -> Path:
    return drawn[0]


# --- the same bytes ----------------------------------------------------------------------------------


def test_other_surroundings_give_the_same_files(drawn, tmp_path):
    """Another process, folder, time, time zone, locale, hash seed, and a user's own matplotlibrc."""
    (tmp_path / "matplotlibrc").write_text(
        "lines.linewidth: 9\nfont.family: monospace\nsvg.hashsalt: mine\nfigure.dpi: 33\n"
        "savefig.facecolor: red\nsavefig.bbox: tight\naxes.grid: True\npdf.fonttype: 42\n"
    )
    script = (
        "import json, pathlib, sys; sys.path.insert(0, sys.argv[1])\n"
        "from tests.unit.plotting import test_plotting\n"
        "print(json.dumps(test_plotting.digests(pathlib.Path(sys.argv[2]))))\n"
    )
    surroundings = {
        "PYTHONHASHSEED": "4711",
        "TZ": "Pacific/Chatham",
        "LC_ALL": "C",
        "MPLBACKEND": "svg",
        "SOURCE_DATE_EPOCH": "86400",
    }
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT), str(tmp_path / "out")],
        env=os.environ | surroundings,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    theirs, ours = json.loads(done.stdout.splitlines()[-1]), drawn[1]  # above: faults of the examples
    assert {name for name in ours if theirs[name] != ours[name]} == set()


def test_saving_twice_gives_the_same_files(tmp_path):
    fig = curves()
    first = [path.read_bytes() for path in plotting.save(fig, tmp_path / "a")]
    plotting.show(fig)
    second = [path.read_bytes() for path in plotting.save(fig, tmp_path / "b")]
    assert first == second


@pytest.mark.parametrize("name", FIGURES)
def test_pdf_has_no_dates_or_tools(name, saved):
    content = (saved / f"{name}.pdf").read_bytes()
    for key in (b"CreationDate", b"ModDate", b"Producer", b"/Creator", b"atplotlib"):
        assert key not in content
    assert b"/Subtype /Type3" in content
    assert b"/Type0" not in content


@pytest.mark.parametrize("name", FIGURES)
def test_svg_has_no_dates_or_tools_and_brings_its_letters(name, saved):
    content = (saved / f"{name}.svg").read_text(encoding="utf-8")
    assert not re.search(
        r"dc:date|dc:creator|Matplotlib|matplotlib\.org|<text|\b20[0-9]{2}-[01][0-9]-", content
    )
    for image in re.findall(r'base64,([^"]+)"', content):
        assert set(png_chunks(base64.b64decode(image))) <= {"IHDR", "pHYs", "IDAT", "IEND"}


@pytest.mark.parametrize("name", FIGURES)
def test_png_has_no_text_chunks(name, saved):
    assert set(png_chunks((saved / f"{name}.png").read_bytes())) <= {"IHDR", "pHYs", "IDAT", "IEND"}


def png_chunks(content: bytes) -> list[str]:
    names, at = [], 8
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        names.append(content[at + 4 : at + 8].decode())
        assert zlib.crc32(content[at + 4 : at + 8 + size]) == int.from_bytes(
            content[at + 8 + size : at + 12 + size]
        )
        at += 12 + size
    return names


def test_maps_are_pixels_inside_vector_files(saved):
    assert (saved / "maps.svg").read_text(encoding="utf-8").count("<image") >= 2
    assert len((saved / "maps.svg").read_bytes()) < 400_000
    assert "<image" not in (saved / "curves.svg").read_text(encoding="utf-8")


# --- saving ------------------------------------------------------------------------------------------


def test_save_returns_its_files_and_takes_a_suffix_off(tmp_path):
    fig = drawing()
    assert plotting.save(fig, None) == ()
    expected = tuple(tmp_path / "new" / f"fig1.{form}" for form in FORMS)
    assert plotting.save(fig, tmp_path / "new" / "fig1.pdf") == expected
    assert sorted(tmp_path.rglob("*.*")) == sorted(expected)


def test_a_missing_sign_is_an_error_and_nothing_is_written(tmp_path):
    fig, ax = plotting.figure()
    ax.set_xlabel("温度")
    with pytest.raises(plotting.FigureError, match=r"not in its font.*missing"):
        plotting.save(fig, tmp_path / "fig")
    assert list(tmp_path.iterdir()) == []


def test_a_font_of_this_machine_is_an_error(tmp_path):
    fig, ax = plotting.figure()
    ax.set_title("x", family="Nowhere Sans")
    with pytest.raises(plotting.FigureError, match="Nowhere Sans"):
        plotting.save(fig, tmp_path / "fig")


def test_an_unwritable_place_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"file/fig\.pdf"):
        plotting.save(drawing(), tmp_path / "file" / "fig")


def test_a_picture_for_a_notebook():
    from IPython.core.interactiveshell import InteractiveShell

    picture = plotting.show(curves())
    data, metadata = InteractiveShell.instance().display_formatter.format(picture)
    assert set(data) == {"image/png", "text/plain"}
    assert metadata["image/png"] == {"width": 770, "height": 277}
    assert data["text/plain"] == "<figure, 770 x 277>"
    assert len(picture.png) < 200_000


def test_the_picture_is_the_saved_one_at_half_its_size_until_something_changes(tmp_path):
    fig, again = curves(), curves()
    *_, png = plotting.save(fig, tmp_path / "a")
    shown = plotting.show(fig)
    assert shown.png == plotting.show(again).png
    large, small = (imread(BytesIO(content))[..., :3] for content in (png.read_bytes(), shown.png))
    rows, columns = small.shape[:2]
    assert (rows, columns) == (large.shape[0] // 2, large.shape[1] // 2)
    blocks = large[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, 3)
    assert np.abs(blocks.mean(axis=(1, 3)) - small).max() < 1.1 / 255
    fig.axes[0].set_title("changed")
    assert plotting.show(fig).png != shown.png


def test_importing_leaves_a_users_matplotlib_alone():
    script = (
        "import sys, matplotlib as mpl\n"
        "mpl.use('svg'); mpl.rcParams['lines.linewidth'] = 9\n"
        "import qte.plotting\n"
        "assert mpl.rcParams['lines.linewidth'] == 9\n"
        "qte.plotting.figure()\n"
        "assert mpl.get_backend() == 'svg'\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


# --- style -------------------------------------------------------------------------------------------


def lightness(color: str) -> float:
    """CIE L*, 0 for black and 100 for white."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    y = float(np.dot([0.2126, 0.7152, 0.0722], linear))
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize("n", range(1, 9))
def test_a_family_is_ordered_and_reads_in_grey(n):
    styles = plotting.family(n)
    light = [lightness(style["color"]) for style in styles]
    assert light == sorted(light)
    assert all(style < 80 for style in light)  # pale lines vanish on paper
    assert all(np.diff(light) > 50 / n)
    assert all(a["linestyle"] != b["linestyle"] for a, b in pairwise(styles))


def test_hot_is_darker_than_cold_in_grey():
    assert lightness(schematic.HOT.face) < lightness(schematic.COLD.face) - 25


@pytest.mark.parametrize(("width", "inches"), [("single", 3.4), ("wide", 5.0), ("double", 7.0), (4.2, 4.2)])
def test_widths(width, inches):
    fig, _ = plotting.figure(width=width, aspect=0.5)
    assert fig.get_size_inches().tolist() == [inches, inches / 2]


def test_labels_come_from_the_table():
    columns = [Column("x", "1", "", r"$\delta/\varepsilon_h$"), Column("y", "1", "", "$J$")]
    table = Table.from_grid(axes={"x": X}, values={"y": X}, columns=columns)
    _, ax = plotting.figure()
    plotting.axis_labels(ax, table, "x", "y")
    assert (ax.get_xlabel(), ax.get_ylabel()) == (r"$\delta/\varepsilon_h$", "$J$")


def test_zero_is_the_middle_of_signed_colours():
    _, ax = plotting.figure()
    mesh = plotting.heatmap(ax, X, X, np.subtract.outer(X, 2 * X), diverging=True)
    assert mesh.norm(0.0) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="must not both"):
        plotting.heatmap(ax, X, X, np.subtract.outer(X, X), diverging=True, log=True)


def test_missing_values_of_a_map_stay_missing():
    _, ax = plotting.figure()
    z = np.add.outer(X, X)
    z[3, 4] = np.nan
    mesh = plotting.heatmap(ax, X, X, z)
    assert mesh.get_array().mask.sum() == 1


# --- schematics --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "toward", "border"),
    [
        (Node(0, 0, 1, 1), (5, 0), (1, 0)),
        (Node(0, 0, 2, 1), (0, -9), (0, -1)),
        (Node(1, 1, 2, 1, round=False), (1, 9), (1, 2)),
        (Node(0, 0, 2, 1, round=False), (4, 2), (2, 1)),
        (Node(3, 4), (9, 9), (3, 4)),
    ],
)
def test_links_end_at_borders(node, toward, border):
    np.testing.assert_allclose(node.border(toward), border, atol=1e-12)


def test_sides_are_told_by_the_page():
    """A bend is upwards whichever way the link points."""
    for a, b in ((Node(0, 0), Node(4, 0)), (Node(4, 0), Node(0, 0))):
        fig, ax = schematic.sheet("single", 4.0)
        schematic.link(ax, a, b, bend=0.25)
        (patch,) = ax.patches
        assert patch.get_path().vertices[:, 1].max() > 0.9
        fig.clear()


def test_a_sheet_is_measured_in_centimetres():
    fig, ax = schematic.sheet("double", 5.08)
    assert fig.get_size_inches().tolist() == pytest.approx([7.0, 2.0])
    assert ax.get_xlim() == pytest.approx((0.0, 17.78))
