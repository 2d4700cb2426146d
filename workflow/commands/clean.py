"""Remove what runs have made, and nothing else.

python -m workflow.commands.clean

Needs nothing but Python. What no run recorded, what somebody put there, and whatever is reached through a link stays.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from workflow.snakemake_door import made_files, run_lock

# Of tools, which keep nothing else there.
CACHES = (".snakemake", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "results/.cache")
# Stays: it says what fills the folder.
KEPT = Path("figures", "README.md")
_NAMED = 10


def main() -> int:
    """Clean the project in this folder; returns the exit code."""
    try:
        run_lock.take()
    except run_lock.AnotherRun as error:
        print(error, file=sys.stderr)
        return 1
    made_files.clear_leftovers()
    removed = 0
    for made in sorted({*made_files.recorded(), *listed()}):
        if made_files.is_file(made) and not through_link(made):
            made.unlink()
            removed += 1
    for folder in made_files.FOLDERS:
        if not Path(folder).is_symlink():
            Path(folder, made_files.RECORD).unlink(missing_ok=True)
    for cache in CACHES:
        if Path(cache).is_dir() and not Path(cache).is_symlink():
            shutil.rmtree(cache)
    left = [file for folder in made_files.FOLDERS for file in left_in(folder)]
    print(f"Removed {removed} files that runs had made")
    if left:
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        print(f"Left, for no run made it: {', '.join(left[:_NAMED])}{more}")
    return 0


def listed() -> Iterator[Path]:
    """What the last run's list of checksums names and still holds: results that came with their list, too."""
    sums = Path("results", "SHA256SUMS")
    if not made_files.is_file(sums):
        return
    for line in sums.read_text(encoding="utf-8", errors="replace").splitlines():
        digest, _, name = line.partition("  ")
        file = Path(name)
        if (
            made_files.is_ours(file)
            and made_files.is_file(file)
            and hashlib.sha256(file.read_bytes()).hexdigest() == digest
        ):
            yield file


def through_link(file: Path) -> bool:
    """Whether one of the folders that lead to a file is a link."""
    return any(folder.is_symlink() for folder in file.parents)


def left_in(folder: str) -> Iterator[str]:
    """Remove empty folders; all else that is there."""
    if Path(folder).is_symlink():
        yield folder
        return
    for place, folders, files in os.walk(folder, topdown=False):
        yield from sorted(str(Path(place, name)) for name in files if Path(place, name) != KEPT)
        yield from sorted(str(Path(place, name)) for name in folders if Path(place, name).is_symlink())
        made_files.remove_empty(Path(place), Path(place))


if __name__ == "__main__":
    sys.exit(main())
