"""What the report shows, gathered from the results of a run: figures, their tables, their ledger."""

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import yaml

from qte.data import collections, studies, tables
from qte.data.markdown import describe
from qte.data.table_files import Source
from qte.data.tables import Column
from workflow import project
from workflow.plan import code_records, faults, ledger_parts, manifests, plan
from workflow.plan.plan import Places
from workflow.report.content import accepted, bearing, citing, reach, since_accepted
from workflow.report.content.bearing import Bearing, Row
from workflow.report.markup import verdict_marks

TOLERANCES = "reference/tolerances.json"
DATA = "Data, not computed here."
_TWO_COLUMNS = 360.0
_PREVIEW = 5
_PIECE = 2**20
_HEAD = re.compile(
    r"^([A-Za-z][a-z]+(?: [a-z]+)*?)(?= (?:of|at|with|without|from|over|in|on|to|for)\b|,|;|:|$)"
)


@dataclass(frozen=True)
class TableFacts:
    """One table: what it holds and what it was made from.

    Attributes
    ----------
    name, file, study : str
        `name` as the figure names it, such as ``"man2019/fig2"`` of another collection; `study` empty for data.
    about : str
        First line of the study's docstring.
    table : qte.data.tables.Table
        Its first rows, with all that is said above them.
    rows : int
        How many there are.
    modules : mapping
        Module → hash, of all code that computes it.
    reach : Reach
    drift : float or None
        Tolerated difference on another machine, over a column's largest value; None if none was seen.
    measured : bool
        Whether it was measured how far it drifts.
    digest : str
        SHA-256 of its file.
    outside : sequence of mapping
        Where its machines leave the domain of their equations: `qte.common.outside.Outside` as plain data.
    """

    name: str
    file: str
    study: str
    about: str
    table: tables.Table
    rows: int
    modules: Mapping[str, str]
    reach: reach.Reach
    drift: tuple[str, float] | None
    measured: bool
    digest: str
    outside: Sequence[Mapping[str, Any]] = ()

    @property
    def size(self) -> int:
        """Of its file, in bytes."""
        return Path(self.file).stat().st_size

    @property
    def preview(self) -> list[tuple[Any, ...]]:
        """The first rows, as Python's own numbers and words."""
        return list(self.table.frame.head(_PREVIEW).itertuples(index=False, name=None))

    @property
    def results(self) -> list[Column]:
        """Columns that are no parameter of the study."""
        return [column for column in self.table.columns if column.symbol not in self.table.params]


