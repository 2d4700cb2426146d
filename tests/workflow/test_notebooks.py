"""Notebooks as the world has them: what is taken, what both engines make of it, what is refused and how."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.workflow.projects import PROJECT
from workflow.commands import clean_notebooks
from workflow.config import notebook_source
from workflow.config.notebook_source import BadNotebook
from workflow.jobs import notebooks


def notebook(file: Path, *sources: str, minor: int = 5, metadata: dict[str, Any] | None = None) -> Path:
    cells = []
    for count, source in enumerate(sources):
        cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        cells.append(cell | ({"id": f"cell-{count}"} if minor >= 5 else {}))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    whole = {"cells": cells, "metadata": kernel if metadata is None else metadata}
    file.write_text(json.dumps(whole | {"nbformat": 4, "nbformat_minor": minor}), encoding="utf-8")
    return file


def outputs(executed: bytes) -> list[dict[str, Any]]:
    return [output for cell in json.loads(executed)["cells"] for output in cell.get("outputs", [])]


def shown(executed: bytes) -> str:
    """All text of all outputs."""
    found = []
    for output in outputs(executed):
        texts = [output.get("text", ""), *output.get("data", {}).values()]
        found += ["".join(text) for text in texts if not isinstance(text, dict)]
    return "\n".join(found)


WORLD = {
    "a magic for figures": ["%matplotlib inline\nimport matplotlib.pyplot as plt\n_ = plt.plot([1, 2])"],
    "a shell command": ["!echo hello"],
    "a timed line": ["%time sum(range(10))"],
    "a timed cell": ["%%timeit -n1 -r1\n1 + 1"],
    "exit": ["exit()", "print('after')"],
    "an updated display": [
        "from IPython.display import display\nhandle = display('old', display_id='here')",
        "handle.update('new')",
    ],
    "a raw write": ["import os\n_ = os.write(1, b'raw')"],
    "a long raw write": ["import os\n_ = os.write(1, b'raw ' * 15_000)", "print('next')"],
    # the thread in which a kernel reads what is written raw is late
    "a raw write on a busy machine": [
        "import os, sys, threading, time\nwrite = sys.stdout.write\ndef late(text):\n"
        "    time.sleep(0 if threading.current_thread() is threading.main_thread() else 1)\n"
        "    return write(text)\nsys.stdout.write = late\n_ = os.write(1, b'raw')",
        "1",
    ],
    "a raw write of another process": ["import os\nprint('first')\n_ = os.system('echo raw')"],
    "await": ["import asyncio\nasync def three():\n    return 3\nprint(await three())"],
    "a styled table": ["import pandas as pd\npd.DataFrame({'a': [1]}).style"],
    "an address in HTML": ["class A:\n    def _repr_html_(self):\n        return f'<b>{object()}</b>'\nA()"],
    "a cleared output": ["from IPython.display import clear_output\nprint(1)\nclear_output()\nprint(2)"],
    "help": ["len?"],
    "a magic for windows": [
        "%matplotlib widget",
        "%matplotlib notebook\nimport matplotlib\nmatplotlib.get_backend()",
    ],
    "another magic for windows": ["  %matplotlib qt5", "%matplotlib", "%matplotlib inline"],
    "names by chance": [
        "import uuid\nfrom IPython.display import HTML\nHTML(f'<div id=\"altair-viz-{uuid.uuid4().hex}\">')",
        "print('d41d8cd98f00b204e9800998ecf8427e')",
    ],
    "ids by chance": [
        "import random, secrets, time\nfrom IPython.display import HTML\na = object()\n"
        "names = [secrets.token_hex(4), f'v{random.random()}', f'p-{id(a)}', f'd_{time.time_ns()}']\n"
        "HTML(''.join(f'<i id=\"{name}\">#{name}</i>' for name in names) + '<b id=\"panel-12\">20200101</b>')",
        "print(hex(id(a)))",
    ],
    "a task of an earlier cell": [
        "import asyncio\ntask = asyncio.create_task(asyncio.sleep(0.01, 5))",
        "print(await task)",
    ],
    "a stream for a program": [
        "import subprocess, sys\n_ = subprocess.run(['echo', 'beside'], stdout=sys.stdout)\nprint(sys.stdout.encoding)"
    ],
    "an end": ["import sys\nsys.exit()", "print('never')"],
    "what a program takes for a terminal": ["!echo ${TERM-none} ${FORCE_COLOR-none} ${PAGER-none}"],
    "a measured time": ["t = %timeit -o -n1 -r1 1\nt"],
    "another folder": ["%cd -q /", "import os\nprint(os.getcwd())"],
}


def run(file: Path, engine: str) -> bytes:
    """Execute a notebook as outside a test: a kernel that knows of pytest does not watch raw writes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)
        return notebooks.execute(file, {}, engine)


