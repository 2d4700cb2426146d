"""What is wrong with a table that is read from a file: as far as it can be told before anything runs."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from qte.common.parameters import did_you_mean
from workflow import project

# What rules make; all other files are somebody's data, and have a checksum in the config.
MADE = "results/"
_OF_STUDIES = ("study", "params", "ours", "shards", "points_per_shard")


def problems(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Key of the entry, and what is wrong there.

    Examples
    --------
    >>> list(problems({"file": "results/mine/ratio.csv", "study": "ratio"}))
    [('study', 'a table is read from `file` or computed by a study, not both; remove one of the two')]
    """
    name = entry["file"]
    for key in _OF_STUDIES:
        if key in entry:
            yield key, "a table is read from `file` or computed by a study, not both; remove one of the two"
            return
    if name.startswith(MADE):
        if "sha256" in entry:
            yield (
                "sha256",
                f"what a rule makes under {MADE} is made anew and has no checksum here; remove the line",
            )
        return
    file = project.written(name)
    if not file.is_file():
        there = [item.as_posix() for item in sorted(Path(name).parent.glob("*.csv"))]
        yield "file", f"there is no file {name}{did_you_mean(name, there)}"
        return
    content = file.read_bytes()
    sum_now = hashlib.sha256(content).hexdigest()
    if "sha256" not in entry:
        yield (
            "file",
            f"its checksum is missing; if the file is as it should be, add the line  sha256: {sum_now}",
        )
    elif entry["sha256"] != sum_now:
        yield (
            "sha256",
            f"{name} is not the file with this checksum; if it was meant to change, write  sha256: {sum_now}",
        )
    else:
        # Here, not above: it brings pandas, which a run without data of one's own does not need.
        from qte.data import data_files

        try:
            data_files.symbols_of(content, name)
        except data_files.DataFileError as error:
            yield "file", f"{name}, {error.problem}"


def read_by_a_rule(paper: str, table: str) -> bool:
    """Whether a rule of somebody's own names the file of a table."""
    file = f"tables/{paper}/{table}.csv"
    return any(file in Path(rules).read_text(encoding="utf-8") for rules in project.local_rules())
