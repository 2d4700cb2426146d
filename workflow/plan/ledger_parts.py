"""The parts of a paper's ledger, each judged by a job of its own: found by what the files hold, nothing is imported.

A part is a module of `qte/papers/<paper>/checks/` that judges entries ("checks_<name>"), the entries of claims.yaml
that are only read ("claims").
"""

import re
from collections.abc import Iterable
from pathlib import Path

from workflow import project
from workflow.identity.code_hash import SourceTree

# The runner belongs to every verdict, whatever a part imports itself.
RUNNER = ("qte.ledger.entries", "qte.ledger.rows")
_ANSWERS = re.compile(r"^answers: true$", re.MULTILINE)
_JUDGED = re.compile(r'^@judge\("([a-z0-9-]+)"\)', re.MULTILINE)


def modules_of(folder: Path | None = None) -> dict[str, list[str]]:
    """Paper → its parts, by what its files hold; nothing is imported."""
    found: dict[str, list[str]] = {}
    papers = (folder or project.root()) / "qte" / "papers"
    for file in sorted(papers.glob("*/checks/*.py")):
        if judged_in(file):
            found.setdefault(file.parents[1].name, []).append(f"checks_{file.stem}")
    for file in sorted(papers.glob("*/claims.yaml")):
        found.setdefault(file.parent.name, []).append("claims")
    return {paper: found[paper] for paper in sorted(found)}


def answering(folder: Path | None = None) -> frozenset[str]:
    """Collections that answer what several papers left open: they have no letter, and no place among the errata."""
    files = ((folder or project.root()) / "qte" / "papers").glob("*/claims.yaml")
    return frozenset(file.parent.name for file in files if _ANSWERS.search(file.read_text(encoding="utf-8")))


def papers_of(collections: Iterable[str], folder: Path | None = None) -> list[str]:
    """Those collections that judge a paper of their own."""
    others = answering(folder)
    return [name for name in collections if name not in others]


def module_name(paper: str, part: str) -> str:
    """Dotted name of a part, as `qte.ledger.entries.entries` takes it."""
    return f"qte.papers.{paper}.{part.replace('checks_', 'checks.', 1)}"


def code_of(sources: SourceTree, paper: str, part: str) -> list[str]:
    """Modules that a part is made of, besides what they import."""
    if part != "claims":
        return [module_name(paper, part), *RUNNER]
    # it holds what no module judges, so all of them decide what it holds
    checks = [name for name in sources.files if name.startswith(f"qte.papers.{paper}.checks")]
    return [*checks, *RUNNER]


def judged_in(file: Path) -> list[str]:
    """Ids of the entries that a module judges, from its text."""
    return _JUDGED.findall(file.read_text(encoding="utf-8"))
