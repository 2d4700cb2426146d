"""One run at a time in a project folder; the operating system frees the lock when a run dies, however it dies.

Snakemake's own lock is a file that outlives a killed run and asks for `--unlock`; the profile switches it off. Locked
is the project's folder itself, which nobody removes while a run is at work, and a file in it that names the process;
on file systems that lock no folders (NFS) the file alone.
"""

import errno
import fcntl
import os
from pathlib import Path

LOCK = Path(".snakemake", "qte.lock")
_NO_FOLDERS = {errno.EBADF, errno.EINVAL, errno.EISDIR, errno.ENOLCK, errno.ENOTSUP}
_held: list[int] = []


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
    folder = os.open(os.curdir, os.O_RDONLY)
    file = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _NO_FOLDERS:
                raise
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(file, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(file)
        os.close(folder)
        raise AnotherRun(
            f"Another run (process {owner}) is at work in this folder; nothing was run. Wait for it, or stop it."
        ) from None
    os.ftruncate(file, 0)
    os.write(file, str(os.getpid()).encode())
    _held.extend((folder, file))
