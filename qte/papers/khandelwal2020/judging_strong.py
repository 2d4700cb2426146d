"""What the claims of khandelwal2020 about strong coupling share."""

from __future__ import annotations

from typing import Final

import numpy as np

from qte.ledger import second
from qte.ledger.checks import Domain, Range
from qte.papers.khandelwal2020.judging import (
    Array,
    Complex,
)

PUBLISHED: Final = ("published",)


COUPLINGS: Final = np.array([0.5, 0.7, 0.8, 0.9])


# Of the caption of figure 6a.
GAMMA_C: Final = (1e-3, 0.1)


# eps = 1 is the unit; resonant, bosonic baths.
ENGINES: Final[Domain] = {
    "g": Range(0.02, 0.99),
    "gamma_h": Range(1e-5, 0.1, log=True),
    "gamma_c": Range(1e-5, 0.1, log=True),
    "T_h": Range(0.03, 10, log=True),
    "T_c": Range(0.01, 10, log=True),
}


def gibbs(eps: Array, g: Array, T: Array) -> Complex:
    """Gibbs states of H_S + H_int by numerical diagonalisation, shape (n, 4, 4)."""
    total, exchange = second.number(0, 2) + second.number(1, 2), second.exchange(0, 1, 2)
    h = eps[:, None, None] * total + g[:, None, None] * exchange
    energies, vectors = np.linalg.eigh(h)
    weights = np.exp(-(energies - energies[:, :1]) / T[:, None])
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("kij,kj,klj->kil", vectors, weights, vectors.conj()))
