"""The evidence in one file: sources, lock, tables, figures, notebooks, manifests and ledger as an RO-Crate.

python -m workflow.commands.archive

The crate follows the profile Workflow Run Crate 0.5, is checked against it, and is the same bytes every time.
"""

import datetime
import importlib.resources
import json
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from rocrate.model import ContextEntity, Person
from rocrate.rocrate import ROCrate

from qte.common.files import write_atomically
from workflow.commands.accept import is_current
from workflow.config import config_checks
from workflow.config.data_checks import MADE
from workflow.jobs import again
from workflow.plan import plan
from workflow.plan.plan import Plan
from workflow.report.content.bundle import zipped
from workflow.snakemake_door import made_files, run_lock
from workflow.snakemake_door.job import JobFailed

FOLDER = Path("results", "archive")
METADATA = "ro-crate-metadata.json"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
COMPUTATIONAL_WORKFLOW = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
COMPLETED = "http://schema.org/CompletedActionStatus"
# Without one of these nothing can be built.
REQUIRED = ("Snakefile", "config.yaml", "pyproject.toml", str(plan.LOCK))
# What a run imports and reads, all of it: a study or a rule that git does not know yet counts, too.
RUN_BY = ("profiles", "qte", "snakemake_logger_plugin_qte", "workflow")
# What goes along where there is no git to ask.
BESIDE = (
    *("CITATION.cff", "LICENSE", "Makefile", "README.md", "environment.yml", "requirements-test.lock"),
    *("benchmarks", "config", "docs", "lock", "notebooks", "reference", "tests"),
)
_TYPES = {
    ".csv": "text/csv",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
}
# The first day that a zip file can name, shifted by no time zone.


def needed(the_plan: Plan) -> list[str]:
    """What the results are made of, by the plan and not by git: files that may not be there, too."""
    figures = [*the_plan.figures, *the_plan.large("figures")]
    data = [name for key in the_plan.data_tables() if not (name := the_plan.data_file(*key)).startswith(MADE)]
    return [*REQUIRED, *_below(RUN_BY), *data, *(plan.notebook_file(*key) for key in figures)]


def sources(the_plan: Plan) -> list[str]:
    """All source files: what the results are made of, and what git tracks, or what lies in the known places."""
    done = _git("ls-files", "-z")
    beside = [name for name in done.split("\0") if name] if done else _below(BESIDE)
    return sorted(name for name in {*needed(the_plan), *beside} if Path(name).is_file())


def missing(the_plan: Plan) -> list[str]:
    """What an archive could not be rebuilt without and does not get: files, packages of other projects."""
    gone = [name for name in needed(the_plan) if not Path(name).is_file()]
    here = Path.cwd()
    packages = {
        name.partition(".")[0]
        for name, file in the_plan.sources.files.items()
        if not file.absolute().is_relative_to(here)
    }
    return [*gone, *(f"the package {name}, which is another project's" for name in sorted(packages))]


def _below(places: Iterable[str]) -> list[str]:
    found = [file for name in places for file in (Path(name), *Path(name).rglob("*")) if file.is_file()]
    return [str(file) for file in found if not _hidden(file) and file.suffix != ".pyc"]


