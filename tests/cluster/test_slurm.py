"""The run on a real Slurm: the bytes of a local run, and what its faults say and leave.  make test-slurm"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from tests.cluster.slurm import Cluster, daemons
from tests.workflow.projects import PROJECT, Project, small_config
from tests.workflow.shard_projects import CUTS, SHARDS, TABLE, sharded_config

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

# What a site may change in profiles/slurm, for a node of two cores with local disks.
SITE = ["--cores", "2", "--latency-wait", "10", "--slurm-init-seconds-before-status-checks", "2"]
# One job a shard, so that one can be lost; no second attempt, so that the loss is seen.
ALONE = ["--groups", "build_table=tables", "--retries", "0"]


RUNS: list[subprocess.Popen[str]] = []


class OnSlurm(Project):
    """A project run through `profiles/slurm`."""

    def start(self, *arguments: str, cores: int = 2) -> subprocess.Popen[str]:
        RUNS.append(super().start(*arguments, cores=cores))
        return RUNS[-1]

    def command(self, *arguments: str, cores: int = 2) -> list[str]:
        command = super().command(*arguments)
        del command[3:5]
        return [*command, "--workflow-profile", "profiles/slurm", *SITE]


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    """No run outlives its test."""
    yield
    for run in RUNS:
        with suppress(OSError):
            os.killpg(run.pid, signal.SIGKILL)
    RUNS.clear()


def dawdling(root: Path) -> OnSlurm:
    """A project with three shards, of which the second takes as long as the file `dawdle` is there."""
    project = OnSlurm.create(root, sharded_config(shards=3))
    project.edit(
        "workflow/jobs/results.py",
        "        its_provenance = shards.shard_of(",
        "        while self.start == 8192 and Path('dawdle').exists():\n"
        "            __import__('time').sleep(0.2)\n"
        "        its_provenance = shards.shard_of(",
    )
    project.path("dawdle").touch()
    return OnSlurm(project.root)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The table of a local run, computed as a whole."""
    project = Project.create(tmp_path_factory.mktemp("local") / "project", sharded_config())
    project.build(TABLE)
    return project.path(TABLE).read_bytes()


def wait_for(condition: Callable[[], bool], run: subprocess.Popen[str], seconds: float = 240.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        assert run.poll() is None, run.communicate()[0][-3000:]
        time.sleep(0.2)


def running_shard(cluster: Cluster, cut: str) -> str:
    """Number of the running job that computes a shard, or nothing."""
    name = f"robustness_{cut.replace('-', '_')}"
    running = [job for job, state, comment in cluster.jobs() if state == "RUNNING" and comment.endswith(name)]
    return running[0] if running else ""


def computed(output: str) -> list[str]:
    return sorted(re.findall(r"Computing points (\d+ to \d+)", output))


def finish(project: OnSlurm, expected: bytes) -> str:
    """Run again without the hindrance, and without the cluster, which is quicker: the same bytes as ever."""
    project.path("dawdle").unlink(missing_ok=True)
    output = Project(project.root).build(TABLE)
    assert project.path(TABLE).read_bytes() == expected
    return output


@pytest.mark.parametrize("everything", [False, True], ids=["small", "whole"])
def test_the_run_gives_the_bytes_of_a_local_one(cluster: Cluster, tmp_path: Path, everything: bool) -> None:
    config = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))
    config = config if everything else small_config()
    local = Project.create(tmp_path / "local", config)
    local.build()
    project = OnSlurm(Project.create(tmp_path / "slurm", config).root)
    run = project.start()
    addresses: set[str] = set()
    while run.poll() is None:
        addresses |= cluster.listening()
        time.sleep(0.5)
    output = run.communicate()[0]
    assert run.returncode == 0, output[-3000:]
    assert project.sums == local.sums
    assert addresses == {"127.0.0.1"}
    assert len(re.findall("has been submitted with SLURM jobid", output)) >= 2
    # grouped: far fewer jobs of the cluster than of the run
    assert len(re.findall("has been submitted", output)) <= len(re.findall(r"Job \d+: ", output))
    assert "Nothing to be done" in project.build()


def test_a_cancelled_job_is_named_and_alone_done_again(
    cluster: Cluster, tmp_path: Path, expected: bytes
) -> None:
    project = dawdling(tmp_path / "project")
    run = project.start(TABLE, *ALONE)
    wait_for(lambda: running_shard(cluster, CUTS[1]) != "", run)
    job = running_shard(cluster, CUTS[1])
    wait_for(lambda: len(cluster.jobs()) == 1, run)
    cluster.ask("scancel", job)
    output = run.communicate(timeout=300)[0]
    assert run.returncode != 0
    assert f"Cluster job {job} was cancelled; its log:" in output
    assert not project.path(f"{SHARDS}/{CUTS[1]}.csv").exists()
    assert project.path(f"{SHARDS}/{CUTS[2]}.csv").exists()
    assert computed(finish(project, expected)) == ["8192 to 16384"]


def test_a_cancelled_job_is_tried_again_by_itself(cluster: Cluster, tmp_path: Path, expected: bytes) -> None:
    project = dawdling(tmp_path / "project")
    run = project.start(TABLE, *ALONE[:2])
    wait_for(lambda: running_shard(cluster, CUTS[1]) != "", run)
    project.path("dawdle").unlink()
    cluster.ask("scancel", running_shard(cluster, CUTS[1]))
    output = run.communicate(timeout=400)[0]
    assert run.returncode == 0, output[-3000:]
    assert project.path(TABLE).read_bytes() == expected


