"""Live figures in a real browser, driven as a reader would: `make test-explore`.

What is drawn is read out of the plots and held against the study's own table.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest

from qte.data import tables
from tests.workflow.browser import Browser, missing
from tests.workflow.projects import PROJECT, Project

pytestmark = pytest.mark.slow

PHONE, DESK = (375, 700), (1280, 900)
# Seconds for what takes far less on a machine with nothing else to do.
PATIENCE = 90.0
_MODEL = "const model = Bokeh.documents[0].get_model_by_name(arguments[0]);"
_COLUMN = (
    _MODEL
    + "const data = model?.data[arguments[1]]; return data && Array.from(data, row => Array.from(row));"
)
# Bokeh's parts live in shadow trees.
_WALK = """
const walk = (root, found) => {
  root.querySelectorAll('*').forEach(e => { found(e); if (e.shadowRoot) walk(e.shadowRoot, found); });
};
"""
COMPLAINTS = (
    _WALK
    + "const all = []; walk(document, e => e.matches('.complaint') && all.push(e.textContent)); return all;"
)
PRESS = (
    _WALK + "walk(document, e => e.matches('button') && e.textContent.includes(arguments[0]) && e.click());"
)
_TEXT = _MODEL + "return model ? model.text : '';"


@dataclass
class Live:
    """A figure that is served, and the browser that shows it."""

    browser: Browser
    project: Project
    process: subprocess.Popen[str]
    address: str

    @classmethod
    def start(cls, browser: Browser, project: Project, figure: str, *more: str) -> "Live":
        command = [sys.executable, "-u", "-m", "workflow.commands.explore", figure, "--no-browser", *more]
        path = os.pathsep.join([str(project.root), *filter(None, [os.environ.get("PYTHONPATH")])])
        process = subprocess.Popen(
            command,
            cwd=project.root,
            env=os.environ | {"PYTHONPATH": path},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        address = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
        return cls(browser, project, process, address)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=30) == 0

    def open(self, query: str = "") -> None:
        self.browser.visit(self.address + query)
        self.until(lambda: self.browser.run("return !!(window.Bokeh && Bokeh.documents[0]?.is_idle)"))

    def until(self, holds: Callable[[], Any]) -> Any:
        """Wait for something to be so, and return it."""
        end = time.monotonic() + PATIENCE
        while not (found := holds()):
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)
        return found

    def turn(self, name: str, value: Any, attribute: str = "value") -> None:
        """Set a slider or a field of the page, in the page."""
        self.browser.run(_MODEL + "model[arguments[1]] = arguments[2];", name, attribute, value)

    def said(self) -> str:
        return str(self.browser.run(_TEXT, "said"))

    def drawn(self, table: str, symbol: str) -> np.ndarray | None:
        """What a column's curves are drawn from."""
        rows = self.browser.run(_COLUMN, f"now:{table}", symbol)
        return None if rows is None else np.array(rows, dtype=float)

    def map(self, table: str, symbol: str) -> np.ndarray | None:
        script = (
            _MODEL
            + "const a = model?.data[arguments[1]]?.[0]; return a && [Array.from(a.shape ?? []), Array.from(a)];"
        )
        found = self.browser.run(script, f"now:{table}", symbol)
        return None if found is None else np.array(found[1], dtype=float).reshape(found[0])

    def rests_at(self, query: str) -> None:
        """Wait until everything is computed on the full grid and the address says so."""
        self.until(
            lambda: (
                self.browser.run("return decodeURIComponent(location.search).replaceAll('+', ' ')") == query
            )
        )


_TABLE = """
import json, sys, warnings
from qte.data import studies
warnings.simplefilter("ignore")
table, _ = studies.run(sys.argv[1], json.loads(sys.argv[2]))
print(json.dumps({column.symbol: table[column.symbol].tolist() for column in table.columns}))
"""


