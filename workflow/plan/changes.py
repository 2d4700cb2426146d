"""What differs between the way a figure was made and the way it would be made now, in words.

Both ways come as data: a figure's manifest and the provenance of its tables.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from workflow import project
from workflow.identity.code_hash import SourceTree
from workflow.plan.plan import canonical_json

Definitions = Mapping[str, Mapping[str, Any]]
"""Module → its hash and those of its functions, as `record_code` writes them."""

RECORD = "results/code.json"
_LONGEST = 60


def of_provenance(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Study, params (old → new) and which of them are ours; code is told apart by `of_code`."""
    if old["study"] != new["study"]:
        yield f"study {old['study']} → {new['study']}"
    yield from _of_entries("param", old["params"], new["params"])
    if list(old["ours"]) != list(new["ours"]):
        yield f"ours {list(old['ours'])} → {list(new['ours'])}"


def of_drawing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Title, caption, params and notebook of a figure's manifest."""
    for name in ("title", "caption"):
        if old[name] != new[name]:
            yield f"{name} {_told_apart(old[name], new[name])}"
    yield from _of_entries("param", old["params"], new["params"])
    if old["notebook"] != new["notebook"]:
        yield f"notebook {next(iter(new['notebook']))}"


def of_params(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Parameters of a drawing (old → new)."""
    yield from _of_entries("param", old, new)


def of_packages(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Locked versions: the named packages, or that some other one changed."""
    if old["lock"] != new["lock"]:
        named = list(_of_entries("package", old["packages"], new["packages"]))
        yield from named or ["another package of requirements.lock"]


def of_code(
    old: Mapping[str, str], new: Mapping[str, str], before: Definitions, after: Definitions
) -> Iterator[str]:
    """Modules whose meaning changed, with the functions where they are on record.

    Parameters
    ----------
    old, new : mapping
        Module → hash, of one table or of the drawing.
    before, after : mapping
        Records of the functions; one that is not of the hash in question is not used.
    """
    for module in sorted(old.keys() | new.keys()):
        if module not in new:
            yield f"module {module} is no longer used"
        elif module not in old:
            yield f"module {module} is new here"
        elif old[module] != new[module]:
            there = [records.get(module, {}) for records in (before, after)]
            known = there[0].get("hash") == old[module] and there[1].get("hash") == new[module]
            where = _functions(there[0]["definitions"], there[1]["definitions"]) if known else ""
            yield f"module {module}{where}"


def definitions(sources: SourceTree) -> dict[str, dict[str, Any]]:
    """The record of all functions of `qte` as they are now."""
    return {
        module: {"hash": sources.digest(module)[:16], "definitions": sources.definitions(module)}
        for module in sorted(sources.files)
    }


@cache
def definitions_now() -> Definitions:
    return definitions(SourceTree(project.root()))


def recorded_definitions() -> Definitions:
    """The record of the last run, or nothing."""
    try:
        found = json.loads(Path(RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    # Edited by hand, it may be anything; the next run writes it again.
    sound = isinstance(found, dict) and all(isinstance(entry, dict) for entry in found.values())
    return found if sound else {}


def _functions(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return f" ({', '.join(changed[:6])}{', …' if len(changed) > 6 else ''})" if changed else ""


def _of_entries(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield f"{what} {name} = {_short(old[name])} was dropped"
        elif name not in old:
            yield f"{what} {name} = {_short(new[name])} is new"
        elif canonical_json(old[name]) != canonical_json(new[name]):
            yield f"{what} {name}: {_told_apart(old[name], new[name])}"


def _told_apart(old: object, new: object) -> str:
    """Both values, shortened where they must be; those that begin alike are shown from shortly before they differ.

    Examples
    --------
    >>> _told_apart(0.1, 0.12)
    '0.1 → 0.12'
    >>> _told_apart("Currents against the detuning. " * 3 + "T = 1", "Currents against the detuning. " * 3 + "T = 2")
    '…nts against the detuning. T = 1 → …nts against the detuning. T = 2'
    """
    texts = [str(old), str(new)]
    alike = next((n for n, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), min(map(len, texts)))
    if max(map(len, texts)) > _LONGEST and alike >= _LONGEST // 2:
        texts = [f"…{text[alike - _LONGEST // 2 :]}" for text in texts]
    return " → ".join(map(_short, texts))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
