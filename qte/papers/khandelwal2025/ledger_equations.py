"""The twelve numbered equations of khandelwal2025."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qte.ledger import second
from qte.ledger.checks import compare
from qte.ledger.entries import equation
from qte.ledger.evidence import Evidence, conditional, confirm, definition, exact
from qte.machines.three_qubit import ThreeQubitMachine
from qte.machines.w_state import WStateMachine
from qte.papers.khandelwal2025 import dense
from qte.papers.khandelwal2025 import equations as eq

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

DRAWS = 300
INF = np.inf


def _log(rng: Generator, low: float, high: float, n: int = DRAWS) -> Array:
    return np.asarray(low * (high / low) ** rng.random(n))


def _signed(rng: Generator, low: float, high: float, n: int = DRAWS) -> Array:
    return np.asarray(_log(rng, low, high, n) * rng.choice([-1.0, 1.0], n))


def _machines(rng: Generator) -> dict[str, Array]:
    """Draws far beyond the figures: both signs of the couplings and potentials, all parameters asymmetric."""
    return {
        "eps": _log(rng, 0.3, 3.0),
        "g13": _signed(rng, 1e-3, 0.5),
        "g23": _signed(rng, 1e-3, 0.5),
        "gamma_1": _log(rng, 1e-3, 1.0),
        "gamma_3": _log(rng, 1e-3, 1.0),
        "T_1": _log(rng, 0.3, 20.0),
        "T_3": _log(rng, 0.3, 20.0),
        "U": rng.uniform(0.0, 20.0, DRAWS),
        "mu": rng.uniform(-5.0, 20.0, DRAWS),
        "mu_3": rng.uniform(-5.0, 5.0, DRAWS),
    }


def _states(rng: Generator, d: int) -> Complex:
    """Random density matrices, shape (DRAWS, d, d)."""
    a = rng.normal(size=(DRAWS, d, d)) + 1j * rng.normal(size=(DRAWS, d, d))
    rho = a @ np.swapaxes(a.conj(), -1, -2)
    return np.asarray(rho / np.trace(rho, axis1=-2, axis2=-1)[:, None, None])


def _row(p: dict[str, Array], k: int) -> dict[str, float]:
    return {name: float(values[k]) for name, values in p.items()}


def _apply(matrix: Complex, rho: Complex) -> Complex:
    return np.asarray(np.einsum("...ij,...j->...i", matrix, rho.reshape(*rho.shape[:-2], -1)))


@equation(
    "1",
    place="Model",
    printed=r"H = \sum_{i=1}^{3}\varepsilon\sigma_+^{(i)}\sigma_-^{(i)} + \sum_{j=1,2} g_{j3}\left(\sigma_+^{(j)}"
    r"\sigma_-^{(3)} + \sigma_-^{(j)}\sigma_+^{(3)}\right) + U\left(|110\rangle\langle110| + |101\rangle\langle101|"
    r" + |011\rangle\langle011| + 3|111\rangle\langle111|\right)",
)
def eq01(rng: Generator) -> Evidence:
    p = _machines(rng)
    chosen = {name: p[name] for name in ("eps", "g13", "g23", "U")}
    printed = np.array([eq.eq01_hamiltonian(**_row(chosen, k)) for k in range(DRAWS)])
    built, _ = dense.three_qubits(**p)
    scale = np.maximum(p["eps"], p["U"])[:, None, None]
    return exact(
        compare(
            "entries of H against a sum of two-qubit repulsions U n_i n_j",
            printed,
            built,
            chosen,
            scale=scale,
        ),
        method="Kronecker products of Pauli matrices",
        finding="The Coulomb part is the sum of the repulsions of the three pairs, hence the 3 on |111>; H holds two-body "
        "terms only.",
    )


@equation(
    "2",
    place="Model",
    printed=r"\dot\rho = -i[H,\rho] + \sum_{j\in\{1,3\},\,p,q\in\{0,1\}}\left(\gamma^+_{jpq}\mathcal{D}[L_{jpq}]\rho"
    r" + \gamma^-_{jpq}\mathcal{D}[L^\dagger_{jpq}]\rho\right)",
)
def eq02(rng: Generator) -> Evidence:
    p, rho = _machines(rng), _states(rng, 8)
    printed = np.array([_printed_change(_row(p, k), rho[k]) for k in range(DRAWS)])
    h, jumps = dense.three_qubits(**p)
    built = _apply(second.liouvillian(h, jumps[1] + jumps[3]), rho).reshape(DRAWS, 8, 8)
    scale = np.abs(h).max(axis=(1, 2))[:, None, None]
    return exact(
        compare("d rho/dt of random states", printed, built, p, scale=scale),
        method="every jump weighed by the Fermi function at the energy that H (couplings off) gives its two states",
        finding="The rates obey detailed balance at the energy difference of each jump, eps + U_pq. The bars inside the "
        "jump operators are lost in our copy and restored as |1pq><0pq| and |pq1><pq0|. Each (p, q) has a jump operator "
        "of its own.",
    )


def _printed_change(p: dict[str, float], rho: Complex) -> Complex:
    h = eq.eq01_hamiltonian(p["eps"], p["g13"], p["g23"], p["U"])
    first, third = _printed_reservoirs(p, rho)
    return np.asarray(-1j * (h @ rho - rho @ h) + first + third)


def _printed_reservoirs(p: dict[str, float], rho: Complex) -> tuple[Complex, Complex]:
    first = eq.eq02_reservoir(rho, 1, p["eps"], p["U"], p["mu"], p["T_1"], p["gamma_1"])
    third = eq.eq02_reservoir(rho, 3, p["eps"], p["U"], p["mu_3"], p["T_3"], p["gamma_3"])
    return first, third


@equation(
    "3",
    place="Generation of arbitrary pure entangled states",
    printed=r"U\to\infty,\quad \mu\to\infty,\quad U/\mu\to\infty",
)
def eq03(rng: Generator) -> Evidence:
    return definition(
        "Names the ideal limit. What it brings about, and which of its parts are needed, is judged among the claims."
    )


def _in_the_limit(rng: Generator) -> dict[str, Array]:
    cold = _log(rng, 0.05, 20.0)
    return {
        "g13": _signed(rng, 1e-2, 0.5),
        "g23": _signed(rng, 1e-2, 0.5),
        "gamma_1": _log(rng, 1e-3, 1.0),
        "gamma_3": _log(rng, 1e-3, 1.0),
        "T_1": _log(rng, 0.05, 20.0),
        "T_3": cold,
        # the sink's reservoir from nearly full to empty at eps = 1
        "mu_3": 1.0 - cold * rng.uniform(-5.0, 30.0, DRAWS),
    }


@equation(
    "4",
    place="Generation of arbitrary pure entangled states",
    printed=r"|\Psi_{ss}\rangle = \left(\frac{g_{23}}{\sqrt{g_{23}^2+g_{13}^2}}|10\rangle - \frac{g_{13}}"
    r"{\sqrt{g_{23}^2+g_{13}^2}}|01\rangle\right)\otimes|0\rangle",
)
def eq04(rng: Generator) -> Evidence:
    p = _in_the_limit(rng)
    rho = ThreeQubitMachine(**p, U=INF, mu=INF).steady_state().rho
    states = np.array([eq.eq04_state(a, b) for a, b in zip(p["g13"], p["g23"], strict=True)])
    printed = np.einsum("ki,kj->kij", states, states)
    theta = np.arctan2(p["g13"], p["g23"])
    angle = np.zeros((DRAWS, 8))
    angle[:, 3], angle[:, 5] = np.cos(theta), -np.sin(theta)
    return exact(
        compare("all 64 entries of the steady state in the limit of eq. (3)", printed, rho, p, scale=1.0),
        compare(
            "the form with cos(theta), sin(theta), theta of the full circle", angle, states, p, scale=1.0
        ),
        method="master equation with U = mu = inf, by elimination",
        finding="Exact in the limit, for couplings of either sign and whatever the temperatures and the couplings to the "
        "reservoirs, also with a sink reservoir that is nearly full. Unique only if g_13, g_23, gamma_1 and gamma_3 are "
        "not zero.",
    )


@equation(
    "5",
    place="Minimality of the three-qubit setup",
    printed=r"H = \sum_{i=1,2}\varepsilon\sigma_+^{(i)}\sigma_-^{(i)} + g\left(\sigma_+^{(1)}\sigma_-^{(2)} + "
    r"\sigma_-^{(1)}\sigma_+^{(2)}\right)",
)
def eq05(rng: Generator) -> Evidence:
    p = {"eps": _log(rng, 0.01, 10.0), "g": _signed(rng, 1e-3, 10.0)}
    printed = np.array([eq.eq05_hamiltonian(**_row(p, k)) for k in range(DRAWS)])
    built = _two_qubit_hamiltonian(p)
    scale = np.maximum(p["eps"], np.abs(p["g"]))[:, None, None]
    return exact(
        compare("entries of H", printed, built, p, scale=scale),
        method="Kronecker products of Pauli matrices",
        finding="Agrees entry by entry.",
    )


def _two_qubit_hamiltonian(p: dict[str, Array]) -> Complex:
    number = second.number(0, 2) + second.number(1, 2)
    h = p["eps"][:, None, None] * number + p["g"][:, None, None] * second.exchange(0, 1, 2)
    return np.asarray(h, dtype=complex)


def _two_qubit_jumps() -> list[Complex]:
    """All jumps of one qubit beside a definite state of the other, in the order of eq. (6)."""
    one = [second.number(k, 2) for k in range(2)]
    no = [np.eye(4) - n for n in one]
    down = [second.lower(k, 2) for k in range(2)]
    up = [a.conj().T for a in down]
    excite, relax = (up[0] @ no[1], up[1] @ no[0]), (down[0] @ one[1], down[1] @ one[0])
    leave, fill = (down[0] @ no[1], down[1] @ no[0]), (up[1] @ one[0], up[0] @ one[1])
    return [*excite, *relax, *leave, *fill]


@equation(
    "6",
    place="Minimality of the three-qubit setup",
    printed=r"L_1=|10\rangle\langle 00|,\ L_2=|01\rangle\langle 00|,\ L_3=|01\rangle\langle 11|,\ "
    r"L_4=|10\rangle\langle 11|,\ L_5=|00\rangle\langle 10|,\ L_6=|00\rangle\langle 01|,\ L_7=|11\rangle\langle 10|,\ "
    r"L_8=|11\rangle\langle 01|",
)
def eq06(rng: Generator) -> Evidence:
    weights = {f"c_{k + 1}": rng.normal(size=DRAWS) for k in range(8)}
    c = np.stack(list(weights.values()), axis=1)
    printed = np.einsum("kj,jab->kab", c, np.array(eq.eq06_jumps()))
    built = np.einsum("kj,jab->kab", c, np.array(_two_qubit_jumps()))
    return exact(
        compare("random combinations of the eight operators", printed, built, weights, scale=1.0),
        method="sigma_+- of one qubit times the projector on a state of the other",
        finding="The eight operators are all jumps of one qubit beside a definite state of the other. The marks that tell "
        "kets from bras are lost in our copy; they are restored from what the text says the operators do.",
    )


@equation(
    "7",
    place="Minimality of the three-qubit setup",
    printed=r"\dot\rho = -i[H,\rho] + \sum_{j=1}^{8}\gamma_j\mathcal{D}[L_j]\rho",
)
def eq07(rng: Generator) -> Evidence:
    return _printed_two_qubits(rng, 8, "The matrix agrees with the master equation of two qubits.")


@equation(
    "8",
    place="Minimality of the three-qubit setup",
    printed=r"\dot\rho = -i[H,\rho] + \sum_{j=1}^{4}\gamma_j\mathcal{D}[L_j]\rho",
)
def eq08(rng: Generator) -> Evidence:
    return _printed_two_qubits(rng, 4, "Eq. (7) with gamma_5 ... gamma_8 = 0.")


def _printed_two_qubits(rng: Generator, count: int, finding: str) -> Evidence:
    p = {"eps": _log(rng, 0.01, 10.0), "g": _signed(rng, 1e-3, 10.0)}
    rates = {f"gamma_{j + 1}": _log(rng, 1e-3, 10.0) for j in range(count)}
    rho = _states(rng, 4)
    printed = np.empty((DRAWS, 16), dtype=complex)
    for k in range(DRAWS):
        h = eq.eq05_hamiltonian(**_row(p, k))
        given = [float(rate[k]) for rate in rates.values()] + [0.0] * (8 - count)
        printed[k] = eq.eq07_liouvillian(h, given) @ rho[k].ravel()
    built = _two_qubit_hamiltonian(p)
    jumps = list(zip(rates.values(), _two_qubit_jumps()[:count], strict=True))
    again = _apply(second.liouvillian(built, jumps), rho)
    return exact(
        compare("d rho/dt of random states", printed, again, p | rates, scale=10.0),
        method="dense Liouvillian from Pauli matrices",
        finding=finding,
    )


@equation(
    "9",
    place="Current at ideal operation",
    printed=r"Q_j(t) = \mathrm{Tr}\left\{H\sum_{p,q}\left(\gamma^+_{jpq}\mathcal{D}[L_{jpq}]\rho(t) + "
    r"\gamma^-_{jpq}\mathcal{D}[L^\dagger_{jpq}]\rho(t)\right)\right\}",
)
def eq09(rng: Generator) -> Evidence:
    p, random = _machines(rng), _states(rng, 8)
    machine = ThreeQubitMachine(**p)
    steady = machine.steady_state().rho
    found = {"steady": np.empty((DRAWS, 2)), "random": np.empty((DRAWS, 2))}
    for k in range(DRAWS):
        row = _row(p, k)
        h = eq.eq01_hamiltonian(row["eps"], row["g13"], row["g23"], row["U"])
        for name, rho in (("steady", steady[k]), ("random", random[k])):
            found[name][k] = [eq.eq09_energy_current(h, change) for change in _printed_reservoirs(row, rho)]
    currents = np.stack([machine.heat_current(1), machine.heat_current(3)], axis=1)
    built, jumps = dense.three_qubits(**p)
    change = _apply(second.liouvillian(built, jumps[1] + jumps[3]), random).reshape(DRAWS, 8, 8)
    energy = np.einsum("kij,kji->k", built, change).real
    size = (np.abs(built).max(axis=(1, 2)) * (p["gamma_1"] + p["gamma_3"]))[:, None]
    return exact(
        compare("Q_1 and Q_3 in the steady state", found["steady"], currents, p, scale=size),
        compare(
            "Q_1 + Q_3 of random states is d<H>/dt", found["random"].sum(axis=1), energy, p, scale=size[:, 0]
        ),
        method="currents of the library's generator; rate of change of <H> from a dense Liouvillian",
        finding="With the whole H, couplings and repulsion included, the currents add up to the change of energy.",
    )


def _one_triangle_each(rng: Generator, n: int) -> tuple[dict[str, Array], dense.Blockade]:
    """Draws of the machine of 2n - 1 qubits in the limit, all pairs repelling each other."""
    p = {f"g_1_{n + j}": _signed(rng, 0.02, 0.3) for j in range(1, n)}
    p |= {f"g_{1 + j}_{n + j}": _signed(rng, 0.02, 0.3) for j in range(1, n)}
    p["gamma_1"] = _log(rng, 0.01, 1.0)
    sinks = []
    for j in range(1, n):
        gamma, full = _log(rng, 0.01, 1.0), rng.uniform(0.0, 0.9, DRAWS)
        p |= {f"gamma_{n + j}": gamma, f"n_F_{n + j}": full}
        sinks.append((gamma * full, gamma * (1 - full)))
    first = [p[f"g_1_{n + j}"] for j in range(1, n)]
    own = [p[f"g_{1 + j}_{n + j}"] for j in range(1, n)]
    return p, dense.star(n, first, own, p["gamma_1"], sinks)


def _printed_amplitudes(p: dict[str, Array], n: int) -> Array:
    """Amplitudes of qubits 1 ... n in eq. (10), shape (DRAWS, n)."""
    out = np.empty((DRAWS, n))
    for k in range(DRAWS):
        first = [p[f"g_1_{n + j}"][k] for j in range(1, n)]
        own = [p[f"g_{1 + j}_{n + j}"][k] for j in range(1, n)]
        alpha, _ = eq.eq11_coefficients(first, own)
        state = eq.eq10_state(list(alpha))
        # one excitation, on qubit k + 1: the word has its 1 in place k
        out[k] = [state[2 ** (2 * n - 1) - 1 - 2 ** (2 * n - 2 - site)] for site in range(n)]
    return out


@equation(
    "10",
    place="Multipartite entanglement generation",
    printed=r"|\Psi^n_{ss}\rangle = \frac{1}{\sqrt\beta}\left(|10\ldots0\rangle - \sum_{j=1}^{n-1}\alpha_j|\bar0_j\rangle"
    r"\otimes|1\rangle\otimes|\bar0_{n-j-1}\rangle\right)\otimes|\bar0_{n-1}\rangle",
)
def eq10(rng: Generator) -> Evidence:
    inside = []
    for n in (2, 3, 4):
        p, machine = _one_triangle_each(rng, n)
        psi = machine.vector(list(_printed_amplitudes(p, n).T))
        printed = np.einsum("ki,kj->kij", psi, psi.conj())
        what = f"steady state of {2 * n - 1} qubits, every pair repelling each other"
        inside.append(compare(what, printed, machine.steady(), p, scale=1.0))
    p = {"g": _log(rng, 0.02, 0.3), "gamma": _log(rng, 0.01, 1.0), "T": _log(rng, 0.2, 5.0)}
    fidelity = WStateMachine(n=3, g=p["g"], gamma=p["gamma"], T=p["T"], U=INF, mu=INF).fidelity("W")
    outside = compare(
        "fidelity of 5 qubits, repulsion inside the triangles only", np.ones(DRAWS), fidelity, p, scale=1.0
    )
    full = float(dense.fermi(1.0, 1.0))
    again = dense.star(3, [0.05] * 2, [0.05] * 2, 0.1, [(0.1 * full, 0.1 * (1 - full))] * 2, triangles=True)
    at_figure = WStateMachine(n=3, g=0.05, gamma=0.1, T=1.0, U=INF, mu=INF).fidelity("W")
    return conditional(
        inside=tuple(inside),
        outside=(outside,),
        conditions="All pairs of qubits repel each other, or n = 2, or the reservoirs of the sinks are empty at eps as "
        "well, n_F(eps, mu_sink, T) -> 0. Eq. (3) alone, with repulsion inside the triangles, is not enough for n >= 3.",
        method="dense null vectors of random machines with 3, 5 and 7 qubits; the library's machine of 5 qubits",
        finding="The formula is the steady state if no sink can absorb while another triangle holds the excitation. "
        "Triangles repel each other only through qubit 1, so that with n_F(eps) > 0 they can both be excited.",
        numbers={"fidelity with W_3 at T = eps, g = 0.05, gamma = 0.1": float(at_figure)},
        second=confirm(
            "dense null vector on the ten states without two excited neighbours",
            fidelity=(at_figure, dense.overlap(again.steady(), again.vector([1.0, -1.0, -1.0]))),
        ),
        counterexample={"n": 3, "g": 0.05, "gamma": 0.1, "T": 1.0, "mu_sink": 0.0},
    )


@equation(
    "11",
    place="Multipartite entanglement generation",
    printed=r"\alpha_j := \frac{g_{1,n+j}}{g_{1+j,n+j}},\qquad \beta := 1 + \sum_{j=1}^{n-1}\alpha_j^2",
)
def eq11(rng: Generator) -> Evidence:
    checks = []
    for n in (2, 3, 5):
        first, own = (_signed(rng, 0.02, 1.0, DRAWS * (n - 1)).reshape(DRAWS, n - 1) for _ in range(2))
        p = {f"g_1_{n + j}": first[:, j - 1] for j in range(1, n)}
        p |= {f"g_{1 + j}_{n + j}": own[:, j - 1] for j in range(1, n)}
        found = [eq.eq11_coefficients(list(a), list(b)) for a, b in zip(first, own, strict=True)]
        printed = np.array([[*alpha, beta] for alpha, beta in found])
        dark = np.array([_dark(a, b) for a, b in zip(first, own, strict=True)])
        ratios = -dark[:, 1:] / dark[:, :1]
        norm = 1 / dark[:, :1] ** 2
        checks.append(compare(f"n = {n}", printed, np.concatenate([ratios, norm], axis=1), p))
    return exact(
        *checks,
        method="null vector of the couplings between qubits and sinks, from a singular value decomposition",
        finding="The one state of qubits 1 ... n that no sink sees has these amplitudes and this norm.",
    )


def _dark(first: Array, own: Array) -> Array:
    """Normalised state of qubits 1 ... n without amplitude at any sink."""
    n = len(first) + 1
    couplings = np.zeros((n - 1, n))
    couplings[:, 0], couplings[np.arange(n - 1), np.arange(1, n)] = first, own
    return np.asarray(np.linalg.svd(couplings)[2][-1])


@equation(
    "12",
    place="Multipartite entanglement generation",
    printed=r"|W_n\rangle = \frac{1}{\sqrt n}(|100\ldots0\rangle - |010\ldots0\rangle - \ldots - |000\ldots1\rangle)"
    r"\otimes|\bar0_{n-1}\rangle",
)
def eq12(rng: Generator) -> Evidence:
    checks = []
    for n in (2, 3, 4):
        p, _ = _one_triangle_each(rng, n)
        equal = {j: p[f"g_1_{n + j}"] for j in range(1, n)}
        sinks = [(p[f"gamma_{n + j}"] * p[f"n_F_{n + j}"], p[f"gamma_{n + j}"] * 0.5) for j in range(1, n)]
        machine = dense.star(n, list(equal.values()), list(equal.values()), p["gamma_1"], sinks)
        amplitudes = [eq.eq12_w_state(n)[2 ** (2 * n - 1) - 1 - 2 ** (2 * n - 2 - site)] for site in range(n)]
        psi = machine.vector(amplitudes)
        what = f"steady state of {2 * n - 1} qubits with equal couplings inside every triangle"
        printed = np.broadcast_to(np.outer(psi, psi.conj()), (DRAWS, len(psi), len(psi)))
        checks.append(compare(what, printed, machine.steady(), p, scale=1.0))
    return exact(
        *checks,
        method="dense null vectors of random machines, every pair repelling each other",
        finding="Eq. (10) at alpha_j = 1, a W state up to local signs. It is reached under the condition of eq. (10).",
    )
