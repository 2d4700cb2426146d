"""A notebook's kernel: a process of its own, under the same observation as a job, whose raw writes are kept.

The job gives the kernel a line to run before the first cell, and its label in a file; the kernel writes its faults
beside it when it ends (`faults`).
"""

import atexit
import json
import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workflow.jobs import raw_writes
from workflow.jobs.observation import Watch

_LABEL, _FAULTS = "label", "faults"


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


def begin(shell: Any, folder: str) -> None:
    """In the kernel: keep its raw writes and, with a folder, observe this process and say at its end what was seen."""
    raw_writes.keep_in_kernel(shell)
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
