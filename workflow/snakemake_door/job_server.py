"""Doing jobs fast: each in a process forked from a server that has everything imported already.

Importing the scientific stack takes longer than most jobs. The main Snakemake process starts one server and each
job becomes a fork of it. A process that Snakemake itself started for one job (without `force-use-threads`, or on a
cluster) does the job on the spot.
"""

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout, suppress
from multiprocessing import connection, forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from workflow.snakemake_door import door, made_files
from workflow.snakemake_door.job import Job, JobFailed

PRELOADED = [
    # First: it lets the server write byte code even where the machine says not to.
    "workflow.identity.project_environment",
    "workflow.snakemake_door.server",
    # Before the first of qte.
    "workflow.identity.executed",
    "numpy",
    "scipy.linalg",
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
    # Last: it draws with all of them.
    "workflow.jobs.warm",
]
_interrupted = threading.Event()
_starting = threading.Lock()
# One line each, of the jobs of this run.
_failures: list[str] = []


def start() -> None:
    """Start the server, and make Ctrl-C reach running jobs."""
    signal.signal(signal.SIGINT, _interrupt)
    prepare()


def prepare() -> None:
    """Start the server, so that it imports while Snakemake plans; do nothing if it runs."""
    forkserver.set_forkserver_preload(PRELOADED)
    forkserver.ensure_running()


def run(job: Job, log: str, forked: bool) -> None:
    """Do a job, its output and any traceback going into `log`; what it used goes into a file beside the logs.

    Parameters
    ----------
    job : Job
    log : str
        Path of the job's log.
    forked : bool
        Whether to do it in a fork of the server; otherwise in this process.

    Raises
    ------
    JobFailed
        With one clear line.
    KeyboardInterrupt
        If the user interrupted the run.
    """
    failure = _do_in_fork(job, log) if forked else _do_here(job, log)
    refuse(f"{failure} (details: {log})" if failure else "")


def refuse(failure: str) -> None:
    """Fail with one line (`JobFailed`) that `ShortFailures` knows; do nothing when it is empty."""
    if failure:
        _failures.append(failure)
        raise JobFailed(failure)


def usage_file(log: str) -> Path:
    """Where a job says what it used: ``results/logs/tables/x.log`` → ``results/benchmarks/tables/x.tsv``.

    Snakemake's `benchmark:` would read the memory maps of the main process and of all forks, twice a second for
    every job: half a minute of a run of fifty jobs, and not a word on a single fork.
    """
    file = Path(log).with_suffix(".tsv")
    return Path(*("benchmarks" if part == "logs" else part for part in file.parts))


class ShortFailures(logging.Filter):
    """Lets a failed job say its one line, without Snakemake's account of where the rule raised it."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = str(record.msg)
        record.msg = next((line for line in _failures if line in message), record.msg)
        return True


def _interrupt(*_: object) -> None:
    _interrupted.set()
    raise KeyboardInterrupt


def _do_here(job: Job, log: str) -> str:
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    made_files.note(log)
    started = time.perf_counter()
    with Path(log).open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        # Snakemake calls from within its own event loop, and a notebook brings one, too: a thread of its own has none.
        with ThreadPoolExecutor(1) as thread:
            failure = thread.submit(_attempt, job).result()
        _note_usage(log, time.perf_counter() - started)
    return failure


def _do_in_fork(job: Job, log: str) -> str:
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(job, log, theirs), daemon=True)
    with _starting, door.without_main():
        prepare()
        process.start()
    theirs.close()
    try:
        while not connection.wait([ours], timeout=0.2):
            if _interrupted.is_set():
                _stop(process)
                raise KeyboardInterrupt
        # A fork that has answered has nothing more to do; that it ends is not waited for.
        failure = ours.recv()
    except EOFError:
        process.join()
        failure = _died(process.exitcode)
    finally:
        ours.close()
    return str(failure)


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
    _follow_the_main_process()
    # Ctrl-C reaches every process of the terminal; the main one decides and sends SIGTERM, which unwinds the job.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    started = time.perf_counter()
    try:
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        made_files.note(log)
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(file, 1)
        os.dup2(file, 2)
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        failure = _attempt(job)
    except OSError as error:
        failure = str(error)
    _note_usage(log, time.perf_counter() - started)
    answer.send(failure)
    answer.close()


def _note_usage(log: str, seconds: float) -> None:
    """Say in the log and in a file what this process used; neither is worth a failure."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    # macOS counts bytes, Linux kilobytes
    peak = used.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    with suppress(OSError):
        print(f"{seconds:.2f} s, {peak:.0f} MB at most")
        file = usage_file(log)
        file.parent.mkdir(parents=True, exist_ok=True)
        made_files.note(file)
        values = f"{seconds:.4f}\t{peak:.2f}\t{used.ru_utime + used.ru_stime:.4f}"
        file.write_text(f"s\tmax_rss\tcpu_time\n{values}\n", encoding="utf-8")


def _attempt(job: Job) -> str:
    """Do the job; the error as one line, the traceback printed, or an empty string."""
    made_files.keep_record()
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
