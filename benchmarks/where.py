"""Where the processor time of a run goes, and what of it is not ours: Snakemake's start, matplotlib's drawing.

    python benchmarks/where.py      in a built copy of the project: what matplotlib takes of each figure

Every figure is drawn once more, into a folder of its own, in a fork of a process that has everything imported: as the
pipeline draws it, with a clock around matplotlib's layout, its drawing and its writing of files.
"""

import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path.cwd()))


def of_jobs(folder: Path) -> dict[str, float]:
    """Processor seconds of the jobs of a run by kind, as they noted themselves."""
    found: dict[str, float] = {}
    records = folder / "results/benchmarks"
    for record in records.rglob("*.tsv"):
        header, values = (line.split("\t") for line in record.read_text().splitlines()[:2])
        kind = record.relative_to(records).parts[0].removesuffix(".tsv")
        found[kind] = found.get(kind, 0.0) + float(dict(zip(header, values, strict=True))["cpu_time"])
    return found


def drawing() -> float:
    """Processor seconds that matplotlib takes of all figures of the project in the working directory."""
    from workflow.snakemake_door import job_server

    for module in job_server.PRELOADED:
        importlib.import_module(module)
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    from workflow.jobs.results import DrawFigure
    from workflow.plan.plan import Places, Plan

    plan = Plan(yaml.safe_load(Path("config.yaml").read_text(encoding="utf-8")))
    spent = [0.0]
    Figure.draw = _clocked(Figure.draw, spent)  # type: ignore[method-assign]
    Figure.savefig = _clocked(Figure.savefig, spent)  # type: ignore[method-assign]
    ConstrainedLayoutEngine.execute = _clocked(ConstrainedLayoutEngine.execute, spent)  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        jobs = [
            DrawFigure(
                plan.figure_spec(*key), plan.tables_of(*key), places=Places(f"{folder}/r", f"{folder}/f")
            )
            for key in plan.figures
        ]
        return sum(_in_fork(job.run, spent) for job in jobs)


def _clocked(call: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    def clocked(*args: Any, **kwargs: Any) -> Any:
        before = time.process_time()
        try:
            return call(*args, **kwargs)
        finally:
            spent[0] += time.process_time() - before

    return clocked


def _in_fork(action: Callable[[], None], spent: list[float]) -> float:
    """What an action spends, in a fork; nothing if it fails."""
    ours, theirs = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            action()
            os.write(theirs, json.dumps(spent[0]).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return float(text or 0.0)


if __name__ == "__main__":
    print(drawing())
