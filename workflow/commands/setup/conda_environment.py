"""Write ``environment.yml``: the direct dependencies of ``pyproject.toml`` at the versions of the lock files."""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


def locked_versions(lock: Path) -> dict[str, str]:
    """Name → version of every package pinned in ``lock``."""
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", lock.read_text(), flags=re.MULTILINE))


def direct_dependencies(project: Path = PROJECT) -> tuple[list[str], list[str]]:
    """Names of what the pipeline runs on and of what its tests add, in the order of ``pyproject.toml``."""
    table = tomllib.loads((project / "pyproject.toml").read_text())["project"]

    def names(requirements: list[str]) -> list[str]:
        return [re.split(r"[<>=!~ \[;]", requirement, maxsplit=1)[0] for requirement in requirements]

    extras = table["optional-dependencies"]
    return names(table["dependencies"] + extras["pipeline"]), names(extras["test"])


def environment(project: Path = PROJECT) -> str:
    """The text of ``environment.yml``."""
    runtime, test = direct_dependencies(project)
    versions = locked_versions(project / "requirements-test.lock")
    lines = [
        "# Written by `make lock` from pyproject.toml and the lock files: the same versions, for conda.",
        "#   conda env create -f environment.yml && conda activate qte && snakemake --cores 8",
        "name: qte",
        "channels: [conda-forge, bioconda, nodefaults]",
        "dependencies:",
        "  - python >=3.11",
        *(f"  - {name} ={versions[name]}" for name in runtime),
        "  # tests",
        *(f"  - {name} ={versions[name]}" for name in test),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (PROJECT / "environment.yml").write_text(environment())