@pytest.fixture(scope="module", params=["in-process", pytest.param("kernel", marks=pytest.mark.slow)])
def executed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("world")
    return {
        name: run(notebook(folder / "x.ipynb", *sources), request.param) for name, sources in WORLD.items()
    }


def test_what_ipython_adds_to_python_runs(executed: dict[str, bytes]) -> None:
    assert [list(output["data"]) for output in outputs(executed["a magic for figures"])] == [
        ["image/png", "text/plain"]
    ]
    assert "hello" in shown(executed["a shell command"])
    assert "after" in shown(executed["exit"])
    assert shown(executed["an updated display"]).strip() == "'new'"
    assert shown(executed["a raw write"]).strip() == "raw"
    assert shown(executed["a long raw write"]) == "raw " * 15_000 + "\nnext\n"
    assert shown(executed["a raw write on a busy machine"]).split() == ["raw", "1"]
    assert shown(executed["a raw write of another process"]) == "first\nraw\n"
    assert shown(executed["await"]).strip() == "3"
    assert shown(executed["a cleared output"]).strip() == "2"
    assert outputs(executed["help"]) == []


def test_what_a_cell_begins_or_ends_is_so_in_later_ones(executed: dict[str, bytes]) -> None:
    assert shown(executed["a task of an earlier cell"]).strip() == "5"
    assert shown(executed["a stream for a program"]) == "UTF-8\n"
    assert "never" not in shown(executed["an end"])
    assert shown(executed["what a program takes for a terminal"]).strip() in (
        "none none none",
        "dumb none none",
    )


@pytest.mark.parametrize("engine", ["in-process", pytest.param("kernel", marks=pytest.mark.slow)])
@pytest.mark.parametrize("source", ["%%R\nx", "%nosuch", "%store"])
def test_a_magic_that_is_not_there_is_named(tmp_path: Path, engine: str, source: str) -> None:
    with pytest.raises(notebooks.NotebookError, match=r"cell 1: UsageError: .*%?%\w+.* not found"):
        run(notebook(tmp_path / "x.ipynb", source), engine)


def test_windows_of_a_desktop_become_pictures_in_the_page(executed: dict[str, bytes]) -> None:
    assert "inline" in shown(executed["a magic for windows"])
    cells = json.loads(executed["a magic for windows"])["cells"]
    # the notebook itself is kept as it was written
    assert "".join(cells[0]["source"]) == "%matplotlib widget"


def test_a_notebook_that_goes_elsewhere_takes_nobody_with_it(executed: dict[str, bytes]) -> None:
    assert shown(executed["another folder"]).strip() == "/"
    assert Path.cwd() != Path("/")


def test_clocks_addresses_and_names_by_chance_are_not_kept(executed: dict[str, bytes]) -> None:
    assert "CPU times: …\nWall time: …" in shown(executed["a timed line"])
    assert shown(executed["a timed cell"]).strip() == "time per loop: …"
    assert "<b><object object></b>" in shown(executed["an address in HTML"])
    assert '<table id="name-0">' in shown(executed["a styled table"])
    assert '<div id="altair-viz-name-0">' in shown(executed["names by chance"])
    # a checksum is no name by chance
    assert "d41d8cd98f00b204e9800998ecf8427e" in shown(executed["names by chance"])
    assert '<i id="name-0">#name-0</i><i id="vname-1">#vname-1</i>' in shown(executed["ids by chance"])
    assert '<i id="p-name-2">#p-name-2</i><i id="d_name-3">#d_name-3</i>' in shown(executed["ids by chance"])
    assert '<b id="panel-12">20200101</b>' in shown(executed["ids by chance"])
    assert shown(executed["ids by chance"]).endswith("\n0x\n")
    assert "<TimeitResult : time per loop: …>" in shown(executed["a measured time"])


