"""What the checks of a figure found: the lines that `plotting.save` printed into its executed notebook."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

# `qte.plotting.output.FAULT`, which would bring all of matplotlib into the process that only plans.
BEGINS: Final = "figure check, "


def of_notebook(notebook: Mapping[str, Any]) -> list[str]:
    """One line a fault: the check, where, and why."""
    printed = (
        "".join(output["text"]).splitlines()
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream"
    )
    return [line.removeprefix(BEGINS) for lines in printed for line in lines if line.startswith(BEGINS)]


def of_file(notebook: str) -> list[str]:
    """The same, of an executed notebook's file."""
    return of_notebook(json.loads(Path(notebook).read_bytes()))
