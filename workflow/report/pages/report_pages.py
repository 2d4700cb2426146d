"""The pages of the report, and the files that go with them: path in the report → bytes."""

import json
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from qte.ledger.verdicts import ERRATA, FAULTS, HOLDING, PARTLY, SLIPS
from workflow.plan import ledger_parts, manifests
from workflow.plan.plan import FORMATS, STANDARD, Places, key_of_table
from workflow.report.content import accepted
from workflow.report.content.bundle import zipped
from workflow.report.content.gather import Figure, Paper, TableFacts
from workflow.report.markup import notebook
from workflow.report.markup.verdict_marks import MARKS
from workflow.report.parts import Part
from workflow.report.site import Link, render


@dataclass(frozen=True)
class Standing:
    """Whose verdicts are shown: the code that judged them, and what of it is not as it was."""

    code: str
    changed: Sequence[str]

    @property
    def same(self) -> bool:
        return not self.changed


@dataclass(frozen=True)
class Tally:
    """Verdict → how many, of all papers and of each."""

    of_all: list[tuple[str, int]]
    of_paper: Mapping[str, Counter[str]]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.of_all)


@dataclass(frozen=True)
class Section:
    """Entries that belong together on a paper's page."""

    id: str
    title: str
    rows: Sequence[accepted.Row]


@dataclass(frozen=True)
class Download:
    """A file to take away."""

    label: str
    path: str
    size: str
    save: bool


# A larger table stays in results/: the report is for taking along.
LARGEST_COPY = 20_000_000


def copies(papers: Sequence[Paper], places: Places = STANDARD) -> dict[str, str]:
    """Path in the report → file of the run that is copied there."""
    found: dict[str, str] = {}
    for paper in papers:
        for figure in paper.figures:
            drawn = places.drawn(figure.paper, figure.name)
            found |= {_copy(figure, kind): file for kind, file in drawn.items()}
            found |= {_table(figure, table.name): table.file for table in figure.tables if _fits(table)}
    return found


def bundles(papers: Sequence[Paper], copied: Mapping[str, str], places: Places = STANDARD) -> Iterator[Part]:
    """Everything of each figure in one file.

    Parameters
    ----------
    papers : sequence of Paper
    copied : mapping
        Path of a copy in the report → its checksum.
    places : Places
    """
    for figure in (figure for paper in papers for figure in paper.figures):
        yield Part(_bundle(figure), _facts(figure, copied), partial(_bundled, figure, places))


def _bundled(figure: Figure, places: Places) -> bytes:
    files = [
        *places.drawn(figure.paper, figure.name).values(),
        places.manifest(figure.paper, figure.name),
    ]
    content = {f"{figure.key}/{Path(file).name}": Path(file).read_bytes() for file in files}
    for table in figure.tables:
        if _fits(table):
            content[f"{figure.key}/tables/{figure.paper}/{table.name}.csv"] = Path(table.file).read_bytes()
    content[f"{figure.key}/config.yaml"] = figure.entry.encode()
    content[f"{figure.key}/cite.bib"] = "".join(f"{work.bibtex}\n" for work in figure.citations).encode()
    return zipped(content)


def pages(papers: Sequence[Paper], copied: Mapping[str, str], sizes: Mapping[str, int]) -> Iterator[Part]:
    """Every page.

    Parameters
    ----------
    papers : sequence of Paper
    copied : mapping
        Path of a copy in the report → its checksum.
    sizes : mapping
        Path of a copy in the report → its size in bytes.
    """
    figures = [figure for paper in papers for figure in paper.figures]
    # What all pages show of others: where to go, and which verdicts are of other code.
    names = [[paper.name, paper.own, paper.changed] for paper in papers]
    all_facts = [_facts(figure, copied) for figure in figures]
    yield Part("index.html", [names, all_facts], partial(_front, papers, figures))
    yield Part("errata.html", names, partial(_errata, papers))
    for paper in papers:
        shown = [_link(figure) for figure in paper.figures]
        yield Part(
            f"papers/{paper.name}.html", [names, paper.citation, shown], partial(_paper, paper, papers)
        )
    for place, figure in enumerate(figures):
        around = (
            figures[place - 1] if place else None,
            figures[place + 1] if figure != figures[-1] else None,
        )
        made_of = [names, all_facts[place], *(other and _link(other) for other in around)]
        page = partial(_figure, figure, papers, around, sizes)
        yield Part(f"figures/{figure.key}.html", made_of, page)
        yield Part(f"notebooks/{figure.key}.html", made_of, partial(_notebook, figure, papers))


