"""The job of workflow/rules/report.smk, as plain data, and what a rule must know to plan it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qte.common.files import write_atomically
from workflow import project
from workflow.identity.code_hash import SourceTree
from workflow.plan import checksums
from workflow.plan.integrity import Finding
from workflow.plan.plan import STANDARD, Places, canonical_json
from workflow.snakemake_door import made_files

PAGES = Path(__file__).parents[1] / "report"
SUMS_NAME = "SHA256SUMS"
# Below the results: what the last report was made of (`workflow.report.parts`).
PARTS = ".cache/report_parts.json"


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
    digest.update(_code().encode())
    return digest.hexdigest()


def _code() -> str:
    """Hash of the code and templates of the report."""
    digest = hashlib.sha256()
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
    """Write all pages and copies that are not there yet, remove what an earlier report left."""

    order: dict[str, Any]
    places: Places = STANDARD

    def run(self) -> None:
        # Here, not above: the main process writes no page.
        from workflow.report import site
        from workflow.report.content import gather
        from workflow.report.pages import report_pages as pages
        from workflow.report.parts import Parts, maker_of

        root = Path(folder(self.places))
        tracked = [Path(file) for file in inputs()]
        # Pages show docstrings, too, which no hash of the code covers.
        maker = maker_of(_code(), [*tracked, *SourceTree(project.root()).files.values()])
        parts = Parts(root, Path(self.places.results, PARTS), maker)
        papers = gather.papers_of(self.order, self.places, parts.known)
        for name, source in pages.copies(papers, self.places).items():
            parts.write(name, Path(source).read_bytes())
        for bundle in pages.bundles(papers, parts.written, self.places):
            parts.put(bundle)
        sizes = {name: parts.size(name) for name in parts.written}
        for name, content in site.static_files():
            parts.write(name, content)
        for page in pages.pages(papers, parts.written, sizes):
            parts.put(page)
        made_files.remove_dropped(root, {root / name for name in (*parts.written, SUMS_NAME)})
        parts.remember()
        write_atomically(root / SUMS_NAME, checksums.to_bytes(parts.written))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
