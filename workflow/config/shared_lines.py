"""Numbers that config.yaml writes once for several tables, by an anchor: which tables a line belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from workflow.config import plain_yaml

_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class SharedLine:
    """A number with several owners.

    Attributes
    ----------
    line : int
        Where its value begins, from 1.
    name : str
        The parameter.
    tables : tuple of str
        "paper/table", in the order of the file.
    """

    line: int
    name: str
    tables: tuple[str, ...]


def shared_lines(config: Path) -> list[SharedLine]:
    """Every line whose number belongs to several tables, the large ones too; none of a file that cannot be read."""
    try:
        root = plain_yaml.compose(config.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, plain_yaml.Refused):
        return []
    owners: dict[tuple[int, str], dict[str, None]] = {}
    for table, params in _tables(root):
        for name, value in _entries(params).items():
            owners.setdefault((value.start_mark.line + 1, name), {})[table] = None
    return [SharedLine(*key, tuple(tables)) for key, tables in sorted(owners.items()) if len(tables) > 1]


def _tables(root: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    """ "paper/table" and the node of its params."""
    top = _entries(root)
    for section in (top.get("tables"), _entries(top.get("large")).get("tables")):
        for paper, entries in _entries(section).items():
            for table, entry in _entries(entries).items():
                if params := _entries(entry).get("params"):
                    yield f"{paper}/{table}", params


def _entries(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """Key → value of a mapping, what it merges included; its own keys win."""
    own: dict[str, yaml.Node] = {}
    merged: dict[str, yaml.Node] = {}
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.tag == _MERGE:
            sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for source in sources:
                merged = _entries(source) | merged
        else:
            own[str(key.value)] = value
    return merged | own
