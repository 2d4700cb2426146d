"""What was found in source files, remembered by their content: parsing is half of a run with nothing to do.

The file (`workflow.identity.sealed`) is written with the record of the code and read by every run. It is used when the
same `code_hash.py` wrote it, on the same version of Python.
"""

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path

from workflow.identity import code_hash, sealed
from workflow.identity.code_hash import Facts

FILE = "results/.cache/code_facts.json"


def maker() -> str:
    """What the facts depend on besides the text: how they are found, and the parser."""
    own = Path(code_hash.__file__).read_bytes()
    return hashlib.sha256(own + repr(sys.version_info[:2]).encode()).hexdigest()


def write(file: str, facts: Mapping[str, Facts], record: bytes = b"") -> None:
    """Remember these facts and no others, and which record of the code was written with them."""
    entries = {content: astuple(known) for content, known in sorted(facts.items())}
    sealed.write(file, maker(), {"record": hashlib.sha256(record).hexdigest(), "facts": entries})


def read(file: Path) -> dict[str, Facts]:
    """What is remembered; nothing if the file is not what `write` wrote."""
    try:
        return {
            key: Facts(digest, definitions, [(name, taken) for name, taken in imports], lazy)
            for key, (digest, definitions, imports, lazy) in sealed.read(file, maker())["facts"].items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        # Sealed, and no memory: somebody else's file.
        return {}


def is_sound(file: Path) -> bool:
    """Whether a file is as `write` left it, be it by another version."""
    return sealed.is_sound(file)


def is_beside(file: Path, record: Path) -> bool:
    """Whether the record of the code is the one that was written with a sound file, be it by another version."""
    try:
        return bool(sealed.read(file)["record"] == hashlib.sha256(record.read_bytes()).hexdigest())
    except (KeyError, OSError, TypeError):
        return False
