"""One list of dependencies: pyproject.toml, the locks and environment.yml say the same."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.workflow.projects import PROJECT
from workflow.commands.setup.conda_environment import direct_dependencies, environment, locked_versions
from workflow.plan import plan

LOCKS = [
    "requirements.lock",
    "requirements-test.lock",
    "requirements-cluster.lock",
    "requirements-mutants.lock",
    "lock/docs.txt",
    "lock/exact.txt",
    "lock/explore.txt",
]


def test_the_locks_pin_every_dependency_with_hashes() -> None:
    runtime, test = direct_dependencies()
    assert set(runtime) <= set(locked_versions(PROJECT / LOCKS[0]))
    assert set(runtime) | set(test) <= set(locked_versions(PROJECT / LOCKS[1]))
    for lock in LOCKS:
        text = (PROJECT / lock).read_text()
        pins = re.split(
            r"\n(?=\S)", "\n".join(line for line in text.splitlines() if not line.startswith("#"))
        )
        assert all("--hash=sha256:" in pin for pin in pins if pin.strip())


def test_the_other_locks_extend_the_runtime_lock() -> None:
    runtime, *others = (locked_versions(PROJECT / lock) for lock in LOCKS)
    for other in others:
        assert {name: other.get(name) for name in runtime} == runtime


def test_pyproject_allows_what_the_locks_pin() -> None:
    from packaging.requirements import Requirement

    table = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    pins = {name: pin for lock in LOCKS[1:] for name, pin in locked_versions(PROJECT / lock).items()}
    extras = table["optional-dependencies"]
    for line in sum(extras.values(), table["dependencies"]):
        requirement = Requirement(line)
        assert requirement.specifier.contains(pins[requirement.name]), line


def test_what_is_mutated_and_what_must_notice_is_there() -> None:
    table = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["mutmut"]
    named = [*table["only_mutate"], *table["pytest_add_cli_args_test_selection"], *table["also_copy"]]
    assert [name for name in named if not (PROJECT / name).is_file()] == []


def imported(folder: str) -> set[str]:
    """Packages that the modules of a folder import, wherever in them."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (PROJECT / folder).rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0]
    return {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"qte", "workflow"}


def test_the_library_imports_only_what_it_declares_and_so_does_the_pipeline() -> None:
    table = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    extras = table["optional-dependencies"]

    def declared(requirements: list[str]) -> set[str]:
        names = {re.split(r"[<>=]", line, maxsplit=1)[0] for line in requirements}
        modules = {
            "ipython": "IPython",
            "markdown-it-py": "markdown_it",
            "mdit-py-plugins": "mdit_py_plugins",
            "pillow": "PIL",
            "pyyaml": "yaml",
            "roc-validator": "rocrate_validator",
        }
        return {modules.get(name, name) for name in names}

    library = declared(table["dependencies"])
    # states go to QuTiP, and hierarchies are its, where somebody has it: inside functions, by the extra `exact`
    assert imported("qte") - library == {"qutip"}
    assert library <= imported("qte")
    pipeline = library | declared(extras["pipeline"] + extras["archive"] + extras["explore"])
    # an interface of snakemake's own, and what reads a lock, which come with it
    assert imported("workflow") - pipeline <= {"snakemake_interface_logger_plugins", "packaging"}


def test_what_uses_an_extra_is_locked_to_its_packages_and_nothing_else_is() -> None:
    (module,) = plan.EXTRAS
    plain, exact = plan.locked_for(["qte.solver.steady"]), plan.locked_for(["qte.solver.steady", module])
    assert exact.keys() - plain.keys() >= {"qutip", "mpmath"}
    assert plain == plan.locked_versions()
    assert plan.lock_hash() == plan.lock_hash(["qte.solver.steady"]) != plan.lock_hash([module])
    # what QuTiP loads where it finds it is in the lock, so that a result cannot depend on it
    table = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["optional-dependencies"][
        "exact"
    ]
    assert {re.split("[<>=]", line)[0] for line in table} <= exact.keys()


def test_conda_gets_the_same_versions() -> None:
    assert (PROJECT / "environment.yml").read_text() == environment()


