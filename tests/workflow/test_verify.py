"""The proof: what `verify` says of unchanged, reworded, changed and redrawn projects, and what `accept` takes."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from qte.data.tables import Column, Table
from tests.workflow.projects import Project
from workflow.verify import differences
from workflow.verify.reference import Reference

FIGURE = "khandelwal2020/fig2"
NEGATIVITY = "        return _x_negativity(rho)\n"


def script(project: Project, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"workflow.commands.{name}", *arguments],
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def accept(project: Project, *figures: str, reason: str = "a test") -> None:
    done = script(project, "accept", "--reason", reason, *figures)
    assert done.returncode == 0, done.stdout


def verdicts(project: Project) -> dict[str, dict]:
    content = json.loads(project.path("results/verify/verdicts.json").read_text())
    return {f"{item['paper']}/{item['figure']}": item for item in content["figures"]}


@pytest.fixture(scope="module")
def _accepted(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = built.clone(tmp_path_factory.mktemp("accepted") / "project")
    accept(project, reason="first")
    return project


@pytest.fixture
def accepted(_accepted: Project, tmp_path) -> Project:
    """A built project whose results were accepted, to change at will."""
    return _accepted.clone(tmp_path / "project")


def test_without_a_reference_it_says_how_to_begin(copy: Project) -> None:
    done = copy.run("verify")
    assert done.returncode != 0
    assert "make accept" in done.stdout
    assert "Traceback" not in done.stdout


def test_an_unchanged_project_verifies(accepted: Project) -> None:
    output = accepted.build("verify")
    assert "3 figures against reference/: 3 same bytes" in output
    assert "Computing table" not in output
    assert "Drawing figure" not in output


def test_touching_files_and_rewording_comments_and_docstrings_verifies(accepted: Project) -> None:
    accepted.append("qte/physics/entanglement.py", "\n# a comment\n")
    accepted.edit("qte/physics/entanglement.py", '"""', '"""Reworded. ')
    for file in accepted.root.rglob("*.py"):
        os.utime(file)
    output = accepted.build("verify")
    assert "3 same bytes" in output
    assert "Computing table" not in output


def test_a_change_of_1e_9_is_named_down_to_the_row(accepted: Project) -> None:
    accepted.edit("qte/physics/entanglement.py", NEGATIVITY, NEGATIVITY.rstrip() + " * (1 + 1e-9)\n")
    done = accepted.run("verify")
    assert done.returncode != 0
    assert f"{FIGURE}: different" in done.stdout
    assert "first at table khandelwal2020/fig2: column N, row " in done.stdout
    assert "changed since: module qte.physics.entanglement (negativity())" in done.stdout
    assert "ULP apart" in done.stdout
    assert "Traceback" not in done.stdout
    found = verdicts(accepted)[FIGURE]
    assert found["verdict"] == "different"
    item = found["arrays"][0]
    assert (item["table"], item["column"]) == ("fig2", "N")
    assert item["relative"] == pytest.approx(1e-9, rel=1e-5)
    assert item["ulp"] > 1e6
    assert found["pixels"] <= 1
    page = accepted.path("results/verify/index.html").read_text()
    assert page.count("data:image/png;base64") >= 3
    assert "qte.physics.entanglement (negativity())" in page
    # The schematic has no numbers; it was not touched.
    assert verdicts(accepted)["khandelwal2020/fig1"]["verdict"] == "same bytes"


def test_a_measured_tolerance_lets_round_off_pass(accepted: Project) -> None:
    accepted.edit("qte/physics/entanglement.py", NEGATIVITY, NEGATIVITY.rstrip() + " * (1 + 4e-16)\n")
    column = {"N": {"relative": 1e-14, "scaled": 1e-14}}
    tolerances = {"khandelwal2020/fig2": column, "khandelwal2025/fig2": column}
    reference = Reference(accepted.path("reference"))
    with reference.accepting("tolerances", "a test"):
        reference.write_json("tolerances.json", tolerances)
    accepted.build("verify")
    found = verdicts(accepted)[FIGURE]
    assert found["verdict"] == "same picture"
    assert "within the measured tolerance" in found["first"]


@pytest.mark.slow
def test_the_same_results_by_other_code_are_the_same_bytes(accepted: Project) -> None:
    picture = accepted.path("figures/khandelwal2020/fig2.png")
    before = picture.read_bytes()
    accepted.append("qte/physics/entanglement.py", "\n_ADDED_BY_A_TEST = 1\n")
    assert "drawn last, but out of date now" in script(accepted, "identify", str(picture)).stdout
    output = accepted.build("verify")
    assert "3 same bytes\n  2 of the same bytes by other code than was accepted" in output
    assert verdicts(accepted)[FIGURE]["changed"] == ["module qte.physics.entanglement (module level)"]
    assert picture.read_bytes() == before
    assert "the current one" in script(accepted, "identify", str(picture)).stdout


@pytest.mark.slow
def test_other_packages_are_the_same_data(accepted: Project) -> None:
    accepted.append("requirements.lock", "added-by-a-test==1.0\n")
    output = accepted.build("verify")
    assert f"{FIGURE}: same data, other bytes" in output
    assert "changed since: another package of requirements.lock" in output


@pytest.mark.slow
def test_another_drawing_of_the_same_numbers_is_different(accepted: Project) -> None:
    accepted.edit("notebooks/khandelwal2020/fig2.ipynb", 'width=\\"double\\"', 'width=\\"single\\"')
    done = accepted.run("verify")
    assert done.returncode != 0
    found = verdicts(accepted)[FIGURE]
    assert (found["verdict"], found["stage"], found["arrays"]) == ("different", "drawing", [])
    assert "notebook notebooks/khandelwal2020/fig2.ipynb" in found["changed"]


def test_a_changed_param_is_named_and_accepting_it_needs_a_reason(accepted: Project) -> None:
    config = accepted.config
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] = 0.11
    accepted.write_config(config)
    done = script(accepted, "accept", "--reason", "too early", FIGURE)
    assert done.returncode != 0
    assert "not built from the present config" in done.stdout
    done = accepted.run("verify")
    assert done.returncode != 0
    assert "changed since: table fig2, param T_c: 0.1 → 0.11" in done.stdout
    done = script(accepted, "accept", FIGURE)
    assert done.returncode != 0
    assert "a reason is needed" in done.stdout
    others = accepted.path("reference/manifests/khandelwal2025/fig2.json").read_bytes()
    accept(accepted, FIGURE, reason="a warmer cold bath")
    assert f"{FIGURE}: a warmer cold bath" in accepted.path("reference/LOG.md").read_text()
    assert accepted.path("reference/manifests/khandelwal2025/fig2.json").read_bytes() == others
    assert "3 same bytes" in accepted.build("verify")


@pytest.mark.slow
def test_new_figures_are_named_and_dropped_ones_fail(accepted: Project) -> None:
    config = accepted.config
    del config["figures"]["khandelwal2020"]["fig1"]
    accepted.write_config(config)
    done = accepted.run("verify")
    assert done.returncode != 0
    assert "khandelwal2020/fig1: in the reference only" in done.stdout
    accept(accepted)
    assert not accepted.path("reference/pictures/khandelwal2020/fig1.png").exists()
    assert "fig1" not in accepted.path("reference/SHA256SUMS").read_text()
    assert "2 same bytes" in accepted.build("verify")


@pytest.mark.slow
def test_a_damaged_reference_is_named(accepted: Project) -> None:
    accepted.edit("qte/physics/entanglement.py", NEGATIVITY, NEGATIVITY.rstrip() + " * (1 + 1e-9)\n")
    file = accepted.path("reference/tables/khandelwal2020/fig2.csv.xz")
    file.write_bytes(file.read_bytes()[:-40])
    done = accepted.run("verify")
    assert done.returncode != 0
    assert "reference/tables/khandelwal2020/fig2.csv.xz" in done.stdout


def test_accepting_twice_changes_nothing_but_the_log(accepted: Project) -> None:
    files = {file: file.read_bytes() for file in accepted.path("reference").rglob("*") if file.is_file()}
    accept(accepted, reason="again")
    changed = [file.name for file, content in files.items() if file.read_bytes() != content]
    assert sorted(changed) == ["CHAIN.jsonl", "LOG.md"]
    listed = accepted.path("reference/SHA256SUMS").read_text()
    assert listed == accepted.sums


def test_steps_between_floats() -> None:
    assert differences.ulp(1.0, np.nextafter(1.0, 2.0)) == 1
    assert differences.ulp(-5e-324, 5e-324) == 2
    assert differences.ulp(0.0, -0.0) == 0
    assert differences.ulp(1.0, np.inf) is None


@pytest.mark.parametrize(
    ("old", "new", "row", "rows"),
    [
        ([1.0, 2.0, 3.0], [1.0, 2.5, 3.5], 1, 2),
        ([1.0, np.nan], [1.0, np.nan], None, 0),
        ([1.0, np.nan], [1.0, 2.0], 1, 1),
        ([0.0], [-0.0], 0, 1),
        (["a", "b"], ["a", "c"], 1, 1),
        ([1, 2], [1, 3], 1, 1),
        ([True], [False], 0, 1),
    ],
)
def test_arrays_are_compared_bit_for_bit(old, new, row, rows) -> None:
    found = differences.of_arrays("x", np.array(old), np.array(new))
    assert (found and found.row, found.rows if found else 0) == (row, rows)
    if found and not isinstance(old[0], float):
        assert not found.within({"relative": 1.0, "scaled": 1.0})


def test_facts_and_shapes_count_too() -> None:
    def table(values, **facts) -> Table:
        return Table(pd.DataFrame({"x": values}), (Column("x", "1", "x", "x"),), facts)

    old = table([1.0], root=0.5, method="gth")
    assert [item.column for item in differences.of_tables(old, table([1.0], root=0.5, method="gth"))] == []
    found = list(differences.of_tables(old, table([1.0], root=0.5 + 1e-12, method="lapack")))
    assert [item.column for item in found] == ["facts.root", "facts.method"]
    assert found[0].relative == pytest.approx(2e-12, rel=1e-3)
    assert [item.column for item in differences.of_tables(old, table([1.0, 2.0], root=0.5))] == ["rows"]
