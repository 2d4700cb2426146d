"""What the command line names, looked at before Snakemake reads it: profiles/default calls this.

Snakemake reads the files of `--configfile` before the Snakefile, and runs the Python of one that asks for it
(`__use_yte__`). Config is data: such a file is refused while it is still text. Imports nothing heavy, for every run
passes here.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from workflow.config import config_text

_OPTIONS = ("--configfile", "--configfiles")


def refuse_unreadable_overlays(arguments: Sequence[str]) -> None:
    """Stop with everything that makes an overlay unreadable, before it is read as anything else (`SystemExit`)."""
    lines = []
    for file in map(Path, config_files(arguments)):
        if not file.exists():
            # Here, not above: it brings NumPy, which a run without this mistake does not need.
            from qte.common.parameters import did_you_mean

            there = [item.name for item in sorted(file.parent.glob("*.yaml"))]
            lines.append(f"{file}: there is no such file{did_you_mean(file.name, there)}")
        # What can be read but once is left to the one who reads it.
        for line, what in config_text.read(file).complaints if file.is_file() else ():
            lines.append(f"{file}{f', line {line}' if line else ''}: {what}")
    if lines:
        # Here, not above: it brings all of the library.
        from workflow.config import config_checks

        config_checks.stop(lines)


def config_files(arguments: Sequence[str]) -> Iterator[str]:
    """The files that `--configfile` names, in both of its spellings.

    Examples
    --------
    >>> list(config_files(["--cores", "1", "--configfile", "a.yaml", "b.yaml", "-n", "--configfiles=c.yaml"]))
    ['a.yaml', 'b.yaml', 'c.yaml']
    """
    taking = False
    for word in arguments:
        option, _, value = word.partition("=")
        if word.startswith("-"):
            taking = option in _OPTIONS
            if taking and value:
                yield value
        elif taking:
            yield word
