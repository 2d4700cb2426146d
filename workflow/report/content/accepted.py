"""The accepted ledger, `reference/ledger/<paper>.json`: its rows, and the code that judged them.

Judging takes minutes, so the report shows what was accepted last and says whether the present code is the one that
judged it. `make accept-ledger` writes these files.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow import project
from workflow.identity.code_hash import SourceTree
from workflow.plan import ledger_parts
from workflow.plan.plan import canonical_json, lock_hash

FOLDER = Path("reference/ledger")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Ledger:
    """What was accepted for one paper.

    Attributes
    ----------
    paper : str
    rows : sequence of Row
        See `qte.ledger.rows`.
    code : mapping
        Module → hash, for all code that the verdicts came from.
    lock : str
        Hash of the packages' versions.
    """

    paper: str
    rows: Sequence[Row]
    code: Mapping[str, str]
    lock: str

    def changed(self, now: Mapping[str, str]) -> list[str]:
        """What is not as it was when these verdicts were accepted: modules, or the packages.

        Parameters
        ----------
        now : mapping
            Module → hash of the present code.
        """
        found = [module for module, digest in self.code.items() if now.get(module) != digest]
        return found + (["requirements.lock"] if self.lock != lock_hash() else [])


def file_of(paper: str) -> Path:
    return project.own(f"{FOLDER}/{paper}.json")


def read(paper: str) -> Ledger | None:
    """The accepted ledger of a paper, if there is one."""
    return read_from(file_of(paper)) if file_of(paper).exists() else None


def read_from(file: Path) -> Ledger:
    """The accepted ledger in a file that is named after its paper."""
    content = json.loads(file.read_bytes())
    return Ledger(file.stem, content["rows"], content["code"], content["lock"])


def to_json(rows: Sequence[Row], paper: str, sources: SourceTree) -> bytes:
    """The content of a file, for rows that the present code judged."""
    parts = ledger_parts.modules_of(sources.project)[paper]
    modules = {module for part in parts for module in ledger_parts.code_of(sources, paper, part)}
    closure = sorted(sources.closure(modules))
    content = {
        "code": {module: sources.digest(module)[:16] for module in closure},
        "lock": lock_hash(),
        "rows": rows,
    }
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def code_of(ledgers: Sequence[Ledger]) -> str:
    """One short hash of the code behind several ledgers."""
    code = {ledger.paper: [dict(ledger.code), ledger.lock] for ledger in ledgers}
    return hashlib.sha256(canonical_json(code).encode()).hexdigest()[:12]
