"""Errors that qte raises: each says what is wrong, where, and what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# Entries, or letters, of what a message quotes.
LONGEST = 1000


class QteError(Exception):
    """Base of every error that qte raises on purpose."""


class ParameterError(QteError, ValueError):
    """An argument has a value that the model does not allow.

    Parameters
    ----------
    name : str
        The argument.
    value : object
        What was given.
    allowed : str
        What is allowed, as the rest of the sentence "must …".
    index : tuple of int, optional
        First offending position when the argument is an array.
    """

    def __init__(self, name: str, value: Any, allowed: str, index: tuple[int, ...] | None = None) -> None:
        self.name = name
        self.value = value
        self.allowed = allowed
        self.index = index
        where = f" at index {index}" if index else ""
        super().__init__(f"Argument `{name}` must {allowed}, but got {_shown(value)}{where}.")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.value, self.allowed, self.index)


def _shown(value: Any) -> str:
    if isinstance(value, (str, bytes, list, tuple, set, frozenset, dict, range)) and len(value) > LONGEST:
        return f"{type(value).__name__} of length {len(value)}"
    try:
        text = repr(value)
    except ValueError:  # Python does not write out a whole number of thousands of digits
        return f"{type(value).__name__} of more digits than can be shown"
    except Exception:  # lists within lists without end, or an object that cannot say what it is
        return f"{type(value).__name__} that cannot be shown"
    return text if len(text) <= 4 * LONGEST else f"{text[:LONGEST]}…"


class UnsoundArithmetic(QteError, ArithmeticError):
    """The processor, or a library that set it up, does not compute as IEEE 754 says.

    Parameters
    ----------
    fault : str
        What is wrong.
    """

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(
            f"The basic operations of this process are not those of IEEE 754: {fault}. Accuracy and the same bytes on "
            "every processor rest on them, so nothing is computed. A library that was compiled with -ffast-math does "
            "this when it is loaded; leave it out."
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.fault,)


class SteadyStateError(QteError, ArithmeticError):
    """A steady state could not be certified at some grid points.

    Attributes
    ----------
    indices : tuple of tuple of int
        Grid points concerned (empty tuples for a scalar problem).
    """

    def __init__(self, message: str, indices: Sequence[tuple[int, ...]] = ()) -> None:
        self.message = message
        self.indices = tuple(indices)
        super().__init__(f"{message}{_at(self.indices)}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.indices)


class NonUniqueSteadyState(SteadyStateError):
    """The generator has more than one steady state.

    Attributes
    ----------
    kernel_dimension : int
        Largest dimension of the kernel found.
    """

    def __init__(
        self, kernel_dimension: int, indices: Sequence[tuple[int, ...]] = (), hint: str = ""
    ) -> None:
        self.kernel_dimension = kernel_dimension
        self.hint = hint
        super().__init__(
            f"The steady state is not unique: the kernel of the generator has dimension "
            f"{kernel_dimension}{hint}",
            indices,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.kernel_dimension, self.indices, self.hint)


class NegativeState(SteadyStateError):
    """The steady state has a negative eigenvalue beyond round-off."""


class IllConditioned(SteadyStateError):
    """The steady state could not be computed to the promised accuracy."""


class ValidityWarning(UserWarning):
    """A master equation is asked for what lies outside the domain it was derived for.

    ``warnings.simplefilter("error", ValidityWarning)`` makes an error of it.
    """


def _at(indices: tuple[tuple[int, ...], ...], shown: int = 5) -> str:
    named = [i for i in indices if i]
    if not named:
        return "."
    more = f" and {len(named) - shown} more" if len(named) > shown else ""
    return f" at grid points {', '.join(map(str, named[:shown]))}{more}."
