"""Studies: named computations that turn parameters into a table.

A study is a frozen dataclass whose fields are its parameters, registered under
``"<paper>.<name>"``, the name that the configuration uses::

    @study("detuning_curves")
    @dataclass(frozen=True, kw_only=True)
    class DetuningCurves:
        \"\"\"Heat current and negativity against the detuning (figure 2).\"\"\"

        T_h: Values
        delta: Grid
        T_c: float

        def check(self) -> None: ...    # build the machines: their constructors validate, cheaply
        def table(self) -> Table: ...

Parameters come as plain YAML data. The type of a field says what it may hold: `float`, `Extended`
(a float that may be infinite), `int`, `bool`, `Literal` choices, `Grid`, or a tuple of one of them
(`Values` is the tuple of floats). A study is found by its registered name in a paper's package of
a collection (`qte.data.collections`) and nowhere else: a name is data, never a path or code.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast, get_type_hints

from qte.common.errors import ParameterError, QteError
from qte.common.parameters import did_you_mean
from qte.common.text import error_with_place
from qte.data import collections
from qte.data.fields import Extended, Grid, Listed, Values, convert, converter, to_plain
from qte.data.provenance import Provenance

if TYPE_CHECKING:
    from qte.data.tables import Table

__all__ = [
    "Extended",
    "Grid",
    "Listed",
    "Study",
    "StudyError",
    "Values",
    "broken",
    "build",
    "check_ours",
    "failures",
    "get",
    "module_of",
    "name_of",
    "names",
    "papers",
    "params_of",
    "problems",
    "run",
    "study",
]

_NAME = re.compile(r"[a-z][a-z0-9]*\.[a-z][a-z0-9_]*")


class Study(Protocol):
    """What `study` registers: a frozen dataclass with these two methods."""

    def check(self) -> None:
        """Raise `ParameterError` if the parameters are not physical; compute nothing."""

    def table(self) -> Table:
        """Compute the table."""


class StudyError(QteError, ValueError):
    """A study, or a parameter of one, that does not exist or is missing.

    Attributes
    ----------
    study : str
        The study as it was named.
    name : str
        The parameter, or the study itself.
    problem : str
        What is wrong with it, for a message that already names the place.
    """

    def __init__(self, study: str, name: str, problem: str) -> None:
        self.study = study
        self.name = name
        self.problem = problem
        super().__init__(f"Study `{study}`: {problem}." if study != name else f"{problem}.")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.study, self.name, self.problem)


_registry: dict[str, type[Study]] = {}
# Module that cannot be imported -> what its import raised, on one line, and its file.
_failed: dict[str, tuple[str, Path]] = {}
S = TypeVar("S", bound=Study)


def study(name: str) -> Callable[[type[S]], type[S]]:
    """Register a study under its paper and this name.

    Raises
    ------
    TypeError
        If there is no name or it is taken, the class is no frozen keyword-only dataclass in a paper's
        package, or a field has a type that plain data cannot fill.
    """
    if not isinstance(name, str):
        raise TypeError(f'Study {getattr(name, "__name__", name)} needs a name: @study("my_study")')

    def register(cls: type[S]) -> type[S]:
        key = f"{_checked(cls)}.{name}"
        if not _NAME.fullmatch(key):
            raise TypeError(
                f"Study {cls.__name__} is called {name!r}, but a name is lower-case words joined by _"
            )
        known = _registry.get(key)
        if known and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"Study `{key}` is registered twice: {known.__module__} and {cls.__module__}")
        _registry[key] = cls
        return cls

    return register


def _checked(cls: type[Study]) -> str:
    """The paper of a class that may be a study."""
    paper = collections.paper_of(cls.__module__)
    if paper is None:
        raise TypeError(f"Study {cls.__name__} must be defined in a module of qte.papers.<paper>")
    if not is_dataclass(cls) or not cls.__dataclass_params__.frozen:
        raise TypeError(f"Study {cls.__name__} must be a frozen dataclass; put @study above @dataclass")
    hints = get_type_hints(cls, include_extras=True)
    for field in fields(cls):
        if not field.kw_only:
            raise TypeError(f"Field {cls.__name__}.{field.name} must be keyword-only")
        converter(hints[field.name])
    return paper


def papers() -> tuple[str, ...]:
    """Keys of the papers of all collections."""
    return tuple(collections.packages())


def names(paper: str | None = None) -> tuple[str, ...]:
    """Registered names, of one paper or of all.

    Raises
    ------
    StudyError
        If there is no such paper.
    """
    for key in papers() if paper is None else (paper,):
        _load(key)
    return tuple(sorted(key for key in _registry if paper is None or key.split(".")[0] == paper))


def get(name: str) -> type[Study]:
    """Class of a study by its registered name.

    Raises
    ------
    StudyError
        If nothing is registered under that name; the nearest name is in the message.
    """
    if isinstance(name, str) and name in _registry:
        return _registry[name]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise StudyError(str(name), str(name), f"{name!r} is not a study's name, <paper>.<study>")
    paper = name.split(".")[0]
    known = names(paper)
    if name not in _registry:
        if module := _broken_home(name):
            raise StudyError(
                name, name, f"{module}, which has study {name!r}, cannot be imported: {_failed[module][0]}"
            )
        hint = did_you_mean(name, known)
        there = ", ".join(known) or "none"
        what = [f"there is no study {name!r}{hint}; there are: {there}", *failures(paper)]
        raise StudyError(name, name, "; ".join(what))
    return _registry[name]


def failures(paper: str) -> list[str]:
    """One line for each module of studies of a paper that cannot be imported."""
    return [said for module, (said, _) in _failed.items() if collections.paper_of(module) == paper]


def broken(name: str) -> bool:
    """Whether a study is defined in a module that cannot be imported; all others can be used."""
    paper = name.split(".")[0]
    return name not in names(paper) and bool(_broken_home(name))


def _broken_home(name: str) -> str:
    """The module that cannot be imported and whose text registers this name; empty if there is none."""
    paper, _, own = name.partition(".")
    here = re.compile(rf"^@(?:\w+\.)?study\(\s*[\"']{re.escape(own)}[\"']", re.MULTILINE)
    for module, (_, file) in _failed.items():
        if collections.paper_of(module) == paper and here.search(
            file.read_text(encoding="utf-8", errors="replace")
        ):
            return module
    return ""


def name_of(target: Study | type[Study]) -> str:
    """Registered name of a study or its class."""
    cls = target if isinstance(target, type) else type(target)
    for key, known in _registry.items():
        if known is cls:
            return key
    raise StudyError(cls.__name__, cls.__name__, f"{cls.__name__} is not registered")


def module_of(name: str) -> str:
    """Dotted name of the module that defines a study: the root of what its tables depend on."""
    return _broken_home(name) if broken(name) else get(name).__module__


def params_of(target: Study) -> dict[str, Any]:
    """Every parameter of a study, defaults included, as plain data that `build` takes back."""
    return {field.name: to_plain(getattr(target, field.name)) for field in fields(cast(Any, target))}


def build(name: str, params: Mapping[str, Any]) -> Study:
    """Study with its parameters converted from plain data; does not call its `check`.

    Parameters
    ----------
    name : str
        Registered name.
    params : mapping of str to plain data
        One entry a field; those with a default may be left out.

    Raises
    ------
    StudyError
        If the study or a parameter does not exist, or a parameter is missing.
    ParameterError
        If a value is not what its field may hold.
    """
    instance, found = _convert_all(name, params)
    if instance is None:
        raise found[0]
    return instance


def problems(name: str, params: Mapping[str, Any]) -> tuple[StudyError | ParameterError, ...]:
    """Everything that is wrong with a study's parameters; empty when it can be run.

    Cheap: nothing is computed.
    """
    try:
        instance, found = _convert_all(name, params)
        if instance is not None:
            instance.check()
    except (StudyError, ParameterError) as error:
        return (error,)
    return tuple(found)


def run(
    name: str, params: Mapping[str, Any], ours: Sequence[str] = (), *, table: str = ""
) -> tuple[Table, Provenance]:
    """Check a study's parameters and compute its table.

    Parameters
    ----------
    name, params
        See `build`.
    ours : sequence of str
        Names of the parameters that the paper leaves open.
    table : str
        Key of the table; the study's own name if empty.

    Returns
    -------
    table : Table
    provenance : Provenance
        For `qte.data.tables.write`.

    Raises
    ------
    StudyError, ParameterError
        See `build`.
    """
    instance = build(name, params)
    if unknown := check_ours(name, ours):
        raise unknown
    instance.check()
    paper, short = name.split(".")
    provenance = Provenance(paper, table or short, name, params_of(instance), tuple(ours))
    return instance.table(), provenance


def check_ours(name: str, ours: Sequence[str]) -> StudyError | None:
    """Error for the first name in `ours` that is no parameter of the study, or None."""
    known = [field.name for field in fields(cast(Any, get(name)))]
    for param in ours:
        if param not in known:
            return _unknown(name, param, known)
    return None


def _convert_all(
    name: str, params: Mapping[str, Any]
) -> tuple[Study | None, list[StudyError | ParameterError]]:
    """The study, or None and everything that stands in its way."""
    cls = get(name)
    if not isinstance(params, Mapping):
        return None, [ParameterError("params", params, "be a mapping of parameter names to values")]
    hints = get_type_hints(cls, include_extras=True)
    known = {field.name: field for field in fields(cast(Any, cls))}
    found: list[StudyError | ParameterError] = []
    found.extend(_unknown(name, str(param), list(known)) for param in params if param not in known)
    values: dict[str, Any] = {}
    for param, field in known.items():
        if param in params:
            try:
                values[param] = convert(hints[param], param, params[param])
            except ParameterError as error:
                found.append(error)
        elif field.default is MISSING and field.default_factory is MISSING:
            found.append(StudyError(name, param, f"the parameter `{param}` is missing"))
    if found:
        return None, found
    try:
        return cls(**values), []
    except ParameterError as error:
        return None, [error]


def _unknown(study: str, param: str, known: Sequence[str]) -> StudyError:
    hint = did_you_mean(param, known)
    return StudyError(study, param, f"no parameter `{param}`{hint}; it takes {', '.join(known)}")


def _load(paper: str) -> None:
    """Import the studies of a paper: its modules whose names begin with `studies`.

    A module that cannot be imported takes its own studies with it, and no others.
    """
    home = collections.package_of(paper)
    if home is None:
        if any(key.startswith(f"{paper}.") for key in _registry):
            return
        raise StudyError(paper, paper, f"there is no paper {paper!r}{did_you_mean(paper, papers())}")
    spec = importlib.util.find_spec(home)
    folders = (spec.submodule_search_locations if spec else None) or []
    files = (
        file
        for folder in folders
        for end in (".py", "/__init__.py")
        for file in Path(folder).glob(f"studies*{end}")
    )
    for file in sorted(files):
        name = f"{home}.{file.parent.name if file.stem == '__init__' else file.stem}"
        if name not in _failed:
            try:
                importlib.import_module(name)
            except (Exception, SystemExit) as error:  # whatever a module of somebody's own may raise
                _failed[name] = error_with_place(error), file
                for key in [key for key, known in _registry.items() if known.__module__ == name]:
                    del _registry[key]
