"""What can be turned: one knob for each parameter of a figure's tables, and what its slider runs over.

What is allowed is what the study itself allows: its own check is asked, so that a machine's joint conditions (g below
the gap, say) end a slider where they should. Tables that share a parameter and its value share its knob.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import yaml

from qte.common.errors import ParameterError
from qte.data import studies
from qte.data.fields import Extended, Grid, convert, to_plain
from workflow.config import plain_yaml
from workflow.explore.figures import ExploredFigure, ExploredTable

POSITIONS = 201
# Longer than any value that people write.
LONGEST = 2000
# A slider ends at this many times the standard value where no grid of the paper says more.
WIDE = 4.0
# Where 0 itself is not allowed, a slider begins at this fraction of what it begins from.
NEAR = 100.0
_BISECTIONS = 12
Probe = Callable[[Any], bool]


@dataclass(frozen=True)
class Track:
    """The positions of a slider, 0 to `last`: the points of a grid, and the limit +inf after them if there is one."""

    grid: Grid
    limit: bool = False

    @property
    def last(self) -> int:
        return len(self.grid) - (not self.limit)

    def value(self, position: int) -> float:
        """Parameter at a position."""
        return math.inf if position >= len(self.grid) else float(self.grid.points[position])

    def position(self, value: float) -> int:
        """The position nearest to a value, also for one beyond the ends."""
        if math.isinf(value) and value > 0 and self.limit:
            return self.last
        points = self.grid.points
        if self.grid.spacing == "log":
            points, value = np.log(points), math.log(max(value, 1e-300))
        return int(np.argmin(np.abs(points - value)))


@dataclass(frozen=True)
class Knob:
    """One parameter of one table, or of several that share it.

    Attributes
    ----------
    name : str
        Of the parameter.
    key : str
        Its name on the page and in links: `name`, or ``"<table>.<name>"`` where tables differ in it.
    tables : tuple of str
    annotation : type
        Of the study's field.
    standard : plain data
        What config.yaml says.
    ours : bool
        Whether the paper leaves it open.
    allowed : str
        What it may be, as the rest of "must …".
    track : Track or None
        What its slider runs over; a grid has one for its two ends.
    """

    name: str
    key: str
    tables: tuple[str, ...]
    annotation: Any
    standard: Any
    ours: bool
    allowed: str
    track: Track | None = None

    @property
    def is_grid(self) -> bool:
        return self.annotation is Grid

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that it may be; empty for what is no choice."""
        if self.annotation is bool:
            return ("false", "true")
        return get_args(self.annotation) if get_origin(self.annotation) is Literal else ()

    def parse(self, text: str) -> Any:
        """Plain data of what stands in a field or a link.

        Raises
        ------
        ParameterError
            It is not what the study's field may hold.
        """
        return to_plain(convert(self.annotation, self.name, _data(self.name, self.annotation, text.strip())))

    def moved(self, value: Any, start: int, stop: int) -> Any:
        """A grid's value with its ends at two positions of the track."""
        assert self.track is not None
        return {**value, "start": self.track.value(start), "stop": self.track.value(stop)}


def text_of(value: Any) -> str:
    """Plain data as config.yaml writes it, in one line.

    Examples
    --------
    >>> text_of(1e-5), text_of([0.3, 1.0]), text_of(float("inf"))
    ('1.0e-05', '[0.3, 1.0]', '.inf')
    """
    text: str = yaml.safe_dump(
        value, default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True
    )
    return text.removesuffix("\n").removesuffix("...").strip()


def coarse(params: Mapping[str, Any], points: int) -> dict[str, Any]:
    """Parameters with at most so many points on each of their stepped grids; other values stay."""
    return {
        name: {**value, "num": min(value["num"], points)} if _is_stepped(value) else value
        for name, value in params.items()
    }


def of_figure(figure: ExploredFigure) -> tuple[Knob, ...]:
    """Every knob of a figure, in the order of its tables and their parameters."""
    tables = {table.name: table for table in figure.tables}
    names = dict.fromkeys(name for table in figure.tables for name in table.params)
    found = []
    for name in names:
        groups: list[list[ExploredTable]] = []
        for table in tables.values():
            if name in table.params:
                like = next((group for group in groups if _alike(group[0], table, name)), None)
                groups.append([table]) if like is None else like.append(table)
        found += [_knob(figure, name, group, alone=len(groups) == 1) for group in groups]
    return tuple(found)


def _alike(one: ExploredTable, other: ExploredTable, name: str) -> bool:
    same = _annotation(one, name) == _annotation(other, name)
    return same and bool(one.params[name] == other.params[name])


def _annotation(table: ExploredTable, name: str) -> Any:
    return get_type_hints(studies.get(table.study), include_extras=True)[name]


