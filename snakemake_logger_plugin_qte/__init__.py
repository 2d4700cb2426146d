"""What a run says: one line a job, warnings and failures in full, and where to look at the end.

A logger plugin of Snakemake, found by its name where this folder is importable; profiles/default asks for it there, and
elsewhere Snakemake speaks itself. `QTE_OUTPUT=snakemake snakemake --cores 8` does without it, and Snakemake's own words
are always in .snakemake/log/. Imports nothing of the project: the environment may belong to another copy of it.

The workflow speaks to people with records that carry `to_people`, and says what there is with one that carries `about`.
"""

import logging
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase

# Rules that do nothing but ask for files.
TARGETS = ("all", "large", "ledger")
_BAR = 20
# Snakemake's reasons list every file.
_LONGEST = 100


@dataclass
class Job:
    """One job of the run, from its announcement on."""

    rule: str
    what: str
    log: str
    begun: float


@dataclass
class Account:
    """What has happened so far."""

    begun: float = field(default_factory=time.time)
    started: bool = False
    total: int = 0
    running: dict[int, Job] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    planned: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def jobs(self) -> int:
        """How many jobs are done; a target is none."""
        return sum(count for rule, count in self.done.items() if rule not in TARGETS)


class LogHandler(LogHandlerBase):
    """Turns Snakemake's events into lines for people."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self._stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self._on_terminal = self._stream.isatty() and not self.common_settings.nocolor
        self._dryrun = bool(self.common_settings.dryrun)
        quiet = {getattr(item, "name", str(item)) for item in self.common_settings.quiet or ()}
        self._silent = "ALL" in quiet
        self._account = Account()
        self._closed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Say what a person wants to know of a record, and nothing of most."""
        try:
            event = getattr(record, "event", None)
            handle = getattr(self, f"_on_{event}", None) if event else self._on_words
            if handle:
                handle(record)
            self._show_progress()
        except (BrokenPipeError, KeyboardInterrupt, SystemExit):
            raise
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """End with what was made and where to look."""
        if not self._closed:
            self._closed = True
            self._clear_progress()
            for line in closing(self._account, self._dryrun, self._silent):
                print(line, file=self._stream)
            self._stream.flush()
        super().close()

    def _on_words(self, record: logging.LogRecord) -> None:
        self._account.about |= getattr(record, "about", None) or {}
        if record.levelno >= logging.WARNING or hasattr(record, "to_people"):
            self._say(record.getMessage())

    def _on_workflow_started(self, record: logging.LogRecord) -> None:
        self._account.started = True

    def _on_run_info(self, record: logging.LogRecord) -> None:
        counts = getattr(record, "per_rule_job_counts", None) or getattr(record, "stats", None) or {}
        self._account.total = sum(count for rule, count in counts.items() if rule not in (*TARGETS, "total"))

    def _on_job_info(self, record: logging.LogRecord) -> None:
        rule, what = getattr(record, "rule_name", ""), getattr(record, "rule_msg", None)
        log = next(iter(getattr(record, "log", None) or []), "")
        number = getattr(record, "jobid", -1)
        if rule in TARGETS:
            self._account.done[rule] += 1
            return
        what = what or f"{rule} {number}"
        if self._dryrun:
            reason = str(getattr(record, "reason", "") or "")
            short = reason if len(reason) <= _LONGEST else f"{reason[: _LONGEST - 1]}…"
            self._account.planned.append(what)
            self._say(f"{what} ({short})")
        self._account.running[number] = Job(rule, what, log, record.created)

    def _on_job_finished(self, record: logging.LogRecord) -> None:
        job = self._account.running.pop(getattr(record, "job_id", -1), None)
        if job:
            self._account.done[job.rule] += 1
            self._say(f"{self._place()} {job.what} · {seconds(record.created - job.begun)}")

    def _on_job_error(self, record: logging.LogRecord) -> None:
        job = self._account.running.pop(getattr(record, "jobid", -1), None)
        if job:
            self._account.failed.append(job.what)
            log = f"; its log: {job.log}" if job.log else ""
            self._say(f"FAILED {job.what} · {seconds(record.created - job.begun)}{log}")

    def _on_error(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        # Snakemake's last word on a run with failures says that there were some.
        if not (self._account.failed and getattr(record, "exception", "") == "WorkflowError"):
            self._account.reasons.append(message)
            self._say(message)

    def _on_group_error(self, record: logging.LogRecord) -> None:
        for info in getattr(record, "job_error_info", None) or []:
            if job := self._account.running.pop(info.get("jobid", -1), None):
                self._account.failed.append(job.what)
                self._say(f"FAILED {job.what}")

    def _place(self) -> str:
        now = self._account
        return f"[{now.jobs:{len(str(now.total))}}/{now.total}]" if now.total else f"[{now.jobs}]"

    def _say(self, text: str) -> None:
        self._clear_progress()
        print(text, file=self._stream, flush=True)

    def _clear_progress(self) -> None:
        if self._on_terminal:
            self._stream.write("\r\x1b[K")

    def _show_progress(self) -> None:
        """A bar and what is being done, on the terminal's last line."""
        now = self._account
        if self._on_terminal and now.running and now.total and not self._dryrun:
            full = _BAR * now.jobs // now.total
            doing = ", ".join(job.what for job in now.running.values())
            took = seconds(time.time() - now.begun)
            line = f"{'█' * full}{'·' * (_BAR - full)} {now.jobs}/{now.total} {took}  {doing}"
            self._stream.write(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}")
            self._stream.flush()


def closing(account: Account, dryrun: bool, silent: bool) -> list[str]:
    """The last lines of a run: made, kept, how long, where to look, what next."""
    if silent or not account.started:
        return []
    took = seconds(time.time() - account.begun)
    if dryrun:
        count = len(account.planned)
        if not count and account.reasons:
            return []
        return [f"{plural(count, 'job')} to do; nothing was run." if count else "Nothing to be done."]
    if account.failed:
        head = f"{plural(len(account.failed), 'job')} failed, {account.jobs} done; what is done stays. {took}"
        return [head, "Log      .snakemake/log/ has all that Snakemake said", *account.reasons]
    if account.reasons:
        return []
    about = account.about
    if not account.jobs:
        return [f"Nothing to be done: all that was asked for is there and up to date. {took}", *where(about)]
    made, kept, look = counted(account), [], []
    if account.done["all"]:
        look = where(about)
        kept = [
            plural(total - account.done[rule], noun)
            for rule, (noun, total) in about.get("there", {}).items()
            if total > account.done[rule]
        ]
    return [f"Made {made}.{f' Kept {_listed(kept)}.' if kept else ''} {took}", *look]


def counted(account: Account) -> str:
    """What the jobs of a run made, tables and figures first."""
    nouns = {rule: noun for rule, (noun, _) in account.about.get("there", {}).items()}
    named = [plural(account.done[rule], noun) for rule, noun in nouns.items() if account.done[rule]]
    rest = sum(count for rule, count in account.done.items() if rule not in (*TARGETS, *nouns))
    return _listed([*named, *([plural(rest, "other result")] if rest else [])])


def where(about: dict[str, Any]) -> list[str]:
    """Where to look, as far as it is there, and what next."""
    lines = [f"{name:8} {file}" for name, file in about.get("look", {}).items() if Path(file).exists()]
    return [*lines, *(f"{'Next':8} {line}" for line in [about.get("next")] if line)]


def seconds(value: float) -> str:
    """A time as people say it."""
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _listed(items: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]])) or "nothing"
