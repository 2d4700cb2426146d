"""Claims of khandelwal2025 about the ideal limit: the dark state, its uniqueness, what the limit needs."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qte.ledger import second
from qte.ledger.checks import Range, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, holds, undecided
from qte.machines.three_qubit import ThreeQubitMachine
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025 import equations as eq
from qte.papers.khandelwal2025.parts import (
    FIGURE,
    FINITE,
    INF,
    LIMIT,
    Array,
    below,
    concurrence_again,
    figure,
    ideal,
    singlet_like,
    sink_rates,
)  # fmt: skip
from qte.physics.entanglement import concurrence


@claim(
    "pure-whatever-the-reservoirs",
    place="abstract; Generation of arbitrary pure entangled states",
    says="In the limit of eq. (3) the steady state is pure, and depends neither on the temperatures nor on the couplings "
    "to the reservoirs.",
)
def pure(rng: Generator) -> Evidence:
    def margin(**p: Array) -> Array:
        rho = ideal(**p).steady_state(method="lapack").rho
        psi = singlet_like(p["g13"], p["g23"])
        return dense.overlap(rho, psi.astype(complex)) - 1.0

    return holds(
        hunt("fidelity with eq. (4) is 1", margin, LIMIT, rng),
        finding="No temperatures, couplings or sink potential change the state, couplings of either sign included.",
    )


@claim(
    "unique-in-the-limit",
    place="Generation of arbitrary pure entangled states",
    says="The steady state in the limit is the only eigenstate of the Liouvillian with eigenvalue zero, so that it is "
    "reached from any initial state.",
)
def unique(rng: Generator) -> Evidence:
    def margin(**p: Array) -> Array:
        return np.where(ideal(**p).steady_state().unique, 0.0, -1.0)

    rate = rng.uniform(0.01, 1.0, (3, 300))
    g = rng.uniform(0.05, 0.5, (2, 300))
    four = dense.blockade(3, [(0, 2, g[0]), (1, 2, g[1])], {0: (rate[0], 0 * rate[0]), 2: (rate[1], rate[2])})
    real = -np.linalg.eigvals(second.liouvillian(four.h, four.jumps)).real
    slowest = np.sort(real, axis=1)
    return holds(
        hunt("the kernel of all eight states has dimension 1", margin, LIMIT, rng),
        fact(
            "nothing else is undamped",
            bool((slowest[:, 1] > 1e-6).all()),
            draws=300,
            slowest_decay_found=float(f"{slowest[:, 1].min():.3g}"),
        ),
        finding="One steady state and no undamped oscillation beside it, for couplings that are not zero. From states of "
        "two or three excitations it is the reservoirs' emission at eps + U and eps + 2U that leads to it.",
    )


@claim(
    "any-pure-entangled-state",
    place="abstract; Generation of arbitrary pure entangled states",
    says="By the ratio of the two couplings any pure two-qubit entangled state can be generated, up to local unitaries; "
    "equal couplings give a maximally entangled one.",
)
def any_state(rng: Generator) -> Evidence:
    domain = {name: LIMIT[name] for name in ("gamma_1", "gamma_3", "T_1", "T_3", "depth")}

    def margin(wanted: Array, **p: Array) -> Array:
        # C = 2r/(1 + r^2) of the ratio r fixes a pure state up to local unitaries
        ratio = wanted / (1 + np.sqrt(1 - wanted**2))
        machine = ideal(g13=0.2 * ratio, g23=np.full(wanted.shape, 0.2), **p)
        found = concurrence(dense.first_pair(machine.steady_state(method="lapack").rho))
        return -np.abs(found - wanted)

    return holds(
        hunt(
            "the wanted concurrence is reached",
            margin,
            domain | {"wanted": Range(1e-2, 1.0, log=True)},
            rng,
        ),
        finding="C = 2 |g_13 g_23|/(g_13^2 + g_23^2) covers (0, 1], and C = 1 belongs to |g_13| = |g_23| only. A weakly "
        "entangled state takes longer: its weakly coupled qubit is filled at a rate that falls with the square of the ratio.",
    )


@claim(
    "phase-by-a-magnetic-field",
    place="Generation of arbitrary pure entangled states",
    says="A magnetic field can add a complex phase to the superposition.",
)
def phase(rng: Generator) -> Evidence:
    phi, weight = rng.uniform(-np.pi, np.pi, 500), rng.uniform(0.02, 0.3, (2, 500))
    machine = dense.blockade(
        3,
        [(0, 2, weight[0] * np.exp(1j * phi)), (1, 2, weight[1])],
        {0: (0.1, 0.0), 2: (0.03, 0.07)},
    )
    # the sink sees conj(g_13) c_1 + g_23 c_2 = 0
    psi = machine.vector([weight[1], -weight[0] * np.exp(-1j * phi)])
    gap = np.abs(dense.overlap(machine.steady(), psi) - 1).max()
    return holds(
        fact(
            "fidelity with the state of complex amplitudes",
            gap < 1e-10,
            draws=500,
            furthest_from_1_below=below(gap),
        ),
        method="dense null vectors with g_13 exp(i phi)",
        finding="The phase of g_13 appears in the superposition. Qubits 1 and 2 do not exchange excitations, the path "
        "1-3-2 is open, and the phase can be undone by turning one qubit: entanglement, currents and times do not see it.",
    )


@claim(
    "eigenstate-of-the-hamiltonian",
    place="Generation of arbitrary pure entangled states; Current at ideal operation",
    says="The steady state is a one-particle eigenstate of eq. (1), stationary without dissipation, and an eigenstate of "
    "the effective non-Hermitian Hamiltonian; the three remaining jump operators leave it alone.",
)
def eigenstate(rng: Generator) -> Evidence:
    weight = {name: rng.normal(size=100_000) for name in ("eps", "g13", "g23", "U", "up", "down", "fill")}
    psi = singlet_like(weight["g13"], weight["g23"])
    number = np.real(second.number(0, 3) + second.number(1, 3) + second.number(2, 3))
    terms = {
        "eps": number,
        "g13": np.real(second.exchange(0, 2, 3)),
        "g23": np.real(second.exchange(1, 2, 3)),
        "U": np.diag([3.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
    }
    turned = sum(weight[name][:, None] * (psi @ term.T) for name, term in terms.items())
    jumps = (eq.eq02_jump(1, 0, 0), eq.eq02_jump(3, 0, 0), eq.eq02_jump(3, 0, 0).T)
    left = sum(np.abs(psi @ jump.T).max() for jump in jumps)
    decay = sum(
        weight[name][:, None] * (psi @ (jump.T @ jump).T)
        for name, jump in zip(("fill", "up", "down"), jumps, strict=True)
    )
    off = np.abs(turned - weight["eps"][:, None] * psi).max() + np.abs(decay).max()
    return holds(
        fact(
            "H psi = eps psi and H' psi = eps psi",
            off < 1e-12,
            draws=100_000,
            largest_component_off_below=below(off),
        ),
        fact("L psi = 0 for the three jump operators", bool(left == 0.0), largest_component_left=float(left)),
        method="H and H' applied to eq. (4) for random parameters of both signs",
        finding="Eigenvalue eps for both. The jump operators annihilate the state. Stationary means up to the phase exp(-i eps t).",
    )


@claim(
    "two-properties-make-it-unique",
    place="Generation of arbitrary pure entangled states",
    says="That the three relevant jump operators leave the state alone, and that it is an eigenstate of the effective "
    "Hamiltonian, ensures that it is the unique steady state.",
)
def uniqueness_argument(rng: Generator) -> Evidence:
    up, down = sink_rates()
    h = eq.eq01_hamiltonian(1.0, 0.05, 0.05, 15.0).astype(complex)
    jumps = [eq.eq02_jump(1, 0, 0), eq.eq02_jump(3, 0, 0), eq.eq02_jump(3, 0, 0).T]
    rates = [0.1, up, down]
    eight = dense.nullity(h, [(np.asarray(r), j.astype(complex)) for r, j in zip(rates, jumps, strict=True)])
    four = dense.blockade(3, [(0, 2, 0.05), (1, 2, 0.05)], {0: (0.1, 0.0), 2: (up, down)})
    alone = dense.blockade(3, [(0, 2, 0.05), (1, 2, 0.0)], {0: (0.1, 0.0), 2: (up, down)})
    all_jumps = figure(U=INF, mu=INF).steady_state()
    printed = eq.effective_hamiltonian(h.real, 0.1, up, down)
    dark = _undamped(printed, jumps)
    return conditional(
        inside=(
            fact(
                "on |000>, |100>, |010>, |001> the kernel has dimension 1",
                four.nullity() == 1,
                kernel=int(four.nullity()),
            ),
            fact(
                "with emission from doubly excited states too",
                bool(all_jumps.unique),
                kernel=int(all_jumps.kernel_dimension),
            ),
        ),
        outside=(
            fact(
                "all eight states, these three jump operators only",
                bool(eight == 1),
                FIGURE,
                kernel=int(eight),
            ),
            fact(
                "g_23 = 0, four states", bool(alone.nullity() == 1), {"g23": 0.0}, kernel=int(alone.nullity())
            ),
        ),
        conditions="No other state has the two properties: g_13, g_23, gamma_1, gamma_3 not zero, and only states with at "
        "most one excitation, or the emission from the others kept as well.",
        method="dimension of the kernel by singular values",
        finding="The two properties make a state stationary; that no other state is has to be shown besides. With the three "
        "jump operators alone |111> has both properties as well. Eq. (2) itself keeps emission from doubly and triply "
        "excited states in the limit, and with it the conclusion stands.",
        second=confirm(
            "stationary states counted as states of the three jump operators without decay (exact algebra on H')",
            kernel_dimension=(int(eight), dark),
        ),
    )


def _undamped(effective: NDArray[np.complex128], jumps: list[Array]) -> int:
    """Kernel dimension from the eigenvectors of H' that no jump touches: pairs of equal energy."""
    values, vectors = np.linalg.eig(effective)
    still = [
        value.real
        for value, vector in zip(values, vectors.T, strict=True)
        if max(np.abs(jump @ vector).max() for jump in jumps) < 1e-9
    ]
    return sum(abs(a - b) < 1e-9 for a in still for b in still)


