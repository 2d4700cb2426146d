"""A project of many figures, made of the studies there are: what planning, nothing to do and one change cost then.

Every figure is an entry of its own, with tables and a notebook of its own. Its notebook draws one curve of its first
table: what is measured is how the pipeline grows with the number of figures, not matplotlib.
"""

import copy
import json
import shutil
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
