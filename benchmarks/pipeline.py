"""Measure the pipeline against the plain arrangement, in one run, and write ``benchmarks/pipeline.md``, ``growth.md``.

The plain arrangement is what one would write first: a Python process for each table, then one ``papermill`` command
for each figure, as many at a time as there are cores. Both work on the same config, notebooks and library, each in
a fresh copy of the project, with the environment of this one.

    python benchmarks/pipeline.py                     everything, an hour on two cores
    python benchmarks/pipeline.py idle change         some of: cold, idle, change, growth, set-up
"""

import ctypes
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import yaml

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

import growth  # noqa: E402
import where  # noqa: E402

from workflow.identity.project_environment import pinned  # noqa: E402
from workflow.plan.plan import Plan, drawn_files, figure_stem, notebook_file, table_file  # noqa: E402
from workflow.snakemake_door import job_server  # noqa: E402

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
PARTS = ("cold", "idle", "change", "growth", "set-up")
GROWN = (24, 240, 1000)
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


def run(folder: Path, *command: str) -> str:
    environment = clean_environment(folder)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)[:200]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


@dataclass(frozen=True)
class Cost:
    """What a run takes: seconds by the clock, and of the processor, user and system, with all its processes."""

    clock: float
    processor: float

    def over(self, other: "Cost") -> str:
        return f"{self.clock / other.clock:.2f} | {self.processor / other.processor:.2f}"


def adopt_orphans() -> None:
    """The server of jobs outlives the run that started it by a moment; its time counts, so it must come to us."""
    subreaper = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(subreaper, 1, 0, 0, 0)


def cost(action: Callable[[], object]) -> Cost:
    before, started = os.times(), time.perf_counter()
    action()
    clock = time.perf_counter() - started
    with suppress(ChildProcessError):
        while True:
            os.wait()
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(clock, spent)


def least(times: int, action: Callable[[], object]) -> Cost:
    """The cost of the run that took the processor least, of some."""
    return min((cost(action) for _ in range(times)), key=lambda found: found.processor)


def picture_seconds(folder: Path, picture: str, action: Callable[[], object]) -> tuple[float, Cost]:
    """Seconds until a run has drawn a picture anew, and what all of it costs."""
    file = folder / picture
    before, started, seen = file.stat().st_mtime_ns, time.perf_counter(), []

    def watch() -> None:
        while not seen and not done.is_set():
            with suppress(FileNotFoundError):
                if file.stat().st_mtime_ns != before:
                    seen.append(time.perf_counter() - started)
            done.wait(0.01)

    done = threading.Event()
    watcher = threading.Thread(target=watch)
    watcher.start()
    whole = cost(action)
    done.set()
    watcher.join()
    return (seen[0] if seen else whole.clock), whole


def pipeline(folder: Path, *targets: str) -> None:
    run(folder, sys.executable, "-m", "snakemake", "--cores", str(CORES), "--quiet", "all", "--", *targets)


def dry_run(folder: Path) -> None:
    run(folder, sys.executable, "-m", "snakemake", "--cores", str(CORES), "--dry-run", "--quiet", "all")


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
    return cost(lambda: run(folder, "make", ".venv/runtime.stamp")).clock


def grown(scratch: Path, figures: int) -> growth.Grown:
    """What a project of so many figures takes."""
    folder = fresh_copy(scratch / f"grown-{figures}")
    config = growth.grow(folder, figures)
    empty = scratch / f"empty-{figures}"
    empty.mkdir()
    jobs = 2 * figures + 3
    (empty / "Snakefile").write_text(BARE.format(jobs=jobs), encoding="utf-8")
    planned = [cost(partial(dry_run, at)).processor for at in (folder, empty)]
    cold = cost(partial(pipeline, folder)).processor
    idle = least(3, partial(pipeline, folder)).processor
    growth.change(folder, config)
    return growth.Grown(figures, jobs, *planned, cold, idle, cost(partial(pipeline, folder)).processor)


