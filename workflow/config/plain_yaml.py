"""YAML as data and nothing else: what it makes of a number that people typed another way is refused, with its line.

Bounds come first, so that a hostile file costs no time: size and depth before anything is built, the length that
aliases would give before any is followed.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import yaml

LONGEST: Final = 2_000_000
DEEPEST: Final = 40
MOST_VALUES: Final = 200_000
Complaint = tuple[int, str]

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG: Final = "tag:yaml.org,2002:"
_PLAIN: Final = {
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str", "seq", "map")
}
_INT, _BOOL = "tag:yaml.org,2002:int", "tag:yaml.org,2002:bool"
_TEXT, _NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"
_FLOAT, _DATE = "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp"
_MERGE, _VALUE = "tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"
_QUOTES: Final = ("'", '"', "|", ">")
# What needs no try.
_USUAL: Final = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?|true|false")
_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
# Numbers one after the other; 1 000 is one.
_NUMBERS: Final = re.compile(rf"{_NUMBER}(?:(?:\s+|,\s+|\s*;\s*){_NUMBER})+")
_THOUSANDS: Final = re.compile(r"[-+]?\d{1,3}(?:\s\d{3})+")
# Longer ones were not typed as numbers, and take long to look at.
_LONGEST_MEANT: Final = 200
# What cannot be a number to compute with: more digits than the largest float has.
_MOST_DIGITS: Final = 309


class Refused(Exception):
    """A file that is not read further.

    Attributes
    ----------
    line : int
    """

    def __init__(self, line: int, text: str) -> None:
        self.line = line
        super().__init__(text)


def compose(text: str) -> yaml.Node | None:
    """The tree of a file.

    Raises
    ------
    Refused
        Too long or deep, or aliases that never end or stand for more than anybody writes.
    yaml.YAMLError
        If it is no YAML.
    """
    if len(text) > LONGEST:
        raise Refused(0, f"is {len(text):,} characters long; at most {LONGEST:,} are read")
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Refused(event.start_mark.line + 1, f"is nested more than {DEEPEST} deep")
    root = yaml.compose(text, Loader=_LOADER)
    if root is not None and _values(root, {}) > MOST_VALUES:
        raise Refused(0, f"holds more than {MOST_VALUES:,} values once its aliases are followed")
    return root


def build(root: yaml.Node | None) -> Any:
    """The data of a tree in which `complaints` finds nothing to refuse."""
    loader = yaml.SafeLoader("")
    return None if root is None else loader.construct_document(root)


def complaints(node: yaml.Node, text: str) -> Iterator[Complaint]:
    """What YAML would make something else of than whoever typed it meant, each place once."""
    seen: set[int] = set()
    todo: list[tuple[str, yaml.Node]] = [("", node)]
    while todo:
        name, here = todo.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        line = here.start_mark.line + 1
        label = f"{name}: " if name else ""
        if here.tag not in _PLAIN | {_DATE, _MERGE}:
            yield line, f"{label}a value with the tag {here.tag.removeprefix(_TAG)} is no plain data"
        elif isinstance(here, yaml.ScalarNode):
            yield from ((line, f"{label}{what}") for what in _of_scalar(here))
        elif isinstance(here, yaml.SequenceNode):
            if here.flow_style and (what := _wrongly_parted(here, text)):
                yield line, f"{label}{what}"
                continue
            todo += [(name, item) for item in reversed(here.value)]
        elif isinstance(here, yaml.MappingNode):
            keys = [key for key, _ in here.value]
            yield from ((key.start_mark.line + 1, f"{label}{what}") for key in keys for what in _of_key(key))
            if here.flow_style:
                yield from ((line, f"{label}{what}") for what in _without_value(here, text))
            todo += [(str(key.value), value) for key, value in reversed(here.value)]


def _of_key(node: yaml.Node) -> Iterator[str]:
    if not isinstance(node, yaml.ScalarNode):
        yield f"a {'list' if isinstance(node, yaml.SequenceNode) else 'mapping'} is no name"
    elif node.tag not in _PLAIN | {_DATE, _MERGE, _VALUE}:
        yield f"a name with the tag {node.tag.removeprefix(_TAG)} is no plain data"
    elif not _can_be_built(node):
        yield _not_what_its_tag_says(node)


def _can_be_built(node: yaml.ScalarNode) -> bool:
    """Whether a scalar is what its tag says; most are numbers as one writes them."""
    if node.tag not in (_INT, _FLOAT, _BOOL) or _USUAL.fullmatch(node.value):
        return True
    try:
        float(_built(node))
    except (ArithmeticError, LookupError, ValueError):
        return False
    return True


def _not_what_its_tag_says(node: yaml.ScalarNode) -> str:
    word = node.value if len(node.value) <= 12 else f"{node.value[:12]}…"
    return f"{word!r} is no {node.tag.removeprefix(_TAG)}"


def _of_scalar(node: yaml.ScalarNode) -> Iterator[str]:
    word = node.value
    digits = word.lstrip("+-").replace("_", "")
    too_long = node.tag == _INT and ":" not in word and len(digits) > _MOST_DIGITS
    if not (too_long or _can_be_built(node)):
        yield _not_what_its_tag_says(node)
        return
    # In quotes, or tagged by hand, it is what it says.
    if node.style in _QUOTES:
        return
    if node.tag == _DATE:
        yield f"{word} is read as a date; put it in quotes"
    elif node.tag in (_INT, _FLOAT) and ":" in word:
        yield f"{word} is read as {_built(node)} (base 60); write the number, or put it in quotes"
    elif too_long:
        yield f"{word[:12]}… has {len(digits)} digits and is larger than any number that can be computed with"
    elif node.tag == _INT and re.match(r"0[0-9bx]", digits):
        meant = f"write {digits.lstrip('0') or 0}" if digits.isdigit() else "write it in decimal"
        yield f"{word} is read as {_built(node)}; {meant}"
    elif re.fullmatch(r"[-+]?0\d+(\.\d*)?", word):
        yield f"{word} is read as {'text' if node.tag not in (_INT, _FLOAT) else _built(node)}; write {_decimal(word)}"
    elif node.tag == _BOOL and word.lower() not in ("true", "false"):
        value = str(_built(node)).lower()
        yield f"{word} is read as {value}; write {value}, or put it in quotes"
    elif node.tag == _TEXT and (meant := _meant(word)):
        yield f"{word} is read as text; {meant}"


def _meant(word: str) -> str:
    """What to write for a number, or several, that YAML takes for text; empty where no number was meant."""
    if len(word) > _LONGEST_MEANT:
        return ""
    if re.fullmatch(r"[-+]?0[oO][0-7]+", word):
        return f"write {int(word, 0)}"
    if _several(word):
        return f"a list is written [{', '.join(re.findall(_NUMBER, word))}]"
    if found := re.fullmatch(rf"({_NUMBER})(#.*|[,;]+)", word):
        return "a comment needs a space before #" if found[2][0] == "#" else f"write {found[1]}"
    # exponents are told of where a number is asked for
    if re.search(r"[eE]", word) or not re.search(r"\d", word):
        return ""
    try:
        # what nobody sees: a zero-width space
        return f"write {Decimal(''.join(sign for sign in word if unicodedata.category(sign) != 'Cf'))}"
    except InvalidOperation:
        return ""


def _several(word: str) -> bool:
    """Whether a text is nothing but numbers, one after the other."""
    return len(word) <= _LONGEST_MEANT and bool(_NUMBERS.fullmatch(word)) and not _THOUSANDS.fullmatch(word)


def _built(node: yaml.Node) -> Any:
    return yaml.SafeLoader("").construct_object(node)


def _decimal(word: str) -> str:
    sign, rest = (word[0], word[1:]) if word[0] in "+-" else ("", word)
    digits = rest.lstrip("0")
    return sign + (f"0{digits}" if not digits or digits.startswith(".") else digits)


def _wrongly_parted(node: yaml.SequenceNode, text: str) -> str:
    """What is wrong with the commas of a list of numbers: too few, or 0,3 where 0.3 is meant; empty if nothing is."""
    items = [item for item in node.value if isinstance(item, yaml.ScalarNode) and item.style not in _QUOTES]
    count = f"{len(node.value)} {'entry' if len(node.value) == 1 else 'entries'}"
    if any(item.tag == _TEXT and _several(item.value) for item in items):
        return f"{_quoted(node, text)} has {count}; they are parted by commas, and a decimal is written 0.3"
    if len(items) < len(node.value) or any(item.tag not in (_INT, _FLOAT) for item in items):
        return ""
    gaps = [
        text[left.end_mark.index : right.start_mark.index]
        for left, right in zip(node.value, node.value[1:], strict=False)
    ]
    differ = "," in gaps and any(gap != "," for gap in gaps)
    return f"{_quoted(node, text)} has {count}; a decimal is written 0.3" if differ else ""


def _without_value(node: yaml.MappingNode, text: str) -> Iterator[str]:
    """Names in braces that a comma or a missing space has made: {start: 0,1}, {start:0.1}."""
    for key, value in node.value:
        if value.tag != _NULL or value.value or not isinstance(key, yaml.ScalarNode) or key.style in _QUOTES:
            continue
        if key.tag in (_INT, _FLOAT):
            yield f"{_quoted(node, text)} gives {key.value} no value; a decimal is written 0.3, a list [0.3, 0.4]"
        elif found := re.fullmatch(r"(\w+):(\S+)", key.value):
            yield f"{key.value} has no value; write {found[1]}: {found[2]}"


def _quoted(node: yaml.Node, text: str) -> str:
    found = text[node.start_mark.index : node.end_mark.index]
    return found if len(found) <= 40 else f"{found[:37]}..."


def _values(node: yaml.Node, known: dict[int, int]) -> int:
    """Values below a node with every alias followed; each node is counted once."""
    if id(node) in known:
        if known[id(node)] < 0:
            raise Refused(node.start_mark.line + 1, "has an anchor that holds itself")
        return known[id(node)]
    known[id(node)] = -1
    if isinstance(node, yaml.SequenceNode):
        count = sum(_values(item, known) for item in node.value)
    elif isinstance(node, yaml.MappingNode):
        count = sum(_values(item, known) for pair in node.value for item in pair)
    else:
        count = 0
    known[id(node)] = count + 1
    return count + 1
