"""qte without the pipeline: what `pip install .` puts on a machine, and that it stands alone there.

Slow, since pip builds a wheel in an environment of its own: pytest -m slow tests/workflow/test_install.py
"""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.workflow.projects import PROJECT, Project

pytestmark = pytest.mark.slow

USED = """
import sys
from importlib.util import find_spec
import qte
assert find_spec("workflow") is None, find_spec("workflow")
assert find_spec("tests") is None
assert FOLDER in qte.__file__, qte.__file__
weak = dict(g=1.6e-3, gamma_h=1e-3, gamma_c=1.1e-2)
frame = qte.sweep(qte.machines.TwoQubitEngine, ["negativity"], T_h=[0.5, 1.0], T_c=0.1, **weak)
fig = qte.plotting.plot_sweep(frame, x="T_h", y="negativity")
qte.plotting.save(fig, "negativity")
assert not {"snakemake", "papermill", "IPython", "pytest"} & set(sys.modules), "heavy imports"
print(frame["negativity"].iloc[1])
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel of a clone holds, and nothing else of the project."""
    base = tmp_path_factory.mktemp("install")
    project = Project.create(base / "clone")
    for name in ("README.md", "LICENSE"):
        project.path(name).write_bytes((PROJECT / name).read_bytes())
    project.path("tests/unit").mkdir(parents=True)
    project.path("tests/__init__.py").write_text("")
    build = [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--quiet"]
    done = subprocess.run(
        [*build, "-w", str(base)], cwd=project.root, env=project.environment(), capture_output=True, text=True
    )
    if "No matching distribution found for setuptools" in done.stderr:
        pytest.skip("building a wheel needs setuptools from a package index, and none can be reached")
    assert done.returncode == 0, done.stderr
    (wheel,) = base.glob("qte-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(base / "site")
    return base / "site"


def test_the_wheel_holds_the_library_whole_and_nothing_else(installed: Path) -> None:
    names = {file.relative_to(installed).as_posix() for file in installed.rglob("*") if file.is_file()}
    packages = {name.split("/")[0] for name in names}
    assert len(packages) == 2, packages
    assert {"qte"} < packages
    source = {file.relative_to(PROJECT).as_posix() for file in (PROJECT / "qte").rglob("*.py")}
    assert {name for name in names if name.startswith("qte/")} == source | {"qte/py.typed"}


def test_it_runs_where_there_is_no_project(installed: Path, tmp_path: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    code = USED.replace("FOLDER", repr(str(installed)))
    # without `site`, whose .pth file would put the project that runs this test on the path
    packages = [
        str(installed),
        *dict.fromkeys(sysconfig.get_paths()[name] for name in ("purelib", "platlib")),
    ]
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=tmp_path,
        env=kept | {"PYTHONPATH": os.pathsep.join(packages)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(2.0534e-3, rel=1e-3)
    assert (tmp_path / "negativity.svg").read_text().startswith("<?xml")
