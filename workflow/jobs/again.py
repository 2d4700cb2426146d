"""What is believed of a result is what its job makes of its ingredients: jobs done again in a folder of their own.

A manifest, a list of checksums and a record can all be made to fit a forged drawing. So a result that is not, byte for
byte, the one that was accepted is made again before `verify`, `accept`, `identify` or `archive` vouches for it; under
the same observation as in a run, since what a run would refuse must not come in by this way.
"""

import os
import pickle
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow.config.data_checks import MADE
from workflow.identity import project_environment
from workflow.identity.label import Label
from workflow.jobs.observation import Observed
from workflow.jobs.results import BuildTable, DrawFigure, ImportData
from workflow.plan import labels, manifests, plan
from workflow.plan.plan import Plan
from workflow.snakemake_door.job import Job, JobFailed
from workflow.snakemake_door.made_files import FOLDERS
from workflow.verify import chain
from workflow.verify.reference import Reference

Key = tuple[str, str]
_OWN = (*FOLDERS, ".snakemake")
# Does the jobs that come, pickled, on its standard input. What keeps the sources comes before the first of qte.
_BEGIN = "import sys, workflow.identity.executed; from workflow.jobs import again; sys.exit(again.main())"


@dataclass(frozen=True)
class Work:
    """A job, the results that it makes and those that it reads, and what it is held against, if it is observed."""

    job: Job
    outputs: Sequence[str]
    inputs: Collection[str] = ()
    label: Label | None = None

    def observed(self) -> Job:
        """The job as a run does it."""
        return Observed(self.job, self.label) if self.label else self.job


def drawing(the_plan: Plan, paper: str, figure: str) -> Work:
    """How a figure is drawn."""
    used = the_plan.tables_of(paper, figure)
    job = DrawFigure(the_plan.figure_spec(paper, figure), used, the_plan.engine, the_plan.places)
    label = labels.of_figure(the_plan, paper, figure)
    return Work(job, the_plan.figure_files(paper, figure), tuple(used.values()), label)


def computing(the_plan: Plan, paper: str, table: str) -> Work:
    """How a table is computed, as a whole, or taken in from a data file."""
    file, spec = the_plan.table_file(paper, table), the_plan.table_spec(paper, table)
    outputs = (file, plan.record_file(file))
    if the_plan.is_data(paper, table):
        data = the_plan.data_file(paper, table)
        job: Job = ImportData(spec, file, data)
        inputs = [data] if data.startswith(MADE) else []
    else:
        job, inputs = BuildTable(spec, file), []
    return Work(job, outputs, inputs, labels.of_table(the_plan, paper, table))


def made(works: Sequence[Work]) -> dict[str, bytes]:
    """Do jobs again elsewhere; returns file → content, of all that they make.

    Raises
    ------
    JobFailed
        If a job cannot be done.
    """
    if not works:
        return {}
    with tempfile.TemporaryDirectory(prefix="qte-again-") as root:
        elsewhere = _stage(Path(root), [file for work in works for file in work.inputs])
        _do([work.observed() for work in works], elsewhere)
        return {file: (elsewhere / file).read_bytes() for work in works for file in work.outputs}


def differing(works: Sequence[Work]) -> list[str]:
    """The results here that are not what their jobs make, sorted; see `made`."""
    return sorted(
        file
        for file, content in made(works).items()
        if not Path(file).is_file() or Path(file).read_bytes() != content
    )


def said_of(files: Iterable[str]) -> str:
    """What people read when files are not proven."""
    return f"not what its job makes when it is done again: {', '.join(files)}"


def unproven(the_plan: Plan, figures: Iterable[Key]) -> list[str]:
    """Files of figures, and of their tables, that nobody accepted and that do not come out the same again."""
    reference = Reference()
    trusted = not chain.faults(reference.folder)
    accepted = reference.checksums() if trusted else {}
    works: dict[str, Work] = {}
    for key in figures:
        if not (trusted and is_accepted(the_plan, reference, *key)):
            works["/".join(key)] = drawing(the_plan, *key)
        for table in the_plan.table_keys(*key).values():
            file = the_plan.table_file(*table)
            if accepted.get(file) != plan.sha256(Path(file)):
                works[file] = computing(the_plan, *table)
    return differing(list(works.values()))


def unproven_of(the_plan: Plan, figures: Collection[Key]) -> dict[Key, list[str]]:
    """`unproven` by figure; a table counts for each figure that is drawn from it."""
    found = set(unproven(the_plan, figures))
    files = {key: [*the_plan.figure_files(*key), *the_plan.tables_of(*key).values()] for key in figures}
    return {key: sorted(found.intersection(its_files)) for key, its_files in files.items()}


def is_accepted(the_plan: Plan, reference: Reference, paper: str, figure: str) -> bool:
    """Whether a figure is the accepted one: made of the same, with the same files."""
    here = manifests.read(Path(the_plan.places.manifest(paper, figure)))
    if here is None or (paper, figure) not in reference.figures():
        return False
    same = manifests.content(here) == manifests.content(reference.manifest(paper, figure))
    return same and manifests.outputs(paper, figure, the_plan.places) == here["outputs"]


def _stage(root: Path, inputs: Iterable[str]) -> Path:
    """A folder like the project, without results but for the inputs."""
    elsewhere = root / "project"
    elsewhere.mkdir()
    for source in Path().absolute().iterdir():
        if source.name not in _OWN:
            (elsewhere / source.name).symlink_to(source)
    for file in inputs:
        (elsewhere / file).parent.mkdir(parents=True, exist_ok=True)
        if not (elsewhere / file).exists():
            (elsewhere / file).symlink_to(Path(file).absolute())
    return elsewhere


def _do(jobs: list[Job], folder: Path) -> None:
    # -P and the path: code is imported from where this module is, not through the links in the folder.
    pinned = project_environment.pinned(Path.cwd()) | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-P", "-c", _BEGIN],
        input=pickle.dumps(jobs),
        cwd=folder,
        env=os.environ | pinned,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise JobFailed(f"cannot be made again: {said[-1] if said else 'no message'}")


def main() -> int:
    """Do each job in a fork of its own, as a run does."""
    for job in pickle.load(sys.stdin.buffer):
        child = os.fork()
        if child == 0:
            failed = 1
            try:
                job.run()
                failed = 0
            except JobFailed as error:
                print(error, file=sys.stderr)
            except Exception:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(failed)
        if os.waitpid(child, 0)[1]:
            return 1
    return 0