def _facts(figure: Figure, copied: Mapping[str, str]) -> list[Any]:
    """All that decides what is shown of a figure, besides code and tracked files."""
    tables = [
        [table.name, table.file, table.digest, table.drift, table.measured, table.outside]
        for table in figure.tables
    ]
    files = [
        copied.get(path)
        for path in (*_files(figure).values(), *(_table(figure, t.name) for t in figure.tables))
    ]
    rows = [[row["id"] for row in rows] for rows in (figure.bearing.claims, figure.bearing.equations)]
    # a page shows it in its order
    written = json.dumps(figure.written)
    told = [figure.width, written, figure.since, figure.accepted, figure.own, figure.large]
    return [_link(figure), dict(figure.manifest), tables, files, rows, told]


def _link(figure: Figure) -> list[str]:
    """What other pages show of a figure."""
    return [figure.paper, figure.name, figure.title]


def _front(papers: Sequence[Paper], figures: Sequence[Figure]) -> bytes:
    bearing = {name for figure in figures for name in figure.verdicts}
    filters = [
        ("paper", "Paper", [paper.name for paper in papers]),
        ("machine", "Machine", sorted({name for figure in figures for name in figure.machines})),
        ("quantity", "Quantity", sorted({name for figure in figures for name in figure.quantities})),
    ]
    return render(
        "index.html",
        title="Figures and verdicts",
        root=".",
        nav=_nav(papers, ".", "index.html"),
        papers=papers,
        figures=figures,
        filters=filters,
        verdicts=[name for name in MARKS if name in bearing],
        counts=_counts(papers),
        tally=_tally(papers),
        standing=_standing(papers),
    )


def _counts(papers: Sequence[Paper]) -> str:
    """How many papers, and how many collections."""
    parts = []
    for own, one, many in ((False, "paper", "papers"), (True, "collection", "collections")):
        count = sum(paper.own is own for paper in papers)
        if count:
            parts.append(f"{count} {one if count == 1 else many}")
    return " and ".join(parts)


def _errata(papers: Sequence[Paper]) -> bytes:
    judged = ledger_parts.papers_of(paper.name for paper in papers if paper.ledger)
    found = [
        (paper, _having(paper, ERRATA), len(_having(paper, PARTLY)))
        for paper in papers
        if paper.name in judged
    ]
    return render(
        "errata.html",
        title="Errata",
        root=".",
        nav=_nav(papers, ".", "errata.html"),
        papers=found,
        standing=_standing(papers) if found else None,
    )


def _paper(paper: Paper, papers: Sequence[Paper]) -> bytes:
    return render(
        "paper.html",
        title=paper.name,
        root="..",
        nav=_nav(papers, "..", f"papers/{paper.name}.html"),
        paper=paper,
        sections=[section for section in _sections(paper) if section.rows],
        tally=_tally([paper]).of_all,
        standing=_standing([paper]),
    )


def _figure(
    figure: Figure,
    papers: Sequence[Paper],
    around: tuple[Figure | None, Figure | None],
    sizes: Mapping[str, int],
) -> bytes:
    paper = next(paper for paper in papers if paper.name == figure.paper)
    return render(
        "figure.html",
        title=f"{figure.label}, {paper.name}",
        root="..",
        nav=_nav(papers, "..", f"papers/{paper.name}.html", here=False),
        paper=paper,
        figure=figure,
        files=_files(figure),
        downloads=list(_downloads(figure, sizes)),
        standing=_standing([paper]),
        identity=manifests.identity(dict(figure.manifest)),
        copied={table.name: _table(figure, table.name) for table in figure.tables if _fits(table)},
        before=around[0],
        after=around[1],
    )


