"""What people do with any Snakemake workflow works with this one: other folders, modules, deployment, reasons."""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.workflow.projects import PROJECT, Project, small_config
from workflow.commands.pages import document_config
from workflow.config import config_checks, config_text

PAGE = (PROJECT / "docs/extend.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## Use it from another folder, or another workflow\n")[1].split("\n## ")[0]
# The Snakefile that the docs show.
(MODULE,) = re.findall(r"^```python\n(.*?)^```$", SECTION, flags=re.MULTILINE | re.DOTALL)
POSTER = """

rule poster:
    input: "figures/khandelwal2020/fig1.png"
    output: "poster.txt"
    shell: "ls {input} > {output}"
"""
# As snakedeploy 0.17 writes it, with the place of the workflow in full.
DEPLOYED = """from snakemake.utils import min_version


min_version("6.10.0")


configfile: "config/config.yaml"


# declare https://example.org/qte as a module
module qte:
    snakefile: 
        {snakefile}
    config:
        config


# use all rules from https://example.org/qte
use rule * from qte
"""  # noqa: W291
DRAWN = "figures/khandelwal2020/fig1.png"


def write_host(sources: Project, folder: Path, config: str) -> None:
    """Somebody's workflow that uses this one, and has a rule of its own."""
    place = "path/to/qte/workflow/Snakefile"
    assert place in MODULE
    (folder / "Snakefile").write_text(MODULE.replace(place, str(sources.path("workflow/Snakefile"))) + POSTER)
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text(config, encoding="utf-8")


