"""The door for QuTiP: whatever has ``.full()`` and ``.dims`` is taken, and states are given back as ``Qobj``.

Nothing here imports QuTiP but `to_qutip`, and that only when it is called.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from qte.common.errors import ParameterError


def is_qobj(value: Any) -> bool:
    """Whether a value offers what is read of a ``Qobj``: ``.full()`` and ``.dims``."""
    return callable(getattr(value, "full", None)) and hasattr(value, "dims")


def unwrapped(name: str, value: Any) -> Any:
    """Operators and states of QuTiP as arrays, a list of them as a list of arrays; all else as it is.

    Parameters
    ----------
    name : str
        Argument name for the message.
    value : object
        An operator becomes an array (d, d), a state vector one of shape (d,).

    Raises
    ------
    ParameterError
        A superoperator.
    """
    if isinstance(value, (list, tuple)) and value and is_qobj(value[0]):
        return [unwrapped(name, one) for one in value]
    if not is_qobj(value):
        return value
    dims_of(name, value)
    array = np.asarray(value.full())
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 < array.shape[0] else array


def projected(name: str, value: Any) -> Any:
    """As `unwrapped`, but of a state vector of QuTiP its density matrix."""
    if isinstance(value, (list, tuple)) and value and is_qobj(value[0]):
        return [projected(name, one) for one in value]
    array = unwrapped(name, value)
    return np.outer(array, array.conj()) if is_qobj(value) and array.ndim == 1 else array


def dims_of(name: str, value: Any) -> tuple[int, ...] | None:
    """Dimensions of the factors that an operator or a state of QuTiP (the first of a list) brings along, or None.

    Raises
    ------
    ParameterError
        A superoperator.
    """
    if isinstance(value, (list, tuple)) and value:
        value = value[0]
    if not is_qobj(value):
        return None
    factors = value.dims[0]
    if not all(isinstance(d, (int, np.integer)) for d in factors):
        raise ParameterError(name, value.dims, "be an operator or a state, not a superoperator")
    return tuple(int(d) for d in factors)


def to_qutip(states: Any, dims: Sequence[int] | None = None) -> Any:
    """A ``qutip.Qobj`` of a matrix (d, d) or a vector (d,); of a grid (..., d, d) nested lists of them.

    Parameters
    ----------
    states : ndarray, shape (d,), (d, d) or (..., d, d)
    dims : sequence of int, optional
        Dimensions of the factors; qubits without it where d is a power of two, else one factor.

    Raises
    ------
    ImportError
        QuTiP is not installed.
    """
    try:
        import qutip
    except ImportError:
        raise ImportError("States go to QuTiP where it is installed: pip install qutip") from None
    try:
        array = np.asarray(states)
    except Exception:  # rows of different lengths, or whatever a foreign object raises
        array = np.asarray("no numbers")
    shape = array.shape
    if (
        array.dtype.kind not in "iufc"
        or 0 in shape
        or not shape
        or (len(shape) > 1 and shape[-1] != shape[-2])
    ):
        raise ParameterError("states", states, "be matrices (..., d, d) or a vector (d,) of numbers")
    dim = shape[-1]
    factors = _factors(dim) if dims is None else list(dims) if isinstance(dims, Sequence) else []
    if not all(isinstance(d, (int, np.integer)) for d in factors) or math.prod(factors) != dim:
        raise ParameterError("dims", dims, f"multiply to {dim}")
    if array.ndim > 2:
        return [to_qutip(part, factors) for part in array]
    return qutip.Qobj(array, dims=[factors, [1] * len(factors) if array.ndim == 1 else factors])


def _factors(dim: int) -> list[int]:
    is_power = dim > 1 and dim & (dim - 1) == 0
    return [2] * (dim.bit_length() - 1) if is_power else [dim]
