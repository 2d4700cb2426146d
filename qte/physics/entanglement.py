"""Entanglement of two qubits, and across any cut of factors of any dimension, batched, without false positives.

States of X form (only the diagonal and the anti-diagonal differ from zero) use
closed forms that keep relative accuracy next to the threshold and for tiny
entanglement.  A state is treated as an X state only if its other entries are
exactly zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import elementary as el
from qte.common import matrices
from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.common.qobj import dims_of, projected
from qte.physics.factors import factors, settled
from qte.physics.operators import check_dims, check_states, partial_transpose, qubit_count, square

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# What measures are right to unless less is asked for.
PROMISED = 1e-12

_FLIP = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))
_NOT_OF_X_FORM = np.flatnonzero(~(np.eye(4, dtype=bool) | np.fliplr(np.eye(4, dtype=bool))))
# States of a grid that are looked at together: what is computed of them stays in the processor's cache.
_TOGETHER = 2**14


def is_x_state(rho: Complex) -> bool:
    """Whether every state of the batch (..., 4, 4) is exactly of X form."""
    state = check.numbers("rho", rho, "be finite")
    if state.shape[-2:] != (4, 4):
        raise ParameterError("rho", state.shape, "have shape (..., 4, 4): two qubits")
    return _of_x_form(state)


def _of_x_form(state: Complex) -> bool:
    flat = state.reshape(-1, 16)
    return not any(flat[part].take(_NOT_OF_X_FORM, axis=1).any() for part in _parts(len(flat)))


def _parts(count: int) -> Iterator[slice]:
    return (slice(start, start + _TOGETHER) for start in range(0, count, _TOGETHER))


def negativity(rho: ArrayLike, *, certified: bool = False) -> Array:
    """Sum of the moduli of the negative eigenvalues of the partial transpose.

    Parameters
    ----------
    rho : ndarray, shape (..., 4, 4)
    certified : bool
        Whether `rho` comes from a solver that has looked at it; otherwise what is no state is refused.

    Returns
    -------
    ndarray, shape (...)
        From 0 (separable) to 1/2 (Bell state).

    Raises
    ------
    ParameterError
        Not Hermitian, of trace 1 and positive to 1e-10.

    Notes
    -----
    khandelwal2020 eqs. (14)-(16).  For a state that is not of X form, an
    eigenvalue that the backward error of the eigenvalue solver cannot tell from
    zero (8 eps) counts as zero.

    Examples
    --------
    >>> singlet = np.array([[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]])
    >>> noise = np.array([0.0, 0.5, 0.9])[:, None, None]
    >>> negativity((1 - noise) * singlet + noise * np.eye(4) / 4)
    array([0.5  , 0.125, 0.   ])
    """
    rho = _two_qubits(rho, certified)
    if _of_x_form(rho):
        return _x_negativity(rho)
    return _general_negativity(rho)


def _general_negativity(rho: Complex) -> Array:
    return _negative_part(partial_transpose(rho, [1]))


def _negative_part(matrix: Complex) -> Array:
    """Sum of the moduli of the negative eigenvalues, but for those that are round-off of 0."""
    values = matrices.eigenvalues(matrix)
    floor = 8 * np.finfo(float).eps * np.abs(values).max(axis=-1, keepdims=True)
    return np.asarray(np.where(values < -floor, -values, 0.0).sum(axis=-1))


def concurrence(rho: ArrayLike, *, certified: bool = False, accuracy: float = PROMISED) -> Array:
    """Wootters' concurrence, shape (..., 4, 4) to (...); man2019 eq. (17) for X states.

    Exactly 0 where `negativity` is: two qubits are entangled together or not at all.

    Parameters
    ----------
    rho, certified
        As in `negativity`.
    accuracy : float
        What round-off of the entries may move it by, for states that are not of X form.

    Raises
    ------
    ParameterError
        As `negativity`.
    IllConditioned
        Round-off moves it by more: next to states of deficient rank it may change by the root of
        what is mixed in.

    Examples
    --------
    >>> singlet = np.array([[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]])
    >>> float(concurrence(singlet))
    1.0
    """
    rho = _two_qubits(rho, certified)
    if _of_x_form(rho):
        return _x_concurrence(rho)
    trace = float(np.trace(rho, axis1=-2, axis2=-1).real.max(initial=0.0))
    found = settled("concurrence", _wootters, (rho,), _accuracy(accuracy) * trace, relative=False)
    return np.asarray(np.where(_general_negativity(rho) == 0, 0.0, found))


def _wootters(root: Complex) -> Array:
    """Concurrence of a state ``A A^+`` from A."""
    spectrum = matrices.singular_values(matrices.product(np.swapaxes(root, -1, -2), _FLIP, root))
    return np.asarray(np.maximum(0.0, 2 * spectrum[..., 0] - spectrum.sum(axis=-1)))


def fidelity(
    rho: ArrayLike, target: ArrayLike, *, certified: bool = False, accuracy: float = PROMISED
) -> Array:
    """Fidelity with a pure state (d,) or a density matrix (d, d), shape (...).

    ``<psi|rho|psi>`` for a vector and for a matrix of rank 1 up to round-off, Uhlmann's
    ``(Tr sqrt(sqrt(s) rho sqrt(s)))^2`` for another matrix.

    Parameters
    ----------
    rho : ndarray, shape (..., d, d)
    target : ndarray, shape (d,) or (d, d)
        A vector may have any norm.
    certified : bool
        As in `negativity`.
    accuracy : float
        What round-off of the entries may move it by, relative to itself, for a mixed target.

    Raises
    ------
    ParameterError
        Not Hermitian, of trace 1 and positive to 1e-10; a target of another size.
    IllConditioned
        Round-off moves it by more: state or target is of deficient rank, and the other is not.

    Examples
    --------
    >>> float(fidelity(np.eye(4) / 4, [0, 1, -1, 0]).round(12))
    0.25
    """
    check.instance("certified", certified, bool)
    state = square("rho", rho) if certified else check_states("rho", rho)
    goal = check.numbers("target", target, "be a state vector or a density matrix").astype(complex)
    dim = state.shape[-1]
    if goal.shape == (dim,):
        if not goal.any():
            raise ParameterError("target", target, "differ from the zero vector")
        # a power of two changes no digit: the squares of any vector are doubles
        power = -int(np.frexp(np.max([np.abs(goal.real), np.abs(goal.imag)]))[1])
        real, imag = np.ldexp(goal.real, power), np.ldexp(goal.imag, power)
        return _overlap(state, (real + 1j * imag) / np.sqrt((real**2 + imag**2).sum()))
    if goal.shape != (dim, dim):
        raise ParameterError("target", goal.shape, f"have shape ({dim},) or ({dim}, {dim})")
    goal = check_states("target", goal)
    root, least, _ = factors(goal)
    present = np.any(least != 0, axis=0)
    pure = np.count_nonzero(present) == 1
    if pure:
        return _overlap(state, root[:, present][:, 0])
    return settled("fidelity", _uhlmann, (state, goal), _accuracy(accuracy), relative=True)


def _uhlmann(root: Complex, target: Complex) -> Array:
    """Fidelity of two states ``A A^+`` and ``B B^+`` from A and B."""
    overlap = matrices.product(matrices.adjoint(target), root)
    return np.asarray(matrices.singular_values(overlap).sum(axis=-1) ** 2)


def _overlap(state: Complex, vector: Complex) -> Array:
    there = np.flatnonzero(vector)
    seen, known = state[..., there[:, None], there], vector[there]
    if not known.imag.any():
        # of a Hermitian matrix a real vector sees the real part alone
        return np.asarray(matrices.product(known.real[None], seen.real, known.real[:, None])[..., 0, 0])
    return np.asarray(matrices.product(known.conj()[None], seen, known[:, None])[..., 0, 0].real)


def _accuracy(value: float) -> float:
    """What a measure may be off by: a number > 0."""
    return check.scalar("accuracy", value, above=0.0)


def _two_qubits(rho: ArrayLike, certified: bool) -> Complex:
    check.instance("certified", certified, bool)
    state = check.numbers("rho", projected("rho", rho), "be finite")
    if state.shape[-2:] != (4, 4):
        raise ParameterError("rho", state.shape, "have shape (..., 4, 4): two qubits")
    return state.astype(complex, copy=False) if certified else check_states("rho", state)


def _x_pairs(rho: Complex) -> Iterator[tuple[Complex, Array, Array]]:
    """Both coherences of states (n, 4, 4), each with the two populations that it competes with."""
    p = np.diagonal(rho, axis1=-2, axis2=-1).real
    yield rho[:, 1, 2], p[:, 0], p[:, 3]
    yield rho[:, 0, 3], p[:, 1], p[:, 2]


def _x_negativity(rho: Complex) -> Array:
    flat = rho.reshape(-1, 4, 4)
    total = np.zeros(len(flat))
    for part in _parts(len(flat)):
        for coherence, low, high in _x_pairs(flat[part]):
            # without a coherence nothing exceeds the populations
            if coherence.any():
                total[part] += _x_excess(matrices.modulus(coherence), low, high)
    return total.reshape(rho.shape[:-2])


def _x_excess(c: Array, low: Array, high: Array) -> Array:
    geometric = _geometric_mean(low, high)
    # hypot(2c, low - high) - (low + high), rewritten without its cancellation
    size = el.hypot(2 * c, low - high) + low + high
    excess = 2 * (c - geometric) * (c + geometric)
    return np.asarray(np.maximum(0.0, excess / np.where(size > 0, size, 1.0)))


def _x_concurrence(rho: Complex) -> Array:
    flat = rho.reshape(-1, 4, 4)
    found = np.empty(len(flat))
    for part in _parts(len(flat)):
        inner, outer = (
            matrices.modulus(coherence) - _geometric_mean(low, high)
            for coherence, low, high in _x_pairs(flat[part])
        )
        found[part] = 2 * np.maximum(0.0, np.maximum(inner, outer))
    return found.reshape(rho.shape[:-2])


def _geometric_mean(a: Array, b: Array) -> Array:
    return np.asarray(np.sqrt(np.maximum(a, 0.0)) * np.sqrt(np.maximum(b, 0.0)))


def cut_negativity(
    rho: ArrayLike, sites: Sequence[int], dims: Sequence[int] | None = None, *, certified: bool = False
) -> Array:
    """Negativity between the factors `sites` and all others, shape (...).

    Parameters
    ----------
    rho : ndarray, shape (..., d, d)
    sites : sequence of int
        One side of the cut, counted from 0: at least one factor, each at most once, not all.
    dims : sequence of int, optional
        Dimensions of the factors; without it those that `rho` brings along, or qubits.
    certified : bool
        Whether `rho` comes from a solver that has looked at it; otherwise what is no state is refused.

    Returns
    -------
    ndarray, shape (...)
        Sum of the moduli of the negative eigenvalues of the partial transpose (G. Vidal and R. F. Werner,
        Phys. Rev. A 65, 032314 (2002)); what the eigenvalue solver cannot tell from 0 (8 eps) counts as 0.

    Examples
    --------
    >>> qutrits = np.eye(3).ravel() / np.sqrt(3)
    >>> float(cut_negativity(np.outer(qutrits, qutrits), [0], dims=(3, 3)).round(12))
    1.0
    """
    dims = dims_of("rho", rho) if dims is None else dims
    check.instance("certified", certified, bool)
    state = square("rho", rho).astype(complex) if certified else check_states("rho", rho)
    dim = state.shape[-1]
    count = qubit_count(dim) if dims is None else len(check_dims("dims", dims, dim))
    turned = partial_transpose(state, sites, dims)
    if not 0 < len(list(sites)) < count:
        raise ParameterError("sites", tuple(sites), "leave factors on both sides of the cut")
    return _negative_part(turned)


def logarithmic_negativity(
    rho: ArrayLike, sites: Sequence[int], dims: Sequence[int] | None = None, *, certified: bool = False
) -> Array:
    """``log2(1 + 2 N)`` of `cut_negativity` N, with its arguments, shape (...).

    M. B. Plenio, Phys. Rev. Lett. 95, 090503 (2005).

    Examples
    --------
    >>> qutrits = np.eye(3).ravel() / np.sqrt(3)
    >>> float((logarithmic_negativity(np.outer(qutrits, qutrits), [1], dims=(3, 3)) / np.log2(3)).round(12))
    1.0
    """
    return np.asarray(el.log1p(2 * cut_negativity(rho, sites, dims, certified=certified)) / el.log(2))
