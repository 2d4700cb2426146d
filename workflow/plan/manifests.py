"""A figure's manifest: what it was made from and what came out, with nothing in it of the machine or the hour."""

import hashlib
import json
from pathlib import Path
from typing import Any

from workflow import project
from workflow.plan.plan import STANDARD, Places, canonical_json, notebook_file, sha256


def ingredients(spec: str, tables: dict[str, str]) -> dict[str, Any]:
    """All that went into a figure, by content: its spec, its notebook's and its tables' hashes."""
    made_of = json.loads(spec)
    notebook = notebook_file(made_of["paper"], made_of["figure"])
    return made_of | {
        "notebook": {notebook: sha256(project.written(notebook))},
        "tables": {file: sha256(Path(file)) for file in tables.values()},
    }


def content(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest without its record of the code: the same for the same results, whatever code they come from."""
    return {name: entry for name, entry in manifest.items() if name != "code"}


def identity(manifest: dict[str, Any]) -> str:
    """One hash of params, tables, notebook and packages: the manifest but for code and for what came out."""
    return _identity(content(manifest))


def identities(manifest: dict[str, Any]) -> set[str]:
    """The hashes that drawings of this manifest may carry: until November 2026 the code was in it, too."""
    return {identity(manifest), _identity(manifest)}


def _identity(manifest: dict[str, Any]) -> str:
    made_of = {name: entry for name, entry in manifest.items() if name != "outputs"}
    return hashlib.sha256(canonical_json(made_of).encode()).hexdigest()


def stamp(manifest: dict[str, Any]) -> str:
    """The word that a figure's files carry in their metadata; `workflow.commands.identify` reads it."""
    return f"qte:{manifest['paper']}/{manifest['figure']}:sha256:{identity(manifest)}"


def outputs(paper: str, figure: str, places: Places = STANDARD) -> dict[str, str]:
    """File → hash of what drawing made."""
    return {file: sha256(Path(file)) for file in places.drawn(paper, figure).values()}


def manifest(spec: str, tables: dict[str, str], places: Places = STANDARD) -> bytes:
    """The manifest of a figure that has just been drawn."""
    made_of = ingredients(spec, tables)
    made = made_of | {"outputs": outputs(made_of["paper"], made_of["figure"], places)}
    return (json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def read(file: Path) -> dict[str, Any] | None:
    """A manifest's content, or None when it is no manifest any more."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
