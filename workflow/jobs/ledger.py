"""Jobs of the ledger: judge the entries of one part, gather a paper's, write all errata and the letters."""

import hashlib
import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qte.common.files import write_atomically
from qte.ledger import words
from workflow import project
from workflow.plan import code_records, integrity
from workflow.plan.integrity import Finding
from workflow.plan.ledger_parts import code_of, judged_in, module_name
from workflow.plan.plan import Plan, canonical_json, lock_hash
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


def all_files(modules: dict[str, list[str]]) -> list[str]:
    """Everything that is written for all papers together."""
    of_papers = (file for paper in modules for file in (*files_of(paper).values(), letter_file(paper)))
    return [ERRATA, *of_papers]


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
        _read_part(file)
    except JobFailed as error:
        return [Finding(file, str(error))]
    return integrity.of_record(file, _spec_hash(spec(the_plan, paper, module)))


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
        write_part(self.output, rows, self.spec)


@dataclass(frozen=True)
class WriteLedger:
    """Gather the parts of a paper into JSON, CSV, a page and a letter."""

    paper: str
    parts: tuple[str, ...]

    def run(self) -> None:
        letters, pages, sheet = (
            importlib.import_module(f"qte.ledger.{name}") for name in ("letters", "pages", "rows")
        )
        rows = words.in_order(self.paper, [row for part in self.parts for row in _read_part(part)["rows"]])
        files = files_of(self.paper)
        write_atomically(files["json"], sheet.to_json(rows))
        write_atomically(files["csv"], sheet.to_csv(rows))
        write_atomically(files["md"], pages.paper_page(self.paper, rows))
        write_atomically(letter_file(self.paper), letters.letter(words.words_of(self.paper).citation, rows))


@dataclass(frozen=True)
class WriteErrata:
    """The errata of all papers on one page."""

    ledgers: tuple[str, ...]
    output: str

    def run(self) -> None:
        pages = importlib.import_module("qte.ledger.pages")
        rows = {Path(file).stem: json.loads(Path(file).read_bytes()) for file in self.ledgers}
        write_atomically(self.output, pages.errata_page(rows))


def write_part(file: str, rows: list[dict[str, Any]], spec: str) -> None:
    """The rows of a part with their seal, and the record of what judged them."""
    sheet = importlib.import_module("qte.ledger.rows")
    write_atomically(file, sheet.to_json({"sha256": _seal(rows), "rows": rows}))
    code_records.write(file, _spec_hash(spec))


def _spec_hash(spec: str) -> str:
    return hashlib.sha256(spec.encode()).hexdigest()


def _seal(rows: Any) -> str:
    return hashlib.sha256(canonical_json(rows).encode()).hexdigest()


def _read_part(file: str) -> dict[str, Any]:
    try:
        part = json.loads(Path(file).read_bytes())
        if part["sha256"] == _seal(part["rows"]):
            return part
    except (ValueError, KeyError, TypeError):
        pass
    raise JobFailed(f"{file} is not what the run wrote; remove it and run again")
