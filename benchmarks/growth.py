"""A project of many figures, made of the studies there are: what planning, nothing to do and one change cost then.

Every figure is an entry of its own, with tables and a notebook of its own. Its notebook draws one curve of its first
table: what is measured is how the pipeline grows with the number of figures, not matplotlib.
"""

import copy
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# A table a figure, computed in a moment.
MODELS = (
    ("khandelwal2020", "fig2"),
    ("man2019", "fig3"),
    ("santiagogarcia2024", "fig2"),
)
CELLS = (
    'tables = {}\noutput = None\nparams = {}\ntitle = ""\ncaption = ""',
    "from qte import plotting\nfrom qte.data.tables import read",
    "table = read(next(iter(tables.values())))",
    "x, y = [c.symbol for c in table.columns if table[c.symbol].dtype.kind == 'f'][:2]",
    "fig, ax = plotting.figure()\nax.plot(table[x], table[y])",
    "plotting.axis_labels(ax, table, x, y)",
    "plotting.save(fig, output, caption)",
)


@dataclass(frozen=True)
class Grown:
    """Processor seconds of a project of so many figures.

    Attributes
    ----------
    figures, jobs : int
    planning, bare : float
        A dry run with nothing built and nothing remembered; Snakemake's own, of as many jobs that do nothing.
    cold, idle, change : float
        All of it from nothing, nothing to do, one parameter changed.
    """

    figures: int
    jobs: int
    planning: float
    bare: float
    cold: float
    idle: float
    change: float


def page(rows: Sequence[Grown], said: str) -> str:
    """The page of `benchmarks/growth.md`, with what is to be said of the machine."""
    return "\n".join(
        [
            "# A hundred and a thousand figures",
            "",
            "Written by `python benchmarks/pipeline.py growth`: entries made of the studies there are, each with a",
            "notebook of its own that draws one curve (the papers' figures take longer). Processor time in seconds, of",
            "all processes of a run; planning is a dry run with nothing built and nothing remembered.",
            said,
            "",
            "| figures | jobs | planning | Snakemake's own planning | cold run | no-op run | one change |",
            "|---|---|---|---|---|---|---|",
            *(f"| {' | '.join(_cells(row))} |" for row in rows),
            "",
            "![Processor time against the number of figures](growth.svg)",
            "",
        ]
    )


def _cells(row: Grown) -> Iterator[str]:
    yield from (f"{row.figures:,}", f"{row.jobs:,}")
    for seconds in (row.planning, row.bare, row.cold, row.idle, row.change):
        yield f"{seconds:.1f}"


def draw(rows: Sequence[Grown], file: Path) -> None:
    """The same as a picture, on logarithmic axes."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "qte"
    import matplotlib.pyplot as plt

    picture, axes = plt.subplots(figsize=(6.5, 3.4), layout="constrained")
    styles = (
        ("cold", "cold run", "o-"),
        ("change", "one change", "s-"),
        ("planning", "planning, nothing remembered", "^-"),
        ("idle", "nothing to do", "D-"),
        ("bare", "Snakemake's own planning", "x--"),
    )
    for name, label, style in styles:
        axes.loglog([row.figures for row in rows], [getattr(row, name) for row in rows], style, label=label)
    axes.set(xlabel="figures", ylabel="processor time (s)")
    axes.set_xticks([row.figures for row in rows], [str(row.figures) for row in rows])
    axes.minorticks_off()
    picture.legend(frameon=False, fontsize="small", loc="outside right upper")
    picture.savefig(file, metadata={"Date": None, "Creator": None})


def notebook() -> str:
    """Source of a notebook that draws the first two columns of its first table."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{n}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": text,
        }
        for n, text in enumerate(CELLS)
    ]
    cells[0]["metadata"] = {"tags": ["parameters"]}
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def grow(folder: Path, figures: int) -> dict[str, Any]:
    """Give a copy of the project `figures` figures instead of its own; returns its config."""
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    grown: dict[str, Any] = {"tables": {}, "figures": {}}
    shutil.rmtree(folder / "notebooks")
    for number in range(figures):
        paper, model = MODELS[number % len(MODELS)]
        name = f"{model}_{number}"
        entry = copy.deepcopy(config["figures"][paper][model])
        table = copy.deepcopy(config["tables"][paper][entry["tables"][0]])
        entry |= {"tables": [name]}
        entry.pop("params", None)
        grown["figures"].setdefault(paper, {})[name] = entry
        grown["tables"].setdefault(paper, {})[name] = table
        file = folder / "notebooks" / paper / f"{name}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(notebook(), encoding="utf-8")
    write(folder, grown)
    return grown


def write(folder: Path, config: dict[str, Any]) -> None:
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False)
    (folder / "config.yaml").write_text(text, encoding="utf-8")


def change(folder: Path, config: dict[str, Any]) -> None:
    """One parameter of one table."""
    config["tables"]["khandelwal2020"]["fig2_0"]["params"]["T_c"] = 0.12
    write(folder, config)
