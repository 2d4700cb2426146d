"""The list of checksums of everything a run makes, as `sha256sum --check` reads it."""

from collections.abc import Iterable
from pathlib import Path

from workflow.scripts.plan import sha256


def sums_of(files: Iterable[str]) -> bytes:
    """One line a file, sorted by name."""
    return "".join(f"{sha256(Path(file))}  {file}\n" for file in sorted(files)).encode()
