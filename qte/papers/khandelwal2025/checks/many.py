"""More qubits: W states, sinks, the fourth qubit."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.ledger import second
from qte.ledger.checks import Comparison, Fact, Range
from qte.ledger.entries import judge
from qte.ledger.forms import close, equals, fact, larger, negligible, never_below
from qte.ledger.judged import Found, again, found
from qte.ledger.numbers import Plain
from qte.machines.w_state import WStateMachine
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025 import equations as eq
from qte.papers.khandelwal2025.parts import (
    DRAWS,
    INF,
    Array,
    log_draws,
    signed_draws,
    sink_rates,
)  # fmt: skip
from qte.physics.baths import Bath
from qte.physics.coulomb import all_pairs, bath_channels, hamiltonian
from qte.physics.generators import Generator as MasterEquation
from qte.physics.generators import Term
from qte.physics.operators import excitation, ket
from qte.solver.dynamics import evolve
from qte.solver.steady import steady_state

W3 = (1.0, -1.0, -1.0)
FIVE: dict[str, Plain] = {"n": 3, "g": 0.05, "gamma": 0.1, "T": 1.0, "mu_sink": 0.0, "U": "inf", "mu": "inf"}
TEN = "dense null vector on the ten states without two excited neighbours"
LATE = 2e4


# ---- a fourth qubit at the same sink ------------------------------------------------------------


def _four(g: tuple[float, float, float], U: float, mu: float, swap: float = 0.0) -> MasterEquation:
    """Qubits 1, 2, 3 on one sink, qubit 4; `swap` couples 2 and 3 and lifts qubit 1 by as much."""
    bonds, bath = all_pairs(4), Bath(np.asarray(1.0), np.asarray(0.1), "fermi")
    couplings = [(g[0], 0, 3), (g[1], 1, 3), (g[2], 2, 3), (swap, 1, 2)]
    h = (*hamiltonian(4, 1.0, U, couplings, bonds), Term.of(swap, excitation(0, 4)))
    first = bath_channels(1, bath, (1.0, U, mu), 0, 4, bonds)
    return MasterEquation(h, first + bath_channels(4, bath, (1.0, U, 0.0), 3, 4, bonds))


def _five_states(g: tuple[float, float, float], swap: float = 0.0) -> dense.Blockade:
    """The same in the limit of eq. (3), written out on five states."""
    couplings = [(0, 3, g[0]), (1, 3, g[1]), (2, 3, g[2]), (1, 2, swap)]
    return dense.blockade(4, couplings, {0: (0.1, 0.0), 3: sink_rates()}, energies={0: swap})


def _late(g: tuple[float, float, float], psi: Array, U: float = INF, mu: float = INF) -> float:
    """Fidelity with psi long after all four qubits were empty."""
    return float(dense.overlap(evolve(_four(g, U, mu), "0000", [LATE])[0], psi.astype(complex)))


def _w_of_four() -> Array:
    return np.asarray((ket("1000") - ket("0100") - ket("0010")) / np.sqrt(3))


@judge("fourth-qubit-not-unique")
def fourth_not_unique(rng: Generator) -> Found:
    kernels = [int(_five_states(tuple(rng.uniform(0.02, 0.3, 3))).nullity()) for _ in range(DRAWS)]
    least, most = min(kernels), max(kernels)
    return found(fact("the kernel has dimension 4", least == most == 4, least=least, most=most))


@judge("fourth-qubit-not-multipartite")
def fourth_not_entangled(rng: Generator) -> Found:
    special, equal = (0.1, 0.05, 0.05), (0.05, 0.05, 0.05)
    at = {"g13": 0.1, "g23": 0.05, "g43": 0.05, "gamma_1": 0.1, "gamma_3": 0.1, "T": 1.0}
    w = _late(special, _w_of_four())
    broken = larger("from |0000⟩ the fidelity with W_3 stays within 2/3", at, bound=2 / 3, fidelity=w)
    other = np.asarray((2 * ket("1000") - ket("0100") - ket("0010")) / np.sqrt(6))

    def again_late(**_: float) -> dict[str, float]:
        small = _five_states(special)
        return {"fidelity": float(dense.overlap(small.from_empty(LATE), small.vector([*W3, 0.0])))}

    # a real matrix whose comparison matrix has no negative eigenvalue is a sum of states of pairs
    small = _five_states(equal)
    start = np.zeros((5, 5), dtype=complex)
    start[2, 2] = 1.0
    rho = np.abs(dense.evolved(small.h, small.jumps, start, LATE)[1:4, 1:4])
    apart = np.linalg.eigvalsh(2 * np.diag(np.diag(rho)) - rho)[0]
    near = _late(special, _w_of_four(), 60.0, 25.0)
    return found(
        negligible(
            "from |0100⟩, equal couplings: what no mixture of pair-entangled states has",
            min(apart, 0.0),
            1e-9,
        ),
        close(
            "from |0000⟩, equal couplings: fidelity with (2|100⟩ − |010⟩ − |001⟩)/√6",
            _late(equal, other),
            1.0,
            1e-9,
        ),
        breaks=(broken,),
        again=(again(broken, "matrix exponential on the five states of the limit", again_late),),
        printed=2 / 3,
        right=w,
        near=near,
    )


@judge("one-sink-per-entangled-qubit")
def own_sink(rng: Generator) -> Found:
    g, swap = (0.1, 0.09, 0.01), 0.1
    stars = [int(_five_states(tuple(rng.uniform(0.02, 0.3, 3))).nullity()) for _ in range(DRAWS)]
    state = steady_state(_four(g, 150.0, 60.0, swap))
    fidelity = float(dense.overlap(state.rho, _w_of_four().astype(complex)))
    unique = bool(state.unique) and _five_states(g, swap).nullity() == 1
    at = {"g_1s": 0.1, "g_2s": 0.09, "g_3s": 0.01, "g_23": swap, "eps_1 - eps": swap, "gamma": 0.1, "T": 1.0}
    what = "three qubits with one sink have no unique W_3"
    return found(
        fact("one sink leaves a kernel of dimension 4", min(stars) == max(stars) == 4, kernel=min(stars)),
        beyond=(fact(what, not (unique and fidelity > 1 - 1e-9), at, fidelity=fidelity),),
        found=fidelity,
    )


@judge("no-exit-oscillations")
def no_exit(rng: Generator) -> Found:
    g = dict(zip(("g13", "g23"), rng.uniform(0.02, 0.5, (2, DRAWS)), strict=True))
    machine = dense.blockade(3, [(0, 2, g["g13"]), (1, 2, g["g23"])], {0: (0.1, 0.0)})
    values = np.linalg.eigvals(second.liouvillian(machine.h, machine.jumps))
    turning = np.where(np.abs(values.real) < 1e-9, np.abs(values.imag), 0.0).max(axis=1)
    return found(equals("undamped frequency", turning, 2 * el.hypot(g["g13"], g["g23"]), g))


@judge("needs-a-filled-reservoir")
def needs_filling(rng: Generator) -> Found:
    def margin(full: Array, gamma: Array, **g: Array) -> Array:
        baths: dict[int, Any] = {0: (gamma * full, gamma * (1 - full)), 2: sink_rates()}
        rho = dense.blockade(3, [(0, 2, g["g13"]), (1, 2, g["g23"])], baths).steady()
        return np.asarray(1 - np.einsum("kij,kji->k", rho, rho).real - 1e-9)

    domain = {"full": Range(0.01, 0.999), "gamma": Range(1e-2, 1.0, log=True)}
    domain |= {name: Range(0.02, 0.5, log=True) for name in ("g13", "g23")}
    closed = int(dense.blockade(3, [(0, 2, 0.05), (1, 2, 0.05)], {0: (0.1, 0.0)}).nullity())
    return found(
        never_below("1 − purity with reservoir 1 filled to less than 0.999", margin, domain, rng),
        larger("dimension of the kernel without the exit", kernel=closed, one=1),
    )


# ---- the machine of figure 4 --------------------------------------------------------------------


def _triangles(rng: Generator, n: int, equal: bool = False) -> tuple[dict[str, Array], dense.Blockade]:
    """Draws of the machine of 2n - 1 qubits in the limit, all pairs repelling each other."""
    p = {f"g_1_{n + j}": signed_draws(rng, 0.02, 0.3) for j in range(1, n)}
    p |= {
        f"g_{1 + j}_{n + j}": p[f"g_1_{n + j}"] if equal else signed_draws(rng, 0.02, 0.3)
        for j in range(1, n)
    }
    p |= {f"gamma_{j}": log_draws(rng, 0.01, 1.0) for j in (1, *range(n + 1, 2 * n))}
    p |= {f"n_F_{n + j}": rng.uniform(0.0, 0.9, DRAWS) for j in range(1, n)}
    sinks = [
        (p[f"gamma_{k}"] * p[f"n_F_{k}"], p[f"gamma_{k}"] * (1 - p[f"n_F_{k}"])) for k in range(n + 1, 2 * n)
    ]
    first, own = _couplings(p, n)
    return p, dense.star(n, first, own, p["gamma_1"], sinks)


def _couplings(p: dict[str, Array], n: int) -> tuple[list[Array], list[Array]]:
    return [p[f"g_1_{n + j}"] for j in range(1, n)], [p[f"g_{1 + j}_{n + j}"] for j in range(1, n)]


def _amplitudes(state: Array, n: int) -> Array:
    """Amplitudes of qubits 1 ... n in a state of one excitation: the word has its 1 in place k."""
    return np.asarray([state[2 ** (2 * n - 1) - 1 - 2 ** (2 * n - 2 - site)] for site in range(n)])


def _steady_equals(rng: Generator, n: int, equal: bool) -> Comparison:
    """Steady state of random machines against eq. (10), or eq. (12) at equal couplings."""
    p, machine = _triangles(rng, n, equal)
    pairs = np.stack([np.transpose(side) for side in _couplings(p, n)], axis=1)
    states = (
        eq.eq12_w_state(n) if equal else eq.eq10_state(list(eq.eq11_coefficients(*pair)[0])) for pair in pairs
    )
    psi = machine.vector(list(np.array([_amplitudes(state, n) for state in states]).T))
    printed = np.einsum("ki,kj->kij", psi, psi.conj())
    what = f"steady state of {2 * n - 1} qubits, every pair repelling each other"
    return equals(what, printed, machine.steady(), p, scale=1.0)


def _w(T: float = 1.0, U: float = INF, mu: float = INF, **changes: Any) -> float:
    """Fidelity of five qubits with W_3, by the library's machine."""
    return float(WStateMachine(n=3, g=0.05, gamma=0.1, T=T, U=U, mu=mu, **changes).fidelity("W"))


