"""What the report shows, gathered from the results of a run: figures, their tables, their ledger."""

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import yaml

from qte.data import collections, tables
from qte.data.markdown import describe
from qte.data.provenance import Provenance, provenance_of
from qte.data.table_files import Header, Source
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
    """One table: what it holds and what it was made from. Its rows are read when a page shows them.

    Attributes
    ----------
    name, file : str
        `name` as the figure names it, such as ``"man2019/fig2"`` of another collection.
    made : Provenance
    header : Header
        What stands above its rows.
    modules : mapping
        Module → hash, of all code that computes it.
    told : Told
        Of its study; empty for data.
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
    made: Provenance
    header: Header
    modules: Mapping[str, str]
    told: reach.Told
    drift: tuple[str, float] | None
    measured: bool
    digest: str
    outside: Sequence[Mapping[str, Any]] = ()

    @property
    def study(self) -> str:
        """Its registered name; empty for data."""
        return self.made.study

    @property
    def about(self) -> str:
        return self.told.about if self.study else DATA

    @cached_property
    def _head(self) -> tuple[tables.Table, int]:
        return _head(Path(self.file), self.header)

    @property
    def table(self) -> tables.Table:
        """Its first rows, with all that is said above them."""
        return self._head[0]

    @property
    def rows(self) -> int:
        """How many there are."""
        return self._head[1]

    @property
    def size(self) -> int:
        """Of its file, in bytes."""
        return Path(self.file).stat().st_size

    @property
    def preview(self) -> list[tuple[Any, ...]]:
        """The first rows, as Python's own numbers and words."""
        return list(self.table.frame.head(_PREVIEW).itertuples(index=False, name=None))

    @property
    def meanings(self) -> list[str]:
        """Of its columns that are no parameter of the study."""
        return [one["meaning"] for one in self.header.columns if one["symbol"] not in self.made.params]


@dataclass(frozen=True)
class Figure:
    """One figure with all that its page shows.

    Attributes
    ----------
    width : float
        In points, of its SVG.
    written : mapping
        What the config says of it and its tables.
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
    written: Mapping[str, Any]
    since: Sequence[str]
    accepted: bool
    own: bool
    large: bool = False

    @cached_property
    def entry(self) -> str:
        """What the config says of it and its tables, as lines to copy."""
        return config_lines(self.written)

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
        return list(dict.fromkeys(name for table in self.tables for name in table.made.ours))

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
        found = sorted({tuple(place) for table in self.tables for place in table.told.machines})
        return {_words(name): line for _, name, line in found}

    @cached_property
    def quantities(self) -> list[str]:
        """What is plotted, in words: what the studies ask of their machines, or what the columns mean."""
        asked = {name for table in self.tables for name in table.told.asked}
        meanings = [text for table in self.tables for text in table.meanings]
        known = {name for table in self.tables for name in table.told.known}
        named = {name for name in known if any(re.search(rf"\b{name}\b", text) for text in meanings)}
        heads = [found[1] for text in meanings if (found := _HEAD.match(text))]
        return sorted(asked | named) or sorted(set(heads[:1]))

    @property
    def search(self) -> str:
        """Everything that a search should find, in lower case."""
        columns = [column for table in self.tables for column in table.header.columns]
        classes = {name for table in self.tables for _, name, _ in table.told.machines}
        # the key without its year: a near misspelling of a word with digits is no word
        authors = [self.paper.rstrip("0123456789")]
        authors += [name for work in self.citations if work.key == self.paper for name in work.names]
        parts = [
            self.paper, self.name, self.label, self.title, self.caption, *self.machines, *self.quantities,
            *(f"{column['symbol']} {column['meaning']}" for column in columns), *sorted(classes),
            *(name for table in self.tables for name in (table.name, table.study, *table.made.params)),
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


def papers_of(
    config: Mapping[str, Any],
    places: Places = plan.STANDARD,
    remembered: MutableMapping[str, Any] | None = None,
) -> list[Paper]:
    """All papers and collections of the config, in its order; of the large figures those that the config names.

    Parameters
    ----------
    config : mapping
        See `workflow.jobs.report.order_of`.
    places : Places
    remembered : mutable mapping, optional
        What an earlier report told of studies with the same code; see `reach.told_of`.
    """
    return list(_papers(config, places, {} if remembered is None else remembered))


def _papers(
    config: Mapping[str, Any], places: Places, remembered: MutableMapping[str, Any]
) -> Iterator[Paper]:
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
                _figure(paper, name, rows, drift, places, remembered),
                written=_written(paper, name, entry, known),
                own=own,
                large=name in made_large,
            )
            for name, entry in {**entries, **made_large}.items()
        ]
        changed = ledger.changed(now) if ledger else []
        yield Paper(paper, _citation(paper), figures, ledger, changed, own)


def _written(paper: str, name: str, entry: Mapping[str, Any], tables: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a figure and its tables as they would stand in config.yaml."""
    used = {table: tables[table] for table in entry["tables"] if table in tables}
    content = {"tables": {paper: used}} if used else {}
    return content | {"figures": {paper: {name: entry}}}


