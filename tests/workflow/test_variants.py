"""What an overlay builds: its own folder, only what differs, beside a standard that stays as it was."""

import base64
import csv
import hashlib
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from qte.data import tables
from tests.workflow.browser import Browser, missing
from tests.workflow.html_pages import broken_links, pages_of
from tests.workflow.projects import Project
from tests.workflow.test_verify import script

NAME = "hot_bath"
FOLDER = f"results/variants/{NAME}"
TABLE, FIGURE = "tables/khandelwal2020/fig2.csv", "figures/khandelwal2020/fig2"
OVERLAY = """\
tables:
  khandelwal2020:
    fig2:
      params: {T_c: 0.12}
figures:
  khandelwal2020:
    fig2: {title: "Warmer <b>sink</b>"}
"""
_JOB = re.compile(r"^Job \d+: (.*)$", re.MULTILINE)


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Everything of a project that a variant has no business with."""
    return {
        str(file.relative_to(root)): (file.stat().st_mtime_ns, file.read_bytes())
        for file in sorted(root.rglob("*"))
        if file.is_file()
        and not {".snakemake", ".cache", "__pycache__", "variants"} & set(file.parts)
        and not file.name.endswith(".yaml")
        # who made what grows with every run
        and file.name != ".made_by_runs.jsonl"
    }


@pytest.fixture(scope="module")
def run(built: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """A built project after a run under an overlay, and what that run said. Not to be changed."""
    project = built.clone(tmp_path_factory.mktemp("varied") / "project")
    project.path("hot bath.yaml").write_text(OVERLAY)
    return project, project.build("--configfile", "hot bath.yaml")


@pytest.fixture
def varied(run: tuple[Project, str]) -> Project:
    return run[0]


def numbers_of(project: Project, file: str) -> tables.Table:
    return tables.read(project.path(file))


def test_only_what_differs_is_made_and_the_page_is_named(run: tuple[Project, str]) -> None:
    project, output = run
    assert sorted(_JOB.findall(output)) == [
        "Comparing variant hot_bath with the standard",
        "Computing table khandelwal2020/fig2 of variant hot_bath",
        "Drawing figure khandelwal2020/fig2 of variant hot_bath",
        "Writing the checksums of variant hot_bath",
    ]
    assert "Variant hot_bath (hot bath.yaml): 2 entries of the config are changed" in output
    assert f"Standard and variant side by side: {FOLDER}/index.html" in output
    made = numbers_of(project, f"{FOLDER}/{TABLE}").params
    assert made["T_c"] == 0.12
    assert made | {"T_c": 0.1} == numbers_of(project, f"results/{TABLE}").params


def test_the_standard_stays_as_it_was_and_needs_nothing(built: Project, varied: Project) -> None:
    assert tree(varied.root) == tree(built.root)
    assert varied.pending() == []
    assert "Nothing to be done" in varied.build("--dry-run", "--configfile", "hot bath.yaml")


def test_the_folder_is_complete_in_itself(varied: Project) -> None:
    folder = varied.path(FOLDER)
    listed = dict(reversed(line.split("  ", 1)) for line in (folder / "SHA256SUMS").read_text().splitlines())
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    there = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    unlisted = {name for name in there - listed.keys() if not name.startswith(("logs/", "benchmarks/"))}
    assert unlisted == {"SHA256SUMS"}
    assert broken_links(folder) == []
    (page,) = pages_of(folder).values()
    assert {f"{FIGURE}.svg", f"standard/{FIGURE}.svg", "overlay.yaml", f"{FIGURE}.pdf"} <= set(page.links)
    for form in ("pdf", "svg", "png"):
        copy, original = folder / f"standard/{FIGURE}.{form}", varied.path(f"{FIGURE}.{form}")
        assert copy.read_bytes() == original.read_bytes()


def test_the_page_tells_what_changed_and_escapes_it(varied: Project) -> None:
    page = varied.path(f"{FOLDER}/index.html").read_text()
    row = next(part for part in page.split("<tr>") if "<code>T_c</code>" in part)
    assert "0.1 → <b>0.12</b>" in row
    assert "Warmer &lt;b&gt;sink&lt;/b&gt;" in page
    assert "<b>sink" not in page


def test_both_are_in_one_frame_and_the_caption_follows(varied: Project) -> None:
    (page,) = [
        page
        for file, page in pages_of(varied.path(FOLDER)).items()
        if file == varied.path(FOLDER) / "index.html"
    ]
    (both,) = [image for image in page.all("img") if str(image["alt"]).startswith("Both in one frame")]
    svg = base64.b64decode(str(both["src"]).removeprefix("data:image/svg+xml;base64,"))
    root = ElementTree.fromstring(svg)
    # Three curves of either, in each of two panels.
    dashed = [
        path for path in root.iter("{http://www.w3.org/2000/svg}path") if "dasharray" in path.get("style", "")
    ]
    assert len(dashed) >= 6
    said = " ".join(page.words.split()).replace("Tc", "T_c")
    assert "T_c = 0.12 εh" in said
    assert "Not as in the standard: T_c = 0.12 (standard: 0.1)." in said


def test_the_largest_differences_are_those_of_the_tables(varied: Project) -> None:
    old, new = (numbers_of(varied, f"{folder}/{TABLE}") for folder in ("results", FOLDER))
    with varied.path(f"{FOLDER}/differences.csv").open(newline="") as file:
        lines = {line["column"]: line for line in csv.DictReader(file)}
    assert set(lines) == {"J", "N", "J_eq12", "N_eq17"}
    for symbol, line in lines.items():
        apart = np.abs(new[symbol] - old[symbol])
        row = int(apart.argmax())
        assert float(line["largest_difference"]) == apart[row] > 0
        assert (float(line["standard"]), float(line["variant"])) == (old[symbol][row], new[symbol][row])
        assert line["there"] == f"T_h = {old['T_h'][row]:g}; delta = {old['delta'][row]:.6g}"
        larger = np.maximum(np.abs(old[symbol]), np.abs(new[symbol]))
        relative = np.divide(apart, larger, out=np.zeros_like(apart), where=larger > 0)
        assert float(line["largest_relative_difference"]) == relative.max()


def test_its_pictures_say_which_variant_they_are_of(varied: Project) -> None:
    picture = f"{FOLDER}/{FIGURE}.png"
    done = script(varied, "identify", picture)
    assert done.returncode == 0, done.stdout
    assert f"known from {FOLDER}/ (a variant, made by {FOLDER}/overlay.yaml); the current one" in done.stdout
    assert "T_c = 0.12" in done.stdout
    done = script(varied, "identify", f"{FOLDER}/standard/{FIGURE}.svg")
    assert "known from results/; the current one" in done.stdout


def test_a_wrong_overlay_stops_the_run_before_anything_is_touched(varied: Project) -> None:
    varied.path("wrong.yaml").write_text(
        "tables:\n  khandelwal2020:\n    fig2:\n      params:\n        T_cc: 1.0\n"
    )
    before = tree(varied.root), varied.path(f"{FOLDER}/SHA256SUMS").stat().st_mtime_ns
    done = varied.run("--configfile", "wrong.yaml")
    assert done.returncode == 1
    assert "wrong.yaml, line 5: tables.khandelwal2020.fig2.params.T_cc: " in done.stdout
    assert "did you mean 'T_c'" in done.stdout
    assert "Traceback" not in done.stdout
    assert (tree(varied.root), varied.path(f"{FOLDER}/SHA256SUMS").stat().st_mtime_ns) == before
    assert [file.name for file in varied.path("results/variants").iterdir()] == [NAME]


@pytest.mark.slow
def test_damage_is_mended_and_what_an_earlier_overlay_left_goes(varied: Project, tmp_path: Path) -> None:
    project = varied.clone(tmp_path / "project")
    sums = project.path(f"{FOLDER}/SHA256SUMS").read_text()
    table = project.path(f"{FOLDER}/{TABLE}")
    table.write_bytes(table.read_bytes()[:-9])
    project.append(f"{FOLDER}/standard/{FIGURE}.svg", "<!-- mine -->")
    output = project.build("--configfile", "hot bath.yaml")
    assert f"Damaged, will be made again: {FOLDER}/{TABLE}" in output
    assert f"{FOLDER}/standard/{FIGURE}.svg is not what the run wrote" in output
    assert project.path(f"{FOLDER}/SHA256SUMS").read_text() == sums
    project.path("hot bath.yaml").write_text(
        "tables: {khandelwal2025: {fig2: {params: {T: 1.1}}}}\nfigures: {}\n"
    )
    project.build("--configfile", "hot bath.yaml")
    drawn = sorted(file.parent.name for file in project.path(FOLDER).rglob("fig2.svg"))
    assert drawn == ["khandelwal2025", "khandelwal2025"]
    assert project.pending() == []


@pytest.mark.slow
def test_same_bytes_in_an_empty_project_in_another_order(varied: Project, tmp_path: Path) -> None:
    project = varied.unbuilt(tmp_path / "elsewhere" / "project")
    shutil.copy(varied.path("hot bath.yaml"), project.path("hot bath.yaml"))
    output = project.build("--configfile", "hot bath.yaml", cores=1, PYTHONHASHSEED="7", TZ="Asia/Tokyo")
    assert "khandelwal2025" not in "".join(_JOB.findall(output)), "the comparison does not show it"
    for name in ("SHA256SUMS", "index.html"):
        assert project.path(f"{FOLDER}/{name}").read_bytes() == varied.path(f"{FOLDER}/{name}").read_bytes()
    again = f"{FOLDER}/overlay.yaml"
    assert "Nothing to be done" in project.build("--dry-run", "--configfile", again)
    project.build()
    assert project.sums == varied.sums


@pytest.mark.slow
def test_explain_knows_the_figures_of_a_variant(varied: Project) -> None:
    done = script(varied, "explain", "khandelwal2020/fig2", "--configfile", "hot bath.yaml")
    assert done.stdout.startswith("Up to date"), done.stdout
    assert f"table {FOLDER}/{TABLE}" in done.stdout
    assert "T_c = 0.12" in done.stdout
    done = script(varied, "explain", "khandelwal2020/fig1", "--configfile", "hot bath.yaml")
    assert done.returncode == 2
    assert "that differs in variant hot_bath" in done.stdout


@pytest.mark.slow
def test_jobs_in_processes_of_their_own_know_the_overlay(varied: Project, tmp_path: Path) -> None:
    project = varied.clone(tmp_path / "project")
    for name in (TABLE, "index.html"):
        project.path(f"{FOLDER}/{name}").unlink()
    # The variant's own copy of its overlay: the run writes this very file.
    project.build(
        "--workflow-profile",
        "none",
        "--nolock",
        "--latency-wait",
        "0",
        "--configfile",
        f"{FOLDER}/overlay.yaml",
    )
    sums = f"{FOLDER}/SHA256SUMS"
    assert project.path(sums).read_bytes() == varied.path(sums).read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(bool(missing()), reason=missing())
def test_the_page_opens_from_the_disk_on_desk_and_telephone(varied: Project, tmp_path: Path) -> None:
    alone = tmp_path / "sent to somebody"
    shutil.copytree(varied.path(FOLDER), alone)
    with Browser() as browser:
        for width in (375, 1280):
            browser.size(width, 800, touch=width < 500)
            browser.open(alone / "index.html")
            assert browser.messages() == []
            assert browser.run("return document.documentElement.scrollWidth") <= width
            assert browser.run("return [...document.images].map(image => image.naturalWidth > 0)") == [
                True,
                True,
            ]
        tops = browser.run("return [...document.images].map(image => image.getBoundingClientRect().top)")
        assert tops[0] == tops[1], "not side by side"
