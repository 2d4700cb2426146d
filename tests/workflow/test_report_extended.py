"""The report of what somebody adds: a figure of their own, a large one, a changed number; and what each page offers."""

import html
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
import yaml

from qte.data import tables
from tests.workflow.html_pages import Page, broken_links
from tests.workflow.projects import PROJECT, Project
from tests.workflow.test_report import folder


@pytest.fixture(scope="module")
def extended(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with an own figure, a large one that is made, and a number that is not the accepted one."""
    project = built.clone(tmp_path_factory.mktemp("extended") / "project")
    shutil.copytree(PROJECT / "reference", project.path("reference"))
    shutil.copy2(PROJECT / "CITATION.cff", project.root)
    made = subprocess.run(
        [sys.executable, "-m", "workflow.commands.new_figure", "my_figure", "--paper", "mine"],
        cwd=project.root,
        env=project.environment(),
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    config = project.config
    table = config["tables"]["khandelwal2020"]["fig2"]
    table["params"]["T_c"] = 0.125
    figure = config["figures"]["khandelwal2020"]["fig2"] | {"tables": ["big"], "title": "A large one"}
    config["large"] = {
        "tables": {"khandelwal2020": {"big": table}},
        "figures": {"khandelwal2020": {"big": figure}},
    }
    project.write_config(config)
    notebook = project.path("notebooks/khandelwal2020/fig2.ipynb").read_text(encoding="utf-8")
    project.path("notebooks/khandelwal2020/big.ipynb").write_text(
        notebook.replace('tables[\\"fig2\\"]', 'tables[\\"big\\"]'), encoding="utf-8"
    )
    project.build("large")
    project.build()
    return project


def page_of(project: Project, name: str) -> Page:
    return Page(folder(project) / f"{name}.html")


def test_an_own_figure_is_shown_with_what_is_true_of_it(extended: Project) -> None:
    said = " ".join(page_of(extended, "figures/mine-my_figure").words.split())
    assert "No paper gives them: they are those of the collection mine." in said
    assert "fixed by the paper" not in said
    assert "Grade A" not in said
    assert "Not graded" in said
    assert "Nobody has accepted this figure yet" in said
    front = " ".join(page_of(extended, "index").words.split())
    assert "5 figures of 2 papers and 1 collection" in front
    assert broken_links(folder(extended)) == []


def test_a_large_figure_is_shown_once_it_is_made(extended: Project, built: Project) -> None:
    page = page_of(extended, "figures/khandelwal2020-big")
    assert "section large" in " ".join(page.words.split())
    assert "../files/tables/khandelwal2020/big.csv" in page.links
    assert not (folder(built) / "figures/khandelwal2020-big.html").exists()


def test_a_figure_that_is_not_as_accepted_says_so_on_its_page_and_in_its_caption(extended: Project) -> None:
    said = " ".join(page_of(extended, "figures/khandelwal2020-fig2").words.split())
    assert "Not as accepted table fig2: param T_c: 0.1 → 0.125 Accepted → now." in said
    assert "T_c = 0.125" in said.replace("Tc = ", "T_c = ")
    assert "Not as accepted: table fig2: param" in said
    assert "Not as accepted" not in page_of(extended, "figures/khandelwal2020-fig1").words


def test_a_page_shows_its_tables_lines_to_copy_and_how_to_cite(extended: Project) -> None:
    page = page_of(extended, "figures/khandelwal2020-fig2")
    said = " ".join(page.words.split())
    table = tables.read(extended.path("results/tables/khandelwal2020/fig2.csv"))
    for column in table.columns:
        assert column.symbol in said
    assert f"{len(table)} rows; the first of them" in said
    assert "@article{khandelwal2020," in said
    assert "@software{qte," in said
    assert "https://arxiv.org/abs/2003.01426" in page.links
    source = (folder(extended) / "figures/khandelwal2020-fig2.html").read_text(encoding="utf-8")
    lines = html.unescape(re.search(r"<pre><code>(tables:.*?)</code></pre>", source, re.DOTALL)[1])
    entry = yaml.safe_load(lines)
    assert entry["tables"]["khandelwal2020"]["fig2"] == extended.config["tables"]["khandelwal2020"]["fig2"]
    assert entry["figures"]["khandelwal2020"]["fig2"] == extended.config["figures"]["khandelwal2020"]["fig2"]


def test_everything_of_a_figure_is_in_one_file(extended: Project) -> None:
    with zipfile.ZipFile(folder(extended) / "files/khandelwal2020/fig2.zip") as archive:
        names = {name.removeprefix("khandelwal2020-fig2/") for name in archive.namelist()}
        assert names == {
            *(f"fig2.{form}" for form in ("pdf", "svg", "png", "ipynb", "json")),
            *("tables/khandelwal2020/fig2.csv", "config.yaml", "cite.bib"),
        }
        drawn = archive.read("khandelwal2020-fig2/fig2.pdf")
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert drawn == extended.path("figures/khandelwal2020/fig2.pdf").read_bytes()


def test_cards_carry_what_a_search_and_the_chips_ask_for(extended: Project) -> None:
    cards = {
        named["data-search"]: named for tag, named in page_of(extended, "index").tags if "data-card" in named
    }
    fig2 = next(text for text in cards if text.startswith("khandelwal2020 fig2"))
    for word in (
        "figure 2",
        "t_h",
        "gamma_h",
        "twoqubitengine",
        "two qubit engine",
        "negativity",
        "detuning_curves",
        "haack",
    ):
        assert word in fig2
    front = (folder(extended) / "index.html").read_text(encoding="utf-8")
    assert 'href="?verdict=exact#gallery"' in front
    assert "exact" in str(cards[fig2]["data-verdict"]).split("|")
