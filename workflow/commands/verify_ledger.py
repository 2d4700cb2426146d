"""Hold the verdicts of a run to the accepted ones (`make verify-ledger`), or accept them.

    python -m workflow.commands.verify_ledger                  compare; exit code 1 when anything differs
    python -m workflow.commands.verify_ledger --accept PAPER…  take over verdicts and pages of these papers
    python -m workflow.commands.verify_ledger --accept         of all

Accepted are `reference/ledger.csv` (one verdict an entry), `reference/ledger/<paper>.json` (all of an entry, and the
code that judged it: the report shows these), `docs/errata.md`, `docs/ledger/<paper>.md` and `docs/letters/<paper>.md`.
A verdict that changed, appeared or vanished is accepted only with a line in `docs/ledger/CHANGES.md` that says why.
"""

import argparse
import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qte.common.files import write_atomically
from qte.ledger import pages as ledger_pages
from workflow.identity.code_hash import SourceTree
from workflow.jobs import ledger as ledger_jobs
from workflow.plan import ledger_parts
from workflow.plan.plan import Plan
from workflow.report.content import accepted as full

RESULTS = Path("results/ledger")
REFERENCE = Path("reference/ledger.csv")
# Why a verdict changed: one line each, under the name of its paper.
REASONS = Path("docs/ledger/CHANGES.md")
COLUMNS = ("paper", "id", "kind", "number", "verdict")

Key = tuple[str, str]
Verdicts = dict[Key, dict[str, str]]


def accepted(file: Path = REFERENCE) -> Verdicts:
    """The committed verdicts by paper and entry."""
    if not file.exists():
        return {}
    with file.open(newline="", encoding="utf-8") as lines:
        return {(line["paper"], line["id"]): line for line in csv.DictReader(lines)}


def computed(folder: Path = RESULTS) -> Verdicts:
    """The verdicts of the last run."""
    found: Verdicts = {}
    for file in sorted(folder.glob("*.json")):
        for row in json.loads(file.read_bytes()):
            found[row["paper"], row["id"]] = {column: row[column] for column in COLUMNS}
    return found


def differences(want: Verdicts, have: Verdicts) -> list[str]:
    """One line for every verdict that changed, appeared or vanished."""
    lines = []
    for key in sorted(want.keys() | have.keys()):
        name = "/".join(key)
        if key not in have:
            lines.append(f"{name}: '{want[key]['verdict']}' vanished")
        elif key not in want:
            lines.append(f"{name}: '{have[key]['verdict']}' appeared")
        elif want[key]["verdict"] != have[key]["verdict"]:
            lines.append(f"{name}: '{want[key]['verdict']}' became '{have[key]['verdict']}'")
        elif want[key] != have[key]:
            lines.append(f"{name}: kind or number changed")
    return lines


def unexplained(papers: Iterable[str], want: Verdicts, have: Verdicts) -> list[str]:
    """Verdicts that changed, appeared or vanished without a line in the log that says why."""
    known = explained()
    chosen = set(papers)
    found = []
    for key in sorted(want.keys() | have.keys()):
        old, new = (verdicts[key]["verdict"] if key in verdicts else "none" for verdicts in (want, have))
        if key[0] in chosen and old != new and (*key, old, new) not in known:
            found.append(f"{'/'.join(key)}: *{old}* → *{new}*")
    return found


def explained(file: Path = REASONS) -> set[tuple[str, str, str, str]]:
    """(paper, entry, old verdict, new verdict) of every line of the log that gives a reason."""
    found: set[tuple[str, str, str, str]] = set()
    paper = ""
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        if heading := re.fullmatch(r"## (\w+)", line):
            paper = heading[1]
        elif reason := re.match(r"- `([^`]+)`: \*([^*]+)\* → \*([^*]+)\*: \S", line):
            found.add((paper, reason[1], reason[2], reason[3]))
    return found


def pages(papers: Iterable[str]) -> dict[Path, Path]:
    """Committed page → the run's page."""
    found = {
        Path(f"docs/{folder}") / f"{paper}.md": made / f"{paper}.md"
        for paper in papers
        for folder, made in (("ledger", RESULTS), ("letters", RESULTS / "letters"))
    }
    return found | {Path("docs/errata.md"): RESULTS / "errata.md"}


