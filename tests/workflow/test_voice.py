"""What people read of a run: one line a job, failures in full, where to look at the end; and no control characters."""

import json
import logging
from types import SimpleNamespace

import pytest

import snakemake_logger_plugin_qte as voice
from tests.workflow.projects import Project

ABOUT = {
    "there": {"draw_figure": ("figure", 24), "build_table": ("table", 25)},
    "look": {"Look at": "/", "Gone": "/nowhere/at/all"},
    "next": "make verify",
}


def handler(terminal: bool = False, **settings) -> voice.LogHandler:
    common = {"stdout": False, "nocolor": not terminal, "dryrun": False, "quiet": ()}
    return voice.LogHandler(SimpleNamespace(**common | settings), None)


def say(
    to: voice.LogHandler, event: str | None, message: str = "", level: int = logging.INFO, **fields
) -> None:
    record = logging.LogRecord("snakemake", level, "", 0, message, None, None)
    record.created = 1000.0 + fields.pop("at", 0.0)
    vars(record).update(fields | ({"event": event} if event else {}))
    to.handle(record)


def begin(to: voice.LogHandler, **counts: int) -> None:
    say(to, "workflow_started")
    say(to, None, about=ABOUT)
    say(to, "run_info", stats=counts | {"total": sum(counts.values())})


def job(to: voice.LogHandler, number: int, rule: str, what: str | None, took: float) -> None:
    say(to, "job_info", jobid=number, rule_name=rule, rule_msg=what, log=[f"{number}.log"])
    say(to, "job_finished", job_id=number, at=took)


def test_a_run_is_a_line_a_job_and_a_closing_block(capsys: pytest.CaptureFixture[str]) -> None:
    run = handler()
    begin(run, all=1, draw_figure=2, report=1)
    say(run, None, "Select jobs to execute...")
    job(run, 1, "draw_figure", "Drawing figure a/fig1", 0.34)
    job(run, 2, "draw_figure", "Drawing figure a/fig2", 75.0)
    job(run, 3, "report", "Writing the report", 1.0)
    job(run, 0, "all", None, 0.0)
    run.close()
    lines = capsys.readouterr().err.splitlines()
    assert lines[:3] == [
        "[1/3] Drawing figure a/fig1 · 0.3 s",
        "[2/3] Drawing figure a/fig2 · 1 min 15 s",
        "[3/3] Writing the report · 1.0 s",
    ]
    assert lines[3].startswith("Made 2 figures and 1 other result. Kept 22 figures and 25 tables. ")
    assert lines[4:] == ["Look at  /", "Next     make verify"]


def test_nothing_to_do_says_so_and_where_to_look(capsys: pytest.CaptureFixture[str]) -> None:
    run = handler()
    begin(run)
    run.close()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("Nothing to be done: all that was asked for is there and up to date.")
    assert len(lines) == 3


def test_a_failure_is_told_when_it_happens_and_ends_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    run = handler()
    begin(run, verify=1)
    say(run, "job_info", jobid=4, rule_name="verify", rule_msg="Verdicts", log=["v.log"])
    say(run, "error", "Not what was accepted: a/fig1.", logging.ERROR, exception="RuleException")
    say(run, "job_error", "Error in rule verify", logging.ERROR, jobid=4, at=2.0)
    say(run, "error", "At least one job did not complete.", logging.ERROR, exception="WorkflowError")
    run.close()
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["Not what was accepted: a/fig1.", "FAILED Verdicts · 2.0 s; its log: v.log"]
    assert lines[2].startswith("1 job failed, 0 done; what is done stays.")
    assert lines[3].startswith("Log ")
    assert lines[4:] == ["Not what was accepted: a/fig1."]


def test_an_error_before_any_job_is_told_in_full_and_alone(capsys: pytest.CaptureFixture[str]) -> None:
    run = handler()
    say(run, "workflow_started")
    say(run, "error", "MissingInputException:\nno such file", logging.ERROR, exception="WorkflowError")
    run.close()
    assert capsys.readouterr().err == "MissingInputException:\nno such file\n"


def test_warnings_and_words_for_people_are_told_and_the_rest_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = handler()
    say(run, None, "Damaged, will be made again: x", logging.WARNING)
    say(run, None, "Variant mine", to_people=True)
    say(run, None, "Building DAG of jobs...")
    say(run, "an_event_that_a_later_release_adds", "new")
    assert capsys.readouterr().err == "Damaged, will be made again: x\nVariant mine\n"


def test_quiet_all_is_silent_and_a_dry_run_lists_jobs(capsys: pytest.CaptureFixture[str]) -> None:
    run = handler(quiet=[SimpleNamespace(name="ALL")])
    say(run, "workflow_started")
    run.close()
    assert capsys.readouterr().err == ""
    run = handler(dryrun=True)
    say(run, "workflow_started")
    say(run, "job_info", jobid=1, rule_name="draw_figure", rule_msg="Drawing figure a/b", reason="x" * 5000)
    run.close()
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("Drawing figure a/b (xxx")
    assert len(first) < 130
    assert last == "1 job to do; nothing was run."


def test_the_bar_is_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for terminal in (False, True):
        monkeypatch.setattr("sys.stderr.isatty", lambda found=terminal: found)
        run = handler(terminal=True)
        begin(run, draw_figure=2)
        say(run, "job_info", jobid=1, rule_name="draw_figure", rule_msg="Drawing figure a/b")
        run.close()
        said = capsys.readouterr().err
        assert ("\r" in said) is ("\x1b" in said) is ("0/2" in said) is terminal


def test_a_real_run_speaks(copy: Project) -> None:
    notebook = copy.path("notebooks/khandelwal2020/fig1.ipynb")
    content = json.loads(notebook.read_text())
    broken = dict(content["cells"][-1], cell_type="code", source=["1 / 0"], outputs=[], execution_count=None)
    notebook.write_text(json.dumps(content | {"cells": [*content["cells"], broken | {"id": "broken"}]}))
    copy.path("figures/khandelwal2025/fig2.png").unlink()
    done = copy.run(QTE_OUTPUT="")
    assert done.returncode != 0
    # the first is Snakemake's: which profile it uses
    lines = done.stdout.splitlines()[1:]
    assert any(line.startswith("FAILED Drawing figure khandelwal2020/fig1 · ") for line in lines)
    assert any("] Drawing figure khandelwal2025/fig2 · " in line for line in lines)
    assert "ZeroDivisionError" in lines[-1]
    assert lines[-3].startswith("1 job failed, 1 done; what is done stays. ")
    # among them what the checks of figures say of a figure
    assert len(lines) < 20
    assert max(map(len, lines)) < 200
    assert all(character.isprintable() for line in lines for character in line)
    notebook.write_text(json.dumps(content))
    lines = copy.build(QTE_OUTPUT="").splitlines()[1:]
    assert lines[-4].startswith("Made 1 figure and ")
    assert lines[-3] == "Look at  results/report/index.html"
