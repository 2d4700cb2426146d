"""The verdict on every figure: is it what it was when it was accepted, and if not, where does it part first?"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from qte.data import tables
from workflow.identity import host
from workflow.plan import changes, manifests, plan
from workflow.plan.plan import Plan
from workflow.verify import differences
from workflow.verify.differences import SAME_PICTURE, ColumnDifference
from workflow.verify.reference import FOLDER, NoReference, Reference

SAME_BYTES = "same bytes"
SAME_DATA = "same data, other bytes"
ALIKE = "same picture"
DIFFERENT = "different"
FORGED = "not what it is made of"
NEW = "not in the reference"
GONE = "in the reference only"
ORDER = (FORGED, DIFFERENT, GONE, ALIKE, SAME_DATA, NEW, SAME_BYTES)
FAILING = (FORGED, DIFFERENT, GONE)
# Files that nobody accepted: what they hold is known when they are made again.
UNKNOWN_BYTES = (ALIKE, SAME_DATA)
MEANING = {
    SAME_BYTES: "tables, drawings and notebook are the same files",
    SAME_DATA: "every number is the same to the last bit, and the picture is the same",
    ALIKE: (
        "numbers within the tolerance that was measured between machines, and no channel of a pixel of the small "
        f"picture off by more than {SAME_PICTURE} of 255"
    ),
    FORGED: "its jobs, done again elsewhere, make other files of the same ingredients",
    DIFFERENT: "numbers beyond that tolerance, or another picture",
    NEW: "never accepted: nothing to compare with",
    GONE: "was accepted, and the config no longer has it",
}


@dataclass(frozen=True)
class Verdict:
    """What became of one figure.

    Attributes
    ----------
    stage : str
        First stage that differs: ``"table <paper>/<table>"`` or ``"drawing"``.
    first : str
        The first array that differs, beyond its tolerance if there is one.
    arrays : list
        All arrays that differ: table, and what `differences.ColumnDifference` says.
    pixels : int
        Largest difference in the small picture, of 255.
    changed : list of str
        What differs in how the figure was made.
    """

    paper: str
    figure: str
    verdict: str
    stage: str = ""
    first: str = ""
    arrays: list[dict[str, Any]] = field(default_factory=list)
    pixels: int = 0
    changed: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        return self.paper, self.figure

    @property
    def name(self) -> str:
        return f"{self.paper}/{self.figure}"

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def of_all(the_plan: Plan, reference: Reference | None = None) -> list[Verdict]:
    """Verdicts on all figures of the config and of the reference, the worst first.

    Raises
    ------
    NoReference
        If nothing was ever accepted.
    """
    reference = reference or Reference()
    accepted = reference.figures()
    if not accepted:
        raise NoReference(
            f"nothing was accepted yet in {FOLDER}/; to begin: make accept REASON='first reference'"
        )
    found = [_of_figure(the_plan, reference, *key) for key in the_plan.figures]
    found += [Verdict(*key, GONE) for key in accepted if key not in the_plan.figures]
    return sorted(found, key=lambda verdict: ORDER.index(verdict.verdict))


def with_proof(verdict: Verdict, unproven: list[str]) -> Verdict:
    """A verdict on files that were made again, of which some did not come out the same."""
    if not unproven:
        return verdict
    stage = "drawing" if any(not file.endswith(".csv") for file in unproven) else "table"
    first = f"{', '.join(unproven)}: not what its job makes when it is done again"
    return replace(verdict, verdict=FORGED, stage=stage, first=first)


def summary(verdicts: list[Verdict], faults: Sequence[str] = ()) -> list[str]:
    """Lines for the terminal; `faults` are those of the reference itself."""
    counts = {name: sum(verdict.verdict == name for verdict in verdicts) for name in ORDER}
    there = "; ".join(f"{count} {name}" for name, count in reversed(counts.items()) if count)
    lines = [f"{len(verdicts)} figures against {FOLDER}/: {there}"]
    moved = sum(verdict.verdict == SAME_BYTES and bool(verdict.changed) for verdict in verdicts)
    lines += [f"  {moved} of the {SAME_BYTES} by other code than was accepted"] if moved else []
    for verdict in verdicts:
        if verdict.verdict != SAME_BYTES:
            lines.append(f"  {verdict.name}: {verdict.verdict}")
            lines += [f"    first at {verdict.stage}: {verdict.first}"] if verdict.stage else []
            lines += [f"    changed since: {change}" for change in verdict.changed]
    return [*lines, *(f"  {fault}" for fault in faults)]


def _of_figure(the_plan: Plan, reference: Reference, paper: str, figure: str) -> Verdict:
    if (paper, figure) not in reference.figures():
        return Verdict(paper, figure, NEW)
    manifest = manifests.read(Path(plan.manifest_file(paper, figure)))
    accepted = reference.manifest(paper, figure)
    assert manifest is not None, "verify runs after the figure was drawn"
    if manifests.content(manifest) == manifests.content(accepted):
        other_code = list(_code_since(reference, accepted["code"], manifest["code"]))
        return Verdict(paper, figure, SAME_BYTES, changed=other_code)
    changed = list(since_the_reference(reference, paper, figure, manifest))
    found = [
        (name, difference, difference.within(reference.tolerances(*key).get(difference.column)))
        for name, key in the_plan.table_keys(paper, figure).items()
        for difference in _in_table(reference, *key)
    ]
    drawing = Path(plan.drawn_files(paper, figure)["png"]).read_bytes()
    pixels, _ = differences.of_pictures(reference.picture(paper, figure), differences.small_picture(drawing))
    stage, first = _first(paper, found, pixels)
    return Verdict(
        paper,
        figure,
        _weigh(bool(found), all(tolerated for *_, tolerated in found), pixels),
        stage,
        first,
        [{"table": table, "tolerated": tolerated} | item.plain() for table, item, tolerated in found],
        pixels,
        changed,
    )


def _weigh(moved: bool, tolerated: bool, pixels: int) -> str:
    if pixels > SAME_PICTURE or not tolerated:
        return DIFFERENT
    return ALIKE if moved else SAME_DATA


def _first(paper: str, found: list[tuple[str, ColumnDifference, bool]], pixels: int) -> tuple[str, str]:
    """The stage and array to name: the first beyond its tolerance, else the first that moved at all."""
    for table, difference, tolerated in sorted(found, key=lambda item: item[2]):
        note = " (within the measured tolerance)" if tolerated else ""
        return f"table {'/'.join(plan.key_of_table(paper, table))}", f"{difference}{note}"
    if pixels:
        return (
            "drawing",
            f"a pixel of the small picture is off by {pixels} of 255; all tables hold the same numbers",
        )
    return "", ""


def _in_table(reference: Reference, paper: str, table: str) -> Iterator[ColumnDifference]:
    if not reference.has_table(paper, table):
        yield ColumnDifference("(all)", -1, "no such table", "a table", None, float("inf"), float("inf"), 0)
        return
    yield from differences.of_tables(
        reference.table(paper, table), tables.read(plan.table_file(paper, table))
    )


def since_the_reference(
    reference: Reference, paper: str, figure: str, manifest: dict[str, Any]
) -> Iterator[str]:
    """What changed in a figure's making: params, code, lock, drawing, machine."""
    old = reference.manifest(paper, figure)
    yield from changes.of_drawing(old, manifest)
    for file in manifest["tables"]:
        owner, table = plan.key_of_file(file)
        if reference.has_table(owner, table):
            then, now = reference.table(owner, table).provenance, tables.read(file).provenance
            yield from (f"table {table}, {change}" for change in changes.of_provenance(vars(then), vars(now)))
    yield from _code_since(reference, old["code"], manifest["code"])
    yield from changes.of_packages(old, manifest)
    then, now = reference.machine(paper, figure), host.describe()
    yield from (
        f"machine: {name} {then[name]} → {now.get(name)}" for name in then if then[name] != now.get(name)
    )


def _code_since(
    reference: Reference, old: dict[str, dict[str, str]], new: dict[str, dict[str, str]]
) -> Iterator[str]:
    """Each changed module once, however many tables use it."""
    if old == new:
        return
    before, after = reference.definitions(), changes.definitions_now()
    said = set()
    for part in new:
        for change in changes.of_code(old.get(part, {}), new[part], before, after) if part in old else ():
            if change not in said:
                said.add(change)
                yield change
