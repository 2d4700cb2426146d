"""The figure that is explored: its tables, their studies and their standard parameters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qte.data import studies
from qte.data.fields import Grid
from workflow.config import config_checks


class Refused(Exception):
    """Why a figure cannot be explored, or an overlay not be written, in one line."""


@dataclass(frozen=True)
class ExploredTable:
    """One table of the figure.

    Attributes
    ----------
    name : str
        Its key in the config.
    study : str
        Registered name, ``"<paper>.<study>"``.
    params : mapping of str to plain data
        Every parameter of the study as the config says it, defaults included.
    ours : tuple of str
        Parameters that the paper leaves open.
    """

    name: str
    study: str
    params: Mapping[str, Any]
    ours: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExploredFigure:
    """A figure of the config with tables to turn; its words as they are written, with places for numbers."""

    paper: str
    name: str
    title: str
    caption: str
    params: Mapping[str, Any]
    tables: tuple[ExploredTable, ...]
    grids: Mapping[str, Grid]
    """The widest grid that a table of the paper lays over a parameter, by the parameter's name."""

    @property
    def key(self) -> str:
        return f"{self.paper}/{self.name}"


def known(config: Path) -> list[str]:
    """The figures of a config, the large ones too, as ``paper/figure``."""
    data = config_checks.sound(config)
    sections = [data.get("figures", {}), data.get("large", {}).get("figures", {})]
    return [f"{paper}/{name}" for papers in sections for paper, entries in papers.items() for name in entries]


def of_config(config: Mapping[str, Any], key: str) -> ExploredFigure:
    """The figure ``paper/name`` of a config that has been checked.

    Raises
    ------
    Refused
        It has no table or one that is no study's of its collection, or it is one of the large figures.
    """
    paper, _, name = key.partition("/")
    entry = config["figures"].get(paper, {}).get(name)
    if entry is None:
        raise Refused(
            f"{key} is a large figure, computed in parts by many processes; none of those can be explored"
        )
    computed = {table for table, made in config["tables"].get(paper, {}).items() if "study" in made}
    if others := [table for table in entry["tables"] if table not in computed]:
        raise Refused(
            f"{key} draws {', '.join(others)}; only tables that a study of its own collection computes can be turned"
        )
    tables = tuple(_table(paper, table, config["tables"][paper][table]) for table in entry["tables"])
    if not tables:
        raise Refused(f"{key} is a drawing without a table: it has no parameter to turn")
    words = str(entry["title"]), str(entry["caption"]), entry.get("params", {})
    return ExploredFigure(paper, name, *words, tables, _grids(config, paper))


def _table(paper: str, name: str, entry: Mapping[str, Any]) -> ExploredTable:
    study = f"{paper}.{entry['study']}"
    params = studies.params_of(studies.build(study, entry.get("params", {})))
    return ExploredTable(name, study, params, tuple(entry.get("ours", ())))


def _grids(config: Mapping[str, Any], paper: str) -> dict[str, Grid]:
    found: dict[str, Grid] = {}
    for name, grid in _every_grid(config["tables"][paper], paper):
        if name not in found or grid.stop - grid.start > found[name].stop - found[name].start:
            found[name] = grid
    return found


def _every_grid(tables: Mapping[str, Any], paper: str) -> Iterator[tuple[str, Grid]]:
    for entry in tables.values():
        if "study" not in entry:
            continue  # data
        study = studies.build(f"{paper}.{entry['study']}", entry.get("params", {}))
        for name in studies.params_of(study):
            value = getattr(study, name)
            if isinstance(value, Grid) and value.spacing != "list":
                yield name, value
