"""Files of the report that are made only when something of theirs is new; what they were made of is remembered.

A part is left as it is when its file is, byte for byte, the one that was written, and was made of the same: the same
data, and the same maker (code, templates, tracked files, packages). Lost, edited or of another version, the memory
costs the time to make every page anew.
"""

import hashlib
import platform
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qte.common.files import write_atomically
from workflow.identity import packages, sealed
from workflow.plan.plan import canonical_json
from workflow.snakemake_door import made_files


@dataclass(frozen=True)
class Part:
    """One file of the report.

    Attributes
    ----------
    path : str
        In the report.
    made_of : plain data
        All that decides its bytes besides the maker: see `maker_of`.
    make : function
        Its bytes.
    """

    path: str
    made_of: Any
    make: Callable[[], bytes]


@dataclass
class Parts:
    """The parts of one report.

    Attributes
    ----------
    root : Path
        The report's folder.
    memory : Path
        What was remembered of the last one.
    maker : str
    written : dict
        Path in the report → checksum of its bytes, of all that is there now.
    known : dict
        What else the maker alone decides, as plain data by name: whoever finds it puts it there.
    """

    root: Path
    memory: Path
    maker: str
    written: dict[str, str] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)
    _made_of: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._before = sealed.read(self.memory, self.maker) or {"parts": {}, "known": {}}
        self.known |= self._before["known"]

    def put(self, part: Part) -> None:
        """Make a part, unless it is there."""
        self._made_of[part.path] = _digest(canonical_json(part.made_of).encode())
        before = self._before["parts"].get(part.path)
        if before and before[0] == self._made_of[part.path] and self._is_there(part.path, before[1]):
            self.written[part.path] = before[1]
        else:
            self.write(part.path, part.make())

    def write(self, path: str, content: bytes) -> None:
        """Write one file, unless these are its bytes."""
        self.written[path] = _digest(content)
        file = self.root / path
        if not made_files.is_file(file) or file.read_bytes() != content:
            # Not synced to the disk one by one: the checksums, which are, tell whether all of it is there.
            write_atomically(file, content, durable=False)

    def size(self, path: str) -> int:
        """Of a file that is there, in bytes."""
        return (self.root / path).stat().st_size

    def remember(self) -> None:
        """For the next report; where nothing can be written, it makes everything anew."""
        parts = {path: [made_of, self.written[path]] for path, made_of in self._made_of.items()}
        content = {"parts": parts, "known": self.known}
        if content != self._before:
            with suppress(OSError):
                sealed.write(str(self.memory), self.maker, content)

    def _is_there(self, path: str, digest: str) -> bool:
        file = self.root / path
        return made_files.is_file(file) and _digest(file.read_bytes()) == digest


def maker_of(code: str, files: Iterable[Path]) -> str:
    """Hash of what decides the pages besides their data: the report's own code, files, and what is installed."""
    digest = hashlib.sha256(repr((code, platform.python_version(), packages.installed())).encode())
    for file in files:
        digest.update(f"{file}\n{_digest(file.read_bytes())}\n".encode())
    return digest.hexdigest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
