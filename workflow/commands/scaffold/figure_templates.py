"""What `make new-figure` writes: a study, its notebook, its test and its config entries, as text.

Templates know no machine by name: the machine's own parameters, with values that run, fill them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qte.data.markdown import math_symbol

Value = float | int | str
Grid = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A figure to be: its names, its machine, and values for every parameter of the study.

    Attributes
    ----------
    paper, name : str
        Keys in the config.
    machine, module : str
        Class, and the module that defines it.
    x, family : str
        Parameters along the axis and from curve to curve.
    grid : mapping
        Grid of `x` as the config writes it.
    values : tuple of float
        Values of `family`.
    fixed : mapping
        All other parameters of the study.
    quantities : mapping
        What `x` and `family` are: "temperature"; empty for a number of no known kind.
    entangled : bool
        Whether the machine has a negativity.
    """

    paper: str
    name: str
    machine: str
    module: str
    x: str
    grid: Grid
    family: str
    values: tuple[float, ...]
    fixed: Mapping[str, Value]
    quantities: Mapping[str, str]
    entangled: bool

    @property
    def study_class(self) -> str:
        name = "".join(part.capitalize() for part in self.name.split("_"))
        # a class of a name that its module imports would hide it
        return f"{name}Study" if name in {self.machine, "Column", "Grid", "Table", "Values"} else name

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def shown(self) -> str:
        """The quantities drawn, in words."""
        return "Current and negativity" if self.entangled else "Current"

    def files(self) -> dict[str, str]:
        """Path → content of every new file."""
        found = {
            f"qte/papers/{self.paper}/studies_{self.name}.py": self.study_module(),
            f"notebooks/{self.paper}/{self.name}.ipynb": self.notebook(),
            f"tests/papers/test_{self.paper}_{self.name}.py": self.test(),
        }
        return found

    def study_module(self) -> str:
        fields = [f"    {self.x}: Grid", f"    {self.family}: Values"]
        fields += [f"    {name}: {type(value).__name__}" for name, value in self.fixed.items()]
        arguments = [f"{self.x}=self.{self.x}.points", f"{self.family}=np.array(self.{self.family})[:, None]"]
        arguments += [f"{name}=self.{name}" for name in self.fixed]
        columns = [
            self._coordinate(self.family, "from curve to curve"),
            self._coordinate(self.x, "along the axis"),
            _column("J", "eps^2", "current, as the machine defines it", "$J$"),
        ]
        values = ['"J": machine.net_current()']
        if self.entangled:
            columns.append(_column("N", "1", "negativity", "$N$"))
            values.append('"N": machine.negativity()')
        return _filled(
            _STUDY,
            name=self.name,
            shown=self.shown,
            title=self.title,
            x=self.x,
            family=self.family,
            machine=self.machine,
            module=self.module,
            study_class=self.study_class,
            fields="\n".join(fields),
            values=", ".join(values),
            columns=_lines(columns, 16),
            arguments=_lines(arguments, 12),
        )

    def tables_entry(self) -> str:
        numbers = "".join(f"    {name}: {_number(value)}\n" for name, value in self.fixed.items())
        grid = ", ".join(f"{key}: {_number(value)}" for key, value in self.grid.items())
        family = ", ".join(map(_number, self.values))
        everything = ", ".join([self.x, self.family, *self.fixed])
        # in a collection of one's own no paper left anything open
        ours = f"  ours: [{everything}]\n" if self.paper != OWN else ""
        return (
            f"{self.name}:\n  study: {self.name}\n  params:\n{numbers}"
            f"    {self.family}: [{family}]\n    {self.x}: {{{grid}}}\n{ours}"
        )

    def figures_entry(self) -> str:
        # numbers by name, so that they follow those of the table
        return (
            f"{self.name}:\n  title: {self.title}\n  caption: >-\n"
            f"    {self.shown} of {self.machine} in the steady state against {self.x}, for {self.family} ="
            f" {{{self.family}}}.\n"
            f"  tables: [{self.name}]\n"
        )

    def notebook(self) -> str:
        draw = _DRAW_TWO if self.entangled else _DRAW_ONE
        cells = [
            _markdown("heading", f"# {self.paper}, {self.name}: {self.title.lower()}\n\n" + self._what()),
            _code("parameters", _filled(_PARAMETERS, paper=self.paper, name=self.name), ["parameters"]),
            _code("imports", _filled(_IMPORTS, name=self.name)),
            _code("describe", "describe(table)"),
            _code("draw", _filled(draw, x=self.x, family=self.family)),
            _code("save", "plotting.save(fig, output, caption)\nplotting.show(fig)"),
            _markdown("what-to-see", "What to see: say here what the figure shows, in one to three lines."),
        ]
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        content = {
            "cells": cells,
            "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"

    def test(self) -> str:
        return _filled(
            _TEST,
            paper=self.paper,
            name=self.name,
            machine=self.machine,
            module=self.module,
            x=self.x,
            family=self.family,
            fixed=_lines([f'{name}=params["{name}"]' for name in self.fixed], 8),
        )

    def _coordinate(self, name: str, where: str) -> str:
        quantity = self.quantities.get(name, "")
        unit, meaning = ("eps", f"{quantity} {where}") if quantity else ("1", where)
        return _column(name, unit, meaning, math_symbol(name))

    def _what(self) -> str:
        return (
            f"{self.shown} of `{self.machine}` in the steady state against {math_symbol(self.x)}, for several "
            f"{math_symbol(self.family)}. $\\hbar = k_B = 1$."
        )


OWN = "mine"

PACKAGE = '"""Figures of our own, in no paper; their studies are the modules `studies_*`."""\n'

_STUDY = '''"""{shown} against {x}: the study of the figure "{title}"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qte.data.studies import Grid, Values, study
from qte.data.tables import Column, Table
from {module} import {machine}


@study("{name}")
@dataclass(frozen=True, kw_only=True)
class {study_class}:
    """{shown} of `{machine}` against {x}, for several {family}."""

{fields}

    def check(self) -> None:
        self._machine()

    def table(self) -> Table:
        machine = self._machine()
        return Table.from_grid(
            axes={{"{family}": self.{family}, "{x}": self.{x}.points}},
            values={{{values}}},
            columns=(
{columns}
            ),
        )

    def _machine(self) -> {machine}:
        return {machine}(
{arguments}
        )
'''

_PARAMETERS = """tables = {{"{name}": "results/tables/{paper}/{name}.csv"}}
output = None
params = {{}}
title = ""
caption = \"\""""

_IMPORTS = """from qte import plotting
from qte.data.tables import describe, read

table = read(tables["{name}"])"""

_DRAW_TWO = """fig, axes = plotting.figure(2, width="double", aspect=0.74)
for ax, y in zip(axes, ("J", "N"), strict=True):
    styles = plotting.family(len(table.unique("{family}")))
    for style, (value, x, curve) in zip(styles, table.curves("{x}", y, by="{family}"), strict=True):
        ax.plot(x, curve, label=f"{{value:g}}", **style)
    plotting.axis_labels(ax, table, x="{x}", y=y)
plotting.legend(axes[0], table.label("{family}"))
plotting.letter(axes)"""

_DRAW_ONE = """fig, ax = plotting.figure()
styles = plotting.family(len(table.unique("{family}")))
for style, (value, x, curve) in zip(styles, table.curves("{x}", "J", by="{family}"), strict=True):
    ax.plot(x, curve, label=f"{{value:g}}", **style)
plotting.axis_labels(ax, table, x="{x}", y="J")
plotting.legend(ax, table.label("{family}"))"""

_TEST = '''"""The table behind {paper}/{name}, held against its machine, point by point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from qte.data import studies
from {module} import {machine}

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
ENTRY = CONFIG["tables"]["{paper}"]["{name}"]


@pytest.fixture(scope="module")
def table():
    found, _ = studies.run("{paper}.{name}", ENTRY["params"], ENTRY.get("ours", []))
    return found


@pytest.mark.parametrize("row", [0, -1])
def test_a_row_is_the_machine_at_that_point(table, row):
    params = ENTRY["params"]
    machine = {machine}(
        {x}=table["{x}"][row],
        {family}=table["{family}"][row],
{fixed}
    )
    assert table["J"][row] == pytest.approx(float(machine.net_current()), rel=1e-10)


def test_every_number_is_finite(table):
    assert np.isfinite(table["J"]).all()
'''


def _filled(template: str, **names: str) -> str:
    return template.format(**names)


def _lines(items: list[str], indent: int) -> str:
    return "\n".join(f"{' ' * indent}{item}," for item in items)


def _column(symbol: str, unit: str, meaning: str, label: str) -> str:
    label = label.replace("`", "")
    raw = f'r"{label}"' if "\\" in label else f'"{label}"'
    return f'Column("{symbol}", "{unit}", "{meaning}", {raw})'


def _number(value: Any) -> str:
    """A number as YAML 1.1 reads it back: 1.0e-03, not 1e-03."""
    if isinstance(value, float):
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    return str(value)


def _markdown(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": _source(text)}


def _code(name: str, text: str, tags: list[str] | None = None) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {"tags": tags} if tags else {},
        "outputs": [],
        "source": _source(text),
    }


def _source(text: str) -> list[str]:
    return text.splitlines(keepends=True)
