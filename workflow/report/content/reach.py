"""What a study reaches in the source of `qte`: which machines, which printed equations, which quantities.

A page says so of its figures without a list kept by hand. The walk is static: from the study's class along the names
that its body uses, through the modules of its paper, and no further than a machine or a printed equation.
"""

import ast
import importlib
import inspect
import json
import re
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from qte.data import studies

_EQUATION = re.compile(r"eq0*(\d+)_")
_MACHINES = "qte.machines."
Place = tuple[str, str]
"""Dotted module and the name of something at its top level."""


@dataclass
class Reach:
    """What was found.

    Attributes
    ----------
    machines : set of (module, class)
    equations : set of str
        Numbers, "12".
    attributes : set of str
        Every name that is asked of something, `negativity` of `engine.negativity()`.
    """

    machines: set[Place] = field(default_factory=set)
    equations: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Told:
    """What pages tell of a study, as plain data.

    Attributes
    ----------
    about : str
        First line of its docstring.
    machines : sequence of (module, class, line about it)
    equations : sequence of str
        Numbers, "12".
    asked, known : sequence of str
        What it asks of its machines and what it could ask, in words.
    """

    about: str = ""
    machines: Sequence[tuple[str, str, str]] = ()
    equations: Sequence[str] = ()
    asked: Sequence[str] = ()
    known: Sequence[str] = ()


def told_of(study: str, remembered: MutableMapping[str, Any], project: Path = Path()) -> Told:
    """What pages tell of a registered study, from what is remembered or else found and put there."""
    if study not in remembered:
        kind = studies.get(study)
        found = of_study(kind.__module__, kind.__name__, project)
        machines = [(module, name, summary(module, name)) for module, name in sorted(found.machines)]
        about, equations = _first_line(kind.__doc__), sorted(found.equations)
        told = Told(about, machines, equations, quantities(found), known_quantities(found))
        # as it is when it is read again
        remembered[study] = json.loads(json.dumps(asdict(told)))
    return Told(**remembered[study])


def of_study(module: str, name: str, project: Path = Path()) -> Reach:
    """Walk from the class `name` of `module`."""
    paper = module.rpartition(".")[0]
    found, seen, todo = Reach(), set[Place](), [(module, name)]
    while todo:
        place = todo.pop()
        if place in seen:
            continue
        seen.add(place)
        here, wanted = place
        if here.startswith(_MACHINES):
            found.machines.add(place)
        elif number := _EQUATION.match(wanted):
            found.equations.add(number[1])
        elif here == paper or here.startswith(f"{paper}."):
            attributes, uses = _source(here, project).reached(wanted)
            found.attributes |= attributes
            todo += uses
    found.machines = {place for place in found.machines if _is_machine(place, project)}
    return found


def quantities(reach: Reach) -> list[str]:
    """What the study asks of its machines, in words: "net current", "negativity"."""
    return sorted(_words(reach.attributes & set(_names(reach))))


def known_quantities(reach: Reach) -> list[str]:
    """What the study could ask of its machines, in words."""
    return sorted(_words(_names(reach)))


def summary(module: str, name: str) -> str:
    """The first line of a class's docstring."""
    return _first_line(getattr(importlib.import_module(module), name).__doc__)


def summary_of_module(module: str) -> str:
    """The first line of a module's docstring."""
    return _first_line(importlib.import_module(module).__doc__)


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n")[0]


def _names(reach: Reach) -> set[str]:
    return {name for place in reach.machines for name in _quantities_of(*place)}


def _words(names: Iterable[str]) -> list[str]:
    return [name.replace("_", " ") for name in names]


@cache
def _quantities_of(module: str, name: str) -> frozenset[str]:
    """Public methods of a machine that return numbers."""
    members = inspect.getmembers(getattr(importlib.import_module(module), name), inspect.isfunction)
    return frozenset(
        name
        for name, member in members
        if not name.startswith("_") and member.__annotations__.get("return") == "Array"
    )


def _is_machine(place: Place, project: Path) -> bool:
    """Whether a name of a machine's module is a class that can be asked, and no helper next to it."""
    return any(
        isinstance(node, ast.ClassDef) for node in _source(place[0], project).definitions.get(place[1], ())
    )


class _Source:
    """One module: what it defines and what its names stand for."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.module = module
        self.definitions: dict[str, list[ast.AST]] = {}
        self.imported: dict[str, Place] = {}
        self._reached: dict[str, tuple[set[str], list[Place]]] = {}
        for node in tree.body:
            for name in _defined(node):
                self.definitions.setdefault(name, []).append(node)
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    self.imported[alias.asname or alias.name] = (node.module, alias.name)

    def reached(self, name: str) -> tuple[set[str], list[Place]]:
        """What a definition asks of anything, and the places that it names; looked for once, however many ask."""
        if name not in self._reached:
            parts = [part for node in self.definitions.get(name, ()) for part in ast.walk(node)]
            attributes = {part.attr for part in parts if isinstance(part, ast.Attribute)}
            self._reached[name] = attributes, list(self._uses(parts))
        return self._reached[name]

    def _uses(self, parts: Iterable[ast.AST]) -> Iterator[Place]:
        for part in parts:
            if isinstance(part, ast.Name) and part.id in self.imported:
                yield self.imported[part.id]
            elif isinstance(part, ast.Name) and part.id in self.definitions:
                yield self.module, part.id
            elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                module, name = self.imported.get(part.value.id, ("", ""))
                yield f"{module}.{name}", part.attr


@cache
def _source(module: str, project: Path) -> _Source:
    stem = project.joinpath(*module.split("."))
    file = stem.with_suffix(".py")
    file = file if file.is_file() else stem / "__init__.py"
    return _Source(module, ast.parse(file.read_bytes()) if file.is_file() else ast.Module([], []))


def _defined(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
