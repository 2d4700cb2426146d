"""A notebook's kernel: a process of its own, under the same observation as a job, that does as a job's shell does.

The job gives the kernel a line to run before the first cell, and its label in a file; the kernel writes its faults
beside it when it ends (`faults`).
"""

import atexit
import json
import os
import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workflow.jobs import raw_writes
from workflow.jobs.observation import Watch

_LABEL, _FAULTS = "label", "faults"
# What terminals, and kernels in their place, tell the programs that a cell starts: above all to write colours.
_OF_TERMINALS = ("TERM", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "PAGER", "GIT_PAGER")


class UsageError(Exception):
    """IPython's of this name, which a kernel prints where nobody looks; shown as any other."""


@contextmanager
def begun(watch: Watch | None) -> Iterator[dict[str, list[str]]]:
    """What papermill must be given for a kernel; if it is observed, its faults are the watch's after the block."""
    if watch is None:
        yield _first("")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / _LABEL).write_bytes(pickle.dumps(watch.label))
        yield _first(name)
        watch.elsewhere = _faults(folder)


def _first(folder: str) -> dict[str, list[str]]:
    """The line of code before the first cell; no name of it stays where the cells would see it."""
    begin = f"__import__({__name__!r}, fromlist=['begin']).begin(get_ipython(), {folder!r})"
    return {"extra_arguments": [f"--IPKernelApp.exec_lines={begin}"]}


@contextmanager
def no_terminal() -> Iterator[None]:
    """Without what this process's terminal would tell the programs that a cell starts."""
    known = {name: os.environ.pop(name) for name in _OF_TERMINALS if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(known)


def begin(shell: Any, folder: str) -> None:
    """In the kernel: do as a job's own shell does and, with a folder, observe this process and say what was seen."""
    raw_writes.keep_in_kernel(shell)
    for name in _OF_TERMINALS:
        os.environ.pop(name, None)
    # it brings what another notebook has left
    shell.magics_manager.magics["line"].pop("store", None)
    shell.show_usage_error = lambda error: shell.showtraceback(
        (UsageError, UsageError(str(error)), error.__traceback__)
    )
    if not folder:
        return
    watch = Watch(pickle.loads((Path(folder) / _LABEL).read_bytes()))

    def end() -> None:
        found = list(watch.faults())
        watch.end()
        (Path(folder) / _FAULTS).write_text(json.dumps(found), encoding="utf-8")

    atexit.register(end)


def _faults(folder: Path) -> list[str]:
    try:
        return list(json.loads((folder / _FAULTS).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return ["the notebook's kernel ended without a word on what it read; run again"]
