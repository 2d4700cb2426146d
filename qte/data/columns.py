"""Columns of a table: their meaning, the types a file gives back exactly, and what is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

Plain: TypeAlias = Any
"""What YAML and JSON hold: numbers, strings, booleans, None, lists and string-keyed mappings of them."""

_KINDS = {"f": "float", "i": "int", "u": "int", "b": "bool"}
DTYPES = {"float": "float64", "int": "int64", "bool": "bool", "string": "str"}


@dataclass(frozen=True)
class Column:
    r"""A column's name and what it means.

    Parameters
    ----------
    symbol : str
        Name of the column, such as ``"J"`` or ``"T_h"``.
    unit : str
        Unit as text, such as ``"eps_h"``; ``"1"`` for a pure number.
    meaning : str
        One line of plain words.
    label : str
        Axis label in matplotlib's mathtext, such as ``r"$J_{ss}/\varepsilon_h$"``.
    may_be_nan : bool
        Whether a row may lack this value (no threshold exists there, say). Everything else refuses NaN.
    """

    symbol: str
    unit: str
    meaning: str
    label: str
    may_be_nan: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", self.symbol):
            raise ValueError(
                f"Column symbol must be letters, digits and underscores, but got {self.symbol!r}"
            )


@dataclass(frozen=True)
class Provenance:
    """Where a table comes from.

    Parameters
    ----------
    paper, table : str
        Keys of the table in the configuration; the file is ``<paper>/<table>.csv``.
    study : str
        Registered name of the study, ``"<paper>.<study>"``.
    params : mapping
        Every parameter of the study as plain data; infinities are allowed.
    ours : tuple of str
        Names of the parameters that the paper leaves open.
    code : str
        Hash of the source that computed a shard, which lives until its table is whole. A table says nothing of its
        code: other code that finds the same rows gives the same bytes.
    """

    paper: str
    table: str
    study: str
    params: Mapping[str, Plain] = field(default_factory=dict)
    ours: tuple[str, ...] = ()
    code: str = ""


def kind_of(series: pd.Series) -> str:
    if pd.api.types.is_string_dtype(series.dtype):
        return "string"
    return (
        _KINDS.get(np.dtype(series.dtype).kind, str(series.dtype))
        if isinstance(series.dtype, np.dtype)
        else "?"
    )


def storable(column: Column, series: pd.Series) -> pd.Series:
    """The series in the one type of its kind that a file gives back exactly."""
    kind, name = kind_of(series), column.symbol
    if kind not in DTYPES:
        raise ValueError(
            f"Column `{name}` must hold floats, integers, booleans or strings, but holds {series.dtype}"
        )
    series = series.reset_index(drop=True)
    missing = series.isna().to_numpy()
    if missing.any() and (kind != "float" or not column.may_be_nan):
        raise ValueError(
            f"Column `{name}` is NaN in row {int(missing.argmax())}, and it does not declare may_be_nan"
        )
    if kind == "string" and not all(isinstance(text, str) and text.isprintable() for text in series):
        raise ValueError(f"Column `{name}` must hold strings of printable characters on one line")
    return series.astype(DTYPES[kind])


def check_fact(name: str, fact: Plain) -> None:
    for item in fact if isinstance(fact, list | tuple) else [fact]:
        if not isinstance(item, str | bool | int | float | None):
            raise ValueError(
                f"Fact `{name}` must be a JSON scalar or a list of them, but holds {type(item).__name__}"
            )
        if isinstance(item, float) and math.isnan(item):
            raise ValueError(f"Fact `{name}` is NaN")
