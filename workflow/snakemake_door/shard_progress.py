"""How far a table in shards is, and what is left of tables that are cut otherwise now."""

import logging
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from workflow.snakemake_door import made_files


class CountShards(logging.Filter):
    """Says after every finished shard how many of its table are there, wherever the jobs run.

    Parameters
    ----------
    shards_of : callable
        Wildcards of a shard's job → the files of all shards of its table.
    forced : collection of str
        Files that are there and will be made again.
    """

    def __init__(
        self, shards_of: Callable[[Mapping[str, str]], list[str]], forced: Collection[str] = ()
    ) -> None:
        super().__init__()
        self._shards_of = shards_of
        self._unfinished = set(forced)
        # number of the job → its table and file
        self._jobs: dict[int, tuple[Mapping[str, str], str]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        event = getattr(record, "event", None)
        if event is LogEvent.JOB_INFO:
            self._begin(record)
        elif event is LogEvent.JOB_FINISHED and getattr(record, "job_id", None) in self._jobs:
            wildcards, file = self._jobs.pop(record.job_id)  # type: ignore[attr-defined]
            self._unfinished.discard(file)
            logger.info(self._count(wildcards), extra={"to_people": True})
        return True

    def _begin(self, record: logging.LogRecord) -> None:
        wildcards = getattr(record, "wildcards", None) or {}
        if {"start", "stop"} <= wildcards.keys():
            name = f"{wildcards['start']}-{wildcards['stop']}.csv"
            file = next(file for file in self._shards_of(wildcards) if Path(file).name == name)
            self._jobs[record.jobid] = wildcards, file  # type: ignore[attr-defined]
            self._unfinished.add(file)

    def _count(self, wildcards: Mapping[str, str]) -> str:
        files = self._shards_of(wildcards)
        there = [file for file in files if file not in self._unfinished and Path(file).exists()]
        return (
            f"Table {wildcards['paper']}/{wildcards['table']}: {len(there)} of {len(files)} shards are there"
        )


def clear_strays(folder: Path, wanted: Collection[str]) -> None:
    """Remove shards that no table needs now: of an interrupted run with another cut, or of a finished table."""
    made_files.remove_dropped(folder, set(map(Path, wanted)))