def where_it_goes(folder: Path, whole: Cost, idle: Cost, nothing: Cost) -> list[str]:
    """The rows of a cold run's processor time, and what no arrangement with Snakemake and matplotlib is without."""
    jobs = where.of_jobs(folder)
    preloaded = "; ".join(f"import {name}" for name in job_server.PRELOADED)
    server = least(2, lambda: run(folder, sys.executable, "-c", preloaded)).processor
    asked = [sys.executable, str(Path(__file__).with_name("where.py"))]
    drawn = float(run(folder, *asked).splitlines()[-1])
    rest = whole.processor - idle.processor - server - sum(jobs.values())
    floor = drawn + nothing.processor + server
    rows = [
        ("Snakemake alone: start, and to find out that as many jobs are done", nothing.processor),
        ("our config, plan and checks of what is there", idle.processor - nothing.processor),
        ("imports, once for all jobs", server),
        *((f"jobs: {kind}", seconds) for kind, seconds in sorted(jobs.items())),
        ("the rest: parsing all sources once, forks, Snakemake's records of jobs", rest),
    ]
    return [
        "| | processor time, s | share |",
        "|---|---|---|",
        *(f"| {name} | {found:.1f} | {found / whole.processor:.0%} |" for name, found in rows),
        "",
        f"Of the figures' time, {drawn:.1f} s are spent inside matplotlib: layout, drawing, and writing three formats.",
        "With Snakemake's start and the imports that is the floor of this arrangement:",
        f"{floor:.1f} s. A cold run takes {whole.processor / floor:.1f} times as much; above it are",
        f"{jobs['figures'] - drawn:.1f} s of the figures (notebooks, curves and ticks made, checks), "
        f"{jobs['tables']:.1f} s of the tables,",
        f"{jobs['report']:.1f} s of the report, {idle.processor - nothing.processor + rest:.1f} s of all else.",
    ]


@dataclass(frozen=True)
class Bench:
    """The two copies of the project, ours built.

    Attributes
    ----------
    scratch, ours, theirs : Path
    plan : Plan
    cold : Cost
        Of building ours.
    """

    scratch: Path
    ours: Path
    theirs: Path
    plan: Plan
    cold: Cost

    def idle(self) -> list[str]:
        """Nothing to do, against a workflow of as many jobs that do nothing."""
        nothing = bare(self.scratch / "bare", len(self.plan.tables) + len(self.plan.figures) + 3)
        rounds = [(cost(partial(pipeline, nothing)), cost(partial(pipeline, self.ours))) for _ in range(3)]
        empty, idle = (min(found, key=lambda one: one.processor) for found in zip(*rounds, strict=True))
        return [
            "## Nothing to do",
            "",
            "| least of three, in turn | processor time, s |",
            "|---|---|",
            f"| the pipeline | {idle.processor:.2f} |",
            f"| Snakemake with as many jobs that do nothing | {empty.processor:.2f} |",
            f"| ratio | {idle.processor / empty.processor:.2f} |",
            "",
        ]

    def change(self) -> list[str]:
        """One parameter of one table, against that table and that figure chosen by hand."""
        changed = [("khandelwal2020", "fig2")]
        picture = f"{figure_stem(*changed[0])}.png"
        rows, after = [], []
        for value in (0.12, 0.11, 0.13):
            change_one_parameter(self.ours, value)
            drawn, ours = picture_seconds(self.ours, picture, partial(pipeline, self.ours))
            hand = cost(lambda: plain(self.theirs, self.plan, changed, changed))
            change_one_parameter(self.ours, value + 0.001)
            alone = cost(partial(pipeline, self.ours, *self.plan.figure_files(*changed[0])))
            cost(partial(pipeline, self.ours))  # the server of jobs, which ends later, counts here
            cells = [drawn, ours.clock, hand.clock, ours.processor, alone.processor, hand.processor]
            ratios = drawn / hand.clock, ours.clock / hand.clock, ours.processor / hand.processor
            rows.append(f"| {' | '.join(f'{cell:.2f}' for cell in (*cells, *ratios))} |")
            after.append(ours.clock - drawn)
        return [
            "## One number changed",
            "",
            "By hand: that table's study in a Python process, then `papermill` on that figure's notebook. The picture",
            "alone is what `make watch` asks for. Seconds; each line is one round.",
            "",
            "| picture, clock | all, clock | by hand, clock | all, processor | picture alone, processor "
            "| by hand, processor | picture / hand | all / hand, clock | all / hand, processor |",
            f"|{'---|' * 9}",
            *rows,
            "",
            f"After the picture come {min(after):.2f} s by the clock: the report "
            f"({where.of_jobs(self.ours)['report']:.2f} s of processor time), the checksums and Snakemake's end.",
            "",
        ]

    def against_plain(self) -> list[str]:
        """A cold run against the plain arrangement, and where its time goes."""
        nothing = bare(self.scratch / "bare-cold", len(self.plan.tables) + len(self.plan.figures) + 3)
        empty, idle = cost(partial(pipeline, nothing)), cost(partial(pipeline, self.ours))
        whole = cost(lambda: plain(self.theirs, self.plan, self.plan.tables, self.plan.figures))
        memory, job = peak_memory(self.ours)
        return [
            "## From nothing",
            "",
            "| | pipeline, s | plain, s | ratio, clock | ratio, processor |",
            "|---|---|---|---|---|",
            f"| cold run, clock | {self.cold.clock:.1f} | {whole.clock:.1f} | {self.cold.over(whole)} |",
            f"| cold run, processor | {self.cold.processor:.1f} | {whole.processor:.1f} | | |",
            "",
            *where_it_goes(self.ours, self.cold, idle, empty),
            "",
            f"Largest job: {job}, {memory:.0f} MB (resident, what it shares with the job server included).",
            "",
        ]

    def growth(self) -> list[str]:
        """Writes a page and a picture of its own."""
        rows = [grown(self.scratch, figures) for figures in GROWN]
        growth.draw(rows, PROJECT / "benchmarks" / "growth.svg")
        page = growth.page(rows, f"{CORES} cores, {platform.machine()}.")
        (PROJECT / "benchmarks" / "growth.md").write_text(page, encoding="utf-8")
        return ["How it grows with the number of figures: [growth.md](growth.md).", ""]

    def set_up(self) -> list[str]:
        installed = set_up(fresh_copy(self.scratch / "set-up"))
        return [f"Set-up from nothing (`.venv`, hashed lock), the same for both: {installed:.0f} s.", ""]


