"""Tables in shards, as a user runs them: the same bytes for every cut, and nothing done twice."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.workflow.projects import PROJECT, Project
from tests.workflow.shard_projects import CUTS, SHARDS, TABLE, recut, sharded_config
from workflow.commands import cost
from workflow.config import config_checks
from workflow.identity.project_environment import pinned
from workflow.plan.plan import Plan

WHOLE = """
import sys
from qte.data import tables
from tests.workflow.shard_projects import KEY, sharded_config
from workflow.plan.plan import Plan

the_plan = Plan(sharded_config())
tables.write(the_plan.study(*KEY).table(), sys.argv[1], the_plan.provenance(*KEY))
"""


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The table computed and written as a whole, without the pipeline but with its arithmetic (pinned kernels)."""
    file = tmp_path_factory.mktemp("whole") / "robustness.csv"
    subprocess.run(
        [sys.executable, "-c", WHOLE, str(file)], cwd=PROJECT, env=os.environ | pinned(PROJECT), check=True
    )
    return file.read_bytes()


def same(project: Project, expected: bytes) -> bool:
    """Alone in an assertion: pytest's own comparison of two large tables takes minutes."""
    return project.path(TABLE).read_bytes() == expected


def shards_run(output: str) -> list[str]:
    return sorted(re.findall(r"^Job \d+: Computing points (\d+ to \d+)", output, flags=re.MULTILINE))


def test_shards_give_the_same_bytes_are_counted_and_leave_nothing(expected: bytes, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "project", sharded_config(points_per_shard=9000))
    output = project.build(TABLE)
    assert len(shards_run(output)) == 3
    assert re.findall(r"(\d of 3) shards are there", output) == ["1 of 3", "2 of 3", "3 of 3"]
    assert same(project, expected)
    assert list(project.path(SHARDS).glob("*")) == []
    # the same table, however it is cut from now on
    recut(project, shards=2)
    assert "Nothing to be done" in project.build(TABLE)


def test_a_killed_run_computes_only_the_shards_that_are_missing_or_damaged(
    expected: bytes, tmp_path: Path
) -> None:
    project = Project.create(tmp_path / "project", sharded_config(shards=3))
    # the last shard waits until the others are there, and then for its death
    project.edit(
        "workflow/jobs/results.py",
        "        its_provenance = shards.shard_of(",
        "        while self.start == 16384 and Path('dawdle').exists():\n"
        "            __import__('time').sleep(0.05)\n"
        "        its_provenance = shards.shard_of(",
    )
    project.path("dawdle").touch()
    run = project.start(TABLE)
    first, second, last = (project.path(f"{SHARDS}/{cut}.csv") for cut in CUTS)
    end = time.monotonic() + 90
    # Snakemake takes a moment to note that a job is done
    unfinished = project.path(".snakemake/incomplete")
    while not (first.exists() and second.exists() and len(list(unfinished.iterdir())) == 2):
        assert time.monotonic() < end, "the shards did not come"
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=30)
    assert not last.exists()
    assert not project.path(TABLE).exists()
    project.path("dawdle").unlink()
    second.write_bytes(second.read_bytes()[:-30])
    stray = project.path(f"{SHARDS}/0-4096.csv")
    foreign = project.path(f"{SHARDS}/0-100.csv")
    for file in (stray, foreign):
        file.write_text("of an earlier cut")
    with project.path("results/.made_by_runs.jsonl").open("a") as record:
        record.write(json.dumps([f"{SHARDS}/0-4096.csv", None]) + "\n")
    output = project.build(TABLE)
    assert shards_run(output) == ["16384 to 19845", "8192 to 16384"]
    assert f"Damaged, will be made again: {SHARDS}/{CUTS[1]}.csv" in output
    assert re.findall(r"(\d of 3) shards are there", output) == ["2 of 3", "3 of 3"]
    assert same(project, expected)
    # what a run made goes, what it did not stays
    assert not stray.exists()
    assert foreign.exists()


@pytest.mark.slow
def test_a_damaged_table_of_shards_is_made_again(expected: bytes, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "project", sharded_config())
    assert shards_run(project.build(TABLE)) == []
    assert same(project, expected)
    recut(project, shards=3)
    content = bytearray(project.path(TABLE).read_bytes())
    content[-5] ^= 1
    project.path(TABLE).write_bytes(content)
    plan = project.build(TABLE, "--dry-run")
    assert f"Damaged, will be made again: {TABLE}" in plan
    assert len(shards_run(plan)) == 3


def test_a_plain_run_leaves_the_large_section_alone() -> None:
    the_plan = Plan(sharded_config())
    assert TABLE not in the_plan.outputs()
    assert TABLE in the_plan.large_outputs()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"shards": 0}, ["robustness.shards", "at least 1", "0"]),
        ({"points_per_shard": -8}, ["robustness.points_per_shard", "at least 1", "-8"]),
        ({"shards": 2.5}, ["robustness.shards", "whole number", "2.5"]),
        ({"shards": 2, "points_per_shard": 9000}, ["robustness", "both `shards` and `points_per_shard`"]),
        ({"shard": 2}, ["unknown key", "did you mean 'shards'"]),
    ],
)
def test_a_wrong_cut_is_refused(entry: dict, said: list[str]) -> None:
    config = sharded_config(**entry)
    found = [str(problem) for problem in config_checks.problems(config, PROJECT)]
    assert len(found) == 1
    assert all(word in found[0] for word in said), found