ALONE = """
import sys
from pathlib import Path
from workflow.jobs import notebooks
Path(sys.argv[3]).write_bytes(notebooks.execute(Path(sys.argv[1]), {}, sys.argv[2]))
"""


def run_alone(file: Path, engine: str) -> bytes:
    """A notebook in a process of its own, as a job has it."""
    made = file.with_suffix(f".{engine}")
    command = [sys.executable, "-c", ALONE, str(file), engine, str(made)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, check=True)
    return made.read_bytes()


@pytest.mark.slow
def test_both_engines_give_the_same_bytes(tmp_path: Path) -> None:
    for name, sources in WORLD.items():
        file = notebook(tmp_path / "x.ipynb", *sources)
        made = [run_alone(file, engine) for engine in ("in-process", "kernel")]
        assert made[0] == made[1], name


@pytest.mark.parametrize("engine", ["in-process", pytest.param("kernel", marks=pytest.mark.slow)])
def test_an_event_loop_of_ones_own_is_refused_as_in_a_kernel(tmp_path: Path, engine: str) -> None:
    file = notebook(tmp_path / "x.ipynb", "import asyncio\nasync def f(): pass\nasyncio.run(f())")
    with pytest.raises(
        notebooks.NotebookError, match=r"cell 1: RuntimeError: asyncio.run\(\) cannot be called"
    ):
        notebooks.execute(file, {}, engine)


@pytest.mark.parametrize("engine", ["in-process", pytest.param("kernel", marks=pytest.mark.slow)])
@pytest.mark.parametrize("source", ["input('T_c? ')", "import getpass\ngetpass.getpass()"])
def test_nobody_is_there_to_answer(tmp_path: Path, engine: str, source: str) -> None:
    file = notebook(tmp_path / "x.ipynb", source)
    with pytest.raises(
        notebooks.NotebookError, match=r"cell 1: StdinNotImplementedError: .*does not support input"
    ):
        run(file, engine)


@pytest.mark.parametrize("engine", ["in-process", pytest.param("kernel", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a = 1\n\nb = a / 0", "cell 2: ZeroDivisionError: division by zero (line 3)"),
        ("def f():\n    return {}['T_h']\nf()", "cell 2: KeyError: 'T_h' (line 3)"),
        ("a = 1\nb = f(x y)", "cell 2: SyntaxError: invalid syntax. Perhaps you forgot a comma? (line 2)"),
    ],
)
def test_a_failing_cell_is_counted_as_one_sees_it_and_names_the_line(
    tmp_path: Path, engine: str, source: str, words: str
) -> None:
    file = notebook(tmp_path / "x.ipynb", "a = 0", source)
    content = json.loads(file.read_text())
    for tags in ([], ["parameters"]):
        content["cells"][0]["metadata"] = {"tags": tags}
        file.write_text(json.dumps(content))
        with pytest.raises(notebooks.NotebookError) as error:
            notebooks.execute(file, {"a": 1}, engine)
        assert str(error.value) == words


def test_what_other_programs_leave_in_a_notebook_is_no_fault_of_it(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# a"], "outputs": [], "execution_count": None, "id": "a b"},
        {"cell_type": "code", "source": "print(1)", "id": "twice", "collapsed": True},
        {
            "cell_type": "code",
            "source": "print(2)",
            "id": "twice",
            "metadata": {"tags": ["hide"], "vscode": {}},
        },
        {"cell_type": "raw", "source": "raw", "metadata": {"format": "text/latex"}, "attachments": {}},
    ]
    file = tmp_path / "x.ipynb"
    file.write_text(
        json.dumps({"cells": cells, "metadata": None, "nbformat": 4, "nbformat_minor": 2, "widgets": 1})
    )
    made = notebooks.execute(file, {})
    assert made == notebooks.execute(file, {})
    assert [cell["id"] for cell in json.loads(made)["cells"]] == ["cell-1", "twice", "cell-3", "cell-4"]
    assert shown(made) == "1\n\n2\n"
    assert clean_notebooks.cleaned(notebook_source.read(file))


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        (
            {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}},
            "it is written in R (kernel ir)",
        ),
        ({"language_info": {"name": "julia"}}, "it is written in julia"),
        ({"kernelspec": {"name": "myenv", "language": "Python", "display_name": "x"}}, None),
        ({"kernelspec": "python3", "language_info": None}, None),
    ],
)
def test_a_notebook_of_another_language_is_refused(
    tmp_path: Path, metadata: dict[str, Any], words: str | None
) -> None:
    file = notebook(tmp_path / "x.ipynb", "1", metadata=metadata)
    if words is None:
        assert notebooks.execute(file, {})
        return
    with pytest.raises(BadNotebook) as error:
        notebook_source.read(file)
    assert str(error.value) == f"{words}; a figure's notebook is written in Python"


