"""The ledger as pages in Markdown; the same rows give the same bytes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Final

from qte.ledger.numbers import Plain, shown
from qte.ledger.rows import Row
from qte.ledger.verdicts import ERRATA, FAULTS, OPEN, PARTLY, SLIPS, Verdict

ORDER: Final = tuple(Verdict)
ERRATA_HEADING: Final = """# Errata

Generated from the ledger; do not edit. What is printed, what is right, how it was found, how much
it matters. Every entry is confirmed by two independent methods; `docs/errata/<paper>/<entry>.py` shows it with NumPy
alone. The texts at hand came through a converter: where a sign or an exponent looks like its doing, the entry says
so. The full ledgers, with all that holds, are linked below.
"""


# What stands between these two lines of docs/papers/<paper>.md is written from the ledger.
BEGIN: Final = "<!-- from the ledger -->"
END: Final = "<!-- end of what the ledger says -->"


# ---- pages ----------------------------------------------------------------------------------------


def paper_page(paper: str, rows: Sequence[Row]) -> bytes:
    """The ledger of one paper, faults first."""
    parts = [
        f"# Ledger of {paper}\n",
        "Generated from `qte/papers/" + paper + "` by `snakemake ledger`; do not edit. "
        "A relative deviation is taken of the size of the terms involved; the tolerance of every comparison "
        "is 1e-10.\n",
        _counts(rows),
    ]
    for title, chosen in _sections(rows):
        if chosen:
            parts.append(f"## {title}\n")
            parts += [_full(entry) if _is_fault(entry) else _short(entry) for entry in chosen]
    return "\n".join(parts).encode()


def errata_page(ledgers: Mapping[str, Sequence[Row]]) -> bytes:
    """Errata of all papers."""
    parts = [ERRATA_HEADING]
    for paper, rows in ledgers.items():
        parts.append(f"## {paper}\n")
        parts.append(f"{summary(rows)} ([all of them](ledger/{paper}.md)).\n")
        parts += [_full(entry) for entry in sorted(having(rows, ERRATA), key=_number)]
        for title, verdicts in (
            ("Holds under conditions, or approximately", PARTLY),
            ("Cannot be decided from the text", OPEN),
        ):
            if chosen := having(rows, verdicts):
                parts += [f"### {title}\n", *(_brief(entry) for entry in chosen), ""]
        if slips := having(rows, SLIPS):
            parts.append("### Slips, on which nothing depends\n")
            parts += [_full(entry) for entry in sorted(slips, key=_number)]
    return "\n".join(parts).encode()


def with_verdicts(page: str, paper: str, rows: Sequence[Row]) -> str:
    """A paper's page in docs/papers/ with what the ledger says of it between its two marks.

    Raises
    ------
    ValueError
        If the page lacks them.
    """
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"The page of {paper} needs one line '{BEGIN}' and one '{END}'")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    return f"{before}{BEGIN}\n\n{_verdicts(paper, rows)}\n{END}{after}"


def _verdicts(paper: str, rows: Sequence[Row]) -> str:
    lines = [f"{summary(rows)} ([all of them](../ledger/{paper}.md), [a letter](../letters/{paper}.md)).\n"]
    chosen = [*having(rows, ERRATA), *having(rows, PARTLY), *having(rows, OPEN), *having(rows, SLIPS)]
    lines += ["| where | verdict | found |", "|---|---|---|"]
    for entry in chosen:
        told = " ".join(entry[key] for key in ("conditions", "finding") if entry[key]).replace("|", "\\|")
        lines.append(f"| {_title(entry)} | {entry['verdict']} | {told} |")
    return "\n".join([*lines, ""])


def having(rows: Iterable[Row], verdicts: Container[str]) -> list[Row]:
    """Rows of some verdicts."""
    return [entry for entry in rows if entry["verdict"] in verdicts]


def summary(rows: Sequence[Row]) -> str:
    """How many of each kind of fault, in words."""
    errata, lesser, slips, undecided = (len(having(rows, v)) for v in (ERRATA, PARTLY, SLIPS, OPEN))
    return (
        f"{errata} {'erratum' if errata == 1 else 'errata'}, {lesser} "
        f"{'entry that holds' if lesser == 1 else 'entries that hold'} under conditions or approximately, {undecided} "
        f"that the text leaves open, and {slips} {'slip' if slips == 1 else 'slips'} on which nothing depends, of "
        f"{len(rows)}"
    )


def counts(rows: Iterable[Row]) -> dict[str, Counter[str]]:
    """Kind -> verdict -> how many."""
    found: dict[str, Counter[str]] = {"equation": Counter(), "claim": Counter()}
    for entry in rows:
        found[entry["kind"]][entry["verdict"]] += 1
    return found


def _counts(rows: Sequence[Row]) -> str:
    found = counts(rows)
    lines = ["| verdict | equations | claims |", "|---|---|---|"]
    for verdict in map(str, ORDER):
        numbers = [found[kind][verdict] for kind in ("equation", "claim")]
        if any(numbers):
            lines.append(f"| {verdict} | " + " | ".join(str(n or "") for n in numbers) + " |")
    lines.append(f"| all | {found['equation'].total()} | {found['claim'].total()} |")
    return "\n".join(lines) + "\n"


def _sections(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    def pick(kind: str, fault: bool, against: bool = False) -> list[Row]:
        found = [
            e for e in rows
            if e["kind"] == kind and _is_fault(e) == fault and bool(e["against"]) == against
        ]  # fmt: skip
        return sorted(found, key=_number) if kind == "equation" else found

    yield "Equations that do not hold as printed", pick("equation", True)
    yield "Claims that fail, or hold under conditions or approximately", pick("claim", True)
    both = [*pick("claim", True, True), *pick("claim", False, True)]
    yield "Text against figures, captions and the other version", both
    yield "Equations that hold", pick("equation", False)
    yield "Claims that hold, or cannot be decided here", pick("claim", False)


def _number(entry: Row) -> tuple[bool, int]:
    """Equations by their number, before the claims."""
    found = re.search(r"\d+", entry["number"])
    return entry["kind"] != "equation", int(found[0]) if found else 0


def _is_fault(entry: Row) -> bool:
    return entry["verdict"] in FAULTS


def _full(entry: Row) -> str:
    lines = [f'<a id="{entry["paper"]}-{entry["id"]}"></a>', f"### {_title(entry)}: {entry['verdict']}\n"]
    lines.append(judged_words(entry))
    if entry["corrected"]:
        lines.append(f"Right:\n\n{_display(entry['corrected'])}\n")
    lines += explained(entry)
    if entry["counterexample"]:
        lines.append(f"- **Counterexample.** {_listed(entry['counterexample'])}")
    lines += _evidence(entry)
    lines.append(f"- **Method.** {entry['method']}; `{entry['source']}`, seed {entry['seed']}")
    pairs = (f"{k} {a} and {b}" for k, (a, b) in entry["second_numbers"].items())
    lines.append(f"- **Second method.** {entry['second_method']}: {', '.join(pairs)}\n")
    return "\n".join(lines)


def judged_words(entry: Row) -> str:
    """What the text says: its own words, then how we read them."""
    quoted = [
        f"> {' '.join(words.split())}" + (f" ({name})" if len(entry["quote"]) > 1 else "")
        for name, words in entry["quote"].items()
        if entry["kind"] == "claim"
    ]
    lines = [line for quote in quoted for line in (quote, "")]
    if entry["kind"] == "equation":
        lines.append(f"Printed:\n\n{_display(entry['statement'])}\n")
    else:
        lines.append(f"{'Read as' if quoted else 'The text'}{_versions(entry)}: {entry['statement']}\n")
    if entry["against"]:
        lines.append(f"But: {entry['against']}\n")
    return "\n".join(lines)


def explained(entry: Row) -> list[str]:
    """What was found, and all that goes with it, as items of a list."""
    lines = [
        f"- **{name}.** {entry[key]}"
        for name, key in (
            ("Holds", "conditions"),
            ("Found", "finding"),
            ("At the paper's own parameters", "size"),
            ("What depends on it", "consequence"),
            ("In the next better equation", "survives"),
            ("Beyond the paper's premises", "beyond"),
            ("What we chose", "choices"),
            ("What would decide it", "decides"),
        )
        if entry[key]
    ]
    if entry["premises"]:
        lines.append(f"- **Within the premises.** {'; '.join(entry['premises'])}")
    if entry["outside"]:
        met = (
            f"{it['name']} up to {it['worst']}, bound {it['bound']} ({it['source']})"
            for it in entry["outside"]
        )
        lines.append(f"- **Evaluated outside the domain of its equation, too.** {'; '.join(met)}")
    return lines


def _display(latex: str) -> str:
    """A formula on lines of its own; fenced, so that Markdown leaves its braces alone."""
    return f"```math\n{latex}\n```"


def _short(entry: Row) -> str:
    statement = f"$`{entry['statement']}`$" if entry["kind"] == "equation" else entry["statement"]
    anchor = f'<a id="{entry["paper"]}-{entry["id"]}"></a>'
    lines = [f"- {anchor}**{_title(entry)}: {entry['verdict']}.** {statement}"]
    if entry["against"]:
        lines.append(f"  But: {entry['against']}")
    lines.append(f"  *{entry['finding']}*")
    more = (("Holds", "conditions"), ("Beyond it", "beyond"), ("To decide it", "decides"))
    lines += [f"  {word}: {entry[key]}" for word, key in more if entry[key]]
    lines += [f"  {line}" for line in _evidence(entry)]
    return "\n".join(lines) + "\n"


def _brief(entry: Row) -> str:
    anchor = f"ledger/{entry['paper']}.md#{entry['paper']}-{entry['id']}"
    what = f": {entry['statement']}" if entry["kind"] == "claim" else ""
    return f"- [{_title(entry)}]({anchor}){what} **{entry['conditions'] or entry['verdict']}**: {entry['finding']}"


def _title(entry: Row) -> str:
    name = f"Eq. {entry['number']}" if entry["kind"] == "equation" else f"`{entry['id']}`"
    return f"{name}, {entry['place']}"


def _versions(entry: Row) -> str:
    return f" ({' and '.join(entry['versions'])})" if entry["versions"] else ""


def _evidence(entry: Row) -> list[str]:
    lines = []
    for what, numbers in entry["numbers"].items():
        lines.append(f"- {what + ': ' if what else ''}{_listed(numbers)}")
    return lines


def _listed(numbers: Mapping[str, Plain]) -> str:
    return ", ".join(f"{name} = {shown(value)}" for name, value in numbers.items())
