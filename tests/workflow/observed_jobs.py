# ruff: noqa: E402, I001
"""Jobs of a small project tried one after the other, each in a fork of one process that has loaded what a server has.

    python observed_jobs.py attempts.json

An attempt is a `figure` of khandelwal2020 with an `engine`, or a table. `code` is put into a cell of its notebook or
into its study, `above` beside the study's imports. `edits` are made when the job is planned and undone when it has
ended, `edits_before` before it is planned, when this process has loaded what a server loads. Prints one line of JSON an
attempt: the error, or an empty string.
"""

import json
import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, "")

from workflow.identity import project_environment

project_environment.pin(Path.cwd())

from workflow.identity import executed  # noqa: F401
from workflow.config import config_text
from workflow.jobs import notebooks, observation, results  # noqa: F401
from workflow.plan import labels
from workflow.plan.plan import Plan, manifest_file, notebook_file

import qte.plotting  # noqa: F401

STUDY = Path("qte/papers/khandelwal2020/studies_added.py")
# Drawings that take no time.
DRAW = """
for form in ("pdf", "svg", "png"):
    open(f"{output}.{form}", "w").close()
"""
SOURCE = '''
from dataclasses import dataclass

import numpy as np

from qte.data.studies import study
from qte.data.tables import Column, Table
{above}

@study("added")
@dataclass(frozen=True, kw_only=True)
class Added:
    """Added by a test."""

    def check(self) -> None:
        pass

    def table(self) -> Table:
        {code}
        return Table.from_grid(axes={{"x": np.arange(3.0)}}, values={{"y": np.arange(3.0)}}, columns=(
            Column("x", "1", "place", "x"), Column("y", "1", "value", "y")))
'''


def tried(attempt: dict) -> str:
    """The error of one attempt, in a process of its own."""
    ours, theirs = os.pipe()
    if (child := os.fork()) == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        try:
            error = ""
            run(attempt)
        except BaseException as failure:
            error = f"{type(failure).__name__}: {failure}"
        os.write(theirs, error.encode())
        os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    with os.fdopen(ours, "rb") as file:
        return file.read().decode()


def run(attempt: dict) -> None:
    """Plan the job, edit what is to be edited, do the job, put back what was there."""
    with edited(attempt.get("edits_before", {})):
        job = figure(attempt) if "figure" in attempt else table(attempt)
        with edited(attempt.get("edits", {})):
            job.run()


@contextmanager
def edited(edits: dict[str, str]) -> Iterator[None]:
    """File → what is appended to it for the time of a block."""
    kept = {name: Path(name).read_bytes() for name in edits}
    for name, text in edits.items():
        Path(name).write_bytes(kept[name] + text.encode())
    try:
        yield
    finally:
        for name, content in kept.items():
            Path(name).write_bytes(content)


def figure(attempt: dict) -> observation.Observed:
    """The job that draws a figure."""
    key = ("khandelwal2020", attempt["figure"])
    notebook = Path(notebook_file(*key))
    content = json.loads(notebook.read_text(encoding="utf-8"))
    (cell,) = (cell for cell in content["cells"] if cell["id"] == "save")
    cell["source"] = f"{DRAW}{attempt.get('code', '')}"
    notebook.write_text(json.dumps(content), encoding="utf-8")
    the_plan = Plan(config_text.read(Path("config.yaml")).data)
    Path(manifest_file(*key)).unlink(missing_ok=True)
    job = results.DrawFigure(the_plan.figure_spec(*key), the_plan.tables_of(*key), attempt["engine"])
    return observation.Observed(job, labels.of_figure(the_plan, *key))


def table(attempt: dict) -> observation.Observed:
    """The job that computes a table of the added study."""
    # The plan loads every study, and this process is to be the job's as well.
    child = os.pipe()
    STUDY.write_text(SOURCE.format(above=attempt.get("above", ""), code=attempt.get("code", "pass")))
    if os.fork() == 0:
        entry = {"tables": {"khandelwal2020": {"added": {"study": "added", "params": {}}}}, "figures": {}}
        the_plan = Plan(entry)
        key = ("khandelwal2020", "added")
        job = results.BuildTable(the_plan.table_spec(*key), the_plan.table_file(*key))
        os.write(child[1], pickle.dumps(observation.Observed(job, labels.of_table(the_plan, *key))))
        os._exit(0)
    os.close(child[1])
    os.wait()
    with os.fdopen(child[0], "rb") as file:
        return pickle.load(file)


if __name__ == "__main__":
    for attempt in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        print(json.dumps(tried(attempt)), flush=True)
