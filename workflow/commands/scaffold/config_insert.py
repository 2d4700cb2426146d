"""Adding entries to config.yaml as a person would: text put in the right place, everything else untouched.

Comments, anchors, blank lines and layout stay; the result is read back, and unless it is the old content plus the
new entries, nothing is returned.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml


class CannotInsert(ValueError):
    """The file is laid out in a way that text cannot be put into without disturbing it."""


@dataclass(frozen=True)
class Entry:
    """One entry of a section: `section` → `paper` → `name`.

    Attributes
    ----------
    text : str
        Its YAML, beginning with ``name:``, indented by nothing.
    """

    section: str
    paper: str
    name: str
    text: str


def insert(text: str, entries: list[Entry]) -> str:
    """`text` with the entries at the end of their papers.

    Raises
    ------
    CannotInsert
        An entry is there already, the sections are not written as blocks, or the result would not be the old
        content plus the entries.
    """
    old, root = yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    places = [(*_place(text, root, entry), entry) for entry in entries]
    # from the last place to the first, so that positions stay valid
    for position, addition, _ in sorted(places, key=lambda place: place[0], reverse=True):
        text = text[:position] + addition + text[position:]
    _verify(old, text, entries)
    return text


def _place(text: str, root: yaml.Node, entry: Entry) -> tuple[int, str]:
    """Where an entry goes, and its text with the indentation of that place."""
    section = _child(root, entry.section)
    if section is None:
        raise CannotInsert(f"there is no section `{entry.section}:`")
    paper = _child(section, entry.paper)
    if paper is None:
        column = section.value[0][0].start_mark.column if _is_block(section) else 2
        if not _is_block(section):
            raise CannotInsert(f"the section `{entry.section}:` is not written as a block")
        lines = [f"{entry.paper}:", *_indented(entry.text, 2)]
        return _end(text, section), "\n" + "\n".join(_indented("\n".join(lines), column)) + "\n"
    if not _is_block(paper):
        raise CannotInsert(f"`{entry.section}.{entry.paper}` is not written as a block")
    column = paper.value[0][0].start_mark.column
    return _end(text, paper), "\n".join(_indented(entry.text, column)) + "\n"


def _child(node: yaml.Node, name: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == name), None)
    return None


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode) and not node.flow_style and bool(node.value)


def _indented(text: str, by: int) -> list[str]:
    return [" " * by + line if line else "" for line in text.splitlines()]


def _end(text: str, node: yaml.Node) -> int:
    """Position of the line after the last content of a node; comments further down belong to what follows."""
    last = max(len(text[: mark.index].rstrip()) for mark in _ends(node))
    line_end = text.find("\n", last)
    if line_end < 0:
        raise CannotInsert("its last line has no end; add an empty line")
    return line_end + 1


def _ends(node: yaml.Node) -> Iterator[yaml.Mark]:
    # keys count, too: an alias has the marks of its anchor, further up
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        for key, value in node.value:
            yield key.end_mark
            yield from _ends(value)
    elif isinstance(node, yaml.SequenceNode) and not node.flow_style:
        for item in node.value:
            yield from _ends(item)
    else:
        yield node.end_mark


def _verify(old: Mapping[str, Any], text: str, entries: list[Entry]) -> None:
    """The new text must be the old content, in its order, and the entries."""
    try:
        new = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CannotInsert(f"the result is not valid YAML: {str(error).splitlines()[0]}") from error
    for entry in entries:
        wanted = yaml.safe_load(entry.text)[entry.name]
        papers = new[entry.section]
        if entry.name in _section(old, entry).get(entry.paper, {}):
            raise CannotInsert(f"`{entry.section}.{entry.paper}.{entry.name}` is there already")
        if repr(papers.get(entry.paper, {}).pop(entry.name, None)) != repr(wanted):
            raise CannotInsert(f"`{entry.section}.{entry.paper}.{entry.name}` would not be what is meant")
        if not papers[entry.paper] and entry.paper not in _section(old, entry):
            del papers[entry.paper]
    # repr, since it keeps order, types and infinities apart
    if repr(new) != repr(old):
        raise CannotInsert("other entries would change")


def _section(config: Mapping[str, Any], entry: Entry) -> Mapping[str, Any]:
    return config[entry.section] or {}