def _w_again(g: float = 0.05, gamma: float = 0.1, T: float = 1.0, **_: object) -> dict[str, float]:
    """The same in the limit, on ten states."""
    small = dense.star(3, [g] * 2, [g] * 2, gamma, [sink_rates(gamma, 1 / T)] * 2, triangles=True)
    return {"fidelity": float(dense.overlap(small.steady(), small.vector([*W3])))}


def _triangles_alone(*inside: Comparison | Fact, U: float = INF, mu: float = INF, **values: Any) -> Found:
    """What holds elsewhere, and fails with repulsion inside the triangles, sinks at mu_sink = 0 and T = eps."""
    fidelity = _w(U=U, mu=mu)
    at = FIVE if np.isinf(U) else FIVE | {"U": U, "mu": mu}
    broken = larger(
        "fidelity with W_3, repulsion inside the triangles, T = ε, μ_sink = 0",
        at,
        fidelity=fidelity,
        bound=1 - 1e-6,
    )
    return found(
        *inside,
        breaks=(broken,),
        again=(again(broken, TEN, _w_again),),
        printed=1.0,
        right=fidelity,
        **values,
    )


@judge("eq-10")
def eq10(rng: Generator) -> Found:
    return _triangles_alone(*(_steady_equals(rng, n, equal=False) for n in (2, 3, 4)))


