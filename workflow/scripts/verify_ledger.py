"""Hold the verdicts of a run to the accepted ones (`make verify-ledger`), or accept them.

    python -m workflow.scripts.verify_ledger                  compare; exit code 1 when anything differs
    python -m workflow.scripts.verify_ledger --accept PAPER…  take over verdicts and pages of these papers
    python -m workflow.scripts.verify_ledger --accept         of all

Accepted are `reference/ledger.csv` (one verdict an entry), `docs/errata.md` and `docs/ledger/<paper>.md`.
"""

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from qte.files import write_atomically

RESULTS = Path("results/ledger")
REFERENCE = Path("reference/ledger.csv")
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


def pages(papers: Iterable[str]) -> dict[Path, Path]:
    """Committed page → the run's page."""
    found = {Path("docs/ledger") / f"{paper}.md": RESULTS / f"{paper}.md" for paper in papers}
    return found | {Path("docs/errata.md"): RESULTS / "errata.md"}


def stale_pages(papers: Iterable[str]) -> list[str]:
    """Committed pages that are not the run's."""
    return [
        f"{committed} is not what the run wrote"
        for committed, made in pages(papers).items()
        if not committed.exists() or committed.read_bytes() != made.read_bytes()
    ]


def accept(papers: set[str], have: Verdicts) -> None:
    """Take over verdicts and pages of some papers; the errata are one page and come whole."""
    kept = {key: value for key, value in accepted().items() if key[0] not in papers}
    taken = {key: value for key, value in have.items() if key[0] in papers}
    write_atomically(REFERENCE, _as_csv(kept | taken))
    for committed, made in pages(papers).items():
        write_atomically(committed, made.read_bytes())


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
        accept(set(options.accept) or papers, have)
        return 0
    found = differences(accepted(), have) + stale_pages(sorted(papers))
    for line in found:
        print(f"Ledger: {line}", file=sys.stderr)
    if not found:
        print(f"Ledger: all {len(have)} verdicts and the pages are the accepted ones")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
