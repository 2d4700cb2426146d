"""Numbers of the ledger as they are written: names of keywords as words, six digits of a float."""

from __future__ import annotations

import re
from typing import TypeAlias

import numpy as np

from qte.common.text import number
from qte.ledger.verdicts import Refused

Plain: TypeAlias = float | int | str | bool


def label(name: str) -> str:
    """Words of a keyword's name: ``N_at_T_h_0_7`` reads "N at T_h 0.7"."""
    spaced = re.sub(r"(?<=[0-9])_(?=[0-9])", ".", name)
    kept = re.sub(
        r"(?<![^_])(T|J|Q|N|gamma|eps|kappa|mu)_(h|c|ss|max|eff|A|B|C|L|R)(?![^_])", r"\1\0\2", spaced
    )
    return kept.replace("_", " ").replace("\0", "_")


def plain(value: object) -> Plain:
    """A NumPy or Python scalar as plain data; a list becomes words."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    if isinstance(value, np.ndarray | list | tuple):
        return ", ".join(shown(plain(item)) for item in value)
    if isinstance(value, bool | int | float | str):
        return value
    raise Refused(f"A number of the ledger must be plain, but got {value!r}")


def shown(value: Plain) -> str:
    """Six digits of a float; anything else as it is."""
    return number(value, 6)


def rounded(value: float, digits: int) -> float:
    """The nearest number of so many significant digits."""
    return float(f"{value:.{digits}g}")
