"""Operators that depend on parameters, and dissipation channels, each checked where it is made."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.common.double_double import DoubleDouble, Expansion
from qte.common.errors import ParameterError
from qte.physics.operators import Operator, OperatorKey

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

Terms = tuple["Term", ...]


@dataclass(frozen=True, eq=False)
class Term:
    """`coefficient` (real, shape (...)) times a constant `operator`, shape (d, d)."""

    coefficient: Array
    operator: Operator

    def __post_init__(self) -> None:
        object.__setattr__(self, "coefficient", check.real("coefficient", self.coefficient, largest=np.inf))
        object.__setattr__(self, "operator", as_operator("operator", self.operator))

    @cached_property
    def key(self) -> OperatorKey:
        """The operator, for what is known of it already."""
        return OperatorKey.of(self.operator)

    @classmethod
    def of(cls, coefficient: Any, operator: Any) -> Term:
        return cls(coefficient, operator)


def as_operator(name: str, value: Any) -> Operator:
    """A square sparse matrix of finite numbers."""
    allowed = "be a square matrix of finite numbers"
    if sp.issparse(value):
        matrix = value if isinstance(value, sp.csr_array) else sp.csr_array(value)
        data = matrix.data
    else:
        data = check.numbers(name, value, allowed)
        if data.ndim != 2:
            raise ParameterError(name, data.shape, allowed)
        matrix = sp.csr_array(data)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] == 0:
        raise ParameterError(name, matrix.shape, allowed)
    if data.dtype.kind not in "iufcb" or not np.isfinite(data).all():
        raise ParameterError(name, value, allowed)
    return matrix


@dataclass(frozen=True, eq=False)
class Channel:
    r"""One dissipator ``rate * D[jump]`` due to one reservoir.

    ``D[A] rho = A rho A^+ - {A^+ A, rho}/2``.  With a `partner` B it is the
    bilinear form ``(A rho B^+ + B rho A^+ - B^+ A rho - rho A^+ B)/2`` of a
    Redfield equation.

    Parameters
    ----------
    reservoir : hashable
        Label of the reservoir the energy comes from; None for pure dephasing.
    rate : ndarray, DoubleDouble or Expansion, shape (...)
    jump : tuple of Term
    partner : tuple of Term, optional
    quanta : float, optional
        Particles that a jump brings into the system (+1, -1), 0 where no
        particle is counted.
    """

    reservoir: Hashable
    rate: Any
    jump: Terms
    partner: Terms | None = None
    quanta: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.reservoir, Hashable):
            raise ParameterError("reservoir", self.reservoir, "be a label: a word, a number or None")
        if not isinstance(self.rate, (DoubleDouble, Expansion)):
            object.__setattr__(self, "rate", check.real("rate", self.rate, largest=np.inf))
        for name in ("jump", "partner"):
            terms = getattr(self, name)
            if terms is not None or name == "jump":
                object.__setattr__(self, name, as_terms(name, terms))
        check.real("quanta", self.quanta, largest=np.inf)

    @classmethod
    def of(cls, reservoir: Hashable, rate: Any, jump: Any, quanta: int = 0) -> Channel:
        """Lindblad channel of one constant jump operator."""
        return cls(reservoir, rate, (Term(np.ones(()), as_operator("jump", jump)),), None, quanta)


def as_terms(name: str, terms: Any) -> Terms:
    """At least one term, all of one dimension."""
    if not isinstance(terms, (tuple, list)) or not terms or not all(isinstance(t, Term) for t in terms):
        raise ParameterError(name, terms, "be a tuple of at least one Term")
    sizes = [t.operator.shape[0] for t in terms]
    if len(set(sizes)) > 1:
        raise ParameterError(name, tuple(sizes), "have operators of one dimension")
    return tuple(terms)


def dense(terms: Iterable[Term], shape: tuple[int, ...], dim: int) -> Complex:
    """Sum of terms as a dense array, shape (..., d, d)."""
    if not isinstance(shape, tuple):
        raise ParameterError("shape", shape, "be a tuple of lengths")
    dim = check.integer("dim", dim, minimum=1)
    terms = as_terms("terms", terms)
    total = np.zeros((*shape, dim, dim), dtype=complex)
    for term in terms:
        total += np.asarray(term.coefficient)[..., None, None] * term.operator.toarray()
    return total
