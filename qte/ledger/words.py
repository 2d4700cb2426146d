"""The words of a paper's ledger: ``qte/papers/<paper>/claims.yaml``, read and held to its form.

    citation: A. Author, Journal 1, 2 (2020)
    texts: {published: some_paper.txt}      # text of the paper, version by version
    versions: [published]                   # which of the texts are versions (none: one text)
    answers: true                           # of several papers, whose open questions the entries answer; no letter
    settings: {T_c: 0.1, g: 1.6e-3}         # numbers of the captions; they may stand in findings
    premises:
      bias: {says: "T_h > T_c (section 2)", holds: "T_h > T_c"}
    entries:
      current-needs-bias:
        place: section 3.1
        quote: {published: "exact words of the text"}
        says: No current flows at equal temperatures.
        verdict: holds
        finding: "J stays below {largest:.1e} of its scale."

Everything that is computed belongs to the functions of ``checks/``; the words take its numbers by placeholders.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, Final

import yaml

from qte.ledger.verdicts import OF_KIND, Kind, Refused, Verdict

PAPERS: Final = Path(__file__).parents[1] / "papers"
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TOP: Final = frozenset({"citation", "texts", "versions", "settings", "premises", "entries", "answers"})
# Fields in which a number must come from the evidence.
COMPUTED: Final = ("finding", "conditions", "size", "consequence", "survives", "beyond", "more", "thanks")
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
_QUOTED: Final = re.compile(r"“[^”]*”|'[^']*'")
_SECTION: Final = re.compile(
    r"\b(?:secs?\.|sections?|apps?\.|eqs?\.|figs?\.) ?\(?[A-Z]?\.?\d+(?:\.\d+)*", re.IGNORECASE
)
_NUMERAL: Final = re.compile(r"\d+\.\d+(?:e[+-]?\d+)?|\d+e[+-]?\d+|\d+ ?%")


@dataclass(frozen=True)
class Premise:
    """What the paper takes for granted.

    Parameters
    ----------
    name, says : str
    holds : str
        A comparison of parameters, "T_h > T_c"; empty where none can say it.
    """

    name: str
    says: str
    holds: str = ""

    def check(self, point: Mapping[str, Any]) -> None:
        """Refuse a point outside the premise.

        Raises
        ------
        Refused
            Also where the point lacks a parameter that the premise speaks of.
        """
        if not self.holds:
            return
        code, names = _expression(self.holds)
        if missing := sorted(names - set(point)):
            lacking = ", ".join(missing)
            raise Refused(
                f"the premise `{self.name}` ({self.holds}) needs {lacking}, which {dict(point)} lacks"
            )
        if not bool(eval(code, {"__builtins__": {}}, dict(point))):
            raise Refused(
                f"the counterexample {dict(point)} is outside the premise `{self.name}` ({self.holds})"
            )


@dataclass(frozen=True, kw_only=True)
class Words:
    """All that is said of an entry.

    Parameters
    ----------
    id : str
    place : str
        Section, figure or caption.
    verdict : Verdict
    finding : str
        What was found; numbers by placeholders, "{J:.3g}".
    quote : mapping of str to str
        Text -> the exact words or TeX there; " […] " stands for what is left out.  In the file, words that name no
        text stand in all versions of the paper.
    unquoted : str
        Why there is no quotation (a figure, a lost formula).
    number : mapping of str to str
        Version -> number; of equations alone.
    printed : str
        LaTeX of an equation as we read it.
    says : str
        A claim in our own words.
    versions : tuple of str
    against : str
        The other place of the paper that says otherwise.
    premises : tuple of str
    choices : str
        What of the verdict rests on a choice of ours, and what becomes of it under the others; "None.".
    method, conditions, corrected, size, consequence : str
    survives : str
        For failures in an approximate equation: what the next better one says.
    beyond : str
        For what holds as stated: where it ends outside the premises.
    more, thanks : str
        For the letter: what holds beyond what the paper says; where it is right and others would have doubted it.
    weight : int
        Of an erratum in the letter: 3 a conclusion rests on it, 2 a number or a figure, 1 its wording.
    decides : str
        What would decide what is undecidable.
    """

    id: str
    place: str
    verdict: Verdict
    finding: str
    quote: Mapping[str, str] = field(default_factory=dict)
    unquoted: str = ""
    number: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""
    says: str = ""
    versions: tuple[str, ...] = ()
    against: str = ""
    premises: tuple[str, ...] = ()
    choices: str = ""
    method: str = ""
    conditions: str = ""
    corrected: str = ""
    size: str = ""
    consequence: str = ""
    survives: str = ""
    beyond: str = ""
    more: str = ""
    thanks: str = ""
    weight: int = 1
    decides: str = ""

    @property
    def kind(self) -> Kind:
        return "equation" if self.number else "claim"


@dataclass(frozen=True)
class PaperWords:
    """The words of one paper.

    Parameters
    ----------
    paper : str
    citation : str
    texts : mapping
        Name of a text -> its file.
    premises : mapping
    entries : mapping
        Id -> words, in the order of the file.
    answers : bool
        Whether the entries answer questions of several papers instead of judging one.
    """

    paper: str
    citation: str
    texts: Mapping[str, str]
    premises: Mapping[str, Premise]
    entries: Mapping[str, Words]
    answers: bool = False

    def of(self, id: str) -> Words:
        """Words of one entry.

        Raises
        ------
        Refused
        """
        if id not in self.entries:
            raise Refused(f"claims.yaml of {self.paper} has no entry `{id}`")
        return self.entries[id]


def in_order(paper: str, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows of a paper in the order of its file of words."""
    order = {id: k for k, id in enumerate(words_of(paper).entries)}
    return sorted(rows, key=lambda row: order[row["id"]])


