"""What was found in source files, remembered by their content: parsing is half of a run with nothing to do.

The file is written with the record of the code and read by every run. It is used when its seal holds and the same
`code_hash.py` wrote it; lost, cut short, edited or from elsewhere, it is as if there were none, and is written again.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path

from qte.common.files import write_atomically
from workflow.identity import code_hash
from workflow.identity.code_hash import Facts

FILE = "results/.cache/code_facts.json"


def maker() -> str:
    """What the facts depend on besides the text: how they are found, and the parser."""
    own = Path(code_hash.__file__).read_bytes()
    return hashlib.sha256(own + repr(sys.version_info[:2]).encode()).hexdigest()


def write(file: str, facts: Mapping[str, Facts], record: bytes = b"") -> None:
    """Remember these facts and no others, and which record of the code was written with them."""
    entries = {content: astuple(known) for content, known in sorted(facts.items())}
    beside = hashlib.sha256(record).hexdigest()
    body = json.dumps({"maker": maker(), "record": beside, "facts": entries}, separators=(",", ":")).encode()
    write_atomically(file, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


def read(file: Path) -> dict[str, Facts]:
    """What is remembered; nothing if the file is not what `write` wrote."""
    try:
        content = json.loads(_sealed(file) or b"{}")
        if content.get("maker") != maker():
            return {}
        return {
            key: Facts(digest, definitions, [(name, taken) for name, taken in imports], lazy)
            for key, (digest, definitions, imports, lazy) in content["facts"].items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        # Sealed, and no memory: somebody else's file.
        return {}


def is_sound(file: Path) -> bool:
    """Whether a file is as `write` left it, be it by another version."""
    return _sealed(file) is not None


def is_beside(file: Path, record: Path) -> bool:
    """Whether the record of the code is the one that was written with a sound file."""
    try:
        known = json.loads(_sealed(file) or b"{}")["record"]
        return bool(known == hashlib.sha256(record.read_bytes()).hexdigest())
    except (KeyError, OSError, TypeError, ValueError):
        return False


def _sealed(file: Path) -> bytes | None:
    try:
        seal, _, body = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if seal == hashlib.sha256(body).hexdigest().encode() else None
