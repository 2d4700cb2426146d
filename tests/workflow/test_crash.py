"""What people do to a project: killed runs, lost memory, clocks set back, folders that refuse to be written.

Full disk, Ctrl-C, two runs at once: tests/workflow/test_runs.py. Damaged and swapped files, a lost `.snakemake`:
tests/workflow/test_staleness.py. Another folder with spaces and accents: tests/workflow/test_determinism.py.
"""

import hashlib
import os
import random
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.workflow.projects import Project
from tests.workflow.test_runs import leftovers, processes_in, wait_for


def kill_at_random_moments(
    project: Project, times: int, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Start a run, SIGKILL it somewhere in its life, begin again; what is there must never be wrong."""
    chance = random.Random(seed)
    started = time.monotonic()
    project.build()
    length, right = time.monotonic() - started, project.sums
    counts = {"killed": 0, "finished first": 0, "results found": 0}
    while counts["killed"] < times:
        for folder in ("results", "figures"):
            if chance.random() < 0.5:
                shutil.rmtree(project.path(folder), ignore_errors=True)
        if chance.random() < 0.2:
            shutil.rmtree(project.path(".snakemake"), ignore_errors=True)
        run = project.start(cores=chance.choice([1, 2]))
        try:
            run.communicate(timeout=chance.uniform(0.0, length))
            counts["finished first"] += 1
        except subprocess.TimeoutExpired:
            run.kill()
            run.communicate()
            counts["killed"] += 1
        wait_for(lambda: not processes_in(project.root), seconds=20)
        counts["results found"] += check_what_is_there(project, right)
    project.build()
    assert project.sums == right
    assert leftovers(project.root) == []
    assert project.pending() == []
    with capsys.disabled():
        print(f"\n{counts}; the last one ended with the right bytes")


def check_what_is_there(project: Project, right: str) -> int:
    """Every result that has its name has its content: nothing half-written looks finished."""

    found = 0
    for line in right.splitlines():
        digest, name = line.split("  ", 1)
        file = project.path(name)
        if file.exists():
            found += 1
            assert hashlib.sha256(file.read_bytes()).hexdigest() == digest, f"{name} is not what it should be"
    return found


@pytest.mark.slow
def test_a_run_killed_four_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kill_at_random_moments(Project.create(tmp_path / "project"), 4, 1, capsys)


@pytest.mark.slow
def test_a_run_killed_fifty_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kill_at_random_moments(Project.create(tmp_path / "project"), 50, 2, capsys)


def test_a_clock_set_back(built: Project, copy: Project) -> None:
    """All results seem to come from the future, all sources from the past; content decides."""
    future = time.time() + 10 * 86400
    for folder in ("results", "figures"):
        for file in copy.path(folder).rglob("*"):
            if file.is_file():
                os.utime(file, (future, future))
    assert copy.pending() == []
    config = copy.config
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] = 0.11
    copy.write_config(config)
    os.utime(copy.path("config.yaml"), (0, 0))
    assert "table khandelwal2020/fig2" in copy.pending()
    copy.build()
    assert copy.sums != built.sums
    assert copy.pending() == []
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] = 0.1
    copy.write_config(config)
    copy.build()
    assert copy.sums == built.sums


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Root may write into any folder but one on a file system that is mounted so."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
        yield
        folder.chmod(0o755)
        return
    for command in (["--bind", folder, folder], ["-o", "remount,ro,bind", folder]):
        done = subprocess.run(["mount", *command], capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"a folder cannot be mounted read-only here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_read_only_figures_are_named(built: Project, copy: Project) -> None:
    copy.append("qte/plotting/style.py", "\n_ADDED_BY_A_TEST = 1\n")
    with read_only(copy.path("figures/khandelwal2020")):
        done = copy.run()
    assert done.returncode != 0
    assert "Write-protected" in done.stdout
    # whichever of the paper's figures is planned first
    assert re.search(r"figures/khandelwal2020/fig[12]\.pdf", done.stdout)
    assert "Traceback" not in done.stdout
    assert copy.sums == built.sums
    copy.build()
    assert copy.pending() == []


@pytest.mark.slow
def test_a_fresh_clone_with_a_changed_config_shows_nothing_old(built: Project, tmp_path: Path) -> None:
    """Git keeps no times and no results: sources and reference arrive, everything else is made."""
    clone = Project.create(tmp_path / "clone")
    config = clone.config
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] = 0.11
    clone.write_config(config)
    clone.build()
    same = set(clone.sums.splitlines()) & set(built.sums.splitlines())
    assert not [line for line in same if "khandelwal2020/fig2" in line]
    assert [line for line in same if "khandelwal2025/fig2.csv" in line]


def test_results_copied_from_another_project_are_not_believed(built: Project, tmp_path: Path) -> None:
    """Figures and tables of other params, without Snakemake's memory: seen as out of date, and made again."""
    other = Project.create(tmp_path / "other")
    config = other.config
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] = 0.11
    other.write_config(config)
    for folder in ("results", "figures"):
        shutil.copytree(built.root / folder, other.root / folder)
    assert other.pending() == ["checksums", "figure khandelwal2020/fig2", "table khandelwal2020/fig2"]


def test_a_symlinked_checkout(built: Project, copy: Project, tmp_path: Path) -> None:
    link = tmp_path / "a link"
    link.symlink_to(copy.root, target_is_directory=True)
    linked = Project(link)
    assert linked.pending() == []
    copy.path("figures/khandelwal2020/fig2.svg").unlink()
    linked.build()
    assert copy.sums == built.sums
    assert copy.pending() == []
