"""Commands when things are already broken: one line, no trace, and an exit code that comes from what was found."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workflow.projects import Project
from workflow.commands import (
    accept,
    archive,
    clean_notebooks,
    cost,
    determinism,
    explain,
    identify,
    new_figure,
    watch,
)
from workflow.config import config_checks, notebook_source

FIGURE = "khandelwal2020/fig2"
COMMANDS: dict[str, Callable[[], object]] = {
    "accept": lambda: accept.main(["--reason", "a test"]),
    "archive": archive.main,
    "cost": lambda: cost.main([FIGURE]),
    "determinism": lambda: determinism.main([]),
    "explain": lambda: explain.main([FIGURE]),
    "identify": lambda: identify.main(["some.png"]),
    "watch": lambda: watch.main([FIGURE]),
}
BROKEN = {
    "no YAML": (
        "tables: {\n",
        "config.yaml, line 2: is not valid YAML: while parsing a flow node did not find "
        "expected node content",
    ),
    "no mapping": ("[]\n", "config.yaml, line 1: must hold the sections `tables:` and `figures:`"),
    "a program": (
        "__use_yte__: true\n",
        "config.yaml, line 1: is data and must not ask for template evaluation (`__use_yte__`)",
    ),
    "an unknown key": (
        "tables: {}\nfigures: {}\nlarg: {}\n",
        "config.yaml, line 3: larg: unknown key (did you mean 'large'?); allowed are engine, variant, tables, figures",
    ),
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.create(tmp_path_factory.mktemp("broken") / "project")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_config_is_named_and_nothing_else_happens(
    sources: Project, monkeypatch: pytest.MonkeyPatch, command: str, case: str
) -> None:
    monkeypatch.chdir(sources.root)
    content, message = BROKEN[case]
    Path("config.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit) as stop:
        COMMANDS[command]()
    # A text is printed to stderr, and the exit code is 1.
    assert f"; nothing was run.\n  {message}" in str(stop.value)


@pytest.mark.parametrize("case", BROKEN)
def test_no_figure_is_added_to_a_broken_config(
    sources: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    monkeypatch.chdir(sources.root)
    Path("config.yaml").write_text(BROKEN[case][0], encoding="utf-8")
    assert new_figure.main(["added"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("No figure was made: config.yaml")
    assert said.endswith("mend that first.\n")
    assert said.count("\n") == 1


def test_the_exit_code_is_not_read_from_the_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "a.png"
    picture.touch()
    monkeypatch.setattr(config_checks, "sound", lambda file: {"tables": {}, "figures": {}})
    # As a title that says so would make it.
    found = identify.Description(["  title: all is well; the current one"], current=False)
    monkeypatch.setattr(identify, "describe", lambda file, the_plan: found)
    assert identify.main([str(picture)]) == 1
    assert capsys.readouterr().out == "  title: all is well; the current one\n"


BAD_NOTEBOOKS = {
    "half of it": (b'{"cells": [', "line 1: it is no notebook (Expecting value)"),
    "a cell that is none": (b'{"cells": [1]}', "cell 1: it has no type, or its source is no text"),
    "a source that is none": (
        b'{"cells": [{"cell_type": "code", "source": {}}]}',
        "cell 1: it has no type, or its source is no text",
    ),
    "no metadata": (
        b'{"cells": [{"cell_type": "code", "metadata": null}]}',
        "cell 1: it has no type, or its source is no text",
    ),
    "too deep": (b"[" * 100_000, "it is no notebook (nested too deep)"),
    "other text": (b"\xff\xfe", "it is not UTF-8 text (byte 0)"),
}


@pytest.mark.parametrize("case", BAD_NOTEBOOKS)
def test_a_broken_notebook_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], case: str
) -> None:
    content, message = BAD_NOTEBOOKS[case]
    file = tmp_path / "a.ipynb"
    file.write_bytes(content)
    with pytest.raises(notebook_source.BadNotebook) as error:
        notebook_source.read(file)
    assert str(error.value) == message
    assert clean_notebooks.main([str(file)]) == 1
    assert capsysbinary.readouterr().err == f"{file}: {message}\n".encode()
    assert file.read_bytes() == content
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert clean_notebooks.main(["--filter"]) == 1
    printed = capsysbinary.readouterr()
    assert (printed.out, printed.err) == (b"", f"notebook: {message}\n".encode())


@pytest.mark.parametrize(
    ("command", "file", "text", "said"),
    [
        (
            ["identify", "some.png"],
            "qte/data/tables.py",
            "def (\n",
            "qte/data/tables.py, line 1: SyntaxError: invalid syntax",
        ),
        (
            ["explain", FIGURE],
            "qte/data/tables.py",
            "import absent\n",
            "qte/data/tables.py, line 1: ModuleNotFoundError: No module named 'absent'",
        ),
        (["pages.document_figures"], "x", "", "figures/khandelwal2020/fig1.png: No such file or directory"),
    ],
)
def test_what_is_broken_beside_the_config_is_one_line(
    tmp_path: Path, command: list[str], file: str, text: str, said: str
) -> None:
    project = Project.create(tmp_path / "project")
    project.path(file).write_text(text, encoding="utf-8")
    done = project.run_command([sys.executable, "-m", f"workflow.commands.{command[0]}", *command[1:]])
    assert (done.returncode, done.stdout) == (1, f"{said}\n")
