"""A build in one process of another interpreter, and what is said of files that differ."""

import subprocess
import sys

from tests.workflow.projects import Project

TABLE = "results/tables/khandelwal2020/fig2.csv"


def foreign(project: Project) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workflow.commands.foreign", "elsewhere", sys.executable],
        cwd=project.root,
        env=project.environment(PYTHONPATH=str(project.root)),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_same_processor_gives_the_same_files_and_what_differs_is_named(copy: Project) -> None:
    done = foreign(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith("files are the same bytes")
    # what is made stays; what differs is said to the digit
    made = copy.path(f"elsewhere/{TABLE}")
    made.unlink()
    copy.path("elsewhere/figures/khandelwal2020/fig2.svg").write_text("another drawing")
    done = foreign(copy)
    assert done.returncode == 1
    assert made.read_bytes() == copy.path(TABLE).read_bytes()
    assert "figures/khandelwal2020/fig2.svg: other bytes" in done.stdout
    # of other sources nothing stays
    copy.append("config.yaml", "# another config\n")
    assert foreign(copy).returncode == 0
