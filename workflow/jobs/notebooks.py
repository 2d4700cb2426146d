"""Executing a notebook with papermill, and bringing the result into a form that never changes by itself.

Starting a kernel costs more than drawing a figure, so papermill gets an engine that runs the cells in an IPython
shell of this process. `engine="kernel"` asks for a real kernel instead; both give the same bytes.
"""

import base64
import re
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import TextIOBase
from pathlib import Path
from typing import Any

import nbformat
import papermill
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.translators import PythonTranslator, Translator, papermill_translators
from traitlets.config import Config

ENGINES = {"in-process": "in-process", "kernel": "nbclient"}
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class NotebookError(RuntimeError):
    """A notebook's cell failed; the message names notebook, cell and error in one line."""


def execute(notebook: Path, parameters: Mapping[str, Any], engine: str = "in-process") -> bytes:
    """Run a notebook and return it, with its outputs, in normal form.

    What the cells write to stderr goes to this process's stderr, not into the notebook.

    Raises
    ------
    NotebookError
        If a cell raises.
    """
    source = nbformat.read(notebook, as_version=4)
    try:
        executed = papermill.execute_notebook(
            str(notebook),
            None,
            parameters=dict(parameters),
            engine_name=ENGINES[engine],
            kernel_name="python3",
            progress_bar=False,
        )
    except PapermillExecutionError as error:
        print("\n".join(error.traceback), file=sys.stderr)
        # The injected cell counts: papermill's index is that of the executed notebook.
        reason = (str(error.evalue) or "no message").splitlines()[0][:300]
        raise NotebookError(f"cell {error.cell_index + 1}: {error.ename}: {reason}") from None
    return normal_form(source, executed)


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
            output.text = _portable(output.text)
            if normal and normal[-1].output_type == "stream":
                normal[-1].text += output.text
                continue
        elif "data" in output and "text/plain" in output.data:
            output.data["text/plain"] = _portable(output.data["text/plain"])
        normal.append(output)
    return normal


def _portable(text: str) -> str:
    return _ADDRESS.sub("", text).replace(str(Path.cwd()), ".")


class InProcessEngine(Engine):
    """A papermill engine that runs the cells in this process."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **_: Any) -> None:
        shell = _new_shell()
        for index, cell in enumerate(nb_man.nb.cells):
            nb_man.cell_start(cell, index)
            try:
                if cell.cell_type == "code" and cell.source.strip():
                    succeeded = _run_cell(shell, cell)
                    if not succeeded:
                        nb_man.cell_exception(cell, cell_index=index)
                        break
            finally:
                nb_man.cell_complete(cell, cell_index=index)


papermill_engines.register("in-process", InProcessEngine)


class PlainPython(PythonTranslator):
    """Injected parameters, one a line; papermill's own pass through black only where that is installed."""

    @classmethod
    def codify(cls, parameters: Mapping[str, Any], comment: str = "Parameters") -> str:
        return str(Translator.codify.__func__(cls, parameters, comment))


papermill_translators.register("python", PlainPython)


class _Recorder:
    """What a cell shows, in order, as notebook outputs."""

    def __init__(self) -> None:
        self.outputs: list[NotebookNode] = []

    def stream(self, name: str, text: str) -> None:
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        else:
            self.outputs.append(new_output("stream", name=name, text=text))


class _Stream(TextIOBase):
    def __init__(self, recorder: _Recorder, name: str) -> None:
        self.recorder, self.kind = recorder, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text:
            self.recorder.stream(self.kind, text)
        return len(text)


def _textual(data: Mapping[str, Any]) -> dict[str, Any]:
    """Pictures as base64, as a kernel's messages carry them."""
    return {
        kind: base64.b64encode(item).decode("ascii") if isinstance(item, bytes) else item
        for kind, item in data.items()
    }


class _Publisher(DisplayPublisher):
    recorder = _Recorder()

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **kwargs):
        self.recorder.outputs.append(new_output("display_data", data=_textual(data), metadata=metadata or {}))

    def clear_output(self, wait=False):
        self.recorder.outputs.clear()


class _Hook(DisplayHook):
    recorder = _Recorder()

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        count = self.prompt_count
        self.recorder.outputs.append(
            new_output(
                "execute_result", data=_textual(format_dict), metadata=md_dict or {}, execution_count=count
            )
        )

    def finish_displayhook(self):
        self._is_active = False


def _new_shell() -> InteractiveShell:
    InteractiveShell.clear_instance()
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=settings)
    shell.display_pub = _Publisher(shell=shell)
    # The shell puts the trap's hook in place of sys.displayhook around every cell.
    shell.display_trap.hook = _Hook(shell=shell)
    # A kernel offers plain text and every rich form; a bare shell starts with plain text alone.
    shell.display_formatter.active_types = shell.display_formatter.format_types
    # `_run_cell` records a failure as an error; the shell must not print it a second time.
    shell.showtraceback = lambda *_, **__: None
    return shell


def _run_cell(shell: InteractiveShell, cell: NotebookNode) -> bool:
    recorder = _Recorder()
    shell.display_pub.recorder = shell.display_trap.hook.recorder = recorder
    with redirect_stdout(_Stream(recorder, "stdout")), redirect_stderr(_Stream(recorder, "stderr")):
        result = shell.run_cell(cell.source, store_history=True)
    cell.outputs = recorder.outputs
    cell.execution_count = shell.execution_count - 1
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        lines = shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
        cell.outputs.append(
            new_output("error", ename=type(error).__name__, evalue=str(error), traceback=lines)
        )
    return error is None