def _git(*arguments: str) -> str:
    """What git says; nothing where there is no git, or no repository of this project."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    except OSError:
        return ""
    return done.stdout.decode(errors="surrogateescape") if done.returncode == 0 else ""


def results(the_plan: Plan) -> list[str]:
    """All results: what the checksums cover, their list, and the ledger when it is there."""
    ledger = [
        str(file) for file in Path("results", "ledger").rglob("*") if file.is_file() and not _hidden(file)
    ]
    return sorted([*the_plan.outputs(), plan.SUMS, *ledger])


def crate(the_plan: Plan, made: list[str], kept: list[str]) -> dict[str, Any]:
    """Content of ``ro-crate-metadata.json`` for the results `made` and the sources `kept`."""
    citation = yaml.safe_load(Path("CITATION.cff").read_text(encoding="utf-8"))
    day = citation["date-released"]
    described = ROCrate(version="1.1")
    described.metadata.extra_terms["sha256"] = "https://w3id.org/ro/terms/workflow-run#sha256"
    described.name = citation["title"]
    described.root_dataset["version"] = citation["version"]
    described.description = (
        "One run of the pipeline: sources, lock, tables, figures, notebooks and manifests."
    )
    described.license, described.keywords = citation["license"], ", ".join(citation["keywords"])
    described.datePublished = day if isinstance(day, datetime.date) else datetime.date.fromisoformat(day)
    authors = [_author(described, author) for author in citation["authors"]]
    described.root_dataset["author"] = authors
    described.root_dataset["conformsTo"] = [_profile(described, uri) for uri in PROFILES]
    workflow = _workflow(described, citation)
    inputs = [_file(described, name) for name in ("config.yaml", str(plan.LOCK))]
    outputs = [_file(described, name) for name in made]
    for name in kept:
        if name not in {"Snakefile", "config.yaml", str(plan.LOCK)}:
            _file(described, name)
    described.root_dataset["mentions"] = [
        described.add_action(
            workflow,
            identifier="#run",
            object=inputs,
            result=outputs,
            properties={
                "name": "snakemake: every figure",
                "description": f"{len(the_plan.tables)} tables and {len(the_plan.figures)} figures from config.yaml",
                "agent": {"@id": authors[0].id},
                "endTime": described.datePublished.isoformat(),
                "actionStatus": {"@id": COMPLETED},
            },
        )
    ]
    return dict(described.metadata.generate())


def write_zip(target: Path, files: list[str], extra: dict[str, bytes]) -> None:
    """A zip file without hours, owners or chance."""
    content = {name: Path(name).read_bytes() for name in files} | extra
    made_files.keep_record()
    write_atomically(target, zipped(content))


def problems(archive: Path) -> list[str]:
    """What the validator of the RO-Crate community says against the archive's profile; empty when it is valid."""
    # Here, not above: it brings a whole world of linked data.
    from rocrate_validator import models, services

    # The context comes with the rocrate library, so that no network is needed.
    bundled = (
        importlib.resources.files("rocrate").joinpath("data/ro-crate.jsonld").read_text(encoding="utf-8")
    )
    # Version 1.1, which the profile is built on, has the terms of Bioschemas under shorter names.
    context = json.loads(bundled.replace("//bioschemas.org/terms/", "//bioschemas.org/"))["@context"]
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
        metadata = Path(folder, METADATA)
        content = json.loads(metadata.read_bytes())
        content["@context"] = [context, *content["@context"][1:]]
        metadata.write_text(json.dumps(content), encoding="utf-8")
        settings = services.ValidationSettings(
            rocrate_uri=folder,
            profile_identifier="workflow-run-crate",
            requirement_severity=models.Severity.REQUIRED,
            skip_availability_check=True,
        )
        return [str(issue.message) for issue in services.validate(settings).get_issues()]


def _workflow(described: ROCrate, citation: dict[str, Any]) -> Any:
    workflow = described.add_workflow("Snakefile", "Snakefile", main=True, lang="snakemake")
    workflow["name"], workflow["version"] = "qte pipeline", citation["version"]
    workflow["conformsTo"] = {"@id": COMPUTATIONAL_WORKFLOW}
    workflow.lang["version"] = plan.locked_versions()["snakemake"]
    return workflow


def _author(described: ROCrate, author: dict[str, str]) -> Any:
    name = author.get("name") or f"{author['given-names']} {author['family-names']}"
    identifier = author.get("orcid") or f"#{name.lower().replace(' ', '-')}"
    if "name" in author:
        return described.add(
            ContextEntity(described, identifier, properties={"@type": "Organization", "name": name})
        )
    return described.add(Person(described, identifier, properties={"name": name}))


def _profile(described: ROCrate, uri: str) -> Any:
    name, version = PROFILES[uri]
    properties = {"@type": "CreativeWork", "name": name, "version": version}
    return described.add(ContextEntity(described, uri, properties=properties))


def _file(described: ROCrate, name: str) -> Any:
    file = Path(name)
    properties = {"contentSize": str(file.stat().st_size), "sha256": plan.sha256(file)}
    if file.suffix in _TYPES:
        properties["encodingFormat"] = _TYPES[file.suffix]
    if name == "README.md":
        properties["about"] = {"@id": "./"}
    return described.add_file(name, name, properties=properties)


def _hidden(file: Path) -> bool:
    return any(part.startswith((".", "__pycache__")) for part in file.parts)


def refusal(the_plan: Plan) -> str:
    """Why there can be no archive of the project as it is; empty when there can."""
    if stale := ["/".join(key) for key in the_plan.figures if not is_current(the_plan, *key)]:
        return f"not built from the present config and code: {', '.join(stale)}"
    if gone := missing(the_plan):
        return f"the archive could not be rebuilt without: {', '.join(gone)}"
    if forged := again.unproven(the_plan, the_plan.figures):
        return again.said_of(forged)
    return ""


def main() -> int:
    """Write and check the archive; returns the exit code."""
    the_plan = Plan(config_checks.sound(Path("config.yaml")))
    try:
        run_lock.take()
        refused = refusal(the_plan)
    except (run_lock.AnotherRun, JobFailed) as error:
        refused = str(error)
    if refused:
        print(refused, file=sys.stderr)
        return 2
    made, kept = results(the_plan), sources(the_plan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = crate(the_plan, made, kept)
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    citation = yaml.safe_load(Path("CITATION.cff").read_text(encoding="utf-8"))
    target = FOLDER / f"qte-{citation['version']}.crate.zip"
    write_zip(target, sorted({*made, *kept}), {METADATA: text.encode()})
    if found := problems(target):
        print("\n".join(["The archive is not a valid Workflow Run Crate:", *found]), file=sys.stderr)
        return 1
    size = target.stat().st_size / 1e6
    print(f"{target}: {len(made) + len(kept)} files, {size:.1f} MB, sha256 {plan.sha256(target)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