def digest(paper: PaperWords, ids: Iterable[str] | None = None) -> str:
    """Hash of all that is said of some entries, the premises that they name included.

    Parameters
    ----------
    paper : PaperWords
    ids : iterable of str, optional
        All entries by default; one that the file lacks counts as nothing said.
    """
    chosen = [paper.entries[id] for id in (paper.entries if ids is None else ids) if id in paper.entries]
    said = [repr(words) for words in chosen]
    said += [repr(paper.premises[name]) for words in chosen for name in words.premises]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


class _Unique(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """YAML of text alone (`false` is a word, 1.6e-3 stays as written); a key may stand once, and knows its line."""


def _mapping(loader: Any, node: Any) -> dict[str, Any]:
    found: dict[str, Any] = _Lined()
    for key, value in node.value:
        name = loader.construct_object(key, deep=True)
        line = key.start_mark.line + 1
        if name in found:
            raise Refused(f"line {line}: the key `{name}` stands twice")
        found[name] = loader.construct_object(value, deep=True)
        found.lines[name] = line  # type: ignore[attr-defined]
    return found


_Unique.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


class _Lined(dict[str, Any]):
    """A mapping with the line of each key."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


def file_of(paper: str) -> Path:
    return PAPERS / paper / "claims.yaml"


@cache
def words_of(paper: str) -> PaperWords:
    """The words of a paper of the project."""
    return read(file_of(paper), paper)


def read(file: Path, paper: str) -> PaperWords:
    """Read a file of words.

    Raises
    ------
    Refused
        With the file, the line, the entry and the key.
    """
    try:
        top = yaml.load(file.read_text(encoding="utf-8"), Loader=_Unique)
        return _paper(top, paper)
    except yaml.YAMLError as error:
        raise Refused(f"{file}: {' '.join(str(error).split())}") from error
    except Refused as error:
        raise Refused(f"{file}: {error}") from error


def _paper(top: Any, paper: str) -> PaperWords:
    if not isinstance(top, _Lined):
        raise Refused("the file holds no mapping")
    _no_other(top, _TOP, "the file")
    texts = {str(name): str(file) for name, file in (top.get("texts") or {}).items()}
    premises = {
        name: Premise(name, *(str(body.get(key, "")) for key in ("says", "holds")))
        for name, body in (top.get("premises") or {}).items()
    }
    settings = {str(value) for value in (top.get("settings") or {}).values()}
    found: dict[str, Words] = {}
    refused: list[str] = []
    for name, body in (top.get("entries") or {}).items():
        try:
            found[name] = _entry(name, body, texts, tuple(top.get("versions") or ()))
            _check(found[name], texts, premises, settings)
        except Refused as error:
            refused.append(f"line {top['entries'].lines[name]}, entry `{name}`: {error}")
    if refused:
        raise Refused("; ".join(refused))
    citation = " ".join(str(top.get("citation", paper)).split())
    return PaperWords(paper, citation, texts, premises, found, answers=_is_said(top, "answers"))


def _is_said(top: _Lined, key: str) -> bool:
    """Whether a key of the head is `true`; false by default."""
    value = top.get(key, "false")
    if value not in ("true", "false"):
        raise Refused(f"line {top.lines[key]}: `{key}` must be true or false, but is {value!r}")
    return bool(value == "true")


_NAMES: Final = {item.name for item in fields(Words)} - {"id", "versions"}


def _entry(name: str, body: Any, texts: Mapping[str, str], versions: tuple[str, ...]) -> Words:
    if not isinstance(body, _Lined):
        raise Refused("no mapping")
    _no_other(body, _NAMES, f"entry `{name}`")
    for needed in ("place", "verdict", "finding"):
        if not body.get(needed):
            raise Refused(f"`{needed}` is missing")
    if body["verdict"] not in map(str, Verdict):
        raise Refused(
            f"line {body.lines['verdict']}: verdict '{body['verdict']}' is none of {', '.join(Verdict)}"
        )
    quote = _by_text(body.get("quote", {}), versions or tuple(texts))
    number = _by_text(body.get("number", {}), ("",))
    weight = body.get("weight", "1")
    if weight not in ("1", "2", "3"):
        raise Refused(f"line {body.lines['weight']}: `weight` must be 1, 2 or 3, but is {weight!r}")
    others = ("quote", "number", "premises", "verdict", "weight")
    rest = {key: value for key, value in body.items() if key not in others}
    if odd := [key for key, value in rest.items() if not isinstance(value, str)]:
        raise Refused(f"line {body.lines[odd[0]]}: `{odd[0]}` must be text, but is {body[odd[0]]!r}")
    given = {
        key: value.strip() if key in ("printed", "corrected") else " ".join(value.split())
        for key, value in rest.items()
    }
    return Words(
        id=name,
        quote=quote,
        number=number,
        versions=tuple(v for v in versions if v in (number if "" not in number and number else quote)),
        premises=tuple(body.get("premises") or ()),
        verdict=Verdict(body["verdict"]),
        weight=int(weight),
        **given,
    )


def _by_text(value: Any, texts: tuple[str, ...]) -> dict[str, str]:
    """Text -> words; words that name none stand in all versions of the paper."""
    if isinstance(value, Mapping):
        return {str(key): str(item) for key, item in value.items()}
    return dict.fromkeys(texts, str(value))


def _check(
    words: Words, texts: Mapping[str, str], premises: Mapping[str, Premise], settings: set[str]
) -> None:
    if not _ID.fullmatch(words.id):
        raise Refused("an id is lower-case words joined by hyphens")
    for what, names, known in (
        ("text", words.quote, texts),
        ("premise", words.premises, premises),
    ):
        for name in names:
            if name not in known:
                raise Refused(f"`{name}` is no {what} of the file: {', '.join(known)}")
    if words.verdict not in OF_KIND[words.kind]:
        raise Refused(f"'{words.verdict}' is no verdict of a {words.kind}")
    if bool(words.quote) == bool(words.unquoted):
        raise Refused("give either a quotation (`quote`) or why there is none (`unquoted`)")
    if not (words.printed if words.kind == "equation" else words.says):
        raise Refused("`printed` is missing" if words.kind == "equation" else "`says` is missing")
    _numbers_are_computed(words, settings)


def _numbers_are_computed(words: Words, settings: set[str]) -> None:
    quoted = " ".join(words.quote.values())
    for name in COMPUTED:
        text = getattr(words, name)
        for pattern in (_PLACEHOLDER, _QUOTED, _SECTION):
            text = pattern.sub(" ", text)
        for numeral in _NUMERAL.findall(text):
            if numeral not in settings and numeral not in quoted:
                raise Refused(
                    f"`{name}` has the number {numeral} typed by hand; take it from the evidence by a placeholder"
                )


def _no_other(body: _Lined, known: Iterable[str], where: str) -> None:
    for key in body:
        if key not in known:
            raise Refused(
                f"line {body.lines[key]}: {where} has no key `{key}`; known are {', '.join(sorted(known))}"
            )


@cache
def _expression(source: str) -> tuple[CodeType, frozenset[str]]:
    """A comparison of parameters, and their names; calls and attributes are none."""
    tree = ast.parse(source, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call | ast.Attribute | ast.Subscript | ast.Lambda):
            raise Refused(f"a premise compares parameters and numbers, but `{source}` does more")
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return compile(tree, "<premise>", "eval"), names
