"""What runs have made: every file that a job writes is named here before it is written, and nothing else is removed.

A name alone says nothing: `.fig2.csv.0123456789ab.tmp` may be somebody's own. So a leftover of a killed run, a result
that `make clean` takes away, and a page that a report no longer has are known by this record or by a list of
checksums. What no record knows is left where it is.
"""

import json
import os
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from qte.common import files

FOLDERS = ("results", "figures")
# In each of them, about what is in it: a folder that is deleted takes its record along.
RECORD = ".made_by_runs.jsonl"


def keep_record() -> None:
    """From now on, note every file that this process writes."""
    if _note not in files.recorders:
        files.recorders.append(_note)


def note(file: str | Path) -> None:
    """Note a file that is written otherwise than by `qte.common.files`."""
    _note(Path(file), None)


def recorded() -> list[Path]:
    """Files that runs have made, relative to the project, each once, sorted; whether they are still there or not."""
    return sorted({made for made, _ in _entries()})


def remove_dropped(folder: Path, kept: Collection[Path]) -> None:
    """Remove what runs have made in a folder and do not make any more, and the folders that are empty then."""
    for made in recorded():
        if folder in made.parents and made not in kept and is_file(made):
            made.unlink()
            remove_empty(made.parent, folder)


def remove_empty(inner: Path, outer: Path) -> None:
    """Remove a folder, and those above it up to `outer`, as far as nothing is in them."""
    with suppress(OSError):
        while outer in (inner, *inner.parents):
            inner.rmdir()
            inner = inner.parent


def clear_leftovers() -> None:
    """Remove the temporary files of killed runs; call it while no other run is at work."""
    for made, temporary in _entries():
        if temporary and is_file(made.with_name(temporary)):
            made.with_name(temporary).unlink(missing_ok=True)
    for folder in FOLDERS:
        record = Path(folder, RECORD)
        there = [made for made in recorded() if made.parts[0] == folder and made.exists()]
        lines = "".join(f"{json.dumps([str(made), None])}\n" for made in there).encode()
        if is_file(record) and record.read_bytes() != lines:
            files.write_atomically(record, lines, durable=False)


def is_file(path: Path) -> bool:
    """Whether a path is a regular file; a link is none."""
    with suppress(OSError):
        return stat.S_ISREG(path.lstat().st_mode)
    return False


def _note(made: Path, temporary: Path | None) -> None:
    """One line, appended whole; a run does not fail because a disk is full here."""
    name = Path(os.path.relpath(made))
    if not is_ours(name):
        return
    line = json.dumps([str(name), temporary.name if temporary else None]).encode() + b"\n"
    with suppress(OSError):
        record = Path(name.parts[0], RECORD)
        record.parent.mkdir(exist_ok=True)
        handle = os.open(record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)


def _entries() -> Iterator[tuple[Path, str | None]]:
    """File, and name of its temporary file beside it; a line that is no such pair says nothing."""
    records = [Path(folder, RECORD) for folder in FOLDERS]
    texts = [record.read_text(encoding="utf-8", errors="replace") for record in records if is_file(record)]
    for line in "".join(texts).splitlines():
        with suppress(ValueError, TypeError):
            name, temporary = json.loads(line)
            made = Path(name)
            beside = temporary is None or ("/" not in temporary and temporary.startswith(f".{made.name}."))
            if is_ours(made) and beside:
                yield made, temporary


def is_ours(made: Path) -> bool:
    """Whether a run may write there: in the folders of results, and not past them."""
    return len(made.parts) > 1 and made.parts[0] in FOLDERS and os.pardir not in made.parts
