"""What each table and figure of the config is made of: the one place that says when a result is still right.

Rules take their params from here, jobs their provenance, and the check of existing files its expectations.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qte.data.provenance import Provenance
from workflow import project
from workflow.config import data_checks, notebook_source
from workflow.config.table_facts import KnownTables, TableFacts
from workflow.identity import packages
from workflow.identity.code_hash import SourceTree
from workflow.plan.memory import Memory, sources_of

if TYPE_CHECKING:
    from qte.data import studies

FORMATS = ("pdf", "svg", "png")
LOCK = Path("requirements.lock")
# Modules that use packages of an extra while they compute, and its lock: those packages, too, made the result.
EXTRAS = {"qte.exact.hierarchy": Path("lock/exact.txt")}
# What every figure needs besides what its notebook imports by name.
DRAWING_MODULES = frozenset({"qte.plotting", "qte.data.tables"})
# What reads data of one's own.
DATA_MODULE = "qte.data.data_files"
# The packages whose versions a manifest names; the lock's hash covers the rest.
NAMED_PACKAGES = ("ipython", "matplotlib", "nbformat", "numpy", "pandas", "papermill", "scipy", "snakemake")


@dataclass(frozen=True)
class Places:
    """Where a run puts what it makes, relative to the project.

    Attributes
    ----------
    results : str
        Folder of tables, executed notebooks, manifests, logs and checksums.
    figures : str
        Folder of the drawings.
    base : str
        Folder where the names in the list of checksums begin; empty for the project's own.
    """

    results: str = "results"
    figures: str = "figures"
    base: str = ""

    @property
    def sums(self) -> str:
        return f"{self.results}/SHA256SUMS"

    def table(self, paper: str, table: str) -> str:
        return f"{self.results}/tables/{paper}/{table}.csv"

    def shard(self, paper: str, table: str, start: int, stop: int) -> str:
        """The rows of some points of a table, until the table is there."""
        return f"{self.results}/shards/{paper}/{table}/{start}-{stop}.csv"

    def stem(self, paper: str, figure: str) -> str:
        """The drawings of a figure without their suffix."""
        return f"{self.figures}/{paper}/{figure}"

    def manifest(self, paper: str, figure: str) -> str:
        return f"{self.results}/manifests/{paper}/{figure}.json"

    def drawn(self, paper: str, figure: str) -> dict[str, str]:
        """Everything that drawing a figure makes, but for its manifest."""
        drawings = {form: f"{self.stem(paper, figure)}.{form}" for form in FORMATS}
        return drawings | {"notebook": f"{self.results}/notebooks/{paper}/{figure}.ipynb"}


STANDARD = Places()
SUMS = STANDARD.sums


def key_of_table(paper: str, name: str) -> tuple[str, str]:
    """Collection and name of a table as a figure of `paper` names it.

    Examples
    --------
    >>> key_of_table("mine", "measured"), key_of_table("mine", "man2019/fig2")
    (('mine', 'measured'), ('man2019', 'fig2'))
    """
    collection, _, table = name.rpartition("/")
    return collection or paper, table


def key_of_file(file: str) -> tuple[str, str]:
    """Collection and name of the table in a file, as `Places.table` puts it there."""
    return Path(file).parent.name, Path(file).stem


def notebook_file(paper: str, figure: str) -> str:
    return f"notebooks/{paper}/{figure}.ipynb"


def table_file(paper: str, table: str) -> str:
    """A table of the standard run; so the next three."""
    return STANDARD.table(paper, table)


def figure_stem(paper: str, figure: str) -> str:
    return STANDARD.stem(paper, figure)


def manifest_file(paper: str, figure: str) -> str:
    return STANDARD.manifest(paper, figure)


def drawn_files(paper: str, figure: str) -> dict[str, str]:
    return STANDARD.drawn(paper, figure)


def record_file(file: str) -> str:
    """Where it stands which code made a file: ``fig2.csv`` → ``fig2.code.json``."""
    return str(Path(file).with_suffix(".code.json"))


def canonical_json(value: object) -> str:
    """The same text for the same data, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def locked_versions(lock: Path | None = None) -> dict[str, str]:
    """Name → version of every package of the runtime lock, or of another one."""
    text = (lock or project.own(LOCK.name)).read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", text, flags=re.MULTILINE)
    return dict(pins)


def locked_for(modules: Iterable[str]) -> dict[str, str]:
    """Name → version of every package that code of these modules is locked to, those of their extras included."""
    extras = (lock for module, lock in EXTRAS.items() if module in set(modules))
    return locked_versions() | {
        name: pin for lock in extras for name, pin in locked_versions(project.own(str(lock))).items()
    }


@cache
def versions_in_use() -> dict[str, str]:
    """Name → version that is installed, for every package of the lock: what results are made with and say so."""
    return packages.in_use(locked_versions())


def lock_hash(modules: Iterable[str] = ()) -> str:
    """Hash of the versions in use, the pinned ones as a rule: hashes and comments in the lock do not matter."""
    return _lock_hash(frozenset(EXTRAS.keys() & set(modules)))