def stale_pages(papers: Sequence[str]) -> list[str]:
    """Committed pages and rows that are not the run's."""
    pairs = {
        committed: (committed.read_bytes() if committed.exists() else None, made.read_bytes())
        for committed, made in pages(papers).items()
    }
    found = [committed for committed, (have, want) in pairs.items() if have != want]
    for paper in papers:
        ledger = full.read(paper)
        if ledger is None or ledger.rows != rows_of(paper):
            found.append(full.file_of(paper))
        if (page := paper_page(paper)).exists() and page.read_text(encoding="utf-8") != told(page, paper):
            found.append(page)
    return [f"{committed} is not what the run wrote" for committed in found]


def paper_page(paper: str) -> Path:
    return Path("docs/papers") / f"{paper}.md"


def told(page: Path, paper: str) -> str:
    """A paper's page with what the ledger of the last run says of it."""
    return ledger_pages.with_verdicts(page.read_text(encoding="utf-8"), paper, rows_of(paper))


def rows_of(paper: str) -> list[dict[str, Any]]:
    """The rows of the last run."""
    return list(json.loads((RESULTS / f"{paper}.json").read_bytes()))


def out_of_date(papers: Iterable[str]) -> list[str]:
    """Papers whose last run was of other code than what is here now."""
    the_plan = Plan({})
    modules = ledger_parts.modules_of()
    return [
        paper
        for paper in papers
        if any(
            not Path(ledger_jobs.part_file(paper, module)).exists()
            or ledger_jobs.of_part(the_plan, paper, module)
            for module in modules[paper]
        )
    ]


def accept(papers: set[str], have: Verdicts) -> None:
    """Take over verdicts and pages of some papers; the errata are one page and come whole."""
    kept = {key: value for key, value in accepted().items() if key[0] not in papers}
    taken = {key: value for key, value in have.items() if key[0] in papers}
    write_atomically(REFERENCE, _as_csv(kept | taken))
    sources = SourceTree(Path())
    for paper in sorted(papers):
        write_atomically(full.file_of(paper), full.to_json(rows_of(paper), paper, sources))
        if (page := paper_page(paper)).exists():
            write_atomically(page, told(page, paper).encode())
    for committed, made in pages(papers).items():
        write_atomically(committed, made.read_bytes())


def code_now() -> dict[str, str]:
    """Module → hash, of all of `qte`."""
    sources = SourceTree(Path())
    return {module: sources.digest(module)[:16] for module in sources.files}


def _as_csv(verdicts: Mapping[Key, Mapping[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(verdicts[key] for key in sorted(verdicts))
    return out.getvalue().encode()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="verify_ledger", description="Hold the ledger to its accepted verdicts."
    )
    parser.add_argument(
        "--accept", nargs="*", metavar="PAPER", help="take over instead (all papers if none is named)"
    )
    options = parser.parse_args(arguments)
    have = computed()
    papers = {paper for paper, _ in have}
    if not have:
        print("There is no ledger to compare; run `snakemake --cores 8 ledger` first", file=sys.stderr)
        return 1
    if options.accept is not None:
        chosen = set(options.accept) or papers
        if late := out_of_date(sorted(chosen)):
            print(
                f"Judged by other code than what is here now: {', '.join(late)}; run `make accept-ledger`",
                file=sys.stderr,
            )
            return 1
        if silent := unexplained(chosen, accepted(), have):
            print(
                f"{len(silent)} verdicts changed without a line in {REASONS} that says why:", file=sys.stderr
            )
            print("\n".join(silent), file=sys.stderr)
            return 1
        accept(chosen, have)
        return 0
    found = differences(accepted(), have) + stale_pages(sorted(papers))
    for line in found:
        print(f"Ledger: {line}", file=sys.stderr)
    if not found:
        print(f"Ledger: all {len(have)} verdicts and the pages are the accepted ones")
        if any(ledger.changed(code_now()) for paper in papers if (ledger := full.read(paper))):
            print(
                "Ledger: accepted with earlier code; the present code says the same (`make accept-ledger` records it)"
            )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
