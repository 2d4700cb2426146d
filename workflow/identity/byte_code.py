"""Byte code of this project kept by content: Python itself keeps it by a source's time and size.

Two sources of the same time and size (archives date all their entries alike) would be told apart by their hash and
computed with the same byte code. Once a file's byte code holds the source's hash, Python checks it at every import and
writes it anew in the same way.
"""

import importlib.util
import py_compile
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

FOLDERS = ("qte", "workflow")
# PEP 552: by the source's hash, which is checked at every import.
_BY_HASH = 0b11


def keep_by_content(project: Path, folders: Iterable[str] = FOLDERS) -> list[Path]:
    """Compile anew what is kept by time; returns those sources. A folder that cannot be written is left alone."""
    sources = (file for folder in folders for file in sorted((project / folder).rglob("*.py")))
    return [file for file in sources if _kept(file).exists() and not is_by_content(file) and _compile(file)]


def keep_one_by_content(source: Path) -> None:
    """Have byte code of one source by content, where byte code is written at all."""
    if not sys.dont_write_bytecode and not is_by_content(source):
        _compile(source)


def is_by_content(source: Path) -> bool:
    """Whether there is byte code of a source that is checked by the source's hash."""
    try:
        with _kept(source).open("rb") as file:
            return int.from_bytes(file.read(8)[4:8], "little") == _BY_HASH
    except OSError:
        return False


def _kept(source: Path) -> Path:
    return Path(importlib.util.cache_from_source(str(source)))


def _compile(source: Path) -> bool:
    with suppress(OSError, py_compile.PyCompileError):
        py_compile.compile(
            str(source), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH
        )
        return True
    return False
