"""Entanglement of any two parts of a system with factors of any dimension, batched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qte.common import parameters as check
from qte.common.errors import ParameterError
from qte.physics.operators import check_dims, check_states, partial_transpose, qubit_count

Array = NDArray[np.float64]


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
        Dimensions of the factors; qubits without it.
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
    state = check.numbers("rho", rho, "be finite").astype(complex) if certified else check_states("rho", rho)
    dim = state.shape[-1]
    count = qubit_count(dim) if dims is None else len(check_dims("dims", dims, dim))
    turned = partial_transpose(state, sites, dims)
    if not 0 < len(list(sites)) < count:
        raise ParameterError("sites", tuple(sites), "leave factors on both sides of the cut")
    values = np.linalg.eigvalsh(turned)
    floor = 8 * np.finfo(float).eps * np.abs(values).max(axis=-1, keepdims=True)
    return np.asarray(np.where(values < -floor, -values, 0.0).sum(axis=-1))


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
    return np.asarray(np.log1p(2 * cut_negativity(rho, sites, dims, certified=certified)) / np.log(2))
