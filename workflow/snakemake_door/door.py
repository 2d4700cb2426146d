"""Everything of Snakemake that its documentation does not promise and this project cannot do without.

Nothing else in this project touches it. What each function reaches for, why, and which documented way was rejected for
what reason, is a table in docs/pipeline.md; a canary in tests/workflow/test_snakemake_door.py tries each and fails with
a sentence when a release changes it (`make canaries` runs them on the newest Snakemake 9).
"""

import re
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# `Any` below is snakemake.workflow.Workflow: no type of it is promised.


def is_main_process(workflow: Any) -> bool:
    """Whether this process plans the run; False where Snakemake started it for one job of a run."""
    return bool(workflow.is_main_process)


def asks_for_jobs() -> bool:
    """Whether the command line asks for more than a plan, before Snakemake says it; wrong at no price but time."""
    return not any(re.fullmatch(r"-[A-Za-z]*n[A-Za-z]*|--dry-?run", word) for word in sys.argv[1:])


def config_settings(workflow: Any) -> Any:
    """What the command line says of the config: `configfiles`, `config`, `replace_workflow_config`."""
    return workflow.config_settings


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
    # Here, not above: forks of the job server import this module, and need nothing of Snakemake.
    from snakemake.io import IOFile

    return list(workflow.persistence.input(IOFile(file)) or [])


@contextmanager
def without_main() -> Iterator[None]:
    """Keep multiprocessing from running Snakemake's own script again in every fork."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
