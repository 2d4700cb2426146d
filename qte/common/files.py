"""Files that appear whole or not at all, and project files found from any folder inside."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

recorders: list[Callable[[Path, Path], None]] = []
"""Each is told the file and its temporary file before anything is written; a pipeline records what it made."""


@contextmanager
def replacing(path: str | os.PathLike[str], durable: bool = True) -> Iterator[IO[bytes]]:
    """A new file that takes the place of `path` when the block ends, whole and safely on disk, or not at all.

    Missing folders are made. Another process sees either the old file or the new one.

    Parameters
    ----------
    path : path
    durable : bool
        Whether to wait until the disk has it; without, a power cut may lose what was written.

    Raises
    ------
    OSError
        Names `path`; neither a temporary file nor a part of the content stays behind. Errors of other
        files that the block reads stay what they are.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    for record in recorders:
        record(target, temporary)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(target)
        if durable:
            _sync_folder(target.parent)
    except OSError as error:
        if error.filename not in {None, *map(os.fspath, (temporary, *target.parents))}:
            raise
        raise OSError(error.errno, f"cannot write: {error.strerror}", os.fspath(path)) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def write_atomically(path: str | os.PathLike[str], content: bytes, durable: bool = True) -> None:
    """Put `content` into `path`; see `replacing`."""
    with replacing(path, durable) as file:
        file.write(content)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; some file systems refuse to sync a folder and need not."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def resolve(path: str | os.PathLike[str]) -> Path:
    """Absolute path of a file named relative to the project, seen from any folder inside it.

    Raises
    ------
    FileNotFoundError
        If neither the working directory nor a folder above it has the file.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (candidate := folder / path).is_file():
            return candidate
    raise FileNotFoundError(
        2,
        f"no such table in {here} or a folder above it; run the pipeline to compute it",
        os.fspath(path),
    )
