"""Throwaway copies of the project, with a small config, run as a user would run them."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]
COPIED = [
    "Snakefile",
    "Makefile",
    "pyproject.toml",
    "requirements.lock",
    "requirements-test.lock",
    "lock",
    "environment.yml",
    "config.yaml",
    "config",
    "profiles",
    "snakemake_logger_plugin_qte",
    "workflow",
    "qte",
    "notebooks",
]
# Whose studies, figures and words are the project's own.
COLLECTIONS = ("khandelwal2020", "khandelwal2025", "santiagogarcia2024", "man2019", "library", "answers")
# What the docs let somebody make: tests make it themselves, in their copies.
OWN = ("mine", "test_mine_*.py")
# Cheap, and of every kind: a schematic, a figure of one table, a figure of another machine.
FIGURES = {"khandelwal2020": ["fig1", "fig2"], "khandelwal2025": ["fig2"]}
_ANNOUNCED = re.compile(
    r"^Job \d+: (Computing table|Drawing figure|Writing the checksums).*?(\S+)$", re.MULTILINE
)
_KINDS = {"Computing table": "table", "Drawing figure": "figure", "Writing the checksums": "checksums"}


def small_config() -> dict[str, Any]:
    """The project's own config, reduced to `FIGURES` and the tables they draw."""
    config = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))
    small: dict[str, Any] = {"tables": {}, "figures": {}}
    for paper, names in FIGURES.items():
        figures = {name: config["figures"][paper][name] for name in names}
        tables = {
            table: config["tables"][paper][table] for entry in figures.values() for table in entry["tables"]
        }
        small["figures"][paper], small["tables"][paper] = figures, tables
    small["tables"]["khandelwal2025"]["fig2"]["params"]["t"]["num"] = 101
    return small


@dataclass
class Project:
    """A copy of the project in a folder of its own."""

    root: Path

    @classmethod
    def create(cls, root: Path, config: dict[str, Any] | None = None, template: Path = PROJECT) -> "Project":
        """A copy of the sources in `template`, nothing built, with the small config; of the project without what is
        somebody's own."""
        root.mkdir(parents=True)
        own = OWN if template == PROJECT else ()
        ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", ".*.tmp", *own)
        for name in COPIED:
            source = template / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=ignore, symlinks=True)
            else:
                shutil.copy2(source, root / name)
        project = cls(root)
        for rules in project.path("workflow/rules/local").glob("*.smk") if own else ():
            rules.unlink()
        project.write_config(small_config() if config is None else config)
        return project

    def unbuilt(self, root: Path) -> "Project":
        """A copy of this project's sources, without results."""
        return Project.create(root, self.config, template=self.root)

    def clone(self, root: Path) -> "Project":
        """A copy with all results and Snakemake's memory of them, times of files included."""
        shutil.copytree(self.root, root, symlinks=True)
        return Project(root)

    @property
    def config(self) -> dict[str, Any]:
        return yaml.safe_load((self.root / "config.yaml").read_text(encoding="utf-8"))

    def write_config(self, config: dict[str, Any]) -> None:
        text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
        (self.root / "config.yaml").write_text(text, encoding="utf-8")

    def path(self, name: str) -> Path:
        return self.root / name

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.path(name).read_text(encoding="utf-8")
        assert old in text, f"{name} does not contain {old!r}"
        self.path(name).write_text(text.replace(old, new, 1), encoding="utf-8")

    def append(self, name: str, text: str) -> None:
        with self.path(name).open("a", encoding="utf-8") as file:
            file.write(text)

    def command(self, *arguments: str, cores: int = 2) -> list[str]:
        return [sys.executable, "-m", "snakemake", "--cores", str(cores), *arguments]

    def environment(self, **changes: str) -> dict[str, str]:
        """The caller's, without what tests or the machine may have set, with a home folder that is empty."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST"))}
        # Most tests read Snakemake's own words; tests/workflow/test_voice.py reads what people do.
        return kept | {"HOME": str(self.root.parent / "home"), "QTE_OUTPUT": "snakemake"} | changes

    def run(self, *arguments: str, cores: int = 2, **changes: str) -> subprocess.CompletedProcess[str]:
        return self.run_command(self.command(*arguments, cores=cores), **changes)

    def run_command(self, command: list[str], **changes: str) -> subprocess.CompletedProcess[str]:
        """Any command, in the project's folder and the environment of a run."""
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(**changes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )

    def start(self, *arguments: str, cores: int = 2) -> subprocess.Popen[str]:
        """Begin a run in the background, in a process group of its own."""
        return subprocess.Popen(
            self.command(*arguments, cores=cores),
            cwd=self.root,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def build(self, *arguments: str, cores: int = 2, **changes: str) -> str:
        """Run to the end, which must succeed; what was printed."""
        done = self.run(*arguments, cores=cores, **changes)
        assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout

    def pending(self) -> list[str]:
        """The jobs that a run would do now, such as ``table khandelwal2020/fig2``, sorted."""
        return announced(self.build("--dry-run"))

    @property
    def sums(self) -> str:
        return self.path("results/SHA256SUMS").read_text(encoding="utf-8")


def announced(output: str) -> list[str]:
    """The jobs in Snakemake's output."""
    return sorted(
        _KINDS[kind] if kind.startswith("Writing") else f"{_KINDS[kind]} {name}"
        for kind, name in _ANNOUNCED.findall(output)
    )
