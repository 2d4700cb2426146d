"""A figure of one's own that already runs: study, notebook, test and config entries (`make new-figure`).

python -m workflow.commands.new_figure my_figure [--paper khandelwal2020] [--machine two_qubit] [--x T_h]
    [--family g] [--new-paper]

All or nothing: everything is written into a copy of the project first, where the config is checked and the table is
computed; only then do the files appear here, config.yaml last.
"""

import argparse
import dataclasses
import importlib
import inspect
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import qte.machines
from qte.common.errors import QteError
from qte.common.files import write_atomically
from qte.common.parameters import (
    COUPLING,
    GAP,
    RATE,
    TEMPERATURE,
    TUNNELLING,
    Kind,
    Number,
    Whole,
    did_you_mean,
    kinds_of,
)
from qte.data import studies
from qte.machines.base import Machine
from workflow import project
from workflow.commands.scaffold.config_insert import CannotInsert, Entry, insert
from workflow.commands.scaffold.figure_templates import OWN, PACKAGE, Figure
from workflow.config import config_checks, config_text

CONFIG = Path("config.yaml")
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*")
PAPER = re.compile(r"[a-z][a-z0-9]*")
# What the copy needs so that a config can be checked and a table computed.
COPIED = (
    "qte",
    "workflow",
    "notebooks",
    "requirements.lock",
)

# Values with which each machine shows something; machines that are not here get values by their parameters' kinds.
KNOWN: dict[str, dict[str, Any]] = {
    "two_qubit": {
        "x": ("T_h", {"start": 0.1, "stop": 1.5, "num": 141}),
        "family": ("g", (0.001, 0.0016, 0.003)),
        "fixed": {"eps_h": 1.0, "delta": 0.0, "gamma_h": 0.001, "gamma_c": 0.011, "T_c": 0.1},
    },
    "common_reservoir": {
        "x": ("T_C", {"start": 0.0, "stop": 10.0, "num": 101}),
        "family": ("T_A", (2.0, 4.0, 6.0)),
        "fixed": {"eps_A": 20.0, "eps_B": 20.0, "Omega": 6.0, "T_B": 4.0},
    },
    "three_qubit": {
        "x": ("mu", {"start": 0.0, "stop": 20.0, "num": 101}),
        "family": ("U", (5.0, 10.0, 20.0)),
        "fixed": {"g13": 0.05, "g23": 0.05, "gamma_1": 0.1, "gamma_3": 0.1, "T_1": 1.0, "T_3": 1.0},
    },
    "w_state": {
        "x": ("mu", {"start": 0.0, "stop": 20.0, "num": 21}),
        "family": ("U", (5.0, 10.0, 20.0)),
        "fixed": {"n": 3, "g": 0.05, "gamma": 0.1, "T": 1.0},
    },
    "junction": {
        "x": ("T_L", {"start": 0.1, "stop": 3.0, "num": 117}),
        "family": ("gamma_R", (0.01, 0.02, 0.05)),
        "fixed": {"gamma_L": 0.01, "T_R": 0.1},
    },
    "spin_chain": {
        "x": ("T_L", {"start": 0.1, "stop": 3.0, "num": 30}),
        "family": ("g", (0.01, 0.02, 0.05)),
        "fixed": {"N": 4, "gamma_L": 0.01, "gamma_R": 0.02, "T_R": 0.1},
    },
}


USUAL: dict[Kind, float] = {TEMPERATURE: 1.0, GAP: 1.0, RATE: 0.01, TUNNELLING: 0.01, COUPLING: 0.02}


class Refused(Exception):
    """Why no figure was made, in one line."""


def create(
    name: str,
    paper: str = OWN,
    machine: str = "two_qubit",
    *,
    x: str = "",
    family: str = "",
    new_paper: bool = False,
) -> list[str]:
    """Write everything a new figure needs into the project in the working directory.

    Parameters
    ----------
    name, paper : str
        Keys of the figure.
    machine : str
        Module of `qte.machines`.
    x, family : str
        Parameters of the machine along the axis and from curve to curve; the machine's usual ones if empty.
    new_paper : bool
        Whether `paper` may be a key that does not exist yet.

    Returns
    -------
    list of str
        The files, config.yaml last.

    Raises
    ------
    Refused
        Nothing was written.
    """
    config = config_text.read(CONFIG)
    if config.complaints:
        line, what = config.complaints[0]
        raise Refused(f"{CONFIG}{f', line {line}' if line else ''}: {what}; mend that first")
    if found := config_checks.problems(config.data):
        raise Refused(f"{CONFIG} has a mistake ({found[0]}); mend that first")
    _check_names(name, paper, config.data, new_paper=new_paper)
    figure = _figure(name, paper, machine, x, family)
    files = figure.files()
    if not Path("qte", "papers", paper).is_dir():
        files = {f"qte/papers/{paper}/__init__.py": PACKAGE, **files}
    for file in files:
        if Path(file).exists():
            raise Refused(f"{file} exists; choose another NAME or remove it")
    if f"{paper}.{name}" in (studies.names(paper) if paper in studies.papers() else ()):
        raise Refused(f"{paper} has a study `{name}` already; choose another NAME")
    old = CONFIG.read_text(encoding="utf-8")
    try:
        new = insert(
            old,
            [
                Entry("tables", paper, name, figure.tables_entry()),
                Entry("figures", paper, name, figure.figures_entry()),
            ],
        )
    except CannotInsert as error:
        raise Refused(f"{CONFIG} cannot take the entries: {error}") from None
    _rehearse(files, new, figure)
    _write(files, old, new)
    return [*files, str(CONFIG)]


