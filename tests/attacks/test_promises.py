"""Every promise of the two pages names the test that holds it, and that test is there."""

import re
from pathlib import Path

import pytest

from tests.workflow.projects import PROJECT

PAGES = ("docs/threats.md", "docs/reproducibility.md")
TEST = re.compile(r"`(?:(tests/[a-z_/]+/))?(test_[a-z_]+\.py)`")


def rows(page: str) -> list[list[str]]:
    """Cells of the rows of all tables of a page that have a column of tests."""
    found: list[list[str]] = []
    inside = False
    for line in (PROJECT / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("|"):
            inside = False
        elif cells[-1] == "test":
            inside = True
        elif inside and set(line) - set("|- "):
            found.append(cells)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_promise_names_a_test_that_is_there(page: str) -> None:
    promises = rows(page)
    assert len(promises) >= 15
    for cells in promises:
        named = TEST.findall(cells[-1])
        assert named, cells
        for folder, name in named:
            places = [folder] if folder else ["tests/attacks/", "tests/workflow/"]
            assert any(Path(PROJECT, place, name).is_file() for place in places), (page, name)


def test_the_page_of_threats_is_linked() -> None:
    for page in ("docs/index.md", "docs/reproducibility.md"):
        assert "(threats.md)" in (PROJECT / page).read_text(encoding="utf-8")
