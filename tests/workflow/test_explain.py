"""`explain` says why a figure would be made again, down to values and functions, and what it is made of."""

import json
from pathlib import Path

import pytest

from tests.workflow.projects import Project
from tests.workflow.shard_projects import KEY, TABLE, sharded_config
from tests.workflow.test_verify import script

FIGURE = "khandelwal2020/fig2"


def explain(project: Project, figure: str = FIGURE) -> str:
    done = script(project, "explain", figure)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_a_current_figure_and_its_lineage(built: Project) -> None:
    output = explain(built)
    assert output.startswith("Up to date")
    lines = output.split("Made of\n")[1].splitlines()
    assert lines[0].startswith("figure khandelwal2020/fig2: ")
    for part in (
        "notebook notebooks/khandelwal2020/fig2.ipynb",
        "table results/tables/khandelwal2020/fig2.csv",
        "study khandelwal2020.detuning_curves",
        "qte.machines.two_qubit",
        "T_h = [0.3, 0.4, 0.5, 0.7, 1.0] (ours)",
        "lock requirements.lock",
    ):
        assert any(part in line for line in lines), part


def test_every_kind_of_cause_is_named(copy: Project) -> None:
    config = copy.config
    config["tables"]["khandelwal2020"]["fig2"]["params"]["T_c"] = 0.11
    config["figures"]["khandelwal2020"]["fig2"]["title"] = "Another title"
    copy.write_config(config)
    copy.edit(
        "qte/physics/entanglement.py",
        "        return _x_negativity(rho)\n",
        "        return 1 * _x_negativity(rho)\n",
    )
    copy.append("qte/plotting/style.py", "\n_ADDED_BY_A_TEST = 1\n")
    output = explain(copy)
    assert f"table {FIGURE} would be made again:\n" in output
    assert "  param T_c: 0.1 → 0.11\n" in output
    assert "  module qte.physics.entanglement (negativity())\n" in output
    assert f"figure {FIGURE} would be made again:\n" in output
    assert "→ Another title" in output
    assert "  module qte.plotting.style (module level)\n" in output
    assert f"  table {FIGURE} will be new\n" in output


def test_a_large_figure_and_its_table(tmp_path: Path) -> None:
    output = explain(Project.create(tmp_path / "project", sharded_config(shards=2)), "/".join(KEY))
    assert f"table {'/'.join(KEY)} would be made again:\n  {TABLE} is not there\n" in output
    assert f"figure {'/'.join(KEY)} would be made again:\n" in output
    assert "study khandelwal2025.robustness" in output


def test_plotting_redraws_and_computes_nothing(copy: Project) -> None:
    copy.append("qte/plotting/style.py", "\n_ADDED_BY_A_TEST = 1\n")
    output = explain(copy)
    assert "table khandelwal2020/fig2 would" not in output
    assert f"figure {FIGURE} would be made again:\n  module qte.plotting.style (module level)\n" in output


def test_a_change_elsewhere_leaves_it_alone(copy: Project) -> None:
    copy.append("qte/papers/khandelwal2025/studies.py", "\n_ADDED_BY_A_TEST = 1\n")
    assert explain(copy).startswith("Up to date")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda p: p.path("figures/khandelwal2020/fig2.svg").unlink(), "fig2.svg is not there"),
        (lambda p: p.append("figures/khandelwal2020/fig2.pdf", "x"), "fig2.pdf is not what the run drew"),
        (lambda p: p.append("results/tables/khandelwal2020/fig2.csv", "1"), "does not match its checksum"),
        (
            lambda p: p.path("results/tables/khandelwal2020/fig2.csv").write_bytes(b"\xff\0"),
            "fig2.csv: it does not begin like a ta",
        ),
        (lambda p: p.path("results/tables/khandelwal2020/fig2.csv").unlink(), "fig2.csv is not there"),
        (lambda p: p.append("requirements.lock", "added==1.0\n"), "another package of requirements.lock"),
    ],
)
def test_what_is_missing_or_damaged_is_named(copy: Project, damage, says: str) -> None:
    damage(copy)
    output = explain(copy)
    assert "would be made again" in output
    assert says in output


def test_nothing_is_run_or_written(copy: Project) -> None:
    copy.append("qte/physics/baths.py", "\n_ADDED_BY_A_TEST = 1\n")
    before = copy.sums
    explain(copy)
    assert copy.sums == before
    assert json.loads(copy.path("results/code.json").read_text())["qte.physics.baths"]["hash"]


def test_an_unknown_figure_gets_the_nearest_name(built: Project) -> None:
    done = script(built, "explain", "khandelwal2020/fig22")
    assert done.returncode == 2
    assert "khandelwal2020/fig2" in done.stdout
    assert "Traceback" not in done.stdout
