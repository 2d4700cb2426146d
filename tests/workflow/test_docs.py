"""The documentation holds: generated pages are current, every relative link resolves, named figures exist."""

import re
from pathlib import Path

import pytest
import yaml

from workflow.commands.pages import document_said
from workflow.commands.pages.document_figures import PAGE, page, picture

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [
    *sorted(PROJECT.glob("*.md")),
    *(
        file
        for name in ("benchmarks", "docs", "figures", "reference")
        for file in sorted((PROJECT / name).rglob("*.md"))
    ),
    PROJECT / "docs" / "tutorial.ipynb",
]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def config() -> dict:
    """What the pages of docs/ show: a collection of somebody's own once `make docs` has brought it in."""
    whole = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))
    shown = (PROJECT / PAGE).read_text(encoding="utf-8")
    for section in ("tables", "figures"):
        whole[section] = {
            paper: entries for paper, entries in whole[section].items() if f"\n## {paper}\n" in shown
        }
    return whole


def test_no_paper_is_left_out_of_the_docs(config):
    papers = {file.stem for file in (PROJECT / "docs/papers").glob("*.md")}
    assert papers <= set(config["figures"])


def test_the_page_of_figures_is_that_of_the_config(config):
    assert (PROJECT / PAGE).read_text(encoding="utf-8") == page(config), "run `make docs`"


def test_the_page_of_the_papers_words_is_that_of_their_statements(config):
    assert (PROJECT / document_said.PAGE).read_text(encoding="utf-8") == document_said.page(config), (
        "run `make docs`"
    )


def test_every_figure_has_its_picture(config):
    missing = [
        picture(paper, figure)
        for paper, figures in config["figures"].items()
        for figure in figures
        if not (PROJECT / picture(paper, figure)).is_file()
    ]
    assert not missing, "run `make docs`"


def anchors(text: str) -> set[str]:
    """Names that a link may point at: explicit ones and headings."""
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.relative_to(PROJECT).as_posix())
def test_links_resolve(path):
    text = path.read_text(encoding="utf-8")
    for target in LINK.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.relative_to(PROJECT).as_posix())
def test_every_target_that_a_page_names_is_there(path):
    targets = set(
        re.findall(r"^([a-z0-9-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    named = set(re.findall(r"(?:^|`)make ([a-z0-9-]+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


def test_the_example_of_a_claim_is_in_the_ledger():
    """Word for word, but for the indent of the page."""
    page = (PROJECT / "docs/claims.md").read_text(encoding="utf-8")
    paper = PROJECT / "qte/papers/khandelwal2020"
    example = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    assert example in (paper / "checks/current.py").read_text(encoding="utf-8")
    (words,) = yaml.safe_load(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1]).items()
    assert (
        yaml.safe_load((paper / "claims.yaml").read_text(encoding="utf-8"))["entries"][words[0]] == words[1]
    )


def test_all_figures_of_the_papers_are_there(config):
    """17 data figures and 7 schematics; a data figure reads tables, a schematic none."""
    schematics = {
        "khandelwal2020": {1},
        "man2019": {1, 6},
        "khandelwal2025": {1, 4},
        "santiagogarcia2024": {1, 3},
    }
    counts = {"khandelwal2020": 6, "man2019": 7, "khandelwal2025": 4, "santiagogarcia2024": 7}
    for paper, count in counts.items():
        figures = config["figures"][paper]
        assert {f"fig{k}" for k in range(1, count + 1)} <= set(figures)
        drawn = {int(name[3:]) for name, entry in figures.items() if not entry["tables"]}
        assert drawn == schematics[paper]
