"""Where the texts of khandelwal2020 differ, and how good the approaches are that they rest on (section 2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.ledger import second
from qte.ledger.entries import judge
from qte.ledger.forms import equals, fact, larger, rises
from qte.ledger.judged import Found, again, found
from qte.machines.two_qubit import TwoQubitEngine
from qte.papers.khandelwal2020.checks.engines import (
    DRAWS,
    FIGURE,
    Array,
    Complex,
    dense,
    figure,
    globally,
    hamiltonian,
    local,
    point,
    weak,
    weak_draws,
)
from qte.papers.khandelwal2020.equations import eq29_matrix, eq30_vector

DELTA = np.array([0.0, 0.01, 0.05])


@judge("matrix-size")
def matrix_size(rng: Generator) -> Found:
    p = weak_draws(rng)
    pairs = [(eq29_matrix(weak(point(p, k))), eq30_vector(weak(point(p, k)))) for k in range(DRAWS)]
    columns = pairs[0][0].shape[1]
    size = fact("M has 16 columns", columns == 16, at={"unknowns": columns}, columns=columns)
    solved = np.array([-np.linalg.solve(matrix, b) for matrix, b in pairs])
    rho = local(**p).steady_state().rho.reshape(DRAWS, 16)[:, :15]
    return found(
        breaks=(size,),
        rest=(equals("−M⁻¹b with the 15 × 15 matrix against the steady state", solved, rho, p, scale=1.0),),
        again=(again(size, "entries of a Hermitian matrix of trace one", lambda unknowns: 4 * 4 - 1),),
        printed=16,
        right=columns,
    )


@judge("local-approach-justified")
def local_justified(rng: Generator) -> Found:
    j, n = _errors(figure(T_h=0.7, delta=DELTA), figure(T_h=0.7, delta=DELTA, approach="redfield"))
    secular = globally(**FIGURE | {"T_h": 0.7, "delta": 0.01}).net_current()
    return found(
        larger(
            "errors of J and N at the figures' values below 2 %", bound=0.02, errors=np.abs(np.stack([j, n]))
        ),
        resonant=max(abs(j[0]), abs(n[0])),
        detuned=max(abs(j[1]), abs(n[1])),
        secular=secular / figure(T_h=0.7, delta=0.01).net_current(),
    )


@judge("local-approach-weak-g")
def local_weak_g(rng: Generator) -> Found:
    at: dict[str, Any] = FIGURE | {"T_h": 0.7, "delta": 0.0, "g": 0.05}
    weakly = np.array([5e-4, 1e-3, 1.6e-3])
    small = local(**at | {"g": weakly}), local(**at | {"g": weakly}, approach="redfield")
    one, full = local(**at), local(**at, approach="redfield")
    c, right = float(_coherence(one)), float(_coherence(full))
    broken = fact(
        "|c| of the local equation to 5 % at g = 0.05 ε",
        abs(c / right - 1) < 0.05,
        at=at,
        local=c,
        full=right,
    )
    return found(
        larger(
            "error of |c| at g ≲ γ below 1 %",
            bound=0.01,
            error=np.abs(_coherence(small[0]) / _coherence(small[1]) - 1),
        ),
        breaks=(broken,),
        again=(again(broken, "dense 16 × 16 Liouvillian and dense Redfield tensor", _dense_coherences),),
        printed=c,
        right=right,
        off=abs(c / right - 1),
        current=abs(float(one.net_current() / full.net_current()) - 1),
    )


@judge("global-approach-justified")
def global_justified(rng: Generator) -> Found:
    p: dict[str, Any] = {"eps_h": 1.0, "g": np.array([0.5, 0.8, 0.9]), "gamma_h": 0.01, "gamma_c": 0.01}
    p |= {"T_h": 0.4, "T_c": 0.01}
    errors = np.abs(np.stack(_errors(globally(**p), local(**p, approach="redfield"))))
    return found(
        larger("errors of J and N at figure 6's values below 2 %", bound=0.02, errors=errors),
        worst=errors.max(),
    )


@judge("detuning-limit")
def detuning_limit(rng: Generator) -> Found:
    def error(delta: Array) -> Array:
        return np.abs(
            _errors(figure(T_h=0.7, delta=delta), figure(T_h=0.7, delta=delta, approach="redfield"))[0]
        )

    ends = error(np.array([0.01, 0.3]))
    return found(
        rises("error of J against the Redfield equation", error, 0.005, 0.3, of="delta"),
        small=ends[0],
        large=ends[1],
    )


def _errors(engine: TwoQubitEngine, full: TwoQubitEngine) -> tuple[Array, Array]:
    """Relative errors of J and N."""
    return engine.net_current() / full.net_current() - 1, engine.negativity() / full.negativity() - 1


def _coherence(engine: TwoQubitEngine) -> Array:
    return np.abs(engine.steady_state().rho[..., 1, 2])


def _dense_coherences(**p: float) -> dict[str, float]:
    return {"local": dense(p).coherence, "full": float(abs(_redfield_state(p)[1, 2]))}


def _redfield_state(p: dict[str, float]) -> Complex:
    """Steady state of the Redfield equation without Lamb shift, from dense matrices."""
    h, one = hamiltonian(p), np.eye(4)
    energies, states = np.linalg.eigh(h)
    gaps = energies[None, :] - energies[:, None]
    total = second.liouvillian(h, [])
    for site, k in enumerate("hc"):
        inside = states.conj().T @ second.lower(site, 2) @ states
        n = 1 / el.expm1(np.where(np.abs(inside) > 1e-12, gaps, 1.0) / p[f"T_{k}"])
        for jump, rate in ((inside, p[f"gamma_{k}"] * (1 + n)), (inside.conj().T, p[f"gamma_{k}"] * n.T)):
            a, weighted = (states @ m @ states.conj().T for m in (jump, jump * rate / 2))
            dagger, other = a.conj().T, weighted.conj().T
            total = total + np.kron(weighted, a.conj()) + np.kron(a, weighted.conj())
            total = total - np.kron(dagger @ weighted, one) - np.kron(one, (other @ a).T)
    total[0] = one.reshape(-1)
    return np.asarray(np.linalg.solve(total, np.eye(16)[0]).reshape(4, 4))
