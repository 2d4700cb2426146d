"""What two qubits cannot do, and hence minimality."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from qte.common import elementary as el
from qte.common import matrices
from qte.ledger import second
from qte.ledger.checks import Domain, Hunt, Range, Signed
from qte.ledger.entries import judge
from qte.ledger.forms import equals, fact, larger, negligible, never_below
from qte.ledger.judged import Found, again, found
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025 import equations as eq
from qte.papers.khandelwal2025.parts import DRAWS, Array, Complex, log_draws
from qte.physics.entanglement import concurrence
from qte.physics.generators import Channel, Term
from qte.physics.generators import Generator as MasterEquation
from qte.solver.steady import SteadyState, steady_state

# Rates and energies in units of the flip-flop coupling g; qubit 1 detuned by delta.
DOMAIN: Domain = {
    **{f"gamma_{j}": Range(1e-3, 1e3, log=True) for j in range(1, 9)},
    "delta": Signed(1e-3, 10.0),
}
R = np.sqrt(0.5)
BELL = {
    "Ψ+": np.array([0, R, R, 0]),
    "Ψ−": np.array([0, R, -R, 0]),
    "Φ+": np.array([R, 0, 0, R]),
    "Φ−": np.array([R, 0, 0, -R]),
}
SINGLET = BELL["Ψ−"].astype(complex)
JUMPS = tuple(jump.astype(complex) for jump in eq.eq06_jumps())
FIELD = np.kron([[0.0, 1.0], [1.0, 0.0]], np.eye(2)) + np.kron(np.eye(2), [[0.0, 1.0], [1.0, 0.0]])
AT: dict[str, float] = {"eps": 1.0, "g": 0.05, "kappa": 0.07, "gamma_1_to_4": 0.1, "gamma_5_to_8": 0.0}


# The same with the terms that conserve parity but not the number: a pair term, and a level of |11>.
PARITY: Domain = {**DOMAIN, "pair": Signed(1e-3, 1e3), "level": Signed(1e-3, 10.0)}


def _of_rates(delta: Array, pair: Array | None = None, level: Array | None = None, **p: Array) -> Array:
    """Concurrence of the steady state of eq. (7) with all rates free, g = 1."""
    h = [Term.of(delta, np.diag([1.0, 1.0, 0.0, 0.0])), Term.of(1.0, np.real(second.exchange(0, 1, 2)))]
    if pair is not None and level is not None:
        h += [Term.of(pair, np.fliplr(np.diag([1.0, 0, 0, 1.0]))), Term.of(level, np.diag([1.0, 0, 0, 0]))]
    channels = tuple(Channel.of(1, p[f"gamma_{j + 1}"], jump) for j, jump in enumerate(eq.eq06_jumps()))
    return concurrence(steady_state(MasterEquation(tuple(h), channels)).rho)


def _bounded(rng: Generator, domain: Domain) -> Hunt:
    return never_below(
        "C ≤ 1/√2 with all eight rates free", lambda **p: np.asarray(R - _of_rates(**p)), domain, rng
    )


def _start(state: int) -> Complex:
    rho = np.zeros((4, 4), dtype=complex)
    rho[state, state] = 1.0
    return rho


@judge("bell-states-and-their-jumps")
def bells(rng: Generator) -> Found:
    p = {"eps": el.normal(rng, DRAWS), "g": el.normal(rng, DRAWS)}
    h = np.array([eq.eq05_hamiltonian(a, b) for a, b in zip(p["eps"], p["g"], strict=True)])
    sizes = {name: np.array([np.abs(jump @ psi).max() for jump in JUMPS]) for name, psi in BELL.items()}
    psi, phi = (np.stack([sizes[a], sizes[b]]) for a, b in (("Ψ+", "Ψ−"), ("Φ+", "Φ−")))
    return found(
        *(
            equals(
                f"H{name} = (ε {'+' if sign > 0 else '−'} g){name}",
                h @ BELL[name],
                (p["eps"] + sign * p["g"])[:, None] * BELL[name],
                p,
                scale=1.0,
            )
            for name, sign in (("Ψ+", 1), ("Ψ−", -1))
        ),
        larger("L_1 … L_4 on Ψ±", round_off=1e-15, amplitude=psi[:, :4]),
        larger("L_5 … L_8 on Ψ±", amplitude=psi[:, 4:], half=0.5),
        larger("L_5 … L_8 on Φ±", round_off=1e-15, amplitude=phi[:, 4:]),
    )


@judge("pure-steady-states-are-dark")
def dark_only(rng: Generator) -> Found:
    rates = {f"gamma_{j}": Range(1e-3, 1e3, log=True) for j in range(1, 9)}
    domain: Domain = {**{f"x_{k}": Range(-1.0, 1.0) for k in range(8)}, **rates}

    def margin(**p: Array) -> Array:
        psi = np.stack([p[f"x_{k}"] + 1j * p[f"x_{k + 4}"] for k in range(4)], axis=1)
        psi = (psi / np.sqrt(_squares(psi).sum(axis=1))[:, None])[:, None, :, None]
        moved = matrices.product(np.array(JUMPS), psi)
        out = _squares(moved).sum(axis=(-2, -1))
        kept = _squares(matrices.product(matrices.adjoint(psi), moved))[..., 0, 0]
        weight = np.stack([p[name] for name in rates], axis=1)
        # the loss of purity against its least value if some jump moves the state
        return np.asarray((weight * (out - kept - out**2)).sum(axis=1) / weight.sum(axis=1))

    return found(never_below("2Σγ_j(⟨L†L⟩ − |⟨L⟩|²) ≥ 2Σγ_j⟨L†L⟩²", margin, domain, rng))


@judge("two-zero-eigenvalues")
def two_zeros(rng: Generator) -> Found:
    p = {"eps": rng.uniform(0.1, 3.0, DRAWS), "g": rng.uniform(0.05, 1.0, DRAWS)}
    h = np.array([eq.eq05_hamiltonian(a, b) for a, b in zip(p["eps"], p["g"], strict=True)]).astype(complex)
    jumps = list(zip(el.power(10.0, rng.uniform(-2, 0.5, (4, DRAWS))), JUMPS[:4], strict=True))
    kernel = dense.nullity(h, jumps)
    values = np.linalg.eigvals(second.liouvillian(h, jumps))
    frequency = np.where(np.abs(values.real) < 1e-9, np.abs(values.imag), 0.0).max(axis=1)
    late = dense.evolved(h[0], [(rate[0], jump) for rate, jump in jumps], _start(3), 4000.0)
    return found(
        fact(
            "the kernel has dimension 2",
            bool((kernel == 2).all()),
            least=int(kernel.min()),
            most=int(kernel.max()),
        ),
        equals("undamped oscillation at 2g", frequency, 2 * p["g"], p),
        negligible("population of |11⟩ and |00⟩, from |00⟩", late[[0, 3], [0, 3]]),
    )


@judge("phi-route-depends-on-the-start")
def phi_route(rng: Generator) -> Found:
    h = eq.eq05_hamiltonian(1.0, 0.05).astype(complex)
    rates = log_draws(rng, 1e-2, 1.0, 4 * DRAWS).reshape(DRAWS, 4)
    kernels = [int(dense.nullity(h, list(zip(rate, JUMPS[4:], strict=True)))) for rate in rates]
    jumps = [(np.asarray(0.1), jump) for jump in JUMPS[4:]]
    ends = [dense.evolved(h, jumps, _start(k), 2000.0).diagonal().real for k in range(4)]
    return found(
        larger("dimension of the kernel", kernel=min(kernels), one=1),
        larger("|11⟩ and |00⟩ stay", population=np.array([ends[0][0], ends[3][3]]), bound=1 - 1e-12),
        larger("|10⟩ ends in |11⟩ and in |00⟩", population=ends[1][[0, 3]], bound=0.1),
    )


@judge("flip-flop-machine-makes-no-bell-state")
def no_bell(rng: Generator) -> Found:
    rates = [1e8, 1e-8, 1e8, 1e8, 1e-8, 2 * np.sqrt(2.0), 1e-8, 1e-8]
    best = float(_of_rates(np.zeros(()), **{f"gamma_{j + 1}": np.asarray(r) for j, r in enumerate(rates)}))
    approached = larger("C with qubit 1 filled at once, qubit 2 emptied at 2√2 g", C=best, bound=R - 1e-6)
    return found(_bounded(rng, DOMAIN), approached, best=best)


# ---- a constant transverse field ----------------------------------------------------------------


def _squares(amplitudes: Complex) -> Array:
    return np.asarray(amplitudes.real**2 + amplitudes.imag**2)


def _library(g: float, kappa: float, rate: float) -> SteadyState:
    h = (Term.of(1.0, eq.eq05_hamiltonian(1.0, g)), Term.of(kappa, FIELD))
    return steady_state(MasterEquation(h, tuple(Channel.of(1, rate, jump) for jump in eq.eq06_jumps()[:4])))


def _dense(g: float, kappa: float, gamma_1_to_4: float, **_: float) -> tuple[Complex, list[dense.Jump]]:
    h = (eq.eq05_hamiltonian(1.0, g) + kappa * FIELD).astype(complex)
    return h, [(np.asarray(gamma_1_to_4), jump) for jump in JUMPS[:4]]


def _random_fields(rng: Generator) -> tuple[dict[str, Array], Array]:
    """Random couplings, fields and gaps, and fidelity with the singlet times the dimension of the kernel."""
    p = {name: rng.uniform(0.05, 0.5, DRAWS) for name in ("g", "kappa", "eps")}
    h = np.array([eq.eq05_hamiltonian(a, b) for a, b in zip(p["eps"], p["g"], strict=True)])
    h = (h + p["kappa"][:, None, None] * FIELD).astype(complex)
    jumps = list(zip(rng.uniform(0.05, 1.0, (4, DRAWS)), JUMPS[:4], strict=True))
    return p, dense.overlap(second.steady(h, jumps), SINGLET) * dense.nullity(h, jumps)


def _with_parity(rng: Generator) -> int:
    """Smallest kernel over Hamiltonians that conserve parity, under L_1 … L_4 or L_5 … L_8."""
    least = 16
    for k in range(DRAWS):
        a = el.normal(rng, (4, 4)) + 1j * el.normal(rng, (4, 4))
        h = (a + a.conj().T) * np.equal.outer([0, 1, 1, 0], [0, 1, 1, 0])
        half = JUMPS[:4] if k % 2 else JUMPS[4:]
        least = min(least, int(dense.nullity(h, list(zip(rng.uniform(0.0, 1.0, 4), half, strict=True)))))
    return least


def _thermal(redfield: bool) -> float:
    """Concurrence with two reservoirs of mu = 30 T, a repulsion of 60 T and the field, T = eps."""
    h = (eq.eq05_hamiltonian(1.0, 0.05) + np.diag([60.0, 0, 0, 0]) + AT["kappa"] * FIELD).astype(complex)
    down = [second.lower(k, 2) for k in range(2)]
    if redfield:
        return float(
            second.concurrence(
                second.null(dense.redfield_liouvillian(h, [(a, 0.1, 1.0, 30.0) for a in down]))
            )
        )
    jumps: list[dense.Jump] = []
    for k, beside in ((0, second.number(1, 2)), (1, second.number(0, 2))):
        for above, projector in ((-29.0, np.eye(4) - beside), (31.0, beside)):
            jump = down[k] @ projector
            jumps += [(0.1 * dense.fermi(-above, 1.0), jump), (0.1 * dense.fermi(above, 1.0), jump.conj().T)]
    return float(second.concurrence(second.steady(h, jumps)))


@judge("no-two-qubit-hamiltonian")
def no_hamiltonian(rng: Generator) -> Found:
    state = _library(AT["g"], AT["kappa"], AT["gamma_1_to_4"])
    fidelity, kernel = float(dense.overlap(state.rho, SINGLET)), int(state.kernel_dimension)
    broken = fact(
        "the steady state with a transverse field is not the singlet, or not the only one",
        not (fidelity > 1 - 1e-9 and kernel == 1),
        AT,
        fidelity=fidelity,
        kernel=kernel,
    )

    def by(**p: float) -> dict[str, float]:
        return {
            "fidelity": float(dense.overlap(second.steady(*_dense(**p)), SINGLET)),
            "kernel": int(dense.nullity(*_dense(**p))),
        }

    p, others = _random_fields(rng)
    decay = np.sort(-np.linalg.eigvals(second.liouvillian(*_dense(**AT))).real)
    return found(
        equals(
            "fidelity with the singlet × dimension of the kernel, other fields and rates",
            others,
            np.ones(DRAWS),
            p,
        ),
        larger("smallest kernel where parity is conserved", kernel=_with_parity(rng), one=1),
        breaks=(broken,),
        again=(again(broken, "dense null vector and singular values of 16 equations", by),),
        printed=2,
        right=kernel,
        fidelity=fidelity,
        slow=decay[1] / AT["gamma_1_to_4"],
        thermal=_thermal(False),
        redfield=_thermal(True),
    )


@judge("no-pure-entangled-state-of-two-qubits")
def minimal(rng: Generator) -> Found:
    state = _library(AT["g"], AT["kappa"], AT["gamma_1_to_4"])
    # a pure state: round-off of the entries leaves 1e-8 open, and the bound is far below
    C = float(concurrence(state.rho, accuracy=1e-7))
    broken = larger(
        "C of the unique steady state with a transverse field stays below 1", AT, bound=1 - 1e-6, C=C
    )
    return found(
        _bounded(rng, PARITY),
        larger("smallest kernel where parity is conserved", kernel=_with_parity(rng), one=1),
        breaks=(broken,),
        again=(
            again(
                broken,
                "dense null vector of 16 equations",
                lambda **p: {"C": second.concurrence(second.steady(*_dense(**p)))},
            ),
        ),
        printed=2,
        right=int(state.kernel_dimension),
        C=C,
        redfield=_thermal(True),
    )
