"""Executing a notebook with papermill, and bringing the result into a form that never changes by itself.

Notebooks are taken as Jupyter saves them: of any format from 4.0 on, with outputs, without ids or kernel. Papermill
runs them in this process (`workflow.jobs.shell`); `engine="kernel"` asks for a real kernel instead, with the same
bytes.
"""

import ast
import copy
import re
import sys
from collections.abc import Mapping
from contextlib import chdir, nullcontext
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from papermill.translators import PythonTranslator, Translator, papermill_translators

from workflow.config import notebook_source
from workflow.jobs import (
    kernel,
    shell,  # noqa: F401  registers the engine of this process
)
from workflow.jobs.observation import Watch
from workflow.plan import wording

ENGINES = {"in-process": "in-process", "kernel": "nbclient"}
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+|(?<=\b0x)(?:5[56]|7f)[0-9a-f]{10}\b")
# What the clock says: the magics %time and %timeit.
_CLOCK = re.compile(
    r"^(CPU times|Wall time): .*|\b\d\S* \S+ (?:±|\+-) .* per loop \(mean .* loops? each\)", re.MULTILINE
)
# Names that are drawn anew in every run: of styled tables, and of whatever counts with a UUID.
_CHANCE = re.compile(
    r"(?<![0-9A-Za-z])T_[0-9a-f]{5}(?![0-9a-f])|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    # a UUID without its hyphens; a checksum seldom has its fixed digits
    r"|(?<![0-9A-Za-z])[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}(?![0-9A-Za-z])"
)
# An id in a page, and what of it may be drawn anew in every run: digits of a clock, of an address, of chance.
_PAGE_ID = re.compile(r"""\bid\s*=\s*\\?["']([^"'<>\\]+)""")
_LONG_DIGITS = re.compile(r"0\.\d{8,}|(?<![0-9A-Za-z])(?=[a-f]*\d)[0-9a-f]{8,}(?![0-9A-Za-z])|\d{9,}")
# A line `%matplotlib` for windows, or for whatever there is.
_WINDOWS = re.compile(r"^([ \t]*)%matplotlib\b(?![ \t]+(?:inline|agg|-l|--list)\b).*", re.MULTILINE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LINE_OF_CELL = re.compile(r"Cell In\s?\[\d+\], line (\d+)")
_FILE_AND_LINE = re.compile(r" \([^()]*, line (\d+)\)$")
# What a cell of each type keeps beside id, metadata and source; other programs leave more.
_KEPT = {"markdown": ("attachments",), "raw": ("attachments",), "heading": ("level",)}


class NotebookError(RuntimeError):
    """A notebook's cell failed; the message names notebook, cell and error in one line."""


def execute(
    notebook: Path,
    parameters: Mapping[str, Any],
    engine: str = "in-process",
    numbers: wording.Numbers | None = None,
) -> bytes:
    """Run a notebook and return it, with its outputs, in normal form.

    What the cells write to stderr goes to this process's stderr, not into the notebook. Its prose takes `numbers`
    (see `workflow.plan.wording`), and those that a cell tagged `numbers` gives as a dict.

    Raises
    ------
    NotebookError
        If it is no notebook, or a cell raises.
    """
    source = _source(notebook)
    try:
        # A cell that changes the folder changes it for the notebook alone, as in a kernel.
        begun = kernel.begun(Watch.current) if engine == "kernel" else nullcontext({})
        with begun as more, chdir("."), kernel.no_terminal():
            executed = papermill.execute_notebook(
                _without_windows(source),
                None,
                parameters=dict(parameters),
                engine_name=ENGINES[engine],
                kernel_name="python3",
                language="python",
                progress_bar=False,
                **more,
            )
    except PapermillExecutionError as error:
        print("\n".join(error.traceback), file=sys.stderr)
        reason = (str(error.evalue) or "no message").splitlines()[0][:300]
        number = _number(source, error.cell_index, injected=bool(parameters))
        raise NotebookError(f"cell {number}: {error.ename}: {_with_line(reason, error.traceback)}") from None
    fill_prose(executed, numbers or {})
    return normal_form(source, executed)


def _source(notebook: Path) -> NotebookNode:
    """The notebook in the present format, with ids that only its own content decides."""
    try:
        content = notebook_source.read(notebook)
        cells = []
        for name, cell in zip(notebook_source.ids(content), content["cells"], strict=True):
            kept = {key: cell[key] for key in ("cell_type", *_KEPT.get(cell["cell_type"], ())) if key in cell}
            own = {
                "id": name,
                "metadata": cell.get("metadata", {}),
                "source": "".join(cell.get("source", "")),
            }
            ran = {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
            cells.append(kept | own | ran)
        metadata = notebook_source.mapping(content.get("metadata"))
        source = nbformat.from_dict(
            {"cells": cells, "metadata": _normal_metadata(metadata), "nbformat": 4, "nbformat_minor": 5}
        )
        nbformat.validate(source)
    except notebook_source.BadNotebook as error:
        raise NotebookError(str(error)) from None
    except nbformat.ValidationError as error:
        raise NotebookError(f"it is no notebook ({str(error).splitlines()[0][:200]})") from None
    return source


def _without_windows(source: NotebookNode) -> NotebookNode:
    """A copy to run: where a cell asks for the windows of a desktop or a browser, it gets pictures in the page."""
    runnable = copy.deepcopy(source)
    for cell in runnable.cells:
        if cell.cell_type == "code":
            cell.source = _WINDOWS.sub(r"\1%matplotlib inline", cell.source)
    return runnable


def _number(source: NotebookNode, index: int, *, injected: bool) -> int:
    """The number in the source of the cell at an index of the executed notebook, which has one cell more."""
    tags = [cell.metadata.get("tags", []) for cell in source.cells]
    if not injected or any("injected-parameters" in those for those in tags):
        return index + 1
    place = next((count for count, those in enumerate(tags, start=1) if "parameters" in those), 0)
    return index + 1 - (index > place)


def _with_line(reason: str, traceback: list[str]) -> str:
    """An error's words and its line in the cell, as IPython's traceback has it."""
    if found := _FILE_AND_LINE.search(reason):
        return f"{reason[: found.start()]} (line {found[1]})"
    found = _LINE_OF_CELL.search(_COLOURS.sub("", "\n".join(traceback)))
    return f"{reason} (line {found[1]})" if found else reason


def fill_prose(executed: NotebookNode, numbers: wording.Numbers) -> None:
    """Put the numbers into the Markdown cells; braces that name none of them stay."""
    those = dict(numbers)
    written = (cell for cell in executed.cells if "injected-parameters" not in cell.metadata.get("tags", []))
    for count, cell in enumerate(written, start=1):
        if cell.cell_type == "code" and "numbers" in cell.metadata.get("tags", []):
            shown = [output.data.get("text/plain", "") for output in cell.outputs if "data" in output]
            try:
                those |= plain_literal(ast.parse("".join(shown[-1]).strip(), mode="eval").body)
            except (ValueError, SyntaxError, TypeError, IndexError):
                raise NotebookError(
                    f"cell {count}, tagged `numbers`: it must end in a dict of plain numbers by name"
                ) from None
    for cell in executed.cells:
        if cell.cell_type == "markdown":
            cell.source = wording.filled(cell.source, those, strict=False)


def plain_literal(node: ast.expr) -> Any:
    """A literal, infinities and NaN included."""
    match node:
        case ast.Name(id="inf" | "nan" as name):
            return float(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -plain_literal(operand)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [plain_literal(item) for item in items]
        case ast.Dict(keys=keys, values=values):
            return {
                plain_literal(key): plain_literal(value)
                for key, value in zip(keys, values, strict=True)
                if key
            }
    return ast.literal_eval(node)


def normal_form(source: NotebookNode, executed: NotebookNode) -> bytes:
    """The executed notebook with nothing in it of the hour, the machine, the folder or chance."""
    known = {cell.id: cell for cell in source.cells}
    cells = []
    for count, cell in enumerate(executed.cells):
        cell = NotebookNode(cell)
        original = known.get(cell.id)
        cell.id = cell.id if original else f"injected-{count}"
        metadata = dict(original.metadata) if original else {"tags": ["injected-parameters"]}
        cell.metadata = NotebookNode(metadata)
        if cell.cell_type == "code":
            cell.source = original.source if original else cell.source
            cell.outputs = _normal_outputs(cell.outputs)
        cells.append(cell)
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=source.metadata)
    nbformat.validate(notebook)
    return (nbformat.writes(notebook, version=4, indent=1, sort_keys=True) + "\n").encode()


def _normal_metadata(metadata: Mapping[str, Any]) -> NotebookNode:
    kernel = notebook_source.mapping(metadata.get("kernelspec"))
    names = {"name": "python3", "language": "python", "display_name": "Python 3"} | kernel
    return NotebookNode(kernelspec=NotebookNode(names), language_info=NotebookNode(name="python"))


def _normal_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Streams joined (a kernel cuts them by the clock), stderr passed on, addresses and folders taken out."""
    normal: list[NotebookNode] = []
    for output in outputs:
        output = NotebookNode(output)
        output.pop("transient", None)
        if output.output_type == "error":
            # of `sys.exit()`, after which no cell runs
            output.traceback = []
        if output.output_type == "stream":
            if output.name == "stderr":
                print(output.text, file=sys.stderr, end="")
                continue
            output.text = _portable(output.text)
            if normal and normal[-1].output_type == "stream":
                normal[-1].text += output.text
                continue
        for kind, text in output.get("data", {}).items():
            if isinstance(text, str) and (kind.startswith("text/") or kind == "image/svg+xml"):
                output.data[kind] = _portable(text)
        normal.append(output)
    return normal


def _portable(text: str) -> str:
    """Without addresses, what the clock says, this folder's place, and names drawn by chance, which are numbered."""
    text = _CLOCK.sub(lambda found: f"{found[1] or 'time per loop'}: …", text)
    drawn = [part for name in _PAGE_ID.findall(text) for part in _LONG_DIGITS.findall(name)]
    chance = re.compile("|".join([_CHANCE.pattern, *map(re.escape, dict.fromkeys(drawn))]))
    names = {name: f"name-{count}" for count, name in enumerate(dict.fromkeys(chance.findall(text)))}
    text = chance.sub(lambda found: names[found[0]], text)
    return _ADDRESS.sub("", text).replace(str(Path.cwd()), ".")


class PlainPython(PythonTranslator):
    """Injected parameters, one a line; papermill's own pass through black only where that is installed."""

    @classmethod
    def codify(cls, parameters: Mapping[str, Any], comment: str = "Parameters") -> str:
        return str(Translator.codify.__func__(cls, parameters, comment))


papermill_translators.register("python", PlainPython)
