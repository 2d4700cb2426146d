"""Question 3: the critical current in time (khandelwal2020, outlook)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.random import Generator
from scipy.linalg import expm

from qte.common import elementary as el
from qte.ledger import second
from qte.ledger.entries import judge
from qte.ledger.forms import fact, larger, negligible
from qte.ledger.judged import Found, found
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.answers.studies_transient import STARTS, critical_current, current_between, state_in_time
from qte.papers.khandelwal2020.checks.engines import FIGURE, hamiltonian

HOT: Final[dict[str, Any]] = FIGURE | {"T_h": 0.7}
TIME: Final = np.linspace(0.0, 4000.0, 401)
# Random engines at weak coupling, and how many relaxation times each is followed.
DRAWS: Final = 60
LONG: Final = 6.0
# J and J_c nearer to each other than this part are not told apart.
SURE: Final = 1e-6
# To what two codes have to agree.
AGREED: Final = 1e-12


def drawn(rng: Generator, *, detuned: bool) -> dict[str, Any]:
    """Engines of all ratios of the couplings, shape (DRAWS,)."""
    return {
        "g": el.power(10.0, rng.uniform(-4, -2, DRAWS)),
        "gamma_h": el.power(10.0, rng.uniform(-4, -2, DRAWS)),
        "gamma_c": el.power(10.0, rng.uniform(-4, -2, DRAWS)),
        "T_h": el.power(10.0, rng.uniform(-0.5, 0.5, DRAWS)),
        "T_c": el.power(10.0, rng.uniform(-1.3, -0.6, DRAWS)),
        "delta": el.power(10.0, rng.uniform(-4, -2, DRAWS)) if detuned else 0.0,
    }


def dense_in_time(p: dict[str, Any], start: str, times: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """States at equidistant times, by powers of one dense exponential coded apart from the library, (n, 4, 4)."""
    h = hamiltonian(p)
    jumps = []
    for site, k in enumerate("hc"):
        jumps += second.two_level_jumps(second.lower(site, 2), 1.0, p[f"T_{k}"], p[f"gamma_{k}"])
    step = expm(second.liouvillian(h, jumps) * (times[1] - times[0]))
    rho = np.zeros((4, 4), dtype=complex)
    rho[3 - int(start, 2), 3 - int(start, 2)] = 1
    vector, found_states = rho.reshape(-1), []
    for _ in times:
        found_states.append(vector.reshape(4, 4))
        vector = step @ vector
    return np.array(found_states)


@judge("q3-critical-current-in-time")
def in_time(rng: Generator) -> Found:
    wrong_between, wrong_baths, missed, there, product, points = 0, 0, 0, 0, 0.0, 0
    for detuned in (False, True):
        for start in STARTS:
            engine = TwoQubitEngine(**drawn(rng, detuned=detuned))
            slow = float(np.min(engine.liouvillian_gap()))
            way = engine.evolve(start, np.linspace(0.0, LONG / slow, 121)[1:])
            state, rho = state_in_time(way.rho), np.asarray(way.rho)
            inner = np.abs(rho[..., 1, 2]) ** 2
            n_h, n_c = (rho[..., 0, 0] + rho[..., k, k] for k in (1, 2))
            product = max(product, float(np.abs(n_h.real * n_c.real - inner - state.double).max()))
            critical = critical_current(engine, state)
            entangled = state.margin() > 0
            if not detuned:
                between, baths = current_between(engine, way.rho), np.abs(way.net_current())
                sure = np.abs(between / critical - 1) > SURE
                wrong_between += int(np.sum(sure & ((between > critical) != entangled)))
                wrong_baths += int(np.sum((baths > critical) != entangled))
                missed += int(np.sum(entangled & (baths <= critical)))
                there += int(entangled.sum())
                points += entangled.size
    share = wrong_baths / points
    return found(
        fact(
            "the current between the qubits is never wrong",
            wrong_between == 0,
            wrong=wrong_between,
            points=points,
        ),
        fact("that of the baths is", share > 0, share=share),
        negligible("r₁ − n_h n_c + |c|² on the way, detuned or not", product, AGREED),
        share=share,
        missed=missed / there,
        points=points,
        off=AGREED,
    )


@judge("q3-most-entangled-on-the-way")
def on_the_way(rng: Generator) -> Found:
    engine = TwoQubitEngine(**HOT)
    most, when, apart = {}, {}, 0.0
    for start in STARTS:
        n = engine.evolve(start, TIME).negativity()
        apart = max(apart, float(np.abs(second.negativity(dense_in_time(HOT, start, TIME)) - n).max()))
        most[start], when[start] = float(n.max()), float(TIME[n.argmax()])
    steady = float(engine.negativity())
    return found(
        larger("from |10⟩ more than in the steady state", way=most["10"], steady=steady),
        larger("from |00⟩ never more", steady=steady * (1 + 1e-9), way=most["00"]),
        negligible("N by two codes", apart, AGREED),
        steady=steady,
        most=most["10"],
        when=when["10"],
        times=most["10"] / steady,
        full=most["11"],
        full_when=when["11"],
        cold=most["01"],
        cold_when=when["01"],
        apart=AGREED,
    )
