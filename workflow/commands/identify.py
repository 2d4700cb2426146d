"""Where a picture comes from: paper, figure, params, code, and whether it is the one that the project draws now.

python -m workflow.commands.identify some.png other.pdf
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from qte.data import tables
from qte.data.tables import DamagedTable, Provenance
from workflow.commands.accept import is_current
from workflow.config import config_checks
from workflow.jobs import again
from workflow.plan import manifests, plan, variants
from workflow.plan.plan import Plan
from workflow.plan.variants import VariantPlan
from workflow.snakemake_door.job import JobFailed
from workflow.verify.reference import FOLDER, Reference

CURRENT = "the current one"
_STAMP = re.compile(rb"qte:([a-z][a-z0-9]*)/([a-z][a-z0-9_]*):sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Origin:
    """A manifest that fits a picture, where it was found, and what its tables were made from."""

    place: str
    manifest: dict[str, Any]
    tables: list[Provenance]
    variant: str = ""


def stamp_of(content: bytes) -> tuple[str, str, str] | None:
    """Paper, figure and hash that a PNG, SVG or PDF of ours carries; all three keep it as plain text."""
    found = _STAMP.search(content)
    return tuple(part.decode() for part in found.groups()) if found else None  # type: ignore[return-value]


@dataclass(frozen=True)
class Description:
    """What is said of a picture, and whether it is the current one, untouched."""

    lines: list[str]
    current: bool = False


def describe(file: Path, the_plan: Plan) -> Description:
    """What there is to say about one picture."""
    content = file.read_bytes()
    stamp = stamp_of(content)
    if stamp is None:
        return Description(
            [f"{file}: carries no mark of this project (or lost it: a screenshot, another program's copy)"]
        )
    paper, figure, identity = stamp
    lines = [f"{file}: {paper}/{figure}, made of sha256:{identity}"]
    origin = _origin(paper, figure, identity, _own_sum(content))
    if origin is None:
        unknown = f"made of something that neither results/ nor {FOLDER}/ nor its history knows"
        return Description([*lines, f"  {unknown}: not the current one"])
    standing = _standing(origin, the_plan, paper, figure)
    lines.append(f"  known from {origin.place}; {standing}")
    untouched = _own_sum(content) in origin.manifest["outputs"].values()
    if not untouched:
        lines.append(
            "  edited after it was drawn, or drawn by other code: its content is not what was drawn under this mark"
        )
    return Description([*lines, *_made_of(origin)], standing == CURRENT and untouched)


def _own_sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _standing(origin: Origin, the_plan: Plan, paper: str, figure: str) -> str:
    if origin.variant:
        varied = variants.kept(origin.variant, the_plan)
        return _standing_of_variant(varied, paper, figure)
    if (paper, figure) not in the_plan.figures:
        return "the config has no such figure any more"
    drawn = manifests.read(Path(plan.manifest_file(paper, figure)))
    if drawn is not None and manifests.content(drawn) == manifests.content(origin.manifest):
        return _standing_of_drawn(the_plan, paper, figure)
    return "not the current one"


def _standing_of_variant(variant: VariantPlan | None, paper: str, figure: str) -> str:
    if variant is None or (paper, figure) not in variant.figures:
        return "the overlay in its folder makes no such figure of the config as it is now"
    return _standing_of_drawn(variant, paper, figure)


def _standing_of_drawn(the_plan: Plan, paper: str, figure: str) -> str:
    if not is_current(the_plan, paper, figure):
        return "drawn last, but out of date now"
    # Manifest and sums can be made to fit a drawing that no notebook drew.
    try:
        forged = again.unproven(the_plan, [(paper, figure)])
    except JobFailed as error:
        return f"not the current one: {error}"
    return f"not the current one: {again.said_of(forged)}" if forged else CURRENT


def _made_of(origin: Origin) -> Iterator[str]:
    manifest = origin.manifest
    yield f"  title: {manifest['title']}"
    yield from (f"  {name} = {value}" for name, value in sorted(manifest["params"].items()))
    for made in origin.tables:
        name = made.table if made.paper == manifest["paper"] else f"{made.paper}/{made.table}"
        code = plan.code_hash(manifest["code"].get(f"table {name}", {}), manifest["lock"])
        yield f"  table {name}: {'data' if made.is_data else f'study {made.study}, code {code[:16]}'}"
        yield from (f"    {name} = {value}" for name, value in sorted(made.params.items()))
    packages = ", ".join(f"{name} {version}" for name, version in manifest["packages"].items())
    yield f"  lock {manifest['lock'][:16]}: {packages}"


def _origin(paper: str, figure: str, identity: str, own_sum: str) -> Origin | None:
    """The first manifest that lists this very picture, else the first of its mark: other code may draw another."""
    first = None
    for origin in _origins(paper, figure, identity):
        if own_sum in origin.manifest["outputs"].values():
            return origin
        first = first or origin
    return first


def _origins(paper: str, figure: str, identity: str) -> Iterator[Origin]:
    """Every manifest of this mark: of the last run, of variants, accepted, accepted earlier."""
    here = manifests.read(Path(plan.manifest_file(paper, figure)))
    if here is not None and identity in manifests.identities(here):
        yield Origin("results/", here, list(_provenances(here)))
    yield from _in_variants(paper, figure, identity)
    yield from _in_reference(Reference(), paper, figure, identity, f"{FOLDER}/")
    yield from _in_history(paper, figure, identity)


def _in_variants(paper: str, figure: str, identity: str) -> Iterator[Origin]:
    for folder in sorted(variants.FOLDER.glob("*/")):
        manifest = manifests.read(Path(variants.places_of(folder.name).manifest(paper, figure)))
        if manifest is not None and identity in manifests.identities(manifest):
            place = f"{folder}/ (a variant, made by {folder}/{variants.OVERLAY})"
            yield Origin(place, manifest, list(_provenances(manifest)), folder.name)


def _provenances(manifest: dict[str, Any]) -> Iterator[Provenance]:
    """Of the tables in results/ that still are those of the manifest."""
    for file, digest in manifest["tables"].items():
        try:
            if plan.sha256(Path(file)) == digest and (made := tables.read(file).provenance):
                yield made
        except (OSError, DamagedTable):
            continue


def _in_reference(
    reference: Reference, paper: str, figure: str, identity: str, place: str
) -> Iterator[Origin]:
    if (paper, figure) not in reference.figures():
        return
    manifest = reference.manifest(paper, figure)
    if identity not in manifests.identities(manifest):
        return
    keys = [plan.key_of_file(file) for file in manifest["tables"]]
    made = [reference.table(*key).provenance for key in keys if reference.has_table(*key)]
    yield Origin(place, manifest, [item for item in made if item])


def _in_history(paper: str, figure: str, identity: str) -> Iterator[Origin]:
    """Look through earlier commits of the reference, the newest first."""
    commits = _git("rev-list", "--all", "--", f"{FOLDER}/manifests/{paper}/{figure}.json") or b""
    for commit in commits.decode().split():
        packed = _git("archive", "--format=tar", commit, str(FOLDER))
        if packed is None:
            continue
        with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
            place = f"{FOLDER}/ of commit {commit[:12]}"
            yield from _in_reference(Reference(Path(folder, FOLDER)), paper, figure, identity, place)


def _git(*arguments: str) -> bytes | None:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def main(arguments: list[str] | None = None) -> int:
    """Describe pictures; the exit code is 0 if each is the current one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("pictures", nargs="+", type=Path)
    pictures = parser.parse_args(arguments).pictures
    the_plan = Plan(config_checks.sound(Path("config.yaml")))
    current = True
    for file in pictures:
        if not file.is_file():
            print(f"{file}: no such file", file=sys.stderr)
            current = False
            continue
        try:
            found = describe(file, the_plan)
        except OSError as error:
            found = Description([f"{file}: cannot be read: {error.strerror}"])
        print("\n".join(found.lines))
        current &= found.current
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