def machines() -> dict[str, type[Machine]]:
    """Module name → the machine it defines, for every module of `qte.machines`."""
    found: dict[str, type[Machine]] = {}
    for module in pkgutil.iter_modules(qte.machines.__path__):
        try:
            home = importlib.import_module(f"qte.machines.{module.name}")
        except Exception as error:
            raise Refused(
                f"qte/machines/{module.name}.py cannot be imported: {type(error).__name__}: {error}"
            ) from error
        for _, member in inspect.getmembers(home, inspect.isclass):
            own = member.__module__ == home.__name__
            if own and issubclass(member, Machine) and not inspect.isabstract(member):
                found.setdefault(module.name, member)
    return found


def _check_names(name: str, paper: str, config: Mapping[str, Any], *, new_paper: bool) -> None:
    if not NAME.fullmatch(name):
        wanted = "words of lower-case letters and digits joined by underscores, such as my_figure"
        raise Refused(f"NAME={name!r} is not a figure's name; it must be {wanted}")
    if not PAPER.fullmatch(paper):
        raise Refused(f"PAPER={paper!r} is not a paper's key; it must be lower-case letters and digits")
    known = studies.papers()
    if paper not in known and paper != OWN and not new_paper:
        raise Refused(
            f"there is no paper {paper!r}{did_you_mean(paper, known)}; there are {', '.join(known)}. Leave PAPER out "
            f"for a figure of your own (it goes to `{OWN}`), or add NEW_PAPER=yes to begin a new one"
        )
    for section in ("tables", "figures"):
        taken = config[section].get(paper, {})
        if name in taken:
            raise Refused(f"{CONFIG} has {section}.{paper}.{name} already; choose another NAME")


def _figure(name: str, paper: str, machine: str, x: str = "", family: str = "") -> Figure:
    known = machines()
    if machine not in known:
        there = ", ".join(known)
        raise Refused(f"there is no machine {machine!r}{did_you_mean(machine, known)}; there are {there}")
    kind = known[machine]
    chosen = _chosen(kind, KNOWN.get(machine) or _guessed(kind), x, family)
    (along, grid), (curves, values), fixed = chosen["x"], chosen["family"], chosen["fixed"]
    try:
        sample = kind(**fixed, **{along: float(grid["stop"]), curves: values[0]})
        sample.net_current()
    except QteError as error:
        raise Refused(
            f"{kind.__name__} refuses the values that its parameters' kinds suggest: {error} "
            "Write the study by hand (docs/extend.md)"
        ) from None
    quantities = {
        name: own.quantity
        for name, own in kinds_of(kind).items()
        if name in (along, curves) and isinstance(own, Number)
    }
    return Figure(
        paper,
        name,
        kind.__name__,
        kind.__module__,
        along,
        grid,
        curves,
        values,
        fixed,
        quantities,
        _is_entangled(sample),
    )


def _chosen(kind: type[Machine], usual: dict[str, Any], x: str, family: str) -> dict[str, Any]:
    """The usual values with another parameter along the axis, or from curve to curve."""
    kinds = kinds_of(kind)
    names = [name for name, of in kinds.items() if isinstance(of, Number)]
    for role, wanted in (("X", x), ("FAMILY", family)):
        if wanted and wanted not in names:
            raise Refused(
                f"{role}={wanted!r} is no parameter of {kind.__name__}{did_you_mean(wanted, names)}; "
                f"it has {', '.join(names)}"
            )
    (along, grid), (curves, values) = usual["x"], usual["family"]
    points = {**usual["fixed"], along: float(grid["stop"]), curves: values[0]}
    x, family = x or (along if along != family else curves), family or (curves if curves != x else along)
    if x == family:
        raise Refused(f"X and FAMILY are both {x}; name two different parameters")
    for name in (x, family):
        points.setdefault(name, _usual(kinds[name]))
    # a zero spans no axis
    top, value = float(points[x]) or 0.1, float(points[family]) or 0.1
    return {
        "x": (x, grid if x == along else {"start": 0.1 * top, "stop": top, "num": 91}),
        "family": (family, values if family == curves else (value / 4, value / 2, value)),
        "fixed": {name: value for name, value in points.items() if name not in (x, family)},
    }


