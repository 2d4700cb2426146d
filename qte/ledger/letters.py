"""A letter to the authors of a paper, written from the rows of its ledger; the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qte.ledger.pages import explained, having, judged_words
from qte.ledger.rows import Row
from qte.ledger.verdicts import ERRATA, OPEN, PARTLY, SLIPS, Verdict


def letter(citation: str, rows: Sequence[Row]) -> bytes:
    """What one would send: errata in order of weight, then slips, conventions, and what holds beyond the claims.

    Parameters
    ----------
    citation : str
        Of the paper.
    rows : sequence of Row
        Its ledger.
    """
    return ("\n".join(_lines(citation, rows)) + "\n").encode()


def _lines(citation: str, rows: Sequence[Row]) -> Iterator[str]:
    wrong, partly, open_, slips = (
        sorted(having(rows, verdicts), key=lambda row: -int(row["weight"]))
        for verdicts in (ERRATA, PARTLY, OPEN, SLIPS)
    )
    yield "Dear authors,\n"
    yield (
        f"We computed every equation and every checkable sentence of your paper ({citation}) from the master "
        f"equation: {len(rows)} entries, of which {len(rows) - len(wrong) - len(partly) - len(open_) - len(slips)} "
        "hold, up to a convention at most, or are definitions. Below is what we could not confirm. Each point stands "
        "by itself: your words, what we find, how large the difference is at your own parameters, what depends on it, "
        "and what of it rests on a choice of ours. A script of a few lines that needs NumPy alone goes with each that "
        "comes down to a number; its first line says which number that is.\n"
    )
    yield (
        "We read your paper in a text that a converter made, without the pictures. Quotations follow that text "
        "letter by letter, its lost signs and stray marks included; […] stands for what we left out or what was "
        "lost. Please do not take an oddity of a quotation for a slip that we hold against you.\n"
    )
    yield from _part("What does not hold", wrong)
    yield from _part("What holds under conditions that the text does not state, or approximately", partly)
    yield from _part("What we could not decide from the text", open_)
    yield from _part("Slips, on which nothing depends", slips)
    yield from _conventions(having(rows, {Verdict.CONVENTION}))
    yield from _said("What holds beyond what you claim", rows, "more")
    yield from _said("Where you are right and one might have doubted it", rows, "thanks")
    yield "With thanks for a paper that can be checked this closely.\n"


def _part(title: str, rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        return
    yield f"## {title}\n"
    for number, row in enumerate(rows, 1):
        yield f"### {number}. {_name(row)}\n"
        yield judged_words(row)
        if row["corrected"]:
            yield f"Right:\n\n```math\n{row['corrected']}\n```\n"
        yield from explained(row)
        if row["printed_number"]:
            yield (
                f"- **In one number.** By the text, or at the edge of what it allows, {row['printed_number']}; by our "
                f"computation {row['right_number']}."
            )
            yield f"- **To check it.** `docs/errata/{row['paper']}/{row['id']}.py`"
        yield ""


def _conventions(rows: Sequence[Row]) -> Iterator[str]:
    if rows:
        yield "## What holds in a convention that the text leaves to the reader\n"
        yield from (
            f"- {_name(row)}: {row['conditions'].removesuffix('.')}. {row['finding']}" for row in rows
        )
        yield ""


def _said(title: str, rows: Sequence[Row], key: str) -> Iterator[str]:
    if chosen := [row for row in rows if row[key]]:
        yield f"## {title}\n"
        yield from (f"- {_capital(row['place'])}: {row[key]}" for row in chosen)
        yield ""


def _name(row: Row) -> str:
    """Where in the paper it is."""
    return _capital(
        f"Equation {row['number']}, {row['place']}" if row["kind"] == "equation" else row["place"]
    )


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
