"""What runs remember between them of the sources and of the config's tables: by content, and for nothing else.

Facts on a table depend on its study and on all that this one imports. So they are kept for one meaning of all code:
one changed statement in any source, a data file of a collection, the lock of packages, and every study is asked again.
"""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from qte.data import collections
from workflow import project
from workflow.config.table_facts import KnownTables, TableFacts
from workflow.identity import code_memory, sealed
from workflow.identity.code_hash import SourceTree

FILE = "results/.cache/table_facts.json"
# What makes facts of a study's word.
_MAKERS = ("requirements.lock", "workflow/config", "workflow/plan/memory.py", "workflow/identity/sealed.py")


@dataclass(frozen=True)
class Memory:
    """What is remembered, and what this run adds.

    Attributes
    ----------
    sources : SourceTree
    tables : KnownTables
    folder : Path
        Where it is kept; the working directory as a rule.
    """

    sources: SourceTree
    tables: KnownTables
    folder: Path = Path()


def sources_of(folder: Path | None = None) -> SourceTree:
    """The sources, those parsed anew that no run has seen."""
    kept = (folder or Path()) / code_memory.FILE
    return SourceTree(folder or project.root(), code_memory.read(kept))


def read(folder: Path | None = None) -> Memory:
    """What is remembered; of tables nothing if the file is not what `keep` wrote for the code as it is now."""
    sources, place = sources_of(folder), folder or Path()
    file = place / FILE
    content = sealed.read(file, _maker(sources)) if file.exists() else None
    known = {
        key: TableFacts(module, params, tuple((start, stop) for start, stop in cuts))
        for key, (module, params, cuts) in (content or {}).items()
    }
    return Memory(sources, KnownTables(known), place)


def keep(memory: Memory) -> None:
    """Remember what this run asked for, if that is news; where nothing can be written, the next run asks again."""
    if memory.tables.has_news():
        facts = {key: astuple(known) for key, known in memory.tables.asked.items()}
        with suppress(OSError):
            sealed.write(str(memory.folder / FILE), _maker(memory.sources), facts)


def _maker(sources: SourceTree) -> str:
    """Hash of everything that decides what a study says of its parameters."""
    digest = hashlib.sha256(repr((sys.version_info[:2], collections.collections())).encode())
    try:
        for module in sources.files:
            digest.update(f"{module} {sources.digest(module)}\n".encode())
    except (SyntaxError, ValueError):
        # Whoever imports it says what is wrong with it.
        return ""
    for name, file in _beside(sources):
        digest.update(f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _beside(sources: SourceTree) -> Iterator[tuple[str, Path]]:
    """Files that are no module of the sources, by their name within what they belong to."""
    for top, root in sources.roots.items():
        for file in sorted(root.rglob("*")):
            if file.suffix not in (".py", ".pyc") and file.is_file():
                yield f"{top}/{file.relative_to(root)}", file
    for place in (sources.project / name for name in _MAKERS):
        for file in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            yield file.name, file
