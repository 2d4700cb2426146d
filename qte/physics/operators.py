"""Operators of qubits and of factors of any dimension, and the order of their basis.

One qubit: ``|1> = (1, 0)`` is the excited state and ``|0> = (0, 1)`` the ground
state.  Several qubits are ordered like the letters of a word, so index 0 is
``|1…1>`` and the last index ``|0…0>``; two qubits: ``|11>, |10>, |01>, |00>``.
Sites are counted from 0 in this module.

A space may have factors of any dimension, `dims`; a number n in its place means n
qubits.  Levels of a factor that is no qubit are ordered from the lowest.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.qobj import dims_of, projected

# scipy.sparse.csr_array, which ships no types
Operator = Any
Complex = NDArray[np.complex128]

# Dense vectors and sparse operators of more qubits fill the memory of a computer.
MOST_QUBITS = 20

# A dense operator of more levels fills the memory of a computer.
MOST_LEVELS = 2**13

# A state may miss hermiticity, unit trace and positivity by this much.
STATE_TOLERANCE = 1e-10

RAISE = np.array([[0.0, 1.0], [0.0, 0.0]])
LOWER = RAISE.T.copy()
IDENTITY = np.eye(2)
EXCITED = np.array([[1.0, 0.0], [0.0, 0.0]])
FLIP = RAISE + LOWER


def embed(factors: dict[int, NDArray[Any]], n: int | Sequence[int]) -> Operator:
    """Tensor product with `factors[site]` on the named sites and 1 elsewhere.

    Parameters
    ----------
    factors : dict of int to ndarray, shape (2, 2)
        One-qubit operators by site, 0 <= site < n; of shape (dims[site], dims[site]).
    n : int or sequence of int
        Number of qubits, or the dimensions of all factors.

    Returns
    -------
    scipy.sparse.csr_array, shape (2**n, 2**n)

    Examples
    --------
    >>> import numpy as np
    >>> embed({1: np.array([[1, 0], [0, -1]])}, 2).diagonal()
    array([ 1., -1.,  1., -1.])
    """
    dims = _dims_of("n", n)
    count = len(dims)
    if not isinstance(factors, dict) or not all(
        check.is_whole(site) and 0 <= site < count for site in factors
    ):
        raise ParameterError(
            "factors",
            list(factors) if isinstance(factors, dict) else factors,
            f"name sites from 0 to {count - 1}",
        )
    for site, factor in factors.items():
        matrix = check.numbers("factors", factor, "hold matrices of finite numbers")
        if matrix.shape != (dims[site],) * 2:
            raise ParameterError("factors", matrix.shape, f"hold matrices of shape {(dims[site],) * 2}")
        factors = {**factors, site: matrix}
    rows, columns, values = np.zeros(1, np.intp), np.zeros(1, np.intp), np.ones(1)
    for site, levels in enumerate(dims):
        factor = factors[site] if site in factors else np.eye(levels)
        i, j = np.nonzero(factor)
        rows = np.add.outer(levels * rows, i).ravel()
        columns = np.add.outer(levels * columns, j).ravel()
        values = np.multiply.outer(values, factor[i, j]).ravel()
    return sp.csr_array((values, (rows, columns)), shape=(math.prod(dims),) * 2)


def annihilation(levels: int) -> NDArray[np.float64]:
    """a of an oscillator cut off after some levels, ``a|n> = sqrt(n)|n - 1>``, shape (levels, levels).

    Examples
    --------
    >>> (annihilation(4).T @ annihilation(4)).diagonal().round(12)
    array([0., 1., 2., 3.])
    """
    return np.diag(
        np.sqrt(np.arange(1.0, check.integer("levels", levels, minimum=2, maximum=MOST_LEVELS))), 1
    )


def transition(to: int, start: int, levels: int) -> NDArray[np.float64]:
    """``|to><start|`` of a system of some levels, counted from 0, shape (levels, levels)."""
    levels = check.integer("levels", levels, minimum=2, maximum=MOST_LEVELS)
    out = np.zeros((levels, levels))
    out[check.integer("to", to, minimum=0, maximum=levels - 1),
        check.integer("start", start, minimum=0, maximum=levels - 1)] = 1.0  # fmt: skip
    return out


def _dims_of(name: str, n: Any) -> tuple[int, ...]:
    """The dimensions of all factors, from them or from a number of qubits."""
    if np.iterable(n) and not isinstance(n, (str, bytes)):
        return check_dims(name, n)
    return (2,) * check.integer(name, n, minimum=1, maximum=MOST_QUBITS)


def check_dims(name: str, dims: Any, dim: int | None = None) -> tuple[int, ...]:
    """Dimensions of factors, whole numbers >= 1 whose product is `dim`.

    Examples
    --------
    >>> check_dims("dims", (2, 3), 8)
    Traceback (most recent call last):
        ...
    qte.common.errors.ParameterError: Argument `dims` must multiply to 8, but got (2, 3).
    """
    given = tuple(dims) if np.iterable(dims) and not isinstance(dims, (str, bytes)) else ()
    whole = all(map(check.is_whole, given))
    if not given or not whole or any(d < 1 for d in given):
        raise ParameterError(name, dims, "be whole numbers >= 1, one a factor")
    if dim is not None and math.prod(int(d) for d in given) != dim:
        raise ParameterError(name, given, f"multiply to {dim}")
    return tuple(int(d) for d in given)


def lowering(site: int, n: int) -> Operator:
    """``sigma_-`` of one qubit, shape (2**n, 2**n).

    Examples
    --------
    >>> lowering(0, 2) @ ket("11")
    array([0., 0., 1., 0.])
    """
    return embed({_site("site", site, n): LOWER}, n)


def excitation(site: int, n: int) -> Operator:
    """``sigma_+ sigma_-`` of one qubit, shape (2**n, 2**n)."""
    return embed({_site("site", site, n): EXCITED}, n)


def total_excitation(n: int) -> Operator:
    """Number of excited qubits, shape (2**n, 2**n).

    Examples
    --------
    >>> total_excitation(2).diagonal()
    array([2., 1., 1., 0.])
    """
    return sum_of(
        excitation(site, n) for site in range(check.integer("n", n, minimum=1, maximum=MOST_QUBITS))
    )


def flip_flop(site: int, other: int, n: int) -> Operator:
    """``sigma_+ sigma_-`` between two sites plus its adjoint, shape (2**n, 2**n).

    Examples
    --------
    >>> flip_flop(0, 1, 2) @ ket("10")
    array([0., 0., 1., 0.])
    """
    first, second = _site("site", site, n), _site("other", other, n)
    if first == second:
        raise ParameterError("other", other, "be another site than `site`")
    forth = embed({first: RAISE, second: LOWER}, n)
    return sp.csr_array(forth + forth.T)


def sum_of(operators: Any) -> Operator:
    """Sum of an iterable of sparse operators."""
    terms = list(operators) if np.iterable(operators) else []
    if not terms or not all(sp.issparse(term) and term.shape == terms[0].shape for term in terms):
        raise ParameterError("operators", operators, "hold sparse matrices of one shape")
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return sp.csr_array(total)


def unit(row: int, column: int, dim: int) -> Operator:
    """``|row><column|`` of basis states counted from 0, shape (dim, dim)."""
    dim = check.integer("dim", dim, minimum=1, maximum=2**MOST_QUBITS)
    row = check.integer("row", row, minimum=0, maximum=dim - 1)
    column = check.integer("column", column, minimum=0, maximum=dim - 1)
    ends = (np.arange(dim + 1) > row).astype(np.intp)
    return sp.csr_array((np.ones(1), np.array([column]), ends), shape=(dim, dim))


def entries(operator: Operator) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[Any]]:
    """Rows, columns and values of a sparse matrix, row by row, shape (nnz,) each."""
    if not sp.issparse(operator) or operator.ndim != 2:
        raise ParameterError("operator", operator, "be a sparse matrix")
    csr = operator if isinstance(operator, sp.csr_array) else sp.csr_array(operator)
    return np.repeat(np.arange(csr.shape[0]), np.diff(csr.indptr)), csr.indices.astype(np.intp), csr.data


@dataclass(frozen=True)
class OperatorKey:
    """An operator as a dictionary key: its dimension and its entries."""

    dim: int
    rows: bytes
    columns: bytes
    values: bytes

    @classmethod
    def of(cls, operator: Operator) -> OperatorKey:
        """That of a sparse matrix."""
        rows, columns, values = entries(operator)
        return cls(operator.shape[0], rows.tobytes(), columns.tobytes(), values.astype(complex).tobytes())

    @property
    def entries(self) -> tuple[NDArray[np.intp], NDArray[np.intp], Complex]:
        """Rows, columns and values, shape (nnz,) each."""
        rows, columns = (np.frombuffer(x, dtype=np.intp) for x in (self.rows, self.columns))
        return rows, columns, np.frombuffer(self.values, dtype=complex)

    @property
    def operator(self) -> Operator:
        """The operator again, with complex entries."""
        rows, columns, values = self.entries
        return sp.csr_array((values, (rows, columns)), shape=(self.dim,) * 2)


def adjoint(operator: Operator) -> Operator:
    """Conjugate transpose of a sparse matrix, row by row, shape (m, n) of (n, m).

    Examples
    --------
    >>> (adjoint(lowering(0, 2)) != lowering(0, 2).T).nnz
    0
    """
    rows, columns, values = entries(operator)
    order = np.argsort(columns, kind="stable")
    ends = np.searchsorted(columns[order], np.arange(operator.shape[1] + 1))
    return sp.csr_array((values[order].conj(), rows[order], ends), shape=operator.shape[::-1])


def ket(word: str) -> NDArray[np.float64]:
    """Computational basis state such as ``ket("100")``, shape (2**len(word),).

    Examples
    --------
    >>> ket("10")
    array([0., 1., 0., 0.])
    """
    place = basis_index(word)
    check.integer("length of word", len(word), minimum=1, maximum=MOST_QUBITS)
    state = np.zeros(2 ** len(word))
    state[place] = 1.0
    return state


def basis_index(word: str) -> int:
    """Position of a computational basis state: "11…1" is 0."""
    if not isinstance(word, str) or not word or set(word) - {"0", "1"}:
        raise ParameterError("word", word, "be a word of the letters 0 and 1")
    return int(2 ** len(word) - 1 - int(word, 2))


def qubit_count(dim: int) -> int:
    """Number of qubits whose space has dimension `dim`."""
    if not check.is_whole(dim) or dim < 1 or int(dim) & (int(dim) - 1):
        raise ParameterError("dim", dim, "be a power of two")
    return int(dim).bit_length() - 1


def check_states(name: str, rho: Any, tolerance: float = STATE_TOLERANCE) -> Complex:
    """Density matrices (..., d, d), each finite, Hermitian, of trace 1 and positive to 1e-10.

    Raises
    ------
    ParameterError
        Named after the argument, `name`.

    Examples
    --------
    >>> import numpy as np
    >>> check_states("rho", np.eye(2))
    Traceback (most recent call last):
        ...
    qte.common.errors.ParameterError: Argument `rho` must have trace 1 (a vector: norm 1), but got 2.0.
    """
    tolerance = check.scalar("tolerance", tolerance, minimum=0.0)
    state = check.numbers(name, projected(name, rho), "be finite").astype(complex)
    if state.ndim < 2 or state.shape[-1] != state.shape[-2]:
        raise ParameterError(name, state.shape, "have shape (..., d, d)")
    if np.abs(state - np.swapaxes(state.conj(), -1, -2)).max(initial=0.0) > tolerance:
        raise ParameterError(name, rho, "be Hermitian")
    trace = np.trace(state, axis1=-2, axis2=-1).real
    wrong = np.abs(trace - 1) > tolerance
    if np.any(wrong):
        raise ParameterError(name, float(trace[wrong].flat[0]), "have trace 1 (a vector: norm 1)")
    if np.linalg.eigvalsh(state).min(initial=0.0) < -tolerance:
        raise ParameterError(name, rho, "have no negative eigenvalue")
    return state


def _site(name: str, site: Any, n: Any) -> int:
    """A site from 0 to n - 1."""
    last = check.integer("n", n, minimum=1, maximum=MOST_QUBITS) - 1
    if not check.is_whole(site) or not 0 <= site <= last:
        raise ParameterError(name, site, f"be a site from 0 to {last}")
    return int(site)


def check_sites(name: str, sites: Any, n: int) -> list[int]:
    """Different sites from 0 to n - 1."""
    n = check.integer("n", n, minimum=0, maximum=MOST_LEVELS)
    allowed = f"name different sites from 0 to {n - 1}"
    if isinstance(sites, (str, bytes)) or not np.iterable(sites):
        raise ParameterError(name, sites, allowed)
    given = list(check.first_items(sites, n + MOST_LEVELS))
    if (
        not all(map(check.is_whole, given))
        or len(set(given)) != len(given)
        or not all(0 <= k < n for k in given)
    ):
        raise ParameterError(name, tuple(given), allowed)
    return [int(k) for k in given]


def square(name: str, rho: Any) -> NDArray[Any]:
    """Matrices (..., d, d) of finite numbers."""
    matrix = check.numbers(name, projected(name, rho), "be a matrix of finite numbers")
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise ParameterError(name, matrix.shape, "have shape (..., d, d)")
    return matrix


def _factors(rho: NDArray[Any], dims: Sequence[int] | None) -> tuple[int, ...]:
    dim = rho.shape[-1]
    return (2,) * qubit_count(dim) if dims is None else check_dims("dims", dims, dim)


def partial_trace(rho: NDArray[Any], keep: Sequence[int], dims: Sequence[int] | None = None) -> NDArray[Any]:
    """Reduced state of the factors `keep`, in the order given.

    Parameters
    ----------
    rho : ndarray, shape (..., d, d)
    keep : sequence of int
        Sites, counted from 0, each at most once.
    dims : sequence of int, optional
        Dimensions of the factors; without it those that `rho` brings along, or qubits.

    Returns
    -------
    ndarray, shape (..., k, k)
        With k the product of the dimensions kept.

    Examples
    --------
    >>> import numpy as np
    >>> singlet = (ket("10") - ket("01")) / np.sqrt(2)
    >>> partial_trace(np.outer(singlet, singlet), [0]).round(3)
    array([[0.5, 0. ],
           [0. , 0.5]])
    """
    dims = dims_of("rho", rho) if dims is None else dims
    rho = square("rho", rho)
    sizes = _factors(rho, dims)
    n = len(sizes)
    kept = check_sites("keep", keep, n)
    batch = rho.ndim - 2
    tensor = rho.reshape(rho.shape[:-2] + sizes + sizes)
    gone = [k for k in range(n) if k not in kept]
    order = [*gone, *(n + k for k in gone), *kept, *(n + k for k in kept)]
    tensor = np.moveaxis(tensor, range(batch), range(-batch, 0)).transpose(
        *order, *range(2 * n, 2 * n + batch)
    )
    side = math.prod(sizes[k] for k in kept)
    parts = [tensor[levels + levels] for levels in itertools.product(*(range(sizes[k]) for k in gone))]
    # one after the other, which no processor may change
    reduced = functools.reduce(np.add, parts).reshape(side, side, *rho.shape[:-2])
    return np.moveaxis(reduced, (0, 1), (-2, -1))


def partial_transpose(
    rho: NDArray[Any], sites: Sequence[int], dims: Sequence[int] | None = None
) -> NDArray[Any]:
    """Transpose of `rho` on the named factors (of dimensions `dims`, or qubits); shapes as given, (..., d, d).

    Examples
    --------
    >>> import numpy as np
    >>> singlet = (ket("10") - ket("01")) / np.sqrt(2)
    >>> np.linalg.eigvalsh(partial_transpose(np.outer(singlet, singlet), [1])).round(3)
    array([-0.5,  0.5,  0.5,  0.5])
    """
    dims = dims_of("rho", rho) if dims is None else dims
    rho = square("rho", rho)
    sizes = _factors(rho, dims)
    n = len(sizes)
    batch = rho.ndim - 2
    tensor = rho.reshape(rho.shape[:-2] + sizes + sizes)
    for site in check_sites("sites", sites, n):
        tensor = np.swapaxes(tensor, batch + site, batch + n + site)
    return np.asarray(tensor.reshape(rho.shape))


def relabelled(order: Sequence[int]) -> NDArray[np.intp]:
    """Number of each basis state after its qubit k takes the place ``order[k]``, shape (2**n,)."""
    n = len(order) if np.iterable(order) and isinstance(order, Sequence | np.ndarray) else 0
    order = check_sites("order", order, n)
    words = 2**n - 1 - np.arange(2**n)
    moved = np.zeros_like(words)
    for k, place in enumerate(order):
        moved |= ((words >> (n - 1 - k)) & 1) << (n - 1 - place)
    return np.asarray(2**n - 1 - moved)