def test_a_lost_node_is_named_and_what_is_done_is_kept(
    cluster: Cluster, tmp_path: Path, expected: bytes
) -> None:
    project = dawdling(tmp_path / "project")
    run = project.start(TABLE, *ALONE)
    wait_for(lambda: running_shard(cluster, CUTS[1]) != "", run)
    job = running_shard(cluster, CUTS[1])
    wait_for(lambda: len(cluster.jobs()) == 1, run)
    cluster.lose_node()
    try:
        wait_for(lambda: f"Cluster job {job}" in said(project), run)
    finally:
        cluster.start_node()
    project.path("dawdle").unlink()
    output = run.communicate(timeout=300)[0]
    assert run.returncode != 0
    assert f"Cluster job {job} lost its node; its log:" in output
    assert computed(finish(project, expected)) == ["8192 to 16384"]


def said(project: OnSlurm) -> str:
    """What a run in the background has said so far, from Snakemake's own log."""
    logs = sorted(project.path(".snakemake/log").glob("*.log"))
    return logs[-1].read_text(encoding="utf-8") if logs else ""


@pytest.mark.parametrize(
    ("limit", "word"),
    [
        ("build_shard:mem_mb=60", "used more memory than its rule asks for (mem_mb)"),
        ("build_shard:runtime=1", "ran longer than its rule asks for (runtime)"),
    ],
)
def test_a_job_over_its_limits_is_told_which(
    cluster: Cluster, tmp_path: Path, expected: bytes, limit: str, word: str
) -> None:
    project = dawdling(tmp_path / "project")
    if "mem" in limit:
        project.path("dawdle").unlink()
    done = project.run(TABLE, *ALONE, "--set-resources", limit)
    assert done.returncode != 0
    assert word in done.stdout, done.stdout[-3000:]
    assert not project.path(TABLE).exists()
    finish(project, expected)


def test_a_full_queue_is_waited_for(cluster: Cluster, tmp_path: Path, expected: bytes) -> None:
    blocker = cluster.ask(
        "sbatch", "--parsable", "--exclusive", "--output=/dev/null", "--wrap=sleep 900"
    ).strip()
    project = OnSlurm(Project.create(tmp_path / "project", sharded_config(shards=3)).root)
    run = project.start(TABLE)
    wait_for(lambda: any(state == "PENDING" for _, state, _ in cluster.jobs()), run)
    time.sleep(10)
    assert run.poll() is None
    assert not project.path(SHARDS).exists()
    cluster.ask("scancel", blocker)
    output = run.communicate(timeout=400)[0]
    assert run.returncode == 0, output[-3000:]
    assert project.path(TABLE).read_bytes() == expected


def test_a_job_that_no_partition_can_take_is_named(cluster: Cluster, tmp_path: Path, expected: bytes) -> None:
    project = dawdling(tmp_path / "project")
    project.path("dawdle").unlink()
    run = project.start(TABLE, *ALONE, "--set-resources", "build_shard:runtime=99999")
    try:
        wait_for(lambda: "will not start as things are (PartitionTimeLimit)" in said(project), run)
        stuck = [job for job, state, _ in cluster.jobs() if state == "PENDING"]
        assert len(stuck) == 3
        cluster.ask("scancel", *stuck)
        run.communicate(timeout=200)
    finally:
        run.kill()
    assert run.returncode != 0
    finish(project, expected)


def test_a_queue_that_takes_nothing_is_named(cluster: Cluster, tmp_path: Path, expected: bytes) -> None:
    project = OnSlurm(Project.create(tmp_path / "project", sharded_config(shards=3)).root)
    cluster.ask("scontrol", "update", "PartitionName=main", "State=DRAIN")
    try:
        done = project.run(TABLE, *ALONE)
    finally:
        cluster.ask("scontrol", "update", "PartitionName=main", "State=UP")
    assert done.returncode != 0
    assert "SLURM sbatch failed" in done.stdout
    assert "inactive or drain" in done.stdout
    finish(project, expected)


def test_a_site_without_slurm_is_told_so(tmp_path: Path) -> None:
    project = OnSlurm(Project.create(tmp_path / "project", sharded_config(shards=3)).root)
    bare = tmp_path / "bin"
    bare.mkdir()
    for name in ("which", "git", "sh", "bash"):
        if found := shutil.which(name):
            (bare / name).symlink_to(found)
    done = project.run(TABLE, PATH=str(bare))
    assert done.returncode != 0
    assert "There is no Slurm here (sbatch, squeue, scancel not found); nothing was run." in done.stdout
    assert "Traceback" not in done.stdout
    assert not project.path("results/shards").exists()


def test_the_cluster_ends_without_a_trace(tmp_path: Path) -> None:
    """Runs last: in a process of its own, a cluster starts and ends."""
    before = daemons()
    script = (
        "import sys; from pathlib import Path; from tests.cluster import slurm\n"
        "with slurm.running(Path(sys.argv[1])) as c: print(c.node_state())"
    )
    conf = Path("/etc/slurm/slurm.conf")
    found = conf.read_bytes() if conf.exists() else None
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "second")], cwd=PROJECT, capture_output=True, text=True
    )
    assert "IDLE" in done.stdout, done.stderr
    assert daemons() == before
    assert (conf.read_bytes() if conf.exists() else None) == found
