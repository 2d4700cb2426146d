"""What is wrong with rules of somebody's own (workflow/rules/local/*.smk), in one line."""

import re
from pathlib import Path

from qte.common.parameters import did_you_mean
from workflow.project import LOCAL_RULES


def clash(rule: str, output: str, other: str) -> str:
    """That two rules make one file."""
    return (
        f"The rule {rule} of {LOCAL_RULES}/ makes {output}, and so does the rule {other}; nothing was run. "
        "Give it another name, such as results/mine/<name>.csv."
    )


def unmade(file: str, rules: list[str]) -> str:
    """That no rule makes a file which the config names, with the nearest that is made."""
    named = [
        name
        for rule in rules
        for name in re.findall(r"[\"'](results/[^\"'{}]+)[\"']", Path(rule).read_text())
    ]
    return f"config.yaml names {file}, but no rule makes it{did_you_mean(file, named)}; nothing was run."
