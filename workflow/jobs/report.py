"""The job of workflow/rules/report.smk, as plain data, and what a rule must know to plan it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qte.common.files import write_atomically
from workflow import project
from workflow.plan import checksums
from workflow.plan.integrity import Finding
from workflow.plan.plan import STANDARD, Places, canonical_json
from workflow.snakemake_door import made_files

PAGES = Path(__file__).parents[1] / "report"
SUMS_NAME = "SHA256SUMS"


def folder(places: Places = STANDARD) -> str:
    return f"{places.results}/report"


def front_page(places: Places = STANDARD) -> str:
    return f"{folder(places)}/index.html"


def sums(places: Places = STANDARD) -> str:
    """The report's own checksums; the last file that a job writes."""
    return f"{folder(places)}/{SUMS_NAME}"


def inputs() -> list[str]:
    """Tracked files that the report shows, as far as they are there."""
    names = ["reference/tolerances.json", "CITATION.cff"]
    found = [*project.own("reference/ledger").glob("*.json"), *map(project.own, names)]
    found += project.own("reference/manifests").glob("*/*.json")
    found += project.own("reference/tables").glob("*/*.xz")
    found += project.own("docs/papers").glob("*.md")
    return sorted(str(file) for file in found if file.exists())


def spec(config: dict[str, Any]) -> str:
    """For a rule's params: the order of the figures, and the code and templates of the report."""
    order = order_of(config)
    digest = hashlib.sha256(canonical_json(order).encode())
    for paper, entries in order["large"]["figures"].items():
        for name in entries:
            digest.update(Path(STANDARD.manifest(paper, name)).read_bytes())
    files = [file for file in PAGES.rglob("*") if file.suffix in {".py", ".html", ".css", ".js"}]
    for file in sorted([*files, Path(__file__)]):
        digest.update(file.relative_to(PAGES.parent).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def order_of(config: dict[str, Any], places: Places = STANDARD) -> dict[str, Any]:
    """What of the config the report reads, with those of the large figures that are made."""
    large = config.get("large", {})
    made = {
        paper: {name: entry for name, entry in entries.items() if _is_made(paper, name, entry, places)}
        for paper, entries in large.get("figures", {}).items()
    }
    return {
        "tables": config["tables"],
        "figures": config["figures"],
        "large": {"tables": large.get("tables", {}), "figures": made},
    }


def _is_made(paper: str, name: str, entry: dict[str, Any], places: Places) -> bool:
    """Whether all of a large figure is there."""
    files = [places.manifest(paper, name), *places.drawn(paper, name).values()]
    files += [places.table(paper, table) for table in entry["tables"]]
    return all(Path(file).is_file() for file in files)


def of_report(places: Places = STANDARD) -> list[Finding]:
    """Hold a report that is there against its own checksums."""
    root, file = Path(folder(places)), Path(sums(places))
    if not file.exists() or not Path(front_page(places)).exists():
        return []
    for name, digest in checksums.read(file).items():
        page = root / name
        if not page.is_file():
            return [Finding(str(file), f"{page} is gone")]
        if _digest(page.read_bytes()) != digest:
            return [Finding(str(file), f"{page} is not what the run wrote")]
    return []


@dataclass(frozen=True)
class WriteReport:
    """Write all pages, copy all files, remove what an earlier report left."""

    order: dict[str, Any]
    places: Places = STANDARD

    def run(self) -> None:
        # Here, not above: the main process writes no page.
        from workflow.report import site
        from workflow.report.content import gather
        from workflow.report.pages import report_pages as pages

        root = Path(folder(self.places))
        papers = gather.papers_of(self.order, self.places)
        written: dict[str, str] = {}
        sizes: dict[str, int] = {}
        for name, source in pages.copies(papers, self.places).items():
            content = Path(source).read_bytes()
            sizes[name] = len(content)
            written[name] = _write(root / name, content)
        for name, content in pages.bundles(papers, self.places):
            sizes[name] = len(content)
            written[name] = _write(root / name, content)
        for name, content in [*site.static_files(), *pages.pages(papers, sizes)]:
            written[name] = _write(root / name, content)
        made_files.remove_dropped(root, {root / name for name in (*written, SUMS_NAME)})
        write_atomically(root / SUMS_NAME, checksums.to_bytes(written))


def _write(file: Path, content: bytes) -> str:
    """Write one file; returns its hash."""
    # Not synced to the disk one by one: the checksums, which are, tell whether all of it is there.
    write_atomically(file, content, durable=False)
    return _digest(content)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
