"""Measure the grades of determinism: rebuild everything in many ways, and say how far the results lie apart.

python -m workflow.commands.determinism [--only NAME ...] [--write]

Every rebuild happens in a throw-away copy of the project. What was measured is kept in results/determinism/, so that an
interrupted measurement goes on where it was. `--write` puts everything measured so far into docs/grades.md and
reference/tolerances.json, from which `verify` takes its tolerances.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from qte.common.files import write_atomically
from qte.data import tables
from workflow.config import config_checks
from workflow.identity import host
from workflow.plan import plan
from workflow.plan.plan import Plan
from workflow.verify import differences
from workflow.verify.differences import SAME_PICTURE, ColumnDifference
from workflow.verify.reference import Reference

PAGE = Path("docs", "grades.md")
MEASURED = Path("results", "determinism")
# Another machine may be a little further off than the ones that were measured.
MARGIN = 10.0
SOURCES = ("Snakefile", "config.yaml", "requirements.lock", "profiles", "workflow", "qte", "notebooks")


@dataclass(frozen=True)
class Way:
    """One way of rebuilding.

    Attributes
    ----------
    name, what : str
        For `--only`, and for the page.
    outside : dict
        Environment that the caller sets; the pipeline is meant to pin all of it.
    inside : dict
        Environment that replaces what the pipeline pins.
    cores : int
    folder : str
        Name of the project's folder.
    python : str
        Another interpreter, with the same lock.
    """

    name: str
    what: str
    outside: dict[str, str] = field(default_factory=dict)
    inside: dict[str, str] = field(default_factory=dict)
    cores: int = 2
    folder: str = "project"
    python: str = ""


_ELSEWHERE = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "12345"}
WAYS = (
    Way("one-core", "`--cores 1`", cores=1),
    Way("many-cores", "`--cores 16`", cores=16),
    Way("threads", "caller asks for 2 threads", {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}),
    Way("coretype-outside", "caller's `OPENBLAS_CORETYPE=Prescott`", {"OPENBLAS_CORETYPE": "Prescott"}),
    Way("hash-seed", "`PYTHONHASHSEED=12345`", {"PYTHONHASHSEED": "12345"}),
    Way("locale", "`LC_ALL=C`", {"LC_ALL": "C", "LANG": "C"}),
    Way("time-zone", "`TZ=Asia/Kathmandu`", {"TZ": "Asia/Kathmandu"}),
    Way("folder", "another folder, with spaces and accents", folder="a folder, ünïcode"),
    Way(
        "elsewhere",
        "another folder, time zone, locale, hash seed, one core, all at once",
        _ELSEWHERE,
        cores=1,
        folder="öther place",
    ),
    Way(
        "two-threads",
        "pins lifted: 2 BLAS threads",
        inside={"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
    ),
    Way("nehalem", "pins lifted: OpenBLAS kernel Nehalem", inside={"OPENBLAS_CORETYPE": "Nehalem"}),
    Way("zen", "pins lifted: OpenBLAS kernel Zen", inside={"OPENBLAS_CORETYPE": "Zen"}),
    Way(
        "skylakex",
        "pins lifted: OpenBLAS kernel SkylakeX (AVX-512)",
        inside={"OPENBLAS_CORETYPE": "SkylakeX"},
    ),
    Way("numpy-all", "pins lifted: NumPy uses all this CPU has", inside={"NPY_DISABLE_CPU_FEATURES": ""}),
    Way(
        "numpy-none",
        "pins lifted: NumPy without AVX2 and AVX-512",
        inside={"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"},
    ),
    Way("python3.12", "Python 3.12, same lock", python="python3.12"),
    Way("python3.13", "Python 3.13, same lock", python="python3.13"),
)
# Not rebuilt from here: `workflow.commands.foreign` keeps what it found.
FOREIGN = Way("aarch64", "another processor: an emulated aarch64 (`make test-aarch64`)")
PINNED = frozenset(way.name for way in WAYS if not way.inside and not way.python)


@dataclass(frozen=True)
class Outcome:
    """One rebuild against the base.

    Attributes
    ----------
    way : Way
    files : list of str
        Results whose bytes differ.
    arrays : dict
        Table → its differing arrays.
    pixels : dict
        Figure → largest difference of its small picture, of 255.
    """

    way: Way
    files: list[str]
    arrays: dict[str, list[ColumnDifference]]
    pixels: dict[str, int]


def rebuild(way: Way, base: Path, root: Path) -> Path:
    """Copy the project in `base` into `root` and build it; returns its folder.

    Raises
    ------
    RuntimeError
        With the run's last lines, if it fails.
    """
    project = root / way.folder
    project.mkdir(parents=True)
    for name in SOURCES:
        source = base / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy2(source, project / name)
    _lift_pins(project, way.inside)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "OPENBLAS"))}
    python = _environment(way.python, base, root) if way.python else sys.executable
    # plan.SUMS alone: the list of everything, without a comparison.
    command = [python, "-m", "snakemake", "--cores", str(way.cores), plan.SUMS]
    done = subprocess.run(
        command,
        cwd=project,
        env=kept | {"HOME": str(root)} | way.outside,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{way.name}: {done.stdout[-2000:]}")
    return project


def compare(way: Way, base: Path, other: Path, the_plan: Plan) -> Outcome:
    """How far two builds of the same project lie apart."""
    sums = [Reference(folder).checksums() for folder in (base / "results", other / "results")]
    files = sorted(file for file in sums[0] | sums[1] if sums[0].get(file) != sums[1].get(file))
    return how_far(way, files, base, other, the_plan)


def how_far(way: Way, files: list[str], base: Path, other: Path, the_plan: Plan) -> Outcome:
    """The same, of two builds in which these files are known to differ."""
    arrays, pixels = {}, {}
    for paper, table in the_plan.tables:
        file = plan.table_file(paper, table)
        if file in files:
            found = list(differences.of_tables(tables.read(base / file), tables.read(other / file)))
            arrays[f"{paper}/{table}"] = found
    for key in the_plan.figures:
        file = plan.drawn_files(*key)["png"]
        if file in files:
            small = (differences.small_picture((folder / file).read_bytes()) for folder in (base, other))
            pixels["/".join(key)] = differences.of_pictures(*small)[0]
    return Outcome(way, files, arrays, pixels)


def tolerances(outcomes: list[Outcome]) -> dict[str, dict[str, dict[str, float]]]:
    """Table → column → what `verify` tolerates: `MARGIN` times the largest difference seen."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for outcome in outcomes:
        for table, arrays in outcome.arrays.items():
            for item in arrays:
                known = found.setdefault(table, {}).setdefault(item.column, {"relative": 0.0, "scaled": 0.0})
                for measure in known:
                    known[measure] = max(known[measure], float(f"{MARGIN * getattr(item, measure):.2g}"))
    return found


