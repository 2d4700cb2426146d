"""The evidence in one file: a valid Workflow Run RO-Crate, the same bytes twice, complete."""

import hashlib
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.workflow.projects import PROJECT, Project
from tests.workflow.test_verify import script

ARCHIVE = "results/archive/qte-0.1.0.crate.zip"


def with_papers(project: Project) -> Project:
    for name in ("CITATION.cff", "LICENSE", "README.md"):
        shutil.copy(PROJECT / name, project.root / name)
    return project


@pytest.fixture
def archived(copy: Project) -> Project:
    done = script(with_papers(copy), "archive")
    assert done.returncode == 0, done.stdout
    assert ARCHIVE in done.stdout
    return copy


def test_it_is_complete_and_says_what_is_in_it(archived: Project) -> None:
    with zipfile.ZipFile(archived.path(ARCHIVE)) as archive:
        names = archive.namelist()
        content = {name: archive.read(name) for name in names}
    assert names == sorted(names)
    results = [line.split("  ", 1)[1] for line in archived.sums.splitlines()]
    assert {*results, "results/SHA256SUMS", "Snakefile", "requirements.lock", "qte/physics/baths.py"} <= set(
        names
    )
    assert not [name for name in names if "__pycache__" in name or "/logs/" in name or ".snakemake" in name]
    graph = {item["@id"]: item for item in json.loads(content["ro-crate-metadata.json"])["@graph"]}
    for name in results:
        assert graph[name]["sha256"] == hashlib.sha256(content[name]).hexdigest()
    run = graph["#run"]
    assert run["instrument"]["@id"] == "Snakefile"
    assert {item["@id"] for item in run["result"]} == {*results, "results/SHA256SUMS"}
    assert {item["@id"] for item in run["object"]} == {"config.yaml", "requirements.lock"}


@pytest.mark.slow
def test_made_again_elsewhere_and_later_it_is_the_same_file(archived: Project, tmp_path: Path) -> None:
    first = archived.path(ARCHIVE).read_bytes()
    other = archived.clone(tmp_path / "ölsewhere" / "project")
    other.path(ARCHIVE).unlink()
    for file in other.root.rglob("*"):
        if file.is_file():
            os.utime(file, (1_500_000_000, 1_500_000_000))
    done = script(other, "archive")
    assert done.returncode == 0, done.stdout
    assert other.path(ARCHIVE).read_bytes() == first


def test_a_crate_that_breaks_the_profile_is_refused(archived: Project, tmp_path: Path) -> None:
    from workflow.commands import archive

    assert archive.problems(archived.path(ARCHIVE)) == []
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(archived.path(ARCHIVE)) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(
                name, content.replace(b'"instrument"', b'"agent2"') if name == archive.METADATA else content
            )
    assert archive.problems(broken)


def test_a_figure_that_git_does_not_know_yet_goes_along_and_what_is_missing_is_named(copy: Project) -> None:
    project, notebook = with_papers(copy), copy.path("notebooks/khandelwal2020/mine.ipynb")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "--quiet"], cwd=project.root, check=True)
    subprocess.run([*git, "add", "--", "Snakefile", "config.yaml", "README.md"], cwd=project.root, check=True)
    shutil.copy(project.path("notebooks/khandelwal2020/fig1.ipynb"), notebook)
    config = project.config
    config["figures"]["khandelwal2020"]["mine"] = config["figures"]["khandelwal2020"]["fig1"]
    project.write_config(config)
    project.build()
    assert script(project, "archive").returncode == 0
    with zipfile.ZipFile(project.path(ARCHIVE)) as archive:
        there = set(archive.namelist())
    wanted = {"notebooks/khandelwal2020/mine.ipynb", "qte/physics/baths.py", "workflow/rules/tables.smk"}
    assert wanted <= there
    project.path("pyproject.toml").unlink()
    done = script(project, "archive")
    assert done.returncode == 2
    assert done.stdout == "the archive could not be rebuilt without: pyproject.toml\n"


@pytest.mark.slow
def test_it_is_rebuilt_from_itself(archived: Project, tmp_path: Path) -> None:
    unpacked = Project(tmp_path / "unpacked" / "project")
    with zipfile.ZipFile(archived.path(ARCHIVE)) as archive:
        archive.extractall(unpacked.root)
    shutil.rmtree(unpacked.path("results"))
    shutil.rmtree(unpacked.path("figures"))
    unpacked.build()
    assert unpacked.sums == archived.sums


def test_stale_results_are_not_archived(copy: Project) -> None:
    with_papers(copy).append("qte/physics/baths.py", "\n_ADDED_BY_A_TEST = 1\n")
    done = script(copy, "archive")
    assert done.returncode != 0
    assert (
        "not built from the present config and code: khandelwal2020/fig2, khandelwal2025/fig2" in done.stdout
    )
    assert not copy.path(ARCHIVE).exists()
