"""Claims of khandelwal2025 about what two qubits cannot do, and hence about minimality."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from qte.ledger import second
from qte.ledger.checks import Domain, Range, Signed, fact, hunt
from qte.ledger.entries import claim
from qte.ledger.evidence import Evidence, conditional, confirm, fails, holds, undecided
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025 import equations as eq
from qte.papers.khandelwal2025.parts import Array, Complex, below
from qte.physics.entanglement import concurrence
from qte.physics.generators import Channel, Term
from qte.physics.generators import Generator as MasterEquation
from qte.solver.steady import steady_state

# Rates and energies in units of the flip-flop coupling g.
RATES: Domain = {f"gamma_{j}": Range(1e-3, 1e3, log=True) for j in range(1, 9)}
FIELD = 0.07
SINGLET = np.array([0.0, 1.0, -1.0, 0.0]) / np.sqrt(2)
FLIP = np.array([[0.0, 1.0], [1.0, 0.0]])
TRANSVERSE = np.kron(FLIP, np.eye(2)) + np.kron(np.eye(2), FLIP)
COUNTEREXAMPLE = {"eps": 1.0, "g": 0.05, "gamma_1 = ... = gamma_4": 0.1, "field kappa (s_x + s_x)": FIELD}


def _jumps() -> tuple[Complex, ...]:
    return tuple(jump.astype(complex) for jump in eq.eq06_jumps())


def _bells() -> dict[str, Array]:
    """Psi+, Psi-, Phi+, Phi- in the order |11>, |10>, |01>, |00>."""
    r = np.sqrt(0.5)
    return {
        "Psi+": np.array([0, r, r, 0]),
        "Psi-": np.array([0, r, -r, 0]),
        "Phi+": np.array([r, 0, 0, r]),
        "Phi-": np.array([r, 0, 0, -r]),
    }


def _concurrence(delta: Array, g: float, p: dict[str, Array]) -> Array:
    """Of the steady state of eq. (7), qubit 1 detuned by delta."""
    h = (
        Term.of(delta, np.diag([1.0, 1.0, 0.0, 0.0])),
        Term.of(g, np.real(second.exchange(0, 1, 2))),
    )
    channels = tuple(Channel.of(1, p[f"gamma_{j + 1}"], jump) for j, jump in enumerate(eq.eq06_jumps()))
    return concurrence(steady_state(MasterEquation(h, channels)).rho)


def _with_field(rates: int) -> tuple[Complex, list[tuple[Array, Complex]]]:
    """Eq. (5) with a transverse field on both qubits, and the first so many jumps of eq. (6)."""
    h = eq.eq05_hamiltonian(1.0, 0.05) + FIELD * TRANSVERSE
    return h.astype(complex), [(np.asarray(0.1), jump) for jump in _jumps()[:rates]]


@claim(
    "bell-states-and-their-jumps",
    place="Minimality of the three-qubit setup",
    says="Psi+ and Psi- are eigenstates of eq. (5); L_1 ... L_4 annihilate them and L_5 ... L_8 do not. For Phi+ and Phi- "
    "it is L_5 ... L_8 that annihilate them.",
)
def bells(rng: Generator) -> Evidence:
    bell, jumps = _bells(), eq.eq06_jumps()
    dark = {name: [float(np.abs(jump @ psi).max()) for jump in jumps] for name, psi in bell.items()}
    eps, g = rng.normal(size=300), rng.normal(size=300)
    off = 0.0
    for a, b in zip(eps, g, strict=True):
        h = eq.eq05_hamiltonian(a, b)
        for name, sign in (("Psi+", 1.0), ("Psi-", -1.0)):
            off = max(off, float(np.abs(h @ bell[name] - (a + sign * b) * bell[name]).max()))
    psi_left = max(max(dark[name][:4]) for name in ("Psi+", "Psi-"))
    psi_moved = min(min(dark[name][4:]) for name in ("Psi+", "Psi-"))
    phi_left = max(max(dark[name][4:]) for name in ("Phi+", "Phi-"))
    return holds(
        fact(
            "eigenvalues eps + g and eps - g", off < 1e-12, draws=300, largest_component_off_below=below(off)
        ),
        fact("L_1 ... L_4 on Psi", psi_left == 0.0, largest_amplitude_left=psi_left),
        fact("L_5 ... L_8 on Psi", psi_moved > 0.7, smallest_amplitude_moved=psi_moved),
        fact("L_5 ... L_8 on Phi", phi_left == 0.0, largest_amplitude_left=phi_left),
        method="operators applied to vectors",
        finding="As said.",
    )


@claim(
    "pure-steady-states-are-dark",
    place="Minimality of the three-qubit setup",
    says="A pure steady state is annihilated by every dissipator that acts and is an eigenstate of the Hamiltonian.",
)
def dark_only(rng: Generator) -> Evidence:
    domain: Domain = {f"x_{k}": Range(-1.0, 1.0) for k in range(8)}
    domain = {**domain, **{f"gamma_{j}": Range(1e-3, 1e3, log=True) for j in range(1, 9)}}
    jumps = np.array(eq.eq06_jumps())

    def margin(**p: Array) -> Array:
        psi = np.stack([p[f"x_{k}"] + 1j * p[f"x_{k + 4}"] for k in range(4)], axis=1)
        psi = psi / np.linalg.norm(psi, axis=1, keepdims=True)
        moved = np.einsum("jab,kb->kja", jumps, psi)
        out = (np.abs(moved) ** 2).sum(axis=-1)
        kept = np.abs(np.einsum("ka,kja->kj", psi.conj(), moved)) ** 2
        rates = np.stack([p[f"gamma_{j}"] for j in range(1, 9)], axis=1)
        # the loss of purity against its least value if some jump moves the state
        return np.asarray((rates * (out - kept - out**2)).sum(axis=1) / rates.sum(axis=1))

    return holds(
        hunt("2 sum gamma_j (<L+L> - |<L>|^2) >= 2 sum gamma_j <L+L>^2", margin, domain, rng),
        finding="For jumps between basis states the purity falls at least as fast as that sum, whatever H: it can stand "
        "still only if every L_j with gamma_j > 0 annihilates the state, and then H must leave it alone, too. (For "
        "general jump operators a pure steady state need only be an eigenvector of each.)",
    )


@claim(
    "two-zero-eigenvalues",
    place="Minimality of the three-qubit setup, eq. (8)",
    says="With L_1 ... L_4 alone the Liouvillian has in general two zero eigenvalues, and oscillations remain at a "
    "frequency set by the coupling of the qubits.",
)
def two_zeros(rng: Generator) -> Evidence:
    draws = 1000
    eps, g = rng.uniform(0.1, 3.0, draws), rng.uniform(0.05, 1.0, draws)
    h = eps[:, None, None] * np.diag([2.0, 1.0, 1.0, 0.0]) + g[:, None, None] * second.exchange(0, 1, 2)
    rates = 10 ** rng.uniform(-2, 0.5, (4, draws))
    jumps = list(zip(rates, _jumps()[:4], strict=True))
    kernel = dense.nullity(h, jumps)
    values = np.linalg.eigvals(second.liouvillian(h, jumps))
    still = np.abs(values.real) < 1e-9
    frequency = np.where(still, np.abs(values.imag), 0.0).max(axis=1)
    off = np.abs(frequency / (2 * g) - 1).max()
    empty = np.zeros((4, 4), dtype=complex)
    empty[3, 3] = 1.0
    late = dense.evolved(h[0], [(rate[0], jump) for rate, jump in jumps], empty, 4000.0)
    return holds(
        fact(
            "dimension of the kernel",
            bool((kernel == 2).all()),
            draws=draws,
            smallest=int(kernel.min()),
            largest=int(kernel.max()),
        ),
        fact(
            "undamped oscillation at 2 g",
            bool(off < 1e-9),
            draws=draws,
            largest_relative_deviation_below=below(off),
        ),
        fact(
            "from |00> one excitation is gained, never two, never lost again",
            bool(abs(late[0, 0]) < 1e-12 and abs(late[3, 3]) < 1e-12),
            population_of_00_and_11_below=below(abs(late[0, 0]) + abs(late[3, 3])),
        ),
        method="singular values and eigenvalues of 16 x 16 Liouvillians",
        finding="The kernel is spanned by the projectors on Psi+ and Psi-, and their coherence turns at 2 g for ever.",
    )


@claim(
    "phi-route-depends-on-the-start",
    place="Minimality of the three-qubit setup",
    says="With L_5 ... L_8 alone |00> and |11> have no way out, |10> goes to either, and the evolution depends on the "
    "initial state.",
)
def phi_route(rng: Generator) -> Evidence:
    h = eq.eq05_hamiltonian(1.0, 0.05).astype(complex)
    rates = 10 ** rng.uniform(-2, 0.0, (200, 4))
    kernels = [dense.nullity(h, list(zip(rate, _jumps()[4:], strict=True))) for rate in rates]
    jumps = [(np.asarray(0.1), jump) for jump in _jumps()[4:]]
    ends = []
    for start in range(4):
        rho = np.zeros((4, 4), dtype=complex)
        rho[start, start] = 1.0
        ends.append(dense.evolved(h, jumps, rho, 2000.0).diagonal().real)
    return holds(
        fact(
            "dimension of the kernel at least 2",
            bool(min(kernels) >= 2),
            draws=200,
            smallest=int(min(kernels)),
        ),
        fact(
            "|11> and |00> stay, |10> ends in both",
            bool(abs(ends[0][0] - 1) < 1e-12 and abs(ends[3][3] - 1) < 1e-12 and 0.1 < ends[1][0] < 0.9),
            share_of_11_from_10=float(ends[1][0]),
        ),
        method="kernels and evolution of dense Liouvillians",
        finding="As said.",
    )


@claim(
    "flip-flop-machine-makes-no-bell-state",
    place="Minimality of the three-qubit setup",
    says="A Bell state cannot be the unique steady state of two qubits with the flip-flop Hamiltonian (5) under eq. (7).",
)
def no_bell(rng: Generator) -> Evidence:
    domain: Domain = {**RATES, "delta": Signed(1e-3, 10.0)}

    def margin(delta: Array, **p: Array) -> Array:
        return np.asarray(np.sqrt(0.5) - _concurrence(delta, 1.0, p))

    x = np.sqrt(2.0)
    rates = [1e8, 1e-8, 1e8, 1e8, 1e-8, 2 * x, 1e-8, 1e-8]
    best = float(
        _concurrence(np.zeros(()), 1.0, {f"gamma_{j + 1}": np.asarray(r) for j, r in enumerate(rates)})
    )
    return holds(
        hunt("C <= 1/sqrt(2), all eight rates free, qubits detuned or not", margin, domain, rng),
        fact(
            "the bound is approached: qubit 1 filled at once, qubit 2 emptied at 2 sqrt(2) g",
            abs(best - np.sqrt(0.5)) < 1e-6,
            C=best,
            one_over_sqrt_2=float(np.sqrt(0.5)),
        ),
        finding="Far from a Bell state even with the eight rates free: the best unique steady state has C = 1/sqrt(2), from "
        "C = 2x/(2 + x^2) at x = gamma_6/(2 g) = sqrt(2) when gamma_1 is large and the others vanish.",
    )


@claim(
    "no-two-qubit-hamiltonian",
    place="Minimality of the three-qubit setup, last sentence; Discussion",
    says="No two-qubit Hamiltonian can make a perfect Bell state the steady state of the two-qubit machine.",
)
def no_hamiltonian(rng: Generator) -> Evidence:
    field = Term.of(FIELD, TRANSVERSE)
    h = (Term.of(1.0, eq.eq05_hamiltonian(1.0, 0.05)), field)
    state = steady_state(MasterEquation(h, tuple(Channel.of(1, 0.1, jump) for jump in eq.eq06_jumps()[:4])))
    found = float(dense.overlap(state.rho, SINGLET.astype(complex)))
    again = second.steady(*_with_field(4))
    kernel = dense.nullity(*_with_field(4))
    rates = np.sort(-np.linalg.eigvals(second.liouvillian(*_with_field(4))).real)
    others, best = _random_fields(rng)
    return fails(
        fact(
            "with a transverse field on both qubits the steady state is not the singlet, or not the only one",
            not (bool(state.unique) and found > 1 - 1e-12),
            COUNTEREXAMPLE,
            fidelity_with_the_singlet=round(found, 12),
            dimension_of_the_kernel=int(kernel),
            slowest_decay_over_gamma=rates[1] / 0.1,
        ),
        right=(
            fact(
                "the singlet is the unique steady state for other fields and rates, too",
                others == 1,
                draws=300,
                largest_kernel=others,
                furthest_from_fidelity_1_below=below(best),
            ),
        ),
        finding="With L_1 ... L_4 and the same transverse field kappa sigma_x on both qubits the singlet is the only steady "
        "state, reached from every initial state: jumps and field annihilate it, eq. (5) has it as an eigenstate, and "
        "Psi+, the other dark state of the jumps, is coupled by the field to |00> and |11> and leaves.",
        method="the library's certified steady state; random fields, couplings and rates",
        second=confirm(
            "dense null vector of 16 equations",
            fidelity=(found, dense.overlap(again, SINGLET.astype(complex))),
        ),
        corrected=r"\text{no two-qubit Hamiltonian that conserves }\sigma_+^{(1)}\sigma_-^{(1)}+\sigma_+^{(2)}\sigma_-^{(2)}",
        size="fidelity 1 with a kernel of dimension 1; slowest decay 0.0192 gamma at g = 0.05 eps, kappa = 0.07 eps",
        consequence="The argument needs a Hamiltonian that conserves the number of excitations, as flip-flop couplings and "
        "electrons in quantum dots do; then it holds. Minimality of three qubits holds among such machines. The field is "
        "constant in time, so that the two-qubit machine would be autonomous; the three-qubit result does not depend on it.",
    )


def _random_fields(rng: Generator) -> tuple[int, float]:
    """Largest kernel and largest distance from fidelity 1 over random couplings, fields and rates."""
    draws = 300
    g, kappa, eps = (
        rng.uniform(0.05, 0.5, draws),
        rng.uniform(0.05, 0.5, draws),
        rng.uniform(0.05, 0.5, draws),
    )
    h = eps[:, None, None] * np.diag([2.0, 1.0, 1.0, 0.0]) + g[:, None, None] * second.exchange(0, 1, 2)
    h = h + kappa[:, None, None] * TRANSVERSE
    jumps = list(zip(rng.uniform(0.05, 1.0, (4, draws)), _jumps()[:4], strict=True))
    fidelity = dense.overlap(second.steady(h, jumps), SINGLET.astype(complex))
    return int(dense.nullity(h, jumps).max()), float(np.abs(fidelity - 1).max())


@claim(
    "no-pure-entangled-state-of-two-qubits",
    place="Generation of arbitrary pure entangled states; abstract and Discussion: the three-qubit machine is minimal",
    says="Within the local master equation no two-qubit machine, autonomous or not, can deterministically generate a pure "
    "entangled steady state, so that three qubits are minimal.",
)
def minimal(rng: Generator) -> Evidence:
    domain: Domain = {**RATES, "delta": Signed(1e-3, 10.0)}

    def margin(delta: Array, **p: Array) -> Array:
        return np.asarray(np.sqrt(0.5) - _concurrence(delta, 1.0, p))

    rho = second.steady(*_with_field(4))
    found = float(second.concurrence(rho))
    h = (Term.of(1.0, eq.eq05_hamiltonian(1.0, 0.05)), Term.of(FIELD, TRANSVERSE))
    channels = tuple(Channel.of(1, 0.1, jump) for jump in eq.eq06_jumps()[:4])
    again = float(concurrence(steady_state(MasterEquation(h, channels)).rho))
    return conditional(
        inside=(hunt("excitations conserved: C <= 1/sqrt(2)", margin, domain, rng),),
        outside=(fact("with a transverse field C < 1", found < 1 - 1e-6, COUNTEREXAMPLE, C=round(found, 6)),),
        conditions="The Hamiltonian conserves the number of excitations (flip-flop coupling, detunings).",
        finding="Minimality holds among machines that conserve excitations. A constant transverse field makes a pure, "
        "maximally entangled, unique steady state of two qubits under L_1 ... L_4.",
        second=confirm("the library's certified steady state", C=(found, again)),
    )


@claim(
    "earlier-machines-were-noisy",
    place="introduction; Discussion",
    says="In earlier two-qubit machines the entanglement was always noisy and far from maximal.",
)
def earlier(rng: Generator) -> Evidence:
    return undecided(
        "It is about the literature. For what it is worth: with flip-flop coupling and the eight rates of eq. (6) free, the "
        "bound is C = 1/sqrt(2), see the claim on the flip-flop machine."
    )
