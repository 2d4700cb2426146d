"""Build everything in one process of a processor that may be emulated, and say what differs from the build here.

python -m workflow.commands.foreign FOLDER COMMAND...

COMMAND is an interpreter and its arguments, such as an emulator with an interpreter for another processor; `make
test-aarch64` gives one. The files of the last run here, and the parts of the ledger that are judged here, are what its
files and its rows are held against. FOLDER gets a copy of the
project and keeps what was made, so that an interrupted comparison goes on where it was. A child process would need a
kernel that knows the foreign programs; so no Snakemake and no notebook kernel, but the same jobs one after the other.
"""

import argparse
import hashlib
import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from qte.data import tables
from workflow.commands.determinism import FOREIGN, how_far, keep
from workflow.config import config_checks
from workflow.jobs import again, ledger
from workflow.jobs.again import Work
from workflow.plan import ledger_parts
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
JOBS = "jobs.pickle"
NOT_MADE = "was not made"


def works_of(the_plan: Plan) -> Iterator[Work]:
    """Every table, every figure, every part of the ledger."""
    for key in the_plan.tables:
        yield again.computing(the_plan, *key)
    for key in the_plan.figures:
        yield again.drawing(the_plan, *key)
    for paper, part in judged():
        file = ledger.part_file(paper, part)
        yield Work(ledger.JudgeEntries(ledger.spec(the_plan, paper, part), file), [file])


def judged() -> list[tuple[str, str]]:
    """The parts of the ledger that are judged here: paper, module."""
    parts = ((paper, part) for paper, parts in ledger_parts.modules_of().items() for part in parts)
    return [key for key in parts if Path(ledger.part_file(*key)).exists()]


def prepare(folder: Path, the_plan: Plan) -> None:
    """A copy of the sources and the list of jobs; what was made of the very same stays."""
    data = [the_plan.data_file(*key) for key in the_plan.data_tables()]
    files = [file for name in (*SOURCES, *data) for file in (Path(name), *sorted(Path(name).rglob("*")))]
    kept = [file for file in files if file.is_file() and "__pycache__" not in file.parts]
    # Elsewhere, other packages and other copies of the files are as they should be.
    jobs = pickle.dumps([replace(work, label=None) for work in works_of(the_plan)])
    digest = hashlib.sha256(jobs)
    for file in kept:
        digest.update(str(file).encode() + hashlib.sha256(file.read_bytes()).digest())
    made_of = folder / "made_of"
    if not made_of.exists() or made_of.read_text(encoding="utf-8") != digest.hexdigest():
        shutil.rmtree(folder, ignore_errors=True)
        for file in kept:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder / file)
        (folder / JOBS).write_bytes(jobs)
        made_of.write_text(digest.hexdigest(), encoding="utf-8")


def build() -> int:
    """Do the jobs of the list in this folder, in this process; returns how many failed."""
    failed = 0
    for work in pickle.loads(Path(JOBS).read_bytes()):
        if all(Path(file).exists() for file in work.outputs):
            continue
        for file in work.outputs:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
        try:
            work.job.run()
        except Exception as error:
            failed += 1
            print(f"{work.outputs[0]}: {type(error).__name__}: {error}", flush=True)
        else:
            print(work.outputs[0], flush=True)
    return failed


def compare(folder: Path, the_plan: Plan) -> Iterator[tuple[str, str]]:
    """(file, how it differs) of every file that is not the same bytes."""
    for paper, table in the_plan.tables:
        file = STANDARD.table(paper, table)
        yield from _difference(Path(file), folder / file)
    for paper, figure in the_plan.figures:
        for file in STANDARD.drawn(paper, figure).values():
            yield from _difference(Path(file), folder / file)


def compare_rows(folder: Path) -> Iterator[tuple[str, str]]:
    """(paper and entry, how it differs) of every row that is not the same; "" if it is."""
    for paper, part in judged():
        here, there = (_rows(root / ledger.part_file(paper, part)) for root in (Path(), folder))
        for name, row in here.items():
            other = there.get(name, {})
            changed = [f"{k}: {_json(row[k])} against {_json(other[k])}" for k in other if row[k] != other[k]]
            yield f"{paper}, {name}", "; ".join(changed) if other else "was not judged"


def _rows(file: Path) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in ledger.rows_of_part(str(file))} if file.exists() else {}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _difference(here: Path, there: Path) -> Iterator[tuple[str, str]]:
    if not there.exists():
        yield str(here), NOT_MADE
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
    prepare(given.folder, the_plan)
    code = (
        "from workflow.identity import project_environment as p; from pathlib import Path; p.pin(Path.cwd());"
        "import sys; from workflow.commands.foreign import build; sys.exit(min(build(), 99))"
    )
    subprocess.run([*given.command, "-c", code], cwd=given.folder, check=False)
    files, rows = list(compare(given.folder, the_plan)), list(compare_rows(given.folder))
    if NOT_MADE not in dict(files).values():
        keep(how_far(FOREIGN, [name for name, _ in files], Path(), given.folder, the_plan))
    other = [(name, how) for name, how in rows if how]
    for name, how in (*files, *other):
        print(f"{name}: {how}")
    if rows:
        print(f"{len(rows) - len(other)} of {len(rows)} rows of the ledger are the same")
    total = len(the_plan.tables) + 4 * len(the_plan.figures)
    print(f"{total - len(files)} of {total} files are the same bytes")
    return 1 if files or other else 0


if __name__ == "__main__":
    sys.exit(main())
