"""Measure the pipeline against the plain arrangement, in one run, and write ``benchmarks/pipeline.md``.

The plain arrangement is what one would write first: a Python process for each table, then one ``papermill`` command
for each figure, as many at a time as there are cores. Both work on the same config, notebooks and library, each in
a fresh copy of the project, with the environment of this one.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from workflow.identity.project_environment import pinned  # noqa: E402
from workflow.plan.plan import Plan, drawn_files, figure_stem, notebook_file, table_file  # noqa: E402

COPIED = [
    "Snakefile",
    "Makefile",
    "requirements.lock",
    "config.yaml",
    "profiles",
    "workflow",
    "qte",
    "notebooks",
]
CORES = os.cpu_count() or 1
BARE = """
rule all:
    input: expand("made/{{number}}.txt", number=range({jobs}))


rule make:
    output: "made/{{number}}.txt"
    run:
        open(output[0], "w").close()
"""
TABLE = """
import json, sys
from qte.data import studies, tables
study, params, ours, table, path = json.loads(sys.argv[1])
made, provenance = studies.run(study, params, ours, table=table)
tables.write(made, path, provenance)
"""


def fresh_copy(folder: Path) -> Path:
    """A copy of the sources, byte code compiled, nothing built."""
    folder.mkdir(parents=True)
    for name in COPIED:
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(PROJECT / name, folder / name)
    subprocess.run([sys.executable, "-m", "compileall", "-q", "qte", "workflow"], cwd=folder, check=True)
    return folder


def clean_environment(folder: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return kept | pinned(folder) | {"HOME": str(folder.parent)}


def run(folder: Path, *command: str) -> None:
    environment = clean_environment(folder)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)[:200]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def processor_seconds(action: Callable[[], object]) -> float:
    """What an action's processes took of the processor, user and system: hardly depends on what else runs."""
    before = os.times()
    action()
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def idle_seconds(folder: Path) -> float:
    """The least processor time, of three, of a run with nothing to do."""
    return min(processor_seconds(lambda: pipeline(folder)) for _ in range(3))


def pipeline(folder: Path, *targets: str) -> None:
    run(folder, sys.executable, "-m", "snakemake", "--cores", str(CORES), "--quiet", "all", "--", *targets)


def bare(folder: Path, jobs: int) -> Path:
    """A workflow of as many jobs that do nothing, done: what Snakemake itself takes to find that out."""
    folder.mkdir()
    (folder / "Snakefile").write_text(BARE.format(jobs=jobs), encoding="utf-8")
    run(folder, sys.executable, "-m", "snakemake", "--cores", "1", "--force-use-threads", "--quiet", "all")
    return folder


def plain(folder: Path, plan: Plan, tables: list[tuple[str, str]], figures: list[tuple[str, str]]) -> None:
    """Each table in a process of its own, then each figure by the papermill command."""

    def build(key: tuple[str, str]) -> None:
        made_of = plan.provenance(*key)
        job = [made_of.study, made_of.params, list(made_of.ours), made_of.table, table_file(*key)]
        run(folder, sys.executable, "-c", TABLE, json.dumps(job))

    def draw(key: tuple[str, str]) -> None:
        entry = plan.config["figures"][key[0]][key[1]]
        parameters = {
            "tables": plan.tables_of(*key),
            "output": figure_stem(*key),
            "params": entry.get("params", {}),
            "title": entry["title"],
            "caption": entry["caption"],
        }
        executed = Path(drawn_files(*key)["notebook"])
        for place in (folder / executed, folder / figure_stem(*key)):
            place.parent.mkdir(parents=True, exist_ok=True)
        papermill = [sys.executable, "-m", "papermill", notebook_file(*key), str(executed)]
        run(folder, *papermill, "--no-progress-bar", "-y", yaml.safe_dump(parameters))

    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(build, tables))
        list(pool.map(draw, figures))


def change_one_parameter(folder: Path, value: float) -> None:
    """T_c of figure 2 of khandelwal2020, and of no other table."""
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] = value
    (folder / "config.yaml").write_text(
        yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )


def peak_memory(folder: Path) -> tuple[float, str]:
    """Largest memory of a job, and its name, from the jobs' own records."""
    peaks = []
    for record in (folder / "results/benchmarks").rglob("*.tsv"):
        header, values = (line.split("\t") for line in record.read_text().splitlines()[:2])
        job = record.relative_to(folder / "results/benchmarks").with_suffix("").as_posix()
        peaks.append((float(dict(zip(header, values, strict=True))["max_rss"]), job))
    return max(peaks)


def set_up(folder: Path) -> float:
    """From nothing to the runtime environment, as `make figures` does it first."""
    return seconds(lambda: run(folder, "make", ".venv/runtime.stamp"))


def measure(scratch: Path) -> str:
    ours, theirs = fresh_copy(scratch / "pipeline"), fresh_copy(scratch / "plain")
    config = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))
    plan = Plan(config, PROJECT)
    changed = [("khandelwal2020", "fig2")]
    whole = seconds(lambda: plain(theirs, plan, plan.tables, plan.figures))
    rows = [("cold run", seconds(lambda: pipeline(ours)), whole)]
    rows.append(("no-op run", seconds(lambda: pipeline(ours)), whole))
    nothing = bare(scratch / "bare", len(plan.tables) + len(plan.figures) + 3)
    idle = [idle_seconds(ours), idle_seconds(nothing)]
    change_one_parameter(ours, 0.12)
    picture = seconds(lambda: pipeline(ours, *plan.figure_files(*changed[0])))
    change_one_parameter(ours, 0.11)
    rows.append(("one parameter changed", seconds(lambda: pipeline(ours)), whole))
    one = seconds(lambda: plain(theirs, plan, changed, changed))
    memory, job = peak_memory(ours)
    installed = set_up(fresh_copy(scratch / "set-up"))
    lines = [
        "# The pipeline against the plain arrangement",
        "",
        f"Written by `make bench`: {len(plan.tables)} tables, {len(plan.figures)} figures, each drawn as PDF, SVG and",
        f"PNG; {CORES} cores, {platform.machine()}. The plain arrangement is one Python process a table, then one",
        "`papermill` command a figure, as many at a time as there are cores. It knows nothing of what is up to date,",
        "so without a person who chooses it does everything again after every change.",
        "",
        "| | pipeline, s | plain, s | ratio |",
        "|---|---|---|---|",
        f"| set-up from nothing (`.venv`, hashed lock) | {installed:.0f} | the same | 1 |",
        *(f"| {name} | {mine:.1f} | {other:.1f} | {mine / other:.2f} |" for name, mine, other in rows),
        f"| the same change, that table and figure chosen by hand | {rows[-1][1]:.1f} | {one:.1f} "
        f"| {rows[-1][1] / one:.2f} |",
        "",
        f"The picture alone, as `make watch` draws it after such a change: {picture:.1f} s, which is",
        f"{picture / one:.2f} of the time by hand.",
        "",
        f"Processor time of a run with nothing to do: {idle[0]:.2f} s; of Snakemake with as many jobs that do nothing:",
        f"{idle[1]:.2f} s; ratio {idle[0] / idle[1]:.2f}. The least of three each, one after the other.",
        "",
        f"Largest job: {job}, {memory:.0f} MB (resident, what it shares with the job server included).",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        report = measure(Path(scratch))
    (PROJECT / "benchmarks" / "pipeline.md").write_text(report, encoding="utf-8")
    print(report)
