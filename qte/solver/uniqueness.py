"""Whether a steady state is the only one, and how large the kernel is where it is not."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qte.physics.generators import Generator
from qte.physics.operators import OperatorKey
from qte.solver.block_solver import nullity, plan_of
from qte.solver.blocks import Superoperator
from qte.solver.exact.equations import ExactEquations
from qte.solver.limits import CHUNK, PLAN_LIMIT

Bool = NDArray[np.bool_]
Index = NDArray[np.intp]


def kernel_of_coherences(
    generator: Generator,
    equations: Superoperator,
    components: list[Index],
    inside: NDArray[np.intp],
    invariant: Bool,
) -> NDArray[np.intp]:
    """Dimension of the kernel among unknowns that meet no population (points,).

    Where one steady state is found among the invariant unknowns there is no
    other (`qte.solver.phase_symmetry`), and the rest is not looked at.
    """
    kernel = np.zeros(equations.points, dtype=np.intp)
    for needed in (True, False):
        chosen = [c for c in components if invariant[c].any() == needed]
        points = np.arange(equations.points) if needed else np.flatnonzero(inside + kernel != 1)
        if not points.size:
            break
        for unknowns in chosen:
            block = equations.restrict(unknowns)
            kernel[points] += _kernel_outside(block, ExactEquations(generator, unknowns), points)
    return kernel


def _kernel_outside(whole: Superoperator, exact_block: ExactEquations, points: Index) -> NDArray[np.intp]:
    """Dimension of the kernel among unknowns that meet no population, at some points."""
    block = whole if len(points) == whole.points else whole.select(points)
    plan = plan_of(block, 0)
    kernel = np.zeros(block.points, dtype=np.intp)
    for start in range(0, block.points, CHUNK):
        chunk = slice(start, min(start + CHUNK, block.points))
        if block.size <= PLAN_LIMIT and plan.steps is not None:
            with np.errstate(all="ignore"):
                reduced = plan.reduce(block.entries(chunk, plan.read), chunk.stop - start)
            suspects = start + np.flatnonzero(reduced.suspect)
        else:
            suspects = np.arange(chunk.start, chunk.stop)
        if suspects.size:
            kernel[suspects] = nullity(whole, exact_block, points[suspects])
    return kernel


def irreducible(generator: Generator) -> bool:
    """A sufficient condition for one steady state that costs next to nothing, for the whole grid.

    Suppose that the jump operators come in adjoint pairs, each with a rate.
    Then the support P of a steady state commutes with all of them, since P A P = A P
    for A and for A^+, and with H, since (1 - P) H P = 0.  If the algebra that they
    generate is the whole one, every steady state is faithful, and two different ones
    would have a combination that is not: there is only one.  The algebra is the whole
    one if A^+ A is the projector on a single basis state for every one of them, and
    H and the jumps connect all basis states.
    """
    dim = generator.dim
    if any(c.partner is not None or len(c.jump) != 1 for c in generator.channels):
        return False
    strengths = [np.asarray(c.rate * c.jump[0].coefficient) for c in generator.channels]
    if any(np.any(s != 0) and not np.all(s != 0) for s in strengths):
        return False
    used = [c for c, s in zip(generator.channels, strengths, strict=True) if np.all(s != 0)]
    acting = [sp.coo_array(c.jump[0].operator) for c in used]
    known = {_entries(a.row, a.col, a.data) for a in acting}
    if any(_entries(a.col, a.row, a.data.conj()) not in known for a in acting):
        return False
    if len({int(a.col[0]) for a in acting if a.nnz == 1}) < dim:
        return False
    # entries of H that two terms share might cancel, so they do not count
    terms = [abs(sp.csr_array(t.operator)) > 0 for t in generator.hamiltonian if np.any(t.coefficient != 0)]
    single = sum((t.astype(int) for t in terms), sp.csr_array((dim, dim), dtype=int)) == 1
    fixed = [t for t in generator.hamiltonian if np.all(t.coefficient != 0)]
    links = [sp.coo_array(single.multiply(abs(sp.csr_array(t.operator)) > 0)) for t in fixed] + acting
    rows, columns = (np.concatenate([getattr(a, name) for a in links]) for name in ("row", "col"))
    graph = sp.coo_array((np.ones(len(rows)), (rows, columns)), shape=(dim, dim))
    return bool(sp.csgraph.connected_components(graph, directed=False)[0] == 1)


def _entries(rows: Index, columns: Index, data: NDArray[np.complex128]) -> tuple[bytes, ...]:
    order = np.lexsort((columns, rows))
    places = (rows[order].astype(np.intp), columns[order].astype(np.intp), data[order].astype(complex))
    return tuple(part.tobytes() for part in places)


def relaxes(generator: Generator) -> bool:
    """Spohn's sufficient condition (Lett. Math. Phys. 2, 33 (1977)), for the whole grid.

    If the jump operators that act at every point form a self-adjoint set whose
    commutant is trivial, the steady state is unique whatever the Hamiltonian.
    """
    if generator.dim > 16 or not generator.completely_positive:
        return False
    acting = (
        c.jump[0].key
        for c in generator.channels
        if c.partner is None
        and len(c.jump) == 1
        and np.all(c.rate != 0)
        and np.all(c.jump[0].coefficient != 0)
    )
    return _commute_with_one_only(tuple(acting))


@lru_cache(maxsize=128)
def _commute_with_one_only(operators: tuple[OperatorKey, ...]) -> bool:
    """Whether those whose adjoint is among them commute with multiples of 1 only."""
    acting = [key.operator.toarray() for key in operators]
    adjoint_closed = [a for a in acting if any(np.array_equal(a.conj().T, b) for b in acting)]
    if not adjoint_closed:
        return False
    one = np.eye(operators[0].dim)
    conditions = np.concatenate([np.kron(a, one) - np.kron(one, a.T) for a in adjoint_closed])
    return bool(np.linalg.matrix_rank(conditions) == len(one) ** 2 - 1)
