"""What the knobs of a page say: every table's parameters, a link that brings them back, an overlay that keeps them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from qte.common.errors import ParameterError
from qte.common.parameters import did_you_mean
from workflow.explore import knobs
from workflow.explore.figures import ExploredFigure
from workflow.explore.knobs import Knob, text_of


@dataclass(frozen=True)
class State:
    """Values of all knobs of a figure.

    Attributes
    ----------
    figure : ExploredFigure
    knobs : tuple of Knob
    changed : mapping of str to plain data
        Key of a knob → its value, for those that are not at their standard.
    """

    figure: ExploredFigure
    knobs: tuple[Knob, ...]
    changed: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def standard(cls, figure: ExploredFigure) -> "State":
        """Everything as config.yaml says."""
        return cls(figure, knobs.of_figure(figure))

    @cached_property
    def by_key(self) -> dict[str, Knob]:
        return {knob.key: knob for knob in self.knobs}

    def value(self, knob: Knob) -> Any:
        """What a knob says."""
        return self.changed.get(knob.key, knob.standard)

    def turned(self, knob: Knob, value: Any) -> "State":
        """The same with one knob at another value."""
        others = {key: old for key, old in self.changed.items() if key != knob.key}
        return replace(self, changed=others if value == knob.standard else {**others, knob.key: value})

    def params(self, table: str) -> dict[str, Any]:
        """Parameters of a table's study."""
        standard = next(one for one in self.figure.tables if one.name == table).params
        own = {knob.name: self.value(knob) for knob in self.knobs if table in knob.tables}
        return {name: own.get(name, value) for name, value in standard.items()}

    def query(self) -> str:
        """The part of a link after its ``?``: what differs from the standard."""
        return urlencode({key: text_of(value) for key, value in self.changed.items()})

    def restored(self, query: str) -> "tuple[State, list[str]]":
        """The state that a link means, and a line for each thing in it that cannot be; that stays as it was."""
        found, complaints = self, []
        for key, text in parse_qsl(query, keep_blank_values=True):
            knob = self.by_key.get(key)
            if knob is None:
                complaints.append(
                    f"The link names {key!r}{did_you_mean(key, self.by_key)}, no parameter of this figure."
                )
                continue
            try:
                found = found.turned(knob, knob.parse(text))
            except ParameterError as error:
                complaints.append(
                    f"The link gives {key} a value that it cannot have: it must {error.allowed}."
                )
        return found, complaints

    def overlay(self) -> dict[str, Any]:
        """The changed keys of config.yaml, as `make variant` takes them."""
        tables: dict[str, Any] = {}
        for key, value in self.changed.items():
            knob = self.by_key[key]
            for table in knob.tables:
                params = tables.setdefault(table, {"params": {}})["params"]
                params[knob.name] = _over(knob.standard, value)
        return {"tables": {self.figure.paper: dict(_ordered(tables, self.figure))}}


def _ordered(tables: Mapping[str, Any], figure: ExploredFigure) -> Iterable[tuple[str, Any]]:
    return ((table.name, tables[table.name]) for table in figure.tables if table.name in tables)


def _over(standard: Any, value: Any) -> Any:
    """A value that says all it means where it is merged over the standard one, key by key."""
    if isinstance(value, Mapping) and isinstance(standard, Mapping) and "spacing" in standard:
        return {"spacing": "linear", **value}
    return value
