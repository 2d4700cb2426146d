"""Reading config.yaml strictly: broken YAML and repeated keys are refused, and every key knows its line."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from workflow.config import plain_yaml

KeyPath = tuple[str | int, ...]
# The key by which a file asks Snakemake to run the Python in it.
EVALUATION = "__use_yte__"
_UNPARTED = re.compile(r"\s*(?:- )?([A-Za-z]\w*)(?::|\s*=\s*)([^\s:/=].*)")


@dataclass(frozen=True)
class ConfigText:
    """A config file as read.

    Attributes
    ----------
    data : object
        The content; None when it could not be read.
    lines : dict of key path to int
        Line of every key and list item, counted from 1.
    complaints : list of (int, str)
        What makes the file unreadable or ambiguous, with its line (0 when there is none).
    """

    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    complaints: list[tuple[int, str]] = field(default_factory=list)

    def reach(self, path: KeyPath) -> KeyPath:
        """As much of a path as this file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return path


def read(path: Path) -> ConfigText:
    """Read a config file; never raises, whatever is in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        root = plain_yaml.compose(text)
        found = ConfigText()
        if root is not None:
            found.complaints.extend(plain_yaml.complaints(root, text))
            _walk(root, (), found)
        if found.complaints:
            return found
        # Last: building a tree changes it.
        result = ConfigText(plain_yaml.build(root), found.lines)
    except OSError as error:
        return ConfigText(complaints=[(0, f"cannot be read: {error.strerror}")])
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return ConfigText(complaints=[(line, f"is not UTF-8 text (byte {error.start})")])
    except plain_yaml.Refused as error:
        return ConfigText(complaints=[(error.line, str(error))])
    except yaml.YAMLError as error:
        return ConfigText(complaints=[_not_valid(error, text)])
    except (ValueError, RecursionError) as error:
        return ConfigText(complaints=[(0, f"is not valid YAML: {str(error).splitlines()[0]}")])
    if not isinstance(result.data, dict):
        result.complaints.append((1, "must hold the sections `tables:` and `figures:`"))
    elif EVALUATION in result.data:
        # It may come by a merge (`<<`), whose keys have no line here.
        line = result.lines.get((EVALUATION,), 1)
        result.complaints.append((line, "is data and must not ask for template evaluation (`__use_yte__`)"))
    return result


def _not_valid(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line of a mistake in the form of YAML, 0 if it has none, and what it is."""
    if isinstance(error, yaml.reader.ReaderError):
        place = text.find(chr(error.character)) if isinstance(error.character, int) else -1
        return text.count("\n", 0, place) + 1, f"is not valid YAML: {str(error).splitlines()[0]}"
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return 0, f"is not valid YAML: {str(error).splitlines()[0]}"
    reason = " ".join(filter(None, [error.context, error.problem]))
    lines = text.splitlines()
    # a name without its colon, or without the space after it, is noticed in the next line
    for line in (mark.line, mark.line - 1):
        if found := _UNPARTED.fullmatch("".join(lines[line : line + 1])):
            return line + 1, f"is not valid YAML: {reason}; write {found[1]}: {found[2]}"
    return mark.line + 1, f"is not valid YAML: {reason}"


def asks_for_evaluation(path: Path) -> bool:
    """Whether a file would have its Python run by whoever reads it as Snakemake does."""
    try:
        events = yaml.parse(path.read_text(encoding="utf-8-sig"))
        return any(isinstance(event, yaml.ScalarEvent) and event.value == EVALUATION for event in events)
    except (OSError, ValueError, yaml.YAMLError):
        return False


def _walk(node: yaml.Node, path: KeyPath, result: ConfigText) -> None:
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            result.lines[(*path, index)] = item.start_mark.line + 1
            _walk(item, (*path, index), result)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag == "tag:yaml.org,2002:merge" or not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                where = ".".join(map(str, (*path, key.value)))
                result.complaints.append((line, f"{where} is there twice, also in line {seen[key.value]}"))
            seen[key.value] = line
            result.lines[(*path, key.value)] = line
            _walk(value, (*path, key.value), result)