@cache
def _lock_hash(with_extras: frozenset[str]) -> str:
    versions = packages.in_use(locked_for(with_extras))
    return hashlib.sha256(canonical_json(versions).encode()).hexdigest()


def code_hash(modules: Mapping[str, str], lock: str) -> str:
    """One hash of the modules behind a table, given as module → hash, and of the packages."""
    return hashlib.sha256(canonical_json([modules, lock]).encode()).hexdigest()


def foreign_packages() -> list[str]:
    """Named packages whose installed version is not the lock's, as short notes."""
    notes = []
    for name in NAMED_PACKAGES:
        installed = packages.installed().get(packages.canonical(name), "missing")
        if installed != locked_versions()[name]:
            notes.append(f"{name} {installed} (locked: {locked_versions()[name]})")
    return notes


def beginnings(keys: Iterable[tuple[str, str]]) -> str:
    """A regular expression that finds the files of these tables by what follows the folder of tables.

    Examples
    --------
    >>> beginnings([("mine", "measured")])
    '(?:mine/measured[.])'
    >>> import re
    >>> re.match(beginnings([]), "any/table.csv")
    """
    # without any, what is found nowhere
    return f"(?:{'|'.join(f'{paper}/{table}[.]' for paper, table in sorted(keys)) or '(?!)'})"