@dataclass(frozen=True)
class Figure:
    """One figure with all that its page shows.

    Attributes
    ----------
    width : float
        In points, of its SVG.
    entry : str
        What the config says of it and its tables, as lines to copy.
    since : list of str
        What is not as it was accepted.
    accepted : bool
        Whether it was ever accepted.
    own : bool
        Whether it belongs to a collection, the project's or somebody's own, and not to a paper.
    large : bool
        Whether a plain run leaves it out.
    """

    paper: str
    name: str
    manifest: Mapping[str, Any]
    tables: Sequence[TableFacts]
    notebook: Mapping[str, Any]
    bearing: Bearing
    width: float
    entry: str
    since: Sequence[str]
    accepted: bool
    own: bool
    large: bool = False

    @property
    def narrow(self) -> bool:
        """Whether it was drawn for one column of a page: no use to spread it over a screen."""
        return self.width < _TWO_COLUMNS

    @property
    def key(self) -> str:
        return f"{self.paper}-{self.name}"

    @property
    def label(self) -> str:
        number = re.fullmatch(r"fig(\w+)", self.name)
        return f"Figure {number[1]}" if number else self.name.replace("_", " ")

    @property
    def title(self) -> str:
        return " ".join(str(self.manifest["title"]).split())

    @property
    def caption(self) -> str:
        said = " ".join(str(self.manifest["caption"]).split())
        return f"{said} Not as accepted: {'; '.join(self.since)}." if self.since else said

    @property
    def graded(self) -> bool:
        """Whether it was accepted and, if it draws tables, measured how far these drift."""
        return self.accepted and all(table.measured for table in self.tables)

    @property
    def citations(self) -> list[citing.Citation]:
        """The paper, if it is one, and the project."""
        known = citing.citations(project.own("CITATION.cff"))
        return [known[key] for key in (self.paper, "qte") if key in known]

    @property
    def alt(self) -> str:
        """What stands for the drawing where it is not seen: the caption says what it shows."""
        return f"{self.label} of {self.paper}: {self.title}. {self.caption}"

    @property
    def faults(self) -> list[str]:
        """What the checks of figures found, one line each."""
        return faults.of_notebook(self.notebook)

    @property
    def ours(self) -> list[str]:
        return list(dict.fromkeys(name for table in self.tables for name in table.table.ours))

    @property
    def borrowed(self) -> list[str]:
        """Its tables of other collections."""
        return [table.name for table in self.tables if "/" in table.name]

    @cached_property
    def parameters(self) -> str:
        """Parameters and findings of the tables, as Markdown."""
        return str(describe(*(table.table for table in self.tables)).text) if self.tables else ""

    @cached_property
    def machines(self) -> dict[str, str]:
        """Name of each machine, and a line about it."""
        found = sorted({place for table in self.tables for place in table.reach.machines})
        return {_words(name): reach.summary(module, name) for module, name in found}

    @cached_property
    def quantities(self) -> list[str]:
        """What is plotted, in words: what the studies ask of their machines, or what the columns mean."""
        asked = {name for table in self.tables for name in reach.quantities(table.reach)}
        meanings = [column.meaning for table in self.tables for column in table.results]
        known = {name for table in self.tables for name in reach.known_quantities(table.reach)}
        named = {name for name in known if any(re.search(rf"\b{name}\b", text) for text in meanings)}
        heads = [found[1] for text in meanings if (found := _HEAD.match(text))]
        return sorted(asked | named) or sorted(set(heads[:1]))

    @property
    def search(self) -> str:
        """Everything that a search should find, in lower case."""
        columns = [column for table in self.tables for column in table.table.columns]
        classes = {name for table in self.tables for _, name in table.reach.machines}
        authors = [name for work in self.citations if work.key == self.paper for name in work.names]
        parts = [
            self.paper, self.name, self.label, self.title, self.caption, *self.machines, *self.quantities,
            *(f"{column.symbol} {column.meaning}" for column in columns), *sorted(classes),
            *(name for table in self.tables for name in (table.name, table.study, *table.table.params)),
            *(word for verdict in self.verdicts for word in verdict_marks.WORDS[verdict]), *authors,
        ]  # fmt: skip
        return " ".join(dict.fromkeys(parts)).lower()

    @property
    def verdicts(self) -> list[str]:
        """Those of the entries that bear on it."""
        return sorted({row["verdict"] for row in self.entries})

    @property
    def entries(self) -> list[Row]:
        return [*self.bearing.claims, *self.bearing.equations]


@dataclass(frozen=True)
class Paper:
    """One paper: its figures and its accepted ledger.

    Attributes
    ----------
    citation : str
        A line of Markdown.
    changed : list of str
        Modules that are not as they were when the ledger was accepted.
    own : bool
        Whether it is a collection, the project's or somebody's own, and no paper.
    """

    name: str
    citation: str
    figures: Sequence[Figure]
    ledger: accepted.Ledger | None
    changed: Sequence[str]
    own: bool = False

    @property
    def rows(self) -> Sequence[Row]:
        return self.ledger.rows if self.ledger else ()


def papers_of(config: Mapping[str, Any], places: Places = plan.STANDARD) -> list[Paper]:
    """All papers and collections of the config, in its order; of the large figures those that the config names.

    Parameters
    ----------
    config : mapping
        See `workflow.jobs.report.order_of`.
    places : Places
    """
    return list(_papers(config, places))


def _papers(config: Mapping[str, Any], places: Places) -> Iterator[Paper]:
    now = _present_code(places)
    tolerances = project.own(TOLERANCES)
    drift = json.loads(tolerances.read_bytes()) if tolerances.exists() else {}
    large = config.get("large", {})
    answering = ledger_parts.answering(project.root())
    for paper, entries in config["figures"].items():
        ledger = accepted.read(paper)
        rows = ledger.rows if ledger else ()
        own = paper in answering or (ledger is None and not _page_of(paper).is_file())
        made_large = large.get("figures", {}).get(paper, {})
        known = {**config["tables"].get(paper, {}), **large.get("tables", {}).get(paper, {})}
        figures = [
            replace(
                _figure(paper, name, rows, drift, places), entry=_lines(paper, name, entry, known), own=own
            )
            for name, entry in {**entries, **made_large}.items()
        ]
        figures = [replace(figure, large=figure.name in made_large) for figure in figures]
        changed = ledger.changed(now) if ledger else []
        yield Paper(paper, _citation(paper), figures, ledger, changed, own)


def _lines(paper: str, name: str, entry: Mapping[str, Any], tables: Mapping[str, Any]) -> str:
    """The entries of a figure and its tables as they would stand in config.yaml, anchors written out."""
    used = {table: tables[table] for table in entry["tables"] if table in tables}
    content = {"tables": {paper: used}} if used else {}
    return config_lines(content | {"figures": {paper: {name: entry}}})


