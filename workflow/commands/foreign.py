"""Build everything in one process of a processor that may be emulated, and say what differs from the build here.

python -m workflow.commands.foreign FOLDER COMMAND...

COMMAND is an interpreter and its arguments, such as an emulator with an interpreter for another processor; `make
test-aarch64` gives one. The files of the last run here are what its files are held against. FOLDER gets a copy of the
project and keeps what was made, so that an interrupted comparison goes on where it was. A child process would need a
kernel that knows the foreign programs; so no Snakemake and no notebook kernel, but the same jobs one after the other.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from qte.data import tables
from workflow.config import config_checks
from workflow.jobs import results
from workflow.plan.plan import STANDARD, Plan
from workflow.verify import differences

SOURCES = (
    "config.yaml",
    "requirements.lock",
    "qte",
    "workflow",
    "notebooks",
    "pyproject.toml",
    "CITATION.cff",
    "snakemake_logger_plugin_qte",
)
TODO = "jobs.json"
KINDS = {"table": results.BuildTable, "figure": results.DrawFigure}


def jobs_of(the_plan: Plan) -> Iterator[tuple[str, str, dict[str, object]]]:
    """(kind, the file that tells it is done, what the job is made of) of every table and figure, tables first."""
    for paper, table in the_plan.tables:
        job = results.BuildTable(the_plan.table_spec(paper, table), STANDARD.table(paper, table))
        yield "table", job.output, asdict(job)
    for paper, figure in the_plan.figures:
        draw = results.DrawFigure(the_plan.figure_spec(paper, figure), the_plan.tables_of(paper, figure))
        yield "figure", STANDARD.manifest(paper, figure), asdict(draw) | {"places": None}


def prepare(folder: Path, the_plan: Plan) -> None:
    """A copy of the sources and the list of jobs; what is made already stays."""
    for name in SOURCES:
        target = folder / name
        if Path(name).is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(name, target)
    (folder / TODO).write_text(json.dumps(list(jobs_of(the_plan))), encoding="utf-8")


def build() -> int:
    """Do the jobs of the list in this folder, in this process."""
    failed = 0
    for kind, output, made_of in json.loads(Path(TODO).read_text(encoding="utf-8")):
        if Path(output).exists():
            continue
        Path(output).parent.mkdir(parents=True, exist_ok=True)
        made_of.pop("places", None)
        try:
            KINDS[kind](**made_of).run()
        except Exception as error:
            failed += 1
            print(f"{output}: {type(error).__name__}: {error}", flush=True)
        else:
            print(output, flush=True)
    return failed


def compare(folder: Path, the_plan: Plan) -> Iterator[tuple[str, str]]:
    """(file, how it differs) of every file that is not the same bytes."""
    for paper, table in the_plan.tables:
        file = STANDARD.table(paper, table)
        yield from _difference(Path(file), folder / file)
    for paper, figure in the_plan.figures:
        for file in STANDARD.drawn(paper, figure).values():
            yield from _difference(Path(file), folder / file)


def _difference(here: Path, there: Path) -> Iterator[tuple[str, str]]:
    if not there.exists():
        yield str(here), "was not made"
    elif here.read_bytes() != there.read_bytes():
        yield str(here), _how(here, there)


def _how(here: Path, there: Path) -> str:
    if here.suffix == ".csv":
        return (
            "; ".join(map(str, differences.of_tables(tables.read(here), tables.read(there))))
            or "the head alone"
        )
    if here.suffix == ".png":
        largest, _ = differences.of_pictures(here.read_bytes(), there.read_bytes())
        return f"colours of its pixels by at most {largest} of 255"
    return "other bytes"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="foreign", description="Build on another processor and compare.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args(arguments)
    the_plan = Plan(config_checks.sound(Path("config.yaml")))
    given.folder.mkdir(parents=True, exist_ok=True)
    prepare(given.folder, the_plan)
    code = (
        "from workflow.identity import project_environment as p; from pathlib import Path; p.pin(Path.cwd());"
        "import sys; from workflow.commands.foreign import build; sys.exit(min(build(), 99))"
    )
    subprocess.run([*given.command, "-c", code], cwd=given.folder, check=False)
    found = list(compare(given.folder, the_plan))
    for file, how in found:
        print(f"{file}: {how}")
    total = len(the_plan.tables) + 4 * len(the_plan.figures)
    print(f"{total - len(found)} of {total} files are the same bytes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
