"""The log of `reference/` as a chain of checksums: what was accepted, why, and what every file was after it.

`reference/CHAIN.jsonl` has one line an entry: the reason, the files that the entry changed with their checksums (null
for one that it took out), and the checksum of the line before. The lines together say what every file should be, so
a file that was copied into the folder is named. An entry in the middle cannot be altered without altering all that
follow; that the end is the true one is what git's history holds. No entry has a date: `LOG.md`, a file like all
others here, tells the day.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qte.common.files import write_atomically
from workflow.config import file_kinds
from workflow.plan.plan import canonical_json, sha256

NAME = "CHAIN.jsonl"
# Written by people, and changed without acceptance.
BY_HAND = frozenset({"README.md", "equation_numbers.yaml"})
START = "0" * 64


class BrokenChain(ValueError):
    """A line that does not follow from the one before."""


@dataclass(frozen=True)
class Entry:
    """One acceptance.

    Attributes
    ----------
    before : str
        Checksum of the line before; 64 zeros in the first.
    reason : str
        What was accepted, and why.
    files : dict
        Name in the folder → checksum, None for a file that was taken out.
    """

    before: str
    reason: str
    files: dict[str, str | None]

    def line(self) -> str:
        return canonical_json(vars(self))


def read(folder: Path) -> list[Entry]:
    """All entries, the oldest first; none where there is no chain.

    Raises
    ------
    BrokenChain
        Names the first line that was altered, or that does not follow from the one before.
    """
    file = folder / NAME
    entries: list[Entry] = []
    before = START
    for number, line in enumerate(_lines(file), start=1):
        try:
            entry = Entry(**json.loads(line))
            sound = entry.before == before and entry.line() == line
        except (ValueError, TypeError):
            sound = False
        if not sound:
            raise BrokenChain(f"{file}, line {number}: it does not follow from the line before")
        entries.append(entry)
        before = digest(line)
    return entries


def head(folder: Path) -> str:
    """Checksum of the last line: whoever keeps it elsewhere can tell a chain that was written anew."""
    lines = _lines(folder / NAME)
    return digest(lines[-1]) if lines else START


def faults(folder: Path) -> list[str]:
    """What is not as the last entry left it, one line each; an empty folder has no fault."""
    present = _present(folder)
    try:
        accepted = _accepted(read(folder))
    except BrokenChain as error:
        return [str(error)]
    if present and not accepted:
        return [f"{folder / NAME} is not there: nothing says what was accepted"]
    return list(_compared(folder, accepted, present))


def append(folder: Path, reason: str) -> str:
    """Add an entry for all that changed since the last one; returns the new head."""
    entries = read(folder)
    accepted, present = _accepted(entries), _present(folder)
    sums: dict[str, str | None] = {name: sha256(file) for name, file in present.items()}
    changed = {name: digest for name, digest in sums.items() if accepted.get(name) != digest}
    changed |= dict.fromkeys(accepted.keys() - sums.keys())
    lines = [entry.line() for entry in entries]
    lines.append(Entry(digest(lines[-1]) if lines else START, reason, changed).line())
    write_atomically(folder / NAME, "".join(f"{line}\n" for line in lines).encode())
    return head(folder)


def digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []


def _present(folder: Path) -> dict[str, Path]:
    """Name in the folder → file, of all that the chain vouches for."""
    found = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if not file.is_dir()}
    hidden = {name for name in found if any(part.startswith(".") for part in Path(name).parts)}
    return {name: found[name] for name in sorted(found.keys() - hidden - BY_HAND - {NAME})}


def _accepted(entries: list[Entry]) -> dict[str, str]:
    """Name → checksum after the last entry."""
    sums: dict[str, str | None] = {}
    for entry in entries:
        sums |= entry.files
    return {name: digest for name, digest in sums.items() if digest is not None}


def _compared(folder: Path, accepted: dict[str, str], present: dict[str, Path]) -> Iterator[str]:
    for name in sorted(accepted.keys() | present.keys()):
        file = folder / name
        if name not in present:
            yield f"{file} is gone"
        elif complaint := file_kinds.complaint(file):
            yield complaint
        elif name not in accepted:
            yield f"{file} was put there without being accepted"
        elif sha256(file) != accepted[name]:
            yield f"{file} was changed without being accepted"
