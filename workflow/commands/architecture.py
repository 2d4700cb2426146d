"""The house in numbers and as a picture, from its own imports: rooms, floors, arrows, and what breaks the budget.

    python -m workflow.commands.architecture            prints the counts; fails when one is over its budget
    python -m workflow.commands.architecture --write    puts the picture and the table into ARCHITECTURE.md as well

A room is a folder of modules directly under ``qte`` or ``workflow``. It stands one floor above the highest room that
it imports; what only a type checker reads is no import. An arrow that runs up is one that PLAN does not allow.
"""

import argparse
import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workflow.identity.code_hash import running_statements

PAGE = Path("ARCHITECTURE.md")
# The floors as they are meant, from the ground up: a room imports rooms of lower lines only. qte stands below workflow.
PLAN = (
    ("qte.common",),
    ("qte.physics", "qte.data"),
    ("qte.solver", "qte.plotting", "qte.ledger"),
    ("qte.machines", "qte.exact"),
    ("qte.sweeps", "qte.testing"),
    ("qte.papers",),
    ("workflow.snakemake_door", "workflow.config", "workflow.identity"),
    ("workflow.plan",),
    ("workflow.verify",),
    ("workflow.report",),
    ("workflow.jobs", "workflow.explore"),
    ("workflow.commands",),
)
BUDGET = {
    "rooms of qte": 14,
    "floors of qte": 6,
    "arrows of qte": 45,
    "rooms of workflow": 14,
    "floors of workflow": 6,
    "arrows of workflow": 45,
    "arrows that run up": 0,
    "rooms in a circle": 0,
    "private names imported": 0,
    "lines of the longest file": 450,
    "lines of the longest function": 85,
    "modules in the fullest folder": 14,
}
# Where docs/extend.md lets anybody add modules, as many as there are figures and machines.
GROWING = ("qte/machines", "qte/papers/*")
Arrow = tuple[str, str]


@dataclass(frozen=True)
class House:
    """The modules of a project's packages, read as text.

    Attributes
    ----------
    project : Path
    """

    project: Path = Path()

    @cached_property
    def files(self) -> dict[str, Path]:
        """Dotted name → file."""
        found = {}
        for package in ("qte", "workflow"):
            for file in sorted((self.project / package).rglob("*.py")):
                parts = file.relative_to(self.project).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
        return found

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        return {name: ast.parse(file.read_bytes()) for name, file in self.files.items()}

    @cached_property
    def rooms(self) -> dict[str, str]:
        """Room → the sentence that its package says of itself."""
        found = {}
        for name, file in self.files.items():
            if name.count(".") == 1 and file.name == "__init__.py":
                found[name] = (ast.get_docstring(self.trees[name]) or "").partition("\n")[0]
        return found

    @cached_property
    def arrows(self) -> dict[Arrow, list[Arrow]]:
        """(room, room that it imports) → the modules that do."""
        found: dict[Arrow, list[Arrow]] = {}
        for module in self.files:
            for imported, _ in self._imports(module):
                ends = _room(module), _room(imported)
                if ends[0] != ends[1] and self.rooms.keys() >= set(ends):
                    found.setdefault(ends, []).append((module, imported))
        return found

    @cached_property
    def private(self) -> list[Arrow]:
        """(module, private name that it takes from another)."""
        return [
            (m, f"{source}.{name}")
            for m in self.files
            for source, name in self._imports(m)
            if _is_private(name)
        ]

    @cached_property
    def functions(self) -> dict[str, int]:
        """Function → its lines."""
        found = {}
        for module, tree in self.trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    found[f"{module}.{node.name}"] = (node.end_lineno or node.lineno) - node.lineno + 1
        return found

    def floors(self, package: str) -> list[list[str]]:
        """Rooms of a package by what they import, the ground first; a circle ends the climb."""
        left = {room for room in self.rooms if _package(room) == package}
        floors: list[list[str]] = []
        while left:
            floor = sorted(room for room in left if not any((room, other) in self.arrows for other in left))
            if not floor:
                break
            floors.append(floor)
            left -= set(floor)
        return floors

    def circle(self) -> list[str]:
        """Rooms that cannot be put on a floor."""
        placed = {room for package in ("qte", "workflow") for floor in self.floors(package) for room in floor}
        return sorted(self.rooms.keys() - placed)

    def upward(self) -> list[Arrow]:
        """Arrows that the plan does not allow; a room that is on no line of the plan may import nothing."""
        height = {room: line for line, rooms in enumerate(PLAN) for room in rooms}
        return [
            arrow for arrow in self.arrows if not height.get(arrow[0], -1) > height.get(arrow[1], len(PLAN))
        ]

    def counts(self) -> dict[str, int]:
        """What BUDGET bounds."""
        found: dict[str, int] = {}
        for package in ("qte", "workflow"):
            found[f"rooms of {package}"] = sum(_package(room) == package for room in self.rooms)
            found[f"floors of {package}"] = len(self.floors(package))
            found[f"arrows of {package}"] = sum(
                {_package(a), _package(b)} == {package} for a, b in self.arrows
            )
        folders: dict[Path, int] = {}
        for file in self.files.values():
            if not any(file.parent.match(growing) for growing in GROWING):
                folders[file.parent] = folders.get(file.parent, 0) + (file.name != "__init__.py")
        return found | {
            "arrows that run up": len(self.upward()),
            "rooms in a circle": len(self.circle()),
            "private names imported": len(self.private),
            "lines of the longest file": max(map(_lines, self.files.values())),
            "lines of the longest function": max(self.functions.values(), default=0),
            "modules in the fullest folder": max(folders.values(), default=0),
        }

    def lines(self) -> dict[str, int]:
        """Room → lines of its modules."""
        found = dict.fromkeys(self.rooms, 0)
        for module, file in self.files.items():
            if (room := _room(module)) in found:
                found[room] += _lines(file)
        return found

    def _imports(self, module: str) -> Iterator[tuple[str, str]]:
        """(module, name that is taken from it), for imports of this house."""
        for node in running_statements(self.trees[module]):
            if isinstance(node, ast.Import):
                yield from ((alias.name, "") for alias in node.names if alias.name in self.files)
            elif isinstance(node, ast.ImportFrom) and node.module in self.files:
                for alias in node.names:
                    member = f"{node.module}.{alias.name}"
                    yield (member, "") if member in self.files else (str(node.module), alias.name)


