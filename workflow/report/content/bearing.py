"""Which entries of a ledger bear on which figure: read from what the entries and the figures say themselves."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]

_FIGURES = re.compile(r"\bfig(?:ure)?s?\.?\s*(?=\d)", re.IGNORECASE)
_EQUATIONS = re.compile(r"\beqs?\.\s*(?=\()")
# One more of a list: "2(b) and 3", "2 to 4, 6"; "(34) to (36)", "(15), (17)".
_FIGURE = re.compile(r"(\d+)\s*(?:\(?[a-z]\)?(?![a-z]))?")
_EQUATION = re.compile(r"\((\d+)\)")
_JOIN = re.compile(r"\s*(,\s*and|,|and|to|–|-)\s*(?=\(?\d)")
_NUMBERS = re.compile(r"(\w*)\s*\((\w+)\)")


@dataclass(frozen=True)
class Bearing:
    """Entries of a figure, in the order of the ledger.

    Attributes
    ----------
    claims : list of Row
        What the paper says of the figure.
    equations : list of Row
        What the figure computes, draws or cites.
    """

    claims: list[Row]
    equations: list[Row]


def on_figure(rows: Sequence[Row], figure: str, equations: Iterable[str]) -> Bearing:
    """The entries that bear on a figure.

    Parameters
    ----------
    rows : sequence of Row
        A paper's ledger.
    figure : str
        Its name in the config; "fig3" is figure 3, other names are no figure of the paper's.
    equations : iterable of str
        Numbers of the equations behind it.
    """
    number = re.fullmatch(r"fig(\d+)", figure)
    wanted = set(equations)
    claims = [row for row in rows if number and number[1] in _named_figures(row)]
    return Bearing(
        claims=claims,
        equations=[
            row
            for row in rows
            if row["kind"] == "equation" and row not in claims and wanted & numbers_of(row)
        ],
    )


def figures_of(text: str) -> set[str]:
    """Numbers of the figures that a text names: "figs. 2(b) and 3" are 2 and 3."""
    return {number for found in _FIGURES.finditer(text) for number in _list(_FIGURE, text, found.end())}


def equations_of(text: str) -> set[str]:
    """Numbers of the equations that a text names: "eqs. (34) to (36)" are 34, 35 and 36."""
    return {number for found in _EQUATIONS.finditer(text) for number in _list(_EQUATION, text, found.end())}


def numbers_of(row: Row) -> set[str]:
    """An equation's numbers; those of an earlier version of the paper alone are no numbers of its figures."""
    versions = _NUMBERS.findall(row["number"])
    return {number for version, number in versions if version != "preprint"}


def _named_figures(row: Row) -> set[str]:
    return {number for key in ("place", "against", "statement") for number in figures_of(_words(row, key))}


def _words(row: Row, key: str) -> str:
    """A formula is no place to look for the names of figures."""
    return "" if key == "statement" and row["kind"] == "equation" else str(row[key])


def _list(kind: re.Pattern[str], text: str, start: int) -> Iterator[str]:
    """The numbers of a list that begins at `start`."""
    join, last = "", 0
    while item := kind.match(text, start):
        number = int(item[1])
        if join in ("to", "–", "-") and last < number < last + 50:
            yield from map(str, range(last + 1, number))
        yield str(number)
        follows = _JOIN.match(text, item.end())
        if not follows:
            return
        join, last, start = follows[1], number, follows.end()
