"""Where the project is, and which of its files a run uses.

A run makes everything in the working directory. What people write (config.yaml, notebooks, data) is taken from there,
too, and from the project where the working directory has none. All else of the project (code, lock, schema,
reference) is the project's alone.
"""

import os
from pathlib import Path
from typing import Final

# Set by the Snakefile of a run that works elsewhere; processes that it starts inherit it.
VARIABLE: Final = "QTE_PROJECT"
LOCAL_RULES: Final = "workflow/rules/local"


def root() -> Path:
    """The project's folder; empty where it is the working directory."""
    return Path(os.environ.get(VARIABLE, ""))


def settle(folder: Path) -> None:
    """Say where the project is, for this process and those that it starts."""
    if folder.samefile(Path.cwd()):
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = str(folder.resolve())


def own(name: str) -> Path:
    """A file of the project."""
    return root() / name


def written(name: str, folder: Path | None = None) -> Path:
    """A file that people write: of the working directory, or of the project (`folder`) where that has none."""
    here = Path(name)
    return here if here.exists() else (folder or root()) / name


def shown(name: str) -> str:
    """A file as people know it: below the working directory without that."""
    return os.path.relpath(name) if Path(name).is_relative_to(Path.cwd()) else name


def local_rules() -> list[str]:
    """The files with rules of one's own, sorted by name: the project's, then the working directory's."""
    folders = dict.fromkeys([root() / LOCAL_RULES, Path(LOCAL_RULES)])
    return [str(file.resolve()) for folder in folders for file in sorted(folder.glob("*.smk"))]
