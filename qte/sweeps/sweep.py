"""A grid of parameters in one call: any machine, any of its quantities, one tidy frame::

    from qte.machines import TwoQubitEngine
    from qte.sweeps.sweep import sweep

    frame = sweep(
        TwoQubitEngine, ["net_current", "negativity"],
        T_h=[0.5, 1.0], delta=np.linspace(0, 0.06, 241), g=1.6e-3, gamma_h=1e-3, gamma_c=1.1e-2, T_c=0.1,
    )

Machines broadcast their parameters and know no Cartesian product; here every sequence is an axis
of one. `qte.plotting.sweeps.plot_sweep` draws the frame.
"""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, get_origin, get_type_hints

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm  # type: ignore[import-untyped]

from qte import __version__
from qte.common import parameters as check
from qte.common.errors import ParameterError, QteError, SteadyStateError
from qte.common.parameters import Whole, did_you_mean
from qte.data.markdown import math_symbol
from qte.machines.base import Machine
from qte.sweeps.observables import Observable, axis_label, getters, observables_of

__all__ = ["SweepError", "observables_of", "sweep"]

Array = NDArray[Any]
Make: TypeAlias = Callable[..., Machine]

# A chunk may take this much memory; most of it is the superoperator, entry by entry, of every point.
MEMORY = 256e6
BYTES_PER_ENTRY = 40
# More points a chunk are no faster, and a progress bar should move.
MOST_POINTS = 16384
# Seconds after which a progress bar appears.
LONG = 2.0


class SweepError(QteError, ValueError):
    """Something went wrong at one point of a sweep.

    Attributes
    ----------
    point : dict
        The parameters there.
    problem : str
        What went wrong, in the machine's own words; the original error is the cause.
    """

    def __init__(self, point: Mapping[str, Any], problem: str) -> None:
        self.point = dict(point)
        self.problem = problem
        where = ", ".join(f"{name} = {value!r}" for name, value in self.point.items())
        super().__init__(f"At {where}: {problem}" if where else problem)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.point, self.problem)


@dataclass(frozen=True)
class _Axis:
    """One swept parameter: its values, and whether a machine takes them only one by one."""

    name: str
    values: Sequence[Any] | Array
    one_by_one: bool


def sweep(
    machine: Make,
    /,
    quantities: Sequence[str] | Mapping[str, str | Observable],
    *,
    progress: bool | None = None,
    max_memory: float = MEMORY,
    **parameters: Any,
) -> pd.DataFrame:
    """Quantities of a machine over the Cartesian product of its parameters' grids.

    Parameters
    ----------
    machine : type or callable
        A class of `qte.machines`, or any function of the named parameters that returns a machine;
        it is called with arrays and computes with them elementwise.
    quantities : sequence of str, or mapping of str to (str or callable)
        Names as `observables_of` lists them, such as ``"negativity"``, ``"heat_current:h"``,
        ``"concurrence:1,3"``, ``"fidelity:singlet"``, ``"unique"``. A mapping renames columns, and
        may hold functions of the machine that return one number a point.
    progress : bool, optional
        Whether to show a progress bar; if not given, on a terminal or in a notebook, and
        only on work of more than two seconds.
    max_memory : float
        Working memory of one chunk of points, in bytes.
    **parameters
        A number or a word, or a sequence of them: an axis of the product. What the machine does
        not broadcast (words, numbers of qubits) is taken one by one. The one exception: a tuple is
        a single value where the machine's field is a tuple.

    Returns
    -------
    DataFrame, shape (n_points, n_parameters + n_quantities)
        One row a point in C order of the axes as written (the last runs fastest). ``attrs``
        holds the machine, all its parameters with defaults, the axes, the labels and the version.

    Raises
    ------
    ParameterError
        A quantity or parameter that does not exist, with the nearest name; a grid that is empty or
        has several dimensions; or a value that the machine refuses whatever the others are.
    SweepError
        The machine refuses a point, or its steady state there could not be certified: names the point.

    Examples
    --------
    >>> from qte.machines import TwoQubitEngine
    >>> frame = sweep(
    ...     TwoQubitEngine, ["negativity", "heat_current:h"],
    ...     T_h=[0.5, 1.0], delta=[0.0, 0.02], g=1.6e-3, gamma_h=1e-3, gamma_c=1.1e-2, T_c=0.1,
    ... )
    >>> frame[["T_h", "delta", "negativity"]].round(6)
       T_h  delta  negativity
    0  0.5   0.00    0.000286
    1  0.5   0.02    0.000070
    2  1.0   0.00    0.002053
    3  1.0   0.02    0.000432
    """
    if not (progress is None or isinstance(progress, bool)):
        raise ParameterError("progress", progress, "be True, False or None")
    max_memory = check.scalar("max_memory", max_memory, above=0.0)
    _check_names(machine, parameters)
    axes = [axis for name, value in parameters.items() if (axis := _axis(machine, name, value)) is not None]
    fixed = {name: value for name, value in parameters.items() if name not in {a.name for a in axes}}
    chunks = list(_chunks(axes, _first(machine, axes, fixed), max_memory))
    # constructors are cheap: whatever they refuse is known before anything is computed
    for _, chunk in chunks:
        with _named(chunk, axes):
            machine(**fixed, **chunk)
    asked = getters(quantities, _first(machine, axes, fixed))
    shape = tuple(len(axis.values) for axis in axes)
    found: dict[str, Array] = {}
    bar = tqdm(
        total=math.prod(shape),
        desc=_name_of(machine),
        unit="point",
        delay=LONG,
        disable=not _visible(progress),
    )
    with bar:
        for place, chunk in chunks:
            for column, values in _evaluate(machine, asked, {**fixed, **chunk}, chunk, axes).items():
                found.setdefault(column, np.empty(shape, values.dtype)).flat[place] = values
            bar.update(len(place))
    return _frame(parameters, axes, found, _attributes(machine, asked, axes, fixed))


