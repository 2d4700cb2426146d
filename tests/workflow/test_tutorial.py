"""docs/tutorial.ipynb runs from top to bottom, and what its text says is what its cells find."""

import ast
import json

import nbformat
import pytest

from tests.workflow.projects import PROJECT

FILE = PROJECT / "docs/tutorial.ipynb"
CELLS = json.loads(FILE.read_text(encoding="utf-8"))["cells"]


@pytest.fixture(scope="module")
def run() -> dict:
    """Everything the notebook defines; `shown` holds the value of each cell's last expression."""
    names: dict = {"shown": {}}
    for cell in CELLS:
        if cell["cell_type"] == "code":
            names["shown"][cell["id"]] = _execute("".join(cell["source"]), cell["id"], names)
    return names


def _execute(source: str, name: str, names: dict) -> object:
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), names)
    return eval(compile(ast.Expression(last.value), name, "eval"), names) if last else None


def text_of(name: str) -> str:
    (cell,) = [cell for cell in CELLS if cell["id"] == name]
    return "".join(cell["source"])


def test_the_notebook_is_source_only() -> None:
    notebook = nbformat.read(FILE, as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in notebook.cells)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_it_goes_from_a_machine_to_state_currents_sweep_plot_and_table(run) -> None:
    shown = run["shown"]
    assert shown["rho"].shape == (4, 4)
    assert shown["broadcast"].shape == (2, 5)
    assert len(run["frame"]) == 3 * 121
    assert shown["plot"].png.startswith(b"\x89PNG")
    assert list(shown["table"]["T_h"]) == [0.3, 0.5, 1.0]


def test_the_words_hold(run) -> None:
    rho, engine, frame = run["state"].rho.real, run["engine"], run["frame"]
    hot = rho[0, 0] + rho[1, 1]
    assert "three quarters of the excitation" in text_of("state")
    assert "(0.269)" in text_of("state")
    assert 0.7 < hot / 0.269 < 0.8
    assert rho[0, 0] + rho[2, 2] < 0.02
    assert abs(run["state"].rho[1, 2].real) < 1e-12
    assert abs(run["state"].rho[1, 2].imag) > 0.04
    assert engine.net_current() > engine.critical_current()
    hottest = frame[frame["T_h"] == 1.0].set_index("delta")["net_current"]
    assert "costs most of the current" in text_of("reading")
    assert hottest[0.01] < 0.5 * hottest[0.0]


def test_what_it_shows_as_refused_is_refused(run, capsys) -> None:
    for name, words in {"refused": "T_h", "certificates": "not unique"}.items():
        _execute(text_of(name), name, run)
        assert words in capsys.readouterr().out