@claim(
    "three-relevant-transitions",
    place="Generation of arbitrary pure entangled states",
    says="In the limit the only relevant transitions are L_100, L_300 and its reverse; all others become irrelevant "
    "whatever their coupling strength.",
)
def relevant(rng: Generator) -> Evidence:
    start = np.zeros((8, 8), dtype=complex)
    start[7, 7] = 1.0
    rates = dict.fromkeys(("gamma_1", "gamma_3"), 0.1)
    few = ThreeQubitMachine(**(FIGURE | rates), U=INF, mu=INF).evolve("000", [50.0]).rho[0]
    full = float(dense.fermi(1.0, 1.0))
    three = dense.blockade(
        3, [(0, 2, 0.05), (1, 2, 0.05)], {0: (0.1, 0.0), 2: (0.1 * full, 0.1 * (1 - full))}
    )
    order = [7, 3, 5, 6]
    gap = np.abs(few[np.ix_(order, order)] - three.from_empty(50.0)).max()
    h, jumps = dense.three_qubits(**FIGURE, U=400.0, mu=100.0)
    doubly = np.zeros((8, 8), dtype=complex)
    doubly[1, 1] = 1.0
    kept = dense.evolved(h, jumps[1] + jumps[3], doubly, 3000.0)
    psi = eq.eq04_state(0.05, 0.05).astype(complex)
    reached = float(dense.overlap(kept, psi))
    machine = figure(U=400.0, mu=100.0)
    again = float(machine.evolve("110", [3000.0]).fidelity("singlet")[0])
    return conditional(
        inside=(
            fact(
                "from |000>, t = 50/eps, three transitions and all give one state",
                gap < 1e-12,
                largest_difference_below=below(gap),
            ),
        ),
        outside=(
            fact(
                "from |110> the other transitions change nothing",
                reached < 1e-6,
                FIGURE | {"start": "|110>"},
                fidelity_with_all_transitions=round(reached, 9),
                fidelity_with_the_three_alone=0.0,
            ),
        ),
        conditions="Initial states with at most one excitation, the paper's own |000> among them.",
        method="evolution by matrix exponentials",
        finding="Absorption at eps + U stops, emission at eps + U has its full rate gamma. It is what brings a machine that "
        "starts with two or three excitations to the steady state; without it such a machine would stay there.",
        second=confirm("evolution by the library at U = 400 T, mu = 100 T", fidelity=(reached, again)),
    )


