"""Every figure against its paper's words and its own caption, and against what a journal asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from matplotlib.figure import Figure

from qte import plotting
from qte.common.files import resolve
from qte.data import studies, tables
from qte.plotting import inventory
from workflow.commands.pages.document_figures import caption
from workflow.commands.pages.document_said import said_of

CONFIG = yaml.safe_load(resolve("config.yaml").read_text(encoding="utf-8"))
# A figure of somebody's own is checked when it is drawn, and is drawn all the same; its paper says nothing of it.
FIGURES = [
    (paper, name) for paper, entries in CONFIG["figures"].items() if said_of(paper) for name in entries
]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Draws a figure from its notebook's cells and its tables, once."""
    folder, known = tmp_path_factory.mktemp("tables"), {}

    def draw(paper: str, name: str) -> Figure:
        if (paper, name) not in known:
            known[paper, name] = _draw(folder, paper, name)
        return known[paper, name]

    return draw


def _draw(folder: Path, paper: str, name: str) -> Figure:
    entry = CONFIG["figures"][paper][name]
    files = {}
    for table in entry["tables"]:
        spec = CONFIG["tables"][paper][table]
        made = studies.run(f"{paper}.{spec['study']}", spec["params"], spec["ours"], table=table)
        files[table] = folder / paper / f"{table}.csv"
        files[table].parent.mkdir(exist_ok=True)
        tables.write(made[0], files[table], made[1])
    notebook = json.loads(resolve(f"notebooks/{paper}/{name}.ipynb").read_text(encoding="utf-8"))
    given = {"tables": files, "output": None, "params": entry.get("params", {}), "caption": ""}
    names: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            exec(source.split("plotting.save(")[0], names)
            if "parameters" in cell["metadata"].get("tags", ()):
                names |= given
    return names["fig"]


@pytest.mark.parametrize(("paper", "name"), FIGURES)
def test_a_journal_finds_no_fault(drawn, paper, name):
    found = plotting.check(drawn(paper, name), caption(CONFIG, paper, CONFIG["figures"][paper][name]))
    assert not found, "\n".join(map(str, found))


def drawn_in(fig: Figure, panel: str) -> Iterator[inventory.Item]:
    """All that is drawn in a panel, its insets included; panels without a letter go by their number."""
    for k, found in enumerate(inventory.panels(fig)):
        if panel in (found.name, f"panel {k + 1}"):
            yield from (item for frame in found.frames for ax in frame for item in inventory.items(ax))


@pytest.mark.parametrize(("paper", "name"), FIGURES)
def test_a_figure_is_as_its_paper_says(drawn, paper, name):
    fig = drawn(paper, name)
    for statement in said_of(paper)[name]:
        for wanted in statement.get("drawn", ()):
            items = [item for item in drawn_in(fig, wanted["panel"]) if set(wanted["look"]) <= item.words]
            labels = [item.label for item in items]
            assert items, (statement["says"], wanted)
            assert wanted.get("label", labels[0]) in labels, (statement["says"], wanted, labels)
        for wanted in statement.get("axes", ()):
            (panel,) = [found for found in inventory.panels(fig) if found.name == wanted["panel"]]
            ax = panel.axes[0]
            labels = [other.get_xlabel() for other in ax.get_shared_x_axes().get_siblings(ax)]
            assert wanted.get("x", labels[0]) in labels, (statement["says"], wanted)
            assert wanted.get("y", ax.get_ylabel()) == ax.get_ylabel(), (statement["says"], wanted)


def test_every_figure_is_held_against_its_paper():
    assert {(paper, name) for paper in CONFIG["figures"] for name in said_of(paper)} == set(FIGURES)


def test_the_styles_of_two_curves_swapped_would_be_seen(drawn):
    """The paper's orange dashed and blue solid of man2019 7c, once drawn the other way round."""
    fig = drawn("man2019", "fig7")
    curves = [item for item in drawn_in(fig, "(c)") if item.label]
    assert [item.words for item in curves] == [{"orange", "dashed"}, {"blue", "solid"}]
    first, second = (item.artist for item in curves)
    styles = first.get_linestyle(), second.get_linestyle()
    first.set_linestyle(styles[1])
    second.set_linestyle(styles[0])
    try:
        assert [item.words for item in drawn_in(fig, "(c)") if item.label] != [item.words for item in curves]
        faults = plotting.check(fig, caption(CONFIG, "man2019", CONFIG["figures"]["man2019"]["fig7"]))
        assert any(fault.check == "caption" and "orange" in fault.message for fault in faults)
    finally:
        first.set_linestyle(plotting.LINES[1])
        second.set_linestyle(styles[1])
