"""Byte code of this project kept by content: Python itself keeps it by a source's time and size.

Two sources of the same time and size (archives date all their entries alike) would be told apart by their hash and
computed with the same byte code. Once a file's byte code holds the source's hash, Python checks it at every import and
writes it anew in the same way.
"""

import importlib.util
import py_compile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

FOLDERS = ("qte", "workflow")
_BY_HASH = 0b01


def keep_by_content(project: Path, folders: Iterable[str] = FOLDERS) -> list[Path]:
    """Compile anew what is kept by time; returns those sources. A folder that cannot be written is left alone."""
    found = []
    for file in (file for folder in folders for file in sorted((project / folder).rglob("*.py"))):
        kept = Path(importlib.util.cache_from_source(str(file)))
        with suppress(OSError, py_compile.PyCompileError):
            if kept.exists() and not _by_hash(kept):
                py_compile.compile(
                    str(file), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH
                )
                found.append(file)
    return found


def _by_hash(byte_code: Path) -> bool:
    """PEP 552: the second word of a file of byte code says what it is checked by."""
    with byte_code.open("rb") as file:
        return bool(int.from_bytes(file.read(8)[4:8], "little") & _BY_HASH)
