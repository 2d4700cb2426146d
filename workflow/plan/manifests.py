"""A figure's manifest: what it was made from and what came out, with nothing in it of the machine or the hour."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow import project
from workflow.plan import wording
from workflow.plan.plan import STANDARD, Places, Plan, canonical_json, notebook_file, sha256


def ingredients(spec: str, tables: dict[str, str], *, strict: bool = True) -> dict[str, Any]:
    """All that went into a figure, by content: its spec, its notebook's and its tables' hashes."""
    made_of = json.loads(spec)
    notebook = notebook_file(made_of["paper"], made_of["figure"])
    return (
        made_of
        | words(made_of, tables, strict=strict)
        | {
            "notebook": {notebook: sha256(project.written(notebook))},
            "tables": {file: sha256(Path(file)) for file in tables.values()},
        }
    )


def words(made_of: Mapping[str, Any], tables: Mapping[str, str], *, strict: bool = True) -> dict[str, str]:
    """Title and caption of a figure with their numbers.

    Raises
    ------
    workflow.plan.wording.BadPlaceholder
    """
    headers = wording.headers(tables)
    those = wording.numbers(made_of["params"], headers)
    return {
        "title": wording.filled(made_of["title"], those, strict=strict),
        "caption": wording.caption(made_of["caption"], those, headers, strict=strict),
    }


@dataclass(frozen=True)
class Words:
    """Title and caption of every figure of a plan by "paper/figure", filled when somebody asks for them."""

    plan: Plan

    def __getitem__(self, key: str) -> dict[str, str]:
        paper, figure = key.split("/")
        spec = json.loads(self.plan.figure_spec(paper, figure))
        return words(spec, self.plan.tables_of(paper, figure), strict=False)


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
    sound = isinstance(found, dict) and isinstance(found.get("outputs"), dict)
    return found if sound else None
