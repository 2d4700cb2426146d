"""The list of checksums of everything a run makes, as `sha256sum --check` reads it."""

from collections.abc import Iterable
from pathlib import Path

from workflow.plan.plan import sha256


def sums_of(files: Iterable[str], folder: str = "") -> bytes:
    """One line a file, sorted by name; names begin at `folder`, where the list is to be checked."""
    lines = (f"{sha256(Path(file))}  {file.removeprefix(f'{folder}/')}\n" for file in sorted(files))
    return "".join(lines).encode()
