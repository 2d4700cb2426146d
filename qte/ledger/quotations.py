"""Every quotation of the ledger against the texts of the papers.

    python -m qte.ledger.quotations [--texts FOLDER] [PAPER ...]

The texts are not part of the project: they are looked for in the folder named by ``--texts``, by the environment
variable QTE_PAPER_TEXTS, or in ``../shared/papers``; without them the check says that it is skipped.  White space,
line breaks and a hyphen before a line break are the converter's, and nothing else is.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from qte.ledger.verdicts import Refused
from qte.ledger.words import PAPERS, PaperWords, words_of

VARIABLE: Final = "QTE_PAPER_TEXTS"
DEFAULT: Final = Path(__file__).parents[3] / "shared" / "papers"
OMITTED: Final = "[…]"
_SOFT: Final = "\u00ad"
_SHOWN: Final = 60


@dataclass(frozen=True)
class Difference:
    """A quotation that the text does not bear out.

    Parameters
    ----------
    paper, id, text : str
    why : str
    """

    paper: str
    id: str
    text: str
    why: str

    def __str__(self) -> str:
        return f"{self.paper}/{self.id}, {self.text}: {self.why}"


def folder(given: str | None = None) -> Path:
    """Where the texts are looked for."""
    return Path(given or os.environ.get(VARIABLE) or DEFAULT)


def compare(quote: str, text: str) -> str:
    """Where a quotation leaves the text; empty where it does not.

    Parameters
    ----------
    quote : str
        Exact words; " […] " stands for words that are left out.
    text : str

    Examples
    --------
    >>> compare("a two-qubit engine", "It is a two-\\n\\nqubit  engine.")
    ''
    >>> compare("a rectifier", "a recti-\\nfier")
    ''
    >>> compare("two qubits entangled", "two qubits are entangled")
    'the text goes on “areentangled” after “twoqubits”, where the quotation has “entangled”'
    """
    plain, start = _without_space(text), 0
    for piece in quote.split(OMITTED):
        wanted = _squeezed(piece)
        if not wanted:
            return "an empty piece of a quotation"
        match = _pattern(wanted).search(plain, start)
        if match is None:
            return _told(wanted, plain, start)
        start = match.end()
    return ""


def differences(words: PaperWords, texts: Mapping[str, str]) -> Iterator[Difference]:
    """Quotations of a paper that its texts do not bear out.

    Parameters
    ----------
    words : PaperWords
    texts : mapping of str to str
        Name of a text -> what it says.
    """
    for entry in words.entries.values():
        for name, quote in entry.quote.items():
            if why := compare(quote, texts[name]):
                yield Difference(words.paper, entry.id, name, why)


def papers() -> list[str]:
    """Papers that have words."""
    return sorted(file.parent.name for file in PAPERS.glob("*/claims.yaml"))


def read_texts(words: PaperWords, where: Path) -> dict[str, str] | None:
    """The texts of a paper; None where one is absent."""
    files = {name: where / file for name, file in words.texts.items()}
    if not all(file.exists() for file in files.values()):
        return None
    return {name: file.read_text(encoding="utf-8") for name, file in files.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="quotations", description="Hold every quotation against the papers' texts."
    )
    parser.add_argument("--texts", metavar="FOLDER", help=f"folder of the texts (or the variable {VARIABLE})")
    parser.add_argument("papers", nargs="*", metavar="PAPER", help="all papers by default")
    options = parser.parse_args(arguments)
    where, bad = folder(options.texts), 0
    for paper in options.papers or papers():
        try:
            words = words_of(paper)
        except Refused as error:
            print(error, file=sys.stderr)
            return 1
        texts = read_texts(words, where)
        if texts is None:
            print(f"{paper}: skipped, its texts are not in {where}")
            continue
        found = list(differences(words, texts))
        bad += len(found)
        for difference in found:
            print(difference, file=sys.stderr)
        quoted = sum(len(entry.quote) for entry in words.entries.values())
        silent = sum(1 for entry in words.entries.values() if entry.unquoted)
        print(
            f"{paper}: {quoted - len(found)} of {quoted} quotations are in the texts; {silent} entries without one"
        )
    return 1 if bad else 0


def _squeezed(words: str) -> str:
    return "".join(words.split())


@cache
def _without_space(text: str) -> str:
    """No white space; a hyphen at the end of a line becomes a soft one, which may be the converter's."""
    return _squeezed(re.sub(r"(?<=\w)[-\u2010]\s*\n\s*", _SOFT, text))


def _pattern(wanted: str) -> re.Pattern[str]:
    pieces = (f"[-\u2010{_SOFT}]" if c in "-\u2010" else re.escape(c) for c in wanted)
    return re.compile(f"{_SOFT}?".join(pieces))


def _told(wanted: str, plain: str, start: int) -> str:
    """The longest beginning that the text has, and how it goes on."""
    low, high = 0, len(wanted)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _pattern(wanted[:middle]).search(plain, start) else (low, middle - 1)
    match = _pattern(wanted[:low]).search(plain, start) if low else None
    if match is None:
        return f"“{wanted[:_SHOWN]}” is not in the text"
    went_on = plain[match.end() : match.end() + _SHOWN]
    # the text's next word does not say where it ends: the white space is gone
    return (
        f"the text goes on “{went_on[: len(wanted) - low + 3]}” after “{wanted[max(0, low - 20) : low]}”, "
        f"where the quotation has “{wanted[low : low + _SHOWN]}”"
    )


if __name__ == "__main__":
    sys.exit(main())
