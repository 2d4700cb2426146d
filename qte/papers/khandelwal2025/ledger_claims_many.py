"""Claims of khandelwal2025 about more qubits: W states, sinks, the fourth qubit."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.random import Generator

from qte.ledger import second
from qte.ledger.checks import Plain, fact
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, fails, holds
from qte.machines.coulomb import all_pairs, bath_channels, hamiltonian
from qte.machines.w_state import WStateMachine
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025 import equations as eq
from qte.papers.khandelwal2025.parts import INF, Array, Complex, below, figure, sink_rates
from qte.physics.baths import Bath
from qte.physics.generators import Generator as MasterEquation
from qte.physics.generators import Term
from qte.physics.operators import excitation, ket
from qte.solver.dynamics import evolve
from qte.solver.steady import steady_state

W3 = (1.0, -1.0, -1.0)
FIVE: dict[str, Plain] = {"n": 3, "g": 0.05, "gamma": 0.1, "T": 1.0, "mu_sink": 0.0, "U": "inf", "mu": "inf"}


def _four(g: tuple[float, float, float], U: float, mu: float, swap: float = 0.0) -> MasterEquation:
    """Qubits 1, 2, 3 on one sink, qubit 4; `swap` couples 2 and 3 and lifts qubit 1 by as much."""
    bonds, bath = all_pairs(4), Bath(np.asarray(1.0), np.asarray(0.1), "fermi")
    couplings = [(g[0], 0, 3), (g[1], 1, 3), (g[2], 2, 3), (swap, 1, 2)]
    h = (*hamiltonian(4, 1.0, U, couplings, bonds), Term.of(swap, excitation(0, 4)))
    first = bath_channels(1, bath, (1.0, U, mu), 0, 4, bonds)
    sink = bath_channels(4, bath, (1.0, U, 0.0), 3, 4, bonds)
    return MasterEquation(h, first + sink)


def _four_again(g: tuple[float, float, float], swap: float = 0.0) -> dense.Blockade:
    """The same in the limit of eq. (3), written out on five states."""
    couplings = [(0, 3, g[0]), (1, 3, g[1]), (2, 3, g[2]), (1, 2, swap)]
    return dense.blockade(4, couplings, {0: (0.1, 0.0), 3: sink_rates()}, energies={0: swap})


def _w_of_four() -> Array:
    return np.asarray((ket("1000") - ket("0100") - ket("0010")) / np.sqrt(3))


def _fidelity(rho: Complex, psi: Array) -> float:
    return float(dense.overlap(rho, psi.astype(complex)))


@claim(
    "fourth-qubit-not-unique",
    place="Multipartite entanglement generation",
    says="A fourth qubit coupled to the same sink leaves no unique steady state.",
)
def fourth_not_unique(rng: Generator) -> Evidence:
    kernels = [int(_four_again(tuple(rng.uniform(0.02, 0.3, 3))).nullity()) for _ in range(200)]
    return holds(
        fact(
            "dimension of the kernel",
            min(kernels) == max(kernels) == 4,
            draws=200,
            smallest=min(kernels),
            largest=max(kernels),
        ),
        method="singular values on the five states of the limit, random couplings",
        finding="Two states of qubits 1, 2, 4 are dark; all density matrices on them are stationary.",
    )


@claim(
    "fourth-qubit-not-multipartite",
    place="Multipartite entanglement generation",
    says="A fourth qubit coupled to the same sink does not yield multipartite entanglement.",
)
def fourth_not_entangled(rng: Generator) -> Evidence:
    special, equal = (0.1, 0.05, 0.05), (0.05, 0.05, 0.05)
    start, times = "0000", [2e4]
    w = _fidelity(evolve(_four(special, INF, INF), start, times)[0], _w_of_four())
    other = (2 * ket("1000") - ket("0100") - ket("0010")) / np.sqrt(6)
    at_equal = _fidelity(evolve(_four(equal, INF, INF), start, times)[0], other)
    near = _fidelity(evolve(_four(special, 60.0, 25.0), start, times)[0], _w_of_four())
    small = _four_again(special)
    again = dense.overlap(small.from_empty(2e4), small.vector([*W3, 0.0]))
    return fails(
        fact(
            "from |0000> the long-time state has no multipartite entanglement (W witness: fidelity at most 2/3)",
            w <= 2 / 3,
            {
                "g of qubit 1 to the sink": 0.1,
                "of qubits 2 and 4": 0.05,
                "gamma": 0.1,
                "T": 1.0,
                "start": "|0000>",
            },
            fidelity_with_W_3=round(w, 9),
        ),
        right=(
            fact(
                "equal couplings: (2|100> - |010> - |001>)/sqrt(6)",
                at_equal > 1 - 1e-9,
                fidelity=round(at_equal, 9),
            ),
            fact("W_3 at finite U = 60 T, mu = 25 T", near > 1 - 1e-8, fidelity=round(near, 9)),
        ),
        finding="From the empty machine, the initial state of figure 2, every filling starts in qubit 1, and what stays is "
        "the projection of |100> on the two dark states: one pure state, reached deterministically. With equal couplings "
        "it is (2|100> - |010> - |001>)/sqrt(6), with g_1 = 2 g_2 = 2 g_4 exactly W_3, both genuinely tripartite "
        "entangled, with four qubits in all, one of them the sink. What is lost is only the independence of the initial state.",
        method="evolution from |0000> in the limit and at finite U and mu",
        second=confirm("matrix exponential on the five states of the limit", fidelity_with_W_3=(w, again)),
        corrected=r"|\psi\rangle \propto P_{\rm dark}|100\rangle = |100\rangle - \frac{g_1}{\sum_k g_k^2}\sum_k g_k|k\rangle",
        size="fidelity with W_3 is 1 instead of at most 2/3",
        consequence="In the authors' favour: a smaller machine than theirs makes W_3 if it starts empty. For a steady state "
        "that does not depend on the start their extra sink does what they say.",
    )


@claim(
    "one-sink-per-entangled-qubit",
    place="Multipartite entanglement generation; figure 4, caption",
    says="Every further qubit to be entangled requires a sink and a triangle of its own.",
)
def own_sink(rng: Generator) -> Evidence:
    g, swap = (0.1, 0.09, 0.01), 0.1
    small = _four_again(g, swap)
    exact_limit = dense.overlap(small.steady(), small.vector([*W3, 0.0]))
    state = steady_state(_four(g, 150.0, 60.0, swap))
    found = _fidelity(state.rho, _w_of_four())
    slowest = np.sort(-np.linalg.eigvals(second.liouvillian(small.h, small.jumps)).real)[1]
    kernels, furthest = _random_single_sinks(rng)
    stars = [int(_four_again((a, b, c)).nullity()) for a, b, c in rng.uniform(0.02, 0.3, (200, 3))]
    return conditional(
        inside=(
            fact(
                "equal gaps, no exchange among the three: one sink leaves two dark states",
                min(stars) == max(stars) == 4,
                draws=200,
                dimension_of_the_kernel=min(stars),
            ),
        ),
        outside=(
            fact(
                "three qubits with one sink have no unique W_3",
                not (small.nullity() == 1 and bool(state.unique) and exact_limit > 1 - 1e-10),
                {
                    "g_1s": 0.1,
                    "g_2s": 0.09,
                    "g_3s": 0.01,
                    "g_23": swap,
                    "eps_1 - eps": swap,
                    "gamma": 0.1,
                    "T": 1.0,
                },
                fidelity_with_W_3=round(float(exact_limit), 9),
                dimension_of_the_kernel=int(small.nullity()),
                slowest_decay_over_gamma=float(slowest / 0.1),
            ),
            fact(
                "nor for other g_1s = g_2s + g_3s, g_2s and g_3s different",
                not (kernels == 1 and furthest < 1e-9),
                {"draws": 300},
                largest_kernel=kernels,
                furthest_from_fidelity_1_below=below(furthest),
            ),
        ),
        conditions="Qubits to be entangled have equal gaps and do not exchange excitations with each other, as in the "
        "paper's scheme.",
        finding="Let qubits 2 and 3 exchange excitations with strength t, lift the gap of qubit 1 by t, and couple the "
        "three to one sink s with g_1s = g_2s + g_3s, g_2s and g_3s different. W_3 is then the only one-particle eigenstate "
        "without amplitude at the sink, hence the unique steady state in the limit of eq. (3): four qubits and two-body "
        "terms where the paper's scheme takes five.",
        method="dense null vector and kernel on the five states of the limit",
        second=confirm(
            "the library's certified steady state of all 16 states at U = 150 T, mu = 60 T",
            fidelity_with_W_3=(exact_limit, found),
        ),
        consequence="None for the paper's scheme; a smaller one exists.",
    )


def _random_single_sinks(rng: Generator) -> tuple[int, float]:
    """Largest kernel and distance from W_3 over random machines of four qubits with one sink."""
    draws = 300
    g2, swap = rng.uniform(0.05, 0.2, draws), rng.uniform(0.02, 0.3, draws)
    g3 = g2 * rng.uniform(0.05, 0.6, draws)
    couplings = [(0, 3, g2 + g3), (1, 3, g2), (2, 3, g3), (1, 2, swap)]
    machine = dense.blockade(4, couplings, {0: (0.1, 0.0), 3: sink_rates()}, energies={0: swap})
    fidelity = dense.overlap(machine.steady(), machine.vector([*W3, 0.0]))
    return int(machine.nullity().max()), float(np.abs(fidelity - 1).max())


@claim(
    "w-state-in-the-same-limits",
    place="abstract; Multipartite entanglement generation; figure 4, caption",
    says="With repulsion inside the triangles the machine of 2n - 1 qubits has a W state of n qubits as its steady state in "
    "the same limit, eq. (3), as the three-qubit machine; only a potential bias and two-body interactions are needed.",
    against="Figure 1 and its text: what protects the dark state is that a sink cannot absorb while an excitation is in "
    "the machine; in figure 4 different triangles do not repel each other.",
)
def w_state(rng: Generator) -> Evidence:
    T = np.array([0.1, 0.2, 0.5, 1.0, 5.0])
    fidelity = WStateMachine(n=3, g=0.05, gamma=0.1, T=T, U=INF, mu=INF).fidelity("W")
    large = WStateMachine(n=3, g=0.05, gamma=0.1, T=1.0, U=60.0, mu=30.0).fidelity("W")
    pairs = WStateMachine(n=3, g=0.05, gamma=0.1, T=1.0, U=INF, mu=INF, coulomb="all_pairs").fidelity("W")
    deep = WStateMachine(n=3, g=0.05, gamma=0.1, T=1.0, U=INF, mu=INF, mu_sink=-30.0).fidelity("W")
    small = dense.star(3, [0.05] * 2, [0.05] * 2, 0.1, [sink_rates()] * 2, triangles=True)
    again = dense.overlap(small.steady(), small.vector([*W3]))
    full = float(dense.fermi(1.0, 0.05))
    slope = WStateMachine(n=3, g=0.05, gamma=0.1, T=0.05, U=INF, mu=INF).fidelity("W")
    return fails(
        fact(
            "n = 3 at T = eps, mu_sink = 0, in the limit of eq. (3): fidelity 1",
            bool(fidelity[3] > 1 - 1e-9),
            FIVE,
            **{f"fidelity at T = {t}": f for t, f in zip(T, fidelity, strict=True)},
            **{"at U = 60 T, mu = 30 T": large, "1 - F over n_F(eps) at T = 0.05": (1 - slope) / full},
        ),
        right=(
            fact("repulsion between all pairs", bool(abs(pairs - 1) < 1e-9), fidelity=round(float(pairs), 9)),
            fact(
                "reservoirs of the sinks empty, mu_sink = -30 T",
                bool(abs(deep - 1) < 1e-9),
                fidelity=round(float(deep), 9),
            ),
        ),
        finding="Triangles repel each other only through qubit 1. While one triangle holds the excitation in its qubit 1 + j, "
        "the sink of another has no excited neighbour and absorbs from its own reservoir with rate gamma n_F(eps). The W "
        "state is dark only if that occupation vanishes as well, T much below eps or mu_sink far below eps, or if all "
        "pairs repel each other.",
        method="the library's machine of five qubits, U = mu = inf and finite",
        second=confirm(
            "dense null vector on the ten states without two excited neighbours",
            fidelity=(fidelity[3], again),
        ),
        corrected=r"U,\mu\to\infty,\ U/\mu\to\infty\ \text{ and }\ n_F(\varepsilon,\mu_{\rm sink},T)\to 0",
        size="F = 0.330137 instead of 1 at T = eps (0.963574 at T = 0.2 eps, 0.999746 at T = 0.1 eps)",
        consequence="The W state survives with one more condition, cold or depleted sink reservoirs, or with repulsion "
        "between all qubits; for n = 2 nothing changes.",
    )


@claim(
    "u-above-mu-above-t",
    place="Multipartite entanglement generation, last paragraph",
    says="For the W state the couplings to the reservoirs are almost free, and the temperatures must satisfy U >> mu >> T_j.",
)
def temperatures(rng: Generator) -> Evidence:
    rates = 10 ** rng.uniform(-2.5, 0.0, (3, 300))
    full = rng.uniform(0.0, 0.9, (2, 300))
    sinks = [(rates[k + 1] * full[k], rates[k + 1] * (1 - full[k])) for k in range(2)]
    pairs = dense.star(3, [0.05] * 2, [0.05] * 2, rates[0], sinks)
    off = np.abs(dense.overlap(pairs.steady(), pairs.vector([*W3])) - 1).max()
    empty = dense.star(3, [0.05] * 2, [0.05] * 2, rates[0], [(0.0, r) for r in rates[1:]], triangles=True)
    cold = np.abs(dense.overlap(empty.steady(), empty.vector([*W3])) - 1).max()
    warm = WStateMachine(n=3, g=0.05, gamma=0.1, T=1.0, U=1e4, mu=1e2).fidelity("W")
    small = dense.star(3, [0.05] * 2, [0.05] * 2, 0.1, [sink_rates()] * 2, triangles=True)
    again = dense.overlap(small.steady(), small.vector([*W3]))
    return conditional(
        inside=(
            fact(
                "different couplings and temperatures, all pairs repel",
                bool(off < 1e-9),
                draws=300,
                furthest_from_1_below=below(off),
            ),
            fact(
                "different couplings, empty sink reservoirs, triangles",
                bool(cold < 1e-9),
                draws=300,
                furthest_from_1_below=below(cold),
            ),
        ),
        outside=(
            fact(
                "U = 10^4 T, mu = 100 T, T = eps, triangles",
                bool(warm > 1 - 1e-6),
                FIVE | {"U": 1e4, "mu": 1e2},
                fidelity_with_W_3=warm,
            ),
        ),
        conditions="n_F(eps, mu_sink, T) << 1 for the sinks as well, or repulsion between all pairs.",
        method="null vectors over random rates and occupations",
        finding="The couplings are free indeed. The temperatures need also be well below eps - mu_sink when only triangles repel.",
        second=confirm("dense null vector on ten states, U = mu = inf", fidelity=(warm, again)),
    )


@claim(
    "no-exit-oscillations",
    place="Multipartite entanglement generation",
    says="Without a way out through the sink oscillations due to the couplings remain for ever.",
)
def no_exit(rng: Generator) -> Evidence:
    g = rng.uniform(0.02, 0.5, (2, 300))
    machine = dense.blockade(3, [(0, 2, g[0]), (1, 2, g[1])], {0: (0.1, 0.0)})
    values = np.linalg.eigvals(second.liouvillian(machine.h, machine.jumps))
    turning = np.where(np.abs(values.real) < 1e-9, np.abs(values.imag), 0.0).max(axis=1)
    off = np.abs(turning / (2 * np.hypot(*g)) - 1).max()
    return holds(
        fact(
            "undamped frequency 2 sqrt(g_13^2 + g_23^2)",
            bool(off < 1e-9),
            draws=300,
            largest_relative_deviation_below=below(off),
        ),
        method="eigenvalues of the Liouvillian in the limit with gamma_3 = 0",
        finding="The bright superposition and the sink exchange the excitation for ever.",
    )


@claim(
    "genuine-multipartite",
    place="abstract; Multipartite entanglement generation; Discussion",
    says="The steady state of eq. (10) is genuinely multipartite entangled for n qubits, n arbitrary.",
)
def genuine(rng: Generator) -> Evidence:
    least = 1.0
    for n in range(2, 9):
        alpha = rng.uniform(0.1, 3.0, (500, n - 1)) * rng.choice([-1.0, 1.0], (500, n - 1))
        amplitudes = np.concatenate([np.ones((500, 1)), -alpha], axis=1)
        weights = amplitudes**2 / (amplitudes**2).sum(axis=1, keepdims=True)
        for size in range(1, n // 2 + 1):
            for side in combinations(range(n), size):
                share = weights[:, list(side)].sum(axis=1)
                least = min(least, float((2 * np.sqrt(share * (1 - share))).min()))
    return holds(
        fact("concurrence of every cut into two parts is positive", least > 0, states=3500, smallest=least),
        method="Schmidt coefficients of all cuts, n = 2 ... 8, random alpha",
        finding="One excitation shared by two parts has Schmidt weights w and 1 - w, and no part is without a share unless a "
        "coupling vanishes. That eq. (10) is the steady state is judged there.",
    )


@claim(
    "w-state-maximal",
    place="abstract; Multipartite entanglement generation",
    says="The W state is a maximally entangled state of n qubits.",
)
def maximal(rng: Generator) -> Evidence:
    n = np.arange(2, 7)
    entropy = -(1 / n) * np.log2(1 / n) - (1 - 1 / n) * np.log2(1 - 1 / n)
    states = [eq.eq12_w_state(int(k)) for k in n]
    again = []
    for state in states:
        split = state.reshape(2, -1)
        p = np.linalg.eigvalsh(split @ split.T)
        again.append(float(-(p * np.log2(p)).sum()))
    two = [float(figure(U=INF, mu=INF).concurrence()), 1.0]
    return conditional(
        inside=(
            fact("n = 2: concurrence 1", abs(two[0] - 1) < 1e-12, C=round(two[0], 12)),
            fact(
                "largest concurrence 2/n between every two qubits at once",
                bool(np.allclose([_pair_concurrence(int(k)) for k in n], 2 / n, atol=1e-12)),
                n_from=2,
                n_to=6,
            ),
        ),
        outside=(
            fact(
                "each qubit maximally entangled with the rest",
                bool(entropy[1] > 1 - 1e-9),
                {"n": 3},
                **{f"entropy of one qubit, n = {k}": s for k, s in zip(n, entropy, strict=True)},
            ),
        ),
        conditions="In the sense of pairwise entanglement that survives the loss of the other qubits, of which W states have "
        "the most. In the sense of maximally mixed parts it holds for n = 2 only.",
        method="closed forms and Schmidt decompositions",
        finding="It depends on the measure; the paper does not name one. Its word for n > 2 is to be read as 'W state'.",
        second=confirm("Schmidt decomposition of eq. (12)", entropy_n_3=(entropy[1], again[1])),
    )


def _pair_concurrence(n: int) -> float:
    """Concurrence of qubits 1 and 2 of W_n."""
    state = eq.eq12_w_state(n).reshape(4, -1)
    return float(2 * abs((state @ state.T)[1, 2]))


@claim(
    "three-qubits-are-n-2",
    place="figure 4, caption",
    says="For n = 2 the machine is the one of figure 1, and makes the singlet when the couplings are equal.",
)
def smallest(rng: Generator) -> Evidence:
    U, mu = rng.uniform(0.0, 20.0, 300), rng.uniform(-5.0, 20.0, 300)
    wide = WStateMachine(n=2, g=0.05, gamma=0.1, T=1.0, U=U, mu=mu)
    built, jumps = dense.three_qubits(
        g13=0.05, g23=0.05, gamma_1=0.1, gamma_3=0.1, T_1=1.0, T_3=1.0, U=U, mu=mu
    )
    off = np.abs(wide.steady_state().rho - dense.steady_of((built, jumps))).max()
    limit = float(WStateMachine(n=2, g=0.05, gamma=0.1, T=1.0, U=INF, mu=INF).fidelity("singlet"))
    return holds(
        fact(
            "all entries of the steady state",
            bool(off < 1e-10),
            draws=300,
            largest_difference_below=below(off),
        ),
        fact("the singlet in the limit", abs(limit - 1) < 1e-12, fidelity=round(limit, 12)),
        method="the machine of 2n - 1 qubits against eqs. (1), (2) solved as 64 equations",
        finding="As said.",
    )
