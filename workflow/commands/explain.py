"""Why a figure would be made again now, or why not, and what it is made of.

python -m workflow.commands.explain paper/figure [--configfile my.yaml]

Which jobs would run is Snakemake's own answer (a dry run); this script adds what it cannot see: old and new
values, and the functions inside the modules.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from qte.common.parameters import did_you_mean
from qte.data import shards
from qte.data.tables import DamagedTable
from workflow.config import overlays
from workflow.config.overlays import CommandLine
from workflow.config.shared_lines import shared_lines
from workflow.plan import changes, code_records, integrity, manifests, plan, variants, wording
from workflow.plan.plan import Plan
from workflow.plan.wording import BadPlaceholder
from workflow.verify.reference import Reference

_JOB = re.compile(
    r"^Job \d+: (Computing table|Taking in data|Drawing figure) (\S+)(?: of variant \S+)?\nReason: (.*)$",
    re.MULTILINE,
)
_KINDS = {"Computing table": "table", "Taking in data": "table", "Drawing figure": "figure"}


class Explanation:
    """One figure of the project in the working directory."""

    def __init__(self, the_plan: Plan, paper: str, figure: str) -> None:
        self.plan, self.paper, self.figure = the_plan, paper, figure
        self.used = the_plan.tables_of(paper, figure)
        self.keys = the_plan.table_keys(paper, figure)
        self.manifest = manifests.read(Path(the_plan.places.manifest(paper, figure)))
        self.before = [changes.recorded_definitions(), Reference().definitions()]

    def reasons(self, planned: dict[str, str]) -> Iterator[str]:
        """Lines: each job that would run (name → Snakemake's reason), and why."""
        if not planned:
            yield "Up to date: nothing would be made again."
            yield "  its tables have the params and the code of now, its files are those that the run drew"
        for name, reason in planned.items():
            yield f"{name} would be made again:"
            kind, _, key = name.partition(" ")
            found = list(self._of_table(key) if kind == "table" else self._of_drawing())
            if kind == "figure":
                found += [
                    f"{other} will be new"
                    for other in planned
                    if other.startswith("table ") and other != name
                ]
            yield from (f"  {line}" for line in found or [f"Snakemake says: {reason}"])

    def lineage(self) -> Iterator[str]:
        """Lines: figure → tables → studies → modules → params, and the lock."""
        entry = self.plan.entry("figures", self.paper, self.figure)
        yield f"figure {self.paper}/{self.figure}: {entry['title']}"
        code = self.plan.code_behind(self.paper, self.figure)
        yield f"├ notebook {plan.notebook_file(self.paper, self.figure)}"
        yield f"│  modules: {_modules(code['drawing'])}"
        yield from (f"│  {name} = {value}" for name, value in sorted(entry.get("params", {}).items()))
        for table, file in self.used.items():
            made = self.plan.provenance(*self.keys[table])
            yield f"├ table {file}"
            yield "│  data, not computed here" if made.is_data else f"│  study {made.study}"
            yield f"│  modules: {_modules(code[f'table {table}'])}"
            shared = {} if self.plan.places.base else _shared(f"{self.paper}/{table}")
            for name, value in sorted(made.params.items()):
                yield f"│  {name} = {value}{' (ours)' if name in made.ours else ''}{shared.get(name, '')}"
        yield f"└ lock {plan.LOCK} {plan.lock_hash()[:16]}, {len(plan.locked_versions())} packages"

    def _of_table(self, job: str) -> Iterator[str]:
        """Why a table of this figure, called collection/name, would be made again."""
        found = [(name, key) for name, key in self.keys.items() if "/".join(key) == job]
        if not found:
            # what a rule of somebody's own reads on the way
            return
        name, key = found[0]
        file = self.used[name]
        if not Path(file).exists():
            yield f"{file} is not there"
            return
        try:
            have = shards.verify(file)
        except (DamagedTable, OSError):
            yield from (f"{finding.file}: {finding.why}" for finding in integrity.of_table(self.plan, *key))
            return
        want = self.plan.provenance(*key)
        yield from changes.of_provenance(vars(have), vars(want))
        made_by = code_records.code_of(file)
        if made_by is None:
            yield f"{plan.record_file(file)} does not say which code made it"
        elif made_by != self.plan.table_code(*key):
            yield from self._of_code(f"table {name}") or ["its code"]

    def _of_drawing(self) -> Iterator[str]:
        files = [*self.plan.places.drawn(self.paper, self.figure).values()]
        missing = [file for file in files if not Path(file).exists()]
        yield from (f"{file} is not there" for file in missing)
        if self.manifest is None:
            yield "it has no readable manifest: never drawn to the end"
            return
        yield from changes.of_drawing(self.manifest, self._now())
        yield from self._of_code("drawing")
        yield from changes.of_packages(self.manifest, self._now())
        if not missing:
            recorded = self.manifest["outputs"]
            touched = [file for file in files if recorded.get(file) != plan.sha256(Path(file))]
            yield from (f"{file} is not what the run drew" for file in touched)

    def _of_code(self, part: str) -> list[str]:
        """Changed modules of one part of the figure, then changed packages when it is a table's."""
        if self.manifest is None or part not in self.manifest["code"]:
            return []
        old, new = self.manifest["code"][part], self.plan.code_behind(self.paper, self.figure)[part]
        now = changes.definitions_now()
        lines: dict[str, str] = {}
        # The first record that knows a module's old functions names them.
        for before in self.before:
            for line in changes.of_code(old, new, before, now):
                module = " ".join(line.split()[:2])
                lines[module] = max(lines.get(module, ""), line, key=len)
        packages = changes.of_packages(self.manifest, self._now()) if part != "drawing" else ()
        return [*lines.values(), *packages]

    def _now(self) -> dict[str, Any]:
        present = {name: file for name, file in self.used.items() if Path(file).exists()}
        spec, complete = (
            self.plan.figure_spec(self.paper, self.figure),
            len(wording.headers(present)) == len(self.used),
        )
        now = manifests.ingredients(spec, present, strict=complete)
        if self.manifest is not None and not complete:
            # Words that take numbers from what is not there are not known to differ.
            now |= {name: self.manifest[name] for name in ("title", "caption")}
        return now


def planned_jobs(the_plan: Plan, paper: str, figure: str, files: Sequence[str] = ()) -> dict[str, str]:
    """The jobs that making this figure would take now, with Snakemake's reasons.

    Raises
    ------
    RuntimeError
        With Snakemake's own words, if it cannot plan.
    """
    # The tables too: Snakemake does not miss a file in the middle while what comes after it is there.
    targets = [*the_plan.figure_files(paper, figure), *the_plan.tables_of(paper, figure).values()]
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--dry-run", *targets]
    command += ["--configfile", *files] if files else []
    # The voice of a run would say less: snakemake_logger_plugin_qte.
    words = os.environ | {"QTE_OUTPUT": "snakemake"}
    done = subprocess.run(
        command, env=words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stdout.strip())
    return {f"{_KINDS[kind]} {name}": reason for kind, name, reason in _JOB.findall(done.stdout)}


def _shared(table: str) -> dict[str, str]:
    """Parameter → whose its line of the config is, too."""
    return {
        line.name: f" (config.yaml line {line.line}, also of {', '.join(t for t in line.tables if t != table)})"
        for line in shared_lines(Path("config.yaml"))
        if table in line.tables
    }


def _modules(digests: dict[str, str]) -> str:
    return ", ".join(digests)


def main(arguments: list[str] | None = None) -> int:
    """Explain one figure; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("figure", metavar="paper/figure")
    parser.add_argument(
        "--configfile", nargs="+", default=[], metavar="overlay", help="of a variant's figure"
    )
    given = parser.parse_args(arguments)
    name, files = given.figure, given.configfile
    configs = overlays.read(Path("config.yaml"), CommandLine(tuple(map(Path, files))))
    standard, variant = variants.plans_of(configs)
    the_plan = variant or standard
    figures = the_plan.figures if variant else [*the_plan.figures, *the_plan.large("figures")]
    known = {f"{paper}/{figure}": (paper, figure) for paper, figure in figures}
    if name not in known:
        owner = f" that differs in variant {variant.name}" if variant else ""
        hint = did_you_mean(name, known)
        print(f"no figure {name!r}{owner}{hint}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    try:
        planned = planned_jobs(the_plan, *known[name], files)
        explanation = Explanation(the_plan, *known[name])
        lines = [*explanation.reasons(planned), "", "Made of", *explanation.lineage()]
    except (RuntimeError, BadPlaceholder) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
