"""Mutation testing of the solver's core with mutmut; writes ``docs/mutants.md``.

A copy of the project is mutated in ``results/mutants``, never the project itself.  mutmut leaves decorated
functions out, so in the copy ``@property def f`` is first rewritten as a plain function and ``f = property(…)``.
Which tests run is said in ``[tool.mutmut]`` of pyproject.toml.  Survivors must be explained in
``benchmarks/mutants.yaml``; what is not explained, or a module below 90 %, fails.

Some 7000 mutants, many of which every test covers, take days. So of each module a sample is tried, drawn once by
the names of its mutants: the share that is killed comes with what it says of the whole module. tests/mutants.py keeps
a run short: quick tests first, and an end to mutants that loop for ever.

What was found before stands unless its function has changed. After the command one may name modules to go through
wholly, ``survivors``, who meet the tests as they are now, or another size of the samples:
``python benchmarks/mutants.py solver.steady``, ``python benchmarks/mutants.py 100``.  A run that was stopped goes on
where it was; the size 0 tries none and writes the page of what has been tried.
"""

from __future__ import annotations

import ast
import difflib
import json
import math
import os
import random
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
# How the explanation of a survivor begins that is the same program.
EQUAL = "Equal:"
# Mutants of each module that are tried; a larger sample holds the smaller one.
SAMPLE = 40
# what mutmut notes: pytest's exit code, or the signal that ended a test that did not come to an end; CANNOT is a run
# of pytest that found no test by one of its names
SURVIVED, NO_TESTS, CANNOT, NOT_RUN = 0, 33, 255, None


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
        # mutants are made anew of files that are younger than they are
        shutil.copystat(PROJECT / file, path)


def run(names: list[str]) -> None:
    """Mutate and test the mutants and patterns named."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1", *names]
    subprocess.run(command, cwd=COPY, env=environment, check=True)


def outcomes(module: str) -> dict[str, int | None]:
    """What mutmut noted of every mutant of a module, by its name."""
    notes = json.loads((COPY / "mutants" / f"{MODULES[module]}.meta").read_text())
    return dict(notes["exit_code_by_key"])


def sample(module: str, size: int) -> list[str]:
    """So many of a module's mutants, drawn by their names alone."""
    names = sorted(outcomes(module))
    random.Random(module).shuffle(names)
    return names[:size]


def made() -> None:
    """All mutants, none of them tested but one that few tests meet, as mutmut makes none without a test."""
    if not all((COPY / "mutants" / f"{file}.meta").exists() for file in MODULES.values()):
        run(["qte.machines.validity.*Validity*__iter__*"])


def interval(killed: int, tried: int) -> tuple[float, float]:
    """Where the share of a whole lies in 19 of 20 cases (Wilson), from a sample of it."""
    z = 1.959964
    middle, scale = killed / tried + z * z / (2 * tried), 1 + z * z / tried
    wide = z * math.sqrt(killed * (tried - killed) / tried**3 + (z / (2 * tried)) ** 2)
    return (middle - wide) / scale, (middle + wide) / scale


