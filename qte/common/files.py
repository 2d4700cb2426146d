"""Files that appear whole or not at all, and project files found from any folder inside."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Put `content` into `path` whole or not at all, and safely on disk before the name appears.

    Missing folders are made. Another process sees either the old file or the new one.

    Raises
    ------
    OSError
        Names `path`; neither a temporary file nor a part of the content stays behind.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise OSError(error.errno, f"cannot write: {error.strerror}", os.fspath(path)) from error


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