def test_the_locks_name_no_host() -> None:
    for name in [*LOCKS, "pyproject.toml"]:
        text = (PROJECT / name).read_text()
        assert not re.search(r"https?://|index-url|find-links|file:", text), name


def test_an_old_python_is_refused_in_one_line(tmp_path) -> None:
    old = tmp_path / "python-old"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2"\nexit 1\n')
    old.chmod(0o755)
    for name in ["Makefile", "requirements.lock"]:
        (tmp_path / name).write_bytes((PROJECT / name).read_bytes())
    done = subprocess.run(
        ["make", "figures", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "qte needs Python 3.11 or newer" in done.stderr
    assert "3.9.2" in done.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("folder", ["plain", "a folder, ünïcode", 'a "quoted" \\ one'])
def test_the_environment_finds_the_project_in_any_folder_and_locale(folder: str, tmp_path) -> None:
    project = tmp_path / folder
    script = project / "workflow/commands/setup/link_project.py"
    script.parent.mkdir(parents=True)
    script.write_bytes((PROJECT / "workflow/commands/setup/link_project.py").read_bytes())
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project / ".venv"], check=True)
    python = str(project / ".venv/bin/python")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "LC_", "LANG"))}
    for locale in ("C", "C.UTF-8"):
        env = kept | {"LC_ALL": locale}
        subprocess.run([python, str(script)], env=env, check=True)
        found = subprocess.run(
            [python, "-c", "import sys; print(ascii(sys.path))"],
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
        assert str(project) in ast.literal_eval(found.stdout)
        assert found.stderr == ""


def test_ci_calls_only_targets_that_are_here_and_pins_its_actions() -> None:
    recipe = yaml.safe_load((PROJECT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    targets = set(
        re.findall(r"^([a-z0-9-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    steps = [step for job in recipe["jobs"].values() for step in job["steps"]]
    commands = [step["run"] for step in steps if "run" in step]
    assert {"make lint", "make test-fast", "make check-determinism", "make verify"} <= set(commands)
    for command in commands:
        assert re.fullmatch(r"make [a-z0-9-]+", command), command
        assert command.removeprefix("make ") in targets
    for step in steps:
        assert "uses" not in step or re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"]), step


NOTEBOOKS = sorted((PROJECT / "notebooks").rglob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_notebooks_compute_nothing_and_take_their_parameters(notebook) -> None:
    from workflow.config.notebook_source import code_of

    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in cells) == 1
    imported = set(
        re.findall(r"^\s*(?:from|import)\s+([\w.]+(?:\s+import\s+\w+)?)", code_of(notebook), flags=re.M)
    )
    allowed = re.compile(
        r"numpy|qte\.plotting|qte import plotting|qte\.data import tables|qte\.(data\.tables|plotting) import \w+"
    )
    assert all(allowed.fullmatch(name) for name in imported), imported


@pytest.mark.parametrize(
    ("target", "variable"),
    [
        ("figures", "CORES"),
        ("variant", "OVERLAY"),
        ("accept", "REASON"),
        ("explain", "FIGURE"),
        ("identify", "PICTURE"),
        ("new-figure", "NAME"),
        ("cost", "TABLE"),
        ("slurm", "TARGET"),
        ("environment", "PYTHON"),
        ("environment", "VENV"),
        ("figures", "SNAKE"),
        ("lock", "COMPILE"),
        ("lock", "UPGRADE"),
        ("lock", "UV"),
    ],
)
@pytest.mark.parametrize(
    "value", ["$(shell touch escaped)", "1; touch escaped", "$(info escaped)", "a 'b' \"c\""]
)
def test_what_a_reader_gives_make_is_a_value_and_no_command(
    tmp_path: Path, target: str, variable: str, value: str
) -> None:
    shutil.copy2(PROJECT / "Makefile", tmp_path)
    for lock in LOCKS:
        (tmp_path / lock).parent.mkdir(exist_ok=True)
        (tmp_path / lock).touch()
    command = ["make", "--dry-run", target]
    for given, outside in (([f"{variable}={value}"], {}), ([], {variable: value})):
        done = subprocess.run(
            [*command, *given], cwd=tmp_path, env=os.environ | outside, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert value not in done.stdout
        assert "escaped" not in done.stdout
    assert not (tmp_path / "escaped").exists()
