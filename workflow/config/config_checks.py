"""Everything that is wrong with the config, all at once, before any job starts.

Three sieves: the JSON Schema (shape and spelling), references (studies, tables, notebooks exist and are used), and
physics (each study's own checks). Every problem is one short line: file, line, key, value, what is allowed, and the
nearest valid name. Names in the config are looked up among registered names; nothing in it is evaluated, imported
or opened by path.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import jsonschema
import yaml

from qte.common.errors import ParameterError
from qte.common.parameters import did_you_mean
from qte.data import studies
from qte.data.collections import CollectionError
from qte.data.studies import StudyError
from workflow import project
from workflow.config import config_text, data_checks, notebook_source
from workflow.config.config_text import ConfigText, KeyPath
from workflow.config.table_facts import KnownTables

SCHEMA = Path("workflow", "schemas", "config.schema.yaml")
# 16.0 counts as an integer for JSON Schema; it is none to count shards with.
_VALIDATOR = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)
# What one table may hold: its points are computed together, and drawn.
MOST_POINTS = 20_000_000
_TYPES = {
    "object": "a mapping of names to values",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}


@dataclass(frozen=True)
class Problem:
    """One thing to mend: where it stands and what is wrong there."""

    path: KeyPath
    text: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or 'the file'}: {self.text}"


def refuse_unreadable(file: Path) -> ConfigText:
    """Read the file, or stop with its complaints (`SystemExit`)."""
    text = config_text.read(file)
    if text.complaints:
        stop([f"{file}{f', line {line}' if line else ''}: {what}" for line, what in text.complaints])
    return text


def sound(file: Path) -> Mapping[str, Any]:
    """What config.yaml says, for a command that needs all of it right; stops like the two above and below."""
    text = refuse_unreadable(file)
    refuse_wrong(file, text)
    return text.data


def refuse_wrong(file: Path, text: ConfigText, known: KnownTables | None = None) -> None:
    """Stop with everything that is wrong with the content of config.yaml (`SystemExit`)."""
    if found := problems(text.data, known=known):
        stop([f"{_place(problem.path, file, text)}: {problem}" for problem in found])


# A file of nothing but mistakes would be looked at for minutes.
_MOST_TOLD = 200


def problems(
    config: Mapping[str, Any],
    folder: Path | None = None,
    overlaid: bool = False,
    known: KnownTables | None = None,
) -> list[Problem]:
    """Everything that is wrong with a config, in its order.

    Parameters
    ----------
    config : mapping
    folder : Path, optional
        Of the project, where it is not the one that runs.
    overlaid : bool
        Whether overlays are merged into it.
    known : KnownTables, optional
        Tables in which an earlier run found nothing: their studies are not asked again.
    """
    folder = folder or project.root()
    odd = list(_odd_keys(config, ()))
    if odd:
        return odd
    found = list(islice(_schema_problems(config, folder), _MOST_TOLD))
    if "variant" in config and not overlaid:
        found.append(
            Problem(("variant",), "an overlay has a name, the standard config has none; remove the line")
        )
    wrong = {problem.path[: _depth(problem.path)] for problem in found}
    more = (
        problem
        for problem in _content_problems(config, folder, known or KnownTables())
        if not any(problem.path[:n] in wrong for n in range(1, _depth(problem.path) + 1))
    )
    found += islice(more, max(0, _MOST_TOLD - len(found)))
    if len(found) >= _MOST_TOLD:
        found.append(Problem((), f"more may be wrong than the {_MOST_TOLD} places above"))
    return found


def _depth(path: KeyPath) -> int:
    """Length of the path of one table or figure."""
    return 4 if path[:1] == ("large",) else 3


def stop(lines: list[str]) -> NoReturn:
    """Refuse to run, with one line a problem (`SystemExit`)."""
    lines = [_printable(line) for line in lines]
    count = f"{len(lines)} problems" if len(lines) > 1 else "1 problem"
    raise SystemExit(
        "\n".join([f"The config has {count}; nothing was run.", *(f"  {line}" for line in lines)])
    )


def _printable(line: str) -> str:
    """A line in which nothing is a command to a terminal, or a line's end."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line)


def _place(path: KeyPath, file: Path, text: ConfigText) -> str:
    """The file and the line of a key, or of what holds it."""
    path = text.reach(path)
    return f"{file}, line {text.lines[path]}" if path else str(file)


