"""A variant's plan: the tables and figures that an overlay makes different, and no others."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import astuple, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from qte.data.provenance import Provenance
from workflow import project
from workflow.config import config_checks, config_text, overlays
from workflow.config.config_checks import short
from workflow.config.overlays import Configs
from workflow.plan.memory import Memory
from workflow.plan.plan import Places, Plan, canonical_json, sha256

FOLDER = Path("results/variants")
# The overlay as one file, in the variant's folder: enough to build it again.
OVERLAY = "overlay.yaml"
DIFFERENCES = "differences.csv"
# Of a standard figure the page shows the drawings; how it was made stays in results/.
_NOT_SHOWN = ("results/manifests/", "results/notebooks/")
_LOOK = ("workflow/report",)
# Style and scripts that all pages share, in the folder `static` beside them; minisearch.js is the search library
# of that name, 7.2.0, as published.
STATIC = ("report.css", "theme.js", "report.js", "minisearch.js", "minisearch.LICENSE.txt")
Key = tuple[str, str]
_RUN_SETTINGS = ("shards", "points_per_shard")
# More lines of one kind than this help nobody.
_TOLD = 5


@dataclass(frozen=True)
class Change:
    """One entry of the config, standard against variant.

    Attributes
    ----------
    kind, paper, name : str
        ``"table"`` or ``"figure"``, and which.
    what : str
        A parameter's name, or ``"study"``, ``"ours"``, ``"title"``, ``"caption"``, ``"tables"``; empty for a whole
        entry.
    old, new : object
        None where there is none.
    is_param, is_open : bool
        Whether it is a parameter, and one that the paper leaves open.
    """

    kind: str
    paper: str
    name: str
    what: str
    old: Any
    new: Any
    is_param: bool = False
    is_open: bool = False


def places_of(name: str) -> Places:
    """Everything of a variant stays in one folder."""
    folder = (FOLDER / name).as_posix()
    return Places(folder, f"{folder}/figures", folder)


class VariantPlan(Plan):
    """The config under an overlay.

    Parameters
    ----------
    name : str
        Of the variant and its folder.
    config : mapping
        The whole config, overlay merged.
    standard : Plan
        The config without it.
    overlay : mapping
        The changed keys alone.
    """

    def __init__(
        self, name: str, config: Mapping[str, Any], standard: Plan, overlay: Mapping[str, Any]
    ) -> None:
        # Parsed once for both.
        super().__init__(config, memory=standard.memory)
        self.name, self.standard, self.overlay = name, standard, overlay
        self.places = places_of(name)

    @cached_property
    def tables(self) -> list[Key]:
        """Tables that are not what they are in the standard run."""
        return [key for key in _every(self, "tables") if self._table_differs(*key)]

    @cached_property
    def figures(self) -> list[Key]:
        """Figures that are drawn in another way, or from another table."""
        return [key for key in _every(self, "figures") if self._figure_differs(*key)]

    @cached_property
    def dropped(self) -> list[Key]:
        """Figures that the overlay takes out."""
        return sorted(set(_every(self.standard, "figures")) - set(_every(self, "figures")))

    def table_file(self, paper: str, table: str) -> str:
        own = (paper, table) in self.tables
        return self.places.table(paper, table) if own else self.standard.table_file(paper, table)

    @property
    def page(self) -> str:
        return f"{self.places.results}/index.html"

    def results(self) -> list[str]:
        """What a run under the overlay is asked for."""
        return [self.page, self.places.sums, *self.outputs()]

    def beside(self) -> dict[str, str]:
        """Copies that make the folder complete in itself: copy → file of the standard run."""
        files = [file for file in self.standard_files() if not file.startswith(_NOT_SHOWN)]
        return {f"{self.places.results}/standard/{file.removeprefix('results/')}": file for file in files}

    def page_files(self) -> list[str]:
        """Everything that is written with the page, itself included."""
        folder = self.places.results
        written = [self.page, f"{folder}/{OVERLAY}", f"{folder}/{DIFFERENCES}"]
        return [*written, *(f"{folder}/static/{name}" for name in STATIC), *self.beside()]

    def own_results(self) -> list[str]:
        """None: what own rules make is of the standard run."""
        return []

    def summed(self) -> list[str]:
        return sorted([*self.outputs(), *self.page_files()])

    def page_spec(self) -> str:
        """What the page shows and how, besides files."""
        changes = [(*astuple(change),) for change in self.changes()]
        return canonical_json([self.name, self.overlay, changes, _look()])

    def has_standard(self, section: str, key: Key) -> bool:
        """Whether the standard run has such a table or figure."""
        return key in _every(self.standard, section)

    def standard_files(self) -> list[str]:
        """What the comparison needs of the standard run: pictures and tables beside those of the variant."""
        files = []
        for paper, figure in self.figures:
            if self.has_standard("figures", (paper, figure)):
                files += self.standard.figure_files(paper, figure)
                files += self.standard.tables_of(paper, figure).values()
            files += [file for file in self.tables_of(paper, figure).values() if not self._is_own(file)]
        return sorted(set(files))

    def changes(self) -> Iterator[Change]:
        """What the overlay changes, by table and figure."""
        for key in self.tables:
            yield from self._changes_of_table(*key)
        for key in self.figures:
            yield from self._changes_of_figure(*key)
        for paper, figure in self.dropped:
            yield Change(
                "figure", paper, figure, "", self.standard.entry("figures", paper, figure)["title"], None
            )

    def overlay_text(self) -> bytes:
        """The overlay as a file that makes this variant again."""
        content = {"variant": self.name} | dict(self.overlay)
        return yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()

    def _is_own(self, file: str) -> bool:
        return file.startswith(f"{self.places.results}/")

    def _table_differs(self, paper: str, table: str) -> bool:
        return not self.has_standard("tables", (paper, table)) or self.standard.table_spec(
            paper, table
        ) != self.table_spec(paper, table)

    def _figure_differs(self, paper: str, figure: str) -> bool:
        return (
            not self.has_standard("figures", (paper, figure))
            or any(key in self.tables for key in self.table_keys(paper, figure).values())
            or self.standard.figure_spec(paper, figure) != self.figure_spec(paper, figure)
        )

    def _changes_of_table(self, paper: str, table: str) -> Iterator[Change]:
        new = self.provenance(paper, table)
        if not self.has_standard("tables", (paper, table)):
            yield Change("table", paper, table, "", None, _source(new))
            return
        old = self.standard.provenance(paper, table)
        if old.study != new.study:
            yield Change("table", paper, table, "study", _source(old), _source(new))
        yield from _of_params("table", paper, table, old.params, new.params, old.ours)
        if old.ours != new.ours:
            yield Change("table", paper, table, "ours", list(old.ours), list(new.ours))

    def _changes_of_figure(self, paper: str, figure: str) -> Iterator[Change]:
        new = self.entry("figures", paper, figure)
        if not self.has_standard("figures", (paper, figure)):
            yield Change("figure", paper, figure, "", None, new["title"])
            return
        old = self.standard.entry("figures", paper, figure)
        for what in ("title", "caption", "tables"):
            if old[what] != new[what]:
                yield Change("figure", paper, figure, what, old[what], new[what])
        yield from _of_params("figure", paper, figure, old.get("params", {}), new.get("params", {}))


def plans_of(configs: Configs, memory: Memory | None = None) -> tuple[Plan, VariantPlan | None]:
    """The standard run's plan, and the variant's if the overlays make one.

    Overlays that change nothing but how tables and figures are made (`engine`, `shards`) make no variant: they are
    the standard run in another way. Those that change nothing at all are refused (`SystemExit`).
    """
    standard = Plan(configs.standard, memory=memory)
    if not configs.files:
        return standard, None
    variant = VariantPlan(configs.name, configs.varied, standard, configs.overlay)
    if variant.figures:
        return standard, variant
    if not variant.dropped and _settings(configs.varied) != _settings(configs.standard):
        return Plan(configs.varied, memory=memory), None
    raise SystemExit(_nothing_differs(configs, variant))


def kept(name: str, standard: Plan) -> VariantPlan | None:
    """The plan of a variant that was built earlier, from the overlay in its folder; None if that fits no more."""
    text = config_text.read(FOLDER / name / OVERLAY)
    if text.complaints:
        return None
    overlay = {key: value for key, value in text.data.items() if key != "variant"}
    varied = overlays.merged(standard.config, overlay)
    if config_checks.problems(varied):
        return None
    return VariantPlan(name, varied, standard, overlay)


def _settings(config: Mapping[str, Any]) -> list[Any]:
    """What decides how results are made and not what they are."""
    found = [config.get("engine")]
    for section in (config, config.get("large", {})):
        for paper, entries in section.get("tables", {}).items():
            for table, entry in entries.items():
                found += [(paper, table, key, entry[key]) for key in _RUN_SETTINGS if key in entry]
    return found


def _nothing_differs(configs: Configs, variant: VariantPlan) -> str:
    files = " and ".join(configs.files)
    if variant.dropped:
        names = ", ".join("/".join(key) for key in variant.dropped)
        return (
            f"{files} takes out {names} and changes no figure that is left; nothing was run. To build some figures "
            "and not others, name their files: snakemake --cores 8 figures/<paper>/<figure>.pdf"
        )
    given = [
        f"  {'.'.join(path)} is {short(value)} in config.yaml, too"
        for path, value in _leaves(configs.overlay)
    ]
    more = [f"  and {len(given) - _TOLD} more"] if len(given) > _TOLD else []
    head = f"{files} changes nothing; nothing was run."
    tail = "Give a value that differs, or leave out --configfile: the standard figures are in figures/."
    return "\n".join([head, *given[:_TOLD], *more, tail])


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*path, str(key)))
    else:
        yield path, value


def _every(the_plan: Plan, section: str) -> list[Key]:
    """All tables or figures of a config, the large ones too: an overlay that changes one asks for it by name."""
    papers = the_plan.config[section].items()
    return [(paper, name) for paper, entries in papers for name in entries] + the_plan.large(section)


def _source(made: Provenance) -> str:
    """The study that computes a table, or the file that it is taken from."""
    return str(made.params["file"]) if made.is_data else made.study


def _of_params(
    kind: str,
    paper: str,
    name: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    ours: Collection[str] = (),
) -> Iterator[Change]:
    for param in [*old, *(param for param in new if param not in old)]:
        if canonical_json(old.get(param)) != canonical_json(new.get(param)):
            yield Change(kind, paper, name, param, old.get(param), new.get(param), True, param in ours)


@cache
def _look() -> list[str]:
    """Hashes of what makes pages: scripts, templates, styles."""
    files = [file for folder in _LOOK for file in project.own(folder).rglob("*") if file.is_file()]
    return [sha256(file) for file in sorted(files) if "__pycache__" not in file.parts]