def page(outcomes: list[Outcome], skipped: list[Way], the_plan: Plan) -> str:
    """docs/grades.md."""
    return "\n".join(
        [
            "# Grades of determinism, measured",
            "",
            "Written by `make measure-determinism`: every table and figure is rebuilt in each of these ways, in a",
            "throw-away copy, and compared with a build on one machine:",
            "; ".join(f"{name} {what}" for name, what in host.describe().items()) + ".",
            "",
            "**A**: the same bytes. **B**: numbers equal to a tolerance and figures equal as pictures: no channel of a",
            f"pixel of the picture, {differences.WIDTH} pixels wide, off by more than {SAME_PICTURE} of 255.",
            "",
            "## Ways of rebuilding",
            "",
            "Relative: the largest |new − old| / max(|old|, |new|) of any entry, which is of order one where a number",
            "is nothing but round-off. Scaled: the same over the column's largest value.",
            "",
            "| way | files that differ | arrays that differ | relative | scaled | pixels, of 255 |",
            "|---|---|---|---|---|---|",
            *(_row_of_way(outcome) for outcome in outcomes),
            *(f"| {way.what} | not measured | | | | |" for way in skipped),
            "",
            "## Tables and figures",
            "",
            "| result | pins in place | pins lifted, another Python or processor | largest difference seen |",
            "|---|---|---|---|",
            *_rows_of_results(outcomes, the_plan),
            "",
            f"`make verify` tolerates {MARGIN:g} times the largest difference seen, array by array"
            " (`reference/tolerances.json`).",
            "",
        ]
    )


def _row_of_way(outcome: Outcome) -> str:
    arrays = [item for items in outcome.arrays.values() for item in items]
    count = f"{len(outcome.files)}" if outcome.files else "none: A"
    if not outcome.files:
        return f"| {outcome.way.what} | {count} | | | | |"
    relative = max((item.relative for item in arrays), default=0.0)
    scaled = max((item.scaled for item in arrays), default=0.0)
    pixels = max(outcome.pixels.values(), default=0)
    return f"| {outcome.way.what} | {count} | {len(arrays)} | {relative:.1e} | {scaled:.1e} | {pixels} |"


