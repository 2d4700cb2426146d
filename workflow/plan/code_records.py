"""Which code made a file, in a small record beside it: the file itself holds what would be true of any code.

A record names its file's checksum, so that it never speaks for another file: a job writes it last, and one that a
killed run left beside a newer file, that was edited, or that came with another file says nothing at all.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qte.common.files import write_atomically
from workflow.plan.plan import record_file, sha256

# What a record may tell beside the code, as plain data: such as where machines leave the domain of their equations.
Told = Mapping[str, Any]


def write(file: str, code: str, **told: Any) -> None:
    """Record which code made a file that has just been written, and what it has to tell of it."""
    write_atomically(record_file(file), _content(file, code, told))


def code_of(file: str) -> str | None:
    """Hash of the code that made a file; None if no sound record of this very file says it."""
    found = _read(file)
    return found["code"] if found else None


def told_of(file: str) -> Told:
    """What a sound record of a file tells beside the code."""
    return {key: value for key, value in _read(file).items() if key not in ("code", "sha256")}


def _read(file: str) -> dict[str, Any]:
    """The record of this very file; empty if there is no sound one."""
    try:
        content = Path(record_file(file)).read_bytes()
        record: dict[str, Any] = json.loads(content)
        told = {key: value for key, value in record.items() if key not in ("code", "sha256")}
        return record if content == _content(file, record["code"], told) else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _content(file: str, code: str, told: Told) -> bytes:
    return f"{json.dumps({'code': code, 'sha256': sha256(Path(file)), **told}, indent=1)}\n".encode()
