"""Files that remember what was found by content: sealed, so that one that is damaged or from elsewhere counts as none.

The first line is the hash of all below it, which is JSON: who made it, and the content. Lost, cut short, edited or
made by another version, such a file costs nothing but the time to find everything again.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from qte.common.files import write_atomically


def write(file: str, maker: str, content: Any) -> None:
    """Remember this content and no other."""
    body = json.dumps({"maker": maker, "content": content}, separators=(",", ":")).encode()
    write_atomically(file, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


def read(file: Path, maker: str | None = None) -> Any:
    """The content; None if the file is not what `write` wrote, for the same maker if one is named."""
    try:
        found = json.loads(_sealed(file) or b"{}")
    except ValueError:
        return None
    if not isinstance(found, dict) or maker not in (None, found.get("maker")):
        return None
    return found.get("content")


def is_sound(file: Path) -> bool:
    """Whether a file is as `write` left it, be it for another maker."""
    return _sealed(file) is not None


def _sealed(file: Path) -> bytes | None:
    try:
        seal, _, body = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if seal == hashlib.sha256(body).hexdigest().encode() else None