@pytest.mark.parametrize("minor", range(6))
def test_every_format_from_4_on_is_taken_with_or_without_kernel_and_byte_order_mark(
    tmp_path: Path, minor: int
) -> None:
    file = notebook(tmp_path / "x.ipynb", "print(1)", minor=minor, metadata={})
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    made = notebooks.execute(file, {"a": 1})
    assert made == notebooks.execute(file, {"a": 1})
    assert [cell["id"] for cell in json.loads(made)["cells"]][-1] in ("cell-0", "cell-1")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "line 1: it is no notebook"),
        (b'{"cells": [', "line 1: it is no notebook"),
        (b"[]", "it is no notebook"),
        (b'{"worksheets": [], "nbformat": 3}', "it is of format 3; `jupyter nbconvert"),
        (b"\xff\xfe", "it is not UTF-8 text (byte 0)"),
    ],
)
def test_what_is_no_notebook_is_said_in_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "x.ipynb"
    file.write_bytes(content)
    with pytest.raises(BadNotebook) as error:
        notebook_source.trees(file)
    assert words in str(error.value)
    with pytest.raises(notebooks.NotebookError) as failed:
        notebooks.execute(file, {})
    assert str(failed.value) == str(error.value)


def test_a_mistake_names_its_cell_and_line(tmp_path: Path) -> None:
    file = notebook(tmp_path / "x.ipynb", "a = 1", "%time a\nb = (")
    with pytest.raises(BadNotebook, match=r"^cell 2, line 2: "):
        notebook_source.trees(file)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("params['a'], params.get('b', 1)", {"a", "b"}),
        ("params = {'a': 1}", set()),
        ("f(**params)", None),
        ("%time params['a']", None),
        ("params[", None),
    ],
)
def test_which_parameters_a_notebook_reads(tmp_path: Path, source: str, names: set[str] | None) -> None:
    assert notebook_source.params_read(notebook(tmp_path / "x.ipynb", source)) == names


OWN = sorted((PROJECT / "notebooks").glob("*/*.ipynb"))


@pytest.mark.parametrize("file", OWN, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_notebooks_are_kept_clean(file: Path) -> None:
    assert clean_notebooks.cleaned(notebook_source.read(file)) == file.read_bytes(), "make clean-notebooks"


def test_cleaning_takes_what_jupyter_leaves_and_changes_nothing_twice(tmp_path: Path) -> None:
    file = notebook(tmp_path / "x.ipynb", "print(1)", "2", minor=4, metadata={"widgets": {}})
    content = json.loads(file.read_text())
    content["cells"][0] |= {
        "id": "9ad1c2f3",
        "outputs": [1],
        "execution_count": 7,
        "metadata": {"scrolled": True},
    }
    file.write_text(json.dumps(content))
    command = [sys.executable, "-m", "workflow.commands.clean_notebooks"]
    kept = subprocess.run(
        [*command, "--filter"], cwd=PROJECT, input=file.read_bytes(), capture_output=True, check=True
    )
    done = subprocess.run([*command, str(file)], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout == f"cleaned {file}\n"
    assert file.read_bytes() == kept.stdout
    cells = json.loads(kept.stdout)["cells"]
    assert [cell["id"] for cell in cells] == ["cell-1", "cell-2"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    assert clean_notebooks.cleaned(json.loads(kept.stdout)) == kept.stdout
