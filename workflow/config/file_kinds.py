"""What is no file where a file belongs: a pipe would be waited for, a device read without end, a folder not replaced.

Looked at before anything is opened; a look costs microseconds.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}
# What a run reads besides what the config names, and how such files end.
_READ = ("config.yaml", "requirements.lock")
_FOLDERS = ("notebooks", "qte", "reference", "docs/papers")
_SUFFIXES = (".ipynb", ".json", ".md", ".py", ".xz", ".yaml", ".png")
_TOLD = 5


def inputs() -> Iterator[str]:
    """Files that a run may read, as they lie in the project; hidden ones are nobody's input."""
    yield from _READ
    for root in _FOLDERS:
        for folder, folders, files in os.walk(root):
            folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
            yield from (
                f"{folder}/{name}" for name in files if name.endswith(_SUFFIXES) and not name.startswith(".")
            )


def complaint(file: str | Path) -> str:
    """Why a path cannot be read or written as a file, as one line; empty when it can, or when nothing is there."""
    path = Path(file)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return f"{file} is a link that leads nowhere, where a file belongs" if path.is_symlink() else ""
    except OSError as error:
        return f"{file} cannot be looked at: {error.strerror}"
    kind = _KINDS.get(stat.S_IFMT(mode))
    return f"{file} is {kind}, where a file belongs" if kind else ""


def complaints(files: Iterable[str | Path]) -> Iterator[str]:
    """One line for every path that is no file, and for every folder on the way that is none."""
    paths = list(map(Path, files))
    blocked = {folder for folder in {f for path in paths for f in path.parents} if not _may_be_folder(folder)}
    yield from sorted(f"{folder} is no folder, where a folder belongs" for folder in blocked)
    for path in paths:
        if blocked.isdisjoint(path.parents) and (line := complaint(path)):
            yield line


def refuse(files: Iterable[str | Path]) -> None:
    """Stop with all that is wrong before anything is read (`SystemExit`)."""
    found = list(dict.fromkeys(complaints(files)))
    if found:
        more = [f"and {len(found) - _TOLD} more"] if len(found) > _TOLD else []
        raise SystemExit("\n".join([*found[:_TOLD], *more, "Nothing was run. Move it away and run again."]))


def _may_be_folder(path: Path) -> bool:
    return path.is_dir() or not (path.exists() or path.is_symlink())