class Plan:
    """The config, resolved: every table's provenance and every figure's ingredients."""

    places = STANDARD

    def __init__(
        self, config: Mapping[str, Any], folder: Path | None = None, memory: Memory | None = None
    ) -> None:
        self.config = config
        self.memory = memory or Memory(sources_of(folder), KnownTables())

    @property
    def sources(self) -> SourceTree:
        return self.memory.sources

    @cached_property
    def tables(self) -> list[tuple[str, str]]:
        return [(paper, table) for paper, entries in self.config["tables"].items() for table in entries]

    @cached_property
    def figures(self) -> list[tuple[str, str]]:
        return [(paper, figure) for paper, entries in self.config["figures"].items() for figure in entries]

    def entry(self, section: str, paper: str, name: str) -> Mapping[str, Any]:
        """What the config says of a table or figure, be it of the standard run or a large one."""
        standard = self.config[section].get(paper, {})
        return standard[name] if name in standard else self.config["large"][section][paper][name]

    def large(self, section: str) -> list[tuple[str, str]]:
        """Tables or figures that are made when they are asked for by name only."""
        papers = self.config.get("large", {}).get(section, {})
        return [(paper, name) for paper, entries in papers.items() for name in entries]

    def has(self, section: str, paper: str, name: str) -> bool:
        """Whether the config has such a table or figure, large ones included."""
        parts = (self.config, self.config.get("large", {}))
        return any(name in part.get(section, {}).get(paper, {}) for part in parts)

    def names(self, section: str) -> list[str]:
        """All tables or figures of the config as paper/name."""
        keys = [(paper, name) for paper, entries in self.config[section].items() for name in entries]
        return ["/".join(key) for key in [*keys, *self.large(section)]]

    @property
    def engine(self) -> str:
        return str(self.config.get("engine", "in-process"))

    @cache  # noqa: B019  one plan lives as long as its process
    def provenance(self, paper: str, table: str) -> Provenance:
        """What the table is made of besides code; the table file carries the same."""
        entry = self.entry("tables", paper, table)
        if self.is_data(paper, table):
            params = {key: entry[key] for key in ("file", "sha256") if key in entry}
            return Provenance(paper, table, "", params)
        params = self.facts(paper, table).params
        return Provenance(paper, table, f"{paper}.{entry['study']}", params, tuple(entry.get("ours", ())))

    def table_code(self, paper: str, table: str) -> str:
        """One hash of all code that computes a table; the record beside the table's file carries the same."""
        modules = self.code_of_table(paper, table)
        return code_hash(modules, lock_hash(modules))

    @cache  # noqa: B019
    def shard_provenance(self, paper: str, table: str) -> Provenance:
        """`provenance` with the code, as the shards of the table carry it."""
        return replace(self.provenance(paper, table), code=self.table_code(paper, table))

    def table_spec(self, paper: str, table: str) -> str:
        """All that a table is made of, as text, for a rule's params."""
        return canonical_json(vars(self.shard_provenance(paper, table)))

    @cache  # noqa: B019
    def facts(self, paper: str, table: str) -> TableFacts:
        """What the study of a table says of it."""
        return self.memory.tables.of(paper, self.entry("tables", paper, table))

    def study(self, paper: str, table: str) -> "studies.Study":
        # Here, not above: what a run must know of a study is remembered, and the study is not imported.
        from qte.data import studies

        entry = self.entry("tables", paper, table)
        return studies.build(f"{paper}.{entry['study']}", entry["params"])

    def cuts(self, paper: str, table: str) -> tuple[tuple[int, int], ...]:
        """First point, and the one after the last, of every shard of a table; none if it is computed whole."""
        return () if self.is_data(paper, table) else self.facts(paper, table).cuts

    def shard_files(self, paper: str, table: str) -> list[str]:
        """The shards of a table in the order of their points."""
        return [self.places.shard(paper, table, *cut) for cut in self.cuts(paper, table)]

    def shards_with_records(self, paper: str, table: str) -> list[str]:
        """The shards of a table, and the records beside them."""
        return [name for file in self.shard_files(paper, table) for name in (file, record_file(file))]

    def shards(self) -> tuple[Path, list[str]]:
        """The folder of all shards, and the files of those that a table of the config is cut into."""
        keys = [*self.tables, *self.large("tables")]
        return Path(self.places.results, "shards"), [
            file for key in keys for file in self.shards_with_records(*key)
        ]

    def table_keys(self, paper: str, figure: str) -> dict[str, tuple[str, str]]:
        """Table as a figure names it → its collection and name: one of its own (fig2), or any (man2019/fig2)."""
        names = self.entry("figures", paper, figure)["tables"]
        return {name: key_of_table(paper, name) for name in names}

    def tables_of(self, paper: str, figure: str) -> dict[str, str]:
        """Table as a figure names it → file, for the tables that it draws."""
        return {name: self.table_file(*key) for name, key in self.table_keys(paper, figure).items()}

    def data_tables(self) -> list[tuple[str, str]]:
        """Tables that are read from a file of one's own, not computed by a study."""
        return [key for key in [*self.tables, *self.large("tables")] if self.is_data(*key)]

    def data_file(self, paper: str, table: str) -> str:
        """Where the data of a table are."""
        file = str(self.entry("tables", paper, table)["file"])
        return file if file.startswith(data_checks.MADE) else str(project.written(file))

    def is_data(self, paper: str, table: str) -> bool:
        return "file" in self.entry("tables", paper, table)

    def table_file(self, paper: str, table: str) -> str:
        return self.places.table(paper, table)

    def figure_files(self, paper: str, figure: str) -> list[str]:
        """All files of a figure: its manifest, drawings and executed notebook."""
        return [self.places.manifest(paper, figure), *self.places.drawn(paper, figure).values()]

    def figure_spec(self, paper: str, figure: str) -> str:
        """What the figure is made of besides its notebook and tables, as text."""
        entry = self.entry("figures", paper, figure)
        return canonical_json(
            {
                "paper": paper,
                "figure": figure,
                "title": entry["title"],
                "caption": entry["caption"],
                "params": entry.get("params", {}),
                "code": self.code_behind(paper, figure),
                "lock": lock_hash(),
                "packages": {name: versions_in_use()[name] for name in NAMED_PACKAGES},
            }
        )

    def figure_key(self, paper: str, figure: str) -> str:
        """`figure_spec` with one hash for all code: for a rule's params, which Snakemake prints."""
        spec = json.loads(self.figure_spec(paper, figure))
        spec["code"] = hashlib.sha256(canonical_json(spec["code"]).encode()).hexdigest()
        return canonical_json(spec)

    def code_behind(self, paper: str, figure: str) -> dict[str, dict[str, str]]:
        """Module → hash, for the drawing itself and for each table drawn: which edit made a figure stale."""
        return {"drawing": self._drawing_code(notebook_file(paper, figure))} | {
            f"table {name}": self.code_of_table(*key) for name, key in self.table_keys(paper, figure).items()
        }

    def code_of_table(self, paper: str, table: str) -> dict[str, str]:
        """Module → hash, for all that computes a table."""
        return self._digests(DATA_MODULE if self.is_data(paper, table) else self.facts(paper, table).module)

    def outputs(self) -> list[str]:
        """Every file of every table and figure, and what else own rules add to them, sorted."""
        files = [*self._with_records(self.tables), *self.own_results()]
        for key in self.figures:
            files += self.figure_files(*key)
        return sorted(files)

    def own_results(self) -> list[str]:
        """Files that rules of one's own make, beside tables (config.yaml, section `results`)."""
        return list(self.config.get("results", []))

    def summed(self) -> list[str]:
        """Every file that the checksums cover, sorted."""
        return self.outputs()

    def large_outputs(self) -> list[str]:
        """Every file of the large tables and figures."""
        files = self._with_records(self.large("tables"))
        for key in self.large("figures"):
            files += self.figure_files(*key)
        return files

    @cache  # noqa: B019
    def _drawing_code(self, notebook: str) -> dict[str, str]:
        try:
            trees = notebook_source.trees(project.written(notebook))
        except notebook_source.BadNotebook:
            # Its job says what is wrong with it; all other figures are made.
            trees = []
        imported = {name for tree in trees for name in self.sources.imports_of(tree)}
        return self._digests(*sorted(imported | DRAWING_MODULES))

    @cache  # noqa: B019
    def _digests(self, *modules: str) -> dict[str, str]:
        return {name: self.sources.digest(name)[:16] for name in sorted(self.sources.closure(modules))}

    def _with_records(self, keys: Iterable[tuple[str, str]]) -> list[str]:
        files = [self.table_file(*key) for key in keys]
        return [*files, *map(record_file, files)]
