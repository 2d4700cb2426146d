"""What a notebook's code is, read as IPython reads it: what it imports, which parameters it asks for.

Nothing is run. A notebook that cannot be read, or with a mistake in it, is one broken figure: the plan goes on without
knowing what it imports, and its job says what is wrong.
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class BadNotebook(ValueError):
    """A file that is no notebook, or one that cannot be run; the message is one clear line."""


def read(notebook: Path) -> dict[str, Any]:
    """The content of a notebook of format 4.

    Raises
    ------
    BadNotebook
    """
    try:
        return parsed(notebook.read_bytes())
    except OSError as error:
        raise BadNotebook(f"it cannot be read: {error.strerror}") from None


def parsed(text: bytes) -> dict[str, Any]:
    """The content of a notebook of format 4, from its bytes; `BadNotebook` as for `read`."""
    try:
        content = json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadNotebook(f"it is not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise BadNotebook(f"line {error.lineno}: it is no notebook ({error.msg})") from None
    except RecursionError:
        raise BadNotebook("it is no notebook (nested too deep)") from None
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        older = isinstance(content, dict) and "worksheets" in content
        how = (
            "of format 3; `jupyter nbconvert --to notebook --inplace` brings it up to date"
            if older
            else "no notebook"
        )
        raise BadNotebook(f"it is {how}")
    if (language := _language(content)) is not None:
        raise BadNotebook(f"it is written in {language}; a figure's notebook is written in Python")
    for number, cell in enumerate(content["cells"], start=1):
        if not _is_cell(cell):
            raise BadNotebook(f"cell {number}: it has no type, or its source is no text")
    return content


def _language(content: dict[str, Any]) -> str | None:
    """The language of a notebook, with its kernel, where it says that it is not Python."""
    metadata = mapping(content.get("metadata"))
    kernel, info = mapping(metadata.get("kernelspec")), mapping(metadata.get("language_info"))
    language = str(kernel.get("language") or info.get("name") or "python")
    if language.lower().startswith(("python", "ipython")):
        return None
    return language + (f" (kernel {kernel['name']})" if kernel.get("name") else "")


def mapping(value: Any) -> dict[str, Any]:
    """What some programs leave as null or text where a mapping belongs is an empty one."""
    return value if isinstance(value, dict) else {}


def ids(content: dict[str, Any]) -> list[str]:
    """An id for each cell that its place decides where it has none, one that is not allowed, or another's."""
    chosen: list[str] = []
    for number, cell in enumerate(content["cells"], start=1):
        name = str(cell.get("id", ""))
        if not _ID.fullmatch(name) or name in chosen:
            name = f"cell-{number}"
        chosen.append(name)
    return chosen


def _is_cell(cell: Any) -> bool:
    source = cell.get("source", "") if isinstance(cell, dict) else None
    lines = source if isinstance(source, list) else [source]
    return (
        isinstance(cell, dict)
        and isinstance(cell.get("cell_type"), str)
        and isinstance(cell.get("metadata", {}), dict)
        and all(isinstance(line, str) for line in lines)
    )


def code_of(notebook: Path) -> str:
    """The source of a notebook's code cells, one after the other, as plain Python where IPython adds to it."""
    return "\n\n".join(code for _, code in _code_cells(read(notebook)))


def trees(notebook: Path) -> list[ast.Module]:
    """The syntax of each code cell.

    Raises
    ------
    BadNotebook
        Names the cell and its line.
    """
    return [_tree(code, number) for number, code in _code_cells(read(notebook))]


@lru_cache(maxsize=4096)
def _tree(code: str, number: int) -> ast.Module:
    """The syntax of one cell, for all who ask in one run; nobody may change it."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 1)
        raise BadNotebook(f"cell {number}, line {line}: {getattr(error, 'msg', error)}") from None


def params_read(notebook: Path) -> frozenset[str] | None:
    """Names that the notebook takes from `params`; None when it uses the mapping as a whole or cannot be read."""
    names: set[str] = set()
    taken: set[ast.AST] = set()
    try:
        nodes = [node for tree in trees(notebook) for node in ast.walk(tree)]
    except BadNotebook:
        return None
    for node in nodes:
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
            case ast.Call(func=ast.Attribute(attr="run_line_magic" | "run_cell_magic"), args=arguments) if (
                any(isinstance(word, ast.Constant) and "params" in str(word.value) for word in arguments)
            ):
                # code within a magic is text to Python
                return None
            case ast.Name(id="params", ctx=ast.Store()):
                # the cell of defaults, which papermill's cell follows
                taken.add(node)
    uses = {node for node in nodes if isinstance(node, ast.Name) and node.id == "params"}
    return None if uses - taken else frozenset(names)


def _code_cells(content: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """(number of the cell from 1, its code), for cells that hold code."""
    for number, cell in enumerate(content["cells"], start=1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", "")
            yield number, _as_python("".join(source), number)


def _as_python(source: str, number: int) -> str:
    """A cell with magics, shell commands and top-level await as Python; what is Python already stays as it is."""
    try:
        _tree(source, number)
    except BadNotebook:
        # Imported for the few that need it: it costs more than all the rest of a plan.
        from IPython.core.inputtransformer2 import TransformerManager

        return str(TransformerManager().transform_cell(source))
    return source