def table_of(project: Project, paper: str, name: str, **changed: Any) -> dict[str, np.ndarray]:
    """The study's own table at some parameters, computed in the project."""
    entry = project.config["tables"][paper][name]
    given = [f"{paper}.{entry['study']}", json.dumps({**entry["params"], **changed})]
    done = subprocess.run(
        [sys.executable, "-c", _TABLE, *given],
        cwd=project.root,
        env=project.environment(PYTHONPATH=str(project.root)),
        capture_output=True,
        text=True,
        check=True,
    )
    return {symbol: np.array(values) for symbol, values in json.loads(done.stdout).items()}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    reason = missing() or (
        "" if find_spec("bokeh") else "bokeh not installed: `make test-explore` installs it"
    )
    if reason:
        warnings.warn(f"LIVE FIGURES WERE NOT TESTED IN A BROWSER: {reason}", stacklevel=1)
        pytest.skip(reason)
    with Browser() as opened:
        opened.prefer("light")
        opened.size(*DESK)
        yield opened


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy with every figure, and one of one's own."""
    made = Project.create(tmp_path_factory.mktemp("explore") / "project")
    shutil.copy2(PROJECT / "config.yaml", made.root / "config.yaml")
    command = [sys.executable, "-m", "workflow.commands.new_figure", "warm", "--machine", "junction"]
    subprocess.run(
        command,
        cwd=made.root,
        env=os.environ | {"PYTHONPATH": str(made.root)},
        check=True,
        capture_output=True,
    )
    return made


@pytest.fixture
def live(browser: Browser, project: Project, request: pytest.FixtureRequest) -> Iterator[Live]:
    started = Live.start(browser, project, request.param)
    yield started
    started.stop()


FIG2 = pytest.mark.parametrize("live", ["khandelwal2020/fig2"], indirect=True)


@FIG2
def test_three_sliders_an_overlay_and_the_variant_give_the_same_numbers(live: Live) -> None:
    live.open()
    live.until(lambda: live.drawn("fig2", "J") is not None)
    for name, position in (("g", 75), ("gamma_h", 60), ("T_c", 40)):
        live.turn(f"slider:{name}", position)
    changed = {"g": 0.0024, "gamma_h": 0.0012, "T_c": 0.08}
    live.rests_at("?" + "&".join(f"{name}={value}" for name, value in changed.items()))
    expected = table_of(live.project, "khandelwal2020", "fig2", **changed)
    for symbol in ("J", "N", "J_eq12", "N_eq17"):
        np.testing.assert_allclose(live.drawn("fig2", symbol).ravel(), expected[symbol], rtol=1e-12, atol=0)
    standard = live.browser.run(_COLUMN, "standard:fig2", "J")
    np.testing.assert_allclose(
        np.ravel(standard), table_of(live.project, "khandelwal2020", "fig2")["J"], rtol=1e-12
    )
    live.turn("overlay", "warm_1")
    live.browser.run(PRESS, "Save as overlay")
    live.until(lambda: "OVERLAY=overlays/warm_1.yaml" in live.said())
    # a second time the name is taken
    live.turn("overlay", "warm_1")
    live.browser.run(PRESS, "Save as overlay")
    live.until(lambda: "exists and stays as it is" in live.said())
    file = "results/variants/warm_1/tables/khandelwal2020/fig2.csv"
    live.project.build(file, "--configfile", "overlays/warm_1.yaml")
    built = tables.read(live.project.root / file)
    np.testing.assert_allclose(live.drawn("fig2", "J").ravel(), built["J"], rtol=1e-12, atol=0)
    # a link in another window brings the same back
    query = live.browser.run("return location.search")
    live.open(query)
    live.until(
        lambda: (
            (now := live.drawn("fig2", "J")) is not None
            and np.allclose(now.ravel(), built["J"], rtol=1e-12, atol=0)
        )
    )
    assert live.browser.messages("SEVERE") == []


@FIG2
def test_what_is_wrong_is_one_line_and_the_plot_stays(live: Live) -> None:
    live.open("?g=0.002&gamma=1")
    assert "The link names" in live.said()
    live.rests_at("?g=0.002")
    good = live.drawn("fig2", "J")
    live.turn("field:T_c", "-1")
    live.until(
        lambda: live.browser.run(COMPLAINTS) == ["T_c must be a real number, >= 0 and finite (a temperature)"]
    )
    live.turn("field:T_c", "cold")
    live.until(lambda: live.browser.run(COMPLAINTS) == ["T_c must be a finite number"])
    np.testing.assert_array_equal(live.drawn("fig2", "J"), good)
    live.turn("field:T_c", "0.2")
    live.rests_at("?g=0.002&T_c=0.2")
    assert live.browser.run(COMPLAINTS) == []
    live.turn("field:T_h", "[0.3, 0.9]")
    live.rests_at("?g=0.002&T_c=0.2&T_h=[0.3, 0.9]")
    assert live.drawn("fig2", "J").shape == (2, 241)