def _check_names(machine: Make, parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that the machine does not have, or lacks."""
    if not callable(machine):
        raise ParameterError("machine", machine, "be a machine's class or a function that returns a machine")
    try:
        takes = inspect.signature(machine).parameters
    except ValueError:  # a built-in type
        allowed = "be a machine's class or a function that returns a machine"
        raise ParameterError("machine", machine, allowed) from None
    if any(p.kind is p.VAR_KEYWORD for p in takes.values()):
        return
    for name in parameters:
        if name not in takes:
            wanted = f"be one of {', '.join(takes)}{did_you_mean(name, takes)}"
            raise ParameterError("parameters", name, wanted)
    missing = [name for name, p in takes.items() if p.default is p.empty and name not in parameters]
    if missing:
        raise ParameterError("parameters", tuple(parameters), f"name {', '.join(missing)} as well")


def _axis(machine: Make, name: str, value: Any) -> _Axis | None:
    """The axis of a parameter, or None for a single value."""
    hint = _hints(machine).get(name)
    of_tuples = hint is tuple or get_origin(hint) is tuple
    check.unmasked(name, value)
    try:
        dimensions = np.ndim(value)
    except ValueError:  # rows of different lengths
        allowed = "be a number or a one-dimensional grid, not rows of different lengths"
        raise ParameterError(name, value, allowed) from None
    if isinstance(value, (str, bytes)) or dimensions == 0 or (isinstance(value, tuple) and of_tuples):
        return None
    if not np.size(value):
        raise ParameterError(name, value, "hold at least one value")
    if of_tuples or _is_whole(hint) or np.asarray(value).dtype.kind not in "iuf":
        return _Axis(name, list(value), one_by_one=True)
    if dimensions != 1:
        raise ParameterError(
            name, np.shape(value), "be a number or a one-dimensional grid, not of this shape"
        )
    return _Axis(name, np.asarray(value), one_by_one=False)


def _hints(machine: Make) -> dict[str, Any]:
    """What each parameter is annotated as."""
    if isinstance(machine, type):
        return get_type_hints(machine, include_extras=True)
    try:
        takes = inspect.signature(machine, eval_str=True).parameters
    except NameError:
        # annotations that only a type checker can look up
        return {}
    return {name: found.annotation for name, found in takes.items()}


def _is_whole(hint: Any) -> bool:
    return hint is int or any(isinstance(kind, Whole) for kind in getattr(hint, "__metadata__", ()))


def _first(machine: Make, axes: Sequence[_Axis], fixed: Mapping[str, Any]) -> Machine:
    """The machine at the first point."""
    made = machine(**fixed, **{axis.name: axis.values[0] for axis in axes})
    if not isinstance(made, Machine):
        raise ParameterError("machine", _name_of(machine), f"return a machine, not {type(made).__name__}")
    return made


def _chunks(
    axes: Sequence[_Axis], sample: Machine, max_memory: float
) -> Iterator[tuple[NDArray[np.intp], dict[str, Any]]]:
    """Points (counted in C order of all axes) and their parameters, piece by piece.

    The pieces depend on sizes alone, so that a sweep gives the same digits everywhere.
    """
    shape = tuple(len(axis.values) for axis in axes)
    arrays = [k for k, axis in enumerate(axes) if not axis.one_by_one]
    ones = [k for k, axis in enumerate(axes) if axis.one_by_one]
    count = math.prod(shape[k] for k in arrays)
    step = max(1, min(MOST_POINTS, int(max_memory / (BYTES_PER_ENTRY * _dim(sample) ** 4))))
    for choice in itertools.product(*(range(shape[k]) for k in ones)):
        for start in range(0, count, step):
            inside = np.arange(start, min(start + step, count))
            where = np.unravel_index(inside, tuple(shape[k] for k in arrays)) if arrays else ()
            place: list[Any] = [np.intp(0)] * len(axes)
            for k, number in zip(ones, choice, strict=True):
                place[k] = np.full(len(inside), number)
            for k, numbers in zip(arrays, where, strict=True):
                place[k] = numbers
            flat = np.ravel_multi_index(tuple(place), shape) if axes else inside
            chunk = {axes[k].name: axes[k].values[number] for k, number in zip(ones, choice, strict=True)}
            chunk |= {axes[k].name: np.asarray(axes[k].values)[place[k]] for k in arrays}
            yield np.asarray(flat), chunk


def _dim(machine: Machine) -> int:
    try:
        return machine.generator.dim
    except QteError:
        # described by moments, not by a density matrix
        return 1


def _evaluate(
    machine: Make,
    asked: Mapping[str, tuple[str, Observable]],
    parameters: Mapping[str, Any],
    chunk: Mapping[str, Any],
    axes: Sequence[_Axis],
) -> dict[str, Array]:
    with _named(chunk, axes):
        made = machine(**parameters)
        return {
            column: _one_a_point(column, get(made), made.shape, chunk) for column, (_, get) in asked.items()
        }


def _one_a_point(column: str, value: Any, grid: tuple[int, ...], chunk: Mapping[str, Any]) -> Array:
    """A quantity as one real number a point, shape (points,)."""
    points = max((np.size(v) for v in chunk.values() if isinstance(v, np.ndarray)), default=1)
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        wanted = f"give one number a point, shape ({points},), not rows of different lengths"
        raise ParameterError("quantities", column, wanted) from None
    try:
        array = np.broadcast_to(array, np.broadcast_shapes(grid, (points,)))
    except ValueError:
        wanted = f"give one number a point, shape ({points},), not {array.shape}"
        raise ParameterError("quantities", column, wanted) from None
    if array.dtype.kind not in "iufb":
        raise ParameterError("quantities", column, f"give real numbers, not {array.dtype}")
    return array


class _named:
    """Errors that name the point of the sweep, not the index within a chunk."""

    def __init__(self, chunk: Mapping[str, Any], axes: Sequence[_Axis]) -> None:
        self.chunk = {axis.name: chunk[axis.name] for axis in axes}

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ParameterError) and error.index:
            plain = ParameterError(error.name, error.value, error.allowed)
            raise SweepError(self._at(error.index), str(plain)) from error
        if isinstance(error, SteadyStateError):
            first = next((index for index in error.indices if index), ())
            more = f" (and at {len(error.indices) - 1} more points)" if len(error.indices) > 1 else ""
            raise SweepError(self._at(first), error.message.rstrip(".") + more + ".") from error

    def _at(self, index: tuple[int, ...]) -> dict[str, Any]:
        def pick(value: Any) -> Any:
            if not isinstance(value, np.ndarray):
                return value
            return value[index[-1]].item() if index and index[-1] < value.size else value[0].item()

        return {name: pick(value) for name, value in self.chunk.items()}


def _frame(
    parameters: Mapping[str, Any],
    axes: Sequence[_Axis],
    found: Mapping[str, Array],
    attributes: dict[str, Any],
) -> pd.DataFrame:
    shape = tuple(len(axis.values) for axis in axes)
    places = dict(
        zip((axis.name for axis in axes), np.indices(shape).reshape(len(axes), math.prod(shape)), strict=True)
    )
    values = {axis.name: axis.values for axis in axes}
    columns: dict[str, Any] = {}
    for name, value in parameters.items():
        if name not in values:
            columns[name] = [value] * math.prod(shape)
        elif isinstance(values[name], np.ndarray):
            columns[name] = np.asarray(values[name])[places[name]]
        else:
            columns[name] = [values[name][number] for number in places[name]]
    if clash := set(columns) & set(found):
        raise ParameterError("quantities", sorted(clash)[0], "not have the name of a parameter")
    frame = pd.DataFrame(columns | {name: array.reshape(-1) for name, array in found.items()})
    frame.attrs.update(attributes)
    return frame


def _attributes(
    machine: Make,
    asked: Mapping[str, tuple[str, Observable]],
    axes: Sequence[_Axis],
    fixed: Mapping[str, Any],
) -> dict[str, Any]:
    """What the frame is made of, as plain data."""
    made = _first(machine, axes, fixed)
    swept = {axis.name: [_plain(value) for value in axis.values] for axis in axes}
    fields = {f.name: _plain(getattr(made, f.name)) for f in dataclasses.fields(made)}  # type: ignore[arg-type]
    labels = {name: math_symbol(name).replace("`", "") for name in [*swept, *fixed]}
    return {
        "machine": _name_of(machine),
        "parameters": fields | {k: _plain(v) for k, v in fixed.items()} | swept,
        "axes": list(swept),
        "quantities": {column: name for column, (name, _) in asked.items()},
        "labels": labels | {column: axis_label(name) for column, (name, _) in asked.items()},
        "qte": __version__,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, dict):
        return {str(label): _plain(item) for label, item in value.items()}
    if dataclasses.is_dataclass(value):  # a spectral density
        return repr(value)
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value


def _name_of(machine: Make) -> str:
    return getattr(machine, "__name__", type(machine).__name__)


def _visible(progress: bool | None) -> bool:
    """Whether somebody is looking: a terminal, or a notebook's kernel."""
    if progress is not None:
        return progress
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return sys.stderr.isatty() or hasattr(shell, "kernel")
