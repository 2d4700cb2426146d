"""Overlays: files given with `--configfile` that hold only the changed keys of config.yaml.

python -m workflow.config.overlays my.yaml      (can it be read? Snakemake's own words name no line)

They are merged like JSON merge patches (RFC 7396): mappings key by key, everything else replaced, and a key whose
value is null is taken out. Whatever is wrong with one is told with its own file and line.
"""

import copy
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qte.common.parameters import did_you_mean
from workflow.config import config_checks, config_text
from workflow.config.config_checks import Problem
from workflow.config.config_text import ConfigText, KeyPath
from workflow.config.table_facts import KnownTables

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
COMMAND_LINE = Path("--config")
# What `--config` may give: how to run, and what the variant is called.
_ON_THE_COMMAND_LINE = ("engine", "variant")


@dataclass(frozen=True)
class CommandLine:
    """What the command line says of the config; Snakemake's own `ConfigSettings` say it by the same names.

    Attributes
    ----------
    configfiles : sequence of Path
    config : mapping
        Given with `--config`.
    replace_workflow_config : bool
    """

    configfiles: Sequence[Path] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    replace_workflow_config: bool = False


@dataclass(frozen=True)
class Source:
    """One overlay: its file as people know it, and what it says."""

    file: Path
    text: ConfigText


@dataclass(frozen=True)
class Configs:
    """What a run is asked to do.

    Attributes
    ----------
    standard : mapping
        What config.yaml says.
    varied : mapping
        The same under all overlays; equal to `standard` when there is none.
    overlay : mapping
        The overlays as one: changed keys only.
    name : str
        What the overlays are called together; empty when there is none.
    files : tuple of str
        Where they come from.
    """

    standard: Mapping[str, Any]
    varied: Mapping[str, Any]
    overlay: Mapping[str, Any]
    name: str = ""
    files: tuple[str, ...] = ()


def read(file: Path, settings: CommandLine, check: bool = True, known: KnownTables | None = None) -> Configs:
    """Config and overlays of this run; `SystemExit` with everything that is wrong with them.

    Parameters
    ----------
    file : Path
        config.yaml.
    settings : CommandLine or snakemake.settings.types.ConfigSettings
    check : bool
        Whether to look for mistakes; a process that does one job of a run takes them as checked.
    known : KnownTables, optional
        Tables in which an earlier run found no mistake.
    """
    text = config_checks.refuse_unreadable(file)
    if check:
        config_checks.refuse_wrong(file, text, known)
    sources = _sources(file, settings)
    overlay: dict[str, Any] = {}
    for source in sources:
        overlay = combined(overlay, source.text.data)
    varied = merged(text.data, overlay)
    if check and sources:
        _refuse(text.data, varied, sources, settings, known)
    named = [source.file for source in sources if source.file != COMMAND_LINE]
    name = str(overlay.pop("variant", None) or default_name(named))
    varied.pop("variant", None)
    if named and not NAME.fullmatch(name):
        files = " and ".join(map(str, named))
        config_checks.stop(
            [f"{files}: no folder can be named after it; add a line such as  variant: my_name"]
        )
    return Configs(text.data, varied, overlay, name, tuple(str(source.file) for source in sources))


def given(config: Mapping[str, Any], check: bool = True) -> Configs:
    """The config that another workflow hands over (`module: config:`); `SystemExit` with what is wrong with it."""
    # every `use rule` reads this workflow again, with what it put there for its captions
    config = {key: value for key, value in config.items() if key != "words"}
    found = config_checks.problems(config) if check else []
    if found:
        config_checks.stop([f"module config: {problem}" for problem in found])
    return Configs(config, config, {})


