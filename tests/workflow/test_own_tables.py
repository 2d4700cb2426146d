"""Any table in any figure: other papers', data of one's own, what an own rule makes (docs/extend.md)."""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from qte.data.tables import read
from tests.workflow.projects import PROJECT, Project
from workflow.commands.setup import lint_rules
from workflow.config import config_checks, overlays
from workflow.plan import faults, own_rules

PAGE = (PROJECT / "docs/extend.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## Draw data of your own, and tables of any paper\n")[1].split("\n## ")[0]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
OWN = ["over_measured", "ratio", "two_papers"]


def prepared(project: Project) -> Project:
    """The project with the examples of the docs."""
    shutil.copytree(PROJECT / "docs/examples", project.path("docs/examples"))
    return project


def follow(project: Project, make: Callable[[Project], object]) -> None:
    """Every command and edit of the section; `make` does what `make figures` does."""
    for kind, text in BLOCK.findall(SECTION):
        if kind == "yaml":
            project.write_config(overlays.merged(project.config, yaml.safe_load(text)))
        for line in text.splitlines() if kind == "bash" else ():
            if line == "make figures":
                make(project)
            else:
                subprocess.run(line, shell=True, cwd=project.root, check=True)


@pytest.fixture(scope="module")
def own(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after all of the section, built. Not to be changed."""
    project = prepared(built.clone(tmp_path_factory.mktemp("own") / "project"))
    follow(project, lambda project: project.build())
    return project


@pytest.fixture
def mine(own: Project, tmp_path: Path) -> Project:
    return own.clone(tmp_path / "project")


def test_the_page_shows_the_files_as_they_are() -> None:
    blocks = [text for _, text in BLOCK.findall(SECTION)]
    for name in ("measured.csv", "ratio.smk"):
        assert (PROJECT / "docs/examples/own" / name).read_text(encoding="utf-8") in blocks


def test_each_figure_is_drawn_without_a_fault(own: Project) -> None:
    for name in OWN:
        assert own.path(f"figures/mine/{name}.pdf").stat().st_size > 5000
        assert faults.of_file(str(own.path(f"results/notebooks/mine/{name}.ipynb"))) == []
    assert own.pending() == []


def test_the_table_of_data_holds_what_the_file_says(own: Project) -> None:
    table = read(own.path("results/tables/mine/measured.csv"))
    assert table["J"].tolist() == [3.3e-5, 6.8e-5, 1.19e-4, 1.94e-4, 2.98e-4]
    assert [column.unit for column in table.columns] == ["eps_h", "eps_h^2", "eps_h^2"]
    assert table.column("dJ").meaning == "its standard error"
    assert table.provenance is not None
    assert table.provenance.is_data
    digest = hashlib.sha256(own.path("data/measured.csv").read_bytes()).hexdigest()
    assert table.params == {"file": "data/measured.csv", "sha256": digest}


def test_the_own_rule_divided_one_table_by_another(own: Project) -> None:
    ratio, computed, measured = (
        read(own.path(f"results/tables/{name}.csv"))
        for name in ("mine/ratio", "khandelwal2020/fig2", "mine/measured")
    )
    expected = measured["J"] / computed.where(delta=0.0)["J"]
    np.testing.assert_allclose(ratio["ratio"], expected, rtol=1e-14)


def test_lineage_sums_and_report_say_that_it_is_data(own: Project) -> None:
    told = subprocess.run(
        [*own.command()[:1], "-m", "workflow.commands.explain", "mine/over_measured"],
        cwd=own.root,
        env=own.environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "├ table results/tables/mine/measured.csv\n│  data, not computed here\n" in told
    assert "├ table results/tables/khandelwal2020/fig2.csv\n│  study khandelwal2020.detuning_curves\n" in told
    for file in (
        "results/tables/mine/measured.csv",
        "results/tables/mine/ratio.csv",
        "results/mine/ratio.csv",
    ):
        digest = hashlib.sha256(own.path(file).read_bytes()).hexdigest()
        assert f"{digest}  {file}\n" in own.sums
    manifest = own.path("results/manifests/mine/over_measured.json").read_text(encoding="utf-8")
    assert '"table khandelwal2020/fig2"' in manifest
    assert '"results/tables/mine/measured.csv"' in manifest
    page = own.path("results/report/figures/mine-over_measured.html").read_text(encoding="utf-8")
    # a parameter of a paper's table is not said to be nobody's
    assert "No paper gives them" not in page
    assert "Those of <code>khandelwal2020/fig2</code> are as that collection has them; the others" in page
    front = own.path("results/report/index.html").read_text(encoding="utf-8")
    assert "data · ratio" in front
    assert "data/measured.csv" in page
    assert "not computed here" in page
    report = own.path("results/report/files/tables")
    assert (report / "mine/measured.csv").is_file()
    assert (report / "khandelwal2020/fig2.csv").is_file()


def test_new_numbers_in_the_file_make_again_what_draws_them_and_nothing_else(mine: Project) -> None:
    mine.edit("data/measured.csv", "3.3e-5", "3.4e-5")
    digest = hashlib.sha256(mine.path("data/measured.csv").read_bytes()).hexdigest()
    refused = mine.run("--dry-run")
    assert refused.returncode == 1
    assert f"if it was meant to change, write  sha256: {digest}" in refused.stdout
    mine.edit("config.yaml", mine.config["tables"]["mine"]["measured"]["sha256"], digest)
    planned = mine.build("--dry-run")
    assert re.findall(r"Taking in data (\S+)", planned) == ["mine/measured", "mine/ratio"]
    assert set(re.findall(r"Drawing figure (\S+)", planned)) == {"mine/over_measured", "mine/ratio"}
    assert "Computing table" not in planned


def test_an_overlay_reaches_a_figure_of_another_collection(mine: Project) -> None:
    mine.path("warm.yaml").write_text("tables: {khandelwal2020: {fig2: {params: {T_c: 0.12}}}}\n")
    before = mine.sums
    mine.build("--configfile", "warm.yaml")
    folder = mine.path("results/variants/warm")
    assert {path.stem for path in (folder / "figures/mine").glob("*.pdf")} == {"over_measured", "two_papers"}
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "mine-over_measured" in page
    assert (folder / "standard/tables/khandelwal2020/fig2.csv").is_file()
    assert mine.sums == before


def test_an_overlay_may_bring_data(mine: Project) -> None:
    text = mine.path("data/measured.csv").read_text(encoding="utf-8").replace("3.3e-5", "3.9e-5")
    mine.path("data/second.csv").write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    mine.path("second.yaml").write_text(
        f"tables: {{mine: {{measured: {{file: data/second.csv, sha256: {digest}}}}}}}\n"
    )
    mine.build("--configfile", "second.yaml")
    table = read(mine.path("results/variants/second/tables/mine/measured.csv"))
    assert table["J"][0] == 3.9e-5
    assert read(mine.path("results/tables/mine/measured.csv"))["J"][0] == 3.3e-5


MISTAKES = {
    "missing": (
        lambda p: p.path("data/measured.csv").rename(p.path("data/measurd.csv")),
        "tables.mine.measured.file: there is no file data/measured.csv (did you mean 'data/measurd.csv'?)",
    ),
    "no sum": (
        lambda p: p.edit("config.yaml", "      sha256: ", "      # "),
        "its checksum is missing; if the file is as it should be, add the line  sha256: 96b6",
    ),
    "sum of a made file": (
        lambda p: p.edit("config.yaml", "results/mine/ratio.csv", f"results/mine/ratio.csv\n      sha256: {64 * 'a'}"),
        "what a rule makes under results/ is made anew and has no checksum here",
    ),
    "both": (
        lambda p: p.edit("config.yaml", "file: data/measured.csv", "file: data/measured.csv\n      study: two"),
        "a table is read from `file` or computed by a study, not both",
    ),
    "path": (
        lambda p: p.edit("config.yaml", "data/measured.csv", "../measured.csv"),
        "must be a CSV file inside the project, such as data/measured.csv, but is '../measured.csv'",
    ),
    "table": (
        lambda p: p.edit("config.yaml", "- khandelwal2020/fig2", "- khandelwal2020/fgi2"),
        "there is no table 'khandelwal2020/fgi2' (did you mean 'khandelwal2020/fig2'?); there are khandelwal2020/fig2",
    ),
    "collection": (
        lambda p: p.edit("config.yaml", "- khandelwal2020/fig2", "- kandelwal2020/fig2"),
        "there is no table 'kandelwal2020/fig2' (did you mean 'khandelwal2020/fig2'?)",
    ),
}  # fmt: skip
# Those that are found while rules are read or jobs are planned.
LATER = {
    "made by none": (
        lambda p: p.edit("config.yaml", "file: results/mine/ratio.csv", "file: results/mine/rato.csv"),
        "config.yaml names results/mine/rato.csv, but no rule makes it (did you mean 'results/mine/ratio.csv'?)",
    ),
    "misspelt": (
        lambda p: p.edit("workflow/rules/local/ratio.smk", "    output:", "    outptu:"),
        "workflow/rules/local/ratio.smk, line 5: Unexpected keyword outptu in rule definition "
        "(did you mean 'output'?); nothing was run.",
    ),
    "clash": (
        lambda p: p.edit("workflow/rules/local/ratio.smk", "results/mine/ratio.csv", "results/tables/mine/ratio.csv"),
        "The rule ratio of workflow/rules/local/ makes results/tables/mine/ratio.csv, and so does the rule import_data",
    ),
}  # fmt: skip


def _changed_units(project: Project, text: str) -> None:
    """Put other bytes into the data file, with their checksum."""
    project.path("data/measured.csv").write_text(text, encoding="utf-8")
    old = project.config["tables"]["mine"]["measured"]["sha256"]
    project.edit("config.yaml", old, hashlib.sha256(text.encode()).hexdigest())


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_config_is_one_line(
    mine: Project, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil, wanted = MISTAKES[name]
    spoil(mine)
    monkeypatch.chdir(mine.root)
    found = [str(problem) for problem in config_checks.problems(mine.config)]
    assert len([line for line in found if wanted in line]) == 1, found
    assert all("\n" not in line for line in found)


@pytest.mark.parametrize("name", ["missing", *LATER])
def test_a_mistake_ends_the_run_before_anything_is_run_or_lost(mine: Project, name: str) -> None:
    spoil, wanted = (MISTAKES | LATER)[name]
    spoil(mine)
    sums = mine.sums
    done = mine.run()
    assert done.returncode == 1
    lines = [line for line in done.stdout.splitlines() if wanted in line]
    assert len(lines) == 1, done.stdout
    assert "Traceback" not in done.stdout
    assert "nothing was run" in done.stdout
    assert mine.sums == sums
    assert mine.path("figures/mine/ratio.pdf").is_file()


@pytest.mark.parametrize(
    ("text", "line", "wanted"),
    [
        (None, 3, "x.smk, line 3: Colon expected after keyword shell; nothing was run."),
        ("\t\tx = 1 +\n", 9, "x.smk, line 4: Colon expected after keyword shell; nothing was run."),
        ("not in the file\n", 9, "x.smk: Colon expected after keyword shell; nothing was run."),
    ],
)
def test_a_mistake_in_a_file_of_rules_names_the_line_of_the_file(
    tmp_path: Path, text: str | None, line: int, wanted: str
) -> None:
    file = tmp_path / "x.smk"
    file.write_text("rule x:\n    output: 'a'\n    run:\n        x = 1 +\n", encoding="utf-8")
    error = SyntaxError("Colon expected after keyword shell.", (str(file), line, None, text))
    with pytest.raises(SystemExit) as told, own_rules.told_in_a_line(str(file)):
        raise error
    assert str(told.value).endswith(wanted)


def test_a_file_of_rules_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.smk"
    file.write_bytes(b"# \xff")
    with (
        pytest.raises(SystemExit, match=r"x.smk: it is not UTF-8 text \(byte 2\); nothing was run."),
        own_rules.told_in_a_line(str(file)),
    ):
        file.read_text(encoding="utf-8")


def test_a_column_without_a_unit_is_named_before_anything_runs(mine: Project) -> None:
    _changed_units(mine, "T_h [eps_h],J,dJ [eps_h^2]\n0.3,1e-5,1e-6\n")
    done = mine.run()
    assert done.returncode == 1
    wanted = "data/measured.csv, line 1: the column J has no unit; write J [eps], or J [1] for a pure number"
    assert wanted in done.stdout


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "T_h [eps_h],current [eps_h^2],dJ [eps_h^2]\n0.3,1e-5,1e-6\n",
            "No column `J`; there are T_h, current, dJ in data/measured.csv",
        ),
        (
            "T_h [eps_h],J [eps_h^2],dJ [eps_h^2]\n0.3,1e-5,1e-6\n0.4,0.o1,1\n",
            "Data file data/measured.csv: line 3: J '0.o1' is no number",
        ),
    ],
)
def test_what_only_the_rows_tell_is_one_broken_figure(mine: Project, text: str, wanted: str) -> None:
    _changed_units(mine, text)
    mine.path("figures/khandelwal2025/fig2.pdf").unlink()
    done = mine.run()
    assert done.returncode == 1
    assert wanted in done.stdout
    # what does not need the file goes on
    assert mine.path("figures/khandelwal2025/fig2.pdf").is_file()


def test_a_new_figure_is_made_beside_data_and_rules_of_ones_own(mine: Project) -> None:
    done = mine.run_command([sys.executable, "-m", "workflow.commands.new_figure", "beside_data"])
    assert done.returncode == 0, done.stdout
    assert "beside_data" in mine.config["tables"]["mine"]
    assert "figure mine/beside_data" in mine.pending()


def test_a_figure_that_does_not_exist_is_one_line_with_the_nearest_name(own: Project) -> None:
    for target, wanted in (
        ("figures/mine/rato.png", "There is no figure mine/rato (did you mean 'mine/ratio'?)"),
        ("figures/min/ratio.png", "There is no figure min/ratio (did you mean 'mine/ratio'?)"),
        ("verfy", "No rule to produce verfy (did you mean 'verify'?)"),
        ("mine/ratio", "No rule to produce mine/ratio (did you mean '"),
        (
            "figures/mine/ratio.pgn",
            "No rule to produce figures/mine/ratio.pgn (did you mean 'figures/mine/ratio.png'?)",
        ),
        ("results/tables/mine/measurd.csv", "There is no table mine/measurd (did you mean 'mine/measured'?)"),
    ):
        done = own.run(target)
        assert done.returncode == 1
        assert wanted in done.stdout
        assert "Traceback" not in done.stdout
        assert "KeyError" not in done.stdout


def test_rules_of_ones_own_are_advised_and_those_of_the_project_must_be_clean() -> None:
    own, ours = "qte/workflow/rules/local/ratio.smk", "qte/workflow/rules/tables.smk"
    said = "Lints for rule {} (line 1, {}):\n    * Specify a conda environment or container for each rule.:\n"
    advice, fault = said.format("ratio", own), said.format("build_table", ours)
    assert lint_rules.verdict(1, advice, [own]) == 0
    assert lint_rules.verdict(1, advice + fault, [own]) == 1
    assert lint_rules.verdict(1, "SyntaxError in file Snakefile, line 3\n", [own]) == 1
    assert lint_rules.verdict(0, "Congratulations", []) == 0
