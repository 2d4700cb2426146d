"""Jobs of the ledger: judge the entries of one part, gather a paper's, write all errata and the letters."""

import hashlib
import importlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qte.common.files import write_atomically
from qte.ledger import words
from workflow import project
from workflow.jobs import observation
from workflow.plan import checksums, code_records, integrity, ledger_parts
from workflow.plan.integrity import Finding
from workflow.plan.ledger_parts import code_of, judged_in, module_name
from workflow.plan.plan import Plan, canonical_json, lock_hash, sha256
from workflow.snakemake_door.job import JobFailed

FOLDER = Path("results/ledger")
WRITTEN = ("json", "csv", "md")
ERRATA = str(FOLDER / "errata.md")


def _words_of_part(paper: str, part: str) -> str:
    """Hash of what claims.yaml says of the entries of a part."""
    file = project.own("qte/papers") / paper / "claims.yaml"
    ids = (
        judged_in(file.parent / "checks" / f"{part.removeprefix('checks_')}.py") if part != "claims" else None
    )
    return words.digest(words.read(file, paper), ids)


def part_file(paper: str, module: str) -> str:
    return str(FOLDER / "parts" / paper / f"{module}.json")


def files_of(paper: str) -> dict[str, str]:
    """Everything that is written for a paper."""
    return {form: str(FOLDER / f"{paper}.{form}") for form in WRITTEN}


def letter_file(paper: str) -> str:
    return str(FOLDER / "letters" / f"{paper}.md")


def letters_of(paper: str) -> list[str]:
    """The letter to the authors, of what is a paper."""
    return [] if paper in ledger_parts.answering() else [letter_file(paper)]


def sums_file(paper: str) -> str:
    """Checksums of all that is written for a paper, or of the errata; the last file that their job writes."""
    return str(FOLDER / f"{paper}.sha256")


def all_files(modules: dict[str, list[str]]) -> list[str]:
    """Everything that is written for all papers together."""
    of_papers = (
        file
        for paper in modules
        for file in (*files_of(paper).values(), *letters_of(paper), sums_file(paper))
    )
    return [ERRATA, sums_file("errata"), *of_papers]


def spec(the_plan: Plan, paper: str, module: str) -> str:
    """What a part's verdicts are made of: its own code, all that it imports, its words, the packages."""
    code = the_plan.sources.hash(code_of(the_plan.sources, paper, module))
    content = {"module": module_name(paper, module), "code": code, "lock": lock_hash()}
    return canonical_json(content | {"words": _words_of_part(paper, module)})


def page_spec(the_plan: Plan) -> str:
    """What makes pages of rows."""
    return the_plan.sources.hash(["qte.ledger.pages", "qte.ledger.letters"])


def of_part(the_plan: Plan, paper: str, module: str) -> list[Finding]:
    """Hold a part that is there against its own checksum and the record of its code."""
    file = part_file(paper, module)
    if not Path(file).exists():
        return []
    try:
        rows_of_part(file)
    except JobFailed as error:
        return [Finding(file, str(error))]
    return integrity.of_record(file, _spec_hash(spec(the_plan, paper, module)))


def of_pages(paper: str) -> list[Finding]:
    """Hold what was written for a paper, or the errata, against its checksums; nothing when one is not there."""
    sums = Path(sums_file(paper))
    files = [ERRATA] if paper == "errata" else [*files_of(paper).values(), *letters_of(paper)]
    if not all(Path(file).exists() for file in [*files, sums]):
        return []
    recorded = checksums.read(sums)
    found = [file for file in files if recorded.get(os.path.relpath(file, FOLDER)) != sha256(Path(file))]
    return [Finding(file, "it is not what the run wrote") for file in found]


@dataclass(frozen=True)
class JudgeEntries:
    """Run every entry of one ledger module."""

    spec: str
    output: str

    def run(self) -> None:
        # Here, not above: the main process plans ledgers and runs none.
        entries, sheet = (importlib.import_module(f"qte.ledger.{name}") for name in ("entries", "rows"))
        found = entries.judge_all(json.loads(self.spec)["module"])
        rows = [sheet.row(entry, evidence) for entry, evidence in found]
        observation.hold()
        write_part(self.output, rows, self.spec)


