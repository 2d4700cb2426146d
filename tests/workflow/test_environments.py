"""Environments that would break a run, or change its bytes, do not reach a job; what cannot be kept out is named."""

import json
import os
from pathlib import Path

import pytest

from tests.workflow.projects import PROJECT, Project
from workflow.commands.setup import advisories
from workflow.identity import packages, project_environment

FIGURE = "figures/khandelwal2020/fig1.png"
OBSTACLE = (
    "matplotlibrc in this folder is read by matplotlib for every figure, and no label tells of it; nothing was run. "
    "Move it away; the house style is qte/plotting/style.py"
)


def hostile(root: Path) -> dict[str, str]:
    """Everything at once, of files below `root`."""
    (root / "rc.bin").write_bytes(bytes(range(128, 256)))
    (root / "startup.py").write_text("raise SystemExit('startup')\n")
    for name in ("workflow", "qte"):
        (root / "elsewhere" / name).mkdir(parents=True)
        (root / "elsewhere" / name / "__init__.py").write_text(f"raise SystemExit('another {name}')\n")
    kernel = root / "jupyter/kernels/python3/kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps({"argv": ["/bin/false"], "display_name": "false", "language": "python"}))
    return {
        "COLUMNS": "3",
        "IPYTHONDIR": str(root / "startup.py"),
        "JUPYTER_PATH": str(root / "jupyter"),
        "LANG": "tlh_QO",
        "MATPLOTLIBRC": str(root / "rc.bin"),
        "NPY_ENABLE_CPU_FEATURES": "AVX2 FMA3",
        "PYTHONOPTIMIZE": "2",
        "PYTHONPATH": str(root / "elsewhere"),
        "PYTHONSTARTUP": str(root / "startup.py"),
        "PYTHONWARNINGS": "error",
        "TERM": "no-such-terminal",
    }


@pytest.mark.parametrize("engine", ["in-process", "kernel"])
def test_a_hostile_environment_changes_no_byte(
    built: Project, copy: Project, tmp_path: Path, engine: str
) -> None:
    copy.path(FIGURE).unlink()
    copy.append("config.yaml", f"engine: {engine}\n")
    variables = hostile(tmp_path)
    # Together they end Snakemake's own start, where its imports warn of the one and the other makes that an error.
    variables.pop("PYTHONWARNINGS" if engine == "kernel" else "NPY_ENABLE_CPU_FEATURES")
    copy.build(FIGURE, cores=1, **variables)
    assert copy.path(FIGURE).read_bytes() == built.path(FIGURE).read_bytes()


def test_what_pinning_takes_out_and_sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in project_environment.REMOVED:
        monkeypatch.setenv(name, "x")
    for name in project_environment.pinned(tmp_path):
        monkeypatch.setenv(name, "x")
    project_environment.pin(tmp_path)
    there = set(project_environment.REMOVED) & os.environ.keys()
    assert there <= {"PYTHONDONTWRITEBYTECODE"}
    assert os.environ["PYTHONPATH"] == str(tmp_path)


def test_a_user_without_a_name_gets_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(project_environment.getpass, "getuser", nobody)
    for name in [*project_environment.pinned(tmp_path), "LOGNAME"]:
        monkeypatch.setenv(name, "x")
    project_environment.pin(tmp_path)
    assert os.environ["LOGNAME"] == f"user-{os.getuid()}"


def test_settings_of_matplotlib_in_the_folder_are_named(tmp_path: Path) -> None:
    assert project_environment.obstacle(tmp_path) == ""
    (tmp_path / "matplotlibrc").touch()
    assert project_environment.obstacle(tmp_path) == OBSTACLE


def installed_in(folder: Path, monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    for name, version in versions.items():
        record = folder / f"{name}-{version}.dist-info"
        record.mkdir()
        (record / "RECORD").write_text(f"{name}/__init__.py,,\n{name}-{version}.dist-info/RECORD,,\n")
    monkeypatch.setattr(packages, "folders", lambda: [folder])
    packages.installed.cache_clear()
    packages.first_state.cache_clear()


def test_a_label_names_the_packages_that_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed_in(tmp_path, monkeypatch, numpy="2.0.1", seaborn="0.13")
    locked = {"NumPy": "2.4.6", "colorama": "0.4"}
    try:
        assert packages.in_use(locked) == {"NumPy": "2.0.1", "colorama": "0.4"}
        assert packages.unlocked(frozenset(locked)) == {"seaborn": "seaborn 0.13"}
        before = packages.state()
        (tmp_path / "numpy-2.0.1.dist-info").rename(tmp_path / "numpy-2.4.6.dist-info")
        assert packages.state() != before
    finally:
        packages.installed.cache_clear()
        packages.first_state.cache_clear()


def test_advisories_are_told_a_line_each() -> None:
    fault = {"id": "PYSEC-1", "fix_versions": ["2.0"]}
    found = [{"name": "a", "version": "1.0", "vulns": [fault]}, {"name": "b", "version": "1.0", "vulns": []}]
    assert advisories.report(found) == ["a 1.0: PYSEC-1, mended in 2.0"]
    assert advisories.report(found[1:]) == ["No advisory on any of the 1 packages that the locks pin."]


def test_every_lock_is_looked_at_and_each_pin_once() -> None:
    locks = [PROJECT / name for name in advisories.LOCKS]
    assert {lock for lock in PROJECT.rglob("*.lock") if lock.parent == PROJECT} <= set(locks)
    assert set((PROJECT / "lock").glob("*.txt")) <= set(locks)
    lists = advisories.pins(locks)
    assert "numpy" in lists[0]
    assert len({(name, version) for pins in lists for name, version in pins.items()}) == sum(map(len, lists))


def test_what_venv_brings_is_pinned() -> None:
    pinned = advisories.pins([PROJECT / "lock/venv.txt"])
    assert [set(names) for names in pinned] == [{"pip"}]
    recipe = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert "--require-hashes -r lock/venv.txt" in recipe
    assert "pip uninstall --quiet --yes setuptools wheel" in recipe
