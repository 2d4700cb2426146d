"""The ideal limit: the dark state, its uniqueness, and what the limit needs."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.ledger import second
from qte.ledger.checks import Range
from qte.ledger.entries import judge
from qte.ledger.forms import equals, fact, larger, negligible, never_below, vanishes
from qte.ledger.judged import Found, found
from qte.machines.three_qubit import ThreeQubitMachine
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025 import equations as eq
from qte.papers.khandelwal2025.parts import (
    DRAWS,
    FIGURE,
    FINITE,
    INF,
    LIMIT,
    Array,
    drawn,
    figure,
    four_states,
    ideal,
    log_draws,
    singlet_like,
    sink_rates,
)  # fmt: skip
from qte.physics.entanglement import concurrence

RELEVANT = (eq.eq02_jump(1, 0, 0), eq.eq02_jump(3, 0, 0), eq.eq02_jump(3, 0, 0).T)
WORDS = tuple("".join(bits) for bits in product("10", repeat=3))


@judge("pure-whatever-the-reservoirs")
def pure(rng: Generator) -> Found:
    def margin(**p: Array) -> Array:
        rho = ideal(**p).steady_state(method="dense").rho
        return dense.overlap(rho, singlet_like(p["g13"], p["g23"]).astype(complex)) - 1.0

    return found(never_below("fidelity with eq. (4) is 1", margin, LIMIT, rng))


@judge("unique-in-the-limit")
def unique(rng: Generator) -> Found:
    def margin(**p: Array) -> Array:
        return np.where(ideal(**p).steady_state().unique, 0.0, -1.0)

    rate, g = rng.uniform(0.01, 1.0, (3, DRAWS)), rng.uniform(0.05, 0.5, (2, DRAWS))
    four = dense.blockade(3, [(0, 2, g[0]), (1, 2, g[1])], {0: (rate[0], 0 * rate[0]), 2: (rate[1], rate[2])})
    decay = np.sort(-np.linalg.eigvals(second.liouvillian(four.h, four.jumps)).real, axis=1)
    return found(
        never_below("the kernel of all eight states has dimension 1", margin, LIMIT, rng),
        larger("nothing else is undamped", slowest_decay=decay[:, 1], round_off=1e-6),
    )


@judge("any-initial-state")
def any_start(rng: Generator) -> Found:
    machine = figure(U=400.0, mu=100.0)
    reached = np.array([machine.evolve(word, [3000.0]).fidelity("singlet")[0] for word in WORDS])
    return found(negligible("1 − fidelity after 3000/ε from each of the eight states", reached - 1, 1e-9))


@judge("any-pure-entangled-state")
def any_state(rng: Generator) -> Found:
    domain = {name: LIMIT[name] for name in ("gamma_1", "gamma_3", "T_1", "T_3", "depth")}

    def margin(wanted: Array, **p: Array) -> Array:
        # C = 2r/(1 + r^2) of the ratio r fixes a pure state up to local unitaries
        ratio = wanted / (1 + np.sqrt(1 - wanted**2))
        machine = ideal(g13=0.2 * ratio, g23=np.full(wanted.shape, 0.2), **p)
        return -np.abs(concurrence(dense.first_pair(machine.steady_state(method="dense").rho)) - wanted)

    wide = domain | {"wanted": Range(1e-2, 1.0, log=True)}
    return found(never_below("the wanted concurrence is reached", margin, wide, rng))


@judge("phase-by-a-magnetic-field")
def phase(rng: Generator) -> Found:
    phi, weight = rng.uniform(-np.pi, np.pi, DRAWS), rng.uniform(0.02, 0.3, (2, DRAWS))
    turned = [(0, 2, weight[0] * el.exp(1j * phi)), (1, 2, weight[1])]
    machine = dense.blockade(3, turned, {0: (0.1, 0.0), 2: sink_rates()})
    # the sink sees conj(g_13) c_1 + g_23 c_2 = 0
    psi = machine.vector([weight[1], -weight[0] * el.exp(-1j * phi)])
    missing = dense.overlap(machine.steady(), psi) - 1
    p = {"phi": phi, "g13": weight[0], "g23": weight[1]}
    return found(vanishes("1 − fidelity with the state of complex amplitudes", missing, p, scale=1.0))


@judge("eigenstate-of-the-hamiltonian")
def eigenstate(rng: Generator) -> Found:
    weight = {name: el.normal(rng, DRAWS) for name in ("eps", "g13", "g23", "U", "up", "down", "fill")}
    psi = singlet_like(weight["g13"], weight["g23"])
    chosen = [{name: float(weight[name][k]) for name in ("eps", "g13", "g23", "U")} for k in range(DRAWS)]
    h = np.array([eq.eq01_hamiltonian(**p) for p in chosen])
    rates = zip(*(weight[name] for name in ("fill", "up", "down")), strict=True)
    effective = np.array([eq.effective_hamiltonian(a, *map(float, r)) for a, r in zip(h, rates, strict=True)])
    wanted = weight["eps"][:, None] * psi
    left = np.concatenate([psi @ jump.T for jump in RELEVANT], axis=1)
    return found(
        equals("Hψ = εψ", np.einsum("kij,kj->ki", h, psi), wanted, weight, scale=1.0),
        equals("H′ψ = εψ", np.einsum("kij,kj->ki", effective, psi), wanted, weight, scale=1.0),
        vanishes("Lψ for the three jump operators", left, weight, scale=1.0),
    )


@judge("two-properties-make-it-unique")
def uniqueness_argument(rng: Generator) -> Found:
    h = eq.eq01_hamiltonian(1.0, 0.05, 0.05, 15.0).astype(complex)
    rates = [np.asarray(r) for r in (0.1, *sink_rates())]
    eight = int(dense.nullity(h, list(zip(rates, [j.astype(complex) for j in RELEVANT], strict=True))))
    four, alone = int(four_states().nullity()), int(four_states(g23=0.0).nullity())
    all_jumps = int(figure(U=INF, mu=INF).steady_state().kernel_dimension)
    return found(
        fact("the four states of figure 1b have one steady state", four == 1, kernel=four),
        fact("all eight states under eq. (2) have one", all_jumps == 1, kernel=all_jumps),
        beyond=(
            fact("all eight states under the three jumps alone have one", eight == 1, FIGURE, kernel=eight),
            fact("g_23 = 0 has one", alone == 1, {"g23": 0.0}, kernel=alone),
        ),
        eight=eight,
        alone=alone,
    )


@judge("three-relevant-transitions")
def relevant(rng: Generator) -> Found:
    times, order = np.linspace(0.0, 500.0, 201), [7, 3, 5, 6]
    path = figure(U=INF, mu=INF).evolve("000", times).rho[:, order][:, :, order]
    three = np.array([four_states().from_empty(t) for t in times])
    at = FIGURE | {"U": 400.0, "mu": 100.0}
    reached = float(figure(U=400.0, mu=100.0).evolve("110", [3000.0]).fidelity("singlet")[0])
    return found(
        equals(
            "states on the path from |000⟩, three transitions and all", path, three, {"t": times}, scale=1.0
        ),
        beyond=(
            fact("from |110⟩ the other transitions change nothing", reached < 1e-6, at, fidelity=reached),
        ),
        reached=reached,
    )


@judge("filled-reservoir")
def filled(rng: Generator) -> Found:
    T, depth = log_draws(rng, 0.05, 20.0), rng.uniform(30.0, 700.0, DRAWS)
    back = figure(U=INF, mu=INF).evolve("000", np.linspace(0, 500, 1001)).heat_current(1)
    return found(
        vanishes("1 − n_F(ε) from (μ − ε)/T_1 = 30 on", dense.fermi(depth * T, T), {"T": T}, scale=1.0),
        larger("heat from reservoir 1 on the path of figure 2a, ε²", heat=back, round_off=-1e-12),
    )


@judge("first-limit-blocks-absorption")
def first_limit(rng: Generator) -> Found:
    mu = el.geomspace(30.0, 1e4, DRAWS)
    left, right = dense.fermi(1.0 + mu**2 - mu, 1.0), dense.fermi(1.0 + mu**2, 1.0)
    along = float(dense.fermi(1.0 + mu[-1] - mu[-1], 1.0))
    at = {"U": mu[-1], "mu": mu[-1], "T": 1.0}
    return found(
        vanishes("n_F at ε + U of both reservoirs along U = μ²/T", left + right, {"mu": mu}, scale=1.0),
        beyond=(fact("it vanishes along U = μ as well", along < 1e-6, at, absorption=along),),
        along=along,
    )


@judge("third-limit-is-needed")
def third_limit(rng: Generator) -> Found:
    crowded = [0, 1, 2, 4]
    path = figure(U=155.0, mu=105.0).evolve("000", np.linspace(0.0, 2000.0, 201)).rho
    most = float(path[:, crowded, crowded].real.sum(axis=1).max())
    ideal_C, equal = (
        float(figure(U=1000.0, mu=60.0).concurrence()),
        float(figure(U=100.0, mu=100.0).concurrence()),
    )
    return found(
        negligible("1 − C at U = 1000 T, μ = 60 T", ideal_C - 1),
        larger("U = μ = 100 T is not", bound=0.3, C=equal),
        negligible("two or three excitations on the way at U/μ = 1.48", most),
        equal=equal,
    )


@judge("pairwise-interactions-only")
def two_body(rng: Generator) -> Found:
    p = {"eps": rng.uniform(0.1, 3.0, DRAWS), "U": rng.uniform(0.0, 50.0, DRAWS)}
    found_at, wanted = [], []
    for a, b in zip(p["eps"], p["U"], strict=True):
        energy = np.diag(eq.eq01_hamiltonian(a, 0.1, 0.1, b))
        jumps = [(n + m, eq.eq02_jump(j, n, m)) for j in (1, 3) for n, m in eq.CONFIGURATIONS]
        found_at.append([energy[jump.any(axis=1)][0] - energy[jump.any(axis=0)][0] for _, jump in jumps])
        wanted.append([a + b * k for k, _ in jumps])
    return found(equals("energy of every jump is ε + U(p + q)", np.array(found_at), np.array(wanted), p))


@judge("driven-by-the-chemical-potential")
def bias(rng: Generator) -> Found:
    domain = {**FINITE, "mu_over_T": Range(-5.0, 10.0), "U_over_T": Range(0.0, 8.0)}

    p = drawn(domain, rng)
    T, U, mu = p["T"], p["U_over_T"] * p["T"], p["mu_over_T"] * p["T"]
    shared = {name: p[name] for name in ("g13", "g23", "gamma_1", "gamma_3")}
    machine = ThreeQubitMachine(**shared, T_1=T, T_3=T, U=U, mu=mu, mu_3=mu)
    rates = p["gamma_1"] + p["gamma_3"]
    at = FIGURE | {"T_1": 0.05, "U": 40.0, "mu": 2.0, "mu_3": 2.0}
    warm = float(ThreeQubitMachine(**at).concurrence())
    return found(
        vanishes("C at equal temperatures and potentials", machine.concurrence(), p, scale=1.0),
        vanishes("J there", machine.net_current(), p, scale=rates),
        beyond=(larger("without a bias of potentials C stays small", at, bound=0.5, C=warm),),
        warm=warm,
    )