@claim(
    "third-limit-is-needed",
    place="eq. (3) and the text below it",
    says="That U/mu goes to infinity, too, is what excludes double and triple excitations at any time.",
)
def third_limit(rng: Generator) -> Evidence:
    p = {"U": 155.0, "mu": 105.0}
    times = np.linspace(0.0, 2000.0, 201)
    close = figure(**p)
    most = close.evolve("000", times).rho[:, [0, 1, 2, 4], [0, 1, 2, 4]].real.sum(axis=1).max()
    large = figure(U=1000.0, mu=60.0).concurrence()
    equal = figure(U=100.0, mu=100.0)
    again = second.concurrence(
        dense.first_pair(dense.steady_of(dense.three_qubits(**FIGURE, U=100.0, mu=100.0)))
    )
    return conditional(
        inside=(
            fact(
                "U = 1000 T, mu = 60 T is ideal",
                bool(abs(1 - large) < 1e-10),
                one_minus_C_below=below(abs(1 - large)),
            ),
            fact("U and mu both 100 T are not", bool(equal.concurrence() < 0.3), C=equal.concurrence()),
        ),
        outside=(
            fact(
                "double excitations appear when U/mu stays at 1.48",
                most > 1e-10,
                FIGURE | p,
                population_of_two_or_three_excitations_below=below(most),
                one_minus_C_below=below(abs(1 - close.concurrence())),
            ),
        ),
        conditions="Sufficient, not necessary: it is the difference, U + eps - mu much larger than T_1, that counts.",
        method="evolution from |000> and steady states at finite U and mu",
        finding="The rate of a second absorption is gamma_1 n_F(eps + U - mu). It vanishes when U - mu grows, at whatever "
        "ratio U/mu; when U/mu is kept above 1, U - mu grows along with mu.",
        second=confirm("dense null vector of 64 equations", C_at_U_equal_mu=(equal.concurrence(), again)),
    )