def config_lines(content: Mapping[str, Any]) -> str:
    """Plain data as YAML in the style of config.yaml, anchors written out."""
    plain = json.loads(json.dumps(content))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)


def _present_code(places: Places) -> dict[str, str]:
    """Module → hash of `qte` as `record_code` wrote it."""
    record = json.loads(Path(places.results, "code.json").read_bytes())
    return {module: entry["hash"] for module, entry in record.items()}


def _figure(
    paper: str,
    name: str,
    rows: Sequence[Row],
    drift: Mapping[str, Any],
    places: Places,
    remembered: MutableMapping[str, Any],
) -> Figure:
    manifest = manifests.read(Path(places.manifest(paper, name)))
    assert manifest is not None, "drawn figures have their manifest"
    found = [_table(paper, file, manifest, drift, remembered) for file in manifest["tables"]]
    drawn = places.drawn(paper, name)
    notebook = json.loads(Path(drawn["notebook"]).read_bytes())
    said = [manifest["title"], manifest["caption"], *_prose(notebook)]
    said += [column["meaning"] for table in found for column in table.header.columns]
    numbers = {number for text in said for number in bearing.equations_of(str(text))}
    numbers |= {number for table in found for number in table.told.equations}
    bears = bearing.on_figure(rows, name, numbers)
    since = list(since_accepted.differences(manifest, [table.made for table in found]))
    known = since_accepted.is_accepted(paper, name)
    return Figure(
        paper, name, manifest, found, notebook, bears, _width(drawn["svg"]), {}, since, known, own=False
    )


def _width(svg: str) -> float:
    """Width of a drawing in points."""
    with Path(svg).open(encoding="utf-8") as file:
        found = re.search(r'<svg\b[^>]*?\swidth="([0-9.]+)', file.read(4000))
    return float(found[1]) if found else _TWO_COLUMNS


def _table(
    paper: str,
    file: str,
    manifest: Mapping[str, Any],
    drift: Mapping[str, Any],
    remembered: MutableMapping[str, Any],
) -> TableFacts:
    header = Source(file).header()
    made = provenance_of(header)
    # as the figure names it
    name = made.table if made.paper == paper else f"{made.paper}/{made.table}"
    known = drift.get(f"{made.paper}/{made.table}", {})
    worst = max(known, key=lambda column: known[column]["scaled"], default=None)
    return TableFacts(
        name=name,
        file=file,
        made=made,
        header=header,
        modules=manifest["code"].get(f"table {name}", {}),
        told=reach.Told() if made.is_data else reach.told_of(made.study, remembered, project.root()),
        drift=None if worst is None else (worst, known[worst]["scaled"]),
        measured=f"{made.paper}/{made.table}" in drift,
        digest=manifest["tables"][file],
        outside=code_records.told_of(file).get("outside", ()),
    )


def _head(file: Path, header: Header) -> tuple[tables.Table, int]:
    """A table of the first rows of a file, however long it is, and how many rows there are."""
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