def _notebook(figure: Figure, papers: Sequence[Paper]) -> bytes:
    return render(
        "notebook.html",
        title=f"Notebook of {figure.label}, {figure.paper}",
        root="..",
        nav=_nav(papers, "..", f"papers/{figure.paper}.html", here=False),
        figure=figure,
        files=_files(figure),
        cells=notebook.cells(figure.notebook),
    )


def _nav(papers: Sequence[Paper], root: str, page: str, here: bool = True) -> list[Link]:
    places = [("Figures", "index.html"), *((paper.name, f"papers/{paper.name}.html") for paper in papers)]
    places.append(("Errata", "errata.html"))
    return [Link(label, f"{root}/{path}", here and path == page) for label, path in places]


def _sections(paper: Paper) -> list[Section]:
    holding = _having(paper, HOLDING)
    rest = [row for row in paper.rows if row["verdict"] not in FAULTS | HOLDING]
    return [
        Section("errata", "Errata", _having(paper, ERRATA)),
        Section("partly", "Hold under conditions, or approximately", _having(paper, PARTLY)),
        Section("slips", "Slips, on which nothing depends", _having(paper, SLIPS)),
        Section("equations", "Equations that hold", [row for row in holding if row["kind"] == "equation"]),
        Section("claims", "Claims that hold", [row for row in holding if row["kind"] == "claim"]),
        Section("rest", "Definitions, and what cannot be decided here", rest),
    ]


def _having(paper: Paper, verdicts: Container[str]) -> list[accepted.Row]:
    """Entries with one of the verdicts: equations by their number, then claims as they are written."""
    return sorted((row for row in paper.rows if row["verdict"] in verdicts), key=_order)


def _order(row: accepted.Row) -> tuple[bool, int]:
    number = re.search(r"\d+", row["number"])
    return row["kind"] != "equation", int(number[0]) if number else 0


def _tally(papers: Sequence[Paper]) -> Tally:
    of_paper = {paper.name: Counter(row["verdict"] for row in paper.rows) for paper in papers}
    together = sum(of_paper.values(), Counter[str]())
    return Tally([(name, together[name]) for name in MARKS if together[name]], of_paper)


def _standing(papers: Sequence[Paper]) -> Standing:
    changed = sorted({module for paper in papers for module in paper.changed})
    return Standing(accepted.code_of([paper.ledger for paper in papers if paper.ledger]), changed)


def _copy(figure: Figure, kind: str) -> str:
    suffix = "ipynb" if kind == "notebook" else kind
    return f"files/{figure.paper}/{figure.name}.{suffix}"


def _table(figure: Figure, table: str) -> str:
    # As under results/: `qte.data.tables.read` wants a table in a folder named after its paper.
    return f"files/tables/{'/'.join(key_of_table(figure.paper, table))}.csv"


def _bundle(figure: Figure) -> str:
    return f"files/{figure.paper}/{figure.name}.zip"


def _fits(table: TableFacts) -> bool:
    return table.size <= LARGEST_COPY


def _files(figure: Figure) -> dict[str, str]:
    made = {kind: _copy(figure, kind) for kind in (*FORMATS, "notebook")}
    return made | {"page": f"notebooks/{figure.key}.html"}


def _downloads(figure: Figure, sizes: Mapping[str, int]) -> Iterator[Download]:
    files = _files(figure)
    yield Download("Everything .zip", _bundle(figure), _size(sizes[_bundle(figure)]), save=True)
    for kind in FORMATS:
        yield Download(kind.upper(), files[kind], _size(sizes[files[kind]]), save=False)
    for table in figure.tables:
        path = _table(figure, table.name)
        if path in sizes:
            yield Download(f"{table.name}.csv", path, _size(sizes[path]), save=True)
    yield Download("Notebook", files["page"], "to read", save=False)
    yield Download("Notebook .ipynb", files["notebook"], _size(sizes[files["notebook"]]), save=True)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000))} kB"
