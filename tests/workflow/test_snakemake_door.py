"""Canaries: each thing that this project uses of Snakemake, tried on the Snakemake that is installed.

`make canaries` runs them on the locked and on the newest release 9. A failure says what the release has changed and
which function of workflow/snakemake_door is to be looked at.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.projects import PROJECT

SNAKEFILE = f"""
import sys

sys.path.insert(0, {str(PROJECT)!r})
sys.dont_write_bytecode = True

import json
import logging
import os
from pathlib import Path

from snakemake.logging import logger

from workflow.snakemake_door import door, job_server
from canary_jobs import Fail, SayMain, said


def say(what, **values):
    with open("said.jsonl", "a") as file:
        print(json.dumps(dict(what=what, **values)), file=file)


class Listen(logging.Filter):
    def filter(self, record):
        event = getattr(record, "event", None)
        if event is not None:
            fields = dict((key, value) for key, value in vars(record).items() if key in said)
            say(str(event), message=str(record.msg), **json.loads(json.dumps(fields, default=str)))
        return True


def needs(wildcards):
    if os.environ.get("FORCE"):
        say("forced", news=[door.force_rebuild(workflow, "b.txt") for _ in range(2)])
    say("recorded", inputs=door.recorded_inputs(workflow, "b.txt"))
    return ["a.txt"]


asked = door.config_settings(workflow)
say("main", main=door.is_main_process(workflow), pid=os.getpid())
say("asked", files=[str(file) for file in asked.configfiles], config=dict(asked.config),
    replace=asked.replace_workflow_config)


rule end:
    input: "b.txt"


rule make_b:
    input: needs
    output: "b.txt"
    log: "logs/b.log"
    run:
        say("job", main=door.is_main_process(workflow), pid=os.getpid())
        Path(output[0]).write_text("b")


rule make_c:
    output: "{{name}}.c"
    log: "logs/{{name}}.log"
    message: "Making {{wildcards.name}}"
    run:
        job_server.run(SayMain(output[0]), str(log), True)


rule fail:
    output: "fail.txt"
    log: "logs/fail.log"
    run:
        job_server.run(Fail(), str(log), True)


onstart:
    say("executor", name=door.executor(workflow))
    logger.addFilter(Listen())
    logger.addFilter(job_server.ShortFailures())
    job_server.start()
"""
JOBS = """
import sys
from dataclasses import dataclass
from pathlib import Path

said = (
    "jobid", "job_id", "wildcards", "log", "rule_name", "rule_msg", "done", "total", "exception", "output", "reason"
)


@dataclass
class SayMain:
    file: str

    def run(self):
        main = sys.modules.get("__mp_main__", sys.modules["__main__"])
        loaded = [name for name in ("snakemake.cli", "snakemake.workflow") if name in sys.modules]
        Path(self.file).write_text(f"{getattr(main, '__file__', None)} {loaded}")


class Fail:
    def run(self):
        raise ValueError("on purpose")
