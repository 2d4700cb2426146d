"""One run at a time in a project folder; the operating system frees the lock when a run dies, however it dies.

Snakemake's own lock is a file that outlives a killed run and asks for `--unlock`; the profile switches it off.
"""

import fcntl
import os
from pathlib import Path
from typing import IO

LOCK = Path(".snakemake", "qte.lock")
_held: list[IO[str]] = []


class AnotherRun(RuntimeError):
    """Another run works in this folder."""


def take() -> None:
    """Take the lock for the life of this process; a second call does nothing.

    Raises
    ------
    AnotherRun
        Names the process that has it.
    """
    if _held:
        return
    LOCK.parent.mkdir(exist_ok=True)
    file = LOCK.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise AnotherRun(
            f"Another run (process {owner}) is at work in this folder; nothing was run. Wait for it, or stop it."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    _held.append(file)
