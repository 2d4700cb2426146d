"""Source notebooks as they are kept: no outputs, no counts, no ids that Jupyter drew, the format of now.

    python -m workflow.commands.clean_notebooks                     all under notebooks/, in place; says which changed
    python -m workflow.commands.clean_notebooks a.ipynb b.ipynb
    python -m workflow.commands.clean_notebooks --filter < a.ipynb  for git: cleans what is committed, not what you see

`make clean-notebooks` calls it; `make notebook-filter` sets the filter in this clone.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from qte.common.files import write_atomically
from workflow.config import notebook_source

_KEPT_ID = re.compile(r"[a-z][a-z0-9-]*")
# What Jupyter itself draws: eight hexadecimal digits, or a UUID.
_DRAWN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?")
_CELL_METADATA = ("tags",)


def cleaned(content: dict[str, Any]) -> bytes:
    """A notebook's content without what running it left."""
    cells, used = [], set()
    for number, cell in enumerate(content["cells"], start=1):
        name = str(cell.get("id", ""))
        if not _KEPT_ID.fullmatch(name) or _DRAWN_ID.fullmatch(name) or name in used:
            name = f"cell-{number}"
        used.add(name)
        of_cell = cell.get("metadata", {})
        metadata = {key: of_cell[key] for key in _CELL_METADATA if of_cell.get(key)}
        text = "".join(cell.get("source", ""))
        kept = {"cell_type": cell["cell_type"], "id": name, "metadata": metadata}
        if cell["cell_type"] == "code":
            kept |= {"execution_count": None, "outputs": []}
        cells.append(kept | {"source": text.splitlines(keepends=True)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="clean_notebooks", description="Clean source notebooks.")
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--filter", action="store_true", help="from standard input to standard output")
    options = parser.parse_args(arguments)
    if options.filter:
        try:
            content = notebook_source.parsed(sys.stdin.buffer.read())
            sys.stdout.buffer.write(cleaned(content))
        except notebook_source.BadNotebook as error:
            print(f"notebook: {error}", file=sys.stderr)
            return 1
        return 0
    failed = 0
    for file in options.notebooks or sorted(Path("notebooks").glob("*/*.ipynb")):
        try:
            content = cleaned(notebook_source.read(file))
        except notebook_source.BadNotebook as error:
            print(f"{file}: {error}", file=sys.stderr)
            failed = 1
            continue
        if content != file.read_bytes():
            write_atomically(file, content)
            print(f"cleaned {file}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