@claim(
    "first-limit-blocks-absorption",
    place="Generation of arbitrary pure entangled states",
    says="The first limit, U to infinity, makes every absorption next to an excitation impossible.",
    against="The same paragraph: the last limit, U/mu to infinity, is important to ensure it.",
)
def first_limit(rng: Generator) -> Evidence:
    U = 10.0 ** np.arange(2, 7)
    fixed = dense.fermi(1.0 + U - 8.0, 1.0)
    along = dense.fermi(1.0 + U - U, 1.0)
    C = figure(U=0.0, mu=0.0).replace(U=U[:3], mu=U[:3]).concurrence()
    return conditional(
        inside=(
            fact(
                "at fixed mu = 8 T",
                bool((fixed < 1e-30).all()),
                U_from=U[0],
                U_to=U[-1],
                absorption_below=1e-30,
            ),
        ),
        outside=(
            fact(
                "along U = mu: absorption of the left reservoir vanishes",
                bool((along < 1e-6).all()),
                {"U": 1e6, "mu": 1e6, "T": 1.0},
                absorption_over_gamma=along[-1],
                C_at_U_and_mu_1000_T=C[-1],
            ),
        ),
        conditions="U - mu to infinity for the left reservoir; for the right one U to infinity is enough.",
        method="Fermi functions and steady states",
        finding="Two of the three limits are needed together for the left reservoir, as the paragraph says further on.",
        second=confirm(
            "closed form and dense null vector",
            absorption=(along[-1], 1 / (np.e + 1)),
            C_at_100=(C[0], concurrence_again(U=100.0, mu=100.0)),
        ),
    )


