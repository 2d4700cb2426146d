"""What a cluster does to a job, in words: the executor knows that it ended, Slurm's log of it says why."""

import logging
import re
import shutil
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

_ERRORS = (LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR)
# What Slurm writes into a job's log → what it means. The first that fits counts.
_REASONS = (
    (
        r"memory limit|oom[-_ ]kill|Out Of Memory|OUT_OF_MEMORY",
        "used more memory than its rule asks for (mem_mb)",
    ),
    (r"DUE TO TIME LIMIT|TIMEOUT", "ran longer than its rule asks for (runtime)"),
    (r"DUE TO NODE FAILURE|NODE_FAIL", "lost its node"),
    (r"DUE TO PREEMPTION", "had to make room for another (preemption)"),
    (r"CANCELLED", "was cancelled"),
)
# Slurm's reasons for a job to wait that waiting does not mend.
_NEVER = re.compile(
    r"Partition\w*(Limit|Config)|BadConstraints|Invalid\w+|MaxMemPerLimit|\w+PerJob\w*|JobHeld\w*"
)


class WhyItEnded(logging.Filter):
    """Says in one line why Slurm ended a job."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "event", None) in _ERRORS:
            # a job's are in `log`, a group's in `aux_logs`
            logs = [*(getattr(record, "aux_logs", None) or []), *(getattr(record, "log", None) or [])]
            for log in map(Path, filter(None, logs)):
                if log.stem.isdigit() and "slurm_logs" in log.parts:
                    reason = why(log, str(getattr(record, "rule_msg", "")))
                    logger.error(f"Cluster job {log.stem} {reason}; its log: {log}")
        return True


def why(log: Path, said: str = "") -> str:
    """Why a job of the cluster ended, from its log and what the executor said of it."""
    text = said
    with suppress(OSError):
        text += log.read_text(encoding="utf-8", errors="replace")
    for pattern, meaning in _REASONS:
        if re.search(pattern, text):
            return meaning
    own = re.findall(r"^(.*\(details: .*\))$", text, flags=re.MULTILINE)
    if own:
        return f"failed: {own[0].strip()}"
    return (
        "failed"
        if re.search(r"^\S*Error", text, flags=re.MULTILINE)
        else "ended without a word, as when its node is lost"
    )


def watch_the_queue(executor: str, seconds: float = 20.0) -> None:
    """Say once of each of this folder's jobs that it will not start: Slurm lets it wait for ever without a word."""
    if executor == "slurm":
        threading.Thread(target=_watch, args=(seconds,), daemon=True).start()


def _watch(seconds: float) -> None:
    told: set[str] = set()
    while True:
        time.sleep(seconds)
        done = subprocess.run(
            ["squeue", "--me", "--noheader", "--states=PENDING", "--format=%i|%r|%Z"],
            capture_output=True,
            text=True,
        )
        for job, reason in stuck(done.stdout, Path.cwd()):
            if job not in told:
                told.add(job)
                logger.warning(
                    f"Cluster job {job} will not start as things are ({reason}): it asks for more than its partition "
                    "gives. Cancel it (scancel) and the run goes on; what to change is in docs/cluster.md"
                )


def stuck(queue: str, folder: Path) -> list[tuple[str, str]]:
    """Number and reason of the jobs of a folder that wait for what does not come, from lines of `squeue`."""
    lines = [line.split("|", 2) for line in queue.splitlines()]
    return [
        (line[0], line[1])
        for line in lines
        if len(line) == 3 and Path(line[2]) == folder and _NEVER.fullmatch(line[1])
    ]


def check_site(executor: str) -> None:
    """Stop before the first job where there is no Slurm (`SystemExit`)."""
    absent = [command for command in ("sbatch", "squeue", "scancel") if not shutil.which(command)]
    if executor == "slurm" and absent:
        raise SystemExit(
            f"There is no Slurm here ({', '.join(absent)} not found); nothing was run. "
            "Start the run on a login node of your cluster, or without --workflow-profile profiles/slurm."
        )
