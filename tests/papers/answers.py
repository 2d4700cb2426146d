"""The tables of the answers, as the config has them."""

from pathlib import Path

import yaml

from qte.data import studies
from qte.data.tables import Table

TABLES = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))["tables"][
    "answers"
]


def table_of(name: str, **changes: object) -> Table:
    """A table, computed; `changes` of its parameters."""
    entry = TABLES[name]
    return studies.run(f"answers.{entry['study']}", entry["params"] | changes, entry["ours"])[0]
