"""A job under observation: what it really used is held against its label before the label is written.

`Observed` wraps a job; the job calls `hold` when its result is there and before it writes what makes the result
count: the record of a table, the manifest of a figure. A difference fails the job in one line, its files are removed,
and the next run makes them.
"""

import hashlib
import importlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qte.common.errors import UnsoundArithmetic
from qte.common.text import error_with_place
from workflow.identity import executed, observed, packages, project_environment
from workflow.identity.label import Label, means_the_same
from workflow.identity.observed import Reader
from workflow.snakemake_door.job import Job, JobFailed

State = tuple[int, ...]
# What the pipeline sets for every job is no ingredient: the same everywhere, or the label itself, for a kernel
# (`qte.plotting.output.STAMP`).
_OF_THE_PIPELINE = {"QTE_FIGURE_STAMP", *project_environment.pinned(Path())}


@dataclass(frozen=True)
class Observed:
    """Do a job, and fail if it used anything else than its label says."""

    job: Job
    label: Label

    def run(self) -> None:
        # Here, not above, and so below: the main process computes nothing.
        from qte.common import elementary

        if fault := elementary.fault_of_arithmetic():
            raise JobFailed(str(UnsoundArithmetic(fault)))
        watch = Watch(self.label)
        try:
            self.job.run()
            if not watch.held:
                watch.hold()
        finally:
            watch.end()


class Watch:
    """The observation of this process, from now on."""

    current: "Watch | None" = None

    def __init__(self, label: Label) -> None:
        self.label = label
        executed.watch({module.partition(".")[0] for module in label.code})
        self._loaded = frozenset(sys.modules) if "snakemake" in sys.modules else frozenset()
        self._files = {file: state(file) for file in label.files}
        # What other processes of this job have found, which were observed themselves.
        self.elsewhere: list[str] = []
        # Whether the job has asked.
        self.held = False
        Watch.current = self
        for module in label.first:
            try:
                importlib.import_module(module)
            except (Exception, SystemExit) as error:  # whatever a module of somebody's own may raise
                raise JobFailed(f"{module} cannot be imported: {error_with_place(error)}") from error
        self._seen = observed.begin()

    def end(self) -> None:
        """Observe nothing more."""
        observed.end()
        Watch.current = None

    def hold(self) -> None:
        """Fail with the first difference between what was used and what the label says (`JobFailed`)."""
        self.held = True
        for fault in self.faults():
            raise JobFailed(fault)

    def faults(self) -> Iterator[str]:
        """One line for everything that was used and is not what the label says."""
        from qte.common import elementary

        if fault := elementary.fault_of_arithmetic():
            # a library that the job has loaded
            yield str(UnsoundArithmetic(fault))
        yield from self._changed()
        yield from self.elsewhere
        label = self.label
        for module, reader in self._seen.imports.items():
            if module not in label.code and (not reader.module or reader.module in label.code):
                yield (
                    f"{self._who(reader)} uses the module {module}, which none of its import statements names, so "
                    f"that an edit there would go unseen; write  import {module}"
                )
        yield from self._reads()
        for what, reader in self._seen.elsewhere.items():
            yield f"{self._who(reader)} {what}, and what that reads is seen by nobody; compute it in a study of qte"
        for name, reader in self._seen.variables.items():
            if name not in _OF_THE_PIPELINE:
                yield (
                    f"{self._who(reader)} reads {name} of the environment, which {label.what} does not declare, so "
                    "that a change there would go unseen; make it a parameter of config.yaml"
                )
        for folder, reader in self._seen.listings.items():
            # Modules are looked for in folders, and each that is loaded is told by its name.
            if _is_watched_source(Path(folder, "__init__.py").resolve()):
                continue
            yield (
                f"{self._who(reader)} lists the folder {_short(folder)}: what is in it would go unseen; name the files"
            )
        loaded = {name.partition(".")[0] for name in sys.modules.keys() - self._loaded}
        for module in sorted(loaded & label.unlocked.keys()):
            yield (
                f"{label.reader} imports {module} ({label.unlocked[module]}), which requirements.lock does not have; "
                "add it to pyproject.toml and run  make lock"
            )

    def _changed(self) -> Iterator[str]:
        label = self.label
        after = f"during the run, and {label.what} may be made of either; it is not kept, run again"
        for module, text in label.code.items():
            source = executed.texts.get(module)
            if source is None or hashlib.sha256(source).hexdigest() == text.content:
                continue
            if not means_the_same(text, source):
                yield f"{text.file} was edited {after}"
        for file, before in self._files.items():
            if state(file) != before:
                yield f"{file} was edited {after}"
        if packages.state() != label.packages:
            yield f"packages were installed or removed {after}"

    def _reads(self) -> Iterator[str]:
        label = self.label
        declared = {os.path.realpath(file) for file in label.files}
        sources = {os.path.realpath(text.file) for text in label.code.values()}
        for file, reader in self._seen.reads.items():
            path = Path(os.path.realpath(file))
            if str(path) in declared:
                continue
            if path.suffix == ".pyc":
                path = path.parent.with_name(f"{path.name.partition('.')[0]}.py")
            if path.suffix == ".py":
                if str(path) not in sources and not _is_watched_source(path):
                    yield (
                        f"{self._who(reader)} imports {_short(str(path))}, which is no module of qte, so that an edit "
                        "there would go unseen; move it into qte"
                    )
                continue
            yield (
                f"{self._who(reader)} reads {_short(file)}, which {label.what} does not declare, so that an edit "
                "there would go unseen; make it a table of config.yaml that the figure names"
            )

    def _who(self, reader: Reader) -> str:
        return reader.place or self.label.reader


def hold() -> None:
    """Hold what this job used against its label, if it is observed (`JobFailed`)."""
    if Watch.current is not None:
        Watch.current.hold()


def state(file: str) -> State:
    """What tells that a file was written, replaced or put back meanwhile: content alone does not."""
    try:
        found = Path(file).stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _is_watched_source(path: Path) -> bool:
    """Whether a source lies in a package whose modules are told apart by name."""
    roots = {Path(module.__file__).resolve().parent for name in ("qte",) if (module := sys.modules.get(name))}
    return any(root in path.parents for root in roots)


def _short(file: str) -> str:
    return file.removeprefix(f"{Path.cwd()}/")