"""


class Canary:
    """A folder with a small workflow that says what it finds in Snakemake."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "Snakefile").write_text(SNAKEFILE)
        (root / "canary_jobs.py").write_text(JOBS)
        (root / "a.txt").write_text("a")

    def run(self, *arguments: str, threads: bool = True, **environment: str) -> str:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST"))}
        command = [sys.executable, "-m", "snakemake", "--cores", "1", *arguments]
        done = subprocess.run(
            [*command, "--force-use-threads"] if threads else command,
            cwd=self.root,
            env=kept | {"PYTHONPATH": os.pathsep.join([str(self.root), str(PROJECT)])} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        self.code = done.returncode
        return done.stdout

    def said(self, what: str) -> list[dict]:
        lines = map(json.loads, (self.root / "said.jsonl").read_text().splitlines())
        return [line for line in lines if line["what"] == what]


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    return Canary(tmp_path)


def test_a_process_made_for_one_job_is_told_from_the_main_one(canary: Canary) -> None:
    output = canary.run(threads=False)
    assert canary.code == 0, output
    (job,) = canary.said("job")
    main = {line["pid"]: line["main"] for line in canary.said("main")}
    assert sorted(main.values()) == [False, True], (
        "Snakemake's `workflow.is_main_process` is no longer true in the main process and false in a job's: "
        f"door.is_main_process. Found {main}\n{output}"
    )
    assert job["main"] is False, (
        "a job of its own process takes itself for the main one: door.is_main_process"
    )


def test_jobs_run_in_the_main_process_with_force_use_threads(canary: Canary) -> None:
    output = canary.run()
    (job,) = canary.said("job")
    assert (job["main"], job["pid"]) == (True, canary.said("main")[0]["pid"]), (
        "`force-use-threads` no longer runs jobs as threads of the main process, which forks need: "
        f"profiles/default, common.smk `do`\n{output}"
    )


def test_what_the_command_line_says_of_the_config_is_known(canary: Canary) -> None:
    (canary.root / "over.yaml").write_text("x: 1\n")
    output = canary.run("--configfile", "over.yaml", "--config", "yy=2")
    (found,) = canary.said("asked")
    assert [Path(file).name for file in found["files"]] == ["over.yaml"], (
        f"`workflow.config_settings.configfiles` no longer lists the overlays: door.config_settings\n{output}"
    )
    assert found["config"] == {"yy": 2}, "`workflow.config_settings.config` has changed: door.config_settings"
    assert found["replace"] is False, "`replace_workflow_config` has changed: door.config_settings"


def test_the_executor_has_its_name(canary: Canary) -> None:
    output = canary.run()
    assert [line["name"] for line in canary.said("executor")] == ["local"], (
        f"`workflow.executor_plugin.name` no longer says which executor runs: door.executor\n{output}"
    )


def test_a_file_can_be_forced_while_jobs_are_planned(canary: Canary) -> None:
    canary.run()
    assert "Nothing to be done" in canary.run()
    output = canary.run(FORCE="1")
    assert len(canary.said("job")) == 2, (
        "a file added to `workflow.dag.forcefiles` by an input function is no longer made again: "
        f"door.force_rebuild\n{output}"
    )
    assert canary.said("forced")[0]["news"] == [True, False]
    assert "Nothing to be done" in canary.run()


def test_the_inputs_of_an_earlier_run_are_on_record(canary: Canary) -> None:
    output = canary.run()
    assert canary.said("recorded")[0]["inputs"] == []
    canary.run()
    assert canary.said("recorded")[-1]["inputs"] == ["a.txt"], (
        f"`workflow.persistence.input` no longer says what a file was made from: door.recorded_inputs\n{output}"
    )


def test_forks_do_not_run_snakemake_again(canary: Canary) -> None:
    output = canary.run("x.c")
    assert canary.code == 0, output
    assert (canary.root / "x.c").read_text() == "None []", (
        f"a fork of the job server loads Snakemake's own script or more of it: door.without_main\n{output}"
    )


def test_events_have_the_fields_that_count_shards_and_explain_failures(canary: Canary) -> None:
    output = canary.run("x.c", "fail.txt", "--keep-going")
    info = {line["rule_name"]: line for line in canary.said("job_info")}
    wanted = (info["make_c"]["wildcards"], info["make_c"]["rule_msg"], info["make_c"]["log"])
    assert wanted == ({"name": "x"}, "Making x", ["logs/x.log"]), (
        f"JOB_INFO has other fields: shard_progress.CountShards\n{info}\n{output}"
    )
    finished = [line["job_id"] for line in canary.said("job_finished")]
    assert finished == [info["make_c"]["jobid"]], f"JOB_FINISHED has other fields: CountShards\n{output}"
    (failed,) = canary.said("job_error")
    assert (failed["jobid"], failed["log"]) == (info["fail"]["jobid"], ["logs/fail.log"]), (
        f"JOB_ERROR has other fields: cluster_words.WhyItEnded\n{failed}"
    )


def test_a_failed_job_says_its_one_line(canary: Canary) -> None:
    output = canary.run("fail.txt")
    assert canary.code != 0
    line = "ValueError: on purpose (details: logs/fail.log)"
    assert output.splitlines().count(line) == 1, (
        "the message of a job's exception is no longer part of what Snakemake logs: job_server.ShortFailures"
        f"\n{output}"
    )
    assert "Traceback" not in output


INNER = f"""
import sys

sys.path.insert(0, {str(PROJECT)!r})

from workflow.snakemake_door import door

inside = door.is_module(workflow)
print("SAID", inside, dict(config), str(workflow.current_basedir), door.asks_for_conda(workflow))


rule a:
    output: "{{name}}.a"
    shell: "touch {{output}}"


include: "own.smk"


files = [str(workflow.current_basedir) + "/own.smk"]
print("SAID", sorted(door.clashes(workflow, files)), door.makes(workflow, "b.b"), door.makes(workflow, "x.a"))
"""
OWN = """
rule own:
    output: "x.a", "y.own"
    shell: "touch {output}"
"""


def test_a_module_knows_itself_its_config_its_place_and_all_rules(canary: Canary) -> None:
    inner = canary.root / "inner"
    inner.mkdir()
    (inner / "Snakefile").write_text(INNER)
    (inner / "own.smk").write_text(OWN)
    (canary.root / "Snakefile").write_text(
        'module inner:\n    snakefile: "inner/Snakefile"\n    config: {"k": 1}\n\n\nuse rule * from inner as in_*\n'
    )
    output = canary.run("-n", "y.own")
    said = [line.removeprefix("SAID ") for line in output.splitlines() if line.startswith("SAID")]
    assert said[:1] == [f"True {{'k': 1}} {inner} False"], (
        "what a module finds has changed: `workflow.modifier`, the global `config`, `workflow.current_basedir`, "
        f"`workflow.deployment_settings`; door.is_module, Snakefile, door.asks_for_conda\n{output}"
    )
    assert said[1:] == ["[('in_own', 'x.a', 'in_a')] False True"], (
        f"`workflow.rules`, `rule.is_producer` or `rule.snakefile` have changed: door.clashes, door.makes\n{output}"
    )
    canary.run("-n", "y.own", "-s", "inner/Snakefile", "--sdm", "conda")
    main = canary.run("-n", "y.own", "-s", "inner/Snakefile", "--sdm", "conda")
    assert f"SAID False {{}} {inner} True" in main, f"door.is_module or door.asks_for_conda\n{main}"


def test_a_module_with_a_prefix_is_known(canary: Canary) -> None:
    inner = canary.root / "inner"
    inner.mkdir()
    (inner / "Snakefile").write_text(INNER)
    (inner / "own.smk").write_text(OWN)
    (canary.root / "Snakefile").write_text(
        'module inner:\n    snakefile: "inner/Snakefile"\n    prefix: "sub"\n\n\nuse rule * from inner as in_*\n'
    )
    output = canary.run("-n", "sub/y.own")
    assert "qte cannot be a module with a `prefix:`" in output, (
        f"`workflow.modifier.path_modifier.replace_prefix` has changed: door.is_module\n{output}"
    )


def test_the_announcement_of_a_job_names_its_outputs_and_its_reason(canary: Canary) -> None:
    canary.run("x.c")
    (info,) = [line for line in canary.said("job_info") if line["rule_name"] == "make_c"]
    assert info["output"] == ["x.c"], f"JOB_INFO has other fields: reasons.TrueReasons\n{info}"
    assert "x.c" in info["reason"], f"JOB_INFO has other fields: reasons.TrueReasons\n{info}"


TOLD = f"""
import atexit
import os
import sys
from pathlib import Path

sys.path.insert(0, {str(PROJECT)!r})

from workflow.snakemake_door import door

door.ask_pandas_only_where_it_is()
door.take_config(workflow, "told.yaml", {{"a": {{"x": int(os.environ["X"]), "y": 2}}}})
print("SAID", sorted(config["a"].items()), [Path(file).name for file in workflow.configfiles])
atexit.register(lambda: print("SAID", "pandas" in sys.modules))


rule p:
    output: "1.p"
    params: x=config["a"]["x"]
    run: Path(output[0]).touch()
"""


def test_a_config_that_was_read_is_told_and_its_overlays_lie_above_it(canary: Canary) -> None:
    (canary.root / "Snakefile").write_text(TOLD)
    (canary.root / "over.yaml").write_text("a: {y: 3}\n")
    output = canary.run("-n", "--configfile", "over.yaml", X="1")
    assert "SAID [('x', 1), ('y', 3)] ['over.yaml', 'told.yaml']" in output, (
        "`workflow.config`, `workflow.configfiles` or `workflow.config_settings.overwrite_config` have changed: "
        f"door.take_config\n{output}"
    )


def test_params_are_compared_without_pandas(canary: Canary) -> None:
    (canary.root / "Snakefile").write_text(TOLD)
    made, again, changed = (canary.run(X=x) for x in ("1", "1", "2"))
    for output in (made, again, changed):
        assert "SAID False" in output, (
            f"params are compared in another way: door.ask_pandas_only_where_it_is\n{output}"
        )
    assert "Nothing to be done" in again
    assert "Params have changed" in changed, f"a changed param is not seen\n{changed}"


TIMED = f"""
import sys
import threading
from pathlib import Path

sys.path.insert(0, {str(PROJECT)!r})

from workflow.snakemake_door import door


def waiting():
    return sum(isinstance(one, threading.Timer) and not one.finished.is_set() for one in threading.enumerate())


rule a:
    output: "a.out"
    run: Path(output[0]).touch()


onsuccess:
    before = waiting()
    door.end_timers()
    print("SAID", before > 0, waiting())
"""


def test_a_run_waits_for_no_timer_when_its_jobs_are_done(canary: Canary) -> None:
    (canary.root / "Snakefile").write_text(TIMED)
    output = canary.run()
    assert "SAID True 0" in output, (
        f"the limit of jobs a time span waits in another way: door.end_timers\n{output}"
    )


def test_the_server_of_jobs_keeps_what_it_imports_and_takes_nothing_down() -> None:
    script = (
        "import atexit, gc; atexit.register(print, 'taken down'); import workflow.snakemake_door.server as _"
    )
    script += "; print(gc.get_freeze_count() > 0, gc.get_threshold()[0], flush=True)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True 50000\n", "")
