"""Which existing results are not what they should be, found by content before the jobs are planned.

Snakemake compares what goes into a job, never what came out. So every table is held against its own checksum, its
provenance and the record of its code, every drawing against its manifest, and what does not fit is made anew:
truncated, edited, swapped with another file, or left over from other parameters after `.snakemake` was lost.
"""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qte.data import provenance
from qte.data.provenance import Provenance
from qte.data.table_files import DamagedTable
from workflow.identity import code_memory
from workflow.plan import changes, code_records, manifests, plan, wording
from workflow.plan.checksums import sums_of
from workflow.plan.plan import Plan

# Everything whose time Snakemake looks at.
_DATED = ("config.yaml", "figures", "notebooks", "reference", "results")


def reset_future_mtimes() -> None:
    """Date files of the future today: a clock was set back, and Snakemake would refuse to work with them."""
    now = time.time()
    for root in map(Path, _DATED):
        for file in (root, *root.rglob("*")):
            with suppress(OSError):
                if file.stat().st_mtime > now:
                    os.utime(file)


@dataclass(frozen=True)
class Finding:
    """A result to make again, and why."""

    file: str
    why: str
    damaged: bool = True


@cache
def of_table(the_plan: Plan, paper: str, table: str) -> list[Finding]:
    """Read a table and compare where it comes from with the config; nothing when there is no file."""
    file = the_plan.table_file(paper, table)
    if not Path(file).exists():
        return []
    found = _compared(file, the_plan.provenance(paper, table))
    return found or of_record(file, the_plan.table_code(paper, table))


def of_record(file: str, code: str) -> list[Finding]:
    """Compare the code that made a file, as the record beside it says, with the code of now."""
    made_by = code_records.code_of(file)
    if made_by == code:
        return []
    if made_by is not None:
        return [Finding(file, "made with other code", damaged=False)]
    record = plan.record_file(file)
    why = "it does not say which code made the file beside it" if Path(record).exists() else "it is not there"
    return [Finding(record, why)]


def of_shard(the_plan: Plan, paper: str, table: str, start: int, stop: int) -> list[Finding]:
    """Look at what a run that did not come to its end left of a table; nothing when there is no file."""
    file = the_plan.places.shard(paper, table, start, stop)
    if not Path(file).exists():
        return []
    found = _compared(file, provenance.shard_of(the_plan.shard_provenance(paper, table), start, stop))
    return found or of_record(file, the_plan.table_code(paper, table))


def _compared(file: str, want: Provenance) -> list[Finding]:
    try:
        # its bytes against its checksum; nothing here asks for the rows as numbers
        have = provenance.verify(file)
    except DamagedTable as error:
        return [Finding(file, error.reason)]
    except OSError as error:
        return [Finding(file, error.strerror or "cannot be read")]
    if plan.canonical_json(vars(have)) == plan.canonical_json(vars(want)):
        return []
    if (have.paper, have.table) != (want.paper, want.table):
        return [Finding(file, f"it holds the table {have.paper}/{have.table}")]
    changed = [name for name in vars(want) if getattr(have, name, None) != getattr(want, name)]
    return [Finding(file, f"made with other {', '.join(changed)}", damaged=False)]


@cache
def of_figure(the_plan: Plan, paper: str, figure: str) -> list[Finding]:
    """Compare a whole figure with its manifest, and the manifest with what it should say.

    A figure whose tables are wrong is drawn again anyway, and one that lacks a file too: no finding.
    """
    used = the_plan.tables_of(paper, figure)
    manifest = Path(the_plan.places.manifest(paper, figure))
    files = [*the_plan.figure_files(paper, figure), *used.values()]
    if not all(Path(file).exists() for file in files) or any(
        of_table(the_plan, *key) for key in the_plan.table_keys(paper, figure).values()
    ):
        return []
    spec = the_plan.figure_spec(paper, figure)
    try:
        if manifest.read_bytes() == manifests.manifest(spec, used, the_plan.places):
            return []
    except wording.BadPlaceholder as error:
        # Its job says so and fails; all other figures are made.
        return [Finding(str(manifest), str(error), damaged=False)]
    recorded = manifests.read(manifest)
    if recorded is None:
        return [Finding(str(manifest), "it is not the manifest that the run wrote")]
    now, then = manifests.outputs(paper, figure, the_plan.places), recorded.get("outputs", {})
    touched = [Finding(file, "it is not what the run drew") for file in now if then.get(file) != now[file]]
    want = manifests.ingredients(spec, used)
    changed = [name for name in want if recorded.get(name) != want[name]]
    if changed:
        touched.append(Finding(str(manifest), f"drawn with other {', '.join(changed)}", damaged=False))
    return touched or [Finding(str(manifest), "it is not the manifest that the run wrote")]


def of_sums(the_plan: Plan) -> list[Finding]:
    """Compare the list of checksums with the files, when these are all there and sound."""
    sums = the_plan.places.sums
    if not all(Path(file).exists() for file in [sums, *the_plan.summed()]):
        return []
    if any(of_table(the_plan, *key) for key in the_plan.tables):
        return []
    if any(of_figure(the_plan, *key) for key in the_plan.figures):
        return []
    if Path(sums).read_bytes() == sums_of(the_plan.summed(), the_plan.places.base):
        return []
    return [Finding(sums, "it is not the list of what is here")]


def of_code_memory() -> list[Finding]:
    """Look at the record of the code, and at what is remembered of the sources."""
    file, record = Path(code_memory.FILE), Path(changes.RECORD)
    if not (file.exists() and record.exists()):
        return []
    damaged = changes.RECORD if code_memory.is_sound(file) else code_memory.FILE
    return [] if code_memory.is_beside(file, record) else [Finding(damaged, "it is not what the run wrote")]
