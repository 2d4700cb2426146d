"""What is wrong with rules of somebody's own (workflow/rules/local/*.smk), in one line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qte.common.parameters import did_you_mean
from workflow import project
from workflow.project import LOCAL_RULES

# What a rule may have, as Snakemake's documentation lists it.
_KEYWORDS = re.findall(
    r"\w+",
    """input output params log benchmark threads resources priority message shell run script notebook wrapper conda
    container wildcard_constraints localrule group name shadow retries cache default_target handover envmodules""",
)


@contextmanager
def told_in_a_line(file: str) -> Iterator[None]:
    """Around `include:`, for over some mistakes Snakemake names no file, or ends in a traceback (`SystemExit`)."""
    try:
        yield
    except SyntaxError as error:
        raise SystemExit(broken(error)) from None
    except UnicodeDecodeError as error:
        raise SystemExit(
            f"{project.shown(file)}: it is not UTF-8 text (byte {error.start}); nothing was run."
        ) from None


def broken(error: SyntaxError) -> str:
    """That a file of rules cannot be read, with its line."""
    file = project.shown(str(error.filename))
    what = str(error.msg).split(". ")[0].rstrip(".")
    if found := re.match(r"Unexpected keyword (\w+)", what):
        what += did_you_mean(found[1], _KEYWORDS)
    line = _line(error)
    return f"{file}{f', line {line}' if line else ''}: {what}; nothing was run."


def _line(error: SyntaxError) -> int | None:
    """The line in the file; what Snakemake has made Python of is counted in that, and is looked for by its text."""
    if error.text is None:
        return error.lineno
    lines = [line.strip() for line in Path(str(error.filename)).read_text(encoding="utf-8").splitlines()]
    places = [number for number, line in enumerate(lines, start=1) if line == error.text.strip()]
    return places[0] if len(places) == 1 else None


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