def test_a_study_that_cannot_be_cut_is_named_with_those_that_can() -> None:
    config = sharded_config()
    config["tables"]["khandelwal2020"]["fig2"]["shards"] = 2
    (found,) = map(str, config_checks.problems(config, PROJECT))
    assert found.startswith("tables.khandelwal2020.fig2.shards: the study 'detuning_curves'")
    assert "khandelwal2025.robustness" in found
    config["tables"]["khandelwal2020"]["fig2"]["shards"] = 1
    assert config_checks.problems(config, PROJECT) == []


def test_a_large_table_may_not_take_a_standard_one_s_name() -> None:
    config = sharded_config()
    large = config["large"]["tables"]["khandelwal2025"]
    large["fig2"] = large.pop("robustness")
    config["large"]["figures"]["khandelwal2025"]["robustness"]["tables"] = ["fig2"]
    found = [str(problem) for problem in config_checks.problems(config, PROJECT)]
    assert len(found) == 1
    assert "the standard run has 'fig2' of khandelwal2025, too" in found[0]


def test_the_cost_is_measured_and_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    the_plan = Plan(sharded_config(shards=2))
    key = cost.find(the_plan, "khandelwal2025/robustness")
    sample = cost.take(the_plan.study(*key), the_plan.provenance(*key))
    assert (sample.blocks, sample.points) == (3, 19845)
    assert sample.seconds > 0
    said = cost.report("khandelwal2025/robustness", 19845, the_plan.cuts(*key), sample)
    assert "19845 points in 2 shards of at most 11653" in said
    with pytest.raises(SystemExit, match="did you mean 'khandelwal2025/robustness'"):
        cost.find(the_plan, "khandelwal2025/robustnes")


def test_the_slurm_profile_repeats_the_default_one() -> None:
    """`--workflow-profile` takes the place of profiles/default, so that its settings must stand in both."""
    default, slurm = (
        yaml.safe_load((PROJECT / "profiles" / name / "profile.yaml").read_text(encoding="utf-8"))
        for name in ("default", "slurm")
    )
    site = {"latency-wait"}
    assert {key: slurm.get(key) for key in default if key not in site} == {
        key: value for key, value in default.items() if key not in site
    }


def test_a_site_without_slurm_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from workflow.snakemake_door import cluster_words

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        SystemExit, match=r"no Slurm here \(sbatch, squeue, scancel not found\); nothing was run"
    ):
        cluster_words.check_site("slurm")
    cluster_words.check_site("local")


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("slurmstepd: error: StepId=6.batch exceeded memory limit (108 > 104), being killed", "more memory"),
        (
            "slurmstepd: error: *** JOB 4 ON n1 CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT ***",
            "longer",
        ),
        ("slurmstepd: error: *** JOB 4 ON n1 CANCELLED AT 2026-01-01T00:00:00 ***", "was cancelled"),
        ("ValueError: out of range (details: results/logs/x.log)", "failed: ValueError: out of range"),
        ("Building DAG of jobs...", "its node is lost"),
        (None, "its node is lost"),
    ],
)
def test_slurm_s_log_becomes_one_line(tmp_path: Path, log: str | None, said: str) -> None:
    from workflow.snakemake_door import cluster_words

    file = tmp_path / "6.log"
    if log is not None:
        file.write_text(log + "\n")
    assert said in cluster_words.why(file)


def test_a_job_that_will_never_start_is_told_from_one_that_waits() -> None:
    from workflow.snakemake_door import cluster_words

    reasons = ["7|PartitionTimeLimit", "8|Resources", "10|PartitionConfig", "11|None"]
    queue = "\n".join([*(f"{line}|/run" for line in reasons), "9|PartitionConfig|/other"])
    assert cluster_words.stuck(queue, Path("/run")) == [
        ("7", "PartitionTimeLimit"),
        ("10", "PartitionConfig"),
    ]


def test_a_shard_that_waits_to_be_made_again_is_not_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from snakemake_interface_logger_plugins.common import LogEvent

    from workflow.snakemake_door.shard_progress import CountShards

    first, damaged, missing = (tmp_path / f"{start}-{start + 10}.csv" for start in (0, 10, 20))
    first.touch()
    damaged.touch()
    counting = CountShards(lambda wildcards: [*map(str, (first, damaged, missing))], [str(damaged)])

    def say(event: LogEvent, **fields: object) -> None:
        record = logging.LogRecord("snakemake", logging.INFO, "", 0, "", None, None)
        vars(record).update(fields | {"event": event})
        assert counting.filter(record)

    with caplog.at_level(logging.INFO, "snakemake.logging"):
        for number, file in ((3, missing), (4, damaged)):
            start, stop = file.stem.split("-")
            wildcards = {"paper": "p", "table": "t", "start": start, "stop": stop}
            say(LogEvent.JOB_INFO, jobid=number, wildcards=wildcards)
            file.touch()
            say(LogEvent.JOB_FINISHED, job_id=number)
        say(LogEvent.JOB_INFO, jobid=5, wildcards={"paper": "p"})
        say(LogEvent.JOB_FINISHED, job_id=5)
    assert caplog.messages == [f"Table p/t: {count} of 3 shards are there" for count in (2, 3)]
