"""Runs that are interrupted, killed, started twice or out of disk: a clear word, nothing lost, right bytes next."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.workflow.projects import Project


def wait_for(condition, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def processes_in(root: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) == root and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def leftovers(root: Path) -> list[Path]:
    return [file for file in root.rglob("*.tmp") if ".snakemake" not in file.parts]


@pytest.mark.parametrize(
    ("first_sign", "number", "to_the_group"),
    [
        ("results/tables/khandelwal2020/fig2.csv", signal.SIGKILL, False),
        pytest.param(
            "results/logs/figures/khandelwal2020/fig1.log", signal.SIGKILL, False, marks=pytest.mark.slow
        ),
        pytest.param(
            "results/logs/tables/khandelwal2025/fig2.log", signal.SIGINT, True, marks=pytest.mark.slow
        ),
        ("results/logs/figures/khandelwal2020/fig2.log", signal.SIGINT, False),
    ],
)
def test_a_stopped_run_is_taken_up_again(
    built: Project, tmp_path: Path, first_sign: str, number: signal.Signals, to_the_group: bool
) -> None:
    project = built.unbuilt(tmp_path / "project")
    run = project.start()
    wait_for(project.path(first_sign).exists)
    (os.killpg if to_the_group else os.kill)(run.pid, number)
    output, _ = run.communicate(timeout=30)
    assert run.returncode != 0
    wait_for(lambda: not processes_in(project.root), seconds=10)
    if number == signal.SIGINT:
        assert "Traceback" not in output
    assert not project.path("results/SHA256SUMS").exists()
    project.build()
    assert project.sums == built.sums
    assert leftovers(project.root) == []
    assert project.pending() == []


def test_leftovers_of_a_killed_writer_are_cleared_and_those_of_others_are_not(copy: Project) -> None:
    leftover = copy.path("results/tables/khandelwal2020/.fig2.csv.0123456789ab.tmp")
    foreign = [
        copy.path(name)
        for name in ("results/tables/.mine.csv.0123456789ab.tmp", "figures/.x.tmp", "runs/.y.tmp")
    ]
    for file in (leftover, *foreign):
        file.parent.mkdir(exist_ok=True)
        file.write_text("half a table")
    copy.append(
        "results/.made_by_runs.jsonl",
        '["results/tables/khandelwal2020/fig2.csv", ".fig2.csv.0123456789ab.tmp"]\n',
    )
    copy.path("figures/khandelwal2020/fig1.png").unlink()
    copy.build()
    assert not leftover.exists()
    assert all(file.read_text() == "half a table" for file in foreign)


def test_removing_the_folder_of_snakemake_lets_no_second_run_in(built: Project, tmp_path: Path) -> None:
    project = built.unbuilt(tmp_path / "project")
    first = project.start()
    wait_for(project.path("results/logs").exists)
    first.send_signal(signal.SIGSTOP)
    try:
        shutil.rmtree(project.path(".snakemake"))
        second = project.run()
    finally:
        first.kill()
        first.communicate(timeout=30)
    assert second.returncode == 1
    assert (
        "Another run (process unknown) is at work in this folder; nothing was run. Wait for it, or stop it."
        in second.stdout
    )


def test_a_second_run_is_refused_and_the_first_goes_on(built: Project, tmp_path: Path) -> None:
    project = built.unbuilt(tmp_path / "project")
    first = project.start()
    lock = project.path(".snakemake/qte.lock")
    wait_for(lambda: lock.exists() and lock.read_text() != "")
    # held where it is: the second must not come when the first has just ended
    first.send_signal(signal.SIGSTOP)
    try:
        second = project.run()
    finally:
        first.send_signal(signal.SIGCONT)
    assert second.returncode == 1
    assert f"Another run (process {first.pid}) is at work in this folder" in second.stdout
    assert "Traceback" not in second.stdout
    output, _ = first.communicate(timeout=120)
    assert first.returncode == 0, output[-2000:]
    assert project.sums == built.sums


def test_a_failing_notebook_says_so_in_one_line_and_the_rest_is_done(copy: Project) -> None:
    notebook = copy.path("notebooks/khandelwal2020/fig1.ipynb")
    content = json.loads(notebook.read_text())
    broken = dict(content["cells"][-1], cell_type="code", source=["1 / 0"], outputs=[], execution_count=None)
    content["cells"].append(broken | {"id": "broken"})
    notebook.write_text(json.dumps(content))
    copy.path("figures/khandelwal2025/fig2.png").unlink()
    done = copy.run()
    assert done.returncode != 0
    lines = [line for line in done.stdout.splitlines() if "ZeroDivisionError" in line]
    assert len(lines) == 1
    assert lines[0].startswith("notebook notebooks/khandelwal2020/fig1.ipynb, cell")
    log = "results/logs/figures/khandelwal2020/fig1.log"
    assert log in lines[0]
    assert "1 / 0" in copy.path(log).read_text()
    assert "Traceback" not in done.stdout
    for form in ("pdf", "svg", "png"):
        assert not copy.path(f"figures/khandelwal2020/fig1.{form}").exists()
    assert copy.path("figures/khandelwal2025/fig2.png").exists()


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("def (", "SyntaxError: invalid syntax"),
        ("import qte.gone", "ModuleNotFoundError: No module named 'qte.gone'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit('enough')", "SystemExit: enough"),
    ],
)
def test_a_broken_study_is_one_broken_figure_and_the_rest_is_done(
    copy: Project, built: Project, line: str, what: str
) -> None:
    study = "qte/papers/khandelwal2025/studies.py"
    copy.append(study, f"\n{line}\n")
    where = f"{study}, line {len(copy.path(study).read_text().splitlines())}: {what}"
    copy.path("figures/khandelwal2020/fig1.png").unlink()
    done = copy.run()
    assert done.returncode != 0
    assert [text for text in done.stdout.splitlines() if where in text], done.stdout
    assert "Traceback" not in done.stdout
    assert copy.path("figures/khandelwal2020/fig1.png").read_bytes() == (
        built.path("figures/khandelwal2020/fig1.png").read_bytes()
    )
    # mended, it is what it was
    copy.path(study).write_bytes(built.path(study).read_bytes())
    assert copy.run().returncode == 0
    assert copy.sums == built.sums


def test_a_notebook_that_draws_nothing_is_told_what_to_do(copy: Project) -> None:
    notebook = copy.path("notebooks/khandelwal2020/fig1.ipynb")
    content = json.loads(notebook.read_text())
    kept = [cell for cell in content["cells"] if "plotting.save" not in "".join(cell["source"])]
    assert len(kept) < len(content["cells"])
    notebook.write_text(json.dumps(content | {"cells": kept}))
    done = copy.run()
    assert done.returncode != 0
    assert "its last step must be plotting.save(fig, output)" in done.stdout


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.slow
def test_a_full_disk_is_named_and_room_lets_the_run_finish(built: Project, small_disk: Path) -> None:
    project = built.unbuilt(small_disk / "project")
    project.path("results/.cache").mkdir(parents=True)
    filler = small_disk / "filler"
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    filler.write_bytes(b"0" * (free - 300_000))
    done = project.run()
    assert done.returncode != 0
    assert "No space left on device" in done.stdout
    filler.unlink()
    project.build()
    assert project.sums == built.sums
    assert leftovers(project.root) == []


def test_no_job_needs_more_than_500_MB(built: Project) -> None:
    records = list(built.path("results/benchmarks").rglob("*.tsv"))
    assert len(records) == 8
    for record in records:
        header, values = (line.split("\t") for line in record.read_text().splitlines())
        assert float(dict(zip(header, values, strict=True))["max_rss"]) < 500, record
