"""An overlay is refused as text, before Snakemake makes anything else of it: config is data on every way in."""

import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.workflow.projects import Project
from workflow.config import command_line, config_text

PROGRAM = "__use_yte__: true\n__definitions__:\n  - open('was_run', 'w').close()\n"
MERGED = "a: &a {__use_yte__: true, __definitions__: [\"open('was_run', 'w').close()\"]}\n<<: *a\n"
REFUSED = (
    "The config has 1 problem; nothing was run.\n"
    "  my.yaml, line 1: is data and must not ask for template evaluation (`__use_yte__`)\n"
)
TOO_LATE = (
    "my.yaml asks for template evaluation (`__use_yte__`), and Snakemake, which reads it first, has run the Python in "
    "it; no job was run. Config is data: remove the line\n"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.create(tmp_path_factory.mktemp("first") / "project")


@pytest.mark.parametrize("content", [PROGRAM, MERGED])
@pytest.mark.parametrize("spelling", ["--configfile", "--configfiles"])
def test_a_program_is_refused_before_it_runs(project: Project, content: str, spelling: str) -> None:
    project.path("my.yaml").write_text(content, encoding="utf-8")
    done = project.run("--dry-run", spelling, "my.yaml")
    assert done.returncode == 1
    assert done.stdout.endswith(REFUSED)
    assert not project.path("was_run").exists()


def test_without_the_profile_nothing_false_is_said(project: Project) -> None:
    project.path("my.yaml").write_text(PROGRAM, encoding="utf-8")
    done = project.run("--workflow-profile", "none", "--dry-run", "--configfile", "my.yaml")
    assert done.returncode == 1
    assert done.stdout.endswith(TOO_LATE)
    assert project.path("was_run").exists()
    project.path("was_run").unlink()


def test_a_bomb_is_refused_before_it_is_read(project: Project) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefghi", "bcdefghij", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    project.path("bomb.yaml").write_text("\n".join(lines), encoding="utf-8")
    begun = time.process_time()
    with pytest.raises(SystemExit) as stop:
        command_line.refuse_unreadable_overlays(["--configfile", str(project.path("bomb.yaml"))])
    assert time.process_time() - begun < 2
    assert str(stop.value).endswith("bomb.yaml: holds more than 200,000 values once its aliases are followed")


def test_a_program_is_known_whatever_else_is_wrong_with_it(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    for text, asks in [
        (PROGRAM, True),
        (MERGED, True),
        ('"__use\\u005fyte__": true\n', True),
        (f"x: 010\n{PROGRAM}", True),
        ("tables: {}\n", False),
        ("tables: {", False),
    ]:
        file.write_text(text, encoding="utf-8")
        assert config_text.asks_for_evaluation(file) == asks, text


@pytest.mark.parametrize("profile", ["default", "slurm"])
def test_both_profiles_look_first(profile: str) -> None:
    text = (Path(__file__).parents[2] / "profiles" / profile / "profile.yaml").read_text(encoding="utf-8")
    assert "command_line.refuse_unreadable_overlays(sys.argv[1:])" in text


@pytest.mark.skipif(
    shutil.which("snakemake", path=str(Path(sys.executable).parent)) is None, reason="no script"
)
def test_the_script_finds_the_project_too(project: Project) -> None:
    project.path("my.yaml").write_text(PROGRAM, encoding="utf-8")
    script = str(Path(sys.executable).with_name("snakemake"))
    done = project.run_command([script, "--cores", "1", "--dry-run", "--configfile", "my.yaml"])
    assert done.stdout.endswith(REFUSED)
    assert not project.path("was_run").exists()
