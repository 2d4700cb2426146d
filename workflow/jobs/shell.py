"""A papermill engine that runs the cells in an IPython shell of this process, with the outputs that a kernel gives.

Starting a kernel costs more than drawing a figure. What a kernel's shell does otherwise than a bare one is done here
in the same way: rich forms, updated displays, raw writes, a running event loop, `%matplotlib inline`, the pager.
"""

import asyncio
import base64
import builtins
import getpass
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from io import TextIOBase
from typing import Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from traitlets.config import Config

from workflow.jobs import raw_writes


class InProcessEngine(Engine):
    """A papermill engine that runs the cells in this process."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **_: Any) -> None:
        shell = _new_shell()
        # one event loop for all cells: a task may be waited for in a later one
        with asyncio.Runner() as runner:
            for index, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, index)
                try:
                    if cell.cell_type == "code" and cell.source.strip():
                        succeeded = _run_cell(shell, runner, cell)
                        if not succeeded:
                            nb_man.cell_exception(cell, cell_index=index)
                            break
                finally:
                    nb_man.cell_complete(cell, cell_index=index)


papermill_engines.register("in-process", InProcessEngine)


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
    encoding = "UTF-8"

    def __init__(self, recorder: _Recorder, name: str) -> None:
        self.recorder, self.kind = recorder, name

    def fileno(self) -> int:
        """Where a program writes that a cell gives this stream to: beside the notebook, as in a kernel."""
        return 2

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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Display id → the outputs that show it, of all cells.
        self.named: dict[str, list[NotebookNode]] = {}

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **kwargs):
        content = {"data": _textual(data), "metadata": metadata or {}}
        shown = self.named.setdefault((transient or {}).get("display_id", ""), [])
        if update:
            for output in shown:
                output.update(NotebookNode(content))
            return
        output = new_output("display_data", **content)
        if transient:
            shown.append(output)
        self.recorder.outputs.append(output)

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


class _Shell(InteractiveShell):
    """A shell that, like a kernel's, has no window system and outlives `exit()`."""

    def enable_gui(self, gui=None):
        pass

    def ask_exit(self):
        pass


def _new_shell() -> InteractiveShell:
    _Shell.clear_instance()
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.colors = "nocolor"
    shell = _Shell.instance(config=settings)
    shell.display_pub = _Publisher(shell=shell)
    # The shell puts the trap's hook in place of sys.displayhook around every cell.
    shell.display_trap.hook = _Hook(shell=shell)
    # A kernel offers plain text and every rich form; a bare shell starts with plain text alone.
    shell.display_formatter.active_types = shell.display_formatter.format_types
    # `_run_cell` records a failure as an error; the shell must not print it a second time.
    shell.showtraceback = lambda *_, **__: None
    # What a pager would show goes beside a notebook, not into it.
    shell.set_hook("show_in_pager", lambda *_, **__: None, 99)
    return shell


def _run_cell(shell: InteractiveShell, runner: asyncio.Runner, cell: NotebookNode) -> bool:
    recorder = _Recorder()
    shell.display_pub.recorder = shell.display_trap.hook.recorder = recorder
    out, err = _Stream(recorder, "stdout"), _Stream(recorder, "stderr")
    with (
        raw_writes.kept(partial(recorder.stream, "stdout")),
        redirect_stdout(out),
        redirect_stderr(err),
        _nobody_there(),
    ):
        result = runner.run(_run(shell, cell.source))
    cell.outputs = recorder.outputs
    cell.execution_count = shell.execution_count - 1
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        lines = shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
        cell.outputs.append(
            new_output("error", ename=type(error).__name__, evalue=str(error), traceback=lines)
        )
    return error is None


async def _run(shell: InteractiveShell, source: str) -> ExecutionResult:
    """A cell within a running event loop, as in a kernel: `await` works, `asyncio.run` is refused."""
    error: tuple[Any, ...] | None = None
    try:
        code = shell.transform_cell(source)
    except Exception:
        code, error = source, sys.exc_info()
    result = await shell.run_cell_async(
        source, store_history=True, transformed_cell=code, preprocessing_exc_tuple=error
    )
    shell.events.trigger("post_execute")
    shell.events.trigger("post_run_cell", result)
    return result


@contextmanager
def _nobody_there() -> Iterator[None]:
    """A question is refused as a kernel without a person behind it refuses it, and waits for nobody."""

    def refused(*_: Any, **__: Any) -> NoReturn:
        raise StdinNotImplementedError(
            "raw_input was called, but this frontend does not support input requests."
        )

    places = ((builtins, "input"), (getpass, "getpass"))
    before = [getattr(module, name) for module, name in places]
    for module, name in places:
        setattr(module, name, refused)
    try:
        yield
    finally:
        for (module, name), function in zip(places, before, strict=True):
            setattr(module, name, function)
