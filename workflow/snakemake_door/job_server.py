"""Doing jobs fast: each in a process forked from a server that has everything imported already.

Importing the scientific stack takes longer than most jobs. The main Snakemake process starts one server and each
job becomes a fork of it. A process that Snakemake itself started for one job (without `force-use-threads`, or on a
cluster) does the job on the spot.
"""

import logging
import multiprocessing
import os
import re
import signal
import sys
import threading
import time
import traceback
import types
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from multiprocessing import connection, forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from snakemake import benchmark

from workflow.snakemake_door.job import Job, JobFailed

PRELOADED = [
    # First: it lets the server write byte code even where the machine says not to.
    "workflow.plan.project_environment",
    "numpy",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.sparse.csgraph",
    "pandas",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "qte.data.studies",
    "qte.plotting",
    "workflow.jobs.results",
    "workflow.jobs.notebooks",
]
_interrupted = threading.Event()
_starting = threading.Lock()


def start() -> None:
    """Start the server, so that it imports while Snakemake plans; also makes Ctrl-C reach running jobs."""
    signal.signal(signal.SIGINT, _interrupt)
    # Every fork reports what it used. Snakemake's sampling would read the memory maps of this process and of all
    # forks, twice a second for every job: half a minute of a run of fifty jobs.
    benchmark.BenchmarkTimer.work = lambda timer: None
    forkserver.set_forkserver_preload(PRELOADED)
    forkserver.ensure_running()


def run(job: Job, log: str, forked: bool, record: Any = None) -> None:
    """Do a job, its output and any traceback going into `log`.

    Parameters
    ----------
    job : Job
    log : str
        Path of the job's log.
    forked : bool
        Whether to do it in a fork of the server; otherwise in this process.
    record : snakemake.benchmark.BenchmarkRecord, optional
        Gets what the fork used; Snakemake on its own would see this process and all jobs at once.

    Raises
    ------
    JobFailed
        With one clear line.
    KeyboardInterrupt
        If the user interrupted the run.
    """
    failure = _do_in_fork(job, log, record) if forked else _do_here(job, log)
    if failure:
        raise JobFailed(f"{failure} (details: {log})")


class ShortFailures(logging.Filter):
    """Lets a failed job say its one line, without Snakemake's account of where the rule raised it."""

    _WRAPPED = re.compile(r"^JobFailed in .*?:\n(.*)$", re.MULTILINE)

    def filter(self, record: logging.LogRecord) -> bool:
        found = self._WRAPPED.search(str(record.msg))
        if found:
            record.msg = found[1]
        return True


def _interrupt(*_: object) -> None:
    _interrupted.set()
    raise KeyboardInterrupt


def _do_here(job: Job, log: str) -> str:
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    with Path(log).open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        return _attempt(job)


def _do_in_fork(job: Job, log: str, record: Any) -> str:
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(job, log, theirs), daemon=True)
    with _starting, _without_main():
        process.start()
    theirs.close()
    try:
        while not connection.wait([ours], timeout=0.2):
            if _interrupted.is_set():
                _stop(process)
                raise KeyboardInterrupt
        failure, usage = ours.recv()
        process.join()
    except EOFError:
        process.join()
        failure, usage = _died(process.exitcode), {}
    finally:
        ours.close()
        process.close()
    if record is not None and usage:
        vars(record).update(usage)
    return str(failure)


@contextmanager
def _without_main() -> Iterator[None]:
    """Keep multiprocessing from running Snakemake's own script again in every fork."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _stop(process: Any) -> None:
    process.terminate()
    process.join(5)
    if process.exitcode is None:
        process.kill()
        process.join()


def _died(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"the job was killed by {signal.Signals(-exitcode).name} (out of memory?)"
    return f"the job ended early with exit code {exitcode}"


def _serve(job: Job, log: str, answer: Connection) -> None:
    """The life of a fork."""
    import resource

    _follow_the_main_process()
    # Ctrl-C reaches every process of the terminal; the main one decides and sends SIGTERM, which unwinds the job.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    started = time.perf_counter()
    try:
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(file, 1)
        os.dup2(file, 2)
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        failure = _attempt(job)
    except OSError as error:
        failure = str(error)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak, cpu = used.ru_maxrss / 1024, used.ru_utime + used.ru_stime
    with suppress(OSError):
        print(f"{seconds:.2f} s, {peak:.0f} MB at most")
    usage = dict.fromkeys(("max_vms", "max_uss", "max_pss", "io_in", "io_out"))
    usage |= {"data_collected": True, "max_rss": peak, "cpu_time": cpu, "cpu_usage": 100 * cpu}
    answer.send((failure, usage))
    answer.close()


def _attempt(job: Job) -> str:
    """Do the job; the error as one line, the traceback printed, or an empty string."""
    try:
        job.run()
    except JobFailed as error:
        return str(error)
    except Exception as error:
        with suppress(OSError):
            traceback.print_exc()
        return f"{type(error).__name__}: {(str(error) or 'no message').splitlines()[0][:300]}"
    return ""


def _follow_the_main_process() -> None:
    """Die with the main process, even when that one was killed: no orphan goes on writing."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        connection.wait([parent.sentinel])  # type: ignore[union-attr]
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