@judge("eq-11")
def eq11(rng: Generator) -> Found:
    checks = []
    for n in (2, 3, 5):
        first, own = (signed_draws(rng, 0.02, 1.0, DRAWS * (n - 1)).reshape(DRAWS, n - 1) for _ in range(2))
        p = {f"g_1_{n + j}": first[:, j - 1] for j in range(1, n)}
        p |= {f"g_{1 + j}_{n + j}": own[:, j - 1] for j in range(1, n)}
        coefficients = (eq.eq11_coefficients(list(a), list(b)) for a, b in zip(first, own, strict=True))
        printed = np.array([[*alpha, beta] for alpha, beta in coefficients])
        dark = np.array([_dark(a, b) for a, b in zip(first, own, strict=True)])
        checks.append(
            equals(
                f"n = {n}",
                printed,
                np.concatenate([-dark[:, 1:] / dark[:, :1], 1 / dark[:, :1] ** 2], axis=1),
                p,
            )
        )
    return found(*checks)


def _dark(first: Array, own: Array) -> Array:
    """Normalised state of qubits 1 ... n without amplitude at any sink."""
    n = len(first) + 1
    couplings = np.zeros((n - 1, n))
    couplings[:, 0], couplings[np.arange(n - 1), np.arange(1, n)] = first, own
    return np.asarray(np.linalg.svd(couplings)[2][-1])