@claim(
    "pairwise-interactions-only",
    place="abstract; Model",
    says="The qubits interact by two-body terms only, and every further excitation costs one more U.",
)
def two_body(rng: Generator) -> Evidence:
    eps, U = rng.uniform(0.1, 3.0, 500), rng.uniform(0.0, 50.0, 500)
    worst = 0.0
    for a, b in zip(eps, U, strict=True):
        energy = np.diag(eq.eq01_hamiltonian(a, 0.1, 0.1, b))
        for j in (1, 3):
            for p, q in eq.CONFIGURATIONS:
                jump = eq.eq02_jump(j, p, q)
                above = energy[jump.any(axis=1)][0] - energy[jump.any(axis=0)][0]
                worst = max(worst, abs(above - a - b * (p + q)) / (a + 2 * b))
    return holds(
        fact(
            "energy of every jump is eps + U (p + q)",
            worst < 1e-12,
            draws=500,
            largest_deviation_below=below(worst),
        ),
        method="differences of the diagonal of H",
        finding="The 3 U of |111> is the sum over its three pairs, and the third excitation costs 2 U.",
    )


@claim(
    "driven-by-the-chemical-potential",
    place="abstract; figure 1, caption; Model",
    says="The machine is propelled by the bias of chemical potentials, its key resource; at equal temperatures it alone "
    "takes the reservoirs out of equilibrium.",
)
def bias(rng: Generator) -> Evidence:
    domain = {**FINITE, "mu_over_T": Range(-5.0, 10.0), "U_over_T": Range(0.0, 8.0)}

    def margin(T: Array, U_over_T: Array, mu_over_T: Array, **p: Array) -> Array:
        m = ThreeQubitMachine(**p, T_1=T, T_3=T, U=U_over_T * T, mu=mu_over_T * T, mu_3=mu_over_T * T)
        return -m.concurrence() - np.abs(m.net_current()) / (p["gamma_1"] + p["gamma_3"])

    point = FIGURE | {"T_1": 0.05, "U": 40.0, "mu": 2.0, "mu_3": 2.0}
    warm = ThreeQubitMachine(**point).concurrence()
    again = concurrence_again(**point)
    return conditional(
        inside=(hunt("equal temperatures and potentials: no entanglement, no current", margin, domain, rng),),
        outside=(
            fact(
                "without a bias of potentials there is little entanglement", bool(warm < 0.5), point, C=warm
            ),
        ),
        conditions="Equal temperatures. With unequal ones a common potential above eps serves as well: reservoir 1 cold, "
        "hence full at eps, reservoir 3 warm, hence half empty.",
        finding="What the machine needs is a full reservoir 1 and a reservoir 3 that is not full at eps. A chemical potential "
        "gives that at any temperature; a difference of temperatures at mu = mu_3 = 2 eps gives it as well.",
        second=confirm("dense null vector of 64 equations", C=(warm, again)),
    )


@claim(
    "validity-of-the-master-equation",
    place="Model",
    says="For gamma_i and g_ij well below max{T, |eps - mu|} a Lindblad equation with local dissipation describes the "
    "machine accurately.",
)
def validity(rng: Generator) -> Evidence:
    return undecided(
        "It compares the master equation with the microscopic model of qubits and reservoirs, which is not part of this project."
    )