@dataclass(frozen=True)
class WriteLedger:
    """Gather the parts of a paper into JSON, CSV, a page and a letter."""

    paper: str
    parts: tuple[str, ...]

    def run(self) -> None:
        _write_with_sums(self.paper, written_for(self.paper, self.parts))


@dataclass(frozen=True)
class WriteErrata:
    """The errata of all papers on one page."""

    ledgers: tuple[str, ...]
    output: str

    def run(self) -> None:
        pages = importlib.import_module("qte.ledger.pages")
        rows = {Path(file).stem: json.loads(Path(file).read_bytes()) for file in self.ledgers}
        _write_with_sums("errata", {self.output: pages.errata_page(rows)})


def written_for(paper: str, parts: Iterable[str]) -> dict[str, bytes]:
    """File → content, of all that the parts of a paper make."""
    letters, pages, sheet = (
        importlib.import_module(f"qte.ledger.{name}") for name in ("letters", "pages", "rows")
    )
    rows = words.in_order(paper, [row for part in parts for row in rows_of_part(part)])
    files = files_of(paper)
    made = {
        files["json"]: sheet.to_json(rows),
        files["csv"]: sheet.to_csv(rows),
        files["md"]: pages.paper_page(paper, rows),
    }
    return made | {file: letters.letter(words.words_of(paper).citation, rows) for file in letters_of(paper)}


def not_of_parts(modules: Mapping[str, Sequence[str]]) -> list[str]:
    """Files of papers, and the errata, that are not what the parts make: sums can be made to fit a forged page."""
    pages = importlib.import_module("qte.ledger.pages")
    want: dict[str, bytes] = {}
    rows = {}
    for paper, parts in modules.items():
        want |= written_for(paper, [part_file(paper, part) for part in parts])
        rows[paper] = json.loads(want[files_of(paper)["json"]])
    want[ERRATA] = pages.errata_page({paper: rows[paper] for paper in ledger_parts.papers_of(rows)})
    return [file for file in want if not Path(file).is_file() or Path(file).read_bytes() != want[file]]


def _write_with_sums(paper: str, content: Mapping[str, bytes]) -> None:
    for file, written in content.items():
        write_atomically(file, written)
    write_atomically(sums_file(paper), checksums.sums_of(content, str(FOLDER)))


@dataclass(frozen=True)
class JudgeSome:
    """Run some entries of one ledger module, and write their rows."""

    module: str
    ids: tuple[str, ...]
    output: str

    def run(self) -> None:
        entries, sheet = (importlib.import_module(f"qte.ledger.{name}") for name in ("entries", "rows"))
        chosen = [entry for entry in entries.entries(self.module) if entry.id in self.ids]
        rows = [sheet.row(entry, entry.run()) for entry in chosen]
        write_atomically(self.output, sheet.to_json(rows))


def write_part(file: str, rows: list[dict[str, Any]], spec: str) -> None:
    """The rows of a part with their seal, and the record of what judged them."""
    sheet = importlib.import_module("qte.ledger.rows")
    write_atomically(file, sheet.to_json({"sha256": _seal(rows), "rows": rows}))
    code_records.write(file, _spec_hash(spec))


def _spec_hash(spec: str) -> str:
    return hashlib.sha256(spec.encode()).hexdigest()


def _seal(rows: Any) -> str:
    return hashlib.sha256(canonical_json(rows).encode()).hexdigest()


def rows_of_part(file: str) -> list[dict[str, Any]]:
    """The rows of a part, if they are under their seal.

    Raises
    ------
    JobFailed
        If the part is not what the run wrote.
    """
    try:
        part = json.loads(Path(file).read_bytes())
        if part["sha256"] == _seal(part["rows"]):
            return list(part["rows"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise JobFailed(f"{file} is not what the run wrote; remove it and run again")
