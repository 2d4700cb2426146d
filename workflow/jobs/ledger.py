"""Jobs of the ledger: judge the entries of one module, gather a paper's, write all errata."""

import hashlib
import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qte.common.files import write_atomically
from workflow.plan import code_records, integrity
from workflow.plan.integrity import Finding
from workflow.plan.plan import Plan, canonical_json, lock_hash
from workflow.snakemake_door.job import JobFailed

FOLDER = Path("results/ledger")
WRITTEN = ("json", "csv", "md")
ERRATA = str(FOLDER / "errata.md")


def modules_of(project: Path = Path()) -> dict[str, list[str]]:
    """Paper → its ledger modules, by the names of their files; nothing is imported."""
    found: dict[str, list[str]] = {}
    for file in sorted((project / "qte" / "papers").glob("*/ledger_*.py")):
        found.setdefault(file.parent.name, []).append(file.stem)
    return found


def part_file(paper: str, module: str) -> str:
    return str(FOLDER / "parts" / paper / f"{module}.json")


def files_of(paper: str) -> dict[str, str]:
    """Everything that is written for a paper."""
    return {form: str(FOLDER / f"{paper}.{form}") for form in WRITTEN}


def all_files(modules: dict[str, list[str]]) -> list[str]:
    """Everything that is written for all papers together."""
    return [ERRATA, *(file for paper in modules for file in files_of(paper).values())]


def spec(the_plan: Plan, paper: str, module: str) -> str:
    """What a module's verdicts are made of: its own code, all that it imports, the packages."""
    name = f"qte.papers.{paper}.{module}"
    return canonical_json({"module": name, "code": _code(the_plan, name), "lock": lock_hash()})


def page_spec(the_plan: Plan) -> str:
    """What makes pages of rows."""
    return the_plan.sources.hash(["qte.ledger.pages"])


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
        write_atomically(self.output, sheet.to_json({"sha256": _seal(rows), "rows": rows}))
        code_records.write(self.output, _spec_hash(self.spec))


@dataclass(frozen=True)
class WriteLedger:
    """Gather the parts of a paper into JSON, CSV and a page."""

    paper: str
    parts: tuple[str, ...]

    def run(self) -> None:
        pages, sheet = (importlib.import_module(f"qte.ledger.{name}") for name in ("pages", "rows"))
        rows = [row for part in self.parts for row in _read_part(part)["rows"]]
        files = files_of(self.paper)
        write_atomically(files["json"], sheet.to_json(rows))
        write_atomically(files["csv"], sheet.to_csv(rows))
        write_atomically(files["md"], pages.paper_page(self.paper, rows))


@dataclass(frozen=True)
class WriteErrata:
    """The errata of all papers on one page."""

    ledgers: tuple[str, ...]
    output: str

    def run(self) -> None:
        pages = importlib.import_module("qte.ledger.pages")
        rows = {Path(file).stem: json.loads(Path(file).read_bytes()) for file in self.ledgers}
        write_atomically(self.output, pages.errata_page(rows))


def _code(the_plan: Plan, module: str) -> str:
    # The runner belongs to every verdict, whatever the module imports itself.
    return the_plan.sources.hash([module, "qte.ledger.entries", "qte.ledger.rows"])


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
