"""A small project whose config has a table in three shards, in its section `large`."""

from typing import Any

import yaml

from tests.workflow.projects import PROJECT, Project, small_config

KEY = ("khandelwal2025", "robustness")
TABLE = "results/tables/khandelwal2025/robustness.csv"
SHARDS = "results/shards/khandelwal2025/robustness"
CUTS = ["0-8192", "8192-16384", "16384-19845"]


def sharded_config(**cut: int) -> dict[str, Any]:
    """The small config and the large study on 19 845 points, three blocks."""
    config = small_config()
    whole = yaml.safe_load((PROJECT / "config.yaml").read_text(encoding="utf-8"))["large"]
    table = whole["tables"][KEY[0]][KEY[1]]
    for name, num in (("U_over_T", 9), ("mu_over_T", 9), ("detuning_over_g", 5), ("mismatch", 7)):
        table["params"][name]["num"] = num
    table["params"]["dephasing_over_g"] = [0.0, 0.001, 0.01, 0.1, 1.0, 2.0, 3.0]
    del table["shards"]
    table.update(cut)
    return config | {"large": whole}


def recut(project: Project, **cut: int) -> None:
    """Change how the table is cut, and nothing else."""
    project.write_config(sharded_config(**cut))
