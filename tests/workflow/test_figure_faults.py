"""What the checks of a figure find reaches the run, the executed notebook and the report, and stops nothing."""

import html

from tests.workflow.projects import Project
from workflow.plan import faults

FIGURE = "khandelwal2020/fig2"
FAULT = "overlap: the legend of (a) lies on “0.3”, “0.4”, “0.5”, “0.7”, “1”"
HEADING = "What a journal would ask"


def test_a_figure_with_a_fault_is_drawn_and_the_run_and_the_report_say_which(copy: Project) -> None:
    page = copy.path("results/report/figures/khandelwal2020-fig2.html")
    executed = str(copy.path(f"results/notebooks/{FIGURE}.ipynb"))
    assert faults.of_file(executed) == []
    assert HEADING not in page.read_text(encoding="utf-8")

    copy.edit(f"notebooks/{FIGURE}.ipynb", r"loc=\"upper right\"", r"loc=\"lower left\"")
    done = copy.run()
    assert done.returncode == 0, done.stdout
    assert f"figure {FIGURE}, {FAULT}" in done.stdout.splitlines()
    assert all(copy.path(f"figures/{FIGURE}.{form}").is_file() for form in ("pdf", "svg", "png"))
    assert faults.of_file(executed) == [FAULT]
    shown = html.unescape(page.read_text(encoding="utf-8"))
    assert HEADING in shown
    assert f"<li>{FAULT}</li>" in shown
    assert "Nothing to be done" in copy.run().stdout
