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
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
# What the clock says: the magics %time and %timeit.
_CLOCK = re.compile(r"^(CPU times|Wall time): .*|^\S+ \S+ (±|\+-) .* per loop \(mean .*", re.MULTILINE)
# Names that are drawn anew in every run: of styled tables, and of whatever counts with a UUID.
_CHANCE = re.compile(
    r"(?<![0-9A-Za-z])T_[0-9a-f]{5}(?![0-9a-f])|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)


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
        with kernel.observed(Watch.current if engine == "kernel" else None) as more:
            executed = papermill.execute_notebook(
                copy.deepcopy(source),
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
        # The injected cell counts: papermill's index is that of the executed notebook.
        reason = (str(error.evalue) or "no message").splitlines()[0][:300]
        raise NotebookError(f"cell {error.cell_index + 1}: {error.ename}: {reason}") from None
    fill_prose(executed, numbers or {})
    return normal_form(source, executed)


def _source(notebook: Path) -> NotebookNode:
    """The notebook in the present format, with ids that only its own content decides."""
    try:
        content = notebook_source.read(notebook)
        source = nbformat.from_dict(content)
        for number, cell in enumerate(source.cells, start=1):
            cell.setdefault("metadata", NotebookNode())
            cell.setdefault("id", f"cell-{number}")
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        source.setdefault("metadata", NotebookNode())
        source.nbformat, source.nbformat_minor = 4, 5
        for cell in source.cells:
            cell.source = "".join(cell.get("source", ""))
        nbformat.validate(source)
    except notebook_source.BadNotebook as error:
        raise NotebookError(str(error)) from None
    except (AttributeError, nbformat.ValidationError) as error:
        raise NotebookError(f"it is no notebook ({str(error).splitlines()[0][:200]})") from None
    return source


def fill_prose(executed: NotebookNode, numbers: wording.Numbers) -> None:
    """Put the numbers into the Markdown cells; braces that name none of them stay."""
    those = dict(numbers)
    for count, cell in enumerate(executed.cells, start=1):
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
            cell.outputs = _normal_outputs(cell.outputs)
        cells.append(cell)
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=_normal_metadata(source))
    nbformat.validate(notebook)
    return (nbformat.writes(notebook, version=4, indent=1, sort_keys=True) + "\n").encode()


def _normal_metadata(source: NotebookNode) -> NotebookNode:
    kernel = source.metadata.get("kernelspec", {})
    names = {"name": "python3", "language": "python", "display_name": "Python 3"} | dict(kernel)
    return NotebookNode(kernelspec=NotebookNode(names), language_info=NotebookNode(name="python"))


def _normal_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Streams joined (a kernel cuts them by the clock), stderr passed on, addresses and folders taken out."""
    normal: list[NotebookNode] = []
    for output in outputs:
        output = NotebookNode(output)
        output.pop("transient", None)
        if output.output_type == "stream":
            if output.name == "stderr":
                print(output.text, file=sys.stderr, end="")
                continue
            output.text = _CLOCK.sub(
                lambda found: f"{found[1] or 'time per loop'}: …", _portable(output.text)
            )
            if normal and normal[-1].output_type == "stream":
                normal[-1].text += output.text
                continue
        for kind, text in output.get("data", {}).items():
            if isinstance(text, str) and (kind.startswith("text/") or kind == "image/svg+xml"):
                output.data[kind] = _portable(text)
        normal.append(output)
    return normal


def _portable(text: str) -> str:
    """Without addresses, this folder's place, and names drawn by chance, which are numbered as they come."""
    chance = {name: f"name-{count}" for count, name in enumerate(dict.fromkeys(_CHANCE.findall(text)))}
    text = _CHANCE.sub(lambda found: chance[found[0]], text)
    return _ADDRESS.sub("", text).replace(str(Path.cwd()), ".")


class PlainPython(PythonTranslator):
    """Injected parameters, one a line; papermill's own pass through black only where that is installed."""

    @classmethod
    def codify(cls, parameters: Mapping[str, Any], comment: str = "Parameters") -> str:
        return str(Translator.codify.__func__(cls, parameters, comment))


papermill_translators.register("python", PlainPython)
