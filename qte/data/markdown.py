"""What a figure was made from, as a small Markdown page for its notebook."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from qte.common.text import parameter

_GREEK = frozenset(
    {
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "eps",
        "varepsilon",
        "zeta",
        "eta",
        "theta",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "pi",
        "rho",
        "sigma",
        "tau",
        "phi",
        "chi",
        "psi",
        "omega",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Xi",
        "Pi",
        "Sigma",
        "Phi",
        "Psi",
        "Omega",
    }
)
_OURS = "our choice: the paper leaves it open"


class Described(Protocol):
    """What `describe` needs of a table."""

    @property
    def params(self) -> dict[str, Any]: ...
    @property
    def ours(self) -> tuple[str, ...]: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Markdown:
    """Markdown text that a notebook renders and a terminal prints."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


def math_symbol(name: str) -> str:
    r"""A parameter's name in TeX: ``"gamma_h"`` gives ``r"$\gamma_{h}$"``.

    Names that are words stay words in typewriter letters.
    """
    head, *subscripts = name.split("_")
    greek = re.fullmatch(r"([A-Za-z]+?)(\d*)", head)
    stem, digits = (greek[1], greek[2]) if greek else (head, "")
    if stem not in _GREEK and len(stem) > 1:
        return f"`{name}`"
    if any(len(part) > 2 and part not in _GREEK for part in subscripts):
        return f"`{name}`"
    stem = {"eps": r"\varepsilon"}.get(stem, "\\" + stem if stem in _GREEK else stem)
    below = digits + ",".join("\\" + part if part in _GREEK else part for part in subscripts)
    return f"${stem}_{{{below}}}$" if below else f"${stem}$"


def describe(*tables: Described) -> Markdown:
    """Parameters and facts of a figure's tables.

    Parameters that all tables share are listed once; the others name their table. Those that the
    paper leaves open are marked as our choice.
    """
    rows = ["| parameter | value | |", "|---|---|---|"]
    for name in dict.fromkeys(name for table in tables for name in table.params):
        holders = [table for table in tables if name in table.params]
        groups: dict[tuple[str, bool], list[str]] = {}
        for table in holders:
            key = (_cell(table.params[name]), name in table.ours)
            groups.setdefault(key, []).append(table.name)
        everywhere = len(groups) == 1 and len(holders) == len(tables)
        for (value, ours), where in groups.items():
            scope = "" if everywhere else f" ({', '.join(where)})"
            rows.append(f"| {math_symbol(name)}{scope} | {value} | {_OURS if ours else ''} |")
    return Markdown("\n".join([*rows, *_facts(tables)]))


def _facts(tables: Sequence[Described]) -> list[str]:
    found = [(table.name, name, fact) for table in tables for name, fact in table.facts.items()]
    if not found:
        return []
    several = len({table for table, _, _ in found}) > 1
    rows = ["", "| found by the computation | |", "|---|---|"]
    for table, name, fact in found:
        scope = f" ({table})" if several else ""
        rows.append(f"| {name.replace('_', ' ')}{scope} | {_cell(fact)} |")
    return rows


def _cell(value: Any) -> str:
    return parameter(value).replace("|", "\\|")
