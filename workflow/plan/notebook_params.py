"""Which parameters a figure's notebook asks for, as far as its code tells."""

import ast
import json
from pathlib import Path


def read_by(notebook: Path) -> frozenset[str] | None:
    """Names that the notebook takes from `params`; None when it uses the mapping as a whole, or is no notebook."""
    try:
        cells = json.loads(notebook.read_bytes())["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        trees = [ast.parse("".join(cell["source"])) for cell in code if not _is_header(cell)]
    except (OSError, ValueError, KeyError, TypeError, SyntaxError):
        return None
    names: set[str] = set()
    taken: set[ast.AST] = set()
    for tree in trees:
        for node in ast.walk(tree):
            match node:
                case ast.Subscript(value=ast.Name(id="params") as whole, slice=ast.Constant(value=str(name))):
                    names.add(name)
                    taken.add(whole)
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="params") as whole, attr="get"),
                    args=[ast.Constant(value=str(name)), *_],
                ):
                    names.add(name)
                    taken.add(whole)
    uses = {n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "params"}
    return None if uses - taken else frozenset(names)


def _is_header(cell: dict[str, object]) -> bool:
    """The cell that holds the defaults of what papermill injects."""
    metadata = cell.get("metadata", {})
    return isinstance(metadata, dict) and "parameters" in metadata.get("tags", [])
