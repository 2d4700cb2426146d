"""Pages that speak of code: their examples run, they name every parameter, and terms can be linked."""

import dataclasses
import doctest
import importlib
import re

import pytest

import qte.machines
from tests.workflow.projects import PROJECT

DOCS = PROJECT / "docs"
PAGES = [
    DOCS / "machines" / f"{qte.machines._HOMES[name].rpartition('.')[2]}.md" for name in qte.machines.__all__
]
PYTHON = re.compile(r"^```python\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "page",
    [*PAGES, DOCS / "baths.md", DOCS / "thermodynamics.md", PROJECT / "README.md"],
    ids=lambda page: page.stem,
)
def test_examples_run_and_give_what_they_say(page) -> None:
    blocks = PYTHON.findall(page.read_text(encoding="utf-8"))
    assert blocks
    names: dict = {}
    for number, block in enumerate(blocks):
        if ">>>" not in block:
            exec(compile(block, f"{page.name}, block {number}", "exec"), names)
            continue
        test = doctest.DocTestParser().get_doctest(block, names, page.name, page.name, 0)
        result = doctest.DocTestRunner(verbose=False).run(test, clear_globs=False)
        assert result.failed == 0
        names |= test.globs


@pytest.mark.parametrize("name", qte.machines.__all__)
def test_a_machines_page_names_every_parameter_and_says_where_it_ends(name: str) -> None:
    module = qte.machines._HOMES[name]
    text = (DOCS / "machines" / f"{module.rpartition('.')[2]}.md").read_text(encoding="utf-8")
    kind = getattr(importlib.import_module(module), name)
    missing = [field.name for field in dataclasses.fields(kind) if f"`{field.name}`" not in text]
    stated_elsewhere = {"approach", "coulomb"} | (
        {"statistics_L", "statistics_R", "system"} if name == "SpinChain" else set()
    )
    assert set(missing) <= stated_elsewhere, missing
    for heading in ("Parameters", "Currents", "Where it holds, and where it does not", "Checked", "Example"):
        assert f"\n## {heading}\n" in text
    for file in re.findall(r"`(tests/[\w/]+\.py)`", text):
        assert (PROJECT / file).is_file(), file


def test_the_glossary_is_in_order_and_can_be_linked() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r'^\| <a id="([\w-]+)"></a>\*\*(.+?)\*\*', text, flags=re.MULTILINE)
    assert len(terms) > 40
    assert len({anchor for anchor, _ in terms}) == len(terms)
    names = [re.sub(r"\W", "", term.lower()) for _, term in terms]
    assert names == sorted(names)


def test_every_page_is_reached_from_the_index() -> None:
    link = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
    seen, todo = set(), [DOCS / "index.md"]
    while todo:
        page = todo.pop()
        if page not in seen and page.suffix == ".md" and page.is_file():
            seen.add(page)
            todo += [
                (page.parent / target).resolve() for target in link.findall(page.read_text(encoding="utf-8"))
            ]
    lost = {page for page in DOCS.rglob("*.md") if page.resolve() not in {other.resolve() for other in seen}}
    assert not lost
