"""Numbers in the words of a figure: `{T_c}` in a title, a caption or a notebook's prose is the number of that name.

    T_c = {T_c} ε_h                 a parameter or a fact of the figure's tables, or one of its own params
    {fig6a_local.gamma_h}           of one table, where tables differ; without it, those of all
    {T_h[0]}, {delta.stop}          of a list; of a grid
    {root:.4f}, {share:.1%}         in a format of Python's

Braces that follow a letter, a command or an index are TeX and stay. Within dollar signs a number is set as TeX.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from qte.common.parameters import did_you_mean
from qte.common.text import typeset
from qte.data.table_files import DamagedTable, Header, Source

Numbers = Mapping[str, Any]
"""Name → number, list or grid; a table's name → what it holds."""

_PLACE = re.compile(r"(?<![\w\\^{}])\{([A-Za-z]\w*(?:\.\w+|\[-?\d+\])*)(?::([^{}]*))?\}(?!\})")
_STEP = re.compile(r"\.(\w+)|\[(-?\d+)\]")
_POWER = re.compile(r"( × )?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eps": "ε", "kappa": "κ", "mu": "μ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Omega": "Ω",
}  # fmt: skip


class Several(dict[str, Any]):
    """A name that several tables hold with different values: table → value. All of them are shown."""


class BadPlaceholder(ValueError):
    """A placeholder that names no number; the message is one clear line."""


def numbers(params: Mapping[str, Any], tables: Mapping[str, Header]) -> dict[str, Any]:
    """Everything that the words of a figure may name.

    Parameters
    ----------
    params : mapping
        The figure's own.
    tables : mapping of str to Header
    """
    held = {name: {**header.about["params"], **header.facts} for name, header in tables.items()}
    found: dict[str, Any] = {}
    for name in dict.fromkeys(name for those in held.values() for name in those):
        owners = [table for table, those in held.items() if name in those]
        same = all(held[table][name] == held[owners[0]][name] for table in owners)
        each = Several({table: held[table][name] for table in owners})
        found[name] = held[owners[0]][name] if same else each
    return found | dict(params) | held


def headers(tables: Mapping[str, str]) -> dict[str, Header]:
    """What stands above the rows of each table, given as name → file; a file that is no table of ours says nothing."""
    found = {}
    for name, file in tables.items():
        with suppress(DamagedTable, OSError):
            found[name] = Source(Path(file)).header()
    return found


def filled(words: str, those: Numbers, *, strict: bool = True) -> str:
    """The words with their numbers.

    Raises
    ------
    BadPlaceholder
        If a placeholder names no number; unless not `strict`, which leaves it as it is.
    """

    def one(found: re.Match[str]) -> str:
        in_tex = words.count("$", 0, found.start()) % 2 == 1
        try:
            return _shown(_value(found[1], those), found[2] or "", in_tex)
        except BadPlaceholder as error:
            if strict:
                raise BadPlaceholder(f"{found[0]}: {error}") from None
            return found[0]

    return _PLACE.sub(one, words)


def placeholders(words: str) -> Iterator[str]:
    """The placeholders of a text, as they are written."""
    return (found[0] for found in _PLACE.finditer(words))


def caption(words: str, those: Numbers, tables: Mapping[str, Header], *, strict: bool = True) -> str:
    """A caption with its numbers, and with what of its tables the paper leaves open."""
    return " ".join([" ".join(filled(words, those, strict=strict).split()), *choices(tables)])


def choices(tables: Mapping[str, Header]) -> Iterator[str]:
    """One sentence on what is our choice, if anything is."""
    kinds: dict[str, list[str]] = {"value": [], "values": [], "range": [], "bounds": []}
    for header in tables.values():
        for name in header.about["ours"]:
            kind, symbol = _choice(name, header.about["params"][name])
            if symbol not in kinds[kind]:
                kinds[kind].append(symbol)
    parts = [_of_kind(kind, names) for kind, names in kinds.items() if names]
    if parts:
        alone = len(parts) == 1 and len(kinds["value"] + kinds["range"]) == 1
        yield f"{listed(parts)[0].upper()}{listed(parts)[1:]} {'is' if alone else 'are'} our choice."


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def symbol(name: str) -> str:
    """A parameter's name in letters: ``gamma_h`` is γ_h, ``mu_over_T`` is μ/T."""
    if "_over_" in name:
        return "/".join(map(symbol, name.split("_over_")))
    head, _, below = name.partition("_")
    letter = _GREEK.get(head, head)
    if len(letter) > 1:
        return f"the {name.replace('_', ' ')}"
    if head == "delta" and below in _GREEK:
        return f"Δ{_GREEK[below]}"
    return f"{letter}_{below}" if below else letter


def _of_kind(kind: str, names: Sequence[str]) -> str:
    several = "s" if kind in ("value", "range") and len(names) > 1 else ""
    return f"the {kind}{several} of {listed(names)}"


def _choice(name: str, value: Any) -> tuple[str, str]:
    bound = re.fullmatch(r"(\w+)_(min|max)", name)
    if bound:
        return "bounds", symbol(bound[1])
    if isinstance(value, Mapping):
        return "range", symbol(name)
    return ("values" if isinstance(value, list | tuple) else "value"), symbol(name)


def _value(path: str, those: Numbers) -> Any:
    name, *_ = re.split(r"[.\[]", path, maxsplit=1)
    if name not in those:
        raise BadPlaceholder(f"there is no number {name!r}{did_you_mean(name, those)}")
    value = those[name]
    for key, index in _STEP.findall(path[len(name) :]):
        step = key or int(index)
        try:
            several = isinstance(value, Several)
            value = Several({k: v[step] for k, v in value.items()}) if several else value[step]
        except (KeyError, IndexError, TypeError):
            raise BadPlaceholder(f"{name!r} has no {key or f'entry {index}'}") from None
    return value


def _shown(value: Any, form: str, in_tex: bool) -> str:
    match value:
        case Several():
            if not in_tex:
                return listed([f"{_shown(item, form, False)} ({table})" for table, item in value.items()])
            named = [(_shown(item, form, True), table.replace("_", r"\_")) for table, item in value.items()]
            return r",\ ".join(rf"{shown}\ \text{{({table})}}" for shown, table in named)
        case {"start": start, "stop": stop}:
            return f"{_shown(start, form, in_tex)} to {_shown(stop, form, in_tex)}"
        case list() | tuple():
            items = [_shown(item, form, in_tex) for item in value if item is not None]
            return (
                listed(items).replace(", ", "$, $").replace(" and ", "$ and $") if in_tex else listed(items)
            )
        case bool() | None | str() | Mapping():
            raise BadPlaceholder(f"{value!r} is no number")
        case _:
            return _one(value, form, in_tex)


def _one(value: float, form: str, in_tex: bool) -> str:
    try:
        text = format(value, form) if form else typeset(value)
    except ValueError as error:
        raise BadPlaceholder(f"{form!r} is no format of a number ({error})") from None
    mantissa, _, power = text.partition("e")
    tens = f" × 10{str(int(power)).translate(_RAISED)}" if power else ""
    text = f"{mantissa}{tens}".replace("-", "−").replace("%", " %").replace("inf", "∞")
    text = re.sub(r"^(−?)1 × ", r"\1", text)
    if in_tex:
        text = _POWER.sub(_tex_power, text)
        text = text.replace("−", "-").replace(" %", r"\,\%")
    return text


def _tex_power(found: re.Match[str]) -> str:
    times = r" \times " if found[1] else ""
    return f"{times}10^{{{found[2].translate(_LOWERED)}}}"