def _is_entangled(machine: Machine) -> bool:
    try:
        machine.negativity()
    except QteError:
        return False
    return True


def _guessed(kind: type[Machine]) -> dict[str, Any]:
    """Values for a machine that nobody described: by the kinds of its parameters."""
    kinds = kinds_of(kind)
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        if field.default is dataclasses.MISSING:
            if not isinstance(kinds.get(field.name), Number | Whole):
                raise Refused(
                    f"{kind.__name__}.{field.name} is {field.type}: write the study by hand (docs/extend.md)"
                )
            fields[field.name] = _usual(kinds[field.name])
    hot = [name for name in fields if kinds[name] == TEMPERATURE]
    others = [name for name in fields if name not in hot and isinstance(kinds[name], Number)]
    if not hot or not others:
        raise Refused(f"{kind.__name__} has no temperature to vary: write the study by hand (docs/extend.md)")
    family = next((name for name in others if kinds[name] == COUPLING), others[0])
    for name in hot[1:]:
        fields[name] = 0.1
    value = fields.pop(family)
    fields.pop(hot[0])
    return {
        "x": (hot[0], {"start": 0.1, "stop": 2.0, "num": 96}),
        "family": (family, (value, 2 * value, 4 * value)),
        "fixed": fields,
    }


def _usual(kind: Kind) -> float:
    return kind.minimum if isinstance(kind, Whole) else USUAL.get(kind, 0.1)


def _rehearse(files: Mapping[str, str], config: str, figure: Figure) -> None:
    """Check the config and compute the table in a copy of the project."""
    with tempfile.TemporaryDirectory(prefix="qte-new-figure-") as folder:
        stage = Path(folder)
        for name in COPIED:
            source = Path(name)
            if source.is_dir():
                shutil.copytree(source, stage / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                (stage / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, stage / name)
        for name, content in {**files, str(CONFIG): config}.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).write_text(content, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", _REHEARSAL, figure.paper, figure.name],
            cwd=stage,
            # Data files of one's own are read where they are.
            env=os.environ
            | {"PYTHONPATH": str(stage), "PYTHONDONTWRITEBYTECODE": "1", project.VARIABLE: str(Path.cwd())},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines() or ["no reason given"]
        raise Refused(f"the new figure would not run: {lines[-1]}")


_REHEARSAL = """
import sys
from pathlib import Path
from qte.data import studies
from workflow.config import config_checks, config_text
paper, name = sys.argv[1:]
text = config_text.read(Path("config.yaml"))
wrong = [what for _, what in text.complaints] or [str(p) for p in config_checks.problems(text.data)]
if wrong:
    sys.exit(wrong[0])
entry = text.data["tables"][paper][name]
studies.run(f"{paper}.{entry['study']}", entry["params"], entry.get("ours", []))
"""


def _write(files: Mapping[str, str], old: str, new: str) -> None:
    """All files, the config last; what was written is removed again if anything fails."""
    written: list[Path] = []
    folders: list[Path] = []
    try:
        for name, content in files.items():
            path = Path(name)
            missing = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
            for folder in reversed(missing):
                folder.mkdir()
                folders.append(folder)
            # a file that appeared in the meantime is not ours to overwrite
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(content)
        if CONFIG.read_text(encoding="utf-8") != old:
            raise Refused(f"{CONFIG} was changed in the meantime; try again")
        write_atomically(CONFIG, new.encode())
    except (OSError, Refused) as error:
        for path in written:
            path.unlink(missing_ok=True)
        for folder in reversed(folders):
            shutil.rmtree(folder, ignore_errors=True)
        raise Refused(str(error)) from error


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("--paper", default=OWN)
    parser.add_argument("--machine", default="two_qubit")
    parser.add_argument("--x", default="")
    parser.add_argument("--family", default="")
    parser.add_argument("--new-paper", action="store_true")
    options = parser.parse_args(arguments)
    try:
        files = create(**vars(options))
    except Refused as refusal:
        print(f"No figure was made: {refusal}.", file=sys.stderr)
        return 2
    key = f"{options.paper}/{options.name}"
    print("\n".join(f"wrote {file}" for file in files))
    print(f"\nNow:  make figures            draws figures/{key}.pdf")
    print(f"then: edit the study, its numbers in config.yaml and notebooks/{key}.ipynb; make figures again")
    print("      make docs               brings it into docs/figures.md")
    print(f'      make accept REASON="new" FIGURE={key}')
    return 0


if __name__ == "__main__":
    sys.exit(main())
