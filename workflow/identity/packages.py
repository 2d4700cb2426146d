"""The packages that a run really has, and what of them the lock does not know.

A label names versions; they are those that are installed, found by the folders that installers leave beside a package
(``numpy-2.1.0.dist-info``). In the environment that the Makefile builds these are the locked ones.
"""

import os
import re
import site
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

_FOLDER = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(-py[0-9.]+)?\.(dist|egg)-info")


def canonical(name: str) -> str:
    """A package's name as all spellings of it are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def folders() -> list[Path]:
    """Where packages are installed, in the order in which Python looks."""
    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return [Path(folder) for folder in dict.fromkeys([*user, *site.getsitepackages()])]


@cache
def installed() -> dict[str, str]:
    """Canonical name → version of every installed package, as it was when this was first asked."""
    found: dict[str, str] = {}
    first_state()
    for entry in _records():
        name, version = _FOLDER.fullmatch(entry.name).group("name", "version")  # type: ignore[union-attr]
        found.setdefault(canonical(name), version)
    return found


def in_use(locked: Mapping[str, str]) -> dict[str, str]:
    """The packages of the lock with the versions that are installed; one that is not keeps what the lock says."""
    return {name: installed().get(canonical(name), version) for name, version in locked.items()}


def state() -> str:
    """What tells that a package was installed, replaced or taken away meanwhile, be it the same one again."""
    return " ".join(
        sorted(f"{entry.name}:{entry.inode()}:{entry.stat().st_mtime_ns}" for entry in _records())
    )


@cache
def first_state() -> str:
    """The state when `installed` was first asked, or this."""
    return state()


@cache
def unlocked(locked: frozenset[str]) -> dict[str, str]:
    """Top-level module → package and version, of all that is installed and is none of these packages."""
    known = {canonical(name) for name in locked}
    return {
        top: f"{entry.name.partition('-')[0]} {_FOLDER.fullmatch(entry.name)['version']}"  # type: ignore[index]
        for entry in _records()
        if canonical(entry.name.partition("-")[0]) not in known
        for top in _tops(Path(entry.path))
    }


def _records() -> Iterator[os.DirEntry[str]]:
    for folder in folders():
        if folder.is_dir():
            yield from (entry for entry in os.scandir(folder) if _FOLDER.fullmatch(entry.name))


def _tops(record: Path) -> frozenset[str]:
    """The top-level modules of an installed package; none of what only helps others to be installed."""
    try:
        lines = (record / "RECORD").read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    firsts = {
        line.split(",")[0].split("/")[0]
        for line in lines
        if "/" in line or line.split(",")[0].endswith(".py")
    }
    names = {first.removesuffix(".py") for first in firsts}
    return frozenset(
        name for name in names if name.isidentifier() and name not in sys.stdlib_module_names
    ) - {"_distutils_hack"}
