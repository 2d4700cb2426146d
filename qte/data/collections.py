"""Where studies are found: collections are packages with one package inside for each paper.

`qte.papers` is the project's own. Another project adds one of its own, outside this
tree, in the standard way of Python packages, an entry point in its pyproject.toml:

    [project.entry-points."qte.collections"]
    my_lab = "my_lab.figures"

Once that project is installed in the same environment, a study of the module
``my_lab.figures.<paper>.studies`` is a study like all others.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from qte.common.errors import QteError

OWN = "qte.papers"
GROUP = "qte.collections"

_PAPER = re.compile(r"[a-z][a-z0-9]*")


class CollectionError(QteError, ValueError):
    """A collection that is announced but cannot be used."""


@cache
def collections() -> tuple[str, ...]:
    """Dotted names of the packages in which papers are found, the project's own first."""
    # slow to import, and a job that computes one of our own studies never asks
    from importlib.metadata import entry_points

    announced = sorted(point.value for point in entry_points(group=GROUP))
    return tuple(dict.fromkeys([OWN, *announced]))


def packages() -> dict[str, str]:
    """Key of every paper, in alphabetical order, and the dotted name of its package.

    Raises
    ------
    CollectionError
        A collection cannot be imported, or two have a paper of the same key.
    """
    found: dict[str, str] = {}
    for collection in collections():
        for paper, package in _papers_in(collection).items():
            if paper in found:
                raise CollectionError(
                    f"Two collections have a paper `{paper}`: {found[paper]} and {package}."
                )
            found[paper] = package
    return dict(sorted(found.items()))


def package_of(paper: str) -> str | None:
    """Dotted name of a paper's package. The project's own are found without a look at what is installed."""
    return _papers_in(OWN).get(paper) or packages().get(paper)


def paper_of(module: str) -> str | None:
    """Key of the paper to whose package a module belongs, by its dotted name; None outside all collections."""
    for collection in [OWN] if module.startswith(f"{OWN}.") else collections():
        if module.startswith(f"{collection}."):
            key, _, inside = module.removeprefix(f"{collection}.").partition(".")
            return key if inside else None
    return None


def roots() -> dict[str, Path]:
    """Top-level packages of the collections from elsewhere, and their folders; nothing of them is run."""
    found = {}
    for collection in collections():
        top = collection.partition(".")[0]
        if top != "qte":
            spec = find_spec(top)
            if spec is None or not spec.submodule_search_locations:
                raise CollectionError(
                    f"The collection `{collection}` is announced, but there is no package {top}."
                )
            found[top] = Path(next(iter(spec.submodule_search_locations)))
    return found


def _papers_in(collection: str) -> dict[str, str]:
    try:
        folders = importlib.import_module(collection).__path__
    except (ImportError, AttributeError) as error:
        raise CollectionError(
            f"The collection `{collection}` is announced, but cannot be imported: {error}."
        ) from error
    inside = [module.name for module in pkgutil.iter_modules(folders) if module.ispkg]
    return {paper: f"{collection}.{paper}" for paper in inside if _PAPER.fullmatch(paper)}
