"""One at a time: while a run is at work, nothing else takes, removes or packs its results."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.attacks.target import Target
from workflow.commands import accept, archive, clean, verify_ledger
from workflow.snakemake_door import run_lock

HOLDER = "from workflow.snakemake_door import run_lock; run_lock.take(); print('has it', flush=True); input()"
COMMANDS: dict[str, Callable[[], int]] = {
    "accept": lambda: accept.main(["--reason", "why"]),
    "accept-ledger": lambda: verify_ledger.main(["--accept", "--reason", "why"]),
    "archive": archive.main,
    "clean": clean.main,
}


def nothing() -> None:
    pass


def remove_the_folder() -> None:
    shutil.rmtree(".snakemake")


def remove_the_file() -> None:
    run_lock.LOCK.unlink()


def replace_the_file() -> None:
    run_lock.LOCK.unlink()
    run_lock.LOCK.write_text("1")


@pytest.fixture
def held(_target: Target, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    monkeypatch.chdir(_target.root)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        env=_target.project.environment(PYTHONPATH=str(Path(run_lock.__file__).parents[2])),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "has it\n"
    yield holder
    holder.kill()
    holder.communicate()
    _target.restore()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "attack",
    [nothing, remove_the_folder, remove_the_file, replace_the_file],
    ids=lambda attack: attack.__name__,
)
def test_a_command_waits_for_no_run_and_disturbs_none(
    held: subprocess.Popen[str],
    capsys: pytest.CaptureFixture[str],
    command: str,
    attack: Callable[[], None],
) -> None:
    attack()
    owner = {nothing: str(held.pid), replace_the_file: "1"}.get(attack, "unknown")
    before = sorted(map(str, Path("results").rglob("*")))
    assert COMMANDS[command]() in {1, 2}
    assert capsys.readouterr().err == (
        f"Another run (process {owner}) is at work in this folder; nothing was run. Wait for it, or stop it.\n"
    )
    assert sorted(map(str, Path("results").rglob("*"))) == before


def test_a_lock_ends_with_its_process(held: subprocess.Popen[str]) -> None:
    held.kill()
    held.wait()
    done = subprocess.run(
        [sys.executable, "-c", HOLDER],
        env={"PYTHONPATH": str(Path(run_lock.__file__).parents[2])},
        input="\n",
        capture_output=True,
        text=True,
    )
    assert done.stdout == "has it\n"


def test_where_folders_cannot_be_locked_the_file_is(
    held: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on NFS."""
    import errno
    import fcntl
    import os

    lock = fcntl.flock
    file = run_lock.LOCK.stat().st_ino

    def flock(handle: int, how: int) -> None:
        if os.fstat(handle).st_ino != file:
            raise OSError(errno.EBADF, "no folders")
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(run_lock.AnotherRun, match=f"process {held.pid}"):
        run_lock.take()
