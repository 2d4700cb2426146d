"""What the verdicts on the weak-coupling equations of khandelwal2020 share."""

from __future__ import annotations

from typing import Any

import numpy as np

from qte.ledger import second
from qte.papers.khandelwal2020 import equations as printed
from qte.papers.khandelwal2020.judging import (
    DRAWS,
    Array,
    Complex,
    hamiltonian,
    point,
    weak,
)

SOLVED = "steady state of the master equation over 400 random engines"


def generators(p: Any) -> Complex:
    """16 × 16 Liouvillians of the draws, by Kronecker products."""
    return np.array([generator(point(p, k)) for k in range(DRAWS)])


def generator(at: dict[str, float]) -> Complex:
    jumps = second.two_level_jumps(second.lower(0, 2), at["eps_h"], at["T_h"], at["gamma_h"])
    jumps += second.two_level_jumps(second.lower(1, 2), at["eps_h"] + at["delta"], at["T_c"], at["gamma_c"])
    return second.liouvillian(hamiltonian(at), jumps)


def traffic(p: Any) -> Array:
    """γ_h⁺γ_c⁻ + γ_h⁻γ_c⁺: what the difference in eqs. (8) and (11) is the difference of."""
    (hp, hm), (cp, cm) = weak(p).rates("h"), weak(p).rates("c")
    return np.asarray(hp * cm + hm * cp)


def current_scale(p: Any) -> Array:
    n = printed.eq09_notation(weak(p))
    gaps = p["eps_h"] * n.cold + (p["eps_h"] + p["delta"]) * n.hot
    return np.asarray(8 * p["g"] ** 2 * traffic(p) / n.chi * gaps)
