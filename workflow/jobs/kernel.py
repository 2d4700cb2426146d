"""A notebook's kernel under the same observation as a job: a process of its own, which says at its end what it saw.

The job gives the kernel its label in a file and a line to run before the first cell (`arguments`); the kernel writes
its faults beside it when it ends (`faults`).
"""

import atexit
import json
import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow.jobs.observation import Watch

_LABEL, _FAULTS = "label", "faults"


@contextmanager
def observed(watch: Watch | None) -> Iterator[dict[str, list[str]]]:
    """What papermill must be given so that the kernel is observed; its faults are the watch's after the block."""
    if watch is None:
        yield {}
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / _LABEL).write_bytes(pickle.dumps(watch.label))
        # No name of it stays where the cells would see it.
        begin = f"__import__({__name__!r}, fromlist=['begin']).begin({str(folder)!r})"
        yield {"extra_arguments": [f"--IPKernelApp.exec_lines={begin}"]}
        watch.elsewhere = _faults(folder)


def begin(folder: str) -> None:
    """In the kernel: observe this process, and say at its end what was seen."""
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
