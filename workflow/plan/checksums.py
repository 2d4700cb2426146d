"""Lists of checksums, as `sha256sum --check` reads them: the one place that writes and reads them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from workflow.plan.plan import sha256


def sums_of(files: Iterable[str], folder: str = "") -> bytes:
    """The list of some files; names begin at `folder`, where the list is to be checked."""
    return to_bytes({file.removeprefix(f"{folder}/"): sha256(Path(file)) for file in files})


def to_bytes(sums: Mapping[str, str]) -> bytes:
    """The list of name → checksum, one line a file, sorted by name."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()


def read(file: Path) -> dict[str, str]:
    """Name → checksum of a list; what is no line of such a list becomes an entry that fits no file."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
