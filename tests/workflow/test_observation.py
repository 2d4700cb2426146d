"""A job uses what its label says and nothing else: every way round that was thought of is refused in one line."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from qte.common import elementary
from tests.workflow.projects import PROJECT, Project
from workflow.identity.label import Label
from workflow.jobs.observation import Observed, Watch
from workflow.snakemake_door.job import JobFailed

NOTEBOOK = "notebooks/khandelwal2020/fig1.ipynb"
STUDY = "qte/papers/khandelwal2020/studies_added.py"
OTHER_TABLE = "results/tables/khandelwal2025/fig2.csv"


def reads(who: str, file: str, what: str) -> str:
    return (
        f"JobFailed: {who} reads {file}, which {what} does not declare, so that an edit there would go unseen; "
        "make it a table of config.yaml that the figure names"
    )


def uses(who: str, module: str) -> str:
    return (
        f"JobFailed: {who} uses the module {module}, which none of its import statements names, so that an edit "
        f"there would go unseen; write  import {module}"
    )


def imports(who: str, file: str) -> str:
    return (
        f"JobFailed: {who} imports {file}, which is no module of qte, so that an edit there would go unseen; "
        "move it into qte"
    )


def edited(file: str, what: str) -> str:
    return f"JobFailed: {file} was edited during the run, and {what} may be made of either; it is not kept, run again"


def elsewhere(who: str, what: str) -> str:
    return f"JobFailed: {who} {what}, and what that reads is seen by nobody; compute it in a study of qte"


def variable(who: str, name: str, what: str) -> str:
    return (
        f"JobFailed: {who} reads {name} of the environment, which {what} does not declare, so that a change there "
        "would go unseen; make it a parameter of config.yaml"
    )


# Of a cell: name → code and what is said; {} is the notebook or the study.
READS = {
    "a text file": ("open('data.csv').read()", "data.csv"),
    "an array": ("import numpy; numpy.load('points.npy')", "points.npy"),
    "numbers in JSON": (
        "import json, pathlib; json.loads(pathlib.Path('values.json').read_bytes())",
        "values.json",
    ),
    "a CSV file by pandas": ("import pandas; pandas.read_csv('data.csv')", "data.csv"),
    "a table by its reader": (f"from qte.data import tables as t; t.read({OTHER_TABLE!r})", OTHER_TABLE),
    "a table by its bytes": (f"open({OTHER_TABLE!r}, 'rb').read()", OTHER_TABLE),
    "by a number of a file": ("import os; os.read(os.open('data.csv', os.O_RDONLY), 9)", "data.csv"),
    "through a link": ("open('link.csv').read()", "link.csv"),
    "in a thread": (
        "import concurrent.futures as c, numpy; list(c.ThreadPoolExecutor().map(numpy.load, ['points.npy']))",
        "points.npy",
    ),
    "a file that is not there": (
        "import contextlib\nwith contextlib.suppress(OSError): open('no.csv')",
        "no.csv",
    ),
    "a database": ("import sqlite3; sqlite3.connect('data.db')", "data.db"),
    "the config": ("open('config.yaml').read()", "config.yaml"),
    "outside the project": ("open('/etc/hostname').read()", "/etc/hostname"),
    "after writing to its end": ("open('data.csv', 'a').close(); open('data.csv').read()", "data.csv"),
    "by writing to its end": ("f = open('data.csv', 'a+'); f.seek(0); f.read()", "data.csv"),
    "by a number that only writes": (
        "import os; os.close(os.open('data.csv', os.O_WRONLY)); open('data.csv').read()",
        "data.csv",
    ),
    "moved over what it wrote": (
        "import os; open('a', 'w'); os.link('data.csv', 'b'); os.rename('b', 'a'); open('a').read()",
        "a",
    ),
    "linked in place of what it wrote": (
        "import os; open('c', 'w'); os.remove('c'); os.symlink('data.csv', 'c'); open('c').read()",
        "c",
    ),
    "through the system's own folders": ("open('/proc/self/cwd/data.csv').read()", "data.csv"),
    "a module in an archive": ("import sys; sys.path.insert(0, 'mods.zip'); import zipped", "mods.zip"),
    "a resource of a package": (
        "import importlib.resources as r; r.read_text('qte.common', 'note.txt')",
        "qte/common/note.txt",
    ),
    "a database that one of its own takes in": (
        "import sqlite3 as q; open('d', 'w'); q.connect('d').execute(\"attach 'data.db' as e\")",
        "d",
    ),
    "without the shell's own name": ("del get_ipython\nopen('data.csv').read()", "data.csv"),
}
ELSEWHERE = {
    "a program": ("import subprocess; subprocess.run(['true'])", "starts another process"),
    "a shell": ("import os; os.system('true')", "starts another process"),
    "a process": ("import os\nif os.fork() == 0: os._exit(0)", "starts another process"),
    "a connection": (
        "import socket, contextlib\nwith contextlib.suppress(OSError): socket.create_connection(('127.0.0.1', 9))",
        "opens a connection",
    ),
    "a message": (
        "import socket as s; s.socket(s.AF_INET, s.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
        "opens a connection",
    ),
    "a name of the network": ("import socket; socket.getaddrinfo('localhost', 80)", "opens a connection"),
    "a fresh interpreter": (
        "import multiprocessing as m, os; p = m.get_context('spawn').Process(target=os.getpid); p.start(); p.join()",
        "starts another process",
    ),
    "a library of C": (
        "import contextlib, ctypes\nwith contextlib.suppress(OSError): ctypes.CDLL('./own.so')",
        "calls a library of C",
    ),
    "the C library itself": ("import ctypes; ctypes.CDLL(None).getpid()", "calls a library of C"),
}
MODULES = {
    "by attribute": ("import qte.machines; qte.machines.Junction", "qte.machines.junction"),
    "from the top": ("import qte; qte.machines.Junction", "qte.machines"),
    "by a name made up": (
        "import importlib as i; i.import_module('qte.machines.' + 'junction')",
        "qte.machines",
    ),
}


def fill(root: Path) -> None:
    """What attacks read."""
    (root / "data.csv").write_text("x\n1\n")
    (root / "link.csv").symlink_to("data.csv")
    (root / "values.json").write_text("[1]")
    code = "import numpy; numpy.save('points.npy', numpy.arange(3))"
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
    (root / "notebooks/khandelwal2020/helper.py").write_text("VALUE = 1\n")
    (root / "loose.py").write_text("VALUE = 1\n")
    (root / "qte/common/note.txt").write_text("1")
    with zipfile.ZipFile(root / "mods.zip", "w") as archive:
        archive.writestr("zipped.py", "VALUE = 1\n")


def tried(project: Project, attempts: list[dict]) -> list[str]:
    """The error of each attempt, or an empty string."""
    file = project.path("attempts.json")
    file.write_text(json.dumps(attempts), encoding="utf-8")
    script = Path(__file__).with_name("observed_jobs.py")
    done = subprocess.run(
        [sys.executable, str(script), str(file)],
        cwd=project.root,
        env=project.environment(),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def filled(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = built.clone(tmp_path_factory.mktemp("observed") / "project")
    fill(project.root)
    return project


NEAR = "import sys; sys.path.insert(0, 'notebooks/khandelwal2020'); import helper"


def of_cells() -> dict[str, tuple[str, str]]:
    """Name → code of a cell, and what is said of it."""
    who, what = f"notebook {NOTEBOOK}", "figure khandelwal2020/fig1"
    found = {name: (code, reads(who, file, what)) for name, (code, file) in READS.items()}
    found |= {name: (code, elsewhere(who, does)) for name, (code, does) in ELSEWHERE.items()}
    found |= {name: (code, uses(who, module)) for name, (code, module) in MODULES.items()}
    return found | {
        "a shell command": ("!true", elsewhere(who, "starts another process")),
        "a helper beside the notebook": (NEAR, imports(who, "notebooks/khandelwal2020/helper.py")),
        "a helper at the top": ("import loose", imports(who, "loose.py")),
        "a script": ("%run loose.py", imports(who, "loose.py")),
        "a folder": (
            "import os; os.listdir('notebooks')",
            f"JobFailed: {who} lists the folder notebooks: what is in it would go unseen; name the files",
        ),
        "a folder by its number": (
            "import os; os.listdir(os.open('notebooks', os.O_RDONLY))",
            f"JobFailed: {who} lists the folder notebooks: what is in it would go unseen; name the files",
        ),
        "a variable": ("import os; os.environ.get('HOME')", variable(who, "HOME", what)),
        "a variable that is not there": ("import os; os.getenv('SCALE', '1')", variable(who, "SCALE", what)),
    }


def as_figure(code: str, engine: str = "in-process", figure: str = "fig1") -> dict:
    return {"figure": figure, "engine": engine, "code": code}


def test_a_notebook_that_uses_what_nobody_hashes_is_refused(filled: Project) -> None:
    cells = of_cells()
    said = tried(filled, [as_figure(code) for code, _ in cells.values()])
    assert dict(zip(cells, said, strict=True)) == {name: message for name, (_, message) in cells.items()}


IN_A_KERNEL = (
    "an array",
    "in a thread",
    "a shell command",
    "by attribute",
    "a helper at the top",
    "a folder",
    "a variable",
    "a module in an archive",
)


def test_so_is_one_that_a_kernel_runs(filled: Project) -> None:
    cells = {name: found for name, found in of_cells().items() if name in IN_A_KERNEL}
    said = tried(filled, [as_figure(code, "kernel") for code, _ in cells.values()])
    assert dict(zip(cells, said, strict=True)) == {name: message for name, (_, message) in cells.items()}


HARMLESS = {
    "what it wrote itself": "open('own.txt', 'w').close(); open('own.txt').read()",
    "a file in its place": "import os; open('own.tmp', 'w').close(); os.rename('own.tmp', 'own.txt'); open('own.txt')",
    "its drawing": "open(f'{output}.png', 'rb').read()",
    "its notebook": f"open({NOTEBOOK!r}).read()",
    "a temporary file": "import tempfile; f = tempfile.NamedTemporaryFile(); open(f.name).read()",
    "a module by name": "import qte.machines.junction as j; j.Junction",
    "a font": "import matplotlib as m; open(m.get_data_path() + '/fonts/ttf/DejaVuSans.ttf', 'rb').read()",
    "an extension of a package": "import scipy.spatial; scipy.spatial.ConvexHull",
    "the modules of a package": "import pkgutil, qte.papers as p; list(pkgutil.iter_modules(p.__path__))",
    "how many cores there are": "import os; os.cpu_count()",
    "a folder that it made": "import tempfile, os, shutil; d = tempfile.mkdtemp(); os.listdir(d); shutil.rmtree(d)",
    "variables that every job has": "import os; os.environ['TZ'], os.environ['OMP_NUM_THREADS']",
    "a variable that it set": "import os; os.environ['A'] = '1'; os.environ['A']",
    "a table of a package": "import scipy.constants as c, PIL.ImageFont; c.physical_constants",
}


def test_what_its_label_covers_is_no_fault(filled: Project) -> None:
    said = tried(filled, [as_figure(code) for code in HARMLESS.values()])
    assert dict(zip(HARMLESS, said, strict=True)) == dict.fromkeys(HARMLESS, "")


def of_studies() -> dict[str, tuple[dict, str]]:
    who, what = f"{STUDY}, line 19", "table khandelwal2020/added"
    lines = (PROJECT / "qte/data/studies.py").read_text(encoding="utf-8").splitlines()
    (by_name,) = (n for n, line in enumerate(lines, 1) if "importlib.import_module(name)" in line)
    return {
        "a file": ({"code": "open('data.csv').read()"}, reads(who, "data.csv", what)),
        "a table": (
            {"code": f"from qte.data import tables as t; t.read({OTHER_TABLE!r})"},
            reads(who, OTHER_TABLE, what),
        ),
        "a machine by attribute": (
            {"above": "import qte.machines", "code": "qte.machines.TwoQubitEngine"},
            uses(who, "qte.machines.two_qubit"),
        ),
        "a helper": ({"code": "import loose"}, imports(who, "loose.py")),
        "a program": (
            {"code": "import subprocess; subprocess.run(['true'])"},
            elsewhere(who, "starts another process"),
        ),
        "another study by its name": (
            {"code": "from qte.data import studies as s; s.get('khandelwal2020.detuning_curves')"},
            uses(f"qte/data/studies.py, line {by_name}", "qte.papers.khandelwal2020.studies_detuning"),
        ),
    }


def test_a_study_that_uses_what_nobody_hashes_is_refused(filled: Project) -> None:
    cases = of_studies()
    said = tried(filled, [attempt for attempt, _ in cases.values()])
    assert dict(zip(cases, said, strict=True)) == {name: message for name, (_, message) in cases.items()}
    assert not filled.path("results/tables/khandelwal2020/added.code.json").exists()


ENGINE = "from qte.machines.two_qubit import TwoQubitEngine"
TWO_QUBITS = "qte/machines/two_qubit.py"
WRITE_AND_PUT_BACK = "; t = p.read_bytes(); p.write_bytes(b''); p.write_bytes(t)"


def of_edits() -> dict[str, tuple[dict, str]]:
    """Every source put back at the end, as a branch checkout does."""
    table, figure = "table khandelwal2020/added", "figure khandelwal2020/fig2"
    content = "from pathlib import Path; p = Path({})" + WRITE_AND_PUT_BACK
    return {
        "a module": ({"above": ENGINE, "edits": {TWO_QUBITS: "\nX = 1\n"}}, edited(TWO_QUBITS, table)),
        "a module's comment": ({"above": ENGINE, "edits": {TWO_QUBITS: "\n# x\n"}}, ""),
        "a module of others": ({"edits": {TWO_QUBITS: "\nX = 1\n"}}, ""),
        "the study": ({"edits": {STUDY: "\nX = 1\n"}}, edited(STUDY, table)),
        "what the server has loaded": (
            {"edits_before": {"qte/data/tables.py": "\nX = 1\n"}},
            edited("qte/data/tables.py", table),
        ),
        "the notebook": (
            as_figure(content.format("'notebooks/khandelwal2020/fig2.ipynb'"), figure="fig2"),
            edited("notebooks/khandelwal2020/fig2.ipynb", figure),
        ),
        "a table": (
            as_figure(content.format("tables['fig2']"), figure="fig2"),
            edited("results/tables/khandelwal2020/fig2.csv", figure),
        ),
    }


def test_what_is_edited_during_a_run_is_said_and_nothing_made_of_it_stays(filled: Project) -> None:
    cases = of_edits()
    said = tried(filled, [attempt for attempt, _ in cases.values()])
    assert dict(zip(cases, said, strict=True)) == {name: message for name, (_, message) in cases.items()}


def test_a_module_that_was_another_one_during_a_run_leaves_nothing_wrong(
    built: Project, copy: Project
) -> None:
    table = "results/tables/khandelwal2020/fig2.csv"
    copy.path(table).unlink()
    source = copy.path(TWO_QUBITS)
    content = source.read_text(encoding="utf-8")
    run = copy.start(table, cores=1)
    assert run.stdout is not None
    said = ""
    for line in run.stdout:
        said += line
        if line.startswith("Job stats:"):
            # Planned and labelled; the job has not begun.
            source.write_text(f"{content}\nADDED = 1\n", encoding="utf-8")
    assert run.wait() != 0
    source.write_text(content, encoding="utf-8")
    assert edited(TWO_QUBITS, "table khandelwal2020/fig2").removeprefix("JobFailed: ") in said
    assert not copy.path(table).exists()
    copy.build()
    assert copy.sums == built.sums


def test_a_job_on_unsound_arithmetic_is_refused_at_its_beginning_and_at_its_end(monkeypatch):
    done = []

    class Work:
        def run(self) -> None:
            done.append("run")

    monkeypatch.setattr(elementary, "fault_of_arithmetic", lambda: "sums are odd")
    with pytest.raises(JobFailed, match="not those of IEEE 754: sums are odd"):
        Observed(Work(), None).run()
    assert not done
    found = next(Watch.faults(SimpleNamespace()))
    assert "sums are odd" in found


def test_a_job_that_asks_for_nothing_is_held_against_its_label_all_the_same() -> None:
    def job(asks: bool) -> SimpleNamespace:
        return SimpleNamespace(run=lambda: Watch.current.hold() if asks else None)

    label = Label("table a/b", "study a.b", {}, packages="another state")
    for asks in (True, False):
        with pytest.raises(JobFailed, match="packages were installed or removed during the run"):
            Observed(job(asks), label).run()