def results(module: str) -> list[Mutant]:
    """What became of every mutant of a module that was tried."""
    tree = ast.parse((COPY / "mutants" / MODULES[module]).read_text())
    bodies = {n.name: ast.unparse(_anonymous(n)) for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    out = []
    for key, code in outcomes(module).items():
        if code == CANNOT:
            raise SystemExit(
                f"The tests of {key} cannot be run: is the name of one of them not always the same?"
            )
        if code is NOT_RUN:
            continue
        mangled = key.rsplit(".", 1)[1]
        stem = mangled.rsplit("_", 1)[0]
        before, after = bodies[f"{stem}_orig"], bodies[mangled]
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
    near = _shorten(mutant.removed, mutant.added, before=60, after=24)
    for entry in known:
        here = entry["in"] in ("*", f"{mutant.where.partition('.')[0]}.*", mutant.where)
        # what explains any function is looked for next to the change, not elsewhere in its line
        gone, come = near if entry["in"] == "*" else (mutant.removed, mutant.added)
        if here and entry.get("gone", "") in gone and entry.get("come", "") in come:
            return str(entry["why"])
    return None


def page(mutants: list[Mutant], sizes: dict[str, int], known: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """The page, and what is wrong; `sizes` counts the mutants of every module, tried or not."""
    wrong, rows, survivors = [], [], []
    lives = {m: explanation(m, known) for m in mutants if not m.killed}
    equal = {m for m, why in lives.items() if (why or "").startswith(EQUAL)}
    for module in (*MODULES, None):
        chosen = [m for m in mutants if module in (m.module, None)]
        killed, same, tried = sum(m.killed for m in chosen), sum(m in equal for m in chosen), len(chosen)
        whole = sum(sizes[name] for name in ([module] if module else MODULES))
        if tried == same:
            rows.append(f"| `qte.{module}` | {whole} | {tried} | 0 | {same} | 0 | | |")
            wrong.append(f"{module}: no mutant tried that is another program")
            continue
        share, between = killed / (tried - same), "all tried"
        if tried < whole:
            between = "{:.0f} to {:.0f} %".format(*(100 * end for end in interval(killed, tried - same)))
        name = f"`qte.{module}`" if module else "together"
        counts = f"{whole} | {tried} | {killed} | {same} | {tried - same - killed}"
        rows.append(f"| {name} | {counts} | {100 * share:.1f} % | {between} |")
        if module and share < WANTED:
            wrong.append(f"{module}: {100 * share:.1f} % of the mutants killed")
    for mutant, why in lives.items():
        if why is None:
            wrong.append(f"{mutant.where}: {mutant.removed} -> {mutant.added}")
        cells = [f"`{mutant.where}`"]
        cells += [f"`{shown}`" if shown else "–" for shown in _shorten(mutant.removed, mutant.added)]
        cells = [*(cell.replace("|", "\\|") for cell in cells), why or "**not explained**"]
        survivors.append(f"| {' | '.join(cells)} |")
    introduction = "\n".join(INTRODUCTION).replace("{commit}", _commit())
    return "\n".join([introduction, *rows, "", *SURVIVORS, *survivors]) + "\n", wrong


def _commit() -> str:
    asked = ["git", "rev-parse", "--short=8", "HEAD"]
    return subprocess.run(asked, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.strip()


def _common(a: str, b: str) -> int:
    """How many characters two texts begin with together."""
    return next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _shorten(removed: str, added: str, *, before: int = 25, after: int = 12) -> tuple[str, str]:
    """The part of the two lines that differs, with a few characters around it."""
    start = _common(removed, added)
    tail = _common(removed[start:][::-1], added[start:][::-1])
    start, tail = max(0, start - before), max(0, tail - after)
    return tuple(line[start : len(line) - tail].strip() for line in (removed, added))  # type: ignore[return-value]


INTRODUCTION = [
    "# Mutation testing of the solver's core",
    "",
    "Written by `make mutants`: mutmut changes one thing in one function of a copy (an operator, a number, an",
    "argument, a keyword), and the fast tests named in `[tool.mutmut]` of pyproject.toml must notice. Decorated",
    "functions (properties, cached ones) are mutated as well; numbers outside functions are not. Every mutant starts",
    "from a process that has run no test, so that no cache knows what the unchanged code gave.",
    "",
    "Of a module of many mutants a sample is tried, drawn by their names; the last column says where the share of",
    'all lies, at 95 %. "Killed" are mutants at which a test fails or does not come to its end; "equal" are those',
    "that compute the same from every input. No test can tell them: each is explained below, and the share leaves",
    "them out. The numbers are those of the core at commit {commit}; `git log {commit}.. -- qte` tells what changed.",
    "",
    "| module | mutants | tried | killed | equal | survive | share | of all, at 95 % |",
    "|---|---|---|---|---|---|---|---|",
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
    size = max((int(word) for word in chosen if word.isdecimal()), default=SAMPLE)
    unknown = sorted({word for word in chosen if not word.isdecimal()} - {*MODULES, "survivors"})
    if unknown:
        raise SystemExit(
            f"Not a module that is mutated: {', '.join(unknown)}; choose among {', '.join(MODULES)}"
        )
    prepare()
    made()
    notes = {module: outcomes(module) for module in MODULES}
    names = [name for m in MODULES for name in sample(m, size) if notes[m][name] in (NOT_RUN, CANNOT)]
    names += [f"qte.{module}.*" for module in chosen if module in MODULES]
    if "survivors" in chosen:
        names += [k for codes in notes.values() for k, code in codes.items() if code in (SURVIVED, NO_TESTS)]
    if names:
        run(names)
    mutants = [m for module in MODULES for m in results(module)]
    sizes = {module: len(codes) for module, codes in notes.items()}
    text, wrong = page(mutants, sizes, yaml.safe_load(EXPLAINED.read_text()) or [])
    PAGE.write_text(text)
    print(f"{PAGE.relative_to(PROJECT)}: {sum(m.killed for m in mutants)} of {len(mutants)} mutants killed")
    if wrong:
        raise SystemExit("\n".join(["Not good enough:", *wrong]))


if __name__ == "__main__":
    main()
