"""What the studies say of the tables of a config: asked once, remembered by content.

To ask a study is to import it, and NumPy, SciPy and pandas with it: half of a run with nothing to do. What is
remembered belongs to one entry of the config, word for word, and to one state of all code (`workflow.plan.memory`).
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TableFacts:
    """What is known of a table that nothing is wrong with.

    Attributes
    ----------
    module : str
        Where its study is defined.
    params : dict
        Every parameter of the study, defaults included, as plain data.
    cuts : tuple of (int, int)
        First point, and the one after the last, of every shard; none if it is computed whole.
    """

    module: str
    params: dict[str, Any]
    cuts: tuple[tuple[int, int], ...]


class KnownTables:
    """Facts on tables, by what the config says of each.

    Parameters
    ----------
    known : mapping, optional
        Key of an entry → its facts, from an earlier run.
    """

    def __init__(self, known: Mapping[str, TableFacts] | None = None) -> None:
        self._known = dict(known or {})
        self.on_news: Callable[[], object] = lambda: None
        """Called when an entry is not remembered: its study will be imported, and its table computed."""
        self.asked: dict[str, TableFacts] = {}
        """Those that this run asked for, be they remembered or new."""

    def knows(self, paper: str, entry: Mapping[str, Any]) -> bool:
        """Whether an earlier run found nothing wrong with an entry."""
        if _key(paper, entry) in self._known:
            return True
        self.on_news()
        return False

    def has_news(self) -> bool:
        """Whether this run asked for other facts than those that are remembered."""
        return self.asked.keys() != self._known.keys()

    def of(self, paper: str, entry: Mapping[str, Any]) -> TableFacts:
        """Facts on an entry in which `workflow.config.config_checks` finds no fault."""
        key, name = _key(paper, entry), f"{paper}.{entry['study']}"
        if key not in self.asked:
            if key not in self._known and (module := _broken_home(name)):
                # Not remembered: it may be mended by what is no source, such as a package.
                return TableFacts(module, dict(entry["params"]), ())
            self.asked[key] = self._known.get(key) or _ask(name, entry)
        return self.asked[key]


def _key(paper: str, entry: Mapping[str, Any]) -> str:
    # Any type that is not plain data goes in by its own words: no such entry is free of faults.
    text = json.dumps([paper, entry], sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def _ask(name: str, entry: Mapping[str, Any]) -> TableFacts:
    from qte.data import studies

    study = studies.build(name, entry["params"])
    return TableFacts(studies.module_of(name), studies.params_of(study), _cuts(study, entry))


def _broken_home(name: str) -> str:
    from qte.data import studies

    return studies.module_of(name) if studies.broken(name) else ""


def _cuts(study: Any, entry: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    if not {"shards", "points_per_shard"} & entry.keys():
        return ()
    from qte.data import partitioned

    if not isinstance(study, partitioned.PartitionedStudy):
        return ()
    points = study.points()
    block = partitioned.block_of(study)
    count = entry.get("shards") or partitioned.shards_of(points, entry["points_per_shard"], block)
    found = partitioned.cuts(points, count, block)
    return found if len(found) > 1 else ()
