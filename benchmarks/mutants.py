"""Mutation testing of the solver's core with mutmut; writes ``docs/mutants.md``.

A copy of the project is mutated in ``results/mutants``, never the project itself.  mutmut leaves decorated
functions out, so in the copy ``@property def f`` is first rewritten as a plain function and ``f = property(…)``.
Which tests run is said in ``[tool.mutmut]`` of pyproject.toml.  Survivors must be explained in
``benchmarks/mutants.yaml``; what is not explained, or a module below 90 %, fails.

What was found before stands unless its function has changed. After the command one may name modules to go through
again, or ``survivors``, who meet the tests as they are now: ``python benchmarks/mutants.py solver.steady``.
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[1]
COPY = PROJECT / "results" / "mutants"
EXPLAINED = Path(__file__).with_suffix(".yaml")
PAGE = PROJECT / "docs" / "mutants.md"
# Module by its dotted name below qte -> its file, as pyproject.toml lists them.
MODULES = {
    file.removeprefix("qte/").removesuffix(".py").replace("/", "."): file
    for file in tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"][
        "only_mutate"
    ]
}
WANTED = 0.9
# what mutmut notes: pytest's exit code, or the signal that ended a test that did not come to an end
SURVIVED, NO_TESTS, NOT_RUN = 0, 33, None


@dataclass(frozen=True)
class Mutant:
    """One change of one function: the line that went and the line that came."""

    module: str
    function: str
    removed: str
    added: str
    killed: bool

    @property
    def where(self) -> str:
        """Module and function, without the room."""
        return f"{self.module.rpartition('.')[2]}.{self.function}"


def undecorated(source: str) -> str:
    """The same module, decorated functions rewritten as plain ones that are decorated afterwards."""
    lines = source.splitlines()
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            names = [ast.unparse(d) for d in node.decorator_list]
            if names != ["classmethod"] and names != ["abstractmethod"]:
                found.append((node, names))
    for node, names in sorted(found, key=lambda pair: -pair[0].lineno):
        pad = " " * node.col_offset
        plain = f"plain_{node.name.lstrip('_')}"
        call = plain
        for name in reversed(names):
            call = f"{name}({call})"
        body = lines[node.lineno - 1 : node.end_lineno]
        body[0] = body[0].replace(f"def {node.name}(", f"def {plain}(", 1)
        first = node.decorator_list[0].lineno - 1
        lines[first : node.end_lineno] = [*body, "", f"{pad}{node.name} = {call}"]
    return "\n".join(lines) + "\n"


def prepare() -> None:
    """A copy of what git knows, as it stands in the work tree."""
    COPY.mkdir(parents=True, exist_ok=True)
    for name in ("qte", "tests"):
        shutil.rmtree(COPY / name, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "qte", "tests", "config.yaml", "pyproject.toml"],
        cwd=PROJECT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        target = COPY / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, target)
    for file in MODULES.values():
        path = COPY / file
        path.write_text(undecorated(path.read_text()))


def run(names: list[str]) -> None:
    """Mutate and test: all that has no result yet, or the mutants and patterns named."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1", *names]
    subprocess.run(command, cwd=COPY, env=environment, check=True)


def outcomes(module: str) -> dict[str, int | None]:
    """What mutmut noted of every mutant of a module, by its name."""
    notes = json.loads((COPY / "mutants" / f"{MODULES[module]}.meta").read_text())
    return dict(notes["exit_code_by_key"])


