"""Conserved charges of a generator, and what they prove about its steady states.

Diagonal unitaries that commute with a generator form a torus of phases; its
charges label the basis states, and an unknown rho_ij is invariant if i and j
carry the same charges.

A completely positive generator whose kernel among the invariant unknowns is one
dimensional has one steady state altogether: its fixed points are a sum of full
matrix algebras (times fixed states), on which a connected group acts from
within, and every full matrix algebra of dimension n**2 keeps at least n
invariant elements.  So a second steady state would show among the invariant
unknowns, and all other coherences need no look.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qte.physics.generators import Generator, Terms
from qte.physics.operators import OperatorKey
from qte.solver.blocks import unknowns_of

Array = NDArray[np.float64]
Bool = NDArray[np.bool_]
Index = NDArray[np.intp]
Keys = tuple[OperatorKey, ...]

SAME_CHARGE = 1e-9


def invariant_unknowns(generator: Generator) -> Bool:
    """Marks the unknowns that every phase symmetry leaves alone, shape (d**2,).

    Marks all of them if the generator is not of Lindblad form term by term (a
    channel has a partner): then nothing is claimed.
    """
    dim = generator.dim
    if any(c.partner is not None for c in generator.channels):
        return np.ones(dim**2, dtype=bool)
    charge = charges(generator)
    i, j = np.triu_indices(dim, 1)
    equal = np.abs(charge[i] - charge[j]).max(axis=1, initial=0.0) < SAME_CHARGE
    inside = np.zeros(dim**2, dtype=bool)
    inside[:dim] = True
    for numbers in unknowns_of(i[equal], j[equal], dim):
        inside[numbers] = True
    return inside


def charges(generator: Generator) -> Array:
    """Independent charges of the basis states, shape (d, number of charges)."""
    jumps = [_acting(c.jump) for c in generator.channels if np.any(c.rate != 0)]
    return _charges(generator.dim, _acting(generator.hamiltonian), tuple(keys for keys in jumps if keys))


@lru_cache(maxsize=128)
def _charges(dim: int, hamiltonian: Keys, jumps: tuple[Keys, ...]) -> Array:
    rows, columns = _places(hamiltonian)
    hops = sp.coo_array((np.ones(len(rows)), (rows, columns)), shape=(dim,) * 2)
    count, label = sp.csgraph.connected_components(hops, directed=False)
    conditions = [_conditions(jump, label, count) for jump in jumps]
    rows = np.unique(np.concatenate([np.zeros((1, count)), *conditions]), axis=0)
    _, values, vectors = np.linalg.svd(rows)
    rank = int((values > SAME_CHARGE * max(values[0], 1.0)).sum())
    found = np.asarray(vectors[rank:].T[label])
    found.flags.writeable = False
    return found


def _conditions(jump: Keys, label: Index, count: int) -> Array:
    """A jump operator changes every charge by one amount: rows that must vanish on the charges."""
    to, start = (label[part] for part in _places(jump))
    step = np.zeros((len(to), count))
    np.add.at(step, (np.arange(len(to)), to), 1.0)
    np.add.at(step, (np.arange(len(to)), start), -1.0)
    return step - step[:1]


def _places(operators: Keys) -> tuple[Index, Index]:
    """Rows and columns of all entries of some operators."""
    none = np.empty(0, dtype=np.intp)
    rows, columns, _ = zip((none, none, none), *(key.entries for key in operators), strict=True)
    return np.concatenate(rows), np.concatenate(columns)


def _acting(terms: Terms) -> Keys:
    """The operators whose coefficient does not vanish at every point."""
    return tuple(t.key for t in terms if np.any(t.coefficient != 0))
