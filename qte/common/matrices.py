"""Small dense matrices in + - * / and square roots, in a fixed order: the same doubles on every processor.

BLAS and LAPACK choose the order of their sums, and fused multiplications, by the processor they find.  The matrices
of this project have a few rows and come by thousands, so that loops over rows with a grid in every step cost little
more.  Products of complex numbers are taken apart for the same reason.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qte.common.elementary import hypot

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Hermitian matrices of up to so many rows are worth rotations, a quarter of a second; larger ones, which no figure has,
# are LAPACK's, a thousand times as fast.
ROTATED: Final = 20
# Cyclic rotations converge quadratically: eight rounds do for what a grid brings, the rest is for safety.
_SWEEPS: Final = 60
# Columns up to which, and points from which on, a product is made with the grid last.
_NARROW: Final = 12
_CROWD: Final = 64
# Doubles of a sum that fit into the second cache together with what is added.
_CACHED: Final = 2**14


def times(a: Any, b: Any) -> Any:
    """Element-wise product of real or complex arrays."""
    if not (np.iscomplexobj(a) and np.iscomplexobj(b)):
        return a * b
    return _complex(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real)


def modulus(a: Any) -> Any:
    """Absolute values of a real or complex array."""
    return hypot(a.real, a.imag) if np.iscomplexobj(a) else np.abs(a)


def product(*factors: Any) -> Any:
    """Matrix product of arrays (..., n, m), added in ascending order, shape (..., n, p)."""
    first, *others = factors
    for other in others:
        first = _product(np.asarray(first), np.asarray(other))
    return first


def _product(a: Any, b: Any) -> Any:
    if np.iscomplexobj(a) and np.iscomplexobj(b):
        real = _product(a.real, b.real) - _product(a.imag, b.imag)
        return _complex(real, _product(a.real, b.imag) + _product(a.imag, b.real))
    if np.iscomplexobj(a):
        return _complex(_product(a.real, b), _product(a.imag, b))
    if np.iscomplexobj(b):
        return _complex(_product(a, b.real), _product(a, b.imag))
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    out = np.empty((*batch, a.shape[-2], b.shape[-1]))
    if not batch or not out.size:
        return _add_products(a, b, out) if out.size else out
    # a few matrices at a time, so that sums stay in the processor's cache
    step = max(1, _CACHED // max(1, out[0].size))
    for low in range(0, batch[0], step):
        part = slice(low, low + step)
        first, second = (x[part] if x.ndim == out.ndim and len(x) > 1 else x for x in (a, b))
        _add_products(first, second, out[part])
    return out


def _add_products(a: Array, b: Array, out: Array) -> Array:
    if 1 < out.shape[-1] <= _NARROW and out[..., 0, 0].size >= _CROWD:
        # rows too short for a loop of their own: the grid goes last, and the same sums run over it
        order = (out.ndim - 2, out.ndim - 1, *range(out.ndim - 2))
        first, second = (
            np.ascontiguousarray(x.reshape((1,) * (out.ndim - x.ndim) + x.shape).transpose(order))
            for x in (a, b)
        )
        out.transpose(order)[...] = product_along(first, second)
        return out
    np.multiply(a[..., :, :1], b[..., :1, :], out=out)
    part = np.empty_like(out)
    for k in range(1, a.shape[-1]):
        out += np.multiply(a[..., :, k : k + 1], b[..., k : k + 1, :], out=part)
    return out


def product_along(a: Array, b: Array) -> Array:
    """The `product` of real matrices with the points last: (n, p, points) of (n, m, points) and (m, p, points)."""
    total = np.zeros((len(a), *np.broadcast_shapes(a.shape[2:], b.shape[1:])))
    acting = (a != 0).any(axis=tuple(range(2, a.ndim)))
    part = np.empty_like(total)
    for k, rows in enumerate(acting.T):
        # of eigenvectors and of states most rows have nothing to add
        for i in [slice(None)] if rows.all() else np.flatnonzero(rows).tolist():
            total[i] += np.multiply(a[i, k, None], b[k], out=part[i])
    return total


def sparse_product(first: Any, second: Any) -> Any:
    """Product of a sparse matrix (n, m) and a sparse or a dense one (m, p), every term rounded before it is added.

    SciPy's own fuses products with sums where the processor can; by powers of two that makes no difference.
    """
    a = first if isinstance(first, sp.csr_array) else sp.csr_array(first)
    if not sp.issparse(second):
        if np.all(np.abs(np.frexp(a.data)[0]) == 0.5):
            return np.asarray(a @ second)
        return np.asarray(_adding(a.indptr) @ (a.data[:, None] * second[a.indices]))
    b = second if isinstance(second, sp.csr_array) else sp.csr_array(second)
    # every entry of a meets the row of b that its column names
    each = np.diff(b.indptr)[a.indices]
    left = np.repeat(np.arange(a.nnz), each)
    right = np.arange(len(left)) + np.repeat(b.indptr[a.indices] - np.cumsum(each) + each, each)
    rows = np.repeat(np.arange(a.shape[0]), np.diff(a.indptr))
    entries = times(a.data[left], b.data[right]), (rows[left], b.indices[right])
    return sp.csr_array(sp.coo_array(entries, shape=(a.shape[0], b.shape[1])))


def _adding(ends: Any) -> Any:
    """The matrix that adds up consecutive rows between these ends."""
    count = int(ends[-1])
    return sp.csr_array((np.ones(count), np.arange(count), ends), shape=(len(ends) - 1, count))


def kron(a: Any, b: Any) -> Any:
    """Kronecker products of arrays (..., n, n) and (..., m, m), shape (..., n m, n m)."""
    size = a.shape[-1] * b.shape[-1]
    parts = times(a[..., :, None, :, None], b[..., None, :, None, :])
    return np.asarray(parts.reshape(*parts.shape[:-4], size, size))


def adjoint(a: Any) -> Any:
    """Conjugate transposes of (..., n, m)."""
    turned = np.swapaxes(a, -1, -2)
    return turned.conj() if np.iscomplexobj(turned) else turned


def solve(matrices: Array, right: Array) -> Array:
    """Solutions of real equations (points, n, n) for right sides (points, n, m); NaN where a pivot vanishes."""
    points, size, _ = matrices.shape
    work = np.concatenate([matrices, np.broadcast_to(right, (points, *right.shape[-2:]))], axis=2)
    every = np.arange(points)
    with np.errstate(all="ignore"):
        for k in range(size):
            place = k + np.argmax(np.abs(work[:, k:, k]), axis=1)
            row = work[every, place]
            work[every, place] = work[:, k]
            row /= np.where(row[:, k] == 0, np.nan, row[:, k])[:, None]
            work -= work[:, :, k : k + 1] * row[:, None, :]
            work[:, k] = row
    return np.ascontiguousarray(work[:, :, size:])


def solve_along(matrices: Array, right: Array) -> Array:
    """What `solve` finds, to the last bit, with the points last: (n, n, points) for (n, m, points)."""
    size = len(matrices)
    work = np.concatenate([matrices, right], axis=1)
    with np.errstate(all="ignore"):
        for k in range(size):
            # of the columns before k every row but one is 0
            rest = work[:, k:]
            place = k + np.argmax(np.abs(work[k:, k]), axis=0)[None, None]
            row = np.take_along_axis(rest, place, axis=0)[0]
            np.put_along_axis(rest, place, rest[k : k + 1], axis=0)
            row /= np.where(row[0] == 0, np.nan, row[0])
            for i in range(size):
                if i != k:
                    rest[i] -= rest[i, 0] * row
            rest[k] = row
    return np.ascontiguousarray(work[:, size:])


def inverse_along(matrices: Array) -> Array:
    """Inverses of real (n, n, points), NaN where a pivot vanishes: what `solve_along` finds for the unit matrix."""
    size, _, points = matrices.shape
    out = np.empty(matrices.shape)
    # so many matrices at a time that calls cost little and their entries stay near the processor
    step = max(1, 4 * _CACHED // size**2)
    for low in range(0, points, step):
        out[..., low : low + step] = _inverse(matrices[..., low : low + step])
    return out


def _inverse(matrices: Array) -> Array:
    """Column after column of the inverse in place of one that is done."""
    work = np.array(matrices, order="C")
    part = np.empty_like(work)
    origin = np.repeat(np.arange(len(work))[:, None], work.shape[-1], axis=1)
    with np.errstate(all="ignore"):
        for k in range(len(work)):
            best = np.argmax(np.abs(work[k:, k]), axis=0)
            moved = np.flatnonzero(best)
            if moved.size:
                _exchange(work, k, k + best[moved], moved)
                _exchange(origin, k, k + best[moved], moved)
            row = work[k].copy()
            pivot = np.where(row[k] == 0, np.nan, row[k])
            row[k] = 1.0
            row /= pivot
            column = work[:, k].copy()
            work[:, k] = 0.0
            work -= np.multiply(column[:, None], row, out=part)
            work[k] = row
    np.put_along_axis(part, np.broadcast_to(origin, work.shape), work, axis=1)
    return part


def _exchange(rows: Any, k: int, places: Any, points: Any) -> None:
    """Row k of some points and, of each, the row at its place; the points are last."""
    kept = rows[k][..., points]
    rows[k][..., points] = rows[places, ..., points].T
    rows[places, ..., points] = kept.T


def eigh(matrices: Any) -> tuple[Array, Any]:
    """Eigenvalues in ascending order (..., n) and eigenvectors (..., n, n) of Hermitian matrices, by rotations."""
    work = _stack(matrices)
    vectors = _stack(np.broadcast_to(np.eye(work.shape[-1], dtype=work.dtype), work.shape))
    values = _rotate(work, vectors)
    order = np.argsort(values, axis=-1, kind="stable")
    return np.take_along_axis(values, order, -1), np.take_along_axis(vectors, order[..., None, :], -1)


def eigenvalues(matrices: Any) -> Array:
    """Those of `eigh`, shape (..., n), for less than half of the work."""
    return np.sort(_rotate(_stack(matrices), None), axis=-1, kind="stable")


def lowest_eigenvalue(matrices: Any) -> Array:
    """Smallest eigenvalue of Hermitian matrices (..., n, n), shape (...)."""
    if matrices.shape[-1] > ROTATED:
        return np.asarray(np.linalg.eigvalsh(matrices)[..., 0])
    return np.asarray(eigenvalues(matrices)[..., 0])


def _stack(matrices: Any) -> Any:
    """A copy of (..., n, n) that has the same entry of all matrices side by side."""
    return np.moveaxis(np.array(np.moveaxis(matrices, (-2, -1), (0, 1)), order="C"), (0, 1), (-2, -1))


def _rotate(work: Any, vectors: Any) -> Array:
    """Rotate until nothing is left beside the diagonal, which is returned; `vectors` are turned along in place."""
    for _ in range(_SWEEPS):
        if not _sweep(work, vectors):
            break
    return np.asarray(np.diagonal(work, axis1=-2, axis2=-1).real)


def _sweep(work: Any, vectors: Any) -> bool:
    """One rotation for each pair, in place; whether any was needed."""
    turned, size = False, work.shape[-1]
    for p in range(size):
        for q in range(p + 1, size):
            c, s, needed = _rotation(work[..., p, p].real, work[..., q, q].real, work[..., p, q])
            if not needed:
                continue
            turned = True
            _turn_columns(work, p, q, c, s)
            _turn_columns(np.swapaxes(work, -1, -2), p, q, c, np.conj(s))
            if vectors is not None:
                _turn_columns(vectors, p, q, c, s)
            work[..., p, q] = work[..., q, p] = 0.0
            for k in (p, q):
                work[..., k, k] = work[..., k, k].real
    return turned


def _rotation(low: Array, high: Array, beside: Any, noise: float = 2.0**-54) -> tuple[Array, Any, bool]:
    """Cosine and (complex) sine that make a pair of a Hermitian matrix diagonal, and whether any is needed."""
    size = modulus(beside)
    # an entry that no double on the diagonal would notice, or that is round-off of a sum, is none
    needed = size > noise * np.sqrt(np.abs(low)) * np.sqrt(np.abs(high))
    needed &= size > 0
    if not needed.any():
        return low, beside, False
    safe = np.where(needed, size, 1.0)
    with np.errstate(over="ignore"):
        ratio = (high - low) / (2 * safe)
        tangent = np.where(ratio < 0, -1.0, 1.0) / (np.abs(ratio) + hypot(1.0, ratio))
    tangent = np.where(needed, tangent, 0.0)
    cosine = 1 / hypot(1.0, tangent)
    sine = tangent * cosine
    # part by part: a complex quotient would take 1/safe, which the smallest doubles do not have
    phase = _complex(beside.real / safe, beside.imag / safe) if np.iscomplexobj(beside) else beside / safe
    return cosine, sine * phase, True


def _turn_columns(work: Any, p: int, q: int, c: Array, s: Any) -> None:
    first, second = work[..., :, p].copy(), work[..., :, q].copy()
    c, s = np.asarray(c)[..., None], np.asarray(s)[..., None]
    work[..., :, p] = c * first - times(np.conj(s), second)
    work[..., :, q] = times(s, first) + c * second


def singular_values(matrices: Any) -> Array:
    """Singular values (..., n) of (..., m, n) in descending order, small ones too to their own digits: by rotations
    that make the columns orthogonal."""
    work = np.array(matrices)
    size = work.shape[-1]
    for _ in range(_SWEEPS):
        turned = False
        for p in range(size):
            for q in range(p + 1, size):
                first, second = work[..., :, p], work[..., :, q]
                beside = _sum(times(np.conj(first), second))
                low, high = (_sum(times(np.conj(column), column)).real for column in (first, second))
                c, s, needed = _rotation(low, high, beside, 2.0**-52 * work.shape[-2])
                if needed:
                    turned = True
                    _turn_columns(work, p, q, c, s)
        if not turned:
            break
    sizes = np.stack([_norm(work[..., :, k]) for k in range(size)], axis=-1)
    return np.asarray(-np.sort(-sizes, axis=-1))


def _sum(parts: Any) -> Any:
    total = parts[..., 0]
    for k in range(1, parts.shape[-1]):
        total = total + parts[..., k]
    return total


def _norm(vector: Any) -> Array:
    size = np.zeros(vector.shape[:-1])
    for k in range(vector.shape[-1]):
        size = hypot(size, modulus(vector[..., k]))
    return size


def _complex(real: Array, imag: Array) -> Complex:
    out = np.empty(np.broadcast_shapes(real.shape, imag.shape), dtype=complex)
    out.real, out.imag = real, imag
    return out
