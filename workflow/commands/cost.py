"""What a table costs, before it is computed:  make cost TABLE=khandelwal2025/robustness

A few blocks of the table, spread over its grid, are computed in a process of their own; what they took in time, memory
and bytes is what the rest is reckoned from.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from qte.common.parameters import did_you_mean
from qte.data import shards
from qte.data.partitioned import PartitionedStudy, block_of
from qte.data.tables import Provenance
from workflow.config import config_checks
from workflow.identity import project_environment
from workflow.plan.plan import Plan

CONFIG = Path("config.yaml")
# Blocks of the sample, and seconds after which no further one is begun.
BLOCKS, ENOUGH = 7, 20.0
# What starting costs a job that a cluster starts by itself: two Snakemakes and the imports.
START = 5.0


@dataclass(frozen=True)
class Sample:
    """What some blocks of a table took."""

    blocks: int
    points: int
    seconds: float
    bytes: int
    memory: float


def blocks_to_try(points: int, block: int) -> list[tuple[int, int]]:
    """Some blocks, spread evenly from the first to the last."""
    count = -(-points // block)
    chosen = sorted({round(k * (count - 1) / (BLOCKS - 1)) for k in range(BLOCKS)})
    return [(k * block, min((k + 1) * block, points)) for k in chosen]


def take(study: PartitionedStudy, provenance: Provenance) -> Sample:
    """Compute and write the blocks, in this process."""
    blocks, points, seconds, size = 0, 0, 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        for start, stop in blocks_to_try(study.points(), block_of(study)):
            file = Path(folder, f"{start}.csv")
            begun = time.process_time()
            shards.write(study, file, shards.shard_of(provenance, start, stop), start, stop)
            seconds += time.process_time() - begun
            blocks, points = blocks + 1, points + stop - start
            size += sum(len(line) for line in file.open("rb") if not line.startswith(b"#"))
            if seconds > ENOUGH:
                break
    return Sample(blocks, points, seconds, size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measure(table: str) -> Sample:
    """The sample of a table, taken in a fresh process, so that its memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "workflow.commands.cost", "--sample", table], capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(
            f"The sample of {table} failed: {(done.stderr.strip() or 'no message').splitlines()[-1]}"
        )
    return Sample(**json.loads(done.stdout))


def report(table: str, points: int, cuts: tuple[tuple[int, int], ...], sample: Sample) -> str:
    """The bill, one line an item."""
    each = sample.seconds / sample.points
    jobs = max(1, len(cuts))
    most = max((stop - start for start, stop in cuts), default=points)
    size = sample.bytes / sample.points * points / 1e6
    total = each * points
    return "\n".join(
        [
            f"{table}: {points} points in {jobs} {'shards' if jobs > 1 else 'job'} of at most {most}",
            f"  measured    {sample.blocks} blocks, {sample.points} points: {each * 1e6:.2f} µs a point, "
            f"{1 / each:.0f} points a second and core",
            f"  core hours  {total / 3600:.3g} ({total:.3g} s), of which {most * each:.3g} s in the longest job",
            f"  memory      {sample.memory:.0f} MB a job",
            f"  file        {size:.3g} MB"
            + (", and as much for its shards until it is whole" if jobs > 1 else ""),
            f"  cluster     {jobs * START / 3600:.2g} core hours more for starting, {START:g} s a job"
            + ("; fewer shards would cost less" if jobs * START > total else ""),
        ]
    )


def find(the_plan: Plan, table: str) -> tuple[str, str]:
    """Paper and name of a table; `SystemExit` with the nearest name if there is none."""
    known = {"/".join(key): key for key in [*the_plan.tables, *the_plan.large("tables")]}
    if table not in known:
        hint = did_you_mean(table, list(known))
        raise SystemExit(f"There is no table {table!r}{hint}; say TABLE=paper/table, as in config.yaml")
    if the_plan.is_data(*known[table]):
        raise SystemExit(
            f"{table} is data from {the_plan.entry('tables', *known[table])['file']}: it costs nothing"
        )
    return known[table]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", help="paper/table")
    parser.add_argument("--sample", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    text = config_checks.refuse_unreadable(CONFIG)
    config_checks.refuse_wrong(CONFIG, text)
    the_plan = Plan(text.data)
    paper, name = find(the_plan, asked.table)
    study = the_plan.study(paper, name)
    if not isinstance(study, PartitionedStudy):
        raise SystemExit(
            f"The study of {asked.table} computes its table as a whole: there is no part to measure. "
            f"What its last run took: results/benchmarks/tables/{asked.table}.tsv"
        )
    study.check()
    if asked.sample:
        print(json.dumps(vars(take(study, the_plan.provenance(paper, name)))))
    else:
        sample = measure(asked.table)
        print(report(asked.table, study.points(), the_plan.cuts(paper, name), sample))


if __name__ == "__main__":
    project_environment.pin(Path.cwd())
    main()