def _rows_of_results(outcomes: list[Outcome], the_plan: Plan) -> Iterator[str]:
    for paper, table in the_plan.tables:
        file = plan.table_file(paper, table)
        seen = [item for outcome in outcomes for item in outcome.arrays.get(f"{paper}/{table}", [])]
        largest = max(seen, key=lambda item: item.scaled, default=None)
        words = f"{largest.scaled:.1e} of column {largest.column}'s largest value" if largest else ""
        yield f"| table {paper}/{table} | {_grades(outcomes, [file])} | {words} |"
    for paper, figure in the_plan.figures:
        files = list(plan.drawn_files(paper, figure).values())
        pixels = max((outcome.pixels.get(f"{paper}/{figure}", 0) for outcome in outcomes), default=0)
        words = f"{pixels} of 255" if pixels else ""
        yield f"| figure {paper}/{figure} | {_grades(outcomes, files)} | {words} |"


def _grades(outcomes: list[Outcome], files: list[str]) -> str:
    groups = [
        [outcome for outcome in outcomes if (outcome.way.name in PINNED) is pinned]
        for pinned in (True, False)
    ]
    moved = [any(file in outcome.files for outcome in group for file in files) for group in groups]
    return " | ".join("B" if differs else "A" for differs in moved)


def _lift_pins(project: Path, inside: dict[str, str]) -> None:
    """Replace what the copy pins; the project itself has no switch for that."""
    if inside:
        with (project / "workflow" / "identity" / "project_environment.py").open(
            "a", encoding="utf-8"
        ) as file:
            file.write(
                f"\n\n_pinned = pinned\n\n\ndef pinned(project):\n    return _pinned(project) | {inside!r}\n"
            )


def _interpreter(name: str) -> str | None:
    """Path of an interpreter that answers; version managers put names on the path that do not."""
    version = name.removeprefix("python")
    known = [str(file) for file in sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/{name}"))]
    for candidate in (*known, shutil.which(name)):
        if (
            candidate
            and subprocess.run([candidate, "--version"], capture_output=True, check=False).returncode == 0
        ):
            return candidate
    return None


def _environment(name: str, base: Path, root: Path) -> str:
    """The locked packages for another interpreter; returns its python."""
    interpreter = _interpreter(name)
    assert interpreter is not None, "ways without an interpreter are skipped"
    subprocess.run([interpreter, "-m", "venv", root / "venv"], check=True)
    python = str(root / "venv" / "bin" / "python")
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
    subprocess.run([python, *install, base / plan.LOCK], check=True)
    return python


def _measure(ways: list[Way], the_plan: Plan) -> Iterator[Outcome]:
    base = Path.cwd()
    for way in ways:
        outcome = _known(way)
        if outcome is None:
            with tempfile.TemporaryDirectory(prefix="qte-determinism-") as root:
                outcome = compare(way, base, rebuild(way, base, Path(root)), the_plan)
            keep(outcome)
        said = f"{len(outcome.files)} files differ" if outcome.files else "the same bytes"
        print(f"{way.name} ({way.what}): {said}", flush=True)
        yield outcome


def keep(outcome: Outcome) -> None:
    """Note what was found, of the present results."""
    content = {"base": plan.sha256(Path(plan.SUMS))} | asdict(outcome)
    write_atomically(MEASURED / f"{outcome.way.name}.json", json.dumps(content).encode())


def _known(way: Way) -> Outcome | None:
    """What was measured of this way on the present results."""
    try:
        content = json.loads((MEASURED / f"{way.name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if content["base"] != plan.sha256(Path(plan.SUMS)):
        return None
    arrays = {
        table: [ColumnDifference(**item) for item in items] for table, items in content["arrays"].items()
    }
    return Outcome(way, content["files"], arrays, content["pixels"])


def main(arguments: list[str] | None = None) -> int:
    """Rebuild and compare; the exit code is 1 if results differ although all pins were in place."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=[way.name for way in WAYS], help="measure these ways")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE} and the tolerances")
    given = parser.parse_args(arguments)
    the_plan = Plan(config_checks.sound(Path("config.yaml")))
    chosen = [way for way in WAYS if not given.only or way.name in given.only]
    ways = [way for way in chosen if not way.python or _interpreter(way.python)]
    outcomes = list(_measure(ways, the_plan))
    if given.write:
        every = (*WAYS, FOREIGN)
        known = [outcome for way in every if (outcome := _known(way))]
        skipped = [way for way in every if _known(way) is None]
        write_atomically(PAGE, page(known, skipped, the_plan).encode())
        reference = Reference()
        with reference.accepting("tolerances", "measured by make measure-determinism"):
            reference.write_json("tolerances.json", tolerances(known))
    broken = [outcome for outcome in outcomes if outcome.way.name in PINNED and outcome.files]
    for outcome in broken:
        print(f"Not the same bytes, {outcome.way.what}: {', '.join(outcome.files)}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