def tree(root: Path) -> dict[str, str]:
    """File → checksum of everything but byte code."""
    return {
        str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(root.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }


def snakemake(
    project: Project, folder: Path, *arguments: str, **changes: str
) -> subprocess.CompletedProcess[str]:
    """Run Snakemake in another folder than the project's."""
    return subprocess.run(
        project.command(*arguments),
        cwd=folder,
        env=project.environment(**changes),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which nothing was ever built."""
    return Project.create(tmp_path_factory.mktemp("sources") / "project")


def test_a_run_in_another_folder_makes_the_same_there_and_nothing_here(
    sources: Project, built: Project, tmp_path: Path
) -> None:
    before = tree(sources.root)
    target = "figures/khandelwal2020/fig2.pdf"
    made = snakemake(sources, sources.root, "--directory", str(tmp_path), target)
    assert made.returncode == 0, made.stdout[-3000:]
    assert (tmp_path / target).read_bytes() == built.path(target).read_bytes()
    manifest = "results/manifests/khandelwal2020/fig2.json"
    assert (tmp_path / manifest).read_bytes() == built.path(manifest).read_bytes()
    assert tree(sources.root) == before
    again = snakemake(sources, tmp_path, "-s", str(sources.path("Snakefile")), "-n", target)
    assert "Nothing to be done" in again.stdout


def test_a_config_notebook_and_data_of_that_folder_come_first(sources: Project, tmp_path: Path) -> None:
    config = small_config()
    config["figures"] = {"khandelwal2020": {"fig1": config["figures"]["khandelwal2020"]["fig1"]}}
    config["tables"] = {}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    own = tmp_path / "notebooks/khandelwal2020/fig1.ipynb"
    own.parent.mkdir(parents=True)
    text = sources.path("notebooks/khandelwal2020/fig1.ipynb").read_text(encoding="utf-8")
    own.write_text(
        text.replace("plotting.save(", "print('of this folder')\\nplotting.save(", 1), encoding="utf-8"
    )
    made = snakemake(sources, sources.root, "--directory", str(tmp_path))
    assert made.returncode == 0, made.stdout[-3000:]
    executed = (tmp_path / "results/notebooks/khandelwal2020/fig1.ipynb").read_text(encoding="utf-8")
    assert "of this folder" in executed
    assert not (tmp_path / "figures/khandelwal2025").exists()


def test_it_is_a_module_of_another_workflow(sources: Project, built: Project, tmp_path: Path) -> None:
    config = small_config()
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_h"] = [0.3, 0.6]
    write_host(sources, tmp_path, yaml.safe_dump(config))
    # one with forks of the job server, one as Snakemake starts jobs of itself
    made = snakemake(sources, tmp_path, "--force-use-threads", "poster.txt")
    assert made.returncode == 0, made.stdout[-3000:]
    assert (tmp_path / "poster.txt").read_text() == f"{DRAWN}\n"
    assert (tmp_path / DRAWN).read_bytes() == built.path(DRAWN).read_bytes()
    made = snakemake(sources, tmp_path, "figures/khandelwal2020/fig2.png")
    assert made.returncode == 0, made.stdout[-3000:]
    assert '"T_h": [0.3, 0.6]' in (tmp_path / "results/tables/khandelwal2020/fig2.csv").read_text(
        encoding="utf-8"
    )
    assert "Nothing to be done" in snakemake(sources, tmp_path, "-n", "poster.txt").stdout


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ("{}", ["module config: the file: the key `tables` is missing"]),
        ("{tables: {}}", ["module config: the file: the key `figures` is missing"]),
        (
            "{tables: {}, figures: {a: {b: {title: t, caption: c, tables: []}}}, samples: s.tsv}",
            ["module config: samples: unknown key"],
        ),
    ],
)
def test_a_module_config_that_lacks_something_is_told_in_a_line(
    sources: Project, tmp_path: Path, config: str, wanted: list[str]
) -> None:
    write_host(sources, tmp_path, config)
    done = snakemake(sources, tmp_path, "-n")
    assert done.returncode == 1
    assert "Traceback" not in done.stdout
    for line in wanted:
        assert line in done.stdout


def test_a_module_with_a_prefix_is_refused_in_a_line(sources: Project, tmp_path: Path) -> None:
    write_host(sources, tmp_path, yaml.safe_dump(small_config()))
    text = (tmp_path / "Snakefile").read_text()
    (tmp_path / "Snakefile").write_text(text.replace("    config:\n", '    prefix: "sub"\n    config:\n'))
    done = snakemake(sources, tmp_path, "-n")
    assert done.returncode == 1
    assert "qte cannot be a module with a `prefix:`" in done.stdout


def deploy(sources: Project, folder: Path, snakefile: str) -> None:
    """What snakedeploy copies and writes."""
    for name in ("config", "profiles"):
        shutil.copytree(sources.path(name), folder / name)
    (folder / "workflow").mkdir()
    (folder / "workflow/Snakefile").write_text(DEPLOYED.format(snakefile=snakefile))


def test_it_is_deployed_from_a_folder(sources: Project, built: Project, tmp_path: Path) -> None:
    deploy(sources, tmp_path, repr(str(sources.path("workflow/Snakefile"))))
    assert not (tmp_path / "config/config.yaml").is_symlink()
    planned = snakemake(sources, tmp_path, "-n").stdout
    assert "Drawing figure khandelwal2025/fig2" in planned
    assert "Writing the checksums of all results" in planned
    made = snakemake(sources, tmp_path, DRAWN)
    assert made.returncode == 0, made.stdout[-3000:]
    assert (tmp_path / DRAWN).read_bytes() == built.path(DRAWN).read_bytes()


def test_it_is_deployed_from_a_repository(sources: Project, built: Project, tmp_path: Path) -> None:
    repository = sources.clone(tmp_path / "repository").root
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"], ["tag", "v1"]):
        name = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *name, *words], cwd=repository, check=True, capture_output=True)
    folder = tmp_path / "deployed"
    folder.mkdir()
    deploy(sources, folder, f'gitfile({str(repository)!r}, path="workflow/Snakefile", tag="v1")')
    made = snakemake(sources, folder, DRAWN)
    assert made.returncode == 0, made.stdout[-3000:]
    assert (folder / DRAWN).read_bytes() == built.path(DRAWN).read_bytes()
    (unpacked,) = (folder / ".snakemake/qte").iterdir()
    assert re.fullmatch(r"[0-9a-f]{40}", unpacked.name)


@pytest.mark.skipif(not shutil.which("snakedeploy"), reason="snakedeploy is not installed")
def test_snakedeploy_itself_writes_what_is_tested_above(sources: Project, tmp_path: Path) -> None:
    target = tmp_path / "deployed"
    command = [
        "snakedeploy",
        "deploy-workflow",
        str(sources.root),
        str(target),
        "--branch",
        "main",
        "--name",
        "qte",
    ]
    subprocess.run(command, check=True, capture_output=True)
    assert config_text.read(target / "config/config.yaml").data == sources.config
    written = (target / "workflow/Snakefile").read_text(encoding="utf-8")
    expected = DEPLOYED.format(snakefile='"workflow/Snakefile"').replace(
        "https://example.org/qte", str(sources.root)
    )
    assert written.split() == expected.split()


def test_the_small_test_of_the_catalog_runs(sources: Project, tmp_path: Path) -> None:
    shutil.copy2(PROJECT / ".test/config.yaml", tmp_path)
    text = config_text.read(tmp_path / "config.yaml")
    assert text.complaints == []
    assert config_checks.problems(text.data, PROJECT) == []
    made = snakemake(sources, sources.root, "--directory", str(tmp_path), "figures/khandelwal2020/fig2.svg")
    assert made.returncode == 0, made.stdout[-3000:]
    usage = yaml.safe_load((PROJECT / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))["usage"]
    assert usage["mandatory-flags"]["flags"] == "--force-use-threads"
    for name in ("README.md", "LICENSE", "config/README.md", "config/config.yaml", "workflow/Snakefile"):
        assert (PROJECT / name).is_file()


def test_the_page_of_the_config_is_made_from_the_schema() -> None:
    schema = yaml.safe_load((PROJECT / config_checks.SCHEMA).read_text(encoding="utf-8"))
    assert (PROJECT / document_config.PAGE).read_text(encoding="utf-8") == document_config.page(schema)
    assert (PROJECT / "config/config.yaml").resolve() == PROJECT / "config.yaml"


def test_conda_is_told_that_there_is_nothing_to_deploy(built: Project) -> None:
    done = built.run("--sdm", "conda", "-n")
    assert done.returncode == 0
    assert "--sdm conda makes nothing here" in done.stdout
    assert "conda env create -f environment.yml" in done.stdout
    assert "Nothing to be done" in done.stdout
    environment = yaml.safe_load(built.path("environment.yml").read_text(encoding="utf-8"))
    assert {"name", "channels", "dependencies"} <= environment.keys()


@pytest.mark.parametrize("kind", ["code", "params", "input"])
def test_changes_are_listed(built: Project, kind: str) -> None:
    done = built.run("--list-changes", kind)
    assert done.returncode == 0
    assert "figures/" not in done.stdout


def test_changed_params_are_listed_and_their_reason_is_told(copy: Project) -> None:
    copy.edit("config.yaml", "T_c: 0.1", "T_c: 0.11")
    assert "results/tables/khandelwal2020/fig2.csv" in copy.run("--list-changes", "params").stdout
    for voice in ("snakemake", "qte"):
        planned = copy.build("-n", QTE_OUTPUT=voice)
        assert "results/tables/khandelwal2020/fig2.csv: made with other params" in planned
        assert "Forced execution" not in planned


def test_damage_is_the_reason_in_a_dry_run(copy: Project) -> None:
    copy.append("results/tables/khandelwal2025/fig2.csv", "1,2,3\n")
    copy.path("figures/khandelwal2020/fig1.svg").write_text("edited")
    for voice in ("snakemake", "qte"):
        planned = copy.build("-n", QTE_OUTPUT=voice)
        assert "results/tables/khandelwal2025/fig2.csv: its content does not match its checksum" in planned
        assert "figures/khandelwal2020/fig1.svg: it is not what the run drew" in planned
        assert "Forced execution" not in planned