def _odd_keys(value: Any, path: KeyPath) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                yield Problem(path, f"the name {key!r} must be text; put it in quotes")
            else:
                yield from _odd_keys(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _odd_keys(item, (*path, index))


def _schema_problems(config: Mapping[str, Any], folder: Path) -> Iterator[Problem]:
    schema = yaml.safe_load((folder / SCHEMA).read_text(encoding="utf-8"))
    for error in sorted(
        islice(_VALIDATOR(schema).iter_errors(config), _MOST_TOLD),
        key=lambda error: list(map(str, error.absolute_path)),
    ):
        yield from _readable(error)


def _readable(error: jsonschema.ValidationError) -> Iterator[Problem]:
    path, value, rule = tuple(error.absolute_path), error.instance, error.validator_value
    match error.validator:
        case "additionalProperties":
            known = list(error.schema.get("properties", {}))
            names = error.schema.get("patternProperties", {})
            for key in value:
                if key not in known and not names:
                    hint = did_you_mean(key, known)
                    yield Problem((*path, key), f"unknown key{hint}; allowed are {', '.join(known)}")
                elif names and not jsonschema.Draft202012Validator({"pattern": next(iter(names))}).is_valid(
                    key
                ):
                    what = error.schema.get("description", "a name")
                    yield Problem(path, f"{key!r} is not a valid name; it must be {what}")
        case "required":
            missing = [key for key in rule if key not in value and error.message.startswith(repr(key))]
            yield from (Problem(path, f"the key `{key}` is missing") for key in missing)
        case "type":
            yield Problem(path, f"must be {_TYPES.get(rule, rule)}, but is {short(value)}")
        case "enum":
            hint = did_you_mean(str(value), list(map(str, rule)))
            yield Problem(path, f"must be one of {', '.join(map(str, rule))}, but is {short(value)}{hint}")
        case "pattern":
            what = error.schema.get("description", f"of the form {rule}")
            yield Problem(path, f"must be {what}, but is {short(value)}")
        case "uniqueItems":
            yield Problem(path, f"must not name anything twice, but is {short(value)}")
        case "minimum":
            yield Problem(path, f"must be at least {rule}, but is {short(value)}")
        case "minLength" | "minProperties" | "minItems":
            yield Problem(path, "must not be empty")
        case _:
            yield Problem(path, error.message.splitlines()[0][:160])


def short(value: Any) -> str:
    """A value as it may stand in a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _content_problems(config: Mapping[str, Any], folder: Path, known: KnownTables) -> Iterator[Problem]:
    try:
        studies.papers()
    except CollectionError as error:
        yield Problem((), str(error).rstrip("."))
        return
    yield from _section_problems(config, (), folder, known, config)
    large = config.get("large")
    if isinstance(large, Mapping):
        yield from _section_problems(large, ("large",), folder, known, config)
        for section in ("tables", "figures"):
            for paper, entries in _entries(large, section):
                for name in entries.keys() & _section(config, section, paper).keys():
                    yield Problem(
                        ("large", section, paper, name),
                        f"the standard run has {name!r} of {paper}, too; give it another name",
                    )


def _section_problems(
    config: Mapping[str, Any], under: KeyPath, folder: Path, known: KnownTables, whole: Mapping[str, Any]
) -> Iterator[Problem]:
    used = set(_used(whole))
    # a plain run must not need a large table
    there = [name for part in (_parts(whole) if under else [config]) for name in _names(part)]
    for paper, entries in _entries(config, "tables"):
        for table, entry in entries.items():
            path: KeyPath = (*under, "tables", paper, table)
            # a file may have changed since
            if isinstance(entry, Mapping) and ("file" in entry or not known.knows(paper, entry)):
                yield from _table_problems(paper, entry, path)
            if (paper, table) not in used and not data_checks.read_by_a_rule(paper, table):
                yield Problem(path, f"no figure of {paper} draws this table; add one or remove the table")
    for paper, entries in _entries(config, "figures"):
        tables = list(_section(config, "tables", paper))
        for figure, entry in entries.items():
            path = (*under, "figures", paper, figure)
            for index, table in enumerate(_drawn(entry)):
                if table not in tables and table not in there:
                    yield Problem((*path, "tables", index), _no_table(str(table), tables, there))
            yield from _not_a_number(entry, path)
            notebook = project.written(f"notebooks/{paper}/{figure}.ipynb", folder)
            yield from _unread_params(entry, notebook, path)
            if not notebook.is_file():
                notebooks = [file.stem for file in sorted(notebook.parent.glob("*.ipynb"))]
                yield Problem(
                    path,
                    f"the notebook notebooks/{paper}/{figure}.ipynb is missing{did_you_mean(figure, notebooks)}",
                )


def _no_table(table: str, known: list[str], there: list[str]) -> str:
    """That a figure's own collection has no such table, or that no other has."""
    if "/" not in table:
        return (
            f"there is no table {table!r}{did_you_mean(table, known)}; there are {', '.join(known) or 'none'}"
        )
    collection = table.partition("/")[0]
    of_it = [name for name in there if name.startswith(f"{collection}/")]
    collections = list(dict.fromkeys(name.partition("/")[0] for name in there))
    which = f"there are {', '.join(of_it)}" if of_it else f"tables are there of {', '.join(collections)}"
    return f"there is no table {table!r}{did_you_mean(table, there)}; {which}"


def _parts(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a plain run makes, and what is large."""
    large = config.get("large")
    return [config, large] if isinstance(large, Mapping) else [config]


def _names(part: Mapping[str, Any]) -> list[str]:
    """Every table as a figure of another collection names it."""
    return [f"{paper}/{table}" for paper, entries in _entries(part, "tables") for table in entries]


def _used(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Collection and name of every table that a figure draws."""
    for part in _parts(config):
        for paper, figures in _entries(part, "figures"):
            for name in (str(name) for figure in figures.values() for name in _drawn(figure)):
                collection, _, table = name.rpartition("/")
                yield collection or paper, table


def _table_problems(paper: str, entry: Mapping[str, Any], path: KeyPath) -> Iterator[Problem]:
    if "file" in entry:
        yield from (Problem((*path, key), text) for key, text in data_checks.problems(entry))
        return
    name, params = f"{paper}.{entry.get('study')}", entry.get("params", {})
    try:
        known = studies.names(paper)
    except StudyError as error:
        yield Problem(path[:2], error.problem)
        return
    if name not in known:
        if studies.broken(name):
            # Its job says why; all other tables are computed.
            return
        names = [full.partition(".")[2] for full in known]
        hint = did_you_mean(str(entry.get("study")), names)
        there = ", ".join(names) or "none"
        what = [
            f"there is no study {entry.get('study')!r}{hint}; there are {there}",
            *studies.failures(paper),
        ]
        yield Problem((*path, "study"), "; ".join(what))
        return
    for error in studies.problems(name, params):
        here = (*path, "params", *_within(params, error.name))
        if isinstance(error, ParameterError):
            where = f" at index {error.index}" if error.index else ""
            what = "must" if len(here) > len(path) + 1 else f"`{error.name}` must"
            yield Problem(here, f"{what} {error.allowed}, but is {short(error.value)}{where}")
        else:
            yield Problem(here, error.problem)
    yield from _too_many_points(params, (*path, "params"))
    unknown = studies.check_ours(name, entry.get("ours", []))
    if unknown:
        yield Problem((*path, "ours"), unknown.problem)
    yield from _cut_problems(name, entry, path)


def _within(params: Any, name: str) -> Iterator[str | int]:
    """The place of a parameter, of an entry of its list or of a key of its grid: "T_h[1]", "delta.num"."""
    for word in re.findall(r"[^.\[\]]+", name):
        key = int(word) if isinstance(params, list) and word.isdigit() else word
        known = isinstance(params, Mapping) and key in params
        if not known and not (isinstance(params, list) and isinstance(key, int) and key < len(params)):
            return
        yield key
        params = params[key]


def _too_many_points(params: Any, path: KeyPath) -> Iterator[Problem]:
    """More points than a table may hold, all axes together."""
    values = params.values() if isinstance(params, Mapping) else ()
    sizes = [
        value["num"] for value in values if isinstance(value, Mapping) and isinstance(value.get("num"), int)
    ]
    sizes += [len(value) for value in values if isinstance(value, list)]
    if math.prod(sizes) > MOST_POINTS:
        yield Problem(
            path, f"the axes span {math.prod(sizes):,} points; a table may hold at most {MOST_POINTS:,}"
        )


def _cut_problems(name: str, entry: Mapping[str, Any], path: KeyPath) -> Iterator[Problem]:
    keys = [key for key in ("shards", "points_per_shard") if key in entry]
    if len(keys) == 2:
        yield Problem(path, "has both `shards` and `points_per_shard`; keep one of them")
    elif keys and entry[keys[0]] != 1 and not hasattr(studies.get(name), "part"):
        can = [full for full in studies.names() if hasattr(studies.get(full), "part")]
        yield Problem(
            (*path, keys[0]),
            f"the study {entry['study']!r} computes its table as a whole and cannot be cut; "
            f"those that can: {', '.join(can) or 'none'}",
        )


def _not_a_number(value: Any, path: KeyPath) -> Iterator[Problem]:
    if isinstance(value, float) and not math.isfinite(value):
        yield Problem(path, f"must be finite, but is {value}")
    items = (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, item in items:
        yield from _not_a_number(item, (*path, key))


def _unread_params(entry: Any, notebook: Path, path: KeyPath) -> Iterator[Problem]:
    """Parameters of a figure that its notebook never asks for, where that can be told from its code."""
    params = entry.get("params") if isinstance(entry, Mapping) else None
    read = (
        notebook_source.params_read(notebook) if isinstance(params, Mapping) and notebook.is_file() else None
    )
    for name in params if isinstance(params, Mapping) and read is not None else ():
        if name not in read:
            there = f"it reads {', '.join(sorted(read))}" if read else "it reads none"
            yield Problem(
                (*path, "params", name),
                f"the notebook does not read this parameter{did_you_mean(str(name), sorted(read))}; {there}",
            )


def _section(config: Mapping[str, Any], section: str, paper: str) -> Mapping[str, Any]:
    return dict(_entries(config, section)).get(paper, {})


def _entries(config: Mapping[str, Any], section: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    papers = config.get(section)
    if isinstance(papers, Mapping):
        yield from ((paper, entries) for paper, entries in papers.items() if isinstance(entries, Mapping))


def _drawn(figure: Any) -> list[Any]:
    tables = figure.get("tables", []) if isinstance(figure, Mapping) else []
    return tables if isinstance(tables, list) else []