def config_lines(content: Mapping[str, Any]) -> str:
    """Plain data as YAML in the style of config.yaml."""
    plain = json.loads(json.dumps(content))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)


def _present_code(places: Places) -> dict[str, str]:
    """Module → hash of `qte` as `record_code` wrote it."""
    record = json.loads(Path(places.results, "code.json").read_bytes())
    return {module: entry["hash"] for module, entry in record.items()}


def _figure(paper: str, name: str, rows: Sequence[Row], drift: Mapping[str, Any], places: Places) -> Figure:
    manifest = manifests.read(Path(places.manifest(paper, name)))
    assert manifest is not None, "drawn figures have their manifest"
    found = [_table(paper, Path(file), manifest, drift) for file in manifest["tables"]]
    drawn = places.drawn(paper, name)
    notebook = json.loads(Path(drawn["notebook"]).read_bytes())
    said = [manifest["title"], manifest["caption"], *_prose(notebook)]
    said += [column.meaning for table in found for column in table.table.columns]
    numbers = {number for text in said for number in bearing.equations_of(str(text))}
    numbers |= {number for table in found for number in table.reach.equations}
    bears = bearing.on_figure(rows, name, numbers)
    since = list(since_accepted.differences(manifest, [table.table for table in found]))
    known = since_accepted.is_accepted(paper, name)
    return Figure(
        paper, name, manifest, found, notebook, bears, _width(drawn["svg"]), "", since, known, own=False
    )


def _width(svg: str) -> float:
    """Width of a drawing in points."""
    with Path(svg).open(encoding="utf-8") as file:
        found = re.search(r'<svg\b[^>]*?\swidth="([0-9.]+)', file.read(4000))
    return float(found[1]) if found else _TWO_COLUMNS


def _table(paper: str, file: Path, manifest: Mapping[str, Any], drift: Mapping[str, Any]) -> TableFacts:
    table, rows = _head(file)
    assert table.provenance is not None, "a table that was read from a file has its provenance"
    made = table.provenance
    study = None if made.is_data else studies.get(made.study)
    # as the figure names it
    name = made.table if made.paper == paper else f"{made.paper}/{made.table}"
    known = drift.get(f"{made.paper}/{made.table}", {})
    worst = max(known, key=lambda column: known[column]["scaled"], default=None)
    return TableFacts(
        name=name,
        file=str(file),
        study=made.study,
        about=(study.__doc__ or "").strip().split("\n")[0] if study else DATA,
        table=table,
        rows=rows,
        modules=manifest["code"].get(f"table {name}", {}),
        reach=reach.of_study(study.__module__, study.__name__, project.root()) if study else reach.Reach(),
        drift=None if worst is None else (worst, known[worst]["scaled"]),
        measured=f"{made.paper}/{made.table}" in drift,
        digest=manifest["tables"][str(file)],
        outside=code_records.told_of(str(file)).get("outside", ()),
    )


def _head(file: Path) -> tuple[tables.Table, int]:
    """A table of the first rows of a file, however long it is, and how many rows there are."""
    header, first = Source(file).header(), []
    with file.open("rb") as lines:
        # the names of the columns stand first
        rows = itertools.dropwhile(lambda line: line.startswith(b"#"), lines)
        first = list(itertools.islice(rows, 1, 1 + _PREVIEW))
        count = len(first) + sum(piece.count(b"\n") for piece in iter(partial(lines.read, _PIECE), b""))
    body = header.to_bytes() + b"".join(first)
    digest = hashlib.sha256(body).hexdigest()
    return tables.from_bytes(f"# qte table 1 sha256={digest}\n".encode() + body, file), count


def _prose(notebook: Mapping[str, Any]) -> list[str]:
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def _citation(paper: str) -> str:
    """First paragraph of the paper's page in docs/, or what its package says of itself."""
    page = _page_of(paper)
    if page.exists():
        found = re.match(r"# [^\n]*\n\n(.+?)\n\n", page.read_text(encoding="utf-8"), re.DOTALL)
        if found:
            return " ".join(found[1].split())
    package = collections.package_of(paper)
    # figures of data and of other collections' tables need no studies
    return reach.summary_of_module(package) if package else "Figures of one's own"


def _page_of(paper: str) -> Path:
    return project.own(f"docs/papers/{paper}.md")


def _words(name: str) -> str:
    """`TwoQubitEngine` as words."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).split()
    return " ".join([words[0], *(word.lower() for word in words[1:])])