def picture(house: House) -> str:
    """The rooms of qte and their arrows as a Mermaid diagram; an arrow that a longer way implies is left out."""
    lines = ["```mermaid", "flowchart TB"]
    for package in ("workflow", "qte"):
        lines.append(f"  subgraph {package}")
        for floor in reversed(house.floors(package)):
            lines += [f"    {_node(room)}[{room.partition('.')[2]}]" for room in floor]
        lines.append("  end")
    arrows = {(a, b) for a, b in house.arrows if _package(a) == _package(b)}
    lines += [f"  {_node(a)} --> {_node(b)}" for a, b in sorted(arrows) if not _implied(a, b, arrows)]
    return "\n".join([*lines, "  workflow --> qte", "```"])


def table(house: House) -> str:
    """The rooms, what they hold and what they may import."""
    rows = ["| room | holds | may import |", "|---|---|---|"]
    for number, floor in enumerate(PLAN):
        below = [room for lower in PLAN[:number] for room in lower]
        own = [room.partition(".")[2] for room in below if _package(room) == _package(floor[0])]
        if _package(floor[0]) == "workflow":
            own.append("all of qte")
        for room in floor:
            path = room.replace(".", "/")
            says = house.rooms.get(room, "")
            rows.append(f"| [`{path}`]({path}) | {says} | {', '.join(own) or 'nothing'} |")
    return "\n".join(rows)


def problems(house: House) -> list[str]:
    """One line for each count that is over its budget, with the places."""
    counts = house.counts()
    places = {
        "arrows that run up": [f"{a} imports {b}: {house.arrows[a, b][0]}" for a, b in house.upward()],
        "rooms in a circle": house.circle(),
        "private names imported": [f"{module} takes {name}" for module, name in house.private],
        "lines of the longest file": [str(f) for f in house.files.values() if _lines(f) > 450],
        "lines of the longest function": [name for name, lines in house.functions.items() if lines > 85],
    }
    return [
        f"{name}: {counts[name]}, at most {most} {'; '.join(places.get(name, []))}".rstrip()
        for name, most in BUDGET.items()
        if counts[name] > most
    ]


def page(text: str, house: House) -> str:
    """ARCHITECTURE.md with its generated parts made anew."""
    for name, part in (("picture", picture(house)), ("rooms", table(house))):
        begin, end = f"<!-- {name}: made by `make architecture` -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{part}\n{end}{rest.partition(end)[2]}"
    return text


def _node(room: str) -> str:
    return room.replace(".", "_")


def _implied(a: str, b: str, arrows: set[Arrow]) -> bool:
    """Whether b is reached from a through another room as well."""
    seen, todo = set(), [other for start, other in arrows if start == a and other != b]
    while todo:
        room = todo.pop()
        if room == b:
            return True
        if room not in seen:
            seen.add(room)
            todo += [other for start, other in arrows if start == room]
    return False


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def _package(room: str) -> str:
    return room.partition(".")[0]


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _lines(file: Path) -> int:
    return len(file.read_bytes().splitlines())


def report(counts: Mapping[str, int]) -> str:
    return "\n".join(f"{counts[name]:>6}  {name} (at most {most})" for name, most in BUDGET.items())


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="architecture", description="Count rooms, floors and arrows.")
    parser.add_argument("--write", action="store_true", help=f"make the generated parts of {PAGE} anew")
    options = parser.parse_args(arguments)
    house = House()
    print(report(house.counts()))
    for room, lines in house.lines().items():
        print(f"{lines:>6}  lines in {room}")
    if options.write:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), house), encoding="utf-8")
    found = problems(house)
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
