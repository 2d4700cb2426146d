"""Hold the verdicts of a run to the accepted ones (`make verify-ledger`), or accept them.

    python -m workflow.commands.verify_ledger                                compare; exit code 1 on a difference
    python -m workflow.commands.verify_ledger --accept PAPER… --reason "why"  take over these papers
    python -m workflow.commands.verify_ledger --accept --reason "why"         all of them

Accepted are `reference/ledger.csv` (one verdict an entry), `reference/ledger/<paper>.json` (all of an entry, and the
code that judged it: the report shows these), `docs/errata.md`, `docs/ledger/<paper>.md` and `docs/letters/<paper>.md`;
of a collection that answers open questions, `docs/<collection>.md` in place of the letter.
A verdict that changed, appeared or vanished is accepted only with a line in `docs/ledger/CHANGES.md` that says why.
Pages are held against the parts that they are made of, and an entry that is not the accepted one is judged again
before it is taken over.
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
from workflow.commands.pages import document_answers
from workflow.identity.code_hash import SourceTree
from workflow.jobs import again
from workflow.jobs import ledger as ledger_jobs
from workflow.plan import labels, ledger_parts
from workflow.plan.plan import Plan
from workflow.report.content import accepted as full
from workflow.snakemake_door import run_lock
from workflow.snakemake_door.job import JobFailed
from workflow.verify import chain
from workflow.verify.reference import NotAccepted, Reference

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
    found = {Path("docs/ledger") / f"{paper}.md": RESULTS / f"{paper}.md" for paper in papers}
    letters = (Path(file) for paper in papers for file in ledger_jobs.letters_of(paper))
    found |= {Path("docs/letters") / made.name: made for made in letters}
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
        for page, content in told(paper).items():
            if not page.exists() or page.read_text(encoding="utf-8") != content:
                found.append(page)
    return [f"{committed} is not what the run wrote" for committed in found]


def paper_page(paper: str) -> Path:
    return Path("docs/papers") / f"{paper}.md"


def told(paper: str) -> dict[Path, str]:
    """A paper's page with what the ledger of the last run says of it, or the page of the answers."""
    if paper in ledger_parts.answering():
        return {document_answers.page_of(paper): document_answers.page(paper, rows_of(paper))}
    page = paper_page(paper)
    if not page.exists():
        return {}
    return {page: ledger_pages.with_verdicts(page.read_text(encoding="utf-8"), paper, rows_of(paper))}


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


def rejudged(papers: Iterable[str]) -> list[str]:
    """Entries that are not the accepted ones, and that come out otherwise when their code judges them again."""
    works, here = [], {}
    for paper in papers:
        ledger = None if chain.faults(full.FOLDER.parent) else full.read(paper)
        known = {row["id"]: row for row in ledger.rows} if ledger else {}
        for part in ledger_parts.modules_of()[paper]:
            rows = ledger_jobs.rows_of_part(ledger_jobs.part_file(paper, part))
            if new := [row for row in rows if known.get(row["id"]) != row]:
                output = f"again/{paper}/{part}.json"
                ids = tuple(row["id"] for row in new)
                job = ledger_jobs.JudgeSome(ledger_parts.module_name(paper, part), ids, output)
                label = labels.of_part(Plan({}), paper, part)
                works.append(again.Work(job, (output,), label=label))
                here[output] = {f"{paper}/{row['id']}": row for row in new}
    found = []
    for output, content in again.made(works).items():
        then = {f"{row['paper']}/{row['id']}": row for row in json.loads(content)}
        found += [name for name, row in here[output].items() if then.get(name) != row]
    return found


def accept(papers: set[str], have: Verdicts) -> None:
    """Take over verdicts and pages of some papers; the errata are one page and come whole."""
    kept = {key: value for key, value in accepted().items() if key[0] not in papers}
    taken = {key: value for key, value in have.items() if key[0] in papers}
    write_atomically(REFERENCE, _as_csv(kept | taken))
    sources = SourceTree(Path())
    for paper in sorted(papers):
        write_atomically(full.file_of(paper), full.to_json(rows_of(paper), paper, sources))
        for page, content in told(paper).items():
            write_atomically(page, content.encode())
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


def refusal(chosen: set[str], have: Verdicts) -> list[str]:
    """Why the ledger of these papers cannot be accepted as it is; empty when it can."""
    papers = {paper for paper, _ in have}
    if unknown := sorted(chosen - papers):
        return [f"no ledger of {', '.join(unknown)}; there are {', '.join(sorted(papers))}"]
    if late := out_of_date(sorted(chosen)):
        return [f"Judged by other code than what is here now: {', '.join(late)}; run `make accept-ledger`"]
    if forged := not_of_parts(papers):
        return [f"{', '.join(forged)}: not what the run wrote; remove it and run `make accept-ledger`"]
    if silent := unexplained(chosen, accepted(), have):
        return [f"{len(silent)} verdicts changed without a line in {REASONS} that says why:", *silent]
    if forged := rejudged(sorted(chosen)):
        return [
            f"Not what their code judges when it judges again: {', '.join(forged)}; "
            f"remove {RESULTS}/parts and run `make accept-ledger`"
        ]
    return []


def not_of_parts(papers: Iterable[str]) -> list[str]:
    """Files of the run that are not what its parts make."""
    modules = ledger_parts.modules_of()
    return ledger_jobs.not_of_parts({paper: modules[paper] for paper in sorted(papers)})


def take_over(chosen: set[str], have: Verdicts, reason: str) -> int:
    """Accept, if nothing speaks against it; the exit code."""
    if not reason.strip():
        print("a reason is needed: make accept-ledger REASON='why this is right now'", file=sys.stderr)
        return 2
    try:
        run_lock.take()
        if lines := refusal(chosen, have):
            print("\n".join(lines), file=sys.stderr)
            return 1
        with Reference().accepting(f"ledger of {', '.join(sorted(chosen))}", reason):
            accept(chosen, have)
    except (run_lock.AnotherRun, NotAccepted, JobFailed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="verify_ledger", description="Hold the ledger to its accepted verdicts."
    )
    parser.add_argument(
        "--accept", nargs="*", metavar="PAPER", help="take over instead (all papers if none is named)"
    )
    parser.add_argument("--reason", default="", help="why, for reference/LOG.md")
    options = parser.parse_args(arguments)
    have = computed()
    papers = {paper for paper, _ in have}
    if not have:
        print("There is no ledger to compare; run `snakemake --cores 8 ledger` first", file=sys.stderr)
        return 1
    if options.accept is not None:
        return take_over(set(options.accept) or papers, have, options.reason)
    found = differences(accepted(), have) + stale_pages(sorted(papers)) + chain.faults(full.FOLDER.parent)
    try:
        found += [f"{file} is not what its parts say" for file in not_of_parts(papers)]
    except JobFailed as error:
        found.append(str(error))
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
