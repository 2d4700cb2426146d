"""Whether a steady state is the only one, and how large the kernel is where it is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qte.blocks import Superoperator
from qte.generators import Generator
from qte.routes import PLAN_CHUNK, PLAN_LIMIT, nullity, plan_of

Bool = NDArray[np.bool_]
Index = NDArray[np.intp]


def kernel_of_coherences(
    equations: Superoperator, components: list[Index], inside: NDArray[np.intp], invariant: Bool
) -> NDArray[np.intp]:
    """Dimension of the kernel among unknowns that meet no population (points,).

    Where one steady state is found among the invariant unknowns there is no
    other (`qte.symmetry`), and the rest is not looked at.
    """
    kernel = np.zeros(equations.points, dtype=np.intp)
    for needed in (True, False):
        chosen = [c for c in components if invariant[c].any() == needed]
        points = np.arange(equations.points) if needed else np.flatnonzero(inside + kernel != 1)
        if not points.size:
            break
        here = equations if needed else equations.select(points)
        for unknowns in chosen:
            kernel[points] += _kernel_outside(here.restrict(unknowns))
    return kernel


def _kernel_outside(block: Superoperator) -> NDArray[np.intp]:
    """Dimension of the kernel among unknowns that meet no population (points,)."""
    plan = plan_of(block, 0)
    kernel = np.zeros(block.points, dtype=np.intp)
    for start in range(0, block.points, PLAN_CHUNK):
        chunk = slice(start, min(start + PLAN_CHUNK, block.points))
        if block.size <= PLAN_LIMIT and plan.steps is not None:
            with np.errstate(all="ignore"):
                reduced = plan.reduce(block.entries(chunk, plan.read), chunk.stop - start)
            suspects = start + np.flatnonzero(reduced.suspect)
        else:
            suspects = np.arange(chunk.start, chunk.stop)
        if suspects.size:
            kernel[suspects] = nullity(block.select(suspects).matrix())
    return kernel


def relaxes(generator: Generator) -> bool:
    """Spohn's sufficient condition (Lett. Math. Phys. 2, 33 (1977)), for the whole grid.

    If the jump operators that act at every point form a self-adjoint set whose
    commutant is trivial, the steady state is unique whatever the Hamiltonian.
    """
    acting = [
        c.jump[0].operator.toarray()
        for c in generator.channels
        if c.partner is None
        and len(c.jump) == 1
        and np.all(c.rate != 0)
        and np.all(c.jump[0].coefficient != 0)
    ]
    adjoint_closed = [a for a in acting if any(np.array_equal(a.conj().T, b) for b in acting)]
    if not adjoint_closed or generator.dim > 16 or not generator.completely_positive:
        return False
    one = np.eye(generator.dim)
    conditions = np.concatenate([np.kron(a, one) - np.kron(one, a.T) for a in adjoint_closed])
    return bool(np.linalg.matrix_rank(conditions) == generator.dim**2 - 1)
