"""Everything of Snakemake that its documentation does not promise and this project cannot do without.

Nothing else in this project touches it. What each function reaches for, why, and which documented way was rejected for
what reason, is a table in docs/pipeline.md; a canary in tests/workflow/test_snakemake_door.py tries each and fails with
a sentence when a release changes it (`make canaries` runs them on the newest Snakemake 9).
"""

import re
import sys
import threading
import types
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

# `Any` below is snakemake.workflow.Workflow: no type of it is promised.


def is_main_process(workflow: Any) -> bool:
    """Whether this process plans the run; False where Snakemake started it for one job of a run."""
    return bool(workflow.is_main_process)


def asks_for_jobs() -> bool:
    """Whether the command line asks for more than a plan, before Snakemake says it; wrong at no price but time."""
    return not any(re.fullmatch(r"-[A-Za-z]*n[A-Za-z]*|--dry-?run", word) for word in sys.argv[1:])


def is_module(workflow: Any) -> bool:
    """Whether another workflow uses this one; then the global `config` is what it handed over.

    Raises
    ------
    SystemExit
        If it wants every path under another folder: jobs know theirs.
    """
    module = not workflow.modifier.is_main_snakefile()
    if module and workflow.modifier.path_modifier.replace_prefix("results/x", None) != "results/x":
        raise SystemExit("qte cannot be a module with a `prefix:`; leave it out, or run it with --directory")
    return module


def clashes(workflow: Any, files: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Rule of one of these files, what it makes, and the other rule that makes it, too."""
    rules = list(workflow.rules)
    for own in (rule for rule in rules if str(rule.snakefile) in files):
        for output in map(str, own.output):
            others = (rule for rule in rules if rule is not own and rule.is_producer(output))
            yield from ((own.name, output, other.name) for other in others)


def makes(workflow: Any, file: str) -> bool:
    """Whether any rule makes a file."""
    return any(rule.is_producer(file) for rule in workflow.rules)


def config_settings(workflow: Any) -> Any:
    """What the command line says of the config: `configfiles`, `config`, `replace_workflow_config`."""
    return workflow.config_settings


def take_config(workflow: Any, file: str, content: Mapping[str, Any]) -> None:
    """What the directive `configfile:` does, for a file that has been read: YAML is parsed once, not twice."""
    # Here, not above: forks of the job server import this module, and need nothing of Snakemake.
    from snakemake.utils import update_config

    workflow.configfiles.append(file)
    update_config(workflow.config, content)
    update_config(workflow.config, workflow.config_settings.overwrite_config)


def asks_for_conda(workflow: Any) -> bool:
    """Whether Snakemake is to make environments for rules (`--sdm conda`)."""
    methods = workflow.deployment_settings.deployment_method
    return any(str(getattr(method, "name", method)).lower() == "conda" for method in methods)


def executor(workflow: Any) -> str:
    """Name of what runs the jobs: ``"local"``, ``"slurm"``, …; known from `onstart` on."""
    return str(workflow.executor_plugin.name)


def force_rebuild(workflow: Any, file: str) -> bool:
    """Plan a file's job whatever Snakemake thinks of it; whether that was news. Call it while jobs are planned."""
    if file in workflow.dag.forcefiles:
        return False
    workflow.dag.forcefiles.add(file)
    return True


def recorded_inputs(workflow: Any, file: str) -> list[str]:
    """The inputs of the job that made a file, as Snakemake recorded them; empty when it did not."""
    from snakemake.io import IOFile

    return list(workflow.persistence.input(IOFile(file)) or [])


@cache
def ask_pandas_only_where_it_is() -> None:
    """Compare params without importing pandas: a value can be its own only where it has been imported.

    Snakemake imports it to ask that of every value, which is a fifth of a run with nothing to do. A release that asks
    in another way is left as it is, at no price but time.
    """
    from snakemake.persistence import PersistenceBase

    ask: Any = getattr(PersistenceBase, "_serialize_param_pandas", None)
    plain: Any = getattr(PersistenceBase, "_serialize_param_builtin", None)
    if ask and plain:
        PersistenceBase._serialize_param_pandas = lambda self, value: (  # type: ignore[method-assign]
            ask(self, value) if "pandas" in sys.modules else plain(self, value)
        )


def end_timers() -> None:
    """Cancel what still waits for the limit of jobs a time span; call it when no job is left to start.

    The process would stay until the last timer ends, up to a second after the last job.
    """
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and thread.function.__module__.startswith(
            "snakemake.scheduling"
        ):
            thread.cancel()


@contextmanager
def without_main() -> Iterator[None]:
    """Keep multiprocessing from running Snakemake's own script again in every fork."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
