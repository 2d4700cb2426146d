"""`make watch`: a figure is drawn again when something it needs is saved, and Ctrl-C ends it."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.workflow.projects import PROJECT, Project
from workflow.commands import watch


def test_a_figure_that_does_not_exist_is_one_line_with_the_nearest_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECT)
    assert watch.main(["khandelwal2020/fig22"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "There is no figure 'khandelwal2020/fig22'" in line
    assert "did you mean 'khandelwal2020/fig2'" in line


def test_what_was_saved_made_or_removed_is_named(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = tmp_path / "qte" / "new.py"
    module.parent.mkdir()
    (tmp_path / "config.yaml").write_text("a: 1\n")
    first = watch.look("paper/fig")
    (tmp_path / "config.yaml").write_text("a: 12\n")
    module.write_text("")
    second = watch.look("paper/fig")
    module.unlink()
    assert watch.differing(first, second) == ["config.yaml", "qte/new.py"]
    assert watch.differing(second, watch.look("paper/fig")) == ["qte/new.py"]


def test_a_saved_config_redraws_and_ctrl_c_ends(copy: Project) -> None:
    picture = copy.path("figures/khandelwal2020/fig2.png")
    before = picture.read_bytes()
    running = subprocess.Popen(
        [sys.executable, "-m", "workflow.commands.watch", "khandelwal2020/fig2"],
        cwd=copy.root,
        env=copy.environment(QTE_OUTPUT=""),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(running.stdout), daemon=True)
    reader.start()

    def wait_for(text: str, count: int) -> None:
        end = time.monotonic() + 240
        while sum(text in line for line in lines) < count:
            assert time.monotonic() < end, "".join(lines)
            time.sleep(0.1)

    wait_for("fig2.png is up to date after", 1)
    assert picture.read_bytes() == before
    config = copy.config
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] = 0.11
    copy.write_config(config)
    wait_for("fig2.png is up to date after", 2)
    assert picture.read_bytes() != before
    assert "Saved: config.yaml\n" in lines
    copy.write_config(config | {"tables": {}})
    wait_for("Not drawn; mend it and save", 1)
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 0
    reader.join(10)
    assert lines[-1] == "No longer watching.\n"
    assert not any("Traceback" in line for line in lines)