def _knob(figure: ExploredFigure, name: str, tables: Sequence[ExploredTable], *, alone: bool) -> Knob:
    annotation, standard = _annotation(tables[0], name), tables[0].params[name]
    rehearsed = [(table.study, coarse(table.params, 5)) for table in tables]

    def refusal(value: Any) -> str | None:
        for study, params in rehearsed:
            for error in studies.problems(study, {**params, name: value}):
                return error.allowed if isinstance(error, ParameterError) else error.problem
        return None

    def probe(value: Any) -> bool:
        return refusal(value) is None

    return Knob(
        name,
        name if alone else f"{tables[0].name}.{name}",
        tuple(table.name for table in tables),
        annotation,
        standard,
        any(name in table.ours for table in tables),
        _allowed(annotation, standard, refusal),
        _track(annotation, standard, figure.grids.get(name), probe),
    )


def _allowed(annotation: Any, standard: Any, refusal: Callable[[Any], str | None]) -> str:
    """What the study says to a value that few of them take."""
    odd: Any = "?"
    if annotation in (float, Extended):
        odd = -abs(standard) if standard and math.isfinite(standard) else -1.0
    elif _is_stepped(standard):
        odd = {**standard, "start": -abs(standard["stop"]), "spacing": "linear"}
    elif isinstance(standard, list):
        odd = [-abs(item) if isinstance(item, float) else item for item in standard]
    return refusal(odd) or refusal("?") or "be what the study takes"


def _track(annotation: Any, standard: Any, grid: Grid | None, probe: Probe) -> Track | None:
    if annotation in (float, Extended):
        if math.isinf(standard):
            ends, spacing = (0.01, 1e4), "log"
        elif grid is not None and grid.start <= standard <= grid.stop:
            ends, spacing = (grid.start, grid.stop), grid.spacing
        else:
            ends, spacing = _around(standard, probe), "linear"
        inside = standard if math.isfinite(standard) else 1.0
        return _spanned(ends, inside, spacing, probe, limit=annotation is Extended and probe(math.inf))
    if annotation is Grid and _is_stepped(standard):
        start, stop = float(standard["start"]), float(standard["stop"])
        if standard.get("spacing") == "log":
            return Track(Grid(start / 10, stop * 10, POSITIONS, "log"))
        low = _reached(lambda x: probe({**standard, "start": x}), start, min(0.0, 2 * start - stop))
        high = _reached(lambda x: probe({**standard, "stop": x}), stop, stop + (stop - start))
        return Track(Grid(low, high, POSITIONS))
    return None


def _around(standard: float, probe: Probe) -> tuple[float, float]:
    """From 0 to four times a value; on both sides of 0 where nothing says how large a value is."""
    if standard:
        return (0.0, WIDE * standard) if standard > 0 else (WIDE * standard, 0.0)
    return (-1.0 if probe(-1.0) else 0.0, 1.0)


def _spanned(
    ends: tuple[float, float], inside: float, spacing: str, probe: Probe, *, limit: bool
) -> Track | None:
    low, high = _reached(probe, inside, ends[0]), _reached(probe, inside, ends[1])
    if not low < high:
        return None
    return Track(Grid(low, high, POSITIONS, "log" if spacing == "log" and low > 0 else "linear"), limit)


def _reached(probe: Probe, inside: float, end: float) -> float:
    """`end`, or the last value before it that is allowed, in three digits."""
    if probe(end):
        return end
    if end == 0 and probe(inside / NEAR):
        return inside / NEAR
    good, bad = inside, end
    for _ in range(_BISECTIONS):
        middle = (good + bad) / 2
        good, bad = (middle, bad) if probe(middle) else (good, middle)
    exact = Decimal(repr(good))
    step = Decimal(1).scaleb(exact.adjusted() - 2)
    rounded = float(exact.quantize(step, ROUND_FLOOR if end > inside else ROUND_CEILING))
    return rounded if probe(rounded) else good


def _is_stepped(value: Any) -> bool:
    return isinstance(value, Mapping) and "num" in value


def _data(name: str, annotation: Any, text: str) -> Any:
    """What a text says: a number as people write numbers, everything else as YAML; nothing is evaluated."""
    if len(text) > LONGEST:
        raise ParameterError(name, f"{text[:20]}…", f"be at most {LONGEST} characters long")
    options = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    kind = int if int in options else float if {float, Extended} & set(options) else None
    if kind is not None:
        try:
            return kind(text)
        except ValueError:
            pass
    try:
        return plain_yaml.build(plain_yaml.compose(text))
    except (plain_yaml.Refused, yaml.YAMLError, ValueError):
        raise ParameterError(name, text, "be written as in config.yaml") from None