def results(module: str) -> list[Mutant]:
    """What became of every mutant of a module."""
    tree = ast.parse((COPY / "mutants" / MODULES[module]).read_text())
    bodies = {n.name: ast.unparse(_anonymous(n)) for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    out = []
    for key, code in outcomes(module).items():
        mangled = key.rsplit(".", 1)[1]
        stem = mangled.rsplit("_", 1)[0]
        before, after = bodies[f"{stem}_orig"], bodies[mangled]
        if code is NOT_RUN:
            raise SystemExit(f"{key} has not been tested")
        removed, added = _difference(before, after)
        out.append(Mutant(module, _readable(stem), removed, added, code not in (SURVIVED, NO_TESTS)))
    return out


def _anonymous(node: ast.FunctionDef) -> ast.FunctionDef:
    return ast.FunctionDef(
        **{name: getattr(node, name) for name in node._fields} | {"name": "f", "decorator_list": []},
        lineno=0,
    )


def _difference(before: str, after: str) -> tuple[str, str]:
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    gone, come = (" ".join(line[2:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return gone, come


def _readable(stem: str) -> str:
    name = stem.removesuffix("__mutmut").removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    head, _, tail = name.rpartition(".")
    tail = tail.removeprefix("plain_")
    return f"{head}.{tail}" if head else tail


def explanation(mutant: Mutant, known: list[dict[str, Any]]) -> str | None:
    """Why a survivor may live: the entry of its function whose text is in the line that came."""
    for entry in known:
        here = entry["in"] in ("*", f"{mutant.where.partition('.')[0]}.*", mutant.where)
        if here and entry.get("gone", "") in mutant.removed and entry.get("come", "") in mutant.added:
            return str(entry["why"])
    return None


def page(mutants: list[Mutant], known: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """The page, and what is wrong."""
    wrong, rows, survivors = [], [], []
    for module in (*MODULES, None):
        chosen = [m for m in mutants if module in (m.module, None)]
        killed = sum(m.killed for m in chosen)
        share = killed / len(chosen)
        name = f"`qte.{module}`" if module else "together"
        rows.append(f"| {name} | {len(chosen)} | {killed} | {len(chosen) - killed} | {100 * share:.1f} % |")
        if module and share < WANTED:
            wrong.append(f"{module}: {100 * share:.1f} % of the mutants killed")
    for mutant in (m for m in mutants if not m.killed):
        why = explanation(mutant, known)
        if why is None:
            wrong.append(f"{mutant.where}: {mutant.removed} -> {mutant.added}")
        cells = [f"`{mutant.where}`"]
        cells += [f"`{shown}`" if shown else "–" for shown in _shorten(mutant.removed, mutant.added)]
        cells = [*(cell.replace("|", "\\|") for cell in cells), why or "**not explained**"]
        survivors.append(f"| {' | '.join(cells)} |")
    return "\n".join([*INTRODUCTION, *rows, "", *SURVIVORS, *survivors]) + "\n", wrong


def _common(a: str, b: str) -> int:
    """How many characters two texts begin with together."""
    return next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _shorten(removed: str, added: str) -> tuple[str, str]:
    """The part of the two lines that differs, with a few characters around it."""
    start = _common(removed, added)
    tail = _common(removed[start:][::-1], added[start:][::-1])
    start, tail = max(0, start - 25), max(0, tail - 12)
    return tuple(line[start : len(line) - tail].strip() for line in (removed, added))  # type: ignore[return-value]


INTRODUCTION = [
    "# Mutation testing of the solver's core",
    "",
    "Written by `make mutants`: mutmut changes one thing in one function of a copy (an operator, a number, an",
    "argument, a keyword), and the fast tests named in `[tool.mutmut]` of pyproject.toml must notice. Decorated",
    "functions (properties, cached ones) are mutated as well; numbers outside functions are not. Every mutant starts",
    "from a process that has run no test, so that no cache knows what the unchanged code gave.",
    "",
    "| module | mutants | killed | survive | share |",
    "|---|---|---|---|---|",
]
SURVIVORS = [
    "## Survivors",
    "",
    "Each was read; the explanations are kept in `benchmarks/mutants.yaml`. One that has none fails the target.",
    "",
    "| where | was | became | why it lives |",
    "|---|---|---|---|",
]


def main() -> None:
    chosen = sys.argv[1:]
    unknown = sorted(set(chosen) - {*MODULES, "survivors"})
    if unknown:
        raise SystemExit(
            f"Not a module that is mutated: {', '.join(unknown)}; choose among {', '.join(MODULES)}"
        )
    prepare()
    names = [f"qte.{module}.*" for module in chosen if module in MODULES]
    if "survivors" in chosen:
        notes = [pair for module in MODULES for pair in outcomes(module).items()]
        names += [name for name, code in notes if code in (SURVIVED, NO_TESTS, NOT_RUN)]
    run(names)
    mutants = [m for module in MODULES for m in results(module)]
    text, wrong = page(mutants, yaml.safe_load(EXPLAINED.read_text()) or [])
    PAGE.write_text(text)
    print(f"{PAGE.relative_to(PROJECT)}: {sum(m.killed for m in mutants)} of {len(mutants)} mutants killed")
    if wrong:
        raise SystemExit("\n".join(["Not good enough:", *wrong]))


if __name__ == "__main__":
    main()