def merged(base: Any, change: Any) -> Any:
    """`base` under `change`; neither is altered."""
    if not isinstance(change, Mapping):
        return copy.deepcopy(change)
    result = dict(base) if isinstance(base, Mapping) else {}
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def combined(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """One overlay that does what two do one after the other."""
    result = dict(first)
    for key, value in second.items():
        old = result.get(key)
        both = isinstance(value, Mapping) and isinstance(old, Mapping)
        result[key] = combined(old, value) if both else copy.deepcopy(value)
    return result


def default_name(files: Sequence[Path]) -> str:
    """The stems of the files, as far as a folder's name can hold them."""
    stems = [re.sub(r"[^A-Za-z0-9_-]+", "_", file.stem).strip("_-") for file in files]
    return "_".join(filter(None, stems))


def _sources(file: Path, settings: CommandLine) -> list[Source]:
    """Overlays in the order in which they count; config.yaml itself is none, however often it is given."""
    given = [Path(path) for path in settings.configfiles]
    files = [_known_as(path) for path in given if not (path.exists() and path.samefile(file))]
    if not isinstance(settings, CommandLine):
        _refuse_evaluated(files)
    sources = [Source(path, config_checks.refuse_unreadable(path)) for path in files]
    if settings.config:
        data = dict(settings.config)
        sources.append(Source(COMMAND_LINE, ConfigText(data, dict.fromkeys([(key,) for key in data], 0))))
    return sources


def _refuse_evaluated(files: Iterable[Path]) -> None:
    """Stop, and say what has happened, when Snakemake has read what profiles/default lets pass nowhere."""
    for path in files:
        if config_text.asks_for_evaluation(path):
            raise SystemExit(
                f"{path} asks for template evaluation (`{config_text.EVALUATION}`), and Snakemake, which reads it "
                "first, has run the Python in it; no job was run. Config is data: remove the line"
            )


def _known_as(path: Path) -> Path:
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else Path(relative)


def _refuse(
    standard: Any,
    varied: Any,
    sources: list[Source],
    settings: CommandLine,
    known: KnownTables | None,
) -> None:
    lines = []
    if settings.replace_workflow_config:
        lines.append("--replace-workflow-config: an overlay changes config.yaml and cannot take its place")
    for source in sources:
        lines += [f"{source.file}: {text}" for text in _beyond_the_command_line(source)]
        found = _nothing_to_remove(standard, source.text.data, ())
        lines += [f"{_place(problem.path, [source])}: {problem}" for problem in found]
    # What `--config` may not give would be told twice.
    if not lines:
        lines = [
            f"{_place(problem.path, sources)}: {problem}"
            for problem in config_checks.problems(varied, overlaid=True, known=known)
        ]
    if lines:
        config_checks.stop(lines)


def _beyond_the_command_line(source: Source) -> Iterator[str]:
    if source.file == COMMAND_LINE:
        for key in source.text.data.keys() - set(_ON_THE_COMMAND_LINE):
            hint = did_you_mean(key, _ON_THE_COMMAND_LINE)
            yield (
                f"cannot give {key!r}{hint}; it takes {' and '.join(_ON_THE_COMMAND_LINE)}, "
                "everything else goes into a file: --configfile my.yaml"
            )


def _nothing_to_remove(base: Any, change: Any, path: KeyPath) -> Iterator[Problem]:
    """Keys that are to be taken out of a place where they are not."""
    known = base if isinstance(base, Mapping) else {}
    for key, value in change.items() if isinstance(change, Mapping) else ():
        if value is None and key not in known:
            hint = did_you_mean(str(key), [str(name) for name in known])
            yield Problem(
                (*path, key), f"has no value (null takes a key out), but there is no such key{hint}"
            )
        else:
            yield from _nothing_to_remove(known.get(key), value, (*path, key))


def _place(path: KeyPath, sources: list[Source]) -> str:
    """File and line of the overlay that reaches furthest towards a problem; the last of those that reach alike."""
    best = max(reversed(sources), key=lambda source: len(source.text.reach(path)))
    line = best.text.lines.get(best.text.reach(path))
    return f"{best.file}, line {line}" if line else str(best.file)


def main(arguments: Sequence[str]) -> None:
    """Stop with the first file that cannot be read, and why (`SystemExit`)."""
    for name in arguments:
        config_checks.refuse_unreadable(Path(name))


if __name__ == "__main__":
    main(sys.argv[1:])
