"""What a cell writes past Python's own stdout (`os.write`, `os.system`, a library of C), the same in both engines.

A kernel reads it in a thread of its own, which may be late: the end of a long text, or all of it when the machine is
busy, then belongs to no cell. So in a kernel as in this process it goes into a file while a cell runs, and is shown
when the cell ends.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any


@contextmanager
def kept(show: Callable[[str], object]) -> Iterator[None]:
    """Keep what is written past Python's own stdout, and show it at the end, after what is written through it."""
    with tempfile.TemporaryFile() as file, suppress(OSError):
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        before = os.dup(1)
        os.dup2(file.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(before, 1)
            os.close(before)
            file.seek(0)
            if text := file.read().decode("utf-8", errors="replace"):
                show(text)


def keep_in_kernel(shell: Any) -> None:
    """Do so around every cell of a kernel's shell (`IPython.core.interactiveshell.InteractiveShell`)."""
    cell = ExitStack()
    shell.events.register(
        "pre_run_cell", lambda _: cell.enter_context(kept(lambda text: sys.stdout.write(text)))
    )
    shell.events.register("post_run_cell", lambda _: cell.close())
