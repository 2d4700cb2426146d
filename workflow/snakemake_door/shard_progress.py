"""How far a table in shards is, and what is left of tables that are cut otherwise now."""

import logging
from collections import Counter
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from workflow.plan.plan import Plan

RULES = ("build_shard", "build_variant_shard")


class CountShards(logging.Filter):
    """Says after every finished shard how many of its table are there, wherever the jobs run.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
    """

    def __init__(self, workflow: Any) -> None:
        super().__init__()
        self._workflow = workflow

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "event", None) is LogEvent.JOB_FINISHED:
            table = self._tables.get(getattr(record, "job_id", -1))
            if table:
                self._missing[table] -= 1
                total = self._total[table]
                logger.info(f"Table {table}: {total - self._missing[table]} of {total} shards are there")
        return True

    @cached_property
    def _shards(self) -> list[Any]:
        return [job for job in self._workflow.dag.jobs if job.rule.name in RULES]

    @cached_property
    def _tables(self) -> dict[int, str]:
        """Number of the job → table, for the shards that this run computes."""
        needed = set(self._workflow.dag.needrun_jobs())
        return {job.jobid: _table(job) for job in self._shards if job in needed}

    @cached_property
    def _missing(self) -> Counter[str]:
        return Counter(self._tables.values())

    @cached_property
    def _total(self) -> Counter[str]:
        return Counter(map(_table, self._shards))


def _table(job: Any) -> str:
    return f"{job.wildcards.paper}/{job.wildcards.table}"


def clear_strays(the_plan: Plan) -> None:
    """Remove shards that no table needs now: of an interrupted run with another cut, or of a finished table."""
    folder = Path(the_plan.places.results, "shards")
    if not folder.exists():
        return
    tables = [*the_plan.tables, *the_plan.large("tables")]
    wanted = {Path(file) for key in tables for file in the_plan.shard_files(*key)}
    for file in folder.rglob("*.csv"):
        if file not in wanted:
            file.unlink(missing_ok=True)
    for place in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        with suppress(OSError):
            place.rmdir()