@judge("eq-12")
def eq12(rng: Generator) -> Found:
    return found(*(_steady_equals(rng, n, equal=True) for n in (2, 3, 4)))


@judge("w-state-in-the-same-limits")
def w_state(rng: Generator) -> Found:
    return _triangles_alone(
        close("fidelity, repulsion between all pairs", _w(coulomb="all_pairs"), 1.0, 1e-9),
        close("fidelity, sinks' reservoirs empty, μ_sink = −30 T", _w(mu_sink=-30.0), 1.0, 1e-9),
        fifth=_w(T=0.2),
        tenth=_w(T=0.1),
        large=_w(U=60.0, mu=30.0),
    )


@judge("u-above-mu-above-t")
def temperatures(rng: Generator) -> Found:
    rates, full = log_draws(rng, 3e-3, 1.0, 3 * DRAWS).reshape(3, DRAWS), rng.uniform(0.0, 0.9, (2, DRAWS))
    sinks = [(rates[k + 1] * full[k], rates[k + 1] * (1 - full[k])) for k in range(2)]
    machines: dict[str, dense.Blockade] = {
        "all pairs repel": dense.star(3, [0.05] * 2, [0.05] * 2, rates[0], sinks),
        "empty sink reservoirs": dense.star(
            3, [0.05] * 2, [0.05] * 2, rates[0], [(0.0, r) for r in rates[1:]], triangles=True
        ),
    }
    p = {f"gamma_{k}": rates[k - 1] for k in (1, 2, 3)}
    return _triangles_alone(
        *(
            equals(
                f"fidelity at random rates, {what}",
                dense.overlap(m.steady(), m.vector([*W3])),
                np.ones(DRAWS),
                p,
            )
            for what, m in machines.items()
        ),
        U=1e4,
        mu=1e2,
    )


@judge("genuine-multipartite")
def genuine(rng: Generator) -> Found:
    least = []
    for n in range(2, 9):
        alpha = signed_draws(rng, 0.1, 3.0, DRAWS * (n - 1)).reshape(DRAWS, n - 1)
        weights = np.concatenate([np.ones((DRAWS, 1)), alpha**2], axis=1)
        weights /= weights.sum(axis=1, keepdims=True)
        sides = [list(side) for size in range(1, n // 2 + 1) for side in combinations(range(n), size)]
        share = np.stack([weights[:, side].sum(axis=1) for side in sides])
        least.append((2 * np.sqrt(share * (1 - share))).min())
    return found(
        larger("concurrence of every cut into two parts, n = 2 … 8", concurrence=np.array(least), nothing=0.0)
    )


@judge("w-state-maximal")
def maximal(rng: Generator) -> Found:
    n = np.arange(2, 7)
    splits = [eq.eq12_w_state(int(k)).reshape(2, -1) for k in n]
    p = np.linalg.eigvalsh(np.array([split @ split.T for split in splits]))
    entropy = -(p * el.log(p)).sum(axis=1) / el.log(2.0)
    pairs = np.array([_pair_concurrence(int(k)) for k in n])
    return found(
        negligible("concurrence of two qubits of W_n, less 2/n, n = 2 … 6", pairs - 2 / n),
        beyond=(larger("entropy of one qubit of W_3", {"n": 3}, entropy=entropy[1], bound=1 - 1e-9),),
        entropy=entropy[1],
    )


def _pair_concurrence(n: int) -> float:
    """Concurrence of qubits 1 and 2 of W_n."""
    state = eq.eq12_w_state(n).reshape(4, -1)
    return float(2 * abs((state @ state.T)[1, 2]))


@judge("three-qubits-are-n-2")
def smallest(rng: Generator) -> Found:
    p: dict[str, Any] = {"U": rng.uniform(0.0, 20.0, DRAWS), "mu": rng.uniform(-5.0, 20.0, DRAWS)}
    wide = WStateMachine(n=2, g=0.05, gamma=0.1, T=1.0, **p).steady_state().rho
    built = dense.steady_of(
        dense.three_qubits(g13=0.05, g23=0.05, gamma_1=0.1, gamma_3=0.1, T_1=1.0, T_3=1.0, **p)
    )
    limit = float(WStateMachine(n=2, g=0.05, gamma=0.1, T=1.0, U=INF, mu=INF).fidelity("singlet"))
    return found(
        equals("all entries of the steady state", wide, built, p, scale=1.0),
        close("fidelity with the singlet in the limit", limit, 1.0, 1e-12),
    )
