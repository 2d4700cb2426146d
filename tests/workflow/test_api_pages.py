"""docs/api is what the docstrings say, whole, and safe to read as Markdown."""

import re

import pytest

from tests.workflow.projects import PROJECT
from workflow.commands.pages import api_pages

PAGES = api_pages.pages()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_page_is_current(path) -> None:
    assert (PROJECT / path).read_text(encoding="utf-8") == PAGES[path], "run `make api`"


def test_no_page_is_left_over() -> None:
    there = {file.relative_to(PROJECT) for file in (PROJECT / api_pages.PAGES).iterdir()}
    assert there == set(PAGES) - {api_pages.INDEX}


def test_what_people_call_is_there_with_its_parameters_and_example() -> None:
    sweeps = PAGES[api_pages.PAGES / "qte.sweeps.sweep.md"]
    assert "sweep(machine, quantities, *, progress=None" in sweeps
    assert "- `quantities` (sequence of str" in sweeps
    assert ">>> frame = sweep(" in sweeps
    engine = PAGES[api_pages.PAGES / "qte.machines.md"]
    assert "- `kappa_h, kappa_c` (array\\_like, shape (...)): Tunnelling rates" in engine
    assert '<a id="twoqubitengine-critical_current"></a>' in engine
    for names in api_pages.MODULES.values():
        assert all(f"[{name}](api/{name}.md)" in PAGES[api_pages.INDEX] for name in names)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_fences_are_closed_and_no_html_gets_in(path) -> None:
    text = PAGES[path]
    assert text.count("```") % 2 == 0
    outside = re.sub(r"```.*?```|`[^`\n]+`|<a id=\"[\w-]+\"></a>", "", text, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)<", outside)
    assert "\n----" not in outside


def test_sections_lists_and_code_are_told_apart() -> None:
    shown = api_pages._docstring(
        "One line with ``a_b`` and c_d <x>.\n\nParameters\n----------\nx : int, optional\n    First.\n\n    Second.\n"
        "*args\n\nRaises\n------\nValueError\n    Always.\n\nExamples\n--------\n>>> 1\n1"
    )
    assert "One line with `a_b` and c\\_d \\<x>." in shown
    assert "- `x` (int, optional): First. Second." in shown
    assert "- `*args`" in shown
    assert "- `ValueError`: Always." in shown
    assert "```python\n>>> 1\n1\n```" in shown