@FIG2
def test_only_who_knows_the_address_is_answered(live: Live) -> None:
    base = "/".join(live.address.split("/")[:3])
    for path in ("/", "/fig2", "/static/js/bokeh.min.js", "/guessed/"):
        with pytest.raises(OSError, match="404"):
            urlopen(base + path, timeout=20)
    port = base.rpartition(":")[2]
    taken = subprocess.run(
        [sys.executable, "-m", "workflow.commands.explore", "khandelwal2020/fig2", "--port", port],
        cwd=live.project.root,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert taken.returncode == 2
    assert taken.stderr == (
        f"Nothing to explore: port {port} is in use; name another, or none for one that is free.\n"
    )


@FIG2
def test_it_reads_on_a_desk_and_on_a_telephone_in_light_and_dark(live: Live, tmp_path: Path) -> None:
    try:
        for size, scheme in ((DESK, "light"), (PHONE, "dark"), (PHONE, "light")):
            live.browser.size(*size, touch=size == PHONE)
            live.browser.prefer(scheme)
            live.open()
            live.until(lambda: live.drawn("fig2", "J") is not None)
            wide = live.browser.run("return [document.documentElement.scrollWidth, window.innerWidth]")
            assert wide[0] <= wide[1] == size[0]
            names = live.browser.run(
                "return performance.getEntriesByType('resource').map(entry => entry.name)"
            )
            assert [name for name in names if not name.startswith((live.address, "data:", "blob:"))] == []
            live.browser.screenshot(tmp_path / f"{size[0]}-{scheme}.png")
    finally:
        live.browser.size(*DESK)
        live.browser.prefer("light")


@pytest.mark.parametrize("live", ["khandelwal2020/fig5"], indirect=True)
def test_a_map_is_coarse_while_dragged_and_whole_at_rest(live: Live) -> None:
    live.open()
    live.until(lambda: live.map("fig5", "J") is not None)
    live.until(lambda: live.drawn("fig5_ridge", "kappa_J") is not None)
    live.turn("slider:g", 75)
    live.until(lambda: live.map("fig5", "J").shape == (41, 41))
    live.rests_at("?g=0.0024")
    live.until(lambda: live.map("fig5", "J").shape == (161, 161))
    expected = table_of(live.project, "khandelwal2020", "fig5", g=0.0024)
    np.testing.assert_allclose(live.map("fig5", "N").ravel(), expected["N"], rtol=1e-12, atol=0)
    live.until(lambda: live.drawn("fig5_ridge", "kappa_J").shape == (1, 101))
    ridge = table_of(live.project, "khandelwal2020", "fig5_ridge", g=0.0024)
    np.testing.assert_allclose(
        live.drawn("fig5_ridge", "kappa_J").ravel(), ridge["kappa_J"], rtol=1e-12, atol=0
    )


@pytest.mark.parametrize("live", ["khandelwal2025/fig2"], indirect=True)
def test_a_time_evolution(live: Live) -> None:
    live.open("?T=0.5")
    live.rests_at("?T=0.5")
    expected = table_of(live.project, "khandelwal2025", "fig2", T=0.5)
    live.until(lambda: np.allclose(live.drawn("fig2", "F").ravel(), expected["F"], rtol=1e-12, atol=0))


@pytest.mark.parametrize("live", ["mine/warm"], indirect=True)
def test_a_figure_of_ones_own(live: Live) -> None:
    live.open()
    live.until(lambda: live.drawn("warm", "J") is not None)
    live.turn("slider:T_R", 100)
    live.rests_at("?T_R=0.2")
    expected = table_of(live.project, "mine", "warm", T_R=0.2)
    np.testing.assert_allclose(live.drawn("warm", "J").ravel(), expected["J"], rtol=1e-12, atol=0)