def measure(scratch: Path, parts: Sequence[str] = PARTS) -> str:
    """The page, with these of `PARTS`."""
    adopt_orphans()
    load = psutil.cpu_percent(interval=5) / 100 * CORES
    ours, theirs = fresh_copy(scratch / "pipeline"), fresh_copy(scratch / "plain")
    plan = Plan(yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8")), PROJECT)
    bench = Bench(scratch, ours, theirs, plan, cost(lambda: pipeline(ours)))
    sections = {
        "cold": bench.against_plain,
        "idle": bench.idle,
        "change": bench.change,
        "growth": bench.growth,
        "set-up": bench.set_up,
    }
    missing = [part for part in PARTS if part not in parts]
    lines = [
        "# The pipeline against the plain arrangement",
        "",
        f"Written by `make bench`: {len(plan.tables)} tables, {len(plan.figures)} figures, each drawn as PDF, SVG and",
        f"PNG; {CORES} cores, {platform.machine()}. The plain arrangement is one Python process a table, then one",
        "`papermill` command a figure, as many at a time as there are cores. It knows nothing of what is up to date,",
        "so without a person who chooses it does everything again after every change.",
        "",
        f"When it began, other processes kept {load:.1f} of the {CORES} cores busy"
        + (": **the machine was shared**, and seconds by the clock say little." if load > 0.2 else "."),
        "Processor time (of all processes of a run) depends on that much less.",
        *([f"Not measured this time: {', '.join(missing)}."] if missing else []),
        "",
        f"A cold run took {bench.cold.processor:.1f} s of processor time.",
        "",
        *(line for part in PARTS if part in parts for line in sections[part]()),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    asked = sys.argv[1:] or PARTS
    if unknown := set(asked) - set(PARTS):
        raise SystemExit(f"{', '.join(sorted(unknown))}: no part of {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory() as scratch:
        report = measure(Path(scratch), asked)
    (PROJECT / "benchmarks" / "pipeline.md").write_text(report, encoding="utf-8")
    print(report)
