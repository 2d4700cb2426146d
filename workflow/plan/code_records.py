"""Which code made a file, in a small record beside it: the file itself holds what would be true of any code.

A record names its file's checksum, so that it never speaks for another file: a job writes it last, and one that a
killed run left beside a newer file, that was edited, or that came with another file says nothing at all.
"""

import json
from pathlib import Path

from qte.common.files import write_atomically
from workflow.plan.plan import record_file, sha256


def write(file: str, code: str) -> None:
    """Record which code made a file that has just been written."""
    write_atomically(record_file(file), _content(file, code))


def code_of(file: str) -> str | None:
    """Hash of the code that made a file; None if no sound record of this very file says it."""
    try:
        content = Path(record_file(file)).read_bytes()
        code = json.loads(content)["code"]
        return code if content == _content(file, code) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _content(file: str, code: str) -> bytes:
    return f"{json.dumps({'code': code, 'sha256': sha256(Path(file))}, indent=1)}\n".encode()
